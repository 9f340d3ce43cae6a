"""`formcheck analyze --athlete`: what was analysed is kept in the history."""

import datetime as dt
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from formcheck.cli.options import usage_errors
from formcheck.cli.streams import print_error, print_message
from formcheck.errors import FormcheckError

if TYPE_CHECKING:
    from formcheck.batch.job import Outcome, Tags
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


class BatchKeeper:
    """Keeps those sets of a batch whose athlete is named, each once: a note in its folder says what was handed on.

    It then stays where the history has it, with what was corrected there; one that was deleted stays so. Judged anew,
    with other settings or by `anew`, it gets its new numbers there, and of its row only what has changed in that.
    `kept` and `before` name the sets that this run and earlier ones kept; `failed` counts the others that it should
    have.
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
        from formcheck.batch.job import Tags
        from formcheck.batch.shelf import KEPT, add_file, read_json
        from formcheck.cache import cache_key
        from formcheck.own_files import attempt
        from formcheck.store.keep import find_kept
        from formcheck.store.read import find_video

        document, folder = outcome.document, outcome.job.folder
        sha256, settings = document["source"]["sha256"], document["provenance"]["settings"]
        history = cache_key({"history": store.name})
        told = {"history": history, "video": sha256, "tags": asdict(outcome.job.tags), "settings": settings}
        note = read_json(self._out, folder, KEPT)
        uid, earlier = str(note.get("uid")), note.get("told", {})
        if earlier == told and not self._anew:
            self.before.add(uid)
            return
        kept: str | None = None
        changes = attempt(lambda: _find_changes(earlier, told))
        if changes is not None:
            place = find_kept(store, document, uid)
            if place is not None:
                kept = self._keep(outcome, store, Tags(**{"athlete": place[1], **changes}), instead_of=place[0])
            elif changes:  # it was deleted, but has another row now
                kept = self._keep(outcome, store, outcome.job.tags)
        else:
            # Results that are older than these notes: nothing has changed since, and the history has the set.
            found = find_video(store, sha256) if outcome.kept and not earlier else None
            uid = found or uid
            kept = None if found else self._keep(outcome, store, outcome.job.tags)
        (self.before if kept is None else self.kept).add(kept or uid)
        text = json.dumps({"schema_version": 2, "told": told, "uid": kept or uid})
        add_file(self._out, folder, KEPT, text + "\n")

    def _keep(self, outcome: "Outcome", store: "Store", tags: "Tags", instead_of: str | None = None) -> str:
        """Return the ID under which a set is kept now."""
        from formcheck.batch.fetch import is_url
        from formcheck.batch.shelf import VIDEOS
        from formcheck.store.keep import keep_set

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
            instead_of=instead_of,
        ).uid
