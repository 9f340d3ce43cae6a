"""JSON of keypoints: OpenPose (a folder with a file per frame, or a list), MMPose and RTMPose, AlphaPose, COCO results
and annotations, Ultralytics, and MediaPipe's landmarks per frame, however a script has nested them.

Names and ids of keypoints count before their place. Records of plain values are a table (`landmark_csv`).
"""

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from math import isnan, nan
from pathlib import Path
from typing import Any

import numpy as np

from formcheck.data import FloatArray
from formcheck.errors import InputError
from formcheck.io.load import people, tracks
from formcheck.io.load.clock import last_number, read_moments, to_seconds
from formcheck.io.load.columns import NAMES, rank_of_frames, read_moment_name, split_words
from formcheck.io.load.content import decode, unpack
from formcheck.io.load.landmark_csv import read_landmarks
from formcheck.io.load.names import LAYOUTS, assign_landmarks, assign_numbers, identify, map_layout
from formcheck.io.load.table import MARK_LINES, Table
from formcheck.skeleton import Landmark, Side
from formcheck.wording import count_noun

FRAME_LISTS = (
    "instance_info",
    "frames",
    "results",
    "predictions",
    "data",
    "poses",
    "detections",
    "pose_data",
    "frame_data",
    "landmarks_per_frame",
    "samples",
    "items",
)
PEOPLE = ("people", "instances", "persons", "poses", "predictions", "detections", "bodies", "objects", "results")
KEYPOINTS = (
    "pose_keypoints_2d",
    "pose_landmarks",
    "landmarks",
    "landmark",
    "keypoints",
    "joints",
    "pose",
    "points",
    "skeleton",
    *("xy", "xyn", "data"),  # how Ultralytics' Keypoints call their arrays
)
WORLD = ("pose_world_landmarks", "world_landmarks", "worldLandmarks", "poseWorldLandmarks")
CAMEL = {"poseLandmarks": "pose_landmarks", "poseWorldLandmarks": "pose_world_landmarks", "keypoints3D": "ignored"}
SCORES = ("keypoint_scores", "scores", "visible", "confidence", "confidences", "visibility", "conf")
NUMBER_KEYS = ("type", "index", "idx")  # what may number a keypoint within its record, beside the words of tables
NAME_LISTS = ("keypoint_names", "landmark_names", "joint_names", "keypoint_id2name", "bodyparts", "names")
TRUST = ("visibility", "confidence", "score", "likelihood", "visible", "conf", "v", "c", "presence")
WHO = ("track_id", "person_id", "idx", "id", "instance_id", "pid", "tracking_id", "track_ids", "ids")
RATES = ("fps", "frame_rate", "framerate", "video_fps", "frameRate")
NESTED = ("meta", "metadata", "meta_info", "info", "video", "video_info", "source")
KNOWN = (
    "Known formats: OpenPose, MMPose (RTMPose), AlphaPose, COCO, Ultralytics, and a list of frames with time_s and "
    "landmarks."
)
PLACES = ("position", "point", "coordinates", "coords")
FEWEST_KEYPOINTS = 4  # keypoints by name that make a record a body
DEEPEST = 6  # levels of lists in lists that are looked through for people


@dataclass(frozen=True, eq=False)
class KeypointPerson:
    """One body in one frame: keypoints (N, 3) with confidence, world (N, 3) or None, names () where only places tell,
    and who it is, "" where the file does not say.
    """

    points: FloatArray
    world: FloatArray | None = None
    names: tuple[str, ...] = ()
    who: str = ""


@dataclass(frozen=True, eq=False)
class KeypointFrame:
    """One frame: its number and time as the file writes them (None: not at all), and who is in it."""

    number: Any
    time: tuple[str, Any] | None
    people: tuple[KeypointPerson, ...]


@dataclass(frozen=True)
class FileNotes:
    """What a file says of all frames: its keypoints' names, its rate and its picture's size."""

    names: tuple[str, ...] = ()
    fps: float | None = None
    size_px: tuple[int, int] | None = None


