"""`formcheck compare`: two sets on the terminal, in JSON and on a page, from videos and from what analyze wrote."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import Open, find_barriers, wait_until
from conftest import ROOT, make_finding, make_kinematics, make_rep, make_report
from films import plain, write_film
from playwright.sync_api import Page

from formcheck.cli.main import main
from formcheck.data import Report, View
from formcheck.rendering.annotated_video import plays_everywhere, write_copy
from formcheck.report import render_files
from formcheck.report.comparison import interval_of, signed
from formcheck.report.folder import write_folder

Run = Callable[..., tuple[int, str, str]]
HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}'.mp4"
PAIR = ("good_morning_sound", "good_morning_overrun")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["formcheck", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def keep(folder: Path, report: Report) -> Path:
    write_folder(folder, render_files(report))
    return folder


def make_set(value: float, **changes: Any) -> Report:
    """Two repetitions that go `value` +/- 2 deg too far, the second a degree further."""
    findings = tuple(
        make_finding("rdl.overrun", "fault", rep=rep, value=value + rep - 1, low=value + rep - 3, high=value + rep + 1)
        for rep in (1, 2)
    )
    base = make_report()
    return make_report(
        **{"findings": findings, "reps": base.reps[:2], "cues": base.cues[:1]} | changes,
    )


# --- numbers -------------------------------------------------------------------------------------------------------


def test_the_text_says_what_differs(run: Run, tmp_path: Path) -> None:
    part = make_report().settings | {"start": 2.0, "end": 8.0}
    a = keep(tmp_path / "last_formcheck", make_set(6.0, settings=part))
    b = keep(tmp_path / "this_formcheck", make_set(20.0))
    code, text, said = run("compare", a, b, "--no-html")
    assert code == 0, said
    assert re.findall(r"(?m)^[AB]  .*: Romanian deadlift, (.*)$", text) == ["2 reps in 6.0 s", "2 reps in 9.5 s"]
    assert max(map(len, text.splitlines())) <= 80
    assert re.search(r"Overrun +6\.5° +20\.5° +\+14° +\+11 to \+17° +yes\n", text)  # 2.83 = root of 2^2 + 2^2
    assert "Both have to change\n  Your hips stopped" in text
    assert re.search(r"\n +1 +1\.5 s +0\.2 s +0\.8 s +29° +7° +14° +1\.5 s +0\.2 s +0\.8 s +29° +7° +14°\n", text)
    folder = tmp_path / "last_vs_this_formcheck"
    assert said == f"wrote {folder}: compare.json\n"
    page = folder / "compare.html"
    page.write_text("an earlier page")
    said = run("compare", a, b, "--no-html")[2]
    assert said == f"deleted {page}: it showed an earlier comparison\nwrote {folder}: compare.json\n"
    assert not page.exists()


def test_a_repetition_that_is_not_whole_is_marked(run: Run, tmp_path: Path) -> None:
    reps = make_report().reps
    a = keep(tmp_path / "a_formcheck", make_set(6.0, reps=(reps[0], replace(reps[1], complete=False))))
    b = keep(
        tmp_path / "b_formcheck", make_set(6.0, reps=(reps[0], replace(reps[1], complete=False, eccentric_s=np.nan)))
    )
    text = run("compare", a, b)[1]
    assert text.count("A partial") == 1
    assert re.search(r"\n +2 .*\n      A partial, B cut off\n", text)
    page = (tmp_path / "a_vs_b_formcheck" / "compare.html").read_text(encoding="utf-8")
    assert page.count("<small>partial</small>") == page.count("<small>cut off</small>") == 1


def test_a_set_without_a_cue_is_called_good_only_when_it_was_judged(run: Run, tmp_path: Path) -> None:
    good = make_set(6.0, findings=(make_finding("rdl.overrun"), make_finding("rdl.tempo")), cues=())
    unseen = make_set(6.0, findings=(make_finding("rdl.overrun", "not_judged", reason="it is dark"),), cues=())
    folders = [
        keep(tmp_path / f"{name}_formcheck", each)
        for name, each in (("bad", make_set(6.0)), ("good", good), ("unseen", unseen))
    ]
    text = run("compare", folders[0], folders[1], "--no-html")[1]
    assert "Only A has to change\n  0:01.5  Your hips stopped" in text
    assert "\nB  Nothing to change: 2 of 2 checks good.\n" in text
    assert "\nA  " not in text.split("Only A")[1]
    run("compare", folders[1], folders[2], "--out", tmp_path)
    page = (tmp_path / "good_vs_unseen_formcheck" / "compare.html").read_text(encoding="utf-8")
    text = run("compare", folders[1], folders[2], "--no-html")[1]
    assert "A  Nothing to change: 2 of 2 checks good.\nB  Nothing could be judged: It is dark.\n" in text
    assert '<span class="tag b">B</span> Nothing could be judged: It is dark.' in page
    assert "Nothing to change in either" not in page + text


def test_a_fault_that_a_set_has_no_cue_of_its_own_for_is_still_its_fault(run: Run, tmp_path: Path) -> None:
    """In A it is mentioned in the cue of another fault at the same moment."""
    rounded = make_finding("rdl.rounding", "fault", rep=1)
    cue = replace(make_report().cues[0], code="rdl.rounding", text="It rounds. At the same time the trunk went on.")
    mixed = make_set(6.0)
    a = keep(tmp_path / "a_formcheck", replace(mixed, findings=(rounded, *mixed.findings), cues=(cue,)))
    b = keep(tmp_path / "b_formcheck", make_set(20.0))
    cues = json.loads(run("compare", a, b, "--json", "--no-html")[1])["cues"]
    assert [each["code"] for each in cues["only_a"]] == ["rdl.rounding"]
    assert cues["only_b"] == []
    (both,) = cues["both"]
    assert (both["a"]["code"], both["a"]["value"], both["a"]["reps"]) == ("rdl.overrun", 7.0, [1, 2])
    assert both["a"].keys() == both["b"].keys()


def test_a_report_in_the_present_folder_has_its_name(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a = keep(tmp_path / "a_formcheck", make_set(6.0))
    monkeypatch.chdir(a)
    for source in (".", "report.json"):
        code, _, said = run("compare", source, source, "--no-html")
        assert (code, said) == (0, f"wrote {tmp_path / 'a_vs_a_formcheck'}: compare.json\n")


def test_json_holds_the_same_and_is_alone_on_stdout(run: Run, tmp_path: Path) -> None:
    a, b = keep(tmp_path / "a_formcheck", make_set(6.0)), keep(tmp_path / "b_formcheck", make_set(20.0))
    code, text, _ = run("compare", a / "report.json", b, "--json", "--no-html", "--out", tmp_path / "out")
    content = json.loads(text)
    assert code == 0
    assert text == (tmp_path / "out" / "a_vs_b_formcheck" / "compare.json").read_text(encoding="utf-8")
    (measure,) = content["measures"]
    assert measure["codes"] == ["rdl.overrun", "rdl.overrun"]
    assert (measure["value"], measure["low"], measure["high"]) == (14.0, 11.1716, 16.8284)
    assert (measure["larger_than_error"], measure["within_reps"]) == ("yes", False)
    assert measure["b"] == {"value": 20.5, "low": 18.5, "high": 22.5, "least": 20, "most": 21, "n": 2, "reason": None}
    assert [each["a"]["code"] for each in content["cues"]["both"]] == ["rdl.overrun"]
    assert "excludes 0" in content["rule"]


def test_a_set_does_not_differ_from_itself(run: Run, tmp_path: Path) -> None:
    a = keep(tmp_path / "a_formcheck", make_set(6.0))
    content = json.loads(run("compare", a, a, "--json", "--no-html")[1])
    assert [(each["value"], each["larger_than_error"]) for each in content["measures"]] == [(0.0, "no")]


def test_other_lifts_cameras_and_models_are_said(run: Run, tmp_path: Path) -> None:
    base = make_set(6.0)
    other = replace(
        base,
        lift=replace(base.lift, name="good_morning"),
        findings=(make_finding("good_morning.overrun", rep=1), make_finding("good_morning.lever", rep=1, unit="leg")),
        kinematics=make_kinematics(view=View("right", "right", 25.0, "amber")),
        provenance=replace(base.provenance, model="lite"),
        reps=(),
    )
    a, b = keep(tmp_path / "a_formcheck", base), keep(tmp_path / "b_formcheck", other)
    content = json.loads(run("compare", a, b, "--json", "--no-html")[1])
    assert [each["codes"] for each in content["measures"]] == [["rdl.overrun", "good_morning.overrun"]]
    assert content["not_compared"] == ["good_morning.lever"]
    said = " ".join(content["cautions"])
    for words in (
        "different lifts (rdl, good_morning)",
        "Not compared: good_morning.lever",
        "camera of B stood about 25°",
        "A shows the left side and B the right",
        "different models (full, lite)",
        "B: no repetition was found",
    ):
        assert words in said
    printed = run("compare", a, b, "--no-html")[1]
    assert re.search(r"\n  Overrun +", printed)
    assert "Not compared: lever." in " ".join(printed.split())


def test_what_was_set_for_one_of_them_alone_is_said(run: Run, tmp_path: Path) -> None:
    base = make_set(6.0)
    settings = {**base.settings, "speed": 0.5, "limits": {"rdl.overrun": {"note": 3.0}}}
    a = keep(tmp_path / "a_formcheck", base)
    b = keep(tmp_path / "b_formcheck", replace(base, settings=settings))
    said = " ".join(json.loads(run("compare", a, b, "--json", "--no-html")[1])["cautions"])
    assert "A was said to run at 100 % of the true speed and B at 50 %" in said
    assert "Judged by different limits: rdl.overrun." in said
    assert "limits" not in " ".join(json.loads(run("compare", b, b, "--json", "--no-html")[1])["cautions"])


def test_numbers_as_they_are_written() -> None:
    assert [signed(each) for each in (0.0, -0.0, 6.0, -0.7956, 123.4, 1234.5)] == [
        "0",
        "0",
        "+6",
        "-0.796",
        "+123",
        "+1234",
    ]
    assert signed(np.nan) == "-"
    assert signed(-1.52, 2) == "-1.5"
    assert callable(interval_of)


# --- what is no set ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is not a report of this program"),
        ("[1]", "is not a report of this program"),
        ('{"schema_version": 1}', "is not a report of this program"),
        ('{"schema_version": 99}', "was written by a newer formcheck (format 99, this version knows 1)"),
        ('{"schema_version": 0}', "was written by another version"),
        ('{"a": 1, "b": 2, "measures": []}', "is a comparison, not a report"),
        ("[" * 200_000, "is not a report of this program"),
        ('{"reps": "no"', "is not a report of this program"),
    ],
)
def test_files_that_are_no_report(run: Run, tmp_path: Path, content: str, words: str) -> None:
    a = keep(tmp_path / "a_formcheck", make_set(6.0))
    (tmp_path / "report.json").write_text(content)
    code, out, said = run("compare", a, tmp_path / "report.json", "--no-html")
    assert (code, out) == (1, "")
    assert words in said
    assert "next: " in said
    assert not list(tmp_path.glob("*_vs_*"))


@pytest.mark.parametrize("key", ["source", "reps", "findings", "cues", "view", "lift", "provenance"])
def test_reports_that_lack_something(run: Run, tmp_path: Path, key: str) -> None:
    a = keep(tmp_path / "a_formcheck", make_set(6.0))
    content = json.loads((a / "report.json").read_text())
    for damaged in ({**content, key: 7}, {each: value for each, value in content.items() if each != key}):
        (a / "report.json").write_text(json.dumps(damaged))
        code, _, said = run("compare", a, a, "--no-html")
        assert code == 1
        assert "is not a report of this program" in said


def test_each_wrong_name_is_said_once(run: Run, tmp_path: Path) -> None:
    code, _, said = run("compare", tmp_path / "gone.mp4", tmp_path / "none_formcheck")
    assert code == 1
    assert said.count("There is no file") == 2
    (tmp_path / "empty").mkdir()
    code, _, said = run("compare", tmp_path / "empty", tmp_path / "empty", "--no-html")
    assert code == 1
    assert "There is no report.json in" in said
    assert run("compare", tmp_path / "one.mp4")[0] == 2


def test_a_report_whose_video_is_gone_is_compared_without(run: Run, tmp_path: Path) -> None:
    a, b = keep(tmp_path / "a_formcheck", make_set(6.0)), keep(tmp_path / "b_formcheck", make_set(20.0))
    (b / "angles.csv").unlink()
    code, text, _ = run("compare", a, b)
    assert code == 0
    assert "A: its video is not shown: the video /films/set 1.mp4 of this report is not" in text
    assert "B: angles.csv is not beside its report: no curves are drawn" in text
    assert (tmp_path / "a_vs_b_formcheck" / "compare.html").exists()


# --- the page ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of two rendered good mornings, one of them from its report."""
    folder = tmp_path_factory.mktemp("pair")
    common = ("--lift", "good_morning")
    for name in PAIR:
        shutil.copy(ROOT / "samples" / f"{name}.mp4", folder)
    with pytest.MonkeyPatch.context() as patch:
        for arguments in (
            ("analyze", str(folder / f"{PAIR[0]}.mp4"), *common, "--no-html"),
            ("compare", str(folder / f"{PAIR[0]}_formcheck"), str(folder / f"{PAIR[1]}.mp4"), *common),
        ):
            patch.setattr("sys.argv", ["formcheck", *arguments])
            with pytest.raises(SystemExit) as stop:
                main()
            assert not stop.value.code
    return folder / f"{PAIR[0]}_vs_{PAIR[1]}_formcheck"


