"""What the page says and draws, as plain values: texts for the template, numbers for its script."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from formcheck.assessment.cues import find_complaints, is_same_moment, mention
from formcheck.assessment.tally import sum_up
from formcheck.data import (
    PHASE_WORDS,
    Finding,
    Kinematics,
    Limit,
    Rep,
    Report,
    Verdict,
)
from formcheck.rendering.body_figure import ANGLES
from formcheck.report import document
from formcheck.report.page.packing import find_runs, pack_figure
from formcheck.report.terminal import VERDICT_ORDER, VERDICT_WORDS, clock
from formcheck.wording import UNITS, name_reps, quantity

MAX_SHOWN = 6  # findings with a picture: what one page can show
MIN_SPAN_S = 0.2  # a finding shorter than this is one picture, not two
MIN_UNSEEN_S = 0.1  # shorter gaps are not shaded
MARKS: Mapping[Verdict, str] = {"fault": "✕", "note": "!", "good": "✓", "not_judged": "-"}
LEGEND = {"P": "published", "D": "design choice", "S": "simulation"}


@dataclass(frozen=True)
class Explained:
    """A check's own words: what it means, why it is asked, what people call it in a list ("": by its code), and the
    section of docs/method.md that defines it ("": none).
    """

    title: str
    why: str
    name: str = ""
    method: str = ""


@dataclass(frozen=True)
class Moment:
    """A finding worth a picture, and the moments (s) to picture: its start and its end, or one where they coincide.
    `text` is the finding's own, and what else came at that moment.
    """

    finding: Finding
    times_s: tuple[float, ...]
    text: str


def pick_moments(report: Report) -> tuple[Moment, ...]:
    """Return what to picture: faults before notes, the worst first, at most six, in the order of time. Faults of one
    moment share a picture, as they share a cue.
    """
    passed = [
        (each, [other for other in complaint.also if is_same_moment(other, each)])
        for complaint in find_complaints(report.findings)
        for each in complaint.lead
        if math.isfinite(each.start_s)
    ]
    passed.sort(key=lambda pair: (pair[0].verdict != "fault", pair[0].rep is None, -pair[0].severity))
    moments = [
        Moment(each, _times_s(each), each.text + mention(also, () if each.rep is None else (each.rep,)))
        for each, also in passed[:MAX_SHOWN]
    ]
    return tuple(sorted(moments, key=lambda moment: moment.times_s))


def _times_s(finding: Finding) -> tuple[float, ...]:
    if math.isfinite(finding.end_s) and finding.end_s - finding.start_s >= MIN_SPAN_S:
        return finding.start_s, finding.end_s
    return (finding.start_s,)


def state_limit(limit: Limit) -> str:
    """Return a limit in words: "note above 5°, fault above 10°"."""
    steps = [] if limit.note is None or limit.note == limit.fault else [("note", limit.note)]
    steps += [] if limit.fault is None else [("fault", limit.fault)]
    return ", ".join(f"{word} {limit.direction} {quantity(line, limit.unit)}" for word, line in steps)


def build_texts(report: Report, explained: Mapping[str, Explained]) -> dict[str, Any]:
    """Return what the template writes, in its own order; no HTML in it."""
    kinematics = report.kinematics
    end_s = _end_s(report)
    said = sum_up(map(vars, report.findings), {code: each.name for code, each in explained.items()})
    return {
        "said": said,
        "cues": [_cue_text(place, cue) for place, cue in enumerate(report.cues, start=1)],
        "timeline": {
            "end_s": end_s,
            "reps": [_rep_bar(rep, end_s) for rep in report.reps],
            "marks": [_mark(finding, end_s) for finding in report.findings if math.isfinite(finding.start_s)],
            "unseen": [_place(start_s, stop_s, end_s) for start_s, stop_s in find_unseen(kinematics)],
        },
        "rows": _rep_rows(report),
        "checks": [
            _check_text(code, [each for each in report.findings if each.code == code], explained.get(code))
            for code in dict.fromkeys(each.code for each in report.findings)
        ],
        "unjudged": _unjudged([each for each in report.findings if each.reason not in said.reasons], explained),
        "cautions": _cautions(report, said.reasons),
        "provenance": _provenance(report),
        "legend": LEGEND,
        "summary": _summary(report),
    }


def _end_s(report: Report) -> float:
    last_s = float(report.kinematics.time_s[-1])
    return max(report.source.duration_s, last_s) if math.isfinite(report.source.duration_s) else last_s


def _summary(report: Report) -> str:
    whole = sum(rep.complete or rep.cut_off for rep in report.reps)
    partial = len(report.reps) - whole
    reps = f"{whole} rep" + ("" if whole == 1 else "s") + (f" + {partial} partial" if partial else "")
    return f"{reps}, {report.source.duration_s:.1f} s, seen from the {report.kinematics.view.side}"


def _cue_text(place: int, cue: Any) -> dict[str, Any]:
    return {
        "place": place,
        "verdict": cue.verdict,
        "word": VERDICT_WORDS[cue.verdict],
        "mark": MARKS[cue.verdict],
        "text": cue.text,
        "code": cue.code,
        "value": quantity(cue.value, cue.unit),
        "reps": name_reps(cue.reps) or "the set",
        "start_s": _finite(cue.start_s),
        "clock": clock(cue.start_s),
    }


def _place(start_s: float, stop_s: float, end_s: float) -> dict[str, float]:
    """Return a stretch of the time line in percent of it."""
    start, stop = (min(max(100 * each / end_s, 0.0), 100.0) for each in (start_s, stop_s))
    return {"left": round(start, 3), "width": round(max(stop - start, 0.0), 3)}


def _rep_bar(rep: Rep, end_s: float) -> dict[str, Any]:
    """Return a repetition's place on the time line, with the share of each phase that the clip shows."""
    seen = {PHASE_WORDS[name]: end_s - start_s for name, start_s, end_s in rep.phases if math.isfinite(start_s)}
    return {
        "number": rep.number,
        "start_s": rep.start_s,
        "clock": clock(rep.start_s),
        "phases": seen,
        "place": _place(rep.start_s, rep.stop_s, end_s),
    }


