"""First pass over a video: look at some frames, settle whom to follow, through which window and in which chunks."""

import math
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from formcheck.data import GREY, FloatArray
from formcheck.errors import SubjectError
from formcheck.geometry import distance
from formcheck.pose import model_files, person_tracking
from formcheck.pose.mediapipe_guard import quiet
from formcheck.pose.people_detector import open_detector
from formcheck.pose.quarter_turns import turn_picture, turn_points_back
from formcheck.skeleton import N_LANDMARKS, Landmark

if TYPE_CHECKING:  # imported where they are used: a cached result needs neither cv2 nor mediapipe
    from formcheck import video
    from formcheck.pose import landmarker as pose
    from formcheck.pose import plate_detection

MIN_BODY_PX = 80.0  # a smaller lifter is less than a third of the model's own 256 px picture
SCOUT_FRAMES = 20  # at least; a long video gets one every four seconds
SCOUT_EVERY_S = 4.0  # between two frames that are scouted, in long clips
MOST_SCOUTED = 1000  # of a film of more than an hour
SCOUT_PX = 640  # side of the scouts' pictures: the detector looks at 224 px of them, or of a zoomed part
SCOUT_MODEL, CROWD_MODEL = "lite", "multipose"
MOST_PEOPLE = 4  # looked for in one frame
ZOOM_BELOW = 0.75  # of the picture's side: a group that fills less is looked at again from nearer ...
ZOOM_MARGIN = 0.15  # ... with this much of the group's size round it
CROWDED = 0.2  # share of the scouted frames with two bodies or more, from which everybody is looked for at once
PHANTOM_LOOKS = 4  # of MultiPose at the pictures in which MediaPipe saw several, before it is asked about all [D]
PHANTOM_NEAR = 0.5  # body lengths from the one whom MultiPose sees, within which another body is that one's limbs [D]
FEW = 0.9  # share of the scouted frames with somebody in them, below which that is done as well ...
FEW_STANDING = 0.95  # ... or below this where somebody stands, as MultiPose knows people best
LEG_TRUNKS = 1.0  # 0.85 of a lifter half of whom a plate hid, from 1.15 on in 149 other hinges [S]
TURN_BELOW = 0.6  # the same, below which the other three turns of the picture are tried, unless the body stands:
# its length goes down the picture, 0.98 to 1 of it in 11 good mornings with plates; turned on a side, -0.2 to 0.4 [S].
STANDS = 0.9
BODY_OUT_PX = 240.0  # the lifter's length in the pictures that are fed: the model samples 256 px over 1.25 x a body
OUT_RANGE_PX = (256, 640)  # side of the square that the model is given
WINDOW_STEP_PX = 8  # a following window moves in steps, for each new place costs a filter graph
CHUNK_RANGE = (60, 400)  # sampled frames of one chunk ...
WAITING_BYTES = 60_000_000  # ... and what those of one may hold in memory while they wait for a worker
CHUNKS_WANTED = 8  # in a short video: enough that no worker waits for another's last chunk for long
WARM_UP = 5  # frames after which a landmarker started anew agrees with one that has long been running
STILL_BLOCK_PX = 8  # sides of the blocks whose brightness is compared ...
# ... and by how many grey levels one changes at least where something moves: 1 to 10 in a photo coded well to badly, 17
# where a rendered lifter stands for two seconds, 180 in a repetition [S].
STILL_LEVELS = 12.0
LEVEL_RATIO = 1.2  # times as far across the picture as down it a bone goes that is level: leaning 50 deg and more [D]
LYING = 0.8  # of the scouted frames have to show a level trunk [D]
SECOND_HZ = 10.01  # at most, at which the second eye looks: what it sees between is drawn as straight lines
# Between two of its looks at most, where it leaves out a turn: a hinge moves on little meanwhile [D].
SECOND_GAP_S = 0.25
WHOLE_TRUNKS = 2.9  # a lifter is as long from head to ankle: behind plates legs look shorter than they are [S]
People = Sequence[Sequence[FloatArray]]  # for each picture the landmarks (K, 2) of everybody in it
FILM_AGAIN = "Film from the side, the whole body in the picture."


