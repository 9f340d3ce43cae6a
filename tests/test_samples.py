"""The renderer: a plausible body, truth that equals the request, pictures and files that repeat."""

import hashlib
import json
import tomllib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from samples.renderer.body import Build, make_body
from samples.renderer.camera import Camera
from samples.renderer.clips import Clip, Recording, filled, read_clips
from samples.renderer.lifts.rdl import Rep, Set
from samples.renderer.manifest import FILES
from samples.renderer.posing import leg_rest_deg, proportions
from samples.renderer.render import TICKS_S, Truth, clip_truth, encode, frame_ticks, poses_at
from samples.renderer.scene import make_lifter, pictures
from samples.renderer.tilting import tilt_deg

SAMPLES = Path(__file__).parents[1] / "samples"
SMALL = Camera(width_px=160, height_px=120)
FRAME_S = 1 / 30


def small_clip(*reps: Rep, name: str = "rdl_four_reps") -> Clip:
    clip = read_clips()[name]
    scene = replace(clip.scene, camera=SMALL, grain=0.0)
    return replace(clip, scene=scene, moves=replace(clip.moves, reps=reps or clip.moves.reps))


def truth_of(clip: Clip) -> Truth:
    return clip_truth(clip, make_lifter(clip.scene), np.arange(0.0, clip.moves.duration_s, FRAME_S))


@pytest.mark.parametrize(("sex", "stature_m"), [(0.0, 1.55), (0.0, 1.72), (1.0, 1.81), (1.0, 1.98)])
def test_body_at_rest_is_a_person(sex: float, stature_m: float) -> None:
    body = make_body(Build(sex=sex, stature_m=stature_m))
    legs = proportions(body)
    assert np.ptp(body.vertices_m[:, 1]) == pytest.approx(stature_m)
    assert 0.21 < legs.thigh_m / stature_m < 0.27
    assert 0.21 < legs.shank_m / stature_m < 0.27
    heights = [body.joint(name)[1] for name in ("foot.R", "lowerleg01.R", "upperleg01.R", "upperarm01.R", "head")]
    assert all(low + 0.1 < high for low, high in pairwise(heights))
    mirrored = body.joints_m[[body.index(f"{name}.R") for name in ("foot", "wrist", "upperarm01")]] * [-1, 1, 1]
    there = body.joints_m[[body.index(f"{name}.L") for name in ("foot", "wrist", "upperarm01")]]
    np.testing.assert_allclose(mirrored, there, atol=2e-3)
    np.testing.assert_allclose(body.skin_weights.sum(axis=1), 1.0)


@pytest.mark.parametrize("sex", [0.0, 1.0])
def test_hip_joints_can_lie_where_people_have_them(sex: float) -> None:
    old, new = make_body(Build(sex=sex)), make_body(Build(sex=sex, hip_depth=0.6))
    moved_m = new.joint("upperleg01.L") - old.joint("upperleg01.L")
    assert moved_m[[0, 1]] == pytest.approx([0.0, 0.0])
    assert moved_m[2] == pytest.approx({0.0: 0.017, 1.0: 0.043}[sex], abs=0.002)
    assert np.array_equal(old.vertices_m, new.vertices_m)
    assert leg_rest_deg(new, "L", 0.0)[2] - leg_rest_deg(new, "L", 0.0)[1] < 5.5  # straight legs at rest


def test_segments_keep_their_length_and_the_feet_stay() -> None:
    clip = small_clip()
    lifter = make_lifter(clip.scene)
    time_s = np.linspace(0.0, clip.moves.duration_s, 200)
    poses = poses_at(clip, lifter, time_s)
    for upper, lower in (("upperleg01", "lowerleg01"), ("lowerleg01", "foot"), ("upperarm01", "wrist")):
        places = [poses.joints_m[:, lifter.body.index(f"{bone}.R")] for bone in (upper, lower)]
        lengths = np.linalg.norm(places[0] - places[1], axis=1)
        assert np.ptp(lengths) < 2e-5
    assert np.ptp(poses.joints_m[:, lifter.body.index("foot.R")], axis=0).max() < 1e-9


