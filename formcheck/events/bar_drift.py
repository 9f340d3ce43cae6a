"""A weight in the hands that leaves the legs: how far it is in front of mid-foot in the lower half of a hinge.

Leg lengths, forward +. Read from the near wrist, and where a plate was seen from the plate's own way too: a bar that
starts against the thighs. A plate hides the wrist, whose landmark then slides forward, and a plate on the wall may pass
for the bar's; so the lesser of the two counts, and a drift is what both show.
"""

from dataclasses import dataclass

import numpy as np

from formcheck.data import FloatArray

LOW_SHARE = 0.5  # of the trunk's range: above it the thighs keep the bar in front [D]
MOST_PCT = 95.0  # noise makes extremes
# What the wrist is before the bar, and a bar against the thighs before mid-foot, as the readings have it: medians of
# 239 and 65 rendered deadlifts (docs/calibration.md) [S].
WRIST_LEG, THIGHS_LEG = 0.05, 0.075
NEARER = 1.2  # by which a plate looks larger than the leg behind it [S]
BEHIND_LEG = -0.12  # a plate further behind mid-foot than the heel is something else in the picture [D]
HAND_SIGMA_LEG, PLATE_SIGMA_LEG = 0.04, 0.045  # one sigma of either reading (docs/calibration.md) [S]


@dataclass(frozen=True)
class BarDrift:
    """The most that the weight is in front of mid-foot, leg lengths, with one sigma and its sample."""

    ahead_leg: float
    sigma_leg: float
    sample: int


def measure_bar_drift(trunk_deg: FloatArray, hand_leg: FloatArray, plate_leg: FloatArray | None) -> BarDrift | None:
    """Return the drift of one repetition from (n,) arrays; None where the hands were hidden in most of its lower half.

    hand_leg : wrist before mid-foot. plate_leg : the plate's way forward from where it is when it is highest, None
    where no plate was seen.
    """
    low_deg, high_deg = np.nanmin(trunk_deg), np.nanmax(trunk_deg)
    low = trunk_deg >= low_deg + LOW_SHARE * (high_deg - low_deg)
    ways = [(hand_leg - WRIST_LEG, HAND_SIGMA_LEG, -np.inf)]
    if plate_leg is not None:
        ways.append((plate_leg / NEARER + THIGHS_LEG, PLATE_SIGMA_LEG, BEHIND_LEG))
    found = []
    for way_leg, sigma_leg, least_leg in ways:
        lower_leg = np.where(low, way_leg, np.nan)
        if np.isfinite(lower_leg).sum() < LOW_SHARE * low.sum():
            continue
        most_leg = float(np.nanpercentile(lower_leg, MOST_PCT))
        if most_leg >= least_leg:
            found.append(BarDrift(most_leg, sigma_leg, int(np.nanargmax(lower_leg))))
    return min(found, key=lambda each: each.ahead_leg, default=None)
