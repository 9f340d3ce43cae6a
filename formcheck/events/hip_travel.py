"""The end of hip travel in a hinge: the moment the hips stop moving back while the trunk goes on.

Conventions: x is the trunk's inclination (deg, forward +), b how far the hip is behind the planted ankle (leg lengths,
back +), over one descent. What may have happened is a list of hypotheses: b rises as 1 - ((k - x) / (k - x0))^p from
standing at x0 up to the knee k, and from there on goes on at a share m of its mean slope, next to nothing. A knee
beyond the bottom means hips that never stopped. End of travel (EOT) is where b reaches 97 % of its plateau; overrun is
the trunk's inclination at the bottom minus at EOT.

b is read off the edge of the body behind the hips, as the person mask shows it, and off the hip landmark, which slides
on a pelvis that turns and tells less. Each hypothesis is weighed by how well the errors of the way it was read explain
what is left over. Those errors were learnt on rendered sets (see docs/calibration.md): smooth in x, with a mean (flesh
turns with the pelvis), now and then several times as large.
So the answer is a distribution, P(overrun | seen), and a verdict asks
it for the chance that a limit is passed: nothing is found or not found by a threshold here.

A set is one lifter, whose hips stop at about one place: what its other repetitions say of k is part of what is known
about each (`pool_knees`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from formcheck.data import FloatArray, Spread
from formcheck.signals import turn_level

MIN_SAMPLES = 12  # fewer show no course of the hips [D]
DEEP = 0.03  # of the descent's range below its maximum: the bottom [S]
FIT_FROM = 0.25  # of the descent's trunk range: what the hips do near standing says nothing about where they stop [D]
N_BINS = 36  # in which the descent is read, even in x
HIPS_REACHED = 0.97  # of the plateau's excursion: the hips have stopped [D]

KNEE_STEP_DEG = 1.0  # between two places where the hips may have stopped
KNEE_FROM = 0.35  # of the descent's range: hips that stop sooner do not hinge [D]
KNEES_BEYOND_DEG = (0.0, 2.0, 4.0, 7.0, 10.0, 15.0, 20.0, 30.0, 45.0)  # of the bottom
POWERS = (1.0, 1.2, 1.5, 2.0)  # shapes of the way: 1 ends at once, 2 ebbs away
CREEPS = (-0.05, 0.0, 0.06)  # shares of the mean slope after the knee
TRAVEL_LEG, TRAVEL_SIGMA_LEG = 0.27, 0.08  # of a hinge, and how lifters differ [D]
OFFSET_SIGMA_LEG = 0.05  # of the standing hips, which only start the way


@dataclass(frozen=True)
class ErrorModel:
    """How a measured way of the hips differs from the true one, leg lengths: a mean, a Gaussian process over x, noise.

    slide: the mean, leg lengths a degree of trunk from standing. smooth: (sigma, length in deg of trunk) of
    the process's parts. white: sigma of a tenth of a second. standing: what standing adds. scales, weights: how often
    all but the slide is that much larger or smaller than usual. power: what the evidence counts, below 1
    because neither errors nor shapes are quite of this kind.
    """

    slide: float
    smooth: tuple[tuple[float, float], ...]
    white: float
    standing: float
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    power: float


JOINT = ErrorModel(  # of the hip landmarks
    slide=-0.0002,
    smooth=((0.0042, 2.0), (0.0142, 7.0), (0.0369, 25.0)),
    white=0.0006,
    standing=0.0017,
    scales=(0.35, 0.6, 1.0, 1.7, 4.0, 12.0),
    weights=(0.332, 0.18, 0.273, 0.182, 0.028, 0.005),
    power=0.5,
)
EDGE = ErrorModel(  # of the body's edge behind the hips
    slide=-0.00062,
    smooth=((0.0018, 2.0), (0.0077, 7.0), (0.0169, 25.0)),
    white=0.0001,
    standing=0.0313,
    scales=(0.35, 0.6, 1.0, 1.7, 4.0, 12.0),
    weights=(0.246, 0.193, 0.24, 0.196, 0.115, 0.01),
    power=0.7,
)
SQUAT_LEG_PER_DEG = 0.003  # one sigma of what a degree of squat moves the hips back: 0.09 leg in one of 30 deg [D]
CONTRADICT_LEG = 0.12  # leg lengths between both ways of the hips, from which one is wrong (docs/calibration.md)
BESIDE_EDGE = 0.5  # of what the hip landmark says, which counts where the edge is read as well (docs/calibration.md)
WHITE_S = 0.1  # filtered at 5 Hz, a signal holds about this many independent samples a second
# Where lifters' hips stop, before anything of theirs is seen: twice as wide as in any set that was drawn, and nowhere
# ruled out [D; docs/calibration.md].
USUAL_KNEE_DEG, USUAL_SIGMA_DEG = 76.0, 18.0
UNUSUAL = 0.05
# What a set tells about each of its repetitions: its knees lie this close together (sigma), this often; the others'
# evidence counts by a power below 1, because all share the lifter's sliding landmark.
SAME_KNEE_DEG = 3.0
SAME_SHARE = 0.7
OTHERS_POWER = 0.5
SHARPER = 1.3  # power of the odds of an overrun, which as they come are too near to even (docs/calibration.md)


@dataclass(frozen=True, eq=False)
class Lowering:
    """One descent and its pause from standing, over time (n,), filtered; NaN samples are left out.

    hip_back_leg, edge_back_leg: how far the hip joint and the body's edge behind it are behind the ankle. squat_deg: by
    how much the knees bend on top of the hinge (see `squat`), 0 where they do not.
    """

    trunk_deg: FloatArray
    hip_back_leg: FloatArray
    edge_back_leg: FloatArray
    squat_deg: FloatArray


@dataclass(frozen=True, eq=False)
class Descent:
    """One way of the hips in even steps of the trunk's inclination: x_deg, back_leg (from standing), the seconds spent
    and the squat, (n,); the trunk in standing and at the bottom, deg.
    """

    x_deg: FloatArray
    back_leg: FloatArray
    spent_s: FloatArray
    squat_deg: FloatArray
    standing_deg: float
    bottom_deg: float


@dataclass(frozen=True, eq=False)
class Weighed:
    """A descent and what is said of it: knees (k,) deg, evidence (k, m) and overrun (k, m) deg as `weigh_knees` gives
    them. sharper: the power to which its odds are raised.
    """

    descent: Descent
    knees_deg: FloatArray
    evidence: FloatArray
    overrun_deg: FloatArray
    sharper: float = SHARPER


@dataclass(frozen=True)
class HipStop:
    """How the hips travelled in one descent. Angles deg, lengths in leg lengths, samples counted from the descent's
    first.

    overrun: what the overrun may be, its odds raised (`SHARPER`): ask it for chances. overrun_deg: its middle, with the
    5th and 95th percentile of what may be before they are raised. `sample`, with `sample_low` and `sample_high`: when
    the trunk was that far from the bottom; `trunk_deg`: its inclination then.
    """

    overrun: Spread
    overrun_deg: float
    overrun_low_deg: float
    overrun_high_deg: float
    trunk_deg: float
    travel_leg: float
    sample: float
    sample_low: float
    sample_high: float


def find_hip_stops(lowerings: Sequence[Lowering], rate_hz: float) -> list[HipStop | None]:
    """Return where the hips stop in each lowering of one set, sampled at `rate_hz`; None for one with under 12 finite
    samples.

    The body's edge and the joint are read where they are seen, each with errors of its own; one of them is wrong where
    they contradict each other.
    """
    read = [_weigh_lowering(each, rate_hz) for each in lowerings]
    weighed = [each for each in read if each is not None]
    pooled = iter(pool_knees([each.knees_deg for each in weighed], [each.evidence for each in weighed]))
    return [
        None if each is None else _tell(lowering, each, next(pooled) * expect_knees(each.knees_deg))
        for lowering, each in zip(lowerings, read, strict=True)
    ]


def _weigh_lowering(lowering: Lowering, rate_hz: float) -> Weighed | None:
    by_edge = read_descent(lowering, lowering.edge_back_leg, rate_hz)
    by_joint = read_descent(lowering, lowering.hip_back_leg, rate_hz)
    return weigh_readings(by_edge, by_joint, JOINT, EDGE)


def weigh_readings(
    by_edge: Descent | None, by_joint: Descent | None, joint: ErrorModel, edge: ErrorModel
) -> Weighed | None:
    """Return a descent weighed as it was read, None where neither reading is there; the joint counts less beside the
    edge, with errors that are alike.

    Where the two are too far apart for both to be right it is not known which is wrong, and each counts by half.
    """
    if by_edge is None:
        return None if by_joint is None else Weighed(by_joint, *weigh_knees(by_joint, joint))
    weighed = Weighed(by_edge, *weigh_knees(by_edge, edge))
    if by_joint is None:
        return weighed
    there = replace(by_edge, back_leg=np.interp(by_edge.x_deg, by_joint.x_deg, by_joint.back_leg))
    by_both = weighed.evidence, weigh_knees(there, joint)[1]
    slid_leg = edge.slide * (by_edge.x_deg - by_edge.standing_deg)
    if np.abs(by_edge.back_leg - slid_leg - there.back_leg).max() <= CONTRADICT_LEG:
        return replace(weighed, evidence=by_both[0] * by_both[1] ** BESIDE_EDGE)
    halves = [each / (np.gradient(weighed.knees_deg) @ each.sum(axis=1)) for each in by_both]
    return replace(weighed, evidence=np.sum(halves, axis=0), sharper=1.0)


def read_descent(lowering: Lowering, back_leg: FloatArray, rate_hz: float) -> Descent | None:
    """Return a way of the hips (n,) in even steps of x, from a quarter of the range to the bottom; None: too little."""
    valid = np.isfinite(lowering.trunk_deg) & np.isfinite(back_leg)
    if valid.sum() < MIN_SAMPLES:
        return None
    x, b, squat_deg = (each[valid] for each in (lowering.trunk_deg, back_leg, lowering.squat_deg))
    whole_deg = lowering.trunk_deg[np.isfinite(lowering.trunk_deg)]
    bottom_deg, range_deg = turn_level(whole_deg), float(np.ptp(whole_deg))
    upright = x <= whole_deg.min() + 0.05 * range_deg
    deep = np.flatnonzero(x >= bottom_deg - DEEP * range_deg)
    if not upright.any() or not len(deep):
        return None
    standing_deg, last = float(x[upright].mean()), int(deep[-1]) + 1
    way = np.minimum(np.maximum.accumulate(x[:last]), bottom_deg)
    edges = np.linspace(standing_deg + FIT_FROM * (bottom_deg - standing_deg), bottom_deg + 1e-6, N_BINS + 1)
    place = np.digitize(way, edges) - 1
    filled = [place == number for number in range(N_BINS) if (place == number).any()]
    if len(filled) < MIN_SAMPLES // 2:
        return None

    def mean(values: FloatArray) -> FloatArray:
        return np.array([values[:last][inside].mean() for inside in filled])

    return Descent(
        x_deg=mean(way),
        back_leg=mean(b) - float(np.median(b[upright])),
        spent_s=np.array([inside.sum() for inside in filled]) / rate_hz,
        squat_deg=mean(squat_deg),
        standing_deg=standing_deg,
        bottom_deg=bottom_deg,
    )


def weigh_knees(descent: Descent, errors: ErrorModel) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return knees (k,) deg, the evidence for each knee and manner (k, m), and the overrun that each means, (k, m) deg.

    The evidence is a likelihood up to a factor, averaged over what is not asked (offset and size of the travel, scale
    of the errors). A manner is a power and a creep.
    """
    knees, manners = _list_knees(descent), [(power, creep) for power in POWERS for creep in CREEPS]
    power, creep = (np.array(column)[None, :, None] for column in zip(*manners, strict=True))
    x = np.append(descent.x_deg, descent.standing_deg)
    knee = knees[:, None, None]
    way_deg = knee - descent.standing_deg
    shape = 1 - (np.maximum(knee - x, 0) / way_deg) ** power + creep * np.maximum(x - knee, 0) / way_deg
    logs = errors.power * _weigh(shape.reshape(-1, len(x)), descent, errors).reshape(len(knees), len(manners))
    overrun_deg = _measure_overrun(knees[:, None], power[..., 0], creep[..., 0], descent)
    return knees, np.exp(logs - logs.max()), overrun_deg


