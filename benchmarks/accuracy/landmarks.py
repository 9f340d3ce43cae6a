"""Benchmark (a): noisy landmarks of stick lifters, without a picture, through every stage behind the pose model.

What it leaves out: the pose model's own bias (a hip landmark is no joint centre), clothes, plates, other people. The
rendered benchmark has those. The truth of the lumbar proxy here is the outline that was drawn, so its row says what
noise and view cost, not how well an outline tells a spine.
"""

import math
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from benchmarks.accuracy.cases import HALF, Case, Split, draw_case
from benchmarks.accuracy.table import Row, make_row
from formcheck.data import Finding, FloatArray, Report, Source
from formcheck.kinematics.lumbar import read_lumbar
from formcheck.lifts import all_lifts
from formcheck.pipeline import judge_set
from formcheck.settings import Settings
from samples.renderer.stick import STANCE_TRUNK_DEG, RepTruth, Truth

N_SETS = 1000
QUIET_MM = 6.0  # the targets hold up to this much noise
EOT_OVERRUN_DEG = 5.0  # hips that stop in the last few degrees have no moment worth the name
SOUND_LUMBAR_DEG = 24.0  # usual in a good morning [P Schellenberg 2013]
ANGLES = ("hip_flexion_deg", "knee_flexion_deg", "trunk_deg")
INCLINATIONS = ("trunk_deg",)  # of them: what a camera that is tilted sideways turns
CODES = ("rdl.overrun", "rdl.squatted", "rdl.rounding", "rdl.hip_travel", "rdl.tempo", "set.consistency")
SOURCE = Source("set.mp4", "", 30.0, 1, 1.0, (1280, 720), 0)


@dataclass(frozen=True)
class Seen:
    """One quantity of one rep, set or clip: its truth, and what formcheck says. NaN: no value was given.

    `inside` : share of its 90 % intervals that hold the truth, NaN where there is none.
    """

    case: Case
    quantity: str
    truth: float
    value: float
    inside: float
    verdict: str
    reason: str

    @property
    def error(self) -> float:
        """Value minus truth."""
        return self.value - self.truth

    @property
    def quiet(self) -> bool:
        """Whether the targets hold for this clip: a side view, all frames there, up to 6 mm of noise."""
        return self.case.gate == "good" and self.case.shot.noise_mm <= QUIET_MM


def run(split: Split, n_sets: int, workers: int | None = None) -> list[Seen]:
    """Return all that was seen in the first `n_sets` sets of a split; on every core unless `workers` says less."""
    n_workers = workers or len(os.sched_getaffinity(0))
    chunks = [range(first, n_sets, 8 * n_workers) for first in range(min(n_sets, 8 * n_workers))]
    with ProcessPoolExecutor(n_workers, multiprocessing.get_context("spawn")) as pool:
        return [seen for part in pool.map(_run_chunk, [split] * len(chunks), chunks) for seen in part]


def _run_chunk(split: Split, numbers: range) -> list[Seen]:
    return [seen for number in numbers for seen in look(draw_case(split, number))]


def look(case: Case) -> Iterator[Seen]:
    """Return what formcheck says of one set, beside the truth."""
    poses, truth = case.film()
    report = judge_set(SOURCE, poses, all_lifts()["rdl"], Settings(lift="rdl"))
    yield from _count(case, truth, report)
    yield from _look_at_angles(case, truth, report)
    pairs = _pair_reps(truth, report)
    by_code = {code: [finding for finding in report.findings if finding.code == code] for code in CODES}
    for code in CODES[:-1]:
        yield from _look_at_reps(case, code, by_code[code], pairs)
    yield _look_at_set(case, truth, by_code["set.consistency"][0])


def _count(case: Case, truth: Truth, report: Report) -> Iterator[Seen]:
    halves = find_halves(truth)
    found = [rep.complete or rep.cut_off for rep in report.reps]
    yield Seen(case, "reps", float(len(halves) - sum(halves)), float(sum(found)), math.nan, "", "")
    yield Seen(case, "partial reps", float(sum(halves)), float(len(found) - sum(found)), math.nan, "", "")


