"""`formcheck analyze --athlete`: what was analysed is kept in the history."""

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from formcheck.cli.options import usage_errors
from formcheck.cli.streams import print_error, print_message
from formcheck.errors import FormcheckError

if TYPE_CHECKING:
    from formcheck.batch.job import Outcome
    from formcheck.data import Report
    from formcheck.store.connect import Store


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
        print_message(f"  the same video is also kept for {', '.join(kept.also_for)}")


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


class BatchKeeper:
    """Keeps those sets of a batch whose athlete is named, each once: a note in its folder says that it was handed on.

    What the history says of it since, corrected or deleted there, then stands: until the set's row, video or settings
    change, or `anew`. `kept` and `before` name the sets that this run and earlier ones kept; `failed` counts the others
    that it should have.
    """

    def __init__(self, out: str, *, anew: bool = False) -> None:
        """`out`: the batch's folder, below which a set's results lie, or a URL, where no folder is kept."""
        self.kept: set[str] = set()
        self.before: set[str] = set()
        self.failed = 0
        self._out, self._anew = out, anew
        self._store: Store | None = None

    def __call__(self, outcome: "Outcome") -> None:
        """Keep one set; the history's errors are told and cost this set alone: a later run hands it on again."""
        if outcome.job.tags.athlete is None:
            return
        from formcheck.store.connect import open_store

        try:
            self._store = self._store or open_store()
            assert self._store is not None
            self._keep_once(outcome, self._store)
        except FormcheckError as error:
            self.failed += 1
            print_error(error, about=Path(str(outcome.document["source"]["path"])))

    def _keep_once(self, outcome: "Outcome", store: "Store") -> None:
        from formcheck.batch.shelf import KEPT, add_file, read_json
        from formcheck.cache import cache_key
        from formcheck.store.read import find_video

        document, folder = outcome.document, outcome.job.folder
        sha256, settings = document["source"]["sha256"], document["provenance"]["settings"]
        told = {"history": store.name, "video": sha256, "tags": asdict(outcome.job.tags), "settings": settings}
        key = cache_key(told)
        note = {} if self._anew else read_json(self._out, folder, KEPT)
        if note.get("key") == key:
            self.before.add(str(note.get("uid")))
            return
        # Results that are older than these notes: nothing has changed since, and the history has the set.
        uid = find_video(store, sha256) if outcome.kept and not note else None
        if uid is None:
            uid = self._keep(outcome, store)
            self.kept.add(uid)
        else:
            self.before.add(uid)
        add_file(self._out, folder, KEPT, json.dumps({"schema_version": 1, "key": key, "uid": uid}) + "\n")

    def _keep(self, outcome: "Outcome", store: "Store") -> str:
        """Return the ID under which a set is kept now."""
        from formcheck.batch.fetch import is_url
        from formcheck.batch.shelf import VIDEOS
        from formcheck.store.keep import keep_set

        tags = outcome.job.tags
        assert tags.athlete is not None
        return keep_set(
            outcome.document,
            athlete=tags.athlete,
            date=_read_day(tags.date),
            filmed_on=_read_day(outcome.filmed_on),
            load_kg=tags.load_kg,
            notes=tags.notes,
            n_sets=tags.sets,
            folder=None if is_url(self._out) else Path(self._out) / VIDEOS / outcome.job.folder,
            store=store,
        ).uid
