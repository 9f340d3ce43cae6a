"""What the page says and draws, as plain values: texts for the template, numbers for its script."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from formcheck.assessment.best_rep import BestRep, pick_best_rep
from formcheck.assessment.cues import MAX_CUES, SUREST_PCT, find_also_seen, find_complaints, tell_evidence
from formcheck.assessment.tally import mention_fault, name_fault, say_without, sum_up, write_headline
from formcheck.data import (
    PHASE_WORDS,
    Cue,
    Finding,
    Kinematics,
    Limit,
    Rep,
    Report,
    Verdict,
)
from formcheck.rendering.body_figure import ANGLES, is_bent_back, may_show
from formcheck.report import document, terminal
from formcheck.report.page.packing import find_runs, pack_figure
from formcheck.wording import UNITS, join_words, name_channel, name_reps, name_span, name_value, quantity, write_degrees

MIN_SPAN_S = 0.2  # a finding shorter than this is one picture, not two
LEAD_IN_S = 0.1  # ahead of a repetition, where the lifter still stands
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
class CueMoment:
    """What is pictured of a cue: its worst finding, the moments (s), what each shows; `of_back`: the back alone."""

    finding: Finding
    times_s: tuple[float, ...]
    labels: tuple[str, ...]
    of_back: bool = False


def pick_moments(report: Report) -> tuple[CueMoment, ...]:
    """Return what to picture, most important first: of each complaint that a cue can speak of, the worst moment."""
    worst = [each.worst for each in find_complaints(report.findings)[:MAX_CUES]]
    return tuple(picture_finding(each, report.reps) for each in worst if math.isfinite(each.start_s))


def picture_finding(finding: Finding, reps: Sequence[Rep]) -> CueMoment:
    """Return the start and the end of a finding, or one picture where they coincide; of one that goes on past the turn
    (a range) the start and the turn; of a back that bent, the same back as it stood before and in the middle.
    """
    rep = next((each for each in reps if each.number == finding.rep), None)
    if is_bent_back(finding) and rep is not None and rep.start_s < finding.start_s:
        times_s = (max(rep.start_s - LEAD_IN_S, 0.0), (finding.start_s + finding.end_s) / 2)
        return CueMoment(finding, times_s, ("standing", "here"), of_back=True)
    if rep is not None and finding.start_s < rep.turn_s - MIN_SPAN_S and finding.end_s > rep.turn_s + MIN_SPAN_S:
        return CueMoment(finding, (finding.start_s, rep.turn_s), ("from", "turn"))
    if math.isfinite(finding.end_s) and finding.end_s - finding.start_s >= MIN_SPAN_S:
        return CueMoment(finding, (finding.start_s, finding.end_s), ("from", "to"))
    return CueMoment(finding, (finding.start_s,), ("",))


def picture_best(report: Report) -> CueMoment | None:
    """Return the best repetition beside the worst, where that shows what the best has not; None where none is best."""
    picked = pick_best_rep(report.findings, report.reps)
    if picked is None:
        return None
    moment = picture_finding(picked.shown, report.reps)
    worst_s = moment.times_s[-1] if math.isfinite(moment.times_s[-1]) else picked.worst.turn_s
    times_s = (_same_place(worst_s, picked.worst, picked.rep), worst_s)
    labels = (f"best: rep {picked.rep.number}", f"worst: rep {picked.worst.number}")
    return CueMoment(picked.shown, times_s, labels, of_back=moment.of_back)


def _same_place(time_s: float, one: Rep, other: Rep) -> float:
    """Return the moment (s) of the `other` repetition at which as much of the same stroke is done."""
    if time_s <= one.turn_s:
        starts_s, stops_s = (one.start_s, other.start_s), (one.turn_s, other.turn_s)
    else:
        starts_s, stops_s = (one.turn_s, other.turn_s), (one.stop_s, other.stop_s)
    length_s = stops_s[0] - starts_s[0]
    share = (time_s - starts_s[0]) / length_s if length_s > 0 else 1.0
    return starts_s[1] + min(max(share, 0.0), 1.0) * (stops_s[1] - starts_s[1])


def _describe_best(picked: BestRep | None, names: Mapping[str, str]) -> str:
    """Return why the best repetition was that and the worst was not: what each of them had; "" for none."""
    if picked is None:
        return ""
    had = [
        mention_fault(each.code, names)
        + (f" ({name_value(each.value, each.unit)})" if math.isfinite(each.value) else "")
        for each in picked.had
    ]
    return (
        f"Rep {picked.rep.number} was the best of the set: {say_without(picked.without, names)}. "
        f"Rep {picked.worst.number} was the worst: {join_words(had)}."
    )


def state_limit(limit: Limit) -> str:
    """Return a limit in words: "note above 5°, fault above 10°"."""
    steps = [] if limit.note is None or limit.note == limit.fault else [("note", limit.note)]
    steps += [] if limit.fault is None else [("fault", limit.fault)]
    return ", ".join(f"{word} {limit.direction} {quantity(line, limit.unit)}" for word, line in steps)


def build_texts(report: Report, explained: Mapping[str, Explained]) -> dict[str, Any]:
    """Return what the template writes, in its own order; no HTML in it."""
    kinematics = report.kinematics
    end_s = _end_s(report)
    names = {code: each.name for code, each in explained.items()}
    said = sum_up(map(vars, report.findings), names, report.lift.doubt)
    unjudged = [each for each in report.findings if each.reason not in said.reasons and _is_asked(each)]
    return {
        "said": said,
        "headline": write_headline(said.outcome, len(report.cues)),
        "cues": [_cue_text(place, cue, names, report) for place, cue in enumerate(report.cues, start=1)],
        "best": terminal.name_best_rep(report, names),
        "why_best": _describe_best(pick_best_rep(report.findings, report.reps), names),
        "also": [_cue_text(place, cue, names, report) for place, cue in enumerate(find_also_seen(report.findings), 1)],
        "timeline": {
            "end_s": end_s,
            "reps": [_rep_bar(rep, end_s, report.speed) for rep in report.reps],
            "marks": _marks(report, end_s, names),
            "unseen": [_place(start_s, stop_s, end_s) for start_s, stop_s in find_unseen(kinematics)],
        },
        "is_bent": any(is_bent_back(each) for each in report.findings),
        "rows": [
            _rep_row(rep, content, [each for each in report.findings if each.rep == rep.number], report, names)
            for rep, content in zip(report.reps, document.build(report)["reps"], strict=True)
        ],
        "has_angles": may_show(kinematics.view),
        "checks": [
            _check_text(code, report, explained.get(code))
            for code in dict.fromkeys(each.code for each in report.findings)
        ],
        "unjudged": _unjudged(unjudged, explained),
        "cautions": terminal.list_cautions(report, {*said.reasons, *(each.reason or "" for each in unjudged)}),
        "provenance": _provenance(report),
        "legend": LEGEND,
        "summary": terminal.say_set(report),
    }


def _is_asked(finding: Finding) -> bool:
    """Whether the check's question is one for such a clip (a side view is not asked about the feet)."""
    return finding.detail.get("asked") is not False


