"""Synthetic sets of Romanian deadlifts, drawn by number: a development split to tune on, a test split to report on.

The splits share no seed, and differ in bodies, cameras, frame rates and the mixture of white and slow noise.
"""

from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import numpy as np

from formcheck.data import PoseSequence
from samples.renderer.stick import STANCE_TRUNK_DEG, Body, RdlRep, Shot, Truth, rdl_set

Split = Literal["dev", "test"]
Kind = Literal["sound", "overrun", "squat", "rounding", "hard"]
Gate = Literal["good", "amber", "yaw", "rate", "dropout", "sparse"]
Span = tuple[float, float]
Name = TypeVar("Name", bound=str)

KINDS: tuple[tuple[Kind, float], ...] = (
    ("sound", 0.35),
    ("overrun", 0.27),
    ("squat", 0.10),
    ("rounding", 0.12),
    ("hard", 0.16),
)
GATES: tuple[tuple[Gate, float], ...] = (
    ("good", 0.74),
    ("amber", 0.06),
    ("yaw", 0.06),
    ("rate", 0.04),
    ("dropout", 0.06),
    ("sparse", 0.04),
)
HALF = (0.36, 0.54)  # of the excursion: what counts as a partial rep, clear of the borders at 0.3 and 0.6


@dataclass(frozen=True)
class World:
    """What a split draws from: uniform spans, and lists to choose from."""

    seed: int
    shank_m: Span
    thigh_m: Span
    trunk_m: Span
    distance_m: Span
    pitch_deg: float
    roll_deg: float
    rates_hz: tuple[float, ...]
    jitters: tuple[float, ...]
    noise_mm: tuple[Span, ...]
    slow_share: Span


WORLDS: dict[Split, World] = {
    "dev": World(
        seed=20_260,
        shank_m=(0.38, 0.44),
        thigh_m=(0.38, 0.46),
        trunk_m=(0.45, 0.55),
        distance_m=(2.5, 5.0),
        pitch_deg=8.0,
        roll_deg=4.0,
        rates_hz=(24.0, 30.0, 30.0, 60.0),
        jitters=(0.0, 0.0, 0.3),
        noise_mm=((2.0, 6.0), (2.0, 6.0), (6.0, 10.0)),
        slow_share=(0.3, 1.0),
    ),
    "test": World(
        seed=77_001,
        shank_m=(0.35, 0.47),
        thigh_m=(0.36, 0.48),
        trunk_m=(0.42, 0.58),
        distance_m=(2.0, 6.0),
        pitch_deg=10.0,
        roll_deg=5.0,
        rates_hz=(24.0, 25.0, 29.97, 30.0, 50.0, 60.0),
        jitters=(0.0, 0.0, 0.2, 0.4),
        noise_mm=((2.0, 4.0), (4.0, 6.0), (6.0, 10.0)),
        slow_share=(0.4, 1.0),
    ),
}


@dataclass(frozen=True)
class Case:
    """One set: what is done (`kind`), what spoils the picture (`gate`), and all that draws it."""

    number: int
    kind: Kind
    gate: Gate
    reps: tuple[RdlRep, ...]
    shot: Shot
    rate_hz: float
    jitter: float
    before_s: float
    after_s: float
    walk_in_s: float
    sway_deg: float

    def film(self) -> tuple[PoseSequence, Truth]:
        """Return landmarks and truth; the dropouts of the gate "dropout" lie across the end of each descent."""
        poses, truth = self._shoot(self.shot)
        if self.gate != "dropout":
            return poses, truth
        generator = np.random.default_rng(self.shot.seed + 7)
        spans = []
        for rep in truth.reps:
            length_s = generator.uniform(0.3, 0.5)
            start_s = rep.eot_s - generator.uniform(0.3, 0.8) * length_s
            spans.append((start_s, start_s + length_s))
        return self._shoot(replace(self.shot, dropouts=spans))

    def _shoot(self, shot: Shot) -> tuple[PoseSequence, Truth]:
        return rdl_set(
            reps=self.reps,
            rate_hz=self.rate_hz,
            jitter=self.jitter,
            before_s=self.before_s,
            after_s=self.after_s,
            walk_in_s=self.walk_in_s,
            sway_deg=self.sway_deg,
            seed=shot.seed,
            shot=shot,
        )


def draw_case(split: Split, number: int) -> Case:
    """Return set `number` of a split; the same every time."""
    world = WORLDS[split]
    generator = np.random.default_rng([world.seed, number])
    kind: Kind = _choose(generator, KINDS)
    gate: Gate = _choose(generator, GATES)
    reps = draw_reps(generator, kind)
    rate_hz = float(generator.choice(world.rates_hz))
    walks = kind == "hard" and generator.random() < 0.3
    return Case(
        number=number,
        kind=kind,
        gate=gate,
        reps=reps,
        shot=draw_shot(generator, world, gate, number),
        rate_hz=float(generator.uniform(10.0, 22.0)) if gate == "rate" else rate_hz,
        jitter=float(generator.choice(world.jitters)),
        before_s=float(generator.uniform(0.8, 3.0)),
        after_s=float(generator.uniform(0.8, 3.0)),
        walk_in_s=float(generator.uniform(1.5, 3.0)) if walks else 0.0,
        sway_deg=float(generator.uniform(0.0, 1.0)),
    )


