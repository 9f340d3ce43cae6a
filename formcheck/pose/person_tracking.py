"""Who is the lifter? People seen in a few frames are linked over time, and the one who does the reps is chosen.

Pure numpy over landmarks in upright picture pixels. A "sighting" is one body in one frame, (K, 2); a track is one
person's sightings over the scouted frames. All distances are measured in body lengths, so that near and far are alike.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from formcheck.data import BoolArray, FloatArray
from formcheck.settings import read_point
from formcheck.skeleton import MOST_TURN_DEG, SEEN_OFTEN, Landmark
from formcheck.wording import spell

CORE = [
    Landmark.LEFT_SHOULDER,
    Landmark.RIGHT_SHOULDER,
    Landmark.LEFT_HIP,
    Landmark.RIGHT_HIP,
    Landmark.LEFT_KNEE,
    Landmark.RIGHT_KNEE,
]
JOINTS = [*CORE, Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE]

LEFTOVER_INSIDE = 0.6  # share of a sighting's box inside another body's box ...
LEFTOVER_SIZE = 0.6  # ... which is this much longer: limbs that painting out that body left behind
SAME_BODY = 0.15  # body lengths between the cores of two sightings: one body seen twice
SAME_TRACK = 0.5  # body lengths by which the third of the joints that moved least may move between scouted frames
SIZE_RATIO = 1.4  # between sightings of one person: a body with somebody else's legs is shorter than both
SOMEBODY_ELSE = 0.22  # body lengths from another person's core within which a body is that person
TOGETHER, BESIDE = 0.8, 0.33  # share of the scouted frames that show both, and body lengths between the two then [D]
MIXTURE = 1.8  # times longer or shorter than the lifter: no body, but limbs of several
NEAR = 1 / 3  # of the lifter's length; what is smaller is far away, or a thing taken for a body (0.25 was a foot of a
# glute-ham bench; people beside real lifters have 0.59 and 0.89) [D]
SAME_PLACE = 0.35  # body lengths from where the lifter was once seen within which a newly found body is the lifter
SHAPE = (  # segments (left landmark of each end) and their weights in `restlessness`
    (Landmark.LEFT_SHOULDER, Landmark.LEFT_HIP, 1.0),
    (Landmark.LEFT_HIP, Landmark.LEFT_KNEE, 1.0),
    (Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE, 0.5),
)
GUESSED = 0.12  # variation of a segment's length at which its movement counts half; a true segment has 0.02 to 0.08
ROAMING = 0.5  # body lengths of way, over the middle half of the sightings, at which a body's effort counts half [D]
WINDOW_MARGIN = 0.2  # body lengths round all that was seen of the lifter: what happens between two scouted frames
SEEN_TWICE = 2  # sightings without which a track is a ghost
LONGEST = 1.6  # of the shortest chunk: how far to look for a frame to start the next one in
TAPER = 4.0  # chunks before the end from which on they get shorter
STILL = 1.5  # the window stands still as long as the whole set needs less than this much of one body's square


@dataclass(frozen=True, eq=False)
class Track:
    """One person over the scouted frames: time_s (N,), xy_px (N, K, 2), NaN where not seen."""

    time_s: FloatArray
    xy_px: FloatArray

    @property
    def seen(self) -> BoolArray:
        """(N,) whether the person was seen in each scouted frame."""
        return np.asarray(np.isfinite(self.xy_px[:, 0, 0]))

    @cached_property
    def body_px(self) -> float:
        """The person's median length, px."""
        return float(np.median(body_length(self.xy_px[self.seen])))

    @cached_property
    def trunk_px(self) -> float:
        """The person's median length from hips to shoulders, px."""
        shoulder, hip = (middle(self.xy_px[self.seen], left) for left in (Landmark.LEFT_SHOULDER, Landmark.LEFT_HIP))
        return float(np.median(np.linalg.norm(shoulder - hip, axis=-1)))

    def at(self, time_s: float) -> FloatArray:
        """Landmarks (K, 2) at any time: between two sightings along the straight line, before and after as seen."""
        seen = self.seen
        flat = self.xy_px[seen].reshape(int(seen.sum()), -1)
        after = int(np.searchsorted(self.time_s[seen], time_s))
        if after in {0, len(flat)}:
            return np.asarray(flat[min(after, len(flat) - 1)].reshape(-1, 2))
        start_s, stop_s = self.time_s[seen][after - 1 : after + 1]
        share = (time_s - start_s) / (stop_s - start_s)
        return np.asarray((flat[after - 1] * (1 - share) + flat[after] * share).reshape(-1, 2))


