"""Options that several commands share, and how their values become settings."""

from pathlib import Path
from typing import Annotated, get_args

import typer

from formcheck.errors import SettingsError
from formcheck.settings import LIFT_NAMES, Flags, ModelName, Settings, SubjectName, load_settings


def read_lift(name: str) -> str:
    """Return the name if it is that of a lift. Raises BadParameter, a usage error, if it is not."""
    if name in LIFT_NAMES:
        return name
    known = known_lifts()
    if name in known:
        return name
    raise typer.BadParameter(f"{name!r} is not one of {', '.join(map(repr, known))}.")


def known_lifts() -> list[str]:
    """Return every name that `--lift` takes: those of the shipped lifts, and those of files that somebody added."""
    from formcheck.lifts import all_lifts

    return list(dict.fromkeys((*LIFT_NAMES, *all_lifts())))


def read_settings(config: Path | None, flags: Flags) -> Settings:
    """Merge flags and file; a flag that makes no sense is a usage error."""
    known = known_lifts() if config is not None or flags["lift"] not in (None, *LIFT_NAMES) else LIFT_NAMES
    try:
        settings = load_settings(known_lifts=known, **flags)
    except SettingsError as error:
        raise typer.BadParameter(f"{error.message} {error.hint}") from error
    if config is None:
        return settings
    from formcheck.lifts import all_checks

    codes = [check.code for check in all_checks()]
    return load_settings(config, known_codes=codes, known_lifts=known, **flags)


Lift = Annotated[
    str | None,
    typer.Option(metavar=f"<{'|'.join(LIFT_NAMES)}>", parser=read_lift, help="What is lifted; auto if not given."),
]
Model = Annotated[ModelName | None, typer.Option(help="The pose model; full, for a seated curl heavy, if not given.")]
Tempo = Annotated[str | None, typer.Option(metavar="D-P-U", help="Your target: seconds down, pause, up, as in 3-1-1.")]
Rate = Annotated[float | None, typer.Option(metavar="HZ", help="Frames a second to look at; 30 if not given.")]
Start = Annotated[float | None, typer.Option(metavar="S", help="Second of the video to start at.")]
End = Annotated[float | None, typer.Option(metavar="S", help="Second of the video to end at.")]
Speed = Annotated[
    float | None,
    typer.Option(metavar="FACTOR", help="Share of the true speed at which the clip runs: 0.25 for 4x slow motion."),
]
Subject = Annotated[
    str | None,
    typer.Option(metavar=f"<{'|'.join(get_args(SubjectName))}|X,Y>", help="Whom to watch: who moves most, or a place."),
]
Workers = Annotated[int | None, typer.Option(metavar="N", help="Parallel pose models (default: one per core).")]
PlateMm = Annotated[float | None, typer.Option(metavar="MM", help="Diameter of the plates; 450 if they look like it.")]
Config = Annotated[Path | None, typer.Option(metavar="FILE", help="Settings and limits in TOML; flags win.")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Ignore the pose cache and do not write to it.")]
