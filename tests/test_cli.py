"""The command line over a pipeline that answers at once: streams, exit codes, files."""

import importlib
import io
import json
import os
import pty
import subprocess
import sys
import tempfile
import types
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT, make_report
from films import plain, write_film

from formcheck import __version__, analyze
from formcheck.cache import hash_file
from formcheck.cli import demo as demo_module
from formcheck.cli import streams
from formcheck.cli.main import main
from formcheck.cli.streams import print_summary
from formcheck.data import Report
from formcheck.errors import InputError, LiftError, SettingsError, SubjectError
from formcheck.lifts import name_checks
from formcheck.report import render_files
from formcheck.report.terminal import summarise
from formcheck.settings import LimitOverride, Settings, Tempo

Run = Callable[..., tuple[int, str, str]]


@cache
def any_video() -> bytes:
    """Three grey pictures: enough for whoever looks into it."""
    with tempfile.TemporaryDirectory() as folder:
        return write_film(Path(folder) / "any.mp4", [plain(64, 48, 90)] * 3).read_bytes()


def report_of(path: Path) -> Report:
    """The report that is made of every video, under its own name and digest."""
    report = make_report()
    return replace(report, source=replace(report.source, path=str(path), sha256=hash_file(path)))


class FakePipeline(types.ModuleType):
    """Stands in for formcheck.pipeline: remembers its calls; fails for files named as an error."""

    def __init__(self) -> None:
        super().__init__("formcheck.pipeline")
        self.calls: list[tuple[Path, Settings, bool]] = []

    def choose_lift(self, settings: Settings) -> None:
        if settings.lift == "ghr":
            raise SettingsError("This version cannot judge ghr.", "Say --lift rdl.")

    def analyze_landmarks(self, path: Path, *_: object) -> Report:
        raise AssertionError(f"{path} holds no landmarks")

    def analyze(self, path: Path, settings: Settings, progress: object = None, use_cache: bool = True) -> Report:
        self.calls.append((path, settings, use_cache))
        if "nobody" in path.name:
            raise SubjectError(f"Nobody was found in {path}.", "Film the whole body.")
        if "empty" in path.name:
            raise SubjectError("No person was found.", "Film the whole body.")
        if "unsure" in path.name and settings.lift == "auto":
            raise LiftError("The lift was not recognised: nothing moves.", "Choose one with --lift good_morning|rdl.")
        if "stop" in path.name:
            raise KeyboardInterrupt
        if "bug" in path.name:
            raise ZeroDivisionError("a bug")
        return report_of(path)


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> FakePipeline:
    analysis = importlib.import_module("formcheck.workflows.analysis")  # keeps the functions that it was imported with
    fake = FakePipeline()
    monkeypatch.setattr(analysis, "analyze", fake.analyze)
    monkeypatch.setattr(analysis, "analyze_landmarks", fake.analyze_landmarks)
    monkeypatch.setitem(sys.modules, "formcheck.pipeline", fake)
    return fake


