"""What a coach changes of sets: read from what a page sends, and done."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from formcheck.batch.shelf import REPORT, read_json
from formcheck.desk.keeping import keep_entry
from formcheck.desk.library import ASKED, Entry, Library
from formcheck.errors import InputError, SettingsError
from formcheck.settings import load_settings
from formcheck.store.entries import check_load_kg, clean_name, clean_notes, read_day
from formcheck.store.guessing import guess_athlete

KNOWN = ("athlete", "day", "load_kg", "notes", "reviewed", "lift", "subject", "start_s", "end_s", "without")
KEPT = ("athlete", "performed_on", "load_kg", "n_sets", "notes")  # columns that the history has, too
MAX_REP = 1000


def read_changes(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that a page wants to be changed. Raises SettingsError or InputError with what is wrong."""
    unknown = sorted(set(sent) - set(KNOWN))
    if unknown:
        raise InputError(f"A set has no {unknown[0]}.", "Load the page again.")
    texts = {name: str(value).strip() if isinstance(value, str | int | float) else "" for name, value in sent.items()}
    changes: dict[str, Any] = {}
    if "athlete" in sent:
        changes["athlete"] = clean_name(texts["athlete"]) if texts["athlete"] else None
    if "day" in sent:
        changes["performed_on"] = read_day(texts["day"]).isoformat() if texts["day"] else None
    if "load_kg" in sent:
        changes["load_kg"] = check_load_kg(_number(texts["load_kg"], "load"))
    if "notes" in sent:
        changes["notes"] = clean_notes(texts["notes"])
    if "reviewed" in sent:
        changes["reviewed"] = int(sent["reviewed"] is True)
    return changes | _read_asked(sent, texts)


def _read_asked(sent: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    """Return what the analysis is to be asked anew."""
    changes: dict[str, Any] = {}
    if "lift" in sent:
        changes["lift_asked"] = load_settings(lift=texts["lift"] or "auto").lift
    if "subject" in sent:
        changes["subject"] = load_settings(subject=texts["subject"] or "auto").subject
    for name in ("start_s", "end_s"):
        if name in sent:
            changes[name] = _number(texts[name], "time")
            if changes[name] is not None and not 0 <= changes[name] < math.inf:
                raise SettingsError(f"{texts[name][:20]} s is not a moment of a video.", "Count from its start.")
    if "without" in sent:
        numbers = sent["without"] if isinstance(sent["without"], list) else [None]
        if not all(isinstance(each, int) and 0 < each <= MAX_REP for each in numbers):
            raise InputError("Those are not repetitions of this set.", "Load the page again.")
        changes["without"] = sorted(set(numbers))
    return changes


def _number(text: str, what: str) -> float | None:
    try:
        return float(text.replace(",", ".")) if text else None
    except ValueError:
        raise SettingsError(f"{text[:20]!r} is not a {what}.", "Write a number, as in 62.5.") from None


def change_sets(library: Library, uids: Sequence[str], sent: Mapping[str, Any]) -> list[str]:
    """Change sets as a page asks; return those that are judged anew. Raises what `read_changes` raises."""
    changes = read_changes(sent)
    entries = [entry for uid in uids if (entry := library.find(uid)) is not None]
    return [each.uid for each in entries if change_set(library, each, changes)]


def change_set(library: Library, entry: Entry, changes: Mapping[str, Any]) -> bool:
    """Write columns of a set, in the history too; return whether it is judged anew. Raises SettingsError."""
    own = {name: value for name, value in changes.items() if _differs(entry, name, value)}
    if any(name in own for name in ("lift_asked", "subject", "start_s", "end_s")) and "without" not in own:
        own["without"] = []  # the numbers would be those of other repetitions now
    if own.keys() & {"start_s", "end_s"}:
        _check_part(library, entry, own.get("start_s", entry.start_s), own.get("end_s", entry.end_s))
    judge_anew = any(name in ASKED and _differs(entry, name, value) for name, value in own.items())
    library.change([entry.uid], own, judge_anew=judge_anew)
    if not judge_anew and entry.state == "done" and own.keys() & set(KEPT):
        keep_entry(library, entry.uid)
    return judge_anew


def _check_part(library: Library, entry: Entry, start_s: float | None, end_s: float | None) -> None:
    """Raise SettingsError where nothing of the video would be left, as far as its length is known."""
    if start_s is not None and end_s is not None and start_s >= end_s:
        raise SettingsError(f"From ({start_s:g} s) is not before To ({end_s:g} s).", "Change one, or leave it empty.")
    source = read_json(str(library.home), entry.folder, REPORT).get("source", {})
    if start_s is not None and start_s >= source.get("duration_s", math.inf):
        raise SettingsError(
            f"From ({start_s:g} s) is past the end of the video, which is {source['duration_s']:.1f} s long.",
            "Choose an earlier moment.",
        )


def name_alike(library: Library, athlete: str) -> list[str]:
    """Give an athlete the sets without one whose file names hold the name, as if the name had been known when they
    came in; return those sets.
    """
    alike = [each for each in library.unnamed() if guess_athlete(each.name, [athlete]) == athlete]
    library.change([each.uid for each in alike], {"athlete": athlete}, judge_anew=False)
    for each in alike:
        if each.state == "done":
            keep_entry(library, each.uid)
    return [each.uid for each in alike]


def _differs(entry: Entry, name: str, value: Any) -> bool:
    now = getattr(entry, name)
    return bool((list(now) if name == "without" else now) != value)
