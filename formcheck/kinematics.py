"""Tracks -> Kinematics: planted foot, knees that plates hide, sagittal angles, hip travel, and the noise of each.

Conventions (biomechanics notes, section 1): hip flexion = trunk - thigh, knee flexion = shank - thigh, all
inclinations from the vertical, forward positive; standing is 0 / 0. Lengths are in leg lengths (thigh + shank as
learnt in standing).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from formcheck import signals
from formcheck.data import BackContour, BoolArray, FloatArray, Kinematics, Quality, Tracks, View
from formcheck.geometry import FACING_SIGN, distance, fold_leg, incline, place_knee
from formcheck.hidden import taken_out
from formcheck.outline import LUMBAR_PER_KINK, measure_kink
from formcheck.skeleton import SEGMENTS

UPRIGHT_SPAN_DEG = 12.0  # frames this near to the most upright tenth count as standing [D]
UPRIGHT_MAX_DEG = 25.0  # and none that leans further does
MIN_UPRIGHT_S = 0.3  # less standing than this gives no baseline
LENGTH_TOLERANCE = (
    0.10  # a thigh or shank off its standing length by more is not a knee: about 3 sigma of real side views [D]
)
MIN_FLEXION_DEG = -6.0  # nor is one that bends the leg backwards; no seen knee of seven real clips reads under -3.5 [D]
PLANTED_SPREAD = 0.02  # an ankle that spreads less (in legs) stands still for the whole clip [D]
PLANTED_WINDOW_S = 3.0  # else it is followed by a running median this long: a camera that pans, a step between reps
NOISY_LEG_CV_PCT = 6.0  # [D] global abstention


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


def measure_kinematics(tracks: Tracks, view: View) -> Kinematics:
    """Return the sagittal-plane channels of a set done with planted feet.

    Channels: `hip_flexion_deg, knee_flexion_deg, trunk_deg, thigh_deg, shank_deg`; `hip_back_leg` and
    `hip_height_leg`, the middle of both hips relative to the planted ankle (in a side view the two coincide, and their
    mean creeps less than either; what a camera off the side view puts between them in standing is taken out);
    `wrist_height_leg`; `leg_fold_deg`, the knee flexion that the distance from planted ankle to hips alone implies: no
    knee landmark, so no plate disturbs it, but poor below about 20 deg; `lumbar_deg`, change of the back's outline from
    the athlete's own upright outline (NaN without one). A joint that is NaN makes NaN. Noise is that of the unfiltered
    channel.
    """
    joints = dict(tracks.joints_px)
    upright = find_upright(incline(joints["hip"], joints["shoulder"], view.facing))
    leg = learn_leg(joints, upright, tracks.rate_hz)
    joints["hip_mid"] = joints["hip_mid"] - _find_parallax(joints, upright)
    reconstructed = find_hidden_knee(joints, leg, view) & ~(taken_out(tracks) & np.isfinite(joints["knee"][:, 0]))
    joints["knee"] = rebuild_knee(joints, leg, reconstructed, view, tracks.rate_hz)
    joints["ankle"] = leg.ankle_px

    raw = measure_channels(joints, leg.length_px, view)
    cutoff_hz = max(
        signals.choose_cutoff(joint[:, axis], tracks.rate_hz)
        for joint in (joints["hip"], joints["shoulder"])
        for axis in (0, 1)
    )
    filtered_px = {name: _smooth_joint(track, tracks.rate_hz, cutoff_hz) for name, track in joints.items()}
    channels = measure_channels(filtered_px, leg.length_px, view)
    channels["leg_fold_deg"] = fold_leg(
        distance(filtered_px["hip_mid"], filtered_px["ankle"]), leg.thigh_px, leg.shank_px
    )
    channels["lumbar_deg"] = measure_lumbar(tracks.back, view, upright, tracks.rate_hz)
    noise = {name: signals.white_noise(values) for name, values in raw.items()}
    noise["lumbar_deg"] = signals.white_noise(channels["lumbar_deg"])
    return Kinematics(
        time_s=tracks.time_s,
        channels=channels,
        noise=noise,
        reconstructed=reconstructed,
        leg_px=leg.length_px,
        view=view,
        quality=_judge_quality(tracks, upright, reconstructed),
    )


def find_upright(trunk_deg: FloatArray) -> BoolArray:
    """Return the frames (T,) in which the trunk stands: within 12 deg of the most upright tenth and under 25 deg; NaN
    is False.
    """
    lean_deg = np.abs(trunk_deg)
    if not np.isfinite(lean_deg).any():
        return np.zeros(len(trunk_deg), bool)
    limit_deg = min(float(np.nanpercentile(lean_deg, 10)) + UPRIGHT_SPAN_DEG, UPRIGHT_MAX_DEG)
    with np.errstate(invalid="ignore"):
        return np.asarray(lean_deg <= limit_deg)


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


def _find_parallax(joints_px: Mapping[str, FloatArray], upright: BoolArray) -> FloatArray:
    apart_px = (joints_px["hip_mid"] - joints_px["hip"])[upright]
    return np.nan_to_num([signals.median(apart_px[:, axis]) for axis in (0, 1)])


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


def measure_channels(joints_px: Mapping[str, FloatArray], leg_px: float, view: View) -> dict[str, FloatArray]:
    """Return angles (deg) and positions (leg lengths) of (T, 2) joints; see `measure_kinematics` for names and
    signs.
    """
    trunk_deg = incline(joints_px["hip"], joints_px["shoulder"], view.facing)
    thigh_deg = incline(joints_px["knee"], joints_px["hip"], view.facing)
    shank_deg = incline(joints_px["ankle"], joints_px["knee"], view.facing)
    from_ankle = (joints_px["hip_mid"] - joints_px["ankle"]) / leg_px
    return {
        "hip_flexion_deg": trunk_deg - thigh_deg,
        "knee_flexion_deg": shank_deg - thigh_deg,
        "trunk_deg": trunk_deg,
        "thigh_deg": thigh_deg,
        "shank_deg": shank_deg,
        "hip_back_leg": -FACING_SIGN[view.facing] * from_ankle[:, 0],
        "hip_height_leg": -from_ankle[:, 1],
        "wrist_height_leg": -(joints_px["wrist"] - joints_px["ankle"])[:, 1] / leg_px,
    }


def measure_lumbar(back: BackContour | None, view: View, upright: BoolArray, rate_hz: float) -> FloatArray:
    """Return lumbar flexion as the outline tells it: its change from the athlete's own standing outline, degrees, (T,).

    Rounding +, arching -.

    NaN without a mask, where the outline is covered, and throughout when under 0.3 s of standing shows it.
    """
    if back is None:
        return np.full(len(upright), np.nan)
    dorsal = 0 if view.facing == "left" else 1
    kink_deg = signals.running_median(measure_kink(back.depth_px[:, dorsal], back.chord_px, back.stations), 5)
    baseline = kink_deg[upright & np.isfinite(kink_deg)]
    if len(baseline) < MIN_UPRIGHT_S * rate_hz:
        return np.full(len(upright), np.nan)
    return np.asarray(LUMBAR_PER_KINK * (kink_deg - np.median(baseline)))


def _smooth_joint(track_px: FloatArray, rate_hz: float, cutoff_hz: float) -> FloatArray:
    return np.stack([signals.smooth(track_px[:, axis], rate_hz, cutoff_hz) for axis in (0, 1)], axis=1)


def _judge_quality(tracks: Tracks, upright: BoolArray, reconstructed: BoolArray) -> Quality:
    segment_cv_pct = {}
    for name, (lower, upper) in SEGMENTS.items():
        length_px = distance(tracks.joints_px[lower], tracks.joints_px[upper])[~reconstructed]
        middle = signals.median(length_px)
        spread = signals.MAD_TO_SIGMA * signals.median(np.abs(length_px - middle))
        segment_cv_pct[name] = 100 * spread / middle if middle else float("nan")
    warnings = []
    if tracks.detected_fraction < 0.95:
        warnings.append(f"the lifter was found in {100 * tracks.detected_fraction:.0f} % of the frames only")
    if reconstructed.mean() > 0.02:
        warnings.append(
            f"the knee was hidden in {100 * reconstructed.mean():.0f} % of the frames; there it was computed from "
            "hip, foot and leg length"
        )
    if upright.sum() < MIN_UPRIGHT_S * tracks.rate_hz:
        warnings.append("the clip never shows the lifter standing still and upright, so there is no baseline")
    leg_cv_pct = max(segment_cv_pct["thigh"], segment_cv_pct["shank"])
    if not leg_cv_pct <= NOISY_LEG_CV_PCT:
        warnings.append(
            f"the leg's length varies by {leg_cv_pct:.0f} % between frames (limit {NOISY_LEG_CV_PCT:.0f}): the "
            "landmarks are poor"
        )
    return Quality(
        detected_fraction=tracks.detected_fraction,
        n_swapped=tracks.n_swapped,
        n_outliers=tracks.n_outliers,
        n_interpolated=tracks.n_interpolated,
        n_reconstructed=int(reconstructed.sum()),
        segment_cv_pct=segment_cv_pct,
        warnings=tuple(warnings),
    )
