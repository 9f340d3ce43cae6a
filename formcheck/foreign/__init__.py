"""Landmarks made elsewhere: MediaPipe CSV or JSON, a DeepLabCut CSV or H5, OpenPose or RTMPose (MMPose) or AlphaPose
JSON, a TRC.

Conventions: keypoints are taken under their names or their place in a known layout; what formcheck has no landmark for
is left out, and a landmark that the file does not have is NaN. Nothing is smoothed, and no confidence is cut off. Files
come from strangers: they are bounded in bytes, frames and numbers, and nothing in them is ever executed.
"""

import math
from pathlib import Path

import numpy as np

from formcheck.cache import hash_file
from formcheck.data import FloatArray, PoseProvenance, PoseSequence, Source
from formcheck.errors import InputError, SettingsError
from formcheck.foreign.tracks import MAX_FRAMES, Foreign, read_bytes
from formcheck.skeleton import SIDES, Side, landmark

KINDS = "MediaPipe CSV or JSON, DeepLabCut CSV or H5, OpenPose, MMPose or AlphaPose JSON, TRC"
NEEDED = ("shoulder", "hip", "knee", "ankle")
MIN_FRAMES = 24  # as for videos: fewer hold no repetition
MIN_FPS = 5.0  # the filters need several samples within a movement; checks ask for 24 [D]
MAX_FPS = 1000.0
MAX_SPAN = 4 * MAX_FRAMES  # even samples between the first and the last time


def read_poses(
    path: Path,
    *,
    fps: float | None = None,
    size_px: tuple[int, int] | None = None,
    side: Side | None = None,
    start_s: float | None = None,
    end_s: float | None = None,
) -> tuple[Source, PoseSequence]:
    """Return a file of landmarks as if a video had been watched: no outline of the back, and depth only if it has one.

    `fps` gives times to a file that has frame numbers alone. `size_px` is the picture's width and height, for a file
    whose coordinates are fractions of it; for others it is only recorded, and the extent of the landmarks where it is
    not known. `side` is the body's side that keypoints without one ("knee") belong to; right if not given. `start_s`
    and `end_s` are seconds since the first frame. Raises InputError, SettingsError.
    """
    foreign = _read(path, side or "right")
    time_s = _place_in_time(foreign, fps, path)
    xy_px = foreign.xy
    if foreign.fractions:
        if size_px is None:
            raise SettingsError(
                f"{path} holds coordinates as fractions of the picture, and not the picture's size.",
                "Say it in pixels: --size 1920x1080.",
            )
        xy_px = xy_px * np.array(size_px, float)
    since_s = time_s - time_s[:1]
    inside = (since_s >= (start_s or 0.0) - 1e-9) & (since_s <= (math.inf if end_s is None else end_s) + 1e-9)
    time_s, xy_px, world_m, visibility = (each[inside] for each in (time_s, xy_px, foreign.world_m, foreign.visibility))
    _check(path, time_s, xy_px)
    steps_s = np.diff(time_s)
    rate_hz = 1.0 / float(np.mean(steps_s[steps_s <= 3 * np.median(steps_s)]))
    size_px = size_px or _extent(xy_px)
    source = Source(
        path=str(path),
        sha256=hash_file(path) if path.is_file() else "",
        fps=rate_hz,
        n_frames=len(time_s),
        duration_s=float(time_s[-1] - time_s[0]) + 1.0 / rate_hz,
        size_px=size_px,
        rotation_deg=0,
    )
    provenance = PoseProvenance(
        model=foreign.kind,
        model_sha256="",
        mode="landmarks from a file",
        smoothing="unknown",
        rate_hz=rate_hz,
        subject="",
        mediapipe_version="",
    )
    return source, PoseSequence(time_s, xy_px, world_m, visibility, size_px, None, provenance)


def _read(path: Path, side: Side) -> Foreign:
    """Choose the reader by what the path is and how the content begins."""
    from formcheck.foreign import dlc, keypoint_json, landmark_csv, trc

    if path.is_dir():
        return keypoint_json.read_folder(path)
    raw = read_bytes(path)
    if raw.startswith(b"\x89HDF"):
        return dlc.read_h5(path, side)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no file of landmarks: it is not text.", f"Known are: {KINDS}.") from error
    start = text[:200].lstrip()
    if start.startswith(("{", "[")):
        return keypoint_json.read_json(text, path)
    if start.startswith("PathFileType"):
        return trc.read_trc(text, path, side)
    if start.lower().startswith("scorer,"):
        return dlc.read_csv(text, path, side)
    return landmark_csv.read_csv(text, path, side)


def _place_in_time(foreign: Foreign, fps: float | None, path: Path) -> FloatArray:
    """Return each frame's time: the file's own, or its number over `fps`."""
    if foreign.time_s is not None:
        if fps is not None:
            raise SettingsError(f"{path} has its own times.", "Leave --fps out.")
        return foreign.time_s
    if fps is None:
        raise SettingsError(f"{path} has frames, and not their times.", "Say the video's rate: --fps 30.")
    if not 0 < fps <= MAX_FPS:
        raise SettingsError(f"--fps cannot be {fps:g}.", f"Give frames a second, above 0 and up to {MAX_FPS:g}.")
    return foreign.frame / fps


def _check(path: Path, time_s: FloatArray, xy_px: FloatArray) -> None:
    """Raise InputError for landmarks that no set can be measured from."""
    if len(time_s) < MIN_FRAMES:
        raise InputError(
            f"Only {len(time_s)} frames of {path} can be analysed.", "A repetition needs a second or more."
        )
    steps = np.diff(time_s)
    if not np.isfinite(time_s).all() or (steps <= 0).any():
        raise InputError(f"The times in {path} do not increase from frame to frame.", "Sort the frames by time.")
    if 1.0 / float(np.median(steps)) < MIN_FPS - 0.1:
        raise InputError(
            f"{path} has {1.0 / float(np.median(steps)):.2g} frames a second.",
            f"Film with 24 or more; under {MIN_FPS:g} nothing can be measured.",
        )
    if (time_s[-1] - time_s[0]) / float(np.median(steps)) > MAX_SPAN:
        raise InputError(f"The times in {path} lie too far apart.", "Give one set a file, times in seconds.")
    seen = np.asarray(np.isfinite(xy_px).all(axis=2).any(axis=0))
    best = max(SIDES, key=lambda side: sum(seen[landmark(side, joint)] for joint in NEEDED))
    missing = [joint for joint in NEEDED if not seen[landmark(best, joint)]]
    if missing:
        raise InputError(
            f"{path} has no {', no '.join(missing)} that formcheck knows.",
            "Call the keypoints left_hip or RHip, and so on: shoulder, hip, knee, ankle, better also heel and toe.",
        )


def _extent(xy_px: FloatArray) -> tuple[int, int]:
    width, height = np.nanmax(xy_px, axis=(0, 1))
    return max(1, math.ceil(width)), max(1, math.ceil(height))