def _mark(finding: Finding, end_s: float) -> dict[str, Any]:
    stop_s = finding.end_s if math.isfinite(finding.end_s) else finding.start_s
    return {
        "verdict": finding.verdict,
        "word": VERDICT_WORDS[finding.verdict],
        "mark": MARKS[finding.verdict],
        "start_s": finding.start_s,
        "clock": clock(finding.start_s),
        "rep": finding.rep,
        "code": finding.code,
        "text": finding.text,
        "place": _place(finding.start_s, stop_s, end_s),
    }


def _rep_rows(report: Report) -> list[dict[str, Any]]:
    rows = []
    for rep, content in zip(report.reps, document.build(report)["reps"], strict=True):
        angles = [content["hip_flexion_max_deg"], content["knee_flexion_max_deg"], content["trunk_max_deg"]]
        rows.append(
            {
                "number": rep.number,
                "remark": "" if rep.complete else "cut off" if rep.cut_off else "partial",
                "start_s": rep.start_s,
                "clock": clock(rep.start_s),
                "times": [_or_dash(each, ".1f", " s") for each in (rep.eccentric_s, rep.pause_s, rep.concentric_s)],
                "angles": [_or_dash(math.nan if each is None else each, ".0f", "°") for each in angles],
                "judged": any(each.rep == rep.number and each.verdict != "not_judged" for each in report.findings),
                "findings": [
                    {"code": each.code, "verdict": each.verdict, "mark": MARKS[each.verdict], "text": each.text}
                    for each in report.findings
                    if each.rep == rep.number and each.verdict != "good"
                ],
            }
        )
    return rows


def _check_text(code: str, findings: Sequence[Finding], explained: Explained | None) -> dict[str, Any]:
    limit = findings[0].limit
    worst = next((each for each in ("fault", "note", "not_judged") if any(f.verdict == each for f in findings)), "good")
    return {
        "code": code,
        "title": explained.title if explained else code,
        "why": explained.why if explained else "",
        "limit": state_limit(limit),
        "source": limit.source,
        "method": explained.method if explained else "",
        "worst": worst,
        "mark": MARKS[worst],  # type: ignore[index]  # one of the four, see above
        "verdicts": [_verdict_text(verdict, findings) for verdict in (*VERDICT_ORDER, "not_judged")],
        "findings": [_finding_text(each) for each in findings],
        "charted": sum(math.isfinite(each.value) and each.rep is not None for each in findings) > 1,
    }


def _verdict_text(verdict: Any, findings: Sequence[Finding]) -> dict[str, Any] | None:
    some = [each for each in findings if each.verdict == verdict]
    if not some:
        return None
    return {
        "verdict": verdict,
        "mark": MARKS[verdict],
        "word": VERDICT_WORDS[verdict],
        "reps": _name_reps(some),
        "reasons": list(dict.fromkeys(each.reason for each in some if each.reason)),
    }


def _finding_text(finding: Finding) -> dict[str, Any]:
    interval = f"{finding.low:.3g} to {quantity(finding.high, finding.unit)}" if math.isfinite(finding.low) else "-"
    return {
        "rep": "set" if finding.rep is None else finding.rep,
        "verdict": finding.verdict,
        "mark": MARKS[finding.verdict],
        "word": VERDICT_WORDS[finding.verdict],
        "value": quantity(finding.value, finding.unit),
        "interval": interval,
        "confidence": f"{100 * finding.confidence:.0f} %" if finding.verdict != "not_judged" else "-",
        "start_s": _finite(finding.start_s),
        "clock": clock(finding.start_s),
        "text": finding.text,
    }


