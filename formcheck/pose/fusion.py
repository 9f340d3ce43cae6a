"""One set of landmarks out of what two eyes saw: pure functions over arrays.

MediaPipe sees every frame, MoveNet up to ten a second. Where both know a joint they differ by a
habit, which is how each of them understands "shoulder", and by error. The habit is measured over the set and taken off
MoveNet's, so that what is fused means what MediaPipe's means. Where they agree MediaPipe's are kept: with the mean of
both more overruns were missed. Now and then MediaPipe has lost a joint altogether, behind a plate, in a busy room,
upside down; MoveNet does so less often (docs/calibration.md), so where the two are far apart MoveNet is believed.
"""

from dataclasses import dataclass

import numpy as np

from formcheck import signals
from formcheck.data import BoolArray, FloatArray
from formcheck.skeleton import COCO, Landmark

LEAST_MOVENET_SCORE = 0.25  # how sure MoveNet has to be of a joint to have seen it [D]
MOVENET_GAP_S = 0.35  # between two of MoveNet's frames over which a joint is drawn as a straight line [D]
APART_LEG = 0.10  # leg lengths apart at which MediaPipe's weight is a half, and soon nothing
HABIT_LEG = 0.15  # farther apart, one of them has lost the joint: says nothing of habits [D]
HABIT_FRAMES = 20  # in which both see a joint, from which on a set's own habit counts for more than none [D]
LOST_LEG = 0.2  # from where MediaPipe's joints are, as a median, on average: then it has lost the whole body [D]
LEG = ((Landmark.LEFT_HIP, Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE),
       (Landmark.RIGHT_HIP, Landmark.RIGHT_KNEE, Landmark.RIGHT_ANKLE))  # fmt: skip
CORE = [each for each in COCO if each >= Landmark.LEFT_HIP or each in {Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER}]


@dataclass(frozen=True, eq=False)
class Fused:
    """Landmarks of both eyes. xy_px : (T, K, 2). visibility : (T, K). lost : (T,) MediaPipe had lost the body, so that
    all it saw of it there (outline, edge, depth) is not the lifter's.
    """

    xy_px: FloatArray
    visibility: FloatArray
    lost: BoolArray


def fuse(
    time_s: FloatArray, xy_px: FloatArray, visibility: FloatArray, second_px: FloatArray, second_share: FloatArray
) -> Fused:
    """Fuse the landmarks (T, K, 2) px of both eyes, NaN where one did not look or see; `second_share` is (T, K).

    Nothing changes where MoveNet saw nothing. What MoveNet does not know (heels, toes, fingers) is NaN where MediaPipe
    has lost the body.
    """
    seen_px = np.where(second_share[..., None] >= LEAST_MOVENET_SCORE, second_px, np.nan)
    leg_px = leg_length_px(seen_px)
    if not leg_px > 0:
        return Fused(xy_px, visibility, np.zeros(len(time_s), bool))
    seen_px = without_leaps(time_s, seen_px, xy_px, HABIT_LEG * leg_px)
    filled_px = signals.resample(time_s, seen_px, time_s, MOVENET_GAP_S)
    aligned_px = filled_px + habit_px(xy_px, filled_px, leg_px)
    apart_leg = np.linalg.norm(xy_px - aligned_px, axis=2) / leg_px
    with np.errstate(invalid="ignore"):
        share = 1.0 / (1.0 + (apart_leg / APART_LEG) ** 4)
    known = np.isfinite(aligned_px[..., 0])
    lost = find_lost(apart_leg, known)
    share = np.where(known, np.where(lost[:, None], 0.0, np.nan_to_num(share)), 1.0)
    mixed_px = share[..., None] * np.nan_to_num(xy_px) + (1.0 - share[..., None]) * np.nan_to_num(aligned_px)
    gone = ~known & (lost[:, None] | ~np.isfinite(xy_px[..., 0]))
    fused_px = np.where(gone[..., None], np.nan, mixed_px)
    sure = np.where(known & (share < 0.5), signals.resample(time_s, second_share, time_s, MOVENET_GAP_S), visibility)
    return Fused(fused_px, sure, lost)


