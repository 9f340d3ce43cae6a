"""What is said first: harm before pace, one cue for one moment."""

from collections.abc import Sequence
from typing import Any

import pytest

from formcheck.assessment.cues import find_also_seen, pick_cues, tell_evidence
from formcheck.data import Concern, Cue, Finding
from formcheck.lifts import all_lifts
from tests.conftest import make_finding


def fault(code: str, rep: int | None = 1, span_s: tuple[float, float] = (4.0, 5.0), **changes: Any) -> Finding:
    """A finding that passed a line: `code` names the check of the Romanian deadlift it comes from."""
    check = next(each for each in all_lifts()["rdl"].checks if each.code == code)
    values: dict[str, Any] = {
        "severity": 1.0,
        "concern": check.concern,
        "aside": check.aside.format(value=14),
        "start_s": span_s[0],
        "end_s": span_s[1],
    }
    return make_finding(code, changes.pop("verdict", "fault"), rep=rep, **(values | changes))


def codes(findings: Sequence[Finding]) -> list[str]:
    return [cue.code for cue in pick_cues(findings)]


# Harm before pace ---------------------------------------------------------------------------------------------------


def test_a_back_that_rounds_is_told_before_a_lowering_that_is_quick_in_more_reps_and_by_more() -> None:
    quick = [fault("rdl.tempo", rep, severity=3.0, confidence=1.0) for rep in range(1, 11)]
    rounded = [fault("rdl.rounding", rep, severity=0.1, confidence=0.7) for rep in (4, 9)]
    assert codes([*rounded, *quick]) == ["rdl.rounding", "rdl.tempo"]


def test_even_a_note_on_the_movement_is_told_before_a_fault_of_pace() -> None:
    assert codes([fault("rdl.overrun", verdict="note"), fault("rdl.tempo", severity=3.0)])[0] == "rdl.overrun"


def test_harm_comes_before_form_among_faults_and_a_note_on_it_after_them() -> None:
    far = (8.0, 9.0)
    assert codes([fault("rdl.squatted", severity=3.0), fault("rdl.rounding", 1, far)]) == [
        "rdl.rounding",
        "rdl.squatted",
    ]
    assert codes([fault("rdl.overrun", 1, far, verdict="note"), fault("rdl.squatted")]) == [
        "rdl.squatted",
        "rdl.overrun",
    ]


def test_no_lift_has_a_check_of_harm_behind_one_of_pace() -> None:
    """What can hurt is declared in every lift that has it, and all that tells of tempo and evenness is pace."""
    harm = {check.code for lift in all_lifts().values() for check in lift.checks if check.concern is Concern.HARM}
    pace = {check.code for lift in all_lifts().values() for check in lift.checks if check.concern is Concern.PACE}
    assert harm == {
        "rdl.rounding",
        "rdl.overrun",
        "rdl.lean_back",
        "good_morning.rounding",
        "good_morning.overrun",
        "good_morning.lean_back",
        "ghr.arch",
        "nordic.arch",
        "nordic.drop",
    }
    assert pace == {
        "set.consistency",
        "set.fatigue",
        "set.velocity_loss",
        "ghr.shake",
        *(f"{name}.tempo" for name in all_lifts()),
    }


# Several faults -----------------------------------------------------------------------------------------------------


def many() -> list[Finding]:
    """What may be found in one set, each in a rep or at a moment of its own, in the order of the lift's checks."""
    return [
        fault("rdl.rounding", 1, (4.0, 5.0)),
        fault("rdl.squatted", 2, (14.0, 15.0)),
        fault("rdl.overrun", 3, (24.0, 25.0)),
        fault("rdl.lean_back", 1, (7.0, 7.0)),
        fault("rdl.bar_drift", 2, (13.0, 13.5)),
        fault("rdl.lockout", 3, (28.0, 28.0)),
        fault("rdl.tempo", 1, (2.0, 5.0)),
    ]


