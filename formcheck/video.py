"""Frames with their true timestamps in: decoding, sampling, rotation, and the square window that goes to the model.

Conventions: times are seconds since the first frame of the video stream, from the container's presentation timestamps.
Pictures are upright: the display matrix (quarter turns) and the sample aspect ratio are applied, so that every `_px`
is what a player shows. Nothing here holds more than a few frames at once, however long the video is.
"""

import math
import os
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import av
import av.container
import av.error
import av.filter
import numpy as np
from av.stream import Disposition
from numpy.typing import NDArray

from formcheck.errors import InputError

RGB = NDArray[np.uint8]
T = TypeVar("T")

# libswscale's own slice threads have waited for one another for ever (PyAV 18.1, a worker that stood in
# avpriv_slicethread_execute), and pictures this small gain nothing from them.
SWSCALE_THREADS = 1
GREY = 128  # what the model sees beyond the picture's edge
EVERY_FRAME_UP_TO = 1.1  # times the wanted rate: below, sampling would only drop the odd frame of a jittering clock
ENOUGH_KEYFRAMES = 12  # so many spread over the clip give a look at all of it without decoding what lies between
MOST_ASPECT = 4.0  # of a pixel, either way: anamorphic film has 2, and more is a damaged file
BUSY_PX = 3_000_000  # to be decoded for each sampled frame: above, one thread would keep two landmarkers waiting
FEW_CORES = 2  # where the landmarkers leave none for a second decoding thread, which costs a tenth more in all
# Lists of other files, whatever they are called: a stranger's "set.mp4" must not show what lies beside it. And devices.
LISTS = {"concat", "dash", "hls", "image2", "imf", "rtp", "rtsp", "sap", "sdp", "vobsub", "webm_dash_manifest"}
DEVICES = {"alsa", "fbdev", "kmsgrab", "lavfi", "oss", "video4linux2,v4l2", "x11grab"}
CONTAINERS = ",".join(sorted(av.formats_available - LISTS - DEVICES))
NOT_PICTURES = frozenset({"ansi", "bintext", "xbin", "idf"})  # FFmpeg "plays" text files with these


@dataclass(frozen=True)
class VideoInfo:
    """The video stream as its container describes it; `size_px` is the upright picture's width and height.

    `rotation_deg` is the clockwise turn (0, 90, 180, 270) that makes the stored picture upright. `fps` is the mean rate
    and NaN when the container does not know it, as is `duration_s`.
    """

    path: Path
    fps: float
    duration_s: float
    size_px: tuple[int, int]
    rotation_deg: int
    stored_px: tuple[int, int]
    pixel_aspect: float
    start_pts: int
    time_base: Fraction


@dataclass(frozen=True, eq=False)
class Frame:
    """A decoded frame, as stored (not turned), and its time in seconds since the first frame."""

    time_s: float
    stored: av.VideoFrame


@dataclass(frozen=True)
class Window:
    """A square of the upright picture, which may reach beyond it, and the side it is shrunk to. All even numbers."""

    left_px: int
    top_px: int
    side_px: int
    out_px: int

    def __post_init__(self) -> None:
        assert not (self.left_px | self.top_px | self.side_px | self.out_px) % 2, self
        assert self.side_px > 0, self
        assert self.out_px > 0, self

    @property
    def scale(self) -> float:
        """Picture pixels per pixel of the shrunk window."""
        return self.side_px / self.out_px


@dataclass(frozen=True, eq=False)
class Shrunk:
    """What of a frame goes to the model, still as YUV: half the memory of RGB while it waits its turn."""

    time_s: float
    window: Window
    picture: av.VideoFrame
    corner: tuple[int, int]

    def rgb(self) -> RGB:
        """Return the window as a new (out_px, out_px, 3) array; what lies beyond the picture is grey."""
        size = self.window.out_px
        inner = self.picture.to_ndarray(format="rgb24", threads=SWSCALE_THREADS)
        if inner.shape[:2] == (size, size):
            return np.ascontiguousarray(inner)
        canvas = np.full((size, size, 3), GREY, dtype=np.uint8)
        left, top = self.corner
        height, width = min(inner.shape[0], size - top), min(inner.shape[1], size - left)
        canvas[top : top + height, left : left + width] = inner[:height, :width]
        return canvas


