"""Facing, near side and yaw of stick lifters seen by a camera whose place is known."""

from dataclasses import replace

import numpy as np
import pytest

from formcheck.data import FloatArray, PoseSequence
from formcheck.kinematics.bases import BENCH, FEET
from formcheck.kinematics.camera_view import find_near_side, judge_view, measure_yaw
from formcheck.kinematics.facing import find_facing
from formcheck.skeleton import SIDES, Landmark, Side
from samples.renderer.stick import rdl_set
from tests.skeletons_curls import curl_set

SIDE_NAMES = [each.name for each in Landmark if "LEFT" in each.name]


def one_rep(**kwargs: object) -> PoseSequence:
    return rdl_set(1, with_back=False, **kwargs)[0]  # type: ignore[arg-type]


def swap_sides(values: FloatArray) -> FloatArray:
    """What belongs to the left goes to the right and back: how a mirrored picture is labelled."""
    swapped = values.copy()
    for name in SIDE_NAMES:
        left, right = Landmark[name], Landmark[name.replace("LEFT", "RIGHT")]
        swapped[:, [left, right]] = values[:, [right, left]]
    return swapped


def mirror(poses: PoseSequence) -> PoseSequence:
    return replace(
        poses,
        xy_px=swap_sides(poses.xy_px * (-1.0, 1.0) + (1280.0, 0.0)),
        world_m=swap_sides(poses.world_m * (-1.0, 1.0, 1.0)),
        visibility=swap_sides(poses.visibility),
    )


@pytest.mark.parametrize("facing", SIDES)
@pytest.mark.parametrize("near", SIDES)
@pytest.mark.parametrize("yaw_deg", [-25.0, 0.0, 25.0])
def test_facing_and_near_side(facing: Side, near: Side, yaw_deg: float) -> None:
    view = judge_view(one_rep(facing=facing, near=near, yaw_deg=yaw_deg, noise_mm=6.0))
    assert (view.facing, view.side) == (facing, near)


@pytest.mark.parametrize("facing", SIDES)
def test_a_mirrored_picture_turns_facing_and_side_and_keeps_the_yaw(facing: Side) -> None:
    poses = one_rep(facing=facing, yaw_deg=12.0, noise_mm=6.0)
    before, after = judge_view(poses), judge_view(mirror(poses))
    assert (before.facing, before.side) == (facing, facing)
    other: Side = "left" if facing == "right" else "right"
    assert (after.facing, after.side) == (other, other)
    assert after.yaw_deg == pytest.approx(before.yaw_deg)


