"""What every hinge on standing feet shares: hip travel, overrun, squatting, the back, and the posture.

Definitions: docs/method.md (end of hip travel, squatting, rounding). A lift takes the checks that it
wants under codes of its own.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from formcheck.assessment.verdict import LIKELY
from formcheck.data import Concern, FloatArray, Kinematics, Limit, Measure, Rep
from formcheck.events.hip_travel import FIT_FROM, HipStop, Lowering, find_hip_stops
from formcheck.events.lumbar import measure_rounding
from formcheck.events.squat import Squat, find_squat
from formcheck.lifts.check import MAX_HIDDEN_SHARE, Check, LiftSet, Quantity, Trait, cannot
from formcheck.lifts.common import tempo_trend
from formcheck.uncertainty import Z90

MAX_STANDING_SHANK_DEG = 35.0  # a shank that leans more in the upright part is kneeling or sitting [D]
MIN_TRAVEL_LEG = 0.06  # less is not a hinge [D]
ROLL_LEG = 0.008  # of hip travel that a camera rolled by 4 deg adds or takes [S]
NEAR_LEG = 0.06  # by which the near leg, the scale of travel, looks longer than the middle of the body at 3 m [S]
TRAVEL_LEG = 0.05  # half of the 90 % interval of travel's errors in 397 rendered descents [S]
SQUAT_UNSEEN = 0.35  # of a squat on top of what is seen of it: knees that bend far are seen to bend less [S]
STANDING_S = 0.5  # before a descent: where the hips stand
OVERRUN_NOTE_DEG, OVERRUN_FAULT_DEG = 5.0, 10.0  # [D]
HIPS = ("hip_back_leg", "hip_edge_leg")  # what shows their way: the joint, which a plate may hide, and the edge behind
OF_THE_BACK = ("trunk_deg", "lumbar_deg", "lumbar_error_deg")
MOST_TRUNK_DEG = 125.0  # of a lifter on both feet; what leans further is a body that the model has turned round [D]
STANDING = (  # what a hinge on standing feet is known by [D]
    Trait("shank_low", -15, 25, 12),
    Trait("shank_high", -15, 25, 12),
    Trait("trunk_low", -30, 30, 15),
    Trait("trunk_high", 40, 105, 15),
    Trait("trunk_range", 38, 120, 12),
    Trait("knee_high", -10, 55, 6),
    Trait("hip_range", 45, 160, 15),
    Trait("hip_back", 0.15, 1.2, 0.1),
    Trait("ankle_way", 0.0, 0.3, 0.3),
)


@dataclass(frozen=True, eq=False)
class Descending:
    """One repetition's way down: its samples with the pause, where the hips stop, and why that is not known, or "".

    `lowering` is None where the hips were not seen, `squat` where the knees were not.
    """

    rep: Rep
    samples: slice
    lowering: Lowering | None
    stop: HipStop | None
    squat: Squat | None
    reason: str


@lru_cache(maxsize=1)
def find_stops(lift_set: LiftSet) -> tuple[Descending, ...]:
    """Return the way down of every rep of a set."""
    kinematics = lift_set.kinematics
    ways = [_find_way(lift_set, rep) for rep in lift_set.reps]
    squats = [None if hidden else _find_squat(kinematics, samples) for samples, hidden in ways]
    lowerings = [
        None if hidden else _read_lowering(kinematics, samples, squat)
        for (samples, hidden), squat in zip(ways, squats, strict=True)
    ]
    stops = iter(find_hip_stops([each for each in lowerings if each is not None], lift_set.rate_hz))
    found = []
    for rep, (samples, hidden), lowering, squat in zip(lift_set.reps, ways, lowerings, squats, strict=True):
        stop = None if lowering is None else next(stops)
        reason = "" if stop else hidden or "the lowering is too short to tell where your hips stop"
        found.append(Descending(rep, samples, lowering, stop, squat, reason))
    return tuple(found)


def _find_squat(kinematics: Kinematics, samples: slice) -> Squat | None:
    names = ("trunk_deg", "knee_flexion_deg", "leg_fold_deg")
    return find_squat(*(kinematics[name][samples] for name in names))


def _find_way(lift_set: LiftSet, rep: Rep) -> tuple[slice, str]:
    """Return the samples of a rep's descent and pause, and why they do not show where the hips stop, or ""."""
    kinematics = lift_set.kinematics
    pause_s = np.nan_to_num(rep.pause_s)
    end = int(np.searchsorted(kinematics.time_s, rep.turn_s + pause_s / 2)) + 1
    samples = slice(_find_standing(kinematics["trunk_deg"], rep, lift_set.rate_hz), max(rep.turn + 1, end))
    if not np.isfinite(rep.eccentric_s):
        return samples, "the clip does not show all of the lowering"
    hidden = [_is_hidden(kinematics["trunk_deg"][samples], kinematics[name][samples]) for name in HIPS]
    return samples, hidden[0] if all(hidden) else ""


