"""Programs timed in fresh processes, and the lines of a table of such times."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Bar:
    """One line of the table: what was measured, in which unit, and what is asked of it."""

    name: str
    value: float
    unit: str
    asked: str
    met: bool | None


def run_script(text: str, *arguments: object) -> list[float]:
    """Run a program in a fresh process; return the numbers in the last line that it prints."""
    command = [sys.executable, "-c", text, *(str(each) for each in arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return [float(word) for word in done.stdout.splitlines()[-1].split()]


def run_formcheck(*arguments: object) -> tuple[float, float]:
    """Wall seconds and peak memory (MB) of a `formcheck` command from start to end."""
    command = [sys.executable, "-m", "formcheck", *(str(each) for each in arguments)]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stderr is not None
        complaint = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{complaint.decode()}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def best_of(times: int, measure: Callable[[], float]) -> float:
    """Smallest of several measurements: what is left is the program's own time."""
    return min(measure() for _ in range(times))