@pytest.fixture
def run(pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    def call(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["formcheck", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            main()
        out, err = capfdbinary.readouterr()
        code = caught.value.code
        assert code is None or isinstance(code, int)
        return code or 0, out.decode(), err.decode()

    return call


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "set.mp4"
    path.write_bytes(any_video())
    return path


def test_a_video_gives_a_summary_and_a_folder(run: Run, clip: Path) -> None:
    code, out, err = run("analyze", clip)
    report = report_of(clip)
    assert code == 0
    assert out == summarise(report, "Romanian deadlift", name_checks(), signal="trunk_deg") + "\n"
    assert err == f"wrote {clip.parent}/set_formcheck: report.html, angles.csv, reps.csv, report.json\n"
    written = {each.name: each.read_text(encoding="utf-8") for each in (clip.parent / "set_formcheck").iterdir()}
    assert written.pop("report.html").startswith("<!doctype html>")
    assert written == render_files(report)


def test_without_a_page_the_video_is_not_opened(run: Run, clip: Path) -> None:
    clip.write_bytes(b"no video")
    code, _, err = run("analyze", clip, "--no-html")
    assert (code, err) == (0, f"wrote {clip.parent}/set_formcheck: angles.csv, reps.csv, report.json\n")


def test_a_page_of_an_earlier_run_does_not_stay_beside_another_report(run: Run, clip: Path) -> None:
    page = clip.parent / "set_formcheck" / "report.html"
    assert run("analyze", clip)[0] == 0
    code, _, err = run("analyze", clip, "--no-html", "--tempo", "4-1-1")
    assert (code, page.exists()) == (0, False)
    assert err.startswith(f"deleted {page}: it showed an earlier analysis\nwrote ")
    assert run("analyze", clip)[0] == 0
    page.unlink()
    page.mkdir()
    code, _, err = run("analyze", clip, "--no-html")
    assert (code, page.exists()) == (1, True)
    assert f"{page} cannot be deleted, and it showed an earlier analysis" in err


def test_a_page_may_hold_the_video_itself(run: Run, clip: Path) -> None:
    page = clip.parent / "set_formcheck" / "report.html"
    assert run("analyze", clip)[0] == 0
    assert 'src="../set.mp4"' in page.read_text(encoding="utf-8")
    assert run("analyze", clip, "--embed")[0] == 0
    assert b64encode(any_video()).decode() in page.read_text(encoding="utf-8")


def test_the_annotated_video_is_written_on_request(run: Run, clip: Path) -> None:
    code, _, err = run("analyze", clip, "--video")
    folder = clip.parent / "set_formcheck"
    assert (code, err) == (0, f"wrote {folder}: report.html, angles.csv, reps.csv, report.json, annotated.mp4\n")
    assert b"ftyp" in (folder / "annotated.mp4").read_bytes()[:16]


def test_json_prints_the_files_text_alone(run: Run, clip: Path) -> None:
    code, out, err = run("analyze", clip, "--json")
    assert code == 0
    assert out == (clip.parent / "set_formcheck" / "report.json").read_text(encoding="utf-8")
    assert json.loads(out)["schema_version"] == 1
    assert err.startswith("wrote ")


def test_every_flag_reaches_the_pipeline(run: Run, clip: Path, pipeline: FakePipeline) -> None:
    named = {
        "--lift": "rdl",
        "--model": "heavy",
        "--tempo": "3-1-1",
        "--rate": "60",
        "--start": "1",
        "--end": "9",
        "--subject": "left",
        "--workers": "1",
    }
    flags = [word for pair in named.items() for word in pair]
    assert run("analyze", clip, *flags, "--no-cache")[0] == 0
    assert pipeline.calls == [
        (
            clip,
            Settings(
                lift="rdl",
                model="heavy",
                tempo=Tempo(3, 1, 1),
                rate_hz=60.0,
                start_s=1.0,
                end_s=9.0,
                subject="left",
                workers=1,
            ),
            False,
        )
    ]


def test_without_flags_the_defaults_reach_the_pipeline(run: Run, clip: Path, pipeline: FakePipeline) -> None:
    run("analyze", clip)
    assert pipeline.calls == [(clip, Settings(), True)]


def test_flags_win_over_the_file(run: Run, clip: Path, pipeline: FakePipeline) -> None:
    config = clip.parent / "mine.toml"
    config.write_text('lift = "rdl"\nrate = 60\n[limits."rdl.overrun"]\nnote = 6\n')
    assert run("analyze", clip, "--config", config, "--rate", "24")[0] == 0
    _, settings, _ = pipeline.calls[0]
    assert (settings.lift, settings.rate_hz) == ("rdl", 24.0)
    assert dict(settings.limits) == {"rdl.overrun": LimitOverride(note=6.0)}


def test_a_note_beyond_the_fault_is_said_before_anything_is_looked_at(
    run: Run, clip: Path, pipeline: FakePipeline
) -> None:
    config = clip.parent / "mine.toml"
    config.write_text('[limits."rdl.overrun"]\nnote = 15\n')
    assert run("analyze", clip, "--config", config) == (
        1,
        "",
        "error: The note of rdl.overrun (15 deg) lies above its fault (10 deg).\n"
        '  next: Set both under [limits."rdl.overrun"]: the fault is the line that is passed last.\n',
    )
    with pytest.raises(SettingsError, match="lies above its fault"):
        analyze(clip, config=config)
    assert pipeline.calls == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("schema", "foo"), "'report|compare|outcome': 'foo' is not one of 'report', 'compare', 'outcome'."),
        (("analyze", "a.mp4", "--model", "foo"), "'--model': 'foo' is not one of 'lite', 'full', 'heavy'."),
    ],
)
def test_a_word_that_is_no_choice_is_met_by_the_choices(run: Run, words: tuple[str, ...], message: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.endswith(f"Error: Invalid value for {message}\n")


def test_a_lift_that_cannot_be_judged_is_one_error_not_one_a_video(
    run: Run, clip: Path, pipeline: FakePipeline
) -> None:
    expected = (1, "", "error: This version cannot judge ghr.\n  next: Say --lift rdl.\n")
    assert run("analyze", clip, clip, clip, "--lift", "ghr") == expected
    assert pipeline.calls == []


def test_a_bad_key_is_an_expected_error(run: Run, clip: Path, pipeline: FakePipeline) -> None:
    config = clip.parent / "mine.toml"
    config.write_text("rat = 60")
    assert run("analyze", clip, "--config", config) == (
        1,
        "",
        f"error: Unknown setting rat in {config}.\n  next: Did you mean rate?\n",
    )
    assert pipeline.calls == []


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--lift", "squat"), "'squat' is not one of"),
        (("--rate", "fast"), "Invalid value for '--rate': "),
        (("--rate", "0"), "--rate cannot be 0.0. Give frames a second, above 0 and up to 240, as a number."),
        (("--tempo", "3-1"), "--tempo cannot be '3-1'. Give seconds down, pause and up, as text: 3-1-1."),
        (("--start", "5", "--end", "2"), "The part to analyse starts at 5 s and ends at 2 s"),
        (("--workers", "0"), "--workers cannot be 0. Give a whole number, 1 or more."),
        (("--wrokers", "1"), "--wrokers"),
        (("-clip.mp4",), "No such option: -c"),
    ],
)
def test_a_slip_of_the_pen_is_a_usage_error(
    run: Run, clip: Path, pipeline: FakePipeline, flags: tuple[str, ...], message: str
) -> None:
    code, out, err = run("analyze", clip, *flags)
    assert (code, out) == (2, "")
    assert message in err
    assert err.startswith("Usage: ")
    assert pipeline.calls == []


