"""Video -> PoseSequence: scout who is there, choose the lifter, then follow them on all cores.

Here the two passes (`scout`, `follow`) meet the cache, the model's file and the errors of a video without a lifter.
"""

import json
import logging
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from formcheck import cache, own_files
from formcheck.data import BackContour, FloatArray, PoseProvenance, PoseSequence, Source
from formcheck.errors import InputError, SubjectError
from formcheck.pose import fusion, model_files, torso_contour, tracking_loss
from formcheck.pose.detection_pass import CROWD_MODEL, FILM_AGAIN, SCOUT_MODEL, scout
from formcheck.pose.jump_cuts import find_cuts
from formcheck.pose.mediapipe_guard import one_thread_each, private
from formcheck.pose.person_tracking import say_who
from formcheck.pose.tracking_pass import as_single, follow
from formcheck.settings import DEFAULT_RATE_HZ, MIN_FRAMES
from formcheck.skeleton import N_LANDMARKS
from formcheck.wording import count_noun

if TYPE_CHECKING:  # imported where it is used: a cached result needs no decoder
    from formcheck import video

log = logging.getLogger(__name__)

CODE_VERSION = 22  # raise it when the same video and settings shall give other numbers than before

SECOND_MODEL = "movenet"
LEAST_RATE_HZ = 1.0  # of the pictures of a film: below, nothing is known of a movement

# What the cache keeps of a set: T frames, C cuts.
SHAPES: Mapping[str, tuple[int | str, ...]] = {
    "time_s": ("T",),
    "xy_px": ("T", N_LANDMARKS, 2),
    "world_m": ("T", N_LANDMARKS, 3),
    "visibility": ("T", N_LANDMARKS),
    "chord_px": ("T", 2, 2),
    "depth_px": ("T", 2, len(torso_contour.STATIONS)),
    "edge_px": ("T", 2),
    "plate_px": ("T", 3),
    "cuts_s": ("C",),
}


def acquire_poses(
    path: Path,
    *,
    model: str = "full",
    rate_hz: float | None = None,
    start_s: float | None = None,
    end_s: float | None = None,
    subject: str = "auto",
    workers: int | None = None,
    use_cache: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Source, PoseSequence]:
    """Return the lifter's raw landmarks and back outline, from the cache if this video was seen with these settings.

    `rate_hz` is 30 if not given; of a bare stream of pictures that does not know its own rate it is that as well.
    `start_s` and `end_s` are seconds since the first frame; `workers` (default: the cores this process may use) changes
    the time taken and nothing else. `progress(done, expected)` is called from this thread, in sampled frames. A
    frame in which the lifter was not found, or in which the model followed somebody else, is NaN throughout.

    Raises InputError when the path is no video, cannot be decoded, or holds fewer than 24 sampled frames between start
    and end; SubjectError when nobody is found, or the lifter is smaller than 80 px; ModelError when there is no such
    model, or its file is needed and is missing or was changed.
    """
    check_stretch(start_s, end_s)
    sampling_hz = rate_hz or DEFAULT_RATE_HZ
    # The manifest's sums: the bytes are held to them where a model looks, and landmarks that are kept need none.
    settings: dict[str, object] = {
        "code": CODE_VERSION,
        "model_sha256": model_files.name_model(model).sha256,
        "scout_sha256": model_files.name_model(SCOUT_MODEL).sha256,
        "crowd_sha256": model_files.name_model(CROWD_MODEL).sha256,
        "second_sha256": model_files.name_model(SECOND_MODEL).sha256,
        "mediapipe": version("mediapipe"),
        "rate_hz": sampling_hz,
        "start_s": start_s,
        "end_s": end_s,
        "subject": subject,
    }
    sha256 = hash_video(path)
    key = cache.cache_key({"video_sha256": sha256, **settings})
    kept = cache.load(key) if use_cache else None
    result = unpack(kept, path, sha256) if kept is not None else None
    if result is None:
        from formcheck import video

        bundle = model_files.load_model(model)
        workers, info = workers or count_cores(), video.probe(path, rate_hz)
        made = _say_how(bundle, sampling_hz, subject)
        result = run(info, sha256, made, str(bundle.path), start_s, end_s, workers, progress)
        if use_cache:
            cache.store(key, pack(*result))
    warn_if_cut_off(*result, end_s)
    return result


def _say_how(bundle: model_files.Model, rate_hz: float, subject: str) -> PoseProvenance:
    """Return how landmarks come about that are found by one model."""
    return PoseProvenance(
        model=bundle.name,
        model_sha256=bundle.sha256,
        mode="video",
        smoothing="none (timestamps x 10^8)",
        rate_hz=rate_hz,
        subject=subject,
        mediapipe_version=version("mediapipe"),
        second_model_sha256=model_files.load_model(SECOND_MODEL).sha256,
    )


def check_stretch(start_s: float | None, end_s: float | None) -> None:
    """Raise InputError when the stretch to be analysed is empty whatever the video."""
    if end_s is not None and end_s <= (start_s or 0.0):
        raise InputError(
            f"The stretch from {start_s or 0.0:g} s to {end_s:g} s is empty.",
            "Give an --end that is later than --start.",
        )


