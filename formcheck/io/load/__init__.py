"""Landmarks made elsewhere: tables (CSV), JSON, DeepLabCut and SLEAP, TRC, C3D; docs/formats.md lists what is known.

The way: bytes -> text (`content`) -> table or records (`table`, `keypoint_json`) -> what is what (`columns`, `names`,
`clock`) -> the people in it (`tracks.Recording`) -> the lifter (`people`) -> PoseSequence.

Conventions: keypoints are taken under their names, else by their place in a known layout; what formcheck has no
landmark for is left out, and a landmark that the file does not have is NaN. Nothing is smoothed, and no confidence is
cut off. Files come from strangers: they are bounded in bytes, frames and numbers, and nothing in them is ever executed.
"""

import math
import re
from pathlib import Path

import numpy as np

from formcheck import signals
from formcheck.cache import hash_file
from formcheck.data import IN_SPACE, FloatArray, PoseProvenance, PoseSequence, Source
from formcheck.errors import InputError, SettingsError
from formcheck.io.load.people import choose_person
from formcheck.io.load.space import as_picture, measures_metres
from formcheck.io.load.tracks import MAX_FRAMES, Person, Recording, empty_tracks, read_bytes
from formcheck.settings import MIN_FRAMES
from formcheck.skeleton import SIDES, Side, landmark
from formcheck.wording import count_noun

SUFFIXES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".trc", ".c3d", ".h5", ".hdf5")
PACKED = (".gz", ".bz2", ".xz", ".zip")
NEEDED = ("shoulder", "hip", "knee", "ankle")
MIN_FPS = 5.0  # the filters need several samples within a movement; checks ask for 24 [D]
MAX_FPS = 1000.0  # no camera of a set films faster [D]
MAX_SPAN = 4 * MAX_FRAMES  # even samples between the first and the last time
PER_CENT = 100.0
IN_METRES = "the file names no unit: its coordinates were read as metres, as the body's size says"
TURNED_OVER = "y counts upwards in the file: the picture was turned over"
LATEST_START_S = 4 * 3600.0  # a set that begins later in its video has the time of day, or ids for frame numbers [D]


