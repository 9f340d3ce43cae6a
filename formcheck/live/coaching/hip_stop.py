"""The end of hip travel while the athlete is still going down: the moment for "come up".

Offline the whole descent is known, and `events.hip_travel` says where in it the hips stopped. Here the same is asked of
the past alone, with every sample that is lower than all before it: the same hypotheses of how hips travel, the same
errors of the hip landmarks and of the body's edge where a mask shows it, the same expectation of where hips stop, the
same reading of a lifter's other descents. A knee below the lowest place so far means hips that have not stopped. What
is asked is how likely it is that the trunk has already gone on by 3 deg without them.

Samples are taken as the model sees them, not filtered: a filter's lag is 2 to 4 deg of trunk, and how landmarks tremble
is part of the errors already.

Where the pictures do not carry an answer (too few of them, a gap) there is none, and nothing is said.

`python -m benchmarks.live_bank` measures it on rendered sets with known truth.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from formcheck.data import FloatArray, Spread
from formcheck.events.hip_travel import EDGE, JOINT, Descent, expect_knees, pool_knees, weigh_readings
from formcheck.signals import median, white_noise

GONE_ON_DEG = 3.0  # of trunk since the hips stopped, as offline defines it: from here on they have
# Of having gone on, and it is said: where the body's edge is read, and by the landmark alone (docs/calibration.md).
SURE_BY_EDGE, SURE_STOP = 0.6, 0.55
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
LIVE_EDGE = replace(EDGE, white=LIVE_WHITE_LEG)


class HipSample(NamedTuple):
    """One picture of a lifter: the trunk's inclination (deg), and how far behind the ankle the hip landmark and the
    body's edge behind it are (leg lengths, back +); NaN for what is not seen.
    """

    trunk_deg: float
    joint_leg: float
    edge_leg: float = math.nan

    @property
    def is_seen(self) -> bool:
        """Whether trunk and hip are seen."""
        return math.isfinite(self.trunk_deg + self.joint_leg)


@dataclass(frozen=True, eq=False)
class HipReading:
    """What the past of a descent shows of the hips, at its last sample.

    gone_on : by how far the trunk has gone on without them, deg; 0 while they travel. by_edge : read off the body's
    edge too. knees_deg, evidence : (k,) where they may stop, and what this descent alone says of that.
    """

    gone_on: Spread
    by_edge: bool
    knees_deg: FloatArray
    evidence: FloatArray

    @property
    def probability(self) -> float:
        """How likely it is that the hips have stopped."""
        return self.gone_on.above(GONE_ON_DEG)

    @property
    def is_sure(self) -> bool:
        """Whether that is likely enough to be said."""
        return self.probability >= (SURE_BY_EDGE if self.by_edge else SURE_STOP)


@dataclass(frozen=True)
class Stopped:
    """Hips that have stopped: at about which trunk inclination (deg), and how likely it is that they have."""

    trunk_deg: float
    probability: float


def weigh(standing: HipSample, samples: Sequence[HipSample], earlier: Sequence[HipReading] = ()) -> HipReading | None:
    """Return what a descent's samples show at the last of them; None when the hips have hardly moved.

    standing : what was seen before it. earlier : what the set's descents before this one showed.
    """
    trunk_deg, joint_leg, edge_leg = np.array(samples).T
    if len(samples) < LEAST or joint_leg.max() - standing.joint_leg < LEAST_LEG:
        return None

    def read(back_leg: FloatArray) -> Descent | None:
        seen = np.isfinite(back_leg)
        if seen.sum() < LEAST or not seen[-1]:
            return None
        nothing = np.zeros(int(seen.sum()))
        return Descent(
            x_deg=trunk_deg[seen],
            back_leg=back_leg[seen],
            spent_s=nothing,  # less than a tenth of a second each: their errors are those of one sample
            squat_deg=nothing,
            standing_deg=standing.trunk_deg,
            bottom_deg=float(trunk_deg[-1]),
        )

    by_edge = read(edge_leg - standing.edge_leg)
    weighed = weigh_readings(by_edge, read(joint_leg - standing.joint_leg), LIVE_JOINT, LIVE_EDGE)
    assert weighed is not None, "the joint is seen in every sample"
    told = [(each.knees_deg, each.evidence[:, None]) for each in earlier]
    unsaid = (weighed.knees_deg, np.ones((len(weighed.knees_deg), 1)))
    known, said = zip(*told, unsaid, strict=True)
    prior = pool_knees(known, said)[-1] * expect_knees(weighed.knees_deg)
    gone_on = Spread.of(weighed.overrun_deg.ravel(), (weighed.evidence * prior[:, None]).ravel())
    return HipReading(gone_on, by_edge is not None, weighed.knees_deg, weighed.evidence.sum(axis=1))


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
        self._stood: deque[tuple[float, HipSample]] = deque()
        self._earlier: deque[HipReading] = deque(maxlen=MOST_EARLIER)
        self._last: HipReading | None = None
        self._looked_s = math.nan
        self.begin()

    def stand(self, time_s: float, sample: HipSample) -> None:
        """Take a sample at the top."""
        if not sample.is_seen:
            return
        self._stood.append((time_s, sample))
        while self._stood[0][0] < time_s - STOOD_S:
            self._stood.popleft()

    def begin(self) -> None:
        """Begin a descent."""
        if self._last is not None:
            self._earlier.append(self._last)
        self._path: list[HipSample] = []
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

    def _find_standing(self) -> HipSample | None:
        if len(self._stood) < LEAST:
            return None
        stood = np.array([sample for _, sample in self._stood])
        upright = stood[:, 0] <= np.percentile(stood[:, 0], 20) + STANDS_DEG
        return HipSample(*map(median, stood[upright].T))

    def step(self, time_s: float, sample: HipSample) -> Stopped | None:
        """Take a sample of a descent; return where the hips stopped, once, as soon as that can be told."""
        if not sample.is_seen or sample.trunk_deg > MOST_LEAN_DEG or self._standing is None:
            return None
        if time_s - self._seen_s > LIVE_GAP_S:
            self._torn_deg = sample.trunk_deg
        self._seen_s = time_s
        least_deg = self._path[-1].trunk_deg + STEP_DEG if self._path else self._standing.trunk_deg + FROM_DEG
        if sample.trunk_deg < least_deg:
            return None
        self._path.append(sample)
        self._last = weigh(self._standing, self._path, self._earlier)
        if self._last is None or not self._is_carried():
            return None
        self._looked_s = time_s
        if self._stopped is not None or not self._last.is_sure:
            return None
        self._stopped = Stopped(sample.trunk_deg - self._last.gone_on.quantile(0.5), self._last.probability)
        return self._stopped

    def _is_carried(self) -> bool:
        """Whether the descent's end is seen closely enough, without a gap, and does not tremble too much."""
        now_deg = self._path[-1].trunk_deg
        if white_noise(np.array([each.joint_leg for each in self._path])) > MOST_TREMBLE_LEG:
            return False
        close = len(self._path) >= LEAST and now_deg - self._path[-LEAST].trunk_deg <= MOST_LOOK_DEG
        return close and now_deg - self._torn_deg >= LOOK_DEG
