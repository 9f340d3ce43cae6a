"""The model on a real picture: found, raw, forgetful when told, and gone when closed."""

from collections.abc import Iterator

import numpy as np
import pytest
from conftest import SAMPLE
from films import Picture, read_pictures

from formcheck.pose import detection_pass
from formcheck.pose import landmarker as pose
from formcheck.pose.model_files import load_model
from formcheck.skeleton import N_LANDMARKS, Landmark

LITE = str(load_model("lite").path)
JOINTS = [11, 12, 23, 24, 25, 26, 27, 28]


@pytest.fixture(scope="module")
def pictures() -> list[Picture]:
    """Squares of 480 px round the lifter, from the middle of the first rep."""
    wide = read_pictures(SAMPLE, first=60, count=24, step=4)
    return [np.ascontiguousarray(each[:, 120:840][::2, ::2]) for each in wide]


@pytest.fixture
def follower() -> Iterator[pose.Landmarker]:
    with pose.Landmarker(LITE, video=True, masks=True) as landmarker:
        yield landmarker


def test_a_body_comes_in_the_pictures_own_pixels(follower: pose.Landmarker, pictures: list[Picture]) -> None:
    body = follower.find(pictures[0])
    assert body is not None
    size = pictures[0].shape[0]
    assert body.xy_px.shape == (N_LANDMARKS, 2)
    assert body.world_m.shape == (N_LANDMARKS, 3)
    assert body.visibility.shape == (N_LANDMARKS,)
    assert body.mask is not None
    assert body.mask.shape == (size, size)
    hip, ankle = body.xy_px[Landmark.RIGHT_HIP], body.xy_px[Landmark.RIGHT_ANKLE]
    assert 0.4 * size < hip[1] < ankle[1] < 0.95 * size
    x, y = hip.astype(int)
    assert body.mask[y, x] > 0.9
    assert body.mask[5, 5] < 0.1
    assert np.abs(body.world_m[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=0)).max() < 0.05


def test_nobody_in_an_empty_picture(follower: pose.Landmarker) -> None:
    assert follower.find(np.full((300, 300, 3), 90, dtype=np.uint8)) is None


@pytest.mark.parametrize("lasting", [False, True])
def test_landmarks_are_not_smoothed_over_time(pictures: list[Picture], lasting: bool) -> None:
    """After a small step the landmarks are where they are; smoothed ones have gone half the way."""
    size, step_px = pictures[0].shape[0], 4
    moved = np.full_like(pictures[0], 128)
    moved[:, step_px:] = pictures[0][:, : size - step_px]
    with pose.Landmarker(LITE, video=True, masks=False, lasting=lasting) as landmarker:
        for _ in range(8):
            before = landmarker.find(pictures[0])
        after = landmarker.find(moved)
    assert before is not None
    assert after is not None
    shift_px = np.median((after.xy_px - before.xy_px)[JOINTS, 0])
    assert shift_px == pytest.approx(step_px, abs=0.7)


def test_the_clock_of_the_filter_lasts_for_a_chunk_and_for_a_day_of_live() -> None:
    """It counts nanoseconds in 63 bits; when they are full MediaPipe writes a line a landmark to stderr."""
    full = 2**63 / 1e6
    assert detection_pass.CHUNK_RANGE[1] + 2 * detection_pass.WARM_UP < pose.MOST_FRAMES < full / pose.STEP_MS
    assert full / pose.LASTING_STEP_MS > 24 * 3600 * 30


def test_two_landmarkers_agree_to_the_last_bit(pictures: list[Picture]) -> None:
    runs = []
    for _ in range(2):
        with pose.Landmarker(LITE, video=True, masks=True) as landmarker:
            runs.append([landmarker.find(each) for each in pictures[:12]])
    for one, other in zip(*runs, strict=True):
        assert one is not None
        assert other is not None
        for name in ("xy_px", "world_m", "visibility", "mask"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_a_reset_landmarker_searches_anew(follower: pose.Landmarker, pictures: list[Picture]) -> None:
    fresh = follower.find(pictures[0])
    for each in reversed(pictures):
        follower.find(each)
    follower.reset()
    again = follower.find(pictures[0])
    assert fresh is not None
    assert again is not None
    np.testing.assert_array_equal(fresh.xy_px, again.xy_px)


def test_without_a_reset_it_is_not(follower: pose.Landmarker, pictures: list[Picture]) -> None:
    fresh = follower.find(pictures[0])
    follower.find(pictures[2])
    again = follower.find(pictures[0])
    assert fresh is not None
    assert again is not None
    assert (fresh.xy_px != again.xy_px).any()


def test_single_pictures_do_not_depend_on_each_other(pictures: list[Picture]) -> None:
    with pose.Landmarker(LITE, video=False, masks=False) as landmarker:
        bodies = [landmarker.find(pictures[index]) for index in (0, 9, 0)]
    assert bodies[0] is not None
    assert bodies[2] is not None
    assert bodies[0].mask is None
    np.testing.assert_array_equal(bodies[0].xy_px, bodies[2].xy_px)


def test_a_mask_outlives_the_next_picture(follower: pose.Landmarker, pictures: list[Picture]) -> None:
    body = follower.find(pictures[0])
    assert body is not None
    assert body.mask is not None
    kept = body.mask.copy()
    for each in pictures[1:]:
        follower.find(each)
    np.testing.assert_array_equal(body.mask, kept)
