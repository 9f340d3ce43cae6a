"""What people really type and drop in: one sentence, the next step, exit code 1 (2 for usage), nothing half-written."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from conftest import FIRST_REP, ROOT, check_folder_contract
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
Call = Callable[..., "subprocess.CompletedProcess[str]"]
SIZE_PX = (640, 360)


@pytest.fixture
def formcheck(tmp_path: Path) -> Iterator[Call]:
    """Run the real command in tmp_path, with no stdin; what it has written there is held to its schema."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def call(*arguments: str | bytes | Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "formcheck", *arguments],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            check=False,
        )

    yield call
    check_folder_contract(tmp_path)


def write_video(path: Path, frames: Iterator[Frame] | list[Frame], *, fps: int = 30) -> Path:
    """Write RGB frames as H.264."""
    with av.open(str(path), "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", rate=fps)
        stream.pix_fmt = "yuv420p"
        for number, frame in enumerate(frames):
            if number == 0:
                stream.height, stream.width = frame.shape[:2]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return path


def grey_frames(n_frames: int) -> list[Frame]:
    return [np.full((*SIZE_PX[::-1], 3), 90 + number % 3, dtype=np.uint8) for number in range(n_frames)]


def sample_frames(clip: Path, n_frames: int) -> Iterator[Frame]:
    with av.open(str(clip)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number == n_frames:
                return
            yield frame.to_ndarray(format="rgb24")


def in_a_thumbnail(frame: Frame) -> Frame:
    """The same picture on 112 x 84 pixels, of which the lifter fills fewer than 80."""
    return np.asarray(cv2.resize(frame, (112, 84), interpolation=cv2.INTER_AREA))


def in_the_distance(frame: Frame) -> Frame:
    """The same picture as if filmed from ten times as far: it fills a tenth of a grey canvas."""
    canvas = np.full_like(frame, 128)
    small = cv2.resize(frame, None, fx=0.1, fy=0.1, interpolation=cv2.INTER_AREA)
    canvas[200 : 200 + small.shape[0], 300 : 300 + small.shape[1]] = small
    return canvas


def write_sound(path: Path) -> Path:
    """One second of silence, and no picture."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=48000)
        for number in range(47):
            sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), dtype=np.float32), format="fltp", layout="mono")
            sound.sample_rate = 48000
            sound.pts = 1024 * number
            sound.time_base = Fraction(1, 48000)
            container.mux(stream.encode(sound))
        container.mux(stream.encode())
    return path


def assert_refused(done: "subprocess.CompletedProcess[str]", message: str) -> None:
    """One sentence that says `message`, one that gives the next step, exit code 1, nothing on stdout."""
    assert "Traceback" not in done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 2, done.stderr
    assert lines[0].startswith("error: ")
    assert message in lines[0]
    assert lines[1].startswith("  next: ")
    assert len(lines[1]) > len("  next: ")
    assert done.stdout == ""
    assert done.returncode == 1


def names_in(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*"))


def make_text(path: Path, clip: Path) -> None:
    path.write_text("not a video\n" * 1000)


def make_empty(path: Path, clip: Path) -> None:
    path.write_bytes(b"")


def make_truncated(path: Path, clip: Path) -> None:
    path.write_bytes(clip.read_bytes()[:2000])


def make_folder(path: Path, clip: Path) -> None:
    path.mkdir()


def make_sound(path: Path, clip: Path) -> None:
    write_sound(path)


def make_nobody(path: Path, clip: Path) -> None:
    write_video(path, grey_frames(60))


def make_thumbnail(path: Path, clip: Path) -> None:
    write_video(path, (in_a_thumbnail(frame) for frame in sample_frames(clip, 90)))


def make_distant(path: Path, clip: Path) -> None:
    write_video(path, (in_the_distance(frame) for frame in sample_frames(clip, 90)))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (make_text, "set.mp4 cannot be read as a video."),
        (make_empty, "set.mp4 is empty."),
        (make_truncated, "set.mp4 cannot be read as a video."),
        (make_folder, "set.mp4 is a folder."),
        (make_sound, "set.mp4 holds only sound."),
        (make_nobody, "set.mp4: No person was found in the video."),
        (make_thumbnail, " px tall."),
        (make_distant, "set.mp4: The lifter is only 24 px tall."),
    ],
)
def test_what_is_no_set_on_video(
    formcheck: Call, tmp_path: Path, sample_clip: Path, make: Callable[[Path, Path], None], message: str
) -> None:
    make(tmp_path / "set.mp4", sample_clip)
    before = names_in(tmp_path)
    assert_refused(formcheck("analyze", "set.mp4", "--lift", "rdl"), message)
    assert names_in(tmp_path) == before


def test_no_such_file(formcheck: Call, tmp_path: Path) -> None:
    assert_refused(formcheck("analyze", "gone/set.mp4", "--lift", "rdl"), "gone/set.mp4")
    assert names_in(tmp_path) == []


def test_a_name_longer_than_any_file_can_have(formcheck: Call, tmp_path: Path) -> None:
    assert_refused(formcheck("analyze", "x" * 300, "--lift", "rdl"), "x" * 300)


def test_an_unknown_lift_is_a_usage_error(formcheck: Call, sample_clip: Path) -> None:
    done = formcheck("analyze", sample_clip, "--lift", "squat")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'squat' is not one of 'auto', 'rdl'" in done.stderr


def test_a_bad_toml_key(formcheck: Call, tmp_path: Path, sample_clip: Path) -> None:
    (tmp_path / "mine.toml").write_text('[limits."rdl.overun"]\nnote = 5\n')
    done = formcheck("analyze", sample_clip, "--config", "mine.toml")
    assert_refused(done, "Unknown check rdl.overun under limits in mine.toml.")
    assert done.stderr.endswith("  next: Did you mean rdl.overrun?\n")


@pytest.mark.parametrize("out", ["/proc/formcheck", "in the way", "in the way/deeper", "/dev/null"])
def test_an_output_folder_that_cannot_be_had(formcheck: Call, tmp_path: Path, sample_clip: Path, out: str) -> None:
    (tmp_path / "in the way").write_text("a file")
    done = formcheck("analyze", sample_clip, "--lift", "rdl", "--out", out)
    assert_refused(done, f"The results cannot be written to {out}/rdl_four_reps_formcheck: ")
    assert done.stderr.endswith("  next: Use --out to choose a folder that you can write to.\n")
    assert names_in(tmp_path) == ["in the way"]


HOSTILE = [
    b"new\nline.mp4",
    b"-rf.mp4",
    b"\x1b[31mred\x07.mp4",
    b"not utf8 \xff\xfe.mp4",
    b"[bold]markup[bold] %s {0} $HOME.mp4",
    b"concat:a|b.mp4",
    b"http:%2F%2Fexample.mp4",
    b"frame%03d.mp4",
    b"\xe2\x80\xaegpm.mp4",
    b"no extension",
    b".mp4",
    b"..mp4",
    b" ",
    b"x" * 246 + b".mp4",
]


def test_hostile_names_of_a_good_video(formcheck: Call, tmp_path: Path, sample_clip: Path) -> None:
    for name in HOSTILE:
        (tmp_path / os.fsdecode(name)).symlink_to(sample_clip)
    done = formcheck("analyze", *FIRST_REP, "--", *HOSTILE)
    lines = done.stderr.splitlines()
    assert done.returncode == 0, done.stderr
    assert all(line.startswith("wrote ") for line in lines), done.stderr
    assert len(lines) == len(HOSTILE)
    assert "\x1b" not in done.stdout + done.stderr
    assert " ".join(done.stdout.split()).count("Romanian deadlift, 1 rep in 8.0 s") == len(HOSTILE)
    folders = [each for each in tmp_path.iterdir() if each.is_dir()]
    assert len(folders) == len(HOSTILE)
    for folder in folders:
        assert folder.name.endswith("_formcheck")
        assert {each.name for each in folder.iterdir()} == {"angles.csv", "reps.csv", "report.html", "report.json"}


def test_hostile_names_of_no_video(formcheck: Call, tmp_path: Path) -> None:
    for name in HOSTILE:
        (tmp_path / os.fsdecode(name)).write_bytes(b"not a video\n")
    done = formcheck("analyze", "--lift", "rdl", "--", *HOSTILE)
    lines = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    assert len(lines) == 2 * len(HOSTILE), done.stderr
    assert all(line.startswith("error: ") and line.endswith(" cannot be read as a video.") for line in lines[::2])
    assert all(line.startswith("  next: ") for line in lines[1::2])
    assert "\x1b" not in done.stderr
    assert len(list(tmp_path.iterdir())) == len(HOSTILE)


def test_a_leading_dash_without_the_double_dash_is_a_usage_error(formcheck: Call) -> None:
    done = formcheck("analyze", "-rf.mp4")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Error: No such option: -r\n" in done.stderr


def test_a_reader_that_goes_away_is_no_crash(tmp_path: Path) -> None:
    command = f"{sys.executable} -m formcheck explain --json | head -c 1"
    done = subprocess.run(
        ["bash", "-c", command], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "["
    assert "Traceback" not in done.stderr


def test_a_header_that_names_no_codec(formcheck: Call, tmp_path: Path) -> None:
    write_video(tmp_path / "set.mp4", grey_frames(30))
    content = (tmp_path / "set.mp4").read_bytes()
    assert content.count(b"avc1") == 2  # the brand, and the sample's description
    head, tail = content.rsplit(b"avc1", 1)
    (tmp_path / "set.mp4").write_bytes(head + b"zzz9" + tail)
    assert_refused(
        formcheck("analyze", "set.mp4", "--lift", "rdl"), "set.mp4 is in a video format that cannot be decoded."
    )


@pytest.mark.parametrize("text", ["ffconcat version 1.0\nfile other.mp4\n", "#EXTM3U\n#EXTINF:2,\nother.mp4\n"])
def test_a_list_of_other_files_shows_none_of_them(formcheck: Call, tmp_path: Path, text: str) -> None:
    write_video(tmp_path / "other.mp4", grey_frames(30))
    (tmp_path / "set.mp4").write_text(text)
    assert_refused(formcheck("analyze", "set.mp4", "--lift", "rdl"), "set.mp4 cannot be read as a video.")


def test_a_picture_that_is_called_a_video(formcheck: Call, tmp_path: Path) -> None:
    content = cv2.imencode(".png", np.full((360, 640, 3), 90, np.uint8))[1].tobytes()
    (tmp_path / "set.mp4").write_bytes(content)
    assert_refused(formcheck("analyze", "set.mp4", "--lift", "rdl"), "set.mp4 is a single picture, not a video")
