"""People beside the lifter who stand or walk: posed bodies without a truth.

Angles as in posing.py: inclinations in the person's own sagittal plane, degrees, forward +.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from samples.renderer.body import Body, Build, make_body, place_joints
from samples.renderer.garments import Outfit, dressed, sole_height_m
from samples.renderer.posing import Poses, align, leg_rest_deg, spine_rotations, turn_x, unit

Floats = npt.NDArray[np.float64]

SWING_DEG = 24.0  # of the thigh to either side in a walk
STRIDE_M = 1.30  # two steps
STEADY_KNEE_DEG, LOADED_KNEE_DEG, SWUNG_KNEE_DEG = 7.0, 9.0, 52.0  # knee flexion in a walk
ARM_OUT = 0.14  # tangent of the angle by which hanging arms stand off to the side
ACTS = ("stand", "phone", "walk")


@dataclass(frozen=True)
class Bystander:
    """Somebody in the room.

    act: "stand" with hanging arms, "phone" (looks at one), or "walk". behind_m: further from the camera than the
    lifter +, between lifter and camera -. ahead_m: to the lifter's front +; where a walker is at `passes_s`. turn_deg:
    0 looks where the lifter looks, 180 the other way, 90 away from the camera.
    """

    act: str = "stand"
    behind_m: float = 1.0
    ahead_m: float = 0.8
    turn_deg: float = 0.0
    passes_s: float = 4.0
    speed_m_s: float = 1.2
    build: Build = field(default_factory=Build)
    outfit: Outfit = field(default_factory=Outfit)


@dataclass(frozen=True)
class Limbs:
    """Inclinations of one side's limbs, each (T,) degrees; arms hang at 0 and swing forward +."""

    thigh_deg: Floats
    shank_deg: Floats
    upper_arm_deg: Floats
    forearm_deg: Floats


def bump(phase: Floats, centre: float, width: float) -> Floats:
    """Give a bell (T,) of height 1 that repeats with every whole phase."""
    away = (phase - centre + 0.5) % 1.0 - 0.5
    bell: Floats = np.exp(-0.5 * (away / width) ** 2)
    return bell


def walking(phase: Floats) -> Limbs:
    """Walk: one side's limbs at `phase` (T,), whole numbers are where the heel strikes."""
    swing = np.cos(2.0 * np.pi * phase)
    knee = STEADY_KNEE_DEG + LOADED_KNEE_DEG * bump(phase, 0.12, 0.06) + SWUNG_KNEE_DEG * bump(phase, 0.72, 0.10)
    thigh = -SWING_DEG * swing - 4.0
    return Limbs(thigh, thigh + knee, -18.0 * swing, -18.0 * swing + 22.0)


def standing(time_s: Floats, forearm_deg: float) -> Limbs:
    """Stand: straight legs, arms that hang and move a little."""
    unrest = np.sin(0.9 * time_s) + 0.5 * np.sin(2.3 * time_s)
    thigh = -3.0 + 0.4 * unrest
    return Limbs(thigh, thigh + 5.0, 4.0 + 1.5 * unrest, forearm_deg + 3.0 * unrest)


def hang_arm(body: Body, rotations: Floats, side: str, limbs: Limbs) -> None:
    """Fill one arm of `rotations` (T, J, 3, 3); the chest's are set."""
    sign = 1.0 if side == "L" else -1.0
    names = ("upperarm01", "lowerarm01", "wrist")
    chest = rotations[:, body.index("spine01")]
    turns, goals = [], []
    for angle in (limbs.upper_arm_deg, limbs.forearm_deg):
        swing = np.radians(angle)
        goals.append(unit(np.stack([np.full(len(swing), sign * ARM_OUT), -np.cos(swing), np.sin(swing)], axis=1)))
    before = chest
    for upper, lower, goal in zip(names, names[1:], goals, strict=False):
        rest = unit(body.joint(f"{lower}.{side}") - body.joint(f"{upper}.{side}"))
        before = before @ align(rest, np.einsum("tba,tb->ta", before, goal))
        turns.append(before)
    for name in body.names:
        if not name.endswith(f".{side}"):
            continue
        if name.startswith("upperarm"):
            rotations[:, body.index(name)] = turns[0]
        elif name.startswith(("lowerarm", "wrist", "finger")):
            rotations[:, body.index(name)] = turns[1]


