"""A hinge out of level: the upper body turns so that one hand hangs lower, the pelvis so that one hip does.

Angles are about the lifter's forward axis, degrees, the left side lower +; T instants throughout.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from samples.renderer.body import Body, place_joints
from samples.renderer.footwork import leg_to
from samples.renderer.posing import CHEST_BONES, NECK_SHARES, Poses, Proportions, leg_rest_deg, middle_of, turn_x

Floats = npt.NDArray[np.float64]

SPINE_SHARES = {"spine04": 0.35, "spine03": 0.70, "spine02": 1.0}  # of the turn, from the pelvis up
ARM_BONES = ("upperarm", "lowerarm", "wrist", "finger")


def turn_z(left_down_deg: Floats) -> Floats:
    """Rotations (T, 3, 3) that bring the left side down by `left_down_deg` (T,)."""
    return Rotation.from_euler("z", -left_down_deg[:, None], degrees=True).as_matrix()


def tilt_deg(body: Body, joints_m: Floats, bone: str) -> Floats:
    """How far the left joint of a pair is lower than the right one: the angle (T,) of their line off the level."""
    step = joints_m[:, body.index(f"{bone}.L")] - joints_m[:, body.index(f"{bone}.R")]
    return np.degrees(np.arctan2(-step[:, 1], np.hypot(step[:, 0], step[:, 2])))


def turn_for_hands(body: Body, joints_m: Floats, hands_deg: Floats) -> Floats:
    """How far the shoulders must turn (T,) for hanging hands to be tilted by `hands_deg` (T,)."""
    apart = [
        np.abs((joints_m[:, body.index(f"{bone}.L")] - joints_m[:, body.index(f"{bone}.R")])[:, 0])
        for bone in ("wrist", "upperarm01")
    ]
    return np.degrees(np.arcsin(np.clip(apart[0] / apart[1] * np.tan(np.radians(hands_deg)), -0.7, 0.7)))


def tilted(
    body: Body, poses: Poses, legs: Proportions, hands_deg: Floats, hips_deg: Floats, *, arms_hang: bool
) -> Poses:
    """Tilt posed standing or hinging: arms that hang stay plumb, others turn with the chest; the bar goes with them."""
    rotations = poses.rotations.copy()
    chest_deg = turn_for_hands(body, poses.joints_m, hands_deg) if arms_hang else hands_deg
    turn = turn_z(chest_deg)
    for bone, share in SPINE_SHARES.items():
        rotations[:, body.index(bone)] = turn_z(share * chest_deg) @ rotations[:, body.index(bone)]
    for number, bone in enumerate(body.names):
        if bone in CHEST_BONES or bone in NECK_SHARES or (bone.startswith(ARM_BONES) and not arms_hang):
            rotations[:, number] = turn @ rotations[:, number]
    rotations[:, body.index("root")] = turn_z(hips_deg) @ rotations[:, body.index("root")]
    hips = middle_of(body, poses.joints_m, "upperleg01")
    root = poses.joints_m[:, body.index("root")]
    root = hips + np.einsum("tab,tb->ta", turn_z(hips_deg), root - hips)
    joints = place_joints(body, rotations, root)
    for side in "LR":
        rest_turn, thigh_rest, shank_rest = leg_rest_deg(body, side, 0.0)
        ankle = poses.joints_m[:, body.index(f"foot.{side}")]
        thigh, shank = leg_to(legs, joints[:, body.index(f"upperleg01.{side}")], ankle)
        rotations[:, body.index(f"upperleg01.{side}")] = turn_x(thigh - thigh_rest) @ rest_turn
        rotations[:, body.index(f"lowerleg01.{side}")] = turn_x(shank - shank_rest) @ rest_turn
    joints = place_joints(body, rotations, root)
    moved = middle_of(body, joints, "wrist") - middle_of(body, poses.joints_m, "wrist")
    return replace(
        poses,
        rotations=rotations,
        joints_m=joints,
        bar_m=poses.bar_m + moved,
        bar_turns=turn_z(tilt_deg(body, joints, "wrist")),
    )
