"""What live makes of the real clips, beside what offline makes of them.

`python -m benchmarks.live_real [--clips DIR] [--name CLIP]` shows every frame of each clip of a folder with labels.toml
to a live session, as `formcheck live --source` does, and prints the numbers of repetitions, and the checks of each
repetition on which the two differ. Nothing is tuned on these clips.
"""

import argparse
import tomllib
from pathlib import Path

from formcheck.errors import FormcheckError
from formcheck.live.coaching.live_vs_offline import format_comparison
from formcheck.live.loop import Listener, Stop, replay
from formcheck.live.session import Session
from formcheck.pipeline import analyze
from formcheck.settings import DEFAULT_RATE_HZ, Settings

CLIPS = Path(__file__).resolve().parents[2] / "shared" / "real"


def compare(clip: Path, lift: str) -> tuple[int, int, str]:
    """Return the repetitions that live and offline count in a clip, and the table of what differs."""
    session = Session(Settings(lift=lift), background=False, step_down=False)
    try:
        replay(clip, session, Listener(), Stop(), rate_hz=DEFAULT_RATE_HZ, paced=False)
        sets = session.sets
    finally:
        session.close()
    counted = sum(len(done.reps) for done in sets)
    try:
        report = analyze(clip, Settings(lift=lift))
    except FormcheckError as error:
        return counted, 0, f"offline: {error.message}\n"
    return counted, len(report.reps), format_comparison(sets, report, 0.0)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path, default=CLIPS, metavar="DIR")
    parser.add_argument("--name", action="append", help="of a clip, if not all")
    asked = parser.parse_args()
    if not (asked.clips / "labels.toml").exists():
        parser.exit(
            message=f"There is no labels.toml in {asked.clips}: name the folder of the real clips with --clips.\n"
        )
    labels = tomllib.loads((asked.clips / "labels.toml").read_text(encoding="utf-8"))
    same = 0
    names = asked.name or list(labels)
    for name in names:
        live, offline, table = compare(asked.clips / f"{name}.mp4", labels[name]["lift"])
        same += live == offline
        print(f"\n{name}\n{table}", end="", flush=True)
    print(f"\nlive and offline count the same in {same} of {len(names)} clips")


if __name__ == "__main__":
    main()