def _end_s(report: Report) -> float:
    last_s = float(report.kinematics.time_s[-1])
    film_s = report.source.duration_s * report.speed
    return max(film_s, last_s) if math.isfinite(film_s) else last_s


def _cue_text(place: int, cue: Cue, names: Mapping[str, str], report: Report) -> dict[str, Any]:
    """Return a cue with its name, number and reps, and where else in the set the same was found."""
    others = [
        {"rep": each.rep, "start_s": each.start_s, "clock": terminal.clock(each.start_s, report.speed)}
        for each in report.findings
        if each.code == cue.code and each.verdict in {"fault", "note"} and each.start_s != cue.start_s
        if each.rep is not None and math.isfinite(each.start_s)
    ]
    return {
        "place": place,
        "name": name_fault(cue.code, names),
        "others": others,
        **_show_verdict(cue.verdict),
        "text": cue.text,
        "code": cue.code,
        "evidence": tell_evidence(vars(cue), map(vars, report.findings)),
        "start_s": _finite(cue.start_s),
        "clock": terminal.clock(cue.start_s, report.speed),
    }


def _show_verdict(verdict: Verdict) -> dict[str, str]:
    return {"verdict": verdict, "word": terminal.VERDICT_WORDS[verdict], "mark": MARKS[verdict]}


