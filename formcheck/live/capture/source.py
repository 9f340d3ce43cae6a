"""Where pictures come from: a camera, a file (in real time, or frame by frame), an RTSP or HTTP (MJPEG) stream.

A source is opened as an iterator of pictures that ends, or raises SourceLostError, when nothing more comes.
"""

import contextlib
import errno
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import av
import av.error
import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck import video
from formcheck.live.types import Picture
from formcheck.pose.mediapipe_guard import quiet

OPEN_S, READ_S = 5.0, 3.0  # without an answer, without a picture: the stream is taken for lost
STREAMS = ("rtsp://", "rtsps://", "http://", "https://", "rtmp://", "udp://", "tcp://")
LATE_S = 0.5  # by which a file's clock may lag behind the wall's before it is set anew (a laptop that slept)
CUT_OFF = {errno.EIO, errno.ECONNRESET, errno.EPIPE}
CLOCKLESS = {"mpjpeg", "mjpeg"}  # FFmpeg's names of MJPEG streams: it gives their pictures 25 a second, come what may
ENDED = "the stream has ended"
# Of all that OpenCV would try on Linux this alone is about cameras, and quiet where there is none.
BACKEND = cv2.CAP_V4L2 if sys.platform.startswith("linux") else cv2.CAP_ANY
SECRET = re.compile(r"//[^/@]*@")


@dataclass(frozen=True)
class Origin:
    """What `--source` names. `text` is fit to be printed: a stream's password is left out."""

    kind: Literal["camera", "file", "stream"]
    place: str
    text: str


class SourceLostError(Exception):
    """The source sends no more frames, for a reason that may pass; `reason` says it in words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_origin(source: str) -> Origin:
    """Return what a `--source` is: a number is a camera, a scheme a stream, everything else a file.

    Raises InputError for a file that is not there or no video.
    """
    if source.isdecimal():
        return Origin("camera", source, f"camera {source}")
    if source.lower().startswith(STREAMS):
        return Origin("stream", source, SECRET.sub("//", source))
    video.probe(Path(source))
    return Origin("file", source, Path(source).name)


def open_pictures(origin: Origin, *, loop: bool = False) -> Iterator[Picture]:
    """Yield pictures as they come, each with its time in seconds since the first. Raises SourceLostError."""
    match origin.kind:
        case "camera":
            return _camera(int(origin.place))
        case "file":
            return _file(Path(origin.place), loop=loop)
        case "stream":
            return _stream(origin.place)


def read_every_frame(path: Path, rate_hz: float) -> Iterator[Picture]:
    """Yield the frames of a file that offline would look at, none left out, by no clock but the file's own."""
    info = video.probe(path)
    for frame in video.read_frames(info, rate_hz, None, None):
        picture = _upright(frame.stored, info.rotation_deg, info.pixel_aspect)
        yield Picture(frame.time_s, picture, time.monotonic())


def _camera(number: int) -> Iterator[Picture]:
    with quiet():  # OpenCV tells of every way in which it looked for one
        camera = cv2.VideoCapture(number, BACKEND)
    try:
        if not camera.isOpened():
            raise SourceLostError(f"camera {number} was not found, or another program is using it")
        camera.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        first_s: float | None = None
        while True:
            done, picture = camera.read()
            now_s = time.monotonic()
            if not done:
                raise SourceLostError(f"camera {number} sends no more frames")
            first_s = now_s if first_s is None else first_s
            yield Picture(now_s - first_s, np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8), now_s)
    finally:
        camera.release()


def _file(path: Path, *, loop: bool) -> Iterator[Picture]:
    """Play a file by its own time stamps; `loop` begins again at the end, the clock going on."""
    info = video.probe(path)
    start_s = time.monotonic()
    offset_s = last_s = 0.0
    while True:
        for frame in video.decode_from(info):
            last_s = offset_s + frame.time_s
            wait_s = start_s + last_s - time.monotonic()
            if wait_s > 0:
                time.sleep(wait_s)
            elif wait_s < -LATE_S:
                start_s -= wait_s
            due_s = time.monotonic()
            yield Picture(last_s, _upright(frame.stored, info.rotation_deg, info.pixel_aspect), due_s)
        if not loop:
            return
        offset_s = last_s + (1 / info.fps if info.fps > 0 else 1 / 30)


def _stream(url: str) -> Iterator[Picture]:
    """Pictures of a network stream. MJPEG has no clock of its own: there the time is that of arrival."""
    options = {"fflags": "nobuffer", "flags": "low_delay", "analyzeduration": "500000", "probesize": "500000"}
    if url.lower().startswith("rtsp"):
        options["rtsp_transport"] = "tcp"
    try:
        container = av.open(url, options=options, timeout=(OPEN_S, READ_S))
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise SourceLostError(_why(error)) from error
    with contextlib.closing(container):
        stream = next(iter(container.streams.video), None)
        if stream is None:
            raise SourceLostError("the stream has no video")
        stream.thread_type = "SLICE"  # frame threads would hold pictures back
        has_clock = container.format.name not in CLOCKLESS
        first_s: float | None = None
        first_pts_s = 0.0
        for now_s, frame in _packets_as_they_come(container, stream):
            pts_s = frame.time if has_clock else now_s
            if first_s is None:
                first_s, first_pts_s = now_s, pts_s
            yield Picture(pts_s - first_pts_s, _upright(frame, int(-frame.rotation) % 360, 1.0), now_s)


def _packets_as_they_come(container: Any, stream: Any) -> Iterator[tuple[float, av.VideoFrame]]:
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
            now_s = time.monotonic()
            frames = packet.decode()
        except StopIteration:
            raise SourceLostError(ENDED) from None
        except av.error.InvalidDataError:
            continue  # a damaged picture; the next one may be whole
        except (av.error.FFmpegError, OSError) as error:
            raise SourceLostError(_why(error)) from error
        for frame in frames:
            yield now_s, frame


def _why(error: Exception) -> str:
    if isinstance(error, av.error.ExitError | av.error.TimeoutError | TimeoutError):
        return "the stream is frozen"
    if isinstance(error, av.error.ConnectionRefusedError):
        return "nothing answers there"
    if getattr(error, "errno", None) in CUT_OFF:
        return ENDED
    return f"the stream cannot be read ({getattr(error, 'strerror', None) or error})"


def _upright(frame: av.VideoFrame, rotation_deg: int, pixel_aspect: float) -> NDArray[np.uint8]:
    width = round(frame.width * pixel_aspect)
    pixels = frame.to_ndarray(format="rgb24", width=width, height=frame.height, threads=video.SWSCALE_THREADS)
    return np.ascontiguousarray(np.rot90(pixels, -(rotation_deg // 90)), np.uint8)
