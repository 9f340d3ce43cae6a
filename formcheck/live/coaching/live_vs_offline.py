"""Live numbers against those of the full offline analysis of the same clip."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from formcheck.assessment.tally import name_fault
from formcheck.data import Finding, Report
from formcheck.lifts import name_checks
from formcheck.live.coaching.coach import CoachedSet
from formcheck.live.coaching.rep_log import LiveRep
from formcheck.report.terminal import or_dash
from formcheck.wording import say_reps

SAME_TURN_S = 1.0  # between the turns of one repetition as live and offline find it


@dataclass(frozen=True)
class Pair:
    """One repetition, live and final; None where only the other found it."""

    live: LiveRep | None
    final_number: int | None
    final: tuple[Finding, ...]
    final_eccentric_s: float
    final_turn_s: float


def pair_reps(sets: Sequence[CoachedSet], report: Report, start_s: float) -> list[Pair]:
    """Return the repetitions of all sets beside the report's; `start_s` is the clip's first moment on live's clock."""
    live = [each for done in sets for each in done.reps]
    pairs: list[Pair] = []
    taken: set[int] = set()
    for rep in report.reps:
        near = [
            each for each in live if id(each) not in taken and abs(each.rep.turn_s - start_s - rep.turn_s) < SAME_TURN_S
        ]
        chosen = min(near, key=lambda each: abs(each.rep.turn_s - start_s - rep.turn_s), default=None)
        if chosen is not None:
            taken.add(id(chosen))
        findings = tuple(each for each in report.findings if each.rep == rep.number)
        pairs.append(Pair(chosen, rep.number, findings, rep.eccentric_s, rep.turn_s))
    pairs += [Pair(each, None, (), math.nan, each.rep.turn_s - start_s) for each in live if id(each) not in taken]
    return sorted(pairs, key=lambda pair: pair.final_turn_s)


def format_comparison(sets: Sequence[CoachedSet], report: Report, start_s: float) -> str:
    """Return a table of what was said live against the final numbers, a line a repetition and check that differ."""
    pairs = pair_reps(sets, report, start_s)
    live = say_reps([vars(each.rep) for done in sets for each in done.reps])
    final = say_reps([vars(rep) for rep in report.reps])
    lines = [f"Live against final: {live} and {final}", "", "  Rep   down live    final   checks"]
    for pair in pairs:
        live_s = math.nan if pair.live is None else pair.live.told_down_s
        number = "-" if pair.final_number is None else str(pair.final_number)
        first, last = (or_dash(each_s, ".2f", " s") for each_s in (live_s, pair.final_eccentric_s))
        lines.append(f"  {number:>3}   {first:>9}  {last:>7}   {_checks(pair)}")
    return "\n".join(lines) + "\n"


def _checks(pair: Pair) -> str:
    if pair.live is None:
        return "not seen live"
    if pair.final_number is None:
        return "live only"
    final = {each.code: each for each in pair.final}
    words, names = [], name_checks()
    for each in pair.live.findings:
        other = final.get(each.code)
        if other is not None and other.verdict != each.verdict:
            live, later = each.verdict.replace("_", " "), other.verdict.replace("_", " ")
            words.append(f"{name_fault(each.code, names)}: {live} live, {later} in the end")
    return "; ".join(words) or "the same"
