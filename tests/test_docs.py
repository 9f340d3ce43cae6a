"""README.md and docs/ show what the program prints: each `$ formcheck` command in them is run and compared.

`python tests/test_docs.py` writes the outputs anew, and README's rows of accuracy from docs/accuracy.md; with `rows`
those alone.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import check_folder_contract

import formcheck

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]  # README first: it makes the folder that others look into
LINKING = [*PAGES, *(ROOT / name for name in ("CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "notebooks/README.md"))]
NUMBER = re.compile(r"(?<![\w.])(-?\d+(?:\.\d+)?)(?!\w)")
BLOCK = re.compile(r"(?P<head>```console\n\$ (?P<command>formcheck [^\n]*)\n)(?P<output>.*?)```", re.DOTALL)
ROWS = re.compile(r"(<!-- accuracy: [^\n]*-->\n).*?(<!-- /accuracy -->)", re.DOTALL)
CODE = re.compile(r"^ *```(?:console|sh)\n(?P<lines>.*?)^ *```", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"^ *(?:\$ )?(?:\.venv/bin/)?formcheck (?P<name>[a-z]+)(?P<rest>[^\n|#]*)", re.MULTILINE)


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
            "good_morning_sound.mp4",
            "good_morning_overrun.mp4",
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


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(match, id=f"{page.name}: {match['command']}")
        for page in PAGES
        for match in BLOCK.finditer(read(page))
    ],
)
def test_the_pages_show_what_the_program_prints(block: re.Match[str], folder: Path) -> None:
    printed = run_shown(block["command"], folder)
    if "--lift" in block["command"] or " agree " in block["command"]:
        assert_alike(printed, block["output"])
    else:
        assert printed == block["output"]


def test_the_python_shown_runs(folder: Path) -> None:
    (shown,) = re.findall(r"```python\n(.*?)```", read(ROOT / "docs" / "python.md"), re.DOTALL)
    run_shown("true", folder)  # puts the sample there
    printed = subprocess.run(
        [sys.executable, "-c", shown],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed.startswith("Your lower back rounded")


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


def test_the_made_up_athlete_has_no_sets_of_a_reader() -> None:
    """Who types docs/history.md from top to bottom sees the numbers that stand there."""
    made_up = {line.split(",")[0] for line in read(ROOT / "samples" / "history.csv").splitlines()[1:]}
    named = {name for page in PAGES for name in re.findall(r"(?:--athlete|formcheck log) (\w+)", read(page))}
    assert made_up == {"Mia"}
    assert named
    assert not named & made_up


def test_every_command_is_shown() -> None:
    shown = {match["command"].split()[1] for page in PAGES for match in BLOCK.finditer(read(page))}
    every = {"agree", "analyze", "balance", "batch", "compare", "explain", "export", "history", "live", "log", "schema"}
    assert shown == every, "demo is shown as `make demo`; the desk, which Ctrl-C ends, is run by tests/test_desk.py"
    assert "\nformcheck desk " in read(ROOT / "docs" / "desk.md")


SHOWN_LINES = sorted(
    {
        (shown["name"], shown["rest"].strip(" &"))
        for page in PAGES
        for code in CODE.finditer(read(page))
        for shown in SHOWN.finditer(code["lines"].replace("\\\n", " "))
    }
)


@pytest.mark.parametrize(("name", "rest"), SHOWN_LINES)
def test_a_command_that_is_shown_is_understood(name: str, rest: str) -> None:
    """Also those that are not run here, for they want a camera, a network or a file of the reader's own."""
    from typer import Context
    from typer.main import get_command

    from formcheck.cli.main import app

    command: Any = get_command(app)
    one = command.commands[name]
    words = shlex.split(re.sub(r"\d?>\S+", "", rest))
    given, left, _ = one.make_parser(Context(one, info_name=name)).parse_args(words)
    assert not [word for word in left if word.startswith("-")]
    assert len(words) == 0 or given


