"""A view made by hand for the tests of the window and the page."""

from typing import Any

import numpy as np

from formcheck.live.types import Overlay
from formcheck.skeleton import Landmark

PLACES = {"ear": (150, 40), "shoulder": (150, 70), "elbow": (180, 100), "wrist": (180, 130), "hip": (150, 130)}
PLACES |= {"knee": (150, 170), "ankle": (150, 210), "heel": (145, 220), "foot_index": (170, 220)}


def make_view(**changes: Any) -> Overlay:
    """Somebody who stands in a picture of 320 x 240, seen from the left, on the way down in the third rep."""
    xy_px = np.full((33, 2), np.nan)
    for joint, place in PLACES.items():
        xy_px[Landmark[f"LEFT_{joint}".upper()]] = place
    values: dict[str, Any] = {
        "time_s": 4.0,
        "xy_px": xy_px,
        "size_px": (320, 240),
        "lift": "rdl",
        "phase": "lowering",
        "reps": 2,
        "set_running": True,
        "hip_deg": 65.0,
        "knee_deg": 13.0,
        "trunk_deg": 50.0,
        "eccentric_s": 2.0,
        "cue": None,
        "guide": None,
        "fps": 27.0,
        "latency_s": 0.084,
        "model": "full",
        "dropped_share": 0.0,
        "side": "left",
        "depth": 0.6,
        "target_s": np.nan,
    }
    return Overlay(**(values | changes))
