"""Pictures of a video with the figure drawn over them: stills for the page, and the whole set as a new video.

The video is one streaming pass: decode, draw, encode; no more than a few frames are held at once.
"""

import logging
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.container
import av.error
import cv2
import numpy as np

from formcheck import video
from formcheck.data import FloatArray, Report
from formcheck.rendering.body_figure import JOINTS, sample_at
from formcheck.rendering.head_location import Heads, find_heads
from formcheck.rendering.lettering import Picture
from formcheck.rendering.overlay import Figure, draw_by_hand, draw_figure, figure_of, hide
from formcheck.rendering.set_captions import CARD_S, Captions, draw_captions, draw_card, draw_stop
from formcheck.video.streams import TICKS

log = logging.getLogger(__name__)

UNTOLD = Captions()
NOWHERE = Heads(np.empty(0), np.empty((0, 3)), math.nan)

STILL_HEIGHT_PX = 440  # sharp at the height the page shows on a screen of two pixels to one
JPEG_QUALITY = 80
CROP_MARGIN = 0.15  # of the lifter's height, round all places they are in
TRUNK_REACH = 0.85  # of its length, to each side of its middle: what a picture of the back alone shows
STILL_TEXT = 1.4  # times the size on a video's picture: stills are shown small

MAX_COPY_SIDE_PX = 1280  # of a copy: larger ones are made smaller, to be sent and played anywhere
SHORT_SIDE_PX = 720  # of the annotated video, whatever the source has: smaller letters are not read on a phone
LONG_SIDE_PX = 1920
TALL_PX = (720, 1280)  # what apps for upright screens take
GROUND = (23, 18, 14)  # blue, green, red
MAX_SHOWN_RATE_HZ = 60.0  # and no screen shows more
AUDIO_OF_MP4 = frozenset({"aac", "ac3", "alac", "eac3", "mp3", "opus"})  # copied as it is; other sound is left out
CODECS_OF_BROWSERS = frozenset({"h264", "vp9"})
ENCODER = {"preset": "veryfast", "crf": "21"}  # 0.4 s of processor time for a second of 720p30, drawing included


@dataclass(frozen=True)
class Stills:
    """JPEG bytes by moment (s), and what a player's clock shows at the video's first picture (s)."""

    pictures: dict[float, bytes]
    offset_s: float


@dataclass(frozen=True)
class DrawingClock:
    """How a report's times lead to those of its video: its seconds times `speed` are the report's. `rate_hz` is the
    rate of a bare stream that does not know its own (see `video.probe`).
    """

    speed: float = 1.0
    rate_hz: float | None = None


FILE_CLOCK = DrawingClock()


@dataclass(frozen=True)
class Crop:
    """A stretch of the upright picture, px: left, top, right, bottom."""

    left_px: int
    top_px: int
    right_px: int
    bottom_px: int


def take_stills(
    path: Path,
    figure: Figure | None,
    times_s: Iterable[float],
    *,
    backs_s: Collection[float] = (),
    heads: Heads | None = None,
    clock: DrawingClock = FILE_CLOCK,
    is_whole: bool = False,
) -> Stills:
    """Return the pictures nearest to some moments, cut to where the lifter is unless `is_whole`, with the figure drawn.

    The moments are a report's, which `clock` leads to the video's. Those of `backs_s` show the trunk alone, large, and
    no numbers. Where `heads` says that the lifter's head is, it is
    hidden; nobody else's is. A moment whose picture cannot be decoded is left out. Raises InputError when nothing of
    the video can be.
    """
    info = video.probe(path, clock.rate_hz)
    whole = _find_crop(None if is_whole else figure, info.size_px)
    pictures: dict[float, bytes] = {}
    wanted = sorted(set(times_s))
    half_frame_s = 0.5 / info.fps if info.fps > 0 else 0.0
    starts_s = [max(moment_s / clock.speed - half_frame_s, 0.0) for moment_s in wanted]
    for moment_s, frame in zip(wanted, video.read_moments(info, starts_s), strict=True):
        if frame is None:
            continue
        near = _find_trunk(figure, moment_s, info.size_px) if moment_s in backs_s else None
        crop = near or whole
        picture = _cut(read_upright(frame, info), crop, info)
        zoom, origin_px = picture.shape[0] / (crop.bottom_px - crop.top_px), (crop.left_px, crop.top_px)
        if heads is not None:
            _hide_head(picture, heads, frame.time_s * clock.speed, zoom, origin_px)
        if figure is not None:
            text = 0.0 if near else STILL_TEXT * min(1.0, 1.3 * picture.shape[1] / picture.shape[0])
            draw_figure(picture, figure, frame.time_s * clock.speed, zoom=zoom, origin_px=origin_px, text=text)
        pictures[moment_s] = _jpeg(picture)
    return Stills(pictures, find_offset(info))


