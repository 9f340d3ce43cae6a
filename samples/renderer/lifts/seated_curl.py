"""Seated leg curl: thighs between a seat and a clamp, a roller behind the ankles."""

import numpy as np
import numpy.typing as npt

from samples.renderer.contact import thickness_m
from samples.renderer.lifts import curls
from samples.renderer.lifts.base import Lift
from samples.renderer.lifts.curls import LEVER_X_M, Seat, SeatedSet, along, at_rest, moving_lever, posed, wrist_m
from samples.renderer.machines import cross_beam, frame_of, handles, roller, slab
from samples.renderer.posing import Poses, middle_of
from samples.renderer.scene import Extras, Lifter, Scene

Floats = npt.NDArray[np.float64]

KNEE_Y_M = 0.78
THIGH_DEG = -92.0
CLAMP_M = 0.05
SINK_M = 0.012


def seat_of(moves: SeatedSet) -> Seat:
    """Sit against the back pad: hands at handles beside the thighs."""
    return Seat(
        knee_m=(0.0, KNEE_Y_M, 0.0),
        thigh_deg=THIGH_DEG,
        trunk_deg=THIGH_DEG + moves.hip_deg,
        head_up_deg=-8.0,
        level_shoulders=False,
        held_at="upperleg01",
        wrist_m=(0.27, 0.08, 0.14),
        pole=(0.6, -0.2, -1.0),
        palm=(-1.0, 0.0, 0.0),
        hand_along=(0.0, -0.5, 1.0),
    )


def poses(scene: Scene, lifter: Lifter, moves: SeatedSet, time_s: Floats) -> Poses:  # noqa: ARG001
    """Pose the lifter at the instants `time_s` (T,)."""
    return posed(lifter, moves, time_s, seat_of(moves))


def extras(scene: Scene, lifter: Lifter, moves: SeatedSet, time_s: Floats, posed_m: Poses) -> Extras:  # noqa: ARG001
    """Bring the machine: seat, back, clamp, handles, frame, lever."""
    seat = seat_of(moves)
    joints = at_rest(lifter, moves, seat)[None]
    knee, hip, shoulder = (
        (float(place[0, 1]), float(place[0, 2]))
        for place in (middle_of(lifter.body, joints, name) for name in ("lowerleg01", "upperleg01", "upperarm01"))
    )
    under = max(thickness_m(lifter, "upperleg01.L", "lowerleg01.L", share, -1.0) for share in (0.3, 0.45))
    over = thickness_m(lifter, "upperleg01.L", "lowerleg01.L", 0.8, 1.0)
    back = max(thickness_m(lifter, "upperarm01.L", "upperleg01.L", share, -1.0) for share in (0.2, 0.5))
    edge = along(knee, THIGH_DEG, 0.14, SINK_M - under)
    rear = along(hip, THIGH_DEG, 0.08, SINK_M - under)
    low = along(hip, seat.trunk_deg, 0.06, SINK_M - back)
    high = along(shoulder, seat.trunk_deg, 0.04, SINK_M - back)
    clamp = along(knee, THIGH_DEG, 0.10, over + CLAMP_M - SINK_M)
    behind = (low[0], low[1] - 0.1)
    tower = scene.camera.facing * LEVER_X_M
    outer = tower + 0.05 * float(np.sign(tower))
    wrist = wrist_m(lifter, moves, seat)
    fixed = [
        slab(rear, edge, 0.08, 0.23),
        slab(high, low, 0.08, 0.21),
        roller(*clamp, CLAMP_M, 0.25),
        frame_of([((0.04, hip[1]), (rear[0] - 0.08, hip[1])), ((0.04, -0.65), (0.04, 0.25))], (0.0,), 0.07),
        frame_of([((rear[0] - 0.1, hip[1]), behind), (behind, (high[0] - 0.15, high[1] - 0.12))], (0.0,), 0.05),
        frame_of([((0.04, 0.0), (clamp[0], clamp[1]))], (outer,), 0.06),
        cross_beam(0.04, 0.0, 0.42, 0.06),
        cross_beam(0.04, -0.6, 0.30, 0.06),
        handles(wrist, 0.06, (rear[0] - 0.04, hip[1] + 0.05)),
    ]
    return Extras(tuple(fixed), (moving_lever(scene, lifter, moves, time_s, seat),))


LIFT = Lift(
    set_kind=SeatedSet,
    rep_kind=curls.Rep,
    poses=poses,
    truths=curls.truths,
    extras=extras,
    scene={"load": {"kind": "none"}, "camera": {"centre_z_m": -0.05, "height_m": 0.95, "distance_m": 3.0}},
)
