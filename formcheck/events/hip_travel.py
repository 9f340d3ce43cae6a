"""The end of hip travel in a hinge (D1): the moment the hips stop moving back while the trunk goes on.

Conventions: x is the trunk's inclination (deg, forward +), b how far the hip is behind the planted ankle (leg lengths,
back +), over one descent. The model is b(x) = P - q max(k - x, 0)^p + m max(x - k, 0): a rise of free shape up to the
knee k, then next to nothing. End of travel (EOT) is where the fitted b reaches 97 % of its rise; overrun is the
trunk's inclination at the bottom minus at EOT.

A kneedle finds EOT 50 to 700 ms early, an argmax 150 to 670 ms late, a velocity threshold up to 1 s off [S]: none is
used. The slope after the knee may be up to a quarter of the mean slope before it, not only zero or less: on the real
overrun clip it is 17 % (landmarks of a pelvis that rotates about a hip at rest creep), on the real sound clip 47 % [D].
"""

from dataclasses import dataclass

import numpy as np

from formcheck.data import FloatArray
from formcheck.signals import running_median

POWERS = (1.0, 1.3, 1.6, 2.0)
FIT_FROM = (
    0.3  # of the descent's trunk range: what the hips do near standing says nothing about their end of travel [D]
)
KNEE_SHARES = np.linspace(0.15, 0.95, 33)  # where a knee is looked for, as a share of the fitted range
REACHED = 0.97  # of the rise: the hips have stopped [D]
MAX_SLOPE_RATIO = 0.35  # slope after the knee to mean slope from standing to it [D]
# Share of the bootstrap's draws that must say that the hips stand. Sound simulated descents with 4, 6 and 10 mm of
# white and slow noise pass 0.9 in 0, 1 and 4 % of cases, 0.5 in 7, 12 and 20 % [S]. A squat on top of the hinge is
# evidence of its own that the range was over: of 35 simulated reps that squat while the hips go on none passes 0.35.
MIN_PROBABILITY = 0.9
MIN_PROBABILITY_WITH_SQUAT = 0.35
DOUBT = 0.6  # from here up to that share nothing is claimed
DOUBT_WITH_SQUAT = 0.15
SQUAT_ONSET_DEG = 2.0  # above the straightest knee: the squat has begun [D]
SQUAT_ONSET_SHARE = 0.1  # of the rise, where that is more: noise makes the straightest knee too straight [S]
SQUAT_RISE_DEG = 8.0  # knee flexion that comes on top of the hinge's own [D1]
HIP_SLIDE_LEG = 0.01  # of the hip landmark along the leg in one descent: half of what the rendered sample shows [S]
SLOW_NOISE_LEG = 0.003  # landmarks drift by about 3 to 4 mm over a second, the middle of two by less [S]
SLOW_NOISE_S = 0.7
# One sigma of what the hip landmark slides on a pelvis that turns, from the fit's first sample to a trunk that has gone
# on by SLIDE_DEG, as the square of the way. 19 rendered sets show 0.018 about their mean. Without it, of development
# clips, 12 of 14 overruns are called faults and one sound rep is; with 0.012 it is 11 and none, with 0.020 10 and none
# [S].
SLIDE_LEG = 0.012
SLIDE_DEG = 45.0
N_BOOTSTRAPS = 200
MIN_SAMPLES = 12
DEEP = 0.03  # of the descent's range below its maximum: the bottom [S]
INDEPENDENT_HZ = 10.0  # filtered at 5 Hz, a signal holds about this many independent samples a second


@dataclass(frozen=True)
class Squat:
    """Knees that bend on top of the hinge: first sample, how much (deg) and the half-width of its 90 % interval
    (deg).
    """

    sample: int
    rise_deg: float
    error_deg: float


