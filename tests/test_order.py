"""What is said first of a set with every fault that its lift knows, and which of two such sets a list shows first.

The order and its reasons stand in docs/method.md, "What is said first".
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from formcheck.assessment.cues import find_also_seen, pick_cues
from formcheck.assessment.ranking import rank_set
from formcheck.data import Concern, Finding
from formcheck.lifts import all_lifts
from tests.conftest import make_finding

METHOD = Path(__file__).resolve().parent.parent / "docs" / "method.md"
ORDER = {
    "ghr": ("arch", "hip_hinge", "top", "kick", "shake", "tempo"),
    "good_morning": ("rounding", "overrun", "lean_back", "squatted", "lockout", "tempo"),
    "nordic": ("arch", "drop", "hip_break", "catch", "hips_lead", "tempo"),
    "rdl": ("rounding", "overrun", "lean_back", "squatted", "bar_drift", "lockout", "tempo"),
    "lying_curl": ("hip_lift", "swing", "range", "partial", "extension", "drop", "tempo"),
    "seated_curl": ("hip_lift", "swing", "range", "partial", "extension", "drop", "tempo"),
}


def found(code: str, place: int, verdict: str = "fault", **changes: Any) -> Finding:
    """A fault at a moment of its own, as far past its limit and as sure as every other."""
    check = next(each for lift in all_lifts().values() for each in lift.checks if each.code == code)
    values = {"severity": 1.0, "concern": check.concern, "start_s": 9.0 * place, "end_s": 9.0 * place + 0.5} | changes
    return make_finding(code, verdict, rep=1, **values)


def said(findings: Sequence[Finding]) -> list[str]:
    return [cue.code for cue in (*pick_cues(findings), *find_also_seen(findings))]


def everything(lift: str) -> list[Finding]:
    """Every fault of `ORDER` in one repetition, in the order in which the lift asks."""
    asked = [check.code for check in all_lifts()[lift].checks if check.code.partition(".")[2] in ORDER[lift]]
    return [found(code, place) for place, code in enumerate(asked)]


@pytest.mark.parametrize("lift", sorted(ORDER))
def test_of_equal_faults_harm_is_first_then_form_as_the_lift_asks_it_then_pace(lift: str) -> None:
    findings = everything(lift)
    assert said(findings) == [f"{lift}.{name}" for name in ORDER[lift]]
    assert len(pick_cues(findings)) == 3


@pytest.mark.parametrize("lift", sorted(ORDER))
def test_a_note_waits_for_every_fault_but_those_of_pace(lift: str) -> None:
    """The first of the order, only noted, stands behind the last fault of form and before tempo, whatever its size."""
    first, *_ = [f"{lift}.{name}" for name in ORDER[lift]]
    findings = [
        replace(each, verdict="note", severity=3.0) if each.code == first else each for each in everything(lift)
    ]
    order = said(findings)
    concerns = {each.code: each.concern for each in findings}
    n_form = sum(concern is not Concern.PACE for concern in concerns.values())
    assert order.index(first) == n_form - 1


def test_how_far_and_how_often_decides_between_new_faults_of_form() -> None:
    """A swing in all of three reps leads a set whose one curl was far too short, and the other way round."""
    short = found("lying_curl.range", 0, severity=2.9)
    swings = [replace(found("lying_curl.swing", 3 + rep, severity=1.5), rep=rep) for rep in (1, 2, 3)]
    assert said([short, *swings]) == ["lying_curl.swing", "lying_curl.range"]
    assert said([short, swings[2]]) == ["lying_curl.range", "lying_curl.swing"]


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ("nordic.drop", "nordic.hips_lead"),
        ("ghr.arch", "ghr.kick"),
        ("rdl.lean_back", "rdl.bar_drift"),
        ("lying_curl.extension", "lying_curl.tempo"),
    ],
)
def test_a_list_of_sets_begins_with_the_set_whose_first_cue_is_more_urgent(worse: str, better: str) -> None:
    """Even where the other set's fault is three times as far past its limit, and has company."""
    more = [found(better, 0, severity=3.0), *([found("nordic.tempo", 1)] if worse == "nordic.drop" else [])]
    assert rank_set([found(worse, 0, severity=0.2)]) > rank_set(more)


def test_the_order_that_is_written_down_is_the_order() -> None:
    """docs/method.md names the checks of harm and of pace: those, and no others, are declared so."""
    section = METHOD.read_text(encoding="utf-8").partition("## What is said first")[2].partition("\n## ")[0]
    for concern in (Concern.HARM, Concern.PACE):
        line = next(each for each in section.splitlines() if f"({concern.name.lower()})" in each)
        checks = [check for lift in all_lifts().values() for check in lift.checks if check.concern is concern]
        assert set(re.findall(r"`(\w+)`", line)) == {check.code.partition(".")[2] for check in checks}
