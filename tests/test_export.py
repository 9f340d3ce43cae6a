"""`formcheck export`: a video or a report's folder in, files beside it; every error is a sentence and a next step."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import FIRST_REP, make_report

from formcheck.cli.main import main
from formcheck.errors import InputError
from formcheck.report.document import build
from formcheck.settings import Settings
from formcheck.workflows.export import read_report

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str | Path) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["formcheck", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, capsys.readouterr().err

    return call


@pytest.fixture
def clip(tmp_path: Path, sample_clip: Path) -> Path:
    return Path(shutil.copy(sample_clip, tmp_path / "my set.mp4"))


def test_a_video_and_its_report_give_the_same_files(clip: Path, run: Run, tmp_path: Path) -> None:
    code, said = run("export", clip, *FIRST_REP, "--format", "trc,mot", "--out", tmp_path / "a")
    assert code == 0, said
    folder = tmp_path / "a" / "my set_formcheck"
    assert said == f"wrote {folder}: poses.trc, angles.mot\n"
    assert run("analyze", clip, *FIRST_REP[2:])[0] == 0  # the lift is recognised, and so it is for the report's files
    report = tmp_path / "my set_formcheck"
    code, said = run("export", report, "--format", "trc,mot")
    assert code == 0, said
    assert sorted(each.name for each in report.iterdir()) == [
        "angles.csv",
        "angles.mot",
        "poses.trc",
        "report.html",
        "report.json",
        "reps.csv",
    ]
    for name in ("poses.trc", "angles.mot"):
        assert (report / name).read_bytes() == (folder / name).read_bytes()
    code, said = run("export", report, "--out", tmp_path / "b", "--format", "mot")
    assert (code, said) == (0, f"wrote {tmp_path / 'b' / 'my set_formcheck'}: angles.mot\n")


def write_report(folder: Path, **changes: dict[str, object]) -> Path:
    folder.mkdir()
    settings = {"lift": "rdl", "model": "lite", "tempo": "3-1-1", "rate": 30.0, "start": None, "end": 8.0}
    content = build(make_report())
    content["source"] |= {"path": str(folder.parent / "gone" / "my set.mp4"), "sha256": "ab" * 32}
    content["provenance"]["settings"] = {**settings, "subject": "auto", "limits": {}, "pose_mode": "video"}
    for name, change in changes.items():
        content[name] = {**content[name], **change}
    (folder / "report.json").write_text(json.dumps(content))
    return folder


def test_the_video_is_found_beside_the_folder(tmp_path: Path) -> None:
    from formcheck.cache import hash_file

    clip = tmp_path / "my set.mp4"
    clip.write_bytes(b"a video")
    source = {"path": "elsewhere/my set.mp4", "sha256": hash_file(clip)}
    folder = write_report(tmp_path / "my set_formcheck", source=source)
    video, settings = read_report(folder, workers=2)
    assert video == clip
    assert settings == Settings(
        lift="rdl", model="lite", tempo=settings.tempo, rate_hz=30.0, end_s=8.0, subject="auto", workers=2
    )
    assert str(settings.tempo) == "3-1-1"
    clip.write_bytes(b"another")
    with pytest.raises(InputError, match="is no longer the video of this report"):
        read_report(folder)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"rate": "fast"}, "settings.rate should be a valid number"),
        ({"tempo": "slow"}, "its settings are not valid: --tempo cannot"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, object], words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words):
        read_report(write_report(tmp_path / "a", provenance={"settings": settings}))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "There is no report.json in "),
        ("{", "is not a report of this program"),
        ("[" * 100_000, "is not a report of this program"),
        ("[1]", "is not a report of this program"),
        (
            '{"schema_version": 1, "source": {"path": 3}}',
            "is not a report of this program: source.path should be a valid string",
        ),
        ('{"schema_version": 2}', "was written by a newer formcheck (format 2, this version knows 1)"),
        ('{"a": {}, "b": {}, "measures": []}', "is a comparison, not a report"),
        ("pipe", "is not a report of this program: it is a folder, a pipe or a device"),
        ("\udcff", "is not a report of this program"),
    ],
)
def test_a_folder_that_is_no_report(text: str | None, sentence: str, tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "my set_formcheck"
    folder.mkdir()
    if text == "pipe":
        os.mkfifo(folder / "report.json")
    elif text is not None:
        (folder / "report.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    code, said = run("export", folder)
    assert code == 1
    assert said.startswith("error: ")
    assert sentence in said
    assert said.count("\n") == 2
    assert "\n  next: " in said


def test_a_report_too_large_to_be_one_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("formcheck.workflows.export.MAX_REPORT_BYTES", 100)
    with pytest.raises(InputError, match="is larger than 0 MB"):
        read_report(write_report(tmp_path / "a"))


def test_one_that_fails_stops_no_other(clip: Path, run: Run, tmp_path: Path) -> None:
    code, said = run("export", tmp_path / "none.mp4", clip, *FIRST_REP, "--format", "mot")
    assert code == 1
    assert said.startswith(f"error: There is no file {tmp_path / 'none.mp4'}.\n  next: ")
    assert (tmp_path / "my set_formcheck" / "angles.mot").exists()
    assert not (tmp_path / "none_formcheck").exists()


def test_an_unknown_format_is_said_before_any_work(clip: Path, run: Run) -> None:
    code, said = run("export", clip, "--format", "bvh")
    assert code == 1
    assert said == "error: There is no format bvh.\n  next: The choices are: trc, mot, csv, parquet, dlc, c3d.\n"
