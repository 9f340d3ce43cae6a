"""Nordic curl: from kneeling tall the body goes down as one line about the knees, as far as the hamstrings hold it.

Definitions: docs/method.md (break point, tempo, arching). What comes after the hands have caught
the body, the push back up, is no concentric and is not timed.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import numpy as np

from formcheck import signals
from formcheck.data import Concern, Kinematics, Limit, Measure, Rep
from formcheck.events.arch import measure_arch, measure_hinge
from formcheck.events.break_point import BreakPoint, find_break, find_drop
from formcheck.events.knee_torque import estimate_knee_torque
from formcheck.kinematics.bases import KNEES
from formcheck.lifts.check import (
    KNEE_FLEXION,
    MAX_HIDDEN_SHARE,
    Check,
    Lift,
    LiftSet,
    Quantity,
    Trait,
    cannot,
    not_asked,
)
from formcheck.lifts.common import ARCH_SPOKEN, HELD_SHANKS, HINGE_SPOKEN, kneel, set_checks, tempo_check, tempo_trend
from formcheck.uncertainty import Z90

HANDS_LOW_LEG = 0.12  # a wrist no higher than this above the knee can be on the floor, [D]
HANDS_DOWN_LEG = 0.04  # and is, this near to the lowest place it reaches in the lowering [D]
# Hands that come this far below the knee are on the floor: -0.07 and less in 183 catches of the bank, and in three of
# real people; 0.01 and more in 186 lowerings without a catch [S].
HANDS_SURE_LEG = -0.04
# By how much the body goes on while hands that are less low stay where they are, deg: 4.4 and more in 181 of those
# catches; 3.4 at most in the 21 lowerings without one whose hands come as low, and move with the body [S].
HELD_BY_HANDS_DEG = 4.0
LATE_FALL_S = 0.1  # by which that may be too early: a fall that is not seen by then may be seen since [S]
CATCH_S = 0.1  # to either side of the catch: where the fall is at its fastest
# One sigma of its speed, to either side, and of a fall upwards as a share of it: the filter blunts what ends at
# once, so that of 90 deg/s and more 0.65 to 0.9 are read (71 of 178 catches of the bank) [S].
CATCH_SIGMA_DEG_S, CATCH_BLUNTED = 8.0, 0.25
FALL_SIGMA_DEG = 4.0  # of how far a body fell, in 85 falls of the bank [S]
# A lowering in which no fall is seen, and whose hands are reached so fast, is not known to be held: 7 of 8 such were
# falls, and 2 of 276 others [S].
CAUGHT_DEG_S = 60.0
MIN_ARM_LEG = 0.35  # and it was at least this high before the lowering: hands that hang low tell nothing [D]
PUSHED_UP = "your hands pushed you back up, so there is no lifting whose speed could tell how tired you are"
UNCLEAR = "the clip does not show all of the lowering"


def find_catch(kinematics: Kinematics, rep: Rep) -> int | None:
    """Return the sample at which the hands reach the floor in the lowering or at its turn; None if not, or not seen."""
    height_leg = kinematics["wrist_height_leg"]
    last = min(rep.stop, int(np.searchsorted(kinematics.time_s, rep.turn_s + np.nan_to_num(rep.pause_s) / 2)) + 1)
    way = height_leg[rep.start : max(last, rep.turn + 1)]
    seen = way[np.isfinite(way)]
    if not len(seen) or seen.max() < MIN_ARM_LEG or seen.min() > HANDS_LOW_LEG:
        return None
    if seen.min() > HANDS_SURE_LEG and not _hold_the_body(kinematics, rep, rep.start + int(np.nanargmin(way))):
        return None
    down = np.flatnonzero(way <= min(HANDS_LOW_LEG, float(seen.min()) + HANDS_DOWN_LEG))
    return rep.start + int(down[0])


def _hold_the_body(kinematics: Kinematics, rep: Rep, lowest: int) -> bool:
    """Whether hands that are at their lowest at a sample stay there while the body goes on, down or up again."""
    height_leg = kinematics["wrist_height_leg"][rep.start : rep.stop]
    with np.errstate(invalid="ignore"):
        away = np.flatnonzero(~(height_leg <= height_leg[lowest - rep.start] + HANDS_DOWN_LEG)) + rep.start
    first, stop = max(away[away < lowest], default=rep.start - 1) + 1, min(away[away > lowest], default=rep.stop)
    return bool(np.ptp(signals.bridge(kinematics["phi_deg"])[first:stop]) >= HELD_BY_HANDS_DEG)


def leave_out_push(kinematics: Kinematics, rep: Rep) -> Rep:
    """Return the rep without pause and concentric when the hands caught it: what follows is a push-off."""
    if not rep.complete or find_catch(kinematics, rep) is None:
        return rep
    return replace(rep, pause_s=float("nan"), concentric_s=float("nan"))


def _lowering(lift_set: LiftSet, rep: Rep) -> tuple[slice, str]:
    """Return the samples from a little before the start to the turn or to where the hands are down, or why not."""
    kinematics = lift_set.kinematics
    if not np.isfinite(rep.eccentric_s):
        return slice(0, 0), UNCLEAR
    catch = find_catch(kinematics, rep)
    stop = rep.turn + 1 if catch is None else min(catch, rep.turn) + 1
    samples = slice(max(0, rep.start - int(0.2 * lift_set.rate_hz)), stop)
    if np.mean(~np.isfinite(kinematics["phi_deg"][samples])) > MAX_HIDDEN_SHARE:
        return samples, "your knees or shoulders were hidden for part of the lowering"
    return samples, ""


@lru_cache(maxsize=1)
def find_breaks(lift_set: LiftSet) -> tuple[tuple[Rep, slice, BreakPoint | None, str], ...]:
    """Return (rep, samples of the lowering, break, reason when there is none) for every rep of a set."""
    found = []
    for rep in lift_set.reps:
        samples, reason = _lowering(lift_set, rep)
        point = None
        if not reason:
            phi_deg = signals.bridge(lift_set.kinematics["phi_deg"][samples])
            point = find_break(phi_deg, lift_set.rate_hz, lift_set.kinematics.noise["phi_deg"])
            if point is not None and not point.found:
                samples, point = _look_later(lift_set, rep, samples, point)
            reason = "" if point else "you went down too fast from the start to tell where you lost control"
        found.append((rep, samples, point, reason))
    return tuple(found)


def _look_later(lift_set: LiftSet, rep: Rep, samples: slice, point: BreakPoint) -> tuple[slice, BreakPoint]:
    """Return a lowering without a break until the hands are down, and what it shows a little later if that is one."""
    later = slice(samples.start, min(samples.stop + signals.count_samples(LATE_FALL_S, lift_set.rate_hz), rep.turn + 1))
    phi_deg = signals.bridge(lift_set.kinematics["phi_deg"][later])
    found = find_break(phi_deg, lift_set.rate_hz, lift_set.kinematics.noise["phi_deg"])
    return (later, found) if found is not None and found.found else (samples, point)


def _at(lift_set: LiftSet, channel: str, position: float) -> float:
    values = lift_set.kinematics[channel]
    return float(np.interp(position, np.arange(len(values)), values))


def measure_break(lift_set: LiftSet) -> tuple[Measure, ...]:
    """Return phi at the break of each rep, with knee and hip flexion there and the other definitions in the detail; the
    angle that stayed controlled when there was none.
    """
    return tuple(
        cannot(reason, "deg", rep) if point is None else _break_measure(lift_set, rep, samples, point)
        for rep, samples, point, reason in find_breaks(lift_set)
    )


def _break_measure(lift_set: LiftSet, rep: Rep, samples: slice, point: BreakPoint) -> Measure:
    position = samples.start + point.sample
    moment_s = float(np.interp(position, np.arange(len(lift_set.kinematics.time_s)), lift_set.kinematics.time_s))
    shank_deg = signals.median(lift_set.kinematics["shank_deg"][samples])
    hip_deg = _at(lift_set, "hip_flexion_deg", position)
    knee_deg = _at(lift_set, "knee_flexion_deg", position)
    catch = find_catch(lift_set.kinematics, rep)
    torque = _estimate_torque(lift_set, position)
    detail = {
        "found": point.found,
        "definition": "start of the acceleration (fit)" if point.found else f"controlled to {point.phi_deg:.0f} deg",
        "where": "control lost at" if point.found else "in control down to",
        "knee_flexion_deg": knee_deg,
        "hip_flexion_deg": hip_deg,
        "shank_slope_deg": shank_deg - 90.0,
        "phi_at_20_deg_s": point.crossing_deg[20.0],
        "phi_at_30_deg_s": point.crossing_deg[30.0],
        "phi_at_peak_acceleration_deg": point.peak_acceleration_deg,
        "speed_before_deg_s": point.speed_before_deg_s,
        "hands_down_s": None if catch is None else float(lift_set.kinematics.time_s[catch]),
        "controlled_s": moment_s - rep.start_s,
        "knee_torque_nm": None if torque is None else list(torque),
        "torque": ""
        if torque is None
        else ", where each knee held about {:.0f} N·m ({:.0f} to {:.0f})".format(*torque),
    }
    rolled_deg = Z90 * lift_set.kinematics.roll_deg
    low_deg = point.phi_deg - np.hypot(point.phi_deg - point.low_deg, rolled_deg)
    high_deg = point.phi_deg + np.hypot(point.high_deg - point.phi_deg, rolled_deg)
    return Measure(
        point.phi_deg, float(low_deg), float(high_deg), "deg", rep.number, moment_s, rep.turn_s, None, detail
    )


def _estimate_torque(lift_set: LiftSet, position: float) -> tuple[float, float, float] | None:
    """Return the torque about one knee at a sample, N m, with its 90 % interval; None of a lifter of unknown size."""
    if lift_set.mass_kg is None or lift_set.height_m is None:
        return None
    angles_deg = (_at(lift_set, name, position) for name in ("thigh_deg", "trunk_deg"))
    return estimate_knee_torque(lift_set.mass_kg, lift_set.height_m, *angles_deg)


def measure_drop(lift_set: LiftSet) -> Iterator[Measure]:
    """Return how many degrees of each lowering are a free fall; 0 when none are."""
    kinematics = lift_set.kinematics
    for rep in lift_set.reps:
        samples, reason = _lowering(lift_set, rep)
        if reason:
            yield cannot(reason, "deg", rep)
            continue
        whole = slice(samples.start, max(samples.stop, rep.turn + 1))
        phi_deg = signals.bridge(kinematics["phi_deg"][whole])
        drop = find_drop(phi_deg, lift_set.rate_hz)
        half = Z90 * float(np.hypot(kinematics.noise["phi_deg"] * np.sqrt(2), FALL_SIGMA_DEG))
        if drop is None:
            catch = find_catch(kinematics, rep)
            speed_deg_s = 0.0 if catch is None else _fall_at(kinematics, catch, lift_set.rate_hz)
            if speed_deg_s >= CAUGHT_DEG_S:
                yield cannot(f"your hands caught you at {speed_deg_s:.0f}°/s, but no fall was seen before", "deg", rep)
            else:
                yield Measure(0.0, 0.0, half, "deg", rep.number, rep.start_s, rep.turn_s)
            continue
        first_s, last_s = kinematics.time_s[whole.start + drop.start], kinematics.time_s[whole.start + drop.stop]
        detail = {"from_phi_deg": float(phi_deg[drop.start])}
        size, span = drop.size_deg, (rep.number, float(first_s), float(last_s))
        yield Measure(size, size - half, size + half, "deg", *span, None, detail)


def _controlled(lift_set: LiftSet, rep: Rep) -> tuple[slice, str]:
    """Return the samples of a lowering from its start to the break, or to its end when there is none; or why not."""
    for each, samples, point, _ in find_breaks(lift_set):
        if each is rep and samples.stop > 0:
            stop = samples.stop if point is None else samples.start + int(point.sample) + 1
            return slice(samples.start, max(stop, samples.start + 3)), ""
    return slice(0, 0), UNCLEAR


def measure_hip_break(lift_set: LiftSet) -> Iterator[Measure]:
    """Return the most hip flexion while each lowering was controlled, degrees."""
    kinematics = lift_set.kinematics
    for rep in lift_set.reps:
        samples, reason = _controlled(lift_set, rep)
        value, low, high, peak = measure_hinge(
            kinematics["hip_flexion_deg"][samples], lift_set.rate_hz, kinematics.noise["hip_flexion_deg"]
        )
        if reason or not np.isfinite(value):
            yield cannot(reason or "your hips were hidden in this lowering", "deg", rep)
            continue
        moment_s = float(kinematics.time_s[samples.start + peak])
        yield Measure(value, low, high, "deg", rep.number, moment_s, rep.turn_s)


def measure_back(lift_set: LiftSet) -> Iterator[Measure]:
    """Return the most arch while each lowering was controlled, degrees beyond a straight body."""
    kinematics = lift_set.kinematics
    for rep in lift_set.reps:
        samples, reason = _controlled(lift_set, rep)
        arch = None
        if not reason:
            arch = measure_arch(
                kinematics["hip_flexion_deg"][samples],
                kinematics["lumbar_deg"][samples],
                lift_set.rate_hz,
                kinematics.noise["hip_flexion_deg"],
            )
        if arch is None:
            yield cannot(reason or "your hips were hidden in this lowering", "deg", rep)
            continue
        moment_s = float(kinematics.time_s[samples.start + arch.sample])
        detail = {"hip_extension_deg": arch.hip_extension_deg, "outline_deg": arch.outline_deg}
        span = rep.number, moment_s, rep.turn_s
        yield Measure(arch.value_deg, arch.low_deg, arch.high_deg, "deg", *span, None, detail)


def measure_catch(lift_set: LiftSet) -> Iterator[Measure]:
    """Return how fast each body falls as its hands reach the floor, degrees a second of phi."""
    kinematics, rate_hz = lift_set.kinematics, lift_set.rate_hz
    noise_deg_s = signals.speed_noise(kinematics.noise["phi_deg"], rate_hz)
    for rep in lift_set.reps:
        catch, reason = find_catch(kinematics, rep), _lowering(lift_set, rep)[1]
        if not np.isfinite(kinematics["wrist_height_leg"][rep.start : rep.turn + 1]).any():
            reason = "your hands were hidden in this lowering"
        if reason:
            yield cannot(reason, "deg/s", rep)
            continue
        if catch is None:
            yield replace(not_asked("your hands never reached the floor", "deg/s"), rep=rep.number)
            continue
        fastest = _fall_at(kinematics, catch, rate_hz)
        moment_s = float(kinematics.time_s[catch])
        detail = {"phi_deg": float(kinematics["phi_deg"][catch]), "angle": f"{kinematics['phi_deg'][catch]:.0f}"}
        sigma_deg_s = float(np.hypot(noise_deg_s, CATCH_SIGMA_DEG_S))
        low = max(fastest - Z90 * sigma_deg_s, 0.0)
        blunted_deg_s = CATCH_BLUNTED * fastest if fastest >= CAUGHT_DEG_S else 0.0
        high = fastest + Z90 * float(np.hypot(sigma_deg_s, blunted_deg_s))
        yield Measure(fastest, low, high, "deg/s", rep.number, moment_s, moment_s, None, detail)


def _fall_at(kinematics: Kinematics, catch: int, rate_hz: float) -> float:
    """Return how fast the body falls about the sample of its catch, at most, deg/s."""
    around = signals.count_samples(CATCH_S, rate_hz)
    speed_deg_s = np.gradient(kinematics["phi_deg"]) * rate_hz
    return float(np.nanmax(speed_deg_s[max(catch - around, 0) : catch + around + 1], initial=0.0))


def measure_way_up(lift_set: LiftSet) -> Iterator[Measure]:
    """Return the most hip flexion on each way up that is lifted without the hands, degrees."""
    kinematics = lift_set.kinematics
    for rep in lift_set.reps:
        if not np.isfinite(rep.concentric_s):
            pushed = rep.complete and find_catch(kinematics, rep) is not None
            measure = (
                not_asked("your hands pushed you back up", "deg")
                if pushed
                else cannot("the clip does not show the way up", "deg")
            )
            yield replace(measure, rep=rep.number)
            continue
        start = rep.turn + int(np.nan_to_num(rep.pause_s) / 2 * lift_set.rate_hz)
        hip_deg = kinematics["hip_flexion_deg"][start : rep.stop]
        value, low, high, peak = measure_hinge(hip_deg, lift_set.rate_hz, kinematics.noise["hip_flexion_deg"])
        if not np.isfinite(value):
            yield cannot("your hips were hidden on the way up", "deg", rep)
            continue
        moment_s = float(kinematics.time_s[start + peak])
        yield Measure(value, low, high, "deg", rep.number, moment_s, rep.stop_s)


CATCH = Check(
    code="nordic.catch",
    title="How fast you fall as your hands catch you",
    why="The hands should take over from the hamstrings while the body is still slow. A hard catch lands on wrists and "
    "elbows, and what was fallen until then was not trained.",
    cue="Your hands caught you hard: {angle}° from upright, at {value}°/s. Reach for the floor sooner, and let your "
    "arms take over before you fall.",
    good="hands took over {angle}° from upright, at {value}°/s",
    limit=Limit(
        60.0, None, "deg/s", "[D] controlled lowerings reach the hands at under 40, falls mostly at 70 and more"
    ),
    measure=measure_catch,
    method="break-point-of-the-nordic-curl",
    needs=frozenset({"side view", "clock"}),
    name="no hard catch",
    aside="your hands caught you at {value}°/s",
    spoken="Hard catch. Reach for the floor sooner.",
)

HIPS_LEAD = Check(
    code="nordic.hips_lead",
    title="Hip flexion on the way up, where the hamstrings lift",
    why="Hips that go first shorten the lever: the body folds up instead of being pulled up by the hamstrings.",
    cue="On the way up your hips went first ({value}° of bend). Squeeze your glutes and come up with knees, hips "
    "and shoulders in one line.",
    good="hips bent at most {value}° on the way up",
    limit=Limit(None, 25.0, "deg", "[D] more than 25 deg of hip flexion, as on the way down"),
    measure=measure_way_up,
    method="arching-of-the-lower-back",
    needs=frozenset({"side view"}),
    name="no hips leading",
    spoken="Hips went first. Come up in one line.",
)

BREAK_ANGLE = Quantity(
    key="break_point",
    title="Break point",
    unit="deg",
    code="nordic.break_point",
    better="higher",
    floor=8.0,
    source="[P] 8 deg is the minimal detectable difference of another video app for the Nordic's break point",
    reached="found",
)

LIFT = Lift(
    name="nordic",
    title="Nordic curl",
    is_name=True,
    trains=(KNEE_FLEXION,),
    aliases=("nordic_curl", "nordic_hamstring_curl", "nordics"),
    signal="phi_deg",
    min_range=20.0,
    posture=kneel,
    traits=(
        *HELD_SHANKS,
        Trait("trunk_high", 45, 105, 10),
        Trait("phi_high", 20, 82, 20),
        Trait("hip_mid", -30, 45, 15),
        Trait("hand_drop_low", 0.42, 1.3, 0.1),
        Trait("hand_over_knee_low", -0.35, 1.0, 0.15),
    ),
    trends=(BREAK_ANGLE, tempo_trend("nordic.tempo")),
    base=KNEES,
    finish=leave_out_push,
    checks=(
        Check(
            code="nordic.hip_break",
            title="Hip flexion while the lowering is controlled",
            why="Hips that bend shorten the lever: the body comes forward without the hamstrings holding it.",
            cue="Your hips bent to {value}°. Squeeze your glutes and keep knees, hips and shoulders in one line, even "
            "if you go less deep.",
            good="hips bent at most {value}°",
            limit=Limit(None, 25.0, "deg", "[D] more than 25 deg of hip flexion"),
            measure=measure_hip_break,
            method="arching-of-the-lower-back",
            needs=frozenset({"side view"}),
            name="no bent hips",
            spoken=HINGE_SPOKEN,
        ),
        Check(
            code="nordic.arch",
            title="Arching of the lower back while the lowering is controlled",
            why="A back that arches lets the ribs drop while the knees stay where they are. Seen in the hip angle, and "
            "in the outline of the back where that is free.",
            cue="Your lower back arched {value}°. Keep your ribs down and lower your whole body in one line.",
            good="back arched at most {value}°",
            maybe="your lower back may have arched by {span}; this clip cannot show which",
            limit=Limit(None, 10.0, "deg", "[D] 10 deg of arch, or hips 15 deg hyperextended"),
            measure=measure_back,
            method="arching-of-the-lower-back",
            needs=frozenset({"side view"}),
            name="no arching",
            concern=Concern.HARM,
            spoken=ARCH_SPOKEN,
        ),
        Check(
            code="nordic.break_point",
            title="Where you lose control, as the body's lean from upright",
            why="The break point is the score of a Nordic: the later it comes, the more the hamstrings hold while they "
            "are long. Published break points use other definitions; report.json gives those too.",
            cue="You lost control {value}° from upright{torque}. Stay slow past that point: use a band, or go part of "
            "the way and come back up.",
            good="{where} {value}° from upright{torque}",
            limit=Limit(
                30.0,
                None,
                "deg",
                "[D], near [P] Soga 2021 and Sconce 2021: mean knee flexion of 58 deg at the break is 32 deg here",
                "below",
                max_width=20.0,
            ),
            measure=measure_break,
            method="break-point-of-the-nordic-curl",
            needs=frozenset({"side view", "clock"}),
            name="break point",
            aside="you lost control {value}° from upright",
            spoken="You lost control at {value:.0f} degrees. Hold on longer.",
        ),
        Check(
            code="nordic.drop",
            title="How much of the lowering is a free fall",
            why="What falls is not trained, and it is the hands and elbows that catch it.",
            cue="You dropped the last {value}°. Hold on as long as you can. Let a band or your hands take some of the "
            "weight there.",
            good="{value}° of free fall",
            limit=Limit(
                10.0, 60.0, "deg", "[D] of a fall that gains over 150 deg/s2 and passes 2.5 times the usual speed"
            ),
            measure=measure_drop,
            method="break-point-of-the-nordic-curl",
            needs=frozenset({"side view", "clock"}),
            name="no drop",
            concern=Concern.HARM,
            aside="you dropped the last {value}°",
            spoken="You dropped the last {value:.0f} degrees.",
        ),
        CATCH,
        HIPS_LEAD,
        tempo_check("nordic.tempo", "phi_deg"),
        *set_checks("phi_deg", PUSHED_UP),
    ),
)
