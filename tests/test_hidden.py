"""A hip drawn to a plate is set where the back's outline says; nothing else is touched."""

from dataclasses import replace

import numpy as np
import pytest

from formcheck.data import BackContour, FloatArray, Tracks
from formcheck.geometry import incline
from formcheck.kinematics.occlusion import find_short_leg, mend_hip, mend_shoulder, taken_out
from formcheck.pose.torso_contour import STATIONS
from formcheck.signals import median
from formcheck.skeleton import Side

RATE_HZ = 30.0
TRUNK_PX = 140.0
DEPTH_PX = 18.0
LEAN_DEG = np.interp(np.arange(150), [0, 30, 90, 110, 149], [2, 2, 75, 75, 2])


def set_of(facing: Side, *, error_deg: float = 20.0) -> tuple[Tracks, FloatArray]:
    """Tracks of one rep, and the true hip (T, 2).

    The plate lies over the hip below 35 deg of lean, and below it further on. Between 10 and 35 deg the hip landmark
    makes the trunk `error_deg` too upright, and so does the chord of the outline; the outline itself stays where the
    back is: a straight line 18 px behind the true chord.
    """
    forward = 1.0 if facing == "right" else -1.0
    lean = np.radians(LEAN_DEG)
    along = np.stack([forward * np.sin(lean), -np.cos(lean)], axis=1)
    hip_px = np.stack([400 - forward * 60 * np.sin(lean), 300 + 0 * lean], axis=1)
    shoulder_px = hip_px + TRUNK_PX * along
    hidden = LEAN_DEG < 35
    wrong = np.radians(LEAN_DEG - error_deg * ((LEAN_DEG > 10) & hidden))
    seen_px = shoulder_px - TRUNK_PX * np.stack([forward * np.sin(wrong), -np.cos(wrong)], axis=1)
    plate_px = np.column_stack([hip_px + np.where(hidden, 10.0, 95.0)[:, None] * [0, 1], np.full(150, 60.0)])
    chord = shoulder_px - seen_px
    normal = np.stack([-chord[:, 1], chord[:, 0]], axis=1) / np.linalg.norm(chord, axis=1)[:, None]
    side, sign = (0, 1.0) if facing == "left" else (1, -1.0)
    rear = np.stack([-forward * np.cos(lean), -np.sin(lean)], axis=1)
    start = seen_px[:, None] + STATIONS[:, None] * chord[:, None]
    height = ((hip_px[:, None] + DEPTH_PX * rear[:, None] - start) * rear[:, None]).sum(axis=2)
    depth_px = np.full((150, 2, len(STATIONS)), 40.0)
    depth_px[:, side] = height / (sign * (normal * rear).sum(axis=1))[:, None]
    back = BackContour(np.stack([seen_px, shoulder_px], axis=1), STATIONS, depth_px)
    joints = {"hip": seen_px, "hip_mid": seen_px + 3, "shoulder": shoulder_px, "knee": hip_px + np.array([0, 120])}
    return Tracks(np.arange(150) / RATE_HZ, RATE_HZ, joints, back, 1.0, 0, 0, 0, plate_px), hip_px


def off_px(tracks: Tracks, hip_px: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.norm(tracks.joints_px["hip"] - hip_px, axis=1))


@pytest.mark.parametrize("facing", ["left", "right"])
def test_the_hip_comes_back_to_where_it_is(facing: Side) -> None:
    tracks, hip_px = set_of(facing)
    assert off_px(tracks, hip_px).max() > 40
    mended = mend_hip(tracks, facing)
    assert off_px(mended, hip_px).max() < 8
    assert median(off_px(mended, hip_px)) < 2
    np.testing.assert_allclose(mended.joints_px["hip_mid"] - mended.joints_px["hip"], 3)
    np.testing.assert_array_equal(mended.joints_px["knee"], tracks.joints_px["knee"])


def test_a_hip_in_sight_stays() -> None:
    tracks, _ = set_of("right")
    mended = mend_hip(tracks, "right")
    clear = LEAN_DEG >= 35
    np.testing.assert_array_equal(mended.joints_px["hip"][clear], tracks.joints_px["hip"][clear])


def test_standing_stays_as_the_model_saw_it() -> None:
    tracks, _ = set_of("right")
    mended = mend_hip(tracks, "right")
    lean_deg = incline(mended.joints_px["hip"], mended.joints_px["shoulder"], "right")
    np.testing.assert_allclose(lean_deg[:30], 2, atol=0.5)


