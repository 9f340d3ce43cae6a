"""Which stream of a file is the film, and what it is: its size, rate, length and the way its times are had."""

import math
from pathlib import Path

import av
import av.container
import numpy as np
from av.stream import Disposition

from formcheck.errors import InputError
from formcheck.video import streams
from formcheck.video.reader import Reading, VideoInfo, decode, open_film, spread_frames
from formcheck.video.slow_motion import read_speed

MOST_ASPECT = 4.0  # of a pixel, either way: anamorphic film has 2, and more is a damaged file
LONG_ENOUGH = 0.5  # of the longest stream: one that is shorter is not the film
LOOKS = 8  # pictures of each stream from which the one that moves is told
LOOK_PX = 32  # the sides of those
LIVELY_SHARE = 0.25  # of the liveliest stream's motion: one that moves less is not the film
RATES_HZ = (1, 1000)  # of cameras: a bare stream that names another does not know its own
SAME_RATE = 0.02  # between the rate that the header names and the packets': it is right


def probe(path: Path, rate_hz: float | None = None) -> VideoInfo:
    """Describe the film in a file; one frame of it is decoded, so that what comes back can be.

    Of several streams of pictures the film is one that is no cover, at least half as long as the longest, and moves;
    among equals the one that players show first, then colour before grey, then the larger picture. `rate_hz` is the
    rate of a bare stream that does not know its own.

    Raises InputError when there is no such file, or it is a folder, empty, not a video, without pictures, none can be
    decoded, it is a single picture, or a bare stream of unknown rate.
    """
    container = streams.open_container(path)
    with container:
        films = streams.list_films(container, path)
        ask = len(films) > 1 or not streams.is_believable(container, films[0])
        lengths = streams.measure_lengths(container) if ask else {}
        places = [stream.index for stream in films]
    longest = max((lengths[place].count for place in places if place in lengths), default=0)
    if ask and longest == 1:
        raise InputError(f"{path} is a single picture, not a video.", "Give a video of the set.")
    infos = [_describe(path, place, lengths.get(place), rate_hz) for place in _keep_long(places, lengths)]
    readable = [info for info in infos if info is not None]
    if not readable:
        raise InputError(
            f"No frame of {path} can be decoded.", "The file is damaged or cut off: copy or export it again."
        )
    return readable[0] if len(readable) == 1 else _choose_film(readable)


def _keep_long(places: list[int], lengths: dict[int, streams.Length]) -> list[int]:
    """Return the streams that are at least half as long as the longest; all of them where nothing was measured."""
    spans_s = {place: np.nan_to_num(lengths[place].span_s) for place in places if place in lengths}
    counts = {place: lengths[place].count for place in spans_s}
    if not spans_s:
        return places
    return [
        place
        for place in spans_s
        if spans_s[place] >= LONG_ENOUGH * max(spans_s.values()) and (counts[place] > 1 or max(counts.values()) == 1)
    ]


def _describe(path: Path, place: int, length: streams.Length | None, asked_hz: float | None) -> VideoInfo | None:
    """Describe one stream; None when no picture of it can be decoded."""
    container = streams.open_container(path)
    with container:
        stream = container.streams[place]
        assert isinstance(stream, av.VideoStream)
        is_bare = streams.has_no_times(container) or (length is not None and math.isnan(length.first_s))
        made_hz = _made_rate_hz(container, stream, path, asked_hz) if is_bare else None
        is_even = made_hz is None and (length is None or length.leaps == 0)
        frames = decode(container, stream, Reading(made_hz, mended=not is_even))
        first = next(frames, None)
        if first is None or first.pts is None or not first.time_base:
            return None
        if first.width * first.height > streams.MOST_PIXELS:
            return None
        rotation_deg = round(-first.rotation / 90) * 90 % 360
        aspect = float(stream.sample_aspect_ratio or 0)
        if not 1 / MOST_ASPECT <= aspect <= MOST_ASPECT:
            aspect = 1.0
        shown = (max(1, round(first.width * aspect)), first.height)
        fps = _settle_rate(stream, length) if made_hz is None else made_hz
        duration_s, promised_s = _settle_duration(container, stream, length, made_hz)
        return VideoInfo(
            path=path,
            fps=fps,
            duration_s=duration_s,
            size_px=shown if rotation_deg % 180 == 0 else shown[::-1],
            rotation_deg=rotation_deg,
            stored_px=(first.width, first.height),
            pixel_aspect=aspect,
            start_pts=first.pts,
            time_base=first.time_base,
            promised_s=promised_s,
            stream=place,
            made_rate_hz=made_hz,
            is_even=is_even,
            tagged_speed=read_speed(container.metadata | stream.metadata, fps),
        )


