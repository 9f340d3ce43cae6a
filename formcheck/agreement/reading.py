"""What a researcher hands over, as angles over time, and repetitions where there are any.

Read are: a report of formcheck (its folder, report.json with angles.csv beside it, or what `Report.save` wrote), a
table of angles (CSV, TSV, or columns as JSON: a time, and a column an angle), OpenSim's MOT and STO, and markers or
landmarks (TRC, C3D, CSV, JSON, ...), which are measured here by the same definitions as a video's.

Conventions: degrees, flexion positive, formcheck's names (`knee_flexion_deg`). OpenSim's coordinates become these:
`hip_flexion_r`, `knee_angle_r` (turned round where it bends below zero, as gait2392's does), and for the trunk
-(pelvis_tilt + lumbar_extension). Times are seconds of the file's own clock.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from formcheck import signals
from formcheck.data import FloatArray, Rep, Report
from formcheck.errors import FormcheckError, InputError
from formcheck.io.load import content, holds_landmarks
from formcheck.io.load.clock import read_moments, to_seconds
from formcheck.io.load.columns import read_moment_name
from formcheck.io.load.table import read_table, split_rows
from formcheck.io.load.tracks import read_bytes, to_number
from formcheck.pipeline import analyze_landmarks
from formcheck.settings import Settings
from formcheck.skeleton import SIDES, Side
from formcheck.wording import count_noun, join_words

REPORT = "report.json"
LEAST_ROWS = 10  # [D]
MOST_ANGLES = 500  # columns of a table; OpenSim's full body has 40 [D]
REP_TIMES = (
    "start_s", "turn_s", "stop_s", "eccentric_s", "pause_s", "concentric_s", "hip_travel_end_s", "overrun_deg",
)  # fmt: skip  # of a repetition in a truth file
OUR_OWN = "reconstructed"  # columns of angles.csv that are no angles
NAMED = re.compile(r"(.+?)[ _]*[\[(]?(deg|degrees|°|rad|radians)[\])]?", re.IGNORECASE)
OTHER_UNIT = re.compile(r".+[ _\[(](leg|thigh|px|m|cm|mm|s|ms|deg_s|m_s|n|kg|nm|percent|%)[\])]?", re.IGNORECASE)
LEFT_OUT_TOLD = 6  # columns that a note names [D]
UNCLEAR = frozenset({"hip", "knee"})  # without a unit these may be places as well
# OpenSim's coordinates, and what people call these angles -> formcheck's.
JOINTS = {
    "hip_flexion": "hip_flexion_deg",
    "hip_angle": "hip_flexion_deg",
    "hip": "hip_flexion_deg",
    "knee_angle": "knee_flexion_deg",
    "knee_flexion": "knee_flexion_deg",
    "knee": "knee_flexion_deg",
    "trunk": "trunk_deg",
    "trunk_inclination": "trunk_deg",
    "thigh": "thigh_deg",
    "shank": "shank_deg",
}


@dataclass(frozen=True, eq=False)
class Recorded:
    """One recording: time_s (T,), channels {name: (T,)}, its repetitions and the seconds and degrees of their events.

    unitless : which of its channels name no unit, and were taken for degrees.
    events : {rep number: {name with unit: value}}. notes : sentences about how it was read.
    """

    path: Path
    time_s: FloatArray
    channels: Mapping[str, FloatArray]
    reps: tuple[Rep, ...] = ()
    events: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    side: Side | None = None
    lift: str | None = None
    notes: tuple[str, ...] = ()
    unitless: frozenset[str] = frozenset()


def read_recording(path: Path, settings: Settings, side: Side | None) -> Recorded:
    """Return what a file or folder holds. `side`: of the body, where the file has both; None where nobody said it.

    Raises InputError for what is none of the known, LiftError and SettingsError as `formcheck analyze` does of
    landmarks.
    """
    if path.is_dir() and (path / REPORT).is_file():
        return of_report(Report.load(path), path)
    text = "" if path.is_dir() else _read_text(path)
    start = text.lstrip()[:1]
    if start == "{" and '"schema_version"' in text and '"findings"' in text:
        return of_report(Report.load(path), path)
    if re.search(r"^\s*endheader\s*$", text, re.MULTILINE | re.IGNORECASE):
        return _read_motion(text, path, side)
    found = None
    if start == "{":
        found = _read_json(text, path, side)
    elif start not in {"", "["} and not text.lower().startswith(("pathfiletype", "scorer")):
        found = _read_angles(text, path, side)
    return found or _read_landmarks(path, settings)


def _read_text(path: Path) -> str:
    """Return a file's text; "" for what is none (C3D, HDF5, films)."""
    raw = content.unpack(read_bytes(path), path)
    is_text = b"\x00" not in raw[:1024] or raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    return content.decode(raw, path) if is_text else ""


