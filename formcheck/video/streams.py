"""A file -> its picture streams: opened without following lists to other files, and measured packet by packet."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.container
import av.error
from av.format import Flags
from av.stream import Disposition

from formcheck.errors import InputError

# Lists of other files, whatever they are called: a stranger's "set.mp4" must not show what lies beside it. And devices.
LISTS = {"concat", "dash", "hls", "image2", "imf", "rtp", "rtsp", "sap", "sdp", "vobsub", "webm_dash_manifest"}
DEVICES = {"alsa", "fbdev", "kmsgrab", "lavfi", "oss", "video4linux2,v4l2", "x11grab"}
CONTAINERS = ",".join(sorted(av.formats_available - LISTS - DEVICES))
NOT_PICTURES = frozenset({"ansi", "bintext", "xbin", "idf"})  # FFmpeg "plays" text files with these
# What a stream of pictures says of itself when it is no film: a cover, thumbnails, what belongs to another stream.
NO_FILM = (
    Disposition.attached_pic
    | Disposition.timed_thumbnails
    | Disposition.still_image
    | Disposition.dependent
    | Disposition.metadata
)
MOST_PIXELS = 8192 * 4320  # of one picture: cameras have 8K, and FFmpeg would take what a header says from the memory
OPTIONS = {"format_whitelist": CONTAINERS, "max_pixels": str(MOST_PIXELS)}
TICKS = 90_000  # a second, in the time base of the films that are written
BACK_S = 0.5  # a clock that goes back further than this has begun anew, as in files that were put one after the other
GAP_S = 60.0  # and one that leaps further than this says nothing of the time between
LEAST_BYTES = 8  # of a packet, on average: a header that promises more pictures than this allows is damaged
LEAST_HEADER_RATE_HZ = 1.0  # a header that promises fewer frames a second is damaged as well
CUT_OFF_S = 1.0  # between what a container promises and what is there: less is the last pictures' own length


def name_for_ffmpeg(path: Path) -> str:
    """Return a file's name as FFmpeg has to hear it: without `file:` a name like `concat:a|b.mp4` is a protocol."""
    return f"file:{path}"


def open_container(path: Path) -> av.container.InputContainer:
    """Open a file that FFmpeg knows. Raises InputError, each case in words of its own."""
    try:
        path.stat()
    except (OSError, ValueError) as error:  # a name may also be too long, or hold a zero byte
        raise InputError(f"There is no file {path}.", "Check the name and the folder.") from error
    if path.is_dir():
        raise InputError(f"{path} is a folder.", "Give a video in it.")
    try:
        if path.stat().st_size == 0:
            raise InputError(f"{path} is empty.", "Copy the video again; the transfer may have failed.")
        return av.open(name_for_ffmpeg(path), options=OPTIONS, metadata_errors="replace")
    except PermissionError as error:
        raise InputError(f"{path} cannot be read: permission denied.", "Change the file's permissions.") from error
    except (av.error.FFmpegError, OSError, ValueError, OverflowError) as error:
        raise InputError(
            f"{path} cannot be read as a video.",
            "It may be cut off, or not a video: check that it plays, or export it again as MP4.",
        ) from error


def list_films(container: av.container.InputContainer, path: Path) -> list[av.VideoStream]:
    """Return the streams that may be the film, in the container's order. Raises InputError when there is none."""
    films = [stream for stream in container.streams.video if not stream.disposition & NO_FILM]
    known = [stream for stream in films if has_decoder(stream)]
    if films and not known:
        raise InputError(f"{path} is in a video format that cannot be decoded.", "Export it again as MP4 (H.264).")
    pictures = [stream for stream in known if stream.codec_context.name not in NOT_PICTURES]
    if not pictures:
        kind = "only sound" if container.streams.audio else "no moving picture"
        raise InputError(f"{path} holds {kind}.", "Give a video file.")
    small = [stream for stream in pictures if stream.codec_context.width * stream.codec_context.height <= MOST_PIXELS]
    if not small:
        width, height = pictures[0].codec_context.width, pictures[0].codec_context.height
        raise InputError(f"{path} has frames of {width} x {height} pixels.", "Export it smaller: 1920 x 1080 will do.")
    return small


def has_decoder(stream: av.VideoStream) -> bool:
    """Whether FFmpeg knows the stream's codec; a damaged header may name any. PyAV's types leave this case out."""
    context: object = stream.codec_context
    return context is not None


