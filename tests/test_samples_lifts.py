"""Every lift's rendered truth against what is known by hand, and the shipped set."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from samples.renderer.clips import Clip, clip_from, read_clips
from samples.renderer.lifts import LIFTS, curls, ghr, nordic, rdl
from samples.renderer.manifest import CLIPS, SHIPPED
from samples.renderer.render import clip_truth, poses_at
from samples.renderer.scene import make_lifter
from samples.renderer.truth import toes_out_deg as toes_out

SAMPLES = Path(__file__).parents[1] / "samples"
FRAME_S = 1 / 30
MOST_BYTES, MOST_TOGETHER_BYTES = 1_500_000, 30_000_000


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
    rep, other = truth_of(moved("nordic", *2 * [nordic.Rep(eccentric_s=eccentric_s)])).reps
    assert rep.break_s is rep.break_phi_deg is other.break_s is None
    assert rep.fall_s == 0.0
    assert rep.controlled_to_phi_deg == rep.phi_max_deg == pytest.approx(78.0, abs=0.5)
    assert tempo(rep) == pytest.approx((eccentric_s, 0.9, 1.6), abs=FRAME_S)


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


@pytest.mark.parametrize("start", ["top", "bottom"])
def test_a_sound_raise_does_not_stall(start: str) -> None:
    for rep in truth_of(moved("ghr", ghr.Rep(), ghr.Rep(eccentric_s=1.5, concentric_s=1.4), start=start)).reps:
        assert rep.stall_depth < 0.1
        assert rep.stall_s == rep.shake_deg == 0.0
        assert rep.stall_start_s is rep.stall_trunk_deg is rep.shake_hz is None
        assert not rep.fails
        assert rep.first == ("eccentric" if start == "top" else "concentric")


@pytest.mark.parametrize("start", ["top", "bottom"])
@pytest.mark.parametrize(("stall_s", "depth", "trunk_deg"), [(0.4, 0.65, 60.0), (0.7, 0.9, 75.0), (1.2, 1.0, 50.0)])
def test_a_stall_is_the_requested_one(start: str, stall_s: float, depth: float, trunk_deg: float) -> None:
    asked = ghr.Rep(concentric_s=3.2, stall_s=stall_s, stall_depth=depth, stall_trunk_deg=trunk_deg)
    (rep,) = truth_of(moved("ghr", asked, start=start)).reps
    assert rep.stall_depth == pytest.approx(depth, abs=0.03)
    assert rep.stall_s == pytest.approx(stall_s, abs=0.03)
    assert rep.stall_trunk_deg == pytest.approx(trunk_deg, abs=1.0)
    assert tempo(rep) == pytest.approx((2.5, 0.8, 3.2), abs=FRAME_S)
    assert not rep.fails


def test_shaking_is_the_requested_one_and_the_stall_stays() -> None:
    plain = ghr.Rep(concentric_s=3.2, stall_s=1.0)
    still, shaken = (
        truth_of(moved("ghr", replace(plain, shake_deg=size, shake_hz=7.0))).reps[0] for size in (0.0, 0.6)
    )
    assert shaken.shake_deg == pytest.approx(0.6, abs=0.05)
    assert shaken.shake_hz == pytest.approx(7.0, abs=0.2)
    assert (shaken.stall_s, shaken.stall_depth) == (still.stall_s, still.stall_depth)


@pytest.mark.parametrize("start", ["top", "bottom"])
def test_a_raise_that_fails_says_so(start: str) -> None:
    asked = (ghr.Rep(), ghr.Rep(fails=True, stall_s=1.2, stall_trunk_deg=70.0))
    sound, failed = truth_of(moved("ghr", *asked, start=start)).reps
    assert (sound.fails, failed.fails) == (False, True)
    assert failed.concentric_s is failed.stop_s is None
    assert failed.stall_trunk_deg == pytest.approx(70.0, abs=1.0)
    assert failed.stall_s == pytest.approx(1.2, abs=0.3)
    with pytest.raises(ValueError, match="the last"):
        truth_of(moved("ghr", *asked[::-1], start="top"))


@pytest.mark.parametrize("share", [-0.08, 0.0, 0.1, 0.27])
def test_the_pivot_is_the_requested_one(share: float) -> None:
    clip = moved("ghr", ghr.Rep(), pivot_over_thigh=share)
    (rep,) = truth_of(clip).reps
    assert rep.pivot_over_thigh == pytest.approx(share, abs=1e-3)
    lifter = make_lifter(clip.scene)
    joints = poses_at(clip, lifter, np.linspace(0.0, clip.moves.duration_s, 50)).joints_m
    knee, hip = (joints[:, lifter.body.index(f"{bone}.L")] for bone in ("lowerleg01", "upperleg01"))
    place = (knee + share * (hip - knee))[:, 1:]
    assert np.ptp(place, axis=0).max() < 2e-3


def test_hips_that_bend_and_a_back_that_arches_do_so_as_asked() -> None:
    asked = ghr.Rep(concentric_s=3.0, hip_hinge_deg=25.0, stall_s=0.6, arch_deg=20.0)
    (rep,) = truth_of(moved("ghr", asked)).reps
    assert rep.hip_flexion_max_deg == pytest.approx(28.0, abs=0.2)
    assert rep.lumbar_min_deg == pytest.approx(-20.0, abs=0.5)
    assert rep.stall_trunk_deg == pytest.approx(75.0, abs=1.0)


@pytest.mark.parametrize("overrun_deg", [None, 12.0])
def test_a_good_morning_is_true_as_a_deadlift_is(overrun_deg: float | None) -> None:
    asked = rdl.Rep(trunk_deg=75.0, overrun_deg=overrun_deg, lumbar_deg=20.0)
    (bar,), (hang,) = (truth_of(moved(lift, asked)).reps for lift in ("good_morning", "rdl"))
    assert bar.bar_ahead_leg > hang.bar_ahead_leg + 0.1  # it lies on the back
    assert replace(bar, bar_ahead_leg=hang.bar_ahead_leg) == hang
    assert bar.overrun_deg == pytest.approx(overrun_deg or 0.0, abs=0.5)


def test_the_bar_of_a_good_morning_lies_on_the_back_in_both_hands() -> None:
    clip = moved("good_morning", rdl.Rep())
    lifter = make_lifter(clip.scene)
    poses = poses_at(clip, lifter, np.linspace(0.0, clip.moves.duration_s, 40))
    for bone, least, most in (("wrist.L", 0.05, 0.12), ("upperarm01.R", 0.08, 0.20)):
        away = (poses.joints_m[:, lifter.body.index(bone)] - poses.bar_m)[:, 1:]
        distance = np.linalg.norm(away, axis=1)
        assert least < distance.min() <= distance.max() < most
        assert np.ptp(distance) < 0.01


@pytest.mark.parametrize("eccentric_s", [1.0, 6.0])
@pytest.mark.parametrize("lift", ["ghr", "lying_curl", "seated_curl"])
def test_lowering_takes_as_long_as_asked(lift: str, eccentric_s: float) -> None:
    rep = replace(ghr.Rep() if lift == "ghr" else curls.Rep(), eccentric_s=eccentric_s, pause_s=1.0)
    (seen,) = truth_of(moved(lift, rep)).reps
    assert tempo(seen) == pytest.approx((eccentric_s, 1.0, rep.concentric_s), abs=FRAME_S)


@pytest.mark.parametrize("overrun_deg", [0.0, 30.0])
def test_overruns_from_none_to_thirty_degrees(overrun_deg: float) -> None:
    (rep,) = truth_of(moved("good_morning", rdl.Rep(trunk_deg=82.0, overrun_deg=overrun_deg, lumbar_deg=50.0))).reps
    assert rep.overrun_deg == pytest.approx(overrun_deg, abs=0.3)
    assert (rep.hip_travel_end_s is None) == (overrun_deg == 0.0)
    assert rep.lumbar_max_deg == pytest.approx(50.0, abs=0.1)


CURLS = pytest.mark.parametrize(("lift", "hip_deg"), [("lying_curl", 16.0), ("seated_curl", 80.0)])


@CURLS
@pytest.mark.parametrize("knee_deg", [60.0, 112.0])
def test_a_curl_has_the_requested_range_and_hips_that_stay(lift: str, hip_deg: float, knee_deg: float) -> None:
    (rep,) = truth_of(moved(lift, curls.Rep(knee_deg=knee_deg))).reps
    assert rep.knee_flexion_max_deg == pytest.approx(knee_deg, abs=0.4)
    assert rep.knee_flexion_range_deg == pytest.approx(knee_deg - 6.0, abs=0.5)
    assert rep.hip_flexion_start_deg == pytest.approx(hip_deg, abs=0.1)
    assert (rep.hip_lift_thigh, rep.hip_lift_s, rep.hip_flexion_change_deg) == pytest.approx((0.0, 0.0, 0.0), abs=1e-6)
    assert tempo(rep) == pytest.approx((2.4, 0.6, 1.2), abs=FRAME_S)
    assert rep.start_s < rep.turn_s < rep.stop_s


@CURLS
@pytest.mark.parametrize("lift_thigh", [0.05, 0.08, 0.14])
def test_hips_come_off_the_pad_as_far_as_asked(lift: str, hip_deg: float, lift_thigh: float) -> None:
    sound, lifted = truth_of(moved(lift, curls.Rep(), curls.Rep(hip_lift_thigh=lift_thigh, lumbar_deg=-10.0))).reps
    assert sound.hip_lift_thigh == pytest.approx(0.0, abs=1e-6)
    assert lifted.hip_lift_thigh == pytest.approx(lift_thigh, abs=1e-3)
    assert (lifted.hip_lift_s > 0.2) == (lift_thigh > curls.LIFT_NOTE)
    assert abs(lifted.hip_flexion_change_deg) > 50.0 * lift_thigh
    assert lifted.lumbar_min_deg == pytest.approx(-10.0, abs=0.1)


@CURLS
def test_the_roller_stays_behind_the_ankles(lift: str, hip_deg: float) -> None:
    clip = moved(lift, curls.Rep(hip_lift_thigh=0.1))
    lifter = make_lifter(clip.scene)
    time_s = np.linspace(0.0, clip.moves.duration_s, 40)
    poses = poses_at(clip, lifter, time_s)
    (lever,) = LIFTS[lift].extras(clip.scene, lifter, clip.moves, time_s, poses).moving
    shank_m = float(np.linalg.norm(lifter.body.joint("foot.L") - lifter.body.joint("lowerleg01.L")))
    axle = lever.carries @ np.array([0.0, curls.ROLLER_UP_M - shank_m, -0.1, 1.0])
    away = np.linalg.norm((axle - poses.joints_m[:, lifter.body.index("foot.R")])[:, 1:], axis=1)
    assert 0.06 < away.min() <= away.max() < 0.14
    assert np.ptp(away) < 2e-3


@pytest.mark.parametrize("toes_out_deg", [-15.0, 0.0, 20.0])
@pytest.mark.parametrize("lift", ["nordic", "lying_curl", "ghr", "good_morning"])
def test_toes_point_out_as_asked(lift: str, toes_out_deg: float) -> None:
    asked = {"nordic": nordic.Rep, "ghr": ghr.Rep, "good_morning": rdl.Rep, "lying_curl": curls.Rep}[lift]()
    settings: dict[str, Any] = {"toes_out_deg": toes_out_deg}
    if lift == "good_morning":
        settings = {"stance": rdl.Stance(toes_out_deg=toes_out_deg)}
    clip = moved(lift, asked, **settings)
    lifter = make_lifter(clip.scene)
    assert toes_out(lifter.body, poses_at(clip, lifter, np.array([0.0, 2.0]))) == pytest.approx(toes_out_deg, abs=1.0)


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


def test_every_lift_is_shipped_sound_and_faulty_and_small() -> None:
    assert set(SHIPPED) == set(LIFTS)
    assert all(len(names) == 2 for lift, names in SHIPPED.items() if lift != "rdl")
    films = {name: (SAMPLES / f"{name}.mp4").stat().st_size for name in CLIPS}
    assert all(size < MOST_BYTES for name, size in films.items() if name != "rdl_four_reps")
    truths = [(SAMPLES / f"{name}.truth.json").stat().st_size for name in CLIPS]
    assert sum(films.values()) + sum(truths) < MOST_TOGETHER_BYTES


@pytest.mark.parametrize("name", [name for name in CLIPS if name != "rdl_four_reps"])
def test_a_shipped_truth_is_the_renderers_and_has_its_films_frames(name: str) -> None:
    table = json.loads((SAMPLES / f"{name}.truth.json").read_text(encoding="utf-8"))
    clip = read_clips()[name]
    with av.open(str(SAMPLES / f"{name}.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (table["camera"]["width_px"], table["camera"]["height_px"])
        assert sum(packet.pts is not None for packet in container.demux(stream)) == table["n_frames"]
    truth = clip_truth(clip, make_lifter(clip.scene), np.array(table["frames"]["time_s"]))
    np.testing.assert_allclose(truth.angles.phi_deg, table["frames"]["phi_deg"], atol=0.01)
    np.testing.assert_allclose(truth.points["left"]["knee"], table["frames"]["points_px"]["left"]["knee"], atol=0.05)
    assert [set(rep) for rep in table["reps"]] == [set(asdict(rep)) for rep in truth.reps]
    assert [rep["turn_s"] for rep in table["reps"]] == pytest.approx([rep.turn_s for rep in truth.reps], abs=0.01)
