"""index.html of a batch in a real browser: sorted, filtered, obeying no name, asking no network."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from browsing import find_barriers
from conftest import make_finding, make_report
from playwright.sync_api import Browser, Page

from formcheck.assessment.ranking import IN_PART, UNJUDGED, rank_set, verdict_of
from formcheck.batch import write_tables
from formcheck.batch.job import Failure, Job, Outcome, Plan, Tags
from formcheck.batch.shelf import write_results
from formcheck.batch.task import record_outcome
from formcheck.data import LiftChoice
from formcheck.report import document
from formcheck.settings import Settings

HOSTILE = "\"><script>document.title='owned'</script><img src=x onerror=alert(2)>{{7*7}}'"
SETS: tuple[tuple[str, Tags, str, float], ...] = (
    ("a.mp4", Tags("Ana", "2026-11-20", 60.0, 3), "rdl", 1.2),
    ("b.mp4", Tags("Ben", "2026-11-22", 110.0), "nordic", 2.8),
    (f"{HOSTILE}.mp4", Tags(HOSTILE, None, None, None, HOSTILE), "rdl", 2.1),
    ("d.mp4", Tags("Ana", "2026-11-21", 9.5), "rdl", 0.0),
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four sets and a failure, written as a batch writes them."""
    out = tmp_path_factory.mktemp("index")
    plan = Plan(Settings(), str(out))
    jpeg = cv2.imencode(".jpg", np.full((160, 90, 3), 120, np.uint8))[1].tobytes()
    outcomes = []
    for number, (label, tags, lift, severity) in enumerate(SETS):
        job = Job("", label, f"set-{number}", tags=tags)
        report = make_report(lift=LiftChoice(lift, 1.0, "user"))
        if severity == 0:
            report = replace(report, findings=report.findings[-1:], cues=())
        text = document.to_json(document.build(report))
        files: dict[str, str | bytes] = {"thumbnail.jpg": jpeg, "report.html": "<p>the report", "report.json": text}
        outcomes.append(Outcome(job, "key", severity=severity))
        write_results(str(out), job.folder, files, record_outcome(outcomes[-1]))
    refused = Job("", f"{HOSTILE}2.mp4", "bad")
    outcomes.append(Outcome(refused, failure=Failure("crash", f"{HOSTILE} crashed.", "Export it again.")))
    write_tables([each.job for each in outcomes], outcomes, plan)
    return out / "index.html"


@pytest.fixture
def page(browser: Browser, index: Path) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    problems: list[Any] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(index.as_uri())
    yield page
    assert problems == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    context.close()


def shown(page: Page) -> list[str]:
    rows = page.locator("#sets tbody tr:visible .shot a")
    return [(rows.nth(number).get_attribute("href") or "").split("/")[1] for number in range(rows.count())]


def test_the_worst_comes_first_and_leads_to_its_report(page: Page) -> None:
    assert shown(page) == ["set-1", "set-2", "set-0", "set-3"]
    page.locator("#sets tbody tr .shot a").first.click()
    assert page.content().count("the report") == 1


def test_whole_repetitions_count_as_in_the_report(page: Page) -> None:
    assert page.locator("td.reps").first.inner_text() == "2 + 1 partial"
    assert page.locator("#sets tbody tr").first.get_attribute("data-reps") == "2"


def test_nothing_keeps_anybody_out(page: Page) -> None:
    assert find_barriers(page) == []


def test_every_column_sorts_both_ways(page: Page) -> None:
    page.get_by_role("button", name="Load").click()
    assert shown(page) == ["set-1", "set-0", "set-3", "set-2"], "by number, what has none last"
    page.get_by_role("button", name="Load").click()
    assert shown(page) == ["set-3", "set-0", "set-1", "set-2"]
    page.get_by_role("button", name="Date").click()
    assert shown(page) == ["set-1", "set-3", "set-0", "set-2"]
    assert page.locator("th[aria-sort]").inner_text().startswith("Date")


def test_filters_narrow_each_other(page: Page) -> None:
    page.select_option("#athlete", "Ana")
    assert shown(page) == ["set-0", "set-3"]
    page.select_option("#fault", "Overrun")
    assert shown(page) == ["set-0"]
    assert page.locator("#count").inner_text() == "1 shown"
    page.select_option("#lift", "Nordic curl")
    assert shown(page) == []
    assert page.locator("#none").is_visible()


def test_a_word_finds_files_athletes_and_notes(page: Page) -> None:
    page.fill("#words", "ben")
    assert shown(page) == ["set-1"]
    page.fill("#words", "{{7*7}}")
    assert shown(page) == ["set-2"]


def test_names_are_text(page: Page) -> None:
    assert page.title() == "4 sets - formcheck"
    assert page.locator("script").count() == 1
    assert page.locator("img").count() == len(SETS)
    assert HOSTILE in page.locator("tr", has_text="onerror").locator(".athlete").inner_text()
    assert HOSTILE in page.locator("#failed").inner_text()


