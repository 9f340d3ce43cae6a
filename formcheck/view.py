"""Where the camera stands, and so what may be claimed from the picture.

tan(projected angle) = tan(angle) cos(yaw): the worst error is 0.4, 1.0, 1.8 and 4.1 deg at 10, 15, 20 and 30 deg of
yaw. Verdict green up to 15 deg, amber to 30 (changes only), red beyond: no sagittal angle is claimed [D, biomechanics
notes section 1].
"""

from dataclasses import replace

import numpy as np

from formcheck.data import Base, FloatArray, PoseSequence, View
from formcheck.geometry import incline, wrap
from formcheck.signals import median
from formcheck.skeleton import SIDES, Landmark, Side, landmark

GREEN_YAW_DEG = 15.0
RED_YAW_DEG = 30.0
BENT_DEG = 10.0  # a knee that bends by more tells which way its body faces [D]


def find_facing(xy_px: FloatArray) -> Side:
    """Return the side of the picture that the feet point to: the sign of the median of toe minus heel, both feet,
    (T, K, 2) px. "left" when no foot was ever seen.
    """
    toes = xy_px[:, [Landmark.LEFT_FOOT_INDEX, Landmark.RIGHT_FOOT_INDEX], 0]
    heels = xy_px[:, [Landmark.LEFT_HEEL, Landmark.RIGHT_HEEL], 0]
    return "right" if median(toes - heels) > 0 else "left"


def find_facing_by_knees(xy_px: FloatArray) -> Side:
    """Return the side of the picture that a kneeling or prone lifter faces: held shanks lie behind the knees, and the
    toes point anywhere. Sign of the median of knee minus ankle, both legs, (T, K, 2) px; "left" when never seen.
    """
    knees = xy_px[:, [Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE], 0]
    ankles = xy_px[:, [Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE], 0]
    return "right" if median(knees - ankles) > 0 else "left"


def find_facing_by_bend(xy_px: FloatArray) -> Side:
    """Return the side of the picture that a lifter in a machine faces: knees bend backwards. Sign of the median knee
    flexion of both legs where it exceeds 10 deg, (T, K, 2) px; "left" when never seen.
    """
    flexion_deg = []
    for side in SIDES:
        hip, knee, ankle = (xy_px[:, landmark(side, joint)] for joint in ("hip", "knee", "ankle"))
        flexion_deg.append(wrap(incline(ankle, knee, "right") - incline(knee, hip, "right")))
    both_deg = np.concatenate(flexion_deg)
    with np.errstate(invalid="ignore"):
        return "right" if median(both_deg[np.abs(both_deg) > BENT_DEG]) > 0 else "left"


def find_near_side(visibility: FloatArray) -> Side:
    """Return the side of the body that faces the camera, from (T, K) visibility of shoulder, hip, knee and ankle.

    One answer for the whole set: the far leg's landmarks are guesses, and changing sides inside a set makes jumps. A
    frame that lacks one of the landmarks does not count; "left" when none is left or both sides are seen as well.
    """
    left = [Landmark.LEFT_SHOULDER, Landmark.LEFT_HIP, Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE]
    right = [Landmark.RIGHT_SHOULDER, Landmark.RIGHT_HIP, Landmark.RIGHT_KNEE, Landmark.RIGHT_ANKLE]
    complete = visibility[np.isfinite(visibility[:, left + right]).all(axis=1)]
    return "right" if complete[:, right].sum() > complete[:, left].sum() else "left"


def measure_yaw(world_m: FloatArray, trunk_deg: FloatArray) -> float:
    """Return how far the camera is off the side view, degrees in 0..90; NaN when the shoulders were never seen.

    The line of the shoulders in the model's own 3D guess (T, K, 3), against the viewing direction, median over the
    frames in which the trunk is near upright (within 25 deg of its most upright tenth). The line of the hips reads 9
    to 11 deg on side views of people where that of the shoulders reads 0 to 2 (four real RDL and deadlift clips, full
    model), so it is not used. A mirrored picture gives the same yaw.
    """
    if not np.isfinite(trunk_deg).any():
        return float("nan")
    upright = trunk_deg <= np.nanpercentile(trunk_deg, 10) + 25.0
    line = (world_m[:, Landmark.LEFT_SHOULDER] - world_m[:, Landmark.RIGHT_SHOULDER])[upright]
    line = line[np.all(np.isfinite(line), axis=1)]
    if not len(line):
        return float("nan")
    return float(np.median(np.degrees(np.arctan2(np.abs(line[:, 0]), np.abs(line[:, 2])))))


