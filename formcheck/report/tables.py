"""angles.csv and reps.csv: tidy tables, a header and a row per sample or repetition; an empty cell was not seen."""

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from formcheck.data import Kinematics
from formcheck.report.contract import RepDocument
from formcheck.report.document import DECIMALS

CHANNELS = (
    "hip_flexion_deg",
    "knee_flexion_deg",
    "trunk_deg",
    "thigh_deg",
    "shank_deg",
    "hip_back_leg",
    "lumbar_deg",
)
BAR_CHANNELS = ("bar_x_leg", "bar_y_leg", "bar_x_m", "bar_y_m")
REP_COLUMNS = tuple(name for name in RepDocument.__annotations__ if name != "concentric_first")


def angles_csv(kinematics: Kinematics) -> str:
    """Return a row per sample: degrees, flexion positive; hip_back_leg in leg lengths; reconstructed 1 or 0; the bar.

    A channel that could not be had, and every NaN, is an empty cell.
    """
    channels, bar = ([kinematics.channels.get(name) for name in names] for names in (CHANNELS, BAR_CHANNELS))
    rows = (
        [
            time_s,
            *(None if channel is None else channel[row] for channel in channels),
            int(kinematics.reconstructed[row]),
            *(None if channel is None else channel[row] for channel in bar),
        ]
        for row, time_s in enumerate(kinematics.time_s)
    )
    return _csv(("time_s", *CHANNELS, "reconstructed", *BAR_CHANNELS), rows)


def reps_csv(reps: Sequence[Mapping[str, Any]]) -> str:
    """Return a row per entry of report.json's `reps`; complete is 1 or 0."""
    return _csv(REP_COLUMNS, ([rep[name] for name in REP_COLUMNS] for rep in reps))


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    """Return one cell: integers as they are, floats with four decimals, what is missing as nothing."""
    if value is None or math.isnan(value):
        return ""
    if isinstance(value, int):
        return str(int(value))
    return f"{round(float(value), DECIMALS) + 0.0:.{DECIMALS}f}"
