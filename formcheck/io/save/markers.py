"""Landmarks as markers in space, in metres, in OpenSim's axes: what TRC and C3D hold.

Conventions: X forward (where the lifter faces), Y up, Z to the lifter's right. X and Y are the picture's plane; Z is
the pose model's own guess of depth, which is weak. The origin is on the floor below the middle of the ankles: the
ankles' median forwards, the lowest ankle, heel or toe (5th percentile) in height, the hips' middle sideways.

The scale is not measured: nothing in a picture tells metres from pixels. It is the length that the pose model gives
thigh and shank in metres over the length they have in the picture.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from formcheck import signals
from formcheck.data import FloatArray, PoseSequence, View
from formcheck.errors import InputError
from formcheck.geometry import FACING_SIGN, distance
from formcheck.signals import MAX_GAP_S
from formcheck.skeleton import SIDES, Landmark, Side, landmark

FLOOR = ("ankle", "heel", "foot_index")
NAMES = tuple(each.name.lower() for each in Landmark)

Naming = Literal["pose2sim", "mediapipe"]
NAMINGS: tuple[Naming, ...] = get_args(Naming)
LETTERS = {"LEFT": "L", "RIGHT": "R"}


@dataclass(frozen=True, eq=False)
class Markers:
    """Marker tracks at an even rate: time_s (T,), xyz_m (T, K, 3) in the axes above, NaN where not seen."""

    time_s: FloatArray
    rate_hz: float
    names: tuple[str, ...]
    xyz_m: FloatArray


def name_markers(naming: Naming) -> tuple[str, ...]:
    """Return a name per landmark: RHip, LBigToe as in Pose2Sim's models for OpenSim, or right_hip as MediaPipe has it.

    Neck and Hip, which its models for other landmarks have too, are no landmarks and are not made up: Pose2Sim's Neck
    lies 8 cm above the middle of the shoulders.
    """
    return NAMES if naming == "mediapipe" else tuple(_in_pose2sim(each) for each in Landmark)


def _in_pose2sim(each: Landmark) -> str:
    words = each.name.replace("FOOT_INDEX", "BIG_TOE").split("_")
    return LETTERS.get(words[0], words[0].capitalize()) + "".join(word.capitalize() for word in words[1:])


def place_markers(poses: PoseSequence, view: View, naming: Naming = "pose2sim") -> Markers:
    """Return the raw landmarks on an even time grid (gaps up to 0.2 s bridged), in metres.

    Everything is NaN when the landmarks hold no depth, or the near leg was never seen: then there is no scale.
    """
    time_s = signals.regular_times(poses.time_s)
    xy_px = signals.resample(poses.time_s, poses.xy_px, time_s, MAX_GAP_S)
    depth_m = signals.resample(poses.time_s, poses.world_m[:, :, 2], time_s, MAX_GAP_S)
    sign = FACING_SIGN[view.facing]
    metres = measure_scale_m_per_px(poses, view.side)
    ankles_px = xy_px[:, [landmark(side, "ankle") for side in SIDES], 0]
    feet_px = xy_px[:, [landmark(side, joint) for side in SIDES for joint in FLOOR], 1]
    floor_px = np.nanpercentile(feet_px, 95) if np.isfinite(feet_px).any() else np.nan
    xyz_m = np.stack(
        [
            sign * metres * (xy_px[:, :, 0] - signals.median(ankles_px.ravel())),
            metres * (floor_px - xy_px[:, :, 1]),
            -sign * depth_m,
        ],
        axis=-1,
    )
    rate_hz = 1.0 / float(np.median(np.diff(time_s)))
    return Markers(time_s, rate_hz, name_markers(naming), xyz_m)


def place_in_metres(name: str, poses: PoseSequence, view: View, naming: Naming = "pose2sim") -> Markers:
    """Return `place_markers` for the format `name`. Raises InputError where no marker ever has a place in metres."""
    markers = place_markers(poses, view, naming)
    if not np.isfinite(markers.xyz_m).any():
        raise InputError(
            f"There are no metres for {name}: the landmarks hold no depth, or the near leg was never seen.",
            "Leave trc and c3d out: mot, csv, parquet and dlc need no metres.",
        )
    return markers


def measure_scale_m_per_px(poses: PoseSequence, side: Side) -> float:
    """Return metres per pixel: the near leg's median length in the model's metres over the picture's; or NaN."""
    hip, knee, ankle = (landmark(side, joint) for joint in ("hip", "knee", "ankle"))
    world = poses.world_m
    leg_m = np.linalg.norm(world[:, hip] - world[:, knee], axis=1)
    leg_m = leg_m + np.linalg.norm(world[:, knee] - world[:, ankle], axis=1)
    leg_px = distance(poses.xy_px[:, hip], poses.xy_px[:, knee]) + distance(poses.xy_px[:, knee], poses.xy_px[:, ankle])
    return signals.median(leg_m) / (signals.median(leg_px) or float("nan"))
