"""What lying and seated leg curls share: knee flexion drives the lift, hips may come off the pad, a lever follows.

The knees stay on the lever's axis; the thigh turns about them when the hips lift.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from samples.renderer.body import Body, place_joints
from samples.renderer.contact import thickness_m
from samples.renderer.machines import Place, beam, cross_beam, roller
from samples.renderer.motion import (
    BACK_RAMPS,
    FIRST_RAMPS,
    Course,
    Curve,
    course,
    curve_of_speeds,
    curve_to,
    followed,
    smooth,
    starts_s,
    sway,
    windows_s,
)
from samples.renderer.posing import (
    Arms,
    Poses,
    Posture,
    Proportions,
    body_rotations,
    hand_frame,
    middle_of,
    proportions,
    root_for,
    trunk_chord,
    turn_x,
    with_arms,
)
from samples.renderer.props import Shape, joined
from samples.renderer.scene import Lifter, Moving, Scene
from samples.renderer.truth import Seen, drop_deg, phases

Floats = npt.NDArray[np.float64]

SWAY_DEG = 0.15
ROLLER_M = 0.05
ROLLER_UP_M = 0.05  # from the ankle up the shank to where the roller lies
LEVER_X_M = 0.33
LIFT_NOTE = 0.06  # [D] hips this far off the pad, thigh lengths
SWAY_PCT = (5.0, 95.0)  # between which a body that moves with the weight is said to move
ROCK_S = 0.4  # before a curl: to rock forward
FALL_BACK_S = 0.3  # after the turn: until hips that were thrown up lie again
LET_GO_S = 0.3  # to get a lowering going
FALLING_PART = 0.75  # of a drop: the rest stops it


@dataclass(frozen=True)
class Rep:
    """One curl as asked for.

    knee_deg: knee flexion at the turn. hip_lift_thigh: how far the hips come off the pad, thigh lengths, from the share
    `lift_from` of the curl on. lumbar_deg: flexion + (arching -) added with the lift. ramp: share of the way up spent
    speeding up, and slowing down. rock_deg: the trunk is rocked forward before the curl and thrown back with it.
    throw_thigh: the hips are thrown up with the curl and fall back after it, thigh lengths. short_deg: knee flexion
    that is left at the end of the lowering, over that of rest. drop_deg: last part of the lowering in which the weight
    falls, up to drop_dps; `eccentric_s` is then what the part before it takes.
    """

    concentric_s: float = 1.2
    pause_s: float = 0.6
    eccentric_s: float = 2.4
    rest_s: float = 0.7
    knee_deg: float = 112.0
    hip_lift_thigh: float = 0.0
    lift_from: float = 0.35
    lumbar_deg: float = 0.0
    ramp: float = FIRST_RAMPS[0]
    rock_deg: float = 0.0
    throw_thigh: float = 0.0
    short_deg: float = 0.0
    drop_deg: float = 0.0
    drop_dps: float = 300.0


@dataclass(frozen=True)
class Set:
    """A clip of curls. knee_rest_deg: flexion between repetitions. hip_deg: hip flexion on the machine."""

    reps: tuple[Rep, ...]
    before_s: float = 1.2
    after_s: float = 1.0
    seed: int = 0
    knee_rest_deg: float = 6.0
    hip_deg: float = 16.0
    toes_out_deg: float = 0.0

    @property
    def duration_s(self) -> float:
        """Length of the clip."""
        return windows_s(courses(self), self.before_s)[-1][1] + self.after_s


@dataclass(frozen=True)
class SeatedSet(Set):
    """A clip of seated curls."""

    hip_deg: float = 80.0


@dataclass(frozen=True)
class RepTruth:
    """One curl, measured. hip_lift_thigh: the hips' greatest height over that at the start, thigh lengths.

    hip_lift_s: time above 0.06 thigh lengths. hip_flexion_change_deg: the hip flexion farthest from the start's, minus
    that. knee_speed_dps: greatest on the way to the turn, during which trunk_sway_deg and hip_sway_thigh (height of the
    hips) are the middle 90 % of what trunk and hips move. drop_deg: see `truth.drop_deg`. short_deg: least knee flexion
    after the turn over the clip's least.
    """

    number: int
    start_s: float
    turn_s: float
    stop_s: float
    concentric_s: float
    pause_s: float
    eccentric_s: float
    knee_flexion_min_deg: float
    knee_flexion_max_deg: float
    knee_flexion_range_deg: float
    hip_flexion_start_deg: float
    hip_flexion_change_deg: float
    hip_lift_thigh: float
    hip_lift_s: float
    lumbar_max_deg: float
    lumbar_min_deg: float
    knee_speed_dps: float
    trunk_sway_deg: float
    hip_sway_thigh: float
    drop_deg: float
    short_deg: float


def dropping(rep: Rep, stop_deg: float) -> Curve:
    """Lower evenly, then let the weight fall to the end."""
    held = rep.knee_deg - stop_deg - rep.drop_deg
    even = held / rep.eccentric_s
    fall_s = 2.0 * FALLING_PART * rep.drop_deg / (even + rep.drop_dps)
    stop_s = 2.0 * (1.0 - FALLING_PART) * rep.drop_deg / rep.drop_dps
    pieces = [
        (LET_GO_S, 0.0, even), (rep.eccentric_s - LET_GO_S / 2.0, even, even), (fall_s, even, rep.drop_dps),
        (stop_s, rep.drop_dps, 0.0),
    ]  # fmt: skip
    return curve_of_speeds(rep.knee_deg, [(length, -first, -last) for length, first, last in pieces])


@cache
def rep_course(rep: Rep, start_deg: float, stop_deg: float) -> Course:
    """Give the knee flexion over one repetition."""
    first = curve_to(start_deg, rep.knee_deg, rep.concentric_s, (rep.ramp, rep.ramp))
    if rep.drop_deg > 0.0:
        back = dropping(rep, stop_deg)
    else:
        back = curve_to(rep.knee_deg, stop_deg, rep.eccentric_s, BACK_RAMPS)
    return course(first, rep.pause_s, back, rep.rest_s)


def courses(moves: Set) -> list[Course]:
    """Give every repetition's knee flexion: each starts where the one before it ended."""
    ends = [moves.knee_rest_deg + rep.short_deg for rep in moves.reps]
    starts = [moves.knee_rest_deg, *ends]
    return [rep_course(rep, start, end) for rep, start, end in zip(moves.reps, starts, ends, strict=False)]


