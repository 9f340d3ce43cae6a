"""report.html: one page that needs no network, for a coach on a phone and a researcher at a desk.

The template writes the texts (escaped: names and settings are anybody's), the script draws figure and charts. Plotly's
JavaScript travels inside, packed, and is unpacked after the page is up. The page's policy (CSP) lets run these two
scripts, by their digests, and nothing else, and forbids every request.
"""

import base64
import gzip
import hashlib
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import quote

from formcheck.data import Report
from formcheck.report.document import printable
from formcheck.report.page.content import (
    MARKS,
    Explained,
    Moment,
    build_numbers,
    build_texts,
    pick_moments,
    quantity,
)
from formcheck.report.terminal import VERDICT_WORDS, clock, one_line

FOLDER = Path(__file__).parent


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
) -> str:
    """Return report.html.

    Parameters
    ----------
    report : the set; without `poses` there is no figure over the video.
    lift_title, explained : the lift's and its checks' own words, by code.
    video_url : where the page finds the video, as `link_video` writes it.
    pictures : JPEG bytes by time (s), for the moments of `pick_moments` and the poster at the first rep's start.
    offset_s : what a player's clock shows at the video's first picture.
    video : the video's own bytes, to put it into the page.
    spare_url : the annotated video, for a browser that cannot play the original.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pictures = pictures or {}
    script = (FOLDER / "page.js").read_text(encoding="utf-8")
    plotly_digest, plotly_packed = pack_plotly()
    texts = build_texts(report, explained)
    return environment.get_template("page.html.jinja").render(
        **texts,
        name=one_line(printable(Path(report.source.path).name)),
        lift_title=lift_title,
        shots=[_shot(moment, pictures) for moment in pick_moments(report) if set(moment.times_s) & set(pictures)],
        poster=_data_url(pictures[poster_s(report)]) if poster_s(report) in pictures else None,
        video_url=video_url,
        video_packed=Markup(base64.b64encode(video).decode("ascii")) if video is not None else None,  # noqa: S704
        spare_url=spare_url,
        size_px=report.source.size_px,
        numbers=build_numbers(report, offset_s),
        policy=write_policy(script, plotly_digest),
        style=Markup((FOLDER / "page.css").read_text(encoding="utf-8")),  # noqa: S704  # ours, and base64 is letters
        script=Markup(script),  # noqa: S704
        plotly_packed=Markup(plotly_packed),  # noqa: S704
    )


def poster_s(report: Report) -> float:
    """Return the moment (s) of the picture that stands in the video's place until it plays."""
    return report.reps[0].start_s if report.reps else float(report.kinematics.time_s[0])


def picture_times(report: Report) -> tuple[float, ...]:
    """Return every moment (s) the page wants a picture of, in order of time."""
    return tuple(sorted({poster_s(report), *(time_s for each in pick_moments(report) for time_s in each.times_s)}))


def link_video(video: Path, folder: Path) -> str:
    """Return the URL that leads from a page in `folder` to `video`: relative, so that both can move together.

    Every byte that means something in a URL is quoted. A video on another drive gets its full address.
    """
    try:
        relative = os.path.relpath(video.absolute(), folder.absolute())
    except ValueError:  # Windows: another drive
        return video.absolute().as_uri()
    return quote(os.fsencode(Path(relative).as_posix()))


@cache
def pack_plotly() -> tuple[str, str]:
    """Return the CSP digest of plotly's JavaScript, and the script itself, gzip in base64."""
    from plotly.offline import get_plotlyjs

    source = get_plotlyjs().encode()
    return _digest(source), base64.b64encode(gzip.compress(source, mtime=0)).decode("ascii")


def _digest(script: bytes) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode('ascii')}'"


def write_policy(script: str, plotly_digest: str) -> str:
    """Return the page's content security policy; plotly writes style attributes, so styles may stand in line."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_digest(script.encode())} {plotly_digest}",
            "style-src 'unsafe-inline'",
            "img-src data: blob:",
            "media-src 'self' file: blob:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _shot(moment: Moment, pictures: Mapping[float, bytes]) -> dict[str, object]:
    finding = moment.finding
    return {
        "verdict": finding.verdict,
        "mark": MARKS[finding.verdict],
        "word": VERDICT_WORDS[finding.verdict],
        "code": finding.code,
        "rep": finding.rep,
        "value": quantity(finding.value, finding.unit),
        "text": finding.text,
        "frames": [
            {"url": _data_url(pictures[time_s]), "start_s": time_s, "clock": clock(time_s)}
            for time_s in moment.times_s
            if time_s in pictures
        ],
    }


def _data_url(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}"
