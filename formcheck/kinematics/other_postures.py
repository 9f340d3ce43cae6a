"""Frames in another posture than that of the lift: who kneels, sits or lies where it is done standing, or stands where
it is done kneeling, sitting or lying. They come before it, after it, or with another lift in the same film.

The direction that the body faces, its leg, its upright outline and its repetitions are those of the whole clip: such a
stretch would turn them.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from formcheck.data import BoolArray, FloatArray, PoseSequence
from formcheck.signals import count_samples, median, regular_times, resample, running_median, window_length
from formcheck.skeleton import Landmark

OFF_FEET_SHANK_DEG = 60.0  # of the shins' lean; in hinges they lean up to 25 deg, in deep squats up to 45 [D]
ON_FEET_DEG = (
    30.0  # the same of who stands where shins are held level, and of the thighs where those lie on a bench [D]
)
POSTURE_S = 1.0  # window of the running median: shorter are landmarks that jumped [D]
# Of its usual length: behind plates a shin looked a third to two thirds as long, and level, in four of 500 sets [S].
WHOLE_SEGMENT = 0.7
MARGIN_S = 0.5  # before and after, in which the lifter gets down or up [D]
SHINS = (Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE)  # the left one's; the right one's follow it
THIGHS = (Landmark.LEFT_HIP, Landmark.LEFT_KNEE)
MOST_OTHER = 0.7  # of the frames that are seen: whoever kneels longer does no standing lift, and is told so [D]


IsOther = Callable[[FloatArray], BoolArray]


def leave_out_off_feet(poses: PoseSequence) -> tuple[PoseSequence, float]:
    """Return the landmarks without the stretches in which the shins are nearer to level than to upright for a second or
    so, NaN throughout there, and the share of the frames that this takes. Unchanged where there are none, or hardly
    others.
    """
    return _leave_out(poses, SHINS, lambda lean_deg: lean_deg > OFF_FEET_SHANK_DEG)


def leave_out_upright_shins(poses: PoseSequence) -> tuple[PoseSequence, float]:
    """Return the same without the stretches in which the shins are upright."""
    return _leave_out(poses, SHINS, lambda lean_deg: lean_deg < ON_FEET_DEG)


def leave_out_upright_thighs(poses: PoseSequence) -> tuple[PoseSequence, float]:
    """Return the same without the stretches in which the thighs are upright."""
    return _leave_out(poses, THIGHS, lambda lean_deg: lean_deg < ON_FEET_DEG)


def _leave_out(poses: PoseSequence, segment: tuple[int, int], is_other: IsOther) -> tuple[PoseSequence, float]:
    lean_deg = _measure_lean(poses.xy_px, segment, is_other)
    other = _find_stretches(poses.time_s, lean_deg, is_other)
    if not other.any() or other.sum() > MOST_OTHER * np.isfinite(lean_deg).sum():
        return poses, 0.0
    return _without(poses, other), float(np.mean(other & np.isfinite(poses.xy_px[:, :, 0]).any(axis=1)))


def _measure_lean(xy_px: FloatArray, segment: tuple[int, int], is_other: IsOther) -> FloatArray:
    """Return how far the middle of both segments leans from upright, (T,) deg, 180 upside down; NaN where it looks much
    shorter than usual, as behind a plate.
    """
    upper, lower = (xy_px[:, [left, left + 1]].mean(axis=1) for left in segment)
    across, down = (lower - upper).T
    lean_deg, length_px = np.degrees(np.arctan2(np.abs(across), down)), np.hypot(across, down)
    with np.errstate(invalid="ignore"):
        usual_px = median(length_px[~is_other(lean_deg)])
        return np.where(length_px >= WHOLE_SEGMENT * usual_px, lean_deg, np.nan)


def _find_stretches(time_s: FloatArray, lean_deg: FloatArray, is_other: IsOther) -> BoolArray:
    grid_s = regular_times(time_s)
    rate_hz = 1.0 / float(np.median(np.diff(grid_s)))
    even_deg = resample(time_s, lean_deg, grid_s, POSTURE_S)
    with np.errstate(invalid="ignore"):
        other = is_other(running_median(even_deg, window_length(POSTURE_S, rate_hz)))
    margin = count_samples(MARGIN_S, rate_hz)
    wide = np.lib.stride_tricks.sliding_window_view(np.pad(other, margin), 2 * margin + 1).any(axis=1)
    return np.asarray(np.interp(time_s, grid_s, wide.astype(float)) > 0)


def _without(poses: PoseSequence, other: BoolArray) -> PoseSequence:
    """Return the landmarks, NaN in the frames `other` (T,)."""

    def blank(values: FloatArray) -> FloatArray:
        return np.where(other.reshape(-1, *[1] * (values.ndim - 1)), np.nan, values)

    names = ("xy_px", "world_m", "visibility", "plate_px", "edge_px")
    seen: dict[str, Any] = {name: blank(values) for name in names if (values := getattr(poses, name)) is not None}
    back = poses.back
    if back is not None:
        seen["back"] = replace(back, chord_px=blank(back.chord_px), depth_px=blank(back.depth_px))
    return replace(poses, **seen)
