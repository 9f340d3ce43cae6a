"""Second pass over a video: follow the lifter on all cores, and take landmarks and the outline of the back.

The pass is cut into chunks of sampled frames that are fixed before any worker starts. Each chunk has a landmarker of
its own and begins with a few frames of warm-up whose landmarks are thrown away, so that the result is the same to the
last bit for any number of workers.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from formcheck.data import GREY, FloatArray
from formcheck.pose import fusion, person_tracking, torso_contour
from formcheck.pose.detection_pass import TrackingPlan
from formcheck.pose.jump_cuts import measure_change
from formcheck.pose.quarter_turns import turn_picture, turn_points, turn_points_back
from formcheck.skeleton import COCO, N_LANDMARKS, Landmark

if TYPE_CHECKING:  # imported where they are used: a cached result needs neither cv2 nor mediapipe
    from formcheck import video
    from formcheck.pose import landmarker as pose
    from formcheck.pose import plate_detection
    from formcheck.pose.second_eye import SecondEye

HIPS = [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]
SHOULDERS = [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]
KNEES = [Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE]
HEELS = [Landmark.LEFT_HEEL, Landmark.RIGHT_HEEL]
TOES = [Landmark.LEFT_FOOT_INDEX, Landmark.RIGHT_FOOT_INDEX]
MOST_ROWS = 36_000  # made room for at once: 20 minutes; a damaged header may promise years
BOXED = [each for each in COCO if each == Landmark.NOSE or each >= Landmark.LEFT_SHOULDER]  # no eyes, no ears
BODY = 0.5  # of the mask, from which a pixel shows the lifter


@dataclass(frozen=True, eq=False)
class FrameRow:
    """What is kept of one sampled frame; everything in upright picture pixels."""

    xy_px: FloatArray
    world_m: FloatArray
    visibility: FloatArray
    chord_px: FloatArray
    depth_px: FloatArray
    edge_px: FloatArray
    plate_px: FloatArray
    second_px: FloatArray
    second_share: FloatArray


SHAPES: Mapping[str, tuple[int, ...]] = {  # of one frame
    "xy_px": (N_LANDMARKS, 2),
    "world_m": (N_LANDMARKS, 3),
    "visibility": (N_LANDMARKS,),
    "chord_px": (2, 2),
    "depth_px": (2, len(torso_contour.STATIONS)),
    "edge_px": (2,),
    "plate_px": (3,),
    "second_px": (N_LANDMARKS, 2),
    "second_share": (N_LANDMARKS,),
}
EMPTY = FrameRow(**{name: np.full(shape, np.nan) for name, shape in SHAPES.items()})


class Rows:
    """The arrays of the whole sequence, filled frame by frame in any order; they grow by halves.

    `change` is by how much each picture differs from the one before it, filled in order.
    """

    def __init__(self, expected: int) -> None:
        self.arrays = {name: np.full((expected, *shape), np.nan) for name, shape in SHAPES.items()}
        self.time_s = np.full(expected, np.nan)
        self.change: list[float] = []
        self.count = 0

    def put(self, index: int, time_s: float, row: FrameRow) -> None:
        """Keep a frame."""
        if index >= len(self.time_s):
            more = len(self.time_s) // 2 + index + 1 - len(self.time_s)
            self.time_s = np.concatenate([self.time_s, np.full(more, np.nan)])
            for name, array in self.arrays.items():
                self.arrays[name] = np.concatenate([array, np.full((more, *array.shape[1:]), np.nan)])
        self.time_s[index] = time_s
        self.count = max(self.count, index + 1)
        for name, array in self.arrays.items():
            array[index] = getattr(row, name)

    def finished(self) -> dict[str, NDArray[np.float64]]:
        """All arrays, cut to the frames that came."""
        change = np.array([*self.change, *[np.nan] * self.count])
        arrays = {"time_s": self.time_s, "change": change, **self.arrays}
        return {name: array[: self.count] for name, array in arrays.items()}


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
    row: FrameRow


class Belt:
    """What the decoding thread and the workers share: chunks in order, results in any, and a brake.

    `room` bounds the frames that wait. The oldest unfinished chunk always has a worker, so that the brake never holds
    for good; `broken` releases everybody when one thread fails. With one worker decoder and model take turns on `core`:
    a caller who says one means one core, as the processes of a batch and the jobs of a cluster do.
    """

    def __init__(self, workers: int, room: int) -> None:
        self.core: AbstractContextManager[object] = threading.Lock() if workers == 1 else nullcontext()
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
    plan: TrackingPlan,
    model_path: str,
    second_path: str | None,
    expected: int,
    workers: int,
    progress: Callable[[int, int], None] | None,
) -> Rows:
    """Run the model over all sampled frames, and the second eye, if one is named, over some, `workers` chunks at a
    time.
    """
    belt = Belt(workers, (workers - 1) * plan.room + 2 * plan.warm_up)
    rows = Rows(min(expected, MOST_ROWS) + plan.warm_up)
    jobs: list[Callable[[], None]] = [lambda: feed(info, frames, plan, belt, rows.change)]
    jobs += [lambda: work(model_path, second_path, plan, belt)] * workers
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


def feed(
    info: "video.VideoInfo", frames: "Iterator[video.Frame]", plan: TrackingPlan, belt: Belt, change: list[float]
) -> None:
    """Cut the decoded frames into chunks; the first frames of each are the last of the one before.

    By how much each picture differs from the one before it is added to `change`, NaN for the first.
    """
    from formcheck import video

    shrinker = video.Shrinker(info)
    starts = deque(plan.starts_s)
    half_s = 0.5 / info.fps if info.fps > 0 else 0.0  # a start is the time of a frame, which is met to the half
    ending: Chunk | None = None
    current: Chunk | None = None
    before: FloatArray | None = None
    try:
        for index, frame in enumerate(in_turn(frames, belt)):
            if starts and frame.time_s >= starts[0] - half_s:
                starts.popleft()
                ending = current
                warm_up = plan.warm_up if ending is not None else 0
                current = Chunk(index + warm_up, warm_up, queue.SimpleQueue())
                belt.chunks.put(current)
            assert current is not None
            if not belt.wait_for_room():
                return
            with belt.core:
                shrunk = shrinker.shrink(frame, plan.window(frame.time_s))
                seen = np.asarray(video.read_thumbnail(frame.stored), np.float64)
            change.append(np.nan if before is None else measure_change(before, seen))
            before = seen
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


def in_turn(frames: "Iterator[video.Frame]", belt: Belt) -> "Iterator[video.Frame]":
    """Decode each frame when it is the decoder's turn."""
    while True:
        with belt.core:
            frame = next(frames, None)
        if frame is None:
            return
        yield frame


