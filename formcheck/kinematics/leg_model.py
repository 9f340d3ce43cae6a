"""The standing leg: segment lengths, the planted foot, and knees that plates hide.

Lengths are px; conventions as in `formcheck.kinematics.joint_angles`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from formcheck import signals
from formcheck.data import BoolArray, FloatArray, View
from formcheck.geometry import distance, incline, place_knee

MIN_UPRIGHT_S = 0.3  # less standing than this gives no baseline
LENGTH_TOLERANCE = (
    0.10  # a thigh or shank off its standing length by more is not a knee: about 3 sigma of real side views [D]
)
MIN_FLEXION_DEG = -6.0  # nor is one that bends the leg backwards; no seen knee of seven real clips reads under -3.5 [D]
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


def find_hidden_knee(joints_px: Mapping[str, FloatArray], leg: Leg, view: View) -> BoolArray:
    """Return the frames (T,) whose knee landmark cannot be a knee: missing, a segment off its standing length by over
    10 %, or a leg that bends backwards.

    A landmark that slips forward by less than that passes for a knee that bends. Where the leg bends backwards in most
    frames (a kneeling body whose toes point behind it), the facing is wrong, not the knee, and lengths alone decide.
    """
    shank_deg = incline(leg.ankle_px, joints_px["knee"], view.facing)
    thigh_deg = incline(joints_px["knee"], joints_px["hip"], view.facing)
    flexion_deg = signals.running_median(shank_deg - thigh_deg, 5)
    thigh = signals.running_median(distance(joints_px["knee"], joints_px["hip"]), 5) / leg.thigh_px
    shank = signals.running_median(distance(leg.ankle_px, joints_px["knee"]), 5) / leg.shank_px
    plausible = (np.abs(thigh - 1) <= LENGTH_TOLERANCE) & (np.abs(shank - 1) <= LENGTH_TOLERANCE)
    if signals.median(flexion_deg[plausible]) >= MIN_FLEXION_DEG:
        plausible &= flexion_deg >= MIN_FLEXION_DEG
    return np.asarray(~plausible & np.isfinite(joints_px["hip"][:, 0]))


def rebuild_knee(
    joints_px: Mapping[str, FloatArray], leg: Leg, hidden: BoolArray, view: View, rate_hz: float
) -> FloatArray:
    """Return the knee (T, 2) with the frames in `hidden` computed from hip, planted ankle and segment lengths.

    Lengths are those of the nearest second in which the knee is seen, carried across the hidden stretch: the hip
    landmark slides on a pelvis that turns, and near a straight leg 3 % of its length are 15 deg of knee flexion.
    Without any such second: those of standing.
    """
    seen = ~hidden & np.isfinite(joints_px["knee"][:, 0])
    thigh_px = _carry_length(distance(joints_px["knee"], joints_px["hip"]), seen, leg.thigh_px, rate_hz)
    shank_px = _carry_length(distance(leg.ankle_px, joints_px["knee"]), seen, leg.shank_px, rate_hz)
    placed_px = place_knee(joints_px["hip"], leg.ankle_px, thigh_px, shank_px, view.facing)
    return np.where(hidden[:, None], placed_px, joints_px["knee"])


def _carry_length(length_px: FloatArray, seen: BoolArray, standing_px: float, rate_hz: float) -> FloatArray:
    if not seen.any():
        return np.full(len(seen), standing_px)
    index = np.flatnonzero(seen)
    steady_px = signals.running_median(length_px[index], signals.window_length(1.0, rate_hz))
    return np.interp(np.arange(len(seen)), index, steady_px)
