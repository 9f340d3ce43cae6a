"""Where an edited film cuts to a closer or a wider picture: what follows, brought to the size and place of what was
before.

A leg has one length and stands at one place throughout a set: of a lifter who is larger after a cut, the repetitions on
one side of it were lost.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from formcheck.data import BoolArray, FloatArray, PoseSequence
from formcheck.kinematics.other_postures import blank_frames
from formcheck.signals import count_samples, finite_runs, median
from formcheck.skeleton import SEGMENTS, SIDES, landmark

SIDE_S = 0.3  # to either side of a cut, in which the body is measured [D]
LEAST_FRAMES = 2  # on either side, of which it can be said how the size changes by itself
LANDING_S = 0.17  # after a cut the pose model takes so long to be on the body again [D]
LEAST_ZOOM = 0.07  # natural logarithm of the ratio of sizes; less may be the landmarks' own [D]
ALIKE = 0.04  # by which trunk, thighs and shins may differ in it, and a third of it more [D]
TREND = 2.0  # times what the size would have changed by itself, as of somebody who walks up to the camera [D]
LANDED_SHARE = 0.03  # of the size: so near to that afterwards, the model has landed [D]
BLURRED = 2  # frames on either side of a cut into which the second eye, which looks at every third, spreads it
SHARP = 0.85  # of the change comes within them [D]
MOST_WAY = 0.01  # of the size a frame: the joints' way through them, beyond the zoom [D]
JOINTS = ("shoulder", "hip", "knee", "ankle")
BODY = ("trunk", "thigh", "shank")


@dataclass(frozen=True)
class Zoom:
    """A cut before the frame `at`, after which the body is `scale` times as large; `begun` is the last frame before and
    `landed` the first after that are sure.
    """

    begun: int
    at: int
    landed: int
    scale: float


def join_shots(poses: PoseSequence, planted: str) -> tuple[PoseSequence, tuple[Zoom, ...]]:
    """Return the landmarks as if the picture had one size throughout, and where it changes; as they are without that.

    planted : the joint that a cut leaves where it was. Frames between a cut and the model's landing are NaN throughout.
    """
    zooms = find_zooms(poses.time_s, poses.xy_px)
    for zoom in reversed(zooms):
        poses = _undo(poses, zoom, planted)
    return poses, tuple(zooms)


def find_zooms(time_s: FloatArray, xy_px: FloatArray) -> list[Zoom]:
    """Return the cuts to another size, of landmarks (T, K, 2): trunk, thighs and shins change alike and at once."""
    lengths_px = np.stack([_measure(xy_px, name) for name in BODY], axis=1)
    rate_hz = 1.0 / float(np.median(np.diff(time_s))) if len(time_s) > 1 else 1.0
    side, landing = count_samples(SIDE_S, rate_hz), count_samples(LANDING_S, rate_hz)
    if side < LEAST_FRAMES or len(time_s) < 2 * side + landing:
        return []
    sure = _find_steps(lengths_px, side, landing)
    joints_px = np.stack([_middle(xy_px, joint) for joint in JOINTS], axis=1)
    found: list[Zoom] = []
    for first, stop in finite_runs(sure):
        zoom = _place(lengths_px, first + side, stop + side, side, landing)
        again = bool(found) and zoom.at - found[-1].at <= landing
        if not again and _is_sharp(lengths_px, zoom) and _keeps_shape(joints_px, lengths_px, zoom):
            found.append(zoom)
    return found


def _find_steps(lengths_px: FloatArray, side: int, landing: int) -> BoolArray:
    """Return where the lengths (T, 3) of `side` frames and of those after a landing differ, and alike: (T - 2 side -
    landing + 1,), counted from the first frame of the former. What has no length is not known.
    """
    logs = np.log(np.where(lengths_px > 0, lengths_px, np.nan))
    windows = np.lib.stride_tricks.sliding_window_view(logs, side, axis=0)  # (T - side + 1, 3, side)
    before, after = windows[: -side - landing], windows[side + landing :]
    change = np.median(after, axis=2) - np.median(before, axis=2)
    size = np.abs(change.mean(axis=1))
    trend = np.abs([_slope(each.mean(axis=1)) for each in (before, after)]).max(axis=0) * (side + landing)
    return np.asarray((size > LEAST_ZOOM + TREND * trend) & (np.ptp(change, axis=1) < ALIKE + size / 3))


def _middle(xy_px: FloatArray, joint: str) -> FloatArray:
    return np.asarray(xy_px[:, [landmark(side, joint) for side in SIDES]].mean(axis=1))


def _is_sharp(lengths_px: FloatArray, zoom: Zoom) -> bool:
    """Whether the size changes at the cut, not little by little."""
    before_px, after_px = (lengths_px[each].sum() for each in (zoom.begun, zoom.landed))
    change = float(np.log(zoom.scale))
    return float(np.log(after_px / before_px)) / change > SHARP and abs(change) > LEAST_ZOOM


def _keeps_shape(joints_px: FloatArray, lengths_px: FloatArray, zoom: Zoom) -> bool:
    """Whether the body holds still through the cut but for size and place: another one, or a lost one, does not."""
    before, after = joints_px[zoom.begun], joints_px[zoom.landed] / zoom.scale
    way_px = (after - after.mean(axis=0)) - (before - before.mean(axis=0))
    frames = zoom.landed - zoom.begun
    return float(np.sqrt((way_px**2).sum(axis=1).mean()) / lengths_px[zoom.begun].sum()) < MOST_WAY * frames


def _measure(xy_px: FloatArray, segment: str) -> FloatArray:
    """Return a segment's length (T,) px, between the middles of both sides."""
    lower, upper = (_middle(xy_px, joint) for joint in SEGMENTS[segment])
    return np.asarray(np.linalg.norm(upper - lower, axis=1))


