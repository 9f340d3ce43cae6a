"""A Report as matplotlib figures (extra `frames`). Each function returns a new Figure; nothing is shown or saved, and
pyplot's state is not touched.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from formcheck.data import Report, Verdict
from formcheck.lifts import all_lifts

COLOURS: dict[Verdict, str] = {"good": "#2a7f3f", "note": "#c98a00", "fault": "#b3261e", "not_judged": "#8a8a8a"}
REP_COLOUR = "#dfe7ef"
LINE_COLOUR = "#1f4e79"


def plot_set(report: Report, channel: str | None = None) -> Figure:
    """Return one channel over the whole set, the lift's own signal if none is named: repetitions shaded and numbered,
    their turns marked, and the faults where they begin. Gaps in the line were not seen.

    Raises KeyError for a channel that the report does not have.
    """
    name = channel or all_lifts()[report.lift.name].signal
    kinematics = report.kinematics
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    axes = figure.subplots()
    for rep in report.reps:
        axes.axvspan(rep.start_s, rep.stop_s, color=REP_COLOUR, lw=0)
        axes.annotate(str(rep.number), (rep.turn_s, 1.0), xycoords=("data", "axes fraction"), va="bottom", ha="center")
    axes.plot(kinematics.time_s, kinematics[name], color=LINE_COLOUR, lw=1.2)
    turns = [rep.turn for rep in report.reps]
    axes.plot(kinematics.time_s[turns], kinematics[name][turns], "v", color=LINE_COLOUR, ms=5)
    for finding in report.findings:
        if finding.verdict in {"fault", "note"} and np.isfinite(finding.start_s):
            axes.axvline(finding.start_s, color=COLOURS[finding.verdict], lw=1, ls="--")
    axes.set(xlabel="time (s)", ylabel=_label(name), xlim=(kinematics.time_s[0], kinematics.time_s[-1]))
    return figure


def plot_reps(report: Report, across: str = "trunk_deg", up: str = "hip_back_leg") -> Figure:
    """Return one channel over another, a line per repetition, from its start to its turn: with the default channels of
    a hinge the hips' way back against the trunk's lean, flat where the hips have stopped.
    """
    figure = Figure(figsize=(5, 4), layout="constrained")
    axes = figure.subplots()
    kinematics = report.kinematics
    for rep in report.reps:
        part = slice(rep.start, rep.turn + 1)
        axes.plot(kinematics[across][part], kinematics[up][part], label=f"rep {rep.number}", lw=1.4)
    axes.set(xlabel=_label(across), ylabel=_label(up))
    if report.reps:
        axes.legend(frameon=False)
    return figure


def plot_check(report: Report, code: str) -> Figure:
    """Return one check's values with their 90 % intervals, a point per repetition (or one for the set), and its limits.

    What was not judged has no point, and its reason as a text. Raises KeyError for a code that the report does not
    have.
    """
    findings = [finding for finding in report.findings if finding.code == code]
    if not findings:
        raise KeyError(code)
    figure = Figure(figsize=(5, 3.2), layout="constrained")
    axes = figure.subplots()
    places = ["set" if finding.rep is None else str(finding.rep) for finding in findings]
    for place, finding in enumerate(findings):
        if np.isfinite(finding.value):
            error = [[finding.value - finding.low], [finding.high - finding.value]]
            axes.errorbar(place, finding.value, yerr=error, fmt="o", color=COLOURS[finding.verdict], capsize=3)
        else:
            text = str(finding.reason)
            axes.annotate(text, (place, 0.5), xycoords=("data", "axes fraction"), rotation=90, ha="center", va="center")
    _draw_limits(axes, report, code)
    axes.set(xlabel="repetition", ylabel=f"{code} ({findings[0].unit})", xlim=(-0.5, len(findings) - 0.5))
    axes.set_xticks(range(len(findings)), places)
    return figure


def _draw_limits(axes: Axes, report: Report, code: str) -> None:
    limit = next(finding.limit for finding in report.findings if finding.code == code)
    lines: tuple[tuple[Verdict, float | None], ...] = (("note", limit.note), ("fault", limit.fault))
    for verdict, line in lines:
        if line is not None:
            axes.axhline(line, color=COLOURS[verdict], lw=1, ls=":")


def _label(channel: str) -> str:
    """Return a channel's name as an axis label: trunk_deg gives "trunk (deg)"."""
    name, _, unit = channel.rpartition("_")
    return f"{name.replace('_', ' ')} ({unit})"
