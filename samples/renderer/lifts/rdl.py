"""Romanian deadlift: what is asked for, how it moves, what is true of each repetition.

The trunk's inclination drives everything: hip travel, knees and spine follow it, so the way up retraces the way down.
Requested tempo is that of docs/method.md (5 to 95 % of the range), so each stroke is stretched to meet it.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from samples.renderer.footwork import around
from samples.renderer.lifts.base import Lift
from samples.renderer.motion import smooth, stroke, stroke_edges, sway
from samples.renderer.posing import Poses, Posture, Proportions, pose, proportions, trunk_offset_deg
from samples.renderer.props import lying_height_m
from samples.renderer.scene import Lifter, Scene
from samples.renderer.tilting import tilted
from samples.renderer.truth import HingeTruth, Seen, hinge_truth

Floats = npt.NDArray[np.float64]

DOWN_RAMPS = (0.15, 0.045)  # shares of the way down spent speeding up and slowing down: the end is sharp
UP_RAMPS = (0.11, 0.25)
TRAVEL_POWER = 1.2  # hip travel against trunk lean: 1 - (1 - u)^power
TRAVEL_SHARE = 0.97  # of the plateau's excursion: where the hips count as stopped
RESERVE_DEG = 14.0  # a sound rep turns this far before its hips would stop
WAIT_EASE_S = 0.25  # to come to rest where the hips stop, and to set out again
KNEES_SOFT_DEG = 45.0  # trunk lean by which the knees have taken their bend
KNEE_WAY = (0.3, 0.8)  # shares of the trunk's way over which the knees bend on, or straighten
UP_HIP_LEG, BACK_HIP_LEG, BACK_LUMBAR = 0.0035, 0.0045, 0.6  # hip travel and lumbar extension, a degree at the top
SWAY_DEG = 0.12
DRIFT_LEG = 0.0008
DEEPEST_TRUNK_DEG, DEEPEST_HIP_BACK_LEG, DEEPEST_KNEE_DEG = 84.0, 0.40, 88.0  # a bend down to a bar on the floor
DEEPEST_LUMBAR_DEG, DEEPEST_THORACIC_DEG = 26.0, 8.0


@dataclass(frozen=True)
class Rep:
    """One repetition of an RDL as asked for.

    eccentric_s, pause_s, concentric_s from 5 to 95 % of the range. trunk_deg: lean at the bottom. hip_back_leg: how
    far the hips get, leg lengths. overrun_deg: lean after the end of hip travel; None means that the hips travel
    until the bottom. squat_deg: knee flexion added after the end of hip travel; in a rep without one, over the last
    squat_span_deg of lean. late_lumbar_deg: lumbar flexion added after the end of hip travel: the spine bends on
    instead of the pelvis. stop_pause_s: how long the trunk waits where the hips stop. creep: how fast the hips go on
    after it, as a share of their mean speed. travel_power: 1 is travel in step with the trunk, more lets it ebb away.
    reserve_deg: in a sound rep, how much further the trunk would have to go for the hips to stop. soft_knee_deg: lean
    by which the knees have taken their bend. down_end: share of the way down spent slowing down.

    bar_away_m: how much further than the legs need the bar is in front at the bottom. look_up_deg: extension of the
    neck at the bottom beyond the usual, - tucks the chin. top_deg: lean in which this rep ends, against upright: + is
    not up yet, - has the hips pushed forward and the trunk behind them. knee_way_deg: knee flexion added over the
    middle of the way down, - straightens them. hands_tilt_deg, hips_tilt_deg: how far the line of the hands and that of
    the hips are off the level at the bottom, the left side lower +.
    """

    eccentric_s: float = 3.0
    pause_s: float = 0.45
    concentric_s: float = 1.2
    rest_s: float = 0.8
    trunk_deg: float = 77.0
    hip_back_leg: float = 0.30
    knee_deg: float = 18.0
    overrun_deg: float | None = None
    lumbar_deg: float = 8.0
    thoracic_deg: float = 3.0
    squat_deg: float = 0.0
    squat_span_deg: float = 14.0
    late_lumbar_deg: float = 0.0
    stop_pause_s: float = 0.0
    creep: float = 0.0
    travel_power: float = TRAVEL_POWER
    reserve_deg: float = RESERVE_DEG
    soft_knee_deg: float = KNEES_SOFT_DEG
    down_end: float = DOWN_RAMPS[1]
    bar_away_m: float = 0.0
    look_up_deg: float = 0.0
    top_deg: float = 0.0
    knee_way_deg: float = 0.0
    hands_tilt_deg: float = 0.0
    hips_tilt_deg: float = 0.0


@dataclass(frozen=True)
class Stance:
    """Upright between repetitions."""

    trunk_deg: float = 2.0
    hip_back_leg: float = -0.02
    knee_deg: float = 4.0
    toes_out_deg: float = 0.0


@dataclass(frozen=True)
class Set:
    """A whole clip: stillness, repetitions, stillness."""

    reps: tuple[Rep, ...]
    before_s: float = 1.5
    after_s: float = 1.5
    stance: Stance = Stance()
    seed: int = 0

    @property
    def duration_s(self) -> float:
        """Length of the clip."""
        return self.before_s + sum(sum(phase_lengths(rep)) for rep in self.reps) + self.after_s


def phase_lengths(rep: Rep) -> tuple[float, float, float, float]:
    """Seconds of the way down, the hold, the way up and the rest that give the requested tempo.

    Raises ValueError if the pause is shorter than the slow ends of both strokes.
    """
    (down_low, down_high), (up_low, up_high) = stroke_edges(down_ramps(rep)), stroke_edges(UP_RAMPS)
    down, up = rep.eccentric_s / (down_high - down_low), rep.concentric_s / (up_high - up_low)
    hold = rep.pause_s - (1.0 - down_high) * down - up_low * up
    if hold < 0.0:
        least = rep.pause_s - hold
        raise ValueError(f"a pause of {rep.pause_s} s cannot be had: the ends of the strokes take {least:.2f} s")
    return down + rep.stop_pause_s, hold, up, rep.rest_s


def down_ramps(rep: Rep) -> tuple[float, float]:
    """Shares of the way down spent speeding up and slowing down."""
    return DOWN_RAMPS[0], rep.down_end


def way_down(rep: Rep, stance: Stance, since_s: Floats, length_s: float) -> Floats:
    """Give how far the way down is done (0..1) at seconds since its start (T,), with a wait where the hips stop."""
    moving_s = length_s - rep.stop_pause_s
    if rep.stop_pause_s == 0.0 or rep.overrun_deg is None:
        return stroke(since_s / length_s, down_ramps(rep))
    grid = np.linspace(0.0, 1.0, 2001)
    stop_share = (rep.trunk_deg - rep.overrun_deg - stance.trunk_deg) / (rep.trunk_deg - stance.trunk_deg)
    stop_s = float(np.interp(stop_share, stroke(grid, down_ramps(rep)), grid)) * moving_s
    ease_s = min(WAIT_EASE_S, rep.stop_pause_s)
    clock_s = np.linspace(0.0, length_s, 4001)
    inside = np.minimum(clock_s - stop_s + ease_s, stop_s + rep.stop_pause_s - clock_s + ease_s)
    speed = 1.0 - smooth(inside / ease_s)
    done = np.concatenate([[0.0], np.cumsum((speed[1:] + speed[:-1]) / 2.0)])
    return stroke(np.interp(since_s, clock_s, done / done[-1]), down_ramps(rep))


def progress(moves: Set, time_s: Floats) -> list[Floats]:
    """Say how far each repetition is from upright (0) to its bottom (1) at each instant, a list of (T,)."""
    tracks, start = [], moves.before_s
    for rep in moves.reps:
        down, hold, up, rest = phase_lengths(rep)
        turn = start + down + hold
        tracks.append(way_down(rep, moves.stance, time_s - start, down) - stroke((time_s - turn) / up, UP_RAMPS))
        start = turn + up + rest
    return tracks


def travel_end_deg(rep: Rep, stance: Stance) -> float:
    """Trunk lean at which hip travel would be complete; beyond the bottom in a sound repetition."""
    if rep.overrun_deg is None:
        return rep.trunk_deg + rep.reserve_deg
    reached = 1.0 - (1.0 - TRAVEL_SHARE) ** (1.0 / rep.travel_power)
    return float(stance.trunk_deg + (rep.trunk_deg - rep.overrun_deg - stance.trunk_deg) / reached)


def travel_share(rep: Rep, stance: Stance, trunk_deg: Floats | float) -> Floats:
    """Share (0..1) of the bottom's hip travel that belongs to a trunk lean."""
    end = travel_end_deg(rep, stance)

    def done(lean: Floats | float) -> Floats:
        share = (np.asarray(lean, float) - stance.trunk_deg) / (end - stance.trunk_deg)
        return np.asarray(
            1.0 - (1.0 - np.clip(share, 0.0, 1.0)) ** rep.travel_power + rep.creep * (share - 1.0).clip(0)
        )

    return done(trunk_deg) / done(rep.trunk_deg)


