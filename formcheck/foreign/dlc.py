"""DeepLabCut's results for one animal: CSV with three header rows, or the same table in an H5 file (h5py).

A table of several animals (a row `individuals`) is taken when it holds one only.
"""

import csv
import io
import pickle
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from formcheck.data import FloatArray
from formcheck.errors import InputError, SettingsError
from formcheck.foreign.names import find_landmark
from formcheck.foreign.tracks import (
    MAX_BYTES,
    MAX_NUMBER,
    Foreign,
    check_count,
    empty_tracks,
    hide_unplaced,
    number_array,
)
from formcheck.skeleton import Side

KIND = "DeepLabCut"
AS_CSV = "Save it as CSV: deeplabcut.analyze_videos_converth5_to_csv(folder)."
# What h5py, numpy and pickle raise for a file that is damaged or made to do harm.
H5_FAILURES = (
    OSError,
    LookupError,
    TypeError,
    ValueError,
    RuntimeError,
    ArithmeticError,
    AttributeError,
    EOFError,
    MemoryError,
    pickle.UnpicklingError,
)
ONE_ANIMAL = "Keep one individual: formcheck judges one lifter."


def read_csv(text: str, path: Path, side: Side) -> Foreign:
    """Read the text of a CSV that begins with `scorer,`."""
    try:
        rows = list(csv.reader(io.StringIO(text)))
    except csv.Error as error:
        raise InputError(f"{path} is not a table: {error}.", "Save it as CSV again.") from error
    head: dict[str, Sequence[str]] = {}
    while rows and rows[0] and rows[0][0] in {"scorer", "individuals", "bodyparts", "coords"}:
        head[rows[0][0]] = rows[0][1:]
        rows.pop(0)
    if "bodyparts" not in head or "coords" not in head:
        raise InputError(f"{path} lacks the header rows of DeepLabCut.", "Rows: scorer, bodyparts, coords.")
    rows = [row for row in rows if row]
    check_count(len(rows), path)
    columns = list(zip(head.get("individuals", [""] * len(head["bodyparts"])), head["bodyparts"], head["coords"]))  # noqa: B905  # a ragged header ends at its shortest row
    frame = number_array(rows, 1)[:, 0]
    values = number_array([row[1:] for row in rows], len(columns))
    return _as_foreign(columns, frame, values, path, side)


def read_h5(path: Path, side: Side) -> Foreign:
    """Read an H5 file as pandas and PyTables write it (`format="table"`)."""
    if find_spec("h5py") is None:
        raise SettingsError("An H5 file needs h5py, which is not installed.", "Type: pip install 'formcheck[formats]'")
    import h5py

    try:
        with h5py.File(path, "r") as file:
            table = file["df_with_missing/table"]
            check_count(len(table), path)
            if len(table) * table.dtype.itemsize > MAX_BYTES:
                raise ValueError("more numbers than a set can have")
            attributes = file["df_with_missing"].attrs
            (axis,) = _read_plain(attributes["non_index_axes"])
            columns = [_levels(column) for column in axis[1]]
            records = table[:]
        frame = np.asarray(records["index"], float)
        blocks = [name for name in records.dtype.names if name.startswith("values_block_")]
        values = np.asarray(records[blocks[0]], float).reshape(len(frame), -1)
        if len(blocks) != 1 or values.shape[1] != len(columns):
            raise ValueError("not one block of numbers")
    except H5_FAILURES as error:
        raise InputError(f"{path} is no H5 file of DeepLabCut that can be read here.", AS_CSV) from error
    values = np.where(np.abs(values) <= MAX_NUMBER, values, np.nan)
    return _as_foreign(columns, frame, values, path, side)


class _PlainUnpickler(pickle.Unpickler):  # loads lists, tuples, texts and numbers, and nothing that runs
    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is no plain value")


def _read_plain(raw: Any) -> Any:
    """Return what PyTables has pickled of a table's columns. Raises UnpicklingError for anything that is code."""
    if not isinstance(raw, bytes):
        raise pickle.UnpicklingError("not what PyTables writes")
    return _PlainUnpickler(io.BytesIO(raw)).load()


def _levels(column: Any) -> tuple[str, str, str]:
    """Return a column's individual ("" without), body part and coordinate, from its 3 or 4 levels."""
    if not (isinstance(column, tuple) and len(column) in {3, 4} and all(isinstance(level, str) for level in column)):
        raise ValueError("not a column of DeepLabCut")
    return column[1] if len(column) == 4 else "", column[-2], column[-1]


def _as_foreign(
    columns: Sequence[Sequence[str]], frame: FloatArray, values: FloatArray, path: Path, side: Side
) -> Foreign:
    """Put columns (individual, body part, coordinate) to our landmarks."""
    animals = {column[0] for column in columns} if any(column[0] for column in columns) else {""}
    by_part = {part for _, part, _ in columns}
    if len(columns) > 3 * len(by_part) and len(animals) > 1:
        raise InputError(f"{path} holds {len(animals)} individuals.", ONE_ANIMAL)
    xy, world_m, visibility = empty_tracks(len(frame))
    for column, (_, part, coordinate) in enumerate(columns):
        ours = find_landmark(part, side)
        if ours is None:
            continue
        if coordinate in {"x", "y"}:
            xy[:, ours, "xy".index(coordinate)] = values[:, column]
        elif coordinate == "likelihood":
            visibility[:, ours] = values[:, column]
    xy, visibility = hide_unplaced(xy, visibility)
    if not np.isfinite(frame).all():
        frame = np.arange(len(frame), dtype=float)
    return Foreign(KIND, frame, None, xy, world_m, visibility)
