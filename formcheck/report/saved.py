"""A Report in one file, whole: report.json's content, and under one more key all that it leaves out or rounds.

Conventions: the values follow the types of `formcheck.data` (a dataclass is an object of its fields). An array is its
dtype, its shape and its bytes, zlib and base64; NaN and infinity are the words "nan", "inf" and "-inf". Nothing in a
file is executed, and reading it checks every type: files come from strangers.

What `formcheck analyze` wrote can be read too: report.json with angles.csv beside it. Then angles have the four
decimals of that file, and what neither file holds stays empty: the landmarks, the noise of a channel, the source of a
limit.
"""

import base64
import csv
import io
import json
import math
import types
import zlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from formcheck.data import SCHEMA_VERSION, Report
from formcheck.report import document

WHOLE = "whole"
MAX_ARRAY_BYTES = 500_000_000  # an hour of landmarks at 30 Hz is 170 MB [D]
ARRAYS = {"<f8": np.float64, "|b1": np.bool_}
WORDS = ("nan", "inf", "-inf")
TIMES = ("start_s", "turn_s", "stop_s")
# What report.json does not hold, with what stands in its place.
UNKNOWN_QUALITY = {"n_swapped": 0, "n_outliers": 0, "n_interpolated": 0, "n_reconstructed": 0, "segment_cv_pct": {}}
UNKNOWN_PROVENANCE = {"smoothing": "unknown", "subject": "", "mediapipe_version": ""}


def to_text(report: Report) -> str:
    """Return the file's text."""
    return document.to_json({**document.build(report), WHOLE: encode(report)})


def from_text(text: str, angles: str | None) -> Report:
    """Return the Report of a file's text; `angles` is the text of angles.csv, for one that is not whole.

    Raises ValueError, TypeError, KeyError or RecursionError for anything else.
    """
    content = json.loads(text)
    if content["schema_version"] != SCHEMA_VERSION:
        raise ValueError("another schema_version")
    report = decode(Report, content[WHOLE] if WHOLE in content else _fill(content, angles or ""))
    assert isinstance(report, Report)
    n_samples = len(report.kinematics.time_s)
    if any(not 0 <= rep.start <= rep.turn <= rep.stop <= n_samples for rep in report.reps):
        raise ValueError("a repetition outside the samples")
    return report


