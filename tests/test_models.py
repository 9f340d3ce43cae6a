"""The models are those that the manifest names, or there is an error that says how to mend them."""

import shutil
from pathlib import Path

import pytest

from formcheck.errors import ModelError
from formcheck.pose.model_files import load_model, models_folder

REBUILD = "python models/build_models.py"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the manifest and the smallest model."""
    for name in ("MANIFEST.toml", "pose_landmarker_lite.task"):
        shutil.copy(models_folder() / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("name", ["lite", "full", "heavy"])
def test_the_shipped_models_are_whole(name: str) -> None:
    model = load_model(name)
    assert model.name == name
    assert model.path.is_file()
    assert len(model.sha256) == 64


def test_a_changed_model_is_refused_with_the_command_that_mends_it(folder: Path) -> None:
    path = folder / "pose_landmarker_lite.task"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match="changed or is incomplete") as caught:
        load_model("lite", folder)
    assert REBUILD in caught.value.hint


def test_a_missing_model_is_refused_with_the_command_that_mends_it(folder: Path) -> None:
    with pytest.raises(ModelError, match="missing") as caught:
        load_model("heavy", folder)
    assert REBUILD in caught.value.hint


def test_an_unknown_model_is_refused_with_the_names_that_exist(folder: Path) -> None:
    with pytest.raises(ModelError, match="medium") as caught:
        load_model("medium", folder)
    assert "lite, full or heavy" in caught.value.hint


def test_a_manifest_that_cannot_be_read(folder: Path) -> None:
    (folder / "MANIFEST.toml").write_text("[lite")
    with pytest.raises(ModelError, match="cannot be read") as caught:
        load_model("lite", folder)
    assert REBUILD in caught.value.hint


def test_a_model_is_hashed_once(folder: Path) -> None:
    first = load_model("lite", folder)
    (folder / "pose_landmarker_lite.task").unlink()
    assert load_model("lite", folder) is first
