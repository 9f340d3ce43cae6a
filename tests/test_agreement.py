"""Agreement with a reference: published examples, known truth, and what cannot be told."""

import csv
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import formcheck
from formcheck.agreement import timing
from formcheck.agreement.statistics import (
    count_independent,
    describe_agreement,
    icc_agreement,
    icc_consistency,
)
from formcheck.agreement.writing import to_text
from formcheck.cli.main import main
from formcheck.data import FloatArray, PoseSequence, Report, Source
from formcheck.errors import FormcheckError, InputError, SettingsError
from formcheck.io.save import export_files
from formcheck.lifts import all_lifts
from formcheck.pipeline import judge_set
from formcheck.report import render_files
from formcheck.settings import Settings
from samples.renderer.stick import rdl_set

# Peak expiratory flow, l/min, the first measurement with each meter (Bland and Altman 1986, Lancet i:307, table).
WRIGHT = np.array([494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427], float)
MINI = np.array([512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451], float)
# Six subjects, four judges (Shrout and Fleiss 1979, Psychological Bulletin 86:420, table 2).
JUDGES = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)


def test_the_peak_flow_meters_of_bland_and_altman() -> None:
    s = describe_agreement(WRIGHT, MINI, in_time=False)
    assert s.n == s.n_independent == 17
    assert round(s.bias.value, 1) == -2.1
    assert round(s.sd, 1) == 38.8
    assert round(s.bias.value - 2 * s.sd, 0) == -80  # the paper rounds 1.96 to 2: -79.7 and 75.5
    assert round(s.bias.value + 2 * s.sd, 1) == 75.4
    assert s.lower.value == pytest.approx(-2.1 - 1.96 * 38.8, abs=0.1)
    assert s.upper.value == pytest.approx(-2.1 + 1.96 * 38.8, abs=0.1)
    # The paper's interval of the mean difference, from a standard error of 9.4 and a t of 2.12.
    assert (round(s.bias.low, 1), round(s.bias.high, 1)) == pytest.approx((-22.0, 17.8), abs=0.1)
    # A limit's standard error is 16.3 by the paper's sqrt(3 s^2 / n), 16.4 by the exact form of 1999: +- 34.6.
    assert (s.upper.high - s.upper.low) / 2 == pytest.approx(34.6, abs=0.3)
    assert (s.lower.high - s.lower.low) / 2 == pytest.approx(34.6, abs=0.3)
    assert s.rmse == pytest.approx(np.sqrt(np.mean((WRIGHT - MINI) ** 2)))


def test_the_judges_of_shrout_and_fleiss() -> None:
    two, three = icc_agreement(JUDGES), icc_consistency(JUDGES)
    assert round(two.value, 2) == 0.29
    assert round(three.value, 2) == 0.71
    # Their intervals, by McGraw and Wong's formulas; whether those hold what they should, a test below counts.
    assert (round(two.low, 3), round(two.high, 2)) == (0.019, 0.76)
    assert (round(three.low, 2), round(three.high, 2)) == (0.34, 0.95)


def test_a_constant_offset_parts_the_two_correlations() -> None:
    truth = np.linspace(0.0, 90.0, 30)
    noise = np.random.default_rng(1).normal(0.0, 1.0, 30)
    s = describe_agreement(truth + 20.0 + noise, truth, in_time=False)
    assert s.bias.value == pytest.approx(20.0, abs=0.5)
    assert s.icc_consistency.value > 0.99
    assert 0.7 < s.icc_agreement.value < 0.85
    assert s.icc_agreement.low < s.icc_agreement.value < s.icc_agreement.high


