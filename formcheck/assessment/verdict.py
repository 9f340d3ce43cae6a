"""Measure + limit -> Finding. The only place where a number becomes a verdict."""

from collections.abc import Mapping
from dataclasses import replace
from statistics import NormalDist

from formcheck.data import Finding, Limit, Measure, Verdict
from formcheck.uncertainty import Z90
from formcheck.wording import name_span, quantity

LIKELY = 0.7  # chance from which a line counts as passed, and ...
UNLIKELY = 0.1  # ... up to which a fault counts as ruled out [D; docs/calibration.md]
OF_MEASURE = ("rep", "value", "low", "high", "unit", "start_s", "end_s", "detail")  # what a finding has of its measure


def judge(code: str, measure: Measure, limit: Limit, maybe: str = "") -> Finding:
    """Return the verdict on one measure; words are added by `phrase`.

    One rule for every check: beyond a line when that is likely (chance >= LIKELY), good when a fault is unlikely
    (chance <= UNLIKELY), and between them, or with an interval wider than the limit allows, "not_judged" with the range
    that is possible. Confidence is the chance that the verdict is right: that the value is beyond the line that it
    names, or not beyond the one that makes a fault. `maybe` are the check's own words for a value that is known too
    badly (see Check).
    """
    verdict: Verdict = "not_judged"
    reason, confidence = measure.reason, 0.0
    if reason is None:
        verdict, confidence = _compare(measure, limit)
    if verdict == "not_judged" and reason is None:
        reason = _doubt(measure, limit, maybe)
    return Finding(
        **{name: getattr(measure, name) for name in OF_MEASURE},
        code=code,
        verdict=verdict,
        limit=limit,
        confidence=confidence,
        severity=_severity(measure.value, limit) if verdict in {"note", "fault"} else 0.0,
        text="",
        reason=reason,
    )


def phrase(finding: Finding, title: str, cue: str, good: str, decimals: int) -> Finding:
    """Return the finding with its sentence; `{value}`, `{percent}`, `{unit}` and the detail's keys are filled in."""
    if finding.verdict == "not_judged":
        return replace(finding, text=f"{title}. Not judged: {finding.reason}.")
    words: Mapping[str, object] = {
        **finding.detail,
        "value": f"{finding.value:z.{decimals}f}",
        "percent": f"{100 * finding.value:z.0f}",
        "unit": finding.unit,
    }
    return replace(finding, text=(good if finding.verdict == "good" else cue).format(**words))


def chance_beyond(measure: Measure, line: float, limit: Limit) -> float:
    """Return the chance that a measure's true value lies beyond a line: by its spread, else by a normal error whose 5th
    and 95th percentile are the interval's ends.
    """
    if measure.spread is not None:
        above = measure.spread.above(line)
    else:
        half = measure.value - measure.low if line < measure.value else measure.high - measure.value
        sigma = max(half, 0.0) / Z90
        above = NormalDist(measure.value, sigma).cdf(2 * measure.value - line) if sigma else float(measure.value > line)
    return above if limit.direction == "above" else 1 - above


def _compare(measure: Measure, limit: Limit) -> tuple[Verdict, float]:
    """Verdict and how likely it is right."""
    if measure.high - measure.low > limit.max_width:
        return "not_judged", 0.0
    steps: list[tuple[Verdict, float | None]] = [("fault", limit.fault), ("note", limit.note)]
    chances = [(verdict, chance_beyond(measure, line, limit)) for verdict, line in steps if line is not None]
    for verdict, chance in chances:
        if chance >= LIKELY:
            return verdict, chance
    fault = chances[0][1]  # the worst line that there is
    return ("good", 1 - fault) if fault <= UNLIKELY else ("not_judged", 0.0)


def _doubt(measure: Measure, limit: Limit, maybe: str) -> str:
    """Why the value is known too badly for a verdict: an interval too wide, or a line inside it."""
    if maybe:
        return maybe.format(span=name_span(max(measure.low, 0.0), measure.high, measure.unit))
    span = f"it may be anything from {name_span(measure.low, measure.high, measure.unit)}"
    line = limit.note if limit.fault is None else limit.fault
    if line is None or measure.high - measure.low > limit.max_width:
        return f"{span}, which is too wide to judge"
    return f"{span}, and the limit is {quantity(line, measure.unit)}"


def _severity(value: float, limit: Limit) -> float:
    """How far past the first line, in steps from note to fault (or in limits, when there is one line only)."""
    first = limit.note if limit.note is not None else limit.fault
    assert first is not None, "a limit without lines passes nothing"
    last = limit.fault if limit.fault is not None else first
    step = abs(last - first) or abs(first) or 1.0
    return abs(value - first) / step
