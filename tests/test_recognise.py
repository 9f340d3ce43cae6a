"""Which lift is it: the six, and movements that are none of them, from stick lifters whose motion is known."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from formcheck.data import FloatArray, PoseSequence, Source, Tracks
from formcheck.errors import LiftError
from formcheck.kinematics.camera_view import find_near_side
from formcheck.kinematics.cleaning import repair_tracks
from formcheck.lifts import all_lifts, lift_names
from formcheck.lifts.check import Lift, Trait
from formcheck.pipeline import judge_set, recognise_set
from formcheck.segmentation.lift_recognition import (
    WORDS,
    Doubt,
    Recognition,
    _tell,
    doubt_lift,
    find_facing_of_set,
    measure_features,
    recognise_lift,
)
from formcheck.settings import Settings
from formcheck.skeleton import Side
from samples.renderer.stick import (
    ARM_M,
    LEG_M,
    MID_FOOT_M,
    WRIST_BEFORE_BAR_LEG,
    Posture,
    Shot,
    minimum_jerk,
    rdl_set,
    shoot,
    walk_in,
)
from tests.skeletons_curls import Arms, curl_set, good_morning_set, place_arms, shoot_body

SIX = tuple(all_lifts()[name] for name in lift_names())
SHOT = Shot(noise_mm=4.0, slow_mm=2.0, with_back=False)


def tracks_of(poses: PoseSequence) -> Tracks:
    return repair_tracks(poses, find_near_side(poses.visibility))


def recognise(poses: PoseSequence) -> Recognition:
    return recognise_lift(tracks_of(poses), SIX)


def cycles(
    n_reps: int = 3, down_s: float = 2.0, up_s: float = 1.5, rate_hz: float = 30.0
) -> tuple[FloatArray, FloatArray]:
    """Times, and a share that goes 0 -> 1 -> 0 in every rep, with a second of rest around each."""
    period_s = down_s + up_s + 1.0
    time_s = np.arange(0.0, n_reps * period_s + 1.0, 1 / rate_hz)
    share = np.zeros(len(time_s))
    for number in range(n_reps):
        start_s = 1.0 + number * period_s
        share += minimum_jerk((time_s - start_s) / down_s) - minimum_jerk((time_s - start_s - down_s) / up_s)
    return time_s, share


def between(rest: float, turn: float, share: FloatArray) -> FloatArray:
    return rest + (turn - rest) * share


def body(
    trunk: tuple[float, float],
    thigh: tuple[float, float],
    shank: tuple[float, float],
    *,
    arms: Arms = "hanging",
    planted: str = "ankle",
    facing: Side = "right",
) -> PoseSequence:
    """A set whose inclinations go from rest to turn and back."""
    time_s, share = cycles()
    posture = Posture.make(*(between(*span, share) for span in (trunk, thigh, shank)))
    shot = Shot(noise_mm=4.0, slow_mm=2.0, with_back=False, facing=facing)
    return shoot_body(time_s, posture, shot, planted=planted, arms=arms)[0]  # type: ignore[arg-type]


def nordic() -> PoseSequence:
    """Falls forward over planted knees to nearly level; the hands, hanging, meet the floor there."""
    time_s, share = cycles(2)
    posture = Posture.make(between(3, 82, share), between(-2, 66, share), np.full(len(time_s), 95.0))
    poses, truth = shoot_body(time_s, posture, SHOT, planted="knee", arms="crossed")
    floor = truth.joints_px["knee"][:, 1]
    xy_px = poses.xy_px.copy()
    for side in (15, 16, 17, 18, 19, 20, 21, 22):  # wrists and hands: on the floor when the body is low
        drop = np.where(share > 0.8, floor - xy_px[:, side, 1], 0.0)
        xy_px[:, side, 1] += drop
    return PoseSequence(poses.time_s, xy_px, poses.world_m, poses.visibility, poses.size_px, None, poses.provenance)


THE_SIX: dict[str, Callable[[], PoseSequence]] = {
    "rdl": lambda: rdl_set(3, noise_mm=4.0)[0],
    "good_morning": lambda: good_morning_set(3, noise_mm=4.0)[0],
    "ghr": lambda: body((5, 92), (0, 80), (93, 93), planted="knee", arms="racked"),
    "nordic": nordic,
    "seated_curl": lambda: curl_set(3, seated=True)[0],
    "lying_curl": lambda: curl_set(3)[0],
}


@pytest.mark.parametrize("name", lift_names())
def test_each_of_the_six_is_recognised(name: str) -> None:
    found = recognise(THE_SIX[name]())
    assert found.name == name, found.reason
    assert found.confidence > 0.8
    assert found.reason is None
    assert set(found.scores) == set(lift_names())


@pytest.mark.parametrize("facing", ["left", "right"])
@pytest.mark.parametrize("seed", range(3))
def test_the_way_the_lifter_faces_and_the_noise_make_no_difference(facing: Side, seed: int) -> None:
    assert recognise(rdl_set(3, noise_mm=8.0, facing=facing, seed=seed)[0]).name == "rdl"
    assert recognise(good_morning_set(3, noise_mm=8.0, facing=facing, seed=seed)[0]).name == "good_morning"
    assert recognise(curl_set(3, facing=facing, noise_mm=8.0, seed=seed)[0]).name == "lying_curl"
    assert recognise(curl_set(3, facing=facing, noise_mm=8.0, seed=seed, seated=True)[0]).name == "seated_curl"


def walk() -> PoseSequence:
    time_s = np.arange(0.0, 6.0, 1 / 30)
    still = Posture.make(*(np.full(len(time_s), angle) for angle in (4.0, 0.0, 2.0)))
    return shoot(time_s, walk_in(time_s, still, 6.0), SHOT)[0]


def two_legs_of_a_leg_extension() -> PoseSequence:
    time_s, share = cycles()
    posture = Posture.make(np.full(len(time_s), -5.0), np.full(len(time_s), -88.0), between(2, -85, share))
    return shoot_body(time_s, posture, SHOT, planted="knee", arms="hanging")[0]


def bent_over_row() -> PoseSequence:
    """Picked up and put down like a deadlift; between, the trunk leans and the arms pull the hands to the hips."""
    time_s = np.arange(0.0, 16.0, 1 / 30)
    lean = np.interp(time_s, [0, 1, 2, 14, 15, 16], [5, 5, 50, 50, 5, 5])
    posture = Posture.make(lean, -0.45 * lean, 0.1 * lean)
    poses = shoot_body(time_s, posture, SHOT, planted="ankle", arms="hanging")[0]
    pulled = 0.35 * (1 - np.cos(np.clip(time_s - 3, 0, 10) * 2 * np.pi / 2)) / 2
    xy_px = poses.xy_px.copy()
    for side in (0, 1):
        shoulder, hands = xy_px[:, 11 + side], (15, 17, 19, 21)
        for hand in (each + side for each in hands):
            xy_px[:, hand] += pulled[:, None] * (shoulder - xy_px[:, hand])
    return PoseSequence(poses.time_s, xy_px, poses.world_m, poses.visibility, poses.size_px, None, poses.provenance)


OTHERS: dict[str, Callable[[], PoseSequence]] = {
    "squat": lambda: body((3, 35), (0, -80), (0, 35), arms="racked"),
    "half squat with the bar on the back": lambda: body((3, 45), (0, -45), (0, 25), arms="racked"),
    "conventional deadlift from the floor": lambda: body((3, 62), (0, -55), (2, 18)),
    "oblique deadlift from the floor": lambda: body((-5, 96), (5, -52), (0, 8)),
    "bent-over row": bent_over_row,
    "walk": walk,
    "stand": lambda: rdl_set(0, before_s=3.0, noise_mm=4.0)[0],
    "bow without hips": lambda: body((3, 70), (0, 2), (0, 2)),
    "plank": lambda: body((80, 82), (80, 82), (80, 82), planted="knee"),
    "sit-to-stand": lambda: body((3, 40), (0, -90), (0, 15)),
    "leg extension": two_legs_of_a_leg_extension,
    "back extension": lambda: body((45, 130), (45, 45), (45, 45)),
    "kettlebell raised to the shoulders": lambda: place_arms(*rdl_set(3, noise_mm=4.0), "handles"),
}


@pytest.mark.parametrize("name", list(OTHERS))
def test_other_movements_are_forced_into_none_of_the_six(name: str) -> None:
    found = recognise(OTHERS[name]())
    assert found.name is None, (name, found)
    assert found.reason


@pytest.mark.parametrize(("hip_deg", "name"), [(20, "lying_curl"), (42, "lying_curl"), (50, None), (75, "seated_curl")])
def test_curls_are_told_apart_by_the_hip_and_asked_for_in_between(hip_deg: float, name: str | None) -> None:
    assert recognise(curl_set(3, seated=hip_deg > 60, hip_deg=hip_deg)[0]).name == name


@pytest.mark.parametrize(("trunk_deg", "thigh_deg", "name"), [(92, 80, "ghr"), (62, 56, "nordic"), (80, 70, None)])
def test_with_crossed_arms_a_level_body_is_a_raise_and_half_a_lowering_a_nordic(
    trunk_deg: float, thigh_deg: float, name: str | None
) -> None:
    """Nobody's hands tell which it is; 30 rendered raises lean to 83 deg and more, 30 Nordics to 80 deg at most."""
    found = recognise(body((5, trunk_deg), (0, thigh_deg), (93, 93), planted="knee", arms="crossed"))
    assert found.name == name, found


