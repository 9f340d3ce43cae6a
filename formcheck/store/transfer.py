"""The history as CSV: out for other programs and as a copy, in again without loss, and in from anybody's own table.

A row holds a set and one of its numbers: the set's columns repeat. A set without numbers has one row. To come in, four
columns are enough: athlete, date, exercise, reps; each row without a uid is then one entry of `formcheck log`. What is
there already (by its uid, or by the same stretch of the same video) is left as it is. `spreadsheet` says what a table
may look like, and what is done with a text that a spreadsheet would take for a formula.
"""

import json
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, select

import formcheck
from formcheck import own_files
from formcheck.errors import FormcheckError, InputError
from formcheck.io.spreadsheet import SheetRow, TableError, read_table, to_flag, to_number, to_whole, write_row
from formcheck.own_files import DamagedError
from formcheck.store.connect import Store, read, write
from formcheck.store.entries import (
    MAX_REPS,
    MAX_SETS,
    check_count,
    check_load_kg,
    clean_name,
    clean_notes,
    key_of,
    read_day,
)
from formcheck.store.exercises import find_exercise
from formcheck.store.keep import find_or_add, find_same, now, put_set
from formcheck.store.read import check_row, find_athlete
from formcheck.store.schema import athletes, findings, measures, sets

MAX_TRANSFER_BYTES = 200_000_000  # of a file that is imported
SET_COLUMNS = tuple(each.name for each in sets.columns if each.name not in {"id", "athlete_id", "performed_on"})
NUMBER_COLUMNS = ("code", "place", "rep", "value", "low", "high", "unit")
FINDING_COLUMNS = ("verdict", "from_s", "to_s", "confidence", "text", "reason", "detail")
COLUMNS = ("athlete", "date", *SET_COLUMNS, *NUMBER_COLUMNS, *FINDING_COLUMNS)
NEEDED = ("athlete", "date", "exercise", "reps")
ALIASES = {"sets": "n_sets", "load": "load_kg", "warmup": "warm_up"}
WEIGHTS = ("weight", "weight_kg")  # the load, where no other column is
IN_POUNDS = re.compile(r"((load|weight)_)?(lbs?|pounds?)")
TOLD_COLUMNS = (
    "athlete",
    "date",
    "exercise",
    "sets",
    "reps",
    "load",
    "warm_up",
    "trains",
    "notes",
)  # of one's own table
LOAD_UNIT = re.compile(r"\s*kg\s*$", re.IGNORECASE)
NAMESPACE = uuid.UUID("7a9f6f0e-7a53-4c5c-8f39-1f0a5b8f6a11")  # of uids that stand for a row's own content

Result = TypeVar("Result")


@dataclass(frozen=True)
class Imported:
    """How many sets came in, how many were there already, and the columns that were not read."""

    n_new: int
    n_known: int
    unread: tuple[str, ...] = ()


def export_csv(store: Store, athlete: str | None = None) -> str:
    """Return the history of one athlete, or of all, as CSV. Raises StoreError."""

    def work(connection: Connection) -> str:
        mine = sets.c.athlete_id == find_athlete(connection, athlete).id if athlete is not None else sets.c.id > 0
        ordered = select(sets, athletes.c.name.label("athlete")).join(athletes).where(mine)
        numbers, found = (
            _by_set(connection.execute(select(part).join(sets).where(mine).order_by(part.c.id)).all())
            for part in (measures, findings)
        )
        lines = [write_row(COLUMNS)]
        for row in connection.execute(ordered.order_by(athletes.c.key, sets.c.performed_on, sets.c.id)):
            check_row(row, sets)
            for each in _rows(dict(row._mapping), numbers.get(row.id, []), found.get(row.id, [])):
                lines.append(write_row(each.get(name) for name in COLUMNS))  # noqa: PERF401  # two loops in one line
        return "".join(lines)

    return read(store, work)


def _by_set(rows: Iterable[Any]) -> dict[int, list[Mapping[str, Any]]]:
    result: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        result.setdefault(row.set_id, []).append(dict(row._mapping))
    return result


