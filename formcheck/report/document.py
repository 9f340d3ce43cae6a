"""report.json: the report for machines. Its keys are a contract (see `contract`); NaN and infinity become null."""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from formcheck.data import SCHEMA_VERSION, BarPath, Kinematics, Rep, Report
from formcheck.kinematics.barbell import measure_speed
from formcheck.report import contract

JOINTS = ("hip_flexion", "knee_flexion", "trunk")  # whose most is told of each repetition
DECIMALS = 4  # 0.1 ms and 0.0001 deg: below every measure's noise


def build(report: Report) -> contract.ReportDocument:
    """Return report.json's content as JSON types, keys in the contract's order."""
    kinematics, bar = report.kinematics, report.kinematics.bar
    document: contract.ReportDocument = plain(
        {
            "schema_version": SCHEMA_VERSION,
            "source": contract.pick(
                contract.SourceDocument, {**vars(report.source), "path": printable(report.source.path)}
            ),
            "lift": contract.pick(contract.LiftDocument, vars(report.lift)),
            "view": contract.pick(contract.ViewDocument, vars(kinematics.view)),
            "quality": contract.pick(contract.QualityDocument, vars(kinematics.quality)),
            "bar": None if bar is None else _bar(bar),
            "reps": [_rep(rep, kinematics) for rep in report.reps],
            "findings": [
                contract.pick(
                    contract.FindingDocument,
                    {**vars(each), "limit": contract.pick(contract.LimitDocument, vars(each.limit))},
                )
                for each in report.findings
            ],
            "cues": [contract.pick(contract.CueDocument, vars(each)) for each in report.cues],
            "provenance": contract.pick(
                contract.ProvenanceDocument,
                {**vars(report.provenance), "version": report.version, "settings": report.settings},
            ),
        }
    )
    return document


def to_json(content: Mapping[str, Any]) -> str:
    """Return the document's text: indented, UTF-8 letters as they are, one newline at the end."""
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def printable(path: str) -> str:
    r"""Return a path as text that any encoder takes: bytes of the name that are not UTF-8 become \xNN."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _rep(rep: Rep, kinematics: Kinematics) -> contract.RepDocument:
    """Return one entry of `reps`: its times, the most flexion seen in it, and the bar's mean speeds."""
    down_m_s, up_m_s = measure_speed(kinematics, rep)
    most = {f"{joint}_max_deg": kinematics.most(f"{joint}_deg", rep) for joint in JOINTS}
    speeds = {"bar_eccentric_m_s": down_m_s, "bar_concentric_m_s": up_m_s}
    document: contract.RepDocument = contract.pick(contract.RepDocument, {**vars(rep), **most, **speeds})
    return document


def _bar(bar: BarPath) -> contract.BarDocument:
    """Return the bar's own entry: millimetres a pixel at the near plate, or why there are none."""
    own = {**vars(bar), "plate_radius_px": bar.radius_px, "mm_per_px": 1000 * bar.m_per_px}
    document: contract.BarDocument = contract.pick(contract.BarDocument, own)
    return document


def plain(value: Any) -> Any:
    """Return numbers, arrays and mappings as JSON types: floats rounded, never -0.0, NaN and infinity as None.

    Raises TypeError for a type that JSON does not know: whoever put it into the report must choose its text.
    """
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return round(value, DECIMALS) + 0.0 if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    raise TypeError(f"{type(value).__name__} has no place in report.json")
