"""The benchmark of accuracy itself: sets that come out the same every time, their truth, rows and table."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.accuracy import landmarks
from benchmarks.accuracy.cases import WORLDS, draw_case
from benchmarks.accuracy.rendered import Claim, held_row
from benchmarks.accuracy.table import format_table, make_row, write_rows
from samples.renderer.stick import STANCE_TRUNK_DEG, RdlRep, Shot, rdl_set, rep_truth


def test_a_case_is_the_same_every_time_and_no_other_splits() -> None:
    assert draw_case("dev", 7) == draw_case("dev", 7)
    assert draw_case("dev", 7) != draw_case("test", 7)
    assert WORLDS["dev"].seed != WORLDS["test"].seed


def test_every_kind_and_every_gate_is_drawn() -> None:
    cases = [draw_case("test", number) for number in range(300)]
    assert {case.kind for case in cases} == {"sound", "overrun", "squat", "rounding", "hard"}
    assert {case.gate for case in cases} == {"good", "amber", "yaw", "rate", "dropout", "sparse"}
    assert all(case.rate_hz < 23 for case in cases if case.gate == "rate")
    assert all(30 < abs(case.shot.yaw_deg) <= 45 for case in cases if case.gate == "yaw")
    sound = [rep for case in cases if case.kind == "sound" for rep in case.reps]
    assert {rep.overrun_deg for rep in sound} == {0.0}


def test_a_lost_moment_lies_across_the_end_of_travel() -> None:
    cases = (draw_case("dev", number) for number in range(99))
    case = next(case for case in cases if case.gate == "dropout")
    _, truth = case.film()
    for rep in truth.reps:
        near = np.abs(truth.time_s - rep.eot_s) < 0.04
        assert not truth.found[near].all()


def test_the_truth_of_a_curved_way_is_read_off_the_way_itself() -> None:
    rep = RdlRep(trunk_max_deg=80, overrun_deg=20, hip_curve=1.1, pause_s=0.0)
    truth = rep_truth(rep, 1.5)
    trunk_deg = np.linspace(STANCE_TRUNK_DEG, 80, 5001)
    _, whole = rdl_set(reps=[rep], rate_hz=200.0)
    hips = whole["hip_back_leg"]
    going = whole.time_s <= whole.reps[0].turn_s
    first = int(np.flatnonzero(going & (hips >= 0.97 * hips.max()))[0])
    assert whole["trunk_deg"][first] == pytest.approx(truth.stop_trunk_deg, abs=0.5)
    assert whole.time_s[first] == pytest.approx(truth.eot_s, abs=0.02)
    assert trunk_deg[-1] - truth.stop_trunk_deg == pytest.approx(truth.overrun_deg)


@pytest.mark.parametrize(("distance_m", "near_scale"), [(None, 1.0), (3.0, 3.0 / (3.0 - 0.16)), (6.0, 6.0 / 5.84)])
def test_perspective_makes_the_near_leg_longer(distance_m: float | None, near_scale: float) -> None:
    _, truth = rdl_set(1, shot=Shot(distance_m=distance_m))
    leg_px = np.linalg.norm(truth.joints_px["hip"][0] - truth.joints_px["knee"][0])
    assert leg_px == pytest.approx(0.43 * 300 * near_scale)


def test_a_rolled_camera_turns_every_inclination() -> None:
    _, level = rdl_set(1)
    _, rolled = rdl_set(1, shot=Shot(roll_deg=5.0))
    for truth, lean_deg in ((level, 0.0), (rolled, -5.0)):
        step = truth.joints_px["shoulder"][0] - truth.joints_px["hip"][0]
        seen_deg = np.degrees(np.arctan2(step[0], -step[1]))
        assert seen_deg == pytest.approx(STANCE_TRUNK_DEG + lean_deg, abs=1e-6)


def test_what_is_seen_is_held_against_the_truth() -> None:
    case = replace(draw_case("dev", 0), gate="good", kind="sound", reps=(RdlRep(),) * 3, walk_in_s=0.0, rate_hz=30.0)
    case = replace(case, shot=Shot(noise_mm=3.0, slow_mm=1.5))
    seen = list(landmarks.look(case))
    (count,) = landmarks.pick(seen, "reps")
    assert (count.truth, count.value) == (3.0, 3.0)
    lowerings = landmarks.pick(seen, "rdl.tempo")
    assert [each.truth for each in lowerings] == [2.5] * 3
    assert [each.value for each in lowerings] == pytest.approx([2.5] * 3, abs=0.15)
    assert landmarks.pick(seen, "eot") == []  # hips that never stop have no moment


@pytest.mark.parametrize(("roll_deg", "inside"), [(0.0, 1.0), (4.0, 1.0), (8.0, 0.0)])
def test_the_trunks_interval_allows_for_a_camera_held_askew(roll_deg: float, inside: float) -> None:
    case = replace(draw_case("dev", 0), gate="good", kind="sound", reps=(RdlRep(),), walk_in_s=0.0, rate_hz=30.0)
    seen = list(landmarks.look(replace(case, shot=Shot(noise_mm=1.0, slow_mm=0.5, roll_deg=roll_deg))))
    assert landmarks.pick(seen, "trunk_deg")[0].inside == pytest.approx(inside, abs=0.1)
    assert landmarks.pick(seen, "hip_flexion_deg")[0].inside > 0.7  # the roll turns trunk and thigh alike


def test_the_whole_benchmark_runs_on_a_few_sets() -> None:
    rows = landmarks.make_rows(landmarks.run("dev", 13, workers=1))
    assert len({row.quantity for row in rows}) == len(rows)
    by_name = {row.quantity: row for row in rows}
    assert by_name["hip flexion, RMSE"].count > 0
    assert by_name["hip flexion, RMSE"].target == "<= 2"


def test_a_row_is_held_against_its_target() -> None:
    assert make_row("a", 70.0, "ms", count=3, at_most=70).met is True
    assert make_row("a", 70.1, "ms", count=3, at_most=70).met is False
    assert make_row("a", 97.9, "%", count=3, at_least=98).met is False
    assert make_row("a", math.nan, "%", count=3, at_least=98).met is False
    assert make_row("a", math.nan, "%", count=0, at_least=98).met is None
    assert make_row("a", 1.0, "%", count=3).met is None


def test_the_table_marks_what_misses() -> None:
    rows = [
        make_row("eot", 71.0, "ms", count=3, at_most=70, coverage=0.90, abstained=0.02),
        make_row("lambda", 1.0, "deg", count=3, coverage=0.99),
    ]
    _, eot, rounding = format_table(rows).splitlines()
    assert "MISSED" in eot
    assert "2 %" in eot
    assert not eot.endswith("!")
    assert rounding.endswith("99 % !")


def test_intervals_that_hold_are_counted_and_written(tmp_path: Path) -> None:
    """An interval from 0 on holds 0: it says nothing. numpy's numbers are written too; they ended the whole table."""
    truths = (1.5, 2.5, 0.0, 2.0)
    claimed = [Claim("", np.float64(1.5), np.float64(1.0), np.float64(2.0), truth) for truth in truths]
    row = held_row("a", [*claimed, Claim("", math.nan, math.nan, math.nan, 1.0)])
    assert (row.count, row.met) == (3, False)
    assert row.figure == pytest.approx(200 / 3)
    write_rows(tmp_path / "rows.json", [row], {"split": "dev"})
    assert json.loads((tmp_path / "rows.json").read_text(encoding="utf-8"))["rows"][0]["count"] == 3


def test_rows_are_written_as_json_without_nan(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "rows.json"
    write_rows(path, [make_row("eot", math.nan, "ms", count=2, at_most=70)], {"split": "dev"})
    written = json.loads(path.read_text(encoding="utf-8"))
    assert written["split"] == "dev"
    assert written["rows"][0]["figure"] is None
    assert written["rows"][0]["met"] is False
