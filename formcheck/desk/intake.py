"""How videos come to the desk: sent by a browser, found in a watched folder, named in a manifest."""

import asyncio
import hashlib
import mimetypes
import os
import re
import shutil
import threading
import uuid
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from formcheck.batch.job import JobError, Limits
from formcheck.batch.manifest import read_manifest
from formcheck.batch.naming import name_folder
from formcheck.batch.shelf import OUTCOME, REPORT, VIDEOS, read_json
from formcheck.batch.sources import list_source
from formcheck.cache import hash_file
from formcheck.desk.edits import change_set
from formcheck.desk.keeping import keep_entry, take_back
from formcheck.desk.library import Entry, Library
from formcheck.errors import FormcheckError, InputError, OutputError
from formcheck.report.document import printable
from formcheck.settings import LIFT_CHOICES
from formcheck.store.guessing import guess_athlete, list_names
from formcheck.wording import join_words

UPLOADS = "uploads"
PART = ".part"
SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}")
NAME = re.compile(r"[0-9a-f]{32}")
VIDEO_SUFFIXES = frozenset({".3gp", ".avi", ".insv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mts", ".webm", ".wmv"})
POLL_S = 2.0  # between two looks at a watched folder; a file counts when it has not changed in between
MAX_VIDEO_NAME = 255  # letters of a file's name
MAX_PATH = 4096  # letters of a name with its folders
MAX_TABLE_BYTES = 5_000_000
SHOWN_NAMES = 3  # of videos that a table does not tell apart
NOT_APART = "several videos or rows are called so, and no folder tells them apart."
TOLD_NONE = f"The table's row for {{}} is nobody's: {NOT_APART} Set the athlete on the card, or the folder in the row."
_pairing = threading.Lock()  # videos and tables come several at once: which row is whose is settled one after another


@dataclass(frozen=True)
class Arrived:
    """A video that came: its set, whether the same was here already, and what became of a table's row, in words."""

    uid: str
    known: bool = False
    said: str = ""


def known_athletes(library: Library) -> list[str]:
    """Return the names that the history and the desk know; the desk's alone where the history is out of reach."""
    return sorted({*library.choices()["athletes"], *list_names()}, key=str.casefold)


async def receive(
    library: Library, uid: str, path: str, modified_s: float | None, stream: AsyncIterator[bytes], limits: Limits
) -> Arrived:
    """Write a video to disk as it comes, and add it once it is whole; the same `uid` again is the same video.

    modified_s : when the file was last changed where it comes from, s since 1970: often the day it was filmed.

    Raises InputError for one that is too large or empty, OutputError where it cannot be written.
    """
    if library.find(uid) is not None:
        return Arrived(uid, known=True)
    name = PurePosixPath(path).name or "video"
    uploads = library.home / UPLOADS
    part = uploads / f"{uid}-{uuid.uuid4().hex[:8]}{PART}"
    try:
        uploads.mkdir(exist_ok=True)
        sha256 = await _write(part, name, stream, limits)
        same, has_film = find_same(library, sha256)
        if same is not None and has_film:
            return Arrived(same.uid, known=True)
        uid = uid if same is None else same.uid
        suffix = PurePosixPath(name).suffix
        folder = uploads / uid
        folder.mkdir(exist_ok=True)
        video = folder / (name_folder(PurePosixPath(name).stem, uid) + (suffix if SUFFIX.fullmatch(suffix) else ""))
        if modified_s is not None:
            os.utime(part, (modified_s, modified_s))
        part.replace(video)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise OutputError(
            f"{name} cannot be kept: {why}.", "Make room on this computer, then send it again."
        ) from error
    finally:
        part.unlink(missing_ok=True)
    if same is not None:
        await asyncio.to_thread(move_video, library, same, video, path, own=True)
        return Arrived(uid)
    return await asyncio.to_thread(add_video, library, video, path, own=True, uid=uid, sha256=sha256)


