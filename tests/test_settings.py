import math
from pathlib import Path
from typing import Any

import pytest

from formcheck.errors import SettingsError
from formcheck.settings import LimitOverride, Settings, Tempo, load_settings

CODES = ("rdl.overrun", "rdl.tempo", "ghr.stall")


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_file_and_flags_the_defaults_hold() -> None:
    settings = load_settings()
    assert settings == Settings(
        lift="auto", model=None, tempo=None, rate_hz=None, start_s=None, end_s=None, subject="auto", workers=None
    )
    assert dict(settings.limits) == {}


def test_the_file_sets_every_key(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
lift = "rdl"
model = "heavy"
tempo = "3-1-1.5"
rate = 60
start = 1.5
end = 20
subject = "left"
workers = 1
[limits."rdl.overrun"]
note = 6
fault = 12.5
[limits."ghr.stall"]
max_width = 3
""",
    )
    settings = load_settings(path, known_codes=CODES)
    assert settings == Settings(
        lift="rdl",
        model="heavy",
        tempo=Tempo(3.0, 1.0, 1.5),
        rate_hz=60.0,
        start_s=1.5,
        end_s=20.0,
        subject="left",
        workers=1,
        limits={"rdl.overrun": LimitOverride(note=6.0, fault=12.5), "ghr.stall": LimitOverride(max_width=3.0)},
    )


@pytest.mark.parametrize("text", ["good_morning", "Good morning", "GOOD-MORNING"])
def test_a_lift_is_named_in_any_case(text: str) -> None:
    assert load_settings(lift=text).lift == "good_morning"


def test_a_flag_overrides_the_file_and_none_does_not(tmp_path: Path) -> None:
    path = write(tmp_path, 'rate = 60\nlift = "rdl"\nstart = 2')
    settings = load_settings(path, rate=24.0, lift=None, start=0.0)
    assert (settings.rate_hz, settings.lift, settings.start_s) == (24.0, "rdl", 0.0)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("rat = 60", "Unknown setting rat in {path}.", "Did you mean rate?"),
        ("limit = 1", "Unknown setting limit in {path}.", "Did you mean limits?"),
        (
            "zzz = 60",
            "Unknown setting zzz in {path}.",
            "The choices are: lift, model, tempo, rate, start, end, speed, subject, side_view, workers, plate_mm, "
            "velocity_loss, mass, height, limits.",
        ),
        ('lift = "rdll"', "lift in {path} cannot be 'rdll'.", "Did you mean rdl?"),
        ("model = 3", "model in {path} cannot be 3.", "The choices are: lite, full, heavy."),
        ('rate = "30"', "rate in {path} cannot be '30'.", "Give frames a second, above 0 and up to 240, as a number."),
        ("rate = true", "rate in {path} cannot be True.", "Give frames a second, above 0 and up to 240, as a number."),
        ("rate = nan", "rate in {path} cannot be nan.", "Give frames a second, above 0 and up to 240, as a number."),
        ("start = -1", "start in {path} cannot be -1.", "Give seconds of the video, 0 or more, as a number."),
        (
            "speed = 0",
            "speed in {path} cannot be 0.",
            "Give the share of the true speed, 0.01 to 10: 0.25 for a quarter.",
        ),
        (
            "velocity_loss = 100",
            "velocity_loss in {path} cannot be 100.",
            "Give the loss of speed at which the set should end, in percent: 20.",
        ),
        ("mass = 5", "mass in {path} cannot be 5.", "Give the lifter's mass in kilograms, 25 to 300."),
        ("height = 1.8", "height in {path} cannot be 1.8.", "Give the lifter's height in centimetres, 100 to 250."),
        ("workers = 0", "workers in {path} cannot be 0.", "Give a whole number, 1 or more."),
        ('tempo = "3-1"', "tempo in {path} cannot be '3-1'.", "Give seconds down, pause and up, as text: 3-1-1."),
        ("tempo = 3", "tempo in {path} cannot be 3.", "Give seconds down, pause and up, as text: 3-1-1."),
        ("limits = 3", "limits in {path} cannot be 3.", 'Write a table per check: [limits."rdl.overrun"].'),
        (
            '[limits."rdl.overun"]\nnote = 3',
            "Unknown check rdl.overun under limits in {path}.",
            "Did you mean rdl.overrun?",
        ),
        (
            "[limits.rdl.overrun]\nnote = 3",
            "Unknown check rdl under limits in {path}.",
            'Put the code in quotes: [limits."rdl. ..."]; formcheck explain lists all codes.',
        ),
        (
            '[limits]\n"rdl.overrun" = 3',
            "limits of rdl.overrun in {path} cannot be 3.",
            'Write [limits."rdl.overrun"], then note = 5 below it.',
        ),
        (
            '[limits."rdl.overrun"]\nnotes = 3',
            'Unknown key notes under limits."rdl.overrun" in {path}.',
            "Did you mean note?",
        ),
        (
            '[limits."rdl.overrun"]\nnote = "3"',
            "note under limits.\"rdl.overrun\" in {path} cannot be '3'.",
            "Give a number.",
        ),
        (
            '[limits."rdl.overrun"]\nmax_width = 0',
            'max_width under limits."rdl.overrun" in {path} cannot be 0.',
            "Give a number above 0.",
        ),
        (
            "start = 5\nend = 5",
            "The part to analyse starts at 5 s and ends at 5 s.",
            "Give --start and --end in seconds of the video, --start first.",
        ),
    ],
)
def test_what_the_file_may_not_say(tmp_path: Path, text: str, message: str, hint: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(path, known_codes=CODES)
    assert caught.value.message == message.format(path=path)
    assert caught.value.hint == hint


def test_a_syntax_error_names_the_line(tmp_path: Path) -> None:
    path = write(tmp_path, 'lift = "rdl"\nrate 30\n')
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert caught.value.message.startswith(f"The settings file {path} is not valid TOML: ")
    assert "line 2" in caught.value.message


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml cannot be read: it is not there\.$"):
        load_settings(tmp_path / "none.toml")
    with pytest.raises(SettingsError, match=r"cannot be read: it is a folder, a pipe or a device\.$"):
        load_settings(tmp_path)
    (tmp_path / "clip.toml").write_bytes(b"\x00\xff\xfe")
    with pytest.raises(SettingsError, match=r"is not text\.$"):
        load_settings(tmp_path / "clip.toml")


def test_a_flag_out_of_range_is_named_as_a_flag() -> None:
    with pytest.raises(SettingsError, match=r"^--rate cannot be 0\.0\.$"):
        load_settings(rate=0.0)


@pytest.mark.parametrize(
    ("text", "tempo"), [("3-1-1", Tempo(3, 1, 1)), (" 2.5-0-1 ", Tempo(2.5, 0, 1)), ("60-60-60", Tempo(60, 60, 60))]
)
def test_tempo_is_read_and_written(text: str, tempo: Tempo) -> None:
    assert Tempo.parse(text) == tempo
    assert Tempo.parse(str(tempo)) == tempo


@pytest.mark.parametrize("text", ["", "3", "3-1", "3-1-1-1", "a-b-c", "-3-1-1", "3--1-1", "3-1-61", "3_1_1", "1e3-1-1"])
def test_what_is_not_a_tempo(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{text}$"):
        Tempo.parse(text)


def test_the_record_holds_json_types_and_no_worker_count() -> None:
    settings = Settings(
        tempo=Tempo(3, 1, 1.5), workers=2, limits={"rdl.overrun": LimitOverride(note=6.0), "ghr.stall": LimitOverride()}
    )
    assert settings.record() == {
        "lift": "auto",
        "model": None,
        "tempo": "3-1-1.5",
        "rate": 30.0,
        "start": None,
        "end": None,
        "speed": None,
        "subject": "auto",
        "side_view": None,
        "plate_mm": None,
        "velocity_loss": None,
        "mass": None,
        "height": None,
        "limits": {"ghr.stall": {}, "rdl.overrun": {"note": 6.0}},
    }


@pytest.mark.parametrize("flags", [{"mass": 80.0}, {"height": 180.0}])
def test_mass_and_height_are_of_no_use_alone(flags: Any) -> None:
    with pytest.raises(SettingsError, match="one of them is missing"):
        load_settings(**flags)


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, "1", None, True, 1j])
def test_what_is_not_a_number_of_seconds(value: Any) -> None:
    if value is None:
        assert load_settings(end=value).end_s is None
    else:
        with pytest.raises(SettingsError):
            load_settings(end=value)
