"""Every lift's rendered truth against what is known by hand, and the shipped set."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from samples.clips import Clip, clip_from, read_clips
from samples.lifts import LIFTS, nordic
from samples.render import clip_truth, poses_at
from samples.scene import make_lifter

FRAME_S = 1 / 30


def moved(lift: str, *reps: Any, **settings: Any) -> Clip:
    clip = clip_from(lift, {"lift": lift, "about": "", "reps": []})
    return replace(clip, moves=replace(clip.moves, reps=reps, **settings))


def truth_of(clip: Clip) -> Any:
    return clip_truth(clip, make_lifter(clip.scene), np.arange(0.0, clip.moves.duration_s, FRAME_S))


def tempo(rep: Any) -> tuple[float, float, float]:
    return rep.eccentric_s, rep.pause_s, rep.concentric_s


@pytest.mark.parametrize("break_phi_deg", [35.0, 50.0, 60.0])
def test_a_nordic_breaks_where_it_was_asked_to(break_phi_deg: float) -> None:
    truth = truth_of(moved("nordic", nordic.Rep(eccentric_s=2.8, break_phi_deg=break_phi_deg)))
    (rep,) = truth.reps
    assert rep.break_phi_deg == pytest.approx(break_phi_deg, abs=1.0)
    assert rep.start_s < rep.break_s < rep.catch_s < rep.turn_s
    assert rep.catch_phi_deg == pytest.approx(70.0, abs=1.0)
    assert rep.break_knee_flexion_deg == pytest.approx(90.0 - break_phi_deg, abs=3.0)
    assert rep.shank_deg == pytest.approx(90.0, abs=0.01)
    assert tempo(rep) == pytest.approx((2.8, 0.9, 1.6), abs=FRAME_S)
    assert rep.controlled_to_phi_deg == rep.break_phi_deg


@pytest.mark.parametrize("eccentric_s", [1.0, 3.0, 6.0])
def test_a_nordic_without_a_break_says_so(eccentric_s: float) -> None:
    rep, other = truth_of(moved("nordic", *2 * [nordic.Rep(eccentric_s=eccentric_s, pause_s=1.2)])).reps
    assert rep.break_s is rep.break_phi_deg is other.break_s is None
    assert rep.fall_s == 0.0
    assert rep.controlled_to_phi_deg == rep.phi_max_deg == pytest.approx(78.0, abs=0.5)
    assert tempo(rep) == pytest.approx((eccentric_s, 1.2, 1.6), abs=FRAME_S)


def test_a_nordics_hips_and_back_bend_as_asked_and_phi_stays() -> None:
    (rep,) = truth_of(moved("nordic", nordic.Rep(hip_hinge_deg=30.0, lumbar_deg=-15.0))).reps
    assert rep.hip_flexion_max_deg == pytest.approx(33.0, abs=0.1)
    assert rep.lumbar_min_deg == pytest.approx(-15.0, abs=0.1)
    assert rep.phi_max_deg == pytest.approx(78.0, abs=0.5)


def test_a_sloping_shank_slopes_and_the_knees_stay() -> None:
    clip = moved("nordic", nordic.Rep(), shank_deg=75.0)
    lifter = make_lifter(clip.scene)
    assert truth_of(clip).reps[0].shank_deg == pytest.approx(75.0, abs=0.01)
    joints = poses_at(clip, lifter, np.linspace(0.0, clip.moves.duration_s, 50)).joints_m
    for bone in ("lowerleg01.L", "foot.R"):
        assert np.ptp(joints[:, lifter.body.index(bone)], axis=0).max() < 1e-9


def test_hands_that_catch_stay_where_they_are() -> None:
    clip = moved("nordic", nordic.Rep(break_phi_deg=50.0))
    lifter = make_lifter(clip.scene)
    (rep,) = truth_of(clip).reps
    poses = poses_at(clip, lifter, np.linspace(rep.catch_s + 0.01, rep.turn_s, 20))
    wrist = poses.joints_m[:, lifter.body.index("wrist.L")]
    assert np.ptp(wrist, axis=0).max() < 2e-3
    assert wrist[:, 1].max() < 0.06


def test_a_break_that_cannot_be_had_says_so() -> None:
    with pytest.raises(ValueError, match="break"):
        truth_of(moved("nordic", nordic.Rep(break_phi_deg=75.0, catch_phi_deg=70.0)))


@pytest.mark.parametrize("lift", list(LIFTS))
def test_every_lift_has_clips_and_nothing_leaves_its_joint(lift: str) -> None:
    clips = [clip for clip in read_clips().values() if clip.lift == lift]
    assert len(clips) >= 2
    clip = clips[0]
    lifter = make_lifter(clip.scene)
    poses = poses_at(clip, lifter, np.linspace(0.0, clip.moves.duration_s, 60))
    assert np.isfinite(poses.joints_m).all()
    for upper, lower in (("upperleg01", "lowerleg01"), ("lowerleg01", "foot"), ("upperarm01", "lowerarm01")):
        ends = [poses.joints_m[:, lifter.body.index(f"{bone}.R")] for bone in (upper, lower)]
        assert np.ptp(np.linalg.norm(ends[0] - ends[1], axis=1)) < 2e-5
