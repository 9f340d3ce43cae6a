"""Two fixed lists of clips with the nuisances of real gyms: `dev` to work with, `test` to measure with.

A clip is a table as in clips.toml, drawn by a seeded generator, plus its stratum: what makes it hard.

    python -m samples.renderer.render --suite dev --out DIR
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from samples.renderer.clips import Clip, clip_from

Table = dict[str, object]
Colour = list[float]

SEEDS = {"dev": 1001, "test": 2002}
SEX = {"dev": 0, "test": 1}  # who begins: women and men take turns
HIP_DEPTH = 0.60  # see body.hip_z_m
DRAWN_AS = 1  # counts up when the same table gives another picture
STRATA = ("plain", "plates", "yaw", "loose_top", "far", "dim", "busy", "fps", "bystander", "walk_in")
FAULTS = ("none", "overrun", "rounding", "squat", "both")
OTHER_LIFTS = ("good_morning", "ghr", "nordic", "seated_curl", "lying_curl")  # strata of their own
OTHER_FAULTS = ("none", "overrun", "stall", "break", "partial", "hip_lift")
# Stratum, variant, fault; what a variant does is in `hard` and `framing`. More is added at the end: a clip's number is
# its seed.
PLANS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "dev": (
        ("plain", "", "none"), ("plain", "", "overrun"), ("plain", "dumbbells", "rounding"), ("plates", "", "none"),
        ("yaw", "some", "none"), ("yaw", "some", "both"), ("yaw", "much", "none"), ("loose_top", "", "none"),
        ("far", "", "overrun"), ("dim", "", "none"), ("busy", "", "squat"), ("fps", "24", "none"),
        ("bystander", "", "rounding"), ("walk_in", "floor", "none"),
        ("plain", "", "none"), ("plain", "", "rounding"), ("plain", "portrait", "overrun"),
        ("loose_top", "", "overrun"), ("loose_top", "", "none"), ("plates", "", "overrun"),
        ("bystander", "", "none"), ("walk_in", "rack", "none"), ("dim", "", "overrun"),
        ("good_morning", "", "none"), ("good_morning", "", "overrun"), ("ghr", "", "none"), ("ghr", "", "stall"),
        ("nordic", "", "none"), ("nordic", "", "break"), ("seated_curl", "", "none"), ("seated_curl", "", "partial"),
        ("lying_curl", "", "none"), ("lying_curl", "", "hip_lift"),
    ),
    "test": (
        ("plain", "", "none"), ("plain", "", "none"), ("plain", "portrait", "none"), ("plain", "", "none"),
        ("plain", "dumbbells", "none"), ("plain", "", "overrun"), ("plain", "", "rounding"), ("plates", "", "none"),
        ("plates", "", "squat"), ("yaw", "some", "none"), ("yaw", "much", "both"), ("loose_top", "", "none"),
        ("far", "", "none"), ("dim", "", "overrun"), ("busy", "", "none"), ("fps", "60", "both"),
        ("bystander", "", "none"), ("walk_in", "rack", "rounding"),
        ("good_morning", "", "none"), ("good_morning", "", "overrun"), ("ghr", "", "none"), ("ghr", "", "stall"),
        ("nordic", "", "none"), ("nordic", "", "break"), ("seated_curl", "", "none"), ("seated_curl", "", "partial"),
        ("lying_curl", "", "none"), ("lying_curl", "", "hip_lift"),
        ("seated_curl", "", "none"), ("seated_curl", "", "partial"), ("nordic", "", "none"), ("nordic", "", "break"),
        ("ghr", "", "none"), ("ghr", "", "stall"), ("good_morning", "", "none"), ("good_morning", "", "overrun"),
        ("lying_curl", "", "none"), ("lying_curl", "", "hip_lift"),
        ("plates", "", "overrun"), ("plates", "", "none"), ("plates", "", "rounding"),
    ),
}  # fmt: skip
SKINS = ((0.88, 0.69, 0.58), (0.78, 0.57, 0.45), (0.64, 0.45, 0.34), (0.47, 0.31, 0.22), (0.31, 0.20, 0.14))
HAIRS = ((0.20, 0.13, 0.09), (0.08, 0.06, 0.05), (0.55, 0.40, 0.22), (0.36, 0.18, 0.10))


@dataclass(frozen=True)
class Entry:
    """One clip of a suite. table: as in clips.toml, what `clip` was made from. fault: one of `FAULTS`."""

    clip: Clip
    stratum: str
    fault: str
    table: Table

    @property
    def digest(self) -> str:
        """Name everything that decides the picture: SHA-256 of the table."""
        told = json.dumps([DRAWN_AS, self.clip.name, self.table], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


def drawn(random: np.random.Generator, low: float, high: float, places: int = 2) -> float:
    """Draw an even number from low to high, rounded."""
    return round(float(random.uniform(low, high)), places)


def either(random: np.random.Generator, *choices: float) -> float:
    """Draw one of the given numbers."""
    return choices[int(random.integers(len(choices)))]


def build(random: np.random.Generator, number: int) -> Table:
    """Draw a body; women and men take turns."""
    man = number % 2
    low, high = ((1.55, 1.82), (1.64, 1.95))[man]
    return {
        "sex": float(man), "muscle": drawn(random, 0.35, 0.95), "weight": drawn(random, 0.3, 0.85),
        "stature_m": drawn(random, low, high), "proportions": drawn(random, -0.5, 0.5), "hip_depth": HIP_DEPTH,
    }  # fmt: skip


def outfit(random: np.random.Generator) -> Table:
    """Draw skin, hair and clothes."""
    skin, hair = SKINS[int(random.integers(len(SKINS)))], HAIRS[int(random.integers(len(HAIRS)))]
    shirt: Colour = [drawn(random, 0.05, 0.85) for _ in range(3)]
    grey = drawn(random, 0.05, 0.45)
    shorts: Colour = [round(grey + drawn(random, 0.0, 0.15), 2) for _ in range(3)]
    return {"skin": list(skin), "hair": list(hair), "shirt": shirt, "shorts": shorts,
            "shorts_length_m": drawn(random, 0.12, 0.30)}  # fmt: skip


def camera(random: np.random.Generator, stature_m: float, share: float, size_px: tuple[int, int]) -> Table:
    """Draw a camera about from the side in which a standing lifter takes a share of the picture's height."""
    view = drawn(random, 30.0, 44.0, 1)
    distance = round(stature_m / share / 2.0 / float(np.tan(np.radians(view / 2.0))), 2)
    height = drawn(random, 0.6, 1.3)
    aim = float(np.degrees(np.arctan((0.49 * stature_m - height) / distance)))
    return {
        "width_px": size_px[0], "height_px": size_px[1], "view_deg": view, "distance_m": distance, "height_m": height,
        "pitch_deg": round(aim + float(random.normal(0.0, 0.7)), 1),
        "roll_deg": round(float(random.normal(0.0, 1.0)), 1),
        "yaw_deg": drawn(random, -5.0, 5.0, 1), "near_side": ("right", "left")[int(random.integers(2))],
        "centre_z_m": drawn(random, -0.05, 0.25),
    }  # fmt: skip


