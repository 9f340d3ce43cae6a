"""Good morning: the Romanian deadlift's motion with the bar on the back."""

import numpy as np
import numpy.typing as npt

from samples.renderer.body import place_joints
from samples.renderer.lifts import rdl
from samples.renderer.lifts.base import Lift
from samples.renderer.posing import (
    GRIP_ALONG,
    GRIP_DEPTH_M,
    Arms,
    Grip,
    Poses,
    body_rotations,
    hand_frame,
    in_chest,
    planted_root,
    with_arms,
)
from samples.renderer.scene import Lifter, Scene

Floats = npt.NDArray[np.float64]

ABOVE_M = 0.045  # of the bar over the shoulder joints, along the chest
SINK_M = 0.012  # of the bar into the muscle below it
HANDS_OUT_M = 0.40  # half the distance between the hands


def bar_in_chest_m(lifter: Lifter, grip: Grip) -> Floats:
    """Place (3,) of the bar's centre from the middle of the shoulders, at rest: on the skin across the upper back."""
    shoulder = lifter.body.joint("upperarm01.L") * [0.0, 1.0, 1.0]
    away = lifter.skin_m - shoulder - [0.0, ABOVE_M, 0.0]
    across = (np.abs(away[:, 0]) < 0.16) & (np.abs(away[:, 1]) < 0.025)
    back = float(away[across, 2].min())
    return np.array([0.0, ABOVE_M, back - grip.bar_radius_m + SINK_M])


def poses(scene: Scene, lifter: Lifter, moves: rdl.Set, time_s: Floats) -> Poses:
    """Pose the lifter at the instants `time_s` (T,): the bar moves with the chest, the hands hold it."""
    body, posture = lifter.body, rdl.posture_of(lifter, moves, time_s)
    rotations = body_rotations(body, posture, np.zeros(len(time_s)), moves.stance.toes_out_deg, 0.0)
    root = planted_root(body, rotations, lifter.sole_m)
    joints = place_joints(body, rotations, root)
    place = bar_in_chest_m(lifter, scene.grip)
    along, palm = np.array([0.15, 1.0, -0.35]), np.array([0.0, 0.35, 1.0])
    frame = hand_frame(along, palm)
    hand_m = float(np.linalg.norm(body.joint("finger3-1.L") - body.joint("wrist.L"))) * GRIP_ALONG
    wrist = place + np.array([HANDS_OUT_M, 0.0, 0.0]) - frame[:, 0] * hand_m - frame[:, 2] * GRIP_DEPTH_M
    chest = rotations[:, body.index("spine01")]
    arms = Arms(in_chest(body, rotations, joints, wrist), chest @ np.array([0.4, -1.0, -0.35]), chest @ frame)
    done = with_arms(body, rotations, root, arms, in_chest(body, rotations, joints, place))
    return rdl.leaned(lifter, done, moves, time_s, arms_hang=False)


LIFT = Lift(
    set_kind=rdl.Set,
    rep_kind=rdl.Rep,
    poses=poses,
    truths=rdl.truths,
    scene={"load": {"bar_m": 1.8}, "camera": {"distance_m": 3.4}},
)
