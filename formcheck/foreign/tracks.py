"""What every reader returns, and the bounds that hold for all of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formcheck.data import FloatArray
from formcheck.errors import InputError
from formcheck.skeleton import N_LANDMARKS

MAX_BYTES = 300_000_000  # an hour at 30 Hz of 33 landmarks as CSV is about 250 MB [D]
MAX_FRAMES = 110_000  # an hour at 30 Hz [D]
MAX_NUMBER = 1e7  # no coordinate, time or frame number of a set is larger [D]
ONE_SET = "Give it one set alone: cut the file."


@dataclass(frozen=True, eq=False)
class Foreign:
    """Landmarks as a file holds them, in formcheck's order; NaN where the file has none.

    frame : (T,) numbers of the frames, from 0. time_s : (T,) or None for a file without times. xy : (T, K, 2), px, or
    fractions of the picture's width and height when `fractions`. world_m : (T, K, 3). visibility : (T, K).
    """

    kind: str
    frame: FloatArray
    time_s: FloatArray | None
    xy: FloatArray
    world_m: FloatArray
    visibility: FloatArray
    fractions: bool = False


def read_bytes(path: Path) -> bytes:
    """Return a file's content. Raises InputError for one that is not there, not readable or too large."""
    try:
        if not path.is_file():
            raise InputError(f"There is no file {path}.", "Check the name and the folder.")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(f"{path} cannot be read: {why}.", "Check the name and the folder.") from error
    if len(raw) > MAX_BYTES:
        raise InputError(f"{path} is larger than {MAX_BYTES / 1e6:.0f} MB.", ONE_SET)
    return raw


def check_count(n_frames: int, path: Path) -> None:
    """Raise InputError for more frames than a set can have."""
    if n_frames > MAX_FRAMES:
        raise InputError(f"{path} has over {MAX_FRAMES} frames.", ONE_SET)


def to_number(value: Any) -> float:
    """Return a number of a file; NaN for what is none, is not finite or is beyond every picture."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    return float(value) if -MAX_NUMBER <= value <= MAX_NUMBER else math.nan


def empty_tracks(n_frames: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return xy (T, K, 2), world (T, K, 3) and visibility (T, K), all NaN."""
    shape = (n_frames, N_LANDMARKS)
    return np.full((*shape, 2), np.nan), np.full((*shape, 3), np.nan), np.full(shape, np.nan)


def hide_unplaced(xy: FloatArray, visibility: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return both with NaN where the other, or half a position, is missing; a position without a confidence gets 1."""
    placed = np.asarray(np.isfinite(xy).all(axis=-1))
    confidence = np.where(np.isfinite(visibility), np.clip(visibility, 0.0, 1.0), 1.0)
    return np.where(placed[..., None], xy, np.nan), np.where(placed, confidence, np.nan)


def number_array(rows: Sequence[Sequence[Any]], width: int) -> FloatArray:
    """Return rows of texts or numbers as (n, width); short rows end in NaN, long ones are cut."""
    table: NDArray[np.float64] = np.full((len(rows), width), np.nan)
    for index, row in enumerate(rows):
        for column, value in enumerate(row[:width]):
            table[index, column] = to_number(value)
    return table
