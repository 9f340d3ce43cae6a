"""Gaps, outliers, filters and noise of evenly sampled signals. Pure functions; time is the first axis; missing is NaN.

The filters here are zero-phase: they look into the future. The causal filter of live use has another name and other
numbers. scipy is imported where it is used: `formcheck --help` needs none of it.
"""

import numpy as np

from formcheck.data import BoolArray, FloatArray

MAD_TO_SIGMA = 1.4826  # a normal distribution's sigma over its median absolute deviation
MAX_GAP_S = 0.2  # longer dropouts stay NaN everywhere, and end as "not judged" [D]
# A lift has nothing above about 6 Hz [P Winter 2009, residual analysis].
CUTOFFS_HZ = (3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0)
# A Butterworth of order 2 passed twice has its -3 dB point at this share of the design cut-off [P Winter 2009].
TWO_PASS = 0.802
# Of a repetition's excursion below its extreme: the turn's level is the median there, since noise makes extremes [S].
TURN_BAND = 0.03


def regular_times(time_s: FloatArray) -> FloatArray:
    """Return an even grid from the first to the last time at the mean spacing; the times themselves if they are even.

    "Even" means that no spacing is off the median by more than 5 %. Gaps of over three median spacings do not count in
    the mean: a 46.92 fps video sampled at 30 Hz alternates between 21 and 43 ms and gets a grid of 30 Hz. The grid
    never goes beyond the last time. Fewer than two times have no spacing and come back as they are.
    """
    if len(time_s) < 2:
        return time_s
    steps = np.diff(time_s)
    middle_s = float(np.median(steps))
    if np.all(np.abs(steps - middle_s) <= 0.05 * middle_s):
        return time_s
    step_s = float(np.mean(steps[steps <= 3 * middle_s]))
    return np.asarray(time_s[0] + step_s * np.arange(int((time_s[-1] - time_s[0]) / step_s + 1e-6) + 1))


def count_samples(span_s: float, rate_hz: float) -> int:
    """Return how many whole samples fit into a span; rates such as 29.97 or 29.9999999 Hz lose none of 0.2 s."""
    return int(span_s * rate_hz + 0.01)


def window_length(span_s: float, rate_hz: float) -> int:
    """Return the odd number of samples of a window about `span_s` long, for `running_median`."""
    return 2 * count_samples(span_s / 2, rate_hz) + 1


def median(values: FloatArray) -> float:
    """Return the median of the finite values; NaN when there are none."""
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else float("nan")


def turn_level(rep: FloatArray) -> float:
    """Return the level that a rep (n,) turns at: the median of what lies within 3 % of its range below its maximum."""
    high = float(rep.max())
    return float(np.median(rep[rep >= high - TURN_BAND * (high - float(rep.min()))]))


def resample(time_s: FloatArray, values: FloatArray, grid_s: FloatArray, max_gap_s: float) -> FloatArray:
    """Return `values` (T, ...) linearly interpolated at `grid_s`; NaN within gaps of finite samples longer than
    `max_gap_s`, beyond the first and last finite sample, and throughout when only one sample is finite.
    """
    flat = values.reshape(len(time_s), -1)
    result = np.full((len(grid_s), flat.shape[1]), np.nan)
    for column in range(flat.shape[1]):
        seen = np.flatnonzero(np.isfinite(flat[:, column]))
        if len(seen) < 2:
            continue
        known_s = time_s[seen]
        after = np.clip(np.searchsorted(known_s, grid_s), 1, len(seen) - 1)
        inside = (grid_s >= known_s[0] - 1e-9) & (grid_s <= known_s[-1] + 1e-9)
        narrow = known_s[after] - known_s[after - 1] <= max_gap_s + 1e-9
        values_there = np.interp(grid_s, known_s, flat[seen, column])
        exact = np.minimum(np.abs(grid_s - known_s[after - 1]), np.abs(known_s[after] - grid_s)) <= 1e-9
        result[:, column] = np.where(inside & (narrow | exact), values_there, np.nan)
    return result.reshape(len(grid_s), *values.shape[1:])


