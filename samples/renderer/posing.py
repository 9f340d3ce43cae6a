"""Posture (angles over time) -> rotations and joints of a body: legs, spine, and arms that hold a bar.

Angles are inclinations from vertical in the sagittal plane, degrees, forward +. T instants throughout.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from samples.renderer.body import Body, place_joints

Floats = npt.NDArray[np.float64]

LUMBAR_SHARES = {"spine04": 0.36, "spine03": 0.34, "spine02": 0.30}
NECK_SHARES = {"neck01": 0.2, "neck02": 0.2, "neck03": 0.25, "head": 0.35}
CHEST_BONES = ("spine01", "clavicle.L", "clavicle.R", "shoulder01.L", "shoulder01.R")
FINGER_CURL_DEG = (68.0, 150.0, 195.0)  # each phalanx against the hand, closed round a bar
THUMB_AIMS = ((0.55, -0.35, 0.75), (0.55, 0.25, 0.80), (0.30, 0.85, 0.45))  # along the hand, across it, out of the palm
GRIP_ALONG = 0.86  # share of the way from the wrist to the knuckles at which the bar lies
GRIP_DEPTH_M = 0.030  # from the line of the hand's bones to the bar's centre


@dataclass(frozen=True)
class Posture:
    """Angles of the whole body over time, each (T,) degrees; the ankles stay where they are."""

    shank_deg: Floats
    thigh_deg: Floats
    pelvis_deg: Floats
    lumbar_deg: Floats  # flexion + against upright standing, shared by three joints
    thoracic_deg: Floats
    neck_deg: Floats  # extension +, the head's look up against the chest


@dataclass(frozen=True)
class Proportions:
    """Sagittal lengths of the legs, metres: constant whatever the posture."""

    thigh_m: float
    shank_m: float

    @property
    def leg_m(self) -> float:
        """S, the unit of hip travel."""
        return self.thigh_m + self.shank_m


@dataclass(frozen=True)
class Grip:
    """How the arms hold the bar: half the distance between the hands, the bar's radius, the gap to the legs, metres."""

    half_width_m: float = 0.27
    bar_radius_m: float = 0.0145
    gap_m: float = 0.006


@dataclass(frozen=True)
class Poses:
    """A body over time: rotations against the rest (T, J, 3, 3), joints (T, J, 3), the bar's centre (T, 3), metres, and
    how the bar is turned (T, 3, 3); None: not at all.
    """

    rotations: Floats
    joints_m: Floats
    bar_m: Floats
    bar_turns: Floats | None = None


def turn_x(angle_deg: Floats) -> Floats:
    """Rotations (T, 3, 3) that lean forward by `angle_deg` (T,)."""
    return Rotation.from_euler("x", angle_deg[:, None], degrees=True).as_matrix()


def inclination_deg(low_m: Floats, high_m: Floats) -> Floats:
    """Sagittal inclination of low -> high (..., 3), forward +, 0 upright, 180 upside down."""
    step = high_m - low_m
    return np.degrees(np.arctan2(step[..., 2], step[..., 1]))


def adduction(body: Body, side: str, stance_m: float) -> Floats:
    """Rotation (3, 3) about z that brings a rest leg's ankle `stance_m` further out than its hip."""
    hip, ankle = body.joint(f"upperleg01.{side}"), body.joint(f"foot.{side}")
    across = abs(ankle[0]) - abs(hip[0])
    angle = np.arctan2(across, hip[1] - ankle[1]) - np.arcsin(stance_m / (hip[1] - ankle[1]))
    sign = 1.0 if side == "L" else -1.0
    return Rotation.from_euler("z", -sign * angle).as_matrix()


def leg_rest_deg(body: Body, side: str, stance_m: float) -> tuple[Floats, float, float]:
    """Adduction (3, 3) of a leg and the sagittal inclinations of its thigh and shank after it, degrees."""
    turn = adduction(body, side, stance_m)
    hip, knee, ankle = (turn @ body.joint(f"{bone}.{side}") for bone in ("upperleg01", "lowerleg01", "foot"))
    return turn, float(inclination_deg(knee, hip)), float(inclination_deg(ankle, knee))


def proportions(body: Body, stance_m: float = 0.0) -> Proportions:
    """Measure the legs in the sagittal plane (both are alike)."""
    turn = adduction(body, "L", stance_m)
    hip, knee, ankle = (turn @ body.joint(f"{bone}.L") for bone in ("upperleg01", "lowerleg01", "foot"))
    return Proportions(float(np.hypot(*(hip - knee)[1:])), float(np.hypot(*(knee - ankle)[1:])))


