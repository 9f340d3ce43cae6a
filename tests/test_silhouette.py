"""Outlines of shapes whose depth is known by hand."""

import numpy as np
import pytest

from formcheck.pose.torso_contour import STATIONS, hip_edges, torso_depths

SIZE = 200
ROW, COLUMN = np.mgrid[:SIZE, :SIZE] + 0.5
UPRIGHT = np.array([[100.0, 150.0], [100.0, 50.0]])  # hip below, shoulder above


def soft(distance_px: np.ndarray) -> np.ndarray:
    """Mask of what lies at negative distances, blurred over two pixels as the model's masks are."""
    return (1 / (1 + np.exp(distance_px))).astype(np.float32)


def test_a_bar_is_as_deep_as_its_edges_are_far() -> None:
    mask = soft(np.maximum(COLUMN - 130.25, 89.5 - COLUMN))
    depths = torso_depths(mask, UPRIGHT)
    assert depths.shape == (2, len(STATIONS))
    np.testing.assert_allclose(
        depths[0], 30.25, atol=0.05
    )  # n = (-c_y, c_x) / |c|: to the right of a chord that goes up
    np.testing.assert_allclose(depths[1], 10.5, atol=0.05)


def test_the_sides_change_when_the_chord_is_turned_round() -> None:
    mask = soft(np.maximum(COLUMN - 130.25, 89.5 - COLUMN))
    turned = torso_depths(mask, UPRIGHT[::-1])
    np.testing.assert_allclose(turned[0], 10.5, atol=0.05)
    np.testing.assert_allclose(turned[1], 30.25, atol=0.05)


@pytest.mark.parametrize("turn_deg", [0, 17, 45, 90, 133, 180, 250])
def test_a_circle_in_every_direction(turn_deg: float) -> None:
    mask = soft(np.hypot(COLUMN - 100, ROW - 100) - 60)
    along = np.array([np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))])
    chord = np.array([100 - 55 * along, 100 + 55 * along])
    depths = torso_depths(mask, chord)
    expected = np.sqrt(60**2 - (110 * STATIONS - 55) ** 2)
    np.testing.assert_allclose(depths, np.stack([expected, expected]), atol=0.06)


def test_the_first_exit_counts_not_what_lies_behind() -> None:
    bar = soft(np.maximum(COLUMN - 115, 90 - COLUMN))
    arm = soft(np.maximum(COLUMN - 135, 125 - COLUMN))
    np.testing.assert_allclose(torso_depths(np.maximum(bar, arm), UPRIGHT)[0], 15.0, atol=0.05)


def test_outside_the_person_there_is_no_depth() -> None:
    mask = soft(np.maximum(COLUMN - 110, 90 - COLUMN) + np.where(ROW < 100, 50.0, 0.0))
    depths = torso_depths(mask, UPRIGHT)
    assert np.isnan(depths[:, STATIONS > 0.52]).all()
    assert np.isfinite(depths[:, STATIONS < 0.48]).all()


def test_no_depth_where_the_person_reaches_the_end_of_the_ray_or_of_the_picture() -> None:
    everywhere = np.ones((SIZE, SIZE), dtype=np.float32)
    assert np.isnan(torso_depths(everywhere, UPRIGHT)).all()
    at_the_edge = np.array([[3.0, 150.0], [3.0, 50.0]])
    depths = torso_depths(soft(COLUMN - 20), at_the_edge)
    np.testing.assert_allclose(depths[0], 17.0, atol=0.05)
    assert np.isnan(depths[1]).all()


@pytest.mark.parametrize("chord", [np.full((2, 2), np.nan), np.array([[100.0, 100.0], [104.0, 100.0]])])
def test_a_missing_or_foreshortened_chord_gives_nan(chord: np.ndarray) -> None:
    assert np.isnan(torso_depths(np.ones((SIZE, SIZE), dtype=np.float32), chord)).all()


def test_other_stations() -> None:
    mask = soft(np.maximum(COLUMN - 100 - ROW / 5, 90 - COLUMN))
    depths = torso_depths(mask, UPRIGHT, np.array([0.0, 1.0]))
    np.testing.assert_allclose(depths[0], [30.0, 10.0], atol=0.2)


@pytest.mark.parametrize("left_px", [89.5, 89.75, 90.0, 90.3])
def test_the_edges_beside_the_hips_to_a_part_of_a_pixel(left_px: float) -> None:
    mask = soft(np.maximum(COLUMN - 130.25, left_px - COLUMN))
    np.testing.assert_allclose(hip_edges(mask, UPRIGHT), [left_px, 130.25], atol=0.05)


def test_the_edges_are_those_of_the_buttocks_and_not_of_back_or_legs() -> None:
    """A body from 90 to 110 that bulges to 70 in the rows of the hips, and to 60 and 140 above and below them."""
    hips = (ROW > 115) & (ROW < 175)
    mask = soft(np.maximum(COLUMN - np.where(hips, 110.0, 140.0), np.where(hips, 70.0, 60.0) - COLUMN))
    np.testing.assert_allclose(hip_edges(mask, UPRIGHT), [70.0, 110.0], atol=0.05)


def test_a_few_rows_that_stick_out_are_no_edge_and_the_first_exit_counts() -> None:
    """Three of sixty rows reach 20 px further: a hand; what lies beyond a gap is somebody else."""
    left = np.where((ROW > 130) & (ROW < 133), 60.0, 80.0)
    mask = np.maximum(soft(np.maximum(COLUMN - 120, left - COLUMN)), soft(np.maximum(COLUMN - 160, 140 - COLUMN)))
    np.testing.assert_allclose(hip_edges(mask, UPRIGHT), [80.0, 120.0], atol=0.05)


def test_no_edges_outside_the_person_at_the_picture_s_edge_or_without_a_chord() -> None:
    bar, everywhere = soft(np.maximum(COLUMN - 130, 90 - COLUMN)), np.ones((SIZE, SIZE), np.float32)
    beside, outside = UPRIGHT + np.array([60.0, 0.0]), UPRIGHT + np.array([150.0, 0.0])
    last_column = UPRIGHT + np.array([99.5, 0.0])
    short, missing = np.array([[100.0, 100.0], [104.0, 100.0]]), np.full((2, 2), np.nan)
    for mask, chord in ((bar, beside), (bar, outside), (bar, short), (bar, missing)):
        assert np.isnan(hip_edges(mask, chord)).all()
    for chord in (UPRIGHT, last_column):
        assert np.isnan(hip_edges(everywhere, chord)).all()
    assert np.isnan(hip_edges(soft(COLUMN - 130), UPRIGHT)).all()  # to the left, the person leaves the picture
    assert np.isnan(hip_edges(np.where((ROW < 148) | (ROW > 151), 0.0, bar), UPRIGHT)).all()  # three rows of a body
