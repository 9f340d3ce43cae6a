"""What both leg curls share: range, hip lift, tempo, and the hip flexion that tells seated from lying.

A curl begins with its concentric: the knee's flexion rises while the weight does. Its lowering ends it.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from formcheck.data import Kinematics, Limit, Measure, Rep
from formcheck.events.break_point import find_drop
from formcheck.events.curl import (
    RANGE_DEG,
    find_curled,
    find_stretched,
    measure_hip_lift,
    measure_range,
    measure_swing,
)
from formcheck.lifts.check import Check, LiftSet, Trait, cannot, not_asked
from formcheck.signals import bridge, median
from formcheck.uncertainty import Z90

MIN_RANGE_DEG = 80.0  # a curl of less is short [D]
SHORT_OF_BEST_PCT = 15.0  # and so is one that falls short of the set's best by more [D]
SEATED_HIP_DEG = 53.0  # hip flexion of a seated start, at least: seats bend it by 60 and more, read up to 10 low [D]
LYING_HIP_DEG = 46.0  # of a lying one, at most: benches hold the hips at 20 to 45 deg [D] ...
# ... but nobody sits with a level trunk: from this lean on hips that are read up to so far bent lie as well [D].
LEVEL_TRUNK_DEG, MOST_LYING_HIP_DEG = 75.0, 60.0
MIN_THIGH_DEG = 40.0  # thighs that lean less, forwards or backwards, belong to somebody who stands [D]
# Nobody bends the knees against a weight faster: the clip started curled, or a jump of labels [D].
MIN_CONCENTRIC_S = 0.25
CURL_REST_S = 0.5  # beside a curl, in which the leg is stretched
MAX_HIDDEN_CURLED = 0.2  # of the curled part without an ankle
HIPS_SWUNG_THIGH, HIPS_ERROR_THIGH = 0.10, 0.02  # that the hips move while lying, and its error [D]
TRUNK_SWUNG_DEG = 10.0  # that the trunk rocks while seated: 2 to 4 deg where it rests [D]
SWUNG_DEG_S, THROWN_DEG_S = 300.0, 400.0  # of the knee, with the body moving: see docs/calibration.md [D]
LIFT_UNSEEN = 0.25  # of a hip lift on top of what is seen of it: the machine hides the hip [S]
DROP_DEG = 6.5  # half of the 90 % interval of where a free fall begins and ends, in 82 rendered curls [S]
AMONG_REPS_DEG = 4.0  # of a range against others of the set [S]
EXTENSION_DEG = 5.0  # the same of how short of straight a leg ends, in 76 [S]
SPEED_SHARE = 0.25  # the same of the knee's highest speed, of it [S]
LET_GO_DEG_S = 90.0  # of a knee whose weight falls, at least: held lowerings of 2 s end at 54 to 61 [D]
STILL_BODY = (  # what a curl in a machine is known by: nothing but the knees moves [D]
    Trait("trunk_range", 0, 20, 15),
    Trait("thigh_range", 0, 20, 15),
    Trait("knee_range", 48, 150, 15),
)


def begin_with_the_concentric(kinematics: Kinematics, rep: Rep) -> Rep | None:
    """Return the rep with a curl's phases, its turn in mid-pause; None for a stretch from a curled start."""
    if not rep.eccentric_s >= MIN_CONCENTRIC_S:
        return None
    curl = replace(rep, eccentric_s=rep.concentric_s, concentric_s=rep.eccentric_s, concentric_first=True)
    if not np.isfinite(rep.pause_s):
        return curl
    turn_s = rep.start_s + rep.eccentric_s + rep.pause_s / 2
    turn = int(np.searchsorted(kinematics.time_s, turn_s))
    return replace(curl, turn=turn, turn_s=float(kinematics.time_s[turn]))


def measure_start_hip(kinematics: Kinematics) -> float:
    """Return the hip flexion of the stretched leg, degrees: the median over the set. NaN when never seen."""
    return median(kinematics["hip_flexion_deg"][find_stretched(kinematics["curl_deg"])])


