"""PoseSequence -> Tracks: the near side on an even grid, with label swaps, outliers and short gaps mended and
counted.
"""

import numpy as np

from formcheck import signals
from formcheck.data import BackContour, BoolArray, FloatArray, PoseSequence, Tracks
from formcheck.signals import MAX_GAP_S
from formcheck.skeleton import CHAIN, SIDES, Side, landmark

OUTLIER_WINDOW_S = 0.4  # the fastest joint of a lift changes little within it
OUTLIER_FLOOR_BODY = 0.03  # of hip to ankle: about three times the landmarks' own noise on real side views [D]
SWAP_STEP_BODY = 0.02  # what changing labels must save in path length, of hip to ankle, to be believed [D]
SWAP_STAY_BODY = 0.001  # and every frame that stays swapped: among equals the model's own labels hold [D]
LEG = ("hip", "knee", "ankle", "heel", "foot_index")


def repair_tracks(poses: PoseSequence, near: Side) -> Tracks:
    """Return the joints of the side `near`, evenly sampled and mended, and `hip_mid`, the middle of both hips.

    Order: left/right swaps of the legs undone, even grid (linear, gaps up to 0.2 s), outliers (Hampel) removed, gaps up
    to 0.2 s bridged (PCHIP). Longer gaps stay NaN, and so does what lies before the first or after the last frame in
    which the lifter was found. An outlier in the very first or last frame cannot be told from motion and stays.
    `poses` holds at least two frames.
    """
    detected = np.isfinite(poses.xy_px[:, :, 0]).any(axis=1)
    grid_s = signals.regular_times(poses.time_s)
    rate_hz = 1.0 / float(np.median(np.diff(grid_s)))
    body_px = measure_body(poses.xy_px, near)
    swapped = find_swaps(poses.xy_px, body_px)
    xy_px = signals.resample(poses.time_s, _swap_legs(poses.xy_px, swapped), grid_s, MAX_GAP_S)
    joints_px, outliers, filled = {}, np.zeros(len(grid_s), bool), np.zeros(len(grid_s), bool)
    for joint in (*CHAIN, "hip_mid"):
        track_px = _find_mid_hip(xy_px) if joint == "hip_mid" else xy_px[:, landmark(near, joint)]
        wild = find_wild(track_px, rate_hz, body_px)
        torn = np.where(wild[:, None], np.nan, track_px)
        length = signals.count_samples(MAX_GAP_S, rate_hz)
        mended = np.stack([signals.fill_gaps(torn[:, axis], length) for axis in (0, 1)], axis=1)
        joints_px[joint] = mended
        if joint in ("shoulder", *LEG[:3]):
            outliers |= wild
            filled |= np.isfinite(mended[:, 0]) & ~np.isfinite(torn[:, 0])
    missing = len(grid_s) - int(np.isfinite(xy_px[:, :, 0]).any(axis=1).sum())
    between = max(0, int((~detected).sum()) - missing)
    return Tracks(
        time_s=grid_s,
        rate_hz=rate_hz,
        joints_px=joints_px,
        back=_resample_back(poses, grid_s),
        detected_fraction=float(detected.mean()),
        n_swapped=int(swapped.sum()),
        n_outliers=int(outliers.sum()),
        n_interpolated=int(filled.sum()) + between,
        plate_px=None if poses.plate_px is None else signals.resample(poses.time_s, poses.plate_px, grid_s, MAX_GAP_S),
        edge_px=None if poses.edge_px is None else signals.resample(poses.time_s, poses.edge_px, grid_s, MAX_GAP_S),
    )


def measure_body(xy_px: FloatArray, side: Side) -> float:
    """Return the median length of thigh plus shank of one side, px: the scale of what counts as a jump. (T, K, 2)
    in. NaN when the leg was never seen, or has no length.
    """
    hip, knee, ankle = (xy_px[:, landmark(side, joint)] for joint in ("hip", "knee", "ankle"))
    legs = np.linalg.norm(hip - knee, axis=1) + np.linalg.norm(knee - ankle, axis=1)
    return signals.median(legs) or float("nan")


def find_swaps(xy_px: FloatArray, body_px: float) -> BoolArray:
    """Return the frames (T,) in which the legs carry each other's labels.

    The cheapest path through two states, as labelled and swapped: a step costs the mean way the legs' landmarks travel
    between frames in that reading (in `body_px`), a change of state SWAP_STEP_BODY more, a swapped frame
    SWAP_STAY_BODY. Legs that coincide in the picture are left as they are. Labels that are swapped for seconds are
    not found: then the near side's own are the far leg's.
    """
    left = xy_px[:, [landmark("left", joint) for joint in LEG]]
    right = xy_px[:, [landmark("right", joint) for joint in LEG]]
    stay = _path(left[:-1], left[1:]) + _path(right[:-1], right[1:])
    cross = _path(left[:-1], right[1:]) + _path(right[:-1], left[1:])
    stay, cross = np.nan_to_num(stay / body_px), np.nan_to_num(cross / body_px)
    n_frames = len(xy_px)
    came_from = np.zeros((n_frames, 2), int)
    staying = np.array([0.0, SWAP_STAY_BODY])
    cost = staying
    for frame in range(1, n_frames):
        keep, change = stay[frame - 1], cross[frame - 1] + SWAP_STEP_BODY
        ways = np.array([[cost[0] + keep, cost[1] + change], [cost[0] + change, cost[1] + keep]])
        came_from[frame] = ways.argmin(axis=1)
        cost = ways.min(axis=1) + staying
    states = np.zeros(n_frames, int)
    states[-1] = int(cost.argmin())
    for frame in range(n_frames - 1, 0, -1):
        states[frame - 1] = came_from[frame, states[frame]]
    return np.asarray(states == 1)


def find_wild(track_px: FloatArray, rate_hz: float, body_px: float) -> BoolArray:
    """Return where a (T, 2) track leaves its own running median by more than its spread and 3 % of the leg allow."""
    length = signals.window_length(OUTLIER_WINDOW_S, rate_hz)
    floor_px = OUTLIER_FLOOR_BODY * body_px
    wild = [signals.find_outliers(track_px[:, axis], length, floor_px) for axis in (0, 1)]
    return np.asarray(wild[0] | wild[1])


def _swap_legs(xy_px: FloatArray, swapped: BoolArray) -> FloatArray:
    left, right = ([int(landmark(side, joint)) for joint in LEG] for side in SIDES)
    result = xy_px.copy()
    result[:, left] = np.where(swapped[:, None, None], xy_px[:, right], xy_px[:, left])
    result[:, right] = np.where(swapped[:, None, None], xy_px[:, left], xy_px[:, right])
    return result


def _find_mid_hip(xy_px: FloatArray) -> FloatArray:
    """Return the middle of the hips; one side for both where the other was never seen (landmarks from elsewhere)."""
    both = [xy_px[:, landmark(side, "hip")] for side in SIDES]
    seen = [each for each in both if np.isfinite(each).any()] or both
    return np.asarray(np.mean(seen, axis=0))


def _path(before_px: FloatArray, after_px: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.norm(after_px - before_px, axis=2).mean(axis=1))


def _resample_back(poses: PoseSequence, grid_s: FloatArray) -> BackContour | None:
    if poses.back is None:
        return None
    return BackContour(
        chord_px=signals.resample(poses.time_s, poses.back.chord_px, grid_s, MAX_GAP_S),
        stations=poses.back.stations,
        depth_px=signals.resample(poses.time_s, poses.back.depth_px, grid_s, MAX_GAP_S),
    )
