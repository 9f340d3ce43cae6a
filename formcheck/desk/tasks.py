"""What the desk's worker processes do: each function runs where a video that crashes its decoder costs one task."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from formcheck.batch.job import Job, Outcome, Plan
from formcheck.batch.shelf import VIDEOS
from formcheck.batch.task import run_job
from formcheck.errors import FormcheckError
from formcheck.settings import Settings

if TYPE_CHECKING:
    from formcheck.data import Report

COPY = "browser.mp4"  # in the results' folder, of a video that not every browser plays


@dataclass(frozen=True)
class Study:
    """What came of a video: the outcome, and whether every browser plays it, or its copy."""

    outcome: Outcome
    plays: bool = True


def study_video(job: Job, plan: Plan, scratch: Path, progress: Callable[[int, int], None] | None = None) -> Study:
    """Analyse one video as a batch does, and see to it that the desk's page can play it. Raises nothing for a video."""
    outcome = run_job(job, plan, scratch, progress)
    if outcome.failure is not None:
        return Study(outcome)
    copy = Path(plan.out) / VIDEOS / job.folder / COPY
    return Study(outcome, make_playable(Path(job.place), copy))


def make_playable(video: Path, copy: Path) -> bool:
    """Write a copy that browsers play where the video is none; return whether there is something to play."""
    from formcheck.rendering.annotated_video import plays_everywhere, write_copy
    from formcheck.report.folder import write_aside
    from formcheck.video import probe

    try:
        if copy.exists() or plays_everywhere(video):
            return True
        with write_aside(copy) as aside:
            write_copy(video, aside, (0.0, probe(video).duration_s))
    except FormcheckError:
        return False
    return True


@dataclass(frozen=True)
class Shown:
    """A video, what people call it, the settings of its analysis, and where a page finds it."""

    video: Path
    name: str
    settings: Settings
    url: str = ""


def write_share(shown: Shown, target: Path, *, hides_head: bool) -> None:
    """Write a set's page with the video inside; what it shows stands in the page alone. Raises FormcheckError."""
    from formcheck.rendering.set_files import PAGE, render_page_files, take_set_stills
    from formcheck.settings import Pictures

    report = _analyze(shown)
    stills = take_set_stills(report, shown.video, hides_head=hides_head)
    wanted = Pictures(embed=True, blur_faces=hides_head)
    page = render_page_files(report, shown.video, "", wanted, stills)[PAGE]
    target.write_text(str(page), encoding="utf-8")


def _analyze(shown: Shown) -> "Report":
    """Return a set's report under the name that people know, of cached poses where there are. Raises FormcheckError."""
    from formcheck.pipeline import analyze

    report = analyze(shown.video, shown.settings)
    return replace(report, source=replace(report.source, path=shown.name))


def write_comparison(a: Shown, b: Shown, target: Path) -> None:
    """Write the page of two sets side by side. Raises FormcheckError."""
    from formcheck.lifts import all_checks, all_lifts, name_checks
    from formcheck.report.page.compare import render_comparison
    from formcheck.workflows.compare import make_side, take_report

    sides = [make_side(*take_report(_analyze(each), each.video), each.url) for each in (a, b)]
    titles = {check.code: check.title for check in all_checks()}
    lifts = {name: lift.title for name, lift in all_lifts().items()}
    target.write_text(render_comparison(sides[0], sides[1], titles, lifts, name_checks()), encoding="utf-8")