def read_folder(folder: Path, side: Side) -> tracks.Recording:
    """Read a folder with a file per frame, numbered by its name: OpenPose's `--write_json`, Ultralytics' `save_txt`."""
    files = sorted(each for each in folder.iterdir() if each.name.endswith((".json", ".json.gz")))
    files = files or sorted(each for each in folder.iterdir() if is_label(each.name))
    if not files:
        raise InputError(
            f"{folder} holds no JSON files.", "Give OpenPose's --write_json folder, Ultralytics' labels, or a file."
        )
    tracks.check_count(len(files), folder)
    frames, total = [], 0
    for file in files:
        raw = unpack(tracks.read_bytes(file), file)
        total += raw.count(b",") + raw.count(b" ")
        tracks.check_values(total, folder)
        text = decode(raw, file)
        content = _read_labels(text) if is_label(file.name) else _load(text, file)
        number = last_number(file.stem.removesuffix(".json"))
        frames.append(KeypointFrame(None if isnan(number) else number, None, tuple(find_people(content))))
    return _as_recording(frames, FileNotes(), folder, side)


def is_label(name: str) -> bool:
    """Whether a file is by its name the label of a frame: clip_12.txt."""
    return re.fullmatch(r".*\d\.txt", name, re.IGNORECASE) is not None


def _read_labels(text: str) -> list[dict[str, Any]]:
    """Return the people of Ultralytics' labels, a line each: class, box, 2 or 3 numbers a keypoint, confidence, id."""
    found = []
    for line in text.split("\n")[: tracks.MAX_PEOPLE]:
        numbers = [tracks.to_number(word) for word in line.split()]
        for step, more in ((3, 0), (3, 1), (3, 2), (2, 0), (2, 1), (2, 2)):
            count, rest = divmod(len(numbers) - 5 - more, step)
            if rest == 0 and count in LAYOUTS:
                told = numbers[-1] if more and numbers[-1].is_integer() else None
                points = numbers[5 : len(numbers) - more]
                found.append({"keypoints": [points[at : at + step] for at in range(0, len(points), step)], "id": told})
                break
    return found


