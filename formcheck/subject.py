"""Who is the lifter? People seen in a few frames are linked over time, and the one who does the reps is chosen.

Pure numpy over landmarks in upright picture pixels. A "sighting" is one body in one frame, (K, 2); a track is one
person's sightings over the scouted frames. All distances are measured in body lengths, so that near and far are alike.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from formcheck.data import BoolArray, FloatArray
from formcheck.skeleton import Landmark

CORE = [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER, Landmark.LEFT_HIP, Landmark.RIGHT_HIP, Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE]

LEFTOVER_INSIDE = 0.6  # share of a sighting's box inside another body's box ...
LEFTOVER_SIZE = 0.6  # ... which is this much longer: limbs that painting out that body left behind
SAME_BODY = 0.25  # body lengths between the cores of two sightings: one body seen twice
SAME_TRACK = 0.45  # body lengths by which the third of the landmarks that moved least may move between scouted frames
SIZE_RATIO = 1.7  # between sightings of one track; nobody walks closer faster than that
SEEN_OFTEN = 0.3  # share of the lifter's sightings below which a track is a passer-by or a ghost
SOMEBODY_ELSE = 0.22  # body lengths from another person's interpolated core within which a body is that person
MARGIN = 0.25  # body lengths round all that was seen of the lifter: what happens between two scouted frames
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

    def at(self, time_s: float) -> FloatArray:
        """Landmarks (K, 2) at any time: between two sightings along the straight line, before and after as seen."""
        seen = self.seen
        flat = self.xy_px[seen].reshape(int(seen.sum()), -1)
        after = int(np.searchsorted(self.time_s[seen], time_s))
        if after in {0, len(flat)}:
            return flat[min(after, len(flat) - 1)].reshape(-1, 2)
        start_s, stop_s = self.time_s[seen][after - 1 : after + 1]
        share = (time_s - start_s) / (stop_s - start_s)
        return np.asarray((flat[after - 1] * (1 - share) + flat[after] * share).reshape(-1, 2))


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


def body_length(xy_px: FloatArray) -> FloatArray:
    """Head to ankle along the limbs, px: (..., K, 2) -> (...,). Does not shrink when a body bends or lies down."""
    shoulder, hip, knee, ankle = (
        (xy_px[..., left, :] + xy_px[..., left + 1, :]) / 2
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
        if _core_distance(xy_px, other) < SAME_BODY * length:
            return True
    return False


def _core_distance(a: FloatArray, b: FloatArray) -> float:
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
    return [_as_track(time_s, track) for track in tracks]


def _as_track(time_s: FloatArray, sightings: dict[int, FloatArray]) -> Track:
    first = next(iter(sightings.values()))
    xy_px = np.full((len(time_s), *first.shape), np.nan)
    for index, sighting in sightings.items():
        xy_px[index] = sighting
    return Track(time_s, xy_px)


def _link_cost(track: dict[int, FloatArray], sighting: FloatArray) -> float:
    """Body lengths by which the least moved third of the landmarks moved since the track was last seen."""
    last = track[max(track)]
    lengths = float(body_length(last)), float(body_length(sighting))
    if max(lengths) > SIZE_RATIO * min(lengths):
        return np.inf
    return float(np.quantile(np.linalg.norm(last - sighting, axis=1), 1 / 3)) / max(lengths)


def restlessness(track: Track) -> float:
    """How much the body changes its shape, deg: spread of the inclinations of trunk, thigh and (at half weight) shank.

    Walking about or being panned over changes no inclination for long; a rep of any hamstring lift changes one of them
    by 60 deg or more.
    """
    xy_px = track.xy_px[track.seen]
    total = 0.0
    for top, bottom, weight in (
        (Landmark.LEFT_SHOULDER, Landmark.LEFT_HIP, 1.0),
        (Landmark.LEFT_HIP, Landmark.LEFT_KNEE, 1.0),
        (Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE, 0.5),
    ):
        along = xy_px[:, [top, top + 1]].mean(axis=1) - xy_px[:, [bottom, bottom + 1]].mean(axis=1)
        direction = along[:, 0] + 1j * along[:, 1]
        angles = np.degrees(np.angle(direction / (direction.mean() or 1.0)))
        low, high = np.quantile(angles, (0.05, 0.95))
        total += weight * float(high - low)
    return total


def choose_lifter(tracks: Sequence[Track], subject: str) -> int:
    """Index of the lifter among the tracks; ghosts and passers-by (seen far less often than others) are left out.

    subject : "left" and "right" go by the median place of the hips, "largest" by body length, "auto" by how much the
    body changes its shape, weighed with how often it was seen and, at the square root, how large it is.
    """
    often = max(int(track.seen.sum()) for track in tracks)
    regular = [n for n, track in enumerate(tracks) if track.seen.sum() >= max(SEEN_OFTEN * often, 1)]

    def place_px(number: int) -> float:
        return float(np.nanmedian(tracks[number].xy_px[:, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP], 0]))

    def size_px(number: int) -> float:
        return float(np.nanmedian(body_length(tracks[number].xy_px)))

    def effort(number: int) -> float:
        seen = float(tracks[number].seen.mean())
        return restlessness(tracks[number]) * seen * float(np.sqrt(size_px(number)))

    match subject:
        case "left":
            return min(regular, key=place_px)
        case "right":
            return max(regular, key=place_px)
        case "largest":
            return max(regular, key=size_px)
        case _:
            return max(regular, key=effort)


def plan_framing(lifter: Track, size_px: tuple[int, int]) -> Framing:
    """Choose the square to watch the lifter through: standing still if all of the set fits, else following.

    A rep's extreme may fall between two scouted frames: the square leaves a quarter of a body length round all that
    was seen, and is never smaller than a body at full length with that margin. It is shifted into the picture where it
    fits.
    """
    seen = lifter.seen
    xy_px = lifter.xy_px[seen]
    body_px = float(np.median(body_length(xy_px)))
    low, high = xy_px.min(axis=1), xy_px.max(axis=1)  # (n, 2)
    one = max(float((high - low).max()), body_px)
    union = max(float((high.max(axis=0) - low.min(axis=0)).max()), one)
    moving = union > STILL * one
    side = (one if moving else union) + 2 * MARGIN * body_px
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


def is_somebody_else(xy_px: FloatArray, time_s: float, lifter: Track, others: Sequence[Track]) -> bool:
    """Whether landmarks lie on another known person rather than on the lifter."""
    length = float(np.median(body_length(lifter.xy_px[lifter.seen])))
    own = _core_distance(xy_px, lifter.at(time_s))
    for other in others:
        distance = _core_distance(xy_px, other.at(time_s))
        if distance < SOMEBODY_ELSE * length and distance < own:
            return True
    return False


def cover_body(shape: tuple[int, int], xy_px: FloatArray) -> BoolArray:
    """(h, w) True over head, trunk and thighs of a body: painted grey, it will not be found again."""
    shoulder, hip, knee = ((xy_px[left] + xy_px[left + 1]) / 2 for left in (Landmark.LEFT_SHOULDER, Landmark.LEFT_HIP, Landmark.LEFT_KNEE))
    trunk = float(np.linalg.norm(shoulder - hip))
    radius = 0.3 * max(trunk, 0.25 * float(body_length(xy_px)))
    row, column = np.mgrid[: shape[0], : shape[1]]
    covered = np.zeros(shape, dtype=bool)
    for start, stop in ((xy_px[Landmark.NOSE], shoulder), (shoulder, hip), (hip, knee)):
        covered |= _near_segment(column, row, start, stop, radius)
    return covered


def _near_segment(x: np.ndarray, y: np.ndarray, start: FloatArray, stop: FloatArray, radius: float) -> BoolArray:
    along = stop - start
    share = ((x - start[0]) * along[0] + (y - start[1]) * along[1]) / max(float(along @ along), 1e-9)
    share = np.clip(share, 0.0, 1.0)
    return np.asarray(np.hypot(x - start[0] - share * along[0], y - start[1] - share * along[1]) < radius)
