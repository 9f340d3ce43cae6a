"""The summary for the terminal: what to change, the repetitions, what is good, what was not judged. Plain text within
80 columns, in words; codes and every check where they are asked for.
"""

import math
import textwrap
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any, Literal

import numpy as np

from formcheck.assessment.best_rep import pick_best_rep
from formcheck.assessment.cues import find_also_seen, tell_evidence
from formcheck.assessment.tally import NONE_OF, Summary, name_check, name_fault, say_without, sum_up
from formcheck.data import Finding, Rep, Report, Verdict
from formcheck.rendering.body_figure import may_show
from formcheck.wording import SPAN, WIDTH, name_channel, name_reps, pool_spans, quantity, say_reps, write_sentence

INDENT = "  "
# ANSI codes; None is plain.
Style = Literal["bold", "fault", "note", "good", "not_judged"] | None
STYLES: dict[Style, str] = {"bold": "1", "fault": "31", "note": "33", "good": "32", "not_judged": "2"}
VERDICT_WORDS: dict[Verdict, str] = {"fault": "fault", "note": "note", "good": "good", "not_judged": "not judged"}
Line = tuple[str, Style]
BLOCKS = "▁▂▃▄▅▆▇█"
SPARK_COLUMNS = WIDTH - 2 * len(INDENT)
VERDICT_ORDER: tuple[Verdict, ...] = ("fault", "note", "good")


def summarise(
    report: Report,
    lift_title: str,
    names: Mapping[str, str] | None = None,
    *,
    signal: str | None = None,
    colour: bool = False,
    verbose: bool = False,
    changes: Sequence[str] = (),
) -> str:
    """Return the summary, lines within 80 columns and a newline at the end.

    `names` are what people call the checks, by code. `signal` is the channel that is drawn over the set as a line of
    blocks; None leaves it out, for whoever cannot show them. `colour` adds ANSI styles. `verbose` adds every check with
    its code, and what was never asked of such a clip. `changes` say what changed since last time.
    """
    names = names or {}
    summary = sum_up(map(vars, report.findings), names, report.lift.doubt)
    unjudged = [each for each in report.findings if each.verdict == "not_judged"]
    told = [each.reason for each in unjudged if each.detail.get("asked") is not False]
    blocks = [
        _header(report, lift_title),
        _cues(report, summary, verbose=verbose),
        _spark(report, signal),
        _reps(report),
        _torques(report),
        _also_seen(report, names),
        wrap(f"Good: {summary.good}.", "", INDENT) if summary.outcome == "change" and summary.good else [],
        _best(report, names),
        _own_limits(report, names),
        _changes(changes),
        _checks(report.findings) if verbose else [],
        _not_judged(report.findings, summary.reasons, names, verbose=verbose),
        _cautions(report, {*summary.reasons, *told}),
    ]
    return "\n".join("".join(paint(line, colour=colour) + "\n" for line in block) for block in blocks if block)


def clock(time_s: float, speed: float = 1.0) -> str:
    """Return a time stamp as m:ss.s, to the nearest tenth, on the clock of a video at `speed`; NaN gives "-"."""
    if math.isnan(time_s):
        return "-"
    tenths = round(time_s / speed * 10)
    return f"{tenths // 600}:{tenths % 600 / 10:04.1f}"


