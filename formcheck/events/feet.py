"""Foot position: how far the toes are turned out of the leg's own plane, where the camera sees it.

From the side the foot shortens by 3.4 % at 15 deg of toe-out: nothing can be read. From the front or from behind the
model's own 3D guess shows it. Angles are about the shank's axis, so that they mean the same in standing, kneeling and
lying; 0 points where a hinge of the knee would, outward +.
"""

from dataclasses import dataclass

import numpy as np

from formcheck.data import FloatArray
from formcheck.signals import MAD_TO_SIGMA, median
from formcheck.skeleton import SIDES, Side, landmark
from formcheck.uncertainty import Z90

MIN_FRONT_YAW_DEG = 60.0  # off the side view: the camera stands in front or behind [D]
LEAST_FOOT_ERROR_DEG = 5.0  # no interval is narrower to either side: the depth is the model's guess [D]
MIN_FEET_SEEN = 0.3  # of the frames
SLIP_DEG = 90.0  # a foot that points backwards is a guess


@dataclass(frozen=True)
class Feet:
    """How far each foot is turned out, degrees (inward -), and the half-width of the 90 % interval."""

    left_deg: float
    right_deg: float
    error_deg: float

    @property
    def most_deg(self) -> float:
        """The foot that is turned further, with its sign."""
        return self.left_deg if abs(self.left_deg) > abs(self.right_deg) else self.right_deg


def measure_feet(world_m: FloatArray) -> Feet | None:
    """Return the feet's turn from the model's 3D guess, (T, K, 3); None when they are seen in under 30 % of the frames.

    Medians over the clip. It cannot tell a foot that turns from a shank that does.
    """
    turned = {side: _turn_out_deg(world_m, side) for side in SIDES}
    if any(np.mean(np.isfinite(angle_deg)) < MIN_FEET_SEEN for angle_deg in turned.values()):
        return None
    left_deg, right_deg = (median(turned[side]) for side in SIDES)
    spread_deg = max(MAD_TO_SIGMA * median(np.abs(turned[side] - median(turned[side]))) for side in SIDES)
    return Feet(left_deg, right_deg, max(LEAST_FOOT_ERROR_DEG, Z90 * spread_deg))


def _turn_out_deg(world_m: FloatArray, side: Side) -> FloatArray:
    other: Side = "left" if side == "right" else "right"
    knee, ankle, heel, toe = (world_m[:, landmark(side, joint)] for joint in ("knee", "ankle", "heel", "foot_index"))
    shank = _unit(knee - ankle)
    outward = _unit(_across(world_m[:, landmark(side, "hip")] - world_m[:, landmark(other, "hip")], shank))
    foot = _across(toe - heel, shank)
    ahead = np.cross(shank, outward)
    along, sideways = (foot * ahead).sum(axis=1), (foot * outward).sum(axis=1)
    angle_deg = np.degrees(np.arctan2(sideways, np.sign(median(along)) * along))
    return np.where(np.abs(angle_deg) < SLIP_DEG, angle_deg, np.nan)


def _unit(vectors: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1)[:, None])


def _across(vectors: FloatArray, axis: FloatArray) -> FloatArray:
    return np.asarray(vectors - (vectors * axis).sum(axis=1)[:, None] * axis)
