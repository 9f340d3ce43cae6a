"""Quarter turns of square pictures, and of the points in them."""

import numpy as np
from numpy.typing import NDArray

from formcheck.data import FloatArray


def turn_picture(picture: NDArray[np.uint8], turns: int) -> NDArray[np.uint8]:
    """Turn a square picture by quarter turns anticlockwise."""
    return np.ascontiguousarray(np.rot90(picture, turns)) if turns else picture


def turn_points_back(points: FloatArray, turns: int, size: float) -> FloatArray:
    """Points (..., 2 or 3) found in a picture turned by `turn_picture` -> where they are in the picture as it was.

    size : side of the square, 0 for vectors whose origin turns with them (world landmarks).
    """
    turned = points.copy()
    for _ in range(turns):
        x, y = turned[..., 0].copy(), turned[..., 1].copy()
        turned[..., 0], turned[..., 1] = size - y, x
    return turned


def turn_points(points: FloatArray, turns: int, size: float) -> FloatArray:
    """Where points of a picture lie after `turn_picture`."""
    return turn_points_back(points, -turns % 4, size)
