"""Pictures through the real model: guide, faults, and the whole command on shipped clips."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, SAMPLE

from benchmarks.streaming import draw_number, read_number
from formcheck.cli.live import as_json_line, as_line
from formcheck.cli.main import main
from formcheck.live.loop import Listener, Stop, replay
from formcheck.live.session import OTHER_ONE, TOO_DARK, TWO_PEOPLE, Session
from formcheck.live.tracking.lifter_tracker import cut_square, frame_body, whole_square
from formcheck.live.types import Overlay, Picture, Said
from formcheck.settings import Settings
from tests.films import Picture as Rgb
from tests.films import plain, read_pictures, write_film

NORDIC = ROOT / "samples" / "nordic_break_60.mp4"


@pytest.fixture(scope="module")
def standing() -> Rgb:
    return read_pictures(SAMPLE, count=1)[0]


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session(Settings(lift="rdl", model="lite"), background=False, step_down=False)
    yield session
    session.close()


def show(session: Session, rgb: Rgb, seconds: float, start_s: float = 0.0) -> list[Said]:
    words = []
    for number in range(int(seconds * 10)):
        session.see(Picture(start_s + number / 10, rgb, 0.0))
        words += session.said()
    return words


def test_somebody_who_stands_there_is_found_and_may_begin(session: Session, standing: Rgb) -> None:
    words = show(session, standing, 3.0)
    assert words[0].text == "You're in the picture."
    view = session.see(Picture(3.0, standing, 0.0))
    assert view.phase == "ready"
    assert view.side == "right"
    assert view.model == "lite"
    assert abs(view.trunk_deg) < 12
    assert view.xy_px is not None
    assert np.isfinite(view.xy_px).all()
    assert view.guide is None


@pytest.mark.parametrize(("lift", "hurries", "model"), [("seated_curl", False, "heavy"), ("seated_curl", True, "full")])
def test_a_film_that_waits_is_seen_with_the_model_of_its_lifts_report(
    standing: Rgb, lift: str, hurries: bool, model: str
) -> None:
    """Else repetitions near the line between whole and partial are counted otherwise there."""
    session = Session(Settings(lift=lift), background=False, step_down=hurries)
    view = session.see(Picture(0.0, standing, 0.0))
    session.close()
    assert view.model == model


def test_a_dark_room_and_an_empty_one_are_told_once(session: Session, standing: Rgb) -> None:
    dark = show(session, np.zeros_like(standing), 5.0)
    assert [each.text for each in dark] == [TOO_DARK, "Step into the picture."]
    assert session.see(Picture(5.0, np.zeros_like(standing), 0.0)).notice == TOO_DARK
    empty = show(session, plain(960, 720, 120), 3.0, 5.1)
    assert empty == []
    assert session.see(Picture(8.2, plain(960, 720, 120), 0.0)).notice is None
    back = show(session, standing, 4.0, 8.3)
    assert "You're in the picture." in [each.text for each in back]


def test_a_second_person_is_told_once(session: Session, standing: Rgb) -> None:
    part = standing[:, 250:730]
    words = show(session, np.concatenate([part, part[:, ::-1]], axis=1), 7.0)
    assert [each.text for each in words].count(TWO_PEOPLE) == 1


def test_the_one_who_moves_is_the_lifter(session: Session, standing: Rgb) -> None:
    """Two people stand side by side, then the one who is not watched goes down."""
    bent = read_pictures(SAMPLE, first=159, count=1)[0]
    still, low = standing[:, 250:730], bent[:, 250:730]
    show(session, np.concatenate([still, still[:, ::-1]], axis=1), 4.0)
    first = session.see(Picture(4.0, np.concatenate([still, still[:, ::-1]], axis=1), 0.0))
    assert first.xy_px is not None
    at_left = first.xy_px[:, 0].mean() < 480
    parts = [still, low[:, ::-1]] if at_left else [low, still[:, ::-1]]
    words = show(session, np.concatenate(parts, axis=1), 3.0, 4.1)
    assert OTHER_ONE in [each.text for each in words]
    then = session.see(Picture(7.2, np.concatenate(parts, axis=1), 0.0))
    assert then.xy_px is not None
    assert (then.xy_px[:, 0].mean() < 480) is not bool(at_left)


def test_a_picture_of_another_size_is_met(session: Session, standing: Rgb) -> None:
    show(session, standing, 2.0)
    small = standing[::2, ::2].copy()
    words = show(session, small, 3.0, 2.0)
    assert words[0].text == "The picture changed size. I'm looking for you again."
    assert "You're in the picture." in [each.text for each in words]
    view = session.see(Picture(6.0, small, 0.0))
    assert view.size_px == (480, 360)
    assert view.xy_px is not None
    assert view.xy_px.max() < 480


def test_reset_and_another_lift(session: Session, standing: Rgb) -> None:
    show(session, standing, 2.0)
    session.set_lift("nordic")
    view = session.see(Picture(3.0, standing, 0.0))
    assert view.lift == "nordic"
    assert view.phase == "looking"
    session.reset()
    assert session.see(Picture(4.0, standing, 0.0)).reps == 0


def test_a_nordic_is_counted_and_its_break_found_as_it_happens(pose_cache: Path) -> None:
    """All pictures of the first repetition, at the clip's own times, however long the machine takes for them."""
    truth = json.loads(NORDIC.with_suffix(".truth.json").read_text(encoding="utf-8"))["reps"][0]
    session = Session(Settings(lift="nordic", model="lite"), background=False, step_down=False)
    words: list[Said] = []
    for number, rgb in enumerate(read_pictures(NORDIC, count=240)):
        session.see(Picture(number / 30, rgb, 0.0))
        words += session.said()
    session.finish()
    (counted,) = (each for each in words if each.code == "live.rep")
    assert counted.text == "One."
    assert -0.2 < counted.time_s - truth["stop_s"] <= 0.3
    assert counted.values["eccentric_s"] == pytest.approx(truth["eccentric_s"], abs=0.2)
    ((entry,),) = (done.reps for done in session.sets)
    (found,) = (each for each in entry.findings if each.code == "nordic.break_point")
    assert found.value == pytest.approx(truth["break_phi_deg"], abs=5.0)
    session.close()


