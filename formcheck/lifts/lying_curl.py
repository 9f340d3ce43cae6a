"""Lying leg curl: face down in the machine, hips nearly straight."""

from formcheck.kinematics.bases import BENCH
from formcheck.lifts.check import KNEE_FLEXION, Lift, Trait
from formcheck.lifts.common import TURNED_SHORT, set_checks, tempo_check, tempo_trend
from formcheck.lifts.machine_curl import (
    HIPS_ERROR_THIGH,
    HIPS_SWUNG_THIGH,
    STILL_BODY,
    begin_with_the_concentric,
    extension_check,
    hip_lift_check,
    lie,
    partial_check,
    range_check,
    stack_drop_check,
    swing_check,
)

LIFT = Lift(
    name="lying_curl",
    title="Lying leg curl",
    trains=(KNEE_FLEXION,),
    aliases=("lying_leg_curl", "prone_curl", "prone_leg_curl"),
    signal="curl_deg",
    min_range=30.0,
    posture=lie,
    traits=(
        *STILL_BODY,
        Trait("hip_mid", -25, 42, 10),
        Trait("trunk_mid", 50, 115, 15),
        Trait("thigh_mid", 45, 115, 15),
    ),
    trends=(tempo_trend("lying_curl.tempo"),),
    checks=(
        hip_lift_check("lying_curl.hip_lift"),
        swing_check("lying_curl.swing", "hip_rise_thigh", HIPS_SWUNG_THIGH, HIPS_ERROR_THIGH),
        range_check("lying_curl.range"),
        partial_check("lying_curl.partial"),
        extension_check("lying_curl.extension"),
        stack_drop_check("lying_curl.drop"),
        tempo_check("lying_curl.tempo", "curl_deg"),
        *set_checks("curl_deg"),
    ),
    base=BENCH,
    open_ended=True,
    came_up=TURNED_SHORT,
    lifts_first=True,
    finish=begin_with_the_concentric,
)
