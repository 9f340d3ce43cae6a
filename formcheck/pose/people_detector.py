"""Everybody in a picture: MoveNet MultiPose, which the first pass asks whom to follow in a crowd.

Its maps are those of the second eye on a picture of 384 px: every peak of the map of middles is a person, whose points
are looked for where that cell says they lie about. What it does not know, fingers and feet, is put on wrist and ankle:
who somebody is and how they move does not hang on it.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formcheck.data import FloatArray
from formcheck.pose.second_eye import HEADS, HEATMAP_CELL_PX, open_session, pick_points
from formcheck.skeleton import COCO, N_LANDMARKS, Landmark

PICTURE_PX = 384  # side of the picture that the network takes
MOST_PEAKS = 6  # people in one frame
LIKE_A_PERSON = 0.1  # of a middle, 0 to 1 [D]
PEAK_CELLS = 5  # side of the square in which a middle is the greatest
BLUR = 0.08  # body lengths from the first guess at which a cell counts for a point by exp(-1/2)
BESIDE = {
    Landmark.NOSE: range(Landmark.MOUTH_RIGHT + 1),
    Landmark.LEFT_WRIST: (Landmark.LEFT_PINKY, Landmark.LEFT_INDEX, Landmark.LEFT_THUMB),
    Landmark.RIGHT_WRIST: (Landmark.RIGHT_PINKY, Landmark.RIGHT_INDEX, Landmark.RIGHT_THUMB),
    Landmark.LEFT_ANKLE: (Landmark.LEFT_HEEL, Landmark.LEFT_FOOT_INDEX),
    Landmark.RIGHT_ANKLE: (Landmark.RIGHT_HEEL, Landmark.RIGHT_FOOT_INDEX),
}  # fmt: skip


class PeopleDetector:
    """MoveNet MultiPose; it remembers nothing, so any thread may use it at any time."""

    def __init__(self, model_path: str) -> None:
        self._session: Any = open_session(model_path)

    def find(self, rgb: NDArray[np.uint8]) -> list[FloatArray]:
        """Return the landmarks (K, 2), px, of everybody in a square picture (S, S, 3), who is seen best in front."""
        import cv2

        picture = cv2.resize(rgb, (PICTURE_PX, PICTURE_PX), interpolation=cv2.INTER_AREA)
        heat, guess, offset, centre = self._session.run(HEADS, {"picture": picture[None]})
        scale = rgb.shape[0] / PICTURE_PX
        return [fill(points * scale) for points in decode(heat, guess, offset, centre)]


@cache
def open_detector(model_path: str) -> PeopleDetector:
    """Return the detector of this process."""
    return PeopleDetector(model_path)


def fill(points: FloatArray) -> FloatArray:
    """Return landmarks (K, 2) of the 17 points that are known, those beside them included."""
    landmarks = np.full((N_LANDMARKS, 2), np.nan)
    landmarks[COCO] = points
    for known, others in BESIDE.items():
        missing = [each for each in others if np.isnan(landmarks[each, 0])]
        landmarks[missing] = landmarks[known]
    return landmarks


def decode(heat: FloatArray, guess: FloatArray, offset: FloatArray, centre: FloatArray) -> list[FloatArray]:
    """Turn the four maps, (1, C, n, n) each, into points (17, 2), px of the network's picture, a person each."""
    found = []
    for row, column in find_peaks(centre[0, 0])[:MOST_PEAKS]:
        about = guess[0, :, row, column].reshape(-1, 2) + np.array([row, column])
        blur_cells = BLUR * max(float(np.ptp(about, axis=0).max()), 1.0)
        down, across = np.indices(centre.shape[2:])
        square = (down - about[:, 0, None, None]) ** 2 + (across - about[:, 1, None, None]) ** 2
        found.append(pick_points(heat[0] * np.exp(-square / (2 * blur_cells**2)), offset)[0] * HEATMAP_CELL_PX)
    return found


def find_peaks(centre: FloatArray) -> NDArray[np.intp]:
    """Return row and column (p, 2) of the middles of people in the map (n, n), the clearest first."""
    import cv2

    around = cv2.dilate(centre, np.ones((PEAK_CELLS, PEAK_CELLS), np.uint8))
    peaks = np.argwhere((centre >= around) & (centre > LIKE_A_PERSON))
    return peaks[np.argsort(-centre[tuple(peaks.T)], kind="stable")]
