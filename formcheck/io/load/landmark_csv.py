"""A table of landmarks, as scripts around pose models write them: a row per frame, per landmark, or per coordinate.

Long: `landmark` (name or number), `x`, `y`, maybe `visibility` and world coordinates, and a time or a frame; `x_px` are
pixels, `world_x_m` metres. Wide: `left_hip_x, left_hip_y, left_hip_visibility`, or `x0, y0, ...`. A column such as
`track` or `person_id`, or `person1_` before a heading, tells people apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from formcheck import signals
from formcheck.data import FloatArray
from formcheck.errors import InputError
from formcheck.io.load import tracks
from formcheck.io.load.clock import find_scale, read_moments, to_seconds
from formcheck.io.load.columns import Heading, rank_of_frames, read_heading, split_words
from formcheck.io.load.names import RIVALS, assign_landmarks, assign_numbers, identify
from formcheck.io.load.people import link_sightings, plant
from formcheck.io.load.space import as_picture, find_plane, measures_metres, see_from_the_side
from formcheck.io.load.table import HOW, Table
from formcheck.skeleton import N_LANDMARKS, Landmark, Side
from formcheck.wording import count_noun

KIND = "landmarks (CSV)"
IN_SPACE_METRES = "the file names no unit: its coordinates were read as metres in space, as the body's size says"
QUOTED_HEADINGS = 6  # headings that a refusal quotes
MAX_TWICE = 0.1  # share of the frames that may have a landmark twice: a logger that repeats itself [D]
MAX_COLUMNS = 5000  # 136 keypoints of nine people with four numbers each [D]


@dataclass(frozen=True, eq=False)
class Cells:
    """The values of a table, a number each: which frame (index into the moments), which person, which keypoint (as the
    file calls it), which axis (0, 1: picture; 2: its depth; 3: confidence; 4, 5, 6: world), and the values, (n,) per
    run of equal person, keypoint and axis.
    """

    place: NDArray[np.intp]
    person: str
    key: str
    axis: int
    values: FloatArray


def read_landmarks(table: Table, path: Path, side: Side, kind: str = KIND) -> tracks.Recording:
    """Read any of the forms. Raises InputError for a table that is none of them."""
    if len(table.head) > MAX_COLUMNS:
        raise InputError(f"{path} has {len(table.head)} columns.", HOW)
    tracks.check_values(len(table.rows) * len(table.head), path)
    columns = [read_heading(heading) for heading in table.head]
    _refuse_unknown(table, columns, path)
    order, place, time_s = _order_rows(table, columns, path)
    cells = _read_cells(table, columns, place, path)
    kind_of_layout, known = _known_keys(cells, columns, side, path)
    placed = [column for column in columns if column.role == "value" and column.axis < 2]
    pixels, shares = any(column.pixels for column in placed), any(column.share for column in placed)
    bodies = _gather(cells, known, path)
    in_space = not (pixels or shares) and bool(bodies) and all(_is_in_space(body) for _, _, body in bodies)
    return tracks.Recording(
        kind=f"{kind_of_layout} {kind}".strip(),
        frame=order,
        time_s=time_s,
        people=tuple(_as_person(*each, path, in_space=in_space) for each in bodies),
        fps=_find_rate(table, columns),
        size_px=_find_size(table, columns),
        in_space=in_space,
        pixels=pixels or in_space,
        shares=shares,
        reading=IN_SPACE_METRES if in_space and not any(column.world for column in placed) else "",
    )


def column_values(table: Table, number: int) -> list[object]:
    """Return the cells of a column, "" where a row is too short."""
    return [row[number] if number < len(row) else "" for row in table.rows]


def _first(columns: Sequence[Heading], role: str) -> int | None:
    return next((number for number, column in enumerate(columns) if column.role == role), None)


def _is_long(columns: Sequence[Heading]) -> bool:
    bare = {column.axis for column in columns if column.role == "value" and not column.key}
    by_axis = _first(columns, "number") is not None and _first(columns, "axis") is not None
    return _first(columns, "name") is not None and ({0, 1} <= bare or by_axis)


def _refuse_unknown(table: Table, columns: Sequence[Heading], path: Path) -> None:
    """Raise InputError for a table without a column that holds a landmark's coordinate."""
    if _is_long(columns):
        return
    if any(column.role == "value" and _is_known(column.key) for column in columns):
        return
    shown = ", ".join(heading.strip() or "(empty)" for heading in table.head[:QUOTED_HEADINGS])
    more = f" and {len(table.head) - QUOTED_HEADINGS} more" if len(table.head) > QUOTED_HEADINGS else ""
    raise InputError(f"{path} names no landmark that formcheck knows: its headings are {shown}{more}.", HOW)