def test_hands_hold_the_bar() -> None:
    clip = small_clip()
    lifter = make_lifter(clip.scene)
    poses = poses_at(clip, lifter, np.linspace(0.0, clip.moves.duration_s, 100))
    wrist = poses.joints_m[:, lifter.body.index("wrist.R")]
    distance = np.linalg.norm((wrist - poses.bar_m)[:, 1:], axis=1)
    assert distance.max() < 0.11
    assert np.ptp(distance) < 0.01


def test_a_sound_rep_has_no_overrun() -> None:
    (rep,) = truth_of(small_clip(Rep())).reps
    assert rep.overrun_deg == 0.0
    assert rep.hip_travel_end_s is None
    assert rep.hip_travel_end_trunk_deg is None
    assert rep.hip_back_max_leg == pytest.approx(0.30, abs=0.002)


@pytest.mark.parametrize("overrun_deg", [5.0, 10.0, 16.0, 25.0])
def test_an_overrun_is_the_requested_one(overrun_deg: float) -> None:
    (rep,) = truth_of(small_clip(Rep(overrun_deg=overrun_deg, trunk_deg=80.0))).reps
    assert rep.overrun_deg == pytest.approx(overrun_deg, abs=0.5)
    assert rep.hip_travel_end_s is not None
    assert rep.start_s < rep.hip_travel_end_s < rep.turn_s
    assert rep.squatted_deg == pytest.approx(0.0, abs=0.1)


def test_a_squat_after_the_end_of_hip_travel_is_the_requested_one() -> None:
    (rep,) = truth_of(small_clip(Rep(overrun_deg=15.0, squat_deg=25.0))).reps
    assert rep.squatted_deg == pytest.approx(25.0, abs=0.5)
    assert rep.overrun_deg == pytest.approx(15.0, abs=0.5)


def test_rounding_is_the_requested_one_and_leaves_the_trunk_alone() -> None:
    (rep,) = truth_of(small_clip(Rep(lumbar_deg=40.0, trunk_deg=79.0))).reps
    assert rep.lumbar_max_deg == pytest.approx(40.0, abs=0.1)
    assert rep.trunk_max_deg == pytest.approx(79.0, abs=0.2)
    assert rep.overrun_deg == 0.0


@pytest.mark.parametrize("top_deg", [18.0, -16.0])
def test_a_top_is_the_requested_one_in_its_own_rep_alone(top_deg: float) -> None:
    sound, faulty, last = truth_of(small_clip(Rep(), Rep(top_deg=top_deg), Rep())).reps
    assert faulty.top_trunk_deg == pytest.approx(top_deg, abs=0.4)
    for each in (sound, last):
        assert each.top_trunk_deg == pytest.approx(0.0, abs=0.4)
        assert each.trunk_max_deg == pytest.approx(77.0, abs=0.2)


def test_the_bar_the_neck_and_the_knees_go_where_they_are_told() -> None:
    (sound,) = truth_of(small_clip(Rep())).reps
    (drifting,) = truth_of(small_clip(Rep(bar_away_m=0.2))).reps
    assert -0.05 < sound.bar_ahead_leg < 0.05
    assert 0.15 < drifting.bar_ahead_leg - sound.bar_ahead_leg < 0.35  # 0.2 m of a leg of some 0.8 m, from early on
    for look_up_deg in (40.0, -30.0):
        (turned,) = truth_of(small_clip(Rep(look_up_deg=look_up_deg))).reps
        assert turned.look_up_deg - sound.look_up_deg == pytest.approx(look_up_deg, abs=0.2)
    for knee_deg in (20.0, -10.0):
        (bent,) = truth_of(small_clip(Rep(knee_deg=24.0, knee_way_deg=knee_deg))).reps
        (soft,) = truth_of(small_clip(Rep(knee_deg=24.0))).reps
        assert bent.knee_way_deg - soft.knee_way_deg == pytest.approx(knee_deg, abs=0.5)
        assert bent.squatted_deg == pytest.approx(0.0, abs=1.0)


