"""Two reports side by side: what differs, as plain values for machines and as text for the terminal (80 columns)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from formcheck.assessment.cues import tell_evidence
from formcheck.assessment.tally import name_check, name_fault, sum_up_report
from formcheck.data import SCHEMA_VERSION, Rep, Verdict, View
from formcheck.rendering.body_figure import may_show
from formcheck.report.contract import ComparedDocument, CompareDocument, CueDocument, MeasureDocument, pick
from formcheck.report.document import JOINTS, plain, printable, to_json
from formcheck.report.set_difference import RULE, Difference, compare_findings
from formcheck.report.terminal import (
    VERDICT_WORDS,
    Line,
    clock,
    measure_part_s,
    one_line,
    or_dash,
    paint,
    time_lowering,
    wrap,
)
from formcheck.wording import name_unit, say_reps

UNSURE_YAW_DEG = 10.0  # cameras that stand this much apart see other angles of the same movement [D]

# Units that stand behind each number; others stand behind the name.
SIGNS = {"deg": "°", "deg/s": "°/s", "s": " s", "%": " %", "dB": " dB"}


@dataclass(frozen=True, eq=False)
class Compared:
    """One of two sets: its place, report.json's content, repetitions, camera. `cautions`: what could not be had."""

    path: Path
    content: Mapping[str, Any]
    reps: tuple[Rep, ...]
    view: View
    cautions: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The video's file name, as a terminal prints it."""
        return one_line(printable(Path(self.content["source"]["path"]).name))

    @property
    def lift(self) -> str:
        """The lift's name, as `--lift` takes it."""
        return str(self.content["lift"]["name"])

    @property
    def speed(self) -> float:
        """The share of the true speed at which the video runs (see Report)."""
        return float(self.content["provenance"]["settings"].get("speed") or 1.0)

    @property
    def concentric_first(self) -> bool:
        """Whether its repetitions begin with the concentric, as leg curls do."""
        return any(rep.concentric_first for rep in self.reps)

    def check(self) -> None:
        """Touch what a comparison needs, so that whatever a report lacks is found before anything is written."""
        summarise(self, self, {}, {})
        to_json(build(self, self, {}))


@dataclass(frozen=True)
class Cues:
    """Cues of both sets by code: those that only one of them has, and those of both (A's, B's)."""

    only_a: tuple[Mapping[str, Any], ...]
    only_b: tuple[Mapping[str, Any], ...]
    both: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...]


def find_differences(
    a: Compared, b: Compared, titles: Mapping[str, str]
) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    """Return the differences of what both measure, and the codes of one alone. `titles`: what checks mean, by code."""
    return compare_findings(a.content["findings"], b.content["findings"], lambda code: titles.get(code, code))


def drop_unasked(differences: Sequence[Difference], a: Compared, b: Compared) -> tuple[Difference, ...]:
    """Return the differences without those whose question is one for neither clip, as that of feet from the side."""
    findings = [finding for each in (a, b) for finding in each.content["findings"]]
    asked = {each["code"] for each in findings if each["detail"].get("asked") is not False}
    return tuple(each for each in differences if asked & set(each.codes))


def sort_cues(a: Compared, b: Compared) -> Cues:
    """Return the cues of both sets by whom they speak to.

    A fault that one set has a cue for and the other only mentions in another cue, or has no room for, is one of both.
    """
    cues_a, cues_b = ({cue["code"]: cue for cue in each.content["cues"]} for each in (a, b))
    found_a, found_b = (_find_worst(each.content["findings"]) for each in (a, b))
    codes = dict.fromkeys([*cues_a, *cues_b])
    return Cues(
        tuple(cue for code, cue in cues_a.items() if code not in found_b | cues_b),
        tuple(cue for code, cue in cues_b.items() if code not in found_a | cues_a),
        tuple(
            ((found_a | cues_a)[code], (found_b | cues_b)[code])
            for code in codes
            if code in found_a | cues_a and code in found_b | cues_b
        ),
    )


