"""What the annotated video writes on its pictures: the count, the tempo, each fault at its moment, and a last card.

`write_captions` says what and when, `draw_captions`, `draw_stop` and `draw_card` draw it, in place. Everything is
measured in hundredths of the picture's shorter side (`unit`): upright and flat pictures have room for the same words.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from formcheck.assessment.tally import name_fault, sum_up, write_headline
from formcheck.data import PHASE_WORDS, Concern, Cue, Finding, Rep, Report
from formcheck.rendering.lettering import (
    BOLD,
    CAPITAL,
    HEAVY,
    Colour,
    Picture,
    break_lines,
    fit_text,
    measure_text,
    write_edged,
    write_text,
)
from formcheck.rendering.overlay import NEAR, VERDICT_COLOURS
from formcheck.wording import count_noun, name_reps, name_value

CAPTION_S = 2.0  # long enough for the two words of a fault that is met again
WORDS_A_SECOND = 5.0  # how fast a cue is read
MIN_STOP_S, MAX_STOP_S = 2.5, 5.0
LONG_S = 1.0  # a fault that goes on for longer is seen in its middle
CARD_S = 4.0
SOFT: Colour = (205, 190, 175)
UNJUDGED: Colour = (150, 140, 130)
PHASE_COLOURS: Mapping[str, Colour] = {"down": (213, 155, 91), "pause": (150, 150, 150), "up": (135, 78, 31)}
MARKS = {"fault": "✕", "note": "!", "good": "✓", "not_judged": "-"}


@dataclass(frozen=True)
class Caption:
    """A fault or note, told in two words from `start_s` until before `end_s`."""

    start_s: float
    end_s: float
    text: str
    colour: Colour


@dataclass(frozen=True)
class Freeze:
    """A moment (s) at which the picture stands still for `hold_s` while a cue is read."""

    moment_s: float
    hold_s: float
    title: str
    text: str
    colour: Colour


@dataclass(frozen=True)
class Captions:
    """All that is written over a set. `points` of the last card: a mark's colour, the mark, the words."""

    reps: tuple[Rep, ...] = ()
    found: tuple[Caption, ...] = ()
    stops: tuple[Freeze, ...] = ()
    title: str = ""
    headline: str = ""
    points: tuple[tuple[Colour, str, str], ...] = ()


def write_captions(report: Report, lift_title: str, names: Mapping[str, str]) -> Captions:
    """Return what the video says of a set. `names`: what people call the checks, by code."""
    stops = tuple(_write_stop(cue, report, names) for cue in report.cues if math.isfinite(cue.start_s))
    said = sum_up(map(vars, report.findings), names, report.lift.doubt)
    points = [
        (
            VERDICT_COLOURS[cue.verdict],
            MARKS[cue.verdict],
            name_fault(cue.code, names) + (f" in {name_reps(cue.reps)}" if cue.reps else ""),
        )
        for cue in report.cues
    ]
    points = [(VERDICT_COLOURS["note"], MARKS["note"], said.doubt), *points] if said.doubt else points
    points += [(VERDICT_COLOURS["good"], MARKS["good"], f"Good: {said.good}")] if said.good else []
    points += [(UNJUDGED, MARKS["not_judged"], f"Not judged: {said.missing}")] if said.missing else []
    points += [(UNJUDGED, MARKS["not_judged"], said.text)] if said.outcome == "nothing_judged" else []
    whole = sum(rep.complete or rep.cut_off for rep in report.reps)
    return Captions(
        reps=report.reps,
        found=_write_found(report, names),
        stops=tuple(sorted(stops, key=lambda stop: stop.moment_s)),
        title=f"{lift_title}, {count_noun(whole, 'rep')}",
        headline=write_headline(said.outcome, len(report.cues)),
        points=tuple(points),
    )


