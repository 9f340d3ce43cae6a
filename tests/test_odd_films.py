"""Odd but honest files: each kind is read with the right picture at the right time, or refused in one sentence."""

import random
import struct
import time
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.stream import Disposition
from films import TICKS, Picture, marked, plain

from benchmarks.fuzz import mutate_bytes
from formcheck import video
from formcheck.errors import FormcheckError, InputError

COUNT = 60
SIZE_PX = (96, 72)


def level(number: int) -> int:
    return 20 + 3 * number


def film(count: int = COUNT, size_px: tuple[int, int] = SIZE_PX) -> list[Picture]:
    """Pictures whose brightness tells their number."""
    return [plain(*size_px, level(number)) for number in range(count)]


def write(
    path: Path,
    pictures: Iterable[Picture],
    *,
    codec: str = "libx264",
    form: str | None = None,
    first_s: float = 0.0,
    times_s: Sequence[float] | None = None,
    pix_fmt: str = "yuv420p",
    rate: int = 30,
    options: dict[str, str] | None = None,
    metadata: dict[str, str] | None = None,
) -> Path:
    """Encode pictures into any container, the encoder's clock being that of the rate unless `times_s` are given."""
    with av.open(str(path), "w", format=form, options=options or {}) as container:
        container.metadata.update(metadata or {})
        stream: Any = None
        base = Fraction(1, rate) if times_s is None else Fraction(1, TICKS)
        for number, picture in enumerate(pictures):
            if stream is None:
                stream = container.add_stream(codec, rate=rate, options={"x265-params": "log-level=none"})
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = pix_fmt
                stream.codec_context.time_base = base
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pix_fmt)
            time_s = first_s + (number / rate if times_s is None else times_s[number])
            frame.pts, frame.time_base = round(time_s / base), base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def read(path: Path, rate_hz: float | None = None, start_s: float = 0.0) -> tuple[list[float], list[float]]:
    """Times and numbers of the pictures of a film."""
    info = video.probe(path, rate_hz)
    frames = list(video.decode_from(info, start_s))
    greys = [float(frame.stored.to_ndarray(format="gray").mean()) for frame in frames]
    return [frame.time_s for frame in frames], [(grey - 20) / 3 for grey in greys]


def assert_whole(path: Path, rate_hz: float | None = None, count: int = COUNT, error_s: float = 2e-3) -> None:
    times_s, numbers = read(path, rate_hz)
    np.testing.assert_allclose(times_s, np.arange(count) / 30, atol=error_s)
    np.testing.assert_allclose(numbers, np.arange(count), atol=1.7)
    info = video.probe(path, rate_hz)
    assert info.duration_s == pytest.approx(count / 30, abs=0.04)
    assert info.promised_s == pytest.approx(count / 30, abs=0.04)
    assert info.fps == pytest.approx(30, rel=0.02)
    late_s, late = read(path, rate_hz, start_s=1.0)
    assert late_s[0] == pytest.approx(1.0, abs=error_s)
    assert late[0] == pytest.approx(30, abs=1.7)
    spread = [frame.time_s for frame in video.spread_frames(info, 6, 0.0, info.duration_s)]
    assert len(spread) == 6
    assert spread[-1] > 0.8 * count / 30


# --- lengths and clocks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("browser.webm", "libvpx", {"live": "1"}),
        ("piped.mkv", "libx264", {"live": "1"}),
        ("pieces.mp4", "libx264", {"movflags": "frag_keyframe+empty_moov+default_base_moof"}),
        ("flash.flv", "libx264", {"flvflags": "no_duration_filesize"}),
        ("plain.ts", "libx264", {}),
    ],
)
def test_no_length_in_the_header(tmp_path: Path, name: str, codec: str, options: dict[str, str]) -> None:
    assert_whole(write(tmp_path / name, film(), codec=codec, options=options))


@pytest.mark.parametrize(
    ("codec", "form"), [("libx264", "h264"), ("libx265", "hevc"), ("mpeg4", "m4v"), ("mpeg2video", "mpeg2video")]
)
def test_a_bare_stream_has_the_rate_that_it_names(tmp_path: Path, codec: str, form: str) -> None:
    assert_whole(write(tmp_path / "set.mp4", film(), codec=codec, form=form))


def test_a_bare_stream_that_names_no_rate_is_asked_for_it(tmp_path: Path) -> None:
    path = write(tmp_path / "set.mjpeg", film(), codec="mjpeg", form="mjpeg", pix_fmt="yuvj420p")
    with pytest.raises(InputError, match="does not say how many frames a second") as caught:
        video.probe(path)
    assert "--rate" in caught.value.hint
    assert_whole(path, rate_hz=30.0)


