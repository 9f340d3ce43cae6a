"""Arching of the lower back, and hips that hinge, in a body that should stay one line.

Conventions: hip flexion +, hyperextension -; `lumbar_deg` is the outline's change from the athlete's own upright
kneeling, rounding +, arching -. Landmarks have no spine: an arch shows in them as a trunk that tips back over the
thigh, 5 deg of which the hip joint gives by itself.
"""

from dataclasses import dataclass

import numpy as np

from formcheck.data import FloatArray
from formcheck.signals import running_median, window_length
from formcheck.uncertainty import Z90

HIP_ALONE_DEG = 5.0  # of hyperextension: with it the line of -15 in the hip angle is that of 10 in the outline [D]
IMPLAUSIBLE_DEG = 45.0  # of arch in the outline: something other than a back [D]
OUTLINE_ERROR_DEG = 7.0  # half a 90 % interval [P]
HIP_ERROR_DEG = 3.5  # the same of a hip landmark that slides by 0.01 leg lengths (2.1 deg at one sigma) [S]
HINGE_ERROR_DEG = 6.5  # half a 90 % interval of hips that bend [S]
MIN_ARCH_S = 0.2  # what is shorter is a landmark that jumps [D]
MIN_ARCH_VISIBLE = 0.5  # of the samples that show the hip [D]
# Of the samples that show the outline: of 24 strokes with less, none of which the hips gave away, 3 arched by 10 deg
# and more, of 333 with more that were called good 6 [S].
MIN_OUTLINE_SEEN = 0.3


@dataclass(frozen=True)
class Arch:
    """The most arch that lasts 0.2 s, degrees beyond a straight body, with its 90 % interval; `sample` is the first of
    the arch's onset (half of it), counted from the first given. `outline_deg` NaN: seen from the hip angle alone, and
    where the outline is hidden the back may arch by anything believable.
    """

    value_deg: float
    low_deg: float
    high_deg: float
    sample: int
    hip_extension_deg: float
    outline_deg: float


def measure_arch(hip_flexion_deg: FloatArray, lumbar_deg: FloatArray, rate_hz: float, noise_deg: float) -> Arch | None:
    """Return the arch of one stroke from (n,) arrays; None when under half of the hip angle is seen.

    The hip angle counts from 5 deg of hyperextension on. The outline counts where the hips are not flexed (an arm
    across the back makes an outline that arches over flexed hips) and while it is believable.
    """
    window = window_length(MIN_ARCH_S, rate_hz)
    if np.isfinite(hip_flexion_deg).mean() < MIN_ARCH_VISIBLE:
        return None
    hips_deg = running_median(-hip_flexion_deg, window)
    outline_deg = running_median(-lumbar_deg, window) if np.isfinite(lumbar_deg).any() else lumbar_deg
    believed = (hips_deg >= 0) & (outline_deg <= IMPLAUSIBLE_DEG)
    shown_deg = np.where(believed, outline_deg, np.nan)
    from_hips_deg = np.nan_to_num(np.maximum(hips_deg - HIP_ALONE_DEG, 0.0))
    arch_deg = np.fmax(from_hips_deg, shown_deg)
    peak = int(arch_deg.argmax())
    by_outline = bool(shown_deg[peak] > from_hips_deg[peak])
    half_deg = OUTLINE_ERROR_DEG if by_outline else float(np.hypot(HIP_ERROR_DEG, Z90 * noise_deg))
    index, seen = np.arange(len(hips_deg)), np.isfinite(outline_deg)
    most_deg = arch_deg[peak] + half_deg
    onset_deg = np.interp(index, index[seen], outline_deg[seen]) if by_outline else from_hips_deg
    below = np.flatnonzero(onset_deg[:peak] < arch_deg[peak] / 2)
    return Arch(
        value_deg=float(arch_deg[peak]),
        low_deg=float(arch_deg[peak]) - half_deg,
        high_deg=float(most_deg if seen.mean() >= MIN_OUTLINE_SEEN else max(most_deg, IMPLAUSIBLE_DEG)),
        sample=int(below[-1]) + 1 if len(below) else 0,
        hip_extension_deg=float(hips_deg[peak]),
        outline_deg=float(shown_deg[peak]),
    )


def measure_hinge(hip_flexion_deg: FloatArray, rate_hz: float, noise_deg: float) -> tuple[float, float, float, int]:
    """Return the most hip flexion (n,) for 0.2 s, deg, its 90 % interval and sample; NaN where under half is seen."""
    if len(hip_flexion_deg) == 0 or np.isfinite(hip_flexion_deg).mean() < MIN_ARCH_VISIBLE:
        return float("nan"), float("nan"), float("nan"), 0
    steady_deg = running_median(hip_flexion_deg, window_length(MIN_ARCH_S, rate_hz))
    peak = int(np.nanargmax(steady_deg))
    half_deg = float(np.hypot(HINGE_ERROR_DEG, Z90 * noise_deg))
    value_deg = float(steady_deg[peak])
    return value_deg, value_deg - half_deg, value_deg + half_deg, peak
