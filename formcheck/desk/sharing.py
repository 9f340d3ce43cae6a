"""Pages that are made to be given away, each whole in one file: a set, two sets, an athlete's week. Workers make them.

What a page tells of the coach's computer is nothing: a video is called what people call it, and lies inside. The PDF is
made by the browser's own printer: the pages' print styles give two sheets of A4, and no printer comes with Python that
draws what a browser draws.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from formcheck.assessment.cues import pick_cues
from formcheck.assessment.ranking import rank_set
from formcheck.desk.answers import say_film_gone, sum_up_set
from formcheck.settings import Pictures, Settings

if TYPE_CHECKING:
    from formcheck.data import Report
    from formcheck.report.page import Note

PRINTED_SETS = 6  # of a week: as many pictures as the second sheet holds
FOLDER = Path(__file__).parent / "page"


@dataclass(frozen=True)
class Shown:
    """A set's video, what people call it, the settings of its analysis, where a page finds it, what a coach wrote of
    its moments (s) and drew there (points as shares of the picture), what a card shows of it, and the findings (check's
    code and repetition) that the coach has marked as wrong: no page that is given away has them.
    """

    video: Path
    name: str
    settings: Settings
    url: str = ""
    notes: tuple[tuple[float, str, Sequence[Sequence[Sequence[float]]]], ...] = ()
    card: Mapping[str, Any] = field(default_factory=dict)
    wrong: frozenset[tuple[str, int | None]] = frozenset()


@dataclass(frozen=True)
class WeekSheet:
    """An athlete's week: its sets, the worst first, and each trend in words (lift and quantity, kind and word)."""

    athlete: str
    monday: str
    sets: tuple[Shown, ...]
    trends: tuple[Mapping[str, str], ...]


def write_share(shown: Shown, target: Path, *, hides_head: bool, has_film: bool) -> None:
    """Write a set's page, with the video inside unless it is to be printed. Raises FormcheckError."""
    from formcheck.rendering.set_files import PAGE, render_page_files, render_set_page, take_set_stills

    report = _analyze(shown)
    notes = _notes(shown, report, hides_head=hides_head)
    stills = take_set_stills(report, shown.video, hides_head=hides_head)
    if has_film:
        wanted = Pictures(embed=True, blur_faces=hides_head)
        page = str(render_page_files(report, shown.video, "", wanted, stills, notes=notes)[PAGE])
    else:
        page = render_set_page(report, stills, "", notes=notes)
    target.write_text(page, encoding="utf-8")


def write_week(sheet: WeekSheet, target: Path, *, hides_head: bool, has_film: bool) -> None:
    """Write an athlete's week, with the videos inside unless it is to be printed. Raises FormcheckError."""
    from formcheck.rendering.set_files import find_worst_s, read_film, take_moments
    from formcheck.report.page.shell import data_url, pack, render
    from formcheck.report.terminal import clock

    sets = []
    for each in sheet.sets:
        report = _analyze(each)
        worst_s = find_worst_s(report)
        stills = take_moments(report, each.video, [worst_s], hides_head=hides_head)
        picture = stills.pictures.get(worst_s)
        film = read_film(report, each.video, hides_head=hides_head)[0] if has_film else None
        notes = [note.show() for note in _notes(each, report, hides_head=hides_head)]
        moment = {"picture": None if picture is None else data_url(picture), "clock": clock(worst_s), "notes": notes}
        sets.append({**_tell(each, report), **moment, "film": None if film is None else pack(film)})
    page = render(
        "week",
        folder=FOLDER,
        has_charts=False,
        athlete=sheet.athlete,
        monday=sheet.monday,
        sets=sets,
        trends=sheet.trends,
        printed=PRINTED_SETS,
    )
    target.write_text(page, encoding="utf-8")


def _notes(shown: Shown, report: "Report", *, hides_head: bool) -> "tuple[Note, ...]":
    from formcheck.rendering.set_files import Sketch, draw_notes

    return draw_notes(report, shown.video, [Sketch(*each) for each in shown.notes], hides_head=hides_head)


def _analyze(shown: Shown) -> "Report":
    """Return a set's report under the name that people know, of cached poses where there are. Raises FormcheckError."""
    from formcheck.pipeline import analyze

    if not shown.video.is_file():
        raise say_film_gone(shown.name)
    report = analyze(shown.video, shown.settings)
    kept = tuple(each for each in report.findings if (each.code, each.rep) not in shown.wrong)
    return replace(report, source=replace(report.source, path=shown.name), findings=kept, cues=pick_cues(kept))


def _tell(shown: Shown, report: "Report") -> Mapping[str, Any]:
    """Return what a card shows of a set, without what the coach has marked as wrong."""
    if not shown.wrong:
        return shown.card
    from formcheck.report.document import build

    told, _ = sum_up_set(build(report), rank_set(report.findings, report.lift.doubt))
    return {**shown.card, "verdict": told["verdict"], "said": told["said"], "cues": json.loads(told["cues"])}


def write_comparison(a: Shown, b: Shown, target: Path) -> None:
    """Write the page of two sets side by side. Raises FormcheckError."""
    from formcheck.lifts import all_checks, all_lifts, name_checks
    from formcheck.report.page.compare import render_comparison
    from formcheck.workflows.compare import make_side, take_report

    sides = [make_side(*take_report(_analyze(each), each.video), each.url) for each in (a, b)]
    titles = {check.code: check.title for check in all_checks()}
    lifts = {name: lift.title for name, lift in all_lifts().items()}
    target.write_text(render_comparison(sides[0], sides[1], titles, lifts, name_checks()), encoding="utf-8")
