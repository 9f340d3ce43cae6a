"""Checks that every lift shares."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from formcheck.data import Concern, FloatArray, Kinematics, Limit, Measure
from formcheck.events import tempo as tempo_events
from formcheck.events.drift import MIN_DRIFT_REPS, measure_drift
from formcheck.events.feet import MIN_FRONT_YAW_DEG
from formcheck.events.velocity import measure_velocity_losses
from formcheck.kinematics.barbell import measure_speed
from formcheck.lifts.check import SLOW_ECCENTRIC_S, Check, LiftSet, Quantity, Trait, cannot, not_asked
from formcheck.settings import Settings, Tempo
from formcheck.uncertainty import Z90
from formcheck.wording import quantity

OWN_TARGET_NOTE = 0.75  # of the athlete's own eccentric target [D]
OWN_TARGET_FAULT = 0.5  # of one's own target: a lowering this short is a fault [D]
LEAST_TEMPO_S = 0.05  # no lowering is timed better: a part of half the 90 % interval [S]
MIN_EVEN_REPS = 3  # of which it can be said how even they are [D]
MIN_SPEEDS = 2  # of which one can be slower than the other
# Of the way, at which a repetition that is not led back further is over all the same: see `Lift.came_up`. All of 120
# sets of raises are counted exactly by it, 113 at the 0.5 of other lifts [S].
TURNED_SHORT = 0.6
MIN_KNEELING_SHANK_DEG = 60.0  # a shank that leans less while the trunk is upright stands or hangs [D]
ARCH_SPOKEN = "Lower back arched. Ribs down."
HINGE_SPOKEN = "Hips bent. Keep one line."
# Shanks that are held, and a body that falls forward over its knees [D].
HELD_SHANKS = (
    Trait("shank_low", 70, 115, 12),
    Trait("shank_high", 70, 120, 12),
    Trait("trunk_low", -30, 35, 15),
    Trait("trunk_high", 45, 160, 15),
    Trait("trunk_range", 45, 170, 15),
    Trait("thigh_range", 40, 120, 12),
    Trait("knee_range", 40, 140, 12),
)


def kneel(kinematics: Kinematics) -> str | None:
    """Return why this body does not kneel while its trunk is most upright, or None: shanks near the horizontal."""
    trunk_deg, shank_deg = np.abs(kinematics["trunk_deg"]), kinematics["shank_deg"]
    seen = np.isfinite(trunk_deg) & np.isfinite(shank_deg)
    if not seen.any():
        return "your whole legs were never visible"
    upright = seen & (trunk_deg <= np.percentile(trunk_deg[seen], 20))
    lean_deg = float(np.median(shank_deg[upright]))
    if lean_deg < MIN_KNEELING_SHANK_DEG:
        return (
            f"this is not a kneeling lift: the shins are at {abs(lean_deg):.0f}° from upright "
            f"({MIN_KNEELING_SHANK_DEG:.0f}° or more when kneeling)"
        )
    return None


def measure_eccentric(lift_set: LiftSet, channel: str) -> Iterator[Measure]:
    """Return the eccentric time of every complete rep, seconds, with the pause and the concentric in the detail."""
    kinematics = lift_set.kinematics
    for rep in lift_set.reps:
        if not np.isfinite(rep.eccentric_s):
            yield cannot("the clip does not show all of the lowering", "s", rep)
            continue
        if not (rep.complete or rep.cut_off):
            yield cannot("a partial rep has no full lowering to time", "s", rep)
            continue
        first_s = rep.stop_s - rep.eccentric_s if rep.concentric_first else rep.start_s
        moments = first_s, first_s + rep.eccentric_s
        errors = [
            tempo_events.crossing_error_s(
                kinematics.time_s, kinematics[channel], moment, kinematics.error.get(channel, kinematics.noise[channel])
            )
            for moment in moments
        ]
        half_s = math.hypot(Z90 * errors[0], Z90 * errors[1], LEAST_TEMPO_S)
        if not np.isfinite(half_s):
            yield cannot("where the lowering begins or ends is not seen well enough to time it", "s", rep)
            continue
        detail = {"pause_s": rep.pause_s, "concentric_s": rep.concentric_s, "aim": say_aim(lift_set.tempo)}
        low_s, high_s = rep.eccentric_s - half_s, rep.eccentric_s + half_s
        yield Measure(rep.eccentric_s, low_s, high_s, "s", rep.number, *moments, None, detail)


def say_aim(tempo: Tempo | None) -> str:
    """Return what a lowering that was too quick is told to take: the athlete's own target where there is one."""
    return "Take 2 to 4 s." if tempo is None else f"Your target is {quantity(tempo.eccentric_s, 's')}."


