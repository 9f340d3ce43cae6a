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
from formcheck.io.spreadsheet import read_decimal_comma
from formcheck.skeleton import N_LANDMARKS

MAX_TRACK_BYTES = 300_000_000  # an hour at 30 Hz of 33 landmarks as CSV is about 250 MB [D]
MAX_FRAMES = 110_000  # an hour at 30 Hz [D]
MAX_VALUES = 16_000_000  # cells of a table, values of a JSON text: an hour of 33 landmarks with four numbers each [D]
MAX_COORDINATE = 1e7  # no coordinate of a set is larger [D]
MAX_PEOPLE = 100  # bodies in one frame [D]
MAX_BODIES = 2 * MAX_FRAMES  # people times the frames they are in: an hour of two, 350 MB of numbers [D]
MAX_NAMES = 2000  # people that a file tells apart; trackers count up when they lose somebody [D]
ONE_SET = "Cut the file down to one set."


@dataclass(frozen=True, eq=False)
class Person:
    """One person of a recording, in formcheck's landmarks; NaN where the file has none.

    rows : (n,) which of the recording's frames the person is in, rising. xy : (n, K, 2). world_m : (n, K, 3).
    visibility : (n, K).
    """

    name: str
    rows: NDArray[np.intp]
    xy: FloatArray
    world_m: FloatArray
    visibility: FloatArray


@dataclass(frozen=True, eq=False)
class Recording:
    """All that a file holds: T frames, and who is in them.

    frame : (T,) the file's own numbers of the frames. time_s : (T,) or None for a file without times. fps : the rate
    that a file without times names, or None. size_px : the picture's width and height, if the file names them.
    in_space : whether the landmarks are markers in space, which may be looked at from either side. pixels : whether
    the file itself says that its coordinates are pixels, or the reader has brought them into a picture's; `shares`
    that they are fractions of it. reading : a sentence about what the reader decided, "" where the file says it all.
    """

    kind: str
    frame: FloatArray
    time_s: FloatArray | None
    people: tuple[Person, ...]
    fps: float | None = None
    size_px: tuple[int, int] | None = None
    in_space: bool = False
    pixels: bool = False
    shares: bool = False
    reading: str = ""


def read_bytes(path: Path) -> bytes:
    """Return a file's content. Raises InputError for one that is not there, not readable or too large."""
    try:
        if not path.is_file():
            raise InputError(f"There is no file {path}.", "Check the name and the folder.")
        with path.open("rb") as file:
            raw = file.read(MAX_TRACK_BYTES + 1)
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(f"{path} cannot be read: {why}.", "Check the name and the folder.") from error
    check_size(len(raw), path)
    return raw


def check_size(n_bytes: int, path: Path) -> None:
    """Raise InputError for more bytes than a set can have."""
    if n_bytes > MAX_TRACK_BYTES:
        raise InputError(f"{path} is larger than {MAX_TRACK_BYTES / 1e6:.0f} MB.", ONE_SET)


def check_count(n_frames: int, path: Path) -> None:
    """Raise InputError for more frames than a set can have."""
    if n_frames > MAX_FRAMES:
        raise InputError(f"{path} has over {MAX_FRAMES} frames.", ONE_SET)


def check_values(n_values: int, path: Path) -> None:
    """Raise InputError for more numbers than a set can have, before they take memory."""
    if n_values > MAX_VALUES:
        raise InputError(f"{path} has over {MAX_VALUES / 1e6:.0f} million values.", ONE_SET)


def check_bodies(n_people: int, n_bodies: int, path: Path) -> None:
    """Raise InputError for more people, or bodies in all frames together, than a set can have."""
    if n_people > MAX_NAMES:
        raise InputError(f"{path} has {n_people} different people.", "Keep only the lifter's rows.")
    if n_bodies > MAX_BODIES:
        raise InputError(f"{path} has over {MAX_BODIES} bodies in all frames together.", ONE_SET)


def to_number(value: Any, bound: float = MAX_COORDINATE) -> float:
    """Return a number of a file; NaN for what is none, is not finite or is beyond `bound`.

    A comma is a decimal mark, as spreadsheets in half of Europe write it: the readers have split columns before.
    """
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            value = read_decimal_comma(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    return float(value) if -bound <= value <= bound else math.nan


def number_array(rows: Sequence[Sequence[Any]], width: int) -> FloatArray:
    """Return rows of texts or numbers as (n, width); short rows end in NaN, long ones are cut."""
    table: NDArray[np.float64] = np.full((len(rows), width), np.nan)
    for index, row in enumerate(rows):
        for column, value in enumerate(row[:width]):
            table[index, column] = to_number(value)
    return table


def empty_tracks(n_frames: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return xy (T, K, 2), world (T, K, 3) and visibility (T, K), all NaN."""
    shape = (n_frames, N_LANDMARKS)
    return np.full((*shape, 2), np.nan), np.full((*shape, 3), np.nan), np.full(shape, np.nan)


def hide_unplaced(
    xy: FloatArray, visibility: FloatArray, *, origin_is_missing: bool = True
) -> tuple[FloatArray, FloatArray]:
    """Return both with NaN where the other, or half a position, is missing; a position without a confidence gets 1.

    Exactly (0, 0) is how pose programs write a keypoint that they did not find in the picture. Confidences beyond 1 are
    COCO's flags (0 missing, 1 hidden, 2 seen) or per cent.
    """
    placed = np.asarray(np.isfinite(xy).all(axis=-1))
    if origin_is_missing:
        placed &= ~np.asarray((xy == 0).all(axis=-1))
    known = visibility[np.isfinite(visibility)]
    if len(known) and np.isin(known, (0.0, 1.0, 2.0)).all() and (known == 2).any():
        placed &= visibility != 0
        visibility = visibility / 2
    elif len(known) and 2 < known.max() <= 100:
        visibility = visibility / 100
    confidence = np.where(np.isfinite(visibility), np.clip(visibility, 0.0, 1.0), 1.0)
    return np.where(placed[..., None], xy, np.nan), np.where(placed, confidence, np.nan)