def _look_at_angles(case: Case, truth: Truth, report: Report) -> Iterator[Seen]:
    """One Seen an angle and clip, its value the root mean square error from 1 s before the set to 1 s after it."""
    kinematics = report.kinematics
    during = (kinematics.time_s >= truth.reps[0].start_s - 1) & (kinematics.time_s <= truth.reps[-1].stop_s + 1)
    for name in ANGLES:
        true_deg = np.interp(kinematics.time_s, truth.time_s, truth[name])
        error_deg = kinematics[name] - true_deg
        roll_deg = kinematics.roll_deg if name in INCLINATIONS else 0.0
        half_deg = 1.645 * math.hypot(kinematics.error[name], roll_deg)
        seen = np.isfinite(error_deg) & during
        rmse = float(np.sqrt(np.mean(error_deg[seen] ** 2))) if seen.any() else math.nan
        inside = float(np.mean(np.abs(error_deg[seen]) <= half_deg)) if seen.any() else math.nan
        yield Seen(case, name, 0.0, rmse, inside, "", "")


def _pair_reps(truth: Truth, report: Report) -> dict[int, RepTruth]:
    """Truth of every measured rep, by its number; one that turns inside no whole rep has none."""
    halves = find_halves(truth)
    return {
        rep.number: true
        for rep in report.reps
        for true, half in zip(truth.reps, halves, strict=True)
        if true.start_s <= rep.turn_s <= true.stop_s and not half
    }


def find_halves(truth: Truth) -> list[bool]:
    """Whether each rep is a partial one."""
    whole_deg = float(np.median([rep.trunk_max_deg for rep in truth.reps])) - STANCE_TRUNK_DEG
    return [rep.trunk_max_deg - STANCE_TRUNK_DEG <= (HALF[1] + 0.03) * whole_deg for rep in truth.reps]


def _look_at_reps(case: Case, code: str, findings: list[Finding], pairs: dict[int, RepTruth]) -> Iterator[Seen]:
    """One Seen for each true rep; a finding for the whole set, "not judged", stands for all of them."""
    whole = next((finding for finding in findings if finding.rep is None), None)
    if whole is not None:
        each = [(whole, true) for true in pairs.values()]
    else:
        each = [(finding, pairs[finding.rep]) for finding in findings if finding.rep in pairs]
    for finding, true in each:
        yield _see(case, code, TRUTHS[code](true), finding)
        if code == "rdl.hip_travel" and true.overrun_deg >= EOT_OVERRUN_DEG:
            yield _see_moment(case, true.eot_s, finding)


def _see(case: Case, quantity: str, true: float, finding: Finding) -> Seen:
    inside = float(finding.low <= true <= finding.high) if math.isfinite(finding.value) else math.nan
    return Seen(case, quantity, true, finding.value, inside, finding.verdict, finding.reason or "")


def _see_moment(case: Case, true_s: float, finding: Finding) -> Seen:
    low_s, high_s = (finding.detail.get(key) or math.nan for key in ("stop_low_s", "stop_high_s"))
    inside = float(low_s <= true_s <= high_s) if math.isfinite(low_s) else math.nan
    value_s = finding.start_s if math.isfinite(low_s) else math.nan
    return Seen(case, "eot", true_s, value_s, inside, finding.verdict, finding.reason or "")


def _look_at_set(case: Case, truth: Truth, finding: Finding) -> Seen:
    times_s = np.array([rep.eccentric_s for rep, half in zip(truth.reps, find_halves(truth), strict=True) if not half])
    true = float(100 * np.std(times_s, ddof=1) / np.mean(times_s)) if len(times_s) >= 3 else math.nan
    return _see(case, "set.consistency", true, finding)


TRUTHS: dict[str, Callable[[RepTruth], float]] = {
    "rdl.overrun": lambda true: true.overrun_deg,
    "rdl.squatted": lambda true: true.squat_deg,
    "rdl.rounding": lambda true: float(read_lumbar(np.array(true.kink_deg))),
    "rdl.hip_travel": lambda true: true.travel_leg,
    "rdl.tempo": lambda true: true.eccentric_s,
}


def make_rows(seen: list[Seen]) -> list[Row]:
    """Return the table: the targets, and what else a reader wants to know."""
    quiet = [each for each in seen if each.quiet]
    loud = [each for each in seen if each.case.gate == "good" and not each.quiet]
    return [
        *_rows_of_travel(quiet),
        *_rows_of_angles(quiet),
        *_rows_of_the_rest(quiet),
        *_rows_of_reps(seen),
        *_rows_of_false_alarms(quiet),
        *_rows_of_abstention(seen, quiet),
        *_rows_of_loud_clips(loud),
    ]


