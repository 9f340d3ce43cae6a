"""The folder of a batch is one run's at a time, and only files of earlier batches are replaced in it."""

import contextlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from formcheck.batch.fetch import is_url
from formcheck.batch.shelf import VIDEOS
from formcheck.errors import OutputError
from formcheck.own_files import attempt, read_json

MARK = "batch.json"
MAKER = "formcheck batch"
CLAIM_VERSION = 1  # of the mark in a batch's folder
MAX_MARK_BYTES = 10_000  # of that mark, which has a few lines
SCRATCH = ".scratch"
TABLES = ("index.html", "summary.csv", "summary.parquet", "errors.csv")


@contextlib.contextmanager
def claim_folder(out: str) -> Iterator[Path]:
    """Hold a results' folder while the block runs, and yield a place for what is only needed meanwhile.

    What a run that was killed left behind is cleared away. Raises OutputError when another run holds the folder, or
    it holds files of somebody else that the tables would replace. At a URL nothing is held.
    """
    if is_url(out):
        with tempfile.TemporaryDirectory(prefix="formcheck-") as name:
            yield Path(name)
        return
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _check_ours(folder)
        with (folder / ".lock").open("w") as lock:
            _lock(lock, folder)
            scratch = folder / SCRATCH
            shutil.rmtree(scratch, ignore_errors=True)
            for each in [*folder.glob(".formcheck-*"), *(folder / VIDEOS).glob(".formcheck-*")]:
                shutil.rmtree(each, ignore_errors=True)
            scratch.mkdir()
            (folder / MARK).write_text(json.dumps({"schema_version": CLAIM_VERSION, "made_by": MAKER}) + "\n")
            try:
                yield scratch
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise OutputError(
            f"The results cannot be written to {out}: {why}.", "Use --out to choose a folder that you can write to."
        ) from error


def _check_ours(folder: Path) -> None:
    if not (folder / MARK).exists():
        foreign = [name for name in (*TABLES, VIDEOS) if (folder / name).exists()]
        if foreign:
            raise OutputError(
                f"{folder} holds {foreign[0]}, which formcheck batch did not write.",
                "Choose another folder with --out.",
            )
        return
    content = attempt(lambda: read_json(folder / MARK, MAX_MARK_BYTES))  # half written by a run that was killed: ours
    if not isinstance(content, dict):
        return
    if content.get("made_by") != MAKER:
        raise OutputError(f"{folder} holds a {MARK} that another program wrote.", "Choose another folder with --out.")
    version = content.get("schema_version")
    if isinstance(version, int) and version > CLAIM_VERSION:
        raise OutputError(
            f"{folder} was filled by a newer formcheck (format {version}, this version knows {CLAIM_VERSION}).",
            "Install the newer formcheck, or choose another folder with --out.",
        )


def _lock(lock: IO[str], folder: Path) -> None:
    """Take the lock, which the system gives back when the process ends, however it does."""
    if sys.platform == "win32":
        return
    import fcntl

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OutputError(
            f"Another formcheck batch is writing to {folder}.", "Wait for it, or choose another folder with --out."
        ) from error
