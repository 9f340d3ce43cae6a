"""Leg curls in a machine: how far the knees bend, whether the hips lift, how far they are bent at the start.

The machine holds thighs and trunk, so hip lift needs no length: with the knee in its place, the height of the hip over
it is cos(thigh inclination), in thigh lengths, and what it gains over the stretched leg is the lift. Hips that rise
turn trunk and thigh against each other too; a rise in which the hip's angle stays is the camera's or the landmarks'.
"""

import math
from dataclasses import dataclass

import numpy as np

from formcheck.data import BoolArray, FloatArray
from formcheck.signals import MAD_TO_SIGMA, count_samples, median, speed_noise
from formcheck.uncertainty import Z90

EXTENDED_SHARE = 0.2  # of the knee's range: the leg is stretched, and the hip rests [D]
CURLED_SHARE = 0.7  # of it: here the roller hides the ankle if anywhere [D]
TOP_SHARE = 0.05  # of it: the turn's and the rest's levels are the medians there
LEAST_ANGLE_ERROR_DEG = 3.0  # no angle is known better: landmarks of hip, knee and ankle slide as the skin does [D]
RANGE_DEG = 9.0  # nor a curl's range: half of the 90 % interval of the errors of 236 rendered curls [S]
LEAST_LIFT_S = 0.2  # a lift that is shorter is none [D]
SLOW_NOISE_THIGH = 0.009  # landmarks drift by 3 to 4 mm over a second, of a thigh of 430 mm [S]
LIFT_THIGH = 0.045  # no lift is known better: half of the 90 % interval of the errors of 17 rendered curls [S]
LIFT_SHARE = 0.4  # nor better than to this share of it, the same of 102 that lift [S]
SEEN_SHARE = 0.7  # of a lifting, in which knee and body have to be seen [D]
SWAY_PCT = (5.0, 95.0)  # between which the body's place lies while it is held: noise makes extremes
AGREEING_DEG_PER_THIGH = 25.0  # of hip flexion, at least: geometry says over 50 for a whole thigh [D]


@dataclass(frozen=True)
class HipLift:
    """How far the hips rise in one curl and hold it for 0.2 s, thigh lengths, with the half-width of its 90 % interval.

    `hip_change_deg` is the change of hip flexion at that moment, `sample` the moment; `agrees`: both say the same.
    """

    lift_thigh: float
    error_thigh: float
    hip_change_deg: float
    sample: int
    agrees: bool


@dataclass(frozen=True)
class Swing:
    """How one curl is lifted: the knee's highest speed, deg/s, with the half-width of its 90 % interval, its sample,
    and how far the body moves meanwhile, in the unit of what was read.
    """

    speed_deg_s: float
    error_deg_s: float
    sample: int
    sway: float


@dataclass(frozen=True)
class Range:
    """Knee flexion at rest and when curled, degrees, and what lies between."""

    low_deg: float
    high_deg: float

    @property
    def range_deg(self) -> float:
        """What the curl covers."""
        return self.high_deg - self.low_deg


def measure_range(knee_deg: FloatArray) -> Range | None:
    """Return the range of one curl from its knee flexion (n,), degrees; None when under 70 % of it is seen."""
    seen = knee_deg[np.isfinite(knee_deg)]
    if len(seen) < max(3, 0.7 * len(knee_deg)):
        return None
    low, high = float(seen.min()), float(seen.max())
    margin = TOP_SHARE * (high - low)
    return Range(float(np.median(seen[seen <= low + margin])), float(np.median(seen[seen >= high - margin])))


def measure_swing(
    knee_deg: FloatArray, body: FloatArray, lifting: slice, noise_deg: float, rate_hz: float
) -> Swing | None:
    """Return how a curl is lifted, or None where knee or body is not seen in 70 % of it.

    knee_deg, body : (T,) of the set; `body` is what rests while a machine holds it. lifting : from rest to the turn.
    noise_deg : one sigma of the unfiltered knee.
    """
    speed_deg_s, swayed = (np.gradient(knee_deg) * rate_hz)[lifting], body[lifting]
    if min(np.mean(np.isfinite(speed_deg_s)), np.mean(np.isfinite(swayed))) < SEEN_SHARE:
        return None
    peak = int(np.nanargmax(speed_deg_s))
    low, high = np.nanpercentile(swayed, SWAY_PCT)
    error_deg_s = Z90 * speed_noise(noise_deg, rate_hz)
    return Swing(float(speed_deg_s[peak]), error_deg_s, (lifting.start or 0) + peak, float(high - low))


