"""What the whole outline of a standing lifter's back says beyond its kink: a map learnt on rendered backs.

The kink compares two stretches of the outline; clothes, muscle and the landmarks' own slide bend it too. The map is a
Gaussian process over the outline, the same lifter's upright outline, the chord's shortening and the trunk's lean: it
answers by how much the kink's reading is off in outlines like this one, and how sure that is. An outline like none that
was learnt gets no correction and the widest error. `python -m benchmarks.bank.fit_lumbar` makes `lumbar_map.npz`;
docs/calibration.md names the sets it rests on.
"""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from formcheck.data import BackContour, BoolArray, FloatArray
from formcheck.geometry import distance

FILE = Path(__file__).with_name("lumbar_map.npz")
STRETCH = (0.0, 0.85)  # of the chord (0 = hip, 1 = shoulder) that is looked at: beyond it hoods and hair
ORDER = 4  # of the Legendre polynomials that describe an outline
TRUNK_UNIT_DEG = 100.0  # so that the trunk counts about as much as a depth
REACH = 2.0  # of what is learnt from one outline, in standard deviations of the features


@dataclass(frozen=True, eq=False)
class LumbarMap:
    """A sparse Gaussian process: what was learnt at M outlines of F features.

    centre, spread : (F,) of the features. examples : (M, F) of unit spread. weights : (M,). certain : (M, M), what the
    examples take from the variance. mean_deg, sigma_deg : of the kink's error before anything is seen.
    """

    centre: FloatArray
    spread: FloatArray
    examples: FloatArray
    weights: FloatArray
    certain: FloatArray
    mean_deg: float
    sigma_deg: float

    def correct(self, features: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return what to add to the kink (T,), deg, and one sigma of the sum, of features (T, F); NaN makes NaN."""
        near = kernel((features - self.centre) / self.spread, self.examples)
        taken = ((near @ self.certain) * near).sum(axis=1)
        known = near.max(axis=1, initial=0.0)  # the mean, too, is learnt: it fades where nothing is like this
        return near @ self.weights + known * self.mean_deg, self.sigma_deg * np.sqrt(np.clip(1.0 - taken, 0.0, 1.0))


def kernel(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return how alike outlines (T, F) and (M, F) are, (T, M), 1 for the same."""
    square = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1)[None] - 2.0 * left @ right.T
    return np.asarray(np.exp(-square / (2.0 * REACH**2)))


def describe_outline(depth_chord: FloatArray, stations: FloatArray) -> FloatArray:
    """Return outlines (T, S), chord lengths, as Legendre coefficients over `STRETCH` (T, ORDER + 1); NaN if torn."""
    inside = (stations >= STRETCH[0] - 1e-9) & (stations <= STRETCH[1] + 1e-9)
    place = 2.0 * (stations[inside] - STRETCH[0]) / (STRETCH[1] - STRETCH[0]) - 1.0
    return np.asarray(depth_chord[:, inside] @ np.linalg.pinv(np.polynomial.legendre.legvander(place, ORDER)).T)


def describe_back(depth_px: FloatArray, back: BackContour, upright: BoolArray, trunk_deg: FloatArray) -> FloatArray:
    """Return the features (T, F) that the map reads, of the depths (T, S) on the back's side.

    upright : (T,) where the lifter stands upright and the outline is seen, at least once. trunk_deg : (T,) lean. NaN
    where the outline is interrupted or `trunk_deg` is NaN.
    """
    chord_px = distance(back.chord_px[:, 1], back.chord_px[:, 0])
    with np.errstate(invalid="ignore", divide="ignore"):
        outlines = describe_outline(depth_px / chord_px[:, None], back.stations)
    standing = np.median(outlines[upright], axis=0)
    shortening = chord_px / np.median(chord_px[upright])
    columns = (outlines, np.broadcast_to(standing, outlines.shape), shortening, trunk_deg / TRUNK_UNIT_DEG)
    return np.column_stack(columns)


def correct_kink(
    depth_px: FloatArray, back: BackContour, upright: BoolArray, trunk_deg: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return what to add to the kink's reading (T,), deg, and one sigma of the sum.

    depth_px : (T, S) of the back's side. upright : (T,) frames of the upright outline, at least one. NaN where the
    outline is interrupted or `trunk_deg` (T,) is NaN.
    """
    return load_map().correct(describe_back(depth_px, back, upright, trunk_deg))


@functools.cache
def load_map() -> LumbarMap:
    """Read the map that travels with formcheck."""
    with np.load(FILE, allow_pickle=False) as table:
        centre, spread, examples, weights, certain = (
            table[name].astype(float) for name in ("centre", "spread", "examples", "weights", "certain")
        )
        mean_deg, sigma_deg = float(table["mean_deg"]), float(table["sigma_deg"])
    return LumbarMap(centre, spread, examples, weights, certain, mean_deg, sigma_deg)
