"""Glute-ham raise: feet against a plate, ankles between rollers, thighs that turn over a pad.

Phi (knee to shoulder) drives everything; the thigh turns about a fixed pivot that may lie off the knee.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt

from samples.renderer.body import place_joints
from samples.renderer.contact import foot_extent_m, thickness_m
from samples.renderer.lifts.base import Lift
from samples.renderer.machines import cross_beam, frame_of, pad_block, plate_for_feet, roller
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
    solved,
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
    in_chest,
    middle_of,
    proportions,
    root_for,
    trunk_chord,
    with_arms,
)
from samples.renderer.props import joined
from samples.renderer.scene import Extras, Lifter, Scene
from samples.renderer.truth import EDGE, Phases, Seen, phases

Floats = npt.NDArray[np.float64]

TOP_PHI_DEG = 2.0
REST_HIP_DEG = 3.0
TRUNK_PER_HIP = 0.45  # trunk minus phi, per degree of hip flexion: share of the thigh in knee to shoulder
HINGE_FROM_DEG, HINGE_OVER_DEG = 45.0, 42.0  # of phi: where the hips bend on the way to the bottom
PIVOT_Y_M = 0.98
ANKLE_DROP = 0.15  # of the knees' drop on the way to the top: how far below the pivot the ankles are held
START_S, END_S, DIP_S = 0.30, 0.45, 0.16  # of a way up: to get going, to come to rest, into and out of a stall
SHAKE_EDGE_S = 0.15
ARCH_S = 0.3
SWAY_DEG = 0.12
FISTS_M = np.array([0.11, -0.07, 0.17])  # left wrist from the middle of the shoulders, with the chest
SINK_M = 0.012  # of the thigh into its pad
STALL_DEPTH, STALL_S = 0.35, 0.15  # less is no stall
FOLD_IN_S = 0.6  # before a way up: hips that will be kicked open fold
STRAIGHT_DEG = (20.0, 80.0)  # of the trunk on its way up: where the body should be one line
LOW_TRUNK_DEG = 70.0  # of the trunk: the start of the way up
FAILED_TRUNK_DEG = 55.0  # a raise that never comes under it has failed


@dataclass(frozen=True)
class Rep:
    """One glute-ham raise as asked for.

    phi_deg: knee to shoulder at the bottom. hip_hinge_deg: hip flexion added at the bottom. stall_s: time below half
    the speed (0: no stall) with the trunk at stall_trunk_deg; stall_depth: share of the speed that is lost. fails: the
    raise turns back after the stall. shake_deg, shake_hz: sine during the stall. arch_deg: lumbar extension from the
    stall on, with which the hips open by arch_hip_deg (0: the pelvis tips instead). lumbar_deg: flexion + at the
    bottom. short_deg: how far short of the top the way up ends. kick_deg: hip flexion at the bottom that is kicked open
    in kick_s as the way up begins; the thighs stay, the trunk drops.
    """

    eccentric_s: float = 2.5
    pause_s: float = 0.8
    concentric_s: float = 2.2
    rest_s: float = 0.9
    phi_deg: float = 88.0
    hip_hinge_deg: float = 0.0
    stall_s: float = 0.0
    stall_trunk_deg: float = 75.0
    stall_depth: float = 0.9
    fails: bool = False
    shake_hz: float = 8.0
    shake_deg: float = 0.0
    arch_deg: float = 0.0
    arch_hip_deg: float = 0.0
    lumbar_deg: float = 0.0
    short_deg: float = 0.0
    kick_deg: float = 0.0
    kick_s: float = 0.3

    @property
    def top_deg(self) -> float:
        """Phi at which the way up ends."""
        return TOP_PHI_DEG + self.short_deg


@dataclass(frozen=True)
class Set:
    """A clip of glute-ham raises. pivot_over_thigh: from the knee up the thigh to where it turns, thigh lengths."""

    reps: tuple[Rep, ...]
    before_s: float = 1.2
    after_s: float = 1.0
    seed: int = 0
    start: str = "top"
    pivot_over_thigh: float = 0.04
    toes_out_deg: float = 0.0

    @property
    def duration_s(self) -> float:
        """Length of the clip."""
        return windows_s(courses(self), self.before_s)[-1][1] + self.after_s


@dataclass(frozen=True)
class RepTruth:
    """One raise, measured; the way up is that of docs/method.md: its speed is that at which the trunk rises.

    first: which phase it starts with. fails: its trunk stays lower than 55 degrees; concentric_s and stop_s are None.
    stall_depth: 1 - least speed / lesser of the peaks before and after it, even where there is no stall. stall_s: time
    below half of that peak; the others are None without a stall (depth 0.35, 0.15 s). shake_deg: amplitude of the trunk
    during the stall. pivot_over_thigh: knee to the thigh's pivot, from the knee's path. top_phi_deg: phi where the way
    up ends. hip_up_max_deg: most hip flexion on it with the trunk between 80 and 20 degrees. fold_deg: most hip flexion
    at its start, with the trunk under 70 degrees, over the median of that part; opening_dps: how fast it opens at most.
    """

    number: int
    first: str
    start_s: float
    turn_s: float
    stop_s: float | None
    eccentric_s: float | None
    pause_s: float | None
    concentric_s: float | None
    phi_max_deg: float
    trunk_max_deg: float
    hip_flexion_max_deg: float
    hip_flexion_min_deg: float
    knee_flexion_min_deg: float
    lumbar_max_deg: float
    lumbar_min_deg: float
    fails: bool
    stall_depth: float
    stall_s: float
    stall_start_s: float | None
    stall_trunk_deg: float | None
    shake_deg: float
    shake_hz: float | None
    pivot_m: float
    pivot_over_thigh: float
    top_phi_deg: float
    hip_up_max_deg: float
    fold_deg: float
    opening_dps: float


def hip_deg(rep: Rep, phi_deg: Floats) -> Floats:
    """Hip flexion (T,) that a repetition adds at phi (T,)."""
    return rep.hip_hinge_deg * smooth((phi_deg - HINGE_FROM_DEG) / HINGE_OVER_DEG)


def stall_phi_deg(rep: Rep) -> float:
    """Phi at which the trunk is where the stall is asked for."""
    grid = np.linspace(TOP_PHI_DEG, rep.phi_deg, 2001)
    trunk = grid + TRUNK_PER_HIP * (REST_HIP_DEG + hip_deg(rep, grid))
    return float(np.interp(rep.stall_trunk_deg, trunk, grid))


def stall_hold_s(rep: Rep) -> float:
    """Time at the least speed so that `stall_s` are spent below half of the speed around it.

    Raises ValueError when slowing down alone takes longer.
    """
    deep = rep.stall_depth > 0.5
    slowing = 1.0 - float(np.arccos(1.0 - 1.0 / rep.stall_depth)) / np.pi if deep else 0.0
    hold = rep.stall_s - 2.0 * DIP_S * slowing
    if hold < 0.0:
        raise ValueError(f"a stall of {rep.stall_s} s cannot be had: slowing down takes {rep.stall_s - hold:.2f} s")
    return hold


def climb(rep: Rep, speed_dps: float) -> Curve:
    """Rise from the bottom to the top at an even speed but for the stall."""
    least, hold = (1.0 - rep.stall_depth) * speed_dps, stall_hold_s(rep)
    slow = DIP_S * (speed_dps + least) / 2.0 + hold * least / 2.0
    place = stall_phi_deg(rep)
    below = (rep.phi_deg - place - slow) / speed_dps - START_S / 2.0
    above = (place - rep.top_deg - slow) / speed_dps - END_S / 2.0
    pieces = [
        (START_S, 0.0, speed_dps), (below, speed_dps, speed_dps), (DIP_S, speed_dps, least), (hold, least, least),
        (DIP_S, least, speed_dps), (above, speed_dps, speed_dps), (END_S, speed_dps, 0.0),
    ]  # fmt: skip
    return curve_of_speeds(rep.phi_deg, [(length, -first, -last) for length, first, last in pieces])


def climb_in_time(rep: Rep) -> Curve:
    """Choose the speed for the concentric asked for. Raises ValueError when there is none."""
    if rep.stall_s <= 0.0:
        return curve_to(rep.phi_deg, rep.top_deg, rep.concentric_s, BACK_RAMPS)
    place = stall_phi_deg(rep)
    slow = DIP_S * (1.0 - rep.stall_depth / 2.0) + stall_hold_s(rep) * (1.0 - rep.stall_depth) / 2.0
    fastest = min((rep.phi_deg - place) / (slow + START_S / 2.0), (place - rep.top_deg) / (slow + END_S / 2.0))
    return solved(lambda speed_dps: climb(rep, speed_dps), rep.concentric_s, fastest / 12.0, 0.9999 * fastest)


def attempt(rep: Rep) -> Curve:
    """Rise to the stall, hang there, sink back to the bottom."""
    place = stall_phi_deg(rep)
    gap = rep.phi_deg - place
    rise = curve_of_speeds(rep.phi_deg, [(START_S, 0.0, -1.0), (1.0, -1.0, -1.0), (DIP_S, -1.0, 0.0)])
    up = Curve(
        rise.time_s * gap / 32.0, rep.phi_deg + (rise.value - rep.phi_deg) * gap / (rep.phi_deg - rise.value[-1])
    )
    down = curve_to(place, rep.phi_deg, max(0.8, gap / 40.0), FIRST_RAMPS)
    times = [up.time_s, up.duration_s + rep.stall_s + down.time_s]
    return Curve(np.concatenate(times), np.concatenate([up.value, down.value]))


@cache
def rep_course(rep: Rep, start: str, before_deg: float) -> Course:
    """Give phi over one repetition that starts at the top (there at phi `before_deg`) or the bottom."""
    top_deg = before_deg if start == "top" else rep.top_deg
    down = curve_to(top_deg, rep.phi_deg, rep.eccentric_s, FIRST_RAMPS)
    if start == "top":
        if rep.fails:
            return Course(down, rep.pause_s, attempt(rep), rep.rest_s)
        return course(down, rep.pause_s, climb_in_time(rep), rep.rest_s)
    if rep.fails:
        up = attempt(rep)
        middle = int(np.argmin(up.value))
        first, last = Curve(up.time_s[: middle + 1], up.value[: middle + 1]), up.time_s[middle:] - up.time_s[middle]
        return Course(first, 0.0, Curve(last, up.value[middle:]), rep.rest_s)
    return course(climb_in_time(rep), rep.pause_s, down, rep.rest_s)


def courses(moves: Set) -> list[Course]:
    """Give every repetition's phi.

    Raises ValueError for a start that is neither top nor bottom, and for a failure from the top that is not the last.
    """
    if moves.start not in {"top", "bottom"}:
        raise ValueError(f"a raise starts at the top or the bottom, not {moves.start!r}")
    if moves.start == "top" and any(rep.fails for rep in moves.reps[:-1]):
        raise ValueError("a raise that fails leaves the lifter at the bottom: it must be the last")
    if moves.start == "bottom" and len({rep.phi_deg for rep in moves.reps}) > 1:
        raise ValueError("raises that start at the bottom share one bottom")
    tops = [TOP_PHI_DEG, *(rep.top_deg for rep in moves.reps)]
    return [rep_course(rep, moves.start, top) for rep, top in zip(moves.reps, tops, strict=False)]


def up_after_s(one: Course, start: str) -> float:
    """When the way up of a repetition begins, seconds after its start."""
    return 0.0 if start == "bottom" else one.first.duration_s + one.hold_s


def stall_span_s(rep: Rep, one: Course, begin_s: float, start: str) -> tuple[float, float]:
    """From when to when a repetition that starts at `begin_s` stalls."""
    raising = one.first if start == "bottom" else one.back
    place = stall_phi_deg(rep)
    reached = float(raising.time_s[int(np.argmax(raising.value <= place + 1e-6))])
    middle = reached + (rep.stall_s / 2.0 if rep.fails else 0.0)
    begin = begin_s + up_after_s(one, start)
    return begin + middle - rep.stall_s / 2.0, begin + middle + rep.stall_s / 2.0


@dataclass(frozen=True)
class Drive:
    """What a raise sets directly, each (T,) degrees."""

    phi_deg: Floats
    hip_deg: Floats
    lumbar_deg: Floats
    kick_deg: Floats


def drive_of(moves: Set, time_s: Floats) -> Drive:
    """Give the driving angles at the instants `time_s` (T,)."""
    whole = courses(moves)
    phi, _ = followed(whole, moves.before_s, time_s)
    steady = phi.copy()
    hip, lumbar, kick = np.full(len(time_s), REST_HIP_DEG), np.zeros(len(time_s)), np.zeros(len(time_s))
    phi = phi + SWAY_DEG * sway(moves.seed, time_s)
    for i, (rep, begin) in enumerate(zip(moves.reps, starts_s(whole, moves.before_s), strict=True)):
        own = (time_s >= (begin if i else -1.0)) & (time_s < begin + whole[i].active_s + whole[i].rest_s)
        own |= (time_s >= begin) & (i == len(whole) - 1)
        hip = hip + np.where(own, hip_deg(rep, steady), 0.0)
        lumbar = lumbar + np.where(own, rep.lumbar_deg * smooth((steady - HINGE_FROM_DEG) / HINGE_OVER_DEG), 0.0)
        up = time_s - begin - up_after_s(whole[i], moves.start)
        kick = kick + rep.kick_deg * smooth(1.0 + up / FOLD_IN_S) * (1.0 - smooth(up / rep.kick_s))
        if rep.stall_s > 0.0:
            first, last = stall_span_s(rep, whole[i], begin, moves.start)
            edge = smooth((time_s - first) / SHAKE_EDGE_S) * smooth((last - time_s) / SHAKE_EDGE_S)
            phi = phi + rep.shake_deg * edge * np.sin(2.0 * np.pi * rep.shake_hz * (time_s - first))
            arched = smooth((time_s - first) / ARCH_S) * smooth((last + 0.9 - time_s) / 0.6)
            lumbar, hip = lumbar - rep.arch_deg * arched, hip - rep.arch_hip_deg * arched
    return Drive(phi, hip, lumbar, kick)


def posture_of(lifter: Lifter, moves: Set, time_s: Floats) -> tuple[Posture, Floats]:
    """Solve the posture at the instants `time_s` (T,), and the knees' place (T, 3)."""
    legs = proportions(lifter.body)
    drive = drive_of(moves, time_s)
    still = np.zeros(len(time_s))
    offset, chord = trunk_chord(lifter.body, drive.lumbar_deg, still)
    bend = np.radians(drive.hip_deg)
    thigh = drive.phi_deg - np.degrees(np.arctan2(chord * np.sin(bend), legs.thigh_m + chord * np.cos(bend)))
    knee, shank = knee_of(legs, moves, thigh)
    trunk = thigh + drive.hip_deg + drive.kick_deg
    return Posture(shank, thigh, trunk - offset, drive.lumbar_deg, still, 0.12 * trunk), knee


