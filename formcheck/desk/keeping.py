"""A set of the desk in the athlete's history: kept there once it has an athlete, and taken back when that changes."""

import datetime as dt

from formcheck.batch.shelf import REPORT, VIDEOS, read_json
from formcheck.desk.library import Entry, Library
from formcheck.errors import FormcheckError
from formcheck.store.connect import open_store
from formcheck.store.entries import key_of
from formcheck.store.keep import keep_set
from formcheck.store.remove import remove_set


def keep_entry(library: Library, uid: str) -> None:
    """Bring the history in line with a set. What the history complains of is written on the set, and stops nothing."""
    entry = library.find(uid)
    if entry is None:
        return
    try:
        changes = {**_keep(library, entry), "unkept": ""}
    except FormcheckError as error:
        changes = {"unkept": f"{error.message} {error.hint}"}
    library.change([uid], changes, judge_anew=False)


def take_back(entry: Entry) -> None:
    """Delete a set from the history it was kept in; one that is not there any more is as good as deleted."""
    if entry.kept_for is None or entry.kept_uid is None:
        return
    store = open_store(create=False)
    if store is not None:
        try:
            remove_set(store, entry.kept_for, entry.kept_uid)
        except FormcheckError:
            return


def _keep(library: Library, entry: Entry) -> dict[str, str | None]:
    """Return for whom a set is kept now, and under which name. Raises FormcheckError."""
    if entry.kept_for is not None and (entry.athlete is None or key_of(entry.kept_for) != key_of(entry.athlete)):
        take_back(entry)
    document = read_json(str(library.home), entry.folder, REPORT)
    if entry.athlete is None or not document:
        return {"kept_for": None, "kept_uid": None}
    day = None if entry.performed_on is None else dt.date.fromisoformat(entry.performed_on)
    kept = keep_set(
        {**document, "source": {**document["source"], "path": entry.place}},
        athlete=entry.athlete,
        date=day if entry.day_told else None,
        filmed_on=day,
        load_kg=entry.load_kg,
        n_sets=entry.n_sets,
        notes=entry.notes,
        folder=library.home / VIDEOS / entry.folder,
    )
    return {"kept_for": kept.athlete, "kept_uid": kept.uid}
