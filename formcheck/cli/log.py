"""`formcheck log`: sets that were not filmed."""

from typing import Annotated

import typer

from formcheck.cli.options import usage_errors
from formcheck.cli.streams import print_message
from formcheck.wording import count_noun


def log(
    athlete: Annotated[str | None, typer.Argument(metavar="ATHLETE", help="Whose sets.")] = None,
    exercise: Annotated[
        str | None, typer.Argument(metavar="EXERCISE", help="One of --exercises, or any with --trains.")
    ] = None,
    *,
    sets: Annotated[int, typer.Option(metavar="N", help="How many sets.")] = 1,
    reps: Annotated[int | None, typer.Option(metavar="N", help="Repetitions of each set.")] = None,
    load: Annotated[float | None, typer.Option(metavar="KG", help="The load; 0 is body weight alone.")] = None,
    date: Annotated[str, typer.Option(metavar="DATE", help="2026-11-20, today or yesterday.")] = "today",
    trains: Annotated[
        str | None, typer.Option(metavar="LIST", help="What it trains: hinge,knee_flexion,quads,other.")
    ] = None,
    warm_up: Annotated[bool, typer.Option("--warm-up", help="Exclude from volume.")] = False,
    notes: Annotated[str | None, typer.Option(metavar="TEXT", help="Anything worth remembering.")] = None,
    exercises: Annotated[bool, typer.Option("--exercises", help="Show the known exercises and stop.")] = False,
) -> None:
    """Add sets that were not filmed to an athlete's history: hamstring work and quad work.

    formcheck log Ana leg_press --sets 3 --reps 10 --load 180. formcheck balance counts them.
    """
    if exercises:
        _print_exercises()
        return
    if athlete is None or exercise is None or reps is None:
        raise typer.BadParameter(
            "Give athlete, exercise, sets and reps: formcheck log Ana leg_press --sets 3 --reps 10."
        )
    from formcheck.store.entries import read_day
    from formcheck.store.keep import log_set

    with usage_errors():
        kept = log_set(
            athlete,
            exercise,
            reps=reps,
            n_sets=sets,
            load_kg=load,
            date=read_day(date),
            trains=[each.strip() for each in trains.split(",")] if trains else (),
            notes=notes,
            warm_up=warm_up,
        )
    words = f"{count_noun(sets, 'set')} of {reps}" + ("" if load is None else f" with {load:g} kg")
    print_message(f"kept for {kept.athlete}, {kept.performed_on}: {exercise}, {words}")


def _print_exercises() -> None:
    from formcheck.lifts.check import TRAINS
    from formcheck.store.exercises import TRAINS_WORDS, all_exercises

    width = max(len(each.name) for each in all_exercises())
    for group in TRAINS:
        typer.echo(f"{group}: {TRAINS_WORDS[group]}")
        for each in all_exercises():
            if group in each.trains:
                also = f"  also {', '.join(each.aliases)}" if each.aliases else ""
                typer.echo(f"  {each.name:<{width}}{also}".rstrip())
    typer.echo("\nWhat each counts for is a design choice [D]; --trains changes it.", err=True)
