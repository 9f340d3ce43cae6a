"""Numbers become verdicts at their lines, in both directions, and never without certainty."""

import math
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest

from formcheck.assessment.cues import pick_cues
from formcheck.assessment.verdict import chance_beyond, judge, phrase
from formcheck.data import Finding, Limit, Measure, Spread, Verdict
from formcheck.errors import SettingsError
from formcheck.lifts.check import Check
from formcheck.settings import LimitOverride, Settings

OVERRUN = Limit(5.0, 10.0, "deg", "[D]")
TEMPO = Limit(2.0, 1.0, "s", "[D]", "below")
OVERRUN_CHECK = Check("rdl.overrun", "", "", "", "", OVERRUN, lambda _: ())


def measure(value: float, half: float = 1.0, rep: int | None = 1, unit: str = "deg") -> Measure:
    return Measure(value, value - half, value + half, unit, rep, 1.0, 2.0)


def verdict(value: float, limit: Limit = OVERRUN, half: float = 1.0) -> Verdict:
    return judge("rdl.overrun", measure(value, half), limit).verdict


@pytest.mark.parametrize(
    ("value", "half", "expected"),
    [  # a half of 1 deg is a sigma of 0.61: 0.7 is reached 0.32 deg beyond a line
        (0.0, 1.0, "good"),
        (5.3, 1.0, "good"),
        (5.34, 1.0, "note"),
        (10.3, 1.0, "note"),
        (10.34, 1.0, "fault"),
        (40.0, 1.0, "fault"),
        # One of 10 deg is a sigma of 6.1: a fault is ruled out 7.8 deg before its line, and likely 3.2 deg beyond it.
        (2.1, 10.0, "good"),
        (2.3, 10.0, "not_judged"),
        (8.1, 10.0, "not_judged"),
        (8.3, 10.0, "note"),
        (13.1, 10.0, "note"),
        (13.3, 10.0, "fault"),
    ],
)
def test_a_line_is_passed_when_that_is_likely_and_good_is_what_rules_a_fault_out(
    value: float, half: float, expected: Verdict
) -> None:
    assert verdict(value, half=half) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3.0, "good"), (1.97, "good"), (1.96, "note"), (0.97, "note"), (0.96, "fault")],
)
def test_a_limit_below_works_the_other_way_round(value: float, expected: Verdict) -> None:
    assert verdict(value, TEMPO, half=0.1) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(24.5, "good"), (24.6, "not_judged"), (32.2, "not_judged"), (32.3, "fault")]
)
@pytest.mark.parametrize("line", ["note", "fault"])
def test_between_likely_and_unlikely_of_a_single_line_nothing_is_judged(
    value: float, expected: Verdict, line: str
) -> None:
    single = Limit(*((30.0, None) if line == "note" else (None, 30.0)), "deg", "[D]")
    assert verdict(value, single, half=7.0) == (line if expected == "fault" else expected)


def test_what_is_not_judged_says_between_what_it_lies_and_where_the_line_is() -> None:
    finding = judge("rdl.overrun", measure(5.0, 10.0), OVERRUN)
    assert (finding.verdict, finding.confidence, finding.severity) == ("not_judged", 0.0, 0.0)
    assert finding.reason == "it may be anything from -5 to 15°, and the limit is 10°"


@pytest.mark.parametrize(
    ("beyond", "expected", "confidence"),
    [(0.7, "fault", 0.7), (0.6, "not_judged", 0.0), (0.2, "not_judged", 0.0), (0.1, "good", 0.9)],
)
def test_a_spread_is_asked_instead_of_the_interval(beyond: float, expected: Verdict, confidence: float) -> None:
    """Two heaps, at 2 and at 20 deg: the interval is the same each time, what lies beyond the line is not."""
    spread = Spread.of(np.array([20.0, 2.0]), np.array([beyond, 1 - beyond]))
    finding = judge("rdl.overrun", replace(measure(11.0, 9.0), spread=spread), Limit(None, 10.0, "deg", "[D]"))
    assert (finding.verdict, finding.confidence) == (expected, pytest.approx(confidence))


def test_a_spread_of_a_limit_below_is_asked_the_other_way_round() -> None:
    spread = Spread.of(np.array([0.5, 3.0]), np.array([0.8, 0.2]))
    finding = judge("rdl.tempo", replace(measure(0.5, 2.0), spread=spread), TEMPO)
    assert (finding.verdict, finding.confidence) == ("fault", pytest.approx(0.8))


def test_a_spread_knows_its_chances_and_quantiles() -> None:
    spread = Spread.of(np.array([8.0, 2.0, 4.0]), np.array([2.0, 1.0, 1.0]))
    assert spread.values.tolist() == [2.0, 4.0, 8.0]
    assert spread.weights.tolist() == [0.25, 0.25, 0.5]
    assert [spread.above(line) for line in (1.0, 2.0, 3.9, 4.0, 8.0)] == [1.0, 0.75, 0.75, 0.5, 0.0]
    assert [spread.quantile(share) for share in (0.0, 0.25, 0.3, 0.5, 0.51, 1.0)] == [2.0, 2.0, 4.0, 4.0, 8.0, 8.0]
    with pytest.raises(ValueError, match="read-only"):
        spread.weights[0] = 1.0


