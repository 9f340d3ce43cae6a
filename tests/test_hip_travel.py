"""End of hip travel, overrun and squatting on descents whose answer is known."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from formcheck import signals
from formcheck.assessment.verdict import LIKELY, UNLIKELY
from formcheck.data import FloatArray, Spread
from formcheck.events.hip_travel import EDGE, HipStop, Lowering, expect_knees, find_hip_stops, pool_knees
from formcheck.events.squat import Squat, find_squat

RATE_HZ = 30.0
N_SETS = 60


def slow_noise(generator: np.random.Generator, n: int) -> FloatArray:
    """Drift of unit variance with a memory of 0.7 s."""
    white, result = generator.standard_normal(n), np.empty(n)
    keep = np.exp(-1 / (0.7 * RATE_HZ))
    result[0] = white[0]
    for sample in range(1, n):
        result[sample] = keep * result[sample - 1] + np.sqrt(1 - keep**2) * white[sample]
    return result


@dataclass(frozen=True)
class Fall:
    """One descent, and what is true of it: overrun (deg, at 97 % of the travel) and the moment of the stop (sample)."""

    seen: Lowering
    overrun_deg: float
    moment: float


def read_edge(hips_leg: FloatArray, trunk_deg: FloatArray, generator: np.random.Generator) -> FloatArray:
    """The body's edge behind hips (n,): a hand behind them, sliding as the pelvis turns, read to half a pixel and with
    slow errors of 2 mm.
    """
    noise_leg = 0.0016 * generator.standard_normal(len(hips_leg)) + 0.0024 * slow_noise(generator, len(hips_leg))
    return signals.smooth(hips_leg + 0.16 + EDGE.slide * trunk_deg + noise_leg, RATE_HZ, 5.0)


def descent(seed: int, overrun_deg: float, noise_mm: float = 4.0, *, masked: bool = True) -> Fall:
    """Return one descent. Where `masked`, the body's edge is seen too.

    White and slow noise of `noise_mm` each on the hip, 0.5 and 0.7 deg on the trunk, filtered at 5 Hz as the product
    does. The hips move in a concave curve, at the end of a sound one still at 0.47 of their mean speed or more.
    """
    generator = np.random.default_rng(seed)
    bottom_deg, travel_leg = generator.uniform(60, 85), generator.uniform(0.2, 0.35)
    n = int(generator.uniform(2.0, 4.5) * RATE_HZ)
    share = np.linspace(0, 1, n)
    trunk_deg = np.concatenate(
        [np.zeros(6), bottom_deg * (10 * share**3 - 15 * share**4 + 6 * share**5), np.full(8, bottom_deg)]
    )
    stop_deg, bend = bottom_deg - overrun_deg, generator.uniform(0.3, 1.2)
    hips_leg = travel_leg * np.sin(bend * np.minimum(trunk_deg, stop_deg) / stop_deg) / np.sin(bend)
    going = slice(0, n + 6)
    true_deg = float(np.interp(0.97 * travel_leg, hips_leg[going], trunk_deg[going]))
    moment = float(np.interp(true_deg, trunk_deg[going], np.arange(n + 6)))
    sigma_leg = noise_mm / 850.0
    noisy_leg = hips_leg + sigma_leg * (generator.standard_normal(len(hips_leg)) + slow_noise(generator, len(hips_leg)))
    noisy_deg = (
        trunk_deg + 0.5 * generator.standard_normal(len(trunk_deg)) + 0.7 * slow_noise(generator, len(trunk_deg))
    )
    seen = lowering(
        signals.smooth(noisy_deg, RATE_HZ, 5.0),
        signals.smooth(noisy_leg, RATE_HZ, 5.0),
        read_edge(hips_leg, trunk_deg, generator) if masked else None,
    )
    return Fall(seen, bottom_deg - true_deg if overrun_deg else 0.0, moment)


def lowering(trunk_deg: FloatArray, hips_leg: FloatArray, edge_leg: FloatArray | None = None) -> Lowering:
    """A lowering without a squat, and without a mask unless there is an edge."""
    nothing = np.full(len(trunk_deg), np.nan)
    return Lowering(trunk_deg, hips_leg, nothing if edge_leg is None else edge_leg, np.zeros(len(trunk_deg)))


def find(seen: Lowering) -> HipStop:
    (stop,) = find_hip_stops([seen], RATE_HZ)
    assert stop is not None
    return stop


def test_hips_that_travel_to_the_bottom_are_no_overrun() -> None:
    chances = [find(descent(seed, 0.0).seen).overrun.above(10.0) for seed in range(N_SETS)]
    assert max(chances) < LIKELY
    assert np.mean(np.array(chances) <= UNLIKELY) >= 0.9


@pytest.mark.parametrize(("overrun_deg", "found_share"), [(15.0, 0.7), (25.0, 0.95)])
def test_an_overrun_is_found_with_its_size_and_moment(overrun_deg: float, found_share: float) -> None:
    """A repetition all by itself; the nearer to the line, the more of them are not judged."""
    errors_deg, errors_s = [], []
    for seed in range(N_SETS):
        fall = descent(seed, overrun_deg)
        stop = find(fall.seen)
        assert stop.overrun.above(10.0) > UNLIKELY  # never passed off as good
        if stop.overrun.above(10.0) < LIKELY:
            continue
        errors_deg.append(stop.overrun_deg - fall.overrun_deg)
        errors_s.append(abs(stop.sample - fall.moment) / RATE_HZ)
    assert len(errors_deg) >= found_share * N_SETS
    assert np.mean(np.abs(errors_deg)) <= 3.0  # the target for a set
    assert np.median(errors_s) <= 0.070
    assert np.percentile(errors_s, 90) <= 0.250


def test_intervals_hold_the_overrun() -> None:
    held = []
    for seed in range(N_SETS):
        fall = descent(seed, 20.0)
        stop = find(fall.seen)
        held.append(stop.overrun_low_deg - 0.5 <= fall.overrun_deg <= stop.overrun_high_deg + 0.5)
    assert np.mean(held) >= 0.85


def test_five_degrees_are_no_fault() -> None:
    faults = [find(descent(seed, 5.0).seen).overrun.above(10.0) >= LIKELY for seed in range(N_SETS)]
    assert np.mean(faults) <= 0.05


def test_landmarks_alone_know_less_and_say_so() -> None:
    """Without a mask an overrun is found more seldom; it is never ruled out, and none is found where there is none."""
    over, sound = ([find(descent(seed, deg, masked=False).seen) for seed in range(N_SETS)] for deg in (20.0, 0.0))
    assert min(stop.overrun.above(10.0) for stop in over) > UNLIKELY
    assert max(stop.overrun.above(10.0) for stop in sound) < LIKELY
    widths_deg = [stop.overrun_high_deg - stop.overrun_low_deg for stop in over]
    seen_deg = [
        stop.overrun_high_deg - stop.overrun_low_deg for stop in (find(descent(k, 20.0).seen) for k in range(20))
    ]
    assert np.median(widths_deg) > 1.5 * np.median(seen_deg)


def test_hips_stop_where_hips_usually_do_unless_they_are_seen_not_to() -> None:
    """What is expected decides where little is seen: it never outweighs a lifter whose hips are seen to travel on."""
    half_way, usual, flat_back = expect_knees(np.array([35.0, 76.0, 100.0]))
    assert usual > 2 * flat_back > 4 * half_way > 0
    deep_deg = np.concatenate([np.zeros(6), np.linspace(0, 100, 90), np.full(8, 100.0)])
    hips_leg = 0.3 * np.sin(np.radians(deep_deg * 0.55)) / np.sin(np.radians(55))  # a supple lifter's, to a flat back
    edge_leg = hips_leg + 0.16 + EDGE.slide * deep_deg
    assert find(lowering(deep_deg, hips_leg, edge_leg)).overrun.above(10.0) <= UNLIKELY


@pytest.mark.parametrize("seed", range(4, 9))
def test_a_plate_over_the_hip_joint_leaves_the_edge_behind_it(seed: int) -> None:
    """Of a lowering whose joint is hidden the edge tells nearly the same: where the hips stop, how far they went."""
    whole = descent(seed, 30.0).seen
    hidden = replace(whole, hip_back_leg=np.full(len(whole.trunk_deg), np.nan))
    seen, behind = find(whole), find(hidden)
    assert behind.overrun.above(10.0) >= LIKELY
    assert behind.overrun_deg == pytest.approx(seen.overrun_deg, abs=1.0)
    assert behind.travel_leg == pytest.approx(seen.travel_leg, abs=0.02)


def test_the_joint_counts_beside_the_edge() -> None:
    """Where the edge leaves it open, a joint that is seen to stop makes an overrun more likely."""
    whole = descent(3, 30.0).seen
    hidden = replace(whole, hip_back_leg=np.full(len(whole.trunk_deg), np.nan))
    alone, both = (find(each).overrun.above(10.0) for each in (hidden, whole))
    assert UNLIKELY < alone < LIKELY
    assert both > alone + 0.1


def test_raised_odds_leave_the_middle_where_it_is() -> None:
    spread = Spread.of(np.arange(101.0), np.exp(-0.5 * ((np.arange(101.0) - 40.0) / 12.0) ** 2))
    sharp = spread.sharpened(2.0)
    assert sharp.weights.sum() == pytest.approx(1.0)
    assert sharp.quantile(0.5) == spread.quantile(0.5)
    for line in (25.0, 40.0, 60.0):
        odds, raised = (each.above(line) / (1 - each.above(line)) for each in (spread, sharp))
        assert raised == pytest.approx(odds**2)


def test_a_set_knows_more_than_its_repetitions() -> None:
    """Of one lifter whose hips stop at 60 deg, deep repetitions tell where a shallow one's hips stopped."""

    def rep(bottom_deg: float, generator: np.random.Generator) -> Lowering:
        n = 90
        trunk_deg = np.concatenate([np.zeros(8), bottom_deg * np.linspace(0, 1, n), np.full(8, bottom_deg)])
        hips_leg = 0.28 * np.minimum(trunk_deg / 60.0, 1.0)
        return lowering(trunk_deg, hips_leg, read_edge(hips_leg, trunk_deg, generator))

    def miss(stop: HipStop) -> float:
        """How far what the overrun may be is from what it is, deg on the mean."""
        return float((np.abs(stop.overrun.values - (67.0 - 0.97 * 60.0)) * stop.overrun.weights).sum())

    alone_deg, together_deg, chances = [], [], []
    for seed in range(12):
        generator = np.random.default_rng(seed)
        shallow, *deep = (rep(bottom_deg, generator) for bottom_deg in (67.0, 85.0, 85.0, 85.0))
        (together, *_) = find_hip_stops([shallow, *deep], RATE_HZ)
        assert together is not None
        alone_deg.append(miss(find(shallow)))
        together_deg.append(miss(together))
        chances.append((find(shallow).overrun.above(5.0), together.overrun.above(5.0)))
    assert (np.array(together_deg) < np.array(alone_deg)).all()
    assert np.mean(together_deg) < 0.5 * np.mean(alone_deg)
    alone, together_chance = np.array(chances).T
    assert alone.min() < 0.6  # a shallow repetition by itself may not be judged ...
    assert together_chance.min() >= 0.85  # ... and with the others always is


