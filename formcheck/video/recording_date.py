"""On which day a video was filmed, as far as its file knows."""

import datetime as dt
from pathlib import Path

import av
import av.error

from formcheck import video

FIRST_YEAR = 1990  # containers count from 1904 or 1970 when nobody set the clock
KEYS = ("com.apple.quicktime.creationdate", "creation_time", "date")


def filmed_on(path: Path) -> dt.date | None:
    """Return the day in the container, in this computer's time zone, else that of the file's last change.

    None where neither can be had. A copy made by a messenger often has lost the first and has a new second.
    """
    try:
        with av.open(video.name_for_ffmpeg(path)) as container:
            told = [container.metadata.get(key) for key in KEYS]
    except (OSError, av.error.FFmpegError):
        told = []
    for text in told:
        day = _read(text) if text else None
        if day is not None:
            return day
    try:
        return dt.datetime.fromtimestamp(path.stat().st_mtime).astimezone().date()
    except (OSError, OverflowError, ValueError):
        return None


def _read(text: str) -> dt.date | None:
    """Return the day of an ISO 8601 moment; None for anything else, and for clocks that nobody set."""
    try:
        moment = dt.datetime.fromisoformat(text.strip())
        day = moment.astimezone().date() if moment.tzinfo else moment.date()
    except (ValueError, OverflowError, OSError):
        return None
    return day if day.year >= FIRST_YEAR else None
