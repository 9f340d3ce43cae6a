"""`movement`, the real package, loads what `formcheck export --format dlc` writes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from installing import install

from formcheck.io.save.dlc import write_dlc
from samples.renderer.stick import rdl_set

LOAD = """
import json, sys
from movement.io import load_poses
poses = load_poses.from_dlc_file(sys.argv[1], fps=30)
print(json.dumps({
    "keypoints": poses.keypoints.values.tolist(),
    "time_s": poses.time.values.tolist(),
    "position": poses.position.transpose("time", "keypoints", "space", "individuals").values[..., 0].tolist(),
    "confidence": poses.confidence.transpose("time", "keypoints", "individuals").values[..., 0].tolist(),
}))
"""


def test_movement_loads_the_deeplabcut_table(tmp_path: Path) -> None:
    requirements = Path(__file__).with_name("movement_requirements.txt")
    target = tmp_path / "movement"
    install("--no-deps", "--target", target, "--requirement", requirements)
    poses, _ = rdl_set(1, noise_mm=4.0, dropouts=((3.0, 3.5),))
    table = tmp_path / "poses_dlc.csv"
    table.write_text(write_dlc(poses))
    environment = {**os.environ, "PYTHONPATH": str(target), "HOME": str(tmp_path)}  # movement keeps a log at home
    command = [sys.executable, "-c", LOAD, str(table)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert loaded["keypoints"][:2] == ["nose", "left_eye_inner"]
    assert len(loaded["keypoints"]) == 33
    position = np.array(loaded["position"], dtype=float)
    assert np.isnan(position).any(), "the dropout stays a gap"
    np.testing.assert_allclose(position, poses.xy_px, atol=1e-3)
    np.testing.assert_allclose(np.array(loaded["confidence"], dtype=float), poses.visibility, atol=1e-3)
    assert loaded["time_s"] == pytest.approx(poses.time_s - poses.time_s[0], abs=1e-6)
