"""Where the history lies, and how it is opened: SQLite unless FORMCHECK_DB says otherwise.

FORMCHECK_DB is the path of a SQLite file, or a URL: sqlite:///..., postgresql://user@host/database. Several programs
may write at once: in SQLite (write-ahead log) one after the other, in PostgreSQL as it is made for. A work that meets
a lock or a deadlock all the same is done again from its beginning.
"""

import logging
import os
import random
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, inspect, make_url, select, table, text
from sqlalchemy.pool import NullPool
from sqlalchemy.sql import column

from formcheck.errors import StoreError
from formcheck.store.schema import HEAD, VERSION_TABLE, metadata

if TYPE_CHECKING:
    from alembic.config import Config

DB_VARIABLE = "FORMCHECK_DB"
FILE_NAME = "history.db"
WRITERS_WAIT_S = 60.0  # for other writers, all tries together
BUSY_MS = 15_000  # of it within one statement, by SQLite itself
DATABASE_S = 5  # for a database to answer
MIGRATION_LOCK = 0x666F726D  # PostgreSQL's advisory lock while the tables are built
# SQLSTATE: serialization failure, deadlock, lock not available
TRY_AGAIN = frozenset({"40001", "40P01", "55P03"})
LACKING = frozenset({"42703", "42P01", "42804"})  # undefined column, undefined table, another type
LACKING_SQLITE = re.compile(r"no such (table|column)|has no column named|NOT NULL constraint failed: formcheck_schema")
DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT})
DAMAGED_TEXT = re.compile("malformed|decode to UTF-8")
MAX_WHY = 200  # characters of the database's own words
DENIED = frozenset({"42501", "3F000"})  # insufficient privilege; no schema that this role may use
NAMELESS = ""  # the revision of tables whose version was taken away
HOW = "Give a path, or postgresql://user:password@host/database."
PERMIT = f"Change the permissions of the file and its folder, or set {DB_VARIABLE} to another."
ANOTHER = f"Set {DB_VARIABLE} to another file, or put a copy of this one back."