def follow_target(limit: Limit, settings: Settings) -> Limit:
    """Return the limit moved to the athlete's own target, if there is one: note under 75 %, fault under 50 % of it."""
    tempo = settings.tempo
    if tempo is None:
        return limit
    return replace(
        limit,
        note=OWN_TARGET_NOTE * tempo.eccentric_s,
        fault=OWN_TARGET_FAULT * tempo.eccentric_s,
        source=f"[D] the athlete's own target of {tempo.eccentric_s:g} s: note under 75 %, fault under 50 %",
    )


def tempo_check(code: str, channel: str) -> Check:
    """Return the tempo check of a lift whose lowering is the rise of `channel`, or its fall after the concentric."""
    return Check(
        code=code,
        title="How long the lowering (eccentric) takes",
        why="The slow eccentric is what these lifts are done for. It is held against your own target where you set "
        "one: slower is not better by itself (Schoenfeld 2015 found 0.5 to 8 s a repetition alike).",
        cue="You lowered in {value} s. {aim}",
        good="lowered in {value} s",
        limit=Limit(
            SLOW_ECCENTRIC_S, 1.0, "s", "[D] 2-4 s is the usual prescription; your own target moves it", "below"
        ),
        measure=lambda lift_set: measure_eccentric(lift_set, channel),
        method="tempo",
        adjust=follow_target,
        needs=frozenset({"clock"}),
        decimals=1,
        name="lowering time",
        concern=Concern.PACE,
        spoken="{value:.1f} seconds down. Slower.",
    )


def tempo_trend(code: str) -> Quantity:
    """Return the lowering time of a tempo check as it is followed over weeks."""
    source = "[P] limits of agreement of lowering times from video are 0.2-0.3 s"
    return Quantity("eccentric", "Lowering", "s", code, "higher", 0.3, source, enough=SLOW_ECCENTRIC_S)


def _too_few(lift_set: LiftSet, least: int) -> Measure:
    """Say that too few reps are complete: of a shorter set that was never asked, of a longer one it is not judged."""
    why = not_asked if len(lift_set.reps) < least else cannot
    return why(f"this needs at least {least} full reps", "%")


def measure_consistency(lift_set: LiftSet) -> tuple[Measure, ...]:
    """Return the coefficient of variation of the eccentric times over the set, percent; needs 3 complete reps."""
    reps = [rep for rep in lift_set.reps if rep.complete]
    if len(reps) < MIN_EVEN_REPS:
        return (_too_few(lift_set, MIN_EVEN_REPS),)
    times_s = np.array([rep.eccentric_s for rep in reps])
    low, high = tempo_events.variation_interval_pct(times_s)
    value = tempo_events.variation_pct(times_s)
    detail = {"last_third_faster_pct": tempo_events.last_third_faster_pct(times_s), "n_reps": len(reps)}
    return (
        Measure(value, min(low, value), max(high, value), "%", None, reps[0].start_s, reps[-1].stop_s, None, detail),
    )


CONSISTENCY = Check(
    code="set.consistency",
    title="How even the lowerings of the set are",
    why="Reps that speed up through a set are the first sign of fatigue or of a load too heavy to control.",
    cue="Your lowering times vary by {value} % from rep to rep. Count every rep down at the same speed.",
    good="lowering times vary by {value} %",
    limit=Limit(20.0, None, "%", "[D] coefficient of variation of the eccentric times"),
    measure=measure_consistency,
    method="tempo",
    name="no uneven lowerings",
    concern=Concern.PACE,
)