def without_leaps(time_s: FloatArray, seen_px: FloatArray, other_px: FloatArray, most_px: float) -> FloatArray:
    """Return the landmarks (T, K, 2) px of one eye, NaN where it did not look, without those that leap away and back.

    A joint has leapt where it is farther than `most_px` off the line between the sightings before and after it, and
    farther than the other eye (T, K, 2) px has it, as when MoveNet takes a partner's shoulder in one picture. Where the
    other eye does not see it, it stays.
    """
    kept_px = seen_px.copy()
    for joint in COCO:
        seen = np.flatnonzero(np.isfinite(seen_px[:, joint, 0]))
        before, here, after = seen[:-2], seen[1:-1], seen[2:]
        close = time_s[after] - time_s[before] <= 2 * MOVENET_GAP_S
        share = ((time_s[here] - time_s[before]) / (time_s[after] - time_s[before]))[:, None]
        line_px = (1 - share) * seen_px[before, joint] + share * seen_px[after, joint]
        off_px, other_off_px = (np.linalg.norm(xy_px[here, joint] - line_px, axis=1) for xy_px in (seen_px, other_px))
        kept_px[here[close & (off_px > most_px) & (other_off_px < off_px)], joint] = np.nan
    return kept_px


def do_agree(xy_px: FloatArray, second_px: FloatArray, second_share: FloatArray) -> bool:
    """Return whether both eyes see a body in the same place: landmarks (K, 2) px of one picture, shares (K,).

    Of shoulders and legs every joint that the second eye is sure of, and half of them at least, lies within
    `APART_LEG` of where the first has it.
    """
    leg_px = leg_length_px(xy_px[None])
    sure = second_share[CORE] >= LEAST_MOVENET_SCORE
    if not leg_px > 0 or 2 * sure.sum() < len(CORE):
        return False
    apart_px = np.linalg.norm(xy_px[CORE] - second_px[CORE], axis=1)
    return bool((apart_px[sure] < APART_LEG * leg_px).all())


def leg_length_px(xy_px: FloatArray) -> float:
    """Return the median length of thigh and shank of both sides, px; NaN where no leg was seen."""
    lengths = []
    for hip, knee, ankle in LEG:
        thigh, shank = xy_px[:, hip] - xy_px[:, knee], xy_px[:, knee] - xy_px[:, ankle]
        lengths.append(np.linalg.norm(thigh, axis=1) + np.linalg.norm(shank, axis=1))
    return signals.median(np.concatenate(lengths))


def habit_px(first_px: FloatArray, second_px: FloatArray, leg_px: float) -> FloatArray:
    """Return what is added to the second eye's landmarks so that they mean what the first's do, (T, K, 2).

    A joint's habit goes with the trunk as it turns: the median of the difference along and across the line from hip to
    shoulder, over the frames in which the two are near one another; few such frames count for little.
    """
    lefts = (Landmark.LEFT_HIP, Landmark.LEFT_SHOULDER)
    hip, shoulder = ((second_px[:, left] + second_px[:, left + 1]) / 2 for left in lefts)
    along = shoulder - hip
    with np.errstate(invalid="ignore", divide="ignore"):
        along = along / np.linalg.norm(along, axis=1, keepdims=True)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    apart = first_px - second_px
    added = np.zeros(apart.shape)
    for joint in COCO:
        near = np.linalg.norm(apart[:, joint], axis=1) < HABIT_LEG * leg_px
        near &= np.isfinite(along[:, 0])
        count = int(near.sum())
        if not count:
            continue
        size = count / (count + HABIT_FRAMES)
        for axis in (along, across):
            habit = float(np.median((apart[near, joint] * axis[near]).sum(axis=1)))
            added[:, joint] += size * habit * np.nan_to_num(axis)
    return added


def find_lost(apart_leg: FloatArray, known: BoolArray) -> BoolArray:
    """Return the frames (T,) in which MediaPipe found nobody or another body than MoveNet, by the joints of CORE."""
    apart = np.where(known[:, CORE], np.nan_to_num(apart_leg[:, CORE], nan=np.inf), np.nan)
    some = known[:, CORE].any(axis=1)
    lost = np.zeros(len(apart), bool)
    lost[some] = np.nanmedian(apart[some], axis=1) > LOST_LEG
    return lost
