"""Pictures -> the lifter's landmarks, as they come: whoever is found in the whole picture is then watched through a
square round them.

Offline a first pass chooses lifter and square; here there is only the past. The square stands still while the body
stays inside, for a square that moves takes MediaPipe's own following with it.
"""

import math
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from formcheck.data import GREY, RGB, FloatArray
from formcheck.live.tracking.model_fallback import Rung
from formcheck.pose import model_files, person_tracking
from formcheck.pose.mediapipe_guard import private, quiet
from formcheck.pose.quarter_turns import turn_picture, turn_points, turn_points_back

if TYPE_CHECKING:
    from formcheck.pose import landmarker

SEARCH_PX = 512  # side of the picture in which somebody is looked for; the detector takes 224 px of it
WATCH_PX = 448  # side of the square round the lifter, who then is as large in it as offline
SIDE = 1.9  # lengths of a body, as it stands: room for a whole repetition to either side
FRAME_EDGE = 0.03  # of the square's side: who gets nearer to its edge is framed anew
LOST_PICTURES = 8  # pictures without the lifter, after which the whole picture is searched
TURN_AFTER = 12  # pictures without anybody, after which the picture is turned by a quarter
JUMP = 0.6  # body lengths between two pictures: this is somebody else
STEADY = 10  # pictures of one body before it is framed
FOUND_S = 1.0  # after a body was found, in which MediaPipe may still be feeling its way to the whole of it ...
GREW = 1.25  # ... and this much longer or shorter than at first, it was a piece of it, or of two [D]
HIPS_TO_KNEES = slice(11, 29)  # shoulders to ankles: what has to stay in the square


@dataclass(frozen=True, eq=False)
class Sighting:
    """The lifter in one picture, in its pixels: xy_px (K, 2), world_m (K, 3), visibility (K,); chord_px (2, 2) and
    depth_px (2, S) of the back's outline and edge_px (2,) beside the hips, None where no mask was asked for.
    """

    time_s: float
    xy_px: FloatArray
    world_m: FloatArray
    visibility: FloatArray
    chord_px: FloatArray | None = None
    depth_px: FloatArray | None = None
    edge_px: FloatArray | None = None


@dataclass(frozen=True)
class Square:
    """A square of the picture, px, and the quarter turns after which the model sees the body best."""

    left_px: int
    top_px: int
    side_px: int
    turns: int = 0


def cut_square(rgb: RGB, square: Square, out_px: int) -> RGB:
    """Return the square (out_px, out_px, 3), turned; what lies beyond the picture is grey."""
    height, width = rgb.shape[:2]
    left, top = max(square.left_px, 0), max(square.top_px, 0)
    right, bottom = min(square.left_px + square.side_px, width), min(square.top_px + square.side_px, height)
    scale = out_px / square.side_px
    size = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    how = cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR
    inner = cv2.resize(rgb[top:bottom, left:right], size, interpolation=how)
    if size == (out_px, out_px):
        return turn_picture(np.asarray(inner, np.uint8), square.turns)
    canvas = np.full((out_px, out_px, 3), GREY, np.uint8)
    x, y = round((left - square.left_px) * scale), round((top - square.top_px) * scale)
    part = canvas[y : y + size[1], x : x + size[0]]
    part[:] = inner[: part.shape[0], : part.shape[1]]
    return turn_picture(canvas, square.turns)


