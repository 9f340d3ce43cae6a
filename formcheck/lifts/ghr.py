"""Glute-ham raise: prone over a pad with the feet held, the body rises as one line to kneeling and goes down again.

Definitions: docs/method.md (stall and shake, arching, tempo, set-up). A repetition counts with its ascent: a
clip may start at the bottom.
"""

import math
from collections.abc import Iterator
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from formcheck import signals
from formcheck.data import Concern, FloatArray, Limit, Measure, Rep, Spread
from formcheck.events.arch import measure_arch, measure_hinge
from formcheck.events.pivot import Pivot, fit_pivot
from formcheck.events.stall import Stall, find_ascents, find_stall, measure_shake
from formcheck.events.top import find_top
from formcheck.kinematics.bases import PAD
from formcheck.lifts.check import KNEE_FLEXION, MAX_HIDDEN_SHARE, Check, Lift, LiftSet, Quantity, Trait, cannot
from formcheck.lifts.common import (
    ARCH_SPOKEN,
    HELD_SHANKS,
    HINGE_SPOKEN,
    TURNED_SHORT,
    kneel,
    set_checks,
    tempo_check,
    tempo_trend,
)
from formcheck.uncertainty import Z90

STRAIGHT_DEG = (20.0, 80.0)  # of trunk inclination: where the body should be one line on its way up [D]
WITH_STALL_S = 0.3  # an arch that starts this near to the stall belongs to it [D]
SHAKE_RATE_HZ = 30.0  # [D]
# What hip and shoulder do not share in the band, above which even 8 mm at the shoulder are mostly missed [S]
MAX_SHAKE_NOISE_LEG = 0.0025
MIN_ARC_DEG = 40.0  # [D]
MAX_RESIDUAL_M, MAX_ERROR_M = 0.012, 0.015  # [D]
# Half of a 90 % interval, whatever the noise: the pose model gives every leg about the same proportions, so a knee is
# off by what the lifter's own differ (docs/calibration.md).
MODEL_M = 0.05
LEG_M, THIGH_LEG = 0.85, 0.51  # of a person of middle height: what turns millimetres into leg lengths
NEAR_PARALLEL_DEG = 5.0  # of the horizontal: a trunk is parallel to the floor by eye [D]
JUST_PAST_DEG = 60.0  # of trunk inclination, down to which "just past parallel" is said [D]
TOP_HELD_S = 1.0  # after a repetition: its top, and no climbing down [D]
LEAST_WAY_UP_DEG = 30.0  # of phi: less is no way up [D]
FOLD_S = 0.5  # before the lowest place: where hips fold for a kick [D]
LOW_TRUNK_DEG = 70.0  # of trunk inclination: the start of the way up [D]
FOLD_DEG = 10.0  # half of the 90 % interval of a fold's errors in 42 rendered raises [S]
KICK_DEG_S = 150.0  # of hips that open: a kick; the fastest sound start seen is 109 deg/s, of a real clip [D]
FOLD_SHARES = tuple((place + 0.5) / 20 for place in range(20))  # of a normal error: what stands for it
NO_ASCENT = "the clip does not show the way up"


@lru_cache(maxsize=1)
def find_stalls(lift_set: LiftSet) -> tuple[tuple[Rep, tuple[int, int], Stall | None, str], ...]:
    """Return (rep, ascent in samples, stall, reason when there is none) for every rep: that of its longest stall."""
    kinematics = lift_set.kinematics
    phi_deg, trunk_deg = (signals.bridge(kinematics[name]) for name in ("phi_deg", "trunk_deg"))
    found: list[tuple[Rep, tuple[int, int], Stall | None, str]] = []
    for rep in lift_set.reps:
        span = slice(rep.start, rep.stop)
        if np.mean(~np.isfinite(kinematics["phi_deg"][span])) > MAX_HIDDEN_SHARE:
            found.append((rep, (rep.start, rep.stop), None, "your body was hidden for part of the way up"))
            continue
        ascents = [(rep.start + first, rep.start + last) for first, last in find_ascents(phi_deg[span])]
        noise_deg = kinematics.noise["phi_deg"]
        stalls = [find_stall(phi_deg, trunk_deg, each, lift_set.rate_hz, noise_deg) for each in ascents]
        seen = [(ascent, stall) for ascent, stall in zip(ascents, stalls, strict=True) if stall is not None]
        if not seen:
            found.append((rep, ascents[-1] if ascents else (rep.turn, rep.stop), None, NO_ASCENT))
            continue
        ascent, longest = max(seen, key=lambda pair: (pair[1].failed, pair[1].seconds))
        found.append((rep, ascent, longest, ""))
    return tuple(found)


