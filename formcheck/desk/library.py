"""What the desk knows of every set: one SQLite file in its home folder, and the desk's only state.

The history is another file, and may be a server that several people share; what stands here is about the videos of this
computer: which wait, which are done, what a coach said about them. Every function opens and closes its own connection,
so that any thread may call it, and commits whole or not at all.
"""

import json
import sqlite3
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, Self

from formcheck.errors import StoreError

FILE_NAME = "desk.db"
BUSY_S = 15.0  # for other writers
MARK_MOMENT_S = 0.75  # a mark is of the finding that starts so near to where it was made [D]
MARKED = ("lift", "code", "rep", "start_s", "verdict", "value", "low", "high", "unit")  # of a finding, with its mark
QUEUE = 200  # sets that are looked at of those that wait: more than there are workers, and than a page shows
RECENT = 20  # finished sets whose time an estimate is made of

State = Literal["waiting", "done", "failed"]
ASKED = ("lift_asked", "subject", "start_s", "end_s", "without")  # what an analysis is asked: a change judges anew

FIRST = """
CREATE TABLE sets (
  uid TEXT PRIMARY KEY, name TEXT NOT NULL, place TEXT NOT NULL, own INTEGER NOT NULL, sha256 TEXT,
  folder TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', edited INTEGER NOT NULL DEFAULT 0, added_s REAL NOT NULL,
  athlete TEXT, performed_on TEXT, load_kg REAL, notes TEXT, reviewed INTEGER NOT NULL DEFAULT 0,
  lift_asked TEXT NOT NULL DEFAULT 'auto', subject TEXT NOT NULL DEFAULT 'auto', start_s REAL, end_s REAL,
  without TEXT NOT NULL DEFAULT '[]', revision INTEGER NOT NULL DEFAULT 0,
  lift TEXT, worst REAL NOT NULL DEFAULT 0, verdict TEXT NOT NULL DEFAULT '', n_reps INTEGER,
  said TEXT NOT NULL DEFAULT '',
  cues TEXT NOT NULL DEFAULT '[]', elapsed_s REAL, done_s REAL, plays INTEGER NOT NULL DEFAULT 1,
  failure TEXT, message TEXT NOT NULL DEFAULT '', hint TEXT NOT NULL DEFAULT '',
  kept_for TEXT, kept_uid TEXT, unkept TEXT NOT NULL DEFAULT ''
);
CREATE INDEX sets_by_state ON sets (state, worst);
CREATE INDEX sets_by_place ON sets (place);
CREATE INDEX sets_by_content ON sets (sha256);
CREATE TABLE found (set_uid TEXT NOT NULL REFERENCES sets ON DELETE CASCADE, code TEXT NOT NULL, verdict TEXT NOT NULL);
CREATE INDEX found_by_set ON found (set_uid);
CREATE INDEX found_by_code ON found (code);
CREATE TABLE marks (
  set_uid TEXT NOT NULL REFERENCES sets ON DELETE CASCADE, code TEXT NOT NULL, start_s REAL, rep INTEGER,
  verdict TEXT NOT NULL, mark TEXT NOT NULL, marked_s REAL NOT NULL
);
CREATE INDEX marks_by_set ON marks (set_uid);
CREATE TABLE comments (
  uid TEXT PRIMARY KEY, set_uid TEXT NOT NULL REFERENCES sets ON DELETE CASCADE, time_s REAL NOT NULL,
  text TEXT NOT NULL, strokes TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX comments_by_set ON comments (set_uid);
CREATE TABLE told (name TEXT PRIMARY KEY, content TEXT NOT NULL);
"""
SECOND = """
ALTER TABLE sets ADD COLUMN path TEXT NOT NULL DEFAULT '';
ALTER TABLE sets ADD COLUMN n_sets INTEGER;
ALTER TABLE sets ADD COLUMN day_told INTEGER NOT NULL DEFAULT 0;
UPDATE sets SET path = CASE WHEN own THEN name ELSE place END;
"""
THIRD = """
ALTER TABLE marks ADD COLUMN lift TEXT;
ALTER TABLE marks ADD COLUMN value REAL;
ALTER TABLE marks ADD COLUMN low REAL;
ALTER TABLE marks ADD COLUMN high REAL;
ALTER TABLE marks ADD COLUMN unit TEXT;
"""
FOURTH = """
CREATE TABLE removed (sha256 TEXT PRIMARY KEY);
"""
STEPS = (
    FIRST,
    SECOND,
    THIRD,
    FOURTH,
)  # how the file came to be as it is; one that lies on somebody's computer is never changed


