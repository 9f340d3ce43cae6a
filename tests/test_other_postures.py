"""A film in which the lifter is in another posture than that of the lift as well: that part is left out, and said."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from skeletons_curls import curl_set
from skeletons_floor import ghr_set, nordic_set

from formcheck.data import PoseSequence, Report, Source
from formcheck.kinematics.other_postures import OFF_FEET, ON_FEET, UPRIGHT, leave_out
from formcheck.lifts import all_lifts
from formcheck.pipeline import TURNED, judge_set
from formcheck.settings import Settings
from formcheck.skeleton import Side
from samples.renderer.stick import rdl_set

NO_PICTURE: dict[str, None] = {"back": None, "plate_px": None, "edge_px": None}  # landmarks alone


def judged(poses: PoseSequence, lift: str = "rdl") -> Report:
    return judge_set(Source("", "", 30.0, 1, 1.0, poses.size_px, 0), poses, all_lifts()[lift], Settings(lift=lift))


def one_after_the_other(first: PoseSequence, then: PoseSequence) -> PoseSequence:
    """Both sets as one film, two seconds between them in which nobody is seen; with their backs if both have one."""
    gap_s = first.time_s[-1] + 2.0 - then.time_s[0]
    arrays = {
        name: np.concatenate([getattr(first, name), getattr(then, name)]) for name in ("xy_px", "world_m", "visibility")
    }
    both = replace(first, time_s=np.concatenate([first.time_s, then.time_s + gap_s]), **NO_PICTURE, **arrays)
    if first.back is None or then.back is None:
        return both
    chord_px, depth_px = (
        np.concatenate([getattr(each.back, name) for each in (first, then)]) for name in ("chord_px", "depth_px")
    )
    return replace(both, back=replace(first.back, chord_px=chord_px, depth_px=depth_px))


@pytest.fixture(scope="module")
def standing() -> PoseSequence:
    return replace(rdl_set(3, noise_mm=4.0)[0], **NO_PICTURE)


@pytest.mark.parametrize("kneels_first", [False, True])
def test_a_nordic_in_the_film_of_a_deadlift_changes_nothing_of_it(standing: PoseSequence, kneels_first: bool) -> None:
    kneeling = nordic_set(2, facing="left")[0]
    both = (kneeling, standing) if kneels_first else (standing, kneeling)
    alone, mixed = judged(standing), judged(one_after_the_other(*both))
    shift_s = mixed.reps[0].turn_s - alone.reps[0].turn_s
    assert [rep.turn_s - shift_s for rep in mixed.reps] == pytest.approx([rep.turn_s for rep in alone.reps], abs=0.05)
    assert mixed.kinematics.view.facing == alone.kinematics.view.facing
    assert mixed.lift.doubt == ""
    left_out = [each for each in mixed.kinematics.quality.warnings if "you kneel, sit or lie" in each]
    assert len(left_out) == 1
    assert mixed.kinematics.quality.detected_fraction > 0.9, "whoever is left out was seen all the same"


SETS: dict[str, Callable[[Side], PoseSequence]] = {
    "nordic": lambda facing: nordic_set(2, facing=facing)[0],
    "ghr": lambda facing: ghr_set(2, facing=facing)[0],
    "seated_curl": lambda facing: curl_set(2, seated=True, facing=facing)[0],
    "lying_curl": lambda facing: curl_set(2, facing=facing)[0],
}


@pytest.mark.parametrize("stands_first", [False, True])
@pytest.mark.parametrize("facing", ["left", "right"])
@pytest.mark.parametrize("lift", list(SETS))
def test_a_deadlift_in_the_film_of_another_lift_changes_nothing_of_it(
    lift: str, facing: Side, stands_first: bool
) -> None:
    """Standing, it went into the direction, the leg and the upright back: a sound Nordic arched by 92 deg."""
    one, standing = replace(SETS[lift](facing), edge_px=None, plate_px=None), rdl_set(3, noise_mm=4.0)[0]
    both = (standing, one) if stands_first else (one, standing)
    alone, mixed = judged(one, lift), judged(one_after_the_other(*both), lift)
    assert [f.verdict for f in mixed.findings] == [f.verdict for f in alone.findings]
    assert len(mixed.reps) == len(alone.reps) == 2
    np.testing.assert_allclose(
        [f.value for f in mixed.findings], [f.value for f in alone.findings], atol=1.0, equal_nan=True
    )
    assert mixed.lift.doubt == alone.lift.doubt
    (left_out,) = [each for each in mixed.kinematics.quality.warnings if "left out" in each]
    assert "of the frames you stand: they are left out, as this lift is done " in left_out


@pytest.mark.parametrize("turns", [True, False])
def test_who_faces_the_other_way_later_is_judged_in_parts(turns: bool) -> None:
    one, other = nordic_set(2, facing="right")[0], nordic_set(2, facing="left" if turns else "right")[0]
    report = judged(one_after_the_other(replace(one, **NO_PICTURE), replace(other, **NO_PICTURE)), "nordic")
    assert len(report.reps) == (0 if turns else 4)
    refused = {str(finding.reason) for finding in report.findings if finding.detail.get("asked") is not False}
    assert (TURNED in refused) is turns


def test_who_stands_or_kneels_throughout_is_left_as_they_are(standing: PoseSequence) -> None:
    kneeling = nordic_set(2)[0]
    for poses in (standing, kneeling):
        assert leave_out(poses, OFF_FEET) == leave_out(poses, ON_FEET) == (poses, 0.0)
    for seated in (True, False):
        curling = curl_set(2, seated=seated)[0]
        assert leave_out(curling, UPRIGHT) == (curling, 0.0)
    assert "not a standing lift" in str(judged(kneeling).findings[0].reason)


def test_a_shin_that_a_plate_makes_short_and_level_is_none_that_kneels(standing: PoseSequence) -> None:
    for length, off in ((0.5, False), (1.0, True)):
        xy_px = standing.xy_px.copy()
        some = slice(60, 150)
        shin = np.linalg.norm(xy_px[some, 25:27] - xy_px[some, 27:29], axis=2)
        xy_px[some, 27:29] = xy_px[some, 25:27] - length * np.stack([shin, 0 * shin], axis=2)
        assert (leave_out(replace(standing, xy_px=xy_px), OFF_FEET)[1] > 0) is off
