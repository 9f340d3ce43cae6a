"""The bank: sets of every lift by the hundred, drawn by number, small and quick to render.

Where a suite holds one fault a clip, these sets are what lifters do: two to six repetitions, sound and faulty mixed,
by one lifter whose hips stop at one place. A split is a seed; the numbers of a split's sets are endless, and a set is
the same whatever was drawn before it. Names: SPLIT_LIFT_NUMBER.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from samples.renderer.clips import Clip, clip_from
from samples.renderer.lifts import LIFTS as LIFT_KINDS
from samples.renderer.lifts import curls, ghr, nordic, rdl
from samples.renderer.motion import Course, stroke_edges
from samples.renderer.suite import Entry, Table, bystander, camera, drawn, either, hard, light, load, outfit

# "opened" to "opened11" are reports of 2026-11-27 to 29 that have been looked at since: they develop now.
SEEDS = {
    "develop": 3101,
    "calibrate": 4202,
    "opened": 20261127,
    "opened2": 5309,
    "opened3": 6421,
    "opened4": 7753,
    "opened5": 9127,
    "opened6": 10477,
    "opened7": 11831,
    "opened8": 14563,
    "opened9": 16573,
    "opened10": 18329,
    "opened11": 19937,
}
# Splits of hinges with faults of the kinds that `form_faults` draws, one seed each: a few sets that hold many.
FORM_SEEDS = {"form": 7717, "form2": 7718}
FORM_SHARE = 0.4  # of the repetitions have a fault of a kind
HINGES = ("rdl", "good_morning")
LIFTS = (*HINGES, "ghr", "nordic", "seated_curl", "lying_curl")
SIZES = {"rdl": 110, "good_morning": 40, "ghr": 40, "nordic": 40, "seated_curl": 40, "lying_curl": 40}  # of a split
STANCE = rdl.Stance()
LEAST_SLOPE = 0.4  # of the mean: a sound rep whose hips end slower is neither sound nor faulty
DEEPEST_DEG = 104.0
# What makes a hinge hard to see: name, variant (see `suite.hard`), share of the sets.
STRATA: tuple[tuple[str, str, float], ...] = (
    ("plain", "", 0.24), ("plain", "dumbbells", 0.06), ("plain", "portrait", 0.06), ("plates", "", 0.14),
    ("plates", "35", 0.08), ("yaw", "", 0.12), ("loose_top", "", 0.06), ("far", "", 0.06), ("dim", "", 0.06),
    ("busy", "", 0.05), ("bystander", "", 0.04), ("walk_in", "rack", 0.03),
)  # fmt: skip
# What is asked of a repetition of another lift than a hinge for a fault to be there.
FAULT_KEYS = (
    "hip_lift_thigh", "rock_deg", "throw_thigh", "short_deg", "drop_deg", "break_phi_deg", "hip_hinge_deg",
    "hip_lead_deg", "lumbar_deg", "stall_s", "arch_deg", "kick_deg",
)  # fmt: skip
FAULT_SHARE = 0.33  # of the repetitions of these lifts, for each of their faults
LEAST_CURL_DEG = 45.0  # of a knee's range that is left, however partial and short the curl
MOST_BEND_DEG, MOST_FOLD_DEG = 85.0, 95.0  # of the hips: in a Nordic, at the bottom of a raise
ARCH_SHARE = 0.25  # of the Nordics whose hips do not bend
NEAR_M = 1.75  # a lifter whom a lift's usual camera takes in whole
YAW_DEG = 8.0  # one sigma of the camera's yaw
LONG_PAUSE_S = 10.0
COURSES: dict[str, Callable[[Any], list[Course]]] = {
    "ghr": ghr.courses, "nordic": nordic.courses, "seated_curl": curls.courses, "lying_curl": curls.courses,
}  # fmt: skip
REPS = (2, 3, 4, 5, 6)
REP_SHARES = (0.52, 0.32, 0.10, 0.04, 0.02)


@dataclass(frozen=True)
class Habit:
    """What all repetitions of one lifter's set share. stop_deg: trunk lean at which the hips stop."""

    stop_deg: float
    hip_back_leg: float
    travel_power: float
    creep: float
    knee_deg: float
    soft_knee_deg: float
    lumbar_deg: float
    thoracic_deg: float
    eccentric_s: float
    late_lumbar_share: float
    waits: bool


