"""How formcheck reads back what it wrote itself: cache, reports, settings, the state of a batch.

Such a file may come back half written, changed, from a newer formcheck or from a stranger. What that does to the code
that reads it is turned into one DamagedError here, in one place; the caller says what follows: a sentence with the next
step, or the same work done anew. Nothing in a file is executed, and nobody waits for a pipe under a file's name.
"""

import json
import logging
import math
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from formcheck.errors import FormcheckError

MAX_REPORT_BYTES = 50_000_000  # a report of an hour's set is far below [D]
MAX_DEPTH = 40  # of JSON; a report goes six deep
MAX_DIGITS = 20  # of a whole number; a frame count has six
BROKEN = "it is damaged or half written"

Result = TypeVar("Result")

log = logging.getLogger(__name__)


class DamagedError(Exception):
    """A file of our own that cannot be used; the text says why, as the end of a sentence."""


class MissingError(DamagedError):
    """There is no such file."""


@contextmanager
def guard() -> Iterator[None]:
    """Turn whatever a damaged file does to the code in the block into a DamagedError.

    Everything is caught, and not a list of what was seen once: zlib, lzma, zipfile, numpy, tomllib and json each have
    errors of their own, and a value of the wrong type fails wherever it is used first.
    """
    try:
        yield
    except (FormcheckError, DamagedError):
        raise
    except FileNotFoundError as error:
        raise MissingError("it is not there") from error
    except OSError as error:
        raise DamagedError((error.strerror or str(error)).lower()) from error
    except RecursionError as error:
        raise DamagedError("it is nested too deep") from error
    except MemoryError as error:
        raise DamagedError("it asks for too much memory") from error
    except Exception as error:
        log.debug("a file of our own could not be read", exc_info=True)
        raise DamagedError(BROKEN) from error


def attempt(read: Callable[[], Result]) -> Result | None:
    """Return what `read` returns, None where the file that it reads cannot be used: what is lost is made anew."""
    try:
        with guard():
            return read()
    except DamagedError as error:
        log.debug("not read: %s", error)
        return None


def open_file(path: Path) -> BinaryIO:
    """Open a file for reading; raise OSError for a folder, a pipe or a device, which might never answer."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise OSError("it is a folder, a pipe or a device")


def read_bytes(path: Path, most: int) -> bytes:
    """Return a file's content. Raises DamagedError when it cannot be read or has more than `most` bytes."""
    with guard(), open_file(path) as file:
        raw = file.read(most + 1)
    if len(raw) > most:
        raise DamagedError(f"it is larger than {most / 1e6:.0f} MB")
    return raw


def parse_json(raw: str | bytes, *, any_float: bool = False) -> Any:
    """Return what a JSON text holds. Raises DamagedError for one that is not whole or no JSON of ours.

    We write no number that is not finite, but for NaN in the cache (`any_float`), none of more than 20 digits, nothing
    nested deep, no half of a letter (a lone surrogate), which nothing could print, and no zero in a text.
    """
    with guard():
        content = json.loads(
            raw,
            parse_int=_read_int,
            parse_float=float if any_float else _read_float,
            parse_constant=float if any_float else _refuse,
        )
        _check_text_and_depth(content)
    return content


def _read_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError("a whole number of too many digits")
    return int(digits)


def _read_float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError("a number that is not finite")
    return value


def _refuse(word: str) -> float:
    raise ValueError(word)


def _check_text_and_depth(content: Any) -> None:
    level, depth = [content], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise RecursionError(depth)
        below: list[Any] = []
        for each in level:
            if isinstance(each, str):
                each.encode()
                if "\0" in each:
                    raise ValueError("a zero in a text, which no database takes")
            elif isinstance(each, list):
                below += each
            elif isinstance(each, dict):
                below += each.keys()
                below += each.values()
        level = below


def read_json(path: Path, most: int) -> Any:
    """Return what a JSON file of at most `most` bytes holds. Raises DamagedError."""
    return parse_json(read_bytes(path, most))


def build(kind: type[Result], content: Mapping[str, Any]) -> Result:
    """Return a frozen dataclass of texts, numbers and pairs of whole numbers from what JSON kept of it.

    Raises ValueError or TypeError for a field that is missing, unknown or of another type; JSON's 2 is a float's 2.0.
    """
    types = {each.name: each.type for each in fields(kind)}  # type: ignore[arg-type]  # any dataclass
    return kind(**{name: _as_type(types[name], value) for name, value in content.items()})


def _as_type(kind: Any, value: Any) -> Any:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if kind is str and isinstance(value, str):
        return value
    if kind is int and whole:
        return value
    if kind is float and (whole or isinstance(value, float)):
        return float(value)
    if kind == tuple[int, int] and isinstance(value, list) and len(value) == 2:
        return tuple(_as_type(int, each) for each in value)
    raise ValueError(f"{value!r} is not of the kind {kind}")
