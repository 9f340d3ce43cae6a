"""How often, how late and how falsely "Hips stopped: come up." is said, on the bank of rendered sets.

`python -m benchmarks.live_bank [--split calibrate] [--count N]` shows the coach the landmarks of every set, picture by
picture, at the film's own rate and thinned as a slow or busy machine thins them. Measured is all that comes after the
pose model; the model's own two passes over a clip see a little more than live does. `--fit` prints the constants of
`formcheck.live.coaching.hip_stop`, fitted on the develop split alone.
"""

import argparse
import json
import math
import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from formcheck.data import FloatArray, PoseSequence
from formcheck.live.coaching.coach import Coach
from formcheck.live.coaching.hip_stop import WEIGHTS, describe
from formcheck.live.tracking.lifter_tracker import Sighting
from formcheck.live.tracking.model_fallback import Rung
from formcheck.pose.estimation import unpack
from formcheck.settings import Settings

HOME = Path(__file__).resolve().parent.parent / ".build" / "bank"
HINGES = ("rdl", "good_morning")
Pace = Literal["as filmed", "20 a second", "15 a second", "10 a second", "irregular"]
PACES: tuple[Pace, ...] = ("as filmed", "20 a second", "15 a second", "10 a second", "irregular")
OVERRUN_DEG = 15.0  # and more has to be told
SMALL_DEG = 5.0  # under which an overrun is neither
EARLY_S, IN_TIME_S = 0.35, 0.35  # round the moment at which the trunk goes on alone
SQUAT_DEG = 5.0  # less, and a repetition without overrun is a sound one
GONE_ON_DEG = 3.0  # after the hips have stopped: from here on the rule ought to say so
STANDING_S = 0.5  # of a set's beginning, shown to and fro before it: live sees a lifter stand there
BUSY_S = (0.03, 0.12)  # that a picture takes on a busy machine, and now and then ...
STALL_S, STALLS = 0.25, 0.02  # ... longer
RIDGE = 3e-4  # holds the weights of numbers that are nearly the same back
Z90 = 1.645


@dataclass(frozen=True)
class BankSet:
    """One set of the bank: what the model saw of it, and the truth."""

    name: str
    lift: str
    poses: PoseSequence
    truth: dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """What the coach made of one true repetition of a hinge.

    alone_s : when the trunk went on without the hips, NaN in a repetition without overrun. told_s : of "come up", NaN
    when it was not said. deep_deg : of the overrun that was spoken after the repetition, NaN when none was. rows :
    (n, 1 + 2) how many degrees the trunk had gone on, truly, and the rule's numbers, at each sample it could weigh.
    """

    overrun_deg: float
    squatted_deg: float
    alone_s: float
    told_s: float
    deep_deg: float
    rows: FloatArray


@dataclass
class Count:
    """Repetitions, how many of them ..., and delays (s) where there are any."""

    of: int = 0
    hits: int = 0
    in_time: int = 0
    delays_s: list[float] = field(default_factory=list)


def read_sets(split: str, home: Path = HOME, count: int | None = None) -> Iterator[BankSet]:
    """Read the hinges of a split; the one place that knows how the bank is kept."""
    for path in find_sets(split, home, count):
        arrays = dict(np.load(path))
        found = unpack(arrays, path)
        if found is None:  # the model lost the lifter
            continue
        name = path.name.split(".")[0]
        truth = json.loads((home / f"{name}.truth.json").read_text(encoding="utf-8"))
        yield BankSet(name, truth["lift"], found[1], truth)


def find_sets(split: str, home: Path, count: int | None) -> list[Path]:
    """Return the hinges' files of a split, the first `count` of each lift."""
    files = [sorted(home.glob(f"{split}_{lift}_[0-9][0-9][0-9].full.npz"))[:count] for lift in HINGES]
    return list(chain.from_iterable(files))


def thin(time_s: FloatArray, pace: Pace, seed: int) -> NDArray[np.intp]:
    """Return which pictures (n,) a machine of this pace would see, the newest one each time."""
    random = np.random.default_rng(seed)
    kept, free_s = [], -math.inf
    for number, now_s in enumerate(time_s.tolist()):
        if now_s < free_s - 1e-6:
            continue
        kept.append(number)
        if pace == "irregular":
            free_s = now_s + random.uniform(*BUSY_S) + (STALL_S if random.random() < STALLS else 0.0)
        elif pace != "as filmed":
            step_s = 1 / float(pace.split()[0])
            free_s = max(free_s + step_s, now_s + step_s / 2)
    return np.array(kept)