def _say_who_does_not_curl(kinematics: Kinematics) -> str | None:
    thigh_deg = abs(median(kinematics["thigh_deg"]))
    if not np.isfinite(thigh_deg):
        return "your whole legs were never visible"
    if thigh_deg < MIN_THIGH_DEG:
        return (
            f"this is not a machine curl: the thighs are at {thigh_deg:.0f}° from upright "
            f"({MIN_THIGH_DEG:.0f}° or more when lying or seated)"
        )
    return None


def sit(kinematics: Kinematics) -> str | None:
    """Return why this is no seated curl, or None: hips bent by 53 deg or more at the start."""
    hip_deg = measure_start_hip(kinematics)
    if reason := _say_who_does_not_curl(kinematics):
        return reason
    if hip_deg >= SEATED_HIP_DEG:
        return None
    other = "this looks like a lying leg curl" if hip_deg <= LYING_HIP_DEG else "neither seated nor lying"
    return f"{other}: the hips are bent {hip_deg:.0f}° at the start ({SEATED_HIP_DEG:.0f}° or more when seated)"


def lie(kinematics: Kinematics) -> str | None:
    """Return why this is no lying curl, or None: hips bent by 46 deg or less at the start (trunk level: 60)."""
    hip_deg = measure_start_hip(kinematics)
    if reason := _say_who_does_not_curl(kinematics):
        return reason
    is_level = median(np.abs(kinematics["trunk_deg"])) >= LEVEL_TRUNK_DEG
    if hip_deg <= (MOST_LYING_HIP_DEG if is_level else LYING_HIP_DEG):
        return None
    other = "this looks like a seated leg curl" if hip_deg >= SEATED_HIP_DEG else "neither seated nor lying"
    return f"{other}: the hips are bent {hip_deg:.0f}° at the start ({LYING_HIP_DEG:.0f}° or less when lying)"


def _say_what_hides_the_knee(lift_set: LiftSet, rep: Rep) -> str | None:
    """Why this rep's knee angle is worth nothing, or None."""
    kinematics = lift_set.kinematics
    samples = slice(rep.start, rep.stop)
    if not np.isfinite(kinematics["curl_deg"][samples]).any():
        return "your leg was hidden in this rep"
    curled = find_curled(kinematics["curl_deg"][samples])
    if np.mean(kinematics["ankle_seen"][samples][curled] == 1) >= 1 - MAX_HIDDEN_CURLED:
        return None
    looks_pct = 100 * median(kinematics["shank_share"][samples][curled])
    return (
        "your ankle is hidden where the knee bends most, probably by the roller "
        f"(the shin looks {looks_pct:.0f} % of its length)"
    )


def _with_rest(lift_set: LiftSet, place: int) -> slice:
    """Return the samples of a rep and of up to half a second of rest to either side: its bounds are at 5 %."""
    reps, around = lift_set.reps, round(CURL_REST_S * lift_set.rate_hz)
    first = reps[place - 1].stop if place else 0
    last = reps[place + 1].start if place + 1 < len(reps) else len(lift_set.kinematics.time_s)
    return slice(max(first, reps[place].start - around), min(last, reps[place].stop + around))


