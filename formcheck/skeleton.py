"""The 33 BlazePose landmarks by name, and the segments of the body that formcheck measures."""

from enum import IntEnum
from typing import Literal

Side = Literal["left", "right"]


class Landmark(IntEnum):
    """Index of each landmark in the K axis of a pose array (MediaPipe's order; left and right are the person's own)."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32


N_LANDMARKS = len(Landmark)
MOST_TURN_DEG = 120.0  # no segment turns further in a lift; a larger spread is a body that the model invents
SEEN_OFTEN = 0.3  # share of the lifter's sightings below which somebody is a passer-by or a ghost

SIDES: tuple[Side, Side] = ("left", "right")


def landmark(side: Side, joint: str) -> Landmark:
    """Landmark of a joint on one side: `landmark("left", "hip")`. Raises KeyError for a joint that has no sides."""
    return Landmark[f"{side}_{joint}".upper()]


# The 17 points of the COCO data set, in its order, which is MoveNet's.
COCO = [
    Landmark[name]
    for name in (
        "NOSE", "LEFT_EYE", "RIGHT_EYE", "LEFT_EAR", "RIGHT_EAR", "LEFT_SHOULDER", "RIGHT_SHOULDER", "LEFT_ELBOW",
        "RIGHT_ELBOW", "LEFT_WRIST", "RIGHT_WRIST", "LEFT_HIP", "RIGHT_HIP", "LEFT_KNEE", "RIGHT_KNEE", "LEFT_ANKLE",
        "RIGHT_ANKLE",
    )
]  # fmt: skip

# Joints of the sagittal chain, from the head end to the floor; every 2D angle uses these alone.
CHAIN = ("shoulder", "hip", "knee", "ankle", "heel", "foot_index", "wrist", "elbow", "ear")

# Segments whose length in the picture is constant while the camera sees the lifter from the side.
SEGMENTS: dict[str, tuple[str, str]] = {
    "trunk": ("hip", "shoulder"),
    "thigh": ("knee", "hip"),
    "shank": ("ankle", "knee"),
    "foot": ("heel", "foot_index"),
}
