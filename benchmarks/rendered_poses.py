"""What the pose model makes of rendered clips: `python benchmarks/rendered_poses.py CLIP.mp4 ...`.

For each clip: share of frames with a person; RMSE, bias and what is left without it (degrees) of the angles between the
near side's raw landmarks against the truth file beside the clip. Landmarks are not joint centres.
"""

import json
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from formcheck.pose.estimation import acquire_poses
from formcheck.skeleton import landmark

Floats = npt.NDArray[np.float64]
JOINTS = ("shoulder", "hip", "knee", "ankle")


def incline(low: Floats, high: Floats, facing: int) -> Floats:
    """Inclination of low -> high (T, 2) px from the vertical, forward +, degrees."""
    step = high - low
    return np.degrees(np.arctan2(facing * step[:, 0], -step[:, 1]))


def wrapped(angle_deg: Floats) -> Floats:
    """Bring angles to -180..180."""
    return (angle_deg + 180.0) % 360.0 - 180.0


def compare(path: Path) -> str:
    """Measure one clip and describe it in a line."""
    table = json.loads(path.with_suffix("").with_suffix(".truth.json").read_text(encoding="utf-8"))
    _, poses = acquire_poses(path, use_cache=True)
    side = table["near_side"]
    xy = {name: poses.xy_px[:, landmark(side, name)] for name in JOINTS}
    shank, thigh, trunk = (
        incline(xy[low], xy[high], table["facing"])
        for low, high in (("ankle", "knee"), ("knee", "hip"), ("hip", "shoulder"))
    )
    seen = {"knee_flexion_deg": shank - thigh, "hip_flexion_deg": trunk - thigh, "trunk_deg": trunk}
    found = np.isfinite(xy["hip"][:, 0])
    words = [f"{path.stem}: person in {100.0 * found.mean():.0f} % of {len(found)} frames;"]
    for name, angle in seen.items():
        true = np.interp(poses.time_s - poses.time_s[0], table["frames"]["time_s"], table["frames"][name])
        off = wrapped(angle - true)[found]
        rmse, bias = float(np.sqrt(np.mean(off**2))), float(off.mean())
        words.append(f"{name[:-4]} RMSE {rmse:.1f} bias {bias:+.1f} rest {float(off.std()):.1f};")
    return " ".join(words)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(compare(Path(name)), flush=True)
