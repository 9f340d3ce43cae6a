"""How far each filtered angle may be off, from what the lengths of the segments do in the picture."""

import math
from collections.abc import Mapping

import numpy as np

from formcheck import signals
from formcheck.data import BoolArray, FloatArray, View
from formcheck.geometry import distance, wrap
from formcheck.skeleton import SEGMENTS
from formcheck.uncertainty import SLOW_NOISE_S

# Root mean square of a knee's error where it is computed: 4.8 to 7.7 in 273 hinge sets by plates [S].
DRAWN_KNEE_DEG = 7.0
MAX_YAW_DEG = 60.0  # beyond it, nothing is known of a sagittal angle


def estimate_errors(
    joints_px: Mapping[str, FloatArray],
    channels: Mapping[str, FloatArray],
    leg_px: float,
    reconstructed: BoolArray,
    view: View,
    time_s: FloatArray,
) -> dict[str, float]:
    """Return one sigma of each filtered angle (deg) and of `hip_back_leg`: what the lengths of the segments tell.

    A bone keeps its length, so what a segment's length does in the picture, filtered as the angles are, is the error
    of its ends along it, slow drift included; across it, where it turns the angle, it is taken to be as large. What a
    camera off the side view does to the lengths is taken out first, what it does to the angles is added (root mean
    square), and so is what a computed knee (`reconstructed`, (T,)) is off by in its share of the frames. NaN where no
    segment was seen. It cannot tell a bias: a rolled camera, or a landmark that is off by the
    same amount all the time.
    """
    yaw = np.radians(min(view.yaw_deg, MAX_YAW_DEG) if np.isfinite(view.yaw_deg) else 0.0)
    seen = ~reconstructed | reconstructed.all()
    variances, lengths_px = [], {}
    for name, ends in {"trunk": 2, "thigh": 2, "shank": 1}.items():  # the planted ankle has next to no error
        lower, upper = SEGMENTS[name]
        true = np.radians(_turn_back(channels[f"{name}_deg"], yaw))
        shortening = np.hypot(np.sin(true) * np.cos(yaw), np.cos(true))
        length_px = (distance(joints_px[lower], joints_px[upper]) / shortening)[seen]
        lengths_px[name] = signals.median(length_px)
        spread_px = signals.MAD_TO_SIGMA * signals.median(np.abs(length_px - lengths_px[name]))
        variances.append(spread_px**2 / ends)
    clip_s = max(float(time_s[-1] - time_s[0]), 4 * SLOW_NOISE_S)
    joint_px = float(np.sqrt(np.mean(variances) / (1 - 2 * SLOW_NOISE_S / clip_s)))  # the median length drifts as well
    trunk, thigh, shank = (joint_px / lengths_px[name] for name in ("trunk", "thigh", "shank"))
    in_deg = {
        "trunk_deg": np.hypot(trunk, trunk),
        "thigh_deg": np.hypot(thigh, thigh),
        "shank_deg": shank,
        "hip_flexion_deg": np.sqrt(2 * trunk**2 + 2 * thigh**2 + trunk * thigh),  # the hip turns both, by what angle
        "knee_flexion_deg": np.hypot(shank + thigh, thigh),
    }
    inclined = ("trunk_deg", "thigh_deg", "shank_deg")
    off = {name: wrap(_turn_back(channels[name], yaw) - channels[name]) for name in inclined}
    off |= {
        "hip_flexion_deg": off["trunk_deg"] - off["thigh_deg"],
        "knee_flexion_deg": off["shank_deg"] - off["thigh_deg"],
    }
    drawn_deg = DRAWN_KNEE_DEG * math.sqrt(np.mean(reconstructed))
    of_drawn = {"trunk_deg": 0.0, "knee_flexion_deg": drawn_deg}  # half of it turns the thigh, and the hip with it
    errors = {
        name: math.hypot(np.degrees(angle), of_drawn.get(name, drawn_deg / 2), _root_mean_square(off[name]))
        for name, angle in in_deg.items()
    }
    return errors | {"hip_back_leg": joint_px / float(np.sqrt(2)) / leg_px}


def _turn_back(incline_deg: FloatArray, yaw: float) -> FloatArray:
    """Inclination (deg) of a segment that a camera `yaw` radians off the side view sees inclined by `incline_deg`."""
    seen = np.radians(incline_deg)
    return np.asarray(np.degrees(np.arctan2(np.sin(seen), np.cos(seen) * np.cos(yaw))))


def _root_mean_square(values: FloatArray) -> float:
    finite = values[np.isfinite(values)]
    return float(np.sqrt(np.mean(finite**2))) if len(finite) else float("nan")
