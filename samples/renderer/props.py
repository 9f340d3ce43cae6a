"""Things in the room as triangles: boxes, cylinders, the bar with its plates, a gym's wall.

A `Shape` holds corners (N, 3) metres, normals (N, 3) and colours (N, 5): sRGB, gloss 0..1, kind of surface.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Colour = tuple[float, float, float]

PLAIN, RUBBER_FLOOR, PAINTED_WALL = 0.0, 1.0, 2.0
PLATE_THICKNESS_M = {0.45: 0.045, 0.35: 0.04, 0.25: 0.032, 0.23: 0.03, 0.16: 0.022}
SLEEVE_START_M = 0.655
DUMBBELL_M = 0.124
BLACK, STEEL, FRAME = (0.06, 0.06, 0.065), (0.62, 0.63, 0.65), (0.10, 0.11, 0.12)


@dataclass(frozen=True)
class Shape:
    """Triangles, three corners each."""

    corners_m: Floats
    normals: Floats
    surface: Floats

    def moved(self, by_m: tuple[float, float, float]) -> "Shape":
        """Give the same shape elsewhere."""
        return Shape(self.corners_m + np.array(by_m), self.normals, self.surface)


@dataclass(frozen=True)
class Load:
    """What the lifter holds: a bar with plates of one diameter, or a pair of dumbbells.

    plate_m: diameter of the plates (0.45, 0.35, 0.25, 0.23, 0.16). bar_m: length of the bar. Plates sit at the sleeves,
    or near the ends of a shorter bar.
    """

    kind: str = "bar"
    plate_m: float = 0.16
    bar_m: float = 1.3
    plates_a_side: int = 1
    colour: Colour = (0.55, 0.12, 0.10)


def joined(shapes: list[Shape]) -> Shape:
    """Put shapes together."""
    return Shape(
        np.concatenate([shape.corners_m for shape in shapes]),
        np.concatenate([shape.normals for shape in shapes]),
        np.concatenate([shape.surface for shape in shapes]),
    )


def painted(corners: Floats, normals: Floats, colour: Colour, gloss: float, kind: float = PLAIN) -> Shape:
    """Give triangles one colour."""
    surface = np.tile([*colour, gloss, kind], (len(corners), 1))
    return Shape(corners, normals, surface)


def box(low: tuple[float, float, float], high: tuple[float, float, float], colour: Colour, gloss: float = 0.1) -> Shape:
    """Build a box between two corners."""
    corners, normals = [], []
    centre, half = (np.array(high) + low) / 2.0, (np.array(high) - low) / 2.0
    for axis in range(3):
        for sign in (-1.0, 1.0):
            normal = np.zeros(3)
            normal[axis] = sign
            first, second = np.zeros(3), np.zeros(3)
            first[(axis + 1) % 3], second[(axis + 2) % 3] = sign, 1.0
            square = [normal + u * first + v * second for u, v in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
            corners += [centre + half * square[i] for i in (0, 1, 2, 0, 2, 3)]
            normals += [normal] * 6
    return painted(np.array(corners), np.array(normals), colour, gloss)


def rod(x0: float, x1: float, radius: float, colour: Colour, gloss: float = 0.5, sides: int = 40) -> Shape:
    """Build a closed cylinder along x, centred on y = z = 0."""
    angle = np.linspace(0.0, 2.0 * np.pi, sides + 1)
    ring = np.stack([np.zeros_like(angle), np.cos(angle), np.sin(angle)], axis=1)
    corners, normals = [], []
    for i in range(sides):
        a, b = ring[i], ring[i + 1]
        low, high = np.array([x0, 0.0, 0.0]), np.array([x1, 0.0, 0.0])
        p, q, r, s = low + radius * a, low + radius * b, high + radius * b, high + radius * a
        corners += [p, q, r, p, r, s, low, q, p, high, s, r]
        normals += [a, b, b, a, b, a, *[np.array([-1.0, 0.0, 0.0])] * 3, *[np.array([1.0, 0.0, 0.0])] * 3]
    return painted(np.array(corners), np.array(normals), colour, gloss)


def upright(x: float, z: float, y0: float, y1: float, radius: float, colour: Colour) -> Shape:
    """Build a closed cylinder along y."""
    lying = rod(y0, y1, radius, colour, sides=20)
    order = [1, 0, 2]
    return Shape(lying.corners_m[:, order], lying.normals[:, order], lying.surface).moved((x, 0.0, z))


def plate(x: float, outward: float, diameter: float, colour: Colour) -> Shape:
    """Build one plate whose inner face is at x; `outward` is +1 or -1."""
    thick, radius = PLATE_THICKNESS_M[diameter], diameter / 2.0
    face = x + outward * thick
    rim = tuple(0.7 * channel for channel in colour)
    layers = [
        rod(min(x, face), max(x, face), radius, (rim[0], rim[1], rim[2]), 0.25, 64),
        rod(min(x, face + outward * 0.002), max(x, face + outward * 0.002), radius * 0.86, colour, 0.25, 64),
        rod(min(x, face + outward * 0.006), max(x, face + outward * 0.006), radius * 0.34, BLACK, 0.2, 40),
    ]
    return joined(layers)


def near_face_m(load: Load) -> float:
    """Distance of the outermost plate's outer face from the bar's middle, metres."""
    start = min(SLEEVE_START_M, load.bar_m / 2.0 - 0.16)
    thick = PLATE_THICKNESS_M[load.plate_m]
    return start + (thick + 0.004) * (load.plates_a_side - 1) + thick


def loaded_bar(load: Load, radius_m: float) -> Shape:
    """Build a bar along x with its plates, centred on the origin."""
    half = load.bar_m / 2.0
    start = min(SLEEVE_START_M, half - 0.16)
    parts = [rod(-half, half, radius_m, STEEL, 0.8)]
    for side in (-1.0, 1.0):
        ends = sorted((side * start, side * half))
        parts.append(rod(ends[0], ends[1], 0.025 if load.plate_m > 0.2 else 0.019, STEEL, 0.8))
        collar = sorted((side * (start - 0.03), side * start))
        parts.append(rod(collar[0], collar[1], 0.036, STEEL, 0.6))
        thick = PLATE_THICKNESS_M[load.plate_m]
        places = start + (thick + 0.004) * np.arange(load.plates_a_side)
        parts.extend(plate(side * float(place), side, load.plate_m, load.colour) for place in places)
    return joined(parts)


def dumbbells(half_width_m: float) -> Shape:
    """Build a pair of dumbbells along x whose handles are at the hands."""
    one = [rod(-0.10, 0.10, 0.0145, STEEL, 0.7)]
    for side in (-1.0, 1.0):
        ends = sorted((side * 0.065, side * 0.155))
        one.append(rod(ends[0], ends[1], DUMBBELL_M / 2.0, BLACK, 0.3, 12))
    pair = joined(one)
    return joined([pair.moved((-half_width_m, 0.0, 0.0)), pair.moved((half_width_m, 0.0, 0.0))])


def lying_height_m(load: Load) -> float:
    """Height of the held thing's centre when it lies on the floor."""
    return DUMBBELL_M / 2.0 if load.kind == "dumbbells" else load.plate_m / 2.0


