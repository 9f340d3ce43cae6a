"""Many videos: sources in, a folder per video, tables and a page over all of them out.

`sources` lists the jobs, workers of this machine (`local`) or of others (`cluster`) run the one task (`task`) on each,
the outcomes end in tables (`summary`) and a page (`page`). A video is decoded in a process that may die.
"""

import posixpath
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from formcheck.batch.fetch import is_url, split_url
from formcheck.batch.job import Busy, Job, JobError, Limits, Outcome, Plan
from formcheck.batch.pool import Slot
from formcheck.batch.shelf import read_file, read_json
from formcheck.batch.sources import Listing, list_source, merge_jobs, refuse
from formcheck.errors import OutputError

LISTING = Limits(timeout_s=600.0)  # a bucket of a million names


class Workers(Protocol):
    """Whoever runs jobs: this machine or a cluster."""

    def run(self, jobs: Iterable[Job], plan: Plan) -> Iterator[Outcome]:
        """Yield an outcome per job, in the order in which they end."""
        ...

    def status(self) -> list[Busy]:
        """Return what each worker does now."""
        ...


HandOn = Callable[[Outcome], None]


def list_jobs(sources: Sequence[str], lifts: Collection[str], plan: Plan, scratch: Path) -> Listing:
    """Return the jobs of all sources, each once, and the names that were passed over.

    Archives and tables are strangers' files too: they are read in a process that may die.
    """
    listings = []
    left_out = "" if is_url(plan.out) else plan.out
    with Slot(LISTING, scratch) as slot:
        for source in sources:
            try:
                listings.append(slot.call(list_source, source, tuple(lifts), plan.limits, left_out))
            except JobError as error:
                told = JobError("source", f"{source} cannot be listed. {error.message}", error.hint)
                listings.append(Listing((refuse(source, told),)))
    jobs = merge_jobs(job for each in listings for job in each.jobs)
    return Listing(jobs, tuple(name for each in listings for name in each.ignored))


def run_jobs(jobs: Sequence[Job], plan: Plan, workers: Workers, hand_on: HandOn | None = None) -> Iterator[Outcome]:
    """Yield an outcome per job as it ends, without its document.

    `hand_on` has been given each set with it, those too that an earlier run did, so that none is lost.
    """
    for outcome in workers.run(jobs, plan):
        if hand_on is not None and outcome.failure is None:
            hand_on(outcome)
        yield replace(outcome, document={})


def write_tables(jobs: Sequence[Job], outcomes: Iterable[Outcome], plan: Plan) -> list[str]:
    """Write index.html and the tables over all outcomes, in the order of the jobs; return the names of the files.

    summary.parquet is left out where pyarrow is not installed. Raises OutputError.
    """
    from formcheck.batch import page, summary
    from formcheck.batch.shelf import REPORT, THUMBNAIL
    from formcheck.lifts import all_lifts, name_checks

    by_folder = {each.job.folder: each for each in outcomes}
    ordered = [by_folder[job.folder] for job in jobs if job.folder in by_folder]
    failed = [each for each in ordered if each.failure is not None]

    def documents() -> Iterator[tuple[Outcome, dict[str, Any]]]:
        for each in ordered:
            document = read_json(plan.out, each.job.folder, REPORT) if each.failure is None else {}
            if summary.is_report(document, each):
                yield each, document

    def rows() -> Iterator[summary.Row]:
        for outcome, document in documents():
            yield from summary.rows_of(outcome, document)

    with tempfile.TemporaryDirectory(prefix="formcheck-") as name:
        folder = Path(name)
        summary.write_csv(folder / "summary.csv", tuple(summary.COLUMNS), rows())
        try:
            summary.write_parquet(folder / "summary.parquet", rows())
        except ImportError:
            (folder / "summary.parquet").unlink(missing_ok=True)
        summary.write_csv(folder / "errors.csv", summary.ERROR_COLUMNS, map(summary.error_row, failed))
        html = page.render_index(
            documents(),
            failed,
            {name: lift.title for name, lift in all_lifts().items()},
            name_checks(),
            lambda job: read_file(plan.out, job.folder, THUMBNAIL),
            n_done=len(ordered) - len(failed),
            html=plan.pictures.html,
        )
        (folder / "index.html").write_text(html, encoding="utf-8")
        files = sorted(folder.iterdir())
        _publish(files, plan.out)
        return [each.name for each in files]


def _publish(files: Iterable[Path], out: str) -> None:
    """Copy files to where the results are; each takes its place as a whole."""
    try:
        if is_url(out):
            filesystem, root = split_url(out)
            for each in files:
                filesystem.pipe_file(posixpath.join(root, each.name), each.read_bytes())
            return
        for each in files:
            aside = Path(out) / f".{each.name}.part"
            aside.write_bytes(each.read_bytes())
            aside.replace(Path(out) / each.name)
    except OSError as error:
        raise OutputError(
            f"The tables cannot be written to {out}: {error}.",
            "Free some space or check the permissions, then run it again.",
        ) from error