@dataclass(frozen=True)
class Entry:
    """One set of the desk.

    place : the video's path; `own`: the desk's own copy. path : the video's name with the folders that it came in.
    folder : the name of the results' folder. performed_on : ISO 8601; `day_told`: somebody has said it, not the video.
    n_sets : how many like it were done. lift_asked, subject, start_s, end_s, without : what the analysis is asked (see
    `Settings`). revision : goes up with every change of that. lift, worst, verdict,
    n_reps, said, cues : what came of it (see `answers.sum_up_set`). plays : whether every browser plays the video.
    failure, message, hint : why there is no report. kept_for, kept_uid : whose history holds the set, and under which
    name; unkept : why none does.
    """

    uid: str
    name: str
    place: str
    own: bool
    path: str
    sha256: str | None
    folder: str
    state: State
    edited: bool
    added_s: float
    athlete: str | None
    performed_on: str | None
    day_told: bool
    load_kg: float | None
    n_sets: int | None
    notes: str | None
    reviewed: bool
    lift_asked: str
    subject: str
    start_s: float | None
    end_s: float | None
    without: tuple[int, ...]
    revision: int
    lift: str | None
    worst: float
    verdict: str
    n_reps: int | None
    said: str
    cues: tuple[Mapping[str, Any], ...]
    elapsed_s: float | None
    done_s: float | None
    plays: bool
    failure: str | None
    message: str
    hint: str
    kept_for: str | None
    kept_uid: str | None
    unkept: str

    @classmethod
    def of(cls, row: sqlite3.Row) -> Self:
        """Return the entry of a row."""
        values = {name: row[name] for name in row.keys()}  # noqa: SIM118  # a row's iteration gives values
        for name in ("own", "edited", "reviewed", "plays", "day_told"):
            values[name] = bool(values[name])
        for name in ("without", "cues"):
            values[name] = tuple(json.loads(values[name]))
        return cls(**values)


@dataclass(frozen=True)
class Filter:
    """Which sets are shown; None or "": all. week : its Monday. codes : checks of which one found something."""

    athlete: str | None = None
    lift: str | None = None
    codes: tuple[str, ...] = ()
    week: str | None = None
    reviewed: bool | None = None

    def where(self) -> tuple[str, list[Any]]:
        """Return the condition in SQL, and its values."""
        parts = ["state != 'failed'", "lift IS NOT NULL"]
        values: list[Any] = []
        if self.athlete is not None:
            parts.append("COALESCE(athlete, '') = ?")
            values.append(self.athlete)
        if self.lift:
            parts.append("lift = ?")
            values.append(self.lift)
        if self.week:
            parts.append("performed_on >= ? AND performed_on < date(?, '+7 days')")
            values += [self.week, self.week]
        if self.reviewed is not None:
            parts.append("reviewed = ?")
            values.append(int(self.reviewed))
        if self.codes:
            marks = ", ".join("?" * len(self.codes))
            parts.append(f"uid IN (SELECT set_uid FROM found WHERE code IN ({marks}))")  # noqa: S608  # question marks
            values += self.codes
        return " AND ".join(parts), values


ORDER = "worst DESC, performed_on DESC, name, uid"


def default_home() -> Path:
    """Return the desk's folder beside the history's file, where this system keeps a user's data. Nothing is made."""
    import platformdirs

    return Path(platformdirs.user_data_dir("formcheck", appauthor=False)) / "desk"


