"""A CSV of landmarks, as scripts around MediaPipe write them: a row per frame and landmark, or a row per frame.

Long: `landmark` (name or number), `x`, `y`, maybe `visibility` and world coordinates, and `time_s`, `timestamp_ms` or
`frame`; `x_px` are pixels, `world_x_m` metres. Wide: `left_hip_x, left_hip_y, left_hip_visibility`, or `x0, y0, ...` to
`x32`. Coordinates that all lie between -1 and 2 are fractions of the picture.
"""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from formcheck.data import FloatArray
from formcheck.errors import InputError
from formcheck.foreign.names import find_landmark
from formcheck.foreign.tracks import Foreign, check_count, empty_tracks, hide_unplaced, to_number
from formcheck.skeleton import N_LANDMARKS, Landmark, Side

KIND = "landmarks (CSV)"
TIMES = {"time_s": 1.0, "time": 1.0, "timestamp_s": 1.0, "t": 1.0, "timestamp_ms": 1e-3, "time_ms": 1e-3, "ms": 1e-3}
FRAMES = ("frame", "frame_id", "frame_number", "frame_idx", "index")
NAMES = ("landmark", "landmark_name", "keypoint", "bodypart", "name", "landmark_id", "landmark_index", "id")
# Column of a value -> where it goes: axis of the picture, of the model's own space, or the confidence.
VALUES = {
    **{name: ("xy", axis) for axis, letter in enumerate("xy") for name in (letter, f"{letter}_px")},
    **{
        name: ("world", axis)
        for axis, letter in enumerate("xyz")
        for name in (f"world_{letter}_m", f"world_{letter}", f"{letter}_m", f"{letter}_world")
    },
    **dict.fromkeys(("visibility", "v", "vis", "likelihood", "confidence", "score", "c"), ("visibility", 0)),
}
HOW = "Columns: time_s (or frame), landmark, x, y; or time_s, left_hip_x, left_hip_y and so on."


def read_csv(text: str, path: Path, side: Side) -> Foreign:
    """Read either form. Raises InputError for a table that is neither."""
    try:
        rows = [row for row in csv.reader(io.StringIO(text)) if row]
    except csv.Error as error:
        raise InputError(f"{path} is not a table: {error}.", "Save it as CSV again.") from error
    if len(rows) < 2:
        raise InputError(f"{path} holds no landmarks.", HOW)
    head = [re.sub(r"[\s.\-]+", "_", name.strip().lower()) for name in rows[0]]
    moment, is_time, scale = _find_moment(head, path)
    named = next((head.index(name) for name in NAMES if name in head), None)
    moments = [to_number(row[moment]) if moment < len(row) else np.nan for row in rows[1:]]
    if not np.isfinite(moments).all():
        raise InputError(f"{path} has a row without a number under {rows[0][moment]}.", "Mend or leave out that row.")
    order, place = np.unique(np.array(moments), return_inverse=True)
    check_count(len(order), path)
    tracks = dict(zip(("xy", "world", "visibility"), empty_tracks(len(order)), strict=True))
    tracks["visibility"] = tracks["visibility"][:, :, None]
    if named is None:
        _fill_wide(tracks, rows, place, _wide_columns(head, side, path))
    else:
        _fill_long(tracks, rows, place, named, [(column, VALUES.get(name)) for column, name in enumerate(head)], side)
    xy, visibility = hide_unplaced(tracks["xy"], tracks["visibility"][:, :, 0])
    time_s = order * scale if is_time else None
    frame = np.arange(len(order), dtype=float) if is_time else order
    return Foreign(KIND, frame, time_s, xy, tracks["world"], visibility, are_fractions(xy))


def are_fractions(xy: FloatArray) -> bool:
    """Whether (T, K, 2) positions are fractions of a picture: 98 % lie between -1 and 2."""
    seen = xy[np.isfinite(xy)]
    return bool(len(seen)) and float(np.mean((seen > -1.0) & (seen < 2.0))) > 0.98


def _find_moment(head: Sequence[str], path: Path) -> tuple[int, bool, float]:
    """Return the column that orders the frames, whether it is a time, and its unit in seconds."""
    for name, scale in TIMES.items():
        if name in head:
            return head.index(name), True, scale
    for name in FRAMES:
        if name in head:
            return head.index(name), False, 1.0
    raise InputError(f"{path} has neither times nor frame numbers.", HOW)


def _wide_columns(head: Sequence[str], side: Side, path: Path) -> list[tuple[int, Landmark, str, int]]:
    """Return (column, landmark, array, axis) of a row per frame."""
    numbered = [match for name in head if (match := re.fullmatch(r"(x|y|z|v|visibility)_?(\d{1,2})", name))]
    first = min((int(match[2]) for match in numbered), default=0)
    last = max((int(match[2]) for match in numbered), default=0)
    shift = 1 if first == 1 and last == N_LANDMARKS else 0
    found = []
    for column, name in enumerate(head):
        match = re.fullmatch(r"(x|y|v|visibility)_?(\d{1,2})", name)
        if match is not None:
            number = int(match[2]) - shift
            if 0 <= number < N_LANDMARKS:
                found.append((column, Landmark(number), *VALUES[match[1]]))
            continue
        for ending, target in VALUES.items():
            if name.endswith(f"_{ending}"):
                ours = find_landmark(name.removesuffix(f"_{ending}"), side)
                if ours is not None:
                    found.append((column, ours, *target))
                    break
    if not found:
        raise InputError(f"{path} names no landmark that formcheck knows.", HOW)
    return found


def _fill_wide(
    tracks: dict[str, FloatArray],
    rows: Sequence[Sequence[str]],
    place: NDArray[np.intp],
    columns: Sequence[tuple[int, Landmark, str, int]],
) -> None:
    for row, frame in zip(rows[1:], place, strict=True):
        for column, ours, array, axis in columns:
            if column < len(row):
                tracks[array][frame, ours, axis] = to_number(row[column])


def _fill_long(
    tracks: dict[str, FloatArray],
    rows: Sequence[Sequence[str]],
    place: NDArray[np.intp],
    named: int,
    columns: Sequence[tuple[int, tuple[str, int] | None]],
    side: Side,
) -> None:
    known: dict[str, Landmark | None] = {str(int(each)): each for each in Landmark}
    targets = [(column, *target) for column, target in columns if target is not None]
    for row, frame in zip(rows[1:], place, strict=True):
        name = row[named] if named < len(row) else ""
        if name not in known:
            known[name] = find_landmark(name, side)
        ours = known[name]
        if ours is None:
            continue
        for column, array, axis in targets:
            if column < len(row):
                tracks[array][frame, ours, axis] = to_number(row[column])
