"""Video -> PoseSequence: scout who is there, choose the lifter, then follow them on all cores.

The second pass is cut into chunks of sampled frames that are fixed before any worker starts. Each chunk has a
landmarker of its own and begins with a few frames of warm-up whose landmarks are thrown away, so that the result is the
same to the last bit for any number of workers.
"""

import json
import logging
import math
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from formcheck import cache, models, silhouette, subject
from formcheck.data import BackContour, FloatArray, PoseProvenance, PoseSequence, Source
from formcheck.errors import InputError, SubjectError
from formcheck.skeleton import N_LANDMARKS, Landmark

if TYPE_CHECKING:  # at run time they are imported where they are used: a cached result needs neither cv2 nor mediapipe
    from formcheck import pose, video

log = logging.getLogger(__name__)

CODE_VERSION = 1  # raise it when the same video and settings shall give other numbers than before

MIN_FRAMES = 24  # a second at the least usable rate; fewer sampled frames hold no repetition
MIN_BODY_PX = 80.0  # a smaller lifter is less than a third of the model's own 256 px picture
SCOUT_FRAMES = 20  # at least; a long video gets one every four seconds
SCOUT_EVERY_S = 4.0
SCOUT_PX = 640  # side of the scouts' pictures: the detector looks at 224 px of them, or of a zoomed part
SCOUT_MODEL = "lite"
MOST_PEOPLE = 4
ZOOM_BELOW = 0.75  # of the picture's side: a group that fills less is looked at again from nearer ...
ZOOM_MARGIN = 0.15  # ... with this much of the group's size round it
CROWDED = 0.2  # share of the scouted frames with two bodies or more, from which a nearer look is taken
FEW = 0.9  # share of the scouted frames with somebody in them, below which a nearer look is taken
TURN_BELOW = 0.6  # the same, below which the other three turns of the picture are tried
BODY_OUT_PX = 240.0  # the lifter's length in the pictures that are fed: the model samples 256 px over 1.25 x a body
OUT_RANGE_PX = (256, 640)
WINDOW_STEP_PX = 8  # a following window moves in steps, for each new place costs a filter graph

GREY = 128
FILM_AGAIN = "Film from the side, the whole body in the picture."

NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody listens there
redirecting = threading.Lock()

CHUNK_RANGE = (60, 150)  # sampled frames of one chunk
CHUNKS_WANTED = 8  # in a short video: enough that no worker waits for another's last chunk for long
HIPS = [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]
SHOULDERS = [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]
WARM_UP = 5  # frames after which a landmarker started anew agrees with one that has long been running


@dataclass(frozen=True, eq=False)
class Plan:
    """All that the second pass needs to know; a function of the video and the settings alone."""

    framing: subject.Framing
    cast: subject.Cast
    turns: int
    out_px: int
    starts_s: tuple[float, ...]
    room: int

    def window(self, time_s: float) -> "video.Window":
        """Return the window of a moment; even numbers, moving in steps of 8 px."""
        from formcheck.video import Window

        side = round(self.framing.side_px / 2) * 2
        left, top = (
            round((centre - side / 2) / WINDOW_STEP_PX) * WINDOW_STEP_PX for centre in self.framing.centre_at(time_s)
        )
        return Window(left, top, side, self.out_px)


@dataclass(frozen=True, eq=False)
class Row:
    """What is kept of one sampled frame; everything in upright picture pixels."""

    xy_px: FloatArray
    world_m: FloatArray
    visibility: FloatArray
    chord_px: FloatArray
    depth_px: FloatArray