def _rows(
    kept: Mapping[str, Any], numbers: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Return the lines of one set: a number with its finding, findings without a number, or the set alone."""
    own = {name: kept[name] for name in ("athlete", *SET_COLUMNS)} | {"date": kept["performed_on"].isoformat()}
    by_place = {each["place"]: each for each in found}
    measured = {each["place"] for each in numbers}
    lines = [(each, by_place.get(each["place"])) for each in numbers]
    lines += [(each, each) for each in found if each["place"] not in measured]
    for number, finding in lines:
        cells = {name: number.get(name) for name in NUMBER_COLUMNS}
        if finding is not None:
            cells |= {name: finding[name] for name in ("verdict", "confidence", "text", "reason")}
            cells |= {"from_s": finding["start_s"], "to_s": finding["end_s"]}
            cells["detail"] = json.dumps(finding["detail"], ensure_ascii=False)
        yield {**own, **cells}
    if not lines:
        yield own


def import_csv(store: Store, path: Path) -> Imported:
    """Read a CSV file into the history, all or nothing. Raises InputError, which names the line, and StoreError."""
    names, lines = _read_lines(path)
    entries = list(_read_sets(lines, path))

    def work(connection: Connection) -> Imported:
        known = set(connection.scalars(select(sets.c.uid)))
        n_new = 0
        for entry in entries:
            if entry.row["uid"] in known:
                continue
            athlete_id, _ = find_or_add(connection, entry.athlete)
            if entry.row["kind"] == "filmed" and find_same(connection, athlete_id, entry.row):
                continue
            put_set(connection, {**entry.row, "athlete_id": athlete_id}, entry.numbers, entry.found)
            n_new += 1
        return Imported(n_new, len(entries) - n_new, tuple(name for name in names if name and name not in COLUMNS))

    return write(store, work)


@dataclass(frozen=True)
class _Entry:
    """A set as it will be written."""

    athlete: str
    row: dict[str, Any]
    numbers: list[dict[str, Any]]
    found: list[dict[str, Any]]


def _read_sets(lines: Iterable[tuple[int, dict[str, str]]], path: Path) -> Iterator[_Entry]:
    """Return the sets of a file's lines; those of one uid are one set."""
    together: dict[str, _Entry] = {}
    seen: dict[str, int] = {}
    for number, cells in lines:
        try:
            uid = cells["uid"] or _own_uid(cells, seen)
            entry = together.get(uid)
            if entry is None:
                entry = together[uid] = _Entry(clean_name(cells["athlete"], "athlete"), _set_row(cells, uid), [], [])
            _add_number(entry, cells)
        except FormcheckError as error:
            raise InputError(f"Line {number} of {path}: {error.message}", error.hint) from error
        except (ValueError, OverflowError, RecursionError) as error:
            raise InputError(
                f"Line {number} of {path} cannot be read: {error}.", "Correct the line: nothing was added."
            ) from error
    yield from together.values()


def _read_lines(path: Path) -> tuple[tuple[str, ...], Iterator[tuple[int, dict[str, str]]]]:
    """Return the columns' names, and each line's number and its cells by these names, every known column there."""
    with _say_which(path):
        names, rows = read_table(own_files.read_bytes(path, MAX_TRANSFER_BYTES))
    names = _name_load(tuple(ALIASES.get(name, name) for name in names), path)
    missing = [name for name in NEEDED if name not in names]
    twice = [name for name in COLUMNS if names.count(name) > 1]
    if missing:
        raise InputError(
            f"{path} has no column {', '.join(missing)}.", f"The first line names the columns: {', '.join(NEEDED)}."
        )
    if twice:
        raise InputError(f"{path} has the column {twice[0]} twice.", "Remove one of them.")
    return names, _name_cells(names, rows, path)


def _name_cells(names: tuple[str, ...], rows: Iterable[SheetRow], path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    blank = dict.fromkeys(COLUMNS, "")
    with _say_which(path):
        for row in rows:
            if row.surplus:
                raise InputError(
                    f"Line {row.line} of {path}: {row.surplus[:40]!r} has no heading above it.",
                    "Put text with commas in quotes.",
                )
            named = zip(names, row.cells, strict=True)
            yield row.line, blank | {name: cell for name, cell in named if name in blank}


@contextmanager
def _say_which(path: Path) -> Iterator[None]:
    """Turn what cannot be read into an InputError with the file's name."""
    try:
        yield
    except DamagedError as error:
        raise InputError(f"{path} cannot be read: {error}.", "Check the name and the folder.") from error
    except TableError as error:
        raise InputError(f"{path} is not a table: {error}.", "Save it as CSV UTF-8.") from error


def _name_load(names: tuple[str, ...], path: Path) -> tuple[str, ...]:
    """Return the columns' names with the load under its own. Raises InputError for a load in pounds."""
    if "load_kg" in names:
        return names
    pounds = next((name for name in names if IN_POUNDS.fullmatch(name)), None)
    if pounds is not None:
        raise InputError(
            f"{path} has the load in pounds, in the column {pounds}.",
            "Multiply it by 0.4536, and call the column load_kg.",
        )
    return tuple("load_kg" if name in WEIGHTS else name for name in names)


def _own_uid(cells: Mapping[str, str], seen: dict[str, int]) -> str:
    """Return a uid that the row's own content gives, so that the same file twice adds nothing; equal rows count up."""
    text = json.dumps([key_of(cells["athlete"]), *(cells[name].strip() for name in ("date", *SET_COLUMNS))])
    seen[text] = seen.get(text, 0) + 1
    return str(uuid.uuid5(NAMESPACE, f"{seen[text]} {text}"))


def _set_row(cells: Mapping[str, str], uid: str) -> dict[str, Any]:
    kind = cells["kind"] or "logged"
    if kind not in {"filmed", "logged"}:
        raise ValueError(f"kind is {kind[:40]!r}, not filmed or logged")
    trains = [each.strip() for each in cells["trains"].split(",") if each.strip()]
    known = find_exercise(cells["exercise"], trains)
    reps = _whole(cells["reps"], "reps")
    return {
        "uid": str(uuid.UUID(uid)),
        "kind": kind,
        "performed_on": read_day(cells["date"]),
        "exercise": known.name,
        "trains": ",".join(known.trains),
        "n_sets": check_count(_whole(cells["n_sets"] or "1", "sets"), MAX_SETS, "sets"),
        "reps": reps if kind == "filmed" and reps == 0 else check_count(reps, MAX_REPS, "reps"),
        "load_kg": check_load_kg(_number(LOAD_UNIT.sub("", cells["load_kg"]), "load_kg")),
        "warm_up": _named(to_flag, cells["warm_up"], "warm_up"),
        "notes": clean_notes(cells["notes"]),
        **{name: cells[name] or None for name in ("source_path", "folder")},
        "source_sha256": (cells["source_sha256"] or ("" if kind == "filmed" else None)),
        **{name: _number(cells[name], name) for name in ("start_s", "end_s", "yaw_deg")},
        **{name: _short(cells, name) for name in ("side", "view", "model", "model_sha256", "kept_at")},
        "kept_at": _short(cells, "kept_at") or now(),
        "formcheck_version": _short(cells, "formcheck_version") or formcheck.__version__,
        "report_schema": _whole(cells["report_schema"], "report_schema") if cells["report_schema"] else None,
    }


def _add_number(entry: _Entry, cells: Mapping[str, str]) -> None:
    """Add what a line says beside its set."""
    code = _short(cells, "code", findings)
    if code is None:
        return
    place = _whole(cells["place"], "place") if cells["place"] else None
    same = {"code": code, "place": place, "rep": _whole(cells["rep"], "rep") if cells["rep"] else None}
    value = _number(cells["value"], "value")
    if value is not None:
        ends = {name: _number(cells[name], name) for name in ("low", "high")}
        entry.numbers.append({**same, "value": value, **ends, "unit": _short(cells, "unit", measures) or ""})
    if cells["verdict"]:
        if place is None:
            raise ValueError("a verdict has no place")
        entry.found.append(
            {
                **same,
                "verdict": _short(cells, "verdict", findings),
                "start_s": _number(cells["from_s"], "from_s"),
                "end_s": _number(cells["to_s"], "to_s"),
                "confidence": _number(cells["confidence"], "confidence"),
                "text": cells["text"] or None,
                "reason": cells["reason"] or None,
                "detail": _detail(cells["detail"]),
            }
        )


def _detail(cell: str) -> Any:
    try:
        return own_files.parse_json(cell or "{}")
    except DamagedError as error:
        raise ValueError("detail is not JSON") from error


def _number(cell: str, name: str) -> float | None:
    return _named(to_number, cell, name) if cell.strip() else None


def _whole(cell: str, name: str) -> int:
    return _named(to_whole, cell, name)


def _named(read: Callable[[str], Result], cell: str, name: str) -> Result:
    try:
        return read(cell)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _short(cells: Mapping[str, str], name: str, part: Any = sets) -> str | None:
    """Return a cell that has to fit into its column. Raises ValueError for one that does not, or cannot be shown."""
    cell, room = cells[name], part.columns[name].type.length
    if len(cell) > room or not cell.isprintable():
        raise ValueError(f"{name} is longer than {room} characters or cannot be shown")
    return cell or None