def habit(random: np.random.Generator) -> Habit:
    """Draw one lifter's way to hinge."""
    stop_deg = drawn(random, 54.0, 84.0, 1)
    return Habit(
        stop_deg=stop_deg,
        hip_back_leg=drawn(random, 0.20, 0.34, 3),
        travel_power=either(random, 1.0, 1.2, 1.2, 1.4, 1.7),
        creep=either(random, 0.0, 0.0, 0.03, 0.05, -0.05),
        knee_deg=drawn(random, 8.0, 30.0, 1),
        soft_knee_deg=round(min(drawn(random, 25.0, 50.0, 1), 0.7 * stop_deg), 1),
        lumbar_deg=round(float(np.clip(random.normal(6.0, 9.0), -12.0, 24.0)), 1),
        thoracic_deg=drawn(random, 0.0, 16.0, 1),
        eccentric_s=round(0.7 + 2.9 * float(random.uniform()) ** 2, 2),
        late_lumbar_share=either(random, 0.0, 0.0, 0.5, 1.0),
        waits=bool(random.uniform() < 0.2),
    )


def least_reserve_deg(own: Habit) -> float:
    """Lean by which a sound rep has to turn before its hips stop, so that they still travel at `LEAST_SLOPE`."""
    way_deg = own.stop_deg - STANCE.trunk_deg
    left = np.linspace(0.01, 0.6, 60)
    slope = own.travel_power * left ** (own.travel_power - 1.0) * (1.0 - left) / (1.0 - left**own.travel_power)
    return float(left[int(np.argmax(slope >= LEAST_SLOPE))]) * way_deg


def hinge_rep(random: np.random.Generator, own: Habit, fault: str) -> Table:
    """Draw one repetition of a hinge: "none", "overrun", "squat" (on top of an overrun), "squat_alone", "rounding"."""
    down_end = either(random, 0.03, 0.045, 0.10, 0.18)
    eccentric_s = round(own.eccentric_s * drawn(random, 0.85, 1.15), 2)
    concentric_s = drawn(random, 0.7, 1.3)
    (down_low, down_high), (up_low, up_high) = (stroke_edges((rdl.DOWN_RAMPS[0], down_end)), stroke_edges(rdl.UP_RAMPS))
    ends_s = (1.0 - down_high) * eccentric_s / (down_high - down_low) + up_low * concentric_s / (up_high - up_low)
    table: Table = {
        "eccentric_s": eccentric_s, "concentric_s": concentric_s, "down_end": down_end,
        "pause_s": round(ends_s + 0.03 + either(random, 0.0, 0.1, 0.3, 0.7), 2), "rest_s": drawn(random, 0.25, 0.6),
        "knee_deg": round(own.knee_deg + drawn(random, -2.0, 2.0, 1), 1), "soft_knee_deg": own.soft_knee_deg,
        "lumbar_deg": round(own.lumbar_deg + drawn(random, -3.0, 3.0, 1), 1),
        "thoracic_deg": own.thoracic_deg, "travel_power": own.travel_power, "hip_back_leg": own.hip_back_leg,
    }  # fmt: skip
    if fault == "rounding":
        table["lumbar_deg"] = drawn(random, 28.0, 50.0, 1)
    if fault in {"overrun", "squat"}:
        over = drawn(random, 3.0, 35.0, 1)
        over = round(min(over, DEEPEST_DEG - own.stop_deg), 1)
        late = round(own.late_lumbar_share * over * drawn(random, 0.8, 1.2), 1)
        table |= {"overrun_deg": over, "trunk_deg": round(own.stop_deg + over, 1), "creep": own.creep,
                  "late_lumbar_deg": late}  # fmt: skip
        if own.waits:
            table["stop_pause_s"] = drawn(random, 0.3, 1.0)
    else:
        reserve = drawn(random, 0.0, 10.0, 1) + round(max(3.0, least_reserve_deg(own)), 1)
        table |= {"trunk_deg": round(own.stop_deg - reserve, 1), "reserve_deg": reserve}
        table["hip_back_leg"] = reached_leg(own, reserve)
    if fault in {"squat", "squat_alone"}:
        table |= {"squat_deg": drawn(random, 10.0, 40.0, 1), "squat_span_deg": drawn(random, 6.0, 11.0, 1)}
    return table


def reached_leg(own: Habit, reserve_deg: float) -> float:
    """Hip travel at the bottom of a rep that turns `reserve_deg` before its lifter's hips stop."""
    left = reserve_deg / (own.stop_deg - STANCE.trunk_deg)
    start = STANCE.hip_back_leg
    return round(start + (own.hip_back_leg - start) * float(1.0 - left**own.travel_power), 3)


