"""How fast each repetition's lifting is, and what of the set's best speed is lost by then.

The loss is against the fastest repetition so far, as velocity-based training counts it (Sanchez-Medina and
Gonzalez-Badillo 2011 [P]). It is a share, so a speed needs no scale: degrees a second of the lift's own angle do as
well as metres a second of the bar.
"""

import numpy as np

from formcheck.data import FloatArray


def measure_velocity_losses(speeds: FloatArray, errors: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return what each of (n,) speeds lacks of the greatest up to it, percent, and one sigma of that: both (n,).

    `errors` : one sigma of each speed. NaN where a speed is NaN; the first finite one, and every new best, lacks 0.
    """
    losses, sigmas = np.full((2, len(speeds)), np.nan)
    best, best_error = np.nan, np.nan
    for place, (speed, error) in enumerate(zip(speeds, errors, strict=True)):
        if not np.isfinite(speed):
            continue
        if not best > speed:
            best, best_error = speed, error
        losses[place] = 100 * (1 - speed / best)
        sigmas[place] = 100 * speed / best * float(np.hypot(error / speed, best_error / best)) if best > speed else 0.0
    return losses, sigmas
