"""Nuisances of the renderer and the two suites: pictures that repeat, truth that stays exact, lists that are fixed."""

import hashlib
import json
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from samples.renderer.body import Build, make_body
from samples.renderer.bystanders import Bystander, acted
from samples.renderer.camera import Camera
from samples.renderer.clips import clip_from
from samples.renderer.footwork import STEP_S, Footwork, floor_bend
from samples.renderer.garments import Outfit, dressed, slack_m
from samples.renderer.gl import Light
from samples.renderer.lifts.rdl import Rep, Set, Stance, poses, rep_windows
from samples.renderer.posing import Poses, proportions
from samples.renderer.props import PLATE_THICKNESS_M, Load
from samples.renderer.render import clip_truth, is_rendered, shots
from samples.renderer.rooms import Room
from samples.renderer.scene import Lifter, Scene, make_lifter
from samples.renderer.suite import FAULTS, OTHER_FAULTS, OTHER_LIFTS, PLANS, STRATA, Entry, labels, nuisances, suite

SMALL = Camera(width_px=120, height_px=90)
BEND = Footwork(steps=2, pick_up=True, put_down=True)
LISTS = {
    "dev": "80e8cf2ff7bdd35b",
    "test": "69bde223798dea2c",
}


def still(scene: Scene, at_s: float = 0.5) -> np.ndarray:
    clip = clip_from("still", {"lift": "rdl", "about": "", "reps": [{}], "seed": 3})
    clip = replace(clip, scene=replace(scene, camera=SMALL, grain=0.0))
    return next(shots(clip, make_lifter(clip.scene), np.array([at_s]))).astype(int)


def everything() -> Scene:
    people = (Bystander("walk", ahead_m=0.2, passes_s=0.5), Bystander("phone", ahead_m=-0.8, turn_deg=150.0))
    return Scene(
        outfit=Outfit(loose_m=0.08, shirt_hem_m=0.02), room=Room(busy=True, seed=4), bystanders=people, grain=3.0
    )


def posed(footwork: Footwork, plate_m: float = 0.45, **times_s: float) -> tuple[Lifter, Poses, Set, np.ndarray]:
    scene = Scene(footwork=footwork, load=Load(plate_m=plate_m))
    moves = Set((Rep(), Rep()), **times_s)
    lifter, time_s = make_lifter(scene), np.arange(0.0, moves.duration_s, 1 / 30)
    return lifter, poses(scene, lifter, moves, time_s), moves, time_s


def spread_m(lifter: Lifter, posed: Poses, upper: str, lower: str, side: str) -> float:
    ends = [posed.joints_m[:, lifter.body.index(f"{name}.{side}")] for name in (upper, lower)]
    return float(np.ptp(np.linalg.norm(ends[0] - ends[1], axis=1)))


@pytest.mark.parametrize("name", ["dev", "test"])
def test_a_suite_is_a_fixed_list(name: str) -> None:
    digests = "".join(entry.digest for entry in suite(name))
    assert hashlib.sha256(digests.encode()).hexdigest()[:16] == LISTS[name], "the suite is another one: say so"
    assert [entry.clip.name for entry in suite(name)] == [
        f"{name}_{number:02d}_{stratum}" for number, (stratum, _, _) in enumerate(PLANS[name], start=1)
    ]


def test_dev_and_test_share_no_body_camera_or_seed() -> None:
    dev, test = suite("dev"), suite("test")
    for what in (
        lambda entry: entry.clip.scene.build,
        lambda entry: entry.clip.scene.camera,
        lambda entry: entry.clip.scene.seed,
        lambda entry: entry.clip.scene.outfit,
        lambda entry: entry.clip.moves.reps,
    ):
        drawn = [what(entry) for entry in (*dev, *test)]
        assert len(set(drawn)) == len(dev) + len(test)


