"""Frames in another posture than that of the lift: who kneels, sits or lies where it is done standing, or stands where
it is done kneeling, sitting or lying. They come before it, after it, or with another lift in the same film.

The direction that the body faces, its leg, its upright outline and its repetitions are those of the whole clip: such a
stretch would turn them.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from formcheck.data import BoolArray, FloatArray, PoseSequence
from formcheck.signals import count_samples, median, regular_times, resample, running_median, window_length
from formcheck.skeleton import Landmark

POSTURE_S = 1.0  # window of the running median: shorter are landmarks that jumped [D]
# Of its usual length: behind plates a shin looked a third to two thirds as long, and level, in four of 500 sets [S].
WHOLE_SEGMENT = 0.7
MARGIN_S = 0.5  # before and after, in which the lifter gets down or up [D]
MOST_OTHER = 0.7  # of the frames that are seen: whoever kneels longer does no standing lift, and is told so [D]
SHINS = (Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE)  # the left one's; the right one's follow it
THIGHS = (Landmark.LEFT_HIP, Landmark.LEFT_KNEE)


@dataclass(frozen=True)
class Posture:
    """What a lifter does in it, and how the middle of both segments (the left one's upper and lower landmark) leans
    from upright, more than `above_deg` and less than `below_deg`.
    """

    does: str
    segment: tuple[int, int]
    above_deg: float = -1.0
    below_deg: float = 181.0

    def holds(self, lean_deg: FloatArray) -> BoolArray:
        """Return where leans (T,) are those of the posture; NaN is False."""
        return np.asarray((lean_deg > self.above_deg) & (lean_deg < self.below_deg))


OFF_FEET = Posture("kneel, sit or lie", SHINS, above_deg=60.0)  # in hinges shins lean up to 25, in squats up to 45 [D]
ON_FEET = Posture("stand", SHINS, below_deg=30.0)  # where shins are held level [D]
UPRIGHT = Posture("stand", THIGHS, below_deg=30.0)  # where thighs lie on a machine, and shins swing up [D]


def leave_out(poses: PoseSequence, other: Posture) -> tuple[PoseSequence, float]:
    """Return the landmarks without the stretches in another posture for a second or so, NaN throughout there, and the
    share of the frames that this takes. Unchanged where there are none, or hardly others.
    """
    lean_deg = _measure_lean(poses.xy_px, other)
    out = _find_stretches(poses.time_s, lean_deg, other)
    if not out.any() or out.sum() > MOST_OTHER * np.isfinite(lean_deg).sum():
        return poses, 0.0
    return blank_frames(poses, out), float(np.mean(out & np.isfinite(poses.xy_px[:, :, 0]).any(axis=1)))


def _measure_lean(xy_px: FloatArray, other: Posture) -> FloatArray:
    """Return how far the segments of a posture lean from upright, (T,) deg, 180 upside down; NaN where they look much
    shorter than in other postures, as behind a plate.
    """
    upper, lower = (xy_px[:, [left, left + 1]].mean(axis=1) for left in other.segment)
    across, down = (lower - upper).T
    lean_deg, length_px = np.degrees(np.arctan2(np.abs(across), down)), np.hypot(across, down)
    usual_px = median(length_px[~other.holds(lean_deg)])
    return np.where(length_px >= WHOLE_SEGMENT * usual_px, lean_deg, np.nan)


def _find_stretches(time_s: FloatArray, lean_deg: FloatArray, other: Posture) -> BoolArray:
    grid_s = regular_times(time_s)
    rate_hz = 1.0 / float(np.median(np.diff(grid_s)))
    even_deg = resample(time_s, lean_deg, grid_s, POSTURE_S)
    out = other.holds(running_median(even_deg, window_length(POSTURE_S, rate_hz)))
    margin = count_samples(MARGIN_S, rate_hz)
    wide = np.lib.stride_tricks.sliding_window_view(np.pad(out, margin), 2 * margin + 1).any(axis=1)
    return np.asarray(np.interp(time_s, grid_s, wide.astype(float)) > 0)


def blank_frames(poses: PoseSequence, out: BoolArray) -> PoseSequence:
    """Return the landmarks, NaN throughout in the frames `out` (T,)."""

    def blank(values: FloatArray) -> FloatArray:
        return np.where(out.reshape(-1, *[1] * (values.ndim - 1)), np.nan, values)

    names = ("xy_px", "world_m", "visibility", "plate_px", "edge_px")
    seen: dict[str, Any] = {name: blank(values) for name in names if (values := getattr(poses, name)) is not None}
    back = poses.back
    if back is not None:
        seen["back"] = replace(back, chord_px=blank(back.chord_px), depth_px=blank(back.depth_px))
    return replace(poses, **seen)
