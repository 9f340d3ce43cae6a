"""How often, how late and how falsely "Hips stopped: come up." is said, on the bank of rendered sets.

`python -m benchmarks.live_bank [--split calibrate] [--count N]` shows the coach the landmarks of every set, picture by
picture, at the film's own rate and thinned as a slow or busy machine thins them. Measured is all that comes after the
pose model; the landmarks are the bank's, so the second eye mended some where live has one eye alone. `--words` also
judges each repetition when it is over, which takes ten times as long. `--choose` prints what other certainties than
those of `hip_stop` would give. Counted is every repetition in which "come up" is due; a set hears it twice at most.
"""

import argparse
import math
import zlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import chain, repeat
from multiprocessing import get_context
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.bank.pack import BankSet, read_bank
from formcheck.data import FloatArray
from formcheck.live.coaching.coach import Coach
from formcheck.live.tracking.lifter_tracker import Sighting
from formcheck.live.tracking.model_fallback import Rung
from formcheck.settings import Settings
from formcheck.skeleton import Landmark

HINGES = ("rdl", "good_morning")
Pace = Literal["as filmed", "20 a second", "15 a second", "10 a second", "irregular"]
PACES: tuple[Pace, ...] = ("as filmed", "20 a second", "15 a second", "10 a second", "irregular")
OVERRUN_DEG = 15.0  # and more has to be told
SMALL_DEG = 5.0  # under which an overrun is neither
EARLY_S, IN_TIME_S = 0.35, 0.35  # round the moment at which the trunk goes on alone
SQUAT_DEG = 5.0  # less, and a repetition without overrun is a sound one
HELD_DEG_S, HELD_WITHIN_DEG = 5.0, 10.0  # a trunk that rests so near the place where the hips stopped has not gone on
STANDING_S = 0.5  # from where the pose model first sees the lifter: shown to and fro before the set, who stands there
BUSY_S = (0.03, 0.12)  # that a picture takes on a busy machine, and now and then ...
STALL_S, STALLS = 0.25, 0.02  # ... longer
OTHER_SURE = (0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)
RUNG = Rung("full", outline=False)
Z90 = 1.645


@dataclass(frozen=True)
class Seen:
    """What the coach made of one true repetition of a hinge.

    ended_s : of the hips' travel. alone_s : when the trunk went on without the hips, both NaN in a repetition without
    overrun. deep_deg : of the overrun that was spoken after the repetition, NaN when none was. looks : (n, 3) when it
    could be weighed whether the hips have stopped, how likely that was, and whether likely enough to be said.
    """

    lift: str
    overrun_deg: float
    squatted_deg: float
    ended_s: float
    alone_s: float
    deep_deg: float
    looks: FloatArray

    def told_at(self, sure: float | None) -> float:
        """Return when "come up" is due, if it takes so much certainty (None: as much as it does); NaN for never."""
        enough = self.looks[:, 2] > 0 if sure is None else self.looks[:, 1] >= sure
        return float(next(iter(self.looks[enough, 0]), math.nan))


@dataclass
class Count:
    """Repetitions, how many of them ..., and delays (s) where there are any."""

    of: int = 0
    hits: int = 0
    in_time: int = 0
    delays_s: list[float] = field(default_factory=list)


class DeafCoach(Coach):
    """Says "come up" as the coach does, and judges no repetition."""

    def _judge(self, time_s: float, size_px: tuple[int, int], rung: Rung) -> None:
        pass

    def finish(self, time_s: float, size_px: tuple[int, int], rung: Rung) -> None:
        """End the set, and judge nothing."""


def read_sets(split: str, count: int | None = None) -> list[BankSet]:
    """Read the hinges of a split in which the lifter was found, the first `count` of each lift."""
    found = ([each for each in read_bank(split, lift) if each.poses is not None][:count] for lift in HINGES)
    return list(chain.from_iterable(found))


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


def watch(bank_set: BankSet, pace: Pace, coach_kind: type[Coach]) -> list[Seen]:
    """Show a set to the coach, and return its true repetitions as they were met."""
    poses = bank_set.poses
    assert poses is not None, "the model lost the lifter"
    first = int(np.argmax(np.isfinite(poses.world_m[:, Landmark.LEFT_SHOULDER, 0])))
    standing = np.arange(first, int(np.searchsorted(poses.time_s, poses.time_s[first] + STANDING_S)))
    rows = np.concatenate([standing, standing[::-1], standing, standing[::-1], np.arange(len(poses.time_s))])
    before = 4 * len(standing)
    step_s = float(np.median(np.diff(poses.time_s)))
    times_s = np.concatenate([poses.time_s[0] + (np.arange(before) - before) * step_s, poses.time_s])
    coach = coach_kind(Settings(lift=bank_set.lift), count_in=False, background=False)
    said, looks = [], []
    for place in thin(times_s, pace, zlib.crc32(bank_set.name.encode())).tolist():
        row, now_s = rows[place], float(times_s[place])
        seen = bool(np.isfinite(poses.xy_px[row, 0, 0]))
        edge_px = None if poses.edge_px is None else poses.edge_px[row]
        sighting = (
            Sighting(now_s, poses.xy_px[row], poses.world_m[row], poses.visibility[row], edge_px=edge_px)
            if seen
            else None
        )
        coach.step(now_s, sighting, poses.size_px, RUNG)
        look = None if coach.hips is None else coach.hips.look_at(now_s)
        if look is not None:
            looks.append((now_s, look.probability, float(look.is_sure)))
        said += coach.said()
    coach.finish(float(times_s[-1]), poses.size_px, RUNG)
    said += coach.said()
    coach.close()
    deep = [(each.time_s, each.values["value"]) for each in said if each.code.endswith(".overrun")]
    return [_meet(bank_set, number, deep, looks) for number in range(len(bank_set.truth["reps"]))]


