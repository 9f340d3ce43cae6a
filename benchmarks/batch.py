"""What `formcheck batch` costs on this machine, and what a million uploads a day would then take.

    python -m benchmarks.batch [--videos N] [--seconds S] [--model NAME]

Prints a table and writes .build/batch.json. The videos are copies of a sample, analysed from decoder to report.html
without the cache, by one worker, by two, and by the loop that anyone would write first: one command per video. The
queue's own cost is that of a process, a message there and an answer back: files that end at once go through it, and
through the bare task. The day is simulated minute by minute from these numbers.
"""

import argparse
import json
import math
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from formcheck.batch import list_jobs
from formcheck.batch.claim import claim_folder
from formcheck.batch.job import Job, Limits, Plan
from formcheck.batch.local import LocalWorkers
from formcheck.batch.task import run_job
from formcheck.data import FloatArray
from formcheck.settings import ModelName, Settings

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "samples" / "nordic_break_60.mp4"
RESULTS = ROOT / ".build" / "batch.json"
N_EMPTY = 200  # files that end at once, for the queue's own cost
UPLOADS = 1_000_000
UPLOAD_S = 30.0  # length of an uploaded set
EVENING = 3.0  # times as many uploads an hour at the day's peak, at 19:00, as in its quietest [D]
BUSY = 0.7  # of the workers, over the whole day, is what queues stay short with
MINUTES = 24 * 60


@dataclass(frozen=True)
class Line:
    """One line of the table: what was measured, in which unit, and what is asked of it."""

    name: str
    value: float
    unit: str
    asked: str = ""
    met: bool | None = None


def copies(folder: Path, count: int) -> Path:
    """Make a folder of so many videos."""
    folder.mkdir()
    for number in range(count):
        shutil.copy(SAMPLE, folder / f"{number}.mp4")
    return folder


def time_batch(home: Path, uploads: Path, workers: int, flags: list[str]) -> float:
    """Return the wall seconds of `formcheck batch`, from the command to its end."""
    out = home / f"res{workers}"
    return time_command("batch", str(uploads), "--out", str(out), "--workers", str(workers), *flags)


def time_command(*arguments: str) -> float:
    """Return the wall seconds of a formcheck command."""
    started_s = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "formcheck", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"formcheck {' '.join(arguments)} failed:\n{done.stderr}")
    return time.perf_counter() - started_s


def measure_queue(home: Path) -> tuple[float, float]:
    """Return seconds per file of the queue's own work, and those of the bare task, for files that are empty."""
    uploads = home / "empty"
    uploads.mkdir()
    for number in range(N_EMPTY):
        (uploads / f"{number}.mp4").touch()
    plan = Plan(Settings(lift="nordic", limits={}), str(home / "queue"), Limits())
    with claim_folder(plan.out) as scratch:
        jobs = list_jobs([str(uploads)], (), plan, scratch).jobs
        with LocalWorkers(1, plan.limits, scratch) as crew:
            drain(crew, jobs[:1], plan)  # the process starts
            started_s = time.perf_counter()
            drain(crew, jobs[1:], plan)
            queued_s = time.perf_counter() - started_s
        bare = Plan(plan.settings, str(home / "bare"), plan.limits)
        started_s = time.perf_counter()
        for job in jobs[1:]:
            run_job(job, bare, scratch)
        bare_s = time.perf_counter() - started_s
    return (queued_s - bare_s) / (len(jobs) - 1), bare_s / (len(jobs) - 1)


def drain(crew: LocalWorkers, jobs: tuple[Job, ...], plan: Plan) -> None:
    """Run jobs and forget what came of them."""
    for _ in crew.run(jobs, plan):
        pass


def arrivals() -> FloatArray:
    """Return the uploads of each minute of a day, (1440,): a wave whose top is in the evening."""
    hour = np.arange(MINUTES) / 60
    share = 1 + (EVENING - 1) * (0.5 + 0.5 * np.cos((hour - 19) * math.pi / 12))
    return np.asarray(UPLOADS * share / share.sum())


