"""`formcheck analyze --athlete`: what was analysed is kept in the history."""

import datetime as dt
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from formcheck.cli.options import usage_errors
from formcheck.cli.streams import print_error, print_message
from formcheck.errors import FormcheckError

if TYPE_CHECKING:
    from formcheck.batch.job import Job, Outcome, Tags
    from formcheck.data import Report
    from formcheck.store.connect import Store
    from formcheck.store.keep import Kept


@dataclass(frozen=True)
class Keeping:
    """For whom the sets are kept, in which history, and what is known of them."""

    store: "Store"
    athlete: str
    date: dt.date | None
    load_kg: float | None
    notes: str | None
    warm_up: bool | None


@dataclass(frozen=True)
class KeepOptions:
    """For whom a set is kept, and what is known of it, as typed."""

    athlete: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Keep the sets in this athlete's history; without it none is kept."),
    ] = None
    date: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="With --athlete: the day, as in 2026-11-20 (default: the video's)."),
    ] = None
    load: Annotated[float | None, typer.Option(metavar="KG", help="With --athlete: the load.")] = None
    notes: Annotated[str | None, typer.Option(metavar="TEXT", help="With --athlete: anything worth remembering.")] = (
        None
    )
    warm_up: Annotated[bool, typer.Option("--warm-up", help="With --athlete: exclude from volume and trends.")] = False


def read_keeping(asked: KeepOptions) -> Keeping | None:
    """Return what to keep; None without an athlete. The history is opened now, not after minutes of work.

    Raises BadParameter, a usage error, for a name, date, load or notes that cannot be, or without an athlete;
    StoreError when there is no history to be had.
    """
    if asked.athlete is None:
        if asked != KeepOptions():
            raise typer.BadParameter("--date, --load, --notes and --warm-up describe a kept set: add --athlete NAME.")
        return None
    from formcheck.store.connect import open_store
    from formcheck.store.entries import check_load_kg, clean_name, clean_notes, read_day

    with usage_errors():
        name, words, load_kg = clean_name(asked.athlete), clean_notes(asked.notes), check_load_kg(asked.load)
        day = None if asked.date is None else read_day(asked.date)
    store = open_store()
    assert store is not None
    return Keeping(store, name, day, load_kg, words, asked.warm_up or None)


def keep_report(report: "Report", source: Path, folder: Path, keeping: Keeping) -> None:
    """Keep one analysed set and say so. Raises StoreError."""
    from formcheck.report.document import build
    from formcheck.store.keep import keep_set
    from formcheck.video.recording_date import filmed_on

    kept = keep_set(build(report), **vars(keeping), filmed_on=filmed_on(source), folder=folder)
    instead = ", in place of an earlier analysis" if kept.replaced else ""
    print_message(f"kept for {kept.athlete}, {kept.performed_on}{instead}")
    if kept.also_for:
        print_message(f"  {_name_others(kept)}")


def _name_others(kept: "Kept") -> str:
    return f"the same video is also kept for {', '.join(kept.also_for)}"


def tell_changes(report: "Report", source: Path, keeping: Keeping | None) -> tuple[str, ...]:
    """Return what changed since the athlete did this lift last; nothing where no set is kept. Raises StoreError."""
    if keeping is None:
        return ()
    from formcheck.report.document import build
    from formcheck.store.keep import preview_set
    from formcheck.store.last_time import say_what_changed
    from formcheck.video.recording_date import filmed_on

    told = {name: value for name, value in vars(keeping).items() if name != "notes"}
    return say_what_changed(*preview_set(build(report), **told, filmed_on=filmed_on(source)))


