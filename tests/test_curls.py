"""Both leg curls' checks on noisy landmarks with known truth: fires, stays quiet, is borderline, cannot see."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from formcheck.data import Finding, Report, Source
from formcheck.events.curl import find_stretched, hold_thigh, measure_hip_lift, measure_range
from formcheck.lifts import all_lifts
from formcheck.lifts.seated_curl import correct_knee
from formcheck.pipeline import judge_set
from formcheck.settings import Settings, Tempo
from formcheck.skeleton import Side
from samples.renderer.stick import Shot, stroke_s
from tests.skeletons_curls import CurlRep, CurlTruth, curl_set

SOURCE = Source("set.mp4", "", 30.0, 1, 1.0, (1280, 720), 0)
BOTH = pytest.mark.parametrize("seated", [False, True], ids=["lying", "seated"])


def name_of(seated: bool) -> str:
    return "seated_curl" if seated else "lying_curl"


def judge(
    seated: bool, settings: Settings | None = None, lift: str | None = None, **options: object
) -> tuple[Report, tuple[CurlTruth, ...]]:
    """Report and truth of a synthetic set with 4 mm of white and 2 mm of slow noise unless said otherwise."""
    poses, _, truths = curl_set(seated=seated, **options)  # type: ignore[arg-type]
    chosen = all_lifts()[lift or name_of(seated)]
    return judge_set(SOURCE, poses, chosen, settings or Settings(lift=chosen.name)), truths  # type: ignore[arg-type]


def of(report: Report, code: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.code == f"{report.lift.name}.{code}"]


def verdicts(report: Report, code: str) -> list[str]:
    return [finding.verdict for finding in of(report, code)]


def set_of(values: Sequence[float], name: str, **common: float) -> list[CurlRep]:
    return [CurlRep(**{name: value}, **common) for value in values]  # type: ignore[arg-type]


# --- the set ---------------------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("facing", ["left", "right"])
def test_a_sound_set_is_counted_and_timed_and_has_no_cue(seated: bool, facing: Side) -> None:
    report, truths = judge(seated, n_reps=4, facing=facing)
    assert report.kinematics.view.facing == facing
    assert [rep.complete for rep in report.reps] == [True] * 4
    assert report.cues == ()
    for rep, truth in zip(report.reps, truths, strict=True):
        assert rep.start_s == pytest.approx(truth.start_s, abs=0.1)
        assert rep.turn_s == pytest.approx(truth.turn_s, abs=0.35)
        assert rep.stop_s == pytest.approx(truth.stop_s, abs=0.15)
        assert rep.concentric_s == pytest.approx(truth.concentric_s, abs=0.12)
        assert rep.eccentric_s == pytest.approx(truth.eccentric_s, abs=0.25)


@BOTH
def test_angles_are_those_of_the_body(seated: bool) -> None:
    poses, truth, _ = curl_set(2, seated=seated, noise_mm=0.0)
    kinematics = judge_set(SOURCE, poses, all_lifts()[name_of(seated)], Settings()).kinematics
    for channel in ("knee_flexion_deg", "hip_flexion_deg", "thigh_deg"):
        np.testing.assert_allclose(kinematics[channel], truth[channel], atol=1.5, err_msg=channel)


def test_a_stretch_from_a_curled_start_is_no_curl_and_a_cut_lowering_is_a_cut_rep() -> None:
    whole, truths = judge(False, n_reps=3)
    cut_s = (truths[0].turn_s, truths[2].turn_s + 1.5)
    report, _ = judge(False, n_reps=3, cut_s=cut_s)
    assert len(whole.reps) == 3
    assert [(rep.number, rep.complete, rep.cut_off) for rep in report.reps] == [(1, True, False), (2, False, True)]


def test_a_half_curl_is_counted_apart() -> None:
    report, _ = judge(False, reps=set_of((105, 105, 50, 105), "knee_deg"))
    assert [rep.complete for rep in report.reps] == [True, True, False, True]


# --- range and partial -----------------------------------------------------------------------------------------------


@BOTH
def test_a_short_range_fires_with_its_size(seated: bool) -> None:
    knee_deg = 50 if seated else 62  # of a seated range the model may miss 22 deg
    report, _ = judge(seated, n_reps=3, knee_deg=knee_deg)
    assert set(verdicts(report, "range")) <= {"note", "fault"}
    for finding in of(report, "range"):
        assert finding.value == pytest.approx(knee_deg - 6, abs=3)
    assert report.cues[0].code.endswith(".range")


@BOTH
def test_a_full_range_stays_quiet(seated: bool) -> None:
    report, truths = judge(seated, n_reps=3, knee_deg=110)
    assert verdicts(report, "range") == ["good"] * 3
    for finding, truth in zip(of(report, "range"), truths, strict=True):
        assert finding.value == pytest.approx(truth.range_deg, abs=3)
        assert finding.low <= truth.range_deg <= finding.high
        assert finding.detail["short"] is False


@BOTH
@pytest.mark.parametrize("seed", range(3))
def test_a_range_at_the_line_is_neither_note_nor_fault(seated: bool, seed: int) -> None:
    report, _ = judge(seated, n_reps=3, knee_deg=86, seed=seed)
    assert set(verdicts(report, "range")) <= {"good", "not_judged"}


@BOTH
def test_a_roller_that_hides_the_ankle_is_named_and_the_curls_are_still_counted(seated: bool) -> None:
    _, truths = judge(seated, n_reps=4)
    # The landmark slips up the shank, two thirds of the way to the knee, while the leg is bent. Pixels, x forward.
    poses, truth, _ = curl_set(4, seated=seated)
    bent = truth["knee_flexion_deg"] > 55
    ankle = 27 if truth.near == "left" else 28
    xy_px = poses.xy_px.copy()
    slip_px = 0.6 * (truth.joints_px["knee"] - truth.joints_px["ankle"])
    wander = np.random.default_rng(3).normal(0, 6.0, slip_px.shape)
    xy_px[bent, ankle] += (slip_px + wander)[bent]
    lift = all_lifts()[name_of(seated)]
    report = judge_set(SOURCE, replace(poses, xy_px=xy_px), lift, Settings())
    assert len(report.reps) == 4
    for rep, real in zip(report.reps, truths, strict=True):
        assert rep.turn_s == pytest.approx(real.turn_s, abs=0.5)
    assert set(verdicts(report, "range")) == {"not_judged"}
    assert "ankle is hidden" in str(of(report, "range")[0].reason)
    assert any("the ankle was hidden" in warning for warning in report.kinematics.quality.warnings)
    assert not np.isfinite(report.kinematics["knee_flexion_deg"]).any()


@BOTH
def test_nothing_sagittal_is_judged_from_far_off_the_side(seated: bool) -> None:
    report, _ = judge(seated, n_reps=3, yaw_deg=40.0)
    for code in ("range", "hip_lift", *(("setup",) if seated else ())):
        (finding,) = of(report, code)
        assert finding.verdict == "not_judged"
        assert "off the side view" in str(finding.reason)


@BOTH
def test_a_curl_short_of_the_best_is_told(seated: bool) -> None:
    report, _ = judge(seated, reps=set_of((110, 110, 88, 110), "knee_deg"))
    assert verdicts(report, "partial") == ["good", "good", "note", "good"]
    assert of(report, "partial")[2].value == pytest.approx(100 * 22 / 104, abs=3)
    assert [finding.detail["short"] for finding in of(report, "range")] == [False, False, True, False]


def test_the_lowering_of_half_a_curl_is_not_judged_and_the_others_are() -> None:
    report, _ = judge(True, reps=set_of((110, 110, 52), "knee_deg"))
    tempo = of(report, "tempo")
    assert [each.verdict == "not_judged" for each in tempo] == [False, False, True]
    assert tempo[2].reason == "a partial rep has no full lowering to time"


@pytest.mark.parametrize(("knee_deg", "verdict"), [(103, "good"), (98, "not_judged"), (92, "note")])
def test_a_curl_near_the_line_of_partial_is_not_judged(knee_deg: float, verdict: str) -> None:
    report, _ = judge(False, reps=set_of((110, 110, knee_deg, 110), "knee_deg"))
    assert verdicts(report, "partial") == ["good", "good", verdict, "good"]


def test_speed_that_is_lost_is_shown_where_the_weight_is_lifted() -> None:
    """A curl begins with its lifting; half a one has none to time, and was not unseen."""
    reps = [CurlRep(concentric_s=0.8), CurlRep(concentric_s=1.4), CurlRep(knee_deg=45.0)]
    report, _ = judge(True, Settings(lift="seated_curl", velocity_loss_pct=20.0), reps=reps)
    found = {finding.rep: finding for finding in report.findings if finding.code == "set.velocity_loss"}
    assert found[2].verdict == "note"
    assert found[2].start_s == report.reps[1].start_s
    assert found[2].end_s <= report.reps[1].turn_s
    assert found[3].reason == "a partial rep has no full lifting to time"


def test_one_curl_alone_is_short_of_nothing() -> None:
    report, _ = judge(False, n_reps=1)
    assert verdicts(report, "partial") == ["not_judged"]


# --- swinging, dropping, extension -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("concentric_s", "verdict"), [(0.32, "note"), (0.25, "fault")])
def test_a_curl_that_is_thrown_up_with_the_hips_is_swung(concentric_s: float, verdict: str) -> None:
    swung = CurlRep(concentric_s=concentric_s, lift_thigh=0.16)
    report, _ = judge(False, reps=[CurlRep(), swung, CurlRep()])
    assert verdicts(report, "swing") == ["good", verdict, "good"]
    found = of(report, "swing")[1]
    true_deg_s = 99 * 1.875 / stroke_s(concentric_s)
    assert found.low <= true_deg_s <= found.high
    assert found.value == pytest.approx(true_deg_s, rel=0.08)
    assert "swung the weight up" in found.text


def test_a_seated_trunk_that_rocks_as_the_weight_is_thrown_is_a_swing() -> None:
    swung = CurlRep(concentric_s=0.25, lift_thigh=0.16)  # a seated trunk leans back as the hips rise
    report, _ = judge(True, reps=[CurlRep(), swung])
    assert verdicts(report, "swing")[0] == "good"
    assert verdicts(report, "swing")[1] in {"note", "fault"}


@BOTH
def test_neither_a_quick_lifting_alone_nor_hips_that_rise_slowly_are_swung(seated: bool) -> None:
    report, _ = judge(seated, reps=[CurlRep(concentric_s=0.3), CurlRep(lift_thigh=0.16), CurlRep(concentric_s=0.45)])
    assert verdicts(report, "swing") == ["good"] * 3
    assert of(report, "swing")[0].detail["speed_deg_s"] > 320


@pytest.mark.parametrize("seed", range(3))
def test_hips_that_may_have_moved_with_a_quick_lifting_leave_it_open(seed: int) -> None:
    report, _ = judge(False, reps=[CurlRep(concentric_s=0.3, lift_thigh=0.1)] * 2, seed=seed)
    assert set(verdicts(report, "swing")) == {"not_judged"}
    assert "whether your body moved" in str(of(report, "swing")[0].reason)


@BOTH
@pytest.mark.parametrize("drop_deg", [45.0, 70.0])
def test_a_weight_that_is_let_go_is_told_with_how_far_it_fell(seated: bool, drop_deg: float) -> None:
    report, _ = judge(seated, reps=[CurlRep(), CurlRep(eccentric_s=3.5, drop_deg=drop_deg), CurlRep()])
    assert verdicts(report, "drop")[::2] == ["good", "good"]
    found = of(report, "drop")[1]
    assert found.verdict in {"note", "fault"}
    assert found.value == pytest.approx(drop_deg, abs=12)


@BOTH
@pytest.mark.parametrize("eccentric_s", [0.6, 1.5, 5.0])
def test_a_lowering_that_is_only_quick_is_no_drop(seated: bool, eccentric_s: float) -> None:
    report, _ = judge(seated, n_reps=3, eccentric_s=eccentric_s)
    assert "note" not in verdicts(report, "drop")
    assert "fault" not in verdicts(report, "drop")


@BOTH
@pytest.mark.parametrize(("short_deg", "verdict"), [(4.0, "good"), (22.0, "note"), (40.0, "fault")])
def test_a_curl_that_turns_round_before_the_legs_are_straight_is_told(
    seated: bool, short_deg: float, verdict: str
) -> None:
    report, _ = judge(seated, reps=[CurlRep(), CurlRep(short_deg=short_deg), CurlRep()])
    assert len(report.reps) == 3
    assert verdicts(report, "extension") == ["good", verdict, "good"]
    assert of(report, "extension")[1].value == pytest.approx(short_deg, abs=4)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_at_a_line_of_drop_or_extension_is_no_fault(seed: int) -> None:
    reps = [CurlRep(), CurlRep(eccentric_s=3.5, drop_deg=22.0), CurlRep(short_deg=15.0), CurlRep()]
    report, _ = judge(False, reps=reps, seed=seed)
    assert "fault" not in [*verdicts(report, "drop"), *verdicts(report, "extension")]


@pytest.mark.parametrize("code", ["swing", "drop", "extension"])
def test_what_the_clip_does_not_show_is_neither_swung_nor_dropped_nor_short(code: str) -> None:
    _, truths = judge(False, n_reps=2)
    report, _ = judge(False, n_reps=2, cut_s=(0.0, truths[1].turn_s + 1.6))
    assert verdicts(report, code) == ["good", "good" if code == "swing" else "not_judged"]
    report, _ = judge(False, n_reps=2, yaw_deg=45)
    assert verdicts(report, code) == ["not_judged"]


# --- hip lift --------------------------------------------------------------------------------------------------------


@BOTH
def test_hips_that_rise_are_a_fault_with_their_size(seated: bool) -> None:
    report, _ = judge(seated, reps=set_of((0.0, 0.18, 0.0), "lift_thigh"))
    assert verdicts(report, "hip_lift") == ["good", "fault", "good"]
    finding = of(report, "hip_lift")[1]
    assert finding.value == pytest.approx(0.18, abs=0.025)
    assert finding.detail["hip_change_deg"] > 7
    assert report.reps[1].start_s < finding.start_s < report.reps[1].stop_s


@BOTH
def test_hips_that_stay_are_good(seated: bool) -> None:
    report, _ = judge(seated, n_reps=4)
    assert verdicts(report, "hip_lift") == ["good"] * 4
    assert max(abs(finding.value) for finding in of(report, "hip_lift")) < 0.03


@BOTH
@pytest.mark.parametrize("seed", range(3))
def test_hips_at_the_line_are_no_fault(seated: bool, seed: int) -> None:
    report, _ = judge(seated, n_reps=3, lift_thigh=0.065, seed=seed)
    assert "fault" not in verdicts(report, "hip_lift")
    assert "note" not in verdicts(report, "hip_lift")


@BOTH
def test_a_hip_that_was_not_seen_is_not_judged(seated: bool) -> None:
    _, truths = judge(seated, n_reps=2)
    lost = Shot(noise_mm=4.0, slow_mm=2.0, with_back=False, dropouts=[(truths[1].turn_s - 0.9, truths[1].turn_s + 1.2)])
    report, _ = judge(seated, n_reps=2, shot=lost)
    assert "fault" not in verdicts(report, "hip_lift")
    assert "not_judged" in verdicts(report, "hip_lift")


def test_hips_that_seem_to_rise_without_turning_are_not_judged() -> None:
    n_frames = 90
    thigh_deg, hip_deg = np.full(n_frames, 80.0), np.full(n_frames, 12.0)
    thigh_deg[30:60] = 70.0  # cos rises by 0.17: 0.17 thigh lengths
    stretched = np.arange(n_frames) < 25
    lift = measure_hip_lift(thigh_deg, hip_deg, np.cos(np.radians(thigh_deg)), stretched, slice(25, 80), 0.5, 30.0)
    assert lift is not None
    assert lift.lift_thigh == pytest.approx(np.cos(np.radians(70)) - np.cos(np.radians(80)))
    assert lift.sample == 30
    assert not lift.agrees
    hip_deg[30:60] = 30.0
    lift = measure_hip_lift(thigh_deg, hip_deg, np.cos(np.radians(thigh_deg)), stretched, slice(25, 80), 0.5, 30.0)
    assert lift is not None
    assert lift.agrees
    assert lift.hip_change_deg == pytest.approx(18.0)


def test_a_knee_landmark_that_sinks_lifts_no_hip() -> None:
    thigh_deg, hip_deg = np.full(90, -85.0), np.full(90, 88.0)
    thigh_deg[30:60], hip_deg[30:60] = -76.0, 80.0
    stretched = np.arange(90) < 25
    lift = measure_hip_lift(thigh_deg, hip_deg, np.zeros(90), stretched, slice(25, 80), 0.5, 30.0)
    assert lift is not None
    assert lift.lift_thigh == pytest.approx(0.0)


def test_a_jerk_shorter_than_a_fifth_of_a_second_is_no_lift() -> None:
    thigh_deg = np.full(90, 80.0)
    thigh_deg[40:44] = 65.0
    rise = np.cos(np.radians(thigh_deg))
    lift = measure_hip_lift(thigh_deg, np.full(90, 12.0), rise, np.arange(90) < 25, slice(25, 80), 0.5, 30.0)
    assert lift is not None
    assert lift.lift_thigh == pytest.approx(0.0)


# --- seated_curl.setup, seated or lying ------------------------------------------------------------------------------


def test_sitting_up_puts_the_hamstrings_on_stretch_and_says_so() -> None:
    report, _ = judge(True, n_reps=2, hip_deg=92)
    (setup,) = of(report, "setup")
    assert setup.verdict == "good"
    assert setup.value == pytest.approx(92, abs=2)
    assert "start stretched" in setup.text


def test_leaning_back_is_noted() -> None:
    report, _ = judge(True, n_reps=2, hip_deg=66)
    (setup,) = of(report, "setup")
    assert setup.verdict == "note"
    assert setup.value == pytest.approx(66, abs=2)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("hip_deg", "verdict"), [(71, "note"), (75, "not_judged"), (76, "not_judged"), (82, "good")])
def test_a_lean_near_the_line_is_not_judged(hip_deg: float, verdict: str, seed: int) -> None:
    report, _ = judge(True, n_reps=2, hip_deg=hip_deg, seed=seed)
    assert verdicts(report, "setup") == [verdict]


@pytest.mark.parametrize(
    ("seated", "hip_deg", "lift", "words"),
    [
        (True, 88, "lying_curl", "looks like a seated leg curl"),
        (False, 12, "seated_curl", "looks like a lying leg curl"),
        (True, 48, "seated_curl", "neither seated nor lying"),
        (False, 66, "lying_curl", "looks like a seated leg curl"),
    ],
)
def test_the_wrong_machine_is_refused_and_the_right_one_named(
    seated: bool, hip_deg: float, lift: str, words: str
) -> None:
    report, _ = judge(seated, n_reps=2, hip_deg=hip_deg, lift=lift)
    assert report.reps == ()
    assert words in str(of(report, "range")[0].reason)


@pytest.mark.parametrize("hip_deg", [44, 50, 56])
def test_a_level_trunk_lies_however_the_bench_bends_the_hips(hip_deg: float) -> None:
    report, _ = judge(False, n_reps=2, hip_deg=hip_deg, lift="lying_curl")
    assert len(report.reps) == 2


def test_somebody_who_stands_is_in_no_machine() -> None:
    from samples.renderer.stick import rdl_set

    report = judge_set(SOURCE, rdl_set(2, noise_mm=4.0)[0], all_lifts()["lying_curl"], Settings())
    assert report.reps == ()
    assert "not a machine curl" in str(of(report, "range")[0].reason)


@pytest.mark.parametrize("facing", ["left", "right"])
def test_a_shank_past_upright_is_thigh_and_knee_together(facing: str) -> None:
    """Lying, it ends at 200 deg from the vertical; at -160 a knee of 360 was left."""
    kinematics = judge(False, n_reps=2, knee_deg=115.0, facing=facing, yaw_deg=12.0)[0].kinematics
    np.testing.assert_allclose(
        kinematics["shank_deg"] - kinematics["thigh_deg"], kinematics["knee_flexion_deg"], atol=1e-9
    )
    assert 190 < np.nanmax(kinematics["shank_deg"]) < 215
    assert kinematics.error["knee_flexion_deg"] < 10


# --- tempo -----------------------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(("eccentric_s", "verdict"), [(3.0, "good"), (1.4, "note"), (0.6, "fault")])
def test_tempo_is_that_of_the_lowering_which_comes_last(seated: bool, eccentric_s: float, verdict: str) -> None:
    report, truths = judge(seated, n_reps=3, eccentric_s=eccentric_s, concentric_s=1.0)
    assert verdicts(report, "tempo") == [verdict] * 3
    for finding, truth in zip(of(report, "tempo"), truths, strict=True):
        assert finding.value == pytest.approx(truth.eccentric_s, abs=0.25)
        assert finding.end_s == pytest.approx(truth.stop_s, abs=0.15)
        assert finding.start_s == pytest.approx(truth.stop_s - truth.eccentric_s, abs=0.25)
    errors_s = [abs(each.value - real.eccentric_s) for each, real in zip(of(report, "tempo"), truths, strict=True)]
    assert np.mean(errors_s) <= 0.12


@BOTH
def test_tempo_at_the_own_target_is_no_note(seated: bool) -> None:
    slow = Settings(tempo=Tempo(4.0, 0.0, 1.0))
    report, _ = judge(seated, slow, n_reps=3, eccentric_s=3.05)
    assert "note" not in verdicts(report, "tempo")


@BOTH
def test_tempo_is_not_judged_at_too_few_frames(seated: bool) -> None:
    report, _ = judge(seated, n_reps=3, rate_hz=15.0)
    assert verdicts(report, "tempo") == ["not_judged"]


# --- the numbers themselves ------------------------------------------------------------------------------------------


def test_a_range_is_what_lies_between_the_levels() -> None:
    knee_deg = np.concatenate([np.full(20, 5.0), np.linspace(5, 105, 30), np.full(20, 105.0)])
    found = measure_range(knee_deg)
    assert found is not None
    assert (found.low_deg, found.high_deg, found.range_deg) == (5.0, 105.0, 100.0)
    assert measure_range(np.full(30, np.nan)) is None
    assert measure_range(np.where(np.arange(70) < 30, np.nan, knee_deg)) is None


def test_a_leg_that_was_never_seen_is_never_stretched() -> None:
    assert not find_stretched(np.full(30, np.nan)).any()


@BOTH
@pytest.mark.parametrize(
    ("knee_deg", "verdict"), [(58, "fault"), (68, "note"), (80, "note"), (86, "good"), (94, "good")]
)
def test_a_range_near_a_line_is_told_by_what_is_likely(seated: bool, knee_deg: float, verdict: str) -> None:
    """Known to 5.5 deg (one sigma): a note up to 77 deg, and beyond it good, since 60 deg, the fault, are far away."""
    report, _ = judge(seated, n_reps=3, knee_deg=knee_deg)
    assert verdicts(report, "range") == [verdict] * 3


@pytest.mark.parametrize(
    ("model", "right_deg"),
    [("full", [-7.5, 12.5, 59.2, 108.3]), ("heavy", [0.0, 20.0, 60.0, 105.0]), ("elsewhere", [0.0, 20.0, 60.0, 105.0])],
)
def test_what_a_quicker_model_sees_of_a_seated_knee_is_corrected(model: str, right_deg: list[float]) -> None:
    report, _ = judge(True, n_reps=2)
    channels = dict(report.kinematics.channels)
    n = len(channels["shank_deg"])
    still = {"thigh_deg": np.full(n, -90.0), "hip_rise_thigh": np.zeros(n)}
    shank_deg = np.resize([-90.0, -70.0, -30.0, 15.0, np.nan], n)
    seen = replace(report.kinematics, channels=channels | still | {"shank_deg": shank_deg})
    corrected = correct_knee(seen, model)
    assert corrected["knee_flexion_deg"] == pytest.approx(np.resize([*right_deg, np.nan], n), nan_ok=True)
    assert np.array_equal(corrected["curl_deg"], corrected["knee_flexion_deg"], equal_nan=True)


def test_a_seated_set_without_an_ankle_keeps_what_its_curls_are_counted_by() -> None:
    report, _ = judge(True, n_reps=2)
    channels = dict(report.kinematics.channels)
    hidden = replace(
        report.kinematics, channels=channels | {"knee_flexion_deg": np.full_like(channels["phi_deg"], np.nan)}
    )
    assert correct_knee(hidden, "full") is hidden


def test_a_thigh_on_the_seat_turns_by_as_much_as_the_hip_rises() -> None:
    rest = np.arange(100) < 50
    risen = np.where(rest, 0.0, np.sin(np.radians(10)))
    turned_deg = np.where(rest, -90.0, -80.0)
    assert hold_thigh(turned_deg, 2.0 + risen, rest) == pytest.approx(np.where(rest, -85.0, -80.0), abs=0.5)
    slid_deg = hold_thigh(turned_deg, np.full(100, 2.0), rest)  # the knee's landmark sinks, the hip's does not rise
    assert slid_deg == pytest.approx(np.full(100, -85.0))
    assert np.isfinite(hold_thigh(np.full(100, np.nan), risen, rest)).sum() == 0