def spine_rotations(
    body: Body, rotations: Floats, pelvis_deg: Floats, lumbar_deg: Floats, thoracic_deg: Floats, neck_deg: Floats
) -> None:
    """Fill the pelvis, spine, chest and head of `rotations` (T, J, 3, 3), which the caller made."""
    rotations[:, body.index("root")] = turn_x(pelvis_deg)
    lean = pelvis_deg.copy()
    for bone, share in LUMBAR_SHARES.items():
        lean = lean + share * lumbar_deg
        rotations[:, body.index(bone)] = turn_x(lean)
    lean = lean + thoracic_deg
    for bone in CHEST_BONES:
        rotations[:, body.index(bone)] = turn_x(lean)
    for bone, share in NECK_SHARES.items():
        lean = lean - share * neck_deg
        rotations[:, body.index(bone)] = turn_x(lean)


def trunk_chord(body: Body, lumbar_deg: Floats, thoracic_deg: Floats) -> tuple[Floats, Floats]:
    """Trunk inclination (hip to shoulder) minus pelvis lean, and its length in metres, (T,): the spine's shape."""
    count = len(lumbar_deg)
    rotations = np.tile(np.eye(3), (count, len(body.names), 1, 1))
    still = np.zeros(count)
    spine_rotations(body, rotations, still, lumbar_deg, thoracic_deg, still)
    joints = place_joints(body, rotations, np.zeros((count, 3)))
    hip, shoulder = joints[:, body.index("upperleg01.L")], joints[:, body.index("upperarm01.L")]
    return inclination_deg(hip, shoulder), np.hypot(*(shoulder - hip)[:, 1:].T)


def trunk_offset_deg(body: Body, lumbar_deg: Floats, thoracic_deg: Floats) -> Floats:
    """Trunk inclination (hip to shoulder) minus pelvis lean, (T,): the part that the spine's shape adds."""
    return trunk_chord(body, lumbar_deg, thoracic_deg)[0]


def turned_out(side: str, toes_out_deg: float) -> Floats:
    """Rotation (3, 3) of a foot about its upright shank, toes outward +."""
    return Rotation.from_euler("y", toes_out_deg if side == "L" else -toes_out_deg, degrees=True).as_matrix()


def body_rotations(body: Body, posture: Posture, foot_deg: Floats, toes_out_deg: float, stance_m: float) -> Floats:
    """Rotations (T, J, 3, 3) of everything but the arms. foot_deg (T,): toes down +, 0 level."""
    rotations = np.tile(np.eye(3), (len(posture.shank_deg), len(body.names), 1, 1))
    spine_rotations(body, rotations, posture.pelvis_deg, posture.lumbar_deg, posture.thoracic_deg, posture.neck_deg)
    for side in "LR":
        turn, thigh, shank = leg_rest_deg(body, side, stance_m)
        rotations[:, body.index(f"upperleg01.{side}")] = turn_x(posture.thigh_deg - thigh) @ turn
        rotations[:, body.index(f"lowerleg01.{side}")] = turn_x(posture.shank_deg - shank) @ turn
        for bone in ("foot", "toe2-1"):
            rotations[:, body.index(f"{bone}.{side}")] = turn_x(foot_deg) @ turned_out(side, toes_out_deg)
    return rotations


def middle_of(body: Body, joints_m: Floats, bone: str) -> Floats:
    """Middle (T, 3) of the left and right joint of a name, metres."""
    middle: Floats = (joints_m[:, body.index(f"{bone}.L")] + joints_m[:, body.index(f"{bone}.R")]) / 2.0
    return middle


def root_for(body: Body, rotations: Floats, bone: str, at_m: Floats) -> Floats:
    """Place of the root (T, 3) that brings the middle of a pair of joints to `at_m` (T, 3)."""
    joints = place_joints(body, rotations, np.zeros((len(rotations), 3)))
    return at_m - middle_of(body, joints, bone)


@dataclass(frozen=True)
class Arms:
    """Where the left hand is, the right one mirrored: wrist (T, 3), elbow's side `pole` (T, 3), hand frame (T, 3, 3).

    The frame's columns: towards the knuckles, from the index to the little finger, out of the palm.
    """

    wrist_m: Floats
    pole: Floats
    hand: Floats
    closed: bool = True


MIRROR = np.array([-1.0, 1.0, 1.0])


