"""Video in, hamstring-lift findings out."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from os import PathLike
    from typing import Unpack

    from formcheck.data import Report
    from formcheck.settings import Flags

__version__ = "0.1.0"
__all__ = ["__version__", "analyze"]


def analyze(
    path: "str | PathLike[str]", *, config: "str | PathLike[str] | None" = None, **settings: "Unpack[Flags]"
) -> "Report":
    """Analyse one video; settings are named as the flags of `formcheck analyze` (`lift="rdl", rate=30, tempo="3-1-1"`).

    `config` is a TOML file of settings and limits; what is named here overrides it. The report as tables:
    `formcheck.frames.to_frames(report)`; as figures: `formcheck.figures`. Nothing is written but the pose cache. Raises
    a child of `formcheck.errors.FormcheckError` for what the caller can
    mend.
    """
    from pathlib import Path

    from formcheck.lifts import all_lifts
    from formcheck.pipeline import analyze as analyze_video
    from formcheck.settings import LIFT_NAMES, load_settings

    known = (*LIFT_NAMES, *all_lifts())
    if config is None:
        return analyze_video(Path(path), load_settings(known_lifts=known, **settings))
    from formcheck.lifts import all_checks

    codes = [check.code for check in all_checks()]
    return analyze_video(Path(path), load_settings(Path(config), known_codes=codes, known_lifts=known, **settings))
