"""Real sources: an MJPEG stream over loopback, a file in real time, and what happens when they fail."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.streaming import MjpegServer, draw_number, encode_clip, read_number
from formcheck.errors import InputError
from formcheck.live.capture import source
from formcheck.live.capture.frame_grabber import Grabber
from formcheck.live.capture.source import Origin, read_origin
from formcheck.live.loop import grabbing, meet_camera
from formcheck.live.types import Picture
from tests.films import plain, write_film

RATE_HZ = 20.0  # not the 25 that FFmpeg takes MJPEG for


def film(folder: Path, *, count: int = 50, width: int = 320, height: int = 240) -> Path:
    pictures = []
    for number in range(count):
        picture = plain(width, height, 60 + number % 100)
        draw_number(picture, number)
        pictures.append(picture)
    return write_film(folder / f"film_{width}.mp4", pictures, fps=RATE_HZ)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("films"))


@pytest.fixture(scope="module")
def pictures(small: Path) -> list[tuple[float, bytes]]:
    return encode_clip(small)


def take_all(grabber: Grabber, seconds: float, pause_s: float = 0.0, most: int = 1000) -> list[Picture]:
    taken: list[Picture] = []
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s and not grabber.ended and len(taken) < most:
        picture = grabber.take(0.1)
        if picture is not None:
            taken.append(picture)
            time.sleep(pause_s)
    return taken


def stream(server: MjpegServer) -> Origin:
    return read_origin(server.url)


def test_a_file_is_played_in_real_time(small: Path) -> None:
    with grabbing(read_origin(str(small))) as grabber:
        began_s = time.monotonic()
        taken = take_all(grabber, 10.0)
        took_s = time.monotonic() - began_s
    assert took_s == pytest.approx(2.5, abs=0.6)
    assert [read_number(each.rgb) for each in taken][-1] == 49
    assert [each.time_s for each in taken] == pytest.approx([read_number(each.rgb) / RATE_HZ for each in taken])
    assert grabber.arrived == 50
    assert len(taken) == grabber.arrived - grabber.dropped


def test_the_newest_picture_wins_and_the_others_are_counted(small: Path) -> None:
    with grabbing(read_origin(str(small))) as grabber:
        taken = take_all(grabber, 10.0, pause_s=0.25)
    assert 5 <= len(taken) <= 13
    assert sum(each.skipped for each in taken) == grabber.dropped == 50 - len(taken)
    late_s = [each.captured_s - taken[0].captured_s - each.time_s for each in taken]
    assert max(late_s) < 0.3, "what is taken is never an old picture"


def test_every_picture_reaches_the_recorder(small: Path) -> None:
    numbers: list[int] = []
    with grabbing(read_origin(str(small)), on_picture=lambda each: numbers.append(read_number(each.rgb))) as grabber:
        take_all(grabber, 10.0, pause_s=0.25)
    assert numbers == list(range(50))


def test_an_mjpeg_stream_comes_through(pictures: list[tuple[float, bytes]]) -> None:
    with MjpegServer(pictures) as server, grabbing(stream(server)) as grabber:
        taken = take_all(grabber, 1.8)
        numbers = [read_number(each.rgb) for each in taken]
        late_s = [each.captured_s - server.sent_s[number] for each, number in zip(taken, numbers, strict=True)]
    assert len(taken) >= 20
    assert numbers == sorted(set(numbers))
    assert np.median(late_s) < 0.1
    steps_s = np.diff([each.time_s for each in taken]) / np.diff(numbers)
    assert np.median(steps_s) == pytest.approx(1 / RATE_HZ, abs=0.01)


def test_a_server_that_stops_and_returns_is_told_once_each(pictures: list[tuple[float, bytes]]) -> None:
    with MjpegServer(pictures) as server:
        port = server.port
        with grabbing(stream(server)) as grabber:
            before = take_all(grabber, 1.0)
            server.__exit__()
            lost = take_all(grabber, 2.0)
            gone = grabber.news()
            with MjpegServer(pictures, port):
                after = take_all(grabber, 5.0, most=10)
                back = grabber.news()
    assert before
    assert len(lost) < 30
    assert [(each.lost, each.reason) for each in gone] == [(True, "the stream has ended")]
    assert (back[0].lost, back[0].reason) == (False, "")
    assert len(after) == 10
    assert after[0].time_s > before[-1].time_s + 1.0, "the clock goes on by the time that has passed"


def test_a_stream_that_stands_still_is_given_up_and_opened_again(
    pictures: list[tuple[float, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "READ_S", 0.7)
    with MjpegServer(pictures) as server, grabbing(stream(server)) as grabber:
        assert take_all(grabber, 0.8)
        server.hold.set()
        take_all(grabber, 1.6)
        gone = grabber.news()
        server.hold.clear()
        assert len(take_all(grabber, 4.0, most=10)) == 10
        back = grabber.news()
    assert [(each.lost, each.reason) for each in gone] == [(True, "the stream is frozen")]
    assert [each.lost for each in back] == [False] or [each.lost for each in back][:1] == [False]


def test_a_stream_that_changes_its_size_goes_on(
    small: Path, pictures: list[tuple[float, bytes]], tmp_path: Path
) -> None:
    larger = encode_clip(film(tmp_path, count=25, width=480, height=360))
    both = pictures[:20] + [(1.0 + time_s, content) for time_s, content in larger]
    with MjpegServer(both) as server, grabbing(stream(server)) as grabber:
        sizes = [each.rgb.shape[:2] for each in take_all(grabber, 1.9)]
    assert sizes[0] == (240, 320)
    assert sizes[-1] == (360, 480)
    assert grabber.news() == []


def test_nobody_there_is_told_and_tried_again() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for scheme in ("http", "rtsp"):
        with grabbing(read_origin(f"{scheme}://127.0.0.1:{port}/x")) as grabber:
            assert take_all(grabber, 1.5) == []
            (news,) = grabber.news()
        assert news.lost
        assert news.reason == "nothing answers there"


def test_a_camera_that_is_not_there_is_one_sentence_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    with grabbing(Origin("camera", "63", "camera 63")) as grabber, pytest.raises(InputError) as told:
        meet_camera(grabber)
    assert str(told.value.message) == "Camera 63 was not found, or another program is using it."
    assert capfd.readouterr() == ("", ""), "nothing of what OpenCV says of it"


def test_an_unexpected_failure_is_not_swallowed() -> None:
    def broken() -> Iterator[Picture]:
        raise RuntimeError("a bug")
        yield

    with Grabber(broken, keeps=True) as grabber:
        take_all(grabber, 1.0)
    assert str(grabber.failure) == "a bug"


def test_closing_does_not_wait_for_a_source_that_hangs() -> None:
    hanging = threading.Event()

    def stuck() -> Iterator[Picture]:
        hanging.wait(20.0)
        yield from ()

    with Grabber(stuck, keeps=True):
        began_s = time.monotonic()
    assert time.monotonic() - began_s < 2.0
    hanging.set()


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        ("0", "camera", "camera 0"),
        ("rtsp://user:secret@10.0.0.7/live", "stream", "rtsp://10.0.0.7/live"),
        ("HTTP://phone:8080/video", "stream", "HTTP://phone:8080/video"),
    ],
)
def test_what_a_source_is(text: str, kind: str, shown: str) -> None:
    origin = read_origin(text)
    assert (origin.kind, origin.text) == (kind, shown)


def test_a_file_that_is_no_video_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        read_origin(str(tmp_path / "nothing.mp4"))
