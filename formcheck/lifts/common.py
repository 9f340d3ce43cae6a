"""Checks that every lift shares."""

from dataclasses import replace

import numpy as np

from formcheck.data import Kinematics, Limit, Measure
from formcheck.events import tempo as tempo_events
from formcheck.lifts.check import Check, LiftSet, cannot
from formcheck.settings import Tempo

OWN_TARGET_NOTE = 0.75  # of the athlete's own eccentric target [D]
OWN_TARGET_FAULT = 0.5
MIN_KNEELING_SHANK_DEG = 60.0  # a shank that leans less while the trunk is upright stands or hangs [D]


def kneel(kinematics: Kinematics) -> str | None:
    """Return why this body does not kneel while its trunk is most upright, or None: shanks near the horizontal."""
    trunk_deg, shank_deg = np.abs(kinematics["trunk_deg"]), kinematics["shank_deg"]
    seen = np.isfinite(trunk_deg) & np.isfinite(shank_deg)
    if not seen.any():
        return "the legs were never seen whole"
    upright = seen & (trunk_deg <= np.percentile(trunk_deg[seen], 20))
    lean_deg = float(np.median(shank_deg[upright]))
    if lean_deg < MIN_KNEELING_SHANK_DEG:
        return (
            f"nobody kneels here: the shanks lean {lean_deg:.0f} deg while the trunk is most upright "
            f"(at least {MIN_KNEELING_SHANK_DEG:.0f} in this lift)"
        )
    return None


def measure_eccentric(lift_set: LiftSet, channel: str) -> tuple[Measure, ...]:
    """Return the eccentric time of every complete rep, seconds, with the pause and the concentric in the detail."""
    kinematics = lift_set.kinematics
    measures = []
    for rep in lift_set.reps:
        if not (rep.complete or rep.cut_off) or not np.isfinite(rep.eccentric_s):
            measures.append(cannot("the clip does not show this lowering whole", "s", rep))
            continue
        moments = rep.start_s, rep.start_s + rep.eccentric_s
        errors = [
            tempo_events.crossing_error_s(kinematics.time_s, kinematics[channel], moment, kinematics.noise[channel])
            for moment in moments
        ]
        half_s = 1.645 * float(np.hypot(errors[0], errors[1]))
        detail = {"pause_s": rep.pause_s, "concentric_s": rep.concentric_s}
        measures.append(
            Measure(
                value=rep.eccentric_s,
                low=rep.eccentric_s - half_s,
                high=rep.eccentric_s + half_s,
                unit="s",
                rep=rep.number,
                start_s=moments[0],
                end_s=moments[1],
                detail=detail,
            )
        )
    return tuple(measures)


def follow_target(limit: Limit, tempo: Tempo) -> Limit:
    """Return the limit moved to the athlete's own target: note under 75 %, fault under 50 % of it."""
    return replace(
        limit,
        note=OWN_TARGET_NOTE * tempo.eccentric_s,
        fault=OWN_TARGET_FAULT * tempo.eccentric_s,
        source=f"[D] the athlete's own target of {tempo.eccentric_s:g} s: note under 75 %, fault under 50 %",
    )


def tempo_check(code: str, channel: str) -> Check:
    """Return the tempo check of a lift whose lowering is the rise of `channel`."""
    return Check(
        code=code,
        title="How long the lowering (eccentric) takes",
        why="The slow eccentric is what these lifts are done for. It is held against your own target, never "
        "against a rule that slower "
        "grows more (Schoenfeld 2015 found 0.5 to 8 s a repetition alike).",
        cue="The lowering took {value} s. Take 2 to 4 s, or the target you set with --tempo.",
        good="lowered in {value} s",
        limit=Limit(2.0, 1.0, "s", "[D] 2-4 s is the usual prescription; set your own with --tempo", "below"),
        measure=lambda lift_set: measure_eccentric(lift_set, channel),
        adjust=follow_target,
        decimals=1,
    )


def measure_consistency(lift_set: LiftSet) -> tuple[Measure, ...]:
    """Return the coefficient of variation of the eccentric times over the set, percent; needs 3 complete reps."""
    reps = [rep for rep in lift_set.reps if rep.complete]
    if len(reps) < 3:
        return (cannot("it takes at least 3 complete reps", "%"),)
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
    cue="The lowerings vary by {value} % from rep to rep. Count each one down at the same speed.",
    good="lowerings vary by {value} %",
    limit=Limit(20.0, None, "%", "[D] coefficient of variation of the eccentric times"),
    measure=measure_consistency,
)