def whole_square(size_px: tuple[int, int], turns: int = 0) -> Square:
    """Return the smallest square round the whole picture."""
    side = max(size_px)
    return Square(-((side - size_px[0]) // 2), -((side - size_px[1]) // 2), side, turns)


def frame_body(xy_px: FloatArray, size_px: tuple[int, int], turns: int) -> Square:
    """Return the square to watch a body through: 1.9 body lengths, shifted into the picture where it fits."""
    low, high = xy_px.min(axis=0), xy_px.max(axis=0)
    side = min(
        round(SIDE * max(float(person_tracking.body_length(xy_px)), float((high - low).max()) / SIDE)), max(size_px)
    )
    corner = []
    for axis in (0, 1):
        place = float(low[axis] + high[axis]) / 2 - side / 2
        spare = size_px[axis] - side
        corner.append(round(min(max(place, min(spare, 0)), max(spare, 0))) if spare > 0 else round(spare / 2))
    return Square(corner[0], corner[1], side, turns)


class Finder:
    """Follows one lifter from picture to picture; a landmarker of its own, to be closed."""

    def __init__(self, rung: Rung) -> None:
        from formcheck.pose import landmarker
        from formcheck.pose.detection_pass import CROWD_MODEL
        from formcheck.pose.people_detector import open_detector

        self._landmarker: landmarker.Landmarker | None = None
        self._detector = open_detector(str(model_files.load_model(CROWD_MODEL).path))
        self._size_px = (0, 0)
        self._turns = 0
        self.use(rung)
        self.reset()

    def use(self, rung: Rung) -> None:
        """Change to another model; the square stays."""
        from formcheck.pose import landmarker

        with quiet(), private():
            path = str(model_files.load_model(rung.model).path)
            fresh = landmarker.Landmarker(path, video=True, masks=rung.outline, lasting=True)
        if self._landmarker is not None:
            self._landmarker.close()
        self._landmarker = fresh
        self._found_one = False
        self.rung = rung

    def close(self) -> None:
        """Release the models."""
        if self._landmarker is not None:
            self._landmarker.close()
        self._landmarker = None

    def reset(self) -> None:
        """Let go of the lifter: the whole picture is searched again."""
        self._square: Square | None = None
        self._last: FloatArray | None = None
        self._avoid: FloatArray | None = None
        self._missed = self._steady = 0
        self._found_s, self._found_px = -math.inf, math.nan
        self.was_a_guess = False

    @property
    def last_px(self) -> FloatArray | None:
        """Where the lifter was last seen, landmarks (K, 2) px; None while nobody is followed."""
        return self._last

    @property
    def framed(self) -> bool:
        """Whether the lifter is watched through a square, not looked for in the whole picture."""
        return self._square is not None

    def find(self, time_s: float, rgb: RGB) -> Sighting | None:
        """Return the lifter in the next picture, or None when nobody, or somebody else, is found. `was_a_guess` then
        says whether what was taken for the lifter until now was a piece of a body, or of two.
        """
        assert self._landmarker is not None, "closed"
        size_px = rgb.shape[1], rgb.shape[0]
        if size_px != self._size_px:
            self._size_px = size_px
            self.reset()
        square = self._square or whole_square(size_px, self._turns)
        picture = cut_square(rgb, square, self._out_px(square))
        self._paint_over(picture, square)
        with nullcontext() if self._found_one else quiet():  # MediaPipe remarks on the first body it finds
            body = self._landmarker.find(picture)
        self._found_one = self._found_one or body is not None
        sighting = None if body is None else self._place(time_s, body, square)
        if sighting is None or self._is_somebody_else(sighting.xy_px):
            self._miss(found=sighting is not None)
            return None
        self._settle(time_s, float(person_tracking.body_length(sighting.xy_px)))
        self._last, self._missed, self._avoid = sighting.xy_px, 0, None
        self._steady += 1
        self._keep_framed(sighting.xy_px, square)
        return sighting

    def _out_px(self, square: Square) -> int:
        return min(WATCH_PX if self._square is not None else SEARCH_PX, square.side_px)

    def _place(self, time_s: float, body: "landmarker.Body", square: Square) -> Sighting:
        from formcheck.pose import torso_contour
        from formcheck.pose.tracking_pass import HIPS, SHOULDERS

        out_px = self._out_px(square)
        scale, corner = square.side_px / out_px, np.array([square.left_px, square.top_px], float)
        xy = turn_points_back(body.xy_px, square.turns, out_px)
        placed = Sighting(
            time_s, xy * scale + corner, turn_points_back(body.world_m, square.turns, 0.0), body.visibility
        )
        if body.mask is None:
            return placed
        chord = xy[[HIPS, SHOULDERS]].mean(axis=1)
        mask = np.rot90(body.mask, -square.turns)
        depth, edges = torso_contour.torso_depths(mask, chord), torso_contour.hip_edges(mask, chord)
        return replace(
            placed,
            chord_px=chord * scale + corner,
            depth_px=depth * scale,
            edge_px=edges * scale + corner[0],
        )

    def _is_somebody_else(self, xy_px: FloatArray) -> bool:
        if self._last is None or self._missed > LOST_PICTURES:
            return False
        return person_tracking.core_distance(xy_px, self._last) > JUMP * float(person_tracking.body_length(self._last))

    def _miss(self, *, found: bool) -> None:
        assert self._landmarker is not None
        self._missed += 1
        self._steady = 0
        if found:
            self._landmarker.reset()
        if self._missed == LOST_PICTURES:
            self._square = self._last = None
        if self._missed > LOST_PICTURES and (self._missed - LOST_PICTURES) % TURN_AFTER == 0:
            self._turns = (self._turns + 1) % 4

    def _keep_framed(self, xy_px: FloatArray, square: Square) -> None:
        """Choose a square once the body was seen for a while, and another when it gets to the edge of this one."""
        assert self._landmarker is not None
        core = xy_px[HIPS_TO_KNEES]
        corner, side = np.array([square.left_px, square.top_px]), square.side_px
        margin = FRAME_EDGE * side
        near = bool((core.min(axis=0) < corner + margin).any() or (core.max(axis=0) > corner + side - margin).any())
        if self._steady < STEADY or not (self._square is None or near):
            return
        framed = frame_body(xy_px, self._size_px, self._turns)
        if self._square is None or (framed.left_px, framed.top_px) != (square.left_px, square.top_px):
            self._square = framed
            self._steady = 0
            self._landmarker.reset()

    def _settle(self, time_s: float, body_px: float) -> None:
        """Note a body's length, and whether it has only now become a whole one."""
        if self._last is None:
            self._found_s, self._found_px = time_s, body_px
        grew = not 1 / GREW < body_px / self._found_px < GREW
        self.was_a_guess = grew and time_s - self._found_s <= FOUND_S
        if self.was_a_guess:
            self._found_px = body_px

    def look_around(self, rgb: RGB) -> list[FloatArray]:
        """Return the landmarks (K, 2) px of everybody, nobody twice, by the model that offline asks about crowds."""
        square = whole_square((rgb.shape[1], rgb.shape[0]), self._turns)
        out_px = min(SEARCH_PX, square.side_px)
        scale, corner = square.side_px / out_px, np.array([square.left_px, square.top_px], float)
        found: list[FloatArray] = []
        for xy in self._detector.find(cut_square(rgb, square, out_px)):
            xy_px = np.asarray(turn_points_back(xy, self._turns, out_px) * scale + corner)
            if not person_tracking.is_leftover(xy_px, found):
                found.append(xy_px)
        return found

    def watch(self, xy_px: FloatArray) -> None:
        """Follow somebody else, who is at (K, 2) px now; the lifter so far is painted over until they are found."""
        assert self._landmarker is not None, "closed"
        self._avoid, self._last = self._last, xy_px
        self._square = frame_body(xy_px, self._size_px, self._turns)
        self._missed = self._steady = 0
        self._landmarker.reset()

    def _paint_over(self, picture: RGB, square: Square) -> None:
        if self._avoid is None or self._last is None:
            return
        out_px = picture.shape[0]
        scale, corner = square.side_px / out_px, np.array([square.left_px, square.top_px], float)
        old, new = (
            person_tracking.cover_body(out_px, turn_points((each - corner) / scale, square.turns, out_px))
            for each in (self._avoid, self._last)
        )
        picture[old & ~new] = GREY
