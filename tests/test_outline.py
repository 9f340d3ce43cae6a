"""Slopes, kinks and roughness of outlines drawn from known slopes."""

import numpy as np
import pytest

from formcheck.data import FloatArray
from formcheck.kinematics.lumbar import (
    LEAST_HOLLOW_DEG,
    LOWER,
    MAX_ROUGHNESS,
    UPPER,
    fit_slope,
    learn_upright,
    measure_kink,
    measure_roughness,
    read_lumbar,
)
from samples.renderer.stick import STATIONS, back_depth

CHORD_PX = 150.0


def chords(n: int, length_px: float = CHORD_PX) -> FloatArray:
    """Chords of one length in every direction."""
    way = np.linspace(0, 2 * np.pi, n, endpoint=False)
    hips = np.full((n, 2), 400.0)
    return np.stack([hips, hips + length_px * np.stack([np.cos(way), np.sin(way)], axis=1)], axis=1)


@pytest.mark.parametrize("deg", [-60.0, -12.0, 0.0, 30.0])
def test_the_slope_of_a_straight_outline(deg: float) -> None:
    depth = 0.3 + np.tan(np.radians(deg)) * STATIONS[None, :]
    for stretch in (LOWER, UPPER, (0.0, 1.0)):
        assert fit_slope(depth, STATIONS, stretch) == pytest.approx([deg])


def test_the_slope_is_that_of_its_stretch_alone() -> None:
    depth = back_depth(np.array([-30.0, 0.0, 26.0]))
    assert fit_slope(depth, STATIONS, LOWER) == pytest.approx([-15.0, 0.0, 13.0])
    assert fit_slope(depth, STATIONS, UPPER) == pytest.approx([15.0, 0.0, -13.0])


@pytest.mark.parametrize(("hidden", "seen"), [(0, True), (4, True), (5, False), (16, False)])
def test_a_slope_needs_seven_tenths_of_its_stretch(hidden: int, seen: bool) -> None:
    depth = back_depth(np.array([20.0]))
    depth[0, :hidden] = np.nan  # the lower stretch holds 16 stations
    assert fit_slope(depth, STATIONS, LOWER) == pytest.approx([10.0 if seen else np.nan], nan_ok=True)


@pytest.mark.parametrize("length_px", [40.0, 150.0, 600.0])
def test_the_kink_is_the_difference_of_slopes_whatever_the_scale_and_direction(length_px: float) -> None:
    kink_deg = np.linspace(-40, 24, 33)
    measured = measure_kink(length_px * back_depth(kink_deg), chords(33, length_px), STATIONS)
    assert measured == pytest.approx(kink_deg, abs=1e-9)


def test_a_deeper_back_is_no_kink() -> None:
    depth_px = CHORD_PX * (back_depth(np.array([-20.0])) + 0.1)
    assert measure_kink(depth_px, chords(1), STATIONS) == pytest.approx([-20.0])


def test_a_chord_that_tilts_adds_the_same_slope_to_both_stretches() -> None:
    tilted = back_depth(np.array([-20.0])) + 0.05 * STATIONS
    assert measure_kink(CHORD_PX * tilted, chords(1), STATIONS) == pytest.approx([-20.0], abs=0.4)


@pytest.mark.parametrize("sigma_px", [0.35, 0.7])
def test_the_kink_in_noise(sigma_px: float) -> None:
    kink_deg = np.full(400, -18.0)
    noise = sigma_px * np.random.default_rng(0).standard_normal((400, len(STATIONS)))
    measured = measure_kink(CHORD_PX * back_depth(kink_deg) + noise, chords(400), STATIONS)
    assert np.isfinite(measured).all()
    assert np.mean(measured) == pytest.approx(-18.0, abs=0.2)
    assert np.std(measured) < 1.6 * sigma_px


def test_a_kink_is_read_as_a_little_more_lumbar_flexion_to_either_side() -> None:
    read_deg = read_lumbar(np.array([28.0, 0.0, -10.0, np.nan]))
    assert read_deg == pytest.approx([36.4, 0.0, -13.0, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("standing_deg", "learnt_deg"), [(-31.0, -31.0), (-8.5, -8.5), (-7.5, LEAST_HOLLOW_DEG), (3.0, -8.0)]
)
def test_an_upright_back_is_hollow(standing_deg: float, learnt_deg: float) -> None:
    """A plate before the hips makes standing outlines straight: no back is then read as flat because of it."""
    kink_deg = np.array([np.nan, standing_deg - 1.0, standing_deg, standing_deg + 1.0, 14.0])
    assert learn_upright(kink_deg, np.array([False, True, True, True, False])) == pytest.approx(learnt_deg)


def test_roughness_is_the_distance_from_a_quintic() -> None:
    quintic = np.polyval([4.0, -9.0, 2.0, -3.0, 0.7, 0.1], STATIONS)[None, :]
    assert measure_roughness(quintic, STATIONS) == pytest.approx([0.0], abs=1e-12)
    noise = np.random.default_rng(0).standard_normal((2000, len(STATIONS)))
    expected = 0.01 * np.sqrt(37 / 43)  # 43 stations up to 0.85, of which a quintic explains six
    rough = measure_roughness(quintic + 0.01 * noise, STATIONS)
    assert np.sqrt(np.mean(rough**2)) == pytest.approx(expected, rel=0.01)


def test_a_back_that_arches_is_not_taken_for_a_mask_that_leaks() -> None:
    """A quintic leaves 0.006 chord lengths of such a back, a cubic 0.019: as much as of a leak."""
    arched = back_depth(np.array([-20.0])) - 0.11 * np.exp(-(((STATIONS - 0.3) / 0.16) ** 2))[None, :]
    assert np.isfinite(measure_kink(CHORD_PX * arched, chords(1), STATIONS)).all()


def test_a_step_in_the_outline_is_a_mask_that_leaks() -> None:
    depth = back_depth(np.array([-20.0, -20.0]))
    depth[1, 20:32] += 0.08
    kink_deg = measure_kink(CHORD_PX * depth, chords(2), STATIONS)
    assert kink_deg == pytest.approx([-20.0, np.nan], nan_ok=True)


@pytest.mark.parametrize(("factor", "kept"), [(0.98, True), (1.02, False)])
def test_border_of_roughness(factor: float, kept: bool) -> None:
    wave = np.sin(2 * np.pi * 8 * STATIONS)[None, :]
    wave *= factor * MAX_ROUGHNESS / measure_roughness(wave, STATIONS)
    assert np.isfinite(measure_kink(CHORD_PX * (0.2 + wave), chords(1), STATIONS))[0] == kept


@pytest.mark.parametrize(("station", "kept"), [(0, False), (20, False), (42, False), (43, True), (50, True)])
def test_an_interrupted_outline_has_no_kink(station: int, kept: bool) -> None:
    depth_px = CHORD_PX * back_depth(np.array([-20.0]))
    depth_px[0, station] = np.nan
    assert np.isfinite(measure_kink(depth_px, chords(1), STATIONS))[0] == kept


def test_nothing_seen() -> None:
    depth_px = CHORD_PX * back_depth(np.full(3, -20.0))
    chord_px = chords(3)
    depth_px[0], chord_px[1, 0] = np.nan, np.nan
    chord_px[2, 1] = chord_px[2, 0]  # hip and shoulder in one place
    assert np.isnan(measure_kink(depth_px, chord_px, STATIONS)).all()
    assert measure_kink(np.empty((0, 51)), np.empty((0, 2, 2)), STATIONS).shape == (0,)
