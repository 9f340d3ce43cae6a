"""The standing leg: segment lengths, the planted foot, and knees that nobody can see.

Lengths are px; conventions as in `formcheck.kinematics.joint_angles`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from formcheck import signals
from formcheck.data import BoolArray, FloatArray, View
from formcheck.geometry import FACING_SIGN, distance, incline, place_knee, wrap
from formcheck.skeleton import Side

MIN_UPRIGHT_S = 0.3  # less standing than this gives no baseline
# By how much a knee landmark is doubted: by a segment that is off its standing length by so much of it, and by a plate
# that was taken out of the picture, so many of its radii from its middle (docs/calibration.md).
OFF_LENGTH, OFF_DOUBT = (0.08, 0.12, 0.20, 0.30), (0.0, 0.4, 0.7, 1.0)
UNDER_PLATE, PLATE_DOUBT = (0.9, 1.3), (0.7, 0.0)
COMPUTED = 0.5  # doubt from which a knee is called computed: it is more what hinges do than what was seen [D]
# The knees' bend in a hinge by the trunk's lean: at none, per degree and per its square (docs/calibration.md).
USUAL_DEG, USUAL_PER_DEG, USUAL_PER_DEG2 = 6.0, 0.451, -0.0031
FARTHEST_LEAN_DEG = 90.0  # of the trunk that the above knows
# How far before the joint, in thighs, and below it, in shanks, a knee on the floor has its landmark (calibration.md).
KNEE_BACK_THIGH, KNEE_UP_SHANK = 0.044, 0.034
PLANTED_SPREAD = 0.02  # an ankle that spreads less (in legs) stands still for the whole clip [D]
PLANTED_NEAR = 0.08  # of the leg from the middle of the bent frames: an ankle that a plate has not led astray [D]
PLANTED_WINDOW_S = 3.0  # else it is followed by a running median this long: a camera that pans, a step between reps


@dataclass(frozen=True)
class Leg:
    """The standing leg: segment lengths in px and the planted ankle (T, 2)."""

    thigh_px: float
    shank_px: float
    ankle_px: FloatArray

    @property
    def length_px(self) -> float:
        """Thigh plus shank, px."""
        return self.thigh_px + self.shank_px


def learn_leg(joints_px: Mapping[str, FloatArray], upright: BoolArray, rate_hz: float) -> Leg:
    """Return segment lengths, as medians over standing (over all frames when there is no standing), and the planted
    ankle. A length that was never seen, or is none, is NaN.
    """
    frames = upright if upright.sum() >= MIN_UPRIGHT_S * rate_hz else np.ones(len(upright), bool)
    thigh_px = signals.median(distance(joints_px["knee"], joints_px["hip"])[frames]) or float("nan")
    shank_px = signals.median(distance(joints_px["ankle"], joints_px["knee"])[frames]) or float("nan")
    ankle_px = joints_px["ankle"]
    middle = np.array([signals.median(ankle_px[:, axis]) for axis in (0, 1)])
    spread = signals.MAD_TO_SIGMA * max(signals.median(np.abs(ankle_px - middle)[:, axis]) for axis in (0, 1))
    if spread <= PLANTED_SPREAD * (thigh_px + shank_px):
        return Leg(thigh_px, shank_px, np.tile(middle, (len(ankle_px), 1)))
    window = signals.window_length(PLANTED_WINDOW_S, rate_hz)
    followed = np.stack([signals.running_median(ankle_px[:, axis], window) for axis in (0, 1)], axis=1)
    return Leg(thigh_px, shank_px, followed)


def learn_leg_past_plates(
    joints_px: Mapping[str, FloatArray], upright: BoolArray, filled: BoolArray, rate_hz: float
) -> Leg | None:
    """Return the leg as the bent frames show it; None where no plate was taken out (`filled`, (T,)) or the feet step.

    A full-size plate hides hip and knee in standing, and what the model makes of the leg there, visible ankle
    included, is a guess; at the bottom hip and foot are in sight.
    """
    bent = filled & ~upright & np.isfinite(joints_px["ankle"][:, 0])
    if bent.sum() < MIN_UPRIGHT_S * rate_hz:
        return None
    thigh_px = signals.median(distance(joints_px["knee"], joints_px["hip"])[bent]) or float("nan")
    shank_px = signals.median(distance(joints_px["ankle"], joints_px["knee"])[bent]) or float("nan")
    middle = np.array([signals.median(joints_px["ankle"][bent, axis]) for axis in (0, 1)])
    near = distance(joints_px["ankle"], middle) <= PLANTED_NEAR * (thigh_px + shank_px)
    if np.mean(near[bent]) < 0.5:
        return None
    return Leg(thigh_px, shank_px, np.tile(middle, (len(upright), 1)))


def hold_shank(joints_px: Mapping[str, FloatArray], rate_hz: float) -> FloatArray:
    """Return the ankle (T, 2) that goes with each knee when both lie on the floor: the knee plus the running median of
    the shank over 3 s. The partner's hands cover the ankle for a while, and a hand-held camera moves both.
    """
    shank_px = joints_px["ankle"] - joints_px["knee"]
    window = signals.window_length(PLANTED_WINDOW_S, rate_hz)
    held_px = [signals.running_median(shank_px[:, axis], window) for axis in (0, 1)]
    return joints_px["knee"] + np.stack(held_px, axis=1)


def centre_knee(knee_px: FloatArray, ankle_px: FloatArray, leg: Leg, facing: Side) -> FloatArray:
    """Return the joint (T, 2) of a knee on the floor: its landmark lies in front of it and below, at the skin.

    Knees and ankles are (T, 2) px; NaN where either is.
    """
    shank_px = ankle_px - knee_px
    along = shank_px / distance(knee_px, ankle_px)[:, None]
    across = FACING_SIGN[facing] * np.stack([-along[:, 1], along[:, 0]], axis=1)
    return knee_px + leg.thigh_px * KNEE_BACK_THIGH * along + leg.shank_px * KNEE_UP_SHANK * across


def doubt_knee(joints_px: Mapping[str, FloatArray], leg: Leg, plate_px: FloatArray | None) -> FloatArray:
    """Return how far each knee landmark is to be doubted, (T,) from 0 to 1; a missing one is 1.

    What tells is a thigh or shank off its standing length, and a plate that covers the knee: circles (T, 3) of plates
    that were taken out of the picture, NaN where none was. Wherever a landmark slips along the leg or a little to its
    side nothing tells it.
    """
    thigh = signals.running_median(distance(joints_px["knee"], joints_px["hip"]), 5) / leg.thigh_px
    shank = signals.running_median(distance(leg.ankle_px, joints_px["knee"]), 5) / leg.shank_px
    off = np.maximum(np.abs(thigh - 1), np.abs(shank - 1))
    doubt = np.interp(np.where(np.isfinite(off), off, np.inf), OFF_LENGTH, OFF_DOUBT)
    if plate_px is None:
        return doubt
    radii = distance(joints_px["knee"], plate_px[:, :2]) / plate_px[:, 2]
    return np.maximum(doubt, np.interp(np.where(np.isfinite(radii), radii, np.inf), UNDER_PLATE, PLATE_DOUBT))


def draw_knee(joints_px: Mapping[str, FloatArray], leg: Leg, doubt: FloatArray, view: View) -> FloatArray:
    """Return the knee (T, 2), bent as its landmark says and, by its `doubt` (T,), as hinges bend it at that lean.

    Hip and planted ankle stay, and so does the ratio of thigh and shank; a knee that is not doubted is the landmark.
    NaN where the hip is, or the shoulder of a doubted knee.
    """
    thigh_deg = incline(joints_px["knee"], joints_px["hip"], view.facing)
    seen_deg = np.maximum(wrap(incline(leg.ankle_px, joints_px["knee"], view.facing) - thigh_deg), 0.0)
    lean_deg = np.clip(incline(joints_px["hip"], joints_px["shoulder"], view.facing), 0.0, FARTHEST_LEAN_DEG)
    usual_deg = USUAL_DEG + USUAL_PER_DEG * lean_deg + USUAL_PER_DEG2 * lean_deg**2
    bend_deg = np.where(doubt < 1, usual_deg + (1 - doubt) * (seen_deg - usual_deg), usual_deg)
    bend = np.radians(bend_deg)
    thigh, shank = leg.thigh_px / leg.length_px, leg.shank_px / leg.length_px
    scale_px = distance(joints_px["hip"], leg.ankle_px) / np.sqrt(
        thigh**2 + shank**2 + 2 * thigh * shank * np.cos(bend)
    )
    drawn_px = place_knee(joints_px["hip"], leg.ankle_px, thigh * scale_px, shank * scale_px, view.facing)
    return np.where((doubt > 0)[:, None], drawn_px, joints_px["knee"])
