"""The end of hip travel while the athlete is still going down: the moment for "come up".

Offline the whole descent is fitted (`events.hip_travel`). Here only its past is known: over the last degrees of the
trunk the hips have gained next to nothing of what they gained a degree until then, and they are about as far back as
they get in the athlete's own earlier repetitions.
"""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from formcheck.data import FloatArray

# Over the last so many degrees of the trunk's way the hips gain at most this share of what they gained a degree until
# then: they stand. The shorter the look, the surer it has to be [S].
LOOKS = ((6.0, 0.05), (8.0, 0.2), (10.0, 0.3))
AGAIN = 2  # pictures in a row that say so
FAR = 0.7  # of the athlete's own usual travel: before that, hips that pause are a pause [S]
FIRST_DEG = 45.0  # of the trunk's way in a first repetition, whose travel is not known yet [D]
GOING_DEG_S = 10.0  # slower, and the athlete is turning round anyway [S]
LEAST = 4  # samples of each part
LEAST_LEG = 0.06  # of travel: less is no hinge [D1]


@dataclass(frozen=True)
class Stopped:
    """Hips that stand: at which trunk inclination (deg) they began to, and the slope that is left (share)."""

    trunk_deg: float
    share: float


class TravelWatch:
    """Follows the descents of one athlete."""

    def __init__(self) -> None:
        self._travels_leg: deque[float] = deque(maxlen=5)
        self.begin()

    def learn(self, travel_leg: float) -> None:
        """Take how far the hips travelled in a repetition that was measured as a whole."""
        if math.isfinite(travel_leg):
            self._travels_leg.append(travel_leg)

    def begin(self) -> None:
        """Begin with the next sample at the top."""
        self._path: list[tuple[float, float, float]] = []
        self._agreed = 0
        self._done = False

    def step(self, time_s: float, trunk_deg: float, hip_back_leg: float) -> Stopped | None:
        """Take a sample of a descent; return where the hips stopped, once, as soon as that can be told."""
        if self._done or not math.isfinite(trunk_deg + hip_back_leg):
            return None
        if self._path and trunk_deg <= self._path[-1][1]:
            return None
        self._path.append((time_s, trunk_deg, hip_back_leg))
        found = self._look()
        self._agreed = self._agreed + 1 if found is not None else 0
        if self._agreed < AGAIN:
            return None
        self._done = True
        return found

    def _look(self) -> Stopped | None:
        time_s, trunk_deg, back_leg = np.array(self._path).T
        if trunk_deg[-1] - _at(time_s, trunk_deg, time_s[-1] - 0.2) < 0.2 * GOING_DEG_S:
            return None
        for look_deg, most in LOOKS:
            found = self._look_back(trunk_deg, back_leg, look_deg)
            if found is not None and found.share <= most:
                return found
        return None

    def _look_back(self, trunk_deg: FloatArray, back_leg: FloatArray, look_deg: float) -> Stopped | None:
        """Where the look begins, and the share of the mean gain that is left in it; None when it is too early."""
        first = int(np.searchsorted(trunk_deg, trunk_deg[-1] - look_deg))
        if first < LEAST or len(trunk_deg) - first < LEAST:
            return None
        start_deg = trunk_deg[0]
        way_deg = trunk_deg[first] - start_deg
        low_leg = float(np.median(back_leg[trunk_deg <= start_deg + 0.1 * way_deg]))
        travel_leg = float(np.median(back_leg[max(0, first - 2) : first + 3])) - low_leg
        if travel_leg < LEAST_LEG or not self._is_far(travel_leg, trunk_deg[-1] - start_deg):
            return None
        off_deg = trunk_deg[first:] - trunk_deg[first:].mean()
        slope = float(off_deg @ back_leg[first:]) / float(off_deg @ off_deg)
        return Stopped(float(trunk_deg[first]), slope * way_deg / travel_leg)

    def _is_far(self, travel_leg: float, way_deg: float) -> bool:
        if not self._travels_leg:
            return way_deg >= FIRST_DEG
        return travel_leg >= FAR * float(np.median(self._travels_leg))


def _at(time_s: FloatArray, values: FloatArray, moment_s: float) -> float:
    return float(np.interp(moment_s, time_s, values))
