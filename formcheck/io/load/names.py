"""Keypoints of other programs -> our landmarks: by name, or by place in a known layout."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from formcheck import signals, skeleton
from formcheck.data import FloatArray
from formcheck.errors import InputError
from formcheck.skeleton import SIDES, Landmark, Side

# Names without their side, small letters alone -> our joint.
JOINTS = {
    "shoulder": "SHOULDER",
    "elbow": "ELBOW",
    "wrist": "WRIST",
    "hip": "HIP",
    "knee": "KNEE",
    "ankle": "ANKLE",
    "heel": "HEEL",
    "footindex": "FOOT_INDEX",
    "bigtoe": "FOOT_INDEX",
    "ear": "EAR",
    "eye": "EYE",
    "eyeinner": "EYE_INNER",
    "eyeouter": "EYE_OUTER",
    "pinky": "PINKY",
    "index": "INDEX",
    "thumb": "THUMB",
}
# Names that stand for one of our joints only where the file has no better one: OpenCap's markers, joint centres of
# motion capture, and what is near the joint.
SECOND_BEST = {
    "hand": "WRIST",
    "toe": "FOOT_INDEX",
    "toes": "FOOT_INDEX",
    "calc": "HEEL",
    "acromion": "SHOULDER",
    "sjc": "SHOULDER",
    "hjc": "HIP",
    "kjc": "KNEE",
    "ajc": "ANKLE",
    "sho": "SHOULDER",
    "kne": "KNEE",
    "ank": "ANKLE",
    "hee": "HEEL",
}
SIDELESS = {"nose": Landmark.NOSE}
MOUTH = {"mouthleft": Landmark.MOUTH_LEFT, "mouthright": Landmark.MOUTH_RIGHT}
PREFIXES = ("mediapipe", "mp", "poselandmark", "landmark", "keypoint", "pose", "bodypart", "marker")
ENDINGS = ("study", "joint")  # OpenCap's added markers, Kinect and others


def identify(name: str) -> tuple[str, Side | None, int] | None:
    """Return a keypoint's joint in our words, its side, and 0 for its usual name or 1 for one that is second best.

    left_hip, LHip, "Hip (L)", RIGHT_KNEE, r_ankle, r_calc_study, PoseLandmark.LEFT_HIP. None for what formcheck has no
    landmark for (neck, mid-hip).
    """
    plain = re.sub(r"[^a-z]", "", name.rpartition(":")[2].lower())
    for prefix in PREFIXES:
        plain = plain.removeprefix(prefix)
    for ending in ENDINGS:
        plain = plain.removesuffix(ending)
    if plain in SIDELESS or plain in MOUTH:
        return (SIDELESS | MOUTH)[plain].name, None, 0
    for rank, known in enumerate((JOINTS, SECOND_BEST)):
        if plain in known:
            return known[plain], None, rank
        for side in SIDES:
            for mark in (side, side[0]):
                for rest in (plain.removeprefix(mark), plain.removesuffix(mark)):
                    if rest != plain and rest in known:
                        return known[rest], side, rank
    return None


def find_landmark(name: str, default: Side | None = None) -> Landmark | None:
    """Return the landmark that a keypoint's name means; a joint without a side belongs to `default`."""
    found = identify(name)
    if found is None:
        return None
    joint, side, _ = found
    if joint in Landmark.__members__:
        return Landmark[joint]
    side = side or default
    return None if side is None else Landmark[f"{side.upper()}_{joint}"]


def assign_landmarks(
    names: Sequence[str], side: Side, path: Path, headings: Mapping[str, str] | None = None
) -> dict[str, Landmark]:
    """Return which of a file's keypoints are which landmarks; `headings` says how the file itself writes a name.

    A joint without a side ("hip") belongs to `side` where no keypoint names that joint with one; where one does, it is
    the middle of both, and left out. Raises InputError for two keypoints that mean the same landmark.
    """
    known = {name: found for name in names if (found := identify(name)) is not None}
    sided = {joint for joint, own, _ in known.values() if own is not None}
    candidates: dict[Landmark, list[str]] = {}
    for name, (joint, own, _) in known.items():
        ours = find_landmark(name, side)
        if ours is not None and (own is not None or joint not in sided):
            candidates.setdefault(ours, []).append(name)
    chosen = {}
    for ours, rivals in candidates.items():
        best = min(known[name][2] for name in rivals)
        first = [name for name in rivals if known[name][2] == best]
        if len(first) > 1:
            shown = " and ".join((headings or {}).get(name, name) for name in first)
            raise InputError(
                f"{path} has two keypoints for one landmark: {shown} both mean {ours.name.lower().replace('_', ' ')}.",
                f"Say which is which: rename them to left_{_joint(ours)} and right_{_joint(ours)}, or leave one out.",
            )
        chosen[first[0]] = ours
    return chosen


def _joint(ours: Landmark) -> str:
    return ours.name.lower().removeprefix("left_").removeprefix("right_")