def test_the_settings_shown_are_valid(tmp_path: Path) -> None:
    from formcheck.lifts import all_checks
    from formcheck.settings import LimitOverride, Tempo, load_settings

    (shown,) = re.findall(r"```toml\n(.*?)```", read(ROOT / "docs" / "settings.md"), re.DOTALL)
    assert tomllib.loads(shown)["lift"] == "rdl"
    (tmp_path / "mine.toml").write_text(shown)
    settings = load_settings(tmp_path / "mine.toml", known_codes=[check.code for check in all_checks()])
    assert settings.tempo == Tempo(3, 1, 1)
    assert dict(settings.limits) == {"rdl.overrun": LimitOverride(note=6, fault=12)}


@pytest.mark.parametrize("page", LINKING, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?://)([^)#]+)(?:#[^)]*)?\)", read(page))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_no_sentence_stands_in_two_places() -> None:
    places: dict[str, set[str]] = {}
    for page in LINKING:
        prose = re.sub(r"^ *```.*?^ *```|<!--.*?-->", "", read(page), flags=re.MULTILINE | re.DOTALL)
        for part in re.split(r"\n\s*\n|(?<=[.:!?])\s|\n[-|#]|\n\d\.", prose):
            places.setdefault(" ".join(part.split()), set()).add(page.name)
    assert {text: names for text, names in places.items() if len(names) > 1 and len(text) > 40} == {}


def test_the_readme_is_a_door() -> None:
    assert len(read(README).splitlines()) <= 200


def test_the_readme_has_the_figures_of_the_page_on_accuracy() -> None:
    (shown,) = ROWS.finditer(read(README))
    assert shown[0] == ROWS.sub(accuracy_rows, shown[0])
    assert shown[0].count("\n| ") == 11, "a heading and ten rows"


def test_a_check_is_defined_in_the_method() -> None:
    from formcheck.lifts import all_checks

    headings = re.findall(r"^#+ (.*)", read(ROOT / "docs" / "method.md"), re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    assert {check.code: check.method for check in all_checks() if check.method not in anchors} == {}


def test_the_code_points_to_pages_that_exist() -> None:
    sources = [*(ROOT / "formcheck").rglob("*.py"), *(ROOT / "samples").rglob("*.py")]
    named = {name for source in sources for name in re.findall(r"docs/\w+\.md", read(source))}
    assert "docs/method.md" in named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_extra_is_described() -> None:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    described = re.findall(r"^\| `([a-z]+)` \|", read(ROOT / "docs" / "install.md"), re.MULTILINE)
    assert sorted(described) == sorted(set(project["optional-dependencies"]) - {"dev", "docs", "render"})


def test_the_site_is_whole_and_asks_the_network_for_nothing(tmp_path: Path) -> None:
    """`make docs`: mkdocs ends with an error at a link or an anchor that leads nowhere."""
    from formcheck.lifts import all_checks

    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pages = {page.name: read(page) for page in tmp_path.glob("*.html")}
    loads = r"""<(?:script|img|iframe|source)\b[^>]*src="https?:[^"]*|<link\b[^>]*href="https?:[^"]*"""
    assert {name: found for name, text in pages.items() if (found := re.findall(loads, text))} == {}
    assert [check.code for check in all_checks() if f'id="{check.code}"' not in pages["checks.html"]] == []
    assert "formcheck analyze [OPTIONS] [VIDEO]..." in pages["commands.html"]
    assert 'id="formcheck.analyze"' in pages["api.html"]


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


def accuracy_rows(shown: re.Match[str]) -> str:
    """Return README's rows of accuracy, between the comments that `shown` found."""
    from docs.build_pages import readme_rows

    return f"{shown[1]}\n{readme_rows()}\n{shown[2]}"


def write_rows() -> None:
    README.write_text(ROWS.sub(accuracy_rows, read(README)), encoding="utf-8")


def write_pages() -> None:
    with tempfile.TemporaryDirectory() as name:
        for page in PAGES:
            text = BLOCK.sub(lambda block: block["head"] + run_shown(block["command"], Path(name)) + "```", read(page))
            page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.path.append(str(ROOT))
    if sys.argv[1:] != ["rows"]:
        write_pages()
    write_rows()