@dataclass(frozen=True, eq=False)
class Cast:
    """Who is who in the N scouted frames.

    others : people who are certainly not the lifter. rivals : for each frame all bodies found beside the lifter,
    whether people or imagined ones. rank : (N,) how many bodies were found before the lifter, inf where not seen.
    """

    lifter: Track
    others: tuple[Track, ...]
    rivals: tuple[tuple[FloatArray, ...], ...]
    rank: FloatArray

    def rivals_at(self, time_s: float) -> list[FloatArray]:
        """Bodies that a search at this time had better not find: those of the nearest scouted frame, and the others."""
        nearest = int(np.argmin(np.abs(self.lifter.time_s - time_s)))
        return [*self.rivals[nearest], *(other.at(time_s) for other in self.others)]


@dataclass(frozen=True, eq=False)
class Framing:
    """The square that the lifter is watched through: its side, and its centre over time (one row: it stands still).

    `body_px` is the lifter's length from the head to the ankle, limb by limb.
    """

    side_px: float
    body_px: float
    time_s: FloatArray
    centre_px: FloatArray

    def centre_at(self, time_s: float) -> tuple[float, float]:
        """Centre of the square, px."""
        x, y = (float(np.interp(time_s, self.time_s, self.centre_px[:, axis])) for axis in (0, 1))
        return x, y


def middle(xy_px: FloatArray, left: Landmark) -> FloatArray:
    """Middle of a pair of joints, px: (..., K, 2) -> (..., 2). `left` names its left one."""
    return np.asarray((xy_px[..., left, :] + xy_px[..., left + 1, :]) / 2)


def body_length(xy_px: FloatArray) -> FloatArray:
    """Head to ankle along the limbs, px: (..., K, 2) -> (...,). Does not shrink when a body bends or lies down."""
    shoulder, hip, knee, ankle = (
        middle(xy_px, left)
        for left in (Landmark.LEFT_SHOULDER, Landmark.LEFT_HIP, Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE)
    )
    joints = (xy_px[..., Landmark.NOSE, :], shoulder, hip, knee, ankle)
    lengths = [np.linalg.norm(a - b, axis=-1) for a, b in itertools.pairwise(joints)]
    return np.asarray(np.sum(lengths, axis=0))


def is_leftover(xy_px: FloatArray, others: Sequence[FloatArray]) -> bool:
    """Whether a sighting is a piece of a body that was already found in this frame, or that body once more."""
    low, high = xy_px.min(axis=0), xy_px.max(axis=0)
    for other in others:
        length = float(body_length(other))
        overlap = np.clip(np.minimum(high, other.max(axis=0)) - np.maximum(low, other.min(axis=0)), 0, None)
        inside = overlap.prod() / max(float((high - low).prod()), 1.0)
        if inside > LEFTOVER_INSIDE and body_length(xy_px) < LEFTOVER_SIZE * length:
            return True
        if core_distance(xy_px, other) < SAME_BODY * length:
            return True
    return False


def core_distance(a: FloatArray, b: FloatArray) -> float:
    """Median distance of shoulders, hips and knees, px, whichever side the model calls left."""
    swapped = [*CORE[1::-1], *CORE[3:1:-1], *CORE[5:3:-1]]
    straight, crossed = (np.linalg.norm(a[CORE] - b[order], axis=1) for order in (CORE, swapped))
    return float(np.median(np.minimum(straight, crossed)))


def link_people(time_s: FloatArray, people: Sequence[Sequence[FloatArray]]) -> list[Track]:
    """Link the sightings of each frame to people, nearest first; a sighting that fits nobody is somebody new.

    people : for each of the N frames the bodies seen in it, (K, 2) each.
    """
    tracks: list[dict[int, FloatArray]] = []
    for index, sightings in enumerate(people):
        pairs = sorted(
            (cost, number, which)
            for number, track in enumerate(tracks)
            for which, sighting in enumerate(sightings)
            if (cost := _link_cost(track, sighting)) < SAME_TRACK
        )
        linked: set[int] = set()
        served: set[int] = set()
        for _, number, which in pairs:
            if number not in served and which not in linked:
                tracks[number][index] = sightings[which]
                served.add(number)
                linked.add(which)
        tracks.extend({index: sighting} for which, sighting in enumerate(sightings) if which not in linked)
    return [_as_track(time_s, track) for track in join_halves(tracks)]