def _read_lowering(kinematics: Kinematics, samples: slice, squat: Squat | None) -> Lowering:
    """Return a way down with what shows its hips whole: the body's edge, the joint, or both; the other is NaN."""
    trunk_deg = kinematics["trunk_deg"][samples]
    ways = [kinematics[name][samples] for name in HIPS]
    joint, edge = (np.full(len(way), np.nan) if _is_hidden(trunk_deg, way) else way for way in ways)
    return Lowering(
        trunk_deg=trunk_deg,
        hip_back_leg=joint,
        edge_back_leg=edge,
        squat_deg=np.zeros(len(trunk_deg)) if squat is None else squat.bend_deg,
    )


def _is_hidden(trunk_deg: FloatArray, hips: FloatArray) -> str:
    """Return why a descent and its pause (n,) do not show the hips' way, or ""."""
    if np.nanmax(trunk_deg, initial=0.0) > MOST_TRUNK_DEG:
        return "the landmarks left your body for a moment: nobody can lean that far over"
    if np.mean(~np.isfinite(hips)) > MAX_HIDDEN_SHARE:
        return "your hips or feet were hidden for part of the lowering"
    if _is_torn(trunk_deg, hips):
        return "you were out of sight for a moment, just where your hips may have stopped"
    return ""


def _find_standing(trunk_deg: FloatArray, rep: Rep, rate_hz: float) -> int:
    """First sample of the standing before a descent: half a second, or from where the rep before has come up."""
    first = max(0, rep.start - int(STANDING_S * rate_hz))
    bent = np.flatnonzero(trunk_deg[first : rep.start] > trunk_deg[rep.start])
    return first + int(bent[-1]) + 1 if len(bent) else first


def _is_torn(trunk_deg: FloatArray, hip_back_leg: FloatArray) -> bool:
    """Whether a gap, in which the hips may have stopped, lies in the fitted part of a descent and its pause (n,)."""
    fitted = np.flatnonzero(trunk_deg >= np.nanmin(trunk_deg) + FIT_FROM * np.ptp(trunk_deg[np.isfinite(trunk_deg)]))
    way = np.arange(len(trunk_deg))
    standing = np.flatnonzero(np.isfinite(trunk_deg) & (way < fitted[0]))
    first = int(standing[-1]) + 1 if len(standing) else 0
    return bool(np.isnan(hip_back_leg[first:]).any())


def _moment_s(kinematics: Kinematics, samples: slice, position: float) -> float:
    return float(np.interp(samples.start + position, np.arange(len(kinematics.time_s)), kinematics.time_s))


def measure_travel(lift_set: LiftSet) -> Iterator[Measure]:
    """Return how far the hips travel back in each rep (leg lengths); starts at the moment they stop."""
    found = find_stops(lift_set)
    stopped = [each.stop.trunk_deg for each in found if each.stop and _has_stopped(each.stop)]
    for each in found:
        stop, rep = each.stop, each.rep
        if stop is None:
            yield cannot(each.reason, "leg", rep)
            continue
        low_leg, high_leg = _bound_travel(lift_set.kinematics, stop.travel_leg)
        known = _has_stopped(stop)
        detail = {
            "stops_before_bottom": known,
            "where": "and stopped there" if known else "and were still moving at the bottom",
            "trunk_at_stop_deg": stop.trunk_deg,
            "probability": _chance_stopped(stop),
            "set_stop_trunk_deg": float(np.median(stopped)) if stopped else None,
            "stop_low_s": _moment_s(lift_set.kinematics, each.samples, stop.sample_low),
            "stop_high_s": _moment_s(lift_set.kinematics, each.samples, stop.sample_high),
        }
        span_s = _moment_s(lift_set.kinematics, each.samples, stop.sample), rep.turn_s
        yield Measure(stop.travel_leg, low_leg, high_leg, "leg", rep.number, *span_s, None, detail)