def _is_known(key: str) -> bool:
    return identify(key) is not None or key.rpartition(" ")[2].isdigit()


def _order_rows(
    table: Table, columns: Sequence[Heading], path: Path
) -> tuple[FloatArray, NDArray[np.intp], FloatArray | None]:
    """Return the frames' numbers (T,), which of them each row belongs to, and their times (T,) or None.

    A time counts before a frame number, unless it stands still. Without either, rows are frames in their order; in a
    table with a row per landmark, a landmark that comes again begins a new one.
    """
    for number, column in enumerate(columns):
        if column.role == "time":
            values = read_moments(column_values(table, number), as_frames=False)
            others = any(each.role == "frame" for each in columns)
            still = len(np.unique(values[np.isfinite(values)])) < 2
            if others and (still or (column.scale is None and find_scale(values) is None)):
                continue
            _refuse_gaps(values, column.heading, path)
            order, place = np.unique(values, return_inverse=True)
            tracks.check_count(len(order), path)
            frame = np.arange(len(order), dtype=float)
            return frame, place, to_seconds(order, column.scale, column.heading, path)
    counted = _number_frames(table, columns, path)
    order, place = np.unique(counted, return_inverse=True)
    tracks.check_count(len(order), path)
    return order, place, None


def _refuse_gaps(values: FloatArray, heading: str, path: Path) -> None:
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values))[0])
        raise InputError(
            f"{path} has a row without a number under {heading}: row {row + 1} after the headings.",
            "Correct or remove that row.",
        )


def _number_frames(table: Table, columns: Sequence[Heading], path: Path) -> FloatArray:
    """Return the frame of each row: of the column that best says which frame it is, else by the rows' order."""
    found = [
        (column.heading, read_moments(column_values(table, number), as_frames=True))
        for number, column in enumerate(columns)
        if column.role == "frame"
    ]
    found.sort(key=lambda each: rank_of_frames(each[0]))
    for _, values in found:
        if np.isfinite(values).all() and len(np.unique(values)) > 1:
            return values
    for heading, values in found:
        if np.isfinite(values).any() or "file" not in heading.lower():  # the film's own name counts nothing
            _refuse_gaps(values, heading, path)
    return _count_frames(table, columns, path)


def _count_frames(table: Table, columns: Sequence[Heading], path: Path) -> FloatArray:
    """Return the frame of each row of a table that has neither times nor frame numbers."""
    keys: list[Sequence[object]] = []
    if _is_long(columns):
        keys.append(column_values(table, _first(columns, "name") or 0))
        axis = _first(columns, "axis")
        if axis is not None and _first(columns, "number") is not None:
            keys.append(column_values(table, axis))
    person = _first(columns, "person")
    if person is not None:
        keys.append(column_values(table, person))
    if not keys:
        return np.arange(len(table.rows), dtype=float)
    seen: dict[tuple[object, ...], int] = {}
    frames = []
    for key in zip(*keys, strict=True):
        seen[key] = seen.get(key, -1) + 1
        frames.append(seen[key])
    if len(set(seen.values())) > 1:
        raise InputError(
            f"{path} has neither times nor frame numbers, and not every landmark in every frame.",
            "Add a column time_s or frame.",
        )
    return np.array(frames, float)