def current_s(page: Page, key: str) -> float:
    wait_until(page, f"!document.getElementById('video-{key}').seeking")
    return float(page.evaluate(f"document.getElementById('video-{key}').currentTime"))


def scrub(page: Page, percent: float) -> None:
    page.evaluate(
        "(at) => { const s = document.getElementById('scrub'); s.value = at; s.dispatchEvent(new Event('input')) }",
        percent,
    )


def test_one_scrubber_shows_the_same_phase_of_both(open_page: Open, compared: Path) -> None:
    content = json.loads((compared / "compare.json").read_text(encoding="utf-8"))
    page = open_page(compared / "compare.html", charts=True)
    for key in "ab":
        wait_until(page, f"document.getElementById('video-{key}').readyState >= 2")
    for percent in (0.0, 22.5, 45.0, 77.5, 100.0):
        scrub(page, percent)
        for key in "ab":
            rep = content[key]["reps"][0]
            ends = [
                rep["start_s"],
                rep["start_s"] + rep["eccentric_s"],
                rep["stop_s"] - rep["concentric_s"],
                rep["stop_s"],
            ]
            expected_s = np.interp(percent, [0, 45, 55, 100], ends)
            assert current_s(page, key) == pytest.approx(expected_s, abs=0.005), (percent, key)
    assert page.locator("#now-a").inner_text().endswith("up")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.getElementById('rep-a').value") == "1"
    assert current_s(page, "a") == pytest.approx(content["a"]["reps"][1]["stop_s"], abs=0.005)
    page.locator("[data-rep]").first.click()
    assert page.evaluate("Number(document.getElementById('scrub').value)") == 45


