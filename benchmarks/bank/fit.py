"""Fit the errors of what shows the hips' way: `python -m benchmarks.bank.fit [--split develop]`.

Prints `events.hip_travel.EDGE` and `JOINT` as the sets of a split have them. The truth of every descent is known, so
what is left over is error: a slide with the trunk, then a Gaussian process whose sizes have the greatest likelihood
over all descents (by the simplex of Nelder and Mead), and how often it is larger or smaller by expectation and
maximisation. `power` is no error and is chosen on another split.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular
from scipy.optimize import minimize

from benchmarks.accuracy.bank import judge_one
from benchmarks.bank.pack import BankSet, read_bank
from formcheck.events.hip_travel import EDGE, JOINT, Descent, ErrorModel, make_covariance, read_descent
from formcheck.lifts.check import LiftSet
from formcheck.lifts.hinge import find_stops
from samples.renderer.bank import HINGES, SEEDS

SPLITS = tuple(split for split in SEEDS if split != "calibrate")  # that constants may be fitted on
Floats = npt.NDArray[np.float64]
ROUNDS, STEPS = 2, 40  # of the alternation, and of the simplex in each
NEAR_END_S = 0.05  # after the true turn, up to which a descent's truth is read
OFFSET_LEG, SIZE = 0.05, 0.08  # how far a reading may stand off, and be too long or short, without being an error
WILD_LEG = 0.02  # residuals beyond this count for less in the slide


@dataclass(frozen=True, eq=False)
class Known:
    """One descent as it was read, standing in the last place, and the hips' true way there: (n + 1,) leg lengths."""

    seen: Descent
    read_leg: Floats
    true_leg: Floats


def known_descents(each: BankSet, way: str) -> list[Known]:
    """Return the descents of one set as `way` shows them: "edge_back_leg" or "hip_back_leg"."""
    judged = judge_one(each)
    if judged is None:
        return []
    kinematics, reps = judged.report.kinematics, judged.report.reps
    rate_hz = 1 / float(np.median(np.diff(kinematics.time_s)))
    truths: dict[int, dict[str, Any]] = dict(judged.pairs())
    found: list[Known] = []
    for down in find_stops(LiftSet(kinematics, reps, rate_hz, None)):
        truth = truths.get(down.rep.number)
        seen = None if down.lowering is None else read_descent(down.lowering, getattr(down.lowering, way), rate_hz)
        if truth is None or seen is None:
            continue
        time_s, start_s = each.frames["time_s"], kinematics.time_s[down.samples.start]
        inside = (time_s >= start_s) & (time_s <= truth["turn_s"] + NEAR_END_S)
        trunk_deg = np.maximum.accumulate(each.frames["trunk_deg"][inside])
        share = (np.append(seen.x_deg, seen.standing_deg) - seen.standing_deg) / (seen.bottom_deg - seen.standing_deg)
        true_leg = np.interp(share * np.ptp(trunk_deg) + trunk_deg[0], trunk_deg, each.frames["hip_back_leg"][inside])
        found.append(Known(seen, np.append(seen.back_leg, 0.0), true_leg - true_leg[-1]))
    return found


def fit_slide(known: Sequence[Known]) -> float:
    """Return by how much the reading slides, leg lengths a degree of trunk; a descent's own size is free."""
    slide, sizes = 0.0, np.ones(len(known))
    for _ in range(20):
        lean = [np.append(each.seen.x_deg, each.seen.standing_deg) - each.seen.standing_deg for each in known]
        left = [each.read_leg - size * each.true_leg for each, size in zip(known, sizes, strict=True)]
        x, y = np.concatenate(lean), np.concatenate(left)
        weight = 1 / (1 + ((y - slide * x) / WILD_LEG) ** 2)
        slide = float((weight * x * y).sum() / (weight * x * x).sum())
        for place, (each, deg) in enumerate(zip(known, lean, strict=True)):
            t, rest = each.true_leg, each.read_leg - slide * deg
            sizes[place] = (t @ rest + (WILD_LEG / SIZE) ** 2) / (t @ t + (WILD_LEG / SIZE) ** 2)
    return slide


def log_likelihoods(known: Sequence[Known], errors: ErrorModel) -> Floats:
    """Return the log likelihood of each descent at each of the model's scales, (d, s)."""
    table = []
    for each in known:
        lean = np.append(each.seen.x_deg, each.seen.standing_deg) - each.seen.standing_deg
        left, covariance = each.read_leg - errors.slide * lean - each.true_leg, make_covariance(each.seen, errors)
        free = OFFSET_LEG**2 + SIZE**2 * np.outer(each.true_leg, each.true_leg)
        row = []
        for scale in errors.scales:
            root = np.linalg.cholesky(covariance * scale**2 + free)
            white = solve_triangular(root, left, lower=True, check_finite=False)
            row.append(-0.5 * white @ white - np.log(np.diag(root)).sum())
        table.append(row)
    return np.array(table)


def fit_errors(known: Sequence[Known], start: ErrorModel) -> ErrorModel:
    """Return the model, of the start's lengths and scales, under which the descents are likeliest."""
    lengths = [length for _, length in start.smooth]

    def model(logs: Floats, weights: Floats) -> ErrorModel:
        *smooth, white, standing = (float(each) for each in np.exp(logs))
        pairs = tuple(zip(smooth, lengths, strict=True))
        return replace(start, smooth=pairs, white=white, standing=standing, weights=tuple(map(float, weights)))

    start = replace(start, slide=fit_slide(known))
    first = np.log([*(sigma for sigma, _ in start.smooth), start.white, start.standing])
    logs, weights = first, np.array(start.weights) / sum(start.weights)
    for _ in range(ROUNDS):

        def cost(at: Floats, weights: Floats = weights) -> float:
            joint = log_likelihoods(known, model(at, weights)) + np.log(weights)
            return float(-np.logaddexp.reduce(joint, axis=1).sum() + 0.5 * (((at - first) / 2) ** 2).sum())

        logs = minimize(cost, logs, method="Nelder-Mead", options={"maxiter": STEPS}).x
        joint = log_likelihoods(known, model(logs, weights)) + np.log(weights)
        shares = np.exp(joint - np.logaddexp.reduce(joint, axis=1)[:, None]).sum(axis=0) + 0.5
        weights = shares / shares.sum()
    return model(logs, weights)


def main() -> int:
    """Fit from the command line."""
    parser = argparse.ArgumentParser(description="Fit the errors of what shows the hips' way.")
    parser.add_argument("--split", nargs="+", default=["develop"], choices=SPLITS)
    given = parser.parse_args()
    sets = [each for split in given.split for lift in HINGES for each in read_bank(split, lift)]
    for name, way, start in (("EDGE", "edge_back_leg", EDGE), ("JOINT", "hip_back_leg", JOINT)):
        known = [descent for each in sets for descent in known_descents(each, way)]
        print(f"{name} of {len(known)} descents in {len(sets)} sets: {fit_errors(known, start)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
