"""How an athlete's measures went from week to week, and whether a change is larger than the measurement's error.

Pure functions over kept sets; no database. A value is the mean over the repetitions of a week.
"""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev
from typing import Any, Literal

from formcheck.lifts import all_lifts
from formcheck.lifts.check import Quantity
from formcheck.store.records import KeptMeasure, KeptSet
from formcheck.uncertainty import Z90
from formcheck.wording import count_noun

Z_95 = 1.96  # half-width of a 95 % interval, in sigmas
MIN_TREND_REPS = 3  # fewer say too little of how much repetitions scatter [D]
TREND_DECIMALS = 4  # of what --json writes
LEFT_OUT = frozenset({"measures", "unmeasured"})  # of a set, where sets are listed
MAX_YAW_APART_DEG = 10.0  # [D] at 15 deg off the side view an angle is wrong by up to 1 deg, at 20 by 1.8

Verdict = Literal["larger", "within", "cannot_tell"]


@dataclass(frozen=True)
class WeekValue:
    """One week's mean with its 90 % interval (NaN where the measures have none), and what it rests on.

    `sigma` is its standard error, NaN where it cannot be had; `cannot` says why no change can be told from it.
    """

    week: dt.date
    value: float
    low: float
    high: float
    sigma: float
    n_sets: int
    n_reps: int
    cannot: str | None = None


@dataclass(frozen=True)
class Change:
    """The last week against an earlier one. `detectable` is the smallest change that would be called real."""

    since: dt.date
    until: dt.date
    change: float
    detectable: float
    verdict: Verdict
    direction: Literal["better", "worse"] | None
    reason: str | None


@dataclass(frozen=True)
class SetValue:
    """One set's mean over its repetitions, with the 90 % interval (NaN where there is none)."""

    uid: str
    performed_on: dt.date
    value: float
    low: float
    high: float
    n_reps: int


@dataclass(frozen=True)
class WorkWeek:
    """What was lifted in one week of one exercise: the heaviest load (kg), the bar's mean speed on its way up (m/s) and
    the mean time of the lifting (s); None where it is not known.
    """

    week: dt.date
    n_sets: int
    load_kg: float | None
    bar_up_m_s: float | None
    lifting_s: float | None


@dataclass(frozen=True)
class Trend:
    """One quantity of one lift over the weeks in which it was measured."""

    exercise: str
    quantity: Quantity
    sets: tuple[SetValue, ...]
    weeks: tuple[WeekValue, ...]
    since_first: Change | None
    since_previous: Change | None


def find_trends(sets: Sequence[KeptSet]) -> list[Trend]:
    """Return every quantity of every lift that was ever measured, in the order of the lifts' first sets.

    Warm-ups are left out: they are meant to be different.
    """
    filmed = [each for each in sets if each.kind == "filmed" and not each.warm_up]
    exercises = dict.fromkeys(each.exercise for each in filmed)
    trends = []
    for exercise in exercises:
        lift = all_lifts().get(exercise)
        for quantity in () if lift is None else lift.trends:
            values = [
                (each, found) for each in filmed if each.exercise == exercise if (found := find_values(each, quantity))
            ]
            if values:
                trends.append(_trend(exercise, quantity, values))
    return trends


def say_why_none(sets: Sequence[KeptSet]) -> str:
    """Return in a sentence why nothing is followed of sets of which some were filmed; "" where none was."""
    filmed = [each for each in sets if each.kind == "filmed"]
    own = [each for each in filmed if not each.warm_up]
    many = f"{count_noun(len(own or filmed), 'set')} filmed"
    if not own:
        warm_ups = "as a warm-up" if len(filmed) == 1 else "all as warm-ups"
        return f"{many}, {warm_ups}: these are not followed over weeks." if filmed else ""
    is_judged = any(found.verdict not in {None, "not_judged"} for each in own for found in each.measures)
    them, reports = ("it", "its report") if len(own) == 1 else ("them", "their reports")
    what = f"nothing of {them}" + (" that is followed over weeks" if is_judged else "")
    return f"{many}, {what} could be judged: see {reports}."


def find_values(kept: KeptSet, quantity: Quantity) -> list[KeptMeasure]:
    """Return a set's measures of a quantity, one a rep."""
    own = [each for each in kept.measures if each.code == quantity.code and each.rep is not None]
    return own if not quantity.part else [found for each in own if (found := _take_part(each, quantity)) is not None]


