"""A repetition on the clock of its phases, so that two of different tempo can be laid over one another."""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from formcheck.data import PHASES, FloatArray, Phase, Rep
from formcheck.signals import MAX_GAP_S, resample

SHARES: Mapping[Phase, float] = {"eccentric": 45.0, "pause": 10.0, "concentric": 45.0}  # the pause is short [D]

Place = tuple[Phase, float, float]  # a phase and the stretch of the common axis that it takes, percent


def place_phases(reps: Iterable[Rep], *, concentric_first: bool) -> tuple[Place, ...]:
    """Return where each phase lies on the common axis, 0 to 100 %, in a lift's order.

    A phase that none of the repetitions has, as the way up of a Nordic curl, takes no place.
    """
    seen = {name for rep in reps for name, start_s, _ in rep.phases if math.isfinite(start_s)} or set(PHASES)
    order = [name for name in (PHASES[::-1] if concentric_first else PHASES) if name in seen]
    whole = sum(SHARES[name] for name in order)
    ends = np.cumsum([0.0, *(SHARES[name] / whole * 100 for name in order)]).round(6).tolist()
    return tuple(zip(order, ends[:-1], ends[1:], strict=True))


def phase_times(rep: Rep, places: Sequence[Place]) -> FloatArray:
    """Return (101,) moments of the video, s: percent 0 to 100 of a repetition whose phases lie at `places`.

    Each phase is stretched evenly. NaN within a phase that the clip does not show whole.
    """
    percent = np.arange(101.0)
    times_s = np.full(101, np.nan)
    spans = {name: (start_s, end_s) for name, start_s, end_s in rep.phases}
    for name, low, high in places:
        inside = (percent >= low) & (percent <= high) & np.isnan(times_s)
        start_s, end_s = spans[name]
        times_s[inside] = start_s + (end_s - start_s) * (percent[inside] - low) / (high - low)
    return times_s


def over_phases(time_s: FloatArray, values: FloatArray, times_s: FloatArray) -> FloatArray:
    """Return `values` (T,) at the moments of `phase_times`; NaN where they were not seen."""
    known = np.isfinite(times_s)
    result = np.full(len(times_s), np.nan)
    if known.any():
        result[known] = resample(time_s, values, times_s[known], MAX_GAP_S)
    return result
