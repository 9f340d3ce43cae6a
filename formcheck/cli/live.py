"""`formcheck live`: a camera, a file or a stream in; lines on stdout and a voice, between two reps."""

import json
import math
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from formcheck.cli.options import Config, LiftOptions, Subject, gather, read_settings, unfold
from formcheck.cli.streams import print_message, print_summary, progress_bar
from formcheck.errors import OutputError
from formcheck.settings import DEFAULT_RATE_HZ, Settings

if TYPE_CHECKING:
    from formcheck.live.capture.recorder import Recorder
    from formcheck.live.capture.source import Origin
    from formcheck.live.loop import Listener, Stop
    from formcheck.live.session import Session
    from formcheck.live.speech.voice import Voice
    from formcheck.live.types import Said

CAMERA = "0"

Source = Annotated[
    str | None,
    typer.Option(
        metavar="0|FILE|URL",
        help="A camera's number, a video, rtsp:// or http:// (default: camera 0).",
    ),
]
EveryFrame = Annotated[
    bool | None,
    typer.Option(
        "--every-frame/--real-time",
        help="With a video: look at every frame, however long that takes (default), or play it as a camera "
        "would, skipping frames this computer is too slow for.",
    ),
]
MaxSeconds = Annotated[
    float | None,
    typer.Option(metavar="S", min=0.0, help="Stop after this many seconds (default: when the source ends)."),
]
ShowWindow = Annotated[
    bool | None, typer.Option("--window/--no-window", help="Open a window (default: where there is a screen).")
]


@dataclass(frozen=True)
class CoachOptions:
    """What the coach counts, and what it looks at."""

    count: Annotated[bool, typer.Option("--count", help="Count the seconds of the lowering aloud.")] = False
    count_in: Annotated[bool, typer.Option("--count-in/--no-count-in", help="Count you in before the first set.")] = (
        True
    )
    outline: Annotated[
        bool,
        typer.Option("--outline/--no-outline", help="Read the body's outline too: rounding, and where the hips stop."),
    ] = True


@dataclass(frozen=True)
class WebOptions:
    """The page for a browser, and where it is served."""

    web: Annotated[bool, typer.Option("--web", help="Use a browser as camera and screen: serve a page to it.")] = False
    host: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="With --web: where to listen (default: 127.0.0.1, this computer only)."),
    ] = None
    port: Annotated[
        int | None, typer.Option(metavar="N", min=0, max=65535, help="With --web: the port (default: 8765).")
    ] = None
    cert: Annotated[Path | None, typer.Option(metavar="FILE", help="With --web: certificate (PEM), for https.")] = None
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="With --web: the certificate's key (PEM).")] = None


@unfold
def live(
    *,
    source: Source = None,
    every_frame: EveryFrame = None,
    lift: LiftOptions,
    subject: Subject = None,
    voice: Annotated[bool, typer.Option("--voice/--mute", help="Speak, or print only.")] = True,
    coach: CoachOptions,
    record: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep the clip (MP4), and analyse all of it at the end.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
    max_seconds: MaxSeconds = None,
    config: Config = None,
    window: ShowWindow = None,
    web: WebOptions,
) -> None:
    """Watch a camera or a stream, and say between repetitions what to change.

    Stop it with Ctrl-C, or with Q in its window.
    """
    alone = {"--source": source, "--record": record, "--max-seconds": max_seconds, "--window": window or None}
    alone["--every-frame" if every_frame else "--real-time"] = every_frame
    with_web = {"--host": web.host, "--port": web.port, "--cert": web.cert, "--key": web.key}
    refuse_together(with_web if not web.web else alone, web=web.web)
    settings = read_settings(config, gather(lift, subject=subject))
    if web.web:
        serve_page(settings, web, coach)
        return
    from formcheck.live.capture.source import read_origin
    from formcheck.live.loop import Stop
    from formcheck.live.session import Session

    origin = read_origin(source or CAMERA)
    if every_frame and origin.kind != "file":
        raise typer.BadParameter("only a video file can wait for this computer", param_hint="--every-frame")
    if record is not None:
        check_recording(record)
    waits = origin.kind == "file" and every_frame is not False
    session = Session(settings, **vars(coach), background=not waits, step_down=not waits)
    stop = Stop(math.inf if max_seconds is None else max_seconds)
    try:
        with ended_by_signals(stop):
            _run(
                origin, session, settings, stop, waits=waits, voice=voice, record=record, as_json=as_json, window=window
            )
    finally:
        session.close()


def _run(
    origin: "Origin",
    session: "Session",
    settings: Settings,
    stop: "Stop",
    *,
    waits: bool,
    voice: bool,
    record: Path | None,
    as_json: bool,
    window: bool | None,
) -> None:
    from formcheck.live.capture.recorder import Recorder
    from formcheck.live.loop import grabbing, meet_camera, replay, watch
    from formcheck.live.speech.voice import Voice
    from formcheck.report.folder import write_aside

    listener = make_listener(as_json=as_json)
    with ExitStack() as stack:
        recorder = None
        if record is not None:
            aside = stack.enter_context(write_aside(record))
            recorder = stack.enter_context(Recorder(aside, waits=waits))
        on_picture = None if recorder is None else recorder.add
        grabber = None if waits else stack.enter_context(grabbing(origin, on_picture=on_picture))
        if grabber is not None and origin.kind == "camera":
            meet_camera(grabber)  # before a window opens: where there is no camera, that is all there is to say
        mouth = stack.enter_context(Voice(on_fault=listener.fault)) if voice else None
        has_screen = not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY"))
        shown = has_screen if window is None else window
        if shown:
            listener = show_window(stack, listener, session, stop, mouth)
        print_message(f"watching {origin.text}; Ctrl-C ends it")
        if grabber is None:
            paced = shown or mouth is not None
            rate_hz, file = settings.rate_hz or DEFAULT_RATE_HZ, Path(origin.place)
            replay(file, session, listener, stop, mouth, rate_hz=rate_hz, paced=paced, on_picture=on_picture)
        else:
            watch(grabber, session, listener, stop, mouth, origin.text)
        if mouth is not None:
            mouth.finish(10.0)
    if record is not None and recorder is not None:
        _analyse_recording(record, recorder, session, settings)


