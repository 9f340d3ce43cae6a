"""What all tests share: the line about the real clips, and a Report made by hand."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import browser, open_once, open_page, playwright
from jsonschema import Draft202012Validator

from formcheck.data import (
    Cue,
    Finding,
    Kinematics,
    LiftChoice,
    Limit,
    PoseProvenance,
    Quality,
    Rep,
    Report,
    Source,
    View,
)
from formcheck.schemas import SCHEMA_NAMES, SchemaName, read_schema

__all__ = ["browser", "open_once", "open_page", "playwright"]  # fixtures: one browser for all tests of pages

ROOT = Path(__file__).resolve().parent.parent
REAL = ROOT.parent / "shared" / "real"
ASIDE = {"real": REAL, "cases": ROOT.parent / "shared" / "cases"}  # marker -> the folder that its tests need
SAMPLE = ROOT / "samples" / "rdl_four_reps.mp4"
FIRST_REP = ("--lift", "rdl", "--model", "lite", "--end", "8")  # of the sample, wherever a test needs a set that is
# analysed and no more: the model follows it once, for all processes of the run (`pose_cache`)


LONGEST = (
    "real",
    "docs",
    "batch",
    "acquire",
    "desk",
    "live_",
    "foreign",
    "wheel",
    "what_a_clip",
    "bad_input",
    "compare",
    "notebooks",
    "bank",
    "plates",
    "first_model",
    "ghr",
    "report_page",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the files that take longest: the processes of pytest-xdist, which take one after the other, then end
    together. Leave out the tests over real clips and odd files where those are not; pytest_report_header says so.
    """
    places = {each: place for place, each in enumerate(LONGEST)}

    def place(item: pytest.Item) -> int:
        name = item.path.stem.removeprefix("test_")
        return min((place for start, place in places.items() if name.startswith(start)), default=len(places))

    items.sort(key=place)  # stable
    missing = [marker for marker, folder in ASIDE.items() if not folder.is_dir()]
    left_out = [item for item in items if any(item.get_closest_marker(marker) for marker in missing)]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say whether the real clips and the odd files are measured."""
    there, gone = "is there, its tests run", "is not there, the tests marked `{}` are left out"
    return [
        f"{marker}: ../shared/{folder.name} {there if folder.is_dir() else gone.format(marker)}"
        for marker, folder in ASIDE.items()
    ]


@pytest.fixture(scope="session", autouse=True)
def pose_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the whole run a new pose cache, the programs that tests start included; the user's own stays as it is.

    Test processes that run side by side (pytest-xdist) share it: a clip is followed once for all of them.
    """
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "pose_cache"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORMCHECK_CACHE_DIR", str(folder))
        yield folder


@pytest.fixture(scope="session", autouse=True)
def history_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the whole run a history of its own; the user's stays as it is."""
    file = tmp_path_factory.mktemp("history") / "history.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORMCHECK_DB", str(file))
        yield file


@pytest.fixture
def real_clips() -> Path:
    """Folder of the real clips; ask for it in tests marked `real` alone."""
    return REAL


@pytest.fixture
def sample_clip() -> Path:
    """The clip that `formcheck demo` shows: four Romanian deadlifts, rendered."""
    return SAMPLE


