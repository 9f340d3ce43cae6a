"""Which repetition of a set was best, which worst, and what the others had that the best one has not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from formcheck.data import Finding, Rep, Verdict


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
    """Return the best of the whole repetitions; None where no other is worse in anything, or nothing was judged.

    Fewest faults come first, then fewest notes, then least that could not be judged, and then the chance that its good
    verdicts are right. Of equals the first is best, and the last is worst.
    """
    whole = [rep for rep in reps if rep.complete]
    of_rep = {rep.number: [each for each in findings if each.rep == rep.number] for rep in whole}
    judged = [rep for rep in whole if any(each.verdict != "not_judged" for each in of_rep[rep.number])]
    if len(judged) < 2:
        return None
    best = min(judged, key=lambda rep: _shortfall(of_rep[rep.number]))
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


def _badness(findings: Sequence[Finding]) -> tuple[int, int, float]:
    """Return what a worse repetition has more of: faults, notes, and how far they are past their limits."""
    passed = _sort_passed(findings)
    faults = sum(each.verdict == "fault" for each in passed)
    return faults, len(passed) - faults, sum(each.severity for each in passed)


def _shortfall(findings: Sequence[Finding]) -> tuple[int, int, int, float]:
    def count(verdict: Verdict) -> int:
        return sum(each.verdict == verdict for each in findings)

    sure = [each.confidence for each in findings if each.verdict == "good"]
    return count("fault"), count("note"), count("not_judged"), -sum(sure) / max(len(sure), 1)
