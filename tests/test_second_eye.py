"""The second eye: what MoveNet's maps mean, what it sees of a rendered lifter, and how it is fused with MediaPipe."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from formcheck import video
from formcheck.data import FloatArray
from formcheck.pose import estimation, fusion, model_files
from formcheck.pose.detection_pass import SCOUT_PX, drop_phantoms, find_crowd, is_doubtful, lies, stand
from formcheck.pose.person_tracking import Track
from formcheck.pose.second_eye import SIDE_PX, SecondEye, decode, square_round
from formcheck.skeleton import COCO, N_LANDMARKS, Landmark
from tests.films import read_pictures

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
LEG_PX = 200.0
N_FRAMES = 60
TIME_S = np.arange(N_FRAMES) / 30.0
NO_SHARE = np.full((N_FRAMES, N_LANDMARKS), np.nan)


def maps(row: int, column: int, points: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """The four maps of one person in one cell, whose 17 points (x, y) lie somewhere, px of the picture."""
    heat, guess, offset, centre = (np.zeros((1, channels, 64, 64), np.float32) for channels in (17, 34, 34, 1))
    centre[0, 0, row, column] = 0.9
    for number, (x, y) in enumerate(points):
        cell = int(y // 4), int(x // 4)
        guess[0, 2 * number : 2 * number + 2, row, column] = y / 4 - row, x / 4 - column
        heat[0, number, cell[0], cell[1]] = 0.8
        offset[0, 2 * number : 2 * number + 2, cell[0], cell[1]] = y / 4 - cell[0], x / 4 - cell[1]
    return heat, guess, offset, centre


def test_the_maps_say_where_each_point_is_to_a_part_of_a_cell() -> None:
    points = np.random.default_rng(1).uniform(10.0, 245.0, (17, 2))
    found, share = decode(*maps(31, 30, points))
    np.testing.assert_allclose(found, points, atol=1e-3)
    np.testing.assert_allclose(share, 0.8, atol=1e-6)


def test_of_two_people_the_points_are_those_of_the_one_in_the_middle() -> None:
    points = np.full((17, 2), 128.0) + np.arange(17)[:, None]
    heat, guess, offset, centre = maps(31, 30, points)
    heat[0, :, 5, 60] = 1.0  # somebody else, who looks clearer
    found, _ = decode(heat, guess, offset, centre)
    np.testing.assert_allclose(found, points, atol=1e-3)


def test_what_is_cut_out_is_a_square_about_what_is_known_of_the_body() -> None:
    points = np.array([[100.0, 40.0], [140.0, 240.0], [np.nan, np.nan]])
    assert square_round(points) == (120.0 - 150.0, 140.0 - 150.0, 300.0)


@pytest.fixture(scope="module")
def eye() -> SecondEye:
    return SecondEye(str(model_files.load_model("movenet").path))


def test_it_sees_a_rendered_lifters_joints_at_the_bottom_of_a_good_morning(eye: SecondEye) -> None:
    truth = json.loads((SAMPLES / "good_morning_overrun.truth.json").read_text(encoding="utf-8"))
    side, number = truth["near_side"], int(np.argmax(truth["frames"]["trunk_deg"]))
    (picture,) = read_pictures(SAMPLES / "good_morning_overrun.mp4", first=number, count=1)
    true_px = {name: np.array(points[number]) for name, points in truth["frames"]["points_px"][side].items()}
    found, share = eye.find(picture, np.array(list(true_px.values())))
    leg_px = truth["person"]["leg_m"] * truth["camera"]["px_per_m"]
    off = {}
    for joint in ("hip", "knee", "ankle"):
        place = Landmark[f"{side}_{joint}".upper()]
        off[joint] = float(np.linalg.norm(found[place] - true_px[joint])) / leg_px
        assert share[place] > 0.5
    assert max(off.values()) < 0.08, off
    assert np.isnan(found[Landmark.LEFT_HEEL]).all()
    assert share[Landmark.LEFT_HEEL] == 0


def test_the_place_of_the_body_does_not_move_what_is_found(eye: SecondEye) -> None:
    (picture,) = read_pictures(SAMPLES / "rdl_four_reps.mp4", first=10, count=1)
    truth = json.loads((SAMPLES / "rdl_four_reps.truth.json").read_text(encoding="utf-8"))
    about = np.array([points[10] for points in truth["frames"]["points_px"][truth["near_side"]].values()])
    first, _ = eye.find(picture, about)
    second, _ = eye.find(picture, about + np.array([9.0, -7.0]))
    assert np.nanmax(np.abs(first - second)[[Landmark.LEFT_KNEE, Landmark.LEFT_HIP]]) < SIDE_PX / 20


@pytest.fixture
def standing() -> FloatArray:
    """A lifter who stands, (T, K, 2) px: legs of LEG_PX."""
    body = np.zeros((N_LANDMARKS, 2))
    heights = {"SHOULDER": 150.0, "HIP": 300.0, "KNEE": 400.0, "ANKLE": 500.0, "HEEL": 510.0, "ELBOW": 220.0}
    for each in Landmark:
        body[each] = 320.0, heights.get(each.name.split("_", 1)[-1], 120.0)
    return np.tile(body, (N_FRAMES, 1, 1))


def second_look(xy_px: FloatArray, every: int = 3) -> tuple[FloatArray, FloatArray]:
    """What the second eye gives if it sees all that it knows in every third frame."""
    seen, share = np.full(xy_px.shape, np.nan), NO_SHARE.copy()
    seen[::every, COCO], share[::every, COCO] = xy_px[::every, COCO], 0.7
    return seen, share


def fuse(first_px: FloatArray, second_px: FloatArray, share: FloatArray) -> fusion.Fused:
    return fusion.fuse(TIME_S, first_px, np.full(first_px.shape[:2], 0.9), second_px, share)


def test_both_eyes_agree_when_every_joint_that_is_sure_lies_near(standing: FloatArray) -> None:
    first, seen, share = standing[0], standing[0].copy(), np.where(np.isin(np.arange(N_LANDMARKS), COCO), 0.7, 0.0)
    assert fusion.do_agree(first, seen, share)
    seen[Landmark.LEFT_KNEE] += (0.15 * LEG_PX, 0.0)
    assert not fusion.do_agree(first, seen, share)
    unsure = np.where(np.arange(N_LANDMARKS) == Landmark.LEFT_KNEE, 0.1, share)
    assert fusion.do_agree(first, seen, unsure), "a joint that it is not sure of says nothing"
    assert not fusion.do_agree(first, standing[0], NO_SHARE[0]), "nor does a look that saw nothing"
    assert not fusion.do_agree(np.full(first.shape, np.nan), standing[0], share), "nor one where MediaPipe found nobody"


def test_a_second_eye_that_agrees_leaves_out_every_other_turn(
    sample_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []

    def keep(arrays: Any, seen: Any, *others: Any) -> Any:
        looked.extend(np.flatnonzero(np.isfinite(seen["second_share"]).any(axis=1)))
        return with_second_eye(arrays, seen, *others)

    with_second_eye = estimation.with_second_eye
    monkeypatch.setattr(estimation, "with_second_eye", keep)
    estimation.acquire_poses(sample_clip, end_s=4.0, use_cache=False)
    apart = np.diff(looked)
    assert set(apart) <= {3, 6}, "ten a second, or five"
    assert (apart == 6).mean() > 0.7, "of a lifter who is seen well"


def test_a_second_eye_that_saw_nothing_changes_nothing(standing: FloatArray) -> None:
    fused = fuse(standing, np.full(standing.shape, np.nan), NO_SHARE)
    np.testing.assert_array_equal(fused.xy_px, standing)
    assert not fused.lost.any()


def test_where_both_agree_up_to_a_habit_mediapipe_stays(standing: FloatArray) -> None:
    habit = standing.copy()
    habit[:, [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]] += (0.0, 0.06 * LEG_PX)
    fused = fuse(standing, *second_look(habit))
    assert np.abs(fused.xy_px - standing)[:58].max() < 0.01
    np.testing.assert_array_equal(fused.visibility, 0.9)


def test_a_knee_that_mediapipe_has_lost_is_taken_from_movenet(standing: FloatArray) -> None:
    astray = standing.copy()
    astray[20:35, Landmark.LEFT_KNEE] += (0.5 * LEG_PX, 0.0)
    fused = fuse(astray, *second_look(standing))
    assert np.abs(fused.xy_px - standing)[20:35, Landmark.LEFT_KNEE].max() < 0.01 * LEG_PX
    assert fused.visibility[20:35, Landmark.LEFT_KNEE] == pytest.approx(0.7)
    assert not fused.lost.any()  # one joint is not the body


def test_halfway_each_has_a_half(standing: FloatArray) -> None:
    apart = standing.copy()
    apart[21, Landmark.LEFT_KNEE] += (fusion.APART_LEG * LEG_PX, 0.0)
    fused = fuse(apart, *second_look(standing))
    moved = fused.xy_px[21, Landmark.LEFT_KNEE, 0] - standing[21, Landmark.LEFT_KNEE, 0]
    assert moved == pytest.approx(0.5 * fusion.APART_LEG * LEG_PX, rel=0.02)


def test_a_body_that_mediapipe_has_lost_is_movenets_without_heels(standing: FloatArray) -> None:
    lost = standing.copy()
    lost[20:30] = np.nan
    lost[30:40] = 640.0 - lost[30:40]  # upside down
    fused = fuse(lost, *second_look(standing))
    assert np.flatnonzero(fused.lost).tolist() == list(range(20, 40))
    assert np.abs(fused.xy_px - standing)[20:40, fusion.CORE].max() < 0.01 * LEG_PX
    assert np.isnan(fused.xy_px[20:40, Landmark.LEFT_HEEL]).all()
    assert np.isfinite(fused.xy_px[40, Landmark.LEFT_HEEL]).all()


def test_a_joint_that_movenet_sees_on_a_partner_in_one_picture_stays(standing: FloatArray) -> None:
    seen, share = second_look(standing)
    seen[30, Landmark.RIGHT_SHOULDER, 0] += 2 * LEG_PX
    np.testing.assert_allclose(fuse(standing, seen, share).xy_px, standing, atol=0.5)


def test_a_joint_that_both_eyes_see_leap_leaps(standing: FloatArray) -> None:
    standing = standing.copy()
    standing[30, Landmark.RIGHT_SHOULDER, 0] += 2 * LEG_PX
    np.testing.assert_allclose(fuse(standing, *second_look(standing)).xy_px[30], standing[30], atol=0.5)


def test_a_joint_that_movenet_is_not_sure_of_or_did_not_see_for_long_stays(standing: FloatArray) -> None:
    astray = standing.copy()
    astray[:, Landmark.LEFT_KNEE] += (0.5 * LEG_PX, 0.0)
    seen, share = second_look(standing)
    share[:, Landmark.LEFT_KNEE] = 0.2
    np.testing.assert_array_equal(fuse(astray, seen, share).xy_px[:, Landmark.LEFT_KNEE], astray[:, Landmark.LEFT_KNEE])
    seldom = fuse(astray, *second_look(standing, every=12)).xy_px[:, Landmark.LEFT_KNEE, 0]
    assert np.flatnonzero(np.abs(seldom - 320.0) < 1.0).tolist() == [0, 12, 24, 36, 48]


@pytest.mark.parametrize(("level", "lying"), [(0, False), (42, False), (54, True), (60, True)])
def test_a_body_that_lies_nearly_all_the_time_is_mediapipes_alone(
    standing: FloatArray, level: int, lying: bool
) -> None:
    turned = standing.copy()
    turned[:level] = standing[:level, :, ::-1]  # x for y: the trunk is level
    assert lies(Track(TIME_S, turned)) is lying


@pytest.mark.parametrize(("upright", "stands"), [(20, True), (11, True), (10, False), (0, False)])
def test_who_stands_in_most_pictures_stands(standing: FloatArray, upright: int, stands: bool) -> None:
    body, turned = standing[0], standing[0][:, ::-1]
    assert stand([[body, turned] if n < upright else [turned, body] for n in range(20)]) is stands
    assert stand([[body] if n < upright else [] for n in range(20)]) is stands
    assert not stand([[], []])


def test_two_of_twenty_pictures_without_a_body_are_a_doubt_where_somebody_stands(standing: FloatArray) -> None:
    body = standing[0]
    crowd, lying = [[body]] * 20, [[body[:, ::-1]]] * 20
    for seen, doubts in ((20, (False, False)), (19, (False, False)), (18, (True, False)), (17, (True, True))):
        people = [[body] if n < seen else [] for n in range(20)]
        assert (is_doubtful(people, crowd), is_doubtful(people, lying)) == doubts
    assert is_doubtful([[body, body]] * 4 + [[body]] * 16, lying)


@pytest.mark.parametrize(("knee", "doubts"), [(1.0, False), (0.4, True)])
def test_half_a_body_is_a_doubt_where_somebody_stands(standing: FloatArray, knee: float, doubts: bool) -> None:
    """A plate hides a standing lifter from the thighs down, and what is left is taken for all of a body."""
    half = standing[0].copy()
    hip = half[Landmark.LEFT_HIP].copy()
    half[Landmark.LEFT_KNEE :] = hip + knee * (half[Landmark.LEFT_KNEE :] - hip)
    people = [[half]] * 20
    assert is_doubtful(people, [[standing[0]]] * 20) is doubts
    assert not is_doubtful(people, [[standing[0][:, ::-1]]] * 20)


@pytest.mark.parametrize(
    ("film", "phantom", "moved_by", "kept"),
    [
        ("rdl_four_reps", True, 0.3, 1),  # a plate beside the lifter's knees
        ("rdl_four_reps", True, 1.0, 2),  # somebody a body's length beside, whom MultiPose missed
        ("ghr_stall_shake", True, 0.0, 2),  # MultiPose sees more than one, though one is the foot of the bench
        ("rdl_four_reps", False, 0.3, 1),
    ],
)
def test_a_second_body_is_dropped_where_multipose_sees_one(
    film: str, phantom: bool, moved_by: float, kept: int
) -> None:
    info = video.probe(SAMPLES / f"{film}.mp4")
    shrinker = video.Shrinker(info)
    whole = video.whole_window(info, SCOUT_PX)
    frames = video.spread_frames(info, 4, info.duration_s / 2, info.duration_s)
    pictures = [shrinker.shrink(frame, whole) for frame in frames]
    bodies = [seen[0] for seen in find_crowd(pictures, 0, 2)]
    length_px = max(float(np.ptp(body, axis=0).max()) for body in bodies)
    moved = np.array([moved_by * length_px, 0.0])
    people = [[body, body + moved] if phantom else [body] for body in bodies]
    assert [len(some) for some in drop_phantoms(people, pictures, 0, 2)] == [kept] * len(people)