def held(load: Load, radius_m: float, half_width_m: float) -> Shape:
    """Build whatever the lifter holds, centred on the bar's place."""
    return dumbbells(half_width_m) if load.kind == "dumbbells" else loaded_bar(load, radius_m)


def plane(origin: Floats, first: Floats, second: Floats, colour: Colour, gloss: float, kind: float) -> Shape:
    """Build a square of 12 x 12 pieces from two edges (3,) at `origin` (3,)."""
    cells = 12
    normal = np.cross(first, second)
    corners = []
    for i in range(cells):
        for j in range(cells):
            at = [origin + first * u / cells + second * v / cells for u, v in
                  ((i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1))]  # fmt: skip
            corners += [at[k] for k in (0, 1, 2, 0, 2, 3)]
    normals = np.tile(normal / np.linalg.norm(normal), (len(corners), 1))
    return painted(np.array(corners), normals, colour, gloss, kind)


def floor() -> Shape:
    """Build the rubber floor."""
    return plane(np.array([-9.0, 0.0, -9.0]), np.array([0.0, 0.0, 18.0]), np.array([18.0, 0.0, 0.0]),
                 (0.16, 0.165, 0.18), 0.12, RUBBER_FLOOR)  # fmt: skip


def dumbbell_rack(depth: float) -> Shape:
    """Build a rack with two rows of dumbbells, its front at -depth along x, centred on z = 0."""
    parts = [box((-0.05, 0.0, z - 0.04), (0.35, 0.95, z + 0.04), FRAME) for z in (-1.0, 1.0)]
    random = np.random.default_rng(7)
    for row, height in enumerate((0.42, 0.80)):
        parts.append(box((-0.02, height, -1.0), (0.33, height + 0.03, 1.0), FRAME))
        for z in np.arange(-0.88, 0.9, 0.22):
            radius = 0.05 + 0.02 * float(random.uniform()) + 0.012 * (1 - row)
            bell = [rod(-0.02, 0.30, 0.016, STEEL, 0.6, 12)]
            bell += [rod(a, b, radius, BLACK, 0.35, 14) for a, b in ((-0.03, 0.08), (0.2, 0.31))]
            parts.append(joined(bell).moved((0.0, height + 0.03 + radius, float(z))))
    return joined(parts).moved((-depth, 0.0, 0.0))


