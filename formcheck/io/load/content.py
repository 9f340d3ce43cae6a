"""Bytes -> text: packed files are unpacked and encodings recognised, both within the bounds of `tracks`."""

import bz2
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from pathlib import Path

from formcheck.errors import InputError
from formcheck.io import text_files
from formcheck.io.load import tracks

UNPACK_MEMORY = 100_000_000  # bytes that an xz file may ask for as its dictionary; `xz -9` asks for 65 MB
PACKED_FAILURES = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,  # an encrypted member of a zip
    LookupError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
)
# How files begin that hold no landmarks in a form read here -> what they are.
STRANGERS = {
    b"PAR1": "a Parquet file",
    b"\x93NUMPY": "a NumPy array",
    b"\x80\x02": "a Python pickle",
    b"\x80\x03": "a Python pickle",
    b"\x80\x04": "a Python pickle",
    b"\x80\x05": "a Python pickle",
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
    b"MATLAB": "a MATLAB file",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1a\x45\xdf\xa3": "a video",
}
AS_TEXT = "Save its landmarks as CSV."


def unpack(raw: bytes, path: Path) -> bytes:
    """Return what a gzip, bzip2, xz or zip file holds; other content as it is.

    Raises InputError for a damaged file, one that holds more than MAX_TRACK_BYTES, or a zip of several files.
    """
    limit = tracks.MAX_TRACK_BYTES + 1
    try:
        if raw.startswith(b"\x1f\x8b"):
            with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
                content = packed.read(limit)
        elif raw.startswith(b"BZh"):
            with bz2.BZ2File(io.BytesIO(raw)) as packed_too:
                content = packed_too.read(limit)
        elif raw.startswith(b"\xfd7zXZ"):
            content = lzma.LZMADecompressor(memlimit=UNPACK_MEMORY).decompress(raw, limit)
        elif raw.startswith(b"PK\x03\x04"):
            content = _unzip(raw, limit, path)
        else:
            return raw
    except PACKED_FAILURES as error:
        raise InputError(f"{path} is packed and cannot be unpacked: it is damaged.", "Pack it again.") from error
    tracks.check_size(len(content), path)
    return content


def _unzip(raw: bytes, limit: int, path: Path) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        names = [name for name in packed.namelist() if not name.endswith("/") and not name.startswith("__MACOSX/")]
        if any(name.startswith("xl/") for name in names):
            raise InputError(f"{path} is an Excel workbook, not a file of landmarks.", AS_TEXT)
        if len(names) != 1:
            raise InputError(f"{path} is a zip of {len(names)} files.", "Unpack it, and give one file of landmarks.")
        with packed.open(names[0]) as member:
            return member.read(limit)


def decode(raw: bytes, path: Path) -> str:
    """Return bytes as text with plain line ends: UTF-8, UTF-16 and UTF-32, else Western European.

    Raises InputError for what is no text, which names it where the first bytes tell.
    """
    for start, what in STRANGERS.items():
        if raw.startswith(start):
            raise InputError(f"{path} is {what}, not a file of landmarks that formcheck reads.", AS_TEXT)
    if raw[4:8] == b"ftyp":
        raise InputError(f"{path} is a video, not a file of landmarks.", f"Run: formcheck analyze {path.name}")
    try:
        text = text_files.decode(raw)
    except ValueError as error:
        raise InputError(f"{path} is not a file of landmarks: it is not text.", AS_TEXT) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    tracks.check_values(text.count("\n"), path)
    return text
