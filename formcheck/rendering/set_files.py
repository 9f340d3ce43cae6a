"""The files of a set that show pictures of its video: report.html, the annotated video, the one without a face."""

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from formcheck.data import Report
from formcheck.lifts import all_lifts, name_checks
from formcheck.rendering.annotated_video import (
    Stills,
    clock_of,
    heads_of,
    plays_everywhere,
    take_stills,
    write_blurred,
    write_copy,
    write_video,
)
from formcheck.rendering.overlay import figure_of
from formcheck.rendering.set_captions import write_captions
from formcheck.report.page import back_times, picture_times, render_page
from formcheck.report.page.content import Explained
from formcheck.settings import Pictures

ANNOTATED = "annotated.mp4"
BLURRED = "blurred.mp4"
PAGE = "report.html"

Progress = Callable[[int, int], None]


def take_set_stills(report: Report, video: Path, more_s: Iterable[float] = (), *, hides_head: bool = False) -> Stills:
    """Return the pictures that the set's page shows, and those of the moments `more_s` (s)."""
    return take_stills(
        video,
        figure_of(report),
        {*picture_times(report), *more_s},
        backs_s=back_times(report),
        heads=heads_of(report) if hides_head else None,
        clock=clock_of(report),
    )


def render_set_page(
    report: Report,
    stills: Stills,
    video_url: str,
    *,
    shown: bytes | None = None,
    spare_url: str | None = None,
    first_s: float | None = None,
) -> str:
    """Return report.html.

    Parameters
    ----------
    stills : what `take_set_stills` returned. video_url : where the page finds the video, or the one shown instead.
    shown : that video's own bytes, to put them into the page.
    spare_url : the annotated video, for a browser that cannot play the original.
    first_s : the moment (s) at which a copy begins that is shown in the video's place; None: it is the video itself.
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
    )


def render_page_files(
    report: Report,
    video: Path,
    video_url: str,
    wanted: Pictures,
    stills: Stills,
    progress: Progress | None = None,
) -> dict[str, str | bytes]:
    """Return report.html, and without a face the video that it shows instead of the original; nothing without `html`.

    A video that travels inside is one that every browser plays.
    """
    if not wanted.html:
        return {}
    spare_url = ANNOTATED if wanted.video else None
    if not wanted.blur_faces:
        is_copy = wanted.embed and not plays_everywhere(video, report.provenance.rate_hz)
        shown = None
        if wanted.embed:
            shown = _write_bytes(lambda path: _copy(report, video, path)) if is_copy else video.read_bytes()
        first_s = 0.0 if is_copy else None
        page = render_set_page(report, stills, video_url, shown=shown, spare_url=spare_url, first_s=first_s)
        return {PAGE: page}
    blurred = _write_bytes(lambda path: write_blurred(video, report, path, progress))
    shown = blurred if wanted.embed else None
    first_s = float(report.kinematics.time_s[0])
    page = render_set_page(report, stills, BLURRED, shown=shown, spare_url=spare_url, first_s=first_s)
    return {PAGE: page} if wanted.embed else {PAGE: page, BLURRED: blurred}


def _copy(report: Report, video: Path, target: Path) -> None:
    """Write the whole video as every browser plays it."""
    write_copy(video, target, (0.0, report.source.duration_s * report.speed), clock=clock_of(report))


def _write_bytes(write: Callable[[Path], None]) -> bytes:
    """Return what `write` puts into a file."""
    with tempfile.TemporaryDirectory(prefix="formcheck-") as name:
        target = Path(name) / "film.mp4"
        write(target)
        return target.read_bytes()


def draw_video(report: Report, video: Path, target: Path, wanted: Pictures, progress: Progress | None = None) -> None:
    """Write the annotated video. Raises what `write_video` raises."""
    write_video(
        video,
        report,
        target,
        progress,
        captions=write_captions(report, all_lifts()[report.lift.name].title, name_checks()),
        tall=wanted.tall,
        blur_faces=wanted.blur_faces,
    )


def draw_video_bytes(report: Report, video: Path, wanted: Pictures) -> bytes:
    """Return the annotated video."""
    return _write_bytes(lambda path: draw_video(report, video, path, wanted))