@dataclass(frozen=True)
class Seat:
    """How a machine holds the body: knees' place (3,) metres, thigh and trunk at rest, and what the trunk does.

    head_up_deg: extension of the neck. level_shoulders: the shoulders keep their height when the hips lift, else the
    trunk keeps its inclination. wrist_m: the left wrist, (3,), from the middle of the `held_at` joints at rest.
    """

    knee_m: tuple[float, float, float]
    thigh_deg: float
    trunk_deg: float
    head_up_deg: float
    level_shoulders: bool
    held_at: str
    wrist_m: tuple[float, float, float]
    pole: tuple[float, float, float]
    palm: tuple[float, float, float]
    hand_along: tuple[float, float, float]


SeatOf = Callable[[Set], Seat]


@dataclass(frozen=True)
class Drive:
    """What a curl sets directly, each (T,): knee flexion, hip lift in thigh lengths, lumbar flexion, trunk rocked."""

    knee_deg: Floats
    lift_thigh: Floats
    lumbar_deg: Floats
    rock_deg: Floats


def drive_of(moves: Set, time_s: Floats) -> Drive:
    """Give the driving values at the instants `time_s` (T,)."""
    whole = courses(moves)
    knee, shares = followed(whole, moves.before_s, time_s)
    lift, lumbar, rock = np.zeros(len(time_s)), np.zeros(len(time_s)), np.zeros(len(time_s))
    begins = starts_s(whole, moves.before_s)
    for rep, share, begin, one in zip(moves.reps, shares, begins, whole, strict=True):
        late = smooth((share - rep.lift_from) / (1.0 - rep.lift_from))
        since, up_s = time_s - begin, one.first.duration_s
        thrown = np.sin(np.pi * np.clip(since / (up_s + FALL_BACK_S), 0.0, 1.0)) ** 2
        back = np.where(since < 0.0, 0.0, np.where(since < up_s, smooth(share / 0.8), 1.0))
        lift = lift + rep.hip_lift_thigh * late + rep.throw_thigh * thrown
        lumbar = lumbar + rep.lumbar_deg * late
        rock = rock + rep.rock_deg * smooth(1.0 + since / ROCK_S) * (1.0 - back)
    return Drive(knee + SWAY_DEG * sway(moves.seed, time_s), lift, lumbar, rock)


