"""Writes sets into the history: those that were filmed, from report.json's content, and those that were logged."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select
from sqlalchemy.exc import IntegrityError

import formcheck
from formcheck.errors import InputError
from formcheck.io.save.columns import REPS
from formcheck.lifts.check import OTHER
from formcheck.report.contract import ContractError, check_report
from formcheck.store import entries
from formcheck.store.connect import Store, open_store, read, write
from formcheck.store.exercises import find_exercise, known_names, plain
from formcheck.store.read import make_set, sets_of
from formcheck.store.records import KeptMeasure, KeptSet
from formcheck.store.schema import athletes, findings, measures, sets
from formcheck.wording import count_reps

NOT_KEPT = frozenset({"number", "complete", "start_s", "turn_s", "stop_s"})  # of a repetition: they measure nothing
TOLD = ("load_kg", "notes", "warm_up", "performed_on", "n_sets")  # columns of a filmed set that no video tells
REP_UNITS = {name: each.unit for name, each in REPS.items() if name not in NOT_KEPT}


@dataclass(frozen=True)
class Kept:
    """What became of a set. `replaced`: analyses of the same stretch of the same video that it took the place of.

    `also_for`: other athletes for whom a set of the same video is kept.
    """

    uid: str
    athlete: str
    performed_on: dt.date
    replaced: int = 0
    also_for: tuple[str, ...] = ()


def keep_set(
    document: Mapping[str, Any],
    *,
    athlete: str,
    date: dt.date | None = None,
    filmed_on: dt.date | None = None,
    load_kg: float | None = None,
    notes: str | None = None,
    warm_up: bool | None = None,
    n_sets: int | None = None,
    folder: Path | None = None,
    store: Store | None = None,
    instead_of: str | None = None,
) -> Kept:
    """Keep one analysed set for an athlete.

    The same stretch of the same video is the same set: analysed again, also with other settings, it takes the earlier
    one's place, and keeps its date, load, notes, warm-up and number of sets where they are not given anew. Safe to call
    from several processes at once.

    Parameters
    ----------
    document : report.json's content, as `formcheck.report.document.build` returns it.
    athlete : the name; a new one is a new athlete.
    date : the day of the set; `filmed_on`, if that is known, else today, if not given.
    filmed_on : what the video itself says of its day.
    load_kg, notes, warm_up : None: not known.
    n_sets : how many sets were done like this one, of which one was filmed; None: not known, and 1 if it never was.
    folder : where the results were written, to be deleted with the athlete.
    store : an open history; the one that FORMCHECK_DB names, if not given.
    instead_of : the ID of a set, whoever's it is, whose place this one takes as well (see `find_alike`).

    Raises
    ------
    SettingsError
        For a name, date, load or notes that cannot be.
    InputError
        For a document that is no report.
    StoreError
        When the history cannot be written.
    """
    name = entries.clean_name(athlete)
    row = {
        "load_kg": entries.check_load_kg(load_kg),
        "notes": entries.clean_notes(notes),
        "warm_up": warm_up,
        "performed_on": None if date is None else entries.check_day(date),
        "n_sets": None if n_sets is None else entries.check_count(n_sets, entries.MAX_SETS, "sets"),
    }
    try:
        check_report(document)
    except ContractError as error:
        raise InputError(f"This is not a report of formcheck: {error}.", "Analyse the video again.") from error
    row |= _filmed_row(document, folder)
    parts = _parts(document)
    spare = _spare_columns(filmed_on)
    opened = store or open_store()
    assert opened is not None
    uid = str(uuid.uuid4())
    return write(opened, lambda connection: _put_filmed(connection, name, row, spare, parts, uid, instead_of))


def find_alike(store: Store, document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return ID and athlete of every kept set that shares a stretch of the video with this one, oldest first."""
    wanted = select(sets.c.uid, athletes.c.name).join(athletes).order_by(sets.c.id)
    like = _alike(_filmed_row(document, None))
    return read(store, lambda connection: [(each.uid, each.name) for each in connection.execute(wanted.where(*like))])


