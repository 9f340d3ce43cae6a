"""`formcheck history`: what was kept of an athlete, and how it changed from week to week."""

import json
import sys
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from formcheck.cli.streams import make_table, print_message, print_table, require_store, shows_blocks
from formcheck.cli.transfer import delete_history, export_history, import_history, take_back, write_page
from formcheck.wording import WIDTH, name_unit

NOTHING_YET = "Nothing has been measured yet: film a set and keep it with formcheck analyze VIDEO --athlete NAME."

if TYPE_CHECKING:
    from formcheck.store.load_velocity import LoadVelocity
    from formcheck.store.records import KeptSet
    from formcheck.store.trends import Change, Trend


def history(
    athlete: Annotated[
        str | None, typer.Argument(metavar="[ATHLETE]", help="Whose trends (default: list all names).")
    ] = None,
    *,
    sets: Annotated[bool, typer.Option("--sets", help="Show every set of ATHLETE, with its ID.")] = False,
    delete_set: Annotated[
        str | None, typer.Option(metavar="ID", help="Remove one set of ATHLETE; its files stay.")
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page with charts.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    export: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Write every set and number, of ATHLETE or of all.")
    ] = None,
    import_: Annotated[
        Path | None, typer.Option("--import", metavar="CSV", help="Add the sets of a table; sets already kept stay.")
    ] = None,
    delete_athlete: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Delete an athlete: sets, numbers, cached poses, results folders."),
    ] = None,
    delete_videos: Annotated[
        bool, typer.Option("--delete-videos", help="With --delete-athlete: the athlete's own videos too.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --delete-athlete: do not ask.")] = False,
) -> None:
    """Show how an athlete's break point, overrun, rounding and lowering time went from week to week.

    It also says whether a change is larger than the measurement's error. The history is kept in this user's data
    folder; FORMCHECK_DB names another file, or a PostgreSQL server by its URL.
    """
    if (delete_videos or yes) and delete_athlete is None:
        raise typer.BadParameter("--delete-videos and --yes belong to --delete-athlete NAME.")
    if sum(each is not None for each in (export, import_, delete_athlete)) > 1:
        raise typer.BadParameter("Export, import or delete: one at a time.")
    if athlete is None and (html is not None or sets or delete_set is not None):
        raise typer.BadParameter("--html, --sets and --delete-set are about one athlete: give the name.")
    if export is not None:
        export_history(export, athlete)
    elif import_ is not None:
        import_history(import_)
    elif delete_athlete is not None:
        delete_history(delete_athlete, videos=delete_videos, sure=yes)
    elif athlete is None:
        _show_athletes(as_json=as_json)
    elif delete_set is not None:
        take_back(athlete, delete_set)
    elif sets:
        _show_sets(athlete, as_json=as_json)
    else:
        _show_trends(athlete, html, as_json=as_json)


def _show_athletes(*, as_json: bool) -> None:
    from formcheck.store.connect import open_store
    from formcheck.store.read import list_athletes

    store = open_store(create=False)
    found = [] if store is None else list_athletes(store)
    if as_json:
        rows = [{**vars(each), "first_on": _iso(each.first_on), "last_on": _iso(each.last_on)} for each in found]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False).encode())
        return
    if not found:
        print_message("No set has been kept yet: formcheck analyze VIDEO --athlete NAME, or formcheck log, keeps one.")
        return
    table = make_table("Athlete", ">Filmed", ">Like them", ">Logged", "First", "Last")
    for each in found:
        days = [_iso(day) or "-" for day in (each.first_on, each.last_on)]
        table.add_row(each.name, *map(str, (each.n_filmed, each.n_alike, each.n_logged)), *days)
    print_table(table)


def _iso(day: Any) -> str | None:
    return None if day is None else day.isoformat()


def _show_trends(athlete: str, html: Path | None, *, as_json: bool) -> None:
    from formcheck.store.exercises import title_of
    from formcheck.store.load_velocity import find_profiles, say_profile
    from formcheck.store.read import load_sets
    from formcheck.store.trends import find_trends, say_why_none

    name, sets = load_sets(require_store(), athlete)
    trends, profiles = find_trends(sets), find_profiles(sets)
    if html is not None:
        write_page(html, name, sets, trends)
    if as_json:
        typer.echo(json.dumps(_record(name, sets, trends, profiles), indent=2, ensure_ascii=False).encode())
        return
    typer.echo(_headline(name, sets))
    if not trends:
        typer.echo(say_why_none(sets) or NOTHING_YET)
        return
    for exercise in dict.fromkeys(each.exercise for each in trends):
        own = [each for each in trends if each.exercise == exercise]
        typer.echo(f"\n{title_of(exercise)}\n")
        print_table(_trend_table(own))
        if any(each.since_first for each in own):
            typer.echo("\n  Larger than the measurement's error?")
        for each in own:
            for line in _verdicts(each):
                typer.echo(textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent=" " * 4))
        for profile in profiles:
            if profile.exercise == exercise:
                words = textwrap.fill(say_profile(profile), WIDTH, initial_indent="  ", subsequent_indent=" " * 4)
                typer.echo(f"\n{words}")


