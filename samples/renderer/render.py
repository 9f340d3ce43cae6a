"""Render a named clip and its truth: `python -m samples.renderer.render NAME [--out DIR]`."""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from samples.renderer.bystanders import acted
from samples.renderer.clips import Clip, Recording, read_clips
from samples.renderer.gl import Picture
from samples.renderer.lifts import LIFTS
from samples.renderer.posing import Poses, proportions
from samples.renderer.scene import Lifter, Person, make_lifter, pictures
from samples.renderer.suite import PLANS, Entry, labels, suite
from samples.renderer.truth import (
    Angles,
    Seen,
    angles,
    bar_px,
    lean_deg,
    middle_m,
    plate_radius_px,
    points_m,
    points_px,
    toes_out_deg,
)

Floats = npt.NDArray[np.float64]
Ticks = npt.NDArray[np.int64]

CLIPS = Path(__file__).parents[1]  # the shipped ones
TICKS_S = 90_000
DENSE_HZ = 240.0
THREADS = 2  # x264's output depends on it
SCHEMA = 1


@dataclass(frozen=True)
class Truth:
    """What is known about a clip: frames' angles and points, and the repetitions."""

    time_s: Floats
    angles: Angles
    points: dict[str, dict[str, Floats]]
    reps: tuple[Any, ...]  # the lift's own dataclass
    bar_px: Floats
    plate_radius_px: Floats
    toes_out_deg: float  # mean of both feet, against standing straight


def frame_ticks(recording: Recording, duration_s: float, seed: int) -> Ticks:
    """Give the frames' times in ticks of 1/90000 s, strictly increasing from 0."""
    count = int(duration_s * recording.fps)
    places = np.arange(count, dtype=float)
    if recording.jitter > 0:
        noise = np.random.default_rng(seed).normal(0.0, recording.jitter, count)
        places = places + np.clip(noise, -0.4, 0.4)
        places -= places[0]
    return np.round(places * TICKS_S / recording.fps).astype(np.int64)


def poses_at(clip: Clip, lifter: Lifter, time_s: Floats) -> Poses:
    """Pose the lifter at the instants `time_s` (T,)."""
    return LIFTS[clip.lift].poses(clip.scene, lifter, clip.moves, time_s)


def seen_at(clip: Clip, lifter: Lifter, time_s: Floats) -> Seen:
    """Measure a posed set at the instants `time_s` (T,)."""
    legs = proportions(lifter.body)
    poses = poses_at(clip, lifter, time_s)
    seen = angles(lifter.body, poses, legs)
    still = LIFTS[clip.lift].unshaken(clip.moves)
    unshaken = seen
    if still != clip.moves:
        unshaken = angles(lifter.body, poses_at(replace(clip, moves=still), lifter, time_s), legs)
    head_deg = lean_deg(poses.rotations[:, lifter.body.index("head")])
    return Seen(time_s, seen, middle_m(lifter.body, poses), legs, unshaken, poses.bar_m, head_deg)


def clip_truth(clip: Clip, lifter: Lifter, time_s: Floats) -> Truth:
    """Measure the truth of a clip at its frames (T,), and of its repetitions between them."""
    dense = np.arange(0.0, clip.moves.duration_s, 1.0 / DENSE_HZ)
    reps = LIFTS[clip.lift].truths(seen_at(clip, lifter, dense), clip.moves)
    poses = poses_at(clip, lifter, time_s)
    points = points_px(points_m(lifter.body, poses), clip.scene.camera)
    load, camera = clip.scene.load, clip.scene.camera
    return Truth(
        time_s=time_s,
        angles=angles(lifter.body, poses, proportions(lifter.body)),
        points=points,
        reps=tuple(reps),
        bar_px=bar_px(poses.bar_m, load, camera),
        plate_radius_px=plate_radius_px(poses.bar_m, load, camera),
        toes_out_deg=toes_out_deg(lifter.body, poses),
    )


def columns_of(clip: Clip, truth: Truth) -> dict[str, Floats]:
    """Give the angles over time that belong to a clip's lift, each (T,)."""
    left_out = LIFTS[clip.lift].left_out
    return {name: values for name, values in asdict(truth.angles).items() if name not in left_out}