def test_the_suites_hold_what_they_promise() -> None:
    entries = (*suite("dev"), *suite("test"))
    said = [nuisances(entry) for entry in entries]
    yaws = [abs(each["yaw_deg"]) for each in said]
    assert (len(suite("dev")), len(suite("test"))) == (33, 41)
    assert {entry.stratum for entry in suite("dev")} == {*STRATA, *OTHER_LIFTS}
    assert {entry.stratum for entry in suite("test")} == {*STRATA, *OTHER_LIFTS}
    assert {entry.fault for entry in entries} == {*FAULTS, *OTHER_FAULTS}
    assert sum(each["plate_m"] == 0.45 for each in said) >= 3
    assert sum(10 <= yaw <= 30 for yaw in yaws) >= 3
    assert sum(yaw > 35 for yaw in yaws) >= 2
    assert sum(each["loose_m"] > 0 for each in said) >= 2
    assert sum(each["load"] == "dumbbells" for each in said) >= 2
    assert sum(entry.fault == "none" for entry in suite("test")) >= 9
    assert all(len(entry.clip.moves.reps) == 2 for entry in entries)
    assert {entry.clip.scene.build.sex for entry in entries} == {0.0, 1.0}
    for lift in OTHER_LIFTS:
        own = [entry for entry in suite("test") if entry.stratum == lift]
        assert [entry.fault == "none" for entry in own] == [True, False] * 2
        assert {entry.clip.lift for entry in own} == {lift}
    for entry, yaw in zip(entries, yaws, strict=True):
        assert (yaw > 5.0) == (entry.stratum == "yaw")


@pytest.mark.parametrize("name", ["dev_04_plates", "dev_11_busy", "dev_14_walk_in", "test_18_walk_in", "test_11_yaw"])
def test_a_suites_truth_is_what_was_asked_for(name: str) -> None:
    (entry,) = (each for each in chain(suite("dev"), suite("test")) if each.clip.name == name)
    clip = entry.clip
    truth = clip_truth(clip, make_lifter(clip.scene), np.array([0.0, 1.0]))
    assert len(truth.reps) == 2
    for seen, asked, window in zip(truth.reps, clip.moves.reps, rep_windows(clip.moves), strict=True):
        assert window[0] < seen.start_s < seen.turn_s < seen.stop_s < window[1]
        assert seen.eccentric_s == pytest.approx(asked.eccentric_s, abs=1 / 30)
        assert seen.overrun_deg == pytest.approx(asked.overrun_deg or 0.0, abs=1.0)
        assert seen.lumbar_max_deg == pytest.approx(max(asked.lumbar_deg, 0.0), abs=0.3)


def test_a_rendered_clip_is_known_by_its_parameters(tmp_path: Path) -> None:
    entry, other = suite("dev")[:2]
    assert not is_rendered(entry, tmp_path)
    truth = tmp_path / f"{entry.clip.name}.truth.json"
    truth.write_text(json.dumps(labels(entry)), encoding="utf-8")
    assert not is_rendered(entry, tmp_path)  # the video is missing
    truth.with_name(f"{entry.clip.name}.mp4").write_bytes(b"")
    assert is_rendered(entry, tmp_path)
    assert not is_rendered(Entry(entry.clip, entry.stratum, entry.fault, other.table), tmp_path)


def test_what_a_truth_file_says_of_a_suites_clip_makes_the_clip_again() -> None:
    (entry,) = (each for each in suite("test") if each.clip.name == "test_18_walk_in")
    told = json.loads(json.dumps(labels(entry)))
    assert clip_from(entry.clip.name, told["parameters"]) == entry.clip
    assert told["stratum"] == "walk_in"
    assert told["nuisance"]["plate_m"] == 0.45


def test_a_picture_with_everything_in_it_repeats_to_the_pixel() -> None:
    first, second = still(everything()), still(everything())
    np.testing.assert_array_equal(first, second)
    assert np.abs(first - still(replace(everything(), bystanders=()))).max() > 50
    assert np.abs(first - still(replace(everything(), room=Room()))).max() > 50


def test_a_dim_room_is_dark_and_a_lamp_casts_shadows() -> None:
    bright, dim = still(Scene()), still(Scene(light=Light(room=0.25)))
    assert dim.mean() < 0.5 * bright.mean()
    weak = still(Scene(light=Light(strength=0.2)))
    assert dim.mean() < weak.mean() < bright.mean()
    turned = still(Scene(light=Light(direction=(-0.2, 1.0, -0.7))))
    assert np.abs(turned - bright).max() > 30


