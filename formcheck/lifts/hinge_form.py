"""What a coach sees besides in a hinge: its top, the bar's way, and, from the front or behind, hands out of level.

Definitions: docs/method.md (top of a hinge, weight in front of mid-foot, hands out of level). Every sigma here is
learnt on rendered lifters (docs/calibration.md), as no published one is for these quantities from video.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import numpy as np

from formcheck.data import BoolArray, Concern, Limit, Measure, Rep
from formcheck.events.bar_drift import measure_bar_drift
from formcheck.events.depth import SIGMA_SHINS, measure_depth, name_depth
from formcheck.events.feet import MIN_FRONT_YAW_DEG
from formcheck.events.top import Top, find_standing, find_top
from formcheck.lifts.check import Check, LiftSet, cannot, not_asked
from formcheck.signals import median
from formcheck.uncertainty import Z90

TOP_S = 1.5  # after a repetition: the top of it, and no rest or putting down of the bar [D]
TOP_SIGMA_DEG = 1.5  # of a lean against the own standing [S]
MAX_FOOT_CV_PCT = 15.0  # of the foot's length: one that varies by more is not seen [D]
NO_STANDING = "the clip does not show you standing still before the first rep"


@lru_cache(maxsize=1)
def find_tops(lift_set: LiftSet) -> tuple[tuple[Rep, Top | None, str], ...]:
    """Return of every rep its top, samples counted from the clip's first, and the reason where there is none, or ""."""
    trunk_deg, rate_hz = lift_set.kinematics["trunk_deg"], lift_set.rate_hz
    turns = [rep.turn for rep in lift_set.reps[1:]] + [len(trunk_deg)]
    found: list[tuple[Rep, Top | None, str]] = []
    for rep, turn in zip(lift_set.reps, turns, strict=True):
        way = slice(rep.turn, min(turn, rep.stop + int(TOP_S * rate_hz)))
        top = find_top(trunk_deg[way], rate_hz) if np.isfinite(rep.concentric_s) else None
        reason = "" if top else "the clip does not show the top of the rep"
        found.append((rep, top and replace(top, sample=rep.turn + top.sample), reason))
    return tuple(found)


def find_own_standing(lift_set: LiftSet) -> BoolArray:
    """Return the frames (T,) in which the lifter stands before the set; see `find_standing`."""
    start = lift_set.reps[0].start if lift_set.reps else 0
    return find_standing(lift_set.kinematics["trunk_deg"], start, lift_set.rate_hz)


def measure_top(lift_set: LiftSet, sign: float) -> Iterator[Measure]:
    """Return by how much each rep's top leans forward of the own standing, degrees; with `sign` -1, backward."""
    kinematics = lift_set.kinematics
    standing_deg = median(kinematics["trunk_deg"][find_own_standing(lift_set)])
    for rep, top, reason in find_tops(lift_set):
        if top is None or not np.isfinite(standing_deg):
            yield cannot(reason or NO_STANDING, "deg", rep)
            continue
        value_deg = max(sign * (top.trunk_deg - standing_deg), 0.0)
        half_deg = Z90 * TOP_SIGMA_DEG
        moment_s = float(kinematics.time_s[top.sample])
        detail = {"standing_trunk_deg": standing_deg, "top_trunk_deg": top.trunk_deg}
        low_deg, high_deg = max(value_deg - half_deg, 0.0), value_deg + half_deg
        yield Measure(value_deg, low_deg, high_deg, "deg", rep.number, moment_s, moment_s, None, detail)


def measure_drifts(lift_set: LiftSet) -> Iterator[Measure]:
    """Return the most that the weight is in front of mid-foot in the lower half of each rep, leg lengths."""
    kinematics = lift_set.kinematics
    plate_leg = kinematics.channels.get("bar_x_leg")
    blurred = not kinematics.quality.segment_cv_pct["foot"] <= MAX_FOOT_CV_PCT
    for rep in lift_set.reps:
        if blurred:
            yield cannot("your feet are not seen well enough to tell where their middle is", "leg", rep)
            continue
        samples = slice(rep.start, rep.stop)
        way_leg = None if plate_leg is None else plate_leg[samples]
        drift = measure_bar_drift(kinematics["trunk_deg"][samples], kinematics["hand_ahead_leg"][samples], way_leg)
        if drift is None:
            yield cannot("your hands were hidden at the bottom", "leg", rep)
            continue
        half_leg = Z90 * drift.sigma_leg
        moment_s = float(kinematics.time_s[rep.start + drift.sample])
        depth_shins = measure_depth(kinematics["wrist_height_leg"][samples])
        seen = np.isfinite(depth_shins)
        detail = {
            "how_far": _say_drift(lift_set, drift.ahead_leg),
            "depth_shins": depth_shins if seen else None,
            "depth_error_shins": Z90 * SIGMA_SHINS,
            "depth": f", down to about {name_depth(depth_shins)}" if seen else "",
        }
        low_leg, high_leg = drift.ahead_leg - half_leg, drift.ahead_leg + half_leg
        span_s = moment_s, max(moment_s, rep.turn_s)
        yield Measure(drift.ahead_leg, low_leg, high_leg, "leg", rep.number, *span_s, None, detail)