def truth_table(clip: Clip, lifter: Lifter, truth: Truth) -> dict[str, object]:
    """Lay the truth out for JSON: columns by name, rounded to 0.001 degree, 0.01 px, 1 microsecond."""
    camera, legs = clip.scene.camera, proportions(lifter.body)
    reps = [{key: round(v, 5) if isinstance(v, float) else v for key, v in asdict(rep).items()} for rep in truth.reps]
    columns = columns_of(clip, truth)
    places = {name: 5 if name.endswith("_leg") else 3 for name in columns}
    table: dict[str, object] = {
        "schema_version": SCHEMA,
        "name": clip.name,
        "about": clip.about,
        "lift": clip.lift,
        "near_side": camera.near_side,
        "facing": camera.facing,
        "n_frames": len(truth.time_s),
        "camera": {**asdict(camera), "px_per_m": round(camera.px_per_m, 4)},
        "recording": {name: value for name, value in asdict(clip.recording).items() if name != "preset"},
        "person": {
            **asdict(clip.scene.build),
            "thigh_m": round(legs.thigh_m, 5), "shank_m": round(legs.shank_m, 5), "leg_m": round(legs.leg_m, 5),
        },
        "load": asdict(clip.scene.load),
        "toes_out_deg": round(truth.toes_out_deg, 3),
        "reps": reps,
        "frames": {
            "time_s": np.round(truth.time_s, 6).tolist(),
            **{name: np.round(values, places[name]).tolist() for name, values in columns.items()},
            "points_px": {
                side: {name: np.round(xy, 2).tolist() for name, xy in named.items()}
                for side, named in truth.points.items()
            },
            "bar_px": np.round(truth.bar_px, 2).tolist(),
            "plate_radius_px": np.round(truth.plate_radius_px, 3).tolist(),
        },
    }  # fmt: skip
    return {name: entry for name, entry in table.items() if name not in LIFTS[clip.lift].left_out}


def shots(clip: Clip, lifter: Lifter, time_s: Floats) -> Iterator[Picture]:
    """Film a clip: a picture (height, width, 3) for each instant of `time_s` (T,), blurred if the shutter says so."""
    recording = clip.recording
    count = recording.exposures if recording.shutter > 0 else 1
    open_s = recording.shutter / recording.fps
    offsets = (np.arange(count) + 0.5) / count * open_s - open_s / 2.0
    instants = (time_s[:, None] + offsets).ravel()
    poses = poses_at(clip, lifter, instants)
    extras = LIFTS[clip.lift].extras(clip.scene, lifter, clip.moves, instants, poses)
    everybody = replace(extras, people=extras.people + bystanders_at(clip, instants))
    return pictures(clip.scene, lifter, poses, count, everybody)


def bystanders_at(clip: Clip, time_s: Floats) -> tuple[Person, ...]:
    """Pose everybody who only stands or walks by at the instants `time_s` (T,)."""
    people = []
    for bystander in clip.scene.bystanders:
        body, poses = acted(bystander, clip.scene.camera.facing, time_s)
        people.append(Person(body, bystander.outfit, poses))
    return tuple(people)