def simulate_day(workers: int, video_s: float) -> tuple[float, float]:
    """Return the longest wait of a day in its second round, and the share of the workers that was busy.

    A fluid queue: what a minute brings and cannot be done waits for the next one.
    """
    capacity = workers * 60 / video_s
    waiting, longest_s, done = 0.0, 0.0, 0.0
    for day in range(2):
        for coming in arrivals():
            waiting += coming
            served = min(waiting, capacity)
            waiting -= served
            if day == 1:
                done += served
                longest_s = max(longest_s, 60 * waiting / capacity)
    return longest_s, done / (capacity * MINUTES)


def simulate(video_s: float, bytes_per_video: float, queue_s: float) -> list[Line]:
    """Return what a million uploads a day take, for some numbers of workers."""
    lines = [Line("one core: seconds for an upload", video_s, "s")]
    peak = float(arrivals().max()) / 60
    lines.append(Line("uploads at the peak", peak, "per s"))
    needed = math.ceil(UPLOADS * video_s / (MINUTES * 60))
    for name, workers in (
        ("as many as the day needs", needed),
        (f"{100 * BUSY:.0f} % busy", math.ceil(needed / BUSY)),
        ("enough for the peak", math.ceil(peak * video_s)),
    ):
        wait_s, busy = simulate_day(workers, video_s)
        lines.append(Line(f"{workers} workers ({name}): longest wait", wait_s / 60, "min"))
        lines.append(Line(f"{workers} workers: busy", 100 * busy, "%"))
    lines.append(Line("results of a day", UPLOADS * bytes_per_video / 1e12, "TB"))
    lines.append(Line("the queue's own work at the peak, in cores", peak * queue_s, ""))
    return lines


def measure_all(home: Path, n_videos: int, seconds_s: float, model: ModelName) -> list[Line]:
    """Take every measurement, then simulate."""
    uploads = copies(home / "up", n_videos)
    flags = ["--lift", "nordic", "--model", model, "--end", f"{seconds_s:g}", "--no-cache"]
    one_s, two_s = (time_batch(home, uploads, workers, flags) for workers in (1, 2))
    loop_s = sum(
        time_command("analyze", str(each), "--out", str(home / "loop"), *flags) for each in sorted(uploads.iterdir())
    )
    queue_s, bare_s = measure_queue(home)
    files = [each for each in (home / "res1" / "videos").rglob("*") if each.is_file()]
    size = sum(each.stat().st_size for each in files) / n_videos
    gain = one_s / two_s
    video_s = one_s / n_videos * UPLOAD_S / seconds_s
    return [
        Line("1 worker", 60 * n_videos / one_s, "videos/min"),
        Line("2 workers", 60 * n_videos / two_s, "videos/min"),
        Line("gain from 1 to 2", gain, "x", ">= 1.9", gain >= 1.9),
        Line("loop of one command per video", 60 * n_videos / loop_s, "videos/min"),
        Line("2 workers against the loop", loop_s / two_s, "x"),
        Line("the queue's own work", 1000 * queue_s, "ms/video", "<= 50", 1000 * queue_s <= 50),
        Line("the task of an empty file", 1000 * bare_s, "ms"),
        Line("results of a video", size / 1e6, "MB"),
        *simulate(video_s, size, queue_s),
    ]


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos", type=int, default=8, help="videos of each run (8)")
    parser.add_argument("--seconds", type=float, default=6.0, help="of each video that are analysed (6)")
    parser.add_argument("--model", choices=("lite", "full", "heavy"), default="full", help="the pose model (full)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        lines = measure_all(Path(name), options.videos, options.seconds, options.model)
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for line in lines:
        verdict = "" if line.met is None else "met" if line.met else "MISSED"
        print(f"{line.name:54} {line.value:9.2f} {line.unit:11} {line.asked:7} {verdict}".rstrip())
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps([vars(line) for line in lines], indent=1))


if __name__ == "__main__":
    main()
