"""Two recordings on one clock: the shift between them, found or given, and both at common times.

The shift is the lag at which the angles that both have go most alike: the mean over the angles of Pearson's correlation
of what overlaps at that lag, all lags at once by FFT, the peak placed between two samples by a parabola.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from formcheck import signals
from formcheck.data import FloatArray
from formcheck.errors import InputError
from formcheck.signals import MAX_GAP_S

LEAST_OVERLAP = 0.5  # of the shorter recording that has to overlap at a lag that is believed [D]
LEAST_SAMPLES = 10  # common samples under which nothing is said of an angle, nor of the clocks [D]
RIVAL = 0.01  # correlation by which another lag may stay behind and could be the true one still; of such lags the one
# that leaves most in common is taken [D]
RIVAL_S = 0.5  # from the best lag on, which has high neighbours of its own [D]
MOST_STEPS = 400_000  # samples of a recording: two hours at 60 Hz, with room [D]

Series = Mapping[str, FloatArray]


@dataclass(frozen=True)
class Shift:
    """Seconds to add to A's clock to be on B's. `correlation` and `rival_s` (the lag that goes nearly as much alike,
    None without one) are of a shift that was found; NaN and None of one that was given.
    """

    seconds: float
    found: bool
    correlation: float = math.nan
    rival_s: float | None = None


def find_shift(a_s: FloatArray, a: Series, b_s: FloatArray, b: Series) -> Shift | None:
    """Return the shift at which the channels of `a` and `b` (the same names) go most alike; None if nothing moves."""
    step_s = min(_step(a_s), _step(b_s))
    step_s = max(step_s, max(np.ptp(a_s), np.ptp(b_s)) / MOST_STEPS)
    grids = [first[0] + step_s * np.arange(int(np.ptp(first) / step_s + 1e-6) + 1) for first in (a_s, b_s)]
    some = [
        _correlate(
            signals.resample(a_s, a[name], grids[0], MAX_GAP_S), signals.resample(b_s, b[name], grids[1], MAX_GAP_S)
        )
        for name in a
    ]
    stacked = np.array(some)
    known = np.isfinite(stacked).sum(axis=0)
    mean = np.where(known > 0, np.nansum(stacked, axis=0) / np.maximum(known, 1), -np.inf)
    if not np.isfinite(mean).any():
        return None
    n_a, n_b = len(grids[0]), len(grids[1])
    lags = np.arange(-(n_a - 1), n_b)
    lags_s = grids[1][0] - grids[0][0] + step_s * lags
    overlap = (np.minimum(n_a + lags, n_b) - np.maximum(lags, 0)) / min(n_a, n_b)
    score = mean + RIVAL * overlap
    best = int(np.argmax(score))
    away = np.abs(lags_s - lags_s[best]) >= RIVAL_S
    peaks = np.r_[False, (mean[1:-1] >= mean[:-2]) & (mean[1:-1] >= mean[2:]), False] & away
    rivals = np.flatnonzero(peaks & (mean > mean[best] - RIVAL))
    rival_s = float(lags_s[rivals[np.argmax(score[rivals])]]) if len(rivals) else None
    return Shift(
        float(lags_s[best]) + step_s * _between(mean, best), found=True, correlation=float(mean[best]), rival_s=rival_s
    )


def _step(time_s: FloatArray) -> float:
    return float(np.median(np.diff(time_s)))


def _between(values: FloatArray, best: int) -> float:
    """Return where a parabola through a peak and its neighbours has its top, in samples from the peak."""
    if not 0 < best < len(values) - 1 or not np.isfinite(values[best - 1 : best + 2]).all():
        return 0.0
    left, top, right = values[best - 1 : best + 2]
    bend = left - 2 * top + right
    return float(np.clip(0.5 * (left - right) / bend, -0.5, 0.5)) if bend < 0 else 0.0


def _correlate(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return Pearson's correlation at each lag of a, -(len(a) - 1) to len(b) - 1; NaN: little overlap, no movement."""
    seen_a, seen_b = np.isfinite(a), np.isfinite(b)
    if min(seen_a.sum(), seen_b.sum()) < LEAST_SAMPLES:
        return np.full(len(a) + len(b) - 1, np.nan)
    flat_a, flat_b = np.where(seen_a, a - np.nanmean(a), 0.0), np.where(seen_b, b - np.nanmean(b), 0.0)
    length = len(a) + len(b) - 1

    def slide(one: FloatArray, other: FloatArray) -> FloatArray:
        moved = np.fft.irfft(np.fft.rfft(one[::-1], length) * np.fft.rfft(other, length), length)
        return np.asarray(moved)

    ones_a, ones_b = seen_a.astype(float), seen_b.astype(float)
    n = np.round(slide(ones_a, ones_b))
    sum_a, sum_b = slide(flat_a, ones_b), slide(ones_a, flat_b)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread_a = slide(flat_a**2, ones_b) - sum_a**2 / n
        spread_b = slide(ones_a, flat_b**2) - sum_b**2 / n
        result = (slide(flat_a, flat_b) - sum_a * sum_b / n) / np.sqrt(spread_a * spread_b)
    enough = n >= max(LEAST_SAMPLES, LEAST_OVERLAP * min(seen_a.sum(), seen_b.sum()))
    moves = (spread_a > 1e-6 * n) & (spread_b > 1e-6 * n)  # a standing body: below a thousandth of a degree
    return np.where(enough & moves, np.clip(result, -1.0, 1.0), np.nan)


def join_times(a_s: FloatArray, b_s: FloatArray) -> FloatArray:
    """Return the times (T,) of the overlap, in steps of the slower recording; empty without an overlap.

    Raises InputError for more times than any set has.
    """
    begin, end = max(a_s[0], b_s[0]), min(a_s[-1], b_s[-1])
    step_s = max(_step(a_s), _step(b_s))
    if end <= begin:
        return np.array([])
    if (end - begin) / step_s > MOST_STEPS:
        raise InputError(
            f"The recordings overlap for {end - begin:.0f} s, in steps of {step_s:.3g} s.",
            "Put one set in each file, with times in seconds.",
        )
    return np.asarray(begin + step_s * np.arange(int((end - begin) / step_s + 1e-6) + 1))


def place(time_s: FloatArray, values: FloatArray, common_s: FloatArray) -> FloatArray:
    """Return a channel at common times, linear between samples, NaN in gaps over 0.2 s."""
    return signals.resample(time_s, values, common_s, max(MAX_GAP_S, 1.5 * _step(time_s)))
