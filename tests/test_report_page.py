"""report.html in a real browser: Debian's chromium, from disk, without a network."""

import base64
import gzip
import hashlib
import html
import json
import math
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from browsing import Open, find_barriers, wait_until
from conftest import make_finding, make_kinematics, make_report
from films import plain, write_film
from playwright.sync_api import Page

from formcheck.assessment.cues import pick_cues
from formcheck.cli.analyze import render_files_of_page
from formcheck.data import BackContour, PoseSequence, Report
from formcheck.errors import InputError
from formcheck.pipeline import analyze
from formcheck.rendering.annotated_video import take_stills, write_video
from formcheck.rendering.overlay import figure_of
from formcheck.rendering.set_files import ANNOTATED
from formcheck.report.page import back_times, link_video, pack_plotly, picture_times, render_page
from formcheck.report.page.content import Explained, build_texts, find_unseen, pick_moments, picture_best, state_limit
from formcheck.settings import Pictures, Settings
from formcheck.wording import quantity

PLAIN = Pictures()
HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}'.mp4"
EXPLAINED = {
    "rdl.overrun": Explained("What overrun means", "Because <b>hips</b> matter & so on", "", "end-of-hip-travel")
}


def write_page(report: Report, video: Path, folder: Path, wanted: Pictures) -> str:
    """Return report.html as `formcheck analyze` writes it."""
    page = render_files_of_page(report, video, folder, wanted)["report.html"]
    assert isinstance(page, str)
    return page