def power_rack() -> Shape:
    """Build a rack of four uprights with a bar on it, centred on the origin."""
    red = (0.50, 0.10, 0.09)
    feet = [(x, z) for x in (0.0, 0.6) for z in (-0.6, 0.6)]
    parts = [box((x - 0.035, 0.0, z - 0.035), (x + 0.035, 2.25, z + 0.035), red, 0.3) for x, z in feet]
    parts += [box((x - 0.03, 2.18, -0.6), (x + 0.03, 2.25, 0.6), red, 0.3) for x in (0.0, 0.6)]
    parts += [box((0.0, y, z - 0.03), (0.6, y + 0.07, z + 0.03), red, 0.3) for y in (0.0, 2.18) for z in (-0.6, 0.6)]
    return joined(parts)


def gym_wall(distance_m: float, away: float, colour: Colour = (0.66, 0.67, 0.66)) -> Shape:
    """Build the wall behind the lifter, at x = away * distance_m (away is +1 or -1), with what stands along it."""
    edges = (np.array([0.0, 0.0, 18.0]), np.array([0.0, 4.0, 0.0]))
    low = np.array([distance_m, 0.0, -9.0])
    parts = [plane(low, edges[1], edges[0], colour, 0.05, PAINTED_WALL)]
    parts.append(box((distance_m - 0.02, 0.0, -9.0), (distance_m, 0.12, 9.0), (0.12, 0.12, 0.13)))
    parts.append(dumbbell_rack(0.45).moved((distance_m, 0.0, -2.2)))
    parts.append(power_rack().moved((distance_m - 0.75, 0.0, 2.3)))
    parts.append(box((distance_m - 0.02, 1.45, -1.4), (distance_m - 0.005, 2.15, -0.4), (0.14, 0.22, 0.33)))
    parts.append(box((distance_m - 0.03, 1.62, -1.25), (distance_m - 0.015, 1.70, -0.55), (0.85, 0.80, 0.62)))
    parts.append(upright(distance_m - 0.35, 0.55, 0.0, 1.1, 0.03, FRAME))
    for height, radius in ((0.35, 0.225), (0.85, 0.175)):
        parts.append(rod(distance_m - 0.50, distance_m - 0.38, radius, BLACK, 0.3, 48).moved((0.0, height, 0.55)))
    wall = joined(parts)
    return Shape(wall.corners_m * [away, 1.0, 1.0], wall.normals * [away, 1.0, 1.0], wall.surface)
