"""A film of a hinge in which the lifter kneels, sits or lies as well: that part is left out, and said."""

from dataclasses import replace

import numpy as np
import pytest
from skeletons_floor import nordic_set

from formcheck.data import PoseSequence, Report, Source
from formcheck.kinematics.off_feet import leave_out_off_feet
from formcheck.lifts import all_lifts
from formcheck.pipeline import TURNED, judge_set
from formcheck.settings import Settings
from samples.renderer.stick import rdl_set

NO_PICTURE: dict[str, None] = {"back": None, "plate_px": None, "edge_px": None}  # landmarks alone


def judged(poses: PoseSequence, lift: str = "rdl") -> Report:
    return judge_set(Source("", "", 30.0, 1, 1.0, poses.size_px, 0), poses, all_lifts()[lift], Settings(lift=lift))


def one_after_the_other(first: PoseSequence, then: PoseSequence) -> PoseSequence:
    """Both sets as one film, two seconds between them in which nobody is seen."""
    gap_s = first.time_s[-1] + 2.0 - then.time_s[0]
    arrays = {
        name: np.concatenate([getattr(first, name), getattr(then, name)]) for name in ("xy_px", "world_m", "visibility")
    }
    return replace(first, time_s=np.concatenate([first.time_s, then.time_s + gap_s]), **NO_PICTURE, **arrays)


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
        assert leave_out_off_feet(poses) == (poses, 0.0)
    assert "not a standing lift" in str(judged(kneeling).findings[0].reason)


def test_a_shin_that_a_plate_makes_short_and_level_is_none_that_kneels(standing: PoseSequence) -> None:
    for length, off in ((0.5, False), (1.0, True)):
        xy_px = standing.xy_px.copy()
        some = slice(60, 150)
        shin = np.linalg.norm(xy_px[some, 25:27] - xy_px[some, 27:29], axis=2)
        xy_px[some, 27:29] = xy_px[some, 25:27] - length * np.stack([shin, 0 * shin], axis=2)
        assert (leave_out_off_feet(replace(standing, xy_px=xy_px))[1] > 0) is off
