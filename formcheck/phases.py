"""A repetition on the clock of its phases, so that two of different tempo can be laid over one another."""

from typing import TYPE_CHECKING

import numpy as np

from formcheck.data import PHASES, FloatArray, Phase
from formcheck.signals import resample

if TYPE_CHECKING:
    from formcheck.data import Rep

# Where each phase lies on the common axis, in percent of a repetition: the pause is short in every lift [D].
SHARES: dict[Phase, tuple[float, float]] = {
    "eccentric": (0.0, 45.0),
    "pause": (45.0, 55.0),
    "concentric": (55.0, 100.0),
}
MAX_GAP_S = 0.2  # a curve is not drawn over longer gaps


def order_phases(*, concentric_first: bool) -> tuple[Phase, ...]:
    """Return the phases as a lift goes through them."""
    return PHASES[::-1] if concentric_first else PHASES


def phase_times(rep: "Rep", order: tuple[Phase, ...] = PHASES) -> FloatArray:
    """Return (101,) moments of the video, s: percent 0 to 100 of a repetition whose phases follow in `order`.

    Each phase is stretched evenly. NaN within a phase that the clip does not show whole.
    """
    percent = np.arange(101.0)
    times_s = np.full(101, np.nan)
    spans = {name: (start_s, end_s) for name, start_s, end_s in rep.phases}
    for place, name in zip((SHARES[each] for each in PHASES), order, strict=True):
        inside = (percent >= place[0]) & (percent <= place[1])
        start_s, end_s = spans[name]
        there_s = start_s + (end_s - start_s) * (percent[inside] - place[0]) / (place[1] - place[0])
        times_s[inside] = np.where(np.isnan(times_s[inside]), there_s, times_s[inside])
    return times_s


def over_phases(time_s: FloatArray, values: FloatArray, times_s: FloatArray) -> FloatArray:
    """Return `values` (T,) at the moments of `phase_times`; NaN where they were not seen."""
    known = np.isfinite(times_s)
    result = np.full(len(times_s), np.nan)
    if known.any():
        result[known] = resample(time_s, values, times_s[known], MAX_GAP_S)
    return result
