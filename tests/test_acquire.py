"""From a file to the lifter's landmarks: the same for any number of workers, the right person, in the right place."""

import logging
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, SAMPLE
from films import Picture, read_pictures, write_film
from numpy.typing import NDArray

from formcheck.data import PoseSequence
from formcheck.errors import InputError
from formcheck.pose import mediapipe_guard, quarter_turns
from formcheck.pose.estimation import acquire_poses
from formcheck.skeleton import Landmark

HIPS = [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]
SHOULDERS = [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]
STRETCH_S = 4.2  # of the sample, to the middle of its first repetition: three chunks


def new(path: Path, **settings: Any) -> PoseSequence:
    """Landmarks with the cache left alone; the lite model, for that is quickest."""
    return acquire_poses(path, use_cache=False, **{"model": "lite", **settings})[1]


def assert_same(one: PoseSequence, other: PoseSequence) -> None:
    assert one.back is not None
    assert other.back is not None
    for name in ("time_s", "xy_px", "world_m", "visibility"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    np.testing.assert_array_equal(one.back.chord_px, other.back.chord_px)
    np.testing.assert_array_equal(one.back.depth_px, other.back.depth_px)


def middle(poses: PoseSequence, joints: list[Landmark]) -> NDArray[np.float64]:
    return np.asarray(poses.xy_px[:, joints].mean(axis=1))


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> PoseSequence:
    """The beginning of the sample, by one worker; the cache stays as it was."""
    kept = tmp_path_factory.mktemp("bypassed") / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORMCHECK_CACHE_DIR", str(kept))
        poses = new(SAMPLE, end_s=STRETCH_S, workers=1)
    assert not kept.exists()
    return poses


@pytest.fixture(scope="module")
def pictures() -> list[Picture]:
    """1.2 s of its first way down, every second pixel, on a square."""
    return [np.ascontiguousarray(each[::2, 120:840:2]) for each in read_pictures(SAMPLE, first=90, count=36)]


@pytest.fixture(scope="module")
def upright(tmp_path_factory: pytest.TempPathFactory, pictures: list[Picture]) -> PoseSequence:
    """Landmarks of `pictures` as they are."""
    return new(write_film(tmp_path_factory.mktemp("films") / "up.mp4", pictures))


# --- the same for any number of workers ------------------------------------------------------------------------------


def test_workers_change_nothing_and_progress_counts_every_frame(short: PoseSequence) -> None:
    calls: list[tuple[int, int]] = []
    poses = new(SAMPLE, end_s=STRETCH_S, workers=4, progress=lambda done, expected: calls.append((done, expected)))
    assert_same(poses, short)
    assert [done for done, _ in calls] == list(range(1, 128))
    assert all(expected in {126, 127} for _, expected in calls)


# --- what comes out --------------------------------------------------------------------------------------------------


def test_the_sample_is_followed_in_every_frame(short: PoseSequence) -> None:
    assert len(short.time_s) == 127
    np.testing.assert_allclose(short.time_s, np.arange(127) / 30, atol=1e-4)
    assert np.isfinite(short.xy_px).all()
    assert short.size_px == (960, 720)
    assert short.provenance.model == "lite"
    assert short.back is not None
    for end, joints in enumerate((HIPS, SHOULDERS)):  # the chord is MediaPipe's own, the landmarks are of both eyes
        assert np.median(np.abs(short.back.chord_px[:, end] - middle(short, joints))) < 0.1
    depth = short.back.depth_px[:10, :, 25]  # standing, half way up the trunk
    assert np.isfinite(depth).all()
    assert 30 < depth.sum(axis=1).mean() < 110  # an upper body from the side, at 570 px from head to foot


def test_landmarks_lie_on_the_body(short: PoseSequence) -> None:
    """Against the renderer's own joints; what remains is that a landmark is no joint centre."""
    import json

    truth = json.loads(SAMPLE.with_suffix(".truth.json").read_text())
    points = truth["frames"]["points_px"][truth["near_side"]]
    for joint in ("shoulder", "hip", "knee", "ankle"):
        found = short.xy_px[:, Landmark[f"{truth['near_side']}_{joint}".upper()]]
        distance = np.linalg.norm(found - np.array(points[joint])[: len(found)], axis=1)
        assert np.median(distance) < 25, joint  # px; 4 % of the body


def test_a_failing_progress_ends_the_work() -> None:
    def fail(done: int, expected: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        new(SAMPLE, end_s=2.0, progress=fail)


def test_a_fault_in_a_thread_is_raised_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError("in the worker")

    monkeypatch.setattr("formcheck.pose.torso_contour.torso_depths", fail)
    with pytest.raises(MemoryError, match="in the worker"):
        new(SAMPLE, end_s=2.0)


def test_a_part_of_the_video_keeps_the_videos_times(short: PoseSequence) -> None:
    part = new(SAMPLE, start_s=3.0, end_s=4.0)
    assert part.time_s[0] == pytest.approx(3.0, abs=1e-6)
    assert part.time_s[-1] == pytest.approx(4.0, abs=1e-6)
    same = short.xy_px[np.searchsorted(short.time_s, part.time_s - 1e-3)]
    assert np.median(np.linalg.norm(part.xy_px - same, axis=2)) < 6


@pytest.mark.parametrize("turned_deg", [90, 180, 270])
def test_a_phone_held_any_way(tmp_path: Path, pictures: list[Picture], upright: PoseSequence, turned_deg: int) -> None:
    """The file lies on its side and says so: the landmarks are those of the upright picture."""
    lying = [np.rot90(each, turned_deg // 90) for each in pictures]
    poses = new(write_film(tmp_path / "lying.mp4", lying, turned_deg=turned_deg))
    assert poses.size_px == upright.size_px
    assert np.median(np.linalg.norm(poses.xy_px - upright.xy_px, axis=2)) < 3


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_picture_that_lies_on_its_side_without_saying_so(
    tmp_path: Path, pictures: list[Picture], upright: PoseSequence, turns: int
) -> None:
    """Somebody upside down is found all the same, and where they are in the picture."""
    poses = new(write_film(tmp_path / "lying.mp4", [np.rot90(each, turns) for each in pictures]))
    size = pictures[0].shape[0]
    back = quarter_turns.turn_points_back(poses.xy_px, turns, size)
    assert np.isfinite(back).mean() > 0.95
    assert np.nanmedian(np.linalg.norm(back - upright.xy_px, axis=2)) < 6
    assert poses.back is not None
    assert upright.back is not None
    np.testing.assert_allclose(
        np.nanmedian(poses.back.depth_px, axis=0)[:, 20:30],
        np.nanmedian(upright.back.depth_px, axis=0)[:, 20:30],
        atol=5,
    )


def test_points_turn_with_their_picture() -> None:
    picture = np.zeros((40, 40, 3), dtype=np.uint8)
    picture[4, 29] = 255
    for turns in range(4):
        row, column = np.argwhere(quarter_turns.turn_picture(picture, turns)[..., 0])[0]
        found = np.array([column + 0.5, row + 0.5])
        np.testing.assert_allclose(quarter_turns.turn_points_back(found, turns, 40), [29.5, 4.5])
        np.testing.assert_allclose(quarter_turns.turn_points(np.array([29.5, 4.5]), turns, 40), found)


# --- the right person ------------------------------------------------------------------------------------------------


def test_the_lifter_among_two(tmp_path: Path) -> None:
    """A larger bystander on the left, the lifter on the right: told apart, and each to be had by name.

    Whoever of several workers looks at a picture, it is the same lifter.
    """
    wide = read_pictures(SAMPLE, count=30, step=6)
    still = wide[0][:, 300:700]
    scenes = [np.hstack([still, each[:, 280:760]]) for each in wide]
    path = write_film(tmp_path / "two.mp4", [np.ascontiguousarray(each) for each in scenes], fps=5)
    lifter, left = new(path, workers=1), new(path, subject="left")
    assert_same(new(path, workers=4), lifter)
    assert (middle(lifter, HIPS)[:, 0] > 400).all()
    assert (middle(left, HIPS)[:, 0] < 400).all()
    assert np.ptp(middle(lifter, SHOULDERS)[:, 0]) > 60
    assert np.ptp(middle(left, SHOULDERS)[:, 0]) < 20


# --- the cache -------------------------------------------------------------------------------------------------------

SECOND_RUN = """
import sys, time
from pathlib import Path
from formcheck.pose.estimation import acquire_poses
source, poses = acquire_poses(Path(sys.argv[1]), model="lite", end_s=2.0)
print(time.process_time(), sorted({"mediapipe", "cv2", "av"} & set(sys.modules)), poses.xy_px.sum())
"""


def test_a_second_run_is_quick_and_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMCHECK_CACHE_DIR", str(tmp_path / "cache"))
    settings: dict[str, Any] = {"model": "lite", "end_s": 2.0}
    source, poses = acquire_poses(SAMPLE, **settings)
    again_source, again = acquire_poses(SAMPLE, **settings)
    assert again_source == source
    assert again.provenance == poses.provenance
    assert_same(again, poses)
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(SAMPLE.read_bytes())
    assert acquire_poses(copy, **settings)[0] == replace(source, path=str(copy)), "a copy is the same video"
    command = [sys.executable, "-c", SECOND_RUN, str(copy)]
    cpu_s, modules, total = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        maxsplit=2
    )
    assert float(cpu_s) < 1.0
    assert modules == "[]"
    assert float(total) == pytest.approx(poses.xy_px.sum())


def test_every_setting_that_matters_is_part_of_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them is looked up under a name of its own; what is not there is stopped before the model looks."""
    monkeypatch.setenv("FORMCHECK_CACHE_DIR", str(tmp_path))
    keys: list[str] = []

    def look_up(key: str) -> None:
        keys.append(key)

    def stop(*_: object) -> None:
        raise LookupError

    monkeypatch.setattr("formcheck.cache.load", look_up)
    monkeypatch.setattr("formcheck.pose.estimation.run", stop)
    changes: list[dict[str, Any]] = [
        {},
        {"start_s": 0.1},
        {"end_s": 1.0},
        {"rate_hz": 28.0},
        {"subject": "largest"},
        {"model": "full"},
        {"workers": 1},
    ]
    for change in changes:
        with pytest.raises(LookupError):
            acquire_poses(SAMPLE, **{"model": "lite", "end_s": 0.9, **change})
    assert len(set(keys)) == len(changes) - 1
    assert keys[-1] == keys[0], "the number of workers is none of them"


# --- manners ---------------------------------------------------------------------------------------------------------

CHATTER = """
import os, sys
os.environ.pop("https_proxy", None)
from pathlib import Path
from formcheck.pose.estimation import acquire_poses
acquire_poses(Path(sys.argv[1]), model="lite", end_s=1.0, use_cache=False)
print("still heard", file=sys.stderr)
print("https_proxy" in os.environ)
"""


def test_mediapipe_writes_nothing_to_stderr() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHATTER, str(SAMPLE)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr == "still heard\n"
    assert done.stdout == "False\n"  # and the environment is as it was


def test_usage_reports_stay_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    with mediapipe_guard.private():
        assert os.environ["https_proxy"] == mediapipe_guard.NOWHERE
    assert os.environ["https_proxy"] == "http://proxy:3128"


# --- bad input -------------------------------------------------------------------------------------------------------


def test_a_video_of_less_than_a_second(tmp_path: Path, pictures: list[Picture]) -> None:
    with pytest.raises(InputError, match="Only 23 frames"):
        new(write_film(tmp_path / "a.mp4", pictures[:23]))
    assert len(new(write_film(tmp_path / "b.mp4", pictures[:24])).time_s) == 24


@pytest.mark.parametrize(
    ("start_s", "end_s", "words"), [(2.0, 1.0, "is empty"), (1.0, 1.0, "is empty"), (99.0, None, "ends at 29.3 s")]
)
def test_an_empty_stretch(start_s: float, end_s: float | None, words: str) -> None:
    with pytest.raises(InputError, match=words):
        new(SAMPLE, start_s=start_s, end_s=end_s)


def test_a_missing_file_is_not_a_cache_hit(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        acquire_poses(tmp_path / "a.mp4")


def test_a_cut_off_video_is_analysed_as_far_as_it_goes_with_a_warning(
    tmp_path: Path, pictures: list[Picture], caplog: pytest.LogCaptureFixture
) -> None:
    path = write_film(tmp_path / "a.mkv", [*pictures, *pictures[::-1]])  # down, and up again
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with caplog.at_level(logging.WARNING):
        poses = new(path)
    assert 24 <= len(poses.time_s) < 42
    assert "breaks off" in caplog.text
