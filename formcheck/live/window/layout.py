"""What the window shows: the picture with its figure, and beside it all that a lifter reads from three metres.

`lay_out` says where things stand and `draw` fills them in; both are pure. Letters are OpenCV's own sans, colours those
of `overlay` (Okabe and Ito's): no meaning hangs on a hue alone.
"""

import itertools
import math
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.lifts import all_lifts
from formcheck.live.types import Overlay
from formcheck.rendering.body_figure import ANGLES, joint_landmarks
from formcheck.rendering.lettering import BOLD, CAPITAL, HEAVY, Colour, Picture, break_lines, measure_text, write_text
from formcheck.rendering.overlay import ANGLE_COLOURS, NEAR, VERDICT_COLOURS, Figure, draw_figure

GROUND: Colour = (23, 18, 14)
TRACK: Colour = (74, 62, 52)
SOFT: Colour = (205, 190, 175)
GUIDE: Colour = (233, 180, 86)
CUE: Colour = VERDICT_COLOURS["fault"]
NOTICE: Colour = (66, 228, 240)
DOWN: Colour = (233, 180, 86)
AFTER: Colour = (150, 120, 80)

FULL_DEG = {"hip": 130.0, "knee": 130.0, "trunk": 100.0}  # where a gauge is full
MIN_TEMPO_S = 4.0  # the tempo bar is at least so long
MUCH_DROPPED = 0.1  # of the pictures: from here on a quicker model is thought of (see `model_fallback`)
KEYS = (("L", "lift"), ("M", "mute"), ("R", "reset"), ("Q", "quit"))
PHASES = {
    "looking": "looking",
    "ready": "ready",
    "top": "top",
    "lowering": "down",
    "bottom": "bottom",
    "rising": "up",
}


class Rect(NamedTuple):
    """A part of the window, px."""

    left: int
    top: int
    width: int
    height: int

    def split_down(self, *shares: float) -> "list[Rect]":
        """Cut into rows of these shares of the height."""
        edges = np.round(self.top + self.height * np.cumsum([0.0, *shares]) / sum(shares)).astype(int)
        return [Rect(self.left, int(top), self.width, int(bottom - top)) for top, bottom in itertools.pairwise(edges)]

    def split_across(self, *shares: float) -> "list[Rect]":
        """Cut into columns of these shares of the width."""
        edges = np.round(self.left + self.width * np.cumsum([0.0, *shares]) / sum(shares)).astype(int)
        return [Rect(int(left), self.top, int(right - left), self.height) for left, right in itertools.pairwise(edges)]

    def shrink(self, by_px: float) -> "Rect":
        """Leave a margin on every side."""
        by = round(by_px)
        return Rect(self.left + by, self.top + by, max(1, self.width - 2 * by), max(1, self.height - 2 * by))


@dataclass(frozen=True)
class Layout:
    """Where everything stands: no two parts overlap. `unit_px` is a hundredth of the shorter side."""

    picture: Rect
    depth: Rect
    title: Rect
    reps: Rect
    gauges: tuple[Rect, Rect, Rect]
    tempo: Rect
    banner: Rect
    status: Rect
    unit_px: float


def lay_out(size_px: tuple[int, int]) -> Layout:
    """Return the places for a window of a width and height: numbers beside the picture, under it in an upright one."""
    width, height = size_px
    whole = Rect(0, 0, width, height)
    unit_px = min(width, height) / 100
    upright = height > width
    if upright:
        picture, panel, banner, status = whole.split_down(50, 28, 17, 5)
        picture, depth = picture.split_across(96, 4)
        panel = panel.shrink(unit_px)
        left, right = panel.split_across(42, 58)
        title, reps = left.split_down(18, 82)
        *rows, _ = right.split_down(21, 21, 21, 33, 4)
    else:
        upper, banner, status = whole.split_down(76, 18, 6)
        picture, depth, panel = upper.split_across(69, 2, 29)
        panel = panel.shrink(unit_px)
        title, reps, _, *rows = panel.split_down(9, 36, 3, 13, 13, 13, 19)
    return Layout(picture, depth, title, reps, (rows[0], rows[1], rows[2]), rows[3], banner, status, unit_px)


def draw(
    picture_rgb: NDArray[np.uint8], view: Overlay, *, size_px: tuple[int, int] = (1280, 720), muted: bool = False
) -> NDArray[np.uint8]:
    """Return the window's content, (height, width, 3) RGB, for one picture (h, w, 3) RGB and what was seen in it.

    Angles that are NaN show as a dash with an empty gauge; landmarks that are NaN are not drawn.
    """
    width, height = size_px
    canvas: Picture = np.empty((height, width, 3), np.uint8)
    _fill(canvas, Rect(0, 0, width, height), GROUND)
    places = lay_out(size_px)
    _draw_picture(canvas, places.picture, picture_rgb, view)
    _draw_depth(canvas, places.depth, view)
    lift = all_lifts().get(view.lift)
    _write(canvas, view.lift if lift is None else lift.title, places.title.shrink(places.unit_px), SOFT, BOLD)
    _draw_reps(canvas, places.reps, view)
    values_deg = {"hip": view.hip_deg, "knee": view.knee_deg, "trunk": view.trunk_deg}
    for place, (label, value_deg) in zip(places.gauges, values_deg.items(), strict=True):
        _draw_gauge(canvas, place, label, value_deg)
    _draw_tempo(canvas, places.tempo, view)
    _draw_banner(canvas, places.banner, view, places.unit_px)
    _draw_status(canvas, places.status, view, muted=muted)
    return np.asarray(cv2.cvtColor(canvas, cv2.COLOR_BGR2RGB), np.uint8)


