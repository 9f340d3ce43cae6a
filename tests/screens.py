"""A screen of its own for the tests that open a window: Xvfb, with keys pressed and pictures taken from outside."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import ImageGrab


@dataclass(frozen=True)
class Screen:
    """One X display."""

    display: str

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "DISPLAY": self.display, "QT_LOGGING_RULES": "*=false"}

    def grab(self) -> NDArray[np.uint8]:
        """Return what the screen shows, (h, w, 3) RGB."""
        return np.asarray(ImageGrab.grab(xdisplay=self.display).convert("RGB"))

    def act(self, *words: str) -> str:
        """Call xdotool, and return what it prints."""
        done = subprocess.run(
            ["xdotool", *words], env=self.environment, capture_output=True, text=True, check=True, timeout=30
        )
        return done.stdout.strip()


@contextmanager
def open_screen(width: int = 1400, height: int = 900) -> Iterator[Screen]:
    """Start Xvfb on a free display; it ends with the block."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL) as server:
        os.close(write)
        with os.fdopen(read) as answer:
            number = answer.readline().strip()
        assert number, "Xvfb did not start"
        try:
            yield Screen(f":{number}")
        finally:
            server.terminate()