def _take_part(measure: KeptMeasure, quantity: Quantity) -> KeptMeasure | None:
    """Return the part of a measure's detail that is followed in place of its value; None where there is none."""
    value = measure.detail.get(quantity.part)
    if not measure.detail.get(quantity.part_if) or not isinstance(value, int | float):
        return None
    return KeptMeasure(measure.code, measure.rep, float(value), None, None, quantity.unit)


def _trend(exercise: str, quantity: Quantity, values: Sequence[tuple[KeptSet, list[KeptMeasure]]]) -> Trend:
    by_week: dict[dt.date, list[tuple[KeptSet, list[KeptMeasure]]]] = {}
    for each in sorted(values, key=lambda value: value[0].performed_on):
        by_week.setdefault(each[0].week, []).append(each)
    weeks = tuple(sum_week(monday, quantity, some) for monday, some in by_week.items())
    mondays = tuple(by_week)

    def since(place: int) -> Change | None:
        if len(weeks) < 2:
            return None
        both = [kept for monday in (mondays[place], mondays[-1]) for kept, _ in by_week[monday]]
        return compare(quantity, weeks[place], weeks[-1], differs(both))

    points = tuple(_set_value(kept, found) for kept, found in values)
    return Trend(exercise, quantity, points, weeks, since(0), since(-2))


def sigma_of(measure: KeptMeasure) -> float:
    """Return one sigma of a measure: the longer arm of its 90 % interval over `Z90`; NaN when it has none."""
    if measure.low is None or measure.high is None:
        return math.nan
    return max(measure.high - measure.value, measure.value - measure.low) / Z90


def standard_error(measures: Sequence[KeptMeasure]) -> float:
    """Return one sigma of the mean over repetitions, in the measures' unit.

    sqrt(m^2 + s^2 / n): `m` is the median of the repetitions' own sigmas and is not divided by n, since camera, clothes
    and light are the same for all of them and so may be their error; `s` is the standard deviation between the n
    repetitions, the lifter's own scatter. With one repetition `s` is not known, and only `m` is returned. NaN when more
    than half of the measures have no interval.
    """
    sigmas = [each for each in map(sigma_of, measures) if math.isfinite(each)]
    if 2 * len(sigmas) <= len(measures):
        return math.nan
    values = [each.value for each in measures]
    scatter = stdev(values) ** 2 / len(values) if len(values) > 1 else 0.0
    return math.sqrt(median(sigmas) ** 2 + scatter)


def sum_week(
    monday: dt.date, quantity: Quantity, values: Sequence[tuple[KeptSet, list[KeptMeasure]]], when: str = ""
) -> WeekValue:
    """Return a quantity's mean over the repetitions of some sets. `when` names them ("": the week of `monday`)."""
    measures, when = [measure for _, found in values for measure in found], when or f"the week of {monday}"
    mean, sigma = fmean(each.value for each in measures), standard_error(measures)
    cannot = None
    if any(each.detail.get(quantity.reached) is False for each in measures):
        cannot = f"in {when} some reps held to the end: the true value lies beyond that"
    elif not math.isfinite(sigma):
        cannot = "it has no interval"
    elif len(measures) < MIN_TREND_REPS:
        cannot = f"{when} has {len(measures)} of the {MIN_TREND_REPS} reps that it takes to see their scatter"
    half = Z90 * sigma
    return WeekValue(monday, mean, mean - half, mean + half, sigma, len(values), len(measures), cannot)


def _set_value(kept: KeptSet, measures: Sequence[KeptMeasure]) -> SetValue:
    mean, half = fmean(each.value for each in measures), Z90 * standard_error(measures)
    return SetValue(kept.uid, kept.performed_on, mean, mean - half, mean + half, len(measures))


def differs(sets: Sequence[KeptSet]) -> str | None:
    """Return in what the filming differed so much that errors which else cancel do not; None when in nothing."""
    if len({each.model for each in sets}) > 1:
        return "they were analysed with different pose models: analyse the older videos again"
    if len({each.side for each in sets}) > 1:
        return "they were filmed from different sides"
    yaws_deg = [each.yaw_deg for each in sets if each.yaw_deg is not None]
    if len(yaws_deg) < len(sets):
        return "the camera's place is not known"
    if max(yaws_deg) - min(yaws_deg) > MAX_YAW_APART_DEG:
        return (
            f"the camera's directions differ by {max(yaws_deg) - min(yaws_deg):.0f}° (limit {MAX_YAW_APART_DEG:.0f}°)"
        )
    return None


