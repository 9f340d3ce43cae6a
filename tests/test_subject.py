"""Stick figures whose doings are known: who is chosen, who is told apart, and what is watched."""

import numpy as np
import pytest
from numpy.typing import NDArray

from formcheck.pose import person_tracking
from formcheck.skeleton import N_LANDMARKS, Landmark

Points = NDArray[np.float64]
SIZE_PX = (1920, 1080)
TIME_S = np.arange(20) * 1.0


def figure(
    foot: tuple[float, float], height_px: float, trunk_deg: float = 0.0, thigh_deg: float = 0.0, shank_deg: float = 0.0
) -> Points:
    """A person seen from the right side; inclinations from the vertical, forward (to the right) positive."""

    def up(start: Points, length: float, lean_deg: float) -> Points:
        lean = np.radians(lean_deg)
        return np.asarray(start + length * height_px * np.array([np.sin(lean), -np.cos(lean)]))

    ankle = np.array(foot, dtype=float)
    knee = up(ankle, 0.25, shank_deg)
    hip = up(knee, 0.25, thigh_deg)
    shoulder = up(hip, 0.3, trunk_deg)
    nose = up(shoulder, 0.12, trunk_deg)
    hand = up(shoulder, -0.35, 0.0)
    xy_px = np.empty((N_LANDMARKS, 2))
    xy_px[: Landmark.LEFT_SHOULDER] = nose
    for left, place in (
        (Landmark.LEFT_SHOULDER, shoulder),
        (Landmark.LEFT_ELBOW, (shoulder + hand) / 2),
        (Landmark.LEFT_WRIST, hand),
        (Landmark.LEFT_PINKY, hand),
        (Landmark.LEFT_INDEX, hand),
        (Landmark.LEFT_THUMB, hand),
        (Landmark.LEFT_HIP, hip),
        (Landmark.LEFT_KNEE, knee),
        (Landmark.LEFT_ANKLE, ankle),
        (Landmark.LEFT_HEEL, ankle),
        (Landmark.LEFT_FOOT_INDEX, ankle + np.array([0.1 * height_px, 0.0])),
    ):
        xy_px[left] = place
        xy_px[left + 1] = place + np.array([0.02 * height_px, 0.0])
    return xy_px


def lifting(foot: tuple[float, float], height_px: float, n: int = 20) -> list[Points]:
    """Romanian deadlifts, one in five frames."""
    phase = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / 5.3)
    return [figure(foot, height_px, 80 * part, -20 * part, 5 * part) for part in phase]


def falling(knee: tuple[float, float], height_px: float, n: int = 20) -> list[Points]:
    """Nordic curls: the shank lies on the floor, everything above the knee goes down in one line."""
    phase = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / 6.1)
    foot = (knee[0] - 0.25 * height_px, knee[1])
    return [figure(foot, height_px, 85 * part, 85 * part, 90) for part in phase]


def jitter(people: list[Points], sigma_px: float, seed: int) -> list[Points]:
    generator = np.random.default_rng(seed)
    return [each + generator.normal(0, sigma_px, each.shape) for each in people]


def cast(*persons: list[Points] | list[Points | None], who: str = "auto") -> person_tracking.Cast:
    scenes = [[each for each in scene if each is not None] for scene in zip(*persons, strict=True)]
    found = person_tracking.cast_people(TIME_S[: len(scenes)], scenes, who)
    assert found is not None
    return found


def is_track(track: person_tracking.Track, person: list[Points]) -> bool:
    return all(np.array_equal(a, b) for a, b, seen in zip(track.xy_px, person, track.seen, strict=True) if seen)


# --- choosing --------------------------------------------------------------------------------------------------------


def test_the_lifter_is_the_one_who_does_the_reps_not_the_largest_or_first() -> None:
    bystander = jitter([figure((400, 1000), 900)] * 20, 6, seed=1)
    lifter = jitter(lifting((1400, 900), 500), 4, seed=2)
    found = cast(bystander, lifter)
    assert is_track(found.lifter, lifter)
    assert found.lifter.seen.all()
    assert len(found.others) == 1
    assert is_track(found.others[0], bystander)
    assert (found.rank == 1).all()