def test_the_knee_of_a_deep_repetition_is_likely_for_a_shallow_one_and_an_open_one_tells_nothing() -> None:
    shallow_deg, deep_deg = np.arange(25.0, 67.0), np.arange(30.0, 86.0)
    open_evidence = np.ones((len(shallow_deg), 3))
    sure = np.repeat(np.exp(-0.5 * ((deep_deg - 55.0) / 1.5) ** 2)[:, None], 3, axis=1)
    prior, of_deep = pool_knees([shallow_deg, deep_deg], [open_evidence, sure])
    assert shallow_deg[prior.argmax()] == 55.0
    share = prior / prior.sum()
    assert share[np.abs(shallow_deg - 55.0) <= 10.0].sum() > 0.75
    assert share[shallow_deg < 40.0].sum() > 0.05  # a repetition of its own is never ruled out
    within_shallow = deep_deg <= 60.0
    assert np.ptp(of_deep[within_shallow]) < 0.2 * of_deep.mean()
    (alone,) = pool_knees([shallow_deg], [open_evidence])
    np.testing.assert_allclose(alone[5:-5], 1.0, atol=0.06)  # the grid's ends weigh a little less
    assert pool_knees([], []) == []


def test_an_edge_that_hangs_on_something_behind_the_lifter_is_not_believed_alone() -> None:
    """A mask that runs into a rack shows an edge that is where it is from the first; the joint goes all the way."""
    chances = []
    for seed in range(N_SETS):
        fall = descent(seed, 0.0)
        stuck_leg = np.minimum(0.46 + EDGE.slide * fall.seen.trunk_deg, 0.16 + 0.03 * fall.seen.trunk_deg)
        chances.append(find(replace(fall.seen, edge_back_leg=stuck_leg)).overrun.above(10.0))
    assert max(chances) < LIKELY
    assert np.mean(np.array(chances) > UNLIKELY) >= 0.8, "nor is it known that the joint is right"


