"""What is kept comes back bit for bit; what is damaged is as if it were not there."""

import logging
import os
from pathlib import Path

import numpy as np
import pytest

from formcheck import cache

KEY = cache.cache_key({"video": "a"})
ARRAYS = {"time_s": np.arange(5) / 3, "texts": np.array('{"ä": 1}'), "empty": np.empty((0, 2), dtype=np.float32)}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FORMCHECK_CACHE_DIR", str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_arrays_come_back_as_they_were(folder: Path) -> None:
    cache.store(KEY, ARRAYS)
    back = cache.load(KEY)
    assert back is not None
    assert back.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert back[name].dtype == array.dtype
        np.testing.assert_array_equal(back[name], array)
    assert [path.suffix for path in folder.iterdir()] == [".npz"]  # and no temporary file


def test_nothing_is_created_by_looking(folder: Path) -> None:
    assert cache.load(KEY) is None
    assert not folder.exists()


@pytest.mark.parametrize("damage", [b"", b"not a zip", b"PK\x03\x04 and then nothing"])
def test_a_damaged_file_is_a_miss_and_is_written_again(folder: Path, damage: bytes) -> None:
    cache.store(KEY, ARRAYS)
    (path,) = folder.iterdir()
    path.write_bytes(damage)
    assert cache.load(KEY) is None
    cache.store(KEY, ARRAYS)
    assert cache.load(KEY) is not None


@pytest.mark.parametrize("keep", [0.3, 0.7, 0.95])
def test_a_cut_file_is_a_miss(folder: Path, keep: float) -> None:
    cache.store(KEY, {"noise": np.random.default_rng(1).random(1000)})
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    assert cache.load(KEY) is None


def test_a_flipped_bit_is_a_miss(folder: Path) -> None:
    cache.store(KEY, {"noise": np.random.default_rng(1).random(1000)})
    (path,) = folder.iterdir()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)
    assert cache.load(KEY) is None


def test_pickles_are_not_opened(folder: Path) -> None:
    folder.mkdir()
    np.savez(folder / (KEY + cache.SUFFIX), evil=np.array([{"a": 1}], dtype=object))
    assert cache.load(KEY) is None


def test_the_key_depends_on_every_value_and_not_on_the_order() -> None:
    key = cache.cache_key({"a": 1, "b": None})
    assert key == cache.cache_key({"b": None, "a": 1})
    others = [{"a": 1, "b": 0}, {"a": 1}, {"a": 1.5, "b": None}, {"a": "1", "b": None}]
    assert len({key, *(cache.cache_key(each) for each in others)}) == 5


def test_the_oldest_files_make_room(folder: Path) -> None:
    for number in range(4):
        cache.store(f"{number}", {"noise": np.random.default_rng(number).random(1000)})
        os.utime(folder / f"{number}{cache.SUFFIX}", (1000 + number, 1000 + number))
    assert cache.load("0") is not None  # now the one that was used last
    cache.trim(folder, 20_000)
    assert [cache.load(f"{number}") is not None for number in range(4)] == [True, False, False, True]


def test_a_folder_that_cannot_be_made_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FORMCHECK_CACHE_DIR", str(tmp_path / "file" / "kept"))
    with caplog.at_level(logging.WARNING):
        cache.store(KEY, ARRAYS)
    assert "could not be kept" in caplog.text
    assert cache.load(KEY) is None


def test_without_the_variable_the_system_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORMCHECK_CACHE_DIR")
    assert cache.cache_folder().name == "formcheck"