def _slope(size: FloatArray) -> FloatArray:
    """Return by how much (N, side) values change a sample, (N,), from one half of them to the other."""
    half = size.shape[1] // 2
    return np.asarray((np.median(size[:, -half:], axis=1) - np.median(size[:, :half], axis=1)) / (size.shape[1] - half))


def _place(lengths_px: FloatArray, first: int, stop: int, side: int, landing: int) -> Zoom:
    """Return the zoom whose cut lies somewhere in the frames from `first` to `stop` and a landing: where the size jumps
    most.
    """
    size_px = lengths_px.sum(axis=1)
    near = np.arange(first, min(stop + landing, len(size_px)))
    steps = np.abs(np.log(size_px[near] / size_px[near - 1]))
    at = int(near[np.nanargmax(steps)]) if np.isfinite(steps).any() else first
    before_px = median(size_px[max(at - side, 0) : at])
    after_px = median(size_px[at + landing : at + landing + side])
    there = np.abs(size_px[at : at + landing] / after_px - 1) <= LANDED_SHARE
    landed = at + (int(np.argmax(there)) if there.any() else landing)
    return Zoom(max(at - 1 - BLURRED, 0), at, min(landed + BLURRED, len(size_px) - 1), after_px / before_px)


def _undo(poses: PoseSequence, zoom: Zoom, planted: str) -> PoseSequence:
    joint_px = _middle(poses.xy_px, planted)
    around = count_samples(SIDE_S, 1.0 / float(np.median(np.diff(poses.time_s))))
    was_px, is_px = (
        joint_px[max(zoom.begun + 1 - around, 0) : zoom.begun + 1],
        joint_px[zoom.landed : zoom.landed + around],
    )
    origin_px = np.array([median(is_px[:, axis]) for axis in (0, 1)])
    target_px = np.array([median(was_px[:, axis]) for axis in (0, 1)])

    move_px = target_px - origin_px / zoom.scale
    frame = np.arange(len(poses.time_s))

    def put(values: FloatArray, *move: float) -> FloatArray:
        after = (frame >= zoom.landed).reshape(-1, *[1] * (values.ndim - 1))
        return np.where(after, values / zoom.scale + np.array(move), values)

    seen: dict[str, Any] = {"xy_px": put(poses.xy_px, *move_px)}
    if poses.plate_px is not None:
        seen["plate_px"] = put(poses.plate_px, *move_px, 0.0)
    if poses.edge_px is not None:
        seen["edge_px"] = put(poses.edge_px, move_px[0])
    back = poses.back
    if back is not None:
        seen["back"] = replace(back, chord_px=put(back.chord_px, *move_px), depth_px=put(back.depth_px, 0.0))
    return blank_frames(replace(poses, **seen), (frame > zoom.begun) & (frame < zoom.landed))
