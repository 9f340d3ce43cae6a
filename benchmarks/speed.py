"""How fast `formcheck analyze` is, against what decoder and models allow on this machine, and where its time goes.

    python -m benchmarks.speed [--rounds N] [--quick]

Prints three tables and writes .build/speed.json, from which `python docs/build_speed.py` writes the page about it.
Every figure is taken in a fresh process. The limit beside a figure is measured in the same round, from the same film,
on the same cores (see `speed_limit`); ratios are taken inside a round, and the middle round is reported: other work on
the machine then slows both. `--quick` takes one film of 20 and 60 seconds, once.
The clips are made from samples/rdl_four_reps.mp4: H.264, a keyframe every second, as phones film.
"""

import argparse
import datetime as dt
import json
import os
import platform
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.phone_clips import FULL_HD, HD, Size, make_clip
from benchmarks.speed_report import measure_report
from benchmarks.speed_stages import STAGES
from benchmarks.timing import ROOT, Bar, Cost, best_of, can_pin, run_formcheck, run_module, run_script

RESULTS = ROOT / ".build" / "speed.json"
MODEL = ROOT / "models" / "pose_landmarker_full.task"
SAMPLED_HZ = 30  # frames a second that are looked at, of every film here
MINUTE_S = 60
SHARES = {20: 0.8, MINUTE_S: 0.92}  # of the limit that is asked for, by the film's length in seconds
MOST_CPU = 1.1  # times what decoder and models take, a frame of a minute
MOST_SECOND = 1.35  # times what decoder and pose model take, with the second eye
PLAIN_FRAMES = 450  # of each plain loop: its rate does not change with the length
ULTRA_HD: Size = (3840, 2160)
FILMS: dict[str, tuple[Size, int]] = {
    "720p 30": (HD, 30),
    "1080p 30": (FULL_HD, 30),
    "1080p 60": (FULL_HD, 60),
    "4K 30": (ULTRA_HD, 30),
}
QUICK = "1080p 30"

PLAIN_LOOP = """
import sys, time, cv2, mediapipe as mp
from mediapipe.tasks.python import BaseOptions, vision
path, model, masks, limit = sys.argv[1], sys.argv[2], sys.argv[3] == "masks", int(sys.argv[4])
options = vision.PoseLandmarkerOptions(base_options=BaseOptions(model_asset_path=model),
    running_mode=vision.RunningMode.VIDEO, output_segmentation_masks=masks)
video = cv2.VideoCapture(path)
fps = video.get(cv2.CAP_PROP_FPS)
with vision.PoseLandmarker.create_from_options(options) as landmarker:
    started = time.perf_counter()
    for index in range(limit):
        ok, frame = video.read()
        if not ok:
            break
        image = mp.Image(image_format=mp.ImageFormat.SRGB, data=cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
        landmarker.detect_for_video(image, int(index * 1000 / fps))
    print((index + 1) / (time.perf_counter() - started))
"""


@dataclass(frozen=True)
class Row:
    """One film on so many cores: what decoder and models take, ms of processor time a sampled frame, and what the whole
    of `formcheck analyze` took, s.
    """

    film: str
    seconds: int
    cores: int
    decoding_ms: float
    model_ms: float
    second_ms: float
    wall_s: float
    cpu_s: float

    @property
    def frames(self) -> int:
        """How many frames were looked at."""
        return self.seconds * SAMPLED_HZ

    def limit_hz(self, *, second: bool) -> float:
        """Frames a second that decoder and pose model allow, and the second eye."""
        return 1000 * self.cores / (self.decoding_ms + self.model_ms + second * self.second_ms)

    def share(self, *, second: bool) -> float:
        """Return the whole against that limit."""
        return self.frames / self.wall_s / self.limit_hz(second=second)

    @property
    def cpu_ratio(self) -> float:
        """Processor time of the whole against that of decoder, pose model and second eye."""
        return self.cpu_s * self.limit_hz(second=True) / (self.frames * self.cores)


def analyze(clip: Path, folder: Path, cores: int | None = None) -> Cost:
    """Run the whole of `formcheck analyze`, decode to report, without the cache."""
    return run_formcheck("analyze", clip, "--lift", "rdl", "--no-cache", "--out", folder, cores=cores)


