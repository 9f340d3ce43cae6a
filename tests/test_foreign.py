"""Landmarks made elsewhere: the same motion, written as other programs write it, gives the same numbers; broken files
give a sentence and a next step.
"""

import csv
import io
import json
import math
import pickle
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest

from formcheck.cli.main import main
from formcheck.data import FloatArray, PoseSequence, Report, Source
from formcheck.errors import FormcheckError
from formcheck.io.load import read_poses
from formcheck.io.load.names import LAYOUTS, find_landmark, map_layout
from formcheck.io.save import export_files
from formcheck.lifts import all_lifts
from formcheck.pipeline import analyze_landmarks, judge_set
from formcheck.settings import Settings
from formcheck.skeleton import SIDES, Landmark, Side
from samples.renderer.stick import rdl_set

RDL = Settings(lift="rdl")
SIZE_PX = (1280, 720)


@pytest.fixture(scope="module")
def poses() -> PoseSequence:
    return rdl_set(3, noise_mm=3.0, overrun_deg=16.0)[0]


@pytest.fixture(scope="module")
def own(poses: PoseSequence) -> Report:
    """What formcheck says of the motion when the landmarks come from its own model."""
    source = Source("a.mp4", "", 30.0, len(poses.time_s), float(poses.time_s[-1]), poses.size_px, 0)
    return judge_set(source, replace(poses, back=None), all_lifts()["rdl"], RDL)


def verdicts(report: Report) -> dict[tuple[str, int | None], str]:
    return {(finding.code, finding.rep): finding.verdict for finding in report.findings}


def same_numbers(report: Report, own: Report, tolerance_deg: float = 0.1) -> None:
    """Hold a report to the own one; without feet nobody knows where mid-foot is."""
    expected = verdicts(own)
    if np.isnan(report.kinematics["hand_ahead_leg"]).all():
        expected |= {key: "not_judged" for key in expected if key[0] == "rdl.bar_drift"}
    assert verdicts(report) == expected
    assert [rep.eccentric_s for rep in report.reps] == pytest.approx([rep.eccentric_s for rep in own.reps], abs=0.02)
    for channel in ("trunk_deg", "hip_flexion_deg"):
        np.testing.assert_allclose(report.kinematics[channel], own.kinematics[channel], atol=tolerance_deg)


def points(poses: PoseSequence, layout: int) -> FloatArray:
    """Keypoints of a layout as (T, N, 3): x, y, confidence; what formcheck has no landmark for lies at the nose."""
    found = map_layout(layout)
    assert found is not None
    _, theirs, ours = found
    raw = np.concatenate([poses.xy_px, poses.visibility[:, :, None]], axis=2)
    result = np.repeat(raw[:, [0]], layout, axis=1)
    result[:, theirs] = raw[:, ours]
    return result


def as_openpose(each: FloatArray) -> dict[str, Any]:
    return {"version": 1.3, "people": [{"person_id": [-1], "pose_keypoints_2d": each.round(3).ravel().tolist()}]}


def as_mmpose(each: FloatArray, number: int) -> dict[str, Any]:
    person = {"keypoints": each[:, :2].tolist(), "keypoint_scores": each[:, 2].tolist(), "bbox_score": 0.9}
    return {"frame_id": number, "instances": [person]}


def as_mediapipe(poses: PoseSequence, index: int, *, world: bool) -> dict[str, Any]:
    def records(spots: FloatArray) -> list[dict[str, float]]:
        rows = zip(spots, poses.visibility[index], strict=True)
        return [dict(zip("xyz", map(float, spot), strict=False), visibility=float(seen)) for spot, seen in rows]

    frame = {"timestamp_ms": 1000 * poses.time_s[index], "pose_landmarks": [records(poses.xy_px[index] / SIZE_PX)]}
    return frame | ({"pose_world_landmarks": [records(poses.world_m[index])]} if world else {})