def _unjudged(findings: Sequence[Finding], explained: Mapping[str, Explained]) -> list[dict[str, Any]]:
    """Return what was not judged and why; checks that share the reason and the reps stand together."""
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    unjudged = [each for each in findings if each.verdict == "not_judged"]
    for code, reason in dict.fromkeys((each.code, each.reason or "") for each in unjudged):
        some = [each for each in unjudged if (each.code, each.reason or "") == (code, reason)]
        title = explained[code].title if code in explained else code
        groups.setdefault((_name_reps(some), reason), []).append((code, title))
    return [{"reps": reps, "reason": reason, "checks": checks} for (reps, reason), checks in groups.items()]


def _name_reps(findings: Sequence[Finding]) -> str:
    return name_reps([each.rep for each in findings if each.rep is not None])


def _cautions(report: Report, said: Collection[str]) -> list[str]:
    """Return what makes this clip hard to judge, unless the summary has said it."""
    view = report.kinematics.view
    cautions = [view.reason] if view.verdict != "green" and view.reason else []
    cautions += [each for each in report.kinematics.quality.warnings if each not in cautions]
    return [each[:1].upper() + each[1:].rstrip(".") + "." for each in cautions if each not in said]


def _provenance(report: Report) -> list[tuple[str, str]]:
    source, made, quality = report.source, report.provenance, report.kinematics.quality
    settings = ", ".join(f"{name} {value}" for name, value in report.settings.items() if value not in (None, {}, ()))
    return [
        ("Video", document.printable(source.path)),
        ("Video sha256", source.sha256),
        ("Picture", f"{source.size_px[0]} x {source.size_px[1]} px, {source.fps:.2f} frames a second"),
        ("Frames looked at", f"{source.n_frames}, the lifter found in {100 * quality.detected_fraction:.1f} %"),
        (
            "Mended",
            f"{quality.n_swapped} frames with legs swapped, {quality.n_outliers} outliers, {quality.n_interpolated} "
            f"bridged, {quality.n_reconstructed} knees computed from hip, foot and leg length",
        ),
        ("Camera", f"about {report.kinematics.view.yaw_deg:.0f}° off the side view ({report.kinematics.view.verdict})"),
        ("Pose model", f"{made.model}, MediaPipe {made.mediapipe_version}, sha256 {made.model_sha256}"),
        *(
            [("Second model", f"MoveNet Thunder, sha256 {made.second_model_sha256}")]
            if made.second_model_sha256
            else []
        ),
        ("Settings", settings),
        ("formcheck", report.version),
        ("Angles", "degrees in the plane of the picture, flexion positive; intervals hold 90 %"),
    ]


def _or_dash(value: float, form: str, unit: str) -> str:
    return f"{value:{form}}{unit}" if math.isfinite(value) else "-"


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), 4)


def build_numbers(report: Report, offset_s: float) -> dict[str, Any]:
    """Return what the script draws, as JSON types; arrays are little-endian bytes in base64.

    offset_s : what the player's clock shows at the video's first picture.
    """
    kinematics = report.kinematics
    return {
        **pack_figure(
            report.source.size_px,
            report.poses,
            kinematics.view,
            kinematics.time_s,
            kinematics.channels,
            kinematics.reconstructed,
        ),
        "offset_s": offset_s,
        "speed": report.speed,
        "end_s": _end_s(report),
        "noise": {name: _finite(sigma) for name, sigma in kinematics.noise.items()},
        "unseen": find_unseen(kinematics),
        "reps": [
            {
                "number": rep.number,
                **{name: _finite(getattr(rep, name)) for name in ("start_s", "turn_s", "stop_s")},
                "phases": [
                    [PHASE_WORDS[name], _finite(start_s), _finite(end_s)]
                    for name, start_s, end_s in rep.phases
                    if math.isfinite(start_s)
                ],
            }
            for rep in report.reps
        ],
        "findings": [_finding_numbers(each) for each in report.findings],
    }


def _finding_numbers(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "rep": finding.rep,
        "verdict": finding.verdict,
        "unit": UNITS.get(finding.unit, f" {finding.unit}").strip(),
        "text": finding.text,
        **{name: _finite(getattr(finding, name)) for name in ("value", "low", "high", "start_s", "end_s")},
        "note": _finite(finding.limit.note),
        "fault": _finite(finding.limit.fault),
        "direction": finding.limit.direction,
    }


def find_unseen(kinematics: Kinematics) -> list[tuple[float, float]]:
    """Return the stretches (start s, end s) of 0.1 s and more in which hip, knee or trunk could not be measured."""
    seen = np.ones(len(kinematics.time_s), bool)
    for angle in ANGLES:
        channel = kinematics.channels.get(angle.channel)
        if channel is not None and np.isfinite(channel).any():
            seen &= np.isfinite(channel)
    return [run for run in find_runs(kinematics.time_s, ~seen) if run[1] - run[0] >= MIN_UNSEEN_S]
