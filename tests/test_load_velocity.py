"""The load-velocity profile against lines that are known, and how often its intervals hold them."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from formcheck.store.load_velocity import find_profiles, fit_profile, say_profile, t_90
from formcheck.store.records import KeptMeasure, KeptSet

LOADS_KG = np.array([40.0, 60.0, 60.0, 80.0, 100.0])


def kept(load_kg: float | None, *speeds_m_s: float, exercise: str = "rdl") -> KeptSet:
    measures = tuple(
        KeptMeasure("rep.bar_concentric_m_s", rep, each, None, None, "m/s") for rep, each in enumerate(speeds_m_s, 1)
    )
    day = dt.date(2026, 11, 4)
    return KeptSet("", "filmed", day, exercise, ("hinge",), 1, len(speeds_m_s), load_kg, measures=measures)


def test_a_profile_is_the_line_through_the_fastest_reps() -> None:
    sets = [kept(load, 0.9 - 0.005 * load - 0.1, 0.9 - 0.005 * load) for load in LOADS_KG]
    (profile,) = find_profiles([*sets, kept(50.0, 0.4, exercise="good_morning"), kept(None, 0.2)])
    assert (profile.exercise, profile.n_sets) == ("rdl", 5)
    assert profile.slope == pytest.approx(-0.005)
    assert (profile.lightest.load_kg, profile.heaviest.load_kg) == (40.0, 100.0)
    assert profile.lightest.speed_m_s == pytest.approx(0.7)
    assert profile.heaviest.speed_m_s == pytest.approx(0.4)
    assert profile.slope_high - profile.slope_low == pytest.approx(0.0, abs=1e-9)
    assert say_profile(profile) == (
        "Fastest rep of 5 sets, by load: 0.70 m/s (0.70 to 0.70) with 40 kg and 0.40 m/s (0.40 to 0.40) with 100 kg. "
        "Each 10 kg more change it by -0.050 m/s (-0.050 to -0.050)."
    )


def test_too_few_sets_too_few_loads_or_loads_too_alike_have_no_profile() -> None:
    speeds = np.full(5, 0.5)
    assert fit_profile("rdl", list(LOADS_KG), list(speeds)) is not None
    assert fit_profile("rdl", list(LOADS_KG[:4]), list(speeds[:4])) is None
    assert fit_profile("rdl", [60.0, 60.0, 60.0, 100.0, 100.0], list(speeds)) is None
    assert fit_profile("rdl", [80.0, 85.0, 90.0, 95.0, 98.0], list(speeds)) is None
    assert find_profiles([kept(60.0) for _ in range(6)]) == []


def test_a_speed_off_a_clock_that_was_not_judged_is_none() -> None:
    sets = [kept(load, 0.9 - 0.005 * load) for load in LOADS_KG]
    slowed = replace(kept(90.0, 0.01), unmeasured=frozenset({("rdl.tempo", None)}))
    assert find_profiles([*sets, slowed]) == find_profiles(sets)


def test_nine_of_ten_intervals_hold_the_line() -> None:
    generator = np.random.default_rng(1)
    held = []
    for _ in range(2000):
        speeds = 0.9 - 0.005 * LOADS_KG + 0.04 * generator.standard_normal(5)
        profile = fit_profile("rdl", list(LOADS_KG), list(speeds))
        assert profile is not None
        held.append((profile.slope_low <= -0.005 <= profile.slope_high, profile.heaviest.low_m_s <= 0.4))
    slope, heaviest = np.mean(held, axis=0)
    assert slope == pytest.approx(0.90, abs=0.02)
    assert heaviest == pytest.approx(0.95, abs=0.02)  # one end of an interval


@pytest.mark.parametrize(("free", "known"), [(3, 2.3534), (5, 2.0150), (10, 1.8125), (30, 1.6973)])
def test_students_t_is_that_of_the_tables(free: int, known: float) -> None:
    assert t_90(free) == pytest.approx(known, rel=0.004)
