"""Command line: `python -m benchmarks.accuracy landmarks|bank|fresh|rendered|invariance|real`.

Prints the table and writes it to .build/accuracy_<benchmark>.json. Tune on `dev`, report on `test`.
"""

import argparse
import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

BUILD = Path(__file__).resolve().parents[2] / ".build"
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> None:
    """Run one benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description="How accurate formcheck is.")
    benchmarks = parser.add_subparsers(dest="benchmark", required=True)
    landmarks = benchmarks.add_parser("landmarks", help="noisy landmarks of stick lifters, no pictures")
    landmarks.add_argument("--split", choices=("dev", "test"), default="test")
    landmarks.add_argument("--sets", type=int, default=None, metavar="N")
    landmarks.add_argument("--workers", type=int, default=None, metavar="N")
    bank = benchmarks.add_parser("bank", help="sets of the bank, as the pose model saw them: nothing is rendered")
    bank.add_argument("--split", nargs="+", default=["calibrate", "opened10", "opened11"])
    bank.add_argument("--folder", type=Path, default=None, metavar="DIR", help="packed files; default: the bank's own")
    fresh = benchmarks.add_parser("fresh", help="hinges that nobody has drawn yet, rendered now")
    fresh.add_argument("--seed", type=int, required=True, metavar="N", help="whatever you like: it draws the sets")
    fresh.add_argument("--sets", type=int, default=20, metavar="N", help="of both lifts together; default 20")
    rendered = benchmarks.add_parser("rendered", help="rendered clips through the real model")
    rendered.add_argument("--split", choices=("dev", "test"), default="test")
    rendered.add_argument(
        "--clips", type=Path, default=None, metavar="DIR", help="measure the clips of a folder instead"
    )
    same = benchmarks.add_parser("invariance", help="the same films mirrored, small, dim, recompressed, at other rates")
    same.add_argument("--clips", type=Path, default=BUILD.parent / "samples", metavar="DIR")
    real = benchmarks.add_parser("real", help="what a person read off the real clips, beside what is reported")
    shared = BUILD.parents[1] / "shared"
    real.add_argument("--clips", type=Path, nargs="+", default=[shared / "real", shared / "real2"], metavar="DIR")
    flags = parser.parse_args()
    runs = {
        "landmarks": run_landmarks, "bank": run_bank, "fresh": run_fresh, "rendered": run_rendered, "real": run_real,
        "invariance": run_invariance,
    }  # fmt: skip
    runs[flags.benchmark](flags)


def run_landmarks(flags: argparse.Namespace) -> None:
    """Print and write the table of benchmark (a)."""
    for name in ONE_THREAD:  # a worker a core; read by numpy when it is first imported, so before the import below
        os.environ[name] = "1"
    from benchmarks.accuracy import landmarks
    from benchmarks.accuracy.table import format_table, write_rows

    n_sets = flags.sets or landmarks.N_SETS
    started_s = time.monotonic()
    rows = landmarks.make_rows(landmarks.run(flags.split, n_sets, flags.workers))
    if find_spec("formcheck.events.break_point"):  # a version that judges floor lifts
        from benchmarks.accuracy import floor

        rows += floor.run(flags.split, n_sets // 10)
    took_s = time.monotonic() - started_s
    print(f"{n_sets} synthetic sets, split {flags.split}, {took_s:.0f} s\n")
    print(format_table(rows))
    path = BUILD / "accuracy_landmarks.json"
    write_rows(path, rows, {"benchmark": "landmarks", "split": flags.split, "sets": n_sets})
    print(f"\nwrote {path.relative_to(BUILD.parent)}")


def run_bank(flags: argparse.Namespace) -> None:
    """Print and write the table of the bank's sets, split by split: hinges first, then the other lifts."""
    from benchmarks.accuracy import bank, bank_lifts
    from benchmarks.accuracy.table import format_table, write_rows
    from benchmarks.bank.pack import DATA
    from samples.renderer.bank import HINGES, LIFTS

    for split in flags.split:
        judged = bank.judge_split(split, LIFTS, flags.folder or DATA)
        hinges = [judged[lift] for lift in HINGES]
        n_sets = sum(each.n_sets for each in judged.values())
        if not n_sets:
            sys.exit(f"There is no split {split} in the bank: `make bank` builds what is missing.")
        rows = bank.hinge_rows(hinges) + bank.form_rows(hinges) if sum(each.n_sets for each in hinges) else []
        if rows:
            print(f"{sum(each.n_sets for each in hinges)} sets of hinges, split {split}\n\n{format_table(rows)}\n")
        for lift in (lift for lift in LIFTS if lift not in HINGES and judged[lift].n_sets):
            own = bank_lifts.lift_rows(lift, judged[lift].clips, judged[lift].n_lost)
            print(f"{judged[lift].n_sets} sets of {lift}, split {split}\n\n{format_table(own)}\n")
            rows += own
        named = bank.auto_rows(judged)
        print(f"lifts that nobody named, split {split}\n\n{format_table(named)}\n")
        rows += named
        write_rows(BUILD / f"accuracy_bank_{split}.json", rows, {"benchmark": "bank", "split": split, "sets": n_sets})