def knee_added_deg(rep: Rep, stance: Stance, trunk_deg: Floats) -> Floats:
    """Knee flexion beyond standing at a trunk lean: soft knees early, and a squat after the end of hip travel."""
    soft = np.clip((trunk_deg - stance.trunk_deg) / (rep.soft_knee_deg - stance.trunk_deg), 0.0, 1.0)
    added = (rep.knee_deg - stance.knee_deg) * (1.0 - (1.0 - soft) ** 2)
    if rep.squat_deg == 0.0:
        return added
    return added + rep.squat_deg * past_stop(rep, trunk_deg, rep.squat_span_deg)


def past_stop(rep: Rep, trunk_deg: Floats, sound_span_deg: float) -> Floats:
    """Go from 0 to 1, (T,), with the trunk's lean after the end of hip travel, or over the rep's last degrees."""
    span_deg = sound_span_deg if rep.overrun_deg is None else rep.overrun_deg
    past = np.clip((trunk_deg - rep.trunk_deg + span_deg) / span_deg, 0.0, 1.0)
    return past**2 * (3.0 - 2.0 * past)


def at_top(moves: Set, time_s: Floats) -> list[Floats]:
    """Say how far each repetition has come to its own top, 0 to 1, a list of (T,): from the middle of its way up to
    that of the next way down, or to the end of the clip.
    """
    shares = [*progress(moves, time_s), np.zeros(len(time_s))]
    turns, start = [], moves.before_s
    for rep in moves.reps:
        turns.append(start + sum(phase_lengths(rep)[:2]))
        start += sum(phase_lengths(rep))
    spans = pairwise([*turns, np.inf])
    return [
        np.where((time_s >= first) & (time_s < last), smooth(1.0 - 2.0 * own) * smooth(1.0 - 2.0 * after), 0.0)
        for (first, last), (own, after) in zip(spans, pairwise(shares), strict=True)
    ]