def expect_knees(knees_deg: FloatArray) -> FloatArray:
    """Return how usual it is that hips stop at a trunk lean of knees_deg (k,), up to a factor: nobody's hips travel
    until the trunk hangs down, and few stop half way.
    """
    usual = np.exp(-0.5 * ((knees_deg - USUAL_KNEE_DEG) / USUAL_SIGMA_DEG) ** 2)
    return np.asarray(usual + UNUSUAL)


def pool_knees(knees: Sequence[FloatArray], evidence: Sequence[FloatArray]) -> list[FloatArray]:
    """Return the prior weight of each descent's knees (k,), from what the other descents of the set say of theirs."""
    if not knees:
        return []
    grid = np.arange(min(each[0] for each in knees), max(each[-1] for each in knees) + 1.0)
    apart = grid[:, None] - grid[None]
    near = np.exp(-0.5 * (apart / SAME_KNEE_DEG) ** 2)
    near /= near.sum(axis=0)
    logs = []
    for own, weight in zip(knees, evidence, strict=True):
        marginal = np.interp(grid, own, weight.sum(axis=1))
        logs.append(np.log(near @ (marginal / marginal.max()) + 1e-9))
    priors = []
    for number, own in enumerate(knees):
        others = sum((log for other, log in enumerate(logs) if other != number), np.zeros(len(grid)))
        shared = near @ np.exp(OTHERS_POWER * (others - others.max()))
        prior = SAME_SHARE * shared / shared.mean() + (1 - SAME_SHARE)
        priors.append(np.interp(own, grid, prior) * np.gradient(own))
    return priors