def clock_of(report: Report) -> DrawingClock:
    """Return how a report's times lead to those of its video."""
    return DrawingClock(report.speed, report.provenance.rate_hz)


def heads_of(report: Report) -> Heads:
    """Return where the lifter's head is; of a report without landmarks, that it may be anywhere."""
    return NOWHERE if report.poses is None else find_heads(report.poses)


def _hide_head(picture: Picture, heads: Heads, moment_s: float, zoom: float, origin_px: tuple[int, int]) -> None:
    """Hide the head on a picture that shows the video's px from `origin_px` on, `zoom` times as large, in place."""
    circles_px = heads.at(moment_s)
    hide(picture, None if circles_px is None else (circles_px - [*origin_px, 0]) * zoom)


def find_offset(info: video.VideoInfo) -> float:
    """Return what a player's clock shows at the first picture, s: it starts with the first stream, often sound."""
    with av.open(video.name_for_ffmpeg(info.path)) as container:
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
    margin = CROP_MARGIN * (high[1] - low[1])
    left, top = np.maximum(low - margin, 0).astype(int)
    right, bottom = np.minimum(high + margin, size_px).astype(int)
    return Crop(int(left), int(top), int(right), int(bottom)) if right > left and bottom > top else whole


def _find_trunk(figure: Figure | None, moment_s: float, size_px: tuple[int, int]) -> Crop | None:
    """Return the square round the trunk at one moment, as far as the picture goes; None where it was not seen."""
    if figure is None:
        return None
    points = sample_at(figure.time_s, figure.xy_px, moment_s)
    hip, shoulder = (points[JOINTS.index(joint)] for joint in ("hip", "shoulder"))
    half_px = TRUNK_REACH * float(np.linalg.norm(hip - shoulder))
    if not half_px >= 1:
        return None
    centre = (hip + shoulder) / 2
    left, top = np.maximum(centre - half_px, 0).astype(int)
    right, bottom = np.minimum(centre + half_px, size_px).astype(int)
    return Crop(int(left), int(top), int(right), int(bottom)) if right > left and bottom > top else None


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


def draw_on_jpeg(jpeg: bytes, lines: Iterable[Sequence[Sequence[float]]]) -> bytes:
    """Return a picture as JPEG with lines drawn by hand, each of points (x, y) as shares of its width and height."""
    picture = np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    sides = np.array(picture.shape[1::-1])
    for line in lines:
        draw_by_hand(picture, np.array(line, float).reshape(-1, 2) * sides)
    return _jpeg(picture)


def shrink_jpeg(jpeg: bytes, height_px: int) -> bytes:
    """Return a picture as JPEG of `height_px`, its sides in proportion."""
    picture = np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    width_px = max(1, round(picture.shape[1] * height_px / picture.shape[0]))
    return _jpeg(np.asarray(cv2.resize(picture, (width_px, height_px), interpolation=cv2.INTER_AREA), np.uint8))


def write_video(
    path: Path,
    report: Report,
    target: Path,
    progress: Callable[[int, int], None] | None = None,
    *,
    captions: Captions = UNTOLD,
    tall: bool = False,
    blur_faces: bool = False,
) -> None:
    """Write the analysed stretch as MP4 (H.264, 8 bit 4:2:0, index first): figure, angles and `captions`.

    The picture stands still at each of the captions' stops, and the last card follows the set; sound waits meanwhile.
    Upright, the shorter side 720 px, at most 60 frames a second, with the frames' own times; the sound is copied.
    `tall` makes it 9 by 16, cut to the lifter. With `blur_faces` the lifter's head is hidden in every frame (see
    `head_location`), and nobody else's. `progress(done, expected)` is called in frames of the video. Raises InputError
    when the video cannot be read, OSError when `target` cannot be written.
    """
    figure = figure_of(report)
    heads = heads_of(report) if blur_faces else None
    size_px = video.probe(path, report.provenance.rate_hz).size_px
    framing = _frame_tall(figure, size_px) if tall else _frame_whole(size_px, SHORT_SIDE_PX / min(size_px))

    def paint(picture: Picture, time_s: float) -> Picture:
        if heads is not None:
            _hide_head(picture, heads, time_s, picture.shape[1] / size_px[0], (0, 0))
        shown = framing.cut(picture)
        if figure is not None:
            origin_px = framing.crop.left_px, framing.crop.top_px
            text = min(shown.shape[:2]) / shown.shape[0]  # as large in an upright picture as in a flat one
            draw_figure(shown, figure, time_s, zoom=framing.zoom, origin_px=origin_px, text=text)
        canvas = framing.place(shown)
        draw_captions(canvas, captions, time_s)
        return canvas

    _write(path, target, _stretch(report), Drawing(framing, paint, captions), progress, clock_of(report))


