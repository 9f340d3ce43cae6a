"""Frames with their true timestamps in: which stream, when each picture was, upright, and the window for the model.

Conventions: times are seconds since the first frame of the video stream. Pictures are upright: the display matrix
(quarter turns) and the sample aspect ratio are applied, so that every `_px` is what a player shows. Nothing here holds
more than a few frames at once, however long the video is.
"""

from formcheck.video.crop import SWSCALE_THREADS, Shrinker, Shrunk, Window, read_thumbnail, whole_window
from formcheck.video.film import probe
from formcheck.video.reader import (
    Frame,
    VideoInfo,
    decode_from,
    pick_nearest,
    read_frames,
    read_moments,
    spread_frames,
)
from formcheck.video.streams import name_for_ffmpeg

__all__ = [
    "SWSCALE_THREADS",
    "Frame",
    "Shrinker",
    "Shrunk",
    "VideoInfo",
    "Window",
    "decode_from",
    "name_for_ffmpeg",
    "pick_nearest",
    "probe",
    "read_frames",
    "read_moments",
    "read_thumbnail",
    "spread_frames",
    "whole_window",
]
