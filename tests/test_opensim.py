"""What an OpenSim user does with `formcheck export`: scale a public model to the markers, let it follow them, read the
angles. The model is Pose2Sim's, for the landmarks that formcheck has (tests/opensim_model/NOTICE).
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import opensim
import pytest

from formcheck.data import FloatArray, Kinematics, PoseSequence
from formcheck.io.save import export_files
from formcheck.io.save.markers import Markers, name_markers, place_markers
from formcheck.io.save.trc import write_trc
from formcheck.pipeline import find_set, judge_set
from formcheck.settings import Settings

MODEL = Path(__file__).resolve().parent / "opensim_model"
SCALED_S = (0.0, 1.0)  # the lifter stands
FOLLOWED_S = (1.5, 5.0)  # from standing to the bottom of a repetition and half way up


@pytest.fixture(scope="module", autouse=True)
def no_log_file() -> Iterator[None]:
    """OpenSim writes opensim.log where it is started, unless told otherwise."""
    opensim.Logger.removeFileSink()
    opensim.Logger.setLevelString("Off")
    yield
    opensim.Logger.setLevelString("Info")


@pytest.fixture(scope="module")
def sample() -> tuple[PoseSequence, Kinematics]:
    settings = Settings(lift="rdl", model="lite", end_s=8.0)
    video = Path(__file__).resolve().parent.parent / "samples" / "rdl_four_reps.mp4"
    source, poses, lift, _ = find_set(video, settings)
    return poses, judge_set(source, poses, lift, settings).kinematics


@dataclass(frozen=True, eq=False)
class Followed:
    """What inverse kinematics gives: times, degrees by coordinate, and the markers' RMS distance to the model's, m."""

    time_s: FloatArray
    angles_deg: dict[str, FloatArray]
    error_m: FloatArray


def model_markers() -> set[str]:
    markers = opensim.MarkerSet(str(MODEL / "Markers_BlazePose.xml"))
    return {markers.get(place).getName() for place in range(markers.getSize())}


def follow(trc: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Followed:
    """Scale the model to the markers of SCALED_S and let it follow those of FOLLOWED_S, as Pose2Sim's setups say."""
    shutil.copytree(MODEL, folder, dirs_exist_ok=True)
    monkeypatch.chdir(folder)  # OpenSim takes names from its setup file's folder, some from where it is started
    (folder / "poses.trc").write_text(trc)
    model = opensim.Model("Model_Pose2Sim_simple.osim")
    model.set_MarkerSet(opensim.MarkerSet("Markers_BlazePose.xml"))
    model.initSystem()
    model.printToXML("unscaled.osim")
    scaling = opensim.ScaleTool("Scaling_Setup_Pose2Sim_Blazepose.xml")
    scaling.getGenericModelMaker().setModelFileName("unscaled.osim")
    scaler = scaling.getModelScaler()
    scaler.setMarkerFileName("poses.trc")
    scaler.setOutputModelFileName("scaled.osim")
    span = opensim.ArrayDouble()
    for limit_s in SCALED_S:
        span.append(limit_s)
    scaler.setTimeRange(span)
    scaling.run()
    scaled = opensim.Model("scaled.osim")
    scaled.initSystem()
    tool = opensim.InverseKinematicsTool("IK_Setup_Pose2Sim_Blazepose.xml")
    tool.setModel(scaled)
    tool.setMarkerDataFileName("poses.trc")
    tool.setStartTime(FOLLOWED_S[0])
    tool.setEndTime(FOLLOWED_S[1])
    tool.setResultsDir(".")
    tool.setOutputMotionFileName("followed.mot")
    assert tool.run()
    found = opensim.TimeSeriesTable("followed.mot")
    angles = {name: found.getDependentColumn(name).to_numpy().copy() for name in found.getColumnLabels()}
    errors = opensim.TimeSeriesTable("_ik_marker_errors.sto").getDependentColumn("marker_error_RMS")
    return Followed(np.array(found.getIndependentColumn()), angles, errors.to_numpy().copy())


def off_deg(followed: Followed, coordinate: str, kinematics: Kinematics, channel: str) -> FloatArray:
    own_deg = np.interp(followed.time_s, kinematics.time_s, kinematics[channel])
    return followed.angles_deg[coordinate] - own_deg


def rms(values: FloatArray) -> float:
    return float(np.sqrt(np.mean(values**2)))


def test_the_model_knows_the_markers() -> None:
    """Every marker of the model is in the file; with the other names there is none."""
    assert model_markers() - set(name_markers("pose2sim")) == set()
    assert len(model_markers()) == 25
    assert model_markers() & set(name_markers("mediapipe")) == set()


def test_inverse_kinematics_gives_the_angles_of_the_report(
    sample: tuple[PoseSequence, Kinematics], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model has three dimensions, a pelvis of its own and unfiltered markers: so degrees, not tenths."""
    poses, kinematics = sample
    assert kinematics.view.side == "right"
    trc = export_files(["trc"], poses, kinematics)["poses.trc"]
    assert isinstance(trc, str)
    followed = follow(trc, tmp_path, monkeypatch)
    hip_deg = off_deg(followed, "hip_flexion_r", kinematics, "hip_flexion_deg")
    knee_deg = off_deg(followed, "knee_angle_r", kinematics, "knee_flexion_deg")
    assert np.ptp(followed.angles_deg["hip_flexion_r"]) > 80, "a whole way down"
    assert rms(hip_deg) < 8.0
    assert rms(knee_deg) < 7.0
    assert np.mean(followed.error_m) < 0.04
    assert followed.error_m.max() < 0.06
    assert abs(np.mean(followed.angles_deg["pelvis_list"])) < 20, "its right is at its right; depth is a guess"
    assert abs(np.mean(followed.angles_deg["pelvis_rotation"])) < 20, "it looks along X"


def test_a_stretch_that_was_not_seen_leaves_the_rest_as_it_is(
    sample: tuple[PoseSequence, Kinematics], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a second without any marker, and a wrist that is never seen: OpenSim passes over both."""
    poses, kinematics = sample
    whole = place_markers(poses, kinematics.view)
    xyz_m = whole.xyz_m.copy()
    lost = (whole.time_s > 3.0) & (whole.time_s < 3.5)
    xyz_m[lost] = np.nan
    xyz_m[:, whole.names.index("LWrist")] = np.nan
    torn = Markers(whole.time_s, whole.rate_hz, whole.names, xyz_m)
    followed = follow(write_trc(torn, "poses.trc"), tmp_path, monkeypatch)
    of_all = (whole.time_s > FOLLOWED_S[0] - 0.01) & (whole.time_s < FOLLOWED_S[1] + 0.01)
    np.testing.assert_allclose(followed.time_s, whole.time_s[of_all & ~lost], atol=1e-5)
    assert rms(off_deg(followed, "hip_flexion_r", kinematics, "hip_flexion_deg")) < 8.0
    assert followed.error_m.max() < 0.06