def test_a_descent_of_a_few_samples_is_not_fitted() -> None:
    trunk_deg = np.linspace(0.0, 70.0, 8)
    assert find_hip_stops([lowering(trunk_deg, trunk_deg / 250)], RATE_HZ) == [None]


def test_unseen_hips_are_not_fitted() -> None:
    trunk_deg = np.linspace(0.0, 70.0, 90)
    nothing = np.full(90, np.nan)
    assert find_hip_stops([lowering(trunk_deg, nothing), lowering(nothing, trunk_deg / 250)], RATE_HZ) == [None, None]
    assert find_hip_stops([], RATE_HZ) == []


def test_the_same_descent_gives_the_same_numbers() -> None:
    seen = descent(3, 20.0).seen
    first, second = find(seen), find(seen)
    assert (first.overrun_deg, first.sample) == (second.overrun_deg, second.sample)


def bending(trunk_deg: FloatArray, rise_deg: float) -> FloatArray:
    """A soft knee of 35 deg that bends by `rise_deg` more over the last tenth of the trunk's range."""
    share = np.clip((trunk_deg / trunk_deg.max() - 0.9) / 0.1, 0, 1)
    return 35.0 + rise_deg * share


def squat_of(trunk_deg: FloatArray, knee_deg: FloatArray) -> Squat:
    squat = find_squat(trunk_deg, knee_deg, knee_deg)
    assert squat is not None
    return squat


