import numpy as np
import pytest

from formcheck.live.travel import TravelWatch

RATE_HZ = 30.0


def descent(
    watch: TravelWatch, bottom_deg: float, stop_deg: float, noise_leg: float = 0.0, seed: int = 0
) -> float | None:
    """Go down in 3 s; the hips gain 0.004 leg a degree up to `stop_deg`. Return the trunk's angle at "come up"."""
    generator = np.random.default_rng(seed)
    watch.begin()
    for number in range(int(3 * RATE_HZ)):
        share = number / (3 * RATE_HZ)
        trunk_deg = bottom_deg * (10 * share**3 - 15 * share**4 + 6 * share**5)
        back_leg = 0.004 * min(trunk_deg, stop_deg) + generator.normal(0.0, noise_leg)
        if watch.step(number / RATE_HZ, trunk_deg, back_leg) is not None:
            return trunk_deg
    return None


def test_hips_that_stop_are_told_within_ten_degrees() -> None:
    watch = TravelWatch()
    watch.learn(0.25)
    told_deg = descent(watch, 80.0, 60.0)
    assert told_deg is not None
    assert 62.0 < told_deg < 71.0


def test_hips_that_go_on_to_the_bottom_are_left_alone() -> None:
    watch = TravelWatch()
    watch.learn(0.30)
    told = [descent(watch, 75.0, 90.0, noise_leg=0.002, seed=seed) for seed in range(20)]
    assert sum(each is not None for each in told) <= 1


def test_a_stop_far_short_of_the_athletes_own_travel_is_a_pause() -> None:
    watch = TravelWatch()
    watch.learn(0.30)
    assert descent(watch, 70.0, 45.0) is None


def test_a_first_rep_is_told_from_45_degrees_on() -> None:
    assert descent(TravelWatch(), 40.0, 25.0) is None
    told_deg = descent(TravelWatch(), 80.0, 60.0)
    assert told_deg is not None
    assert told_deg > 60.0


def test_it_is_told_once_a_descent_and_again_in_the_next() -> None:
    watch = TravelWatch()
    assert descent(watch, 80.0, 60.0) is not None
    assert watch.step(3.1, 81.0, 0.24) is None
    assert descent(watch, 80.0, 60.0) is not None


def test_what_is_not_seen_is_left_out() -> None:
    watch = TravelWatch()
    assert watch.step(0.0, float("nan"), 0.1) is None
    assert watch.step(0.1, 20.0, float("nan")) is None
    watch.learn(float("nan"))
    assert descent(watch, 80.0, 60.0) == pytest.approx(descent(TravelWatch(), 80.0, 60.0))