async def _write(part: Path, name: str, stream: AsyncIterator[bytes], limits: Limits) -> str:
    digest, size = hashlib.sha256(), 0
    with part.open("wb") as file:
        async for chunk in stream:
            size += len(chunk)
            if size > limits.max_bytes:
                raise InputError(
                    f"{name} has more than {limits.max_bytes / 1e6:.0f} MB.", "Cut it to the set, or compress it."
                )
            digest.update(chunk)
            file.write(chunk)
        if not size:
            raise InputError(f"{name} is empty.", "Export the video again.")
        file.flush()
        await asyncio.to_thread(os.fsync, file.fileno())
    return digest.hexdigest()


def add_video(
    library: Library,
    video: Path,
    path: str,
    *,
    own: bool,
    uid: str | None = None,
    sha256: str | None = None,
) -> Arrived:
    """Add a video that lies on this computer; `path` is what people call it, folders included."""
    name = printable(PurePosixPath(path).name)[-MAX_VIDEO_NAME:]
    whole = printable(path if own else video.as_posix())[-MAX_PATH:]
    uid = uid or uuid.uuid4().hex
    folder = name_folder(PurePosixPath(name).stem, uid)
    with _pairing:
        told, others = library.told_of(name), library.named(name)
        pairs, is_doubtful = pair_rows({**{each.uid: each.path for each in others}, uid: whole}, told)
        known = {"athlete": guess_athlete(path, known_athletes(library)), **(told[pairs[uid]] if uid in pairs else {})}
        library.add(name=name, place=video, path=whole, folder=folder, own=own, uid=uid, sha256=sha256, **known)
        earlier, _ = pair_rows({each.uid: each.path for each in others}, told)
        for each in others:
            if each.uid in earlier and each.uid not in pairs and not each.reviewed:
                _take_row_back(library, each, told[earlier[each.uid]], whole.removesuffix(path))
    return Arrived(uid, said=TOLD_NONE.format(name) if is_doubtful else "")


def find_same(library: Library, sha256: str) -> tuple[Entry | None, bool]:
    """Return the set of the same video, None where there is none, and whether the video is still at its place."""
    same = library.of_content(sha256)
    here = next((each for each in same if _has_film(each, sha256)), None)
    return here or next(iter(same), None), here is not None


def _has_film(entry: Entry, sha256: str) -> bool:
    place = Path(entry.place)
    try:
        return place.is_file() and (entry.own or hash_file(place) == sha256)
    except OSError:
        return False


def move_video(library: Library, entry: Entry, video: Path, path: str, *, own: bool) -> None:
    """Have a set follow its video to where that lies now, with all that was said about it; `path` as in `add_video`.

    Whose it is follows, too, where it was its old place that had said so.
    """
    name = printable(PurePosixPath(path).name)[-MAX_VIDEO_NAME:]
    whole = printable(path if own else video.as_posix())[-MAX_PATH:]
    changes = {"place": str(video), "path": whole, "name": name, "own": int(own), "message": "", "hint": ""}
    with _pairing:
        known, old = known_athletes(library), entry.path.removeprefix(whole.removesuffix(path))
        athlete = guess_athlete(path, known)
        if athlete is not None and entry.athlete == guess_athlete(old, known):
            changes["athlete"] = athlete
        library.change([entry.uid], changes, judge_anew=entry.state != "done")  # it may be at work at the old place
    if entry.state == "done":
        keep_entry(library, entry.uid)


def _take_row_back(library: Library, entry: Entry, row: Mapping[str, Any], top: str) -> None:
    """Take from a set what a table's row gave it while that fitted no other video; what somebody has changed since
    stays. `top`: the folder that is watched, whose name and those above it are nobody's.
    """
    path = PurePosixPath(entry.path.removeprefix(top))
    spare = {
        "athlete": None if path.is_absolute() else guess_athlete(str(path), known_athletes(library)),
        "performed_on": read_json(str(library.home), entry.folder, OUTCOME).get("filmed_on"),
        "lift_asked": "auto",
    }
    changes = {name: spare.get(name) for name, value in row.items() if getattr(entry, name) == value}
    if "performed_on" in changes:
        changes["day_told"] = False
    if changes:
        take_back(entry)  # the history would keep what a change does not say
        change_set(library, entry, changes)