def of_report(report: Report, path: Path) -> Recorded:
    """Return a report's angles, repetitions and events."""
    kinematics = report.kinematics
    names = [name for name, values in kinematics.channels.items() if np.isfinite(values).sum() > 1]
    channels = {name: kinematics[name] for name in names if name.endswith("_deg") and name != "lumbar_deg"}
    events = {rep.number: read_events(report, rep) for rep in report.reps if rep.complete}
    reps = tuple(rep for rep in report.reps if rep.complete)
    return Recorded(path, kinematics.time_s, channels, reps, events, kinematics.view.side, report.lift.name)


def read_events(report: Report, rep: Rep) -> dict[str, float]:
    """Return a repetition's events: its lowering and lifting, when the hips stop (after its start), and the overrun."""
    events = {"eccentric_s": rep.eccentric_s, "concentric_s": rep.concentric_s}
    for finding in report.findings:
        if finding.rep == rep.number and finding.verdict != "not_judged":
            if finding.code.endswith(".hip_travel"):
                events["hips_stop_s"] = finding.start_s - rep.start_s
            if finding.code.endswith(".overrun"):
                events["overrun_deg"] = finding.value
    return {name: float(value) for name, value in events.items() if np.isfinite(value)}


def _read_landmarks(path: Path, settings: Settings) -> Recorded:
    """Return the angles of markers or landmarks, measured as a video's are."""
    if not (path.is_dir() or holds_landmarks(path)):
        raise InputError(
            f"{path} is not a report, a table of angles or a file of markers.",
            f"If it is a video, type formcheck analyze {path.name} first, and give the folder it writes.",
        )
    try:
        report = analyze_landmarks(path, settings)
    except FormcheckError as error:
        error.hint += " Or give the folder that formcheck analyze writes for it."
        raise
    recorded = of_report(report, path)
    note = f"The angles of {path.name} are measured from its landmarks, as a video's are."
    return Recorded(**{**vars(recorded), "notes": (note,)})


def _read_motion(text: str, path: Path, side: Side | None) -> Recorded:
    """Return the coordinates of an OpenSim MOT or STO file."""
    head, _, body = re.split(r"(?im)(^\s*endheader\s*$)", text, maxsplit=1)
    degrees = re.search(r"(?im)^\s*inDegrees\s*=\s*yes", head) is not None
    lines = [line.split() for line in body.strip().split("\n")]
    names, rows = lines[0], [line for line in lines[1:] if line]
    _check(path, rows, names)
    columns = _as_columns(names, rows)
    time_name = next((name for name in names if name.lower() == "time"), None)
    if time_name is None:
        raise InputError(
            f"{path} has no column named time.", "OpenSim writes it as the first column: export the motion again."
        )
    factor = 1.0 if degrees else 180.0 / np.pi
    angles = {name: factor * values for name, values in columns.items() if name != time_name}
    return _assemble(path, columns[time_name], angles, side)


