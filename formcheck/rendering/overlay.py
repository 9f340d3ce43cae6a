"""Draws the figure onto a picture with OpenCV: limbs, the back's outline, angles with their numbers, words."""

import math
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.data import PHASE_WORDS, BoolArray, FloatArray, PoseSequence, Report, View
from formcheck.rendering.body_figure import (
    ANGLES,
    JOINTS,
    LIMBS,
    Angle,
    drawn_angles,
    joint_landmarks,
    sample_at,
    trace_back,
)

Picture = NDArray[np.uint8]  # (h, w, 3), BGR
Colour = tuple[int, int, int]

# Blue, green, red. The hues are Okabe and Ito's, which colour-blind readers tell apart; each line has a dark edge.
EDGE: Colour = (0, 0, 0)
NEAR: Colour = (255, 255, 255)
FAR: Colour = (200, 179, 159)
BACK: Colour = (66, 228, 240)
ANGLE_COLOURS: Mapping[str, Colour] = {"hip": (233, 180, 86), "knee": (0, 159, 230), "trunk": (198, 159, 238)}
VERDICT_COLOURS: Mapping[str, Colour] = {"fault": (0, 94, 213), "note": (0, 159, 230)}
CAPTION_S = 3.5  # long enough to be read
FONT = cv2.FONT_HERSHEY_SIMPLEX
SHIFT = 4  # OpenCV takes sixteenths of a pixel
REFERENCE_PX = 480.0  # height of a picture whose lines are 2 px wide


@dataclass(frozen=True, eq=False)
class Figure:
    """All that is drawn, over time. xy_px : (T, 2 J, 2), near side first; back_px : (T, S, 2) or None.

    The angles have times of their own: they are measured on an even grid.
    """

    time_s: FloatArray
    xy_px: FloatArray
    back_px: FloatArray | None
    angle_s: FloatArray
    angles_deg: Mapping[str, FloatArray]
    reconstructed: BoolArray


def figure_of(report: Report) -> Figure | None:
    """Return what can be drawn of a report; None when its landmarks were not kept."""
    kinematics = report.kinematics
    if report.poses is None:
        return None
    return make_figure(report.poses, kinematics.view, kinematics.time_s, kinematics.channels, kinematics.reconstructed)


def make_figure(
    poses: PoseSequence,
    view: View,
    angle_s: FloatArray,
    channels: Mapping[str, FloatArray],
    reconstructed: BoolArray,
) -> Figure:
    """Return what can be drawn of landmarks, with the angles that the view allows to be shown."""
    names = {angle.channel for angle in drawn_angles(view)} & channels.keys()
    return Figure(
        time_s=poses.time_s,
        xy_px=poses.xy_px[:, list(joint_landmarks(view.side))],
        back_px=None if poses.back is None else trace_back(poses.back, view.facing),
        angle_s=angle_s,
        angles_deg={name: channels[name] for name in names},
        reconstructed=reconstructed,
    )


@dataclass(frozen=True)
class Caption:
    """Words that stand on the picture from `start_s` until before `end_s`; the last of those that overlap is shown."""

    start_s: float
    end_s: float
    text: str
    colour: Colour


@dataclass(frozen=True)
class Captions:
    """What stands above (rep and phase) and below (findings), in the order of time."""

    above: tuple[Caption, ...]
    below: tuple[Caption, ...]


def write_captions(report: Report) -> Captions:
    """Return the rep counter with its phases, and every fault and note at its moment, faults last: they win."""
    above = []
    for rep in report.reps:
        whole = [each for each in rep.phases if math.isfinite(each[1])]
        if len(whole) < len(rep.phases):
            above.append(Caption(rep.start_s, rep.stop_s, f"rep {rep.number}", NEAR))
        for phase, start_s, end_s in whole:
            above.append(Caption(start_s, end_s, f"rep {rep.number} {PHASE_WORDS[phase]}", NEAR))
    passed = [each for each in report.findings if each.verdict in VERDICT_COLOURS and math.isfinite(each.start_s)]
    passed.sort(key=lambda each: (each.verdict == "fault", each.start_s))
    below = [
        Caption(
            each.start_s,
            max(each.start_s + CAPTION_S, np.nan_to_num(each.end_s)),
            each.text,
            VERDICT_COLOURS[each.verdict],
        )
        for each in passed
    ]
    return Captions(tuple(above), tuple(below))


