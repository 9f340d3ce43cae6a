"""The window of live use: OpenCV's own, with the keys for lift, mute, reset and quit.

It lives in a process of its own. PyAV and OpenCV bring X libraries of the same names that do not get on: a window in a
process that has loaded PyAV never opens. And without a screen Qt ends the process that asks, which should not be ours.
"""

import multiprocessing
import os
import signal
import sys
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.errors import OutputError
from formcheck.live.types import Overlay
from formcheck.pose.mediapipe_guard import quiet

Key = Literal["lift", "mute", "reset", "quit"]
Shown = tuple[NDArray[np.uint8], Overlay, bool]

TITLE = "formcheck live"
FIRST_SIZE_PX = (1280, 720)
LEAST_PX, MOST_PX = 240, 3840  # a side of what is drawn, whatever the window is pulled to
ESCAPE = 27
KEYS: dict[int, Key] = {ord("l"): "lift", ord("m"): "mute", ord("r"): "reset", ord("q"): "quit", ESCAPE: "quit"}
WINDOW_OPENS_S = 60.0  # for a new process to have its window open
CLOSE_S = 5.0  # for the window's process to end
LOOK_MS = 10  # between two looks at keys and pictures


class LiveWindow(AbstractContextManager["LiveWindow"]):
    """A window to look at from three metres. What comes faster than it can be shown is passed over.

    Raises OutputError when there is no screen to open a window on.
    """

    def __init__(self) -> None:
        if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
            raise _no_screen("DISPLAY is not set")
        context = multiprocessing.get_context("spawn")
        self._line, far = context.Pipe()
        self._process = context.Process(target=run_window, args=(far,), name=TITLE, daemon=True)
        self._process.start()
        far.close()
        self._keys: list[Key] = []
        self._free = False
        if not self._line.poll(WINDOW_OPENS_S) or self._listen() or not self._free:
            self.close()
            raise _no_screen(f"{os.environ.get('DISPLAY', 'it')} does not answer")

    def __exit__(self, *_: object) -> None:
        self.close()

    def show(self, picture_rgb: NDArray[np.uint8], view: Overlay, *, muted: bool = False) -> Key | None:
        """Show a picture (h, w, 3) RGB with what was seen; return the key pressed since, "quit" when it was closed."""
        key = self.press()
        if self._free:
            self._free = False
            try:
                self._line.send((picture_rgb, view, muted))
            except OSError:
                return "quit"
        return key

    def press(self) -> Key | None:
        """Return a key that was pressed and not told yet, "quit" once the window is closed."""
        closed = self._listen()
        return self._keys.pop(0) if self._keys else "quit" if closed else None

    def close(self) -> None:
        """Close the window; a second time does nothing."""
        self._line.close()
        self._process.join(CLOSE_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _listen(self) -> bool:
        """Take in what the window says; return whether it has ended."""
        try:
            while self._line.poll():
                word = self._line.recv()
                if word == "shown":
                    self._free = True
                else:
                    self._keys.append(word)
        except (OSError, EOFError):
            return True
        return False


def _no_screen(why: str) -> OutputError:
    return OutputError(
        f"There is no screen to open a window on: {why}.",
        "Add --no-window to print lines instead, or --web to use a browser.",
    )


def run_window(line: Connection) -> None:
    """Open the window and run it until it is closed or nobody is left on the line: the child process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all: the parent ends this one when it is done
    with quiet():  # Qt writes of fonts that it does not need
        cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_FREERATIO | cv2.WINDOW_GUI_NORMAL)
        cv2.resizeWindow(TITLE, *FIRST_SIZE_PX)
        cv2.waitKey(1)
    from formcheck.live.window.layout import (
        draw,  # with the lifts behind it this takes a second: the window is there first
    )

    last: Shown | None = None
    size_px = (0, 0)
    try:
        line.send("shown")
        while cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) >= 1:
            came = line.poll()
            last = line.recv() if came else last
            if last is not None and (came or size_px != _size_now()):
                size_px = _size_now()
                picture_rgb, view, muted = last
                content = draw(picture_rgb, view, size_px=size_px, muted=muted)
                cv2.imshow(TITLE, cv2.cvtColor(content, cv2.COLOR_RGB2BGR))
            key = read_key(cv2.waitKey(LOOK_MS))
            if key is not None:
                line.send(key)
            if came:
                line.send("shown")
        line.send("quit")
    except (OSError, EOFError):
        return


def read_key(code: int) -> Key | None:
    """Return what a key means, in small and capital letters; -1 is none."""
    if code < 0:
        return None
    letter = code & 0xFF
    return KEYS.get(letter + 32 if ord("A") <= letter <= ord("Z") else letter)


def _size_now() -> tuple[int, int]:
    """Width and height of the window's inside, px."""
    _, _, width, height = cv2.getWindowImageRect(TITLE)
    if width <= 0 or height <= 0:
        return FIRST_SIZE_PX
    return min(max(width, LEAST_PX), MOST_PX), min(max(height, LEAST_PX), MOST_PX)
