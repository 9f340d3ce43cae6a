"""The break-point stall of a glute-ham raise, and the shake that comes with it.

Conventions: phi (knee to shoulder) and trunk (hip to shoulder) are inclinations from the vertical, degrees, forward +;
an ascent brings them from about 90 (parallel to the floor) to 0. The speed of the ascent is that of phi, whose lever is
twice as long as the trunk's, so that its noise is half; angles are said of the trunk, as a coach sees them.
"""

from dataclasses import dataclass

import numpy as np

from formcheck.data import BoolArray, FloatArray
from formcheck.signals import smooth
from formcheck.uncertainty import SLOW_NOISE_S, Z90

SPEED_CUTOFF_HZ = 4.0  # on top of the 3 to 6 Hz of every channel; together about 3 Hz [D]
WINDOW_DEG = (45.0, 100.0)  # of trunk inclination [D]
MIN_DEPTH = 0.35  # of the speed lost [D]
STALL_SHARE = 0.5  # of the lower peak beside it [D]
MIN_STALL_S = 0.15  # [D]
FAILED_DEG, FAILED_S = 2.0, 1.0  # less progress than this in this time is a failed rep [D]
MIN_PEAK_DEG_S = 8.0  # slower than this the ascent has not begun [D]
MIN_PEAK_SHARE = 0.25  # of the ascent's top speed, the same: a lifter who settles in at the bottom moves too [D]
MIN_RISE_DEG = 3.0  # above the bottom: who settles in there has not stalled [D]
MIN_SWING_DEG = 8.0  # a way up or down that counts as one [D]
SLOW_NOISE_SHARE = 0.5  # landmarks drift by about half of their white noise over a second [S]
BLUR_S = 0.03  # by which the low-pass shortens a stall; it varies by as much [S]
LINGERS_S = 0.32  # by which a stall is seen longer than it is, in 19 of 20: speed comes and goes gradually [S]
STALL_DRAWS = 60  # of noise, over which the stall's interval is taken
SHAKE_SPAN_S = 0.6  # around the stall: two and a half periods of the slowest shake [D]
SHAKE_BAND_HZ = (4.0, 12.0)  # [D]
SHAKE_INDEPENDENT_HZ = 16.0  # independent samples a second that the band of shaking holds
MIN_COHERENCE = 0.5  # correlation of hip and shoulder: noise of landmarks is not shared [D]


@dataclass(frozen=True)
class Stall:
    """One stall: samples counted from the set's first, depth 0..1, seconds with the 5th and 95th percentile.

    `failed`: the ascent ended there, or gained under 2 deg in 1 s. `seconds` is 0 when there is no stall; then the
    sample is where the ascent is slowest within the window.
    """

    seconds: float
    low_s: float
    high_s: float
    sample: int
    start: int
    stop: int
    depth: float
    failed: bool


@dataclass(frozen=True)
class Shake:
    """Trembling at one place against the rest of the ascent: dB with its 90 % interval (0 when hip and shoulder do not
    share it or it is not more), its frequency and the correlation of the two.
    """

    gain_db: float
    low_db: float
    high_db: float
    frequency_hz: float
    coherence: float


def find_ascents(phi_deg: FloatArray) -> list[tuple[int, int]]:
    """Return every way up within (n,): half-open samples from the lowest to the highest point between two ways down.

    A way counts when it spans `MIN_SWING_DEG`; one that the end cuts off counts too. NaN must be bridged before.
    """
    ascents, top, bottom, rising = [], 0, 0, False
    for sample, angle_deg in enumerate(phi_deg):
        if rising:
            top = sample if angle_deg <= phi_deg[top] else top
            if angle_deg - phi_deg[top] >= MIN_SWING_DEG:
                ascents.append((bottom, top + 1))
                bottom, rising = sample, False
        else:
            bottom = sample if angle_deg >= phi_deg[bottom] else bottom
            if phi_deg[bottom] - angle_deg >= MIN_SWING_DEG:
                top, rising = sample, True
    return [*ascents, (bottom, top + 1)] if rising else ascents