def _read_json(text: str, path: Path, side: Side | None) -> Recorded | None:
    """Return the angles of JSON columns, as `frames` of a rendered clip's truth has them; None for other JSON."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return None
    columns = whole.get("frames", whole)
    lists = (
        {name: each for name, each in columns.items() if isinstance(each, list)} if isinstance(columns, dict) else {}
    )
    named = {name: found for name in lists if (found := _name_angle(name)) is not None}
    if "time_s" not in lists or not named:
        return None
    heads = ["time_s", *named]
    rows = list(zip(*(lists[name] for name in heads), strict=False))
    _check(path, rows, heads)
    read = _as_columns(heads, rows)
    angles, unitless = _in_degrees(named, read)
    recorded = _assemble(path, read["time_s"], angles, side, unitless)
    reps, events = _read_reps(whole.get("reps"), recorded.time_s)
    notes = (*recorded.notes, *_tell_left_out(path, [name for name in lists if name not in heads]))
    return replace(recorded, reps=reps, events=events, notes=notes)


def _in_degrees(
    named: Mapping[str, tuple[str, float | None]], columns: Mapping[str, FloatArray]
) -> tuple[dict[str, FloatArray], frozenset[str]]:
    """Return angles by their names, and which of them name no unit; of two for one angle the one with a unit."""
    ordered = sorted(named.items(), key=lambda each: each[1][1] is not None)
    angles = {name: (turn or 1.0) * columns[head] for head, (name, turn) in ordered}
    return angles, frozenset(
        name for name in angles if all(turn is None for own, turn in named.values() if own == name)
    )


def _read_reps(raw: object, time_s: FloatArray) -> tuple[tuple[Rep, ...], dict[int, dict[str, float]]]:
    """Return the repetitions that JSON lists with their starts, turns and ends, and their events."""
    reps: list[Rep] = []
    events: dict[int, dict[str, float]] = {}
    for each in raw if isinstance(raw, list) else []:
        known = {name: to_number(each.get(name)) if isinstance(each, dict) else np.nan for name in REP_TIMES}
        begin_s, turn_s, end_s = (known[name] for name in ("start_s", "turn_s", "stop_s"))
        if not np.isfinite((begin_s, turn_s, end_s)).all():
            continue
        start, turn, stop = (int(place) for place in np.searchsorted(time_s, (begin_s, turn_s, end_s)))
        down_s, pause_s, up_s = (known[name] for name in ("eccentric_s", "pause_s", "concentric_s"))
        number, complete = len(reps) + 1, True
        reps.append(Rep(number, complete, start, turn, stop, begin_s, turn_s, end_s, down_s, pause_s, up_s))
        told = {name: known[name] for name in ("eccentric_s", "concentric_s", "overrun_deg")}
        told["hips_stop_s"] = known["hip_travel_end_s"] - begin_s
        events[number] = {name: value for name, value in told.items() if np.isfinite(value)}
    return tuple(reps), events


def _tell_left_out(path: Path, names: Sequence[str]) -> tuple[str, ...]:
    """Return a note on columns that may have been meant as angles; those with another unit were not."""
    left = [
        name.strip() for name in names if name.strip() not in {"", OUR_OWN} and not OTHER_UNIT.fullmatch(name.strip())
    ]
    left = [name for name in left if read_moment_name(name) is None]
    if not left:
        return ()
    shown = [*left[:LEFT_OUT_TOLD], *([f"{len(left) - LEFT_OUT_TOLD} more"] if len(left) > LEFT_OUT_TOLD else [])]
    return (
        f"Not read in {path.name}: {join_words(shown)}. Angles carry their unit in the name, as in knee_flexion_deg.",
    )


def _read_angles(text: str, path: Path, side: Side | None) -> Recorded | None:
    """Return a table of angles; None for a table in which no column is an angle of a known or named kind."""
    if len(split_rows(text, path)) < 2:
        return None
    table = read_table(text, path)
    moments = [(place, read_moment_name(name)) for place, name in enumerate(table.head)]
    times = [(place, found[1]) for place, found in moments if found is not None and found[0] == "time"]
    named = {place: found for place, name in enumerate(table.head) if (found := _name_angle(name)) and name != OUR_OWN}
    if not named or not times:
        return None
    _check(path, table.rows, table.head)
    place, scale = times[0]
    cells = [row[place] if place < len(row) else "" for row in table.rows]
    time_s = to_seconds(read_moments(cells, as_frames=False), scale, table.head[place], path)
    angles, unitless = _in_degrees(
        {table.head[column]: each for column, each in named.items()}, _as_columns(table.head, table.rows)
    )
    recorded = _assemble(path, time_s, angles, side, unitless)
    left = [name for column, name in enumerate(table.head) if column not in named]
    return replace(recorded, notes=(*recorded.notes, *_tell_left_out(path, left)))


def _name_angle(heading: str) -> tuple[str, float | None] | None:
    """Return an angle's name and what makes degrees of it, None where no unit is named; None for what is no angle."""
    match = NAMED.fullmatch(heading.strip())
    if match is not None:
        turn = 180.0 / np.pi if match[2].lower().startswith("rad") else 1.0
        return re.sub(r"\W+", "_", match[1].strip().lower()).strip("_"), turn
    bare = heading.strip().lower()
    known = {*JOINTS, "pelvis_tilt", "lumbar_extension"} - UNCLEAR
    return (bare, None) if re.sub(r"_[rl]$", "", bare) in known else None