@dataclass(frozen=True, eq=False)
class TrackingPlan:
    """All that the second pass needs to know; a function of the video and the settings alone.

    `is_still`: all the pictures that were looked at are the same. `second_every`: of so many sampled frames the second
    eye sees one, 0 for none; `second_rests`: it may leave out a turn.
    """

    framing: person_tracking.Framing
    cast: person_tracking.Cast
    turns: int
    out_px: int
    starts_s: tuple[float, ...]
    room: int
    plate: "plate_detection.Plate | None"
    is_still: bool = False
    warm_up: int = WARM_UP
    second_every: int = 1
    second_rests: bool = True

    def window(self, time_s: float) -> "video.Window":
        """Return the window of a moment; even numbers, moving in steps of 8 px."""
        from formcheck.video import Window

        side = round(self.framing.side_px / 2) * 2
        left, top = (
            round((centre - side / 2) / WINDOW_STEP_PX) * WINDOW_STEP_PX for centre in self.framing.centre_at(time_s)
        )
        return Window(left, top, side, self.out_px)

    def with_run_up(self, frames: int, rate_hz: float) -> "TrackingPlan":
        """Return the plan with a longer warm-up, and only those starts that leave room for it."""
        kept = [self.starts_s[0]]
        for start_s in self.starts_s[1:]:
            if start_s - max(kept[-1], float(self.cast.lifter.time_s[0])) >= 2 * frames / rate_hz:
                kept.append(start_s)
        return replace(self, starts_s=tuple(kept), warm_up=frames, room=self.room + frames)


def scout(
    info: "video.VideoInfo", stretch_s: tuple[float, float], rate_hz: float, who: str, workers: int
) -> TrackingPlan:
    """Look at some frames spread over the stretch and settle whom to follow, and through which window.

    Raises SubjectError when nobody is there, or the one who is chosen is too small.
    """
    turns, time_s, people, crowd, pictures = look_around(info, stretch_s, workers)
    cast = person_tracking.cast_people(time_s, people, who)
    if crowd is not None and (cast is None or stand(crowd) or not lies(cast.lifter)):
        cast = person_tracking.cast_people(time_s, crowd, who)
    if cast is None:
        raise SubjectError("No person was found in the video.", FILM_AGAIN)
    framing = person_tracking.plan_framing(cast.lifter, info.size_px)
    if framing.body_px < MIN_BODY_PX:
        raise SubjectError(
            f"The lifter is only {framing.body_px:.0f} px tall.",
            "Move the camera closer, or crop the video to the lifter.",
        )
    first_s, end_s = stretch_s
    out_px = out_side_px(framing)
    every = math.ceil(rate_hz / SECOND_HZ)
    chunk = chunk_frames((end_s - first_s) * rate_hz, out_px)
    return TrackingPlan(
        framing=framing,
        cast=cast,
        turns=turns,
        out_px=out_px,
        starts_s=tuple(person_tracking.choose_starts(cast, chunk / rate_hz, end_s)),
        room=math.ceil(chunk * person_tracking.LONGEST) + WARM_UP,
        is_still=not moves(pictures),
        second_every=0 if lies(cast.lifter) else every,
        second_rests=2 * every <= SECOND_GAP_S * rate_hz,
        plate=look_for_plate(pictures, cast.lifter, framing.body_px) if turns == 0 else None,
    )


def lies(lifter: person_tracking.Track) -> bool:
    """Whether the trunk is level nearly all the time: MoveNet, which knows people on their feet, finds a lying body and
    its joints worse than MediaPipe does.
    """
    body = lifter.xy_px[lifter.seen]
    lefts = (Landmark.LEFT_SHOULDER, Landmark.LEFT_HIP)
    shoulder, hip = ((body[:, left] + body[:, left + 1]) / 2 for left in lefts)
    across, down = np.abs(shoulder - hip).T
    return bool(np.mean(across > LEVEL_RATIO * down) >= LYING)