def test_facing_outlives_a_turn_of_the_head_and_some_steps() -> None:
    poses = one_rep(walk_in_s=2.0, noise_mm=6.0)
    xy_px = poses.xy_px.copy()
    xy_px[: len(xy_px) // 3] = xy_px[: len(xy_px) // 3] * (-1.0, 1.0) + (1280.0, 0.0)
    assert find_facing(xy_px) == "right"


@pytest.mark.parametrize("yaw_deg", [-40.0, -14.9, 0.0, 3.0, 14.9, 15.1, 29.9, 30.1, 60.0, 90.0])
@pytest.mark.parametrize("facing", SIDES)
def test_yaw_and_its_verdict(yaw_deg: float, facing: Side) -> None:
    view = judge_view(one_rep(yaw_deg=yaw_deg, facing=facing))
    assert view.yaw_deg == pytest.approx(abs(yaw_deg), abs=1e-6)
    expected = "green" if abs(yaw_deg) <= 15 else "amber" if abs(yaw_deg) <= 30 else "red"
    assert view.verdict == expected
    assert (view.reason is None) == (expected == "green")
    assert view.reason is None or f"{abs(yaw_deg):.0f}° off the side view" in view.reason


def test_yaw_is_read_in_standing() -> None:
    poses = one_rep(yaw_deg=10.0)
    trunk_deg = np.linspace(0, 80, len(poses.time_s))
    world_m = poses.world_m.copy()
    world_m[trunk_deg > 25, Landmark.LEFT_SHOULDER, 0] += 0.4  # what the model makes of a bent body does not count
    assert measure_yaw(world_m, trunk_deg + 2) == pytest.approx(10.0, abs=0.5)
    assert measure_yaw(world_m, trunk_deg[::-1]) > 30


def test_noise_in_the_shoulders_hardly_moves_the_yaw() -> None:
    poses = one_rep(yaw_deg=10.0)
    noise_m = 0.02 * np.random.default_rng(0).standard_normal(poses.world_m.shape)
    assert measure_yaw(poses.world_m + noise_m, np.zeros(len(poses.time_s))) == pytest.approx(10.0, abs=0.7)


def test_sides_seen_alike_and_frames_without_a_lifter() -> None:
    visibility = np.full((6, 33), 0.8)
    assert find_near_side(visibility) == "left"
    visibility[:, Landmark.RIGHT_KNEE] = 0.9
    visibility[0] = np.nan
    assert find_near_side(visibility) == "right"


def test_dropouts_change_nothing() -> None:
    poses = one_rep(yaw_deg=20.0, dropouts=[(0.0, 0.6), (3.0, 4.0)], near="left")
    view = judge_view(poses)
    assert (view.facing, view.side, view.verdict) == ("right", "left", "amber")
    assert view.yaw_deg == pytest.approx(20.0)


@pytest.mark.parametrize("n_frames", [1, 2, 40])
def test_nobody_seen_is_red(n_frames: int) -> None:
    poses = one_rep()
    empty = replace(
        poses,
        time_s=poses.time_s[:n_frames],
        xy_px=np.full((n_frames, 33, 2), np.nan),
        world_m=np.full((n_frames, 33, 3), np.nan),
        visibility=np.full((n_frames, 33), np.nan),
    )
    view = judge_view(empty)
    assert view.verdict == "red"
    assert np.isnan(view.yaw_deg)
    assert view.reason is not None
    assert "never visible" in view.reason


def test_one_frame_is_enough_for_a_view() -> None:
    poses = one_rep(facing="left", yaw_deg=20.0)
    first = {name: getattr(poses, name)[:1] for name in ("time_s", "xy_px", "world_m", "visibility")}
    view = judge_view(replace(poses, **first))
    assert (view.facing, view.verdict) == ("left", "amber")


def test_shoulders_that_the_model_never_placed_are_red() -> None:
    poses = one_rep()
    world_m = poses.world_m.copy()
    world_m[:, [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]] = np.nan
    assert judge_view(replace(poses, world_m=world_m)).verdict == "red"


def curl(yaw_deg: float, *, seated: bool = False) -> PoseSequence:
    """Leg curls whose shoulders are twisted by 50 deg, as arms that hold on and a turned head do it."""
    poses = curl_set(1, seated=seated, yaw_deg=yaw_deg, noise_mm=0.0)[0]
    world_m = poses.world_m.copy()
    left, right = world_m[:, Landmark.LEFT_SHOULDER], world_m[:, Landmark.RIGHT_SHOULDER]
    middle, half = (left + right) / 2, np.linalg.norm(left - right, axis=1)[:, None] / 2
    twist = np.radians(50.0)
    across = half * np.array([np.sin(twist), 0.0, np.cos(twist)])
    world_m[:, Landmark.LEFT_SHOULDER], world_m[:, Landmark.RIGHT_SHOULDER] = middle + across, middle - across
    return replace(poses, world_m=world_m)


@pytest.mark.parametrize("yaw_deg", [0.0, 12.0, 28.0, 45.0])
def test_a_lying_body_tells_its_yaw_by_the_thighs(yaw_deg: float) -> None:
    view = judge_view(curl(yaw_deg), BENCH)
    assert view.yaw_deg == pytest.approx(yaw_deg, abs=2.0)
    assert view.verdict == ("green" if yaw_deg <= 15 else "amber" if yaw_deg <= 30 else "red")


def test_a_sitting_or_standing_one_by_the_shoulders() -> None:
    assert judge_view(curl(0.0, seated=True), BENCH).yaw_deg == pytest.approx(50.0, abs=2.0)
    assert judge_view(curl(0.0), FEET).yaw_deg == pytest.approx(50.0, abs=2.0)


@pytest.mark.parametrize(("often", "yaw_deg", "verdict"), [(0.5, 50.0, "red"), (0.7, 25.0, "amber")])
def test_a_plate_that_looks_round_is_seen_from_its_side(often: float, yaw_deg: float, verdict: str) -> None:
    """It hides the shoulders, whose line then says anything; a shoulder line that agrees is heard on."""
    poses = one_rep(yaw_deg=50.0)
    plate_px = np.full((len(poses.time_s), 3), np.nan)
    plate_px[: round(often * len(plate_px))] = 200.0, 150.0, 40.0
    view = judge_view(replace(poses, plate_px=plate_px))
    assert view.yaw_deg == pytest.approx(yaw_deg, abs=1.0)
    assert view.verdict == verdict
    beside = judge_view(replace(one_rep(yaw_deg=5.0), plate_px=plate_px[: len(one_rep(yaw_deg=5.0).time_s)]))
    assert beside.yaw_deg == pytest.approx(5.0, abs=1.0)