@pytest.mark.parametrize("lift", ["rdl", "good_morning"])
def test_hands_and_hips_are_out_of_level_as_asked_at_the_bottom_alone(lift: str) -> None:
    """The feet stay where they were, and who asks for no tilt is posed as before."""
    clip = replace(small_clip(Rep(hands_tilt_deg=10.0, hips_tilt_deg=-6.0)), lift=lift)
    level = replace(clip, moves=replace(clip.moves, reps=(Rep(),)))
    lifter = make_lifter(clip.scene)
    (rep,) = truth_of(clip).reps
    time_s = np.array([0.0, rep.turn_s])
    poses, plain = (poses_at(each, lifter, time_s) for each in (clip, level))
    for bone, wanted_deg in (("wrist", 10.0), ("upperleg01", -6.0)):
        assert tilt_deg(lifter.body, poses.joints_m, bone) == pytest.approx([0.0, wanted_deg], abs=0.6)
        assert tilt_deg(lifter.body, plain.joints_m, bone) == pytest.approx([0.0, 0.0], abs=0.05)
    feet = [lifter.body.index(f"foot.{side}") for side in "LR"]
    np.testing.assert_allclose(poses.joints_m[:, feet, 1], plain.joints_m[:, feet, 1], atol=0.003)


@pytest.mark.parametrize("wanted", [(3.0, 0.45, 1.2), (2.0, 1.0, 1.0), (4.5, 0.7, 2.5)])
def test_tempo_is_the_requested_one_within_a_frame(wanted: tuple[float, float, float]) -> None:
    eccentric_s, pause_s, concentric_s = wanted
    rep = Rep(eccentric_s=eccentric_s, pause_s=pause_s, concentric_s=concentric_s)
    for seen in truth_of(small_clip(rep, rep)).reps:
        assert (seen.eccentric_s, seen.pause_s, seen.concentric_s) == pytest.approx(wanted, abs=FRAME_S)
        assert seen.stop_s - seen.start_s == pytest.approx(sum(wanted), abs=FRAME_S)


def test_a_pause_that_cannot_be_had_says_so() -> None:
    with pytest.raises(ValueError, match="pause"):
        truth_of(small_clip(Rep(pause_s=0.1)))


def test_frames_and_points_agree_with_the_angles() -> None:
    clip = small_clip(Rep())
    truth = truth_of(clip)
    seen = truth.points["right"]
    step = seen["shoulder"] - seen["hip"]
    trunk_deg = np.degrees(np.arctan2(step[:, 0], -step[:, 1]))
    np.testing.assert_allclose(trunk_deg, truth.angles.trunk_deg, atol=0.5)  # the near side, seen with perspective
    np.testing.assert_allclose(truth.angles.hip_flexion_deg, truth.angles.trunk_deg - truth.angles.thigh_deg, atol=1e-9)


def test_a_camera_off_the_side_foreshortens() -> None:
    points = np.array([[0.0, 1.0, -0.5], [0.0, 1.0, 0.5]])
    straight, turned = Camera(height_m=1.0).project(points), Camera(height_m=1.0, yaw_deg=40.0).project(points)
    width = straight[1, 0] - straight[0, 0]
    assert width == pytest.approx(Camera().px_per_m, rel=1e-3)
    assert (turned[1, 0] - turned[0, 0]) / width == pytest.approx(np.cos(np.radians(40.0)), abs=0.03)
    assert Camera(near_side="left").project(points)[1, 0] < Camera(near_side="left").project(points)[0, 0]