def test_of_many_faults_three_are_cues_and_the_rest_is_also_seen() -> None:
    findings = many()
    assert codes(findings) == ["rdl.rounding", "rdl.overrun", "rdl.lean_back"]
    also = [cue.code for cue in find_also_seen(findings)]
    assert also == ["rdl.squatted", "rdl.bar_drift", "rdl.lockout", "rdl.tempo"]
    assert find_also_seen(findings[:3]) == ()


def test_what_is_sure_large_and_in_every_rep_leads_among_equals() -> None:
    small = {"severity": 0.2, "confidence": 0.75}
    findings = [
        fault("rdl.squatted", 1, (4.0, 5.0), **small),
        *(fault("rdl.bar_drift", rep, (9.0 * rep + 3, 9.0 * rep + 4), severity=1.5) for rep in (1, 2, 3)),
        fault("rdl.lockout", 2, (28.0, 28.0), **small),
    ]
    assert codes(findings) == ["rdl.bar_drift", "rdl.squatted", "rdl.lockout"]


def test_a_note_on_the_top_waits_for_every_fault_of_form() -> None:
    noted = fault("rdl.lean_back", 1, (7.0, 7.0), verdict="note")
    rest = [fault("rdl.squatted", 1), fault("rdl.bar_drift", 2, (13.0, 13.5)), fault("rdl.lockout", 3, (28.0, 28.0))]
    assert [cue.code for cue in find_also_seen([noted, *rest])] == ["rdl.lean_back"]


# One moment, one cue ------------------------------------------------------------------------------------------------


def only(cues: tuple[Cue, ...]) -> Cue:
    (cue,) = cues
    return cue


def test_three_faults_at_one_bottom_are_one_cue() -> None:
    findings = [
        fault("rdl.rounding", span_s=(4.4, 5.3), severity=2.0, text="Your lower back rounds."),
        fault("rdl.squatted", span_s=(4.5, 5.0)),
        fault("rdl.overrun", span_s=(4.0, 5.0)),
    ]
    cue = only(pick_cues(findings))
    assert (cue.code, cue.reps, cue.start_s, cue.value) == ("rdl.rounding", (1,), 4.4, 14.2)
    assert cue.text == (
        "Your lower back rounds. At the same time, your knees bent another 14° and "
        "you went 14° past where your hips stopped."
    )


def test_a_mention_names_its_reps_when_they_are_not_all_and_speaks_of_the_worst() -> None:
    rounded = [fault("rdl.rounding", rep, (9.0 * rep, 9.0 * rep + 1), severity=2.0) for rep in range(1, 5)]
    overran = [
        fault("rdl.overrun", 1, (8.5, 9.2), aside="11° on", severity=1.0),
        fault("rdl.overrun", 3, (26.5, 27.2), aside="18° on", severity=1.5),
    ]
    cue = only(pick_cues([*rounded, *overran]))
    assert cue.reps == (1, 2, 3, 4)
    assert cue.text.endswith(" At the same time, 18° on (reps 1, 3).")


def test_what_comes_in_other_reps_too_keeps_a_cue_for_those() -> None:
    rounded = [fault("rdl.rounding", rep, (9.0 * rep, 9.0 * rep + 1), severity=3.0) for rep in (1, 2, 3)]
    overran = [fault("rdl.overrun", rep, (9.0 * rep - 0.5, 9.0 * rep + 0.2)) for rep in (3, 4)]
    first, second = pick_cues([*rounded, *overran])
    assert (first.code, first.reps) == ("rdl.rounding", (1, 2, 3))
    assert "(rep 3)" in first.text
    assert (second.code, second.reps) == ("rdl.overrun", (4,))


