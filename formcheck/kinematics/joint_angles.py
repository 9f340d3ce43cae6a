"""Tracks -> Kinematics: planted foot, knees that plates hide, sagittal angles, hip travel, and the noise of each.

Conventions (docs/method.md): hip flexion = trunk - thigh, knee flexion = shank - thigh, all
inclinations from the vertical, forward positive; standing is 0 / 0. Lengths are in leg lengths (thigh + shank as
learnt in standing).
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from formcheck import signals
from formcheck.data import BoolArray, FloatArray, Kinematics, Tracks, View
from formcheck.geometry import FACING_SIGN, distance, fold_leg, incline, wrap
from formcheck.kinematics.angle_errors import estimate_errors
from formcheck.kinematics.bases import FEET, Base, Measured, smooth_joint
from formcheck.kinematics.leg_model import Leg
from formcheck.kinematics.lumbar import find_covering_arm, measure_lumbar
from formcheck.kinematics.quality import judge_quality

UPRIGHT_SPAN_DEG = 12.0  # frames this near to the most upright tenth count as standing [D]
UPRIGHT_MAX_DEG = 25.0  # and none that leans further does
# One sigma of a camera's roll, which landmarks do not tell: 90 % of the +/- 5 deg that a phone is held askew. Nobody's
# own upright is a level: standing trunks lean by 0 to 5 deg forward [D].
ROLL_DEG = 2.75
OF_THE_LEG = (
    "hip_flexion_deg", "knee_flexion_deg", "thigh_deg", "shank_deg", "hip_back_leg", "hip_height_leg", "leg_fold_deg",
)  # fmt: skip


def measure_kinematics(tracks: Tracks, view: View, base: Base = FEET) -> Kinematics:
    """Return the sagittal-plane channels of a set done on `base`.

    Channels: `hip_flexion_deg, knee_flexion_deg, trunk_deg, thigh_deg, shank_deg`; `phi_deg`, the inclination of knee
    to shoulder; `hip_back_leg` and `hip_height_leg`, the middle of both hips relative to the planted joint (in a side
    view the two hips coincide, and their mean creeps less than either; what a camera off the side view puts between
    them in standing is taken out); `wrist_height_leg`; `lever_leg`, how far the shoulder is in front of the hip;
    `leg_fold_deg`, the knee flexion that the distance from planted ankle to hips alone implies: no knee landmark, so no
    plate disturbs it, but poor below about 20 deg; `lumbar_deg`, what the back's outline says of lumbar flexion
    against the athlete's own upright outline (NaN without one); and those of the base (`Base.measure_more`). A joint
    that is NaN makes NaN. Noise is that of the unfiltered channel. A hidden knee is computed over planted feet only.
    """
    joints = dict(tracks.joints_px)
    upright = find_upright(incline(joints["hip"], joints["shoulder"], view.facing))
    leg = base.learn_leg(tracks, upright)
    joints["hip_mid"] = joints["hip_mid"] - _find_parallax(joints, upright)
    held_px, reconstructed = base.hold_leg(joints, leg, view, tracks)
    raw = measure_channels(held_px, leg.length_px, view, base.planted)
    steady_px = [held_px[name][:, axis] for name in base.steady for axis in (0, 1)]
    cutoff_hz = max(signals.choose_cutoff(each_px, tracks.rate_hz) for each_px in steady_px)
    filtered_px = {name: smooth_joint(track, tracks.rate_hz, cutoff_hz) for name, track in held_px.items()}
    lost = base.find_lost(tracks)
    channels = _measure_body(filtered_px, leg, view, base, lost)
    channels |= base.measure_more(Measured(tracks, view, leg, held_px, filtered_px, cutoff_hz, channels))
    covered = find_covering_arm(held_px, leg.length_px, view, base.least_front_leg) | lost
    trunk_deg = np.where(covered, np.nan, channels["trunk_deg"])
    channels |= measure_lumbar(tracks, view, upright & ~covered, trunk_deg, learnt=base.back_is_learnt)
    noise = {name: signals.white_noise(values) for name, values in raw.items()}
    noise["lumbar_deg"] = signals.white_noise(channels["lumbar_deg"])
    if "curl_deg" in channels:
        noise["curl_deg"] = noise["knee_flexion_deg"]
    quality = judge_quality(tracks, upright, reconstructed, base.posture)
    return Kinematics(
        time_s=tracks.time_s,
        channels=channels,
        noise=noise,
        reconstructed=reconstructed,
        leg_px=leg.length_px,
        view=view,
        quality=replace(quality, warnings=(*quality.warnings, *base.say_more(channels, lost))),
        error=estimate_errors(filtered_px, channels, leg.length_px, reconstructed, view, tracks.time_s),
        roll_deg=ROLL_DEG,
    )


def _measure_body(
    joints_px: Mapping[str, FloatArray], leg: Leg, view: View, base: Base, lost: BoolArray
) -> dict[str, FloatArray]:
    """Return the channels that every base has, of filtered joints (T, 2): NaN of the leg where it is `lost` (T,)."""
    channels = measure_channels(joints_px, leg.length_px, view, base.planted)
    channels["leg_fold_deg"] = fold_leg(distance(joints_px["hip_mid"], joints_px["ankle"]), leg.thigh_px, leg.shank_px)
    return channels | {name: np.where(lost, np.nan, channels[name]) for name in OF_THE_LEG}


def find_upright(trunk_deg: FloatArray) -> BoolArray:
    """Return where (T,) the trunk stands: within 12 deg of the most upright tenth, under 25 deg; NaN is False."""
    lean_deg = np.abs(trunk_deg)
    if not np.isfinite(lean_deg).any():
        return np.zeros(len(trunk_deg), bool)
    limit_deg = min(float(np.nanpercentile(lean_deg, 10)) + UPRIGHT_SPAN_DEG, UPRIGHT_MAX_DEG)
    return np.asarray(lean_deg <= limit_deg)


def _find_parallax(joints_px: Mapping[str, FloatArray], upright: BoolArray) -> FloatArray:
    apart_px = (joints_px["hip_mid"] - joints_px["hip"])[upright]
    return np.nan_to_num([signals.median(apart_px[:, axis]) for axis in (0, 1)])


def measure_channels(
    joints_px: Mapping[str, FloatArray], leg_px: float, view: View, planted: str = "ankle"
) -> dict[str, FloatArray]:
    """Return angles (deg) and positions (leg lengths from `planted`) of (T, 2) joints; names: `measure_kinematics`."""
    trunk_deg = incline(joints_px["hip"], joints_px["shoulder"], view.facing)
    thigh_deg = incline(joints_px["knee"], joints_px["hip"], view.facing)
    knee_deg = wrap(incline(joints_px["ankle"], joints_px["knee"], view.facing) - thigh_deg)
    hip = (joints_px["hip_mid"] - joints_px[planted]) / leg_px
    return {
        "hip_flexion_deg": wrap(trunk_deg - thigh_deg),
        "knee_flexion_deg": knee_deg,
        "trunk_deg": trunk_deg,
        "thigh_deg": thigh_deg,
        "shank_deg": thigh_deg + knee_deg,  # past 180 where a curl ends beyond level: no jump to -180
        "phi_deg": incline(joints_px["knee"], joints_px["shoulder"], view.facing),
        "hip_back_leg": -FACING_SIGN[view.facing] * hip[:, 0],
        "hip_height_leg": -hip[:, 1],
        "wrist_height_leg": -(joints_px["wrist"] - joints_px[planted])[:, 1] / leg_px,
        "lever_leg": FACING_SIGN[view.facing] * (joints_px["shoulder"] - joints_px["hip"])[:, 0] / leg_px,
    }
