"""The task: one job in, one Outcome out, its files written. The same function on this machine and on another."""

import datetime as dt
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Literal, get_args

import formcheck
from formcheck.assessment.ranking import rank_set
from formcheck.batch.fetch import check_there, is_url, local_copy
from formcheck.batch.job import (
    LANDMARKS_HINT,
    PASSING,
    Failure,
    FailureDocument,
    FailureKind,
    Job,
    JobError,
    Limits,
    Outcome,
    Plan,
    RecordDocument,
    TagsDocument,
)
from formcheck.batch.shelf import BEST, OUTCOME, REPORT, THUMBNAIL, VIDEOS, WORST, read_json, write_results
from formcheck.batch.summary import is_report
from formcheck.cache import cache_key, hash_file
from formcheck.data import Report
from formcheck.errors import FormcheckError, LiftError, OutputError
from formcheck.io.load import holds_landmarks
from formcheck.own_files import attempt
from formcheck.pose.estimation import CODE_VERSION
from formcheck.report.contract import ReportDocument, pick
from formcheck.report.document import printable

RECORD_VERSION: Literal[2] = 2  # of outcome.json
THUMBNAIL_PX = 160  # high, on the index page
FRAME_PX = 480  # high, on an athlete's page
Progress = Callable[[int, int], None]


def run_job(job: Job, plan: Plan, scratch: Path, progress: Progress | None = None) -> Outcome:
    """Analyse one video, write its folder, return what came of it; what an earlier run did is not done again.

    `scratch` is where a video that is not a file yet lies meanwhile. Raises nothing: what a video does to the analysis
    is one failed row.
    """
    started_s = time.monotonic()
    outcome = Outcome(job)
    try:
        if job.refusal is not None:
            return replace(outcome, failure=job.refusal)
        with local_copy(job, plan.limits, scratch) as path:
            outcome = replace(outcome, key=_name_work(path, job, plan))
            kept = None if plan.restart else load_outcome(job, plan.out, outcome.key)
            if kept is not None:
                return kept
            outcome = _analyze(outcome, path, plan, progress)
    except FormcheckError as error:
        outcome = replace(outcome, failure=_tell_landmarks(job, failure_of(error)))
    except MemoryError:
        limit = f"{plan.limits.memory_bytes / 1e9:g} GB"
        outcome = replace(
            outcome, failure=Failure("memory", f"{job.label} needs more memory than {limit}.", "Make it smaller.")
        )
    except Exception as error:  # noqa: BLE001  # a stranger's file that finds a bug is one row, with its traceback
        outcome = replace(outcome, failure=_bug(job, error), traceback=traceback.format_exc())
    outcome = replace(outcome, elapsed_s=time.monotonic() - started_s)
    if outcome.failure is not None:
        outcome = _keep_failure(outcome, plan)
    return outcome


def load_outcome(job: Job, out: str, key: str | None = None) -> Outcome | None:
    """Return what an earlier run left for a job; None: nothing, not of `key` (None: any), or what may pass."""
    return attempt(lambda: _load_outcome(job, out, key))


def _load_outcome(job: Job, out: str, key: str | None) -> Outcome | None:
    record = read_json(out, job.folder, OUTCOME)
    if record["schema_version"] != RECORD_VERSION:
        return None
    told = record["failure"]
    failure = None if told is None else Failure(told["kind"], str(told["message"]), str(told["hint"]))
    if failure is not None and failure.kind not in get_args(FailureKind):
        return None
    if (key is not None and record["key"] != key) or (failure is not None and failure.kind in PASSING):
        return None
    document = read_json(out, job.folder, REPORT) if failure is None else {}
    told_day = record["filmed_on"]
    outcome = Outcome(
        job,
        str(record["key"]),
        document,
        failure,
        float(record["severity"]),
        filmed_on=None if told_day is None else dt.date.fromisoformat(told_day).isoformat(),
        kept=True,
    )
    return outcome if failure is not None or is_report(document, outcome) else None


def _name_work(path: Path, job: Job, plan: Plan) -> str:
    """Return the name of content, settings and program: the same work has the same name."""
    try:
        content = hash_file(path)
    except OSError as error:
        raise JobError(
            "fetch", f"{job.label} cannot be read: permission denied.", "Change the file's permissions."
        ) from error
    settings = replace(plan.settings, lift=job.lift or plan.settings.lift).record()
    return cache_key(
        {
            "content": content,
            "label": job.label,
            "tags": asdict(job.tags),
            "settings": settings,
            "pictures": asdict(plan.pictures),
            "frames": plan.frames,
            "record": RECORD_VERSION,
            "version": formcheck.__version__,
            "code": CODE_VERSION,
        }
    )


def _analyze(outcome: Outcome, path: Path, plan: Plan, progress: Progress | None) -> Outcome:
    from formcheck.pipeline import analyze
    from formcheck.video.recording_date import filmed_on

    job = outcome.job
    settings = replace(plan.settings, lift=job.lift or plan.settings.lift, workers=1)
    try:
        _check_limits(path, job, plan.limits, settings.rate_hz)
        report = analyze(path, settings, _bounded(job, plan.limits, progress), plan.use_cache)
    except FormcheckError as error:  # its words are about the copy
        check_there(job)  # a film that is gone meanwhile is no bad video
        error.message = printable(error.message.replace(str(path), job.label))
        raise
    report = replace(report, source=replace(report.source, path=job.label))
    day = filmed_on(path)
    outcome = replace(
        outcome,
        severity=rank_set(report.findings, report.lift.doubt),
        filmed_on=None if day is None else day.isoformat(),
    )
    document, files = _render(report, path, job, plan)
    write_results(plan.out, job.folder, files, record_outcome(outcome))
    return replace(outcome, document=document)


