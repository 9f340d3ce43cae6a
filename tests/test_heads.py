"""The lifter's head is hidden in every frame: on skeletons by number, on a rendered lifter by pixel."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import SAMPLE, make_report
from films import read_pictures, write_film

from formcheck.data import PoseSequence, Report
from formcheck.pipeline import analyze
from formcheck.rendering.annotated_video import heads_of, take_stills, write_blurred, write_copy
from formcheck.rendering.head_location import FACE_ROOM, LOST_S, RADIUS, SPEED, find_heads
from formcheck.rendering.overlay import hide
from formcheck.settings import Settings
from formcheck.skeleton import Landmark

TORSO_PX = 100.0
RATE_HZ = 20.0


def make_poses(n: int = 60) -> PoseSequence:
    """Somebody who stands: shoulders at (200, 150), hips 100 px below, face round (200, 100), 10 px wide."""
    xy_px = np.full((n, 33, 2), np.nan)
    xy_px[:, 0:11] = (200.0, 100.0)
    xy_px[:, Landmark.NOSE] = (210.0, 100.0)
    xy_px[:, [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]] = (200.0, 150.0)
    xy_px[:, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]] = (200.0, 150.0 + TORSO_PX)
    return PoseSequence(
        time_s=np.arange(n) / RATE_HZ,
        xy_px=xy_px,
        world_m=np.zeros((n, 33, 3)),
        visibility=np.ones((n, 33)),
        size_px=(400, 300),
        back=None,
        provenance=make_report().provenance,
    )


def changed(poses: PoseSequence, rows: slice, value: object) -> PoseSequence:
    xy_px = poses.xy_px.copy()
    xy_px[rows, 0:11] = value
    return replace(poses, xy_px=xy_px)


def holds(circles_px: np.ndarray | None, x: float, y: float) -> bool:
    assert circles_px is not None
    return bool((np.hypot(circles_px[:, 0] - x, circles_px[:, 1] - y) <= circles_px[:, 2]).any())


def test_the_circle_is_as_large_as_a_head_with_hair() -> None:
    circles_px = find_heads(make_poses()).at(1.0)
    assert circles_px is not None
    assert circles_px[:, :2] == pytest.approx(np.tile([200.0 + 10 / 11, 100.0], (len(circles_px), 1)))
    assert circles_px[:, 2] == pytest.approx(RADIUS * TORSO_PX)


def test_a_face_that_fills_more_is_hidden_whole() -> None:
    poses = make_poses()
    xy_px = poses.xy_px.copy()
    xy_px[:, Landmark.NOSE, 0] = 260.0
    circles_px = find_heads(replace(poses, xy_px=xy_px)).at(1.0)
    assert circles_px is not None
    assert circles_px[0, 2] == pytest.approx(60 * 10 / 11 + FACE_ROOM * TORSO_PX)


def test_where_the_head_was_not_found_the_circle_grows_and_then_is_the_picture() -> None:
    poses = changed(make_poses(), slice(20, 60), np.nan)  # known until 0.95 s
    heads = find_heads(poses)
    grown = heads.at(0.95 + 0.3)
    assert grown is not None
    assert grown[:, 2].max() == pytest.approx(RADIUS * TORSO_PX + SPEED * TORSO_PX * 0.3)
    assert heads.at(0.95 + LOST_S - 0.01) is not None
    assert heads.at(0.95 + LOST_S + 0.01) is None


def test_a_gap_is_grown_over_from_both_sides() -> None:
    poses = changed(make_poses(), slice(20, 30), np.nan)
    heads = find_heads(poses)
    assert all(holds(heads.at(moment_s), 200.0, 100.0) for moment_s in np.arange(0.0, 2.9, 0.01))


def test_a_face_that_jumps_to_somebody_else_is_not_believed() -> None:
    poses = changed(make_poses(), slice(20, 24), (330.0, 160.0))  # 0.2 s on a bystander, near the shoulders still
    heads = find_heads(poses)
    assert not (np.abs(heads.circles_px[:, 0] - 330) < 50).any()
    assert all(holds(heads.at(moment_s), 200.0, 100.0) for moment_s in np.arange(0.9, 1.3, 0.01))


def test_a_face_far_from_the_shoulders_is_nobodys() -> None:
    assert len(find_heads(changed(make_poses(), slice(None), (390.0, 20.0))).time_s) == 0


def test_nobody_is_nowhere() -> None:
    poses = make_poses()
    heads = find_heads(replace(poses, xy_px=np.full_like(poses.xy_px, np.nan)))
    assert heads.at(0.0) is None


def noisy() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (120, 160, 3)).astype(np.uint8)


def test_what_is_hidden_is_one_colour_and_the_rest_is_as_it_was() -> None:
    before = noisy()
    picture = before.copy()
    hide(picture, np.array([[60.0, 50.0, 20.0], [70.0, 50.0, 20.0], [-500.0, 0.0, 3.0]]))
    y, x = np.mgrid[:120, :160]
    inside = (np.hypot(x - 60, y - 50) <= 19) | (np.hypot(x - 70, y - 50) <= 19)
    outside = (np.hypot(x - 60, y - 50) > 22) & (np.hypot(x - 70, y - 50) > 22)
    assert len(np.unique(picture[inside], axis=0)) == 1
    assert picture[inside][0] == pytest.approx(before[inside].mean(axis=0), abs=2)
    np.testing.assert_array_equal(picture[outside], before[outside])


def test_a_picture_that_is_hidden_whole_keeps_twelve_colours() -> None:
    picture = noisy()
    sharp = picture.copy()
    hide(picture, None)
    assert np.abs(np.diff(picture.astype(int), axis=1)).max() <= 3
    assert np.abs(np.diff(sharp.astype(int), axis=1)).max() > 200


# A rendered lifter, through the real model: whoever looks at the pixels knows nothing of our landmarks.

STEP = 6  # of the frames
COUNT = 240  # frames of 8 s


@pytest.fixture(scope="module")
def rendered() -> Report:
    return analyze(SAMPLE, Settings(lift="rdl", model="lite", end_s=8.0))  # as in test_export: from the cache


@pytest.fixture(scope="module")
def heads_px() -> list[np.ndarray]:
    """Pixels of the head in some frames: not the wall behind, and up to 40 cm beyond the shoulders, arms apart."""
    truth = json.loads(SAMPLE.with_suffix(".truth.json").read_text())
    points, px_per_m = truth["frames"]["points_px"]["right"], truth["camera"]["px_per_m"]
    frames = read_pictures(SAMPLE, count=COUNT // STEP, step=STEP)
    wall = np.median(read_pictures(SAMPLE, step=30), axis=0)
    y, x = np.mgrid[: wall.shape[0], : wall.shape[1]]
    masks = []
    for row, frame in zip(range(0, COUNT, STEP), frames, strict=True):
        shoulder, hip, elbow = (np.array(points[name][row]) for name in ("shoulder", "hip", "elbow"))
        up = (shoulder - hip) / np.linalg.norm(shoulder - hip)
        beyond_px = (x - shoulder[0]) * up[0] + (y - shoulder[1]) * up[1]
        near = np.hypot(x - shoulder[0], y - shoulder[1]) < 0.4 * px_per_m
        arm = np.hypot(x - elbow[0], y - elbow[1]) < 0.2 * px_per_m
        body = (np.abs(frame - wall) > 30).any(axis=2)
        masks.append(body & near & ~arm & (beyond_px > 0.11 * px_per_m))
    return masks


def spread(picture: np.ndarray, mask: np.ndarray) -> float:
    return float(picture[mask].astype(float).std(axis=0).max())


def test_no_pixel_of_the_head_is_left_in_any_frame(
    rendered: Report, heads_px: list[np.ndarray], tmp_path: Path
) -> None:
    write_blurred(SAMPLE, rendered, tmp_path / "blurred.mp4")
    before = read_pictures(SAMPLE, count=COUNT // STEP, step=STEP)
    after = read_pictures(tmp_path / "blurred.mp4", count=COUNT // STEP, step=STEP)
    assert len(after) == len(heads_px)
    assert min(mask.sum() for mask in heads_px) > 1500, "the head was looked for"
    assert min(map(spread, before, heads_px)) > 15
    assert max(map(spread, after, heads_px)) < 4
    feet = np.s_[600:660, 430:580]
    for one, other in zip(before, after, strict=True):
        assert np.abs(one[feet].astype(int) - other[feet]).mean() < 4, "nothing else is hidden"


def test_without_the_flag_the_head_is_there(rendered: Report, heads_px: list[np.ndarray], tmp_path: Path) -> None:
    write_copy(SAMPLE, tmp_path / "annotated.mp4", tuple(rendered.kinematics.time_s[[0, -1]]))
    after = read_pictures(tmp_path / "annotated.mp4", count=COUNT // STEP, step=STEP)
    assert min(map(spread, after, heads_px)) > 12


def test_a_report_without_landmarks_hides_the_whole_picture(tmp_path: Path) -> None:
    report = make_report()
    x = np.mgrid[:72, :128][1]
    stripes = np.repeat(((x // 4) % 2 * 200)[..., None], 3, axis=2).astype(np.uint8)
    film = write_film(tmp_path / "set.mp4", [stripes] * 100, fps=10.0)
    report = replace(report, source=replace(report.source, size_px=(128, 72)))
    write_blurred(film, report, tmp_path / "blurred.mp4")
    assert max(float(each.std()) for each in read_pictures(tmp_path / "blurred.mp4")) < 8
    (jpeg,) = take_stills(film, None, [2.0], heads=heads_of(report)).pictures.values()
    (sharp,) = take_stills(film, None, [2.0]).pictures.values()
    assert len(jpeg) < len(sharp) / 3
