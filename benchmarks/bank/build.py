"""Render the bank's sets and let the pose model see them: `python -m benchmarks.bank.build`, or `make bank`.

It sees them as `formcheck analyze` does, each lift with its own model if no other is named, with a second look where
the first one loses the body. What is there is kept, so a build can be stopped and taken up at any time. The videos and
what the model saw of them stay in a folder of their own (some hundred MB); `benchmarks.bank.pack` makes the small files
that are committed.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from itertools import zip_longest
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from pebble import ProcessPool

from benchmarks.bank.choose import LARGE, choose_faulty
from samples.renderer.bank import FORM_SEEDS, HINGES, LIFTS, SEEDS, SIZES, draw_set

HOME = Path(__file__).parents[2] / ".build" / "bank"
TASKS = 20  # that a process does before a new one takes its place: the pose model's memory grows
Job = tuple[str, str, int]  # split, lift, number


def jobs(splits: Sequence[str], lifts: Sequence[str], count: int | None = None) -> Iterator[Job]:
    """Name the sets to build, splits and lifts in turn so that a build cut short is balanced; hinges first."""
    for group in (HINGES, tuple(lift for lift in LIFTS if lift not in HINGES)):
        columns = []
        for lift in (lift for lift in group if lift in lifts):
            size = SIZES[lift] if count is None else count
            columns += [[(split, lift, number) for number in range(size)] for split in splits]
        longest = max((len(column) for column in columns), default=0)
        spread = [{round(place * longest / len(column)): job for place, job in enumerate(column)} for column in columns]
        yield from (places[i] for i in range(longest) for places in spread if i in places)


def faulty_jobs(split: str, lifts: Sequence[str], seed: int, wanted: int, workers: int) -> list[Job]:
    """Name the sets of a split that hold each large fault of a lift `wanted` times, lifts in turn."""
    lifts = [lift for lift in lifts if lift in LARGE]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        chosen = pool.map(partial(choose_faulty, split, seed=seed, wanted=wanted), lifts)
        columns = [[(split, lift, number) for number in numbers] for lift, numbers in zip(lifts, chosen, strict=True)]
    return [job for row in zip_longest(*columns) for job in row if job is not None]


def name_of(job: Job) -> str:
    """Name a set."""
    split, lift, number = job
    return f"{split}_{lift}_{number:03d}"


def model_of(lift: str) -> str:
    """Name the model that sees a lift when nobody chooses one."""
    from formcheck.lifts import all_lifts

    return all_lifts()[lift].model


def build_set(job: Job, seed: int | None, home: str, models: Sequence[str] | None) -> str:
    """Render one set and let each model see it (None: the lift's own); what is there already is kept. Returns a line
    about it.
    """
    os.environ["LP_NUM_THREADS"] = "1"  # every process has one core
    from formcheck.errors import FormcheckError
    from formcheck.pose.estimation import acquire_poses, pack
    from samples.renderer.render import render

    folder, name = Path(home), name_of(job)
    models = [model_of(job[1])] if models is None else models
    missing = [model for model in models if not (folder / f"{name}.{model}.npz").exists()]
    video = folder / f"{name}.mp4"
    filmed = video.exists() and video.with_suffix(".truth.json").exists()
    if filmed and not missing:
        return ""
    began = time.perf_counter()
    entry = draw_set(*job, seed)
    if not filmed:
        render(entry.clip, folder, {"stratum": entry.stratum, "fault": entry.fault})
    for model in missing:
        try:
            arrays = pack(*acquire_poses(video, model=model, use_cache=False, workers=1))
        except FormcheckError as error:
            arrays = {"lost": np.array(str(error))}
        part = folder / f"{name}.{model}.part.npz"
        np.savez_compressed(part, **arrays)  # type: ignore[arg-type]  # names of arrays, not its own parameters
        part.replace(folder / f"{name}.{model}.npz")
    return f"{name}: {entry.clip.moves.duration_s:.0f} s of film in {time.perf_counter() - began:.0f} s"


def build(todo: Iterable[Job], home: Path, seed: int | None, models: Sequence[str] | None, workers: int) -> None:
    """Build sets on all cores, one process a core, and say on stderr what was done."""
    home.mkdir(parents=True, exist_ok=True)
    with ProcessPool(workers, max_tasks=TASKS, context=get_context("spawn")) as pool:
        running = [pool.schedule(build_set, args=(job, seed, str(home), models)) for job in todo]
        try:
            for number, done in enumerate(as_completed(running), 1):
                if line := done.result():
                    print(f"[{number}/{len(running)}] {line}", file=sys.stderr, flush=True)
        finally:  # stopped or failed, it does not wait for the sets that are left
            pool.stop()  # type: ignore[no-untyped-call]  # pebble has no types here


def main() -> int:
    """Build from the command line."""
    parser = argparse.ArgumentParser(description="Render the bank and let the pose model see it.")
    parser.add_argument("--split", nargs="+", default=list(SEEDS), help="splits; a new name needs --seed")
    parser.add_argument("--seed", type=int, help="of a split that has none of its own: a report")
    parser.add_argument("--lift", nargs="+", choices=LIFTS, default=list(LIFTS))
    parser.add_argument("--count", type=int, help="sets of each lift, if not all")
    parser.add_argument(
        "--faulty", type=int, metavar="N", help="few sets that hold each fault of a lift N times; of hinges none"
    )
    parser.add_argument(
        "--model", nargs="*", choices=["lite", "full", "heavy"], help="none: film alone; the lift's own if not given"
    )
    parser.add_argument("--home", type=Path, default=HOME, help="folder of videos and arrays")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    if given.seed is None and (new := sorted(set(given.split) - set(SEEDS) - set(FORM_SEEDS))):
        parser.error(f"{', '.join(new)} has no seed of its own: give --seed")
    try:
        if given.faulty is None:
            todo = list(jobs(given.split, given.lift, given.count))
        else:
            split, seed = given.split[0], given.seed or SEEDS[given.split[0]]
            todo = faulty_jobs(split, given.lift, seed, given.faulty, given.workers)
        build(todo, given.home, given.seed, given.model, given.workers)
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