def close(schema: Any) -> Any:
    """Return a JSON Schema whose objects with properties have all of them (but for settings) and no others: a key that
    is written and stands in no type is one that nobody was told of, and those that old reports lack are written today.
    """
    if isinstance(schema, list):
        return [close(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: close(each) for name, each in schema.items()}
    if "properties" not in schema:
        return closed
    asked = [] if schema["title"] == "SettingsDocument" else list(schema["properties"])
    return closed | {"additionalProperties": False, "required": asked}


@cache
def closed(name: SchemaName) -> Draft202012Validator:
    """Return what holds a document to its schema, closed."""
    return Draft202012Validator(close(json.loads(read_schema(name))))


def pytest_configure(config: pytest.Config) -> None:
    """Hold every document that a test makes to its schema, as the text that it becomes; before any test's imports."""
    from formcheck.batch import shelf
    from formcheck.report import comparison, document

    def watched(make: Callable[..., Any], name: SchemaName) -> Callable[..., Any]:
        def build(*arguments: Any) -> Any:
            content = make(*arguments)
            closed(name).validate(json.loads(document.to_json(content)))
            return content

        return build

    patch = pytest.MonkeyPatch()
    patch.setattr(document, "build", watched(document.build, "report"))
    patch.setattr(comparison, "build", watched(comparison.build, "compare"))
    patch.setattr(shelf, "make_outcome", watched(shelf.make_outcome, "outcome"))
    config.add_cleanup(patch.undo)


def check_folder_contract(folder: Path) -> int:
    """Hold every document below a folder, written by programs that a test started, to its schema; return how many."""
    found = [(path, name) for name in SCHEMA_NAMES for path in sorted(folder.rglob(f"{name}.json"))]
    for path, name in found:
        closed(name).validate(json.loads(path.read_text(encoding="utf-8")))
    return len(found)


RATE_HZ = 10.0
OVERRUN = Limit(note=5.0, fault=10.0, unit="deg", source="[D]")
TEMPO = Limit(note=2.0, fault=1.0, unit="s", source="[D]", direction="below")


def make_rep(number: int, *, complete: bool = True) -> Rep:
    """Rep `number` takes samples 30 (number - 1) + 5 to + 30: 1.5 s down, 0.2 s pause, 0.8 s up."""
    start = 30 * (number - 1) + 5
    return Rep(
        number=number,
        complete=complete,
        start=start,
        turn=start + 15,
        stop=start + 25,
        start_s=start / RATE_HZ,
        turn_s=(start + 15) / RATE_HZ,
        stop_s=(start + 25) / RATE_HZ,
        eccentric_s=1.5,
        pause_s=0.2,
        concentric_s=0.8,
    )


def make_kinematics(n_samples: int = 95, **changes: Any) -> Kinematics:
    """Ramps: the sample's number times 1, 0.25 and 0.5; the first sample was not seen; no lumbar channel."""
    ramp = np.arange(n_samples, dtype=float)
    ramp[0] = np.nan
    values: dict[str, Any] = {
        "time_s": np.arange(n_samples) / RATE_HZ,
        "channels": {
            "hip_flexion_deg": ramp.copy(),
            "knee_flexion_deg": 0.25 * ramp,
            "trunk_deg": 0.5 * ramp,
            "thigh_deg": -0.5 * ramp,
            "shank_deg": 0.0 * ramp,
            "hip_back_leg": ramp / 300,
        },
        "noise": {"hip_flexion_deg": 0.4},
        "reconstructed": np.arange(n_samples) == 2,
        "leg_px": 300.0,
        "view": View(side="left", facing="right", yaw_deg=4.0, verdict="green"),
        "quality": Quality(
            detected_fraction=0.98765432,
            n_swapped=1,
            n_outliers=2,
            n_interpolated=3,
            n_reconstructed=1,
            segment_cv_pct={"thigh": 1.5},
            warnings=(),
        ),
    }
    return Kinematics(**(values | changes))


def make_finding(code: str, verdict: Any = "good", *, rep: int | None = None, **changes: Any) -> Finding:
    """A finding of 14.2 +/- 2 deg against OVERRUN's limits."""
    values: dict[str, Any] = {
        "code": code,
        "rep": rep,
        "verdict": verdict,
        "value": 14.2,
        "low": 12.2,
        "high": 16.2,
        "unit": "deg",
        "limit": OVERRUN,
        "start_s": 1.5,
        "end_s": 2.0,
        "confidence": 0.9,
        "severity": 0.42,
        "text": f"{code} says so.",
        "reason": None,
        "detail": {},
    }
    if verdict == "not_judged":
        values |= {"value": np.nan, "low": np.nan, "high": np.nan, "confidence": 0.0, "severity": 0.0}
    return Finding(**(values | changes))


def make_report(**changes: Any) -> Report:
    """Two whole reps and a partial one; one fault, one note, one good check and one that was not judged."""
    kinematics = make_kinematics()
    cue = Cue(
        code="rdl.overrun",
        verdict="fault",
        text="Your hips stopped moving back here, and you went 14° lower. That last part is lower back, "
        "not hamstrings.",
        value=14.2,
        unit="deg",
        start_s=1.5,
        confidence=0.9,
        reps=(1,),
    )
    values: dict[str, Any] = {
        "source": Source(
            path="/films/set 1.mp4",
            sha256="ab" * 32,
            fps=29.97002997,
            n_frames=95,
            duration_s=9.5,
            size_px=(1280, 720),
            rotation_deg=0,
        ),
        "lift": LiftChoice(name="rdl", confidence=1.0, chosen_by="user"),
        "kinematics": kinematics,
        "reps": (make_rep(1), make_rep(2), make_rep(3, complete=False)),
        "findings": (
            make_finding("rdl.overrun", "fault", rep=1, detail={"agreement": np.float64(0.123456), "nan": np.nan}),
            make_finding("rdl.overrun", "good", rep=2, value=2.0, low=0.0, high=4.0, severity=0.0),
            make_finding("rdl.tempo", "note", rep=1, value=1.5, low=1.4, high=1.6, unit="s", limit=TEMPO),
            make_finding("rdl.rounding", "not_judged", rep=1, reason="the plates hide the back"),
            make_finding("rdl.rounding", "not_judged", rep=2, reason="the plates hide the back"),
            make_finding("set.consistency", "good"),
        ),
        "cues": (
            cue,
            replace(cue, code="rdl.tempo", verdict="note", text="Take longer down.", reps=(1, 2), unit="s", value=1.5),
        ),
        "provenance": PoseProvenance(
            model="full",
            model_sha256="cd" * 32,
            mode="video",
            smoothing="none",
            rate_hz=30.0,
            subject="auto",
            mediapipe_version="1.2.2",
        ),
        "settings": {"lift": "rdl", "rate": 30.0, "tempo": None},
        "version": "0.1.0",
    }
    return Report(**(values | changes))


@pytest.fixture
def report() -> Report:
    """See `make_report`."""
    return make_report()


@pytest.fixture
def report_with() -> Callable[..., Report]:
    """`make_report` itself, for a report that differs in the named fields."""
    return make_report