def test_it_is_said_who_was_followed_where_and_why() -> None:
    lifter, bystander = lifting((1400, 900), 500), [figure((400, 1000), 900)] * 20
    third: list[Points | None] = [*[figure((1750, 1000), 700)] * 4, *[None] * 16]  # too seldom: a passer-by
    said = person_tracking.say_who(cast(bystander, lifter, third), "auto")
    assert said.startswith("two people are in the picture: the one on the right, who moves most, was followed. If")
    said = person_tracking.say_who(cast(bystander, lifter, who="left"), "left")
    assert said.startswith("two people are in the picture: the one on the left, as you asked, was followed. If")
    assert "three people are in the picture: the one between them, who moves most, was" in person_tracking.say_who(
        cast(bystander, lifting((1000, 900), 500), [figure((1750, 1000), 700)] * 20), "auto"
    )
    assert person_tracking.say_who(cast(lifter), "auto") == ""
    assert person_tracking.say_who(cast(lifter, third), "auto") == ""
    thing = [figure((1750, 1000), 140)] * 20  # the foot of a bench, where a model may see a body of a quarter's length
    assert person_tracking.say_who(cast(lifter, thing), "auto") == ""


def test_somebody_who_walks_about_behind_a_lying_curl_is_not_the_lifter() -> None:
    phase = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(20) / 5.3)
    lying = jitter([figure((900, 800), 500, 90, 90, 90 - 110 * part) for part in phase], 4, seed=1)
    lying = [
        each - each[Landmark.LEFT_HIP] + np.array([900.0, 800.0]) for each in lying
    ]  # the hips stay where they are
    swing = np.sin(2 * np.pi * np.arange(20) / 2.7)
    walking = [figure((500 + 35 * n, 900), 600, 5, 25 * part, -25 * part) for n, part in enumerate(swing)]
    found = cast(jitter(walking, 4, seed=2), lying)
    assert is_track(found.lifter, lying)
    assert found.lifter.seen.all()


def test_a_partner_who_kneels_behind_and_holds_the_ankles() -> None:
    lifter = jitter(falling((900, 800), 500), 4, seed=1)
    partner = jitter([figure((500, 800), 500, 60, 0, 90)] * 20, 5, seed=2)
    assert is_track(cast(partner, lifter).lifter, lifter)


def test_a_panning_camera_moves_everybody_and_changes_nobody() -> None:
    pan = [np.array([12.0 * n, 4 * np.sin(n)]) for n in range(20)]
    lifter = [each + shift for each, shift in zip(falling((900, 800), 500), pan, strict=True)]
    partner = [each + shift for each, shift in zip([figure((500, 800), 500, 60, 0, 90)] * 20, pan, strict=True)]
    found = cast(partner, lifter)
    assert is_track(found.lifter, lifter)
    assert found.lifter.seen.all()
    assert len(found.others) == 1


def test_walking_about_is_no_lift() -> None:
    walker = [figure((100 + 90 * n, 1000), 600, 3, 20 * np.sin(2.4 * n), 15 * np.sin(2.4 * n + 0.5)) for n in range(20)]
    lifter = lifting((900, 900), 500)
    assert is_track(cast(walker, lifter).lifter, lifter)


def test_a_body_whose_limbs_are_guessed_is_not_chosen() -> None:
    generator = np.random.default_rng(4)
    guessed = [
        figure((300, 1000), 500 * generator.uniform(0.6, 1.2), *generator.uniform(-90, 90, 3)) for _ in range(20)
    ]
    lifter = lifting((1200, 900), 500)
    assert is_track(cast(guessed, lifter).lifter, lifter)