def one_line(text: str) -> str:
    """Return `text` with whatever a terminal would obey instead of print (newline, escape, bidi marks) written out."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)


def _header(report: Report, lift_title: str) -> list[Line]:
    guessed = (
        "" if report.lift.chosen_by == "user" else f" (recognised, confidence {100 * report.lift.confidence:.0f} %)"
    )
    return wrap(f"{one_line(PurePath(report.source.path).name)}: {lift_title}{guessed}, {say_set(report)}", "", "")


def _cues(report: Report, summary: Summary, *, verbose: bool) -> list[Line]:
    """Return what to change, or in its place what is good or why nothing could be judged."""
    lines = wrap(summary.doubt, "", "", "note") if summary.doubt else []
    lines += wrap(summary.title, "", "", "bold")
    for place, cue in enumerate(report.cues, start=1):
        lead = f"{INDENT}{place}  {clock(cue.start_s, report.speed):>6}  "
        lines += wrap(cue.text, lead, " " * len(lead))
        evidence = tell_evidence(vars(cue), map(vars, report.findings))
        words = f"{VERDICT_WORDS[cue.verdict]}: {evidence}" + (f", {cue.code}" if verbose else "")
        lines += wrap(words, " " * len(lead), " " * len(lead), cue.verdict)
    return lines if summary.outcome == "change" else lines + wrap(summary.text, INDENT, INDENT)


def _also_seen(report: Report, names: Mapping[str, str]) -> list[Line]:
    """Return what no cue had room for, by name, in one line."""
    also = [
        name_fault(cue.code, names) + (f" ({name_reps(cue.reps)})" if cue.reps else "")
        for cue in find_also_seen(report.findings)
    ]
    return wrap(f"Also seen: {', '.join(also)}.", "", INDENT) if also else []


def name_best_rep(report: Report, names: Mapping[str, str]) -> str:
    """Return which rep was best and what others had that it has not: "rep 2, without overrun"; "" for none."""
    best = pick_best_rep(report.findings, report.reps)
    if best is None:
        return ""
    return f"rep {best.rep.number}, {say_without(best.without, names)}"


def _best(report: Report, names: Mapping[str, str]) -> list[Line]:
    best = name_best_rep(report, names)
    return wrap(f"Best: {best}.", "", INDENT) if best else []


def _own_limits(report: Report, names: Mapping[str, str]) -> list[Line]:
    """Return which checks were judged by limits that the settings moved."""
    asked = {each.code for each in report.findings}
    own = [name_check(code, names).removeprefix(NONE_OF) for code in report.settings.get("limits", ()) if code in asked]
    return wrap(f"By limits of your own: {', '.join(own)}.", "", INDENT) if own else []


def _changes(changes: Sequence[str]) -> list[Line]:
    """Return what changed since last time: when that was, then each change."""
    return [line for each in changes[:1] for line in wrap(each, "", INDENT, "bold")] + [
        line for each in changes[1:] for line in wrap(each, INDENT, INDENT * 2)
    ]


def _spark(report: Report, signal: str | None) -> list[Line]:
    """Return a channel over the set as blocks, blank where not seen, and each rep's number under its turn."""
    if signal is None or signal not in report.kinematics.channels or not may_show(report.kinematics.view):
        return []
    values = report.kinematics[signal]
    if np.isfinite(values).sum() < 2:
        return []
    columns = min(SPARK_COLUMNS, len(values))
    bins = [part[np.isfinite(part)] for part in np.array_split(values, columns)]
    most = np.array([part.max() if part.size else np.nan for part in bins])
    low, high = np.nanmin(most), np.nanmax(most)
    steps = (most - low) / (high - low or 1.0) * (len(BLOCKS) - 1)
    drawn = "".join(" " if math.isnan(step) else BLOCKS[round(step)] for step in steps)
    unit = signal.rpartition("_")[2]
    span = f"{low:z.0f} to {high:z.0f}°" if unit == "deg" else f"{low:.2f} to {high:.2f} {unit}"
    title = f"{INDENT}{name_channel(signal).capitalize()}, {span}"
    lines: list[Line] = [(title, "bold"), (f"{INDENT}{drawn}".rstrip(), None)]
    numbers = _number_turns(report.reps, len(values), columns)
    return [*lines, (f"{INDENT}{numbers}", None)] if numbers else lines


