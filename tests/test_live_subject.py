"""Whom live follows of several people, of what has been seen so far."""

from collections.abc import Iterator

import numpy as np
import pytest

from formcheck.data import FloatArray
from formcheck.live.session import Session
from formcheck.settings import Settings
from formcheck.skeleton import N_LANDMARKS


def body(x_px: float, lean_px: float = 0.0) -> FloatArray:
    """A body of 380 px that stands at x, its shoulders and head leaning."""
    xy_px = np.full((N_LANDMARKS, 2), (x_px, 400.0))
    for left, height_px in ((11, 130.0), (23, 230.0), (25, 320.0), (27, 400.0)):
        xy_px[left : left + 2] = (x_px + (lean_px if left == 11 else 0.0), height_px)
    xy_px[0] = (x_px + 1.4 * lean_px, 60.0)
    return xy_px


@pytest.fixture
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    session = Session(Settings(lift="nordic", model="lite", subject=request.param), background=False, step_down=False)
    session._finder.watch(body(500.0))
    yield session
    session.close()


def crowd(leans_px: tuple[float, ...]) -> list[tuple[float, list[FloatArray]]]:
    """The one at the left leans ever further, the one who is watched, at the right, stays."""
    return [(0.4 * number, [body(500.0), body(200.0, lean_px)]) for number, lean_px in enumerate(leans_px)]


@pytest.mark.parametrize("session", ["auto"], indirect=True)
def test_who_moves_is_followed_and_who_trembles_is_not(session: Session) -> None:
    chosen = session._choose(crowd((0.0, -20.0, -60.0, -90.0)))
    assert chosen is not None
    assert chosen.xy_px[-1, 23, 0] == 200.0
    assert session._choose(crowd((0.0, -4.0, 3.0, -2.0))) is None
    assert session._choose(crowd((0.0, -90.0))) is None, "two looks tell nothing yet"


@pytest.mark.parametrize(
    ("session", "x_px"), [("left", 200.0), ("right", None), ("210,230", 200.0)], indirect=["session"]
)
def test_who_was_asked_for_is_followed_at_once(session: Session, x_px: float | None) -> None:
    chosen = session._choose(crowd((0.0,)))
    assert (None if chosen is None else chosen.xy_px[-1, 23, 0]) == x_px


@pytest.mark.parametrize("session", ["auto"], indirect=True)
def test_a_first_guess_is_told_from_a_body(session: Session) -> None:
    finder = session._finder
    finder.reset()
    finder._settle(0.0, 200.0)
    finder._last = body(500.0)
    told = []
    for time_s, body_px in ((0.3, 230.0), (0.5, 390.0), (0.7, 420.0), (3.0, 600.0)):
        finder._settle(time_s, body_px)
        told.append(finder.was_a_guess)
    assert told == [False, True, False, False]
