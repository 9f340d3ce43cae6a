"""Tidy tables: a column per variable, a row per observation; a missing value is an empty cell."""

import csv
import io
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from formcheck.data import Kinematics, PoseSequence
from formcheck.skeleton import N_LANDMARKS, Landmark

Table = Mapping[str, NDArray[np.generic]]
TIDY_DECIMALS = 6  # of every number: a thousandth of a pixel and less


def pose_table(poses: PoseSequence) -> Table:
    """Return a row per sampled frame and landmark, raw: time_s, landmark, x_px and y_px (origin top left, y down),
    world_x_m, world_y_m, world_z_m (origin between the hips, y down, z away from the camera), visibility (0..1).
    """
    names = np.array([each.name.lower() for each in Landmark])
    xy_px, world_m = poses.xy_px.reshape(-1, 2), poses.world_m.reshape(-1, 3)
    return {
        "time_s": np.repeat(poses.time_s, N_LANDMARKS),
        "landmark": np.tile(names, len(poses.time_s)),
        "x_px": xy_px[:, 0],
        "y_px": xy_px[:, 1],
        "world_x_m": world_m[:, 0],
        "world_y_m": world_m[:, 1],
        "world_z_m": world_m[:, 2],
        "visibility": poses.visibility.ravel(),
    }


def kinematics_table(kinematics: Kinematics) -> Table:
    """Return a row per sample of the even time grid: time_s, every channel under its name, reconstructed (bool)."""
    return {"time_s": kinematics.time_s, **kinematics.channels, "reconstructed": kinematics.reconstructed}


def write_csv(table: Table) -> str:
    """Return the table as CSV: floats with six decimals, NaN an empty cell, True 1."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(zip(*(_cells(column) for column in table.values()), strict=True))
    return text.getvalue()


def _cells(column: NDArray[np.generic]) -> list[str]:
    if column.dtype.kind == "b":
        return [str(int(value)) for value in column]
    if column.dtype.kind == "f":
        return [
            "" if np.isnan(value) else f"{round(float(value), TIDY_DECIMALS) + 0.0:.{TIDY_DECIMALS}f}"
            for value in column
        ]
    return [str(value) for value in column]