@pytest.fixture(scope="session")
def real_report(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    """The sample under a hostile name, analysed once."""
    from conftest import SAMPLE

    video = tmp_path_factory.mktemp("page") / HOSTILE.replace("/", "\N{DIVISION SLASH}")
    shutil.copy(SAMPLE, video)
    return video, analyze(video, Settings(lift="rdl"))


@pytest.fixture(scope="session")
def page_file(real_report: tuple[Path, Report]) -> Path:
    video, report = real_report
    folder = video.parent / "set_formcheck"
    folder.mkdir()
    file = folder / "report.html"
    file.write_text(write_page(report, video, folder, PLAIN), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def drawn(open_once: Open, page_file: Path) -> Page:
    """The page with its charts, for tests that leave it as it is."""
    return open_once(page_file, charts=True)


def current_s(page: Page) -> float:
    wait_until(page, "!document.getElementById('video').seeking")
    return float(page.evaluate("document.getElementById('video').currentTime"))


def make_poses(n_samples: int = 95) -> PoseSequence:
    """A body that stands still in the middle; the first frame was not seen."""
    xy_px = np.tile(np.linspace([600.0, 100.0], [640.0, 700.0], 33), (n_samples, 1, 1))
    xy_px[0] = np.nan
    chord_px = np.tile([[620.0, 400.0], [620.0, 200.0]], (n_samples, 1, 1))
    return PoseSequence(
        time_s=np.arange(n_samples) / 10,
        xy_px=xy_px,
        world_m=np.zeros((n_samples, 33, 3)),
        visibility=np.ones((n_samples, 33)),
        size_px=(1280, 720),
        back=BackContour(chord_px, np.linspace(0, 1, 51), np.full((n_samples, 2, 51), 40.0)),
        provenance=make_report().provenance,
    )


def draw(report: Report, **options: Any) -> str:
    return render_page(report, "Romanian deadlift", EXPLAINED, **({"video_url": "../set%201.mp4"} | options))


def test_the_page_opens_from_disk_and_plays(open_page: Open, page_file: Path) -> None:
    page = open_page(page_file)
    assert page.title().endswith("Romanian deadlift - formcheck")
    wait_until(page, "document.getElementById('video').readyState >= 2")
    page.locator("#play").click()
    wait_until(page, "document.getElementById('video').currentTime > 0.3")
    wait_until(page, "Number(document.getElementById('scrub').value) > 0.2")
    page.keyboard.press("k")
    assert page.evaluate("document.getElementById('video').paused")


def test_a_click_on_a_cue_shows_its_moment(open_page: Open, page_file: Path, real_report: tuple[Path, Report]) -> None:
    page = open_page(page_file)
    for cue, button in zip(real_report[1].cues, page.locator(".cue .say").all(), strict=True):
        button.click()
        assert current_s(page) == pytest.approx(cue.start_s, abs=0.01)
        assert page.locator("#now").inner_text().startswith(f"0:{cue.start_s:04.1f} · rep {cue.reps[0]} ")


def test_the_figure_lies_on_the_lifter(open_page: Open, page_file: Path, real_report: tuple[Path, Report]) -> None:
    page = open_page(page_file)
    page.locator(".cue .say").first.click()
    current_s(page)
    page.locator("[data-layer=back]").click()
    page.locator("[data-layer=angles]").click()
    report = real_report[1]
    assert report.poses is not None
    sample = int(np.argmin(np.abs(report.poses.time_s - report.cues[0].start_s)))
    white = (
        "([x, y]) => { const c = document.getElementById('figure'), z = c.width / 960; return [...c.getContext('2d')"
    )
    white += ".getImageData(Math.round(x * z), Math.round(y * z), 1, 1).data] }"
    for landmark in (24, 26, 28, 12):  # hip, knee, ankle and shoulder of the side it is seen from
        colour = page.evaluate(white, report.poses.xy_px[sample, landmark].tolist())
        assert colour[3] == 255, landmark
    page.locator("[data-layer=body]").click()
    empty = page.evaluate(
        "(() => { const c = document.getElementById('figure');"
        "return !c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(Boolean) })()"
    )
    assert empty


def test_a_click_on_a_chart_shows_its_moment(open_page: Open, page_file: Path) -> None:
    page = open_page(page_file, charts=True)
    chart = page.locator("#motion")
    assert [
        each["name"] for each in page.evaluate("document.getElementById('motion').data.map(({name}) => ({name}))")
    ] == [
        "hip flexion",
        "knee flexion",
        "trunk lean",
    ]
    chart.scroll_into_view_if_needed()
    axis = chart.evaluate("(e) => ({ left: e._fullLayout.xaxis._offset, at: e._fullLayout.xaxis.l2p(12) })")
    chart.click(position={"x": axis["left"] + axis["at"], "y": 150})
    assert current_s(page) == pytest.approx(12.0, abs=0.2)
    assert page.locator("#slot.docked").count() == 1, "the video stays in sight"
    page.locator("#checks > summary").click()
    page.locator("#check-rdl\\.overrun summary").click()
    page.wait_for_selector("[data-check='rdl.overrun'] .main-svg")
    points = page.evaluate("document.querySelector('[data-check=\"rdl.overrun\"]').data[0].customdata")
    assert len(points) == 4
    page.evaluate(
        "document.querySelector('[data-check=\"rdl.overrun\"]').emit('plotly_click', {points: [{customdata: 3.5}]})"
    )
    assert current_s(page) == pytest.approx(3.5, abs=0.01)


def test_keys_step_through_frames_reps_and_findings(
    open_page: Open, page_file: Path, real_report: tuple[Path, Report]
) -> None:
    page = open_page(page_file)
    report = real_report[1]
    assert report.poses is not None
    page.keyboard.press("ArrowRight")
    assert current_s(page) == pytest.approx(report.poses.time_s[1], abs=0.005)
    page.keyboard.press("ArrowLeft")
    assert current_s(page) == pytest.approx(0.0, abs=0.005)
    page.keyboard.press("ArrowDown")
    assert current_s(page) == pytest.approx(report.reps[0].start_s, abs=0.005)
    page.keyboard.press("n")
    faults = sorted(each.start_s for each in report.findings if each.verdict in {"fault", "note"})
    assert current_s(page) == pytest.approx(faults[0], abs=0.005)
    page.keyboard.press("s")
    assert page.evaluate("document.getElementById('video').playbackRate") == 0.25


def test_method_and_source_are_one_click_away(drawn: Page) -> None:
    details = drawn.locator("#check-rdl\\.overrun")
    assert not details.locator("dl").is_visible()
    drawn.locator(".cue", has_text="hips stopped").locator("a", has_text="Why").click()
    assert "judged by the chance that the limit is exceeded" in details.locator("dl").inner_text()
    assert "note above 5°, fault above 10°" in details.locator("dl").inner_text()


def test_it_prints_on_two_pages(drawn: Page) -> None:
    printed = drawn.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2


def test_on_a_phone_no_cell_of_a_checks_table_runs_into_the_next(drawn: Page) -> None:
    drawn.set_viewport_size({"width": 390, "height": 844})
    drawn.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert drawn.locator(".stacked td").count() > 10
    wide = "[...document.querySelectorAll('.stacked td')].filter((each) => each.scrollWidth > each.clientWidth + 1)"
    assert drawn.evaluate(f"{wide}.map((each) => each.textContent)") == []
    assert drawn.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("width", [390, 1400])
def test_nothing_is_wider_than_the_screen(drawn: Page, width: int) -> None:
    drawn.set_viewport_size({"width": width, "height": 844})
    wait_until(drawn, f"document.querySelector('#motion .main-svg').clientWidth < {width}")
    assert drawn.evaluate("document.documentElement.scrollWidth") <= width


def test_light_and_dark(drawn: Page) -> None:
    def colour() -> str:
        return str(drawn.evaluate("getComputedStyle(document.body).backgroundColor"))

    before = colour()
    drawn.locator("#theme").click()
    assert colour() != before
    drawn.locator("#theme").click()
    assert colour() == before


def test_nothing_keeps_anybody_out(drawn: Page) -> None:
    assert find_barriers(drawn) == []
    assert drawn.evaluate("document.documentElement.lang") == "en"
    assert drawn.locator("h1").count() == 1


def test_hostile_names_are_text(open_page: Open, tmp_path: Path, sample_clip: Path) -> None:
    base = make_report()
    finding = make_finding("rdl.overrun", "fault", rep=1, text=HOSTILE, start_s=1.5)
    unjudged = make_finding("</script><script>alert(3)</script>", "not_judged", rep=1, reason=HOSTILE, text=HOSTILE)
    report = replace(
        base,
        source=replace(base.source, path=f"/films/{HOSTILE}"),
        findings=(finding, unjudged),
        cues=(replace(base.cues[0], text=HOSTILE),),
        settings={"lift": HOSTILE},
        poses=make_poses(),
    )
    video = shutil.copy(sample_clip, tmp_path / HOSTILE.replace("/", "\N{DIVISION SLASH}"))
    (tmp_path / "report.html").write_text(draw(report, video_url=link_video(video, tmp_path)), encoding="utf-8")
    page = open_page(tmp_path / "report.html", charts=True)
    assert page.locator(".cue .words").inner_text() == HOSTILE
    assert page.locator("img[src=x]").count() == 0
    assert page.evaluate("[...document.scripts].filter((each) => each.textContent.startsWith('alert')).length") == 0


def test_without_the_video_it_offers_to_choose_one(open_page: Open, tmp_path: Path, sample_clip: Path) -> None:
    (tmp_path / "report.html").write_text(draw(make_report(poses=make_poses()), video=b"no video"), encoding="utf-8")
    page = open_page(tmp_path / "report.html")
    page.wait_for_selector("#missing:not([hidden])")
    page.locator(".cue .say").first.click()
    assert page.locator("#now").inner_text().startswith("0:01.5"), "figure and charts follow all the same"
    page.locator("#choose").set_input_files(sample_clip)
    wait_until(page, "document.getElementById('video').readyState >= 1")
    assert current_s(page) == pytest.approx(1.5, abs=0.01)
    assert page.locator("#missing").is_hidden()


def test_a_video_that_no_browser_plays_has_its_annotated_one(open_page: Open, tmp_path: Path) -> None:
    """H.265, as telephones film it and this browser refuses it; the set starts two seconds in."""
    video = write_film(tmp_path / "set.mp4", [plain(320, 240, 90)] * 120, codec="libx265")
    kinematics = make_kinematics(15, time_s=2.0 + np.arange(15) / 10)
    report = make_report(kinematics=kinematics, poses=make_poses(), cues=(replace(make_report().cues[0], start_s=2.5),))
    folder = tmp_path / "set_formcheck"
    folder.mkdir()
    (folder / "report.html").write_text(write_page(report, video, folder, Pictures(video=True)), encoding="utf-8")
    write_video(video, report, folder / ANNOTATED)
    page = open_page(folder / "report.html")
    wait_until(page, "document.getElementById('video').readyState >= 1")
    assert page.locator("#missing").is_hidden()
    page.locator(".cue .say").first.click()
    assert current_s(page) == pytest.approx(0.5, abs=0.01)
    assert page.locator("#now").inner_text().startswith("0:02.5")


def test_an_embedded_video_plays_without_its_file(
    open_page: Open, real_report: tuple[Path, Report], tmp_path: Path
) -> None:
    video, report = real_report
    (tmp_path / "report.html").write_text(write_page(report, video, tmp_path, Pictures(embed=True)), encoding="utf-8")
    page = open_page(tmp_path / "report.html")
    wait_until(page, "document.getElementById('video').readyState >= 1")
    page.locator(".cue .say").nth(len(report.cues) - 1).click()
    assert current_s(page) == pytest.approx(report.cues[-1].start_s, abs=0.01)


def test_a_report_without_landmarks_or_reps_still_opens(open_page: Open, tmp_path: Path) -> None:
    unjudged = tuple(replace(each, rep=None, start_s=np.nan, end_s=np.nan) for each in make_report().findings[3:4])
    report = make_report(reps=(), cues=(), findings=unjudged, kinematics=make_kinematics(noise={}))
    (tmp_path / "report.html").write_text(draw(report, video=b"no video"))
    page = open_page(tmp_path / "report.html", charts=True)
    summary = page.locator("#summary").inner_text()
    assert summary.splitlines()[0] == "Nothing could be judged"
    assert summary.count("he plates hide the back") == 1, "the reason once"
    page.locator("#checks > summary").click()
    assert "the plates hide the back" in page.locator("#checks").inner_text()
    assert "Nothing to change" not in page.inner_text("main")


def test_a_check_names_the_section_that_defines_it() -> None:
    assert "<dt>Method</dt><dd><code>docs/method.md#end-of-hip-travel</code></dd>" in draw(make_report())


def test_what_no_cue_has_room_for_stands_below_them() -> None:
    codes = ("rdl.rounding", "rdl.squatted", "rdl.overrun", "rdl.bar_drift")
    findings = tuple(make_finding(code, "fault", rep=place, start_s=9.0 * place) for place, code in enumerate(codes, 1))
    report = make_report(findings=findings, cues=pick_cues(findings))
    assert [each["code"] for each in build_texts(report, {})["cues"]] == list(codes[:3])
    assert [each["code"] for each in build_texts(report, {})["also"]] == ["rdl.bar_drift"]
    page = render_page(report, "RDL", {}, video_url="x.mp4")
    assert page.index("What to do") < page.index("Also seen") < page.index('href="#check-rdl.bar_drift">Bar drift')
    few = make_report(findings=findings[:3], cues=pick_cues(findings[:3]))
    assert "Also seen" not in render_page(few, "RDL", {}, video_url="x.mp4")


def test_the_page_says_what_is_good_and_what_was_not_judged() -> None:
    good = (make_finding("rdl.overrun", rep=1), make_finding("rdl.tempo", rep=1))
    assert read_summary(make_report(findings=good, cues=())) == ["Nothing to change", "Good: overrun, tempo"]
    unseen = make_finding("rdl.rounding", "not_judged", rep=1, reason="the plates hide the back")
    assert read_summary(make_report(findings=(*good, unseen), cues=())) == [
        "Nothing to change in what could be judged",
        "Good: overrun, tempo",
        "Not judged: rounding",
    ]
    assert read_summary(make_report()) == [
        "Two things to change",
        "Overrun: 14° in rep 1 (90 % sure)",
        "Tempo: 1.5 s in rep 1 (90 % sure)",
        "Good: consistency",
        "Best: rep 2, without overrun",
        "Not judged: rounding",
    ]


def read_summary(report: Report) -> list[str]:
    """The summary's headline and its points, as text."""
    (section,) = re.findall(r'<section id="summary".*?</section>', draw(report), re.DOTALL)
    parts = re.findall(r"<h2[^>]*>(.*?)</h2>|<span>(.*?)</span>", section)
    return [re.sub("<[^>]+>", "", "".join(each)) for each in parts]


def test_a_repetition_of_a_set_that_was_not_judged_is_not_called_good() -> None:
    unseen = make_finding("rdl.overrun", "not_judged", reason="the camera stands in front")
    text = draw(make_report(findings=(unseen,), cues=(), reps=make_report().reps[:1]))
    assert "✓</b> good" not in text
    assert "-</b> not judged</span>" in text
    good = make_finding("rdl.overrun", rep=1)
    assert "✓</b> good" in draw(make_report(findings=(good,), cues=(), reps=make_report().reps[:1]))


def test_the_length_is_that_of_the_part_that_was_looked_at() -> None:
    page = draw(make_report(settings={"start": 2.0, "end": 6.0}))
    assert "2 reps + 1 partial in 4.0 s, seen from the left" in page


def test_faults_of_one_moment_share_their_picture() -> None:
    findings = tuple(
        make_finding(code, "fault", rep=rep, severity=severity, aside=f"{code} did", start_s=start_s, end_s=start_s + 1)
        for rep, start_s in ((1, 2.0), (2, 5.0))
        for code, severity in (("rdl.rounding", 2.0), ("rdl.overrun", 1.0), ("rdl.squatted", 1.5))
        if (code, rep) != ("rdl.squatted", 2)
    )
    (moment,) = pick_moments(make_report(findings=findings))
    assert moment.finding is findings[0], "the worst of all repetitions, once"


def test_the_policy_allows_two_scripts_and_no_request() -> None:
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', draw(make_report()))
    rules = dict(rule.split(" ", 1) for rule in policy.replace("&#39;", "'").split("; "))
    assert rules["default-src"] == "'none'"
    assert re.fullmatch(r"'sha256-[^']+' 'sha256-[^']+'", rules["script-src"])
    assert pack_plotly()[0] in rules["script-src"]
    assert "http" not in policy
    assert "connect-src" not in rules


def test_links_to_the_video_survive_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "out" / "a_formcheck"
    assert link_video(tmp_path / "a b#?%.mp4", folder) == "../../a%20b%23%3F%25.mp4"
    assert link_video(tmp_path / "out" / HOSTILE.replace("/", "x"), folder).count('"') == 0
    assert unquote(link_video(tmp_path / "深蹲.mp4", folder)) == "../../深蹲.mp4"
    assert link_video(tmp_path / "javascript:alert(1)", tmp_path) == "javascript%3Aalert%281%29"


def test_pictures_show_the_worst_moments_with_their_start_and_end() -> None:
    report = make_report()
    assert [(each.finding.code, each.times_s) for each in pick_moments(report)] == [
        ("rdl.overrun", (1.5, 2.0)),
        ("rdl.tempo", (1.5, 2.0)),
    ]
    assert picture_times(report) == (0.5, 1.5, 2.0, 5.0)  # the last: the best repetition, at its turn
    many = tuple(
        make_finding("rdl.overrun", "fault", rep=n, start_s=float(n), end_s=n + 0.1, severity=n) for n in range(1, 9)
    )
    assert [each.times_s for each in pick_moments(make_report(findings=many))] == [(8.0,)]


def test_the_best_rep_stands_beside_the_worst_at_the_same_place_of_the_lift() -> None:
    """Rep 1 (down 0.5-2.0 s, up to 3.0) has a fault at 1.7 s, after 80 % of its way down; rep 2 is there at 4.7 s."""
    bad = make_finding("rdl.overrun", "fault", rep=1, start_s=1.7, end_s=1.7)
    good = make_finding("rdl.overrun", rep=2, severity=0.0)
    best = picture_best(make_report(findings=(bad, good)))
    assert best is not None
    assert best.times_s == (pytest.approx(4.7), 1.7)
    assert best.labels == ("best: rep 2", "worst: rep 1")
    at_top = make_finding("rdl.overrun", "fault", rep=1, start_s=2.75, end_s=2.75)
    late = picture_best(make_report(findings=(at_top, good)))
    assert late is not None
    assert late.times_s == (pytest.approx(5.75), 2.75)
    untimed = make_finding("rdl.overrun", "fault", rep=1, start_s=math.nan, end_s=math.nan)
    anywhere = picture_best(make_report(findings=(untimed, good)))
    assert anywhere is not None
    assert anywhere.times_s == (5.0, 2.0)
    assert picture_best(make_report(findings=(bad,))) is None


def test_the_page_says_why_the_best_rep_is_best() -> None:
    page = draw(make_report(), pictures=dict.fromkeys((0.5, 1.5, 2.0, 5.0), b"jpeg"))
    assert (
        "Rep 2 was the best of the set: without overrun. Rep 1 was the worst: overrun (14°) and tempo (1.5 s)." in page
    )
    assert (
        page.count('<span class="when">best: rep 2</span>') == page.count('<span class="when">worst: rep 1</span>') == 1
    )
    assert '<span class="when">best: rep 2</span>' not in draw(make_report())
    assert "Best and worst" not in draw(make_report(findings=(), cues=()))


def test_the_page_says_what_changed_since_last_time() -> None:
    page = draw(make_report(), changes=("Since 12 Nov:", "Overrun: 1 of 2 reps, 2 of 2 on 12 Nov. <b>"))
    assert "<span>Since 12 Nov:</span><p>Overrun: 1 of 2 reps, 2 of 2 on 12 Nov. &lt;b&gt;</p>" in page
    assert 'class="since"' not in draw(make_report())


def test_a_range_is_pictured_at_its_turn() -> None:
    """The repetition turns at 2.0 s: a finding of all of it looks alike at both ends."""
    whole = make_finding("seated_curl.range", "fault", rep=1, start_s=0.5, end_s=3.0)
    (moment,) = pick_moments(make_report(findings=(whole,)))
    assert (moment.times_s, moment.labels) == ((0.5, 2.0), ("from", "turn"))


def test_beside_a_rounded_back_stands_the_same_back_upright() -> None:
    rounded = make_finding("rdl.rounding", "fault", rep=1, start_s=1.5, end_s=1.9)
    (moment,) = pick_moments(make_report(findings=(rounded,)))
    assert (moment.times_s, moment.labels) == ((0.4, pytest.approx(1.7)), ("standing", "here"))
    assert back_times(make_report(findings=(rounded,))) == set(moment.times_s)
    assert back_times(make_report()) == set()


def test_the_upright_back_lies_on_the_bent_trunk() -> None:
    """A back 40 px deep in every frame but the bent one, where it is 70 px: drawn there is that of 40."""
    poses = make_poses()
    depth_px = np.full((95, 2, 51), 40.0)
    depth_px[15:20] = 70.0
    back = replace(poses.back, depth_px=depth_px)
    trunk_deg = np.zeros(95)
    trunk_deg[10:30] = 80.0
    report = make_report(
        poses=replace(poses, back=back),
        kinematics=make_kinematics(channels={"trunk_deg": trunk_deg}),
        findings=(make_finding("rdl.rounding", "fault", rep=1, start_s=1.5, end_s=1.9),),
    )
    figure = figure_of(report)
    assert figure is not None
    assert figure.bent_s == ((1.5, 1.9),)
    assert figure.own_back_px is not None
    assert figure.back_px is not None
    np.testing.assert_allclose(figure.own_back_px[17, :, 0], 580.0)
    np.testing.assert_allclose(figure.back_px[17, :, 0], 550.0)
    flat = figure_of(replace(report, findings=()))
    assert flat is not None
    assert flat.own_back_px is None


def test_on_a_phone_a_lifter_sees_at_once_what_to_change(open_page: Open, page_file: Path, real_report: Any) -> None:
    page = open_page(page_file, charts=True, width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    summary = page.locator("#summary").bounding_box()
    assert summary is not None
    assert summary["y"] + summary["height"] <= 844
    assert page.evaluate("document.documentElement.scrollHeight") < 3 * 844
    outer = "[...document.querySelectorAll('button, select, a')].filter((each) => each.checkVisibility() && "
    outer += "!each.matches('.skip') && each.getBoundingClientRect().right > 391).map((each) => each.outerHTML)"
    assert page.evaluate(outer) == [], "nothing to press lies off the screen"
    source = html.unescape(page_file.read_text(encoding="utf-8"))
    assert [source.count(cue.text) for cue in real_report[1].cues] == [1, 1], "each cue's text once"


def test_on_a_phone_nothing_covers_a_heading(open_page: Open, page_file: Path) -> None:
    page = open_page(page_file, charts=True, width=390, height=844)
    for fold in page.locator(".fold > summary").all():
        fold.click()
    page.locator("#more").select_option("lumbar_deg")
    wait_until(page, "document.querySelectorAll('#motion .ytitle, #motion .y2title').length === 2")
    page.locator(".cue .say").first.click()
    wait_until(page, "Math.abs(document.getElementById('player').getBoundingClientRect().top) < 20")
    covered = """[...document.querySelectorAll('h1, h2, h3, th')].filter((each) => each.checkVisibility())
        .filter((each) => {
            if (each.closest('thead')) return false;
            each.scrollIntoView({ behavior: 'instant', block: 'start' });
            const box = each.getBoundingClientRect();
            const hit = document.elementFromPoint(box.left + 4, box.top + box.height / 2);
            return !(hit && (each.contains(hit) || hit.contains(each)));
        }).map((each) => each.outerHTML)"""
    assert page.evaluate(covered) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "with every fold open"


def test_where_the_view_forbids_angles_no_number_of_them_stands() -> None:
    view = replace(make_kinematics().view, yaw_deg=50.0, verdict="red", reason="the camera is 50° off the side view")
    text = draw(make_report(kinematics=replace(make_kinematics(), view=view), poses=make_poses()))
    rows = text[text.index('id="reps"') : text.index('id="charts"')]
    assert "°" not in rows
    assert rows.count('data-word="Hip">-<') == 3
    assert '"channels": {}' in text
    assert "too far off the side view" in text


def test_stills_are_cut_to_the_lifter(real_report: tuple[Path, Report]) -> None:
    import cv2

    video, report = real_report
    stills = take_stills(video, figure_of(report), [17.5, 17.5, 1000.0])
    assert list(stills.pictures) == [17.5]
    assert stills.offset_s == 0.0
    picture = cv2.imdecode(np.frombuffer(stills.pictures[17.5], np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape[0] == 440
    assert picture.shape[1] < picture.shape[0]
    assert len(stills.pictures[17.5]) < 60_000


def test_stills_of_no_video_are_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        take_stills(tmp_path / "none.mp4", None, [0.0])


def test_numbers_of_the_page_are_those_of_the_report() -> None:
    report = make_report(poses=make_poses())
    numbers = json.loads(re.findall(r'id="numbers">(.*?)</script>', draw(report), re.DOTALL)[0])
    hip_deg = np.frombuffer(base64.b64decode(numbers["motion"]["channels"]["hip_flexion_deg"]), "<f4")
    np.testing.assert_allclose(hip_deg, report.kinematics["hip_flexion_deg"])
    xy = np.frombuffer(base64.b64decode(numbers["poses"]["xy"]), "<i2").reshape(95, 18, 2)
    assert (xy[0] == -32768).all()
    assert report.poses is not None
    near_hip_px = xy[1, 4] * numbers["poses"]["unit_px"]
    np.testing.assert_allclose(near_hip_px, report.poses.xy_px[1, 23], atol=0.05)
    back = np.frombuffer(base64.b64decode(numbers["poses"]["back"]), "<i2").reshape(95, -1, 2)
    np.testing.assert_allclose(back[1, 0] * numbers["poses"]["unit_px"], [580, 400], atol=0.05)
    assert numbers["reps"][0]["start_s"] == 0.5


def test_what_was_not_seen_is_marked() -> None:
    hip_deg = np.arange(95, dtype=float)
    hip_deg[[3, 20, 21, 22, 94]] = np.nan
    kinematics = make_kinematics(channels={"hip_flexion_deg": hip_deg, "wrist_height_leg": np.full(95, np.nan)})
    assert find_unseen(kinematics) == [(0.3, 0.4), (2.0, 2.3)]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(14.234, "deg", "14.2°"), (0.0612, "leg", "0.0612 leg lengths"), (2.0, "s", "2.0 s"), (np.nan, "deg", "-")],
)
def test_quantities_in_words(value: float, unit: str, text: str) -> None:
    assert quantity(value, unit) == text


def test_limits_in_words() -> None:
    limit = make_report().findings[0].limit
    assert state_limit(limit) == "note above 5°, fault above 10°"
    assert state_limit(replace(limit, note=10.0, direction="below")) == "fault below 10°"


def test_a_page_is_light(page_file: Path) -> None:
    assert page_file.stat().st_size < 2_700_000


def test_the_chart_library_is_packed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMCHECK_CACHE_DIR", str(tmp_path))
    packed = pack_plotly.__wrapped__()
    (kept,) = tmp_path.iterdir()
    assert pack_plotly.__wrapped__() == packed
    script = gzip.decompress(base64.b64decode(packed[1]))
    digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
    assert packed[0] == f"'sha256-{digest}'"
    kept.write_bytes(b"damaged")
    assert pack_plotly.__wrapped__() == packed


def test_a_film_in_slow_motion_has_one_clock(open_page: Open, tmp_path: Path) -> None:
    """9.5 s of lifting on 19 s of film: pictures, time line, player and charts tell the film's seconds."""
    report = make_report(settings={"lift": "rdl", "speed": 0.5})
    report = replace(report, source=replace(report.source, duration_s=2 * report.source.duration_s))
    texts = build_texts(report, EXPLAINED)
    assert texts["timeline"]["end_s"] == report.source.duration_s / 2
    pictured = draw(report, pictures=dict.fromkeys(picture_times(report), b""))
    assert set(re.findall(r"from (\d:\d\d\.\d)", pictured)) == {"0:03.0"}, "a picture's, where its fault begins"
    file = tmp_path / "slow.html"
    file.write_text(draw(report, video=b"no video"), encoding="utf-8")
    page = open_page(file, charts=True)
    assert "0:03.0" in page.locator("#cues .cue").first.inner_text()
    page.evaluate(
        "document.getElementById('scrub').value = 5; document.getElementById('scrub').dispatchEvent(new Event('input'))"
    )
    assert page.inner_text("#now").startswith("0:10.0")
    shown = page.evaluate("""(() => { const { layout, data } = document.getElementById("motion");
      return [layout.xaxis.range[1], layout.annotations[0].x, Math.max(...data[0].x)] })()""")
    assert shown == pytest.approx([19.0, 2 * report.reps[0].start_s, 2 * report.kinematics.time_s[-1]])
