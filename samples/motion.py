"""Parameters of a set -> angles over time. RDL so far; another lift is another function that returns a `Posture`.

The trunk's inclination drives everything: hip travel, knees and spine follow it, so the way up retraces the way down.
Requested tempo is in the terms of D4 (5 to 95 % of the range), so each stroke is stretched to meet it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from samples.posing import Posture, Proportions

Floats = npt.NDArray[np.float64]

DOWN_RAMPS = (0.15, 0.045)  # shares of the way down spent speeding up and slowing down: the end is sharp
UP_RAMPS = (0.11, 0.25)
TRAVEL_POWER = 1.2  # hip travel against trunk lean: 1 - (1 - u)^power
TRAVEL_SHARE = 0.97  # of the plateau's excursion: where the hips count as stopped
RESERVE_DEG = 14.0  # a sound rep turns this far before its hips would stop
KNEES_SOFT_DEG = 45.0  # trunk lean by which the knees have taken their bend
EDGE = 0.05  # D4: shares of the range that bound the phases
SWAY_DEG = 0.12
DRIFT_LEG = 0.0008


@dataclass(frozen=True)
class Rep:
    """One repetition of an RDL as asked for.

    eccentric_s, pause_s, concentric_s in D4's terms. trunk_deg: lean at the bottom. hip_back_leg: how far the hips get,
    leg lengths. overrun_deg: lean after the end of hip travel; None means that the hips travel until the bottom.
    squat_deg: knee flexion added after the end of hip travel.
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


@dataclass(frozen=True)
class Stance:
    """Upright between repetitions."""

    trunk_deg: float = 2.0
    hip_back_leg: float = -0.02
    knee_deg: float = 4.0


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


def stroke(share: Floats, ramps: tuple[float, float]) -> Floats:
    """Go from 0 to 1 with smooth speed: raised-cosine ramps (shares of the time), an even middle. Flat outside 0..1."""
    rise, fall = ramps
    u = np.clip(share, 0.0, 1.0)
    top = 1.0 / (1.0 - (rise + fall) / 2.0)
    rising = 0.5 * (u - rise / np.pi * np.sin(np.pi * u / rise))
    left = 1.0 - u
    falling = 0.5 * (left - fall / np.pi * np.sin(np.pi * left / fall))
    done: Floats = np.where(u < rise, top * rising, np.where(left < fall, 1.0 - top * falling, top * (u - rise / 2.0)))
    return done


def stroke_edges(ramps: tuple[float, float]) -> tuple[float, float]:
    """Shares of a stroke's time at which it has done 5 % and 95 % of its way."""
    grid = np.linspace(0.0, 1.0, 20001)
    low, high = np.interp([EDGE, 1.0 - EDGE], stroke(grid, ramps), grid)
    return float(low), float(high)


def phase_lengths(rep: Rep) -> tuple[float, float, float, float]:
    """Seconds of the way down, the hold, the way up and the rest that give the requested tempo.

    Raises ValueError if the pause is shorter than the slow ends of both strokes.
    """
    (down_low, down_high), (up_low, up_high) = stroke_edges(DOWN_RAMPS), stroke_edges(UP_RAMPS)
    down, up = rep.eccentric_s / (down_high - down_low), rep.concentric_s / (up_high - up_low)
    hold = rep.pause_s - (1.0 - down_high) * down - up_low * up
    if hold < 0.0:
        least = rep.pause_s - hold
        raise ValueError(f"a pause of {rep.pause_s} s cannot be had: the ends of the strokes take {least:.2f} s")
    return down, hold, up, rep.rest_s


def progress(moves: Set, time_s: Floats) -> list[Floats]:
    """Say how far each repetition is from upright (0) to its bottom (1) at each instant, a list of (T,)."""
    tracks, start = [], moves.before_s
    for rep in moves.reps:
        down, hold, up, rest = phase_lengths(rep)
        turn = start + down + hold
        tracks.append(stroke((time_s - start) / down, DOWN_RAMPS) - stroke((time_s - turn) / up, UP_RAMPS))
        start = turn + up + rest
    return tracks


def travel_end_deg(rep: Rep, stance: Stance) -> float:
    """Trunk lean at which hip travel would be complete; beyond the bottom in a sound repetition."""
    if rep.overrun_deg is None:
        return rep.trunk_deg + RESERVE_DEG
    reached = 1.0 - (1.0 - TRAVEL_SHARE) ** (1.0 / TRAVEL_POWER)
    return float(stance.trunk_deg + (rep.trunk_deg - rep.overrun_deg - stance.trunk_deg) / reached)


