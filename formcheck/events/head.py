"""The head against the trunk at the bottom of a hinge, as it changed from the lifter's own standing.

Degrees, looking up (extension) +, chin tucked -. Landmarks know the ear and not the neck's joints, so a rounded upper
back and shoulders that hang forward move it too: it is known to some ten degrees and no better.
"""

import numpy as np

from formcheck.data import FloatArray
from formcheck.signals import median

DEEP_SHARE = 0.85  # of the trunk's range
MIN_VISIBLE = 0.5


def measure_head_turn(trunk_deg: FloatArray, head_deg: FloatArray, standing_deg: float) -> tuple[float, int]:
    """Return by how much the ear turned back against the trunk in the deep part of one repetition, (n,) arrays, deg,
    and the first sample of that part; NaN where it was hidden. `standing_deg` : `head_deg` in standing.
    """
    low_deg, high_deg = np.nanmin(trunk_deg), np.nanmax(trunk_deg)
    with np.errstate(invalid="ignore"):
        deep = trunk_deg >= low_deg + DEEP_SHARE * (high_deg - low_deg)
    seen = np.isfinite(head_deg[deep]).mean()
    first = int(np.flatnonzero(deep)[0])
    return (standing_deg - median(head_deg[deep]) if seen >= MIN_VISIBLE else float("nan")), first