def measure_travel(trunk_deg: FloatArray, hip_back_leg: FloatArray) -> float:
    """Return how far the hips get in a descent (n,), without NaN: from where they are in standing to their furthest.

    Both are medians: of what lies within 3 % of the trunk's range above standing, and of what lies within 3 % of the
    travel of the hips' furthest place.
    """
    upright_deg = float(trunk_deg.min()) + DEEP * float(np.ptp(trunk_deg))
    standing_leg = float(np.median(hip_back_leg[trunk_deg <= upright_deg]))
    far_leg = float(hip_back_leg.max())
    return float(np.median(hip_back_leg[hip_back_leg >= far_leg - DEEP * (far_leg - standing_leg)])) - standing_leg


def _list_knees(descent: Descent) -> FloatArray:
    first_deg = descent.standing_deg + KNEE_FROM * (descent.bottom_deg - descent.standing_deg)
    inside = np.arange(first_deg, descent.bottom_deg - KNEE_STEP_DEG / 2, KNEE_STEP_DEG)
    return np.concatenate([inside, descent.bottom_deg + np.array(KNEES_BEYOND_DEG)])


def _measure_overrun(knee: FloatArray, power: FloatArray, creep: FloatArray, descent: Descent) -> FloatArray:
    """Trunk at the bottom minus at EOT, deg, never below 0; all broadcast against each other.

    Travel that ebbs away reaches EOT before its knee, so the overrun of a knee just beyond the bottom is not 0.
    """
    way_deg, past_deg = knee - descent.standing_deg, descent.bottom_deg - knee
    reached = HIPS_REACHED * (1 + np.maximum(creep, 0) * np.maximum(past_deg, 0) / way_deg)
    before_deg = np.maximum(1 - reached, 0) ** (1 / power) * way_deg
    with np.errstate(divide="ignore", invalid="ignore"):
        after_deg = np.where(reached > 1, (reached - 1) * way_deg / creep, 0)
    return np.maximum(past_deg + before_deg - after_deg, 0)


