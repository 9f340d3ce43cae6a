"""Tracks -> Kinematics: planted foot, knees that plates hide, sagittal angles, hip travel, and the noise of each.

Conventions (docs/method.md): hip flexion = trunk - thigh, knee flexion = shank - thigh, all
inclinations from the vertical, forward positive; standing is 0 / 0. Lengths are in leg lengths (thigh + shank as
learnt in standing).
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from formcheck import signals
from formcheck.data import Base, BoolArray, FloatArray, Kinematics, Quality, Tracks, View
from formcheck.geometry import FACING_SIGN, distance, fold_leg, incline, wrap
from formcheck.kinematics.leg_model import (
    MIN_UPRIGHT_S,
    Leg,
    find_hidden_knee,
    hold_shank,
    learn_leg,
    learn_leg_past_plates,
    rebuild_knee,
)
from formcheck.kinematics.lumbar import measure_kink, read_lumbar
from formcheck.kinematics.lumbar_map import correct_kink
from formcheck.kinematics.occlusion import find_hidden_hip, find_short_leg, taken_out
from formcheck.skeleton import SEGMENTS

UPRIGHT_SPAN_DEG = 12.0  # frames this near to the most upright tenth count as standing [D]
UPRIGHT_MAX_DEG = 25.0  # and none that leans further does
SHAKE_HZ = (4.0, 12.0)  # trembling of a muscle at its limit [D]
# Legs by which an elbow lies before the line of the trunk when the arm leaves the back free: 0.11 to 0.31 with arms
# before the chest, -0.15 to 0.01 with hands on the hips (three real clips) [D].
MIN_ELBOW_FRONT = 0.05
# The same in standing, where arms that hang reach it: 0.01 and more in hinges with the weight in the hands, -0.10 to
# -0.05 at the bottom of a rendered good morning, whose elbows cross the back's edge [D].
MIN_ELBOW_FRONT_STANDING = -0.03
EXTENDED_SPAN = 0.05  # of the hip-ankle distance: a leg that is stretched [D]
REACH_WINDOW_S = 0.3  # of the running median that takes single frames' errors out of it
HIDDEN_SHANK = 0.8  # of its stretched length: a shank that looks shorter has no ankle landmark worth the name [D]
MAX_HIDDEN_ANKLE = 0.05  # of the frames
EDGE_SAMPLES = 5  # of the running median that takes single masks' errors out of the body's edge
CURL_CUTOFF_HZ = 3.0  # [D]
DRIFT_S = 0.7  # time constant of the landmarks' slow noise [S]
# One sigma of a camera's roll, which landmarks do not tell: 90 % of the +/- 5 deg that a phone is held askew. Nobody's
# own upright is a level: standing trunks lean by 0 to 5 deg forward [D].
ROLL_DEG = 2.75
MAX_YAW_DEG = 60.0  # beyond it, nothing is known of a sagittal angle
OF_THE_LEG = (
    "hip_flexion_deg", "knee_flexion_deg", "thigh_deg", "shank_deg", "hip_back_leg", "hip_height_leg", "leg_fold_deg",
)  # fmt: skip
NOISY_LEG_CV_PCT = 6.0  # [D] global abstention


def measure_kinematics(tracks: Tracks, view: View, base: Base = "feet") -> Kinematics:
    """Return the sagittal-plane channels of a set done on `base`.

    Channels: `hip_flexion_deg, knee_flexion_deg, trunk_deg, thigh_deg, shank_deg`; `phi_deg`, the inclination of knee
    to shoulder; `hip_back_leg` and `hip_height_leg`, the middle of both hips relative to the planted ankle (to the
    knee when the knees are planted) (in a side view the two coincide, and their
    mean creeps less than either; what a camera off the side view puts between them in standing is taken out);
    `wrist_height_leg`; `lever_leg`, how far the shoulder is in front of the hip; `leg_fold_deg`, the knee flexion that
    the distance from planted ankle to hips alone implies: no knee landmark, so no plate disturbs it, but poor below
    about 20 deg; `lumbar_deg`, what the back's outline says of lumbar flexion against the athlete's own upright outline
    (NaN without one); on a pad and on a bench also those of `measure_pad_channels` and `measure_bench_channels`. A
    joint that is NaN makes NaN. Noise is that of the unfiltered channel. A hidden knee is rebuilt over planted feet
    only.
    """
    joints = dict(tracks.joints_px)
    upright = find_upright(incline(joints["hip"], joints["shoulder"], view.facing))
    filled = taken_out(tracks)
    teaching = find_extended(joints, tracks.rate_hz) if base == "bench" else upright
    leg = learn_leg_past_plates(joints, upright, filled, tracks.rate_hz) if base == "feet" else None
    leg = leg or learn_leg(joints, teaching, tracks.rate_hz)
    joints["hip_mid"] = joints["hip_mid"] - _find_parallax(joints, upright)
    reconstructed = np.zeros(len(tracks.time_s), bool)
    if base == "feet":
        reconstructed = find_hidden_knee(joints, leg, view)
        joints["knee"] = rebuild_knee(joints, leg, reconstructed, view, tracks.rate_hz)
    if base != "bench":
        joints["ankle"] = hold_shank(joints, tracks.rate_hz) if base == "knees" else leg.ankle_px
    planted = "knee" if base in {"knees", "bench"} else "ankle"

    raw = measure_channels(joints, leg.length_px, view, planted)
    cutoff_hz = max(
        signals.choose_cutoff(joint[:, axis], tracks.rate_hz)
        for joint in ((joints["ankle"],) if base == "bench" else (joints["hip"], joints["shoulder"]))
        for axis in (0, 1)
    )
    filtered_px = {name: _smooth_joint(track, tracks.rate_hz, cutoff_hz) for name, track in joints.items()}
    channels = measure_channels(filtered_px, leg.length_px, view, planted)
    if base == "pad":
        channels |= measure_pad_channels(joints, filtered_px, leg.length_px, view, tracks.rate_hz)
    channels["leg_fold_deg"] = fold_leg(
        distance(filtered_px["hip_mid"], filtered_px["ankle"]), leg.thigh_px, leg.shank_px
    )
    if base == "feet":
        channels["hip_edge_leg"] = measure_hip_edge(tracks, filtered_px["ankle"], leg.length_px, view, cutoff_hz)
    lost = find_short_leg(tracks) if base == "feet" else np.zeros(len(tracks.time_s), bool)
    channels |= {name: np.where(lost, np.nan, channels[name]) for name in OF_THE_LEG}
    if base == "bench":
        channels |= measure_bench_channels(joints, channels["knee_flexion_deg"], leg, tracks.rate_hz)
    least_leg = MIN_ELBOW_FRONT_STANDING if base == "feet" else MIN_ELBOW_FRONT
    covered = find_covering_arm(joints, leg.length_px, view, least_leg) | find_hidden_hip(tracks) | lost
    channels |= measure_lumbar(
        tracks, view, upright & ~covered, np.where(covered, np.nan, channels["trunk_deg"]), standing=base == "feet"
    )
    noise = {name: signals.white_noise(values) for name, values in raw.items()}
    noise["lumbar_deg"] = signals.white_noise(channels["lumbar_deg"])
    quality = _judge_quality(tracks, upright, reconstructed, "standing" if base == "feet" else "kneeling")
    if lost.any():
        quality = replace(quality, warnings=(*quality.warnings, say_short_leg(lost)))
    if base == "bench":
        noise["curl_deg"] = noise["knee_flexion_deg"]
        quality = _judge_bench(quality, channels["ankle_seen"])
    return Kinematics(
        time_s=tracks.time_s,
        channels=channels,
        noise=noise,
        reconstructed=reconstructed,
        leg_px=leg.length_px,
        view=view,
        quality=quality,
        error=estimate_errors(filtered_px, channels, leg.length_px, reconstructed, view, tracks.time_s),
        roll_deg=ROLL_DEG,
    )


def say_short_leg(lost: BoolArray) -> str:
    """Return what the user is told of the frames (T,) of `find_short_leg`."""
    return (
        f"behind the plate the leg looks too short in {100 * lost.mean():.0f} % of the frames, so it is not measured "
        "there"
    )


def estimate_errors(
    joints_px: Mapping[str, FloatArray],
    channels: Mapping[str, FloatArray],
    leg_px: float,
    reconstructed: BoolArray,
    view: View,
    time_s: FloatArray,
) -> dict[str, float]:
    """Return one sigma of each filtered angle (deg) and of `hip_back_leg`: what the lengths of the segments tell.

    A bone keeps its length, so what a segment's length does in the picture, filtered as the angles are, is the error
    of its ends along it, slow drift included; across it, where it turns the angle, it is taken to be as large. What a
    camera off the side view does to the lengths is taken out first, what it does to the angles is added (root mean
    square). NaN where no segment was seen. It cannot tell a bias: a rolled camera, or a landmark that is off by the
    same amount all the time.
    """
    yaw = np.radians(min(view.yaw_deg, MAX_YAW_DEG) if np.isfinite(view.yaw_deg) else 0.0)
    variances, lengths_px = [], {}
    for name, ends in {"trunk": 2, "thigh": 2, "shank": 1}.items():  # the planted ankle has next to no error
        lower, upper = SEGMENTS[name]
        true = np.radians(_turn_back(channels[f"{name}_deg"], yaw))
        shortening = np.hypot(np.sin(true) * np.cos(yaw), np.cos(true))
        length_px = (distance(joints_px[lower], joints_px[upper]) / shortening)[~reconstructed]
        lengths_px[name] = signals.median(length_px)
        spread_px = signals.MAD_TO_SIGMA * signals.median(np.abs(length_px - lengths_px[name]))
        variances.append(spread_px**2 / ends)
    clip_s = max(float(time_s[-1] - time_s[0]), 4 * DRIFT_S)
    joint_px = float(np.sqrt(np.mean(variances) / (1 - 2 * DRIFT_S / clip_s)))  # the median length drifts as well
    trunk, thigh, shank = (joint_px / lengths_px[name] for name in ("trunk", "thigh", "shank"))
    in_deg = {
        "trunk_deg": np.hypot(trunk, trunk),
        "thigh_deg": np.hypot(thigh, thigh),
        "shank_deg": shank,
        "hip_flexion_deg": np.sqrt(2 * trunk**2 + 2 * thigh**2 + trunk * thigh),  # the hip turns both, by what angle
        "knee_flexion_deg": np.hypot(shank + thigh, thigh),
    }
    off = {name: _turn_back(channels[name], yaw) - channels[name] for name in ("trunk_deg", "thigh_deg", "shank_deg")}
    off |= {
        "hip_flexion_deg": off["trunk_deg"] - off["thigh_deg"],
        "knee_flexion_deg": off["shank_deg"] - off["thigh_deg"],
    }
    errors = {name: float(np.hypot(np.degrees(angle), _root_mean_square(off[name]))) for name, angle in in_deg.items()}
    return errors | {"hip_back_leg": joint_px / float(np.sqrt(2)) / leg_px}


def _turn_back(incline_deg: FloatArray, yaw: float) -> FloatArray:
    """Inclination (deg) of a segment that a camera `yaw` radians off the side view sees inclined by `incline_deg`."""
    seen = np.radians(incline_deg)
    return np.asarray(np.degrees(np.arctan2(np.sin(seen), np.cos(seen) * np.cos(yaw))))


def _root_mean_square(values: FloatArray) -> float:
    finite = values[np.isfinite(values)]
    return float(np.sqrt(np.mean(finite**2))) if len(finite) else float("nan")


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


def _find_parallax(joints_px: Mapping[str, FloatArray], upright: BoolArray) -> FloatArray:
    apart_px = (joints_px["hip_mid"] - joints_px["hip"])[upright]
    return np.nan_to_num([signals.median(apart_px[:, axis]) for axis in (0, 1)])


def measure_channels(
    joints_px: Mapping[str, FloatArray], leg_px: float, view: View, planted: str = "ankle"
) -> dict[str, FloatArray]:
    """Return angles (deg) and positions (leg lengths, from the `planted` joint) of (T, 2) joints; see
    `measure_kinematics` for names and signs.
    """
    trunk_deg = incline(joints_px["hip"], joints_px["shoulder"], view.facing)
    thigh_deg = incline(joints_px["knee"], joints_px["hip"], view.facing)
    shank_deg = incline(joints_px["ankle"], joints_px["knee"], view.facing)
    hip = (joints_px["hip_mid"] - joints_px[planted]) / leg_px
    return {
        "hip_flexion_deg": wrap(trunk_deg - thigh_deg),
        "knee_flexion_deg": wrap(shank_deg - thigh_deg),
        "trunk_deg": trunk_deg,
        "thigh_deg": thigh_deg,
        "shank_deg": shank_deg,
        "phi_deg": incline(joints_px["knee"], joints_px["shoulder"], view.facing),
        "hip_back_leg": -FACING_SIGN[view.facing] * hip[:, 0],
        "hip_height_leg": -hip[:, 1],
        "wrist_height_leg": -(joints_px["wrist"] - joints_px[planted])[:, 1] / leg_px,
        "lever_leg": FACING_SIGN[view.facing] * (joints_px["shoulder"] - joints_px["hip"])[:, 0] / leg_px,
    }


def measure_hip_edge(tracks: Tracks, ankle_px: FloatArray, leg_px: float, view: View, cutoff_hz: float) -> FloatArray:
    """Return how far the body's edge behind the hips is behind the planted ankle (T, 2), leg lengths, (T,).

    The mask shows it five times as steadily as the landmark shows the hip joint, but the edge is skin: it moves with
    the pelvis too. NaN where the mask shows no edge, and throughout without one.
    """
    if tracks.edge_px is None:
        return np.full(len(tracks.time_s), np.nan)
    behind_px = tracks.edge_px[:, 0 if view.facing == "right" else 1]
    steady_px = signals.running_median(behind_px, EDGE_SAMPLES)
    back_leg = -FACING_SIGN[view.facing] * (steady_px - ankle_px[:, 0]) / leg_px
    return signals.smooth(back_leg, tracks.rate_hz, cutoff_hz)


def measure_pad_channels(
    raw_px: Mapping[str, FloatArray], smooth_px: Mapping[str, FloatArray], leg_px: float, view: View, rate_hz: float
) -> dict[str, FloatArray]:
    """Return what a body on a pad needs besides (T,), leg lengths: `knee_forward_leg`, `knee_height_leg`, the knee from
    the held ankle, and `hip_shake_leg`, `shoulder_shake_leg`, how the joint trembles across the line of the body (4 to
    12 Hz, to half the sampling rate at most).
    """
    knee = (smooth_px["knee"] - smooth_px["ankle"]) / leg_px
    line = smooth_px["shoulder"] - smooth_px["knee"]
    across = np.stack([-line[:, 1], line[:, 0]], axis=1) / np.hypot(line[:, 0], line[:, 1])[:, None]
    channels = {"knee_forward_leg": FACING_SIGN[view.facing] * knee[:, 0], "knee_height_leg": -knee[:, 1]}
    for joint in ("hip", "shoulder"):
        low, high = (_smooth_joint(raw_px[joint], rate_hz, cutoff_hz) for cutoff_hz in SHAKE_HZ)
        channels[f"{joint}_shake_leg"] = ((high - low) * across).sum(axis=1) / leg_px
    return channels


def find_covering_arm(
    joints_px: Mapping[str, FloatArray], leg_px: float, view: View, least_leg: float = MIN_ELBOW_FRONT
) -> BoolArray:
    """Return the frames (T,) in which the near arm may hide the outline of the back: the elbow lies less than
    `least_leg` before the line from hip to shoulder, as with hands on the hips or at a bar on the back. An elbow that
    was not seen hides nothing.
    """
    trunk = joints_px["shoulder"] - joints_px["hip"]
    reach = joints_px["elbow"] - joints_px["hip"]
    with np.errstate(invalid="ignore", divide="ignore"):
        across_px = (trunk[:, 0] * reach[:, 1] - trunk[:, 1] * reach[:, 0]) / np.hypot(trunk[:, 0], trunk[:, 1])
        return np.asarray(FACING_SIGN[view.facing] * across_px / leg_px < least_leg)


def find_extended(joints_px: Mapping[str, FloatArray], rate_hz: float) -> BoolArray:
    """Return the frames (T,) of a machine curl in which the legs are stretched: hip to ankle within 5 % of its 90th
    percentile. NaN is False.
    """
    reach_px = _steady_reach(joints_px, rate_hz)
    if not np.isfinite(reach_px).any():
        return np.zeros(len(reach_px), bool)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(reach_px / np.nanpercentile(reach_px, 90) - 1) <= EXTENDED_SPAN)


def measure_bench_channels(
    raw_px: Mapping[str, FloatArray], knee_flexion_deg: FloatArray, leg: Leg, rate_hz: float
) -> dict[str, FloatArray]:
    """Return what a machine curl needs besides (T,): `shank_share`, the shank's length against its stretched one,
    `ankle_seen`, 1 or 0, `hip_rise_thigh`, the hip's height in the picture, thigh lengths, and `curl_deg`, the knee
    flexion that repetitions are counted in.

    A roller that hides the ankle pulls its landmark towards the knee: the shank shortens, and its direction is noise.
    Where that is so in more than 5 % of the frames, `curl_deg` is the flexion that the distance from hip to ankle alone
    implies, right in when and too small in how much, and the set has no `knee_flexion_deg`: what is seen of it without
    the bent part would be taken for all of it.
    """
    window = signals.window_length(REACH_WINDOW_S, rate_hz)
    shank_px = signals.running_median(distance(raw_px["ankle"], raw_px["knee"]), window)
    shank_share = shank_px / leg.shank_px
    ankle_seen = np.where(np.isfinite(shank_share), shank_share >= HIDDEN_SHANK, np.nan)
    hip_rise_thigh = signals.smooth(-raw_px["hip"][:, 1] / leg.thigh_px, rate_hz, CURL_CUTOFF_HZ)
    seen = {"shank_share": shank_share, "ankle_seen": ankle_seen, "hip_rise_thigh": hip_rise_thigh}
    if np.mean(ankle_seen == 0) <= MAX_HIDDEN_ANKLE:
        return seen | {"curl_deg": knee_flexion_deg.copy()}
    fold_deg = fold_leg(_steady_reach(raw_px, rate_hz), leg.thigh_px, leg.shank_px)
    curl_deg = signals.smooth(fold_deg, rate_hz, CURL_CUTOFF_HZ)
    return seen | {"curl_deg": curl_deg, "knee_flexion_deg": np.full(len(curl_deg), np.nan)}


def _steady_reach(joints_px: Mapping[str, FloatArray], rate_hz: float) -> FloatArray:
    window = signals.window_length(REACH_WINDOW_S, rate_hz)
    return signals.running_median(distance(joints_px["hip"], joints_px["ankle"]), window)


def _judge_bench(quality: Quality, ankle_seen: FloatArray) -> Quality:
    """Nobody stands upright in a machine; an ankle behind the roller is named."""
    warnings = [each for each in quality.warnings if "no baseline" not in each]
    hidden = float(np.mean(ankle_seen == 0))
    if hidden > MAX_HIDDEN_ANKLE:
        warnings.append(
            f"the ankle was hidden in {100 * hidden:.0f} % of the frames, probably by the roller. There the curls are "
            "counted by the distance from hip to ankle, without a knee angle"
        )
    return replace(quality, warnings=tuple(warnings))


def measure_lumbar(
    tracks: Tracks, view: View, upright: BoolArray, trunk_deg: FloatArray, *, standing: bool
) -> dict[str, FloatArray]:
    """Return `lumbar_deg` (T,), lumbar flexion as the outline tells it against the athlete's own upright outline,
    rounding +, arching -, and of one who stands on both feet `lumbar_error_deg` (T,), one sigma of it (`lumbar_map`).

    upright : (T,) where the outline of the upright body is seen. trunk_deg : (T,), NaN where the outline is covered.
    NaN there, without a mask, and throughout when under 0.3 s of standing shows it.
    """
    flexion_deg, error_deg = np.full(len(upright), np.nan), np.full(len(upright), np.nan)
    if tracks.back is not None:
        back = tracks.back
        depth_px = back.depth_px[:, 0 if view.facing == "left" else 1]
        kink_deg = signals.running_median(measure_kink(depth_px, back.chord_px, back.stations), 5)
        kink_deg = np.where(np.isfinite(trunk_deg), kink_deg, np.nan)
        known = upright & np.isfinite(kink_deg)
        if known.sum() >= MIN_UPRIGHT_S * tracks.rate_hz:
            flexion_deg = read_lumbar(kink_deg - np.median(kink_deg[known]))
            if standing:
                correction_deg, error_deg = correct_kink(depth_px, back, known, trunk_deg)
                correction_deg = signals.running_median(correction_deg, 5)
                flexion_deg = flexion_deg + correction_deg - np.median(correction_deg[known])
    return {"lumbar_deg": flexion_deg} | ({"lumbar_error_deg": error_deg} if standing else {})


def _smooth_joint(track_px: FloatArray, rate_hz: float, cutoff_hz: float) -> FloatArray:
    return np.stack([signals.smooth(track_px[:, axis], rate_hz, cutoff_hz) for axis in (0, 1)], axis=1)


def _judge_quality(tracks: Tracks, upright: BoolArray, reconstructed: BoolArray, posture: str) -> Quality:
    segment_cv_pct = {}
    for name, (lower, upper) in SEGMENTS.items():
        length_px = distance(tracks.joints_px[lower], tracks.joints_px[upper])[~reconstructed]
        middle = signals.median(length_px)
        spread = signals.MAD_TO_SIGMA * signals.median(np.abs(length_px - middle))
        segment_cv_pct[name] = 100 * spread / middle if middle else float("nan")
    warnings = []
    if tracks.detected_fraction < 0.95:
        warnings.append(f"you are visible in only {100 * tracks.detected_fraction:.0f} % of the frames")
    if reconstructed.mean() > 0.02:
        warnings.append(
            f"the knee was hidden in {100 * reconstructed.mean():.0f} % of the frames and computed there from hip, "
            "foot and leg length"
        )
    if upright.sum() < MIN_UPRIGHT_S * tracks.rate_hz:
        warnings.append(f"the clip never shows you {posture} upright and still, so there is no baseline")
    leg_cv_pct = max(segment_cv_pct["thigh"], segment_cv_pct["shank"])
    if not leg_cv_pct <= NOISY_LEG_CV_PCT:
        warnings.append(
            f"the leg's length varies by {leg_cv_pct:.0f} % between frames (limit {NOISY_LEG_CV_PCT:.0f} %): the "
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
