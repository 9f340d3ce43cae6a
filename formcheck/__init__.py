"""Video in, hamstring-lift findings out."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike
    from typing import Unpack

    from formcheck import agreement, data, errors, figures, frames
    from formcheck.agreement import agree
    from formcheck.data import Report
    from formcheck.settings import Flags

__version__ = "0.2.0"
__all__ = ["Report", "__version__", "agree", "agreement", "analyze", "data", "errors", "figures", "frames"]

# Reached as attributes without an import of their own (`formcheck.frames.to_frames`), and imported only then: pandas
# and matplotlib take longer to load than `formcheck --help` takes in all.
NAMES = {"Report": "formcheck.data", "agree": "formcheck.agreement"}
MODULES = ("agreement", "data", "errors", "figures", "frames")


def __getattr__(name: str) -> Any:
    """Import what is public when it is first asked for (PEP 562)."""
    from importlib import import_module

    if name in NAMES:
        return getattr(import_module(NAMES[name]), name)
    if name in MODULES:
        return import_module(f"formcheck.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def analyze(
    path: "str | PathLike[str] | None" = None,
    *,
    poses: "str | PathLike[str] | None" = None,
    fps: float | None = None,
    size: "tuple[int, int] | str | None" = None,
    progress: "Callable[[int, int], None] | None" = None,
    config: "str | PathLike[str] | None" = None,
    **settings: "Unpack[Flags]",
) -> "Report":
    """Analyse one video, or one file of landmarks that were found elsewhere.

    Settings are named as the flags of `formcheck analyze` (`lift="rdl", rate=30, tempo="3-1-1"`). Nothing is written
    but the pose cache.

    Parameters
    ----------
    path
        The video; or a file of landmarks, if its name says so (`.csv`, `.trc`, ...).
    poses
        A file of landmarks in the video's place, whatever its name; see docs/formats.md.
    fps
        For landmarks without times: the frames a second.
    size
        For landmarks in fractions of the picture: its width and height in pixels, `(1920, 1080)` or `"1920x1080"`.
    progress
        Called now and then as `progress(done, total)`, in frames of the video, from the calling thread.
    config
        A TOML file of settings and limits; what is named here overrides it.

    Raises
    ------
    formcheck.errors.FormcheckError
        What the caller can mend: `message` says what is wrong, `hint` the next step, both with the names of the
        arguments.
    """
    from formcheck.workflows.analysis import analyze_call

    return analyze_call(path, poses=poses, fps=fps, size=size, progress=progress, config=config, settings=settings)