def write(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def export(poses: PoseSequence, own: Report, name: str, tmp_path: Path) -> Path:
    content = export_files([name], poses, own.kinematics)
    file, text = next(iter(content.items()))
    assert isinstance(text, str)
    return write(tmp_path / file, text)


def test_our_own_csv_comes_back(poses: PoseSequence, own: Report, tmp_path: Path) -> None:
    report = analyze_landmarks(export(poses, own, "csv", tmp_path), RDL)
    same_numbers(report, own)
    assert report.kinematics.view == replace(own.kinematics.view, yaw_deg=report.kinematics.view.yaw_deg)
    assert report.kinematics.view.yaw_deg == pytest.approx(own.kinematics.view.yaw_deg, abs=0.01)
    rounding = [finding for finding in report.findings if finding.code == "rdl.rounding"]
    assert {finding.verdict for finding in rounding} == {"not_judged"}
    assert "outline" in str(rounding[0].reason)
    assert report.source.fps == pytest.approx(30.0)
    assert report.provenance.mode == "landmarks from a file"


@pytest.mark.parametrize("facing", SIDES)
def test_a_trc_is_seen_from_the_side(facing: Side, tmp_path: Path) -> None:
    poses, _ = rdl_set(2, facing=facing, near=facing)
    own = judge_set(Source("", "", 30.0, 1, 1.0, SIZE_PX, 0), poses, all_lifts()["rdl"], RDL)
    path = export(poses, own, "trc", tmp_path)
    report = analyze_landmarks(path, replace(RDL, side_view=facing))
    assert report.kinematics.view.verdict == "green"
    assert (report.kinematics.view.side, report.kinematics.view.facing) == (facing, "right")
    np.testing.assert_allclose(report.kinematics["trunk_deg"], own.kinematics["trunk_deg"], atol=0.5)
    np.testing.assert_allclose(report.kinematics["knee_flexion_deg"], own.kinematics["knee_flexion_deg"], atol=1.0)


@pytest.mark.parametrize("heading_deg", [0.0, 90.0, 217.0])
@pytest.mark.parametrize("unit", ["m", "mm"])
def test_a_trc_may_look_anywhere(
    poses: PoseSequence, own: Report, heading_deg: float, unit: str, tmp_path: Path
) -> None:
    from formcheck.io.save.markers import place_markers
    from formcheck.io.save.trc import write_trc

    markers = place_markers(poses, own.kinematics.view)
    sine, cosine = np.sin(np.radians(heading_deg)), np.cos(np.radians(heading_deg))
    turned = markers.xyz_m @ np.array([[cosine, 0, -sine], [0, 1, 0], [sine, 0, cosine]])
    text = write_trc(replace(markers, xyz_m=turned * (1000 if unit == "mm" else 1)), "a.trc")
    path = write(tmp_path / "a.trc", text.replace("\tm\t", f"\t{unit}\t"))
    same_numbers(analyze_landmarks(path, RDL), own, tolerance_deg=1.0)
    _, read = read_poses(path)
    depth_m = read.world_m[:, :, 2] - poses.world_m[:, :, 2]
    np.testing.assert_allclose(depth_m, depth_m[0, 0], atol=0.05)


def test_without_depth_the_side_view_is_the_users_word(poses: PoseSequence, own: Report, tmp_path: Path) -> None:
    path = export(poses, own, "dlc", tmp_path)
    unsaid = analyze_landmarks(path, RDL, fps=30)
    assert unsaid.kinematics.view.verdict == "red"
    judged = {finding.code for finding in unsaid.findings if finding.verdict != "not_judged"}
    assert judged == {"rdl.tempo", "set.consistency"}
    others = judged | {"rdl.level"}  # which asks for another view
    angles = [finding for finding in unsaid.findings if finding.code.startswith("rdl.") and finding.code not in others]
    assert angles
    assert all("set the side view to right if it stood beside you" in (finding.reason or "") for finding in angles)
    said = analyze_landmarks(path, replace(RDL, side_view="right"), fps=30)
    same_numbers(said, own)
    assert (said.kinematics.view.verdict, said.kinematics.view.side) == ("amber", "right")
    assert "rests on your word" in str(said.kinematics.view.reason)
    assert np.isnan(said.kinematics.view.yaw_deg)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_of_keypoints(poses: PoseSequence, own: Report, layout: int, tmp_path: Path) -> None:
    frames = [as_mmpose(each, number) for number, each in enumerate(points(poses, layout))]
    path = write(tmp_path / "set.json", {"meta_info": {}, "instance_info": frames})
    report = analyze_landmarks(path, replace(RDL, side_view="right"), fps=30)
    same_numbers(report, own)
    assert bool(np.isnan(report.kinematics["hand_ahead_leg"]).all()) is (layout in {16, 17, 18})
    assert report.provenance.model == f"{LAYOUTS[layout][0]} keypoints (JSON)"


@pytest.mark.parametrize("facing", SIDES)
def test_without_feet_the_face_tells_where_the_lifter_looks(facing: Side, tmp_path: Path) -> None:
    poses, _ = rdl_set(2, facing=facing)
    frames = [as_mmpose(each, number) for number, each in enumerate(points(poses, 17))]
    path = write(tmp_path / "set.json", frames)
    assert analyze_landmarks(path, RDL, fps=30).kinematics.view.facing == facing
    assert analyze_landmarks(path, replace(RDL, side_view=facing), fps=30).kinematics.view.facing == facing


def test_openpose_writes_a_folder(poses: PoseSequence, own: Report, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    for number, each in enumerate(points(poses, 25)):
        each[3] = 0.0  # not found
        write(folder / f"set_{number:012d}_keypoints.json", as_openpose(each))
    source, read = read_poses(folder, fps=30)
    assert np.isnan(read.xy_px[:, Landmark.RIGHT_ELBOW]).all()
    assert source.n_frames == len(poses.time_s)
    same_numbers(analyze_landmarks(folder, replace(RDL, side_view="right"), fps=30), own)


def test_coco_results_are_sorted_by_picture(poses: PoseSequence, own: Report, tmp_path: Path) -> None:
    raw = points(poses, 17)
    records = [{"image_id": f"{number}.jpg", "keypoints": raw[number].ravel().tolist()} for number in range(len(raw))]
    path = write(tmp_path / "alphapose-results.json", records[::-1])
    same_numbers(analyze_landmarks(path, replace(RDL, side_view="right"), fps=30), own)


def test_the_tallest_is_followed_past_somebody_else(poses: PoseSequence, own: Report, tmp_path: Path) -> None:
    frames = []
    for number, each in enumerate(points(poses, 26)):
        frame = as_mmpose(each, number)
        other = as_mmpose(0.8 * each + (400.0, 100.0, 0.0), number)["instances"]
        frame["instances"] = other + frame["instances"] if number % 2 else frame["instances"] + other
        frames.append(frame)
    path = write(tmp_path / "set.json", frames)
    same_numbers(analyze_landmarks(path, replace(RDL, side_view="right"), fps=30), own)


@pytest.mark.parametrize("world", [True, False])
def test_mediapipe_json_in_fractions(poses: PoseSequence, own: Report, world: bool, tmp_path: Path) -> None:
    frames = [as_mediapipe(poses, index, world=world) for index in range(len(poses.time_s))]
    path = write(tmp_path / "set.json", {"frames": frames})
    settings = RDL if world else replace(RDL, side_view="right")
    same_numbers(analyze_landmarks(path, settings, size_px=SIZE_PX), own)
    with pytest.raises(FormcheckError, match="not the picture's size") as caught:
        analyze_landmarks(path, settings)
    assert caught.value.hint == "Give it in pixels: --size 1920x1080."


def wide(poses: PoseSequence, name: Callable[[Landmark, str], str]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["frame", *(name(each, axis) for each in Landmark for axis in "xyv")])
    raw = np.concatenate([poses.xy_px, poses.visibility[:, :, None]], axis=2)
    writer.writerows([index, *row.ravel()] for index, row in enumerate(raw))
    return text.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        lambda each, axis: f"{each.name.lower()}_{axis.replace('v', 'visibility')}",
        lambda each, axis: f"{each.name}.{axis}",
        lambda each, axis: f"{axis}{int(each)}",
        lambda each, axis: f"{axis}{int(each) + 1}",
    ],
)
def test_a_row_per_frame(
    poses: PoseSequence, own: Report, name: Callable[[Landmark, str], str], tmp_path: Path
) -> None:
    path = write(tmp_path / "set.csv", wide(poses, name))
    same_numbers(analyze_landmarks(path, replace(RDL, side_view="right"), fps=30), own)