def watch(bank_set: BankSet, pace: Pace) -> list[Seen]:
    """Show a set to the coach, and return its true repetitions as they were met."""
    poses = bank_set.poses
    standing = np.arange(int(np.searchsorted(poses.time_s, poses.time_s[0] + STANDING_S)))
    rows = np.concatenate([standing, standing[::-1], standing, standing[::-1], np.arange(len(poses.time_s))])
    before = 4 * len(standing)
    step_s = float(np.median(np.diff(poses.time_s)))
    times_s = np.concatenate([poses.time_s[0] + (np.arange(before) - before) * step_s, poses.time_s])
    coach = Coach(Settings(lift=bank_set.lift), count_in=False, background=False)
    said, looks = [], []
    for place in thin(times_s, pace, zlib.crc32(bank_set.name.encode())).tolist():
        row, now_s = rows[place], float(times_s[place])
        seen = bool(np.isfinite(poses.xy_px[row, 0, 0]))
        sighting = Sighting(now_s, poses.xy_px[row], poses.world_m[row], poses.visibility[row]) if seen else None
        if coach.hips is not None:
            coach.hips.look = None
        coach.step(now_s, sighting, poses.size_px, Rung("full", outline=False))
        if coach.hips is not None and coach.hips.look is not None:
            looks.append((now_s, describe(coach.hips.look)))
        said += coach.said()
    coach.finish(float(times_s[-1]), poses.size_px, Rung("full", outline=False))
    said += coach.said()
    coach.close()
    told_s = [each.time_s for each in said if each.code == "live.come_up"]
    deep = [(each.time_s, each.values["value"]) for each in said if each.code.endswith(".overrun")]
    return [_meet(bank_set.truth, number, told_s, deep, looks) for number in range(len(bank_set.truth["reps"]))]


def _meet(
    truth: dict[str, Any],
    number: int,
    told_s: list[float],
    deep: list[tuple[float, float]],
    looks: list[tuple[float, FloatArray]],
) -> Seen:
    reps = truth["reps"]
    rep = reps[number]
    after_s = reps[number + 1]["turn_s"] if number + 1 < len(reps) else math.inf
    mine_s = [each for each in told_s if rep["start_s"] - 0.3 < each <= rep["stop_s"]]
    mine_deg = [value for at_s, value in deep if rep["turn_s"] < at_s <= after_s]
    frames_s = np.array(truth["frames"]["time_s"])
    trunk_deg = np.array(truth["frames"]["trunk_deg"], float)
    alone_s, stop_deg = math.nan, math.inf
    if rep["hip_travel_end_s"] is not None:
        stop_deg = rep["hip_travel_end_trunk_deg"]
        waits = (frames_s >= rep["hip_travel_end_s"]) & (frames_s <= rep["turn_s"]) & (trunk_deg <= stop_deg + 1.0)
        alone_s = max([rep["hip_travel_end_s"], *frames_s[waits].tolist()])
    rows = [
        (float(np.interp(at_s, frames_s, trunk_deg)) - stop_deg, *numbers)
        for at_s, numbers in looks
        if rep["start_s"] - 0.3 < at_s <= rep["stop_s"]
    ]
    return Seen(
        overrun_deg=rep["overrun_deg"],
        squatted_deg=rep["squatted_deg"],
        alone_s=alone_s,
        told_s=mine_s[0] if mine_s else math.nan,
        deep_deg=mine_deg[0] if mine_deg else math.nan,
        rows=np.array(rows).reshape(-1, 1 + len(WEIGHTS)),
    )