def ascent_speed(phi_deg: FloatArray, rate_hz: float) -> FloatArray:
    """Return how fast phi falls, deg/s (T,), low-passed at 4 Hz on top of what the channel is."""
    return -np.gradient(smooth(phi_deg, rate_hz, SPEED_CUTOFF_HZ)) * rate_hz


def find_stall(
    phi_deg: FloatArray, trunk_deg: FloatArray, ascent: tuple[int, int], rate_hz: float, noise_deg: float
) -> Stall | None:
    """Return the stall of one ascent (0 s when it goes through), or None when it never shows the window of 45 to 100
    deg of trunk inclination.

    phi_deg, trunk_deg : (T,) of the set, bridged. noise_deg : one sigma of white noise of the unfiltered phi.
    The interval is a parametric bootstrap (seeded) with white and slow noise.
    """
    start, stop = ascent
    pad = int(0.5 * rate_hz)
    low, high = max(0, start - pad), min(len(phi_deg), stop + pad)
    inside = (trunk_deg[start:stop] >= WINDOW_DEG[0]) & (trunk_deg[start:stop] <= WINDOW_DEG[1])
    inside &= phi_deg[start:stop] <= phi_deg[start] - MIN_RISE_DEG
    if inside.sum() < 3:
        return None
    finished = bool(trunk_deg[stop - 1] < WINDOW_DEG[0])
    noise = noise_deg * _noise(high - low, rate_hz)
    speeds = [ascent_speed(phi_deg[low:high] + each, rate_hz)[start - low : stop - low] for each in noise]
    place, first, last, depth, seconds = _measure(speeds[0], inside, rate_hz, finished=finished)
    drawn_s = [_measure(each, inside, rate_hz, finished=finished)[4] for each in speeds[1:]]
    low_s, high_s = np.percentile(drawn_s, [5, 95])
    progress_deg = float(phi_deg[start + first] - phi_deg[min(start + first + int(FAILED_S * rate_hz), stop - 1)])
    stuck = seconds >= FAILED_S and progress_deg < FAILED_DEG
    return Stall(
        seconds=seconds,
        low_s=max(min(seconds - LINGERS_S, float(low_s)), 0.0),
        high_s=max(seconds, float(high_s)) + BLUR_S,
        sample=start + place,
        start=start + first,
        stop=start + last,
        depth=depth,
        failed=bool(seconds > 0 and (stuck or not finished)),
    )


def _measure(
    speed_deg_s: FloatArray, inside: BoolArray, rate_hz: float, *, finished: bool
) -> tuple[int, int, int, float, float]:
    """Deepest dip inside the window: its sample, first and last slow sample, depth, and seconds (0: no stall)."""
    climbing = np.where(np.arange(len(speed_deg_s)) >= int(inside.argmax()), speed_deg_s, 0.0)  # no kick at the bottom
    before = np.maximum.accumulate(climbing)
    after = np.maximum.accumulate(speed_deg_s[::-1])[::-1]
    lower = np.minimum(before, after) if finished else before
    least = max(MIN_PEAK_DEG_S, MIN_PEAK_SHARE * float(climbing.max()))
    with np.errstate(invalid="ignore", divide="ignore"):
        depth = np.where(inside & (lower >= least), 1 - speed_deg_s / lower, -1.0)
    place = int(depth.argmax())
    level = STALL_SHARE * lower[place]
    slow = speed_deg_s < level
    quick_before, quick_after = np.flatnonzero(~slow[:place]), np.flatnonzero(~slow[place:])
    if depth[place] < MIN_DEPTH or not slow[place] or not len(quick_before):
        slowest = np.where(inside, speed_deg_s, np.inf)
        return int(slowest.argmin()), place, place, max(0.0, float(depth[place])), 0.0
    first = int(quick_before[-1])
    last = place + int(quick_after[0]) if len(quick_after) else len(speed_deg_s) - 1
    seconds = (_pass(speed_deg_s, last - 1, level) - _pass(speed_deg_s, first, level)) / rate_hz
    seconds += BLUR_S
    enough = seconds if seconds >= MIN_STALL_S else 0.0
    return place, first + 1, last, min(1.0, float(depth[place])), float(enough)


