"""Two sets side by side: a report of this run, or what an earlier one wrote into its folder."""

import csv
import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from formcheck import own_files
from formcheck.data import BoolArray, FloatArray, PoseSequence, Rep, Report, View
from formcheck.errors import FormcheckError, InputError
from formcheck.own_files import DamagedError
from formcheck.pipeline import find_set
from formcheck.rendering.annotated_video import DrawingClock, take_stills
from formcheck.rendering.overlay import make_figure
from formcheck.report import document
from formcheck.report.comparison import Compared
from formcheck.report.page.compare import Side, poster_s
from formcheck.workflows.export import MAKE_ANEW, REPORT, load_report, lower_first, read_report

ANGLES = "angles.csv"
ANGLE_CHANNELS = ("hip_flexion_deg", "knee_flexion_deg", "trunk_deg")
NO_CURVES = f"{ANGLES} is not beside its report: no curves are drawn"
BAD_CURVES = f"{ANGLES} beside its report is damaged: no curves are drawn"
MAX_ANGLE_DEG = 1e4  # far beyond any joint's; a larger one is a damaged number


@dataclass(frozen=True, eq=False)
class Footage:
    """What is drawn of a set beside its numbers: angles over time; figure and video where they are at hand."""

    time_s: FloatArray = field(default_factory=lambda: np.array([]))
    channels: Mapping[str, FloatArray] = field(default_factory=dict)
    reconstructed: BoolArray = field(default_factory=lambda: np.array([], bool))
    poses: PoseSequence | None = None
    video: Path | None = None


def take_report(report: Report, video: Path) -> tuple[Compared, Footage]:
    """Return a set that was analysed just now."""
    kinematics = report.kinematics
    channels = {name: kinematics[name] for name in ANGLE_CHANNELS if name in kinematics.channels}
    compared = Compared(video, document.build(report), report.reps, kinematics.view)
    return compared, Footage(kinematics.time_s, channels, kinematics.reconstructed, report.poses, video)


def read_set(
    path: Path,
    *,
    pictures: bool,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    use_cache: bool = True,
) -> tuple[Compared, Footage]:
    """Return the set of a folder that `formcheck analyze` wrote, or of the report.json in it.

    The numbers are the report's. With `pictures` its video is looked for, and its landmarks are taken from the cache or
    found anew; where that fails the set says so and is compared without. Raises InputError for what is no report.
    """
    file = path / REPORT if path.is_dir() else path
    content = load_report(file)
    cautions: tuple[str, ...] = ()
    footage = Footage()
    angles = file.with_name(ANGLES)
    try:
        with own_files.guard():
            footage = Footage(*_read_angles(own_files.read_bytes(angles, own_files.MAX_REPORT_BYTES)))
    except DamagedError:
        cautions = (BAD_CURVES if angles.exists() else NO_CURVES,)
    poses = video = None
    if pictures:
        try:
            video, settings = read_report(file, workers)
            _, poses, _, _ = find_set(video, settings, progress, use_cache)
        except FormcheckError as error:
            cautions += (f"its video is not shown: {lower_first(error.message)}",)
    compared = _as_compared(path, file, content, cautions)
    return compared, replace(footage, poses=poses, video=video)


def make_side(
    compared: Compared,
    footage: Footage,
    video_url: str | None,
    *,
    shown: bytes | None = None,
    first_s: float | None = None,
) -> Side:
    """Return what the page shows of one set, with a picture of its first turn.

    video_url : where the page finds the video, None where there is none; `shown`: its own bytes, to put into the page.
    first_s : the moment (s) of the set at which a copy begins that is shown in the video's place.
    """
    own = (footage.time_s, footage.channels, footage.reconstructed)
    if footage.video is None:
        return Side(compared, *own)
    figure = None
    if footage.poses is not None and len(footage.time_s):
        figure = make_figure(footage.poses, compared.view, *own)
    clock = clock_of_set(compared)
    stills = take_stills(footage.video, figure, [poster_s(compared)], clock=clock)
    return Side(
        compared,
        *own,
        poses=footage.poses,
        picture=next(iter(stills.pictures.values()), None),
        video_url=video_url,
        video=shown,
        offset_s=stills.offset_s if first_s is None else -first_s / clock.speed,
        speed=clock.speed,
    )


def clock_of_set(compared: Compared) -> DrawingClock:
    """Return how the times of a set lead to those of its video."""
    settings = compared.content["provenance"]["settings"]
    return DrawingClock(float(settings.get("speed") or 1.0), settings.get("rate"))


def _as_compared(path: Path, file: Path, content: Any, cautions: tuple[str, ...]) -> Compared:
    """Return a report's content with its repetitions; raise InputError where it lacks what a report has."""
    try:
        with own_files.guard():
            named = {name: content["view"][name] for name in ("side", "facing", "verdict")}
            yaw_deg = content["view"]["yaw_deg"]
            view = View(**named, yaw_deg=math.nan if yaw_deg is None else yaw_deg)
            compared = Compared(path, content, tuple(_as_rep(each) for each in content["reps"]), view, cautions)
            compared.check()
    except DamagedError as error:
        raise InputError(f"{file} is not a report of this program: {error}.", MAKE_ANEW) from error
    return compared


def _as_rep(content: Mapping[str, Any]) -> Rep:
    """Return a repetition of report.json; it holds no samples, so start, turn and stop are 0."""
    names = ("start_s", "turn_s", "stop_s", "eccentric_s", "pause_s", "concentric_s")
    times = {name: math.nan if content[name] is None else float(content[name]) for name in names}
    first = bool(content.get("concentric_first", False))  # reports before curls named their order have none
    return Rep(
        number=int(content["number"]),
        complete=bool(content["complete"]),
        start=0,
        turn=0,
        stop=0,
        concentric_first=first,
        **times,
    )


def _read_angles(raw: bytes) -> tuple[FloatArray, dict[str, FloatArray], BoolArray]:
    """Return times, hip, knee and trunk, and where the knee was computed. Raises ValueError or KeyError."""
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8"))))
    columns = {
        name: np.array([float(row[name] or "nan") for row in rows])
        for name in ("time_s", *ANGLE_CHANNELS, "reconstructed")
    }
    time_s = columns["time_s"]
    if not (len(time_s) and (np.diff(time_s) > 0).all() and np.isfinite(time_s).all()):
        raise ValueError("times that do not rise")
    if any(np.nanmax(np.abs(each), initial=0.0) > MAX_ANGLE_DEG for each in columns.values()):
        raise ValueError("a number beyond any angle")
    channels = {name: columns[name] for name in ANGLE_CHANNELS if np.isfinite(columns[name]).any()}
    return time_s, channels, columns["reconstructed"] > 0