def _draw_picture(canvas: Picture, place: Rect, picture_rgb: NDArray[np.uint8], view: Overlay) -> None:
    """Put the picture in the middle of its place, as large as it fits, with the figure over it."""
    height, width = picture_rgb.shape[:2]
    zoom = min(place.width / width, place.height / height)
    shown = max(1, round(width * zoom)), max(1, round(height * zoom))
    small = cv2.resize(picture_rgb, shown, interpolation=cv2.INTER_AREA if zoom < 0.5 else cv2.INTER_LINEAR)
    left, top = place.left + (place.width - shown[0]) // 2, place.top + (place.height - shown[1]) // 2
    part = canvas[top : top + shown[1], left : left + shown[0]]
    cv2.cvtColor(small, cv2.COLOR_RGB2BGR, dst=part)
    if view.xy_px is not None:
        draw_figure(part, _figure_now(view), view.time_s, zoom=shown[0] / view.size_px[0], origin_px=(0, 0), text=0.0)


def _figure_now(view: Overlay) -> Figure:
    """Return the figure of one moment, as `overlay` wants it."""
    assert view.xy_px is not None
    values_deg = {"hip_flexion_deg": view.hip_deg, "knee_flexion_deg": view.knee_deg, "trunk_deg": view.trunk_deg}
    now_s = np.array([view.time_s])
    return Figure(
        time_s=now_s,
        xy_px=view.xy_px[None, list(joint_landmarks(view.side or "left"))],
        back_px=None,
        angle_s=now_s,
        angles_deg={angle.channel: np.array([values_deg[angle.channel]]) for angle in ANGLES} if view.side else {},
        reconstructed=np.zeros(1, dtype=bool),
    )


