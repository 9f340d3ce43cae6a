"""formcheck from Python: public names, errors in the words of arguments, a report that is kept, shown and exported."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import make_finding, make_kinematics

import formcheck
from formcheck.arguments import name_arguments, speak_of_arguments
from formcheck.data import Concern, Limit, PoseSequence, Report, Source
from formcheck.errors import FormcheckError, InputError, OutputError, SettingsError
from formcheck.io.save import export_files
from formcheck.lifts import all_lifts
from formcheck.pipeline import judge_set
from formcheck.report import render_files
from formcheck.settings import Settings
from samples.renderer.stick import rdl_set

PACKAGE = Path(formcheck.__file__).parent


@pytest.fixture(scope="module")
def poses() -> PoseSequence:
    return rdl_set(3, noise_mm=3.0, overrun_deg=16.0)[0]


@pytest.fixture(scope="module")
def judged(poses: PoseSequence) -> Report:
    source = Source("a.mp4", "", 30.0, len(poses.time_s), float(poses.time_s[-1]), poses.size_px, 0)
    return judge_set(source, poses, all_lifts()["rdl"], Settings(lift="rdl"))


@pytest.fixture(scope="module")
def landmarks(poses: PoseSequence, judged: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("landmarks") / "poses.csv"
    path.write_text(str(export_files(["csv"], poses, judged.kinematics)["poses.csv"]))
    return path


def same(one: Any, other: Any, place: str = "") -> None:
    """Assert that two values of `formcheck.data` hold the same, to the last bit."""
    if is_dataclass(one) and not isinstance(one, type):
        assert type(one) is type(other), place
        for each in fields(one):
            same(getattr(one, each.name), getattr(other, each.name), f"{place}.{each.name}")
    elif isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, other, err_msg=place)
        assert one.dtype == other.dtype, place
    elif isinstance(one, dict):
        assert list(one) == list(other), place
        for key in one:
            same(one[key], other[key], f"{place}[{key}]")
    elif isinstance(one, tuple | list):
        assert len(one) == len(other), place
        for number, (a, b) in enumerate(zip(one, other, strict=True)):
            same(a, b, f"{place}[{number}]")
    else:
        assert one == other or (one != one and other != other), place  # noqa: PLR0124  # NaN is itself here


def test_public_modules_need_no_import_of_their_own() -> None:
    probe = (
        "import sys, formcheck\n"
        "assert 'pandas' not in sys.modules and 'formcheck.frames' not in sys.modules\n"
        "print(formcheck.frames.to_frames.__name__, formcheck.figures.plot_set.__name__, formcheck.Report.__name__,"
        " formcheck.errors.InputError.__name__, formcheck.agreement.__name__)\n"
        "print(set(formcheck.__all__) <= set(dir(formcheck)))"
    )
    done = subprocess.run([sys.executable, "-c", probe], cwd=PACKAGE.parent, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "to_frames plot_set Report InputError formcheck.agreement"
    assert done.stdout.split("\n")[1] == "True"
    with pytest.raises(AttributeError, match="module 'formcheck' has no attribute 'frame'"):
        formcheck.frame  # type: ignore[attr-defined]  # noqa: B018


def test_landmarks_are_analysed_from_python(landmarks: Path, judged: Report) -> None:
    by_name = formcheck.analyze(landmarks, lift="rdl")
    by_argument = formcheck.analyze(poses=str(landmarks), lift="rdl", size=(1280, 720))
    assert len(by_name.reps) == len(by_argument.reps) == len(judged.reps) == 3
    assert [f.verdict for f in by_name.findings if f.code == "rdl.overrun"] == ["fault"] * 3
    np.testing.assert_allclose(by_name.kinematics["trunk_deg"], judged.kinematics["trunk_deg"], atol=0.01)


def test_landmarks_end_their_progress_and_say_what_does_nothing(landmarks: Path) -> None:
    told: list[tuple[int, int]] = []
    with pytest.warns(UserWarning, match=r"^model=, rate= do nothing here: a file of landmarks") as caught:
        report = formcheck.analyze(
            landmarks, lift="rdl", model="lite", rate=15, progress=lambda *each: told.append(each)
        )
    assert caught[0].filename == __file__, "the warning points at the caller"
    assert told == [(report.source.n_frames, report.source.n_frames)]


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        ({"lif": "rdl"}, "Unknown setting lif=.", "Did you mean lift?"),
        ({"lift": "rdk"}, "lift= cannot be 'rdk'.", "Did you mean rdl?"),
        (
            {"lift": "squat"},
            "lift= cannot be 'squat'.",
            "The choices are: auto, rdl, good_morning, ghr, nordic, seated_curl, lying_curl.",
        ),
        ({"speed": 99}, "speed= cannot be 99.", "Give the share of the true speed, 0.01 to 10: 0.25 for a quarter."),
        ({"side_view": "front"}, "side_view= cannot be 'front'.", "The choices are: left, right."),
        ({"start": 5, "end": 2}, "The part to analyse starts at 5 s and ends at 2 s.", None),
        ({"fps": -1}, "{} has its own times.", "Leave fps= out."),
        ({"size": "big"}, "size= cannot be big.", "Give the picture's width and height: size=(1920, 1080)."),
        ({"size": (0, 10)}, "size= cannot be (0, 10).", None),
        ({"config": "gone.toml"}, None, "Check the path after config=."),
        (
            {"poses": "b.csv"},
            "There has to be one thing to analyse.",
            "Give a video, or a file of landmarks with poses=.",
        ),
    ],
)
def test_errors_speak_of_arguments(
    arguments: dict[str, Any], message: str | None, hint: str | None, landmarks: Path
) -> None:
    with pytest.raises(SettingsError) as caught:
        formcheck.analyze(landmarks, **arguments)
    if message is not None:
        assert caught.value.message == str(caught.value) == message.format(landmarks)
    if hint is not None:
        assert caught.value.hint == hint
    assert caught.value.__notes__ == [caught.value.hint], "the next step stands under the traceback"
    assert "--" not in caught.value.message + caught.value.hint


def test_a_video_that_is_not_there_and_a_rate_without_landmarks(tmp_path: Path, sample_clip: Path) -> None:
    with pytest.raises(InputError, match=r"^There is no file .*gone\.mp4\."):
        formcheck.analyze(tmp_path / "gone.mp4")
    with pytest.raises(SettingsError, match=r"^fps= and size= describe a file of landmarks\."):
        formcheck.analyze(sample_clip, fps=30)
    with pytest.raises(SettingsError, match=r"^There has to be one thing to analyse\."):
        formcheck.analyze()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Say --speed 0.25, or --speed 1 if it is slow.", "Say speed=0.25, or speed=1 if it is slow."),
        ("Choose one with --lift ghr|rdl.", 'Choose one with lift="ghr" or "rdl".'),
        ("Take the target you set with --tempo 3-1-1.", 'Take the target you set with tempo="3-1-1".'),
        ("Leave out --side-view, or give --side-view left.", 'Leave out side_view=, or give side_view="left".'),
        ("Give a --start before that, not 9.", "Give a start= before that, not 9."),
        ("--plate-mm cannot be 9.", "plate_mm= cannot be 9."),
        ("Nothing -- here.", "Nothing -- here."),
    ],
)
def test_flags_become_arguments(text: str, said: str) -> None:
    assert name_arguments(text) == said


def test_an_argument_of_another_name() -> None:
    with pytest.raises(OutputError) as caught, speak_of_arguments(out="folder"):
        raise OutputError("No.", "Use --out to choose a folder that you can write to.")
    assert caught.value.hint == "Use folder= to choose a folder that you can write to."


def raised_texts() -> Iterator[tuple[str, str]]:
    """Every literal text of every error that what `formcheck.analyze` calls may raise, with its file."""
    aside = {"cli", "live", "batch", "store"}
    for path in sorted(PACKAGE.rglob("*.py")):
        if aside & set(path.relative_to(PACKAGE).parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith("Error"):
                for each in ast.walk(node):
                    if isinstance(each, ast.Constant) and isinstance(each.value, str):
                        yield path.name, each.value


def test_no_error_that_python_sees_keeps_a_flag() -> None:
    texts = [(name, text) for name, text in raised_texts() if "--" in text]
    assert len(texts) > 10, "the errors were found"
    assert [(name, text) for name, text in texts if re.search(r"--[a-z]", name_arguments(text))] == []


def test_a_saved_report_comes_back_whole(judged: Report, tmp_path: Path) -> None:
    judged.save(tmp_path / "set.json")
    back = Report.load(tmp_path / "set.json")
    same(judged, back)
    assert back.to_dict() == judged.to_dict()
    assert back.poses is not None
    assert not back.poses.xy_px.flags.writeable
    content = json.loads((tmp_path / "set.json").read_text())
    assert {key: content[key] for key in judged.to_dict()} == judged.to_dict(), "it is read as report.json, too"


def test_numbers_that_are_none_come_back(report_with: Callable[..., Report], tmp_path: Path) -> None:
    limit = Limit(note=None, fault=5.0, unit="deg", source="[D]")
    finding = make_finding("rdl.overrun", "not_judged", limit=limit, concern=Concern.HARM, detail={"a": [np.nan, 1]})
    report_with(findings=(finding,)).save(tmp_path / "set.json")
    (back,) = Report.load(tmp_path / "set.json").findings
    assert back.concern is Concern.HARM
    assert back.limit == limit
    assert back.limit.max_width == np.inf
    assert np.isnan([back.value, back.low, back.detail["a"][0]]).all()
    assert back.detail["a"][1] == 1


def test_a_folder_of_analyze_is_loaded(judged: Report, tmp_path: Path) -> None:
    for name, text in render_files(judged).items():
        (tmp_path / name).write_text(text)
    for path in (tmp_path, tmp_path / "report.json"):
        back = Report.load(path)
        assert back.to_dict() == judged.to_dict()
        assert back.poses is None
        np.testing.assert_allclose(back.kinematics["trunk_deg"], judged.kinematics["trunk_deg"], atol=5e-5)
        assert [rep.start for rep in back.reps] == pytest.approx([rep.start for rep in judged.reps], abs=5)
    (tmp_path / "angles.csv").unlink()
    with pytest.raises(InputError, match="is not a complete report") as caught:
        Report.load(tmp_path)
    assert "angles.csv" in caught.value.hint


def test_a_damaged_report_is_one_sentence(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    report.save(path)
    text = path.read_text()
    whole = json.loads(text)
    array = whole["whole"]["kinematics"]["time_s"]
    broken: list[str] = [text[: len(text) // 2], "", "[]", '{"schema_version": 99}', "[" * 10_000, "\x00"]
    for change in (
        {"time_s": {**array, "bytes": "@@"}},
        {"time_s": {**array, "shape": [3]}},
        {"time_s": {**array, "shape": [10**12]}},
        {"time_s": {**array, "dtype": "|O"}},
        {"leg_px": "long"},
        {"channels": []},
    ):
        kinematics = {**whole["whole"]["kinematics"], **change}
        broken.append(json.dumps({**whole, "whole": {**whole["whole"], "kinematics": kinematics}}))
    reps = [{**whole["whole"]["reps"][0], "stop": 10**6}]
    broken.append(json.dumps({**whole, "whole": {**whole["whole"], "reps": reps}}))
    for number, content in enumerate(broken):
        path.write_text(content)
        with pytest.raises(InputError, match="is not a complete report of this version"):
            pytest.fail(f"{number} was read: {Report.load(path)}")
    with pytest.raises(InputError, match="cannot be read: no such file"):
        Report.load(tmp_path / "gone.json")


def test_an_array_is_not_unpacked_beyond_its_bound(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report.save(tmp_path / "set.json")
    monkeypatch.setattr("formcheck.report.saved.MAX_ARRAY_BYTES", 8 * len(report.kinematics.time_s) - 1)
    with pytest.raises(InputError, match="is not a complete report"):
        Report.load(tmp_path / "set.json")


def test_a_report_where_nothing_may_be_written(report: Report, tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        report.save(tmp_path / "gone" / "set.json")
    assert caught.value.hint == "Use path= to choose a folder that you can write to."


def test_export_writes_what_the_command_writes(judged: Report, poses: PoseSequence, tmp_path: Path) -> None:
    paths = judged.export(tmp_path / "out", ["mot", "trc"])
    assert paths == [tmp_path / "out" / "angles.mot", tmp_path / "out" / "poses.trc"]
    expected = export_files(["mot", "trc"], poses, judged.kinematics)
    assert [path.read_text() for path in paths] == [expected["angles.mot"], expected["poses.trc"]]
    assert {path.name for path in judged.export(tmp_path / "out")} >= {"poses.csv", "poses_dlc.csv"}
    with pytest.raises(SettingsError, match=r"^There is no format png\."):
        judged.export(tmp_path / "out", "png")
    with pytest.raises(SettingsError, match=r"holds no landmarks to write as trc\.") as caught:
        replace(judged, poses=None).export(tmp_path / "out", "mot,trc")
    assert "formats=" in caught.value.hint
    assert replace(judged, poses=None).export(tmp_path / "bare", "mot") == [tmp_path / "bare" / "angles.mot"]


def test_a_report_is_short_in_a_prompt(report: Report, report_with: Callable[..., Report]) -> None:
    assert repr(report) == "<Report of /films/set 1.mp4: rdl, 3 reps; 1 fault, 2 good, 1 note, 2 not judged>"
    assert repr(report_with(findings=(), reps=())) == "<Report of /films/set 1.mp4: rdl, 0 reps; no findings>"


def test_a_notebook_shows_figure_and_cues(report: Report, report_with: Callable[..., Report]) -> None:
    shown = report._repr_html_()
    assert shown.count('<img alt="the set over time"') == 1
    assert "data:image/svg+xml;base64," in shown
    assert "<b>0:01.5</b> Your hips stopped moving back here" in shown
    assert shown.count("<li>") == len(report.cues) == 2
    source = replace(report.source, path="/films/<b>&.mp4")
    assert "&lt;b&gt;&amp;.mp4" in report_with(source=source)._repr_html_()


def test_a_notebook_shows_a_set_without_anything(report_with: Callable[..., Report]) -> None:
    shown = report_with(reps=(), findings=(), cues=(), kinematics=make_kinematics())
    assert "<li>" not in shown._repr_html_()
    assert "Nothing could be judged" in shown._repr_html_()


def test_errors_are_children_of_one_type() -> None:
    assert issubclass(formcheck.errors.InputError, FormcheckError)
