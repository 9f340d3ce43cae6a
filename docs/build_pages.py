"""What mkdocs cannot find in docs/: the pages that are made from the code, and those that lie at the repository's root.

mkdocs calls `on_files` and `on_page_markdown` (mkdocs.yml names this file as a hook). Nothing made here is kept in the
repository, so it cannot be out of date.
"""

import inspect
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from typer import Context
from typer.main import get_command

from formcheck.cli.main import app
from formcheck.lifts import all_lifts
from formcheck.lifts.check import Check
from formcheck.report.page.content import state_limit
from formcheck.wording import write_degrees

Row = dict[str, str]

ROOT = Path(__file__).resolve().parent.parent
AT_ROOT = {  # page of the site -> file of the repository
    "index.md": "README.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
    "security.md": "SECURITY.md",
    "notebooks.md": "notebooks/README.md",
}
TABLE = re.compile(r"```text\n(quantity.*?)```\n?", re.DOTALL)
LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)")
README_ROWS = (  # of the table in docs/accuracy.md: ten at most, the misses among them
    "overruns of 15 deg and more called",
    "overruns of 10 deg and more passed off as good",
    "sound reps called",
    "reps not judged, overrun",
    "overrun, MAE",
    "squats of 20 deg and more called",
    "squats called where there is none",
    "backs rounded by 35 deg and more called",
    "backs called rounded at 20 deg and less",
    "sets whose reps are counted exactly",
)
HOW_SURE = {  # the last part of a check's code -> what its rows in docs/accuracy.md begin with or name
    "overrun": ("overrun", "sound reps called"),
    "hip_travel": ("end of hip travel",),
    "squatted": ("squats",),
    "rounding": ("backs", "rounding", "lumbar"),
    "lean_back": ("tops leaning back",),
    "lockout": ("tops short",),
    "bar_drift": ("weights",),
}
DRAWN = frozenset(  # by `build_pictures.draw_faults`: the sound repetition on the left, the fault on the right
    {
        *("rdl.rounding", "rdl.squatted", "rdl.overrun", "rdl.lean_back", "rdl.lockout", "rdl.bar_drift", "rdl.level"),
        *(f"good_morning.{name}" for name in ("rounding", "squatted", "overrun", "lean_back", "lockout", "level")),
        *("ghr.arch", "ghr.hip_hinge", "nordic.hip_break", "nordic.arch"),
        *(
            f"{place}_curl.{name}"
            for place in ("lying", "seated")
            for name in ("hip_lift", "range", "partial", "extension")
        ),
    }
)
STICKS = frozenset(  # by `stick_pictures`: the renderer cannot draw these yet
    {
        *("ghr.top", "ghr.kick", "nordic.catch", "nordic.hips_lead"),
        *(f"{place}_curl.{name}" for place in ("lying", "seated") for name in ("swing", "drop")),
    }
)
REPORT_TYPES = ("Report", "Rep", "Finding", "Limit", "Cue", "Kinematics", "View", "Quality")
NEEDS = {
    "side view": "a side view",
    "outline": "the outline of the back",
    "clock": "times that are true (no slow motion)",
}


def read_rows(table: str) -> list[Row]:
    """Return the rows of a table that the benchmarks print, a cell by its heading."""
    head, *lines = table.splitlines()
    names = head.split()
    edges = [*(head.index(name) for name in names), None]
    return [
        {name: " ".join(line[one:other].split()) for name, (one, other) in zip(names, pairwise(edges), strict=True)}
        for line in lines
    ]


