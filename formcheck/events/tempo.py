"""Tempo: how sure a phase's length is, and how much it varies over a set.

The phases themselves are part of every rep (`segmentation.repetitions.time_rep`): 5 to 95 % of the rep's own range.
"""

import math

import numpy as np

from formcheck.data import FloatArray

SLOWEST_S = 20.0  # a crossing so slow that the range would take this long is as good as still [D]
# One sigma of a crossing that noise does not explain: the eccentric times of nineteen repetitions of the shipped clips
# (24 to 60 fps, six lifts) are off by 0.028 s, root mean square, of which each of two crossings has its share [S].
MODEL_S = 0.018


def crossing_error_s(time_s: FloatArray, signal: FloatArray, moment_s: float, noise: float) -> float:
    """Return one sigma of the moment at which `signal` crosses a level: its noise and that of the level, which is read
    off the same signal, over its speed there, plus the sampling and what the pose model adds.

    time_s, signal : (T,). noise : one sigma in the signal's unit, drift included. NaN when the moment is NaN.
    """
    if not np.isfinite(moment_s):
        return float("nan")
    step_s = float(np.median(np.diff(time_s)))
    near = np.abs(time_s - moment_s) <= 2.5 * step_s
    speed = abs(float(np.polyfit(time_s[near], signal[near], 1)[0])) if near.sum() >= 2 else 0.0
    slowest = float(np.nanmax(signal) - np.nanmin(signal)) / SLOWEST_S
    return math.hypot(math.sqrt(2) * noise / max(speed, slowest), step_s / math.sqrt(12), MODEL_S)


def variation_pct(values: FloatArray) -> float:
    """Return the coefficient of variation of (n,) in percent (sample SD over mean); NaN under 3 values."""
    return float(100 * np.std(values, ddof=1) / np.mean(values)) if len(values) >= 3 else float("nan")


def variation_interval_pct(values: FloatArray) -> tuple[float, float]:
    """Return the 5th and 95th percentile of `variation_pct` over 500 seeded bootstrap draws of (n,)."""
    if len(values) < 3:
        return float("nan"), float("nan")
    draws = np.random.default_rng(0).choice(values, size=(500, len(values)))
    low, high = np.percentile(100 * draws.std(axis=1, ddof=1) / draws.mean(axis=1), [5, 95])
    return float(low), float(high)


def last_third_faster_pct(values_s: FloatArray) -> float:
    """Return by how much the last third of (n,) times is shorter than the first, percent of the first; NaN under 3."""
    third = len(values_s) // 3
    if third == 0:
        return float("nan")
    first, last = float(np.mean(values_s[:third])), float(np.mean(values_s[-third:]))
    return 100 * (first - last) / first