def run_fresh(flags: argparse.Namespace) -> None:
    """Draw, render and judge hinges of a seed, three RDLs to one good morning; what was rendered before is kept."""
    from benchmarks.accuracy import bank
    from benchmarks.accuracy.table import format_table, write_rows
    from benchmarks.bank.build import build, jobs
    from benchmarks.bank.pack import pack_home
    from samples.renderer.bank import HINGES

    home, mornings = BUILD / "fresh" / str(flags.seed), flags.sets // 4
    counts = {"rdl": flags.sets - mornings, "good_morning": mornings}
    todo = [job for lift, count in counts.items() for job in jobs(["fresh"], [lift], count)]
    build(todo, home, flags.seed, ["full"], os.cpu_count() or 1)
    pack_home(home, home / "packed")
    judged = bank.judge_split("fresh", HINGES, home / "packed").values()
    rows = bank.hinge_rows(list(judged)) + bank.form_rows(list(judged))
    print(f"{sum(each.n_sets for each in judged)} sets of hinges, seed {flags.seed}\n\n{format_table(rows)}")
    write_rows(home / "accuracy.json", rows, {"benchmark": "fresh", "seed": flags.seed, "sets": flags.sets})


def run_rendered(flags: argparse.Namespace) -> None:
    """Render what is missing of the suite, print and write the table of benchmark (b)."""
    from benchmarks.accuracy import rendered, rendered_bar, rendered_lifts
    from benchmarks.accuracy.table import format_table, write_rows

    folder = flags.clips or BUILD / "suite" / flags.split
    if flags.clips is None:
        render = [sys.executable, "-m", "samples.renderer.render", "--suite", flags.split, "--out", str(folder)]
        subprocess.run(render, cwd=BUILD.parent, check=True)
    clips = rendered.compare(folder)
    rows = rendered.make_rows(clips) + rendered_bar.bar_rows(clips) + rendered_lifts.lift_rows(clips)
    print(f"{len(clips)} rendered clips, {'folder ' + folder.name if flags.clips else 'split ' + flags.split}\n")
    print("\n".join(rendered.describe(each) for each in clips))
    print(f"\n{format_table(rows)}")
    path = BUILD / "accuracy_rendered.json"
    write_rows(path, rows, {"benchmark": "rendered", "split": flags.split, "clips": [each.name for each in clips]})
    print(f"\nwrote {path.relative_to(BUILD.parent)}")


def run_invariance(flags: argparse.Namespace) -> None:
    """Print and write how many verdicts change where only the film does; every film needs its truth file's lift."""
    import json
    import tempfile

    from benchmarks.accuracy import invariance
    from benchmarks.accuracy.table import format_table, write_rows

    truths = sorted(flags.clips.glob("*.truth.json"))
    lifts = [(path, str(json.loads(path.read_text(encoding="utf-8"))["lift"])) for path in truths]
    clips = [(path.with_name(path.name.replace(".truth.json", ".mp4")), lift) for path, lift in lifts]
    with tempfile.TemporaryDirectory() as name:
        rows = invariance.measure(clips, Path(name))
    print(f"{len(clips)} clips of {flags.clips.name}\n\n{format_table(rows)}")
    write_rows(BUILD / "accuracy_invariance.json", rows, {"benchmark": "invariance", "clips": len(clips)})


def run_real(flags: argparse.Namespace) -> None:
    """Print what each real clip's label expects and what is reported."""
    from benchmarks.accuracy import real

    if lacking := [folder for folder in flags.clips if not (folder / "labels.toml").is_file()]:
        sys.exit(f"There is no labels.toml in {lacking[0]}: name the folders of the real clips with --clips.")
    print(real.describe(flags.clips))


if __name__ == "__main__":
    main()
