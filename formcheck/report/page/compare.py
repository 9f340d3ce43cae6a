"""compare.html: both videos under one scrubber that runs over the phases of a repetition."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from formcheck.assessment.cues import tell_evidence
from formcheck.assessment.tally import name_check
from formcheck.data import PHASE_WORDS, BoolArray, FloatArray, PoseSequence, Rep
from formcheck.rendering.body_figure import may_show
from formcheck.report import comparison
from formcheck.report.page.content import MARKS
from formcheck.report.page.packing import floats, pack_figure
from formcheck.report.page.shell import data_url, pack, render
from formcheck.report.set_difference import RULE, Difference, SetMean
from formcheck.report.terminal import VERDICT_WORDS, clock
from formcheck.segmentation.time_normalisation import Place, over_phases, phase_times, place_phases
from formcheck.wording import UNITS, quantity, say_reps

LARGER_MARKS = {"yes": "≠", "no": "=", "cannot tell": "?"}


@dataclass(frozen=True, eq=False)
class Side:
    """What the page shows of one set.

    `channels` are degrees over `time_s`. `picture` is a JPEG of the lifter at `poster_s`. `video_url` is where the page
    finds the video, `video` its own bytes to put into the page; `offset_s` is what a player's clock shows at the first
    picture, and a second of it is `speed` seconds of the set.
    """

    compared: comparison.Compared
    time_s: FloatArray
    channels: Mapping[str, FloatArray]
    reconstructed: BoolArray
    poses: PoseSequence | None = None
    picture: bytes | None = None
    video_url: str | None = None
    video: bytes | None = None
    offset_s: float = 0.0
    speed: float = 1.0


def poster_s(compared: comparison.Compared) -> float:
    """Return the moment (s) of a set's picture: the turn of its first repetition, 0 without one."""
    return next((rep.turn_s for rep in compared.reps if math.isfinite(rep.turn_s)), 0.0)


def render_comparison(
    a: Side,
    b: Side,
    titles: Mapping[str, str],
    lift_titles: Mapping[str, str],
    names: Mapping[str, str] | None = None,
) -> str:
    """Return compare.html; `titles`, `names`: what checks mean and are called, by code; `lift_titles`: lifts' names."""
    pair = a.compared, b.compared
    differences, alone = comparison.find_differences(a.compared, b.compared, titles)
    cues = comparison.sort_cues(a.compared, b.compared)
    places = place_phases((*a.compared.reps, *b.compared.reps), concentric_first=a.compared.concentric_first)
    return render(
        "compare",
        sides=[_side_text(name, each, lift_titles) for name, each in (("A", a), ("B", b))],
        cue_groups=[
            {"title": title, "cues": some}
            for title, some in (
                ("Only A has to change", [_cue_text("A", cue, a.compared) for cue in cues.only_a]),
                ("Only B has to change", [_cue_text("B", cue, b.compared) for cue in cues.only_b]),
                (
                    "Both have to change",
                    [
                        _cue_text(name, cue, side.compared)
                        for both in cues.both
                        for name, cue, side in zip("AB", both, (a, b), strict=True)
                    ],
                ),
            )
            if some
        ],
        without_cues=comparison.say_without_cues(a.compared, b.compared, names or {}),
        differences=[_difference_text(each, names or {}) for each in comparison.drop_unasked(differences, *pair)],
        rule=RULE,
        rep_rows=[
            (place + 1, *((comparison.rep_cells(each, place), comparison.rep_remark(each, place)) for each in pair))
            for place in range(max(len(a.compared.reps), len(b.compared.reps)))
        ],
        cautions=comparison.find_cautions(
            a.compared, b.compared, [name_check(code, names or {}) for code in alone], lift_titles
        ),
        phases=[{"word": PHASE_WORDS[name], "width": end - start} for name, start, end in places],
        numbers={
            "phases": [[PHASE_WORDS[name], start, end] for name, start, end in places],
            "a": _side_numbers(a, places),
            "b": _side_numbers(b, places),
        },
    )


def _side_text(name: str, side: Side, lift_titles: Mapping[str, str]) -> dict[str, Any]:
    compared = side.compared
    width, height = compared.content["source"]["size_px"]
    return {
        "name": name,
        "key": name.lower(),
        "file": compared.name,
        "lift": lift_titles.get(compared.lift, compared.lift),
        "summary": say_reps(compared.content["reps"]),
        "reps": [_rep_option(rep, compared.speed) for rep in compared.reps],
        "aspect": f"{int(width)} / {int(height)}",
        "ratio": int(width) / int(height),
        "poster": None if side.picture is None else data_url(side.picture),
        "video_url": side.video_url,
        "video_packed": None if side.video is None else pack(side.video),
    }


def _rep_option(rep: Rep, speed: float) -> str:
    remark = "" if rep.complete else ", cut off" if rep.cut_off else ", partial"
    return f"{rep.number} at {clock(rep.start_s, speed)}{remark}"


def _cue_text(name: str, cue: Mapping[str, Any], of: comparison.Compared) -> dict[str, Any]:
    """Return what the page shows of a cue; `worst` is the repetition that its words are about."""
    verdict, findings = cue["verdict"], of.content["findings"]
    about = (cue["code"], cue["start_s"])
    return {
        "set": name,
        "verdict": verdict,
        "word": VERDICT_WORDS[verdict],
        "mark": MARKS[verdict],
        "text": cue["text"],
        "evidence": tell_evidence(cue, findings),
        "worst": next((each["rep"] for each in findings if (each["code"], each["start_s"]) == about), None),
    }


def _difference_text(each: Difference, names: Mapping[str, str]) -> dict[str, Any]:
    value = comparison.signed(each.value)
    return {
        "title": each.title,
        "name": comparison.name_of(each, names),
        "a": _mean_text(each.a, each.unit),
        "b": _mean_text(each.b, each.unit),
        "value": value if value == "-" else f"{value}{UNITS.get(each.unit, f' {each.unit}')}",
        "interval": comparison.interval_of(each),
        "larger": each.larger,
        "mark": LARGER_MARKS[each.larger],
        "within_reps": each.within_reps,
        "reason": each.reason,
    }


def _mean_text(mean: SetMean, unit: str) -> dict[str, str]:
    spread = (
        f"{comparison.number(mean.least)} to {comparison.number(mean.most)}"
        if mean.n > 1 and mean.least < mean.most
        else ""
    )
    return {"value": quantity(mean.value, unit), "spread": spread}


def _side_numbers(side: Side, places: Sequence[Place]) -> dict[str, Any]:
    reps = side.compared.reps
    clocks = [phase_times(rep, places) for rep in reps]
    return {
        **pack_figure(
            tuple(side.compared.content["source"]["size_px"]),
            side.poses,
            side.compared.view,
            side.time_s,
            side.channels,
            side.reconstructed,
        ),
        "offset_s": side.offset_s,
        "speed": side.speed,
        "reps": [
            {
                "number": rep.number,
                "phases": {
                    PHASE_WORDS[name]: [round(start_s, 4), round(end_s, 4)]
                    for name, start_s, end_s in rep.phases
                    if math.isfinite(start_s)
                },
            }
            for rep in reps
        ],
        "curves": {
            name: [floats(over_phases(side.time_s, values, times_s)) for times_s in clocks]
            for name, values in side.channels.items()
            if len(side.time_s) and np.isfinite(values).any() and may_show(side.compared.view)
        },
    }
