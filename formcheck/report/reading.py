"""What report.json has to hold for anybody to read it: checked once, where it is read, so that nothing behind it fails.

Keys that are not named here may be there: a newer formcheck may add some under the same schema_version.
"""

from collections.abc import Callable, Mapping
from typing import Any

from formcheck.data import SCHEMA_VERSION

MAX_NUMBER = 1e15  # no measure comes near
MAX_WHOLE = 1e9
MAX_REPS = 2000
MAX_FINDINGS = 50_000
MAX_KINDS = 1000  # different measures: what is compared with what grows with their square

Check = Callable[[Any, str], None]  # the value and where it stands; raises ContractError


class ContractError(ValueError):
    """A value that no report holds; the text names where it stands and what was expected."""


def _one_of(*known: str) -> Check:
    def check(value: Any, where: str) -> None:
        if not isinstance(value, str) or value not in known:
            raise ContractError(f"{where} is none of {', '.join(known)}")

    return check


def _text_of(most: int) -> Check:
    def check(value: Any, where: str) -> None:
        if not isinstance(value, str) or len(value) > most or "\0" in value:
            raise ContractError(f"{where} is no text of at most {most} characters")

    return check


def _number(value: Any, where: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < MAX_NUMBER:
        raise ContractError(f"{where} is no number")


def _whole(value: Any, where: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < MAX_WHOLE:
        raise ContractError(f"{where} is no whole number from 0")


def _flag(value: Any, where: str) -> None:
    if not isinstance(value, bool):
        raise ContractError(f"{where} is neither true nor false")


def _mapping(value: Any, where: str) -> None:
    if not isinstance(value, Mapping):
        raise ContractError(f"{where} is no object")


def _size(value: Any, where: str) -> None:
    _list_of(_whole, 2)(value, where)
    if len(value) != 2 or min(value) < 1 or max(value) > 100_000:
        raise ContractError(f"{where} is no width and height")


def _maybe(check: Check) -> Check:
    return lambda value, where: None if value is None else check(value, where)


def _list_of(check: Check, most: int) -> Check:
    def check_all(value: Any, where: str) -> None:
        if not isinstance(value, list) or len(value) > most:
            raise ContractError(f"{where} is no list of at most {most}")
        for number, each in enumerate(value):
            check(each, f"{where}[{number}]")

    return check_all


def _object(checks: Mapping[str, Check], optional: Mapping[str, Check] = {}) -> Check:
    def check_all(value: Any, where: str) -> None:
        _mapping(value, where)
        lead = f"{where}." if where else ""
        for name, check in checks.items():
            if name not in value:
                raise ContractError(f"{lead}{name} is missing")
            check(value[name], f"{lead}{name}")
        for name, check in optional.items():
            if name in value:
                check(value[name], f"{lead}{name}")

    return check_all


_text, _word, _unit, _digest = map(_text_of, (10_000, 100, 20, 64))  # characters: what the history has room for
VERDICTS = ("good", "note", "fault", "not_judged")
SIDES = ("left", "right")
MAYBE_NUMBERS = dict.fromkeys(("value", "low", "high", "start_s", "end_s", "confidence"), _maybe(_number))
FINDING = _object(
    {
        **MAYBE_NUMBERS,
        "code": _word,
        "rep": _maybe(_whole),
        "verdict": _one_of(*VERDICTS),
        "unit": _unit,
        "limit": _object({"direction": _one_of("above", "below")}),
        "text": _maybe(_text),
        "reason": _maybe(_text),
        "detail": _mapping,
    }
)
CUE = _object(
    {
        "code": _word,
        "verdict": _one_of("note", "fault"),
        "text": _text,
        "value": _maybe(_number),
        "unit": _unit,
        "start_s": _maybe(_number),
        "confidence": _maybe(_number),
        "reps": _list_of(_whole, MAX_REPS),
    }
)
TIMES = ("start_s", "turn_s", "stop_s", "eccentric_s", "pause_s", "concentric_s")
MOST = ("hip_flexion_max_deg", "knee_flexion_max_deg", "trunk_max_deg")
SPEEDS = ("bar_eccentric_m_s", "bar_concentric_m_s")
REP = _object(
    {"number": _whole, "complete": _flag, **dict.fromkeys((*TIMES, *MOST), _maybe(_number))},
    {"concentric_first": _flag, **dict.fromkeys(SPEEDS, _maybe(_number))},
)
SETTINGS = _object(
    {},
    {
        **dict.fromkeys(("rate", "start", "end", "speed", "plate_mm"), _maybe(_number)),
        **dict.fromkeys(("lift", "model", "tempo", "subject", "side_view"), _maybe(_text)),
    },
)
REPORT = _object(
    {
        "source": _object(
            {
                "path": _text,
                "sha256": _digest,
                "fps": _maybe(_number),
                "n_frames": _whole,
                "duration_s": _maybe(_number),
                "size_px": _size,
            }
        ),
        "lift": _object({"name": _word}),
        "view": _object(
            {
                "side": _one_of(*SIDES),
                "facing": _one_of(*SIDES),
                "yaw_deg": _maybe(_number),
                "verdict": _one_of("green", "amber", "red"),
            }
        ),
        "reps": _list_of(REP, MAX_REPS),
        "findings": _list_of(FINDING, MAX_FINDINGS),
        "cues": _list_of(CUE, MAX_REPS),
        "provenance": _object(
            {"version": _text, "model": _text, "model_sha256": _digest, "settings": SETTINGS},
        ),
    }
)


def check_report(content: Any) -> None:
    """Raise ContractError for JSON that is no report of this version, or is one that was changed or damaged."""
    _mapping(content, "it")
    version = content.get("schema_version")
    if isinstance(version, bool) or version != SCHEMA_VERSION:
        raise ContractError(f"schema_version is not {SCHEMA_VERSION}")
    REPORT(content, "")
    for place, each in enumerate(content["findings"]):
        if each["verdict"] in {"note", "fault"} and each["value"] is None:
            raise ContractError(f"findings[{place}].value is missing, and its verdict is {each['verdict']}")
    kinds = {(each["code"], str(each["detail"].get("what", ""))) for each in content["findings"]}
    if len(kinds) > MAX_KINDS:
        raise ContractError(f"findings are of {len(kinds)} kinds")