def say_place(trunk_deg: float) -> str:
    """Return where the trunk is, as a coach says it: its inclination against parallel to the floor."""
    if trunk_deg > 90 + NEAR_PARALLEL_DEG:
        return "below parallel"
    if trunk_deg > 90 - NEAR_PARALLEL_DEG:
        return "at parallel"
    return "just past parallel" if trunk_deg > JUST_PAST_DEG else "near the top"


def measure_stall(lift_set: LiftSet) -> Iterator[Measure]:
    """Return how long each way up stalls, seconds (0: not at all), with angle, depth and outcome in the detail."""
    time_s = lift_set.kinematics.time_s
    for rep, _, stall, reason in find_stalls(lift_set):
        if stall is None:
            yield cannot(reason, "s", rep)
            continue
        angle_deg = float(lift_set.kinematics["trunk_deg"][stall.sample])
        detail = {
            "stalled": stall.seconds > 0,
            "trunk_deg": angle_deg,
            "angle": f"{angle_deg:.0f}",
            "depth": stall.depth,
            "outcome": "failed" if stall.failed else ("overcome" if stall.seconds > 0 else "none"),
            "and_then": "and the rep failed there" if stall.failed else "and got through it",
            "place": say_place(angle_deg),
        }
        span_s = float(time_s[stall.start]), float(time_s[min(stall.stop, len(time_s) - 1)])
        yield Measure(stall.seconds, stall.low_s, stall.high_s, "s", rep.number, *span_s, None, detail)


def measure_shaking(lift_set: LiftSet) -> Iterator[Measure]:
    """Return by how many dB each way up trembles more at its slowest place; 0 when hip and shoulder do not together."""
    kinematics = lift_set.kinematics
    hip, shoulder = kinematics["hip_shake_leg"], kinematics["shoulder_shake_leg"]
    noise_leg = signals.MAD_TO_SIGMA * signals.median(np.abs(hip - shoulder)) / np.sqrt(2)
    blind = ""
    if lift_set.rate_hz < SHAKE_RATE_HZ - 0.5:
        blind = f"{lift_set.rate_hz:.0f} frames a second are too few to see shaking: film with {SHAKE_RATE_HZ:.0f}"
    elif noise_leg > MAX_SHAKE_NOISE_LEG:
        blind = "the landmarks are too shaky themselves to show shaking"
    for rep, ascent, stall, reason in find_stalls(lift_set):
        if blind or stall is None:
            yield cannot(blind or reason, "dB", rep)
            continue
        shake = measure_shake(hip, shoulder, ascent, stall.sample, lift_set.rate_hz)
        if shake is None or not np.isfinite(shake.gain_db):
            yield cannot("the way up is too short to compare one part with another", "dB", rep)
            continue
        value, low, high = shake.gain_db, shake.low_db, shake.high_db
        detail = {
            "present": value > 0,
            "frequency_hz": shake.frequency_hz if value > 0 else None,
            "frequency": f"{shake.frequency_hz:.0f}",
            "coherence": shake.coherence,
        }
        span_s = float(kinematics.time_s[stall.start]), rep.stop_s
        yield Measure(value, low, high, "dB", rep.number, *span_s, None, detail)


