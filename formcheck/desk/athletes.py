"""An athlete's page: the sets of the desk, the history's trends and balance, and a quick entry to the training log."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from formcheck.desk import answers
from formcheck.desk.intake import known_athletes
from formcheck.desk.library import Entry, Filter, Library
from formcheck.desk.sharing import Shown, WeekSheet
from formcheck.errors import FormcheckError, InputError, StoreError
from formcheck.store.balance import ANSWER_WORDS, Balance, judge_balance
from formcheck.store.connect import open_store
from formcheck.store.entries import key_of, read_day
from formcheck.store.exercises import all_exercises, title_of
from formcheck.store.keep import log_set
from formcheck.store.page import render_history, tell_standing
from formcheck.store.read import list_athletes, load_sets
from formcheck.store.records import KeptSet, say_counts
from formcheck.store.trends import find_trends

MOST_OF_WEEK = 100  # sets on one sheet


def list_athletes_of(library: Library) -> list[dict[str, Any]]:
    """Return every athlete with the counts of what is kept, by name; those whose sets the history lacks have none."""
    try:
        store = open_store(create=False)
        kept = {key_of(each.name): each for each in (list_athletes(store) if store is not None else [])}
    except StoreError:
        kept = {}
    shown = []
    for name in known_athletes(library):
        own = kept.get(key_of(name))
        shown.append(
            {
                "name": name,
                "counts": say_counts(own.n_filmed, own.n_alike, own.n_logged) if own else say_counts(0, 0, 0),
                "last": own.last_on.isoformat() if own and own.last_on else "",
            }
        )
    return shown


def load_history(name: str) -> list[KeptSet]:
    """Return what is kept of an athlete, nothing for one who is not known. Raises StoreError."""
    store = open_store(create=False)
    if store is None or key_of(name) not in {key_of(each.name) for each in list_athletes(store)}:
        return []
    return load_sets(store, name)[1]


def describe_athlete(library: Library, name: str) -> dict[str, Any]:
    """Return what the page of one athlete shows."""
    out_of_reach = ""
    try:
        kept = load_history(name)
    except FormcheckError as error:
        kept, out_of_reach = [], f"{error.message} {error.hint}"
    balance = judge_balance(kept, dt.date.today()) if kept else None
    entries = library.of_athlete(name)
    return {
        "name": name,
        "cards": [answers.card(each) for each in entries],
        "extremes": _find_extremes(entries),
        "weeks": sorted({_monday(each.performed_on) for each in entries if each.performed_on}, reverse=True),
        "has_trends": any(each.measures for each in kept),
        "balance": None if balance is None else _describe_balance(balance),
        "logged": [_log_line(each) for each in reversed(kept) if each.kind == "logged"][:12],
        "exercises": [(each.name, title_of(each.name)) for each in all_exercises()],
        "today": dt.date.today().isoformat(),
        "out_of_reach": out_of_reach,
    }


def _monday(day: str) -> str:
    """Return the Monday of a day's week, both ISO 8601."""
    date = dt.date.fromisoformat(day)
    return (date - dt.timedelta(days=date.weekday())).isoformat()


def _find_extremes(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return each lift's worst set, and that in which least is to be changed; none of those that were not judged."""
    judged = [each for each in entries if each.verdict != "none"]
    found = []
    for lift in dict.fromkeys(each.lift for each in judged):
        own = [each for each in judged if each.lift == lift]
        worst, best = max(own, key=lambda each: each.worst), min(own, key=lambda each: each.worst)
        found.append({"lift": answers.lift_title(lift), "worst": answers.card(worst), "best": answers.card(best)})
    return found


def show_set(library: Library, entry: Entry) -> Shown:
    """Return a set as the pages that are given away need it."""
    notes = tuple((each["time_s"], each["text"], each["strokes"]) for each in library.comments(entry.uid))
    url = f"/sets/{entry.uid}/video"
    card = answers.card(entry)
    name = ", ".join(filter(None, (card["athlete"], card["day"], entry.name)))
    marked = answers.findings_of(library, entry)
    wrong = frozenset((each["code"], each["number"]) for each in marked if each["mark"] == "wrong")
    return Shown(Path(entry.place), name, answers.settings_of(entry), url, notes, card, wrong)


def plan_week(library: Library, name: str, monday: str) -> WeekSheet:
    """Return an athlete's week, its trends those up to today. Raises InputError for a week without a set."""
    try:
        week = _monday(monday)
    except ValueError:
        raise InputError(f"{monday[:20]!r} is not a day.", "Choose a week on the athlete's page.") from None
    entries, _ = library.sets(Filter(athlete=name, week=week), MOST_OF_WEEK)
    if not entries:
        raise InputError(f"{name} has no set with a report in the week of {week}.", "Choose another week.")
    try:
        trends = find_trends(load_history(name))
    except FormcheckError:
        trends = []
    lifts = {each.lift for each in entries}
    told = tuple(
        {"title": f"{title_of(each.exercise)}, {each.quantity.title.lower()}", **tell_standing(each)}
        for each in trends
        if each.exercise in lifts and each.since_first is not None
    )
    return WeekSheet(name, week, tuple(show_set(library, each) for each in entries), told)


def _describe_balance(balance: Balance) -> dict[str, Any]:
    """Return what the page shows of a balance: what to change, the weeks, and each question with its answer."""
    weeks = [
        {**vars(each), "monday": each.monday.isoformat(), "ratio": "" if each.ratio is None else f"{each.ratio:.2f}"}
        for each in balance.weeks
    ]
    answered = [(each.question, ANSWER_WORDS[each.verdict], each.evidence) for each in balance.answers]
    return {"cues": balance.cues, "weeks": weeks, "answers": answered, "note": balance.note}


def _log_line(kept: KeptSet) -> str:
    load = "" if kept.load_kg is None else f", {kept.load_kg:g} kg"
    return f"{kept.performed_on}: {title_of(kept.exercise)}, {kept.n_sets} \N{MULTIPLICATION SIGN} {kept.reps}{load}"


def render_trends(library: Library, name: str) -> str:
    """Return the history's page of an athlete; its sets lead to their reviews."""
    kept, today = load_history(name), dt.date.today()
    links = {each.kept_uid: f"/sets/{each.uid}" for each in library.of_athlete(name) if each.kept_uid}
    return render_history(name, kept, find_trends(kept), judge_balance(kept, today), today, links)


def log_quickly(name: str, sent: Mapping[str, Any]) -> str:
    """Add sets that were not filmed, and return what was kept, in words. Raises FormcheckError for what cannot be."""
    try:
        n_sets, reps = int(str(sent.get("sets") or "1")), int(str(sent.get("reps") or "0"))
        load = str(sent.get("load_kg") or "").replace(",", ".").strip()
        load_kg = float(load) if load else None
    except ValueError:
        raise InputError("Sets, reps and load are numbers.", "Write them in digits.") from None
    exercise = str(sent.get("exercise") or "")
    day = read_day(str(sent.get("day") or "today"))
    kept = log_set(name, exercise, reps=reps, n_sets=n_sets, load_kg=load_kg, date=day)
    load = "" if load_kg is None else f", {load_kg:g} kg"
    what = f"{title_of(exercise)}, {n_sets} \N{MULTIPLICATION SIGN} {reps}{load}"
    return f"Kept for {kept.athlete}, {kept.performed_on}: {what}."
