"""The square window that goes to the model: cut out, shrunk and turned upright, straight from the decoder's YUV."""

from dataclasses import dataclass

import av
import av.filter
import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.data import GREY, RGB
from formcheck.video.reader import Frame, VideoInfo

# libswscale's own slice threads have waited for one another for ever (PyAV 18.1, a worker that stood in
# avpriv_slicethread_execute), and pictures this small gain nothing from them.
SWSCALE_THREADS = 1
THUMBNAIL_PX = (48, 36)
PLANAR = frozenset({"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "nv12"})  # 8 bit, brightness first


@dataclass(frozen=True)
class Window:
    """A square of the upright picture, which may reach beyond it, and the side it is shrunk to. All even numbers."""

    left_px: int
    top_px: int
    side_px: int
    out_px: int

    def __post_init__(self) -> None:
        assert not (self.left_px | self.top_px | self.side_px | self.out_px) % 2, self
        assert self.side_px > 0, self
        assert self.out_px > 0, self

    @property
    def scale(self) -> float:
        """Picture pixels per pixel of the shrunk window."""
        return self.side_px / self.out_px


@dataclass(frozen=True, eq=False)
class Shrunk:
    """What of a frame goes to the model, still as YUV: half the memory of RGB while it waits its turn."""

    time_s: float
    window: Window
    picture: av.VideoFrame
    corner: tuple[int, int]

    def rgb(self) -> RGB:
        """Return the window as a new (out_px, out_px, 3) array; what lies beyond the picture is grey."""
        size = self.window.out_px
        inner = self.picture.to_ndarray(format="rgb24", threads=SWSCALE_THREADS)
        if inner.shape[:2] == (size, size):
            return np.ascontiguousarray(inner)
        canvas = np.full((size, size, 3), GREY, dtype=np.uint8)
        left, top = self.corner
        height, width = min(inner.shape[0], size - top), min(inner.shape[1], size - left)
        canvas[top : top + height, left : left + width] = inner[:height, :width]
        return canvas


def read_thumbnail(stored: av.VideoFrame) -> NDArray[np.float32]:
    """Return a frame's brightness as it is stored, (36, 48) of 0..255: what tells one picture from the next, without
    grain.

    Rows are added up in bands before anything is divided: that takes a third of the time in which OpenCV
    averages a whole plane of 1080p. The rows that make no whole band, at the bottom, are not looked at.
    """
    width, height = THUMBNAIL_PX
    if stored.format.name not in PLANAR:
        grey = stored.to_ndarray(
            format="gray", width=width, height=height, interpolation="AREA", threads=SWSCALE_THREADS
        )
        return np.asarray(grey, np.float32)
    plane, deep = stored.planes[0], max(1, stored.height // height)
    lines = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    bands = lines[: min(stored.height, deep * height)].reshape(-1, deep, plane.line_size)
    rows = np.add.reduce(bands, axis=1, dtype=np.uint32)[:, : stored.width].astype(np.float32) / deep
    return np.asarray(cv2.resize(rows, THUMBNAIL_PX, interpolation=cv2.INTER_AREA), np.float32)


def whole_window(info: VideoInfo, out_px: int) -> Window:
    """Frame the smallest square round the whole picture, shrunk to at most `out_px`."""
    side = max(info.size_px) + max(info.size_px) % 2
    left, top = (-((side - length) // 2 // 2) * 2 for length in info.size_px)
    return Window(left, top, side, min(out_px, side) // 2 * 2)


class Shrinker:
    """Cut windows out of frames and shrink them, straight from the decoder's YUV; one per decoding thread."""

    def __init__(self, info: VideoInfo) -> None:
        self._info = info
        self._key: tuple[Window, int, int, str] | None = None
        self._graph: av.filter.Graph | None = None
        self._corner = (0, 0)

    def shrink(self, frame: Frame, window: Window) -> Shrunk:
        """Cut `window` out of the frame. Raises ValueError when the window lies wholly beyond the picture."""
        stored = frame.stored
        key = (window, stored.width, stored.height, stored.format.name)
        if key != self._key or self._graph is None:
            self._graph, self._corner = self._build(stored, window)
            self._key = key
        self._graph.vpush(stored)
        return Shrunk(frame.time_s, window, self._graph.vpull(), self._corner)

    def _build(self, stored: av.VideoFrame, window: Window) -> tuple[av.filter.Graph, tuple[int, int]]:
        width, height = self._info.size_px
        left, right = max(window.left_px, 0), min(window.left_px + window.side_px, width)
        top, bottom = max(window.top_px, 0), min(window.top_px + window.side_px, height)
        if left >= right or top >= bottom:
            raise ValueError(window)
        x, y, cut_width, cut_height = self._in_store(left, top, right, bottom, (stored.width, stored.height))
        out = [max(2, round((b - a) / window.scale / 2) * 2) for a, b in ((left, right), (top, bottom))]
        turned = self._info.rotation_deg % 180 == 90
        out_width, out_height = out[::-1] if turned else out
        steps = [
            ("crop", f"{cut_width}:{cut_height}:{x}:{y}"),
            ("scale", f"{out_width}:{out_height}:flags=area"),
            ("format", "yuv420p"),
            *{90: [("transpose", "clock")], 270: [("transpose", "cclock")], 180: [("hflip", ""), ("vflip", "")]}.get(
                self._info.rotation_deg, []
            ),
            ("buffersink", ""),
        ]
        graph = av.filter.Graph()
        graph.threads = SWSCALE_THREADS
        node = graph.add_buffer(
            width=stored.width, height=stored.height, format=stored.format, time_base=self._info.time_base
        )
        for name, arguments in steps:
            following = graph.add(name, arguments or None)
            node.link_to(following)
            node = following
        graph.configure()
        corner = (round((left - window.left_px) / window.scale), round((top - window.top_px) / window.scale))
        return graph, corner

    def _in_store(
        self, left: int, top: int, right: int, bottom: int, stored_px: tuple[int, int]
    ) -> tuple[int, int, int, int]:
        """Rectangle of the upright picture -> x, y, width, height in a stored one, all even.

        `stored_px` is that picture's size: a recording of a call may grow and shrink as it goes, in one shape.
        """
        width, height = self._info.size_px
        match self._info.rotation_deg:
            case 90:
                left, top, right, bottom = top, width - right, bottom, width - left
            case 180:
                left, top, right, bottom = width - right, height - bottom, width - left, height - top
            case 270:
                left, top, right, bottom = height - bottom, left, height - top, right
            case _:
                pass
        stored_width, stored_height = stored_px
        across = stored_width / self._info.stored_px[0] / self._info.pixel_aspect
        along = stored_height / self._info.stored_px[1]
        x, x_end = (round(each * across / 2) * 2 for each in (left, right))
        y, y_end = (round(each * along / 2) * 2 for each in (top, bottom))
        return x, y, min(x_end - x, stored_width - x), min(y_end - y, stored_height - y)
