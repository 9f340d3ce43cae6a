"""`formcheck batch` as it is typed: real videos through the real model, broken and hostile files beside them."""

import base64
import csv
import functools
import http.server
import json
import os
import pty
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow.parquet
import pytest
from conftest import FIRST_REP, ROOT, SAMPLE, check_folder_contract
from films import plain, write_film

from formcheck.batch.job import Job, Plan
from formcheck.batch.task import run_job
from formcheck.cli.main import main
from formcheck.settings import Pictures, Settings
from formcheck.store.connect import open_store
from formcheck.store.read import load_sets
from formcheck.store.remove import remove_set

Call = Callable[..., "subprocess.CompletedProcess[str]"]


def start(folder: Path, *arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "formcheck", "batch", *map(str, arguments)]
    return subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def call(folder: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    with start(folder, *arguments) as process:
        out, err = process.communicate()
    check_folder_contract(folder)
    return subprocess.CompletedProcess([], process.returncode, out, err)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run the same command in this process, which has imported it; each video has a process of its own all the same."""

    def run(folder: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["formcheck", "batch", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        return subprocess.CompletedProcess([], code, *capsys.readouterr())

    return run


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Done:
    """A batch that has run: where, and what it said."""

    home: Path
    result: "subprocess.CompletedProcess[str]"

    @property
    def out(self) -> Path:
        return self.home / "res"


class Stalling(http.server.SimpleHTTPRequestHandler):
    """Serves files; one name never comes."""

    def do_GET(self) -> None:
        if "stall" in self.path:
            time.sleep(60)
        super().do_GET()

    def do_HEAD(self) -> None:
        if "stall" in self.path:
            time.sleep(60)
        super().do_HEAD()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name is given
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    handler = functools.partial(Stalling, directory=str(SAMPLE.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `formcheck analyze` writes for the clip, whose poses it leaves in the cache."""
    home = tmp_path_factory.mktemp("single")
    (home / "up").mkdir()
    shutil.copy(SAMPLE, home / "up" / "<img src=x onerror=alert(1)>.mp4")
    command = [sys.executable, "-m", "formcheck", "analyze", *home.glob("up/*"), "--no-html", *FIRST_REP]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=home, env=environment, check=True, capture_output=True)
    (folder,) = home.glob("up/*_formcheck")
    return folder


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, address: str, single: Path) -> Done:
    """A folder, a zip file and a URL: three sets, six videos that are none."""
    home = tmp_path_factory.mktemp("batch")
    up = home / "up"
    up.mkdir()
    (home / "secret.mp4").write_bytes(SAMPLE.read_bytes())
    shutil.copy(SAMPLE, up / "<img src=x onerror=alert(1)>.mp4")
    (up / "text.mp4").write_text("not a video\n" * 1000)
    (up / "empty.mov").touch()
    (up / "cut.mp4").write_bytes(SAMPLE.read_bytes()[:2000])
    (up / "stolen.mp4").symlink_to(home / "secret.mp4")
    (up / "list.mp4").write_text("ffconcat version 1.0\nfile text.mp4\n")
    write_film(up / "nobody.mkv", [plain(64, 48, 90)] * 40)
    (home / "sets.csv").write_text(
        f"path,athlete,date,load,sets,notes\n{address}/{SAMPLE.name},Ana,2026-11-20,40,3,=1+1\n"
    )
    with zipfile.ZipFile(home / "up.zip", "w") as archive:
        archive.write(SAMPLE, "../../../out of here.mp4")
    return Done(home, call(home, "up", "sets.csv", "up.zip", "--out", "res", "--workers", "2", *FIRST_REP))


def test_every_video_is_a_report_or_one_row(done: Done) -> None:
    assert done.result.returncode == 1, done.result.stderr
    assert done.result.stdout.startswith("3 of 9 videos have a report, 6 failed\n"), done.result.stdout
    assert "Traceback" not in done.result.stderr
    assert check_folder_contract(done.out) == 3 + 8, "reports, and an outcome each of those that were tried"
    errors = {row["video"].rsplit("/", 1)[1]: row for row in rows(done.out / "errors.csv")}
    assert {name: row["kind"] for name, row in errors.items()} == {
        "text.mp4": "video",
        "empty.mov": "video",
        "cut.mp4": "video",
        "list.mp4": "video",
        "nobody.mkv": "video",
        "stolen.mp4": "source",
    }
    for name, row in errors.items():
        assert row["hint"]
        (line,) = [each for each in done.result.stderr.splitlines() if name in each]
        assert line.endswith(row["message"])
    assert sorted(each.name for each in done.home.iterdir()) == ["res", "secret.mp4", "sets.csv", "up", "up.zip"]


