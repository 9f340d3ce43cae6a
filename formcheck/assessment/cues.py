"""Findings -> at most three cues: what to change first."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from formcheck.data import Concern, Cue, Finding
from formcheck.wording import join_words, name_reps, name_values

MAX_CUES = 3  # nobody mends more at once [D]
MAX_SEVERITY = 3.0  # a fault three steps past its line is as bad as it gets
SUREST_PCT = 99.0  # that is told: a chance of more rests on more than any model knows [D]
SAME_MOMENT_S = 0.3  # faults of one repetition that lie no further apart are of one moment [D]


@dataclass(frozen=True)
class Complaint:
    """What one cue speaks of: the findings of one check, and those of others that came at the same moments."""

    lead: tuple[Finding, ...]
    also: tuple[Finding, ...] = ()

    @property
    def worst(self) -> Finding:
        """The finding that the cue's words, moment and number are of."""
        return _worst(self.lead)


def pick_cues(findings: Sequence[Finding]) -> tuple[Cue, ...]:
    """Return the cues worth saying, most important first: of each complaint one, which names its reps."""
    return tuple(_speak(each) for each in find_complaints(findings)[:MAX_CUES])


def find_also_seen(findings: Sequence[Finding]) -> tuple[Cue, ...]:
    """Return what is left once the cues are said, in the same order and words: true, and not what to work on first."""
    return tuple(_speak(each) for each in find_complaints(findings)[MAX_CUES:])


def find_complaints(findings: Sequence[Finding]) -> tuple[Complaint, ...]:
    """Return what is to be changed, most important first; findings come in the order in which a coach mends them.

    Findings of one code are one complaint. Pace comes after all else, whatever its verdict: who is told to slow down
    first may slow down a back that rounds. Faults come before notes, then harm before form; within that weight is
    severity times confidence times the share of reps, and the order decides between equals. What is found at the same
    moment of the same rep as what leads is mentioned there, and is no complaint of its own, but for a fault whose code
    is left with notes alone.
    """
    order = list(dict.fromkeys(each.code for each in findings))
    n_reps = max((each.rep or 1 for each in findings), default=1)
    left = [each for each in findings if each.verdict in {"fault", "note"}]
    complaints = []
    while left:
        groups = [[each for each in left if each.code == code] for code in order]
        lead = min((group for group in groups if group), key=lambda group: _rank(group, n_reps))
        also = [each for each in left if any(is_same_moment(each, main) for main in lead)]
        complaints.append(Complaint(tuple(lead), tuple(also)))
        later = [each for each in left if not any(each is taken for taken in (*lead, *also))]
        milder = {each.code for each in later} - {each.code for each in later if each.verdict == "fault"}
        left = [*later, *(each for each in also if each.code in milder and each.verdict == "fault")]
    return tuple(complaints)


def is_same_moment(one: Finding, other: Finding) -> bool:
    """Whether two checks that can be told in one breath found something in one rep with next to no time between."""
    if one.code == other.code or one.rep != other.rep or not (one.aside and other.aside):
        return False
    (start_s, end_s), (other_start_s, other_end_s) = _span_s(one), _span_s(other)
    return start_s <= other_end_s + SAME_MOMENT_S and other_start_s <= end_s + SAME_MOMENT_S


def mention(also: Iterable[Finding], reps: Collection[int]) -> str:
    """Return the sentence on what came at the same moments as a cue about `reps`, "" for nothing: the worst of each
    check, and its reps where they are not all of the cue's.
    """
    by_code: dict[str, list[Finding]] = {}
    for each in also:
        by_code.setdefault(each.code, []).append(each)
    parts = []
    for group in by_code.values():
        own = {each.rep for each in group if each.rep is not None}
        parts.append(_worst(group).aside + ("" if own == set(reps) else f" ({name_reps(own)})"))
    return f" At the same time, {join_words(parts)}." if parts else ""


def tell_evidence(cue: Mapping[str, Any], findings: Iterable[Mapping[str, Any]]) -> str:
    """Return the numbers behind a cue, each with its repetitions: "12 to 17° in reps 2-3 (95 % sure); note: 10° in rep
    1". How sure is that of the worst one, which the cue's words are about.

    A cue and findings as report.json holds them (a missing value is None or NaN). What has the cue's own verdict stands
    first, without that word.
    """
    own = [each for each in findings if each["code"] == cue["code"] and (each["rep"] in cue["reps"] or not cue["reps"])]
    parts = []
    for verdict in dict.fromkeys((cue["verdict"], "note")):
        group = [each for each in own if each["verdict"] == verdict]
        values = [each["value"] for each in group if each["value"] is not None and math.isfinite(each["value"])]
        where = name_reps([each["rep"] for each in group if each["rep"] is not None])
        told = " in ".join(filter(None, (name_values(values, cue["unit"]), where)))
        if verdict == cue["verdict"]:
            parts.append(f"{told} ({_say_sure(cue['confidence'])})".lstrip())
        elif told:
            parts.append(f"{verdict}: {told}")
    return "; ".join(parts)


def _say_sure(confidence: float | None) -> str:
    """Return how sure a verdict is; nothing is quite."""
    return f"{min(100 * (confidence or 0.0), SUREST_PCT):.0f} % sure"


def _rank(group: Sequence[Finding], n_reps: int) -> tuple[bool, bool, int, float]:
    worst = _worst(group)
    share = len(group) / n_reps if worst.rep is not None else 1.0
    weight = min(worst.severity, MAX_SEVERITY) * worst.confidence * share
    return worst.concern is Concern.PACE, worst.verdict != "fault", worst.concern, -weight


def _worst(group: Sequence[Finding]) -> Finding:
    return max(group, key=lambda finding: (finding.verdict == "fault", finding.severity))


def _span_s(finding: Finding) -> tuple[float, float]:
    return finding.start_s, finding.end_s if math.isfinite(finding.end_s) else finding.start_s


def _speak(complaint: Complaint) -> Cue:
    worst = complaint.worst
    reps = tuple(sorted(each.rep for each in complaint.lead if each.rep is not None))
    own = {name: getattr(worst, name) for name in ("code", "verdict", "value", "unit", "start_s", "confidence")}
    return Cue(**own, text=worst.text + mention(complaint.also, reps), reps=reps)