def test_with_y_up_the_picture_is_as_large_as_the_body_in_it(poses: PoseSequence, own: Report, tmp_path: Path) -> None:
    turned = replace(poses, xy_px=poses.xy_px * (1.0, -1.0) + (0.0, 1000.0))
    path = write(tmp_path / "set.csv", wide(turned, lambda each, axis: f"{each.name}.{axis}"))
    report = analyze_landmarks(path, replace(RDL, side_view="right"), fps=30)
    same_numbers(report, own)
    low, high = np.nanmin(poses.xy_px, axis=(0, 1)), np.nanmax(poses.xy_px, axis=(0, 1))
    assert report.source.size_px == (math.ceil(high[0]), math.ceil((high - low)[1]))


def dlc_frame(poses: PoseSequence, parts: Mapping[str, Landmark], *, individual: bool) -> pd.DataFrame:
    columns, values = [], []
    for part, ours in parts.items():
        for coordinate, column in zip(
            ("x", "y", "likelihood"), (*poses.xy_px[:, ours].T, poses.visibility[:, ours]), strict=True
        ):
            columns.append(("net", "lifter", part, coordinate) if individual else ("net", part, coordinate))
            values.append(column)
    levels = ["scorer", "individuals", "bodyparts", "coords"] if individual else ["scorer", "bodyparts", "coords"]
    return pd.DataFrame(np.array(values).T, columns=pd.MultiIndex.from_tuples(columns, names=levels))


