"""What a coach sees besides in a hinge, on noisy landmarks with known truth: each check fires, stays quiet, is right at
the border, and says when it cannot see.
"""

from dataclasses import replace

import numpy as np
import pytest

from formcheck.data import BarPath, Finding, Report, Source
from formcheck.events.bar_drift import THIGHS_LEG, measure_bar_drift
from formcheck.events.depth import measure_depth, name_depth
from formcheck.events.top import find_standing, find_top
from formcheck.lifts import all_lifts
from formcheck.lifts.check import LiftSet
from formcheck.lifts.hinge_form import measure_drifts
from formcheck.pipeline import judge_set
from formcheck.settings import Settings
from formcheck.skeleton import Landmark
from samples.renderer.stick import RdlRep, Shot, Truth, rdl_set
from tests.skeletons_curls import good_morning_set

SOURCE = Source("set.mp4", "", 30.0, 1, 1.0, (1280, 720), 0)
RDL = all_lifts()["rdl"]
SOUND = {"travel_leg": 0.3, "noise_mm": 4.0}


def judge(**options: object) -> tuple[Report, Truth]:
    """Report and truth of three deadlifts with 4 mm of white and 2 mm of slow noise unless said otherwise."""
    poses, truth = rdl_set(**({"n_reps": 3} | SOUND | options))  # type: ignore[arg-type]
    return judge_set(SOURCE, poses, RDL, Settings(lift="rdl")), truth


def of(report: Report, code: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.code.partition(".")[2] == code]


def verdicts(report: Report, code: str) -> list[str]:
    return [finding.verdict for finding in of(report, code)]


def one_each(name: str, *values: float) -> list[RdlRep]:
    return [RdlRep(**{name: value}, travel_leg=0.3) for value in values]  # type: ignore[arg-type]


# --- the top ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("top_deg", "code", "verdict"),
    [
        (0.0, "lockout", "good"),
        (4.0, "lockout", "good"),
        (11.5, "lockout", "note"),
        (18.0, "lockout", "fault"),
        (0.0, "lean_back", "good"),
        (-4.0, "lean_back", "good"),
        (-11.5, "lean_back", "note"),
        (-18.0, "lean_back", "fault"),
    ],
)
def test_a_top_is_judged_by_how_far_it_is_from_the_own_standing(top_deg: float, code: str, verdict: str) -> None:
    report, _ = judge(reps=one_each("top_deg", 0.0, top_deg, 0.0))
    assert verdicts(report, code) == ["good", verdict, "good"]
    found = of(report, code)[1]
    assert found.value == pytest.approx(abs(top_deg), abs=1.5)
    assert found.low <= abs(top_deg) <= found.high
    other = "lockout" if code == "lean_back" else "lean_back"
    assert verdicts(report, other) == ["good"] * 3


@pytest.mark.parametrize(("top_deg", "code"), [(7.6, "lockout"), (-7.6, "lean_back")])
@pytest.mark.parametrize("seed", range(3))
def test_a_top_at_the_line_is_no_fault(top_deg: float, code: str, seed: int) -> None:
    report, _ = judge(reps=one_each("top_deg", 0.0, top_deg, 0.0), seed=seed)
    assert "fault" not in verdicts(report, code)


def test_a_camera_held_askew_changes_no_top() -> None:
    for roll_deg in (-6.0, 6.0):
        report, _ = judge(reps=one_each("top_deg", 0.0, 11.5, 0.0), shot=Shot(roll_deg=roll_deg, noise_mm=4.0))
        assert verdicts(report, "lockout") == ["good", "note", "good"]
        assert verdicts(report, "lean_back") == ["good"] * 3


def test_without_standing_before_the_set_no_top_is_judged() -> None:
    real = judge()[1].reps[0]
    report, _ = judge(top_deg=12.0, cut_s=(real.start_s + 0.3, 100.0))
    for code in ("lockout", "lean_back"):
        assert set(verdicts(report, code)) == {"not_judged"}
    assert "standing still before the first rep" in str(of(report, "lockout")[1].reason)


def test_a_clip_that_ends_on_the_way_up_shows_no_top() -> None:
    real = judge(top_deg=0.0)[1].reps[2]
    report, _ = judge(cut_s=(0.0, real.stop_s - 0.2))
    assert verdicts(report, "lockout")[:2] == ["good", "good"]
    assert set(verdicts(report, "lockout")[2:]) <= {"not_judged"}


def test_a_good_morning_has_a_top_too() -> None:
    for top_deg, code in ((18.0, "lockout"), (-18.0, "lean_back")):
        poses, _ = good_morning_set(reps=one_each("top_deg", 0.0, top_deg, 0.0), noise_mm=4.0)
        report = judge_set(SOURCE, poses, all_lifts()["good_morning"], Settings(lift="good_morning"))
        assert verdicts(report, code) == ["good", "fault", "good"]


@pytest.mark.parametrize("top_deg", [24.0, 30.0])
def test_reps_between_which_nobody_stands_up_are_counted_and_told(top_deg: float) -> None:
    report, truth = judge(reps=one_each("top_deg", top_deg, 0.0))
    assert (len(report.reps), len(truth.reps)) == (2, 2)
    first, second = of(report, "lockout")
    assert (first.verdict, second.verdict) == ("fault", "good")
    assert first.value == pytest.approx(top_deg, abs=2.5)
    assert verdicts(report, "lean_back") == ["good"] * 2


