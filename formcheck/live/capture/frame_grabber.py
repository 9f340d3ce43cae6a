"""The newest picture wins: a thread takes pictures as they come, and whoever asks gets the last one.

A source that is lost is opened again and again, with growing pauses, until it is back or the grabber is closed.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from formcheck.live.capture.source import SourceLostError
from formcheck.live.types import Picture

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 5.0


@dataclass(frozen=True)
class News:
    """Something about the source that is to be said once: it was lost (`lost`, with the reason), or is back."""

    lost: bool
    reason: str


class Grabber:
    """Reads a source in its own thread; a context manager.

    `open_source` is called for every try. `keeps` False: a source that ends is at its end (a file), not lost. `awaits`
    False: one that cannot even be opened for the first time fails (a camera that is not there), and is not waited for.
    `on_picture` is handed every picture, the ones that nobody takes included, and must be quick.
    """

    def __init__(
        self,
        open_source: Callable[[], Iterator[Picture]],
        *,
        keeps: bool,
        awaits: bool = True,
        on_picture: Callable[[Picture], None] | None = None,
    ) -> None:
        self._open = open_source
        self._keeps = keeps
        self._awaits = awaits
        self._on_picture = on_picture
        self._fresh = threading.Condition()
        self._picture: Picture | None = None
        self._skipped = 0
        self._news: list[News] = []
        self._stop = threading.Event()
        self._ended = False
        self._last_s = 0.0
        self._gap_from_s: float | None = None
        self.arrived = self.dropped = 0
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="formcheck-grabber", daemon=True)

    def __enter__(self) -> "Grabber":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the thread; a source that hangs is left to its own time-out."""
        self._stop.set()
        self._thread.join(timeout=1.0)

    @property
    def ended(self) -> bool:
        """Whether nothing more will come, and all that came was taken."""
        with self._fresh:
            return self._ended and self._picture is None

    def take(self, timeout_s: float) -> Picture | None:
        """Return the newest picture, or None when none comes in time; each is given out once."""
        with self._fresh:
            self._fresh.wait_for(lambda: self._picture is not None or self._ended, timeout_s)
            picture, self._picture = self._picture, None
            if picture is None:
                return None
            skipped, self._skipped = self._skipped, 0
            return replace(picture, skipped=skipped)

    def news(self) -> list[News]:
        """Return what has changed about the source since the last call."""
        with self._fresh:
            news, self._news = self._news, []
            return news

    def _run(self) -> None:
        try:
            self._read_on()
        except BaseException as error:  # noqa: BLE001  # raised again by whoever takes pictures
            self.failure = error
        finally:
            with self._fresh:
                self._ended = True
                self._fresh.notify_all()

    def _read_on(self) -> None:
        pause_s, lost = FIRST_PAUSE_S, False
        while not self._stop.is_set():
            try:
                for picture in self._open():
                    if lost:
                        self._tell(News(lost=False, reason=""))
                    pause_s, lost = FIRST_PAUSE_S, False
                    self._put(picture)
                    if self._stop.is_set():
                        return
                if not self._keeps:
                    return
                reason = "it has ended"
            except SourceLostError as error:
                reason = error.reason
                if self.arrived == 0 and not self._awaits:
                    raise
            if not lost:
                self._tell(News(lost=True, reason=reason))
            lost = True
            self._gap_from_s = None
            self._stop.wait(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _tell(self, news: News) -> None:
        with self._fresh:
            self._news.append(news)
            self._fresh.notify_all()

    def _put(self, picture: Picture) -> None:
        """Hand a picture on. An opening's clock begins at 0: after a gap it goes on by the time that has passed."""
        if self._gap_from_s is None:
            self._gap_from_s = picture.captured_s - picture.time_s
            if self.arrived == 0:
                self._origin_s = self._gap_from_s
            else:
                self._gap_from_s = max(self._gap_from_s, self._origin_s + self._last_s - picture.time_s)
        time_s = max(picture.time_s + self._gap_from_s - self._origin_s, self._last_s + 1e-4 if self.arrived else 0.0)
        self._last_s = time_s
        picture = replace(picture, time_s=time_s)
        if self._on_picture is not None:
            self._on_picture(picture)
        with self._fresh:
            self.arrived += 1
            if self._picture is not None:
                self.dropped += 1
                self._skipped += 1
            self._picture = picture
            self._fresh.notify_all()
