"""DeepLabCut's results: CSV with three or four rows of headings, or the same table in an H5 file (h5py). And SLEAP's
analysis, which is an H5 file too.
"""

import io
import pickle
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formcheck.data import FloatArray
from formcheck.errors import InputError, SettingsError
from formcheck.io.load.clock import read_moments
from formcheck.io.load.names import assign_landmarks
from formcheck.io.load.table import split_rows
from formcheck.io.load.tracks import (
    MAX_COORDINATE,
    MAX_TRACK_BYTES,
    Person,
    Recording,
    check_bodies,
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
HEADS = ("scorer", "individuals", "bodyparts", "coords")


def read_csv(text: str, path: Path, side: Side) -> Recording:
    """Read the text of a CSV that begins with `scorer`."""
    rows = split_rows(text, path)
    head: dict[str, Sequence[str]] = {}
    while rows and rows[0][0].strip().lower() in HEADS:
        head[rows[0][0].strip().lower()] = rows[0][1:]
        rows.pop(0)
    if "bodyparts" not in head or "coords" not in head:
        raise InputError(f"{path} lacks the header rows of DeepLabCut.", "Rows: scorer, bodyparts, coords.")
    check_count(len(rows), path)
    columns = list(zip(head.get("individuals", [""] * len(head["bodyparts"])), head["bodyparts"], head["coords"]))  # noqa: B905  # a ragged header ends at its shortest row
    frame = read_moments([row[0] for row in rows], as_frames=True)
    values = number_array([row[1:] for row in rows], len(columns))
    return _as_recording(columns, frame, values, path, side)


def read_h5(raw: bytes, path: Path, side: Side) -> Recording:
    """Read an H5 file of DeepLabCut, as pandas and PyTables write it (`format="table"`), or of SLEAP's analysis."""
    if find_spec("h5py") is None:
        raise SettingsError("An H5 file needs h5py, which is not installed.", "Run: pip install 'formcheck[formats]'")
    import h5py

    try:
        with h5py.File(io.BytesIO(raw), "r") as file:
            if "tracks" in file and "node_names" in file:
                return _read_sleap(file, path, side)
            table = file["df_with_missing/table"]
            check_count(len(table), path)
            if len(table) * table.dtype.itemsize > MAX_TRACK_BYTES:
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
        raise InputError(f"{path} is not a DeepLabCut H5 file that formcheck can read.", AS_CSV) from error
    values = np.where(np.abs(values) <= MAX_COORDINATE, values, np.nan)
    return _as_recording(columns, frame, values, path, side)


class _PlainUnpickler(pickle.Unpickler):  # loads lists, tuples, texts and numbers, and nothing that runs
    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is not a plain value")


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


def _read_sleap(file: Any, path: Path, side: Side) -> Recording:
    """Read SLEAP's analysis: tracks (people, 2, nodes, frames), and the names of nodes and people."""
    tracks = file["tracks"]
    n_people, n_axes, n_nodes, n_frames = tracks.shape
    check_count(n_frames, path)
    check_bodies(n_people, n_people * n_frames, path)
    sizes = {"node_names": n_nodes, "track_names": n_people, "point_scores": tracks.size // 2}
    if (
        n_axes != 2
        or tracks.size * 8 > MAX_TRACK_BYTES
        or any(file[name].size > most for name, most in sizes.items() if name in file)
    ):
        raise ValueError("not what SLEAP writes")
    nodes = [_as_text(name) for name in file["node_names"][:]]
    people = [_as_text(name) for name in file["track_names"][:]] if "track_names" in file else []
    people += [f"track_{number}" for number in range(len(people), n_people)]
    scores = file["point_scores"][:] if "point_scores" in file else np.full((n_people, n_nodes, n_frames), np.nan)
    known = assign_landmarks(nodes, side, path)
    spots = np.asarray(tracks[:], float)
    found = []
    for number in range(n_people):
        xy, world_m, visibility = empty_tracks(n_frames)
        for node, name in enumerate(nodes):
            if name in known:
                xy[:, known[name]] = spots[number, :, node].T
                visibility[:, known[name]] = scores[number, node]
        found.append(Person(people[number], np.arange(n_frames), *_placed(xy, world_m, visibility)))
    return Recording("SLEAP", np.arange(n_frames, dtype=float), None, tuple(found), pixels=True)


def _as_text(name: Any) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)


def _placed(xy: FloatArray, world_m: FloatArray, visibility: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    xy, visibility = hide_unplaced(np.where(np.abs(xy) <= MAX_COORDINATE, xy, np.nan), visibility)
    return xy, world_m, visibility


def _as_recording(
    columns: Sequence[Sequence[str]], frame: FloatArray, values: FloatArray, path: Path, side: Side
) -> Recording:
    """Put columns (individual, body part, coordinate) to our landmarks; `single` is nobody where there are animals."""
    animals = list(dict.fromkeys(column[0] for column in columns))
    if len(animals) > 1:
        animals = [animal for animal in animals if animal != "single"]
    check_bodies(len(animals), len(animals) * len(frame), path)
    known = assign_landmarks(list(dict.fromkeys(column[1] for column in columns)), side, path)
    _refuse_twice(columns, path)
    people = []
    for animal in animals:
        xy, world_m, visibility = empty_tracks(len(frame))
        for column, (whose, part, coordinate) in enumerate(columns):
            if whose != animal or part not in known:
                continue
            if coordinate in {"x", "y"}:
                xy[:, known[part], "xy".index(coordinate)] = values[:, column]
            elif coordinate == "likelihood":
                visibility[:, known[part]] = values[:, column]
        people.append(Person(animal, np.arange(len(frame)), *_placed(xy, world_m, visibility)))
    if not np.isfinite(frame).all():
        frame = np.arange(len(frame), dtype=float)
    order = np.argsort(frame, kind="stable")
    return Recording(KIND, frame[order], None, tuple(_reorder(each, order) for each in people), pixels=True)


def _reorder(person: Person, order: NDArray[np.intp]) -> Person:
    return Person(person.name, person.rows, person.xy[order], person.world_m[order], person.visibility[order])


def _refuse_twice(columns: Sequence[Sequence[str]], path: Path) -> None:
    """Raise InputError for two columns that hold the same coordinate of the same body part."""
    if len({tuple(column) for column in columns}) < len(columns):
        twice = next(column for place, column in enumerate(columns) if column in columns[:place])
        raise InputError(
            f"{path} has two columns for one landmark: {twice[1]} {twice[2]}.", "Rename one of them, or leave it out."
        )