def knee_of(legs: Proportions, moves: Set, thigh_deg: Floats) -> tuple[Floats, Floats]:
    """Knees' place (T, 3) metres and shanks' inclination (T,) for thighs that turn about the pivot."""
    off, lean = moves.pivot_over_thigh * legs.thigh_m, np.radians(thigh_deg)
    y, z = PIVOT_Y_M - off * np.cos(lean), -off * np.sin(lean)
    rise = np.clip((y - ankle_y_m(legs, moves)) / legs.shank_m, -1.0, 1.0)
    return np.stack([np.zeros_like(y), y, z], axis=1), np.degrees(np.arccos(rise))


def ankle_y_m(legs: Proportions, moves: Set) -> float:
    """Height at which the rollers hold the ankles: a little lower than the knees at the bottom."""
    return PIVOT_Y_M - ANKLE_DROP * moves.pivot_over_thigh * legs.thigh_m


def foot_pitch_deg(lifter: Lifter, ankle_z: Floats) -> tuple[Floats, float]:
    """Toes down (T,) so that the sole stays at the plate while the ankles slide (T,), and the plate's place."""
    grid = np.linspace(93.0, 150.0, 58)
    back = foot_extent_m(lifter, grid, 2)
    plate = float(ankle_z.min() + back[0])
    return np.interp(ankle_z - plate, -back, grid), plate


