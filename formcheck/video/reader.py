"""Which pictures there are and when: decoding, seeking, sampling.

Times are seconds since the first frame of the stream, from the container's presentation timestamps; see the package for
the other conventions.
"""

import math
import os
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from fractions import Fraction
from itertools import takewhile
from pathlib import Path
from typing import TypeVar

import av
import av.container
import av.error
import numpy as np

from formcheck.errors import InputError
from formcheck.video.streams import MOST_PIXELS, Clock, open_container, packets_of

T = TypeVar("T")

EVERY_FRAME_UP_TO = 1.1  # times the wanted rate: below, sampling would only drop the odd frame of a jittering clock
ENOUGH_KEYFRAMES = 12  # so many spread over the clip give a look at all of it without decoding what lies between
BUSY_PX = 3_000_000  # to be decoded for each sampled frame: above, one thread would keep two landmarkers waiting
FEW_CORES = 2  # where the landmarkers leave none for a second decoding thread, which costs a tenth more in all
READ_ON_S = 2.0  # a moment this near is read up to, whatever lies between
MADE_TICKS = 90_000  # a second, in the time base of the times that are made for bare streams
SAME_SHAPE = 0.02  # between the sides' ratios of two pictures that show the same frame
DECODING_CLOCK = frozenset({"avi"})  # these keep no times of presentation: FFmpeg's guess at them goes back and forth


