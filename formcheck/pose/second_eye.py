"""The second eye: MoveNet Thunder, which sees a lifter's joints where MediaPipe loses them.

ONNX Runtime runs it in 42 ms a picture where OpenCV's own reader of such files took 64, on one core of a busy machine.
The network gives four maps of 64 x 64 cells: how much each cell looks like the middle of a person, where from there
each point lies about, how much each cell looks like each point, and where in the cell it is. It knows 17 points, no
feet, no depth and no outline; those stay MediaPipe's.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formcheck.data import FloatArray
from formcheck.skeleton import COCO, N_LANDMARKS

SIDE_PX = 256  # of the picture that the network takes
HEATMAP_CELL_PX = 4.0  # of the picture that the model is given, a cell of what it answers
HEADS = ("kpt_heatmap_0", "kpt_regress_0", "kpt_offset_0", "center_0")
NEAR_CELLS = 1.8  # a cell counts for a point by how like it looks over its distance from the first guess and this
SQUARE_MARGIN = 1.5  # of the square that is cut out, over the lifter's longer side
MAP_CELLS = np.arange(SIDE_PX / HEATMAP_CELL_PX)  # along either side of a map


class SecondEye:
    """MoveNet Thunder; it remembers nothing, so any thread may use it at any time."""

    def __init__(self, model_path: str) -> None:
        self._session: Any = open_session(model_path)

    def find(self, rgb: NDArray[np.uint8], xy_px: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the landmarks (K, 2) px of the body about `xy_px`, and how sure it is of each, (K,) from 0 to 1.

        rgb : (H, W, 3). xy_px : (N, 2) where the body is about, px of that picture. What MoveNet does not know is NaN.
        """
        import cv2

        left, top, side = square_round(xy_px)
        scale = side / SIDE_PX
        shift = np.array([[scale, 0.0, left + (scale - 1) / 2], [0.0, scale, top + (scale - 1) / 2]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        picture = cv2.warpAffine(rgb, shift, (SIDE_PX, SIDE_PX), flags=flags)
        points, sure = decode(*self._session.run(HEADS, {"picture": picture[None]}))
        landmarks, shares = np.full((N_LANDMARKS, 2), np.nan), np.zeros(N_LANDMARKS)
        landmarks[COCO], shares[COCO] = points * scale + [left, top], sure
        return landmarks, shares


def open_session(model_path: str) -> Any:
    """Open a network."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # every worker is a thread of its own
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model_path, options, providers=["CPUExecutionProvider"])


@cache
def open_eye(model_path: str) -> SecondEye:
    """Return the second eye of this process; reading its file takes a fifth of a second."""
    return SecondEye(model_path)


def square_round(xy_px: FloatArray) -> tuple[float, float, float]:
    """Return left, top and side, px, of the square that is cut out for a body with points (N, 2); NaN counts not."""
    low, high = np.nanmin(xy_px, axis=0), np.nanmax(xy_px, axis=0)
    side = float(SQUARE_MARGIN * (high - low).max())
    left, top = (low + high) / 2 - side / 2
    return float(left), float(top), side


def decode(
    heat: FloatArray, guess: FloatArray, offset: FloatArray, centre: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Turn the four maps, (1, C, 64, 64) each, into points (17, 2), px of the picture, and their shares (17,).

    The person is the cell of `centre` that looks most like one; `guess` says there where each point lies; the cell of
    `heat` that looks most like it and is near that is the point's, and `offset` says where in it.
    """
    count = heat.shape[1]
    row, column = np.unravel_index(int(centre[0, 0].argmax()), centre.shape[2:])
    about = guess[0, :, row, column].reshape(count, 2) + np.array([row, column])
    down, across = (np.square(MAP_CELLS - about[:, axis, None]) for axis in (0, 1))
    far = np.sqrt(down[:, :, None] + across[:, None, :])
    points, (rows, columns) = pick_points(heat[0] / (far + NEAR_CELLS), offset)
    return points * HEATMAP_CELL_PX, heat[0, np.arange(count), rows, columns].astype(np.float64)


def pick_points(likeness: FloatArray, offset: FloatArray) -> tuple[FloatArray, tuple[NDArray[np.intp], ...]]:
    """Return each point's place (17, 2), cells, x and y, in its map of `likeness` (17, n, n), and the cells' indices;
    `offset` (1, 34, n, n) says where in its cell it is.
    """
    count = len(likeness)
    cells = np.unravel_index(likeness.reshape(count, -1).argmax(axis=1), likeness.shape[1:])
    rows, columns = cells
    inside = offset[0].reshape(count, 2, *offset.shape[2:])[np.arange(count), :, rows, columns]
    return np.stack([columns + inside[:, 1], rows + inside[:, 0]], axis=1).astype(np.float64), cells
