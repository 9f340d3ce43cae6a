"""Sets of the renderer as a pose model without errors would see them: landmarks where they are, no picture."""

from typing import Any

import numpy as np

from benchmarks.bank.pack import TRUE_DEG, BankSet
from formcheck.data import PoseProvenance, PoseSequence, Source
from formcheck.skeleton import N_LANDMARKS, SIDES, Landmark, landmark
from samples.renderer.clips import Clip, clip_from
from samples.renderer.render import TICKS_S, clip_truth, frame_ticks, poses_at, truth_table
from samples.renderer.scene import Lifter, make_lifter
from samples.renderer.truth import points_m

NAMES = {"toe": "foot_index"}  # the renderer's, and the skeleton's
FAR_SEEN = 0.6  # visibility of what the body hides
EAR, NOSE = 0.35, 0.2  # of the trunk: beyond the shoulder, and before the ear
SEEN_BY = PoseProvenance("heavy", "0" * 64, "image", "none", 30.0, "auto", "none")


def drawn_clip(lift: str, reps: list[dict[str, Any]], **keys: Any) -> Clip:
    """Return a clip of one lift with these repetitions, from the side."""
    return clip_from("exact", {"lift": lift, "about": "", "recording": {"fps": 30.0}, "reps": reps, **keys})


def seen_exactly(clip: Clip) -> BankSet:
    """Return a clip's landmarks and truth; it is not drawn."""
    lifter = make_lifter(clip.scene)
    time_s = frame_ticks(clip.recording, clip.moves.duration_s, clip.scene.seed) / TICKS_S
    table: dict[str, Any] = truth_table(clip, lifter, clip_truth(clip, lifter, time_s))
    frames = table.pop("frames")
    size_px = (clip.scene.camera.width_px, clip.scene.camera.height_px)
    visibility = np.full((len(time_s), N_LANDMARKS), 0.95)
    for joint in Landmark:
        if table["near_side"].upper() not in joint.name and joint is not Landmark.NOSE:
            visibility[:, joint] = FAR_SEEN
    poses = PoseSequence(
        time_s=time_s,
        xy_px=in_picture(frames["points_px"], table["near_side"], table["facing"]),
        world_m=in_depth(clip, lifter, time_s),
        visibility=visibility,
        size_px=size_px,
        back=None,
        provenance=SEEN_BY,
    )
    source = Source("exact.mp4", "0" * 64, clip.recording.fps, len(time_s), float(time_s[-1]), size_px, 0)
    true = {name: np.array(frames[name]) for name in TRUE_DEG} | {"time_s": time_s}
    return BankSet("exact", source, poses, table, true)


def in_picture(points_px: dict[str, dict[str, Any]], near: str, facing: int) -> Any:
    """Return landmarks (T, K, 2) px; the head goes with the trunk."""
    shoulder, hip = (np.array(points_px[near][name]) for name in ("shoulder", "hip"))
    xy_px = np.full((len(hip), N_LANDMARKS, 2), np.nan)
    for side, named in points_px.items():
        for name, place in named.items():
            xy_px[:, landmark(side, NAMES.get(name, name))] = place
    trunk = shoulder - hip
    ear = shoulder + EAR * trunk
    for side in SIDES:
        xy_px[:, landmark(side, "ear")] = ear
    xy_px[:, Landmark.NOSE] = ear + NOSE * facing * np.stack([-trunk[:, 1], trunk[:, 0]], axis=1)
    return xy_px


def in_depth(clip: Clip, lifter: Lifter, time_s: Any) -> Any:
    """Return what a pose model says of depth, (T, K, 3) m from the hips: right, down and away from the camera."""
    points = points_m(lifter.body, poses_at(clip, lifter, time_s))
    hips = (points["left"]["hip"] + points["right"]["hip"]) / 2.0
    world_m = np.full((len(time_s), N_LANDMARKS, 3), np.nan)
    for side in SIDES:
        for joint in ("shoulder", "hip", "knee", "ankle"):
            seen = (points[side][joint] - hips) @ clip.scene.camera.axes().T
            world_m[:, landmark(side, joint)] = seen * np.array([1.0, -1.0, -1.0])
    return world_m