def hanging(lifter: Lifter, moves: Set, time_s: Floats) -> tuple[Floats, Floats, float]:
    """Rotations (T, J, 3, 3) without arms, the root's place (T, 3), and the footplate's z."""
    posture, knee = posture_of(lifter, moves, time_s)
    legs = proportions(lifter.body)
    slide = knee_of(legs, moves, np.array([0.0, 45.0, 92.0]))
    ends = slide[0][:, 2] - legs.shank_m * np.sin(np.radians(slide[1]))
    ankle_z = knee[:, 2] - legs.shank_m * np.sin(np.radians(posture.shank_deg))
    pitch, plate = foot_pitch_deg(lifter, np.concatenate([ankle_z, ends]))
    rotations = body_rotations(lifter.body, posture, pitch[: len(time_s)], moves.toes_out_deg, 0.0)
    return rotations, root_for(lifter.body, rotations, "lowerleg01", knee), plate


def poses(scene: Scene, lifter: Lifter, moves: Set, time_s: Floats) -> Poses:  # noqa: ARG001
    """Pose the lifter at the instants `time_s` (T,), fists below the chin."""
    body = lifter.body
    rotations, root, _ = hanging(lifter, moves, time_s)
    joints = place_joints(body, rotations, root)
    chest = rotations[:, body.index("spine01")]
    frame = hand_frame(np.array([-0.25, 1.0, 0.25]), np.array([-0.5, 0.0, -1.0]))
    arms = Arms(in_chest(body, rotations, joints, FISTS_M), chest @ np.array([0.7, -1.0, 0.2]), chest @ frame)
    return with_arms(body, rotations, root, arms)


