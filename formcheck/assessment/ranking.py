"""How bad a set is, as one number: what every list of sets is sorted by, the worst first."""

from collections.abc import Sequence
from typing import Literal

from formcheck.assessment.cues import MAX_SEVERITY, find_complaints
from formcheck.data import Concern, Finding

# By what leads a set's cues, as `cues.find_complaints` orders it: pace after all else, faults before notes, harm first.
TIERS = {
    (Concern.HARM, "fault"): 6,
    (Concern.FORM, "fault"): 5,
    (Concern.HARM, "note"): 4,
    (Concern.FORM, "note"): 3,
    (Concern.PACE, "fault"): 2,
    (Concern.PACE, "note"): 1,
}
UNJUDGED = 0.5  # of a set of which nothing could be judged, or that may be another lift: to be looked at first [D]
IN_PART = 0.25  # of a set with nothing to change in what could be judged, which is not all: before the good ones [D]


def rank_set(findings: Sequence[Finding], doubt: str = "") -> float:
    """Return how bad a set is: the tier of what a coach says first, and within it (0 to 1) how far that is past its
    line; UNJUDGED when nothing could be judged or there is a `doubt` of the lift (see LiftChoice), IN_PART when nothing
    is to be changed in what could be, 0 when all is good.
    """
    complaints = find_complaints(findings)
    if complaints:
        worst = complaints[0].worst
        past = max(0.0, min(worst.severity, MAX_SEVERITY))
        return TIERS[worst.concern, worst.verdict] + past / (1 + past)
    if doubt or all(each.verdict == "not_judged" for each in findings):
        return UNJUDGED
    asked = [each for each in findings if each.detail.get("asked") is not False]
    return IN_PART if any(each.verdict == "not_judged" for each in asked) else 0.0


def verdict_of(rank: float) -> Literal["fault", "note", "none", "part", "good"]:
    """Return the verdict that leads a set of this rank; "none": nothing could be judged, "part": good where it was."""
    for (_, verdict), tier in TIERS.items():
        if int(rank) == tier:
            return "fault" if verdict == "fault" else "note"
    return "none" if rank >= UNJUDGED else "part" if rank >= IN_PART else "good"
