"""Times, sampling, turning, cutting out and bad files, on videos whose every picture is known."""

import math
import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from films import marked, plain, read_pictures, write_film
from numpy.typing import NDArray

from formcheck import video
from formcheck.data import GREY
from formcheck.errors import InputError


def times_of(
    path: Path, rate_hz: float, start_s: float | None = None, end_s: float | None = None
) -> NDArray[np.float64]:
    return np.array([frame.time_s for frame in video.read_frames(video.probe(path), rate_hz, start_s, end_s)])


def brightness(frame: video.Frame) -> float:
    return float(frame.stored.to_ndarray(format="gray").mean())


# --- times -----------------------------------------------------------------------------------------------------------


def test_variable_frame_rate_keeps_its_own_times(tmp_path: Path) -> None:
    times_s = np.cumsum([0, 0.03, 0.05, 0.033, 0.1, 0.02, 0.4, 0.033, 0.033, 0.05, 0.03, 0.03, 0.03, 0.05])
    path = write_film(tmp_path / "a.mp4", (plain(64, 48, 10 * n) for n in range(14)), times_s=times_s)
    np.testing.assert_allclose(times_of(path, 30.0), times_s, atol=1e-4)


def test_times_count_from_the_first_picture(tmp_path: Path) -> None:
    times_s = 1.7 + np.arange(20) / 30
    path = write_film(tmp_path / "late.mkv", (plain(64, 48, 40) for _ in range(20)), times_s=times_s)
    np.testing.assert_allclose(times_of(path, 30.0), times_s - 1.7, atol=2e-3)  # Matroska counts milliseconds


@pytest.mark.parametrize(
    ("fps", "step"), [(60, 2), (59.94, 2), (120, 4), (240, 8), (30, 1), (29.97, 1), (24, 1), (31.5, 1)]
)
def test_a_fast_video_is_sampled_evenly_and_a_slow_one_is_kept(tmp_path: Path, fps: float, step: int) -> None:
    path = write_film(tmp_path / "a.mp4", (plain(64, 48, 40) for _ in range(int(fps))), fps=fps)
    times_s = times_of(path, 30.0)
    np.testing.assert_allclose(np.diff(times_s), step / fps, atol=1e-4)
    assert len(times_s) == math.ceil(int(fps) / step)


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
@pytest.mark.parametrize("fps", [60, 50])
def test_frames_that_nobody_wants_are_spared_and_the_others_are_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, codec: str, fps: int
) -> None:
    pictures = [marked(128, 96, 20 + number, 50) for number in range(80)]
    path = write_film(tmp_path / "a.mp4", pictures, fps=fps, codec=codec, keyframe_every=40)
    info = video.probe(path)
    spared = list(video.read_frames(info, 30.0, 0.2, None))
    decoded = sum(1 for _ in video.decode_from(info, 0.2, 30.0))
    monkeypatch.setattr(video.reader, "_unpicked", lambda *_: frozenset())
    whole = list(video.read_frames(info, 30.0, 0.2, None))
    assert [each.time_s for each in spared] == [each.time_s for each in whole]
    for one, other in zip(spared, whole, strict=True):
        np.testing.assert_array_equal(one.stored.to_ndarray(), other.stored.to_ndarray())
    assert decoded < sum(1 for _ in video.decode_from(info, 0.2))


