"""How a batch goes on, on a terminal: a bar for the whole with the time left, and a line per worker."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from formcheck.batch import Workers
    from formcheck.batch.job import Outcome

REFRESH_S = 0.25  # between two drawings of the progress


@contextmanager
def show_crew(workers: "Workers", total: int) -> "Iterator[Callable[[Outcome], None]]":
    """Yield what is to be told of every outcome; shows nothing when stderr is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    stopped = threading.Event()
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bars:
        whole = bars.add_task(describe("videos"), total=total)
        lines: list[TaskID] = []
        failed = 0

        def watch() -> None:
            while not stopped.wait(REFRESH_S):
                crew = workers.status()
                lines.extend(bars.add_task(describe(""), total=None) for _ in crew[len(lines) :])
                for line, busy in zip(lines, crew, strict=False):
                    bars.update(
                        line, description=describe(busy.label), completed=busy.done, total=busy.expected or None
                    )

        def tell(outcome: "Outcome") -> None:
            nonlocal failed
            failed += outcome.failure is not None
            bars.update(whole, advance=1, description=describe(f"videos, {failed} failed" if failed else "videos"))

        threading.Thread(target=watch, daemon=True).start()
        try:
            yield tell
        finally:
            stopped.set()


def describe(label: str, width: int = 30) -> str:
    """Return a label of one width; of a long one its end, where names differ."""
    from formcheck.report.terminal import one_line

    text = one_line(label) or "-"
    return f"{text if len(text) <= width else '…' + text[1 - width :]:<{width}}"