def _pass(speed_deg_s: FloatArray, index: int, level: float) -> float:
    here, there = speed_deg_s[index], speed_deg_s[index + 1]
    share = (level - here) / (there - here) if there != here else 0.0
    return index + float(np.clip(share, 0.0, 1.0))


def _noise(length: int, rate_hz: float) -> FloatArray:
    """Draw (1 + STALL_DRAWS, n): none, then one sigma of filtered white noise with slow noise of half of it."""
    generator = np.random.default_rng(0)
    white, slow = generator.standard_normal((2, STALL_DRAWS, length))
    keep = float(np.exp(-1 / (SLOW_NOISE_S * rate_hz)))
    for sample in range(1, length):
        slow[:, sample] = keep * slow[:, sample - 1] + np.sqrt(1 - keep**2) * slow[:, sample]
    filtered = np.stack([smooth(each, rate_hz, SPEED_CUTOFF_HZ) for each in white])
    return np.concatenate([np.zeros((1, length)), filtered + SLOW_NOISE_SHARE * slow])


def measure_shake(
    hip_leg: FloatArray, shoulder_leg: FloatArray, ascent: tuple[int, int], sample: int, rate_hz: float
) -> Shake | None:
    """Return how much more hip and shoulder tremble together around `sample` than in the rest of the ascent, or None
    when either side has under 0.4 s.

    hip_leg, shoulder_leg : (T,), 4 to 12 Hz, across the body. What the two do not share is noise of the landmarks and
    is left out of the power. Sizes cannot be told: a landmark trembles by itself.
    """
    half = int(SHAKE_SPAN_S / 2 * rate_hz)
    here = np.arange(max(ascent[0], sample - half), min(ascent[1], sample + half + 1))
    way = np.arange(*ascent)
    rest = way[np.abs(way - sample) > half]
    rest = rest[np.isfinite(hip_leg[rest] + shoulder_leg[rest])]
    here = here[np.isfinite(hip_leg[here] + shoulder_leg[here])]
    if min(len(here), len(rest)) < 0.4 * rate_hz:
        return None
    both = hip_leg + shoulder_leg
    power, usual = float(np.mean(both[here] ** 2)), float(np.mean(both[rest] ** 2))
    coherence = float(np.corrcoef(hip_leg[here], shoulder_leg[here])[0, 1])
    n_padded = 8 * len(here)
    spectrum = np.abs(np.fft.rfft(both[here] * np.hanning(len(here)), n_padded))
    frequencies_hz = np.fft.rfftfreq(n_padded, 1 / rate_hz)
    band = (frequencies_hz >= SHAKE_BAND_HZ[0]) & (frequencies_hz <= SHAKE_BAND_HZ[1])
    peak_hz = float(frequencies_hz[band][int(spectrum[band].argmax())])
    if usual == 0:
        return Shake(np.nan, np.nan, np.nan, peak_hz, coherence)
    gain_db = float(10 * np.log10(power / usual))
    # A band of 8 Hz holds 16 independent values a second; the logarithm of their mean square has this error.
    error_db = Z90 * 4.34 * np.sqrt(2 * rate_hz / SHAKE_INDEPENDENT_HZ * (1 / len(here) + 1 / len(rest)))
    if coherence < MIN_COHERENCE or gain_db < 0:
        return Shake(0.0, 0.0, max(0.0, gain_db), peak_hz, coherence)
    return Shake(gain_db, gain_db - error_db, gain_db + error_db, peak_hz, coherence)
