"""Times and frame numbers as files write them: numbers in some unit, dates, clock times, names of pictures."""

import datetime as dt
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from formcheck import signals
from formcheck.data import FloatArray
from formcheck.errors import InputError
from formcheck.io.load.tracks import to_number

MAX_MOMENT = 1e19  # nanoseconds since 1970 are 1.8e18
STEPS_S = (1e-3, 0.25)  # frames lie between these apart: 1000 to 4 a second [D]
GUESSES = (1.0, 1e-3, 1e-6, 1e-9)  # seconds, ms, us, ns
UNIT_NAMES = {1.0: "seconds", 1e-3: "milliseconds", 1e-6: "microseconds", 1e-9: "nanoseconds"}
RENAMES = {1.0: "time_s", 1e-3: "time_ms", 1e-6: "time_us", 1e-9: "time_ns"}
CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2}(?:[.,]\d+)?)")


def read_moments(cells: Sequence[Any], *, as_frames: bool) -> FloatArray:
    """Return a column of moments as numbers, NaN where a cell holds none.

    Numbers as they are; "00:01:02.5" and ISO dates in seconds. As frames, also the last number of a text:
    "frame_0012.png" is 12.
    """
    return np.array([_read_moment(cell, as_frames=as_frames) for cell in cells], float)


def _read_moment(cell: Any, *, as_frames: bool) -> float:
    number = to_number(cell, MAX_MOMENT)
    if not math.isnan(number) or not isinstance(cell, str):
        return number
    if as_frames:
        return last_number(cell)
    text = cell.strip()
    clock = CLOCK.fullmatch(text)
    if clock is not None:
        hours, minutes, seconds = clock.groups()
        return 3600 * int(hours or 0) + 60 * int(minutes) + float(seconds.replace(",", "."))
    try:
        moment = dt.datetime.fromisoformat(text)
        since = moment - dt.datetime(1970, 1, 1, tzinfo=moment.tzinfo)
    except (ValueError, OverflowError):
        return math.nan
    return since.total_seconds()


def last_number(text: str) -> float:
    """Return the last whole number in a name: 12 of "set2/frame_0012.jpg"; NaN without one."""
    name = re.sub(r"\.[A-Za-z]\w{0,4}$", "", text)
    digits = re.findall(r"\d{1,15}", name)
    return float(digits[-1]) if digits else math.nan


def find_scale(values: FloatArray) -> float | None:
    """Return the unit in seconds of times whose column does not say it: the one in which frames lie 1 to 250 ms apart.

    None when no unit fits, or when more than one does (whole numbers that rise by 1 to 250 may be frame numbers at 1 to
    4 a step, so a step below 4 ms is not believed where seconds do not fit).
    """
    moments = np.unique(values[np.isfinite(values)])
    step = signals.median(np.diff(moments)) if len(moments) > 1 else math.nan
    for scale in GUESSES:
        least_s = STEPS_S[0] if scale == 1.0 else 4e-3
        if least_s <= scale * step * (1 + 1e-9) and scale * step <= STEPS_S[1]:
            return scale
    return None


def to_seconds(values: FloatArray, scale: float | None, heading: str, path: Path) -> FloatArray:
    """Return times in seconds; `scale` is the unit that the heading names, or None.

    Raises InputError where the times fit no unit, or clearly another one than the heading names.
    """
    found = find_scale(values)
    moments = np.unique(values[np.isfinite(values)])
    if scale is not None:
        step = signals.median(np.diff(moments)) if len(moments) > 1 else math.nan
        if found is not None and found != scale and not STEPS_S[0] / 2 <= scale * step <= 4 * STEPS_S[1]:
            raise InputError(
                f"{path} has times under {heading!r} that rise by {step:g}: those cannot be {UNIT_NAMES[scale]}.",
                f"They look like {UNIT_NAMES[found]}: rename the column to {RENAMES[found]}.",
            )
        return values * scale
    if found is None:
        begin = ", ".join(f"{each:g}" for each in moments[:3])
        raise InputError(
            f"{path} has times under {heading!r} that go {begin}: no unit fits frames of a video.",
            "Call the column time_s, time_ms or time_us; or frame, if it counts frames.",
        )
    return values * found
