"""A video, or the folder of a report that was made of one, in; the files of other programs out."""

import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from formcheck import own_files
from formcheck.cache import hash_file
from formcheck.data import SCHEMA_VERSION
from formcheck.errors import InputError, SettingsError
from formcheck.io.save import export_files
from formcheck.io.save.markers import Naming
from formcheck.own_files import MAX_REPORT_BYTES, DamagedError, MissingError
from formcheck.pipeline import find_set, judge_set
from formcheck.report.contract import ContractError, check_report
from formcheck.settings import Flags, Settings, load_settings

REPORT = "report.json"
FLAGS = ("lift", "model", "tempo", "rate", "start", "end", "speed", "subject")
MAKE_ANEW = "Give the video instead, or make the report again with formcheck analyze."
UPDATE = "Install the newer formcheck, or make the report again with formcheck analyze."


def export(
    path: Path,
    formats: Collection[str],
    settings: Settings,
    progress: Callable[[int, int], None] | None = None,
    use_cache: bool = True,  # noqa: FBT001, FBT002  # as in pipeline.analyze
    naming: Naming = "pose2sim",
) -> dict[str, str | bytes]:
    """Return the files of one video, name to content (see `io.save.export_files`).

    `path` is a video, analysed with `settings` (its poses come from the cache where they are known), or a folder with
    a report.json: then the video and the settings are the report's, and of `settings` only `workers` counts. Raises
    what `pipeline.analyze` raises.
    """
    if path.is_dir():
        path, settings = read_report(path, settings.workers)
    source, poses, lift, _ = find_set(path, settings, progress, use_cache)
    return export_files(formats, poses, judge_set(source, poses, lift, settings).kinematics, naming)


def read_report(path: Path, workers: int | None = None) -> tuple[Path, Settings]:
    """Return the video and the settings that a report names: a folder's report.json, or the file itself.

    A relative path is looked for from here, then beside the folder. Raises InputError for a folder without a report,
    one that cannot be read, and a video that is gone or is no longer the same.
    """
    file = path / REPORT if path.is_dir() else path
    content = load_report(file)
    try:
        named, sha256 = Path(content["source"]["path"]), str(content["source"]["sha256"])
        recorded = content["provenance"]["settings"]
        flags: Flags = {"workers": workers}
        for name in FLAGS:
            flags[name] = recorded.get(name)  # type: ignore[literal-required]  # the names stand in FLAGS
        settings = load_settings(**flags)
    except SettingsError as error:
        raise _refuse(file, f"its settings are not valid: {lower_first(error.message)}") from error
    for video in (named, file.parent.parent / named.name):
        if os.path.isfile(video):  # noqa: PTH113  # pathlib raises for a name that is too long
            if hash_file(video) != sha256:
                raise InputError(f"{video} is no longer the video of this report.", MAKE_ANEW)
            return video, settings
    raise InputError(f"The video {named} of this report is not there.", "Put it beside the folder, or give the video.")


def lower_first(message: str) -> str:
    """Return a sentence as it stands inside another."""
    return message[:1].lower() + message[1:].rstrip(".")


def load_report(path: Path) -> dict[str, Any]:
    """Return what a report.json holds, every value of the type that a report has.

    Raises InputError for a file that is gone, huge, damaged, of a newer formcheck or no report.
    """
    try:
        content = own_files.read_json(path, MAX_REPORT_BYTES)
    except MissingError as error:
        raise InputError(
            f"There is no {REPORT} in {path.parent}.", "Give a video, or a folder that formcheck wrote."
        ) from error
    except DamagedError as error:
        raise _refuse(path, str(error)) from error
    if not isinstance(content, dict):
        raise _refuse(path, "it is not an object")
    if {"a", "b", "measures"} <= content.keys():
        raise InputError(f"{path} is a comparison, not a report.", "Give the folders of the two sets.")
    _check_version(path, content.get("schema_version"))
    try:
        check_report(content)
    except ContractError as error:
        raise _refuse(path, str(error)) from error
    return content


def _check_version(path: Path, version: object) -> None:
    if not isinstance(version, int) or isinstance(version, bool):
        raise _refuse(path, "it has no schema_version")
    if version > SCHEMA_VERSION:
        raise InputError(
            f"{path} was written by a newer formcheck (format {version}, this version knows {SCHEMA_VERSION}).", UPDATE
        )
    if version < SCHEMA_VERSION:
        raise InputError(f"{path} was written by another version of this program.", MAKE_ANEW)


def _refuse(path: Path, why: str) -> InputError:
    return InputError(f"{path} is not a report of this program: {why}.", MAKE_ANEW)
