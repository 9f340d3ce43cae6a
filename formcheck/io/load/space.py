"""Markers in space, from TRC and C3D files, seen from the lifter's side; or flat ones, which are a picture already.

Which axis is up is found from the body. The sagittal plane is found from the markers: the hips' line (else the
shoulders') says what is sideways. Its coordinates become the picture's, in millimetres instead of pixels, the lifter
facing right. Markers whose third coordinate never changes are a picture: its x and y, turned upright.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from formcheck import signals
from formcheck.data import FloatArray
from formcheck.errors import InputError
from formcheck.io.load.names import assign_landmarks
from formcheck.io.load.tracks import Person, Recording, empty_tracks, hide_unplaced
from formcheck.skeleton import SIDES, Side, landmark

METRES = {
    "m": 1.0,
    "cm": 0.01,
    "mm": 0.001,
    "meter": 1.0,
    "meters": 1.0,
    "metres": 1.0,
    "metre": 1.0,
    "millimeters": 0.001,
    "millimetres": 0.001,
    "in": 0.0254,
}
PIXELS = ("px", "pixel", "pixels")  # then a third coordinate is a guess of the pose model's, in whatever it likes
LEG_M = (0.5, 1.3)  # thigh and shank of an adult together, generously [D]
TALL_M = 1.1  # a standing or lying adult is longer, and a body within its picture, in fractions of it, is not [D]
STIFF = 1.2  # times at most that a segment grows as it turns: more where a picture's sides differ and count as one [D]
WRITE_AGAIN = "Export it again: units m, cm or mm, tabs between columns, Y up."
SITS_DEG = 45.0  # of hip flexion: a bench for lying curls bends the hip little, a seat by about 90 [D]
STAYS_LEG = 0.25  # lengths of the leg: a foot that stands or is held moves less, one that curls more [D]
KNEELS_DEG = 60.0  # a standing hinge bends its knee less, a body that kneels starts from 90 [D]
ALONG = 0.8  # of a segment's length lies along the axis that is up: it leans less than 37 deg [D]
HIPS_ALONG_UP = 0.5  # of the hips' line at most lies along the axis that is up


def place_recording(
    kind: str,
    names: Sequence[str],
    spot: FloatArray,
    frame: FloatArray,
    time_s: FloatArray | None,
    unit: str,
    path: Path,
    side: Side,
) -> Recording:
    """Return markers (T, N, 3) as a recording; `unit` as the file writes it.

    Raises InputError for a unit that is none, unknown markers, or markers without a sideways line.
    """
    known = assign_landmarks(names, side, path)
    _, raw, visibility = empty_tracks(len(spot))
    said = ""
    for column, name in enumerate(names):
        if name in known:
            raw[:, known[name]] = np.where((spot[:, [column]] == 0).all(axis=2), np.nan, spot[:, column])
    plane = [0, 1] if unit.strip().lower() in PIXELS else find_plane(raw)
    if plane is not None:
        turned = np.array((-1.0, 1.0) if plane == [1, 0] else (1.0, 1.0))  # by a quarter, and not mirrored
        xy, visibility = hide_unplaced(as_picture(turned * raw[:, :, plane]), visibility)
        world_m = np.full_like(raw, np.nan)
    else:
        metres = _metres(raw, unit, path)
        said = _say_doubted_unit(unit, metres)
        world_m = see_from_the_side(metres * raw, path)
        xy, visibility = hide_unplaced(1000.0 * world_m[:, :, :2], visibility, origin_is_missing=False)
    person = Person("", np.arange(len(spot)), xy, world_m, visibility)
    return Recording(kind, frame, time_s, (person,), in_space=plane is None, pixels=True, reading=said)


def measures_metres(spot: FloatArray) -> bool | None:
    """Return whether (T, K, 2 or 3) positions without a unit are metres, and not fractions of a picture; None where
    they may be either.

    In metres legs are as long as legs, the body is longer than a picture is high, and no segment changes its length as
    it turns. In fractions it does, but for a square picture, whose angles are the same either way.
    """
    if not LEG_M[0] <= leg_length(spot) <= LEG_M[1]:
        return False
    body = spot[np.isfinite(spot).all(axis=2).sum(axis=1) > 0]
    spans = np.nanmax(body, axis=1) - np.nanmin(body, axis=1)
    tall = float(np.quantile(spans.max(axis=1), 0.95)) > TALL_M
    stiff = _growth(spot) < STIFF
    return tall if tall == stiff else None


def _growth(spot: FloatArray) -> float:
    """Return how many times longer trunk, thigh or shank becomes, the one of them that grows most; 1 for no body."""
    most = 1.0
    for top, bottom in (("shoulder", "hip"), ("hip", "knee"), ("knee", "ankle")):
        sides = [
            np.linalg.norm(spot[:, landmark(side, top)] - spot[:, landmark(side, bottom)], axis=1) for side in SIDES
        ]
        lengths = max((each[np.isfinite(each)] for each in sides), key=len)
        least, greatest = np.quantile(lengths, (0.05, 0.95)) if len(lengths) else (1.0, 1.0)
        most = max(most, float(greatest / least) if least > 0 else np.inf)
    return most


def see_from_the_side(spot_m: FloatArray, path: Path) -> FloatArray:
    """Return (T, K, 3) markers, metres along any axes, as a camera at the lifter's right sees them. Raises InputError
    for markers without a sideways line.
    """
    return _turn_to_the_side(turn_upright(spot_m), path)


def _say_doubted_unit(unit: str, metres: float) -> str:
    """Return a sentence where the unit that a file names was not believed, or is none; else ""."""
    if METRES.get(unit.strip().lower()) == metres:
        return ""
    taken = next(name for name, each in METRES.items() if each == metres)
    said = f"calls the unit of its markers {unit.strip()!r}" if unit.strip() else "does not say which unit it is in"
    return f"the file {said}: its markers were read in {taken}, as the length of the legs says"


def find_plane(raw: FloatArray) -> list[int] | None:
    """Return the two axes of (T, K, 3) markers that lie in a plane, the upright one last; None for markers in space.

    Flat are markers whose third coordinate never changes. Upright is y, and z where y is what never changes, or where
    x is and the shoulders lie higher over the knees along z; x where the body says so.
    """
    spans = [
        float(np.ptp(seen)) if len(seen := raw[:, :, axis][np.isfinite(raw[:, :, axis])]) else 0.0 for axis in range(3)
    ]
    still = [axis for axis in (2, 1, 0) if spans[axis] <= 1e-6 * max(spans)]
    if len(still) != 1:
        return None
    if still[0]:
        rising = find_up(raw)
        x_up = rising is not None and np.argmax(np.abs(rising)) == 0
        return [3 - still[0], 0] if x_up else [0, 3 - still[0]]
    above = _middle(raw, "shoulder") - _middle(raw, "knee")
    return [1, 2] if abs(signals.median(above[:, 2])) > abs(signals.median(above[:, 1])) else [2, 1]


def as_picture(xy: FloatArray) -> FloatArray:
    """Return flat markers (T, K, 2) as a picture's coordinates: y down, metres as millimetres.

    Shoulders are above knees: where their y is larger, y is up; where neither is ever clearly higher, the small
    numbers of metres are up, as TRC has them, and pixels down.
    """
    small = leg_length(xy) < 10.0
    above = signals.median(_middle(xy, "knee")[:, 1] - _middle(xy, "shoulder")[:, 1]) / (leg_length(xy) or 1.0)
    y_up = small if not abs(above) > 0.1 else above < 0
    scale = 1000.0 if small else 1.0
    return np.asarray(scale * xy * ((1.0, -1.0) if y_up else (1.0, 1.0)))


def leg_length(spot: FloatArray) -> float:
    """Return the longer leg's median length, thigh and shank, in the unit of (T, K, 2 or 3); NaN without a leg."""
    legs = []
    for side in SIDES:
        hip, knee, ankle = (spot[:, landmark(side, joint)] for joint in ("hip", "knee", "ankle"))
        legs.append(signals.median(np.linalg.norm(hip - knee, axis=1) + np.linalg.norm(knee - ankle, axis=1)))
    return max((leg for leg in legs if np.isfinite(leg)), default=float("nan"))