def test_a_lift_without_traits_is_never_the_answer() -> None:
    bare = Lift("bare", "Bare", "trunk_deg", 25.0, lambda _: None)
    found = recognise_lift(tracks_of(THE_SIX["ghr"]()), (*SIX, bare))
    assert found.name == "ghr"
    assert "bare" not in found.scores


def test_the_facing_comes_from_the_knees_and_without_bent_ones_from_the_toes() -> None:
    for facing in ("left", "right"):
        assert find_facing_of_set(tracks_of(curl_set(2, facing=facing)[0])) == facing  # type: ignore[arg-type]
        straight = body((3, 60), (0, 0), (0, 0), facing=facing)  # type: ignore[arg-type]
        assert find_facing_of_set(tracks_of(straight)) == facing


def test_features_are_those_of_the_motion() -> None:
    features = measure_features(tracks_of(rdl_set(4, noise_mm=0.0, trunk_max_deg=70, travel_leg=0.3, knee_deg=20)[0]))
    assert features["trunk_high"] == pytest.approx(70, abs=1.5)
    assert features["knee_high"] == pytest.approx(20, abs=1)
    assert features["hip_back"] == pytest.approx(0.3 * 0.85 / 0.5, abs=0.05)
    back_m = -0.3 * LEG_M + 0.5 * np.sin(np.radians(70)) - MID_FOOT_M - WRIST_BEFORE_BAR_LEG * LEG_M
    assert features["hand_drop_low"] == pytest.approx(np.sqrt(ARM_M**2 - back_m**2) / 0.5, abs=0.01)
    assert features["ankle_way"] == pytest.approx(0.0, abs=0.01)


