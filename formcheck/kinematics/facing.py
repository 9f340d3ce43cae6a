"""Which side of the picture the lifter faces: by the feet, by shanks that lie, by the knees' bend, by the face.

A `show_by_` returns how clearly that is seen: how much it speaks for the right side of the picture (negative for the
left), what shows it, and the least that is clear.
"""

import numpy as np

from formcheck.data import FloatArray
from formcheck.geometry import incline, wrap
from formcheck.signals import median
from formcheck.skeleton import SIDES, Landmark, Side, landmark

TURNED_LEG = 0.1  # leg lengths that toes lie before heels, or knees before ankles, in a lifter seen from the side [D]
FACE_LEG = 0.04  # the same for the nose before the ears [D]
BENT_DEG = 10.0  # a knee that bends by more tells which way its body faces [D]

Shown = tuple[float, str, float]


def find_facing(xy_px: FloatArray) -> Side:
    """Return the side of the picture that the feet point to: the sign of the median of toe minus heel, both feet,
    (T, K, 2) px. "left" when no foot was ever seen.
    """
    toes = xy_px[:, [Landmark.LEFT_FOOT_INDEX, Landmark.RIGHT_FOOT_INDEX], 0]
    heels = xy_px[:, [Landmark.LEFT_HEEL, Landmark.RIGHT_HEEL], 0]
    return "right" if median(toes - heels) > 0 else "left"


def _knee_bend_deg(xy_px: FloatArray) -> FloatArray:
    """Return the knee flexion of both legs as if the lifter faced right, degrees, one after the other."""
    flexion_deg = []
    for side in SIDES:
        hip, knee, ankle = (xy_px[:, landmark(side, joint)] for joint in ("hip", "knee", "ankle"))
        flexion_deg.append(wrap(incline(ankle, knee, "right") - incline(knee, hip, "right")))
    return np.concatenate(flexion_deg)


def show_by_feet(xy_px: FloatArray, leg_px: float) -> Shown:
    """Return what feet (T, K, 2) show, where there are none the face, leg lengths (of `leg_px`)."""
    toes, heels = (xy_px[:, [landmark(side, joint) for side in SIDES], 0] for joint in ("foot_index", "heel"))
    ahead = median(toes - heels) / (2 * leg_px)
    if np.isfinite(ahead):
        return ahead, "feet show", TURNED_LEG
    return median(before_ears(xy_px)) / (2 * leg_px), "face shows", FACE_LEG


def show_by_knees(xy_px: FloatArray, leg_px: float) -> Shown:
    """Return what shanks (T, K, 2) show that lie behind the knees, leg lengths: those of a kneeling or prone lifter are
    held, and the toes point anywhere.
    """
    knees, ankles = (xy_px[:, [landmark(side, joint) for side in SIDES], 0] for joint in ("knee", "ankle"))
    return median(knees - ankles) / (2 * leg_px), "shanks show", TURNED_LEG


def show_by_bend(xy_px: FloatArray) -> Shown:
    """Return what knees (T, K, 2) show that bend, degrees: those of a lifter in a machine, as knees bend backwards."""
    bent_deg = _knee_bend_deg(xy_px)
    return median(bent_deg[np.abs(bent_deg) > BENT_DEG]), "knees' bend shows", BENT_DEG


def before_ears(xy_px: FloatArray) -> FloatArray:
    """Return how far to the right of the two ears the nose lies, px (T, 2)."""
    ears = [landmark(side, "ear") for side in SIDES]
    return np.asarray(xy_px[:, [Landmark.NOSE], 0] - xy_px[:, ears, 0])