def extras(scene: Scene, lifter: Lifter, moves: Set, time_s: Floats, posed: Poses) -> Extras:  # noqa: ARG001
    """Bring the machine: pad, rollers, footplate, frame."""
    legs = proportions(lifter.body)
    share = float(np.clip(1.0 - moves.pivot_over_thigh - 0.15, 0.0, 1.0))
    thick = thickness_m(lifter, "upperleg01.L", "lowerleg01.L", share, 1.0) - SINK_M
    top, back = PIVOT_Y_M - thick, thick
    plate = hanging(lifter, moves, time_s)[2]
    ankle = float(middle_of(lifter.body, posed.joints_m, "foot")[:, 2].mean()) + 0.055
    y = ankle_y_m(legs, moves)
    calf = thickness_m(lifter, "lowerleg01.L", "foot.L", 0.85, -1.0)
    shin = thickness_m(lifter, "lowerleg01.L", "foot.L", 0.85, 1.0)
    feet, middle = 0.04, back + 0.14
    beams = [((feet, plate - 0.12), (feet, middle + 0.45)), ((feet, middle), (top - 0.12, middle))]
    fixed = [
        pad_block(top, back, 0.27, 0.24),
        roller(y + calf + 0.045, ankle, 0.05),
        roller(y - shin - 0.045, ankle, 0.05),
        plate_for_feet(y - 0.06, plate, 0.34),
        frame_of([*beams, ((feet, plate - 0.05), (y + 0.05, plate - 0.05))], (0.0,), 0.07),
        joined([cross_beam(feet, z, 0.36, 0.06) for z in (plate - 0.12, middle + 0.45)]),
    ]
    return Extras(tuple(fixed))