def test_the_square_holds_the_body_and_stays_in_the_picture() -> None:
    body = np.tile(np.array([[400.0, 300.0]]), (33, 1))
    body[:, 1] += np.linspace(-200, 200, 33)
    square = frame_body(body, (1280, 720), 0)
    assert square.top_px >= 0
    assert square.left_px >= 0
    assert square.top_px + square.side_px <= 720
    wide = whole_square((1280, 720))
    assert (wide.left_px, wide.top_px, wide.side_px) == (0, -280, 1280)
    picture = cut_square(plain(1280, 720, 255), wide, 128)
    assert picture.shape == (128, 128, 3)
    assert (picture[:27] == 128).all(), "grey beyond the picture"
    assert (picture[30:98] == 255).all()


# The command -------------------------------------------------------------------------------------------------------


def test_a_clip_is_watched_recorded_and_compared(tmp_path: Path) -> None:
    """In real time, so that what is seen in time depends on the machine; what is said is tested round it."""
    clip = tmp_path / "kept.mp4"
    arguments = (
        "--source",
        str(SAMPLE),
        "--lift",
        "rdl",
        "--model",
        "lite",
        "--mute",
        "--max-seconds",
        "3",
        "--real-time",
    )
    command = [sys.executable, "-m", "formcheck", "live", *arguments, "--record", str(clip)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[0] == "watching rdl_four_reps.mp4; Ctrl-C ends it"
    assert f"wrote {clip}" in done.stderr
    assert "W0000" not in done.stderr
    assert re.search(r"^Live against final: \d reps? and \d reps?$", done.stdout, re.MULTILINE)
    assert "Romanian deadlift" in done.stdout
    assert [each.name for each in tmp_path.iterdir()] == ["kept.mp4"]


def test_what_is_said_of_a_file_does_not_depend_on_how_busy_the_machine_is(tmp_path: Path) -> None:
    """All that is printed, to the last digit, by a program that runs and by one that is stopped half of the time."""
    arguments = ("--source", str(NORDIC), "--lift", "nordic", "--model", "lite", "--mute", "--json", "--no-window")
    command = [sys.executable, "-m", "formcheck", "live", *arguments, "--max-seconds", "8"]
    pauses_s = np.random.default_rng(7).uniform(0.02, 0.3, 10_000)
    with (tmp_path / "freely.txt").open("w") as said, (tmp_path / "haltingly.txt").open("w") as told:
        with subprocess.Popen(command, stdout=said) as freely, subprocess.Popen(command, stdout=told) as haltingly:
            for stop_s, go_s in pauses_s.reshape(-1, 2):
                if haltingly.poll() is not None:
                    break
                haltingly.send_signal(signal.SIGSTOP)
                time.sleep(stop_s)
                haltingly.send_signal(signal.SIGCONT)
                time.sleep(go_s)
        assert (freely.returncode, haltingly.returncode) == (0, 0)
    said_freely, said_haltingly = ((tmp_path / f"{name}.txt").read_text() for name in ("freely", "haltingly"))
    assert said_haltingly == said_freely
    assert '"text": "One."' in said_freely


def test_every_frame_of_a_file_is_looked_at_however_slow_its_watcher(session: Session, tmp_path: Path) -> None:
    pictures = []
    for number in range(20):
        picture = plain(320, 240, 60 + number)
        draw_number(picture, number)
        pictures.append(picture)
    clip = write_film(tmp_path / "numbers.mp4", pictures, fps=20.0)
    seen: list[tuple[int, float]] = []

    def view(_view: Overlay, picture: Picture) -> None:
        seen.append((read_number(picture.rgb), picture.time_s))
        time.sleep(0.1)

    replay(clip, session, Listener(view=view), Stop(), rate_hz=30.0, paced=False)
    assert seen == [(number, pytest.approx(number / 20)) for number in range(20)]
    seen.clear()
    replay(clip, session, Listener(view=view), Stop(0.5), rate_hz=30.0, paced=False)
    assert [number for number, _ in seen] == list(range(10)), "half a second of the film's own time"
    seen.clear()
    replay(clip, session, Listener(view=view), Stop(), rate_hz=10.0, paced=False)
    assert [number for number, _ in seen] == list(range(0, 20, 2)), "as offline would at this rate"


def test_a_file_that_somebody_watches_is_not_rushed(session: Session, tmp_path: Path) -> None:
    clip = write_film(tmp_path / "grey.mp4", [plain(320, 240, 60)] * 30, fps=20.0)
    began_s = time.monotonic()
    replay(clip, session, Listener(), Stop(), rate_hz=30.0, paced=True)
    assert time.monotonic() - began_s >= 29 / 20


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--source", "0", "--every-frame"), 2, "only a video file can wait for this computer"),
        (("--web", "--real-time"), 2, "a browser is camera and screen"),
        (("--source", "nothing.mp4"), 1, "There is no file nothing.mp4"),
        (("--source", "0", "--lift", "bench_press"), 2, "bench_press"),
        (("--source", str(NORDIC), "--record", "kept.avi"), 1, "Give a name that ends in .mp4"),
        (("--source", str(NORDIC), "--record", "no/where/kept.mp4"), 1, "There is no folder"),
        (("--source", str(NORDIC), "--record", "there.mp4"), 1, "there.mp4 is there already"),
    ],
)
def test_what_cannot_be_done_is_said_at_once(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.mp4").write_bytes(b"mine")
    monkeypatch.setattr(sys, "argv", ["formcheck", "live", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capsys.readouterr()
    assert ended.value.code == code
    assert words in err
    assert out == ""
    assert Path("there.mp4").read_bytes() == b"mine"


def test_lines_for_people_and_for_machines() -> None:
    values = {"eccentric_s": 3.04, "pause_s": 0.5, "concentric_s": float("nan")}
    said = Said(66.66, "One.", 1, 3, "live.rep", values)
    assert as_line(said) == "  1:06.7  rep    One. 3.0 s down, 0.5 s pause"
    assert json.loads(as_json_line(said)) == {
        "time_s": 66.66,
        "code": "live.rep",
        "rep": 1,
        "text": "One.",
        "eccentric_s": 3.04,
        "pause_s": 0.5,
        "concentric_s": None,
    }
    cue = Said(3.0, "Push your hips back.", 1, 1, "rdl.hip_travel")
    assert as_line(cue) == "  0:03.0  cue    Push your hips back."
