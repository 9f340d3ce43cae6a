"""Which lift is it? Posture and motion of one set against the descriptions in the lifts' own files, or "unsure".

To this module a lift is a handful of traits: features of the set with the span that each has in that lift. A set has a
trait wholly inside the span, not at all beyond it by the trait's margin, and in part between; the confidence in a lift
is the share of its weakest trait. A squat, a walk or a deadlift from the floor lacks a trait
of every lift: none is forced on it.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from formcheck.data import FloatArray, Tracks
from formcheck.geometry import FACING_SIGN, distance, incline, wrap
from formcheck.kinematics.facing import BENT_DEG
from formcheck.lifts.check import Lift, Trait
from formcheck.signals import count_samples, median, running_median, window_length
from formcheck.skeleton import Side
from formcheck.wording import spell

SURE_OF_LIFT = 0.55  # less confidence is a guess, and so is a trait that was not seen [D]
CLEAR_LEAD = 0.2  # of the second lift: less is a guess as well [D]
MOST_SURE = 0.95  # the descriptions of a few lifts are not every movement there is [D]
LEAST_MOTION_DEG = 20.0  # of trunk or knees: less is nobody lifting [D]
STEADY_S = 0.25  # window of the running median that takes single frames' errors out
END_SHARE = 0.15  # of the trunk's range: what counts as its upper and its lower end
START_SPAN_S = 0.5  # of the clip, in which its start is read


@dataclass(frozen=True)
class Recognition:
    """The lift that fits, or None with the reason; `confidence` is that of the lift that fits best, `scores` of all."""

    name: str | None
    confidence: float
    scores: Mapping[str, float]
    reason: str | None


# How a feature that does not fit is told.
WORDS = {
    "shank_low": "the shins lean",
    "shank_high": "the shins lean",
    "trunk_low": "the trunk leans",
    "trunk_high": "the trunk leans",
    "trunk_mid": "the trunk leans {value:.0f}°",
    "thigh_mid": "the thighs lean {value:.0f}°",
    "phi_high": "the body leans",
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
    "arm_steady": "the arms bend: the hands come to {value:.1f} of their reach",
    "knee_start_share": "the set starts with bent knees",
}
# ... and how far a part leans: the least or the most that it does, which is more than the lift has, or less.
LEANS = {
    ("low", True): " no less than {value:.0f}°",
    ("low", False): " by as little as {value:.0f}°",
    ("high", True): " as far as {value:.0f}°",
    ("high", False): " no more than {value:.0f}°",
}
LEANS_THE_OTHER_WAY = " back by {value:.0f}°"
HEAD_DOWN_DEG = 135.0  # from upright, beyond which trunk and shins both are half of the time: the film is turned [D]
HEAD_DOWN = "the picture stands on its head (turn the film the right way up)"
LEANS_BACK = "the trunk seems to lean back{amount}, as it does where the camera stands in front or behind"
# Angles of which the report has numbers, of joints that were mended since: a doubt beside it tells them without.
REPORTED = frozenset(
    {"trunk_low", "trunk_high", "trunk_mid", "trunk_range", "knee_range", "knee_high", "hip_range", "hip_mid"}
)
AMOUNT = re.compile(r" (to |through )?\{.*")  # in the words of these


def recognise_lift(tracks: Tracks, lifts: Iterable[Lift]) -> Recognition:
    """Return which lift a set is, of those of `lifts` that have traits.

    Unsure (name None, with the reason) when no lift has every trait at least in part, and when a second one has nearly
    as much of them.
    """
    return _recognise(measure_features(tracks), lifts)


def _recognise(features: Mapping[str, float], lifts: Iterable[Lift]) -> Recognition:
    known = {lift.name: lift for lift in lifts if lift.traits}
    scores = {name: min(MOST_SURE, *(each.share(features) for each in lift.traits)) for name, lift in known.items()}
    best, second = sorted(scores, key=lambda name: -scores[name])[:2]
    name: str | None = None
    if scores[best] < SURE_OF_LIFT:
        reason: str | None = _say_why_not(features, known.values())
    elif scores[best] - scores[second] < CLEAR_LEAD:
        reason = f"it may be a {known[best].noun} or a {known[second].noun}"
    else:
        name, reason = best, None
    return Recognition(name, scores[best], scores, reason)


@dataclass(frozen=True)
class Doubt:
    """Why a set looks like another lift than its name, "" where it does not, and like which, "" for none of ours."""

    reason: str = ""
    looks_like: str = ""


def doubt_lift(tracks: Tracks, lift: Lift, lifts: Iterable[Lift]) -> Doubt:
    """Return what speaks against the lift that a set was named as: it is recognised as another of `lifts`, or lacks one
    of its own traits wholly. Feet that move about are no such trait: who walks in and out may lift between.
    """
    features = measure_features(tracks)
    known = {each.name: each for each in lifts}
    name = _recognise(features, known.values()).name or lift.name
    if name != lift.name:
        return Doubt(f"this looks like a {known[name].noun}, not like a {lift.noun}", name)
    lacks = [each for each in lift.traits if each.feature != "ankle_way" and each.share(features) <= 0]
    if not lacks:
        return Doubt()
    why = HEAD_DOWN if _is_head_down(features) else _say_lack(lacks[0], features)
    return Doubt(f"this looks little like a {lift.noun}: {why}")


def _is_head_down(features: Mapping[str, float]) -> bool:
    return min(abs(features["trunk_mid"]), abs(features["shank_mid"])) > HEAD_DOWN_DEG


def _say_lack(trait: Trait, features: Mapping[str, float]) -> str:
    feature, value = trait.feature, features[trait.feature]
    if feature not in REPORTED:
        return _tell(trait, features)
    if feature == "trunk_low" and value < 0:
        return LEANS_BACK.format(amount="")
    return f"{AMOUNT.sub('', WORDS[feature])} too {'much' if value > trait.high else 'little'}"


def _tell(trait: Trait, features: Mapping[str, float]) -> str:
    feature, value = trait.feature, features[trait.feature]
    if feature == "trunk_low" and value < 0:
        return LEANS_BACK.format(amount=f" by {-value:.0f}°")
    words = WORDS[feature]
    if not words.endswith(("lean", "leans")):
        return words.format(value=value)
    how = LEANS_THE_OTHER_WAY if value < 0 else LEANS[feature.rpartition("_")[2], value > trait.high]
    return words + how.format(value=abs(value))


def _say_why_not(features: Mapping[str, float], lifts: Collection[Lift]) -> str:
    """Name the lift with the fewest traits missing, and the trait that it lacks most."""
    if not np.isfinite(features["trunk_mid"]):
        return "shoulder, hip, knee and foot were never seen together"
    if max(features["trunk_range"], features["knee_range"]) < LEAST_MOTION_DEG:
        return f"nothing moves as it does in any of the {spell(len(lifts))} lifts"
    if _is_head_down(features):
        return HEAD_DOWN
    shares = {lift.noun: [(each.share(features), each) for each in lift.traits] for lift in lifts}
    lacks = {noun: [each for each in traits if each[0] < SURE_OF_LIFT] for noun, traits in shares.items()}
    nearest = min(lacks, key=lambda noun: (len(lacks[noun]), sum(1 - share for share, _ in lacks[noun])))
    trait = min(lacks[nearest], key=lambda each: each[0])[1]
    return f"it is closest to a {nearest}, but {_tell(trait, features)}"


def find_facing_of_set(tracks: Tracks) -> Side:
    """Return the side of the picture that the lifter faces: knees bend backwards, in every posture.

    Where the knees stay straight: the side that the toes point to.
    """
    joints = tracks.joints_px
    thigh_deg = incline(joints["knee"], joints["hip"], "right")
    shank_deg = incline(joints["ankle"], joints["knee"], "right")
    bend_deg = wrap(shank_deg - thigh_deg)
    bent = np.abs(bend_deg) > BENT_DEG
    if bent.sum() > 0.1 * len(bent):
        return "right" if median(bend_deg[bent]) > 0 else "left"
    return "right" if median(joints["foot_index"][:, 0] - joints["heel"][:, 0]) > 0 else "left"


def measure_features(tracks: Tracks) -> dict[str, float]:
    """Return what tells the lifts apart; NaN where nothing was seen. Degrees; lengths in trunks (hip to shoulder).

    trunk, thigh, shank, phi (knee to shoulder; inclinations) and hip, knee (flexions) with `_low`, `_mid` and `_high`,
    the 5th, 50th and 95th percentile over the set, and `_range`, high minus low. At the trunk's lower (`_low`) and
    upper (`_tall`) end: `hand_far`, hand to shoulder, `hand_drop`, how far the hand is below it, `hand_over_knee`,
    above the knee. `hip_back`: how far the hips travel back from the ankles. `ankle_way`: how far the ankle gets about,
    sideways, while the trunk is not at its upper end, where a lifter walks in and out. `arm_steady`: how far the hand
    is from the shoulder in the fifth of the set where it is nearest, of where it is far. `knee_start_share`: knee
    flexion in the first half second, as a share of its range.
    """
    facing = find_facing_of_set(tracks)
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
    with np.errstate(divide="ignore", invalid="ignore"):  # a trunk that never moves has no ends
        share = (angles["trunk"] - features["trunk_low"]) / features["trunk_range"]
        bottom, top = share >= 1 - END_SHARE, share <= END_SHARE
    features |= {
        "hand_far_low": median(hand_far[bottom]),
        "hand_far_tall": median(hand_far[top]),
        "hand_drop_low": median(hand_drop[bottom]),
        "hand_drop_tall": median(hand_drop[top]),
        "hand_over_knee_low": median(hand_over_knee[bottom]),
        "hip_back": median(hip_back[bottom]) - median(hip_back[top]),
        "ankle_way": float(np.ptp(_percentiles(joints["ankle"][~top, 0], (5, 95)))) / trunk_px,
    }
    near, far = _percentiles(hand_far, (20, 75))
    features["arm_steady"] = near / far
    start_deg = median(angles["knee"][: count_samples(START_SPAN_S, tracks.rate_hz)])
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
        "phi": incline(joints_px["knee"], joints_px["shoulder"], facing),
        "hip": wrap(trunk_deg - thigh_deg),
        "knee": wrap(shank_deg - thigh_deg),
    }


def _percentiles(values: FloatArray, shares_pct: tuple[float, ...]) -> tuple[float, ...]:
    seen = values[np.isfinite(values)]
    return tuple(map(float, np.percentile(seen, shares_pct))) if len(seen) else (float("nan"),) * len(shares_pct)