def _write_stop(cue: Cue, report: Report, names: Mapping[str, str]) -> Freeze:
    """Return where the picture stops for a cue: a fault's start, the middle of a long one, the end of a fast one."""
    found = next((each for each in report.findings if (each.code, each.start_s) == (cue.code, cue.start_s)), None)
    moment_s = cue.start_s
    if found is not None and math.isfinite(found.end_s):
        if found.concern is Concern.PACE:
            moment_s = found.end_s
        elif found.end_s - found.start_s > LONG_S:
            moment_s = (found.start_s + found.end_s) / 2
    return Freeze(moment_s, hold_for(cue.text), _name_found(cue, names), cue.text, VERDICT_COLOURS[cue.verdict])


def hold_for(text: str) -> float:
    """Return for how long a cue is shown, s."""
    return min(max(len(text.split()) / WORDS_A_SECOND + 1, MIN_STOP_S), MAX_STOP_S)


def _name_found(found: Cue | Finding, names: Mapping[str, str]) -> str:
    value = f"  {name_value(found.value, found.unit)}" if math.isfinite(found.value) else ""
    return f"{MARKS[found.verdict]} {name_fault(found.code, names)}{value}"


def _write_found(report: Report, names: Mapping[str, str]) -> tuple[Caption, ...]:
    """Return every fault and note that has no stop of its own, faults last: the last of those that overlap is shown."""
    stops = {(cue.code, cue.start_s) for cue in report.cues}
    passed = [each for each in report.findings if each.verdict in {"fault", "note"} and math.isfinite(each.start_s)]
    passed = [each for each in passed if (each.code, each.start_s) not in stops]
    passed.sort(key=lambda each: (each.verdict == "fault", each.start_s))
    return tuple(
        Caption(
            each.start_s,
            max(each.start_s + CAPTION_S, np.nan_to_num(each.end_s)),
            _name_found(each, names),
            VERDICT_COLOURS[each.verdict],
        )
        for each in passed
    )


def draw_captions(picture: Picture, captions: Captions, moment_s: float) -> None:
    """Write the count, the tempo bar and what is found at one moment, in place."""
    unit = min(picture.shape[:2]) / 100
    begun = [rep for rep in captions.reps if rep.start_s <= moment_s]
    _draw_count(picture, len(begun), len(captions.reps), unit)
    if begun and moment_s <= begun[-1].stop_s:
        _draw_tempo(picture, begun[-1], moment_s, unit)
    found = [each for each in captions.found if each.start_s <= moment_s < each.end_s]
    if found:
        _draw_banner(picture, found[-1].text, "", found[-1].colour, unit)


def draw_stop(picture: Picture, stop: Freeze) -> None:
    """Write a cue over the picture that stands still, in place."""
    _draw_banner(picture, stop.title, stop.text, stop.colour, min(picture.shape[:2]) / 100)


@dataclass(frozen=True)
class _Row:
    """A line of the last card; `mark` stands before it on a disc of the colour."""

    text: str
    size: int
    weight: int
    colour: Colour
    indent: float = 0.0
    disc: Colour | None = None
    mark: str = ""


def draw_card(picture: Picture, captions: Captions) -> None:
    """Turn a picture into the last card, in place: dark, with what there is to change in a few lines."""
    unit = min(picture.shape[:2]) / 100
    picture //= 5
    rows = _lay_card(captions, unit, picture.shape[1] - 16 * unit)
    left, base = 8 * unit, (picture.shape[0] - sum(1.5 * row.size for row in rows)) / 2 - 2 * unit
    for row in rows:
        base += 1.5 * row.size + (2 * unit if row.disc else 0)
        if row.disc:
            _draw_mark(picture, row, (left + 2 * unit, base - CAPITAL * row.size / 2), unit)
        write_text(picture, row.text, (left + row.indent, base), row.colour, row.size, row.weight)


def _lay_card(captions: Captions, unit: float, room_px: float) -> list[_Row]:
    """Return the card's lines, broken to fit."""
    rows = []
    for text, share, weight, colour in ((captions.title, 4.0, BOLD, SOFT), (captions.headline, 7.0, HEAVY, NEAR)):
        size = round(share * unit)
        rows += [_Row(line, size, weight, colour) for line in break_lines(text, size, weight, room_px)]
    size, indent = round(4.4 * unit), 7 * unit
    for disc, mark, text in captions.points:
        first, *others = break_lines(text, size, BOLD, room_px - indent) or [""]
        rows.append(_Row(first, size, BOLD, NEAR, indent, disc, mark))
        rows += [_Row(line, size, BOLD, NEAR, indent) for line in others]
    return rows


