"""What report.json and compare.json hold: the types that formcheck/schemas/ is made of (outcome.json: `batch.job`).

A number that could not be had is null. Times are seconds (`_s`), angles degrees with flexion positive (`_deg`), lengths
pixels (`_px`) or, in a unit's name, `leg`: thigh and shank together. Keys may be added; one that changes its name or
its meaning raises `schema_version`.
"""

from typing import Any, Literal

from typing_extensions import TypedDict  # typing's own cannot tell pydantic, before Python 3.12, which keys may be gone

from formcheck.data import Verdict
from formcheck.skeleton import Side


class SourceDocument(TypedDict):
    """The video as its container describes it; `n_frames` counts the frames that were looked at."""

    path: str
    sha256: str
    fps: float | None
    n_frames: int
    duration_s: float | None
    size_px: tuple[int, int]
    rotation_deg: int


class LiftDocument(TypedDict):
    """Which lift the set was judged as, how sure that is (1 when the user said so) and who chose."""

    name: str
    confidence: float | None
    chosen_by: Literal["user", "auto"]


class ViewDocument(TypedDict):
    """Where the camera stood: the side it saw, where the lifter looks in the picture, degrees off the side view.

    green: side-on. amber: angles hold for changes alone. red: no angle may be claimed.
    """

    side: Side
    facing: Side
    yaw_deg: float | None
    verdict: Literal["green", "amber", "red"]


class QualityDocument(TypedDict):
    """Share of the frames in which the lifter was found, and sentences on what is doubtful."""

    detected_fraction: float | None
    warnings: list[str]


class BarDocument(TypedDict):
    """The near plate: share of the frames with it, its radius, millimetres a pixel, or why there are none."""

    seen_fraction: float | None
    plate_radius_px: float | None
    mm_per_px: float | None
    reason: str | None


class RepDocument(TypedDict):
    """One repetition: its times, the largest angles seen in it, the bar's mean speeds.

    `complete` is false for a partial one and for one that the clip cuts off, whose missing phase is null. Leg curls
    begin with their concentric (`concentric_first`).
    """

    number: int
    complete: bool
    start_s: float | None
    turn_s: float | None
    stop_s: float | None
    eccentric_s: float | None
    pause_s: float | None
    concentric_s: float | None
    concentric_first: bool
    hip_flexion_max_deg: float | None
    knee_flexion_max_deg: float | None
    trunk_max_deg: float | None
    bar_eccentric_m_s: float | None
    bar_concentric_m_s: float | None


class LimitDocument(TypedDict):
    """Where a measure becomes worth a note, and where a fault; null: there is no such step."""

    note: float | None
    fault: float | None
    direction: Literal["above", "below"]


class FindingDocument(TypedDict):
    """A measure with its 90 % interval, held against its limit; `rep` is null for what holds of the whole set.

    What was not judged has no numbers, and a reason. `detail` is the check's own: `formcheck explain CODE`.
    """

    code: str
    rep: int | None
    verdict: Verdict
    value: float | None
    low: float | None
    high: float | None
    unit: str
    limit: LimitDocument
    start_s: float | None
    end_s: float | None
    confidence: float | None
    text: str
    reason: str | None
    detail: dict[str, Any]


class CueDocument(TypedDict):
    """What to tell the lifter, the most important first; `reps` are the repetitions it speaks of."""

    code: str
    verdict: Verdict
    text: str
    value: float | None
    unit: str
    start_s: float | None
    confidence: float | None
    reps: list[int]


class SettingsDocument(TypedDict, total=False):
    """The settings of the run under the names of their flags, and how the landmarks were made."""

    lift: str
    model: str | None
    tempo: str | None
    rate: float
    start: float | None
    end: float | None
    speed: float | None
    subject: str
    side_view: Side | None
    plate_mm: float | None
    limits: dict[str, dict[str, float]]
    pose_mode: str
    smoothing: str


class ProvenanceDocument(TypedDict):
    """What made the report: formcheck's version, the pose model, the settings.

    `lost_before` is the share of the frames in which the first model had lost the body, 0 where it had not;
    `second_model_sha256` is that of MoveNet's file, which looked as well, "" where it did not.
    """

    version: str
    model: str
    model_sha256: str
    lost_before: float | None
    second_model_sha256: str
    settings: SettingsDocument


class ReportDocument(TypedDict):
    """report.json: one set, everything that the other files of its folder are written from.

    A number that could not be had is null. Times are seconds, angles degrees, flexion positive, projected on the plane
    of the picture. `bar` is null where no bar was looked for.
    """

    schema_version: Literal[1]
    source: SourceDocument
    lift: LiftDocument
    view: ViewDocument
    quality: QualityDocument
    bar: BarDocument | None
    reps: list[RepDocument]
    findings: list[FindingDocument]
    cues: list[CueDocument]
    provenance: ProvenanceDocument


class ComparedDocument(TypedDict):
    """One of two sets: where it comes from, and what its own report.json says of these."""

    path: str
    source: SourceDocument
    lift: LiftDocument
    view: ViewDocument
    reps: list[RepDocument]


class MeanDocument(TypedDict):
    """A measure over one set: the mean of `n` judged values, its 90 % interval, the least and the most of them."""

    value: float | None
    low: float | None
    high: float | None
    least: float | None
    most: float | None
    n: int
    reason: str | None


class MeasureDocument(TypedDict):
    """One measure in both sets: `value` is B - A with its 90 % interval.

    `within_reps`: the repetitions of one set differ among themselves by as much as the sets do.
    """

    codes: tuple[str, str]
    title: str
    unit: str
    a: MeanDocument
    b: MeanDocument
    value: float | None
    low: float | None
    high: float | None
    larger_than_error: Literal["yes", "no", "cannot tell"]
    within_reps: bool
    reason: str | None


class BothCuesDocument(TypedDict):
    """A cue that both sets have."""

    a: CueDocument
    b: CueDocument


class ComparedCuesDocument(TypedDict):
    """Cues that only one of the sets has, and those of both."""

    only_a: list[CueDocument]
    only_b: list[CueDocument]
    both: list[BothCuesDocument]


class CompareDocument(TypedDict):
    """compare.json: two sets, measure by measure; `rule` says how a difference is told from error."""

    schema_version: Literal[1]
    a: ComparedDocument
    b: ComparedDocument
    measures: list[MeasureDocument]
    not_compared: list[str]
    cues: ComparedCuesDocument
    cautions: list[str]
    rule: str
