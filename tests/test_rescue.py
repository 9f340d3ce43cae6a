"""Landmarks that have left the body: which frames are suspect, and the second look."""

from pathlib import Path

import numpy as np
import pytest

from formcheck.data import BoolArray, FloatArray, PoseSequence
from formcheck.lifts import all_lifts
from formcheck.pipeline import judge_set
from formcheck.pose.detection_pass import TrackingPlan
from formcheck.pose.estimation import acquire_poses
from formcheck.pose.person_tracking import Cast, Framing, Track
from formcheck.pose.tracking_loss import RUN_UP, find_suspects
from formcheck.settings import Settings
from formcheck.skeleton import landmark
from samples.renderer.stick import rdl_set
from tests.films import read_pictures, write_film

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "rdl_four_reps.mp4"
HIDDEN = slice(30, 50)


@pytest.fixture(scope="module")
def sound() -> PoseSequence:
    return rdl_set(n_reps=2, noise_mm=4.0, slow_mm=2.0, facing="left")[0]


def suspects(poses: PoseSequence, xy_px: FloatArray, there_s: FloatArray | None = None) -> BoolArray:
    return find_suspects(xy_px, poses.visibility, poses.time_s, there_s)


def test_a_set_that_is_seen_has_no_suspect_frame(sound: PoseSequence) -> None:
    assert not suspects(sound, sound.xy_px).any()


@pytest.mark.parametrize(("share", "fires"), [(0.5, True), (0.57, True), (0.68, False)])
def test_a_shank_that_looks_short_is_suspect(sound: PoseSequence, share: float, fires: bool) -> None:
    xy_px = sound.xy_px.copy()
    knee, ankle = landmark("left", "knee"), landmark("left", "ankle")
    xy_px[40:50, ankle] = xy_px[40:50, knee] + share * (xy_px[40:50, ankle] - xy_px[40:50, knee])
    found = np.flatnonzero(suspects(sound, xy_px))
    assert (set(range(40, 50)) <= set(found)) == fires
    assert fires or not len(found)


def test_a_trunk_that_looks_short_is_not(sound: PoseSequence) -> None:
    xy_px = sound.xy_px.copy()
    hip, shoulder = landmark("left", "hip"), landmark("left", "shoulder")
    share = 1 - 0.6 * np.sin(np.linspace(0, np.pi, len(xy_px)))[:, None]  # it turns towards the camera and back
    xy_px[:, shoulder] = xy_px[:, hip] + share * (xy_px[:, shoulder] - xy_px[:, hip])
    assert not suspects(sound, xy_px).any()


def test_joints_that_leap_are_suspect_where_they_leave_and_where_they_come_back(sound: PoseSequence) -> None:
    xy_px = sound.xy_px.copy()
    xy_px[60:80] += (60.0, 0.0)
    assert np.flatnonzero(suspects(sound, xy_px)).tolist() == [59, 60, 79, 80]


def test_a_lifter_who_is_not_seen_between_two_sightings_is_lost(sound: PoseSequence) -> None:
    xy_px = sound.xy_px.copy()
    xy_px[:20], xy_px[70:75], xy_px[-10:] = np.nan, np.nan, np.nan
    assert np.flatnonzero(suspects(sound, xy_px)).tolist() == [70, 71, 72, 73, 74]  # before and after: not there yet
    found = np.flatnonzero(suspects(sound, xy_px, sound.time_s[[5, 40]]))
    assert found.tolist() == [*range(5, 20), 70, 71, 72, 73, 74]  # but the scout has seen them there
    assert not suspects(sound, np.full_like(xy_px, np.nan)).any()


def test_a_longer_run_up_leaves_out_starts_without_room_for_it() -> None:
    nobody = Track(np.array([0.0, 9.0]), np.zeros((2, 33, 2)))
    cast = Cast(nobody, (), ((), ()), np.zeros(2))
    framing = Framing(100.0, 100.0, np.zeros(1), np.zeros((1, 2)))
    plan = TrackingPlan(framing, cast, 0, 256, (-np.inf, 0.5, 2.1, 3.0, 4.2), 60, None)
    longer = plan.with_run_up(RUN_UP, 30.0)
    assert (longer.starts_s, longer.warm_up, longer.room) == ((-np.inf, 2.1, 4.2), RUN_UP, 60 + RUN_UP)


def test_a_larger_model_looks_again_where_something_has_hidden_the_body(tmp_path: Path) -> None:
    pictures = [each[::2, 120:840:2].copy() for each in read_pictures(SAMPLE, first=60, count=78)]
    for picture in pictures[HIDDEN]:
        picture[126:270, 108:216] = 128
    told: list[tuple[int, int]] = []
    film = write_film(tmp_path / "hidden.mp4", pictures)
    source, poses = acquire_poses(film, use_cache=False, progress=lambda *each: told.append(each))
    assert poses.provenance.model == "heavy"
    assert 0.01 < poses.provenance.lost_before < (HIDDEN.stop - HIDDEN.start) / len(pictures)
    assert not suspects(poses, poses.xy_px).any()
    assert told[-1] == (156, 156)
    assert [done for done, _ in told] == list(range(1, 157))
    report = judge_set(source, poses, all_lifts()["rdl"], Settings())
    (words,) = (each for each in report.kinematics.quality.warnings if "looked again" in each)
    assert f"lost you in {100 * poses.provenance.lost_before:.0f} % of the frames" in words
    assert "the heavy model looked again" in words


@pytest.mark.real
def test_a_fall_that_the_first_model_loses_is_seen_by_the_larger_one(real_clips: Path) -> None:
    _, poses = acquire_poses(real_clips / "nordic_drop.mp4")
    assert poses.provenance.model == "heavy"
    assert poses.provenance.lost_before > 0.1
    assert suspects(poses, poses.xy_px).mean() < 0.02