def take_word(view: View, poses: PoseSequence, side_view: Side | None) -> View:
    """Return the view with what the landmarks cannot tell and the user may say: which side of the body the camera saw.

    For landmarks from elsewhere. `side_view` settles the side, and the facing where no foot was ever seen (a camera at
    the right sees a lifter who faces right); without it the face does: nose before ears. Landmarks without depth give
    no yaw: red, unless the user's word stands for it (amber). Without a confidence that tells the sides apart, the side
    seen most is near, and among equals the one that the facing shows. Changes nothing about landmarks that tell all
    this themselves.
    """
    side = side_view or _find_side(view, poses)
    facing = view.facing
    if not np.isfinite(poses.xy_px[:, Landmark.LEFT_HEEL :, 0]).any():
        ears_px = poses.xy_px[:, [Landmark.LEFT_EAR, Landmark.RIGHT_EAR], 0]
        ahead_px = median(poses.xy_px[:, [Landmark.NOSE], 0] - ears_px)
        facing = side_view or ("right" if ahead_px > 0 else view.facing)
    if np.isfinite(view.yaw_deg) or np.isfinite(poses.world_m).any() or not np.isfinite(poses.xy_px).any():
        return replace(view, side=side, facing=facing)
    if side_view is None:
        reason = (
            "the landmarks hold no depth, so the camera's position is unknown: say --side-view left or right if it "
            "stood at that side of the lifter"
        )
        return View(side, facing, view.yaw_deg, "red", reason)
    reason = "the landmarks hold no depth: that the camera stood at the lifter's side is your word (--side-view)"
    return View(side, facing, view.yaw_deg, "amber", reason)


def _find_side(view: View, poses: PoseSequence) -> Side:
    joints = ("shoulder", "hip", "knee", "ankle")
    left, right = (poses.visibility[:, [landmark(side, joint) for joint in joints]] for side in SIDES)
    if np.isfinite(left + right).all(axis=1).any() and np.nansum(left) != np.nansum(right):
        return view.side
    if np.nansum(left) != np.nansum(right):
        return "left" if np.nansum(left) > np.nansum(right) else "right"
    return view.facing if np.isfinite(left).any() else view.side


def judge_view(poses: PoseSequence, base: Base = "feet") -> View:
    """Return the near side, the facing, the yaw and what it allows; `reason` says why when the verdict is not green."""
    find = {"feet": find_facing, "bench": find_facing_by_bend}.get(base, find_facing_by_knees)
    facing = find(poses.xy_px)
    hips_px = poses.xy_px[:, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=1)
    shoulders_px = poses.xy_px[:, [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]].mean(axis=1)
    yaw_deg = measure_yaw(poses.world_m, np.abs(incline(hips_px, shoulders_px, facing)))
    side = find_near_side(poses.visibility)
    if not np.isfinite(yaw_deg):
        return View(side, facing, yaw_deg, "red", "the shoulders were never seen, so the camera's position is unknown")
    if yaw_deg > RED_YAW_DEG:
        reason = (
            f"the camera is about {yaw_deg:.0f} deg off the side view (limit {RED_YAW_DEG:.0f}): film from "
            "the side, at hip height"
        )
        return View(side, facing, yaw_deg, "red", reason)
    if yaw_deg > GREEN_YAW_DEG:
        reason = (
            f"the camera is about {yaw_deg:.0f} deg off the side view: angles are a little small, their changes hold"
        )
        return View(side, facing, yaw_deg, "amber", reason)
    return View(side, facing, yaw_deg, "green")
