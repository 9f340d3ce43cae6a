"""The CSV manifest: a row per video, its columns path, athlete, lift, date, load, sets, notes."""

import csv
import datetime as dt
import difflib
import io
import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from formcheck.batch.job import JobError, Tags

COLUMNS = ("path", "athlete", "lift", "date", "load", "sets", "notes")
MAX_CELL = 1000  # characters; a note is no essay
LOAD = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:kg)?", re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """One row: the video's path as written, what is said about it, and why it cannot be used, if it cannot."""

    line: int
    path: str
    lift: str | None
    tags: Tags
    error: JobError | None


def read_manifest(text: str, lifts: Collection[str]) -> Iterator[Row]:
    """Yield the rows of a manifest; commas, semicolons or tabs divide it, and only `path` has to be there.

    A row that makes no sense carries its error. Raises JobError for a text that is no such table.
    """
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=_find_delimiter(text))
    try:
        names = [name.strip().casefold() for name in next(reader, [])]
        _check_header(names)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _read_row(reader.line_num, dict(zip(names, map(str.strip, cells), strict=False)), lifts)
    except csv.Error as error:
        raise JobError(
            "source", f"Line {reader.line_num} is not CSV: {error}.", "Save the table as CSV again."
        ) from error


def _find_delimiter(text: str) -> str:
    header = text.split("\n", 1)[0]
    return max(",;\t", key=header.count)


def _check_header(names: list[str]) -> None:
    columns = ", ".join(COLUMNS)
    if "path" not in names:
        raise JobError("source", "The table has no column path.", f"Name its columns in the first row: {columns}.")
    for name in names:
        if name not in COLUMNS:
            close = difflib.get_close_matches(name, COLUMNS, n=1)
            hint = f"Did you mean {close[0]}?" if close else f"The columns are {columns}."
            raise JobError("source", f"The table has a column {name!r}.", hint)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise JobError("source", f"The table has the column {twice[0]} twice.", "Take one of them out.")


def _read_row(line: int, cells: Mapping[str, str], lifts: Collection[str]) -> Row:
    path = cells.get("path", "")
    athlete, notes = (cells.get(name, "")[:MAX_CELL] or None for name in ("athlete", "notes"))
    try:
        if not path:
            raise JobError("source", "The row names no video.", "Fill its column path.")
        tags = Tags(
            athlete=athlete,
            date=_read_date(cells.get("date", "")),
            load_kg=_read_load(cells.get("load", "")),
            sets=_read_sets(cells.get("sets", "")),
            notes=notes,
        )
        return Row(line, path, _read_lift(cells.get("lift", ""), lifts), tags, None)
    except JobError as error:
        return Row(line, path, None, Tags(athlete=athlete, notes=notes), error)


def _read_lift(text: str, lifts: Collection[str]) -> str | None:
    if not text:
        return None
    lift = text.casefold().replace(" ", "_").replace("-", "_")
    if lift not in lifts:
        raise JobError("source", f"The lift {text[:40]!r} is not known.", f"The choices are: {', '.join(lifts)}.")
    return lift


def _read_date(text: str) -> str | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise JobError("source", f"The date {text[:40]!r} is none.", "Write it as 2026-11-25.") from error


def _read_load(text: str) -> float | None:
    if not text:
        return None
    match = LOAD.fullmatch(text)
    load_kg = float(match[1].replace(",", ".")) if match else math.inf
    if load_kg > 1000:
        raise JobError("source", f"The load {text[:40]!r} is none.", "Write kilograms as a number: 82.5.")
    return load_kg


def _read_sets(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text[:4]) <= 100 and len(text) <= 3):
        raise JobError("source", f"{text[:40]!r} is no number of sets.", "Write a whole number: 3.")
    return int(text)
