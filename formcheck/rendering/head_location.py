"""Where the lifter's head may be at every moment, for whoever has to hide it. Errs on the large side.

A landmark model says where nose, eyes, ears and mouth are; hair, chin and the back of the head lie round them. Only the
lifter's head is known: nobody else's in the picture is.
"""

import math
from dataclasses import dataclass

import numpy as np

from formcheck.data import FloatArray, PoseSequence
from formcheck.skeleton import Landmark

FACE = tuple(range(Landmark.NOSE, Landmark.MOUTH_RIGHT + 1))
# In torso lengths, hip to shoulder, about 0.5 m on an adult [D].
RADIUS = 0.55  # 27 cm round the middle of the face: the back of the head is 14 to 16 cm from it
FACE_ROOM = 0.2  # beyond the face's landmarks, where they lie further apart than on most faces
MAX_NECK = 1.0  # a face further than this from the shoulders is somebody else's, or nobody's
MAX_JUMP = 0.8  # so is one that far from where it was half a second before and after
SPEED = 3.0  # a second: no lift moves a head faster
NEAR_S = 0.1  # all places of this much time are hidden at once
LOST_S = 0.5  # further than this from any known place the whole picture is hidden


@dataclass(frozen=True, eq=False)
class Heads:
    """The places that are known: time_s (N,), circles (N, 3) of centre x, y and radius, px; torso_px, the scale."""

    time_s: FloatArray
    circles_px: FloatArray
    torso_px: float

    def at(self, moment_s: float) -> FloatArray | None:
        """Return circles (M, 3), px, that hold the head at a moment; None when it may be anywhere in the picture.

        Between known places the circle grows with the time to the nearest one, by the fastest that a head moves.
        """
        if not len(self.time_s):
            return None
        apart_s = np.abs(self.time_s - moment_s)
        near = self.circles_px[apart_s <= NEAR_S]
        nearest = int(np.argmin(apart_s))
        if apart_s[nearest] > LOST_S:
            return None
        grown = self.circles_px[nearest] + [0.0, 0.0, SPEED * self.torso_px * apart_s[nearest]]
        return np.vstack([near, grown])


def find_heads(poses: PoseSequence) -> Heads:
    """Return every place of the lifter's head that can be believed; none when no torso was ever seen."""
    face = poses.xy_px[:, FACE]
    seen = np.isfinite(face).all(axis=2).sum(axis=1) >= 3
    shoulders = poses.xy_px[:, [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]].mean(axis=1)
    hips = poses.xy_px[:, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=1)
    torsos_px = np.linalg.norm(shoulders - hips, axis=1)
    torsos_px = torsos_px[np.isfinite(torsos_px)]
    if not seen.any() or not len(torsos_px):
        return Heads(np.empty(0), np.empty((0, 3)), math.nan)
    torso_px = float(np.percentile(torsos_px, 90))  # as long as it is when the camera sees it unforeshortened
    centre = np.full((len(face), 2), np.nan)
    centre[seen] = np.nanmean(face[seen], axis=1)
    spread_px = np.full(len(face), np.nan)
    spread_px[seen] = np.nanmax(np.linalg.norm(face[seen] - centre[seen, None], axis=2), axis=1)
    placed = seen & ~(np.linalg.norm(centre - shoulders, axis=1) > MAX_NECK * torso_px)
    usual = _usual_place(poses.time_s, np.where(placed[:, None], centre, np.nan))
    placed &= ~(np.linalg.norm(centre - usual, axis=1) > MAX_JUMP * torso_px)
    radius_px = np.maximum(RADIUS * torso_px, spread_px + FACE_ROOM * torso_px)
    circles = np.column_stack([centre, radius_px])[placed]
    return Heads(np.asarray(poses.time_s[placed]), circles, torso_px)


def _usual_place(time_s: FloatArray, centre: FloatArray) -> FloatArray:
    """Return the median place (T, 2) of the half second before and after each sample; NaN where there is none."""
    result = np.full(centre.shape, np.nan)
    first = np.searchsorted(time_s, time_s - LOST_S)
    last = np.searchsorted(time_s, time_s + LOST_S, side="right")
    for row, (start, stop) in enumerate(zip(first, last, strict=True)):
        part = centre[start:stop]
        part = part[np.isfinite(part).all(axis=1)]
        if len(part):
            result[row] = np.median(part, axis=0)
    return result