def draw_captions(picture: Picture, captions: Captions, moment_s: float) -> None:
    """Write what stands on the picture at one moment, in place."""
    width = picture.shape[1]
    size = max(8.0, 15 * min(picture.shape[:2]) / REFERENCE_PX)  # upright phone videos: the legs stay in sight
    above = [each for each in captions.above if each.start_s <= moment_s < each.end_s]
    if above:
        text_px = _text_width(above[-1].text, size)
        put_text(picture, above[-1].text, (width - text_px - size, 1.9 * size), above[-1].colour, size)
    below = [each for each in captions.below if each.start_s <= moment_s < each.end_s]
    if below:
        _draw_banner(picture, below[-1], size)


def _draw_banner(picture: Picture, caption: Caption, size: float) -> None:
    """Write a caption on a darkened strip at the bottom, in as many lines as it needs."""
    height, width = picture.shape[:2]
    letters = max(8, int((width - 3 * size) / (_text_width("abcdefghij klmnop", size) / 17)))
    lines = textwrap.wrap(caption.text, letters)
    pitch = 1.9 * size
    top = max(0, round(height - (len(lines) + 0.5) * pitch))
    picture[top:] //= 3
    picture[top:, : round(size / 2)] = caption.colour
    for row, line in enumerate(lines):
        put_text(picture, line, (1.5 * size, top + (row + 0.95) * pitch), NEAR, size)


def _text_width(text: str, size: float) -> float:
    return float(cv2.getTextSize(text, FONT, _font_scale(size), 1)[0][0])


def draw_figure(
    picture: Picture,
    figure: Figure,
    moment_s: float,
    *,
    zoom: float,
    origin_px: tuple[int, int],
    text: float = 1.0,
) -> None:
    """Draw the figure of one moment onto `picture`, in place.

    zoom : picture px per px of the upright video; origin_px : the video's px that is the picture's corner; text : times
    the usual size of the numbers, 0 for none.
    """
    scale = max(picture.shape[0] / REFERENCE_PX, 0.6)
    points = (sample_at(figure.time_s, figure.xy_px, moment_s) - origin_px) * zoom
    half = len(JOINTS)
    _draw_limbs(picture, points[half:], FAR, scale)
    if figure.back_px is not None:
        back = (sample_at(figure.time_s, figure.back_px, moment_s) - origin_px) * zoom
        _draw_line(picture, back, BACK, 2 * scale)
    _draw_limbs(picture, points[:half], NEAR, 2 * scale)
    joints = dict(zip(JOINTS, points[:half], strict=True))
    rows = [angle for angle in ANGLES if angle.channel in figure.angles_deg]
    for row, angle in enumerate(rows):
        value_deg = float(sample_at(figure.angle_s, figure.angles_deg[angle.channel], moment_s))
        if math.isfinite(value_deg):
            _draw_angle(picture, joints, angle, value_deg, row, scale, text)
    nearest = int(np.argmin(np.abs(figure.angle_s - moment_s)))
    _draw_joints(picture, points[:half], scale, guessed={"knee"} if figure.reconstructed[nearest] else set())