ONE_SIDE = {
    "shoulder": Landmark.RIGHT_SHOULDER,
    "hip": Landmark.RIGHT_HIP,
    "knee": Landmark.RIGHT_KNEE,
    "ankle": Landmark.RIGHT_ANKLE,
    "heel": Landmark.RIGHT_HEEL,
    "toe": Landmark.RIGHT_FOOT_INDEX,
}


@pytest.mark.parametrize("individual", [True, False])
@pytest.mark.parametrize("kind", ["csv", "h5"])
def test_deeplabcut_with_one_side_labelled(
    poses: PoseSequence, own: Report, individual: bool, kind: str, tmp_path: Path
) -> None:
    frame = dlc_frame(poses, ONE_SIDE, individual=individual)
    path = tmp_path / f"set.{kind}"
    if kind == "csv":
        frame.to_csv(path)
    else:
        frame.to_hdf(path, key="df_with_missing", format="table", mode="w")
    report = analyze_landmarks(path, replace(RDL, side_view="right"), fps=30)
    assert report.provenance.model == "DeepLabCut"
    assert len(report.reps) == len(own.reps)
    assert verdicts(report)["rdl.overrun", 1] == "fault"
    np.testing.assert_allclose(report.kinematics["trunk_deg"], own.kinematics["trunk_deg"], atol=0.1)


def test_of_two_individuals_the_one_who_lifts_is_measured(poses: PoseSequence, own: Report, tmp_path: Path) -> None:
    frame = dlc_frame(poses, ONE_SIDE, individual=True)
    still = pd.concat([frame.iloc[[0]]] * len(frame), ignore_index=True).rename(columns={"lifter": "spotter"}, level=1)
    pd.concat([still + 1.5, frame], axis=1).to_csv(tmp_path / "set.csv")
    report = analyze_landmarks(tmp_path / "set.csv", replace(RDL, side_view="right"), fps=30)
    assert report.provenance.subject == "lifter"
    assert len(report.reps) == len(own.reps)
    (words,) = [each for each in report.kinematics.quality.warnings if "people" in each]
    assert words.startswith("the file holds 2 people (spotter, lifter): lifter, who moves most, was measured")


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path("/tmp/formcheck_was_here").touch, ())  # noqa: S108  # never made: that is the test


@pytest.mark.parametrize(
    "content", [Bomb(), [(1, [("a", Bomb(), "x")])], [(1, [("a", "b")])], [(1, [[["a"] * 9] * 9])], 7]
)
def test_an_h5_file_runs_nothing(content: object, poses: PoseSequence, tmp_path: Path) -> None:
    path = tmp_path / "set.h5"
    frame = dlc_frame(poses, ONE_SIDE, individual=False)
    frame.to_hdf(path, key="df_with_missing", format="table", mode="w")
    with h5py.File(path, "r+") as file:
        file["df_with_missing"].attrs["non_index_axes"] = np.bytes_(pickle.dumps(content, protocol=0))
    with pytest.raises(FormcheckError, match=r"not a DeepLabCut H5 file that formcheck can read") as caught:
        read_poses(path, fps=30)
    assert "CSV" in caught.value.hint
    assert not Path("/tmp/formcheck_was_here").exists()  # noqa: S108