def _made_rate_hz(
    container: av.container.InputContainer, stream: av.VideoStream, path: Path, asked_hz: float | None
) -> float:
    """Return the rate of a bare stream: its own, or the one that was asked for."""
    own = stream.codec_context.framerate
    if own and RATES_HZ[0] <= own <= RATES_HZ[1]:
        return float(own)
    if asked_hz is None:
        raise InputError(
            f"{path} does not say how many frames a second it was filmed with.",
            f"It is a bare {container.format.name} stream: give that number with --rate, or export it as MP4.",
        )
    return asked_hz


def _settle_rate(stream: av.VideoStream, length: streams.Length | None) -> float:
    """Return the mean rate that the header names, unless the packets tell of another; NaN when neither knows."""
    named = stream.average_rate or stream.guessed_rate
    named_hz = float(named) if named else math.nan
    measured_hz = math.nan if length is None else length.rate_hz
    if math.isnan(measured_hz) or abs(named_hz / measured_hz - 1) <= SAME_RATE:
        return named_hz
    return measured_hz


def _settle_duration(
    container: av.container.InputContainer, stream: av.VideoStream, length: streams.Length | None, made_hz: float | None
) -> tuple[float, float]:
    """Return how long there are pictures, and how long the container says that there are, s.

    Some containers name the end by their own clock, which may have begun an hour before the film: of the two readings
    the one that is nearer to what is there is taken.
    """
    if length is None:
        assert stream.duration is not None
        assert stream.time_base is not None
        named_s = float(stream.duration * stream.time_base)
        return named_s, named_s
    if made_hz is not None:
        return length.count / made_hz, length.count / made_hz
    step_s = 0.0 if math.isnan(length.rate_hz) else 1 / length.rate_hz
    there_s = length.span_s + step_s
    whole_s = length.whole_s - length.first_s
    named_s = container.duration / av.time_base if container.duration else math.nan
    readings_s = [each for each in (named_s, named_s - length.first_s) if each > 0]
    if length.leaps or not readings_s:
        return there_s, there_s
    missing_s = min(readings_s, key=lambda each: abs(each - whole_s)) - whole_s
    return there_s, there_s + missing_s if missing_s > streams.CUT_OFF_S else there_s


def _choose_film(infos: list[VideoInfo]) -> VideoInfo:
    """Return the one of several streams of about the same length that is the film."""
    looks = [_look_at(info) for info in infos]
    most = max(motion for motion, _, _ in looks)

    def rank(number: int) -> tuple[bool, bool, bool, int, int]:
        motion, is_coloured, is_default = looks[number]
        width, height = infos[number].stored_px
        return motion >= LIVELY_SHARE * most, is_default, is_coloured, width * height, -number

    return infos[max(range(len(infos)), key=rank)]


def _look_at(info: VideoInfo) -> tuple[float, bool, bool]:
    """Return how much a stream's pictures change (mean grey levels), and whether it has colour and is the default."""
    container, stream = open_film(info)
    with container:
        is_default = bool(stream.disposition & Disposition.default)
        is_coloured = not (stream.codec_context.pix_fmt or "").startswith("gray")
    seen = [
        frame.stored.to_ndarray(format="gray", width=LOOK_PX, height=LOOK_PX, threads=1).astype(float)
        for frame in spread_frames(info, LOOKS, 0.0, info.duration_s)
    ]
    return float(np.mean(np.std(seen, axis=0))) if seen else 0.0, is_coloured, is_default