def test_knees_that_bend_on_top_of_the_hinge_are_a_squat() -> None:
    trunk_deg = descent(1, 0.0, noise_mm=0.0).seen.trunk_deg
    squat = squat_of(trunk_deg, bending(trunk_deg, 22.0))
    assert squat.rise_deg == pytest.approx(22.0, abs=5.0)
    assert 0.88 * trunk_deg.max() <= trunk_deg[squat.sample] <= 0.96 * trunk_deg.max()
    assert squat.bend_deg.max() == pytest.approx(22.0, abs=1.0)


def test_knees_that_stay_are_no_squat() -> None:
    trunk_deg = descent(1, 0.0, noise_mm=0.0).seen.trunk_deg
    assert squat_of(trunk_deg, bending(trunk_deg, 0.0)).rise_deg == 0.0
    assert squat_of(trunk_deg, bending(trunk_deg, 6.0)).rise_deg < 8.0


def test_knees_that_bend_all_the_way_down_are_no_squat_at_the_bottom() -> None:
    trunk_deg = descent(1, 0.0, noise_mm=0.0).seen.trunk_deg
    assert squat_of(trunk_deg, 15.0 + 20.0 * trunk_deg / trunk_deg.max()).rise_deg < 8.0


def test_knee_and_fold_that_disagree_make_a_squat_unsure() -> None:
    trunk_deg = descent(1, 0.0, noise_mm=0.0).seen.trunk_deg
    agreed = squat_of(trunk_deg, bending(trunk_deg, 22.0))
    torn = find_squat(trunk_deg, bending(trunk_deg, 22.0), bending(trunk_deg, 0.0))
    assert torn is not None
    assert torn.sigma_deg > agreed.sigma_deg + 1.0
    assert find_squat(trunk_deg, np.full(len(trunk_deg), np.nan), bending(trunk_deg, 22.0)) is None


def test_hips_that_move_because_the_knees_bend_do_not_hide_the_end_of_travel() -> None:
    seen = descent(5, 25.0, noise_mm=2.0).seen
    trunk_deg = seen.trunk_deg
    share = np.clip((trunk_deg / trunk_deg.max() - 0.9) / 0.1, 0, 1)
    squat = squat_of(trunk_deg, bending(trunk_deg, 25.0))
    moved = replace(seen, edge_back_leg=seen.edge_back_leg + 0.06 * share, squat_deg=squat.bend_deg)
    assert find(moved).overrun.above(10.0) >= LIKELY
