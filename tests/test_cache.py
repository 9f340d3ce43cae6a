"""What is kept comes back bit for bit; what is damaged is as if it were not there."""

import gzip
import io
import json
import logging
import os
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from formcheck import cache
from formcheck.data import PoseProvenance, PoseSequence, Source
from formcheck.pose.estimation import SHAPES, as_sequence, pack, unpack
from formcheck.report.page import shell

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


# --- what comes back damaged, from a stranger or from a newer version -----------------------------------------------


def make_entry() -> tuple[Source, PoseSequence]:
    n = 40
    source = Source("set.mp4", "ab" * 32, 30.0, n, n / 30, (640, 480), 0)
    provenance = PoseProvenance("full", "cd" * 32, "video", "none", 30.0, "auto", "1.2.0")
    rng = np.random.default_rng(0)
    arrays = {name: rng.random([n if each == "T" else 0 if each == "C" else each for each in shape])
              for name, shape in SHAPES.items()}  # fmt: skip
    arrays = {name: each.astype(np.float32).astype(float) for name, each in arrays.items()} | {
        "time_s": np.arange(n) / 30
    }
    return source, as_sequence(arrays, arrays.pop("cuts_s"), source.size_px, provenance)


def entry(folder: Path) -> Path:
    cache.store(KEY, pack(*make_entry()))
    return folder / (KEY + cache.SUFFIX)


def read_entry() -> tuple[Source, PoseSequence] | None:
    kept = cache.load(KEY)
    return None if kept is None else unpack(kept, Path("set.mp4"), "ab" * 32)