class Rows:
    """The arrays of the whole sequence, filled frame by frame in any order; they grow by halves."""

    def __init__(self, expected: int) -> None:
        stations = len(silhouette.STATIONS)
        shapes = {
            "xy_px": (N_LANDMARKS, 2),
            "world_m": (N_LANDMARKS, 3),
            "visibility": (N_LANDMARKS,),
            "chord_px": (2, 2),
            "depth_px": (2, stations),
        }
        self.arrays = {name: np.full((expected, *shape), np.nan) for name, shape in shapes.items()}
        self.time_s = np.full(expected, np.nan)
        self.count = 0

    def put(self, index: int, time_s: float, row: Row | None) -> None:
        """Keep a frame; None leaves its row NaN."""
        if index >= len(self.time_s):
            more = len(self.time_s) // 2 + index + 1 - len(self.time_s)
            self.time_s = np.concatenate([self.time_s, np.full(more, np.nan)])
            for name, array in self.arrays.items():
                self.arrays[name] = np.concatenate([array, np.full((more, *array.shape[1:]), np.nan)])
        self.time_s[index] = time_s
        self.count = max(self.count, index + 1)
        if row is not None:
            for name, array in self.arrays.items():
                array[index] = getattr(row, name)

    def finished(self) -> dict[str, NDArray[np.float64]]:
        """All arrays, cut to the frames that came."""
        arrays = {"time_s": self.time_s, **self.arrays}
        return {name: array[: self.count] for name, array in arrays.items()}


def acquire_poses(
    path: Path,
    *,
    model: str = "full",
    rate_hz: float = 30.0,
    start_s: float | None = None,
    end_s: float | None = None,
    subject: str = "auto",
    workers: int | None = None,
    use_cache: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Source, PoseSequence]:
    """Return the lifter's raw landmarks and back outline, from the cache if this video was seen with these settings.

    `start_s` and `end_s` are seconds since the first frame; `workers` (default: the cores this process may use) changes
    the time taken and nothing else. `progress(done, expected)` is called from this thread, in sampled frames. A frame
    in which the lifter was not found, or in which the model followed somebody else, is NaN throughout.

    Raises
    ------
    InputError
        When the path is no video, cannot be decoded, or holds fewer than 24 sampled frames between start and end.
    SubjectError
        When nobody is found, or the lifter is smaller than 80 px.
    ModelError
        When the model's file is missing or was changed.
    """
    bundle = models.load_model(model)
    check_stretch(start_s, end_s)
    settings: dict[str, object] = {
        "code": CODE_VERSION,
        "model_sha256": bundle.sha256,
        "scout_sha256": models.load_model(SCOUT_MODEL).sha256,
        "mediapipe": version("mediapipe"),
        "rate_hz": rate_hz,
        "start_s": start_s,
        "end_s": end_s,
        "subject": subject,
    }
    sha256 = hash_video(path)
    key = cache.cache_key({"video_sha256": sha256, **settings})
    kept = cache.load(key) if use_cache else None
    result = unpack(kept, path) if kept is not None else None
    if result is None:
        provenance = PoseProvenance(
            model=bundle.name,
            model_sha256=bundle.sha256,
            mode="video",
            smoothing="none (timestamps x 10^8)",
            rate_hz=rate_hz,
            subject=subject,
            mediapipe_version=version("mediapipe"),
        )
        result = run(path, sha256, provenance, str(bundle.path), start_s, end_s, workers or count_cores(), progress)
        if use_cache:
            cache.store(key, pack(*result))
    warn_if_cut_off(*result, end_s)
    return result


def check_stretch(start_s: float | None, end_s: float | None) -> None:
    """Raise InputError when the stretch to be analysed is empty whatever the video."""
    if end_s is not None and end_s <= (start_s or 0.0):
        raise InputError(
            f"The stretch from {start_s or 0.0:g} s to {end_s:g} s is empty.", "Let --end come after --start."
        )


def hash_video(path: Path) -> str:
    """sha256 of the video; "" for a path that cannot be hashed, which opening it will then explain."""
    try:
        return cache.hash_file(path)
    except OSError:
        return ""


def count_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def warn_if_cut_off(source: Source, poses: PoseSequence, end_s: float | None) -> None:
    """Log a warning when the pictures stop more than a second before the time that the container promises."""
    promised_s = source.duration_s if end_s is None else min(end_s, source.duration_s)
    missing_s = promised_s - float(poses.time_s[-1])
    if missing_s > 1.0:
        log.warning(
            "%s breaks off %.1f s before its end: only the first %.1f s were analysed.",
            source.path,
            missing_s,
            poses.time_s[-1],
        )