def measure_fatigue(lift_set: LiftSet, channel: str) -> tuple[Measure, ...]:
    """Return what range (rise of `channel`) and lowering time lose over the set, percent; needs 4 complete reps."""
    reps = [rep for rep in lift_set.reps if rep.complete]
    signal = lift_set.kinematics[channel]
    ranges = np.array([np.ptp(signal[rep.start : rep.stop][np.isfinite(signal[rep.start : rep.stop])]) for rep in reps])
    times_s = np.array([rep.eccentric_s for rep in reps])
    noise = float(np.nan_to_num(lift_set.kinematics.noise[channel]))
    series = {"range": (ranges, noise), "lowering time": (times_s, 1.0 / lift_set.rate_hz)}
    measures = []
    for what, (values, error) in series.items():
        drift = measure_drift(values, error)
        if drift is None:
            return (_too_few(lift_set, MIN_DRIFT_REPS),)
        told = f"{'lost' if drift.loss_pct >= 0 else 'grew by'} {abs(drift.loss_pct):.0f} %"
        ends = {"first": float(values[0]), "last": float(values[-1])}
        detail = {"what": what, "told": told, **ends, "n_reps": len(reps)}
        span = reps[0].start_s, reps[-1].stop_s
        measures.append(Measure(drift.loss_pct, drift.low_pct, drift.high_pct, "%", None, *span, None, detail))
    return tuple(measures)


def fatigue_check(channel: str) -> Check:
    """Return the check of the drift across the set, of a lift whose range is the rise of `channel`."""
    return Check(
        code="set.fatigue",
        title="What range and lowering time lose from the first rep to the last",
        why="Reps that get shorter or drop faster through a set are fatigue: the last ones no longer train what the "
        "first ones did. Losing some is part of a hard set; losing a fifth makes it another exercise.",
        cue="Your {what} shrank by {value} % over the set, by its trend. End the set before that, or use less weight.",
        good="{what} {told} over the set",
        limit=Limit(20.0, 35.0, "%", "[D] a straight line over the complete reps"),
        measure=lambda lift_set: measure_fatigue(lift_set, channel),
        method="tempo",
        name="no fatigue",
        concern=Concern.PACE,
    )


def measure_speeds(lift_set: LiftSet, channel: str) -> tuple[FloatArray, FloatArray]:
    """Return the mean speed of every rep's lifting and one sigma of it, both (n,), NaN where it is not seen whole: of
    the bar where every whole rep has that, else of `channel`.
    """
    kinematics, signal = lift_set.kinematics, lift_set.kinematics[channel]
    step_s = 1.0 / lift_set.rate_hz
    bar, angle, share = np.full((3, len(lift_set.reps)), np.nan)
    for place, rep in enumerate(lift_set.reps):
        if rep.complete and np.isfinite(rep.concentric_s):
            bar[place] = measure_speed(kinematics, rep)[1]
            angle[place] = np.ptp(signal[rep.start : rep.stop][np.isfinite(signal[rep.start : rep.stop])])
            angle[place] /= rep.concentric_s
            share[place] = np.hypot(step_s, np.sqrt(2) * tempo_events.MODEL_S) / rep.concentric_s
    speeds = bar if (np.isfinite(bar) == np.isfinite(angle)).all() else angle
    return speeds, speeds * share


def measure_velocity_loss(lift_set: LiftSet, channel: str, no_lifting: str = "") -> Iterator[Measure]:
    """Return what reps lack of the fastest lifting so far, percent. `no_lifting`: why a whole rep may have none."""
    speeds, errors = measure_speeds(lift_set, channel)
    if np.isfinite(speeds).sum() < MIN_SPEEDS:
        whole = sum(rep.complete for rep in lift_set.reps) >= MIN_SPEEDS
        yield cannot(no_lifting, "%") if no_lifting and whole else _too_few(lift_set, MIN_SPEEDS)
        return
    for rep, loss_pct, sigma_pct in zip(lift_set.reps, *measure_velocity_losses(speeds, errors), strict=True):
        if not np.isfinite(loss_pct):
            reason = no_lifting if rep.complete else ""
            if rep.remark == "partial":
                reason = "a partial rep has no full lifting to time"
            yield cannot(reason or "the clip does not show all of the lifting", "%", rep)
            continue
        half_pct, first_s = Z90 * sigma_pct, rep.start_s if rep.concentric_first else rep.stop_s - rep.concentric_s
        span_s = first_s, first_s + rep.concentric_s
        low_pct, high_pct = max(loss_pct - half_pct, 0.0), loss_pct + half_pct
        yield Measure(loss_pct, low_pct, high_pct, "%", rep.number, *span_s)


