"""Knees that bend on top of a hinge near its bottom: a squat, which lowers the weight and stretches nothing.

The knee angle is read twice: from the knee's own landmark, and from the distance between hip and planted ankle, which
no plate disturbs. Neither is right alone, so how far the knees bend late in the descent is a weighted sum of what both
show, and its error grows where they disagree. Weights and errors were learnt on rendered sets (docs/calibration.md).
"""

from dataclasses import dataclass

import numpy as np

from formcheck.data import BoolArray, FloatArray
from formcheck.signals import running_median

WAY = (0.45, 0.85)  # shares of the trunk's range that show the hinge's own knees
LATE = 0.8  # share from which a squat shows
# Weights of the two readings against the way's median (the knee's by the upper quarter of the late part and the fold's
# by its greatest), of the fold's trend on the way, whose knees go on as they went, and the constant: least squares in
# which residuals beyond 15 deg count less (docs/calibration.md).
KNEE_PCT = 75.0
KNEE_WEIGHT, FOLD_WEIGHT, TREND_WEIGHT, OFFSET_DEG = 0.69, 0.35, -0.04, -1.5
ERROR_DEG, ERROR_PER_DEG = 3.5, 0.26  # one sigma, and what a degree of disagreement adds
ONSET_SHARE = 0.2  # of the bend: the squat has begun
SMOOTH_SAMPLES = 5  # of the running median


@dataclass(frozen=True, eq=False)
class Squat:
    """How far knees bend on top of the hinge: rise_deg, one sigma, first sample; bend over time (n,), deg, 0 before."""

    rise_deg: float
    sigma_deg: float
    sample: int
    bend_deg: FloatArray


def find_squat(trunk_deg: FloatArray, knee_flexion_deg: FloatArray, leg_fold_deg: FloatArray) -> Squat | None:
    """Return by how much the knees bend late in one descent and its pause, all (n,); None where the knees were not seen
    on the way or at the bottom.

    Knees that bend all the way down are a soft-kneed hinge: the rise is against their bend in the middle of the way.
    """
    if not np.isfinite(trunk_deg).any():
        return None
    low_deg, high_deg = float(np.nanmin(trunk_deg)), float(np.nanmax(trunk_deg))
    share = (trunk_deg - low_deg) / max(high_deg - low_deg, 1e-9)
    turned = int(np.argmax(share >= 1 - 0.03))
    on_the_way = (np.arange(len(share)) <= turned) & (share >= WAY[0]) & (share <= WAY[1])
    late = share > LATE
    bends = []
    for bend_deg in (knee_flexion_deg, leg_fold_deg):
        smooth_deg = running_median(bend_deg, SMOOTH_SAMPLES)
        if not (np.isfinite(smooth_deg[on_the_way]).any() and np.isfinite(smooth_deg[late]).any()):
            return None
        bends.append(smooth_deg - np.nanmedian(smooth_deg[on_the_way]))
    knee_deg, fold_deg = bends
    most_deg, most_fold_deg = float(np.nanmax(knee_deg[late])), float(np.nanmax(fold_deg[late]))
    trend_deg = _find_trend(share, fold_deg, on_the_way)
    upper_deg = float(np.nanpercentile(knee_deg[late], KNEE_PCT))
    rise_deg = KNEE_WEIGHT * upper_deg + FOLD_WEIGHT * most_fold_deg + TREND_WEIGHT * trend_deg + OFFSET_DEG
    return Squat(
        rise_deg=max(rise_deg, 0.0),
        sigma_deg=float(np.hypot(ERROR_DEG, ERROR_PER_DEG * (most_deg - most_fold_deg))),
        sample=_find_onset(knee_deg, late, most_deg),
        bend_deg=np.where(late, np.clip(np.nan_to_num(knee_deg), 0.0, None), 0.0),
    )


def _find_trend(share: FloatArray, bend_deg: FloatArray, on_the_way: BoolArray) -> float:
    """Return how far knees that bend on as on the way would over all of the trunk's range, deg; 0 of one sample."""
    seen = on_the_way & np.isfinite(bend_deg)
    return float(np.polyfit(share[seen], bend_deg[seen], 1)[0]) if np.ptp(share[seen]) else 0.0


def _find_onset(bend_deg: FloatArray, late: BoolArray, rise_deg: float) -> int:
    """Last sample before the deepest late bend at which a fifth of it was not yet reached."""
    deepest = int(np.flatnonzero(late)[np.nanargmax(bend_deg[late])])
    before = np.flatnonzero(bend_deg[: deepest + 1] <= ONSET_SHARE * rise_deg)
    return int(before[-1]) if len(before) else int(np.flatnonzero(late)[0])
