"""What carries the body, one object each: feet, knees, a pad, a bench. A lift names the one that it is done on.

A base says which joint stays where it is, which way the body faces, how the leg is learnt and held, and what is
measured on it besides. Nothing else asks on what a lift is done. Lengths are px but for `_leg` and `_thigh`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from formcheck import signals
from formcheck.data import BoolArray, FloatArray, Tracks, View
from formcheck.geometry import FACING_SIGN, distance, fold_leg
from formcheck.kinematics import facing
from formcheck.kinematics.leg_model import (
    COMPUTED,
    Leg,
    centre_knee,
    doubt_knee,
    draw_knee,
    hold_shank,
    learn_leg,
    learn_leg_past_plates,
)
from formcheck.kinematics.occlusion import find_short_leg, find_taken_out, mend_hip, mend_shoulder, taken_out
from formcheck.kinematics.other_postures import OFF_FEET, ON_FEET, UPRIGHT, Posture
from formcheck.skeleton import Side

SHAKE_HZ = (4.0, 12.0)  # trembling of a muscle at its limit [D]
# Legs by which an elbow lies before the line of the trunk when the arm leaves the back free: 0.11 to 0.31 with arms
# before the chest, -0.15 to 0.01 with hands on the hips (three real clips) [D].
MIN_ELBOW_FRONT = 0.02
# The same in standing, where arms that hang reach it: 0.01 and more in hinges with the weight in the hands, -0.10 to
# -0.05 at the bottom of a rendered good morning, whose elbows cross the back's edge [D].
MIN_ELBOW_FRONT_STANDING = -0.03
EXTENDED_SPAN = 0.05  # of the hip-ankle distance: a leg that is stretched [D]
REACH_WINDOW_S = 0.3  # of the running median that takes single frames' errors out of it
HIDDEN_SHANK = 0.8  # of its stretched length: a shank that looks shorter has no ankle landmark worth the name [D]
MAX_HIDDEN_ANKLE = 0.05  # of the frames
EDGE_SAMPLES = 5  # of the running median that takes single masks' errors out of the body's edge
CURL_CUTOFF_HZ = 3.0  # [D]

Joints = Mapping[str, FloatArray]


@dataclass(frozen=True, eq=False)
class Measured:
    """A set while its channels are measured: joints (T, 2) as they were found (`raw_px`) and filtered with `cutoff_hz`
    (`smooth_px`), the leg, and the channels so far.
    """

    tracks: Tracks
    view: View
    leg: Leg
    raw_px: Joints
    smooth_px: Joints
    cutoff_hz: float
    channels: Mapping[str, FloatArray]


class Base:
    """What all bases share; each of the others says what is otherwise on it.

    planted : the joint that stays where it is. posture : in which the body is upright at rest, None where it never is.
    steady : the joints whose noise chooses the filter. least_front_leg : see `lumbar.find_covering_arm`.
    back_is_learnt : whether `lumbar_map` knows the backs of lifters on this base. may_turn : whether lifters turn round
    on it, as those who walk in do. elsewhere : the posture in which the lift is not done, and `done` how it is.
    """

    planted: Literal["ankle", "knee"] = "ankle"
    posture: str | None = "kneeling"
    steady: tuple[str, ...] = ("hip", "shoulder")
    least_front_leg = MIN_ELBOW_FRONT
    back_is_learnt = False
    may_turn = False
    elsewhere: Posture = ON_FEET
    done: str = "kneeling"

    def find_facing(self, xy_px: FloatArray) -> Side:
        """Return the side of the picture that the lifter faces, of landmarks (T, K, 2); "left" where nothing shows."""
        return "right" if self.show_facing(xy_px, 1.0)[0] > 0 else "left"

    def show_facing(self, xy_px: FloatArray, leg_px: float) -> facing.Shown:
        """Return how clearly the picture shows which side the lifter faces; see `facing`."""
        return facing.show_by_knees(xy_px, leg_px)

    def mend(self, tracks: Tracks, side: Side) -> Tracks:
        """Return the tracks of a lifter who faces a side with what hides the body taken into account."""
        return tracks

    def learn_leg(self, tracks: Tracks, upright: BoolArray) -> Leg:
        """Return the leg; `upright` (T,) are the frames in which the trunk stands."""
        return learn_leg(tracks.joints_px, upright, tracks.rate_hz)

    def hold_leg(self, joints_px: Joints, leg: Leg, view: View, tracks: Tracks) -> tuple[Joints, BoolArray]:
        """Return joints (T, 2) with ankle and knee where the base holds them; frames (T,) whose knee was computed."""
        return {**joints_px, "ankle": leg.ankle_px}, np.zeros(len(leg.ankle_px), bool)

    def find_lost(self, tracks: Tracks) -> BoolArray:
        """Return the frames (T,) in which nothing is known of the leg."""
        return np.zeros(len(tracks.time_s), bool)

    def measure_more(self, seen: Measured) -> dict[str, FloatArray]:
        """Return the channels (T,) that only this base has, or has otherwise."""
        return {}

    def say_more(self, channels: Mapping[str, FloatArray], lost: BoolArray) -> tuple[str, ...]:
        """Return what else the user is told of the set's quality."""
        return ()

    def place_ankle(
        self, knee_px: FloatArray, ankle_px: FloatArray, held_px: FloatArray, shank_px: FloatArray
    ) -> FloatArray:
        """Return the ankle (T, 2) of a picture in which knee and ankle were seen, live: `held_px` (2,) is where the
        ankle was in the last seconds, `shank_px` (2,) what led from knee to ankle.
        """
        return np.broadcast_to(held_px, ankle_px.shape)


