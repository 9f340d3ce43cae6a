"""Tiny videos for the tests, written with PyAV."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
TICKS = 90_000  # a second, in the time base of the files


def write_film(
    path: Path,
    pictures: Iterable[Picture],
    *,
    times_s: Sequence[float] | None = None,
    fps: float = 30.0,
    codec: str = "libx264",
    turned_deg: int = 0,
    keyframe_every: int = 12,
    aspect: Fraction | None = None,
    preset: str = "medium",
) -> Path:
    """Write RGB pictures, all of one even size; `turned_deg` is the clockwise turn that a player applies."""
    with av.open(str(path), "w") as container:
        stream: Any = None
        for number, picture in enumerate(pictures):
            if stream is None:
                options = {"x265-params": "log-level=none", "preset": preset}
                stream = container.add_stream(codec, rate=round(fps), options=options)
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = "yuv420p"
                stream.gop_size = keyframe_every
                stream.codec_context.time_base = Fraction(1, TICKS)
                if aspect is not None:
                    stream.codec_context.sample_aspect_ratio = aspect
                if turned_deg:
                    stream.set_display_rotation(-turned_deg)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            time_s = number / fps if times_s is None else times_s[number]
            frame.pts, frame.time_base = round(time_s * TICKS), Fraction(1, TICKS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def read_pictures(path: Path, first: int = 0, count: int | None = None, step: int = 1) -> list[Picture]:
    """Pictures of a film as RGB."""
    pictures = []
    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number < first or (number - first) % step:
                continue
            if count is not None and len(pictures) == count:
                break
            pictures.append(frame.to_ndarray(format="rgb24"))
    return pictures


def plain(width: int, height: int, level: int) -> Picture:
    """One grey."""
    return np.full((height, width, 3), level, dtype=np.uint8)


def marked(width: int, height: int, x: int, y: int, radius: int = 6) -> Picture:
    """Dark, with one white square round (x, y)."""
    picture = plain(width, height, 30)
    picture[max(y - radius, 0) : y + radius, max(x - radius, 0) : x + radius] = 255
    return picture