@pytest.mark.parametrize(("gap_s", "n_cues"), [(0.0, 1), (0.29, 1), (0.31, 2), (2.0, 2)])
def test_faults_of_one_rep_at_different_moments_are_two_cues(gap_s: float, n_cues: int) -> None:
    findings = [fault("rdl.overrun", 1, (4.0, 5.0)), fault("rdl.squatted", 1, (5.0 + gap_s, 7.0))]
    assert len(pick_cues(findings)) == n_cues
    assert len(pick_cues(findings[::-1])) == n_cues


def test_the_same_moment_of_the_clock_in_another_rep_is_another_moment() -> None:
    assert len(pick_cues([fault("rdl.overrun", 1), fault("rdl.squatted", 2)])) == 2


def test_the_pace_of_a_whole_lowering_is_never_swallowed() -> None:
    assert len(pick_cues([fault("rdl.rounding"), fault("rdl.tempo", span_s=(3.0, 5.0))])) == 2


def test_a_moment_that_is_not_known_is_no_same_moment() -> None:
    nan = float("nan")
    assert len(pick_cues([fault("rdl.overrun", 1, (nan, nan)), fault("rdl.squatted")])) == 2
    assert len(pick_cues([fault("rdl.overrun"), fault("rdl.squatted", 1, (nan, nan))])) == 2


# The numbers behind a cue -------------------------------------------------------------------------------------------


def evidence(*findings: Finding) -> str:
    return tell_evidence(vars(pick_cues(findings)[0]), map(vars, findings))


def test_each_repetition_has_its_own_number_and_verdict() -> None:
    mild = fault("rdl.overrun", 1, verdict="note", value=9.6)
    bad, worse = (fault("rdl.overrun", rep, value=value, severity=value) for rep, value in ((2, 12.2), (3, 17.4)))
    assert evidence(worse) == "17° in rep 3 (90 % sure)"
    assert evidence(mild, bad, worse) == "12 to 17° in reps 2-3 (90 % sure); note: 10° in rep 1"
    assert evidence(mild) == "10° in rep 1 (90 % sure)"
    assert evidence(bad, fault("rdl.overrun", 4, value=12.4), fault("rdl.tempo", 1)) == "12° in reps 2, 4 (90 % sure)"


def test_what_has_no_number_or_no_repetition_leaves_it_out() -> None:
    assert evidence(fault("rdl.overrun", 2, value=float("nan"))) == "rep 2 (90 % sure)"
    assert evidence(fault("rdl.overrun", None, value=12.0)) == "12° (90 % sure)"
    assert evidence(fault("rdl.overrun", None, value=float("nan"), confidence=1.0)) == "(99 % sure)"
    shares = [fault("rdl.bar_drift", rep, value=share, unit="leg") for rep, share in ((1, 0.121), (2, 0.154))]
    assert evidence(*shares) == "12 to 15 % of leg length in reps 1-2 (90 % sure)"


def test_what_another_cue_has_told_already_is_not_told_again() -> None:
    led = fault("rdl.rounding", 1, severity=2.0, value=38.0, aside="your lower back rounded")
    squats = [fault("rdl.squatted", rep, value=value, severity=1.0) for rep, value in ((1, 32.0), (2, 21.0), (3, 17.0))]
    first, second = pick_cues([led, *squats])
    assert "At the same time, " in first.text
    assert tell_evidence(vars(second), map(vars, [led, *squats])) == "17 to 21° in reps 2-3 (90 % sure)"


def test_a_fault_that_another_cue_mentions_still_leads_its_own_notes() -> None:
    led = fault("rdl.rounding", 1, severity=2.0, value=38.0, aside="your lower back rounded")
    squats = [fault("rdl.squatted", 1, value=32.0), fault("rdl.squatted", 2, verdict="note", value=12.0, severity=0.1)]
    first, second = pick_cues([led, *squats])
    assert "At the same time, " in first.text
    assert second.verdict == "fault"
    assert tell_evidence(vars(second), map(vars, [led, *squats])) == "32° in rep 1 (90 % sure); note: 12° in rep 2"