class Library:
    """The file, opened anew for every piece of work."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.path = home / FILE_NAME
        with self._open() as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > len(STEPS):
                raise StoreError(
                    f"{self.path} was written by a newer formcheck.",
                    "Install that, or name another folder with --home.",
                )
            if version < len(STEPS):
                steps = "".join(STEPS[version:])
                connection.executescript(
                    f"PRAGMA journal_mode=WAL; BEGIN; {steps} PRAGMA user_version={len(STEPS)}; COMMIT;"
                )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection in one transaction. Raises StoreError where the file cannot be used."""
        try:
            connection = sqlite3.connect(self.path, timeout=BUSY_S)
            try:
                connection.row_factory = sqlite3.Row
                for pragma in ("foreign_keys=ON", "synchronous=FULL"):
                    connection.execute(f"PRAGMA {pragma}")
                with connection:
                    yield connection
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise StoreError(
                f"The desk's file {self.path} cannot be used: {error}.",
                "See that its folder may be written and has room.",
            ) from error

    # ---- videos come in ----
    def add(self, *, name: str, place: Path, folder: str, own: bool, **known: Any) -> str:
        """Add a set that waits for its analysis; return its uid. `known`: that, and columns whose value is known."""
        uid = known.pop("uid", None) or uuid.uuid4().hex
        row = {
            "uid": uid,
            "name": name,
            "place": str(place),
            "path": place.as_posix(),
            "own": own,
            "folder": folder,
            "added_s": time.time(),
            **_mark_day(known),
        }
        with self._open() as connection:
            _insert(connection, "sets", row)
        return str(uid)

    def find(self, uid: str) -> Entry | None:
        """Return one set, None where there is none."""
        return next(iter(self._entries("WHERE uid = ?", [uid])), None)

    def of_content(self, sha256: str | None) -> list[Entry]:
        """Return the sets of one video, the oldest first; for None those of which the video's digest is not known."""
        return self._entries("WHERE sha256 IS ? ORDER BY added_s", [sha256])

    def places(self) -> set[str]:
        """Return the paths of all videos."""
        with self._open() as connection:
            return {row[0] for row in connection.execute("SELECT place FROM sets")}

    def unnamed(self) -> list[Entry]:
        """Return the sets that have no athlete."""
        return self._entries("WHERE athlete IS NULL ORDER BY added_s", [])

    def remove(self, uid: str) -> None:
        """Forget a set with all that was said about it, but that a watched folder's video is not wanted any more."""
        video = "SELECT sha256 FROM sets WHERE uid = ? AND NOT own AND sha256 IS NOT NULL"
        with self._open() as connection:
            connection.execute(f"INSERT OR IGNORE INTO removed {video}", [uid])  # a text of ours
            connection.execute("DELETE FROM sets WHERE uid = ?", [uid])

    def was_removed(self, sha256: str) -> bool:
        """Whether somebody has removed the set of a video that lies in a watched folder."""
        with self._open() as connection:
            return connection.execute("SELECT 1 FROM removed WHERE sha256 = ?", [sha256]).fetchone() is not None

    # ---- the queue ----
    def waiting(self, count: int = QUEUE) -> list[Entry]:
        """Return the first of the sets that wait: those that a coach has just changed, then the oldest."""
        return self._entries("WHERE state = 'waiting' ORDER BY edited DESC, added_s, uid LIMIT ?", [count])

    def change(self, uids: Iterable[str], changes: Mapping[str, Any], *, judge_anew: bool) -> None:
        """Write columns of sets. With `judge_anew` they wait for a new analysis."""
        values = {name: json.dumps(value) if name == "without" else value for name, value in changes.items()}
        values = _mark_day(values)
        extra = ", state = 'waiting', edited = 1, revision = revision + 1" if judge_anew else ""
        if not values and not extra:
            return
        parts = ", ".join(f"{_column(name)} = ?" for name in values)
        with self._open() as connection:
            for uid in uids:
                told = f"UPDATE sets SET {parts or 'uid = uid'}{extra} WHERE uid = ?"  # noqa: S608  # names of ours
                connection.execute(told, [*values.values(), uid])

    def finish(
        self, uid: str, revision: int, result: Mapping[str, Any], found: Sequence[tuple[str, str]] | None
    ) -> bool:
        """Write what came of an analysis; False, and nothing, where the set was changed or removed meanwhile. A day
        that was said meanwhile stands. `found`: the checks that found something, None for those of before.
        """
        values = {
            "state": "done",
            "failure": None,
            "message": "",
            "hint": "",
            **result,
            "done_s": time.time(),
            "edited": 0,
        }
        parts = ", ".join(f"{_column(name)} = ?" for name in values)
        parts = parts.replace("performed_on = ?", "performed_on = COALESCE(performed_on, ?)")
        with self._open() as connection:
            told = f"UPDATE sets SET {parts} WHERE uid = ? AND revision = ? AND state = 'waiting'"  # noqa: S608
            if connection.execute(told, [*values.values(), uid, revision]).rowcount != 1:
                return False
            if found is not None:
                connection.execute("DELETE FROM found WHERE set_uid = ?", [uid])
            connection.executemany("INSERT INTO found VALUES (?, ?, ?)", [(uid, *each) for each in found or ()])
        return True

    def counts(self) -> dict[str, int]:
        """Return how many sets wait, are done and failed, and how many of those done nobody has reviewed ("new")."""
        with self._open() as connection:
            found = dict(connection.execute("SELECT state, COUNT(*) FROM sets GROUP BY state").fetchall())
            new = connection.execute("SELECT COUNT(*) FROM sets WHERE state = 'done' AND NOT reviewed").fetchone()[0]
        return {"waiting": 0, "done": 0, "failed": 0, **found, "new": new}

    def usual_s(self) -> float | None:
        """Return how long an analysis took of late, s; None before the first."""
        told = "SELECT elapsed_s FROM sets WHERE elapsed_s > 0.5 ORDER BY done_s DESC LIMIT ?"
        with self._open() as connection:
            times_s = sorted(row[0] for row in connection.execute(told, [RECENT]))
        return times_s[len(times_s) // 2] if times_s else None

    # ---- lists ----
    def failed(self) -> list[Entry]:
        """Return the sets without a report, the newest first."""
        return self._entries("WHERE state = 'failed' ORDER BY added_s DESC LIMIT 200", [])

    def recent(self, count: int) -> list[Entry]:
        """Return the sets that were finished last."""
        return self._entries("WHERE state = 'done' ORDER BY done_s DESC LIMIT ?", [count])

    def sets(self, wanted: Filter, count: int, first: int = 0) -> tuple[list[Entry], int]:
        """Return `count` sets of a filter from the `first` on, the worst first, and how many there are."""
        where, values = wanted.where()
        with self._open() as connection:
            total = connection.execute(f"SELECT COUNT(*) FROM sets WHERE {where}", values).fetchone()[0]  # noqa: S608
        return self._entries(f"WHERE {where} ORDER BY {ORDER} LIMIT ? OFFSET ?", [*values, count, first]), total

    def neighbours(self, wanted: Filter, uid: str) -> tuple[str | None, str | None, int, int]:
        """Return the set before and after one in a filter's order, its place from 1 (0: there is none) and their
        number. The set itself keeps its place where the filter no longer holds it: a coach who has just marked it as
        reviewed goes on from there.
        """
        where, values = wanted.where()
        with self._open() as connection:
            told = f"SELECT uid FROM sets WHERE ({where}) OR uid = ? ORDER BY {ORDER}"  # noqa: S608  # names of ours
            uids = [row[0] for row in connection.execute(told, [*values, uid])]
        if uid not in uids:
            return None, uids[0] if uids else None, 0, len(uids)
        place = uids.index(uid)
        after = uids[place + 1] if place + 1 < len(uids) else None
        return (uids[place - 1] if place else None), after, place + 1, len(uids)

    def choices(self) -> dict[str, list[str]]:
        """Return what sets can be filtered by: athletes, lifts, weeks (their Mondays, newest first) and codes."""
        week = "date(performed_on, 'weekday 0', '-6 days')"
        with self._open() as connection:

            def column(told: str) -> list[str]:
                return [row[0] for row in connection.execute(told)]

            return {
                "athletes": column("SELECT DISTINCT athlete FROM sets WHERE athlete IS NOT NULL ORDER BY 1"),
                "lifts": column("SELECT DISTINCT lift FROM sets WHERE lift IS NOT NULL ORDER BY lift"),
                "weeks": column(
                    f"SELECT DISTINCT {week} FROM sets WHERE performed_on IS NOT NULL ORDER BY 1 DESC"  # noqa: S608
                ),
                "codes": column("SELECT DISTINCT code FROM found ORDER BY code"),
            }

    def of_athlete(self, athlete: str) -> list[Entry]:
        """Return an athlete's sets that have a report, the newest first."""
        where, values = Filter(athlete=athlete).where()
        return self._entries(f"WHERE {where} ORDER BY performed_on DESC, done_s DESC", values)

    # ---- what a coach says ----
    def mark(self, uid: str, finding: Mapping[str, Any], mark: str | None) -> None:
        """Write whether a finding (`MARKED`, of which a mark of an earlier desk has no lift and no numbers) is right or
        wrong, as it is now: the set may be judged anew. None takes the mark back.
        """
        with self._open() as connection:
            for row in connection.execute("SELECT rowid, * FROM marks WHERE set_uid = ?", [uid]).fetchall():
                if is_of(row, finding):
                    connection.execute("DELETE FROM marks WHERE rowid = ?", [row["rowid"]])
            if mark is not None:
                told = {name: finding.get(name) for name in MARKED}
                _insert(connection, "marks", {"set_uid": uid, **told, "mark": mark, "marked_s": time.time()})

    def marks(self, uid: str | None = None) -> list[dict[str, Any]]:
        """Return the marks of a set, or of all, oldest first."""
        told = "SELECT * FROM marks WHERE set_uid = ? OR ? IS NULL ORDER BY marked_s"
        with self._open() as connection:
            return [dict(row) for row in connection.execute(told, [uid, uid])]

    def comment(self, uid: str, time_s: float, text: str, strokes: Sequence[Sequence[Sequence[float]]]) -> str:
        """Keep words, and lines drawn (points as shares of the picture), at a moment of a set; return their name."""
        name = uuid.uuid4().hex
        row = {"uid": name, "set_uid": uid, "time_s": time_s, "text": text, "strokes": json.dumps(strokes)}
        with self._open() as connection:
            _insert(connection, "comments", row)
        return name

    def comments(self, uid: str) -> list[dict[str, Any]]:
        """Return a set's comments by their moment."""
        with self._open() as connection:
            told = "SELECT uid, time_s, text, strokes FROM comments WHERE set_uid = ? ORDER BY time_s, rowid"
            return [{**dict(row), "strokes": json.loads(row["strokes"])} for row in connection.execute(told, [uid])]

    def remove_comment(self, uid: str, comment: str) -> None:
        """Delete one comment of a set."""
        with self._open() as connection:
            connection.execute("DELETE FROM comments WHERE uid = ? AND set_uid = ?", [comment, uid])

    # ---- what a manifest says of videos by their paths ----
    def tell(self, rows: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep what is said of videos (columns by path), for those that are still to come."""
        with self._open() as connection:
            told = [(name, json.dumps(content)) for name, content in rows.items()]
            connection.executemany("INSERT OR REPLACE INTO told VALUES (?, ?)", told)

    def told_of(self, name: str) -> dict[str, dict[str, Any]]:
        """Return what manifests said of videos with this file name, by path."""
        told = "SELECT name, content FROM told WHERE name = ?1 OR substr(name, -length(?1) - 1) = '/' || ?1"
        with self._open() as connection:
            return {row[0]: json.loads(row[1]) for row in connection.execute(told, [name])}

    def named(self, name: str) -> list[Entry]:
        """Return the sets whose video has this file name."""
        return self._entries("WHERE name = ?", [name])

    def _entries(self, rest: str, values: Sequence[Any]) -> list[Entry]:
        with self._open() as connection:
            return [Entry.of(row) for row in connection.execute(f"SELECT * FROM sets {rest}", values)]  # noqa: S608


def is_of(mark: Any, finding: Mapping[str, Any]) -> bool:
    """Whether a mark was made of this finding: the same check at the same moment, whatever number the rep has now."""
    if mark["code"] != finding["code"]:
        return False
    one, other = mark["start_s"], finding["start_s"]
    if one is None or other is None:
        return one is other and mark["rep"] == finding["rep"]
    return abs(float(one) - float(other)) < MARK_MOMENT_S


COLUMNS = frozenset(each.name for each in fields(Entry))


def _mark_day(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns that somebody has said, with the mark that the day among them is not the video's own."""
    return {"day_told": int(said["performed_on"] is not None), **said} if "performed_on" in said else dict(said)


def _column(name: str) -> str:
    """Return a column's name, which no text from outside can be."""
    assert name in COLUMNS, name
    return name


def _insert(connection: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> None:
    columns, marks = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(row.values()))  # noqa: S608  # ours