def name_for_ffmpeg(path: Path) -> str:
    """Return a file's name as FFmpeg has to hear it: without `file:` a name like `concat:a|b.mp4` is a protocol."""
    return f"file:{path}"


def _open(path: Path) -> tuple[av.container.InputContainer, av.VideoStream]:
    """Open a container that holds moving pictures. Raises InputError, each case in words of its own."""
    try:
        path.stat()
    except (OSError, ValueError) as error:  # a name may also be too long, or hold a zero byte
        raise InputError(f"There is no file {path}.", "Check the name and the folder.") from error
    if path.is_dir():
        raise InputError(f"{path} is a folder.", "Name a video in it.")
    try:
        if path.stat().st_size == 0:
            raise InputError(f"{path} is empty.", "Copy the video again; the transfer may have failed.")
        container = av.open(name_for_ffmpeg(path), options={"format_whitelist": CONTAINERS})
    except PermissionError as error:
        raise InputError(f"{path} may not be read.", "Change the file's permissions.") from error
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise InputError(
            f"{path} cannot be read as a video.",
            "It may be cut off or of another kind; play it once, or export it again as MP4.",
        ) from error
    stream = _moving_stream(container)
    if stream is not None and not has_decoder(stream):
        container.close()
        raise InputError(
            f"The pictures of {path} are of a kind that cannot be decoded.", "Export it again as MP4 (H.264)."
        )
    if stream is None or stream.codec_context.name in NOT_PICTURES:
        kind = "only sound" if container.streams.audio else "no moving picture"
        container.close()
        raise InputError(f"{path} holds {kind}.", "Name a video file.")
    return container, stream


def has_decoder(stream: av.VideoStream) -> bool:
    """Whether FFmpeg knows the stream's codec; a damaged header may name any. PyAV's types leave this case out."""
    context: object = stream.codec_context
    return context is not None


def _packets(container: av.container.InputContainer, stream: av.VideoStream) -> "Iterator[av.Packet[av.VideoStream]]":
    """Packets of the stream up to the end or to where the file is damaged."""
    packets = container.demux(stream)
    while True:
        try:
            yield next(packets)
        except (StopIteration, av.error.FFmpegError):
            return


def _decode(
    container: av.container.InputContainer,
    stream: av.VideoStream,
    unwanted: Set[int] = frozenset(),
    first_pts: float = -math.inf,
) -> Iterator[av.VideoFrame]:
    """Frames in the order of presentation; what is damaged is left out, and a damaged end is the end.

    Frames whose time (in the stream's time base) is `unwanted` or before `first_pts` are not decoded if no other frame
    refers to them.
    """
    for packet in _packets(container, stream):
        if unwanted or first_pts > -math.inf:
            spare = packet.pts is not None and (packet.pts < first_pts or packet.pts in unwanted)
            stream.codec_context.skip_frame = "NONREF" if spare else "DEFAULT"
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            continue
        for frame in frames:
            if frame.pts is not None:
                yield frame


def _moving_stream(container: av.container.InputContainer) -> av.VideoStream | None:
    """Return the first video stream that is not the cover of an album."""
    covers = Disposition.attached_pic
    return next((stream for stream in container.streams.video if not stream.disposition & covers), None)


