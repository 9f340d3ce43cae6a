"""What the headings of a table mean: moments, people, landmarks and their coordinates, in anybody's spelling."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from formcheck.io.load.names import identify

Role = Literal["value", "time", "frame", "person", "name", "axis", "number", "width", "height", "rate", "other"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "msec", "msecs", "millis", "milliseconds", "millisecond"), 1e-3),
    **dict.fromkeys(("us", "usec", "usecs", "micros", "microseconds", "microsecond"), 1e-6),
    **dict.fromkeys(("ns", "nsec", "nanos", "nanoseconds", "nanosecond"), 1e-9),
}
TIME_WORDS = _words("time timestamp timestamps times t datetime elapsed pts clock date zeit zeitstempel temps tiempo")
# Headings without their marks ("frameindex") -> what the column is.
FRAMES = _words(
    "frame frames frameid frameidx frameindex framenumber frameno framenr framenum framecount framen nframe fr f image "
    "imageid imageidx imageindex imagename img imgid imgname file filename imagefile framename picture index idx "
    "unnamed0 row bild bildnummer bildnr"
)
ROW_NUMBERS = frozenset({"", "index", "idx", "unnamed0", "row", "n"})
PEOPLE = _words(
    "track trackid trackname trackidx person personid personidx people individual individuals individualid subject "
    "subjectid animal animalid instance instanceid instanceidx identity trackerid objectid player playerid poseid "
    "athlete athleteid skeleton skeletonid body bodyid"
)
NAMES = _words(
    "landmark landmarkname landmarkid landmarkindex landmarkidx keypoint keypoints keypointname keypointid "
    "keypointindex keypointidx bodypart bodyparts joint jointname jointid jointindex point pointname pointid marker "
    "markername part node name label id kpt kp lm"
)
AXIS_COLUMNS = _words("space axis coord coords coordinate dim dimension variable component")
NUMBER_COLUMNS = frozenset({"value", "position", "values"})
ROLES: dict[Role, frozenset[str]] = {
    "person": PEOPLE,
    "name": NAMES,
    "axis": AXIS_COLUMNS,
    "number": NUMBER_COLUMNS,
    "width": _words("width imagewidth imgwidth framewidth videowidth"),
    "height": _words("height imageheight imgheight frameheight videoheight"),
    "rate": _words("fps framerate videofps"),
}
AXES = {"x": 0, "y": 1, "z": 2}
CONFIDENCES = _words(
    "visibility vis v visible likelihood confidence conf score c s prob probability p certainty presence"
)
METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001, "meters": 1.0, "metres": 1.0}
PIXELS = {"px", "pixel", "pixels", "pix"}
FRACTIONS = {"norm", "normalized", "normalised", "rel", "relative"}
PER_CENT = {"percent", "pct", "perc", "percentage", "prozent"}
FILLERS = {"pos", "position", "coord", "coords", "coordinate", "image", "img", "2d", "loc", "location", "screen"}
WORLD = {"world", "3d"}
PERSON_WORDS = _words("person player track individual ind animal subject people athlete id instance skeleton")


@dataclass(frozen=True)
class Heading:
    """What one column is.

    heading : as the file writes it. For a value: `person` and `key`, the keypoint's name or number ("" in a table with
    a row per landmark), `axis` (0, 1, 2, or 3 for the confidence), `world` for metres around the hips, which `scale`
    turns into metres (and per cent into fractions), `pixels` and `share` (of the picture) where the heading says so.
    For a time: `scale` in seconds, None where it does not say.
    """

    heading: str
    role: Role
    key: str = ""
    axis: int = -1
    world: bool = False
    scale: float | None = None
    pixels: bool = False
    share: bool = False
    person: str = ""
    weak: bool = False


def split_words(heading: str) -> list[str]:
    """Return a heading's words and numbers in small letters: ["left", "hip", "x"] of LeftHip.x, ["x", "0"] of x0."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", heading)
    return re.findall(r"[23]d(?![a-z])|[a-zµ]+|\d+", spaced.lower().replace("µs", "us").replace("%", " percent "))


