"""A plate is taken out of the picture: what is seen on either side of it is drawn across, along the leg behind it.

The pose model takes a plate for the end of a body. A grey disc it takes for one too; the smooth mixture of trunk and
shin that a leg behind the plate would about look like, it takes for a leg (measured on renders with 45 cm plates: knee
within 8 px of 242 px of leg, grey 76 px, nothing done 79 px).
"""

import math

import numpy as np

from formcheck.data import RGB, BoolArray, FloatArray
from formcheck.pose.plate_detection import Circle

RIM = 1.04  # of the radius, and ...
RIM_PX = 2.0  # ... pixels more: the plate's thickness and the blur of its edge
RING = 1.10  # of the radius: where the body's outline is met on its way behind the plate
RING_STEP_DEG = 2.5  # along the circle's rim
REAR_DEG = (-20.0, 220.0)  # from above the plate round its rear side to below it
LEAST_GAP_DEG = 10.0  # of ring without body that counts as background between trunk and leg
MOST_SLANT = 1.0  # of a leg behind a plate: 45 deg
LEARN = 0.5  # of the newly seen slant that enters the running one


def fill(picture: RGB, plate: Circle, slant: float) -> None:
    """Draw, in place, lines of mixed colours across the plate. `slant`: pixels to the right per pixel down."""
    radius_px = plate.radius_px * RIM + RIM_PX
    size = picture.shape[0]
    low_x, high_x = _pixels(plate.x_px, radius_px, size)
    low_y, high_y = _pixels(plate.y_px, radius_px, size)
    grid_x, grid_y = np.meshgrid(np.arange(low_x, high_x), np.arange(low_y, high_y))
    inside = np.hypot(grid_x + 0.5 - plate.x_px, grid_y + 0.5 - plate.y_px) <= radius_px
    columns, rows = grid_x[inside], grid_y[inside]
    dx, dy = columns + 0.5 - plate.x_px, rows + 0.5 - plate.y_px
    square = 1 + slant**2
    middle = (dx * slant + dy) / square
    half = np.sqrt(np.maximum(middle**2 - (dx**2 + dy**2 - radius_px**2) / square, 0.0))
    up, down = middle + half, half - middle  # rows to the circle's edge along the line, both ways
    share = (up / np.maximum(up + down, 1e-6))[:, None]
    above, below = (_colours(picture, columns + slant * step, rows + step) for step in (-up, down))
    picture[rows, columns] = (above * (1 - share) + below * share).astype(np.uint8)


def _pixels(centre_px: float, radius_px: float, size: int) -> tuple[int, int]:
    return max(0, math.floor(centre_px - radius_px)), min(size, math.ceil(centre_px + radius_px))


def _colours(picture: RGB, x: FloatArray, y: FloatArray) -> FloatArray:
    size = picture.shape[0]
    columns, rows = (np.clip(np.round(each), 0, size - 1).astype(int) for each in (x, y))
    return np.asarray(picture[rows, columns], float)


def find_slant(body: BoolArray, plate: Circle, forward: float) -> float | None:
    """Return how the leg behind the plate leans, pixels to the right for each pixel down, or None.

    The rear outline of trunk or thigh goes behind the plate at one place and comes out again, as the rear of thigh or
    shin, at another; the line between them is the leg's. No arm comes in its way.

    body : (S, S), where the picture shows the lifter.
    plate : the circle in that picture.
    forward : +1 when the lifter faces right in the picture, -1 left.
    """
    angle = np.radians(np.arange(REAR_DEG[0], REAR_DEG[1] + RING_STEP_DEG, RING_STEP_DEG))
    radius_px = plate.radius_px * RING + RIM_PX
    x = plate.x_px - forward * radius_px * np.sin(angle)
    y = plate.y_px - radius_px * np.cos(angle)
    size = len(body)
    columns, rows = (np.clip(each.astype(int), 0, size - 1) for each in (x, y))
    met = np.flatnonzero(body[rows, columns])
    if len(met) < 2:
        return None
    gap = int(np.diff(met).argmax())
    upper, lower = met[gap], met[gap + 1]
    if (lower - upper) * RING_STEP_DEG < LEAST_GAP_DEG or y[lower] <= y[upper]:
        return None
    return float(np.clip((x[lower] - x[upper]) / (y[lower] - y[upper]), -MOST_SLANT, MOST_SLANT))
