"""Video in, hamstring-lift findings out."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from os import PathLike
    from typing import Unpack

    from formcheck.data import Report
    from formcheck.settings import Flags

__version__ = "0.1.0"
__all__ = ["__version__", "analyze"]


def analyze(path: "str | PathLike[str]", **settings: "Unpack[Flags]") -> "Report":
    """Analyse one video; settings are named as the flags of `formcheck analyze` (`lift="rdl", rate=30, tempo="3-1-1"`).

    Nothing is written but the pose cache. Raises a child of `formcheck.errors.FormcheckError` for what the caller can
    mend.
    """
    from pathlib import Path

    from formcheck.lifts import all_lifts
    from formcheck.pipeline import analyze as analyze_video
    from formcheck.settings import LIFT_NAMES, load_settings

    return analyze_video(Path(path), load_settings(known_lifts=(*LIFT_NAMES, *all_lifts()), **settings))
