"""What the desk's worker processes do: each function runs where a video that crashes its decoder costs one task."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from formcheck.batch.job import Job, Outcome, Plan
from formcheck.batch.shelf import VIDEOS
from formcheck.batch.task import run_job
from formcheck.errors import FormcheckError

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
