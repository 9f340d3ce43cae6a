"""Small words that every output shares: repetitions by number, lists, and numbers with their units."""

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

# What stands behind a number; other units stand as they are, after a space.
UNITS = {"deg": "°", "deg/s": "°/s", "leg": " leg lengths", "thigh": " thigh lengths"}
DEGREES = re.compile(r"(?<=\d) deg\b")
SEGMENTS = frozenset({"leg", "thigh"})  # units that are the lifter's own: told as a share of them
SPAN = re.compile(r"(-?\d+(?:\.\d+)?) to (-?\d+(?:\.\d+)?)")
DECIMALS = {"s": 1, "dB": 1, "leg": 2, "thigh": 2}  # of what people read; other units have none
WIDTH = 80  # columns of a terminal that text is wrapped to
# What people call the channels of Kinematics; one that is not named here is called by its own words.
CHANNELS = {
    "hip_flexion_deg": "hip flexion",
    "knee_flexion_deg": "knee flexion",
    "trunk_deg": "trunk lean",
    "thigh_deg": "thigh lean",
    "shank_deg": "shin lean",
    "phi_deg": "body lean",
    "curl_deg": "knee bend",
    "hip_back_leg": "hip travel, back",
    "hip_height_leg": "hip height",
    "wrist_height_leg": "hand height",
    "lever_leg": "shoulder in front of the hip",
    "leg_fold_deg": "knee flexion, from hip and ankle alone",
    "hip_edge_leg": "travel of the hips' back edge",
    "hand_ahead_leg": "hands in front of mid-foot",
    "lumbar_deg": "outline of the lower back",
    "lumbar_error_deg": "error of the lower back's outline",
    "knee_forward_leg": "knee in front of the ankle",
    "knee_height_leg": "knee above the ankle",
    "ankle_seen": "ankle in sight",
    "hip_shake_leg": "shaking of the hip",
    "shoulder_shake_leg": "shaking of the shoulder",
    "hip_rise_thigh": "hip rise",
    "shank_share": "shin length in the picture",
    "bar_x_leg": "bar path, forward",
    "bar_y_leg": "bar path, up",
    "bar_x_m": "bar path, forward, in metres",
    "bar_y_m": "bar path, up, in metres",
}
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def spell(number: int) -> str:
    """Return a number as it is counted aloud."""
    return NUMBERS[number] if 0 <= number < len(NUMBERS) else str(number)


def join_numbers(numbers: Iterable[int]) -> str:
    """Return repetitions as a reader writes them: 1, 2, 3, 5 gives "1-3, 5"."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def name_reps(numbers: Collection[int]) -> str:
    """Return repetitions with their noun: "rep 2", "reps 1-3, 5"; "" for none."""
    if not numbers:
        return ""
    return f"{'rep' if len(set(numbers)) == 1 else 'reps'} {join_numbers(numbers)}"


def count_noun(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: "1 set", "3 sets"; `many` where that is not `one` and an s."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def count_reps(reps: Iterable[Mapping[str, Any]]) -> int:
    """Return how many repetitions (as in report.json, or Rep's fields) are whole, or cut off by the clip."""
    strokes = ("eccentric_s", "concentric_s")
    return sum(rep["complete"] or any(rep[name] is None or math.isnan(rep[name]) for name in strokes) for rep in reps)


def say_reps(reps: Collection[Mapping[str, Any]]) -> str:
    """Return how many repetitions a set has (see `count_reps`): whole ones and, where there are any, partial ones."""
    whole = count_reps(reps)
    partial = len(reps) - whole
    return count_noun(whole, "rep") + (f" + {partial} partial" if partial else "")


def quantity(value: float, unit: str) -> str:
    """Return a number with its unit as a reader writes it: 14.2°, 3.0 s; NaN gives "-"."""
    if not math.isfinite(value):
        return "-"
    number = f"{round(value, 2) if unit == 's' else value:.3g}"
    whole = ".0" if unit == "s" and number.lstrip("-").isdecimal() else ""
    return f"{number}{whole}{UNITS.get(unit, f' {unit}')}".strip()


def name_unit(unit: str) -> str:
    """Return a unit as it stands in a heading: "°", "leg lengths"."""
    return UNITS.get(unit, unit).strip()


def name_value(value: float, unit: str) -> str:
    """Return a measured number with no more digits than are known: 35°, 1.5 s, 12 % of leg length; NaN gives "-"."""
    if not math.isfinite(value):
        return "-"
    if unit in SEGMENTS:
        return f"{100 * value:z.0f} % of {unit} length"
    return f"{value:z.{DECIMALS.get(unit, 0)}f}{UNITS.get(unit, f' {unit}')}".strip()


def write_degrees(text: str) -> str:
    """Return a text of the registry, where units are written for machines, as people write it: 10°, 150°/s²."""
    return DEGREES.sub("°", text).replace("°/s2", "°/s²")


def name_channel(channel: str) -> str:
    """Return what people call a channel of Kinematics."""
    return CHANNELS.get(channel) or channel.rpartition("_")[0].replace("_", " ") or channel


def name_span(low: float, high: float, unit: str) -> str:
    """Return what a value may be, from its least to its most: "0 to 27°", "1.2 to 3.0 s"."""
    if unit in SEGMENTS:
        return f"{100 * low:z.0f} to {100 * high:z.0f} % of {unit} length"
    least, most = (f"{each:z.{DECIMALS.get(unit, 0)}f}" for each in (low, high))
    return f"{least} to {most}{UNITS.get(unit, f' {unit}')}"


def name_values(values: Collection[float], unit: str) -> str:
    """Return the values of several repetitions: their span, or one number where they are told alike; "" for none."""
    if not values:
        return ""
    low, high = min(values), max(values)
    most = name_value(high, unit)
    return most if name_value(low, unit) == most else name_span(low, high, unit)


def pool_spans(texts: Iterable[str]) -> str:
    """Return texts that differ in one span only ("0 to 27") as one, from the least of them to the most."""
    told = list(texts)
    spans = [found.groups() for found in map(SPAN.search, told) if found is not None]
    if not spans:
        return told[0]
    least, most = min((low for low, _ in spans), key=float), max((high for _, high in spans), key=float)
    return SPAN.sub(f"{least} to {most}", told[0], count=1)


def write_sentence(words: str) -> str:
    """Return words as a sentence: with a capital, and one full stop."""
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."


def join_words(words: Sequence[str], last: str = "and") -> str:
    """Return a list as it is read: "a", "a and b", "a, b and c"; "" for none. `last` is the word before the last."""
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