def pick(seen: Iterable[Seen], quantity: str, which: Callable[[Seen], bool] = lambda _: True) -> list[Seen]:
    """Return those of one quantity that `which` takes."""
    return [each for each in seen if each.quantity == quantity and which(each)]


def errors(seen: Iterable[Seen]) -> FloatArray:
    """Absolute errors of those with a value."""
    return np.array([abs(each.error) for each in seen if math.isfinite(each.error)])


def shares(seen: list[Seen]) -> dict[str, float]:
    """Share without a value, and share of the intervals that hold the truth."""
    inside = [each.inside for each in seen if math.isfinite(each.inside)]
    without = [not math.isfinite(each.value) for each in seen]
    return {"abstained": _mean(without), "coverage": _mean(inside)}


def _mean(values: Iterable[float]) -> float:
    each = list(values)
    return float(np.mean(each)) if each else math.nan


def _pct(values: Iterable[bool]) -> float:
    return 100 * _mean(float(each) for each in values)


def _quantile(values: FloatArray, pct: float) -> float:
    return float(np.percentile(values, pct)) if len(values) else math.nan


def _mae(quantity: str, seen: list[Seen], unit: str, at_most: float | None = None) -> Row:
    error = errors(seen)
    return make_row(quantity, _mean(error), unit, at_most=at_most, count=len(error), **shares(seen))


def _rows_of_travel(quiet: list[Seen]) -> list[Row]:
    moments, overruns = pick(quiet, "eot"), pick(quiet, "rdl.overrun")
    past_s = errors(moments)
    zero = [each for each in overruns if each.truth == 0]
    over = [each for each in overruns if each.truth > 0]
    deep = [each for each in overruns if each.truth >= 15]
    alarms = [each.verdict in {"note", "fault"} for each in zero]
    return [
        make_row(
            "EOT time, median", 1000 * _quantile(past_s, 50), "ms", at_most=70, count=len(past_s), **shares(moments)
        ),
        make_row("EOT time, p90", 1000 * _quantile(past_s, 90), "ms", at_most=250, count=len(past_s)),
        _mae("overrun of a set, MAE", list(pool_sets(overruns)), "deg", 3.0),
        _mae("overrun of a rep above 0, MAE", over, "deg"),
        make_row(
            "overrun, false alarms at 0",
            _pct(alarms),
            "%",
            at_most=5,
            count=len(zero),
            abstained=shares(zero)["abstained"],
        ),
        make_row(
            "overrun >= 15 deg called", _pct(each.verdict in {"note", "fault"} for each in deep), "%", count=len(deep)
        ),
    ]


def pool_sets(seen: list[Seen]) -> Iterator[Seen]:
    """One Seen a set: medians over its reps with a value; the interval is not pooled."""
    by_set: dict[int, list[Seen]] = {}
    for each in seen:
        by_set.setdefault(each.case.number, []).append(each)
    for group in by_set.values():
        valued = [each for each in group if math.isfinite(each.value)]
        truth = float(np.median([each.truth for each in valued or group]))
        value = float(np.median([each.value for each in valued])) if valued else math.nan
        yield Seen(group[0].case, group[0].quantity, truth, value, math.nan, "", "")


def _rows_of_angles(quiet: list[Seen]) -> list[Row]:
    rows = []
    for name in ANGLES:
        level = (lambda each: each.case.shot.roll_deg == 0) if name == "trunk_deg" else (lambda _: True)
        where = " (level camera)" if name == "trunk_deg" else ""
        rows.append(_rmse(f"{name.removesuffix('_deg').replace('_', ' ')}{where}, RMSE", pick(quiet, name, level), 2.0))
    rolled = pick(quiet, "trunk_deg", lambda each: each.case.shot.roll_deg != 0)
    return [*rows, _rmse("trunk (camera rolled), RMSE", rolled)]


def _rmse(quantity: str, seen: list[Seen], at_most: float | None = None) -> Row:
    figure = math.sqrt(_mean(errors(seen) ** 2))
    return make_row(quantity, figure, "deg", at_most=at_most, count=len(seen), **shares(seen))