def unshaken(moves: Set) -> Set:
    """Give the set without its shaking."""
    return replace(moves, reps=tuple(replace(rep, shake_deg=0.0) for rep in moves.reps))


@dataclass(frozen=True)
class Stall:
    """The deepest dip of a way up: depth 0..1, and first and last sample below half of the lesser peak."""

    depth: float
    first: int
    last: int


def deepest(time_s: Floats, trunk_deg: Floats, *, fails: bool) -> Stall:
    """Find the deepest dip in the speed of a way up (T,), between 5 and 95 % of it."""
    speed = -np.gradient(trunk_deg, time_s)
    before = np.maximum.accumulate(speed)
    after = np.full_like(speed, np.inf) if fails else np.maximum.accumulate(speed[::-1])[::-1]
    peak = np.minimum(before, after)
    gone = (trunk_deg[0] - trunk_deg) / (trunk_deg[0] - trunk_deg.min())
    inside = (gone > EDGE) & ((gone < 1.0 - EDGE) | fails)
    depth = np.where(inside, 1.0 - speed / np.maximum(peak, 1e-9), 0.0)
    least = int(np.argmax(depth))
    if fails:
        least = int(np.argmax(gone))
    slow = np.abs(speed) < 0.5 * peak[least]
    first, last = least, least
    while first > 0 and slow[first - 1]:
        first -= 1
    while last < len(slow) - 1 and slow[last + 1]:
        last += 1
    return Stall(float(np.clip(depth[least], 0.0, 1.0)), first, last)