def test_two_frames_repeat_to_the_pixel_and_the_redrawn_box_holds_all_that_moves() -> None:
    clip = small_clip(Rep())
    lifter = make_lifter(clip.scene)
    poses = poses_at(clip, lifter, np.array([0.0, 5.0]))
    first, second = (list(pictures(clip.scene, lifter, poses)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert np.abs(first[0].astype(int) - first[1]).max() > 50
    alone = replace(poses, rotations=poses.rotations[1:], joints_m=poses.joints_m[1:], bar_m=poses.bar_m[1:])
    np.testing.assert_array_equal(first[1], next(pictures(clip.scene, lifter, alone)))


@pytest.mark.parametrize("jitter", [0.0, 0.2])
def test_the_file_keeps_the_frames_times(jitter: float, tmp_path: Path) -> None:
    recording = Recording(fps=29.97, jitter=jitter)
    ticks = frame_ticks(recording, 1.0, seed=5)
    frames = (np.full((64, 64, 3), 4 * i, np.uint8) for i in range(len(ticks)))
    encode(tmp_path / "clip.mp4", frames, ticks, (64, 64), recording)
    with av.open(str(tmp_path / "clip.mp4")) as container:
        times = [frame.pts * frame.time_base * TICKS_S for frame in container.decode(video=0)]
    assert times == ticks.tolist()
    assert (np.ptp(np.diff(ticks)) > 100) == (jitter > 0)
    assert list(tmp_path.iterdir()) == [tmp_path / "clip.mp4"]


def test_an_unknown_key_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"Set has no rps; it has reps"):
        filled(Set, {"rps": []})


def test_every_named_clip_can_be_had() -> None:
    clips = read_clips()
    assert {"rdl_four_reps", "rdl_sound", "rdl_overrun_20", "rdl_yaw_40", "rdl_plates_45"} <= set(clips)
    assert all(clip.moves.duration_s > 7.0 for clip in clips.values())


def test_committed_files_are_those_of_the_manifest() -> None:
    files = tomllib.loads((SAMPLES / "MANIFEST.toml").read_text(encoding="utf-8"))
    assert set(files) == set(FILES)
    for name, told in files.items():
        content = (SAMPLES / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == told["sha256"], f"{name}: run python -m samples.renderer.manifest"
        assert len(content) == told["bytes"]
        assert "CC0" in told["licence"]
    told_beside = (SAMPLES / "renderer" / "makehuman" / "SHA256SUMS").read_text(encoding="utf-8")
    assert told_beside.split() == [files["renderer/makehuman/body.npz"]["sha256"], "body.npz"]


def test_the_committed_clip_has_its_truths_frames_and_times() -> None:
    table = json.loads((SAMPLES / "rdl_four_reps.truth.json").read_text(encoding="utf-8"))
    with av.open(str(SAMPLES / "rdl_four_reps.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (table["camera"]["width_px"], table["camera"]["height_px"])
        times = [float(packet.pts * packet.time_base) for packet in container.demux(stream) if packet.pts is not None]
    told = table["frames"]["time_s"]
    assert len(times) == len(told) == table["n_frames"]
    np.testing.assert_allclose(sorted(times), told, atol=1e-6)
    columns = [column for name, column in table["frames"].items() if name != "points_px"]
    columns += [column for side in table["frames"]["points_px"].values() for column in side.values()]
    assert {len(column) for column in columns} == {table["n_frames"]}


def test_the_committed_truth_is_the_renderers() -> None:
    table = json.loads((SAMPLES / "rdl_four_reps.truth.json").read_text(encoding="utf-8"))
    clip = read_clips()["rdl_four_reps"]
    truth = clip_truth(clip, make_lifter(clip.scene), np.array(table["frames"]["time_s"]))
    np.testing.assert_allclose(truth.angles.trunk_deg, table["frames"]["trunk_deg"], atol=0.01)
    np.testing.assert_allclose(truth.points["right"]["hip"], table["frames"]["points_px"]["right"]["hip"], atol=0.05)
    overruns = [rep["overrun_deg"] for rep in table["reps"]]
    assert overruns[:2] == [0.0, 0.0]
    assert overruns[2] == pytest.approx(16.0, abs=0.5)
    assert overruns[3] == 0.0
    assert [rep["lumbar_max_deg"] for rep in table["reps"]] == pytest.approx([7, 6, 11, 40], abs=0.2)
