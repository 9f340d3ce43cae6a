"""Keeps the pictures of a live session as a video (H.264 in MP4), in a thread of its own."""

import queue
import threading
from fractions import Fraction
from pathlib import Path

import av
import av.error

from formcheck.live.types import Picture
from formcheck.video.streams import TICKS

QUEUE_ROOM = 60  # pictures that wait for the encoder, about 2 s; more are left out rather than held in memory
ENCODER = {"preset": "ultrafast", "crf": "21", "tune": "zerolatency"}


class Recorder:
    """Writes pictures as they come; a context manager. The file is whole after it is closed.

    `waits` lets a picture wait for the encoder, where nothing is lost by it (a file that is replayed), instead of being
    left out.

    A picture of another size than the first ends the recording: a video has one size. `left_out` counts pictures for
    which the encoder had no room, `first_s` is the first picture's time, `failure` why the recording stopped early.
    """

    def __init__(self, path: Path, *, waits: bool = False) -> None:
        self._path = path
        self._waits = waits
        self._waiting: queue.Queue[Picture | None] = queue.Queue(QUEUE_ROOM)
        self._thread = threading.Thread(target=self._run, name="formcheck-recorder", daemon=True)
        self.left_out = 0
        self.written = 0
        self.first_s = 0.0
        self.failure: str | None = None

    def __enter__(self) -> "Recorder":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.put(None)
        self._thread.join()

    def add(self, picture: Picture) -> None:
        """Take a picture."""
        if self.failure is not None:
            return
        try:
            self._waiting.put(picture, self._waits)
        except queue.Full:
            self.left_out += 1

    def _run(self) -> None:
        try:
            self._write()
        except (av.error.FFmpegError, OSError) as error:
            self.failure = f"{self._path.name} cannot be written ({error})"
        while self.failure is not None and self._waiting.get() is not None:
            pass

    def _write(self) -> None:
        first = self._waiting.get()
        if first is None:
            return
        self.first_s = first.time_s
        height, width = (side // 2 * 2 for side in first.rgb.shape[:2])
        with av.open(str(self._path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
            stream = container.add_stream("libx264", rate=30, options=ENCODER)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.codec_context.time_base = Fraction(1, TICKS)
            picture: Picture | None = first
            while picture is not None:
                if picture.rgb.shape != first.rgb.shape:
                    self.failure = "the picture changed size: the recording ends there"
                    break
                frame = av.VideoFrame.from_ndarray(picture.rgb[:height, :width], format="rgb24")
                frame.pts, frame.time_base = round((picture.time_s - first.time_s) * TICKS), Fraction(1, TICKS)
                container.mux(stream.encode(frame))
                self.written += 1
                picture = self._waiting.get()
            container.mux(stream.encode())