@pytest.mark.parametrize(
    "attribute", [10**18, np.bytes_(b""), np.bytes_(b"I1\nI2\na."), np.bytes_(b"r\xff\xff\xff\xff."), 1.5]
)
def test_an_h5_file_whose_columns_are_none(attribute: object, poses: PoseSequence, tmp_path: Path) -> None:
    path = tmp_path / "set.h5"
    frame = dlc_frame(poses, ONE_SIDE, individual=False)
    frame.to_hdf(path, key="df_with_missing", format="table", mode="w")
    with h5py.File(path, "r+") as file:
        file["df_with_missing"].attrs["non_index_axes"] = attribute
    with pytest.raises(FormcheckError, match=r"not a DeepLabCut H5 file that formcheck can read"):
        read_poses(path, fps=30)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("left_hip", Landmark.LEFT_HIP),
        ("RHip", Landmark.RIGHT_HIP),
        ("Hip (L)", Landmark.LEFT_HIP),
        ("LEFT_FOOT_INDEX", Landmark.LEFT_FOOT_INDEX),
        ("LBigToe", Landmark.LEFT_FOOT_INDEX),
        ("rightHeel", Landmark.RIGHT_HEEL),
        ("r_ankle", Landmark.RIGHT_ANKLE),
        ("elbow_l", Landmark.LEFT_ELBOW),
        ("mouth_right", Landmark.MOUTH_RIGHT),
        ("Nose", Landmark.NOSE),
        ("neck", None),
        ("MidHip", None),
        ("LSmallToe", None),
        ("hip", None),
        ("", None),
    ],
)
def test_names(name: str, expected: Landmark | None) -> None:
    assert find_landmark(name) == expected


def test_every_landmark_has_its_own_name() -> None:
    assert [find_landmark(each.name) for each in Landmark] == list(Landmark)
    assert find_landmark("knee", "left") == Landmark.LEFT_KNEE


