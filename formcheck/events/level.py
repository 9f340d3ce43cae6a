"""Level: by how much one hand hangs lower than the other at the bottom of a hinge, filmed from the front or behind.

The line through both wrists in the picture, at each bottom against the standing before and after it: a camera that is
turned about its own axis and a floor that slopes tilt both alike, and a camera that turns slowly cancels too. The hips
are not read: the line of level ones is off by 4 to 7 deg (docs/calibration.md).
"""

from dataclasses import dataclass

import numpy as np

from formcheck.data import BoolArray, FloatArray
from formcheck.signals import finite_runs, median
from formcheck.skeleton import Landmark
from formcheck.uncertainty import Z90

STANDING_SHARE = 0.9  # of the trunk's greatest height in the picture: the lifter stands [D]
BOTTOM_SHARE = 0.2  # of the way from a rep's lowest trunk to its tallest: the bottom [D]
TALL_PCT = 95.0  # percentile of its height that stands for the tallest trunk: what is rarer is a jump [D]
MOST_HINGED = 0.7  # of the trunk's own height is left at a bottom: 45 deg of lean [D]
LEAST_TALL = 1.0  # a trunk that stands is taller than its shoulders are wide: rendered ones 1.5 times [S]
LEAST_APART = 0.6  # of the shoulders' width, between the hands: two hands on one weight show no level [D]
# A wrist that the model is less sure of is a guess: where the median at the bottoms was up to 0.51, it was 10 to 17 px
# off (6 of 34 rendered sets, 360 px high), else up to 6 px (27) [S].
LEAST_HAND_VISIBILITY = 0.5
MIN_MOMENT_FRAMES = 4  # of a bottom, and of a standing, with both hands seen: fewer are no median [D]
MIN_HANDS_SEEN = 0.5  # of the frames of each [D]
NEAR_STANDING_S = 1.0  # of a standing before or after a bottom, so that a hand-held camera has not turned far [D]
MIN_BOTTOMS = 2  # of one alone nobody knows whether the camera turned [D]
HANDS_SIGMA_DEG = 1.8  # of a tilt, by 27 rendered sets up to 32 deg off the front, perspective included [S]


@dataclass(frozen=True)
class Level:
    """How much lower the left hand hangs at the bottom than in standing, degrees (the right one: -), half the width of
    the 90 % interval, when the first and the last bottom are; or the reason why it was not seen.
    """

    left_lower_deg: float
    error_deg: float
    first_s: float = float("nan")
    last_s: float = float("nan")
    reason: str = ""


def measure_level(time_s: FloatArray, xy_px: FloatArray, visibility: FloatArray) -> Level:
    """Return by how much the line of the wrists tilts, from (T, K, 2) landmarks and their (T, K) visibility: the median
    of the bottoms, which are to agree.
    """
    shoulders, hips = (
        xy_px[:, pair]
        for pair in ([Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER], [Landmark.LEFT_HIP, Landmark.RIGHT_HIP])
    )
    height_px = hips[:, :, 1].mean(axis=1) - shoulders[:, :, 1].mean(axis=1)
    if not np.isfinite(height_px).any():
        return _unseen("your shoulders and hips were never seen")
    tall_px = float(np.nanpercentile(height_px, TALL_PCT))
    standing = height_px >= STANDING_SHARE * tall_px
    broad_px = median(np.abs(shoulders[standing, 0, 0] - shoulders[standing, 1, 0]))
    if not tall_px > LEAST_TALL * broad_px:
        return _unseen("the clip does not show you standing")
    bottoms = _find_bottoms(height_px, standing, MOST_HINGED * tall_px)
    if len(bottoms) < MIN_BOTTOMS:
        return _unseen("this needs two reps or more: in a single one the camera may have turned")
    left, right = xy_px[:, Landmark.LEFT_WRIST], xy_px[:, Landmark.RIGHT_WRIST]
    if median(np.abs(left[:, 0] - right[:, 0])) < LEAST_APART * broad_px:
        return _unseen("your hands are too close together to see which one hangs lower")
    sure = (visibility[:, [Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST]] >= LEAST_HAND_VISIBILITY).all(axis=1)
    tilt_deg = np.where(sure, _tilt_deg(left, right), np.nan)
    changes = np.array([_settle(tilt_deg[at]) - _stand_beside(time_s, tilt_deg, standing, at) for at in bottoms])
    seen = changes[np.isfinite(changes)]
    if len(seen) < MIN_BOTTOMS:
        return _unseen("your hands were not seen well enough, at the bottom and in standing")
    scatter_deg = float(seen.std(ddof=1)) / np.sqrt(len(seen))
    error_deg = Z90 * float(np.hypot(HANDS_SIGMA_DEG, scatter_deg))
    return Level(median(seen), error_deg, float(time_s[bottoms[0].start]), float(time_s[bottoms[-1].stop - 1]))


def _unseen(reason: str) -> Level:
    return Level(float("nan"), float("nan"), reason=reason)


def _find_bottoms(height_px: FloatArray, standing: BoolArray, hinged_px: float) -> list[slice]:
    """Return the frames of each bottom: the lowest of each stretch between two standings, where that is a hinge."""
    stands = [run for run in finite_runs(standing) if run[1] - run[0] >= MIN_MOMENT_FRAMES]
    edges = [0, *(edge for run in stands for edge in run), len(standing)]
    bottoms = []
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        way_px = height_px[start:stop]
        if np.isfinite(way_px).any() and np.nanmin(way_px) <= hinged_px:
            low_px, high_px = float(np.nanmin(way_px)), float(np.nanmax(way_px))
            lowest = np.flatnonzero(way_px <= low_px + BOTTOM_SHARE * (high_px - low_px))
            bottoms.append(slice(start + int(lowest[0]), start + int(lowest[-1]) + 1))
    return bottoms


def _stand_beside(time_s: FloatArray, tilt_deg: FloatArray, standing: BoolArray, bottom: slice) -> float:
    """Return the mean tilt of the standing before and after a bottom, of the one where the clip shows no other."""
    stood = np.flatnonzero(standing)
    before, after = stood[stood < bottom.start], stood[stood >= bottom.stop]
    near = [
        part[np.abs(time_s[part] - time_s[part[edge]]) <= NEAR_STANDING_S]
        for part, edge in ((before, -1), (after, 0))
        if len(part)
    ]
    return float(np.mean([_settle(tilt_deg[part]) for part in near])) if near else float("nan")


def _tilt_deg(left_px: FloatArray, right_px: FloatArray) -> FloatArray:
    """Return how far the left wrist (T, 2) is below the right one, degrees off the level (T,), in -90..90.

    Which one is on which side of the picture is one answer for the whole clip: a frame in which the model takes one
    hand for the other shows the same line.
    """
    step = left_px - right_px
    side = np.sign(median(step[:, 0]))
    step = np.where(step[:, :1] < 0, -step, step)
    return np.asarray(side * np.degrees(np.arctan2(step[:, 1], step[:, 0])))


def _settle(tilt_deg: FloatArray) -> float:
    """Return the median of a moment's tilts; NaN when too few were seen."""
    least = max(MIN_MOMENT_FRAMES, MIN_HANDS_SEEN * len(tilt_deg))
    return median(tilt_deg) if np.isfinite(tilt_deg).sum() >= least else float("nan")