def shaking(time_s: Floats, extra_deg: Floats) -> tuple[float, float | None]:
    """Amplitude and rate, Hz, of shaking (T,): half its range, and its turns of sign; None without any."""
    amplitude = float(np.ptp(extra_deg) / 2.0)
    if amplitude < 1e-6:
        return 0.0, None
    turns = np.flatnonzero(np.diff(np.sign(extra_deg)) != 0)
    if len(turns) < 3:
        return amplitude, None
    return amplitude, float((len(turns) - 1) / 2.0 / (time_s[turns[-1]] - time_s[turns[0]]))


def pivot_m(knee_m: Floats, hip_m: Floats) -> float:
    """Distance from the knee up the thigh to the point that stands still, by least squares of knee = c - d u."""
    step = (hip_m - knee_m)[:, 1:]
    along = step / np.linalg.norm(step, axis=1, keepdims=True)
    centred, knee = along - along.mean(axis=0), knee_m[:, 1:] - knee_m[:, 1:].mean(axis=0)
    return float(-(centred * knee).sum() / (centred**2).sum())


def timing_of(t: Floats, trunk: Floats, start: str, *, fails: bool) -> tuple[Phases, slice]:
    """Find the phases of one raise (T,) and its way up (for one that fails: all after the bottom)."""
    if start == "bottom":
        found = phases(t, -trunk)
        top = int(np.searchsorted(t, found.turn_s)) + 1
        return found, slice(0, len(t) if fails else top)
    bottom = int(np.flatnonzero(trunk >= trunk.max() - 0.3)[0])
    low = t[trunk >= trunk.max() - 0.3]
    if fails:
        gap = np.flatnonzero(np.diff(low) > 0.2)
        low = low[: gap[0] + 1] if len(gap) else low
        found = phases(t[: np.searchsorted(t, low[-1])], trunk[: np.searchsorted(t, low[-1])])
    else:
        found = phases(t, trunk)
    return found, slice(max(bottom, int(np.searchsorted(t, low[-1]))), len(t))