def test_a_loose_shirt_is_tight_at_the_shoulders_and_widest_at_the_hem() -> None:
    body = make_body(Build())
    loose, tight = Outfit(loose_m=0.08, shirt_hem_m=0.02), Outfit(shirt_hem_m=0.02)
    slack, y = slack_m(body, loose), body.template_m[:, 1]
    trunk = np.abs(body.template_m[:, 0]) < 0.12
    assert slack_m(body, tight).max() == 0.0
    assert slack[trunk & (y > 0.50)].max() == 0.0
    assert slack[trunk & (y > 0.05) & (y < 0.10)].max() > 0.06
    assert slack[y < -0.2].max() == 0.0
    off = np.linalg.norm(dressed(body, loose)[0] - dressed(body, tight)[0], axis=1)
    assert off[trunk & (y > 0.05) & (y < 0.15)].mean() > 0.015
    assert off[trunk & (y > 0.50)].max() < 1e-3


@pytest.mark.parametrize("plate_m", [0.45, 0.35, 0.25])
def test_plates_of_three_sizes_are_there(plate_m: float) -> None:
    assert plate_m in PLATE_THICKNESS_M
    if plate_m >= 0.35:
        _, where, _, _ = posed(Footwork(put_down=True), plate_m, after_s=3.2)
        assert where.bar_m[-1, 1] == pytest.approx(plate_m / 2.0, abs=1e-3)


def test_the_bar_is_taken_from_the_floor_and_put_back_outside_the_repetitions() -> None:
    lifter, there, moves, time_s = posed(BEND, before_s=5.0, after_s=3.2)
    (first, _), (_, last) = rep_windows(moves)[0], rep_windows(moves)[-1]
    np.testing.assert_allclose(there.bar_m[0], there.bar_m[time_s < 2.0][-1])
    assert there.bar_m[0, 1] == there.bar_m[-1, 1] == pytest.approx(0.225, abs=1e-3)
    wrists = there.joints_m[:, lifter.body.index("wrist.L")]
    reach = np.linalg.norm((wrists - there.bar_m)[:, 1:], axis=1)
    held = (time_s > first - 1.0) & (time_s < last + 1.0)
    assert reach[held].max() < 0.12
    assert reach[0] > 0.5
    jumps = np.linalg.norm(np.diff(there.bar_m, axis=0), axis=1)
    assert jumps.max() < 0.08
    assert np.abs(np.diff(there.joints_m, axis=0)).max() < 0.12


@pytest.mark.parametrize("footwork", [BEND, Footwork(steps=3, step_m=-0.25, steps_out=2)])
def test_a_walk_keeps_the_limbs_lengths_and_the_standing_foot(footwork: Footwork) -> None:
    lifter, there, _, time_s = posed(footwork, before_s=5.0, after_s=3.2)
    for side in "LR":
        assert spread_m(lifter, there, "upperleg01", "lowerleg01", side) < 2e-5
        assert spread_m(lifter, there, "lowerleg01", "foot", side) < 2e-5
    feet = np.stack([there.joints_m[:, lifter.body.index(f"foot.{side}")] for side in "LR"], axis=1)
    still_m = feet[time_s < 5.0][-1]
    steps = footwork.steps * footwork.step_m
    np.testing.assert_allclose(feet[0] - still_m, [[0.0, 0.0, -steps]] * 2, atol=0.002)
    speed = np.linalg.norm(np.diff(feet, axis=0), axis=2) * 30
    assert speed.min(axis=1).max() < 0.02  # one foot stands at any time
    np.testing.assert_allclose(feet[-1] - still_m, [[0.0, 0.0, 0.25 * footwork.steps_out]] * 2, atol=0.002)