def leg_angles_deg(legs: Proportions, hip_back_leg: Floats, knee_deg: Floats) -> tuple[Floats, Floats]:
    """Solve shank and thigh inclination (T,) from the hips' place behind the ankles and the knee flexion."""
    knee = np.radians(knee_deg)
    along = legs.thigh_m + legs.shank_m * np.cos(knee)
    across = legs.shank_m * np.sin(knee)
    behind = -hip_back_leg * legs.leg_m / np.hypot(along, across)
    thigh = np.degrees(np.arcsin(behind) - np.arctan2(across, along))
    return thigh + knee_deg, thigh


@dataclass(frozen=True)
class Drive:
    """What an RDL sets directly, each (T,): the trunk's lean and what follows from it."""

    trunk_deg: Floats
    hip_back_leg: Floats
    knee_deg: Floats
    lumbar_deg: Floats
    thoracic_deg: Floats
    look_up_deg: Floats
    bar_away_m: Floats


def rdl_drive(moves: Set, time_s: Floats) -> Drive:
    """Give the driving angles of a set of RDLs at the instants `time_s` (T,)."""
    stance = moves.stance
    unrest, drift = sway(moves.seed, time_s), sway(moves.seed + 1, time_s)
    trunk, back = np.full(len(time_s), stance.trunk_deg), np.full(len(time_s), stance.hip_back_leg)
    knee, lumbar, thoracic = np.full(len(time_s), stance.knee_deg), np.zeros(len(time_s)), np.zeros(len(time_s))
    look_up, bar_away = np.zeros(len(time_s)), np.zeros(len(time_s))
    upright = np.ones(len(time_s))
    for rep, share, top in zip(moves.reps, progress(moves, time_s), at_top(moves, time_s), strict=True):
        lean = stance.trunk_deg + share * (rep.trunk_deg - stance.trunk_deg)
        trunk = trunk + lean - stance.trunk_deg
        back = back + (rep.hip_back_leg - stance.hip_back_leg) * travel_share(rep, stance, lean)
        knee = knee + knee_added_deg(rep, stance, lean)
        lumbar = lumbar + rep.lumbar_deg * share**1.5
        if rep.late_lumbar_deg:
            lumbar = lumbar + rep.late_lumbar_deg * past_stop(rep, lean, rep.squat_span_deg)
        thoracic = thoracic + rep.thoracic_deg * share
        look_up = look_up + rep.look_up_deg * smooth(share / 0.6)
        bar_away = bar_away + rep.bar_away_m * smooth(share / 0.8)
        knee = knee + rep.knee_way_deg * smooth((share - KNEE_WAY[0]) / (KNEE_WAY[1] - KNEE_WAY[0]))
        trunk = trunk + rep.top_deg * top
        back = back + (UP_HIP_LEG if rep.top_deg > 0 else BACK_HIP_LEG) * rep.top_deg * top
        lumbar = lumbar + BACK_LUMBAR * min(rep.top_deg, 0.0) * top
        upright = upright - share
    trunk = trunk + SWAY_DEG * unrest * upright
    back = back + DRIFT_LEG * drift * upright
    return Drive(trunk, back, knee, lumbar, thoracic, look_up, bar_away)


