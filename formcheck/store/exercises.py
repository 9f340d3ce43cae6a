"""Exercises that need no explanation, and what each is counted as.

Which muscles an exercise is counted for is a design choice [D]: by the joint that is loaded, not by electrodes. A hinge
loads the hamstrings over the hip and spares the short head of the biceps, which crosses the knee alone; knee flexion
trains it. Squats and presses count for the quadriceps alone.
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from formcheck.errors import SettingsError
from formcheck.store.entries import MAX_NAME, clean_name

HINGE, KNEE_FLEXION, QUADS, OTHER = TRAINS = ("hinge", "knee_flexion", "quads", "other")
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


EXERCISES = (
    Exercise("rdl", (HINGE,), ("romanian_deadlift",)),
    Exercise("good_morning", (HINGE,)),
    Exercise("ghr", (KNEE_FLEXION,), ("glute_ham_raise",)),
    Exercise("nordic", (KNEE_FLEXION,), ("nordic_curl", "nordic_hamstring_curl", "nordics")),
    Exercise("seated_curl", (KNEE_FLEXION,), ("seated_leg_curl",)),
    Exercise("lying_curl", (KNEE_FLEXION,), ("lying_leg_curl", "prone_curl", "prone_leg_curl")),
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
TITLES = {
    "rdl": "Romanian deadlift",
    "ghr": "Glute-ham raise",
    "nordic": "Nordic curl",
    "seated_curl": "Seated leg curl",
    "lying_curl": "Lying leg curl",
}
KNOWN = {name: each for each in EXERCISES for name in (each.name, *each.aliases)}


def plain(name: str) -> str:
    """Return a name as the table writes it: "Leg-Press" gives leg_press."""
    return re.sub(r"[\s_-]+", "_", clean_name(name, "exercise").lower())


def title_of(name: str) -> str:
    """Return an exercise's name for people: leg_press gives Leg press."""
    return TITLES.get(name) or name.replace("_", " ").capitalize()


def find_exercise(name: str, trains: Sequence[str] = ()) -> Exercise:
    """Return the exercise called `name`; `trains` says what one trains that is not in the table, or trains otherwise.

    Raises SettingsError for one that is not known when `trains` does not say, with the nearest known one.
    """
    key = plain(name)
    unknown = [each for each in trains if each not in TRAINS]
    if unknown:
        raise SettingsError(f"{unknown[0][:MAX_NAME]!r} is nothing that is counted.", f"Use {', '.join(TRAINS)}.")
    known = KNOWN.get(key)
    if trains:
        return Exercise(known.name if known else key, tuple(dict.fromkeys(trains)))
    if known is None:
        close = difflib.get_close_matches(key, KNOWN, n=1)
        nearest = f"Did you mean {close[0]}? If not, s" if close else "S"
        raise SettingsError(
            f"The exercise {key} is not known.", f"{nearest}ay what it trains: --trains {'|'.join(TRAINS)}."
        )
    return known
