"""The end of hip travel while the athlete is still going down: the moment for "come up".

Offline the whole descent is known, and `events.hip_travel` says where in it the hips stopped. Here the same is asked of
the past alone, with every sample that is lower than all before it: the same hypotheses of how hips travel, the same
errors of the hip landmarks, the same expectation of where hips stop, the same reading of a lifter's other descents. A
knee below the lowest place so far means hips that have not stopped. What is asked is how likely it is that the trunk
has already gone on by 3 deg without them.

Samples are taken as the model sees them, not filtered: a filter's lag is 2 to 4 deg of trunk, and how landmarks tremble
is part of the errors already.

Where the pictures do not carry an answer (too few of them, a gap) there is none, and nothing is said.

`python -m benchmarks.live_bank` measures it on rendered sets with known truth.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from formcheck.data import FloatArray, Spread
from formcheck.events.hip_travel import JOINT, Descent, expect_knees, pool_knees, weigh_knees
from formcheck.signals import white_noise

GONE_ON_DEG = 3.0  # of trunk since the hips stopped, as offline defines it: from here on they have
# Of having gone on, and it is said. Chosen on the bank's develop and opened splits: see docs/calibration.md.
SURE_STOP = 0.55
LIVE_WHITE_LEG, LIVE_STANDING_LEG = 0.003, 0.003  # of one picture's hips, unfiltered; of those in standing [D]
STEP_DEG = 1.0  # between two samples that are weighed: nearer ones share their errors, and cost time
FROM_DEG = 15.0  # of trunk from standing: what the hips do before says little of where they stop [D]
STOOD_S = 2.0  # before a descent: where the hips stand
STANDS_DEG = 4.0  # of the most upright of that time
MOST_EARLIER = 6  # descents of a set that are remembered
LEAST_LEG = 0.06  # of travel: less is no hinge [D]

# What the pictures have to carry.
LEAST = 4  # samples of a descent; and so many at its end ...
MOST_LOOK_DEG = 24.0  # ... span no more than this: or a stop hides between two of them
# Between two sightings of a descent's last 12 deg, or of a lowering's second half. On the shipped sample with 10 to
# 48 % of its frames lost in bursts of up to 0.17 s no sound rep was told anything, so a narrower bound only silences
# what is right [S].
LIVE_GAP_S = 0.25
LOOK_DEG = 12.0
LEAST_LATE = 6  # sightings of a lowering's second half, for words after the repetition [D]
MOST_TREMBLE_LEG = 0.015  # of a descent's samples about their neighbours: more, and nothing is read off them [D]
MOST_LEAN_DEG = 115.0  # more is no trunk but a landmark gone astray

LIVE_JOINT = replace(JOINT, white=LIVE_WHITE_LEG, standing=LIVE_STANDING_LEG)


@dataclass(frozen=True, eq=False)
class HipReading:
    """What the past of a descent shows of the hips, at its last sample.

    gone_on : by how far the trunk has gone on without them, deg; 0 while they travel. knees_deg, evidence : (k,) where
    they may stop, and what this descent alone says of that.
    """

    gone_on: Spread
    knees_deg: FloatArray
    evidence: FloatArray

    @property
    def probability(self) -> float:
        """How likely it is that the hips have stopped."""
        return self.gone_on.above(GONE_ON_DEG)


@dataclass(frozen=True)
class Stopped:
    """Hips that have stopped: at about which trunk inclination (deg), and how likely it is that they have."""

    trunk_deg: float
    probability: float


def weigh(
    standing: tuple[float, float], trunk_deg: FloatArray, back_leg: FloatArray, earlier: Sequence[HipReading] = ()
) -> HipReading | None:
    """Return what a descent's samples (n,) show at the last of them; None when the hips have hardly moved.

    standing : trunk (deg) and hips (leg lengths) before it. earlier : what the set's descents before this one showed.
    """
    travelled_leg = back_leg - standing[1]
    if len(trunk_deg) < LEAST or travelled_leg.max() < LEAST_LEG:
        return None
    descent = Descent(
        x_deg=trunk_deg,
        back_leg=travelled_leg,
        spent_s=np.zeros(len(trunk_deg)),  # less than a tenth of a second each: their errors are those of one sample
        squat_deg=np.zeros(len(trunk_deg)),
        standing_deg=standing[0],
        bottom_deg=float(trunk_deg[-1]),
    )
    knees_deg, evidence, gone_on_deg = weigh_knees(descent, LIVE_JOINT)
    told = [(each.knees_deg, each.evidence[:, None]) for each in earlier]
    unsaid = (knees_deg, np.ones((len(knees_deg), 1)))
    known, said = zip(*told, unsaid, strict=True)
    prior = pool_knees(known, said)[-1] * expect_knees(knees_deg)
    weights = evidence * prior[:, None]
    return HipReading(Spread.of(gone_on_deg.ravel(), weights.ravel()), knees_deg, evidence.sum(axis=1))


def is_carried(seen_s: FloatArray, start_s: float, turn_s: float) -> bool:
    """Whether sightings at `seen_s` (n,) carry a verdict on where the hips stopped in a lowering: the second half of
    it is seen often enough, and without a gap in which they may have stopped.
    """
    first_s = (start_s + turn_s) / 2
    late_s = seen_s[(seen_s > first_s) & (seen_s < turn_s)]
    gaps_s = np.diff(np.concatenate([[first_s], late_s, [turn_s]]))
    return len(late_s) >= LEAST_LATE and float(gaps_s.max()) <= LIVE_GAP_S


class TravelWatch:
    """Follows the descents of one athlete, a set long."""

    def __init__(self) -> None:
        self._stood: deque[tuple[float, float, float]] = deque()
        self._earlier: deque[HipReading] = deque(maxlen=MOST_EARLIER)
        self._last: HipReading | None = None
        self._looked_s = math.nan
        self.begin()

    def stand(self, time_s: float, trunk_deg: float, hip_back_leg: float) -> None:
        """Take a sample at the top."""
        if not math.isfinite(trunk_deg + hip_back_leg):
            return
        self._stood.append((time_s, trunk_deg, hip_back_leg))
        while self._stood[0][0] < time_s - STOOD_S:
            self._stood.popleft()

    def begin(self) -> None:
        """Begin a descent."""
        if self._last is not None:
            self._earlier.append(self._last)
        self._path: list[tuple[float, float]] = []
        self._standing = self._find_standing()
        self._last = None
        self._looked_s = self._seen_s = math.nan
        self._torn_deg = -math.inf
        self._stopped: Stopped | None = None

    def forget(self) -> None:
        """Begin another set, whose lifter may be another."""
        self._earlier.clear()
        self._last = None

    @property
    def stopped(self) -> Stopped | None:
        """Where the hips stopped in this descent; None before that can be told."""
        return self._stopped

    def look_at(self, time_s: float) -> HipReading | None:
        """Return what the sample of that moment showed; None where there was none, or it carried nothing."""
        return self._last if time_s == self._looked_s else None

    def _find_standing(self) -> tuple[float, float] | None:
        if len(self._stood) < LEAST:
            return None
        _, trunk_deg, back_leg = np.array(self._stood).T
        upright = trunk_deg <= np.percentile(trunk_deg, 20) + STANDS_DEG
        return float(np.median(trunk_deg[upright])), float(np.median(back_leg[upright]))

    def step(self, time_s: float, trunk_deg: float, hip_back_leg: float) -> Stopped | None:
        """Take a sample of a descent; return where the hips stopped, once, as soon as that can be told."""
        if not math.isfinite(trunk_deg + hip_back_leg) or trunk_deg > MOST_LEAN_DEG or self._standing is None:
            return None
        if time_s - self._seen_s > LIVE_GAP_S:
            self._torn_deg = trunk_deg
        self._seen_s = time_s
        least_deg = self._path[-1][0] + STEP_DEG if self._path else self._standing[0] + FROM_DEG
        if trunk_deg < least_deg:
            return None
        self._path.append((trunk_deg, hip_back_leg))
        trunk_way_deg, back_way_leg = np.array(self._path).T
        self._last = weigh(self._standing, trunk_way_deg, back_way_leg, self._earlier)
        if self._last is None or not self._is_carried():
            return None
        self._looked_s = time_s
        if self._stopped is not None or self._last.probability < SURE_STOP:
            return None
        self._stopped = Stopped(trunk_deg - self._last.gone_on.quantile(0.5), self._last.probability)
        return self._stopped

    def _is_carried(self) -> bool:
        """Whether the descent's end is seen closely enough, without a gap, and does not tremble too much."""
        now_deg = self._path[-1][0]
        if white_noise(np.array([back_leg for _, back_leg in self._path])) > MOST_TREMBLE_LEG:
            return False
        close = len(self._path) >= LEAST and now_deg - self._path[-LEAST][0] <= MOST_LOOK_DEG
        return close and now_deg - self._torn_deg >= LOOK_DEG
