"""Which tiles of the picture people, moving things and their shadows touch: only those are drawn again."""

import numpy as np
import numpy.typing as npt

from samples.body import Body
from samples.camera import Camera

Floats = npt.NDArray[np.float64]
Tiles = npt.NDArray[np.bool_]

TILE_M = 0.14  # a tile's side at the lifter; what is near a sampled point lies in the tiles around its own
LEAST_TILE_PX = 16
EVERY = 10  # one of so many vertices of a body stands for its neighbours
SHADOW_STEPS = 16  # points between what casts a shadow and the floor
GRID = (13, 7, 7)  # points along the sides of a thing's box


def tile_px(camera: Camera) -> int:
    """Side of a tile in pixels."""
    return max(LEAST_TILE_PX, int(TILE_M * camera.px_per_m))


def box_points_m(corners_m: Floats) -> Floats:
    """Points (N, 3) all over the box around a shape's corners (..., 3), metres."""
    flat = corners_m.reshape(-1, 3)
    low, high = flat.min(axis=0), flat.max(axis=0)
    sides = [np.linspace(a, b, count) for a, b, count in zip(low, high, GRID, strict=True)]
    return np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1).reshape(-1, 3)


def skin_points_m(body: Body, matrices: Floats) -> Floats:
    """Give some points (N, 3) of a body's skin in one pose, metres; matrices (J, 3, 4)."""
    vertices = np.concatenate([body.vertices_m[::EVERY], np.ones((len(body.vertices_m[::EVERY]), 1))], axis=1)
    each = np.einsum("vjab,vb->vja", matrices[body.skin_bones[::EVERY]], vertices)
    points: Floats = np.einsum("vj,vja->va", body.skin_weights[::EVERY], each)
    return points


def shadow_points_m(points_m: Floats, to_light: Floats) -> Floats:
    """Points (N * SHADOW_STEPS, 3) from `points_m` (N, 3) along the light down to the floor."""
    share = np.arange(1, SHADOW_STEPS + 1)[:, None, None] / SHADOW_STEPS
    fall = points_m[:, 1:2] / to_light[1] * to_light
    swept: Floats = points_m - share * fall
    return swept.reshape(-1, 3)


def tiles_of(points_px: Floats, camera: Camera) -> Tiles:
    """Mark the tiles (rows, columns) that hold points (N, 2), and those around them."""
    side = tile_px(camera)
    rows, columns = -(-camera.height_px // side), -(-camera.width_px // side)
    marked = np.zeros((rows + 4, columns + 4), bool)  # a margin of two
    column, row = np.clip(np.floor(points_px / side).astype(int) + 2, 0, [columns + 3, rows + 3]).T
    marked[row, column] = True
    for axis in (0, 1):
        marked = marked | np.roll(marked, 1, axis) | np.roll(marked, -1, axis)
    return marked[2:-2, 2:-2]


def runs(tiles: Tiles, side_px: int) -> list[tuple[int, int, int, int]]:
    """Cut marked tiles into rectangles (left, top, width, height) in pixels, one for each run in a row."""
    found = []
    for row, marks in enumerate(tiles):
        edges = np.flatnonzero(np.diff(np.concatenate([[False], marks, [False]]).astype(int)))
        for first, end in edges.reshape(-1, 2):
            found.append((int(first) * side_px, row * side_px, int(end - first) * side_px, side_px))
    return found
