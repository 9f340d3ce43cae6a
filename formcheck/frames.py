"""A Report as pandas DataFrames (extra `frames`): one for the samples, one for the repetitions, one for the findings.

>>> report = formcheck.analyze("set.mp4", lift="rdl")
>>> angles, reps, findings = formcheck.frames.to_frames(report)
>>> findings.query("verdict == 'fault'")
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from formcheck.data import Report

TIMES = ("start_s", "turn_s", "stop_s", "eccentric_s", "pause_s", "concentric_s")
VERDICTS = ("good", "note", "fault", "not_judged")


class Frames(NamedTuple):
    """The three tables of a report."""

    angles: pd.DataFrame
    reps: pd.DataFrame
    findings: pd.DataFrame


def to_frames(report: Report) -> Frames:
    """Return all three tables."""
    return Frames(angles_frame(report), reps_frame(report), findings_frame(report))


def angles_frame(report: Report) -> pd.DataFrame:
    """Return a row per sample, indexed by time_s: every channel under its name with unit (NaN: not seen),
    `reconstructed`, and `rep`, the number of the repetition or missing between two.
    """
    kinematics = report.kinematics
    number = pd.array(np.zeros(len(kinematics.time_s), dtype=int), dtype="Int64")
    number[:] = pd.NA
    for rep in report.reps:
        number[rep.start : rep.stop] = rep.number
    columns = {**kinematics.channels, "reconstructed": kinematics.reconstructed, "rep": number}
    return pd.DataFrame(columns, index=pd.Index(kinematics.time_s, name="time_s"))


def reps_frame(report: Report) -> pd.DataFrame:
    """Return a row per repetition, indexed by its number: complete, the times of its phases in seconds (NaN: the clip
    does not show it whole), and per channel the most between start and stop (`trunk_max_deg`).
    """
    names = {name: "_max_".join(name.rsplit("_", 1)) for name in report.kinematics.channels}
    rows = [
        {name: getattr(rep, name) for name in ("complete", *TIMES)}
        | {most: report.kinematics.most(name, rep) for name, most in names.items()}
        for rep in report.reps
    ]
    numbers = pd.Index([rep.number for rep in report.reps], name="rep", dtype=int)
    return pd.DataFrame(rows, index=numbers)


def findings_frame(report: Report) -> pd.DataFrame:
    """Return a row per finding, in the report's order: code, rep (missing: the whole set), verdict (categorical), value
    with its 90 % interval low and high, unit, the lines it was held against (`limit_note`, `limit_fault`: NaN where
    there is none; `limit_direction`), start_s, end_s, confidence, text, and the reason why it was not judged.
    """
    rows = [
        {name: getattr(finding, name) for name in ("code", "rep", "verdict", "value", "low", "high", "unit")}
        | {
            "limit_note": np.nan if finding.limit.note is None else finding.limit.note,
            "limit_fault": np.nan if finding.limit.fault is None else finding.limit.fault,
            "limit_direction": finding.limit.direction,
        }
        | {name: getattr(finding, name) for name in ("start_s", "end_s", "confidence", "text", "reason")}
        for finding in report.findings
    ]
    frame = pd.DataFrame(rows)
    if rows:
        frame["rep"] = frame["rep"].astype("Int64")
        frame["verdict"] = pd.Categorical(frame["verdict"], categories=VERDICTS)
    return frame
