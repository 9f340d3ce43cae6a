"""The frozen types that cross stages. Arrays are read-only; T samples, K = 33 landmarks; missing = NaN.

Angles are degrees, flexion positive; lengths are pixels (`_px`) or leg lengths (`_leg`); times are the container's
presentation timestamps in seconds (`_s`). x points right and y down in every `_px` array.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import IntEnum
from os import PathLike
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from formcheck.skeleton import Side

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
RGB = NDArray[np.uint8]  # a picture, (height, width, 3), upright
GREY = 128  # of a picture: what is put where nobody shall be found, or beyond its edge

SCHEMA_VERSION: Final = 1

IN_SPACE = "markers in space, from a file"  # PoseProvenance.mode of landmarks that either side may be seen of
CAME_UP = 0.5  # of the way to the shallower of two turns: two reps, though nobody stood up between them [D]

Phase = Literal["eccentric", "pause", "concentric"]
PHASES: tuple[Phase, ...] = ("eccentric", "pause", "concentric")
PHASE_WORDS: Mapping[Phase, str] = {"eccentric": "down", "pause": "pause", "concentric": "up"}  # what the weight does


def _lock_arrays(value: Any) -> None:
    """Make the array fields of a frozen dataclass read-only: views, so that the caller's own stay as they were."""
    for each in fields(value):
        content = getattr(value, each.name)
        if isinstance(content, np.ndarray):
            view = content.view()
            view.flags.writeable = False
            object.__setattr__(value, each.name, view)


@dataclass(frozen=True)
class Source:
    """The video as the container describes it. `n_frames` counts the frames sampled between `--start` and `--end`.

    tagged_speed : share of the true speed at which the clip runs by the phone's own tag, 1 without one, NaN where the
    tag says that it is slowed down and not by how much.
    """

    path: str
    sha256: str
    fps: float
    n_frames: int
    duration_s: float
    size_px: tuple[int, int]
    rotation_deg: int
    tagged_speed: float = 1.0


@dataclass(frozen=True)
class PoseProvenance:
    """How the landmarks were made: all that a reader needs to make them again.

    people : a sentence about who was measured where a video or a file of landmarks shows several people, else "".
    reading : a sentence about what the reader of a file decided that the file does not say, else "".
    lost_before : share of the frames in which the landmarks of the model that was asked for had left the body, so that
    those of a second look by `model` were taken; 0 where the first ones were (see `pose.tracking_loss`).
    second_model_sha256 : of MoveNet's file, where it looked as well (see `pose.fusion`), else "".
    """

    model: str
    model_sha256: str
    mode: str
    smoothing: str
    rate_hz: float
    subject: str
    mediapipe_version: str
    lost_before: float = 0.0
    people: str = ""
    second_model_sha256: str = ""
    reading: str = ""


@dataclass(frozen=True, eq=False)
class BackContour:
    """Both outlines of the torso, as depths along the normals of the hip-shoulder chord.

    chord_px : (T, 2, 2), mid-hip then mid-shoulder of each frame, px, in the picture's coordinates.
    stations : (S,), positions along the chord, 0 = hip, 1 = shoulder.
    depth_px : (T, 2, S), distance from the chord to the edge of the person's mask along the chord's two normals;
        index 0 is the normal n = (-c_y, c_x) / |c| of the chord vector c (hip to shoulder; with y down that is the
        side to the right hand of a walker from hip to shoulder as seen on the screen), index 1 is -n.
        NaN where the chord is outside the mask or the mask reaches the end of the ray.
    """

    chord_px: FloatArray
    stations: FloatArray
    depth_px: FloatArray

    def __post_init__(self) -> None:
        _lock_arrays(self)

    def dorsal_px(self, facing: Side) -> FloatArray:
        """Return the depths (T, S) on the side of the back of a body that faces a side of the picture."""
        return self.depth_px[:, 0 if facing == "left" else 1]

    def trace(self, facing: Side, own: FloatArray | None = None) -> FloatArray:
        """Return the back's edge in the picture, (T, S, 2) px from hip to shoulder; NaN where it was not seen.

        The back is the side of the chord that the lifter does not face. With `own`, depths (S,) in chord lengths, it is
        not the edge that was seen, but where that would lie on each frame's chord.
        """
        hip, chord = self.chord_px[:, None, 0], self.chord_px[:, None, 1] - self.chord_px[:, None, 0]
        length = np.hypot(chord[..., 0], chord[..., 1])[..., None]
        with np.errstate(invalid="ignore", divide="ignore"):
            normal = np.stack([-chord[..., 1], chord[..., 0]], axis=-1) / length
        sign = 1.0 if facing == "left" else -1.0
        depth_px = self.dorsal_px(facing) if own is None else own * length[..., 0]
        return np.asarray(hip + self.stations[:, None] * chord + sign * depth_px[..., None] * normal)


