"""Person mask -> both outlines of the torso. Numpy only; every length is in the mask's own pixels."""

import numpy as np
from numpy.typing import NDArray

from formcheck.data import BoolArray, FloatArray

Mask = NDArray[np.floating]
STATIONS: FloatArray = np.linspace(0.0, 1.0, 51)  # hip to shoulder, every 2 % of the torso
STATIONS.flags.writeable = False

CHORD_REACH = 0.6  # chord lengths; a torso is nowhere deeper than half its length, the rest is slack for a bent back
STEP_PX = 1.0  # along the ray, in mask pixels: the mask is blurred over several, so that the crossing is found between
INSIDE = 0.5  # the model's own border between person and background
AROUND = np.arange(-4, 5)  # steps round the coarse exit in which the exact one is looked for: rays graze round backs
HIP_BAND = (-0.35, 0.25)  # of the chord, from above the hip to below it: the rows of the buttocks
MIN_HIP_ROWS = 4  # of the picture beside the hip that show the body's edge
MIN_CHORD_PX = 8.0  # shorter chords (a body seen along its axis) have no direction worth a ray


def torso_depths(mask: Mask, chord_px: FloatArray, stations: FloatArray = STATIONS) -> FloatArray:
    """Distance from the hip-shoulder chord to the mask's edge along both normals of the chord.

    mask : (h, w) person probability 0..1; the centre of pixel (0, 0) lies at (0.5, 0.5).
    chord_px : (2, 2) mid-hip and mid-shoulder. stations : (S,) positions along the chord, 0 = hip, 1 = shoulder.

    Returns
    -------
    (2, S) px. Index 0 is the side of n = (-c_y, c_x) / |c|, index 1 that of -n (see `data.BackContour`). Each depth is
    the first exit from the person going outward, interpolated to the 0.5 crossing. NaN where the chord itself lies
    outside the person, where the person reaches the end of the ray (0.6 chord lengths) or the edge of the picture, and
    throughout when the chord is missing or shorter than 8 px.
    """
    empty = np.full((2, len(stations)), np.nan)
    hip, chord = chord_px[0], chord_px[1] - chord_px[0]
    length = float(np.hypot(*chord))
    if not length >= MIN_CHORD_PX:
        return empty
    normal = np.array([-chord[1], chord[0]]) / length
    ends = np.array([normal, -normal])
    foot = hip + stations[:, None] * chord  # (S, 2)
    steps = np.arange(0.0, CHORD_REACH * length, STEP_PX)
    first, found = _first_outside(mask, foot, ends, steps)
    around = steps[0] + STEP_PX * (first[..., None] + AROUND)  # (2, S, A)
    x, y = (foot[None, :, None, axis] + around * ends[:, None, None, axis] for axis in (0, 1))
    value = _bilinear(mask, x, y)
    exits = (value[..., :-1] >= INSIDE) & (value[..., 1:] < INSIDE)
    last = np.argmax(exits, axis=2)[..., None]
    before, after = np.take_along_axis(value, last, 2)[..., 0], np.take_along_axis(value, last + 1, 2)[..., 0]
    valid = found & exits.any(axis=2)
    drop = np.where(valid, before - after, 1.0)
    depth = np.take_along_axis(around, last, 2)[..., 0] + STEP_PX * (before - INSIDE) / drop
    return np.where(valid, np.maximum(depth, 0.0), np.nan)


def hip_edges(mask: Mask, chord_px: FloatArray) -> FloatArray:
    """Where the person ends to the left and to the right of the hips: x of the mask's edge, (2,) px, subpixel.

    mask, chord_px : as in `torso_depths`. Each row from a third of the chord above the hip to a quarter below it is
    followed from the hip's column to its first exit; returned is the outermost tenth's inner end. NaN where the hip
    lies outside the person, or the person reaches the picture's edge.
    """
    hip, length = chord_px[0], float(np.hypot(*(chord_px[1] - chord_px[0])))
    height, width = mask.shape
    if not length >= MIN_CHORD_PX or not (0 <= hip[0] < width):
        return np.full(2, np.nan)
    first, last = (int(np.clip(hip[1] + share * length, 0, height - 1)) for share in HIP_BAND)
    band = mask[first : last + 1] >= INSIDE
    column = int(hip[0])
    band = band[band[:, column]]
    rows = np.flatnonzero(mask[first : last + 1, column] >= INSIDE) + first
    if len(rows) < MIN_HIP_ROWS:
        return np.full(2, np.nan)
    edges = np.empty((len(rows), 2))
    for side, step in enumerate((-1, 1)):
        way = np.ascontiguousarray(band[:, column::step])
        out = way.argmin(axis=1)
        if way[np.arange(len(rows)), out].any():  # a row without an exit
            return np.full(2, np.nan)
        inner = column + step * (out - 1)
        inside, outside = mask[rows, inner], mask[rows, inner + step]
        edges[:, side] = inner + 0.5 + step * ((inside - INSIDE) / (inside - outside))
    return np.asarray(np.percentile(edges, (10, 90), axis=0).diagonal())


def _first_outside(
    mask: Mask, foot: FloatArray, ends: FloatArray, steps: FloatArray
) -> tuple[NDArray[np.intp], BoolArray]:
    """Index of the first step (2, S) whose nearest pixel is not the person, and whether there is one in the picture."""
    height, width = mask.shape
    x = (foot[:, 0, None] + steps * ends[:, 0, None, None]).astype(np.int32)  # (2, S, R); truncation is floor inside
    y = (foot[:, 1, None] + steps * ends[:, 1, None, None]).astype(np.int32)
    within = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    cell = np.where(within, y * np.int32(width) + x, 0)
    stop = (mask.ravel()[cell] < INSIDE) | ~within
    first = np.argmax(stop, axis=2)
    met = np.take_along_axis(stop & within, first[..., None], axis=2)[..., 0]
    return first, met & (first > 0)


def _bilinear(mask: Mask, x: FloatArray, y: FloatArray) -> FloatArray:
    """Value of the mask between its pixels at points (...,); beyond the picture, that of its edge."""
    height, width = mask.shape
    x = np.minimum(np.maximum(x - 0.5, 0.0), width - 1.001)
    y = np.minimum(np.maximum(y - 0.5, 0.0), height - 1.001)
    column, row = x.astype(np.intp), y.astype(np.intp)
    right, down = x - column, y - row
    left, up = 1 - right, 1 - down
    flat, corner = mask.ravel(), row * width + column
    top = flat[corner] * left + flat[corner + 1] * right
    corner += width
    bottom = flat[corner] * left + flat[corner + 1] * right
    return np.asarray(top * up + bottom * down)