def test_a_report_is_the_one_that_analyze_writes(done: Done, single: Path) -> None:
    (many,) = [each.parent for each in done.out.glob("videos/*/report.json") if "img" in each.parent.name]
    for name in ("report.json", "angles.csv", "reps.csv"):
        expected = (single / name).read_text(encoding="utf-8").replace(f"{single.parent}/", "up/")
        assert (many / name).read_text(encoding="utf-8") == expected
    assert (many / "thumbnail.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_the_summary_has_a_row_a_rep_and_a_row_a_finding(done: Done) -> None:
    table = rows(done.out / "summary.csv")
    reports = {
        path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in done.out.glob("videos/*/report.json")
    }
    assert len(reports) == 3
    assert len(table) == sum(len(each["reps"]) + len(each["findings"]) for each in reports.values())
    for folder, report in reports.items():
        ours = [row for row in table if row["folder"] == folder]
        assert [float(row["eccentric_s"]) for row in ours if row["kind"] == "rep"] == [
            rep["eccentric_s"] for rep in report["reps"]
        ]
        assert [(row["code"], row["verdict"]) for row in ours if row["kind"] == "finding"] == [
            (each["code"], each["verdict"]) for each in report["findings"]
        ]
    ana = next(row for row in table if row["athlete"] == "Ana")
    assert (ana["date"], ana["load_kg"], ana["sets"], ana["notes"]) == ("2026-11-20", "40.0", "3", "'=1+1")
    parquet = pyarrow.parquet.read_table(done.out / "summary.parquet").to_pylist()
    assert len(parquet) == len(table)
    assert [row["value"] for row in parquet] == [float(row["value"]) if row["value"] else None for row in table]
    assert next(row for row in parquet if row["athlete"])["notes"] == "=1+1"


def test_the_page_names_every_set_and_every_failure_and_obeys_no_name(done: Done) -> None:
    page = (done.out / "index.html").read_text(encoding="utf-8")
    assert "<img src=x" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;.mp4</span>") == 1
    assert page.count("<tr data-severity") == 3
    assert page.count("<li><strong>") == 6
    assert page.count("data:image/jpeg;base64,") == 3
    assert "://" not in page.replace(page[page.index("<section id=") :], "").replace("http://127.0.0.1", "")


def test_what_is_done_is_not_done_again(done: Done, here: Call) -> None:
    before = {path: path.stat().st_mtime_ns for path in done.out.glob("videos/*/*") if path.name != "outcome.json"}
    (done.home / "up" / "more.mp4").write_bytes(SAMPLE.read_bytes())
    result = here(done.home, "up", "sets.csv", "up.zip", "--out", "res", "--json", *FIRST_REP)
    (done.home / "up" / "more.mp4").unlink()
    answer = json.loads(result.stdout)
    assert (answer["n_videos"], answer["n_done"], answer["n_failed"]) == (10, 4, 6)
    assert sum(each["kept"] for each in answer["videos"]) == 8, "three reports and five failures that do not pass"
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_other_settings_and_other_contents_are_other_work(tmp_path: Path, here: Call) -> None:
    shutil.copy(SAMPLE, tmp_path / "set.mp4")
    kept: list[bool] = []
    for flags in (("--tempo", "3-1-1"), ("--tempo", "4-1-1"), ("--tempo", "4-1-1", "--restart")):
        result = here(tmp_path, "set.mp4", "--out", "res", "--no-html", "--json", *FIRST_REP, *flags)
        assert result.returncode == 0, result.stderr
        kept.append(json.loads(result.stdout)["videos"][0]["kept"])
    assert kept == [False, False, False]
    (report,) = tmp_path.glob("res/videos/*/report.json")
    assert json.loads(report.read_text())["provenance"]["settings"]["tempo"] == "4-1-1"
    (tmp_path / "set.mp4").write_text("no longer a video")
    assert here(tmp_path, "set.mp4", "--out", "res", *FIRST_REP).returncode == 1
    assert sorted(each.name for each in report.parent.iterdir()) == ["outcome.json"]


@pytest.mark.parametrize("name", ["poses.trc", "poses.C3D", "poses.json", "set.mp4"])
def test_landmarks_are_sent_to_analyze(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("PathFileType\t4\t(X/Y/Z)\ta.trc\n")
    failure = run_job(Job(str(tmp_path / name), name, "set"), Plan(Settings(), str(tmp_path)), tmp_path).failure
    assert failure is not None
    assert failure.kind == "video"
    assert (failure.message == f"{name} is a file of landmarks, not a video.") == (name != "set.mp4")
    assert ("formcheck analyze, which reads landmarks" in failure.hint) == (name != "set.mp4")


def test_a_film_that_goes_while_it_is_judged_anew_leaves_its_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no bad video either: that would be believed for ever."""
    film = tmp_path / "set.mp4"
    shutil.copy(SAMPLE, film)
    job = Job(str(film), "set.mp4", "set")
    settings = Settings(lift="rdl", model="lite", end_s=8.0)
    plan = Plan(settings, str(tmp_path), pictures=Pictures(html=False))
    assert run_job(job, plan, tmp_path).failure is None
    folder = tmp_path / "videos" / "set"
    before = {each.name: each.read_bytes() for each in folder.iterdir()}
    other = replace(plan, settings=replace(settings, rate_hz=15.0))

    with monkeypatch.context() as patch:
        patch.setattr("formcheck.batch.task._check_limits", lambda path, *_: path.unlink())
        failure = run_job(job, other, tmp_path).failure
    assert failure is not None
    assert (failure.kind, failure.message) == ("fetch", "There is no file set.mp4.")
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == before
    film.write_text("no longer a video")
    failure = run_job(job, other, tmp_path).failure
    assert failure is not None
    assert failure.kind == "video"
    assert [each.name for each in folder.iterdir()] == ["outcome.json"], "what stays so is written down"


def test_a_copied_folder_needs_neither_the_videos_nor_formcheck(
    tmp_path: Path, here: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The athlete is the folder's name, the day the file's; the video travels inside, and nobody's head is seen."""
    monkeypatch.setenv("FORMCHECK_DB", str(tmp_path / "history.db"))
    film = tmp_path / "uploads" / "Ana" / "set.mp4"
    film.parent.mkdir(parents=True)
    shutil.copy(SAMPLE, film)
    os.utime(film, (1763640000, 1763640000))
    said = ("--embed", "--video", "--blur-faces", "--athlete", "auto", "--json")
    result = here(tmp_path, "uploads", "--out", "review", *said, *FIRST_REP)
    assert result.returncode == 0, result.stderr
    (told,) = json.loads(result.stdout)["videos"]
    assert told["athlete"] == "Ana"
    folder = tmp_path / "review" / told["folder"]
    names = {"angles.csv", "annotated.mp4", "outcome.json", "report.html", "report.json", "reps.csv", "thumbnail.jpg"}
    assert {each.name for each in folder.iterdir()} == {*names, "kept.json"}, "the blurred video is inside"
    page = (folder / "report.html").read_text(encoding="utf-8")
    inside = base64.b64decode(page.split('id="packed-video">')[1].split("<")[0])
    assert (inside[4:8], (folder / "annotated.mp4").read_bytes()[4:8]) == (b"ftyp", b"ftyp")
    assert len(inside) > 20_000
    assert film.read_bytes()[1000:2000] not in inside
    for each in (page, (tmp_path / "review" / "index.html").read_text(encoding="utf-8")):
        assert "formcheck analyze" not in each
        assert str(tmp_path) not in each
    store = open_store()
    assert store is not None
    (kept,) = load_sets(store, "Ana")[1]
    assert kept.performed_on.isoformat() == "2025-11-20"
    remove_set(store, "Ana", kept.uid)
    again = here(tmp_path, "uploads", "--out", "review", *said, *FIRST_REP)
    assert "kept in the history: 0 of 1; an earlier run kept 1\n" in again.stderr
    assert load_sets(store, "Ana")[1] == [], "what was deleted stays so"
    again = here(tmp_path, "uploads", "--out", "review", "--athlete", "Ben", "--json", *FIRST_REP)
    (told,) = json.loads(again.stdout)["videos"]
    assert (told["athlete"], told["kept"]) == ("Ben", False)
    assert not (folder / "annotated.mp4").exists(), "what shows faces, or was not asked for, goes"


def test_it_says_why_the_history_has_fewer_sets_than_there_are_films(
    tmp_path: Path, here: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMCHECK_DB", str(tmp_path / "history.db"))
    films = [tmp_path / "up" / name for name in ("Ann/x.mp4", "Ann/x2.mp4", "Bob/y.mp4")]
    for each in films:
        each.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLE, each)
    said = ("--out", "res", "--no-html", "--athlete", "auto", *FIRST_REP)
    result = here(tmp_path, "up", *said)
    assert result.stderr.splitlines()[-1] == "kept in the history: 2 of 3; one is the same film as another"
    assert "y.mp4: the same video is also kept for Ann\n" in result.stderr
    (tmp_path / "up" / "Cem").mkdir()
    films[2].rename(tmp_path / "up" / "Cem" / "y.mp4")
    shutil.copy(SAMPLE, tmp_path / "up" / "of_nobody.mp4")
    result = here(tmp_path, "up", *said)
    assert "y.mp4: kept for Cem now, no longer for Bob\n" in result.stderr
    assert result.stderr.splitlines()[-1] == (
        "kept in the history: 1 of 4, those with an athlete; an earlier run kept 1; one is the same film as another"
    )
    store = open_store()
    assert store is not None
    assert [len(load_sets(store, name)[1]) for name in ("Ann", "Bob", "Cem")] == [1, 0, 1]


def test_a_run_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "up").mkdir()
    for number in range(4):
        shutil.copy(SAMPLE, tmp_path / "up" / f"{number}.mp4")
    arguments = ("up", "--out", "res", "--workers", "1", *FIRST_REP)
    with start(tmp_path, *arguments) as process:
        while not list(tmp_path.glob("res/videos/*/outcome.json")):
            assert process.poll() is None
            time.sleep(0.02)
        process.kill()
    early = {path: path.stat().st_mtime_ns for path in tmp_path.glob("res/videos/*/outcome.json")}
    assert 1 <= len(early) < 4
    result = call(tmp_path, *arguments)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"4 of 4 videos have a report ({len(early)} from an earlier run), 0 failed\n")
    assert {path: path.stat().st_mtime_ns for path in early} == early
    assert [each.name for each in tmp_path.rglob("*") if each.name.startswith(".") and each.name != ".lock"] == []


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path, here: Call) -> None:
    shutil.copy(SAMPLE, tmp_path / "set.mp4")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("mine")
    result = here(tmp_path, "set.mp4", "--out", "site", *FIRST_REP)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        "error: site holds index.html, which formcheck batch did not write.\n"
        "  next: Choose another folder with --out.\n"
    )
    assert [each.name for each in (tmp_path / "site").iterdir()] == ["index.html"]


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    shutil.copy(SAMPLE, tmp_path / "set.mp4")
    with start(tmp_path, "set.mp4", "--out", "res", *FIRST_REP) as first:
        while not (tmp_path / "res" / "batch.json").exists():
            time.sleep(0.02)
        second = call(tmp_path, "set.mp4", "--out", "res", *FIRST_REP)
        assert first.wait() == 0
    assert second.returncode == 1
    assert second.stderr.startswith("error: Another formcheck batch is writing to res.\n")