@dataclass(frozen=True, eq=False)
class PoseSequence:
    """The lifter's landmarks over time, as the model gave them (raw: no smoothing unless `provenance` says so).

    time_s : (T,) strictly increasing. xy_px : (T, K, 2). world_m : (T, K, 3), origin between the hips.
    visibility : (T, K) in 0..1, weak evidence. size_px : width and height of the upright picture.
    plate_px : (T, 3) centre x, y and radius of the near plate, NaN where it was not seen; None like all NaN: no plate.
    edge_px : (T, 2) x of the person's edge to the left and to the right of the hips, from the mask; None without one.
    cuts_s : (C,) times of the first frames after cuts in the video; None like (0,): no cut was found.
    A frame in which the lifter was not found is NaN throughout.
    """

    time_s: FloatArray
    xy_px: FloatArray
    world_m: FloatArray
    visibility: FloatArray
    size_px: tuple[int, int]
    back: BackContour | None
    provenance: PoseProvenance
    plate_px: FloatArray | None = None
    edge_px: FloatArray | None = None
    cuts_s: FloatArray | None = None

    def __post_init__(self) -> None:
        _lock_arrays(self)


@dataclass(frozen=True, eq=False)
class Tracks:
    """The near side's joints on an even time grid, repaired but not filtered.

    time_s : (T,) evenly spaced. joints_px : {joint of skeleton.CHAIN, or `hip_mid`: (T, 2)}, NaN where a gap
    was too long to bridge.
    back, plate_px, edge_px : the contour, the near plate and the person's edges beside the hips, as in PoseSequence, on
    the same grid. The counts are frames that were mended; `detected_fraction` is of the video's
    samples.
    """

    time_s: FloatArray
    rate_hz: float
    joints_px: Mapping[str, FloatArray]
    back: BackContour | None
    detected_fraction: float
    n_swapped: int
    n_outliers: int
    n_interpolated: int
    plate_px: FloatArray | None = None
    edge_px: FloatArray | None = None

    def __post_init__(self) -> None:
        _lock_arrays(self)


@dataclass(frozen=True)
class View:
    """Where the camera stood. `verdict`: green (side-on), amber (changes only), red (no sagittal angle is claimed)."""

    side: Side
    facing: Side
    yaw_deg: float
    verdict: Literal["green", "amber", "red"]
    reason: str | None = None


@dataclass(frozen=True)
class Quality:
    """What the landmarks are worth, and what was mended. Counts are frames; `warnings` are sentences for the user."""

    detected_fraction: float
    n_swapped: int
    n_outliers: int
    n_interpolated: int
    n_reconstructed: int
    segment_cv_pct: Mapping[str, float]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class BarPath:
    """What is known of the bar: the near plate's radius, metres per pixel at the plate, share of frames it was seen in.

    Without a plate radius_px is NaN; without metres m_per_px is; `reason` then says why.
    """

    radius_px: float
    m_per_px: float
    seen_fraction: float
    reason: str | None = None


@dataclass(frozen=True, eq=False)
class Kinematics:
    """Sagittal-plane time series of one set, on the near side.

    channels : {name with unit: (T,)}, zero-phase filtered; NaN where it cannot be had.
    noise : {name: one sigma of the white noise per sample in the raw channel, in the channel's unit}.
    error : {name: one sigma of the filtered channel, slow drift of the landmarks included}, for angles and hip travel.
    roll_deg : one sigma of what a camera that is tilted sideways adds to every inclination (trunk, thigh, shank, phi),
        the same all through the clip; angles between two segments do not have it.
    reconstructed : (T,) True where the knee is more what hinges do at that lean than what its landmark shows.
    leg_px : thigh + shank in the picture, px: the scale of every `_leg` channel.
    bar : None where the bar was not looked for.
    """

    time_s: FloatArray
    channels: Mapping[str, FloatArray]
    noise: Mapping[str, float]
    reconstructed: BoolArray
    leg_px: float
    view: View
    quality: Quality
    error: Mapping[str, float] = field(default_factory=dict)
    bar: BarPath | None = None
    roll_deg: float = 0.0

    def __post_init__(self) -> None:
        _lock_arrays(self)
        for name, values in self.channels.items():
            values.flags.writeable = False
            assert values.shape == self.time_s.shape, name

    def __getitem__(self, channel: str) -> FloatArray:
        return self.channels[channel]

    def most(self, channel: str, rep: "Rep") -> float:
        """Return the largest value of a channel that was seen in a repetition; NaN for none, or without the channel."""
        seen = self.channels.get(channel, np.empty(0))[rep.start : rep.stop]
        seen = seen[np.isfinite(seen)]
        return float(seen.max()) if seen.size else math.nan


