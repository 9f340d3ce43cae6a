"""Circles with known centres; plates near hands, rings inside them, and what only looks like one."""

import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from formcheck import video
from formcheck.data import RGB
from formcheck.pose import plate_detection
from formcheck.pose.detection_pass import scout
from formcheck.pose.plate_detection import Circle, Look, Plate, Spotter, find_circles, find_plate, to_grey
from formcheck.skeleton import N_LANDMARKS

SIZE = 300
FINE = 8  # the discs are drawn this many times larger, then shrunk: their edges are those of a lens
BODY_PX = 220.0


def disc(centre: tuple[float, float], radius: float, *, dark: int = 40, light: int = 150, noise: float = 3.0) -> RGB:
    """A disc with a ring at 0.86 of its radius and a hub, on a plain wall with a floor line."""
    large = np.full((SIZE * FINE, SIZE * FINE), light, np.uint8)
    large[int(0.8 * SIZE * FINE) :] = light - 40
    x, y = (round((each * FINE - 0.5) * 16) for each in centre)
    for share, shade in ((1.0, dark), (0.86, dark + 12), (0.3, dark - 20)):
        cv2.circle(large, (x, y), round(share * radius * FINE * 16), shade, -1, cv2.LINE_AA, shift=4)
    grey = cv2.resize(large, (SIZE, SIZE), interpolation=cv2.INTER_AREA).astype(float)
    grey += np.random.default_rng(1).normal(0, noise, grey.shape)
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def look(rgb: RGB, hands: tuple[float, float]) -> Look:
    """A body whose wrists are at `hands` and whose shoulders are 80 px above them."""
    xy_px = np.full((N_LANDMARKS, 2), 150.0)
    xy_px[plate_detection.WRISTS] = hands
    xy_px[plate_detection.SHOULDERS] = (hands[0], hands[1] - 80)
    return Look(rgb, xy_px)


PLACES = [(150 + 12 * math.sin(i), 110.0 + 9 * i) for i in range(8)]  # hands that go down


# --- one picture -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("centre", [(150.0, 150.0), (140.3, 120.7), (171.5, 161.25)])
@pytest.mark.parametrize(("dark", "light"), [(40, 150), (190, 110)])
def test_the_centre_is_met_to_a_fifth_of_a_pixel(centre: tuple[float, float], dark: int, light: int) -> None:
    circle = Spotter(41.0).spot(disc(centre, 41.0, dark=dark, light=light))
    assert circle is not None
    assert math.hypot(circle.x_px - centre[0], circle.y_px - centre[1]) < 0.2
    assert circle.radius_px == pytest.approx(41.0, rel=0.01)


def test_half_a_disc_still_has_its_centre() -> None:
    picture = disc((150.3, 140.6), 41.0)
    picture[:, 165:] = 90  # a third of the edge is covered
    circle = Spotter(41.0).spot(picture)
    assert circle is not None
    assert math.hypot(circle.x_px - 150.3, circle.y_px - 140.6) < 0.4


def test_of_two_plates_the_one_that_was_followed_is_kept() -> None:
    first = disc((150.0, 120.0), 41.0)
    both = np.minimum(disc((152.0, 124.0), 41.0), disc((40.0, 60.0), 41.0, dark=20, noise=0))
    spotter = Spotter(41.0)
    spotter.spot(first)
    circle = spotter.spot(both)
    assert circle is not None
    assert (circle.x_px, circle.y_px) == pytest.approx((152.0, 124.0), abs=0.5)


def test_a_wall_with_a_bar_holds_no_circle() -> None:
    picture = disc((150.0, 150.0), 1.0)
    cv2.rectangle(picture, (60, 120), (240, 128), (30, 30, 30), -1)
    assert Spotter(41.0).spot(picture) is None


def test_a_square_is_no_circle() -> None:
    picture = disc((20.0, 20.0), 2.0)
    cv2.rectangle(picture, (110, 110), (190, 190), (30, 30, 30), -1)
    assert Spotter(41.0).spot(picture) is None


def test_circles_come_with_the_share_of_their_edge() -> None:
    (circle,) = find_circles(to_grey(disc((150.0, 150.0), 41.0)), [41.0], 1)
    assert circle.support > 0.9
    assert isinstance(circle, Circle)


# --- a set -----------------------------------------------------------------------------------------------------------


