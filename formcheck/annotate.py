"""Pictures of a video with the figure drawn over them: stills for the page."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from formcheck import video
from formcheck.data import FloatArray, Report
from formcheck.overlay import Figure, Picture, draw_figure, figure_of

STILL_HEIGHT_PX = 440  # sharp at the height the page shows on a screen of two pixels to one
JPEG_QUALITY = 80
MARGIN = 0.15  # of the lifter's height, round all places they are in
READ_ON_S = 2.0  # a moment this near is read up to; one further on is sought


@dataclass(frozen=True)
class Stills:
    """JPEG bytes by moment (s), and what a player's clock shows at the video's first picture (s)."""

    pictures: dict[float, bytes]
    offset_s: float


@dataclass(frozen=True)
class Crop:
    """A stretch of the upright picture, px: left, top, right, bottom."""

    left_px: int
    top_px: int
    right_px: int
    bottom_px: int


def take_stills(path: Path, report: Report, times_s: Iterable[float]) -> Stills:
    """Return the pictures nearest to some moments, cut to where the lifter is, with the figure drawn.

    A moment whose picture cannot be decoded is left out. Raises InputError when nothing of the video can be.
    """
    info = video.probe(path)
    figure = figure_of(report)
    crop = _find_crop(figure, info.size_px)
    pictures: dict[float, bytes] = {}
    wanted = sorted(set(times_s))
    half_frame_s = 0.5 / info.fps if info.fps > 0 else 0.0
    frames: Iterator[video.Frame] = iter(())
    position_s = math.inf
    for moment_s in wanted:
        start_s = max(moment_s - half_frame_s, 0.0)
        if not position_s <= start_s <= position_s + READ_ON_S:
            frames = video.decode_from(info, start_s)
        frame = next((each for each in frames if each.time_s >= start_s), None)
        if frame is None:
            position_s = math.inf
            continue
        position_s = frame.time_s
        picture = _cut(read_upright(frame, info), crop, info)
        if figure is not None:
            zoom = picture.shape[0] / (crop.bottom_px - crop.top_px)
            draw_figure(picture, figure, frame.time_s, zoom=zoom, origin_px=(crop.left_px, crop.top_px))
        pictures[moment_s] = _jpeg(picture)
    return Stills(pictures, find_offset(info))


def find_offset(info: video.VideoInfo) -> float:
    """Return what a player's clock shows at the first picture, s: players start it with the first stream, often
    sound.
    """
    with av.open(str(info.path)) as container:
        start_s = (container.start_time or 0) / av.time_base
    return max(0.0, float(info.start_pts * info.time_base) - start_s)


def read_upright(frame: video.Frame, info: video.VideoInfo) -> Picture:
    """Return a frame as a player shows it: (h, w, 3) BGR, turned, pixels square."""
    width, height = info.stored_px
    shown = round(width * info.pixel_aspect)
    pixels = frame.stored.to_ndarray(format="bgr24", width=shown, height=height, threads=video.SWSCALE_THREADS)
    return np.ascontiguousarray(np.rot90(pixels, -(info.rotation_deg // 90)))


def _find_crop(figure: Figure | None, size_px: tuple[int, int]) -> Crop:
    """Return the part of the picture that holds the lifter at all times, with a margin; all of it without a figure."""
    whole = Crop(0, 0, *size_px)
    if figure is None:
        return whole
    seen: FloatArray = figure.xy_px[np.isfinite(figure.xy_px).all(axis=2)]
    if not len(seen):
        return whole
    low, high = np.percentile(seen, [0.5, 99.5], axis=0)
    margin = MARGIN * (high[1] - low[1])
    left, top = np.maximum(low - margin, 0).astype(int)
    right, bottom = np.minimum(high + margin, size_px).astype(int)
    return Crop(int(left), int(top), int(right), int(bottom)) if right > left and bottom > top else whole


def _cut(picture: Picture, crop: Crop, info: video.VideoInfo) -> Picture:
    assert picture.shape[1::-1] == info.size_px, (picture.shape, info.size_px)
    part = picture[crop.top_px : crop.bottom_px, crop.left_px : crop.right_px]
    zoom = STILL_HEIGHT_PX / part.shape[0]
    size = max(1, round(part.shape[1] * zoom)), STILL_HEIGHT_PX
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR), np.uint8)


def _jpeg(picture: Picture) -> bytes:
    done, content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    assert done, "OpenCV writes JPEG"
    return content.tobytes()
