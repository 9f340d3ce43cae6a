"""Rows of the bank's sets of other lifts than hinges: every check against the truth of its own repetitions.

A fault has to be called from twice its limit on, and must not be where there is at most half of it; what lies between
counts for "not judged" and for whether certainties hold. Where twice the limit is no movement that a body can make, the
row's name says what is asked instead.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.accuracy.rendered import (
    ANGLE_TARGETS_DEG,
    Claim,
    Compared,
    angle_errors,
    angle_rows,
    claims,
    held_row,
    row_of_errors,
    row_of_share,
)
from benchmarks.accuracy.rendered_lifts import TITLES
from benchmarks.accuracy.table import Row
from formcheck.data import Finding

TruthOf = dict[str, Any]
SIDE_YAW_DEG = 15.0  # truth up to which the camera counts as beside the lifter: green
CALLED = ("note", "fault")
SAME_S = 0.8  # between the turns of a repetition and of its truth, as in `rendered`
STALL_S = 0.15  # less is no stall
DIP = 0.2  # of the speed, that a way up may lose without a stall
STOPPED_DEG = 40.0  # of phi: a way up that ends lower has stopped where others stall
SOMEBODY_ELSE_DEG = 45.0  # of error of the trunk, in the middle of the frames
MIN_JUDGED = 5  # verdicts below which their certainty is not told
SWAYED = {"seated_curl": ("trunk_sway_deg", 10.0), "lying_curl": ("hip_sway_thigh", 0.10)}  # key, the check's line
FAST_DPS, SLOW_DPS = 400.0, 225.0  # of a knee, that is swung for certain, and that is not
HELD_LIFT_S = 0.4  # that hips which have to be called stay up: twice the check's
STRETCHED_DEG = 10.0  # of the knee beyond its least: a leg that is stretched
KICK_DPS, SLOW_KICK_DPS = 200.0, 110.0  # of hips that open: a kick for certain, and none


@dataclass(frozen=True)
class Asked:
    """What one check is asked.

    value : the truth in the check's unit, NaN where there is none. faulty, sound : whether a truth has to be called,
    and must not be. of : whether the question arises at all. whole : one answer for the set, of its first repetition.
    """

    code: str
    name: str
    value: Callable[[TruthOf], float]
    faulty: Callable[[TruthOf], bool]
    sound: Callable[[TruthOf], bool]
    of: Callable[[TruthOf], bool] = lambda _: True
    whole: bool = False


def number(key: str, sign: float = 1.0) -> Callable[[TruthOf], float]:
    """Return how to read a number of a truth; NaN for one that is not there."""
    return lambda truth: math.nan if truth.get(key) is None else sign * float(truth[key])


def over(code: str, key: str, limit: float, name: str, *, sign: float = 1.0, **more: Any) -> Asked:
    """Ask for what is called from twice the limit on, and sound at half of it and less."""
    value = number(key, sign)
    return Asked(code, name, value, lambda t: value(t) >= 2 * limit, lambda t: value(t) <= limit / 2, **more)


def under(code: str, key: str, faulty: float, sound: float, name: str, **more: Any) -> Asked:
    """Ask for what is called at `faulty` and less, and sound from `sound` on."""
    value = number(key)
    return Asked(code, name, value, lambda t: value(t) <= faulty, lambda t: value(t) >= sound, **more)


def _swing(lift: str) -> Asked:
    key, line = SWAYED[lift]

    def value(truth: TruthOf) -> float:
        return float(truth["knee_speed_dps"]) if truth[key] >= line else 0.0

    return Asked(
        "swing", f"knees swung at {FAST_DPS:g} deg/s with the body moving", value,
        lambda t: t["knee_speed_dps"] >= FAST_DPS and t[key] >= 2 * line,
        lambda t: t["knee_speed_dps"] <= SLOW_DPS or t[key] <= line / 2,
    )  # fmt: skip


def _curls(lift: str) -> tuple[Asked, ...]:
    lifted = number("hip_lift_thigh")
    asked = (
        Asked("hip_lift", "hips lifted by 0.12 thighs", lifted,
              lambda t: lifted(t) >= 0.12 and t["hip_lift_s"] >= HELD_LIFT_S, lambda t: lifted(t) <= 0.03),
        _swing(lift),
        over("drop", "drop_deg", 20.0, "weights dropped by 40 deg"),
        over("extension", "short_deg", 15.0, "legs left 30 deg short"),
        under("range", "knee_flexion_range_deg", 65.0, 95.0, "ranges of 65 deg and less"),
        over("partial", "short_of_best_pct", 15.0, "ranges 30 % short of the best"),
    )  # fmt: skip
    if lift == "lying_curl":
        return asked
    return *asked, under("setup", "hip_flexion_rest_deg", 67.0, 83.0, "hips bent by 67 deg only", whole=True)


def _caught(truth: TruthOf) -> bool:
    return truth["catch_s"] is not None


NORDIC = (
    over("hip_break", "hip_down_max_deg", 25.0, "hips bent by 50 deg on the way down"),
    over("arch", "lumbar_down_min_deg", 10.0, "backs arched by 20 deg", sign=-1.0),
    over("drop", "drop_deg", 10.0, "falls of 20 deg"),
    over("catch", "catch_speed_dps", 60.0, "catches at 120 deg/s", of=_caught),
    over("hips_lead", "hip_up_max_deg", 25.0, "hips that lead by 50 deg", of=lambda truth: not _caught(truth)),
)


def _stalled(truth: TruthOf) -> float:
    return float(truth["stall_s"])


def _kicked(truth: TruthOf) -> float:
    return float(truth["fold_deg"]) if truth["opening_dps"] >= 150.0 else 0.0


GHR = (
    over("arch", "lumbar_min_deg", 10.0, "backs arched by 20 deg", sign=-1.0),
    over("hip_hinge", "hip_up_max_deg", 25.0, "hips bent by 50 deg on the way up"),
    Asked("stall", "stalls of 0.3 s", _stalled, lambda t: _stalled(t) >= 2 * STALL_S,
          lambda t: _stalled(t) == 0.0 and t["stall_depth"] <= DIP and t["top_phi_deg"] <= STOPPED_DEG),
    over("setup", "pivot_over_thigh", 0.12, "pivots 0.24 thighs above the knee", whole=True),
    under("setup_low", "pivot_over_thigh", -0.07, 0.0, "pivots below the knee", whole=True),
    over("top", "top_phi_deg", 15.0, "tops 30 deg short"),
    Asked("kick", "kicks of 50 deg", _kicked, lambda t: t["fold_deg"] >= 50.0 and t["opening_dps"] >= KICK_DPS,
          lambda t: t["fold_deg"] <= 12.5 or t["opening_dps"] <= SLOW_KICK_DPS),
)  # fmt: skip


def asked_of(lift: str) -> tuple[Asked, ...]:
    """Return what the checks of a lift are asked."""
    return {"nordic": NORDIC, "ghr": GHR}.get(lift) or _curls(lift)


def way_up_s(truth: TruthOf) -> tuple[float, float]:
    """From when to when a raise goes up in truth: a clip that starts at the bottom has its ways up first."""
    if truth["first"] == "concentric":
        return truth["start_s"], truth["turn_s"]
    return truth["turn_s"], truth["stop_s"]


def matched(clip: Compared) -> list[tuple[TruthOf, int | None]]:
    """Return every true repetition with its number in the report; None where it was not counted.

    Matched by the turn, as in `rendered`; raises by their ways up, as a clip may start at the bottom.
    """
    pairs: list[tuple[TruthOf, int | None]] = []
    for truth in clip.truth["reps"]:
        if clip.truth["lift"] == "ghr":
            middle_s = sum(way_up_s(truth)) / 2
            near = [rep for rep in clip.report.reps if rep.turn_s - SAME_S <= middle_s <= rep.stop_s + SAME_S]
            distances = [abs((rep.turn_s + rep.stop_s) / 2 - middle_s) for rep in near]
        else:
            near = list(clip.report.reps)
            distances = [abs(rep.turn_s - truth["turn_s"]) for rep in near]
        best = int(np.argmin(distances)) if distances else -1
        close = bool(distances) and (clip.truth["lift"] == "ghr" or distances[best] <= SAME_S)
        pairs.append((truth, near[best].number if close else None))
    return pairs


def with_set(clip: Compared) -> list[tuple[TruthOf, int | None]]:
    """Return `matched` with what the whole of a set of curls says of each: what its range is short of the widest,
    percent, and how far the hips are bent while the legs are stretched. Whoever rocks begins a repetition bent further.
    """
    pairs = matched(clip)
    if "knee_flexion_range_deg" in clip.truth["reps"][0]:
        hip_deg, knee_deg = (np.array(clip.truth["frames"][f"{name}_flexion_deg"], float) for name in ("hip", "knee"))
        rest_deg = float(np.nanmedian(hip_deg[knee_deg <= np.nanmin(knee_deg) + STRETCHED_DEG]))
        best = max(truth["knee_flexion_range_deg"] for truth, _ in pairs)
        for truth, _ in pairs:
            truth["short_of_best_pct"] = 100 * (1 - truth["knee_flexion_range_deg"] / best)
            truth["hip_flexion_rest_deg"] = rest_deg
    return pairs


def answers(clips: Iterable[Compared], asked: Asked) -> list[tuple[TruthOf, Finding | None]]:
    """Return (truth, finding) of everything that a check is asked; a finding of None was not counted."""
    found: list[tuple[TruthOf, Finding | None]] = []
    for clip in clips:
        pairs = with_set(clip)
        for truth, rep in pairs[:1] if asked.whole else pairs:
            if not asked.of(truth):
                continue
            finding = None if rep is None and not asked.whole else clip.finding(asked.code, rep or 0)
            if finding is None or finding.detail.get("asked", True) or asked.faulty(truth):
                found.append((truth, finding))
    return found


def verdict_of(finding: Finding | None) -> str:
    """Return the verdict; what was not counted was not judged."""
    return "not_judged" if finding is None else finding.verdict


def is_right(finding: Finding, value: float) -> bool:
    """Whether a verdict holds: its line is passed, or for "good" the worst line is not."""
    limit = finding.limit
    line = {"note": limit.note, "fault": limit.fault}.get(finding.verdict)
    if finding.verdict == "good":
        line = limit.note if limit.fault is None else limit.fault
    assert line is not None, "a verdict without its line"
    beyond = value > line if limit.direction == "above" else value < line
    return beyond != (finding.verdict == "good")


def check_rows(title: str, clips: Sequence[Compared], asked: Asked) -> list[Row]:
    """Return the rows of one check: called, false, not judged, and whether its certainties hold."""
    told = answers(clips, asked)
    faulty = [verdict_of(found) in CALLED for truth, found in told if asked.faulty(truth)]
    false = [verdict_of(found) in CALLED for truth, found in told if asked.sound(truth)]
    judged = [(truth, found) for truth, found in told if found is not None and found.verdict != "not_judged"]
    known = [(asked.value(truth), found) for truth, found in judged if math.isfinite(asked.value(truth))]
    right = [is_right(found, value) for value, found in known]
    told_of = [Claim("", found.value, found.low, found.high, value) for value, found in known]
    rows = [
        row_of_share(f"{title}: {asked.name}, called", faulty, at_least=90),
        row_of_share(f"{title}: {asked.name}, called where there is none", false, at_most=3),
        row_of_share(f"{title}: {asked.name}, not judged", [verdict_of(found) == "not_judged" for _, found in told],
                     at_most=15),
    ]  # fmt: skip
    if len(right) >= MIN_JUDGED:
        said = 100 * float(np.mean([found.confidence for _, found in judged]))
        rows.append(row_of_share(f"{title}: {asked.name}, verdicts right ({said:.0f} % said)", right))
    return [*rows, held_row(f"{title}: {asked.name},", told_of)]


def break_rows(title: str, clips: Sequence[Compared]) -> list[Row]:
    """Return how well a Nordic's break is found."""
    told, real, false = [], [], []
    for clip in clips:
        for truth, rep in matched(clip):
            finding = None if rep is None else clip.finding("break_point", rep)
            found = finding is not None and finding.verdict != "not_judged" and bool(finding.detail.get("found"))
            if truth["break_phi_deg"] is None:
                false.append(found)
                continue
            real.append(found)
            value = finding.value if found and finding is not None else math.nan
            low, high = (math.nan, math.nan) if finding is None else (finding.low, finding.high)
            told.append(Claim(clip.name, value, low, high, float(truth["break_phi_deg"])))
    return [
        row_of_share(f"{title}: breaks found", real, at_least=90),
        row_of_share(f"{title}: breaks in controlled lowerings", false, at_most=3),
        row_of_errors(f"{title}: break point, MAE", told, "deg", 5.0),
    ]


