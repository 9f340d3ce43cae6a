"""Exported files hold what was measured: read back with OpenSim, ezc3d, pyarrow and pandas, against known motion."""

import io
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import ezc3d
import numpy as np
import opensim
import pandas as pd
import pyarrow.parquet as pq
import pytest

from formcheck.data import FloatArray, Kinematics, PoseSequence
from formcheck.errors import InputError, SettingsError
from formcheck.io.load import read_poses
from formcheck.io.load.names import find_landmark
from formcheck.io.save import FORMATS, choose_formats, choose_naming, export_files
from formcheck.io.save.c3d import write_c3d
from formcheck.io.save.markers import name_markers, place_markers
from formcheck.kinematics.camera_view import judge_view
from formcheck.kinematics.cleaning import repair_tracks
from formcheck.kinematics.joint_angles import measure_kinematics
from formcheck.skeleton import SIDES, Landmark, Side
from samples.renderer.stick import rdl_set

DROPOUT = (3.0, 3.6)


def measure(poses: PoseSequence) -> Kinematics:
    view = judge_view(poses)
    return measure_kinematics(repair_tracks(poses, view.side), view)


@pytest.fixture(scope="module")
def poses() -> PoseSequence:
    return rdl_set(2, noise_mm=3.0, dropouts=(DROPOUT,))[0]


@pytest.fixture(scope="module")
def kinematics(poses: PoseSequence) -> Kinematics:
    return measure(poses)


@pytest.fixture(scope="module", autouse=True)
def no_log_file() -> Iterator[None]:
    """OpenSim writes opensim.log where it is started, unless told otherwise."""
    opensim.Logger.removeFileSink()
    opensim.Logger.setLevelString("Off")
    yield
    opensim.Logger.setLevelString("Info")


