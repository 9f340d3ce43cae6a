"""`formcheck batch`: many videos in, a folder of results over all of them."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated, Any

import typer

from formcheck.cli import options
from formcheck.cli.crew import show_crew
from formcheck.cli.keeping import BatchKeeper
from formcheck.cli.streams import print_error, print_message
from formcheck.errors import FormcheckError, InputError
from formcheck.settings import LIFT_CHOICES
from formcheck.wording import count_noun

if TYPE_CHECKING:
    from formcheck.batch import Workers
    from formcheck.batch.job import Outcome, Plan

SHOWN_ERRORS = 20  # then errors.csv has the rest
MAX_TIMEOUT_S = 86_400.0  # a day


@options.unfold
def batch(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE...", help="Folders, files, patterns, CSV manifests, zip files, URLs."),
    ],
    *,
    out: Annotated[str, typer.Option(metavar="DIR", help="Where the results go: a folder, or a URL of one.")],
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Parallel videos (default: one per core).")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler (tcp://...), whose workers do the work.")
    ] = None,
    restart: Annotated[bool, typer.Option("--restart/--resume", help="Redo finished videos, or skip them.")] = False,
    timeout: Annotated[float, typer.Option(metavar="S", help="Seconds that one video may take.")] = 900.0,
    lift: options.LiftOptions,
    clip: options.ClipOptions,
    subject: options.Subject = None,
    plate_mm: options.PlateMm = None,
    config: options.Config = None,
    athlete: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Keep the sets in this athlete's history; auto takes the name from folder or file."
        ),
    ] = None,
    pictures: options.PictureOptions,
    no_cache: options.NoCache = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome of every video as JSON.")] = False,
) -> None:
    """Analyse many videos, each in its own process, so that one bad file does not stop the rest.

    Writes a folder per video, index.html, summary.csv, summary.parquet and errors.csv into DIR. Run it again after a
    crash or with more videos: what is done is not done again.
    """
    from formcheck.store.entries import clean_name

    if not 0 < timeout <= MAX_TIMEOUT_S:
        raise typer.BadParameter(f"Give --timeout in seconds, above 0 and up to {MAX_TIMEOUT_S:g}.")
    wanted = pictures.read()
    with options.usage_errors():
        named = None if athlete is None else clean_name(athlete)
    settings = options.read_settings(config, options.gather(lift, clip, subject=subject, plate_mm=plate_mm))
    from formcheck.batch.job import Limits, Plan

    plan = Plan(
        settings=replace(settings, limits=dict(settings.limits)),  # a mapping proxy does not pickle
        out=out,
        limits=Limits(timeout_s=timeout),
        pictures=wanted,
        use_cache=not no_cache,
        restart=restart,
    )
    if not _run(sources, plan, workers, scheduler, athlete=named, as_json=as_json):
        raise typer.Exit(1)


def _run(
    sources: list[str],
    plan: "Plan",
    count: int | None,
    scheduler: str | None,
    *,
    athlete: str | None,
    as_json: bool,
) -> bool:
    """List, run and write. Return whether every video has a report."""
    from formcheck.batch import list_jobs, run_jobs, write_tables
    from formcheck.batch.claim import claim_folder
    from formcheck.batch.sources import AUTO, name_athlete
    from formcheck.store.guessing import list_names

    outcomes: list[Outcome] = []
    keeper = BatchKeeper(plan.out, anew=plan.restart)
    with claim_folder(plan.out) as scratch:
        listing = list_jobs(sources, LIFT_CHOICES, plan, scratch)
        if athlete is not None:
            known = list_names() if athlete == AUTO else []
            listing = replace(listing, jobs=tuple(name_athlete(job, athlete, known) for job in listing.jobs))
        _tell_ignored(listing.ignored)
        if not listing.jobs:
            raise InputError("No video was found.", "Name films, or a folder, zip file or table that holds some.")
        with _hire(scheduler, count, plan, scratch) as workers, show_crew(workers, len(listing.jobs)) as tell:
            try:
                for outcome in run_jobs(listing.jobs, plan, workers, keeper):
                    outcomes.append(outcome)
                    tell(outcome)
            except KeyboardInterrupt:
                print_message("stopped; run the same command again to continue")
        place = {job.folder: number for number, job in enumerate(listing.jobs)}
        outcomes.sort(key=lambda each: place[each.job.folder])
        names = write_tables(listing.jobs, outcomes, plan)
    _print_errors(outcomes)
    if as_json:
        typer.echo(json.dumps(_as_json(len(listing.jobs), outcomes, plan), indent=2, ensure_ascii=False))
    else:
        _print_result(len(listing.jobs), outcomes)
    print_message(f"wrote {plan.out}: {', '.join(names)}")
    _tell_kept(keeper, outcomes)
    whole = len(outcomes) == len(listing.jobs) and all(each.failure is None for each in outcomes)
    return whole and not keeper.failed


@contextmanager
def _hire(scheduler: str | None, count: int | None, plan: "Plan", scratch: Path) -> "Iterator[Workers]":
    """Yield the workers: those of a Dask scheduler, or processes of this machine."""
    if scheduler is not None:
        from formcheck.batch.cluster import ClusterWorkers

        with ClusterWorkers(scheduler) as cluster:
            yield cluster
        return
    from formcheck.batch.local import LocalWorkers
    from formcheck.pose.estimation import count_cores

    with LocalWorkers(count or count_cores(), plan.limits, scratch) as local:
        yield local


def _tell_ignored(names: tuple[str, ...]) -> None:
    if names:
        shown = ", ".join(PurePath(name).name for name in names[:3])
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        print_message(f"skipped, because their names are not those of videos: {shown}{more}")


def _tell_kept(keeper: BatchKeeper, outcomes: "list[Outcome]") -> None:
    """Print how many sets the history was given, and why it is not all of them."""
    before = keeper.before - keeper.kept
    if not (keeper.kept or before):
        return
    said = f"kept in the history: {len(keeper.kept)} of {len(outcomes)}"
    if any(each.failure is None and each.job.tags.athlete is None for each in outcomes):
        said += ", those with an athlete"
    if before:
        said += f"; an earlier run kept {len(before)}"
    twice = keeper.named - keeper.failed - len(keeper.kept | before)
    if twice:
        said += f"; {'one is the same film as another' if twice == 1 else f'{twice} are the same films as others'}"
    print_message(said)


def _print_errors(outcomes: "list[Outcome]") -> None:
    """Print the first errors on stderr, a sentence and the next step each."""
    failures = [(each.job.label, each.failure) for each in outcomes if each.failure is not None]
    for label, failure in failures[:SHOWN_ERRORS]:
        print_error(FormcheckError(failure.message, failure.hint), about=Path(label))
    if len(failures) > SHOWN_ERRORS:
        print_message(f"and {len(failures) - SHOWN_ERRORS} more: errors.csv lists them all")


def _print_result(total: int, outcomes: "list[Outcome]") -> None:
    """Print how many videos have a report, and how bad it is."""
    from formcheck.assessment.ranking import verdict_of

    done = [each for each in outcomes if each.failure is None]
    failed = len(outcomes) - len(done)
    kept = sum(each.kept for each in done)
    before = f" ({kept} from an earlier run)" if kept else ""
    left = total - len(outcomes)
    have = "has" if total == 1 else "have"
    parts = [f"{len(done)} of {count_noun(total, 'video')} {have} a report{before}", f"{failed} failed"]
    typer.echo(", ".join([*parts, *([f"{left} not started"] if left else [])]))
    steps = Counter(verdict_of(each.severity) for each in done)
    if done:
        part = f", good where it could be judged {steps['part']}" if steps["part"] else ""
        unjudged = f", not judged {steps['none']}" if steps["none"] else ""
        counts = f"with a fault {steps['fault']}, with a note {steps['note']}, nothing to change {steps['good']}"
        typer.echo(f"  {counts}{part}{unjudged}")


def _as_json(total: int, outcomes: "list[Outcome]", plan: "Plan") -> dict[str, Any]:
    """Return the result for machines."""
    from formcheck.report.document import printable

    return {
        "schema_version": 1,
        "out": printable(plan.out),
        "n_videos": total,
        "n_done": sum(each.failure is None for each in outcomes),
        "n_failed": sum(each.failure is not None for each in outcomes),
        "videos": [_video_json(each) for each in outcomes],
    }


def _video_json(outcome: "Outcome") -> dict[str, Any]:
    return {
        "video": outcome.job.label,
        "folder": f"videos/{outcome.job.folder}",
        **asdict(outcome.job.tags),
        "severity": round(outcome.severity, 4),
        "kept": outcome.kept,
        "elapsed_s": round(outcome.elapsed_s, 3),
        "failure": None if outcome.failure is None else asdict(outcome.failure),
    }