def _metres(raw: FloatArray, unit: str, path: Path) -> float:
    """Return metres in the file's unit: the one it names, unless no leg is as long as that; then the one that fits."""
    leg = leg_length(raw)
    named = METRES.get(unit.strip().lower())
    if named is not None and not (np.isfinite(leg) and not LEG_M[0] <= named * leg <= LEG_M[1]):
        return named
    fitting = [metres for metres in (1.0, 0.01, 0.001) if LEG_M[0] <= metres * leg <= LEG_M[1]]
    if fitting:
        return fitting[0]
    if named is not None:
        return named
    said = f"says {unit.strip()!r}" if unit.strip() else "says nothing"
    raise InputError(f"{path} does not say which unit its markers are in: it {said}.", WRITE_AGAIN)


def _middle(spot: FloatArray, joint: str) -> FloatArray:
    """Return the middle of a joint's two sides, or the one that was seen: (T, K, D) -> (T, D)."""
    left, right = (spot[:, landmark(side, joint)] for side in SIDES)
    return np.where(
        np.isfinite(left) & np.isfinite(right), (left + right) / 2, np.where(np.isfinite(left), left, right)
    )


def turn_upright(spot: FloatArray) -> FloatArray:
    """Return (T, K, 3) markers with Y up, from files with any axis up or down.

    Up is what `find_up` says. Where it cannot say it, it is the axis across the hips' line along which the shoulders
    stand highest over the knees: Y, as TRC and OpenSim have it, unless the body says Z.
    """
    rising = find_up(spot)
    if rising is None:
        sideways = abs(_sideways(spot))
        rising = _median_line(_middle(spot, "shoulder") - _middle(spot, "knee")) / (leg_length(spot) or 1.0)
        level = ~(sideways > HIPS_ALONG_UP * float(np.linalg.norm(sideways)))
        axis = 2 if level[2] and (not level[1] or abs(rising[2]) > 1.5 * abs(rising[1])) else 1
    else:
        axis = int(np.argmax(np.abs(rising)))
    x, y, z = np.moveaxis(spot, -1, 0)
    along, up, across = ((-y, x, z), (x, y, z), (x, z, -y))[axis]
    if rising[axis] < -0.25:
        up, across = -up, -across
    return np.stack([along, up, across], axis=-1)