COCO = " ".join(each.name.lower() for each in skeleton.COCO)
HALPE_REST = "head neck hip_centre left_bigtoe right_bigtoe left_smalltoe right_smalltoe left_heel right_heel"
TOES_AND_HEELS = "left_bigtoe left_smalltoe left_heel right_bigtoe right_smalltoe right_heel"
OPENPOSE_ARMS = "nose neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist"
OPENPOSE_LEGS = "right_hip right_knee right_ankle left_hip left_knee left_ankle"
OPENPOSE_FACE = "right_eye left_eye right_ear left_ear"
HUMAN36M = (
    "hip_centre right_hip right_knee right_ankle left_hip left_knee left_ankle spine thorax neck head left_shoulder "
    "left_elbow left_wrist right_shoulder right_elbow right_wrist"
)
MPII = (
    "right_ankle right_knee right_hip left_hip left_knee left_ankle hip_centre thorax neck head right_wrist "
    "right_elbow right_shoulder left_shoulder left_elbow left_wrist"
)
# Number of keypoints -> name of the layout and its keypoints in order (those we use).
LAYOUTS: dict[int, tuple[str, tuple[str, ...]]] = {
    16: ("MPII-16", tuple(MPII.split())),
    17: ("COCO-17", tuple(COCO.split())),
    18: ("OpenPose COCO-18", tuple(f"{OPENPOSE_ARMS} {OPENPOSE_LEGS} {OPENPOSE_FACE}".split())),
    23: ("COCO-17 with feet", tuple(f"{COCO} {TOES_AND_HEELS}".split())),
    25: (
        "OpenPose BODY_25",
        tuple(f"{OPENPOSE_ARMS} hip_centre {OPENPOSE_LEGS} {OPENPOSE_FACE} {TOES_AND_HEELS}".split()),
    ),
    26: ("Halpe-26", tuple(f"{COCO} {HALPE_REST}".split())),
    33: ("BlazePose", tuple(each.name.lower() for each in Landmark)),
    133: ("COCO-WholeBody", tuple(f"{COCO} {TOES_AND_HEELS}".split())),
    135: ("OpenPose BODY_135", tuple(f"{COCO} neck head {TOES_AND_HEELS}".split())),
    136: ("Halpe-136", tuple(f"{COCO} {HALPE_REST}".split())),
}
# Other layouts of as many keypoints; which it is, the body itself tells.
RIVALS: dict[int, tuple[str, tuple[str, ...]]] = {
    17: ("Human3.6M-17", tuple(HUMAN36M.split())),
    25: ("OpenPose BODY_25B", tuple(f"{COCO} neck head {TOES_AND_HEELS}".split())),
}
# Pairs of segments that are about equally long in every body.
ALIKE = (
    ("left_hip left_knee", "left_knee left_ankle"),
    ("right_hip right_knee", "right_knee right_ankle"),
    ("left_shoulder left_elbow", "left_elbow left_wrist"),
    ("right_shoulder right_elbow", "right_elbow right_wrist"),
    ("left_shoulder left_hip", "left_hip left_knee"),
    ("right_shoulder right_hip", "right_hip right_knee"),
    ("left_hip left_knee", "right_hip right_knee"),
)
SAMPLE = 200  # frames that are looked at to tell layouts apart


def map_layout(count: int, points: FloatArray | None = None) -> tuple[str, list[int], list[int]] | None:
    """Return a layout's name, and which of its keypoints are which of our landmarks; None for an unknown count.

    points : (n, count, 2) or more, bodies by which layouts of as many keypoints are told apart.
    """
    if count not in LAYOUTS:
        return None
    name, keypoints = LAYOUTS[count]
    if count in RIVALS and points is not None and _misfit(RIVALS[count][1], points) < _misfit(keypoints, points):
        name, keypoints = RIVALS[count]
    pairs = [(index, find_landmark(each)) for index, each in enumerate(keypoints)]
    known = [(index, ours) for index, ours in pairs if ours is not None]
    return name, [index for index, _ in known], [int(ours) for _, ours in known]


def _misfit(keypoints: Sequence[str], points: FloatArray) -> float:
    """Return how unlike a body the segments of a layout are: mean |log| of ratios of lengths that should be near 1."""
    place = {name: index for index, name in enumerate(keypoints)}
    some = points[:: max(1, len(points) // SAMPLE)]
    off = []
    for one, other in ALIKE:
        lengths = [_length(some, place, *pair.split()) for pair in (one, other)]
        if all(np.isfinite(lengths)):
            off.append(abs(float(np.log((lengths[0] + 1e-9) / (lengths[1] + 1e-9)))))
    return float(np.mean(off)) if off else float("inf")


def _length(points: FloatArray, place: Mapping[str, int], start: str, stop: str) -> float:
    if start not in place or stop not in place:
        return float("nan")
    return signals.median(np.hypot(*(points[:, place[start], :2] - points[:, place[stop], :2]).T))


def assign_numbers(numbers: Sequence[int], points: FloatArray | None, path: Path) -> tuple[str, dict[int, Landmark]]:
    """Return which landmarks the numbers of a file's keypoints mean, and the layout's name.

    Numbers from 0 or from 1. Without every number of a layout, numbers up to 32 that go beyond 16 are BlazePose's.
    points : (n, count, 2) in the order of the numbers, by which layouts of as many keypoints are told apart. Raises
    InputError for numbers that fit no layout.
    """
    first, last, count = min(numbers), max(numbers), len(set(numbers))
    whole = last - first + 1 == count and first in {0, 1} and count in LAYOUTS
    if whole:
        layout = map_layout(count, points)
        assert layout is not None
        return layout[0], {theirs + first: Landmark(ours) for theirs, ours in zip(*layout[1:], strict=True)}
    if 16 < last < len(Landmark) and first >= 0:
        return LAYOUTS[33][0], {number: Landmark(number) for number in set(numbers)}
    known = ", ".join(str(each) for each in LAYOUTS)
    raise InputError(
        f"{path} numbers its landmarks {first} to {last}, {count} in all, and does not name them.",
        f"Layouts of {known} keypoints are known. Call the columns left_hip_x, left_hip_y and so on.",
    )