def refuse_together(options: Mapping[str, object], *, web: bool) -> None:
    """Refuse the options that were given and mean nothing with (or without) --web."""
    given = next((name for name, value in options.items() if value is not None), None)
    if given is not None:
        raise typer.BadParameter(
            "a browser is camera and screen with --web" if web else "needs --web", param_hint=given
        )


def serve_page(settings: Settings, web: WebOptions, coach: CoachOptions) -> None:
    """Serve the page until Ctrl-C; each browser gets a session of its own."""
    from formcheck.live.loop import Stop
    from formcheck.live.session import Session
    from formcheck.live.web.server import serve
    from formcheck.web.serving import Address

    def make_session() -> Session:
        return Session(settings, **vars(coach))

    given = Address()
    address = Address(web.host or given.host, given.port if web.port is None else web.port, web.cert, web.key)
    with ended_by_signals(Stop()):
        serve(make_session, address, settings.lift, print_message)


def show_window(
    stack: ExitStack, listener: "Listener", session: "Session", stop: "Stop", voice: "Voice | None"
) -> "Listener":
    """Open the window until the stack ends, and return a listener that also shows what comes."""
    from formcheck.live.window.keys import Face
    from formcheck.live.window.window import LiveWindow

    face = Face(stack.enter_context(LiveWindow()), session, stop, voice)

    def tell_fault(text: str) -> None:
        listener.fault(text)
        face.fault(text)

    return replace(listener, view=face.view, idle=face.idle, fault=tell_fault)


def make_listener(*, as_json: bool) -> "Listener":
    """Return the listener that prints: what is said on stdout, faults on stderr."""
    from formcheck.live.loop import Listener

    def print_said(said: "Said") -> None:
        typer.echo(as_json_line(said) if as_json else as_line(said))
        sys.stdout.flush()

    return Listener(said=print_said, fault=print_message)


def as_line(said: "Said") -> str:
    """Return a word with its moment, as a line."""
    from formcheck.report.terminal import clock

    kinds = {"live.rep": "rep", "live.count": "count", "live.count_in": "count", "live.set_over": "set"}
    kind = kinds.get(said.code)
    if kind is None:
        kind = "guide" if said.priority > 2 else "cue"
    text = said.text
    if said.code == "live.rep":
        phases = (("eccentric_s", "down"), ("pause_s", "pause"), ("concentric_s", "up"))
        times = [f"{said.values[key]:.1f} s {word}" for key, word in phases if math.isfinite(said.values[key])]
        text = f"{said.text} {', '.join(times)}"
    return f"{clock(said.time_s):>8}  {kind:<5}  {text}"


def as_json_line(said: "Said") -> str:
    """Return a word as one JSON object."""
    values = {key: value if math.isfinite(value) else None for key, value in said.values.items()}
    content = {"time_s": round(said.time_s, 3), "code": said.code, "rep": said.rep, "text": said.text, **values}
    return json.dumps(content)


@contextmanager
def ended_by_signals(stop: "Stop") -> Iterator[None]:
    """Let Ctrl-C and a polite kill end the loop as the end of the source does; a second Ctrl-C ends it at once."""

    def end(number: int, _frame: object) -> None:
        if stop.now and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.now = True

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def check_recording(path: Path) -> None:
    """Raise OutputError when a recording could not be written, or would replace something."""
    if path.exists():
        raise OutputError(f"{path} is there already.", "Give --record another file, or remove this one.")
    if path.suffix.lower() != ".mp4":
        raise OutputError(f"{path} cannot be the name of a recording.", "Give a name that ends in .mp4.")
    if not path.parent.is_dir():
        raise OutputError(f"There is no folder {path.parent}.", "Create it, or give another one.")


def _analyse_recording(path: Path, recorder: "Recorder", session: "Session", settings: Settings) -> None:
    """Analyse what was recorded as `formcheck analyze` does, and print it beside what was said live."""
    from formcheck.live.coaching.live_vs_offline import format_comparison
    from formcheck.pipeline import analyze

    if recorder.failure is not None:
        print_message(recorder.failure)
    if recorder.left_out:
        print_message(f"the recording lacks {recorder.left_out} of {recorder.left_out + recorder.written} pictures")
    if not path.exists():
        return
    print_message(f"wrote {path}; analysing all of it")
    done = session.sets[0].lift if session.sets else settings.lift
    with progress_bar(path.name) as progress:
        report = analyze(path, replace(settings, lift=done), progress)
    print_summary(report)
    typer.echo(format_comparison(session.sets, report, recorder.first_s))
