"""Everything behind the pose model over the bank's sets: how often faults are called, and sound repetitions are not.

Nothing is rendered and no model runs, so hundreds of sets take a minute or two; see `benchmarks.bank`.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy.rendered import (
    ANGLE_TARGETS_DEG,
    Compared,
    angle_rows,
    claims,
    held_row,
    lumbar_at_depth,
    moments,
    row_of_errors,
    row_of_share,
)
from benchmarks.accuracy.table import Row, make_row
from benchmarks.bank.pack import DATA, BankSet, read_bank
from formcheck.data import Finding
from formcheck.errors import LiftError
from formcheck.lifts import all_lifts
from formcheck.pipeline import judge_set, recognise_set
from formcheck.settings import Settings
from samples.renderer.bank import HINGES

SIDE_YAW_DEG = 15.0  # truth up to which the camera counts as beside the lifter: green
SOUND_DEG = 3.0  # truth up to which an overrun, or a squat, is none
MISSED_DEG = 10.0  # overruns from which "good" is wrong
FAULTY_DEG = 15.0  # overruns that have to be called
SQUATTED_DEG = 20.0  # squats that have to be called
ROUNDED_DEG, FLAT_DEG = 35.0, 20.0  # lumbar flexion in the deep part that has to be called, and that must not be
TRUE_UP_TO_DEG = 50.0  # of lumbar flexion: where its error is told
CALLED = ("note", "fault")
HIDING_M = 0.44  # of plates that hide hip and knee for good: those of 45 cm
BEHIND_TARGETS_DEG = {"hip_flexion_deg": 5.0, "knee_flexion_deg": 5.0, "trunk_deg": 3.0}
# What a coach sees besides: check, its truth's key and sign, the truth that has to be called (twice its note), up to
# which it is sound (half of it), and the unit. Sets drawn before these truths were measured have none of these faults.
FORM = (
    ("lean_back", "top_trunk_deg", -1.0, 16.0, 4.0, "tops leaning back by 16 deg"),
    ("lockout", "top_trunk_deg", 1.0, 16.0, 4.0, "tops short by 16 deg"),
    ("bar_drift", "bar_ahead_leg", 1.0, 0.20, 0.05, "weights 0.20 leg lengths ahead"),
)
Pair = tuple[dict[str, Any], Finding | None]
Within = Callable[[dict[str, Any]], bool]


@dataclass(frozen=True)
class Judged:
    """A split's sets of one lift: those that were measured, how many lifters were lost, and which lift each set is
    taken for when nobody names it, "" where that is asked.
    """

    clips: list[Compared]
    n_lost: int
    named: Sequence[str] = ()

    @property
    def n_sets(self) -> int:
        """How many there are."""
        return len(self.clips) + self.n_lost


def judge_one(each: BankSet) -> Compared | None:
    """Judge one set of the bank; None where the lifter was lost."""
    if each.poses is None or each.source is None:
        return None
    report = judge_set(each.source, each.poses, all_lifts()[each.lift], Settings(lift=each.lift))
    truth = {**each.truth, "frames": each.frames}
    for rep in truth["reps"] if each.lift in HINGES else ():
        rep["lumbar_deep_deg"] = lumbar_at_depth(each.frames, rep)
    return Compared(each.name, truth, report)


def name_one(each: BankSet) -> str:
    """Return which lift one set of the bank is taken for, "" where that is asked or the lifter was lost."""
    try:
        return "" if each.poses is None else recognise_set(each.poses).name
    except LiftError:
        return ""


def judge_split(split: str, lifts: Iterable[str], folder: Path = DATA, workers: int = 2) -> dict[str, Judged]:
    """Judge every set of a split, by lift, on `workers` processes."""
    judged = {}
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for lift in lifts:
            sets = read_bank(split, lift, folder=folder)
            results = list(pool.map(judge_one, sets, chunksize=4))
            clips = [each for each in results if each is not None]
            named = list(pool.map(name_one, sets, chunksize=4))
            judged[lift] = Judged(clips, len(results) - len(clips), named)
    return judged


def auto_rows(judged: Mapping[str, Judged]) -> list[Row]:
    """Return the rows of lifts that nobody named: how many are recognised, and taken for another; and of those that
    were named rightly how many are doubted.
    """
    rows = []
    for lift, each in judged.items():
        title = all_lifts()[lift].title
        rows += [
            row_of_share(f"{title}: recognised", [name == lift for name in each.named], at_least=90),
            row_of_share(
                f"{title}: taken for another lift", [name not in ("", lift) for name in each.named], at_most=0
            ),
            row_of_share(f"{title}: doubted", [bool(clip.report.lift.doubt) for clip in each.clips], at_most=5),
        ]
    return [row for row in rows if row.count]


def pairs(clips: Iterable[Compared], code: str) -> list[Pair]:
    """Return (truth, finding of `code`) of every true repetition; None where none was found for it."""
    result: list[Pair] = []
    for clip in clips:
        numbers = {id(truth): number for number, truth in clip.pairs()}
        for truth in clip.truth["reps"]:
            number = numbers.get(id(truth))
            result.append((truth, None if number is None else clip.finding(code, number)))
    return result


def at_least(key: str, low: float) -> Within:
    """Return whether a repetition's truth under `key` is `low` or more."""
    return lambda truth: bool(truth[key] >= low)


def at_most(key: str, high: float) -> Within:
    """Return whether a repetition's truth under `key` is `high` or less."""
    return lambda truth: bool(truth[key] <= high)


def every(_: dict[str, Any]) -> bool:
    """Take every repetition."""
    return True


