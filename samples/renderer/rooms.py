"""The room behind the lifter: how near the wall is, and how much stands and hangs in front of it."""

from dataclasses import dataclass

import numpy as np

from samples.renderer.props import (
    BLACK,
    FRAME,
    STEEL,
    Colour,
    Shape,
    box,
    floor,
    gym_wall,
    joined,
    painted,
    plane,
    power_rack,
    rod,
    upright,
)

NEAR_WALL_M = 1.6  # nothing fits between the lifter and a wall nearer than this
POSTER, BRICK = 3.0, 4.0  # kinds of surface in thing.frag
POSTERS, RACKS, BAGS = 9, 3, 3
HALF_LENGTH_M = 4.2  # of the part of the wall that a camera sees


@dataclass(frozen=True)
class Room:
    """What is behind the lifter.

    wall_m: from the lifter to the wall. wall: its colour. busy: bricks, posters, racks with plates, punching bags and
    pictures of people instead of the quiet wall; `seed` places them.
    """

    wall_m: float = 2.1
    wall: Colour = (0.66, 0.67, 0.66)
    busy: bool = False
    seed: int = 0


def hue(random: np.random.Generator) -> Colour:
    """Draw a strong colour."""
    red, green, blue = random.uniform(0.05, 0.85, 3)
    return float(red), float(green), float(blue)


def poster(random: np.random.Generator, wall_m: float) -> Shape:
    """Build a printed poster on the wall; the shader prints it."""
    height, width = (float(side) for side in random.uniform((0.6, 0.4), (1.3, 1.1)))
    z, y = float(random.uniform(-HALF_LENGTH_M, HALF_LENGTH_M)), float(random.uniform(0.7, 1.5))
    front = wall_m - 0.01 - 0.01 * float(random.uniform())
    sheet = box((front, y, z), (wall_m, y + height, z + width), hue(random))
    return painted(sheet.corners_m, sheet.normals, hue(random), float(random.uniform(0.02, 0.3)), POSTER)


def paper_person(random: np.random.Generator, wall_m: float) -> Shape:
    """Build a flat figure of a person on the wall, 1.4 to 1.9 m tall."""
    tall, z = float(random.uniform(1.4, 1.9)), float(random.uniform(-2.0, 2.0))
    foot, skin, shirt, trousers = 0.25, (0.72, 0.53, 0.42), hue(random), hue(random)

    def block(low: tuple[float, float], high: tuple[float, float], colour: Colour) -> Shape:
        front = (wall_m - 0.022, foot + low[1] * tall, z + low[0] * tall)
        return box(front, (wall_m - 0.02, foot + high[1] * tall, z + high[0] * tall), colour)

    head = rod(wall_m - 0.022, wall_m - 0.02, 0.065 * tall, skin, 0.1, 32).moved((0.0, foot + 0.93 * tall, z))
    legs = [block((a, 0.0), (a + 0.07, 0.5), trousers) for a in (-0.09, 0.02)]
    arms = [block((a, 0.42), (a + 0.045, 0.82), skin) for a in (-0.165, 0.12)]
    return joined([head, block((-0.11, 0.47), (0.11, 0.84), shirt), *legs, *arms])


def loaded_rack(random: np.random.Generator) -> Shape:
    """Build a rack with plates on its pegs and a bar across, centred on the origin."""
    parts = [power_rack(), rod(0.0, 0.6, 0.0145, STEEL, 0.8).moved((0.0, 1.2, 0.0))]
    for height in (0.45, 0.95, 1.5):
        radius = float(random.choice([0.225, 0.175, 0.125]))
        parts += [rod(-0.08, -0.03, radius, hue(random), 0.3, 40).moved((0.0, height, z)) for z in (-0.6, 0.6)]
    return joined(parts)


def furniture(room: Room, random: np.random.Generator) -> list[Shape]:
    """Build what stands in front of a busy wall, if there is space."""
    if room.wall_m < NEAR_WALL_M:
        return []
    parts = [
        loaded_rack(random).moved((room.wall_m - 0.75, 0.0, float(z + random.uniform(-0.3, 0.3))))
        for z in np.linspace(-3.0, 3.0, RACKS)
    ]
    for z in random.uniform(-2.6, 2.6, BAGS):
        bag = upright(room.wall_m - 0.45, float(z), 0.55, 1.65, 0.16, hue(random))
        chain = upright(room.wall_m - 0.45, float(z), 1.65, 3.5, 0.012, STEEL)
        parts += [bag, chain]
    for z in random.uniform(-3.5, 3.5, 8):
        ball = float(random.uniform(0.10, 0.16))
        parts.append(
            rod(room.wall_m - 0.30, room.wall_m - 0.1, ball, hue(random), 0.2, 24).moved((0.0, ball, float(z)))
        )
    return parts


def busy_wall(room: Room) -> Shape:
    """Build a brick wall at x = wall_m, full of things."""
    random = np.random.default_rng(room.seed)
    edges = (np.array([0.0, 4.0, 0.0]), np.array([0.0, 0.0, 18.0]))
    parts = [plane(np.array([room.wall_m, 0.0, -9.0]), *edges, room.wall, 0.05, BRICK)]
    parts += [poster(random, room.wall_m) for _ in range(POSTERS)]
    parts += [paper_person(random, room.wall_m) for _ in range(2)]
    parts += [upright(room.wall_m - 0.06, float(z), 0.0, 3.6, 0.05, BLACK) for z in random.uniform(-4.0, 4.0, 3)]
    parts.append(box((room.wall_m - 0.05, 2.3, -9.0), (room.wall_m, 2.42, 9.0), FRAME))
    return joined(parts + furniture(room, random))


def bare_wall(room: Room) -> Shape:
    """Build a quiet wall that stands too near for racks, with one poster."""
    edges = (np.array([0.0, 4.0, 0.0]), np.array([0.0, 0.0, 18.0]))
    parts = [plane(np.array([room.wall_m, 0.0, -9.0]), *edges, room.wall, 0.05, 2.0)]
    parts.append(box((room.wall_m - 0.02, 0.0, -9.0), (room.wall_m, 0.12, 9.0), (0.12, 0.12, 0.13)))
    parts.append(box((room.wall_m - 0.02, 1.45, -1.4), (room.wall_m - 0.005, 2.15, -0.4), (0.14, 0.22, 0.33)))
    return joined(parts)


def built(room: Room, away: float) -> Shape:
    """Build floor and wall; `away` is +1 when the wall is to the lifter's left, -1 to the right."""
    if room.busy:
        wall = busy_wall(room)
    elif room.wall_m < NEAR_WALL_M:
        wall = bare_wall(room)
    else:
        return joined([floor(), gym_wall(room.wall_m, away, room.wall)])
    turned = Shape(wall.corners_m * [away, 1.0, 1.0], wall.normals * [away, 1.0, 1.0], wall.surface)
    return joined([floor(), turned])
