"""How something moves from one place to another and back: strokes, curves from speeds, unrest.

A requested tempo is that of docs/method.md (5 to 95 % of the range): each stroke is stretched to meet it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

Floats = npt.NDArray[np.float64]

EDGE = 0.05  # shares of the range that bound the phases
STEP_S = 1.0 / 4000.0  # of a curve's grid
FIRST_RAMPS = (0.15, 0.15)  # shares of a stroke spent speeding up and slowing down: on the way to the turn,
BACK_RAMPS = (0.12, 0.22)  # and on the way back,
RAMP_S = 0.65  # but no longer than this


def stroke(share: Floats, ramps: tuple[float, float]) -> Floats:
    """Go from 0 to 1 with smooth speed: raised-cosine ramps (shares of the time), an even middle. Flat outside 0..1."""
    rise, fall = ramps
    u = np.clip(share, 0.0, 1.0)
    top = 1.0 / (1.0 - (rise + fall) / 2.0)
    rising = 0.5 * (u - rise / np.pi * np.sin(np.pi * u / rise))
    left = 1.0 - u
    falling = 0.5 * (left - fall / np.pi * np.sin(np.pi * left / fall))
    done: Floats = np.where(u < rise, top * rising, np.where(left < fall, 1.0 - top * falling, top * (u - rise / 2.0)))
    return done


def stroke_edges(ramps: tuple[float, float]) -> tuple[float, float]:
    """Shares of a stroke's time at which it has done 5 % and 95 % of its way."""
    grid = np.linspace(0.0, 1.0, 20001)
    low, high = np.interp([EDGE, 1.0 - EDGE], stroke(grid, ramps), grid)
    return float(low), float(high)


def sway(seed: int, time_s: Floats) -> Floats:
    """Slow unrest of someone who stands, (T,) about +/-1: four sines of 0.2 to 1.1 Hz."""
    random = np.random.default_rng(seed)
    rates, phases = random.uniform(0.2, 1.1, 4), random.uniform(0.0, 2.0 * np.pi, 4)
    waves = np.sin(2.0 * np.pi * rates * time_s[:, None] + phases)
    total: Floats = waves.sum(axis=1) / 2.0
    return total


def smooth(share: Floats | float) -> Floats:
    """Go from 0 to 1 with level ends; flat outside 0..1."""
    u = np.clip(np.asarray(share, float), 0.0, 1.0)
    eased: Floats = u * u * (3.0 - 2.0 * u)
    return eased


@dataclass(frozen=True)
class Curve:
    """A way from one value to another: seconds since its start (N,), values (N,)."""

    time_s: Floats
    value: Floats

    @property
    def duration_s(self) -> float:
        """How long it takes."""
        return float(self.time_s[-1])

    @property
    def edges_s(self) -> tuple[float, float]:
        """When it has done 5 % and 95 % of its way for the first time."""
        share = (self.value - self.value[0]) / (self.value[-1] - self.value[0])
        low, high = (int(np.argmax(share >= level)) for level in (EDGE, 1.0 - EDGE))
        return float(self.time_s[low]), float(self.time_s[high])

    def at(self, time_s: Floats) -> Floats:
        """Give the value at seconds since its start (T,), flat outside."""
        return np.interp(time_s, self.time_s, self.value)


def curve_of_speeds(start: float, pieces: Sequence[tuple[float, float, float]]) -> Curve:
    """Integrate speeds from `start`: pieces (seconds, speed at its begin, speed at its end), eased by half a cosine."""
    ends = np.cumsum([0.0, *(length for length, _, _ in pieces)])
    grid = np.linspace(0.0, ends[-1], max(int(np.ceil(ends[-1] / STEP_S)), 2) + 1)
    speed = np.zeros_like(grid)
    for (length, first, last), begin in zip(pieces, ends, strict=False):
        inside = (grid >= begin) & (grid <= begin + length)
        share = (grid[inside] - begin) / max(length, 1e-12)
        speed[inside] = first + (last - first) * 0.5 * (1.0 - np.cos(np.pi * share))
    steps = 0.5 * (speed[1:] + speed[:-1]) * np.diff(grid)
    return Curve(grid, start + np.concatenate([[0.0], np.cumsum(steps)]))


