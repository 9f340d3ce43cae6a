"""Which repetition was best, and why."""

from dataclasses import replace

import pytest

from formcheck.assessment.best_rep import pick_best_rep
from formcheck.data import Concern, Finding
from tests.conftest import make_finding, make_rep


def found(code: str, *verdicts: str) -> list[Finding]:
    """What one check found in reps 1, 2, ..."""
    return [
        make_finding(code, verdict, rep=rep, reason="hidden" if verdict == "not_judged" else None)  # type: ignore[arg-type]
        for rep, verdict in enumerate(verdicts, 1)
    ]


REPS = tuple(make_rep(number) for number in (1, 2, 3))


def best(*findings: list[Finding]) -> tuple[int, tuple[str, ...]] | None:
    picked = pick_best_rep([each for some in findings for each in some], REPS)
    return None if picked is None else (picked.rep.number, picked.without)


def test_the_rep_with_the_fewest_faults_is_best_and_says_what_the_others_had() -> None:
    assert best(found("a", "fault", "good", "good"), found("b", "good", "good", "note")) == (2, ("a", "b"))


@pytest.mark.parametrize(
    ("verdicts", "number"),
    [(("fault", "note", "note"), None), (("fault", "note", "good"), 3), (("note", "not_judged", "good"), 3)],
)
def test_a_fault_weighs_more_than_a_note_and_a_note_more_than_what_is_not_known(
    verdicts: tuple[str, ...], number: int | None
) -> None:
    picked = best(found("a", *verdicts))
    assert (None if picked is None else picked[0]) == number


def test_a_fault_weighs_by_how_far_it_is_and_by_what_it_may_do() -> None:
    far = [replace(each, severity=2.5) for each in found("a", "fault", "good", "good")]
    near = [replace(each, severity=1.0, concern=Concern.PACE) for each in found("b", "good", "fault", "fault")]
    also = [replace(each, severity=1.0, concern=Concern.PACE) for each in found("c", "good", "good", "fault")]
    assert best(far, near, also) == (2, ("a", "c"))
    harm, form = (
        [replace(each, severity=1.0, concern=concern) for each in found(code, *verdicts)]
        for code, concern, verdicts in (
            ("a", Concern.HARM, ("fault", "good", "good")),
            ("b", Concern.FORM, ("good", "fault", "fault")),
        )
    )
    assert best(harm, form) == (2, ("a",))


def test_among_equals_the_surest_is_best() -> None:
    sure = [
        replace(each, confidence=share) for each, share in zip(found("b", *["good"] * 3), (0.9, 0.99, 0.9), strict=True)
    ]
    assert best(found("a", "good", "good", "fault"), sure) == (2, ("a",))


def test_reps_that_are_all_alike_or_alone_or_unseen_have_no_best() -> None:
    assert best(found("a", "good", "good", "good")) is None
    assert best(found("a", "fault", "fault", "fault")) is None
    assert best(found("a", "fault", "not_judged", "not_judged")) is None
    assert pick_best_rep(found("a", "fault"), REPS[:1]) is None


def test_a_partial_rep_is_never_best() -> None:
    reps = (REPS[0], REPS[1], replace(REPS[2], complete=False))
    picked = pick_best_rep(found("a", "fault", "good", "good") + found("b", "good", "note", "good"), reps)
    assert picked is not None
    assert picked.rep.number == 2


def test_a_partial_rep_may_be_the_worst() -> None:
    reps = (REPS[0], REPS[1], replace(REPS[2], complete=False))
    picked = pick_best_rep(found("a", "good", "note", "fault"), reps)
    assert picked is not None
    assert (picked.rep.number, picked.worst.number) == (1, 3)


def test_the_worst_has_what_the_best_has_not_and_says_all_that_it_had() -> None:
    findings = [
        *found("a", "good", "fault", "note"),
        *found("b", "note", "note", "note"),
        *found("c", "good", "good", "fault"),
    ]
    picked = pick_best_rep(findings, REPS)
    assert picked is not None
    assert (picked.rep.number, picked.worst.number, picked.without) == (1, 3, ("a", "c"))
    assert [each.code for each in picked.had] == ["c", "a", "b"]
    assert picked.shown.code == "c"


def test_of_reps_with_as_many_faults_the_one_furthest_past_its_limit_is_worst() -> None:
    far = [
        replace(each, severity=share) for each, share in zip(found("a", "good", *["fault"] * 2), (0, 2, 1), strict=True)
    ]
    picked = pick_best_rep(far, REPS)
    assert picked is not None
    assert picked.worst.number == 2


def test_a_fault_that_the_best_has_too_is_not_what_the_picture_shows() -> None:
    """`b` is the worse fault of rep 2, but rep 1 has it as well: beside one another they would look alike."""
    both = [replace(each, severity=3.0) for each in found("b", "fault", "fault")]
    picked = pick_best_rep([*both, *found("a", "good", "note")], REPS[:2])
    assert picked is not None
    assert ([each.code for each in picked.had], picked.shown.code) == (["b", "a"], "a")
