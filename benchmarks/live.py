"""How quick and how right `formcheck live` is: shipped clips in real time, as a file and as an MJPEG stream.

`python -m benchmarks.live` prints a table against the targets and writes .build/live.json, once with the machine left
alone and once with every core kept busy by plain loops (`--load`); `--minutes N` plays one clip over and over and
watches memory and delay. Told of a busy machine is also how often "come up" was said in a sound repetition.
"""

import argparse
import json
import math
import os
import platform
import resource
import threading
import time
from array import array
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.busy import busy
from benchmarks.streaming import MjpegServer, encode_clip, read_number
from formcheck.data import Finding, Report
from formcheck.live.capture.source import Origin
from formcheck.live.coaching.rep_log import LiveRep
from formcheck.live.loop import Listener, Stop, grabbing, watch
from formcheck.live.session import Session
from formcheck.live.types import Overlay, Picture, Said
from formcheck.pipeline import analyze
from formcheck.settings import ModelName, Settings

ROOT = Path(__file__).resolve().parent.parent
CLIPS = {"rdl_four_reps": "rdl", "nordic_break_60": "nordic", "good_morning_overrun": "good_morning"}
TARGETS = {
    "frames a second": (25.0, ">="),
    "dropped": (10.0, "<="),
    "latency p50": (120.0, "<="),
    "latency p95": (120.0, "<="),
    "result of a rep, after its end": (0.5, "<="),
    "come up, after the hips stopped": (0.5, "<="),
    "reps, live minus offline": (0.0, "="),
    "end of hip travel, live and offline": (150.0, "<="),
    "Nordic break, live and offline": (5.0, "<="),
}
UNITS = {"dropped": "%", "latency p50": "ms", "latency p95": "ms", "end of hip travel, live and offline": "ms"}
UNITS |= {"Nordic break, live and offline": "deg", "frames a second": "Hz", "reps, live minus offline": ""}
PLAIN = {"hips stop for one of the two only": "reps", "processor time, of one core, %": ""}
PLAIN |= {"steps down to a quicker model": "", "come up in sound reps": "reps"}


@dataclass
class Run:
    """What one clip through one source gave. `shown_s`, `latency_s` : source time and latency of each picture, s, in
    eight bytes each; a long run keeps the latencies alone. `heard` : (word, monotonic s).
    """

    clip: str
    source: str
    shown_s: "array[float]" = field(default_factory=lambda: array("d"))
    latency_s: "array[float]" = field(default_factory=lambda: array("d"))
    heard: list[tuple[Said, float]] = field(default_factory=list)
    reps: list[LiveRep] = field(default_factory=list)
    arrived: int = 0
    dropped: int = 0
    starts_s: "array[float]" = field(default_factory=lambda: array("d"))
    times_s: "array[float]" = field(default_factory=lambda: array("d"))
    cpu_s: float = 0.0
    wall_s: float = 0.0
    models: list[str] = field(default_factory=list)

    @property
    def clock_s(self) -> float:
        """What monotonic() said when the clip's first picture was due."""
        return float(np.median(self.starts_s))

    @property
    def shift_s(self) -> float:
        """The clip's own time at 0 of the live clock, less than nothing when live began later."""
        return float(np.median(self.times_s))


def play(clip: str, source: str, model: ModelName, minutes: float | None = None) -> Run:
    """Run one clip through the live loop, in real time."""
    path = ROOT / "samples" / f"{clip}.mp4"
    run = Run(clip, source)
    pictures = encode_clip(path) if source == "mjpeg" else []
    server: AbstractContextManager[MjpegServer | None] = MjpegServer(pictures) if pictures else nullcontext()
    session = Session(Settings(lift=CLIPS[clip], model=model))
    with server as stream:
        origin = Origin("file", str(path), clip) if stream is None else Origin("stream", stream.url, clip)
        duration_s = math.inf if stream is None else pictures[-1][0] + 0.7

        def view(seen: Overlay, picture: Picture) -> None:
            now_s = time.monotonic()
            if seen.model not in run.models:
                run.models.append(seen.model)
            sent_s, clip_s = picture.captured_s, picture.time_s
            if stream is not None:
                number = read_number(picture.rgb)
                sent_s, clip_s = stream.sent_s[number], pictures[number][0]
            run.latency_s.append(now_s - sent_s)
            if minutes is None:  # of hours of it, no more is kept than that
                run.shown_s.append(seen.time_s)
                run.starts_s.append(sent_s - clip_s)
                run.times_s.append(clip_s - picture.time_s)

        def said(each: Said) -> None:
            if minutes is None:
                run.heard.append((each, time.monotonic()))

        listener = Listener(view=view, said=said)
        stop = Stop(duration_s if minutes is None else 60 * minutes)
        began_s, cpu_s = time.monotonic(), time.process_time()
        with grabbing(origin, loop=minutes is not None) as grabber:
            watch(grabber, session, listener, stop)
            run.arrived, run.dropped = grabber.arrived, grabber.dropped
        run.wall_s, run.cpu_s = time.monotonic() - began_s, time.process_time() - cpu_s
    run.reps = [each for done in session.sets for each in done.reps]
    session.close()
    return run


