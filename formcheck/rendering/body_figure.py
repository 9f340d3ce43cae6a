"""What is drawn over a picture of the lifter: limbs, the outline of the back and the angles between segments.

The page draws it in the browser and `overlay` with OpenCV; both take it from here. Positions are px of the upright
picture, x right and y down; what is NaN is not drawn.
"""

import math
from dataclasses import dataclass

import numpy as np

from formcheck.data import BackContour, BoolArray, Finding, FloatArray, View
from formcheck.signals import MAX_GAP_S
from formcheck.skeleton import SIDES, Landmark, Side, landmark

JOINTS = ("ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "foot_index")
LIMBS: tuple[tuple[str, str], ...] = (
    ("ear", "shoulder"),
    ("shoulder", "elbow"),
    ("elbow", "wrist"),
    ("shoulder", "hip"),
    ("hip", "knee"),
    ("knee", "ankle"),
    ("ankle", "heel"),
    ("heel", "foot_index"),
    ("ankle", "foot_index"),
)


@dataclass(frozen=True)
class Angle:
    """An angle as it is drawn: an arc at a joint, from a segment made longer to the next one.

    From `base` through `at` and on is zero; the arc runs to the direction from `at` to `tip`. Without a base, zero is
    the vertical. `channel` of Kinematics holds its degrees.
    """

    channel: str
    label: str
    at: str
    tip: str
    base: str | None = None


ANGLES = (
    Angle("hip_flexion_deg", "hip", at="hip", base="knee", tip="shoulder"),
    Angle("knee_flexion_deg", "knee", at="knee", base="ankle", tip="hip"),
    Angle("trunk_deg", "trunk", at="hip", tip="shoulder"),
)


def may_show(view: View) -> bool:
    """Whether the camera stands near enough to the side view for numbers read off the picture to be shown."""
    return view.verdict != "red"


def drawn_angles(view: View) -> tuple[Angle, ...]:
    """Return the angles that may be shown: none where the camera stands too far off the side view to claim any."""
    return ANGLES if may_show(view) else ()


def joint_landmarks(side: Side) -> tuple[Landmark, ...]:
    """Landmarks that are drawn: JOINTS of `side` (the near one), then those of the other."""
    sides = (side, *(other for other in SIDES if other != side))
    return tuple(landmark(each, joint) for each in sides for joint in JOINTS)


def find_own_back(back: BackContour, facing: Side, standing: BoolArray) -> FloatArray:
    """Return the back as it stands: median depth (S,) over frames `standing` (T,), chord lengths; NaN where unseen."""
    length_px = np.linalg.norm(back.chord_px[:, 1] - back.chord_px[:, 0], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        depths = (back.dorsal_px(facing) / length_px[:, None])[standing]
    seen = np.isfinite(depths).any(axis=0)
    own = np.full(depths.shape[1], np.nan)
    own[seen] = np.nanmedian(depths[:, seen], axis=0)
    return own


def is_bent_back(finding: Finding) -> bool:
    """Whether a finding says that the back left its contour of standing, and when."""
    told = finding.verdict in {"note", "fault"} and math.isfinite(finding.start_s) and math.isfinite(finding.end_s)
    return told and finding.code.rpartition(".")[2] == "rounding"


def sample_at(time_s: FloatArray, values: FloatArray, moment_s: float) -> FloatArray:
    """Return `values` (T, ...) at a moment, linear, or the one neighbour that was seen; NaN over 0.2 s from any."""
    after = int(np.searchsorted(time_s, moment_s))
    low, high = max(after - 1, 0), min(after, len(time_s) - 1)
    span_s = time_s[high] - time_s[low]
    share = np.clip((moment_s - time_s[low]) / span_s, 0.0, 1.0) if span_s > 0 else 0.0
    nearest = high if share >= 0.5 else low
    if abs(time_s[nearest] - moment_s) > MAX_GAP_S:
        return np.full(values.shape[1:], np.nan)
    mixed = (1 - share) * values[low] + share * values[high]
    return np.asarray(np.where(np.isfinite(mixed), mixed, values[nearest]))
