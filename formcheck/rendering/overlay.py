"""Draws the figure onto a picture with OpenCV: limbs, the back's contour, angles with their numbers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from formcheck.data import BoolArray, FloatArray, PoseSequence, Report, View
from formcheck.kinematics.joint_angles import find_upright
from formcheck.rendering import body_figure
from formcheck.rendering.lettering import CAPITAL, EDGE, Colour, Picture, write_edged
from formcheck.signals import finite_runs

# Blue, green, red. The hues are Okabe and Ito's, which colour-blind readers tell apart; each line has a dark edge.
NEAR: Colour = (255, 255, 255)
FAR: Colour = (200, 179, 159)
BACK: Colour = (66, 228, 240)
OWN_BACK: Colour = (160, 220, 60)
BY_HAND: Colour = (0, 212, 255)  # as the desk's page draws it
DASH = 4  # stations of the back's contour to a dash
ANGLE_COLOURS: Mapping[str, Colour] = {"hip": (233, 180, 86), "knee": (0, 159, 230), "trunk": (198, 159, 238)}
VERDICT_COLOURS: Mapping[str, Colour] = {"fault": (0, 94, 213), "note": (0, 159, 230), "good": (115, 158, 0)}
SHIFT = 4  # OpenCV takes sixteenths of a pixel
REFERENCE_PX = 480.0  # height of a picture whose lines are 2 px wide


@dataclass(frozen=True, eq=False)
class Figure:
    """All that is drawn, over time. xy_px : (T, 2 J, 2), near side first; back_px : (T, S, 2) or None.

    The angles have times of their own: they are measured on an even grid. `own_back_px` (T, S, 2) is where the back of
    standing would lie; it is drawn in `bent_s` (start s, end s), the stretches in which a back is said to have bent.
    """

    time_s: FloatArray
    xy_px: FloatArray
    back_px: FloatArray | None
    angle_s: FloatArray
    angles_deg: Mapping[str, FloatArray]
    reconstructed: BoolArray
    own_back_px: FloatArray | None = None
    bent_s: tuple[tuple[float, float], ...] = ()


def figure_of(report: Report) -> Figure | None:
    """Return what can be drawn of a report; None when its landmarks were not kept."""
    kinematics = report.kinematics
    if report.poses is None:
        return None
    figure = make_figure(
        report.poses, kinematics.view, kinematics.time_s, kinematics.channels, kinematics.reconstructed
    )
    bent_s = tuple((each.start_s, each.end_s) for each in report.findings if body_figure.is_bent_back(each))
    if report.poses.back is None or not bent_s:
        return figure
    standing = find_standing(report.poses.time_s, kinematics.time_s, kinematics["trunk_deg"])
    own = body_figure.find_own_back(report.poses.back, kinematics.view.facing, standing)
    return replace(figure, own_back_px=report.poses.back.trace(kinematics.view.facing, own), bent_s=bent_s)


def find_standing(frame_s: FloatArray, time_s: FloatArray, trunk_deg: FloatArray) -> BoolArray:
    """Return the frames (T,) in which the trunk stands, of an angle that has times of its own."""
    seen = np.isfinite(trunk_deg)
    if not seen.any():
        return np.zeros(len(frame_s), bool)
    return find_upright(np.interp(frame_s, time_s[seen], trunk_deg[seen]))


def make_figure(
    poses: PoseSequence,
    view: View,
    angle_s: FloatArray,
    channels: Mapping[str, FloatArray],
    reconstructed: BoolArray,
) -> Figure:
    """Return what can be drawn of landmarks, with the angles that the view allows to be shown."""
    names = {angle.channel for angle in body_figure.drawn_angles(view)} & channels.keys()
    return Figure(
        time_s=poses.time_s,
        xy_px=poses.xy_px[:, list(body_figure.joint_landmarks(view.side))],
        back_px=None if poses.back is None else poses.back.trace(view.facing),
        angle_s=angle_s,
        angles_deg={name: channels[name] for name in names},
        reconstructed=reconstructed,
    )


def draw_by_hand(picture: Picture, points_px: FloatArray) -> None:
    """Draw a line that a hand drew, (n, 2) px, onto `picture`, in place."""
    _draw_line(picture, points_px, BY_HAND, 2.5 * max(picture.shape[0] / REFERENCE_PX, 0.6))


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
    points = (body_figure.sample_at(figure.time_s, figure.xy_px, moment_s) - origin_px) * zoom
    half = len(body_figure.JOINTS)
    _draw_limbs(picture, points[half:], FAR, scale)
    if figure.back_px is not None:
        back = (body_figure.sample_at(figure.time_s, figure.back_px, moment_s) - origin_px) * zoom
        _draw_line(picture, back, BACK, 2 * scale)
        if figure.own_back_px is not None and any(start <= moment_s <= end for start, end in figure.bent_s):
            own = (body_figure.sample_at(figure.time_s, figure.own_back_px, moment_s) - origin_px) * zoom
            _draw_dashed(picture, own, 2 * scale)
    _draw_limbs(picture, points[:half], NEAR, 2 * scale)
    joints = dict(zip(body_figure.JOINTS, points[:half], strict=True))
    rows = [angle for angle in body_figure.ANGLES if angle.channel in figure.angles_deg]
    for row, angle in enumerate(rows):
        value_deg = float(body_figure.sample_at(figure.angle_s, figure.angles_deg[angle.channel], moment_s))
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


def _draw_limbs(picture: Picture, points: FloatArray, colour: Colour, width: float) -> None:
    for one, other in body_figure.LIMBS:
        _draw_line(picture, points[[body_figure.JOINTS.index(one), body_figure.JOINTS.index(other)]], colour, width)


def _draw_joints(picture: Picture, points: FloatArray, scale: float, guessed: set[str]) -> None:
    """Draw dots at the joints; one that was computed, not seen, is hollow."""
    for joint, point in zip(body_figure.JOINTS, points, strict=True):
        if np.isfinite(point).all():
            centre = round(float(point[0]) * 2**SHIFT), round(float(point[1]) * 2**SHIFT)
            inside, rim = (EDGE, NEAR) if joint in guessed else (NEAR, EDGE)
            cv2.circle(picture, centre, round(4 * scale * 2**SHIFT), rim, cv2.FILLED, cv2.LINE_AA, SHIFT)
            cv2.circle(picture, centre, round(2.6 * scale * 2**SHIFT), inside, cv2.FILLED, cv2.LINE_AA, SHIFT)


def _draw_angle(
    picture: Picture,
    joints: Mapping[str, FloatArray],
    angle: body_figure.Angle,
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
    corner_px = size / 2, (row + 1) * 1.5 * size
    write_edged(picture, f"{angle.label} {value_deg:z.0f}°", corner_px, colour, round(size / CAPITAL))


def _draw_line(picture: Picture, points: FloatArray, colour: Colour, width: float) -> None:
    """Draw a line with a dark edge through the points that were seen; a gap stays open."""
    seen = np.asarray(np.isfinite(points).all(axis=1))
    runs = [points[start:stop] for start, stop in finite_runs(seen) if stop - start > 1]
    lines = [np.round(run * 2**SHIFT).astype(np.int32) for run in runs]
    for ink, thickness in ((EDGE, round(width) + 2), (colour, max(1, round(width)))):
        cv2.polylines(picture, lines, isClosed=False, color=ink, thickness=thickness, lineType=cv2.LINE_AA, shift=SHIFT)


def _draw_dashed(picture: Picture, points: FloatArray, width: float) -> None:
    """Draw a smooth line of many points with every second stretch of it left out."""
    for start in range(0, len(points) - 1, 2 * DASH):
        _draw_line(picture, points[start : start + DASH + 1], OWN_BACK, width)
