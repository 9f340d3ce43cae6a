"""Where the camera stands, and so what may be claimed from the picture.

tan(projected angle) = tan(angle) cos(yaw): the worst error is 0.4, 1.0, 1.8 and 4.1 deg at 10, 15, 20 and 30 deg of
yaw. Verdict green up to 15 deg, amber to 30 (changes only), red beyond: no sagittal angle is claimed [D;
docs/method.md].
"""

from dataclasses import replace
from itertools import groupby

import numpy as np

from formcheck.data import IN_SPACE, FloatArray, PoseSequence, View
from formcheck.errors import SettingsError
from formcheck.geometry import incline
from formcheck.kinematics.bases import FEET, Base
from formcheck.kinematics.facing import before_ears
from formcheck.kinematics.occlusion import shows_plate
from formcheck.signals import median
from formcheck.skeleton import SIDES, Landmark, Side, landmark

GREEN_YAW_DEG = 15.0  # up to which angles are as from the side [D]
RED_YAW_DEG = 30.0  # beyond which nothing is judged [D]
LYING_TRUNK_DEG = 50.0  # from where a trunk that nobody sees upright lies [D]
# A plate is found only where it looks round (`pose.plate_detection.NEAR_EDGE`): turned by 30 deg it is an ellipse, half
# of whose edge is off the circle. In 132 rendered sets whose plate was followed the camera was up to 25 deg off [S].
ROUND_PLATE_DEG = 25.0
SEEN_BETTER = 0.02  # of visibility: less does not tell the sides apart [D]
FACING_S = 2.0  # of the clip, in which a lifter faces one way [D]
# So many of these parts in a row show the other way: fewer are landmarks that jump, as behind a roller [D].
LEAST_TURNED, LEAST_TURNED_SHARE = 2, 0.2


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
    return median(np.degrees(np.arctan2(np.abs(line[:, 0]), np.abs(line[:, 2]))))


def measure_yaw_lying(world_m: FloatArray) -> float:
    """Return the same of a lying body, from its thighs: NaN when they were never seen.

    Level thighs lie in the picture when the camera stands beside them, and out of it by its yaw else. Arms that hold on
    and a turned head twist the shoulders: in five clips of lying curls that were filmed from the side, as a person sees
    it, their line reads 19 to 57 deg, the thighs 19 to 42; in two rendered ones 5 and 10 deg, the thighs 2 and 3.
    """
    hips = (world_m[:, Landmark.LEFT_HIP] + world_m[:, Landmark.RIGHT_HIP]) / 2
    thigh = hips - (world_m[:, Landmark.LEFT_KNEE] + world_m[:, Landmark.RIGHT_KNEE]) / 2
    thigh = thigh[np.all(np.isfinite(thigh), axis=1)]
    return median(np.degrees(np.arctan2(np.abs(thigh[:, 2]), np.abs(thigh[:, 0]))))


def take_word(view: View, poses: PoseSequence, side_view: Side | None) -> View:
    """Return the view with what the landmarks cannot tell and the user may say: which side of the body the camera saw.

    For landmarks from elsewhere. `side_view` settles the side, and the facing where no foot was ever seen (a camera at
    the right sees a lifter who faces right); without it the face does: nose before ears. Landmarks without depth give
    no yaw: red, unless the user's word stands for it (amber). Without a confidence that tells the sides apart, the side
    seen most is near, and among equals the one that the facing shows. Changes nothing about landmarks that tell all
    this themselves.
    """
    facing = view.facing
    if not np.isfinite(poses.xy_px[:, Landmark.LEFT_HEEL :, 0]).any():
        ahead_px = median(before_ears(poses.xy_px))
        facing = side_view or ("right" if ahead_px > 0 else view.facing)
    side = side_view or _find_side(replace(view, facing=facing), poses)
    if np.isfinite(view.yaw_deg) or np.isfinite(poses.world_m).any() or not np.isfinite(poses.xy_px).any():
        return replace(view, side=side, facing=facing)
    if side_view is None:
        reason = (
            f"the landmarks hold no depth, so the camera's position is unknown: set the side view to {side} if it "
            "stood beside you"
        )
        return View(side, facing, view.yaw_deg, "red", reason)
    reason = "the landmarks hold no depth: that the camera saw you from the side rests on your word"
    return View(side, facing, view.yaw_deg, "amber", reason)


