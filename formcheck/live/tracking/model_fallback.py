"""Which pose model is used: it steps down by itself when pictures are dropped because the model is too slow."""

from collections import deque
from dataclasses import dataclass

from formcheck.settings import ModelName

DROPS_WINDOW_S = 1.0  # over which drops are counted
LASTING_S = 3.0  # that the windows must go on dropping: a burst (a first judgement, another program) passes by itself
MOST_DROPPED = 0.10  # of the pictures: more, and the next model is taken; 24 a second are needed to judge [D]
FEWEST_PICTURES = 10  # pictures that came, without which nothing is decided
SETTLE_S = 3.0  # after a change, and at the beginning, in which drops do not count
TOO_BUSY = 0.8  # of the time between two pictures: a model that takes less is not what drops them


@dataclass(frozen=True)
class Rung:
    """A model, and whether it also gives the mask from which the outline of the back is read."""

    model: ModelName
    outline: bool


def rungs_from(model: ModelName, *, outline: bool) -> tuple[Rung, ...]:
    """Return the model asked for and all that are quicker, the slowest first; the outline is given up first."""
    names: tuple[ModelName, ...] = ("heavy", "full", "lite")
    below = [Rung(name, outline=False) for name in names[names.index(model) :]]
    return (Rung(model, outline=True), *below) if outline else tuple(below)


class Ladder:
    """Counts what was dropped, and says when to step down; never up: a set's numbers would change with the model."""

    def __init__(self, rungs: tuple[Rung, ...]) -> None:
        self._rungs = rungs
        self._place = 0
        self._seen: deque[tuple[float, int, float]] = deque()
        self._settled_s: float | None = None
        self._over_s: float | None = None

    @property
    def rung(self) -> Rung:
        """What is used now."""
        return self._rungs[self._place]

    def dropped_share(self) -> float:
        """Return the share of the last seconds' pictures that were passed over; 0 before there were any."""
        skipped = sum(each for _, each, _ in self._seen)
        return skipped / max(len(self._seen) + skipped, 1)

    def settle(self, now_s: float) -> None:
        """Begin to count anew: what was just done (a search, a new model) is no sign of how long a picture takes."""
        self._settled_s = now_s + SETTLE_S
        self._over_s = None
        self._seen.clear()

    def note(self, now_s: float, skipped: int, work_s: float) -> Rung | None:
        """Take note of a picture worked on for `work_s` after `skipped` others; return the rung to change to."""
        if self._settled_s is None:
            self._settled_s = now_s + SETTLE_S
        self._seen.append((now_s, skipped, work_s))
        while self._seen and self._seen[0][0] < now_s - DROPS_WINDOW_S:
            self._seen.popleft()
        if now_s < self._settled_s or self._place + 1 == len(self._rungs):
            return None
        came = len(self._seen) + sum(each for _, each, _ in self._seen)
        worked_s = sum(each for _, _, each in self._seen)
        busy = worked_s >= TOO_BUSY * (now_s - self._seen[0][0])
        if came < FEWEST_PICTURES or self.dropped_share() <= MOST_DROPPED or not busy:
            self._over_s = None
            return None
        if self._over_s is None:
            self._over_s = now_s
        if now_s - self._over_s < LASTING_S:
            return None
        self._place += 1
        self.settle(now_s)
        return self.rung
