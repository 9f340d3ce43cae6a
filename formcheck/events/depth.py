"""How deep a deadlift goes, as people say it: where the weight is along the shin at the bottom.

The near wrist's height over the planted ankle, in leg lengths, becomes the weight's height in lengths of the shin, 0 at
the ankle and 1 at the knee. The hand hangs below the wrist, and shins lean, so the line was learnt on rendered lifters.
"""

import numpy as np

from formcheck.data import FloatArray

SHINS_PER_LEG, SHINS_AT_ANKLE = 1.6, 0.08  # least squares over 329 rendered deadlifts (docs/calibration.md) [S]
SIGMA_SHINS = 0.12  # and its one sigma: 5 cm of a shin of 42 cm [S]
NAMES = (  # from this height on, in shins: what a coach calls it [D]
    (1.12, "above the knee"),
    (0.88, "the knee"),
    (0.65, "just below the knee"),
    (0.35, "mid-shin"),
    (-np.inf, "the lower shin"),
)


def measure_depth(wrist_height_leg: FloatArray) -> float:
    """Return the weight's height at the lowest place of one repetition (n,), in shins above the ankle; NaN unseen."""
    if not np.isfinite(wrist_height_leg).any():
        return float("nan")
    return SHINS_PER_LEG * float(np.nanmin(wrist_height_leg)) + SHINS_AT_ANKLE


def name_depth(height_shins: float) -> str:
    """Return a depth as a coach says it."""
    return next(name for from_shins, name in NAMES if height_shins >= from_shins)