def test_an_address_that_stalls_costs_one_row(tmp_path: Path, address: str, here: Call) -> None:
    result = here(tmp_path, f"{address}/stall.mp4", f"{address}/gone.mp4", "--out", "res", "--timeout", "3", *FIRST_REP)
    assert result.returncode == 1
    errors = {row["video"].rsplit("/", 1)[1]: row["kind"] for row in rows(tmp_path / "res" / "errors.csv")}
    assert errors == {"stall.mp4": "timeout", "gone.mp4": "fetch"}


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--timeout", "0"), "Give --timeout in seconds"),
        (("--workers", "0"), "workers"),
        (("--lift", "squat"), "squat"),
        (("--blur-faces", "--no-html"), "hides heads in pictures"),
    ],
)
def test_wrong_flags_are_usage_errors(tmp_path: Path, here: Call, flags: tuple[str, ...], words: str) -> None:
    result = here(tmp_path, "set.mp4", "--out", "res", *flags)
    assert result.returncode == 2
    assert words in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_sees_a_bar_and_a_line_per_worker(tmp_path: Path) -> None:
    shutil.copy(SAMPLE, tmp_path / "my_set.mp4")
    ours, terminal = pty.openpty()
    command = (sys.executable, "-m", "formcheck", "batch")
    with subprocess.Popen(
        [*command, "my_set.mp4", "--out", "res", *FIRST_REP],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100", "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=terminal,
    ) as process:
        os.close(terminal)
        seen = b""
        while chunk := read(ours):
            seen += chunk
    assert process.returncode == 0, seen
    assert "videos" in seen.decode()
    assert "0/1" in seen.decode()
    assert seen.decode().count("my_set.mp4") > 1


def read(ours: int) -> bytes:
    try:
        return os.read(ours, 65536)
    except OSError:  # the other end is closed
        return b""


def test_a_folder_without_a_film_says_what_to_name(here: Call, tmp_path: Path) -> None:
    (tmp_path / "up").mkdir()
    (tmp_path / "up" / "notes.txt").touch()
    done = here(tmp_path, "up", "--out", "review")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith(
        "error: No video was found.\n  next: Name films, or a folder, zip file or table that holds some.\n"
    )