def test_nothing_is_done_without_plate_outline_or_a_hip_in_sight() -> None:
    tracks, _ = set_of("right")
    assert tracks.plate_px is not None
    over_hip = np.column_stack([tracks.joints_px["hip"] + np.array([0, 10]), np.full(150, 60.0)])
    at_shoulder = np.column_stack([tracks.joints_px["shoulder"], np.full(150, 60.0)])
    for other in (
        replace(tracks, plate_px=None),
        replace(tracks, plate_px=np.full((150, 3), np.nan)),
        replace(tracks, back=None),
        replace(tracks, plate_px=over_hip),
        replace(tracks, plate_px=at_shoulder),
    ):
        assert mend_hip(other, "right") is other


def test_only_a_low_plate_is_taken_out_of_the_picture() -> None:
    tracks, _ = set_of("right")
    assert taken_out(tracks).all()
    assert not taken_out(
        replace(tracks, plate_px=np.column_stack([tracks.joints_px["shoulder"], np.full(150, 60.0)]))
    ).any()
    assert not taken_out(replace(tracks, plate_px=None)).any()


def with_leg(tracks: Tracks, hip_px: FloatArray, length: FloatArray) -> Tracks:
    """The tracks with the true hip, and a leg as long as said, (T,) trunks, straight down from it."""
    foot_px = hip_px + np.stack([0 * length, TRUNK_PX * length], axis=1)
    joints = tracks.joints_px | {"hip": hip_px, "knee": (hip_px + foot_px) / 2, "ankle": foot_px}
    return replace(tracks, joints_px=joints)


@pytest.mark.parametrize(("length", "short"), [(1.25, True), (1.34, True), (1.38, False), (1.7, False)])
def test_a_leg_behind_a_plate_that_is_too_short_is_none(length: float, short: bool) -> None:
    tracks, hip_px = set_of("right")
    bent = LEAN_DEG > 35
    found = find_short_leg(with_leg(tracks, hip_px, np.where(bent, length, 1.7)))
    assert (found & ~bent).sum() == 0
    assert found[bent].mean() == pytest.approx(1.0 if short else 0.0, abs=0.05)


def test_a_leg_that_looks_short_now_and_then_is_one() -> None:
    tracks, hip_px = set_of("right")
    assert not find_short_leg(with_leg(tracks, hip_px, np.where(np.arange(150) < 14, 1.2, 1.7))).any()


def test_a_short_leg_without_a_plate_is_somebody_s() -> None:
    tracks, hip_px = set_of("right")
    short = with_leg(tracks, hip_px, np.full(150, 1.2))
    assert find_short_leg(short).all()
    assert not find_short_leg(replace(short, plate_px=None)).any()


def set_with_a_bar_on_the_back(facing: Side, behind_deg: float = -12.3, radius_px: float = 60.0) -> Tracks:
    """Tracks of one good morning whose shoulder landmark lags behind a trunk that leans as LEAN_DEG, by a third of it.

    The plate's middle lies 150 px from the hip, `behind_deg` off the line to the shoulder.
    """
    forward = 1.0 if facing == "right" else -1.0

    def from_hip(lean_deg: FloatArray, length_px: float) -> FloatArray:
        lean = np.radians(lean_deg)
        return hip_px + length_px * np.stack([forward * np.sin(lean), -np.cos(lean)], axis=1)

    hip_px = np.stack([400 - forward * 60 * np.sin(np.radians(LEAN_DEG)), np.full(150, 300.0)], axis=1)
    plate_px = np.column_stack([from_hip(LEAN_DEG + behind_deg, 150.0), np.full(150, radius_px)])
    joints = {"hip": hip_px, "shoulder": from_hip(np.where(LEAN_DEG > 10, 0.67 * LEAN_DEG, LEAN_DEG), TRUNK_PX)}
    return Tracks(np.arange(150) / RATE_HZ, RATE_HZ, joints, None, 1.0, 0, 0, 0, plate_px)


def lean_of(tracks: Tracks, facing: Side) -> FloatArray:
    return incline(tracks.joints_px["hip"], tracks.joints_px["shoulder"], facing)


@pytest.mark.parametrize("facing", ["left", "right"])
def test_the_trunk_under_a_bar_leans_as_its_plate_says(facing: Side) -> None:
    tracks = set_with_a_bar_on_the_back(facing)
    assert np.abs(lean_of(tracks, facing) - LEAN_DEG).max() > 20
    mended = mend_shoulder(tracks, facing)
    np.testing.assert_allclose(lean_of(mended, facing), LEAN_DEG, atol=0.1)
    np.testing.assert_array_equal(mended.joints_px["hip"], tracks.joints_px["hip"])


