"""The results' folders of a batch, on this machine or at a URL: what an earlier run left, and what this one puts there.

A folder's `outcome.json` is written last and taken away first, so that a folder that has one is whole.
"""

import json
import posixpath
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from formcheck.batch.fetch import is_url, split_url
from formcheck.batch.job import OutcomeDocument, RecordDocument
from formcheck.errors import OutputError
from formcheck.own_files import MAX_REPORT_BYTES, DamagedError, attempt, parse_json, read_bytes
from formcheck.report.folder import write_folder

OUTCOME = "outcome.json"
REPORT = "report.json"
THUMBNAIL = "thumbnail.jpg"
WORST, BEST = "worst.jpg", "best.jpg"  # the worst moment, and the turn of the best repetition
KEPT = "kept.json"  # what of the set was handed to the history; it outlives an analysis anew
VIDEOS = "videos"  # the folder of all folders


def read_file(out: str, folder: str, name: str) -> bytes | None:
    """Return a file of a folder, None when there is none or it cannot be read."""
    try:
        if is_url(out):
            filesystem, root = split_url(out)
            content: bytes = filesystem.cat_file(posixpath.join(root, VIDEOS, folder, name))
            return content
        return read_bytes(Path(out) / VIDEOS / folder / name, MAX_REPORT_BYTES)
    except (DamagedError, OSError, ValueError):
        return None


def list_folders(out: str) -> list[str]:
    """Return the names of all folders, in order; none where there is none yet, or they cannot be listed."""
    try:
        if is_url(out):
            filesystem, root = split_url(out)
            found: list[str] = filesystem.ls(posixpath.join(root, VIDEOS), detail=False)
            return sorted(posixpath.basename(each.rstrip("/")) for each in found)
        return sorted(each.name for each in (Path(out) / VIDEOS).iterdir())
    except (OSError, ValueError):
        return []


def read_json(out: str, folder: str, name: str) -> dict[str, Any]:
    """Return a JSON object of a folder; an empty one when there is none, or it is damaged."""
    raw = read_file(out, folder, name)
    content = None if raw is None else attempt(lambda: parse_json(raw))
    return content if isinstance(content, dict) else {}


def make_outcome(record: RecordDocument, files: Iterable[str]) -> OutcomeDocument:
    """Return outcome.json's content. `files`: the names of the others in the folder."""
    return {**record, "files": sorted(files)}


def write_results(out: str, folder: str, files: Mapping[str, str | bytes], record: RecordDocument) -> None:
    """Put the files of one video into its folder; those of an earlier run go first. Raises OutputError."""
    text = json.dumps(make_outcome(record, files), indent=1, ensure_ascii=False) + "\n"
    whole = {**files, OUTCOME: text}
    earlier = read_json(out, folder, OUTCOME).get("files", [])
    stale = [OUTCOME, *(name for name in earlier if isinstance(name, str) and posixpath.basename(name) == name)]
    if is_url(out):
        _write_remote(out, folder, whole, stale)
        return
    for name in stale:
        remove_file(out, folder, name)
    write_folder(Path(out) / VIDEOS / folder, whole)


def add_file(out: str, folder: str, name: str, text: str) -> None:
    """Put a file beside the results of one video. Raises OutputError."""
    if is_url(out):
        _write_remote(out, folder, {name: text}, [])
    else:
        write_folder(Path(out) / VIDEOS / folder, {name: text})


def remove_file(out: str, folder: str, name: str) -> None:
    """Delete a file beside the results of one video, if it is there. Raises OutputError."""
    if is_url(out):
        _write_remote(out, folder, {}, [name])
        return
    home = Path(out) / VIDEOS / folder
    try:
        (home / name).unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{home} cannot be overwritten: {error.strerror}.", "Change its permissions.") from error


def _write_remote(out: str, folder: str, files: Mapping[str, str | bytes], stale: Iterable[str]) -> None:
    """Put files one after another; each appears as a whole, as object stores do it."""
    filesystem, root = split_url(out)
    home = posixpath.join(root, VIDEOS, folder)
    try:
        filesystem.makedirs(home, exist_ok=True)
        for name in stale:
            if filesystem.exists(posixpath.join(home, name)):
                filesystem.rm_file(posixpath.join(home, name))
        for name, content in files.items():
            filesystem.pipe_file(
                posixpath.join(home, name), content if isinstance(content, bytes) else content.encode()
            )
    except OSError as error:
        raise OutputError(
            f"The results cannot be written to {out}: {error}.", "Check the address and access."
        ) from error