Result = TypeVar("Result")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Store:
    """An open history. `name` is what a message may call it: no password in it."""

    engine: Engine
    name: str

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of this computer."""
        return self.engine.dialect.name == "sqlite"


def locate() -> URL:
    """Return where the history lies. Nothing is created. Raises StoreError for a URL that is not understood."""
    named = os.environ.get(DB_VARIABLE, "").strip()
    if not named:
        import platformdirs

        return _file_url(Path(platformdirs.user_data_dir("formcheck", appauthor=False)) / FILE_NAME)
    if "://" not in named:
        return _file_url(Path(named).expanduser())
    try:
        url = make_url(named)
    except (exc.ArgumentError, ValueError) as error:
        raise StoreError(f"{DB_VARIABLE} is not a URL that formcheck can read.", HOW) from error
    kind = url.drivername.partition("+")[0]
    if kind in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    if kind == "sqlite" and url.database and url.database != ":memory:":
        return _file_url(Path(url.database).expanduser())
    raise StoreError(f"{DB_VARIABLE} names a database that formcheck does not know: {kind}.", HOW)


def _file_url(path: Path) -> URL:
    return URL.create("sqlite", database=str(path.absolute()))


def open_store(*, create: bool = True) -> Store | None:
    """Return the history, its tables brought up to date; None without `create` when nothing was ever kept.

    Raises StoreError when it is out of reach, damaged, of another program, or written by a newer formcheck.
    """
    url = locate()
    name = url.database if url.drivername == "sqlite" else url.render_as_string(hide_password=True)
    assert name is not None
    if url.drivername == "sqlite":
        path = Path(name)
        if not _check_file(path):
            if not create:
                return None
            _make_folder(path.parent)
    store = Store(_make_engine(url), name)
    prepare(store)
    return store


def _check_file(path: Path) -> bool:
    """Return whether the file is there. Raises StoreError for what can be no database.

    It is looked at, not opened: who closes a file gives up every lock that the process has on it (POSIX), SQLite's too.
    """
    try:
        if path.is_dir():
            raise StoreError(f"{path} is a folder, not a database.", f"Set {DB_VARIABLE} to a file.")
        if path.exists() and not path.is_file():
            raise StoreError(f"{path} is not a file.", f"Set {DB_VARIABLE} to a file.")
        return path.exists()
    except (OSError, ValueError) as error:
        why = str(getattr(error, "strerror", None) or error).lower()
        raise StoreError(f"The history {path} cannot be opened: {why}.", f"Set {DB_VARIABLE} to another.") from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise StoreError(
            f"The folder {folder} for the history cannot be created: {why}.", f"Set {DB_VARIABLE} to a file elsewhere."
        ) from error


def _make_engine(url: URL) -> Engine:
    if url.drivername == "sqlite":
        engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": BUSY_MS / 1000})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        options = {} if "connect_timeout" in url.query else {"connect_timeout": DATABASE_S}
        return create_engine(url, poolclass=NullPool, connect_args=options)
    except ImportError as error:
        raise StoreError(
            "PostgreSQL needs a driver that is not installed.", "Run: pip install 'formcheck[postgres]'."
        ) from error


def _set_up_sqlite(connection: Any, _: Any) -> None:
    """Leave transactions to us, keep what is committed through a power cut, and leave no trace of what is deleted."""
    connection.isolation_level = None
    for pragma in ("foreign_keys=ON", "synchronous=FULL", "secure_delete=ON", f"busy_timeout={BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once where something will be written: a lock taken later could not wait for its turn."""
    writes = connection.get_execution_options().get("formcheck_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def read(store: Store, work: Callable[[Connection], Result]) -> Result:
    """Return what `work` finds, all of it of one moment. Raises StoreError."""
    return _run(store, work, writes=False)


def write(store: Store, work: Callable[[Connection], Result]) -> Result:
    """Do `work` whole or not at all, again from its beginning when other writers were in the way. Raises StoreError."""
    return _run(store, work, writes=True)


def _run(store: Store, work: Callable[[Connection], Result], *, writes: bool) -> Result:
    engine = store.engine.execution_options(formcheck_writes=writes)
    end_s = time.monotonic() + WRITERS_WAIT_S
    pause_s = 0.01
    while True:
        try:
            with _explained(store), engine.connect() as connection, connection.begin():
                return work(connection)
        except _OthersInTheWayError as error:
            if time.monotonic() > end_s:
                raise StoreError(
                    f"The history {store.name} was in use by others for {WRITERS_WAIT_S:.0f} s.", "Try again later."
                ) from error
        time.sleep(pause_s * (0.5 + random.random()))  # noqa: S311  # no secret: writers must not march in step
        pause_s = min(2 * pause_s, 1.0)


class _OthersInTheWayError(Exception):
    """Nothing was done, because another writer was in the way: do it again."""


@contextmanager
def _explained(store: Store) -> Iterator[None]:
    """Turn the database's complaints, and rows that formcheck never writes, into a sentence and the next step."""
    try:
        yield
    except exc.DBAPIError as error:
        if _is_lock(error):
            raise _OthersInTheWayError from error
        raised = _explain(error, store)
        if raised is None:
            raise
        raise raised from error
    except (ValueError, TypeError, AttributeError, KeyError, ArithmeticError, RecursionError) as error:
        log.debug("a row of the history could not be read", exc_info=True)  # what goes in is checked before it does
        why = " ".join(str(error).split())[:MAX_WHY]
        raise StoreError(
            f"The history {store.name} holds something that formcheck never writes ({why}).", ANOTHER
        ) from error


def _explain(error: exc.DBAPIError, store: Store) -> StoreError | None:
    """Return what a database complains of as a sentence with the next step; None for what can only be a bug of ours."""
    why = " ".join(str(error.orig).split())[:MAX_WHY]
    state = getattr(error.orig, "sqlstate", None)
    code = _code_of(error)
    others_made_it = state in LACKING or (store.is_sqlite and LACKING_SQLITE.search(why) is not None)
    refused = isinstance(error, exc.IntegrityError | exc.DataError)
    unusable = isinstance(error, exc.OperationalError | exc.InterfaceError) or type(error) is exc.DatabaseError
    history = f"The history {store.name}"
    answers = (  # the first that holds
        (code == sqlite3.SQLITE_NOTADB, f"{store.name} is not a database.", f"Nothing was changed. {ANOTHER}"),
        (others_made_it, f"{history} is not as formcheck made it ({why}).", f"Nothing was changed. {ANOTHER}"),
        (code in DAMAGE or DAMAGED_TEXT.search(why) is not None, f"{history} is damaged ({why}).", ANOTHER),
        (code == sqlite3.SQLITE_READONLY, f"{history} is read-only: nothing was kept.", PERMIT),
        (state in DENIED, f"{history} does not allow this: {why}.", "Ask for the right to create and fill tables."),
        (refused, f"{history} does not accept this set: {why}.", f"Nothing was kept. {ANOTHER}"),
        (unusable, f"{history} cannot be used: {why}.", _next_step(store)),
    )
    return next((StoreError(message, hint) for holds, message, hint in answers if holds), None)


def _code_of(error: exc.DBAPIError) -> int | None:
    """Return SQLite's primary result code; None for an error of the driver's own, as of a text that is no UTF-8."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _is_lock(error: exc.DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        return _code_of(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    return getattr(error.orig, "sqlstate", None) in TRY_AGAIN


def _next_step(store: Store) -> str:
    if store.is_sqlite:
        return f"Check that the file and its folder can be written and have space, or set {DB_VARIABLE} to another."
    return f"Check that the server is running and that {DB_VARIABLE} is right."


def prepare(store: Store) -> None:
    """Bring the tables to this version's. Raises StoreError when they are another program's, or a newer formcheck's."""
    found = read(store, lambda connection: _look(connection, store))
    if found == HEAD:
        return
    if found is None and store.is_sqlite:
        _use_log(store)
    write(store, lambda connection: _migrate(connection, store))


def _look(connection: Connection, store: Store) -> str | None:
    """Return the revision of our tables; None: none yet. Raises StoreError when they must be let alone."""
    found = _revision(connection)
    if found == HEAD:
        return found
    if found == NAMELESS:
        raise StoreError(f"The history {store.name} is not as formcheck made it (its version is not there).", ANOTHER)
    if found is not None and found not in _known_revisions():
        raise StoreError(
            f"The history {store.name} was written by a newer formcheck (tables {found[:20]}, this version knows those "
            f"up to {HEAD}).",
            f"Install the newer formcheck, or set {DB_VARIABLE} to another history.",
        )
    tables = set(inspect(connection).get_table_names())
    taken = tables if store.is_sqlite else tables & set(metadata.tables)
    if found is None and taken:
        raise StoreError(
            f"{store.name} is a database of another program: it has the table {min(taken)[:100]}.",
            f"Nothing was changed. Set {DB_VARIABLE} to another.",
        )
    return found


def _revision(connection: Connection) -> str | None:
    """Return the revision of the tables; None when there are none of ours, NAMELESS where they do not tell."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    told = connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE)))
    return NAMELESS if told is None else str(told)


def _use_log(store: Store) -> None:
    """Let readers read while somebody writes; a network file system cannot, and the rest works all the same."""

    def switch(connection: Connection) -> None:
        for statement in ("COMMIT", "PRAGMA journal_mode=WAL", "BEGIN"):  # not within a transaction
            connection.exec_driver_sql(statement)

    read(store, switch)


def _migrate(connection: Connection, store: Store) -> None:
    """Build the tables, unless another program did meanwhile."""
    from alembic import command

    if not store.is_sqlite:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    if _look(connection, store) != HEAD:
        config = _script_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _known_revisions() -> set[str]:
    from alembic.script import ScriptDirectory

    return {each.revision for each in ScriptDirectory.from_config(_script_config()).walk_revisions()}


def _script_config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config