def _chance_stopped(stop: HipStop) -> float:
    """Return the chance that the hips stopped a noteworthy way before the bottom."""
    return stop.overrun.above(OVERRUN_NOTE_DEG)


def _has_stopped(stop: HipStop) -> bool:
    return _chance_stopped(stop) >= LIKELY


def _bound_travel(kinematics: Kinematics, travel_leg: float) -> tuple[float, float]:
    """90 % interval of a travel: landmarks, a rolled camera to either side; above it, what the view may have taken."""
    half_leg = math.hypot(Z90 * math.sqrt(2) * kinematics.error["hip_back_leg"], ROLL_LEG, TRAVEL_LEG)
    whole_leg = travel_leg * (1 + NEAR_LEG) / float(np.cos(np.radians(kinematics.view.yaw_deg)))
    return travel_leg - half_leg, whole_leg + half_leg


def measure_overrun(lift_set: LiftSet) -> Iterator[Measure]:
    """Return by how many degrees the trunk went on after the hips had stopped, per rep."""
    for each in find_stops(lift_set):
        stop, rep = each.stop, each.rep
        if stop is None:
            yield cannot(each.reason, "deg", rep)
        elif stop.travel_leg < MIN_TRAVEL_LEG:
            yield cannot(
                f"your hips went back only {100 * stop.travel_leg:.0f} % of your leg length: not a hinge",
                "deg",
                rep,
            )
        else:
            moment_s = _moment_s(lift_set.kinematics, each.samples, stop.sample)
            wrist = lift_set.kinematics["wrist_height_leg"]
            at_stop = np.interp(moment_s, lift_set.kinematics.time_s, wrist)
            detail = {
                "trunk_at_stop_deg": stop.trunk_deg,
                "after_stop_s": max(rep.turn_s - moment_s, 0.0),
                "hand_travel_leg": float(at_stop - wrist[rep.turn]),
                "probability": _chance_stopped(stop),
            }
            values_deg = stop.overrun_deg, stop.overrun_low_deg, stop.overrun_high_deg
            yield Measure(*values_deg, "deg", rep.number, moment_s, rep.turn_s, None, detail, stop.overrun)


def measure_squat(lift_set: LiftSet) -> Iterator[Measure]:
    """Return by how many degrees the knees bend on top of the hinge near the bottom of each rep; 0 when they do not."""
    for each in find_stops(lift_set):
        rep, squat = each.rep, each.squat
        if each.stop is None:
            yield cannot(each.reason, "deg", rep)
            continue
        if squat is None:
            yield cannot("your knees were hidden at the bottom", "deg", rep)
            continue
        start_s = _moment_s(lift_set.kinematics, each.samples, squat.sample)
        span = start_s, max(rep.turn_s, start_s)
        half_deg = Z90 * squat.sigma_deg
        low_deg = max(0.0, squat.rise_deg - half_deg)
        high_deg = (1 + SQUAT_UNSEEN) * squat.rise_deg + half_deg
        yield Measure(squat.rise_deg, low_deg, high_deg, "deg", rep.number, *span)


def measure_back(lift_set: LiftSet) -> Iterator[Measure]:
    """Return the change of the back's outline in each rep's deep part, against the athlete's own upright one, deg."""
    kinematics = lift_set.kinematics
    if not np.isfinite(kinematics["lumbar_deg"]).any():
        yield cannot("the outline of your back, or your upright back to compare it with, was never visible", "deg")
        return
    for rep in lift_set.reps:
        samples = slice(rep.start, rep.stop)
        rounding = measure_rounding(*(kinematics[name][samples] for name in OF_THE_BACK))
        if not np.isfinite(rounding.value_deg):
            yield cannot("the outline of your back is covered at the bottom", "deg", rep)
            continue
        deep_s = kinematics.time_s[samples][rounding.deep]
        span = float(deep_s[0]), float(deep_s[-1])
        detail = {"visible_share": rounding.visible}
        yield Measure(rounding.value_deg, rounding.low_deg, rounding.high_deg, "deg", rep.number, *span, None, detail)


def stand_on_feet(kinematics: Kinematics) -> str | None:
    """Return why this body does not stand on its feet, or None: shanks upright while the trunk is most upright."""
    trunk_deg, shank_deg = np.abs(kinematics["trunk_deg"]), np.abs(kinematics["shank_deg"])
    seen = np.isfinite(trunk_deg) & np.isfinite(shank_deg)
    if not seen.any():
        return "your whole legs were never visible"
    upright = seen & (trunk_deg <= np.percentile(trunk_deg[seen], 20))
    lean_deg = float(np.median(shank_deg[upright]))
    if lean_deg > MAX_STANDING_SHANK_DEG:
        return (
            f"this is not a standing lift: the shins are at {lean_deg:.0f}° from upright "
            f"({MAX_STANDING_SHANK_DEG:.0f}° or less when standing)"
        )
    return None


