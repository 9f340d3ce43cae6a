"""README.md shows what the program prints: each `$ formcheck` command in it is run and compared.

`python tests/test_docs.py` writes the outputs into README.md anew.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
import yaml
from conftest import check_folder_contract

import formcheck

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
NUMBER = re.compile(r"(?<![\w.])(-?\d+(?:\.\d+)?)(?!\w)")
BLOCK = re.compile(r"(?P<head>```console\n\$ (?P<command>formcheck [^\n]*)\n)(?P<output>.*?)```", re.DOTALL)


def run_shown(command: str, folder: Path) -> str:
    """Run a shell line in `folder`, where the sample lies as in a checkout; both streams, as a terminal shows them."""
    binary = folder / "bin" / "formcheck"
    if not binary.exists():
        binary.parent.mkdir()
        binary.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m formcheck "$@"\n')
        binary.chmod(0o755)
        (folder / "samples").mkdir()
        for name in (
            "rdl_four_reps.mp4",
            "rdl_four_reps.truth.json",
            "nordic_controlled.mp4",
            "nordic_break_60.mp4",
            "history.csv",
        ):
            shutil.copy(ROOT / "samples" / name, folder / "samples")
    environment = {
        **os.environ,
        "PATH": f"{binary.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "80",
        "FORMCHECK_DB": str(folder / "history.db"),
    }
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, stdout=-1, stderr=subprocess.STDOUT, text=True, check=True
    )
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("docs")
    yield folder
    check_folder_contract(folder)


@pytest.mark.parametrize(
    "block", [pytest.param(match, id=match["command"]) for match in BLOCK.finditer(README.read_text(encoding="utf-8"))]
)
def test_the_readme_shows_what_the_program_prints(block: re.Match[str], folder: Path) -> None:
    printed = run_shown(block["command"], folder)
    if "--lift" in block["command"] or " agree " in block["command"]:
        assert_alike(printed, block["output"])
    else:
        assert printed == block["output"]


def assert_alike(printed: str, shown: str) -> None:
    """The same words; numbers within a tenth: another processor's arithmetic moves landmarks a little."""
    ours, theirs = (NUMBER.split(" ".join(text.split())) for text in (printed, shown))
    assert ours[::2] == theirs[::2], printed
    for one, other in zip(ours[1::2], theirs[1::2], strict=True):
        assert float(one) == pytest.approx(float(other), rel=0.1, abs=1.0), printed


@pytest.mark.parametrize(
    ("printed", "alike"),
    [
        ("took 2.95 s\n  in rep 3", True),
        ("took 5.1 s in rep 3", False),
        ("took 3 s in reps 3", False),
        ("took 3 s in rep 3, 4", False),
    ],
)
def test_what_counts_as_alike(printed: str, alike: bool) -> None:
    with nullcontext() if alike else pytest.raises(AssertionError):
        assert_alike(printed, "took 3 s in rep 3")


def test_the_readme_shows_every_command() -> None:
    shown = {match["command"].split()[1] for match in BLOCK.finditer(README.read_text(encoding="utf-8"))}
    every = {"agree", "analyze", "balance", "batch", "compare", "explain", "export", "history", "live", "log", "schema"}
    assert shown == every, "demo is shown as `make demo`"


def test_the_settings_in_the_readme_are_valid(tmp_path: Path) -> None:
    from formcheck.lifts import all_checks
    from formcheck.settings import LimitOverride, Tempo, load_settings

    (shown,) = re.findall(r"```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert tomllib.loads(shown)["lift"] == "rdl"
    (tmp_path / "mine.toml").write_text(shown)
    settings = load_settings(tmp_path / "mine.toml", known_codes=[check.code for check in all_checks()])
    assert settings.tempo == Tempo(3, 1, 1)
    assert dict(settings.limits) == {"rdl.overrun": LimitOverride(note=6, fault=12)}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_somewhere(name: str) -> None:
    targets = re.findall(r"\]\((?!https?://)([^)#]+)\)", (ROOT / name).read_text(encoding="utf-8"))
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_citation_names_this_version() -> None:
    """cffconvert --validate found the file valid by schema 1.2.0; what a release changes in it is held here."""
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert cited["cff-version"] == "1.2.0"
    assert cited["version"] == formcheck.__version__
    assert cited["license"] == project["license"]
    assert cited["keywords"] == project["keywords"]
    assert {"message", "title", "authors"} <= set(cited)


def test_every_make_target_is_described() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    described = re.findall(
        r"^\| `make ([a-z-]+)`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(targets) == sorted(described)


def write_readme() -> None:
    with tempfile.TemporaryDirectory() as name:
        text = README.read_text(encoding="utf-8")
        README.write_text(
            BLOCK.sub(lambda block: block["head"] + run_shown(block["command"], Path(name)) + "```", text)
        )


if __name__ == "__main__":
    write_readme()
