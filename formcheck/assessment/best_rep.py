"""Which repetition of a set was best, which worst, and what the others had that the best one has not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from formcheck.assessment.cues import MAX_SEVERITY
from formcheck.data import Concern, Finding, Rep

WEIGHTS = {Concern.HARM: 2.0, Concern.FORM: 1.0, Concern.PACE: 0.5}  # of a step past a limit [D]


@dataclass(frozen=True)
class BestRep:
    """A repetition that others fall short of: `without` are the codes of what was found in others and not in it.

    `worst` is the one that falls furthest short of it, and `had` what was found in that one, the worst first: a fault
    that both have is in it, so that nobody takes the best repetition for a clean one.
    """

    rep: Rep
    without: tuple[str, ...]
    worst: Rep
    had: tuple[Finding, ...]

    @property
    def shown(self) -> Finding:
        """What a picture of the worst repetition shows: its worst finding that the best one has not."""
        return next(each for each in self.had if each.code in self.without)


def pick_best_rep(findings: Sequence[Finding], reps: Sequence[Rep]) -> BestRep | None:
    """Return the best of the whole repetitions; None where no other, partial ones too, is worse in anything, or nothing
    was judged.

    Best is what is least far past its limits, harm weighing more than form and form more than pace; then least that
    could not be judged, and then the chance that its good verdicts are right. Of equals the first is best, and the last
    is worst.
    """
    of_rep = {rep.number: [each for each in findings if each.rep == rep.number] for rep in reps}
    judged = [rep for rep in reps if any(each.verdict != "not_judged" for each in of_rep[rep.number])]
    whole = [rep for rep in judged if rep.complete]
    if not whole or len(judged) < 2:
        return None
    best = min(whole, key=lambda rep: _shortfall(of_rep[rep.number]))
    own = {each.code for each in of_rep[best.number] if each.verdict == "good"}
    others = [each for rep in judged for each in of_rep[rep.number] if rep is not best]
    without = dict.fromkeys(each.code for each in others if each.verdict in {"fault", "note"} and each.code in own)
    if not without:
        return None
    worst = _pick_worst([rep for rep in judged if rep is not best], of_rep, without)
    return BestRep(best, tuple(without), worst, tuple(_sort_passed(of_rep[worst.number])))


def _pick_worst(reps: Sequence[Rep], of_rep: Mapping[int, Sequence[Finding]], without: Mapping[str, None]) -> Rep:
    """Return the worst of the repetitions with something that the best one has not."""
    lacking = [rep for rep in reps if any(each.code in without for each in _sort_passed(of_rep[rep.number]))]
    return max(reversed(lacking), key=lambda rep: _badness(of_rep[rep.number]))


def _sort_passed(findings: Sequence[Finding]) -> list[Finding]:
    """Return the faults and notes, faults first, and of each those furthest past their limit."""
    passed = [each for each in findings if each.verdict in {"fault", "note"}]
    return sorted(passed, key=lambda each: (each.verdict != "fault", -each.severity))


def _badness(findings: Sequence[Finding]) -> float:
    """Return how far faults and notes are past their limits, weighed; a fault is a step past one at least."""
    steps = [(each, max(each.severity, float(each.verdict == "fault"))) for each in _sort_passed(findings)]
    return sum(WEIGHTS[each.concern] * min(step, MAX_SEVERITY) for each, step in steps)


def _shortfall(findings: Sequence[Finding]) -> tuple[float, int, float]:
    unjudged = sum(each.verdict == "not_judged" for each in findings)
    sure = [each.confidence for each in findings if each.verdict == "good"]
    return _badness(findings), unjudged, -sum(sure) / max(len(sure), 1)
