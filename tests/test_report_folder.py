import json
import os
from pathlib import Path

import pytest

from formcheck.cache import hash_file
from formcheck.errors import OutputError
from formcheck.report import folder as folder_module
from formcheck.report.folder import check_folder, plan_folders, write_folder

FILES = {"angles.csv": "time_s\n0.1\n", "report.json": '{"text": "ü"}\n'}


def listing(path: Path) -> list[str]:
    return sorted(str(each.relative_to(path)) for each in path.rglob("*"))


def test_results_lie_beside_the_video_or_in_out() -> None:
    assert plan_folders([Path("films/a.mp4")]) == [Path("films/a_formcheck")]
    assert plan_folders([Path("films/a.b.mp4")], Path("out")) == [Path("out/a.b_formcheck")]


def test_equal_stems_of_one_call_get_their_own_folders() -> None:
    videos = [Path("x/a.mp4"), Path("y/a.mov"), Path("z/A.mp4"), Path("z/a-2.mp4")]
    assert plan_folders(videos, Path("out")) == [
        Path("out/a_formcheck"),
        Path("out/a-2_formcheck"),
        Path("out/A-3_formcheck"),
        Path("out/a-2-2_formcheck"),
    ]
    assert plan_folders(videos[:2]) == [Path("x/a_formcheck"), Path("y/a_formcheck")]


def test_a_stem_too_long_for_a_folder_is_cut_and_marked(tmp_path: Path) -> None:
    videos = [tmp_path / ("ü" * 123 + end + ".mp4") for end in ("a", "b")]
    first, second = plan_folders(videos)
    assert first.name == "ü" * 118 + "~4545ad51_formcheck"
    assert first != second
    check_folder(first)
    write_folder(first, FILES)
    assert listing(first) == ["angles.csv", "report.json"]


def test_checking_leaves_nothing_behind(tmp_path: Path) -> None:
    check_folder(tmp_path / "new" / "deep" / "a_formcheck")
    assert listing(tmp_path) == []
    (tmp_path / "old").mkdir()
    check_folder(tmp_path / "old")
    assert listing(tmp_path) == ["old"]


def test_a_new_folder_appears_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "a_formcheck"
    write_folder(target, FILES)
    assert listing(tmp_path) == [
        "deep",
        "deep/a_formcheck",
        "deep/a_formcheck/angles.csv",
        "deep/a_formcheck/report.json",
    ]
    assert (target / "report.json").read_bytes() == '{"text": "ü"}\n'.encode()
    assert target.stat().st_mode & 0o777 == 0o777 & ~current_umask(), "readable for whom the user's umask lets"


def current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_folder_with_another_films_results_is_left_alone(tmp_path: Path) -> None:
    video = tmp_path / "set.mp4"
    video.write_bytes(b"a film")
    told = {"source": {"sha256": hash_file(video)}}
    first, second = tmp_path / "set_formcheck", tmp_path / "set-2_formcheck"
    write_folder(first, {"report.json": json.dumps(told)})
    assert plan_folders([video]) == [first]
    video.write_bytes(b"another film")
    assert plan_folders([video]) == [second]
    write_folder(second, {"report.json": json.dumps({"source": {"sha256": hash_file(video)}})})
    assert plan_folders([video]) == [second]
    (first / "report.json").write_text("no report", encoding="utf-8")
    assert plan_folders([video]) == [first]


def test_an_old_folder_keeps_what_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "angles.csv").write_text("old")
    (tmp_path / "my notes.txt").write_text("mine")
    write_folder(tmp_path, FILES)
    assert listing(tmp_path) == ["angles.csv", "my notes.txt", "report.json"]
    assert (tmp_path / "angles.csv").read_text() == "time_s\n0.1\n"
    assert (tmp_path / "my notes.txt").read_text() == "mine"


@pytest.mark.parametrize("exists", [True, False])
def test_a_full_disk_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exists: bool) -> None:
    target = tmp_path / "a_formcheck"
    if exists:
        target.mkdir()
        (target / "angles.csv").write_text("old")
    real_write = Path.write_text

    def write_until_full(path: Path, text: str, **options: str) -> int:
        if path.name == "report.json":
            real_write(path, text[:3], **options)
            raise OSError(28, "No space left on device")
        return real_write(path, text, **options)

    monkeypatch.setattr(folder_module.Path, "write_text", write_until_full)
    with pytest.raises(OutputError) as caught:
        write_folder(target, FILES)
    assert caught.value.message == f"The results cannot be written to {target}: no space left on device."
    assert caught.value.hint == "Use --out to choose a folder that you can write to."
    assert listing(tmp_path) == (["a_formcheck", "a_formcheck/angles.csv"] if exists else [])
    if exists:
        assert (target / "angles.csv").read_text() == "old"


def test_a_file_in_the_folders_place_is_found_before(tmp_path: Path) -> None:
    (tmp_path / "a_formcheck").write_text("a file")
    with pytest.raises(OutputError, match=r"a_formcheck: file exists\.$"):
        check_folder(tmp_path / "a_formcheck")
    with pytest.raises(OutputError, match=r"deep: not a directory\.$"):
        check_folder(tmp_path / "a_formcheck" / "deep")
    assert (tmp_path / "a_formcheck").read_text() == "a file"


def test_a_place_that_takes_no_folder_is_found_before() -> None:
    with pytest.raises(OutputError, match="^The results cannot be written to /proc/here: "):
        check_folder(Path("/proc/here"))


def test_a_name_too_long_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"file name too long\.$"):
        check_folder(tmp_path / ("x" * 300))