def _read_cells(table: Table, columns: Sequence[Heading], place: NDArray[np.intp], path: Path) -> list[Cells]:
    """Return the table's values by person and keypoint."""
    who = _read_who(table, columns, place)
    tracks.check_bodies(len(set(who)), 0, path)
    if _is_long(columns):
        return _read_long(table, columns, place, who, path)
    runs = [(name, where) for (name, _, _), where in _runs([(name, "", 0) for name in who])]
    known = [
        (number, column) for number, column in enumerate(columns) if column.role == "value" and _is_known(column.key)
    ]
    found = []
    for number, column in _best(known):
        values = _scaled(column_values(table, number), column)
        found += [
            Cells(place[where], name or column.person, column.key, _target(column), values[where])
            for name, where in runs
        ]
    return found


def _read_who(table: Table, columns: Sequence[Heading], place: NDArray[np.intp]) -> list[str]:
    """Return whom each row speaks of: as its column says; rows of a frame that it does not tell apart are followed."""
    person = _first(columns, "person")
    names = [str(cell).strip() for cell in column_values(table, person)] if person is not None else [""] * len(place)
    if _is_long(columns) or len(place) <= (1 + MAX_TWICE) * len(set(zip(names, place.tolist(), strict=True))):
        return names
    order = np.argsort(place, kind="stable")
    rows = np.split(order, np.flatnonzero(np.diff(place[order])) + 1)
    bodies = _row_bodies(table, columns)
    linked = link_sightings([list(bodies[each]) for each in rows])
    who = dict(zip(order.tolist(), (number for numbers in linked for number in numbers), strict=True))
    return [f"person {who[row] + 1}" for row in range(len(place))]


def _row_bodies(table: Table, columns: Sequence[Heading]) -> FloatArray:
    """Return the keypoints in the picture of each row of a wide table, (rows, keypoints, 2)."""
    placed = [
        (number, column)
        for number, column in enumerate(columns)
        if column.role == "value" and column.axis < 2 and not column.world and _is_known(column.key)
    ]
    keys = {key: index for index, key in enumerate(dict.fromkeys(column.key for _, column in placed))}
    bodies = np.full((len(table.rows), len(keys), 2), np.nan)
    for number, column in placed:
        bodies[:, keys[column.key], column.axis] = _scaled(column_values(table, number), column)
    return bodies


def _refuse_mixed(cells: Sequence[Cells], path: Path) -> None:
    """Raise InputError for a table with a row per landmark that has one landmark of one person twice in many frames."""
    for each in cells:
        n_frames = len(np.unique(each.place))
        if len(each.place) > (1 + MAX_TWICE) * n_frames:
            whose = f" of {each.person}" if each.person else ""
            raise InputError(
                f"{path} has {each.key}{whose} {len(each.place)} times in {count_noun(n_frames, 'frame')}.",
                "Tell people apart by a column person or track, or keep only the lifter's rows.",
            )


def _target(column: Heading) -> int:
    return 4 + column.axis if column.world else column.axis


def _scaled(cells: Sequence[object], column: Heading) -> FloatArray:
    return (column.scale if column.scale is not None else 1.0) * np.array(
        [tracks.to_number(cell) for cell in cells], float
    )


def _read_long(
    table: Table, columns: Sequence[Heading], place: NDArray[np.intp], who: Sequence[str], path: Path
) -> list[Cells]:
    """Return the values of a table with a row per landmark, or per landmark and coordinate."""
    names = column_values(table, _first(columns, "name") or 0)
    plain = {name: _plain_key(name) for name in set(names)}
    if len(plain) > MAX_COLUMNS:
        raise InputError(f"{path} names {len(plain)} landmarks.", HOW)
    keys = [plain[name] for name in names]
    by_axis, number = _first(columns, "axis"), _first(columns, "number")
    if by_axis is not None and number is not None:
        cells = column_values(table, by_axis)
        meaning = {cell: read_heading(str(cell)) for cell in set(cells)}
        axes = [meaning[cell] for cell in cells]
        values = np.array([tracks.to_number(cell) for cell in column_values(table, number)], float)
        groups = [(person, key, _target(axis)) for person, key, axis in zip(who, keys, axes, strict=True)]
        found = [Cells(place[where], *name, values[where]) for name, where in _runs(groups) if name[2] >= 0]
        _refuse_mixed(found, path)
        return found
    found = []
    bare = [(each, column) for each, column in enumerate(columns) if column.role == "value" and not column.key]
    columns_of = [(_target(column), _scaled(column_values(table, each), column)) for each, column in _best(bare)]
    for (person, key, _), where in _runs([(person, key, 0) for person, key in zip(who, keys, strict=True)]):
        found += [Cells(place[where], person, key, axis, values[where]) for axis, values in columns_of]
    _refuse_mixed(found, path)
    return found


