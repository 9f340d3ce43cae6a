"""A slot outlives whatever happens in its process."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import deadly
import pytest
from conftest import ROOT

from formcheck.batch.job import JobError, Limits
from formcheck.batch.pool import Slot

LIMITS = Limits(timeout_s=3.0, memory_bytes=2_000_000_000)


@pytest.fixture(scope="module")
def slot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slot]:
    with Slot(LIMITS, tmp_path_factory.mktemp("scratch")) as slot:
        yield slot


def test_a_process_does_one_task_after_another(slot: Slot) -> None:
    first = slot.call(deadly.whoami)
    assert first != os.getpid()
    assert slot.call(deadly.answer, 41) == 42
    assert slot.call(deadly.whoami) == first


@pytest.mark.parametrize(
    ("deed", "kind", "word"),
    [
        (deadly.crash, "crash", "crashed (SIGSEGV)"),
        (deadly.leave, "crash", "crashed (code 3)"),
        (deadly.kill_itself, "crash", "crashed (SIGKILL)"),
        (deadly.hang, "timeout", "longer than 3 s"),
    ],
)
def test_a_process_that_dies_or_hangs_costs_one_task(
    slot: Slot, deed: Callable[[], None], kind: str, word: str
) -> None:
    with pytest.raises(JobError) as caught:
        slot.call(deed)
    assert (caught.value.kind, word in caught.value.message) == (kind, True), caught.value.message
    assert slot.call(deadly.answer, 1) == 2


def test_one_that_will_not_be_interrupted_is_killed(slot: Slot) -> None:
    started_s = time.monotonic()
    with pytest.raises(JobError, match="longer than 3 s"):
        slot.call(deadly.hang_in_c)
    assert time.monotonic() - started_s < 20
    assert slot.call(deadly.answer, 1) == 2


def test_memory_is_bounded(slot: Slot) -> None:
    with pytest.raises(MemoryError):
        slot.call(deadly.eat_memory)


def test_a_mistake_is_raised_here(slot: Slot) -> None:
    with pytest.raises(ZeroDivisionError, match="its own mistake"):
        slot.call(deadly.fail)


def test_what_a_dead_process_left_is_swept_away(slot: Slot) -> None:
    with pytest.raises(JobError):
        slot.call(deadly.litter, slot.scratch)
    assert list(slot.scratch.iterdir()) == []


def test_a_process_goes_when_the_one_that_started_it_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    program = (
        "import deadly, pathlib; from formcheck.batch.job import Limits; from formcheck.batch.pool import Slot\n"
        f"if __name__ == '__main__': Slot(Limits(), pathlib.Path({str(tmp_path)!r})).call("
        f"deadly.linger, pathlib.Path({str(note)!r}))"
    )
    (tmp_path / "main.py").write_text(program)
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    with subprocess.Popen([sys.executable, tmp_path / "main.py"], env=environment) as parent:
        pid = int(wait_for(lambda: note.exists() and note.read_text()))
        parent.kill()
    wait_for(lambda: not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2])


def wait_for(happened: Callable[[], object], patience_s: float = 30.0) -> str:
    until_s = time.monotonic() + patience_s
    while time.monotonic() < until_s:
        if result := happened():
            return str(result)
        time.sleep(0.05)
    raise AssertionError("it did not happen")
