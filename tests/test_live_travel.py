import math

import numpy as np
import pytest

from formcheck.data import FloatArray
from formcheck.events.hip_travel import CONTRADICT_LEG, EDGE
from formcheck.live.coaching.hip_stop import SURE_STOP, HipReading, HipSample, TravelWatch, is_carried, weigh

RATE_HZ = 30.0
STANDING = HipSample(0.0, 0.0, 0.0)


def samples(trunk_deg: FloatArray, joint_leg: FloatArray, edge_leg: FloatArray | None = None) -> list[HipSample]:
    edges = np.full(len(trunk_deg), np.nan) if edge_leg is None else edge_leg
    return [HipSample(*each) for each in zip(trunk_deg.tolist(), joint_leg.tolist(), edges.tolist(), strict=True)]


def look_at(trunk_deg: FloatArray, joint_leg: FloatArray, edge_leg: FloatArray | None = None) -> HipReading:
    look = weigh(STANDING, samples(trunk_deg, joint_leg, edge_leg))
    assert look is not None
    return look


def descent(
    watch: TravelWatch,
    bottom_deg: float,
    stop_deg: float,
    *,
    noise_leg: float = 0.002,
    seed: int = 0,
    rate_hz: float = RATE_HZ,
    gap_s: tuple[float, float] = (math.inf, math.inf),
    seconds: float = 2.0,
    after: float = 0.0,
    edge: bool = False,
) -> float | None:
    """Go down; the hips gain 0.004 leg a degree up to `stop_deg`, and `after` of that beyond; so does the body's edge
    where it is seen, but for what flesh takes of it.

    Return the trunk's angle at "come up".
    """
    generator = np.random.default_rng(seed)

    def look(trunk_deg: float, back_leg: float) -> HipSample:
        edge_leg = back_leg + EDGE.slide * trunk_deg if edge else math.nan
        return HipSample(trunk_deg, back_leg + generator.normal(0.0, noise_leg), edge_leg)

    for number in range(int(rate_hz)):
        watch.stand(number / rate_hz - 1.0, look(0.0, 0.0))
    watch.begin()
    for number in range(int(seconds * rate_hz)):
        share = number / (seconds * rate_hz)
        trunk_deg = bottom_deg * (10 * share**3 - 15 * share**4 + 6 * share**5)
        sample = look(trunk_deg, 0.004 * (min(trunk_deg, stop_deg) + after * max(trunk_deg - stop_deg, 0.0)))
        if gap_s[0] < number / rate_hz < gap_s[1]:
            continue
        if watch.step(number / rate_hz, sample) is not None:
            return trunk_deg
    return None


@pytest.mark.parametrize("rate_hz", [30.0, 20.0, 15.0, 10.0])
def test_hips_that_stop_are_told_at_any_rate(rate_hz: float) -> None:
    told = [descent(TravelWatch(), 95.0, 65.0, seed=seed, rate_hz=rate_hz, seconds=3.5) for seed in range(12)]
    assert all(each is not None and 67.0 < each < 89.0 for each in told)


@pytest.mark.parametrize("rate_hz", [30.0, 20.0, 15.0, 10.0])
def test_hips_that_go_on_to_the_bottom_are_left_alone_at_any_rate(rate_hz: float) -> None:
    told = [descent(TravelWatch(), 78.0, 90.0, seed=seed, rate_hz=rate_hz) for seed in range(12)]
    assert told == [None] * 12


@pytest.mark.parametrize("edge", [True, False])
def test_a_deep_trunk_alone_is_no_reason(edge: bool) -> None:
    """Somebody supple, whose hips move on to 90 degrees."""
    told = [descent(TravelWatch(), 90.0, 120.0, seed=seed, edge=edge) for seed in range(12)]
    assert told == [None] * 12


def test_the_edge_of_the_body_tells_it_sooner_and_a_torn_one_later() -> None:
    by_joint, by_edge = (
        np.array([descent(TravelWatch(), 95.0, 65.0, seed=seed, edge=edge) for seed in range(12)], float)
        for edge in (False, True)
    )
    assert (by_edge >= 66.0).all()
    assert np.median(by_edge) < np.median(by_joint) - 0.5
    trunk_deg = np.arange(15.0, 75.0)
    joint_leg = 0.004 * np.minimum(trunk_deg, 65.0)
    edge_leg = joint_leg + EDGE.slide * trunk_deg
    torn = np.where(trunk_deg > 70.0, np.nan, edge_leg)
    assert look_at(trunk_deg, joint_leg, edge_leg).by_edge
    assert not look_at(trunk_deg, joint_leg, torn).by_edge, "the last picture shows none"
    assert look_at(trunk_deg, joint_leg, torn).probability == look_at(trunk_deg, joint_leg).probability