def test_no_video_is_a_usage_error(run: Run) -> None:
    code, out, err = run("analyze")
    assert (code, out) == (2, "")
    assert err.endswith("Give a video, or a file of landmarks with --poses.\n")


def test_one_bad_video_of_several_costs_one_sentence(run: Run, clip: Path) -> None:
    for name in ("nobody.mp4", "last.mp4"):
        (clip.parent / name).write_bytes(any_video())
    code, out, err = run("analyze", clip, clip.parent / "nobody.mp4", clip.parent / "last.mp4")
    assert code == 1
    assert [line for line in out.splitlines() if ".mp4: " in line] == [
        "set.mp4: Romanian deadlift, 2 reps + 1 partial in 9.5 s, seen from the left",
        "last.mp4: Romanian deadlift, 2 reps + 1 partial in 9.5 s, seen from the left",
    ]
    assert err == (
        f"wrote {clip.parent}/set_formcheck: report.html, angles.csv, reps.csv, report.json\n"
        f"error: Nobody was found in {clip.parent}/nobody.mp4.\n"
        "  next: Film the whole body.\n"
        f"wrote {clip.parent}/last_formcheck: report.html, angles.csv, reps.csv, report.json\n"
    )
    assert sorted(each.name for each in clip.parent.iterdir() if each.is_dir()) == ["last_formcheck", "set_formcheck"]


def test_equal_stems_do_not_overwrite_each_other(run: Run, tmp_path: Path) -> None:
    for folder in ("monday", "friday"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "set.mp4").write_bytes(any_video())
    out = tmp_path / "out"
    assert run("analyze", tmp_path / "monday" / "set.mp4", tmp_path / "friday" / "set.mp4", "--out", out)[0] == 0
    written = {each.parent.name: json.loads(each.read_text())["source"]["path"] for each in out.glob("*/report.json")}
    assert written == {
        "set_formcheck": str(tmp_path / "monday" / "set.mp4"),
        "set-2_formcheck": str(tmp_path / "friday" / "set.mp4"),
    }