@dataclass(frozen=True)
class VideoInfo:
    """The video stream; `size_px` is the upright picture's width and height, that of the first picture.

    `rotation_deg` is the clockwise turn (0, 90, 180, 270) that makes the stored picture upright. `fps` is the mean
    rate, NaN when neither the container nor its packets know it. `duration_s` is how long there are pictures, and
    `promised_s` how long the container says that there are. `stream` is the place of the stream in the file.
    `made_rate_hz` is the rate by which the pictures of a bare stream are given their times, None where the file has
    times. `is_even`: the times run on without a leap, and a place can be sought by its time. `tagged_speed` is the
    speed of the clip by the phone's own tag (see `slow_motion`).
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
    promised_s: float
    stream: int
    made_rate_hz: float | None
    is_even: bool
    tagged_speed: float


@dataclass(frozen=True, eq=False)
class Frame:
    """A decoded frame, as stored (not turned), and its time in seconds since the first frame."""

    time_s: float
    stored: av.VideoFrame


@dataclass
class Reading:
    """How the times of a stream's frames are had: made, at a rate; mended where they leap; or taken as they are.

    Frames whose time (in the stream's time base) is `unwanted` or before `first_pts` are not decoded if no other frame
    refers to them. `first_pts` may move on while frames are read.
    """

    made_hz: float | None = None
    mended: bool = False
    unwanted: Set[int] = frozenset()
    first_pts: float = -math.inf

    @property
    def is_sparing(self) -> bool:
        """Whether there are frames that need not be decoded."""
        return bool(self.unwanted) or self.first_pts > -math.inf

    def spares(self, pts: int | None) -> bool:
        """Whether the frame of a packet need not be decoded."""
        return pts is not None and (pts < self.first_pts or pts in self.unwanted)


def open_film(info: VideoInfo) -> tuple[av.container.InputContainer, av.VideoStream]:
    """Open the file anew, at the stream that was chosen."""
    container = open_container(info.path)
    streams = container.streams
    stream = streams[info.stream] if info.stream < len(streams) else None
    if not isinstance(stream, av.VideoStream):
        container.close()
        raise InputError(f"{info.path} was changed while it was read.", "Wait until it is complete, then start again.")
    return container, stream


def decode(container: av.container.InputContainer, stream: av.VideoStream, reading: Reading) -> Iterator[av.VideoFrame]:
    """Frames in the order of presentation, each with a time; what is damaged is left out, or is the end."""
    clock = Clock(stream.time_base) if reading.mended and stream.time_base else None
    by_decoding = container.format.name in DECODING_CLOCK
    count = 0
    for packet in packets_of(container, stream):
        if clock is not None and reading.made_hz is None:
            clock.mend(packet)
        if reading.is_sparing and not by_decoding:
            stream.codec_context.skip_frame = "NONREF" if reading.spares(packet.pts) else "DEFAULT"
        try:
            frames = packet.decode()
        except (av.error.FFmpegError, ValueError, OverflowError):
            continue
        for frame in frames:
            if reading.made_hz is not None:
                frame.pts, frame.time_base = round(count * MADE_TICKS / reading.made_hz), Fraction(1, MADE_TICKS)
                count += 1
            elif by_decoding and frame.dts is not None:
                frame.pts = frame.dts
            if frame.pts is not None:
                yield frame


def _spare_the_decoder(stream: av.VideoStream, info: VideoInfo, rate_hz: float) -> None:
    """Choose threads, and leave frames that no other refers to without deblocking.

    Measured on a minute of 1080p H.264: an eighth less to decode, landmarks moved by their own noise and no bias;
    without any deblocking at all they would shift by half a pixel.
    """
    per_sample = info.stored_px[0] * info.stored_px[1] * max(1.0, info.fps / rate_hz if info.fps > 0 else 1.0)
    busy = per_sample > BUSY_PX or (os.cpu_count() or 1) > FEW_CORES
    stream.thread_type = "AUTO" if busy else "NONE"
    stream.codec_context.thread_count = 2 if busy else 1
    stream.codec_context.options = {"skip_loop_filter": "noref", "max_pixels": str(MOST_PIXELS)}


def _time_s(info: VideoInfo, frame: av.VideoFrame) -> float:
    assert frame.pts is not None
    return float((frame.pts - info.start_pts) * (frame.time_base or info.time_base))


def _seek(container: av.container.InputContainer, stream: av.VideoStream, info: VideoInfo, time_s: float) -> bool:
    """Go to the keyframe at or before a time. False when the container cannot: then it has to be opened anew."""
    if not info.is_even:
        return False
    try:
        container.seek(info.start_pts + math.floor(time_s / info.time_base), stream=stream, backward=True)
    except (av.error.FFmpegError, OSError, OverflowError):
        return False
    return True


def decode_from(info: VideoInfo, start_s: float = 0.0, rate_hz: float = math.inf) -> Iterator[Frame]:
    """Every frame from `start_s` on, times strictly increasing; a frame without a new time of its own is left out, and
    so is one of another shape than the first, which cannot be laid over it.

    With a `rate_hz`, frames that sampling at that rate from `start_s` on would not pick may be missing.
    """
    unpicked = _unpicked(info, start_s, rate_hz) if _samples(info, rate_hz) else frozenset()
    return _decode_on(info, start_s, rate_hz, Reading(info.made_rate_hz, not info.is_even, unpicked))


def _first_pts(info: VideoInfo, start_s: float) -> float:
    """Return the time (in the stream's time base) before which no frame is wanted; -inf where times may leap."""
    return info.start_pts + math.floor(start_s / info.time_base) if start_s > 0 and info.is_even else -math.inf


def _decode_on(info: VideoInfo, start_s: float, rate_hz: float, reading: Reading) -> Iterator[Frame]:
    """Every frame from `start_s` on, as `decode_from` has them, by a reading of the caller's."""
    reading.first_pts = _first_pts(info, start_s)
    last_s = -math.inf
    for frame in _frames_near(info, start_s, rate_hz, reading):
        time_s = _time_s(info, frame)
        if time_s >= start_s and time_s > last_s and _is_alike(info, frame):
            last_s = time_s
            yield Frame(time_s, frame)


def read_moments(info: VideoInfo, moments_s: Iterable[float]) -> Iterator[Frame | None]:
    """For each of some moments, in their order, the first frame at or after it; None where none can be decoded.

    What lies between two moments is decoded once, and of it only what others refer to; a moment behind another keyframe
    is sought, unless it is near.
    """
    container, stream = open_film(info)
    with container:
        keys_s = _keyframes_s(info, stream, 0.0, info.duration_s)
    frames: Iterator[Frame] = iter(())
    reading, position_s = Reading(), math.inf
    for moment_s in moments_s:
        is_far = moment_s > position_s + READ_ON_S and (
            not keys_s or any(position_s < key_s <= moment_s for key_s in keys_s)
        )
        if moment_s < position_s or is_far:
            reading = Reading(info.made_rate_hz, not info.is_even)
            frames = _decode_on(info, moment_s, 1 / READ_ON_S, reading)  # seldom one, so by more than one thread
        else:
            reading.first_pts = _first_pts(info, moment_s)
        frame = next((each for each in frames if each.time_s >= moment_s), None)
        position_s = math.inf if frame is None else frame.time_s
        yield frame


def _frames_near(info: VideoInfo, start_s: float, rate_hz: float, reading: Reading) -> Iterator[av.VideoFrame]:
    """Frames from a keyframe at or before `start_s` on, or from the beginning where that cannot be found."""
    if start_s > 0:
        container, stream = open_film(info)
        with container:
            _spare_the_decoder(stream, info, rate_hz)
            if _seek(container, stream, info, start_s):
                frames = decode(container, stream, reading)
                landed = next(frames, None)
                if landed is not None and _time_s(info, landed) <= start_s:  # else an index that lies
                    yield landed
                    yield from frames
                    return
    container, stream = open_film(info)
    with container:
        _spare_the_decoder(stream, info, rate_hz)
        yield from decode(container, stream, reading)


def _is_alike(info: VideoInfo, frame: av.VideoFrame) -> bool:
    """Whether a picture has the shape of the first one; recordings of calls change their size as they go."""
    width, height = info.stored_px
    return abs(frame.width * height / (frame.height * width) - 1) <= SAME_SHAPE


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
    if not _samples(info, rate_hz) or not info.is_even:
        return frozenset()
    container, stream = open_film(info)
    with container:
        pts = sorted({packet.pts for packet in packets_of(container, stream) if packet.pts is not None})
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
        stamped = takewhile(lambda pair: pair[0] <= end_s, stamped)
    if _samples(info, rate_hz):
        stamped = pick_nearest(stamped, rate_hz)
    for _, frame in stamped:
        yield frame


def spread_frames(info: VideoInfo, count: int, start_s: float, end_s: float) -> Iterator[Frame]:
    """At most `count` frames spread over a stretch of the video, at bounded cost.

    Where the container's index names at least 12 keyframes in the stretch, these alone are decoded; otherwise the
    stretch is, once, without the frames that nobody wants and no other refers to.
    """
    container, stream = open_film(info)
    with container:
        keys = _keyframes_s(info, stream, start_s, end_s)
        if len(keys) >= ENOUGH_KEYFRAMES:
            chosen = [keys[i] for i in np.unique(np.linspace(0, len(keys) - 1, count).round().astype(int))]
            stream.thread_type = "NONE"  # frame threads would have to be filled anew after every seek
            stream.codec_context.skip_frame = "NONKEY"
            # To see who is there, a blocky picture does.
            stream.codec_context.options = {"skip_loop_filter": "all", "max_pixels": str(MOST_PIXELS)}
            for time_s in chosen:
                if _seek(container, stream, info, time_s + 1e-3):
                    yield from _one_keyframe(info, container, stream)
            return
    wanted_s = start_s + (np.arange(count) + 0.5) / count * (end_s - start_s)
    reading = Reading(info.made_rate_hz, not info.is_even)
    yield from _first_after(info, _frames_in(info, start_s, reading), wanted_s.tolist(), reading)


def _keyframes_s(info: VideoInfo, stream: av.VideoStream, start_s: float, end_s: float) -> list[float]:
    """Return the times of the keyframes that the index names in a stretch; none where a time finds no place."""
    if not info.is_even:
        return []
    times_s = (
        float((entry.timestamp - info.start_pts) * info.time_base)
        for entry in stream.index_entries
        if entry.is_keyframe
    )
    return [time_s for time_s in times_s if start_s <= time_s <= end_s]


def _frames_in(info: VideoInfo, start_s: float, reading: Reading) -> Iterator[av.VideoFrame]:
    """Frames from a keyframe at or before `start_s` on, by all threads, for a look."""
    for from_s in (start_s, 0.0):  # from the begin, where that place is not found
        container, stream = open_film(info)
        with container:
            stream.thread_type = "AUTO"
            stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
            if from_s <= 0 or _seek(container, stream, info, from_s):
                yield from decode(container, stream, reading)
                return


def _one_keyframe(info: VideoInfo, container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[Frame]:
    """Decode the packet at the reader's position by itself; flushing spares the wait for frames that refer to it."""
    try:
        packet = next(container.demux(stream))
        frames = [*packet.decode(), *stream.codec_context.decode(None)]
    except (StopIteration, av.error.FFmpegError, ValueError, OverflowError):
        return
    if frames and packet.pts is not None and _is_alike(info, frames[0]):
        yield Frame(float((packet.pts - info.start_pts) * info.time_base), frames[0])


def _first_after(
    info: VideoInfo, frames: Iterable[av.VideoFrame], wanted_s: list[float], reading: Reading
) -> Iterator[Frame]:
    """For each wanted time the first frame at or after it; what comes before it, the frames' `reading` may spare."""
    rest = iter(wanted_s)
    target_s = next(rest, None)
    reading.first_pts = _first_pts(info, target_s or 0.0)
    for frame in frames:
        if target_s is None:
            return
        time_s = _time_s(info, frame)
        if time_s >= target_s and _is_alike(info, frame):
            yield Frame(time_s, frame)
            while target_s is not None and target_s <= time_s:
                target_s = next(rest, None)
            reading.first_pts = _first_pts(info, target_s or 0.0)