@pytest.mark.parametrize(("line", "chance"), [(12.0, 0.9088), (8.0, 0.0)])
def test_an_interval_has_an_error_of_its_own_to_either_side(line: float, chance: float) -> None:
    lopsided = Measure(10.0, 10.0, 12.465, "deg", 1, 0.0, 1.0)  # a sigma of 1.5 above, none below
    assert 1 - chance_beyond(lopsided, line, OVERRUN) == pytest.approx(chance, abs=1e-3)


def test_a_limit_with_a_note_alone_knows_no_fault() -> None:
    assert verdict(1000.0, Limit(20.0, None, "%", "[D]")) == "note"


def test_an_interval_that_is_too_wide_is_not_judged_and_keeps_its_numbers() -> None:
    finding = judge("rdl.overrun", measure(20.0, 9.0), Limit(5.0, 10.0, "deg", "[D]", max_width=15.0))
    assert finding.verdict == "not_judged"
    assert (finding.value, finding.low, finding.high) == (20.0, 11.0, 29.0)
    assert "from 11 to 29°, which is too wide" in str(finding.reason)


def test_what_could_not_be_measured_gives_its_reason() -> None:
    nan = math.nan
    finding = judge("rdl.overrun", Measure(nan, nan, nan, "deg", None, nan, nan, "the feet are hidden"), OVERRUN)
    assert finding.verdict == "not_judged"
    assert math.isnan(finding.value)
    assert finding.confidence == 0.0
    assert phrase(finding, "Overrun", "cue", "good", 0).text == "Overrun. Not judged: the feet are hidden."


def test_confidence_is_the_normal_probability_beside_the_line() -> None:
    assert judge("c", measure(12.0, 1.645), OVERRUN).confidence == pytest.approx(0.977, abs=0.001)
    assert judge("c", measure(0.0, 1.645), OVERRUN).confidence == pytest.approx(1.0, abs=1e-3)
    assert judge("c", measure(6.0, 1.645), OVERRUN).confidence == pytest.approx(0.841, abs=0.001)


def test_severity_counts_steps_from_the_first_line() -> None:
    assert judge("c", measure(15.0), OVERRUN).severity == pytest.approx(2.0)
    assert judge("c", measure(0.5, 0.1), TEMPO).severity == pytest.approx(1.5)
    assert judge("c", measure(3.0), OVERRUN).severity == 0.0


def test_the_user_moves_one_line_and_keeps_the_others() -> None:
    moved = OVERRUN_CHECK.limit_for(Settings(limits={"rdl.overrun": LimitOverride(fault=20.0)}))
    assert (moved.note, moved.fault) == (5.0, 20.0)
    assert OVERRUN_CHECK.limit_for(Settings()) is OVERRUN


def test_a_limit_is_not_below_0() -> None:
    with pytest.raises(SettingsError, match="A limit of rdl.overrun cannot be below 0.") as caught:
        OVERRUN_CHECK.limit_for(Settings(limits={"rdl.overrun": LimitOverride(note=-3.0)}))
    assert "to 0 deg or more" in caught.value.hint


@pytest.mark.parametrize(
    ("limit", "override", "message"),
    [
        (OVERRUN, LimitOverride(note=15.0), "The note of rdl.overrun (15 deg) lies above its fault (10 deg)."),
        (TEMPO, LimitOverride(fault=2.5), "The note of rdl.overrun (2 s) lies below its fault (2.5 s)."),
        (OVERRUN, LimitOverride(note=10.0), None),
        (TEMPO, LimitOverride(note=4.0, fault=3.0), None),
        (Limit(20.0, None, "%", "[D]"), LimitOverride(note=90.0), None),
    ],
)
def test_a_note_lies_before_the_fault(limit: Limit, override: LimitOverride, message: str | None) -> None:
    settings = Settings(limits={"rdl.overrun": override})
    with nullcontext() if message is None else pytest.raises(SettingsError) as caught:
        replace(OVERRUN_CHECK, limit=limit).limit_for(settings)
    if message is not None:
        assert caught.value.message == message
        assert caught.value.hint == 'Set both under [limits."rdl.overrun"]: the fault is the line that is passed last.'


def test_the_athletes_own_target_moves_the_lines_first() -> None:
    check = replace(OVERRUN_CHECK, limit=TEMPO, adjust=lambda limit, _: replace(limit, note=6.0, fault=4.0))
    assert check.limit_for(Settings(limits={"rdl.overrun": LimitOverride(fault=3.0)})).note == 6.0


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
    border = found("b", 10.0, 1, Limit(None, 10.0, "deg", "[D]"))
    assert border.verdict == "not_judged"
    assert pick_cues([found("a", 0, 1), border]) == ()


def test_a_sentence_has_no_minus_nought() -> None:
    finding = judge("rdl.overrun", measure(-1e-14), OVERRUN)
    assert phrase(finding, "T", "{value}", "{value}", 0).text == "0"