def test_nobody_is_no_lift() -> None:
    poses = rdl_set(2)[0]
    empty = PoseSequence(
        poses.time_s,
        np.full_like(poses.xy_px, np.nan),
        poses.world_m,
        poses.visibility,
        poses.size_px,
        None,
        poses.provenance,
    )
    found = recognise(empty)
    assert found.name is None
    assert found.reason == "shoulder, hip, knee and foot were never seen together"


def test_a_trait_fades_over_its_margin() -> None:
    trait = Trait("knee_high", 10.0, 50.0, 20.0)
    shares = [trait.share({"knee_high": value}) for value in (30.0, 50.0, 60.0, 70.0, 90.0, 5.0, math.nan)]
    assert shares == [1.0, 1.0, 0.5, 0.0, 0.0, 0.75, 0.5]


def test_every_feature_of_a_trait_is_measured_and_has_words() -> None:
    features = measure_features(tracks_of(rdl_set(1)[0]))
    used = {trait.feature for lift in SIX for trait in lift.traits}
    assert used <= set(features)
    assert used == set(WORDS)


def test_a_lift_that_was_named_wrongly_is_doubted_and_a_right_one_is_not() -> None:
    named = {lift.name: lift for lift in SIX}
    for name, film in THE_SIX.items():
        tracks = tracks_of(film())
        assert doubt_lift(tracks, named[name], SIX) == Doubt(), name
        for other in set(named) - {name}:
            words = f"this looks like a {named[name].noun}, not like a {named[other].noun}"
            assert doubt_lift(tracks, named[other], SIX) == Doubt(words, name)
    deadlift = tracks_of(OTHERS["conventional deadlift from the floor"]())
    words = "this looks little like a Romanian deadlift: the knees bend too much"
    assert doubt_lift(deadlift, named["rdl"], SIX) == Doubt(words)
    walker = rdl_set(3, noise_mm=4.0, walk_in_s=3.0)[0]
    assert doubt_lift(tracks_of(walker), named["rdl"], SIX) == Doubt()


