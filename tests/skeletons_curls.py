"""Stick lifters for good mornings, machine curls and whatever else, with exact truth: `skeletons` with other arms and
other bases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from formcheck.data import FloatArray, PoseSequence
from formcheck.skeleton import CHAIN, SIDES, Side, landmark
from samples.renderer.stick import (
    LEG_M,
    THIGH_M,
    TRUNK_M,
    Posture,
    Shot,
    Truth,
    frame_times,
    minimum_jerk,
    name_landmark,
    rdl_set,
    shoot,
    stroke_s,
)

# Where elbow and hand lie, from the shoulder: along the trunk, and in front of it. Metres.
Arms = Literal["hanging", "racked", "elbows back", "crossed", "handles"]
RACKED_M = {
    "elbow": (-0.24, 0.02),
    "wrist": (0.02, -0.06),
    "pinky": (0.05, -0.07),
    "index": (0.06, -0.05),
    "thumb": (0.04, -0.04),
}
CROSSED_M = {
    "elbow": (-0.25, 0.12),
    "wrist": (-0.08, 0.18),
    "pinky": (-0.05, 0.16),
    "index": (-0.04, 0.16),
    "thumb": (-0.05, 0.19),
}
HANDLES_M = {
    "elbow": (-0.18, 0.20),
    "wrist": (-0.12, 0.42),
    "pinky": (-0.12, 0.48),
    "index": (-0.11, 0.49),
    "thumb": (-0.10, 0.46),
}
ARMS_M: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "racked": RACKED_M,
    "elbows back": {**RACKED_M, "elbow": (-0.20, -0.12)},
    "crossed": CROSSED_M,
    "handles": HANDLES_M,
}
HANGING_M = {"elbow": 0.28, "wrist": 0.53, "pinky": 0.59, "index": 0.60, "thumb": 0.57}
FOOT_M = {"heel": (-0.05, -0.07), "foot_index": (0.15, -0.08)}  # from the ankle: forward, up; in standing


def good_morning_set(n_reps: int = 4, arms: Arms = "racked", **options: object) -> tuple[PoseSequence, Truth]:
    """A set of good mornings: `rdl_set`, with the hands at a bar on the upper back."""
    poses, truth = rdl_set(n_reps, **options)  # type: ignore[arg-type]
    return place_arms(poses, truth, arms, float(options.get("yaw_deg", 0.0))), truth  # type: ignore[arg-type]


def place_arms(poses: PoseSequence, truth: Truth, arms: Arms, yaw_deg: float = 0.0) -> PoseSequence:
    """Move both arms from hanging to `arms`; each landmark keeps its own noise."""
    if arms == "hanging":
        return poses
    trunk = np.radians(truth["trunk_deg"])
    axis: FloatArray = np.stack([np.sin(trunk), np.cos(trunk)], axis=1)
    front: FloatArray = np.stack([axis[:, 1], -axis[:, 0]], axis=1)
    xy_px = poses.xy_px.copy()
    for joint, (up_m, ahead_m) in ARMS_M[arms].items():
        step_m = up_m * axis + ahead_m * front + np.array([0.0, HANGING_M[joint]])
        for side in SIDES:
            xy_px[:, name_landmark(side, joint)] += _picture(truth, yaw_deg) * step_m
    return replace(poses, xy_px=xy_px)


def _picture(truth: Truth, yaw_deg: float) -> FloatArray:
    """Metres (forward, up) to px, as factors."""
    ahead = (1 if truth.facing == "right" else -1) * np.cos(np.radians(yaw_deg))
    return truth.leg_px / LEG_M * np.array([ahead, -1.0])


def shoot_body(
    time_s: FloatArray,
    posture: Posture,
    shot: Shot,
    *,
    planted: Literal["ankle", "knee"] = "ankle",
    arms: Arms = "hanging",
) -> tuple[PoseSequence, Truth]:
    """`shoot` a body whose ankle or whose knee stays in its place; around a planted knee the feet turn with the shank.

    Lengths of the truth are from the planted joint.
    """
    poses, truth = shoot(time_s, posture, shot)
    poses = place_arms(poses, truth, arms, shot.yaw_deg)
    if planted == "ankle":
        return poses, truth
    shank = np.radians(posture.shank_deg)
    turned = {
        joint: np.stack(
            [ahead * np.cos(shank) + up * np.sin(shank) - ahead, up * np.cos(shank) - ahead * np.sin(shank) - up],
            axis=1,
        )
        for joint, (ahead, up) in FOOT_M.items()
    }
    knee_px = truth.joints_px["knee"]
    back_px = knee_px[0] - knee_px
    xy_px = poses.xy_px + back_px[:, None]
    joints_px = {joint: track + back_px for joint, track in truth.joints_px.items()}
    for joint, step_m in turned.items():
        for side in SIDES:
            xy_px[:, landmark(side, joint)] += _picture(truth, shot.yaw_deg) * step_m
        if joint in CHAIN:
            joints_px[joint] = joints_px[joint] + _picture(truth, shot.yaw_deg) * step_m
    thigh = np.radians(posture.thigh_deg)
    height_m, ahead_m = THIGH_M * np.cos(thigh), THIGH_M * np.sin(thigh)
    lengths = {"hip_height_leg": height_m / LEG_M, "hip_back_leg": -ahead_m / LEG_M}
    channels = {**truth.channels, **lengths}
    channels["knee_flexion_deg"] = posture.shank_deg - posture.thigh_deg
    truth = replace(truth, channels=channels, joints_px=joints_px)
    return replace(poses, xy_px=xy_px, back=None), truth


@dataclass(frozen=True)
class CurlRep:
    """One leg curl: knees bend (concentric), hold, straighten (eccentric). Strokes are minimum-jerk in knee flexion.

    eccentric_s, concentric_s : 5 to 95 % of the range. pause_s : quite still when curled; rest_s : still after the rep.
    knee_deg : knee flexion when curled. lift_thigh : how far the hips rise, thigh lengths, whole when curled.
    drop_deg : of the way back that falls freely. short_deg : of extension that is missing at its end.
    """

    concentric_s: float = 1.2
    pause_s: float = 0.3
    eccentric_s: float = 2.5
    rest_s: float = 0.8
    knee_deg: float = 105.0
    lift_thigh: float = 0.0
    drop_deg: float = 0.0
    short_deg: float = 0.0


@dataclass(frozen=True)
class CurlTruth:
    """When one curl does what (5 and 95 % of the knee's range), and how far."""

    start_s: float
    turn_s: float
    stop_s: float
    concentric_s: float
    eccentric_s: float
    range_deg: float
    lift_thigh: float


FALL_DEG_S2 = 900.0  # of a stack that is let go
EXTENDED_DEG = 6.0  # knee flexion at rest
LYING = (75.0, 12.0)  # thigh's inclination and hip flexion: a bench with a kink
SEATED = (-85.0, 88.0)
LEAN_DEG_PER_THIGH = 100.0  # a seated trunk leans back as the hips rise


def curl_set(
    n_reps: int = 4,
    *,
    seated: bool = False,
    reps: Sequence[CurlRep] | None = None,
    hip_deg: float | None = None,
    rate_hz: float = 30.0,
    before_s: float = 1.0,
    after_s: float = 1.0,
    cut_s: tuple[float, float] | None = None,
    shot: Shot | None = None,
    noise_mm: float = 4.0,
    facing: Side = "right",
    yaw_deg: float = 0.0,
    seed: int = 0,
    **rep: float,
) -> tuple[PoseSequence, Truth, tuple[CurlTruth, ...]]:
    """A set of leg curls in a machine that holds the thighs, and its truth.

    All reps alike from CurlRep's fields, or each its own from `reps`. `hip_deg`: hip flexion, 12 lying and 88 seated
    unless given. `shot` overrides noise, facing, yaw and seed.
    """
    each = tuple(reps) if reps is not None else (CurlRep(**rep),) * n_reps
    share_at, truths, total_s = [], [], before_s
    for one in each:
        up_s, down_s = stroke_s(one.concentric_s), stroke_s(one.eccentric_s)
        back_s = total_s + up_s + one.pause_s
        share_at.append((total_s, up_s, back_s, down_s))
        edge_up, edge_down = (up_s - one.concentric_s) / 2, (down_s - one.eccentric_s) / 2
        truths.append(
            CurlTruth(
                start_s=total_s + edge_up,
                turn_s=total_s + up_s + one.pause_s / 2,
                stop_s=back_s + down_s - edge_down,
                concentric_s=one.concentric_s,
                eccentric_s=one.eccentric_s,
                range_deg=one.knee_deg - EXTENDED_DEG,
                lift_thigh=one.lift_thigh,
            )
        )
        total_s = back_s + down_s + one.rest_s
    low_s, high_s = cut_s if cut_s is not None else (0.0, total_s + after_s)
    time_s = frame_times(low_s, high_s, rate_hz, 0.0, np.random.default_rng(seed + 1))
    knee_deg, lift = np.full(len(time_s), EXTENDED_DEG), np.zeros(len(time_s))
    short_deg = 0.0
    for one, (start_s, up_s, back_s, down_s) in zip(each, share_at, strict=True):
        up, range_deg = minimum_jerk((time_s - start_s) / up_s), one.knee_deg - EXTENDED_DEG
        back = _go_back(time_s - back_s, down_s, range_deg, one.drop_deg)
        knee_deg = knee_deg + (range_deg - short_deg) * up - (range_deg - one.short_deg) * back
        lift = lift + one.lift_thigh * (up - back)
        short_deg = one.short_deg
    posture = curl_posture(knee_deg, lift, SEATED if seated else LYING, hip_deg)
    shot = shot or Shot(
        facing=facing, yaw_deg=yaw_deg, noise_mm=noise_mm, slow_mm=noise_mm / 2, with_back=False, seed=seed
    )
    poses, truth = shoot_body(time_s, posture, shot, planted="knee", arms="handles")
    return poses, truth, tuple(truths)


def _go_back(since_s: FloatArray, down_s: float, range_deg: float, drop_deg: float) -> FloatArray:
    """Share of the way back, 0 to 1: minimum jerk, and of its last `drop_deg` a fall that gains FALL_DEG_S2."""
    way = minimum_jerk(since_s / down_s)
    if not drop_deg:
        return way
    fine_s = np.linspace(0.0, down_s, 2000)
    falls_s = float(np.interp(1 - drop_deg / range_deg, minimum_jerk(fine_s / down_s), fine_s))
    speed = float(np.interp(falls_s, fine_s, np.gradient(minimum_jerk(fine_s / down_s), fine_s)))
    fallen_s = np.clip(since_s - falls_s, 0.0, None)
    fall = 1 - drop_deg / range_deg + speed * fallen_s + FALL_DEG_S2 / range_deg / 2 * fallen_s**2
    return np.where(since_s > falls_s, np.minimum(fall, 1.0), way)


def curl_posture(
    knee_deg: FloatArray, lift_thigh: FloatArray, machine: tuple[float, float], hip_deg: float | None = None
) -> Posture:
    """Thighs on the machine, hips that rise by `lift_thigh`; a lying shoulder keeps its height, a seated trunk leans
    back.
    """
    rest_deg, usual_deg = machine
    flexion_deg = usual_deg if hip_deg is None else hip_deg
    sign = np.sign(rest_deg)
    thigh_deg = sign * np.degrees(np.arccos(np.cos(np.radians(rest_deg)) + lift_thigh))
    trunk_deg = np.full(len(knee_deg), rest_deg + flexion_deg)
    if sign > 0:
        height = np.cos(np.radians(trunk_deg)) - lift_thigh * THIGH_M / TRUNK_M
        trunk_deg = np.degrees(np.arccos(height))
    else:
        trunk_deg = trunk_deg - LEAN_DEG_PER_THIGH * lift_thigh
    return Posture.make(trunk_deg, thigh_deg, thigh_deg + knee_deg)


def turn_feet(poses: PoseSequence, truth: Truth, yaw_deg: float, out_deg: tuple[float, float]) -> PoseSequence:
    """Turn the toes of the near and of the far foot outwards, in the world landmarks only."""
    sign, yaw = (1.0 if truth.facing == "right" else -1.0), np.radians(yaw_deg)
    ahead = np.array([sign * np.cos(yaw), 0.0, np.sin(yaw)])
    towards_camera = np.array([sign * np.sin(yaw), 0.0, -np.cos(yaw)])
    world_m = poses.world_m.copy()
    far: Side = "left" if truth.near == "right" else "right"
    for side, outward, turn_deg in ((truth.near, towards_camera, out_deg[0]), (far, -towards_camera, out_deg[1])):
        heel, toe = (world_m[:, name_landmark(side, joint)] for joint in ("heel", "foot_index"))
        length_m = ((toe - heel) @ ahead)[:, None]
        turned = length_m * (np.cos(np.radians(turn_deg)) * ahead + np.sin(np.radians(turn_deg)) * outward)
        world_m[:, name_landmark(side, "foot_index")] = heel + turned
    return replace(poses, world_m=world_m)