def write_blurred(path: Path, report: Report, target: Path, progress: Callable[[int, int], None] | None = None) -> None:
    """Write the analysed stretch with the lifter's head hidden and nothing drawn, otherwise as `write_copy` does."""
    heads = heads_of(report)
    size_px = video.probe(path, report.provenance.rate_hz).size_px

    def paint(picture: Picture, time_s: float) -> Picture:
        _hide_head(picture, heads, time_s, picture.shape[1] / size_px[0], (0, 0))
        return picture

    drawing = Drawing(_frame_copy(size_px), paint)
    _write(path, target, _stretch(report), drawing, progress, clock_of(report))


def _stretch(report: Report) -> tuple[float, float]:
    times_s = report.kinematics.time_s
    return float(times_s[0]), float(times_s[-1])


@dataclass(frozen=True)
class PictureLayout:
    """Which part of the upright picture (`source_px` large) stands in the middle of a new one of `size_px`.

    What the part does not fill is dark. Sizes are width and height.
    """

    source_px: tuple[int, int]
    crop: Crop
    size_px: tuple[int, int]

    @property
    def zoom(self) -> float:
        """Px of the new picture per px of the upright one."""
        width, height = self.crop.right_px - self.crop.left_px, self.crop.bottom_px - self.crop.top_px
        return min(self.size_px[0] / width, self.size_px[1] / height)

    @property
    def read_px(self) -> tuple[int, int]:
        """The size in which frames are read: the new one where all of the picture is shown."""
        whole = self.crop == Crop(0, 0, *self.source_px)
        return _even(self.source_px, self.zoom if whole else 1.0)

    def cut(self, picture: Picture) -> Picture:
        """Return the part that is shown, as large as it is shown, of a frame in `read_px`."""
        crop = self.crop
        if crop == Crop(0, 0, *self.source_px):
            return picture
        part = picture[crop.top_px : crop.bottom_px, crop.left_px : crop.right_px]
        shown = tuple(
            min(most, round(side * self.zoom)) for most, side in zip(self.size_px, part.shape[1::-1], strict=True)
        )
        way = cv2.INTER_AREA if self.zoom < 1 else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(part, shown, interpolation=way), np.uint8)

    def place(self, part: Picture) -> Picture:
        """Return the new picture with the part in its middle."""
        width, height = self.size_px
        if part.shape == (height, width, 3):
            return part
        canvas = np.full((height, width, 3), GROUND, np.uint8)
        top, left = (height - part.shape[0]) // 2, (width - part.shape[1]) // 2
        canvas[top : top + part.shape[0], left : left + part.shape[1]] = part
        return canvas


def _frame_whole(size_px: tuple[int, int], zoom: float) -> PictureLayout:
    """Return all of the picture, `zoom` times as large but no longer than a screen is."""
    return PictureLayout(size_px, Crop(0, 0, *size_px), _even(size_px, min(zoom, LONG_SIDE_PX / max(size_px))))


def _frame_copy(size_px: tuple[int, int]) -> PictureLayout:
    """Return all of the picture as it is, or smaller, to be sent and played anywhere."""
    return _frame_whole(size_px, min(1.0, MAX_COPY_SIDE_PX / max(size_px)))