def _draw_depth(canvas: Picture, place: Rect, view: Overlay) -> None:
    """Fill a bar from the top, as far as the lifter is down; the line is the depth of their other reps."""
    bar = Rect(place.left, place.top, place.width, place.height).shrink(place.width * 0.15)
    _fill(canvas, bar, TRACK)
    if math.isfinite(view.depth):
        share = min(max(view.depth, 0.0), 1.2) / 1.2
        _fill(canvas, bar._replace(height=round(bar.height * share)), DOWN)
        line = bar.top + round(bar.height / 1.2)
        _fill(canvas, Rect(bar.left, line, bar.width, max(2, place.width // 6)), NEAR)


def _draw_reps(canvas: Picture, place: Rect, view: Overlay) -> None:
    number, word = place.shrink(place.height * 0.02).split_down(72, 28)
    _write(canvas, str(view.reps), number, NEAR, HEAVY)
    what = PHASES[view.phase]
    text = f"reps · {what}" if view.set_running else what
    _write(canvas, text, word, SOFT if view.phase in {"looking", "top"} else NEAR, BOLD)


def _draw_gauge(canvas: Picture, place: Rect, label: str, value_deg: float) -> None:
    words, bar = place.shrink(place.height * 0.08).split_down(70, 30)
    colour = ANGLE_COLOURS[label]
    name, number = words.split_across(50, 50)
    _write(canvas, label, name, colour, BOLD, align="left")
    seen = math.isfinite(value_deg)
    _write(canvas, f"{round(value_deg)}°" if seen else "-", number, NEAR, HEAVY, align="right")
    bar = _middle(bar, 0.7)
    _fill(canvas, bar, TRACK)
    if seen:
        share = min(max(value_deg / FULL_DEG[label], 0.0), 1.0)
        _fill(canvas, bar._replace(width=round(bar.width * share)), colour)


def _draw_tempo(canvas: Picture, place: Rect, view: Overlay) -> None:
    """Seconds of the lowering as a bar with a tick a second; a line where the tempo asked for is reached."""
    words, bar = place.shrink(place.height * 0.06).split_down(58, 42)
    name, number = words.split_across(38, 62)
    _write(canvas, "tempo", name, SOFT, BOLD, align="left")
    seen, aimed = math.isfinite(view.eccentric_s), math.isfinite(view.target_s)
    text = f"{view.eccentric_s:.1f}" if seen else "-"
    _write(canvas, f"{text} of {view.target_s:g} s" if aimed else f"{text} s", number, NEAR, HEAVY, align="right")
    bar = _middle(bar, 0.55)
    full_s = max(MIN_TEMPO_S, 1.4 * view.target_s if aimed else 0.0, view.eccentric_s if seen else 0.0)
    _fill(canvas, bar, TRACK)
    if seen:
        colour = DOWN if view.phase == "lowering" else AFTER
        _fill(canvas, bar._replace(width=round(bar.width * max(view.eccentric_s, 0.0) / full_s)), colour)
    thin = max(1, bar.width // 160)
    for second in range(1, math.ceil(full_s)):
        _fill(canvas, Rect(bar.left + round(bar.width * second / full_s), bar.top, thin, bar.height), GROUND)
    if aimed:
        at = bar.left + round(bar.width * view.target_s / full_s)
        over = bar.height // 3
        _fill(canvas, Rect(at - thin, bar.top - over, 3 * thin, bar.height + 2 * over), NEAR)


def _draw_banner(canvas: Picture, place: Rect, view: Overlay, unit_px: float) -> None:
    """Write what is to be done: the cue, then how to get into the picture, then what is wrong with the source."""
    lines = [(CUE, view.cue), (GUIDE, view.guide), (NOTICE, view.notice)]
    shown = [(colour, text) for colour, text in lines if text]
    if not shown:
        return
    shares = [3.0 if len(shown) > 1 and row == 0 else 2.0 for row in range(len(shown))]
    for part, (colour, text) in zip(place.split_down(*shares), shown, strict=True):
        row = part.shrink(0.4 * unit_px)
        mark = row._replace(width=max(3, round(2 * unit_px)))
        _fill(canvas, row, tuple(round(0.72 * one + 0.28 * other) for one, other in zip(GROUND, colour, strict=True)))
        _fill(canvas, mark, colour)
        inner = row.shrink(0.8 * unit_px)
        shift = mark.width + round(unit_px)
        inner = inner._replace(left=inner.left + shift, width=max(1, inner.width - shift))
        _write_lines(canvas, text, inner)


def _draw_status(canvas: Picture, place: Rect, view: Overlay, *, muted: bool) -> None:
    machine, keys = place.shrink(place.height * 0.12).split_across(60, 40)
    pace = f"{view.fps:.0f} frames a second" if math.isfinite(view.fps) else ""
    parts = ["a bit slow: close other programs" if view.dropped_share >= MUCH_DROPPED else pace]
    if muted:
        parts.append("muted")
    _write(canvas, " · ".join(filter(None, parts)), machine, SOFT, BOLD, align="left")
    _write(canvas, "   ".join(f"{key} {what}" for key, what in KEYS), keys, SOFT, BOLD, align="right")


def _fill(canvas: Picture, place: Rect, colour: tuple[int, ...]) -> None:
    if place.width > 0 and place.height > 0:
        corner = place.left + place.width - 1, place.top + place.height - 1
        cv2.rectangle(canvas, (place.left, place.top), corner, colour, cv2.FILLED)


def _middle(place: Rect, share: float) -> Rect:
    """Keep the middle rows of a place."""
    height = max(2, round(place.height * share))
    return place._replace(top=place.top + (place.height - height) // 2, height=height)


def _write(canvas: Picture, text: str, place: Rect, colour: Colour, weight: int, *, align: str = "middle") -> None:
    """Write one line as large as its place allows, in the middle of its height."""
    size = max(6, round(place.height))
    width = measure_text(text, size, weight)
    if width > place.width:
        size = max(6, int(size * place.width / width))
        width = measure_text(text, size, weight)
    spare = place.width - width
    left = place.left + {"left": 0, "middle": spare // 2, "right": spare}[align]
    baseline = place.top + round((place.height + CAPITAL * size) / 2)
    write_text(canvas, text, (left, baseline), colour, size, weight)


def _write_lines(canvas: Picture, text: str, place: Rect) -> None:
    """Write words in as many lines as make them largest; what does not fit at the least size ends in dots."""
    least = max(8, round(place.height * 0.16))
    size = round(place.height * 0.62)
    while size > least and not _fits(break_lines(text, size, BOLD, place.width), size, place):
        size = max(least, round(size * 0.93))
    lines = break_lines(text, size, BOLD, place.width)
    pitch = 1.2 * size
    room = max(1, int(place.height / pitch))
    if len(lines) > room:
        lines = [*lines[: room - 1], f"{lines[room - 1]} ..."]
    top = place.top + (place.height - len(lines) * pitch) / 2
    for row, line in enumerate(lines):
        baseline = round(top + row * pitch + (pitch + CAPITAL * size) / 2)
        write_text(canvas, line, (place.left, baseline), NEAR, size, BOLD)


def _fits(lines: list[str], size: int, place: Rect) -> bool:
    narrow = all(measure_text(line, size, BOLD) <= place.width for line in lines)
    return narrow and 1.2 * size * len(lines) <= place.height