class OnFeet(Base):
    """Feet on the floor: the ankles are planted, and what stands may hold a bar whose plates hide hip and knee."""

    posture = "standing"
    least_front_leg = MIN_ELBOW_FRONT_STANDING
    back_is_learnt = True
    may_turn = True
    elsewhere = OFF_FEET
    done = "standing"

    def find_facing(self, xy_px: FloatArray) -> Side:
        return facing.find_facing(xy_px)

    def show_facing(self, xy_px: FloatArray, leg_px: float) -> facing.Shown:
        return facing.show_by_feet(xy_px, leg_px)

    def mend(self, tracks: Tracks, side: Side) -> Tracks:
        return mend_shoulder(mend_hip(tracks, side), side)

    def learn_leg(self, tracks: Tracks, upright: BoolArray) -> Leg:
        past_plates = learn_leg_past_plates(tracks.joints_px, upright, taken_out(tracks), tracks.rate_hz)
        return past_plates or super().learn_leg(tracks, upright)

    def hold_leg(self, joints_px: Joints, leg: Leg, view: View, tracks: Tracks) -> tuple[Joints, BoolArray]:
        doubt = doubt_knee(joints_px, leg, find_taken_out(tracks))
        knee_px = draw_knee(joints_px, leg, doubt, view)
        computed = (doubt > COMPUTED) & np.isfinite(joints_px["hip"][:, 0])
        return {**joints_px, "knee": knee_px, "ankle": leg.ankle_px}, computed

    def find_lost(self, tracks: Tracks) -> BoolArray:
        return find_short_leg(tracks)

    def measure_more(self, seen: Measured) -> dict[str, FloatArray]:
        return {"hip_edge_leg": measure_hip_edge(seen), "hand_ahead_leg": measure_hand_ahead(seen)}

    def say_more(self, channels: Mapping[str, FloatArray], lost: BoolArray) -> tuple[str, ...]:
        if not lost.any():
            return ()
        return (
            f"behind the plate the leg looks too short in {100 * lost.mean():.0f} % of the frames, so it is not "
            "measured there",
        )


class OnKnees(Base):
    """Knees on the floor with the shanks held (Nordic)."""

    planted = "knee"

    def hold_leg(self, joints_px: Joints, leg: Leg, view: View, tracks: Tracks) -> tuple[Joints, BoolArray]:
        ankle_px = hold_shank(joints_px, tracks.rate_hz)
        knee_px = centre_knee(joints_px["knee"], ankle_px, leg, view.facing)
        return {**joints_px, "knee": knee_px, "ankle": ankle_px}, np.zeros(len(leg.ankle_px), bool)

    def place_ankle(
        self, knee_px: FloatArray, ankle_px: FloatArray, held_px: FloatArray, shank_px: FloatArray
    ) -> FloatArray:
        return np.asarray(knee_px + shank_px)


