"""The window's side of the loop: shows every view, and does what the keys ask."""

from dataclasses import replace

from formcheck.lifts import all_lifts
from formcheck.live.loop import Stop
from formcheck.live.speech.voice import Voice
from formcheck.live.types import Overlay, Picture, Watcher
from formcheck.live.window.window import Key, LiveWindow


class Face:
    """What the loop calls. Without a voice it is always mute."""

    def __init__(self, window: LiveWindow, watcher: Watcher, stop: Stop, voice: Voice | None) -> None:
        self._window, self._watcher, self._stop, self._voice = window, watcher, stop, voice
        self._last: tuple[Picture, Overlay] | None = None

    def view(self, view: Overlay, picture: Picture) -> None:
        """Show what was seen."""
        self._last = picture, view
        self._obey(self._window.show(picture.rgb, view, muted=self._muted))

    def idle(self) -> None:
        """Keep the window alive while no picture comes."""
        self._obey(self._window.press())

    def fault(self, text: str) -> None:
        """Say it over the last picture, until the next one comes."""
        if self._last is not None:
            picture, view = self._last
            self._obey(self._window.show(picture.rgb, replace(view, notice=text), muted=self._muted))

    @property
    def _muted(self) -> bool:
        return self._voice is None or self._voice.muted

    def _obey(self, key: Key | None) -> None:
        if key == "quit":
            self._stop.now = True
        elif key == "reset":
            self._watcher.reset()
        elif key == "mute" and self._voice is not None:
            self._voice.muted = not self._voice.muted
        elif key == "lift" and self._last is not None:
            self._watcher.set_lift(next_lift(self._last[1].lift))


def next_lift(name: str) -> str:
    """Return the lift after this one; the first follows the last, and `auto`."""
    names = list(all_lifts())
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]