def hash_video(path: Path) -> str:
    """sha256 of the video; "" for a path that cannot be hashed, which opening it will then explain."""
    try:
        return cache.hash_file(path)
    except (OSError, ValueError):
        return ""


def count_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def warn_if_cut_off(source: Source, poses: PoseSequence, end_s: float | None) -> None:
    """Log a warning when the pictures stop more than a second before the time that the container promises."""
    promised_s = source.duration_s if end_s is None else min(end_s, source.duration_s)
    missing_s = promised_s - float(poses.time_s[-1])
    if missing_s > 1.0:
        log.warning(
            "%s breaks off %.1f s before its end: only the first %.1f s were analysed.",
            source.path,
            missing_s,
            poses.time_s[-1],
        )


def pack(source: Source, poses: PoseSequence) -> dict[str, NDArray[np.generic]]:
    """PoseSequence -> arrays for the cache; float32 holds every value exactly, times excepted."""
    assert poses.back is not None
    assert poses.plate_px is not None
    assert poses.edge_px is not None
    named = {**asdict(source), "path": ""}  # a copy under another name is the same video: unpack gives the present one
    texts = {"source": named, "provenance": asdict(poses.provenance), "size_px": poses.size_px}
    return {
        "time_s": poses.time_s,
        "xy_px": poses.xy_px.astype(np.float32),
        "world_m": poses.world_m.astype(np.float32),
        "visibility": poses.visibility.astype(np.float32),
        "chord_px": poses.back.chord_px.astype(np.float32),
        "depth_px": poses.back.depth_px.astype(np.float32),
        "edge_px": poses.edge_px.astype(np.float32),
        "plate_px": poses.plate_px.astype(np.float32),
        "cuts_s": np.empty(0) if poses.cuts_s is None else poses.cuts_s,
        "texts": np.array(json.dumps(texts)),
    }


def unpack(
    arrays: Mapping[str, NDArray[np.generic]], path: Path, sha256: str | None = None
) -> tuple[Source, PoseSequence] | None:
    """Arrays of the cache -> PoseSequence, under the video's present name.

    None when something is missing, is of another type or shape than `pack` writes, or belongs to another video than
    the one with this digest (None: any video).
    """

    def read() -> tuple[Source, PoseSequence]:
        texts = own_files.parse_json(str(arrays["texts"]), any_float=True)
        source = own_files.build(Source, texts["source"])
        if sha256 not in (None, source.sha256) or min(source.size_px) < 1:
            raise ValueError("not of this video")
        there = {"cuts_s": np.empty(0), **arrays}
        numbers = {name: _checked(there[name], shape, len(there["time_s"])) for name, shape in SHAPES.items()}
        if len(numbers["time_s"]) < MIN_FRAMES or not (np.diff(numbers["time_s"]) > 0).all():
            raise ValueError("times that do not rise")
        provenance = own_files.build(PoseProvenance, texts["provenance"])
        cuts_s = numbers.pop("cuts_s")
        return replace(source, path=str(path)), as_sequence(numbers, cuts_s, source.size_px, provenance)

    return own_files.attempt(read)


def _checked(array: NDArray[np.generic], shape: tuple[int | str, ...], n_frames: int) -> FloatArray:
    """Return an array of the cache as float64. Raises ValueError for another type or shape, and for infinity."""
    wanted = [n_frames if each == "T" else each for each in shape]
    if array.dtype.kind != "f" or array.ndim != len(wanted):
        raise ValueError("no array of numbers as they are kept")
    if any(want != have for want, have in zip(wanted, array.shape, strict=True) if want != "C"):
        raise ValueError("an array of another shape")
    if np.isinf(array).any():
        raise ValueError("a number that is not finite")
    return array.astype(np.float64)


def as_sequence(
    arrays: dict[str, NDArray[np.float64]], cuts_s: FloatArray, size_px: tuple[int, int], provenance: PoseProvenance
) -> PoseSequence:
    """Put the arrays of a finished pass together."""
    own = {name: arrays[name] for name in ("time_s", "xy_px", "world_m", "visibility", "plate_px", "edge_px")}
    back = BackContour(arrays["chord_px"], torso_contour.STATIONS, arrays["depth_px"])
    return PoseSequence(**own, size_px=size_px, back=back, provenance=provenance, cuts_s=cuts_s)