def test_a_plate_goes_where_the_hands_go_and_is_its_outermost_ring() -> None:
    found = find_plate([look(disc(place, 41.0), (place[0] + 4, place[1] - 6)) for place in PLACES], BODY_PX)
    assert found is not None
    assert found.radius_px == pytest.approx(41.0, rel=0.01)
    assert found.hides_leg


def test_a_plate_at_the_shoulders_hides_no_leg() -> None:
    looks = [look(disc(place, 41.0), place) for place in PLACES]
    for each in looks:
        each.xy_px[plate_detection.SHOULDERS] += (0, 80)
    found = find_plate(looks, BODY_PX)
    assert isinstance(found, Plate)
    assert not found.hides_leg


def carried(radius: float, places: list[tuple[float, float]] = PLACES) -> list[Look]:
    """Looks at a lifter whose hands and shoulders are together, at the bar on the back."""
    looks = [look(disc(place, radius), place) for place in places]
    for each in looks:
        each.xy_px[plate_detection.SHOULDERS] += (0, 80)
    return looks


def test_a_small_plate_is_found_on_the_back_and_nowhere_else() -> None:
    """24 px of a body of 260: 0.09, as a plate of 25 cm; in the hands it is a bell."""
    found = find_plate(carried(24.0), BODY_PX)
    assert found is not None
    assert found.is_carried
    assert found.radius_px == pytest.approx(24.0, rel=0.02)
    assert found.colour == pytest.approx((52.0, 52.0, 52.0), abs=4.0)
    assert find_plate([look(disc(place, 24.0), place) for place in PLACES], BODY_PX) is None


def test_a_head_is_too_small_for_a_plate_on_the_back() -> None:
    assert find_plate(carried(0.065 * BODY_PX), BODY_PX) is None


def test_a_carried_plate_is_followed_by_its_colour_past_another_on_the_wall() -> None:
    """A black disc on the wall, of the plate's size, comes nearer to the shoulders than the plate was before."""
    known = find_plate(carried(24.0), BODY_PX)
    assert known is not None
    spotter = plate_detection.CarriedSpotter(known)
    for x, y in PLACES:
        picture = disc((x, y), 24.0)
        wall = disc((210.0, 190.0), 24.0, dark=130, light=190)
        picture[150:240, 180:250] = (
            wall[150:240, 180:250] if math.hypot(210 - x, 190 - y) > 60 else picture[150:240, 180:250]
        )
        circle = spotter.spot(picture)
        assert circle is not None
        assert math.hypot(circle.x_px - x, circle.y_px - y) < 0.5
    assert spotter.spot(disc((210.0, 190.0), 24.0, dark=130, light=190)) is None


def test_a_large_plate_on_the_back_is_believed_when_half_of_the_pictures_show_it() -> None:
    """Too large for a head: 41 px of a body of 220. A small one, or one in the hands, is asked for more."""
    nothing = disc((10.0, 10.0), 2.0)

    def seldom(looks: list[Look]) -> list[Look]:
        return [each if i in {0, 3, 5, 7} else Look(nothing, each.xy_px) for i, each in enumerate(looks)]

    found = find_plate(seldom(carried(41.0)), BODY_PX)
    assert found is not None
    assert found.radius_px == pytest.approx(41.0, rel=0.01)
    assert find_plate(seldom(carried(24.0)), BODY_PX) is None
    assert find_plate(seldom([look(disc(place, 41.0), place) for place in PLACES]), BODY_PX) is None


@pytest.mark.parametrize(
    ("every", "off_px", "radius_px"), [(1, 1.0, 41.0), (2, 1.0, 41.0), (3, 1.0, 35.0), (1, 5.0, 35.0)]
)
def test_a_circle_round_a_ring_is_the_edge_when_half_of_the_pictures_show_it(
    every: int, off_px: float, radius_px: float
) -> None:
    rings = [Circle(x, y, 35.0, 1.0) for x, y in PLACES]
    edges = [Circle(x + off_px, y, 41.0, 0.6) for x, y in PLACES]
    found = [[rings[n], edges[n]] if n % every == 0 else [rings[n]] for n in range(len(PLACES))]
    assert plate_detection.edge_round(found, rings, 35.0) == radius_px


def test_a_plate_on_the_wall_is_nobody_s() -> None:
    assert find_plate([look(disc((150.0, 140.0), 41.0), place) for place in PLACES], BODY_PX) is None


