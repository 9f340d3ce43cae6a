"""The CSV manifest: a row per video, its columns path, athlete, lift, date, load, sets, notes."""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from formcheck.batch.job import LANDMARKS_HINT, JobError, Tags
from formcheck.errors import SettingsError
from formcheck.io.load.columns import read_heading
from formcheck.io.load.names import identify
from formcheck.io.spreadsheet import TableError, read_table, to_number, to_whole
from formcheck.settings import spell_lift
from formcheck.store.entries import MAX_SETS, check_count, check_day, check_load_kg, parse_day
from formcheck.wording import write_sentence

COLUMNS = ("path", "athlete", "lift", "date", "load", "sets", "notes")
MAX_CELL = 1000  # characters; a note is no essay
ALIASES = {"load_kg": "load", "n_sets": "sets", "weight": "load", "weight_kg": "load"}  # of our own and others' tables


@dataclass(frozen=True)
class Row:
    """One row: the video's path as written, what is said about it, and why it cannot be used, if it cannot."""

    line: int
    path: str
    lift: str | None
    tags: Tags
    error: JobError | None


def read_manifest(raw: bytes, lifts: Collection[str]) -> Iterator[Row]:
    """Yield the rows of a manifest, as any spreadsheet saves it (see `spreadsheet`); only `path` has to be there.

    A row that makes no sense carries its error. Raises JobError for a file that is no such table.
    """
    try:
        names, rows = read_table(raw)
        names = tuple(ALIASES.get(name, name) for name in names)
        _check_header([name for name in names if name])
        for row in rows:
            cells = {name: cell.strip() for name, cell in zip(names, row.cells, strict=True) if name}
            yield _read_row(row.line, cells, row.surplus, lifts)
    except TableError as error:
        told = str(error)
        raise JobError("source", write_sentence(told), "Save the table as CSV UTF-8.") from error


def _check_header(names: list[str]) -> None:
    columns = ", ".join(COLUMNS)
    if "path" not in names and any(_is_coordinate(name) for name in names):
        raise JobError("source", "The table holds landmarks, and no videos.", LANDMARKS_HINT)
    if "path" not in names:
        raise JobError(
            "source",
            "The table has no column named path.",
            f"Give the columns these names in the first row: {columns}.",
        )
    for name in names:
        if name not in COLUMNS:
            close = difflib.get_close_matches(name, COLUMNS, n=1)
            hint = f"Did you mean {close[0]}?" if close else f"The columns are {columns}."
            raise JobError("source", f"The table has a column {name!r}.", hint)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise JobError("source", f"The table has the column {twice[0]} twice.", "Remove one of them.")


def _is_coordinate(name: str) -> bool:
    heading = read_heading(name)
    return heading.role == "value" and heading.axis in {0, 1} and (not heading.key or identify(heading.key) is not None)


def _read_row(line: int, cells: Mapping[str, str], surplus: str, lifts: Collection[str]) -> Row:
    path = cells.get("path", "")
    athlete, notes = (cells.get(name, "")[:MAX_CELL] or None for name in ("athlete", "notes"))
    try:
        if not path:
            raise JobError("source", "The row names no video.", "Fill in its path column.")
        if surplus:
            raise JobError(
                "source",
                f"{surplus[:40]!r} has no heading above it.",
                "Put text with commas, and numbers like 82,5, in quotes.",
            )
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
    lift = spell_lift(text)
    if lift not in lifts:
        raise JobError("source", f"The lift {text[:40]!r} is not known.", f"The choices are: {', '.join(lifts)}.")
    return lift


def _read_date(text: str) -> str | None:
    if not text:
        return None
    try:
        return check_day(parse_day(text)).isoformat()
    except SettingsError as error:
        raise JobError("source", f"The date is wrong: {error.message}", error.hint) from error


def _read_load(text: str) -> float | None:
    if not text:
        return None
    try:
        return check_load_kg(to_number(re.sub(r"\s*kg$", "", text, flags=re.IGNORECASE)))
    except (ValueError, SettingsError) as error:
        raise JobError(
            "source", f"The load {text[:40]!r} is not possible.", "Write kilograms as a number: 82.5."
        ) from error


def _read_sets(text: str) -> int | None:
    if not text:
        return None
    try:
        return check_count(to_whole(text), MAX_SETS, "sets")
    except (ValueError, SettingsError) as error:
        raise JobError("source", f"{text[:40]!r} is not a number of sets.", "Write a whole number: 3.") from error