@dataclass(frozen=True)
class HipStop:
    """How the hips travelled in one descent. Angles deg, lengths in leg lengths, samples counted from the descent's
    first.

    `found` is False when the hips still moved at the bottom: then `trunk_deg` is the bottom's, `sample` the bottom and
    `overrun_deg` 0 with its interval; when it may yet have been over before, `uncertain` is True and nothing should be
    claimed. `overrun_low_deg` and `overrun_high_deg` are the 5th and 95th percentile of a parametric bootstrap, when
    `found` of those draws in which the hips stop, and half a step of the grid of knees further apart. `sample_low` and
    `sample_high` are the moments of those two.
    """

    found: bool
    uncertain: bool
    sample: float
    sample_low: float
    sample_high: float
    trunk_deg: float
    travel_leg: float
    overrun_deg: float
    overrun_low_deg: float
    overrun_high_deg: float
    probability: float
    slope_ratio: float
    squat: Squat | None


@dataclass(frozen=True)
class _Grid:
    """Every candidate model over one x: knee and power (c,), orthonormal basis (c, n, 3), pseudo-inverse (c, 3, n)."""

    knees: FloatArray
    powers: FloatArray
    low_deg: float
    bases: FloatArray
    inverses: FloatArray


def find_hip_stop(
    trunk_deg: FloatArray, hip_back_leg: FloatArray, leg_fold_deg: FloatArray, rate_hz: float
) -> HipStop | None:
    """Return where the hips stop in one descent, or None when there is too little of it (under 12 finite samples).

    Parameters
    ----------
    trunk_deg, hip_back_leg, leg_fold_deg : (n,) from standing to the bottom, filtered; NaN samples are left out.
    rate_hz : sampling rate.

    Where the lifter squats at the bottom (knee flexion more than 8 deg above that of the hinge) the fit ends at its
    start, since hips that move back because the knees bend are not the hinge going on; where it finds no end of travel
    there, all of the descent is tried. Reproducible: the bootstrap is seeded.
    """
    valid = np.isfinite(trunk_deg) & np.isfinite(hip_back_leg)
    if valid.sum() < MIN_SAMPLES:
        return None
    squat = find_squat(trunk_deg, leg_fold_deg)
    bottom_deg = find_bottom(trunk_deg)
    use = valid & (np.arange(len(trunk_deg)) <= _first_at(trunk_deg, 0.99 * bottom_deg))
    fits = [_fit_descent(trunk_deg[use], hip_back_leg[use], rate_hz)]
    if squat is not None:
        use &= np.arange(len(trunk_deg)) < squat.sample
        fits.append(_fit_descent(trunk_deg[use], hip_back_leg[use], rate_hz))
    tried = [fit for fit in fits if fit is not None]
    if not tried:
        return None
    stops_deg, slope_ratio = tried[-1]
    if np.isfinite(stops_deg[1:]).mean() < MIN_PROBABILITY_WITH_SQUAT:
        stops_deg, slope_ratio = max(tried, key=lambda fit: float(np.isfinite(fit[0][1:]).mean()))
    probability = float(np.isfinite(stops_deg[1:]).mean())
    found = probability >= (MIN_PROBABILITY if squat is None else MIN_PROBABILITY_WITH_SQUAT)
    coarse_deg = float(np.ptp(trunk_deg[use])) * (1 - FIT_FROM) * float(KNEE_SHARES[1] - KNEE_SHARES[0]) / 2
    going_on = np.where(np.isfinite(stops_deg), bottom_deg - stops_deg, np.nan if found else 0.0)
    low_deg, middle_deg, high_deg = np.nanpercentile(going_on[1:], [5, 50, 95])
    most_likely_deg = float(going_on[0]) if np.isfinite(going_on[0]) else float(middle_deg)
    overrun_deg = max(0.0, most_likely_deg) if found else 0.0
    if found:  # no knee between two of the grid is tried
        low_deg, high_deg = low_deg - coarse_deg, high_deg + coarse_deg
    low_deg, high_deg = min(overrun_deg, max(0.0, float(low_deg))), max(overrun_deg, float(high_deg))
    return HipStop(
        found=found,
        uncertain=not found and probability >= (DOUBT if squat is None else DOUBT_WITH_SQUAT),
        sample=_first_at(trunk_deg, bottom_deg - overrun_deg) if found else float(np.nanargmax(trunk_deg)),
        sample_low=_first_at(trunk_deg, bottom_deg - high_deg),
        sample_high=_first_at(trunk_deg, bottom_deg - low_deg),
        trunk_deg=bottom_deg - overrun_deg,
        travel_leg=measure_travel(trunk_deg[valid], hip_back_leg[valid]),
        overrun_deg=overrun_deg,
        overrun_low_deg=low_deg,
        overrun_high_deg=high_deg,
        probability=probability,
        slope_ratio=slope_ratio,
        squat=squat,
    )