def test_an_impossible_folder_is_found_before_the_analysis(run: Run, clip: Path, pipeline: FakePipeline) -> None:
    (clip.parent / "set_formcheck").write_text("in the way")
    code, out, err = run("analyze", clip)
    assert (code, out) == (1, "")
    assert err == (
        f"error: The results cannot be written to {clip.parent}/set_formcheck: file exists.\n"
        "  next: Use --out to choose a folder that you can write to.\n"
    )
    assert pipeline.calls == []


def test_a_missing_video_makes_no_folder(run: Run, tmp_path: Path, pipeline: FakePipeline) -> None:
    gone = tmp_path / "gone" / "set.mp4"
    expected = (1, "", f"error: There is no file {gone}.\n  next: Check the name and the folder.\n")
    assert run("analyze", gone) == expected
    assert list(tmp_path.iterdir()) == []
    assert pipeline.calls == []


def test_an_address_is_told_where_it_can_go(run: Run) -> None:
    code, out, err = run("analyze", "https://host.example/set.mp4?key=1")
    assert (code, out) == (1, "")
    assert err == (
        "error: https://host.example/set.mp4?key=1 is an address, not a file.\n"
        "  next: Save the video, or give its address to formcheck batch.\n"
    )


def test_a_stream_is_refused_not_waited_for(run: Run, tmp_path: Path, pipeline: FakePipeline) -> None:
    os.mkfifo(tmp_path / "fifo")
    code, out, err = run("analyze", tmp_path / "fifo", "/dev/zero")
    assert (code, out) == (1, "")
    assert err == (
        f"error: {tmp_path}/fifo is a stream, not a file.\n  next: Save the video as a file, and give that.\n"
        "error: /dev/zero is a stream, not a file.\n  next: Save the video as a file, and give that.\n"
    )
    assert pipeline.calls == []


def test_a_message_without_the_files_name_gets_it(run: Run, clip: Path, pipeline: FakePipeline) -> None:
    empty = clip.rename(clip.parent / "empty.mp4")
    assert run("analyze", empty) == (1, "", f"error: {empty}: No person was found.\n  next: Film the whole body.\n")


def test_what_ctrl_c_stops_is_said_in_one_line(run: Run, clip: Path, pipeline: FakePipeline) -> None:
    stop = clip.rename(clip.parent / "stop.mp4")
    assert run("analyze", stop, stop) == (130, "", "stopped: stop.mp4 is not finished\n")
    assert len(pipeline.calls) == 1, "and no other video is begun"
    assert [each.name for each in clip.parent.iterdir()] == ["stop.mp4"]


