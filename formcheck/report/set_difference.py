"""What differs between two sets, measure by measure, and whether that is more than the measurement's own error.

Both sets come as report.json holds them. A set's value is the mean of its judged repetitions. Its interval is the mean
of theirs, and not made smaller by their number: one camera's error is in all of them. The difference's interval joins
both by the root of the sum of squares (Zou and Donner 2008, Statistics in Medicine 27:1693).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Larger = Literal["yes", "no", "cannot tell"]
NAN = math.nan
RULE = (
    "A and B are means of the judged repetitions. B - A has a 90 % interval that combines the measurement intervals of "
    "both sets. yes: that interval excludes 0; no: it includes 0; cannot tell: one of the sets was not judged, or has "
    "no interval. ~: the repetitions of one set differ as much among themselves."
)


@dataclass(frozen=True)
class SetMean:
    """A measure over one set: the mean of `n` judged values, its 90 % interval, the least and the most of them.

    `reason` says why there is none (then every number is NaN).
    """

    value: float = NAN
    low: float = NAN
    high: float = NAN
    least: float = NAN
    most: float = NAN
    n: int = 0
    reason: str | None = None


@dataclass(frozen=True)
class Difference:
    """One measure in both sets; `what` tells several of one code apart.

    `value` is B - A with its 90 % interval, NaN when one of them was not judged. `within_reps`: the repetitions of one
    set differ among themselves by as much as the sets do. `reason` says why `larger` cannot be told.
    """

    codes: tuple[str, str]
    what: str
    title: str
    unit: str
    a: SetMean
    b: SetMean
    value: float
    low: float
    high: float
    larger: Larger
    within_reps: bool
    reason: str | None


Findings = Sequence[Mapping[str, Any]]
Group = list[Mapping[str, Any]]
Key = tuple[str, str]  # the code, and which of several measures of that code


def compare_findings(
    a: Findings, b: Findings, title_of: Callable[[str], str]
) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    """Return the differences of what both sets measure, in A's order, and the codes that only one of them has.

    A measure is the same when its code is, or when the words behind the dot, the title and the unit are: `rdl.tempo`
    and `good_morning.tempo`.
    """
    own_a, own_b = _group(a), _group(b)
    groups_a, groups_b = _spread(own_a, own_b), _spread(own_b, own_a)
    same_b = {_identity(key, some, title_of): key for key, some in groups_b.items()}
    differences, paired = [], set()
    for key, some in groups_a.items():
        other = key if key in groups_b else same_b.get(_identity(key, some, title_of))
        if other is None:
            continue
        paired |= {("a", key), ("b", other)}
        title = title_of(key[0]) + (f": {key[1]}" if key[1] else "")
        differences.append(_difference((key[0], other[0]), other[1], title, some, groups_b[other]))
    alone = [key[0] for key in groups_a if ("a", key) not in paired]
    alone += [key[0] for key in groups_b if ("b", key) not in paired]
    return tuple(differences), tuple(dict.fromkeys(alone))


def _group(findings: Findings) -> dict[Key, Group]:
    groups: dict[Key, Group] = {}
    for each in findings:
        groups.setdefault((each["code"], str(each["detail"].get("what", ""))), []).append(each)
    return groups


def _identity(key: Key, findings: Findings, title_of: Callable[[str], str]) -> tuple[str, ...]:
    return key[0].partition(".")[2], key[1], title_of(key[0]), findings[0]["unit"]


def _spread(groups: dict[Key, Group], others: dict[Key, Group]) -> dict[Key, Group]:
    """Return the groups, with one that was not judged as a whole repeated for each of what the other set judged."""
    spread: dict[Key, Group] = {}
    for (code, what), some in groups.items():
        whats = [each for other, each in others if other == code and each]
        alone = not what and sum(other == code for other, _ in groups) == 1
        spread |= {(code, each): some for each in (whats if alone and whats else [what])}
    return spread


def _state_reasons(a: SetMean, b: SetMean) -> str:
    """Return why there is no difference: once where both sets have the same reason."""
    if a.reason == b.reason:
        return f"in both sets, {a.reason}"
    return "; ".join(f"in {name}, {each.reason}" for name, each in (("A", a), ("B", b)) if each.reason)


def _difference(
    codes: tuple[str, str], what: str, title: str, findings_a: Findings, findings_b: Findings
) -> Difference:
    a, b = average(findings_a), average(findings_b)
    value = b.value - a.value
    low = value - math.hypot(b.value - b.low, a.high - a.value)
    high = value + math.hypot(b.high - b.value, a.value - a.low)
    larger: Larger = "cannot tell"
    reason = None
    if not math.isfinite(value):
        reason = _state_reasons(a, b)
    elif not math.isfinite(low + high):
        reason = "there is no interval"
        low = high = NAN
    else:
        larger = "yes" if low > 0 or high < 0 else "no"
    spread = max(a.most - a.least, b.most - b.least)
    return Difference(
        codes=codes,
        what=what,
        title=title,
        unit=findings_a[0]["unit"],
        a=a,
        b=b,
        value=value,
        low=low,
        high=high,
        larger=larger,
        within_reps=larger == "yes" and spread >= abs(value),
        reason=reason,
    )


def average(findings: Findings) -> SetMean:
    """Return the mean of the judged findings of one measure, or the reasons why none was judged."""
    judged = [each for each in findings if each["verdict"] != "not_judged" and each["value"] is not None]
    if not judged:
        reasons = dict.fromkeys(each["reason"] for each in findings if each["reason"])
        return SetMean(reason="; ".join(reasons) or "not judged")
    values = [float(each["value"]) for each in judged]
    lows, highs = ([NAN if each[end] is None else float(each[end]) for each in judged] for end in ("low", "high"))
    n = len(values)
    return SetMean(sum(values) / n, sum(lows) / n, sum(highs) / n, min(values), max(values), n)