def race(name: str, clips: dict[int, Path], cores: int, folder: Path) -> list[Row]:
    """Measure one film's limit on so many cores, and the whole at each of its lengths right after."""
    pinned = cores if can_pin() else None
    limit = run_module("benchmarks.speed_limit", clips[min(clips)], cores=pinned)
    rows = []
    for seconds, clip in clips.items():
        cost = analyze(clip, folder, pinned)
        rows.append(Row(name, seconds, cores, **limit, wall_s=cost.wall_s, cpu_s=cost.cpu_s))
    return rows


def middle_of(rounds: Sequence[Row]) -> Row:
    """Return the round with the median share of the limit: what stands in one line was measured together."""
    return sorted(rounds, key=lambda row: row.share(second=True))[len(rounds) // 2]


def measure_films(folder: Path, names: Sequence[str], core_counts: Sequence[int], rounds: int) -> list[Row]:
    """Make the films and take all rounds of each."""
    found = []
    for name in names:
        size_px, fps = FILMS[name]
        clips = {seconds: folder / f"{name.replace(' ', '_')}_{seconds}.mp4" for seconds in SHARES}
        for seconds, clip in clips.items():
            make_clip(clip, "upload", fps, seconds, size_px)
        for cores in core_counts:
            taken = [race(name, clips, cores, folder) for _ in range(rounds)]
            found += [middle_of(each) for each in zip(*taken, strict=True)]
    return found


def measure_stages(clip: Path, folder: Path) -> dict[str, float]:
    """Return where the processor time of one film goes, ms a sampled frame by stage, and `whole`."""
    told = run_module("benchmarks.speed_stages", "analyze", clip, "--lift", "rdl", "--no-cache", "--out", folder)
    per_frame = 1000 / told["frames"]
    stages = {stage: per_frame * told["stages_s"][stage] for stage in STAGES}
    return {**stages, "whole": per_frame * told["whole_s"]}


def judge_rows(rows: Sequence[Row]) -> list[Bar]:
    """Return what is asked of the rows."""
    bars = []
    for row in rows:
        name = f"{row.film}, {row.seconds} s, {row.cores} cores"
        least = SHARES[row.seconds]
        for second, words in ((False, "decoder and pose model"), (True, "and the second eye")):
            share = row.share(second=second)
            bars.append(Bar(f"{name}: of what {words} allow", share, "x", f">= {least}", share >= least))
        if row.seconds == MINUTE_S:
            bars.append(Bar(f"{name}: processor time", row.cpu_ratio, "x", f"<= {MOST_CPU}", row.cpu_ratio <= MOST_CPU))
            alone_ms = row.decoding_ms + row.model_ms
            more = (alone_ms + row.second_ms) / alone_ms
            bars.append(Bar(f"{name}: with the second eye", more, "x", f"<= {MOST_SECOND}", more <= MOST_SECOND))
    return bars


def measure_plain(clip: Path, folder: Path, rounds: int) -> list[Bar]:
    """Take turns between the plain loops that anyone would write first and formcheck, frames of video a second."""
    rates: dict[str, list[float]] = {"whole": [], "masks": [], "none": []}
    for _ in range(rounds):
        for word in ("masks", "none"):
            rates[word] += run_script(PLAIN_LOOP, clip, MODEL, word, PLAIN_FRAMES)
        rates["whole"].append(MINUTE_S * SAMPLED_HZ / analyze(clip, folder).wall_s)
    bars = []
    for word, name in (("masks", "with masks"), ("none", "without masks")):
        ratio = statistics.median(whole / loop for whole, loop in zip(rates["whole"], rates[word], strict=True))
        bars.append(Bar(f"plain loop {name}", statistics.median(rates[word]), "frames/s", "", None))
        bars.append(Bar(f"formcheck against the plain loop {name}", ratio, "x", "", None))
    return bars


def measure_others(folder: Path, rounds: int) -> list[Bar]:
    """Take what is not about how long a film takes: plain loops, memory, the page, starting."""
    minute = folder / "minute.mp4"
    make_clip(minute, "upload", 30, MINUTE_S)
    make_clip(folder / "ten.mp4", "upload", 30, 10 * MINUTE_S)
    short_mb = analyze(minute, folder).peak_mb
    grown_mb = analyze(folder / "ten.mp4", folder).peak_mb - short_mb
    return [
        *measure_plain(minute, folder, rounds),
        Bar("peak memory of a one-minute clip", short_mb, "MB", "", None),
        Bar("what a ten-minute clip adds", grown_mb, "MB", "<= 50", grown_mb <= 50),
        *measure_report(folder, minute, MINUTE_S),
        *measure_start(folder),
    ]


def measure_start(folder: Path) -> list[Bar]:
    """Take what it costs to start, and to analyse a set whose landmarks are known."""
    sample = ROOT / "samples" / "rdl_four_reps.mp4"
    run_formcheck("analyze", sample, "--out", folder)
    again_s = best_of(3, lambda: run_formcheck("analyze", sample, "--out", folder).wall_s)
    helped_s = best_of(5, lambda: run_formcheck("--help").wall_s)
    check = "import sys, formcheck; print(sum(m in sys.modules for m in ('mediapipe', 'cv2')))"
    heavy = run_script(check)[0]
    return [
        Bar("a set from the cache, with its page", again_s, "s", "< 2", again_s < 2),
        Bar("formcheck --help", helped_s, "s", "< 0.3", helped_s < 0.3),
        Bar("heavy modules that `import formcheck` loads", heavy, "", "0", heavy == 0),
    ]


def print_rows(rows: Sequence[Row]) -> None:
    """Print how fast each film went, the limits beside it."""
    print(f"\n{'':24} {'decode':>7} {'model':>7} {'2nd eye':>7}   {'frames/s':>8} {'limit':>7} {'and 2nd':>7}   CPU")
    for row in rows:
        name = f"{row.film:9} {row.seconds:3} s  {row.cores} cores"
        limits = " ".join(f"{row.limit_hz(second=second):7.1f}" for second in (False, True))
        costs = f"{row.decoding_ms:7.2f} {row.model_ms:7.2f} {row.second_ms:7.2f}"
        print(f"{name:24} {costs}   {row.frames / row.wall_s:8.1f} {limits}   {row.cpu_ratio:.2f}x")
        print(
            f"{'':24} {row.share(second=False):.2f} of what decoder and model allow, "
            f"{row.share(second=True):.2f} with the second eye"
        )


def print_stages(stages: dict[str, float]) -> None:
    """Print where the processor time goes."""
    print("\nms of processor time a frame, 1080p 30, a minute")
    for name, each_ms in stages.items():
        print(f"  {name:34} {each_ms:7.2f}  {100 * each_ms / stages['whole']:5.1f} %")


def print_bars(bars: Sequence[Bar]) -> None:
    """Print what is asked and whether it is met."""
    print()
    for bar in bars:
        verdict = "" if bar.met is None else "met" if bar.met else "MISSED"
        print(f"{bar.name:64} {bar.value:8.2f} {bar.unit:9} {bar.asked:8} {verdict}")


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="turns that each contender takes (3)")
    parser.add_argument("--quick", action="store_true", help="one film, once, and no more")
    options = parser.parse_args()
    names, rounds = ([QUICK], 1) if options.quick else (list(FILMS), options.rounds)
    cores = os.cpu_count() or 1
    counts = sorted({1, min(2, cores)} if can_pin() and not options.quick else {min(2, cores)})
    machine = {
        "processor": platform.processor() or platform.machine(),
        "cores": cores,
        "day": dt.date.today().isoformat(),
        "load": os.getloadavg()[0],
        "rounds": rounds,
    }
    print(f"{machine['processor']}, {cores} cores, {machine['load']:.1f} programs running before")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = measure_films(folder, names, counts, rounds)
        print_rows(rows)
        stages = measure_stages(folder / f"{QUICK.replace(' ', '_')}_{MINUTE_S}.mp4", folder)
        print_stages(stages)
        bars = judge_rows(rows) + (measure_start(folder) if options.quick else measure_others(folder, rounds))
    print_bars(bars)
    RESULTS.parent.mkdir(exist_ok=True)
    told = {"machine": machine, "rows": [asdict(row) for row in rows], "stages": stages}
    RESULTS.write_text(json.dumps({**told, "bars": [vars(bar) for bar in bars]}, indent=1))


if __name__ == "__main__":
    main()