def read_json(text: str, path: Path, side: Side) -> tracks.Recording:
    """Read one file that holds all frames."""
    content = _load(text, path)
    table = _as_table(content)
    if table is not None:
        return read_landmarks(table, path, side, kind="landmarks (JSON)")
    said = _read_said(content)
    if isinstance(content, dict) and isinstance(content.get("annotations"), list):
        frames, size_px = _read_coco(content)
        return _as_recording(frames, replace(said, size_px=said.size_px or size_px), path, side)
    if isinstance(content, dict):
        content = _find_frames(content)
    if not isinstance(content, list) or not content:
        raise InputError(f"{path} holds no list of frames.", KNOWN)
    tracks.check_count(len(content) // tracks.MAX_PEOPLE, path)
    if all(isinstance(each, dict) and "image_id" in each for each in content):
        return _as_recording(_group_by_image(content, {}), said, path, side)
    frames = [_frame(each) for each in content if isinstance(each, dict | list | str)]
    return _as_recording(frames, said, path, side)


def read_nested(table: Table, path: Path, side: Side) -> tracks.Recording | None:
    """Read a table whose cells hold lists or records of keypoints, as pandas writes those; None for any other."""
    nested = [
        place
        for place in range(len(table.head))
        if any(len(row) > place and str(row[place]).lstrip().startswith(("[", "{")) for row in table.rows[:MARK_LINES])
    ]
    if not nested:
        return None
    records = []
    for row in table.rows:
        cells = {place: _read_cell(str(cell)) if place in nested else cell for place, cell in enumerate(row)}
        records.append({head: cells.get(place) for place, head in enumerate(table.head)})
    if not any(find_people(each) for each in records[:MARK_LINES]):
        return None
    return _as_recording([_frame(each) for each in records], FileNotes(), path, side)


def _read_cell(cell: str) -> Any:
    """Return what a cell holds in JSON, or as Python prints it; None for neither."""
    for text in (cell, cell.replace("'", '"').replace("None", "null").replace("nan", "NaN")):
        with suppress(ValueError, RecursionError):
            return json.loads(text)
    return None


def _load(text: str, path: Path) -> Any:
    """Return what a JSON text, or one with a value a line, holds."""
    tracks.check_values(text.count(",") + text.count("[") + text.count("{"), path)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        lines = [line for line in text.split("\n") if line.strip()]
        try:
            if len(lines) < 2:
                raise InputError(f"{path} is not valid JSON.", "Write the file again.") from error
            return [json.loads(line) for line in lines]
        except (ValueError, RecursionError):
            raise InputError(f"{path} is not valid JSON.", "Write the file again.") from error


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def _as_table(content: Any) -> Table | None:
    """Return records or columns of plain values, as pandas writes them, as a table; None for anything else."""
    if isinstance(content, dict) and isinstance(content.get("columns"), list) and isinstance(content.get("data"), list):
        rows = [row for row in content["data"] if isinstance(row, list) and all(map(_is_plain, row))]  # orient="split"
        return Table(tuple(map(str, content["columns"])), rows)
    if isinstance(content, list) and len(content) > 1 and all(isinstance(each, dict) for each in content):
        plain = all(_is_plain(value) for each in content for value in each.values())
        heads = list(dict.fromkeys(str(key) for each in content for key in each)) if plain else []
        if len(heads) > 2 and len(heads) * len(content) <= 2 * sum(map(len, content)):
            return Table(tuple(heads), [[each.get(head, "") for head in heads] for each in content])
    if isinstance(content, dict) and len(content) > 2:
        columns = [list(each.values()) if isinstance(each, dict) else each for each in content.values()]
        same = {len(each) for each in columns if isinstance(each, list)}
        lists = all(isinstance(each, list) and each and all(map(_is_plain, each)) for each in columns)
        if lists and len(same) == 1 and any(identify(str(key)[:-1]) or read_moment_name(str(key)) for key in content):
            return Table(tuple(map(str, content)), list(zip(*columns, strict=True)))
    return None


def _read_said(content: Any) -> FileNotes:
    """Return what the outermost record says of all frames."""
    if not isinstance(content, dict):
        return FileNotes()
    records = [content, *(content[key] for key in NESTED if isinstance(content.get(key), dict))]
    categories = content.get("categories")
    if isinstance(categories, list) and categories and isinstance(categories[0], dict):
        records.append({"keypoint_names": categories[0].get("keypoints")})
    names: tuple[str, ...] = ()
    rate, size_px = None, None
    for record in records:
        for key in NAME_LISTS:
            each = record.get(key)
            each = list(each.values()) if isinstance(each, dict) else each
            if not names and isinstance(each, list) and each and all(isinstance(name, str) for name in each):
                names = tuple(each)
        rates = [tracks.to_number(record[key]) for key in RATES if key in record]
        rate = rate or next((each for each in rates if 0 < each <= 1000), None)
        size_px = size_px or _size(record)
    return FileNotes(names, rate, size_px)


def _size(record: Mapping[str, Any]) -> tuple[int, int] | None:
    pairs = [(record.get(f"{before}width"), record.get(f"{before}height")) for before in ("", "image_", "video_")]
    pairs += [
        tuple(each)
        for key in ("image_size", "resolution")
        if isinstance(each := record.get(key), list) and len(each) == 2
    ]
    for width, height in pairs:
        if tracks.to_number(width) >= 1 and tracks.to_number(height) >= 1:
            return int(tracks.to_number(width)), int(tracks.to_number(height))
    return None


def _find_frames(content: Mapping[str, Any]) -> list[Any]:
    """Return the frames of the outermost record: under one of its keys, or the record's own values by frame."""
    for key in FRAME_LISTS:
        if isinstance(content.get(key), list) and content[key]:
            return list(content[key])
        if isinstance(content.get(key), dict) and content[key]:
            return _find_frames(content[key])
    numbered = [(key, each) for key, each in content.items() if isinstance(each, dict | list) and _numbers(key)]
    if len(numbered) > 1:
        return [{"frame": key, "people": each if isinstance(each, list) else [each]} for key, each in numbered]
    return [content]


def _numbers(key: str) -> bool:
    return re.fullmatch(r"(frame|image|img)?[_ ]?\d+|.*\d+\.\w{2,4}", str(key), re.IGNORECASE) is not None


def _frame(content: Any) -> KeypointFrame:
    if isinstance(content, str):  # a JSON text within the JSON, as [each.to_json() for each in results] makes them
        with suppress(ValueError, RecursionError):
            content = json.loads(content)
    if not isinstance(content, dict):
        return KeypointFrame(None, None, tuple(find_people(content)))
    number, time = None, None
    for key, value in sorted(content.items(), key=lambda item: rank_of_frames(item[0])):
        meaning = read_moment_name(key) if _is_plain(value) else None
        if meaning is not None and meaning[0] == "time" and time is None:
            time = (key, value)
        elif meaning is not None and meaning[0] == "frame" and number is None:
            number = value
    return KeypointFrame(number, time, tuple(find_people(content)))


def _group_by_image(content: Sequence[Mapping[str, Any]], images: Mapping[Any, Any]) -> list[KeypointFrame]:
    """Return COCO's records, one a person, as frames; `images` says which number each picture's id means."""
    found: dict[str, list[KeypointPerson]] = {str(key): [] for key in images}
    for each in content:
        found.setdefault(str(each["image_id"]), []).extend(find_people({"people": [each]}))
    numbers = {str(key): number for key, number in images.items()}
    return [KeypointFrame(numbers.get(key, key), None, tuple(people)) for key, people in found.items()]


def _read_coco(content: Mapping[str, Any]) -> tuple[list[KeypointFrame], tuple[int, int] | None]:
    """Return the frames of COCO annotations, numbered by the pictures' frame or file name, and the pictures' size."""
    images = [each for each in content.get("images") or [] if isinstance(each, dict) and "id" in each]
    numbers: dict[Any, Any] = {}
    for each in images:
        key = next((key for key in ("frame_id", "frame", "frame_index", "file_name") if key in each), "id")
        numbers[str(each["id"])] = each[key]
    read = read_moments(list(numbers.values()), as_frames=True)
    if len(np.unique(read)) < len(read) or not np.isfinite(read).all():
        numbers = {key: key for key in numbers}
    kept = [each for each in content["annotations"] if isinstance(each, dict) and "image_id" in each]
    return _group_by_image(kept, numbers), next((_size(each) for each in images), None)


def find_people(content: Any, depth: int = 0) -> list[KeypointPerson]:
    """Return whoever a frame's record holds, in any of the known forms."""
    if isinstance(content, list):
        own = _sighting(content, None, "", None)
        if own is not None:
            return [own]
        inner = content[: tracks.MAX_PEOPLE] if depth < DEEPEST else []
        return [found for each in inner for found in find_people(each, depth + 1)]
    if not isinstance(content, dict):
        return []
    record = {CAMEL.get(str(key), str(key)): value for key, value in content.items()}
    for key in PEOPLE:
        if isinstance(record.get(key), list) and depth < DEEPEST:
            found = find_people(record[key], depth + 1)
            if found:
                return found
    return _people_of_record(record, depth)


def _people_of_record(record: Mapping[str, Any], depth: int) -> list[KeypointPerson]:
    """Return the one whose keypoints a record holds, or those whose keypoints it holds in one list."""
    place = next((key for key in KEYPOINTS if isinstance(record.get(key), list | dict)), None)
    worlds = next((_as_people(record[key]) for key in WORLD if record.get(key)), [])
    several = (_as_people(record[place]) if place is not None else worlds or [record])[: tracks.MAX_PEOPLE]
    found = []
    for number, raw in enumerate(several):
        scores = next((record[key] for key in SCORES if isinstance(record.get(key), list)), None)
        if scores and isinstance(scores[0], list):  # a list for each person
            scores = scores[number] if number < len(scores) else None
        world = worlds[number] if number < len(worlds) else None
        found.append(_sighting(raw, scores, _find_who(record, number), world))
    known = [each for each in found if each is not None]
    if known or place is None or depth >= DEEPEST:
        return known
    inner = find_people(record[place], depth + 1)  # {"pose": {"keypoints": ...}}, {"pose_landmarks": {"landmark": ...}}
    return [replace(each, who=each.who or _find_who(record, number)) for number, each in enumerate(inner)]


def _as_people(raw: Any) -> list[Any]:
    """Return each person's keypoints: a list of lists of records, or of lists of lists, holds several."""
    deep = isinstance(raw, list) and raw and isinstance(raw[0], list) and raw[0] and isinstance(raw[0][0], dict | list)
    return raw if deep else [raw]


def _sighting(raw: Any, scores: list[Any] | None, who: str, world_raw: Any) -> KeypointPerson | None:
    stride = len(raw) // len(scores) if scores and isinstance(raw, list) and len(raw) % len(scores) == 0 else None
    own = _points(raw, stride)
    if own is None:
        return None
    points, depth, names = own
    if scores is not None and len(scores) == len(points):
        points[:, 2] = [tracks.to_number(score) for score in scores]
    world = _points(world_raw) if world_raw is not None and world_raw is not raw else None
    if world is not None and len(world[0]) == len(points) and world[1] is not None:
        depth = world[1]
    elif depth is not None and world is None:
        depth = depth if _is_around_hips(depth) else None
    return KeypointPerson(points, depth, names, who)


def _find_who(content: Mapping[str, Any], number: int) -> str:
    """Return who a record says its `number`th person is; "" without an id, or with OpenPose's -1."""
    for key in WHO:
        value = content.get(key)
        if isinstance(value, list):
            value = value[number] if number < len(value) else None
        if _is_plain(value) and value is not None and not isinstance(value, bool):
            told = tracks.to_number(value)
            return str(value) if isnan(told) else "" if told < 0 else str(int(told))
    return ""


def _is_around_hips(xyz: FloatArray) -> bool:
    """Whether (33, 3) are MediaPipe's world landmarks, metres around the middle of the hips."""
    if len(xyz) != len(Landmark) or not np.isfinite(xyz).all():
        return False
    hips = xyz[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=0)
    shoulders = xyz[[Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]].mean(axis=0)
    return float(np.linalg.norm(hips[:2])) < 0.03 and 0.2 < float(np.linalg.norm((shoulders - hips)[:2])) < 1.0


Points = tuple[FloatArray, FloatArray | None, tuple[str, ...]]


def _points(raw: Any, stride: int | None = None) -> Points | None:
    """Return keypoints as (N, 3): x, y and confidence; x, y and z (N, 3) where there is a z; and their names.

    Flat numbers, lists, records, a record of lists (x, y), or a record of keypoints by name. None for anything else.
    """
    if isinstance(raw, dict):
        return _points_of_record(raw)
    if not isinstance(raw, list) or not raw:
        return None
    if all(isinstance(each, int | float) for each in raw):
        return _points_of_numbers(raw, stride)
    rows = [_row(each) for each in raw]
    if not any(rows) or any(row is None and each for row, each in zip(rows, raw, strict=True)):
        return None
    names = [_name(each) for each in raw if isinstance(each, dict)]
    table = np.array([row or [nan] * 4 for row in rows], float)
    return _as_points(table, names if len(names) == len(rows) and all(names) else [])


def _name(record: Mapping[str, Any]) -> str:
    """Return what a keypoint's record calls it, a name that is known before a number; "" for nothing."""
    called = [str(value) for key, value in record.items() if _is_plain(value) and _names_keypoints(str(key))]
    return next((each for each in called if identify(each) is not None), called[0] if called else "")


@lru_cache(maxsize=1000)
def _names_keypoints(key: str) -> bool:
    return key in NUMBER_KEYS or "".join(split_words(key)) in NAMES


def _as_points(rows: FloatArray, names: Sequence[str]) -> Points:
    """Split (N, 4) rows of x, y, z, confidence."""
    depth = rows[:, :3] if np.isfinite(rows[:, 2]).any() else None
    return rows[:, [0, 1, 3]].copy(), depth, tuple(names)


def _points_of_record(raw: Mapping[str, Any]) -> Points | None:
    across, down = raw.get("x"), raw.get("y")
    if isinstance(across, list) and isinstance(down, list) and len(across) == len(down) > 0:
        trust = next((raw[key] for key in TRUST if isinstance(raw.get(key), list)), None)
        rows = np.full((len(across), 4), nan)
        for axis, each in ((0, across), (1, down), (3, trust or [])):
            for number, value in enumerate(each[: len(rows)]):
                rows[number, axis] = tracks.to_number(value)
        return _as_points(rows, [])
    found = {name: row for name, each in raw.items() if identify(str(name)) and (row := _row(each)) is not None}
    if len(found) < FEWEST_KEYPOINTS:
        return None
    return _as_points(np.array(list(found.values()), float), [str(name) for name in found])


def _row(each: Any) -> list[float] | None:
    """Return x, y, z and confidence of one keypoint, a record or a short list; None where it has no place."""
    if isinstance(each, list):
        plain = 2 <= len(each) <= 4 and all(map(_is_plain, each))
        return _row_of_list(each) if plain else None
    if not isinstance(each, dict):
        return None
    spot = next((each[key] for key in PLACES if isinstance(each.get(key), dict)), each)
    small = {str(key).lower(): value for key, value in spot.items()}
    if "x" not in small or "y" not in small:
        return None
    trust = next((each[key] for key in TRUST if key in each), None)
    place = [tracks.to_number(small.get(axis)) for axis in "xyz"]
    return None if isinstance(small["x"], list) else [*place, tracks.to_number(trust)]


def _row_of_list(each: Sequence[Any]) -> list[float]:
    numbers = [tracks.to_number(value) for value in each[:4]]
    if len(numbers) == 4:
        return numbers
    return [numbers[0], numbers[1], nan, numbers[2] if len(numbers) == 3 else nan]


def _points_of_numbers(raw: Sequence[float], stride: int | None) -> Points | None:
    """Return flat numbers as keypoints: as many a keypoint as give a number of keypoints that is known; else three."""
    fitting = [step for step in (3, 2, 4) if len(raw) % step == 0 and len(raw) // step in LAYOUTS]
    step = stride if stride in {2, 3, 4} else fitting[0] if fitting else 3
    if len(raw) % step:
        return None
    rows = [raw[at : at + step] for at in range(0, len(raw), step)]
    return _as_points(np.array([_row_of_list(row) for row in rows], float), [])


def _as_recording(frames: Sequence[KeypointFrame], said: FileNotes, path: Path, side: Side) -> tracks.Recording:
    """Put every body's keypoints to our landmarks, and link those of one person."""
    tracks.check_count(len(frames), path)
    if any(len(frame.people) >= tracks.MAX_PEOPLE for frame in frames):
        raise InputError(f"{path} holds {tracks.MAX_PEOPLE} people or more in a frame.", tracks.ONE_SET)
    tracks.check_bodies(0, sum(len(frame.people) for frame in frames), path)
    frames, order, time_s = _order(frames, path)
    sightings = [each for frame in frames for each in frame.people]
    kind, place = _find_layout(sightings, said, path, side)
    rows_of: dict[str, list[tuple[int, KeypointPerson]]] = {}
    for row, frame in enumerate(_name_everybody(frames)):
        for name, each in frame:
            rows_of.setdefault(name, []).append((row, each))
    found = tuple(_as_person(name, own, place) for name, own in rows_of.items())
    return tracks.Recording(f"{kind} keypoints (JSON)", order, time_s, found, said.fps, said.size_px)


def _order(frames: Sequence[KeypointFrame], path: Path) -> tuple[list[KeypointFrame], FloatArray, FloatArray | None]:
    """Return frames by number (those with the same one are one frame), the numbers, and their times or None."""
    if frames and all(frame.time is not None for frame in frames):
        values = read_moments([frame.time[1] for frame in frames if frame.time], as_frames=False)
        heading = frames[0].time[0] if frames[0].time else ""
        if np.isfinite(values).all() and len(np.unique(values)) > 1:
            merged, moments = _merge(frames, values)
            scale = (read_moment_name(heading) or ("time", None))[1]
            return merged, np.arange(len(merged), dtype=float), to_seconds(moments, scale, heading, path)
    numbers = read_moments([frame.number for frame in frames], as_frames=True)
    if not np.isfinite(numbers).all() or (len(frames) > 1 and len(np.unique(numbers)) == 1):
        numbers = np.arange(len(frames), dtype=float)
    return *_merge(frames, numbers), None


def _merge(frames: Sequence[KeypointFrame], moments: FloatArray) -> tuple[list[KeypointFrame], FloatArray]:
    order, place = np.unique(moments, return_inverse=True)
    together: list[list[KeypointPerson]] = [[] for _ in order]
    for frame, where in zip(frames, place, strict=True):
        together[where].extend(frame.people)
    return [KeypointFrame(None, None, tuple(people)) for people in together], order


def _find_layout(
    sightings: Sequence[KeypointPerson], said: FileNotes, path: Path, side: Side
) -> tuple[str, dict[str, Landmark] | list[tuple[int, int]]]:
    """Return what the keypoints are called, and which are which: by name, or pairs (place, landmark)."""
    named = list(dict.fromkeys(name for each in sightings for name in each.names))
    names = said.names if sightings and len(said.names) == len(sightings[0].points) else ()
    if any(identify(name) for name in named):
        return "named", assign_landmarks(named, side, path)
    if any(identify(name) for name in names):
        known = assign_landmarks(names, side, path)
        return "named", [(number, int(known[name])) for number, name in enumerate(names) if name in known]
    ids = {name: int(name) for name in named if name.isdigit() and len(name) < 6}
    if ids and len(ids) == len(named):
        layout, numbers = assign_numbers(sorted(ids.values()), None, path)
        return layout, {name: numbers[number] for name, number in ids.items() if number in numbers}
    count = len(sightings[0].points) if sightings else 0
    alike = [_shown(each.points) for each in sightings if len(each.points) == count]
    found = map_layout(count, np.array(alike[:2000])) if count else None
    if found is None:
        known_counts = ", ".join(str(each) for each in LAYOUTS)
        seen = f"{count_noun(count, 'keypoint')} a person, without names" if count else "no person"
        raise InputError(
            f"{path} holds {seen}.", f"Layouts of {known_counts} keypoints are known; others by their names. {KNOWN}"
        )
    return found[0], list(zip(found[1], found[2], strict=True))


def _name_everybody(frames: Sequence[KeypointFrame]) -> list[list[tuple[str, KeypointPerson]]]:
    """Return who each sighting is: as the file says, where it says so for all and nobody twice; else linked."""
    told = all(
        len({each.who for each in frame.people if each.who}) == len(frame.people) for frame in frames if frame.people
    )
    names = {each.who for frame in frames for each in frame.people}
    if told and len(names) < sum(len(frame.people) for frame in frames) / 2:
        return [[(f"person {each.who}", each) for each in frame.people] for frame in frames]
    numbers = people.link_sightings([[_shown(each.points) for each in frame.people] for frame in frames])
    return [
        [(f"person {number + 1}", each) for number, each in zip(row, frame.people, strict=True)]
        for row, frame in zip(numbers, frames, strict=True)
    ]


def _shown(points: FloatArray) -> FloatArray:
    missing = (points[:, :2] == 0).all(axis=1)
    return np.where(missing[:, None], np.nan, points[:, :2])


def _as_person(
    name: str, own: Sequence[tuple[int, KeypointPerson]], place: dict[str, Landmark] | list[tuple[int, int]]
) -> tracks.Person:
    """Put one person's sightings to our landmarks."""
    kept = dict(own)
    rows = np.array(sorted(kept))
    xy, world_m, visibility = tracks.empty_tracks(len(rows))
    for index, row in enumerate(rows):
        each = kept[int(row)]
        if isinstance(place, dict):
            pairs = [(number, int(place[called])) for number, called in enumerate(each.names) if called in place]
        else:
            pairs = [pair for pair in place if pair[0] < len(each.points)]
        theirs, ours = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        xy[index, ours] = each.points[theirs, :2]
        visibility[index, ours] = each.points[theirs, 2]
        if each.world is not None:
            world_m[index, ours] = each.world[theirs]
    metres = bool(np.isfinite(world_m).any()) and np.allclose(xy, world_m[:, :, :2], equal_nan=True)  # no picture
    xy, visibility = tracks.hide_unplaced(
        people.plant(1000.0 * xy) if metres else xy, visibility, origin_is_missing=not metres
    )
    return tracks.Person(name, rows, xy, world_m, visibility)