def rdl_posture(drive: Drive, legs: Proportions, trunk_offset_deg: Floats) -> Posture:
    """Turn driving angles into a posture; `trunk_offset_deg` (T,) is the spine's part of the trunk's lean."""
    shank, thigh = leg_angles_deg(legs, drive.hip_back_leg, drive.knee_deg)
    return Posture(
        shank_deg=shank,
        thigh_deg=thigh,
        pelvis_deg=drive.trunk_deg - trunk_offset_deg,
        lumbar_deg=drive.lumbar_deg,
        thoracic_deg=drive.thoracic_deg,
        neck_deg=0.25 * drive.trunk_deg + 0.5 * drive.lumbar_deg + drive.look_up_deg,
    )


def rep_windows(moves: Set) -> list[tuple[float, float]]:
    """Give for each repetition the time from upright to upright."""
    windows, start = [], moves.before_s
    for rep in moves.reps:
        down, hold, up, rest = phase_lengths(rep)
        windows.append((start, start + down + hold + up))
        start += down + hold + up + rest
    return windows


def posture_of(lifter: Lifter, moves: Set, time_s: Floats) -> Posture:
    """Give the posture of a set of hip hinges at the instants `time_s` (T,)."""
    return driven(lifter, rdl_drive(moves, time_s))


def driven(lifter: Lifter, drive: Drive) -> Posture:
    """Give the posture of driving angles."""
    offset = trunk_offset_deg(lifter.body, drive.lumbar_deg, drive.thoracic_deg)
    return rdl_posture(drive, proportions(lifter.body), offset)


def bent(drive: Drive, stance: Stance, depth: Floats) -> Drive:
    """Add a bend down to the floor of some depth (T,), 0 upright to 1 the deepest, to driving angles."""
    return Drive(
        drive.trunk_deg + depth * (DEEPEST_TRUNK_DEG - stance.trunk_deg),
        drive.hip_back_leg + depth * (DEEPEST_HIP_BACK_LEG - stance.hip_back_leg),
        drive.knee_deg + depth * (DEEPEST_KNEE_DEG - stance.knee_deg),
        drive.lumbar_deg + depth * DEEPEST_LUMBAR_DEG,
        drive.thoracic_deg + depth * DEEPEST_THORACIC_DEG,
        drive.look_up_deg,
        drive.bar_away_m,
    )


def still(stance: Stance, count: int) -> Drive:
    """Stand upright for `count` instants."""
    none = np.zeros(count)
    return Drive(none + stance.trunk_deg, none + stance.hip_back_leg, none + stance.knee_deg, none, none, none, none)


def leaned(lifter: Lifter, done: Poses, moves: Set, time_s: Floats, *, arms_hang: bool) -> Poses:
    """Tilt a posed set out of level as its repetitions ask, more the lower they are; none asks: as it was."""
    if not any(rep.hands_tilt_deg or rep.hips_tilt_deg for rep in moves.reps):
        return done
    shares = [smooth(share) for share in progress(moves, time_s)]
    hands, hips = (
        np.sum([share * getattr(rep, name) for share, rep in zip(shares, moves.reps, strict=True)], axis=0)
        for name in ("hands_tilt_deg", "hips_tilt_deg")
    )
    return tilted(lifter.body, done, proportions(lifter.body), hands, hips, arms_hang=arms_hang)


def poses(scene: Scene, lifter: Lifter, moves: Set, time_s: Floats) -> Poses:
    """Pose the lifter at the instants `time_s` (T,): the bar hangs from straight arms."""
    drive, stance = rdl_drive(moves, time_s), moves.stance

    def upright(what: Drive) -> Poses:
        posture = driven(lifter, what)
        return pose(
            lifter.body, posture, lifter.sole_m, scene.grip, toes_out_deg=stance.toes_out_deg, away_m=what.bar_away_m
        )

    done = around(
        (lifter.body, proportions(lifter.body), scene.grip),
        lambda depth: upright(bent(drive, stance, depth)),
        lambda depth: upright(bent(still(stance, len(depth)), stance, depth)),
        scene.footwork,
        moves,
        time_s,
        lying_height_m(scene.load),
    )
    return leaned(lifter, done, moves, time_s, arms_hang=True)


def truths(seen: Seen, moves: Set) -> list[HingeTruth]:
    """Measure each repetition."""
    return [hinge_truth(i, seen, window) for i, window in enumerate(rep_windows(moves), start=1)]


LIFT = Lift(set_kind=Set, rep_kind=Rep, poses=poses, truths=truths, left_out=("phi_deg", "toes_out_deg"), footwork=True)