def _draw_mark(picture: Picture, row: _Row, centre_px: tuple[float, float], unit: float) -> None:
    assert row.disc is not None, "only a row with a mark has one"
    x, y = centre_px
    cv2.circle(picture, (round(x), round(y)), round(2.6 * unit), row.disc, cv2.FILLED, cv2.LINE_AA)
    size = round(3 * unit)
    corner = x - measure_text(row.mark, size, HEAVY) / 2, y + CAPITAL * size / 2
    write_text(picture, row.mark, corner, NEAR, size, HEAVY)


def _draw_count(picture: Picture, number: int, count: int, unit: float) -> None:
    """Write the repetition's number, large, in the upper right corner."""
    if not number:
        return
    size, small = round(16 * unit), round(4 * unit)
    text, word = str(number), f"of {count} reps" if count > 1 else "rep"
    right = picture.shape[1] - 4 * unit
    write_edged(picture, text, (right - measure_text(text, size, HEAVY), 14.5 * unit), NEAR, size, HEAVY)
    write_edged(picture, word, (right - measure_text(word, small, BOLD), 19.5 * unit), NEAR, small)


def _draw_tempo(picture: Picture, rep: Rep, moment_s: float, unit: float) -> None:
    """Draw a repetition's phases along the lower edge, as long as they take, filled as far as they have come."""
    phases = [(PHASE_WORDS[name], start, end) for name, start, end in rep.phases if math.isfinite(start)]
    if not phases:
        return
    height, width = picture.shape[:2]
    left, room, top, bottom = 4 * unit, width - 8 * unit, height - 9 * unit, height - 3 * unit
    first_s, last_s = phases[0][1], phases[-1][2]

    def place(at_s: float) -> int:
        return int(left + room * (at_s - first_s) / max(last_s - first_s, 1e-9))

    _darken(picture, place(first_s) - unit, top - unit, place(last_s) + unit, bottom + unit)
    size = round(3.6 * unit)
    for word, start_s, end_s in phases:
        done_s = min(max(moment_s, start_s), end_s)
        corner = place(done_s), round(bottom)
        if done_s > start_s:
            cv2.rectangle(picture, (place(start_s), round(top)), corner, PHASE_COLOURS[word], cv2.FILLED)
        text = f"{word} {done_s - start_s:.1f} s"
        if done_s > start_s and measure_text(text, size, BOLD) < place(end_s) - place(start_s) - unit:
            write_edged(picture, text, (place(start_s) + unit, bottom - 1.8 * unit), NEAR, size)


def _draw_banner(picture: Picture, title: str, text: str, colour: Colour, unit: float) -> None:
    """Write a title in a verdict's colour and the words under it on a darkened strip above the tempo bar."""
    height, width = picture.shape[:2]
    left, room = 5 * unit, width - 9 * unit
    big, small = round(5.6 * unit), round(4.4 * unit)
    lines = break_lines(text, small, BOLD, room)
    bottom = height - 11 * unit
    top = max(0.0, bottom - 1.7 * big - 1.3 * small * len(lines) - 0.3 * small)
    _darken(picture, 0, top, width, bottom, 12 if text else 4)  # a cue may lie over a banner that is there already
    cv2.rectangle(picture, (0, round(top)), (round(1.5 * unit), round(bottom)), colour, cv2.FILLED)
    base = top + 1.25 * big
    write_edged(picture, fit_text(title, big, HEAVY, room), (left, base), colour, big, HEAVY)
    for line in lines:
        base += 1.3 * small
        write_text(picture, line, (left, base + 0.15 * big), NEAR, small)


def _darken(picture: Picture, left: float, top: float, right: float, bottom: float, divisor: int = 4) -> None:
    """Divide the light of a part, in place."""
    height, width = picture.shape[:2]
    part = picture[max(0, round(top)) : min(height, round(bottom)), max(0, round(left)) : min(width, round(right))]
    part //= divisor
