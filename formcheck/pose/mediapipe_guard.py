"""Manners that MediaPipe lacks: it writes to stderr, reports its use over the network, and imports what it may never
use. Imports nothing of it.
"""

import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType
from typing import IO

# Parts of MediaPipe that draw, for which they load matplotlib, and that hear, for which they look for a microphone:
# seven eighths of the time that its import takes, and nothing of them is used here.
DRAWS_OR_HEARS = frozenset(
    f"mediapipe.tasks.python.{part}" for part in ("audio", "vision.drawing_styles", "vision.drawing_utils")
)
NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody listens there
# How lines begin in the logs of absl (those that end the process, F, are not among them), of LiteRT and TensorFlow
# Lite, of OpenCV, of Mesa's EGL, and of the Qt in OpenCV. LiteRT's threads write a line's level before the rest of it:
# one's may stand alone where another's line ends.
NATIVE = re.compile(
    rb"[IWE]\d{4} \d\d:\d\d:\S+\s+\d+ \S+:\d+\] "
    rb"|(?:(?:INFO|WARNING|ERROR): )+(?:\[\S+:\d+\] |Created TensorFlow Lite |Attempting to use a delegate |$)"
    rb"|\[\w+\.cc:\d+\] "
    rb"|WARNING: (?:Logging before InitGoogle|All log messages before absl)"
    rb"|\[ *(?:INFO|WARN|ERROR):\d+@[\d.]+\] "
    rb"|libEGL warning: |MESA: |Q[A-Z]\w+(?:::\w+)?: |qt\.[\w.]+: |Note that Qt no longer ships fonts"
)


def _drop_logs(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Leave out native logs and the empty lines after them: LiteRT's threads write their line ends by themselves."""
    after_log = False
    for line in lines:
        after_log = NATIVE.match(line) is not None or (after_log and not line.strip())
        if not after_log:
            yield line


class _Redirected:
    """File descriptor 2 while somebody wants it quiet: how many do, the true one, and where it leads meanwhile."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.depth = 0
        self.kept: int | None = None
        self.held: IO[bytes] | None = None

    def begin(self) -> None:
        with self.lock:
            self.depth += 1
            if self.depth > 1:
                return
            try:
                self.kept = os.dup(2)
            except OSError:  # a program without a stderr has nothing to keep quiet
                return
            self.held = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `end`
            os.dup2(self.held.fileno(), 2)

    def end(self) -> None:
        with self.lock:
            self.depth -= 1
            if self.depth or self.kept is None or self.held is None:
                return
            os.dup2(self.kept, 2)
            os.close(self.kept)
            self.held.seek(0)
            others = b"".join(_drop_logs(self.held))
            self.held.close()
            self.kept = self.held = None
            while others:
                others = others[os.write(2, others) :]


_redirected = _Redirected()


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what MediaPipe's C++ (and OpenCV's Qt) logs off stderr; there is no switch for that (see also `private`).

    What anybody else writes there meanwhile, another thread of the caller's, comes when the block ends: it is held
    back, not lost. Blocks may overlap and nest, in several threads.
    """
    _redirected.begin()
    try:
        yield
    finally:
        _redirected.end()


@contextmanager
def _variable(name: str, value: str) -> Iterator[None]:
    """Set a variable of the environment while the block runs; it is put back afterwards."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


@contextmanager
def private() -> Iterator[None]:
    """Keep MediaPipe's usage reports (to play.googleapis.com, since 1.2) at home while the block runs.

    Its HTTP client honours `https_proxy`; there is no other switch.
    """
    with _variable("https_proxy", NOWHERE):
        yield


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Keep both OpenCVs, cv2 and the one inside MediaPipe, from splitting a picture's work while the block runs.

    Where every core has a worker there is nobody to share with, and after each share OpenCV's threads turn idly on a
    core for the next one: of 31,000 changes of thread in eight seconds of film 37 % were theirs. MediaPipe's reads the
    variable once, when it first has something to split.
    """
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with _variable("OPENCV_FOR_THREADS_NUM", "1"):
            yield
    finally:
        cv2.setNumThreads(before)


class _Postponing(MetaPathFinder):
    """Finds the parts that draw or hear, such that they are loaded by whoever first uses them."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in DRAWS_OR_HEARS:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


@contextmanager
def only_what_is_used() -> Iterator[None]:
    """Import MediaPipe in this block without the parts that nothing here uses.

    Another program's code that uses them later gets them then.
    """
    finder = _Postponing()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
