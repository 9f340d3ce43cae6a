"""The bar's path against circles that move as said."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import make_kinematics, make_rep

from formcheck.data import FloatArray, Kinematics, Tracks
from formcheck.kinematics.barbell import CHANNELS, add_bar, measure_speed

RATE_HZ = 30.0
RADIUS_PX = 80.0
M_PER_PX = 0.45 / 160
TIME_S = np.arange(120) / RATE_HZ


def stroke_m() -> FloatArray:
    """1 s at the top, 1.5 s down by 0.6 m, 1 s up, 0.5 s at the top; speeds constant."""
    return np.interp(TIME_S, [0, 1.0, 2.5, 3.5, 4.0], [0, 0, -0.6, 0, 0])


def tracks(plate_px: FloatArray | None) -> Tracks:
    return Tracks(TIME_S, RATE_HZ, {}, None, 1.0, 0, 0, 0, plate_px)


def circles(height_m: FloatArray) -> FloatArray:
    """A plate that also goes 0.05 m forward (right) for each 0.6 m down."""
    x = 300 - height_m / 12 / M_PER_PX
    return np.stack([x, 400 - height_m / M_PER_PX, np.full(len(x), RADIUS_PX)], axis=1)


def kinematics_of(plate_px: FloatArray | None, plate_m: float | None = None, leg_px: float = 240.0) -> Kinematics:
    bare = make_kinematics(120, time_s=TIME_S, channels={}, reconstructed=np.zeros(120, bool), leg_px=leg_px)
    return add_bar(bare, tracks(plate_px), plate_m)


REP = replace(make_rep(1), start=20, turn=75, stop=115)


def test_path_and_scale() -> None:
    path = kinematics_of(circles(stroke_m()))
    np.testing.assert_allclose(path["bar_y_m"], stroke_m(), atol=0.015)  # a filter rounds the corners
    np.testing.assert_allclose(path["bar_x_m"], -stroke_m() / 12, atol=0.002)
    np.testing.assert_allclose(path["bar_y_leg"], path["bar_y_m"] / M_PER_PX / 240, atol=1e-9)
    assert path.bar is not None
    assert path.bar.m_per_px == pytest.approx(M_PER_PX)
    assert path.bar.reason is None


def test_forward_is_where_the_lifter_looks() -> None:
    bare = make_kinematics(120, time_s=TIME_S, channels={}, reconstructed=np.zeros(120, bool), leg_px=240.0)
    bare = replace(bare, view=replace(bare.view, facing="left"))
    assert add_bar(bare, tracks(circles(stroke_m())), None)["bar_x_m"][75] == pytest.approx(-0.05, abs=0.002)


def test_speeds_of_a_rep() -> None:
    down, up = measure_speed(kinematics_of(circles(stroke_m())), REP)
    assert down == pytest.approx(0.4, abs=0.01)
    assert up == pytest.approx(0.6, abs=0.015)


def test_wild_circles_and_short_gaps_do_no_harm() -> None:
    seen = circles(stroke_m())
    seen[50] += (60, -80, 0)
    seen[60] = (10, 10, 95)
    seen[80:84] = np.nan
    np.testing.assert_allclose(kinematics_of(seen)["bar_y_m"], stroke_m(), atol=0.015)


def test_a_long_gap_stays_one_and_its_rep_has_no_speed() -> None:
    seen = circles(stroke_m())
    seen[80:95] = np.nan
    path = kinematics_of(seen)
    assert np.isnan(path["bar_y_m"][82:93]).all()
    assert np.isnan(measure_speed(path, REP)).all()


def test_a_plate_of_another_size_gives_no_metres_unless_its_diameter_is_said() -> None:
    small = kinematics_of(circles(stroke_m()), leg_px=330.0)
    assert np.isnan(small["bar_y_m"]).all()
    assert np.isfinite(small["bar_y_leg"]).all()
    assert small.bar is not None
    assert small.bar.reason is not None
    assert "its diameter was not given" in small.bar.reason
    assert np.isnan(measure_speed(small, REP)).all()
    said = kinematics_of(circles(stroke_m()), 0.35, leg_px=330.0)
    np.testing.assert_allclose(said["bar_y_m"], stroke_m() * 0.35 / 0.45, atol=0.015)


@pytest.mark.parametrize("plate_px", [None, np.full((120, 3), np.nan)])
def test_without_a_plate_there_is_a_reason_and_no_channel(plate_px: FloatArray | None) -> None:
    path = kinematics_of(plate_px)
    assert not set(CHANNELS) & set(path.channels)
    assert path.bar is not None
    assert path.bar.reason == "no plate was seen at the bar's end"
    assert np.isnan(measure_speed(path, REP)).all()


def test_a_rep_that_the_clip_cuts_off_has_no_speed() -> None:
    path = kinematics_of(circles(stroke_m()))
    assert np.isnan(measure_speed(path, replace(REP, complete=False, eccentric_s=np.nan))).all()