def test_a_ghost_seen_now_and_then_is_not_chosen() -> None:
    lifter = lifting((1200, 900), 500)
    ghost: list[Points | None] = [None] * 20
    for n, trunk_deg in zip((2, 9, 13, 17), (0, 90, 10, 80), strict=True):
        ghost[n] = figure((300, 900), 500, trunk_deg, -30)
    assert is_track(cast(ghost, lifter).lifter, lifter)


@pytest.mark.parametrize(
    ("who", "index"),
    [("left", 0), ("right", 2), ("largest", 1), ("auto", 2), ("210,700", 0), ("870,900", 1), ("1600,640", 2)],
)
def test_the_user_may_say_whom(who: str, index: int) -> None:
    persons = [[figure((200, 900), 500)] * 20, [figure((900, 1050), 800)] * 20, lifting((1600, 900), 500)]
    assert is_track(cast(*persons, who=who).lifter, persons[index])


def test_nobody() -> None:
    assert person_tracking.cast_people(TIME_S, [[] for _ in TIME_S], "auto") is None


def test_frames_in_which_the_lifter_was_missed_do_not_end_the_track() -> None:
    lifter: list[Points | None] = list(falling((900, 800), 500))
    for n in (3, 4, 9, 15):
        lifter[n] = None
    found = cast(lifter)
    assert found.lifter.seen.sum() == 16
    assert (np.isinf(found.rank) == [each is None for each in lifter]).all()


def test_a_bend_that_looks_too_short_is_still_the_one_who_stood_there() -> None:
    """A bend that is first seen too short starts a track of its own, which takes all the bends after it: the two are
    one lifter, who wins against a partner who sways and is always seen.
    """
    standing, short, bent = figure((900, 900), 500), figure((900, 900), 340, 80, -20), figure((900, 900), 370, 80, -20)
    assert person_tracking.body_length(standing) > person_tracking.SIZE_RATIO * person_tracking.body_length(short)
    lifter = [(standing, standing, standing, short, bent, bent)[frame % 6] for frame in range(20)]
    partner = [figure((1250, 900), 500, 15 * (frame % 2)) for frame in range(20)]
    found = cast(partner, lifter)
    assert is_track(found.lifter, lifter)
    assert [is_track(other, partner) for other in found.others] == [True]


def test_two_who_are_never_there_at_once_stay_two_where_they_stand_apart() -> None:
    first: list[Points | None] = [figure((500, 900), 500, 60 * (n % 2)) if n < 10 else None for n in range(20)]
    second: list[Points | None] = [figure((1400, 900), 500, 70 * (n % 2)) if n >= 10 else None for n in range(20)]
    found = cast(first, second)
    assert found.lifter.seen.sum() == 10
    assert len(found.others) == 1


# --- sightings -------------------------------------------------------------------------------------------------------


def test_one_body_found_twice_and_its_limbs_are_leftovers() -> None:
    body = figure((900, 900), 500, 30)
    feet = figure((900, 900), 120, 80)
    assert person_tracking.is_leftover(body + 10, [body])
    assert person_tracking.is_leftover(feet, [body])
    assert not person_tracking.is_leftover(figure((1200, 900), 500, 30), [body])
    assert not person_tracking.is_leftover(figure((1020, 880), 480, -10), [body])


def test_left_and_right_exchanged_is_still_the_same_body() -> None:
    body = figure((900, 900), 500, 30)
    swapped = body.copy()
    swapped[11::2], swapped[12::2] = body[12::2], body[11::2]
    assert person_tracking.core_distance(body, swapped) == 0.0


def test_body_length_does_not_change_with_the_pose() -> None:
    expected = (0.12 + 0.3 + 0.25 + 0.25) * 500
    for pose in ((0, 0, 0), (85, -20, 5), (85, 85, 90)):
        assert person_tracking.body_length(figure((900, 900), 500, *pose)) == pytest.approx(expected, rel=0.05)