def _show_sets(athlete: str, *, as_json: bool) -> None:
    from formcheck.store.exercises import title_of
    from formcheck.store.read import load_sets
    from formcheck.store.trends import set_record

    name, sets = load_sets(require_store(), athlete)
    if as_json:
        typer.echo(json.dumps([set_record(each) for each in sets], indent=2, ensure_ascii=False).encode())
        return
    typer.echo(f"{_headline(name, sets)}\n")
    table = make_table("ID", "Day", "Exercise", ">Sets", ">Reps", ">Load", "How")
    for column in table.columns[:2]:
        column.no_wrap = True
    for each in sets:
        load = "-" if each.load_kg is None else f"{each.load_kg:g} kg"
        day = each.performed_on.isoformat()
        table.add_row(each.uid[:8], day, title_of(each.exercise), str(each.n_sets), str(each.reps), load, each.how)
    print_table(table)


def _headline(name: str, sets: "list[KeptSet]") -> str:
    from formcheck.store.records import count_kinds, say_counts

    days = f", {sets[0].performed_on} to {sets[-1].performed_on}" if sets else ""
    return f"{name}: {say_counts(**count_kinds(sets))}{days}"


def _trend_table(trends: "list[Trend]") -> Any:
    from formcheck.report.terminal import or_dash

    table = make_table("", "Weeks", ">First", ">Last", ">Change", ">Detectable")
    for trend in trends:
        unit = name_unit(trend.quantity.unit)
        values = [each.value for each in trend.weeks]
        least = 0.0 if trend.since_first is None else trend.since_first.detectable
        weeks = spark(values, least) if shows_blocks(sys.stdout) else str(len(values))
        row = [f"{trend.quantity.title}, {unit}", weeks, "", "", "-", "-"]
        row[2], row[3] = (_with_error(trend, place) for place in (0, -1))
        if trend.since_first is not None:
            row[4] = f"{trend.since_first.change:+.{_digits(trend)}f}"
            row[5] = or_dash(trend.since_first.detectable, f".{_digits(trend)}f", "")
        table.add_row(*row)
    return table


def _digits(trend: "Trend") -> int:
    return 2 if trend.quantity.unit == "s" else 1


def _with_error(trend: "Trend", place: int) -> str:
    week, digits = trend.weeks[place], _digits(trend)
    half = (week.high - week.low) / 2
    return f"{week.value:.{digits}f}" + ("" if half != half else f" ±{half:.{digits}f}")  # noqa: PLR0124


def spark(values: list[float], least: float) -> str:
    """Return a block a value, from the lowest to the highest. Values that differ by less than `least` do not fill the
    height, and lie about its middle: what is smaller than the error draws no climb.
    """
    from formcheck.report.terminal import BLOCKS

    low, high = min(values), max(values)
    top = len(BLOCKS) - 1
    span = max(high - low, least) or 1.0
    foot = low if high - low == span else (low + high) / 2 - top // 2 / top * span
    return "".join(BLOCKS[round((each - foot) / span * top)] for each in values)


def _verdicts(trend: "Trend") -> list[str]:
    """Return in sentences whether the changes since the first and the last but one week are larger than the error."""
    changes = [trend.since_first] if len(trend.weeks) == 2 else [trend.since_first, trend.since_previous]
    return [f"{trend.quantity.title}, since {each.since}: {_answer(each)}" for each in changes if each is not None]


def _answer(change: "Change") -> str:
    if change.verdict == "cannot_tell":
        return f"cannot tell, because {change.reason}"
    if change.verdict == "within":
        return "no"
    from formcheck.store.page import NEITHER

    return f"yes, {change.direction or NEITHER}"


def _record(name: str, sets: "list[KeptSet]", trends: "list[Trend]", profiles: "list[LoadVelocity]") -> dict[str, Any]:
    from formcheck.store.records import count_kinds
    from formcheck.store.trends import as_record

    return {
        "athlete": name,
        **count_kinds(sets),
        "trends": [as_record(each) for each in trends],
        "load_velocity": [asdict(each) for each in profiles],
    }