def holds_landmarks(path: Path) -> bool:
    """Whether a path is by its name a file of landmarks and not a video, or a folder with a file of them a frame."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in PACKED:
        suffixes.pop()
    if suffixes and suffixes[-1] in SUFFIXES:
        return True
    try:
        names = [each.name for each in path.iterdir()] if path.is_dir() else []
        return any(name.endswith((".json", ".json.gz")) for name in names) or (
            bool(names) and all(re.fullmatch(r".*\d\.txt", name) for name in names)
        )
    except OSError:  # a name too long for any file, or a folder that may not be read: whoever opens it says so
        return False


def read_poses(
    path: Path,
    *,
    fps: float | None = None,
    size_px: tuple[int, int] | None = None,
    side: Side | None = None,
    subject: str = "auto",
    start_s: float | None = None,
    end_s: float | None = None,
) -> tuple[Source, PoseSequence]:
    """Return a file of landmarks as if a video had been watched: no outline of the back, and depth only if it has one.

    `fps` gives times to a file that has frame numbers alone. `size_px` is the picture's width and height, for a file
    whose coordinates are fractions of it; for others it is only recorded, and the extent of the landmarks where it is
    not known. `side` is the body's side that keypoints without one ("knee") belong to; right if not given. `subject`
    chooses among several people. `start_s` and `end_s` are seconds since the first frame. Raises InputError,
    SettingsError.
    """
    recording = _read(path, side or "right")
    person, words = choose_person(recording, subject)
    time_s = _place_in_time(recording, fps, path)
    xy, world_m, visibility = _spread(person, len(time_s))
    size_px = size_px or recording.size_px
    xy_px, reading = _as_pixels(xy, recording, size_px, path)
    since_s = time_s - time_s[:1]
    inside = (since_s >= (start_s or 0.0) - 1e-9) & (since_s <= (math.inf if end_s is None else end_s) + 1e-9)
    time_s, xy_px, world_m, visibility = (each[inside] for each in (time_s, xy_px, world_m, visibility))
    _check(path, time_s, xy_px)
    steps_s = np.diff(time_s)
    rate_hz = 1.0 / float(np.mean(steps_s[steps_s <= 3 * np.median(steps_s)]))
    if size_px is None:
        width, height = np.nanmax(xy_px, axis=(0, 1))
        size_px = max(1, math.ceil(width)), max(1, math.ceil(height))
    source = Source(
        path=str(path),
        sha256=hash_file(path) if path.is_file() else "",
        fps=rate_hz,
        n_frames=len(time_s),
        duration_s=float(since_s[-1]) + 1.0 / rate_hz,
        size_px=size_px,
        rotation_deg=0,
    )
    provenance = PoseProvenance(
        model=recording.kind,
        model_sha256="",
        mode=IN_SPACE if recording.in_space else "landmarks from a file",
        smoothing="unknown",
        rate_hz=rate_hz,
        subject="" if person is None else person.name,
        mediapipe_version="",
        people=words,
        reading=reading,
    )
    return source, PoseSequence(time_s, xy_px, world_m, visibility, size_px, None, provenance)


def _read(path: Path, side: Side) -> Recording:
    """Choose the reader by what the path is and how the content begins."""
    from formcheck.io.load import c3d, content, dlc, keypoint_json, landmark_csv, table, trc

    if path.is_dir():
        return keypoint_json.read_folder(path, side)
    raw = content.unpack(read_bytes(path), path)
    if raw.startswith(b"\x89HDF"):
        return dlc.read_h5(raw, path, side)
    if c3d.is_c3d(raw):
        return c3d.read_c3d(raw, path, side)
    text = content.decode(raw, path)
    start = text[:200].lstrip().lower().lstrip('"')
    for known, reader in (
        ("{", keypoint_json.read_json),
        ("[", keypoint_json.read_json),
        ("pathfiletype", trc.read_trc),
        ("scorer", dlc.read_csv),
    ):
        if start.startswith(known):
            return reader(text, path, side)
    found = table.read_table(text, path)
    return keypoint_json.read_nested(found, path, side) or landmark_csv.read_landmarks(found, path, side)


def _place_in_time(recording: Recording, fps: float | None, path: Path) -> FloatArray:
    """Return each frame's time, the file's own or number over rate; from 0 where the first is the time of day."""
    if recording.time_s is not None:
        if fps is not None:
            raise SettingsError(f"{path} has its own times.", "Leave --fps out.")
        time_s = recording.time_s
    else:
        fps = recording.fps if fps is None else fps
        if fps is None:
            raise SettingsError(f"{path} has frames but no times.", "Give the video's rate: --fps 30.")
        if not 0 < fps <= MAX_FPS:
            raise SettingsError(f"--fps cannot be {fps:g}.", f"Give frames a second, above 0 and up to {MAX_FPS:g}.")
        time_s = recording.frame / fps
    return time_s - time_s[0] if len(time_s) and not abs(time_s[0]) < LATEST_START_S else time_s


def _spread(person: Person | None, n_frames: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return xy (T, K, 2), world (T, K, 3) and visibility (T, K) over all frames, NaN where the person is not."""
    tracks = empty_tracks(n_frames)
    if person is not None:
        for whole, part in zip(tracks, (person.xy, person.world_m, person.visibility), strict=True):
            whole[person.rows] = part
    return tracks


def _upright(xy: FloatArray) -> tuple[FloatArray, str]:
    """Return (T, K, 2) positions with y down, and a sentence where that is not the file's: turned over, the highest
    point at 0, where the shoulders are below the ankles in every frame.
    """
    shoulder, ankle = (
        np.concatenate([xy[:, [landmark(side, joint)], 1] for side in SIDES], axis=1) for joint in ("shoulder", "ankle")
    )
    below = shoulder - ankle
    below = below[np.isfinite(below)]
    height = signals.median(np.abs(below))
    turned = bool(len(below)) and height > 0 and float(np.quantile(below, 0.05)) > 0.2 * height
    return (np.asarray(xy * (1.0, -1.0) + (0.0, np.nanmax(xy[..., 1]))), TURNED_OVER) if turned else (xy, "")


