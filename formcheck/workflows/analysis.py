"""formcheck called from Python: the arguments read, and handed to the pipeline."""

import warnings
from collections.abc import Callable
from os import PathLike
from pathlib import Path

from formcheck.arguments import SIZE, speak_of_arguments
from formcheck.data import Report
from formcheck.errors import InputError, SettingsError
from formcheck.io.load import holds_landmarks
from formcheck.lifts import all_checks
from formcheck.pipeline import analyze, analyze_landmarks
from formcheck.settings import OF_PICTURES, Flags, Settings, load_settings

AnyPath = str | PathLike[str]
Size = tuple[int, int] | str
MAX_PICTURE_SIDE_PX = 100_000  # no picture is larger, whatever a header says


def analyze_call(
    path: AnyPath | None,
    *,
    poses: AnyPath | None,
    fps: float | None,
    size: Size | None,
    progress: Callable[[int, int], None] | None,
    config: AnyPath | None,
    settings: Flags,
) -> Report:
    """Do what `formcheck.analyze` says."""
    with speak_of_arguments():
        if (path is None) == (poses is None):
            raise SettingsError(
                "There has to be one thing to analyse.", "Give a video, or a file of landmarks with --poses."
            )
        codes = [check.code for check in all_checks()]
        chosen = load_settings(
            None if config is None else Path(config),
            known_codes=codes,
            **settings,
        )
        for check in all_checks():
            check.limit_for(chosen)  # what makes no sense is said before anything is looked at
        subject = Path(path if poses is None else poses)  # type: ignore[arg-type]  # one of the two is no None
        if poses is not None or holds_landmarks(subject):
            return _analyze_landmarks(
                subject, chosen, fps, None if size is None else read_size(size), settings, progress
            )
        if fps is not None or size is not None:
            raise SettingsError(
                "--fps and --size describe a file of landmarks.", "Give that file with --poses, or leave them out."
            )
        if not subject.exists():
            raise InputError(f"There is no file {subject}.", "Check the name and the folder.")
        return analyze(subject, chosen, progress)


def _analyze_landmarks(
    path: Path,
    chosen: Settings,
    fps: float | None,
    size_px: tuple[int, int] | None,
    given: Flags,
    progress: Callable[[int, int], None] | None,
) -> Report:
    """Judge landmarks; warn of what was `given` and does nothing without pictures, and end the progress at once."""
    idle = [f"{name}=" for name in OF_PICTURES if given.get(name) is not None]
    if idle:
        does = "do" if len(idle) > 1 else "does"
        said = f"{', '.join(idle)} {does} nothing here: a file of landmarks has no pictures to look at."
        warnings.warn(said, stacklevel=4)
    report = analyze_landmarks(path, chosen, fps, size_px)
    if progress is not None:
        progress(report.source.n_frames, report.source.n_frames)
    return report


def read_size(size: Size) -> tuple[int, int]:
    """Return a picture's width and height, px, of (1920, 1080) or "1920x1080". Raises SettingsError."""
    match = SIZE.fullmatch(size.strip()) if isinstance(size, str) else None
    sides = tuple(match.groups()) if match else () if isinstance(size, str) else tuple(size)
    try:
        width, height = (int(side) for side in sides)
    except (TypeError, ValueError):
        width = height = 0
    if not (0 < width <= MAX_PICTURE_SIDE_PX and 0 < height <= MAX_PICTURE_SIDE_PX):
        raise SettingsError(f"--size cannot be {size}.", "Give the picture's width and height: --size 1920x1080.")
    return width, height
