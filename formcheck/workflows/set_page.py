"""report.html of one set, with the pictures of its moments taken from the video."""

from pathlib import Path

from formcheck.data import Report
from formcheck.lifts import all_lifts
from formcheck.rendering.annotated_video import clock_of, heads_of, take_stills
from formcheck.rendering.overlay import figure_of
from formcheck.report.page import back_times, picture_times, render_page
from formcheck.report.page.content import Explained


def render_set_page(
    report: Report,
    video: Path,
    video_url: str,
    *,
    shown: bytes | None = None,
    spare_url: str | None = None,
    hides_head: bool = False,
) -> str:
    """Return report.html.

    Parameters
    ----------
    video : the film that was analysed. video_url : where the page finds it, or the one that it shows instead.
    shown : that video's own bytes, to put them into the page.
    spare_url : the annotated video, for a browser that cannot play the original.
    hides_head : no picture shows the lifter's head, and the video is what `write_blurred` made.
    """
    lift = all_lifts()[report.lift.name]
    stills = take_stills(
        video,
        figure_of(report),
        picture_times(report),
        backs_s=back_times(report),
        heads=heads_of(report) if hides_head else None,
        clock=clock_of(report),
    )
    return render_page(
        report,
        lift.title,
        {check.code: Explained(check.title, check.why, check.name, check.method) for check in lift.checks},
        video_url=video_url,
        pictures=stills.pictures,
        offset_s=-float(report.kinematics.time_s[0]) / report.speed if hides_head else stills.offset_s,
        video=shown,
        spare_url=spare_url,
    )
