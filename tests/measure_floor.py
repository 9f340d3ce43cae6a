"""How well the events of the floor lifts are measured, on stick lifters with 2 to 6 mm of noise and exact truth.

python -m tests.measure_floor [--sets N]

Prints one line per quantity. 24, 30 and 60 Hz, both facings, yaw to 10 deg, hand-held cameras that pan (Nordic), clips
that start at the bottom and pivots of -30 to 120 mm (glute-ham raise).
"""

import argparse
import sys
from dataclasses import dataclass, field

import numpy as np

from formcheck.data import Finding, Report, Source
from formcheck.lifts import all_lifts
from formcheck.pipeline import judge_set
from formcheck.settings import Settings
from samples.renderer.stick import THIGH_M
from tests.skeletons_floor import GhrRep, NordicRep, ghr_set, nordic_set

SOURCE = Source("set", "", 30.0, 1, 1.0, (1280, 720), 0)
RATES_HZ = (24.0, 30.0, 60.0)


@dataclass
class Tally:
    """Errors and counts of one lift; an error per repetition or set, a hit per case."""

    errors: dict[str, list[float]] = field(default_factory=dict)
    hits: dict[str, list[bool]] = field(default_factory=dict)

    def error(self, name: str, value: float) -> None:
        """Keep one error that is a number."""
        if np.isfinite(value):
            self.errors.setdefault(name, []).append(value)

    def hit(self, name: str, *, value: bool) -> None:
        """Keep one case."""
        self.hits.setdefault(name, []).append(value)


def of(report: Report, code: str) -> list[Finding]:
    """Return the findings of one check."""
    return [finding for finding in report.findings if finding.code == code]


def measure_nordic(n_sets: int, tally: Tally) -> None:
    """Judge sets of Nordic curls, every fourth without a break."""
    generator = np.random.default_rng(5)
    for seed in range(n_sets):
        breaks = seed % 4 != 3
        rep = NordicRep(
            break_deg=float(generator.uniform(18, 60)) if breaks else None,
            speed_deg_s=float(generator.uniform(8, 25)),
            wobble=float(generator.uniform(0, 0.3)),
            hip_deg=float(generator.uniform(0, 20)),
            fall_deg_s2=float(generator.uniform(250, 650)),
        )
        poses, _, truths = nordic_set(
            reps=(rep,) * (1 + seed % 3),
            noise_mm=float(generator.uniform(2, 6)),
            yaw_deg=float(generator.uniform(0, 10)),
            pan_px_s=float(generator.uniform(-8, 8)),
            rate_hz=RATES_HZ[seed % 3],
            facing=("left", "right")[seed % 2],
            seed=seed,
        )
        report = judge_set(SOURCE, poses, all_lifts()["nordic"], Settings(lift="nordic"))
        tally.hit("nordic: repetitions exact", value=len(report.reps) == len(truths))
        if len(report.reps) != len(truths):
            continue
        for done, finding, truth in zip(report.reps, of(report, "nordic.break_point"), truths, strict=True):
            tally.error("nordic: eccentric, s", done.eccentric_s - truth.eccentric_s)
            found = bool(finding.detail.get("found", False))
            tally.hit("nordic: breaks found" if breaks else "nordic: false breaks", value=found)
            if breaks and found:
                tally.error("nordic: break point, deg", finding.value - truth.break_deg)
                tally.error(
                    "nordic: knee flexion there, deg", finding.detail["knee_flexion_deg"] - truth.knee_flexion_deg
                )
                tally.hit("nordic: interval holds the break", value=finding.low <= truth.break_deg <= finding.high)


def measure_ghr(n_sets: int, tally: Tally) -> None:
    """Judge sets of glute-ham raises: half of them stall, a quarter slows down a little, a quarter goes through."""
    generator = np.random.default_rng(11)
    for seed in range(n_sets):
        stalls, shakes = seed % 4 < 2, seed % 4 == 1
        depth = (generator.uniform(0.65, 0.95), generator.uniform(0.65, 0.95), 0.0, generator.uniform(0, 0.25))[
            seed % 4
        ]
        rep = GhrRep(
            depth=float(depth),
            stall_deg=float(generator.uniform(60, 80)),
            speed_deg_s=float(generator.uniform(25, 80)),
            width_deg=float(generator.uniform(3, 6)),
            eccentric_s=float(generator.uniform(1.2, 4)),
            shake_hz=float(generator.uniform(5, 9)) if shakes else 0.0,
        )
        pivot_m = float(generator.uniform(-0.03, 0.12))
        poses, _, truths = ghr_set(
            reps=(rep,) * (1 + seed % 3),
            pivot_m=pivot_m,
            from_bottom=seed % 5 == 0,
            noise_mm=float(generator.uniform(2, 6)),
            yaw_deg=float(generator.uniform(0, 10)),
            rate_hz=RATES_HZ[seed % 3],
            facing=("left", "right")[seed % 2],
            seed=seed,
        )
        report = judge_set(SOURCE, poses, all_lifts()["ghr"], Settings(lift="ghr"))
        tally.hit("ghr: repetitions exact", value=len(report.reps) == len(truths))
        for finding in of(report, "ghr.setup"):
            tally.error("ghr: pivot, mm", 1000 * (finding.value * THIGH_M - pivot_m))
        if len(report.reps) != len(truths):
            continue
        for done, finding, truth in zip(report.reps, of(report, "ghr.stall"), truths, strict=True):
            tally.error("ghr: eccentric, s", done.eccentric_s - truth.eccentric_s)
            fired = finding.verdict in {"note", "fault"}
            if not stalls:
                tally.hit("ghr: false stalls", value=fired)
            elif truth.stall_s >= 0.15 and truth.stall_depth >= 0.65:
                tally.hit("ghr: stalls found", value=fired)
                tally.error("ghr: stall, s", finding.value - truth.stall_s if fired else np.nan)
        for finding in of(report, "ghr.shake"):
            if not np.isnan(finding.value) and (not shakes or truths[0].stall_s > 0.3):
                fired = finding.verdict == "note"
                tally.hit("ghr: shakes found where judged" if shakes else "ghr: false shakes", value=fired)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sets", type=int, default=200, help="sets of each lift")
    n_sets = parser.parse_args().sets
    tally = Tally()
    measure_nordic(n_sets, tally)
    measure_ghr(n_sets, tally)
    for name, hits in sorted(tally.hits.items()):
        sys.stdout.write(f"{name:36} {100 * np.mean(hits):6.1f} %  of {len(hits)}\n")
    for name, errors in sorted(tally.errors.items()):
        size = np.abs(errors)
        sys.stdout.write(
            f"{name:36} mean error {size.mean():.3g}, 95 % under {np.percentile(size, 95):.3g}, n {len(size)}\n"
        )


if __name__ == "__main__":
    main()