def hand_frame(along: Floats, palm: Floats) -> Floats:
    """Frame (..., 3, 3) of a left hand that points along one direction with its palm to another, (..., 3) each."""
    forward = unit(along)
    out = unit(palm - forward * np.sum(palm * forward, axis=-1, keepdims=True))
    return np.stack([forward, np.cross(forward, out), out], axis=-1)


def bent_arm(body: Body, rotations: Floats, joints: Floats, side: str, arms: Arms) -> None:
    """Fill one arm of `rotations` (T, J, 3, 3): shoulder to wrist with the elbow towards the pole."""
    mirror = np.ones(3) if side == "L" else MIRROR
    shoulder = joints[:, body.index(f"upperarm01.{side}")]
    rest = [body.joint(f"{name}.{side}") for name in ("upperarm01", "lowerarm01", "wrist")]
    upper_m, lower_m = float(np.linalg.norm(rest[1] - rest[0])), float(np.linalg.norm(rest[2] - rest[1]))
    step = arms.wrist_m * mirror - shoulder
    line = unit(step)
    reach = np.clip(np.linalg.norm(step, axis=1), abs(upper_m - lower_m) + 0.01, 0.998 * (upper_m + lower_m))
    pole = arms.pole * mirror
    bend = unit(pole - line * np.sum(pole * line, axis=1, keepdims=True))
    along = (upper_m**2 - lower_m**2 + reach**2) / (2.0 * reach)
    aside = np.sqrt(np.maximum(upper_m**2 - along**2, 0.0))
    elbow = line * along[:, None] + bend * aside[:, None]
    hinge = np.cross(bend, line)
    hinge_rest = unit(np.cross(rest[1] - rest[0], rest[2] - rest[1]))
    turns = []
    for start, goal in ((rest[1] - rest[0], elbow), (rest[2] - rest[1], line * reach[:, None] - elbow)):
        first, now = unit(start), unit(goal)
        frame_rest = np.stack([first, hinge_rest, np.cross(first, hinge_rest)], axis=1)
        turns.append(np.stack([now, hinge, np.cross(now, hinge)], axis=2) @ frame_rest.T)
    hand = mirror[:, None] * arms.hand @ hand_rest(body, side).T
    for bone in ("upperarm01", "upperarm02"):
        rotations[:, body.index(f"{bone}.{side}")] = turns[0]
    forearm = unit(line * reach[:, None] - elbow)
    rotations[:, body.index(f"lowerarm01.{side}")] = twisted(turns[1], hand, forearm, 0.25)
    rotations[:, body.index(f"lowerarm02.{side}")] = twisted(turns[1], hand, forearm, 0.7)
    rotations[:, body.index(f"wrist.{side}")] = hand
    if arms.closed:
        finger_rotations(body, rotations, hand, side)
        return
    for number, name in enumerate(body.names):
        if name.startswith("finger") and name.endswith(f".{side}"):
            rotations[:, number] = hand


def with_arms(body: Body, rotations: Floats, root_m: Floats, arms: Arms, bar_m: Floats | None = None) -> Poses:
    """Complete a body whose arms are still missing; bar_m (T, 3) is what it holds, nothing by default."""
    joints = place_joints(body, rotations, root_m)
    for side in "LR":
        bent_arm(body, rotations, joints, side, arms)
    held = np.zeros((len(root_m), 3)) if bar_m is None else bar_m
    return Poses(rotations, place_joints(body, rotations, root_m), held)


def in_chest(body: Body, rotations: Floats, joints_m: Floats, offset_m: Floats) -> Floats:
    """Place (T, 3) that moves with the chest: `offset_m` (3,) from the middle of the shoulders, rest directions."""
    shoulder = middle_of(body, joints_m, "upperarm01")
    place: Floats = shoulder + rotations[:, body.index("spine01")] @ offset_m
    return place


def planted_root(body: Body, rotations: Floats, sole_m: float) -> Floats:
    """Place of the root (T, 3) for planted feet: soles at y = 0, ankles at z = 0."""
    joints = place_joints(body, rotations, np.zeros((len(rotations), 3)))
    ankle = (joints[:, body.index("foot.L")] + joints[:, body.index("foot.R")]) / 2
    lift = np.array([0.0, body.joint("foot.L")[1] - sole_m, 0.0])
    return lift - ankle


