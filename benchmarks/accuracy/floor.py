"""Signals of Nordic curls and glute-ham raises with known truth, through the events that measure them.

Only the events: `find_break`, `find_stall` and `fit_pivot` are fed with angles and places that carry the noise of
landmarks, filtered as `measure_kinematics` filters. What finds the lift, its reps and its view is not part of this.
"""

import math
from dataclasses import dataclass

import numpy as np

from benchmarks.accuracy.cases import WORLDS, Split, World
from benchmarks.accuracy.table import Row, make_row
from formcheck import signals
from formcheck.data import FloatArray
from formcheck.events.break_point import find_break
from formcheck.events.pivot import fit_pivot
from formcheck.events.stall import find_ascents, find_stall

FILTER_HZ = 5.0
FINE_HZ = 1000.0
LINE_MM = 930.0  # knee to shoulder
TRUNK_MM, THIGH_MM = 500.0, 430.0
SLOW_S = 0.7
MAX_NOISE_MM = 6.0


@dataclass(frozen=True)
class Noise:
    """Noise of one clip's landmarks, one sigma an axis, and its frame rate."""

    white_mm: float
    slow_mm: float
    rate_hz: float
    generator: np.random.Generator

    def draw_mm(self, n: int) -> FloatArray:
        """One landmark's error along one axis (n,)."""
        white, slow = self.generator.standard_normal(n), self.generator.standard_normal(n)
        keep = math.exp(-1 / (SLOW_S * self.rate_hz))
        for sample in range(1, n):
            slow[sample] = keep * slow[sample - 1] + math.sqrt(1 - keep**2) * slow[sample]
        return self.white_mm * white + self.slow_mm * slow

    def draw_deg(self, n: int, length_mm: float) -> FloatArray:
        """Error of the inclination of a segment with two such ends."""
        return np.degrees((self.draw_mm(n) - self.draw_mm(n)) / length_mm)


def draw_noise(world: World, generator: np.random.Generator) -> Noise:
    """Return noise of up to 6 mm, at 30 or 60 fps."""
    white_mm = generator.uniform(2.0, MAX_NOISE_MM)
    return Noise(white_mm, white_mm * generator.uniform(*world.slow_share), generator.choice([30.0, 60.0]), generator)


def run(split: Split, n_each: int) -> list[Row]:
    """Return the rows of break point, stall and pivot, over `n_each` clips of each kind."""
    world = WORLDS[split]
    generator = np.random.default_rng([world.seed, 5])
    noises = [draw_noise(world, generator) for _ in range(n_each)]
    return [*_rows_of_breaks(noises), *_rows_of_stalls(noises), *_rows_of_pivots(noises)]


def lower(noise: Noise, break_deg: float | None) -> tuple[FloatArray, FloatArray]:
    """Return raw phi and what the filter leaves of it (n,), of a lowering from rest until the hands touch the floor."""
    uniform = noise.generator.uniform
    speed, gain, touch_deg = uniform(8, 22), uniform(200, 420), uniform(72, 82)
    wobble, wobble_s = uniform(0, 0.15), uniform(0.8, 2.0)
    phi, rate, t, track = 0.0, 0.0, 0.0, [0.0] * int(FINE_HZ)
    while phi < touch_deg and t < 20:
        t += 1 / FINE_HZ
        if break_deg is None or phi < break_deg:
            rate = speed * min(1.0, t / 0.5) * (1 + wobble * math.sin(2 * math.pi * t / wobble_s))
        else:
            rate += gain * math.sin(math.radians(phi)) / FINE_HZ
        phi += rate / FINE_HZ
        track.append(phi)
    touch_s = len(track) / FINE_HZ
    caught = np.concatenate([track, touch_deg + 5 * (1 - np.exp(-np.arange(0, 1, 1 / FINE_HZ) * rate / 5))])
    time_s = np.arange(0, len(caught) / FINE_HZ, 1 / noise.rate_hz)
    raw_deg = np.interp(time_s, np.arange(len(caught)) / FINE_HZ, caught) + noise.draw_deg(len(time_s), LINE_MM)
    cut = int(touch_s * noise.rate_hz)
    return raw_deg[:cut], signals.smooth(raw_deg, noise.rate_hz, FILTER_HZ)[:cut]


def _rows_of_breaks(noises: list[Noise]) -> list[Row]:
    errors_deg, inside, missed, alarms = [], [], [], []
    for noise in noises:
        break_deg = float(noise.generator.uniform(25, 62))
        raw_deg, phi_deg = lower(noise, break_deg)
        point = find_break(phi_deg, noise.rate_hz, signals.white_noise(raw_deg))
        missed.append(point is None or not point.found)
        if point is not None and point.found:
            errors_deg.append(abs(point.phi_deg - break_deg))
            inside.append(point.low_deg <= break_deg <= point.high_deg)
        raw_deg, phi_deg = lower(noise, None)
        point = find_break(phi_deg, noise.rate_hz, signals.white_noise(raw_deg))
        alarms.append(point is not None and point.found)
    figure = float(np.mean(errors_deg)) if errors_deg else math.nan
    shares = {"abstained": float(np.mean(missed)), "coverage": float(np.mean(inside))}
    return [
        make_row("Nordic break point, MAE", figure, "deg", at_most=2.5, count=len(errors_deg), **shares),
        make_row("Nordic, breaks in controlled lowerings", 100 * float(np.mean(alarms)), "%", count=len(alarms)),
    ]


