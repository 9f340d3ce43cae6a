"""What a page's script draws from, packed: arrays are little-endian bytes in base64."""

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formcheck.data import BoolArray, FloatArray, PoseSequence, View
from formcheck.rendering.body_figure import JOINTS, LIMBS, drawn_angles, joint_landmarks, may_show
from formcheck.signals import finite_runs

BACK_STEP = 2  # every second of the back's stations: the curve is smooth, and half as heavy
SPAN_PX = 20_000  # int16 units of a picture's longer side: 0.1 px of 1080p, and room for what lies outside
MISSING = -32768  # int16 for what was not seen


def pack_figure(
    size_px: tuple[int, int],
    poses: PoseSequence | None,
    view: View,
    time_s: FloatArray,
    channels: Mapping[str, FloatArray],
    reconstructed: BoolArray,
) -> dict[str, Any]:
    """Return all that the script draws over a set's video, as JSON types: no figure without `poses`, and no numbers
    where the camera's place forbids them.
    """
    shown = {name: each for name, each in channels.items() if may_show(view) and np.isfinite(each).any()}
    return {
        "size_px": list(size_px),
        "joints": list(JOINTS),
        "limbs": [[JOINTS.index(one), JOINTS.index(other)] for one, other in LIMBS],
        "angles": [vars(angle) for angle in drawn_angles(view)],
        "poses": None if poses is None else pack_poses(poses, view),
        "motion": {
            "time_s": floats(time_s),
            "channels": {name: floats(each) for name, each in shown.items()},
            "reconstructed": find_runs(time_s, reconstructed),
        },
    }


def pack_poses(poses: PoseSequence, view: View) -> dict[str, Any]:
    """Return the drawn landmarks and the back's edge as int16 in base64, `SPAN_PX` units to the longer side."""
    unit_px = max(poses.size_px) / SPAN_PX
    back = None
    if poses.back is not None:
        back = poses.back.trace(view.facing)[:, ::BACK_STEP]
    return {
        "time_s": floats(poses.time_s),
        "unit_px": unit_px,
        "xy": _shorts(poses.xy_px[:, list(joint_landmarks(view.side))] / unit_px),
        "back": None if back is None else _shorts(back / unit_px),
        "n_back": 0 if back is None else back.shape[1],
    }


def find_runs(time_s: FloatArray, marked: BoolArray) -> list[tuple[float, float]]:
    """Return the stretches (start s, end s) in which `marked` is True."""
    last = len(time_s) - 1
    return [
        (round(float(time_s[start]), 4), round(float(time_s[min(stop, last)]), 4))
        for start, stop in finite_runs(marked)
    ]


def floats(values: FloatArray) -> str:
    """Return float32 in base64, little-endian."""
    return _base64(np.asarray(values, "<f4"))


def _shorts(values: FloatArray) -> str:
    whole = np.where(np.isfinite(values), np.clip(np.round(values), MISSING + 1, -MISSING - 1), MISSING)
    return _base64(whole.astype("<i2"))


def _base64(values: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")