def work(model_path: str, second_path: str | None, plan: TrackingPlan, belt: Belt) -> None:
    """Take chunks until there are none, each with a new landmarker: a reset one remembers visibilities."""
    from formcheck.pose import landmarker as pose
    from formcheck.pose.second_eye import open_eye

    second = None if second_path is None else open_eye(second_path)
    while (chunk := belt.chunks.get()) is not None and not belt.broken.is_set():
        with pose.Landmarker(model_path, video=True, masks=True) as landmarker:
            watcher = FrameTracker(landmarker, second, plan)
            for index, shrunk in enumerate(iter(chunk.frames.get, None), chunk.first - chunk.warm_up):
                if belt.broken.is_set():
                    break
                counts = index >= chunk.first
                with belt.core:
                    row = watcher.see(shrunk, twice=counts and plan.second_every > 0 and index % plan.second_every == 0)
                if counts:
                    belt.room.release()
                    belt.results.put(Result(index, shrunk.time_s, row))
    belt.chunks.put(None)  # for the next worker


class FrameTracker:
    """Follows the lifter through one chunk, and never anybody else."""

    def __init__(self, landmarker: "pose.Landmarker", second: "SecondEye | None", plan: TrackingPlan) -> None:
        self._landmarker = landmarker
        self._second = second
        self._plan = plan
        self._searching = True
        self._agreed = False  # both eyes saw the same when the second last looked: it leaves its next turn out
        carried = plan.plate is not None and plan.plate.is_carried
        self._unmask = None if plan.plate is None or carried else Unmasking(plan.plate)
        self._carried: plate_detection.CarriedSpotter | None = None

    def see(self, shrunk: "video.Shrunk", *, twice: bool) -> FrameRow:
        """Return the lifter's landmarks and outline in upright picture pixels, NaN where they are not to be had.

        twice : it is the second eye's turn to look as well, before the plate is taken out of the picture. Where it saw
        last time what the landmarker saw it leaves out one turn.
        """
        picture = turn_picture(shrunk.rgb(), self._plan.turns)
        looks = twice and not self._agreed
        self._agreed = self._agreed and not twice
        if self._second is None or not looks:
            return self._see_first(picture, shrunk)
        untouched = picture.copy()
        row = self._see_again(self._second, untouched, shrunk, self._see_first(picture, shrunk))
        agreed = fusion.do_agree(row.xy_px, row.second_px, row.second_share)
        self._agreed = agreed and self._plan.second_rests
        return row

    def _see_again(
        self, second: "SecondEye", picture: NDArray[np.uint8], shrunk: "video.Shrunk", row: FrameRow
    ) -> FrameRow:
        """Return the row with what the second eye sees about where the lifter is."""
        window, turns = shrunk.window, self._plan.turns
        corner = np.array([window.left_px, window.top_px], dtype=float)
        about = [self._plan.cast.lifter.at(shrunk.time_s)[BOXED], row.xy_px[BOXED]]
        inside = turn_points((np.concatenate(about) - corner) / window.scale, turns, window.out_px)
        xy, share = second.find(picture, inside)
        xy_px = turn_points_back(xy, turns, window.out_px) * window.scale + corner
        if person_tracking.is_somebody_else(xy_px, shrunk.time_s, self._plan.cast):
            return row
        return replace(row, second_px=as_single(xy_px), second_share=as_single(share))

    def _see_first(self, picture: NDArray[np.uint8], shrunk: "video.Shrunk") -> FrameRow:
        """Return what the landmarker sees in the turned picture, out of which the plate is taken."""
        plan, window = self._plan, shrunk.window
        corner = np.array([window.left_px, window.top_px], dtype=float)
        if plan.plate is not None and plan.plate.is_carried:
            circle = self._find_carried(plan.plate, picture, window.scale)
        else:
            circle = None if self._unmask is None else self._unmask.clear(picture, window.scale)
        nobody = replace(EMPTY, plate_px=as_single(place_circle(circle, corner, window.scale)))
        searched = self._searching
        if searched:
            self._paint_rivals(picture, shrunk.time_s, corner, window.scale)
        body = self._landmarker.find(picture)
        self._searching = body is None
        if body is None:
            return nobody
        xy = turn_points_back(body.xy_px, plan.turns, window.out_px)
        xy_px = xy * window.scale + corner
        if person_tracking.is_somebody_else(xy_px, shrunk.time_s, plan.cast) or (
            searched and not person_tracking.is_like_lifter(xy_px, plan.cast.lifter)
        ):
            self._landmarker.reset()
            self._searching = True
            return nobody
        chord = xy[[HIPS, SHOULDERS]].mean(axis=1)
        assert body.mask is not None
        if self._unmask is not None and circle is not None:
            self._unmask.learn(body, circle)
        mask = np.rot90(body.mask, -plan.turns)
        depth, edges = torso_contour.torso_depths(mask, chord), torso_contour.hip_edges(mask, chord)
        return replace(
            nobody,
            xy_px=as_single(xy_px),
            world_m=as_single(turn_points_back(body.world_m, plan.turns, 0.0)),
            visibility=as_single(body.visibility),
            chord_px=as_single(chord * window.scale + corner),
            depth_px=as_single(depth * window.scale),
            edge_px=as_single(edges * window.scale + corner[0]),
        )

    def _find_carried(
        self, plate: "plate_detection.Plate", picture: NDArray[np.uint8], scale: float
    ) -> "plate_detection.Circle | None":
        """Return the plate of a bar on the back, px of the picture."""
        from formcheck.pose import plate_detection

        if self._carried is None:
            self._carried = plate_detection.CarriedSpotter(plate.magnified(1.0 / scale))
        return self._carried.spot(picture)

    def _paint_rivals(self, picture: NDArray[np.uint8], time_s: float, corner: FloatArray, scale: float) -> None:
        """Grey, in place, everybody but the lifter: the model is about to look for a body anew."""
        size, cast = picture.shape[0], self._plan.cast

        def cover(xy_px: FloatArray) -> NDArray[np.bool_]:
            return person_tracking.cover_body(size, turn_points((xy_px - corner) / scale, self._plan.turns, size))

        rivals = cast.rivals_at(time_s)
        if rivals:
            covered = np.logical_or.reduce([cover(each) for each in rivals])
            picture[covered & ~cover(cast.lifter.at(time_s))] = GREY


