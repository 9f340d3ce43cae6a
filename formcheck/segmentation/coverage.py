"""What the clip shows of each repetition: a cut, too few pictures or an unseen lifter cost that one, and no other."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from formcheck.data import BoolArray, FloatArray, PoseSequence, Rep
from formcheck.lifts.check import MIN_DETECTED, MIN_RATE_HZ
from formcheck.wording import count_noun

LATE_S = 2.5 / MIN_RATE_HZ  # between two pictures: two may be lost at the least rate, as phones lose them
HOLE_S = 0.5  # without a picture: no frame rate, but a hole [D]
MOST_LATE = 0.2  # of a repetition's time may lie between pictures that are further apart


def find_spoilt(reps: tuple[Rep, ...], poses: PoseSequence) -> dict[int, str]:
    """Return, by number, why a repetition cannot be judged; those that can are left out."""
    reasons = {rep.number: _why_spoilt(rep, poses) for rep in reps}
    return {number: reason for number, reason in reasons.items() if reason is not None}


def _why_spoilt(rep: Rep, poses: PoseSequence) -> str | None:
    cuts_s = cuts_within(rep, poses.cuts_s)
    if len(cuts_s):
        return f"the video jumps at {cuts_s[0]:.1f} s, in the middle of this rep"
    inside = (poses.time_s >= rep.start_s) & (poses.time_s <= rep.stop_s)
    if not inside.any():
        return "no frame shows it"
    seen = _seen_share(poses, inside)
    if seen < MIN_DETECTED:
        return f"you are visible in only {100 * seen:.0f} % of its frames ({100 * MIN_DETECTED:.0f} % needed)"
    steps_s = np.diff(poses.time_s[inside])
    late_s = steps_s[steps_s > LATE_S]
    if late_s.sum() > MOST_LATE * (rep.stop_s - rep.start_s):
        each_second = round(1 / float(np.mean(late_s)))
        if not each_second:
            return f"the clip has no picture for {late_s.max():.1f} s of it"
        return (
            f"{count_noun(each_second, 'frame')} a second in part of it are too few (at least {MIN_RATE_HZ:.0f} needed)"
        )
    return None


def cuts_within(rep: Rep, cuts_s: FloatArray | None) -> FloatArray:
    """Return the cuts (s) between a repetition's start and stop."""
    if cuts_s is None:
        return np.empty(0)
    return cuts_s[(cuts_s > rep.start_s) & (cuts_s <= rep.stop_s)]


def without_unseen(rep: Rep, poses: PoseSequence, spoilt: Mapping[int, str]) -> Rep:
    """Return the repetition without the length of the phases that the clip does not show whole.

    They are those with a cut within, those that begin, end or pass where the lifter is not seen for a while, and all of
    them where the lifter was seldom found; such a repetition is no longer a complete one.
    """
    if rep.number not in spoilt:
        return rep
    cuts_s = cuts_within(rep, poses.cuts_s)
    lost = {name: _is_lost(start_s, end_s, cuts_s, poses) for name, start_s, end_s in rep.phases}
    if not any(lost.values()):
        return rep
    gone = {f"{name}_s": math.nan for name, is_lost in lost.items() if is_lost}
    return replace(rep, complete=False, **gone)  # type: ignore[arg-type]  # the phases' names are the fields'


def _is_lost(start_s: float, end_s: float, cuts_s: FloatArray, poses: PoseSequence) -> bool:
    inside = (poses.time_s >= start_s) & (poses.time_s <= end_s)
    if ((cuts_s > start_s) & (cuts_s <= end_s)).any() or _has_hole(start_s, end_s, poses):
        return True
    return bool(inside.any()) and _seen_share(poses, inside) < MIN_DETECTED


def _has_hole(start_s: float, end_s: float, poses: PoseSequence) -> bool:
    """Whether a phase begins, ends or passes where the lifter is not seen for a while, or there are no pictures."""
    seen_s = poses.time_s[np.isfinite(poses.xy_px[:, :, 0]).any(axis=1)]
    before_s, after_s = seen_s[:-1], seen_s[1:]
    return bool(((after_s - before_s > HOLE_S) & (before_s < end_s + LATE_S) & (after_s > start_s - LATE_S)).any())


def _seen_share(poses: PoseSequence, inside: BoolArray) -> float:
    """Return the share of the frames `inside` (T,) in which the lifter was found."""
    return float(np.isfinite(poses.xy_px[inside][:, :, 0]).any(axis=1).mean())