def test_both_play_in_step(open_page: Open, compared: Path) -> None:
    page = open_page(compared / "compare.html")
    for key in "ab":
        wait_until(page, f"document.getElementById('video-{key}').readyState >= 2")
    page.locator("[data-speed='0.5']").click()
    page.keyboard.press("k")
    wait_until(page, "Number(document.getElementById('scrub').value) > 25")
    page.keyboard.press("k")
    percent = float(page.evaluate("Number(document.getElementById('scrub').value)"))
    content = json.loads((compared / "compare.json").read_text(encoding="utf-8"))
    for key in "ab":
        rep = content[key]["reps"][0]
        wanted_s = rep["start_s"] + rep["eccentric_s"] * percent / 45
        assert current_s(page, key) == pytest.approx(wanted_s, abs=0.01)
        assert page.evaluate(f"document.getElementById('video-{key}').paused")


def test_the_figures_and_the_chart_are_drawn(open_page: Open, compared: Path) -> None:
    page = open_page(compared / "compare.html", charts=True)
    scrub(page, 45)
    for key in "ab":
        current_s(page, key)
        assert page.evaluate(
            "(key) => { const c = document.getElementById(`figure-${key}`);"
            "return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(Boolean) }",
            key,
        )
    bold = page.evaluate("document.getElementById('over').data.filter((t) => t.line.width === 3).map((t) => t.name)")
    assert sorted(set(bold)) == ["A rep 1", "B rep 1"]
    assert len(bold) == 6
    chart = page.locator("#over")
    chart.scroll_into_view_if_needed()
    axis = chart.evaluate("(e) => ({ left: e._fullLayout.xaxis._offset, at: e._fullLayout.xaxis.l2p(20) })")
    chart.click(position={"x": axis["left"] + axis["at"], "y": 150})
    assert page.evaluate("Number(document.getElementById('scrub').value)") == pytest.approx(20, abs=1)


