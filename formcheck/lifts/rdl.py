"""Romanian deadlift: the hips go back while the back stays as it is; the range ends where the hips stop.

Definitions: docs/method.md (end of hip travel, squatting, rounding, tempo).
"""

from formcheck.lifts import hinge, hinge_form
from formcheck.lifts.check import HINGE, Lift, Trait, code_checks
from formcheck.lifts.common import set_checks, tempo_check

LIFT = Lift(
    name="rdl",
    title="Romanian deadlift",
    is_name=True,
    trains=(HINGE,),
    aliases=("romanian_deadlift",),
    signal="trunk_deg",
    min_range=25.0,
    posture=hinge.stand_on_feet,
    traits=(
        *hinge.STANDING,
        Trait("hand_drop_low", 0.7, 1.5, 0.2),
        Trait("hand_drop_tall", 0.7, 1.5, 0.2),
        Trait("arm_steady", 0.82, 1.0, 0.1),
    ),
    trends=hinge.hinge_trends("rdl"),
    bend="leg_fold_deg",
    checks=(
        *code_checks("rdl", hinge.ROUNDING, hinge.SQUATTED, hinge.OVERRUN, hinge.HIP_TRAVEL),
        *code_checks("rdl", hinge_form.LEAN_BACK, hinge_form.BAR_DRIFT, hinge_form.LOCKOUT),
        hinge_form.level_check(
            "rdl.level",
            "Your {lower} hand hangs {value}° lower at the bottom. Keep your chest square to the floor, and let both "
            "arms hang alike.",
        ),
        tempo_check("rdl.tempo", "trunk_deg"),
        *set_checks("trunk_deg"),
    ),
)