def tidy_up(library: Library) -> None:
    """Delete what a crash left half sent, and take in what it left whole but had not written down."""
    uploads = library.home / UPLOADS
    places = library.places()
    for each in sorted(uploads.iterdir()) if uploads.is_dir() else ():
        if each.name.endswith(PART):
            each.unlink(missing_ok=True)
            continue
        for video in sorted(each.iterdir()) if each.is_dir() and NAME.fullmatch(each.name) else ():
            if str(video) in places:
                continue
            entry = library.find(each.name)
            if entry is None:
                add_video(library, video, video.name, own=True, uid=each.name, sha256=hash_file(video))
            elif not Path(entry.place).is_file():
                move_video(library, entry, video, entry.name, own=True)


def delete_video(library: Library, entry: Entry) -> None:
    """Delete the desk's own copy of a video, and the results; a video in a watched folder stays where it is."""
    shutil.rmtree(library.home / VIDEOS / entry.folder, ignore_errors=True)
    if entry.own:
        shutil.rmtree(library.home / UPLOADS / entry.uid, ignore_errors=True)


def take_manifest(library: Library, raw: bytes) -> str:
    """Keep what a manifest says of videos, here or still to come; return what became of it, in words. Raises InputError
    for a table that is none.
    """
    rows: dict[str, dict[str, Any]] = {}
    unclear = set()  # paths of which the table says two things
    try:
        for row in read_manifest(raw, LIFT_CHOICES):
            if row.error is not None:
                raise JobError("source", f"Line {row.line}: {row.error.message}", row.error.hint)
            said: dict[str, Any] = {
                "athlete": row.tags.athlete,
                "performed_on": row.tags.date,
                "load_kg": row.tags.load_kg,
                "n_sets": row.tags.sets,
            }
            said |= {"notes": row.tags.notes, "lift_asked": row.lift}
            path = printable(row.path.replace("\\", "/").rstrip("/"))
            said = {key: value for key, value in said.items() if value is not None}
            if rows.setdefault(path, said) != said:
                unclear.add(path)
    except JobError as error:
        raise InputError(f"The table cannot be used. {error.message}", error.hint) from error
    with _pairing:
        return _give_rows(library, rows, unclear)


def _give_rows(library: Library, rows: Mapping[str, dict[str, Any]], unclear: Collection[str]) -> str:
    """Keep a table's rows by path, and give those sets theirs that are here; return what became of it, in words."""
    clear = {path: said for path, said in rows.items() if path not in unclear}
    library.tell(clear)
    doubtful, n_sets = {PurePosixPath(path).name for path in unclear}, 0
    by_name: dict[str, list[str]] = {}
    for path in clear:
        by_name.setdefault(PurePosixPath(path).name, []).append(path)
    for name, own in by_name.items():
        entries = {each.uid: each for each in library.named(name)}
        pairs, is_doubtful = pair_rows({uid: each.path for uid, each in entries.items()}, own)
        if is_doubtful:
            doubtful.add(name)
        for uid, path in pairs.items():
            change_set(library, entries[uid], clear[path])
        n_sets += len(pairs)
    return _tell_taken(len(rows), n_sets, sorted(doubtful))


def _tell_taken(n_videos: int, n_sets: int, doubtful: Sequence[str]) -> str:
    """Return what became of a table. `doubtful`: file names of which it does not tell which video is meant."""
    videos = f"{n_videos} video{'' if n_videos == 1 else 's'}"
    said = f"The table speaks of {videos}; {n_sets} set{' here was' if n_sets == 1 else 's here were'} filled in."
    if not doubtful:
        return said
    more = f"{len(doubtful) - SHOWN_NAMES} more names" if len(doubtful) > SHOWN_NAMES else None
    names = join_words([*doubtful[:SHOWN_NAMES], *filter(None, [more])])
    return f"{said} Nothing was taken for {names}: {NOT_APART}"