def _check_limits(path: Path, job: Job, limits: Limits, rate_hz: float | None) -> None:
    """Raise JobError for a video that says of itself that it is too large or too long."""
    from formcheck.video import probe

    info = probe(path, rate_hz)
    width, height = info.stored_px
    if width * height > limits.max_pixels:
        raise JobError("limit", f"{job.label} has frames of {width} x {height} pixels.", "Export it smaller.")
    if info.duration_s > limits.max_duration_s:
        minutes = limits.max_duration_s / 60
        raise JobError("limit", f"{job.label} is longer than {minutes:g} minutes.", "Cut it to the set.")


def _bounded(job: Job, limits: Limits, progress: Progress | None) -> Progress:
    """Return a progress function that ends an analysis of more frames than allowed: containers lie about them."""

    def update(done: int, total: int) -> None:
        if done > limits.max_frames:
            raise JobError("limit", f"{job.label} has more than {limits.max_frames} frames.", "Cut it to the set.")
        if progress is not None:
            progress(done, total)

    return update


def _render(report: Report, path: Path, job: Job, plan: Plan) -> tuple[ReportDocument, dict[str, str | bytes]]:
    """Return report.json's content and the folder's files, report.json last."""
    from formcheck.rendering import set_files
    from formcheck.rendering.annotated_video import shrink_jpeg
    from formcheck.report import document, render_files

    wanted, files = plan.pictures, dict[str, str | bytes]()
    worst_s, best_s = set_files.find_worst_s(report), set_files.find_best_s(report)
    more_s = {worst_s, best_s} if plan.frames else {worst_s}
    stills = set_files.take_set_stills(report, path, more_s, hides_head=wanted.blur_faces)
    shown = {THUMBNAIL: (worst_s, THUMBNAIL_PX)}
    if plan.frames:
        shown |= {WORST: (worst_s, FRAME_PX), BEST: (best_s, FRAME_PX)}
    for name, (moment_s, height_px) in shown.items():
        if moment_s in stills.pictures:
            files[name] = shrink_jpeg(stills.pictures[moment_s], height_px)
    files |= set_files.render_page_files(report, path, _link_video(job, plan), wanted, stills)
    if wanted.video:
        drawn = set_files.write_bytes(lambda target: set_files.draw_video(report, path, target, wanted))
        files[set_files.ANNOTATED] = drawn
    return document.build(report), {**files, **render_files(report)}


def _link_video(job: Job, plan: Plan) -> str:
    """Return where a report's page finds the video; what lies in a zip file or at a URL has no such place."""
    from formcheck.report.page import link_video

    if plan.video_url is not None:
        return plan.video_url
    if job.entry is not None or is_url(job.place) or is_url(plan.out):
        return "video"
    return link_video(Path(job.place), Path(plan.out) / VIDEOS / job.folder)


def failure_of(error: FormcheckError) -> Failure:
    """Return an error as what of it crosses processes."""
    kind: FailureKind = (
        "lift" if isinstance(error, LiftError) else "output" if isinstance(error, OutputError) else "video"
    )
    return Failure(error.kind if isinstance(error, JobError) else kind, error.message, error.hint)


def _tell_landmarks(job: Job, failure: Failure) -> Failure:
    """Return why a file has no report: of one that is no video and has the name of a file of landmarks, that it is."""
    if failure.kind != "video" or not holds_landmarks(Path(job.label)):
        return failure
    return Failure("video", f"{job.label} is a file of landmarks, not a video.", LANDMARKS_HINT)


def _bug(job: Job, error: Exception) -> Failure:
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}:{last.lineno}"
    return Failure(
        "bug", f"{job.label} ran into a bug in formcheck: {type(error).__name__} in {where}.", "Please report it."
    )


def _keep_failure(outcome: Outcome, plan: Plan) -> Outcome:
    """Write down why there is no report, so that the next run need not find it out again. A report that an earlier run
    left stays where this one failed for what may pass.
    """
    failure = outcome.failure
    if failure is not None and failure.kind in PASSING:
        earlier = load_outcome(outcome.job, plan.out)
        if earlier is not None and earlier.failure is None:
            return outcome
    try:
        write_results(plan.out, outcome.job.folder, {}, record_outcome(outcome))
    except FormcheckError as error:
        return replace(outcome, failure=failure or failure_of(error))
    return outcome


def record_outcome(outcome: Outcome) -> RecordDocument:
    """Return outcome.json's content, without the names of the files."""
    job, failure = outcome.job, outcome.failure
    return {
        "schema_version": RECORD_VERSION,
        "key": outcome.key,
        "label": job.label,
        "tags": pick(TagsDocument, vars(job.tags)),
        "severity": round(outcome.severity, 4),
        "filmed_on": outcome.filmed_on,
        "failure": None if failure is None else pick(FailureDocument, vars(failure)),
        "traceback": outcome.traceback,
    }