def test_a_rate_that_does_not_divide_keeps_true_times_at_the_mean_rate(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", (plain(64, 48, 40) for _ in range(94)), fps=46.92)
    times_s = times_of(path, 30.0)
    index = times_s * 46.92
    np.testing.assert_allclose(index, index.round(), atol=0.02)  # each is a real frame's time
    assert set(np.diff(index.round())) == {1.0, 2.0}
    grid = np.arange(len(times_s)) / 30
    assert np.abs(times_s - grid).max() <= 0.5 / 46.92 + 1e-4  # the nearest there is


def test_nearest_against_every_pair() -> None:
    generator = np.random.default_rng(3)
    for _ in range(200):
        times_s = np.sort(generator.random(generator.integers(1, 60))) * generator.uniform(0.5, 4)
        rate_hz = generator.uniform(3, 40)
        picked = [
            index for _, index in video.pick_nearest(zip(times_s.tolist(), range(len(times_s)), strict=True), rate_hz)
        ]
        instants = times_s[0] + np.arange(math.floor((times_s[-1] - times_s[0]) * rate_hz + 1e-9) + 1) / rate_hz
        nearest = np.abs(times_s[:, None] - instants).argmin(axis=0)
        assert picked == sorted(set(nearest.tolist()))


@pytest.mark.parametrize("start_s", [0.0, 0.4, 1.0, 1.5, 1.93])
def test_start_and_end_are_met_to_the_frame(tmp_path: Path, start_s: float) -> None:
    levels = [20 + 3 * n for n in range(60)]
    path = write_film(tmp_path / "a.mp4", (plain(64, 48, level) for level in levels), keyframe_every=25)
    info = video.probe(path)
    frames = list(video.read_frames(info, 30.0, start_s, 1.99))
    expected = [n for n in range(60) if start_s <= n / 30 <= 1.99]
    np.testing.assert_allclose([frame.time_s for frame in frames], np.array(expected) / 30, atol=1e-4)
    found = [brightness(frame) for frame in frames]
    np.testing.assert_allclose(np.diff(found), 3.0 * 219 / 255, atol=1.6)  # and these are the pictures of those times
    assert found[0] == pytest.approx(levels[expected[0]], abs=4)


def test_hevc_is_read(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", (plain(128, 96, 5 * n) for n in range(30)), codec="libx265")
    assert len(times_of(path, 30.0)) == 30


def test_description(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", (plain(64, 48, 40) for _ in range(45)), fps=30, turned_deg=90)
    info = video.probe(path)
    assert (info.size_px, info.stored_px, info.rotation_deg) == ((48, 64), (64, 48), 90)
    assert info.fps == pytest.approx(30, abs=0.01)
    assert info.duration_s == pytest.approx(1.5, abs=0.05)


# --- turning and cutting out -----------------------------------------------------------------------------------------


def whiteness(picture: NDArray[np.uint8]) -> tuple[float, float]:
    """Centre (x, y) of what is white, in pixel edges' coordinates."""
    row, column = np.nonzero(picture[..., 0] > 160)
    return float(column.mean()) + 0.5, float(row.mean()) + 0.5


def upright_to_stored(x: int, y: int, turned_deg: int, shown: tuple[int, int]) -> tuple[int, int]:
    """Where a point of the upright picture lies in the file, worked out by hand for each turn."""
    width, height = shown
    return {0: (x, y), 90: (y, width - x), 180: (width - x, height - y), 270: (height - y, x)}[turned_deg]


def test_the_turn_is_the_one_that_phones_write(tmp_path: Path) -> None:
    """A phone held upright writes x' = -y + w, y' = x into the track header (QuickTime File Format, tkhd)."""
    path = write_film(tmp_path / "a.mp4", [plain(64, 48, 40)] * 3, turned_deg=90)
    content = path.read_bytes()
    matrix = content.index(b"tkhd") + 4 + 40
    a, b, _, c, d = struct.unpack(">5i", content[matrix : matrix + 20])
    assert (a, b, c, d) == (0, 1 << 16, -(1 << 16), 0)
    assert video.probe(path).rotation_deg == 90


@pytest.mark.parametrize("turned_deg", [0, 90, 180, 270])
@pytest.mark.parametrize(
    "window",
    [
        video.Window(20, 60, 80, 80),
        video.Window(20, 40, 100, 50),
        video.Window(-20, 30, 140, 70),
        video.Window(60, 120, 120, 120),
        video.Window(-40, 0, 200, 100),
    ],
)
def test_what_is_seen_at_a_place_comes_from_that_place(tmp_path: Path, turned_deg: int, window: video.Window) -> None:
    shown = (120, 200)  # upright; the mark is at (84, 132)
    stored = shown if turned_deg % 180 == 0 else shown[::-1]
    mark = upright_to_stored(84, 132, turned_deg, shown)
    path = write_film(tmp_path / "a.mp4", [marked(*stored, *mark)] * 3, turned_deg=turned_deg)
    info = video.probe(path)
    assert info.size_px == shown
    frame = next(video.read_frames(info, 30.0, None, None))
    shrunk = video.Shrinker(info).shrink(frame, window)
    picture = shrunk.rgb()
    assert picture.shape == (window.out_px, window.out_px, 3)
    x, y = whiteness(picture)
    found = (x * window.scale + window.left_px, y * window.scale + window.top_px)
    in_sight = [max(132 - 6, window.top_px), min(132 + 6, window.top_px + window.side_px)]
    across = [max(84 - 6, window.left_px), min(84 + 6, window.left_px + window.side_px)]
    assert found == pytest.approx((sum(across) / 2, sum(in_sight) / 2), abs=1.1)


def test_beyond_the_picture_it_is_grey(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", [plain(64, 128, 250)] * 3)
    info = video.probe(path)
    frame = next(video.read_frames(info, 30.0, None, None))
    whole = video.whole_window(info, 64)
    picture = video.Shrinker(info).shrink(frame, whole).rgb()
    assert (whole.left_px, whole.top_px, whole.side_px) == (-32, 0, 128)
    assert (picture[:, :14] == GREY).all()
    assert (picture[:, 50:] == GREY).all()
    assert picture[:, 18:46].mean() == pytest.approx(250, abs=4)


def test_wide_pixels_are_shown_wide(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", [marked(96, 96, 48, 24)] * 3, aspect=Fraction(4, 3))
    info = video.probe(path)
    assert info.size_px == (128, 96)
    frame = next(video.read_frames(info, 30.0, None, None))
    x, y = whiteness(video.Shrinker(info).shrink(frame, video.Window(0, 0, 96, 96)).rgb())
    assert (x, y) == pytest.approx((64, 24), abs=1.1)


@pytest.mark.parametrize("aspect", [Fraction(1, 30), Fraction(30)])
def test_pixels_of_no_camera_count_as_square(tmp_path: Path, aspect: Fraction) -> None:
    """A damaged header: taken at its word the picture would have 3 px of width, or 2880."""
    path = write_film(tmp_path / "a.mp4", [plain(96, 80, 90)] * 3, aspect=aspect)
    assert video.probe(path).size_px == (96, 80)


@pytest.mark.parametrize("size_px", [(1920, 1080), (3840, 2160), (960, 720)])
def test_a_thumbnail_is_the_mean_of_each_block(size_px: tuple[int, int]) -> None:
    width, height = size_px
    picture = np.random.default_rng(3).integers(0, 256, (height * 3 // 2, width), np.uint8)
    means = picture[:height].reshape(36, height // 36, 48, width // 48).mean(axis=(1, 3))
    seen = video.read_thumbnail(av.VideoFrame.from_ndarray(picture, format="yuv420p"))
    np.testing.assert_allclose(seen, means, atol=0.001)


@pytest.mark.parametrize("size_px", [(1280, 720), (720, 1280), (100, 90), (64, 36), (30, 20)])
def test_a_thumbnail_of_any_size_shows_where_it_is_bright(size_px: tuple[int, int]) -> None:
    width, height = size_px
    down, across = np.mgrid[0:height, 0:width]
    picture = np.full((height * 3 // 2, width), 128, np.uint8)
    picture[:height] = 100 * down / height + 100 * across / width
    seen = video.read_thumbnail(av.VideoFrame.from_ndarray(picture, format="yuv420p"))
    kept = height // 36 * 36 / height or 1.0  # rows that make no whole band are left out
    rows, columns = (np.arange(36) + 0.5) / 36 * kept, (np.arange(48) + 0.5) / 48
    one_px = 100 / height + 100 / width
    np.testing.assert_allclose(seen, 100 * rows[:, None] + 100 * columns, atol=1.0 + one_px)


def test_a_window_beyond_the_picture_is_refused(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", [plain(64, 64, 250)] * 3)
    info = video.probe(path)
    frame = next(video.read_frames(info, 30.0, None, None))
    with pytest.raises(ValueError, match="left_px=64"):
        video.Shrinker(info).shrink(frame, video.Window(64, 0, 32, 32))


# --- spreading -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keyframe_every", [5, 200])
def test_frames_spread_over_a_stretch(tmp_path: Path, keyframe_every: int) -> None:
    levels = [20 + n for n in range(180)]
    path = write_film(tmp_path / "a.mp4", (plain(64, 48, level) for level in levels), keyframe_every=keyframe_every)
    info = video.probe(path)
    frames = list(video.spread_frames(info, 15, 1.0, 5.0))
    times_s = np.array([frame.time_s for frame in frames])
    assert len(frames) == 15
    assert (np.diff(times_s) < 0.5).all()
    assert times_s[0] < 1.4
    assert times_s[-1] > 4.6
    for frame in frames:
        assert brightness(frame) == pytest.approx(levels[round(frame.time_s * 30)], abs=4)


def test_a_look_at_a_film_with_one_keyframe_spares_what_nobody_refers_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_film(tmp_path / "a.mp4", (marked(64, 48, n, 20) for n in range(20, 200)), keyframe_every=300)
    info = video.probe(path)
    decode, count = video.reader.decode, 0

    def counted(*arguments: Any) -> Iterator[av.VideoFrame]:
        nonlocal count
        for frame in decode(*arguments):
            count += 1
            yield frame

    whole = {frame.time_s: frame.stored.to_ndarray() for frame in video.decode_from(info)}
    monkeypatch.setattr(video.reader, "decode", counted)
    looks = list(video.spread_frames(info, 12, 0.0, 6.0))
    assert len(looks) == 12
    assert count < 0.75 * len(whole)
    for look in looks:
        np.testing.assert_array_equal(look.stored.to_ndarray(), whole[look.time_s])


@pytest.mark.parametrize(("keyframe_every", "most"), [(30, 85), (300, 125)])
def test_moments_are_met_and_little_else_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keyframe_every: int, most: int
) -> None:
    levels = [20 + n for n in range(200)]
    path = write_film(
        tmp_path / "a.mp4", (marked(64, 48, level, 20) for level in levels), keyframe_every=keyframe_every
    )
    info = video.probe(path)
    moments_s = [0.0, 0.05, 1.09, 4.5, 6.4, 2.22, 60.0, 3.0]
    wanted = [next((each for each in video.decode_from(info, at_s)), None) for at_s in moments_s]
    decode, count = video.reader.decode, 0

    def counted(*arguments: Any) -> Iterator[av.VideoFrame]:
        nonlocal count
        for frame in decode(*arguments):
            count += 1
            yield frame

    monkeypatch.setattr(video.reader, "decode", counted)
    seen = list(video.read_moments(info, moments_s[:5]))
    assert count <= most
    seen += video.read_moments(info, moments_s[5:])
    assert [each is None for each in seen] == [False] * 6 + [True, False]
    for one, other in zip(seen, wanted, strict=True):
        if one is not None and other is not None:
            assert one.time_s == other.time_s
            np.testing.assert_array_equal(one.stored.to_ndarray(), other.stored.to_ndarray())


# --- bad files -------------------------------------------------------------------------------------------------------


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        video.probe(tmp_path / "a.mp4")


@pytest.mark.parametrize("name", ["x" * 300 + ".mp4", "zero\0byte.mp4"])
def test_a_name_that_no_file_can_have(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="There is no file"):
        video.probe(tmp_path / name)


@pytest.mark.parametrize("name", ["concat:a|b.mp4", "http:%2F%2Fexample.mp4", "frame%03d.mp4", "-i.mp4"])
def test_a_name_that_ffmpeg_would_take_for_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_film(tmp_path / "plain.mp4", [plain(64, 48, 40)] * 3).rename(name)
    assert video.probe(Path(name)).size_px == (64, 48)


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        video.probe(tmp_path)


@pytest.mark.parametrize(("name", "content"), [("a.mp4", b"hello\n" * 100), ("notes.txt", b"hello\n" * 100)])
def test_text(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=r"cannot be read as a video|no moving picture"):
        video.probe(tmp_path / name)


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    with pytest.raises(InputError, match="is empty"):
        video.probe(tmp_path / "a.mp4")


def test_only_sound(tmp_path: Path) -> None:
    path = tmp_path / "a.m4a"
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), dtype=np.float32), format="fltp", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(InputError, match="only sound"):
        video.probe(path)


def test_a_file_that_breaks_off_before_its_index(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", (plain(64, 48, n) for n in range(60)))
    path.write_bytes(path.read_bytes()[:-200])  # an mp4's index is its end
    with pytest.raises(InputError, match="cannot be read as a video") as caught:
        video.probe(path)
    assert "cut off" in caught.value.hint


def test_a_file_that_breaks_off_gives_what_is_there(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    noise = (generator.integers(0, 255, (48, 64, 3), dtype=np.uint8) for _ in range(90))
    path = write_film(tmp_path / "a.mkv", noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    times_s = times_of(path, 30.0)
    assert 30 < len(times_s) < 60
    assert (np.diff(times_s) > 0).all()


def test_damage_in_the_middle_costs_only_what_it_hits(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    noise = (generator.integers(0, 255, (48, 64, 3), dtype=np.uint8) for _ in range(90))
    path = write_film(tmp_path / "a.mp4", noise)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 3000] = bytes(3000)
    path.write_bytes(content)
    times_s = times_of(path, 30.0)
    assert len(times_s) > 60
    assert times_s[-1] > 2.9


def test_the_pictures_are_whole_after_a_seek(tmp_path: Path, sample_clip: Path) -> None:
    """The same frames whether one decodes from the start or seeks."""
    info = video.probe(sample_clip)
    window = video.whole_window(info, 240)
    frame = next(video.decode_from(info, 12.0))
    direct = video.Shrinker(info).shrink(frame, window).rgb()
    expected = read_pictures(sample_clip, first=360, count=1)[0]
    assert frame.time_s == pytest.approx(12.0, abs=1e-6)
    small = expected.reshape(180, 4, 240, 4, 3).mean(axis=(1, 3))
    assert np.abs(direct[30:210].astype(float) - small).mean() < 3.0
