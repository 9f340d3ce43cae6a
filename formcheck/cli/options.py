"""Options that several commands share, and how their values become settings.

Options that belong together are a dataclass. A command that has a parameter of such a type takes each of its fields as
an option, in the parameter's place.
"""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import update_wrapper
from pathlib import Path
from typing import Annotated, Any, Literal, cast, get_args, get_type_hints

import typer

from formcheck.errors import SettingsError
from formcheck.settings import (
    LIFT_CHOICES,
    Flags,
    ModelName,
    Pictures,
    Settings,
    SubjectName,
    load_settings,
    spell_lift,
)

PictureFormat = Literal["9:16"]
HEADS_IN_PICTURES = "--blur-faces hides heads in pictures: it needs a video, and report.html or --video."


def read_lift(name: str) -> str:
    """Return the lift's name as ours are written, typed in any case. Raises BadParameter, a usage error, for none."""
    lift = spell_lift(name)
    if lift not in LIFT_CHOICES:
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(map(repr, LIFT_CHOICES))}.")
    return lift


@contextmanager
def usage_errors() -> Iterator[None]:
    """Make a usage error of what is said to be wrong with a value that was typed."""
    try:
        yield
    except SettingsError as error:
        raise typer.BadParameter(f"{error.message} {error.hint}") from error


def read_settings(config: Path | None, flags: Flags) -> Settings:
    """Merge flags and file; a flag that makes no sense is a usage error."""
    with usage_errors():
        settings = load_settings(**flags)
    if config is None:
        return settings
    from formcheck.lifts import all_checks

    settings = load_settings(config, known_codes=[check.code for check in all_checks()], **flags)
    for check in all_checks():
        check.limit_for(settings)  # what makes no sense is said before anything is looked at
    return settings


Lift = Annotated[
    str | None,
    typer.Option(
        metavar=f"<{'|'.join(LIFT_CHOICES)}>",
        parser=read_lift,
        help="The lift (default: auto, recognised from the video).",
    ),
]
Model = Annotated[
    ModelName | None, typer.Option(help="The pose model (default: full; heavy for a seated curl in a file).")
]
Tempo = Annotated[str | None, typer.Option(metavar="D-P-U", help="Your target: seconds down, pause, up, as in 3-1-1.")]
Rate = Annotated[float | None, typer.Option(metavar="HZ", help="Frames a second to look at (default: 30).")]
Start = Annotated[float | None, typer.Option(metavar="S", help="Second of the video to start at.")]
End = Annotated[float | None, typer.Option(metavar="S", help="Second of the video to end at.")]
Speed = Annotated[
    float | None,
    typer.Option(metavar="FACTOR", help="How fast the clip plays, as a share of true speed: 0.25 for 4x slow motion."),
]
Subject = Annotated[
    str | None,
    typer.Option(
        metavar=f"<{'|'.join(get_args(SubjectName))}|X,Y>",
        help="Who to watch, or a place X,Y (default: whoever moves most).",
    ),
]
Workers = Annotated[int | None, typer.Option(metavar="N", help="Parallel pose models (default: one per core).")]
PlateMm = Annotated[
    float | None, typer.Option(metavar="MM", help="Diameter of the plates (default: 450 if they look like it).")
]
VelocityLoss = Annotated[float | None, typer.Option(metavar="PCT", help="Stop line: loss of lifting speed, as in 20.")]
Mass = Annotated[float | None, typer.Option(metavar="KG", help="Your mass: with your height, a Nordic's knee torque.")]
Height = Annotated[
    float | None, typer.Option(metavar="CM", help="Your height: with your mass, a Nordic's knee torque.")
]
Config = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Settings and limits in TOML; options given here win.")
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Ignore the pose cache and do not write to it.")]


@dataclass(frozen=True)
class LiftOptions:
    """What is lifted, who looks, and the lifter's own targets and size."""

    lift: Lift = None
    model: Model = None
    tempo: Tempo = None
    velocity_loss: VelocityLoss = None
    mass: Mass = None
    height: Height = None


@dataclass(frozen=True)
class ClipOptions:
    """Which frames of a clip are looked at, and how fast it runs."""

    rate: Rate = None
    start: Start = None
    end: End = None
    speed: Speed = None


@dataclass(frozen=True)
class PictureOptions:
    """What is written with pictures of the video."""

    html: Annotated[bool, typer.Option("--html/--no-html", help="Write report.html, a page with the video.")] = True
    embed: Annotated[bool, typer.Option("--embed", help="Embed the video in report.html.")] = False
    video: Annotated[
        bool, typer.Option("--video", help="Write annotated.mp4: the video with figure, angles and cues.")
    ] = False
    picture_format: Annotated[
        PictureFormat | None,
        typer.Option("--format", help="With --video: 9:16 crops it to the lifter, for upright screens."),
    ] = None
    blur_faces: Annotated[
        bool,
        typer.Option(
            "--blur-faces", help="Hide the lifter's head in the page and the video; other people stay visible."
        ),
    ] = False

    def read(self) -> Pictures:
        """Return what is to be written. Raises BadParameter for options that do nothing together."""
        if self.blur_faces and not (self.html or self.video):
            raise typer.BadParameter(HEADS_IN_PICTURES)
        if self.picture_format is not None and not self.video:
            raise typer.BadParameter("--format is for the annotated video: add --video.")
        return Pictures(self.html, self.embed, self.video, self.picture_format is not None, self.blur_faces)


def gather(*bundles: LiftOptions | ClipOptions, **flags: Any) -> Flags:
    """Return the flags of some bundles and of single options, by their names."""
    return cast("Flags", {name: value for bundle in bundles for name, value in vars(bundle).items()} | flags)


def unfold(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command that takes the fields of its bundles one by one, as typer reads them from its signature."""
    hints = get_type_hints(command, include_extras=True)
    bundles: dict[str, Any] = {name: hint for name, hint in hints.items() if is_dataclass(hint)}
    parameters = inspect.signature(command).parameters.values()

    def run(**given: Any) -> None:
        whole = {
            name: bundle(**{each.name: given.pop(each.name) for each in fields(bundle)})
            for name, bundle in bundles.items()
        }
        command(**given, **whole)

    taken = [
        each
        for parameter in parameters
        for each in (
            _unfold_one(bundles[parameter.name])
            if parameter.name in bundles
            else [parameter.replace(annotation=hints[parameter.name])]
        )
    ]
    run = update_wrapper(run, command)
    run.__annotations__ = {each.name: each.annotation for each in taken}
    vars(run)["__signature__"] = inspect.Signature(taken)
    return run


def _unfold_one(bundle: Any) -> Iterator[inspect.Parameter]:
    """Yield the parameters for a bundle's fields."""
    hints = get_type_hints(bundle, include_extras=True)
    for each in fields(bundle):
        default = inspect.Parameter.empty if each.default is MISSING else each.default
        yield inspect.Parameter(each.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hints[each.name])