def read_heading(heading: str) -> Heading:
    """Return what a column is by its heading alone."""
    words = split_words(heading)
    joined = "".join(words)
    moment = read_moment_name(heading)
    if moment is not None:
        role, scale = moment
        return Heading(heading, role, scale=scale)
    for known, whole in ROLES.items():
        if joined in whole:
            return Heading(heading, known)
    return _read_value(heading, words) or Heading(heading, "other")


def read_moment_name(heading: str) -> tuple[Literal["time", "frame"], float | None] | None:
    """Return whether a heading names times, and their unit if it says so, or frames; None for neither."""
    words = split_words(heading)
    joined = "".join(words)
    if joined in FRAMES or not words:  # pandas writes its index without a heading
        return "frame", None
    units = [UNITS[word] for word in words if word in UNITS]
    if "frame" in words and not {"x", "y", "time", "timestamp", "rate"} & set(words):  # video_frame
        return "frame", None
    if any(word in TIME_WORDS for word in words) and len(words) <= 4 and not {"x", "y"} & set(words):
        return "time", units[0] if units else None
    if "time" in joined and joined.removeprefix("time").removesuffix("time") in UNITS:  # timems
        return "time", UNITS[joined.removeprefix("time").removesuffix("time")]
    if (len(words) == 1 or words[:-1] == ["pos"]) and units and words[-1] != "s":  # OpenCV's POS_MSEC
        return "time", units[0]
    return None


def rank_of_frames(heading: str) -> int:
    """Return how far a heading of frames is to be believed, 0 best: frames, pictures, or just the rows that a program
    has numbered (pandas' index, R's names of rows).
    """
    words = split_words(heading)
    return 2 if "".join(words) in ROW_NUMBERS else int("frame" not in "".join(words))


def _read_value(heading: str, words: list[str]) -> Heading | None:
    """Return a column of coordinates or confidences; None for what has no axis."""
    person, words = _take_person(words)
    qualifiers = METRES.keys() | PIXELS | FRACTIONS | PER_CENT | WORLD | FILLERS
    core = [word for word in words if word not in qualifiers]
    marks = [word for word in words if word in qualifiers]
    if not core:
        return None
    for place in (-1, 0):
        axis = _axis(core[place])
        rest = core[:-1] if place else core[1:]
        if axis is not None and (place or not rest or rest[-1].isdigit() or identify(" ".join(rest)) is not None):
            return _value(heading, rest, axis, marks, person, weak=core[place] == "presence")
    last = core[-1]
    if len(core) > 2 and last.isdigit() and _axis(core[-2]) is not None:  # landmark_x_0
        return _value(heading, [*core[:-2], last], _axis(core[-2]) or 0, marks, person)
    if last[-1:] in AXES and len(core) == 1 and identify(last[:-1]) is not None:  # lefthipx
        return _value(heading, [last[:-1]], AXES[last[-1]], marks, person)
    return None


def _take_person(words: list[str]) -> tuple[str, list[str]]:
    """Return who a heading speaks of, and the rest: ("person 1", ["left", "hip", "x"]) of person1_left_hip_x."""
    if len(words) > 3 and words[0] in PERSON_WORDS and words[1].isdigit():
        return f"{words[0]} {words[1]}", words[2:]
    if len(words) > 3 and words[0] == "p" and words[1].isdigit() and _axis(words[2]) is None:
        return f"person {words[1]}", words[2:]
    return "", words


def _axis(word: str) -> int | None:
    if word in AXES:
        return AXES[word]
    return 3 if word in CONFIDENCES else None


def _value(
    heading: str, rest: Sequence[str], axis: int, marks: Sequence[str], person: str, *, weak: bool = False
) -> Heading:
    metres = [METRES[mark] for mark in marks if mark in METRES]
    per_cent = axis < 2 and any(mark in PER_CENT for mark in marks)
    return Heading(
        heading,
        "value",
        key=" ".join(rest),
        axis=axis,
        world=axis < 3 and (bool(metres) or any(mark in WORLD for mark in marks)),
        scale=metres[0] if metres else 0.01 if per_cent else 1.0,
        pixels=any(mark in PIXELS for mark in marks),
        share=per_cent or any(mark in FRACTIONS for mark in marks),
        person=person,
        weak=weak,
    )
