"""Good morning: a hinge with the bar on the upper back; the range ends where the hips stop.

Definitions: docs/method.md (end of hip travel, lever, tempo; rounding, where the plate leaves the back free).
The lever from hip to shoulder is what makes it hard: it is told for every rep.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from formcheck.data import Kinematics, Limit, Measure
from formcheck.events.lever import measure_lever
from formcheck.lifts import hinge, hinge_form
from formcheck.lifts.check import HINGE, Check, Lift, LiftSet, Trait, cannot, code_checks
from formcheck.lifts.common import set_checks, tempo_check
from formcheck.settings import MODELS
from formcheck.uncertainty import Z90

SHORT_LEVER_LEG = 0.25  # about 25 deg of trunk: hardly more than standing asks of the back of the legs [D]
MAX_TRUNK_CV_PCT = 6.0  # a trunk whose length varies by more has no shoulder landmark worth the name [D]
# The pose models see the shoulder too high and the hip too low: of what they show of a lever so much is true [S],
TRUE_LEVER = 0.9
LEVER_SIGMA_LEG = 0.05  # and one sigma of the rest, leg lengths [S]


def correct_lever(kinematics: Kinematics, model: str) -> Kinematics:
    """Return the set with the lever that is true where `model` shows it, and its error; NaN stays, and so does what no
    model of ours has seen.
    """
    if model not in MODELS:
        return kinematics
    channels = {**kinematics.channels, "lever_leg": TRUE_LEVER * kinematics["lever_leg"]}
    return replace(kinematics, channels=channels, error={**kinematics.error, "lever_leg": LEVER_SIGMA_LEG})


def measure_levers(lift_set: LiftSet) -> Iterator[Measure]:
    """Return the longest lever of every whole rep, leg lengths, with its course over the rep in the detail."""
    kinematics = lift_set.kinematics
    trunk_cv_pct = kinematics.quality.segment_cv_pct["trunk"]
    for rep in lift_set.reps:
        samples = slice(rep.start, rep.stop)
        lever = measure_lever(kinematics["lever_leg"][samples], kinematics.noise["lever_leg"])
        if not (rep.complete or rep.cut_off):
            yield cannot("a partial rep does not reach the end of the range", "leg", rep)
        elif not trunk_cv_pct <= MAX_TRUNK_CV_PCT:
            shaky = f"its length varies by {trunk_cv_pct:.0f} %, {MAX_TRUNK_CV_PCT:.0f} % at most is usable"
            yield cannot(f"the bar or a plate hides your shoulder (trunk: {shaky})", "leg", rep)
        elif lever is None:
            yield cannot("your shoulder or hip was hidden for part of the rep", "leg", rep)
        else:
            moment = rep.start + lever.sample
            detail = {
                "profile_leg": list(lever.profile_leg),
                "near_longest_share": lever.near_longest,
                "near_longest_pct": f"{100 * lever.near_longest:.0f}",
                "trunk_deg": float(kinematics["trunk_deg"][moment]),
            }
            half_leg = float(np.hypot(lever.error_leg, Z90 * kinematics.error.get("lever_leg", 0.0)))
            low, high = lever.longest_leg - half_leg, lever.longest_leg + half_leg
            longest_s = float(kinematics.time_s[moment])
            yield Measure(lever.longest_leg, low, high, "leg", rep.number, longest_s, rep.stop_s, None, detail)


LEVER = Check(
    code="good_morning.lever",
    title="How far the bar gets in front of the hips, horizontally (the load's lever)",
    why="The load sits at the far end of the trunk: its lever about the hips is what makes a good morning hard, and it "
    "grows until the trunk is level. A small weight on a long lever loads hamstrings and back as much as a heavy one "
    "on a short lever. Measured to the shoulder, not to the bar.",
    cue="The bar got only {percent} % of your leg length in front of your hips. Your hamstrings hardly feel that. Push "
    "your hips back and lean further, as far as your hips travel.",
    good="the bar got {percent} % of your leg length in front of your hips, and stayed near that for "
    "{near_longest_pct} % of the rep",
    limit=Limit(SHORT_LEVER_LEG, None, "leg", "[D] about 25 deg of trunk inclination", "below"),
    measure=measure_levers,
    method="lever",
    needs=frozenset({"side view"}),
    decimals=2,
    name="lever",
    spoken="Lean further forward.",
)

LIFT = Lift(
    name="good_morning",
    title="Good morning",
    trains=(HINGE,),
    signal="trunk_deg",
    min_range=25.0,
    posture=hinge.stand_on_feet,
    traits=(*hinge.STANDING, Trait("hand_far_low", 0.0, 0.65, 0.2), Trait("hand_far_tall", 0.0, 0.65, 0.2)),
    trends=hinge.hinge_trends("good_morning"),
    bend="leg_fold_deg",
    checks=(
        *code_checks("good_morning", hinge.ROUNDING, hinge.SQUATTED, hinge.OVERRUN, hinge.HIP_TRAVEL),
        LEVER,
        *code_checks("good_morning", hinge_form.LEAN_BACK, hinge_form.LOCKOUT),
        hinge_form.level_check(
            "good_morning.level",
            "The bar hangs {value}° lower on your {lower} at the bottom. Keep your chest square to the floor, and push "
            "both hips back alike.",
        ),
        tempo_check("good_morning.tempo", "trunk_deg"),
        *set_checks("trunk_deg"),
    ),
    correct=correct_lever,
)
