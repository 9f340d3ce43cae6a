"""How fast `formcheck analyze` is, against the plain loop that anyone would write first, on this machine.

    python -m benchmarks.speed [--rounds N] [--quick]

Prints a table and writes .build/speed.json. Every number is taken in a fresh process; ratios are taken inside one
round, in which the contenders take turns, and their median is reported: other work on the machine then slows both.
The clips are made from samples/rdl_four_reps.mp4: 1080p, H.264, a keyframe every second, as phones film.
"""

import argparse
import json
import os
import platform
import statistics
import tempfile
from pathlib import Path

from benchmarks.phone_clips import BITS_PER_FRAME, make_clip
from benchmarks.speed_report import measure_report
from benchmarks.timing import ROOT, Bar, best_of, run_formcheck, run_script

RESULTS = ROOT / ".build" / "speed.json"
MODEL = ROOT / "models" / "pose_landmarker_full.task"
MINUTE_S = 60
PLAIN_FRAMES = 450  # of each plain loop: its rate does not change with the length

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

CEILING = """
import sys, threading, time
from pathlib import Path
from formcheck import acquire, manners, pose, scout, video
info = video.probe(Path(sys.argv[1]))
plan = scout.scout(info, (0.0, 10.0), 30.0, "auto", 2)
shrinker = video.Shrinker(info)
started = time.process_time()
pictures = [
    shrinker.shrink(frame, plan.window(frame.time_s)).rgb() for frame in video.read_frames(info, 30.0, 0.0, 10.0)
]
decoding_s = (time.process_time() - started) / len(pictures)
cores = acquire.count_cores()
with manners.quiet():
    landmarkers = [pose.Landmarker(sys.argv[2], video=True, masks=True) for _ in range(cores)]
def run(landmarker):
    for picture in pictures:
        landmarker.find(picture)
threads = [threading.Thread(target=run, args=(each,)) for each in landmarkers]
started = time.perf_counter()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
inference = cores * len(pictures) / (time.perf_counter() - started)
for each in landmarkers:
    each.close()
per_sample = max(1.0, info.fps / 30.0)
print(inference, per_sample / (decoding_s / cores + 1 / inference))
"""


def analyze(clip: Path, folder: Path) -> tuple[float, float]:
    """Run the whole of `formcheck analyze`, decode to report, without the cache."""
    return run_formcheck("analyze", clip, "--lift", "rdl", "--no-cache", "--out", folder)


def race(clip: Path, name: str, fps: int, folder: Path, rounds: int) -> list[Bar]:
    """Take turns between the plain loops and formcheck, all in frames of video per second."""
    rates: dict[str, list[float]] = {"whole": [], "inference": [], "limit": [], "with masks": [], "without masks": []}
    for _ in range(rounds):
        inference, limit = run_script(CEILING, clip, MODEL)
        rates["inference"].append(inference * max(1, fps // 30))
        rates["limit"].append(limit)
        for masks in ("with masks", "without masks"):
            word = "masks" if masks == "with masks" else "none"
            rates[masks] += run_script(PLAIN_LOOP, clip, MODEL, word, PLAIN_FRAMES)
        rates["whole"].append(MINUTE_S * fps / analyze(clip, folder)[0])
    middle = {key: statistics.median(each) for key, each in rates.items()}
    bars = [
        Bar(f"{name}: formcheck analyze", middle["whole"], "frames/s", "", None),
        Bar(f"{name}: inference alone, all cores", middle["inference"], "frames/s", "", None),
        Bar(f"{name}: decoding and inference alone", middle["limit"], "frames/s", "", None),
        Bar(f"{name}: share of that limit", middle["whole"] / middle["limit"], "", "", None),
    ]
    asked = {30: {"with masks": 2.2, "without masks": 1.5}, 60: {"with masks": 4.2, "without masks": 2.9}}[fps]
    for masks, least in asked.items():
        ratio = statistics.median(whole / loop for whole, loop in zip(rates["whole"], rates[masks], strict=True))
        bars.append(Bar(f"{name}: plain loop {masks}", middle[masks], "frames/s", "", None))
        bars.append(Bar(f"{name}: against it", ratio, "x", f">= {least}", ratio >= least))
    return bars


def measure_all(folder: Path, rounds: int, *, quick: bool) -> list[Bar]:
    """Make the clips and take every measurement."""
    bars: list[Bar] = []
    clips = {(kind, fps): folder / f"{kind}_{fps}.mp4" for kind in BITS_PER_FRAME for fps in (30, 60)}
    for (kind, fps), clip in clips.items():
        make_clip(clip, kind, fps, MINUTE_S)
        megabits = clip.stat().st_size * 8 / MINUTE_S / 1e6
        bars += race(clip, f"1080p {fps} fps, {megabits:.0f} Mbit/s", fps, folder, rounds)
    first = clips["phone", 30]
    if not quick:
        make_clip(folder / "ten.mp4", "phone", 30, 10 * MINUTE_S)
        short = analyze(first, folder)[1]
        grown = analyze(folder / "ten.mp4", folder)[1] - short
        bars.append(Bar("peak memory of a one-minute clip", short, "MB", "", None))
        bars.append(Bar("what a ten-minute clip adds", grown, "MB", "<= 50", grown <= 50))
    bars += measure_report(folder, first, MINUTE_S)
    helped = best_of(5, lambda: run_formcheck("--help")[0])
    bars.append(Bar("formcheck --help", helped, "s", "< 0.3", helped < 0.3))
    check = "import sys, formcheck; print(sum(m in sys.modules for m in ('mediapipe', 'cv2')))"
    heavy = run_script(check)[0]
    bars.append(Bar("heavy modules that `import formcheck` loads", heavy, "", "0", heavy == 0))
    return bars


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="turns that each contender takes (3)")
    parser.add_argument("--quick", action="store_true", help="leave out the ten-minute clip")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bars = measure_all(Path(folder), options.rounds, quick=options.quick)
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores")
    for bar in bars:
        verdict = "" if bar.met is None else "met" if bar.met else "MISSED"
        print(f"{bar.name:54} {bar.value:8.2f} {bar.unit:9} {bar.asked:8} {verdict}")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps([vars(bar) for bar in bars], indent=1))


if __name__ == "__main__":
    main()
