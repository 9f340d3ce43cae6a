"""How fast an athlete lifts which load: a straight line through the fastest repetition of each filmed set.

Load and speed of one lift lie close to a line (Gonzalez-Badillo and Sanchez-Medina 2010 [P], bench press). No
one-repetition maximum is read off it: that needs the speed of the heaviest repetition there is, no published one is at
hand for these lifts, and without it a maximum cannot be told with its error.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, linear_regression

from formcheck.store.records import KeptSet
from formcheck.uncertainty import Z90

SPEED_CODE = "rep.bar_concentric_m_s"
MIN_PROFILE_SETS = 5  # fewer leave the scatter about a line to luck [D]
MIN_LOADS = 3  # of them different, for a line [D]
MIN_LOAD_RATIO = 1.25  # the heaviest over the lightest: a narrower span says nothing of a slope [D]


@dataclass(frozen=True)
class LoadSpeed:
    """What a line says of one load: the mean speed, m/s, with its 90 % interval."""

    load_kg: float
    speed_m_s: float
    low_m_s: float
    high_m_s: float


@dataclass(frozen=True)
class LoadVelocity:
    """One lift's profile: speeds at its lightest and heaviest load; slope, m/s a kilogram, with its 90 % interval."""

    exercise: str
    n_sets: int
    lightest: LoadSpeed
    heaviest: LoadSpeed
    slope: float
    slope_low: float
    slope_high: float


def find_profiles(sets: Sequence[KeptSet]) -> list[LoadVelocity]:
    """Return the profile of every lift that was filmed with enough loads and bar speeds, warm-ups included: a light
    load tells as much of the line as a heavy one.
    """
    profiles = []
    for exercise in dict.fromkeys(each.exercise for each in sets):
        points = [
            (each.load_kg, max(speeds))
            for each in sets
            if each.exercise == exercise and each.load_kg
            if (speeds := [one for one in each.find_times(SPEED_CODE) if math.isfinite(one)])
        ]
        if points and (profile := fit_profile(exercise, *zip(*points, strict=True))) is not None:
            profiles.append(profile)
    return profiles


def fit_profile(exercise: str, load_kg: Sequence[float], speed_m_s: Sequence[float]) -> LoadVelocity | None:
    """Return the least-squares line through loads and speeds, both (n,); None where they are too few or too alike."""
    if len(load_kg) < MIN_PROFILE_SETS or len(set(load_kg)) < MIN_LOADS:
        return None
    if max(load_kg) < MIN_LOAD_RATIO * min(load_kg):
        return None
    free, middle = len(load_kg) - 2, fmean(load_kg)
    spread = math.fsum((load - middle) ** 2 for load in load_kg)
    slope, foot = linear_regression(load_kg, speed_m_s)
    left = (speed - foot - slope * load for load, speed in zip(load_kg, speed_m_s, strict=True))
    wide = t_90(free) * math.sqrt(math.fsum(each**2 for each in left) / free)

    def at(load: float) -> LoadSpeed:
        speed = foot + slope * load
        half = wide * math.sqrt(1 / len(load_kg) + (load - middle) ** 2 / spread)
        return LoadSpeed(load, speed, speed - half, speed + half)

    half = wide / math.sqrt(spread)
    ends = at(min(load_kg)), at(max(load_kg))
    return LoadVelocity(exercise, len(load_kg), *ends, slope, slope - half, slope + half)


def t_90(free: int) -> float:
    """Return half of Student's 90 % interval with 3 degrees of freedom or more (Cornish-Fisher, 0.3 % off at 3)."""
    first = (Z90**3 + Z90) / 4
    second = (5 * Z90**5 + 16 * Z90**3 + 3 * Z90) / 96
    third = (3 * Z90**7 + 19 * Z90**5 + 17 * Z90**3 - 15 * Z90) / 384
    return Z90 + first / free + second / free**2 + third / free**3


def say_profile(profile: LoadVelocity) -> str:
    """Return a profile in a sentence."""
    ends = " and ".join(
        f"{each.speed_m_s:.2f} m/s ({each.low_m_s:.2f} to {each.high_m_s:.2f}) with {each.load_kg:g} kg"
        for each in (profile.lightest, profile.heaviest)
    )
    slope, low, high = (10 * each for each in (profile.slope, profile.slope_low, profile.slope_high))
    return (
        f"Fastest rep of {profile.n_sets} sets, by load: {ends}. Each 10 kg more change it by {slope:+.3f} m/s "
        f"({low:+.3f} to {high:+.3f})."
    )