def test_footwork_needs_its_time_its_reach_and_its_lift() -> None:
    with pytest.raises(ValueError, match="before_s"):
        posed(Footwork(steps=3), before_s=STEP_S)
    with pytest.raises(ValueError, match="put_down or steps_out"):
        posed(Footwork(put_down=True, steps_out=2), after_s=9.0)
    with pytest.raises(ValueError, match="the hands get down"):
        floor_bend(lambda depth: Poses(depth, depth, np.full((len(depth), 3), 0.3)), 0.2)
    with pytest.raises(ValueError, match="nordic has no footwork"):
        clip_from("n", {"lift": "nordic", "about": "", "reps": [], "footwork": {"steps": 1}})


def test_toes_turned_out_move_the_feet_alone() -> None:
    scene, time_s = Scene(), np.linspace(0.0, 6.0, 20)
    lifter = make_lifter(scene)
    straight, turned = (
        poses(scene, lifter, Set((Rep(),), stance=Stance(toes_out_deg=toes)), time_s) for toes in (0.0, 20.0)
    )
    feet = [lifter.body.index(f"{name}.{side}") for name in ("toe2-1", "toe_tip") for side in "LR"]
    others = [i for i in range(len(lifter.body.names)) if i not in feet]
    np.testing.assert_allclose(straight.joints_m[:, others], turned.joints_m[:, others], atol=1e-9)
    assert np.abs(straight.joints_m[:, feet] - turned.joints_m[:, feet]).max() > 0.03


@pytest.mark.parametrize("act", ["stand", "phone", "walk"])
def test_bystanders_stay_on_the_floor_and_whole(act: str) -> None:
    time_s = np.linspace(0.0, 4.0, 60)
    bystander = Bystander(act, behind_m=1.2, ahead_m=0.7, turn_deg=180.0, build=Build(sex=1.0, stature_m=1.8))
    body, there = acted(bystander, 1, time_s)
    lifter = replace(make_lifter(Scene()), body=body)
    for side in "LR":
        assert spread_m(lifter, there, "upperleg01", "lowerleg01", side) < 2e-5
    ankles = there.joints_m[:, [body.index("foot.L"), body.index("foot.R")], 1]
    assert np.ptp(ankles.min(axis=1)) < 1e-6
    way = there.joints_m[-1, 0] - there.joints_m[0, 0]
    assert way[2] == pytest.approx(-4.8 if act == "walk" else 0.0, abs=0.05)
    assert there.joints_m[:, 0, 0].mean() == pytest.approx(1.2, abs=0.02)


def test_a_bystander_can_only_do_what_it_can() -> None:
    with pytest.raises(ValueError, match="cannot 'dance'"):
        acted(Bystander("dance"), 1, np.zeros(1))


@pytest.mark.parametrize("sex", [0.0, 1.0])
@pytest.mark.parametrize("stature_m", [1.55, 1.95])
@pytest.mark.parametrize(("muscle", "weight"), [(0.3, 0.3), (0.95, 0.85)])
def test_women_and_men_of_all_builds_lift(sex: float, stature_m: float, muscle: float, weight: float) -> None:
    build = Build(sex=sex, muscle=muscle, weight=weight, stature_m=stature_m)
    scene = Scene(build=build, load=Load(kind="dumbbells"))
    lifter = make_lifter(scene)
    there = poses(scene, lifter, Set((Rep(),)), np.linspace(0.0, 6.0, 40))
    assert 0.4 < proportions(lifter.body).leg_m / stature_m < 0.54
    wrists = there.joints_m[:, lifter.body.index("wrist.R")]
    assert np.linalg.norm((wrists - there.bar_m)[:, 1:], axis=1).max() < 0.12


def test_a_near_wall_and_a_busy_one_can_be_had() -> None:
    near, busy = still(Scene(room=Room(wall_m=0.9))), still(Scene(room=Room(wall_m=0.9, busy=True)))
    usual = still(Scene())
    assert min(np.abs(near - usual).mean(), np.abs(busy - near).mean()) > 3.0
    assert np.abs(np.diff(busy, axis=1)).mean() > 1.5 * np.abs(np.diff(near, axis=1)).mean()


def test_jagged_edges_show_the_same_picture() -> None:
    smooth, jagged = still(Scene()), still(Scene(edge_samples=0))
    assert 0.0 < np.abs(smooth - jagged).mean() < 2.0