def pack(source: Source, poses: PoseSequence) -> dict[str, NDArray[np.generic]]:
    """PoseSequence -> arrays for the cache; float32 holds every value exactly, times excepted."""
    assert poses.back is not None
    texts = {"source": asdict(source), "provenance": asdict(poses.provenance), "size_px": poses.size_px}
    return {
        "time_s": poses.time_s,
        "xy_px": poses.xy_px.astype(np.float32),
        "world_m": poses.world_m.astype(np.float32),
        "visibility": poses.visibility.astype(np.float32),
        "chord_px": poses.back.chord_px.astype(np.float32),
        "depth_px": poses.back.depth_px.astype(np.float32),
        "texts": np.array(json.dumps(texts)),
    }


def unpack(arrays: dict[str, NDArray[np.generic]], path: Path) -> tuple[Source, PoseSequence] | None:
    """Arrays of the cache -> PoseSequence, under the video's present name; None when something is missing."""
    try:
        texts = json.loads(str(arrays["texts"]))
        numbers = {name: each.astype(np.float64) for name, each in arrays.items() if name != "texts"}
        source = Source(**{**texts["source"], "path": str(path), "size_px": tuple(texts["source"]["size_px"])})
        return source, as_sequence(numbers, source.size_px, PoseProvenance(**texts["provenance"]))
    except (KeyError, TypeError, ValueError):
        return None


def as_sequence(
    arrays: dict[str, NDArray[np.float64]], size_px: tuple[int, int], provenance: PoseProvenance
) -> PoseSequence:
    """Put the arrays of a finished pass together."""
    return PoseSequence(
        time_s=arrays["time_s"],
        xy_px=arrays["xy_px"],
        world_m=arrays["world_m"],
        visibility=arrays["visibility"],
        size_px=size_px,
        back=BackContour(arrays["chord_px"], silhouette.STATIONS, arrays["depth_px"]),
        provenance=provenance,
    )


def run(
    path: Path,
    sha256: str,
    provenance: PoseProvenance,
    model_path: str,
    start_s: float | None,
    end_s: float | None,
    workers: int,
    progress: Callable[[int, int], None] | None,
) -> tuple[Source, PoseSequence]:
    """Both passes over a video that is not in the cache."""
    from formcheck import video

    info = video.probe(path)
    stretch_s = stretch_of(info, start_s, end_s)
    rate_hz = effective_rate_hz(info, provenance.rate_hz)
    expected = max(1, math.ceil((stretch_s[1] - stretch_s[0]) * rate_hz))
    with private():
        plan = scout(info, stretch_s, rate_hz, provenance.subject, workers)
        frames = video.read_frames(info, provenance.rate_hz, start_s, end_s)
        rows = follow(info, frames, plan, model_path, expected, workers, progress)
    arrays = rows.finished()
    check_enough(rows.count, arrays["xy_px"])
    source = Source(
        path=str(path),
        sha256=sha256,
        fps=info.fps,
        n_frames=rows.count,
        duration_s=info.duration_s,
        size_px=info.size_px,
        rotation_deg=info.rotation_deg,
    )
    return source, as_sequence(arrays, info.size_px, provenance)


def stretch_of(info: "video.VideoInfo", start_s: float | None, end_s: float | None) -> tuple[float, float]:
    """First and last second to look at. Raises InputError when the video ends before `start_s`."""
    first_s = max(start_s or 0.0, 0.0)
    if first_s >= info.duration_s:
        raise InputError(f"The video ends at {info.duration_s:.1f} s.", f"Give a --start before that, not {first_s:g}.")
    last_s = info.duration_s if end_s is None else min(end_s, info.duration_s)
    return first_s, last_s