def _straight_part(lift_set: LiftSet, ascent: tuple[int, int], low_deg: float, high_deg: float) -> slice:
    """Return the samples of an ascent with the trunk between two inclinations."""
    trunk_deg = lift_set.kinematics["trunk_deg"][slice(*ascent)]
    inside = np.flatnonzero((trunk_deg >= low_deg) & (trunk_deg <= high_deg))
    if not len(inside):
        return slice(0, 0)
    return slice(ascent[0] + int(inside[0]), ascent[0] + int(inside[-1]) + 1)


def measure_back(lift_set: LiftSet) -> Iterator[Measure]:
    """Return the most arch on each way up, degrees beyond a straight body, and whether it began with the stall."""
    kinematics = lift_set.kinematics
    for rep, ascent, stall, reason in find_stalls(lift_set):
        samples = _straight_part(lift_set, ascent, STRAIGHT_DEG[0], 180.0)
        arch = None
        if stall is not None and samples.stop > samples.start:
            arch = measure_arch(
                kinematics["hip_flexion_deg"][samples],
                kinematics["lumbar_deg"][samples],
                lift_set.rate_hz,
                kinematics.noise["hip_flexion_deg"],
            )
        if arch is None or stall is None:
            yield cannot(reason or "your hips were hidden on the way up", "deg", rep)
            continue
        moment_s = float(kinematics.time_s[samples.start + arch.sample])
        stall_s = float(kinematics.time_s[stall.start]), float(kinematics.time_s[stall.stop - 1])
        near = stall.seconds > 0 and stall_s[0] - WITH_STALL_S <= moment_s <= stall_s[1] + WITH_STALL_S
        detail = {
            "with_stall": near,
            "when": "as you stalled" if near else "on the way up",
            "hip_extension_deg": arch.hip_extension_deg,
            "outline_deg": arch.outline_deg,
        }
        span = rep.number, moment_s, rep.stop_s
        yield Measure(arch.value_deg, arch.low_deg, arch.high_deg, "deg", *span, None, detail)


def measure_hip_hinge(lift_set: LiftSet) -> Iterator[Measure]:
    """Return the most hip flexion on each way up while the trunk is between 80 and 20 deg, degrees."""
    kinematics = lift_set.kinematics
    for rep, ascent, stall, reason in find_stalls(lift_set):
        samples = _straight_part(lift_set, ascent, *STRAIGHT_DEG)
        value, low, high, peak = measure_hinge(
            kinematics["hip_flexion_deg"][samples], lift_set.rate_hz, kinematics.noise["hip_flexion_deg"]
        )
        if stall is None or not np.isfinite(value):
            yield cannot(reason or "your hips were hidden on the way up", "deg", rep)
            continue
        moment_s = float(kinematics.time_s[samples.start + peak])
        yield Measure(value, low, high, "deg", rep.number, moment_s, rep.stop_s)


def measure_setup(lift_set: LiftSet) -> tuple[Measure, ...]:
    """Return how far from the knee the thigh turns, in thigh lengths, over the whole set."""
    kinematics = lift_set.kinematics
    moving = np.zeros(len(kinematics.time_s), bool)
    for rep in lift_set.reps:
        moving[rep.start : rep.stop] = True
    if not moving.any():
        return (cannot(NO_ASCENT, "thigh"),)
    forward, height, thigh_deg = (
        kinematics[name][moving] for name in ("knee_forward_leg", "knee_height_leg", "thigh_deg")
    )
    pivot = fit_pivot(forward, height, thigh_deg, lift_set.rate_hz)
    reason = _doubt_pivot(pivot)
    if pivot is None or reason:
        return (cannot(reason, "thigh"),)
    value, half = pivot.distance / THIGH_LEG, math.hypot(Z90 * pivot.error, MODEL_M / LEG_M) / THIGH_LEG
    detail = {"arc_deg": pivot.arc_deg, "residual_leg": pivot.residual}
    span_s = lift_set.reps[0].start_s, lift_set.reps[-1].stop_s
    return (Measure(value, value - half, value + half, "thigh", None, *span_s, None, detail),)


