"""Where the time of one `formcheck` command goes, so that the sum is the whole: `python -m benchmarks.speed_stages
analyze FILM ...`.

Runs the command in this process, with a clock of processor time about the steps of each thread of Python. What the
process took beyond these threads was taken by threads of its libraries: the decoder's are known by their names, the
others are MediaPipe's, and are shared out to its calls by how long these took. Prints JSON in the last line: seconds of
processor time by stage, those of the whole, and wall seconds.
"""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import formcheck.cli.analyze
import formcheck.pipeline
import formcheck.report
import formcheck.report.folder
from formcheck import video
from formcheck.cli.main import main as formcheck_main
from formcheck.pose import detection_pass, landmarker, second_eye, torso_contour, tracking_pass
from formcheck.rendering import set_files
from formcheck.video import crop

FIRST_PASS, DECODING, MODEL, SECOND = "first pass", "decoding", "pose model", "second eye"
WINDOW, CUTS, OUTLINES, PLATE = "window for the model", "pictures compared, for cuts", "outlines", "plate"
NEW, WARM_UP, AROUND = "new landmarkers", "their warm-up", "who it is, rows, queues"
ANALYSIS, PAGE, IMPORTS = "analysis", "page and files", "imports, and all other Python"
STAGES = (DECODING, MODEL, SECOND, WARM_UP, NEW, WINDOW, CUTS, OUTLINES, PLATE, AROUND, FIRST_PASS, IMPORTS, ANALYSIS,
          PAGE)  # fmt: skip
WATCH_EVERY_S = 0.1
STARTED_S = time.perf_counter()


class Clocks:
    """Processor time by stage; what is inside another stage counts for the inner one, but in the first pass.

    `waited_s` is for how long MediaPipe was waited for in a stage, and `calls` how often a step was taken in the second
    pass, by its name.
    """

    def __init__(self) -> None:
        self.cpu_s = dict.fromkeys(STAGES, 0.0)
        self.waited_s = {MODEL: 0.0, NEW: 0.0, FIRST_PASS: 0.0}
        self.calls = Counter[str]()
        self._lock = threading.Lock()
        self._open = threading.local()

    @contextmanager
    def running(self, stage: str, name: str = "", *, waits: bool = False) -> Iterator[None]:
        """Count the time of a block, less that of the stages inside it."""
        around: list[tuple[str, list[float]]] = getattr(self._open, "stages", [])
        self._open.stages = around
        stage = FIRST_PASS if any(each == FIRST_PASS for each, _ in around) else stage
        inner_s = list[float]()
        around.append((stage, inner_s))
        cpu_s, wall_s = time.thread_time(), time.perf_counter()
        try:
            yield
        finally:
            cpu_s, wall_s = time.thread_time() - cpu_s, time.perf_counter() - wall_s
            around.pop()
            if around:
                around[-1][1].append(cpu_s)
            with self._lock:
                self.cpu_s[stage] += cpu_s - sum(inner_s)
                if waits:
                    self.waited_s[stage] += wall_s
                if stage != FIRST_PASS:
                    self.calls[name] += 1

    def around(self, owner: Any, name: str, stage: str, *, waits: bool = False) -> None:
        """Put the clock about a function or a method; one that is no longer there is an error."""
        inner: Callable[..., Any] = getattr(owner, name)

        def timed(*arguments: Any, **named: Any) -> Any:
            with self.running(stage, f"{owner.__name__}.{name}", waits=waits):
                return inner(*arguments, **named)

        setattr(owner, name, timed)

    def around_each(self, owner: Any, name: str, stage: str) -> None:
        """Put the clock about each step of an iterator."""
        inner: Callable[..., Iterator[Any]] = getattr(owner, name)

        def timed(*arguments: Any, **named: Any) -> Iterator[Any]:
            items = inner(*arguments, **named)
            while True:
                with self.running(stage):
                    item = next(items, None)
                if item is None:
                    return
                yield item

        setattr(owner, name, timed)


