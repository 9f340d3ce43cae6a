"""The results' folder: found fit before the analysis, filled after it, never seen half-written."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from formcheck import own_files
from formcheck.cache import hash_file
from formcheck.errors import OutputError

SUFFIX = "_formcheck"
MAX_NAME_BYTES = 255  # what the common file systems take for one name
DIGEST_LENGTH = 8


def plan_folders(videos: Iterable[Path], out: Path | None = None) -> list[Path]:
    """Return a folder per video, `<stem>_formcheck` beside it or in `out`; no two of one call are the same.

    The second video with a stem gets `<stem>-2_formcheck`, as does one whose folder holds the results of another film.
    A stem too long for a folder's name is cut and marked with a digest of itself.
    """
    taken: set[str] = set()
    folders = []
    for video in videos:
        parent = video.parent if out is None else out
        number = 1
        while True:
            folder = parent / _folder_name(video.stem if number == 1 else f"{video.stem}-{number}")
            key = str(folder.resolve()).casefold()  # file systems of Windows and macOS ignore case
            if key not in taken and not _holds_another(folder, video):
                break
            number += 1
        taken.add(key)
        folders.append(folder)
    return folders


def check_folder(folder: Path) -> None:
    """Raise OutputError now if `folder` could not be filled later; leave nothing behind."""
    created: list[Path] = []
    try:
        created += [each for each in (folder, *folder.parents) if not each.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _output_error(folder, error) from error
    finally:
        _remove_empty(created)


def write_folder(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files (name to bytes, or to text: UTF-8) into `folder`, in order.

    All are written under a temporary name first, so that a full disk or a crash leaves no half file. A new folder
    appears as a whole; in one that exists the files are replaced one by one, and what else lies there stays. Raises
    OutputError.
    """
    created: list[Path] = []
    try:
        created += [each for each in folder.parents if not each.exists()]
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = folder if folder.exists() else folder.parent
        with tempfile.TemporaryDirectory(prefix=".formcheck-", dir=beside) as name:
            temporary = Path(name) / "files"  # made by mkdir: TemporaryDirectory's own mode is for its owner alone
            temporary.mkdir()
            for file_name, content in files.items():
                if isinstance(content, bytes):
                    (temporary / file_name).write_bytes(content)
                else:
                    (temporary / file_name).write_text(content, encoding="utf-8", newline="")
            if folder.exists():
                for file_name in files:
                    (temporary / file_name).replace(folder / file_name)
            else:
                temporary.replace(folder)
    except OSError as error:
        _remove_empty(created)
        raise _output_error(folder, error) from error


@contextmanager
def write_aside(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside `target`, which takes the target's place when all went well. Raises OutputError."""
    try:
        with tempfile.TemporaryDirectory(prefix=".formcheck-", dir=target.parent) as name:
            aside = Path(name) / target.name
            yield aside
            aside.replace(target)
    except OSError as error:
        raise _output_error(target.parent, error) from error


def _holds_another(folder: Path, video: Path) -> bool:
    """Whether a folder's report is of another film."""

    def read() -> bool:
        told = own_files.read_json(folder / "report.json", own_files.MAX_REPORT_BYTES)
        return video.is_file() and told["source"]["sha256"] not in {"", hash_file(video)}

    return bool(own_files.attempt(read))


def _folder_name(stem: str) -> str:
    if len(os.fsencode(stem + SUFFIX)) <= MAX_NAME_BYTES:
        return stem + SUFFIX
    mark = "~" + hashlib.sha256(os.fsencode(stem)).hexdigest()[:DIGEST_LENGTH]
    room = MAX_NAME_BYTES - len(mark) - len(SUFFIX)
    return os.fsencode(stem)[:room].decode("utf-8", "ignore") + mark + SUFFIX


def _remove_empty(folders: Iterable[Path]) -> None:
    """Remove the folders made for a trial, innermost first; one that was filled meanwhile stays."""
    for each in folders:
        try:
            each.rmdir()
        except OSError:
            return


def _output_error(folder: Path, error: OSError) -> OutputError:
    why = (error.strerror or str(error)).lower()
    return OutputError(
        f"The results cannot be written to {folder}: {why}.", "Use --out to choose a folder that you can write to."
    )
