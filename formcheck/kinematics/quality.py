"""What is told of the landmarks' quality: whole or in part, steady or not, and what the clip lacks."""

import numpy as np

from formcheck import signals
from formcheck.data import BoolArray, Quality, Tracks
from formcheck.geometry import distance
from formcheck.kinematics.leg_model import MIN_UPRIGHT_S
from formcheck.skeleton import SEGMENTS

WHOLE = 0.95  # of the frames with the body in sight: less is told [D]
KNEE_HIDDEN = 0.02  # of the frames: more is told [D]
NOISY_LEG_CV_PCT = 6.0  # [D] global abstention


def judge_quality(tracks: Tracks, upright: BoolArray, reconstructed: BoolArray, posture: str | None) -> Quality:
    """Return the quality of tracks whose frames `upright` (T,) show the body at rest in its `posture` (None: it has
    none), and whose knee was computed in the frames `reconstructed` (T,).
    """
    segment_cv_pct = {}
    for name, (lower, upper) in SEGMENTS.items():
        length_px = distance(tracks.joints_px[lower], tracks.joints_px[upper])[~reconstructed]
        middle = signals.median(length_px)
        spread = signals.MAD_TO_SIGMA * signals.median(np.abs(length_px - middle))
        segment_cv_pct[name] = 100 * spread / middle if middle else float("nan")
    warnings = []
    if tracks.detected_fraction < WHOLE:
        warnings.append(f"you are visible in only {100 * tracks.detected_fraction:.0f} % of the frames")
    if reconstructed.mean() > KNEE_HIDDEN:
        warnings.append(
            f"the knee was hidden in {100 * reconstructed.mean():.0f} % of the frames and computed there from hip, "
            "foot and how hinges bend it"
        )
    if posture is not None and upright.sum() < MIN_UPRIGHT_S * tracks.rate_hz:
        warnings.append(f"the clip never shows you {posture} upright and still, so there is no baseline")
    leg_cv_pct = max(segment_cv_pct["thigh"], segment_cv_pct["shank"])
    if leg_cv_pct > NOISY_LEG_CV_PCT:
        warnings.append(
            f"the leg's length varies by {leg_cv_pct:.0f} % between frames (limit {NOISY_LEG_CV_PCT:.0f} %): the "
            "landmarks are poor"
        )
    return Quality(
        detected_fraction=tracks.detected_fraction,
        n_swapped=tracks.n_swapped,
        n_outliers=tracks.n_outliers,
        n_interpolated=tracks.n_interpolated,
        n_reconstructed=int(reconstructed.sum()),
        segment_cv_pct=segment_cv_pct,
        warnings=tuple(warnings),
    )