def reported_rows() -> list[Row]:
    """Return the rows of the table in docs/accuracy.md."""
    (table,) = TABLE.findall((ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8"))
    return read_rows(table)


def table_of(rows: list[Row], columns: tuple[str, ...] = ("figure", "count", "target")) -> str:
    """Return the rows as a table for people: degrees as °, a dash where a cell is empty."""
    lines = [f"| | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for row in rows:
        quantity, cells = row["quantity"], [row[name] or "-" for name in columns]
        lines.append(f"| {quantity[0].upper()}{quantity[1:]} | {' | '.join(cells)} |".replace(" deg", "°"))
    return "\n".join(lines) + "\n"


def full_table(table: str) -> str:
    """Return a table that the benchmarks print as one for people, with all its columns."""
    return table_of(read_rows(table), ("figure", "target", "count", "abstained", "coverage"))


def readme_rows() -> str:
    """Return README's table of accuracy."""
    rows = {row["quantity"]: row for row in reported_rows()}
    return table_of([rows[name] for name in README_ROWS])


def checks_page() -> str:
    """Return the page of every check: what, why, limit, source, how sure."""
    rows = reported_rows()
    parts = [
        "# Checks\n",
        "Made from the lifts themselves: what `formcheck explain` prints, for all of them. A note is worth knowing, a "
        "fault is to be changed. `[P]` is published, `[D]` a design choice, `[S]` simulated: "
        "[Method](../docs/method.md).\n",
    ]
    seen: set[str] = set()
    for lift in all_lifts().values():
        parts.append(f"## {lift.title}\n")
        shared: list[str] = []
        for check in lift.checks:
            if check.code in seen:
                shared.append(f"[{check.title}](#{check.code})")
            else:
                parts += _one_check(check, rows)
            seen.add(check.code)
        if shared:
            parts.append(f"As in every lift: {'; '.join(shared)}.\n")
    return "\n".join(parts)


def _one_check(check: Check, rows: list[Row]) -> Iterator[str]:
    cue = re.sub(r"\{\w+\}", "…", check.cue)
    needs = ", ".join(NEEDS[each] for each in sorted(check.needs)) or "a repetition"
    yield f"### {check.title} {{ #{check.code} }}\n\n`{check.code}`. {check.why}\n"
    picture = f"img/checks/{check.code}.webp"
    if (ROOT / "docs" / picture).exists():
        yield f"![{_say_shown(check.code)}: {check.title}]({picture})\n"
        if check.code in STICKS:
            yield "As it should be, then the fault: figures 0.12 s apart, the last one dark; far apart is quick.\n"
    yield f"- **Limit:** {state_limit(check.limit)}\n- **Where that comes from:** {write_degrees(check.limit.source)}"
    yield f"- **It needs:** {needs}\n- **You hear:** “{cue}”"
    if check.method:
        yield f"- **Method:** [definition](../docs/method.md#{check.method})"
    asked = HOW_SURE.get(check.code.split(".")[-1], ())
    known = [row for row in rows if any(each in row["quantity"] for each in asked)]
    if known:
        yield "- **How sure:** measured on hinges that nobody had seen ([Accuracy](../docs/accuracy.md))\n"
        yield table_of(known)
    else:
        yield "- **How sure:** not measured yet on sets that nobody had seen\n"


def _say_shown(code: str) -> str:
    """Return what a check's picture shows."""
    return "Right, and wrong" if code in DRAWN | STICKS else "Where a shipped sample is found at fault"


def commands_page() -> str:
    """Return what `--help` prints of every command."""
    group: Any = get_command(app)
    parts = ["# Commands\n\nWhat `formcheck COMMAND --help` prints.\n"]
    for name, command in group.commands.items():
        with Context(command, info_name=f"formcheck {name}", terminal_width=80, max_content_width=80) as context:
            parts.append(f"## {name}\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def api_page() -> str:
    """Return the page whose contents mkdocstrings reads from the docstrings."""
    names = {
        "Analyse and compare": ("formcheck.analyze", "formcheck.agreement.agree", "formcheck.agreement.Agreement"),
        "Report": tuple(f"formcheck.data.{name}" for name in REPORT_TYPES),
        "Frames and figures": ("formcheck.frames", "formcheck.figures"),
        "Errors": ("formcheck.errors",),
    }
    parts = ["# Python reference\n\nMade from the docstrings. [From Python](../docs/python.md) shows how it is used.\n"]
    for title, objects in names.items():
        parts.append(f"## {title}\n")
        parts += [f"::: {each}\n" for each in objects]
    return "\n".join(parts)


MADE = {"checks.md": checks_page, "commands.md": commands_page, "api.md": api_page}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made, and those that lie at the root."""
    for page, make in MADE.items():
        files.append(File.generated(config, page, content=inspect.cleandoc(make()) + "\n"))
    for page, name in AT_ROOT.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=move_links(text, PurePosixPath(name).parent)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Turn links that hold in the repository into links that hold on the site, and the table that the benchmarks print
    into one that fits a phone.
    """
    return move_links(TABLE.sub(lambda shown: full_table(shown[1]), markdown), PurePosixPath("docs"))


def move_links(text: str, folder: PurePosixPath) -> str:
    """Return the text of a file in `folder` with its links as they are on the site; a link to a file of the repository
    that is no page becomes the file's name.
    """
    pages = {name: page for page, name in AT_ROOT.items()}

    def move(link: re.Match[str]) -> str:
        mark, label, target, anchor = link[1], link[2], link[3], link[4] or ""
        path = _normal(folder / target)
        page = pages.get(path) or (path.removeprefix("docs/") if path.startswith("docs/") else None)
        if page is None:
            return label if label.startswith("`") or target in label else f"{label} (`{path}`)"
        return f"{mark}[{label}]({page}{anchor})"

    return LINK.sub(move, text)


def _normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