def log_set(
    athlete: str,
    exercise: str,
    *,
    reps: int,
    n_sets: int = 1,
    load_kg: float | None = None,
    date: dt.date | None = None,
    trains: Sequence[str] = (),
    notes: str | None = None,
    warm_up: bool = False,
    store: Store | None = None,
) -> Kept:
    """Keep sets that were not filmed; see `exercises.find_exercise` for `exercise` and `trains`.

    Each call adds: two calls alike are twice the work. Raises SettingsError, StoreError.
    """
    name = entries.clean_name(athlete)
    known = find_exercise(exercise, trains)
    row = {
        "kind": "logged",
        "performed_on": entries.check_day(date or dt.date.today()),
        "exercise": known.name,
        "trains": ",".join(known.trains),
        "n_sets": entries.check_count(n_sets, entries.MAX_SETS, "sets"),
        "reps": entries.check_count(reps, entries.MAX_REPS, "reps"),
        "load_kg": entries.check_load_kg(load_kg),
        "notes": entries.clean_notes(notes),
        "warm_up": warm_up,
        "formcheck_version": formcheck.__version__,
        "kept_at": now(),
        "uid": str(uuid.uuid4()),
    }
    opened = store or open_store()
    assert opened is not None

    def put(connection: Connection) -> Kept:
        athlete_id, shown = find_or_add(connection, name)
        put_set(connection, {**row, "athlete_id": athlete_id}, [], [])
        return Kept(str(row["uid"]), shown, entries.check_day(date or dt.date.today()))

    return write(opened, put)


def now() -> str:
    """Return this moment, in UTC, to the second."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def find_or_add(connection: Connection, name: str) -> tuple[int, str]:
    """Return an athlete's number and name as first written, and let no other writer at this athlete before the end."""
    key = entries.key_of(name)
    wanted = select(athletes.c.id, athletes.c.name).where(athletes.c.key == key).with_for_update()
    found = connection.execute(wanted).first()
    if found is None:
        try:
            with connection.begin_nested():
                connection.execute(insert(athletes).values(key=key, name=name))
        except IntegrityError:  # another writer was quicker
            pass
        found = connection.execute(wanted).one()
    return int(found.id), str(found.name)


def put_set(
    connection: Connection,
    row: Mapping[str, Any],
    measured: Sequence[Mapping[str, Any]],
    found: Sequence[Mapping[str, Any]],
) -> int:
    """Write one set with its measures and findings; return its number."""
    key = connection.execute(insert(sets).values(**row)).inserted_primary_key
    assert key is not None
    set_id = int(key[0])
    for part, rows in ((measures, measured), (findings, found)):
        if rows:
            connection.execute(insert(part), [{**each, "set_id": set_id} for each in rows])
    return set_id


def _put_filmed(
    connection: Connection,
    name: str,
    row: Mapping[str, Any],
    spare: Mapping[str, Any],
    parts: tuple[list[dict[str, Any]], list[dict[str, Any]]],
    uid: str,
    instead_of: str | None,
) -> Kept:
    athlete_id, shown = find_or_add(connection, name)
    replaced = connection.execute(select(sets).where(sets.c.uid == instead_of)).all()
    earlier = [*replaced, *(each for each in find_same(connection, athlete_id, row) if each.uid != instead_of)]
    content = _fill(row, earlier, spare, uid)
    if earlier:
        connection.execute(delete(sets).where(sets.c.id.in_([each.id for each in earlier])))
    put_set(connection, {**content, "athlete_id": athlete_id}, *parts)
    others = select(athletes.c.name).join(sets).where(sets.c.source_sha256 == row["source_sha256"])
    names = connection.scalars(others.where(athletes.c.id != athlete_id).distinct().order_by(athletes.c.name)).all()
    return Kept(content["uid"], shown, content["performed_on"], len(earlier), tuple(names))


def _fill(row: Mapping[str, Any], earlier: Sequence[Any], spare: Mapping[str, Any], uid: str) -> dict[str, Any]:
    """Return a set's columns, with what was not told taken from the set whose place it takes, else from `spare`."""
    content = dict(row)
    for column in TOLD:
        told = [each._mapping[column] for each in earlier if each._mapping[column] is not None]
        if content.get(column) is None:
            content[column] = told[0] if told else spare.get(column)
    return {**content, "uid": earlier[0].uid if earlier else uid}


