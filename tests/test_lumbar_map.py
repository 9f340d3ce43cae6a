"""The map from a back's whole outline to what its kink gets wrong."""

import numpy as np
import pytest

from benchmarks.bank.fit_lumbar import fit_map
from formcheck.data import BackContour
from formcheck.kinematics.lumbar_map import ORDER, describe_back, describe_outline, load_map

STATIONS = np.linspace(0.0, 1.0, 51)


def taught() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features of 400 outlines, the kink's reading of them, and a truth that the first feature bends."""
    random = np.random.default_rng(4)
    features = random.normal(size=(400, 3))
    read_deg = random.uniform(0.0, 40.0, 400)
    return features, read_deg, read_deg + 10.0 * np.tanh(features[:, 0]) + 3.0


def test_what_was_learnt_is_said_of_outlines_like_it() -> None:
    learnt = fit_map(*taught())
    asked = np.random.default_rng(5).normal(size=(50, 3))
    correction_deg, sigma_deg = learnt.correct(asked)
    assert correction_deg == pytest.approx(10.0 * np.tanh(asked[:, 0]) + 3.0, abs=3.0)
    assert (sigma_deg < 0.5 * learnt.sigma_deg).all()


def test_an_outline_like_none_is_left_to_the_kink_with_the_widest_error() -> None:
    learnt = fit_map(*taught())
    correction_deg, sigma_deg = learnt.correct(np.full((1, 3), 30.0))
    assert correction_deg == pytest.approx([0.0], abs=1e-6)
    assert sigma_deg == pytest.approx([learnt.sigma_deg])


def test_half_way_out_the_error_grows() -> None:
    learnt = fit_map(*taught())
    near_deg, far_deg = learnt.correct(np.array([[0.0, 0.0, 0.0], [4.0, 4.0, 0.0]]))[1]
    assert near_deg < far_deg < learnt.sigma_deg


def test_nothing_seen_is_nothing_said() -> None:
    assert np.isnan(fit_map(*taught()).correct(np.full((2, 3), np.nan))).all()


def test_an_outline_is_the_same_at_any_number_of_stations() -> None:
    """The bank keeps every second station."""
    depth = 0.2 + 0.1 * STATIONS - 0.3 * STATIONS**2 + 0.2 * STATIONS**3
    fine, coarse = describe_outline(depth[None], STATIONS), describe_outline(depth[None, ::2], STATIONS[::2])
    assert fine.shape == (1, ORDER + 1)
    assert fine == pytest.approx(coarse, abs=1e-9)
    broken = np.where(STATIONS[10] == STATIONS, np.nan, depth)
    assert np.isnan(describe_outline(broken[None], STATIONS)).all()


def test_the_map_that_travels_reads_what_is_described() -> None:
    chord_px = np.tile([[100.0, 200.0], [100.0, 100.0]], (3, 1, 1))
    back = BackContour(chord_px, STATIONS, np.full((3, 2, 51), 20.0))
    features = describe_back(back.dorsal_px("left"), back, np.array([True, False, False]), np.zeros(3))
    learnt = load_map()
    assert features.shape[1] == len(learnt.centre) == learnt.examples.shape[1]
    correction_deg, sigma_deg = learnt.correct(features)
    assert correction_deg.shape == sigma_deg.shape == (3,)
    assert (sigma_deg <= learnt.sigma_deg).all()