def probe(path: Path) -> VideoInfo:
    """Describe a video; one frame is decoded, so that what comes back can be.

    Raises
    ------
    InputError
        When there is no such file, or it is a folder, empty, not a video, without pictures, or none can be decoded.
    """
    container, stream = _open(path)
    with container:
        first = next(_decode(container, stream), None)
        if first is None or first.pts is None or first.time_base is None:
            raise InputError(
                f"No picture of {path} can be decoded.", "The file is damaged or cut off: copy or export it again."
            )
        rate = stream.average_rate or stream.guessed_rate
        if stream.duration is not None:
            duration_s = float(stream.duration * first.time_base)
        else:
            duration_s = container.duration / av.time_base if container.duration else math.nan
        rotation_deg = round(-first.rotation / 90) * 90 % 360
        aspect = float(stream.sample_aspect_ratio or 0)
        if not 1 / MOST_ASPECT <= aspect <= MOST_ASPECT:
            aspect = 1.0
        shown = (round(first.width * aspect), first.height)
        return VideoInfo(
            path=path,
            fps=float(rate) if rate else math.nan,
            duration_s=duration_s,
            size_px=shown if rotation_deg % 180 == 0 else shown[::-1],
            rotation_deg=rotation_deg,
            stored_px=(first.width, first.height),
            pixel_aspect=aspect,
            start_pts=first.pts,
            time_base=first.time_base,
        )


def _spare_the_decoder(stream: av.VideoStream, info: VideoInfo, rate_hz: float) -> None:
    """Choose threads, and leave frames that no other refers to without deblocking.

    Measured on a minute of 1080p H.264: an eighth less to decode, landmarks moved by their own noise and no bias;
    without any deblocking at all they would shift by half a pixel.
    """
    per_sample = info.stored_px[0] * info.stored_px[1] * max(1.0, info.fps / rate_hz if info.fps > 0 else 1.0)
    busy = per_sample > BUSY_PX or (os.cpu_count() or 1) > FEW_CORES
    stream.thread_type = "AUTO" if busy else "NONE"
    stream.codec_context.thread_count = 2 if busy else 1
    stream.codec_context.options = {"skip_loop_filter": "noref"}


def _time_s(info: VideoInfo, frame: av.VideoFrame) -> float:
    assert frame.pts is not None
    return float((frame.pts - info.start_pts) * (frame.time_base or info.time_base))


def _seek(container: av.container.InputContainer, stream: av.VideoStream, info: VideoInfo, time_s: float) -> None:
    container.seek(info.start_pts + math.floor(time_s / info.time_base), stream=stream, backward=True)


def decode_from(info: VideoInfo, start_s: float = 0.0, rate_hz: float = math.inf) -> Iterator[Frame]:
    """Every frame from `start_s` on, times strictly increasing; a frame without a new time of its own is left out.

    With a `rate_hz`, frames that sampling at that rate from `start_s` on would not pick may be missing.
    """
    container, stream = _open(info.path)
    with container:
        _spare_the_decoder(stream, info, rate_hz)
        unpicked = _unpicked(info, start_s, rate_hz) if _samples(info, rate_hz) else frozenset()
        first_pts = info.start_pts + math.floor(start_s / info.time_base) if start_s > 0 else -math.inf
        frames = _decode(container, stream, unpicked, first_pts)
        last_s = -math.inf
        if start_s > 0:
            _seek(container, stream, info, start_s)
            landed = next(frames, None)
            if landed is None or _time_s(info, landed) > start_s:  # an index that lies: from the beginning, then
                _seek(container, stream, info, 0.0)
            elif _time_s(info, landed) == start_s:
                last_s = start_s
                yield Frame(start_s, landed)
        for frame in frames:
            time_s = _time_s(info, frame)
            if time_s >= start_s and time_s > last_s:
                last_s = time_s
                yield Frame(time_s, frame)


def pick_nearest(stamped: Iterable[tuple[float, T]], rate_hz: float) -> Iterator[tuple[float, T]]:
    """Of (time, item) pairs keep, for each instant of a grid that starts at the first time, the nearest item.

    Each item comes at most once, with its own time; instants in a gap give nothing new. After the last item no instant
    is served.
    """
    held: tuple[float, T] | None = None
    taken = False
    origin_s = 0.0
    instant = 0
    for pair in stamped:
        if held is None:
            origin_s = pair[0]
        else:
            last = math.floor((pair[0] - origin_s) * rate_hz)
            while instant <= last:
                wanted_s = origin_s + instant / rate_hz
                if (
                    wanted_s - held[0] > pair[0] - wanted_s
                ):  # this and all later instants up to `last` want the new item
                    break
                if not taken:
                    yield held
                    taken = True
                instant += 1
            taken = instant <= last
            if taken:
                yield pair
                instant = last + 1
        held = pair
    if held is not None and instant == 0:
        yield held


