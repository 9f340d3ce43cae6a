"""The lever of a load on the upper back: how far the shoulders are in front of the hips, horizontally.

A bar on the back loads the hips with its weight times this distance, so it is what makes a good morning hard. It grows
with the sine of the trunk's inclination and is longest when the trunk is level. Leg lengths; the bar itself lies a few
centimetres from the shoulder joint and is not measured here.
"""

from dataclasses import dataclass

import numpy as np

from formcheck.data import FloatArray
from formcheck.uncertainty import Z90

PROFILE_SHARES = np.linspace(0.0, 1.0, 11)  # of the rep's time, at which the lever is told
NEAR_LONGEST = 0.9  # of the longest: where most of the load is on
LONGEST_PCT = 97.0  # noise makes extremes


@dataclass(frozen=True)
class Lever:
    """The lever over one rep, leg lengths: the longest, the half-width of its 90 % interval, the sample of the longest,
    eleven values over the rep's time, and the share of the time above 90 % of the longest.
    """

    longest_leg: float
    error_leg: float
    sample: int
    profile_leg: tuple[float, ...]
    near_longest: float


def measure_lever(lever_leg: FloatArray, noise_leg: float) -> Lever | None:
    """Return the lever of one rep, (n,) leg lengths, forward +; None when under 70 % of its samples are seen.

    noise_leg : one sigma of the unfiltered channel.
    """
    seen = np.isfinite(lever_leg)
    if len(seen) < 3 or seen.mean() < 0.7:
        return None
    index = np.flatnonzero(seen)
    longest_leg = float(np.percentile(lever_leg[seen], LONGEST_PCT))
    return Lever(
        longest_leg=longest_leg,
        error_leg=Z90 * float(np.nan_to_num(noise_leg)),
        sample=int(index[lever_leg[seen].argmax()]),
        profile_leg=tuple(float(each) for each in np.interp(PROFILE_SHARES * (len(seen) - 1), index, lever_leg[seen])),
        near_longest=float(np.mean(lever_leg[seen] >= NEAR_LONGEST * longest_leg)),
    )