def test_between_two_sightings_a_track_is_on_the_line() -> None:
    xy_px = np.full((3, N_LANDMARKS, 2), np.nan)
    xy_px[0], xy_px[2] = figure((0, 900), 500), figure((100, 900), 500)
    track = person_tracking.Track(np.array([0.0, 1.0, 4.0]), xy_px)
    np.testing.assert_allclose(track.at(1.0), figure((25, 900), 500))
    np.testing.assert_allclose(track.at(-1.0), xy_px[0])
    np.testing.assert_allclose(track.at(9.0), xy_px[2])


# --- guarding --------------------------------------------------------------------------------------------------------


def test_landmarks_on_the_partner_are_somebody_elses() -> None:
    lifter = falling((900, 800), 500)
    partner = [figure((500, 800), 500, 60, 0, 90)] * 20
    found = cast(partner, lifter)
    for n, own in enumerate(lifter):
        assert not person_tracking.is_somebody_else(own + 8, TIME_S[n], found)
        assert person_tracking.is_like_lifter(own + 8, found.lifter)
        assert person_tracking.is_somebody_else(partner[n] + 8, TIME_S[n] + 0.3, found)
        assert not person_tracking.is_like_lifter(partner[n] + 8, found.lifter)


def test_a_mixture_of_two_people_is_nobody() -> None:
    lifter = falling((900, 800), 500)
    found = cast(lifter)
    crumpled = (lifter[0] - lifter[0].mean(axis=0)) * 0.5 + lifter[0].mean(axis=0)
    assert person_tracking.is_somebody_else(crumpled, 0.0, found)
    assert not person_tracking.is_like_lifter(crumpled, found.lifter)


def test_the_lifter_under_another_name_is_not_somebody_else() -> None:
    """A track that broke: two tracks in one place, never seen at once."""
    lifter = lifting((900, 900), 500)
    first = [each if n < 15 else None for n, each in enumerate(lifter)]
    second = [(each * 1.5 - [450, 450]) if n >= 15 else None for n, each in enumerate(lifter)]  # another size
    assert len(cast(first, second).others) == 0


def test_rivals_are_the_bodies_of_the_nearest_frame_and_the_others_at_that_time() -> None:
    lifter = lifting((1400, 900), 500)
    bystander = [figure((400 + 5 * n, 1000), 700) for n in range(20)]
    rivals = cast(bystander, lifter).rivals_at(7.4)
    np.testing.assert_array_equal(rivals[0], bystander[7])
    np.testing.assert_allclose(rivals[1], figure((400 + 5 * 7.4, 1000), 700))
    assert len(rivals) == 2


def test_what_is_covered_is_head_trunk_and_thighs() -> None:
    body = figure((100, 190), 160, 20)
    covered = person_tracking.cover_body(200, body)
    for joint in (Landmark.NOSE, Landmark.LEFT_SHOULDER, Landmark.LEFT_HIP):
        x, y = body[joint].astype(int)
        assert covered[y, x]
    x, y = body[Landmark.LEFT_ANKLE].astype(int)
    assert not covered[y, x]
    assert 0.02 < covered.mean() < 0.2
    assert not person_tracking.cover_body(200, body + 1000).any()


# --- watching --------------------------------------------------------------------------------------------------------


def holds(framing: person_tracking.Framing, time_s: float, xy_px: Points) -> bool:
    centre = np.array(framing.centre_at(time_s))
    return bool((np.abs(xy_px - centre) <= framing.side_px / 2).all())


def test_one_square_that_stands_still_holds_the_whole_set_with_a_margin() -> None:
    lifter = lifting((900, 900), 500)
    framing = person_tracking.plan_framing(cast(lifter).lifter, SIZE_PX)
    assert len(framing.centre_px) == 1
    assert framing.body_px == pytest.approx(460, rel=0.05)
    for part in np.linspace(0, 1, 30):
        assert holds(framing, 3.0, figure((900, 900), 500, 80 * part, -20 * part, 5 * part))
    assert framing.side_px < 1.7 * framing.body_px


