"""`formcheck balance`: what an athlete's programme holds, week by week, and what it lacks."""

import datetime as dt
import json
import textwrap
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from formcheck.cli.options import usage_errors
from formcheck.cli.streams import make_table, print_table, require_store
from formcheck.wording import WIDTH, count_noun

if TYPE_CHECKING:
    from formcheck.store.balance import Balance

MAX_WEEKS = 104  # two years


def balance(
    athlete: Annotated[str, typer.Argument(metavar="ATHLETE", help="Whose programme.")],
    *,
    weeks: Annotated[int, typer.Option(min=1, max=MAX_WEEKS, metavar="N", help="How many weeks to look back.")] = 4,
    until: Annotated[str, typer.Option(metavar="DATE", help="The last day that counts.")] = "today",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Ask of an athlete's weeks: hamstrings to quads 1:1, hinge and curl, short head, slow lowerings.

    Volume is counted in hard sets a week [D]: every set that is not a warm-up counts as one for what it trains.
    """
    from formcheck.store.balance import judge_balance
    from formcheck.store.entries import read_day
    from formcheck.store.read import load_sets

    with usage_errors():
        day = read_day(until)
    name, sets = load_sets(require_store(), athlete)
    found = judge_balance(sets, day, weeks)
    if as_json:
        typer.echo(json.dumps(_record(name, day, found), indent=2, ensure_ascii=False).encode())
    else:
        _print(name, day, found)


def _record(name: str, until: dt.date, found: "Balance") -> dict[str, object]:
    return {
        "athlete": name,
        "until": until.isoformat(),
        "measure": "hard sets a week [D]",
        "weeks": [{**asdict(week), "monday": week.monday.isoformat(), "ratio": week.ratio} for week in found.weeks],
        "running": None if found.running is None else found.running.isoformat(),
        "answers": [asdict(each) for each in found.answers],
        "cues": list(found.cues),
    }


def _print(name: str, until: dt.date, found: "Balance") -> None:
    from rich.table import Table

    from formcheck.store.balance import ANSWER_WORDS

    typer.echo(f"{name}: {count_noun(len(found.weeks), 'week')} to {until}\n")
    typer.echo("What to change" if found.cues else "Nothing to change in what could be judged.")
    for place, cue in enumerate(found.cues, 1):
        typer.echo(textwrap.fill(cue, WIDTH, initial_indent=f"  {place}  ", subsequent_indent=" " * 5))
    typer.echo("\nHard sets a week [D]: each set that is not a warm-up counts as one\n")
    table = make_table("Week of", ">Hamstrings", ">Quads", ">Ratio", ">Hinge", ">Knee flexion")
    for week in found.weeks:
        ratio = "-" if week.ratio is None else f"{week.ratio:.2f}"
        counts = week.hamstrings, week.quads, ratio, week.hinge, week.knee_flexion
        table.add_row(str(week.monday), *map(str, counts))
    print_table(table)
    typer.echo(f"\n{found.note}\n" if found.note else "")
    rows = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for each in found.answers:
        rows.add_row(each.question, ANSWER_WORDS[each.verdict], each.evidence)
    print_table(rows)
