"""What the lifter does around the set: steps into place, takes the bar from the floor, puts it down.

None of it is a repetition: the truth's repetitions are looked for between `before_s` and `after_s` only. A lift that
heeds it (`Lift.footwork`) poses itself through `around`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from samples.renderer.body import Body, place_joints
from samples.renderer.motion import stroke
from samples.renderer.posing import Grip, Poses, Proportions, arm_rotations, leg_rest_deg, turn_x

Floats = npt.NDArray[np.float64]

STEP_S, STEP_LIFT_M, SWING_SHARE = 0.62, 0.05, 0.8  # one step: length, height of the foot, share spent in the air
CLEAR_M = 0.07  # the bar is held this much further from legs that walk
LEAST_KNEE_DEG = 3.0
BEND_S, HOLD_S, SETTLE_S = (
    1.1,
    0.35,
    0.4,
)  # to the floor or up from it; hands at the bar there; stillness beside the set


class Timed(Protocol):
    """What a lift's set says about its time, seconds."""

    @property
    def before_s(self) -> float:
        """Time before the first repetition."""

    @property
    def after_s(self) -> float:
        """Time after the last one."""

    @property
    def duration_s(self) -> float:
        """Length of the clip."""


@dataclass(frozen=True)
class Footwork:
    """Before and after the set, and the feet.

    steps: steps into place, step_m each: + walks forward, - backs out of a rack. pick_up: then takes the bar from the
    floor; without it the bar is in the hands from the start. put_down: puts the bar on the floor after the set.
    steps_out: steps to the front with the bar after the set, into the rack.
    """

    steps: int = 0
    step_m: float = 0.30
    pick_up: bool = False
    put_down: bool = False
    steps_out: int = 0

    @property
    def before_s(self) -> float:
        """Least time before the set."""
        bend = 2.0 * BEND_S + HOLD_S if self.pick_up else 0.0
        return STEP_S * (self.steps + 1.0) * (self.steps > 0) + bend

    @property
    def after_s(self) -> float:
        """Least time after the set."""
        bend = 2.0 * BEND_S + HOLD_S if self.put_down else 0.0
        return STEP_S * (self.steps_out + 1.0) * (self.steps_out > 0) + bend


def check(footwork: Footwork, moves: Timed) -> None:
    """Raise ValueError if there is too little time around a set."""
    if footwork.put_down and footwork.steps_out:
        raise ValueError("a bar that was put down cannot be carried to the rack: put_down or steps_out")
    for name, given, least in (
        ("before_s", moves.before_s, footwork.before_s),
        ("after_s", moves.after_s, footwork.after_s),
    ):
        if least and given < least + SETTLE_S:
            raise ValueError(f"{name} is {given} s, but what happens in it takes {least + SETTLE_S:.2f} s")


def gentle(share: Floats | float) -> Floats:
    """Go from 0 to 1 with minimum jerk; flat outside."""
    u = np.clip(np.asarray(share, float), 0.0, 1.0)
    risen: Floats = u**3 * (10.0 - 15.0 * u + 6.0 * u**2)
    return risen


def bend_starts_s(footwork: Footwork, moves: Timed) -> list[float]:
    """When the lifter starts to bend for the bar: once to take it, once to put it down."""
    starts = []
    if footwork.pick_up:
        starts.append(moves.before_s - SETTLE_S - 2.0 * BEND_S - HOLD_S)
    if footwork.put_down:
        starts.append(moves.duration_s - moves.after_s + SETTLE_S)
    return starts


def floor_bend(standing: Callable[[Floats], Poses], bar_height_m: float) -> tuple[float, Floats]:
    """Find how deep a bend brings the bar to `bar_height_m` over the floor, and where the bar lies then, (3,).

    standing: poses a still lifter by depth (N,), 0 upright to 1 the deepest. Raises ValueError if the hands do not get
    there.
    """
    depth = np.linspace(0.0, 1.0, 101)
    path = standing(depth).bar_m
    low = np.flatnonzero(path[:, 1] <= bar_height_m)
    if len(low) == 0:
        raise ValueError(f"the hands get down to {path[:, 1].min():.2f} m, the bar lies at {bar_height_m:.2f} m")
    near = slice(low[0] - 1, low[0] + 1)
    found = float(np.interp(-bar_height_m, -path[near, 1], depth[near]))
    return found, np.array([np.interp(found, depth, path[:, axis]) for axis in range(3)])


