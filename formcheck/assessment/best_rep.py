"""Which repetition of a set was best, and what the others had that it has not."""

from collections.abc import Sequence
from dataclasses import dataclass

from formcheck.data import Finding, Rep, Verdict


@dataclass(frozen=True)
class BestRep:
    """A repetition that others fall short of: `without` are the codes of what was found in others and not in it."""

    rep: Rep
    without: tuple[str, ...]


def pick_best_rep(findings: Sequence[Finding], reps: Sequence[Rep]) -> BestRep | None:
    """Return the best of the whole repetitions; None where no other is worse in anything, or nothing was judged.

    Fewest faults come first, then fewest notes, then least that could not be judged, and then the chance that its good
    verdicts are right. Of equals the first.
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
    return BestRep(best, tuple(without)) if without else None


def _shortfall(findings: Sequence[Finding]) -> tuple[int, int, int, float]:
    def count(verdict: Verdict) -> int:
        return sum(each.verdict == verdict for each in findings)

    sure = [each.confidence for each in findings if each.verdict == "good"]
    return count("fault"), count("note"), count("not_judged"), -sum(sure) / max(len(sure), 1)