def _check(path: Path, rows: Sequence[object], names: Sequence[str]) -> None:
    if len(rows) < LEAST_ROWS:
        raise InputError(
            f"{path} has {count_noun(len(rows), 'row')} of numbers.", f"Agreement needs {LEAST_ROWS} or more."
        )
    if len(names) > MOST_ANGLES:
        raise InputError(f"{path} has {len(names)} columns.", "Keep only the time and the angles.")


def _as_columns(names: Sequence[str], rows: Sequence[Sequence[object]]) -> dict[str, FloatArray]:
    return {
        name: np.array([to_number(row[place]) if place < len(row) else np.nan for row in rows])
        for place, name in enumerate(names)
    }


def _assemble(
    path: Path,
    time_s: FloatArray,
    angles: Mapping[str, FloatArray],
    side: Side | None,
    unitless: Collection[str] = (),
) -> Recorded:
    """Return a recording with formcheck's names, of the side that was asked for or is the only one."""
    order = np.isfinite(time_s)
    time_s, angles = time_s[order], {name: values[order] for name, values in angles.items()}
    if len(time_s) < LEAST_ROWS or (np.diff(time_s) <= 0).any():
        raise InputError(f"The times in {path} do not increase from row to row.", "Sort the rows by time.")
    chosen, notes = _choose_side(path, angles, side)
    channels, turned, bare_of = {}, [], {}
    for name, values in angles.items():
        bare, its = (name[:-2], name[-1]) if re.search(r"_[rl]$", name) else (name, None)
        if its is not None and its != chosen:
            continue
        ours = JOINTS.get(bare, f"{bare}_deg")
        if bare == "knee_angle" and signals.median(values) < 0:
            values, turned = -values, [f"In {path.name} {name} bends below zero: its sign was reversed."]  # noqa: PLW2901
        channels[ours], bare_of[ours] = values, name
    if "pelvis_tilt" in angles:
        bare_of["trunk_deg"] = "pelvis_tilt"
        channels["trunk_deg"] = -(angles["pelvis_tilt"] + angles.get("lumbar_extension", 0.0))
    known = {name: values for name, values in channels.items() if np.isfinite(values).sum() > 1}
    shown = next((each for each in SIDES if each[0] == chosen), None)
    without = frozenset(ours for ours in known if bare_of[ours] in unitless)
    return Recorded(path, time_s, known, side=shown, notes=(*notes, *turned), unitless=without)


def _choose_side(path: Path, angles: Mapping[str, FloatArray], side: Side | None) -> tuple[str, tuple[str, ...]]:
    """Return the letter of the side whose angles are taken, and what to say of that choice."""
    there = {name[-1] for name in angles if re.search(r"_[rl]$", name)}
    if len(there) < 2:
        return next(iter(there), ""), ()
    if side is None:
        raise InputError(
            f"{path} has the angles of both sides.",
            "Use --side to say which side the other recording shows: left or right.",
        )
    return side[0], (f"Of the two sides in {path.name} the {side} one is taken.",)