class Unmasking:
    """Finds the plate in one picture after the other, and takes it out where it can hide the leg.

    The leg behind the plate leans as the body round the plate did in the picture before.
    """

    def __init__(self, known: "plate_detection.Plate") -> None:
        self._known = known
        self._spotter: plate_detection.Spotter | None = None
        self._slant = 0.0

    def clear(self, picture: NDArray[np.uint8], scale: float) -> "plate_detection.Circle | None":
        """Return the plate in the picture, px; where it hides the leg it is no longer in it."""
        from formcheck.pose import plate_detection, plate_inpainting

        if self._spotter is None:
            self._spotter = plate_detection.Spotter(self._known.radius_px / scale)
        circle = self._spotter.spot(picture)
        if circle is not None and self._known.hides_leg:
            plate_inpainting.fill(picture, circle, self._slant)
        return circle

    def learn(self, body: "pose.Body", circle: "plate_detection.Circle") -> None:
        """Take over how the body round the plate leans."""
        from formcheck.pose import plate_inpainting

        forward = float(np.sign((body.xy_px[TOES] - body.xy_px[HEELS])[:, 0].sum()))
        assert body.mask is not None
        slant = plate_inpainting.find_slant(body.mask > BODY, circle, forward)
        if slant is None:
            thigh_px = (body.xy_px[KNEES] - body.xy_px[HIPS]).sum(axis=0)
            slant = float(
                np.clip(thigh_px[0] / max(thigh_px[1], 1.0), -plate_inpainting.MOST_SLANT, plate_inpainting.MOST_SLANT)
            )
        self._slant += plate_inpainting.LEARN * (slant - self._slant)


def place_circle(circle: "plate_detection.Circle | None", corner: FloatArray, scale: float) -> FloatArray:
    """Centre and radius of a circle of a window in pixels of the video, (3,); NaN without one."""
    if circle is None:
        return np.full(3, np.nan)
    return np.array([circle.x_px * scale + corner[0], circle.y_px * scale + corner[1], circle.radius_px * scale])


def as_single(values: FloatArray) -> FloatArray:
    """Round to what float32 holds, which is what the model computes in: the cache then gives back the same bits."""
    return values.astype(np.float32).astype(np.float64)