def moves(pictures: "Sequence[video.Shrunk]") -> bool:
    """Whether anything changes from one of the pictures to another: a photo as a film differs by its coding alone."""
    low = high = None
    for shrunk in pictures:
        grey = shrunk.picture.to_ndarray(format="gray", threads=1).astype(float)
        height, width = (side // STILL_BLOCK_PX for side in grey.shape)
        blocks = grey[: height * STILL_BLOCK_PX, : width * STILL_BLOCK_PX]
        means = blocks.reshape(height, STILL_BLOCK_PX, width, STILL_BLOCK_PX).mean(axis=(1, 3))
        low = means if low is None else np.minimum(low, means)
        high = means if high is None else np.maximum(high, means)
    return low is not None and high is not None and low.size > 0 and float((high - low).max()) > STILL_LEVELS


def look_for_plate(
    pictures: "Sequence[video.Shrunk]", lifter: person_tracking.Track, body_px: float
) -> "plate_detection.Plate | None":
    """Return the plate that the lifter holds in the scouted pictures, in pixels of the video, or None."""
    from formcheck.pose import plate_detection

    every = math.ceil(len(pictures) / plate_detection.SCOUTED_PICTURES)
    looks = []
    for shrunk in pictures[::every]:
        window = shrunk.window
        sighting = lifter.xy_px[int(np.argmin(np.abs(lifter.time_s - shrunk.time_s)))]
        corner = np.array([window.left_px, window.top_px], dtype=float)
        looks.append(plate_detection.Look(shrunk.rgb(), (sighting - corner) / window.scale))
    scale = pictures[0].window.scale
    found = plate_detection.find_plate(looks, max(body_px, WHOLE_TRUNKS * lifter.trunk_px) / scale)
    return None if found is None else found.magnified(scale)


def chunk_frames(sampled: float, out_px: int) -> float:
    """Return the length of a chunk in sampled frames: many, for each costs a landmarker and its warm-up, but few in a
    short video, and no more than may wait in memory.
    """
    bytes_each = 1.5 * out_px**2  # YUV 4:2:0
    return float(np.clip(min(sampled / CHUNKS_WANTED, WAITING_BYTES / bytes_each), *CHUNK_RANGE))


def out_side_px(framing: person_tracking.Framing) -> int:
    """Side of the pictures that are fed: the lifter at 240 px, never larger than in the video."""
    wanted = np.clip(BODY_OUT_PX * framing.side_px / framing.body_px, *OUT_RANGE_PX)
    return int(min(wanted, framing.side_px)) // 2 * 2


def look_around(
    info: "video.VideoInfo", stretch_s: tuple[float, float], workers: int
) -> "tuple[int, FloatArray, People, People | None, list[video.Shrunk]]":
    """Find everybody in frames spread over the stretch.

    Returns
    -------
    The quarter turns after which the model sees most of them, the frames' times (N,), for each frame the landmarks of
    everybody in it, in upright picture pixels, the same as MultiPose sees them or None where the first are not in
    doubt, and the pictures that were looked at.
    """
    from formcheck import video

    count = min(max(SCOUT_FRAMES, math.ceil((stretch_s[1] - stretch_s[0]) / SCOUT_EVERY_S)), MOST_SCOUTED)
    with quiet(), Scouts(workers) as scouts:

        def look(window: video.Window, turns: int) -> tuple[list[video.Shrunk], People]:
            shrinker = video.Shrinker(info)
            frames = video.spread_frames(info, count, *stretch_s)
            asked = [(shrunk := shrinker.shrink(frame, window), scouts.ask(shrunk, turns)) for frame in frames]
            return [shrunk for shrunk, _ in asked], [answer.result() for _, answer in asked]

        whole = video.whole_window(info, SCOUT_PX)
        turns = 0
        pictures, people = look(whole, turns)
        people = drop_phantoms(people, pictures, turns, workers)
        crowd = find_crowd(pictures, turns, workers) if may_be_doubtful(people) else None
        if crowd is not None and share_seen(people) < TURN_BELOW and not stand(crowd):
            for other in (1, 3, 2):
                turned = look(whole, other)[1]
                if share_seen(turned) > share_seen(people):
                    turns, people = other, turned
            crowd = find_crowd(pictures, turns, workers) if turns else crowd
        if crowd is not None and not is_doubtful(people, crowd):
            crowd = None
        near = None if crowd is None else zoom_on([*people, *(crowd if stand(crowd) else ())], whole)
        if crowd is not None and near is not None:
            pictures, people = look(near, turns)
            crowd = max(crowd, find_crowd(pictures, turns, workers), key=share_seen)
        return turns, np.array([shrunk.time_s for shrunk in pictures]), people, crowd, pictures


def drop_phantoms(people: People, pictures: "Sequence[video.Shrunk]", turns: int, workers: int) -> People:
    """Return the people without what MediaPipe makes of a plate, or of limbs that painting out a body left behind.

    Of a crowd only the body found first is kept in each picture, where MultiPose sees one in all that are asked about
    and whatever MediaPipe saw there lies about that one.
    """
    if not is_crowded(people):
        return people
    several = [index for index, some in enumerate(people) if len(some) > 1]
    asked = several[:: math.ceil(len(several) / PHANTOM_LOOKS)]
    for index, seen in zip(asked, find_crowd([pictures[each] for each in asked], turns, workers), strict=True):
        if len(seen) != 1 or any(is_apart(body, seen[0]) for body in people[index]):
            return people
    return [some[:1] for some in people]


def is_apart(body: FloatArray, other: FloatArray) -> bool:
    """Whether a body (K, 2), px, lies too far from another one to be made of that one's limbs."""
    return person_tracking.core_distance(body, other) > PHANTOM_NEAR * float(person_tracking.body_length(other))


def find_crowd(pictures: "Sequence[video.Shrunk]", turns: int, workers: int) -> People:
    """Return for each picture the landmarks of everybody in it, as MultiPose sees them."""
    path = str(model_files.load_model(CROWD_MODEL).path)
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda shrunk: find_everybody(path, shrunk, turns), pictures))