def _samples(info: VideoInfo, rate_hz: float) -> bool:
    """Whether the video is so much faster than `rate_hz` that frames are left out."""
    return info.fps > rate_hz * EVERY_FRAME_UP_TO


def _unpicked(info: VideoInfo, start_s: float, rate_hz: float) -> frozenset[int]:
    """Find the times, in the stream's time base, of frames that sampling will not pick, from the packets alone."""
    if not _samples(info, rate_hz):
        return frozenset()
    container, stream = _open(info.path)
    with container:
        pts = sorted({packet.pts for packet in _packets(container, stream) if packet.pts is not None})
    times = [(float((each - info.start_pts) * info.time_base), each) for each in pts]
    stretch = [(time_s, each) for time_s, each in times if time_s >= start_s]
    picked = {each for _, each in pick_nearest(stretch, rate_hz)}
    return frozenset(each for _, each in stretch[:-1] if each not in picked)  # the last bounds the grid


def read_frames(info: VideoInfo, rate_hz: float, start_s: float | None, end_s: float | None) -> Iterator[Frame]:
    """Sample the frames between `start_s` and `end_s` at `rate_hz`, each with its own presentation time.

    A video of up to 1.1 x `rate_hz` (or of unknown rate) gives every frame. A faster one gives, for each instant of a
    grid at `rate_hz`, the nearest frame: 60, 120 and 240 fps become every second, fourth and eighth; for rates that do
    not divide (46.92 or 50 fps) the intervals alternate between one and two frames while the mean stays `rate_hz`.
    """
    frames = decode_from(info, max(start_s or 0.0, 0.0), rate_hz)
    stamped: Iterator[tuple[float, Frame]] = ((frame.time_s, frame) for frame in frames)
    if end_s is not None:
        stamped = _until(stamped, end_s)
    if _samples(info, rate_hz):
        stamped = pick_nearest(stamped, rate_hz)
    for _, frame in stamped:
        yield frame


def _until(stamped: Iterable[tuple[float, Frame]], end_s: float) -> Iterator[tuple[float, Frame]]:
    for pair in stamped:
        if pair[0] > end_s:
            return
        yield pair


def spread_frames(info: VideoInfo, count: int, start_s: float, end_s: float) -> Iterator[Frame]:
    """At most `count` frames spread over a stretch of the video, at bounded cost.

    Where the container's index names at least 12 keyframes in the stretch, these alone are decoded; otherwise
    everything in the stretch is, once.
    """
    container, stream = _open(info.path)
    with container:
        keys = [
            time_s
            for entry in stream.index_entries
            if entry.is_keyframe
            and start_s <= (time_s := float((entry.timestamp - info.start_pts) * info.time_base)) <= end_s
        ]
        if len(keys) >= ENOUGH_KEYFRAMES:
            chosen = [keys[i] for i in np.unique(np.linspace(0, len(keys) - 1, count).round().astype(int))]
            stream.thread_type = "NONE"  # frame threads would have to be filled anew after every seek
            stream.codec_context.skip_frame = "NONKEY"
            stream.codec_context.options = {"skip_loop_filter": "all"}  # to see who is there, a blocky picture does
            for time_s in chosen:
                _seek(container, stream, info, time_s + 1e-3)
                yield from _one_keyframe(info, container, stream)
            return
        stream.thread_type = "AUTO"
        wanted = start_s + (np.arange(count) + 0.5) / count * (end_s - start_s)
        _seek(container, stream, info, start_s)
        yield from _first_after(info, _decode(container, stream), wanted.tolist())


