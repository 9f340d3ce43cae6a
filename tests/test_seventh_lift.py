"""CONTRIBUTING's promise: a lift is one file. Adds a seventh one to a copy of the package and runs it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from formcheck.data import PoseSequence
from samples.stick import rdl_set

ROOT = Path(__file__).resolve().parent.parent

SEVENTH = '''
"""Toe touch: bow until the hands are at the feet."""

from formcheck.data import Kinematics, Limit, Measure
from formcheck.lifts.check import HINGE, Check, Lift, LiftSet
from formcheck.lifts.common import set_checks, tempo_check


def measure_depth(lift_set: LiftSet) -> tuple[Measure, ...]:
    """Return the lowest the hands get in each rep, leg lengths above the ankles."""
    heights = lift_set.kinematics["wrist_height_leg"]
    lowest = [(rep, float(heights[rep.start : rep.stop].min())) for rep in lift_set.reps]
    return tuple(
        Measure(leg, leg - 0.03, leg + 0.03, "leg", rep.number, rep.start_s, rep.stop_s) for rep, leg in lowest
    )


def stand(kinematics: Kinematics) -> str | None:
    """Everybody may."""
    return None


DEPTH = Check(
    code="toe_touch.depth",
    title="How near the hands come to the feet",
    why="That is the exercise.",
    cue="Your hands stay {value} leg lengths above your ankles. Reach lower.",
    good="hands at {value} leg lengths",
    limit=Limit(0.30, None, "leg", "[D]"),
    measure=measure_depth,
    needs=frozenset({"side view"}),
    decimals=2,
)

LIFT = Lift(
    name="toe_touch",
    title="Toe touch",
    trains=(HINGE,),
    aliases=("toe_reach",),
    signal="trunk_deg",
    min_range=25.0,
    posture=stand,
    checks=(DEPTH, tempo_check("toe_touch.tempo", "trunk_deg"), *set_checks("trunk_deg")),
)
'''
JUDGE = """
import json, sys
import numpy as np
from formcheck.data import PoseProvenance, PoseSequence, Source
from formcheck.lifts import all_lifts
from formcheck.pipeline import judge_set
from formcheck.report.document import build
from formcheck.settings import Settings

kept = np.load(sys.argv[1])
provenance = PoseProvenance("stick", "0" * 64, "image", "none", 30.0, "auto", "none")
poses = PoseSequence(kept["time_s"], kept["xy_px"], kept["world_m"], kept["visibility"], (1280, 720), None, provenance)
source = Source("set.mp4", "", 30.0, 1, 1.0, (1280, 720), 0)
print(json.dumps(build(judge_set(source, poses, all_lifts()["toe_touch"], Settings(lift="toe_touch")))))
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package that has one file more."""
    folder = tmp_path_factory.mktemp("seventh")
    shutil.copytree(ROOT / "formcheck", folder / "formcheck", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "formcheck" / "lifts" / "toe_touch.py").write_text(SEVENTH)
    return folder


def run(house: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(house), "COLUMNS": "100", "FORMCHECK_DB": str(house / "kept.sqlite")}
    return subprocess.run(
        [sys.executable, *arguments], cwd=house, env=environment, capture_output=True, text=True, check=False
    )


def test_the_seventh_lift_is_judged(house: Path) -> None:
    poses, truth = rdl_set(3, noise_mm=4.0, trunk_max_deg=70, travel_leg=0.3)
    keep(poses, house / "poses.npz")
    done = run(house, "-c", JUDGE, "poses.npz")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    depths = [each for each in report["findings"] if each["code"] == "toe_touch.depth"]
    assert [each["rep"] for each in depths] == [1, 2, 3]
    assert depths[0]["value"] == pytest.approx(float(truth["wrist_height_leg"].min()), abs=0.03)
    assert depths[0]["verdict"] == "note"
    assert report["cues"][0]["text"].endswith("Reach lower.")
    assert {"toe_touch.tempo", "set.fatigue"} <= {each["code"] for each in report["findings"]}


def keep(poses: PoseSequence, path: Path) -> None:
    np.savez(path, time_s=poses.time_s, xy_px=poses.xy_px, world_m=poses.world_m, visibility=poses.visibility)


def test_the_seventh_lift_is_explained_and_may_be_asked_for(house: Path) -> None:
    explained = run(house, "-m", "formcheck", "explain", "toe_touch.depth")
    assert explained.returncode == 0, explained.stderr
    assert "How near the hands come to the feet" in explained.stdout
    asked = run(house, "-m", "formcheck", "analyze", "nobody.mp4", "--lift", "toe_touch")
    assert "There is no file nobody.mp4." in asked.stderr
    other = run(house, "-m", "formcheck", "analyze", "nobody.mp4", "--lift", "toe_tuch")
    assert other.returncode == 2
    assert "toe_touch" in other.stderr


def test_the_seventh_lift_counts_for_what_its_file_says(house: Path) -> None:
    """Under its own name and another, with its own title: nothing but its file has heard of it."""
    for name in ("toe_touch", "Toe-Reach"):
        logged = run(house, "-m", "formcheck", "log", "Ann", name, "--sets", "2", "--reps", "8", "--date", "2026-11-24")
        assert logged.returncode == 0, logged.stderr
    balance = run(house, "-m", "formcheck", "balance", "Ann", "--until", "2026-11-26", "--json")
    assert balance.returncode == 0, balance.stderr
    (week,) = json.loads(balance.stdout)["weeks"]
    assert (week["hinge"], week["knee_flexion"]) == (4, 0)
    history = run(house, "-m", "formcheck", "history", "Ann", "--sets")
    assert history.stdout.count("Toe touch") == 2