def run(
    info: "video.VideoInfo",
    sha256: str,
    provenance: PoseProvenance,
    model_path: str,
    start_s: float | None,
    end_s: float | None,
    workers: int,
    progress: Callable[[int, int], None] | None,
) -> tuple[Source, PoseSequence]:
    """Both passes over a video that is not in the cache, and a third when both eyes have lost the body too often."""
    from formcheck import video

    second = model_files.load_model(SECOND_MODEL)

    stretch_s = stretch_of(info, start_s, end_s)
    rate_hz = effective_rate_hz(info, provenance.rate_hz)
    expected = max(1, math.ceil((stretch_s[1] - stretch_s[0]) * rate_hz))
    with private(), one_thread_each():
        plan = scout(info, stretch_s, rate_hz, provenance.subject, workers)
        if plan.is_still and expected >= MIN_FRAMES:
            raise InputError("Nothing moves in the video: all its frames are the same.", "Give a video of the set.")
        provenance = replace(provenance, people=say_who(plan.cast, provenance.subject))
        frames = video.read_frames(info, provenance.rate_hz, start_s, end_s)
        rows = follow(info, frames, plan, model_path, str(second.path), expected, workers, progress)
        seen = rows.finished()
        check_enough(seen["time_s"], seen["xy_px"])
        there_s = plan.cast.lifter.time_s[plan.cast.lifter.seen]
        cuts_s = find_cuts(seen["time_s"], seen["change"], seen["xy_px"])
        arrays, lost = with_second_eye(seen, seen, there_s, cuts_s)
        if lost > tracking_loss.LOOK_AGAIN:  # a second look, at the same frames
            larger = model_files.load_model(tracking_loss.LARGER.get(provenance.model, provenance.model))
            plan = plan.with_run_up(tracking_loss.RUN_UP, rate_hz)
            frames = video.read_frames(info, provenance.rate_hz, start_s, end_s)
            more = None if progress is None else partial(count_on, progress, rows.count)
            again = follow(info, frames, plan, str(larger.path), None, expected, workers, more).finished()
            again, still_lost = with_second_eye(again, seen, there_s, cuts_s)
            if still_lost <= tracking_loss.FEWER * lost:
                arrays = again
                provenance = replace(provenance, model=larger.name, model_sha256=larger.sha256, lost_before=lost)
    source = Source(
        path=str(info.path),
        sha256=sha256,
        fps=info.fps,
        n_frames=rows.count,
        duration_s=info.promised_s,
        size_px=info.size_px,
        rotation_deg=info.rotation_deg,
        tagged_speed=info.tagged_speed,
    )
    return source, as_sequence(arrays, cuts_s, info.size_px, provenance)


def with_second_eye(
    arrays: dict[str, FloatArray], seen: Mapping[str, FloatArray], there_s: FloatArray, cuts_s: FloatArray
) -> tuple[dict[str, FloatArray], float]:
    """Return a pass's arrays, and the share of their frames that is suspect (see `pose.tracking_loss`).

    Their landmarks are fused with what the second eye saw in the pass `seen`, unless more frames are suspect then:
    beside the lifter it may look at somebody else.
    """
    second = seen["second_px"], seen["second_share"]
    fused = fusion.fuse(arrays["time_s"], arrays["xy_px"], arrays["visibility"], *second)
    hidden = {name: arrays[name].copy() for name in ("depth_px", "edge_px")}
    for values in hidden.values():
        values[fused.lost] = np.nan
    both = {**arrays, **hidden, "xy_px": as_single(fused.xy_px), "visibility": as_single(fused.visibility)}
    lost, lost_by_both = (tracking_loss.share_suspect(each, there_s, cuts_s) for each in (arrays, both))
    return (both, lost_by_both) if lost_by_both <= lost else (arrays, lost)


def count_on(progress: Callable[[int, int], None], before: int, done: int, expected: int) -> None:
    """Tell `progress` of a pass that comes after `before` frames of another."""
    progress(before + done, before + expected)


def stretch_of(info: "video.VideoInfo", start_s: float | None, end_s: float | None) -> tuple[float, float]:
    """First and last second to look at. Raises InputError when the video ends before `start_s`."""
    first_s = max(start_s or 0.0, 0.0)
    if first_s >= info.duration_s:
        raise InputError(f"The video ends at {info.duration_s:.1f} s.", f"Give a --start before that, not {first_s:g}.")
    last_s = info.duration_s if end_s is None else min(end_s, info.duration_s)
    return first_s, last_s


def effective_rate_hz(info: "video.VideoInfo", rate_hz: float) -> float:
    """Mean rate of the sampled frames."""
    return rate_hz if math.isnan(info.fps) else min(info.fps, rate_hz * 1.1)


def check_enough(time_s: FloatArray, xy_px: FloatArray) -> None:
    """Raise when there is too little to analyse."""
    count = len(time_s)
    if count < MIN_FRAMES:
        raise InputError(
            f"Only {count_noun(count, 'frame')} can be analysed.",
            "A repetition needs a second or more: check --start, --end, --rate.",
        )
    if count < LEAST_RATE_HZ * (time_s[-1] - time_s[0]):
        raise InputError(
            f"There are only {count_noun(count, 'frame')} in {time_s[-1] - time_s[0]:.0f} s: they show no movement.",
            "Choose a part with --start and --end, or export the video again.",
        )
    if not np.isfinite(xy_px[:, 0, 0]).any():
        raise SubjectError("The lifter was lost in every frame.", FILM_AGAIN)