def form_faults(random: np.random.Generator, lift: str, count: int) -> list[Table]:
    """Draw what a coach sees besides: of each repetition the bar's place, the neck, the top and the knees on the way,
    each sound or faulty whatever the others are. A good morning's bar stays on the back.
    """

    def sometimes(size: float) -> float:
        return often(random, size, FORM_SHARE)

    tables: list[Table] = []
    for _ in range(count):
        away = sometimes(drawn(random, 0.06, 0.26))
        look = sometimes(either(random, drawn(random, 20.0, 60.0, 1), drawn(random, -50.0, -20.0, 1)))
        top = sometimes(either(random, drawn(random, 6.0, 22.0, 1), drawn(random, -18.0, -5.0, 1)))
        knee = sometimes(either(random, drawn(random, 8.0, 30.0, 1), drawn(random, -14.0, -5.0, 1)))
        table: Table = {"look_up_deg": look, "top_deg": top, "knee_way_deg": knee}
        tables.append(table | ({"bar_away_m": away} if lift == "rdl" else {}))
    return tables


def hinge_faults(random: np.random.Generator, count: int) -> list[str]:
    """Draw the faults of a set: all sound, all of one kind, or mixed."""
    kinds, shares = ("overrun", "squat", "squat_alone", "rounding"), (0.62, 0.12, 0.10, 0.16)
    kind = str(random.choice(kinds, p=shares))
    manner = random.uniform()
    if manner < 0.22:
        return ["none"] * count
    if manner < 0.45:
        return [kind] * count
    return [kind if random.uniform() < 0.62 else "none" for _ in range(count)]


def body(random: np.random.Generator, number: int) -> Table:
    """Draw a body; women and men take turns."""
    low, high = ((1.50, 1.82), (1.62, 1.98))[number % 2]
    return {
        "sex": float(number % 2), "muscle": drawn(random, 0.2, 1.0), "weight": drawn(random, 0.25, 0.95),
        "stature_m": drawn(random, low, high), "proportions": drawn(random, -0.7, 0.7),
        "hip_depth": drawn(random, 0.52, 0.68),
    }  # fmt: skip


def recording(random: np.random.Generator) -> Table:
    """Draw how the camera records: 24 to 30 frames a second, well or badly compressed."""
    return {"fps": either(random, 24.0, 25.0, 25.0, 25.0, 30.0), "crf": int(either(random, 20, 23, 26, 30)),
            "preset": "veryfast"}  # fmt: skip


def framing(stratum: str, variant: str) -> tuple[float, tuple[int, int]]:
    """Give the share of the picture's height that the standing lifter takes, and the picture's size."""
    if stratum == "far":
        return 0.36, (640, 480)
    if variant == "portrait":
        return 0.52, (360, 480)
    return 0.62 if stratum in {"walk_in", "bystander"} else 0.72, (480, 360)


def common(random: np.random.Generator, number: int, lift: str, about: str) -> Table:
    """Draw what every set has: the lifter, their clothes, the light, the room, the recording."""
    worn = outfit(random) | {"shorts_length_m": drawn(random, 0.08, 0.38)}
    return {
        "lift": lift, "about": about, "seed": int(random.integers(1_000_000)), "before_s": drawn(random, 0.8, 1.6),
        "after_s": drawn(random, 0.5, 1.0), "edge_samples": 0, "shadow_every": 3, "grain": drawn(random, 1.0, 5.0),
        "build": body(random, number), "outfit": worn, "light": light(random),
        "room": {"wall_m": drawn(random, 0.9, 3.0), "wall": [drawn(random, 0.2, 0.85) for _ in range(3)]},
        "recording": recording(random),
    }  # fmt: skip