def test_it_prints_on_two_pages_and_fits_a_phone(open_page: Open, compared: Path) -> None:
    page = open_page(compared / "compare.html", charts=True, width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 2
    assert find_barriers(page) == []


def test_hostile_names_are_text(open_page: Open, run: Run, tmp_path: Path) -> None:
    report = make_set(6.0)
    hostile = replace(
        report,
        source=replace(report.source, path=f"/films/{HOSTILE}"),
        findings=tuple(replace(each, code=HOSTILE, text=HOSTILE) for each in report.findings),
        cues=(replace(report.cues[0], text=HOSTILE, code=HOSTILE),),
        lift=replace(report.lift, name=HOSTILE),
    )
    a, b = keep(tmp_path / "a_formcheck", hostile), keep(tmp_path / "b_formcheck", report)
    assert run("compare", a, b)[0] == 0
    page = open_page(tmp_path / "a_vs_b_formcheck" / "compare.html", charts=True)
    assert page.locator(".cue .words").first.inner_text() == HOSTILE
    assert page.locator("img[src=x]").count() == 0
    page.wait_for_selector("#missing-a:not([hidden])")


def test_a_video_that_browsers_do_not_play_gets_a_copy(tmp_path: Path) -> None:
    video = write_film(tmp_path / "set.mp4", [plain(320, 240, 90)] * 60, codec="libx265")
    assert not plays_everywhere(video)
    write_copy(video, tmp_path / "copy.mp4", (0.5, 1.5))
    assert plays_everywhere(tmp_path / "copy.mp4")


def test_a_rep_without_a_phase_says_so(open_page: Open, run: Run, tmp_path: Path) -> None:
    cut = replace(make_rep(1), complete=False, concentric_s=np.nan)
    a = keep(tmp_path / "a_formcheck", make_set(6.0, reps=(cut, make_rep(2))))
    assert run("compare", a, a)[0] == 0
    page = open_page(tmp_path / "a_vs_a_formcheck" / "compare.html", charts=True)
    scrub(page, 80)
    assert page.locator("#now-a").inner_text() == "up: not in the clip"
    assert "cut off" in page.locator("#rep-a option").first.inner_text()
