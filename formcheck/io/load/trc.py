"""TRC: markers as OpenCap, Pose2Sim, Sports2D, Theia or formcheck itself write them."""

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from formcheck.data import FloatArray
from formcheck.errors import InputError
from formcheck.io.load.clock import find_scale
from formcheck.io.load.space import WRITE_AGAIN, place_recording
from formcheck.io.load.tracks import Recording, check_count, check_values, number_array, to_number
from formcheck.skeleton import Side

MAX_MARKERS = 1000  # [D]


def read_trc(text: str, path: Path, side: Side) -> Recording:
    """Read the text of a TRC file. Raises InputError for a header that is none, or markers without a sideways line."""
    lines = text.split("\n")
    heading = next((number for number, line in enumerate(lines[:20]) if re.match(r"\s*frame#?\s", line, re.I)), None)
    if heading is None or len(lines) < heading + 2:
        raise InputError(f"{path} ends before its first frame.", WRITE_AGAIN)
    header = _read_header(lines[:heading])
    names = _read_names(lines[heading])
    if len(names) > MAX_MARKERS:
        raise InputError(f"{path} has {len(names)} markers.", WRITE_AGAIN)
    rows = [_split_row(line, len(names)) for line in lines[heading + 1 :] if line.strip()]
    rows = [row for row in rows if row and np.isfinite(to_number(row[0]))]
    check_count(len(rows), path)
    check_values(len(rows) * (2 + 3 * len(names)), path)
    table = number_array(rows, 2 + 3 * len(names))
    spot = table[:, 2:].reshape(len(rows), len(names), 3)
    frame, time_s = _place_in_time(table, to_number(header.get("datarate", "")))
    return place_recording("TRC", names, spot, frame, time_s, header.get("units", ""), path, side)


def _read_header(lines: Sequence[str]) -> dict[str, str]:
    """Return the header's keys, small, and values: the line of keys and the next one, split at any white space."""
    for keys, values in pairwise(lines):
        names = keys.split()
        if "units" in (name.lower() for name in names):
            cells = values.split("\t") if len(values.split("\t")) == len(keys.split("\t")) else values.split()
            cells = cells if len(cells) >= len(names) else values.split()
            return {name.lower(): cell.strip() for name, cell in zip(names, cells, strict=False)}
    return {}


def _read_names(line: str) -> list[str]:
    """Return the markers' names; names may hold spaces where tabs part them."""
    cells = line.split("\t") if "\t" in line.strip() else line.split()
    return [cell.strip() for cell in cells if cell.strip()][2:]


def _split_row(line: str, n_markers: int) -> list[str]:
    """Return a row's cells: between single tabs, where an empty one is missing; else between any white space."""
    width = 2 + 3 * n_markers
    by_tabs = line.rstrip("\n").split("\t")
    by_space = line.split()
    if len(by_space) == width or "\t" not in line.strip():
        return by_space
    return by_tabs


def _place_in_time(table: FloatArray, rate_hz: float) -> tuple[FloatArray, FloatArray | None]:
    """Return the frames' numbers and times, s; without rising times the numbers over the header's rate."""
    frame, time_s = table[:, 0], table[:, 1]
    if len(time_s) > 1 and (not np.isfinite(time_s).all() or time_s[0] == time_s[-1]) and rate_hz > 0:
        return frame, (frame - frame[0]) / rate_hz
    return frame, time_s * (find_scale(time_s) or 1.0)
