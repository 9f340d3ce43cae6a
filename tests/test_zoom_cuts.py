"""A film that is cut to a closer or a wider picture is judged as if it had one size; nobody's way is taken for that."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from skeletons_curls import curl_set
from skeletons_floor import nordic_set

from formcheck.data import FloatArray, PoseSequence, Report, Source
from formcheck.kinematics.zoom_cuts import find_zooms, join_shots
from formcheck.lifts import all_lifts
from formcheck.pipeline import judge_set
from formcheck.settings import Settings
from samples.renderer.stick import rdl_set

MIDDLE_PX = np.array([640.0, 400.0])
SETS: dict[str, PoseSequence] = {
    "rdl": rdl_set(3, noise_mm=4.0, slow_mm=1.0, overrun_deg=16.0)[0],
    "nordic": nordic_set(2)[0],
    "lying_curl": curl_set(3)[0],
}


def zoom_in(poses: PoseSequence, at_s: float, scale: float) -> PoseSequence:
    """The film from `at_s` on, `scale` times as large about the picture's middle."""
    after = poses.time_s >= at_s

    def put(values: FloatArray, origin: FloatArray | float) -> FloatArray:
        larger = after.reshape(-1, *[1] * (values.ndim - 1))
        return np.where(larger, origin + scale * (values - origin), values)

    changed: dict[str, Any] = {"xy_px": put(poses.xy_px, MIDDLE_PX)}
    if poses.back is not None:
        chord_px, depth_px = put(poses.back.chord_px, MIDDLE_PX), put(poses.back.depth_px, 0.0)
        changed["back"] = replace(poses.back, chord_px=chord_px, depth_px=depth_px)
    if poses.edge_px is not None:
        changed["edge_px"] = put(poses.edge_px, MIDDLE_PX[0])
    if poses.plate_px is not None:
        changed["plate_px"] = put(poses.plate_px, np.append(MIDDLE_PX, 0.0))
    return replace(poses, **changed)


def judge(poses: PoseSequence, lift: str) -> Report:
    return judge_set(Source("", "", 30.0, 1, 1.0, poses.size_px, 0), poses, all_lifts()[lift], Settings(lift=lift))


@pytest.mark.parametrize("scale", [0.8, 1.1, 1.3])
@pytest.mark.parametrize("share", [0.1, 0.5])
@pytest.mark.parametrize("lift", list(SETS))
def test_a_film_that_is_cut_closer_is_judged_as_one_that_is_not(lift: str, share: float, scale: float) -> None:
    """A tenth after a turn, and between two: the repetitions on one side of it were lost."""
    plain = judge(SETS[lift], lift)
    first, second = plain.reps[:2]
    at_s = first.turn_s + share * (second.turn_s - first.turn_s)
    report = judge(zoom_in(SETS[lift], at_s, scale), lift)
    assert len(report.reps) == len(plain.reps)
    np.testing.assert_allclose([r.turn_s for r in report.reps], [r.turn_s for r in plain.reps], atol=0.1)
    assert [f.code for f in report.findings] == [f.code for f in plain.findings]
    flips = [(one.verdict, other.verdict) for one, other in zip(plain.findings, report.findings, strict=True)]
    assert not {("good", "fault"), ("fault", "good")} & set(flips)
    assert sum(one != other for one, other in flips) <= 0.1 * len(flips)
    told = [each for each in report.kinematics.quality.warnings if "to a closer or a wider one" in each]
    assert len(told) == 1
    assert float(told[0].split(" at ")[1].split(" s ")[0]) == pytest.approx(at_s, abs=0.1)


def test_the_size_is_known_to_a_hundredth_and_the_feet_stay() -> None:
    poses = zoom_in(SETS["rdl"], 6.0, 1.2)
    ((zoom,),) = (find_zooms(poses.time_s, poses.xy_px),)
    assert poses.time_s[zoom.at] == pytest.approx(6.0, abs=0.05)
    assert zoom.scale == pytest.approx(1.2, abs=0.012)
    joined, _ = join_shots(poses, "ankle")
    feet_px = joined.xy_px[:, 27:29].mean(axis=1)
    before, after = (np.nanmedian(feet_px[part], axis=0) for part in (poses.time_s < 6.0, poses.time_s > 6.2))
    np.testing.assert_allclose(before, after, atol=3.0)


def walk_up(poses: PoseSequence) -> PoseSequence:
    """Nearer by a third within a second and a half, as somebody who walks up to the camera looks."""
    near = 1 + 0.33 * np.clip((poses.time_s - 5.0) / 1.5, 0, 1)
    return replace(poses, xy_px=MIDDLE_PX + near[:, None, None] * (poses.xy_px - MIDDLE_PX))


def shorten_legs(poses: PoseSequence) -> PoseSequence:
    """A plate that pulls knees and ankles up from a moment on."""
    xy_px = np.array(poses.xy_px)
    xy_px[poses.time_s > 6.0, 25:] -= np.array([0.0, 60.0])
    return replace(poses, xy_px=xy_px)


@pytest.mark.parametrize("change", [walk_up, shorten_legs, lambda poses: zoom_in(poses, 6.0, 1.04)])
def test_who_walks_up_or_is_seen_badly_is_not_zoomed(change: Any) -> None:
    poses = change(SETS["rdl"])
    assert find_zooms(poses.time_s, poses.xy_px) == []
    assert join_shots(poses, "ankle")[0] is poses


def test_landmarks_on_one_spot_or_of_nobody_are_no_zoom() -> None:
    time_s = np.arange(60) / 30
    for value in (100.0, np.nan):
        assert find_zooms(time_s, np.full((60, 33, 2), value)) == []
    assert find_zooms(time_s[:3], np.zeros((3, 33, 2))) == []
    assert find_zooms(np.arange(60) / 4, np.full((60, 33, 2), 1.0)) == [], "four frames a second show nothing of it"


@pytest.mark.parametrize("lift", list(SETS))
def test_a_set_of_one_size_stays_as_it_is(lift: str) -> None:
    assert join_shots(SETS[lift], "ankle") == (SETS[lift], ())