def find_bottom(trunk_deg: FloatArray) -> float:
    """Return the trunk's inclination at the bottom of a descent (n,): the median of what lies within 3 % of its range
    below its maximum, since noise makes extremes.
    """
    high_deg, low_deg = float(np.nanmax(trunk_deg)), float(np.nanmin(trunk_deg))
    with np.errstate(invalid="ignore"):
        deep = trunk_deg[trunk_deg >= high_deg - DEEP * (high_deg - low_deg)]
    return float(np.median(deep))


def measure_travel(trunk_deg: FloatArray, hip_back_leg: FloatArray) -> float:
    """Return how far the hips get in a descent (n,), without NaN: from where they are in standing to their furthest.

    Both are medians: of what lies within 3 % of the trunk's range above standing, and of what lies within 3 % of the
    travel of the hips' furthest place.
    """
    upright_deg = float(trunk_deg.min()) + DEEP * float(np.ptp(trunk_deg))
    standing_leg = float(np.median(hip_back_leg[trunk_deg <= upright_deg]))
    far_leg = float(hip_back_leg.max())
    return float(np.median(hip_back_leg[hip_back_leg >= far_leg - DEEP * (far_leg - standing_leg)])) - standing_leg


def _fit_descent(trunk_deg: FloatArray, hip_back_leg: FloatArray, rate_hz: float) -> tuple[FloatArray, float] | None:
    """Trunk at EOT of the descent and of every draw of the bootstrap, and the slope ratio; None for too few samples."""
    if len(trunk_deg) < MIN_SAMPLES:
        return None
    x, b = np.maximum.accumulate(trunk_deg), hip_back_leg
    lower = x >= x[0] + FIT_FROM * (x[-1] - x[0])
    standing_leg = float(np.median(b[x <= x[0] + 0.05 * (x[-1] - x[0])]))
    grid = _build_grid(x[lower])
    draws = b[lower] - standing_leg + _draw_noise(x[lower], b[lower], grid, rate_hz)
    stops_deg, slope_ratio = _fit(grid, float(x[0]), draws)
    return stops_deg, float(slope_ratio[0])


def find_squat(trunk_deg: FloatArray, leg_fold_deg: FloatArray) -> Squat | None:
    """Return where the knees start to bend on top of the hinge, or None. Over one descent and its pause, (n,).

    The start is the last sample within 2 deg, or a tenth of the bend, of the knees' straightest one between the first
    half of the trunk's range and their deepest bend. It counts when the rise is certain to exceed
    8 deg, and only when it lies in the second half: knees that bend all the way down are a soft-kneed hinge, or a
    squat from the start. The error comes from a hip landmark that slides by 1 % of the leg as the pelvis turns: 3.5
    deg at a knee of 40 deg, 7 at one of 20.
    """
    if not np.isfinite(trunk_deg).any():
        return None
    low, high = np.nanmin(trunk_deg), np.nanmax(trunk_deg)
    smooth_deg = running_median(leg_fold_deg, 5)
    with np.errstate(invalid="ignore"):
        lower_half = np.flatnonzero(((trunk_deg - low) / (high - low) >= 0.45) & np.isfinite(smooth_deg))
    if len(lower_half) < 5:
        return None
    deepest = lower_half[int(smooth_deg[lower_half].argmax())]
    way = np.arange(lower_half[0], deepest + 1)
    straightest_deg = float(np.nanmin(smooth_deg[way]))
    rise_deg = float(smooth_deg[deepest]) - straightest_deg
    begun_deg = straightest_deg + max(SQUAT_ONSET_DEG, SQUAT_ONSET_SHARE * rise_deg)
    start = int(way[np.flatnonzero(smooth_deg[way] <= begun_deg)[-1]])
    slide_deg = np.degrees(2 * HIP_SLIDE_LEG / np.sin(np.radians(max(float(smooth_deg[start]), 5.0) / 2)))
    error_deg = 1.645 * float(slide_deg)
    late = trunk_deg[start] >= low + 0.5 * (high - low)
    return Squat(start, rise_deg, error_deg) if late and rise_deg - error_deg > SQUAT_RISE_DEG else None


