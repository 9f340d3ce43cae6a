"""The repetition as it happens: phase, depth and the moment after which it may be over, from one causal signal.

This names phases and says when to look; what counts as a repetition, and all its numbers, come from
`segmentation.repetitions.find_reps` over what was seen.
"""

import math
from collections import deque
from dataclasses import dataclass
from typing import Literal

import numpy as np

from formcheck.data import CAME_UP
from formcheck.segmentation.repetitions import REACHED

Leg = Literal["top", "away", "turn", "back"]

LEFT_THE_TOP = 0.3  # of the least range: the athlete has left the top
TURNED = 0.06  # of the way: coming back
TURN_HELD_S = 0.2  # without going on by more than ...
HELD = 0.05  # ... this share of the way: held at the turn
ARRIVED = 0.10  # of the way left: the repetition may be over
DOWN_AGAIN = 0.15  # of the way, from where somebody came up to: the next repetition has begun [D]
STANDS_S = 0.4  # at under 30 % of the way, without movement: so it may be when the athlete does not come up wholly
NEAR_TOP = 0.3  # of the way
UP_S = 1.5  # without movement after a raise from the turn: longer than most stalls [D]
REST_PCT = 10.0  # of what was seen since the set began: the top
HISTORY_S = 40.0  # of what is remembered of a set


@dataclass(frozen=True)
class Turned:
    """What changed with a sample: `left` the top, or the half-way up from where somebody goes down again, `turned`, or
    `ended` (may have come back, or is deep in the next repetition without having stood up), or `rose`: was first seen
    at the turn, and has come up from there.
    """

    left: bool = False
    turned: bool = False
    ended: bool = False
    rose: bool = False


class RepPhase:
    """Follows one rep signal, which rises from the top to the turn by `min_range` at least; `came_up` as in `Lift`.

    `from_turn`: a set may begin there, with a raise; `bottom_s` is when somebody who did so was last down there.
    """

    def __init__(self, min_range: float, came_up: float = CAME_UP, *, from_turn: bool = False) -> None:
        self._min_range, self._came_up = min_range, came_up
        self._history: deque[tuple[float, float]] = deque()
        self._ranges: deque[float] = deque(maxlen=5)
        self.leg: Leg = "top"
        self._rest = self._peak = self._held = self._low = math.nan
        self.farthest = 0.0  # of all ways from the top
        self._open = 0.0  # the way of the repetition before, which was not stood up from and has not ended yet
        self.left_s = self.turned_s = self.moved_s = self._low_s = -math.inf
        self._moved = math.nan
        self._first = from_turn  # and nothing has happened yet
        self._bottom, self.bottom_s = -math.inf, -math.inf

    @property
    def depth(self) -> float:
        """0 at the top, 1 at the usual depth (before a repetition: the least range); NaN before the first sample."""
        if not self._history:
            return math.nan
        usual = float(np.median(self._ranges)) if self._ranges else max(self._min_range, self._peak - self._rest)
        return (self._history[-1][1] - self._rest) / usual

    def rests_since(self, time_s: float) -> float:
        """Return for how long nothing has moved at the top, s; 0 within a repetition."""
        return time_s - self.moved_s if self.leg == "top" else 0.0

    def step(self, time_s: float, value: float) -> Turned:
        """Take a sample; NaN changes nothing."""
        if not math.isfinite(value):
            return Turned()
        self._history.append((time_s, value))
        while self._history[0][0] < time_s - HISTORY_S:
            self._history.popleft()
        if not abs(value - self._moved) <= 0.1 * self._min_range:
            self.moved_s, self._moved = time_s, value
        match self.leg:
            case "top":
                return self._at_top(time_s, value)
            case "away" | "turn":
                return self._on_the_way(time_s, value)
            case "back":
                return self._on_the_way_back(time_s, value)

    def _at_top(self, time_s: float, value: float) -> Turned:
        up = self._first and self._came_from_the_turn(time_s, value)
        self._rest = float(np.percentile([each for _, each in self._history], REST_PCT))
        self._peak = value
        if value - self._rest <= LEFT_THE_TOP * self._min_range:
            self.left_s = time_s
            rose = up and time_s - self.moved_s > UP_S
            self._first = self._first and not rose
            return Turned(rose=rose)
        self.leg, self._first = "away", False
        self._held, self.turned_s = value, time_s
        return Turned(left=True, rose=up)

    def _came_from_the_turn(self, time_s: float, value: float) -> bool:
        """Whether somebody who was first seen at the turn has come up, wholly or not; the rest is learnt up there."""
        if value >= self._bottom:
            self._bottom, self.bottom_s = value, time_s
        if self._bottom - value >= self._min_range and value <= min(each for _, each in self._history):
            self._history = deque([(time_s, value)])
        return self._bottom - self._history[0][1] >= self._min_range

    def _on_the_way(self, time_s: float, value: float) -> Turned:
        way = self._peak - self._rest
        if value > self._held + HELD * way:
            self._held, self.turned_s = value, time_s
            self.leg = "away"
        self._peak = max(self._peak, value)
        self.farthest = max(self.farthest, self._peak - self._rest)
        if self._peak - value > max(TURNED * way, 0.05 * self._min_range):
            self.leg = "back"
            self._low, self._low_s = value, time_s
            return Turned(turned=True)
        if time_s - self.turned_s > TURN_HELD_S and way > self._min_range / 2:
            self.leg = "turn"
        if self._open and value - self._rest >= max(REACHED * self._open, (self._low - self._rest) / self._came_up):
            return Turned(ended=self._end(self._open))
        return Turned()

    def _on_the_way_back(self, time_s: float, value: float) -> Turned:
        way = self._peak - self._rest
        if value <= self._low:
            self._low, self._low_s = value, time_s
        came_up = self._low - self._rest <= self._came_up * way
        if came_up and value - self._low > DOWN_AGAIN * way:
            self._open = max(way, self._open)
            self.leg, self.left_s, self.turned_s = "away", self._low_s, time_s
            self._peak = self._held = value
            return Turned(left=True)
        if value > self._peak - 0.5 * TURNED * way and value > self._rest + 0.5 * way:
            self.leg = "away"
            return Turned()
        left = (value - self._rest) / way
        if left > ARRIVED and not (left < NEAR_TOP and time_s - self.moved_s > STANDS_S):
            return Turned()
        self.leg, self.left_s = "top", time_s
        return Turned(ended=self._end(max(way, self._open)))

    def _end(self, way: float) -> bool:
        """Remember a repetition's way; whether it went far enough to be one."""
        self._open = 0.0
        if way >= self._min_range:
            self._ranges.append(way)
        return way >= 0.6 * self._min_range