def find_stretched(knee_deg: FloatArray) -> BoolArray:
    """Return the frames (T,) of a set in which the leg is stretched: the lowest fifth of the knee's range."""
    if not np.isfinite(knee_deg).any():
        return np.zeros(len(knee_deg), bool)
    low, high = np.nanpercentile(knee_deg, [2, 98])
    return np.asarray(knee_deg <= low + EXTENDED_SHARE * (high - low))


def hold_thigh(thigh_deg: FloatArray, hip_rise_thigh: FloatArray, stretched: BoolArray) -> FloatArray:
    """Return the inclination (T,), degrees, of a thigh that a machine holds: the set's median, and the turn that the
    hip's rise is.

    thigh_deg : (T,) as seen, negative from the knee back to the hip. hip_rise_thigh : (T,) the hip's height in the
    picture; it has risen by the smaller of what this and the thigh say, as in `measure_hip_lift`. stretched : (T,) the
    frames of rest. A landmark of hip or knee that slides as the shank turns is thus no knee flexion. NaN rises by 0.
    """
    rest = float(np.cos(np.radians(median(thigh_deg))))
    rise = np.minimum(np.cos(np.radians(thigh_deg)) - rest, hip_rise_thigh - median(hip_rise_thigh[stretched]))
    height = np.clip(rest + np.clip(np.nan_to_num(rise), 0.0, None), -1.0, 1.0)
    return np.asarray(-np.degrees(np.arccos(height)))


def find_curled(knee_deg: FloatArray) -> BoolArray:
    """Return the frames (n,) of one curl in the upper 30 % of the knee's range."""
    low, high = np.nanmin(knee_deg), np.nanmax(knee_deg)
    return np.asarray(knee_deg >= low + CURLED_SHARE * (high - low))


def measure_hip_lift(
    thigh_deg: FloatArray,
    hip_deg: FloatArray,
    hip_rise_thigh: FloatArray,
    stretched: BoolArray,
    samples: slice,
    thigh_noise_deg: float,
    rate_hz: float,
) -> HipLift | None:
    """Return the hip lift of one curl, or None when thigh or trunk is not seen.

    thigh_deg, hip_deg : (T,) thigh's inclination and hip flexion over the set.
    hip_rise_thigh : (T,) the hip's height in the picture. The lift is the smaller of what this and the thigh say: the
        knee landmark of a seated lifter sinks by 0.14 thigh lengths as the shank turns (one rendered clip).
    stretched : (T,) the frames of the set that give the baseline.
    samples : the curl.
    thigh_noise_deg : one sigma of the unfiltered inclination.
    """
    height = np.cos(np.radians(thigh_deg))
    rise = hip_rise_thigh - median(hip_rise_thigh[stretched])
    lift = np.minimum(height - median(height[stretched]), rise)[samples]
    turned_deg = np.abs(hip_deg[samples] - median(hip_deg[stretched]))
    if np.mean(np.isfinite(lift + turned_deg)) < 0.7:
        return None
    index = np.flatnonzero(np.isfinite(lift + turned_deg))
    window = min(count_samples(LEAST_LIFT_S, rate_hz), len(index))
    held = np.lib.stride_tricks.sliding_window_view(lift[index], window).min(axis=1)
    first = int(held.argmax())
    moment = slice(first, first + window)
    lift_thigh = float(held[first])
    hip_change_deg = float(np.median(turned_deg[index][moment]))
    fast = np.radians(np.nan_to_num(thigh_noise_deg)) * abs(float(np.sin(np.radians(median(thigh_deg[stretched])))))
    spread = MAD_TO_SIGMA * median(np.abs(height[stretched] - median(height[stretched])))
    noise_thigh = Z90 * float(np.hypot(max(fast, spread), np.sqrt(2) * SLOW_NOISE_THIGH))
    return HipLift(
        lift_thigh=lift_thigh,
        error_thigh=math.hypot(max(LIFT_THIGH, noise_thigh), LIFT_SHARE * lift_thigh),
        hip_change_deg=hip_change_deg,
        sample=(samples.start or 0) + int(index[first]),
        agrees=hip_change_deg >= AGREEING_DEG_PER_THIGH * lift_thigh,
    )