class OnPad(Base):
    """A pad under the thighs, with the ankles held (glute-ham raise)."""

    done = "on a pad"

    def measure_more(self, seen: Measured) -> dict[str, FloatArray]:
        return measure_pad_channels(seen)


class OnBench(Base):
    """A machine under the thighs, with the shanks free (leg curls): nobody stands upright in it."""

    planted = "knee"
    posture = None
    steady = ("ankle",)
    elsewhere = UPRIGHT
    done = "on a machine"

    def show_facing(self, xy_px: FloatArray, leg_px: float) -> facing.Shown:
        return facing.show_by_bend(xy_px)

    def learn_leg(self, tracks: Tracks, upright: BoolArray) -> Leg:
        return super().learn_leg(tracks, find_extended(tracks.joints_px, tracks.rate_hz))

    def hold_leg(self, joints_px: Joints, leg: Leg, view: View, tracks: Tracks) -> tuple[Joints, BoolArray]:
        return joints_px, np.zeros(len(leg.ankle_px), bool)

    def measure_more(self, seen: Measured) -> dict[str, FloatArray]:
        return measure_bench_channels(seen.raw_px, seen.channels["knee_flexion_deg"], seen.leg, seen.tracks.rate_hz)

    def say_more(self, channels: Mapping[str, FloatArray], lost: BoolArray) -> tuple[str, ...]:
        hidden = float(np.mean(channels["ankle_seen"] == 0))
        if hidden <= MAX_HIDDEN_ANKLE:
            return ()
        return (
            f"the ankle was hidden in {100 * hidden:.0f} % of the frames, probably by the roller. There the curls are "
            "counted by the distance from hip to ankle, without a knee angle",
        )

    def place_ankle(
        self, knee_px: FloatArray, ankle_px: FloatArray, held_px: FloatArray, shank_px: FloatArray
    ) -> FloatArray:
        return ankle_px


FEET, KNEES, PAD, BENCH = OnFeet(), OnKnees(), OnPad(), OnBench()


def smooth_joint(track_px: FloatArray, rate_hz: float, cutoff_hz: float) -> FloatArray:
    """Return a joint's way (T, 2) filtered, axis by axis; see `signals.smooth`."""
    return np.stack([signals.smooth(track_px[:, axis], rate_hz, cutoff_hz) for axis in (0, 1)], axis=1)


def measure_hip_edge(seen: Measured) -> FloatArray:
    """Return how far the body's edge behind the hips is behind the planted ankle, leg lengths, (T,).

    The mask shows it five times as steadily as the landmark shows the hip joint, but the edge is skin: it moves with
    the pelvis too. NaN where the mask shows no edge, and throughout without one.
    """
    tracks, side = seen.tracks, seen.view.facing
    if tracks.edge_px is None:
        return np.full(len(tracks.time_s), np.nan)
    behind_px = tracks.edge_px[:, 0 if side == "right" else 1]
    steady_px = signals.running_median(behind_px, EDGE_SAMPLES)
    back_leg = -FACING_SIGN[side] * (steady_px - seen.smooth_px["ankle"][:, 0]) / seen.leg.length_px
    return signals.smooth(back_leg, tracks.rate_hz, seen.cutoff_hz)


def measure_hand_ahead(seen: Measured) -> FloatArray:
    """Return how far the near wrist is in front of mid-foot, leg lengths, (T,): half-way from heel to toe, at the
    planted ankle. NaN where the hand, and throughout where the foot, is not seen.
    """
    raw_px, forward = seen.raw_px, FACING_SIGN[seen.view.facing]
    middle_px = (raw_px["heel"][:, 0] + raw_px["foot_index"][:, 0]) / 2
    before_ankle_px = signals.median(middle_px - raw_px["ankle"][:, 0])
    foot_px = seen.smooth_px["ankle"][:, 0] + before_ankle_px
    return np.asarray(forward * (seen.smooth_px["wrist"][:, 0] - foot_px) / seen.leg.length_px)