def _number_turns(reps: Sequence[Rep], n_samples: int, columns: int) -> str:
    """Return the reps' numbers, each in the column of its turn; one that has no room is left out."""
    ends = np.cumsum([len(part) for part in np.array_split(np.arange(n_samples), columns)])
    text = ""
    for rep in reps:
        column = int(np.searchsorted(ends, rep.turn, side="right"))
        number = str(rep.number)
        if column + len(number) <= columns and (not text or column > len(text)):
            text = f"{text:<{column}}{number}"
    return text


def _reps(report: Report) -> list[Line]:
    if not report.reps:
        return []
    head = f"{'Rep':>5}  {'from':>7}  {'down':>7}  {'pause':>7}  {'up':>7}  {'hip':>5}  {'knee':>5}  {'trunk':>5}"
    return [(head, "bold"), *((_rep_row(rep, report), None) for rep in report.reps)]


def _torques(report: Report) -> list[Line]:
    """Return what each knee held, in the words of the check that estimates it; nothing without mass and height."""
    told = [each for each in report.findings if each.detail.get("torque") and each.verdict != "not_judged"]
    return [line for each in told for line in wrap(f"Rep {each.rep}: {each.text.rstrip('.')}.", INDENT, INDENT * 2)]


def _rep_row(rep: Rep, report: Report) -> str:
    down_s = time_lowering(vars(rep), map(vars, report.findings))
    phases = [f"{or_dash(time_s, '.1f', ' s'):>7}" for time_s in (down_s, rep.pause_s, rep.concentric_s)]
    channels, shown = ("hip_flexion_deg", "knee_flexion_deg", "trunk_deg"), may_show(report.kinematics.view)
    most_deg = [report.kinematics.most(channel, rep) if shown else math.nan for channel in channels]
    angles = [f"{or_dash(each_deg, '.0f', '°'):>5}" for each_deg in most_deg]
    remark = [rep.remark] if rep.remark else []
    return "  ".join([f"{rep.number:>5}", f"{clock(rep.start_s, report.speed):>7}", *phases, *angles, *remark])


def _checks(findings: Sequence[Finding]) -> list[Line]:
    """Return a line per check and verdict: in which reps, and the values."""
    judged = [finding for finding in findings if finding.verdict != "not_judged"]
    if not judged:
        return []
    lines: list[Line] = [("Checks", "bold")]
    codes = list(dict.fromkeys(finding.code for finding in judged))
    column = max(len(code) for code in codes) + 2
    for code in codes:
        lead = f"{INDENT}{code:<{column}}"
        for verdict in VERDICT_ORDER:
            some = [finding for finding in judged if (finding.code, finding.verdict) == (code, verdict)]
            if some:
                named = {each.detail["what"]: [each] for each in some if "what" in each.detail} or {"": some}
                values = ", ".join(f"{what} {_range(each)}".strip() for what, each in named.items())
                text = f"{VERDICT_WORDS[verdict]}{_where(some)} ({values})"
                lines += wrap(text, lead, " " * len(lead), verdict)
                lead = " " * len(lead)
    return lines


def _not_judged(
    findings: Sequence[Finding], said: Collection[str], names: Mapping[str, str], *, verbose: bool
) -> list[Line]:
    """Return what was not judged and why, each reason once. What the summary has said already is left out, and what
    was never asked of such a clip, unless `verbose`.

    Repetitions of one check of which only the range of what is possible differs share the widest.
    """
    groups: dict[tuple[str, str], list[Finding]] = {}
    for each in findings:
        reason = str(each.reason)
        if each.verdict == "not_judged" and reason not in said and (verbose or each.detail.get("asked") is not False):
            key = (SPAN.sub("", reason), each.code if SPAN.search(reason) else "")
            groups.setdefault(key, []).append(each)
    lines: list[Line] = [("Not judged", "bold")]
    for group in groups.values():
        checks = _name_checks(group, names, verbose=verbose)
        reason = pool_spans(str(each.reason) for each in group)
        lines += wrap(f"{checks}: {reason}", INDENT, INDENT * 2, "not_judged")
    return lines if groups else []