def rep(random: np.random.Generator, fault: str) -> Table:
    """Draw one repetition, sound or with a fault."""
    eccentric_s, concentric_s = round(1.2 + 3.8 * float(random.uniform()) ** 3, 2), drawn(random, 0.8, 1.2)
    ends_s = 0.05 * eccentric_s + 0.15 * concentric_s  # what the slow ends of the strokes take of the pause
    table: Table = {
        "eccentric_s": eccentric_s, "pause_s": round(drawn(random, 0.15, 0.5) + ends_s, 2),
        "concentric_s": concentric_s, "rest_s": drawn(random, 0.3, 0.5),
        "trunk_deg": drawn(random, 64.0, 82.0, 1), "hip_back_leg": drawn(random, 0.25, 0.32, 3),
        "knee_deg": drawn(random, 12.0, 25.0, 1), "lumbar_deg": drawn(random, -5.0, 12.0, 1),
        "thoracic_deg": drawn(random, 0.0, 6.0, 1),
    }  # fmt: skip
    overrun, lumbar, squat = drawn(random, 5.0, 30.0, 1), drawn(random, 15.0, 45.0, 1), drawn(random, 12.0, 35.0, 1)
    if fault in ("overrun", "squat", "both"):
        table |= {"overrun_deg": overrun, "trunk_deg": drawn(random, 76.0, 88.0, 1)}
    if fault in ("rounding", "both"):
        table["lumbar_deg"] = lumbar
    if fault == "squat":
        table["squat_deg"] = squat
    return table


def load(random: np.random.Generator) -> Table:
    """Draw a bar with plates that hide little."""
    return {"plate_m": either(random, 0.16, 0.25), "bar_m": drawn(random, 1.2, 1.5), "colour": outfit(random)["shirt"]}


def light(random: np.random.Generator) -> Table:
    """Draw a lamp and the room's brightness."""
    away = [drawn(random, -0.7, 0.5), 1.0, drawn(random, -0.7, 0.7)]
    return {"direction": away, "strength": drawn(random, 0.6, 1.3), "room": drawn(random, 0.75, 1.15)}