def pose(
    body: Body,
    posture: Posture,
    sole_m: float,
    grip: Grip,
    stance_m: float = 0.0,
    toes_out_deg: float = 0.0,
    away_m: Floats | float = 0.0,
) -> Poses:
    """Pose a body with planted feet: soles at y = 0, ankles at z = 0. sole_m: rest height of the soles' underside.
    away_m (T,): how much further in front than the legs need the bar is held.
    """
    rotations = body_rotations(body, posture, np.zeros(len(posture.shank_deg)), toes_out_deg, stance_m)
    root = planted_root(body, rotations, sole_m)
    joints = place_joints(body, rotations, np.zeros(root.shape)) + root[:, None]
    bar = bar_path(body, joints, rotations, grip, away_m)
    for side in "LR":
        arm_rotations(body, rotations, joints, side, bar, grip)
    return Poses(rotations, place_joints(body, rotations, root), bar)


def front_points(body: Body, joints: Floats, rotations: Floats) -> tuple[Floats, Floats]:
    """Heights and depths (T, 5) of the front of the left leg from ankle to groin, metres; heights increase."""
    places = (("lowerleg01.L", "foot.L", 0.75), ("lowerleg01.L", "foot.L", 0.3), ("lowerleg01.L", "foot.L", 0.0),
              ("upperleg01.L", "lowerleg01.L", 0.5), ("upperleg01.L", "lowerleg01.L", 0.12))  # fmt: skip
    points = []
    for upper, lower, share in places:
        middle = (1 - share) * body.joint(upper) + share * body.joint(lower)
        near = np.linalg.norm((body.vertices_m - middle)[:, :2], axis=1) < 0.09
        depth = body.vertices_m[near & (np.abs(body.vertices_m[:, 1] - middle[1]) < 0.02), 2].max()
        place = np.array([middle[0], middle[1], depth]) - body.joint(upper)
        points.append(joints[:, body.index(upper)] + rotations[:, body.index(upper)] @ place)
    stacked = np.stack(points, axis=1)
    return stacked[:, :, 1], stacked[:, :, 2]


def front_at(heights: Floats, depths: Floats, y: Floats) -> Floats:
    """Depth (T,) of the leg's front at height y (T,): straight lines between the points, level beyond them."""
    result = np.where(y <= heights[:, 0], depths[:, 0], depths[:, -1])
    for i in range(heights.shape[1] - 1):
        share = (y - heights[:, i]) / (heights[:, i + 1] - heights[:, i])
        line = depths[:, i] + share * (depths[:, i + 1] - depths[:, i])
        result = np.where((share > 0) & (share <= 1), line, result)
    return result


def arm_reach_m(body: Body, side: str) -> tuple[float, float, float]:
    """Lengths of upper arm, forearm, and wrist to the bar along the hand, metres."""
    names = ("upperarm01", "lowerarm01", "wrist", "finger3-1")
    points = [body.joint(f"{name}.{side}") for name in names]
    upper, lower, hand = (float(np.linalg.norm(b - a)) for a, b in pairwise(points))
    return upper, lower, hand * GRIP_ALONG


def bar_path(body: Body, joints: Floats, rotations: Floats, grip: Grip, away_m: Floats | float = 0.0) -> Floats:
    """Find the bar's centre (T, 3): straight arms, as near to hanging as the legs in front of it allow, and `away_m`
    (T,) further in front.
    """
    shoulder = joints[:, body.index("upperarm01.L")]
    reach = np.sqrt(sum(arm_reach_m(body, "L")) ** 2 - (grip.half_width_m - shoulder[:, 0]) ** 2)
    heights, depths = front_points(body, joints, rotations)
    angle = np.zeros(len(shoulder))
    for _ in range(12):
        y = shoulder[:, 1] - reach * np.cos(angle) - GRIP_DEPTH_M * np.sin(angle)
        clear = front_at(heights, depths, y) + grip.bar_radius_m + grip.gap_m + away_m
        wanted = (clear - shoulder[:, 2] + GRIP_DEPTH_M * np.cos(angle)) / reach
        angle = 0.5 * angle + 0.5 * np.arcsin(np.clip(wanted, -0.7, 0.7))
    y = shoulder[:, 1] - reach * np.cos(angle) - GRIP_DEPTH_M * np.sin(angle)
    z = shoulder[:, 2] + reach * np.sin(angle) - GRIP_DEPTH_M * np.cos(angle)
    return np.stack([np.zeros(len(y)), y, z], axis=1)


def align(start: Floats, goal: Floats) -> Floats:
    """Smallest rotations (T, 3, 3) that turn the unit vector `start` (3,) to each of `goal` (T, 3)."""
    axis = np.cross(start, goal)
    sine = np.linalg.norm(axis, axis=1, keepdims=True)
    angle = np.arctan2(sine[:, 0], goal @ start)
    return Rotation.from_rotvec(axis / np.maximum(sine, 1e-12) * angle[:, None]).as_matrix()


