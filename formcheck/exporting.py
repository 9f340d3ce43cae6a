"""A video, or the folder of a report that was made of one, in; the files of other programs out."""

import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from formcheck.cache import hash_file
from formcheck.errors import InputError, SettingsError
from formcheck.formats import export_files
from formcheck.formats.markers import Naming
from formcheck.pipeline import find_set, judge_set
from formcheck.settings import Flags, Settings, load_settings

REPORT = "report.json"
MAX_REPORT_BYTES = 50_000_000  # a report of an hour's set is far below [D]
FLAGS = ("lift", "model", "tempo", "rate", "start", "end", "speed", "subject")
MAKE_ANEW = "Name the video instead, or make the report anew with formcheck analyze."


def export(
    path: Path,
    formats: Collection[str],
    settings: Settings,
    progress: Callable[[int, int], None] | None = None,
    use_cache: bool = True,  # noqa: FBT001, FBT002  # as in pipeline.analyze
    naming: Naming = "pose2sim",
) -> dict[str, str | bytes]:
    """Return the files of one video, name to content (see `formats.export_files`).

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
    except (AttributeError, KeyError, TypeError, SettingsError) as error:
        raise InputError(f"{file} is not a report of this program.", MAKE_ANEW) from error
    for video in (named, file.parent.parent / named.name):
        if _is_file(video):
            if hash_file(video) != sha256:
                raise InputError(f"{video} is no longer the video of this report.", MAKE_ANEW)
            return video, settings
    raise InputError(f"The video {named} of this report is not there.", "Put it beside the folder, or name the video.")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def load_report(path: Path) -> Any:
    """Return what a report.json holds, as JSON types. Raises InputError for a file that is gone, huge or no JSON."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_REPORT_BYTES + 1)
        if len(raw) > MAX_REPORT_BYTES:
            raise InputError(f"{path} is too large for a report.", MAKE_ANEW)
        return json.loads(raw)
    except OSError as error:
        raise InputError(
            f"There is no {REPORT} in {path.parent}.", "Name a video, or a folder of formcheck."
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not a report of this program.", MAKE_ANEW) from error