def _weigh(shapes: FloatArray, descent: Descent, errors: ErrorModel) -> FloatArray:
    """Log likelihood (h,) of shapes (h, n + 1), standing last, up to a constant."""
    y = np.append(descent.back_leg - errors.slide * (descent.x_deg - descent.standing_deg), 0.0)
    root = np.linalg.cholesky(make_covariance(descent, errors))
    whitened = np.linalg.solve(root, np.concatenate([y[None], np.ones((1, len(y))), shapes]).T).T
    left = whitened[0] - TRAVEL_LEG * whitened[2:]
    offset, travel = np.broadcast_to(whitened[1], left.shape), whitened[2:]
    products = [(offset * offset).sum(1), (offset * travel).sum(1), (travel * travel).sum(1)]
    target = [(offset * left).sum(1), (travel * left).sum(1)]
    total, logs = (left * left).sum(1), []
    for scale, weight in zip(errors.scales, errors.weights, strict=True):
        oo, ot, tt = (each / scale**2 for each in products)
        oo, tt = oo + 1 / OFFSET_SIGMA_LEG**2, tt + 1 / TRAVEL_SIGMA_LEG**2
        o, t = (each / scale**2 for each in target)
        determinant = oo * tt - ot**2
        explained = (tt * o**2 - 2 * ot * o * t + oo * t**2) / determinant
        fit = -0.5 * (total / scale**2 - explained) - 0.5 * np.log(determinant) - len(y) * np.log(scale)
        logs.append(fit + np.log(weight))
    return np.asarray(np.logaddexp.reduce(logs))