def curve_to(start: float, stop: float, edge_s: float, ramps: tuple[float, float]) -> Curve:
    """Go from `start` to `stop` so that 5 to 95 % of the way take `edge_s`; ramps are at most RAMP_S long."""
    low, high = stroke_edges(ramps)
    longest = RAMP_S * (high - low) / edge_s
    if max(ramps) > longest:
        ramps = (min(ramps[0], longest), min(ramps[1], longest))
        low, high = stroke_edges(ramps)
    length = edge_s / (high - low)
    grid = np.linspace(0.0, length, max(int(np.ceil(length / STEP_S)), 2) + 1)
    return Curve(grid, start + (stop - start) * stroke(grid / length, ramps))


def solved(curve: Callable[[float], Curve], edge_s: float, low: float, high: float) -> Curve:
    """Choose the number between `low` and `high` for which 5 to 95 % of a curve take `edge_s`.

    Raises ValueError when no such number is there.
    """

    def late(number: float) -> float:
        first, last = curve(number).edges_s
        return last - first - edge_s

    if late(low) * late(high) > 0.0:
        least, most = sorted((late(low) + edge_s, late(high) + edge_s))
        raise ValueError(f"{edge_s} s cannot be had: {least:.2f} to {most:.2f} s can")
    return curve(float(brentq(late, low, high, xtol=1e-9)))


@dataclass(frozen=True)
class Course:
    """One repetition of a driving value: to the turn, a hold, back, a rest."""

    first: Curve
    hold_s: float
    back: Curve
    rest_s: float

    @property
    def active_s(self) -> float:
        """Seconds from the start to the end of the way back."""
        return self.first.duration_s + self.hold_s + self.back.duration_s

    def at(self, time_s: Floats) -> Floats:
        """Give the value at seconds since its start (T,)."""
        turn = self.first.duration_s + self.hold_s
        return np.where(time_s < turn, self.first.at(time_s), self.back.at(time_s - turn))


def course(first: Curve, pause_s: float, back: Curve, rest_s: float) -> Course:
    """Put two ways together so that the pause (beyond 95 % of both) takes `pause_s`.

    Raises ValueError if that is shorter than the slow ends of both.
    """
    ends_s = first.duration_s - first.edges_s[1] + back.edges_s[0]
    if pause_s < ends_s:
        raise ValueError(f"a pause of {pause_s} s cannot be had: the ends of the strokes take {ends_s:.2f} s")
    return Course(first, pause_s - ends_s, back, rest_s)


def starts_s(courses: Sequence[Course], before_s: float) -> list[float]:
    """When each repetition starts."""
    lengths = [one.active_s + one.rest_s for one in courses]
    return [before_s + sum(lengths[:i]) for i in range(len(lengths))]


def windows_s(courses: Sequence[Course], before_s: float) -> list[tuple[float, float]]:
    """From when to when each repetition moves."""
    return [(start, start + one.active_s) for start, one in zip(starts_s(courses, before_s), courses, strict=True)]


def followed(courses: Sequence[Course], before_s: float, time_s: Floats) -> tuple[Floats, list[Floats]]:
    """Give the driving value at the instants `time_s` (T,), and how far each repetition is to its turn, 0..1, (T,)."""
    rest = courses[0].first.value[0]
    total, shares = np.full(len(time_s), rest), []
    for start, one in zip(starts_s(courses, before_s), courses, strict=True):
        gone = one.at(time_s - start) - one.first.value[0]
        total = total + gone
        shares.append(gone / (one.first.value[-1] - one.first.value[0]))
    return total, shares
