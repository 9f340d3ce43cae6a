"""Repetitions on the clock of their phases, against a motion whose angle is known at every moment."""

import math
from dataclasses import replace

import numpy as np
import pytest
from conftest import make_rep

from formcheck.data import PHASES, FloatArray, Rep
from formcheck.segmentation.time_normalisation import over_phases, phase_times, place_phases

HINGE = place_phases([], concentric_first=False)
REP = Rep(1, True, 0, 0, 0, 2.0, 6.0, 8.0, 3.0, 1.0, 2.0)


def test_each_phase_is_stretched_to_its_place() -> None:
    times_s = phase_times(REP, HINGE)
    assert [times_s[at] for at in (0, 45, 50, 55, 100)] == pytest.approx([2.0, 5.0, 5.5, 6.0, 8.0])
    assert np.diff(times_s)[:45] == pytest.approx(np.full(45, 3.0 / 45))


def test_a_curl_begins_with_its_concentric() -> None:
    curl = replace(REP, concentric_first=True)
    assert [(name, start_s, end_s) for name, start_s, end_s in curl.phases] == [
        ("concentric", 2.0, 4.0),
        ("pause", 4.0, 5.0),
        ("eccentric", 5.0, 8.0),
    ]
    own = phase_times(curl, place_phases([curl], concentric_first=True))
    assert [own[at] for at in (0, 45, 55, 100)] == pytest.approx([2.0, 4.0, 5.0, 8.0])
    beside_a_hinge = phase_times(curl, HINGE)  # its lowering beside the hinge's lowering
    assert [beside_a_hinge[at] for at in (0, 45, 56, 100)] == pytest.approx([5.0, 8.0, 2.0 + 2 / 45, 4.0])


def test_a_phase_that_the_clip_does_not_show_stays_empty() -> None:
    late = replace(REP, eccentric_s=math.nan, pause_s=math.nan)
    assert [name for name, start_s, _ in late.phases if math.isfinite(start_s)] == ["concentric"]
    paused = replace(REP, eccentric_s=math.nan)  # the clip starts in the pause
    assert [name for name, start_s, _ in paused.phases if math.isfinite(start_s)] == ["pause", "concentric"]
    assert paused.phases[1][1:] == (5.0, 6.0)
    turned = replace(REP, concentric_s=math.nan)
    assert turned.phases[1][1:] == (5.0, 6.0)
    times_s = phase_times(late, HINGE)
    assert np.isnan(times_s[:55]).all()
    assert times_s[[55, 100]] == pytest.approx([6.0, 8.0])


def test_a_phase_that_no_repetition_has_takes_no_place() -> None:
    nordic = replace(REP, pause_s=math.nan, concentric_s=math.nan)
    assert nordic.phases[0] == ("eccentric", 2.0, 5.0)
    assert all(math.isnan(end_s) for _, _, end_s in nordic.phases[1:])
    assert place_phases([nordic, nordic], concentric_first=False) == (("eccentric", 0.0, 100.0),)
    assert place_phases([nordic, REP], concentric_first=False) == HINGE
    assert phase_times(nordic, place_phases([nordic], concentric_first=False))[[0, 50, 100]] == pytest.approx(
        [2, 3.5, 5]
    )


def test_two_tempos_give_one_curve() -> None:
    """The same movement at two tempos is the same curve over its phases."""

    def move(rep: Rep) -> FloatArray:
        time_s = np.arange(0, 12, 1 / 60)
        knots = [rep.phases[0][1], rep.phases[0][2], rep.phases[2][1], rep.phases[2][2]]
        return np.interp(time_s, knots, [0.0, 80.0, 80.0, 5.0])

    slow = replace(REP, eccentric_s=4.0, concentric_s=1.0)
    curves = [over_phases(np.arange(0, 12, 1 / 60), move(rep), phase_times(rep, HINGE)) for rep in (REP, slow)]
    assert curves[0] == pytest.approx(curves[1], abs=1.5)  # a sample's width at the corners
    assert curves[0][[20, 50, 80]] == pytest.approx([80 * 20 / 45, 80, 80 - 75 * 25 / 45], abs=0.01)


def test_gaps_are_not_drawn() -> None:
    time_s, values = np.arange(0, 10, 0.1), np.ones(100)
    values[30:40] = np.nan
    curve = over_phases(time_s, values, phase_times(REP, HINGE))
    assert 10 <= np.isnan(curve).sum() <= 18
    assert np.isnan(over_phases(time_s, values, np.full(101, np.nan))).all()


def test_phases_of_the_reports_in_the_tests_are_their_own() -> None:
    rep = make_rep(1)
    assert [name for name, *_ in rep.phases] == list(PHASES)
    assert rep.phases[0][1] == rep.start_s
    assert rep.phases[2][2] == rep.stop_s
