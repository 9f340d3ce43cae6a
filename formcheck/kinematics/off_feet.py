"""Frames in which somebody whose lift is done standing kneels, sits or lies: before it, after it, or in another lift.

The direction that the body faces, its leg and its repetitions are those of the whole clip: such a stretch would turn
them.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from formcheck.data import BoolArray, FloatArray, PoseSequence
from formcheck.signals import count_samples, median, regular_times, resample, running_median, window_length
from formcheck.skeleton import Landmark

OFF_FEET_SHANK_DEG = 60.0  # of the shins' lean; in hinges they lean up to 25 deg, in deep squats up to 45 [D]
OFF_FEET_S = 1.0  # window of the running median: shorter are landmarks that jumped [D]
# Of its usual length: behind plates a shin looked a third to two thirds as long, and level, in four of 500 sets [S].
WHOLE_SHIN = 0.7
MARGIN_S = 0.5  # before and after, in which the lifter gets down or up [D]
MOST_OFF_FEET = 0.7  # of the frames that are seen: whoever kneels longer does no standing lift, and is told so [D]


def leave_out_off_feet(poses: PoseSequence) -> tuple[PoseSequence, float]:
    """Return the landmarks without the stretches in which the shins are nearer to level than to upright for a second or
    so, NaN throughout there, and the share of the frames that this takes. Unchanged where there are none, or hardly
    others.
    """
    lean_deg = _measure_shins(poses.xy_px)
    off = _find_off_feet(poses.time_s, lean_deg)
    if not off.any() or off.sum() > MOST_OFF_FEET * np.isfinite(lean_deg).sum():
        return poses, 0.0
    return _without(poses, off), float(np.mean(off & np.isfinite(poses.xy_px[:, :, 0]).any(axis=1)))


def _measure_shins(xy_px: FloatArray) -> FloatArray:
    """Return how far the middle of both shins leans from upright, (T,) deg, 180 with the ankles straight above; NaN
    where it looks much shorter than usual, as behind a plate.
    """
    knee, ankle = (xy_px[:, [left, left + 1]].mean(axis=1) for left in (Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE))
    across, down = (ankle - knee).T
    lean_deg, length_px = np.degrees(np.arctan2(np.abs(across), down)), np.hypot(across, down)
    with np.errstate(invalid="ignore"):
        usual_px = median(length_px[lean_deg <= OFF_FEET_SHANK_DEG])
        return np.where(length_px >= WHOLE_SHIN * usual_px, lean_deg, np.nan)


def _find_off_feet(time_s: FloatArray, lean_deg: FloatArray) -> BoolArray:
    grid_s = regular_times(time_s)
    rate_hz = 1.0 / float(np.median(np.diff(grid_s)))
    even_deg = resample(time_s, lean_deg, grid_s, OFF_FEET_S)
    with np.errstate(invalid="ignore"):
        off = running_median(even_deg, window_length(OFF_FEET_S, rate_hz)) > OFF_FEET_SHANK_DEG
    margin = count_samples(MARGIN_S, rate_hz)
    wide = np.lib.stride_tricks.sliding_window_view(np.pad(off, margin), 2 * margin + 1).any(axis=1)
    return np.asarray(np.interp(time_s, grid_s, wide.astype(float)) > 0)


def _without(poses: PoseSequence, off: BoolArray) -> PoseSequence:
    """Return the landmarks, NaN in the frames `off` (T,)."""

    def blank(values: FloatArray) -> FloatArray:
        return np.where(off.reshape(-1, *[1] * (values.ndim - 1)), np.nan, values)

    names = ("xy_px", "world_m", "visibility", "plate_px", "edge_px")
    seen: dict[str, Any] = {name: blank(values) for name in names if (values := getattr(poses, name)) is not None}
    back = poses.back
    if back is not None:
        seen["back"] = replace(back, chord_px=blank(back.chord_px), depth_px=blank(back.depth_px))
    return replace(poses, **seen)