def test_an_edge_that_contradicts_the_hip_landmark_counts_by_half() -> None:
    """The mask hangs on something behind the lifter: the edge says that the hips have long stopped."""
    trunk_deg = np.arange(15.0, 75.0)
    joint_leg = 0.004 * trunk_deg
    hangs_leg = EDGE.slide * trunk_deg + np.minimum(joint_leg, 0.16)
    assert np.abs(hangs_leg - EDGE.slide * trunk_deg - joint_leg).max() > CONTRADICT_LEG
    both = look_at(trunk_deg, joint_leg, hangs_leg).probability
    alone = look_at(trunk_deg, joint_leg).probability
    agreed = look_at(trunk_deg, hangs_leg - EDGE.slide * trunk_deg, hangs_leg).probability
    assert alone < both < agreed


def test_hips_that_slow_down_but_go_on_are_left_alone() -> None:
    told = [descent(TravelWatch(), 75.0, 55.0, seed=seed, after=0.6) for seed in range(12)]
    assert told == [None] * 12


def test_the_less_the_hips_gain_the_likelier_they_have_stopped() -> None:
    trunk_deg = np.arange(15.0, 80.0)
    chances = []
    for after in (1.0, 0.6, 0.3, 0.0, -0.2):
        back_leg = 0.004 * (np.minimum(trunk_deg, 60.0) + after * np.maximum(trunk_deg - 60.0, 0.0))
        chances.append(look_at(trunk_deg, back_leg).probability)
    assert chances == sorted(chances)
    assert chances[0] < 0.1
    assert chances[-1] > SURE_STOP


def test_a_set_remembers_where_the_hips_stopped() -> None:
    """What is unclear in this descent is clearer after one in which the hips stopped at the same place."""
    trunk_deg = np.arange(15.0, 90.0)
    back_leg = 0.004 * np.minimum(trunk_deg, 65.0)
    before, first = look_at(trunk_deg, back_leg), look_at(trunk_deg[:56], back_leg[:56])
    again = weigh(STANDING, samples(trunk_deg[:56], back_leg[:56]), (before,))
    assert again is not None
    assert again.probability > first.probability + 0.05


def test_another_set_is_another_lifter() -> None:
    watch = TravelWatch()
    descent(watch, 95.0, 65.0)
    watch.begin()
    watch.forget()
    assert descent(watch, 95.0, 65.0, seed=1) == descent(TravelWatch(), 95.0, 65.0, seed=1)


def test_it_is_told_once_a_descent_and_again_in_the_next() -> None:
    watch = TravelWatch()
    assert descent(watch, 95.0, 65.0) is not None
    assert watch.step(3.1, HipSample(96.0, 0.26)) is None
    assert descent(watch, 95.0, 65.0) is not None


def test_nothing_is_told_out_of_a_gap_or_of_pictures_too_few() -> None:
    """The same overrun, its end lost in a gap, or seen five times a second."""
    assert descent(TravelWatch(), 95.0, 65.0) is not None
    assert descent(TravelWatch(), 95.0, 65.0, gap_s=(1.0, 2.0)) is None
    assert descent(TravelWatch(), 95.0, 65.0, rate_hz=5.0) is None


@pytest.mark.parametrize("bottom_deg", [78.0, 95.0])
def test_hips_that_tremble_too_much_are_not_judged(bottom_deg: float) -> None:
    """Where hips usually stop is no reason by itself."""
    told = [descent(TravelWatch(), bottom_deg, 65.0, noise_leg=0.05, seed=seed) for seed in range(10)]
    assert told == [None] * 10


def test_what_is_not_seen_is_left_out() -> None:
    watch = TravelWatch()
    watch.stand(-1.1, HipSample(math.nan, 0.1))
    assert watch.step(0.0, HipSample(math.nan, 0.1)) is None
    assert watch.step(0.1, HipSample(20.0, math.nan)) is None
    assert descent(watch, 95.0, 65.0) == pytest.approx(descent(TravelWatch(), 95.0, 65.0))


def test_a_lowering_is_carried_by_pictures_of_its_second_half() -> None:
    every = np.arange(0.0, 4.0, 1 / 30)
    assert is_carried(every, 1.0, 3.0)
    assert is_carried(every[::3], 1.0, 3.0), "ten a second, evenly, are enough for two seconds"
    assert not is_carried(every[::3], 2.0, 3.0), "five sightings are too few"
    assert is_carried(every[(every < 2.45) | (every > 2.6)], 1.0, 3.0), "a fifth of a second is no gap"
    assert not is_carried(every[(every < 2.3) | (every > 2.6)], 1.0, 3.0), "the stop may lie in the gap"
    assert is_carried(every[(every < 1.2) | (every > 1.9)], 1.0, 3.0), "it cannot lie in the first half"
    assert not is_carried(every[every < 2.7], 1.0, 3.0), "nor may the end be missing"
    assert not is_carried(np.empty(0), 1.0, 3.0)
