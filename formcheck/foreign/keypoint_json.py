"""JSON of keypoints: OpenPose (a folder with a file per frame, or a list), MMPose and RTMPose, AlphaPose and COCO
results, and MediaPipe's landmarks per frame.

With several people, the largest of the first frame is followed to the nearest of each next one.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from formcheck.data import FloatArray
from formcheck.errors import InputError
from formcheck.foreign.landmark_csv import are_fractions
from formcheck.foreign.names import LAYOUTS, map_layout
from formcheck.foreign.tracks import Foreign, check_count, empty_tracks, hide_unplaced, read_bytes, to_number

TIMES = {"time_s": 1.0, "time": 1.0, "timestamp_s": 1.0, "timestamp_ms": 1e-3, "time_ms": 1e-3}
FRAMES = ("frame_id", "frame", "frame_number", "frame_idx", "index")
LANDMARKS = ("landmarks", "pose_landmarks", "keypoints")
WORLD = ("world_landmarks", "pose_world_landmarks")
KNOWN = "Known are OpenPose, MMPose (RTMPose), AlphaPose, and a list of frames with time_s and landmarks."


@dataclass(frozen=True, eq=False)
class Person:
    """One person in one frame: keypoints (N, 3) with confidence, world (N, 3) or None."""

    points: FloatArray
    world: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame: its number and time where the file says them, and who is in it."""

    number: float
    time_s: float
    people: tuple[Person, ...]


def read_folder(folder: Path) -> Foreign:
    """Read OpenPose's `--write_json` folder: a file per frame, numbered by the last number of its name."""
    files = sorted(each for each in folder.iterdir() if each.suffix == ".json")
    if not files:
        raise InputError(f"{folder} holds no JSON files.", "Name OpenPose's --write_json folder, or a file.")
    check_count(len(files), folder)
    frames = []
    for index, file in enumerate(files):
        content = _load(read_bytes(file), file)
        digits = re.findall(r"\d+", file.stem)
        number = to_number(digits[-1]) if digits else float(index)
        frames.append(Frame(number, np.nan, _people(content) if isinstance(content, dict) else ()))
    return _as_foreign(frames, folder)


def read_json(text: str, path: Path) -> Foreign:
    """Read one file that holds all frames."""
    content = _load(text.encode(), path)
    if isinstance(content, dict):
        content = next((content[key] for key in ("instance_info", "frames", "results") if key in content), [content])
    if not isinstance(content, list) or not content:
        raise InputError(f"{path} holds no list of frames.", KNOWN)
    check_count(len(content), path)
    if all(isinstance(each, dict) and "image_id" in each for each in content):
        return _as_foreign(_group_by_image(content), path)
    frames = [_frame(each, index) for index, each in enumerate(content) if isinstance(each, dict)]
    return _as_foreign(frames, path)


def _load(raw: bytes, path: Path) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not valid JSON.", "Write the file again.") from error


def _frame(content: Mapping[str, Any], index: int) -> Frame:
    times = [scale * to_number(content[key]) for key, scale in TIMES.items() if key in content]
    numbers = [to_number(content[key]) for key in FRAMES if key in content]
    return Frame(numbers[0] if numbers else float(index), times[0] if times else np.nan, _people(content))


def _group_by_image(content: Sequence[Mapping[str, Any]]) -> list[Frame]:
    """Return COCO results, a record per person, as frames in the order of their pictures' names."""
    images: dict[str, list[Person]] = {}
    for each in content:
        images.setdefault(str(each["image_id"]), []).extend(_people({"people": [each]}))
    ordered = sorted(
        images, key=lambda name: [int(part) if part.isdigit() else 0 for part in re.split(r"(\d{1,15})", name)]
    )
    return [Frame(float(index), np.nan, tuple(images[name])) for index, name in enumerate(ordered)]


def _people(content: Mapping[str, Any]) -> tuple[Person, ...]:
    """Return whoever a frame's record holds, in any of the known forms."""
    for key in ("people", "instances"):
        if isinstance(content.get(key), list):
            found = [_person(each) for each in content[key] if isinstance(each, dict)]
            return tuple(each for each in found if each is not None)
    person = _person(content)
    return () if person is None else (person,)