@pytest.mark.parametrize("first_s", [3600.0, 90_000.0])
def test_a_clock_that_starts_late(tmp_path: Path, first_s: float) -> None:
    assert_whole(write(tmp_path / "a.mkv", film(), first_s=first_s))


def test_a_clock_that_starts_below_zero_loses_what_its_container_cannot_time(tmp_path: Path) -> None:
    """Matroska's pictures below zero come without a time; the others are all there."""
    path = write(tmp_path / "a.mkv", film(), first_s=-0.5, options={"avoid_negative_ts": "disabled"})
    times_s, numbers = read(path)
    np.testing.assert_allclose(np.diff(times_s), 1 / 30, atol=2e-3)
    np.testing.assert_allclose(numbers, np.arange(COUNT - len(numbers), COUNT), atol=1.7)
    assert len(times_s) >= COUNT - 15
    assert [frame.time_s for frame in video.spread_frames(video.probe(path), 4, 0.0, 1.4)]


def test_an_edit_list_starts_below_zero(tmp_path: Path) -> None:
    times_s = -0.2 + np.arange(COUNT) / 30
    path = write(tmp_path / "a.mp4", film(), times_s=times_s.tolist(), options={"avoid_negative_ts": "disabled"})
    read_s, numbers = read(path)
    np.testing.assert_allclose(np.diff(read_s), 1 / 30, atol=2e-3)
    np.testing.assert_allclose(numbers, np.arange(COUNT - len(numbers), COUNT), atol=1.7)


def test_a_clock_that_begins_anew(tmp_path: Path) -> None:
    """Two recordings put one after the other, as cameras that split their files have it."""
    halves = [write(tmp_path / f"{n}.ts", film()[30 * n : 30 * n + 30]) for n in (0, 1)]
    path = tmp_path / "set.ts"
    path.write_bytes(b"".join(each.read_bytes() for each in halves))
    times_s, numbers = read(path)
    assert len(times_s) >= COUNT - 4
    assert times_s[-1] == pytest.approx(59 / 30, abs=0.15)
    np.testing.assert_allclose(numbers, np.array(times_s) * 30, atol=4.5)
    assert read(path, start_s=1.5)[1][0] == pytest.approx(45, abs=5)


def test_a_transport_stream_whose_clock_wraps(tmp_path: Path) -> None:
    wraps_s = 2**33 / 90_000
    assert_whole(write(tmp_path / "a.ts", film(), first_s=wraps_s - 1.0, options={"avoid_negative_ts": "disabled"}))


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"), [("a.avi", "libx264", "yuv420p"), ("b.avi", "mjpeg", "yuvj420p")]
)
def test_avi_keeps_no_times_of_presentation(tmp_path: Path, name: str, codec: str, pix_fmt: str) -> None:
    times_s, numbers = read(write(tmp_path / name, film(), codec=codec, pix_fmt=pix_fmt))
    assert len(times_s) >= COUNT - 1
    np.testing.assert_allclose(np.diff(times_s), 1 / 30, atol=1e-3)
    np.testing.assert_allclose(np.diff(numbers), 1.0, atol=0.5)


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("a.gif", "gif", "rgb8"),
        ("a.mov", "prores_ks", "yuv422p10le"),
        ("ten_bit.mp4", "libx265", "yuv420p10le"),
        ("vp9.webm", "libvpx-vp9", "yuv420p"),
        ("a.y4m", "rawvideo", "yuv420p"),
    ],
)
def test_other_kinds_have_their_pictures_in_order(tmp_path: Path, name: str, codec: str, pix_fmt: str) -> None:
    times_s, _ = read(write(tmp_path / name, film(), codec=codec, pix_fmt=pix_fmt))
    np.testing.assert_allclose(times_s, np.arange(COUNT) / 30, atol=0.012)  # a GIF counts hundredths
    info = video.probe(tmp_path / name)
    frame = next(video.decode_from(info))
    assert video.Shrinker(info).shrink(frame, video.whole_window(info, 64)).rgb().shape == (64, 64, 3)
    assert video.read_thumbnail(frame.stored).shape == (36, 48)


@pytest.mark.parametrize(("codec", "form"), [("libwebp_anim", "webp"), ("png", "image2pipe"), ("mjpeg", "mjpeg")])
def test_a_picture_is_no_film(tmp_path: Path, codec: str, form: str) -> None:
    pixels = {"png": "rgb24", "mjpeg": "yuvj420p"}.get(codec, "yuv420p")
    path = write(tmp_path / "set.mp4", film(1), codec=codec, form=form, pix_fmt=pixels)
    with pytest.raises(InputError, match="is a single picture, not a video"):
        video.probe(path, 30.0)


# --- which stream is the film ----------------------------------------------------------------------------------------


