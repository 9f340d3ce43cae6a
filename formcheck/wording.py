"""Small words that every output shares: repetitions by number, lists, and numbers with their units."""

import math
import re
from collections.abc import Collection, Iterable, Sequence

UNITS = {"deg": "°", "leg": " leg lengths", "thigh": " thigh lengths"}  # others stand as they are, after a space
SPAN = re.compile(r"(-?\d+(?:\.\d+)?) to (-?\d+(?:\.\d+)?)")
DECIMALS = {"s": 1, "dB": 1, "leg": 2, "thigh": 2}  # of a range of what is possible; other units have none
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


def quantity(value: float, unit: str) -> str:
    """Return a number with its unit as a reader writes it: 14.2°, 3.0 s; NaN gives "-"."""
    if not math.isfinite(value):
        return "-"
    number = f"{round(value, 2) if unit == 's' else value:.3g}"
    whole = ".0" if unit == "s" and number.lstrip("-").isdecimal() else ""
    return f"{number}{whole}{UNITS.get(unit, f' {unit}')}".strip()


def name_span(low: float, high: float, unit: str) -> str:
    """Return what a value may be, from its least to its most: "0 to 27°", "1.2 to 3.0 s"."""
    least, most = (f"{each:z.{DECIMALS.get(unit, 0)}f}" for each in (low, high))
    return f"{least} to {most}{UNITS.get(unit, f' {unit}')}"


def pool_spans(texts: Iterable[str]) -> str:
    """Return texts that differ in one span only ("0 to 27") as one, from the least of them to the most."""
    told = list(texts)
    spans = [found.groups() for found in map(SPAN.search, told) if found is not None]
    if not spans:
        return told[0]
    least, most = min((low for low, _ in spans), key=float), max((high for _, high in spans), key=float)
    return SPAN.sub(f"{least} to {most}", told[0], count=1)


def join_words(words: Sequence[str]) -> str:
    """Return a list as it is read aloud: "a", "a and b", "a, b and c"; "" for none."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