def effective_rate_hz(info: "video.VideoInfo", rate_hz: float) -> float:
    """Mean rate of the sampled frames."""
    return rate_hz if math.isnan(info.fps) else min(info.fps, rate_hz * 1.1)


def check_enough(count: int, xy_px: FloatArray) -> None:
    """Raise when there is too little to analyse."""
    if count < MIN_FRAMES:
        raise InputError(
            f"Only {count} frames can be analysed.",
            "A repetition needs a second or more: check --start, --end, --rate.",
        )
    if not np.isfinite(xy_px[:, 0, 0]).any():
        raise SubjectError("The lifter was lost in every frame.", FILM_AGAIN)


# --- manners of MediaPipe -------------------------------------------------------------------------------------------


@contextmanager
def quiet() -> Iterator[None]:
    """Swallow what MediaPipe's C++ writes to stderr; it offers no switch for that (see also `private`)."""
    with redirecting:
        kept, sink = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(sink)


@contextmanager
def private() -> Iterator[None]:
    """Keep MediaPipe's usage reports (to play.googleapis.com, since 1.2) at home while the block runs.

    Its HTTP client honours `https_proxy`; there is no other switch. The variable is put back afterwards.
    """
    before = os.environ.get("https_proxy")
    os.environ["https_proxy"] = NOWHERE
    try:
        yield
    finally:
        if before is None:
            del os.environ["https_proxy"]
        else:
            os.environ["https_proxy"] = before


# --- first pass: who is there --------------------------------------------------------------------------------------


def scout(info: "video.VideoInfo", stretch_s: tuple[float, float], rate_hz: float, who: str, workers: int) -> Plan:
    """Look at some frames spread over the stretch and settle whom to follow, and through which window.

    Raises SubjectError when nobody is there, or the one who is chosen is too small.
    """
    turns, time_s, people = look_around(info, stretch_s, workers)
    cast = subject.cast_people(time_s, people, who)
    if cast is None:
        raise SubjectError("No person was found in the video.", FILM_AGAIN)
    framing = subject.plan_framing(cast.lifter, info.size_px)
    if framing.body_px < MIN_BODY_PX:
        raise SubjectError(
            f"The lifter is only {framing.body_px:.0f} px tall.", "Film from nearer, or crop the video to the lifter."
        )
    first_s, end_s = stretch_s
    chunk = float(np.clip((end_s - first_s) * rate_hz / CHUNKS_WANTED, *CHUNK_RANGE))
    return Plan(
        framing=framing,
        cast=cast,
        turns=turns,
        out_px=out_side_px(framing),
        starts_s=tuple(subject.choose_starts(cast, chunk / rate_hz, end_s)),
        room=math.ceil(chunk * subject.LONGEST) + WARM_UP,
    )


def out_side_px(framing: subject.Framing) -> int:
    """Side of the pictures that are fed: the lifter at 240 px, never larger than in the video."""
    wanted = np.clip(BODY_OUT_PX * framing.side_px / framing.body_px, *OUT_RANGE_PX)
    return int(min(wanted, framing.side_px)) // 2 * 2


def look_around(
    info: "video.VideoInfo", stretch_s: tuple[float, float], workers: int
) -> tuple[int, FloatArray, list[list[FloatArray]]]:
    """Find everybody in frames spread over the stretch.

    Returns
    -------
    The quarter turns after which the model sees most of them, the frames' times (N,), and for each frame the landmarks
    of everybody in it, in upright picture pixels.
    """
    from formcheck import video

    count = max(SCOUT_FRAMES, math.ceil((stretch_s[1] - stretch_s[0]) / SCOUT_EVERY_S))
    with quiet(), Scouts(workers) as scouts:

        def look(window: video.Window, turns: int) -> tuple[FloatArray, list[list[FloatArray]]]:
            shrinker = video.Shrinker(info)
            frames = video.spread_frames(info, count, *stretch_s)
            asked = [scouts.ask(shrinker.shrink(frame, window), turns) for frame in frames]
            return np.array([time_s for time_s, _ in asked]), [answer.result() for _, answer in asked]

        whole = video.whole_window(info, SCOUT_PX)
        turns = 0
        time_s, people = look(whole, turns)
        if share_seen(people) < TURN_BELOW:
            for other in (1, 3, 2):
                turned = look(whole, other)[1]
                if share_seen(turned) > share_seen(people):
                    turns, people = other, turned
        near = zoom_on(people, whole)
        if near is not None:
            time_s, people = look(near, turns)
        return turns, time_s, people