def write_streams(path: Path, films: list[list[Picture]], dispositions: Sequence[int] = (), *, sound: int = 0) -> Path:
    """Write several streams of pictures, each of its own size and length, `sound` many seconds of silence first."""
    with av.open(str(path), "w") as container:
        voice: Any = container.add_stream("aac", rate=8000) if sound else None
        streams: list[Any] = []
        for number, pictures in enumerate(films):
            stream: Any = container.add_stream("mjpeg" if len(pictures) == 1 else "libx264", rate=30)
            stream.height, stream.width = pictures[0].shape[:2]
            stream.pix_fmt = "yuvj420p" if len(pictures) == 1 else "yuv420p"
            if dispositions:
                stream.disposition = Disposition(dispositions[number])
            streams.append(stream)
        for number in range(8 * sound):
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            silence.sample_rate, silence.pts, silence.time_base = 8000, 1024 * number, Fraction(1, 8000)
            container.mux(voice.encode(silence))
        for stream, pictures in zip(streams, films, strict=True):
            for number, picture in enumerate(pictures):
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=stream.pix_fmt)
                frame.pts, frame.time_base = number, Fraction(1, 30)
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        if voice is not None:
            container.mux(voice.encode())
    return path


def moving(size_px: tuple[int, int] = SIZE_PX) -> list[Picture]:
    return [marked(*size_px, 10 + number, 30) for number in range(COUNT)]


DARK = [plain(128, 96, 16)] * COUNT


@pytest.mark.parametrize("ending", ["mp4", "mkv", "mov"])
@pytest.mark.parametrize(
    ("films", "chosen"),
    [
        ([DARK[:1], moving()], 1),  # a cover that is not called one
        ([DARK, moving()], 1),  # a still beside the film, larger than it
        ([moving(), DARK], 0),
        ([moving((128, 96))[:20], moving()], 1),  # a preview of its beginning
    ],
)
def test_the_film_is_chosen_by_what_it_is(tmp_path: Path, ending: str, films: list[list[Picture]], chosen: int) -> None:
    info = video.probe(write_streams(tmp_path / f"a.{ending}", films))
    assert info.stored_px == films[chosen][0].shape[1::-1]
    assert len(list(video.decode_from(info))) == COUNT


@pytest.mark.parametrize(("dispositions", "chosen"), [((1, 1), 1), ((1, 0), 0), ((0, 1), 1)])
def test_of_two_that_move_it_is_the_default_then_the_larger(
    tmp_path: Path, dispositions: tuple[int, int], chosen: int
) -> None:
    films = [moving((64, 48)), moving((128, 96))]
    info = video.probe(write_streams(tmp_path / "a.mkv", films, dispositions))
    assert info.stored_px == films[chosen][0].shape[1::-1]


def test_a_cover_that_is_called_one_is_no_film(tmp_path: Path) -> None:
    path = write_streams(
        tmp_path / "a.mp4", [DARK[:1], moving()], (int(Disposition.attached_pic), int(Disposition.default))
    )
    assert video.probe(path).stored_px == SIZE_PX


def test_sound_before_and_longer_than_the_film(tmp_path: Path) -> None:
    for ending in ("mp4", "mkv"):
        info = video.probe(write_streams(tmp_path / f"a.{ending}", [film()], sound=5))
        assert info.promised_s == pytest.approx(2.0, abs=0.05), ending
        assert len(list(video.decode_from(info))) == COUNT


# --- pictures that change --------------------------------------------------------------------------------------------


def write_sizes(tmp_path: Path, sizes: list[tuple[int, int]]) -> Path:
    """Pictures with a mark at (40, 30) of (96, 72), whatever their own size."""
    content = b""
    for number, (width, height) in enumerate(sizes):
        zoom = height / 72
        picture = marked(width, height, round(40 * zoom), round(30 * zoom), round(6 * zoom))
        times_s = [number + frame / 30 for frame in range(30)]
        content += write(tmp_path / f"{number}.ts", [picture] * 30, times_s=times_s).read_bytes()
    path = tmp_path / "set.ts"
    path.write_bytes(content)
    return path


def test_a_picture_that_grows_is_laid_over_the_first_one(tmp_path: Path) -> None:
    path = write_sizes(tmp_path, [(96, 72), (192, 144), (64, 48)])
    info = video.probe(path)
    assert info.size_px == (96, 72)
    shrinker = video.Shrinker(info)
    for frame in video.decode_from(info):
        picture = shrinker.shrink(frame, video.Window(0, 0, 72, 72)).rgb()
        row, column = np.nonzero(picture[..., 0] > 160)
        assert (column.mean() + 0.5, row.mean() + 0.5) == pytest.approx((40, 30), abs=1.2)
    assert len(list(video.decode_from(info))) >= 84


def test_a_picture_of_another_shape_is_left_out(tmp_path: Path) -> None:
    info = video.probe(write_sizes(tmp_path, [(96, 72), (72, 96)]))
    assert 28 <= len(list(video.decode_from(info))) <= 30


