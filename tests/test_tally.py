"""What is said of a set as a whole follows from what could be judged of it."""

from typing import Any

import pytest

from formcheck.assessment.tally import sum_up, tally_findings
from formcheck.data import Verdict

NAMES = {"rdl.rounding": "no rounding", "rdl.tempo": "lowering time"}


def finding(code: str, verdict: Verdict = "good", rep: int | None = None, **changes: Any) -> dict[str, Any]:
    reason = "the back is hidden" if verdict == "not_judged" else None
    return {"code": code, "verdict": verdict, "rep": rep, "reason": reason, "detail": {}, **changes}


NOT_ASKED = {"verdict": "not_judged", "detail": {"asked": False}}


def said(*findings: dict[str, Any]) -> tuple[str, str, str]:
    summary = sum_up(findings, NAMES)
    return summary.outcome, summary.title, summary.text


def test_checks_are_counted_and_not_findings() -> None:
    findings = [finding("rdl.tempo", rep=rep) for rep in range(1, 9)] + [finding("rdl.hip_travel", rep=1)]
    assert said(*findings) == (
        "good",
        "Nothing to change: 2 of 2 checks good",
        "Good: lowering time, hip travel.",
    )


def test_what_was_not_judged_stands_beside_what_is_good_and_is_not_praised() -> None:
    assert said(finding("rdl.tempo"), finding("rdl.rounding", "not_judged")) == (
        "good_in_part",
        "1 of 2 checks good; not judged: rounding",
        "Good: lowering time.",
    )


def test_a_check_that_was_not_judged_in_one_rep_is_not_good() -> None:
    assert said(
        finding("rdl.tempo"),
        finding("rdl.rounding", rep=1),
        finding("rdl.rounding", "not_judged", rep=2),
        finding("rdl.rounding", "not_judged", rep=3),
    )[1] == ("1 of 2 checks good; not judged: rounding in reps 2-3")
    assert said(finding("set.fatigue"), finding("set.fatigue", "not_judged")) == (
        "good_in_part",
        "Good where it could be judged; not judged: fatigue in part",
        "",
    )


def test_a_set_of_which_nothing_could_be_judged_says_so_and_why_once() -> None:
    outcome, title, text = said(*(finding(code, "not_judged", rep) for code in ("a.b", "a.c") for rep in (1, 2)))
    assert (outcome, title, text) == ("nothing_judged", "Nothing could be judged", "The back is hidden.")
    two = [finding("a.b", "not_judged", reason="dark."), *(finding(each, "not_judged", reason="far") for each in "cd")]
    assert said(*two)[2] == "Far; dark."
    assert sum_up(two, {}).line == "Nothing could be judged: Far; dark."


def test_a_fault_is_what_to_change_whatever_else_there_is() -> None:
    assert said(
        finding("a.b", "note", 1), finding("a.b", rep=2), finding("rdl.tempo"), finding("a.c", "not_judged")
    ) == (
        "change",
        "What to change",
        "Good: lowering time. Not judged: c.",
    )


@pytest.mark.parametrize("detail", [None, {}, {"asked": True}])
def test_only_what_was_not_asked_is_not_counted(detail: object) -> None:
    assert tally_findings([finding("feet.position", "not_judged", detail=detail)]).n_asked == 1
    asked_nothing = finding("feet.position", **NOT_ASKED)
    assert tally_findings([asked_nothing]).n_asked == 0
    assert said(finding("rdl.tempo"), asked_nothing)[1] == "Nothing to change: 1 of 1 checks good"
    assert said(asked_nothing)[1] == "Nothing could be judged"
