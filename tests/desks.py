"""What the desk's tests share: short clips cut from the shipped samples, and `formcheck desk` itself as a process."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
from conftest import ROOT
from numpy.typing import NDArray

SAMPLES = ROOT / "samples"
RATE_HZ = 24
HEIGHT_PX = 360
# name -> the stretches of samples that stand side by side in it (sample, first and last second): one repetition each;
# the deadlift goes past the end of hip travel, and Ben has somebody beside him who moves more than he does
CLIPS = {
    "Ana/too_deep.mp4": [("rdl_four_reps", 14.4, 20.0)],
    "Ben/bow.mp4": [("rdl_four_reps", 14.4, 19.8), ("good_morning_sound", 0.4, 5.8)],
}


def cut_clip(stretches: Sequence[tuple[str, float, float]], target: Path, codec: str = "libx264") -> Path:
    """Write stretches of samples side by side, small and at 24 Hz: what a model needs half of the time for."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(target), "w") as out:
        options = {"preset": "ultrafast", "crf": "20"} if codec == "libx264" else {}
        made = out.add_stream(codec, rate=RATE_HZ, options=options)
        for count, pictures in enumerate(zip(*(_read_small(*each) for each in stretches), strict=False)):
            whole = np.concatenate(pictures, axis=1)
            if not count:
                made.width, made.height, made.pix_fmt = whole.shape[1], HEIGHT_PX, "yuv420p"
            frame = av.VideoFrame.from_ndarray(whole, format="rgb24")
            frame.pts, frame.time_base = count, Fraction(1, RATE_HZ)
            out.mux(made.encode(frame))
        out.mux(made.encode(None))
    return target


def _read_small(sample: str, first_s: float, last_s: float) -> Iterator[NDArray[np.uint8]]:
    with av.open(str(SAMPLES / f"{sample}.mp4")) as source:
        wanted_s = first_s
        for frame in source.decode(video=0):
            if frame.time is None or frame.time < wanted_s - 1e-6:
                continue
            if frame.time > last_s:
                return
            wanted_s += 1 / RATE_HZ
            width = round(frame.width * HEIGHT_PX / frame.height / 2) * 2
            yield frame.reformat(width, HEIGHT_PX, "rgb24").to_ndarray()


def make_clips(folder: Path) -> dict[str, Path]:
    """Return the short clips by name, in folders that are the athletes'."""
    return {name: cut_clip(stretches, folder / name) for name, stretches in CLIPS.items()}


@dataclass
class Client:
    """A browser's requests to an application in this very process."""

    app: Any
    url: str = "http://127.0.0.1"
    headers: dict[str, str] = field(default_factory=dict)
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    def request(self, method: str, path: str, headers: dict[str, str] | None = None, **sent: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url=self.url, cookies=self.cookies) as client:
                answer = await client.request(
                    method, path, headers=self.headers if headers is None else headers, **sent
                )
                self.cookies = client.cookies
                return answer

        with ThreadPoolExecutor(1) as aside:  # playwright has a loop of its own in the thread of the tests
            return aside.submit(lambda: asyncio.run(ask())).result()

    def get(self, path: str, **sent: Any) -> httpx.Response:
        return self.request("GET", path, **sent)

    def post(self, path: str, **sent: Any) -> httpx.Response:
        return self.request("POST", path, **sent)

    def put(self, path: str, **sent: Any) -> httpx.Response:
        return self.request("PUT", path, **sent)

    def delete(self, path: str, **sent: Any) -> httpx.Response:
        return self.request("DELETE", path, **sent)


@dataclass
class Served:
    """A desk that runs, and who asks it."""

    process: subprocess.Popen[str]
    url: str
    client: httpx.Client
    home: Path

    def get(self, path: str) -> Any:
        return self.client.get(self.url + path).json()

    def send(self, method: str, path: str, content: Any = None, **headers: str) -> httpx.Response:
        headers = {"Origin": self.url, **headers}
        return self.client.request(method, self.url + path, json=content, headers=headers)

    def put(self, uid: str, path: str, content: bytes) -> httpx.Response:
        url = f"{self.url}/api/uploads/{uid}"
        return self.client.put(url, params={"path": path}, content=content, headers={"Origin": self.url})

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)


@contextmanager
def serve_desk(home: Path, *options: str) -> Iterator[Served]:
    """Run `formcheck desk` on a free port, with a history of its own."""
    command = [sys.executable, "-m", "formcheck", "desk", "--home", str(home), "--port", "0", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "FORMCHECK_DB": str(home.parent / "history.db")}
    with (
        subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process,
        httpx.Client(trust_env=False, timeout=60) as client,
    ):
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            match = re.fullmatch(r"open (http://127\.0\.0\.1:\d+)/\n", line)
            assert match, line + process.stderr.read()
            yield Served(process, match[1], client, home)
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                assert process.wait(60) == 0, process.stderr.read()
                assert "Traceback" not in process.stderr.read()
        finally:
            process.kill()


def wait_for(answer: Callable[[], Any], seconds: float = 280) -> Any:
    """Return what `answer` gives once that is true."""
    end_s = time.monotonic() + seconds
    while not (got := answer()):
        assert time.monotonic() < end_s, "it did not come"
        time.sleep(0.1)
    return got
