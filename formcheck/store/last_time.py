"""What changed in a lift since the athlete did it last, in words: pure functions over kept sets; no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from formcheck.assessment.tally import name_fault
from formcheck.lifts import all_lifts, name_checks
from formcheck.lifts.check import Check, Quantity
from formcheck.store.records import KeptMeasure, KeptSet
from formcheck.store.trends import Change, compare, differs, find_values, sum_week
from formcheck.wording import count_noun, name_value

MAX_CHANGES = 2  # lines: a lifter remembers one or two things from one day to the next [D]
PASSED = frozenset({"fault", "note"})


@dataclass(frozen=True)
class CheckChange:
    """One check now and last time: how many of its judged repetitions were past the limit, the means, the change."""

    check: Check
    n_now: tuple[int, int]
    n_then: tuple[int, int]
    mean_now: float
    mean_then: float
    change: Change


def find_last_time(sets: Sequence[KeptSet], now: KeptSet) -> tuple[KeptSet, ...]:
    """Return what was filmed of the same lift on the last day before a set's own, without warm-ups.

    Sets of the same day are not "last time": which of them came first is not known.
    """
    earlier = [
        each
        for each in sets
        if each.kind == "filmed" and each.exercise == now.exercise and each.uid != now.uid and not each.warm_up
        if each.performed_on < now.performed_on
    ]
    last = max((each.performed_on for each in earlier), default=None)
    return tuple(each for each in earlier if each.performed_on == last)


def say_what_changed(sets: Sequence[KeptSet], now: KeptSet) -> tuple[str, ...]:
    """Return what changed since last time: a line that says when that was, then two lines at most; nothing for a first
    time, a warm-up, or where nothing was ever past a limit.

    What changed by more than its error comes first, then what is told more or less often, then what is as it was; of
    equals what a coach mends first.
    """
    lift, last = all_lifts().get(now.exercise), find_last_time(sets, now)
    if lift is None or now.warm_up or not last:
        return ()
    followed = {each.code: each for each in lift.trends if not each.part}
    found = [_find_change(check, followed.get(check.code), now, last) for check in lift.checks]
    told = [each for each in found if each is not None]
    if not told:
        return ()
    told.sort(key=lambda each: (each.change.verdict != "larger", _share(each.n_now) == _share(each.n_then)))
    day = last[0].performed_on
    return (_say_when(now, last), *(_say_change(each, f"{day.day} {day:%b}") for each in told[:MAX_CHANGES]))


def _find_change(check: Check, quantity: Quantity | None, now: KeptSet, last: Sequence[KeptSet]) -> CheckChange | None:
    """Return a check's change; None: not judged both times, or never past its limit nor changed over weeks."""
    followed = quantity or _follow(check)
    own, then = find_values(now, followed), [(each, find_values(each, followed)) for each in last]
    before = [measure for _, some in then for measure in some]
    if not own or not before:
        return None
    values = sum_week(now.performed_on, followed, [(now, own)], "this set")
    old = sum_week(last[0].performed_on, followed, then, "last time")
    change = compare(followed, old, values, differs([now, *(kept for kept, some in then if some)]))
    found = CheckChange(check, _count_passed(own), _count_passed(before), values.value, old.value, change)
    is_told = found.n_now[0] or found.n_then[0] or (quantity is not None and change.direction is not None)
    return found if is_told else None


def _follow(check: Check) -> Quantity:
    """Return a check's value as something that is followed: less past its limit is better, and enough is enough."""
    better: Literal["higher", "lower"] = "lower" if check.limit.direction == "above" else "higher"
    enough = check.limit.note if check.limit.note is not None else check.limit.fault
    return Quantity(
        check.code, check.title, check.limit.unit, check.code, better, 0.0, "its own intervals", enough=enough
    )


def _count_passed(measures: Sequence[KeptMeasure]) -> tuple[int, int]:
    return sum(each.verdict in PASSED for each in measures), len(measures)


def _share(counted: tuple[int, int]) -> float:
    return counted[0] / counted[1]


def _say_when(now: KeptSet, last: Sequence[KeptSet]) -> str:
    """Return when last time was, and with what load where that is another one."""
    day, loads_kg = last[0].performed_on, {each.load_kg for each in last}
    year = "" if day.year == now.performed_on.year else f" {day.year}"
    (before_kg,) = loads_kg if len(loads_kg) == 1 else (None,)
    loads = (
        ""
        if before_kg is None or now.load_kg is None or before_kg == now.load_kg
        else (f", with {before_kg:g} kg then and {now.load_kg:g} kg now")
    )
    many = "" if len(last) == 1 else f" ({len(last)} sets)"
    return f"Since {day.day} {day:%b}{year}{many}{loads}:"


def _say_change(found: CheckChange, day: str) -> str:
    """Return a check's change as one sentence or two, with its error."""
    name, unit = name_fault(found.check.code, name_checks()), found.check.limit.unit
    now = f"{found.n_now[0]} of {count_noun(found.n_now[1], 'rep')}"
    counts = f"{name}: {now}, {found.n_then[0]} of {found.n_then[1]} on {day}."
    means = f"On average {name_value(found.mean_now, unit)}, {name_value(found.mean_then, unit)} then"
    change, error = found.change, name_value(found.change.detectable, unit)
    if change.verdict == "cannot_tell":
        return f"{counts} {means}; not compared: {change.reason}."
    if change.verdict == "within":
        return f"{counts} {means}: no more than the error ({error})."
    return f"{counts} {means}: {change.direction or 'different'}, by more than the error ({error})."
