"""What `formcheck history` writes, reads and deletes: pages, CSV, athletes."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from formcheck.cli.streams import can_ask, print_message, require_store
from formcheck.errors import InputError, OutputError, StoreError
from formcheck.wording import count_noun

if TYPE_CHECKING:
    from formcheck.store.records import KeptSet
    from formcheck.store.remove import Removal
    from formcheck.store.trends import Trend

MAX_NAMED = 20  # files that are named one by one


def write_page(target: Path, name: str, sets: "list[KeptSet]", trends: "list[Trend]") -> None:
    """Write the page of one athlete. Raises OutputError."""
    from formcheck.store.balance import judge_balance
    from formcheck.store.page import render_history

    today = dt.date.today()
    _write(target, render_history(name, sets, trends, judge_balance(sets, today), today))


def _write(target: Path, text: str) -> None:
    from formcheck.report.folder import write_aside

    if target.is_dir():
        raise InputError(f"{target} is a folder.", "Give a file in it.")
    try:
        with write_aside(target) as aside:
            aside.write_text(text, encoding="utf-8", newline="")
    except OutputError as error:
        raise OutputError(error.message, "Give a file in a folder that you can write to.") from error
    print_message(f"wrote {target}")


def export_history(target: Path, athlete: str | None) -> None:
    """Write the history of one athlete, or of all, as CSV. Raises StoreError, OutputError."""
    from formcheck.store.transfer import export_csv

    _write(target, export_csv(require_store(), athlete))


def import_history(source: Path) -> None:
    """Add the sets of a table, all or none. Raises InputError, StoreError."""
    from formcheck.store.connect import open_store
    from formcheck.store.transfer import TOLD_COLUMNS, import_csv

    store = open_store()
    assert store is not None
    done = import_csv(store, source)
    known = f", {done.n_known} {'was' if done.n_known == 1 else 'were'} there already" if done.n_known else ""
    print_message(f"added {count_noun(done.n_new, 'entry', 'entries')} from {source}{known}")
    if done.unread:
        more = f" and {len(done.unread) - MAX_NAMED} more" if len(done.unread) > MAX_NAMED else ""
        unread = f"{', '.join(done.unread[:MAX_NAMED])}{more}"
        print_message(f"not read, as no such column is known: {unread}. The names are {', '.join(TOLD_COLUMNS)}.")


def take_back(athlete: str, uid: str) -> None:
    """Delete one set from the history and say which. Raises StoreError."""
    from formcheck.store.remove import remove_set

    gone = remove_set(require_store(), athlete, uid)
    print_message(f"deleted {gone.performed_on}: {gone.exercise}, {gone.n_sets} x {gone.reps}, {gone.how}")


def delete_history(athlete: str, *, videos: bool, sure: bool) -> None:
    """Delete one athlete, once it is certain that this is wanted, and say what went. Raises StoreError."""
    from formcheck.store.remove import plan_removal, remove_athlete

    store = require_store()
    plan = plan_removal(store, athlete, videos=videos)
    if not sure:
        _ask(plan)
    done = remove_athlete(store, athlete, videos=videos)
    typer.echo(f"deleted {done.athlete}: {_counted(done)}")
    for path in done.files[:MAX_NAMED]:
        print_message(f"  {path}")
    if len(done.files) > MAX_NAMED:
        print_message(f"  and {len(done.files) - MAX_NAMED} more files")
    for each in done.stays:
        print_message(f"  stays: {each}")
    print_message("Copies that you exported or shared are not deleted by this.")
    if done.failed:
        raise typer.Exit(1)


def _counted(plan: "Removal") -> str:
    numbers = (
        (plan.n_rows, "entry", "entries"),
        (len(plan.poses), "file of cached poses", "files of cached poses"),
        (len(plan.folders), "folder of results", "folders of results"),
        (len(plan.files), "file", "files"),
    )
    return ", ".join(count_noun(number, one, many) for number, one, many in numbers)


def _ask(plan: "Removal") -> None:
    """Ask whether to delete. Raises StoreError when nobody can answer, Exit when the answer is no."""
    if not can_ask():
        raise StoreError(
            f"This would delete {plan.athlete}: {_counted(plan)}.", "Nothing was deleted. Add --yes to go ahead."
        )
    print_message(f"This deletes {plan.athlete}: {_counted(plan)}.")
    if not typer.confirm("Go on?", err=True):
        print_message("Nothing was deleted.")
        raise typer.Exit(1)
