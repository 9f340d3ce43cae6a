"""The window of live use: OpenCV's own, with the keys for lift, mute, reset and quit."""

import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.errors import OutputError
from formcheck.live.screen import draw
from formcheck.live.state import View

Key = Literal["lift", "mute", "reset", "quit"]

TITLE = "formcheck live"
FIRST_SIZE_PX = (1280, 720)
LEAST_PX, MOST_PX = 240, 3840  # a side of what is drawn, whatever the window is pulled to
ESCAPE = 27
KEYS: dict[int, Key] = {ord("l"): "lift", ord("m"): "mute", ord("r"): "reset", ord("q"): "quit", ESCAPE: "quit"}
PROBE_S = 30.0


class Window:
    """A window to look at from three metres. All calls from the program's main thread: that is the toolkit's rule.

    Raises
    ------
    OutputError
        When there is no screen to open a window on.
    """

    def __init__(self) -> None:
        _require_screen()
        os.environ["QT_QPA_FONTDIR"] = str(Path(cv2.__file__).parent)  # nothing is written by Qt; else it warns of none
        cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_FREERATIO | cv2.WINDOW_GUI_NORMAL)
        cv2.resizeWindow(TITLE, *FIRST_SIZE_PX)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def show(self, picture_rgb: NDArray[np.uint8], view: View, *, muted: bool = False) -> Key | None:
        """Show one picture (h, w, 3) RGB with what was seen in it; return the key pressed since, "quit" when the
        window was closed.
        """
        content = draw(picture_rgb, view, size_px=_size_now(), muted=muted)
        cv2.imshow(TITLE, cv2.cvtColor(content, cv2.COLOR_RGB2BGR))
        return self.press()

    def press(self) -> Key | None:
        """Return the key pressed since the last call; keeps the window alive while no picture comes."""
        code = cv2.waitKey(1)
        if cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) < 1:
            return "quit"
        if code < 0:
            return None
        letter = code & 0xFF
        return KEYS.get(letter + 32 if ord("A") <= letter <= ord("Z") else letter)

    def close(self) -> None:
        """Close the window; a second time does nothing."""
        if cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) >= 0:
            cv2.destroyWindow(TITLE)
            cv2.waitKey(1)


def _size_now() -> tuple[int, int]:
    """Width and height of the window's inside, px."""
    _, _, width, height = cv2.getWindowImageRect(TITLE)
    if width <= 0 or height <= 0:
        return FIRST_SIZE_PX
    return min(max(width, LEAST_PX), MOST_PX), min(max(height, LEAST_PX), MOST_PX)


def _require_screen() -> None:
    """Try a window in a process of its own: without a screen, the toolkit ends the process that asks."""
    if not sys.platform.startswith("linux"):
        return
    hint = "Add --no-window to have lines printed, or --web to look with a browser."
    if not os.environ.get("DISPLAY"):
        raise OutputError("There is no screen to open a window on (DISPLAY is not set).", hint)
    command = [sys.executable, "-c", f"import cv2; cv2.namedWindow('{TITLE}')"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=PROBE_S, check=False)  # noqa: S603  # our own line
    except subprocess.TimeoutExpired:
        raise OutputError(f"The screen {os.environ['DISPLAY']} does not answer.", hint) from None
    if done.returncode != 0:
        raise OutputError(f"No window can be opened on the screen {os.environ['DISPLAY']}.", hint)