def count_told(reps: list[Seen]) -> dict[str, Count]:
    """Count what "come up", and what the words after the repetition, made of repetitions of each kind."""
    counts = {name: Count() for name in ("overrun", "sound", "squat", "too deep, sound")}
    for rep in reps:
        told = math.isfinite(rep.told_s)
        if rep.overrun_deg >= OVERRUN_DEG:
            late_s = rep.told_s - rep.alone_s
            right = told and late_s >= -EARLY_S
            counts["overrun"].of += 1
            counts["overrun"].hits += right
            counts["overrun"].in_time += right and late_s <= IN_TIME_S
            counts["overrun"].delays_s += [late_s] if right else []
        elif rep.overrun_deg == 0:
            kind = "sound" if rep.squatted_deg < SQUAT_DEG else "squat"
            counts[kind].of += 1
            counts[kind].hits += told
            if kind == "sound":
                counts["too deep, sound"].of += 1
                counts["too deep, sound"].hits += math.isfinite(rep.deep_deg)
    return counts


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the 90 % interval (Wilson) of a share, in per cent."""
    if of == 0:
        return 0.0, 100.0
    share, weight = hits / of, Z90**2 / of
    middle = (share + weight / 2) / (1 + weight)
    half = Z90 / (1 + weight) * math.sqrt(share * (1 - share) / of + weight / (4 * of))
    return 100 * max(0.0, middle - half), 100 * min(1.0, middle + half)


def write_share(hits: int, of: int) -> str:
    """Return a share with its count and interval."""
    low, high = wilson(hits, of)
    return f"{hits:4d} of {of:4d}  {100 * hits / max(of, 1):5.1f} % ({low:.0f} to {high:.0f})"


def print_counts(pace: str, counts: dict[str, Count]) -> None:
    """Print what one pace gave."""
    over = counts["overrun"]
    print(f"\n{pace}")
    print(f"  come up, overruns of {OVERRUN_DEG:.0f} deg and more     {write_share(over.hits, over.of)}")
    print(f"    within {IN_TIME_S:g} s of the trunk going on alone {write_share(over.in_time, over.of)}")
    if over.delays_s:
        middle_s, late_s = np.percentile(over.delays_s, [50, 90])
        print(f"    after {middle_s:.2f} s (median), {late_s:.2f} s (p90)")
    names = {
        "sound": "come up, falsely, in sound reps",
        "squat": "come up in squats without an overrun",
        "too deep, sound": "afterwards 'too deep' in sound reps",
    }
    for kind, words in names.items():
        print(f"  {words:<40} {write_share(counts[kind].hits, counts[kind].of)}")


def fit(reps: list[Seen]) -> FloatArray:
    """Return bias and weights (3,) of the rule. It is asked whether the trunk has gone on by 3 deg without the hips.

    Each repetition weighs as much as another, however many samples it has. Overruns that stay under 5 deg, and samples
    between the stop and those 3 deg, are left out.
    """
    numbers, answers, weights = [], [], []
    for rep in reps:
        on_deg = rep.rows[:, 0]
        use = (on_deg <= 0) | (on_deg >= GONE_ON_DEG)
        if 0 < rep.overrun_deg < SMALL_DEG or not use.any():
            continue
        numbers.append(rep.rows[use, 1:])
        answers.append((on_deg[use] > 0).astype(float))
        weights.append(np.full(int(use.sum()), 1.0 / use.sum()))
    design = np.concatenate([np.ones((sum(map(len, answers)), 1)), np.concatenate(numbers)], axis=1)
    answer, weight = np.concatenate(answers), np.concatenate(weights) / len(answers)

    def loss(constants: FloatArray) -> tuple[float, FloatArray]:
        odds = design @ constants
        off = weight * (1 / (1 + np.exp(-odds)) - answer)
        ridge = RIDGE * np.concatenate([[0.0], constants[1:]])
        value = float(weight @ (np.logaddexp(0, odds) - answer * odds)) + 0.5 * float(ridge @ constants)
        return value, design.T @ off + ridge

    return np.asarray(minimize(loss, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B").x)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", default="calibrate")
    parser.add_argument("--home", type=Path, default=HOME)
    parser.add_argument("--count", type=int, help="sets of each lift, if not all")
    parser.add_argument("--pace", choices=PACES, action="append")
    parser.add_argument("--fit", action="store_true", help="print the rule's constants, from the develop split")
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    split = "develop" if asked.fit else asked.split
    sets = list(read_sets(split, asked.home, asked.count))
    if not sets:
        parser.exit(message=f"{asked.home} holds no set of {split}: python -m benchmarks.bank.build makes them\n")
    print(f"{split}: {len(sets)} sets, {sum(len(each.truth['reps']) for each in sets)} repetitions")
    every: list[Seen] = []
    with ProcessPoolExecutor(asked.workers, mp_context=get_context("spawn")) as pool:
        for pace in asked.pace or PACES:
            seen = list(chain.from_iterable(pool.map(watch, sets, repeat(pace))))
            every += seen
            print_counts(pace, count_told(seen))
    if asked.fit:
        bias, *weights = fit(every).round(2).tolist()
        print(f"\nBIAS = {bias}\nWEIGHTS = ({', '.join(map(str, weights))})")


if __name__ == "__main__":
    main()
