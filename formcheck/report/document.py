"""report.json: the report for machines. Its keys are a contract (see `contract`); NaN and infinity become null."""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from formcheck.data import SCHEMA_VERSION, BarPath, Cue, Finding, Kinematics, Rep, Report
from formcheck.kinematics.barbell import measure_speed
from formcheck.report.contract import BarDocument, CueDocument, FindingDocument, RepDocument, ReportDocument

DECIMALS = 4  # 0.1 ms and 0.0001 deg: below every measure's noise


def build(report: Report) -> ReportDocument:
    """Return report.json's content as JSON types, keys in the contract's order."""
    source, view, quality = report.source, report.kinematics.view, report.kinematics.quality
    return {
        "schema_version": SCHEMA_VERSION,
        "source": {
            "path": printable(source.path),
            "sha256": source.sha256,
            "fps": plain(source.fps),
            "n_frames": int(source.n_frames),
            "duration_s": plain(source.duration_s),
            "size_px": plain(source.size_px),
            "rotation_deg": int(source.rotation_deg),
        },
        "lift": {
            "name": report.lift.name,
            "confidence": plain(report.lift.confidence),
            "chosen_by": report.lift.chosen_by,
            "doubt": report.lift.doubt,
            "looks_like": report.lift.looks_like,
        },
        "view": {
            "side": view.side,
            "facing": view.facing,
            "yaw_deg": plain(view.yaw_deg),
            "verdict": view.verdict,
        },
        "quality": {
            "detected_fraction": plain(quality.detected_fraction),
            "warnings": list(quality.warnings),
        },
        "bar": None if report.kinematics.bar is None else _bar(report.kinematics.bar),
        "reps": [_rep(rep, report.kinematics) for rep in report.reps],
        "findings": [_finding(finding) for finding in report.findings],
        "cues": [_cue(cue) for cue in report.cues],
        "provenance": {
            "version": report.version,
            "model": report.provenance.model,
            "model_sha256": report.provenance.model_sha256,
            "lost_before": plain(report.provenance.lost_before),
            "second_model_sha256": report.provenance.second_model_sha256,
            "settings": plain(report.settings),
        },
    }


def to_json(content: Mapping[str, Any]) -> str:
    """Return the document's text: indented, UTF-8 letters as they are, one newline at the end."""
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def printable(path: str) -> str:
    r"""Return a path as text that any encoder takes: bytes of the name that are not UTF-8 become \xNN."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _rep(rep: Rep, kinematics: Kinematics) -> RepDocument:
    """Return one entry of `reps`: its times, the most flexion seen in it, and the bar's mean speeds."""
    down_m_s, up_m_s = measure_speed(kinematics, rep)
    return {
        "number": rep.number,
        "complete": rep.complete,
        "start_s": plain(rep.start_s),
        "turn_s": plain(rep.turn_s),
        "stop_s": plain(rep.stop_s),
        "eccentric_s": plain(rep.eccentric_s),
        "pause_s": plain(rep.pause_s),
        "concentric_s": plain(rep.concentric_s),
        "concentric_first": rep.concentric_first,
        "hip_flexion_max_deg": _most(rep, kinematics, "hip_flexion_deg"),
        "knee_flexion_max_deg": _most(rep, kinematics, "knee_flexion_deg"),
        "trunk_max_deg": _most(rep, kinematics, "trunk_deg"),
        "bar_eccentric_m_s": plain(down_m_s),
        "bar_concentric_m_s": plain(up_m_s),
    }


def _most(rep: Rep, kinematics: Kinematics, channel: str) -> float | None:
    """Return the largest value of a channel that was seen in a repetition."""
    values = kinematics.channels.get(channel)
    seen = np.array([]) if values is None else values[rep.start : rep.stop]
    seen = seen[np.isfinite(seen)]
    return float(plain(seen.max())) if seen.size else None


def _bar(bar: BarPath) -> BarDocument:
    """Return the bar's own entry: millimetres a pixel at the near plate, or why there are none."""
    return {
        "seen_fraction": plain(bar.seen_fraction),
        "plate_radius_px": plain(bar.radius_px),
        "mm_per_px": plain(1000 * bar.m_per_px),
        "reason": bar.reason,
    }


def _finding(finding: Finding) -> FindingDocument:
    limit = finding.limit
    return {
        "code": finding.code,
        "rep": finding.rep,
        "verdict": finding.verdict,
        "value": plain(finding.value),
        "low": plain(finding.low),
        "high": plain(finding.high),
        "unit": finding.unit,
        "limit": {"note": plain(limit.note), "fault": plain(limit.fault), "direction": limit.direction},
        "start_s": plain(finding.start_s),
        "end_s": plain(finding.end_s),
        "confidence": plain(finding.confidence),
        "text": finding.text,
        "reason": finding.reason,
        "detail": plain(finding.detail),
    }


def _cue(cue: Cue) -> CueDocument:
    return {
        "code": cue.code,
        "verdict": "fault" if cue.verdict == "fault" else "note",
        "text": cue.text,
        "value": plain(cue.value),
        "unit": cue.unit,
        "start_s": plain(cue.start_s),
        "confidence": plain(cue.confidence),
        "reps": list(cue.reps),
    }


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
