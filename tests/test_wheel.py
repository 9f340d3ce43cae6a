"""The wheel alone, in a new environment, away from the checkout, analyses a video."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import jsonschema
import pytest
from conftest import FIRST_REP, ROOT
from installing import install


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_package_its_models_and_the_demo_clip(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {name.split("/")[0] for name in names} == {"formcheck", "formcheck-0.2.0.dist-info"}
    assert {name for name in names if name.startswith(("formcheck/models/", "formcheck/samples/"))} == {
        "formcheck/models/MANIFEST.toml",
        "formcheck/models/movenet_thunder.onnx",
        "formcheck/models/movenet_multipose.onnx",
        "formcheck/models/pose_landmarker_lite.task",
        "formcheck/models/pose_landmarker_full.task",
        "formcheck/models/pose_landmarker_heavy.task",
        "formcheck/samples/rdl_four_reps.mp4",
    }
    assert {
        "formcheck/desk/page/desk.css",
        "formcheck/desk/page/review.html.jinja",
        "formcheck/desk/page/review.js",
        "formcheck/report/page/base.css",
        "formcheck/report/page/page.css",
        "formcheck/report/page/page.html.jinja",
        "formcheck/report/page/page.js",
        "formcheck/store/migrations/env.py",
        "formcheck/store/migrations/versions/v0001_first.py",
        "formcheck/store/page/history.html.jinja",
        "formcheck/store/page/history.js",
        "formcheck/schemas/compare.json",
        "formcheck/schemas/outcome.json",
        "formcheck/schemas/report.json",
        "formcheck/py.typed",
        "formcheck-0.2.0.dist-info/licenses/LICENSE",
        "formcheck-0.2.0.dist-info/licenses/NOTICE",
    } <= names


def test_its_description_holds_without_the_checkout(wheel: Path) -> None:
    """An index shows it alone: `twine check` finds that it renders, this that no picture or link of it is broken."""
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read("formcheck-0.2.0.dist-info/METADATA").decode()
    assert "## How to film" in text
    assert re.findall(r"!\[|\]\((?!https?:)", text) == []


def test_docker_builds_from_all_that_the_wheel_needs() -> None:
    """Docker is not at hand: what is left out of its context is held to what the build asks for, its system packages to
    those of `.ci/system run`. Its install step is that of the next test.
    """
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    kept = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    out = [line.removesuffix("/*") for line in ignored if line and not line.startswith(("#", "!"))]
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel_of = build["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = [*wheel_of["packages"], *wheel_of["force-include"], *build["project"]["license-files"]]
    needed += ["README.md", "pyproject.toml", "constraints.txt"]
    assert [each for each in needed if each not in kept and any(each.split("/")[0] == name for name in out)] == []
    assert [each for each in [*kept, *needed] if not (ROOT / each).exists()] == []

    steps = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    (packages,) = re.findall(r'^  run\) packages="(.*)"', (ROOT / ".ci" / "system").read_text(), re.MULTILINE)
    assert f"--no-install-recommends {packages} " in steps
    assert "pip install --no-cache-dir --constraint constraints.txt . " in steps
    (python,) = re.findall(r"^FROM python:3\.(\d+)-slim$", steps, re.MULTILINE)
    assert int(python) >= int(build["project"]["requires-python"].removeprefix(">=3."))
    assert 'ENTRYPOINT ["formcheck"]' in steps
    assert "formcheck" in build["project"]["scripts"]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a new environment's folder of programs, formcheck with what constraints.txt names among them."""
    environment = tmp_path_factory.mktemp("installed") / "environment"
    venv.create(environment)
    binaries = environment / ("Scripts" if os.name == "nt" else "bin")
    install("--python", binaries / "python", "--constraint", ROOT / "constraints.txt", wheel)
    return binaries


def run_installed(binaries: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed formcheck in a folder, away from the checkout and its settings of Python."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    clean["FORMCHECK_DB"] = str(folder.parent / "history.db")
    command = [binaries / "formcheck", *arguments]
    done = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def test_an_installed_wheel_analyses_a_video(installed: Path, tmp_path: Path, sample_clip: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(sample_clip, elsewhere / "my set.mp4")

    def formcheck(*arguments: str) -> str:
        return run_installed(installed, elsewhere, *arguments).stdout

    printed = formcheck("analyze", "my set.mp4", *FIRST_REP, "--json", "--no-cache")
    folder = elsewhere / "my set_formcheck"
    assert {each.name for each in folder.iterdir()} == {"angles.csv", "report.html", "reps.csv", "report.json"}
    assert printed == (folder / "report.json").read_text(encoding="utf-8")
    assert len(json.loads(printed)["reps"]) == 1
    jsonschema.validate(json.loads(printed), json.loads(formcheck("schema", "report")))
    assert formcheck("demo").startswith("rdl_four_reps.mp4: Romanian deadlift, 4 reps ")
    formcheck("log", "Ana", "squat", "--reps", "5")
    assert formcheck("history", "Ana", "--html", str(tmp_path / "ana.html")).startswith(
        "Ana: 0 sets filmed and 1 logged"
    )
    assert (tmp_path / "ana.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert sorted(each.name for each in elsewhere.iterdir()) == [
        "my set.mp4",
        "my set_formcheck",
        "rdl_four_reps_formcheck",
    ]


def test_the_newest_mediapipe_that_is_allowed_logs_nothing_either(
    installed: Path, tmp_path: Path, sample_clip: Path
) -> None:
    """Its last test in this environment: the pinned version is gone after it."""
    (needs,) = (each for each in dependencies() if each.startswith("mediapipe"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(sample_clip, elsewhere / "my set.mp4")
    install("--python", installed / "python", "--upgrade", "--no-deps", needs)
    done = run_installed(installed, elsewhere, "analyze", "my set.mp4", *FIRST_REP[:-1], "1.5", "--no-cache")
    assert done.stdout.startswith("my set.mp4: ")
    assert [line for line in done.stderr.splitlines() if not line.startswith("wrote my set_formcheck")] == []


def dependencies() -> list[str]:
    """Return what pyproject.toml says is needed."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return list(tomllib.load(file)["project"]["dependencies"])