def measure(run: Run, truth: dict[str, Any], offline: Report) -> dict[str, float]:
    """Return the figures of one run."""
    latency_ms = 1000 * np.array(run.latency_s)
    figures = {
        "frames a second": len(run.shown_s) / (run.shown_s[-1] - run.shown_s[0]),
        "dropped": 100 * run.dropped / max(run.arrived, 1),
        "latency p50": float(np.percentile(latency_ms, 50)),
        "latency p95": float(np.percentile(latency_ms, 95)),
        "result of a rep, after its end": _latest(run, "live.rep", [each["stop_s"] for each in truth["reps"]]),
        "reps, live minus offline": float(len(run.reps) - len(offline.reps)),
    }
    if any("overrun_deg" in each for each in truth["reps"]):
        sound = [each for each in truth["reps"] if each["overrun_deg"] < 1]
        figures["come up in sound reps"] = float(sum(_is_told(run, each) for each in sound))
    ends_s = {each["number"]: each.get("hip_travel_end_s") for each in truth["reps"]}
    if any(ends_s.values()):
        told = [_after(run, "live.come_up", end_s) for end_s in ends_s.values() if end_s]
        figures["come up, after the hips stopped"] = max(told)
        figures["end of hip travel, live and offline"] = 1000 * _apart(run, offline, "hip_travel", moment=True)
        figures["hips stop for one of the two only"] = float(_disagreeing(run, offline))
    if truth["lift"] == "nordic":
        figures["Nordic break, live and offline"] = _apart(run, offline, "break_point", moment=False)
    return figures


def _after(run: Run, code: str, moment_s: float) -> float:
    """Seconds from a moment of the clip to the first such word that came no more than 0.6 s before it or 3 s after."""
    late = [heard_s - run.clock_s - moment_s for said, heard_s in run.heard if said.code == code]
    return min((each for each in late if -0.6 <= each <= 3.0), default=math.nan)


def _is_told(run: Run, rep: dict[str, Any]) -> bool:
    """Whether "come up" was said in a repetition, by the clip's own time."""
    told_s = [said.time_s + run.shift_s for said, _ in run.heard if said.code == "live.come_up"]
    return any(rep["start_s"] <= each <= rep["stop_s"] for each in told_s)


def _latest(run: Run, code: str, moments_s: list[float]) -> float:
    return max(_after(run, code, each) for each in moments_s)


def _pairs(run: Run, offline: Report, code: str) -> list[tuple[Finding, Finding]]:
    """Pair the live and the offline finding of each repetition that has both, judged or not."""
    pairs = []
    for rep in run.reps:
        mine = [each for each in rep.findings if each.code.endswith(code)]
        turn_s = rep.rep.turn_s + run.shift_s
        number = next((each.number for each in offline.reps if abs(each.turn_s - turn_s) < 1.0), None)
        theirs = [each for each in offline.findings if each.code.endswith(code) and each.rep == number]
        if mine and theirs:
            pairs.append((mine[0], theirs[0]))
    return pairs


def _stops(finding: Finding) -> bool:
    return bool(finding.detail.get("stops_before_bottom", True))


