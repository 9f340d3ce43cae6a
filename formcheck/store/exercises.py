"""Exercises that need no explanation, and what each is counted as.

Which muscles an exercise is counted for is a design choice [D]: by the joint that is loaded, not by electrodes. A hinge
loads the hamstrings over the hip and spares the short head of the biceps, which crosses the knee alone; knee flexion
trains it. Squats and presses count for the quadriceps alone.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from formcheck.errors import SettingsError
from formcheck.lifts.check import HINGE, KNEE_FLEXION, OTHER, QUADS, TRAINS
from formcheck.store.entries import MAX_NAME, clean_name

TRAINS_WORDS = {
    HINGE: "hamstrings over the hip",
    KNEE_FLEXION: "hamstrings over the knee, with the short head",
    QUADS: "quadriceps",
    OTHER: "neither",
}


@dataclass(frozen=True)
class Exercise:
    """An exercise, what it trains, and what else it is called."""

    name: str
    trains: tuple[str, ...]
    aliases: tuple[str, ...] = ()


NOT_FILMED = (  # what is logged by name; a lift that is judged says in its own file what it trains
    Exercise("standing_curl", (KNEE_FLEXION,), ("standing_leg_curl",)),
    Exercise("ball_curl", (KNEE_FLEXION,), ("swiss_ball_curl", "stability_ball_curl")),
    Exercise("slider_curl", (KNEE_FLEXION,), ("sliding_leg_curl",)),
    Exercise("deadlift", (HINGE,), ("conventional_deadlift",)),
    Exercise("stiff_leg_deadlift", (HINGE,), ("sldl", "straight_leg_deadlift")),
    Exercise("single_leg_rdl", (HINGE,)),
    Exercise("back_extension", (HINGE,), ("hyperextension", "45_degree_back_extension")),
    Exercise("pull_through", (HINGE,), ("cable_pull_through",)),
    Exercise("kettlebell_swing", (HINGE,), ("swing",)),
    Exercise("squat", (QUADS,), ("back_squat", "high_bar_squat", "low_bar_squat")),
    Exercise("front_squat", (QUADS,)),
    Exercise("goblet_squat", (QUADS,)),
    Exercise("hack_squat", (QUADS,)),
    Exercise("leg_press", (QUADS,)),
    Exercise("leg_extension", (QUADS,), ("leg_extensions",)),
    Exercise("lunge", (QUADS,), ("lunges", "walking_lunge")),
    Exercise("split_squat", (QUADS,), ("bulgarian_split_squat",)),
    Exercise("step_up", (QUADS,), ("step_ups",)),
    Exercise("sissy_squat", (QUADS,)),
    Exercise("reverse_nordic", (QUADS,)),
    Exercise("hip_thrust", (OTHER,), ("glute_bridge",)),
)


@cache
def all_exercises() -> tuple[Exercise, ...]:
    """Return every exercise that is known, those that are judged from video first."""
    from formcheck.lifts import all_lifts

    judged = [Exercise(lift.name, lift.trains or (OTHER,), lift.aliases) for lift in all_lifts().values()]
    return (*judged, *NOT_FILMED)


@cache
def known_names() -> Mapping[str, Exercise]:
    """Return the exercises by all that they are called."""
    return {name: each for each in all_exercises() for name in (each.name, *each.aliases)}


def plain(name: str) -> str:
    """Return a name as the table writes it: "Leg-Press" gives leg_press."""
    return re.sub(r"[\s_-]+", "_", clean_name(name, "exercise").lower())


def title_of(name: str) -> str:
    """Return an exercise's name for people: leg_press gives Leg press."""
    from formcheck.lifts import all_lifts

    lift = all_lifts().get(name)
    return name.replace("_", " ").capitalize() if lift is None else lift.title


def find_exercise(name: str, trains: Sequence[str] = ()) -> Exercise:
    """Return the exercise called `name`; `trains` says what one trains that is not in the table, or trains otherwise.

    Raises SettingsError for one that is not known when `trains` does not say, with the nearest known one.
    """
    key = plain(name)
    unknown = [each for each in trains if each not in TRAINS]
    if unknown:
        raise SettingsError(
            f"{unknown[0][:MAX_NAME]!r} is not something that sets count for.", f"Use {', '.join(TRAINS)}."
        )
    known = known_names().get(key)
    if trains:
        return Exercise(known.name if known else key, tuple(dict.fromkeys(trains)))
    if known is None:
        close = difflib.get_close_matches(key, known_names(), n=1)
        nearest = f"Did you mean {close[0]}? If not, s" if close else "S"
        raise SettingsError(
            f"The exercise {key} is not known.", f"{nearest}ay what it trains: --trains {'|'.join(TRAINS)}."
        )
    return known
