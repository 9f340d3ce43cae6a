"""Learn what a back's whole outline says beyond its kink: `python -m benchmarks.bank.fit_lumbar`.

Writes `kinematics/lumbar_map.npz` from the sets of `fit.SPLITS`, whose truth is known frame by frame. What is
learnt is the kink's error. Round backs are rare in the bank and count more, or the map reads every back as flat.
"""

import argparse
import sys

import numpy as np

from benchmarks.accuracy.bank import judge_one
from benchmarks.bank.fit import SPLITS, Floats
from benchmarks.bank.pack import BankSet, read_bank
from formcheck.geometry import incline
from formcheck.kinematics.cleaning import repair_tracks
from formcheck.kinematics.joint_angles import find_upright
from formcheck.kinematics.lumbar import learn_upright, measure_kink, read_lumbar
from formcheck.kinematics.lumbar_map import FILE, LumbarMap, describe_back, kernel
from samples.renderer.bank import HINGES

FRAMES = 10  # of a repetition, evenly spread: its neighbours say the same
EXAMPLES = 250
ROUND_DEG, ROUND_WEIGHT = 25.0, 4.0  # lumbar flexion from which a frame counts so much more
NOISE = 0.3  # variance of a reading of one outline, against that of the kink's error
STEADY = 1e-3  # added to the examples' own likeness, so that it can be inverted
DIGITS = np.float32


def known_outlines(each: BankSet) -> tuple[Floats, Floats, Floats]:
    """Return of one set's frames the features (n, F), the kink's reading (n,) and the true lumbar flexion (n,), deg."""
    judged = judge_one(each)
    nothing = np.empty((0, 0)), np.empty(0), np.empty(0)
    if judged is None or each.poses is None:
        return nothing
    kinematics = judged.report.kinematics
    tracks = repair_tracks(each.poses, kinematics.view.side)
    seen = np.isfinite(kinematics["lumbar_deg"])
    hip_px, shoulder_px = tracks.joints_px["hip"], tracks.joints_px["shoulder"]
    upright = seen & find_upright(incline(hip_px, shoulder_px, kinematics.view.facing))
    if tracks.back is None or not upright.any():
        return nothing
    depth_px = tracks.back.dorsal_px(kinematics.view.facing)
    kink_deg = measure_kink(depth_px, tracks.back.chord_px, tracks.back.stations)
    features = describe_back(depth_px, tracks.back, upright, kinematics["trunk_deg"])
    read_deg = read_lumbar(kink_deg - learn_upright(kink_deg, upright))
    chosen = []
    for rep in judged.report.reps:
        frames = rep.start + np.flatnonzero((seen & np.isfinite(read_deg))[rep.start : rep.stop])
        chosen += list(frames[np.linspace(0, len(frames) - 1, min(FRAMES, len(frames))).astype(int)])
    return features[chosen], read_deg[chosen], each.frames["lumbar_deg"][chosen]


def fit_map(features: Floats, read_deg: Floats, true_deg: Floats) -> LumbarMap:
    """Return the map that the frames (n, F), (n,), (n,) teach, by subset of regressors [Quinonero-Candela 2005]."""
    centre, spread = features.mean(axis=0), features.std(axis=0)
    unit, error_deg = (features - centre) / spread, true_deg - read_deg
    examples = unit[np.random.default_rng(0).permutation(len(unit))[:EXAMPLES]]
    precision = np.where(true_deg > ROUND_DEG, ROUND_WEIGHT, 1.0) / NOISE
    prior, across = kernel(examples, examples) + STEADY * np.eye(len(examples)), kernel(examples, unit)
    posterior = prior + (across * precision) @ across.T
    return LumbarMap(
        centre=centre,
        spread=spread,
        examples=examples,
        weights=np.linalg.solve(posterior, (across * precision) @ (error_deg - error_deg.mean())),
        certain=np.linalg.inv(prior) - np.linalg.inv(posterior),
        mean_deg=float(error_deg.mean()),
        sigma_deg=float(error_deg.std()),
    )


def main() -> int:
    """Fit from the command line."""
    parser = argparse.ArgumentParser(description="Learn what a back's whole outline says beyond its kink.")
    parser.add_argument("--split", nargs="+", default=list(SPLITS), choices=SPLITS)
    given = parser.parse_args()
    sets = [each for split in given.split for lift in HINGES for each in read_bank(split, lift)]
    tables = [table for table in map(known_outlines, sets) if len(table[1])]
    learnt = fit_map(*(np.concatenate(column) for column in zip(*tables, strict=True)))
    arrays = {name: np.asarray(value, DIGITS) for name, value in vars(learnt).items()}
    np.savez_compressed(FILE, **arrays)  # type: ignore[arg-type]  # names of arrays, not its own parameters
    print(f"{sum(len(read) for _, read, _ in tables)} frames of {len(tables)} of {len(sets)} sets", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