def find_up(spot: FloatArray) -> FloatArray | None:
    """Return which way is up in markers (T, K, D), (D,), by what the body does; None where no axis is clearly nearest.

    Where the ankles stay, it is the shank of a body that stands, and of one that kneels (its knee bends beyond
    KNEELS_DEG) the thigh when the knee is bent most. Where they move, somebody curls: up is the trunk of a body that
    sits, and of one that lies face down where the shank points when the knee is bent most, across trunk and hips.
    """
    hip, knee, ankle, shoulder = (_middle(spot, joint) for joint in ("hip", "knee", "ankle", "shoulder"))
    seen = np.isfinite(hip + knee + ankle + shoulder).all(axis=1)
    if not seen.any():
        return None
    thigh, shank, trunk = (_directions(line[seen]) for line in (hip - knee, knee - ankle, shoulder - hip))
    bend_deg = np.degrees(np.arccos(np.clip((thigh * shank).sum(axis=1), -1.0, 1.0)))
    bent = bend_deg >= np.quantile(bend_deg, 0.95)
    moved = float(np.linalg.norm(np.ptp(np.quantile(ankle[seen], (0.05, 0.95), axis=0), axis=0)))
    hip_deg = np.degrees(np.arccos(np.clip((thigh * trunk).sum(axis=1), -1.0, 1.0)))
    if moved < STAYS_LEG * leg_length(spot):
        rising = _median_line(thigh[bent] if float(bend_deg[bent].min()) > KNEELS_DEG else shank)
    elif signals.median(hip_deg) > SITS_DEG:
        rising = _median_line(trunk)
    else:
        rising = -_median_line(shank[bent])
        for line in (_median_line(trunk), _sideways(spot)[: spot.shape[2]]):
            length = float(np.linalg.norm(line))
            rising = rising - line * float(rising @ line) / length**2 if length > 0 else rising
    length = float(np.linalg.norm(rising))
    return rising / length if np.max(np.abs(rising), initial=0.0) > ALONG * length > 0 else None


def _median_line(lines: FloatArray) -> FloatArray:
    """Return the median of lines (T, D), axis by axis: (D,)."""
    return np.array([signals.median(lines[:, axis]) for axis in range(lines.shape[1])])


def _directions(line: FloatArray) -> FloatArray:
    """Return (T, D) lines with length 1, NaN for those without one."""
    length = np.linalg.norm(line, axis=1, keepdims=True)
    return np.asarray(line / np.where(length > 0, length, np.nan))


def _sideways(spot: FloatArray) -> FloatArray:
    """Return the median line from the left hip to the right, else of the shoulders; zeros without both."""
    for joint in ("hip", "shoulder"):
        left, right = (spot[:, landmark(side, joint)] for side in SIDES)
        line = np.array([signals.median((right - left)[:, axis]) for axis in range(3)])
        if np.isfinite(line).all() and np.linalg.norm(line) > 0.01:  # metres: less is no line
            return line
    return np.zeros(3)


def _turn_to_the_side(spot_m: FloatArray, path: Path) -> FloatArray:
    """Return (T, K, 3) markers as a camera at the lifter's right sees them: x forward, y down, z away."""
    for joint in ("hip", "shoulder"):
        left, right = (spot_m[:, landmark(side, joint)] for side in SIDES)
        sideways = np.array([signals.median((right - left)[:, axis]) for axis in (0, 2)])
        length = float(np.hypot(*sideways))
        if length > 0.01:  # metres: less is no line
            right_x, right_z = sideways / length
            forward = right_z * spot_m[:, :, 0] - right_x * spot_m[:, :, 2]
            right_of = right_x * spot_m[:, :, 0] + right_z * spot_m[:, :, 2]
            return np.stack([forward, -spot_m[:, :, 1], -right_of], axis=-1)
    raise InputError(f"{path} has neither both hips nor both shoulders, so its side view is unknown.", WRITE_AGAIN)