@pytest.mark.parametrize("n", [5, 12])
def test_intervals_hold_what_they_should(n: int) -> None:
    """In 95 of 100 samples the true bias, limits and correlation lie inside, give or take three standard errors."""
    random = np.random.default_rng(7)
    inside = np.zeros(4)
    runs = 1000
    for _ in range(runs):
        subjects = random.normal(0.0, 3.0, n)
        a, b = (subjects + random.normal(0.0, 1.0, n) for _ in range(2))
        s = describe_agreement(a + 1.0, b, in_time=False)
        spread = 1.96 * np.sqrt(2.0)
        truths = (1.0, 1.0 - spread, 1.0 + spread, 9.0 / 10.0)
        for place, (estimate, truth) in enumerate(
            zip((s.bias, s.lower, s.upper, s.icc_consistency), truths, strict=True)
        ):
            inside[place] += estimate.low <= truth <= estimate.high
    share = inside / runs
    assert share[[0, 3]] == pytest.approx(0.95, abs=0.025)
    assert (share[1:3] > 0.90).all(), "the limits' interval is an approximation, by Bland and Altman themselves"


def test_the_interval_of_absolute_agreement_holds_the_truth() -> None:
    random = np.random.default_rng(11)
    inside, runs = 0, 1000
    for _ in range(runs):
        subjects, judges = random.normal(0.0, 3.0, (12, 1)), random.normal(0.0, 1.0, (1, 4))
        found = icc_agreement(subjects + judges + random.normal(0.0, 1.0, (12, 4)))
        inside += found.low <= 9.0 / 11.0 <= found.high
    assert inside / runs == pytest.approx(0.95, abs=0.025)


def test_neighbouring_samples_are_not_independent() -> None:
    random = np.random.default_rng(3)
    white = random.normal(size=4000)
    slow = np.zeros(4000)
    for place in range(1, 4000):  # an AR(1) of 0.9: n (1 - 0.9) / (1 + 0.9) = 211 independent ones
        slow[place] = 0.9 * slow[place - 1] + white[place]
    assert count_independent(white) == pytest.approx(4000, rel=0.15)
    assert count_independent(slow) == pytest.approx(211, rel=0.35)
    assert count_independent(np.full(50, 3.0)) == 50
    wide, narrow = (describe_agreement(slow, np.zeros(4000), in_time=each).bias for each in (True, False))
    assert (wide.high - wide.low) > 3 * (narrow.high - narrow.low)


def curve(time_s: FloatArray) -> FloatArray:
    """Three repetitions of different depth and pace."""
    return sum(
        (
            depth * np.exp(-(((time_s - at) / width) ** 2))
            for at, depth, width in ((4, 70, 0.9), (9, 80, 1.2), (15, 75, 0.8))
        ),
        start=np.zeros(len(time_s)),
    )


@pytest.mark.parametrize("shift_s", [0.0, 0.387, -2.513, 1000.215])
def test_the_shift_is_found_between_samples(shift_s: float) -> None:
    a_s, b_s = np.arange(0, 20, 1 / 30), np.arange(1.013, 19, 1 / 25)
    a, b = curve(a_s), curve(b_s)
    b[75:82] = np.nan
    found = timing.find_shift(a_s - shift_s, {"x_deg": a}, b_s, {"x_deg": b})
    assert found is not None
    assert found.seconds == pytest.approx(shift_s, abs=0.004)
    assert found.correlation > 0.999
    assert found.rival_s is None


def test_equal_repetitions_leave_the_shift_open() -> None:
    time_s = np.arange(0, 40, 1 / 30)
    wave = np.sin(2 * np.pi * time_s / 4.0)
    found = timing.find_shift(time_s, {"x_deg": wave}, time_s, {"x_deg": wave})
    assert found is not None
    assert found.seconds == pytest.approx(0.0, abs=0.01)
    assert found.rival_s is not None
    assert abs(found.rival_s) == pytest.approx(4.0, abs=0.05), "a period away it fits as well"
    still = timing.find_shift(time_s, {"x_deg": 0 * wave}, time_s, {"x_deg": wave})
    assert still is None


@pytest.fixture(scope="module")
def poses() -> PoseSequence:
    return rdl_set(3, noise_mm=3.0, overrun_deg=16.0)[0]