def check_word(poses: PoseSequence, base: Base, side_view: Side | None) -> None:
    """Raise SettingsError where the picture shows that the camera stood at the other side than the user says.

    A camera at the lifter's right sees a lifter who faces right. The evidence is the direction of the feet (of the
    shanks in a lifter who kneels), of the face where there are none, or of the knees' bend in a machine. It does not
    count against a word that the visibility of the two sides agrees with: in a mirrored picture they may differ.
    Markers in space are seen from whichever side one likes.
    """
    if side_view is None or poses.provenance.mode == IN_SPACE:
        return
    shown = show_facing(poses.xy_px, base)
    if shown is None or shown[0] == side_view:
        return
    joints = ("shoulder", "hip", "knee", "ankle")
    left, right = (median(poses.visibility[:, [landmark(side, joint) for joint in joints]]) for side in SIDES)
    better = {"left": left - right, "right": right - left}[side_view]
    if better > SEEN_BETTER:
        return
    facing, by = shown
    raise SettingsError(
        f"--side-view {side_view} cannot be true: the {by} that the lifter looks to the {facing} of the picture, so "
        f"the camera saw the {facing} side.",
        f"Leave out --side-view, or give --side-view {facing}.",
    )


def show_facing(xy_px: FloatArray, base: Base) -> tuple[Side, str] | None:
    """Return the side of the picture that a lifter clearly faces, and what shows it; None when nothing does."""
    leg_px = median(
        np.concatenate(
            [
                np.linalg.norm(xy_px[:, landmark(side, top)] - xy_px[:, landmark(side, bottom)], axis=1)
                for side in SIDES
                for top, bottom in (("hip", "knee"), ("knee", "ankle"))
            ]
        )
    )
    ahead, by, least = base.show_facing(xy_px, leg_px)
    if not abs(ahead) > least:
        return None
    return ("right" if ahead > 0 else "left"), by


def turns_round(poses: PoseSequence, base: Base) -> bool:
    """Whether a lifter who cannot turn clearly faces one side of the picture in a stretch, and the other in another."""
    if base.may_turn:
        return False
    windows = np.floor((poses.time_s - poses.time_s[0]) / FACING_S)
    shown = [show_facing(poses.xy_px[windows == each], base) for each in np.unique(windows)]
    sides = [each[0] for each in shown if each is not None]
    longest = dict.fromkeys(SIDES, 0)
    for side, stretch in groupby(sides):
        longest[side] = max(longest[side], len(list(stretch)))
    return min(longest.values()) >= max(LEAST_TURNED, LEAST_TURNED_SHARE * len(sides))


def _find_side(view: View, poses: PoseSequence) -> Side:
    joints = ("shoulder", "hip", "knee", "ankle")
    left, right = (poses.visibility[:, [landmark(side, joint) for joint in joints]] for side in SIDES)
    if np.isfinite(left + right).all(axis=1).any() and np.nansum(left) != np.nansum(right):
        return view.side
    if np.nansum(left) != np.nansum(right):
        return "left" if np.nansum(left) > np.nansum(right) else "right"
    return view.facing if np.isfinite(left).any() else view.side


def judge_view(poses: PoseSequence, base: Base = FEET) -> View:
    """Return the near side, the facing, the yaw and what it allows; `reason` says why when the verdict is not green."""
    facing = base.find_facing(poses.xy_px)
    hips_px = poses.xy_px[:, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=1)
    shoulders_px = poses.xy_px[:, [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]].mean(axis=1)
    trunk_deg = np.abs(incline(hips_px, shoulders_px, facing))
    lies = base.posture is None and median(trunk_deg) >= LYING_TRUNK_DEG
    yaw_deg = measure_yaw_lying(poses.world_m) if lies else measure_yaw(poses.world_m, trunk_deg)
    side = find_near_side(poses.visibility)
    if shows_plate(poses.plate_px):  # it looks round, and hides the shoulders of whose line the yaw is read
        yaw_deg = float(np.fmin(yaw_deg, ROUND_PLATE_DEG))
    if not np.isfinite(yaw_deg):
        return View(
            side, facing, yaw_deg, "red", "your shoulders were never visible, so the camera's position is unknown"
        )
    if yaw_deg > RED_YAW_DEG:
        reason = (
            f"the camera is about {yaw_deg:.0f}° off the side view (limit {RED_YAW_DEG:.0f}°): film from "
            "the side, at hip height"
        )
        return View(side, facing, yaw_deg, "red", reason)
    if yaw_deg > GREEN_YAW_DEG:
        reason = (
            f"the camera is about {yaw_deg:.0f}° off the side view: angles read a little low, but changes in "
            "angle can be used"
        )
        return View(side, facing, yaw_deg, "amber", reason)
    return View(side, facing, yaw_deg, "green")
