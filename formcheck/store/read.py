"""Reads the history: athletes, and their sets with what was measured."""

import datetime as dt
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import JSON, Column, Connection, Row, Table, and_, func, select

from formcheck.errors import StoreError
from formcheck.store.connect import Store, read
from formcheck.store.entries import key_of
from formcheck.store.records import KeptMeasure, KeptSet
from formcheck.store.schema import athletes, findings, measures, sets


@dataclass(frozen=True)
class Athlete:
    """An athlete, how many sets are kept of each kind (`records.count_kinds`), and the first and last day; None when
    there are none.
    """

    name: str
    n_filmed: int
    n_alike: int
    n_logged: int
    first_on: dt.date | None
    last_on: dt.date | None


def list_athletes(store: Store) -> list[Athlete]:
    """Return all athletes by name. Raises StoreError."""
    filmed = func.count(sets.c.id).filter(sets.c.kind == "filmed")
    alike = func.coalesce(func.sum(sets.c.n_sets - 1).filter(sets.c.kind == "filmed"), 0)
    logged = func.coalesce(func.sum(sets.c.n_sets).filter(sets.c.kind == "logged"), 0)
    days = func.min(sets.c.performed_on), func.max(sets.c.performed_on)
    wanted = (
        select(athletes.c.name, filmed, alike, logged, *days)
        .outerjoin(sets)
        .group_by(athletes.c.id, athletes.c.key, athletes.c.name)
        .order_by(athletes.c.key)
    )

    def work(connection: Connection) -> list[Athlete]:
        found = [Athlete(*row) for row in connection.execute(wanted)]
        for each in found:
            _check_value(athletes.c.name, each.name)
        return found

    return read(store, work)


def load_sets(store: Store, athlete: str) -> tuple[str, list[KeptSet]]:
    """Return an athlete's name as first written, and the sets by day. Raises StoreError for one who is not known."""

    def work(connection: Connection) -> tuple[str, list[KeptSet]]:
        found = find_athlete(connection, athlete)
        return found.name, sets_of(connection, found.id)

    return read(store, work)


def find_video(store: Store, sha256: str) -> str | None:
    """Return the ID of a kept set of a video, whoever's it is; None where there is none. Raises StoreError."""
    wanted = select(sets.c.uid).where(sets.c.source_sha256 == sha256, sets.c.kind == "filmed")
    return read(store, lambda connection: connection.scalars(wanted).first())


def find_athlete(connection: Connection, athlete: str) -> Row[Any]:
    """Return the athlete's row. Raises StoreError for one who is not known, with the names that are."""
    row = connection.execute(select(athletes).where(athletes.c.key == key_of(athlete))).first()
    if row is not None:
        check_row(row, athletes)
    if row is None:
        names = connection.scalars(select(athletes.c.name).order_by(athletes.c.key).limit(6)).all()
        known = (
            f"Known athletes: {', '.join(names[:5])}{' and others' if len(names) > 5 else ''}."
            if names
            else ("There are none yet: keep a set with formcheck analyze VIDEO --athlete NAME, or formcheck log.")
        )
        raise StoreError(f"There is no athlete {athlete}.", known)
    return row


def sets_of(connection: Connection, athlete_id: int) -> list[KeptSet]:
    """Return the sets of the athlete with this number, by day."""
    measured: dict[int, list[KeptMeasure]] = {}
    together = and_(findings.c.set_id == measures.c.set_id, findings.c.place == measures.c.place)
    wanted = (
        select(measures, findings.c.verdict, findings.c.detail)
        .join(sets, sets.c.id == measures.c.set_id)
        .outerjoin(findings, together)
        .where(sets.c.athlete_id == athlete_id)
        .order_by(measures.c.id)
    )
    for row in connection.execute(wanted):
        check_row(row, measures)
        for column in (findings.c.verdict, findings.c.detail):  # NULL for a number without a finding
            _check_value(column, row._mapping[column], may_lack=True)
        each = KeptMeasure(row.code, row.rep, row.value, row.low, row.high, row.unit, row.verdict, row.detail or {})
        measured.setdefault(row.set_id, []).append(each)
    unmeasured: dict[int, set[tuple[str, int | None]]] = {}
    lacking = (
        select(findings.c.set_id, findings.c.code, findings.c.rep)
        .join(sets, sets.c.id == findings.c.set_id)
        .outerjoin(measures, together)
        .where(sets.c.athlete_id == athlete_id, measures.c.id.is_(None))
    )
    for row in connection.execute(lacking):
        check_row(row, findings)
        unmeasured.setdefault(row.set_id, set()).add((row.code, row.rep))
    ordered = select(sets).where(sets.c.athlete_id == athlete_id).order_by(sets.c.performed_on, sets.c.id)
    return [as_set(row, measured.get(row.id, ()), unmeasured.get(row.id, ())) for row in connection.execute(ordered)]


def as_set(
    row: Row[Any], measured: Sequence[KeptMeasure], unmeasured: Collection[tuple[str, int | None]] = ()
) -> KeptSet:
    """Return a row of `sets` as the questions want it. Raises ValueError for one that formcheck did not write."""
    check_row(row, sets)
    return make_set(row._asdict(), measured, unmeasured)


def make_set(
    columns: Mapping[str, Any],
    measured: Sequence[KeptMeasure],
    unmeasured: Collection[tuple[str, int | None]] = (),
) -> KeptSet:
    """Return the columns of a set, what was measured of it and what was not, as the questions want them."""
    own = {each.name: columns.get(each.name) for each in fields(KeptSet)}
    parts = {"measures": tuple(measured), "unmeasured": frozenset(unmeasured)}
    trains = tuple(columns["trains"].split(","))
    return KeptSet(**{**own, "trains": trains, "model": columns["model_sha256"], **parts})


def check_row(row: Row[Any], part: Table) -> None:
    """Raise ValueError where a row holds what formcheck never writes: SQLite takes any value in any column."""
    for column in part.columns:
        if column in row._mapping:
            _check_value(column, row._mapping[column])


def _check_value(column: Column[Any], value: Any, *, may_lack: bool = False) -> None:
    if value is None and (column.nullable or may_lack):
        return
    kind = dict if isinstance(column.type, JSON) else column.type.python_type
    fits = isinstance(value, (float, int) if kind is float else kind) and isinstance(value, bool) == (kind is bool)
    if not fits or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError(f"{column.name} is {str(value)[:40]!r}")