def make_covariance(descent: Descent, errors: ErrorModel) -> FloatArray:
    """Return the covariance (n + 1, n + 1) of the errors of a descent's steps, and of standing in the last place.

    What a squat may move the hips is no hinge going on, so it counts as an error.
    """
    x = np.append(descent.x_deg, descent.standing_deg)
    apart = x[:, None] - x[None]
    smooth = (sigma**2 * np.exp(-0.5 * (apart / length) ** 2) for sigma, length in errors.smooth)
    white = errors.white**2 / np.maximum(descent.spent_s / WHITE_S, 1.0)
    squat = SQUAT_LEG_PER_DEG * np.append(descent.squat_deg, 0.0)
    return np.asarray(sum(smooth) + np.outer(squat, squat) + np.diag(np.append(white, errors.standing**2) + 1e-7))


def _tell(lowering: Lowering, weighed: Weighed, prior: FloatArray) -> HipStop:
    """Return what a lowering comes to, with the prior weight of each knee (k,)."""
    descent, trunk_deg, hip_back_leg = weighed.descent, lowering.trunk_deg, lowering.hip_back_leg
    if not np.isfinite(hip_back_leg).any():  # hidden, so that its travel is the edge's, without what flesh takes of it
        hip_back_leg = lowering.edge_back_leg - EDGE.slide * (trunk_deg - descent.standing_deg)
    spread = Spread.of(weighed.overrun_deg.ravel(), (weighed.evidence * prior[:, None]).ravel())
    low_deg, middle_deg, high_deg = (spread.quantile(share) for share in (0.05, 0.5, 0.95))
    valid = np.isfinite(trunk_deg) & np.isfinite(hip_back_leg)
    samples = [_first_at(trunk_deg, descent.bottom_deg - deg) for deg in (high_deg, middle_deg, low_deg)]
    return HipStop(
        overrun=spread.sharpened(weighed.sharper),
        overrun_deg=middle_deg,
        overrun_low_deg=low_deg,
        overrun_high_deg=high_deg,
        trunk_deg=descent.bottom_deg - middle_deg,
        travel_leg=measure_travel(trunk_deg[valid], hip_back_leg[valid]),
        sample=samples[1],
        sample_low=samples[0],
        sample_high=samples[2],
    )


def _first_at(values: FloatArray, level: float) -> float:
    reached = np.flatnonzero(values >= level)
    if not len(reached):
        return float(len(values) - 1)
    index = int(reached[0])
    if index == 0 or not values[index] > values[index - 1]:
        return float(index)
    return float(index - (values[index] - level) / (values[index] - values[index - 1]))