def _apart(run: Run, offline: Report, code: str, *, moment: bool) -> float:
    """Largest difference between live and offline over the repetitions that both judge, and in which both see the hips
    stop when it is about that.
    """
    apart = [math.nan]
    for ours, theirs in _pairs(run, offline, code):
        if "not_judged" in {ours.verdict, theirs.verdict} or not (_stops(ours) and _stops(theirs)):
            continue
        apart.append(abs(ours.start_s + run.shift_s - theirs.start_s) if moment else abs(ours.value - theirs.value))
    return float(np.nanmax(apart)) if len(apart) > 1 else math.nan


def _disagreeing(run: Run, offline: Report) -> int:
    """Repetitions in which one of the two sees the hips stop, and the other does not or does not judge it."""
    pairs = _pairs(run, offline, "hip_travel")
    return sum(_stops(ours) != _stops(theirs) or ours.verdict != theirs.verdict for ours, theirs in pairs)


def print_table(figures: dict[str, dict[str, float]]) -> None:
    """Print figures by run, with the targets."""
    for run, values in figures.items():
        print(f"\n{run}")
        for name, value in values.items():
            if name not in TARGETS:
                print(f"  {name:<38} {value:8.2f} {PLAIN.get(name, '')}")
                continue
            limit, sign = TARGETS[name]
            met = {">=": value >= limit, "<=": value <= limit, "=": value == limit}[sign]
            word = "not seen" if math.isnan(value) else "met" if met else "MISSED"
            print(f"  {name:<38} {value:8.2f} {UNITS.get(name, 's'):<4} {sign:>2} {limit:g}  {word}")


def memory_mb() -> float:
    """Memory held by this process now, MB; its peak where the system does not tell."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clip", choices=list(CLIPS), action="append")
    parser.add_argument("--source", choices=["file", "mjpeg"], action="append")
    parser.add_argument("--model", choices=["lite", "full", "heavy"], default="full")
    parser.add_argument("--load", choices=["none", "all"], action="append", help="of the cores, by plain loops")
    parser.add_argument("--minutes", type=float, help="play the first clip over and over for this long")
    asked = parser.parse_args()
    clips, sources = asked.clip or list(CLIPS), asked.source or ["file", "mjpeg"]
    figures: dict[str, dict[str, float]] = {}
    if asked.minutes:
        figures["long run"] = run_long(clips[0], asked.model, asked.minutes)
    else:
        for clip in clips:
            truth = json.loads((ROOT / "samples" / f"{clip}.truth.json").read_text(encoding="utf-8"))
            offline = analyze(ROOT / "samples" / f"{clip}.mp4", Settings(lift=CLIPS[clip], model=asked.model))
            for load, source in product(asked.load or ["none", "all"], sources):
                with busy() if load == "all" else nullcontext():
                    run = play(clip, source, asked.model)
                name = f"{clip}, {source}" + (", all cores busy" if load == "all" else "")
                figures[name] = measure(run, truth, offline)
                figures[name]["processor time, of one core, %"] = 100 * run.cpu_s / run.wall_s
                figures[name]["steps down to a quicker model"] = float(len(run.models) - 1)
    print_table(figures)
    folder = ROOT / ".build"
    folder.mkdir(exist_ok=True)
    content = {"machine": platform.processor() or platform.machine(), "cores": os.cpu_count(), "figures": figures}
    (folder / "live.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(f"\nwrote {folder / 'live.json'}")


def run_long(clip: str, model: ModelName, minutes: float) -> dict[str, float]:
    """Play a clip over and over; return memory and latency of each quarter of the time."""
    held: list[tuple[float, float]] = []
    done = threading.Event()

    def look() -> None:
        began_s = time.monotonic()
        while not done.wait(1.0):
            held.append((time.monotonic() - began_s, memory_mb()))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    run = play(clip, "file", model, minutes)
    done.set()
    watcher.join()
    figures = {"minutes": minutes, "reps": float(len(run.reps)), "dropped": 100 * run.dropped / max(run.arrived, 1)}
    warm_mb = np.array([mb for at_s, mb in held if at_s > 10.0])
    latency_ms = 1000 * np.array(run.latency_s)
    for number, part in enumerate(np.array_split(warm_mb, 4), 1):
        figures[f"memory, quarter {number}, MB"] = float(np.median(part))
    for number, part in enumerate(np.array_split(latency_ms, 4), 1):
        figures[f"latency p95, quarter {number}, ms"] = float(np.percentile(part, 95))
    return figures


if __name__ == "__main__":
    main()