def _meet(
    bank_set: BankSet,
    number: int,
    deep: list[tuple[float, float]],
    looks: list[tuple[float, float, float]],
) -> Seen:
    reps = bank_set.truth["reps"]
    rep = reps[number]
    after_s = reps[number + 1]["turn_s"] if number + 1 < len(reps) else math.inf

    def within(moment_s: float) -> bool:
        return bool(rep["start_s"] - 0.3 < moment_s <= rep["stop_s"])

    stops = rep["hip_travel_end_s"] is not None
    mine = [each for each in looks if within(each[0])]
    return Seen(
        lift=bank_set.lift,
        overrun_deg=rep["overrun_deg"],
        squatted_deg=rep["squatted_deg"],
        ended_s=rep["hip_travel_end_s"] if stops else math.nan,
        alone_s=find_alone(bank_set.frames, rep) if stops else math.nan,
        deep_deg=next((deg for at_s, deg in deep if rep["turn_s"] < at_s <= after_s), math.nan),
        looks=np.array(mine).reshape(-1, 3),
    )


def find_alone(frames: dict[str, Any], rep: dict[str, Any]) -> float:
    """Return when the trunk goes on without the hips, of the true frames: when the hips have stopped, and whoever rests
    there, as some lifters do, has moved on.
    """
    time_s, trunk_deg = np.array(frames["time_s"]), np.array(frames["trunk_deg"], float)
    on_deg = trunk_deg - rep["hip_travel_end_trunk_deg"]
    rests = (on_deg <= HELD_WITHIN_DEG) & (np.gradient(trunk_deg, time_s) < HELD_DEG_S)
    there = (time_s >= rep["hip_travel_end_s"]) & (time_s <= rep["turn_s"]) & ((on_deg <= 1.0) | rests)
    return float(max([rep["hip_travel_end_s"], *time_s[there].tolist()]))


def count_told(reps: list[Seen], sure: float | None = None) -> dict[str, Count]:
    """Count what "come up", and what the words after the repetition, made of repetitions of each kind."""
    counts = {name: Count() for name in ("overrun", "sound", "squat", "too deep, sound")}
    for rep in reps:
        told_s = rep.told_at(sure)
        told = math.isfinite(told_s)
        if rep.overrun_deg >= OVERRUN_DEG:
            late_s = told_s - rep.alone_s
            right = told and told_s >= rep.ended_s - EARLY_S
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


def print_counts(pace: str, counts: dict[str, Count], *, words: bool) -> None:
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
    }
    if words:
        names["too deep, sound"] = "afterwards 'too deep' in sound reps"
    for kind, name in names.items():
        print(f"  {name:<40} {write_share(counts[kind].hits, counts[kind].of)}")


def print_lift(lift: str, counts: dict[str, Count]) -> None:
    """Print one lift's share of it in a line."""
    over, sound = counts["overrun"], counts["sound"]
    print(f"  {lift}: told {write_share(over.hits, over.of).strip()}", end="")
    print(f", in time {write_share(over.in_time, over.of).strip()}", end="")
    print(f", falsely {write_share(sound.hits, sound.of).strip()}")


def print_choice(reps: list[Seen]) -> None:
    """Print what each certainty would give."""
    print("\n  sure    told                            in time                         falsely")
    for sure in OTHER_SURE:
        counts = count_told(reps, sure)
        over, sound = counts["overrun"], counts["sound"]
        shares = ((over.hits, over.of), (over.in_time, over.of), (sound.hits, sound.of))
        print(f"  {sure:.2f}  " + "  ".join(f"{write_share(*each):<30}" for each in shares))


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", nargs="+", default=["calibrate"])
    parser.add_argument("--count", type=int, help="sets of each lift, if not all")
    parser.add_argument("--pace", choices=PACES, action="append")
    parser.add_argument("--no-outline", action="store_true", help="by the landmarks alone, as with that option")
    parser.add_argument("--words", action="store_true", help="judge each repetition as well")
    parser.add_argument("--choose", action="store_true", help="print what other certainties would give")
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    sets = list(chain.from_iterable(read_sets(split, asked.count) for split in asked.split))
    if asked.no_outline:
        sets = [replace(each, poses=replace(each.poses, edge_px=None)) for each in sets if each.poses is not None]
    if not sets:
        parser.error(f"the bank holds no set of {', '.join(asked.split)}")
    print(f"{', '.join(asked.split)}: {len(sets)} sets, {sum(len(each.truth['reps']) for each in sets)} repetitions")
    kind = Coach if asked.words else DeafCoach
    with ProcessPoolExecutor(asked.workers, mp_context=get_context("spawn")) as pool:
        for pace in asked.pace or PACES:
            seen = list(chain.from_iterable(pool.map(watch, sets, repeat(pace), repeat(kind))))
            print_counts(pace, count_told(seen), words=asked.words)
            for lift in HINGES:
                print_lift(lift, count_told([each for each in seen if each.lift == lift]))
            if asked.choose:
                print_choice(seen)


if __name__ == "__main__":
    main()