# --- slow motion -----------------------------------------------------------------------------------------------------

ANDROID, APPLE = "com.android.capture.fps", "com.apple.quicktime.full-frame-rate-playback-intent"


@pytest.mark.parametrize(
    ("metadata", "rate", "speed"),
    [
        ({ANDROID: "240.000000"}, 30, 0.125),
        ({ANDROID: "120.000000"}, 30, 0.25),
        ({ANDROID: "30.000000"}, 30, 1.0),
        ({ANDROID: "240.000000"}, 240, 1.0),
        ({ANDROID: "nonsense"}, 30, 1.0),
        ({ANDROID: "0"}, 30, 1.0),
        ({APPLE: "0"}, 30, np.nan),
        ({APPLE: "1"}, 30, 1.0),
        ({APPLE: "0"}, 240, 1.0),
        ({}, 30, 1.0),
    ],
)
def test_the_phones_own_tags(tmp_path: Path, metadata: dict[str, str], rate: int, speed: float) -> None:
    options = {"movflags": "use_metadata_tags"}
    path = write(tmp_path / "a.mp4", film(30), metadata=metadata, rate=rate, options=options)
    assert video.probe(path).tagged_speed == pytest.approx(speed, nan_ok=True)


# --- hostile files ---------------------------------------------------------------------------------------------------


def test_a_header_that_promises_years(tmp_path: Path) -> None:
    """Matroska's duration, a float of 8 bytes behind the id 0x4489, set to 10^13 ms."""
    path = write(tmp_path / "a.mkv", film())
    content = bytearray(path.read_bytes())
    place = content.index(b"\x44\x89\x88") + 3
    content[place : place + 8] = struct.pack(">d", 1e13)
    path.write_bytes(content)
    info = video.probe(path)
    assert info.duration_s == pytest.approx(2.0, abs=0.05)
    assert info.promised_s > 1e9
    assert len([*video.spread_frames(info, 5, 0.0, info.duration_s)]) == 5


def test_a_leap_of_years_between_two_pictures_is_closed(tmp_path: Path) -> None:
    times_s = [number / 30 + (1e6 if number >= 30 else 0) for number in range(COUNT)]
    path = write(tmp_path / "a.mkv", film(), times_s=times_s)
    read_s, numbers = read(path)
    assert read_s[-1] < 2.2
    assert len(numbers) >= COUNT - 3  # those that were to be shown about the leap have lost their order
    assert numbers[-1] == pytest.approx(COUNT - 1, abs=1.7)


def test_pictures_larger_than_any_camera(tmp_path: Path) -> None:
    """A PNG header that says 30000 x 30000, in a file of a few kilobytes."""
    path = write(tmp_path / "a.mov", [plain(96, 72, 40)] * 5, codec="png", pix_fmt="rgb24")
    content = path.read_bytes().replace(struct.pack(">II", 96, 72), struct.pack(">II", 30_000, 30_000))
    path.write_bytes(content)
    started_s = time.monotonic()
    with pytest.raises(InputError, match=r"can be decoded|has frames of|cannot be read"):
        video.probe(path)
    assert time.monotonic() - started_s < 10


MUTATED = [
    ("a.mp4", "libx264", {}),
    ("a.mkv", "libx264", {}),
    ("a.webm", "libvpx", {"live": "1"}),
    ("a.ts", "libx264", {}),
    ("a.avi", "mpeg4", {}),
    ("a.flv", "libx264", {}),
    ("a.mov", "mjpeg", {}),
    ("a.gif", "gif", {}),
    ("a.h264", "libx264", {}),
]


@pytest.mark.parametrize(("name", "codec", "options"), MUTATED)
def test_no_bytes_end_in_a_traceback(tmp_path: Path, name: str, codec: str, options: dict[str, str]) -> None:
    pixels = {"gif": "rgb8", "mjpeg": "yuvj420p"}.get(codec, "yuv420p")
    whole = write(tmp_path / name, film(24), codec=codec, options=options, pix_fmt=pixels).read_bytes()
    chance = random.Random(name)  # noqa: S311  # to be had again, not to be secret
    path = tmp_path / f"mutated_{name}"
    for _ in range(25):
        path.write_bytes(mutate_bytes(whole, chance))
        try:
            info = video.probe(path, 30.0)
            shrinker = video.Shrinker(info)
            window = video.whole_window(info, 64)
            for frame in video.read_frames(info, 30.0, 0.1, info.duration_s):
                shrinker.shrink(frame, window).rgb()
                video.read_thumbnail(frame.stored)
            for frame in video.spread_frames(info, 4, 0.0, info.duration_s):
                shrinker.shrink(frame, window)
        except FormcheckError:
            continue
