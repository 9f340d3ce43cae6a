"""Arrays kept between runs under a key that names all they depend on. A cache that fails is a cache miss."""

import hashlib
import json
import logging
import os
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LIMIT_BYTES = 500_000_000  # a ten-minute set takes about 20 MB
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
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        os.utime(path)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        log.debug("cache file %s is damaged (%s) and will be written again", path, error)
        return None
    return arrays


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
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return str(json.loads(str(archive["texts"]))["source"]["sha256"])
    except (OSError, ValueError, EOFError, KeyError, TypeError, zipfile.BadZipFile, zlib.error):
        return None


def trim(folder: Path, limit_bytes: int) -> None:
    """Delete the files that were used longest ago until the rest fits."""
    files = sorted(((path.stat(), path) for path in folder.glob("*" + SUFFIX)), key=lambda each: each[0].st_mtime_ns)
    total = sum(status.st_size for status, _ in files)
    for status, path in files:
        if total <= limit_bytes:
            return
        path.unlink(missing_ok=True)
        total -= status.st_size
