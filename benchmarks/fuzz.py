"""Mutated videos and reports through the whole of `formcheck batch`: nothing escapes, every outcome is a row.

    python -m benchmarks.fuzz [--count N] [--seed N] [--workers N]

Prints what came of them and writes .build/fuzz.json. Exit code 1 when a file got more than a row: an outcome that is
missing or says nothing, a mistake of formcheck's own, a file where none belongs. Those files are kept in .build/fuzz.
"""

import argparse
import copy
import json
import math
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.video

from formcheck.batch import list_jobs, run_jobs, write_tables
from formcheck.batch.claim import claim_folder
from formcheck.batch.job import Job, Limits, Outcome, Plan
from formcheck.batch.local import LocalWorkers
from formcheck.batch.shelf import OUTCOME, REPORT
from formcheck.batch.task import load_outcome
from formcheck.errors import FormcheckError
from formcheck.settings import Pictures, Settings
from formcheck.workflows.export import read_report

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "samples" / "nordic_break_60.mp4"
RESULTS = ROOT / ".build" / "fuzz.json"
KEPT = ROOT / ".build" / "fuzz"
KINDS = {".mp4": "libx264", ".mov": "libx264", ".mkv": "libx264", ".gif": "gif"}
SEED_FRAMES = 36  # a second and a bit, with a person in it
SIZE_PX = (160, 120)
LIMITS = Limits(timeout_s=60.0, max_frames=2000)
NAMES = ("{n}", "{n} <b>&amp;", "{n} ../x", "{n} \n", "{n} über 日本", "{n}" + "y" * 200, "-{n}", "{n};rm -rf")
DEEP: Any = json.loads("[" * 300 + "]" * 300)
WEIRD: tuple[Any, ...] = (
    *(None, True, -1, 0, 2, 1e308, math.nan, math.inf, 10**30, 10**400),
    *("", "9.5", "good", "left", "=1+1", "a\x1b[2Jb\nc", "\ud800", "x" * 5000),
    *([], {}, [[[]]], {"a": {}}, [640, 0], DEEP),
)


def make_seed(path: Path, codec: str) -> bytes:
    """Encode the first frames of the sample, small, in one of the containers."""
    with av.open(str(SAMPLE)) as source, av.open(str(path), "w") as sink:
        stream = sink.add_stream(codec, rate=30)
        assert isinstance(stream, av.video.VideoStream)
        stream.width, stream.height = SIZE_PX
        stream.pix_fmt = "rgb8" if codec == "gif" else "yuv420p"
        for number, frame in enumerate(source.decode(video=0)):
            if number == SEED_FRAMES:
                break
            small = frame.reformat(*SIZE_PX, format=stream.pix_fmt)
            small.pts, small.time_base = number, Fraction(1, 30)
            sink.mux(stream.encode(small))
        sink.mux(stream.encode())
    return path.read_bytes()


def mutate_bytes(content: bytes, chance: random.Random) -> bytes:
    """Return the content with one to eight things done to it."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data) or 1)
        if chance.random() < 0.5:  # where the headers are
            at = min(at, chance.randrange(2000))
        length = chance.choice((1, 4, 16, 500))
        match chance.randrange(7):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                data[at : at + 4] = chance.choice((b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff", b"\x80\0\0\0"))
            case 2:
                del data[at : at + length]
            case 3:
                data[at:at] = chance.randbytes(length)
            case 4:
                data[at:at] = data[at : at + length * 20]
            case 5:
                data[at : at + length] = chance.randbytes(length)
            case _:
                del data[max(at, 100) :]
    return bytes(data)


def mutate_json(document: Any, chance: random.Random) -> str:
    """Return a report with some of its values taken away or replaced by what does not belong there."""
    changed = copy.deepcopy(document)
    for _ in range(chance.randint(1, 4)):
        places = list(_places(changed))
        holder, key = chance.choice(places)
        if chance.random() < 0.3:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(chance.choice(WEIRD))
        if not changed:
            break
    text = json.dumps(changed)
    return text if chance.random() < 0.8 else mutate_bytes(text.encode(), chance).decode("utf-8", "replace")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    for key in keys:
        yield value, key
        yield from _places(value[key])


def complaints(jobs: tuple[Job, ...], outcomes: list[Outcome]) -> list[tuple[Job, str]]:
    """Return what is wrong with the outcomes: none, one without words, or one that is a mistake of formcheck's own."""
    by_folder = {outcome.job.folder: outcome for outcome in outcomes}
    found = []
    for job in jobs:
        outcome = by_folder.get(job.folder)
        if outcome is None:
            found.append((job, "no outcome"))
        elif outcome.failure is not None and outcome.failure.kind in {"bug", "output"}:
            found.append((job, f"{outcome.failure.message}\n{outcome.traceback}"))
        elif outcome.failure is not None and not (outcome.failure.message and outcome.failure.hint):
            found.append((job, "no words"))
    return found


