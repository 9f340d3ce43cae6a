"""A job's video as a file on this machine, for as long as it is needed, never larger than allowed."""

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Any

from formcheck.batch.job import Job, JobError, Limits

CHUNK_BYTES = 1 << 20  # read at once
EXTRA = "pip install 'formcheck[cluster]'"


def is_url(place: str) -> bool:
    """Whether a source is a URL and not a path."""
    scheme, colon, _ = place.partition("://")
    return bool(colon) and scheme.isascii() and scheme.replace("+", "").isalnum() and len(scheme) > 1


def split_url(url: str) -> tuple[Any, str]:
    """Return fsspec's file system for a URL, and the path in it. Raises JobError when its driver is not installed."""
    from fsspec.core import url_to_fs

    try:
        filesystem, path = url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise JobError("source", f"{url} cannot be opened: {error}.", f"Install what it needs: {EXTRA}.") from error
    return filesystem, str(path)


def open_url(place: str) -> AbstractContextManager[IO[bytes]]:
    """Open a path or a URL for reading bytes; it can be sought in."""
    if not is_url(place):
        return Path(place).open("rb")
    filesystem, path = split_url(place)
    opened: AbstractContextManager[IO[bytes]] = filesystem.open(path, "rb")
    return opened


@contextmanager
def local_copy(job: Job, limits: Limits, scratch: Path) -> Iterator[Path]:
    """Yield a job's video as a file; a copy lies in `scratch` and is removed afterwards.

    The copy's name is ours alone. Raises JobError when it cannot be had or is larger than allowed.
    """
    if job.entry is None and not is_url(job.place):
        _check_size(job, limits)
        yield Path(job.place)
        return
    folder = Path(tempfile.mkdtemp(prefix="video-", dir=scratch))
    try:
        target = folder / "video"
        with _reading(job) as source, target.open("wb") as file:
            _copy(source, file, job, limits)
        yield target
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _reading(job: Job) -> Iterator[IO[bytes]]:
    """Open a URL or an entry of a zip file. What its library raises, while it is read too, becomes a JobError."""
    try:
        with open_url(job.place) as file:
            if job.entry is None:
                yield file
                return
            with zipfile.ZipFile(file) as archive, archive.open(archive.infolist()[job.entry]) as entry:
                yield entry
    except JobError:
        raise
    except FileNotFoundError as error:
        raise JobError("fetch", f"There is nothing at {job.label}.", "Check the address.") from error
    except Exception as error:  # one name a driver of fsspec: botocore's, aiohttp's, zlib's ...
        why = " ".join(str(error).split())[:200] or type(error).__name__
        raise JobError("fetch", f"{job.label} cannot be read: {why}.", "Check it, then run again.") from error


def _copy(source: IO[bytes], target: IO[bytes], job: Job, limits: Limits) -> None:
    left = limits.max_bytes
    while chunk := source.read(min(CHUNK_BYTES, left + 1)):
        left -= len(chunk)
        if left < 0:
            raise _too_large(job, limits)
        target.write(chunk)


def check_there(job: Job) -> None:
    """Raise JobError when the file that a job is about is gone; at a URL nobody looks."""
    if not is_url(job.place):
        _measure_file(job)


def _check_size(job: Job, limits: Limits) -> None:
    if _measure_file(job) > limits.max_bytes:
        raise _too_large(job, limits)


def _measure_file(job: Job) -> int:
    try:
        return os.stat(job.place).st_size  # noqa: PTH116
    except (OSError, ValueError) as error:
        raise JobError(
            "fetch",
            f"There is no file {job.label}.",
            "It was there when the batch started: put it back, then run it again.",
        ) from error


def _too_large(job: Job, limits: Limits) -> JobError:
    return JobError(
        "limit", f"{job.label} is larger than {limits.max_bytes / 1e6:.0f} MB.", "Cut it to the set, or compress it."
    )