def bystander(random: np.random.Generator, number: int, act: str, ahead: float) -> Table:
    """Draw somebody behind the lifter."""
    return {
        "act": act, "behind_m": drawn(random, 0.9, 1.4), "ahead_m": round(ahead * drawn(random, 0.6, 1.2), 2),
        "turn_deg": either(random, 0.0, 180.0) if act == "walk" else drawn(random, -180.0, 180.0, 0),
        "passes_s": drawn(random, 3.5, 6.0), "speed_m_s": drawn(random, 0.6, 1.3),
        "build": build(random, number), "outfit": outfit(random),
    }  # fmt: skip


def hard(random: np.random.Generator, stratum: str, variant: str) -> dict[str, Table]:
    """Draw what makes a clip hard: by table, the keys that are set. The variant decides where it is known."""
    sign = either(random, -1.0, 1.0)
    heavy: Table = {"kind": "bar", "plate_m": 0.45, "bar_m": drawn(random, 1.7, 2.2)}
    slack: Table = {"loose_m": drawn(random, 0.05, 0.09, 3), "shirt_hem_m": drawn(random, 0.0, 0.05)}
    known: dict[str, dict[str, Table]] = {
        "plates": {"load": heavy},
        "some": {"camera": {"yaw_deg": sign * drawn(random, 10.0, 30.0, 1)}},
        "much": {"camera": {"yaw_deg": sign * drawn(random, 36.0, 50.0, 1)}},
        "loose_top": {"outfit": slack},
        "dim": {"light": {"room": drawn(random, 0.24, 0.36)}, "recording": {"crf": 24}},
        "busy": {"room": {"busy": True, "seed": int(random.integers(1000)), "wall": [0.5, 0.27, 0.22]}},
        "floor": {"footwork": {"steps": 2, "pick_up": True, "put_down": True}, "load": heavy},
        "rack": {"footwork": {"steps": 2, "step_m": -0.28, "steps_out": 2}, "load": heavy},
        "24": {"recording": {"fps": 24.0, "shutter": 0.5, "exposures": 3}},
        "60": {"recording": {"fps": 59.94, "jitter": 0.15}},
        "dumbbells": {"load": {"kind": "dumbbells"}},
    }
    return known.get(variant or stratum, {})


def framing(stratum: str, variant: str) -> tuple[float, tuple[int, int]]:
    """Give the share of the picture's height that the standing lifter takes, and the picture's size."""
    if stratum == "far":
        return 0.32, (720, 540)
    if variant == "portrait":
        return 0.48, (480, 640)
    return 0.62 if stratum in ("fps", "walk_in", "bystander") else 0.70, (640, 480)


def drawn_table(random: np.random.Generator, number: int, stratum: str, variant: str, fault: str) -> Table:
    """Draw one clip."""
    body = build(random, number)
    table: Table = {
        "lift": "rdl",
        "about": f"{stratum} {variant}".strip() + f", fault: {fault}",
        "seed": int(random.integers(1_000_000)),
        "before_s": 1.0,
        "after_s": 0.7,
        "edge_samples": 0,
        "grain": drawn(random, 6.0, 8.0) if stratum == "dim" else drawn(random, 1.0, 3.5),
        "build": body,
        "outfit": outfit(random),
        "camera": camera(random, float(str(body["stature_m"])), *framing(stratum, variant)),
        "light": light(random),
        "load": load(random),
        "room": {"wall_m": drawn(random, 2.0, 3.0), "wall": [drawn(random, 0.4, 0.8) for _ in range(3)]},
        "stance": {"toes_out_deg": drawn(random, 0.0, 20.0, 1)},
        "reps": [rep(random, fault) for _ in range(2)],
    }
    if number % 4 == 1 and stratum == "plain":
        table["room"] = {"wall_m": drawn(random, 0.85, 1.1), "wall": [drawn(random, 0.3, 0.85) for _ in range(3)]}
    for name, keys in hard(random, stratum, variant).items():
        there = table.get(name, {})
        assert isinstance(there, dict)
        table[name] = there | keys
    if stratum == "bystander":
        acts = (("walk", 0.0), ("phone", either(random, -1.0, 1.0)))
        table["bystanders"] = [bystander(random, number + i + 1, *act) for i, act in enumerate(acts)]
        table["room"] = {"wall_m": 2.7}
    if stratum == "walk_in":
        table |= {"before_s": 5.0, "after_s": 3.2} if variant == "floor" else {"before_s": 2.6, "after_s": 2.6}
    return table


