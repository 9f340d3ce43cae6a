"""End of hip travel, overrun and squatting on descents whose answer is known."""

import numpy as np
import pytest

from formcheck import signals
from formcheck.data import FloatArray
from formcheck.events.hip_travel import HipStop, Lowering, find_hip_stops
from formcheck.events.squat import Squat, find_squat
from formcheck.judge import LIKELY, UNLIKELY

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


def descent(seed: int, overrun_deg: float, noise_mm: float = 4.0) -> tuple[FloatArray, FloatArray, float, float]:
    """Return trunk (deg), hip travel (leg), true overrun (deg, at 97 % of the travel) and true moment (sample).

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
    return (
        signals.smooth(noisy_deg, RATE_HZ, 5.0),
        signals.smooth(noisy_leg, RATE_HZ, 5.0),
        bottom_deg - true_deg if overrun_deg else 0.0,
        moment,
    )


def lowering(trunk_deg: FloatArray, hips_leg: FloatArray, squat_deg: FloatArray | None = None) -> Lowering:
    """A lowering without a mask."""
    none = np.zeros(len(trunk_deg))
    return Lowering(trunk_deg, hips_leg, np.full(len(trunk_deg), np.nan), none if squat_deg is None else squat_deg)


def find(trunk_deg: FloatArray, hips_leg: FloatArray, squat_deg: FloatArray | None = None) -> HipStop:
    (stop,) = find_hip_stops([lowering(trunk_deg, hips_leg, squat_deg)], RATE_HZ)
    assert stop is not None
    return stop


def test_hips_that_travel_to_the_bottom_are_no_overrun() -> None:
    stops = [find(*descent(seed, 0.0)[:2]) for seed in range(N_SETS)]
    assert sum(stop.overrun.above(10.0) >= LIKELY for stop in stops) == 0
    assert sum(stop.overrun.above(10.0) <= UNLIKELY for stop in stops) >= 0.9 * N_SETS


@pytest.mark.parametrize("overrun_deg", [15.0, 25.0])
def test_an_overrun_is_found_with_its_size_and_moment(overrun_deg: float) -> None:
    errors_deg, errors_s, likely = [], [], 0
    for seed in range(N_SETS):
        trunk_deg, hips_leg, true_deg, moment = descent(seed, overrun_deg)
        stop = find(trunk_deg, hips_leg)
        assert stop.overrun.above(10.0) > UNLIKELY  # never passed off as good
        if stop.overrun.above(10.0) < LIKELY:
            continue
        likely += 1
        errors_deg.append(stop.overrun_deg - true_deg)
        errors_s.append(abs(stop.sample - moment) / RATE_HZ)
    assert likely >= 0.85 * N_SETS
    assert np.mean(np.abs(errors_deg)) <= 3.0  # the target for a set
    assert np.median(errors_s) <= 0.070
    assert np.percentile(errors_s, 90) <= 0.250


def test_intervals_hold_the_overrun() -> None:
    held = []
    for seed in range(N_SETS):
        trunk_deg, hips_leg, true_deg, _ = descent(seed, 20.0)
        stop = find(trunk_deg, hips_leg)
        held.append(stop.overrun_low_deg - 0.5 <= true_deg <= stop.overrun_high_deg + 0.5)
    assert np.mean(held) >= 0.85


def test_five_degrees_are_no_fault() -> None:
    faults = [find(*descent(seed, 5.0)[:2]).overrun.above(10.0) >= LIKELY for seed in range(N_SETS)]
    assert np.mean(faults) <= 0.05


def test_a_set_knows_more_than_its_repetitions() -> None:
    """Of one lifter whose hips stop at 60 deg, a deep repetition tells that a shallow one turned before that."""
    generator = np.random.default_rng(4)

    def rep(bottom_deg: float) -> Lowering:
        n = 90
        trunk_deg = np.concatenate([np.zeros(8), bottom_deg * np.linspace(0, 1, n), np.full(8, bottom_deg)])
        hips_leg = 0.28 * np.minimum(trunk_deg / 60.0, 1.0) + 0.004 * signals.smooth(
            generator.standard_normal(len(trunk_deg)), RATE_HZ, 5.0
        )
        return lowering(trunk_deg, hips_leg)

    shallow, deep = rep(66.0), rep(85.0)
    (alone,), (together, _) = find_hip_stops([shallow], RATE_HZ), find_hip_stops([shallow, deep], RATE_HZ)
    assert alone is not None
    assert together is not None
    assert together.overrun_high_deg - together.overrun_low_deg < alone.overrun_high_deg - alone.overrun_low_deg
    assert together.overrun_deg == pytest.approx(66.0 - 0.97 * 60.0, abs=2.5)


def test_a_descent_of_a_few_samples_is_not_fitted() -> None:
    trunk_deg = np.linspace(0.0, 70.0, 8)
    assert find_hip_stops([lowering(trunk_deg, trunk_deg / 250)], RATE_HZ) == [None]


def test_unseen_hips_are_not_fitted() -> None:
    trunk_deg = np.linspace(0.0, 70.0, 90)
    nothing = np.full(90, np.nan)
    assert find_hip_stops([lowering(trunk_deg, nothing), lowering(nothing, trunk_deg / 250)], RATE_HZ) == [None, None]
    assert find_hip_stops([], RATE_HZ) == []


def test_the_same_descent_gives_the_same_numbers() -> None:
    trunk_deg, hips_leg, *_ = descent(3, 20.0)
    first, second = find(trunk_deg, hips_leg), find(trunk_deg, hips_leg)
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
    trunk_deg, _, _, _ = descent(1, 0.0, noise_mm=0.0)
    squat = squat_of(trunk_deg, bending(trunk_deg, 22.0))
    assert squat.rise_deg == pytest.approx(22.0, abs=5.0)
    assert 0.88 * trunk_deg.max() <= trunk_deg[squat.sample] <= 0.96 * trunk_deg.max()
    assert squat.bend_deg.max() == pytest.approx(22.0, abs=1.0)


def test_knees_that_stay_are_no_squat() -> None:
    trunk_deg, _, _, _ = descent(1, 0.0, noise_mm=0.0)
    assert squat_of(trunk_deg, bending(trunk_deg, 0.0)).rise_deg == 0.0
    assert squat_of(trunk_deg, bending(trunk_deg, 6.0)).rise_deg < 8.0


def test_knees_that_bend_all_the_way_down_are_no_squat_at_the_bottom() -> None:
    trunk_deg, _, _, _ = descent(1, 0.0, noise_mm=0.0)
    assert squat_of(trunk_deg, 15.0 + 20.0 * trunk_deg / trunk_deg.max()).rise_deg < 8.0


def test_knee_and_fold_that_disagree_make_a_squat_unsure() -> None:
    trunk_deg, _, _, _ = descent(1, 0.0, noise_mm=0.0)
    agreed = squat_of(trunk_deg, bending(trunk_deg, 22.0))
    torn = find_squat(trunk_deg, bending(trunk_deg, 22.0), bending(trunk_deg, 0.0))
    assert torn is not None
    assert torn.sigma_deg > agreed.sigma_deg + 1.0
    assert find_squat(trunk_deg, np.full(len(trunk_deg), np.nan), bending(trunk_deg, 22.0)) is None


def test_hips_that_move_because_the_knees_bend_do_not_hide_the_end_of_travel() -> None:
    trunk_deg, hips_leg, *_ = descent(5, 25.0, noise_mm=2.0)
    share = np.clip((trunk_deg / trunk_deg.max() - 0.9) / 0.1, 0, 1)
    squat = squat_of(trunk_deg, bending(trunk_deg, 25.0))
    assert find(trunk_deg, hips_leg + 0.06 * share, squat.bend_deg).overrun.above(10.0) >= LIKELY
