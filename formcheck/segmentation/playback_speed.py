"""Whether a clip looks slowed down: then nothing that hangs on its clock is told until its speed is known."""

import math
from collections.abc import Sequence

import numpy as np

from formcheck.data import Rep
from formcheck.settings import Tempo
from formcheck.signals import median

SLOW_REP_S = 9.0  # down and up together, the pause left out: reps that are this slow throughout are rare [D] ...
SLOW_UP_S = 2.5  # ... and of those that are meant to be slow, only the lowering is [D]
SLOW_DOWN_S = 12.0  # the lowering alone, where no way up is shown, as in a Nordic
TARGET = 2.0  # times the athlete's own target are still the lifter's


def describe_slowness(reps: Sequence[Rep], tagged_speed: float, tempo: Tempo | None) -> str | None:
    """Return what the user is told of a clip that looks slowed down, or None of one that does not.

    tagged_speed : as in Source. The repetitions tell by their medians; a slow `tempo` that was asked for is none.
    """
    if math.isfinite(tagged_speed) and tagged_speed < 1:
        return (
            f"the phone tagged this clip as running at {tagged_speed:g} of the true speed, so times are not judged. "
            f"Set the speed to {tagged_speed:g}, or to 1 if it is not slowed down"
        )
    if math.isnan(tagged_speed):
        return (
            "the phone tagged this clip as slow motion without saying how slow, so times are not judged. Set the "
            "speed to 0.25 for a quarter of the true speed, or to 1 if it is not slowed down"
        )
    down_s = median(np.array([rep.eccentric_s for rep in reps]))
    up_s = median(np.array([rep.concentric_s for rep in reps]))
    if not _is_slow(down_s, up_s, tempo):
        return None
    seen = f"{down_s:.1f} s down" + (f", {up_s:.1f} s up" if math.isfinite(up_s) else "")
    return (
        f"this clip looks slowed down ({seen}), so times are not judged. Set the speed to 0.25 for a quarter of the "
        "true speed, or to 1 if it is not slowed down"
    )


def _is_slow(down_s: float, up_s: float, tempo: Tempo | None) -> bool:
    if math.isnan(down_s):
        return False
    limit_s, limit_up_s, limit_down_s = SLOW_REP_S, SLOW_UP_S, SLOW_DOWN_S
    if tempo is not None:
        limit_s = max(limit_s, TARGET * (tempo.eccentric_s + tempo.concentric_s))
        limit_up_s = max(limit_up_s, TARGET * tempo.concentric_s)
        limit_down_s = max(limit_down_s, TARGET * tempo.eccentric_s)
    if math.isnan(up_s):
        return down_s > limit_down_s
    return down_s + up_s > limit_s and up_s > limit_up_s