def _find_worst(findings: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return, by code, the cue that the faults and notes of one check would have by themselves."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for each in findings:
        if each["verdict"] in {"fault", "note"}:
            groups.setdefault(each["code"], []).append(each)
    return {code: _cue_alone(group) for code, group in groups.items()}


def _cue_alone(group: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    above = group[0]["limit"]["direction"] == "above"
    worst = max(group, key=lambda each: (each["verdict"] == "fault", each["value"] if above else -each["value"]))
    reps = sorted(each["rep"] for each in group if each["rep"] is not None)
    cue: dict[str, Any] = pick(CueDocument, {**worst, "reps": reps})
    return cue


def find_cautions(a: Compared, b: Compared, alone: Sequence[str], lift_titles: Mapping[str, str]) -> tuple[str, ...]:
    """Return sentences on what makes the two sets hard to compare. `alone`: what only one of them has."""
    cautions = []
    if a.lift != b.lift:
        lifts = ", ".join(lift_titles.get(each.lift, each.lift) for each in (a, b))
        cautions.append(
            f"These are different lifts ({lifts}): only what both measure in the same way is compared, and the curves "
            f"are laid over one another phase by phase. Not compared: {', '.join(alone) or 'nothing'}."
        )
    elif alone:
        cautions.append(f"Only one of the reports has {', '.join(alone)}: not compared.")
    views = (("A", a.view), ("B", b.view))
    cautions += [
        (
            f"The camera of {name} stood about {view.yaw_deg:.0f}° off the side view"
            if math.isfinite(view.yaw_deg)
            else f"Where the camera of {name} stood is not known"
        )
        + ": trust only changes in its angles."
        for name, view in views
        if view.verdict != "green"
    ]
    if abs(a.view.yaw_deg - b.view.yaw_deg) > UNSURE_YAW_DEG and a.view.verdict == b.view.verdict == "green":
        cautions.append("The cameras looked from different directions: part of any difference may come from that.")
    if a.view.side != b.view.side:
        cautions.append(
            f"A shows the {a.view.side} side and B the {b.view.side}: part of any difference may come from that."
        )
    models = [each.content["provenance"]["model"] for each in (a, b)]
    if models[0] != models[1]:
        cautions.append(
            f"The landmarks come from different models ({models[0]}, {models[1]}): analyse both with the same one."
        )
    cautions += _compare_settings(a, b)
    for name, each in (("A", a), ("B", b)):
        cautions += [f"{name}: no repetition was found."] if not each.reps else []
        cautions += [f"{name}: {caution}." for caution in each.cautions]
    return tuple(cautions)


def _compare_settings(a: Compared, b: Compared) -> list[str]:
    """Return sentences on what was set for one of them alone, so that times or verdicts differ by it."""
    cautions = []
    if a.speed != b.speed:
        cautions.append(
            f"A was said to run at {100 * a.speed:g} % of the true speed and B at {100 * b.speed:g} %: if that is "
            "wrong of one, so are its times."
        )
    limits = [each.content["provenance"]["settings"].get("limits", {}) for each in (a, b)]
    moved = sorted(code for code in {*limits[0], *limits[1]} if limits[0].get(code) != limits[1].get(code))
    if moved:
        cautions.append(f"Judged by different limits: {', '.join(moved)}. Verdicts may differ where numbers do not.")
    return cautions


def build(a: Compared, b: Compared, titles: Mapping[str, str]) -> CompareDocument:
    """Return compare.json's content as JSON types."""
    differences, alone = find_differences(a, b, titles)
    cues = sort_cues(a, b)
    return {
        "schema_version": SCHEMA_VERSION,
        "a": pick(ComparedDocument, {**a.content, "path": printable(str(a.path))}),
        "b": pick(ComparedDocument, {**b.content, "path": printable(str(b.path))}),
        "measures": [_measure(each) for each in differences],
        "not_compared": list(alone),
        "cues": {
            "only_a": [pick(CueDocument, each) for each in cues.only_a],
            "only_b": [pick(CueDocument, each) for each in cues.only_b],
            "both": [{"a": pick(CueDocument, one), "b": pick(CueDocument, other)} for one, other in cues.both],
        },
        "cautions": list(find_cautions(a, b, alone, {})),
        "rule": RULE,
    }


def _measure(difference: Difference) -> MeasureDocument:
    means = {"a": vars(difference.a), "b": vars(difference.b)}
    content = plain({**vars(difference), **means, "larger_than_error": difference.larger})
    document: MeasureDocument = pick(MeasureDocument, {**content, "codes": difference.codes})
    return document


def summarise(
    a: Compared,
    b: Compared,
    titles: Mapping[str, str],
    lift_titles: Mapping[str, str],
    names: Mapping[str, str] | None = None,
    *,
    colour: bool = False,
) -> str:
    """Return the comparison as text in 80 columns. `lift_titles`: by the lift's name; `names`: of checks, by code."""
    differences, alone = find_differences(a, b, titles)
    quiet = say_without_cues(a, b, names or {})
    blocks = [
        [line for name, each in (("A", a), ("B", b)) for line in _header(name, each, lift_titles)],
        _differences(drop_unasked(differences, a, b), names or {}),
        _cues(sort_cues(a, b), a, b)
        + [line for lead, text in quiet for line in wrap(one_line(text), f"{lead}  ", "   ", "bold")],
        _reps(a, b),
        _cautions(find_cautions(a, b, [name_check(code, names or {}) for code in alone], lift_titles)),
    ]
    text = partial(paint, colour=colour)
    return "\n".join("".join(text(line) + "\n" for line in block) for block in blocks if block)


def _header(name: str, each: Compared, lift_titles: Mapping[str, str]) -> list[Line]:
    duration_s, settings = each.content["source"]["duration_s"], each.content["provenance"]["settings"]
    length = "" if duration_s is None else f" in {measure_part_s(duration_s, settings):.1f} s"
    reps = say_reps(each.content["reps"])
    return wrap(f"{each.name}: {lift_titles.get(each.lift, each.lift)}, {reps}{length}", f"{name}  ", "   ")


def _differences(differences: Sequence[Difference], names: Mapping[str, str]) -> list[Line]:
    if not differences:
        return [("The two sets have no measure in common.", "bold")]
    lines: list[Line] = [
        ("What differs", "bold"),
        (f"  {'':<22}{'A':>7} {'B':>7}  {'B - A':>7}  {'90 % interval':<17}larger than", "bold"),
        (f"  {'':<22}{'':>7} {'':>7}  {'':>7}  {'':<17}the error?", "bold"),
    ]
    reasons: dict[str, list[str]] = {}
    for each in differences:
        style: Any = {"yes": "bold", "no": None, "cannot tell": "not_judged"}[each.larger]
        if each.a.n or each.b.n:
            lines += [(row, style) for row in _difference_rows(each, names)]
        if each.reason:
            reasons.setdefault(each.reason, []).append(name_of(each, names))
    for reason, measures in reasons.items():
        lines += wrap(one_line(f"{', '.join(measures)}: {reason}"), "  ", "    ", "not_judged")
    return [*lines, *wrap(RULE, "  ", "  ", "not_judged")]


def name_of(difference: Difference, names: Mapping[str, str]) -> str:
    """Return what people call a measure, and which of several numbers of one check it is."""
    name = name_fault(difference.codes[0], names)
    part = difference.what.split(" ")[0]
    return f"{name}, {part}" if part else name


def _difference_rows(each: Difference, names: Mapping[str, str]) -> list[str]:
    unit = SIGNS.get(each.unit, "")
    named = name_of(each, names) + ("" if unit else f" ({name_unit(each.unit)})")
    name = one_line(named)
    values = [_with(number(mean.value), unit) for mean in (each.a, each.b)]
    word = each.larger + (" ~" if each.within_reps else "")
    first, lead = ([f"  {name}"], "") if len(name) > 22 else ([], name)
    change, interval = _with(signed(each.value), unit), _with(interval_of(each), unit)
    return [*first, f"  {lead:<22}{values[0]:>7} {values[1]:>7}  {change:>7}  {interval:<16} {word}"]


def _with(text: str, unit: str) -> str:
    return text if text in {"-", ""} else text + unit


def number(value: float) -> str:
    """Return a number in three digits; "-" for NaN."""
    return f"{value:.3g}" if math.isfinite(value) else "-"


def signed(value: float, digits: int = 3) -> str:
    """Return a difference in some digits with its sign; 0 has none; "-" for NaN."""
    if not math.isfinite(value):
        return "-"
    text = f"{value:+.0f}" if abs(value) >= 10 ** (digits - 1) else f"{value:+.{digits}g}"
    return "0" if float(text) == 0 else text


def interval_of(difference: Difference) -> str:
    """Return a difference's interval in two digits; "-" where there is none."""
    if not math.isfinite(difference.low):
        return "-"
    return f"{signed(difference.low, 2)} to {signed(difference.high, 2)}"


def _cues(cues: Cues, a: Compared, b: Compared) -> list[Line]:
    lines: list[Line] = []
    for name, each, some in (("A", a, cues.only_a), ("B", b, cues.only_b)):
        if some:
            lines.append((f"Only {name} has to change", "bold"))
            for cue in some:
                start_s = math.nan if cue["start_s"] is None else cue["start_s"]
                lead = f"  {clock(start_s, each.speed):>6}  "
                lines += wrap(one_line(cue["text"]), lead, " " * len(lead))
                lines += _evidence(cue, each, " " * 6)
    if cues.both:
        lines.append(("Both have to change", "bold"))
        for one, other in cues.both:
            lines += wrap(one_line(other["text"]), "  ", "  ")
            lines += [
                line
                for name, cue, each in (("A", one, a), ("B", other, b))
                for line in _evidence(cue, each, f"{name}  ")
            ]
    return lines


def say_without_cues(a: Compared, b: Compared, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return (A or B, sentence) for each set without a cue: that it is good, or that it could not be judged."""
    sums = [(name, sum_up_report(each.content, names)) for name, each in (("A", a), ("B", b))]
    return [(name, summary.line) for name, summary in sums if summary.outcome != "change"]


def _evidence(cue: Mapping[str, Any], of: Compared, lead: str) -> list[Line]:
    verdict: Verdict = cue["verdict"]
    text = f"{VERDICT_WORDS[verdict]}: {tell_evidence(cue, of.content['findings'])}"
    return wrap(one_line(text), f"    {lead}", " " * 10, verdict)


def _reps(a: Compared, b: Compared) -> list[Line]:
    rows = [[rep_cells(each, place) for each in (a, b)] for place in range(max(len(a.reps), len(b.reps)))]
    if not rows:
        return []
    head = f"{'down':>6}{'pause':>6}{'up':>6}{'hip':>6}{'knee':>6}{'trunk':>6}"
    lines: list[Line] = [(f"{'Rep':>5} A{head[1:]}  B{head[1:]}", "bold")]
    for place, cells in enumerate(rows, 1):
        texts = ["".join(f"{cell:>6}" for cell in some) for some in cells]
        remarks = [f"{name} {remark}" for name, each in (("A", a), ("B", b)) if (remark := rep_remark(each, place - 1))]
        lines.append((f"{place:>5} {texts[0]}  {texts[1]}".rstrip(), None))
        lines += [(f"{'':6}{', '.join(remarks)}", None)] if remarks else []
    return lines


def rep_remark(each: Compared, place: int) -> str:
    """Return what is not whole about a rep, as `Rep.remark`; "" where there is none."""
    return each.reps[place].remark if place < len(each.reps) else ""


def rep_cells(each: Compared, place: int) -> list[str]:
    """Return down, pause, up (s), most hip, knee, trunk (deg) of a rep as text; "": there is none, "-": not seen."""
    if place >= len(each.reps):
        return [""] * 6
    content = each.content["reps"][place]
    times = [time_lowering(content, each.content["findings"]), content["pause_s"], content["concentric_s"]]
    shown = may_show(each.view)
    angles = [content[f"{joint}_max_deg"] if shown else None for joint in JOINTS]
    return [
        *(or_dash(math.nan if each_s is None else each_s, ".1f", " s") for each_s in times),
        *("-" if angle is None else f"{angle:z.0f}°" for angle in angles),
    ]


def _cautions(cautions: Sequence[str]) -> list[Line]:
    lines: list[Line] = [("About this comparison", "bold")]
    return lines + [line for each in cautions for line in wrap(one_line(each), "  ", "  ")] if cautions else []