def has_no_times(container: av.container.InputContainer) -> bool:
    """Whether the file is a bare stream of pictures, whose times FFmpeg makes up as 25 a second."""
    return Flags.no_timestamps in Flags(container.format.flags)


def packets_of(
    container: av.container.InputContainer, *streams: av.VideoStream
) -> "Iterator[av.Packet[av.VideoStream]]":
    """Packets up to the end or to where the file is damaged; of all streams, sound included, when none is named."""
    packets: Any = container.demux(*streams)
    while True:
        try:
            yield next(packets)
        except (StopIteration, av.error.FFmpegError, OverflowError, ValueError):
            return


class Clock:
    """Lets the times of one stream go on where they begin anew or leap; `leaps` counts how often they did.

    Packets come in the order of decoding; their pts and dts are changed in place, in the stream's time base.
    """

    def __init__(self, time_base: Fraction) -> None:
        self._time_base = time_base
        self._last: int | None = None
        self._step = 0
        self._shift = 0
        self.leaps = 0

    def mend(self, packet: "av.Packet[av.VideoStream]") -> None:
        """Move a packet to where its time belongs; one without a time stays without."""
        now = packet.dts if packet.dts is not None else packet.pts
        if now is None:
            return
        if self._last is not None:
            step_s = (now + self._shift - self._last) * self._time_base
            if step_s < -BACK_S or step_s > GAP_S:
                self.leaps += 1
                self._shift = self._last + self._step - now
            elif step_s > 0:
                self._step = now + self._shift - self._last
        self._last = now + self._shift
        if packet.pts is not None:
            early = packet.dts is not None and abs(packet.pts - packet.dts) * self._time_base > GAP_S
            if early:
                self.leaps += 1
            packet.pts = self._last if early else packet.pts + self._shift
        if packet.dts is not None:
            packet.dts += self._shift


@dataclass(frozen=True)
class Length:
    """What the packets of one stream tell: how many there are and how many of them have a time, from when to when (s,
    of the container's clock), and how often that leaps. `whole_s` is the last moment of anything in the file, sound
    included. NaN without times.
    """

    count: int
    timed: int
    first_s: float
    last_s: float
    leaps: int
    whole_s: float

    @property
    def span_s(self) -> float:
        """From the first picture to the last, s."""
        return self.last_s - self.first_s

    @property
    def rate_hz(self) -> float:
        """Mean rate of the pictures; NaN for fewer than two."""
        return (self.timed - 1) / self.span_s if self.timed > 1 and self.span_s > 0 else math.nan


def measure_lengths(container: av.container.InputContainer) -> dict[int, Length]:
    """Return the length of every stream by its index: one pass over the file's packets, nothing is decoded."""
    found: dict[int, Length] = {}
    clocks: dict[int, Clock] = {}
    for packet in packets_of(container):
        base = packet.time_base
        if not base or packet.size == 0:
            continue
        index = packet.stream_index
        clock = clocks.setdefault(index, Clock(base))
        clock.mend(packet)
        now = packet.pts if packet.pts is not None else packet.dts
        time_s = math.nan if now is None else float(now * base)
        known = found.get(index, Length(0, 0, time_s, time_s, 0, math.nan))
        found[index] = Length(
            count=known.count + 1,
            timed=known.timed + (now is not None),
            first_s=_least(known.first_s, time_s),
            last_s=-_least(-known.last_s, -time_s),
            leaps=clock.leaps,
            whole_s=math.nan,
        )
    whole_s = max((each.last_s for each in found.values() if math.isfinite(each.last_s)), default=math.nan)
    return {index: replace(each, whole_s=whole_s) for index, each in found.items()}


def _least(one: float, other: float) -> float:
    """Return the smaller of two, whichever is not NaN."""
    return other if math.isnan(one) or other < one else one


def is_believable(container: av.container.InputContainer, stream: av.VideoStream) -> bool:
    """Whether the header can be taken at its word on how long the film is: else its packets have to be asked.

    Live recordings have no length, bare streams no times, transport streams may be several put together, and a damaged
    header may promise years.
    """
    if stream.duration is None or not stream.time_base or Flags.ts_discont in Flags(container.format.flags):
        return False
    duration_s = float(stream.duration * stream.time_base)
    if duration_s <= 0 or stream.frames * LEAST_BYTES > container.size:
        return False
    return stream.frames >= LEAST_HEADER_RATE_HZ * duration_s and not has_no_times(container)
