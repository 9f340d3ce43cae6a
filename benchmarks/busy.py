"""A busy machine: plain loops on every core, for as long as a block runs."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

BURN = "import os, sys\nwhile os.getppid() == int(sys.argv[1]): sum(range(10_000))"  # ends with whoever started it


@contextmanager
def busy(cores: int | None = None) -> Iterator[None]:
    """Keep so many cores busy, all of them if not given, and end what was started, by its own handle."""
    command = [sys.executable, "-c", BURN, str(os.getpid())]
    burners = [subprocess.Popen(command) for _ in range(cores or os.cpu_count() or 1)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()
