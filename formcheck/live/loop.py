"""The loops without a window: `watch` takes the newest picture of a source, `replay` every frame of a file."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from formcheck.errors import InputError
from formcheck.live.capture.frame_grabber import Grabber
from formcheck.live.capture.source import Origin, SourceLostError, open_pictures, read_every_frame
from formcheck.live.session import Session
from formcheck.live.speech.voice import Voice
from formcheck.live.types import Overlay, Picture, Said
from formcheck.wording import write_sentence

NO_CAMERA = "Try another camera (--source 1), or give a video instead; with --web a phone can be the camera."
CAMERA_S = 10.0  # that a camera may take to wake up
PICTURE_WAIT_S = 0.2  # for a picture, before the loop looks whether it is to stop


@dataclass
class Listener:
    """What the loop tells of: every view, every word, faults of the source and the voice, and when nothing comes."""

    view: Callable[[Overlay, Picture], None] = lambda _view, _picture: None
    said: Callable[[Said], None] = lambda _said: None
    fault: Callable[[str], None] = lambda _text: None
    idle: Callable[[], None] = lambda: None


@dataclass
class Stop:
    """When to end: after `seconds` (of a replayed file: of its own time), or as soon as `now` is True."""

    seconds: float = float("inf")
    now: bool = field(default=False)


@contextmanager
def grabbing(
    origin: Origin, *, loop: bool = False, on_picture: Callable[[Picture], None] | None = None
) -> Iterator[Grabber]:
    """Open a source for as long as the block runs. A camera has to be there; a stream may come later."""
    awaits, keeps = origin.kind != "camera", origin.kind != "file"
    pictures = lambda: open_pictures(origin, loop=loop)  # noqa: E731
    with Grabber(pictures, keeps=keeps, awaits=awaits, on_picture=on_picture) as grabber:
        yield grabber


def meet_camera(grabber: Grabber) -> None:
    """Wait for a camera's first picture. Raises InputError as soon as it is known that there is no such camera."""
    until_s = time.monotonic() + CAMERA_S
    while grabber.arrived == 0 and grabber.failure is None and time.monotonic() < until_s:
        time.sleep(0.02)
    if grabber.failure is not None:
        raise say_failure(grabber.failure)


def say_failure(failure: BaseException) -> BaseException:
    """Return what ended a source as an error that says what to do."""
    if not isinstance(failure, SourceLostError):
        return failure
    return InputError(write_sentence(failure.reason), NO_CAMERA)


def watch(
    grabber: Grabber,
    session: Session,
    listener: Listener,
    stop: Stop,
    voice: Voice | None = None,
    name: str = "the source",
) -> None:
    """Run until the source ends or `stop` says so. A source that is lost is waited for."""
    until_s = time.monotonic() + stop.seconds
    while not stop.now and time.monotonic() < until_s and not grabber.ended:
        picture = grabber.take(min(PICTURE_WAIT_S, max(0.0, until_s - time.monotonic())))
        for news in grabber.news():
            text = f"{name}: {news.reason}; trying again until it is back." if news.lost else f"{name} is back."
            listener.fault(text)
        if picture is None:
            listener.idle()
            continue
        view = session.see(picture)
        tell(session, listener, voice)
        listener.view(view, picture)
    if grabber.failure is not None:
        raise say_failure(grabber.failure)
    session.finish()
    tell(session, listener, voice)


def replay(
    path: Path,
    session: Session,
    listener: Listener,
    stop: Stop,
    voice: Voice | None = None,
    *,
    rate_hz: float,
    paced: bool,
    on_picture: Callable[[Picture], None] | None = None,
) -> None:
    """Show a session every frame of a file, in turn, however long it takes for each: what comes out depends on the
    frames and their time stamps alone, never on how quick or busy the machine is.

    `paced` waits for each frame's own time, for somebody who looks or listens; a machine that is too slow for that
    plays it slowly.
    """
    began_s = time.monotonic()
    for picture in read_every_frame(path, rate_hz):
        if stop.now or picture.time_s >= stop.seconds:
            break
        late_s = time.monotonic() - began_s - picture.time_s
        if paced and late_s < 0:
            time.sleep(-late_s)
        began_s += max(late_s, 0.0)  # a slow stretch is not made up for by a rush
        shown = replace(picture, captured_s=time.monotonic())
        if on_picture is not None:
            on_picture(shown)
        view = session.see(shown)
        tell(session, listener, voice)
        listener.view(view, shown)
    session.finish()
    tell(session, listener, voice)


def tell(session: Session, listener: Listener, voice: Voice | None) -> None:
    """Hand on what came up to be said: to the voice the most urgent first, to readers a repetition before its words."""
    words = session.said()
    if voice is not None:
        for said in words:
            voice.tell(said)
    for said in sorted(words, key=lambda each: each.code != "live.rep"):
        listener.said(said)