def test_nobody_who_hardly_stands_has_a_standing_or_a_top() -> None:
    assert not find_standing(np.full(60, 80.0), 60, 30.0).any()
    assert not find_standing(np.zeros(60), 5, 30.0).any()
    assert find_standing(np.zeros(60), 30, 30.0).sum() == 30
    assert find_top(np.full(5, 3.0), 30.0) is None
    assert find_top(np.linspace(60.0, 10.0, 30), 30.0) is None  # still on the way up
    held = find_top(np.concatenate([np.linspace(60.0, 10.0, 30), np.full(20, 10.0)]), 30.0)
    assert held is not None
    assert held.trunk_deg == pytest.approx(10.0)


# --- the weight ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bar_leg", "allowed"),
    [
        (0.0, {"good"}),
        (0.05, {"good"}),
        (0.10, {"not_judged", "note", "good"}),
        (0.20, {"fault"}),
        (0.24, {"fault"}),
    ],
)
def test_a_weight_is_judged_by_how_far_it_is_in_front_of_mid_foot(bar_leg: float, allowed: set[str]) -> None:
    report, _ = judge(bar_leg=bar_leg)
    assert set(verdicts(report, "bar_drift")) <= allowed
    for finding in of(report, "bar_drift"):
        assert finding.value == pytest.approx(bar_leg, abs=0.03)
        assert finding.low <= bar_leg <= finding.high


def test_a_drift_is_told_as_a_share_of_the_leg_or_in_cm() -> None:
    report, _ = judge(bar_leg=0.24)
    assert "% of your leg length in front of mid-foot" in of(report, "bar_drift")[0].text
    kinematics = replace(report.kinematics, bar=BarPath(20.0, 0.85 / report.kinematics.leg_px, 1.0))
    (first, *_) = measure_drifts(LiftSet(kinematics, report.reps, 30.0, None))
    assert first.detail["how_far"] == f"{85 * first.value:.0f} cm"


@pytest.mark.parametrize(
    ("trunk_deg", "told"), [(45.0, "above the knee"), (60.0, "the knee"), (85.0, "just below the knee")]
)
def test_how_deep_the_weight_gets_is_told_as_people_say_it(trunk_deg: float, told: str) -> None:
    report, truth = judge(trunk_max_deg=trunk_deg)
    for finding, real in zip(of(report, "bar_drift"), truth.reps, strict=True):
        assert finding.text == f"weight close to the legs, down to about {told}"
        wrist_leg = float(np.interp(real.turn_s, truth.time_s, truth["wrist_height_leg"]))
        assert finding.detail["depth_shins"] == pytest.approx(1.6 * wrist_leg + 0.08, abs=0.03)


def test_depths_have_names_from_the_knee_to_the_ankle() -> None:
    assert [name_depth(each) for each in (1.5, 1.0, 0.7, 0.5, 0.1, -0.3)] == [
        *("above the knee", "the knee", "just below the knee", "mid-shin", "the lower shin", "the lower shin")
    ]
    assert np.isnan(measure_depth(np.full(9, np.nan)))
    assert measure_depth(np.array([0.6, 0.2, np.nan])) == pytest.approx(0.4)


def test_a_plate_that_stays_close_clears_a_wrist_that_it_hides_and_one_on_the_wall_charges_nobody() -> None:
    trunk_deg = np.concatenate([np.linspace(0, 80, 30), np.linspace(80, 0, 30)])
    hidden_leg, close_leg = np.full(60, 0.30), np.full(60, 0.02)
    plate = measure_bar_drift(trunk_deg, hidden_leg, np.full(60, -0.08))
    assert plate is not None
    assert plate.ahead_leg == pytest.approx(THIGHS_LEG - 0.08 / 1.2)
    wall = measure_bar_drift(trunk_deg, close_leg, np.full(60, 0.4))
    assert wall is not None
    assert wall.ahead_leg == pytest.approx(-0.03)
    behind = measure_bar_drift(trunk_deg, close_leg, np.full(60, -0.9))
    assert behind == wall


def test_hidden_hands_and_blurred_feet_leave_nothing_to_judge() -> None:
    trunk_deg = np.concatenate([np.linspace(0, 80, 30), np.linspace(80, 0, 30)])
    assert measure_bar_drift(trunk_deg, np.full(60, np.nan), None) is None
    poses, _ = rdl_set(3, bar_leg=0.2, **SOUND)  # type: ignore[arg-type]
    xy_px = poses.xy_px.copy()
    xy_px[:, [Landmark.LEFT_FOOT_INDEX, Landmark.RIGHT_FOOT_INDEX], 0] += 30 * np.sin(2.0 * poses.time_s)[:, None]
    report = judge_set(SOURCE, replace(poses, xy_px=xy_px), RDL, Settings(lift="rdl"))
    assert set(verdicts(report, "bar_drift")) == {"not_judged"}
    assert "feet" in str(of(report, "bar_drift")[0].reason)


# --- from elsewhere --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["lockout", "lean_back", "bar_drift"])
def test_nothing_of_it_is_judged_from_the_front(code: str) -> None:
    report, _ = judge(bar_leg=0.24, top_deg=18.0, yaw_deg=45.0)
    (finding,) = of(report, code)
    assert finding.verdict == "not_judged"
    assert "off the side view" in str(finding.reason)