def join_halves(tracks: Sequence[dict[int, FloatArray]]) -> list[dict[int, FloatArray]]:
    """Return tracks (sightings by frame) with those joined that are one person: in one place, and never there at once.

    A deep bend may look too short for the person who stood there before, and starts a track of its own.
    """
    joined: list[dict[int, FloatArray]] = []
    for track in sorted(tracks, key=len, reverse=True):
        typical = np.median(list(track.values()), axis=0)
        fits = [
            (_link_cost(other, typical), number)
            for number, other in enumerate(joined)
            if not other.keys() & track.keys()
        ]
        cost, number = min(fits, default=(np.inf, 0))
        if cost < SAME_TRACK:
            joined[number] |= track
        else:
            joined.append(dict(track))
    return joined


def _as_track(time_s: FloatArray, sightings: dict[int, FloatArray]) -> Track:
    first = next(iter(sightings.values()))
    xy_px = np.full((len(time_s), *first.shape), np.nan)
    for index, sighting in sightings.items():
        xy_px[index] = sighting
    return Track(time_s, xy_px)


def _link_cost(track: dict[int, FloatArray], sighting: FloatArray) -> float:
    """Body lengths between a sighting and a track, by the third of the joints that moved least.

    In a Nordic only knees and ankles stay where they are. A sighting is compared with the track's last one and with its
    typical one: a lifter comes back to where the rep began, and one bad sighting must not end a track.
    """
    length = float(body_length(sighting))
    usual = np.median(list(track.values()), axis=0)
    usual_length = float(np.median([body_length(each) for each in track.values()]))
    if max(length, usual_length) > SIZE_RATIO * min(length, usual_length):
        return np.inf
    moved = min(
        float(np.quantile(np.linalg.norm(each[JOINTS] - sighting[JOINTS], axis=1), 1 / 3))
        for each in (track[max(track)], usual)
    )
    return moved / max(length, usual_length)


def restlessness(track: Track) -> float:
    """How much the body changes its shape, deg: spread of the inclinations of trunk, thigh and (at half weight) shank.

    Walking about or being panned over changes no inclination for long; a rep of any hamstring lift changes one of them
    by 60 deg or more. A segment whose length in the picture varies counts for less: the model is guessing it, as it
    does with limbs that are hidden or outside the picture.
    """
    xy_px = track.xy_px[track.seen]
    total = 0.0
    for top, bottom, weight in SHAPE:
        along = xy_px[:, [top, top + 1]].mean(axis=1) - xy_px[:, [bottom, bottom + 1]].mean(axis=1)
        direction = along[:, 0] + 1j * along[:, 1]
        lengths = np.abs(direction)
        angles = np.degrees(np.angle(direction / (direction.mean() or 1.0)))
        low, high = np.quantile(angles, (0.05, 0.95))
        guessed = float(lengths.std() / max(float(lengths.mean()), 1.0))
        total += weight * min(float(high - low), MOST_TURN_DEG) / (1 + (guessed / GUESSED) ** 4)
    return total


def roaming(track: Track) -> float:
    """How far a body goes through the picture, body lengths: the spread of the middle half of the places of that pair
    of joints which stays nearest to one place. Feet, knees or hips stay where they are in any lift; of who walks
    nothing does.
    """
    xy_px = track.xy_px[track.seen]
    ways = [np.ptp(np.quantile(middle(xy_px, left), (0.25, 0.75), axis=0), axis=0).max() for left in JOINTS[::2]]
    return float(min(ways)) / track.body_px


def nearest_px(track: Track, point_px: FloatArray) -> float:
    """Return how near a shoulder, hip or knee of a track ever was to a place (2,), px."""
    return float(np.linalg.norm(track.xy_px[track.seen][:, CORE] - point_px, axis=2).min())