@pytest.fixture(scope="module")
def folder(poses: PoseSequence, kinematics: Kinematics, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("exported")
    for name, content in export_files(FORMATS, poses, kinematics).items():
        (target / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return target


def read_trc(path: Path) -> tuple[FloatArray, tuple[str, ...], FloatArray]:
    table = opensim.TimeSeriesTableVec3(str(path))
    assert table.getTableMetaDataString("Units") == "m"
    rows = range(table.getNumRows())
    names = tuple(table.getColumnLabels())
    xyz_m = np.array([[table.getRowAtIndex(row)[column].to_numpy() for column in range(len(names))] for row in rows])
    return np.array(table.getIndependentColumn()), names, xyz_m


def test_every_format_has_its_file(folder: Path) -> None:
    assert sorted(each.name for each in folder.iterdir()) == [
        "angles.mot",
        "kinematics.csv",
        "kinematics.parquet",
        "poses.c3d",
        "poses.csv",
        "poses.parquet",
        "poses.trc",
        "poses_dlc.csv",
    ]


def test_opensim_reads_the_markers(folder: Path, poses: PoseSequence, kinematics: Kinematics) -> None:
    time_s, names, xyz_m = read_trc(folder / "poses.trc")
    assert names == name_markers("pose2sim")
    placed = place_markers(poses, kinematics.view)
    seen = np.isfinite(placed.xyz_m).any(axis=(1, 2))
    lost = (placed.time_s > DROPOUT[0] + 0.05) & (placed.time_s < DROPOUT[1] - 0.05)
    assert not seen[lost].any(), "a row of which nothing was seen stops OpenSim's inverse kinematics"
    assert seen[placed.time_s < DROPOUT[0] - 0.05].all()
    np.testing.assert_allclose(time_s, placed.time_s[seen], atol=1e-6)
    np.testing.assert_allclose(xyz_m, placed.xyz_m[seen], atol=1e-6)
    lines = (folder / "poses.trc").read_text().splitlines()
    assert [int(line.split("\t")[0]) for line in lines[6:]] == [place + 1 for place in np.flatnonzero(seen)]
    assert lines[2].split("\t")[2:4] == [str(seen.sum()), "33"]


def test_markers_are_named_as_pose2sim_or_mediapipe_name_them(poses: PoseSequence, kinematics: Kinematics) -> None:
    ours, theirs = name_markers("pose2sim"), name_markers("mediapipe")
    pairs = dict(zip(theirs, ours, strict=True))
    assert pairs["right_hip"] == "RHip"
    assert pairs["left_foot_index"] == "LBigToe"
    assert pairs["right_heel"] == "RHeel"
    assert pairs["nose"] == "Nose"
    assert pairs["left_eye_inner"] == "LEyeInner"
    assert len(set(ours)) == 33
    assert [find_landmark(name) for name in ours] == list(Landmark), "what we write we read"
    files = export_files(["trc", "c3d"], poses, kinematics, "mediapipe")
    assert isinstance(files["poses.trc"], str)
    assert "\tright_hip\t" in files["poses.trc"]
    assert isinstance(files["poses.c3d"], bytes)
    assert b"right_hip" in files["poses.c3d"]


def test_names_of_markers_are_chosen_by_name() -> None:
    assert (choose_naming(None), choose_naming(" MediaPipe")) == ("pose2sim", "mediapipe")
    with pytest.raises(SettingsError) as caught:
        choose_naming("plug-in gait")
    assert caught.value.message == "There are no marker names plug-in gait."
    assert caught.value.hint == "The choices are: pose2sim, mediapipe."


@pytest.mark.parametrize("facing", SIDES)
def test_markers_stand_on_the_floor_and_look_forward(facing: Side) -> None:
    poses, _ = rdl_set(1, facing=facing)
    view = judge_view(poses)
    xyz_m = place_markers(poses, view).xyz_m
    upright = xyz_m[:20].mean(axis=0)
    assert upright[Landmark.LEFT_FOOT_INDEX, 0] > upright[Landmark.LEFT_HEEL, 0] + 0.1, "toes before heels: X forward"
    assert upright[Landmark.RIGHT_HIP, 2] > upright[Landmark.LEFT_HIP, 2] + 0.1, "Z to the lifter's right"
    assert upright[Landmark.NOSE, 1] > upright[Landmark.LEFT_HIP, 1] > upright[Landmark.LEFT_ANKLE, 1] > -0.02
    near = {"left": Landmark.LEFT_HIP, "right": Landmark.RIGHT_HIP}[view.side]
    leg_m = np.linalg.norm(upright[near, :2] - upright[near + 2, :2])
    leg_m += np.linalg.norm(upright[near + 2, :2] - upright[near + 4, :2])
    world = poses.world_m[:20].mean(axis=0)
    expected_m = np.linalg.norm(world[near] - world[near + 2]) + np.linalg.norm(world[near + 2] - world[near + 4])
    assert leg_m == pytest.approx(expected_m, rel=0.02)


def test_without_depth_there_are_no_metres(poses: PoseSequence, kinematics: Kinematics) -> None:
    flat = replace(poses, world_m=np.full_like(poses.world_m, np.nan))
    assert np.isnan(place_markers(flat, kinematics.view).xyz_m).all()
    for name in ("trc", "c3d"):
        with pytest.raises(InputError, match=f"no metres for {name}: the landmarks hold no depth") as caught:
            export_files(("csv", name), flat, kinematics)
        assert caught.value.hint == "Leave trc and c3d out: mot, csv, parquet and dlc need no metres."
    assert set(export_files(("mot", "csv", "dlc"), flat, kinematics)) == {
        *("angles.mot", "poses.csv", "kinematics.csv", "poses_dlc.csv")
    }


def test_opensim_reads_the_angles(folder: Path, kinematics: Kinematics) -> None:
    table = opensim.TimeSeriesTable(str(folder / "angles.mot"))
    assert table.getTableMetaDataString("inDegrees") == "yes"
    assert table.getColumnLabels() == ("pelvis_tilt", "hip_flexion_r", "knee_angle_r")
    seen = np.isfinite(kinematics["hip_flexion_deg"]) & np.isfinite(kinematics["knee_flexion_deg"])
    assert 0 < seen.sum() < len(seen), "the dropout has no rows"
    np.testing.assert_allclose(np.array(table.getIndependentColumn()), kinematics.time_s[seen], atol=1e-6)
    for name, channel, sign in (
        ("pelvis_tilt", "trunk_deg", -1),
        ("hip_flexion_r", "hip_flexion_deg", 1),
        ("knee_angle_r", "knee_flexion_deg", 1),
    ):
        column = table.getDependentColumn(name).to_numpy()
        np.testing.assert_allclose(column, sign * kinematics[channel][seen], atol=1e-5)
    storage = opensim.Storage(str(folder / "angles.mot"))
    assert (storage.isInDegrees(), storage.getSize()) == (True, seen.sum())


def test_the_left_side_has_the_left_coordinates() -> None:
    poses, _ = rdl_set(1, facing="left")
    text = export_files(["mot"], poses, measure(poses))["angles.mot"]
    assert isinstance(text, str)
    assert "time\tpelvis_tilt\thip_flexion_l\tknee_angle_l\n" in text


def test_ezc3d_reads_the_markers(folder: Path, poses: PoseSequence, kinematics: Kinematics) -> None:
    file = ezc3d.c3d(str(folder / "poses.c3d"))
    parameters = file["parameters"]["POINT"]
    assert parameters["LABELS"]["value"] == list(name_markers("pose2sim"))
    assert parameters["UNITS"]["value"] == ["m"]
    assert parameters["RATE"]["value"] == pytest.approx([30.0])
    xyz_m = file["data"]["points"][:3].transpose(2, 1, 0)
    placed = place_markers(poses, kinematics.view)
    np.testing.assert_allclose(xyz_m, placed.xyz_m, atol=1e-5)
    hidden = np.isnan(placed.xyz_m).any(axis=2)
    assert 0 < hidden.sum() < hidden.size
    assert (np.where(hidden, -1, 0) == file["data"]["meta_points"]["residuals"][0].T).all(), "-1: not seen"


@pytest.mark.parametrize(
    ("start_s", "rate_hz", "header", "counted"),
    [
        (0.0, 30.0, 1, 1),
        (1.5, 30.0, 46, 46),
        (1.517, 30000 / 1001, 46, 46),  # frame 46.46
        (3600.2, 30.0, 1, 108_007),  # more than the header can say
        (-0.5, 30.0, 1, 1),  # there is no frame before 1
    ],
)
def test_a_c3d_starts_at_the_clips_own_time(
    start_s: float, rate_hz: float, header: int, counted: int, tmp_path: Path
) -> None:
    poses, _ = rdl_set(1)
    placed = place_markers(poses, judge_view(poses))
    time_s = start_s + np.arange(len(placed.time_s)) / rate_hz
    path = tmp_path / "set.c3d"
    path.write_bytes(write_c3d(replace(placed, time_s=time_s, rate_hz=rate_hz)))
    file = ezc3d.c3d(str(path))
    assert file["header"]["points"]["first_frame"] == header - 1, "ezc3d counts from 0"
    low, high = (int(word) % 65_536 for word in file["parameters"]["TRIAL"]["ACTUAL_START_FIELD"]["value"])
    assert low + 65_536 * high == counted
    assert file["parameters"]["FORMCHECK"]["START_S"]["value"] == pytest.approx([start_s], abs=2.5e-4)  # 4 bytes
    _, back = read_poses(path)
    np.testing.assert_allclose(back.time_s, time_s, atol=2.5e-4)


def test_a_start_that_is_no_time_is_not_believed(tmp_path: Path) -> None:
    poses, _ = rdl_set(1)
    placed = place_markers(poses, judge_view(poses))
    raw = write_c3d(replace(placed, time_s=placed.time_s + 1.517))
    exact = struct.pack("<f", 1.517)
    assert raw.count(exact) == 1
    path = tmp_path / "set.c3d"
    path.write_bytes(raw.replace(exact, struct.pack("<f", np.nan)))
    _, back = read_poses(path)
    assert back.time_s[0] == pytest.approx(46 / 30), "the header's own frame 47"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_tidy_tables_hold_every_number(
    folder: Path, kind: str, poses: PoseSequence, kinematics: Kinematics
) -> None:
    def read(stem: str) -> pd.DataFrame:
        path = folder / f"{stem}.{kind}"
        return pd.read_csv(path) if kind == "csv" else pq.read_table(path).to_pandas()

    table = read("poses")
    assert len(table) == 33 * len(poses.time_s)
    nose = table[table.landmark == "nose"]
    np.testing.assert_allclose(nose.time_s, poses.time_s, atol=1e-6)
    np.testing.assert_allclose(nose[["x_px", "y_px"]], poses.xy_px[:, Landmark.NOSE], atol=1e-5)
    np.testing.assert_allclose(nose[["world_x_m", "world_y_m", "world_z_m"]], poses.world_m[:, 0], atol=1e-5)
    np.testing.assert_allclose(nose.visibility, poses.visibility[:, 0], atol=1e-5)
    angles = read("kinematics")
    assert list(angles) == ["time_s", *kinematics.channels, "reconstructed"]
    for name, values in kinematics.channels.items():
        np.testing.assert_allclose(angles[name].astype(float), values, atol=1e-5)
    assert (angles.reconstructed.astype(bool) == kinematics.reconstructed).all()


def test_a_missing_number_is_null_in_parquet(folder: Path) -> None:
    table = pq.read_table(folder / "poses.parquet")
    assert table["x_px"].null_count > 0
    assert not np.isnan(table["x_px"].drop_null().to_numpy()).any()


def test_the_deeplabcut_table(folder: Path, poses: PoseSequence) -> None:
    frame = pd.read_csv(folder / "poses_dlc.csv", header=[0, 1, 2], index_col=0)
    assert frame.columns.names == ["scorer", "bodyparts", "coords"]
    ankle = frame["formcheck"]["right_ankle"]
    assert list(ankle) == ["x", "y", "likelihood"]
    np.testing.assert_allclose(ankle[["x", "y"]], poses.xy_px[:, Landmark.RIGHT_ANKLE], atol=1e-3)
    assert list(frame.index) == list(range(len(poses.time_s)))


def test_an_uneven_video_gets_an_even_grid() -> None:
    poses, _ = rdl_set(1, jitter=0.5)
    files = export_files(["dlc", "trc", "csv"], poses, measure(poses))
    assert isinstance(files["poses_dlc.csv"], str)
    assert isinstance(files["poses.csv"], str)
    frame = pd.read_csv(io.StringIO(files["poses_dlc.csv"]), header=[0, 1, 2], index_col=0)
    placed = place_markers(poses, judge_view(poses))
    assert len(frame) == len(placed.time_s)
    assert np.ptp(np.diff(placed.time_s)) < 1e-9
    raw = pd.read_csv(io.StringIO(files["poses.csv"]))
    np.testing.assert_allclose(raw[raw.landmark == "nose"].time_s, poses.time_s, atol=1e-6)


@pytest.mark.parametrize(
    ("text", "chosen"),
    [(None, ("trc", "mot", "csv", "dlc")), ("c3d", ("c3d",)), (" TRC , mot,trc,", ("trc", "mot"))],
)
def test_formats_are_chosen_by_name(text: str | None, chosen: tuple[str, ...]) -> None:
    assert choose_formats(text) == chosen


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("bvh", "There is no format bvh.", "The choices are: trc, mot, csv, parquet, dlc, c3d."),
        (",", "--format names no format.", "The choices are: trc, mot, csv, parquet, dlc, c3d."),
    ],
)
def test_a_format_that_is_none(text: str, message: str, hint: str) -> None:
    with pytest.raises(SettingsError) as caught:
        choose_formats(text)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_a_library_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORMATS, "parquet", "a_library_nobody_has")
    with pytest.raises(SettingsError) as caught:
        choose_formats("trc,parquet")
    assert caught.value.message == "--format parquet needs a_library_nobody_has, which is not installed."
    assert caught.value.hint == "Run: pip install 'formcheck[formats]'"