def _doubt_pivot(pivot: Pivot | None) -> str:
    if pivot is None:
        return "your knee was hidden"
    if pivot.arc_deg < MIN_ARC_DEG:
        return f"your thighs turned by only {pivot.arc_deg:.0f}° ({MIN_ARC_DEG:.0f}° needed)"
    if pivot.residual > MAX_RESIDUAL_M / LEG_M:
        return "your thighs do not turn about one point, or the knee was hard to see"
    if pivot.error > MAX_ERROR_M / LEG_M:
        return "this clip cannot show well enough where your thighs turn"
    return ""


def measure_tops(lift_set: LiftSet) -> Iterator[Measure]:
    """Return how far from upright each way up ends, degrees of phi: the least until the next turn."""
    kinematics = lift_set.kinematics
    half_deg = Z90 * math.hypot(kinematics.error.get("phi_deg", 0.0), kinematics.roll_deg)
    turns = [*(rep.turn for rep in lift_set.reps[1:]), len(kinematics.time_s)]
    for rep, turn in zip(lift_set.reps, turns, strict=True):
        way = slice(rep.turn, min(turn, rep.stop + signals.count_samples(TOP_HELD_S, lift_set.rate_hz)))
        phi_deg = kinematics["phi_deg"][way]
        is_whole = np.isfinite(rep.concentric_s) or _rests_on_the_way(phi_deg, lift_set.rate_hz)
        if not is_whole or np.mean(~np.isfinite(phi_deg)) > MAX_HIDDEN_SHARE:
            yield cannot("the clip does not show the top of the rep", "deg", rep)
            continue
        top_deg = max(float(np.nanmin(phi_deg)), 0.0)
        moment_s = float(kinematics.time_s[way.start + int(np.nanargmin(phi_deg))])
        low_deg, high_deg = max(top_deg - half_deg, 0.0), top_deg + half_deg
        yield Measure(top_deg, low_deg, high_deg, "deg", rep.number, moment_s, moment_s)


def _rests_on_the_way(phi_deg: FloatArray, rate_hz: float) -> bool:
    """Whether a way up (n,) that the clip cuts off had ended before: the body has come up and goes no further."""
    top = find_top(phi_deg, rate_hz)
    return top is not None and float(np.nanmax(phi_deg)) - top.trunk_deg >= LEAST_WAY_UP_DEG


def _spread_fold(fold_deg: float, sigma_deg: float, chance: float) -> Spread:
    """Return what a fold may be that is kicked open with this chance, and is no kick (0) otherwise."""
    errors = NormalDist(0.0, 1.0)
    folds_deg = [max(fold_deg + sigma_deg * errors.inv_cdf(share), 0.0) for share in FOLD_SHARES]
    weights = np.append(np.full(len(FOLD_SHARES), chance / len(FOLD_SHARES)), 1 - chance)
    return Spread.of(np.append(folds_deg, 0.0), weights)


def measure_kicks(lift_set: LiftSet) -> Iterator[Measure]:
    """Return by how much the hips fold at each bottom and are kicked open, degrees; 0 where they open slowly."""
    kinematics, rate_hz = lift_set.kinematics, lift_set.rate_hz
    hip_deg, trunk_deg = kinematics["hip_flexion_deg"], kinematics["trunk_deg"]
    noise_deg = float(np.nan_to_num(kinematics.noise["hip_flexion_deg"]))
    half_deg = math.hypot(FOLD_DEG, Z90 * math.sqrt(2) * noise_deg)
    half_deg_s = Z90 * signals.speed_noise(noise_deg, rate_hz)
    for rep, ascent, stall, reason in find_stalls(lift_set):
        straight_deg = signals.median(hip_deg[_straight_part(lift_set, ascent, *STRAIGHT_DEG)])
        start = slice(max(ascent[0] - signals.count_samples(FOLD_S, rate_hz), 0), ascent[1])
        low = np.flatnonzero(trunk_deg[start] >= LOW_TRUNK_DEG)
        if stall is None or not len(low) or not np.isfinite(straight_deg):
            yield cannot(reason or "the clip does not show the start of the way up", "deg", rep)
            continue
        way = slice(start.start, start.start + int(low[-1]) + 1)
        opening_deg_s = -np.gradient(hip_deg[way]) * rate_hz
        if np.mean(~np.isfinite(opening_deg_s)) > MAX_HIDDEN_SHARE:
            yield cannot("your hips were hidden at the bottom", "deg", rep)
            continue
        fold_deg, fastest = float(np.nanmax(hip_deg[way])) - straight_deg, float(np.nanmax(opening_deg_s))
        kicked = NormalDist(fastest, max(half_deg_s / Z90, 1e-6))
        spread = _spread_fold(fold_deg, half_deg / Z90, 1 - kicked.cdf(KICK_DEG_S))
        value = max(fold_deg, 0.0) if fastest >= KICK_DEG_S else 0.0
        low_deg, high_deg = min(value, spread.quantile(0.05)), max(value, spread.quantile(0.95))
        moment_s = float(kinematics.time_s[way.start + int(np.nanargmax(opening_deg_s))])
        detail = {"fold_deg": fold_deg, "opening_deg_s": fastest}
        span = rep.number, moment_s, moment_s
        yield Measure(value, low_deg, high_deg, "deg", *span, None, detail, spread)


