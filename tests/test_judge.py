"""Numbers become verdicts at their lines, in both directions, and never without certainty."""

import math

import pytest

from formcheck.cues import pick_cues
from formcheck.data import Finding, Limit, Measure, Verdict
from formcheck.judge import judge, override_limit, phrase
from formcheck.settings import LimitOverride

OVERRUN = Limit(5.0, 10.0, "deg", "[D]")
TEMPO = Limit(2.0, 1.0, "s", "[D]", "below")


def measure(value: float, half: float = 1.0, rep: int | None = 1, unit: str = "deg") -> Measure:
    return Measure(value, value - half, value + half, unit, rep, 1.0, 2.0)


def verdict(value: float, limit: Limit = OVERRUN, half: float = 1.0) -> Verdict:
    return judge("rdl.overrun", measure(value, half), limit).verdict


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "good"),
        (5.0, "good"),
        (5.5, "not_judged"),
        (6.1, "note"),
        (10.5, "note"),
        (11.1, "fault"),
        (40.0, "fault"),
    ],
)
def test_a_line_is_passed_when_the_whole_interval_is_beyond_it(value: float, expected: Verdict) -> None:
    assert verdict(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3.0, "good"), (2.0, "good"), (1.95, "not_judged"), (1.8, "note"), (0.95, "note"), (0.8, "fault")],
)
def test_a_limit_below_works_the_other_way_round(value: float, expected: Verdict) -> None:
    assert verdict(value, TEMPO, half=0.1) == expected


def test_less_certainty_passes_a_line_earlier() -> None:
    rounding = Limit(None, 30.0, "deg", "[D]", certainty=0.75)
    assert verdict(32.0, rounding, half=7.0) == "not_judged"
    assert verdict(33.0, rounding, half=7.0) == "fault"  # 0.41 of the half interval above the line
    assert verdict(30.0, rounding, half=7.0) == "good"


def test_a_limit_with_a_note_alone_knows_no_fault() -> None:
    assert verdict(1000.0, Limit(20.0, None, "%", "[D]")) == "note"


def test_an_interval_that_is_too_wide_is_not_judged_and_keeps_its_numbers() -> None:
    finding = judge("rdl.overrun", measure(20.0, 9.0), Limit(5.0, 10.0, "deg", "[D]", max_width=15.0))
    assert finding.verdict == "not_judged"
    assert (finding.value, finding.low, finding.high) == (20.0, 11.0, 29.0)
    assert "between 11 and 29 deg" in str(finding.reason)


def test_what_could_not_be_measured_gives_its_reason() -> None:
    nan = math.nan
    finding = judge("rdl.overrun", Measure(nan, nan, nan, "deg", None, nan, nan, "the feet are hidden"), OVERRUN)
    assert finding.verdict == "not_judged"
    assert math.isnan(finding.value)
    assert finding.confidence == 0.0
    assert phrase(finding, "Overrun", "cue", "good", 0).text == "Overrun: not judged, because the feet are hidden"


def test_confidence_is_the_normal_probability_beside_the_line() -> None:
    assert judge("c", measure(12.0, 1.645), OVERRUN).confidence == pytest.approx(0.977, abs=0.001)
    assert judge("c", measure(0.0, 1.645), OVERRUN).confidence == pytest.approx(1.0, abs=1e-3)
    assert judge("c", measure(5.0, 1.645), OVERRUN).confidence == pytest.approx(0.5)


def test_severity_counts_steps_from_the_first_line() -> None:
    assert judge("c", measure(15.0), OVERRUN).severity == pytest.approx(2.0)
    assert judge("c", measure(0.5, 0.1), TEMPO).severity == pytest.approx(1.5)
    assert judge("c", measure(3.0), OVERRUN).severity == 0.0


def test_the_user_moves_one_line_and_keeps_the_others() -> None:
    moved = override_limit(OVERRUN, LimitOverride(fault=20.0))
    assert (moved.note, moved.fault) == (5.0, 20.0)
    assert override_limit(OVERRUN, None) is OVERRUN


def test_words_are_filled_with_the_number_and_the_detail() -> None:
    finding = judge("c", Measure(12.34, 11.5, 13.0, "deg", 1, 0.0, 1.0, None, {"where": "there"}), OVERRUN)
    assert phrase(finding, "T", "{value} {unit} {where}", "fine", 1).text == "12.3 deg there"


def found(code: str, value: float, rep: int | None, limit: Limit = OVERRUN) -> Finding:
    return phrase(judge(code, measure(value, rep=rep), limit), code, "{value}", "fine", 0)


def test_repeated_faults_are_one_cue_that_names_its_reps_and_speaks_of_the_worst() -> None:
    (cue,) = pick_cues([found("a", 12, 1), found("a", 30, 3), found("a", 0, 2)])
    assert cue.reps == (1, 3)
    assert (cue.text, cue.value) == ("30", 30)


def test_faults_come_before_notes_and_there_are_three_cues_at_most() -> None:
    findings = [found("a", 7, 1), found("b", 12, 1), found("c", 40, 1), found("d", 20, 1)]
    assert [cue.code for cue in pick_cues(findings)] == ["c", "d", "b"]


def test_equals_come_in_the_order_a_coach_mends_them() -> None:
    assert [cue.code for cue in pick_cues([found("b", 40, 1), found("a", 40, 1)])] == ["b", "a"]


def test_what_is_good_or_not_judged_is_no_cue() -> None:
    assert pick_cues([found("a", 0, 1), found("b", 5.5, 1)]) == ()


def test_a_sentence_has_no_minus_nought() -> None:
    finding = judge("rdl.overrun", measure(-1e-14), OVERRUN)
    assert phrase(finding, "T", "{value}", "{value}", 0).text == "0"
