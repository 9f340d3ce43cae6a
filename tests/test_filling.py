"""What is drawn where a plate was."""

import numpy as np
import pytest

from formcheck.data import RGB, BoolArray
from formcheck.pose.plate_detection import Circle
from formcheck.pose.plate_inpainting import fill, find_slant

SIZE = 200
PLATE = Circle(100.3, 105.8, 40.0, 1.0)


def stripes(slant: float) -> RGB:
    """Bands 16 px wide that run `slant` px to the right for each pixel down."""
    rows, columns = np.mgrid[:SIZE, :SIZE]
    shade = 120 + 60 * np.sin((columns - slant * rows) * 2 * np.pi / 64)
    return np.repeat(shade.astype(np.uint8)[..., None], 3, axis=2)


def covered(picture: RGB, plate: Circle = PLATE) -> RGB:
    rows, columns = np.mgrid[:SIZE, :SIZE]
    result = picture.copy()
    result[np.hypot(columns + 0.5 - plate.x_px, rows + 0.5 - plate.y_px) <= plate.radius_px] = 5
    return result


@pytest.mark.parametrize("slant", [0.0, 0.4, -0.7])
def test_lines_go_on_behind_the_plate(slant: float) -> None:
    picture = covered(stripes(slant))
    fill(picture, PLATE, slant)
    off = np.abs(picture.astype(int) - stripes(slant))
    assert off.max() <= 12
    assert off.mean() < 1


def test_colours_go_over_into_each_other() -> None:
    ramp = np.repeat(np.repeat(np.arange(SIZE, dtype=np.uint8)[:, None], SIZE, axis=1)[..., None], 3, axis=2)
    picture = covered(ramp)
    fill(picture, PLATE, 0.0)
    assert np.abs(picture.astype(int) - ramp).max() <= 3


def test_nothing_changes_beyond_the_rim() -> None:
    picture = covered(stripes(0.0))
    before = picture.copy()
    fill(picture, PLATE, 0.0)
    rows, columns = np.nonzero((picture != before).any(axis=2))
    assert np.hypot(columns + 0.5 - PLATE.x_px, rows + 0.5 - PLATE.y_px).max() < 1.04 * 40 + 2.1


@pytest.mark.parametrize("centre", [(0.0, 100.0), (199.0, 199.0), (100.0, -30.0), (-60.0, 100.0)])
def test_a_plate_at_the_edge_of_the_picture(centre: tuple[float, float]) -> None:
    picture = stripes(0.0)
    fill(picture, Circle(*centre, 40.0, 1.0), 0.5)
    assert picture.shape == (SIZE, SIZE, 3)


def leaning(slant: float) -> BoolArray:
    """A body 30 px wide that leans, its rear edge through the plate, and an arm in front of it."""
    rows, columns = np.mgrid[:SIZE, :SIZE]
    rear = PLATE.x_px - 12 + slant * (rows - PLATE.y_px)
    return np.asarray((columns >= rear) & (columns < rear + 30) | (columns >= 125) & (columns < 135) & (rows < 100))


@pytest.mark.parametrize("slant", [0.0, 0.3, -0.25])
def test_the_slant_of_the_rear_outline(slant: float) -> None:
    assert find_slant(leaning(slant), PLATE, 1.0) == pytest.approx(slant, abs=0.08)


def test_a_lifter_who_faces_left_is_the_mirror_image() -> None:
    mirrored = Circle(SIZE - PLATE.x_px, PLATE.y_px, PLATE.radius_px, 1.0)
    assert find_slant(leaning(0.3)[:, ::-1], mirrored, -1.0) == pytest.approx(-0.3, abs=0.08)


def test_a_body_beside_or_all_round_the_plate_has_no_slant() -> None:
    assert find_slant(np.zeros((SIZE, SIZE), bool), PLATE, 1.0) is None
    assert find_slant(np.ones((SIZE, SIZE), bool), PLATE, 1.0) is None
