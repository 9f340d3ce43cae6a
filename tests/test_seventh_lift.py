"""CONTRIBUTING's promises: adds a seventh lift, a check and a format to a copy of the package, and runs them."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from formcheck.data import PoseSequence, Source
from formcheck.io.save import export_files
from formcheck.lifts import all_lifts
from formcheck.pipeline import judge_set
from formcheck.settings import Settings
from samples.renderer.stick import Truth, rdl_set

ROOT = Path(__file__).resolve().parent.parent

SEVENTH = '''
"""Toe touch: bow until the hands are at the feet."""

from formcheck.data import Kinematics, Limit, Measure
from formcheck.lifts.check import HINGE, Check, Lift, LiftSet, Quantity, Trait
from formcheck.lifts.common import set_checks, tempo_check, tempo_trend


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
    spoken="Reach lower.",
)

LIFT = Lift(
    name="toe_touch",
    title="Toe touch",
    trains=(HINGE,),
    aliases=("toe_reach",),
    signal="trunk_deg",
    min_range=25.0,
    posture=stand,
    traits=(
        Trait("trunk_high", 70, 130, 15),
        Trait("hip_back", -0.2, 0.1, 0.03),
        Trait("knee_high", -10, 25, 12),
        Trait("hand_drop_low", 0.7, 1.5, 0.2),
    ),
    trends=(Quantity("reach", "Reach", "leg", "toe_touch.depth", "lower", 0.03, "[D]"), tempo_trend("toe_touch.tempo")),
    checks=(DEPTH, tempo_check("toe_touch.tempo", "trunk_deg"), *set_checks("trunk_deg")),
)
'''
# What `formcheck live` makes of landmarks as they come in, and what it says; the lift is to be recognised.
WATCH = """
import sys
import numpy as np
from formcheck.live.coaching.coach import Coach
from formcheck.live.tracking.lifter_tracker import Sighting
from formcheck.live.tracking.model_fallback import Rung
from formcheck.settings import Settings

kept = np.load(sys.argv[1])
coach, rung, size_px = Coach(Settings(), background=False, count_in=False), Rung("full", outline=False), (1280, 720)
for time_s, *seen in zip(*(kept[name] for name in ("time_s", "xy_px", "world_m", "visibility"))):
    coach.step(float(time_s), Sighting(float(time_s), *seen), size_px, rung)
    print(*(each.text for each in coach.said()), sep="\\n", end="\\n")
coach.close()
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package that has one file more."""
    folder = tmp_path_factory.mktemp("seventh")
    shutil.copytree(ROOT / "formcheck", folder / "formcheck", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "models").symlink_to(ROOT / "models")
    (folder / "formcheck" / "lifts" / "toe_touch.py").write_text(SEVENTH)
    return folder


@pytest.fixture(scope="module")
def poses() -> tuple[PoseSequence, Truth]:
    """Three bows to the feet with straight knees, whose hips stay where they are: no hinge of the six."""
    return rdl_set(3, noise_mm=4.0, trunk_max_deg=95, travel_leg=0.06, knee_deg=5, before_s=4.0)


@pytest.fixture(scope="module")
def report(house: Path, poses: tuple[PoseSequence, Truth]) -> dict[str, Any]:
    """The report of the set, whose lift nobody named, and which is kept in Bea's history."""
    source = Source("set.mp4", "", 30.0, 1, 1.0, poses[0].size_px, 0)
    measured = judge_set(source, poses[0], all_lifts()["rdl"], Settings(lift="rdl")).kinematics
    (house / "set.csv").write_text(str(export_files(["csv"], poses[0], measured)["poses.csv"]))
    day = "--date", "2026-11-24"
    done = run(house, "-m", "formcheck", "analyze", "set.csv", "--lift", "auto", "--json", "--athlete", "Bea", *day)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def run(house: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(house), "COLUMNS": "100", "FORMCHECK_DB": str(house / "kept.sqlite")}
    return subprocess.run(
        [sys.executable, *arguments], cwd=house, env=environment, capture_output=True, text=True, check=False
    )


def test_the_seventh_lift_is_recognised_and_judged(report: dict[str, Any], poses: tuple[PoseSequence, Truth]) -> None:
    assert (report["lift"]["name"], report["lift"]["chosen_by"]) == ("toe_touch", "auto")
    depths = [each for each in report["findings"] if each["code"] == "toe_touch.depth"]
    assert [each["rep"] for each in depths] == [1, 2, 3]
    assert depths[0]["value"] == pytest.approx(float(poses[1]["wrist_height_leg"].min()), abs=0.03)
    assert depths[0]["verdict"] == "note"
    assert any(each["text"].endswith("Reach lower.") for each in report["cues"])
    assert {"toe_touch.tempo", "set.fatigue"} <= {each["code"] for each in report["findings"]}