def measure_ranges(lift_set: LiftSet, known_to_deg: float = RANGE_DEG) -> Iterator[Measure]:
    """Return each rep's knee range, deg, and share of the set's widest; half of the interval is `known_to_deg`."""
    kinematics = lift_set.kinematics
    ranges = {}
    reasons = {}
    for place, rep in enumerate(lift_set.reps):
        found = measure_range(kinematics["knee_flexion_deg"][_with_rest(lift_set, place)])
        reason = _say_what_hides_the_knee(lift_set, rep)
        if reason or found is None:
            reasons[rep.number] = reason or "your knee was hidden for part of the rep"
        else:
            ranges[rep.number] = found
    best_deg = max((each.range_deg for each in ranges.values()), default=float("nan"))
    error_deg = max(known_to_deg, Z90 * np.sqrt(2) * float(np.nan_to_num(kinematics.noise["knee_flexion_deg"])))
    for rep in lift_set.reps:
        if rep.number in reasons:
            yield cannot(reasons[rep.number], "deg", rep)
            continue
        found = ranges[rep.number]
        share_pct = 100 * (found.range_deg / best_deg)  # the widest is 100 exactly: it falls short by 0
        detail = {
            "knee_low_deg": found.low_deg,
            "knee_high_deg": found.high_deg,
            "from_deg": f"{found.low_deg:.0f}",
            "to_deg": f"{found.high_deg:.0f}",
            "share_of_best_pct": share_pct,
            "short": bool(found.range_deg < MIN_RANGE_DEG or share_pct < 100 - SHORT_OF_BEST_PCT),
        }
        low_deg, high_deg = found.range_deg - error_deg, found.range_deg + error_deg
        yield Measure(found.range_deg, low_deg, high_deg, "deg", rep.number, rep.start_s, rep.stop_s, None, detail)


def measure_shortfall(lift_set: LiftSet) -> Iterator[Measure]:
    """Return by how much each rep falls short of the set's widest, percent; for the set when there is only one."""
    # What the model sees wrong it sees wrong in every rep.
    measured = tuple(measure_ranges(lift_set, AMONG_REPS_DEG))
    if sum(each.reason is None for each in measured) < 2:
        why = not_asked if len(lift_set.reps) < 2 else cannot
        yield why("this needs at least 2 reps whose knee is visible", "%")
        return
    for each in measured:
        if each.reason is not None:
            yield replace(each, unit="%")
            continue
        short_pct = 100 - float(each.detail["share_of_best_pct"])
        best_deg = 100 * each.value / float(each.detail["share_of_best_pct"])
        half_pct = 100 * float(np.sqrt(2)) * (each.high - each.value) / best_deg  # the best is as uncertain
        yield replace(each, value=short_pct, low=short_pct - half_pct, high=short_pct + half_pct, unit="%", detail={})


def measure_lifts(lift_set: LiftSet) -> Iterator[Measure]:
    """Return how far the hips rise in every rep, thigh lengths."""
    kinematics = lift_set.kinematics
    stretched = find_stretched(kinematics["curl_deg"])
    for rep in lift_set.reps:
        lift = measure_hip_lift(
            kinematics["thigh_deg"],
            kinematics["hip_flexion_deg"],
            kinematics["hip_rise_thigh"],
            stretched,
            slice(rep.start, rep.stop),
            kinematics.noise["thigh_deg"],
            lift_set.rate_hz,
        )
        if lift is None:
            yield cannot("your hip or shoulder was hidden for part of the rep", "thigh", rep)
            continue
        low, high = lift.lift_thigh - lift.error_thigh, (1 + LIFT_UNSEEN) * lift.lift_thigh + lift.error_thigh
        if low > 0 and not lift.agrees:
            yield cannot("your hips seem to rise, but their angle stays: the camera or a landmark moved", "thigh", rep)
            continue
        moment_s = float(kinematics.time_s[lift.sample])
        detail = {"hip_change_deg": lift.hip_change_deg}
        yield Measure(lift.lift_thigh, low, high, "thigh", rep.number, moment_s, rep.stop_s, None, detail)


