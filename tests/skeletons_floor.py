"""Stick lifters on their knees: Nordic curls and glute-ham raises with exact truth, on the links of `skeletons`.

The line of the body, phi (knee to shoulder), is integrated at 1 kHz from a speed law; hip flexion is laid on top of it,
and truth is read off the clean motion by the definitions of docs/method.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from formcheck.data import FloatArray, PoseSequence
from formcheck.geometry import FACING_SIGN
from formcheck.kinematics.leg_model import KNEE_BACK_THIGH, KNEE_UP_SHANK
from formcheck.skeleton import SIDES, Side, landmark
from samples.renderer.stick import (
    LEG_M,
    SHANK_M,
    THIGH_M,
    TRUNK_M,
    Posture,
    Shot,
    Truth,
    frame_times,
    minimum_jerk,
    shoot,
    stroke_s,
)

FINE_HZ = 1000.0
FALL_DEG_S2 = 420.0  # of a body that falls about its knees, times sin(phi)
FLOOR_DEG = 80.0  # where the chest lies on the hands
CATCH_BEFORE_DEG = 14.0  # of that the hands touch
ARM_M = 0.15  # folded in front of the chest
GHR_BOTTOM_DEG, GHR_TOP_DEG = 90.0, 2.0
SPEED_CUT_DEG = 12.0  # the last degrees at either end of an ascent, in which it speeds up and slows down


@dataclass(frozen=True)
class NordicRep:
    """One lowering at `speed_deg_s`, `wobble` of it slow and fast again, that breaks at `break_deg` (None: controlled
    to floor_deg), and the way back in push_s. hip_deg: hip flexion taken from 10 to 30 deg of phi. kink_deg: of the
    outline (arching -) and extend_deg of the hips (hyperextension +) over the same way.
    """

    break_deg: float | None = 35.0
    speed_deg_s: float = 14.0
    wobble: float = 0.15
    hip_deg: float = 5.0
    extend_deg: float = 0.0
    kink_deg: float = 0.0
    floor_s: float = 0.5
    push_s: float = 1.2
    rest_s: float = 1.2
    catch: bool = True
    fall_deg_s2: float = FALL_DEG_S2
    floor_deg: float = FLOOR_DEG


@dataclass(frozen=True)
class GhrRep:
    """One lowering of eccentric_s from the top and one ascent at speed_deg_s with a stall at `stall_deg` of trunk
    inclination that takes `depth` of the speed over `width_deg`; `fail` turns it back down there. shake_hz trembles
    hip and shoulder by shake_mm at the stall. arch_deg hyperextends the hips from the stall on, kink_deg the outline,
    hip_deg flexes them in the ascent. It ends at top_deg. Before it the hips fold by fold_deg, and open
    again in kick_s.
    """

    eccentric_s: float = 2.5
    bottom_s: float = 0.4
    speed_deg_s: float = 45.0
    stall_deg: float = 75.0
    depth: float = 0.0
    width_deg: float = 4.0
    fail: bool = False
    shake_hz: float = 0.0
    shake_mm: float = 8.0
    arch_deg: float = 0.0
    kink_deg: float = 0.0
    hip_deg: float = 0.0
    top_s: float = 1.0
    top_deg: float = 2.0
    fold_deg: float = 0.0
    kick_s: float = 0.25


@dataclass(frozen=True)
class FloorRepTruth:
    """What a rep is: its break (NaN: none) with KF there, its stall and its lowering by docs/method.md."""

    eccentric_s: float
    turn_s: float
    break_deg: float = float("nan")
    break_s: float = float("nan")
    knee_flexion_deg: float = float("nan")
    stall_s: float = 0.0
    stall_depth: float = 0.0
    stall_deg: float = float("nan")
    stall_at_s: float = float("nan")


@dataclass
class _Way:
    """The motion at 1 kHz while it is built: the last value of each stays when nothing is said."""

    phi_deg: list[FloatArray] = field(default_factory=list)
    length: int = 0
    marks: dict[str, int] = field(default_factory=dict)

    def add(self, phi_deg: FloatArray) -> slice:
        """Append a stretch; return where it lies."""
        self.phi_deg.append(phi_deg)
        self.length += len(phi_deg)
        return slice(self.length - len(phi_deg), self.length)

    def hold(self, value_deg: float, seconds: float) -> slice:
        """Append a still stretch."""
        return self.add(np.full(round(seconds * FINE_HZ), value_deg))


def nordic_set(
    n_reps: int = 2, *, reps: Sequence[NordicRep] | None = None, shank_deg: float = 90.0, **options: object
) -> tuple[PoseSequence, Truth, tuple[FloorRepTruth, ...]]:
    """A set of Nordic curls as the pose model would see it, and its truth. `options`: fields of NordicRep, or those of
    `_shoot_floor` (rate_hz, noise_mm, slow_mm, yaw_deg, facing, seed, cut_s, dropouts, with_back, covered, pan_px_s).
    """
    fields = {name: options.pop(name) for name in tuple(options) if name in NordicRep.__dataclass_fields__}
    each = tuple(reps) if reps is not None else (NordicRep(**fields),) * n_reps  # type: ignore[arg-type]
    way, hips, kinks, hands, truths = _Way(), [], [], [], []
    way.hold(0.0, 1.5)
    for rep in each:
        rep_way = _lower(rep)
        start = way.length
        way.add(rep_way)
        turn = way.hold(float(rep_way[-1]), rep.floor_s)
        back = round(stroke_s(rep.push_s) * FINE_HZ)
        way.add(float(rep_way[-1]) * (1 - minimum_jerk(np.arange(back) / back)))
        way.hold(0.0, rep.rest_s)
        truths.append(_nordic_truth(rep, rep_way, start, turn))
        phi = np.concatenate(way.phi_deg)[start:]
        bent = minimum_jerk((phi - 10.0) / 20.0)
        hips.append((slice(start, way.length), (rep.hip_deg - rep.extend_deg) * bent))
        kinks.append((slice(start, way.length), rep.kink_deg * bent))
        caught = (phi >= rep.floor_deg - CATCH_BEFORE_DEG) if rep.catch else np.zeros(len(phi), bool)
        hands.append((slice(start, way.length), caught.astype(float)))
    way.hold(0.0, 1.0)
    phi_deg = np.concatenate(way.phi_deg)
    truths = [replace(truth, knee_flexion_deg=_knee_flexion(phi_deg, hips, shank_deg, truth)) for truth in truths]
    floor_poses, truth = _shoot_floor(
        phi_deg,
        _fill(hips, way.length),
        _fill(kinks, way.length),
        hands=_fill(hands, way.length),
        shank_deg=shank_deg,
        **options,  # type: ignore[arg-type]
    )
    return floor_poses, truth, tuple(truths)


def ghr_set(
    n_reps: int = 2,
    *,
    reps: Sequence[GhrRep] | None = None,
    from_bottom: bool = False,
    pivot_m: float = 0.02,
    **options: object,
) -> tuple[PoseSequence, Truth, tuple[FloorRepTruth, ...]]:
    """A set of glute-ham raises, and its truth; see `nordic_set`. `from_bottom` leaves out the first lowering,
    `pivot_m` is the distance from the knee to the thigh's pivot.
    """
    fields = {name: options.pop(name) for name in tuple(options) if name in GhrRep.__dataclass_fields__}
    each = tuple(reps) if reps is not None else (GhrRep(**fields),) * n_reps  # type: ignore[arg-type]
    way, hips, kinks, shakes, truths = _Way(), [], [], [], []
    if not from_bottom:
        way.hold(GHR_TOP_DEG, 1.2)
    for number, rep in enumerate(each):
        eccentric_s = float("nan")
        if number > 0 or not from_bottom:
            down = round(stroke_s(rep.eccentric_s) * FINE_HZ)
            share = minimum_jerk(np.arange(down) / down)
            top_deg = each[number - 1].top_deg if number else GHR_TOP_DEG
            way.add(top_deg + (GHR_BOTTOM_DEG - top_deg) * share)
            eccentric_s = rep.eccentric_s
        bottom = way.hold(GHR_BOTTOM_DEG, rep.bottom_s)
        phi_deg = _raise(rep)
        ascent = way.add(phi_deg)
        truth = _ghr_truth(rep, phi_deg, ascent.start, eccentric_s, (bottom.start + bottom.stop) / 2)
        truths.append(truth)
        late = minimum_jerk((rep.stall_deg + 1.0 - phi_deg) / 4.0) * minimum_jerk((phi_deg - GHR_TOP_DEG) / 20.0)
        bent = minimum_jerk((GHR_BOTTOM_DEG - phi_deg) / 15.0) * minimum_jerk((phi_deg - GHR_TOP_DEG) / 20.0)
        folds, opens = (np.arange(len(phi_deg)) / FINE_HZ / seconds for seconds in (rep.bottom_s, rep.kick_s))
        opened = rep.fold_deg * (1 - minimum_jerk(opens))
        hips.append((bottom, rep.fold_deg * minimum_jerk(folds[: bottom.stop - bottom.start])))
        hips.append((ascent, rep.hip_deg * bent - rep.arch_deg * late + opened))
        kinks.append((ascent, rep.kink_deg * late))
        if rep.shake_hz:
            at_s = np.arange(len(phi_deg)) / FINE_HZ
            near = np.exp(-(((at_s - (truth.stall_at_s - ascent.start / FINE_HZ)) / 0.25) ** 2))
            shakes.append((ascent, rep.shake_mm / 1000 * near * np.sin(2 * np.pi * rep.shake_hz * at_s)))
        way.hold(float(phi_deg[-1]), rep.top_s)
    phi_deg = np.concatenate(way.phi_deg)
    floor_poses, truth_all = _shoot_floor(
        phi_deg,
        _fill(hips, way.length),
        _fill(kinks, way.length),
        shake_m=_fill(shakes, way.length),
        pivot_m=pivot_m,
        **options,  # type: ignore[arg-type]
    )
    return floor_poses, truth_all, tuple(truths)


def _lower(rep: NordicRep) -> FloatArray:
    """Phi of one lowering at 1 kHz: half a second to get going, then even, then a fall that the floor catches."""
    step = 1 / FINE_HZ
    phi, speed, time_s = 0.0, 0.0, 0.0
    way: list[float] = []
    while phi < rep.floor_deg - 0.3 and time_s < 30.0:
        wanted = rep.speed_deg_s * (1 + rep.wobble * np.sin(2 * np.pi * 0.4 * time_s))
        wanted *= float(minimum_jerk(np.array([time_s / 0.5]))[0])
        if phi > rep.floor_deg - CATCH_BEFORE_DEG:  # hands, or arms that give: as fast as the way that is left allows
            speed += step * 20.0 * min(0.0, 6.0 * (rep.floor_deg - phi) - speed)
        elif rep.break_deg is not None and phi >= rep.break_deg:
            speed += step * rep.fall_deg_s2 * float(np.sin(np.radians(phi)))
        else:
            speed = wanted
        phi += step * speed
        way.append(phi)
        time_s += step
    return np.array(way)


def _raise(rep: GhrRep) -> FloatArray:
    """Phi of one ascent at 1 kHz; speed is a law of phi, so that a stall takes the longer the deeper it is."""
    step, phi, way = 1 / FINE_HZ, GHR_BOTTOM_DEG, []
    while phi > rep.top_deg + 0.05 and len(way) < 20 * FINE_HZ:
        ends = min(GHR_BOTTOM_DEG - phi + 0.15, phi - rep.top_deg)
        speed = rep.speed_deg_s * min(1.0, float(np.sqrt(max(ends, 0.0) / SPEED_CUT_DEG)))
        speed *= 1 - rep.depth * float(np.exp(-(((phi - rep.stall_deg) / rep.width_deg) ** 2)))
        phi -= step * max(speed, 0.4)
        way.append(phi)
        if rep.fail and phi <= rep.stall_deg:
            down = round(0.9 * FINE_HZ)
            back = phi + (GHR_BOTTOM_DEG - phi) * minimum_jerk(np.arange(down) / down)
            return np.concatenate([way, np.full(700, phi), back])
    return np.array(way)


def _nordic_truth(rep: NordicRep, phi_deg: FloatArray, start: int, turn: slice) -> FloorRepTruth:
    low, high = np.interp(phi_deg[-1] * np.array([0.05, 0.95]), phi_deg, np.arange(len(phi_deg)))
    truth = FloorRepTruth(float(high - low) / FINE_HZ, (turn.start + turn.stop) / 2 / FINE_HZ)
    if rep.break_deg is None:
        return truth
    at = start + int(np.searchsorted(phi_deg, rep.break_deg))
    return replace(truth, break_deg=rep.break_deg, break_s=at / FINE_HZ)


def _knee_flexion(
    phi_deg: FloatArray, hips: list[tuple[slice, FloatArray]], shank_deg: float, truth: FloorRepTruth
) -> float:
    if not np.isfinite(truth.break_s):
        return float("nan")
    at = round(truth.break_s * FINE_HZ)
    bent = _fill(hips, len(phi_deg))[at]
    return float(shank_deg - _thigh(phi_deg[at : at + 1], np.array([bent]))[0])


def _ghr_truth(rep: GhrRep, phi_deg: FloatArray, start: int, eccentric_s: float, bottom: float) -> FloorRepTruth:
    """A stall by docs/method.md on the clean motion: depth against the lower peak, seconds under half of it."""
    speed = -np.gradient(phi_deg) * FINE_HZ
    truth = FloorRepTruth(eccentric_s, bottom / FINE_HZ)
    at = int(np.argmin(np.abs(phi_deg - rep.stall_deg)))
    if rep.depth == 0.0:
        return truth
    lower = speed[:at].max() if rep.fail else min(speed[:at].max(), speed[at:].max())
    slow = speed < 0.5 * lower
    first = at - int(np.argmax(~slow[:at][::-1]))
    quick = np.flatnonzero(~slow[at:])
    last = at + int(quick[0]) if len(quick) else len(speed)
    seconds = (last - first) / FINE_HZ if slow[at] else 0.0
    return replace(
        truth,
        stall_s=seconds,
        stall_depth=float(1 - speed[at] / lower),
        stall_deg=float(phi_deg[at]),
        stall_at_s=(start + at) / FINE_HZ,
    )


def _fill(parts: list[tuple[slice, FloatArray]], length: int) -> FloatArray:
    whole = np.zeros(length)
    for where, values in parts:
        whole[where] = values
    return whole


def _thigh(phi_deg: FloatArray, hip_deg: FloatArray) -> FloatArray:
    """Inclination of the thigh that puts the shoulder on phi with that much hip flexion."""
    hip = np.radians(hip_deg)
    return phi_deg - np.degrees(np.arctan2(TRUNK_M * np.sin(hip), THIGH_M + TRUNK_M * np.cos(hip)))


def _shoot_floor(
    phi_deg: FloatArray,
    hip_deg: FloatArray,
    kink_deg: FloatArray,
    *,
    hands: FloatArray | None = None,
    shake_m: FloatArray | None = None,
    pivot_m: float | None = None,
    shank_deg: float = 90.0,
    rate_hz: float = 30.0,
    jitter: float = 0.0,
    noise_mm: float = 0.0,
    slow_mm: float | None = None,
    yaw_deg: float = 0.0,
    facing: Side = "right",
    with_back: bool = True,
    dropouts: Sequence[tuple[float, float]] = (),
    covered: Sequence[tuple[float, float]] = (),
    cut_s: tuple[float, float] | None = None,
    pan_px_s: float = 0.0,
    seed: int = 0,
) -> tuple[PoseSequence, Truth]:
    """Landmarks of a kneeling body whose motion is given at 1 kHz."""
    low_s, high_s = cut_s if cut_s is not None else (0.0, (len(phi_deg) - 1) / FINE_HZ)
    time_s = frame_times(low_s, high_s, rate_hz, jitter, np.random.default_rng(seed + 1))
    fine_s = np.arange(len(phi_deg)) / FINE_HZ
    phi, hip, kink = (np.interp(time_s, fine_s, each) for each in (phi_deg, hip_deg, kink_deg))
    thigh = _thigh(phi, hip)
    posture = Posture(thigh + hip, thigh, np.full(len(time_s), shank_deg), kink, np.zeros(len(time_s)))
    shot = Shot(
        facing=facing,
        yaw_deg=yaw_deg,
        noise_mm=noise_mm,
        slow_mm=noise_mm / 2 if slow_mm is None else slow_mm,
        outline_px=0.7 if noise_mm else 0.0,
        with_back=with_back,
        dropouts=dropouts,
        covered=covered,
        seed=seed,
    )
    poses, truth = shoot(time_s, posture, shot)
    forward_px = FACING_SIGN[facing] * np.cos(np.radians(yaw_deg)) * shot.scale_px_m
    moves: dict[str, FloatArray] = {
        "heel": np.array([0.0, 0.07]) + np.zeros((len(time_s), 2)),
        "foot_index": np.array([-0.30, 0.06]) + np.zeros((len(time_s), 2)),
    }
    axis = _direction(posture.trunk_deg)
    front = np.stack([axis[:, 1], -axis[:, 0]], axis=1)
    elbow = -0.25 * axis + ARM_M * front + np.array([0.0, 0.28])
    wrist = -0.10 * axis + ARM_M * front + np.array([0.0, 0.53])
    if hands is not None:
        caught = np.interp(time_s, fine_s, hands)[:, None]
        shoulder_m = THIGH_M * _direction(thigh) + TRUNK_M * axis
        on_floor = np.stack([np.zeros(len(time_s)), 0.53 - shoulder_m[:, 1]], axis=1)
        wrist = wrist + caught * (on_floor - wrist)
    moves |= {"elbow": elbow, **dict.fromkeys(("wrist", "pinky", "index", "thumb"), wrist)}
    if shake_m is not None:
        across = np.stack([np.cos(np.radians(phi)), -np.sin(np.radians(phi))], axis=1)
        trembling = np.interp(time_s, fine_s, shake_m)[:, None] * across
        moves["hip"], moves["shoulder"] = 0.5 * trembling, trembling
    slide = np.zeros((len(time_s), 2))
    if pivot_m is None:
        moves["knee"] = np.tile(_knee_landmark(shank_deg), (len(time_s), 1))
    else:  # the knee turns about a fixed place on the thigh, and everything above goes with it
        slide = -pivot_m * (_direction(thigh) - _direction(np.zeros(1)))
    xy_px = poses.xy_px.copy()
    upper = ("hip", "knee", "shoulder", "elbow", "wrist", "pinky", "index", "thumb", "ear", "eye")
    for side in SIDES:
        for joint in {*moves, *upper}:
            step_m = moves.get(joint, 0.0) + (slide if joint in upper else 0.0)
            xy_px[:, landmark(side, joint)] += step_m * np.array([forward_px, -shot.scale_px_m])
    xy_px[..., 0] += pan_px_s * (time_s - time_s[0])[:, None]
    back = poses.back
    if back is not None:
        slide_px = (slide * np.array([forward_px, -shot.scale_px_m]))[:, None, :]
        back = replace(back, chord_px=back.chord_px + slide_px)
    channels = {**truth.channels, "phi_deg": phi}
    return replace(poses, xy_px=xy_px, back=back), replace(truth, channels=channels, leg_px=LEG_M * shot.scale_px_m)


def _knee_landmark(shank_deg: float) -> FloatArray:
    """How far forward of and above the joint the landmark of a knee on the floor lies, m: it is at the skin."""
    ankle_m = -SHANK_M * _direction(np.array([shank_deg]))[0]
    place_m = np.zeros(2)
    for _ in range(5):  # the landmark's own line to the ankle leans a little otherwise than the joint's
        along = (ankle_m - place_m) / np.linalg.norm(ankle_m - place_m)
        place_m = -(KNEE_BACK_THIGH * THIGH_M * along + KNEE_UP_SHANK * SHANK_M * np.array([along[1], -along[0]]))
    return place_m


def _direction(deg: FloatArray) -> FloatArray:
    return np.stack([np.sin(np.radians(deg)), np.cos(np.radians(deg))], axis=1)
