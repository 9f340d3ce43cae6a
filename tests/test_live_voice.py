"""Speech, measured as sound, and who may speak when."""

import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from formcheck.live.coaching.spoken_cues import COME_UP
from formcheck.live.speech import voice
from formcheck.live.speech.voice import EspeakMouth, Voice, VoiceError, open_mouth
from formcheck.live.types import Said


def word(text: str, priority: int = 1, rep: int | None = None, code: str = "rdl.overrun") -> Said:
    return Said(0.0, text, rep, priority, code)


def read_sound(path: Path) -> tuple[np.ndarray, float]:
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        return samples / 32768, file.getframerate()


class Recording:
    """A mouth that notes when it spoke; takes `takes_s` for everything."""

    def __init__(self, takes_s: float = 0.15) -> None:
        self.takes_s = takes_s
        self.spoken: list[tuple[str, float, float]] = []

    def say(self, text: str, is_broken_off: Callable[[], bool]) -> None:
        began_s = time.monotonic()
        while time.monotonic() < began_s + self.takes_s and not is_broken_off():
            time.sleep(0.005)
        self.spoken.append((text, began_s, time.monotonic()))


def test_speech_is_sound_of_the_right_length(tmp_path: Path) -> None:
    mouth = EspeakMouth(into=tmp_path)
    mouth.say(COME_UP, lambda: False)
    mouth.say("Three. 20 degrees too deep. Come up when your hips stop.", lambda: False)
    (short, rate_hz), (long, _) = (read_sound(tmp_path / name) for name in ("001.wav", "002.wav"))
    assert 0.8 < len(short) / rate_hz < 2.5
    assert 2.0 < len(long) / rate_hz < 6.0
    loud = np.abs(short) > 0.03
    assert 0.15 < loud.mean() < 0.8, "words and pauses"
    assert np.sqrt((short**2).mean()) > 0.03
    spectrum = np.abs(np.fft.rfft(short)) ** 2
    hz = np.fft.rfftfreq(len(short), 1 / rate_hz)
    assert spectrum[(hz > 80) & (hz < 4000)].sum() / spectrum.sum() > 0.8, "a voice, not noise"


def test_the_voice_speaks_through_the_engine(tmp_path: Path) -> None:
    with Voice(lambda: EspeakMouth(into=tmp_path)) as speaker:
        speaker.tell(word("Two.", 3, 2, "live.rep"))
        speaker.tell(word("Push the hips back.", 1, 2))
        speaker.finish(10.0)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["001.wav", "002.wav"]


def test_never_two_at_once() -> None:
    mouth = Recording()
    with Voice(lambda: mouth) as speaker:
        for number in range(4):
            speaker.tell(word(f"{number}", 1, number, f"code.{number}"))
        speaker.finish(5.0)
    assert [text for text, _, _ in mouth.spoken] == ["0", "1", "2", "3"]
    assert all(a[2] <= b[1] for a, b in zip(mouth.spoken[:-1], mouth.spoken[1:], strict=True))


def test_come_up_breaks_into_what_is_being_said() -> None:
    mouth = Recording(takes_s=2.0)
    with Voice(lambda: mouth) as speaker:
        speaker.tell(word("a long guide", 4, code="live.guide"))
        time.sleep(0.2)
        mouth.takes_s = 0.1
        told_s = time.monotonic()
        speaker.tell(word(COME_UP, 0, 3, "live.come_up"))
        speaker.finish(3.0)
    assert [text for text, _, _ in mouth.spoken] == ["a long guide", COME_UP]
    assert mouth.spoken[1][1] - told_s < 0.15


def test_espeak_can_be_broken_off(tmp_path: Path) -> None:
    began_s = time.monotonic()
    EspeakMouth(into=tmp_path).say("word " * 4000, lambda: time.monotonic() - began_s > 0.1)
    assert time.monotonic() - began_s < 2.0


def test_muted_says_nothing_and_forgets_what_waited() -> None:
    mouth = Recording()
    with Voice(lambda: mouth) as speaker:
        speaker.muted = True
        speaker.tell(word("unheard"))
        time.sleep(0.1)
        speaker.muted = False
        speaker.tell(word("heard", code="rdl.tempo"))
        speaker.finish(2.0)
    assert [text for text, _, _ in mouth.spoken] == ["heard"]


def test_a_missing_engine_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice.shutil, "which", lambda _: None)
    monkeypatch.setattr(voice.platform, "system", lambda: "Linux")
    with pytest.raises(VoiceError, match="install espeak-ng"):
        open_mouth()
    faults: list[str] = []
    told = threading.Event()

    def note(text: str) -> None:
        faults.append(text)
        told.set()

    with Voice(open_mouth, note) as speaker:
        speaker.tell(word("one"))
        assert told.wait(2.0)
        speaker.tell(word("two"))
        speaker.finish(0.5)
    assert faults == [voice.NO_VOICE]


def test_a_machine_without_a_sound_device_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An espeak-ng that complains as the real one does where nothing can be played."""
    program = tmp_path / "espeak-ng"
    program.write_text("#!/bin/sh\ncat >/dev/null\necho 'error: No such file or directory' >&2\n")
    program.chmod(0o755)
    monkeypatch.setattr(voice, "ESPEAK", str(program))
    faults: list[str] = []
    with Voice(EspeakMouth, faults.append) as speaker:
        for number in range(3):
            speaker.tell(word("x", 1, number, f"code.{number}"))
        speaker.finish(3.0)
        time.sleep(0.1)
    assert faults == [voice.NO_SOUND]