def test_it_fits_a_phone_and_has_a_dark_side(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.select_option("#order", "athlete")
    assert shown(page)[1:3] == ["set-0", "set-3"]
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before


def test_a_set_of_which_nothing_could_be_judged_is_none_of_the_good_ones(tmp_path: Path) -> None:
    feet = make_finding("set.feet", "not_judged", reason="film from behind", detail={"asked": False})
    good = make_report(findings=(make_finding("rdl.overrun"), make_finding("set.consistency"), feet), cues=())
    unseen = make_report(findings=(make_finding("rdl.overrun", "not_judged", reason="it is dark"),), cues=())
    partly = make_report(findings=(*good.findings, *unseen.findings), cues=())
    ranks = [rank_set(each.findings) for each in (make_report(), unseen, good, partly)]
    assert ranks == [pytest.approx(5 + 0.42 / 1.42), UNJUDGED, 0.0, IN_PART]
    assert rank_set(good.findings, "this looks like a Nordic curl") == UNJUDGED
    assert [verdict_of(each) for each in (*ranks, 3.4, 2.9)] == ["fault", "none", "good", "part", "note", "fault"]
    outcomes = [
        Outcome(Job("", f"{n}.mp4", f"set-{n}"), "key", severity=each) for n, each in enumerate((0.0, UNJUDGED))
    ]
    for outcome, report in zip(outcomes, (good, unseen), strict=True):
        files: dict[str, str | bytes] = {"report.json": document.to_json(document.build(report))}
        write_results(str(tmp_path), outcome.job.folder, files, record_outcome(outcome))
    write_tables([each.job for each in outcomes], outcomes, Plan(Settings(), str(tmp_path)))
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    unjudged, sound = page.split('<tr data-severity="')[1:]
    assert '<p class="cue none">Nothing could be judged: It is dark.</p>' in unjudged
    assert '<td class="shot none">' in unjudged
    assert ">1 not judged<" in unjudged
    assert "not judged" not in sound, "what was not asked of a set is counted as little as on its own page"
    assert '<p class="cue good">Nothing to change: 2 of 2 checks good.</p>' in sound


def test_a_row_counts_in_words_and_tells_a_video_that_lies_there_twice(tmp_path: Path) -> None:
    """Two names of one video, one under the same name in another folder, and another video."""
    told = (
        ("up/a.mp4", "aa", Tags("Ana", load_kg=60.0, sets=1)),
        ("up/a copy.mp4", "aa", Tags("Ana", sets=3)),
        ("late/a.mp4", "aa", Tags("Ana")),
        ("up/b.mp4", "bb", Tags("Ana", load_kg=60.0, sets=3)),
    )
    outcomes = [Outcome(Job("", label, f"set-{n}", tags=tags), "key") for n, (label, _, tags) in enumerate(told)]
    for outcome, (_, sha256, _) in zip(outcomes, told, strict=True):
        report = make_report()
        report = replace(report, source=replace(report.source, sha256=sha256 * 32), reps=report.reps[:1])
        files: dict[str, str | bytes] = {"report.json": document.to_json(document.build(report))}
        write_results(str(tmp_path), outcome.job.folder, files, record_outcome(outcome))

    def rows_of(count: int) -> list[str]:
        write_tables([each.job for each in outcomes[:count]], outcomes[:count], Plan(Settings(), str(tmp_path)))
        return (tmp_path / "index.html").read_text(encoding="utf-8").split('<tr data-severity="')

    head, _ = rows_of(1)
    assert "<title>1 set - formcheck</title>" in head
    _, late, copy, first, other = rows_of(4)
    assert "Same video" not in late
    assert "<p>Same video as a.mp4</p>" in copy.replace(' class="small"', "")
    assert "<p>Same video as late/a.mp4</p>" in first.replace(' class="small"', "")
    assert "Same video" not in other
    loads = [each.split('<td class="number load">')[1].split("</td>")[0] for each in (late, copy, first, other)]
    assert loads == ["", " <small>3 sets</small>", "60 kg <small>x 1 set</small>", "60 kg <small>x 3 sets</small>"]
    assert '1 <small class="unit">rep</small>' in first


def test_a_damaged_report_leaves_its_set_out(index: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(index.parent, out)
    path = out / "videos" / "set-0" / "report.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["reps"][0]["eccentric_s"] = "<b>long</b>"
    path.write_text(json.dumps(content), encoding="utf-8")
    jobs = [Job("", label, f"set-{number}", tags=tags) for number, (label, tags, _, _) in enumerate(SETS)]
    names = write_tables(jobs, [Outcome(job, "key") for job in jobs], Plan(Settings(), str(out)))
    assert names == ["errors.csv", "index.html", "summary.csv", "summary.parquet"]
    assert (out / "index.html").read_text(encoding="utf-8").count("<tr data-severity") == 3