def test_a_small_plate_is_heard_only_where_the_shoulder_is_far_from_it() -> None:
    """A shoulder that lags by a third is 16 deg off from 48 deg on, and 20 from 60 on; one that lies elsewhere by 10
    deg throughout, as plates of other bars do, is left where it is.
    """
    tracks = set_with_a_bar_on_the_back("right", radius_px=40.0)
    lean_deg, mended_deg = lean_of(tracks, "right"), lean_of(mend_shoulder(tracks, "right"), "right")
    far, near = LEAN_DEG > 66, LEAN_DEG < 44
    np.testing.assert_allclose(mended_deg[far], LEAN_DEG[far], atol=0.3)
    np.testing.assert_allclose(mended_deg[near], lean_deg[near], atol=0.1)
    other = set_with_a_bar_on_the_back("right", -22.3, radius_px=40.0)
    true = {**other.joints_px, "shoulder": set_with_a_bar_on_the_back("right").joints_px["shoulder"]}
    standing = replace(other, joints_px=true)
    left = lean_of(mend_shoulder(standing, "right"), "right") - lean_of(standing, "right")
    assert np.abs(left[LEAN_DEG < 30]).max() < 0.1


def test_a_small_plate_that_is_lost_leaves_the_shoulder_where_it_is() -> None:
    tracks = set_with_a_bar_on_the_back("right", radius_px=40.0)
    assert tracks.plate_px is not None
    plate_px = tracks.plate_px.copy()
    plate_px[60:90] = np.nan
    mended = mend_shoulder(replace(tracks, plate_px=plate_px), "right")
    np.testing.assert_allclose(mended.joints_px["shoulder"][64:86], tracks.joints_px["shoulder"][64:86])


def test_a_bar_that_lies_otherwise_is_met_half_way() -> None:
    """Standing says by 10 deg more than usual: it is believed for 0.41 of it, so 5.9 deg are left."""
    mended = mend_shoulder(set_with_a_bar_on_the_back("right", -22.3), "right")
    np.testing.assert_allclose(lean_of(mended, "right") - LEAN_DEG, -5.9, atol=0.1)


def test_where_the_plate_is_lost_nothing_is_known_of_the_shoulder() -> None:
    tracks = set_with_a_bar_on_the_back("right")
    assert tracks.plate_px is not None
    plate_px = tracks.plate_px.copy()
    plate_px[70:80] = np.nan
    plate_px[90:95, 1] -= 90.0  # another circle, too far from the hip
    mended = mend_shoulder(replace(tracks, plate_px=plate_px), "right")
    lost = np.isnan(mended.joints_px["shoulder"][:, 0])
    assert set(np.flatnonzero(lost)) == {*range(70, 80), *range(90, 95)}


def test_a_shoulder_that_nobody_saw_is_where_the_plate_says() -> None:
    tracks = set_with_a_bar_on_the_back("right")
    shoulder_px = tracks.joints_px["shoulder"].copy()
    shoulder_px[60:90] = np.nan
    mended = mend_shoulder(replace(tracks, joints_px={**tracks.joints_px, "shoulder": shoulder_px}), "right")
    np.testing.assert_allclose(lean_of(mended, "right"), LEAN_DEG, atol=0.1)


def test_a_shoulder_far_from_the_plate_is_wrong_and_not_the_bar() -> None:
    """What the model makes of a body behind large plates may lie at the hips: the bar is on the back all the same."""
    tracks = set_with_a_bar_on_the_back("right")
    hip_px = tracks.joints_px["hip"]
    near_hip = {"hip": hip_px, "shoulder": hip_px + 0.3 * (tracks.joints_px["shoulder"] - hip_px)}
    mended = mend_shoulder(replace(tracks, joints_px=near_hip), "right")
    np.testing.assert_allclose(lean_of(mended, "right"), LEAN_DEG, atol=0.1)


def test_a_bar_in_the_hands_and_a_plate_seldom_seen_change_no_shoulder() -> None:
    tracks = set_with_a_bar_on_the_back("right")
    assert tracks.plate_px is not None
    low, seldom = tracks.plate_px.copy(), tracks.plate_px.copy()
    low[:, 1] += 200.0
    seldom[:70] = np.nan
    poster = low.copy()
    poster[::6, 1] -= 300.0  # now and then another circle, behind the head
    wall = np.tile(tracks.plate_px[0], (len(low), 1))
    for plate_px in (low, poster, wall, seldom, None):
        other = replace(tracks, plate_px=plate_px)
        assert mend_shoulder(other, "right") is other
