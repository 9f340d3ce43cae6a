"""What report.json and compare.json hold: the types that formcheck/schemas/ is made of (outcome.json: `batch.job`), and
that a report is held to where one is read, so that nothing behind it fails.

A number that could not be had is null. Times are seconds (`_s`), angles degrees with flexion positive (`_deg`), lengths
pixels (`_px`) or, in a unit's name, `leg`: thigh and shank together. Keys may be added; one that changes its name or
its meaning raises `schema_version`. A key that was added since the first report is `NotRequired`: it is always written,
and reports from before are read without it.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired

from annotated_types import Ge, Gt, Le, Len, Lt, MaxLen

# typing's own TypedDict cannot tell pydantic, before Python 3.12, which keys may be gone
from typing_extensions import TypedDict

from formcheck.data import Verdict
from formcheck.skeleton import Side

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError

MAX_KINDS = 1000  # different measures: what is compared with what grows with their square
Number = Annotated[float, Gt(-1e15), Lt(1e15)]  # no measure comes near
Whole = Annotated[int, Ge(0), Lt(1_000_000_000)]
Pixels = Annotated[int, Ge(1), Le(100_000)]
# What the history has room for, in characters.
Text = Annotated[str, MaxLen(10_000)]
Word = Annotated[str, MaxLen(100)]
Unit = Annotated[str, MaxLen(20)]
Digest = Annotated[str, MaxLen(64)]


class ContractError(ValueError):
    """A value that no report holds; the text names where it stands and what was expected."""


class SourceDocument(TypedDict):
    """The video as its container describes it; `n_frames` counts the frames that were looked at."""

    path: Text
    sha256: Digest
    fps: Number | None
    n_frames: Whole
    duration_s: Number | None
    size_px: Annotated[Sequence[Pixels], Len(2, 2)]  # width, height
    rotation_deg: int


class LiftDocument(TypedDict):
    """Which lift the set was judged as, how sure that is (1 when the user said so) and who chose. `doubt`: why it looks
    like another lift, "" where it does not; `looks_like`: like which of ours, "" for none.
    """

    name: Word
    confidence: Number | None
    chosen_by: Literal["user", "auto"]
    doubt: NotRequired[str]
    looks_like: NotRequired[str]


class ViewDocument(TypedDict):
    """Where the camera stood: the side it saw, where the lifter looks in the picture, degrees off the side view.

    green: side-on. amber: angles hold for changes alone. red: no angle may be claimed.
    """

    side: Side
    facing: Side
    yaw_deg: Number | None
    verdict: Literal["green", "amber", "red"]


class QualityDocument(TypedDict):
    """Share of the frames in which the lifter was found, and sentences on what is doubtful."""

    detected_fraction: Number | None
    warnings: list[str]


class BarDocument(TypedDict):
    """The near plate: share of the frames with it, its radius, millimetres a pixel, or why there are none."""

    seen_fraction: Number | None
    plate_radius_px: Number | None
    mm_per_px: Number | None
    reason: Text | None


class RepDocument(TypedDict):
    """One repetition: its times, the largest angles seen in it, the bar's mean speeds.

    `complete` is false for a partial one and for one that the clip cuts off, whose missing phase is null. Leg curls
    begin with their concentric (`concentric_first`).
    """

    number: Whole
    complete: bool
    start_s: Number | None
    turn_s: Number | None
    stop_s: Number | None
    eccentric_s: Number | None
    pause_s: Number | None
    concentric_s: Number | None
    concentric_first: NotRequired[bool]
    hip_flexion_max_deg: Number | None
    knee_flexion_max_deg: Number | None
    trunk_max_deg: Number | None
    bar_eccentric_m_s: NotRequired[Number | None]
    bar_concentric_m_s: NotRequired[Number | None]


class LimitDocument(TypedDict):
    """Where a measure becomes worth a note, and where a fault; null: there is no such step."""

    note: Number | None
    fault: Number | None
    direction: Literal["above", "below"]


class FindingDocument(TypedDict):
    """A measure with its 90 % interval, held against its limit; `rep` is null for what holds of the whole set.

    What was not judged has a reason, and numbers only where they are known too badly. `detail` is the check's own:
    `formcheck explain CODE`.
    """

    code: Word
    rep: Whole | None
    verdict: Verdict
    value: Number | None
    low: Number | None
    high: Number | None
    unit: Unit
    limit: LimitDocument
    start_s: Number | None
    end_s: Number | None
    confidence: Number | None
    text: Text
    reason: Text | None
    detail: dict[str, Any]


class CueDocument(TypedDict):
    """What to tell the lifter, the most important first; `reps` are the repetitions it speaks of."""

    code: Word
    verdict: Literal["note", "fault"]
    text: Text
    value: Number | None
    unit: Unit
    start_s: Number | None
    confidence: Number | None
    reps: Annotated[list[Whole], MaxLen(2000)]


class SettingsDocument(TypedDict, total=False):
    """The settings of the run under the names of their flags, and how the landmarks were made."""

    lift: Text
    model: Text | None
    tempo: Text | None
    rate: Number
    start: Number | None
    end: Number | None
    speed: Number | None
    subject: Text
    side_view: Side | None
    plate_mm: Number | None
    velocity_loss: Number | None
    mass: Number | None
    height: Number | None
    limits: dict[Word, dict[Word, Number]]
    pose_mode: str
    smoothing: str


class ProvenanceDocument(TypedDict):
    """What made the report: formcheck's version, the pose model, the settings.

    `lost_before` is the share of the frames in which the first model had lost the body, 0 where it had not;
    `second_model_sha256` is that of MoveNet's file, which looked as well, "" where it did not.
    """

    version: Text
    model: Text
    model_sha256: Digest
    lost_before: NotRequired[Number | None]
    second_model_sha256: NotRequired[Digest]
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
    bar: NotRequired[BarDocument | None]
    reps: Annotated[list[RepDocument], MaxLen(2000)]
    findings: Annotated[list[FindingDocument], MaxLen(50_000)]
    cues: Annotated[list[CueDocument], MaxLen(2000)]
    provenance: ProvenanceDocument


class ComparedDocument(TypedDict):
    """One of two sets: where it comes from, and what its own report.json says of these."""

    path: Text
    source: SourceDocument
    lift: LiftDocument
    view: ViewDocument
    reps: Annotated[list[RepDocument], MaxLen(2000)]


class MeanDocument(TypedDict):
    """A measure over one set: the mean of `n` judged values, its 90 % interval, the least and the most of them."""

    value: Number | None
    low: Number | None
    high: Number | None
    least: Number | None
    most: Number | None
    n: Whole
    reason: Text | None


class MeasureDocument(TypedDict):
    """One measure in both sets: `value` is B - A with its 90 % interval.

    `within_reps`: the repetitions of one set differ among themselves by as much as the sets do.
    """

    codes: tuple[str, str]
    title: str
    unit: Unit
    a: MeanDocument
    b: MeanDocument
    value: Number | None
    low: Number | None
    high: Number | None
    larger_than_error: Literal["yes", "no", "cannot tell"]
    within_reps: bool
    reason: Text | None


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


def pick(kind: Any, content: Mapping[str, Any]) -> Any:
    """Return what a document of a kind (TypedDict) holds of some content, in the kind's order. Raises KeyError."""
    return {name: content[name] for name in kind.__annotations__}