def measure_hands_level(lift_set: LiftSet) -> tuple[Measure, ...]:
    """Return by how much one hand hangs lower than the other at the bottoms, degrees; from the front or behind."""
    level = lift_set.level
    if level is None or not lift_set.kinematics.view.yaw_deg >= MIN_FRONT_YAW_DEG:
        return (not_asked("whether your hands are level needs a clip from the front or from behind", "deg"),)
    if level.reason:
        return (cannot(level.reason, "deg"),)
    value_deg = abs(level.left_lower_deg)
    detail = {"left_lower_deg": level.left_lower_deg, "lower": "left" if level.left_lower_deg > 0 else "right"}
    span_deg = max(value_deg - level.error_deg, 0.0), value_deg + level.error_deg
    return (Measure(value_deg, *span_deg, "deg", None, level.first_s, level.last_s, None, detail),)


def _say_drift(lift_set: LiftSet, ahead_leg: float) -> str:
    """Return a drift in cm where a plate gives the scale, else as a share of the leg."""
    bar, ahead_leg = lift_set.kinematics.bar, max(ahead_leg, 0.0)
    if bar is not None and np.isfinite(bar.m_per_px):
        return f"{100 * ahead_leg * lift_set.kinematics.leg_px * bar.m_per_px:.0f} cm"
    return f"{100 * ahead_leg:.0f} % of your leg length"


LEAN_BACK = Check(
    code="lean_back",
    title="How far the top leans back past your own standing",
    why="The rep is over when you stand tall. Leaning back from there does nothing for the hamstrings: the lower "
    "back arches under the weight.",
    cue="At the top you leaned back {value}° past standing tall. Squeeze your glutes and stop when your hips are "
    "straight. Ribs down.",
    good="no leaning back at the top",
    limit=Limit(8.0, 15.0, "deg", "[D] what coaches ask for; against your own standing, known to 3 deg [S]"),
    measure=lambda lift_set: measure_top(lift_set, -1.0),
    method="top-of-a-hinge",
    needs=frozenset({"side view"}),
    name="no leaning back",
    concern=Concern.HARM,
    spoken="You leaned back. Just stand tall.",
)


LOCKOUT = Check(
    code="lockout",
    title="How far short of your own standing a rep ends",
    why="A hinge ends with the hips through. Stopping short leaves out the part that the glutes finish, and the "
    "reps of a set are no longer alike. If you keep tension on purpose, pass over this.",
    cue="You stopped {value}° short of standing tall. Finish every rep: push your hips through and squeeze your "
    "glutes.",
    good="stood tall at the top",
    limit=Limit(8.0, 15.0, "deg", "[D] what coaches ask for; against your own standing, known to 3 deg [S]"),
    measure=lambda lift_set: measure_top(lift_set, 1.0),
    method="top-of-a-hinge",
    needs=frozenset({"side view"}),
    name="no short lockout",
    spoken="Stand all the way up. Hips through.",
)


BAR_DRIFT = Check(
    code="bar_drift",
    title="How far the weight is in front of mid-foot in the lower half",
    why="The weight belongs over the middle of your foot, close to your legs. In front of it the same weight has a "
    "longer lever, and it is the lower back that holds that.",
    cue="The weight drifted {how_far} in front of mid-foot. Keep it close: drag it down your thighs and shins, "
    "with your lats tight.",
    good="weight close to the legs{depth}",
    limit=Limit(0.10, 0.15, "leg", "[D] 8 and 13 cm of a leg of 85 cm; coaches ask for a weight over mid-foot"),
    measure=measure_drifts,
    method="weight-in-front-of-mid-foot",
    needs=frozenset({"side view"}),
    decimals=2,
    name="no drifting weight",
    maybe="the weight may be {span} in front of mid-foot; this clip cannot show which",
    spoken="Keep the weight close to your legs.",
)


def level_check(code: str, cue: str) -> Check:
    """Return the check of hands out of level; its `cue` tells which one by `{lower}`."""
    return Check(
        code=code,
        title="How far your hands are out of level at the bottom, in clips from the front or from behind",
        why="Where one hand hangs lower, the trunk turns or bends to that side under the weight. One side of "
        "the lower back then carries more than the other. From the side nobody sees it.",
        cue=cue,
        good="hands level to {value}° at the bottom",
        limit=Limit(5.0, 10.0, "deg", "[D] 5 cm of height between two hands that are 55 cm apart; twice that"),
        measure=measure_hands_level,
        method="hands-out-of-level",
        needs_reps=False,
        name="level hands",
    )