def _name_checks(findings: Sequence[Finding], names: Mapping[str, str], *, verbose: bool) -> str:
    """Return the checks of some findings and their reps: "Overrun, rounding in reps 1-3; hip travel in rep 2"."""
    places: dict[str, list[str]] = {}
    for code in dict.fromkeys(each.code for each in findings):
        name = code if verbose else name_check(code, names).removeprefix(NONE_OF)
        places.setdefault(_where([each for each in findings if each.code == code]), []).append(name)
    text = "; ".join(f"{', '.join(checks)}{where}" for where, checks in places.items())
    return text if verbose else text[:1].upper() + text[1:]


def _where(findings: Sequence[Finding]) -> str:
    """Return the reps of some findings: " in reps 1-3"; nothing for findings of the whole set."""
    reps = [finding.rep for finding in findings if finding.rep is not None]
    return f" in {name_reps(reps)}" if reps else ""


def _range(findings: Sequence[Finding]) -> str:
    """Return the values of findings that were judged: "14.2°", "2 to 4.5°"."""
    low, high = (pick(finding.value for finding in findings) for pick in (min, max))
    most = quantity(high, findings[0].unit)
    return most if f"{low:.3g}" == f"{high:.3g}" else f"{low:.3g} to {most}"


def _cautions(report: Report, said: Collection[str | None]) -> list[Line]:
    cautions = list_cautions(report, said)
    lines: list[Line] = [("About this clip", "bold")] if cautions else []
    for caution in cautions:
        lines += wrap(caution, INDENT, INDENT)
    return lines


def list_cautions(report: Report, said: Collection[str | None]) -> list[str]:
    """Return what makes this clip hard to judge and is not `said` already: the camera's place, quality's warnings."""
    view = report.kinematics.view
    cautions = [view.reason] if view.verdict != "green" and view.reason else []
    cautions += [warning for warning in report.kinematics.quality.warnings if warning not in cautions]
    return [write_sentence(each) for each in cautions if each not in said]


def say_set(report: Report) -> str:
    """Return what was seen of a set: how many repetitions, in how long a part of the clip, from which side."""
    reps = say_reps([vars(rep) for rep in report.reps])
    length_s = measure_part_s(report.source.duration_s, report.settings)
    return f"{reps} in {length_s:.1f} s, seen from the {report.kinematics.view.side}"


def measure_part_s(duration_s: float, settings: Mapping[str, Any]) -> float:
    """Return how long the part of a clip is that its report's `settings` chose."""
    start_s, end_s = settings.get("start"), settings.get("end")
    return min(duration_s, math.inf if end_s is None else end_s) - (start_s or 0.0)


def time_lowering(rep: Mapping[str, Any], findings: Iterable[Mapping[str, Any]]) -> float:
    """Return how long the lowering of a repetition took, s; NaN where that is not known, as the check of it says.

    A partial one has no full lowering to judge, and took as long as it did.
    """
    lowering_s, lifting_s = (math.nan if rep[name] is None else rep[name] for name in ("eccentric_s", "concentric_s"))
    is_partial = not rep["complete"] and math.isfinite(lowering_s + lifting_s)
    own = [each for each in findings if each["rep"] == rep["number"] and each["code"].endswith(".tempo")]
    values = [each["value"] for each in own if each["verdict"] == "not_judged"]
    is_unknown = any(value is None or math.isnan(value) for value in values)
    return math.nan if is_unknown and not is_partial else lowering_s


def or_dash(value: float, form: str, unit: str) -> str:
    """Return a number with its unit, and a dash for one that is not known."""
    return f"{value:z{form}}{unit}" if math.isfinite(value) else "-"


def wrap(text: str, first: str, rest: str, style: Style = None) -> list[Line]:
    """Return text as lines within the width; what leads the first, and what the rest."""
    lines = textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    return [(line, style) for line in lines]


def paint(line: Line, *, colour: bool) -> str:
    """Return a line's text, in its style's colours if wanted."""
    text, style = line
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if colour and style else text
