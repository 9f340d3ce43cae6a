"""One frozen Settings, read from TOML and flags. A flag overrides the TOML key of the same name.

TOML: the keys are the names of the flags (`lift`, `model`, `tempo`, `rate`, `start`, `end`, `speed`, `subject`,
`side_view`, `workers`, `plate_mm`, `velocity_loss`, `mass`, `height`), and a table per check whose limits are to be
moved:

    rate = 60
    tempo = "3-1-1"

    [limits."rdl.overrun"]
    note = 6
    fault = 12
"""

import difflib
import re
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypedDict, Unpack, cast, get_args

from formcheck import own_files
from formcheck.errors import SettingsError
from formcheck.io.text_files import decode
from formcheck.lifts import lift_names
from formcheck.own_files import DamagedError

LIFT_CHOICES = ("auto", *lift_names())  # what `--lift` takes
OF_PICTURES = ("model", "rate", "workers", "plate_mm")  # settings that do nothing with landmarks made elsewhere
ModelName = Literal["lite", "full", "heavy"]
MODELS = get_args(ModelName)  # of ours; landmarks made elsewhere name another
SubjectName = Literal["auto", "left", "right", "largest"]
SideName = Literal["left", "right"]

DEFAULT_RATE_HZ = 30.0  # of the frames that are looked at
MAX_RATE_HZ = 240.0  # phones film no faster, and a lift has nothing above 12 Hz
MIN_FRAMES = 24  # a second at the least usable rate; fewer sampled frames hold no repetition
SPEEDS = (0.01, 10.0)  # of a clip: phones slow down by 32 at most, and what is sped up shows little of a lift
PLATE_MM = (150.0, 600.0)  # plates of a bar
MASS_KG, HEIGHT_CM = (25.0, 300.0), (100.0, 250.0)  # of a lifter
MAX_PHASE_S = 60.0  # a phase longer than this is a slip of the pen
MAX_SETTINGS_BYTES = 1_000_000  # of a settings file, which has a few lines
QUOTED_CHARACTERS = 200  # characters of a wrong value in a message
POINT = re.compile(r"(\d{1,5}),(\d{1,5})")  # a place in the picture, px
MEND = 'Correct that line: key = value, text in "quotes".'
TEMPO_PATTERN = re.compile(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Tempo:
    """The lifter's own target for one repetition: lowering, pause at the bottom, lifting."""

    eccentric_s: float
    pause_s: float
    concentric_s: float

    @classmethod
    def parse(cls, text: str) -> "Tempo":
        """Read "3-1-1" (seconds, decimals allowed). Raises ValueError for anything else, or a phase over a minute."""
        match = TEMPO_PATTERN.fullmatch(text.strip())
        if match is None:
            raise ValueError(text)
        phases_s = [float(each) for each in match.groups()]
        if max(phases_s) > MAX_PHASE_S:
            raise ValueError(text)
        return cls(*phases_s)

    def __str__(self) -> str:
        return f"{self.eccentric_s:g}-{self.pause_s:g}-{self.concentric_s:g}"


@dataclass(frozen=True)
class LimitOverride:
    """The user's own lines for one check, in the check's unit. None leaves the shipped number as it is."""

    note: float | None = None
    fault: float | None = None
    max_width: float | None = None


@dataclass(frozen=True)
class Settings:
    """All that a user can ask of one analysis.

    What None means: `model` the lift's own (see `Lift.model`), `tempo` 2-4 s down, `rate_hz` 30, `start_s` and `end_s`
    the clip's own, `speed` 1 unless the clip looks slowed down, `side_view` what the landmarks tell, `workers` every
    core, `plate_m` 0.45 where that is plausible, `velocity_loss_pct` no stop line, `mass_kg` and
    `height_m` of the lifter that torques are not estimated. `speed` is the share of the true speed at which the clip
    runs. `without` holds the numbers of repetitions that do not count: somebody who has seen the clip left them out.
    """

    lift: str = "auto"
    model: ModelName | None = None
    tempo: Tempo | None = None
    rate_hz: float | None = None
    start_s: float | None = None
    end_s: float | None = None
    speed: float | None = None
    subject: str = "auto"  # a SubjectName, or "X,Y": a place in the picture, px
    side_view: SideName | None = None
    workers: int | None = None
    plate_m: float | None = None
    velocity_loss_pct: float | None = None
    mass_kg: float | None = None
    height_m: float | None = None
    without: tuple[int, ...] = ()
    limits: Mapping[str, LimitOverride] = field(default_factory=lambda: MappingProxyType({}))

    def record(self) -> dict[str, Any]:
        """Return what the report keeps: JSON types, keys as flags; without `workers`, which changes no number."""
        limits = {
            code: {step: number for step, number in vars(override).items() if number is not None}
            for code, override in sorted(self.limits.items())
        }
        return {
            "lift": self.lift,
            "model": self.model,
            "tempo": None if self.tempo is None else str(self.tempo),
            "rate": DEFAULT_RATE_HZ if self.rate_hz is None else self.rate_hz,
            "start": self.start_s,
            "end": self.end_s,
            "speed": self.speed,
            "subject": self.subject,
            "side_view": self.side_view,
            "plate_mm": None if self.plate_m is None else 1000 * self.plate_m,
            "velocity_loss": self.velocity_loss_pct,
            "mass": self.mass_kg,
            "height": None if self.height_m is None else 100 * self.height_m,
            "limits": limits,
            **({"without": list(self.without)} if self.without else {}),
        }


@dataclass(frozen=True)
class Pictures:
    """What is written with pictures of the video.

    html : report.html; embed : with the video inside. video : the annotated video; tall : 9 by 16, cut to the lifter.
    blur_faces : none of them shows the lifter's head.
    """

    html: bool = True
    embed: bool = False
    video: bool = False
    tall: bool = False
    blur_faces: bool = False


class Flags(TypedDict, total=False):
    """The flags of `formcheck analyze` that are settings, by the flags' names. None means not given."""

    lift: str | None
    model: str | None
    tempo: str | None
    rate: float | None
    start: float | None
    end: float | None
    speed: float | None
    subject: str | None
    side_view: str | None
    workers: int | None
    plate_mm: float | None
    velocity_loss: float | None
    mass: float | None
    height: float | None


def load_settings(
    toml_path: Path | None = None,
    *,
    known_codes: Collection[str] = (),
    **flags: Unpack[Flags],
) -> Settings:
    """Read settings from a TOML file and flags; a flag that is not None overrides the file.

    `known_codes` are the checks whose limits the file may move. Raises SettingsError, which names the key, the nearest
    valid one and where it stands, for an unknown key, a wrong type, a number out of range or a file that is not TOML.
    """
    values: dict[str, Any] = {}
    if toml_path is not None:
        table = _read_toml(toml_path)
        limits = table.pop("limits", {})
        values = _convert(table, lambda key: f"{key} in {toml_path}")
        values["limits"] = MappingProxyType(_limits(limits, known_codes, toml_path))
    given = {key: value for key, value in cast("dict[str, Any]", flags).items() if value is not None}
    values |= _convert(given, lambda key: f"--{key.replace('_', '-')}")
    settings = Settings(**values)
    if settings.start_s is not None and settings.end_s is not None and settings.start_s >= settings.end_s:
        raise SettingsError(
            f"The part to analyse starts at {settings.start_s:g} s and ends at {settings.end_s:g} s.",
            "Give --start and --end in seconds of the video, --start first.",
        )
    if (settings.mass_kg is None) != (settings.height_m is None):
        raise SettingsError(
            "Mass and height are used together: one of them is missing.", "Give --mass and --height, or neither."
        )
    return settings


def _read_toml(path: Path) -> dict[str, Any]:
    """Parse a TOML file. Raises SettingsError that gives the line where the text stops being TOML."""
    try:
        raw = own_files.read_bytes(path, MAX_SETTINGS_BYTES)
    except DamagedError as error:
        raise SettingsError(
            f"The settings file {path} cannot be read: {error}.", "Check the path after --config."
        ) from error
    try:
        text = decode(raw)
    except ValueError as error:
        raise SettingsError(
            f"The settings file {path} is not text.", "Give --config a TOML file, saved as UTF-8."
        ) from error
    try:
        with own_files.guard():
            return _parse_toml(text, path)
    except DamagedError as error:
        raise SettingsError(f"The settings file {path} is not valid TOML: {error}.", MEND) from error


def _parse_toml(text: str, path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The settings file {path} is not valid TOML: {_short(str(error))}.", MEND) from error


def _short(text: str) -> str:
    return text if len(text) <= QUOTED_CHARACTERS else f"{text[:QUOTED_CHARACTERS]}..."


def _convert(table: Mapping[str, Any], place: Callable[[str], str]) -> dict[str, Any]:
    """Turn keys and raw values into fields of Settings. `place` says where a key stands, for the error."""
    values: dict[str, Any] = {}
    for key, raw in table.items():
        if key not in KEYS:
            raise SettingsError(f"Unknown setting {_short(place(key))}.", _nearest(key, (*KEYS, "limits")))
        name, read = KEYS[key]
        try:
            values[name] = read(raw)
        except ValueError as error:
            raise SettingsError(f"{place(key)} cannot be {_short(repr(raw))}.", str(error)) from error
    return values


def _limits(table: Any, known_codes: Collection[str], path: Path) -> dict[str, LimitOverride]:
    """Read the `[limits."code"]` tables."""
    steps = tuple(LimitOverride.__dataclass_fields__)
    if not isinstance(table, dict):
        raise SettingsError(
            f"limits in {path} cannot be {_short(repr(table))}.", 'Write a table per check: [limits."rdl.overrun"].'
        )
    limits = {}
    for code, override in table.items():
        if code not in known_codes:
            raise SettingsError(
                f"Unknown check {_short(code)} under limits in {path}.", _nearest_code(code, known_codes)
            )
        if not isinstance(override, dict):
            raise SettingsError(
                f"limits of {code} in {path} cannot be {_short(repr(override))}.",
                f'Write [limits."{code}"], then note = 5 below it.',
            )
        for step, number in override.items():
            if step not in steps:
                raise SettingsError(
                    f'Unknown key {_short(step)} under limits."{code}" in {path}.', _nearest(step, steps)
                )
            wide = step == "max_width"
            if not _is_number(number) or (wide and number <= 0):
                raise SettingsError(
                    f'{step} under limits."{code}" in {path} cannot be {_short(repr(number))}.',
                    "Give a number above 0." if wide else "Give a number.",
                )
        limits[code] = LimitOverride(**{step: float(number) for step, number in override.items()})
    return limits


def _nearest_code(code: str, known_codes: Collection[str]) -> str:
    """Say which check was meant; a bare lift name means that the code's quotes are missing."""
    if any(known.startswith(f"{code}.") for known in known_codes):
        return f'Put the code in quotes: [limits."{code}. ..."]; formcheck explain lists all codes.'
    return _nearest(code, known_codes)


def _nearest(word: str, known: Collection[str]) -> str:
    """Say which of `known` was probably meant, or list them all."""
    close = difflib.get_close_matches(word[:QUOTED_CHARACTERS], known, n=1)
    return f"Did you mean {close[0]}?" if close else f"The choices are: {', '.join(known)}."


def _is_number(raw: Any) -> bool:
    """Whether a TOML or Python value is a finite number (True and False are not) that a float can hold."""
    return isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) <= sys.float_info.max


def spell_lift(text: str) -> str:
    """Return a lift's name as ours are written, whatever its case and what stands between its words."""
    return text.casefold().replace(" ", "_").replace("-", "_")


def _read_lift(raw: Any) -> str:
    return _one_of(LIFT_CHOICES)(spell_lift(raw) if isinstance(raw, str) else raw)


def _one_of(known: Collection[str]) -> Callable[[Any], str]:
    """Make a reader that takes one of some texts."""

    def read(raw: Any) -> str:
        if raw not in known:
            raise ValueError(_nearest(raw, known) if isinstance(raw, str) else f"The choices are: {', '.join(known)}.")
        return cast("str", raw)

    return read


def _where(fits: Callable[[float], bool], hint: str, per: float = 1.0) -> Callable[[Any], float]:
    """Make a reader of the numbers that fit, of whose unit one of ours has `per`."""

    def read(raw: Any) -> float:
        if not _is_number(raw) or not fits(raw):
            raise ValueError(hint)
        return float(raw) / per

    return read


def _within(span: tuple[float, float], hint: str, per: float = 1.0) -> Callable[[Any], float]:
    """Make a reader of numbers in a span; the hint has room for its ends."""
    return _where(lambda number: span[0] <= number <= span[1], hint.format(*span), per)


def read_point(subject: str) -> tuple[float, float] | None:
    """Return the place (x, y), px, of a subject that is one: "640,400". None for a name."""
    match = POINT.fullmatch(subject)
    return None if match is None else (float(match[1]), float(match[2]))


def _read_subject(raw: Any) -> str:
    text = "".join(raw.split()) if isinstance(raw, str) else raw
    if isinstance(text, str) and read_point(text) is not None:
        return text
    names = get_args(SubjectName)
    if raw not in names:
        raise ValueError(f"The choices are: {', '.join(names)}, or a place in the picture in pixels, as in 640,400.")
    return cast("str", raw)


def _read_workers(raw: Any) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or raw < 1:
        raise ValueError("Give a whole number, 1 or more.")
    return raw


def _read_tempo(raw: Any) -> Tempo:
    try:
        return Tempo.parse(raw if isinstance(raw, str) else "")
    except ValueError as error:
        raise ValueError("Give seconds down, pause and up, as text: 3-1-1.") from error


RATE = f"Give frames a second, above 0 and up to {MAX_RATE_HZ:g}, as a number."
LOSS = "Give the loss of speed at which the set should end, in percent: 20."
_read_time_s = _where(lambda time_s: time_s >= 0, "Give seconds of the video, 0 or more, as a number.")

# Key in TOML and flag -> field of Settings, and what reads it (ValueError: how to write it).
KEYS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "lift": ("lift", _read_lift),
    "model": ("model", _one_of(MODELS)),
    "tempo": ("tempo", _read_tempo),
    "rate": ("rate_hz", _where(lambda rate_hz: 0 < rate_hz <= MAX_RATE_HZ, RATE)),
    "start": ("start_s", _read_time_s),
    "end": ("end_s", _read_time_s),
    "speed": ("speed", _within(SPEEDS, "Give the share of the true speed, {:g} to {:g}: 0.25 for a quarter.")),
    "subject": ("subject", _read_subject),
    "side_view": ("side_view", _one_of(get_args(SideName))),
    "workers": ("workers", _read_workers),
    "plate_mm": ("plate_m", _within(PLATE_MM, "Give the plate's diameter in millimetres, {:g} to {:g}.", per=1000)),
    "velocity_loss": ("velocity_loss_pct", _where(lambda loss_pct: 0 < loss_pct < 100, LOSS)),
    "mass": ("mass_kg", _within(MASS_KG, "Give the lifter's mass in kilograms, {:g} to {:g}.")),
    "height": ("height_m", _within(HEIGHT_CM, "Give the lifter's height in centimetres, {:g} to {:g}.", per=100)),
}