def hide(picture: Picture, circles_px: FloatArray | None) -> None:
    """Hide circles (M, 3) of centre x, y and radius in px, in place; all of the picture for None.

    What is hidden becomes one colour, the mean of it: no filter and no other frame can bring it back. Of the whole
    picture 4 by 3 colours are left.
    """
    if circles_px is None:
        few = cv2.resize(picture, (4, 3), interpolation=cv2.INTER_AREA)
        picture[:] = cv2.resize(few, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        return
    mask = np.zeros(picture.shape[:2], np.uint8)
    limit = 4 * max(mask.shape)
    for x, y, radius in np.clip(circles_px, -limit, limit):
        cv2.circle(mask, (round(float(x)), round(float(y))), math.ceil(radius), 255, cv2.FILLED)
    inside = mask > 0
    if inside.any():
        picture[inside] = np.round(cv2.mean(picture, mask)[:3])


def put_text(picture: Picture, text: str, corner: tuple[float, float], colour: Colour, size: float) -> None:
    """Write one line with a dark edge, in place: its lower left corner at `corner`, letters `size` px high."""
    font_scale, edge = _font_scale(size), max(1, round(size / 9))
    x, y = round(corner[0]), round(corner[1])
    for right, down in ((-edge, -edge), (edge, -edge), (-edge, edge), (edge, edge)):
        cv2.putText(picture, text, (x + right, y + down), FONT, font_scale, EDGE, 1, cv2.LINE_AA)
    cv2.putText(picture, text, (x, y), FONT, font_scale, colour, 1, cv2.LINE_AA)


def _font_scale(size: float) -> float:
    return float(size / cv2.getTextSize("H", FONT, 1.0, 1)[0][1])


def _draw_limbs(picture: Picture, points: FloatArray, colour: Colour, width: float) -> None:
    for one, other in LIMBS:
        _draw_line(picture, points[[JOINTS.index(one), JOINTS.index(other)]], colour, width)


def _draw_joints(picture: Picture, points: FloatArray, scale: float, guessed: set[str]) -> None:
    """Draw dots at the joints; one that was computed, not seen, is hollow."""
    for joint, point in zip(JOINTS, points, strict=True):
        if np.isfinite(point).all():
            centre = _fixed(point)
            inside, rim = (EDGE, NEAR) if joint in guessed else (NEAR, EDGE)
            cv2.circle(picture, centre, round(4 * scale * 2**SHIFT), rim, cv2.FILLED, cv2.LINE_AA, SHIFT)
            cv2.circle(picture, centre, round(2.6 * scale * 2**SHIFT), inside, cv2.FILLED, cv2.LINE_AA, SHIFT)


def _draw_angle(
    picture: Picture,
    joints: Mapping[str, FloatArray],
    angle: Angle,
    value_deg: float,
    row: int,
    scale: float,
    text: float,
) -> None:
    at, tip = joints[angle.at], joints[angle.tip]
    base = joints[angle.base] if angle.base else at + np.array([0.0, 1.0])
    colour = ANGLE_COLOURS[angle.label]
    if np.isfinite([at, tip, base]).all():
        zero = math.atan2(at[1] - base[1], at[0] - base[0])
        end = math.atan2(tip[1] - at[1], tip[0] - at[0])
        turn = math.remainder(end - zero, math.tau)
        radius = (26 if angle.base else 50) * scale
        way = zero + np.linspace(0.0, turn, 17)
        arc = at + radius * np.stack([np.cos(way), np.sin(way)], axis=-1)
        rim = at + 1.35 * radius * np.array([math.cos(zero), math.sin(zero)])
        _draw_line(picture, np.stack([at, rim]), colour, scale)
        _draw_line(picture, arc, colour, 2 * scale)
    if text <= 0:
        return
    size = 15 * scale * text
    put_text(picture, f"{angle.label} {value_deg:.0f}°", (size / 2, (row + 1) * 1.5 * size), colour, size)


def _draw_line(picture: Picture, points: FloatArray, colour: Colour, width: float) -> None:
    """Draw a line with a dark edge through the points that were seen; a gap stays open."""
    seen = np.asarray(np.isfinite(points).all(axis=1))
    runs = np.split(np.arange(len(points)), np.flatnonzero(np.diff(seen)) + 1)
    lines = [np.round(points[run] * 2**SHIFT).astype(np.int32) for run in runs if seen[run[0]] and len(run) > 1]
    for ink, thickness in ((EDGE, round(width) + 2), (colour, max(1, round(width)))):
        cv2.polylines(picture, lines, isClosed=False, color=ink, thickness=thickness, lineType=cv2.LINE_AA, shift=SHIFT)


def _fixed(point: FloatArray) -> tuple[int, int]:
    return round(float(point[0]) * 2**SHIFT), round(float(point[1]) * 2**SHIFT)
