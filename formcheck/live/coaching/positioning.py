"""What has to change before a set can be watched: where to stand, and how."""

import numpy as np

from formcheck.data import PoseSequence
from formcheck.live.tracking.current_angles import Stance
from formcheck.live.tracking.pose_buffer import Trace
from formcheck.pose.person_tracking import body_length
from formcheck.skeleton import Landmark, landmark

STEP_IN = "Step into the picture."
STEP_BACK = "Step back. I need your whole body in the picture."
COME_CLOSER = "Come closer to the camera."
TURN = "Turn side-on to the camera."
READY = "You're in the picture."

LOOK_S = 1.0  # what the guide goes by
LEAST_SEEN_SHARE = 0.6  # of the pictures
LEAST_HEIGHT_SHARE = 0.22  # of the picture's height; and ...
LEAST_BODY_PX = 80.0  # ... pixels, as offline
BEYOND = 0.02  # of the picture's sides by which a joint may lie outside: landmarks of toes at the edge tremble


def find_fault(trace: Trace, poses: PoseSequence | None, stance: Stance | None) -> str | None:
    """Return what to tell the athlete, or None when the set may begin."""
    if poses is None or stance is None or trace.share_seen(LOOK_S) < LEAST_SEEN_SHARE:
        return STEP_IN
    middle_px = np.nanmedian(poses.xy_px, axis=0)
    size_px = np.array(poses.size_px, float)
    side = stance.view.side
    ends = middle_px[[Landmark.NOSE, *(landmark(side, joint) for joint in ("hip", "knee", "ankle"))]] / size_px
    if (ends < -BEYOND).any() or (ends > 1 + BEYOND).any():
        return STEP_BACK
    if float(body_length(middle_px)) < max(LEAST_BODY_PX, LEAST_HEIGHT_SHARE * size_px[1]):
        return COME_CLOSER
    return TURN if stance.view.verdict == "red" else None
