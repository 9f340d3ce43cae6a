"""Angles, distances and two-link legs, against positions made from known angles."""

import numpy as np
import pytest

from formcheck.data import FloatArray
from formcheck.geometry import distance, fold_leg, incline, place_knee
from formcheck.skeleton import Side

SIGN: dict[Side, float] = {"left": -1.0, "right": 1.0}


def step(deg: FloatArray, length_px: float, facing: Side) -> FloatArray:
    """Go `length_px` up and `deg` forward: the picture's x is right, y down."""
    forward, up = length_px * np.sin(np.radians(deg)), length_px * np.cos(np.radians(deg))
    return np.stack([SIGN[facing] * forward, -up], axis=-1)


@pytest.mark.parametrize("facing", ["left", "right"])
def test_inclination_is_that_of_the_segment(facing: Side) -> None:
    deg = np.linspace(-179.9, 180.0, 721)
    lower = np.random.default_rng(0).uniform(0, 1000, (721, 2))
    assert incline(lower, lower + step(deg, 130.0, facing), facing) == pytest.approx(deg, abs=1e-9)


@pytest.mark.parametrize(
    ("upper", "right", "left"),
    [((0, -1), 0, 0), ((1, 0), 90, -90), ((-1, 0), -90, 90), ((0, 1), 180, 180), ((1, -1), 45, -45)],
)
def test_inclination_by_hand(upper: tuple[float, float], right: float, left: float) -> None:
    lower, end = np.zeros(2), np.array(upper, float)
    assert incline(lower, end, "right") == pytest.approx(right, abs=1e-12)
    assert incline(lower, end, "left") == pytest.approx(left, abs=1e-12)


def test_inclination_of_a_mirrored_picture_is_the_same() -> None:
    generator = np.random.default_rng(1)
    lower, upper = generator.uniform(0, 1280, (2, 50, 2))
    mirror = np.array([-1.0, 1.0])
    turned = incline(lower * mirror + (1280, 0), upper * mirror + (1280, 0), "left")
    assert turned == pytest.approx(incline(lower, upper, "right"), abs=1e-9)


def test_no_inclination_without_a_segment() -> None:
    lower = np.array([[3.0, 4.0], [np.nan, 4.0], [3.0, 4.0]])
    upper = np.array([[3.0, 4.0], [3.0, 0.0], [3.0, np.nan]])
    assert np.isnan(incline(lower, upper, "right")).all()
    assert incline(np.empty((0, 2)), np.empty((0, 2)), "right").shape == (0,)
    assert incline(np.zeros((4, 5, 2)), np.ones((4, 5, 2)), "left").shape == (4, 5)


def test_distance() -> None:
    first, second = np.array([[0.0, 0.0], [1.0, 1.0], [np.nan, 0.0]]), np.array([[3.0, -4.0], [1.0, 1.0], [0.0, 0.0]])
    assert distance(first, second) == pytest.approx([5.0, 0.0, np.nan], nan_ok=True)


@pytest.mark.parametrize("facing", ["left", "right"])
def test_the_knee_is_found_between_hip_and_ankle(facing: Side) -> None:
    generator = np.random.default_rng(2)
    shank_deg, knee_deg = generator.uniform(-30, 60, 300), generator.uniform(0.5, 150, 300)
    ankle = generator.uniform(0, 1000, (300, 2))
    knee = ankle + step(shank_deg, 120.0, facing)
    hip = knee + step(shank_deg - knee_deg, 135.0, facing)
    placed = place_knee(hip, ankle, np.full(300, 135.0), np.full(300, 120.0), facing)
    assert placed == pytest.approx(knee, abs=1e-6)


def test_a_leg_that_is_too_short_is_straight() -> None:
    placed = place_knee(
        np.array([[0.0, -300.0]]), np.array([[0.0, 0.0]]), np.array([150.0]), np.array([100.0]), "right"
    )
    assert placed == pytest.approx(np.array([[0.0, -120.0]]))


@pytest.mark.parametrize(
    ("hip", "thigh_px"),
    [((0.0, -40.0), 150.0), ((0.0, 0.0), 100.0), ((np.nan, -200.0), 150.0), ((0.0, -200.0), np.nan)],
)
def test_no_knee_where_no_leg_can_be(hip: tuple[float, float], thigh_px: float) -> None:
    placed = place_knee(np.array([hip]), np.zeros((1, 2)), np.array([thigh_px]), np.array([100.0]), "right")
    assert np.isnan(placed).all()


def test_the_fold_of_a_leg_is_its_knee_flexion() -> None:
    knee_deg = np.linspace(0, 180, 361)
    hip = step(np.zeros(361), 120.0, "right") + step(-knee_deg, 135.0, "right")
    reach_px = np.hypot(hip[:, 0], hip[:, 1])
    assert fold_leg(reach_px, 135.0, 120.0) == pytest.approx(knee_deg, abs=1e-5)


def test_the_fold_beyond_the_links() -> None:
    assert fold_leg(np.array([256.0, 255.0, 15.0, 5.0, np.nan]), 135.0, 120.0) == pytest.approx(
        [0.0, 0.0, 180.0, 180.0, np.nan], nan_ok=True
    )
