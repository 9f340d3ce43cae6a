"""What is asked of every set: drift from the first rep to the last, and how the feet are turned."""

import numpy as np
import pytest

from formcheck.assessment.verdict import Z90
from formcheck.assessment.verdict import judge as judge_measure
from formcheck.data import Finding, Measure, Report, Source
from formcheck.events.drift import measure_drift
from formcheck.events.feet import measure_feet
from formcheck.events.velocity import measure_velocity_losses
from formcheck.lifts import all_lifts
from formcheck.pipeline import judge_set
from formcheck.settings import Settings
from samples.renderer.stick import RdlRep, rdl_set
from tests.skeletons_curls import turn_feet

SOURCE = Source("set.mp4", "", 30.0, 1, 1.0, (1280, 720), 0)
RDL = all_lifts()["rdl"]


def judge(reps: list[RdlRep]) -> Report:
    poses, _ = rdl_set(reps=reps, noise_mm=4.0)
    return judge_set(SOURCE, poses, RDL, Settings(lift="rdl"))


def of(report: Report, code: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.code == code]


def fatigue(reps: list[RdlRep]) -> dict[str, Finding]:
    return {str(finding.detail["what"]): finding for finding in of(judge(reps), "set.fatigue")}


@pytest.mark.parametrize("lift", list(all_lifts().values()), ids=lambda lift: lift.name)
def test_every_lift_asks_for_evenness_fatigue_speed_and_feet(lift: object) -> None:
    codes = {check.code for check in lift.checks}  # type: ignore[attr-defined]
    assert codes >= {"set.consistency", "set.fatigue", "set.velocity_loss", "feet.position"}


def test_a_lowering_that_grows_is_not_said_to_have_lost_less_than_nothing() -> None:
    told = fatigue([RdlRep(eccentric_s=seconds) for seconds in (1.8, 2.0, 2.2, 2.4)])["lowering time"]
    assert told.verdict == "good"
    assert told.text == f"lowering time grew by {-told.value:.0f} % over the set"


# --- set.velocity_loss -----------------------------------------------------------------------------------------------


def losses(concentric_s: tuple[float, ...], stop_line_pct: float | None = 20.0, **options: object) -> list[Finding]:
    """What a set says whose lifting takes so long, with 4 mm of noise."""
    reps = [RdlRep(concentric_s=each) for each in concentric_s]
    poses, _ = rdl_set(reps=reps, **({"noise_mm": 4.0} | options))  # type: ignore[arg-type]
    settings = Settings(lift="rdl", velocity_loss_pct=stop_line_pct)
    return of(judge_set(SOURCE, poses, RDL, settings), "set.velocity_loss")


def test_reps_past_the_stop_line_are_told_with_what_they_lost() -> None:
    found = losses((1.0, 1.0, 1.1, 1.5, 1.8))
    assert [each.verdict for each in found] == ["good", "good", "good", "note", "note"]
    for each, true_pct in zip(found, (0, 0, 100 / 11, 100 / 3, 400 / 9), strict=True):
        assert each.value == pytest.approx(true_pct, abs=5.0)
        assert each.low - 0.5 <= true_pct <= each.high + 4.0
    assert "slower than in your fastest rep: past your stop line" in found[-1].text


def test_a_set_that_keeps_its_speed_or_gets_faster_has_lost_none() -> None:
    assert [each.verdict for each in losses((1.0, 1.0, 1.0))] == ["good"] * 3
    assert [each.value < 6 for each in losses((1.5, 1.2, 1.0))] == [True] * 3


@pytest.mark.parametrize("seed", range(3))
def test_a_loss_at_the_stop_line_is_left_open(seed: int) -> None:
    assert losses((1.0, 1.25), seed=seed)[1].verdict in {"not_judged", "note"}
    assert losses((1.0, 1.25), 40.0, seed=seed)[1].verdict == "good"


def test_without_a_stop_line_nobody_asks_and_of_a_single_rep_nobody_can() -> None:
    assert losses((1.0, 1.5), None) == []
    (single,) = losses((1.0,))
    assert (single.verdict, single.detail["asked"]) == ("not_judged", False)


def test_a_lifting_that_the_clip_cuts_off_has_no_speed() -> None:
    _, truth = rdl_set(3)
    found = losses((1.2, 1.2, 1.2), cut_s=(0.0, truth.reps[2].turn_s + 1.2))
    assert [each.verdict for each in found] == ["good", "good", "not_judged"]
    assert "the lifting" in str(found[2].reason)


def test_losses_are_against_the_best_so_far() -> None:
    lost_pct, sigma_pct = measure_velocity_losses(np.array([1.0, np.nan, 2.0, 1.0]), np.array([0.1, 0.1, 0.1, 0.1]))
    np.testing.assert_allclose(lost_pct, [0, np.nan, 0, 50])
    np.testing.assert_allclose(sigma_pct, [0, np.nan, 0, 50 * np.hypot(0.1, 0.05)])


# --- set.fatigue -----------------------------------------------------------------------------------------------------


def test_lowerings_that_get_faster_are_told_with_their_size() -> None:
    found = fatigue([RdlRep(eccentric_s=seconds) for seconds in (3.0, 2.7, 2.4, 2.1, 1.8, 1.5)])
    assert found["lowering time"].verdict == "fault"
    assert found["lowering time"].value == pytest.approx(50, abs=4)
    assert found["range"].verdict == "good"
    assert found["range"].value == pytest.approx(0, abs=4)


def test_a_range_that_shrinks_is_told_with_its_size() -> None:
    tops_deg = (80.0, 76.0, 72.0, 68.0, 64.0, 60.0)
    found = fatigue([RdlRep(trunk_max_deg=top_deg) for top_deg in tops_deg])
    assert found["range"].verdict == "note"
    assert found["range"].value == pytest.approx(100 * 20 / 77, abs=4)
    assert found["lowering time"].verdict == "good"


