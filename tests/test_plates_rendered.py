"""From film to bar path and angles, on a rendered set with 45 cm plates whose truth is known."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import SAMPLE

from benchmarks.accuracy.rendered_bar import off_centre_cm, true_height_m
from formcheck.data import Kinematics, PoseSequence, Report, Source
from formcheck.kinematics.barbell import measure_speed
from formcheck.lifts import all_lifts
from formcheck.pipeline import judge_set
from formcheck.pose.estimation import acquire_poses
from formcheck.settings import Settings
from samples.renderer.clips import clip_from
from samples.renderer.render import render

TABLE = {
    "lift": "rdl",
    "about": "one repetition with 45 cm plates",
    "seed": 61,
    "before_s": 0.5,
    "after_s": 0.5,
    "load": {"plate_m": 0.45, "bar_m": 2.2, "colour": [0.10, 0.10, 0.11]},
    "camera": {"width_px": 480, "height_px": 360, "distance_m": 3.8},
    "recording": {"fps": 12.0},
    "reps": [{"eccentric_s": 1.6}],
}
Film = tuple[Path, dict[str, Any]]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    path = render(clip_from("plates", TABLE), tmp_path_factory.mktemp("plates"))
    return path, json.loads(path.with_suffix(".truth.json").read_text())


@pytest.fixture(scope="module")
def acquired(film: Film) -> tuple[Source, PoseSequence]:
    return acquire_poses(film[0], use_cache=False, workers=2)


@pytest.fixture(scope="module")
def report(acquired: tuple[Source, PoseSequence]) -> Report:
    return judge_set(*acquired, all_lifts()["rdl"], Settings(lift="rdl"))


def off_deg(channel: str, truth: dict[str, Any], kinematics: Kinematics) -> Any:
    frames = truth["frames"]
    return kinematics[channel] - np.interp(kinematics.time_s, frames["time_s"], frames[channel])


def test_the_centre_is_met_to_a_centimetre(film: Film, acquired: tuple[Source, PoseSequence]) -> None:
    frames, plate_px = film[1]["frames"], acquired[1].plate_px
    assert plate_px is not None
    off_cm = off_centre_cm(acquired[1], frames)
    assert np.isfinite(off_cm).mean() > 0.95
    assert np.nanpercentile(off_cm, 95) < 1.0
    np.testing.assert_allclose(np.nanmedian(plate_px[:, 2]), np.median(frames["plate_radius_px"]), rtol=0.01)


def test_the_path_is_true_to_a_centimetre_and_the_speed_to_3_cm_a_second(film: Film, report: Report) -> None:
    kinematics = report.kinematics
    assert kinematics.bar is not None
    assert kinematics.bar.reason is None
    true_m = true_height_m(film[1]["frames"], kinematics.time_s)
    off_m = kinematics["bar_y_m"] - true_m
    assert np.abs(off_m - np.median(off_m)).max() < 0.01
    (rep,) = report.reps
    told = replace(kinematics, channels={**kinematics.channels, "bar_y_m": true_m})
    np.testing.assert_allclose(measure_speed(kinematics, rep), measure_speed(told, rep), atol=0.03)


def test_hip_and_knee_are_found_behind_the_plate(film: Film, report: Report) -> None:
    knee, hip = (off_deg(f"{joint}_flexion_deg", film[1], report.kinematics) for joint in ("knee", "hip"))
    assert np.sqrt(np.mean(knee**2)) < 9  # 40 to 70 with the plate in the picture
    assert np.sqrt(np.mean(hip**2)) < 9
    assert hip.std() < 5  # what remains is a landmark that is no joint centre


def test_workers_change_nothing(film: Film, acquired: tuple[Source, PoseSequence]) -> None:
    other = acquire_poses(film[0], use_cache=False, workers=1)[1]
    for name in ("xy_px", "plate_px"):
        np.testing.assert_array_equal(getattr(other, name), getattr(acquired[1], name), err_msg=name)


def test_small_plates_and_those_on_the_wall_are_left_alone() -> None:
    poses = acquire_poses(SAMPLE, model="lite", end_s=8.0)[1]
    assert poses.plate_px is not None
    assert np.isnan(poses.plate_px).all()