def rise(noise: Noise, dip: float) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    """Return raw phi, filtered phi and filtered trunk (n,) of an ascent from 90 to 0 deg with a dip of its speed, after
    a lowering, and the true depth of the dip: 1 - the least speed over the lower of the peaks beside it.
    """
    uniform = noise.generator.uniform
    top, place_deg = uniform(30, 60), uniform(55, 75)
    width_deg = top * uniform(0.14, 0.25)  # at a depth of 0.65 under half the speed for 0.3 to 0.6 s: clear of 0.15 s
    phi, track, rates = 90.0, [90.0] * int(0.5 * FINE_HZ), []
    while phi > 0.5:
        edge = min(1.0, (90.5 - phi) / 6, (phi + 0.5) / 12)
        rates.append(top * max(0.05, edge) * (1 - dip * math.exp(-(((phi - place_deg) / width_deg) ** 2))))
        phi -= rates[-1] / FINE_HZ
        track.append(phi)
    speed, angle = np.array(rates), np.array(track[-len(rates) :])
    least = int(np.where(np.abs(angle - place_deg) < 2 * width_deg, speed, np.inf).argmin())
    depth = 1 - float(speed[least] / min(speed[: least + 1].max(), speed[least:].max()))
    down = np.linspace(0, 90, int(2 * FINE_HZ))
    way = np.concatenate([down, track, np.full(int(0.5 * FINE_HZ), phi)])
    time_s = np.arange(0, len(way) / FINE_HZ, 1 / noise.rate_hz)
    true_deg = np.interp(time_s, np.arange(len(way)) / FINE_HZ, way)
    raw_deg = true_deg + noise.draw_deg(len(time_s), LINE_MM)
    trunk_deg = true_deg + noise.draw_deg(len(time_s), TRUNK_MM)
    smoothed = [signals.smooth(each, noise.rate_hz, FILTER_HZ) for each in (raw_deg, trunk_deg)]
    return raw_deg, smoothed[0], smoothed[1], depth


def _stalls(noise: Noise, dip: float) -> tuple[bool, float]:
    """Whether a stall is found in one ascent, and the true depth."""
    raw_deg, phi_deg, trunk_deg, depth = rise(noise, dip)
    sigma_deg = signals.white_noise(raw_deg)
    found = [find_stall(phi_deg, trunk_deg, each, noise.rate_hz, sigma_deg) for each in find_ascents(phi_deg)]
    return any(stall is not None and stall.seconds > 0 for stall in found), depth


def _rows_of_stalls(noises: list[Noise]) -> list[Row]:
    dips = [_stalls(noise, float(noise.generator.uniform(0.65, 0.92))) for noise in noises]
    found = [stalled for stalled, depth in dips if depth >= 0.65]
    alarms = [_stalls(noise, 0.0)[0] for noise in noises]
    return [
        make_row("stall, found at D >= 0.65", 100 * float(np.mean(found)), "%", at_least=95, count=len(found)),
        make_row("stall, false alarms at 0", 100 * float(np.mean(alarms)), "%", at_most=2, count=len(alarms)),
    ]


def _rows_of_pivots(noises: list[Noise]) -> list[Row]:
    errors_mm, inside = [], []
    for noise in noises:
        uniform = noise.generator.uniform
        pivot_mm, arc_deg, first_deg = uniform(-20, 120), uniform(42, 90), uniform(0, 15)
        n = int(uniform(3, 6) * noise.rate_hz)
        thigh = np.radians(first_deg + arc_deg * (0.5 - 0.5 * np.cos(np.linspace(0, 2 * np.pi, n))))
        axis = np.stack([np.sin(thigh), np.cos(thigh)])
        knee, hip = -pivot_mm * axis, (THIGH_MM - pivot_mm) * axis
        seen = [
            np.stack([signals.smooth(each + noise.draw_mm(n), noise.rate_hz, FILTER_HZ) for each in joint])
            for joint in (knee, hip)
        ]
        thigh_deg = np.degrees(np.arctan2(seen[1][0] - seen[0][0], seen[1][1] - seen[0][1]))
        pivot = fit_pivot(seen[0][0], seen[0][1], thigh_deg, noise.rate_hz)
        if pivot is not None:
            errors_mm.append(abs(pivot.distance - pivot_mm))
            inside.append(errors_mm[-1] <= 1.645 * pivot.error)
    figure, coverage = float(np.mean(errors_mm)), float(np.mean(inside))
    return [make_row("pivot at arcs >= 40 deg, MAE", figure, "mm", at_most=12, count=len(errors_mm), coverage=coverage)]