def pair_rows(videos: Mapping[str, str], rows: Collection[str]) -> tuple[dict[str, str], bool]:
    """Return which row of a table is of which video (its path by name), of those with one file name, and whether any
    could not be told. A row is of the video with which it shares the longest end, and of none where two share as much.
    """
    ends = {(uid, row): end for uid, path in videos.items() for row in rows if (end := _common_end(path, row))}
    rivals: dict[tuple[int, str], list[int]] = {}
    for pair, end in ends.items():
        for key in enumerate(pair):
            rivals.setdefault(key, []).append(end)
    longest = {key: max(some) for key, some in rivals.items() if some.count(max(some)) == 1}
    pairs = {pair[0]: pair[1] for pair, end in ends.items() if all(longest.get(key) == end for key in enumerate(pair))}
    taken = set(pairs.values())
    return pairs, any(uid not in pairs and row not in taken for uid, row in ends)


def _common_end(one: str, other: str) -> int:
    """Return how many parts two paths share up to their ends; 0 where they name different folders on the way."""
    parts, others = PurePosixPath(one).parts, PurePosixPath(other).parts
    count = min(len(parts), len(others))
    return count if count and parts[-count:] == others[-count:] else 0


def is_video_name(name: str) -> bool:
    """Whether a file's ending says that it is a video: of a watched folder nobody has said that all are."""
    kind, _ = mimetypes.guess_type(name)
    return (kind or "").startswith("video/") or PurePosixPath(name).suffix.lower() in VIDEO_SUFFIXES


class Watch:
    """Looks into a folder from time to time, and adds each new video where it lies, once it has stopped growing. One
    that was only moved is the same set, and one that lies there twice is kept once.
    """

    def __init__(self, library: Library, folder: Path) -> None:
        self.library, self.folder = library, folder
        self.said = ""  # what became last of a table's row, or of a video that is here already
        self._before: dict[str, tuple[int, int]] = {}
        # Videos that get no set, as they were, and where the one of their set lies, "" of a set that was removed.
        self._twins: dict[str, tuple[tuple[int, int], str]] = {}
        self._stopped = threading.Event()
        self._knows_digests = False

    def run(self) -> None:
        """Look until `stop`."""
        while not self._stopped.wait(POLL_S):
            with suppress(FormcheckError, OSError):  # the next look may see more
                self.look()

    def stop(self) -> None:
        """End `run`."""
        self._stopped.set()

    def look(self) -> int:
        """Look once; return how many videos were added."""
        if not self._knows_digests:
            _find_digests(self.library)
            self._knows_digests = True
        listing = list_source(str(self.folder), LIFT_CHOICES, Limits(), str(self.library.home))
        places, now, added = self.library.places(), {}, 0
        for job in listing.jobs:
            if job.refusal is not None or job.place in places or not is_video_name(job.place):
                continue
            try:
                status = Path(job.place).stat()
            except OSError:
                continue
            now[job.place] = (status.st_size, status.st_mtime_ns)
            before, other = self._twins.get(job.place, (None, ""))
            if before == now[job.place] and (not other or (other in places and Path(other).is_file())):
                continue
            if status.st_size and self._before.get(job.place) == now[job.place]:
                added += self._take(Path(job.place), now[job.place])
        self._before = now
        return added

    def _take(self, video: Path, status: tuple[int, int]) -> bool:
        """Take in a video that is at no set's place; return whether it is a new one."""
        path = video.relative_to(self.folder.absolute()).as_posix()
        sha256 = hash_file(video)
        same, has_film = find_same(self.library, sha256)
        if same is None and self.library.was_removed(sha256):
            self._twins[str(video)] = (status, "")
        elif same is None:
            arrived = add_video(self.library, video, path, own=False, sha256=sha256)
            self.said = arrived.said or self.said
            return True
        elif has_film:
            self._twins[str(video)] = (status, same.place)
            self.said = f"{printable(path)} is here already: the same video is kept once."
        else:
            move_video(self.library, same, video, path, own=False)
        return False


def _find_digests(library: Library) -> None:
    """Write down which videos the sets of earlier desks are of: their reports tell, or the videos themselves."""
    for entry in library.of_content(None):
        told = read_json(str(library.home), entry.folder, REPORT).get("source", {}).get("sha256")
        with suppress(OSError):
            library.change([entry.uid], {"sha256": told or hash_file(Path(entry.place))}, judge_anew=False)