def bends(footwork: Footwork, moves: Timed, time_s: Floats) -> Floats:
    """Say how far the lifter has bent for the bar at `time_s`, (T,): 0 not at all, 1 down to it."""
    share = np.zeros(len(time_s))
    for start in bend_starts_s(footwork, moves):
        share = share + gentle((time_s - start) / BEND_S) - gentle((time_s - start - BEND_S - HOLD_S) / BEND_S)
    return share


def bar_left(poses: Poses, footwork: Footwork, moves: Timed, time_s: Floats, floor_m: Floats) -> Poses:
    """Leave the bar on the floor at `floor_m` (3,) before it is taken and after it was put down."""
    middles = [start + BEND_S + HOLD_S / 2.0 for start in bend_starts_s(footwork, moves)]
    lies = np.zeros(len(time_s), bool)
    if footwork.pick_up:
        lies |= time_s < middles[0]
    if footwork.put_down:
        lies |= time_s > middles[-1]
    return replace(poses, bar_m=np.where(lies[:, None], floor_m, poses.bar_m))


@dataclass(frozen=True)
class Walk:
    """A few steps to where the set is done: what is still to go, metres along z, each (T,).

    lifts_m: heights of the feet. walks: 0 at the end, 1 on the way.
    """

    body_m: Floats
    feet_m: dict[str, Floats]
    lifts_m: dict[str, Floats]
    walks: Floats


def way(steps: int, step_m: float, left_s: Floats) -> Walk:
    """Plan steps that end when `left_s` (T,) is 0; the feet move in turn, the first and the last by half a stride."""
    at = steps + 1.0 - left_s / STEP_S
    feet = {side: np.full(len(at), -steps * step_m) for side in "LR"}
    lifts = {side: np.zeros(len(at)) for side in "LR"}
    for number in range(steps + 1):
        side = "LR"[number % 2]
        share = (at - number) / SWING_SHARE
        feet[side] = feet[side] + (step_m if number in (0, steps) else 2.0 * step_m) * gentle(share)
        lifts[side] = lifts[side] + STEP_LIFT_M * np.sin(np.pi * np.clip(share, 0.0, 1.0)) ** 2
    body = -steps * step_m * (1.0 - stroke(at / (steps + 1.0), (0.2, 0.2)))
    return Walk(body, feet, lifts, gentle(left_s / STEP_S))


def leg_to(legs: Proportions, hip_m: Floats, ankle_m: Floats) -> tuple[Floats, Floats]:
    """Solve thigh and shank inclination (T,) of a leg from hip to ankle (T, 3), metres."""
    step = hip_m - ankle_m
    reach = np.minimum(np.hypot(step[:, 2], step[:, 1]), legs.leg_m - 1e-9)
    thigh_m, shank_m = legs.thigh_m, legs.shank_m
    knee = np.pi - np.arccos((thigh_m**2 + shank_m**2 - reach**2) / (2.0 * thigh_m * shank_m))
    at_hip = np.arccos(np.clip((thigh_m**2 + reach**2 - shank_m**2) / (2.0 * thigh_m * reach), -1.0, 1.0))
    thigh = np.degrees(np.arctan2(step[:, 2], step[:, 1]) - at_hip)
    return thigh, thigh + np.degrees(knee)