def _one_keyframe(info: VideoInfo, container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[Frame]:
    """Decode the packet at the reader's position by itself; flushing spares the wait for frames that refer to it."""
    try:
        packet = next(container.demux(stream))
        frames = [*packet.decode(), *stream.codec_context.decode(None)]
    except (StopIteration, av.error.FFmpegError):
        return
    if frames and packet.pts is not None:
        yield Frame(float((packet.pts - info.start_pts) * info.time_base), frames[0])


def _first_after(info: VideoInfo, frames: Iterable[av.VideoFrame], wanted_s: list[float]) -> Iterator[Frame]:
    """For each wanted time the first frame at or after it."""
    rest = iter(wanted_s)
    target_s = next(rest, None)
    for frame in frames:
        if target_s is None:
            return
        time_s = _time_s(info, frame)
        if time_s >= target_s:
            yield Frame(time_s, frame)
            while target_s is not None and target_s <= time_s:
                target_s = next(rest, None)


def whole_window(info: VideoInfo, out_px: int) -> Window:
    """Frame the smallest square round the whole picture, shrunk to at most `out_px`."""
    side = max(info.size_px) + max(info.size_px) % 2
    left, top = (-((side - length) // 2 // 2) * 2 for length in info.size_px)
    return Window(left, top, side, min(out_px, side) // 2 * 2)


class Shrinker:
    """Cut windows out of frames and shrink them, straight from the decoder's YUV; one per decoding thread."""

    def __init__(self, info: VideoInfo) -> None:
        self._info = info
        self._key: tuple[Window, int, int, str] | None = None
        self._graph: av.filter.Graph | None = None
        self._corner = (0, 0)

    def shrink(self, frame: Frame, window: Window) -> Shrunk:
        """Cut `window` out of the frame. Raises ValueError when the window lies wholly beyond the picture."""
        stored = frame.stored
        key = (window, stored.width, stored.height, stored.format.name)
        if key != self._key or self._graph is None:
            self._graph, self._corner = self._build(stored, window)
            self._key = key
        self._graph.vpush(stored)
        return Shrunk(frame.time_s, window, self._graph.vpull(), self._corner)

    def _build(self, stored: av.VideoFrame, window: Window) -> tuple[av.filter.Graph, tuple[int, int]]:
        width, height = self._info.size_px
        left, right = max(window.left_px, 0), min(window.left_px + window.side_px, width)
        top, bottom = max(window.top_px, 0), min(window.top_px + window.side_px, height)
        if left >= right or top >= bottom:
            raise ValueError(window)
        x, y, cut_width, cut_height = self._in_store(left, top, right, bottom)
        out = [max(2, round((b - a) / window.scale / 2) * 2) for a, b in ((left, right), (top, bottom))]
        turned = self._info.rotation_deg % 180 == 90
        out_width, out_height = out[::-1] if turned else out
        steps = [
            ("crop", f"{cut_width}:{cut_height}:{x}:{y}"),
            ("scale", f"{out_width}:{out_height}:flags=area"),
            ("format", "yuv420p"),
            *{90: [("transpose", "clock")], 270: [("transpose", "cclock")], 180: [("hflip", ""), ("vflip", "")]}.get(
                self._info.rotation_deg, []
            ),
            ("buffersink", ""),
        ]
        graph = av.filter.Graph()
        graph.threads = SWSCALE_THREADS
        node = graph.add_buffer(
            width=stored.width, height=stored.height, format=stored.format, time_base=self._info.time_base
        )
        for name, arguments in steps:
            following = graph.add(name, arguments or None)
            node.link_to(following)
            node = following
        graph.configure()
        corner = (round((left - window.left_px) / window.scale), round((top - window.top_px) / window.scale))
        return graph, corner

    def _in_store(self, left: int, top: int, right: int, bottom: int) -> tuple[int, int, int, int]:
        """Rectangle of the upright picture -> x, y, width, height in the stored one, all even."""
        width, height = self._info.size_px
        match self._info.rotation_deg:
            case 90:
                left, top, right, bottom = top, width - right, bottom, width - left
            case 180:
                left, top, right, bottom = width - right, height - bottom, width - left, height - top
            case 270:
                left, top, right, bottom = height - bottom, left, height - top, right
            case _:
                pass
        x, x_end = (round(each / self._info.pixel_aspect / 2) * 2 for each in (left, right))
        y, y_end = (round(each / 2) * 2 for each in (top, bottom))
        stored_width, stored_height = self._info.stored_px
        return x, y, min(x_end - x, stored_width - x), min(y_end - y, stored_height - y)
