"""The types of a batch: what is to be done, with what, within which limits, and what came of it. All of them pickle."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from typing_extensions import TypedDict

from formcheck.errors import FormcheckError
from formcheck.settings import Pictures, Settings

# Why a video has no report. What lies in the machine (`PASSING`) is tried again by the next run, the rest is not.
FailureKind = Literal["source", "fetch", "video", "lift", "limit", "timeout", "memory", "crash", "output", "bug"]
PASSING: frozenset[FailureKind] = frozenset({"source", "fetch", "timeout", "memory", "crash", "output", "bug"})
LANDMARKS_HINT = "Give it to formcheck analyze, which reads landmarks."


@dataclass(frozen=True)
class Tags:
    """What the user says about a set; None where nothing was said. `date` is ISO 8601 (2026-11-25)."""

    athlete: str | None = None
    date: str | None = None
    load_kg: float | None = None
    sets: int | None = None
    notes: str | None = None


class TagsDocument(TypedDict):
    """What the user said about a set; null where nothing was said. `date` is ISO 8601 (2026-11-25)."""

    athlete: str | None
    date: str | None
    load_kg: float | None
    sets: int | None
    notes: str | None


class FailureDocument(TypedDict):
    """Why there is no report: the kind of reason, a sentence and the next step."""

    kind: FailureKind
    message: str
    hint: str


class RecordDocument(TypedDict):
    """What `OutcomeDocument` holds beside the names of the files."""

    schema_version: Literal[2]
    key: str
    label: str
    tags: TagsDocument
    severity: float
    filmed_on: str | None
    failure: FailureDocument | None
    traceback: str


class OutcomeDocument(RecordDocument):
    """outcome.json: what came of one video of `formcheck batch`, in its folder, the last file to be written.

    `key` names content and settings, "" when the video never could be read. `severity` is how bad the set is, by what
    leads its cues: from 6 for a fault that may harm, from 5 for one of form, from 4 and 3 for such notes, from 2 for a
    fault of pace, from 1 for such a note, 0.5 when nothing could be judged or it may be another lift, 0.25 when nothing
    is to be changed in what could be judged, 0 when all is good. `filmed_on` is the day that the video's file tells
    (ISO 8601), null where it tells none. `failure` is null where
    there is a report.json. `files` are the others of the folder.
    """

    files: list[str]


@dataclass(frozen=True)
class Failure:
    """Why there is no report: a sentence and the next step, as in every error of formcheck."""

    kind: FailureKind
    message: str
    hint: str


class JobError(FormcheckError):
    """A FormcheckError that knows its FailureKind."""

    def __init__(self, kind: FailureKind, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.kind = kind


@dataclass(frozen=True)
class Job:
    """One video of a batch.

    `place` is a path or a URL, of the video itself or, where `entry` is a number, of the zip file whose entry of that
    number the video is. `label` is what reports call it; `folder` the name of its results' folder, safe and unique
    whatever the upload was called. A job with a `refusal` is not attempted. `below` is the path from the name of the
    folder on that the user named: what lies above it says nothing of the lifter.
    """

    place: str
    label: str
    folder: str
    entry: int | None = None
    lift: str | None = None
    tags: Tags = Tags()
    refusal: Failure | None = None
    below: str = ""


@dataclass(frozen=True)
class Limits:
    """What one video may cost; more is one failed row. The defaults leave a ten-minute set in 4K alone [D]."""

    timeout_s: float = 900.0
    memory_bytes: int = 4_000_000_000  # of address space; an analysis takes half of that
    max_bytes: int = 4_000_000_000
    max_pixels: int = 8192 * 4320
    max_frames: int = 36_000  # sampled: 20 minutes at 30 Hz
    max_duration_s: float = 1800.0


@dataclass(frozen=True)
class Plan:
    """What holds for every video of a batch. `out` is a folder or a URL of one.

    `video_url` is where a report's page finds the video; None: where it lies, seen from the results' folder. `frames`:
    the worst and the best moment are written as pictures of their own.
    """

    settings: Settings
    out: str
    limits: Limits = Limits()
    pictures: Pictures = field(default_factory=Pictures)
    use_cache: bool = True
    restart: bool = False
    video_url: str | None = None
    frames: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of a job: a report's document, or a failure.

    `key` names content and settings, "" when the video never could be read. `kept` says that an earlier run did it.
    `severity` is how bad the set is (see `assessment.ranking`). `filmed_on` is the day that the video's file tells (ISO
    8601).
    """

    job: Job
    key: str = ""
    document: Mapping[str, Any] = field(default_factory=dict)
    failure: Failure | None = None
    severity: float = 0.0
    filmed_on: str | None = None
    kept: bool = False
    elapsed_s: float = 0.0
    traceback: str = ""


@dataclass(frozen=True)
class Busy:
    """What one worker does: the job's label ("" when idle), frames done and expected, for how long."""

    label: str
    done: int = 0
    expected: int = 0
    elapsed_s: float = 0.0