def posed(body: Body, sole_m: float, sides: dict[str, Limbs], trunk_deg: float, neck_deg: float) -> Poses:
    """Pose somebody at the origin who looks along +z; the lower foot is on the floor."""
    count = len(sides["L"].thigh_deg)
    rotations = np.tile(np.eye(3), (count, len(body.names), 1, 1))
    even = np.ones(count)
    spine_rotations(body, rotations, trunk_deg * even, 0.0 * even, 0.0 * even, neck_deg * even)
    for side, limbs in sides.items():
        turn, thigh, shank = leg_rest_deg(body, side, 0.02)
        rotations[:, body.index(f"upperleg01.{side}")] = turn_x(limbs.thigh_deg - thigh) @ turn
        rotations[:, body.index(f"lowerleg01.{side}")] = turn_x(limbs.shank_deg - shank) @ turn
        for bone in ("foot", "toe2-1"):
            rotations[:, body.index(f"{bone}.{side}")] = turn_x(np.clip(limbs.shank_deg - 12.0, 0.0, 60.0))
        hang_arm(body, rotations, side, limbs)
    joints = place_joints(body, rotations, np.zeros((count, 3)))
    lowest = np.minimum(joints[:, body.index("foot.L"), 1], joints[:, body.index("foot.R"), 1])
    up = body.joint("foot.L")[1] - sole_m - lowest
    joints = joints + np.stack([0.0 * up, up, 0.0 * up], axis=1)[:, None]
    return Poses(rotations, joints, np.zeros((count, 3)))


def carried(poses: Poses, turn_deg: float, place_m: Floats) -> Poses:
    """Turn a posed body about the vertical and carry it to `place_m` (T, 3)."""
    turn = Rotation.from_euler("y", turn_deg, degrees=True).as_matrix()
    return Poses(turn @ poses.rotations, poses.joints_m @ turn.T + place_m[:, None], poses.bar_m)


def acted(bystander: Bystander, facing: int, time_s: Floats) -> tuple[Body, Poses]:
    """Give a bystander's body and poses at `time_s` (T,); `facing` is the lifter's in the picture (camera.facing).

    Raises ValueError for an unknown act.
    """
    if bystander.act not in ACTS:
        raise ValueError(f"a bystander cannot {bystander.act!r}, only {', '.join(ACTS)}")
    body = make_body(bystander.build)
    vertices, fields = dressed(body, bystander.outfit)
    sole = sole_height_m(vertices, fields[:, 2])
    passed_s = time_s - bystander.passes_s
    if bystander.act == "walk":
        phase = bystander.speed_m_s / STRIDE_M * passed_s
        sides, trunk, neck = {"L": walking(phase), "R": walking(phase + 0.5)}, 4.0, 2.0
    else:
        phone = bystander.act == "phone"
        sides = {"L": standing(time_s, 8.0), "R": standing(time_s, 105.0 if phone else 8.0)}
        trunk, neck = 2.0, -30.0 if phone else 0.0
    # +x is the lifter's left: away from the camera when the right side is near.
    turn = float(facing) * bystander.turn_deg
    ahead = np.array([np.sin(np.radians(turn)), 0.0, np.cos(np.radians(turn))])
    place = np.array([facing * bystander.behind_m, 0.0, bystander.ahead_m])
    way_m = bystander.speed_m_s * passed_s if bystander.act == "walk" else 0.0 * passed_s
    return body, carried(posed(body, sole, sides, trunk, neck), turn, place + way_m[:, None] * ahead)
