"""Rounding of the lower back in a hinge, from the outline of the back.

Conventions: `lumbar_deg` is the outline's change from the athlete's own upright outline, rounding +. It is a proxy: no
claim is better than +/- 12 deg (IMUs measure lumbar flexion to 6.7 to 10.7 deg, Sensors 2024;24:6580 [P]), and neutral
is not zero (up to 24 deg of lumbar movement in a good morning, Schellenberg 2013 [P]).
"""

from dataclasses import dataclass

import numpy as np

from formcheck.data import BoolArray, FloatArray

DEEP_SHARE = 0.9  # of the rep's trunk range: where the back is judged [D]
MIN_VISIBLE = 0.3  # of the deep frames must show a clean outline: a leaking mask is dropped frame by frame [D]
FLOOR_DEG = 12.0  # no interval is narrower than this to either side: on rendered bodies (development split, eleven
# repetitions) the reading is off by 7.2 deg, root mean square [S]; IMUs are by 6.7 to 10.7 deg [P]


@dataclass(frozen=True)
class Rounding:
    """The outline's change in the deep part of one rep, degrees, with the 5th and 95th percentile, and the share of
    frames that show it.
    """

    value_deg: float
    low_deg: float
    high_deg: float
    visible: float
    deep: BoolArray


def measure_rounding(trunk_deg: FloatArray, lumbar_deg: FloatArray) -> Rounding:
    """Return the median change of the outline over the deepest tenth of one rep's trunk range, (n,) arrays.

    The interval holds the floor of +/- 12 deg and the spread between frames. NaN when fewer than 30 % of the deep
    frames show the outline.
    """
    low, high = np.nanmin(trunk_deg), np.nanmax(trunk_deg)
    with np.errstate(invalid="ignore"):
        deep = trunk_deg >= low + DEEP_SHARE * (high - low)
    seen = deep & np.isfinite(lumbar_deg)
    visible = float(seen.sum() / max(deep.sum(), 1))
    if visible < MIN_VISIBLE:
        return Rounding(np.nan, np.nan, np.nan, visible, deep)
    values = lumbar_deg[seen]
    middle = float(np.median(values))
    half = max(FLOOR_DEG, 1.645 * 1.4826 * float(np.median(np.abs(values - middle))))
    return Rounding(middle, middle - half, middle + half, visible, deep)