def draw_reps(generator: np.random.Generator, kind: Kind) -> tuple[RdlRep, ...]:
    """Return the reps of one set: alike but for a few percent; a hard set holds what is no rep as well."""
    uniform = generator.uniform
    overrun_deg = {"overrun": uniform(3, 30), "squat": uniform(8, 20), "rounding": uniform(8, 20)}.get(kind, 0.0)
    if kind in {"squat", "rounding"} and generator.random() < 0.5:
        overrun_deg = 0.0
    corner_deg = uniform(48, 68) if overrun_deg else uniform(58, 88)
    slope_leg = uniform(0.0036, 0.0048)
    model = RdlRep(
        eccentric_s=float(np.exp(uniform(np.log(1.0), np.log(6.0)))),
        pause_s=float(generator.choice([0.0, uniform(0.1, 0.8), uniform(0.8, 3.0)], p=[0.4, 0.45, 0.15])),
        concentric_s=uniform(0.7, 2.5),
        rest_s=uniform(0.0, 2.5),
        knee_deg=uniform(15, 30) if kind == "squat" else uniform(8, 30),
        squat_deg=uniform(15, 35) if kind == "squat" else 0.0,
        hip_curve=uniform(0.0, 1.2),
        kink_deg=uniform(24, 40) if kind == "rounding" else uniform(0, 12),
    )
    reps = []
    for _ in range(int(generator.integers(1, 9))):
        corner = corner_deg + generator.normal(0, 2)
        over = max(2.0, overrun_deg + generator.normal(0, 1.5)) if overrun_deg else 0.0
        rep = replace(
            model,
            eccentric_s=max(0.8, model.eccentric_s * (1 + generator.normal(0, 0.06))),
            concentric_s=model.concentric_s * (1 + generator.normal(0, 0.06)),
            rest_s=max(0.0, model.rest_s * (1 + generator.normal(0, 0.2))),
            trunk_max_deg=corner + over,
            travel_leg=slope_leg * (corner - STANCE_TRUNK_DEG),
            overrun_deg=over,
        )
        reps.append(rep)
    return _make_hard(generator, reps) if kind == "hard" else tuple(reps)


def _make_hard(generator: np.random.Generator, reps: list[RdlRep]) -> tuple[RdlRep, ...]:
    """Put in what is no rep or half a one: the bar picked up before and put down after the set, half reps between."""
    depth_deg = float(np.median([rep.trunk_max_deg for rep in reps])) - STANCE_TRUNK_DEG
    result = []
    for rep in reps:
        result.append(rep)
        if generator.random() < 0.15 and len(reps) >= 2:
            half_deg = STANCE_TRUNK_DEG + generator.uniform(*HALF) * depth_deg
            result.append(replace(rep, trunk_max_deg=half_deg, travel_leg=None, overrun_deg=0.0))
    before, after = generator.random() < 0.5, generator.random() < 0.3
    if before:
        result.insert(0, draw_pick_up(generator))
    if after:
        result.append(draw_pick_up(generator))
    return tuple(result)


def draw_pick_up(generator: np.random.Generator) -> RdlRep:
    """Return the way down to a bar on the floor and up again: knees bend as much as hips, the hands stay there."""
    uniform = generator.uniform
    return RdlRep(
        eccentric_s=uniform(0.7, 1.5),
        pause_s=uniform(0.8, 3.5),
        concentric_s=uniform(0.7, 1.6),
        rest_s=uniform(0.8, 3.0),
        trunk_max_deg=uniform(50, 80),
        travel_leg=uniform(0.15, 0.25),
        knee_deg=uniform(55, 90),
        counts=False,
    )


def draw_shot(generator: np.random.Generator, world: World, gate: Gate, number: int) -> Shot:
    """Return body, camera and noise of one set."""
    uniform = generator.uniform
    noise_mm = float(uniform(*world.noise_mm[int(generator.integers(len(world.noise_mm)))]))
    yaw_deg = {"amber": uniform(16, 29), "yaw": uniform(32, 45)}.get(gate, uniform(0, 15))
    distance_m = uniform(*world.distance_m)
    facing: Literal["left", "right"] = "left" if generator.random() < 0.5 else "right"
    level = generator.random() < 0.5
    return Shot(
        facing=facing,
        body=Body(uniform(*world.shank_m), uniform(*world.thigh_m), uniform(*world.trunk_m), uniform(0.13, 0.18)),
        scale_px_m=900.0 / distance_m,
        distance_m=distance_m,
        yaw_deg=float(yaw_deg * generator.choice([-1, 1])),
        pitch_deg=uniform(-world.pitch_deg, world.pitch_deg),
        roll_deg=0.0 if level else uniform(-world.roll_deg, world.roll_deg),
        noise_mm=noise_mm,
        slow_mm=noise_mm * uniform(*world.slow_share),
        world_mm=1.5 * noise_mm,
        outline_px=0.003 * 900.0 / distance_m,
        outline_slow_deg=uniform(1.0, 3.0),
        dropouts=_draw_dropouts(generator, gate),
        swaps=_draw_spans(generator, 4, (0.07, 0.3)) if generator.random() < 0.3 else (),
        seed=world.seed * 1000 + number,
    )


def _draw_dropouts(generator: np.random.Generator, gate: Gate) -> tuple[Span, ...]:
    if gate == "sparse":
        return _draw_spans(generator, 90, (0.2, 0.6))
    return _draw_spans(generator, 4, (0.05, 0.15)) if generator.random() < 0.3 else ()


def _draw_spans(generator: np.random.Generator, count: int, length_s: Span) -> tuple[Span, ...]:
    """Spans somewhere in the first minute."""
    starts_s, lengths_s = generator.uniform(0, 60, count), generator.uniform(*length_s, count)
    return tuple((float(start), float(start + length)) for start, length in zip(starts_s, lengths_s, strict=True))


def _choose(generator: np.random.Generator, table: tuple[tuple[Name, float], ...]) -> Name:
    return table[int(generator.choice(len(table), p=[share for _, share in table]))][0]
