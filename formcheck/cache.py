"""Arrays kept between runs under a key that names all they depend on. A cache that fails is a cache miss."""

import hashlib
import json
import logging
import os
import tempfile
import warnings
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from formcheck import own_files

LIMIT_BYTES = 500_000_000  # a ten-minute set takes about 20 MB
MAX_UNPACKED = 2_000_000_000  # bytes of one file's arrays; an hour's set is about 250 MB
SUFFIX = ".poses.npz"

log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """FORMCHECK_CACHE_DIR, or where this system keeps caches. Nothing is created."""
    named = os.environ.get("FORMCHECK_CACHE_DIR")
    if named:
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_cache_dir("formcheck", appauthor=False))


def hash_file(path: Path) -> str:
    """Hash a file's bytes with sha256; in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cache_key(parts: Mapping[str, object]) -> str:
    """One name for a set of settings, whatever their order."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def load(key: str) -> dict[str, NDArray[np.generic]] | None:
    """Return the arrays kept under `key`, or None when there are none or the file is damaged."""
    path = cache_folder() / (key + SUFFIX)
    arrays = own_files.attempt(lambda: _read_arrays(path))
    if arrays is not None:
        own_files.attempt(lambda: os.utime(path))  # a folder that may only be read serves all the same
    return arrays


def _read_arrays(path: Path, names: Collection[str] | None = None) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of a file, or those of some names. Raises ValueError for one that would unpack to too much."""
    with own_files.open_file(path) as file:
        with zipfile.ZipFile(file) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MAX_UNPACKED:
                raise ValueError("it unpacks to too much")
        file.seek(0)
        with warnings.catch_warnings(action="error"), np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in names or archive.files}


def store(key: str, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Keep arrays under `key`, whole or not at all; the files used longest ago make room."""
    folder = cache_folder()
    temporary: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as file:
            temporary = Path(file.name)
            np.savez_compressed(file, **dict(arrays))  # type: ignore[arg-type]  # numpy's stub mixes in allow_pickle
        temporary.replace(folder / (key + SUFFIX))
        trim(folder, LIMIT_BYTES)
    except OSError as error:
        log.warning("the poses could not be kept for the next run: %s", error)
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def files_of(sha256: str) -> list[Path]:
    """Return the files that hold landmarks of the video with this digest, whatever settings they were found with."""
    return [path for path in cache_folder().glob("*" + SUFFIX) if sha256 and _video_of(path) == sha256]


def _video_of(path: Path) -> str | None:
    """Return the digest of the video that a file's landmarks are of; None for a file that cannot be read."""

    def read() -> str:
        return str(
            own_files.parse_json(str(_read_arrays(path, ["texts"])["texts"]), any_float=True)["source"]["sha256"]
        )

    return own_files.attempt(read)


def trim(folder: Path, limit_bytes: int) -> None:
    """Delete the files that were used longest ago until the rest fits."""
    files = sorted(((path.stat(), path) for path in folder.glob("*" + SUFFIX)), key=lambda each: each[0].st_mtime_ns)
    total = sum(status.st_size for status, _ in files)
    for status, path in files:
        if total <= limit_bytes:
            return
        path.unlink(missing_ok=True)
        total -= status.st_size
