"""Drift across a set: what is lost from the first repetition to the last, as a straight line says it."""

from dataclasses import dataclass

import numpy as np

from formcheck.data import FloatArray
from formcheck.uncertainty import Z90

MIN_DRIFT_REPS = 4  # fewer leave the line's own scatter unknown [D]
# 95th percentile of Student's t for 2, 3, ... degrees of freedom; beyond the table the normal's.
T95 = (2.92, 2.35, 2.13, 2.02, 1.94, 1.89, 1.86, 1.83, 1.81)


@dataclass(frozen=True)
class Drift:
    """What a set loses from first to last repetition, percent of the first, its 5th and 95th percentile; gains: -."""

    loss_pct: float
    low_pct: float
    high_pct: float


def measure_drift(values: FloatArray, error: float = 0.0) -> Drift | None:
    """Return the loss over (n,) values in the order of the repetitions; None under four finite ones.

    A least-squares line over the repetition's place. The interval holds the scatter about the line, or `error` (one
    sigma of one value) where that is more.
    """
    values = values[np.isfinite(values)]
    if len(values) < MIN_DRIFT_REPS:
        return None
    place = np.arange(len(values)) - (len(values) - 1) / 2
    slope = float(place @ values / (place @ place))
    first = float(np.mean(values)) + slope * float(place[0])
    if first <= 0:
        return None
    residual = values - np.mean(values) - slope * place
    freedom = len(values) - 2
    sigma = max(float(np.sqrt(residual @ residual / freedom)), error)
    sure = T95[freedom - 2] if freedom - 2 < len(T95) else Z90
    span = len(values) - 1
    loss_pct = -100 * slope * span / first
    half_pct = 100 * sure * sigma / float(np.sqrt(place @ place)) * span / first
    return Drift(loss_pct, loss_pct - half_pct, loss_pct + half_pct)
