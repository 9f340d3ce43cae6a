"""Keypoints of other programs -> our landmarks: by name, or by place in a known layout."""

import re

from formcheck.skeleton import Landmark, Side

SIDELESS = {"nose": Landmark.NOSE}
# Names without their side, small letters alone -> our joint.
JOINTS = {
    "shoulder": "SHOULDER",
    "elbow": "ELBOW",
    "wrist": "WRIST",
    "hand": "WRIST",
    "hip": "HIP",
    "knee": "KNEE",
    "ankle": "ANKLE",
    "heel": "HEEL",
    "footindex": "FOOT_INDEX",
    "bigtoe": "FOOT_INDEX",
    "toe": "FOOT_INDEX",
    "toes": "FOOT_INDEX",
    "ear": "EAR",
    "eye": "EYE",
    "eyeinner": "EYE_INNER",
    "eyeouter": "EYE_OUTER",
    "pinky": "PINKY",
    "index": "INDEX",
    "thumb": "THUMB",
}
MOUTH = {"mouthleft": Landmark.MOUTH_LEFT, "mouthright": Landmark.MOUTH_RIGHT}


def find_landmark(name: str, default: Side | None = None) -> Landmark | None:
    """Return the landmark that a keypoint's name means: left_hip, LHip, "Hip (L)", RIGHT_KNEE, r_ankle.

    A joint without a side belongs to `default`. None for what formcheck has no landmark for (neck, mid-hip).
    """
    plain = re.sub(r"[^a-z]", "", name.lower())
    if plain in SIDELESS or plain in MOUTH:
        return (SIDELESS | MOUTH)[plain]
    if plain in JOINTS:
        return None if default is None else Landmark[f"{default.upper()}_{JOINTS[plain]}"]
    for side in ("left", "right"):
        for mark in (side, side[0]):
            for rest in (plain.removeprefix(mark), plain.removesuffix(mark)):
                if rest != plain and rest in JOINTS:
                    return Landmark[f"{side.upper()}_{JOINTS[rest]}"]
    return None


COCO = (
    "nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow right_elbow left_wrist "
    "right_wrist left_hip right_hip left_knee right_knee left_ankle right_ankle"
)
HALPE_REST = "head neck hip_centre left_bigtoe right_bigtoe left_smalltoe right_smalltoe left_heel right_heel"
WHOLE_BODY_FEET = "left_bigtoe left_smalltoe left_heel right_bigtoe right_smalltoe right_heel"
OPENPOSE_ARMS = "nose neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist"
OPENPOSE_LEGS = "right_hip right_knee right_ankle left_hip left_knee left_ankle"
OPENPOSE_FACE = "right_eye left_eye right_ear left_ear"
OPENPOSE_FEET = "left_bigtoe left_smalltoe left_heel right_bigtoe right_smalltoe right_heel"
# Number of keypoints -> name of the layout and its keypoints in order (those we use).
LAYOUTS: dict[int, tuple[str, tuple[str, ...]]] = {
    17: ("COCO-17", tuple(COCO.split())),
    18: ("OpenPose COCO-18", tuple(f"{OPENPOSE_ARMS} {OPENPOSE_LEGS} {OPENPOSE_FACE}".split())),
    25: (
        "OpenPose BODY_25",
        tuple(f"{OPENPOSE_ARMS} hip_centre {OPENPOSE_LEGS} {OPENPOSE_FACE} {OPENPOSE_FEET}".split()),
    ),
    26: ("Halpe-26", tuple(f"{COCO} {HALPE_REST}".split())),
    33: ("BlazePose", tuple(each.name.lower() for each in Landmark)),
    133: ("COCO-WholeBody", tuple(f"{COCO} {WHOLE_BODY_FEET}".split())),
    136: ("Halpe-136", tuple(f"{COCO} {HALPE_REST}".split())),
}


def map_layout(count: int) -> tuple[str, list[int], list[int]] | None:
    """Return a layout's name, and which of its keypoints are which of our landmarks; None for an unknown count."""
    if count not in LAYOUTS:
        return None
    name, keypoints = LAYOUTS[count]
    pairs = [(index, find_landmark(each)) for index, each in enumerate(keypoints)]
    known = [(index, ours) for index, ours in pairs if ours is not None]
    return name, [index for index, _ in known], [int(ours) for _, ours in known]
