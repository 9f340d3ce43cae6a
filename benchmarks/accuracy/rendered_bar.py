"""Rows of the rendered benchmark for the bar: where the plate's centre is, and how fast it goes up."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.accuracy.rendered import Claim, Compared, Floats, row_of_errors
from benchmarks.accuracy.table import Row, make_row
from formcheck.data import PoseSequence
from formcheck.kinematics.barbell import FULL_SIZE_M, measure_speed

CENTRE_CM = 1.0
SPEED_M_S = 0.03


def bar_rows(clips: Sequence[Compared]) -> list[Row]:
    """Return the rows of the sets with full-size plates."""
    full = [each for each in clips if each.truth["load"].get("plate_m") == FULL_SIZE_M]
    off_cm = np.concatenate([np.empty(0), *(centre_errors(each) for each in full)])
    speeds = [claim for each in full for claim in speed_claims(each)]
    if not full:
        return []
    seen_cm = off_cm[np.isfinite(off_cm)]
    return [
        make_row(
            "bar centre, p95",
            float(np.percentile(seen_cm, 95)) if len(seen_cm) else float("nan"),
            "cm",
            count=len(full),
            at_most=CENTRE_CM,
            abstained=1 - len(seen_cm) / len(off_cm),
        ),
        row_of_errors("bar, mean concentric velocity, MAE", speeds, "m/s", SPEED_M_S),
    ]


def centre_errors(clip: Compared) -> Floats:
    """Distance of the plate's centre from the true one in every frame of the repetitions, cm; NaN where not seen."""
    poses = clip.report.poses
    assert poses is not None
    inside = (poses.time_s >= clip.truth["reps"][0]["start_s"]) & (poses.time_s <= clip.truth["reps"][-1]["stop_s"])
    return np.asarray(off_centre_cm(poses, clip.truth["frames"])[inside])


def off_centre_cm(poses: PoseSequence, frames: dict[str, Any]) -> Floats:
    """Distance of the plate's centre from the true one in every frame (T,), at the scale of a full-size plate."""
    if poses.plate_px is None:
        return np.full(len(poses.time_s), np.nan)
    true_px, radius_px = true_circle(frames, poses.time_s)
    off_px = np.linalg.norm(poses.plate_px[:, :2] - true_px, axis=1)
    return np.asarray(100 * FULL_SIZE_M / 2 * off_px / radius_px)


def true_height_m(frames: dict[str, Any], time_s: Floats) -> Floats:
    """Height of the near plate's centre (T,), from the picture's upper edge down negative."""
    true_px, radius_px = true_circle(frames, time_s)
    return np.asarray(-true_px[:, 1] * FULL_SIZE_M / 2 / radius_px)


def speed_claims(clip: Compared) -> list[Claim]:
    """Mean speed of the bar on the way up, m/s, of every repetition; NaN where it is not told."""
    kinematics = clip.report.kinematics
    true_m = true_height_m(clip.truth["frames"], kinematics.time_s)
    told = replace(kinematics, channels={**kinematics.channels, "bar_y_m": true_m})
    nan = float("nan")
    reps = {rep.number: rep for rep in clip.report.reps}
    return [
        Claim(clip.name, measure_speed(kinematics, reps[number])[1], nan, nan, measure_speed(told, reps[number])[1])
        for number, _ in clip.pairs()
    ]


def true_circle(frames: dict[str, Any], time_s: Floats) -> tuple[Floats, Floats]:
    """Centre (T, 2) and radius (T,) of the near plate, px."""
    centre = np.array(frames["bar_px"], dtype=float)
    columns = [np.interp(time_s, frames["time_s"], centre[:, axis]) for axis in (0, 1)]
    radius = np.interp(time_s, frames["time_s"], np.array(frames["plate_radius_px"], dtype=float))
    return np.stack(columns, axis=1), radius
