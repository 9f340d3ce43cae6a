"""What `make speed` measures is what it says: the stages' sum is the whole, and shares are of the limit."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import FIRST_REP, ROOT, SAMPLE

from benchmarks.speed import Row, judge_rows, middle_of
from benchmarks.speed_stages import DECODING, FIRST_PASS, MODEL, NEW, SECOND, STAGES, WARM_UP, WINDOW

CACHED_SET = """
import sys
from formcheck.cli.main import app
app(sys.argv[1:], standalone_mode=False)
from formcheck.pose.model_files import load_model
print(load_model.cache_info().currsize, *sys.modules)
"""
NOT_FOR_A_CACHED_SET = {
    "mediapipe", "onnxruntime", "matplotlib", "pandas", "plotly", "rich", "jsonschema", "sqlalchemy", "fsspec",
}  # fmt: skip


def row(wall_s: float = 30.0, cpu_s: float = 55.0) -> Row:
    return Row("1080p 30", 60, 2, decoding_ms=3.0, model_ms=17.0, second_ms=5.0, wall_s=wall_s, cpu_s=cpu_s)


def test_the_limit_is_all_cores_at_decoding_and_looking_alone() -> None:
    assert row().limit_hz(second=False) == pytest.approx(2 / 0.020)
    assert row().limit_hz(second=True) == pytest.approx(2 / 0.025)
    assert row(wall_s=20.0).share(second=False) == pytest.approx(1800 / 20 / 100)
    assert row(cpu_s=49.5).cpu_ratio == pytest.approx(49.5 / (1800 * 0.025))


@pytest.mark.parametrize(("wall_s", "cpu_s", "met"), [(24.4, 49.4, [False, True, True, True]),
                                                      (24.5, 49.6, [False, False, False, True]),
                                                      (19.5, 40.0, [True, True, True, True])])  # fmt: skip
def test_what_is_asked_of_a_minute(wall_s: float, cpu_s: float, met: list[bool]) -> None:
    assert [bar.met for bar in judge_rows([row(wall_s, cpu_s)])] == met


def test_the_middle_round_is_reported_whole() -> None:
    assert middle_of([row(40.0, 1.0), row(20.0, 2.0), row(30.0, 3.0)]) == row(30.0, 3.0)


def test_the_stages_sum_to_the_whole(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.speed_stages", "analyze", SAMPLE, "--lift", "rdl", "--no-cache",
               "--end", "2.5", "--out", tmp_path]  # fmt: skip
    done = subprocess.run([str(each) for each in command], cwd=ROOT, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    stages_s = told["stages_s"]
    assert list(stages_s) == list(STAGES)
    assert sum(stages_s.values()) == pytest.approx(told["whole_s"], rel=1e-6)
    assert told["frames"] == pytest.approx(75, abs=2)
    assert told["landmarkers"] >= 2
    for stage in (DECODING, MODEL, SECOND, WARM_UP, NEW, WINDOW, FIRST_PASS):
        assert stages_s[stage] > 0, stage
    pieces = told["landmarkers"]
    assert stages_s[WARM_UP] / stages_s[MODEL] == pytest.approx(5 * (pieces - 1) / told["frames"], rel=0.01)


def test_a_set_from_the_cache_loads_little_and_hashes_no_model(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CACHED_SET, "analyze", str(SAMPLE), *FIRST_REP, "--out", str(tmp_path)]
    for _ in range(2):  # the first finds the landmarks, unless another test has
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    hashed, *modules = done.stdout.splitlines()[-1].split()
    assert hashed == "0"
    assert {"av", "cv2", "jinja2", "scipy.signal"} <= set(modules), "the page is written"
    assert NOT_FOR_A_CACHED_SET & set(modules) == set()
