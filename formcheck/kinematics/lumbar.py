"""What the outline of the back says about the lumbar spine: pure functions over the outline and dorsal depths.

BlazePose has no spine landmark, so the trunk of the landmarks is one stiff rod. The person mask shows the back. Its
outline, as depth over the hip-shoulder chord, turns from buttock to rib cage; a lumbar spine that flexes turns it
less, and then the other way.
"""

from collections.abc import Mapping

import numpy as np

from formcheck import signals
from formcheck.data import BoolArray, FloatArray, Tracks, View
from formcheck.geometry import FACING_SIGN
from formcheck.kinematics.leg_model import MIN_UPRIGHT_S
from formcheck.kinematics.lumbar_map import STRETCH, correct_kink

# Stretches of the chord (0 = hip, 1 = shoulder) whose slopes are compared. Below: sacrum and lowest back; above: lower
# ribs to the shoulder blade's lower edge. Beyond 0.8 hoods, hair and the arm's root spoil the outline. Of 42 pairs
# tried on the real deadlift pair and on rendered bodies (development split) this is the second best on the bodies, and
# keeps every rounded real rep above every flat one by 5 deg.
LOWER = (0.0, 0.3)
UPPER = (0.45, 0.75)  # of the chord from hip to shoulder: where the upper back's slope is read [D]
# Root mean square distance of STRETCH from a polynomial, which has no steps, in chord lengths: beyond it the mask has
# leaked. A cubic cannot follow a back that arches by 20 deg and more (docs/calibration.md).
SMOOTH_DEGREE = 5  # of the polynomial [S]
MAX_ROUGHNESS = 0.0075  # up to it readings are off by 3 deg in the middle, beyond it by 7 to 13 [S]

# Degrees of lumbar flexion per degree of kink, chosen on develop and calibrate of the bank (docs/calibration.md). Least
# squares says 1.07, which is right on the mean of backs that are mostly flat and reads the round ones 8 to 12 deg low;
# at 1.3 those are 2 to 7 deg low, and all are off by 0.2 to 0.4 deg more. What the hips' bend adds did not help on
# calibrate; what the whole outline adds is `lumbar_map`.
LUMBAR_PER_KINK = 1.3
KINK_SAMPLES = 5  # of the running median that takes single masks' errors out of the kink
# Upright outlines are more hollow than this, degrees, in 19 sets of 20. One that is less so is spoilt by a plate before
# the hips or was rarely seen, and backs read against it come out 5 to 18 deg too flat [S].
LEAST_HOLLOW_DEG = -8.0


def read_lumbar(change_deg: FloatArray) -> FloatArray:
    """Return the lumbar flexion (deg, rounding +, arching -) that a kink tells which has changed by `change_deg` (T,)
    from the athlete's own standing; NaN makes NaN.
    """
    return np.asarray(LUMBAR_PER_KINK * np.asarray(change_deg))


def learn_upright(kink_deg: FloatArray, upright: BoolArray) -> float:
    """Return the athlete's own upright kink (deg), of a kink (T,) that is known at least once while `upright` (T,): no
    less hollow than upright backs are.
    """
    return min(float(np.median(kink_deg[upright])), LEAST_HOLLOW_DEG)


