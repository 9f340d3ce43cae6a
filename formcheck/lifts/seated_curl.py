"""Seated leg curl: hips bent, which puts the hamstrings on stretch."""

import math
from dataclasses import replace

import numpy as np

from formcheck.data import Kinematics, Limit, Measure
from formcheck.events.curl import LEAST_ANGLE_ERROR_DEG, find_stretched, hold_thigh
from formcheck.kinematics.bases import BENCH
from formcheck.lifts import machine_curl as curls
from formcheck.lifts.check import KNEE_FLEXION, Check, Lift, LiftSet, Trait, cannot, code_checks
from formcheck.lifts.common import TURNED_SHORT, set_checks, tempo_check, tempo_trend
from formcheck.signals import MAD_TO_SIGMA, median
from formcheck.uncertainty import Z90

# What is added to a knee flexion as the quicker models see it, deg: they bend a seated, stretched knee too much and a
# curled one too little. Learnt for full on four rendered sets; a fit to three of them leaves 2.3 to 3.2 deg RMSE in the
# fourth. heavy needs none [S].
SEEN_DEG = (30.0, 60.0, 105.0)
ADDED_DEG = (-7.5, -0.8, 3.3)  # to what is seen there, so that it is what is true [docs/calibration.md]
CORRECTED = ("lite", "full")
SETUP_DEG = 5.5  # half of the 90 % interval of that hip's errors in 33 rendered sets [S]
UPRIGHT_HIP_DEG = 75.0  # hip flexion of somebody who sits up; less is leaning back [D]


def correct_knee(kinematics: Kinematics, model: str) -> Kinematics:
    """Return the set with the knee's flexion between the shank and the thigh that the machine holds, corrected for how
    `model` sees seated legs. NaN stays; a set whose ankle was hidden, which has no knee flexion, stays as it is.
    """
    if not np.isfinite(kinematics["knee_flexion_deg"]).any():
        return kinematics
    stretched = find_stretched(kinematics["curl_deg"])
    held_deg = hold_thigh(kinematics["thigh_deg"], kinematics["hip_rise_thigh"], stretched)
    knee_deg = kinematics["shank_deg"] - held_deg
    if model in CORRECTED:
        knee_deg += np.interp(knee_deg, SEEN_DEG, ADDED_DEG)
    return replace(kinematics, channels={**kinematics.channels, "knee_flexion_deg": knee_deg, "curl_deg": knee_deg})


def measure_setup(lift_set: LiftSet) -> tuple[Measure, ...]:
    """Return the hip flexion with stretched legs, degrees, for the set."""
    kinematics = lift_set.kinematics
    hip_deg = curls.measure_start_hip(kinematics)
    if math.isnan(hip_deg):
        return (cannot("your hip and shoulder were never visible with straight legs", "deg"),)
    seen_deg = kinematics["hip_flexion_deg"][find_stretched(kinematics["curl_deg"])]
    error_deg = max(SETUP_DEG, Z90 * MAD_TO_SIGMA * median(abs(seen_deg - hip_deg)))
    span = float(kinematics.time_s[0]), float(kinematics.time_s[-1])
    return (Measure(hip_deg, hip_deg - error_deg, hip_deg + error_deg, "deg", None, *span),)


SETUP = Check(
    code="seated_curl.setup",
    title="How far the hips are bent with the legs straight",
    why="Bent hips put the hamstrings on stretch: that is what the seated curl is for. It added 14 % "
    "of hamstring volume, the lying curl 9 % (Maeo 2021). Leaning back gives the stretch away.",
    cue="You lean back: your hips are bent only {value}°. Sit up with your back against the pad, so that your "
    "hamstrings start stretched.",
    good="hips bent {value}° at the start: the hamstrings start stretched",
    limit=Limit(UPRIGHT_HIP_DEG, None, "deg", "[D]; that the stretch pays off is [P] Maeo 2021", "below"),
    measure=measure_setup,
    method="leg-curls",
    needs=frozenset({"side view"}),
    name="hip angle",
    spoken="Sit up, your back against the pad.",
)

LIFT = Lift(
    name="seated_curl",
    title="Seated leg curl",
    trains=(KNEE_FLEXION,),
    aliases=("seated_leg_curl",),
    signal="curl_deg",
    min_range=30.0,
    posture=curls.sit,
    traits=(
        *curls.STILL_BODY,
        Trait("hip_mid", 60, 130, 5),
        Trait("trunk_mid", -60, 45, 15),
        Trait("thigh_mid", -120, -55, 15),
        Trait("knee_start_share", 0.0, 0.3, 0.5),
    ),
    trends=(tempo_trend("seated_curl.tempo"),),
    checks=(
        *code_checks("seated_curl", curls.HIP_LIFT),
        curls.swing_check("seated_curl.swing", "trunk_deg", curls.TRUNK_SWUNG_DEG, LEAST_ANGLE_ERROR_DEG),
        SETUP,
        *code_checks("seated_curl", curls.CURL_RANGE, curls.SHORT_CURL, curls.EXTENSION, curls.STACK_DROP),
        tempo_check("seated_curl.tempo", "curl_deg"),
        *set_checks("curl_deg"),
    ),
    base=BENCH,
    open_ended=True,
    came_up=TURNED_SHORT,
    lifts_first=True,
    finish=curls.begin_with_the_concentric,
    correct=correct_knee,
    model="heavy",  # sees stretched legs nearly stretched, so that lowerings end when they do
)
