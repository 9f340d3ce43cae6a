"""Findings -> at most three cues: what to change first."""

from collections.abc import Sequence

from formcheck.data import Cue, Finding

MAX_CUES = 3
MAX_SEVERITY = 3.0  # a fault three steps past its line is as bad as it gets


def pick_cues(findings: Sequence[Finding], order: Sequence[str]) -> tuple[Cue, ...]:
    """Return the cues worth saying, most important first.

    Findings of one code become one cue that names its reps and speaks of the worst. Faults come before notes; within
    them weight is severity times confidence times the share of reps, and `order` (codes, what a coach mends first)
    decides between equals.
    """
    by_code: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.verdict in {"fault", "note"}:
            by_code.setdefault(finding.code, []).append(finding)
    n_reps = max((finding.rep or 1 for finding in findings), default=1)
    ranked = sorted(by_code.values(), key=lambda group: _rank(group, order, n_reps))
    return tuple(_merge(group) for group in ranked[:MAX_CUES])


def _rank(group: Sequence[Finding], order: Sequence[str], n_reps: int) -> tuple[bool, float, int]:
    worst = _worst(group)
    share = len(group) / n_reps if worst.rep is not None else 1.0
    weight = min(worst.severity, MAX_SEVERITY) * worst.confidence * share
    return worst.verdict != "fault", -weight, order.index(worst.code)


def _worst(group: Sequence[Finding]) -> Finding:
    return max(group, key=lambda finding: (finding.verdict == "fault", finding.severity))


def _merge(group: Sequence[Finding]) -> Cue:
    worst = _worst(group)
    return Cue(
        code=worst.code,
        verdict=worst.verdict,
        text=worst.text,
        value=worst.value,
        unit=worst.unit,
        start_s=worst.start_s,
        confidence=worst.confidence,
        reps=tuple(sorted(finding.rep for finding in group if finding.rep is not None)),
    )