def _frame_tall(figure: Figure | None, size_px: tuple[int, int]) -> PictureLayout:
    """Return the part round the lifter that fills an upright screen, as far as the picture reaches."""
    width, height = size_px
    lifter = _find_crop(figure, size_px)
    wide = max(lifter.right_px - lifter.left_px, (lifter.bottom_px - lifter.top_px) * TALL_PX[0] / TALL_PX[1])
    wide = min(wide, width)
    high = min(wide * TALL_PX[1] / TALL_PX[0], height)
    left = _slide((lifter.left_px + lifter.right_px - wide) / 2, width - wide)
    top = _slide((lifter.top_px + lifter.bottom_px - high) / 2, height - high)
    return PictureLayout(size_px, Crop(left, top, left + int(wide), top + int(high)), TALL_PX)


def _slide(begin: float, most: float) -> int:
    """Return where a part begins that has to lie inside the picture."""
    return int(min(max(begin, 0.0), max(most, 0.0)))


def _even(size_px: tuple[int, int], zoom: float) -> tuple[int, int]:
    """Return a size, `zoom` times as large, that a video can have: even numbers."""
    width, height = (max(2, round(side * zoom / 2) * 2) for side in size_px)
    return width, height


@dataclass(frozen=True)
class Drawing:
    """How a new video is made: its framing, what is painted into each frame (`paint(picture, time_s)` returns the new
    picture), and the captions whose stops and card are added.
    """

    framing: PictureLayout
    paint: Callable[[Picture, float], Picture] | None = None
    captions: Captions = UNTOLD


def plays_everywhere(path: Path, rate_hz: float | None = None) -> bool:
    """Whether every browser plays the video: H.264 or VP9 with 8 bit and 4:2:0. Raises InputError as `probe` does."""
    info = video.probe(path, rate_hz)
    with av.open(video.name_for_ffmpeg(path)) as container:
        shown = container.streams.video[0]  # browsers know of no other
        coded = shown.codec_context
        if shown.index != info.stream or info.made_rate_hz is not None or coded is None:
            return False
        return coded.name in CODECS_OF_BROWSERS and coded.pix_fmt in {"yuv420p", "yuvj420p"}


def write_copy(
    path: Path,
    target: Path,
    stretch_s: tuple[float, float],
    progress: Callable[[int, int], None] | None = None,
    clock: DrawingClock = FILE_CLOCK,
) -> None:
    """Write a stretch (s of the report) as MP4 that browsers play, as `write_video` does, with nothing drawn in."""
    size_px = video.probe(path, clock.rate_hz).size_px
    _write(path, target, stretch_s, Drawing(_frame_copy(size_px)), progress, clock)


def _write(
    path: Path,
    target: Path,
    stretch_s: tuple[float, float],
    drawing: Drawing,
    progress: Callable[[int, int], None] | None,
    clock: DrawingClock,
) -> None:
    """Write a stretch as MP4."""
    info = video.probe(path, clock.rate_hz)
    start_s, end_s = (each / clock.speed for each in stretch_s)
    rate_hz = min(info.fps, MAX_SHOWN_RATE_HZ) if info.fps > 0 else MAX_SHOWN_RATE_HZ
    expected = max(1, round((end_s - start_s) * rate_hz))
    with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        out = _Out(container, drawing.framing.size_px, rate_hz)
        origin_s = float(info.start_pts * info.time_base)
        sound = _Sound(path, container, origin_s + start_s, origin_s + end_s)
        before_s, picture = -math.inf, None
        for done, frame in enumerate(video.read_frames(info, MAX_SHOWN_RATE_HZ, start_s, end_s), start=1):
            picture = _read_scaled(frame, info, drawing.framing.read_px)
            now_s = frame.time_s * clock.speed
            if drawing.paint is not None:
                picture = drawing.paint(picture, now_s)
            out.add(picture, frame.time_s - start_s)
            sound.copy_until(frame.time_s - start_s)
            for stop in (each for each in drawing.captions.stops if before_s < each.moment_s <= now_s):
                held = picture.copy()
                draw_stop(held, stop)
                out.hold(held, stop.hold_s)
                sound.wait(stop.hold_s)
            before_s = now_s
            if progress is not None:
                progress(min(done, expected), expected)
        sound.copy_until(math.inf)
        if picture is not None and drawing.captions.headline:
            draw_card(picture, drawing.captions)
            out.hold(picture, CARD_S)
        out.close()