class Scouts:
    """Threads that look for people in single pictures, each with a landmarker of its own.

    The landmarkers are made, and mediapipe is imported, in the threads: the first pictures are decoded meanwhile.
    """

    def __init__(self, workers: int) -> None:
        self._pool = ThreadPoolExecutor(workers)
        self._room = threading.Semaphore(SCOUT_FRAMES + workers)
        self._own = threading.local()
        self._landmarkers: list[pose.Landmarker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        for each in self._landmarkers:
            each.close()

    def ask(self, shrunk: "video.Shrunk", turns: int) -> "tuple[float, Future[list[FloatArray]]]":
        """Return the picture's time, and the landmarks of everybody in it as soon as there are any."""
        self._room.acquire()
        return shrunk.time_s, self._pool.submit(self._everybody, shrunk, turns)

    def _everybody(self, shrunk: "video.Shrunk", turns: int) -> list[FloatArray]:
        """Find one body after the other: each that is found is painted grey, so that the next one comes forward.

        Asked for several bodies at once, the model gives the same one twice and misses one that stands close to
        another.
        """
        try:
            picture, window = turn_picture(shrunk.rgb(), turns), shrunk.window
            landmarker = self._landmarker()
            found: list[FloatArray] = []
            for _ in range(MOST_PEOPLE):
                body = landmarker.find(picture)
                if body is None or subject.is_leftover(body.xy_px, found):
                    break
                found.append(body.xy_px)
                picture[subject.cover_body(picture.shape[0], body.xy_px)] = GREY
        finally:
            self._room.release()
        corner = np.array([window.left_px, window.top_px], dtype=float)
        return [turn_points_back(each, turns, window.out_px) * window.scale + corner for each in found]

    def _landmarker(self) -> "pose.Landmarker":
        from formcheck import pose

        if not hasattr(self._own, "landmarker"):
            path = str(models.load_model(SCOUT_MODEL).path)
            self._own.landmarker = pose.Landmarker(path, video=False, masks=False)
            self._landmarkers.append(self._own.landmarker)
        landmarker: pose.Landmarker = self._own.landmarker
        return landmarker


def share_seen(people: Sequence[Sequence[FloatArray]]) -> float:
    """Share of the pictures in which there is somebody; 0 without pictures."""
    return sum(1 for some in people if some) / max(len(people), 1)


def zoom_on(people: Sequence[Sequence[FloatArray]], whole: "video.Window") -> "video.Window | None":
    """Return the square that holds everybody, if a look from nearer promises more."""
    from formcheck.video import Window

    everyone = [each for some in people for each in some]
    crowded = sum(1 for some in people if len(some) > 1) / max(len(people), 1)
    if not everyone or (crowded < CROWDED and share_seen(people) >= FEW):
        return None
    points = np.concatenate(everyone)
    low, high = points.min(axis=0), points.max(axis=0)
    side = float((high - low).max()) * (1 + 2 * ZOOM_MARGIN)
    if side >= ZOOM_BELOW * whole.side_px:
        return None
    left, top = (round(each / 2) * 2 for each in (low + high) / 2 - side / 2)
    even = round(side / 2) * 2
    return Window(left, top, even, min(SCOUT_PX, even))


def turn_picture(picture: NDArray[np.uint8], turns: int) -> NDArray[np.uint8]:
    """Turn a square picture by quarter turns anticlockwise."""
    return np.ascontiguousarray(np.rot90(picture, turns)) if turns else picture


def turn_points_back(points: FloatArray, turns: int, size: float) -> FloatArray:
    """Points (..., 2 or 3) found in a picture turned by `turn_picture` -> where they are in the picture as it was.

    size : side of the square, 0 for vectors whose origin turns with them (world landmarks).
    """
    turned = points.copy()
    for _ in range(turns):
        x, y = turned[..., 0].copy(), turned[..., 1].copy()
        turned[..., 0], turned[..., 1] = size - y, x
    return turned


# --- second pass: follow the lifter --------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Chunk:
    """A run of sampled frames for one worker: `first` is the index of the first that counts, after `warm_up` others."""

    first: int
    warm_up: int
    frames: "queue.SimpleQueue[video.Shrunk | None]"


@dataclass(frozen=True, eq=False)
class Result:
    """One frame's result on its way to the calling thread."""

    index: int
    time_s: float
    row: Row | None


class Belt:
    """What the decoding thread and the workers share: chunks in order, results in any, and a brake.

    `room` bounds the frames that wait. The oldest unfinished chunk always has a worker, so that the brake never holds
    for good; `broken` releases everybody when one thread fails.
    """

    def __init__(self, room: int) -> None:
        self.chunks: queue.SimpleQueue[Chunk | None] = queue.SimpleQueue()
        self.results: queue.SimpleQueue[Result | BaseException | None] = queue.SimpleQueue()
        self.room = threading.Semaphore(room)
        self.broken = threading.Event()

    def wait_for_room(self) -> bool:
        """Take a place for one frame; False when the work has broken off."""
        while not self.room.acquire(timeout=0.1):
            if self.broken.is_set():
                return False
        return not self.broken.is_set()


def follow(
    info: "video.VideoInfo",
    frames: "Iterator[video.Frame]",
    plan: Plan,
    model_path: str,
    expected: int,
    workers: int,
    progress: Callable[[int, int], None] | None,
) -> Rows:
    """Run the model over all sampled frames, `workers` chunks at a time."""
    belt = Belt((workers - 1) * plan.room + 2 * WARM_UP)
    rows = Rows(expected + WARM_UP)
    jobs: list[Callable[[], None]] = [lambda: feed(info, frames, plan, belt)]
    jobs += [lambda: work(model_path, plan, belt)] * workers
    threads = [threading.Thread(target=guarded, args=(job, belt), daemon=True) for job in jobs]
    done = 0
    try:
        for thread in threads:
            thread.start()
        for result in results_of(belt, len(threads)):
            rows.put(result.index, result.time_s, result.row)
            done += 1
            if progress is not None:
                progress(done, max(expected, done))
    finally:
        belt.broken.set()
        for thread in threads:
            thread.join()
    return rows


def results_of(belt: Belt, threads: int) -> Iterator[Result]:
    """Results until all threads have ended; the first failure is raised here."""
    running = threads
    while running:
        match belt.results.get():
            case None:
                running -= 1
            case Result() as result:
                yield result
            case BaseException() as error:
                raise error


def guarded(job: Callable[[], None], belt: Belt) -> None:
    """Run a thread's job; its end, and its failure before that, are reported to the calling thread."""
    try:
        job()
    except BaseException as error:  # noqa: BLE001  # raised again in the calling thread
        belt.results.put(error)
    finally:
        belt.results.put(None)


def feed(info: "video.VideoInfo", frames: "Iterator[video.Frame]", plan: Plan, belt: Belt) -> None:
    """Cut the decoded frames into chunks; the first frames of each are the last of the one before."""
    from formcheck import video

    shrinker = video.Shrinker(info)
    starts = deque(plan.starts_s)
    half_s = 0.5 / info.fps if info.fps > 0 else 0.0  # a start is the time of a frame, which is met to the half
    ending: Chunk | None = None
    current: Chunk | None = None
    try:
        for index, frame in enumerate(frames):
            if starts and frame.time_s >= starts[0] - half_s:
                starts.popleft()
                ending = current
                warm_up = WARM_UP if ending is not None else 0
                current = Chunk(index + warm_up, warm_up, queue.SimpleQueue())
                belt.chunks.put(current)
            assert current is not None
            if not belt.wait_for_room():
                return
            shrunk = shrinker.shrink(frame, plan.window(frame.time_s))
            current.frames.put(shrunk)
            if ending is not None:
                ending.frames.put(shrunk)
                if index == current.first - 1:
                    ending.frames.put(None)
                    ending = None
    finally:
        for chunk in (ending, current):
            if chunk is not None:
                chunk.frames.put(None)
        belt.chunks.put(None)


def work(model_path: str, plan: Plan, belt: Belt) -> None:
    """Take chunks until there are none, each with a new landmarker: a reset one remembers visibilities."""
    from formcheck import pose

    while (chunk := belt.chunks.get()) is not None and not belt.broken.is_set():
        with quiet():
            landmarker = pose.Landmarker(model_path, video=True, masks=True)
        with landmarker:
            watcher = Watcher(landmarker, plan)
            for number, shrunk in enumerate(iter(chunk.frames.get, None)):
                if belt.broken.is_set():
                    break
                row = watcher.see(shrunk)
                if number >= chunk.warm_up:
                    belt.room.release()
                    belt.results.put(Result(chunk.first + number - chunk.warm_up, shrunk.time_s, row))
    belt.chunks.put(None)  # for the next worker


class Watcher:
    """Follows the lifter through one chunk, and never anybody else."""

    def __init__(self, landmarker: "pose.Landmarker", plan: Plan) -> None:
        self._landmarker = landmarker
        self._plan = plan
        self._searching = True

    def see(self, shrunk: "video.Shrunk") -> Row | None:
        """Return the lifter's landmarks and outline in upright picture pixels; None when they are not to be had."""
        plan, window = self._plan, shrunk.window
        corner = np.array([window.left_px, window.top_px], dtype=float)
        picture = turn_picture(shrunk.rgb(), plan.turns)
        searched = self._searching
        if searched:
            self._paint_rivals(picture, shrunk.time_s, corner, window.scale)
        body = self._landmarker.find(picture)
        self._searching = body is None
        if body is None:
            return None
        xy = turn_points_back(body.xy_px, plan.turns, window.out_px)
        xy_px = xy * window.scale + corner
        if subject.is_somebody_else(xy_px, shrunk.time_s, plan.cast) or (
            searched and not subject.is_like_lifter(xy_px, plan.cast.lifter)
        ):
            self._landmarker.reset()
            self._searching = True
            return None
        chord = xy[[HIPS, SHOULDERS]].mean(axis=1)
        assert body.mask is not None
        depth = silhouette.torso_depths(np.rot90(body.mask, -plan.turns), chord)
        return Row(
            xy_px=as_single(xy_px),
            world_m=as_single(turn_points_back(body.world_m, plan.turns, 0.0)),
            visibility=as_single(body.visibility),
            chord_px=as_single(chord * window.scale + corner),
            depth_px=as_single(depth * window.scale),
        )

    def _paint_rivals(self, picture: NDArray[np.uint8], time_s: float, corner: FloatArray, scale: float) -> None:
        """Grey, in place, everybody but the lifter: the model is about to look for a body anew."""
        size, cast = picture.shape[0], self._plan.cast

        def cover(xy_px: FloatArray) -> NDArray[np.bool_]:
            return subject.cover_body(size, turn_points((xy_px - corner) / scale, self._plan.turns, size))

        rivals = cast.rivals_at(time_s)
        if rivals:
            covered = np.logical_or.reduce([cover(each) for each in rivals])
            picture[covered & ~cover(cast.lifter.at(time_s))] = GREY


def turn_points(points: FloatArray, turns: int, size: float) -> FloatArray:
    """Where points of a picture lie after `turn_picture`."""
    return turn_points_back(points, -turns % 4, size)


def as_single(values: FloatArray) -> FloatArray:
    """Round to what float32 holds, which is what the model computes in: the cache then gives back the same bits."""
    return values.astype(np.float32).astype(np.float64)
