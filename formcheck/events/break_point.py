"""Where a Nordic curl breaks: the lowering that was controlled turns into a fall.

Conventions: phi is the inclination of knee to shoulder from the vertical, degrees, forward +, 0 = kneeling tall.
Published break points are speed crossings (Soga 2021: over 10 deg/s; Sconce 2021: the peak of acceleration by eye) and
differ from each other by tens of degrees on one lowering; so each is returned under its own name. A fixed 10 deg/s
fires about 30 deg early on a normal lowering [S] and is left out.
"""

from dataclasses import dataclass

import numpy as np

from formcheck.data import FloatArray
from formcheck.uncertainty import Z90

# Of lowering that the fit sees before the peak of speed. Longer ones mistake a slow wobble for the break: mean error
# 0.6, 0.7 and 0.9 deg at 1, 1.5 and 2.5 s over 150 simulated lowerings [S]; on three real ones 2.5 s are up to 1 s
# early.
FIT_S = 1.0
MIN_CONTROL_S = 0.4  # of it that it needs [D]
MIN_FALL_S = 0.12  # between the break and the peak of speed [D]
STEP_S = 1 / 60  # of the grid of breaks
MAX_CONTROL_DEG_S = 40.0  # a lowering this fast before its break was never controlled: 80 deg in 2 s [D]
FALL_DEG_S2 = 80.0  # a fall gains more than this on average from the break to its peak of speed [S]
FALL_RATIO = 2.0  # and its peak is this much faster than the lowering before [D]
DROP_DEG_S2 = 150.0  # [D]
DROP_S = 0.1  # [D]
DROP_RATIO = 2.5  # of the lowering's median speed [D]
CROSSINGS_DEG_S = (20.0, 30.0)  # [D]
INDEPENDENT_HZ = 10.0  # a signal filtered at 5 Hz holds about this many independent samples a second
BREAK_DRIFT_S = 0.3  # the fitted break is not known better than what this much slow drift of the landmarks moves it [S]
DRIFT_SHARE = 0.8  # slow drift of the landmarks, of their white noise [S]
BREAK_DRAWS = 100  # of noise, over which the break's interval is taken


@dataclass(frozen=True)
class BreakPoint:
    """The break of one lowering. `found` is False when it stayed controlled: then the angle is where the control was
    last seen, at `sample`, and the interval is that of the landmarks.

    Angles deg, `sample` counted from the lowering's first (fractional), accelerations deg/s2, speeds deg/s.
    `crossing_deg` : {speed: phi at which the lowering passed it for the last time before its peak, NaN when it never
    did}.
    """

    found: bool
    sample: float
    phi_deg: float
    low_deg: float
    high_deg: float
    speed_before_deg_s: float
    fall_deg_s2: float
    crossing_deg: dict[float, float]
    peak_acceleration_deg: float


@dataclass(frozen=True)
class Drop:
    """A free fall within one lowering: first and last sample, and how many degrees it takes."""

    start: int
    stop: int
    size_deg: float


def find_break(phi_deg: FloatArray, rate_hz: float, noise_deg: float) -> BreakPoint | None:
    """Return where one lowering breaks, or None when it is too fast from the start for a break to be told.

    phi_deg : (n,) from rest to the turn or to where the hands touch the floor, lightly filtered, without NaN.
    noise_deg : one sigma of the unfiltered channel's white noise, for the interval.

    phi = a + b t + c max(t - tb, 0)^2 is fitted to the last second up to the peak of speed, for every tb on a grid; the
    least residual with c > 0 wins. (A cubic term is left out: without it simulated breaks are as well found, and
    real ones move by 0.1 s instead of 0.4 s with the length of the fit.) A break is found when the fall gains over 80
    deg/s2 and doubles the speed. The 90 % interval is a parametric bootstrap (seeded), stretched to where the break
    lies if the fall gains speed as a body that nothing holds, with the sine of phi, and not evenly.
    """
    speed_deg_s = np.gradient(phi_deg) * rate_hz
    peak = int(speed_deg_s.argmax())
    first = max(_leave_rest(phi_deg), peak - int(FIT_S * rate_hz))
    seen = peak - first >= (MIN_CONTROL_S + MIN_FALL_S) * rate_hz
    at_s, slope, gain, free_s = np.zeros(1), speed_deg_s[peak : peak + 1], np.zeros(1), np.zeros(1)
    if seen:
        t, way_deg = np.arange(peak - first + 1) / rate_hz, phi_deg[first : peak + 1]
        breaks_s = np.arange(MIN_CONTROL_S, t[-1] - MIN_FALL_S + 1e-9, STEP_S)
        even = np.maximum(t[None, :] - breaks_s[:, None], 0.0) ** 2
        at_s, slope, gain = _fit(t, _draw(way_deg, noise_deg, rate_hz), breaks_s, even)
        free_s = _fit(t, way_deg[None], breaks_s, _fall_freely(t, way_deg, breaks_s))[0]
    before_deg_s, peak_deg_s = max(float(slope[0]), 1.0), float(speed_deg_s[peak])
    fell = bool(seen and gain[0] >= FALL_DEG_S2 and peak_deg_s >= FALL_RATIO * before_deg_s)
    if before_deg_s > MAX_CONTROL_DEG_S:
        return None
    places = np.concatenate([at_s, free_s])
    angles_deg = np.interp(first + places * rate_hz, np.arange(len(phi_deg)), phi_deg) if fell else phi_deg[[-1, -1]]
    low_deg, high_deg = np.percentile(angles_deg[:-1], [5, 95])
    apart_deg = float(angles_deg[-1] - angles_deg[0])
    half_deg = Z90 * noise_deg
    acceleration = np.gradient(speed_deg_s)[: peak + 1]
    return BreakPoint(
        found=fell,
        sample=float(first + at_s[0] * rate_hz) if fell else float(len(phi_deg) - 1),
        phi_deg=float(angles_deg[0]),
        low_deg=min(float(low_deg), float(angles_deg[0])) + min(apart_deg, 0.0) - half_deg,
        high_deg=max(float(high_deg), float(angles_deg[0])) + max(apart_deg, 0.0) + half_deg,
        speed_before_deg_s=before_deg_s,
        fall_deg_s2=float(gain[0]),
        crossing_deg={level: _cross(phi_deg, speed_deg_s, peak, level) for level in CROSSINGS_DEG_S},
        peak_acceleration_deg=float(phi_deg[int(acceleration.argmax())]),
    )