def start_truth(t: Floats, trunk: Floats, hip: Floats) -> dict[str, float]:
    """Measure the hips on a way up (T,)."""
    straight = hip[(trunk >= STRAIGHT_DEG[0]) & (trunk <= STRAIGHT_DEG[1])]
    low = trunk >= LOW_TRUNK_DEG
    usual, most = (float(np.median(straight)), float(straight.max())) if len(straight) else (float("nan"),) * 2
    return {
        "hip_up_max_deg": most,
        "fold_deg": float(hip[low].max()) - usual,
        "opening_dps": float(-np.gradient(hip, t)[low].min()),
    }


def rep_truth(number: int, seen: Seen, window_s: tuple[float, float], start: str) -> RepTruth:
    """Measure one raise inside a window that starts and ends at rest."""
    inside = (seen.time_s >= window_s[0]) & (seen.time_s <= window_s[1])
    t, shaken, still = seen.time_s[inside], seen.angles, seen.unshaken
    trunk = still.trunk_deg[inside]
    fails = bool((trunk[-1] if start == "top" else trunk.min()) > FAILED_TRUNK_DEG)
    timing, up = timing_of(t, trunk, start, fails=fails)
    stall = deepest(t[up], trunk[up], fails=fails)
    span = float(t[up][stall.last] - t[up][stall.first])
    stalls = stall.depth >= STALL_DEPTH and span >= STALL_S
    extra = (shaken.trunk_deg - still.trunk_deg)[inside]
    shake_deg, shake_hz = shaking(t, extra)
    pivot = pivot_m(seen.joints_m["knee"][inside], seen.joints_m["hip"][inside])
    down_s, up_s = (timing.first_s, timing.second_s) if start == "top" else (timing.second_s, timing.first_s)
    return RepTruth(
        number=number,
        first="eccentric" if start == "top" else "concentric",
        start_s=timing.start_s,
        turn_s=timing.turn_s,
        stop_s=None if fails else timing.stop_s,
        eccentric_s=None if fails and start == "bottom" else down_s,
        pause_s=None if fails else timing.pause_s,
        concentric_s=None if fails else up_s,
        phi_max_deg=float(still.phi_deg[inside].max()),
        trunk_max_deg=float(trunk.max()),
        hip_flexion_max_deg=float(still.hip_flexion_deg[inside].max()),
        hip_flexion_min_deg=float(still.hip_flexion_deg[inside].min()),
        knee_flexion_min_deg=float(still.knee_flexion_deg[inside].min()),
        lumbar_max_deg=float(still.lumbar_deg[inside].max()),
        lumbar_min_deg=float(still.lumbar_deg[inside].min()),
        fails=fails,
        stall_depth=stall.depth,
        stall_s=span if stalls else 0.0,
        stall_start_s=float(t[up][stall.first]) if stalls else None,
        stall_trunk_deg=float(np.median(trunk[up][stall.first : stall.last + 1])) if stalls else None,
        shake_deg=shake_deg,
        shake_hz=shake_hz,
        pivot_m=pivot,
        pivot_over_thigh=pivot / seen.legs.thigh_m,
        top_phi_deg=float(still.phi_deg[inside][up].min()),
        **start_truth(t[up], trunk[up], still.hip_flexion_deg[inside][up]),
    )


def truths(seen: Seen, moves: Set) -> list[RepTruth]:
    """Measure each repetition."""
    windows = windows_s(courses(moves), moves.before_s)
    return [rep_truth(i, seen, window, moves.start) for i, window in enumerate(windows, start=1)]


LIFT = Lift(
    set_kind=Set,
    rep_kind=Rep,
    poses=poses,
    truths=truths,
    extras=extras,
    unshaken=unshaken,
    scene={"load": {"kind": "none"}, "camera": {"centre_z_m": 0.2, "height_m": 1.15, "distance_m": 3.7}},
)