def finite_runs(valid: BoolArray) -> list[tuple[int, int]]:
    """Return the half-open runs (start, stop) of True in a (T,) mask."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], valid, [False]]).astype(int)))
    return [(int(start), int(stop)) for start, stop in zip(edges[::2], edges[1::2], strict=True)]


def fill_gaps(values: FloatArray, max_length: int) -> FloatArray:
    """Return `values` (T,) with NaN runs of at most `max_length` samples bridged by a monotone cubic (PCHIP).

    Longer runs stay NaN, and so does what lies before the first or after the last finite sample.
    """
    valid = np.isfinite(values)
    gaps = [
        (start, stop)
        for start, stop in finite_runs(~valid)
        if start > 0 and stop < len(values) and stop - start <= max_length
    ]
    if not gaps:
        return values
    from scipy.interpolate import PchipInterpolator

    index = np.flatnonzero(valid)
    curve = PchipInterpolator(index, values[index])
    result = values.copy()
    for start, stop in gaps:
        result[start:stop] = curve(np.arange(start, stop))
    return result


def bridge(values: FloatArray) -> FloatArray:
    """Return (T,) with NaN bridged by straight lines and held beyond the edges; zeros when nothing is finite."""
    index, seen = np.arange(len(values)), np.isfinite(values)
    return np.interp(index, index[seen], values[seen]) if seen.any() else np.zeros(len(values))


def running_median(values: FloatArray, length: int) -> FloatArray:
    """Return the running median of (T,), odd `length`. NaN counts as bridged by a straight line and stays NaN.

    Beyond the edges the signal goes on point-mirrored, so that a ramp at the end of a clip keeps its own value.
    """
    from scipy.ndimage import median_filter

    valid = np.isfinite(values)
    if not valid.any():
        return values
    filled = bridge(values)
    half = min(length // 2, len(values) - 1)
    padded = np.pad(np.pad(filled, half, mode="reflect", reflect_type="odd"), length // 2 - half, mode="edge")
    middle = median_filter(padded, size=length)[length // 2 : length // 2 + len(values)]
    return np.where(valid, middle, np.nan)


def find_outliers(values: FloatArray, length: int, floor: float, sigmas: float = 4.0) -> BoolArray:
    """Return True where (T,) leaves its running median by more than `sigmas` of the running spread (Hampel identifier)
    and does so in a jump.

    `floor` is the smallest departure that counts, in the unit of `values`, so that quiet stretches stay untouched. The
    turn of a fast rep leaves the median too, but smoothly: a departure whose second differences stay below the floor
    and below `sigmas` of their own spread is motion. NaN is False. An outlier in the first or last sample is not seen.
    """
    residual = np.abs(values - running_median(values, length))
    spread = MAD_TO_SIGMA * running_median(residual, length)
    departed = residual > np.maximum(sigmas * spread, floor)
    bend = np.zeros(len(values))
    index = np.flatnonzero(np.isfinite(values))
    bend[index[1:-1]] = np.abs(np.diff(values[index], n=2))
    jump = max(floor, sigmas * MAD_TO_SIGMA * median(bend[index]))
    for start, stop in finite_runs(departed):
        departed[start:stop] = bend[max(start - 1, 0) : stop + 1].max() > jump
    return np.asarray(departed)


def smooth(values: FloatArray, rate_hz: float, cutoff_hz: float) -> FloatArray:
    """Return (T,) through a zero-lag Butterworth (two passes of order 2, -3 dB at `cutoff_hz`), each finite run by
    itself.

    A run too short for the filter's padding (under 10 samples) is returned as it is. Where the cut-off is not below
    half the sampling rate, or the design's above 0.45 of it, nothing is left to filter: the values come back unchanged.
    """
    if cutoff_hz >= 0.5 * rate_hz:
        return values
    # TWO_PASS holds for analogue frequencies; sampling bends them by the tangent (6 Hz at 30 Hz would become 6.4).
    design_hz = rate_hz / np.pi * np.arctan(np.tan(np.pi * cutoff_hz / rate_hz) / TWO_PASS)
    if design_hz >= 0.45 * rate_hz:
        return values
    from scipy.signal import butter, sosfiltfilt

    sections = butter(2, design_hz, fs=rate_hz, output="sos")
    result = values.copy()
    for start, stop in finite_runs(np.isfinite(values)):
        if stop - start >= 10:
            padding = min(stop - start - 1, int(rate_hz / cutoff_hz * 1.5) + 1)
            result[start:stop] = sosfiltfilt(sections, values[start:stop], padtype="odd", padlen=padding)
    return result


def speed_noise(noise: float, rate_hz: float) -> float:
    """Return one sigma of the speed of a channel, in its unit a second: what a low-pass at the highest of CUTOFFS_HZ
    leaves of its raw samples' white noise (one sigma: `noise`), differentiated.
    """
    cutoff_hz = min(CUTOFFS_HZ[-1], rate_hz / 2)
    return float(np.nan_to_num(noise) * np.sqrt(2 * cutoff_hz / rate_hz) * 2 * np.pi * cutoff_hz / np.sqrt(3))


def choose_cutoff(values: FloatArray, rate_hz: float) -> float:
    """Return the cut-off (Hz) at which filtering (T,) removes no more than its white noise: residual analysis.

    The residual of each candidate in CUTOFFS_HZ is held against `white_noise`; the lowest candidate whose residual is
    at most
    1.25 times what a filter of that cut-off takes out of white noise wins, else the highest (Winter 2009, Biomechanics
    and Motor Control).
    """
    sigma = white_noise(values)
    finite = values[np.isfinite(values)]
    if not np.isfinite(sigma) or len(finite) < 30:
        return CUTOFFS_HZ[-1]
    for cutoff_hz in CUTOFFS_HZ:
        removed_share = max(0.0, 1.0 - cutoff_hz / (0.5 * rate_hz))
        residual = float(np.sqrt(np.mean((finite - smooth(finite, rate_hz, cutoff_hz)) ** 2)))
        if residual <= 1.25 * sigma * np.sqrt(removed_share):
            return cutoff_hz
    return CUTOFFS_HZ[-1]


def white_noise(values: FloatArray) -> float:
    """Return one sigma of the white noise of (T,): 1.4826 median |x[i+1] - 2 x[i] + x[i-1]| / sqrt 6; NaN under 10
    triples.

    Motion adds its own curvature: a swing of 100 px to either side at 0.7 Hz, sampled at 30 Hz, reads as 0.9 px.
    """
    second = np.abs(np.diff(values, n=2))
    second = second[np.isfinite(second)]
    return float(MAD_TO_SIGMA * np.median(second) / np.sqrt(6)) if len(second) >= 10 else float("nan")
