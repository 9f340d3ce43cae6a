"""Which lift is it? Posture and motion of one set against six descriptions, or "unsure".

A lift is a handful of traits: features of the set with the span that each has in that lift. A set has a trait wholly
inside the span, not at all beyond it by the trait's margin, and in part between; the confidence in a lift is the share
of its weakest trait. A squat, a walk or a deadlift from the floor lacks a trait of every lift: none is forced on it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from formcheck.data import FloatArray, Tracks
from formcheck.geometry import FACING_SIGN, distance, incline, wrap
from formcheck.signals import count_samples, median, running_median, window_length
from formcheck.skeleton import Side

SURE = 0.55  # less confidence is a guess, and so is a trait that was not seen [D]
AHEAD = 0.2  # of the second lift: less is a guess as well [D]
MOST_SURE = 0.95  # six descriptions are not every movement there is [D]
UNKNOWN = 0.5  # share of a trait whose feature was not seen
BENT_DEG = 10.0  # a knee that bends by more tells which way its body faces [D]
STEADY_S = 0.25  # window of the running median that takes single frames' errors out
END_SHARE = 0.15  # of the trunk's range: what counts as its upper and its lower end
START_S = 0.5


@dataclass(frozen=True)
class Trait:
    """A feature's span in one lift, and how far beyond it nothing of the trait is left; in the feature's unit."""

    feature: str
    low: float
    high: float
    margin: float

    def share(self, features: Mapping[str, float]) -> float:
        """Return how much of the trait a set has, 0..1; half of one that was not seen (NaN)."""
        value = features[self.feature]
        if not np.isfinite(value):
            return UNKNOWN
        return max(0.0, 1.0 - max(self.low - value, value - self.high, 0.0) / self.margin)


@dataclass(frozen=True)
class Recognition:
    """The lift that fits, or None with the reason; `confidence` is that of the lift that fits best, `scores` of all."""

    name: str | None
    confidence: float
    scores: Mapping[str, float]
    reason: str | None


STANDING = (
    Trait("shank_low", -15, 25, 12),
    Trait("shank_high", -15, 25, 12),
    Trait("trunk_low", -30, 30, 15),
    Trait("trunk_high", 40, 105, 15),
    Trait("trunk_range", 38, 120, 12),
    Trait("knee_high", -10, 55, 12),
    Trait("hip_range", 45, 160, 15),
    Trait("hip_back", 0.15, 1.2, 0.1),
    Trait("ankle_way", 0.0, 0.3, 0.3),
)
# Shanks that are held, and a body that falls forward over its knees.
HELD_SHANKS = (
    Trait("shank_low", 70, 115, 12),
    Trait("shank_high", 70, 120, 12),
    Trait("trunk_low", -30, 35, 15),
    Trait("trunk_high", 60, 160, 15),
    Trait("trunk_range", 45, 170, 15),
    Trait("thigh_range", 40, 120, 12),
    Trait("knee_range", 40, 140, 12),
)
STILL_BODY = (
    Trait("trunk_range", 0, 20, 15),
    Trait("thigh_range", 0, 20, 15),
    Trait("knee_range", 48, 150, 15),
)
TRAITS: Mapping[str, tuple[Trait, ...]] = {
    "rdl": (
        *STANDING,
        Trait("hand_drop_low", 0.7, 1.5, 0.2),
        Trait("hand_drop_tall", 0.7, 1.5, 0.2),
    ),
    "good_morning": (
        *STANDING,
        Trait("hand_far_low", 0.0, 0.65, 0.2),
        Trait("hand_far_tall", 0.0, 0.65, 0.2),
    ),
    "ghr": (
        *HELD_SHANKS,
        Trait("hip_mid", -30, 60, 20),
        Trait("hand_drop_low", -1.0, 0.3, 0.15),
    ),
    "nordic": (
        *HELD_SHANKS,
        Trait("trunk_high", 60, 105, 10),
        Trait("hip_mid", -30, 45, 15),
        Trait("hand_drop_low", 0.42, 1.3, 0.15),
        Trait("hand_over_knee_low", -0.35, 0.15, 0.15),
    ),
    "seated_curl": (
        *STILL_BODY,
        Trait("hip_mid", 60, 130, 5),
        Trait("trunk_mid", -60, 45, 15),
        Trait("thigh_mid", -120, -55, 15),
        Trait("knee_start_share", 0.0, 0.3, 0.5),
    ),
    "lying_curl": (
        *STILL_BODY,
        Trait("hip_mid", -25, 35, 5),
        Trait("trunk_mid", 50, 115, 15),
        Trait("thigh_mid", 45, 115, 15),
    ),
}
# How a feature that does not fit is told.
WORDS = {
    "shank_low": "the shins lean at least {value:.0f}°",
    "shank_high": "the shins lean at most {value:.0f}°",
    "trunk_low": "the trunk leans at least {value:.0f}°",
    "trunk_high": "the trunk leans at most {value:.0f}°",
    "trunk_mid": "the trunk leans {value:.0f}°",
    "thigh_mid": "the thighs lean {value:.0f}°",
    "trunk_range": "the trunk moves through {value:.0f}°",
    "thigh_range": "the thighs move through {value:.0f}°",
    "knee_range": "the knees move through {value:.0f}°",
    "knee_high": "the knees bend to {value:.0f}°",
    "hip_range": "the hips move through {value:.0f}°",
    "hip_mid": "the hips are bent {value:.0f}°",
    "hip_back": "the hips travel back {value:.2f} trunk lengths",
    "ankle_way": "the feet move about by {value:.1f} trunk lengths",
    "hand_drop_low": "the hands are {value:.1f} trunk lengths below the shoulders at the bottom",
    "hand_drop_tall": "the hands are {value:.1f} trunk lengths below the shoulders at the top",
    "hand_far_low": "the hands are {value:.1f} trunk lengths from the shoulders at the bottom",
    "hand_far_tall": "the hands are {value:.1f} trunk lengths from the shoulders at the top",
    "hand_over_knee_low": "the hands are {value:.1f} trunk lengths above the knees at the bottom",
    "knee_start_share": "the set starts with bent knees",
}


def recognise_lift(tracks: Tracks, judged: Collection[str]) -> Recognition:
    """Return which lift a set is, of the six; `judged` are those that may be the answer.

    Unsure (name None, with the reason) when no lift has every trait at least in part, when a second one has nearly as
    much of them, and when the one that fits is not judged.
    """
    features = measure_features(tracks)
    scores = {name: min(MOST_SURE, *(each.share(features) for each in traits)) for name, traits in TRAITS.items()}
    best, second = sorted(scores, key=lambda name: -scores[name])[:2]
    name: str | None = None
    if scores[best] < SURE:
        reason: str | None = _say_why_not(features)
    elif scores[best] - scores[second] < AHEAD:
        reason = f"it may be a {_title(best)} or a {_title(second)}"
    elif best not in judged:
        reason = f"it looks like a {_title(best)}, which this version does not judge"
    else:
        name, reason = best, None
    return Recognition(name, scores[best], scores, reason)


def _say_why_not(features: Mapping[str, float]) -> str:
    """Name the lift with the fewest traits missing, and the trait that it lacks most."""
    if not np.isfinite(features["trunk_mid"]):
        return "shoulder, hip, knee and foot were never seen together"
    if max(features["trunk_range"], features["knee_range"]) < 20.0:
        return "nothing moves as it does in one of the six lifts"
    lacks = {name: [each for each in traits if each.share(features) < SURE] for name, traits in TRAITS.items()}
    nearest = min(lacks, key=lambda name: (len(lacks[name]), sum(1 - each.share(features) for each in lacks[name])))
    worst = min(lacks[nearest], key=lambda each: each.share(features))
    words = WORDS[worst.feature].format(value=features[worst.feature])
    return f"it is nearest to a {_title(nearest)}, but {words}"


def _title(name: str) -> str:
    return {"rdl": "Romanian deadlift", "ghr": "glute-ham raise", "nordic": "Nordic curl"}.get(
        name, name.replace("_curl", " leg curl").replace("_", " ")
    )


def find_facing_by_bend(tracks: Tracks) -> Side:
    """Return the side of the picture that the lifter faces: knees bend backwards, in every posture.

    Where the knees stay straight: the side that the toes point to.
    """
    joints = tracks.joints_px
    thigh_deg = incline(joints["knee"], joints["hip"], "right")
    shank_deg = incline(joints["ankle"], joints["knee"], "right")
    bend_deg = wrap(shank_deg - thigh_deg)
    with np.errstate(invalid="ignore"):
        bent = np.abs(bend_deg) > BENT_DEG
    if bent.sum() > 0.1 * len(bent):
        return "right" if median(bend_deg[bent]) > 0 else "left"
    return "right" if median(joints["foot_index"][:, 0] - joints["heel"][:, 0]) > 0 else "left"


def measure_features(tracks: Tracks) -> dict[str, float]:
    """Return what tells the lifts apart; NaN where nothing was seen. Degrees; lengths in trunks (hip to shoulder).

    trunk, thigh, shank (inclinations) and hip, knee (flexions) with `_low`, `_mid` and `_high`, the 5th, 50th and 95th
    percentile over the set, and `_range`, high minus low. At the trunk's lower (`_low`) and upper (`_tall`) end:
    `hand_far`, hand to shoulder, `hand_drop`, how far the hand is below it, `hand_over_knee`, above the knee.
    `hip_back`: how far the hips travel back from the ankles. `ankle_way`: how far the ankle gets about, sideways.
    `knee_start_share`: knee flexion in the first half second, as a share of its range.
    """
    facing = find_facing_by_bend(tracks)
    length = window_length(STEADY_S, tracks.rate_hz)
    joints = {
        name: np.stack([running_median(track[:, axis], length) for axis in (0, 1)], axis=1)
        for name, track in tracks.joints_px.items()
    }
    angles = _measure_angles(joints, facing)
    features: dict[str, float] = {}
    for name, angle_deg in angles.items():
        low, middle, high = _percentiles(angle_deg, (5, 50, 95))
        features |= {f"{name}_low": low, f"{name}_mid": middle, f"{name}_high": high, f"{name}_range": high - low}
    trunk_px = median(distance(joints["hip"], joints["shoulder"]))
    hand = (joints["wrist"] - joints["shoulder"]) / trunk_px
    hand_far, hand_drop = np.hypot(hand[:, 0], hand[:, 1]), hand[:, 1]
    hand_over_knee = (joints["knee"] - joints["wrist"])[:, 1] / trunk_px
    hip_back = -FACING_SIGN[facing] * (joints["hip"] - joints["ankle"])[:, 0] / trunk_px
    with np.errstate(invalid="ignore"):
        share = (angles["trunk"] - features["trunk_low"]) / features["trunk_range"]
        bottom, top = share >= 1 - END_SHARE, share <= END_SHARE
    features |= {
        "hand_far_low": median(hand_far[bottom]),
        "hand_far_tall": median(hand_far[top]),
        "hand_drop_low": median(hand_drop[bottom]),
        "hand_drop_tall": median(hand_drop[top]),
        "hand_over_knee_low": median(hand_over_knee[bottom]),
        "hip_back": median(hip_back[bottom]) - median(hip_back[top]),
        "ankle_way": float(np.ptp(_percentiles(joints["ankle"][:, 0], (5, 95)))) / trunk_px,
    }
    start_deg = median(angles["knee"][: count_samples(START_S, tracks.rate_hz)])
    features["knee_start_share"] = (start_deg - features["knee_low"]) / max(features["knee_range"], 1.0)
    return features


def _measure_angles(joints_px: Mapping[str, FloatArray], facing: Side) -> dict[str, FloatArray]:
    trunk_deg = incline(joints_px["hip"], joints_px["shoulder"], facing)
    thigh_deg = incline(joints_px["knee"], joints_px["hip"], facing)
    shank_deg = incline(joints_px["ankle"], joints_px["knee"], facing)
    return {
        "trunk": trunk_deg,
        "thigh": thigh_deg,
        "shank": shank_deg,
        "hip": wrap(trunk_deg - thigh_deg),
        "knee": wrap(shank_deg - thigh_deg),
    }


def _percentiles(values: FloatArray, shares_pct: tuple[float, ...]) -> tuple[float, ...]:
    seen = values[np.isfinite(values)]
    return tuple(map(float, np.percentile(seen, shares_pct))) if len(seen) else (float("nan"),) * len(shares_pct)
