"""Whether landmarks have left the body, so that a larger model should have a second look at the whole video.

The model follows a body from frame to frame. It can lose the legs behind a weight or to an arm, or begin a chunk in a
bend that its detector does not know, and then stays wrong for long. That shows: bones get short, joints leap. A larger
model with a longer run-up often holds on where the first one let go. It looks at all of the video, not at the bad part
of it: two models disagree by a few degrees, and one set must not be measured with two rulers.
"""

from collections.abc import Mapping

import numpy as np

from formcheck.data import BoolArray, FloatArray
from formcheck.kinematics.camera_view import find_near_side
from formcheck.pose.jump_cuts import LANDED
from formcheck.skeleton import landmark

LARGER = {"lite": "full", "full": "heavy"}  # the model for a second look
RUN_UP = 30  # sampled frames that warm up a chunk of a second look: a second, in which the tracker finds its feet
LONG_PCT = 80.0  # percentile of a bone's length in the picture that stands for the whole bone ...
SHORT = 0.6  # ... a share of it below which its ends are not where they are said to be; 45 deg of yaw leave 0.7 [D]
# Trunk-thigh-shank lengths a second by which the four joints of the near side move on average between two frames: up to
# 1.0 in rendered lifts, 2.0 in real falls; 2.4 and more where landmarks leap [D: development, shipped and real clips].
LEAP_PER_S = 2.0
# Share of the frames that are suspect, above which there is a second look: 0 in 20 of the 23 development and shipped
# clips that were looked at, 0.006 and more in the others [D].
LOOK_AGAIN = 0.005
FEWER = 0.7  # times as many suspect frames as the first look has the second one at most, or the first one stays [D]


def find_suspects(
    xy_px: FloatArray, visibility: FloatArray, time_s: FloatArray, there_s: FloatArray | None = None
) -> BoolArray:
    """Return the frames (T,) in which the near side of a lifter cannot be where the landmarks are, or has none.

    xy_px : (T, K, 2). visibility : (T, K). time_s : (T,). there_s : moments at which the lifter is known to be in the
    picture. A frame is suspect when thigh or shank look too short, when the joints have leapt there or leap away, and
    when it is NaN between two that are not, or between two of `there_s`. The trunk may look as short as it likes: it
    turns towards the camera when that stands oblique.
    """
    seen = np.flatnonzero(np.isfinite(xy_px[:, 0, 0]))
    suspects = np.zeros(len(xy_px), bool)
    if not len(seen):
        return suspects
    side = find_near_side(visibility)
    joints = np.stack([xy_px[:, landmark(side, name)] for name in ("shoulder", "hip", "knee", "ankle")])
    bones_px = np.linalg.norm(np.diff(joints, axis=0), axis=2)
    whole_px = np.nanpercentile(bones_px, LONG_PCT, axis=1)
    with np.errstate(invalid="ignore"):
        suspects |= (bones_px[1:] < SHORT * whole_px[1:, None]).any(axis=0)
        steps = np.linalg.norm(np.diff(joints, axis=1), axis=2).mean(axis=0) / whole_px.sum()
        leaps = steps > LEAP_PER_S * np.diff(time_s)
    suspects |= np.append(leaps, False) | np.append(False, leaps)
    known_s = np.append(time_s[seen], [] if there_s is None else there_s)
    suspects |= ~np.isfinite(xy_px[:, 0, 0]) & (time_s >= known_s.min()) & (time_s <= known_s.max())
    return suspects


def share_suspect(arrays: Mapping[str, FloatArray], there_s: FloatArray, cuts_s: FloatArray) -> float:
    """Return the share of a finished pass's frames that are suspect; about a cut (C,) the body itself leaps."""
    suspects = find_suspects(arrays["xy_px"], arrays["visibility"], arrays["time_s"], there_s)
    for cut in np.searchsorted(arrays["time_s"], cuts_s):
        suspects[max(0, cut - 1) : cut + LANDED] = False
    return float(suspects.mean())
