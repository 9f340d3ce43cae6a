"""Rows of the rendered benchmark for single lifts: how each one's own measures agree with the truth of its clips."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from benchmarks.accuracy.rendered import (
    ANGLE_TARGET_DEG,
    LOOSE_DEG,
    Claim,
    Compared,
    angle_rows,
    claims,
    is_fault,
    row_of_errors,
    row_of_share,
)
from benchmarks.accuracy.table import Row

TITLES = {
    "rdl": "RDL",
    "good_morning": "good morning",
    "ghr": "glute-ham raise",
    "nordic": "Nordic",
    "seated_curl": "seated curl",
    "lying_curl": "lying curl",
}
STALL_S = 0.15  # less is no stall
LIFTED_THIGH = 0.10  # hips that rise by more are a fault
FLAT_HIPS_THIGH = 0.03  # and by less they stay down


def lift_rows(clips: Sequence[Compared]) -> list[Row]:
    """Return the rows of every lift but the RDL, which the whole table is about."""
    makers: dict[str, Callable[[str, Sequence[Compared]], list[Row]]] = {
        "good_morning": _rows_of_good_mornings,
        "ghr": _rows_of_raises,
        "nordic": _rows_of_nordics,
        "seated_curl": _rows_of_curls,
        "lying_curl": _rows_of_curls,
    }
    rows = []
    for lift, make in makers.items():
        own = [each for each in clips if each.truth["lift"] == lift]
        title = TITLES[lift]
        if own:
            rows += [_exact(title, own), _angles(title, own), *make(title, own), _sound(title, own)]
    return [row for row in rows if row.count]


def _exact(title: str, clips: Sequence[Compared]) -> Row:
    exact = [len(each.report.reps) == len(each.truth["reps"]) for each in clips]
    return row_of_share(f"{title}: clips whose reps are counted exactly", exact, at_least=98)


def _angles(title: str, clips: Sequence[Compared]) -> Row:
    knee = angle_rows("{}, all", clips, LOOSE_DEG)[1]
    return replace(knee, quantity=f"{title}: knee flexion, RMSE")


def _sound(title: str, clips: Sequence[Compared]) -> Row:
    """Share of the repetitions of sound clips that are called faulty in whatever respect."""
    alarms = []
    for clip in clips:
        if clip.truth.get("fault") != "none":
            continue
        faulty = {each.rep for each in clip.report.findings if each.verdict == "fault"}
        alarms += [number in faulty or None in faulty for number, _ in clip.pairs()]
    return row_of_share(f"{title}: sound reps called faulty", alarms, at_most=5)


def _errors(clips: Sequence[Compared], name: str, code: str, key: str, unit: str, target: float | None) -> Row:
    return row_of_errors(name, claims(clips, code, key), unit, target)


def _rows_of_good_mornings(title: str, clips: Sequence[Compared]) -> list[Row]:
    return [
        _errors(clips, f"{title}: overrun, MAE", "overrun", "overrun_deg", "deg", 3.0),
        _errors(clips, f"{title}: eccentric, MAE", "tempo", "eccentric_s", "s", 0.10),
    ]


def _rows_of_nordics(title: str, clips: Sequence[Compared]) -> list[Row]:
    broke, alarms = [], []
    for clip in clips:
        for number, truth in clip.pairs():
            finding = clip.finding("break_point", number)
            found = finding is not None and finding.verdict != "not_judged" and bool(finding.detail.get("found"))
            if truth["break_phi_deg"] is None:
                alarms.append(found)
            elif finding is not None:
                value = finding.value if found else math.nan
                broke.append(Claim(clip.name, value, finding.low, finding.high, float(truth["break_phi_deg"])))
    return [
        row_of_errors(f"{title}: break point, MAE", broke, "deg", 5.0),
        row_of_share(f"{title}: breaks in controlled lowerings", alarms),
        _errors(clips, f"{title}: eccentric, MAE", "tempo", "eccentric_s", "s", 0.10),
    ]


def _way_up_s(truth: dict[str, Any]) -> tuple[float, float]:
    """From when to when a raise goes up: a clip that starts at the bottom has its ways up first."""
    if truth["first"] == "concentric":
        return truth["start_s"], truth["turn_s"]
    return truth["turn_s"], truth["stop_s"]


def _stalls(clip: Compared) -> list[tuple[bool, bool]]:
    """(stalled in truth, stall found) of every way up that is judged, paired by the middle of the finding's span."""
    pairs = []
    for truth in clip.truth["reps"]:
        first_s, last_s = _way_up_s(truth)
        for finding in clip.report.findings:
            if finding.code != "ghr.stall" or finding.verdict == "not_judged":
                continue
            if first_s <= (finding.start_s + finding.end_s) / 2 <= last_s:
                pairs.append((truth["stall_s"] >= STALL_S, finding.value >= STALL_S))
    return pairs


def _rows_of_raises(title: str, clips: Sequence[Compared]) -> list[Row]:
    stalls = [pair for each in clips for pair in _stalls(each)]
    pivots_mm = []
    for clip in clips:
        setup = next((each for each in clip.report.findings if each.code == "ghr.setup"), None)
        truth = clip.truth["reps"][0]["pivot_over_thigh"]
        if setup is None:
            continue
        scale = 1000 * clip.truth["person"]["thigh_m"]
        numbers = (setup.value, setup.low, setup.high, truth)
        pivots_mm.append(Claim(clip.name, *(scale * each for each in numbers)))
    return [
        row_of_share(f"{title}: stalls found", [found for real, found in stalls if real], at_least=95),
        row_of_share(f"{title}: stalls found where there is none", [found for real, found in stalls if not real]),
        row_of_errors(f"{title}: pivot, MAE", pivots_mm, "mm", 12.0),
        _errors(clips, f"{title}: eccentric, MAE", "tempo", "eccentric_s", "s", 0.10),
    ]


def _rows_of_curls(title: str, clips: Sequence[Compared]) -> list[Row]:
    pairs = [(clip, number, truth) for clip in clips for number, truth in clip.pairs()]

    def lifted(sound: Callable[[dict[str, Any]], bool]) -> list[bool]:
        return [is_fault(clip, "hip_lift", number) for clip, number, truth in pairs if sound(truth)]

    ranges = claims(clips, "range", "knee_flexion_range_deg")
    real = lifted(lambda truth: truth["hip_lift_thigh"] > LIFTED_THIGH)
    rows = [
        row_of_errors(f"{title}: range, MAE", ranges, "deg", ANGLE_TARGET_DEG),
        _errors(clips, f"{title}: hip lift, MAE", "hip_lift", "hip_lift_thigh", "thigh", None),
        row_of_share(
            f"{title}: false alarms, hip lift", lifted(lambda truth: truth["hip_lift_thigh"] <= FLAT_HIPS_THIGH),
            at_most=5,
        ),
        _errors(clips, f"{title}: eccentric, MAE", "tempo", "eccentric_s", "s", 0.10),
    ]  # fmt: skip
    if real:
        rows.insert(2, row_of_share(f"{title}: lifted hips called faults", real))
    return rows
