"""What is said aloud of a set and its repetitions; the words for each finding stand with its check."""

from collections.abc import Sequence

from formcheck.assessment.cues import find_complaints
from formcheck.assessment.tally import tally_findings
from formcheck.data import Finding
from formcheck.lifts import all_checks
from formcheck.wording import spell

COME_UP = "Hips stopped: come up."


def speak_finding(finding: Finding) -> str:
    """Return the few words that the finding's check has for it; its own sentence where it has none."""
    words = next((check.spoken for check in all_checks() if check.code == finding.code), "")
    return words.format(value=finding.value) or finding.text


def sum_up_aloud(findings: Sequence[Finding]) -> str:
    """Return what is said after the number of reps of a set that is over: how much of it is good, or that nothing could
    be judged. "" where no check was made, or nothing is good: then its faults have been told.
    """
    tally = tally_findings(map(vars, findings))
    if tally.n_asked and not tally.judged_any:
        return " Nothing could be judged."
    if not tally.good:
        return ""
    return f" {spell(len(tally.good)).capitalize()} of {spell(tally.n_asked)} checks good."


def rank_faults(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return what one repetition is to be told, ranked as the report does; of one moment's faults the first."""
    return tuple(each.worst for each in find_complaints(findings))