def encode(value: Any) -> Any:
    """Return a value of `formcheck.data` as JSON types."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: encode(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, np.ndarray):
        return _encode_array(value)
    if isinstance(value, Mapping):
        return {str(key): encode(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [encode(each) for each in value]
    plain = value.item() if isinstance(value, np.generic) else value.value if isinstance(value, Enum) else value
    return str(plain) if isinstance(plain, float) and not math.isfinite(plain) else plain


def _encode_array(array: NDArray[Any]) -> dict[str, Any]:
    plain = np.ascontiguousarray(array, dtype=np.bool_ if array.dtype == np.bool_ else "<f8")
    packed = base64.b64encode(zlib.compress(plain.tobytes())).decode("ascii")
    return {"dtype": plain.dtype.str, "shape": list(array.shape), "bytes": packed}


def decode(hint: Any, value: Any) -> Any:
    """Return JSON types as the type that `hint` names. Raises TypeError, ValueError or KeyError where they are not."""
    origin = get_origin(hint)
    if hint is Any:
        return _decode_any(value)
    if origin in {Union, types.UnionType}:
        inner = [each for each in get_args(hint) if each is not types.NoneType]
        return None if value is None else decode(inner[0], value)
    if origin is np.ndarray:
        return _decode_array(hint, value)
    if origin is Literal:
        return _expect(value, value in get_args(hint), hint)
    if is_dataclass(hint) or origin is not None:
        return _decode_many(hint, value)
    return _decode_scalar(hint, value)


def _decode_many(hint: Any, value: Any) -> Any:
    """Return a tuple, a mapping or a dataclass of what it is made of."""
    if get_origin(hint) is tuple:
        return _decode_tuple(get_args(hint), _expect(value, isinstance(value, list), hint))
    items = _expect(value, isinstance(value, dict), hint)
    if is_dataclass(hint):
        return _decode_fields(hint, items)
    return {str(key): decode(get_args(hint)[1], each) for key, each in items.items()}


def _decode_fields(kind: Any, value: Mapping[str, Any]) -> Any:
    """Return a dataclass of its fields; one that the file lacks has its default, one that is unknown is refused."""
    hints = get_type_hints(kind)
    known = {each.name: hints[each.name] for each in fields(kind)}
    try:
        return kind(**{name: decode(known[name], each) for name, each in value.items()})
    except AssertionError as error:  # a channel with another number of samples than the times
        raise ValueError(str(error)) from error


def _decode_tuple(hints: tuple[Any, ...], value: list[Any]) -> tuple[Any, ...]:
    if hints[-1] is Ellipsis:
        return tuple(decode(hints[0], each) for each in value)
    return tuple(decode(hint, each) for hint, each in zip(hints, value, strict=True))


def _decode_array(hint: Any, value: Any) -> NDArray[Any]:
    dtype = ARRAYS[value["dtype"]]
    _expect(value, dtype is get_args(get_args(hint)[1])[0], hint)
    shape = tuple(_decode_scalar(int, side) for side in value["shape"])
    n_bytes = math.prod(shape) * np.dtype(dtype).itemsize
    if not 0 <= n_bytes <= MAX_ARRAY_BYTES or any(side < 0 for side in shape):
        raise ValueError("an array too large")
    try:
        unpacked = zlib.decompressobj().decompress(base64.b64decode(value["bytes"], validate=True), n_bytes + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    return np.frombuffer(unpacked, dtype).reshape(shape)


def _decode_scalar(hint: Any, value: Any) -> Any:
    if hint is float:
        if value is None or value in WORDS:
            return float(value or "nan")
        return float(_expect(value, isinstance(value, int | float) and not isinstance(value, bool), hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    return _expect(value, type(value) is hint, hint)


def _decode_any(value: Any) -> Any:
    """Return free content (a finding's detail, the settings), its NaNs and infinities as numbers again."""
    if isinstance(value, dict):
        return {key: _decode_any(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_decode_any(each) for each in value]
    return float(value) if isinstance(value, str) and value in WORDS else value


def _expect(value: Any, is_right: bool, hint: Any) -> Any:  # noqa: FBT001  # the condition and what it is about
    if not is_right:
        raise TypeError(f"{type(value).__name__} where {hint} belongs")
    return value


def _fill(content: Mapping[str, Any], angles: str) -> dict[str, Any]:
    """Return what `decode` reads a Report from, of report.json's content and the text of angles.csv."""
    columns = _read_columns(angles)
    time_s, seen = columns.pop("time_s"), columns.pop("reconstructed") > 0
    made, settings = content["provenance"], content["provenance"]["settings"]
    rate_hz = 1.0 / float(np.median(np.diff(time_s))) if len(time_s) > 1 else math.nan
    bar = content.get("bar")
    return {
        "source": content["source"],
        "lift": content["lift"],
        "kinematics": {
            "time_s": encode(time_s),
            "channels": {name: encode(values) for name, values in columns.items() if _is_had(name, values)},
            "noise": {},
            "reconstructed": encode(seen),
            "leg_px": None,
            "view": content["view"],
            "quality": {**UNKNOWN_QUALITY, **content["quality"]},
            "bar": None
            if bar is None
            else {
                "radius_px": bar["plate_radius_px"],
                "m_per_px": None if bar["mm_per_px"] is None else bar["mm_per_px"] / 1000,
                "seen_fraction": bar["seen_fraction"],
                "reason": bar["reason"],
            },
        },
        "reps": [_fill_rep(rep, time_s) for rep in content["reps"]],
        "findings": [
            {**each, "limit": {**each["limit"], "unit": each["unit"], "source": ""}, "severity": None}
            for each in content["findings"]
        ],
        "cues": content["cues"],
        "provenance": {
            **UNKNOWN_PROVENANCE,
            "model": made["model"],
            "model_sha256": made["model_sha256"],
            "lost_before": made.get("lost_before", 0.0),
            "second_model_sha256": made.get("second_model_sha256", ""),
            "mode": settings.get("pose_mode", ""),
            "rate_hz": rate_hz,
        },
        "settings": settings,
        "version": made["version"],
    }


def _is_had(name: str, values: NDArray[np.float64]) -> bool:
    """Whether a column of angles.csv is a channel: the bar and the back's outline have columns without one too."""
    return not name.startswith(("bar_", "lumbar_")) or bool(np.isfinite(values).any())


def _fill_rep(rep: Mapping[str, Any], time_s: NDArray[np.float64]) -> dict[str, Any]:
    """Return a repetition with the samples nearest to its times; one whose phase is not whole has those it has."""
    names = ("number", "complete", *TIMES, "eccentric_s", "pause_s", "concentric_s", "concentric_first")
    start, turn, stop = (int(np.searchsorted(time_s, math.inf if rep[name] is None else rep[name])) for name in TIMES)
    turn = min(turn, stop)
    return {name: rep[name] for name in names if name in rep} | {
        "start": min(start, turn),
        "turn": turn,
        "stop": min(stop + 1, len(time_s)),
    }


def _read_columns(text: str) -> dict[str, NDArray[np.float64]]:
    rows = list(csv.DictReader(io.StringIO(text)))
    if not rows:
        raise ValueError("no angles")
    return {name: np.array([float(row[name] or "nan") for row in rows]) for name in rows[0]}
