"""A CSV as DeepLabCut writes it for one animal: three header rows, then x, y and likelihood per landmark, in pixels.

`movement.io.load_poses.from_dlc_file` and DeepLabCut's own tools load it. It has no times: a row is a sample of an
even grid, the first at the first sampled frame, and the rate has to be told to whoever loads it.
"""

import csv
import io

import numpy as np

from formcheck import signals
from formcheck.data import PoseSequence
from formcheck.io.save.markers import NAMES
from formcheck.signals import MAX_GAP_S

SCORER = "formcheck"
COORDINATES = ("x", "y", "likelihood")


def write_dlc(poses: PoseSequence) -> str:
    """Return the raw landmarks on the even grid; likelihood is the pose model's visibility. Empty cells: not seen."""
    time_s = signals.regular_times(poses.time_s)
    raw = np.concatenate([poses.xy_px, poses.visibility[:, :, None]], axis=2)
    values = signals.resample(poses.time_s, raw, time_s, MAX_GAP_S)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["scorer", *[SCORER] * (3 * len(NAMES))])
    writer.writerow(["bodyparts", *(name for name in NAMES for _ in COORDINATES)])
    writer.writerow(["coords", *COORDINATES * len(NAMES)])
    for number, row in enumerate(values.reshape(len(values), -1)):
        writer.writerow([number, *("" if np.isnan(value) else f"{value:.4f}" for value in row)])
    return text.getvalue()
