"""The end of hip travel while the athlete is still going down: the moment for "come up".

Offline the whole descent is fitted (`events.hip_travel`). Here only its past is known, so the question is asked anew
with every picture: how likely is it that the hips have stopped? A logistic rule answers it from how little the hips
gained over the last degrees of the trunk's way against the middle of it, and how far they are behind. How deep the
trunk is counts for nothing: that would have told the bank's overruns earlier, and everybody supple to come up. Where
the hips still moved, or had stopped, in the set's earlier repetitions changed nothing on the bank, and handed one
false alarm on to the next repetition.

Where the pictures do not carry an answer (`weigh` finds too few, a gap, too much noise) there is none, and nothing is
said.

`python -m benchmarks.live_bank` measures it on rendered sets with known truth, and with `--fit` prints the constants.
"""

import math
from dataclasses import dataclass

import numpy as np

from formcheck.data import FloatArray

TAIL_DEG = 7.0  # of the trunk's way, at its end, over which the hips' gain is looked at
LOOK_DEG = 12.0  # ... and which are none of the middle that it is compared with
LATE_DEG = 3.5  # at the end: where the hips are now
FROM = 0.15  # of the way to the look: what the hips do near standing says little about the middle ...
UP_TO = 0.7  # ... of the way, which ends here, or where the look begins: hips that have stopped are no middle
LEAST = 4  # samples in a look, and one more before it; fewer draw no line
LEAST_MIDDLE_DEG = 10.0  # of trunk from which the gain of the middle is taken
LEAST_GAIN_LEG = 0.0008  # a degree: less in the middle is no hinge
LEAST_LEG = 0.06  # of travel: less is no hinge [D]
LEAST_NOISE_LEG = 0.002  # of a sample about a line: landmarks are never better

# What the pictures have to carry.
MOST_LOOK_DEG = 24.0  # that the look's fewest samples span: more, and a stop hides between two of them
# Between two samples of the look, or of a lowering's second half. On the shipped sample with 10 to 48 % of its frames
# lost in bursts of up to 0.17 s no sound rep was told anything, so a narrower bound only silences what is right [S].
LIVE_GAP_S = 0.25
MOST_ERROR = 0.4  # one sigma of the gain over the look, as a share of the middle's
GOING_DEG_S = 15.0  # slower, and the athlete is turning round anyway
LEAST_LATE = 6  # sightings of a lowering's second half, for words after the repetition [D]
MOST_LEAN_DEG = 115.0  # more is no trunk but a landmark gone astray

# The rule, fitted on the bank's develop split (37 overruns of 15 deg and more and 68 sound reps, each at three paces);
# its threshold chosen on calibrate (32 and 61). See benchmarks.live_bank.
BIAS = -2.86
WEIGHTS = (-0.74, 2.68)
LIKELY_STOP = 0.65  # twice in a row ...
SURE_STOP = 0.9  # ... or once: the hips have stopped


@dataclass(frozen=True)
class HipReading:
    """What the past of a descent shows of the hips, at its last sample.

    trunk_deg : the lean now. tail : the hips' gain a degree over the last 7 deg, as a share of that of the middle.
    missing_deg : by how many degrees of the middle's gain the hips are behind.
    """

    trunk_deg: float
    tail: float
    missing_deg: float


@dataclass(frozen=True)
class Stopped:
    """Hips that have stopped: at about which trunk inclination (deg), and how likely it is that they have."""

    trunk_deg: float
    probability: float


def weigh(time_s: FloatArray, trunk_deg: FloatArray, back_leg: FloatArray) -> HipReading | None:
    """Return what a descent (n,) shows at its last sample, or None when these samples cannot show it."""
    now_deg = float(trunk_deg[-1])
    last = len(trunk_deg) - LEAST
    tail, look = (min(int(np.searchsorted(trunk_deg, now_deg - deg)), last) for deg in (TAIL_DEG, LOOK_DEG))
    first = int(np.searchsorted(trunk_deg, trunk_deg[0] + FROM * (trunk_deg[look] - trunk_deg[0])))
    upto = int(np.searchsorted(trunk_deg, trunk_deg[0] + UP_TO * (now_deg - trunk_deg[0])))
    middle = slice(first, min(look, upto) + 1)
    if min(look, upto) - first < LEAST or not _is_asked(time_s, trunk_deg, look):
        return None
    gain = _slope(trunk_deg[middle], back_leg[middle])
    late = trunk_deg >= min(now_deg - LATE_DEG, trunk_deg[-2])
    here_leg = float(back_leg[late].mean())
    if trunk_deg[middle][-1] - trunk_deg[first] < LEAST_MIDDLE_DEG or gain < LEAST_GAIN_LEG:
        return None
    going_on = back_leg[middle].mean() + gain * (trunk_deg - trunk_deg[middle].mean())
    error = _error((trunk_deg[look:], back_leg[look:]), (trunk_deg[middle], back_leg[middle]))
    if here_leg - back_leg[0] < LEAST_LEG or error > MOST_ERROR * gain:
        return None
    return HipReading(
        trunk_deg=now_deg,
        tail=_slope(trunk_deg[tail:], back_leg[tail:]) / gain,
        missing_deg=float(going_on[late].mean() - here_leg) / gain,
    )


