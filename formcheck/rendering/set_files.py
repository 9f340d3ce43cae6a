"""The files of a set that show pictures of its video: report.html, the annotated video, the one without a face."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from formcheck.assessment.best_rep import pick_best_rep
from formcheck.data import Report
from formcheck.lifts import all_lifts, name_checks
from formcheck.rendering import annotated_video
from formcheck.rendering.overlay import figure_of
from formcheck.rendering.set_captions import write_captions
from formcheck.report.page import Note, back_times, picture_times, poster_s, render_page
from formcheck.report.page.content import Explained, pick_moments
from formcheck.settings import Pictures

ANNOTATED = "annotated.mp4"
BLURRED = "blurred.mp4"
PAGE = "report.html"

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Sketch:
    """What a coach wrote about a moment (s), and lines drawn on the whole picture: points (x, y) as shares of it."""

    time_s: float
    text: str
    lines: Sequence[Sequence[Sequence[float]]] = ()


def take_set_stills(
    report: Report, video: Path, more_s: Iterable[float] = (), *, hides_head: bool = False
) -> annotated_video.Stills:
    """Return the pictures that the set's page shows, and those of the moments `more_s` (s)."""
    return take_moments(report, video, {*picture_times(report), *more_s}, hides_head=hides_head)


def take_moments(
    report: Report, video: Path, times_s: Iterable[float], *, hides_head: bool = False, is_whole: bool = False
) -> annotated_video.Stills:
    """Return the pictures of some moments (s) of a set, with its figure drawn; `is_whole`: not cut to the lifter."""
    return annotated_video.take_stills(
        video,
        figure_of(report),
        times_s,
        backs_s=back_times(report),
        heads=annotated_video.heads_of(report) if hides_head else None,
        clock=annotated_video.clock_of(report),
        is_whole=is_whole,
    )


def draw_notes(report: Report, video: Path, notes: Sequence[Sketch], *, hides_head: bool = False) -> tuple[Note, ...]:
    """Return what a coach wrote and drew, what was drawn as a picture of its moment with the lines on it."""
    drawn_s = {each.time_s for each in notes if each.lines}
    stills = take_moments(report, video, drawn_s, hides_head=hides_head, is_whole=True).pictures if drawn_s else {}
    return tuple(
        Note(
            each.time_s,
            each.text,
            annotated_video.draw_on_jpeg(stills[each.time_s], each.lines)
            if each.lines and each.time_s in stills
            else None,
        )
        for each in notes
    )


def find_worst_s(report: Report) -> float:
    """Return the moment (s) of the worst finding, where there is none that of the page's first picture."""
    moments = pick_moments(report)
    worst = max(moments, key=lambda each: (each.finding.verdict == "fault", each.finding.severity), default=None)
    return poster_s(report) if worst is None else worst.finding.start_s


def find_best_s(report: Report) -> float:
    """Return the moment (s) at which the first best repetition turns; without one that of the page's first picture."""
    best = pick_best_rep(report.findings, report.reps)
    reps = [best.rep] if best else [rep for rep in report.reps if rep.complete]
    return reps[0].turn_s if reps else poster_s(report)


def render_set_page(
    report: Report,
    stills: annotated_video.Stills,
    video_url: str,
    *,
    shown: bytes | None = None,
    spare_url: str | None = None,
    first_s: float | None = None,
    notes: Sequence[Note] = (),
    changes: Sequence[str] = (),
) -> str:
    """Return report.html.

    stills : what `take_set_stills` returned. video_url : where the page finds the video, or the one shown instead.
    shown : that video's own bytes, to put them into the page.
    first_s : the moment (s) at which a copy begins that is shown in the video's place; None: it is the video itself.
    spare_url, notes, changes : as in `render_page`.
    """
    lift = all_lifts()[report.lift.name]
    return render_page(
        report,
        lift.title,
        {check.code: Explained(check.title, check.why, check.name, check.method) for check in lift.checks},
        video_url=video_url,
        pictures=stills.pictures,
        offset_s=stills.offset_s if first_s is None else -first_s / report.speed,
        video=shown,
        spare_url=spare_url,
        notes=notes,
        changes=changes,
    )


def render_page_files(
    report: Report,
    video: Path,
    video_url: str,
    wanted: Pictures,
    stills: annotated_video.Stills,
    progress: Progress | None = None,
    notes: Sequence[Note] = (),
    changes: Sequence[str] = (),
) -> dict[str, str | bytes]:
    """Return report.html, and without a face the video that it shows instead of the original; nothing without `html`.

    A video that travels inside is one that every browser plays. notes, changes : as in `render_set_page`.
    """
    if not wanted.html:
        return {}
    film, first_s = None, None
    if wanted.embed or wanted.blur_faces:
        film, first_s = read_film(report, video, hides_head=wanted.blur_faces, progress=progress)
    page = render_set_page(
        report,
        stills,
        BLURRED if wanted.blur_faces else video_url,
        shown=film if wanted.embed else None,
        spare_url=ANNOTATED if wanted.video else None,
        first_s=first_s,
        notes=notes,
        changes=changes,
    )
    return {PAGE: page} if film is None or wanted.embed else {PAGE: page, BLURRED: film}


def read_film(
    report: Report, video: Path, *, hides_head: bool, progress: Progress | None = None
) -> tuple[bytes, float | None]:
    """Return a film of the set that every browser plays, without the lifter's head where that is wished, and the moment
    (s) at which it begins; None where it is the video itself.
    """
    if hides_head:
        return write_bytes(lambda path: annotated_video.write_blurred(video, report, path, progress)), float(
            report.kinematics.time_s[0]
        )
    if annotated_video.plays_everywhere(video, report.provenance.rate_hz):
        return video.read_bytes(), None
    whole_s = 0.0, report.source.duration_s * report.speed
    return write_bytes(
        lambda path: annotated_video.write_copy(video, path, whole_s, clock=annotated_video.clock_of(report))
    ), 0.0


def write_bytes(write: Callable[[Path], None]) -> bytes:
    """Return what `write` puts into a file."""
    with tempfile.TemporaryDirectory(prefix="formcheck-") as name:
        target = Path(name) / "film.mp4"
        write(target)
        return target.read_bytes()


def draw_video(report: Report, video: Path, target: Path, wanted: Pictures, progress: Progress | None = None) -> None:
    """Write the annotated video. Raises what `write_video` raises."""
    annotated_video.write_video(
        video,
        report,
        target,
        progress,
        captions=write_captions(report, all_lifts()[report.lift.name].title, name_checks()),
        tall=wanted.tall,
        blur_faces=wanted.blur_faces,
    )
