"""What judging a set and writing its page need, loaded before it is needed: while somebody waits anyway."""

import importlib
from collections.abc import Callable

NEEDED_LATER = (
    "scipy.interpolate",
    "scipy.ndimage",
    "scipy.signal",
    "formcheck.pipeline",
    "formcheck.rendering.set_files",
)


def load_parts() -> None:
    """Load what an analysis and its page are made with: a process's first set would wait for it otherwise."""
    for name in NEEDED_LATER:
        importlib.import_module(name)
    from formcheck.lifts import all_lifts
    from formcheck.report.page import open_page

    all_lifts()
    open_page()


def import_meanwhile(progress: Callable[[int, int], None] | None) -> Callable[[int, int], None]:
    """Return a progress that does what the given one does, and at its first call imports what is needed later.

    It is called as soon as the first frame has been looked at, by the thread that does nothing but wait while others
    decode and look. A set from the cache has no frames to look at, and nothing to wait for.
    """
    waiting = [load_parts]

    def tell(done: int, total: int) -> None:
        if progress is not None:
            progress(done, total)
        while waiting:
            waiting.pop()()

    return tell