def put_clocks(clocks: Clocks) -> None:
    """Put the clocks where the stages begin."""
    for name in ("look_around", "find_crowd", "look_for_plate"):
        clocks.around(detection_pass, name, FIRST_PASS)
    clocks.around(detection_pass.Scouts, "_everybody", FIRST_PASS)
    clocks.around(detection_pass, "find_everybody", FIRST_PASS)
    clocks.around_each(video, "read_frames", DECODING)
    clocks.around(crop.Shrinker, "shrink", WINDOW)
    clocks.around(crop.Shrunk, "rgb", WINDOW)
    clocks.around(video, "read_thumbnail", CUTS)
    clocks.around(tracking_pass, "measure_change", CUTS)
    clocks.around(landmarker.Landmarker, "__init__", NEW, waits=True)
    clocks.around(landmarker.Landmarker, "close", NEW, waits=True)
    clocks.around(landmarker.Landmarker, "find", MODEL, waits=True)
    clocks.around(second_eye.SecondEye, "__init__", SECOND)
    clocks.around(second_eye.SecondEye, "find", SECOND)
    for name in ("torso_depths", "hip_edges"):
        clocks.around(torso_contour, name, OUTLINES)
    for owner, name in ((tracking_pass.Unmasking, "clear"), (tracking_pass.Unmasking, "learn"),
                        (tracking_pass.FrameTracker, "_find_carried")):  # fmt: skip
        clocks.around(owner, name, PLATE)
    clocks.around(tracking_pass, "guarded", AROUND)
    clocks.around(tracking_pass.Rows, "put", AROUND)
    clocks.around(formcheck.pipeline, "judge_set", ANALYSIS)
    clocks.around(formcheck.cli.analyze, "render_files_of_page", PAGE)
    clocks.around(set_files, "render_page_files", PAGE)
    clocks.around(formcheck.report, "render_files", PAGE)
    clocks.around(formcheck.report.folder, "write_folder", PAGE)


class Watch:
    """Reads now and then how long each thread of this process has run, s, by its name; those that have ended too."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._seen: dict[str, tuple[str, float]] = {}
        self.own_s = 0.0
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.wait(WATCH_EVERY_S):
            self._look()
            self.own_s = time.thread_time()

    def _look(self) -> None:
        for folder in Path("/proc/self/task").glob("*"):  # none where there is no /proc
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                self._seen[folder.name] = ((folder / "comm").read_text().strip(), int(fields[11]) + int(fields[12]))
            except OSError:
                continue

    def decoders_share(self) -> float:
        """End, and return the share of the libraries' threads that is the decoder's."""
        self._ended.set()
        self._thread.join()
        decoders = sum(ticks for name, ticks in self._seen.values() if name.startswith("av:"))
        models = sum(ticks for name, ticks in self._seen.values() if name.startswith("drishti"))
        return decoders / max(decoders + models, 1)


def share_out(clocks: Clocks, native_s: float, decoders_share: float) -> dict[str, float]:
    """Return processor time by stage, with that of the libraries' own threads where it belongs.

    What the model looked at in the second pass beyond the frames that were kept was warm-up.
    """
    cpu_s = dict(clocks.cpu_s)
    cpu_s[DECODING] += native_s * decoders_share
    waited_s = max(sum(clocks.waited_s.values()), 1e-9)
    for stage, wall_s in clocks.waited_s.items():
        cpu_s[stage] += native_s * (1 - decoders_share) * wall_s / waited_s
    looks, kept = max(clocks.calls["Landmarker.find"], 1), clocks.calls["Rows.put"]
    cpu_s[WARM_UP] = cpu_s[MODEL] * max(0, looks - kept) / looks
    cpu_s[MODEL] -= cpu_s[WARM_UP]
    return cpu_s


def main() -> None:
    """Run the command and print."""
    clocks, watch = Clocks(), Watch()
    put_clocks(clocks)
    clocks.cpu_s[IMPORTS] = time.thread_time()
    sys.argv[0] = "formcheck"
    with suppress(SystemExit), clocks.running(IMPORTS):
        formcheck_main()
    share = watch.decoders_share()
    whole_s = time.process_time() - watch.own_s
    stages_s = share_out(clocks, whole_s - sum(clocks.cpu_s.values()), share)
    told = {
        "stages_s": stages_s,
        "whole_s": whole_s,
        "wall_s": time.perf_counter() - STARTED_S,
        "frames": clocks.calls["Rows.put"],
        "landmarkers": clocks.calls["Landmarker.close"],
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