def preview_set(
    document: Mapping[str, Any],
    store: Store,
    *,
    athlete: str,
    date: dt.date | None = None,
    filmed_on: dt.date | None = None,
    load_kg: float | None = None,
    warm_up: bool | None = None,
) -> tuple[list[KeptSet], KeptSet]:
    """Return what is kept of an athlete, and a set as `keep_set` would keep it, unwritten. Raises StoreError."""
    row = {"load_kg": load_kg, "warm_up": warm_up, "performed_on": date, **_filmed_row(document, None)}
    measured, found = _parts(document)
    placed = {each["place"]: each for each in found}

    def work(connection: Connection) -> tuple[list[KeptSet], KeptSet]:
        wanted = select(athletes.c.id).where(athletes.c.key == entries.key_of(athlete))
        number = connection.scalars(wanted).first()
        earlier = [] if number is None else find_same(connection, number, row)
        content = _fill(row, earlier, _spare_columns(filmed_on), "")
        numbered = {each["place"] for each in measured}
        unmeasured = [(each["code"], each["rep"]) for each in found if each["place"] not in numbered]
        own = make_set(content, [_as_measure(each, placed) for each in measured], unmeasured)
        return ([] if number is None else sets_of(connection, number)), own

    return read(store, work)


def _as_measure(measured: Mapping[str, Any], placed: Mapping[int, Mapping[str, Any]]) -> KeptMeasure:
    """Return a row of `measures` with the verdict of its finding, as the history's questions want it."""
    found = placed.get(measured["place"], {})
    numbers = {name: measured[name] for name in ("code", "rep", "value", "low", "high", "unit")}
    return KeptMeasure(**numbers, verdict=found.get("verdict"), detail=found.get("detail") or {})


def _spare_columns(filmed_on: dt.date | None) -> dict[str, Any]:
    """Return what stands in a filmed set's columns where nobody has told: the video's day, or else today; one set."""
    today = dt.date.today()
    return {"warm_up": False, "performed_on": min(filmed_on or today, today), "n_sets": 1}


def find_same(connection: Connection, athlete_id: int, row: Mapping[str, Any]) -> Sequence[Any]:
    """Return an athlete's sets that share a stretch with this one, oldest first; none without the video's digest."""
    if not row["source_sha256"]:
        return []
    same = sets.c.athlete_id == athlete_id
    return connection.execute(select(sets).where(same, *_alike(row)).order_by(sets.c.id)).all()


def _alike(row: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """Return what holds of the sets that share a stretch of the same video with this one, whoever's they are."""
    alike: list[ColumnElement[bool]] = [sets.c.source_sha256 == row["source_sha256"]]
    if row["end_s"] is not None:
        alike.append(or_(sets.c.start_s.is_(None), sets.c.start_s < row["end_s"]))
    if row["start_s"] is not None:
        alike.append(or_(sets.c.end_s.is_(None), sets.c.end_s > row["start_s"]))
    return alike


def _filmed_row(document: Mapping[str, Any], folder: Path | None) -> dict[str, Any]:
    """Return the columns of a filmed set."""
    source, view, made = document["source"], document["view"], document["provenance"]
    lift = str(document["lift"]["name"])
    known = known_names().get(plain(lift))
    return {
        "kind": "filmed",
        "exercise": lift,
        "trains": ",".join(known.trains if known else (OTHER,)),
        "reps": count_reps(document["reps"]),
        "source_path": _absolute(str(source["path"])),
        "source_sha256": str(source["sha256"]),
        "start_s": made["settings"].get("start"),
        "end_s": made["settings"].get("end"),
        "folder": None if folder is None else str(folder.absolute()),
        "side": view["side"],
        "yaw_deg": view["yaw_deg"],
        "view": view["verdict"],
        "model": str(made["model"])[:100],
        "model_sha256": made["model_sha256"],
        "formcheck_version": str(made["version"])[:50],
        "report_schema": int(document["schema_version"]),
        "kept_at": now(),
    }


def _absolute(path: str) -> str:
    return path if "://" in path else str(Path(path).absolute())


def _parts(document: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of `measures` and `findings`; what was not measured is a finding with its reason alone."""
    blank = {"place": None, "low": None, "high": None}
    measured = [
        {**blank, "code": f"rep.{name}", "rep": rep["number"], "value": rep[name], "unit": unit}
        for rep in document["reps"]
        for name, unit in REP_UNITS.items()
        if rep.get(name) is not None
    ]
    placed = list(enumerate(document["findings"]))
    names = ("code", "rep", "value", "low", "high", "unit")
    measured += [
        {"place": place, **{name: each[name] for name in names}} for place, each in placed if each["value"] is not None
    ]
    told = ("code", "rep", "verdict", "start_s", "end_s", "confidence", "text", "reason", "detail")
    return measured, [{"place": place, **{name: each[name] for name in told}} for place, each in placed]
