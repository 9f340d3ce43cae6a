"""A scene: who lifts what, where, seen how -> pictures. Put together from body, posing, props, camera and light."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from samples.renderer.body import Body, Build, make_body, skin_matrices
from samples.renderer.bystanders import Bystander
from samples.renderer.camera import Camera
from samples.renderer.footwork import Footwork
from samples.renderer.garments import Outfit, dressed, sole_height_m
from samples.renderer.gl import Box, Light, Picture, Stage
from samples.renderer.posing import Grip, Poses
from samples.renderer.props import Load, Shape, held, joined
from samples.renderer.rooms import Room, built

Floats = npt.NDArray[np.float64]

MARGIN_M = 0.22  # flesh, clothes and hair around the joints


@dataclass(frozen=True)
class Scene:
    """Everything that is seen, apart from the movement.

    grain: standard deviation of the noise in 8-bit steps. edge_samples: samples a pixel; 4 smooths edges, 0 leaves them
    jagged and draws in about half the time. shadow_every: pictures that share a shadow, see `gl.Stage`.
    """

    build: Build = field(default_factory=Build)
    outfit: Outfit = field(default_factory=Outfit)
    load: Load = field(default_factory=Load)
    grip: Grip = field(default_factory=Grip)
    camera: Camera = field(default_factory=Camera)
    light: Light = field(default_factory=Light)
    room: Room = field(default_factory=Room)
    bystanders: tuple[Bystander, ...] = ()
    footwork: Footwork = field(default_factory=Footwork)
    grain: float = 2.0
    edge_samples: int = 4
    shadow_every: int = 1
    seed: int = 0


@dataclass(frozen=True)
class Lifter:
    """A scene's person: the body, the rest height of the sole's underside, the dressed skin at rest (V, 3), metres."""

    body: Body
    sole_m: float
    skin_m: Floats


@dataclass(frozen=True)
class Person:
    """Somebody else in the picture: body, clothes, and a pose for each of the lifter's."""

    body: Body
    outfit: Outfit
    poses: Poses


@dataclass(frozen=True)
class Moving:
    """A thing that moves: shape, rotations (T, 3, 3) about its origin, the origin's place (T, 3) metres."""

    shape: Shape
    turns: Floats
    places_m: Floats

    @property
    def carries(self) -> Floats:
        """Matrices (T, 3, 4) from the shape's own coordinates to the room's."""
        return np.concatenate([self.turns, self.places_m[:, :, None]], axis=2)


@dataclass(frozen=True)
class Extras:
    """What a lift brings along: a machine (fixed, moving) and other people; all over the lifter's instants."""

    fixed: tuple[Shape, ...] = ()
    moving: tuple[Moving, ...] = ()
    people: tuple[Person, ...] = ()


NO_EXTRAS = Extras()


def person_of(build: Build, outfit: Outfit) -> Lifter:
    """Build a person in these clothes."""
    body = make_body(build)
    vertices, fields = dressed(body, outfit)
    return Lifter(body, sole_height_m(vertices, fields[:, 2]), vertices)


def make_lifter(scene: Scene) -> Lifter:
    """Build a scene's person."""
    return person_of(scene.build, scene.outfit)


def corners_m(points_m: Floats) -> Floats:
    """Corners (8, 3) of the box around points (..., 3), metres."""
    flat = points_m.reshape(-1, 3)
    low, high = flat.min(axis=0), flat.max(axis=0)
    return np.array([np.where(corner, high, low) for corner in np.ndindex(2, 2, 2)])


def flesh_m(poses: Poses) -> Floats:
    """Corners (8 * T, 3) of a box around the body in every pose, metres."""
    low_m, high_m = poses.joints_m.min(axis=0) - MARGIN_M, poses.joints_m.max(axis=0) + MARGIN_M
    return np.concatenate([np.where(corner, high_m, low_m) for corner in np.ndindex(2, 2, 2)])