def test_an_unexpected_exception_keeps_its_traceback(
    pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bug.mp4").write_bytes(any_video())
    monkeypatch.setattr(sys, "argv", ["formcheck", "analyze", str(tmp_path / "bug.mp4")])
    with pytest.raises(ZeroDivisionError):
        main()


def test_names_with_control_characters_stay_on_one_line(run: Run, tmp_path: Path) -> None:
    clip = tmp_path / "no\nbody\x1b[31m.mp4"
    nobody = tmp_path / "nobody\n.mp4"
    for path in (clip, nobody):
        path.write_bytes(any_video())
    code, out, err = run("analyze", clip, nobody)
    assert code == 1
    assert out.startswith("no\\nbody\\x1b[31m.mp4: Romanian deadlift, ")
    assert err.splitlines() == [
        f"wrote {tmp_path}/no\\nbody\\x1b[31m_formcheck: report.html, angles.csv, reps.csv, report.json",
        f"error: Nobody was found in {tmp_path}/nobody\\n.mp4.",
        "  next: Film the whole body.",
    ]
    assert (tmp_path / "no\nbody\x1b[31m_formcheck" / "report.json").is_file()


def test_version(run: Run) -> None:
    assert run("--version") == (0, f"formcheck {__version__}\n", "")


def test_help_names_the_commands(run: Run) -> None:
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    commands = [line.split()[0] for line in out.split("Commands:\n")[1].splitlines()]
    training = ["live", "desk", "batch", "history", "log", "balance"]
    assert commands == ["analyze", "compare", "agree", *training, "export", "explain", "schema", "demo"]


def test_demo_writes_the_page_and_says_how_to_go_on(
    run: Run, pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch, sample_clip: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(demo_module, "sample_path", lambda: sample_clip)
    monkeypatch.chdir(tmp_path)
    code, out, err = run("demo")
    assert code == 0
    assert out.startswith("rdl_four_reps.mp4: Romanian deadlift, ")
    page = tmp_path / "rdl_four_reps_formcheck" / "report.html"
    assert page.is_file()
    assert err.splitlines()[1:] == [
        f"Open {page.as_uri()} in a browser.",
        "To run it again, and with your own video in place of the sample:",
        f"  {demo_module.write_command(sample_clip)}",
    ]
    assert pipeline.calls == [(sample_clip, Settings(lift="rdl"), True)]
    assert not (sample_clip.parent / "rdl_four_reps_formcheck").exists()


def test_a_browser_is_opened_where_there_is_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    for display, expected in (("", False), (":0", True)):
        monkeypatch.setenv("DISPLAY", display)
        assert streams.open_in_browser("http://127.0.0.1:8766/") is expected
    assert opened == ["http://127.0.0.1:8766/"]


def test_the_command_that_demo_names_works_from_where_one_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "env" / "python"))
    program = tmp_path / "env" / "bin" / "formcheck"
    program.parent.mkdir(parents=True)
    program.touch(0o755)
    clip = tmp_path / "my sets" / "one.mp4"
    for started, path, expected in (
        (program, program.parent, "formcheck"),
        (program, tmp_path, "env/bin/formcheck"),
        (Path("/somewhere/__main__.py"), program.parent, "env/python -m formcheck"),
    ):
        monkeypatch.setattr(sys, "argv", [str(started)])
        monkeypatch.setenv("PATH", str(path))
        assert demo_module.write_command(clip) == f"{expected} analyze 'my sets/one.mp4' --lift rdl"


def test_demo_without_its_clip_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_module, "SAMPLE", Path("samples") / "none.mp4")
    assert run("demo") == (
        1,
        "",
        "error: The sample clip none.mp4 is missing from this installation.\n  next: Install formcheck again.\n",
    )


PROGRESS = """
from formcheck.cli.streams import progress_bar
with progress_bar("a[red]\\n.mp4") as update:
    if update: update(30, 120)
    print(update is None)
"""


def test_there_is_no_bar_where_stderr_is_no_terminal() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRESS], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_the_bar_lives_on_a_terminal_and_leaves_stdout_alone() -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRESS], stdout=subprocess.PIPE, stderr=theirs, text=True, check=True, env=environment
    )
    os.close(theirs)
    drawn = os.read(ours, 65536).decode()
    os.close(ours)
    assert done.stdout == "False\n"
    assert "a[red]\\n.mp4" in drawn
    assert " 25%" in drawn