def find_drop(phi_deg: FloatArray, rate_hz: float, least_deg_s: float = 0.0) -> Drop | None:
    """Return the free fall within one lowering (n,), or None: over 150 deg/s2 for at least 0.1 s, then over 2.5 times
    the lowering's median speed and over `least_deg_s`. It begins with the last such gain (getting going is none) and
    lasts until the speed has fallen to half its peak.
    """
    speed_deg_s = np.gradient(phi_deg) * rate_hz
    acceleration = np.gradient(speed_deg_s) * rate_hz
    moving = speed_deg_s[speed_deg_s > 1.0]
    peak = int(speed_deg_s.argmax())
    if not len(moving) or speed_deg_s[peak] <= max(DROP_RATIO * float(np.median(moving)), least_deg_s):
        return None
    ends = np.concatenate([[-1], np.flatnonzero(acceleration[: peak + 1] <= DROP_DEG_S2), [peak + 1]])
    gaining = np.flatnonzero(np.diff(ends) - 1 >= DROP_S * rate_hz)
    if not len(gaining):
        return None
    slow = np.flatnonzero(speed_deg_s[peak:] < speed_deg_s[peak] / 2)
    start, stop = int(ends[gaining[-1]]) + 1, peak + int(slow[0]) if len(slow) else len(phi_deg) - 1
    fallen_deg = float(phi_deg[stop] - phi_deg[: start + 1].max())  # a landmark that jumped back comes forward again
    return Drop(start, stop, max(fallen_deg, 0.0))


def _leave_rest(phi_deg: FloatArray) -> int:
    """Return the first sample of the lowering proper: the last one within a tenth of the range above its start."""
    low = float(phi_deg[: max(1, int(phi_deg.argmax()))].min())
    return int(np.flatnonzero(phi_deg <= low + 0.1 * (float(phi_deg.max()) - low))[-1])


def _fall_freely(t: FloatArray, phi_deg: FloatArray, breaks_s: FloatArray) -> FloatArray:
    """Return what a fall with the sine of phi adds to phi after each break (c, n), up to a factor."""
    pull = np.where(t[None, :] >= breaks_s[:, None], np.sin(np.radians(phi_deg)), 0.0)
    return np.asarray(np.cumsum(np.cumsum(pull, axis=1), axis=1) * (t[1] - t[0]) ** 2)


def _fit(
    t: FloatArray, draws: FloatArray, breaks_s: FloatArray, fall: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return break (s), speed before it and acceleration after it, of each draw (d, n); `fall` (c, n) is its shape."""
    ones = np.ones_like(fall)
    designs = np.stack([ones, ones * t, fall], axis=2)
    inverses = np.linalg.pinv(designs)
    solved = np.einsum("ckn,dn->cdk", inverses, draws)
    fitted = np.einsum("cnk,cdk->cdn", designs, solved)
    sums = ((fitted - draws[None]) ** 2).sum(axis=2)
    sums = np.where(solved[..., 2] > 0, sums, np.inf)
    best, column = sums.argmin(axis=0), np.arange(draws.shape[0])
    return breaks_s[best], solved[best, column, 1], 2 * solved[best, column, 2]


def _draw(phi_deg: FloatArray, noise_deg: float, rate_hz: float) -> FloatArray:
    """Draw (1 + BREAK_DRAWS, n): the lowering itself, then with noise as the filter leaves it and slow drift."""
    generator = np.random.default_rng(0)
    shape = (BREAK_DRAWS, len(phi_deg))
    fast = _correlate(generator.standard_normal(shape), float(np.exp(-INDEPENDENT_HZ / rate_hz)))
    slow = _correlate(generator.standard_normal(shape), float(np.exp(-1 / (BREAK_DRIFT_S * rate_hz))))
    share = np.sqrt(min(1.0, INDEPENDENT_HZ / rate_hz))
    noise = noise_deg * (share * fast + DRIFT_SHARE * slow)
    return np.concatenate([phi_deg[None], phi_deg + noise])


def _correlate(white: FloatArray, keep: float) -> FloatArray:
    result = white.copy()
    for sample in range(1, white.shape[1]):
        result[:, sample] = keep * result[:, sample - 1] + np.sqrt(1 - keep**2) * white[:, sample]
    return result


def _cross(phi_deg: FloatArray, speed_deg_s: FloatArray, peak: int, level: float) -> float:
    slower = np.flatnonzero(speed_deg_s[: peak + 1] < level)
    if speed_deg_s[peak] < level or not len(slower):
        return float("nan")
    last = int(slower[-1])
    share = (level - speed_deg_s[last]) / (speed_deg_s[last + 1] - speed_deg_s[last])
    return float(phi_deg[last] + share * (phi_deg[last + 1] - phi_deg[last]))
