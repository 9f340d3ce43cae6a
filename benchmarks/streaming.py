"""A camera for measuring: a clip as an MJPEG stream over loopback, each picture with its number drawn in."""

import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import av
import cv2
import numpy as np
from numpy.typing import NDArray

BITS, BLOCK_PX = 16, 8  # of the number in the picture's upper left corner
BOUNDARY = b"formcheckpicture"


def draw_number(rgb: NDArray[np.uint8], number: int) -> None:
    """Draw a number as black and white blocks into the upper left corner, in place."""
    for bit in range(BITS):
        level = 255 if number >> bit & 1 else 0
        rgb[:BLOCK_PX, bit * BLOCK_PX : (bit + 1) * BLOCK_PX] = level


def read_number(rgb: NDArray[np.uint8]) -> int:
    """Return the number that `draw_number` drew, after JPEG."""
    middle = BLOCK_PX // 2
    bits = (int(rgb[middle, bit * BLOCK_PX + middle].mean() > 127) << bit for bit in range(BITS))
    return sum(bits)


def encode_clip(path: Path, *, start_s: float = 0.0, end_s: float = float("inf")) -> list[tuple[float, bytes]]:
    """Return a clip's pictures as (time in s, JPEG with its number)."""
    pictures: list[tuple[float, bytes]] = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            if not start_s <= frame.time <= end_s:
                continue
            rgb = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            draw_number(rgb, len(pictures))
            done, content = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
            assert done
            pictures.append((frame.time - start_s, content.tobytes()))
    return pictures


class MjpegServer:
    """Sends pictures to whoever connects, from the first one on, by their own times; a context manager.

    `sent_s` is when each picture was last sent, by time.monotonic(). `hold` set: the stream stands still, connected.
    """

    def __init__(self, pictures: Sequence[tuple[float, bytes]], port: int = 0) -> None:
        self.sent_s: dict[int, float] = {}
        self.hold = threading.Event()
        self._closing = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer._send(self, pictures)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False
            allow_reuse_address = True

        self._server = Server(("127.0.0.1", port), Handler)
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}/stream.mjpg"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def _send(self, handler: BaseHTTPRequestHandler, pictures: Sequence[tuple[float, bytes]]) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY.decode()}")
        handler.end_headers()
        start_s = time.monotonic()
        try:
            for number, (time_s, content) in enumerate(pictures):
                while self.hold.is_set() and not self._closing.is_set():
                    time.sleep(0.02)
                time.sleep(max(0.0, start_s + time_s - time.monotonic()))
                if self._closing.is_set():
                    return
                head = b"--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % (BOUNDARY, len(content))
                self.sent_s[number] = time.monotonic()
                handler.wfile.write(head + content + b"\r\n")
                handler.wfile.flush()
        except OSError:
            return  # the client has gone