def compare(quantity: Quantity, earlier: WeekValue, later: WeekValue, differs: str | None = None) -> Change:
    """Return the change between two weeks and whether it is larger than the measurement's error.

    The smallest detectable change at 95 % is 1.96 sqrt(s1^2 + s2^2) with the standard errors of both weeks (see
    `standard_error`); for equal ones that is the minimal detectable change 1.96 sqrt(2) SEM of the reliability
    literature [P Weir 2005, J Strength Cond Res 19:231]. It is never less than the quantity's `floor`.

    Limits of this rule: the intervals hold the noise of landmarks and of the filtering. An error that is the same in
    both weeks cancels; one that differs does not show in them (another camera place, clothes, a tilted picture, a
    plate over the hip). So nothing is told (`cannot_tell`, with the reason) when the pose model, the side or, by more
    than 10 degrees, the camera's direction changed; when a week has fewer than 3 repetitions or no interval; and when a
    rep held to the end, so that its break point is only a bound. Load and effort are not looked at: a real change says
    nothing of its cause. Of twenty changes that are none, one is called real.
    """
    change = later.value - earlier.value
    detectable = max(quantity.floor, Z_95 * math.hypot(earlier.sigma, later.sigma))
    reason = later.cannot or earlier.cannot or differs
    if reason is not None:
        return Change(earlier.week, later.week, change, detectable, "cannot_tell", None, reason)
    if abs(change) <= detectable:
        return Change(earlier.week, later.week, change, detectable, "within", None, None)
    direction = _find_direction(quantity, earlier.value, later.value)
    return Change(earlier.week, later.week, change, detectable, "larger", direction, None)


def _find_direction(quantity: Quantity, before: float, after: float) -> Literal["better", "worse"] | None:
    """Return which way a value went; None where neither way is better, or there is enough of it before and after."""
    if quantity.better is None:
        return None
    if quantity.enough is not None:
        clamp = min if quantity.better == "higher" else max
        before, after = clamp(before, quantity.enough), clamp(after, quantity.enough)
    return None if before == after else "better" if (after > before) == (quantity.better == "higher") else "worse"


def find_work(sets: Sequence[KeptSet]) -> dict[str, tuple[WorkWeek, ...]]:
    """Return what was lifted in each week, by exercise: of those with a load or a speed, warm-ups left out."""
    by_week: dict[str, dict[dt.date, list[KeptSet]]] = {}
    for each in sorted(sets, key=lambda kept: kept.performed_on):
        if not each.warm_up:
            by_week.setdefault(each.exercise, {}).setdefault(each.week, []).append(each)
    found = {exercise: tuple(_work_of(*each) for each in weeks.items()) for exercise, weeks in by_week.items()}
    return {
        exercise: weeks
        for exercise, weeks in found.items()
        if any(each.load_kg is not None or each.lifting_s is not None for each in weeks)
    }


def _work_of(monday: dt.date, sets: Sequence[KeptSet]) -> WorkWeek:
    loads_kg = [each.load_kg for each in sets if each.load_kg is not None]

    def mean(code: str) -> float | None:
        values = [value for each in sets for value in each.find_times(code)]
        return fmean(values) if values else None

    n_sets = sum(each.n_sets for each in sets)
    heaviest_kg = max(loads_kg, default=None)
    return WorkWeek(monday, n_sets, heaviest_kg, mean("rep.bar_concentric_m_s"), mean("rep.concentric_s"))


def as_record(trend: Trend) -> dict[str, Any]:
    """Return a trend as JSON types; what cannot be had is None."""
    quantity = trend.quantity
    return {
        "exercise": trend.exercise,
        "quantity": quantity.key,
        **{name: getattr(quantity, name) for name in ("title", "unit", "better", "enough", "floor")},
        "floor_source": quantity.source,
        "sets": [_plain(vars(each)) for each in trend.sets],
        "weeks": [_plain(vars(each)) for each in trend.weeks],
        "since_first": None if trend.since_first is None else _plain(vars(trend.since_first)),
        "since_previous": None if trend.since_previous is None else _plain(vars(trend.since_previous)),
    }


def set_record(kept: KeptSet) -> dict[str, Any]:
    """Return a set as JSON types, without what was measured of it."""
    return _plain({name: value for name, value in vars(kept).items() if name not in LEFT_OUT})


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain_value(value) for name, value in fields.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        return round(value, TREND_DECIMALS) + 0.0 if math.isfinite(value) else None
    return list(value) if isinstance(value, tuple) else value
