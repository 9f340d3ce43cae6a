"""Programs timed in fresh processes, and the lines of a table of such times."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Bar:
    """One line of the table: what was measured, in which unit, and what is asked of it."""

    name: str
    value: float
    unit: str
    asked: str
    met: bool | None


@dataclass(frozen=True)
class Cost:
    """What a program took: wall and processor time, s, and the most memory it held, MB."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def run_script(text: str, *arguments: object, cores: int | None = None) -> list[float]:
    """Run a program in a fresh process; return the numbers in the last line that it prints."""
    return [float(word) for word in _last_line(["-c", text, *map(str, arguments)], cores).split()]


def run_module(name: str, *arguments: object, cores: int | None = None) -> Any:
    """Run a module of the benchmarks in a fresh process; return the JSON in the last line that it prints."""
    return json.loads(_last_line(["-m", name, *map(str, arguments)], cores))


def _last_line(arguments: Sequence[str], cores: int | None) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [*pin(cores), sys.executable, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:6])} failed:\n{done.stderr}")
    return done.stdout.splitlines()[-1]


def pin(cores: int | None) -> list[str]:
    """Return what has to stand before a command that shall see so many cores alone; nothing for all."""
    return [] if cores is None else ["taskset", "-c", f"0-{cores - 1}"]


def can_pin() -> bool:
    """Whether this system has a way to show a program fewer cores."""
    return shutil.which("taskset") is not None


def run_formcheck(*arguments: object, cores: int | None = None) -> Cost:
    """Run a `formcheck` command from start to end."""
    command = [*pin(cores), sys.executable, "-m", "formcheck", *(str(each) for each in arguments)]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stderr is not None
        complaint = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{complaint.decode()}")
    wall_s = time.perf_counter() - started
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def best_of(times: int, measure: Callable[[], float]) -> float:
    """Smallest of several measurements: what is left is the program's own time."""
    return min(measure() for _ in range(times))
