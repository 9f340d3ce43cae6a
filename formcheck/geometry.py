"""Angles and distances in the picture plane, over arrays of pixel positions (x right, y down).

Conventions: inclinations are measured from the vertical, degrees, positive towards where the lifter faces; 0 is a
segment that stands upright on its lower joint. Every angle is a 2D sagittal projected angle, not an ISB joint
coordinate system (Wu et al. 2002, J Biomech 35:543): a camera off the side view shrinks it.
"""

import numpy as np

from formcheck.data import FloatArray
from formcheck.skeleton import Side

FACING_SIGN: dict[Side, float] = {"left": -1.0, "right": 1.0}  # forward in the picture's x


def incline(lower_px: FloatArray, upper_px: FloatArray, facing: Side) -> FloatArray:
    """Return the inclination of the segment lower -> upper from the vertical, degrees in (-180, 180], forward positive.

    lower_px, upper_px : (..., 2) positions, px. NaN gives NaN; so do two joints in one place.
    facing : the side of the picture that the lifter looks to.
    """
    step = upper_px - lower_px
    forward = FACING_SIGN[facing] * step[..., 0] + 0.0  # a negative zero would turn 180 into -180
    angle = np.degrees(np.arctan2(forward, -step[..., 1]))
    return np.where(np.any(step != 0, axis=-1), angle, np.nan)


def wrap(angle_deg: FloatArray) -> FloatArray:
    """Return angles in [-180, 180), degrees; NaN stays NaN."""
    return np.asarray((angle_deg + 180.0) % 360.0 - 180.0)


def distance(first_px: FloatArray, second_px: FloatArray) -> FloatArray:
    """Return the Euclidean distance between (..., 2) positions, px; NaN stays NaN."""
    return np.asarray(np.hypot(first_px[..., 0] - second_px[..., 0], first_px[..., 1] - second_px[..., 1]))


def place_knee(
    hip_px: FloatArray, ankle_px: FloatArray, thigh_px: FloatArray, shank_px: FloatArray, facing: Side
) -> FloatArray:
    """Return where the knee must be: two links of known length between hip and planted ankle, bent forward.

    Parameters
    ----------
    hip_px, ankle_px : (T, 2), px.
    thigh_px, shank_px : (T,) lengths of the links, px.
    facing : the side of the picture the knee bends to.

    Returns
    -------
    (T, 2), px. Where hip and ankle are further apart than both links, the leg is straight and the knee divides the line
    in the ratio of the links; NaN where a position is NaN or the two are closer than the links allow.
    """
    line = hip_px - ankle_px
    reach_px = np.hypot(line[:, 0], line[:, 1])
    usable_px = np.minimum(reach_px, thigh_px + shank_px)
    with np.errstate(invalid="ignore", divide="ignore"):
        along_px = (shank_px**2 - thigh_px**2 + usable_px**2) / (2 * usable_px)
        across_px = np.sqrt(np.maximum(shank_px**2 - along_px**2, 0.0))
        unit = line / reach_px[:, None]
        straight = reach_px >= thigh_px + shank_px
        along_px = np.where(straight, reach_px * shank_px / (thigh_px + shank_px), along_px)
        across_px = np.where(straight, 0.0, across_px)
    forward = FACING_SIGN[facing] * np.stack([-unit[:, 1], unit[:, 0]], axis=-1)
    knee = ankle_px + along_px[:, None] * unit + across_px[:, None] * forward
    reachable = reach_px > np.abs(thigh_px - shank_px)
    return np.where(reachable[:, None], knee, np.nan)


def fold_leg(reach_px: FloatArray, thigh_px: float, shank_px: float) -> FloatArray:
    """Return the knee flexion (T,) that a leg of two known links must have to reach from ankle to hip, degrees, 0 =
    straight.

    `reach_px` is the distance from hip to ankle. It needs no knee landmark. 0 where the distance exceeds both links,
    NaN where it is NaN.
    """
    cosine = (reach_px**2 - thigh_px**2 - shank_px**2) / (2 * thigh_px * shank_px)
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