@pytest.mark.parametrize(
    ("terminal", "environment", "expected"),
    [
        (True, {"TERM": "xterm"}, True),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (True, {"TERM": "dumb"}, False),
        (False, {"TERM": "xterm"}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(terminal: bool, environment: dict[str, str], expected: bool) -> None:
    probe = "import sys; from formcheck.cli.streams import wants_colour; print(wants_colour(sys.stderr))"
    ours, theirs = pty.openpty()
    clean = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "TERM"}}
    done = subprocess.run(
        [sys.executable, "-c", probe],
        stdout=subprocess.PIPE,
        stderr=theirs if terminal else subprocess.DEVNULL,
        text=True,
        check=True,
        env=clean | environment,
    )
    os.close(ours)
    os.close(theirs)
    assert done.stdout == f"{expected}\n"


def test_a_terminal_that_lacks_a_letter_gets_an_escape(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "formcheck", "analyze", "--lift", "rdl", "深蹲°.mp4"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        check=False,
    )
    expected = "error: There is no file \\u6df1\\u8e72°.mp4.\n  next: Check the name and the folder.\n"
    assert (done.returncode, done.stderr.decode("latin-1")) == (1, expected)


# --- a lift that is not recognised -----------------------------------------------------------------------------------


def test_an_unsure_lift_without_a_terminal_is_one_sentence_and_the_next_step(run: Run, clip: Path) -> None:
    unsure = clip.rename(clip.parent / "unsure.mp4")
    said = f"error: {unsure}: The lift was not recognised: nothing moves.\n"
    expected = f"{said}  next: Choose one with --lift good_morning|rdl.\n"
    assert run("analyze", unsure) == (1, "", expected)


def test_what_is_needed_later_is_imported_when_the_first_frame_was_looked_at() -> None:
    program = (
        "import sys; from formcheck.workflows import late_imports\n"
        "told = []; tell = late_imports.import_meanwhile(lambda done, total: told.append((done, total)))\n"
        "print(sorted({'scipy', 'jinja2', 'formcheck.rendering'} & set(sys.modules)))\n"
        "tell(1, 20); tell(2, 20); late_imports.import_meanwhile(None)(1, 20)\n"
        "print(told, set(late_imports.NEEDED_LATER) <= set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, stdout=-1, text=True, check=True)
    assert done.stdout == "[]\n[(1, 20), (2, 20)] True\n"


def answer_on_a_terminal(answers: str, video: Path) -> tuple[int, str, str]:
    """Run analyze on a real terminal over the fake pipeline, type `answers`; exit code, stdout and what was shown."""
    program = (
        "import sys; sys.path[:0] = ['tests', '.']; from test_cli import FakePipeline\n"
        "fake = sys.modules['formcheck.pipeline'] = FakePipeline()\n"
        "from formcheck.cli.main import main\n"
        "try: main()\n"
        "finally: print([settings.lift for _, settings, _ in fake.calls])\n"
    )
    ours, theirs = pty.openpty()
    os.write(ours, answers.encode())
    done = subprocess.run(
        [sys.executable, "-c", program, "analyze", str(video)],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
        check=False,
    )
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    return done.returncode, done.stdout, shown


@pytest.mark.parametrize(("answers", "lift"), [("rdl\n", "rdl"), ("2\n", "good_morning"), ("squat\nRDL\n", "rdl")])
def test_an_unsure_lift_on_a_terminal_is_a_question(clip: Path, answers: str, lift: str) -> None:
    unsure = clip.rename(clip.parent / "unsure.mp4")
    code, out, shown = answer_on_a_terminal(answers, unsure)
    assert code == 0
    assert out.splitlines()[-1] == f"['auto', '{lift}']"
    assert "unsure.mp4: The lift was not recognised: nothing moves." in shown
    assert "Which lift is it?" in shown
    assert ("There is no squat." in shown) is answers.startswith("squat")


def test_no_answer_is_the_error(clip: Path) -> None:
    unsure = clip.rename(clip.parent / "unsure.mp4")
    code, out, shown = answer_on_a_terminal("\n", unsure)
    assert (code, out) == (1, "['auto']\n")
    assert "next: Choose one with --lift" in shown


def test_input_errors_of_the_package_are_exceptions(pipeline: FakePipeline, tmp_path: Path) -> None:
    import formcheck

    nobody, film = tmp_path / "nobody.mp4", tmp_path / "set.mp4"
    for path in (nobody, film):
        path.write_bytes(b"x")
    with pytest.raises(SubjectError):
        formcheck.analyze(nobody, lift="rdl")
    formcheck.analyze(film, lift="rdl", tempo="3-1-1")
    assert pipeline.calls[1] == (film, Settings(lift="rdl", tempo=Tempo(3, 1, 1)), True)
    with pytest.raises(InputError):
        formcheck.analyze(tmp_path / "none.mp4", lift="rdl")


@pytest.mark.parametrize(
    ("encoding", "shown"), [("utf-8", True), ("cp1252", False), ("cp437", False), ("latin-1", False)]
)
def test_a_graph_only_where_its_letters_exist(
    encoding: str, shown: bool, monkeypatch: pytest.MonkeyPatch, report: Report
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace")
    monkeypatch.setattr(sys, "stdout", stream)
    print_summary(report)
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    text = stream.buffer.getvalue().decode(encoding)
    assert ("█" in text, "u2588" in text) == (shown, False)
    assert "What to change" in text
