"""Stick lifters for good mornings and machine curls, with exact truth: `skeletons` with other arms and other bases."""

from dataclasses import replace

import numpy as np

from formcheck.data import FloatArray, PoseSequence
from formcheck.skeleton import SIDES, Side
from tests.skeletons import Truth, name_landmark, rdl_set

# Where elbow and hand lie with a bar on the upper back, from the shoulder: along the trunk, and in front of it. Metres.
RACKED_M = {
    "elbow": (-0.20, -0.18),
    "wrist": (0.02, -0.06),
    "pinky": (0.05, -0.07),
    "index": (0.06, -0.05),
    "thumb": (0.04, -0.04),
}
HANGING_M = {"elbow": 0.28, "wrist": 0.53, "pinky": 0.59, "index": 0.60, "thumb": 0.57}


def good_morning_set(n_reps: int = 4, **options: object) -> tuple[PoseSequence, Truth]:
    """A set of good mornings: `rdl_set`, with the hands at a bar on the upper back."""
    poses, truth = rdl_set(n_reps, **options)  # type: ignore[arg-type]
    return rack_arms(poses, truth, float(options.get("yaw_deg", 0.0))), truth  # type: ignore[arg-type]


def rack_arms(poses: PoseSequence, truth: Truth, yaw_deg: float = 0.0) -> PoseSequence:
    """Put both hands to the shoulders; each landmark keeps its own noise."""
    scale_px_m = truth.leg_px / 0.85
    trunk = np.radians(truth["trunk_deg"])
    axis: FloatArray = np.stack([np.sin(trunk), np.cos(trunk)], axis=1)
    front: FloatArray = np.stack([axis[:, 1], -axis[:, 0]], axis=1)
    picture = scale_px_m * np.array([(1 if truth.facing == "right" else -1) * np.cos(np.radians(yaw_deg)), -1.0])
    xy_px = poses.xy_px.copy()
    for joint, (up_m, ahead_m) in RACKED_M.items():
        step_m = up_m * axis + ahead_m * front + np.array([0.0, HANGING_M[joint]])
        for side in SIDES:
            xy_px[:, name_landmark(side, joint)] += picture * step_m
    return replace(poses, xy_px=xy_px)


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