def hinge_table(random: np.random.Generator, number: int, lift: str) -> tuple[Table, str, str]:
    """Draw one set of hinges: its table, its stratum and its faults."""
    chosen = int(random.choice(len(STRATA), p=[share for _, _, share in STRATA]))
    stratum, variant, _ = STRATA[chosen]
    if lift == "good_morning" and (stratum == "walk_in" or variant == "dumbbells"):
        stratum, variant = "plain", ""
    faults = hinge_faults(random, int(random.choice(REPS, p=REP_SHARES)))
    own = habit(random)
    table = common(random, number, lift, f"{stratum} {variant}".strip() + f", faults: {', '.join(faults)}")
    stature = float(str(table["build"]["stature_m"]))  # type: ignore[index]
    table |= {
        "camera": camera(random, stature, *framing(stratum, variant)), "load": load(random),
        "reps": [hinge_rep(random, own, fault) for fault in faults],
        "stance": {"toes_out_deg": drawn(random, 0.0, 25.0, 1)},
    }  # fmt: skip
    yaw = either(random, -1.0, 1.0) * drawn(random, 10.0, 25.0, 1)
    told = hard(random, stratum, variant)
    if stratum == "yaw":
        told = {"camera": {"yaw_deg": yaw}}
    if variant == "35":
        told = {"load": {"kind": "bar", "plate_m": 0.35, "bar_m": drawn(random, 1.5, 2.2)}}
    for name, keys in told.items():
        table[name] = table.get(name, {}) | keys  # type: ignore[operator]
    if stratum == "bystander":
        acts = (("walk", 0.0), ("phone", either(random, -1.0, 1.0)))
        table["bystanders"] = [bystander(random, number + i + 1, *act) for i, act in enumerate(acts)]
        table["room"] = {"wall_m": 2.7}
    if stratum == "walk_in":
        table |= {"before_s": 2.6, "after_s": 2.6}
    return table, stratum, " ".join(faults)


def often(random: np.random.Generator, size: float, share: float = FAULT_SHARE) -> float:
    """Give a fault's size in a share of the repetitions, 0 in the others."""
    return size if random.uniform() < share else 0.0


def curl_reps(random: np.random.Generator, lift: str, count: int, rest_deg: float) -> list[Table]:
    """Draw curls by one lifter; each fault comes or not whatever the others do. rest_deg: knee flexion of rest."""
    most = drawn(random, 100.0, 118.0, 1)
    knees = [round(most + drawn(random, -3.0, 3.0, 1) - often(random, drawn(random, 10.0, 48.0, 1)), 1)
             for _ in range(count)]  # fmt: skip
    tables: list[Table] = []
    for number, (knee, following) in enumerate(zip(knees, [*knees[1:], most], strict=True), 1):
        short = often(random, drawn(random, 5.0, 50.0, 1)) * (number < count)  # who stops lets the weight down
        short = max(0.0, round(min(short, min(knee, following) - rest_deg - LEAST_CURL_DEG), 1))
        drop = often(random, drawn(random, 12.0, 80.0, 1))
        table: Table = {
            "knee_deg": knee, "concentric_s": drawn(random, 0.6, 1.6), "eccentric_s": drawn(random, 1.0, 2.6),
            "rest_s": drawn(random, 0.3, 0.8), "short_deg": short, "lift_from": drawn(random, 0.2, 0.5),
            "hip_lift_thigh": often(random, drawn(random, 0.04, 0.24)),
            "drop_deg": round(min(drop, 0.75 * (knee - rest_deg - short)), 1),
            "drop_dps": drawn(random, 220.0, 420.0, 0),
        }  # fmt: skip
        if random.uniform() < FAULT_SHARE:  # quick, and three in four of those throw the body into it
            thrown = random.uniform() < 0.75
            size = drawn(random, 8.0, 34.0, 1) if lift == "seated_curl" else drawn(random, 0.08, 0.32)
            table |= {"concentric_s": drawn(random, 0.26, 0.38), "ramp": drawn(random, 0.38, 0.5),
                      "rock_deg" if lift == "seated_curl" else "throw_thigh": size if thrown else 0.0}  # fmt: skip
            table["rest_s"] = drawn(random, 0.5, 0.8)
        tables.append(table)
    return tables