def stills(clip: Clip, folder: Path, times_s: Sequence[float]) -> list[Path]:
    """Write NAME.SECONDS.png for each of some instants: a quick look at a clip."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{clip.name}.{instant:05.2f}.png" for instant in times_s]
    for path, picture in zip(paths, shots(clip, make_lifter(clip.scene), np.array(times_s)), strict=True):
        with av.open(str(path), "w", format="image2", options={"update": "1"}) as container:
            stream = container.add_stream("png", rate=1)
            stream.height, stream.width = picture.shape[:2]
            stream.pix_fmt = "rgb24"
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return paths


def encode(path: Path, frames: Iterator[Picture], ticks: Ticks, size_px: tuple[int, int], recording: Recording) -> None:
    """Write H.264 in mp4 with exact presentation times; the file appears when it is whole."""
    part = path.with_suffix(".part.mp4")
    with av.open(str(part), "w", container_options={"video_track_timescale": str(TICKS_S)}) as container:
        options = {"crf": str(recording.crf), "preset": recording.preset}
        stream = container.add_stream("libx264", rate=Fraction(recording.fps).limit_denominator(1001), options=options)
        stream.width, stream.height = size_px
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, TICKS_S)
        stream.codec_context.thread_count = THREADS
        for tick, picture in zip(ticks, frames, strict=True):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = int(tick), Fraction(1, TICKS_S)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    part.replace(path)


def write_truth(clip: Clip, lifter: Lifter, folder: Path, labels: Mapping[str, object] | None = None) -> Path:
    """Write a clip's NAME.truth.json into `folder`, with `labels` in front. Returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    time_s = frame_ticks(clip.recording, clip.moves.duration_s, clip.moves.seed) / TICKS_S
    table = {**(labels or {}), **truth_table(clip, lifter, clip_truth(clip, lifter, time_s))}
    path = folder / f"{clip.name}.truth.json"
    path.write_text(json.dumps(table, separators=(",", ":")) + "\n", encoding="utf-8")
    return path


def render(clip: Clip, folder: Path, labels: Mapping[str, object] | None = None) -> Path:
    """Render a clip into `folder`: NAME.mp4 and NAME.truth.json, with `labels` in front. Returns the video's path."""
    lifter = make_lifter(clip.scene)
    write_truth(clip, lifter, folder, labels)
    ticks = frame_ticks(clip.recording, clip.moves.duration_s, clip.moves.seed)
    time_s = ticks / TICKS_S
    path = folder / f"{clip.name}.mp4"
    size = (clip.scene.camera.width_px, clip.scene.camera.height_px)
    encode(path, shots(clip, lifter, time_s), ticks, size, clip.recording)
    return path


def told(path: Path, began_s: float) -> None:
    """Say on stderr what was rendered and how long it took."""
    print(f"{path}  {path.stat().st_size / 1e6:.2f} MB, {time.perf_counter() - began_s:.0f} s", file=sys.stderr)


def is_rendered(entry: Entry, folder: Path) -> bool:
    """Whether a suite's clip is in `folder`, from the same parameters."""
    truth = folder / f"{entry.clip.name}.truth.json"
    if not (truth.is_file() and truth.with_name(f"{entry.clip.name}.mp4").is_file()):
        return False
    return bool(json.loads(truth.read_text(encoding="utf-8")).get("parameters_sha256") == entry.digest)


def render_suite(name: str, folder: Path) -> None:
    """Render what a suite lacks in `folder`."""
    for entry in suite(name):
        if is_rendered(entry, folder):
            continue
        began = time.perf_counter()
        told(render(entry.clip, folder, labels(entry)), began)


def main() -> int:
    """Render from the command line; exit code 2 for an unknown name."""
    clips = read_clips()
    parser = argparse.ArgumentParser(description="Render clips of people with exact truth.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("name", nargs="?", choices=sorted(clips), help="a clip of samples/renderer/clips.toml")
    what.add_argument("--suite", choices=sorted(PLANS), help="every clip of samples/renderer/suite.py that --out lacks")
    parser.add_argument("--out", type=Path, default=CLIPS, help="folder to write to")
    parser.add_argument("--truth", action="store_true", help="write the truth file alone")
    parser.add_argument("--still", type=float, nargs="+", metavar="S", help="write pictures of these seconds instead")
    given = parser.parse_args()
    if given.suite:
        if given.out == CLIPS:
            parser.error("a suite needs --out: it is not kept beside the code")
        render_suite(given.suite, given.out)
        return 0
    began = time.perf_counter()
    if given.still:
        for path in stills(clips[given.name], given.out, given.still):
            print(path)
        return 0
    if given.truth:
        print(write_truth(clips[given.name], make_lifter(clips[given.name].scene), given.out))
        return 0
    told(render(clips[given.name], given.out), began)
    return 0


if __name__ == "__main__":
    sys.exit(main())
