"""A kept set as the questions of `trends` and `balance` see it. No database here."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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
    place; None where nothing was filmed.
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

    @property
    def week(self) -> dt.date:
        """The Monday of its week."""
        return self.performed_on - dt.timedelta(days=self.performed_on.weekday())
