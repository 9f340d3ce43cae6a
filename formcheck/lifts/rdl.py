"""Romanian deadlift: the hips go back while the back stays as it is; the range ends where the hips stop.

Definitions: docs/method.md (end of hip travel, squatting, rounding, tempo).
"""

from formcheck.lifts.check import HINGE, Lift, Trait
from formcheck.lifts.common import set_checks, tempo_check
from formcheck.lifts.hinge import (
    STANDING,
    hinge_trends,
    overrun_check,
    rounding_check,
    squat_check,
    stand_on_feet,
    travel_check,
)
from formcheck.lifts.hinge_form import bar_drift_check, lean_back_check, lockout_check

LIFT = Lift(
    name="rdl",
    title="Romanian deadlift",
    is_name=True,
    trains=(HINGE,),
    aliases=("romanian_deadlift",),
    signal="trunk_deg",
    min_range=25.0,
    posture=stand_on_feet,
    traits=(
        *STANDING,
        Trait("hand_drop_low", 0.7, 1.5, 0.2),
        Trait("hand_drop_tall", 0.7, 1.5, 0.2),
        Trait("arm_steady", 0.82, 1.0, 0.1),
    ),
    trends=hinge_trends("rdl"),
    bend="leg_fold_deg",
    checks=(
        rounding_check("rdl.rounding"),
        squat_check("rdl.squatted"),
        overrun_check("rdl.overrun"),
        travel_check("rdl.hip_travel"),
        lean_back_check("rdl.lean_back"),
        bar_drift_check("rdl.bar_drift"),
        lockout_check("rdl.lockout"),
        tempo_check("rdl.tempo", "trunk_deg"),
        *set_checks("trunk_deg"),
    ),
)
