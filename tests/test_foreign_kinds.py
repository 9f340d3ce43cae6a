"""Files of landmarks of every kind that people hand in: one motion with a known truth, written as each program or
script writes it, gives that truth; what cannot be read is named; and no bytes end in a traceback.

docs/formats.md says which program writes what.
"""

import bz2
import csv
import gzip
import io
import json
import lzma
import random
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import ezc3d
import h5py
import numpy as np
import pandas as pd
import pytest
from skeletons_curls import curl_set
from skeletons_floor import ghr_set, nordic_set

from formcheck.cli.main import main
from formcheck.data import FloatArray, PoseSequence, Report
from formcheck.errors import FormcheckError, InputError, SettingsError
from formcheck.io.load import holds_landmarks, read_poses
from formcheck.io.load.columns import read_heading
from formcheck.io.load.names import LAYOUTS, RIVALS, find_landmark
from formcheck.io.load.space import leg_length, measures_metres, turn_upright
from formcheck.io.load.tracks import MAX_TRACK_BYTES, to_number
from formcheck.io.save.c3d import write_c3d
from formcheck.io.save.markers import Markers, place_markers
from formcheck.kinematics.bases import FEET
from formcheck.kinematics.camera_view import check_word, judge_view
from formcheck.pipeline import analyze, analyze_landmarks
from formcheck.settings import Settings
from formcheck.skeleton import Landmark, Side
from samples.renderer.stick import Truth, rdl_set

CASES = Path(__file__).resolve().parent.parent.parent / "shared" / "cases" / "landmarks"
RDL = Settings(lift="rdl", side_view="right")
SIZE_PX = (1280, 720)
LEFT_BENT_PX = 75.0  # the far knee is bent by this much more, so that a swap of sides shows


@pytest.fixture(scope="module")
def made() -> tuple[PoseSequence, Truth]:
    """Two hinges at 30 Hz, seen from the right, lowered in 1.8 s each, 11 s; the left knee is bent further."""
    quick: dict[str, float] = {"concentric_s": 0.8, "rest_s": 0.4, "before_s": 1.0, "after_s": 1.0}
    poses, truth = rdl_set(2, eccentric_s=1.8, facing="right", near="right", **quick)  # type: ignore[arg-type]
    xy_px = poses.xy_px.copy()
    xy_px[:, Landmark.LEFT_KNEE, 0] += LEFT_BENT_PX
    return replace(poses, xy_px=xy_px, back=None), truth


@pytest.fixture(scope="module")
def poses(made: tuple[PoseSequence, Truth]) -> PoseSequence:
    return made[0]


@pytest.fixture(scope="module")
def check(made: tuple[PoseSequence, Truth]) -> Callable[..., Report]:
    """Judge a file and hold it to the truth: turns, lowering, trunk, hip and the right knee."""
    _, truth = made

    def judge(path: Path, *, slack: float = 1.0, late_s: float = 0.0, settings: Settings = RDL, **known: Any) -> Report:
        report = analyze_landmarks(path, settings, known.get("fps"), known.get("size_px"))
        turns = [rep.turn_s for rep in report.reps]
        assert turns == pytest.approx([rep.turn_s + late_s for rep in truth.reps], abs=0.2)
        assert [rep.eccentric_s for rep in report.reps] == pytest.approx([1.8, 1.8], abs=0.04 * slack)
        for channel in ("trunk_deg", "hip_flexion_deg", "knee_flexion_deg"):
            seen, right = float(np.nanmax(report.kinematics[channel])), float(np.max(truth[channel]))
            assert seen == pytest.approx(right, abs=1.0 * slack), channel
        return report

    return judge


Check = Callable[..., Report]