def measure_pad_channels(seen: Measured) -> dict[str, FloatArray]:
    """Return what a body on a pad needs besides (T,), leg lengths: `knee_forward_leg`, `knee_height_leg`, the knee from
    the held ankle, and `hip_shake_leg`, `shoulder_shake_leg`, how the joint trembles across the line of the body (4 to
    12 Hz, to half the sampling rate at most).
    """
    smooth_px, leg_px, rate_hz = seen.smooth_px, seen.leg.length_px, seen.tracks.rate_hz
    knee = (smooth_px["knee"] - smooth_px["ankle"]) / leg_px
    line = smooth_px["shoulder"] - smooth_px["knee"]
    across = np.stack([-line[:, 1], line[:, 0]], axis=1) / np.hypot(line[:, 0], line[:, 1])[:, None]
    channels = {"knee_forward_leg": FACING_SIGN[seen.view.facing] * knee[:, 0], "knee_height_leg": -knee[:, 1]}
    for joint in ("hip", "shoulder"):
        low, high = (smooth_joint(seen.raw_px[joint], rate_hz, cutoff_hz) for cutoff_hz in SHAKE_HZ)
        channels[f"{joint}_shake_leg"] = ((high - low) * across).sum(axis=1) / leg_px
    return channels


def find_extended(joints_px: Joints, rate_hz: float) -> BoolArray:
    """Return where (T,) a curl's legs are stretched: hip to ankle within 5 % of its 90th percentile. NaN is False."""
    reach_px = _steady_reach(joints_px, rate_hz)
    if not np.isfinite(reach_px).any():
        return np.zeros(len(reach_px), bool)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(reach_px / np.nanpercentile(reach_px, 90) - 1) <= EXTENDED_SPAN)


def measure_bench_channels(
    raw_px: Mapping[str, FloatArray], knee_flexion_deg: FloatArray, leg: Leg, rate_hz: float
) -> dict[str, FloatArray]:
    """Return what a machine curl needs besides (T,): `shank_share`, the shank's length against its stretched one,
    `ankle_seen`, 1 or 0, `hip_rise_thigh`, the hip's height in the picture, thigh lengths, and `curl_deg`, the knee
    flexion that repetitions are counted in.

    A roller that hides the ankle pulls its landmark towards the knee: the shank shortens, and its direction is noise.
    Where that is so in more than 5 % of the frames, `curl_deg` is the flexion that the distance from hip to ankle alone
    implies, right in when and too small in how much, and the set has no `knee_flexion_deg`: what is seen of it without
    the bent part would be taken for all of it.
    """
    window = signals.window_length(REACH_WINDOW_S, rate_hz)
    shank_px = signals.running_median(distance(raw_px["ankle"], raw_px["knee"]), window)
    shank_share = shank_px / leg.shank_px
    ankle_seen = np.where(np.isfinite(shank_share), shank_share >= HIDDEN_SHANK, np.nan)
    hip_rise_thigh = signals.smooth(-raw_px["hip"][:, 1] / leg.thigh_px, rate_hz, CURL_CUTOFF_HZ)
    seen = {"shank_share": shank_share, "ankle_seen": ankle_seen, "hip_rise_thigh": hip_rise_thigh}
    if np.mean(ankle_seen == 0) <= MAX_HIDDEN_ANKLE:
        return seen | {"curl_deg": knee_flexion_deg.copy()}
    fold_deg = fold_leg(_steady_reach(raw_px, rate_hz), leg.thigh_px, leg.shank_px)
    curl_deg = signals.smooth(fold_deg, rate_hz, CURL_CUTOFF_HZ)
    return seen | {"curl_deg": curl_deg, "knee_flexion_deg": np.full(len(curl_deg), np.nan)}


def _steady_reach(joints_px: Joints, rate_hz: float) -> FloatArray:
    window = signals.window_length(REACH_WINDOW_S, rate_hz)
    return signals.running_median(distance(joints_px["hip"], joints_px["ankle"]), window)