@dataclass(frozen=True)
class Rep:
    """One repetition. `start`, `turn`, `stop` index samples, `stop` half-open; the times are those of 5 % and 95 %
    crossings.

    A phase that the clip does not show whole is NaN. `complete` is False for a partial rep (0.3 to 0.6 of the set's
    range) and for one that the clip cuts off. Leg curls begin with their concentric (`concentric_first`).
    """

    number: int
    complete: bool
    start: int
    turn: int
    stop: int
    start_s: float
    turn_s: float
    stop_s: float
    eccentric_s: float
    pause_s: float
    concentric_s: float
    concentric_first: bool = False

    @property
    def remark(self) -> str:
        """What is not whole about it: "partial", "cut off" by an end of the clip, or ""."""
        return "" if self.complete else "cut off" if self.cut_off else "partial"

    @property
    def phases(self) -> tuple[tuple[Phase, float, float], ...]:
        """Its phases in their order: name, start and end, s. NaN for one that the clip does not show whole."""
        first_s, last_s = self.eccentric_s, self.concentric_s
        first, last = PHASES[0], PHASES[-1]
        if self.concentric_first:
            first_s, last_s, first, last = last_s, first_s, last, first
        first_end_s, last_start_s = self.start_s + first_s, self.stop_s - last_s
        if math.isnan(first_end_s):
            pause = (last_start_s - self.pause_s, last_start_s)
        elif math.isnan(last_start_s):
            pause = (first_end_s, first_end_s + self.pause_s)
        else:
            pause = (first_end_s, last_start_s)
        if math.isnan(sum(pause)):
            pause = (math.nan, math.nan)
        return (
            (first, first_end_s - first_s, first_end_s),
            ("pause", *pause),
            (last, last_start_s, last_start_s + last_s),
        )

    @property
    def cut_off(self) -> bool:
        """Whether the clip starts or ends inside this rep: it turned where the others do, but a stroke is not whole."""
        return not self.complete and not (math.isfinite(self.eccentric_s) and math.isfinite(self.concentric_s))


@dataclass(frozen=True, eq=False)
class Spread:
    """What a number may be: `values` (n,) ascending, and their `weights` (n,), which sum to 1."""

    values: FloatArray
    weights: FloatArray

    def __post_init__(self) -> None:
        _lock_arrays(self)

    @classmethod
    def of(cls, values: FloatArray, weights: FloatArray) -> "Spread":
        """Return the spread of values (n,) in any order, with weights of any sum."""
        order = np.argsort(values, kind="stable")
        return cls(values[order], weights[order] / weights.sum())

    def sharpened(self, power: float) -> "Spread":
        """Return the spread in which the odds that any line is passed are raised to a power: above 1 it is narrower."""
        below = np.clip(np.cumsum(self.weights), 0.0, 1.0)
        raised = below**power, (1.0 - below) ** power
        return Spread(self.values, np.diff(raised[0] / sum(raised), prepend=0.0))

    def above(self, line: float) -> float:
        """Return the chance that the number is greater than `line`."""
        return float(self.weights[self.values > line].sum())

    def quantile(self, share: float) -> float:
        """Return the value that `share` of the weight does not exceed."""
        return float(self.values[min(int(np.searchsorted(np.cumsum(self.weights), share)), len(self.values) - 1)])


@dataclass(frozen=True)
class Measure:
    """A number with its 90 % interval, or the reason why there is none (then value, low and high are NaN).

    `spread` is all that the number may be, where more is known of that than the interval; None: a normal error of the
    interval's width, to either side.
    """

    value: float
    low: float
    high: float
    unit: str
    rep: int | None
    start_s: float
    end_s: float
    reason: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    spread: Spread | None = None


@dataclass(frozen=True)
class Limit:
    """Where a measure stops being fine. Above `note` it is worth a note, above `fault` a fault (`below`: the other way
    round).

    None means that the step does not exist. `judge` says how sure a verdict has to be. A measure whose interval is
    wider than `max_width` is not judged. `source` says where the numbers come from, with the tags of docs/method.md:
    [P] published, [D] design choice, [S] simulation.
    """

    note: float | None
    fault: float | None
    unit: str
    source: str
    direction: Literal["above", "below"] = "above"
    max_width: float = float("inf")


