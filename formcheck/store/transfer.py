"""The history as CSV: out for other programs and as a copy, in again without loss, and in from anybody's own table.

A row holds a set and one of its numbers: the set's columns repeat. A set without numbers has one row. To come in, four
columns are enough: athlete, date, exercise, reps; each row without a uid is then one entry of `formcheck log`. What is
there already (by its uid, or by the same stretch of the same video) is left as it is. Cells that a spreadsheet would
take for a formula have an apostrophe before them.
"""

import csv
import io
import json
import math
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

import formcheck
from formcheck.errors import FormcheckError, InputError
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
from formcheck.store.exercises import find_exercise, plain
from formcheck.store.keep import find_or_add, find_same, now, put_set
from formcheck.store.read import find_athlete
from formcheck.store.schema import athletes, findings, measures, sets

MAX_BYTES = 200_000_000
SET_COLUMNS = tuple(each.name for each in sets.columns if each.name not in {"id", "athlete_id", "performed_on"})
NUMBER_COLUMNS = ("code", "place", "rep", "value", "low", "high", "unit")
FINDING_COLUMNS = ("verdict", "from_s", "to_s", "confidence", "text", "reason", "detail")
COLUMNS = ("athlete", "date", *SET_COLUMNS, *NUMBER_COLUMNS, *FINDING_COLUMNS)
NEEDED = ("athlete", "date", "exercise", "reps")
ALIASES = {"sets": "n_sets", "load": "load_kg"}
FORMULA = re.compile(r"'*[=+\-@\t\r]")
NAMESPACE = uuid.UUID("7a9f6f0e-7a53-4c5c-8f39-1f0a5b8f6a11")  # of uids that stand for a row's own content


@dataclass(frozen=True)
class Imported:
    """How many sets came in, and how many were there already."""

    n_new: int
    n_known: int


def export_csv(store: Store, athlete: str | None = None) -> str:
    """Return the history of one athlete, or of all, as CSV. Raises StoreError."""

    def work(connection: Connection) -> str:
        mine = sets.c.athlete_id == find_athlete(connection, athlete).id if athlete is not None else sets.c.id > 0
        ordered = select(sets, athletes.c.name.label("athlete")).join(athletes).where(mine)
        numbers, found = (
            _by_set(connection.execute(select(part).join(sets).where(mine).order_by(part.c.id)).all())
            for part in (measures, findings)
        )
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for row in connection.execute(ordered.order_by(athletes.c.key, sets.c.performed_on, sets.c.id)):
            writer.writerows(_rows(dict(row._mapping), numbers.get(row.id, []), found.get(row.id, [])))
        return text.getvalue()

    return read(store, work)


def _by_set(rows: Iterable[Any]) -> dict[int, list[Mapping[str, Any]]]:
    result: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        result.setdefault(row.set_id, []).append(dict(row._mapping))
    return result


def _rows(
    kept: Mapping[str, Any], numbers: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, str]]:
    """Return the lines of one set: a number with its finding, findings without a number, or the set alone."""
    own = {name: _cell(kept[name]) for name in SET_COLUMNS}
    own |= {"athlete": _cell(kept["athlete"]), "date": kept["performed_on"].isoformat()}
    by_place = {each["place"]: each for each in found}
    measured = {each["place"] for each in numbers}
    lines = [(each, by_place.get(each["place"])) for each in numbers]
    lines += [(each, each) for each in found if each["place"] not in measured]
    for number, finding in lines:
        cells = {name: _cell(number.get(name)) for name in NUMBER_COLUMNS}
        if finding is not None:
            cells |= {name: _cell(finding[name]) for name in ("verdict", "confidence", "text", "reason")}
            cells |= {"from_s": _cell(finding["start_s"]), "to_s": _cell(finding["end_s"])}
            cells["detail"] = _cell(json.dumps(finding["detail"], ensure_ascii=False))
        yield {**own, **cells}
    if not lines:
        yield own


def _cell(value: Any) -> str:
    """Return a cell that comes back as it went: floats in full, text that would be a formula behind an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    return "'" + text if FORMULA.match(text) else text


def import_csv(store: Store, path: Path) -> Imported:
    """Read a CSV file into the history: all of it, or nothing after the first row that cannot be.

    Raises InputError, which names the line, and StoreError.
    """
    entries = list(_read_sets(path))

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
        return Imported(n_new, len(entries) - n_new)

    return write(store, work)


@dataclass(frozen=True)
class _Entry:
    """A set as it will be written."""

    athlete: str
    row: dict[str, Any]
    numbers: list[dict[str, Any]]
    found: list[dict[str, Any]]


def _read_sets(path: Path) -> Iterator[_Entry]:
    """Return the sets of a file; the lines of one uid are one set."""
    together: dict[str, _Entry] = {}
    seen: dict[str, int] = {}
    for number, cells in _read_lines(path):
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
                f"Line {number} of {path} cannot be read: {error}.", "Mend the line: nothing was kept."
            ) from error
    yield from together.values()


def _read_lines(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Return each line's number and its cells by the columns' names, every column there."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        why = str(getattr(error, "strerror", None) or error).lower()
        raise InputError(f"{path} cannot be read: {why}.", "Check the name and the folder.") from error
    if len(raw) > MAX_BYTES:
        raise InputError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB.", "Import it in parts.")
    try:
        text = raw.decode("utf-8-sig")
        if "\0" in text:
            raise csv.Error("a NUL in it")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        header = [plain(name) if name.strip() else "" for name in next(reader, [])]
        names = [ALIASES.get(name, name) for name in header]
        missing = [name for name in NEEDED if name not in names]
        if missing:
            raise InputError(
                f"{path} has no column {', '.join(missing)}.", f"The first line names the columns: {', '.join(NEEDED)}."
            )
        blank = dict.fromkeys(COLUMNS, "")
        for cells in reader:
            if any(each.strip() for each in cells):
                named = zip(names, map(_uncell, cells), strict=False)
                yield reader.line_num, blank | {name: cell for name, cell in named if name in blank}
    except (UnicodeDecodeError, csv.Error, FormcheckError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} is no table of commas and UTF-8 text.", "Save it as CSV UTF-8.") from error


def _uncell(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell


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
        "load_kg": check_load_kg(_number(cells["load_kg"], "load_kg")),
        "warm_up": cells["warm_up"].strip().lower() in {"1", "true", "yes"},
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
                "detail": json.loads(cells["detail"] or "{}"),
            }
        )


def _number(cell: str, name: str) -> float | None:
    if not cell.strip():
        return None
    try:
        value = float(cell)
    except ValueError as error:
        raise ValueError(f"{name} is {cell[:40]!r}, no number") from error
    if not math.isfinite(value):
        raise ValueError(f"{name} is {cell[:40]!r}, no number")
    return value


def _whole(cell: str, name: str) -> int:
    value = _number(cell, name)
    if value is None or value != int(value) or abs(value) > 1e9:
        raise ValueError(f"{name} is {cell[:40]!r}, no whole number")
    return int(value)


def _short(cells: Mapping[str, str], name: str, part: Any = sets) -> str | None:
    """Return a cell that has to fit into its column. Raises ValueError for one that does not, or cannot be shown."""
    cell, room = cells[name], part.columns[name].type.length
    if len(cell) > room or not cell.isprintable():
        raise ValueError(f"{name} is longer than {room} characters or cannot be shown")
    return cell or None