def _is_asked(time_s: FloatArray, trunk_deg: FloatArray, look: int) -> bool:
    """Whether somebody is on the way down, and seen without a gap since sample `look`."""
    now_deg = float(trunk_deg[-1])
    gained_deg = now_deg - float(np.interp(time_s[-1] - 0.2, time_s, trunk_deg))
    close = now_deg - trunk_deg[look] <= MOST_LOOK_DEG and float(np.diff(time_s[look:]).max()) <= LIVE_GAP_S
    return close and now_deg <= MOST_LEAN_DEG and gained_deg >= 0.2 * GOING_DEG_S


def describe(look: HipReading) -> FloatArray:
    """Return the numbers (2,) that the rule weighs, each of the order of one, and bounded: a landmark that jumps must
    not outweigh all else.
    """
    return np.array([np.clip(look.tail, -1, 2), np.clip(look.missing_deg / 10, -1, 2.5)])


def rate(look: HipReading) -> float:
    """Return the probability that the hips have stopped."""
    return 1.0 / (1.0 + math.exp(-(BIAS + float(describe(look) @ np.array(WEIGHTS)))))


def is_carried(seen_s: FloatArray, start_s: float, turn_s: float) -> bool:
    """Whether sightings at `seen_s` (n,) carry a verdict on where the hips stopped in a lowering: the second half of
    it is seen often enough, and without a gap in which they may have stopped.
    """
    first_s = (start_s + turn_s) / 2
    late_s = seen_s[(seen_s > first_s) & (seen_s < turn_s)]
    gaps_s = np.diff(np.concatenate([[first_s], late_s, [turn_s]]))
    return len(late_s) >= LEAST_LATE and float(gaps_s.max()) <= LIVE_GAP_S


class TravelWatch:
    """Follows the descents of one athlete. `look` is what the last sample showed, None where it showed nothing."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Begin with the next sample at the top."""
        self._path: list[tuple[float, float, float]] = []
        self.look: HipReading | None = None
        self._agreed = 0
        self._told = False

    def step(self, time_s: float, trunk_deg: float, hip_back_leg: float) -> Stopped | None:
        """Take a sample of a descent; return where the hips stopped, once, as soon as that can be told."""
        self.look = None
        if not math.isfinite(trunk_deg + hip_back_leg):
            return None
        if self._path and trunk_deg <= self._path[-1][1]:
            return None
        self._path.append((time_s, trunk_deg, hip_back_leg))
        self.look = weigh(*np.array(self._path).T) if len(self._path) > 2 * LEAST else None
        if self.look is None:
            return None
        probability = rate(self.look)
        self._agreed = self._agreed + 1 if probability >= LIKELY_STOP else 0
        if self._told or not (self._agreed > 1 or probability >= SURE_STOP):
            return None
        self._told = True
        return Stopped(self.look.trunk_deg - max(self.look.missing_deg, 0.0), probability)


def _slope(trunk_deg: FloatArray, back_leg: FloatArray) -> float:
    off_deg = trunk_deg - trunk_deg.mean()
    return float(off_deg @ back_leg) / float(off_deg @ off_deg)


def _error(look: tuple[FloatArray, FloatArray], middle: tuple[FloatArray, FloatArray]) -> float:
    """Return one sigma of the slope over a look's trunk and hips (n,), leg lengths a degree.

    A few samples lie on a line by chance: how much the hips tremble is taken from the look and the middle together.
    """
    rest_leg = np.concatenate([_rest(*look), _rest(*middle)])
    noise_leg = max(math.sqrt(float(rest_leg @ rest_leg) / (len(rest_leg) - 4)), LEAST_NOISE_LEG)
    off_deg = look[0] - look[0].mean()
    return noise_leg / math.sqrt(float(off_deg @ off_deg))


def _rest(trunk_deg: FloatArray, back_leg: FloatArray) -> FloatArray:
    """Return how far samples (n,) lie off their line."""
    line_leg = back_leg.mean() + _slope(trunk_deg, back_leg) * (trunk_deg - trunk_deg.mean())
    return np.asarray(back_leg - line_leg)
