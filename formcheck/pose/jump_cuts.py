"""Where picture and body jump at once: a cut, after which the clock says nothing of what came between."""

import numpy as np

from formcheck.data import BoolArray, FloatArray
from formcheck.skeleton import SIDES, landmark

LIVELIEST = 0.05  # of the picture's blocks are what a body fills; their mean change is the picture's
AROUND = 2  # frames to either side of a cut ...
PICTURE_JUMP = 2.5  # ... than whose liveliest the picture changes so many times more ...
LEAST_LEVELS = 4.0  # ... and by so many grey levels at least [D]
LANDED = 4  # frames within which the landmarks are on the body again
BODY_JUMP = 2.0  # times the way that the body would have gone at the speed that it has around the cut ...
LEAST_JUMP_BODY = 0.03  # ... and so many body lengths more [D]
SPEED_S = 0.5  # to either side, in which that speed is read
JOINTS = ("shoulder", "hip", "knee", "ankle", "wrist")


def measure_change(before: FloatArray, after: FloatArray) -> float:
    """Return by how many grey levels two thumbnails of one size differ where they differ most."""
    differences = np.abs(after - before).ravel()
    most = max(1, round(LIVELIEST * len(differences)))
    return float(np.partition(differences, -most)[-most:].mean())


def find_cuts(time_s: FloatArray, change: FloatArray, xy_px: FloatArray) -> FloatArray:
    """Return the times (C,) of the first frames after cuts.

    time_s : (T,). change : (T,), grey levels from the frame before to this one (see `measure_change`), NaN where
    unknown. xy_px : (T, K, 2), NaN where nobody was seen. A frame that comes late may have changed by as much more. A
    cut through which nobody is seen, or in which the body stays where it is, is none.
    """
    if len(time_s) < 2 * AROUND + 2:
        return np.empty(0)
    late = np.maximum(np.diff(time_s, prepend=time_s[0]) / np.median(np.diff(time_s)), 1.0)
    change = np.nan_to_num(change / late)
    padded: FloatArray = np.pad(change, AROUND)
    others = np.stack([padded[AROUND + by : AROUND + by + len(change)] for by in (-2, -1, 1, 2)])
    spikes = np.flatnonzero((change > PICTURE_JUMP * others.max(axis=0)) & (change > LEAST_LEVELS))
    joints_px = xy_px[:, [landmark(side, joint) for side in SIDES for joint in JOINTS]]
    return np.array([time_s[at] for at in spikes if at and _body_jumps(time_s, joints_px, int(at))])


def _body_jumps(time_s: FloatArray, joints_px: FloatArray, at: int) -> bool:
    """Whether the joints (T, J, 2) go further about the frame `at` than their speed around it explains."""
    seen: BoolArray = np.asarray(np.isfinite(joints_px).all(axis=(1, 2)))
    before = np.flatnonzero(seen[:at])
    after = at + np.flatnonzero(seen[at : at + LANDED + 1])
    if not len(before) or not len(after) or time_s[at] - time_s[before[-1]] > SPEED_S:
        return False
    first, last = int(before[-1]), int(after[-1])
    length_px = float(np.nanmax(np.ptp(joints_px[first], axis=0)))
    near = np.flatnonzero(seen & (np.abs(time_s - time_s[at]) <= SPEED_S))
    parted = (near[1:] - near[:-1] == 1) & ~((near[1:] > first) & (near[:-1] < last))
    steps = near[1:][parted]
    if not len(steps) or not length_px > 0:
        return False
    speeds = _way_px(joints_px[steps - 1], joints_px[steps]) / (time_s[steps] - time_s[steps - 1])
    explained_px = BODY_JUMP * float(np.median(speeds)) * (time_s[last] - time_s[first])
    gone_px = float(_way_px(joints_px[first], joints_px[last]))
    return bool(gone_px > explained_px + LEAST_JUMP_BODY * length_px)


def _way_px(before_px: FloatArray, after_px: FloatArray) -> FloatArray:
    """Return how far the joint goes that goes third furthest, px: (..., J, 2) twice -> (...); two may be wrong."""
    ways = np.linalg.norm(after_px - before_px, axis=-1)
    return np.asarray(np.sort(ways, axis=-1)[..., -3])
