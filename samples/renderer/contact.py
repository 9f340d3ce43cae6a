"""How thick a dressed body is where it touches something: skin at rest -> metres."""

import numpy as np
import numpy.typing as npt

from samples.renderer.posing import turn_x
from samples.renderer.scene import Lifter

Floats = npt.NDArray[np.float64]

SLAB_M, REACH_M = 0.02, 0.10  # of the skin looked at: along the segment, and across it


def thickness_m(lifter: Lifter, upper: str, lower: str, share: float, side: float) -> float:
    """Distance from a left segment's line to its skin at rest, metres: front (side +1) or back (-1).

    share: place along the segment from the upper joint (0) to the lower one (1).
    """
    body = lifter.body
    middle = (1.0 - share) * body.joint(upper) + share * body.joint(lower)
    away = np.abs(lifter.skin_m - middle)
    near = (away[:, 0] < REACH_M) & (away[:, 1] < SLAB_M)
    return float((side * (lifter.skin_m[near, 2] - middle[2])).max())


def foot_extent_m(lifter: Lifter, foot_deg: Floats, axis: int) -> Floats:
    """Lowest place of a shoe against its ankle on an axis (1 up, 2 forward) for toes turned down by `foot_deg` (N,)."""
    body = lifter.body
    carried = np.isin(body.skin_bones[:, 0], [body.index("foot.L"), body.index("toe2-1.L")])
    points = lifter.skin_m[carried] - body.joint("foot.L")
    turned = np.einsum("nab,vb->nva", turn_x(foot_deg), points)
    lowest: Floats = turned[:, :, axis].min(axis=1)
    return lowest