def posture_of(body: Body, drive: Drive, seat: Seat) -> Posture:
    """Solve the posture (T,) for what a curl sets."""
    still = np.zeros(len(drive.knee_deg))
    legs = proportions(body)
    level = np.cos(np.radians(seat.thigh_deg))
    thigh = np.sign(seat.thigh_deg) * np.degrees(np.arccos(np.clip(level + drive.lift_thigh, -1.0, 1.0)))
    offset, chord = trunk_chord(body, drive.lumbar_deg, still)
    trunk = seat.trunk_deg + drive.rock_deg
    if seat.level_shoulders:
        below = np.cos(np.radians(seat.trunk_deg)) * trunk_chord(body, np.zeros(1), np.zeros(1))[1][0]
        trunk = np.degrees(np.arccos((below - drive.lift_thigh * legs.thigh_m) / chord))
    neck = np.full(len(still), seat.head_up_deg)
    return Posture(thigh + drive.knee_deg, thigh, trunk - offset, drive.lumbar_deg, still, neck)


def on_machine(lifter: Lifter, moves: Set, drive: Drive, seat: Seat) -> tuple[Floats, Floats, Posture]:
    """Rotations (T, J, 3, 3) without arms, the root's place (T, 3), and the posture."""
    posture = posture_of(lifter.body, drive, seat)
    rotations = body_rotations(lifter.body, posture, posture.shank_deg - 4.0, moves.toes_out_deg, 0.0)
    knee = np.tile(seat.knee_m, (len(drive.knee_deg), 1))
    return rotations, root_for(lifter.body, rotations, "lowerleg01", knee), posture


def at_rest(lifter: Lifter, moves: Set, seat: Seat) -> Floats:
    """Joints (J, 3) between repetitions, without arms."""
    rest = Drive(np.array([moves.knee_rest_deg]), np.zeros(1), np.zeros(1), np.zeros(1))
    rotations, root, _ = on_machine(lifter, moves, rest, seat)
    joints: Floats = place_joints(lifter.body, rotations, root)[0]
    return joints


def wrist_m(lifter: Lifter, moves: Set, seat: Seat) -> Floats:
    """Where the left wrist holds the machine, (3,) metres."""
    joints = at_rest(lifter, moves, seat)
    held: Floats = middle_of(lifter.body, joints[None], seat.held_at)[0] + np.array(seat.wrist_m)
    return held


def posed(lifter: Lifter, moves: Set, time_s: Floats, seat: Seat) -> Poses:
    """Pose the lifter at the instants `time_s` (T,), hands on the handles."""
    rotations, root, _ = on_machine(lifter, moves, drive_of(moves, time_s), seat)
    count = len(time_s)
    frame = hand_frame(np.array(seat.hand_along), np.array(seat.palm))
    place = np.tile(wrist_m(lifter, moves, seat), (count, 1))
    return with_arms(
        lifter.body, rotations, root, Arms(place, np.tile(seat.pole, (count, 1)), np.tile(frame, (count, 1, 1)))
    )


