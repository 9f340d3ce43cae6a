"""Romanian deadlift: the hips go back while the back stays as it is; the range ends where the hips stop.

Definitions: docs/method.md (end of hip travel, squatting, rounding, tempo).
"""

from dataclasses import replace

import numpy as np

from formcheck.data import Kinematics
from formcheck.lifts import hinge, hinge_form
from formcheck.lifts.check import HINGE, Lift, Trait, code_checks
from formcheck.lifts.common import set_checks, tempo_check
from formcheck.settings import MODELS

# By how much the thigh looks inclined too far forward, deg, at a hip flexion: arms that hang before it pull the hip
# landmark along, most while the hands pass it. In good mornings, whose arms do not, it is within 0.6 [S].
HIP_SEEN_DEG = (0.0, 10.0, 22.0, 37.0, 52.0, 67.0, 82.0)
THIGH_TOO_FAR_DEG = (1.5, 1.1, 2.6, 2.1, 0.8, -0.1, -0.6)


def correct_thigh(kinematics: Kinematics, model: str) -> Kinematics:
    """Return the set with thigh, hip and knee corrected for how `model` sees thighs behind hanging arms; NaN stays, and
    so does what no model of ours has seen.
    """
    if model not in MODELS:
        return kinematics
    too_far_deg = np.interp(kinematics["hip_flexion_deg"], HIP_SEEN_DEG, THIGH_TOO_FAR_DEG)
    corrected = {
        "thigh_deg": kinematics["thigh_deg"] - too_far_deg,
        "hip_flexion_deg": kinematics["hip_flexion_deg"] + too_far_deg,
        "knee_flexion_deg": kinematics["knee_flexion_deg"] + too_far_deg,
    }
    return replace(kinematics, channels={**kinematics.channels, **corrected})


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
    correct=correct_thigh,
)