def hinge_trends(lift: str) -> tuple[Quantity, ...]:
    """Return what is followed over weeks of a hinge with the checks of this module."""
    return (
        Quantity(
            "overrun", "Overrun", "deg", f"{lift}.overrun", "lower", 6.0, "[D] the target on real video is +/-6 deg"
        ),
        Quantity(
            "rounding",
            "Rounding",
            "deg",
            f"{lift}.rounding",
            "lower",
            10.0,
            "[D], near [P] Sensors 2024;24:6580: worn sensors measure lumbar flexion to 6.7-10.7 deg",
        ),
        tempo_trend(f"{lift}.tempo"),
    )


ROUNDING = Check(
    code="rounding",
    title="Rounding of the lower back, from the outline of the back",
    why="A lower back that rounds takes over from the hips and unloads the hamstrings. Landmarks cannot show it: "
    "the model has no spine. The outline can, as a change from your own upright outline; neutral is not zero.",
    cue="Your lower back rounded (about {value}°). Brace, keep your chest proud, and stop when your hips stop.",
    good="lower back changed by {value}°",
    limit=Limit(
        25.0,
        30.0,
        "deg",
        "[D], near [P] Schellenberg 2013: up to 24 deg in a good morning is usual",
    ),
    measure=measure_back,
    method="rounding-of-the-lower-back",
    needs=frozenset({"side view", "outline"}),
    name="no rounding",
    maybe="your lower back may have rounded by {span}; this clip cannot show which",
    concern=Concern.HARM,
    aside="your lower back rounded (about {value}°)",
    spoken="Lower back rounded. Brace.",
)


SQUATTED = Check(
    code="squatted",
    title="Knees that bend more at the bottom of the hinge",
    why="Once the hips have stopped, bending the knees lowers the bar without stretching the hamstrings any further.",
    cue="At the bottom your knees bent another {value}°: that is a squat, not a hinge. Stop when your hips stop, "
    "wherever the bar is.",
    good="no squatting at the bottom",
    limit=Limit(8.0, 12.0, "deg", "[D] knee flexion up more than 8 deg after the end of hip travel"),
    measure=measure_squat,
    method="squatting",
    needs=frozenset({"side view"}),
    name="no squatting",
    maybe="your knees may have bent another {span}; this clip cannot show which",
    aside="your knees bent another {value}°",
    spoken="You squatted at the bottom. Stop when your hips stop.",
)


OVERRUN = Check(
    code="overrun",
    title="How much lower you go after your hips have stopped",
    why="Hips that travel back stretch the hamstrings. Once the hips stop, going lower only uses the lower back.",
    cue="Your hips stopped moving back here, and you went {value}° lower. That last part is lower back, not "
    "hamstrings. Start back up when your hips stop.",
    good="you went {value}° lower after your hips stopped",
    limit=Limit(OVERRUN_NOTE_DEG, OVERRUN_FAULT_DEG, "deg", "[D] judged by the chance that the limit is exceeded"),
    measure=measure_overrun,
    method="end-of-hip-travel",
    needs=frozenset({"side view"}),
    name="no overrun",
    concern=Concern.HARM,
    aside="you went {value}° past where your hips stopped",
    maybe="you may have gone {span} too deep; this clip cannot show which",
    spoken="{value:.0f} degrees too deep. Come up when your hips stop.",
)


HIP_TRAVEL = Check(
    code="hip_travel",
    title="How far the hips travel back, and the moment they stop",
    why="Hip travel is the range of a hinge; a bar that goes down without it is a bow or a squat.",
    cue="Your hips only went back {percent} % of your leg length: that is not a hinge. Push your hips back first, "
    "as if to close a door behind you.",
    good="hips went back {percent} % of your leg length {where}",
    limit=Limit(MIN_TRAVEL_LEG, MIN_TRAVEL_LEG, "leg", "[D] less is not a hinge", "below"),
    measure=measure_travel,
    method="end-of-hip-travel",
    needs=frozenset({"side view"}),
    decimals=2,
    name="hip travel",
    spoken="Push your hips back.",
)
