"""Manners that MediaPipe lacks: it writes to stderr and reports its use over the network. Imports nothing of it."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody listens there
redirecting = threading.Lock()


@contextmanager
def quiet() -> Iterator[None]:
    """Swallow what MediaPipe's C++ writes to stderr; it offers no switch for that (see also `private`)."""
    with redirecting:
        kept, sink = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(sink)


@contextmanager
def private() -> Iterator[None]:
    """Keep MediaPipe's usage reports (to play.googleapis.com, since 1.2) at home while the block runs.

    Its HTTP client honours `https_proxy`; there is no other switch. The variable is put back afterwards.
    """
    before = os.environ.get("https_proxy")
    os.environ["https_proxy"] = NOWHERE
    try:
        yield
    finally:
        if before is None:
            del os.environ["https_proxy"]
        else:
            os.environ["https_proxy"] = before