KICK = Check(
    code="ghr.kick",
    title="How far the hips fold at the bottom and kick you up",
    why="A swing of the trunk carries you through the start of the way up, which is where the hamstrings are longest.",
    cue="You folded {value}° at the hips and kicked yourself up. Stop at the bottom with your body in one line, and "
    "start from your hamstrings.",
    good="no kick at the start",
    limit=Limit(25.0, None, "deg", "[D] of a fold that opens at 150 deg/s and more; a sound real one opens at 109"),
    measure=measure_kicks,
    method="top-and-start-of-the-glute-ham-raise",
    needs=frozenset({"side view", "clock"}),
    name="no kick",
    spoken="No swing. Start from a stop.",
)

TOP = Check(
    code="ghr.top",
    title="How far from upright the way up ends",
    why="The raise ends with your body upright over your knees. Short of that its last part, the curl, is missing.",
    cue="You stopped {value}° short of upright. Come all the way up, or use a band until you can.",
    good="came all the way up",
    limit=Limit(15.0, 30.0, "deg", "[D] of the line from knee to shoulder"),
    measure=measure_tops,
    method="top-and-start-of-the-glute-ham-raise",
    needs=frozenset({"side view"}),
    name="no short top",
    aside="you stopped {value}° short of upright",
    spoken="All the way up.",
)

STALL_ANGLE = Quantity(
    key="stall_angle",
    title="Stall at",
    unit="deg",
    code="ghr.stall",
    better=None,
    floor=0.0,
    source="no interval is measured for it",
    part="trunk_deg",
    part_if="stalled",
)