class _Out:
    """The pictures of a new video, on its own clock: what is held pushes back all that comes after."""

    def __init__(self, container: av.container.OutputContainer, size_px: tuple[int, int], rate_hz: float) -> None:
        self._container, self._rate_hz = container, rate_hz
        self._stream = container.add_stream("libx264", rate=Fraction(rate_hz).limit_denominator(1001), options=ENCODER)
        self._stream.width, self._stream.height, self._stream.pix_fmt = *size_px, "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, TICKS)
        self._held_s = 0.0
        self._last_s = 0.0

    def add(self, picture: Picture, time_s: float) -> None:
        """Encode a picture that is shown from `time_s` of the stretch on."""
        self._last_s = time_s
        self._encode(picture, time_s + self._held_s)

    def hold(self, picture: Picture, seconds: float) -> None:
        """Show a picture after the last one for so long."""
        count = max(1, round(seconds * self._rate_hz))
        for number in range(1, count + 1):
            self._encode(picture, self._last_s + self._held_s + number / self._rate_hz)
        self._held_s += count / self._rate_hz

    def close(self) -> None:
        """Write what the encoder still holds."""
        self._container.mux(self._stream.encode())

    def _encode(self, picture: Picture, time_s: float) -> None:
        self._container.mux(self._stream.encode(_encodable(picture, time_s)))


def _read_scaled(frame: video.Frame, info: video.VideoInfo, size_px: tuple[int, int]) -> Picture:
    """Return a frame upright in a given size, (h, w, 3) BGR.

    Colours go through OpenCV's YUV in both directions, so that what is not drawn over comes out as it went in.
    """
    stored_px = size_px if info.rotation_deg % 180 == 0 else size_px[::-1]
    planes = frame.stored.to_ndarray(
        format="yuv420p", width=stored_px[0], height=stored_px[1], threads=video.SWSCALE_THREADS
    )
    picture = cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420)
    return np.ascontiguousarray(np.rot90(picture, -(info.rotation_deg // 90)), np.uint8)


def _encodable(picture: Picture, time_s: float) -> av.VideoFrame:
    planes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8)
    frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
    frame.pts, frame.time_base = round(time_s * TICKS), Fraction(1, TICKS)
    return frame


class _Sound:
    """The video's own sound, copied packet by packet beside the pictures; none where MP4 does not take it."""

    def __init__(self, path: Path, out: av.container.OutputContainer, shift_s: float, end_s: float) -> None:
        """Take the sound from `shift_s` to `end_s` of the file's own clock; `shift_s` becomes zero."""
        self._out = out
        self._packets: Iterator[tuple[float, av.Packet[av.AudioStream]]] = iter(())
        self._held: tuple[float, av.Packet[av.AudioStream]] | None = None
        self._waited_s = 0.0
        source = av.open(video.name_for_ffmpeg(path))
        audio = next(iter(source.streams.audio), None)
        if audio is not None and audio.codec_context.name in AUDIO_OF_MP4:
            stream = out.add_stream_from_template(audio)
            self._packets = _shifted(source, audio, stream, shift_s, end_s)
            return
        if audio is not None:
            log.warning("%s: its sound (%s) does not fit into MP4 and is left out.", path, audio.codec_context.name)
        source.close()

    def wait(self, seconds: float) -> None:
        """Let what is still to be copied sound so much later."""
        self._waited_s += seconds

    def copy_until(self, time_s: float) -> None:
        """Copy what sounds up to a moment of the stretch, s."""
        while True:
            if self._held is None:
                self._held = next(self._packets, None)
            if self._held is None or self._held[0] > time_s:
                return
            packet = self._held[1]
            assert packet.pts is not None, "see _shifted"
            assert packet.dts is not None, "see _shifted"
            late = round(self._waited_s / packet.time_base)
            packet.pts, packet.dts = packet.pts + late, packet.dts + late
            self._out.mux(packet)
            self._held = None


def _shifted(
    source: av.container.InputContainer,
    audio: av.AudioStream,
    stream: av.AudioStream,
    shift_s: float,
    end_s: float,
) -> "Iterator[tuple[float, av.Packet[av.AudioStream]]]":
    """Packets between `shift_s` and `end_s`, for another container and its clock; a damaged end is the end."""
    with source:
        packets = source.demux(audio)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.error.FFmpegError):
                return
            if packet.pts is None or packet.dts is None:
                continue
            time_s = float(packet.pts * packet.time_base)
            if time_s > end_s:
                return
            if time_s < shift_s:
                continue
            shift = round(shift_s / packet.time_base)
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            packet.stream = stream
            yield time_s - shift_s, packet
