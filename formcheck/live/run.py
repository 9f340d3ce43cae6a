"""The loop without a window: grab, see, say, until the source ends or somebody stops it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from formcheck.live.grabber import Grabber
from formcheck.live.session import Session
from formcheck.live.source import Origin, open_pictures
from formcheck.live.state import Picture, Said, View
from formcheck.live.voice import Voice

WAIT_S = 0.2  # for a picture, before the loop looks whether it is to stop


@dataclass
class Listener:
    """What the loop tells of: every view, every word, faults of the source and the voice, and when nothing comes."""

    view: Callable[[View, Picture], None] = lambda _view, _picture: None
    said: Callable[[Said], None] = lambda _said: None
    fault: Callable[[str], None] = lambda _text: None
    idle: Callable[[], None] = lambda: None


@dataclass
class Stop:
    """When to end: after `seconds`, or as soon as `now` is True."""

    seconds: float = float("inf")
    now: bool = field(default=False)


@contextmanager
def grabbing(
    origin: Origin, *, loop: bool = False, on_picture: Callable[[Picture], None] | None = None
) -> Iterator[Grabber]:
    """Open a source for as long as the block runs."""
    keeps = origin.kind != "file"
    with Grabber(lambda: open_pictures(origin, loop=loop), keeps=keeps, on_picture=on_picture) as grabber:
        yield grabber


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
        picture = grabber.take(min(WAIT_S, max(0.0, until_s - time.monotonic())))
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
        raise grabber.failure
    session.finish()
    tell(session, listener, voice)


def tell(session: Session, listener: Listener, voice: Voice | None) -> None:
    """Hand on what has come up to be said."""
    for said in session.said():
        if voice is not None:
            voice.tell(said)
        listener.said(said)
