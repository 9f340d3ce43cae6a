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
    return write_table(("time_s", *CHANNELS, "reconstructed", *BAR_CHANNELS), rows)


def reps_csv(reps: Sequence[Mapping[str, Any]]) -> str:
    """Return a row per entry of report.json's `reps`; complete is 1 or 0."""
    return write_table(REP_COLUMNS, ([rep[name] for name in REP_COLUMNS] for rep in reps))


def write_table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table as CSV: texts and whole numbers as they are, others with four decimals, missing as nothing."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None or not math.isfinite(value):
        return ""
    if isinstance(value, int):
        return str(int(value))
    return f"{round(float(value), DECIMALS) + 0.0:.{DECIMALS}f}"
