"""How the commands use their streams: results on stdout, errors, messages and the progress bar on stderr."""

import io
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import typer

from formcheck.errors import FormcheckError, OutputError, StoreError

if TYPE_CHECKING:
    from rich.table import Table

    from formcheck.data import Report
    from formcheck.store.connect import Store

Progress = Callable[[int, int], None]


def wants_colour(stream: TextIO) -> bool:
    """Whether styles may be written: a terminal that knows them, and no NO_COLOR (set to anything)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def shows_blocks(stream: TextIO) -> bool:
    """Whether the stream's encoding has the block characters of the set's little graph."""
    try:
        "▁█".encode(stream.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True


# What the shared words cannot say, because people also read them where there is no command line: words of a warning or
# a reason, and the option that answers it.
ANSWERS = (
    (re.compile(r"set the speed to ([\d.]*\d)", re.IGNORECASE), "--speed {}"),
    (re.compile(r"set the side view to (left|right)"), "--side-view {}"),
    (re.compile(r"like a (\d+) mm one"), "--plate-mm {}"),
    (re.compile(r"(the one on the left).* set the subject"), "--subject right"),
    (re.compile(r"(the one on the right|the one between).* set the subject"), "--subject left"),
)


def name_answers(report: "Report") -> str:
    """Return a line about the options that tell formcheck what a clip could not; "" where there is nothing to tell."""
    said = [*report.kinematics.quality.warnings, *(finding.reason or "" for finding in report.findings)]
    said.append(report.kinematics.view.reason or "")
    found = [(next(filter(None, map(words.search, said)), None), option) for words, option in ANSWERS]
    options = [option.format(match[1]) for match, option in found if match is not None]
    return f"\nTo tell formcheck, add: {', '.join(options)} (with your own value)" if options else ""


def drop_file(file: Path, why: str) -> None:
    """Delete a file of an earlier run, if there is one, and say so. Raises OutputError."""
    try:
        file.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(f"{file} cannot be deleted, and {why}.", "Delete it yourself.") from error
    print_message(f"deleted {file}: {why}")


def print_summary(report: "Report", *, verbose: bool = False, changes: Sequence[str] = ()) -> None:
    """Print the summary on stdout, with colours and the little graph where the stream can show them; `verbose`: with
    every check and its code. `changes`: what changed since last time.
    """
    from formcheck.lifts import all_lifts, name_checks
    from formcheck.report.terminal import summarise

    lift = all_lifts()[report.lift.name]
    signal = lift.signal if shows_blocks(sys.stdout) else None
    colour = wants_colour(sys.stdout)
    text = summarise(report, lift.title, name_checks(), signal=signal, colour=colour, verbose=verbose, changes=changes)
    typer.echo(f"{text}{name_answers(report)}")


def print_message(text: str) -> None:
    """Print one line on stderr; control characters of a file name are written out."""
    from formcheck.report.terminal import one_line

    typer.echo(one_line(text), err=True)


def print_error(error: FormcheckError, about: Path | None = None) -> None:
    """Print what is wrong and the next step on stderr; names the file in question if the message does not."""
    subject = "" if about is None or about.name in error.message else f"{about}: "
    print_message(f"error: {subject}{error.message}")
    print_message(f"  next: {error.hint}")


def make_table(*titles: str) -> "Table":
    """Return a table with these headings; a column whose heading begins with > stands to the right."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in titles:
        table.add_column(title.removeprefix(">"), justify="right" if title.startswith(">") else "left")
    return table


def print_table(table: "Table") -> None:
    """Print a table within 80 columns on stdout, without blanks at the lines' ends."""
    from rich.console import Console

    styled = wants_colour(sys.stdout)
    text = io.StringIO()
    console = Console(file=text, width=80, markup=False, emoji=False, highlight=False, force_terminal=styled)
    console.print(table)
    typer.echo("\n".join(line.rstrip() for line in text.getvalue().splitlines()).strip("\n"))


def require_store() -> "Store":
    """Open the history for a question. Raises StoreError when nothing was ever kept, or it cannot be opened."""
    from formcheck.store.connect import locate, open_store

    store = open_store(create=False)
    if store is None:
        raise StoreError(
            f"No set has been kept yet: there is no {locate().database}.",
            "Keep one with formcheck analyze VIDEO --athlete NAME, or formcheck log.",
        )
    return store


def can_ask() -> bool:
    """Whether somebody sits at a terminal who can answer a question."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask_lift(names: Sequence[str]) -> str | None:
    """Ask on stderr which of the lifts it is, by name or number, until one is given; None for an empty answer."""
    for number, name in enumerate(names, 1):
        print_message(f"  {number}  {name}")
    while True:
        typer.echo("Which lift is it? (number or name, empty for none): ", nl=False, err=True)
        answer = sys.stdin.readline().strip().lower()
        if answer.isdecimal() and 1 <= int(answer) <= len(names):
            return names[int(answer) - 1]
        if not answer or answer in names:
            return answer or None
        print_message(f"There is no {answer}.")


@contextmanager
def progress_bar(label: str) -> Iterator[Progress | None]:
    """Show a bar with the time left on stderr and yield its update(done, total); None when stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    from formcheck.report.terminal import one_line

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task(one_line(label), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def open_in_browser(url: str) -> bool:
    """Open a page in the browser, where somebody sits at a screen. Return whether there was one.

    Without a screen Python may start a browser for terminals, which would take over the one that this runs in.
    """
    screen = not sys.platform.startswith("linux") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if not (sys.stderr.isatty() and screen):
        return False
    import webbrowser

    try:
        return webbrowser.open(url)
    except webbrowser.Error:
        return False