def choose_lifter(tracks: Sequence[Track], subject: str) -> int:
    """Index of the lifter among the tracks; ghosts and passers-by (seen far less often than others) are left out.

    subject : "left" and "right" go by the median place of the hips, "largest" by body length, "auto" by how much the
    body changes its shape, weighed with how often (squared) it was seen, how large it is (at the square root) and how
    little it walks. A place, "640,400", chooses who was ever nearest to it, passers-by as well.
    """
    point = read_point(subject)
    if point is not None:
        return min(range(len(tracks)), key=lambda number: nearest_px(tracks[number], np.array(point)))
    often = max(int(track.seen.sum()) for track in tracks)
    regular = [n for n, track in enumerate(tracks) if track.seen.sum() >= max(SEEN_OFTEN * often, 1)]

    def size_px(number: int) -> float:
        return tracks[number].body_px

    def effort(number: int) -> float:
        count, share = int(tracks[number].seen.sum()), float(tracks[number].seen.mean())
        trust = share**2 * (count - 1) / (count + 3)  # a spread over a few sightings is mostly the model's noise
        stays = 1.0 / (1.0 + (roaming(tracks[number]) / ROAMING) ** 2)
        return restlessness(tracks[number]) * trust * stays * float(np.sqrt(size_px(number)))

    match subject:
        case "left":
            return min(regular, key=lambda number: _place_px(tracks[number]))
        case "right":
            return max(regular, key=lambda number: _place_px(tracks[number]))
        case "largest":
            return max(regular, key=size_px)
        case _:
            return max(regular, key=effort)


def cast_people(time_s: FloatArray, people: Sequence[Sequence[FloatArray]], subject: str) -> Cast | None:
    """Tell the lifter from everybody else who was seen; None when nobody was.

    time_s : (N,) of the scouted frames. people : the bodies seen in each of them, (K, 2), the one found first in front.
    """
    tracks = link_people(time_s, people)
    if not tracks:
        return None
    chosen = choose_lifter(tracks, subject)
    lifter = tracks[chosen]
    rank = np.full(len(time_s), np.inf)
    rivals: list[tuple[FloatArray, ...]] = []
    for index, sightings in enumerate(people):
        own = [which for which, each in enumerate(sightings) if np.array_equal(each, lifter.xy_px[index])]
        if own:
            rank[index] = own[0]
        rivals.append(tuple(each for which, each in enumerate(sightings) if which not in own))
    others = tuple(track for number, track in enumerate(tracks) if number != chosen and _is_apart(track, lifter))
    return Cast(lifter, others, tuple(rivals), rank)


def say_who(cast: Cast, subject: str) -> str:
    """Return a sentence on who of several people was followed, where in the picture and why; "" where nobody else was
    there for long and near enough. Places are those of the upright picture.
    """
    often, near_px = SEEN_OFTEN * int(cast.lifter.seen.sum()), NEAR * cast.lifter.body_px
    beside = [track for track in cast.others if track.seen.sum() >= often and track.body_px >= near_px]
    if not beside:
        return ""
    left_of = sum(_place_px(track) < _place_px(cast.lifter) for track in beside)
    place = {0: "on the left", len(beside): "on the right"}.get(left_of, "between them")
    how = {"auto": "who moves most", "largest": "who is largest"}.get(subject, "as you asked")
    return (
        f"{spell(len(beside) + 1)} people are in the picture: the one {place}, {how}, was followed. If that is not the "
        "lifter, set the subject to left, right or a place in the picture"
    )


def _place_px(track: Track) -> float:
    return float(np.nanmedian(track.xy_px[:, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP], 0]))


def _is_apart(track: Track, lifter: Track) -> bool:
    """Whether a track is somebody in another place, and not the lifter under another name; who is nearly always seen
    beside the lifter may stand nearer.
    """
    if track.seen.sum() < SEEN_TWICE:
        return False
    distances = [core_distance(track.xy_px[n], lifter.at(float(track.time_s[n]))) for n in np.flatnonzero(track.seen)]
    apart = BESIDE if np.mean(track.seen & lifter.seen) >= TOGETHER else 2 * SOMEBODY_ELSE
    return float(np.median(distances)) > apart * lifter.body_px


def plan_framing(lifter: Track, size_px: tuple[int, int]) -> Framing:
    """Choose the square to watch the lifter through: standing still if all of the set fits, else following.

    A rep's extreme may fall between two scouted frames: the square leaves a fifth of a body length round all that
    was seen, and is never smaller than a body at full length with that margin. It is shifted into the picture where it
    fits.
    """
    seen = lifter.seen
    xy_px = lifter.xy_px[seen]
    body_px = lifter.body_px
    low, high = xy_px.min(axis=1), xy_px.max(axis=1)  # (n, 2)
    one = max(float((high - low).max()), body_px)
    union = max(float((high.max(axis=0) - low.min(axis=0)).max()), one)
    moving = union > STILL * one
    side = (one if moving else union) + 2 * WINDOW_MARGIN * body_px
    side = min(side, float(max(size_px)))
    if moving:
        centre = (low + high) / 2
        time_s = lifter.time_s[seen]
    else:
        centre = ((low.min(axis=0) + high.max(axis=0)) / 2)[None]
        time_s = lifter.time_s[seen][:1]
    return Framing(side, body_px, time_s, _into_picture(centre, side, size_px))