def _best(columns: Sequence[tuple[int, Heading]]) -> list[tuple[int, Heading]]:
    """Return one column for each coordinate: pixels before others, a visibility before a presence."""

    def meaning(each: tuple[int, Heading]) -> tuple[str, str, int]:
        return each[1].person, each[1].key, _target(each[1])

    ordered = sorted(columns, key=lambda each: (meaning(each), each[1].weak, not each[1].pixels))
    return [next(group) for _, group in groupby(ordered, key=meaning)]


def _runs(groups: Sequence[tuple[str, str, int]]) -> list[tuple[tuple[str, str, int], NDArray[np.intp]]]:
    members: dict[tuple[str, str, int], list[int]] = {}
    for index, name in enumerate(groups):
        members.setdefault(name, []).append(index)
    return [(name, np.array(where)) for name, where in members.items()]


def _plain_key(cell: object) -> str:
    """Return a landmark's name or number as headings have it: "0.0" is 0, LEFT_HIP "left hip"."""
    number = tracks.to_number(cell)
    return str(int(number)) if number.is_integer() else " ".join(split_words(str(cell)))


def _known_keys(
    cells: Sequence[Cells], columns: Sequence[Heading], side: Side, path: Path
) -> tuple[str, dict[str, Landmark]]:
    """Return the layout that numbered keypoints have, "" for named ones, and which keypoint is which landmark."""
    keys = list(dict.fromkeys(each.key for each in cells))
    named = [key for key in keys if identify(key) is not None]
    if named:
        _refuse_twice(columns, path)
        headings = {column.key: column.heading.strip() for column in columns if column.axis == 0 and column.key}
        return "", assign_landmarks(named, side, path, headings)
    numbers = {key: int(key.rpartition(" ")[2][:6]) for key in keys if _is_known(key)}
    if not numbers:
        shown = ", ".join(keys[:QUOTED_HEADINGS])
        raise InputError(f"{path} names no landmark that formcheck knows: its landmarks are {shown}.", HOW)
    _refuse_twice(columns, path)
    in_order = sorted(set(numbers.values()))
    points = _points(cells, numbers, in_order) if len(in_order) in RIVALS else None
    layout, known = assign_numbers(in_order, points, path)
    return layout, {key: known[number] for key, number in numbers.items() if number in known}


def _refuse_twice(columns: Sequence[Heading], path: Path) -> None:
    """Raise InputError for two columns that hold the same coordinate of the same keypoint."""
    seen: dict[tuple[str, str, int], Heading] = {}
    for column in columns:
        if column.role != "value" or not column.key or column.weak or not _is_known(column.key):
            continue
        same = seen.setdefault((column.person, column.key, _target(column)), column)
        if same is not column and same.pixels == column.pixels:
            raise InputError(
                f"{path} has two columns for one landmark: {same.heading.strip()} and {column.heading.strip()}.",
                "Rename one of them, or leave it out.",
            )


def _points(cells: Sequence[Cells], numbers: dict[str, int], in_order: Sequence[int]) -> FloatArray:
    """Return (T, N, 2) of the first person, N keypoints in the order of their numbers."""
    first = cells[0].person
    height = 1 + max(int(each.place.max()) for each in cells)
    points = np.full((height, len(in_order), 2), np.nan)
    for each in cells:
        if each.person == first and each.axis < 2 and each.key in numbers:
            points[each.place, in_order.index(numbers[each.key]), each.axis] = each.values
    return points


