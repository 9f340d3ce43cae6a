"""Lying leg curl: face down in the machine, hips nearly straight."""

from formcheck.lifts.check import KNEE_FLEXION, Lift
from formcheck.lifts.common import set_checks, tempo_check
from formcheck.lifts.machine_curl import begin_with_the_concentric, hip_lift_check, lie, partial_check, range_check

LIFT = Lift(
    name="lying_curl",
    title="Lying leg curl",
    trains=(KNEE_FLEXION,),
    aliases=("lying_leg_curl", "prone_curl", "prone_leg_curl"),
    signal="curl_deg",
    min_range=30.0,
    posture=lie,
    checks=(
        hip_lift_check("lying_curl.hip_lift"),
        range_check("lying_curl.range"),
        partial_check("lying_curl.partial"),
        tempo_check("lying_curl.tempo", "curl_deg", lowered_first=False),
        *set_checks("curl_deg"),
    ),
    base="bench",
    open_ended=True,
    finish=begin_with_the_concentric,
)