@pytest.mark.parametrize(
    ("trait", "words"),
    [
        (Trait("trunk_low", -30, -20, 1), "the trunk leans too much"),
        (Trait("trunk_high", 150, 160, 1), "the trunk leans too little"),
        (Trait("trunk_mid", 150, 160, 1), "the trunk leans too little"),
        (Trait("trunk_range", 150, 160, 1), "the trunk moves too little"),
        (Trait("knee_range", 150, 160, 1), "the knees move too little"),
        (Trait("knee_high", -10, -5, 1), "the knees bend too much"),
        (Trait("hip_range", -10, -5, 1), "the hips move too much"),
        (Trait("hip_mid", -100, -90, 1), "the hips are bent too much"),
        (Trait("hip_back", 2.0, 3.0, 0.1), "the hips travel back 0."),
        (Trait("shank_low", 80, 90, 1), "the shins lean "),
        (Trait("phi_high", 0, 1, 1), "the body leans as far as "),
        (Trait("phi_high", 150, 160, 1), "the body leans no more than "),
    ],
)
def test_a_doubt_tells_no_number_that_the_report_tells_otherwise(trait: Trait, words: str) -> None:
    """The report's joints are mended after the lift is known: its knees are others than those that are doubted."""
    lift = replace(all_lifts()["rdl"], traits=(trait,))
    reason = doubt_lift(tracks_of(rdl_set(2)[0]), lift, (lift, replace(lift, name="another"))).reason
    assert reason.startswith(f"this looks little like a Romanian deadlift: {words}")
    assert any(letter.isdigit() for letter in reason) == (trait.feature in {"hip_back", "shank_low", "phi_high"})


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        (Trait("shank_low", -15, 25, 12), -40, "the shins lean back by 40°"),
        (Trait("shank_low", -15, 25, 12), 84, "the shins lean no less than 84°"),
        (Trait("shank_low", 70, 115, 12), 8, "the shins lean by as little as 8°"),
        (Trait("shank_high", -15, 25, 12), 90, "the shins lean as far as 90°"),
        (Trait("trunk_high", 45, 160, 15), 12, "the trunk leans no more than 12°"),
    ],
)
def test_an_end_of_a_motion_is_told_against_what_the_lift_has(trait: Trait, value: float, words: str) -> None:
    assert _tell(trait, {trait.feature: value}) == words


def test_a_film_on_its_head_is_told_so() -> None:
    tracks = tracks_of(rdl_set(2)[0])
    turned = replace(tracks, joints_px={name: -track for name, track in tracks.joints_px.items()})
    why = "the picture stands on its head (turn the film the right way up)"
    assert doubt_lift(turned, all_lifts()["rdl"], SIX).reason == f"this looks little like a Romanian deadlift: {why}"
    assert recognise_lift(turned, SIX).reason == why


# --- through the pipeline --------------------------------------------------------------------------------------------


def test_a_trunk_that_leans_back_is_told_as_a_camera_that_stands_wrongly() -> None:
    tracks = tracks_of(rdl_set(2)[0])
    hip, shoulder = tracks.joints_px["hip"], tracks.joints_px["shoulder"]
    turned = np.column_stack([2 * hip[:, 0] - shoulder[:, 0], shoulder[:, 1]])
    backwards = replace(tracks, joints_px={**tracks.joints_px, "shoulder": turned})
    lean_deg = measure_features(backwards)["trunk_low"]
    assert lean_deg < -60
    camera = "as it does where the camera stands in front or behind"
    assert doubt_lift(backwards, all_lifts()["rdl"], SIX).reason == (
        f"this looks little like a Romanian deadlift: the trunk seems to lean back, {camera}"
    )
    assert f"the trunk seems to lean back by {-lean_deg:.0f}°, {camera}" in str(recognise_lift(backwards, SIX).reason)


def test_the_report_says_that_the_lift_was_recognised_and_how_surely() -> None:
    poses, _ = good_morning_set(3, noise_mm=4.0)
    choice = recognise_set(poses)
    assert (choice.name, choice.chosen_by) == ("good_morning", "auto")
    source = Source("set.mp4", "", 30.0, 1, 1.0, (1280, 720), 0)
    report = judge_set(source, poses, all_lifts()[choice.name], Settings(), choice)
    assert report.lift == choice
    assert len(report.reps) == 3


def test_an_unsure_set_is_an_error_that_names_the_option() -> None:
    with pytest.raises(LiftError, match=r"^The lift was not recognised: .*knees bend") as caught:
        recognise_set(OTHERS["squat"]())
    assert caught.value.hint == f"Choose one with --lift {'|'.join(all_lifts())}."
