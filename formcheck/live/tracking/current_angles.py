"""Where the body is now: the offline channels of one filtered picture, measured from how this athlete stands.

The angles are those of `joint_angles.measure_channels`; what it needs to know beforehand (near side, facing, length of
the leg, planted foot) is learnt from the last seconds and learnt anew as they go on.
"""

from dataclasses import dataclass

import numpy as np

from formcheck import signals
from formcheck.data import FloatArray, PoseSequence, View
from formcheck.geometry import FACING_SIGN, distance, incline, wrap
from formcheck.kinematics.bases import Base
from formcheck.kinematics.camera_view import judge_view
from formcheck.kinematics.joint_angles import find_upright, measure_channels
from formcheck.skeleton import CHAIN, landmark

LEAST_STANDING = 5  # pictures of an upright trunk, without which the leg is measured in all of them


@dataclass(frozen=True, eq=False)
class Stance:
    """What the last seconds tell of camera and athlete. leg_px : thigh plus shank. body_px : head to ankle, roughly.

    ankle_px : (2,) the planted ankle. shank_px : (2,) from knee to ankle where both lie on the floor.
    """

    view: View
    base: Base
    leg_px: float
    ankle_px: FloatArray
    shank_px: FloatArray

    @property
    def body_px(self) -> float:
        """About the length of the body: the scale of its speeds."""
        return 2.0 * self.leg_px


def learn_stance(poses: PoseSequence, base: Base) -> Stance | None:
    """Return the stance of somebody seen in `poses`, or None when the leg was never seen."""
    view = judge_view(poses, base)
    shoulder, hip, knee, ankle = (
        poses.xy_px[:, landmark(view.side, joint)] for joint in ("shoulder", "hip", "knee", "ankle")
    )
    upright = find_upright(incline(hip, shoulder, view.facing))
    if upright.sum() < LEAST_STANDING or base.posture is None:
        upright = np.isfinite(hip[:, 0])
    leg_px = signals.median(distance(knee, hip)[upright]) + signals.median(distance(ankle, knee)[upright])
    if not leg_px > 0:
        return None
    return Stance(view, base, leg_px, _middle(ankle), _middle(ankle - knee))


def _middle(track: FloatArray) -> FloatArray:
    return np.array([signals.median(track[:, axis]) for axis in (0, 1)])


def measure_edge_now(edge_px: FloatArray, stance: Stance) -> float:
    """Return how far the body's edge behind the hips, of those to the left and to the right of them (2,) px, is behind
    the planted ankle, leg lengths; NaN where the mask shows none.
    """
    side = stance.view.facing
    return float(-FACING_SIGN[side] * (edge_px[0 if side == "right" else 1] - stance.ankle_px[0]) / stance.leg_px)


def measure_now(xy_px: FloatArray, stance: Stance) -> dict[str, float]:
    """Return the channels of one picture's landmarks (K, 2), as `joint_angles.measure_channels` names them; NaN for
    what is not seen. Also `curl_deg`, the size of the knee's bend by the ankle as it is seen: nothing may hold it while
    the lift is not known.
    """
    side = stance.view.side
    joints = {joint: xy_px[None, landmark(side, joint)] for joint in CHAIN}
    hips = xy_px[[landmark("left", "hip"), landmark("right", "hip")]]
    joints["hip_mid"] = hips.mean(axis=0)[None]
    shank_deg = incline(joints["ankle"], joints["knee"], stance.view.facing)
    joints["ankle"] = stance.base.place_ankle(joints["knee"], joints["ankle"], stance.ankle_px, stance.shank_px)
    channels = measure_channels(joints, stance.leg_px, stance.view, stance.base.planted)
    now = {name: float(values[0]) for name, values in channels.items()}
    now["curl_deg"] = abs(float(wrap(shank_deg[0] - now["thigh_deg"])))
    return now
