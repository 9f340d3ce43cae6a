"""Lying leg curl: prone on a bench that is bent at the hips, a roller behind the ankles."""

import numpy as np
import numpy.typing as npt

from samples.renderer.contact import thickness_m
from samples.renderer.lifts import curls
from samples.renderer.lifts.base import Lift
from samples.renderer.lifts.curls import LEVER_X_M, Seat, Set, along, at_rest, moving_lever, posed, wrist_m
from samples.renderer.machines import cross_beam, frame_of, handles, slab
from samples.renderer.posing import Poses, middle_of
from samples.renderer.scene import Extras, Lifter, Scene

Floats = npt.NDArray[np.float64]

KNEE_Y_M = 0.66
THIGH_PART = 0.55  # of the bench's bend below the thighs, the rest below the trunk
SINK_M = 0.012


def seat_of(moves: Set) -> Seat:
    """Lie on the bench: knees just behind it, hands at handles before the shoulders."""
    return Seat(
        knee_m=(0.0, KNEE_Y_M, 0.0),
        thigh_deg=90.0 - THIGH_PART * moves.hip_deg,
        trunk_deg=90.0 + (1.0 - THIGH_PART) * moves.hip_deg,
        head_up_deg=18.0,
        level_shoulders=True,
        held_at="upperarm01",
        wrist_m=(0.27, -0.26, 0.10),
        pole=(1.0, 0.1, -0.9),
        palm=(-1.0, 0.0, 0.0),
        hand_along=(0.0, -0.5, 1.0),
    )


def poses(scene: Scene, lifter: Lifter, moves: Set, time_s: Floats) -> Poses:  # noqa: ARG001
    """Pose the lifter at the instants `time_s` (T,)."""
    return posed(lifter, moves, time_s, seat_of(moves))


def extras(scene: Scene, lifter: Lifter, moves: Set, time_s: Floats, posed_m: Poses) -> Extras:  # noqa: ARG001
    """Bring the machine: bench, handles, frame, lever."""
    seat = seat_of(moves)
    joints = at_rest(lifter, moves, seat)[None]
    knee, hip, shoulder = (
        (float(place[0, 1]), float(place[0, 2]))
        for place in (middle_of(lifter.body, joints, name) for name in ("lowerleg01", "upperleg01", "upperarm01"))
    )
    thigh = max(thickness_m(lifter, "upperleg01.L", "lowerleg01.L", share, 1.0) for share in (0.35, 0.5, 0.65))
    chest = max(thickness_m(lifter, "upperarm01.L", "upperleg01.L", share, 1.0) for share in (0.3, 0.5, 0.7))
    low = along(knee, seat.thigh_deg, 0.09, thigh - SINK_M)
    peak = along(hip, seat.thigh_deg, 0.0, thigh - SINK_M)
    chest_low = along(hip, seat.trunk_deg, 0.05, chest - SINK_M)
    head = along(shoulder, seat.trunk_deg, 0.03, chest - SINK_M)
    post = ((0.04, low[1] + 0.12), (low[0] - 0.08, low[1] + 0.12))
    front = ((0.04, head[1] - 0.18), (head[0] - 0.06, head[1] - 0.18))
    tower = scene.camera.facing * LEVER_X_M
    wrist = wrist_m(lifter, moves, seat)
    fixed = [
        slab(low, peak, 0.08, 0.22),
        slab(chest_low, head, 0.08, 0.22),
        frame_of([post, front, ((0.04, -0.15), (0.04, head[1] + 0.05))], (0.0,), 0.06),
        frame_of([((0.04, 0.0), (KNEE_Y_M + 0.05, 0.0))], (tower + 0.05 * np.sign(tower),), 0.06),
        cross_beam(0.04, 0.0, 0.42, 0.06),
        cross_beam(0.04, head[1], 0.30, 0.06),
        handles(wrist, 0.06, (head[0] - 0.06, head[1] - 0.05)),
    ]
    return Extras(tuple(fixed), (moving_lever(scene, lifter, moves, time_s, seat),))


LIFT = Lift(
    set_kind=Set,
    rep_kind=curls.Rep,
    poses=poses,
    truths=curls.truths,
    extras=extras,
    scene={"load": {"kind": "none"}, "camera": {"centre_z_m": 0.35, "height_m": 0.85, "distance_m": 3.0}},
)
