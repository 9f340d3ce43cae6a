"""Read `clips.toml` into frozen types: what is filmed, how it moves, how it is recorded."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from samples.renderer.lifts import LIFTS
from samples.renderer.scene import Scene

CLIPS_FILE = Path(__file__).parent / "clips.toml"
T = TypeVar("T")


@dataclass(frozen=True)
class Recording:
    """How the camera records.

    fps: mean rate. jitter: standard deviation of a frame's time in frame intervals (0: constant rate). shutter: share
    of the interval for which the shutter is open; 0 is a sharp picture, more blurs what moves over `exposures`
    instants. crf, preset: x264's.
    """

    fps: float = 30.0
    jitter: float = 0.0
    shutter: float = 0.0
    exposures: int = 4
    crf: int = 21
    preset: str = "slow"


@dataclass(frozen=True)
class Clip:
    """One named clip."""

    name: str
    lift: str
    about: str
    scene: Scene
    moves: Any  # the lift's own Set
    recording: Recording


def filled(kind: type[T], table: Mapping[str, object]) -> T:
    """Make a dataclass from a table; tables inside become dataclasses, lists become tuples.

    Raises ValueError on a key that the dataclass does not have.
    """
    hints = get_type_hints(kind)
    unknown = set(table) - set(hints)
    if unknown:
        raise ValueError(f"{kind.__name__} has no {', '.join(sorted(unknown))}; it has {', '.join(hints)}")
    values: dict[str, object] = {}
    for key, value in table.items():
        kinds = [kind for kind in get_args(hints[key]) if isinstance(kind, type) and is_dataclass(kind)]
        if is_dataclass(hints[key]) and isinstance(value, Mapping):
            values[key] = filled(hints[key], value)
        elif kinds and isinstance(value, list):
            values[key] = tuple(filled(kinds[0], each) for each in value)
        else:
            values[key] = tuple(value) if isinstance(value, list) else value
    return kind(**values)


def over(base: Mapping[str, object], table: Mapping[str, object]) -> dict[str, object]:
    """Lay a table over another, key by key also inside tables."""
    result = dict(base)
    for key, value in table.items():
        below = result.get(key)
        result[key] = over(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return result


def clip_from(name: str, table: Mapping[str, object]) -> Clip:
    """Make one clip from its table in the file.

    Raises ValueError on an unknown key or an unknown lift.
    """
    left = dict(table)
    lift, about = str(left.pop("lift")), str(left.pop("about"))
    if lift not in LIFTS:
        raise ValueError(f"{name}: there is no motion for {lift!r}; there is for {', '.join(LIFTS)}")
    motion = LIFTS[lift]
    reps = left.pop("reps")
    recording = left.pop("recording", {})
    if not isinstance(reps, list) or not isinstance(recording, Mapping):
        raise ValueError(f"{name}: reps is a list of tables, recording a table")
    if "footwork" in left and not motion.footwork:
        raise ValueError(f"{name}: {lift} has no footwork")
    scene_keys = {field.name for field in fields(Scene)}
    seen = over(motion.scene, {key: value for key, value in left.items() if key in scene_keys})
    moves = {key: value for key, value in left.items() if key not in scene_keys - {"seed"}}
    done = tuple(filled(motion.rep_kind, rep) for rep in reps)
    whole = replace(filled(motion.set_kind, moves | {"reps": ()}), reps=done)
    return Clip(name, lift, about, filled(Scene, seen), whole, filled(Recording, recording))


def read_clips(path: Path = CLIPS_FILE) -> dict[str, Clip]:
    """Read every clip of a file by name."""
    with path.open("rb") as file:
        return {name: clip_from(name, table) for name, table in tomllib.load(file).items()}