LIFT = Lift(
    name="ghr",
    title="Glute-ham raise",
    trains=(KNEE_FLEXION,),
    aliases=("glute_ham_raise",),
    signal="phi_deg",
    min_range=30.0,
    posture=kneel,
    traits=(
        *HELD_SHANKS,
        Trait("phi_high", 78, 140, 8),
        Trait("hip_mid", -30, 60, 20),
        Trait("hand_drop_low", -1.0, 0.36, 0.15),
    ),
    trends=(STALL_ANGLE, tempo_trend("ghr.tempo")),
    base=PAD,
    open_ended=True,
    came_up=TURNED_SHORT,
    checks=(
        Check(
            code="ghr.arch",
            title="Arching of the lower back on the way up",
            why="When the hamstrings give out, the back takes over: the chest comes up and the knees do not bend. It "
            "is read from the hip angle, and from the outline of the back where no arm hides it.",
            cue="Your lower back arched {value}° {when}. That lifts your chest without your hamstrings. Keep your ribs "
            "down, and fight through the hard part in one line.",
            good="back arched at most {value}°",
            maybe="your lower back may have arched by {span}; this clip cannot show which",
            limit=Limit(None, 10.0, "deg", "[D] 10 deg of arch, or hips 15 deg hyperextended"),
            measure=measure_back,
            method="arching-of-the-lower-back",
            needs=frozenset({"side view"}),
            name="no arching",
            concern=Concern.HARM,
            aside="your lower back arched {value}°",
            spoken=ARCH_SPOKEN,
        ),
        Check(
            code="ghr.hip_hinge",
            title="Hip flexion on the way up",
            why="Hips that bend shorten the lever: the body comes up without the hamstrings bending the knees.",
            cue="Your hips bent to {value}° on the way up. Squeeze your glutes and come up in one line.",
            good="hips bent at most {value}°",
            limit=Limit(None, 25.0, "deg", "[D] more than 25 deg of hip flexion, as in the Nordic curl"),
            measure=measure_hip_hinge,
            method="arching-of-the-lower-back",
            needs=frozenset({"side view"}),
            name="no bent hips",
            spoken=HINGE_SPOKEN,
        ),
        Check(
            code="ghr.stall",
            title="How long the way up stalls, and at which angle",
            why="The lever is longest at parallel. Where you stall is your sticking point: time spent there, in one "
            "line, is what moves it.",
            cue="You stalled for {value} s {place} ({angle}°) {and_then}. That is your sticking point: stay in one "
            "line and don't arch.",
            good="came up without a stall",
            limit=Limit(0.15, 1.0, "s", "[D] under half of the speed beside it for at least 0.15 s"),
            measure=measure_stall,
            method="stall-and-shake",
            needs=frozenset({"side view", "clock"}),
            decimals=1,
            name="no stall",
            aside="you stalled for {value} s {place} ({angle}°)",
            spoken="You stalled for {value:.1f} seconds.",
        ),
        Check(
            code="ghr.shake",
            title="Shaking at the hardest point, against the rest of the way up",
            why="A muscle near its limit shakes at 4 to 12 Hz. That is not a mistake: it tells you that the set is "
            "near its end.",
            cue="You shook at the hardest point, about {frequency} times a second ({value} dB more than elsewhere). "
            "You are close to your limit there.",
            good="no shaking",
            limit=Limit(3.0, None, "dB", "[D] 4 to 12 Hz, shared by hip and shoulder; its size is not judged"),
            measure=measure_shaking,
            method="stall-and-shake",
            needs=frozenset({"side view", "clock"}),
            name="no shaking",
            concern=Concern.PACE,
            aside="you shook about {frequency} times a second",
            spoken="You shook at the hardest point.",
        ),
        Check(
            code="ghr.setup",
            title="Where on the thigh the body turns (knee 0, hip 1)",
            why="With your knees just behind the pad, your hamstrings have to bend them. A pad on the lower quads "
            "turns the raise into a back extension. The pad itself is not seen: this is where your thigh turns.",
            cue="Your thighs turn {percent} % of their length above the knee, so the pad is probably too high. Move "
            "the footplate until your knees sit just behind the pad.",
            good="thighs turn {percent} % of their length above the knee",
            limit=Limit(0.12, 0.20, "thigh", "[D] -0.05 to 0.12 of the thigh is fine"),
            measure=measure_setup,
            method="set-up-of-the-glute-ham-raise",
            needs=frozenset({"side view"}),
            decimals=2,
            name="pad not too high",
            spoken="Knees closer to the pad.",
        ),
        Check(
            code="ghr.setup_low",
            title="A body that turns below the knee (knee 0, hip 1)",
            why="A pad under the shins lets the knees hang in front of it and slide.",
            cue="Your legs turn below the knee ({percent} % of the thigh), so the pad is probably too low. Move the "
            "footplate until your knees sit just behind the pad.",
            good="thighs turn at or above the knee ({percent} % of their length)",
            limit=Limit(-0.05, None, "thigh", "[D] below -0.05 of the thigh", "below"),
            measure=measure_setup,
            method="set-up-of-the-glute-ham-raise",
            needs=frozenset({"side view"}),
            decimals=2,
            name="pad not too low",
            spoken="Knees further behind the pad.",
        ),
        TOP,
        KICK,
        tempo_check("ghr.tempo", "phi_deg"),
        *set_checks("phi_deg"),
    ),
)