def follow_stop_line(limit: Limit, settings: Settings) -> Limit:
    """Return the limit moved to the athlete's own stop line, if there is one."""
    if settings.velocity_loss_pct is None:
        return limit
    return replace(limit, note=settings.velocity_loss_pct, source="[D] the athlete's own stop line")


def velocity_loss_check(channel: str, no_lifting: str = "") -> Check:
    """Return the check of speed lost by each rep, whose range is the rise of `channel`; see `measure_velocity_loss`."""
    return Check(
        code="set.velocity_loss",
        title="How much slower the lifting is than your fastest rep so far",
        why="What a set costs shows in its speed. Sets that ended at a loss of 20 % gained as much strength as sets up "
        "to 40 %, with fewer reps (Pareja-Blanco 2017). Asked when you give a stop line.",
        cue="You lifted {value} % slower than in your fastest rep: past your stop line. End the set there.",
        good="{value} % slower than the fastest rep",
        limit=Limit(20.0, None, "%", "[P] Pareja-Blanco 2017 compared 20 % and 40 %; your own line moves it"),
        measure=lambda lift_set: measure_velocity_loss(lift_set, channel, no_lifting),
        method="velocity-loss",
        adjust=follow_stop_line,
        wanted=lambda settings: settings.velocity_loss_pct is not None,
        needs=frozenset({"clock"}),
        name="no loss of speed",
        concern=Concern.PACE,
        spoken="{value:.0f} percent slower. Stop here.",
    )


def measure_foot_position(lift_set: LiftSet) -> tuple[Measure, ...]:
    """Return by how much the foot that is turned further is turned out or in, degrees; from the front or behind."""
    view, feet = lift_set.kinematics.view, lift_set.feet
    if not view.yaw_deg >= MIN_FRONT_YAW_DEG:
        return (not_asked("foot position needs a clip from behind", "deg"),)
    if feet is None:
        return (cannot("the feet were not seen", "deg"),)
    value = abs(feet.most_deg)
    detail = {"left_deg": feet.left_deg, "right_deg": feet.right_deg, "turned": "out" if feet.most_deg > 0 else "in"}
    span = float(lift_set.kinematics.time_s[0]), float(lift_set.kinematics.time_s[-1])
    return (Measure(value, value - feet.error_deg, value + feet.error_deg, "deg", None, *span, None, detail),)


FOOT_POSITION = Check(
    code="feet.position",
    title="How far the feet are turned, in clips from the front or from behind",
    why="Turning the feet in shifts a leg curl to the inner hamstrings, turning them out to the outer one; in the "
    "Nordic they make no difference. Straight ahead loads both.",
    cue="One foot points {turned} by {value}°. Point both straight ahead, unless you turn them on purpose.",
    good="feet point {turned} by at most {value}°",
    limit=Limit(
        25.0, None, "deg", "[D] 10 deg is neutral, over 25 a choice; no effect in Nordics [P 31277009]", "above", 16.0
    ),
    measure=measure_foot_position,
    method="feet",
    needs_reps=False,
    name="foot position",
)


def set_checks(channel: str, no_lifting: str = "") -> tuple[Check, ...]:
    """Return what is asked of the whole set in every lift: evenness, fatigue, speed, feet. `channel` is the lift's
    signal, `no_lifting` why a whole rep may have no lifting to time.
    """
    return CONSISTENCY, fatigue_check(channel), velocity_loss_check(channel, no_lifting), FOOT_POSITION