def _place(start_s: float, stop_s: float, end_s: float) -> dict[str, float]:
    """Return a stretch of the time line in percent of it."""
    start, stop = (min(max(100 * each / end_s, 0.0), 100.0) for each in (start_s, stop_s))
    return {"left": round(start, 3), "width": round(max(stop - start, 0.0), 3)}


def _rep_bar(rep: Rep, end_s: float, speed: float) -> dict[str, Any]:
    """Return a repetition's place on the time line, with the share of each phase that the clip shows."""
    seen = {PHASE_WORDS[name]: end_s - start_s for name, start_s, end_s in rep.phases if math.isfinite(start_s)}
    return {
        "number": rep.number,
        "start_s": rep.start_s,
        "clock": terminal.clock(rep.start_s, speed),
        "phases": seen,
        "place": _place(rep.start_s, rep.stop_s, end_s),
    }


def _marks(report: Report, end_s: float, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what the time line marks: of each repetition the worst that was found, and all that was not judged."""
    placed = [each for each in report.findings if math.isfinite(each.start_s)]
    passed = [each for each in placed if each.verdict in {"fault", "note"}]
    groups = [[each for each in passed if each.rep == rep] for rep in dict.fromkeys(each.rep for each in passed)]
    worst = [max(group, key=lambda each: (each.verdict == "fault", each.severity)) for group in groups]
    unjudged = [each for each in placed if each.verdict == "not_judged"]
    return [_mark(each, end_s, names, report.speed) for each in (*unjudged, *worst)]


def _mark(finding: Finding, end_s: float, names: Mapping[str, str], speed: float) -> dict[str, Any]:
    stop_s = finding.end_s if math.isfinite(finding.end_s) else finding.start_s
    return {
        **_show_verdict(finding.verdict),
        "start_s": finding.start_s,
        "clock": terminal.clock(finding.start_s, speed),
        "name": name_fault(finding.code, names),
        "place": _place(finding.start_s, stop_s, end_s),
    }


def _rep_row(
    rep: Rep, content: Mapping[str, Any], findings: Sequence[Finding], report: Report, names: Mapping[str, str]
) -> dict[str, Any]:
    """Return one row of the table of repetitions; no angles where the camera's place forbids them."""
    shown = may_show(report.kinematics.view)
    angles = [content[f"{joint}_max_deg"] if shown else None for joint in document.JOINTS]
    return {
        "number": rep.number,
        "remark": rep.remark,
        "start_s": rep.start_s,
        "clock": terminal.clock(rep.start_s, report.speed),
        "times": [
            (word, terminal.or_dash(each, ".1f", " s"))
            for word, each in (
                ("Down", terminal.time_lowering(vars(rep), map(vars, findings))),
                ("Pause", rep.pause_s),
                ("Up", rep.concentric_s),
            )
        ],
        "angles": [
            (word, terminal.or_dash(math.nan if each is None else each, ".0f", "°"))
            for word, each in zip(("Hip", "Knee", "Trunk"), angles, strict=True)
        ],
        "judged": any(each.verdict != "not_judged" for each in findings),
        "findings": [
            {
                "code": each.code,
                "name": name_fault(each.code, names),
                **_show_verdict(each.verdict),
            }
            for each in findings
            if each.verdict != "good" and _is_asked(each)
        ],
    }


def _check_text(code: str, report: Report, explained: Explained | None) -> dict[str, Any]:
    findings = [each for each in report.findings if each.code == code]
    limit = findings[0].limit
    worst = next((each for each in ("fault", "note", "not_judged") if any(f.verdict == each for f in findings)), "good")
    return {
        "code": code,
        "title": explained.title if explained else code,
        "why": explained.why if explained else "",
        "limit": state_limit(limit),
        "source": write_degrees(limit.source),
        "method": explained.method if explained else "",
        "said": _say_uncued(findings, report.cues),
        "worst": worst,
        "mark": MARKS[worst],  # type: ignore[index]  # one of the four, see above
        "verdicts": [_verdict_text(verdict, findings) for verdict in (*terminal.VERDICT_ORDER, "not_judged")],
        "findings": [_finding_text(each, report.speed) for each in findings],
        "charted": sum(math.isfinite(each.value) and each.rep is not None for each in findings) > 1,
    }


def _say_uncued(findings: Sequence[Finding], cues: Sequence[Cue]) -> str:
    """Return a check's worst fault or note where no cue has it, of good ones what they say of a torque; "" for none."""
    passed = [each for each in findings if each.verdict in {"fault", "note"}]
    if not passed:
        told = [each for each in findings if each.verdict == "good" and each.detail.get("torque")]
        return " ".join(f"Rep {each.rep}: {each.text}." for each in told)
    if any(cue.code == passed[0].code for cue in cues):
        return ""
    return max(passed, key=lambda each: (each.verdict == "fault", each.severity)).text


def _verdict_text(verdict: Any, findings: Sequence[Finding]) -> dict[str, Any] | None:
    some = [each for each in findings if each.verdict == verdict]
    if not some:
        return None
    return {
        **_show_verdict(verdict),
        "reps": _name_reps(some),
        "reasons": list(dict.fromkeys(each.reason for each in some if each.reason)),
    }


def _finding_text(finding: Finding, speed: float) -> dict[str, Any]:
    interval = name_span(finding.low, finding.high, finding.unit) if math.isfinite(finding.low) else "-"
    return {
        "rep": ("set, " + finding.detail["what"] if "what" in finding.detail else "set")
        if finding.rep is None
        else finding.rep,
        **_show_verdict(finding.verdict),
        "value": name_value(finding.value, finding.unit),
        "interval": interval,
        "confidence": f"{min(100 * finding.confidence, SUREST_PCT):.0f} %" if finding.verdict != "not_judged" else "-",
        "start_s": _finite(finding.start_s),
        "clock": terminal.clock(finding.start_s, speed),
    }


def _unjudged(findings: Sequence[Finding], explained: Mapping[str, Explained]) -> list[dict[str, Any]]:
    """Return what was not judged and why; checks that share the reason and the reps stand together."""
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    unjudged = [each for each in findings if each.verdict == "not_judged"]
    for code, reason in dict.fromkeys((each.code, each.reason or "") for each in unjudged):
        some = [each for each in unjudged if (each.code, each.reason or "") == (code, reason)]
        title = name_fault(code, {code: each.name for code, each in explained.items()})
        groups.setdefault((_name_reps(some), reason), []).append((code, title))
    return [{"reps": reps, "reason": reason, "checks": checks} for (reps, reason), checks in groups.items()]


def _name_reps(findings: Sequence[Finding]) -> str:
    return name_reps([each.rep for each in findings if each.rep is not None])


def _provenance(report: Report) -> list[tuple[str, str]]:
    source, made, quality = report.source, report.provenance, report.kinematics.quality
    settings = ", ".join(f"{name} {value}" for name, value in report.settings.items() if value not in (None, {}, ()))
    return [
        ("Video", document.printable(source.path)),
        ("Video sha256", source.sha256),
        ("Picture", f"{source.size_px[0]} x {source.size_px[1]} px, {source.fps:.2f} frames a second"),
        ("Frames looked at", f"{source.n_frames}, the lifter found in {100 * quality.detected_fraction:.1f} %"),
        (
            "Corrected",
            f"{quality.n_swapped} frames with legs swapped, {quality.n_outliers} outliers, {quality.n_interpolated} "
            f"bridged, {quality.n_reconstructed} knees computed from hip, foot and how hinges bend them",
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
        ("Angles", "degrees in the plane of the picture, flexion positive; intervals are 90 % intervals"),
    ]


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
        "names": {name: name_channel(name) for name in kinematics.channels},
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