def _read_day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def _find_changes(earlier: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what of a set's row has changed since it was handed on; None where that was another set: of another
    history or video, of another part of this one, or of somebody else in it.
    """
    if any(earlier[name] != told[name] for name in ("history", "video")):
        return None
    changes = {name: value for name, value in told["tags"].items() if value != earlier["tags"].get(name)}
    then, now = earlier["settings"], told["settings"]
    overlap = all(
        (one.get("start") or 0.0) < (math.inf if other.get("end") is None else other["end"])
        for one, other in ((then, now), (now, then))
    )
    is_somebody_else = "athlete" in changes and then.get("subject") != now.get("subject")
    return changes if overlap and not is_somebody_else else None


def _is_gone(place: str, sha256: str) -> bool:
    """Whether a video is no longer where a note says it was; what is packed there may be any."""
    from formcheck.cache import hash_file

    path = Path(place)
    try:
        if path.suffix.lower() == ".zip" or not path.is_file():
            return not path.exists()
        return hash_file(path) != sha256
    except OSError:
        return False


class BatchKeeper:
    """Keeps those sets of a batch whose athlete is named, each once: a note in its folder says what was handed on.

    It then stays where the history has it, with what was corrected there; one that was deleted stays so. Judged anew,
    with other settings or by `anew`, it gets its new numbers there, and of its row only what has changed in that. A
    video that was moved is the same set. `kept` and `before` name the sets that this run and earlier ones kept; `named`
    counts those that have an athlete, and `failed` those of them that could not be kept.
    """

    def __init__(self, out: str, *, anew: bool = False) -> None:
        """`out`: the batch's folder, below which a set's results lie, or a URL, where no folder is kept."""
        self.kept: set[str] = set()
        self.before: set[str] = set()
        self.named = 0
        self.failed = 0
        self._out, self._anew = out, anew
        self._store: Store | None = None
        self._left: list[dict[str, Any]] = []  # notes whose folder another video has now

    def __call__(self, outcome: "Outcome") -> None:
        """Keep one set; the history's errors are told and cost this set alone: a later run hands it on again."""
        if outcome.job.tags.athlete is None:
            return
        from formcheck.store.connect import open_store

        self.named += 1
        try:
            self._store = self._store or open_store()
            assert self._store is not None
            self._keep_once(outcome, self._store)
        except FormcheckError as error:
            self.failed += 1
            print_error(error, about=Path(str(outcome.document["source"]["path"])))

    def _keep_once(self, outcome: "Outcome", store: "Store") -> None:
        from formcheck.batch.shelf import KEPT, read_json
        from formcheck.cache import cache_key
        from formcheck.own_files import attempt
        from formcheck.store.read import find_video

        document, job = outcome.document, outcome.job
        sha256, settings = document["source"]["sha256"], document["provenance"]["settings"]
        history = cache_key({"history": store.name})
        told = {"history": history, "video": sha256, "tags": asdict(job.tags), "settings": settings}
        note = read_json(self._out, job.folder, KEPT)
        moved = None if attempt(lambda: note["told"]["video"]) == sha256 else self._find_moved(told)
        note = moved or note
        uid, earlier = str(note.get("uid")), note.get("told", {})
        if earlier == told and moved is None and not self._anew:
            self.before.add(uid)
            return
        changes = attempt(lambda: _find_changes(earlier, told))
        if changes is not None:
            uid, is_kept = self._keep_again(outcome, store, note, changes)
        else:
            # Results that are older than these notes: nothing has changed since, and the history has the set.
            found = find_video(store, sha256) if outcome.kept and not earlier else None
            uid, is_kept = found or self._keep(outcome, store, job.tags), found is None
        (self.kept if is_kept else self.before).add(uid)
        self._write_note(job, {"schema_version": 2, "told": told, "uid": uid}, moved)

    def _keep_again(
        self, outcome: "Outcome", store: "Store", note: Mapping[str, Any], changes: dict[str, Any]
    ) -> tuple[str, bool]:
        """Bring the history in line with a set that was handed on before; return its ID, and whether it was kept. Who
        has given it to another athlete since has said whose it is, whatever its row says now.
        """
        from formcheck.batch.job import Tags
        from formcheck.store.entries import key_of

        job, uid, earlier = outcome.job, str(note.get("uid")), note["told"]
        place = self._find_kept(store, outcome.document, uid)
        if place is None:  # it was deleted, but may have another row now
            return (self._keep(outcome, store, job.tags), True) if changes else (uid, False)
        uid, athlete = place
        asked = changes.get("athlete", athlete)
        if key_of(asked) != key_of(athlete):
            if key_of(athlete) != key_of(str(earlier["tags"].get("athlete"))):
                print_message(f"{job.label}: stays with {athlete}, who was given it in the history, not with {asked}")
                del changes["athlete"]
                if not changes and earlier["settings"] == outcome.document["provenance"]["settings"] and not self._anew:
                    return uid, False
            elif self._is_shared(job, uid):
                return self._keep(outcome, store, job.tags), True
            else:
                print_message(f"{job.label}: kept for {asked} now, no longer for {athlete}")
        return self._keep(outcome, store, Tags(**{"athlete": athlete, **changes}), instead_of=uid), True

    @cached_property
    def _notes(self) -> dict[str, dict[str, Any]]:
        """All notes of the batch, by folder: of videos that were moved or left out, too."""
        from formcheck.batch.shelf import KEPT, list_folders, read_json

        notes = {folder: read_json(self._out, folder, KEPT) for folder in list_folders(self._out)}
        return {folder: note for folder, note in notes.items() if isinstance(note.get("told"), dict)}

    def _find_moved(self, told: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the note of the same set where that is of a video which is not there any more, None for none."""
        from formcheck.own_files import attempt

        for note in (*self._left, *self._notes.values()):
            place, earlier = note.get("place"), note["told"]
            if earlier.get("video") != told["video"] or not isinstance(place, str):
                continue
            if attempt(partial(_find_changes, earlier, told)) is not None and _is_gone(place, told["video"]):
                return note
        return None

    def _find_kept(self, store: "Store", document: Mapping[str, Any], uid: str) -> tuple[str, str] | None:
        """Return the ID and the athlete under which a set is kept now that was kept under `uid`, or None.

        Who moves a set in the desk deletes it and keeps it under another ID: it is then the one of the same stretch
        that no other video of this batch is.
        """
        from formcheck.store.keep import find_alike

        alike = find_alike(store, document)
        own = next((each for each in alike if each[0] == uid), None)
        if own is not None or not alike:
            return own
        noted = {note.get("uid") for note in self._notes.values()}
        return next((each for each in alike if each[0] not in noted), None)

    def _is_shared(self, job: "Job", uid: str) -> bool:
        """Whether a set is that of another video of the batch as well, which is still where it was."""
        others = [note for folder, note in self._notes.items() if folder != job.folder and note.get("uid") == uid]
        places = [(note.get("place"), note["told"].get("video")) for note in others]
        return any(not isinstance(place, str) or not _is_gone(place, video) for place, video in places)

    def _write_note(self, job: "Job", note: dict[str, Any], moved: dict[str, Any] | None) -> None:
        """Write what was handed on of a set; `moved`: the note that it had where its video was before."""
        from formcheck.batch.fetch import is_url
        from formcheck.batch.shelf import KEPT, add_file, remove_file

        if not is_url(job.place):
            note["place"] = job.place
        add_file(self._out, job.folder, KEPT, json.dumps(note) + "\n")
        if moved is None and "_notes" not in vars(self):
            return
        earlier, self._notes[job.folder] = self._notes.get(job.folder), note
        self._left = [each for each in self._left if each is not moved]
        for folder in [folder for folder, each in self._notes.items() if each is moved]:
            del self._notes[folder]
            remove_file(self._out, folder, KEPT)
        if earlier is not None and earlier is not moved and earlier["told"].get("video") != note["told"]["video"]:
            self._left.append(earlier)

    def _keep(self, outcome: "Outcome", store: "Store", tags: "Tags", instead_of: str | None = None) -> str:
        """Keep a set and return the ID under which it is kept now; say for whom else its video is."""
        from formcheck.batch.fetch import is_url
        from formcheck.batch.shelf import VIDEOS
        from formcheck.store.keep import keep_set

        assert tags.athlete is not None
        kept = keep_set(
            outcome.document,
            athlete=tags.athlete,
            date=_read_day(tags.date),
            filmed_on=_read_day(outcome.filmed_on),
            load_kg=tags.load_kg,
            notes=tags.notes,
            n_sets=tags.sets,
            folder=None if is_url(self._out) else Path(self._out) / VIDEOS / outcome.job.folder,
            store=store,
            instead_of=instead_of,
        )
        if kept.also_for:
            print_message(f"{outcome.job.label}: {_name_others(kept)}")
        return kept.uid