@pytest.mark.parametrize("seed", range(3))
def test_a_loss_near_the_line_is_a_note_when_the_line_is_likely_passed_and_never_a_fault(seed: int) -> None:
    generator = np.random.default_rng(seed)
    times_s = np.linspace(3.0, 2.38, 5) + generator.normal(0, 0.1, 5)
    loss = fatigue([RdlRep(eccentric_s=float(seconds)) for seconds in times_s])["lowering time"]
    sigma_pct = (loss.high - loss.low) / 2 / Z90
    likely = loss.value >= 20.0 + 0.5244 * sigma_pct  # 0.7 of a normal error lies beyond
    ruled_out = loss.value <= 35.0 - 1.2816 * sigma_pct  # a tenth lies beyond the fault's line
    assert loss.verdict == ("note" if likely else "good" if ruled_out else "not_judged")


@pytest.mark.parametrize(("half_pct", "verdict"), [(5.0, "good"), (20.0, "not_judged")])
def test_a_loss_that_uneven_reps_leave_open_is_not_judged(half_pct: float, verdict: str) -> None:
    """A loss of 20 % at the line of the note: what decides is whether 35 %, the fault, is ruled out."""
    (check,) = (check for check in RDL.checks if check.code == "set.fatigue")
    loss = Measure(20.0, 20.0 - half_pct, 20.0 + half_pct, "%", None, 0.0, 1.0)
    assert judge_measure("set.fatigue", loss, check.limit).verdict == verdict


def test_three_reps_are_too_few_for_fatigue() -> None:
    (finding,) = of(judge([RdlRep()] * 3), "set.fatigue")
    assert finding.verdict == "not_judged"
    assert "at least 4" in str(finding.reason)


def test_a_line_loses_what_it_loses() -> None:
    drift = measure_drift(np.array([100.0, 90.0, 80.0, 70.0, 60.0]))
    assert drift is not None
    assert drift.loss_pct == pytest.approx(40.0)
    assert drift.high_pct - drift.low_pct == pytest.approx(0.0, abs=1e-9)
    with_error = measure_drift(np.array([100.0, 90.0, 80.0, 70.0, 60.0]), error=5.0)
    assert with_error is not None
    # 2.35 sigma of a slope over places -2..2 (sum of squares 10), times 4 places, of 100
    assert with_error.high_pct - 40.0 == pytest.approx(2.35 * 5.0 / np.sqrt(10) * 4, rel=1e-6)


def test_the_interval_of_a_drift_holds_the_truth_in_nine_of_ten_sets() -> None:
    generator = np.random.default_rng(1)
    inside = 0
    for _ in range(400):
        drift = measure_drift(np.linspace(3.0, 2.4, 6) + generator.normal(0, 0.15, 6))
        assert drift is not None
        inside += drift.low_pct <= 20.0 <= drift.high_pct
    assert 0.86 <= inside / 400 <= 0.95


def test_growth_is_a_negative_loss_and_missing_values_do_not_count() -> None:
    drift = measure_drift(np.array([50.0, np.nan, 55.0, 60.0, 65.0]))
    assert drift is not None
    assert drift.loss_pct == pytest.approx(-30.0)
    assert measure_drift(np.array([1.0, np.nan, 1.0, 1.0])) is None


# --- feet.position ---------------------------------------------------------------------------------------------------


def feet_of(yaw_deg: float, out_deg: tuple[float, float], facing: str = "right") -> Finding:
    poses, truth = rdl_set(2, noise_mm=4.0, yaw_deg=yaw_deg, facing=facing)  # type: ignore[arg-type]
    poses = turn_feet(poses, truth, yaw_deg, out_deg)
    (finding,) = of(judge_set(SOURCE, poses, RDL, Settings(lift="rdl")), "feet.position")
    return finding


@pytest.mark.parametrize("facing", ["left", "right"])
@pytest.mark.parametrize("yaw_deg", [75.0, 88.0])
def test_a_foot_turned_out_is_told_from_the_front_with_its_angle(yaw_deg: float, facing: str) -> None:
    finding = feet_of(yaw_deg, (35.0, 8.0), facing)
    assert finding.verdict == "note"
    assert finding.value == pytest.approx(35, abs=1)
    assert finding.detail["turned"] == "out"
    near, far = ("right_deg", "left_deg") if facing == "right" else ("left_deg", "right_deg")
    assert finding.detail[near] == pytest.approx(35, abs=1)
    assert finding.detail[far] == pytest.approx(8, abs=1)


def test_a_foot_turned_in_is_told_as_such() -> None:
    finding = feet_of(80.0, (-33.0, 0.0))
    assert (finding.verdict, finding.detail["turned"]) == ("note", "in")


def test_straight_feet_are_good() -> None:
    finding = feet_of(80.0, (6.0, 4.0))
    assert finding.verdict == "good"
    assert finding.value == pytest.approx(6, abs=1)


@pytest.mark.parametrize("out_deg", [24.0, 26.0])
def test_feet_at_the_line_are_no_note(out_deg: float) -> None:
    assert feet_of(80.0, (out_deg, 0.0)).verdict in {"good", "not_judged"}


@pytest.mark.parametrize("yaw_deg", [0.0, 45.0])
def test_the_side_view_does_not_show_the_feet_and_says_what_does(yaw_deg: float) -> None:
    finding = feet_of(yaw_deg, (35.0, 35.0))
    assert finding.verdict == "not_judged"
    assert "needs a clip from behind" in str(finding.reason)


def test_feet_that_were_never_seen_are_none() -> None:
    assert measure_feet(np.full((20, 33, 3), np.nan)) is None
