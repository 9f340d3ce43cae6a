"""report.html: one page that needs no network, for a coach on a phone and a researcher at a desk.

The template writes the texts (escaped: names and settings are anybody's), the script draws figure and charts. Plotly's
JavaScript travels inside, packed, and is unpacked after the page is up. The page's policy (CSP) lets run these two
scripts, by their digests, and nothing else, and forbids every request.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from formcheck.data import Report
from formcheck.report.document import printable
from formcheck.report.page.content import (
    CueMoment,
    Explained,
    build_numbers,
    build_texts,
    pick_moments,
    picture_best,
)
from formcheck.report.page.shell import FOLDER, data_url, link_video, open_templates, pack, pack_plotly, render
from formcheck.report.terminal import clock, one_line

__all__ = ["Note", "back_times", "link_video", "open_page", "pack_plotly", "picture_times", "poster_s", "render_page"]


@dataclass(frozen=True)
class Note:
    """What a coach wrote about a moment (s) of a set, and what they drew on its picture (JPEG bytes)."""

    time_s: float
    text: str
    picture: bytes | None = None

    def show(self, speed: float = 1.0) -> dict[str, object]:
        """Return the note as templates write it, its moment on the clock of a video at `speed`."""
        picture = None if self.picture is None else data_url(self.picture)
        return {"start_s": self.time_s, "clock": clock(self.time_s, speed), "text": self.text, "picture": picture}


def open_page() -> None:
    """Read what every report.html is made of, once a process: the first to be written need not wait for it."""
    open_templates(FOLDER).get_template("page.html.jinja")
    pack_plotly()


def render_page(
    report: Report,
    lift_title: str,
    explained: Mapping[str, Explained],
    *,
    video_url: str,
    pictures: Mapping[float, bytes] | None = None,
    offset_s: float = 0.0,
    video: bytes | None = None,
    spare_url: str | None = None,
    notes: Sequence[Note] = (),
    changes: Sequence[str] = (),
) -> str:
    """Return report.html.

    report : the set; without `poses` there is no figure over the video.
    lift_title, explained : the lift's and its checks' own words, by code.
    video_url : where the page finds the video, as `link_video` writes it.
    pictures : JPEG bytes by time (s), for the moments of `picture_times`.
    offset_s : what a player's clock shows at the video's first picture.
    video : the video's own bytes, to put it into the page.
    spare_url : the annotated video, for a browser that cannot play the original.
    notes : what a coach wrote about moments of the set.
    changes : what changed since last time: when that was, then a line each.
    """
    pictures, best = pictures or {}, picture_best(report)
    return render(
        "page",
        **build_texts(report, explained),
        name=one_line(printable(Path(report.source.path).name)),
        lift_title=lift_title,
        shots={each.finding.code: _frames(each, pictures, report.speed) for each in pick_moments(report)},
        best_shots=[] if best is None else _frames(best, pictures, report.speed),
        poster=data_url(pictures[poster_s(report)]) if poster_s(report) in pictures else None,
        video_url=video_url,
        video_packed=None if video is None else pack(video),
        spare_url=spare_url,
        size_px=report.source.size_px,
        numbers=build_numbers(report, offset_s),
        changes=changes,
        notes=[each.show(report.speed) for each in notes],
    )


def poster_s(report: Report) -> float:
    """Return the moment (s) of the picture that stands in the video's place until it plays."""
    return report.reps[0].start_s if report.reps else float(report.kinematics.time_s[0])


def picture_times(report: Report) -> tuple[float, ...]:
    """Return every moment (s) the page wants a picture of, in order of time."""
    return tuple(sorted({poster_s(report), *(time_s for each in _moments(report) for time_s in each.times_s)}))


def back_times(report: Report) -> frozenset[float]:
    """Return those of `picture_times` that show the back alone."""
    return frozenset(time_s for each in _moments(report) if each.of_back for time_s in each.times_s)


def _moments(report: Report) -> tuple[CueMoment, ...]:
    """Return everything that is pictured: the cues' moments, and the best repetition beside the worst."""
    best = picture_best(report)
    return (*pick_moments(report), *([] if best is None else [best]))


def _frames(moment: CueMoment, pictures: Mapping[float, bytes], speed: float) -> list[dict[str, object]]:
    return [
        {"url": data_url(pictures[time_s]), "start_s": time_s, "clock": clock(time_s, speed), "label": label}
        for time_s, label in zip(moment.times_s, moment.labels, strict=True)
        if time_s in pictures
    ]
