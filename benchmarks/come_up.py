"""How often and how late "Hips stopped: come up." is said, on noisy synthetic sets of the test split.

`python -m benchmarks.come_up [--sets N]`: a false alarm is "come up" in a repetition whose hips go on to the bottom; a
hit is one after the hips have stopped, in a repetition that goes on for 10 deg or more, before its turn.
"""

import argparse

import numpy as np

from benchmarks.accuracy.cases import Case, Split, draw_case
from formcheck.live.coaching.coach import Coach
from formcheck.live.tracking.lifter_tracker import Sighting
from formcheck.live.tracking.model_fallback import Rung
from formcheck.settings import Settings
from samples.renderer.stick import Truth

EARLY_S = 0.35  # before the exact moment at which "come up" still counts as a hit: the hips have done most by then
OVERRUN_DEG = 10.0


def listen(case: Case) -> tuple[Truth, list[float]]:
    """Return a set's truth and the moments (s) at which "come up" is known, said (twice a set at most) or not."""
    poses, truth = case.film()
    coach = Coach(Settings(lift="rdl"), count_in=False, background=False)
    known_s: list[float] = []
    known = None
    for row, time_s in enumerate(poses.time_s.tolist()):
        seen = bool(np.isfinite(poses.xy_px[row, 0, 0]))
        sighting = Sighting(time_s, poses.xy_px[row], poses.world_m[row], poses.visibility[row]) if seen else None
        coach.step(time_s, sighting, poses.size_px, Rung("full", outline=False))
        stopped = None if coach.hips is None else coach.hips.stopped
        if stopped is not None and stopped is not known:
            known_s.append(time_s)
        known = stopped
    coach.close()
    return truth, known_s


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=40)
    parser.add_argument("--split", choices=["dev", "test"], default="test")
    asked = parser.parse_args()
    split: Split = asked.split
    cases = [draw_case(split, number) for number in range(asked.sets)]
    sound = false = over = 0
    delays_s: list[float] = []
    for case in cases:
        if case.gate != "good" or case.kind == "hard":
            continue
        truth, told_s = listen(case)
        for rep in truth.reps:
            mine_s = [each for each in told_s if rep.start_s - 0.5 < each <= rep.turn_s + 0.15]
            if rep.overrun_deg <= 0.5 and rep.squat_deg <= 0.5:
                sound += 1
                false += bool(mine_s)
            elif rep.overrun_deg >= OVERRUN_DEG:
                over += 1
                delays_s += [each - rep.eot_s for each in mine_s[:1] if each > rep.eot_s - EARLY_S]
    middle_s, late_s = np.percentile(delays_s, [50, 90]) if delays_s else (np.nan, np.nan)
    print(f"come up, false alarms        {100 * false / max(sound, 1):6.1f} %   of {sound} repetitions")
    print(f"come up, overruns called     {100 * len(delays_s) / max(over, 1):6.1f} %   of {over} repetitions")
    print(f"come up, after the hips stop {middle_s:6.2f} s   median, {late_s:.2f} s p90")


if __name__ == "__main__":
    main()