def fit_slope(depth_chord: FloatArray, stations: FloatArray, stretch: tuple[float, float]) -> FloatArray:
    """Return the least-squares slope of (T, S) depths along a stretch of the chord, deg; NaN under 70 % seen."""
    inside = (stations >= stretch[0] - 1e-9) & (stations <= stretch[1] + 1e-9)
    x, y = stations[inside], depth_chord[:, inside]
    seen = np.isfinite(y)
    n = np.maximum(seen.sum(axis=1), 1)
    mean_x = (seen * x).sum(axis=1) / n
    mean_y = np.where(seen, y, 0.0).sum(axis=1) / n
    dx = np.where(seen, x - mean_x[:, None], 0.0)
    dy = np.where(seen, y - mean_y[:, None], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = (dx * dy).sum(axis=1) / (dx**2).sum(axis=1)
    return np.where(seen.mean(axis=1) >= 0.7, np.degrees(np.arctan(slope)), np.nan)


def measure_kink(depth_px: FloatArray, chord_px: FloatArray, stations: FloatArray) -> FloatArray:
    """Return by how much the outline bends backwards between lower and upper back, degrees: rounding +, hollow -.

    Parameters
    ----------
    depth_px : (T, S) distances from the chord to the dorsal edge of the mask.
    chord_px : (T, 2, 2) mid-hip and mid-shoulder.
    stations : (S,) positions along the chord.

    Returns
    -------
    (T,) slope(LOWER) - slope(UPPER). Not a lumbar angle: a person's own upright value lies between about -10 and -40,
    so only the change from it says anything. NaN where the outline is interrupted or rougher than MAX_ROUGHNESS.
    """
    length_px = np.linalg.norm(chord_px[:, 1] - chord_px[:, 0], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        depth_chord = depth_px / length_px[:, None]
    kink_deg = fit_slope(depth_chord, stations, LOWER) - fit_slope(depth_chord, stations, UPPER)
    with np.errstate(invalid="ignore"):
        return np.where(measure_roughness(depth_chord, stations) <= MAX_ROUGHNESS, kink_deg, np.nan)


def measure_roughness(depth_chord: FloatArray, stations: FloatArray) -> FloatArray:
    """Return how far each outline (T, S) is from a smooth curve: the rms residual of a polynomial over STRETCH, chord
    lengths.

    NaN when any station of the stretch is missing.
    """
    inside = (stations >= STRETCH[0] - 1e-9) & (stations <= STRETCH[1] + 1e-9)
    basis = np.linalg.qr(np.vander(stations[inside], SMOOTH_DEGREE + 1))[0]
    residual = depth_chord[:, inside] - (depth_chord[:, inside] @ basis) @ basis.T
    return np.asarray(np.sqrt((residual**2).mean(axis=1)))


def measure_lumbar(
    tracks: Tracks, view: View, upright: BoolArray, trunk_deg: FloatArray, *, learnt: bool
) -> dict[str, FloatArray]:
    """Return `lumbar_deg` (T,), lumbar flexion as the outline tells it against the athlete's own upright outline,
    rounding +, arching -, and where such backs are `learnt` `lumbar_error_deg` (T,), one sigma of it (`lumbar_map`).

    upright : (T,) where the outline of the upright body is seen. trunk_deg : (T,), NaN where the outline is covered.
    NaN there, without a mask, and throughout when under 0.3 s of standing shows it.
    """
    flexion_deg, error_deg = np.full(len(upright), np.nan), np.full(len(upright), np.nan)
    if tracks.back is not None:
        back = tracks.back
        depth_px = back.dorsal_px(view.facing)
        each_deg = measure_kink(depth_px, back.chord_px, back.stations)
        kink_deg = np.where(np.isfinite(trunk_deg), signals.running_median(each_deg, KINK_SAMPLES), np.nan)
        known = upright & np.isfinite(kink_deg)
        if known.sum() >= MIN_UPRIGHT_S * tracks.rate_hz:
            flexion_deg = read_lumbar(kink_deg - learn_upright(kink_deg, known))
            if learnt:
                correction_deg, error_deg = correct_kink(depth_px, back, known, trunk_deg)
                correction_deg = signals.running_median(correction_deg, KINK_SAMPLES)
                flexion_deg = flexion_deg + correction_deg - np.median(correction_deg[known])
    return {"lumbar_deg": flexion_deg} | ({"lumbar_error_deg": error_deg} if learnt else {})


def find_covering_arm(joints_px: Mapping[str, FloatArray], leg_px: float, view: View, least_leg: float) -> BoolArray:
    """Return the frames (T,) in which the near arm may hide the outline of the back: the elbow lies less than
    `least_leg` before the line from hip to shoulder, as with hands on the hips or at a bar on the back. An elbow that
    was not seen hides nothing.
    """
    trunk = joints_px["shoulder"] - joints_px["hip"]
    reach = joints_px["elbow"] - joints_px["hip"]
    with np.errstate(invalid="ignore", divide="ignore"):
        across_px = (trunk[:, 0] * reach[:, 1] - trunk[:, 1] * reach[:, 0]) / np.hypot(trunk[:, 0], trunk[:, 1])
        return np.asarray(FACING_SIGN[view.facing] * across_px / leg_px < least_leg)