def unit(vector: Floats) -> Floats:
    """Scale vectors (..., 3) to length 1."""
    scaled: Floats = vector / np.linalg.norm(vector, axis=-1, keepdims=True)
    return scaled


def hand_rest(body: Body, side: str) -> Floats:
    """Rest frame of a hand as columns: towards the knuckles, from the index to the little finger, out of the palm."""
    along = unit(body.joint(f"finger3-1.{side}") - body.joint(f"wrist.{side}"))
    across = body.joint(f"finger5-1.{side}") - body.joint(f"finger2-1.{side}")
    across = unit(across - along * (across @ along))
    palm = np.cross(across, along) * (1.0 if side == "L" else -1.0)
    return np.stack([along, across, palm], axis=1)


def arm_rotations(body: Body, rotations: Floats, joints: Floats, side: str, bar: Floats, grip: Grip) -> None:
    """Fill one arm of `rotations` (T, J, 3, 3): straight from the shoulder to an overhand grip on the bar (T, 3)."""
    sign = 1.0 if side == "L" else -1.0
    shoulder = joints[:, body.index(f"upperarm01.{side}")]
    hold = bar + np.array([sign * grip.half_width_m, 0.0, 0.0])
    lateral = np.tile(np.array([sign, 0.0, 0.0]), (len(bar), 1))
    straight = unit(hold - shoulder)
    palm = unit(np.cross(lateral, straight)) * sign
    direction = unit(hold - GRIP_DEPTH_M * palm - shoulder)
    chest = rotations[:, body.index("spine01")]
    upper_rest = unit(body.joint(f"lowerarm01.{side}") - body.joint(f"upperarm01.{side}"))
    lower_rest = unit(body.joint(f"wrist.{side}") - body.joint(f"lowerarm01.{side}"))
    upper = chest @ align(upper_rest, np.einsum("tba,tb->ta", chest, direction))
    lower = upper @ align(lower_rest, np.einsum("tba,tb->ta", upper, direction))
    across = unit(lateral - direction * np.sum(lateral * direction, axis=1, keepdims=True))
    frame = np.stack([direction, across, np.cross(across, direction) * sign], axis=2)
    hand = frame @ hand_rest(body, side).T
    for bone in ("upperarm01", "upperarm02"):
        rotations[:, body.index(f"{bone}.{side}")] = upper
    rotations[:, body.index(f"lowerarm01.{side}")] = twisted(lower, hand, direction, 0.25)
    rotations[:, body.index(f"lowerarm02.{side}")] = twisted(lower, hand, direction, 0.7)
    rotations[:, body.index(f"wrist.{side}")] = hand
    finger_rotations(body, rotations, hand, side)


def twisted(start: Floats, end: Floats, axis: Floats, share: float) -> Floats:
    """Turn `start` (T, 3, 3) about `axis` (T, 3) by a share of the twist that leads to `end` (T, 3, 3)."""
    quaternion = Rotation.from_matrix(end @ np.swapaxes(start, 1, 2)).as_quat()
    angle = 2.0 * np.arctan2(np.sum(quaternion[:, :3] * axis, axis=1), quaternion[:, 3])
    angle = (angle + np.pi) % (2.0 * np.pi) - np.pi
    return Rotation.from_rotvec(axis * (share * angle)[:, None]).as_matrix() @ start


def finger_rotations(body: Body, rotations: Floats, hand: Floats, side: str) -> None:
    """Close the fingers of one hand; `hand` (T, 3, 3) is its own rotation."""
    frame = hand_rest(body, side)
    curl_axis = np.cross(frame[:, 0], frame[:, 2])
    for finger in range(2, 6):
        for phalanx, curl in enumerate(FINGER_CURL_DEG, start=1):
            turn = Rotation.from_rotvec(curl_axis * np.radians(curl)).as_matrix()
            rotations[:, body.index(f"finger{finger}-{phalanx}.{side}")] = hand @ turn
    points = [body.joint(f"finger1-{phalanx}.{side}") for phalanx in range(1, 4)]
    rests = [unit(points[1] - points[0]), unit(points[2] - points[1]), unit(points[2] - points[1])]
    for phalanx, (rest, aim) in enumerate(zip(rests, THUMB_AIMS, strict=True), start=1):
        turn = align(rest, (frame @ unit(np.array(aim)))[None])[0]
        rotations[:, body.index(f"finger1-{phalanx}.{side}")] = hand @ turn