def _as_pixels(
    xy: FloatArray, recording: Recording, size_px: tuple[int, int] | None, path: Path
) -> tuple[FloatArray, str]:
    """Return positions in pixels, metres as millimetres, and a sentence about what was decided of them, "" for nothing.

    Raises SettingsError for shares of a picture whose size nobody knows.
    """
    metric = False if recording.pixels or recording.shares else measures_metres(xy)
    if metric:
        return as_picture(xy), IN_METRES
    whole = None if recording.pixels else find_whole(xy)
    xy, turned = _upright(xy)
    reading = "; ".join(words for words in (recording.reading, turned) if words)
    if whole is None or (whole == PER_CENT and size_px is not None and max(size_px) <= 2 * PER_CENT):
        return xy, reading
    if size_px is None and metric is None:
        raise SettingsError(
            f"{path} gives coordinates in metres or as fractions of the picture: nothing in it says which.",
            "If they are metres, call the columns left_hip_x_m and so on; if fractions, give the picture's size in "
            "pixels: --size 1920x1080.",
        )
    if size_px is None:
        what = "fractions of the picture" if whole == 1.0 else "per cent of the picture, or pixels of a tiny one"
        raise SettingsError(
            f"{path} gives coordinates as {what}, but not the picture's size.", "Give it in pixels: --size 1920x1080."
        )
    return np.asarray(xy * np.array(size_px, float) / whole), reading


def find_whole(xy: FloatArray) -> float | None:
    """Return what (T, K, 2) positions count as the picture's whole width or height: 1 for fractions, of which 98 % lie
    between -1 and 2; 100 for per cent, between -5 and 105, which no picture is too small for; None for pixels.
    """
    seen = xy[np.isfinite(xy)]
    for whole, low, high in ((1.0, -1.0, 2.0), (PER_CENT, -5.0, 105.0)):
        if len(seen) and float(np.mean((seen > low) & (seen < high))) > 0.98:
            return whole
    return None


def _check(path: Path, time_s: FloatArray, xy_px: FloatArray) -> None:
    """Raise InputError for landmarks that no set can be measured from."""
    if len(time_s) < MIN_FRAMES:
        raise InputError(
            f"Only {count_noun(len(time_s), 'frame')} of {path} can be analysed.",
            "A repetition needs a second or more.",
        )
    steps = np.diff(time_s)
    if not np.isfinite(time_s).all() or (steps <= 0).any():
        raise InputError(f"The times in {path} do not increase from frame to frame.", "Sort the frames by time.")
    rate_hz = 1.0 / float(np.median(steps))
    if rate_hz < MIN_FPS - 0.1:
        raise InputError(
            f"{path} has {rate_hz:.2g} frame{'' if f'{rate_hz:.2g}' == '1' else 's'} a second.",
            f"Film with 24 or more; under {MIN_FPS:g} nothing can be measured.",
        )
    if (time_s[-1] - time_s[0]) / float(np.median(steps)) > MAX_SPAN:
        raise InputError(f"The times in {path} are too far apart.", "Put one set in each file, with times in seconds.")
    seen = np.asarray(np.isfinite(xy_px).all(axis=2).any(axis=0))
    best = max(SIDES, key=lambda side: sum(seen[landmark(side, joint)] for joint in NEEDED))
    missing = [joint for joint in NEEDED if not seen[landmark(best, joint)]]
    if missing:
        raise InputError(
            f"{path} has no {', no '.join(missing)} that formcheck knows.",
            "Call the keypoints left_hip or RHip, and so on: shoulder, hip, knee, ankle, better also heel and toe.",
        )
