"""A kept set as the questions of `trends` and `balance` see it. No database here."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from formcheck.wording import count_noun, join_words

LOWERING = "rep.eccentric_s"  # of a repetition, as `keep` calls it


@dataclass(frozen=True)
class KeptMeasure:
    """A number with its 90 % interval (None: it has none), of one rep or of the set (rep None)."""

    code: str
    rep: int | None
    value: float
    low: float | None
    high: float | None
    unit: str
    verdict: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class KeptSet:
    """A set that was filmed (with measures; `n_sets` like it were done), or `n_sets` that were logged.

    `trains` holds names of `exercises.TRAINS`; `model` is the pose model's digest, `side` and `yaw_deg` the camera's
    place; None where nothing was filmed. `unmeasured` are the checks that found no number, by code, and in which rep
    (None: in the whole set).
    """

    uid: str
    kind: str
    performed_on: dt.date
    exercise: str
    trains: tuple[str, ...]
    n_sets: int
    reps: int
    load_kg: float | None = None
    warm_up: bool = False
    notes: str | None = None
    side: str | None = None
    yaw_deg: float | None = None
    model: str | None = None
    measures: tuple[KeptMeasure, ...] = ()
    unmeasured: frozenset[tuple[str, int | None]] = frozenset()

    @property
    def week(self) -> dt.date:
        """The Monday of its week."""
        return self.performed_on - dt.timedelta(days=self.performed_on.weekday())

    @property
    def how(self) -> str:
        """How it came here, in words: of sets done alike one is filmed."""
        is_alike = self.kind == "filmed" and self.n_sets > 1
        how = f"1 of {self.n_sets} filmed" if is_alike else self.kind
        return how + (", warm-up" if self.warm_up else "")

    def find_times(self, code: str) -> list[float]:
        """Return a time or a speed of the repetitions: none of a set whose clock was not judged.

        A set's tempo check tells that, and for each repetition whether its lowering was timed; the way up may be whole
        all the same. A lift without such a check has refused nothing.
        """
        refused = {rep for check, rep in self.unmeasured if check == f"{self.exercise}.tempo"}
        own = [each for each in self.measures if each.code == code and None not in refused]
        return [each.value for each in own if code != LOWERING or each.rep not in refused]


def count_kinds(sets: Iterable[KeptSet]) -> dict[str, int]:
    """Return how many sets were filmed, how many more were done like these, and how many were logged."""
    kept = list(sets)
    filmed = [each.n_sets for each in kept if each.kind == "filmed"]
    n_logged = sum(each.n_sets for each in kept if each.kind == "logged")
    return {"n_filmed": len(filmed), "n_alike": sum(filmed) - len(filmed), "n_logged": n_logged}


def say_counts(n_filmed: int, n_alike: int, n_logged: int) -> str:
    """Return the counts of `count_kinds` in words: "1 set filmed, 2 more done like it and 4 logged"."""
    like = f"{n_alike} more done like {'it' if n_filmed == 1 else 'them'}" if n_alike else ""
    return join_words([each for each in (f"{count_noun(n_filmed, 'set')} filmed", like, f"{n_logged} logged") if each])