def nordic_reps(random: np.random.Generator, count: int) -> list[Table]:
    """Draw Nordics by one lifter: one who goes down to the hands, or one who turns before them and comes up alone."""
    hands = bool(random.uniform() < 0.5)
    way = drawn(random, 63.0, 76.0, 1) if hands else drawn(random, 42.0, 62.0, 1)
    tables: list[Table] = []
    for _ in range(count):
        table: Table = {
            "eccentric_s": drawn(random, 1.8, 3.8), "concentric_s": drawn(random, 1.1, 2.2), "hands": hands,
            "rest_s": drawn(random, 0.5, 0.9), "phi_deg": round(way + drawn(random, 4.0, 8.0, 1), 1),
            "hip_hinge_deg": often(random, drawn(random, 8.0, 70.0, 1), 0.25),
        }  # fmt: skip
        if not table["hip_hinge_deg"] and random.uniform() < ARCH_SHARE:
            arch = drawn(random, 8.0, 40.0, 1)  # with a pelvis that tips (the hips stay) or hips that open
            table |= {"lumbar_deg": -arch, "hip_hinge_deg": -round(arch * drawn(random, 0.0, 0.8), 1)}
        if hands:
            table["catch_phi_deg"] = way
            fall = often(random, drawn(random, 6.0, 34.0, 1), 0.55)
            if fall:
                table |= {"break_phi_deg": round(max(way - fall, 30.0), 1), "fall_dps2": drawn(random, 150.0, 500.0, 0)}
        else:
            lead = often(random, drawn(random, 10.0, 85.0, 1), 0.5)
            table["hip_lead_deg"] = round(min(lead, MOST_BEND_DEG - max(float(str(table["hip_hinge_deg"])), 0.0)), 1)
        tables.append(table)
    return tables


def kick_over(bend_deg: float, kick_deg: object) -> float:
    """Give the part of a kick that hips can fold which are bent already."""
    return round(min(float(str(kick_deg)), MOST_FOLD_DEG - bend_deg), 1)


def ghr_reps(random: np.random.Generator, count: int) -> list[Table]:
    """Draw glute-ham raises by one lifter."""
    phi = drawn(random, 84.0, 92.0, 1)
    tables: list[Table] = []
    for _ in range(count):
        short = often(random, drawn(random, 5.0, 48.0, 1))
        table: Table = {
            "eccentric_s": drawn(random, 1.4, 2.8), "concentric_s": drawn(random, 1.4, 2.4),
            "rest_s": drawn(random, 0.7, 1.0), "phi_deg": phi, "short_deg": short,
            "hip_hinge_deg": often(random, drawn(random, 15.0, 85.0, 1), 0.25), "kick_s": drawn(random, 0.2, 0.7),
        }  # fmt: skip
        kick = often(random, drawn(random, 15.0, 80.0, 1), 0.4)
        table["kick_deg"] = kick_over(float(str(table["hip_hinge_deg"])), kick)
        if random.uniform() < FAULT_SHARE:
            table |= {
                "concentric_s": drawn(random, 2.4, 3.4), "stall_s": drawn(random, 0.3, 1.2),
                "stall_trunk_deg": drawn(random, 62.0, 78.0, 1), "stall_depth": drawn(random, 0.75, 0.96),
                "short_deg": min(short, 20.0), "arch_deg": often(random, drawn(random, 8.0, 36.0, 1), 0.5),
                "shake_deg": often(random, drawn(random, 0.4, 1.2), 0.4), "shake_hz": drawn(random, 5.0, 10.0, 1),
            }  # fmt: skip
            table["arch_hip_deg"] = round(float(str(table["arch_deg"])) * drawn(random, 0.0, 0.8), 1)
        tables.append(table)
    return tables


def lift_keys(random: np.random.Generator, lift: str, number: int) -> Table:
    """Draw what a set of another lift than a hinge has of its own, with its repetitions; no pauses yet."""
    count = int(random.choice((2, 3, 4), p=(0.15, 0.5, 0.35)))
    if lift == "ghr":
        start, raises = ("top", "bottom")[int(random.integers(2))], ghr_reps(random, count)
        if start == "bottom":  # between repetitions they hang with the hips bent as they are, so all share one bend
            bend = float(str(raises[0]["hip_hinge_deg"]))
            raises = [one | {"hip_hinge_deg": bend, "kick_deg": kick_over(bend, one["kick_deg"])} for one in raises]
        return {"pivot_over_thigh": drawn(random, -0.08, 0.26), "start": start, "reps": raises}
    if lift == "nordic":
        keys: Table = {"shank_deg": either(random, 90.0, 90.0, 90.0, 85.0, 80.0), "reps": nordic_reps(random, count)}
        if random.uniform() < 0.25:
            keys["partner"] = {"present": True, "build": body(random, number + 1), "outfit": outfit(random)}
        return keys
    rest = drawn(random, 2.0, 14.0, 1)
    bent = drawn(random, 62.0, 100.0, 1) if lift == "seated_curl" else drawn(random, 8.0, 38.0, 1)
    return {"knee_rest_deg": rest, "hip_deg": bent, "reps": curl_reps(random, lift, count, rest)}