def _into_picture(centre_px: FloatArray, side_px: float, size_px: tuple[int, int]) -> FloatArray:
    limits = np.array(size_px, dtype=float)
    half = np.minimum(side_px / 2, limits / 2)
    return np.clip(centre_px, half, limits - half)


def is_somebody_else(xy_px: FloatArray, time_s: float, cast: Cast) -> bool:
    """Whether landmarks lie on another known person, or on a mixture of two, rather than on the lifter."""
    ratio = float(body_length(xy_px)) / cast.lifter.body_px
    if not 1 / MIXTURE < ratio < MIXTURE:
        return True
    near = min((core_distance(xy_px, other.at(time_s)) for other in cast.others), default=np.inf)
    if near >= SOMEBODY_ELSE * cast.lifter.body_px:
        return False
    return near < core_distance(xy_px, cast.lifter.at(time_s))


def is_like_lifter(xy_px: FloatArray, lifter: Track) -> bool:
    """Whether landmarks lie about where the lifter was seen in one of the scouted frames, and are as large as then."""
    length = float(body_length(xy_px))
    for each in lifter.xy_px[lifter.seen]:
        ratio = length / float(body_length(each))
        if 1 / SIZE_RATIO < ratio < SIZE_RATIO and core_distance(xy_px, each) < SAME_PLACE * lifter.body_px:
            return True
    return False


def choose_starts(cast: Cast, shortest_s: float, end_s: float) -> list[float]:
    """Choose the times at which a landmarker may start anew, usually 1 to 1.6 times `shortest_s` apart.

    A start is a scouted frame in which the lifter was found, best one in which they were found first and stood as they
    do most of the time; where there is none for long, any moment has to do. The first chunk is a quarter as long, for
    all workers but one wait for its end; so are the last ones, for all workers but one wait after them.
    """
    lifter = cast.lifter
    usual = np.median(lifter.xy_px[lifter.seen], axis=0)
    oddness = [core_distance(each, usual) / lifter.body_px for each in lifter.xy_px] + cast.rank
    starts = [-np.inf]
    last_s = float(lifter.time_s[0])
    while True:
        share = (end_s - last_s) / (TAPER * shortest_s) if len(starts) > 1 else 0.0
        least_s = shortest_s * min(max(share, 0.25), 1.0)
        late = (lifter.time_s >= last_s + least_s) & (lifter.time_s <= end_s - shortest_s / 4)
        soon = np.flatnonzero(late & (lifter.time_s <= last_s + LONGEST * least_s) & lifter.seen)
        if len(soon):
            last_s = float(lifter.time_s[min(soon, key=lambda index: oddness[index])])
        elif last_s + LONGEST * least_s < end_s - shortest_s / 4:
            last_s += LONGEST * least_s
        else:
            return starts
        starts.append(last_s)


def cover_body(size: int, xy_px: FloatArray) -> BoolArray:
    """(size, size) True over head, trunk and thighs of a body: painted grey, it will not be found again."""
    shoulder, hip, knee = (
        (xy_px[left] + xy_px[left + 1]) / 2 for left in (Landmark.LEFT_SHOULDER, Landmark.LEFT_HIP, Landmark.LEFT_KNEE)
    )
    trunk = float(np.linalg.norm(shoulder - hip))
    radius = 0.3 * max(trunk, 0.25 * float(body_length(xy_px)))
    covered = np.zeros((size, size), dtype=bool)
    for start, stop in ((xy_px[Landmark.NOSE], shoulder), (shoulder, hip), (hip, knee)):
        left, top = (max(0, int(each)) for each in np.minimum(start, stop) - radius)
        right, bottom = (max(0, int(each) + 1) for each in np.maximum(start, stop) + radius)
        part = covered[top:bottom, left:right]
        part |= _near_segment(part.shape, start - (left, top), stop - (left, top), radius)
    return covered


def _near_segment(shape: tuple[int, ...], start: FloatArray, stop: FloatArray, radius: float) -> BoolArray:
    y, x = np.ogrid[: shape[0], : shape[1]]
    along = stop - start
    share = ((x - start[0]) * along[0] + (y - start[1]) * along[1]) / max(float(along @ along), 1e-9)
    share = np.clip(share, 0.0, 1.0)
    return np.asarray(np.hypot(x - start[0] - share * along[0], y - start[1] - share * along[1]) < radius)