def rezip(path: Path, change: Callable[[dict[str, bytes]], None], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack an entry anew with other contents or by another method; its bytes."""
    with zipfile.ZipFile(path) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w", method) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return path.read_bytes()


def put_texts(path: Path, texts: str) -> None:
    with np.load(path) as archive:
        arrays = dict(archive)
    with path.open("wb") as file:
        np.savez_compressed(file, **{**arrays, "texts": np.array(texts)})


def patch_headers(content: bytes, offset: int, value: int) -> bytes:
    """Write a 16-bit field of every entry, in its own header and in the directory (there 2 bytes later)."""
    data = bytearray(content)
    for mark, place in ((b"PK\x03\x04", offset), (b"PK\x01\x02", offset + 2)):
        at = data.find(mark)
        while at >= 0:
            data[at + place : at + place + 2] = value.to_bytes(2, "little")
            at = data.find(mark, at + 4)
    return bytes(data)


def test_an_entry_comes_back_as_it_was(folder: Path) -> None:
    entry(folder)
    back = read_entry()
    assert back is not None
    source, poses = make_entry()
    assert back[0] == source
    assert back[1].provenance == poses.provenance
    np.testing.assert_array_equal(back[1].xy_px, poses.xy_px)
    assert unpack(cache.load(KEY) or {}, Path("set.mp4"), "ef" * 32) is None, "the landmarks of another video"


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_entry_cut_or_changed_anywhere_is_a_miss(folder: Path, method: int) -> None:
    path = entry(folder)
    whole = rezip(path, lambda members: None, method)
    assert read_entry() is not None, "another method of packing alone is no damage"
    random = np.random.default_rng(method)
    missed = 0
    for number in range(120):
        content = bytearray(whole)
        if number % 3 == 0:
            del content[random.integers(len(content)) :]
        else:
            for place in random.integers(0, len(content), 1 + number % 4):
                content[place] ^= 1 << random.integers(8)
        path.write_bytes(content)
        started_s = time.monotonic()
        missed += read_entry() is None
        assert time.monotonic() - started_s < 5.0
        assert path.read_bytes() == content, "reading changes nothing"
        assert [each for each in cache.files_of("ab" * 32) if each != path] == []
    assert missed > 60, "most of the file is under a checksum"


@pytest.mark.parametrize(
    ("offset", "value"),
    [(6, 0x1), (6, 0x41), (8, 99), (8, 14), (8, 12), (8, 1), (8, 0), (4, 90)],
    ids=["encrypted", "strongly", "AES", "lzma", "bzip2", "shrunk", "stored", "newer zip"],
)
def test_wrong_flags_of_a_zip_are_a_miss(folder: Path, offset: int, value: int) -> None:
    path = entry(folder)
    path.write_bytes(patch_headers(path.read_bytes(), offset, value))
    assert read_entry() is None
    assert cache.files_of("ab" * 32) == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("source", "duration_s"), "9.5"),
        (("source", "duration_s"), None),
        (("source", "n_frames"), 95.5),
        (("source", "n_frames"), True),
        (("source", "size_px"), [640]),
        (("source", "size_px"), [0, 480]),
        (("source", "size_px"), "640x480"),
        (("source", "sha256"), "ef" * 32),
        (("source", "made_by"), "a newer version"),
        (("provenance", "model"), 7),
        (("provenance", "rate_hz"), [30]),
        (("source",), []),
        (("provenance",), None),
    ],
)
def test_a_text_of_another_type_is_a_miss(folder: Path, place: tuple[str, ...], value: Any) -> None:
    path = entry(folder)
    with np.load(path) as archive:
        texts = json.loads(str(archive["texts"]))
    inner = texts
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    put_texts(path, json.dumps(texts))
    assert read_entry() is None


@pytest.mark.parametrize("texts", ["", "{", "[]", "7", '{"source": ' * 300 + "{}", "[" * 100_000, "1" * 100_000, "NaN"])
def test_texts_that_are_no_texts_of_ours_are_a_miss(folder: Path, texts: str) -> None:
    put_texts(entry(folder), texts)
    assert read_entry() is None
    assert cache.files_of("ab" * 32) == []


@pytest.mark.parametrize(
    "change",
    [
        {"time_s": np.arange(40)[::-1] / 30},
        {"time_s": np.full(40, np.nan)},
        {"time_s": np.arange(3) / 30},
        {"xy_px": np.zeros((40, 33, 3), np.float32)},
        {"xy_px": np.full((40, 33, 2), np.inf, np.float32)},
        {"xy_px": np.full((40, 33, 2), "7")},
        {"visibility": np.zeros((40, 33), np.complex64)},
        {"plate_px": np.zeros((39, 3), np.float32)},
        {"edge_px": np.float32(0)},
        {"cuts_s": np.zeros((1, 1))},
        {"texts": np.zeros(3)},
    ],
    ids=str,
)
def test_arrays_of_another_shape_or_type_are_a_miss(folder: Path, change: dict[str, Any]) -> None:
    cache.store(KEY, {**pack(*make_entry()), **change})
    assert read_entry() is None


def test_what_unpacks_to_too_much_is_not_unpacked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MAX_UNPACKED", 20_000_000)
    path = entry(folder)
    rezip(path, lambda members: members.update({"bomb.npy": bytes(30_000_000)}))
    assert path.stat().st_size < 1_000_000
    tracemalloc.start()
    assert read_entry() is None
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_a_header_that_promises_too_much_is_a_miss(folder: Path) -> None:
    path = entry(folder)
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**15,)})
    rezip(path, lambda members: members.update({"time_s.npy": header.getvalue() + bytes(800)}))
    assert read_entry() is None


@pytest.mark.parametrize("kind", ["pipe", "folder", "array", "pickle"])
def test_what_is_no_zip_file_is_a_miss_at_once(folder: Path, kind: str) -> None:
    path = entry(folder)
    path.unlink()
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "array":
            with path.open("wb") as file:
                np.save(file, np.arange(5))
        case _:
            path.write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    assert read_entry() is None
    assert cache.files_of("ab" * 32) == []


def test_the_packed_chart_library_is_made_anew(folder: Path) -> None:
    shell.pack_plotly.cache_clear()
    whole = shell.pack_plotly()
    (path,) = folder.iterdir()
    key = path.name.removesuffix(cache.SUFFIX)
    for digest, packed in (("'sha256-x' 'unsafe-inline'", b"\x1f\x8b"), (whole[0], gzip.compress(b"alert(1)"))):
        cache.store(key, {"digest": np.array(digest), "packed": np.frombuffer(packed, np.uint8)})
        shell.pack_plotly.cache_clear()
        assert shell.pack_plotly() == whole
    shell.pack_plotly.cache_clear()
