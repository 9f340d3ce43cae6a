"""Who of several people is the lifter: sightings without a name are linked over time, and one person is chosen.

The watcher of videos has the like in `pose.person_tracking`, over 33 landmarks that are all there; files leave out
landmarks, frames and people, and may name who is who.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from formcheck import signals
from formcheck.data import FloatArray
from formcheck.errors import SettingsError
from formcheck.io.load.tracks import Person, Recording
from formcheck.settings import read_point
from formcheck.skeleton import MOST_TURN_DEG, SEEN_OFTEN, SIDES, landmark

NEAR = 0.6  # body sizes that a body moves between two frames at most ...
NEAR_GROWS = 0.05  # ... and more for each frame without it ...
NEAR_MOST = 1.5  # ... up to this
CHANGE = 1.8  # times that a body's box grows or shrinks between two sightings at most
LOST_FRAMES = 30  # frames without somebody after whom another name is another person [D]
MOST_NAMED = 6  # of the people in a file
FOLLOWED = 100  # bodies seen last that a new sighting is compared with
SEGMENTS = (("shoulder", "hip", 1.0), ("hip", "knee", 1.0), ("knee", "ankle", 0.5))  # weights of `restlessness`


@dataclass(frozen=True, eq=False)
class _Spot:  # where a body is: its keypoints (N, 2), their middle (2,) and the size of its box
    body: FloatArray
    centre: FloatArray
    size: float


@dataclass(eq=False)
class _Followed:  # what `link_sightings` remembers of a body
    number: int
    row: int
    spot: _Spot


def link_sightings(frames: Sequence[Sequence[FloatArray]]) -> list[list[int]]:
    """Return for each frame's bodies (N, 2) or more which person each is: a number from 0 in order of appearance.

    Near enough is a matter of the middles, in sizes of the body's own box; of those that are, the one whose keypoints
    are nearest is the same person, so that somebody who walks past does not take the lifter's place. Whoever fits
    nobody is somebody new.
    """
    followed: list[_Followed] = []
    count, numbers = 0, []
    for row, bodies in enumerate(frames):
        spots = [_spot(body) for body in bodies]
        own = _match(followed, row, spots)
        for which, spot in enumerate(spots):
            if which not in own:
                own[which] = _Followed(count, row, spot)
                followed.append(own[which])
                count += 1
            if np.isfinite(spot.centre).all():
                own[which].row, own[which].spot = row, spot
        numbers.append([own[which].number for which in range(len(spots))])
        followed = sorted(followed, key=lambda each: each.row)[-FOLLOWED:]
    return numbers


def _spot(body: FloatArray) -> _Spot:
    seen = body[np.isfinite(body[:, :2]).all(axis=1), :2]
    if not len(seen):
        return _Spot(body[:, :2], np.full(2, np.nan), float("nan"))
    return _Spot(body[:, :2], np.median(seen, axis=0), float(np.linalg.norm(np.ptp(seen, axis=0))))


def _match(followed: Sequence[_Followed], row: int, spots: Sequence[_Spot]) -> dict[int, _Followed]:
    """Return who each sighting is, nearest first; those that are too far from everybody, or too large, are left out."""
    if not followed or not spots:
        return {}
    fits = _fit(followed, row, spots)
    away = _apart(spots, [each.spot for each in followed])
    own: dict[int, _Followed] = {}
    taken: set[int] = set()
    which_of, place_of = np.nonzero(fits)
    for pair in np.argsort(away[fits], kind="stable"):
        which, place = int(which_of[pair]), int(place_of[pair])
        if which not in own and place not in taken:
            own[which] = followed[place]
            taken.add(place)
    return own


def _fit(followed: Sequence[_Followed], row: int, spots: Sequence[_Spot]) -> NDArray[np.bool_]:
    """Return which sightings (rows) may be which of those followed, by the middles and sizes of their boxes."""
    before = np.array([each.spot.centre for each in followed])
    size_before = np.array([each.spot.size for each in followed])
    now, size_now = np.array([spot.centre for spot in spots]), np.array([spot.size for spot in spots])
    gone = np.array([row - each.row - 1 for each in followed])
    larger = np.maximum(size_now[:, None], size_before)
    least = np.minimum(size_now[:, None], size_before)
    away = np.linalg.norm(now[:, None] - before, axis=2) / np.where(larger > 0, larger, 1.0)
    reach = np.minimum(NEAR_MOST, NEAR + NEAR_GROWS * gone)
    return np.asarray((away <= reach) & (larger <= CHANGE * least))  # NaN fits nothing


def _apart(now: Sequence[_Spot], before: Sequence[_Spot]) -> FloatArray:
    """Return how far bodies lie apart, (now, before): mean distance of keypoints that both show, else of middles."""
    middles = np.linalg.norm(np.array([n.centre for n in now])[:, None] - np.array([b.centre for b in before]), axis=2)
    if len({len(each.body) for each in (*now, *before)}) > 1:
        return np.asarray(middles)
    apart = np.linalg.norm(np.array([n.body for n in now])[:, None] - np.array([b.body for b in before]), axis=3)
    both = np.isfinite(apart)
    mean = np.where(both, apart, 0.0).sum(axis=2) / np.maximum(1, both.sum(axis=2))
    return np.asarray(np.where(both.any(axis=2), mean, middles), float)


def join_tracks(people: Sequence[Person]) -> tuple[Person, ...]:
    """Return people with those joined whom a tracker lost and found again under another name.

    One is the other's sequel who appears where the other was lost, within LOST_FRAMES and as large.
    """
    parts: list[list[Person]] = []
    for person in sorted(people, key=lambda each: int(each.rows[0]) if len(each.rows) else 0):
        ended = [part for part in parts if len(person.rows) and part[-1].rows[-1] < person.rows[0]]
        ended = [part for part in ended if person.rows[0] - part[-1].rows[-1] <= LOST_FRAMES]
        followed = [_Followed(number, int(part[-1].rows[-1]), _last(part[-1], -1)) for number, part in enumerate(ended)]
        own = _match(followed, int(person.rows[0]), [_last(person, 0)]) if followed else {}
        if own:
            ended[own[0].number].append(person)
        else:
            parts.append([person])
    return tuple(_join(part) for part in parts)


def _last(person: Person, which: int) -> _Spot:
    """Return where a person is first (0) or last (-1) seen."""
    seen = np.flatnonzero(np.asarray(np.isfinite(person.xy).all(axis=2)).any(axis=1))
    return _spot(person.xy[seen[which] if len(seen) else which])


def _join(parts: Sequence[Person]) -> Person:
    if len(parts) == 1:
        return parts[0]
    return Person(
        f"{parts[0].name} (later {parts[-1].name})",
        np.concatenate([each.rows for each in parts]),
        np.concatenate([each.xy for each in parts]),
        np.concatenate([each.world_m for each in parts]),
        np.concatenate([each.visibility for each in parts]),
    )


def choose_person(recording: Recording, subject: str) -> tuple[Person | None, str]:
    """Return the lifter, None when nobody is there, and a sentence that names all when there are several.

    "left" and "right" go by the median place in the picture, "largest" by size, "auto" by how much the body changes its
    shape, weighed with how often it was seen and how large it is. Passers-by are left out.
    Raises SettingsError for a place in the picture: a file's coordinates need not be the picture's.
    """
    if read_point(subject) is not None:
        raise SettingsError(
            f"--subject {subject} is a place in a video's picture, and this is a file of landmarks.",
            "Choose with --subject left, right or largest.",
        )
    people = join_tracks([person for person in recording.people if np.isfinite(person.xy).any()])
    if not people:
        return None, ""
    often = max(_count_seen(person) for person in people)
    regular = [person for person in people if _count_seen(person) >= SEEN_OFTEN * often]
    match subject:
        case "left":
            chosen = min(regular, key=_place)
        case "right":
            chosen = max(regular, key=_place)
        case "largest":
            chosen = max(regular, key=_size)
        case _:
            chosen = max(regular, key=lambda person: _effort(person, len(recording.frame)))
    if len(regular) < 2:
        return chosen, ""
    names = ", ".join(person.name for person in regular[:MOST_NAMED])
    names += f" and {len(regular) - MOST_NAMED} more" if len(regular) > MOST_NAMED else ""
    how = "who moves most" if subject == "auto" else "as you asked"
    return chosen, (
        f"the file holds {len(regular)} people ({names}): {chosen.name}, {how}, was measured. If that is not the "
        "lifter, set the subject to left, right or largest"
    )


def _count_seen(person: Person) -> int:
    return int(np.asarray(np.isfinite(person.xy).all(axis=2)).any(axis=1).sum())


def _place(person: Person) -> float:
    return signals.median(person.xy[:, :, 0])


def _size(person: Person) -> float:
    lengths = [signals.median(np.abs(_along(person.xy, top, bottom))) for top, bottom, _ in SEGMENTS]
    return sum(length for length in lengths if np.isfinite(length))


def _effort(person: Person, n_frames: int) -> float:
    share = _count_seen(person) / n_frames
    return restlessness(person.xy) * share**2 * float(np.sqrt(_size(person)))


def restlessness(xy: FloatArray) -> float:
    """Return how much a body (T, K, 2) changes its shape: spread of the inclinations of its segments, degrees.

    Walking about changes no inclination for long; a rep of any hamstring lift changes one by 60 deg or more.
    """
    return sum(weight * min(_turn_deg(xy, top, bottom), MOST_TURN_DEG) for top, bottom, weight in SEGMENTS)


def _turn_deg(xy: FloatArray, top: str, bottom: str) -> float:
    """Return the spread of a segment's inclination (5 to 95 %), degrees; 0 for one that was never seen."""
    direction = _along(xy, top, bottom)
    direction = direction[np.isfinite(direction)]
    if not len(direction):
        return 0.0
    angles = np.degrees(np.angle(direction / (direction.mean() or 1.0)))
    low, high = np.quantile(angles, (0.05, 0.95))
    return float(high - low)


def plant(xy: FloatArray) -> FloatArray:
    """Return positions (T, K, 2) around the hips, moved so that what carries the body stays still.

    Those are the ankles, which formcheck takes to stand or to be held; the hips stay where the shanks alone move, as in
    a leg curl.
    """
    trunk_deg, thigh_deg, shank_deg = (_turn_deg(xy, top, bottom) for top, bottom, _ in SEGMENTS)
    ankles = xy[:, [landmark(side, "ankle") for side in SIDES]].mean(axis=1, keepdims=True)
    return xy if shank_deg > trunk_deg + thigh_deg else xy - ankles


def _along(xy: FloatArray, top: str, bottom: str) -> np.typing.NDArray[np.complex128]:
    """Return (T,) complex vectors of a segment, on the side that was seen more often."""
    sides = [xy[:, landmark(side, top)] - xy[:, landmark(side, bottom)] for side in SIDES]
    best = max(sides, key=lambda each: int(np.isfinite(each).all(axis=1).sum()))
    return np.asarray(best[:, 0] + 1j * best[:, 1])
