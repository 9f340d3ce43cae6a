"""Deletes an athlete with all that is theirs: rows, landmarks in the cache, results, and videos where that is asked.

No file goes that formcheck did not write: of a results' folder only the files under the names that formcheck gives, and
only while its report is the one that was kept; a video only when that is asked for, and only while it is the one that
was analysed. What another athlete's sets need stays too. All that stays is named, with the reason.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, select

from formcheck import cache, own_files
from formcheck.errors import StoreError
from formcheck.store.connect import Store, read, write
from formcheck.store.read import as_set, find_athlete
from formcheck.store.records import KeptSet
from formcheck.store.schema import athletes, sets

RESULTS = frozenset(
    {
        "report.json",
        "report.html",
        "angles.csv",
        "reps.csv",
        "annotated.mp4",
        "blurred.mp4",
        "poses.trc",
        "poses.c3d",
        "poses.csv",
        "poses.parquet",
        "poses_dlc.csv",
        "kinematics.csv",
        "kinematics.parquet",
        "angles.mot",
        "thumbnail.jpg",
        "worst.jpg",
        "best.jpg",
        "browser.mp4",
        "outcome.json",
        "kept.json",
    }
)


@dataclass
class Removal:
    """What goes and what stays. `files` are results and videos, `poses` files of the cache, `stays` sentences.

    `failed` says that something could not be deleted that should have been.
    """

    athlete: str
    n_rows: int
    folders: list[Path] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    poses: list[Path] = field(default_factory=list)
    stays: list[str] = field(default_factory=list)
    failed: bool = False


def plan_removal(store: Store, athlete: str, *, videos: bool = False) -> Removal:
    """Return what `remove_athlete` would delete. Raises StoreError for an athlete who is not known."""

    def work(connection: Connection) -> tuple[str, int, Sequence[Any], set[str]]:
        found = find_athlete(connection, athlete)
        own = select(func.count()).select_from(sets).where(sets.c.athlete_id == found.id)
        columns = select(sets.c.source_path, sets.c.source_sha256, sets.c.folder).distinct()
        filmed = connection.execute(columns.where(sets.c.athlete_id == found.id, sets.c.kind == "filmed")).all()
        others = connection.scalars(select(sets.c.source_sha256).where(sets.c.athlete_id != found.id).distinct()).all()
        return found.name, int(connection.scalar(own) or 0), filmed, {each for each in others if each}

    name, n_rows, filmed, others = read(store, work)
    plan = Removal(name, n_rows)
    for row in filmed:
        if row.source_sha256 in others:
            plan.stays.append(f"{row.source_path} is also another athlete's: its results and poses stay")
            continue
        _plan_files(plan, row, videos=videos)
    plan.stays = list(dict.fromkeys(plan.stays))
    return plan


def _plan_files(plan: Removal, row: Any, *, videos: bool) -> None:
    """Add what one video of the athlete has led to."""
    plan.poses += [each for each in cache.files_of(row.source_sha256 or "") if each not in plan.poses]
    if row.folder is not None:
        folder = Path(row.folder)
        if folder not in plan.folders and _is_report_of(folder, row.source_sha256):
            plan.folders.append(folder)
            own = [each for each in _list(folder) if each.name in RESULTS]
            plan.files += sorted(each for each in own if each.is_file() or each.is_symlink())
    if not row.source_path or "://" in row.source_path:
        return
    video = Path(row.source_path)
    if not os.path.isfile(video) or video in plan.files:  # noqa: PTH113  # pathlib raises for a name that is too long
        return
    if not videos:
        plan.stays.append(f"{video} is the athlete's own video: it goes only with --delete-videos")
    elif cache.hash_file(video) != row.source_sha256:
        plan.stays.append(f"{video} is no longer the video that was analysed")
    else:
        plan.files.append(video)


def remove_athlete(store: Store, athlete: str, *, videos: bool = False) -> Removal:
    """Delete an athlete, files first, so that it can start again; return what went and stayed. Raises StoreError."""
    plan = plan_removal(store, athlete, videos=videos)
    for path in [*plan.files, *plan.poses]:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            plan.stays.append(f"{path} could not be deleted: {(error.strerror or str(error)).lower()}")
            plan.failed = True
    for folder in plan.folders:
        try:
            folder.rmdir()
        except OSError:
            others = sorted(each.name for each in _list(folder))
            if others:
                plan.stays.append(f"{folder} holds {', '.join(others[:3])}, which formcheck did not write")

    def work(connection: Connection) -> None:
        connection.execute(delete(athletes).where(athletes.c.id == find_athlete(connection, athlete).id))

    write(store, work)
    if store.is_sqlite:  # the old rows would stay readable for a while in the write-ahead log
        with store.engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return plan


def remove_set(store: Store, athlete: str, uid: str) -> KeptSet:
    """Delete one set's rows, and return what it was; its files stay. `uid` may be cut short while it is one set's.

    Raises StoreError for an athlete or a set that is not there, or a uid that begins several.
    """

    def work(connection: Connection) -> KeptSet:
        owner = find_athlete(connection, athlete)
        mine = connection.execute(select(sets).where(sets.c.athlete_id == owner.id)).all()
        found = [row for row in mine if uid and row.uid.startswith(uid.lower())]
        if len(found) != 1:
            some = "no set" if not found else f"{len(found)} sets"
            raise StoreError(
                f"{owner.name} has {some} with the ID {uid[:40]!r}.", "See them with formcheck history NAME --sets."
            )
        connection.execute(delete(sets).where(sets.c.id == found[0].id))
        return as_set(found[0], ())

    return write(store, work)


def _is_report_of(folder: Path, sha256: str | None) -> bool:
    """Whether a folder holds the report of this very video; a folder that is a link is nobody's."""

    def read() -> bool:
        content = own_files.read_json(folder / "report.json", own_files.MAX_REPORT_BYTES)
        return not folder.is_symlink() and bool(sha256) and content["source"]["sha256"] == sha256

    return own_files.attempt(read) or False


def _list(folder: Path) -> Iterator[Path]:
    try:
        yield from folder.iterdir()
    except OSError:
        return
