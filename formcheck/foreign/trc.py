"""TRC: markers in space, as OpenCap, Pose2Sim, Theia or formcheck itself write them, seen from the lifter's side.

The sagittal plane is found from the markers: Y is up, the hips' line (else the shoulders') says what is sideways. Its
coordinates become the picture's, in millimetres instead of pixels, the lifter facing right.
"""

from pathlib import Path

import numpy as np

from formcheck import signals
from formcheck.data import FloatArray
from formcheck.errors import InputError
from formcheck.foreign.names import find_landmark
from formcheck.foreign.tracks import Foreign, check_count, empty_tracks, hide_unplaced, number_array
from formcheck.skeleton import SIDES, Side, landmark

METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001}
WRITE_AGAIN = "Write it again: Units m, cm or mm, tabs between columns, Y up."


def read_trc(text: str, path: Path, side: Side) -> Foreign:
    """Read the text of a TRC file. Raises InputError for a header that is none, or markers without a sideways line."""
    lines = text.splitlines()
    if len(lines) < 6:
        raise InputError(f"{path} ends before its first frame.", WRITE_AGAIN)
    header = dict(zip(lines[1].split("\t"), lines[2].split("\t")))  # noqa: B905  # trailing tabs are common
    unit = header.get("Units", "").strip().lower()
    if unit not in METRES:
        raise InputError(f"{path} does not say in which unit its markers are.", WRITE_AGAIN)
    names = [name.strip() for name in lines[3].split("\t")[2::3]]
    rows = [line.split("\t") for line in lines[5:] if line.strip()]
    check_count(len(rows), path)
    table = number_array(rows, 2 + 3 * len(names))
    spot_m = METRES[unit] * table[:, 2:].reshape(len(rows), len(names), 3)
    _, world_m, visibility = empty_tracks(len(rows))
    for column, name in enumerate(names):
        ours = find_landmark(name, side)
        if ours is not None:
            world_m[:, ours] = spot_m[:, column]
    seen_m = _turn_to_the_side(world_m, path)
    xy, visibility = hide_unplaced(1000.0 * seen_m[:, :, :2], visibility)
    return Foreign("TRC", np.arange(len(rows), dtype=float), table[:, 1], xy, seen_m, visibility)


def _turn_to_the_side(spot_m: FloatArray, path: Path) -> FloatArray:
    """Return (T, K, 3) markers as a camera at the lifter's right sees them: x forward, y down, z away."""
    for joint in ("hip", "shoulder"):
        left, right = (spot_m[:, landmark(side, joint)] for side in SIDES)
        sideways = np.array([signals.median((right - left)[:, axis]) for axis in (0, 2)])
        length = float(np.hypot(*sideways))
        if length > 0.01:  # metres: less is no line
            right_x, right_z = sideways / length
            forward = right_z * spot_m[:, :, 0] - right_x * spot_m[:, :, 2]
            right_of = right_x * spot_m[:, :, 0] + right_z * spot_m[:, :, 2]
            return np.stack([forward, -spot_m[:, :, 1], -right_of], axis=-1)
    raise InputError(f"{path} has not both hips nor both shoulders, so its side view is unknown.", WRITE_AGAIN)
