"""Where on the thigh a glute-ham raise turns: pose cannot see the pad, but the thigh shows its own pivot.

A circle fitted to the knee's way is biased by 5 to 195 mm on arcs of 40 to 80 deg [S]; a straight line in the thigh's
direction is not: knee(t) = c - d u(t), u = unit(knee to hip).
"""

from dataclasses import dataclass

import numpy as np

from formcheck.data import FloatArray

INDEPENDENT_S = 0.35  # slow noise of landmarks (time constant 0.7 s) gives a new sample about this often [S]


@dataclass(frozen=True)
class Pivot:
    """Distance from the knee to the thigh's pivot, along the thigh, with its standard error and the fit's residual
    (rms), all in the unit of the positions; the arc of the thigh in degrees.
    """

    distance: float
    error: float
    residual: float
    arc_deg: float


def fit_pivot(forward: FloatArray, height: FloatArray, thigh_deg: FloatArray, rate_hz: float) -> Pivot | None:
    """Return the pivot from the knee's place (n,) and the thigh's inclination (n,), or None under 10 finite samples."""
    seen = np.isfinite(forward) & np.isfinite(height) & np.isfinite(thigh_deg)
    if seen.sum() < 10:
        return None
    thigh = np.radians(thigh_deg[seen])
    n = len(thigh)
    design = np.zeros((2 * n, 3))
    design[:n, 0] = design[n:, 1] = 1.0
    design[:n, 2], design[n:, 2] = -np.sin(thigh), -np.cos(thigh)
    knee = np.concatenate([forward[seen], height[seen]])
    solution = np.linalg.lstsq(design, knee, rcond=None)[0]
    residual = float(np.sqrt(np.mean((knee - design @ solution) ** 2)))
    independent = max(3.0, n / rate_hz / INDEPENDENT_S)
    spread = float(np.sqrt(np.var(np.sin(thigh)) + np.var(np.cos(thigh))))
    error = residual / (np.sqrt(independent) * spread) if spread > 0 else np.inf
    arc_deg = float(np.subtract(*np.percentile(thigh_deg[seen], [98, 2])))
    return Pivot(float(solution[2]), float(error), residual, arc_deg)