def walked(body: Body, poses: Poses, legs: Proportions, walk: Walk, grip: Grip) -> Poses:
    """Carry posed standing along a walk, feet one after the other; the bar (T, 3) goes along with the hands."""
    rotations, going = poses.rotations.copy(), walk.walks > 0.0
    joints = poses.joints_m + np.stack([0.0 * walk.body_m, 0.0 * walk.body_m, walk.body_m], axis=1)[:, None]
    bend = np.cos(np.radians(LEAST_KNEE_DEG))
    longest = np.sqrt(legs.thigh_m**2 + legs.shank_m**2 + 2.0 * legs.thigh_m * legs.shank_m * bend)
    ankles, drops = {}, [np.zeros(len(joints))]
    for side in "LR":
        hip = joints[:, body.index(f"upperleg01.{side}")]
        ankles[side] = poses.joints_m[:, body.index(f"foot.{side}")].copy()
        ankles[side][:, 2] += walk.feet_m[side]
        ankles[side][:, 1] += walk.lifts_m[side]
        highest = ankles[side][:, 1] + np.sqrt(longest**2 - (hip[:, 2] - ankles[side][:, 2]) ** 2)
        drops.append(hip[:, 1] - highest)
    down = np.where(going, np.max(drops, axis=0), 0.0)
    joints[:, :, 1] -= down[:, None]
    for side in "LR":
        turn, thigh_rest, shank_rest = leg_rest_deg(body, side, 0.0)
        thigh, shank = leg_to(legs, joints[:, body.index(f"upperleg01.{side}")], ankles[side])
        rotations[going, body.index(f"upperleg01.{side}")] = (turn_x(thigh - thigh_rest) @ turn)[going]
        rotations[going, body.index(f"lowerleg01.{side}")] = (turn_x(shank - shank_rest) @ turn)[going]
    bar = poses.bar_m + joints[:, 0] - poses.joints_m[:, 0]
    shoulder = joints[:, body.index("upperarm01.L")]
    reach = np.linalg.norm((shoulder - bar)[:, 1:], axis=1)
    ahead = bar[:, 2] + CLEAR_M * walk.walks - shoulder[:, 2]
    held = np.stack([bar[:, 0], shoulder[:, 1] - np.sqrt(reach**2 - ahead**2), shoulder[:, 2] + ahead], axis=1)
    bar = np.where(going[:, None], held, bar)
    for side in "LR":
        arm_rotations(body, rotations, joints, side, bar, grip)
    return Poses(rotations, place_joints(body, rotations, joints[:, 0]), bar)


def stepped(
    body: Body, poses: Poses, legs: Proportions, footwork: Footwork, moves: Timed, time_s: Floats, grip: Grip
) -> Poses:
    """Add the steps before and after a set at `time_s` (T,)."""
    if footwork.steps:
        entered_s = STEP_S * (footwork.steps + 1.0)
        poses = walked(
            body, poses, legs, way(footwork.steps, footwork.step_m, np.maximum(entered_s - time_s, 0.0)), grip
        )
    if footwork.steps_out:
        gone_s = np.maximum(time_s - (moves.duration_s - moves.after_s + SETTLE_S), 0.0)
        poses = walked(body, poses, legs, way(footwork.steps_out, -abs(footwork.step_m), gone_s), grip)
    return poses


def around(
    lifter: tuple[Body, Proportions, Grip],
    bending: Callable[[Floats], Poses],
    standing: Callable[[Floats], Poses],
    footwork: Footwork,
    moves: Timed,
    time_s: Floats,
    bar_height_m: float,
) -> Poses:
    """Pose a set at `time_s` (T,) with everything that is done before and after it.

    bending: poses the set with a bend for the bar of some depth (T,) on top. standing: poses the still lifter by depth
    (N,). bar_height_m: height of the bar's centre on the floor. Raises ValueError if there is too little time around
    the set, or if the hands do not get down to the bar.
    """
    check(footwork, moves)
    body, legs, grip = lifter
    if not (footwork.pick_up or footwork.put_down):
        poses = stepped(body, bending(np.zeros(len(time_s))), legs, footwork, moves, time_s, grip)
    else:
        depth, floor_m = floor_bend(standing, bar_height_m)
        poses = bending(depth * bends(footwork, moves, time_s))
        poses = stepped(body, poses, legs, footwork, moves, time_s, grip)
        poses = bar_left(poses, footwork, moves, time_s, floor_m)
    return poses
