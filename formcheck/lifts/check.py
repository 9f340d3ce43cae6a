"""What a lift is made of: its rep signal, its posture, its traits, its checks, and what is followed over weeks."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from formcheck.data import CAME_UP, Concern, Kinematics, Limit, Measure, Rep
from formcheck.errors import SettingsError
from formcheck.events.feet import Feet
from formcheck.events.level import Level
from formcheck.kinematics.bases import FEET, Base
from formcheck.settings import ModelName, Settings, Tempo
from formcheck.wording import count_noun

MIN_RATE_HZ = 23.5  # [D] for tempo and angles: 24, less what film (23.976) and uneven frames take off
MAX_OUTLINE_YAW_DEG = 20.0  # [D; docs/method.md, rounding]
MIN_DETECTED = 0.8  # of the frames [D]
MAX_HIDDEN_SHARE = 0.2  # of a lowering in which what is judged is not seen [D]
UNKNOWN_SHARE = 0.5  # of a trait whose feature was not seen [D]

Need = Literal["side view", "outline", "clock"]


HINGE, KNEE_FLEXION, QUADS, OTHER = TRAINS = ("hinge", "knee_flexion", "quads", "other")  # what a set counts for
SLOW_ECCENTRIC_S = 2.0  # of a lowering, the lower end of the usual prescription of 2-4 s [D]


@dataclass(frozen=True)
class Trait:
    """A feature's span in one lift, and how far beyond it nothing of the trait is left; in the feature's unit.

    The features are those of `segmentation.lift_recognition.measure_features`.
    """

    feature: str
    low: float
    high: float
    margin: float

    def share(self, features: Mapping[str, float]) -> float:
        """Return how much of the trait a set has, 0..1; half of one that was not seen (NaN)."""
        value = features[self.feature]
        if not math.isfinite(value):
            return UNKNOWN_SHARE
        return max(0.0, 1.0 - max(self.low - value, value - self.high, 0.0) / self.margin)


@dataclass(frozen=True)
class Quantity:
    """Something of a lift that is followed over weeks.

    code : the check whose measures it is. better : which way is better, None where neither is; enough : the value from
    which on more of it is no better, None where there is none. floor : no smaller
    change is called real, whatever the intervals say, with its source. part : the key of the measures' detail that is
    followed in place of their value, without an interval, where the detail says yes to `part_if`. reached : the key of
    the detail that says no where the true value lies beyond the measured one.
    """

    key: str
    title: str
    unit: str
    code: str
    better: Literal["higher", "lower"] | None
    floor: float
    source: str
    part: str = ""
    part_if: str = ""
    reached: str = ""
    enough: float | None = None


@dataclass(frozen=True)
class LiftSet:
    """All that a check may look at. `rate_hz` is the sampling rate of `kinematics`; `feet` is None when not seen,
    `level` when nobody looked.

    `spoilt` says, by number, why a repetition cannot be judged; `is_slowed` that the clip looks slowed down, and nobody
    has said by how much. `mass_kg` and `height_m` are the athlete's, None where not given.
    """

    kinematics: Kinematics
    reps: tuple[Rep, ...]
    rate_hz: float
    tempo: Tempo | None
    feet: Feet | None = None
    spoilt: Mapping[int, str] = field(default_factory=dict, hash=False)
    is_slowed: bool = False
    mass_kg: float | None = None
    height_m: float | None = None
    level: Level | None = None


@dataclass(frozen=True)
class Check:
    """One question about a set, with its limit and its words.

    `measure` returns a Measure per rep it can speak of (or one with rep None for the set). `cue` is said when a limit
    is passed and `good` when it is not; their placeholders are `{value}`, `{percent}` (a hundred times that), `{unit}`
    and the keys of the measure's detail. `needs` is what the clip must show, "clock" standing for times that are true:
    without it the check is not judged. `adjust` may move the limit by the athlete's own target, and `wanted` says
    whether the settings ask for the check at all. A check that `needs_reps` is not judged without one, nor of a body
    that cannot be doing the lift.

    `name` is what people call it in a list of checks that are good ("no ..." for a fault; else the code's own words).
    `concern` ranks its cue: harm comes before form, and both before pace. `aside` (placeholders as in `cue`) is how the
    cue of another fault at the same moment mentions this one; a check without it always has a cue of its own. `maybe`
    says what a value is that is known too badly for a verdict; `{span}` is what it may be, from 0 up. `spoken` is the
    cue in few enough words for the second between two repetitions, with `{value}` as a number that can be formatted; ""
    where the cue itself is said. `method` is the section of docs/method.md that defines what is measured, by the anchor
    of its heading; "" where none does.
    """

    code: str
    title: str
    why: str
    cue: str
    good: str
    limit: Limit
    measure: Callable[[LiftSet], Iterable[Measure]]
    needs: frozenset[Need] = frozenset()
    adjust: Callable[[Limit, Settings], Limit] | None = None
    wanted: Callable[[Settings], bool] | None = None
    decimals: int = 0
    needs_reps: bool = True
    name: str = ""
    concern: Concern = Concern.FORM
    aside: str = ""
    maybe: str = ""
    spoken: str = ""
    method: str = ""

    def limit_for(self, settings: Settings) -> Limit:
        """Return the limit with the athlete's own target and lines; what these leave open stays. Raises SettingsError
        where a note would lie beyond the fault, or below 0 where the shipped limit does not.
        """
        limit = self.limit if self.adjust is None else self.adjust(self.limit, settings)
        override = settings.limits.get(self.code)
        if override is None:
            return limit
        steps = {name: value for name, value in vars(override).items() if value is not None}
        if min(steps.values()) < 0 <= min(each for each in (limit.note, limit.fault, 0.0) if each is not None):
            raise SettingsError(
                f"A limit of {self.code} cannot be below 0.",
                f'Set those under [limits."{self.code}"] to 0 {limit.unit} or more.',
            )
        limit = replace(limit, **steps, source=f"{limit.source}; moved by the settings")
        if limit.note is not None and limit.fault is not None:
            over = limit.note - limit.fault
            if (over if limit.direction == "above" else -over) > 0:
                raise SettingsError(
                    f"The note of {self.code} ({limit.note:g} {limit.unit}) lies {limit.direction} its fault "
                    f"({limit.fault:g} {limit.unit}).",
                    f'Set both under [limits."{self.code}"]: the fault is the line that is passed last.',
                )
        return limit


@dataclass(frozen=True)
class Lift:
    """One lift, in the module of its name. `signal` is the channel that rises from rest to the turn, `min_range` the
    least excursion of a rep in it.

    `posture` says why this cannot be the lift, or None. `bend` is the channel in which picking the weight up and
    putting it down bend far more than a rep does, None where nothing of that kind is done. Checks stand in
    the order in which a coach would mend them. `base` is what carries the body. `open_ended`: a clip may start or end
    at the turn, and a way back from there is a repetition. `came_up`: share of the way to the shallower of two turns at
    which they are two repetitions. `lifts_first`: the weight goes up on the way to the turn.
    `finish` has the last word on a repetition, where the phases mean something else; None: it is none. `correct` takes
    out what a pose model, by its name, is known to see wrong in this posture. `model` is the one that looks when none
    was asked for. `is_name`: the title is a proper name.

    `traits` are what `--lift auto` knows it by: without any it is never recognised. `trends` are followed over weeks,
    in the order in which they are shown. `trains` is what a set of it counts for (`TRAINS`), `aliases` what else it is
    called where sets are logged.
    """

    name: str
    title: str
    signal: str
    min_range: float
    posture: Callable[[Kinematics], str | None]
    checks: tuple[Check, ...] = field(default_factory=tuple)
    bend: str | None = None
    base: Base = FEET
    open_ended: bool = False
    came_up: float = CAME_UP
    lifts_first: bool = False
    finish: Callable[[Kinematics, Rep], Rep | None] | None = None
    correct: Callable[[Kinematics, str], Kinematics] | None = None
    model: ModelName = "full"
    traits: tuple[Trait, ...] = ()
    trends: tuple[Quantity, ...] = ()
    trains: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    is_name: bool = False

    @property
    def noun(self) -> str:
        """The title as it stands inside a sentence: good morning, Nordic curl."""
        return self.title if self.is_name else self.title[:1].lower() + self.title[1:]


def code_checks(lift: str, *shared: Check) -> tuple[Check, ...]:
    """Return checks that several lifts share under a lift's own codes: `rdl.rounding` of `rounding`."""
    return tuple(replace(each, code=f"{lift}.{each.code}") for each in shared)


def why_not(check: Check, lift_set: LiftSet) -> str | None:
    """Return why the picture does not allow this check, or None."""
    view, quality = lift_set.kinematics.view, lift_set.kinematics.quality
    if not lift_set.reps and quality.detected_fraction < MIN_DETECTED:  # else each repetition tells for itself
        found_pct, needed_pct = 100 * quality.detected_fraction, 100 * MIN_DETECTED
        return f"you are visible in only {found_pct:.0f} % of the frames ({needed_pct:.0f} % needed)"
    if lift_set.rate_hz < MIN_RATE_HZ:
        frames = count_noun(round(lift_set.rate_hz), "frame")
        return f"{frames} a second are too few: film with {MIN_RATE_HZ:.0f} or more"
    if "clock" in check.needs and lift_set.is_slowed:
        return "the clip looks slowed down, and its speed is not known"
    if check.needs - {"clock"} and view.verdict == "red":
        return view.reason
    if "outline" in check.needs and view.yaw_deg > MAX_OUTLINE_YAW_DEG:
        return (
            f"the camera is about {view.yaw_deg:.0f}° off the side view "
            f"({MAX_OUTLINE_YAW_DEG:.0f}° at most for the back's outline)"
        )
    return None


def cannot(reason: str, unit: str, rep: Rep | None = None) -> Measure:
    """Return the Measure of something that cannot be had, with the reason."""
    nan = float("nan")
    start_s, end_s = (rep.start_s, rep.stop_s) if rep else (nan, nan)
    return Measure(nan, nan, nan, unit, rep.number if rep else None, start_s, end_s, reason)


def not_asked(reason: str, unit: str) -> Measure:
    """Return the Measure of what this set is no question for: it counts neither as good nor as a failure to judge."""
    return replace(cannot(reason, unit), detail={"asked": False})