def along(start: Place, angle_deg: float, length_m: float, forward_m: float = 0.0) -> Place:
    """Go from a place (y, z) along an inclination, then to its front by `forward_m`."""
    lean = np.radians(angle_deg)
    y = start[0] + length_m * np.cos(lean) - forward_m * np.sin(lean)
    return float(y), float(start[1] + length_m * np.sin(lean) + forward_m * np.cos(lean))


def lever(lifter: Lifter, legs: Proportions, scene: Scene) -> Shape:
    """Build roller and lever (on the far side) in the upright shank's coordinates, the knee at the origin."""
    depth = thickness_m(lifter, "lowerleg01.L", "foot.L", 1.0 - ROLLER_UP_M / legs.shank_m, -1.0) + ROLLER_M - 0.006
    place = (ROLLER_UP_M - legs.shank_m, -depth)
    far = scene.camera.facing * LEVER_X_M
    return joined(
        [roller(*place, ROLLER_M, 0.26), beam((0.0, 0.0), place, far, 0.05), cross_beam(0.0, 0.0, 0.02, 0.09)]
    )


def moving_lever(scene: Scene, lifter: Lifter, moves: Set, time_s: Floats, seat: Seat) -> Moving:
    """Let the lever follow the shanks at the instants `time_s` (T,)."""
    shank = posture_of(lifter.body, drive_of(moves, time_s), seat).shank_deg
    arm = lever(lifter, proportions(lifter.body), scene)
    return Moving(arm, turn_x(shank), np.tile(seat.knee_m, (len(time_s), 1)))


def rep_truth(number: int, seen: Seen, window_s: tuple[float, float]) -> RepTruth:
    """Measure one curl inside a window that starts and ends with long knees."""
    inside = (seen.time_s >= window_s[0]) & (seen.time_s <= window_s[1])
    t, knee, hip = seen.time_s[inside], seen.angles.knee_flexion_deg[inside], seen.angles.hip_flexion_deg[inside]
    timing = phases(t, knee)
    height = seen.joints_m["hip"][inside][:, 1] / seen.legs.thigh_m
    lift = height - height[0]
    change = hip - hip[0]
    up, down = t <= timing.turn_s, t >= timing.turn_s
    low, high = np.percentile(seen.angles.trunk_deg[inside][up], SWAY_PCT)
    sunk, risen = np.percentile(height[up], SWAY_PCT)
    return RepTruth(
        number=number,
        start_s=timing.start_s,
        turn_s=timing.turn_s,
        stop_s=timing.stop_s,
        concentric_s=timing.first_s,
        pause_s=timing.pause_s,
        eccentric_s=timing.second_s,
        knee_flexion_min_deg=float(knee.min()),
        knee_flexion_max_deg=float(knee.max()),
        knee_flexion_range_deg=float(np.ptp(knee)),
        hip_flexion_start_deg=float(hip[0]),
        hip_flexion_change_deg=float(change[np.argmax(np.abs(change))]),
        hip_lift_thigh=float(lift.max()),
        hip_lift_s=float((lift > LIFT_NOTE).sum() * (t[1] - t[0])),
        lumbar_max_deg=float(seen.angles.lumbar_deg[inside].max()),
        lumbar_min_deg=float(seen.angles.lumbar_deg[inside].min()),
        knee_speed_dps=float(np.gradient(knee, t)[up].max()),
        trunk_sway_deg=float(high - low),
        hip_sway_thigh=float(risen - sunk),
        drop_deg=drop_deg(t[down], -knee[down]),
        short_deg=float(knee[down].min() - seen.angles.knee_flexion_deg.min()),
    )


def truths(seen: Seen, moves: Set) -> list[RepTruth]:
    """Measure each repetition."""
    windows = windows_s(courses(moves), moves.before_s)
    return [rep_truth(i, seen, window) for i, window in enumerate(windows, start=1)]