def _first_at(values: FloatArray, level: float) -> float:
    with np.errstate(invalid="ignore"):
        reached = np.flatnonzero(values >= level)
    if not len(reached):
        return float(len(values) - 1)
    index = int(reached[0])
    if index == 0 or not values[index] > values[index - 1]:
        return float(index)
    return float(index - (values[index] - level) / (values[index] - values[index - 1]))


def _build_grid(x: FloatArray) -> _Grid:
    low, high = float(x[0]), float(x[-1])
    candidates = [(low + share * (high - low), power) for share in KNEE_SHARES for power in POWERS]
    designs = np.stack(
        [
            np.stack([np.ones_like(x), -(np.maximum(knee - x, 0) ** power), np.maximum(x - knee, 0)], axis=1)
            for knee, power in candidates
        ]
    )
    knees, powers = (np.array(column) for column in zip(*candidates, strict=True))
    return _Grid(knees, powers, low, np.linalg.qr(designs)[0], np.linalg.pinv(designs))


def _fit(grid: _Grid, standing_deg: float, draws: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Trunk at EOT (NaN where the hips go on) and slope ratio of each draw (d, n) of hip travel from standing.

    Two readings compete with equal numbers of parameters: after the knee the hips stand, or they only slow down.
    """
    explained = draws @ grid.bases
    sums = (draws**2).sum(axis=1)[None, :] - (explained**2).sum(axis=2)
    plateau, steepness, after = np.moveaxis(draws @ grid.inverses.transpose(0, 2, 1), 2, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = after * (grid.knees - standing_deg)[:, None] / plateau
    rising = (steepness > 0) & (plateau > 0)
    standing = np.where(rising & (ratio <= MAX_SLOPE_RATIO), sums, np.inf)
    slowing = np.where(rising & (ratio > MAX_SLOPE_RATIO), sums, np.inf)
    best, column = standing.argmin(axis=0), np.arange(draws.shape[0])
    stands = standing[best, column] < slowing.min(axis=0)
    with np.errstate(invalid="ignore"):
        short = (1 - REACHED) * plateau[best, column] / steepness[best, column]
        stops_deg = grid.knees[best] - np.minimum(short ** (1 / grid.powers[best]), grid.knees[best] - grid.low_deg)
    return np.where(stands, stops_deg, np.nan), ratio[best, column]


def _draw_noise(x: FloatArray, b: FloatArray, grid: _Grid, rate_hz: float) -> FloatArray:
    """Noise for the bootstrap, (1 + N_BOOTSTRAPS, n): none first, then the fit's own residual as AR(1), plus slow
    landmark drift and the hip landmark's slide.
    """
    fitted = np.einsum("cnk,ck->cn", grid.bases, np.einsum("cnk,n->ck", grid.bases, b))
    residual = (b - fitted)[int(((b - fitted) ** 2).sum(axis=1).argmin())]
    sigma = float(residual.std())
    correlation = float(np.clip(np.corrcoef(residual[:-1], residual[1:])[0, 1], 0.0, 0.95)) if sigma > 0 else 0.0
    generator = np.random.default_rng(0)
    fast = sigma * _autoregress(generator.standard_normal((N_BOOTSTRAPS, len(b))), correlation)
    drift = SLOW_NOISE_LEG * _autoregress(
        generator.standard_normal((N_BOOTSTRAPS, len(b))), float(np.exp(-1 / (SLOW_NOISE_S * rate_hz)))
    )
    slide = SLIDE_LEG * generator.standard_normal((N_BOOTSTRAPS, 1)) * ((x - x[0]) / SLIDE_DEG) ** 2
    return np.concatenate([np.zeros((1, len(b))), fast + drift + slide])


def _autoregress(white: FloatArray, correlation: float) -> FloatArray:
    """Turn white noise (d, n) into AR(1) noise of unit variance."""
    result = np.empty_like(white)
    result[:, 0] = white[:, 0]
    for sample in range(1, white.shape[1]):
        result[:, sample] = correlation * result[:, sample - 1] + np.sqrt(1 - correlation**2) * white[:, sample]
    return result
