"""Everybody in a picture, by MoveNet MultiPose."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from formcheck import video
from formcheck.pose.model_files import load_model
from formcheck.pose.people_detector import PeopleDetector, decode, fill, find_peaks
from formcheck.skeleton import COCO, Landmark

CLIP = Path(__file__).parents[1] / "samples" / "rdl_four_reps.mp4"
SIDE = 16  # cells of a small map


@pytest.fixture(scope="module")
def detector() -> PeopleDetector:
    return PeopleDetector(str(load_model("multipose").path))


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    info = video.probe(CLIP, None)
    window = video.whole_window(info, 360)
    (frame,) = itertools.islice(video.spread_frames(info, 3, 0.0, 2.0), 1)
    return video.Shrinker(info).shrink(frame, window).rgb()


def maps(*people: tuple[int, int, float]) -> tuple[np.ndarray, ...]:
    """Maps in which each of `people` (row, column, how clear) has all points two cells below the middle."""
    heat, guess = np.zeros((1, 17, SIDE, SIDE), np.float32), np.zeros((1, 34, SIDE, SIDE), np.float32)
    offset, centre = np.full((1, 34, SIDE, SIDE), 0.25, np.float32), np.zeros((1, 1, SIDE, SIDE), np.float32)
    guess[0, ::2] = 2.0
    for row, column, clear in people:
        centre[0, 0, row, column] = clear
        heat[0, :, row + 2, column] = clear
    return heat, guess, offset, centre


def test_every_clear_middle_is_a_person_the_clearest_first() -> None:
    found = decode(*maps((3, 4, 0.5), (3, 12, 0.9), (9, 9, 0.04)))
    assert len(found) == 2
    assert found[0] == pytest.approx(np.full((17, 2), [12.25, 5.25]) * 4.0)
    assert found[1] == pytest.approx(np.full((17, 2), [4.25, 5.25]) * 4.0)


def test_two_cells_of_one_middle_are_one_person() -> None:
    centre = np.zeros((SIDE, SIDE), np.float32)
    centre[5, 5], centre[5, 6] = 0.8, 0.7
    assert find_peaks(centre).tolist() == [[5, 5]]
    assert find_peaks(np.zeros((SIDE, SIDE), np.float32)).shape == (0, 2)


def test_fingers_and_feet_lie_on_wrist_and_ankle() -> None:
    points = np.arange(34.0).reshape(17, 2)
    landmarks = fill(points)
    assert np.isfinite(landmarks).all()
    assert landmarks[COCO] == pytest.approx(points)
    assert landmarks[Landmark.LEFT_HEEL] == pytest.approx(landmarks[Landmark.LEFT_ANKLE])
    assert landmarks[Landmark.RIGHT_INDEX] == pytest.approx(landmarks[Landmark.RIGHT_WRIST])


def test_one_lifter_is_one_and_two_side_by_side_are_two(detector: PeopleDetector, picture: np.ndarray) -> None:
    (alone,) = detector.find(picture)
    height, width = picture.shape[:2]
    pair = np.full((2 * height, 2 * width, 3), 128, np.uint8)
    pair[:height, :width], pair[:height, width:] = picture, picture
    both = sorted(detector.find(pair), key=lambda body: float(body[Landmark.LEFT_HIP, 0]))
    assert len(both) == 2
    body_px = float(np.ptp(alone[:, 1]))
    for body, left_px in zip(both, (0.0, float(width)), strict=True):
        assert np.abs(body[COCO] - alone[COCO] - [left_px, 0.0]).max(axis=1) == pytest.approx(0.0, abs=0.12 * body_px)


def test_an_empty_room_holds_nobody(detector: PeopleDetector) -> None:
    shades = np.linspace(60, 200, 200, dtype=np.uint8)
    assert detector.find(np.repeat(np.tile(shades, (200, 1))[..., None], 3, axis=2)) == []