def other_rep(random: np.random.Generator, lift: str, fault: str, number: int) -> Table:
    """Draw one repetition of a lift other than the RDL, by the keys of its `Rep`."""
    table: Table = {"eccentric_s": drawn(random, 2.0, 3.2), "pause_s": 1.1, "rest_s": drawn(random, 0.5, 0.9)}
    if lift == "ghr":
        table["concentric_s"] = drawn(random, 1.8, 2.4)
        if fault == "stall":
            table |= {
                "concentric_s": drawn(random, 2.8, 3.4), "stall_s": drawn(random, 0.5, 1.0),
                "stall_trunk_deg": drawn(random, 66.0, 78.0, 1), "stall_depth": drawn(random, 0.8, 0.95),
            }  # fmt: skip
    elif lift == "nordic":
        table["phi_deg"] = drawn(random, 77.0, 81.0, 1)
        if fault == "break":
            table |= {"break_phi_deg": drawn(random, 46.0, 62.0, 1), "fall_dps2": drawn(random, 220.0, 400.0, 0),
                      "catch_phi_deg": 74.0}  # fmt: skip
    else:
        part = fault == "partial" and number == 1
        table["knee_deg"] = drawn(random, 60.0, 72.0, 1) if part else drawn(random, 98.0, 116.0, 1)
        if fault == "hip_lift":
            table["hip_lift_thigh"] = drawn(random, 0.12, 0.18)
    return table


def other_table(random: np.random.Generator, number: int, lift: str, fault: str) -> Table:
    """Draw one clip of a lift other than the RDL, from about the side."""
    hinge = lift == "good_morning"
    body = build(random, number)
    reps = [rep(random, fault) if hinge else other_rep(random, lift, fault, i) for i in range(2)]
    seen = camera(random, float(str(body["stature_m"])), 0.70, (640, 480))
    own = {key: seen[key] for key in ("width_px", "height_px", "roll_deg", "yaw_deg", "near_side")}
    table: Table = {
        "lift": lift,
        "about": f"{lift}, fault: {fault}",
        "seed": int(random.integers(1_000_000)),
        "before_s": 1.1,
        "after_s": 0.8,
        "edge_samples": 0,
        "grain": drawn(random, 1.0, 3.5),
        "build": body,
        "outfit": outfit(random),
        "camera": seen if hinge else own,
        "light": light(random),
        "room": {"wall_m": drawn(random, 2.0, 3.0), "wall": [drawn(random, 0.4, 0.8) for _ in range(3)]},
        "reps": reps,
    }
    if lift == "ghr":
        table["pivot_over_thigh"] = drawn(random, 0.0, 0.24) if fault == "stall" else drawn(random, 0.0, 0.10)
        table["start"] = "bottom" if fault == "stall" else "top"
    return table


def suite(name: str) -> tuple[Entry, ...]:
    """Give the clips of the suite "dev" or "test"; always the same ones."""
    entries = []
    for number, (stratum, variant, fault) in enumerate(PLANS[name]):
        random = np.random.default_rng([SEEDS[name], number])
        who = number + SEX[name]
        other = stratum in OTHER_LIFTS
        table = other_table(random, who, stratum, fault) if other else drawn_table(random, who, stratum, variant, fault)
        clip_name = f"{name}_{number + 1:02d}_{stratum}"
        entries.append(Entry(clip_from(clip_name, table), stratum, fault, table))
    return tuple(entries)


def nuisances(entry: Entry) -> Table:
    """Say in flat words what is hard about a clip, from its table."""

    def told(name: str) -> Mapping[str, object]:
        inner = entry.table.get(name, {})
        assert isinstance(inner, Mapping)
        return inner

    scene, recording = entry.clip.scene, entry.clip.recording
    people = told("footwork")
    feet = getattr(entry.clip.moves, "stance", entry.clip.moves)
    return {
        "yaw_deg": scene.camera.yaw_deg, "pitch_deg": scene.camera.pitch_deg, "roll_deg": scene.camera.roll_deg,
        "distance_m": scene.camera.distance_m, "px_per_m": round(scene.camera.px_per_m, 1),
        "load": scene.load.kind, "plate_m": scene.load.plate_m if scene.load.kind == "bar" else None,
        "loose_m": scene.outfit.loose_m, "light": scene.light.room, "lamp": scene.light.strength, "grain": scene.grain,
        "wall_m": scene.room.wall_m, "busy": scene.room.busy, "bystanders": len(scene.bystanders),
        "walk_in": bool(people.get("steps")), "toes_out_deg": feet.toes_out_deg,
        "fps": recording.fps, "jitter": recording.jitter, "shutter": recording.shutter,
    }  # fmt: skip


def labels(entry: Entry) -> Table:
    """Give what a suite's truth file says beside the truth."""
    return {
        "suite": entry.clip.name.split("_")[0],
        "stratum": entry.stratum,
        "fault": entry.fault,
        "nuisance": nuisances(entry),
        "parameters": entry.table,
        "parameters_sha256": entry.digest,
    }
