"""What is mended, what is counted and what is left empty, on sets that were damaged on purpose."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from formcheck.data import FloatArray, PoseSequence, Tracks
from formcheck.kinematics.cleaning import find_swaps, find_wild, measure_body, repair_tracks
from formcheck.skeleton import CHAIN, SIDES, Landmark, Side
from samples.renderer.stick import Truth, rdl_set

JOINTS = ("shoulder", "hip", "knee", "ankle")


def repaired(*args: Any, **kwargs: Any) -> tuple[Tracks, Truth, PoseSequence]:
    poses, truth = rdl_set(*args, **kwargs)
    return repair_tracks(poses, truth.near), truth, poses


def off_px(tracks: Tracks, truth: Truth, joint: str) -> FloatArray:
    return np.linalg.norm(tracks.joints_px[joint] - truth.joints_px[joint], axis=1)


@pytest.mark.parametrize("near", SIDES)
def test_clean_landmarks_pass_untouched(near: Side) -> None:
    tracks, truth, poses = repaired(2, near=near)
    assert tracks.time_s is poses.time_s or np.array_equal(tracks.time_s, poses.time_s)
    for joint in (*CHAIN, "hip_mid"):
        assert tracks.joints_px[joint] == pytest.approx(truth.joints_px[joint], abs=1e-9)
    assert (tracks.n_swapped, tracks.n_outliers, tracks.n_interpolated, tracks.detected_fraction) == (0, 0, 0, 1.0)
    assert tracks.rate_hz == pytest.approx(30.0)


def test_noise_alone_mends_next_to_nothing() -> None:
    for seed in range(3):
        tracks, _, poses = repaired(2, noise_mm=6.0, seed=seed)
        assert tracks.n_swapped == 0
        assert tracks.n_outliers <= 0.005 * len(poses.time_s)


@pytest.mark.parametrize("rate_hz", [24.0, 25.0, 29.97, 30.0, 60.0])
def test_dropouts_of_a_fifth_of_a_second_are_bridged(rate_hz: float) -> None:
    n_frames = int(0.2 * rate_hz + 0.01)
    start = round(3.0 * rate_hz)
    tracks, truth, poses = repaired(1, rate_hz=rate_hz, dropouts=[(start / rate_hz, (start + n_frames) / rate_hz)])
    assert (~truth.found).sum() == n_frames
    for joint in JOINTS:
        assert off_px(tracks, truth, joint).max() < 1.0
    assert tracks.n_interpolated == n_frames
    assert tracks.detected_fraction == pytest.approx(1 - n_frames / len(poses.time_s))


@pytest.mark.parametrize("n_frames", [1, 3, 5])
def test_every_bridged_frame_is_counted(n_frames: int) -> None:
    assert repaired(1, dropouts=[(3.0, 3.0 + n_frames / 30)])[0].n_interpolated == n_frames


@pytest.mark.parametrize("n_frames", [7, 8, 20, 60])
def test_longer_dropouts_stay_empty_and_nothing_else_does(n_frames: int) -> None:
    tracks, truth, _ = repaired(1, dropouts=[(3.0, 3.0 + n_frames / 30)])
    for joint in (*JOINTS, "hip_mid"):
        assert np.isnan(tracks.joints_px[joint][:, 0]).tolist() == (~truth.found).tolist()
    assert tracks.n_interpolated == 0
    assert tracks.back is not None
    assert np.isnan(tracks.back.depth_px[:, 1, 10]).tolist() == (~truth.found).tolist()


def test_the_edges_of_a_clip_are_not_invented() -> None:
    tracks, truth, _ = repaired(1, dropouts=[(0.0, 0.1), (8.0, 60.0)])
    assert np.isnan(tracks.joints_px["hip"][:, 0]).tolist() == (~truth.found).tolist()


@pytest.mark.parametrize("length_s", [0.1, 0.3, 1.0, 2.0])
@pytest.mark.parametrize("noise_mm", [0.0, 6.0])
def test_swap_bursts_are_undone_and_counted(length_s: float, noise_mm: float) -> None:
    tracks, truth, poses = repaired(2, noise_mm=noise_mm, swaps=[(3.0, 3.0 + length_s), (9.0, 9.1)])
    assert find_swaps(poses.xy_px, measure_body(poses.xy_px, truth.near)).tolist() == truth.swapped.tolist()
    assert tracks.n_swapped == truth.swapped.sum()
    for joint in ("knee", "ankle"):
        assert off_px(tracks, truth, joint).max() < 6 * noise_mm * 0.3 + 1e-6


def test_a_swap_that_begins_unseen_is_undone() -> None:
    tracks, truth, _ = repaired(2, swaps=[(3.0, 3.5)], dropouts=[(2.8, 3.1)])
    seen = truth.swapped & truth.found
    assert off_px(tracks, truth, "ankle")[seen].max() < 1e-6


def test_legs_that_coincide_are_left_as_they_are() -> None:
    poses, truth = rdl_set(2, noise_mm=6.0)
    xy_px = poses.xy_px.copy()
    for name in ("HIP", "KNEE", "ANKLE", "HEEL", "FOOT_INDEX"):
        left, right = Landmark[f"LEFT_{name}"], Landmark[f"RIGHT_{name}"]
        apart_px = np.median(xy_px[:, left] - xy_px[:, right], axis=0)
        xy_px[:, right] += apart_px
    assert not find_swaps(xy_px, measure_body(xy_px, truth.near)).any()


def test_nobody_seen_is_no_swap() -> None:
    assert not find_swaps(np.full((20, 33, 2), np.nan), np.nan).any()
    assert not find_swaps(np.zeros((1, 33, 2)), 255.0).any()


@pytest.mark.parametrize("joint", JOINTS)
@pytest.mark.parametrize("noise_mm", [0.0, 3.0])
def test_outliers_are_removed_and_counted(joint: str, noise_mm: float) -> None:
    moments = [(1.0, joint, 40.0, 0.0), (3.0, joint, 0.0, -30.0), (5.0, joint, -25.0, 25.0), (6.5, joint, 80.0, 10.0)]
    tracks, truth, _ = repaired(1, noise_mm=noise_mm, outliers=moments)
    assert tracks.n_outliers == 4
    assert tracks.n_interpolated == 4
    assert off_px(tracks, truth, joint).max() < 2.0 + 6 * 0.3 * noise_mm


@pytest.mark.parametrize("cut_s", [(2.6, 7.0), (3.0, 4.6), (0.0, 2.9), (0.0, 4.7)])
def test_fast_honest_motion_is_no_outlier_even_at_the_ends_of_a_clip(cut_s: tuple[float, float]) -> None:
    fast = {"eccentric_s": 0.4, "concentric_s": 0.35, "pause_s": 0.0, "rest_s": 0.0}
    tracks, truth, _ = repaired(4, cut_s=cut_s, **fast)
    assert tracks.n_outliers == 0
    for joint in JOINTS:
        assert off_px(tracks, truth, joint).max() < 1e-6


def test_a_jump_of_a_few_frames_is_an_outlier_in_either_axis() -> None:
    track_px = np.full((60, 2), 300.0)
    track_px[30:33, 1] += 12.0
    assert np.flatnonzero(find_wild(track_px, 30.0, 255.0)).tolist() == [30, 31, 32]
    track_px[30:33, 1] = 307.0  # 3 % of this leg are 7.65 px
    assert not find_wild(track_px, 30.0, 255.0).any()


@pytest.mark.parametrize(("rate_hz", "jitter"), [(30.0, 0.4), (60.0, 0.6), (25.0, 0.9)])
def test_a_variable_frame_rate_gets_an_even_grid(rate_hz: float, jitter: float) -> None:
    tracks, truth, _ = repaired(2, rate_hz=rate_hz, jitter=jitter)
    assert np.ptp(np.diff(tracks.time_s)) < 1e-9
    assert tracks.rate_hz == pytest.approx(rate_hz, rel=0.03)
    for joint in JOINTS:
        for axis in (0, 1):
            true_px = np.interp(tracks.time_s, truth.time_s, truth.joints_px[joint][:, axis])
            assert tracks.joints_px[joint][:, axis] == pytest.approx(true_px, abs=1e-6)
    assert (tracks.n_swapped, tracks.n_outliers, tracks.n_interpolated) == (0, 0, 0)


def test_the_outline_follows_the_grid() -> None:
    tracks, _, poses = repaired(1, rate_hz=60.0, jitter=0.5)
    assert tracks.back is not None
    assert poses.back is not None
    assert tracks.back.depth_px.shape == (len(tracks.time_s), 2, 51)
    expected = np.interp(tracks.time_s, poses.time_s, poses.back.depth_px[:, 1, 25])
    assert tracks.back.depth_px[:, 1, 25] == pytest.approx(expected)
    assert repaired(1, with_back=False)[0].back is None


def test_the_scale_of_a_body() -> None:
    poses, truth = rdl_set(1)
    assert measure_body(poses.xy_px, truth.near) == pytest.approx(255.0)
    assert np.isnan(measure_body(np.full((9, 33, 2), np.nan), "left"))


@pytest.mark.parametrize("n_frames", [2, 3, 5])
def test_hardly_any_frames(n_frames: int) -> None:
    tracks, truth, _ = repaired(1, cut_s=(3.0, 3.0 + (n_frames - 1) / 30))
    assert len(tracks.time_s) == n_frames
    assert off_px(tracks, truth, "hip").max() < 1e-9


def test_nobody_seen_stays_empty() -> None:
    poses, _ = rdl_set(1, cut_s=(0.0, 2.0))
    empty = replace(poses, xy_px=np.full_like(poses.xy_px, np.nan))
    tracks = repair_tracks(empty, "right")
    assert all(np.isnan(track).all() for track in tracks.joints_px.values())
    assert (tracks.detected_fraction, tracks.n_swapped, tracks.n_outliers, tracks.n_interpolated) == (0.0, 0, 0, 0)


def test_damage_of_every_kind_at_once() -> None:
    tracks, truth, _ = repaired(
        2,
        noise_mm=3.0,
        jitter=0.1,
        swaps=[(4.0, 4.3)],
        dropouts=[(6.0, 6.15)],
        outliers=[(9.0, "hip", 40.0, 0.0)],
    )
    times = tracks.time_s
    for joint in JOINTS:
        true_px = np.stack([np.interp(times, truth.time_s, truth.joints_px[joint][:, axis]) for axis in (0, 1)], axis=1)
        error_px = np.linalg.norm(tracks.joints_px[joint] - true_px, axis=1)
        assert error_px.max() < 5.0  # 3 mm white and 1.5 mm slow are 1 px an axis
    assert tracks.n_swapped == truth.swapped.sum()
    assert tracks.n_outliers >= 1
