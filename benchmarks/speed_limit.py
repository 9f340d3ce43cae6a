"""What decoder and models allow of a film, and nothing else: `python -m benchmarks.speed_limit FILM`.

Prints JSON: milliseconds of processor time a sampled frame of decoding, of the pose model with its masks, and of the
second eye. The models look at the pictures that the second pass would give them, on every core at once, as they do
there: what cores cost one another (caches, memory) is in the figures.
"""

import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from formcheck import video
from formcheck.data import RGB, FloatArray
from formcheck.pose import landmarker, model_files
from formcheck.pose.detection_pass import scout
from formcheck.pose.estimation import SECOND_MODEL, count_cores
from formcheck.pose.mediapipe_guard import one_thread_each, private, quiet
from formcheck.pose.second_eye import open_eye
from formcheck.settings import DEFAULT_RATE_HZ

LOOKED_AT_S = 6.0  # of the film: the rate does not change with the length, and the pictures wait in memory
WARM_UP = 5  # pictures before the clock starts


@dataclass(frozen=True)
class Shown:
    """What the models are shown: the pictures of the second pass, where the lifter is in each, and how often the second
    eye looks.
    """

    pictures: Sequence[RGB]
    about_px: Sequence[FloatArray]
    second_every: int


def take_pictures(film: Path, workers: int) -> tuple[float, Shown]:
    """Return the milliseconds of processor time that decoding takes a sampled frame, and what the models are shown."""
    info = video.probe(film)
    plan = scout(info, (0.0, info.duration_s), DEFAULT_RATE_HZ, "auto", workers)
    started, count = time.process_time(), 0
    for _ in video.read_frames(info, DEFAULT_RATE_HZ, 0.0, LOOKED_AT_S):
        count += 1
    decoding_ms = 1000 * (time.process_time() - started) / count
    shrinker = video.Shrinker(info)
    pictures, about_px = list[RGB](), list[FloatArray]()
    for frame in video.read_frames(info, DEFAULT_RATE_HZ, 0.0, LOOKED_AT_S):
        window = plan.window(frame.time_s)
        pictures.append(shrinker.shrink(frame, window).rgb())
        corner_px = np.array([window.left_px, window.top_px], float)
        about_px.append((plan.cast.lifter.at(frame.time_s) - corner_px) / window.scale)
    return decoding_ms, Shown(pictures, about_px, plan.second_every)


def time_on_all_cores(job: Callable[[threading.Barrier], None], cores: int) -> float:
    """Run a job on every core, all from the moment at which each has passed its barrier; return processor time, s."""
    moments = list[float]()
    barrier = threading.Barrier(cores, action=lambda: moments.append(time.process_time()))
    threads = [threading.Thread(target=job, args=(barrier,)) for _ in range(cores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.process_time() - moments[0]


def time_pose_model(shown: Shown, cores: int) -> float:
    """Return the milliseconds that the pose model takes a picture."""
    path = str(model_files.load_model("full").path)

    def look(barrier: threading.Barrier) -> None:
        with landmarker.Landmarker(path, video=True, masks=True) as model:
            for picture in shown.pictures[:WARM_UP]:
                model.find(picture)
            barrier.wait()
            for picture in shown.pictures:
                model.find(picture)

    return 1000 * time_on_all_cores(look, cores) / (cores * len(shown.pictures))


def time_second_eye(shown: Shown, cores: int) -> float:
    """Return the milliseconds that the second eye takes a sampled frame, of which it sees every third or so."""
    if not shown.second_every:
        return 0.0
    eye = open_eye(str(model_files.load_model(SECOND_MODEL).path))
    seen = list(zip(shown.pictures, shown.about_px, strict=True))[:: shown.second_every]

    def look(barrier: threading.Barrier) -> None:
        for picture, about_px in seen[:WARM_UP]:
            eye.find(picture, about_px)
        barrier.wait()
        for picture, about_px in seen:
            eye.find(picture, about_px)

    return 1000 * time_on_all_cores(look, cores) / (cores * len(shown.pictures))


def main() -> None:
    """Measure and print."""
    cores = count_cores()
    with private(), quiet(), one_thread_each():
        decoding_ms, shown = take_pictures(Path(sys.argv[1]), cores)
        model_ms, second_ms = time_pose_model(shown, cores), time_second_eye(shown, cores)
    print(json.dumps({"decoding_ms": decoding_ms, "model_ms": model_ms, "second_ms": second_ms}))


if __name__ == "__main__":
    main()