def share(name: str, of: Sequence[Pair], within: Within, verdicts: Sequence[str], **target: float) -> Row:
    """Return the share of the repetitions whose truth is `within` that get one of the verdicts; none found counts as
    not judged.
    """
    hits = [("not_judged" if found is None else found.verdict) in verdicts for truth, found in of if within(truth)]
    return row_of_share(name, hits, **target)


def told_of(clips: Iterable[Compared], code: str, key: str, sign: float) -> list[Pair]:
    """Return ({key: truth}, finding of `code`) of every repetition that was counted, None for each that was not.

    Repetitions that are counted as one have one truth: `sign` times the one under `key`, the greatest of them; 0 where
    it was not measured.
    """
    result: list[Pair] = []
    for clip in clips:
        turns_s = {number: truth["turn_s"] for number, truth in clip.pairs()}
        counted: dict[int, list[float]] = {}
        for truth in clip.truth["reps"]:
            value, turn_s = sign * truth.get(key, 0.0), truth["turn_s"]
            around = [rep.number for rep in clip.report.reps if rep.start_s <= turn_s <= rep.stop_s]
            number = next((each for each, known_s in turns_s.items() if known_s == turn_s), around[0] if around else 0)
            counted.setdefault(number, []).append(value)
        result += [({key: value}, None) for value in counted.pop(0, [])]
        result += [({key: max(values)}, clip.finding(code, number)) for number, values in counted.items()]
    return result


def form_rows(judged: Sequence[Judged]) -> list[Row]:
    """Return the rows of what a coach sees besides in hinges seen from the side; one without a case is left out."""
    side = [clip for each in judged for clip in each.clips if clip.yaw_deg <= SIDE_YAW_DEG]
    rows = []
    for code, key, sign, least, most, name in FORM:
        asked = [clip for clip in side if any(each.code.endswith(f".{code}") for each in clip.report.findings)]
        of = told_of(asked, code, key, sign)
        rows += [
            share(f"{name} and more called", of, at_least(key, least), CALLED, at_least=90),
            share(f"{name}: called where there is none", of, at_most(key, most), CALLED, at_most=3),
            share(f"{name}: not judged", of, every, ("not_judged",), at_most=15),
        ]
    return [row for row in rows if row.count]


def hides_hip(clip: Compared) -> bool:
    """Whether the weight's plates hide hip and knee."""
    return bool(clip.truth.get("load", {}).get("plate_m", 0.0) >= HIDING_M)


def hinge_rows(judged: Sequence[Judged]) -> list[Row]:
    """Return the rows of the end of hip travel, squats and rounding: hinges seen from the side, plates included."""
    clips = [clip for each in judged for clip in each.clips]
    side = [clip for clip in clips if clip.yaw_deg <= SIDE_YAW_DEG]
    over, squat, round_ = (pairs(side, code) for code in ("overrun", "squatted", "rounding"))
    squats = [pair for pair in squat if pair[1] is not None or pair[0]["squatted_deg"] >= SQUATTED_DEG]
    n_lost, n_sets = sum(each.n_lost for each in judged), sum(each.n_sets for each in judged)
    stops = moments(side)
    overruns = claims(side, "overrun", "overrun_deg")
    lumbar = [
        each for each in claims(side, "rounding", "lumbar_deep_deg")
        if math.isfinite(each.value) and 0 <= each.truth <= TRUE_UP_TO_DEG
    ]  # fmt: skip
    bias = float(np.mean([each.error for each in lumbar])) if lumbar else math.nan
    exact = [len(clip.report.reps) == len(clip.truth["reps"]) for clip in clips]
    behind, plain = [clip for clip in side if hides_hip(clip)], [clip for clip in side if not hides_hip(clip)]
    return [
        share("overruns of 15 deg and more called", over, at_least("overrun_deg", FAULTY_DEG), CALLED, at_least=95),
        share("overruns of 10 deg and more passed off as good", over, at_least("overrun_deg", MISSED_DEG),
              ("good",), at_most=3),
        share("sound reps called", over, at_most("overrun_deg", SOUND_DEG), CALLED, at_most=3),
        share("reps not judged, overrun", over, every, ("not_judged",), at_most=10),
        row_of_errors("overrun, MAE", overruns, "deg", 2.5),
        held_row("overruns", overruns),
        held_row("hip travel", claims(side, "hip_travel", "hip_back_max_leg")),
        held_row("squats", claims(side, "squatted", "squatted_deg")),
        held_row("lowerings", claims(side, "tempo", "eccentric_s")),
        row_of_errors("end of hip travel, median", stops, "s", 0.06, percentile=50),
        row_of_errors("end of hip travel, p90", stops, "s", 0.2, percentile=90),
        share("squats of 20 deg and more called", squats, at_least("squatted_deg", SQUATTED_DEG), CALLED,
              at_least=95),
        share("squats called where there is none", squats, at_most("squatted_deg", SOUND_DEG), CALLED, at_most=2),
        share("backs rounded by 35 deg and more called", round_, at_least("lumbar_deep_deg", ROUNDED_DEG), CALLED,
              at_least=95),
        share("backs called rounded at 20 deg and less", round_, at_most("lumbar_deep_deg", FLAT_DEG), CALLED,
              at_most=3),
        share("reps not judged, rounding", round_, every, ("not_judged",)),
        row_of_errors("lumbar flexion, MAE", lumbar, "deg", 5.0),
        make_row("lumbar flexion, bias", bias, "deg", count=len(lumbar)),
        row_of_share("lifters lost", [True] * n_lost + [False] * (n_sets - n_lost), at_most=1),
        row_of_share("sets whose reps are counted exactly", exact, at_least=98),
        *angle_rows("hinges, smaller plates: {}", plain, ANGLE_TARGETS_DEG),
        *angle_rows("hinges behind 45 cm plates: {}", behind, BEHIND_TARGETS_DEG),
    ]  # fmt: skip