Verdict = Literal["good", "note", "fault", "not_judged"]


class Concern(IntEnum):
    """What a check watches over, what a coach mends first in front."""

    HARM = 0  # the body leaves its place under the load, or the load falls: lower back, drop
    FORM = 1  # the movement is another than the lift: squatting, range, hips, set-up
    PACE = 2  # how fast, how evenly and how tired: tempo, consistency, fatigue, shake


@dataclass(frozen=True)
class Finding:
    """A measure held against its limit. `severity` is how far past the line, in limits (0 when good or not judged).

    `concern` and `aside` come from the check: what it watches over, and the few words by which a cue about another
    fault of the same moment mentions this one ("" for what is never mentioned so, or was not passed).
    """

    code: str
    rep: int | None
    verdict: Verdict
    value: float
    low: float
    high: float
    unit: str
    limit: Limit
    start_s: float
    end_s: float
    confidence: float
    severity: float
    text: str
    reason: str | None
    detail: Mapping[str, Any]
    concern: Concern = Concern.FORM
    aside: str = ""


@dataclass(frozen=True)
class Cue:
    """What to tell the lifter: what, when, how much, what next. `reps` are the repetitions it speaks of.

    `code`, `verdict`, `value` and `confidence` are those of the fault that it leads with; its text may mention others
    of the same moment.
    """

    code: str
    verdict: Verdict
    text: str
    value: float
    unit: str
    start_s: float
    confidence: float
    reps: tuple[int, ...]


@dataclass(frozen=True)
class LiftChoice:
    """Which lift the set was judged as, how sure that is (1 when the user said so) and who chose; `doubt` says why it
    looks like another one ("" where it does not), `looks_like` as which of ours ("" for none).
    """

    name: str
    confidence: float
    chosen_by: Literal["user", "auto"]
    doubt: str = ""
    looks_like: str = ""


@dataclass(frozen=True, eq=False)
class Report:
    """The whole result of one set: everything that any output is written from.

    `poses` is what the figure over the video is drawn from; None where the landmarks were not kept. All times are true
    seconds; the video's own clock shows them divided by `speed`.
    """

    source: Source
    lift: LiftChoice
    kinematics: Kinematics
    reps: tuple[Rep, ...]
    findings: tuple[Finding, ...]
    cues: tuple[Cue, ...]
    provenance: PoseProvenance
    settings: Mapping[str, Any]
    version: str
    poses: PoseSequence | None = None

    @property
    def speed(self) -> float:
        """Share of the true speed at which the clip runs, by the settings: video seconds times this are seconds."""
        return float(self.settings.get("speed") or 1.0)

    def __repr__(self) -> str:
        """Return one line: which video, which lift, how many repetitions and verdicts."""
        verdicts = [finding.verdict for finding in self.findings]
        counts = ", ".join(f"{verdicts.count(each)} {each.replace('_', ' ')}" for each in dict.fromkeys(verdicts))
        return f"<Report of {self.source.path}: {self.lift.name}, {len(self.reps)} reps; {counts or 'no findings'}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the set over time, and the cues."""
        from formcheck.workflows.report_object import to_html

        return to_html(self)

    def to_dict(self) -> dict[str, Any]:
        """Return report.json's content as dicts, lists, texts and numbers; NaN is None."""
        from formcheck.report.document import build

        return dict(build(self))

    def save(self, path: "str | PathLike[str]") -> None:
        """Write everything into one file, for `load`: report.json's content, the samples and the landmarks.

        It is JSON, and what reads report.json reads it. Raises OutputError.
        """
        from formcheck.workflows.report_object import save

        save(self, Path(path))

    @classmethod
    def load(cls, path: "str | PathLike[str]") -> "Report":
        """Return the report that `save` wrote: every number as it was.

        Of a folder that `formcheck analyze` wrote (or the report.json in it) there are the angles of its angles.csv,
        with four decimals, and neither landmarks nor noise. Raises InputError.
        """
        from formcheck.workflows.report_object import load

        return load(Path(path))

    def export(self, folder: "str | PathLike[str]", formats: "str | Iterable[str] | None" = None) -> list[Path]:
        """Write poses and angles for other programs into a folder, and return the files' paths.

        `formats` as in `formcheck export --format`: "trc,mot" or ["trc", "mot"]; None is trc, mot, csv and dlc. Raises
        SettingsError and OutputError.
        """
        from formcheck.workflows.report_object import export

        return export(self, Path(folder), formats)
