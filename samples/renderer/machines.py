"""Pads, rollers and frames: what a lifter kneels, lies or sits on. Lengths in metres, z along the lifter's front."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from samples.renderer.props import BLACK, FRAME, STEEL, Colour, Shape, box, joined, painted, rod

Floats = npt.NDArray[np.float64]
Place = tuple[float, float]  # y, z

LEATHER: Colour = (0.13, 0.13, 0.14)
MAT: Colour = (0.20, 0.27, 0.38)
PAINT: Colour = (0.62, 0.63, 0.64)


def prism(profile_m: Floats, half_width_m: float, colour: Colour, gloss: float = 0.25) -> Shape:
    """Build a body with a convex profile (N, 2) of (y, z), anticlockwise seen from +x or not, along x."""
    middle = profile_m.mean(axis=0)
    corners, normals = [], []
    ends = [np.concatenate([[side * half_width_m], point]) for side in (-1.0, 1.0) for point in (middle,)]
    for first, second in zip(profile_m, np.roll(profile_m, -1, axis=0), strict=True):
        a, b = (np.concatenate([[-half_width_m], point]) for point in (first, second))
        c, d = (np.concatenate([[half_width_m], point]) for point in (first, second))
        out = np.array([0.0, second[1] - first[1], first[0] - second[0]])
        out = out * np.sign(out[1:] @ ((first + second) / 2.0 - middle)) / max(float(np.linalg.norm(out)), 1e-12)
        corners += [a, b, d, a, d, c, ends[0], a, b, ends[1], c, d]
        normals += [out] * 6 + [np.array([-1.0, 0.0, 0.0])] * 3 + [np.array([1.0, 0.0, 0.0])] * 3
    return painted(np.array(corners), np.array(normals), colour, gloss)


def rounded(low: tuple[float, float], high: tuple[float, float], radius: float, turn_deg: float = 0.0) -> Floats:
    """Give a rectangle's profile (N, 2) of (y, z) with round corners, turned about its middle (up towards front +)."""
    centre, half = (np.array(low) + high) / 2.0, (np.array(high) - low) / 2.0 - radius
    angle = np.radians(np.arange(0.0, 360.0, 10.0) + 5.0)
    ring = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    points = np.sign(ring) * half + radius * ring
    turn = np.radians(turn_deg)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    turned: Floats = points @ matrix.T + centre
    return turned


def roller(y: float, z: float, radius: float, half_width_m: float = 0.27) -> Shape:
    """Build a padded roller along x."""
    pad = rod(-half_width_m, half_width_m, radius, LEATHER, 0.3, 32)
    axle = rod(-half_width_m - 0.03, half_width_m + 0.03, 0.014, STEEL, 0.7, 16)
    return joined([pad, axle]).moved((0.0, y, z))


def beam(start: Place, stop: Place, x: float, thick: float, colour: Colour = FRAME) -> Shape:
    """Build a square beam at x between two places (y, z)."""
    first, last = np.array(start), np.array(stop)
    along = (last - first) / np.linalg.norm(last - first)
    across = np.array([-along[1], along[0]]) * thick / 2.0
    profile = np.array([first - across, last - across, last + across, first + across])
    return prism(profile, thick / 2.0, colour, 0.3).moved((x, 0.0, 0.0))


def kneeling_pad(top_m: float, back_z: float, front_z: float, half_width_m: float = 0.33) -> Shape:
    """Build the mat under knees and shins."""
    return prism(rounded((0.0, back_z), (top_m, front_z), min(0.02, top_m / 2.5)), half_width_m, MAT, 0.1)


def ankle_anchor(y: float, z: float, radius: float) -> Shape:
    """Build a padded bar over the ankles between two low posts."""
    posts = [box((x - 0.02, 0.0, z - 0.02), (x + 0.02, y + 0.03, z + 0.02), FRAME, 0.3) for x in (-0.36, 0.36)]
    feet = [box((x - 0.03, 0.0, z - 0.25), (x + 0.03, 0.03, z + 0.25), FRAME, 0.3) for x in (-0.36, 0.36)]
    return joined([roller(y, z, radius, 0.33), *posts, *feet])


def frame_of(beams: Sequence[tuple[Place, Place]], xs: Sequence[float], thick: float) -> Shape:
    """Build the same beams, each between two places (y, z), at several x."""
    return joined([beam(start, stop, x, thick) for start, stop in beams for x in xs])


def cross_beam(y: float, z: float, half_width_m: float, thick: float = 0.05) -> Shape:
    """Build a beam along x."""
    half = thick / 2.0
    return box((-half_width_m, y - half, z - half), (half_width_m, y + half, z + half), FRAME, 0.3)


def plate_for_feet(y: float, z: float, tall: float) -> Shape:
    """Build an upright footplate whose front is at z."""
    return box((-0.24, y - tall / 2.0, z - 0.02), (0.24, y + tall / 2.0, z), BLACK, 0.2)


def pad_block(top: float, back: float, deep: float, tall: float, half_width_m: float = 0.27) -> Shape:
    """Build a thick pad with round edges whose top is at `top` and whose near edge is at z = `back`."""
    return prism(rounded((top - tall, back), (top, back + deep), 0.09), half_width_m, LEATHER, 0.3)


def slab(start: Place, stop: Place, thick: float, half_width_m: float) -> Shape:
    """Build a pad whose upper side runs from one place (y, z) forward to another."""
    first, last = np.array(start), np.array(stop)
    length = float(np.linalg.norm(last - first))
    up = np.array([last[1] - first[1], first[0] - last[0]]) / length
    middle = (first + last) / 2.0 - up * thick / 2.0
    flat = rounded((-thick / 2.0, -length / 2.0), (thick / 2.0, length / 2.0), 0.03)
    turn = np.stack([up, (last - first) / length], axis=1)
    return prism(flat @ turn.T + middle, half_width_m, LEATHER, 0.3)


def handles(wrist_m: Floats, ahead: float, fixed_at: Place) -> Shape:
    """Build two handles ahead of the wrists (3,) that are held by arms from a place (y, z) of the frame."""
    y, z = float(wrist_m[1]) - 0.03, float(wrist_m[2]) + ahead
    x = float(wrist_m[0])
    arms = [beam((y - 0.07, z), fixed_at, side * (x - 0.03), 0.025) for side in (-1.0, 1.0)]
    grips = [beam((y - 0.08, z), (y + 0.06, z), side * (x - 0.03), 0.03) for side in (-1.0, 1.0)]
    return joined([*arms, *grips])