def moving_box(scene: Scene, people: list[Poses], things: list[Moving]) -> Box:
    """Find the part of the picture that holds people, moving things and their shadows at every instant."""
    solid = [flesh_m(poses) for poses in people]
    for thing in things:
        if len(thing.shape.corners_m) > 0:
            carried = np.einsum("tab,cb->tca", thing.turns, corners_m(thing.shape.corners_m))
            solid.append((carried + thing.places_m[:, None]).reshape(-1, 3))
    points = np.concatenate(solid)
    light = np.array(scene.light.direction) * [scene.camera.facing, 1.0, 1.0]
    shadow = points - points[:, 1:2] / light[1] * light
    pixels = scene.camera.project(np.concatenate([points, shadow]))
    size = np.array([scene.camera.width_px, scene.camera.height_px])
    low = np.clip(np.floor(pixels.min(axis=0)) - 4, 0, size).astype(int)
    high = np.clip(np.ceil(pixels.max(axis=0)) + 4, 0, size).astype(int)
    return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])


def grainy(picture: Picture, grain: float, random: np.random.Generator, tile: npt.NDArray[np.int16]) -> Picture:
    """Add grain: a tile of noise at a random place, the same for all three colours."""
    if grain <= 0:
        return picture
    height, width = picture.shape[:2]
    top, left = (int(random.integers(0, side)) for side in tile.shape)
    noise = np.roll(tile, (-top, -left), axis=(0, 1))
    repeats = (-(-height // tile.shape[0]), -(-width // tile.shape[1]))
    noise = np.tile(noise, repeats)[:height, :width, None]
    grained: Picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    return grained


def all_matrices(body: Body, poses: Poses) -> list[Floats]:
    """Skin matrices (J, 3, 4) of a body in each of its poses."""
    pairs = zip(poses.rotations, poses.joints_m, strict=True)
    return [skin_matrices(body, turns, places) for turns, places in pairs]


def held_thing(scene: Scene, poses: Poses) -> list[Moving]:
    """Give what the lifter holds as a moving thing; an empty list for bare hands."""
    if scene.load.kind == "none":
        return []
    thing = held(scene.load, scene.grip.bar_radius_m, scene.grip.half_width_m)
    turns = np.tile(np.eye(3), (len(poses.bar_m), 1, 1)) if poses.bar_turns is None else poses.bar_turns
    return [Moving(thing, turns, poses.bar_m)]


def pictures(
    scene: Scene, lifter: Lifter, poses: Poses, blur: int = 1, extras: Extras = NO_EXTRAS
) -> Iterator[Picture]:
    """Draw a picture (height, width, 3) for each `blur` poses in turn, their mean when there are several."""
    people = [Person(lifter.body, scene.outfit, poses), *extras.people]
    things = [*held_thing(scene, poses), *extras.moving]
    box = moving_box(scene, [person.poses for person in people], things)
    left, top, width, height = box
    whole: Box = (0, 0, scene.camera.width_px, scene.camera.height_px)
    random = np.random.default_rng(scene.seed)
    tile = np.round(random.normal(0.0, scene.grain, (512, 512))).astype(np.int16)
    surroundings = joined([built(scene.room, float(scene.camera.facing)), *extras.fixed])
    shapes, dressed_people = [thing.shape for thing in things], [(person.body, person.outfit) for person in people]
    stage = Stage(
        scene.camera, scene.light, surroundings, shapes, dressed_people, scene.edge_samples, scene.shadow_every
    )
    try:
        bodies = list(zip(*(all_matrices(person.body, person.poses) for person in people), strict=True))
        carries = list(zip(*(thing.carries for thing in things), strict=True)) or [()] * len(bodies)
        canvas = stage.draw(bodies[0], carries[0], whole)
        for first in range(0, len(bodies), blur):
            shots = [stage.draw(bodies[i], carries[i], box) for i in range(first, first + blur)]
            seen = shots[0] if blur == 1 else np.mean(shots, axis=0).round().astype(np.uint8)
            frame = canvas.copy()
            frame[top : top + height, left : left + width] = seen
            yield grainy(frame, scene.grain, random, tile)
    finally:
        stage.close()