def measure_swings(lift_set: LiftSet, channel: str, line: float, error: float) -> Iterator[Measure]:
    """Return the knee's highest speed in each lifting with which the body moves, deg/s; 0 where the body stays.

    channel : what tells that the body moves, when it changes by `line`, known to `error`, in its unit.
    """
    kinematics, rate_hz = lift_set.kinematics, lift_set.rate_hz
    noise_deg = kinematics.noise["curl_deg"]
    for rep in lift_set.reps:
        if not np.isfinite(rep.concentric_s):
            yield cannot("the clip does not show all of the lifting", "deg/s", rep)
            continue
        lifting = slice(max(rep.start - 1, 0), rep.turn + 1)
        swing = measure_swing(kinematics["curl_deg"], kinematics[channel], lifting, noise_deg, rate_hz)
        if swing is None:
            yield cannot("your legs or hips were hidden for part of the lifting", "deg/s", rep)
            continue
        speed, moment_s = swing.speed_deg_s, float(kinematics.time_s[swing.sample])
        half = math.hypot(swing.error_deg_s, SPEED_SHARE * speed)
        detail = {"speed_deg_s": speed, "sway": swing.sway}
        if swing.sway < line - error:
            yield Measure(0.0, 0.0, 0.0, "deg/s", rep.number, moment_s, moment_s, None, detail)
        elif swing.sway < line + error and speed + half > SWUNG_DEG_S:
            yield cannot("this clip cannot show whether your body moved with the weight", "deg/s", rep)
        else:
            low, high = max(speed - half, 0.0), speed + half
            yield Measure(speed, low, high, "deg/s", rep.number, moment_s, moment_s, None, detail)


def measure_stack_drops(lift_set: LiftSet) -> Iterator[Measure]:
    """Return how many degrees of each lowering are a free fall of the weight; 0 when none are."""
    kinematics = lift_set.kinematics
    half_deg = Z90 * np.sqrt(2) * float(np.nan_to_num(kinematics.noise["curl_deg"]))
    for rep in lift_set.reps:
        knee_deg = kinematics["curl_deg"][rep.turn : rep.stop]
        if not np.isfinite(rep.eccentric_s) or np.mean(np.isfinite(knee_deg)) < 1 - MAX_HIDDEN_CURLED:
            yield cannot("the clip does not show all of the lowering", "deg", rep)
            continue
        drop = find_drop(-bridge(knee_deg), lift_set.rate_hz, LET_GO_DEG_S)
        if drop is None:
            yield Measure(0.0, 0.0, half_deg, "deg", rep.number, rep.turn_s, rep.stop_s)
            continue
        first_s, last_s = (float(kinematics.time_s[rep.turn + each]) for each in (drop.start, drop.stop))
        own_deg = math.hypot(half_deg, DROP_DEG)
        low_deg, high_deg = max(drop.size_deg - own_deg, 0.0), drop.size_deg + own_deg
        yield Measure(drop.size_deg, low_deg, high_deg, "deg", rep.number, first_s, last_s)


def measure_extensions(lift_set: LiftSet) -> Iterator[Measure]:
    """Return by how many degrees the legs at the end of each curl are short of the set's straightest."""
    knee_deg = lift_set.kinematics["curl_deg"]
    straight_deg = median(knee_deg[find_stretched(knee_deg)])
    noise_deg = float(np.nan_to_num(lift_set.kinematics.noise["curl_deg"]))
    half_deg = math.hypot(EXTENSION_DEG, Z90 * noise_deg)
    for place, rep in enumerate(lift_set.reps):
        after = knee_deg[rep.turn : _with_rest(lift_set, place).stop]
        if not np.isfinite(rep.eccentric_s) or not np.isfinite(after).any():
            yield cannot("the clip does not show the end of the lowering", "deg", rep)
            continue
        short_deg = max(float(np.nanmin(after)) - straight_deg, 0.0)
        low_deg, high_deg = max(short_deg - half_deg, 0.0), short_deg + half_deg
        yield Measure(short_deg, low_deg, high_deg, "deg", rep.number, rep.stop_s, rep.stop_s)


CURL_RANGE = Check(
    code="range",
    title="How far the knees bend and straighten in each curl",
    why="Hamstrings are worked over the range you give them: from nearly straight legs, where they are longest, "
    "to the heels at the pad.",
    cue="Your knees moved through only {value}° (from {from_deg}° to {to_deg}°). Let your legs straighten, then "
    "curl your heels all the way. Use less weight if you can't.",
    good="knees moved through {value}°",
    limit=Limit(MIN_RANGE_DEG, 60.0, "deg", "[D] a curl of under 80 deg is a short one", "below"),
    measure=measure_ranges,
    method="leg-curls",
    needs=frozenset({"side view"}),
    name="range",
    aside="your knees moved through only {value}°",
    spoken="Only {value:.0f} degrees of range. Go all the way.",
)


