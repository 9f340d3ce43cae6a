"""A Report as DataFrames and figures holds what the Report holds."""

from collections.abc import Callable

import numpy as np
import pytest
from conftest import make_kinematics
from matplotlib.figure import Figure

from formcheck.data import Report
from formcheck.figures import plot_check, plot_reps, plot_set
from formcheck.frames import findings_frame, to_frames


def test_a_row_per_sample(report: Report) -> None:
    angles = to_frames(report).angles
    assert angles.index.name == "time_s"
    assert list(angles.columns) == [*report.kinematics.channels, "reconstructed", "rep"]
    np.testing.assert_array_equal(angles.trunk_deg, report.kinematics["trunk_deg"])
    assert np.isnan(angles.trunk_deg.iloc[0])
    assert angles.rep.isna().sum() == len(angles) - 75
    assert set(angles.rep.dropna()) == {1, 2, 3}
    assert angles.rep.iloc[[4, 5, 29, 30]].tolist()[1:3] == [1, 1]
    assert angles.rep.iloc[[4, 30]].isna().all()


def test_a_row_per_rep(report: Report) -> None:
    reps = to_frames(report).reps
    assert reps.index.tolist() == [1, 2, 3]
    assert reps.complete.tolist() == [True, True, False]
    assert reps.eccentric_s.tolist() == [1.5, 1.5, 1.5]
    assert reps.trunk_max_deg.tolist() == [14.5, 29.5, 44.5]
    assert reps.hip_back_max_leg.tolist() == pytest.approx([29 / 300, 59 / 300, 89 / 300])


def test_a_row_per_finding(report: Report) -> None:
    findings = findings_frame(report)
    assert len(findings) == len(report.findings)
    overrun = findings.iloc[0]
    assert (overrun.code, overrun.rep, overrun.verdict, overrun.value) == ("rdl.overrun", 1, "fault", 14.2)
    assert (overrun.limit_note, overrun.limit_fault, overrun.limit_direction) == (5.0, 10.0, "above")
    unjudged = findings[findings.verdict == "not_judged"]
    assert unjudged.value.isna().all()
    assert unjudged.reason.tolist() == ["the plates hide the back"] * 2
    assert findings.rep.isna().tolist() == [False] * 5 + [True]
    assert findings.groupby("verdict", observed=False).size().to_dict() == {
        "good": 2,
        "note": 1,
        "fault": 1,
        "not_judged": 2,
    }


def test_a_set_without_reps(report_with: Callable[..., Report]) -> None:
    angles, reps, findings = to_frames(report_with(reps=(), findings=()))
    assert angles.rep.isna().all()
    assert (len(reps), len(findings)) == (0, 0)


def test_the_set_over_time(report: Report) -> None:
    figure = plot_set(report)
    (axes,) = figure.axes
    (line, turns, *marks) = axes.lines
    np.testing.assert_array_equal(line.get_ydata(), report.kinematics["trunk_deg"])
    assert np.asarray(turns.get_xdata()).tolist() == [2.0, 5.0, 8.0]
    assert [np.asarray(mark.get_xdata())[0] for mark in marks] == [1.5, 1.5], "a fault and a note"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("time (s)", "trunk (deg)")
    assert [text.get_text() for text in axes.texts] == ["1", "2", "3"]
    assert plot_set(report, "hip_back_leg").axes[0].get_ylabel() == "hip back (leg)"
    with pytest.raises(KeyError):
        plot_set(report, "elbow_deg")


def test_the_reps_over_one_another(report: Report) -> None:
    (axes,) = plot_reps(report).axes
    assert [line.get_label() for line in axes.lines] == ["rep 1", "rep 2", "rep 3"]
    np.testing.assert_array_equal(axes.lines[1].get_xdata(), report.kinematics["trunk_deg"][35:51])


def test_a_check_and_its_limits(report: Report) -> None:
    (axes,) = plot_check(report, "rdl.overrun").axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "2"]
    assert [np.asarray(line.get_ydata()).tolist() for line in axes.lines if line.get_linestyle() == ":"] == [
        [5.0, 5.0],
        [10.0, 10.0],
    ]
    (hidden,) = plot_check(report, "rdl.rounding").axes
    assert [text.get_text() for text in hidden.texts] == ["the plates hide the back"] * 2
    with pytest.raises(KeyError):
        plot_check(report, "rdl.nothing")


@pytest.mark.parametrize("plot", [plot_set, plot_reps])
def test_a_figure_can_be_drawn_of_a_set_without_reps(
    plot: Callable[[Report], Figure], report_with: Callable[..., Report]
) -> None:
    figure = plot(report_with(reps=(), kinematics=make_kinematics()))
    figure.draw_without_rendering()