def test_a_nordic_of_which_the_bottom_was_never_scouted_stays_in_the_square() -> None:
    phase = 0.35 * (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(20) / 6.1))
    foot = (775, 800)
    seen = [figure(foot, 500, 85 * part, 85 * part, 90) for part in phase]
    framing = person_tracking.plan_framing(cast(seen).lifter, SIZE_PX)
    bottom = figure(foot, 500, 85, 85, 90)
    assert np.mean(np.abs(bottom - framing.centre_at(0.0)) <= framing.side_px / 2) > 0.75


def test_a_square_follows_a_lifter_who_walks_in() -> None:
    walk = [figure((200 + 70 * n, 900), 400, 5, 15 * np.sin(2 * n), 10 * np.sin(2 * n)) for n in range(20)]
    framing = person_tracking.plan_framing(cast(walk).lifter, SIZE_PX)
    assert len(framing.centre_px) == 20
    for n, each in enumerate(walk):
        assert holds(framing, TIME_S[n], each)
    between = (walk[7] + walk[8]) / 2
    assert holds(framing, 7.5, between)
    assert framing.side_px < 2 * framing.body_px


@pytest.mark.parametrize("foot", [(60.0, 1060.0), (1900.0, 500.0)])
def test_the_square_stays_in_the_picture_where_it_fits(foot: tuple[float, float]) -> None:
    framing = person_tracking.plan_framing(cast(lifting(foot, 450)).lifter, SIZE_PX)
    x, y = framing.centre_at(0.0)
    half = framing.side_px / 2
    assert half - 1e-6 <= x <= SIZE_PX[0] - half + 1e-6
    assert half - 1e-6 <= y <= SIZE_PX[1] - half + 1e-6


def test_a_square_is_never_larger_than_the_picture() -> None:
    framing = person_tracking.plan_framing(cast(lifting((120, 840), 820)).lifter, (240, 848))
    assert framing.side_px == 848
    assert framing.centre_at(0.0) == (120.0, 424.0)


# --- chunks ----------------------------------------------------------------------------------------------------------


def test_chunks_start_where_the_lifter_was_seen() -> None:
    lifter: list[Points | None] = list(lifting((900, 900), 500))
    for n in (3, 8, 9, 14):
        lifter[n] = None
    found = cast(lifter)
    starts = np.array(person_tracking.choose_starts(found, 3.0, 20.0))
    assert starts[0] == -np.inf
    assert all(found.lifter.seen[int(start)] for start in starts[1:])
    steps = np.diff(starts[1:])
    early = starts[1:-1] <= 20.0 - 3.0 * person_tracking.TAPER
    assert (steps <= 3.0 * person_tracking.LONGEST).all()
    assert (steps[early][1:] >= 3.0).all()


def test_chunks_get_shorter_towards_the_end() -> None:
    found = person_tracking.cast_people(np.arange(60.0), [[each] for each in lifting((900, 900), 500, 60)], "auto")
    assert found is not None
    starts = person_tracking.choose_starts(found, 8.0, 60.0)
    steps = np.diff([*starts[1:], 60.0])
    assert steps[1] >= 8.0
    assert steps[-1] <= 4.0
    assert (steps[-4:] <= 4.0).all()


def test_chunks_end_even_where_nobody_is_seen_for_long() -> None:
    lifter: list[Points | None] = list(lifting((900, 900), 500))
    lifter[2:18] = [None] * 16
    starts = person_tracking.choose_starts(cast(lifter), 2.0, 20.0)
    assert np.diff(starts[1:]).max() <= 2.0 * person_tracking.LONGEST + 1e-9
    assert len(starts) >= 6


@pytest.mark.parametrize(("seen", "known"), [(20, True), (17, True), (14, False)])
def test_who_is_nearly_always_beside_the_lifter_is_somebody_else_though_near(seen: int, known: bool) -> None:
    """A bystander 0.37 body lengths away; seen now and then in that place it may be the lifter under another name."""
    lifter = lifting((900, 900), 500)
    beside: list[Points | None] = [figure((1080, 900), 500) if n < seen else None for n in range(20)]
    found = cast(lifter, beside)
    assert is_track(found.lifter, lifter)
    assert (len(found.others) == 1) is known
