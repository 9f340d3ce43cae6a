"""What is said aloud: a few words for each finding, short enough for the second between two repetitions."""

from collections.abc import Mapping, Sequence

from formcheck.assessment.cues import find_complaints
from formcheck.assessment.tally import tally_findings
from formcheck.data import Finding

COME_UP = "Hips stopped: come up."
UP = "Up."  # the same, once it is known what it means
SPOKEN: Mapping[str, str] = {
    "overrun": "{value:.0f} degrees too deep. Come up when your hips stop.",
    "hip_travel": "Push your hips back.",
    "squatted": "You squatted at the bottom. Stop when your hips stop.",
    "rounding": "Lower back rounded. Brace.",
    "lever": "Lean further forward.",
    "tempo": "{value:.1f} seconds down. Slower.",
    "stall": "You stalled for {value:.1f} seconds.",
    "shake": "You shook at the hardest point.",
    "arch": "Lower back arched. Ribs down.",
    "hip_hinge": "Hips bent. Keep one line.",
    "hip_break": "Hips bent. Keep one line.",
    "break_point": "You lost control at {value:.0f} degrees. Hold on longer.",
    "drop": "You dropped the last {value:.0f} degrees.",
    "setup": "Knees closer to the pad.",
    "setup_low": "Knees further behind the pad.",
    "range": "Only {value:.0f} degrees of range. Go all the way.",
    "partial": "Short rep, by {value:.0f} percent.",
    "hip_lift": "Hips rose. Press them down.",
}
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def spell(number: int) -> str:
    """Return a number as it is counted aloud."""
    return NUMBERS[number] if 0 <= number < len(NUMBERS) else str(number)


def speak_finding(finding: Finding) -> str:
    """Return the words for a finding; its own sentence where there are no shorter ones."""
    words = SPOKEN.get(finding.code.split(".", 1)[-1])
    return finding.text if words is None else words.format(value=finding.value)


def sum_up_aloud(findings: Sequence[Finding]) -> str:
    """Return what is said after the number of reps of a set that is over: how much of it is good, or that nothing could
    be judged. "" where nothing was asked, or nothing is good: then its faults have been told.
    """
    tally = tally_findings(map(vars, findings))
    if tally.n_asked and not tally.judged_any:
        return " Nothing could be judged."
    if not tally.good:
        return ""
    return f" {spell(len(tally.good)).capitalize()} of {spell(tally.n_asked)} checks good."


def rank_faults(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return what one repetition is to be told, what matters most first, as the report ranks it; faults of one moment
    are told by the first of them.
    """
    return tuple(each.worst for each in find_complaints(findings))
