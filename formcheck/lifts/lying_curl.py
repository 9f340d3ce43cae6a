"""Lying leg curl: face down in the machine, hips nearly straight."""

from formcheck.kinematics.bases import BENCH
from formcheck.lifts import machine_curl as curls
from formcheck.lifts.check import KNEE_FLEXION, Lift, Trait, code_checks
from formcheck.lifts.common import TURNED_SHORT, set_checks, tempo_check, tempo_trend

LIFT = Lift(
    name="lying_curl",
    title="Lying leg curl",
    trains=(KNEE_FLEXION,),
    aliases=("lying_leg_curl", "prone_curl", "prone_leg_curl"),
    signal="curl_deg",
    min_range=30.0,
    posture=curls.lie,
    traits=(
        *curls.STILL_BODY,
        Trait("hip_mid", -25, 42, 10),
        Trait("trunk_mid", 50, 115, 15),
        Trait("thigh_mid", 45, 115, 15),
    ),
    trends=(tempo_trend("lying_curl.tempo"),),
    checks=(
        *code_checks("lying_curl", curls.HIP_LIFT),
        curls.swing_check("lying_curl.swing", "hip_rise_thigh", curls.HIPS_SWUNG_THIGH, curls.HIPS_ERROR_THIGH),
        *code_checks("lying_curl", curls.CURL_RANGE, curls.SHORT_CURL, curls.EXTENSION, curls.STACK_DROP),
        tempo_check("lying_curl.tempo", "curl_deg"),
        *set_checks("curl_deg"),
    ),
    base=BENCH,
    open_ended=True,
    came_up=TURNED_SHORT,
    lifts_first=True,
    finish=curls.begin_with_the_concentric,
)
