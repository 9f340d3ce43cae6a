"""`formcheck analyze --athlete`, `log`, `balance` and `history` from the command line: streams, exit codes, files."""

# ruff: noqa: F811  # fixtures of test_cli are asked for under the names that they are imported by

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, make_finding, make_report
from test_cli import FakePipeline, Run, any_video, clip, pipeline, run  # noqa: F401  # noqa: F401  # its fixtures

from formcheck.cli.history import spark
from formcheck.report.document import build
from formcheck.store.keep import keep_set
from formcheck.store.records import say_counts

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
HOSTILE = "<script>alert(1)</script>'); DROP TABLE sets;--"


@pytest.fixture(autouse=True)
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new place for the history; nothing is there yet."""
    monkeypatch.setenv("FORMCHECK_DB", str(tmp_path / "history.db"))
    return tmp_path / "history.db"


def test_nothing_is_kept_without_a_name(run: Run, clip: Path, history: Path) -> None:
    assert run("analyze", clip, "--no-html")[0] == 0
    assert not history.exists()
    code, out, err = run("history")
    assert (code, out) == (0, "")
    assert "No set has been kept yet" in err
    assert not history.exists()
    code, out, err = run("history", "--json")
    assert (code, json.loads(out), err) == (0, [], "")
    for command in (("history", "Ana"), ("balance", "Ana"), ("history", "--export", "x.csv")):
        code, out, err = run(*command)
        assert (code, out) == (1, "")
        assert err.startswith("error: No set has been kept yet")


def test_with_a_name_the_set_is_kept_with_its_day(run: Run, clip: Path) -> None:
    os.utime(clip, (1_762_000_000, 1_762_000_000))  # 2025-11-01
    code, _, err = run("analyze", clip, "--no-html", "--athlete", "Ana", "--load", "80", "--notes", "belt")
    assert code == 0
    assert err.endswith("kept for Ana, 2025-11-01\n")
    code, _, err = run("analyze", clip, "--no-html", "--athlete", "ana", "--date", "2025-10-31")
    assert err.endswith("kept for Ana, 2025-10-31, in place of an earlier analysis\n")
    (one,) = json.loads(run("history", "--json")[1])
    assert one == {
        "name": "Ana", "n_filmed": 1, "n_alike": 0, "n_logged": 0, "first_on": "2025-10-31", "last_on": "2025-10-31",
    }  # fmt: skip
    _, _, err = run("analyze", clip, "--no-html", "--athlete", "Bo")
    assert err.endswith("  the same video is also kept for Ana\n")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--load", "80"), "add --athlete NAME"),
        (("--athlete", "Ana", "--load", "-80"), "-80 kg is not possible"),
        (("--athlete", "Ana", "--date", "2999-01-01"), "is in the future"),
        (("--athlete", "Ana", "--date", "1/5/2026"), "could be 2026-01-05 or 2026-05-01. Write year-month-day"),
        (("--athlete", "x" * 10_000), "10000 characters"),
        (("--athlete", "a\x1b[31m"), "U+001B"),
        (("--no-html", "--blur-faces"), "it needs a video"),
        (("--poses", "x.csv", "--blur-faces"), "not both"),
    ],
)
def test_what_cannot_be_kept_is_said_before_any_work(
    options: tuple[str, ...],
    words: str,
    run: Run,
    clip: Path,
    pipeline: FakePipeline,
    history: Path,
) -> None:
    code, _, err = run("analyze", clip, *options)
    assert code == 2
    assert words in " ".join(err.split())
    assert len(err) < 500
    assert pipeline.calls == []
    assert not history.exists()


def test_a_history_out_of_reach_is_said_before_any_work(
    run: Run,
    clip: Path,
    pipeline: FakePipeline,
    history: Path,
) -> None:
    history.write_bytes(b"a letter to my mother")
    code, out, err = run("analyze", clip, "--athlete", "Ana")
    assert (code, out) == (1, "")
    assert err.startswith(f"error: {history} is not a database.\n  next: Nothing was changed.")
    assert pipeline.calls == []
    assert history.read_bytes() == b"a letter to my mother"


def test_log_and_balance(run: Run) -> None:
    said = "kept for Ana, 2026-11-16: leg press, 4 sets of 10 with 180 kg\n"
    options = ("--sets", "4", "--reps", "10", "--load", "180", "--date", "2026-11-16")
    assert run("log", "Ana", "leg press", *options) == (0, "", said)
    assert run("log", "Ana", "rdl", "--reps", "8", "--date", "2026-11-17")[0] == 0
    code, out, err = run("balance", "ana", "--weeks", "1", "--until", "2026-11-22")
    assert (code, err) == (0, "")
    assert out.startswith("Ana: 1 week to 2026-11-22\n\nWhat to change\n  1  Add a leg curl or a Nordic")
    assert "2026-11-16            1       4    0.25       1              0" in out
    assert all(line == line.rstrip() and len(line) <= 80 for line in out.splitlines())
    found = json.loads(run("balance", "Ana", "--weeks", "1", "--until", "2026-11-22", "--json")[1])
    assert found["weeks"] == [
        {"monday": "2026-11-16", "hamstrings": 1, "quads": 4, "hinge": 1, "knee_flexion": 0, "ratio": 0.25}
    ]
    assert [each["verdict"] for each in found["answers"]] == ["change", "change", "change", "not_judged"]
    assert len(found["cues"]) == 2
    assert (found["running"], "is not over" in out) == (None, False)
    note = "The week of 2026-11-16 is not over: it is shown and not judged."
    assert note in run("balance", "Ana", "--until", "2026-11-18")[1].splitlines()
    assert json.loads(run("balance", "Ana", "--until", "2026-11-18", "--json")[1])["running"] == "2026-11-16"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("Ana",), "formcheck log Ana leg_press"),
        (("Ana", "squat", "--reps", "0"), "The number of reps cannot be 0"),
        (("Ana", "squat", "--reps", "5", "--sets", "1000"), "The number of sets cannot be 1000"),
        (("Ana", "squat", "--reps", "5", "--load", "nan"), "nan kg is not possible"),
        (("Ana", "skwat", "--reps", "5"), "Did you mean squat?"),
        (("Ana", "squat", "--reps", "5", "--trains", "calves"), "'calves' is not something that sets count for"),
        (("", "squat", "--reps", "5"), "The name is empty"),
    ],
)
def test_what_cannot_be_logged_is_a_usage_error(
    arguments: tuple[str, ...],
    words: str,
    run: Run,
    history: Path,
) -> None:
    code, out, err = run("log", *arguments)
    assert (code, out) == (2, "")
    assert words in " ".join(err.split())
    assert not history.exists()


def test_the_known_exercises_are_shown(run: Run) -> None:
    code, out, _ = run("log", "--exercises")
    assert code == 0
    assert "quads: quadriceps\n  squat" in out


def test_a_hostile_name_is_shown_as_it_is(run: Run, clip: Path, tmp_path: Path) -> None:
    assert run("analyze", clip, "--no-html", "--athlete", HOSTILE, "--notes", "<b>[bold]x")[0] == 0
    assert HOSTILE[:20] in run("history")[1]
    assert run("history", HOSTILE, "--html", tmp_path / "page.html")[1].startswith(
        f"{HOSTILE}: 1 set filmed and 0 logged"
    )
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "<b>[bold]" not in page


def test_history_goes_out_and_in_and_an_athlete_goes(
    run: Run,
    clip: Path,
    tmp_path: Path,
) -> None:
    run("analyze", clip, "--athlete", "Ana")
    run("log", "Bo", "squat", "--reps", "5")
    table = tmp_path / "all.csv"
    assert run("history", "--export", table) == (0, "", f"wrote {table}\n")
    code, out, err = run("history", "--delete-athlete", "Ana")
    assert (code, out) == (1, "")
    assert "Add --yes to go ahead" in err
    code, out, err = run("history", "--delete-athlete", "Ana", "--yes")
    assert (code, out) == (0, "deleted Ana: 1 entry, 0 files of cached poses, 1 folder of results, 4 files\n")
    assert f"stays: {clip} is the athlete's own video" in err
    assert [each.name for each in tmp_path.iterdir() if each.suffix not in {".db", ".csv"}] == ["set.mp4"]
    assert [each["name"] for each in json.loads(run("history", "--json")[1])] == ["Bo"]
    added = run("history", "--import", table)
    assert added == (0, "", f"added 1 entry from {table}, 1 was there already\n")
    assert run("history", "--import", tmp_path / "none.csv")[0] == 1
    table.write_text("athlete,date,exercise,reps,RPE\nBo,2026-11-02,squat,5,8\n")
    code, out, err = run("history", "--import", table)
    assert (code, out, err.splitlines()[0]) == (0, "", f"added 1 entry from {table}")
    assert " ".join(err.splitlines()[1:]).startswith(
        "not read, as no such column is known: rpe. The names are athlete,"
    )
    assert run("history", "Ana", "--export", tmp_path / "no folder" / "x.csv")[0] == 1


def test_one_set_is_taken_back(run: Run) -> None:
    for reps in ("5", "6"):
        run("log", "Ana", "squat", "--reps", reps, "--date", "2026-11-16")
    code, out, _ = run("history", "Ana", "--sets")
    five, six = json.loads(run("history", "Ana", "--sets", "--json")[1])
    assert (code, five["reps"], six["reps"], five["trains"]) == (0, 5, 6, ["quads"])
    assert f"{five['uid'][:8]}   2026-11-16   Squat" in out
    gone = (0, "", "deleted 2026-11-16: squat, 1 x 5, logged\n")
    assert run("history", "Ana", "--delete-set", five["uid"][:8]) == gone
    code, _, err = run("history", "Ana", "--delete-set", five["uid"])
    assert code == 1
    assert err.startswith("error: Ana has no set with the ID")
    assert [each["uid"] for each in json.loads(run("history", "Ana", "--sets", "--json")[1])] == [six["uid"]]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--sets",),
        ("--delete-set", "ab"),
        ("--yes",),
        ("--delete-videos",),
        ("--html", "x.html"),
        ("--export", "a.csv", "--import", "b.csv"),
    ],
)
def test_options_that_do_not_belong_together_are_usage_errors(arguments: tuple[str, ...], run: Run) -> None:
    assert run("history", *arguments)[0] == 2


def test_sets_like_a_filmed_one_are_told_apart_everywhere(run: Run, tmp_path: Path) -> None:
    """A table says that three sets were done like the one that was filmed; two more are logged."""
    keep_set(build(make_report()), athlete="Eve", date=dt.date(2026, 11, 16), n_sets=3)
    run("log", "Eve", "squat", "--sets", "2", "--reps", "5", "--date", "2026-11-17")
    words = "1 set filmed, 2 more done like it and 2 logged"
    page = tmp_path / "page.html"
    out = run("history", "Eve", "--html", page)[1]
    assert out.startswith(f"Eve: {words}, 2026-11-16 to 2026-11-17\n")
    assert f"{words}, written " in page.read_text(encoding="utf-8")
    assert ">1 of 3 filmed<" in page.read_text(encoding="utf-8")
    found = json.loads(run("history", "Eve", "--json")[1])
    assert (found["n_filmed"], found["n_alike"], found["n_logged"]) == (1, 2, 2)
    rows = [line.split() for line in run("history", "Eve", "--sets")[1].splitlines()]
    assert [row[-4:] for row in rows if "deadlift" in row] == [["1", "of", "3", "filmed"]]
    titles, _, counts = [line.split() for line in run("history")[1].splitlines() if line.strip()]
    assert titles == ["Athlete", "Filmed", "Like", "them", "Logged", "First", "Last"]
    assert counts == ["Eve", "1", "2", "2", "2026-11-16", "2026-11-17"]


NO_CLOCK = (make_finding("rdl.tempo", "not_judged", reason="too few frames"),)
NO_TREND = (*NO_CLOCK, make_finding("rdl.hip_travel", rep=1))


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        ([], "Nothing has been measured yet: film a set"),
        ([NO_CLOCK], "1 set filmed, nothing of it could be judged: see its report."),
        ([NO_CLOCK, NO_CLOCK], "2 sets filmed, nothing of them could be judged: see their reports."),
        ([NO_TREND], "1 set filmed, nothing of it that is followed over weeks could be judged: see its report."),
    ],
)
def test_who_filmed_is_not_told_to_film(findings: list[Any], words: str, run: Run, tmp_path: Path) -> None:
    run("log", "Ana", "squat", "--reps", "5", "--load", "80")
    for number, found in enumerate(findings):
        film = replace(make_report().source, sha256=f"{number:064x}")
        keep_set(build(make_report(findings=found, source=film)), athlete="Ana")
    page = tmp_path / "page.html"
    assert run("history", "Ana", "--html", page)[1].splitlines()[1].startswith(words)
    assert f"<p>{words}" in page.read_text(encoding="utf-8")


def test_warm_ups_alone_are_not_followed(run: Run) -> None:
    keep_set(build(make_report()), athlete="Ana", warm_up=True)
    assert run("history", "Ana")[1].endswith("\n1 set filmed, as a warm-up: these are not followed over weeks.\n")


def test_the_words_of_the_counts() -> None:
    assert say_counts(0, 0, 1) == "0 sets filmed and 1 logged"
    assert say_counts(4, 1, 54) == "4 sets filmed, 1 more done like them and 54 logged"


def test_a_line_of_blocks() -> None:
    assert spark([0.0, 7.0, 3.5], 0.0) == "▁█▅"
    assert spark([2.0, 2.0], 0.0) == "▄▄"


def test_a_line_of_blocks_climbs_no_further_than_the_error_lets_it() -> None:
    """The least change that is called real fills the height; a tenth of that is flat."""
    assert spark([3.0335, 3.0337, 3.0339], 0.3) == "▄▄▄"
    assert spark([3.0, 3.03], 0.3) == "▄▄"
    assert spark([3.0, 3.15], 0.3) == "▂▆"
    assert spark([3.0, 3.25], 0.25) == spark([3.0, 4.0], 0.25) == "▁█"


def test_the_weeks_of_a_lift_that_stayed_as_it_was_are_flat(run: Run) -> None:
    for day, shift in ((2, 0.0), (9, 0.1), (16, 0.2)):
        found = [make_finding("rdl.overrun", rep=rep, value=6 + shift, low=4.0, high=8.0) for rep in (1, 2, 3)]
        film = replace(make_report().source, sha256=f"{day:064x}")
        keep_set(build(make_report(findings=found, source=film)), athlete="Ana", date=dt.date(2026, 11, day))
    (line,) = (each for each in run("history", "Ana")[1].splitlines() if each.startswith(" Overrun"))
    assert line.split()[2] == "▄▄▄"


# Pictures without faces


def test_the_page_shows_the_blurred_video_and_no_other(run: Run, clip: Path) -> None:
    folder = clip.parent / "set_formcheck"
    assert run("analyze", clip, "--video")[0] == 0
    assert (folder / "annotated.mp4").exists()
    code, _, err = run("analyze", clip, "--blur-faces")
    assert code == 0
    assert f"deleted {folder}/annotated.mp4: it was made without --blur-faces" in err
    assert "wrote" in err
    assert "blurred.mp4" in err
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert 'src="blurred.mp4"' in page
    assert "../" not in page.split("packed-plotly")[0]
    assert (folder / "blurred.mp4").read_bytes()[4:8] == b"ftyp"
    assert not (folder / "annotated.mp4").exists()


def test_the_page_may_hold_the_blurred_video(run: Run, clip: Path) -> None:
    from base64 import b64encode

    assert run("analyze", clip, "--blur-faces", "--embed", "--video")[0] == 0
    folder = clip.parent / "set_formcheck"
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert b64encode(any_video()).decode() not in page
    assert 'id="packed-video"' in page
    assert not (folder / "blurred.mp4").exists()
    assert (folder / "annotated.mp4").exists()


# The page in a browser


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of four weeks, made without the command line."""
    from test_trends import full_weeks, make_set

    from formcheck.store.balance import judge_balance
    from formcheck.store.page import render_history
    from formcheck.store.trends import find_trends

    sets = [*full_weeks(), *(make_set(week, 20.0 - 5 * week, 21.0 - 5 * week, 22.0 - 5 * week) for week in range(4))]
    day = dt.date(2026, 11, 29)
    note = "<p>The week of 2026-11-23 is not over: it is shown and not judged.</p>"
    until = day - dt.timedelta(days=1)
    assert note in render_history("Ana", sets, [], judge_balance(sets, until), until)
    page = tmp_path_factory.mktemp("page") / "history.html"
    text = render_history(HOSTILE, sets, find_trends(sets), judge_balance(sets, day), day)
    assert "is not over" not in text
    page.write_text(text, encoding="utf-8")
    return page


def test_the_page_draws_its_charts_and_asks_for_nothing(shown: Path) -> None:
    """In a process of its own: playwright starts once in each, and other tests keep theirs open."""
    look = [sys.executable, str(ROOT / "tests" / "look_at_page.py"), shown.as_uri(), CHROMIUM]
    done = subprocess.run(look, capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["complaints"] == []
    assert seen["charts"] >= 1
    assert seen["title"] == f"{HOSTILE} - history - formcheck"
    assert seen["width_px"] <= 390
    assert seen["answers"] == ["yes, better"], "-15 degrees since the first week; -5 since the last is under the floor"
