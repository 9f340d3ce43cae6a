"""The same task on a real Dask scheduler with real worker processes, on loopback and without a shared cache."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import FIRST_REP, ROOT, SAMPLE, check_folder_contract

from formcheck.cli.main import main

N_VIDEOS = 3


def start(home: Path, module: str, *arguments: object) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if module == "formcheck" else subprocess.DEVNULL,
        stderr=subprocess.PIPE if module == "formcheck" else subprocess.DEVNULL,
    )


def wait_for(happened: Callable[[], object], patience_s: float = 240.0) -> None:
    until_s = time.monotonic() + patience_s
    while not happened():
        assert time.monotonic() < until_s, "it did not happen"
        time.sleep(0.05)


def batch(home: Path, *arguments: object) -> tuple[int, str, str]:
    with start(home, "formcheck", "batch", *arguments, *FIRST_REP) as process:
        out, err = process.communicate()
    check_folder_contract(home)
    return process.returncode, out.decode(), err.decode()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("cluster")
    (home / "up").mkdir()
    for number in range(N_VIDEOS):
        shutil.copy(SAMPLE, home / "up" / f"{number}.mp4")
    (home / "up" / "bad.mp4").write_text("not a video")
    return home


@pytest.fixture(scope="module")
def local(home: Path) -> Path:
    """The results of this machine alone; its poses fill the cache."""
    code, out, err = batch(home, "up", "--out", "local", "--workers", "1")
    assert (code, out.splitlines()[0]) == (1, f"{N_VIDEOS} of {N_VIDEOS + 1} videos have a report, 1 failed"), err
    return home / "local"


@pytest.fixture(scope="module")
def scheduler(home: Path) -> Iterator[str]:
    note = home / "scheduler.json"
    module = "distributed.cli.dask_scheduler"
    with start(
        home, module, "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", note
    ) as process:
        wait_for(lambda: note.exists() and note.stat().st_size)
        yield json.loads(note.read_text())["address"]
        process.kill()


@pytest.fixture
def hire(home: Path, scheduler: str) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    """Start a worker that nobody starts again; all of them end with the test."""
    hired: list[subprocess.Popen[bytes]] = []

    def start_one() -> "subprocess.Popen[bytes]":
        place = home / f"worker{len(hired)}"
        options = ("--no-nanny", "--nthreads", "1", "--no-dashboard", "--local-directory", place)
        hired.append(start(home, "distributed.cli.dask_worker", scheduler, *options))
        return hired[-1]

    yield start_one
    for process in hired:
        process.kill()
        process.wait()


def assert_alike(ours: Path, theirs: Path) -> None:
    """Every file the same, byte for byte; but for the link to the video, which is relative on this machine alone."""
    for path in sorted(ours.rglob("*")):
        other = theirs / path.relative_to(ours)
        if path.is_file() and path.name not in {".lock", "batch.json"}:
            assert path.read_bytes() == other.read_bytes(), path
    assert sum(each.is_file() for each in theirs.rglob("*.*")) >= 5 * N_VIDEOS


def test_another_machine_gives_the_same_files(
    home: Path, local: Path, scheduler: str, hire: Callable[[], object]
) -> None:
    hire()
    code, out, err = batch(home, "up", "--out", "remote", "--scheduler", scheduler)
    assert (code, out.splitlines()[0]) == (1, f"{N_VIDEOS} of {N_VIDEOS + 1} videos have a report, 1 failed"), err
    assert_alike(local, home / "remote")


def test_a_worker_and_the_client_may_be_killed(
    home: Path, local: Path, scheduler: str, hire: Callable[[], "subprocess.Popen[bytes]"]
) -> None:
    doomed, _ = hire(), hire()
    arguments = ("up", "--out", (home / "shared").as_uri(), "--scheduler", scheduler, "--no-html")
    with start(home, "formcheck", "batch", *arguments, *FIRST_REP) as client:
        wait_for(lambda: list(home.glob("shared/videos/*/outcome.json")))
        doomed.send_signal(signal.SIGKILL)
        client.kill()
    early = {path: path.stat().st_mtime_ns for path in home.glob("shared/videos/*/outcome.json")}
    code, out, err = batch(home, *arguments)
    assert code == 1, err
    assert out.startswith(f"{N_VIDEOS} of {N_VIDEOS + 1} videos have a report"), out + err
    assert {path: path.stat().st_mtime_ns for path in early} == early
    for name in ("report.json", "angles.csv", "reps.csv", "thumbnail.jpg"):
        for path in home.glob(f"shared/videos/*/{name}"):
            assert path.read_bytes() == (local / "videos" / path.parent.name / name).read_bytes()
    assert (home / "shared" / "summary.csv").read_bytes() == (local / "summary.csv").read_bytes()


def test_a_scheduler_that_is_not_there(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In this process, which waits for one second and not for eight."""
    monkeypatch.setattr("formcheck.batch.cluster.SCHEDULER_S", 1.0)
    monkeypatch.chdir(home)
    arguments = ("up", "--out", "none", "--scheduler", "tcp://127.0.0.1:9", *FIRST_REP)
    monkeypatch.setattr(sys, "argv", ["formcheck", "batch", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (1, "")
    assert err.splitlines()[-2:] == [
        "error: No Dask scheduler answers at tcp://127.0.0.1:9.",
        "  next: Start one with dask scheduler, and give its tcp:// address.",
    ]
