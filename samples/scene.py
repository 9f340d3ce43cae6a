"""A scene: who lifts what, where, seen how -> pictures. Put together from body, posing, props, camera and light."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from samples.body import Body, Build, make_body, skin_matrices
from samples.bystanders import Bystander
from samples.camera import Camera
from samples.footwork import Footwork
from samples.garments import Outfit, dressed, sole_height_m
from samples.gl import Actor, Box, Light, Picture, Stage
from samples.posing import Grip, Poses
from samples.props import Load, held
from samples.rooms import Room, built

Floats = npt.NDArray[np.float64]

MARGIN_M = 0.22  # flesh, clothes and hair around the joints


@dataclass(frozen=True)
class Scene:
    """Everything that is seen, apart from the movement. grain: standard deviation of the noise in 8-bit steps."""

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
    seed: int = 0


@dataclass(frozen=True)
class Lifter:
    """A scene's person: the body and the rest height of the sole's underside, metres."""

    body: Body
    sole_m: float


@dataclass(frozen=True)
class Other:
    """Somebody else in the picture, a bystander or a partner: poses at the lifter's instants, without a bar."""

    actor: Actor
    poses: Poses


def make_lifter(scene: Scene) -> Lifter:
    """Build a scene's person."""
    body = make_body(scene.build)
    vertices, fields = dressed(body, scene.outfit)
    return Lifter(body, sole_height_m(vertices, fields[:, 2]))


def flesh_corners_m(poses: Poses) -> Floats:
    """Corners (8 J, 3), metres, of the boxes that hold each joint with the flesh around it in every pose."""
    low_m, high_m = poses.joints_m.min(axis=0) - MARGIN_M, poses.joints_m.max(axis=0) + MARGIN_M
    return np.concatenate([np.where(corner, high_m, low_m) for corner in np.ndindex(2, 2, 2)])


def moving_box(scene: Scene, poses: Poses, others: Sequence[Other] = ()) -> Box:
    """Find the part of the picture that holds the people, the load and their shadows in every pose."""
    half = scene.load.bar_m / 2.0 if scene.load.kind == "bar" else scene.grip.half_width_m + 0.16
    reach = max(scene.load.plate_m / 2.0, 0.06)
    corners = [np.array([x, y, z]) for x in (-half, half) for y in (-reach, reach) for z in (-reach, reach)]
    bar = np.concatenate([poses.bar_m + corner for corner in corners])
    solid = np.concatenate([bar, *(flesh_corners_m(each) for each in (poses, *(other.poses for other in others)))])
    light = np.array(scene.light.direction) * [scene.camera.facing, 1.0, 1.0]
    shadow = solid - solid[:, 1:2] / light[1] * light
    pixels = scene.camera.project(np.concatenate([solid, shadow]))
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


def skinning(body: Body, poses: Poses) -> list[Floats]:
    """Give the skin matrices (J, 3, 4) of each pose."""
    return [skin_matrices(body, turns, places) for turns, places in zip(poses.rotations, poses.joints_m, strict=True)]


def pictures(
    scene: Scene, lifter: Lifter, poses: Poses, blur: int = 1, others: Sequence[Other] = ()
) -> Iterator[Picture]:
    """Draw a picture (height, width, 3) for each `blur` poses in turn, their mean when there are several."""
    thing = held(scene.load, scene.grip.bar_radius_m, scene.grip.half_width_m)
    box = moving_box(scene, poses, others)
    left, top, width, height = box
    whole: Box = (0, 0, scene.camera.width_px, scene.camera.height_px)
    random = np.random.default_rng(scene.seed)
    tile = np.round(random.normal(0.0, scene.grain, (512, 512))).astype(np.int16)
    cast = [Actor(lifter.body, scene.outfit), *(other.actor for other in others)]
    stage = Stage(scene.camera, scene.light, built(scene.room, float(scene.camera.facing)), thing, cast)
    try:
        bodies = [skinning(lifter.body, poses), *(skinning(other.actor.body, other.poses) for other in others)]
        matrices = list(zip(*bodies, strict=True))
        canvas = stage.draw(matrices[0], poses.bar_m[0], whole)
        for first in range(0, len(matrices), blur):
            shots = [stage.draw(matrices[i], poses.bar_m[i], box) for i in range(first, first + blur)]
            seen = shots[0] if blur == 1 else np.mean(shots, axis=0).round().astype(np.uint8)
            frame = canvas.copy()
            frame[top : top + height, left : left + width] = seen
            yield grainy(frame, scene.grain, random, tile)
    finally:
        stage.close()