def travel_share(rep: Rep, stance: Stance, trunk_deg: Floats | float) -> Floats:
    """Share (0..1) of the bottom's hip travel that belongs to a trunk lean."""
    end = travel_end_deg(rep, stance)

    def done(lean: Floats | float) -> Floats:
        share = np.clip((np.asarray(lean, float) - stance.trunk_deg) / (end - stance.trunk_deg), 0.0, 1.0)
        return np.asarray(1.0 - (1.0 - share) ** TRAVEL_POWER)

    return done(trunk_deg) / done(rep.trunk_deg)


def knee_added_deg(rep: Rep, stance: Stance, trunk_deg: Floats) -> Floats:
    """Knee flexion beyond standing at a trunk lean: soft knees early, and a squat after the end of hip travel."""
    soft = np.clip((trunk_deg - stance.trunk_deg) / (KNEES_SOFT_DEG - stance.trunk_deg), 0.0, 1.0)
    added = (rep.knee_deg - stance.knee_deg) * (1.0 - (1.0 - soft) ** 2)
    if rep.overrun_deg is None or rep.squat_deg == 0.0:
        return added
    past = np.clip((trunk_deg - rep.trunk_deg + rep.overrun_deg) / rep.overrun_deg, 0.0, 1.0)
    return added + rep.squat_deg * past**2 * (3.0 - 2.0 * past)


def leg_angles_deg(legs: Proportions, hip_back_leg: Floats, knee_deg: Floats) -> tuple[Floats, Floats]:
    """Solve shank and thigh inclination (T,) from the hips' place behind the ankles and the knee flexion."""
    knee = np.radians(knee_deg)
    along = legs.thigh_m + legs.shank_m * np.cos(knee)
    across = legs.shank_m * np.sin(knee)
    behind = -hip_back_leg * legs.leg_m / np.hypot(along, across)
    thigh = np.degrees(np.arcsin(behind) - np.arctan2(across, along))
    return thigh + knee_deg, thigh


def sway(seed: int, time_s: Floats) -> Floats:
    """Slow unrest of someone who stands, (T,) about +/-1: four sines of 0.2 to 1.1 Hz."""
    random = np.random.default_rng(seed)
    rates, phases = random.uniform(0.2, 1.1, 4), random.uniform(0.0, 2.0 * np.pi, 4)
    waves = np.sin(2.0 * np.pi * rates * time_s[:, None] + phases)
    total: Floats = waves.sum(axis=1) / 2.0
    return total


@dataclass(frozen=True)
class Drive:
    """What an RDL sets directly, each (T,): the trunk's lean and what follows from it."""

    trunk_deg: Floats
    hip_back_leg: Floats
    knee_deg: Floats
    lumbar_deg: Floats
    thoracic_deg: Floats


def rdl_drive(moves: Set, time_s: Floats) -> Drive:
    """Give the driving angles of a set of RDLs at the instants `time_s` (T,)."""
    stance = moves.stance
    unrest, drift = sway(moves.seed, time_s), sway(moves.seed + 1, time_s)
    trunk, back = np.full(len(time_s), stance.trunk_deg), np.full(len(time_s), stance.hip_back_leg)
    knee, lumbar, thoracic = np.full(len(time_s), stance.knee_deg), np.zeros(len(time_s)), np.zeros(len(time_s))
    upright = np.ones(len(time_s))
    for rep, share in zip(moves.reps, progress(moves, time_s), strict=True):
        lean = stance.trunk_deg + share * (rep.trunk_deg - stance.trunk_deg)
        trunk = trunk + lean - stance.trunk_deg
        back = back + (rep.hip_back_leg - stance.hip_back_leg) * travel_share(rep, stance, lean)
        knee = knee + knee_added_deg(rep, stance, lean)
        lumbar = lumbar + rep.lumbar_deg * share**1.5
        thoracic = thoracic + rep.thoracic_deg * share
        upright = upright - share
    trunk = trunk + SWAY_DEG * unrest * upright
    back = back + DRIFT_LEG * drift * upright
    return Drive(trunk, back, knee, lumbar, thoracic)


def rdl_posture(drive: Drive, legs: Proportions, trunk_offset_deg: Floats) -> Posture:
    """Turn driving angles into a posture; `trunk_offset_deg` (T,) is the spine's part of the trunk's lean."""
    shank, thigh = leg_angles_deg(legs, drive.hip_back_leg, drive.knee_deg)
    return Posture(
        shank_deg=shank,
        thigh_deg=thigh,
        pelvis_deg=drive.trunk_deg - trunk_offset_deg,
        lumbar_deg=drive.lumbar_deg,
        thoracic_deg=drive.thoracic_deg,
        neck_deg=0.25 * drive.trunk_deg + 0.5 * drive.lumbar_deg,
    )