SHORT_CURL = Check(
    code="partial",
    title="By how much a curl falls short of the set's longest",
    why="Reps that get shorter show that the set was over. One that goes less than about six tenths of the way is "
    "counted apart, as a partial rep.",
    cue="This curl was {value} % shorter than the best of your set. End the set there, or use less weight.",
    good="within {value} % of the set's longest",
    limit=Limit(SHORT_OF_BEST_PCT, None, "%", "[D] more than 15 % below the own best is short"),
    measure=measure_shortfall,
    method="leg-curls",
    needs=frozenset({"side view"}),
    name="no short reps",
    aside="the curl was {value} % shorter than the best of your set",
    spoken="Short rep, by {value:.0f} percent.",
)


HIP_LIFT = Check(
    code="hip_lift",
    title="How far the hips rise off the pad while the knees bend",
    why="Hips that rise shorten the hamstrings at their upper end and let the back help with the last degrees.",
    cue="Your hips rose by {percent} % of your thigh length as you curled. Press them into the pad. Use less "
    "weight if they still rise.",
    good="hips rose by {percent} % of your thigh length",
    limit=Limit(0.06, 0.10, "thigh", "[D] for 0.2 s and more, with the hip's angle changing too"),
    measure=measure_lifts,
    method="leg-curls",
    needs=frozenset({"side view"}),
    name="no hip lift",
    decimals=2,
    spoken="Hips rose. Press them down.",
)


def swing_check(code: str, channel: str, line: float, error: float) -> Check:
    """Return the check of a weight that is swung up; `channel` tells that the body moves (see `measure_swings`)."""
    return Check(
        code=code,
        title="How fast the weight is swung up, with the body moving along",
        why="Lifting fast is fine. Throwing your body into it is not: momentum then carries the weight where your "
        "hamstrings should lift it.",
        cue="You swung the weight up: your body moved with it ({value}°/s at the knees). Keep your hips and chest "
        "still, and start each curl from a stop. Use less weight if you can't.",
        good="no swinging",
        limit=Limit(SWUNG_DEG_S, THROWN_DEG_S, "deg/s", "[D] a right real curl reached 292, a swung one 339"),
        measure=lambda lift_set: measure_swings(lift_set, channel, line, error),
        method="leg-curls",
        needs=frozenset({"side view", "clock"}),
        name="no swinging",
        aside="you swung the weight up",
        spoken="You swung it. Keep your body still.",
    )


STACK_DROP = Check(
    code="drop",
    title="How much of the lowering the weight falls freely",
    why="What falls is not trained: on the way back the hamstrings get longer under load only while you hold it.",
    cue="You let the weight drop through {value}° of the way back. Keep pulling against it until your legs are "
    "straight.",
    good="the weight never dropped",
    limit=Limit(20.0, 45.0, "deg", "[D] of a fall that gains over 150 deg/s2 and passes 2.5 times the usual speed"),
    measure=measure_stack_drops,
    method="leg-curls",
    needs=frozenset({"side view", "clock"}),
    name="no dropping",
    aside="you let the weight drop through {value}°",
    spoken="Don't drop it. Slow all the way back.",
)


EXTENSION = Check(
    code="extension",
    title="How far short of your straightest legs a curl ends",
    why="The last degrees are where the hamstrings are longest under load. A curl that turns round before them "
    "leaves them out.",
    cue="You turned round {value}° short of straight legs. Let the weight take your legs all the way out before "
    "the next curl.",
    good="legs went out to {value}° from your straightest",
    limit=Limit(15.0, 30.0, "deg", "[D] against the set's own straightest legs"),
    measure=measure_extensions,
    method="leg-curls",
    needs=frozenset({"side view"}),
    name="no short extension",
    spoken="All the way out. Straighten your legs.",
)