@pytest.fixture(scope="module")
def judged(poses: PoseSequence) -> Report:
    source = Source("a.mp4", "", 30.0, len(poses.time_s), float(poses.time_s[-1]), poses.size_px, 0)
    return judge_set(source, poses, all_lifts()["rdl"], Settings(lift="rdl"))


@pytest.fixture(scope="module")
def folder(judged: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sets") / "mine_formcheck"
    path.mkdir()
    for name, text in render_files(judged).items():
        (path / name).write_text(text)
    return path


def write_angles(path: Path, time_s: FloatArray, **columns: FloatArray) -> Path:
    rows = zip(time_s, *columns.values(), strict=True)
    text = ",".join(["time_s", *columns]) + "\n"
    path.write_text(text + "".join(",".join("" if np.isnan(v) else f"{v:.6f}" for v in row) + "\n" for row in rows))
    return path


def test_a_known_bias_and_shift_come_back(judged: Report, folder: Path, tmp_path: Path) -> None:
    kinematics = judged.kinematics
    time_s = kinematics.time_s
    random = np.random.default_rng(2)
    reference = write_angles(
        tmp_path / "lab.csv",
        time_s + 1.25,
        knee_flexion_deg=kinematics["knee_flexion_deg"] - 3.0,
        trunk_deg=kinematics["trunk_deg"] + random.normal(0.0, 2.0, len(time_s)),
    )
    found = formcheck.agree(folder, reference)
    assert found.shift.seconds == pytest.approx(1.25, abs=0.005)
    assert list(found.angles) == ["knee_flexion_deg", "trunk_deg"]
    knee, trunk = (found.angles[name].statistics for name in found.angles)
    assert knee is not None
    assert trunk is not None
    assert knee.bias.value == pytest.approx(3.0, abs=0.02)
    assert knee.sd < 0.1
    assert trunk.bias.value == pytest.approx(0.0, abs=0.3)
    assert trunk.sd == pytest.approx(2.0, rel=0.15)
    assert trunk.upper.value - trunk.lower.value == pytest.approx(2 * 1.96 * trunk.sd)
    assert (found.begin_s, found.end_s) == pytest.approx((time_s[0] + 1.25, time_s[-1] + 1.25), abs=0.05)
    assert list(found.events) == ["knee_flexion_max_deg", "trunk_max_deg"]
    most = found.events["knee_flexion_max_deg"].statistics
    assert most is not None
    assert (most.n, round(most.bias.value, 1)) == (3, 3.0)


def test_a_report_against_another_has_events(judged: Report, folder: Path, tmp_path: Path) -> None:
    moved = replace(
        judged,
        kinematics=replace(judged.kinematics, time_s=judged.kinematics.time_s + 2.0),
        reps=tuple(
            replace(r, start_s=r.start_s + 2, turn_s=r.turn_s + 2, stop_s=r.stop_s + 2, eccentric_s=r.eccentric_s + 0.1)
            for r in judged.reps
        ),
        findings=tuple(
            replace(f, start_s=f.start_s + 2, value=f.value - (1.5 if f.code == "rdl.overrun" else 0.0))
            for f in judged.findings
        ),
    )
    moved.save(tmp_path / "other.json")
    found = formcheck.agree(folder, tmp_path / "other.json", shift=2.0)
    statistics = {name: pairs.statistics for name, pairs in found.events.items()}
    assert {"eccentric_s", "concentric_s", "hips_stop_s", "overrun_deg"} <= set(statistics)
    for name, bias in (("eccentric_s", -0.1), ("overrun_deg", 1.5), ("hips_stop_s", 0.0)):
        each = statistics[name]
        assert each is not None
        assert each.n == 3
        assert each.bias.value == pytest.approx(bias, abs=0.002)


def write_truth(path: Path, judged: Report, reps: Any) -> Path:
    """The report's own angles and `reps`, as a rendered clip's truth file has them."""
    frames = {name: judged.kinematics[name].tolist() for name in ("trunk_deg", "hip_flexion_deg")}
    frames = {name: [None if np.isnan(v) else v for v in values] for name, values in frames.items()}
    frames["points_px"] = [[[1.0, 2.0]]] * len(judged.kinematics.time_s)
    path.write_text(json.dumps({"reps": reps, "frames": {"time_s": judged.kinematics.time_s.tolist(), **frames}}))
    return path


def test_a_truth_has_repetitions_and_their_events(judged: Report, folder: Path, tmp_path: Path) -> None:
    stop_s = {each.rep: each.start_s for each in judged.findings if each.code == "rdl.hip_travel"}
    overrun_deg = {each.rep: each.value for each in judged.findings if each.code == "rdl.overrun"}
    reps = [
        {
            **{name: getattr(rep, name) for name in ("number", "start_s", "turn_s", "stop_s", "concentric_s")},
            "eccentric_s": rep.eccentric_s + 0.25,
            "hip_travel_end_s": stop_s[rep.number] - 0.5,
            "overrun_deg": overrun_deg[rep.number] + 2.0,
        }
        for rep in judged.reps
    ]
    truth = write_truth(tmp_path / "set.truth.json", judged, reps)
    biases = {"eccentric_s": -0.25, "concentric_s": 0.0, "overrun_deg": -2.0, "hips_stop_s": 0.5}
    for first, second, sign in ((folder, truth, 1.0), (truth, folder, -1.0)):
        found = formcheck.agree(first, second, shift=0.0)
        for name, bias in biases.items():
            each = found.events[name].statistics
            assert each is not None, name
            assert each.n == 3
            assert each.bias.value == pytest.approx(sign * bias, abs=0.002), name
        assert not any("Not read" in note for note in found.notes)


@pytest.mark.parametrize(
    "reps",
    [None, 3, "x", [], [None, 4, []], [{}], [{"start_s": "a", "turn_s": None, "stop_s": 1e300}], {"start_s": 1.0}],
)
def test_repetitions_that_are_none_are_left_out(reps: Any, judged: Report, folder: Path, tmp_path: Path) -> None:
    found = formcheck.agree(folder, write_truth(tmp_path / "set.truth.json", judged, reps), shift=0.0)
    assert set(found.events) == {"hip_flexion_max_deg", "trunk_max_deg"}


def test_segments_without_a_unit_are_angles_and_what_is_left_out_is_named(
    judged: Report, folder: Path, tmp_path: Path
) -> None:
    kinematics = judged.kinematics
    angles = {name: kinematics[f"{name}_deg"] + 2.0 for name in ("trunk", "thigh", "shank")}
    others = dict.fromkeys(("torso", "knee", "bar_height_m", "hip_back_leg", "frame"), kinematics["trunk_deg"])
    path = write_angles(tmp_path / "lab.csv", kinematics.time_s, **angles, **others)
    found = formcheck.agree(folder, path)
    assert set(found.angles) == {"trunk_deg", "thigh_deg", "shank_deg"}
    for pairs in found.angles.values():
        assert pairs.statistics is not None
        assert pairs.statistics.bias.value == pytest.approx(-2.0, abs=0.05)
    assert [note.partition(". ")[0] for note in found.notes if "Not read" in note] == [
        "Not read in lab.csv: torso and knee"
    ]


def test_of_two_columns_for_one_angle_the_one_with_a_unit_counts(judged: Report, folder: Path, tmp_path: Path) -> None:
    trunk = judged.kinematics["trunk_deg"]
    path = write_angles(tmp_path / "lab.csv", judged.kinematics.time_s, trunk_deg=trunk, trunk=trunk - 40.0)
    each = formcheck.agree(folder, path).angles["trunk_deg"].statistics
    assert each is not None
    assert each.bias.value == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("names", [("hip_flexion", "knee_flexion"), ("trunk", "shank"), ("hip_flexion_r",)])
def test_radians_without_a_unit_are_read_as_radians(
    names: tuple[str, ...], judged: Report, folder: Path, tmp_path: Path
) -> None:
    kinematics = judged.kinematics
    ours = {name: kinematics[f"{name.removesuffix('_r')}_deg"] for name in names}
    time_s = kinematics.time_s
    path = write_angles(tmp_path / "lab.csv", time_s, **{name: np.radians(each) for name, each in ours.items()})
    for pair in ((folder, path), (path, folder)):
        found = formcheck.agree(*pair)
        assert len(found.angles) == len(names)
        for pairs in found.angles.values():
            assert pairs.statistics is not None
            assert pairs.statistics.rmse < 0.1
        assert sum("were read as radians" in note for note in found.notes) == 1
    said = write_angles(
        tmp_path / "deg.csv", time_s, **{f"{name}_deg": np.radians(each) for name, each in ours.items()}
    )
    plain = write_angles(tmp_path / "plain.csv", time_s, **ours)
    for other in (said, plain):
        assert not any("radians" in note for note in formcheck.agree(folder, other).notes)


@pytest.mark.parametrize("name", ["mot", "trc", "csv", "c3d"])
def test_exported_files_agree_with_their_report(
    name: str, poses: PoseSequence, judged: Report, folder: Path, tmp_path: Path
) -> None:
    file, content = next(iter(export_files([name], poses, judged.kinematics).items()))
    path = tmp_path / file
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = formcheck.agree(folder, path)
    knee = found.angles["knee_flexion_deg"].statistics
    assert knee is not None
    assert found.shift.seconds == pytest.approx(0.0, abs=0.02)
    assert abs(knee.bias.value) < 0.5
    assert knee.rmse < 1.0
    assert knee.icc_agreement.value > 0.98


def write_motion(path: Path, time_s: FloatArray, *, degrees: bool = True, **columns: FloatArray) -> Path:
    turn = 1.0 if degrees else np.pi / 180.0
    lines = [path.name, "version=1", f"inDegrees={'yes' if degrees else 'no'}", "endheader"]
    lines.append("\t".join(["time", *columns]))
    lines += [
        "\t".join(f"{v:.7f}" for v in row) for row in zip(time_s, *(turn * c for c in columns.values()), strict=True)
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_opensim_with_both_sides_radians_and_a_knee_that_bends_below_zero(
    judged: Report, folder: Path, tmp_path: Path
) -> None:
    kinematics = judged.kinematics
    seen = np.isfinite(kinematics["knee_flexion_deg"]) & np.isfinite(kinematics["trunk_deg"])
    time_s, knee, trunk = (
        each[seen] for each in (kinematics.time_s, kinematics["knee_flexion_deg"], kinematics["trunk_deg"])
    )
    near = kinematics.view.side[0]
    far = "l" if near == "r" else "r"
    path = write_motion(
        tmp_path / "ik.mot",
        time_s,
        degrees=False,
        pelvis_tilt=-trunk + 10.0,
        lumbar_extension=np.full(len(time_s), -10.0),
        **{f"knee_angle_{near}": -knee, f"knee_angle_{far}": -2.0 * knee},
    )
    found = formcheck.agree(folder, path)
    for name in ("knee_flexion_deg", "trunk_deg"):
        each = found.angles[name].statistics
        assert each is not None
        assert each.rmse < 0.05
    assert any("its sign was reversed" in note for note in found.notes)
    assert any(f"the {kinematics.view.side} one is taken" in note for note in found.notes)
    angles = write_angles(tmp_path / "angles.csv", time_s, knee_flexion_deg=knee)
    with pytest.raises(InputError, match="has the angles of both sides") as caught:
        formcheck.agree(angles, path)
    assert caught.value.hint == "Use side= to say which side the other recording shows: left or right."


def test_what_cannot_be_compared_is_a_sentence_and_a_step(judged: Report, folder: Path, tmp_path: Path) -> None:
    time_s, knee = judged.kinematics.time_s, judged.kinematics["knee_flexion_deg"]
    elbow = write_angles(tmp_path / "elbow.csv", time_s, elbow_deg=knee)
    later = write_angles(tmp_path / "later.csv", time_s, knee_flexion_deg=knee)
    short = write_angles(tmp_path / "short.csv", time_s[:12], knee_flexion_deg=knee[:12])
    few = write_angles(tmp_path / "few.csv", time_s[:4], knee_flexion_deg=knee[:4])
    lone = write_angles(tmp_path / "lone.csv", time_s[:1], knee_flexion_deg=knee[:1])
    (tmp_path / "a.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(2000))
    cases: list[tuple[Path, dict[str, Any], str, str]] = [
        (
            elbow,
            {},
            "no angle in common: A has .*knee_flexion_deg.*, B has elbow_deg",
            "Give the columns the same names",
        ),
        (later, {"shift": 500.0}, r"do not overlap in time", "Leave shift= out"),
        (short, {"shift": -float(time_s[-1]) + 0.2}, "have [0-9] samples in common", "takes|needs 10 or more"),
        (short, {"shift": -float(time_s[-1])}, r"have 1 sample in common\.", "needs 10 or more"),
        (few, {}, "has 4 rows of numbers", "needs 10 or more"),
        (lone, {}, r"has 1 row of numbers\.", "needs 10 or more"),
        (tmp_path / "gone.mot", {}, "There is no file", "Check the name"),
        (tmp_path / "a.mp4", {}, "is not a report, a table of angles", "formcheck analyze a.mp4 first"),
    ]
    for path, arguments, message, hint in cases:
        with pytest.raises(InputError, match=message) as caught:
            formcheck.agree(folder, path, **arguments)
        assert re.search(hint, caught.value.hint), caught.value.hint
    with pytest.raises(SettingsError, match="side= cannot be front"):
        formcheck.agree(folder, later, side="front")  # type: ignore[arg-type]


def test_one_repetition_in_common_is_one(judged: Report, folder: Path, tmp_path: Path) -> None:
    kinematics, rep = judged.kinematics, judged.reps[0]
    until = kinematics.time_s <= rep.stop_s + 0.1
    path = write_angles(
        tmp_path / "one.csv", kinematics.time_s[until], knee_flexion_deg=kinematics["knee_flexion_deg"][until]
    )
    reasons = {each.reason for each in formcheck.agree(folder, path, shift=0.0).events.values()}
    assert any(str(each).startswith("1 repetition in common, and at least ") for each in reasons), reasons


@pytest.mark.parametrize("seed", range(24))
def test_a_damaged_reference_is_read_or_is_a_sentence(seed: int, judged: Report, folder: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(seed)
    content = str(export_files(["mot"], judged.poses, judged.kinematics)["angles.mot"])  # type: ignore[arg-type]
    raw = bytearray((content if seed % 2 else render_files(judged)["angles.csv"]).encode())
    for _ in range(random.integers(1, 30)):
        at = int(random.integers(max(len(raw), 1)))
        match random.integers(4):
            case 0:
                raw[at : at + 1] = bytes([random.integers(256)])
            case 1:
                del raw[at : at + int(random.integers(1, 400))]
            case 2:
                raw[at:at] = random.choice([b"nan", b"1e300", b"\t", b",", b"\n", b"-", b"endheader\n"])
            case _:
                raw = raw[: max(at, 200)]
    path = tmp_path / ("ik.mot" if seed % 2 else "lab.csv")
    path.write_bytes(bytes(raw))
    with suppress(FormcheckError):  # any other error fails
        assert formcheck.agree(folder, path).angles


def test_times_that_never_end_are_refused(judged: Report, tmp_path: Path) -> None:
    time_s = np.r_[np.arange(0, 10, 0.01), 1e9]
    paths = [write_angles(tmp_path / name, time_s, knee_flexion_deg=np.sin(time_s)) for name in ("a.csv", "b.csv")]
    with pytest.raises(InputError, match="overlap for"):
        formcheck.agree(*paths, shift=0.0)


def test_another_movement_is_no_agreement(folder: Path, judged: Report, tmp_path: Path) -> None:
    time_s = judged.kinematics.time_s
    noise = write_angles(tmp_path / "x.csv", time_s, knee_flexion_deg=np.random.default_rng(0).normal(size=len(time_s)))
    assert any("barely move together" in note for note in formcheck.agree(folder, noise).notes)


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def call(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["formcheck", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            main()
        out, err = capsys.readouterr()
        return int(caught.value.code or 0), out, err

    return call


def test_the_command_writes_text_tables_and_a_page(
    run: Callable[..., tuple[int, str, str]], judged: Report, folder: Path, tmp_path: Path
) -> None:
    kinematics = judged.kinematics
    reference = write_angles(
        tmp_path / "lab <b>.csv", kinematics.time_s, knee_flexion_deg=kinematics["knee_flexion_deg"] + 1
    )
    code, out, err = run("agree", folder, reference, "--out", tmp_path)
    assert code == 0, err
    assert max(len(line) for line in out.splitlines()) <= 80
    assert "knee flexion (°)" in out
    target = tmp_path / "mine_agrees_lab <b>_formcheck"
    assert sorted(each.name for each in target.iterdir()) == [
        "agreement.csv",
        "agreement.html",
        "agreement.json",
        "pairs.csv",
    ]
    rows = read_rows(target / "agreement.csv")
    assert [(row["quantity"], row["kind"]) for row in rows] == [
        ("knee_flexion_deg", "angle"),
        ("knee_flexion_max_deg", "event"),
    ]
    assert float(rows[0]["bias"]) == pytest.approx(-1.0, abs=0.01)
    pairs = [row for row in read_rows(target / "pairs.csv") if row["quantity"] == "knee_flexion_deg"]
    assert len(pairs) == int(rows[0]["n"])
    assert np.mean([float(row["difference"]) for row in pairs]) == pytest.approx(-1.0, abs=0.01)
    page = (target / "agreement.html").read_text()
    assert page.count("data:image/svg+xml;base64,") == 2
    assert "lab &lt;b&gt;.csv" in page
    assert not re.search(r"(?:src|href)=\"(?!data:)", page), "it needs nothing beside it"
    code, out, _ = run("agree", folder, reference, "--out", tmp_path, "--json")
    assert json.loads(out)["angles"]["knee_flexion_deg"]["bias"]["value"] == pytest.approx(-1.0, abs=0.01)
    assert json.loads(out) == json.loads((target / "agreement.json").read_text())


def test_the_picture_shows_bias_and_limits(folder: Path, judged: Report, tmp_path: Path) -> None:
    from formcheck.agreement.pictures import plot_agreement

    kinematics = judged.kinematics
    reference = write_angles(
        tmp_path / "lab.csv", kinematics.time_s, knee_flexion_deg=kinematics["knee_flexion_deg"] + 1
    )
    found = formcheck.agree(folder, reference)
    pairs = found.angles["knee_flexion_deg"]
    assert pairs.statistics is not None
    axes = plot_agreement(pairs).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("mean of A and B: knee flexion (°)", "A - B (°)")
    points, *lines = axes.lines
    np.testing.assert_allclose(points.get_ydata(), pairs.a - pairs.b)
    s = pairs.statistics
    heights = [float(np.asarray(line.get_ydata())[0]) for line in lines]
    assert heights == [s.lower.value, s.bias.value, s.upper.value]
    assert [text.get_text() for text in axes.texts] == [f"{round(each, 2) + 0.0:.2f}" for each in heights]
    assert str(found) == to_text(found)
    assert repr(found).startswith("<Agreement of ")