def pivot_row(title: str, clips: Sequence[Compared]) -> Row:
    """Return how far off the pivot of raises is; what "cannot tell" is abstained."""
    found = []
    for clip in clips:
        setup = next((each for each in clip.report.findings if each.code == "ghr.setup"), None)
        scale = 1000 * clip.truth["person"]["thigh_m"]
        numbers = [math.nan] * 3 if setup is None else [setup.value, setup.low, setup.high]
        numbers.append(clip.truth["reps"][0]["pivot_over_thigh"])
        found.append(Claim(clip.name, *(scale * each for each in numbers)))
    return row_of_errors(f"{title}: pivot, MAE", found, "mm", 12.0)


def is_somebody_else(clip: Compared) -> bool:
    """Whether the body that was followed leans so differently that it is another person's."""
    errors = np.abs(angle_errors(clip, "trunk_deg"))
    return bool(len(errors) and np.median(errors) > SOMEBODY_ELSE_DEG)


def lift_rows(lift: str, clips: Sequence[Compared], n_lost: int) -> list[Row]:
    """Return the rows of one lift's sets; those of its checks are of sets seen from the side. A lifter in whose stead
    somebody else was followed is lost, and counts in every row but those of the angles.
    """
    title = TITLES[lift]
    side = [clip for clip in clips if clip.yaw_deg <= SIDE_YAW_DEG]
    others = [is_somebody_else(clip) for clip in clips]
    own = [clip for clip in side if not is_somebody_else(clip)]
    exact = [len(clip.report.reps) == len(clip.truth["reps"]) for clip in clips]
    rows = [
        row_of_share(f"{title}: lifters lost", [True] * n_lost + others, at_most=1),
        row_of_share(f"{title}: sets whose reps are counted exactly", exact, at_least=95),
    ]
    rows += angle_rows(title + ": {}", own, ANGLE_TARGETS_DEG)
    if lift == "nordic":
        rows += break_rows(title, side)
    if lift == "ghr":
        rows.append(pivot_row(title, side))
    for asked in asked_of(lift):
        rows += check_rows(title, side, asked)
    rows.append(held_row(f"{title}: lowerings", claims(side, "tempo", "eccentric_s")))
    return [row for row in rows if row.count]