def fuzz_videos(home: Path, count: int, workers: int, chance: random.Random) -> tuple[Counter[str], list[str]]:
    """Run mutated videos through a batch. Return what came of them, and what should not have."""
    seeds = {ending: make_seed(home / f"seed{ending}", codec) for ending, codec in KINDS.items()}
    uploads = home / "up"
    uploads.mkdir()
    for number in range(count):
        ending = chance.choice(list(seeds))
        name = chance.choice(NAMES).format(n=number).replace("/", "_")
        (uploads / f"{name}{ending}").write_bytes(mutate_bytes(seeds[ending], chance))
    settings = Settings(lift="nordic", model="lite", limits={})
    plan = Plan(settings, str(home / "res"), LIMITS, Pictures(html=False), use_cache=False)
    outcomes = []
    started_s = time.monotonic()
    with claim_folder(plan.out) as scratch:
        jobs = list_jobs([str(uploads)], ("nordic",), plan, scratch).jobs
        with LocalWorkers(workers, LIMITS, scratch) as crew:
            for outcome in run_jobs(jobs, plan, crew):
                outcomes.append(outcome)
                if len(outcomes) % 100 == 0:
                    rate = 60 * len(outcomes) / (time.monotonic() - started_s)
                    print(f"  {len(outcomes)} of {count} videos, {rate:.0f} a minute", file=sys.stderr, flush=True)
        write_tables(jobs, outcomes, plan)
    wrong = []
    for job, words in complaints(jobs, outcomes):
        wrong.append(f"{job.label}: {words}")
        shutil.copy(job.place, KEPT / Path(job.folder).with_suffix(Path(job.place).suffix).name)
    if len(jobs) != count:
        wrong.append(f"{count} files were {len(jobs)} jobs")
    strays = [each.name for each in home.iterdir() if each.name not in {"up", "res", *(f"seed{end}" for end in KINDS)}]
    strays += [each.name for each in (home / "res").iterdir() if each.name.startswith(".") and each.name != ".lock"]
    wrong += [f"a file where none belongs: {name}" for name in strays]
    return Counter("report" if each.failure is None else each.failure.kind for each in outcomes), wrong


def fuzz_reports(home: Path, count: int, chance: random.Random) -> tuple[Counter[str], list[str]]:
    """Read mutated report.json files as `export` and as a resumed batch do, and make tables of those that are taken."""
    document = make_document()
    plan = Plan(Settings(lift="nordic"), str(home))
    told: Counter[str] = Counter()
    wrong, kept, jobs = [], [], []
    for number in range(count):
        job = Job(place="", label=f"{number}.mp4", folder=f"r{number}")
        folder = home / "videos" / job.folder
        folder.mkdir(parents=True)
        (folder / REPORT).write_text(mutate_json(document, chance), encoding="utf-8", errors="surrogatepass")
        record = {"key": "k", "severity": 0.0, "failure": None}
        (folder / OUTCOME).write_text(mutate_json(record, chance) if chance.random() < 0.3 else json.dumps(record))
        for what in ("export", "resume"):
            answer: object
            try:
                answer = read_report(folder) if what == "export" else load_outcome(job, plan.out)
            except FormcheckError:
                answer = None
            except Exception as error:  # noqa: BLE001  # what is looked for
                wrong.append(f"{what} of report {number}: {error!r}")
                shutil.copytree(folder, KEPT / job.folder, dirs_exist_ok=True)
                answer = None
            told[f"{what}: {'taken' if answer else 'refused'}"] += 1
            if isinstance(answer, Outcome):
                kept.append(answer)
                jobs.append(job)
    wrong += _try(lambda: write_tables(jobs, kept, plan))
    return told, wrong


def make_document() -> dict[str, Any]:
    """Analyse the sample once, or take what an earlier run left."""
    from formcheck.pipeline import analyze
    from formcheck.report import document

    return dict(document.build(analyze(SAMPLE, Settings(lift="nordic", model="lite", end_s=6.0))))


def _try(call: Callable[[], object]) -> list[str]:
    try:
        call()
    except Exception as error:  # noqa: BLE001  # what is looked for
        return [f"tables of the reports that were taken: {error!r}"]
    return []


def main() -> None:
    """Fuzz, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="mutated videos, and as many reports (1000)")
    parser.add_argument("--seed", type=int, default=0, help="of the mutations (0): the same seed, the same files")
    parser.add_argument("--workers", type=int, default=2, help="processes (2)")
    options = parser.parse_args()
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True)
    chance = random.Random(options.seed)  # noqa: S311  # to be had again, not to be secret
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "reports").mkdir()
        (Path(name) / "videos").mkdir()
        reports, wrong = fuzz_reports(Path(name) / "reports", options.count, chance)
        videos, more = fuzz_videos(Path(name) / "videos", options.count, options.workers, chance)
    wrong += more
    for what, counts in (("videos", videos), ("reports", reports)):
        print(f"{what}: {', '.join(f'{kind} {number}' for kind, number in sorted(counts.items()))}")
    for each in wrong:
        print(f"WRONG {each}")
    print(f"{len(wrong)} wrong, seed {options.seed}")
    RESULTS.write_text(
        json.dumps({"seed": options.seed, "videos": videos, "reports": reports, "wrong": wrong}, indent=1)
    )
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
