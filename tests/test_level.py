"""Hands out of level at the bottom of a hinge, from the front or from behind: what is said, and when nothing is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from formcheck.data import Finding, PoseSequence, Source
from formcheck.events.level import measure_level
from formcheck.lifts import all_lifts
from formcheck.pipeline import analyze, judge_set
from formcheck.settings import Settings
from formcheck.skeleton import Landmark
from samples.renderer.clips import clip_from
from samples.renderer.render import render
from samples.renderer.stick import Shot, Truth, rdl_set
from tests.skeletons_curls import place_arms

SOURCE = Source("set.mp4", "", 30.0, 1, 1.0, (1280, 720), 0)
LEFT, RIGHT = Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST


def tilt_hands(poses: PoseSequence, truth: Truth, left_lower_deg: float) -> PoseSequence:
    """Bring the left wrist down so that the line of both is tilted by that much near the bottom, less above it."""
    trunk_deg = truth["trunk_deg"]
    share = np.minimum((trunk_deg - trunk_deg.min()) / (0.9 * np.ptp(trunk_deg)), 1.0)
    xy_px = poses.xy_px.copy()
    apart_px = np.abs(xy_px[:, LEFT, 0] - xy_px[:, RIGHT, 0])
    xy_px[:, LEFT, 1] += share * apart_px * np.tan(np.radians(left_lower_deg))
    return replace(poses, xy_px=xy_px)


def turn_picture(poses: PoseSequence, roll_deg: np.ndarray) -> PoseSequence:
    """Turn the picture of each frame about its middle."""
    roll, middle_px = np.radians(roll_deg)[:, None], np.array([640.0, 360.0])
    x, y = np.moveaxis(poses.xy_px - middle_px, 2, 0)
    turned = np.stack([x * np.cos(roll) - y * np.sin(roll), x * np.sin(roll) + y * np.cos(roll)], axis=2)
    return replace(poses, xy_px=turned + middle_px)


def film(
    left_lower_deg: float, n_reps: int = 3, yaw_deg: float = 85.0, seed: int = 0, **rep: float
) -> tuple[PoseSequence, Truth]:
    shot = Shot(yaw_deg=yaw_deg, noise_mm=4.0, slow_mm=2.0, world_mm=4.0, with_back=False, seed=seed)
    poses, truth = rdl_set(n_reps, shot=shot, **rep)
    return tilt_hands(poses, truth, left_lower_deg), truth


def judge(poses: PoseSequence, lift: str = "rdl") -> Finding:
    report = judge_set(SOURCE, poses, all_lifts()[lift], Settings(lift=lift))
    (finding,) = [each for each in report.findings if each.code == f"{lift}.level"]
    return finding


@pytest.mark.parametrize("yaw_deg", [85.0, -85.0, 72.0])
@pytest.mark.parametrize(("left_lower_deg", "lower"), [(14.0, "left"), (-14.0, "right")])
def test_the_hand_that_hangs_lower_is_named_from_the_front_and_from_behind(
    yaw_deg: float, left_lower_deg: float, lower: str
) -> None:
    finding = judge(film(left_lower_deg, yaw_deg=yaw_deg)[0])
    assert finding.verdict == "fault"
    assert finding.value == pytest.approx(14.0, abs=2.0)
    assert finding.low <= 14.0 <= finding.high
    assert finding.text.startswith(f"Your {lower} hand hangs 1")
    assert finding.rep is None


def test_a_good_morning_speaks_of_the_bar() -> None:
    poses, truth = film(0.0)
    poses = tilt_hands(place_arms(poses, truth, "racked", 85.0), truth, 8.0)
    finding = judge(poses, "good_morning")
    assert finding.verdict == "note"
    assert finding.text.startswith("The bar hangs ")
    assert " lower on your left at the bottom" in finding.text


@pytest.mark.parametrize("roll_deg", [-6.0, 0.0, 6.0])
def test_level_hands_are_good_however_the_camera_is_held(roll_deg: float) -> None:
    poses, _ = film(0.0)
    finding = judge(turn_picture(poses, np.full(len(poses.time_s), roll_deg)))
    assert finding.verdict == "good"
    assert finding.text.startswith("hands level to ")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("line_deg", "never"), [(4.6, {"note", "fault"}), (9.5, {"fault"})])
def test_a_tilt_at_a_line_does_not_pass_it(line_deg: float, never: set[str], seed: int) -> None:
    assert judge(film(line_deg, seed=seed)[0]).verdict not in never


@pytest.mark.parametrize("yaw_deg", [0.0, 45.0])
def test_a_side_view_is_not_asked(yaw_deg: float) -> None:
    finding = judge(film(14.0, yaw_deg=yaw_deg)[0])
    assert (finding.verdict, finding.detail["asked"]) == ("not_judged", False)
    assert "needs a clip from the front or from behind" in str(finding.reason)


@pytest.mark.parametrize("seen_every", [1000, 3])
def test_hands_that_are_mostly_hidden_at_the_bottom_are_not_judged(seen_every: int) -> None:
    poses, truth = film(14.0)
    visibility = poses.visibility.copy()
    hidden = (truth["trunk_deg"] > 50.0) & (np.arange(len(poses.time_s)) % seen_every != 0)
    visibility[hidden, LEFT] = 0.4
    finding = judge(replace(poses, visibility=visibility))
    assert finding.verdict == "not_judged"
    assert "hands were not seen" in str(finding.reason)


def test_hands_on_one_weight_are_not_judged() -> None:
    poses, _ = film(0.0)
    xy_px = poses.xy_px.copy()
    xy_px[:, LEFT] = 0.3 * xy_px[:, LEFT] + 0.7 * xy_px[:, RIGHT]
    assert "too close together" in str(judge(replace(poses, xy_px=xy_px)).reason)


@pytest.mark.parametrize("options", [{"n_reps": 1}, {"trunk_max_deg": 30.0}])
def test_less_than_two_hinges_are_too_few(options: dict[str, float]) -> None:
    finding = judge(film(14.0, **options)[0])  # type: ignore[arg-type]
    assert finding.verdict == "not_judged"
    assert "two reps or more" in str(finding.reason)


def test_without_standing_there_is_nothing_to_compare_with() -> None:
    poses, truth = film(14.0)
    bent = truth["trunk_deg"] > 55.0
    short = replace(
        poses,
        time_s=poses.time_s[bent],
        xy_px=poses.xy_px[bent],
        world_m=poses.world_m[bent],
        visibility=poses.visibility[bent],
    )
    assert "does not show you standing" in measure_level(short.time_s, short.xy_px, short.visibility).reason


def test_a_camera_that_turns_all_the_time_puts_nobody_out_of_level() -> None:
    """A degree a second: against all the standing before the set, the first bottom would look tilted by five."""
    shot = Shot(yaw_deg=85.0, noise_mm=4.0, slow_mm=2.0, world_mm=4.0, with_back=False)
    poses, _ = rdl_set(2, shot=shot, before_s=14.0)
    finding = judge(turn_picture(poses, poses.time_s - poses.time_s.mean()))
    assert finding.verdict == "good"
    assert finding.value < 2.0


def test_bottoms_that_contradict_each_other_are_not_judged() -> None:
    poses, truth = film(0.0, n_reps=2)
    half = poses.time_s < (truth.reps[0].stop_s + truth.reps[1].start_s) / 2
    one, other = (tilt_hands(poses, truth, each).xy_px for each in (20.0, -16.0))
    finding = judge(replace(poses, xy_px=np.where(half[:, None, None], one, other)))
    assert finding.verdict == "not_judged"
    assert "it may be anything from 0" in str(finding.reason)


def test_a_hand_that_is_taken_for_the_other_in_some_frames_changes_nothing() -> None:
    poses, _ = film(14.0)
    xy_px = poses.xy_px.copy()
    xy_px[::3, [LEFT, RIGHT]] = xy_px[::3, [RIGHT, LEFT]]
    known, mixed = (measure_level(poses.time_s, each, poses.visibility) for each in (poses.xy_px, xy_px))
    assert mixed.left_lower_deg == pytest.approx(known.left_lower_deg, abs=1e-9)


def test_nobody_in_the_picture_is_nothing_to_see() -> None:
    level = measure_level(np.arange(20) / 30, np.full((20, 33, 2), np.nan), np.full((20, 33), np.nan))
    assert "never seen" in level.reason


def test_a_rendered_lifter_from_the_front_hangs_lower_on_the_right(tmp_path: Path) -> None:
    rep = {"eccentric_s": 0.8, "pause_s": 0.4, "concentric_s": 0.6, "rest_s": 0.4, "hands_tilt_deg": -13.0}
    table = {
        "lift": "rdl",
        "about": "from the front",
        "before_s": 0.5,
        "after_s": 0.2,
        "edge_samples": 0,
        "shadow_every": 30,
        "camera": {"width_px": 320, "height_px": 320, "yaw_deg": 86.0, "roll_deg": 3.0},
        "recording": {"fps": 24.0, "preset": "veryfast"},
        "reps": [rep, rep],
    }
    clip = render(clip_from("front", table), tmp_path)
    report = analyze(clip, Settings(lift="rdl"))
    (finding,) = [each for each in report.findings if each.code == "rdl.level"]
    assert finding.verdict == "fault"
    assert finding.detail["lower"] == "right"
    assert finding.value == pytest.approx(13.0, abs=3.5)