def test_a_larger_plate_on_the_wall_does_not_hide_the_one_on_the_back() -> None:
    """The wall's is seen in every picture, and stays where it is while the hands move."""
    looks = carried(20.0)
    for each in looks:
        each.rgb[:, 182:] = disc((208.0, 140.0), 26.0)[:, 182:]
    found = find_plate(looks, BODY_PX)
    assert found is not None
    assert found.radius_px == pytest.approx(20.0, rel=0.02)


def test_a_circle_in_a_third_of_the_pictures_is_not_believed() -> None:
    nothing = disc((10.0, 10.0), 2.0)
    looks = [look(disc(place, 41.0) if i % 3 == 0 else nothing, place) for i, place in enumerate(PLACES)]
    assert find_plate(looks, BODY_PX) is None


def test_hands_that_are_empty_before_and_after_hold_a_plate_meanwhile() -> None:
    nothing = disc((10.0, 10.0), 2.0)
    looks = [look(disc(place, 41.0) if 2 <= i < 6 else nothing, place) for i, place in enumerate(PLACES)]
    found = find_plate(looks, BODY_PX)
    assert found is not None
    assert found.radius_px == pytest.approx(41.0, rel=0.01)


def test_a_circle_in_two_pictures_is_not_believed() -> None:
    nothing = disc((10.0, 10.0), 2.0)
    looks = [look(disc(place, 41.0) if 2 <= i < 4 else nothing, place) for i, place in enumerate(PLACES)]
    assert find_plate(looks, BODY_PX) is None


@pytest.mark.parametrize(("covered", "found"), [(0.2, True), (0.5, False)])
def test_a_plate_of_which_little_is_seen_is_not_believed(covered: float, found: bool) -> None:
    looks = []
    for x, y in PLACES:
        picture = disc((x, y), 41.0)
        picture[:, round(x + 41.0 * math.cos(math.pi * covered)) :] = 90  # of the edge, this share
        looks.append(look(picture, (x, y)))
    assert (find_plate(looks, BODY_PX) is not None) is found


@pytest.mark.parametrize("share", [0.80, 0.86, 0.92])
def test_a_plates_edge_is_found_round_its_ring(share: float) -> None:
    """A circle that took half of the ring and half of the edge lies between them, 1 px off."""
    picture = to_grey(disc((150.0, 150.0), 41.0))
    grown = plate_detection.grow(picture, Circle(151.0, 150.0, share * 41.0, 0.7))
    assert max(each.radius_px for each in grown) == pytest.approx(41.0, rel=0.02)


@pytest.mark.parametrize("radius", [14.0, 75.0])
def test_bells_and_wheels_are_no_plates(radius: float) -> None:
    assert find_plate([look(disc(place, radius), place) for place in PLACES], BODY_PX) is None


def test_a_circle_of_few_pixels_is_not_believed() -> None:
    """Of a small circle every edge lies near: a dumbbell beside a hip once passed for a plate of 22 px."""
    looks = [look(disc(place, 22.0), place) for place in PLACES]
    assert find_plate(looks, 110.0) is None


def test_without_a_lifter_there_is_no_plate() -> None:
    blind = Look(disc((150.0, 150.0), 41.0), np.full((N_LANDMARKS, 2), np.nan))
    assert find_plate([blind] * 4, BODY_PX) is None
    assert find_plate([], BODY_PX) is None


@pytest.mark.real
@pytest.mark.parametrize("name", ["rdl_overrun", "rdl_good", "deadlift_correct", "ghr"])
def test_real_sets_with_bells_or_nothing_have_no_plate(real_clips: Path, name: str) -> None:
    info = video.probe(real_clips / f"{name}.mp4")
    assert scout(info, (0.0, info.duration_s), 30.0, "auto", 2).plate is None


@pytest.mark.real
def test_a_real_plate_on_the_back_is_found_and_left_in_the_picture(real_clips: Path) -> None:
    info = video.probe(real_clips / "good_morning.mp4")
    found = scout(info, (0.0, info.duration_s), 30.0, "auto", 2).plate
    assert found is not None
    assert not found.hides_leg
    assert found.radius_px == pytest.approx(44.7, abs=1.0)  # the bar's own plate: 45 cm


@pytest.mark.parametrize("radius_px", [0.3, 1.0, 2.0, 4.0, 8.0])
def test_an_edge_is_looked_for_round_circles_of_any_size(radius_px: float) -> None:
    points, strong = plate_detection.edge_along_rays(np.zeros((40, 40), np.uint8), Circle(20.0, 20.0, radius_px, 0.0))
    assert points.shape == (len(strong), 2)
    assert not strong.any()