@cache
def _reader() -> "TypeAdapter[ReportDocument]":
    from pydantic import TypeAdapter  # a tenth of a second, for whoever reads a report

    return TypeAdapter(ReportDocument)


def check_report(content: Any) -> None:
    """Raise ContractError for JSON that is no report of this version, or is one that was changed or damaged."""
    from pydantic import ValidationError

    if not isinstance(content, Mapping):
        raise ContractError("it is not an object")
    try:
        _reader().validate_python(content, strict=True)
    except ValidationError as error:
        raise ContractError(_say(error)) from error
    _check_findings(content["findings"])


def _say(error: "ValidationError") -> str:
    """Return where the first value stands that does not fit, and what was expected there."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    names = (f"[{each}]" if isinstance(each, int) else f".{str(each)[:100]}" for each in first["loc"])
    where = "".join(names).lstrip(".")
    if first["type"] == "missing":
        return f"{where} is missing"
    _, should, what = first["msg"].partition(" should ")
    return f"{where}{should}{what}" if should else f"{where}: {first['msg']}"


def _check_findings(findings: Sequence[Mapping[str, Any]]) -> None:
    """Raise ContractError for what no type can say: a fault without its number, and more kinds than any lift has."""
    for place, each in enumerate(findings):
        if each["verdict"] in {"note", "fault"} and each["value"] is None:
            raise ContractError(f"findings[{place}].value is missing, and its verdict is {each['verdict']}")
    kinds = {(each["code"], str(each["detail"].get("what", ""))) for each in findings}
    if len(kinds) > MAX_KINDS:
        raise ContractError(f"findings are of {len(kinds)} kinds")