def _rows_of_the_rest(quiet: list[Seen]) -> list[Row]:
    squats = pick(quiet, "rdl.squatted", lambda each: each.truth >= 20)
    rounded = pick(quiet, "rdl.rounding", lambda each: each.truth >= 38)
    called = {"note", "fault"}
    return [
        _mae("eccentric time, MAE", pick(quiet, "rdl.tempo"), "s", 0.10),
        _mae("hip travel, MAE", pick(quiet, "rdl.hip_travel"), "leg"),
        _mae("rounding (lambda), MAE", pick(quiet, "rdl.rounding"), "deg", 5.0),
        make_row(
            "rounding >= 38 deg called", _pct(each.verdict in called for each in rounded), "%", count=len(rounded)
        ),
        _mae("squat >= 20 deg, MAE", squats, "deg"),
        make_row("squat >= 20 deg called", _pct(each.verdict in called for each in squats), "%", count=len(squats)),
        _mae(
            "variation of the lowerings, MAE",
            pick(quiet, "set.consistency", lambda each: math.isfinite(each.truth)),
            "%",
        ),
    ]


def _rows_of_reps(seen: list[Seen]) -> list[Row]:
    usable = [each for each in seen if each.case.gate in {"good", "amber"}]
    counted, halves = pick(usable, "reps"), pick(usable, "partial reps")
    kinds = {"plain sets": False, "sets with other bends, half reps": True}
    rows = [make_row("reps exact", _pct(each.error == 0 for each in counted), "%", at_least=98, count=len(counted))]
    for name, hard in kinds.items():
        part = [each for each in counted if (each.case.kind == "hard") == hard]
        rows.append(make_row(f"reps exact, {name}", _pct(each.error == 0 for each in part), "%", count=len(part)))
    return [*rows, make_row("partial reps exact", _pct(each.error == 0 for each in halves), "%", count=len(halves))]


SOUND: dict[str, Callable[[Seen], bool]] = {
    "rdl.overrun": lambda each: each.truth == 0,
    "rdl.squatted": lambda each: each.truth == 0,
    "rdl.rounding": lambda each: each.truth <= SOUND_LUMBAR_DEG,
    "rdl.hip_travel": lambda _: True,
    "rdl.tempo": lambda each: each.truth >= 2.2,
    "set.consistency": lambda each: each.truth <= 15.0,
}


def _rows_of_false_alarms(quiet: list[Seen]) -> list[Row]:
    rows = []
    for code, sound in SOUND.items():
        seen = pick(quiet, code, sound)
        alarms = _pct(each.verdict in {"note", "fault"} for each in seen)
        not_judged = _mean(float(each.verdict == "not_judged") for each in seen)
        rows.append(make_row(f"{code}, false alarms", alarms, "%", at_most=5, count=len(seen), abstained=not_judged))
    return rows


def _rows_of_abstention(seen: list[Seen], quiet: list[Seen]) -> list[Row]:
    rows, all_red = [], []
    for gate, codes in {
        "yaw": CODES[:4],
        "rate": CODES[:5],
        "dropout": ("rdl.overrun", "rdl.hip_travel"),
        "sparse": CODES[:5],
    }.items():
        red = [each for each in seen if each.case.gate == gate and each.quantity in codes]
        silent = [
            all(each.verdict == "not_judged" for each in red if each.case.number == number)
            for number in {each.case.number for each in red}
        ]
        all_red += silent
        rows.append(make_row(f"clips that abstain, red gate: {gate}", _pct(silent), "%", count=len(silent)))
    judged = [each for each in quiet if each.quantity in CODES and SOUND[each.quantity](each)]
    refused = _pct(each.verdict == "not_judged" for each in judged)
    return [
        make_row("clips that abstain, red gates", _pct(all_red), "%", at_least=95, count=len(all_red)),
        *rows,
        make_row("findings not judged, good clips", refused, "%", at_most=10, count=len(judged)),
    ]


def _rows_of_loud_clips(loud: list[Seen]) -> list[Row]:
    overruns = pick(loud, "rdl.overrun")
    alarms = [each.verdict in {"note", "fault"} for each in overruns if each.truth == 0]
    past_s = errors(pick(loud, "eot"))
    return [
        make_row("at 6-10 mm: EOT time, median", 1000 * _quantile(past_s, 50), "ms", count=len(past_s)),
        _mae("at 6-10 mm: overrun of a set, MAE", list(pool_sets(overruns)), "deg"),
        make_row("at 6-10 mm: overrun, false alarms at 0", _pct(alarms), "%", count=len(alarms)),
        _rmse("at 6-10 mm: knee flexion, RMSE", pick(loud, "knee_flexion_deg")),
        _mae("at 6-10 mm: eccentric time, MAE", pick(loud, "rdl.tempo"), "s"),
    ]