@pytest.mark.usefixtures("report")
def test_the_seventh_lift_is_kept_counted_and_followed(house: Path, poses: tuple[PoseSequence, Truth]) -> None:
    balance = run(house, "-m", "formcheck", "balance", "Bea", "--until", "2026-11-26", "--json")
    (week,) = json.loads(balance.stdout)["weeks"]
    assert (week["hinge"], week["knee_flexion"]) == (1, 0)
    history = json.loads(run(house, "-m", "formcheck", "history", "Bea", "--json").stdout)
    reach, lowering = history["trends"]
    assert (reach["quantity"], lowering["quantity"]) == ("reach", "eccentric")
    assert reach["weeks"][0]["value"] == pytest.approx(float(poses[1]["wrist_height_leg"].min()), abs=0.03)
    assert "Reach, leg" in run(house, "-m", "formcheck", "history", "Bea").stdout


def test_the_seventh_lift_is_recognised_and_corrected_aloud(house: Path, poses: tuple[PoseSequence, Truth]) -> None:
    seen = poses[0]
    np.savez(house / "set.npz", time_s=seen.time_s, xy_px=seen.xy_px, world_m=seen.world_m, visibility=seen.visibility)
    done = run(house, "-c", WATCH, "set.npz")
    assert done.returncode == 0, done.stderr
    assert "Toe touch." in done.stdout
    assert "Reach lower." in done.stdout


def test_the_seventh_lift_is_explained_and_may_be_asked_for(house: Path) -> None:
    explained = run(house, "-m", "formcheck", "explain", "toe_touch.depth")
    assert explained.returncode == 0, explained.stderr
    assert "How near the hands come to the feet" in explained.stdout
    assert "lying_curl|toe_touch>" in run(house, "-m", "formcheck", "analyze", "--help").stdout
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


# The other two examples, as CONTRIBUTING has them ---------------------------------------------------------------


def examples(heading: str) -> list[str]:
    """The blocks of code under a heading of CONTRIBUTING.md."""
    section = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```python\n(.*?)```", section, re.DOTALL)


def edit(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


@pytest.mark.usefixtures("report")
def test_a_check_is_added_as_it_is_said(house: Path) -> None:
    (block,) = examples("Add a check")
    edit(
        house / "formcheck" / "lifts" / "rdl.py",
        (
            "from formcheck.lifts.check import HINGE, Lift, Trait",
            "import numpy as np\n"
            "from collections.abc import Iterator\n"
            "from formcheck.data import Limit, Measure\n"
            "from formcheck.lifts.check import HINGE, Check, Lift, LiftSet, Trait, cannot",
        ),
        ("LIFT = Lift(", f"{block}\n\nLIFT = Lift("),
        ('tempo_check("rdl.tempo", "trunk_deg"),', 'tempo_check("rdl.tempo", "trunk_deg"),\n        CHECK,'),
    )
    assert "How low the hands come" in run(house, "-m", "formcheck", "explain", "rdl.reach").stdout
    done = run(house, "-m", "formcheck", "analyze", "set.csv", "--lift", "rdl", "--json", "--out", "rdl")
    assert done.returncode == 0, done.stderr
    reached = [each for each in json.loads(done.stdout)["findings"] if each["code"] == "rdl.reach"]
    assert [each["verdict"] for each in reached] == ["good"] * 3
    assert [each["low"] < each["value"] < each["high"] for each in reached] == [True] * 3


WRITE = """
import numpy as np
from pathlib import Path
from formcheck.io.load import read_poses
from formcheck.io.save import choose_formats, export_files
from formcheck.lifts import all_lifts
from formcheck.pipeline import judge_set
from formcheck.settings import Settings

source, poses = read_poses(Path("set.csv"))
kinematics = judge_set(source, poses, all_lifts()["toe_touch"], Settings(lift="toe_touch")).kinematics
print(export_files(choose_formats("lines"), poses, kinematics)["angles.jsonl"], end="")
"""


@pytest.mark.usefixtures("report")
def test_a_format_is_added_as_it_is_said(house: Path, poses: tuple[PoseSequence, Truth]) -> None:
    module, case = examples("Add a format")
    (house / "formcheck" / "io" / "save" / "lines.py").write_text(module, encoding="utf-8")
    edit(
        house / "formcheck" / "io" / "save" / "__init__.py",
        ('    "c3d": "ezc3d",', '    "c3d": "ezc3d",\n    "lines": None,'),
        (
            "import c3d, columns, dlc, mot, parquet, tidy, trc",
            "import c3d, columns, dlc, lines, mot, parquet, tidy, trc",
        ),
        ("            case _:", f"{case}            case _:"),
    )
    done = run(house, "-c", WRITE)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == len(poses[0].time_s)
    assert max(row["trunk_deg"] for row in rows) == pytest.approx(95, abs=1.5)
