"""The top of a hinge: how upright the lifter gets between two repetitions, against their own standing before the set.

Inclinations from the vertical, degrees, forward +. Both are read off one clip, so that a camera held askew, and a
shoulder landmark that lies a little off, cancel.
"""

from dataclasses import dataclass

import numpy as np

from formcheck.data import BoolArray, FloatArray
from formcheck.signals import count_samples, running_median, window_length

TOP_BEFORE_S = 1.5  # before the first repetition: where somebody stands who is about to begin [D]
STILL_DEG_S = 12.0  # a trunk that turns faster does not stand [D]
MIN_STANDING_S = 0.3  # less of it is no standing worth comparing with [D]
MAX_STANDING_DEG = 25.0  # nor is one that leans further, as over a bar on the floor [D]
TOP_MEDIAN_S = 0.2  # of the running median that takes single frames' errors out


@dataclass(frozen=True)
class Top:
    """The most upright place between two repetitions: the trunk's lean there, deg, and its sample."""

    trunk_deg: float
    sample: int


def find_standing(trunk_deg: FloatArray, start: int, rate_hz: float) -> BoolArray:
    """Return the frames (T,) in which the lifter stands still before the first repetition, which begins at sample
    `start`: all False where the clip shows less than 0.3 s of that.
    """
    speed_deg_s = np.gradient(trunk_deg) * rate_hz if len(trunk_deg) > 1 else np.zeros(len(trunk_deg))
    place = np.arange(len(trunk_deg))
    still = (np.abs(speed_deg_s) <= STILL_DEG_S) & (np.abs(trunk_deg) <= MAX_STANDING_DEG)
    before = still & (place < start) & (place >= start - count_samples(TOP_BEFORE_S, rate_hz))
    return before if before.sum() >= MIN_STANDING_S * rate_hz else np.zeros(len(trunk_deg), bool)


def find_top(trunk_deg: FloatArray, rate_hz: float) -> Top | None:
    """Return the most upright place from the turn of a repetition, (n,) up to the next one's turn or to the clip's end;
    None where it was not seen, or ends while the trunk still comes up.
    """
    if np.isfinite(trunk_deg).sum() < TOP_MEDIAN_S * rate_hz:
        return None
    steady_deg = running_median(trunk_deg, window_length(TOP_MEDIAN_S, rate_hz))
    sample = int(np.nanargmin(steady_deg))
    last = np.flatnonzero(np.isfinite(steady_deg))[-1]
    before = max(int(last) - count_samples(TOP_MEDIAN_S, rate_hz), 0)
    rising = steady_deg[before] - steady_deg[last] > STILL_DEG_S * TOP_MEDIAN_S
    if sample == last and rising:
        return None
    return Top(float(steady_deg[sample]), sample)