DLC_HEAD = "scorer,n,n,n\nbodyparts,hip,hip,hip\ncoords,x,y,likelihood\n"
TRC_HEAD = "PathFileType\t4\t(X/Y/Z)\ta\nDataRate\tUnits\n30\t{unit}\nFrame#\tTime\tLHip\t\t\n\t\tX1\tY1\tZ1\n\n"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "holds no landmarks"),
        (b"\xff\xfe\x00junk", "it is not text"),
        (b"\x89HDF\r\n\x1a\njunk", "not a DeepLabCut H5 file"),
        (b"{", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[]", "holds no list of frames"),
        (b"[1, 2, null]", "holds no person"),
        (b'{"people": []}', "holds no person"),
        (b'{"people": {"a": 1}}', "holds no person"),
        (b'[{"keypoints": [1, 2, 3, 4, 5, 6]}]', "holds 2 keypoints a person"),
        (b'[{"keypoints": [[1e400, "x"], [true, null], {}]}]', "holds 3 keypoints a person"),
        (b'[{"keypoints": [1, 2, 3]}]', "holds 1 keypoint a person"),
        (b'[{"image_id": 7, "keypoints": "x"}]', "holds no person"),
        (b"a,b,c\n1,2,3\n", "names no landmark that formcheck knows: its headings are a, b, c"),
        (b"frame,left_hip_x\n", "holds no landmarks"),
        (b"frame,u,v_w\n1,2,3\n", "names no landmark that formcheck knows"),
        (b"frame,landmark,x,y\nnan,left_hip,1,2\n", "has a row without a number under frame"),
        (b"time_s,landmark,x,y\n1e300,left_hip,1,2\n", "has a row without a number under time_s"),
        (b'frame,landmark,x,y\n1,"left_hip,1,2\n' + b"x" * 200_000, "is not a table"),
        (b"scorer,a\nfoo,b\n", "lacks the header rows of DeepLabCut"),
        (DLC_HEAD.encode(), "Only 0 frames"),
        ((DLC_HEAD + "".join(f"{n},{n},5,1\n" for n in range(40))).encode(), "has no shoulder, no knee, no ankle"),
        ((DLC_HEAD + "".join(f"{n},,,\n" for n in range(40))).encode(), "has no shoulder, no hip, no knee, no ankle"),
        (b"PathFileType\t4\n", "ends before its first frame"),
        (TRC_HEAD.format(unit="furlong").encode(), "does not say which unit"),
        ((TRC_HEAD.format(unit="m") + "1\t0\t1\t2\t3\n").encode(), "has neither both hips nor both shoulders"),
    ],
)
def test_a_broken_file_is_a_sentence_and_a_step(content: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "set.poses"
    path.write_bytes(content)
    with pytest.raises(FormcheckError) as caught:
        analyze_landmarks(path, RDL, fps=30 if b"time_s" not in content and b"PathFile" not in content else None)
    assert sentence in caught.value.message
    assert caught.value.hint


def test_times_must_rise_and_be_near(poses: PoseSequence, own: Report, tmp_path: Path) -> None:
    text = wide(poses, lambda each, axis: f"{each.name.lower()}_{axis}")
    rows = text.splitlines()
    far = [rows[0], *rows[1:-1], rows[-1].replace(rows[-1].split(",")[0], "9999999", 1)]
    path = write(tmp_path / "far.csv", "\n".join(far))
    with pytest.raises(FormcheckError, match="are too far apart"):
        read_poses(path, fps=30)
    trc = export(poses, own, "trc", tmp_path).read_text().splitlines()
    trc[20], trc[21] = trc[21], trc[20]
    with pytest.raises(FormcheckError, match="do not increase from frame to frame"):
        read_poses(write(tmp_path / "back.trc", "\n".join(trc)))


def test_bounds_hold(poses: PoseSequence, own: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = export(poses, own, "dlc", tmp_path)
    monkeypatch.setattr("formcheck.io.load.tracks.MAX_FRAMES", 50)
    with pytest.raises(FormcheckError, match="has over 50 frames"):
        read_poses(path, fps=30)
    monkeypatch.setattr("formcheck.io.load.tracks.MAX_TRACK_BYTES", 50)
    with pytest.raises(FormcheckError, match="is larger than 0 MB"):
        read_poses(path, fps=30)


def test_too_few_frames_a_second(poses: PoseSequence, own: Report, tmp_path: Path) -> None:
    path = export(poses, own, "dlc", tmp_path)
    with pytest.raises(FormcheckError, match=r"has 1 frame a second\."):
        read_poses(path, fps=1.0)
    slow = analyze_landmarks(path, replace(RDL, side_view="right"), fps=5.0)
    assert {finding.verdict for finding in slow.findings} == {"not_judged"}


@pytest.mark.parametrize("fps", [0.0, -30.0, float("nan"), float("inf"), 1e6])
def test_a_rate_that_is_none(poses: PoseSequence, own: Report, fps: float, tmp_path: Path) -> None:
    with pytest.raises(FormcheckError, match="--fps cannot be"):
        read_poses(export(poses, own, "dlc", tmp_path), fps=fps)


def test_times_of_its_own_and_a_stretch(poses: PoseSequence, own: Report, tmp_path: Path) -> None:
    path = export(poses, own, "csv", tmp_path)
    with pytest.raises(FormcheckError, match="has its own times"):
        read_poses(path, fps=30)
    whole, _ = read_poses(path)
    source, part = read_poses(path, start_s=1.0, end_s=3.0)
    assert source.duration_s == pytest.approx(whole.duration_s, abs=0.01), "the file's, as a video's is"
    assert (part.time_s[0], part.time_s[-1]) == pytest.approx((1.0, 3.0), abs=1e-6)
    with pytest.raises(FormcheckError, match="Only 0 frames"):
        read_poses(path, start_s=900.0)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def call(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["formcheck", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return call


Run = Callable[..., tuple[int, str, str]]


def test_the_command_line(poses: PoseSequence, own: Report, run: Run, tmp_path: Path) -> None:
    path = export(poses, own, "dlc", tmp_path)
    code, out, err = run("analyze", "--lift", "rdl", "--poses", path, "--fps", "30", "--side-view", "right")
    folder = tmp_path / "poses_dlc_formcheck"
    assert (code, err) == (0, f"wrote {folder}: angles.csv, reps.csv, report.json\n")
    assert out.startswith("poses_dlc.csv: Romanian deadlift, 3 reps in ")
    report = json.loads((folder / "report.json").read_text())
    assert report["provenance"]["settings"]["side_view"] == "right"
    assert report["view"]["yaw_deg"] is None
    code, out, err = run("analyze", "--lift", "rdl", "--poses", path)
    assert (code, out) == (1, "")
    assert err == f"error: {path} has frames but no times.\n  next: Give the video's rate: --fps 30.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Give a video, or a file of landmarks with --poses."),
        (("a.mp4", "--poses", "b.csv"), "not both"),
        (("a.mp4", "--fps", "30"), "give it with --poses"),
        (("--poses", "b.csv", "--size", "1920"), "--size cannot be 1920"),
        (("--poses", "b.csv", "--size", "0x10"), "--size cannot be 0x10"),
        (("--poses", "b.csv", "--side-view", "front"), "'front' is not one of"),
    ],
)
def test_a_command_that_makes_no_sense(arguments: tuple[str, ...], sentence: str, run: Run) -> None:
    code, out, err = run("analyze", "--lift", "rdl", *arguments)
    assert (code, out) == (2, "")
    assert sentence in err
