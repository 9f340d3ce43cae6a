"""Which pose model looks at a video when none was asked for: its lift's own, once the lift is known."""

import json
from pathlib import Path

import pytest

from formcheck.lifts import all_lifts
from formcheck.pipeline import analyze, find_set, first_model
from formcheck.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SEATED = ROOT / "samples" / "seated_curl_partial.mp4"
ONE_CURL = {"start_s": 0.9, "end_s": 5.4, "rate_hz": 20.0}


def test_a_model_that_was_asked_for_is_taken_and_else_the_lifts_own() -> None:
    lifts = all_lifts()
    assert {name: first_model(Settings(), lift) for name, lift in lifts.items()} == dict.fromkeys(lifts, "full") | {
        "seated_curl": "heavy"
    }
    assert first_model(Settings(), None) == "full"
    assert {first_model(Settings(model="lite"), lift) for lift in (None, *lifts.values())} == {"lite"}


def test_a_seated_curl_that_is_recognised_is_looked_at_by_the_heavy_model_and_its_lowering_timed() -> None:
    told: list[tuple[int, int]] = []
    report = analyze(SEATED, Settings(**ONE_CURL), progress=lambda *each: told.append(each), use_cache=True)
    assert (report.lift.name, report.lift.chosen_by) == ("seated_curl", "auto")
    assert report.provenance.model == "heavy"
    assert report.kinematics.quality.warnings == ()
    assert told == sorted(told)  # the second pass counts on from the first
    assert told[-1][0] == 2 * len(report.kinematics.time_s)
    (rep,) = report.reps
    truth = json.loads(SEATED.with_suffix(".truth.json").read_text())["reps"][0]
    assert rep.eccentric_s == pytest.approx(truth["eccentric_s"], abs=0.10)
    assert rep.concentric_s == pytest.approx(truth["concentric_s"], abs=0.10)


def test_the_model_that_was_asked_for_looks_at_a_seated_curl_alone() -> None:
    _, poses, lift, choice = find_set(SEATED, Settings(model="full", **ONE_CURL))
    assert (poses.provenance.model, lift.name) == ("full", "seated_curl")
    assert choice is not None