def find_everybody(model_path: str, shrunk: "video.Shrunk", turns: int) -> list[FloatArray]:
    """Return the landmarks (K, 2) of everybody in a picture, px of the upright video, nobody twice."""
    window, found = shrunk.window, list[FloatArray]()
    corner = np.array([window.left_px, window.top_px], dtype=float)
    for xy in open_detector(model_path).find(turn_picture(shrunk.rgb(), turns)):
        xy_px = turn_points_back(xy, turns, window.out_px) * window.scale + corner
        if not person_tracking.is_leftover(xy_px, found):
            found.append(xy_px)
    return found


def may_be_doubtful(people: People) -> bool:
    """Whether MediaPipe, which finds one body at a time and a covered one badly, saw several, half a one, or now and
    then nobody.
    """
    return is_crowded(people) or share_seen(people) < FEW_STANDING or lack_legs(people)


def is_doubtful(people: People, crowd: People) -> bool:
    """Whether what MediaPipe saw is in doubt: several, often nobody, or where somebody stands half a body, or now and
    then nobody.
    """
    return may_be_doubtful(people) if stand(crowd) else is_crowded(people) or share_seen(people) < FEW


def lack_legs(people: People) -> bool:
    """Whether the bodies that were seen are mostly half ones: thigh and shank together are shorter than the trunk."""
    bodies = np.array([body for some in people for body in some]).reshape(-1, N_LANDMARKS, 2)
    hip, knee, ankle, shoulder = (
        bodies[:, [left, left + 1]]
        for left in (Landmark.LEFT_HIP, Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE, Landmark.LEFT_SHOULDER)
    )
    legs, trunks = distance(hip, knee) + distance(knee, ankle), distance(hip, shoulder)
    return len(bodies) > 0 and float(np.median(legs.sum(axis=1) / trunks.sum(axis=1))) < LEG_TRUNKS


def is_crowded(people: People) -> bool:
    """Whether there are several in many of the pictures."""
    return sum(1 for some in people if len(some) > 1) / max(len(people), 1) >= CROWDED


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

    def ask(self, shrunk: "video.Shrunk", turns: int) -> "Future[list[FloatArray]]":
        """Return the landmarks of everybody in the picture as soon as there are any."""
        self._room.acquire()
        return self._pool.submit(self._everybody, shrunk, turns)

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
                if body is None or person_tracking.is_leftover(body.xy_px, found):
                    break
                found.append(body.xy_px)
                picture[person_tracking.cover_body(picture.shape[0], body.xy_px)] = GREY
        finally:
            self._room.release()
        corner = np.array([window.left_px, window.top_px], dtype=float)
        return [turn_points_back(each, turns, window.out_px) * window.scale + corner for each in found]

    def _landmarker(self) -> "pose.Landmarker":
        from formcheck.pose import landmarker as pose

        if not hasattr(self._own, "landmarker"):
            path = str(model_files.load_model(SCOUT_MODEL).path)
            self._own.landmarker = pose.Landmarker(path, video=False, masks=False)
            self._landmarkers.append(self._own.landmarker)
        landmarker: pose.Landmarker = self._own.landmarker
        return landmarker


def share_seen(people: People) -> float:
    """Share of the pictures in which there is somebody; 0 without pictures."""
    return sum(1 for some in people if some) / max(len(people), 1)


def stand(people: People) -> bool:
    """Whether the clearest body of most pictures stands: large plates hide it from MediaPipe, which may find more in
    pictures that were turned.
    """
    clearest = np.array([some[0] for some in people if some]).reshape(-1, N_LANDMARKS, 2)
    shoulders, ankles = (
        clearest[:, [left, left + 1]].mean(axis=1) for left in (Landmark.LEFT_SHOULDER, Landmark.LEFT_ANKLE)
    )
    across, down = (ankles - shoulders).T
    return int((down >= STANDS * np.hypot(across, down)).sum()) > len(people) / 2


def zoom_on(people: People, whole: "video.Window") -> "video.Window | None":
    """Return the square that holds everybody, if that is nearer by far."""
    from formcheck.video import Window

    everyone = [each for some in people for each in some]
    if not everyone:
        return None
    points = np.concatenate(everyone)
    low, high = points.min(axis=0), points.max(axis=0)
    side = float((high - low).max()) * (1 + 2 * ZOOM_MARGIN)
    if side >= ZOOM_BELOW * whole.side_px:
        return None
    left, top = (round(each / 2) * 2 for each in (low + high) / 2 - side / 2)
    even = round(side / 2) * 2
    return Window(left, top, even, min(SCOUT_PX, even))