def _person(content: Mapping[str, Any]) -> Person | None:
    raw = next((content[key] for key in ("pose_keypoints_2d", *LANDMARKS) if key in content), None)
    points = _points(raw)
    if points is None:
        return None
    scores = content.get("keypoint_scores")
    if isinstance(scores, list) and len(scores) == len(points):
        points[:, 2] = [to_number(score) for score in scores]
    world = next((_points(content[key], depth=True) for key in WORLD if key in content), None)
    return Person(points, world if world is not None and len(world) == len(points) else None)


def _points(raw: Any, *, depth: bool = False) -> FloatArray | None:
    """Return keypoints as (N, 3): x, y and confidence, or x, y and z. Flat triples, pairs, triples and records."""
    if not isinstance(raw, list) or not raw:
        return None
    if isinstance(raw[0], list) and raw[0] and isinstance(raw[0][0], dict | list):
        return _points(raw[0], depth=depth)  # a list of people with one in it
    if isinstance(raw[0], int | float):
        if len(raw) % 3:
            return None
        return np.array([to_number(value) for value in raw]).reshape(-1, 3)
    third = ("z",) if depth else ("visibility", "confidence", "score", "likelihood")
    rows = []
    for each in raw:
        if isinstance(each, dict):
            last = next((each[key] for key in third if key in each), None)
            rows.append([to_number(each.get("x")), to_number(each.get("y")), to_number(last)])
        elif isinstance(each, list) and len(each) >= 2:
            rows.append([to_number(value) for value in (*each[:3], None)[:3]])
        else:
            return None
    return np.array(rows)


def _as_foreign(frames: Sequence[Frame], path: Path) -> Foreign:
    """Follow one person and put their keypoints to our landmarks."""
    count = next((len(person.points) for frame in frames for person in frame.people), 0)
    layout = map_layout(count)
    if layout is None:
        known = ", ".join(str(each) for each in LAYOUTS)
        said = f"{count} keypoints a person" if count else "no person"
        raise InputError(f"{path} holds {said}.", f"Layouts of {known} keypoints are known. {KNOWN}")
    name, theirs, ours = layout
    xy, world_m, visibility = empty_tracks(len(frames))
    last: FloatArray | None = None
    for index, frame in enumerate(frames):
        person = _choose([each for each in frame.people if len(each.points) == count], last)
        if person is None:
            continue
        points = _hide_missing(person.points)
        last = np.nanmean(points[:, :2], axis=0)
        xy[index, ours] = points[theirs, :2]
        visibility[index, ours] = points[theirs, 2]
        if person.world is not None:
            world_m[index, ours] = person.world[theirs]
    xy, visibility = hide_unplaced(xy, visibility)
    times = np.array([frame.time_s for frame in frames])
    number = np.array([frame.number for frame in frames])
    return Foreign(
        kind=f"{name} keypoints (JSON)",
        frame=number if np.isfinite(number).all() else np.arange(len(frames), dtype=float),
        time_s=times if np.isfinite(times).all() else None,
        xy=xy,
        world_m=world_m,
        visibility=visibility,
        fractions=are_fractions(xy),
    )


def _hide_missing(points: FloatArray) -> FloatArray:
    """Return keypoints with NaN for those that OpenPose did not find: it writes 0, 0 with confidence 0."""
    missing = (points[:, :2] == 0).all(axis=1)
    return np.where(missing[:, None], np.nan, points)


def _choose(people: Sequence[Person], last: FloatArray | None) -> Person | None:
    """Return the person nearest to where the lifter was, or the tallest when nobody was followed yet."""
    seen = [(person, _hide_missing(person.points)[:, :2]) for person in people]
    seen = [(person, points) for person, points in seen if np.isfinite(points).all(axis=1).any()]
    if not seen:
        return None
    if last is None:
        return max(seen, key=lambda each: float(np.nanmax(each[1][:, 1]) - np.nanmin(each[1][:, 1])))[0]
    return min(seen, key=lambda each: float(np.linalg.norm(np.nanmean(each[1], axis=0) - last)))[0]
