"""Measure + limit -> Finding. The only place where a number becomes a verdict."""

import math
from collections.abc import Mapping
from dataclasses import replace
from statistics import NormalDist

from formcheck.data import Finding, Limit, Measure, Verdict
from formcheck.settings import LimitOverride

Z90 = NormalDist().inv_cdf(0.95)  # half-width of a 90 % interval in sigmas


def override_limit(limit: Limit, override: LimitOverride | None) -> Limit:
    """Return the limit with the user's own lines; what the override leaves open stays."""
    if override is None:
        return limit
    steps = {name: value for name, value in vars(override).items() if value is not None}
    return replace(limit, **steps, source=f"{limit.source}; moved by the settings")


def judge(code: str, measure: Measure, limit: Limit) -> Finding:
    """Return the verdict on one measure; words are added by `phrase`.

    A line is passed when the value is beyond it with the limit's certainty; at 0.95 that is the whole 90 % interval.
    Without a value, when the value is beyond the first line without that certainty, or with an interval wider than the
    limit allows, the verdict is "not_judged" with the reason. Confidence is the probability, under a normal error of
    the interval's width, that the value is on the side of the line that the verdict says.
    """
    reason = measure.reason or _doubt(measure, limit)
    verdict, line = ("not_judged", None) if reason is not None else _compare(measure, limit)
    judged = verdict != "not_judged"
    return Finding(
        code=code,
        rep=measure.rep,
        verdict=verdict,
        value=measure.value,
        low=measure.low,
        high=measure.high,
        unit=measure.unit,
        limit=limit,
        start_s=measure.start_s,
        end_s=measure.end_s,
        confidence=_confidence(measure, line, verdict, limit) if judged else 0.0,
        severity=_severity(measure.value, limit) if verdict in {"note", "fault"} else 0.0,
        text="",
        reason=reason,
        detail=measure.detail,
    )


def phrase(finding: Finding, title: str, cue: str, good: str, decimals: int) -> Finding:
    """Return the finding with its sentence; `{value}`, `{unit}` and the detail's keys are filled in."""
    if finding.verdict == "not_judged":
        return replace(finding, text=f"{title}: not judged, because {finding.reason}")
    words: Mapping[str, object] = {**finding.detail, "value": f"{finding.value:z.{decimals}f}", "unit": finding.unit}
    return replace(finding, text=(good if finding.verdict == "good" else cue).format(**words))


def _doubt(measure: Measure, limit: Limit) -> str | None:
    """Why the value is known too badly for a verdict: an interval too wide, or a first line that is not surely
    passed.
    """
    span = f"it is only known to lie between {measure.low:.3g} and {measure.high:.3g} {measure.unit}"
    if measure.high - measure.low > limit.max_width:
        return f"{span} (limit {limit.max_width:g} wide)"
    first = limit.fault if limit.note is None else limit.note
    if first is None or _passed(measure, first, limit):
        return None
    beyond = measure.value > first if limit.direction == "above" else measure.value < first
    return f"{span}, and the line is at {first:g}" if beyond else None


def _compare(measure: Measure, limit: Limit) -> tuple[Verdict, float | None]:
    """Verdict and the line that governs it: the one passed, or the first one not passed."""
    lines: list[tuple[Verdict, float | None]] = [("fault", limit.fault), ("note", limit.note)]
    for verdict, line in lines:
        if line is not None and _passed(measure, line, limit):
            return verdict, line
    return "good", limit.fault if limit.note is None else limit.note


def _passed(measure: Measure, line: float, limit: Limit) -> bool:
    share = NormalDist().inv_cdf(limit.certainty) / Z90  # of the half interval; 1 at a certainty of 0.95
    if limit.direction == "above":
        return measure.value - share * (measure.value - measure.low) > line
    return measure.value + share * (measure.high - measure.value) < line


def _confidence(measure: Measure, line: float | None, verdict: Verdict, limit: Limit) -> float:
    sigma = (measure.high - measure.low) / (2 * Z90)
    if line is None or sigma <= 0:
        return 1.0
    beyond = (measure.value - line) / sigma * (1 if limit.direction == "above" else -1)
    probability = 0.5 * (1 + math.erf(beyond / math.sqrt(2)))
    return probability if verdict in {"note", "fault"} else 1 - probability


def _severity(value: float, limit: Limit) -> float:
    """How far past the first line, in steps from note to fault (or in limits, when there is one line only)."""
    first = limit.note if limit.note is not None else limit.fault
    assert first is not None, "a limit without lines passes nothing"
    last = limit.fault if limit.fault is not None else first
    step = abs(last - first) or abs(first) or 1.0
    return abs(value - first) / step
