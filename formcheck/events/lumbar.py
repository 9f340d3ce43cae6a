"""Rounding of the lower back in a hinge, from the outline of the back.

Conventions: `lumbar_deg` is the outline's change from the athlete's own upright outline, rounding +. It is a proxy
(IMUs measure lumbar flexion to 6.7 to 10.7 deg, Sensors 2024;24:6580 [P]), and neutral is not zero (up to 24 deg of
lumbar movement in a good morning, Schellenberg 2013 [P]).
"""

from dataclasses import dataclass

import numpy as np

from formcheck.data import BoolArray, FloatArray
from formcheck.signals import MAD_TO_SIGMA
from formcheck.uncertainty import Z90

DEEP_SHARE = 0.9  # of the rep's trunk range: where the back is judged [D]
MIN_BACK_VISIBLE = 0.3  # of the deep frames must show a clean outline: a leaking mask is dropped frame by frame [D]
# One sigma of a reading that its own error does not tell: what the outlines of one lifter's set have in common. Read in
# six folds, 93 % of 448 intervals of 90 % hold the truth so (docs/calibration.md).
READING_DEG = 5.0


@dataclass(frozen=True)
class Rounding:
    """The outline's change in a rep's deep part, deg, its 5th and 95th percentile, and the share of frames with it."""

    value_deg: float
    low_deg: float
    high_deg: float
    visible: float
    deep: BoolArray


def measure_rounding(trunk_deg: FloatArray, lumbar_deg: FloatArray, error_deg: FloatArray) -> Rounding:
    """Return the median lumbar flexion over the deepest tenth of one rep's trunk range, (n,) arrays; `error_deg` is one
    sigma of each reading.

    The interval holds what the readings' errors and the spread between frames allow. NaN when fewer than 30 % of the
    deep frames show the outline.
    """
    low, high = np.nanmin(trunk_deg), np.nanmax(trunk_deg)
    deep = trunk_deg >= low + DEEP_SHARE * (high - low)
    seen = deep & np.isfinite(lumbar_deg)
    visible = float(seen.sum() / max(deep.sum(), 1))
    if visible < MIN_BACK_VISIBLE:
        return Rounding(np.nan, np.nan, np.nan, visible, deep)
    values = lumbar_deg[seen]
    middle = float(np.median(values))
    spread_deg = MAD_TO_SIGMA * float(np.median(np.abs(values - middle)))
    half = Z90 * max(float(np.hypot(READING_DEG, np.median(error_deg[seen]))), spread_deg)
    return Rounding(middle, middle - half, middle + half, visible, deep)