def save(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


NAMES = [each.name.lower() for each in Landmark]


def table(
    poses: PoseSequence,
    *,
    name: Callable[[Landmark, str], str] = lambda each, axis: f"{each.name.lower()}_{axis}",
    moments: Sequence[Any] | None = None,
    heading: str = "time_s",
    axes: str = "xyv",
    mark: str = ",",
    cell: Callable[[float], str] = lambda value: f"{value:.3f}",
) -> str:
    """A row per frame; a moment of None leaves that column out."""
    raw = np.concatenate([poses.xy_px, poses.visibility[:, :, None]], axis=2)[
        :, :, ["xyv".index(each) for each in axes]
    ]
    moments = [cell(time_s) for time_s in poses.time_s] if moments is None else moments
    text = io.StringIO()
    writer = csv.writer(text, delimiter=mark, lineterminator="\n")
    heads = [name(each, axis) for each in Landmark for axis in axes]
    writer.writerow([heading, *heads] if moments else heads)
    for index, row in enumerate(raw.reshape(len(raw), -1)):
        writer.writerow([*([moments[index]] if moments else []), *map(cell, row)])
    return text.getvalue()


@pytest.mark.parametrize(
    "pack",
    [
        lambda text: gzip.compress(text.encode()),
        lambda text: bz2.compress(text.encode()),
        lambda text: lzma.compress(text.encode()),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode("utf-32"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.replace("time_s", "time_s\xb0", 1).encode("cp1252"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: gzip.compress(text.encode("utf-16")),
    ],
)
def test_bytes(pack: Callable[[str], bytes], poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    check(save(tmp_path / "set.csv", pack(table(poses))))


def test_a_zip_of_one_file(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("set.csv", table(poses))
        packed.writestr("__MACOSX/._set.csv", "x")
    check(tmp_path / "set.zip")


def comma(value: float) -> str:
    return f"{value:.4f}".replace(".", ",")


def name_rows(text: str, mark: str) -> str:
    """Names of the rows before them, as R writes them: without a heading, in quotes."""
    head, *rows = text.splitlines()
    heads = mark.join(f'"{each}"' for each in head.split(mark))
    return "\n".join([heads, *(f'"{number + 1}"{mark}{row}' for number, row in enumerate(rows))])


@pytest.mark.parametrize(
    "write",
    [
        lambda poses: table(poses, mark="\t"),
        lambda poses: table(poses, mark=";"),
        lambda poses: table(poses, mark=";", cell=comma),
        lambda poses: table(poses, mark="\t", cell=comma),
        lambda poses: table(poses, mark="|"),
        lambda poses: table(poses, mark=" "),
        lambda poses: table(poses, mark=" ", cell=comma),
        lambda poses: name_rows(table(poses, mark=" "), " "),  # R's write.table
        lambda poses: name_rows(table(poses, mark=";", cell=comma), ";"),
        lambda poses: table(poses, cell=comma),  # Kinovea: "1,0","2,0" in quotes
        lambda poses: "sep=;\n" + table(poses, mark=";", cell=comma),
        lambda poses: "# made by a script\n# 30 Hz\n\n" + table(poses).replace("\n", "\n\n", 40) + ",,,\n\n",
        lambda poses: "# " + table(poses),
        lambda poses: "My recording\nSubject,Anna\n\n" + table(poses),
        lambda poses: table(poses).upper(),
        lambda poses: table(poses).replace(",", ", "),
        lambda poses: '"' + table(poses).replace(",", '","').replace("\n", '"\n"')[:-1],
    ],
)
def test_text(write: Callable[[PoseSequence], str], poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    check(save(tmp_path / "set.csv", write(poses)))


@pytest.mark.parametrize("nothing", ["", "nan", "NaN", "None", "null", "N/A", "-", "inf"])
def test_cells_that_hold_nothing(nothing: str, poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    lines = table(poses).split("\n")
    for row in range(20, len(lines) - 1, 25):  # single frames, well apart
        moment = lines[row].split(",")[0]
        lines[row] = ",".join([moment, *[nothing] * (len(lines[row].split(",")) - 1)])
    check(save(tmp_path / "set.csv", "\n".join(lines)))


VALUES = {"x": "x", "y": "y", "v": "visibility"}


@pytest.mark.parametrize(
    "name",
    [
        lambda each, axis: f"landmark_{int(each)}_{axis}",
        lambda each, axis: f"L{int(each)}_{axis}",
        lambda each, axis: f"p{int(each) + 1}_{axis}",
        lambda each, axis: f"{axis}{int(each)}",
        lambda each, axis: f"{axis}_{int(each) + 1}",
        lambda each, axis: f"{int(each)}_{axis}",
        lambda each, axis: f"{int(each)}.{axis}",
        lambda each, axis: f"kp_{axis}_{int(each)}",
        lambda each, axis: f"pose_landmarks[{int(each)}].{VALUES[axis]}",
        lambda each, axis: f"lm{int(each):02d}{axis.upper()}",
        lambda each, axis: f"{each.name}.{VALUES[axis]}",
        lambda each, axis: f"PoseLandmark.{each.name}_{axis}",
        lambda each, axis: f"{axis}_{each.name.lower()}",
        lambda each, axis: f"{each.name.lower()}_{axis}_px" if axis != "v" else f"{each.name.lower()}_conf",
        lambda each, axis: f"{each.name.title().replace('_', '')}{axis.upper()}",
        lambda each, axis: f"{each.name.lower().replace('_', ' ')} [{VALUES[axis]}]",
        lambda each, axis: f"{each.name.lower().replace('_', '')}/{axis}",
        lambda each, axis: f"{each.name.title().replace('_', ' ')} - {axis.upper()}",
        lambda each, axis: f"{int(each)}_{each.name.lower()}_{axis}",
        lambda each, axis: f"mp_{each.name.lower()}_{axis}",
    ],
)
def test_headings(name: Callable[[Landmark, str], str], poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    check(save(tmp_path / "set.csv", table(poses, name=name)))


def test_some_numbered_landmarks_in_any_order(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    frame = pd.read_csv(io.StringIO(table(poses, name=lambda each, axis: f"landmark_{int(each)}_{axis}")))
    some = [
        f"landmark_{number}_{axis}" for number in (31, 12, 24, 11, 26, 23, 25, 28, 27, 32, 30, 29) for axis in "yvx"
    ]
    frame[["time_s", *some]].to_csv(tmp_path / "set.csv", index=False)
    check(tmp_path / "set.csv")


@pytest.mark.parametrize(
    ("heading", "moment"),
    [
        ("time", lambda time_s: f"{time_s:.4f}"),
        ("timestamp", lambda time_s: f"{time_s:.4f}"),
        ("Time (s)", lambda time_s: f"{time_s:.4f}"),
        ("t", lambda time_s: f"{1000 * time_s:.0f}"),
        ("time", lambda time_s: f"{1000 * time_s:.0f}"),
        ("timestamp_ms", lambda time_s: f"{1000 * time_s:.0f}"),
        ("Time [ms]", lambda time_s: f"{1000 * time_s:.1f}"),
        ("timestamp", lambda time_s: f"{1e6 * time_s:.0f}"),
        ("time_us", lambda time_s: f"{1e6 * time_s:.0f}"),
        ("timestamp", lambda time_s: f"{1e9 * time_s:.0f}"),
        ("timestamp", lambda time_s: f"{1.7e12 + 1000 * time_s:.0f}"),  # ms since 1970
        ("timestamp", lambda time_s: f"{1.7e9 + time_s:.3f}"),
        ("timestamp", lambda time_s: pd.Timestamp(1.7e9 + time_s, unit="s").isoformat()),
        ("Zeit", lambda time_s: f"{time_s:.3f}"),
        ("pos_msec", lambda time_s: f"{1000 * time_s:.2f}"),
        ("datetime", lambda time_s: f"2026-11-20 17:00:{time_s:06.3f}"),
        ("time", lambda time_s: f"00:00:{time_s:06.3f}"),
        ("time", lambda time_s: f"17:00:{time_s:06.3f}"),
    ],
)
def test_times(heading: str, moment: Callable[[float], str], poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    moments = [moment(time_s) for time_s in poses.time_s]
    check(save(tmp_path / "set.csv", table(poses, heading=heading, moments=moments)))


@pytest.mark.parametrize(
    "heading", ["frame", "frame_index", "Frame", "frame_no", "frame_number", "image_id", "", "index", "video_frame"]
)
def test_frame_headings(heading: str, poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    check(save(tmp_path / "set.csv", table(poses, heading=heading, moments=range(len(poses.time_s)))), fps=30)


def test_a_column_that_does_not_count_is_passed_over(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    numbers = [f"set1.mp4,{number}" for number in range(len(poses.time_s))]
    text = table(poses, heading="file,frame", moments=numbers).replace('"', "")
    check(save(tmp_path / "file.csv", text), fps=30)
    check(save(tmp_path / "time.csv", text.replace("file", "timestamp").replace("set1.mp4", "0.0")), fps=30)


def test_names_of_pictures_and_no_moment_at_all(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    names = [f"set2/frame_{number:05d}.png" for number in range(len(poses.time_s))]
    check(save(tmp_path / "names.csv", table(poses, heading="image", moments=names)), fps=30)
    check(save(tmp_path / "none.csv", table(poses, moments=[])), fps=30)
    with pytest.raises(SettingsError, match="has frames but no times"):
        read_poses(tmp_path / "none.csv")


@pytest.mark.parametrize("first", [0, 1, 1000])
@pytest.mark.parametrize("step", [1, 2])
def test_frames_are_placed_by_their_number(
    first: int, step: int, poses: PoseSequence, check: Check, tmp_path: Path
) -> None:
    few = replace(poses, time_s=poses.time_s[::step], xy_px=poses.xy_px[::step], visibility=poses.visibility[::step])
    numbers = [first + step * number for number in range(len(few.time_s))]
    path = save(tmp_path / "set.csv", table(few, heading="frame", moments=numbers))
    report = check(path, fps=30, slack=1.5, late_s=first / 30)
    assert report.source.fps == pytest.approx(30 / step)


@pytest.mark.parametrize("rows", ["", "index", "Unnamed: 0", "row"])
def test_the_number_of_a_row_is_no_frame_where_the_file_counts_frames(
    rows: str, poses: PoseSequence, check: Check, tmp_path: Path
) -> None:
    head, *lines = table(poses, heading="frame", moments=range(len(poses.time_s))).splitlines()
    every = [f"{number},{line}" for number, line in enumerate(lines[::2])]
    path = save(tmp_path / "set.csv", "\n".join([f"{rows},{head}", *every]))
    assert check(path, fps=30, slack=1.5).source.fps == pytest.approx(15)
    frames = [{"index": n, "frame": 2 * n, "keypoints": flat(each)} for n, each in enumerate(points(poses, COCO)[::2])]
    assert check(save(tmp_path / "set.json", json.dumps(frames)), fps=30, slack=1.5).source.fps == pytest.approx(15)


def test_a_rate_beside_the_frames(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    numbers = [f"{number},30" for number in range(len(poses.time_s))]
    check(save(tmp_path / "set.csv", table(poses, heading="frame,fps", moments=numbers).replace('"', "")))


@pytest.mark.parametrize("write", [str, json.dumps])
def test_cells_that_hold_all_keypoints(
    write: Callable[[Any], str], poses: PoseSequence, check: Check, tmp_path: Path
) -> None:
    each_of = points(poses, COCO)
    frame = pd.DataFrame({"frame": range(len(each_of)), "keypoints": [write(each.tolist()) for each in each_of]})
    frame.to_csv(tmp_path / "lists.csv", index=False)
    check(tmp_path / "lists.csv", fps=30)
    spoken = [{"x": flat(each[:, 0]), "y": flat(each[:, 1]), "visible": flat(each[:, 2])} for each in each_of]
    ultralytics = pd.DataFrame(
        {"name": "person", "class": 0, "box": write({"x1": 1.0}), "keypoints": map(write, spoken)}
    )
    ultralytics.to_csv(tmp_path / "ultralytics.csv")
    check(tmp_path / "ultralytics.csv", fps=30)


def test_rows_left_out_leave_their_time(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    lines = table(poses, heading="frame", moments=range(len(poses.time_s))).split("\n")
    kept = [line for number, line in enumerate(lines) if number % 7 != 3]
    check(save(tmp_path / "set.csv", "\n".join(kept)), fps=30)
    shuffled = [kept[0], *random.Random(1).sample(kept[1:], len(kept) - 1)]  # noqa: S311
    check(save(tmp_path / "mixed.csv", "\n".join(shuffled)), fps=30)


def test_times_of_another_unit_than_the_heading_says(poses: PoseSequence, tmp_path: Path) -> None:
    path = save(tmp_path / "set.csv", table(poses, heading="timestamp_ms"))
    with pytest.raises(InputError, match="rise by 0.033: those cannot be milliseconds") as caught:
        read_poses(path)
    assert caught.value.hint == "They look like seconds: rename the column to time_s."
    path = save(tmp_path / "set.csv", table(poses, heading="time", moments=range(len(poses.time_s))))
    with pytest.raises(InputError, match="go 0, 1, 2: no unit fits") as caught:
        read_poses(path)
    assert "or frame, if it counts frames" in caught.value.hint


def test_fractions_with_the_pictures_size_beside_them(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    path = save(
        tmp_path / "set.csv", table(replace(poses, xy_px=poses.xy_px / SIZE_PX), cell=lambda each: f"{each:.6f}")
    )
    check(path, size_px=SIZE_PX)
    with pytest.raises(SettingsError, match="fractions of the picture"):
        read_poses(path)
    head, *rows = path.read_text().splitlines()
    check(save(path, "\n".join([f"{head},image_width,image_height", *(f"{row},1280,720" for row in rows)])))


@pytest.mark.parametrize("axes", [("x", "y"), ("x_pct", "y_pct"), ("x (%)", "y (%)"), ("percent_x", "percent_y")])
def test_per_cent_of_the_picture(axes: tuple[str, str], poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    shares = replace(poses, xy_px=100 * poses.xy_px / SIZE_PX)
    text = table(shares, name=lambda each, axis: f"{each.name.lower()}_{axes['xy'.index(axis)]}", axes="xy")
    path = save(tmp_path / "set.csv", text)
    check(path, size_px=SIZE_PX)
    with pytest.raises(SettingsError, match=r"as (per cent|fractions) of the picture.* size") as caught:
        read_poses(path)
    assert "--size 1920x1080" in caught.value.hint


def test_a_tiny_picture_is_in_pixels_where_its_size_is_said(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    tiny = table(replace(poses, xy_px=poses.xy_px / 12.8))
    check(save(tmp_path / "set.csv", tiny), size_px=(100, 57))
    check(save(tmp_path / "set.csv", tiny.replace("_x,", "_x_px,").replace("_y,", "_y_px,")))


def long_rows(poses: PoseSequence) -> pd.DataFrame:
    rows = [
        {"frame": index, "landmark": each.name, "x": x, "y": y, "visibility": poses.visibility[index, each]}
        for index, spots in enumerate(poses.xy_px)
        for each, (x, y) in zip(Landmark, spots, strict=True)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame,
        lambda frame: frame.rename(columns={"landmark": "landmark_id"}).assign(
            landmark_id=[int(Landmark[name]) for name in frame.landmark]
        ),
        lambda frame: frame.assign(id=[float(Landmark[name]) for name in frame.landmark]).drop(columns="landmark"),
        lambda frame: frame.drop(columns="frame"),
        lambda frame: frame.assign(person_id=3),
        lambda frame: frame.sample(frac=1.0, random_state=1),
        lambda frame: frame.rename(columns={"landmark": "keypoint", "x": "X (px)", "y": "Y (px)"}),
        lambda frame: frame.assign(frame=frame.frame / 30).rename(columns={"frame": "time"}),
        lambda frame: frame.melt(["frame", "landmark"], ["x", "y"], "space", "position"),
    ],
)
def test_a_row_per_landmark(
    change: Callable[[pd.DataFrame], pd.DataFrame], poses: PoseSequence, check: Check, tmp_path: Path
) -> None:
    frame = change(long_rows(poses))
    frame.to_csv(tmp_path / "set.csv", index=False)
    check(tmp_path / "set.csv", **({} if "time" in frame else {"fps": 30}))


def test_two_rows_of_headings(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    lines = table(poses).split("\n")
    names = ",".join(["", *(part for name in NAMES for part in (name, "", ""))])
    axes = ",".join(["time_s", *["x", "y", "visibility"] * len(NAMES)])
    check(save(tmp_path / "merged.csv", "\n".join([names, axes, *lines[1:]])))


def test_world_landmarks_alone_are_metres(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    world_m = np.concatenate([poses.xy_px / 300.0, poses.world_m[:, :, [2]]], axis=2)
    world_m -= world_m[:, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=1, keepdims=True)
    frame = pd.DataFrame(
        world_m.reshape(len(world_m), -1), columns=[f"{name}_{axis}" for name in NAMES for axis in "xyz"]
    )
    frame.insert(0, "frame", range(len(frame)))
    frame.to_csv(tmp_path / "set.csv", index=False)
    report = check(tmp_path / "set.csv", fps=30)
    assert np.isfinite(report.kinematics.view.yaw_deg)


def bystander(poses: PoseSequence, *, to_the_left: bool = False) -> PoseSequence:
    """Somebody larger who stands still, to the lifter's right in the picture or left."""
    still = np.repeat(1.1 * (poses.xy_px[:1] - (640, 640)) + (640, 640), len(poses.time_s), axis=0)
    return replace(poses, xy_px=still + ((-500.0, 0.0) if to_the_left else (500.0, 0.0)))


def sleap(people: Sequence[tuple[str, PoseSequence]]) -> str:
    parts = []
    for name, poses in people:
        wide = pd.read_csv(
            io.StringIO(table(poses, name=lambda each, axis: f"{each.name.lower()}.{'score' if axis == 'v' else axis}"))
        )
        parts.append(wide.drop(columns="time_s").assign(track=name, frame_idx=range(len(wide))))
    together = pd.concat(parts).sort_values(["frame_idx", "track"])
    return together[["track", "frame_idx", *[name for name in together if name not in {"track", "frame_idx"}]]].to_csv(
        index=False
    )


@pytest.mark.parametrize("names", [("track_0", "track_1"), ("track_1", "track_0")])
def test_the_one_who_lifts_is_measured(
    names: tuple[str, str], poses: PoseSequence, check: Check, tmp_path: Path
) -> None:
    path = save(tmp_path / "set.csv", sleap([(names[0], poses), (names[1], bystander(poses))]))
    report = check(path, fps=30)
    assert report.provenance.subject == names[0]
    (words,) = [each for each in report.kinematics.quality.warnings if "people" in each]
    assert words.startswith(f"the file holds 2 people (track_0, track_1): {names[0]}, who moves most, was measured")


@pytest.mark.parametrize(("subject", "whom"), [("left", "lifter"), ("right", "other"), ("largest", "other")])
def test_subject_is_heeded(subject: Any, whom: str, poses: PoseSequence, tmp_path: Path) -> None:
    path = save(tmp_path / "set.csv", sleap([("lifter", poses), ("other", bystander(poses))]))
    report = analyze_landmarks(path, replace(RDL, subject=subject), fps=30)
    assert report.provenance.subject == whom
    assert len(report.reps) == (2 if whom == "lifter" else 0)


def test_people_before_the_heading(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    one = pd.read_csv(io.StringIO(table(poses, name=lambda each, axis: f"person0_{each.name.lower()}_{axis}")))
    two = pd.read_csv(
        io.StringIO(table(bystander(poses), name=lambda each, axis: f"person1_{each.name.lower()}_{axis}"))
    )
    pd.concat([two, one.drop(columns="time_s")], axis=1).to_csv(tmp_path / "set.csv", index=False)
    assert check(tmp_path / "set.csv").provenance.subject == "person 0"


@pytest.mark.parametrize("who", [None, 1])
@pytest.mark.parametrize("lifter_first", [True, False])
def test_rows_of_one_frame_are_different_people(
    who: int | None, lifter_first: bool, poses: PoseSequence, check: Check, tmp_path: Path
) -> None:
    people = [poses, bystander(poses)] if lifter_first else [bystander(poses), poses]
    both = (
        pd.concat([pd.read_csv(io.StringIO(table(each))) for each in people])
        .sort_values("time_s", kind="stable")
        .copy()
    )
    both.assign(**({} if who is None else {"person": who})).to_csv(tmp_path / "set.csv", index=False)
    check(tmp_path / "set.csv")


def test_landmarks_of_two_that_nothing_tells_apart_are_refused(poses: PoseSequence, tmp_path: Path) -> None:
    pd.concat([long_rows(poses), long_rows(bystander(poses))]).to_csv(tmp_path / "set.csv", index=False)
    with pytest.raises(InputError, match=f"nose {2 * len(poses.time_s)} times in {len(poses.time_s)} frames") as caught:
        read_poses(tmp_path / "set.csv", fps=30)
    assert "by a column person or track" in caught.value.hint


def test_a_lifter_whom_a_tracker_lost_and_found_is_one(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    text = sleap([("track_0", poses), ("track_1", bystander(poses))])
    lost = len(poses.time_s) // 2
    lines = [line for line in text.splitlines() if not line.startswith(f"track_0,{lost},")]
    lines = [
        line.replace("track_0", "track_7") if line.startswith("track_0") and int(line.split(",")[1]) > lost else line
        for line in lines
    ]
    report = check(save(tmp_path / "set.csv", "\n".join(lines)), fps=30)
    assert report.provenance.subject == "track_0 (later track_7)"
    assert "holds 2 people" in " ".join(report.kinematics.quality.warnings)


def test_somebody_who_walks_past_does_not_take_the_lifters_place(
    poses: PoseSequence, check: Check, tmp_path: Path
) -> None:
    lifter, walker = points(poses, COCO), points(bystander(poses, to_the_left=True), COCO)
    walker[:, :, 0] += np.linspace(-300, 1300, len(walker))[:, None]
    frames = [
        {"people": [{"pose_keypoints_2d": flat(each)} for each in ((one, two) if n % 2 else (two, one))]}
        for n, (one, two) in enumerate(zip(lifter, walker, strict=True))
    ]
    check(save(tmp_path / "set.json", json.dumps(frames)), fps=30)


@pytest.mark.parametrize("late", [0, 20])
@pytest.mark.parametrize("to_the_left", [True, False])
def test_people_without_names_are_followed(
    late: int, to_the_left: bool, poses: PoseSequence, check: Check, tmp_path: Path
) -> None:
    lifter, other = points(poses, COCO), points(bystander(poses, to_the_left=to_the_left), COCO)
    chance = random.Random(2)  # noqa: S311
    frames = []
    for number, (one, two) in enumerate(zip(lifter, other, strict=True)):
        there = [two] if number < late else chance.sample([one, two], 2)
        frames.append({"people": [{"person_id": [-1], "pose_keypoints_2d": each.ravel().tolist()} for each in there]})
    report = check(save(tmp_path / "set.json", json.dumps(frames)), fps=30)
    assert report.provenance.subject == ("person 2" if late else report.provenance.subject)


COCO = LAYOUTS[17][1]


def points(poses: PoseSequence, keypoints: Sequence[str]) -> FloatArray:
    """Keypoints of a layout, (T, N, 3): x, y, confidence; the middles where they belong, the rest at the nose."""
    raw = np.concatenate([poses.xy_px, poses.visibility[:, :, None]], axis=2)
    middles = {"hip_centre": (23, 24), "neck": (11, 12), "thorax": (11, 12), "spine": (11, 12, 23, 24), "head": (7, 8)}
    ours = [find_landmark(name) for name in keypoints]
    return np.stack(
        [
            raw[:, each] if each is not None else raw[:, list(middles.get(name, (0,)))].mean(axis=1)
            for name, each in zip(keypoints, ours, strict=True)
        ],
        axis=1,
    )


@pytest.mark.parametrize(
    ("name", "keypoints"),
    [*[LAYOUTS[count] for count in (16, 17, 25, 26)], *RIVALS.values()],
    ids=lambda each: str(each)[:20],
)
def test_layouts_of_as_many_keypoints_are_told_apart(
    name: str, keypoints: tuple[str, ...], poses: PoseSequence, check: Check, tmp_path: Path
) -> None:
    frames = [{"people": [{"pose_keypoints_2d": each.ravel().tolist()}]} for each in points(poses, keypoints)]
    report = check(save(tmp_path / "set.json", json.dumps(frames)), fps=30)
    assert report.provenance.model == f"{name} keypoints (JSON)"


@pytest.mark.parametrize(("name", "keypoints"), [LAYOUTS[25], RIVALS[25]], ids=lambda each: str(each)[:20])
def test_layouts_are_told_apart_by_one_side(
    name: str, keypoints: tuple[str, ...], poses: PoseSequence, check: Check, tmp_path: Path
) -> None:
    hidden = [number for number, each in enumerate(keypoints) if each.startswith("left")]
    all25 = points(poses, keypoints)
    all25[:, hidden] = 0.0
    frames = [{"people": [{"pose_keypoints_2d": flat(each)}]} for each in all25]
    report = check(save(tmp_path / "set.json", json.dumps(frames)), fps=30)
    assert report.provenance.model == f"{name} keypoints (JSON)"


def spots(each: FloatArray, trust: str = "visibility") -> list[dict[str, float]]:
    return [{"x": float(x), "y": float(y), trust: float(seen)} for x, y, seen in each]


def flat(each: FloatArray) -> list[float]:
    return [float(value) for value in each.ravel()]


def named(each: FloatArray, key: str, trust: str) -> list[dict[str, Any]]:
    records = [{key: name, **spot} for name, spot in zip(COCO, spots(each, trust), strict=True)]
    return random.Random(3).sample(records, len(records))  # noqa: S311


JSON_KINDS: dict[str, Callable[[FloatArray, FloatArray], Any]] = {
    # MediaPipe, however a script dumps it
    "mediapipe_lists": lambda all33, _: [spots(each) for each in all33],
    "mediapipe_by_frame": lambda all33, _: {str(number): spots(each) for number, each in enumerate(all33)},
    "mediapipe_results": lambda all33, _: [
        {"frame": n, "pose_landmarks": [spots(each)]} for n, each in enumerate(all33)
    ],
    "mediapipe_web": lambda all33, _: [{"poseLandmarks": spots(each)} for each in all33],
    "mediapipe_protobuf": lambda all33, _: [
        {"frame_number": n, "pose_landmarks": {"landmark": spots(each)}} for n, each in enumerate(all33)
    ],
    "mediapipe_nested": lambda all33, _: [{"i": n, "pose": {"landmarks": spots(each)}} for n, each in enumerate(all33)],
    "landmark_id": lambda all33, _: [
        {"frame": n, "landmarks": [{"landmark_id": at, **spot} for at, spot in enumerate(spots(each))][::-1]}
        for n, each in enumerate(all33)
    ],
    "by_name": lambda all33, _: [
        {"frame": n, "landmarks": dict(zip(NAMES, spots(each), strict=True))} for n, each in enumerate(all33)
    ],
    "flat_33": lambda all33, _: [flat(each) for each in all33],
    "ids": lambda all33, _: [
        {"frame": n, "landmarks": [{"id": at, **spot} for at, spot in enumerate(spots(each))][::-1]}
        for n, each in enumerate(all33)
    ],
    # COCO's keypoints
    "posenet": lambda _, coco: [
        {
            "frame": n,
            "keypoints": [
                {"part": name, "position": {"x": x, "y": y}, "score": c}
                for name, (x, y, c) in zip(COCO, each.tolist(), strict=True)
            ][::-1],
        }
        for n, each in enumerate(coco)
    ],
    "names_in_any_order": lambda _, coco: [
        {"frame": n, "keypoints": named(each, "name", "score")} for n, each in enumerate(coco)
    ],
    "ultralytics": lambda _, coco: [
        [
            {
                "name": "person",
                "class": 0,
                "confidence": 0.9,
                "box": {"x1": 1, "y1": 2, "x2": 3, "y2": 4},
                "keypoints": {"x": flat(each[:, 0]), "y": flat(each[:, 1]), "visible": flat(each[:, 2])},
            }
        ]
        for each in coco
    ],
    "ultralytics_texts": lambda _, coco: [
        json.dumps([{"name": "person", "keypoints": {"x": flat(each[:, 0]), "y": flat(each[:, 1])}}]) for each in coco
    ],
    "ultralytics_frames": lambda _, coco: {
        "frames": [
            {"frame": n, "results": [{"keypoints": {"x": flat(each[:, 0]), "y": flat(each[:, 1])}}]}
            for n, each in enumerate(coco)
        ]
    },
    "ultralytics_arrays": lambda _, coco: [
        {"frame": n, "keypoints": {"xy": [each[:, :2].tolist()], "conf": [flat(each[:, 2])]}}
        for n, each in enumerate(coco)
    ],
    "ml5": lambda _, coco: [
        [
            {
                "pose": {
                    "score": 0.9,
                    "keypoints": [
                        {"part": name.title().replace("_", ""), "position": {"x": x, "y": y}, "score": c}
                        for name, (x, y, c) in zip(COCO, each.tolist(), strict=True)
                    ],
                },
                "skeleton": [],
            }
        ]
        for each in coco
    ],
    "coco_results": lambda _, coco: [
        {"image_id": n, "category_id": 1, "keypoints": flat(each), "score": 0.9} for n, each in enumerate(coco)
    ],
    "alphapose": lambda _, coco: [
        {"image_id": f"{n}.jpg", "keypoints": flat(each), "score": 3.0, "box": [1, 2, 3, 4], "idx": [1]}
        for n, each in enumerate(coco)
    ],
    "alphapose_cmu": lambda _, coco: {
        f"{n}.jpg": {"version": "AlphaPose v0.3", "bodies": [{"joints": flat(each)}]} for n, each in enumerate(coco)
    },
    "mmpose": lambda _, coco: {
        "meta_info": {"dataset_name": "coco", "keypoint_id2name": dict(enumerate(COCO))},
        "instance_info": [
            {
                "frame_id": n + 1,
                "instances": [
                    {
                        "keypoints": each[:, :2].tolist(),
                        "keypoint_scores": flat(each[:, 2]),
                        "bbox": [[1, 2, 3, 4]],
                        "bbox_score": 0.9,
                    }
                ],
            }
            for n, each in enumerate(coco)
        ],
    },
    "mmpose_names_say_otherwise": lambda _, coco: {
        "meta_info": {"keypoint_id2name": {str(n): name for n, name in enumerate(COCO[::-1])}},
        "instance_info": [
            {"frame_id": n + 1, "instances": [{"keypoints": each[::-1, :2].tolist()}]} for n, each in enumerate(coco)
        ],
    },
    "pairs": lambda _, coco: [{"frame": n, "keypoints": flat(each[:, :2])} for n, each in enumerate(coco)],
    "openpose": lambda _, coco: [
        {"people": [{"person_id": [-1], "pose_keypoints_2d": flat(each), "face_keypoints_2d": []}]} for each in coco
    ],
    "coco_annotations": lambda _, coco: {
        "info": {},
        "images": [
            {"id": 900 - n, "file_name": f"{n:06d}.jpg", "width": 1280, "height": 720} for n in range(len(coco))
        ],
        "annotations": [
            {
                "id": n,
                "image_id": 900 - n,
                "keypoints": flat(np.where([False, False, True], 2.0, each)),
                "num_keypoints": 17,
            }
            for n, each in enumerate(coco)
        ],
        "categories": [{"id": 1, "name": "person", "keypoints": list(COCO)}],
    },
}


@pytest.mark.parametrize("kind", JSON_KINDS)
def test_json(kind: str, poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    content = JSON_KINDS[kind](points(poses, NAMES), points(poses, COCO))
    check(save(tmp_path / "set.json", json.dumps(content)), fps=30)


def test_json_by_lines_and_as_tables(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    lines = [json.dumps({"frame": n, "landmarks": spots(each)}) for n, each in enumerate(points(poses, NAMES))]
    check(save(tmp_path / "set.jsonl", "\n".join(lines)), fps=30)
    wide = pd.read_csv(io.StringIO(table(poses)))
    for orient in ("records", "columns", "split"):
        check(save(tmp_path / f"{orient}.json", wide.to_json(orient=orient)))
    check(save(tmp_path / "long.json", long_rows(poses).to_json(orient="records")), fps=30)


def test_json_that_says_its_rate_and_size(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    each_of = points(replace(poses, xy_px=poses.xy_px / SIZE_PX), NAMES)
    content = {"fps": 30.0, "width": 1280, "height": 720, "frames": [{"landmarks": spots(each)} for each in each_of]}
    check(save(tmp_path / "set.json", json.dumps(content)))


def test_fractions_with_a_depth_beside_them(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    each_of = points(replace(poses, xy_px=poses.xy_px / SIZE_PX), NAMES)
    lists = [[[x, y, -0.1, seen] for x, y, seen in each.tolist()] for each in each_of]
    check(save(tmp_path / "lists.json", json.dumps(lists)), fps=30, size_px=SIZE_PX)
    check(
        save(tmp_path / "flat.json", json.dumps(np.reshape(lists, (len(lists), -1)).tolist())), fps=30, size_px=SIZE_PX
    )


def test_world_landmarks_alone_in_json(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    world_m = np.concatenate([poses.xy_px / 300.0, poses.world_m[:, :, [2]]], axis=2)
    world_m -= world_m[:, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=1, keepdims=True)
    frames = [
        {"frame": n, "world_landmarks": [dict(zip("xyz", spot, strict=True)) for spot in each]}
        for n, each in enumerate(world_m.tolist())
    ]
    check(save(tmp_path / "set.json", json.dumps(frames)), fps=30)


@pytest.mark.parametrize("ending", [[], [0.9], [0.9, 4.0]])
def test_a_folder_of_ultralytics_labels(ending: list[float], poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    folder = tmp_path / "labels"
    folder.mkdir()
    for number, each in enumerate(points(replace(poses, xy_px=poses.xy_px / SIZE_PX), COCO)):
        words = [0, 0.5, 0.5, 0.2, 0.9, *each.ravel().tolist(), *ending]
        (folder / f"set_{number}.txt").write_text(" ".join(f"{word:.6g}" for word in words) + "\n")
    assert holds_landmarks(folder)
    check(folder, fps=30, size_px=SIZE_PX)
    with pytest.raises(SettingsError, match="fractions of the picture"):
        read_poses(folder, fps=30)
    (folder / "notes.txt").write_text("nothing")
    assert not holds_landmarks(folder)


def test_records_left_out_of_coco_results(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    every = JSON_KINDS["alphapose"](np.empty(0), points(poses, COCO))
    check(save(tmp_path / "half.json", json.dumps(every[::2][::-1])), fps=30, slack=1.5)
    gone = [each for number, each in enumerate(every) if number % 5]
    check(save(tmp_path / "gone.json", json.dumps(gone)), fps=30)


def test_deeplabcut_of_several_animals(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    names = [name for name in COCO if "eye" not in name and "ear" not in name]
    columns, values = [("scorer", "individuals", "bodyparts", "coords")], []
    for animal, who in (("one", bystander(poses)), ("two", poses)):
        for name, each in zip(names, points(who, names).swapaxes(0, 1), strict=True):
            columns += [("net", animal, name, axis) for axis in ("x", "y", "likelihood")]
            values += list(each.T)
    columns += [("net", "single", "plate", axis) for axis in ("x", "y", "likelihood")]
    values += [np.full(len(poses.time_s), 5.0)] * 3
    rows = [[str(number), *(f"{value:.2f}" for value in row)] for number, row in enumerate(np.array(values).T)]
    head = [list(level) for level in zip(*columns, strict=True)]
    path = save(tmp_path / "set.csv", "\n".join(",".join(row) for row in [*head, *rows]))
    assert check(path, fps=30).provenance.subject == "two"


def test_sleaps_analysis_file(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    people = [points(bystander(poses), COCO), points(poses, COCO)]
    with h5py.File(tmp_path / "set.h5", "w") as file:
        file["tracks"] = np.stack([each[:, :, :2].transpose(2, 1, 0) for each in people])
        file["point_scores"] = np.stack([each[:, :, 2].T for each in people])
        file["node_names"] = np.array([name.encode() for name in COCO])
        file["track_names"] = np.array([b"other", b"lifter"])
    assert check(tmp_path / "set.h5", fps=30).provenance.subject == "lifter"


def test_two_columns_for_one_landmark_are_named(poses: PoseSequence, tmp_path: Path) -> None:
    text = table(
        poses,
        name=lambda each, axis: (
            f"{each.name.lower().replace('left_', '').replace('right_', '')}{1 + ('LEFT' in each.name)}_{axis}"
        ),
    )
    with pytest.raises(
        InputError, match=r"two keypoints for one landmark: \w+[12]_x and \w+[12]_x both mean right"
    ) as caught:
        read_poses(save(tmp_path / "set.csv", text))
    assert "rename them to left_" in caught.value.hint
    text = table(poses).replace("left_hip_x", "right_hip_x", 1)
    with pytest.raises(InputError, match=r"two columns for one landmark: right_hip_x and right_hip_x"):
        read_poses(save(tmp_path / "set.csv", text))


def test_a_joint_without_a_side_is_the_middle_where_others_have_one() -> None:
    from formcheck.io.load.names import assign_landmarks

    where = Path("a.trc")
    assert assign_landmarks(["Hip", "RHip", "LHip"], "right", where) == {
        "RHip": Landmark.RIGHT_HIP,
        "LHip": Landmark.LEFT_HIP,
    }
    assert assign_landmarks(["hip"], "left", where) == {"hip": Landmark.LEFT_HIP}
    opencap = ["RHip", "RHJC_study", "r_knee_study", "r_mknee_study", "r_calc_study", "r_toe_study", "RBigToe"]
    assert assign_landmarks(opencap, "right", where) == {
        "RHip": Landmark.RIGHT_HIP,
        "r_knee_study": Landmark.RIGHT_KNEE,
        "r_calc_study": Landmark.RIGHT_HEEL,
        "RBigToe": Landmark.RIGHT_FOOT_INDEX,
    }


MARKERS = {
    "RHip": Landmark.RIGHT_HIP,
    "LHip": Landmark.LEFT_HIP,
    "RKnee": Landmark.RIGHT_KNEE,
    "LKnee": Landmark.LEFT_KNEE,
    "RAnkle": Landmark.RIGHT_ANKLE,
    "LAnkle": Landmark.LEFT_ANKLE,
    "RHeel": Landmark.RIGHT_HEEL,
    "LHeel": Landmark.LEFT_HEEL,
    "RBigToe": Landmark.RIGHT_FOOT_INDEX,
    "LBigToe": Landmark.LEFT_FOOT_INDEX,
    "RShoulder": Landmark.RIGHT_SHOULDER,
    "LShoulder": Landmark.LEFT_SHOULDER,
    "Nose": Landmark.NOSE,
}


def in_space(poses: PoseSequence) -> FloatArray:
    """Markers (T, N, 3) in metres, X forward, Y up, Z to the lifter's right."""
    spots = poses.xy_px[:, list(MARKERS.values())]
    side = np.array([0.0 if name == "Nose" else 0.15 if name[0] == "R" else -0.15 for name in MARKERS])
    x, y = (spots[:, :, 0] - 640) / 300, (700 - spots[:, :, 1]) / 300
    return np.stack([x, y, np.broadcast_to(side, x.shape)], axis=2)


def trc(poses: PoseSequence, spots: FloatArray, unit: str = "m", mark: str = "\t", between: str = "\t") -> str:
    lines = [
        "PathFileType\t4\t(X/Y/Z)\ta.trc",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        between.join(["30", "30", str(len(spots)), str(len(MARKERS)), unit, "30", "1", str(len(spots))]),
        "\t".join(["Frame#", "Time", *(f"{name}\t\t" for name in MARKERS)]),
        "\t".join(["", "", *(f"{axis}{n + 1}" for n in range(len(MARKERS)) for axis in "XYZ")]),
        "",
    ]
    for number, row in enumerate(spots.reshape(len(spots), -1)):
        lines.append(mark.join([str(number + 1), f"{poses.time_s[number]:.5f}", *(f"{value:.5f}" for value in row)]))
    return "\n".join(lines)


def turned(spots: FloatArray, how: str) -> FloatArray:
    x, y, z = np.moveaxis(spots, -1, 0)
    axes = {
        "y_up": (x, y, z),
        "z_up": (x, -z, y),
        "z_up_facing_y": (z, x, y),
        "y_down": (x, -y, -z),
        "z_down": (x, z, -y),
        "facing_z": (-z, y, x),
        "x_up": (y, -x, z),
        "x_up_facing_z": (y, z, x),
        "x_down": (-y, x, z),
    }
    return np.stack(axes[how], axis=-1)


@pytest.mark.parametrize(
    ("how", "unit", "scale"),
    [
        ("y_up", "m", 1.0),
        ("z_up", "mm", 1000.0),
        ("z_up_facing_y", "m", 1.0),
        ("y_down", "cm", 100.0),
        ("z_down", "mm", 1000.0),
        ("facing_z", "m", 1.0),
        ("x_up", "mm", 1000.0),
        ("x_up_facing_z", "m", 1.0),
        ("x_down", "m", 1.0),
        ("z_up", "m", 1000.0),  # millimetres, whatever the header says
        ("y_up", "furlong", 100.0),
    ],
)
def test_trc_in_space(how: str, unit: str, scale: float, poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    path = save(tmp_path / "set.trc", trc(poses, scale * turned(in_space(poses), how), unit))
    report = check(path)
    assert report.kinematics.view.verdict == "green"
    assert report.poses is not None
    shank_m = report.poses.world_m[:, Landmark.RIGHT_KNEE] - report.poses.world_m[:, Landmark.RIGHT_ANKLE]
    assert np.linalg.norm(shank_m, axis=1) == pytest.approx(0.42, abs=0.005)
    told = [words for words in report.kinematics.quality.warnings if "the unit of its markers" in words]
    doubted = {("m", 1000.0): ["'m'", "read in mm"], ("furlong", 100.0): ["'furlong'", "read in cm"]}.get((unit, scale))
    assert len(told) == (doubted is not None)
    assert all(part in told[0] for part in doubted or [])


BODIES: dict[str, Callable[[], PoseSequence]] = {
    "standing": lambda: rdl_set(1, facing="right", near="right")[0],
    "kneeling": lambda: nordic_set(1)[0],
    "on the glute-ham raise": lambda: ghr_set(1)[0],
    "sitting": lambda: curl_set(1, seated=True)[0],
    "lying": lambda: curl_set(1)[0],
}


def metre_table(
    poses: PoseSequence, spots: FloatArray, axes: str, ending: str = "", named: Sequence[str] = tuple(MARKERS)
) -> str:
    """Spots (T, N, 3) in metres as a row per frame, y up as a laboratory has it."""
    head = ["time", *(f"{name}_{axis}{ending}" for name in named for axis in axes)]
    chosen = spots[:, :, ["xyz".index(axis) for axis in axes]].reshape(len(spots), -1)
    rows = [
        ",".join([f"{time_s:.5f}", *(f"{value:.5f}" for value in row)])
        for time_s, row in zip(poses.time_s, chosen, strict=True)
    ]
    return "\n".join([",".join(head), *rows])


@pytest.mark.parametrize("size_px", [None, (1920, 1080)])
@pytest.mark.parametrize("away", [(0.0, 0.0, 0.0), (0.0, -0.1, 0.0), (4.0, 0.2, 0.0)])
def test_flat_metres_without_a_unit_are_metres(
    away: tuple[float, float, float],
    size_px: tuple[int, int] | None,
    poses: PoseSequence,
    check: Check,
    tmp_path: Path,
) -> None:
    path = save(tmp_path / "set.csv", metre_table(poses, in_space(poses) + away, "xy"))
    report = check(path, size_px=size_px)
    assert report.kinematics.view.facing == "right"
    assert any("read as metres" in words for words in report.kinematics.quality.warnings)


@pytest.mark.parametrize("ending", ["", "_m"])
@pytest.mark.parametrize("how", ["y_up", "z_up", "z_up_facing_y", "facing_z"])
def test_metres_in_space_without_a_unit_are_markers(
    how: str, ending: str, poses: PoseSequence, check: Check, tmp_path: Path
) -> None:
    text = metre_table(poses, turned(in_space(poses), how) + np.ones(3), "xyz", ending)
    report = check(save(tmp_path / "set.csv", text))
    assert report.kinematics.view.verdict == "green"
    told = any("read as metres in space" in words for words in report.kinematics.quality.warnings)
    assert told == (not ending)


@pytest.mark.parametrize(("ending", "scale"), [("", 1.0), ("_m", 1.0), ("_mm", 1000.0)])
@pytest.mark.parametrize("lift", ["nordic", "ghr"])
def test_flat_metres_of_a_body_that_kneels_are_upright(lift: str, ending: str, scale: float, tmp_path: Path) -> None:
    poses, truth = {"nordic": nordic_set, "ghr": ghr_set}[lift](2)[:2]
    flat = poses.xy_px[:, list(MARKERS.values())] * 0.85 / leg_length(poses.xy_px) * (1.0, -1.0)
    spots = scale * np.concatenate([flat, flat[:, :, :1]], axis=2)
    path = save(tmp_path / "set.csv", metre_table(poses, spots, "xy", ending))
    report = analyze_landmarks(path, Settings(lift=lift, side_view="right"))
    assert len(report.reps) == 2
    for channel in ("trunk_deg", "knee_flexion_deg"):
        assert np.nanmax(report.kinematics[channel]) == pytest.approx(np.max(truth[channel]), abs=1.5), channel
    assert report.kinematics.view.verdict == "amber"


def test_metres_that_may_be_fractions_are_asked_for(tmp_path: Path) -> None:
    poses = BODIES["sitting"]()
    named = [name for name in MARKERS if "Toe" not in name and "Heel" not in name and name != "Nose"]
    flat = poses.xy_px[:, [MARKERS[name] for name in named]] / 350.0 * (1.0, -1.0)
    spots = np.concatenate([flat - flat.min(axis=(0, 1)), np.zeros((*flat.shape[:2], 1))], axis=2)
    path = save(tmp_path / "set.csv", metre_table(poses, spots, "xy", named=named))
    with pytest.raises(SettingsError, match="in metres or as fractions of the picture") as caught:
        read_poses(path)
    assert "left_hip_x_m" in caught.value.hint
    assert "--size 1920x1080" in caught.value.hint
    _, read = read_poses(save(path, metre_table(poses, spots, "xy", "_m", named)))
    shins = [each[:, Landmark.RIGHT_ANKLE] - each[:, Landmark.RIGHT_KNEE] for each in (read.xy_px, poses.xy_px)]
    np.testing.assert_allclose(shins[0] / 1000, shins[1] / 350, atol=1e-4)


PICTURES = {"16:9": (16, 9), "9:16": (9, 16), "4:3": (4, 3), "3:4": (3, 4), "1:1": (1, 1)}


@pytest.mark.parametrize("body", BODIES)
def test_metres_and_fractions_are_told_apart(body: str) -> None:
    xy = BODIES[body]().xy_px
    metres = 0.85 / leg_length(xy) * xy  # of leg
    assert measures_metres(metres) is True
    assert measures_metres(np.concatenate([metres, np.zeros((*xy.shape[:2], 1))], axis=2)) is True
    assert measures_metres(1000 * metres) is False
    low, high = np.nanmin(xy, axis=(0, 1)), np.nanmax(xy, axis=(0, 1))
    for name, sides in PICTURES.items():  # filled by the body as far as it goes
        found = measures_metres((xy - low) / np.max((high - low) / sides) / sides)
        assert found in ((False, None) if name == "1:1" else (False,)), name


def test_fractions_that_say_so_are_no_metres(poses: PoseSequence, tmp_path: Path) -> None:
    path = save(tmp_path / "set.csv", metre_table(poses, in_space(poses), "xy", "_norm"))
    with pytest.raises(SettingsError, match="as fractions of the picture, but not the picture's size"):
        read_poses(path)


def test_a_picture_that_is_turned_over_is_told(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    over = table(replace(poses, xy_px=poses.xy_px * (1.0, -1.0) + (0.0, 720.0)))
    told = [check(save(tmp_path / "set.csv", each)).kinematics.quality.warnings for each in (over, table(poses))]
    assert [any("y counts upwards" in words for words in each) for each in told] == [True, False]


@pytest.mark.parametrize("marks", [("\t", "\t\t"), ("\t\t", "\t"), (" ", "\t"), ("\t", "  ")])
def test_trc_with_other_spaces(marks: tuple[str, str], poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    check(save(tmp_path / "set.trc", trc(poses, in_space(poses), mark=marks[0], between=marks[1])))


@pytest.mark.parametrize("unit", ["px", "pixels"])
def test_trc_in_pixels_with_a_guess_of_depth_is_a_picture(
    unit: str, poses: PoseSequence, check: Check, tmp_path: Path
) -> None:
    spots = in_space(poses) * (300.0, -300.0, 40.0) + (600.0, 650.0, 0.0)
    report = check(save(tmp_path / "set.trc", trc(poses, spots, unit)))
    assert report.kinematics.view.verdict == "amber"


def test_trc_with_times_in_milliseconds(poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    late = replace(poses, time_s=1000 * poses.time_s)
    check(save(tmp_path / "set.trc", trc(late, in_space(poses))))


@pytest.mark.parametrize(
    "how", ["y_up", "facing_z", "z_up", "z_up_facing_y", "x_up", "x_up_facing_z", "x_down", "y_down", "z_down"]
)
@pytest.mark.parametrize("body", BODIES)
def test_up_is_what_the_body_says(body: str, how: str) -> None:
    poses = BODIES[body]()
    x, y = np.moveaxis(poses.xy_px * (1.0, -1.0), -1, 0)
    side = np.array([30.0 if each.name.startswith("RIGHT") else -30.0 for each in Landmark])
    upright = np.stack([x, y, np.broadcast_to(side, x.shape)], axis=2)
    found = turn_upright(turned(upright, how))
    assert np.nanmax(np.abs(found[:, :, 1] - upright[:, :, 1])) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("how", ["z_up", "z_up_facing_y", "facing_z", "x_up", "x_up_facing_z"])
def test_flat_trc_in_another_plane(how: str, poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    spots = turned(in_space(poses) * (1.0, 1.0, 0.0), how)
    assert check(save(tmp_path / "set.trc", trc(poses, spots))).kinematics.view.verdict == "amber"


@pytest.mark.parametrize("kind", ["metres", "pixels", "pixels_up"])
def test_flat_trc_is_a_picture(kind: str, poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    spots = in_space(poses) * (1.0, 1.0, 0.0)
    if kind != "metres":
        spots = np.concatenate([poses.xy_px[:, list(MARKERS.values())], np.zeros((*spots.shape[:2], 1))], axis=2)
        spots *= (1.0, 1.0 if kind == "pixels" else -1.0, 1.0)
    path = save(tmp_path / "set.trc", trc(poses, spots))
    report = check(path)
    assert (report.kinematics.view.verdict, report.kinematics.view.facing) == ("amber", "right")
    unsaid = analyze_landmarks(path, replace(RDL, side_view=None))
    assert "set the side view" in str(unsaid.kinematics.view.reason)


@pytest.mark.parametrize("how", ["y_up", "z_up", "x_up"])
def test_c3d_of_another_program(how: str, poses: PoseSequence, check: Check, tmp_path: Path) -> None:
    file = ezc3d.c3d()
    spots = 1000.0 * turned(in_space(poses), how)
    spots[50, 2] = np.nan  # not seen in one frame
    points_of = file["parameters"]["POINT"]
    points_of["RATE"]["value"], points_of["UNITS"]["value"] = [30.0], ["mm"]
    points_of["LABELS"]["value"] = [f"Anna:{name}" for name in MARKERS]
    file["data"]["points"] = np.concatenate([spots.transpose(2, 1, 0), np.ones((1, len(MARKERS), len(spots)))])
    file.write(str(tmp_path / "set.c3d"))
    report = check(tmp_path / "set.c3d")
    assert report.provenance.model == "C3D"
    assert report.source.fps == pytest.approx(30.0, abs=1e-3)


def test_our_own_c3d_comes_back(poses: PoseSequence, tmp_path: Path) -> None:
    own, _ = rdl_set(2, eccentric_s=1.8)
    markers = place_markers(own, judge_view(own))
    path = save(tmp_path / "set.c3d", write_c3d(markers))
    report = analyze_landmarks(path, RDL)
    assert [rep.eccentric_s for rep in report.reps] == pytest.approx([1.8, 1.8], abs=0.04)
    assert isinstance(markers, Markers)
    _, read = read_poses(path)
    knee_m = (read.world_m[:, Landmark.RIGHT_KNEE] - read.world_m[:, Landmark.RIGHT_HIP])[:, 1]
    ours_m = (markers.xyz_m[:, Landmark.RIGHT_HIP] - markers.xyz_m[:, Landmark.RIGHT_KNEE])[:, 1]
    np.testing.assert_allclose(knee_m, ours_m, atol=1e-3)


@pytest.mark.parametrize("facing", ["left", "right"])
def test_a_word_against_the_picture_is_refused(facing: Side, tmp_path: Path) -> None:
    poses, _ = rdl_set(2, facing=facing)
    other: Side = "left" if facing == "right" else "right"
    check_word(poses, FEET, facing)
    check_word(poses, FEET, None)
    with pytest.raises(
        SettingsError, match=f"--side-view {other} cannot be true: the feet show .* to the {facing}"
    ) as caught:
        check_word(poses, FEET, other)
    assert caught.value.hint == f"Leave out --side-view, or give --side-view {facing}."
    face = replace(poses, xy_px=np.where(np.arange(33)[:, None] < 29, poses.xy_px, np.nan))
    with pytest.raises(SettingsError, match="the face show"):
        check_word(face, FEET, other)
    blind = replace(face, xy_px=np.where(np.arange(33)[:, None] > 10, face.xy_px, np.nan))
    check_word(blind, FEET, other)  # nothing shows where the lifter looks


def test_a_mirrored_picture_whose_sides_are_known_may_say_its_side() -> None:
    poses, _ = rdl_set(2, facing="right", near="left")
    check_word(poses, FEET, "left")
    with pytest.raises(SettingsError):
        check_word(replace(poses, visibility=np.ones_like(poses.visibility)), FEET, "left")


def test_a_video_with_a_word_against_it_is_refused(sample_clip: Path) -> None:
    asked = Settings(lift="rdl", model="lite", end_s=8.0)  # as FIRST_REP: from the cache
    seen = analyze(sample_clip, asked).kinematics.view.facing
    with pytest.raises(SettingsError, match=f"the feet show that the lifter looks to the {seen}"):
        analyze(sample_clip, replace(asked, side_view="left" if seen == "right" else "right"))


def test_the_command_takes_a_file_of_landmarks_for_one(
    poses: PoseSequence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = (save(tmp_path / f"{name}.csv", table(poses)) for name in "ab")
    broken = save(tmp_path / "c.csv", "a,b\n1,2\n")

    def run(*arguments: Any) -> tuple[int, str, str]:
        monkeypatch.setattr(
            "sys.argv", ["formcheck", "analyze", "--lift", "rdl", "--side-view", "right", *map(str, arguments)]
        )
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, *capsys.readouterr()

    code, out, err = run(first, "--model", "lite", "--no-cache", "--no-html")
    assert (code, err.split("\n")[0]) == (
        0,
        "--model, --no-cache do nothing here: a file of landmarks has no pictures to look at.",
    )
    assert out.startswith("a.csv: Romanian deadlift, 2 reps in ")
    code, out, err = run(first, broken, second)
    assert (code, out.count("Romanian deadlift, 2 reps")) == (1, 2)
    assert "names no landmark that formcheck knows: its headings are a, b" in err
    code, _, err = run(first, "b.mp4")
    assert code == 2
    assert "Give videos, or files of landmarks, not both." in err


@pytest.mark.parametrize(
    ("name", "yes"),
    [
        ("a.csv", True),
        ("a.TRC", True),
        ("a.json.gz", True),
        ("a.b.c3d", True),
        ("a.mp4", False),
        ("a", False),
        ("a.gz", False),
    ],
)
def test_names_of_files_of_landmarks(name: str, yes: bool) -> None:
    assert holds_landmarks(Path(name)) is yes


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PAR1\x00\x00", "is a Parquet file"),
        (b"\x93NUMPY\x01\x00", "is a NumPy array"),
        (b"\x80\x04\x95", "is a Python pickle"),
        (b"\x00\x00\x00\x20ftypisom\x00", "is a video, not a file of landmarks"),
        (b"\x1f\x8b\x08junk", "is packed and cannot be unpacked"),
        (b"PK\x03\x04junk", "is packed and cannot be unpacked"),
        (b"0,502.0,32.6\n1,502.1,32.5\n", "has no headings: its first row is 0, 502.0, 32.6"),
        (
            b"frame,x0,y0,x1,y1\n0,1,2,3,4\n1,1,2,3,4\n",
            "numbers its landmarks 0 to 1, 2 in all, and does not name them",
        ),
        (b'{"a": 1, "b": [1, 2], "c": {"d": 5}}', "holds no person"),
        (b'[{"keypoints": [[1, 2], [3, 4], [5, 6]]}]', "holds 3 keypoints a person, without names"),
        (
            b"frame,track,x,y\n0,a,1,2\n1,a,1,2\n",
            "names no landmark that formcheck knows: its headings are frame, track, x, y",
        ),
        (b"a" * 70 + b"\x00", "it is not text"),
    ],
)
def test_what_is_refused_is_named(content: bytes, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(FormcheckError) as caught:
        read_poses(save(tmp_path / "set.csv", content), fps=30)
    assert sentence in caught.value.message
    assert caught.value.hint


def test_bombs_stay_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("formcheck.io.load.tracks.MAX_TRACK_BYTES", 1_000_000)
    monkeypatch.setattr("formcheck.io.load.tracks.MAX_VALUES", 100_000)
    assert MAX_TRACK_BYTES > 1_000_000
    bomb = gzip.compress(b"0" * 5_000_000)
    with pytest.raises(InputError, match="is larger than 1 MB"):
        read_poses(save(tmp_path / "bomb.csv.gz", bomb))
    for content in (b"a," * 400_000, b"[" + b"[]," * 200_000 + b"[]]", b"a;b\n" + b"1;" * 400_000):
        with pytest.raises(InputError, match="million values"):
            read_poses(save(tmp_path / "wide", content))
    with pytest.raises(InputError, match="has 20001 columns"):
        read_poses(save(tmp_path / "wide.csv", "left_hip_x," * 20_000 + "y\n" + "1," * 20_000 + "1\n"))


def kinds_for_mutation(poses: PoseSequence) -> dict[str, bytes]:
    """One small file of each kind, 30 frames."""
    few = replace(poses, time_s=poses.time_s[:30], xy_px=poses.xy_px[:30], visibility=poses.visibility[:30])
    files = {"wide.csv": table(few).encode(), "long.csv": long_rows(few).head(700).to_csv().encode()}
    files["sleap.csv"] = sleap([("a", few), ("b", bystander(few))]).encode()
    files["packed.gz"] = gzip.compress(files["wide.csv"])
    files["utf16.csv"] = table(few, mark=";", cell=comma).encode("utf-16")
    files["set.trc"] = trc(few, in_space(few)).encode()
    own, _ = rdl_set(1)
    markers = place_markers(own, judge_view(own))
    files["set.c3d"] = write_c3d(replace(markers, xyz_m=markers.xyz_m[:30], time_s=markers.time_s[:30]))
    for name in ("mediapipe_lists", "by_name", "ultralytics", "coco_annotations", "mmpose", "alphapose_cmu", "posenet"):
        files[f"{name}.json"] = json.dumps(JSON_KINDS[name](points(few, NAMES), points(few, COCO))).encode()
    return files


def mutate(raw: bytes, chance: random.Random) -> bytes:
    """Change bytes, cut, repeat or join parts: as a bad disk, a broken download or a stranger does."""
    content = bytearray(raw)
    for _ in range(chance.choice((1, 3, 20))):
        at, to = sorted(chance.randrange(len(content) + 1) for _ in range(2))
        match chance.randrange(6):
            case 0:
                content[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del content[at : at + chance.randrange(1, 60)]
            case 2:
                content[at:at] = chance.choice(
                    (b",", b"\t", b"[", b"{", b"null", b"1e999", b"\n", b"-", b'"', b"\xff\xfe")
                )
            case 3:
                content[at:at] = content[at : min(to, at + 200)]
            case 4:
                head = min(len(content), 600)
                place = chance.randrange(head) if head else 0
                content[place : place + 1] = bytes([chance.randrange(256)])
            case _:
                if chance.random() < 0.2:
                    del content[to:]
    return bytes(content)


def test_no_bytes_end_in_a_traceback(poses: PoseSequence, tmp_path: Path) -> None:
    chance = random.Random(20)  # noqa: S311
    read = 0
    for name, raw in kinds_for_mutation(poses).items():
        for _ in range(25):
            path = save(tmp_path / name, mutate(raw, chance))
            with suppress(FormcheckError):
                read_poses(path, fps=30.0 if chance.random() < 0.5 else None)
                read += 1
    assert read > 20


@pytest.mark.parametrize(
    ("text", "number"),
    [("1.5", 1.5), ("1,5", 1.5), ("1.234,5", 1234.5), ("1,234.5", 1234.5), (" 2 ", 2.0), ("-3e2", -300.0)],
)
def test_numbers(text: str, number: float) -> None:
    assert to_number(text) == number


@pytest.mark.parametrize("text", ["", "x", "None", "1e400", "9" * 400, "1,2,3,", "--1", "0x10", True, None, [1]])
def test_no_numbers(text: Any) -> None:
    assert np.isnan(to_number(text))


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("instance.score", "value"),
        ("velocity_x", "value"),
        ("hip_angle", "other"),
        ("time_s", "time"),
        ("frame_idx", "frame"),
        ("track", "person"),
        ("bodyparts", "name"),
        ("", "frame"),
        ("Unnamed: 0", "frame"),
    ],
)
def test_roles_of_headings(heading: str, role: str) -> None:
    column = read_heading(heading)
    assert column.role == role
    if role == "value":
        assert find_landmark(column.key) is None


# What the files of ../shared/cases/landmarks, which are not in this repository, should give.
SLOW, FINE, LOOSE = 1.84, 0.03, 0.6  # lowering (s), how near it must be, degrees


@pytest.mark.cases
@pytest.mark.parametrize("path", sorted(CASES.glob("0*")), ids=lambda path: path.name)
def test_the_cases(path: Path) -> None:
    if path.name.startswith("05"):
        with pytest.raises(InputError, match="two keypoints for one landmark: ankle1 and ankle2"):
            analyze_landmarks(path, RDL, fps=30)
        return
    timed = path.suffix == ".trc" or "time" in path.name or "semicolon" in path.name
    report = analyze_landmarks(path, RDL, fps=None if timed else 30)
    assert [rep.turn_s for rep in report.reps] == pytest.approx([4.4, 9.6, 14.6], abs=0.08)
    assert [rep.eccentric_s for rep in report.reps] == pytest.approx([SLOW] * 3, abs=FINE)
    peaks = {"trunk_deg": 75.0, "knee_flexion_deg": 20.0, "hip_flexion_deg": 89.0}
    for channel, right in peaks.items():
        assert float(np.nanmax(report.kinematics[channel])) == pytest.approx(right, abs=LOOSE)
    if path.suffix != ".trc" or "flat" in path.name:
        with pytest.raises(SettingsError, match="--side-view left cannot be"):
            analyze_landmarks(path, replace(RDL, side_view="left"), fps=None if timed else 30)
