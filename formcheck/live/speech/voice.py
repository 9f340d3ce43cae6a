"""The voice: an offline speech engine in a thread of its own.

espeak-ng's own command where there is one: its process can be ended in the middle of a word, for "come up" does not
wait. pyttsx3 (extra `live`) elsewhere: the system's voices on Windows and macOS. Its driver for espeak is not used: it
plays through a call that cannot be broken off, and prints on stdout, where the results go.
"""

import platform
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from formcheck.live.speech.cue_queue import Agenda
from formcheck.live.types import Said

WORDS_A_MINUTE = 180  # of speech
ESPEAK = "espeak-ng"
OWN_VOICES = ("Windows", "Darwin")
NO_VOICE = (
    "No voice is installed: add espeak-ng (apt-get install espeak-ng), or on Windows and macOS "
    "pip install 'formcheck[live]'. Until then everything is only printed."
)
NO_SOUND = "There is no sound device to speak through: everything is only printed."
LONGEST_S = 15.0  # of speaking: an engine that takes longer hangs


class VoiceError(Exception):
    """The engine cannot speak; the message says why."""


class Mouth(Protocol):
    """A speech engine: says one thing at a time."""

    def say(self, text: str, is_broken_off: Callable[[], bool]) -> None:
        """Speak, and return when done or when `is_broken_off` has become true. Raises VoiceError."""
        ...


class EspeakMouth:
    """espeak-ng as a process for each sentence; `into` renders to WAV files there instead of playing."""

    def __init__(self, into: Path | None = None) -> None:
        self._into = into
        self._number = 0

    def say(self, text: str, is_broken_off: Callable[[], bool]) -> None:
        """See Mouth."""
        command = [ESPEAK, "-s", str(WORDS_A_MINUTE), "--stdin"]
        if self._into is not None:
            self._number += 1
            command += ["-w", str(self._into / f"{self._number:03d}.wav")]
        process = subprocess.Popen(  # noqa: S603  # a fixed command; the words go in by stdin
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(text)
        process.stdin.close()
        until_s = time.monotonic() + LONGEST_S
        while process.poll() is None:
            if is_broken_off() or time.monotonic() > until_s:
                process.kill()
                process.wait()
            time.sleep(0.01)
        complaint = process.stderr.read()
        process.stderr.close()
        if any(line.startswith("error:") for line in complaint.splitlines()) and not is_broken_off():
            raise VoiceError(NO_SOUND)


class SystemMouth:
    """The system's own voice through pyttsx3; it must be made and used in one thread."""

    def __init__(self) -> None:
        import pyttsx3

        self._engine = pyttsx3.init()
        self._engine.setProperty("rate", WORDS_A_MINUTE)

    def say(self, text: str, is_broken_off: Callable[[], bool]) -> None:
        """See Mouth; it cannot be broken off."""
        if is_broken_off():
            return
        try:
            self._engine.say(text)
            self._engine.runAndWait()
        except (RuntimeError, OSError) as error:
            raise VoiceError(NO_SOUND) from error


def open_mouth() -> Mouth:
    """Return the engine of this system. Raises VoiceError when there is none."""
    if shutil.which(ESPEAK):
        return EspeakMouth()
    try:
        if platform.system() not in OWN_VOICES:
            raise VoiceError(NO_VOICE)
        return SystemMouth()
    except (ImportError, RuntimeError, OSError) as error:
        raise VoiceError(NO_VOICE) from error


class Voice:
    """Speaks what it is told, by the agenda's rules; a context manager. `on_fault` is told once when it cannot."""

    def __init__(
        self,
        make_mouth: Callable[[], Mouth] = open_mouth,
        on_fault: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._make_mouth = make_mouth
        self._on_fault = on_fault
        self._agenda = Agenda()
        self._changed = threading.Condition()
        self._stop = False
        self._muted = False
        self._thread = threading.Thread(target=self._run, name="formcheck-voice", daemon=True)

    def __enter__(self) -> "Voice":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._stop = True
            self._changed.notify_all()
        self._thread.join(timeout=2.0)

    @property
    def muted(self) -> bool:
        """Whether nothing is said, what is being said included."""
        return self._muted

    @muted.setter
    def muted(self, wanted: bool) -> None:
        with self._changed:
            self._muted = wanted
            self._agenda.clear()
            self._changed.notify_all()

    def tell(self, said: Said) -> None:
        """Take something to say; returns at once."""
        with self._changed:
            if self._muted or self._stop:
                return
            if said.code == "live.rep" and said.rep == 1:
                self._agenda.forget_reps()
            self._agenda.offer(said, time.monotonic())
            self._changed.notify_all()

    def finish(self, timeout_s: float) -> None:
        """Wait until all is said, at most `timeout_s`."""
        until_s = time.monotonic() + timeout_s
        while time.monotonic() < until_s and self._thread.is_alive() and self._busy:
            time.sleep(0.02)

    @property
    def _busy(self) -> bool:
        with self._changed:
            return self._speaking or self._agenda.waits

    _speaking = False

    def _run(self) -> None:
        try:
            mouth = self._make_mouth()
            while (said := self._wait_for_next()) is not None:
                mouth.say(said.text, lambda said=said: self._is_broken_off(said))  # type: ignore[misc]
        except VoiceError as error:
            self._on_fault(str(error))
            with self._changed:
                self._muted = True
                self._agenda.clear()

    def _wait_for_next(self) -> Said | None:
        with self._changed:
            self._speaking = False
            while not self._stop:
                said = None if self._muted else self._agenda.next(time.monotonic())
                if said is not None:
                    self._speaking = True
                    return said
                self._changed.wait(0.5)
            return None

    def _is_broken_off(self, said: Said) -> bool:
        with self._changed:
            return self._stop or self._muted or self._agenda.interrupts(said, time.monotonic())