def _gather(
    cells: Sequence[Cells], known: dict[str, Landmark], path: Path
) -> list[tuple[str, NDArray[np.intp], FloatArray]]:
    """Put the values of each person to our landmarks: name, rows and values (n, K, 7), on the axes of Cells."""
    members: dict[str, list[Cells]] = {}
    for each in cells:
        if each.key in known:
            members.setdefault(each.person, []).append(each)
    rows = {name: np.unique(np.concatenate([each.place for each in own])) for name, own in members.items()}
    tracks.check_bodies(len(rows), sum(map(len, rows.values())), path)
    return [(name, rows[name], _fill(rows[name], own, known)) for name, own in members.items()]


def _fill(rows: NDArray[np.intp], own: Sequence[Cells], known: dict[str, Landmark]) -> FloatArray:
    body = np.full((len(rows), N_LANDMARKS, 7), np.nan)
    for each in own:
        where = np.searchsorted(rows, each.place)
        target = body[:, known[each.key], each.axis]
        better = np.isfinite(each.values) | ~np.isfinite(target[where])
        target[where[better]] = each.values[better]
    return body


def _is_in_space(body: FloatArray) -> bool:
    """Whether (n, K, 7) are metres in space: no picture's with a guess of depth, nor around the hips."""
    spot = _only_spot(body)
    if spot is None or find_plane(spot) is not None or _is_around_hips(spot[:, :, :2]):
        return False
    return measures_metres(spot) is True


def _only_spot(body: FloatArray) -> FloatArray | None:
    """Return the x, y, z that (n, K, 7) have, (n, K, 3); None for both a picture's and the world's."""
    picture, world = (np.isfinite(part).any() for part in (body[:, :, :2], body[:, :, 4:]))
    return None if picture and world else body[:, :, 4:] if world else body[:, :, :3]


def _as_person(name: str, rows: NDArray[np.intp], body: FloatArray, path: Path, *, in_space: bool) -> tracks.Person:
    spot = _only_spot(body) if in_space else None
    if spot is not None:
        world_m = see_from_the_side(spot, path)
        xy, visibility = tracks.hide_unplaced(1000.0 * world_m[:, :, :2], body[:, :, 3], origin_is_missing=False)
        return tracks.Person(name, rows, xy, world_m, visibility)
    xy, world_m, visibility = body[:, :, :2], body[:, :, 4:], body[:, :, 3]
    metres = not np.isfinite(xy).any() or _is_around_hips(xy)
    if metres:
        placed = world_m if not np.isfinite(xy).any() else body[:, :, :3]
        if np.isfinite(placed[:, :, 2]).any() or _is_around_hips(placed[:, :, :2]):
            xy, world_m = plant(1000.0 * placed[:, :, :2]), placed
        else:
            xy, world_m = as_picture(placed[:, :, :2]), np.full_like(placed, np.nan)
    xy, visibility = tracks.hide_unplaced(xy, visibility, origin_is_missing=not metres)
    return tracks.Person(name, rows, xy, world_m, visibility)


def _is_around_hips(xy: FloatArray) -> bool:
    """Whether (T, K, 2) are MediaPipe's world landmarks, metres around the middle of the hips, and not a picture's."""
    hips = xy[:, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=1)
    shoulders = xy[:, [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]].mean(axis=1)
    off = signals.median(np.hypot(*hips.T))
    trunk = signals.median(np.hypot(*(shoulders - hips).T))
    return 0.2 < trunk < 1.0 and off < 0.03


def _find_rate(table: Table, columns: Sequence[Heading]) -> float | None:
    """Return the video's rate where the table has a column for it, the same in every row."""
    place = _first(columns, "rate")
    rates = set() if place is None else {tracks.to_number(cell) for cell in column_values(table, place)}
    return next((rate for rate in rates if len(rates) == 1 and 0 < rate <= 1000), None)


def _find_size(table: Table, columns: Sequence[Heading]) -> tuple[int, int] | None:
    """Return the picture's size where the table has columns for it."""
    places = [_first(columns, side) for side in ("width", "height")]
    if places[0] is None or places[1] is None or not table.rows:
        return None
    width, height = (tracks.to_number(column_values(table, place)[0]) for place in places if place is not None)
    return (int(width), int(height)) if width >= 1 and height >= 1 else None