def with_pauses(random: np.random.Generator, lift: str, keys: Table) -> Table:
    """Give the repetitions pauses that can be had: what the slow ends of their strokes take, and a little more.

    Raises ValueError when a repetition cannot be had at all.
    """
    reps = keys["reps"]
    assert isinstance(reps, list)
    asked = [rep | {"pause_s": LONG_PAUSE_S} for rep in reps]
    moves = clip_from("drawn", keys | {"lift": lift, "about": "", "reps": asked}).moves
    ends_s = [LONG_PAUSE_S - one.hold_s for one in COURSES[lift](moves)]
    paused = [rep | {"pause_s": round(end_s + 0.02 + drawn(random, 0.05, 0.6), 2)}
              for rep, end_s in zip(reps, ends_s, strict=True)]  # fmt: skip
    return keys | {"reps": paused}


def faulty_keys(reps: list[Table]) -> str:
    """Name the faults that were asked for in each repetition."""
    told = [[key for key in FAULT_KEYS if rep.get(key)] for rep in reps]
    return ", ".join("+".join(key.removesuffix("_deg").removesuffix("_thigh") for key in one) or "none" for one in told)


def other_set(random: np.random.Generator, number: int, lift: str) -> tuple[Table, str, str]:
    """Draw one set of a lift other than a hinge: its table, its stratum and its faults."""
    stratum = str(random.choice(("plain", "dim", "bystander"), p=(0.76, 0.14, 0.10)))
    while True:
        try:
            keys = with_pauses(random, lift, lift_keys(random, lift, number))
            break
        except ValueError:  # a stall or a fall that this repetition's time has no room for
            continue
    reps = keys["reps"]
    assert isinstance(reps, list)
    faults = faulty_keys(reps)
    table = common(random, number, lift, f"{stratum}, faults: {faults}")
    stature = float(str(table["build"]["stature_m"]))  # type: ignore[index]
    seen = camera(random, stature, 0.70, (480, 360))
    own = {key: seen[key] for key in ("width_px", "height_px", "roll_deg", "near_side")}
    usual = LIFT_KINDS[lift].scene["camera"]
    assert isinstance(usual, dict)
    own["distance_m"] = round(usual["distance_m"] * max(stature / NEAR_M, 1.0) * drawn(random, 1.0, 1.2), 2)
    own["yaw_deg"] = round(float(random.normal(0.0, YAW_DEG)), 1)
    table |= keys | {"camera": own}
    table["room"] = {"wall_m": drawn(random, 2.0, 3.0), "wall": [drawn(random, 0.2, 0.85) for _ in range(3)]}
    if stratum == "dim":
        table["light"] = light(random) | {"room": drawn(random, 0.24, 0.36)}
    if stratum == "bystander":
        acts = (("walk", 0.0), ("phone", either(random, -1.0, 1.0)))
        table["bystanders"] = [bystander(random, number + i + 1, *act) for i, act in enumerate(acts)]
        table["room"] = {"wall_m": 2.7}
    return table, stratum, faults


def form_set(random: np.random.Generator, number: int, lift: str) -> tuple[Table, str, str]:
    """Draw one set of hinges whose faults are those of `form_faults` alone: its table, its stratum and its faults."""
    table, stratum, _ = hinge_table(random, number, lift)
    own = habit(random)
    forms = form_faults(random, lift, int(random.choice((3, 4))))
    if any(float(str(each["knee_way_deg"])) < 0.0 for each in forms):
        own = replace(own, knee_deg=max(own.knee_deg, 24.0))  # to have what they straighten
    table["reps"] = [hinge_rep(random, own, "none") | form for form in forms]
    return table, stratum, "form"


def draw_set(split: str, lift: str, number: int, seed: int | None = None) -> Entry:
    """Draw one set of the bank; `seed` where the split has none of its own (a report's)."""
    known = {**SEEDS, **FORM_SEEDS}
    generator = np.random.default_rng([known[split] if seed is None else seed, LIFTS.index(lift), number])
    draw = form_set if split.startswith("form") else hinge_table if lift in HINGES else other_set
    table, stratum, faults = draw(generator, number, lift)
    clip: Clip = clip_from(f"{split}_{lift}_{number:03d}", table)
    return Entry(clip, stratum, faults, table)


def numbered(split: str, lift: str) -> list[tuple[str, str, int]]:
    """Name every set of one lift in a split."""
    return [(split, lift, number) for number in range(SIZES[lift])]
