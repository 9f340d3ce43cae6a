"""A browser as camera and screen: one page, one WebSocket a session, nothing from the network.

The page takes the camera, sends a JPEG, gets the view, sends the next: one picture is under way at a time, so that
nothing piles up on either side. Each socket has a `Watcher` of its own, in a thread of its own.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from formcheck.errors import FormcheckError
from formcheck.lifts import all_lifts
from formcheck.live.speech.cue_queue import Agenda
from formcheck.live.types import Picture, Said, Watcher
from formcheck.live.web import protocol
from formcheck.report.page.shell import FOLDER as SHARED
from formcheck.report.page.shell import digest, read_parts
from formcheck.web.access import Gate
from formcheck.web.serving import CLOSE_REFUSED, Address, Guard, check_extra, serve_app

if TYPE_CHECKING:
    from fastapi import FastAPI, WebSocket
    from starlette.types import ASGIApp

FOLDER = Path(__file__).parent / "page"
HOME = '<a href="/" aria-label="Back to the desk">&lsaquo; Desk</a> '
MAX_SOCKETS = 2  # each holds a pose model and wants a core
IDLE_S = 60.0  # a socket that sends nothing for so long makes room for another
CLOSE_BROKEN, CLOSE_LATER = 1011, 1013  # IANA's list


def serve(make_watcher: Callable[[], Watcher], address: Address, lift: str, tell: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C; `tell` gets the lines for the user, the address to open among them.

    Raises FormcheckError when the extra is missing, or address or certificate are none to be used.
    """
    check_extra("--web")
    serve_app(lambda gate, _: build_app(make_watcher, gate, lift), address, tell, tell_of_cameras=True)


def build_app(make_watcher: Callable[[], Watcher], gate: Gate, lift: str) -> "ASGIApp":
    """Return the application behind the gate."""
    return Guard(build_pages(make_watcher, lift), gate)


def build_pages(make_watcher: Callable[[], Watcher], lift: str, *, home: bool = False) -> "FastAPI":
    """Return the application: the page, and its WebSocket, live. `home`: the page is the desk's, and leads there."""
    from fastapi import FastAPI, Request, WebSocket
    from fastapi.responses import HTMLResponse

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    page, policy = build_page(lift, home=home)
    room = Room(make_watcher, lift)

    async def show(request: Request) -> Any:
        host = request.headers["host"]
        headers = {
            "Content-Security-Policy": f"{policy}; connect-src ws://{host} wss://{host}",
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Permissions-Policy": "camera=(self), microphone=()",
        }
        return HTMLResponse(page, headers=headers)

    async def talk(websocket: WebSocket) -> None:
        await room.talk(websocket)

    app.add_api_route("/", show, methods=["GET"])
    app.add_api_websocket_route("/live", talk)
    return app


def build_page(lift: str, *, home: bool = False) -> tuple[str, str]:
    """Return the page with style, script and lifts in it, and its policy: these two by their digests, nothing else."""
    style = read_parts(SHARED / "base.css", FOLDER / "page.css")
    script = read_parts(SHARED / "frame.js", FOLDER / "page.js")
    page = (FOLDER / "page.html").read_text(encoding="utf-8")
    options = "".join(
        f'<option value="{escape(name)}"{" selected" if name == lift else ""}>{escape(title)}</option>'
        for name, title in lift_titles().items()
    )
    page = page.replace("<!-- home -->", HOME if home else "")
    page = page.replace("/* page.css */", style).replace("/* page.js */", script).replace("<!-- lifts -->", options)
    rules = (
        "default-src 'none'",
        f"script-src {digest(script.encode())}",
        f"style-src {digest(style.encode())}",
        "img-src data:",
        "media-src 'self' blob: mediastream:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return page, "; ".join(rules)


class Room:
    """The sockets that are open: a few, each with its own session."""

    def __init__(self, make_watcher: Callable[[], Watcher], lift: str) -> None:
        self._make_watcher, self._lift = make_watcher, lift
        self._open = 0

    async def talk(self, websocket: "WebSocket") -> None:
        """Serve one socket from its opening to its end."""
        await websocket.accept()
        if self._open >= MAX_SOCKETS:
            await _refuse(websocket, f"{MAX_SOCKETS} browsers are connected already: close one of them.", CLOSE_LATER)
            return
        self._open += 1
        try:
            with ThreadPoolExecutor(1, thread_name_prefix="watcher") as thread:
                await self._run(websocket, thread)
        finally:
            self._open -= 1

    async def _run(self, websocket: "WebSocket", thread: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        try:
            watcher = await loop.run_in_executor(thread, self._make_watcher)
        except FormcheckError as error:
            await _refuse(websocket, f"{error.message} {error.hint}", CLOSE_BROKEN)
            return
        try:
            await websocket.send_text(protocol.write_hello(self._lift, lift_titles()))
            await self._answer(websocket, thread, Conversation(watcher))
        except protocol.MessageError as error:
            await _refuse(websocket, str(error), CLOSE_REFUSED)
        except FormcheckError as error:
            await _refuse(websocket, f"{error.message} {error.hint}", CLOSE_BROKEN)
        finally:
            await loop.run_in_executor(thread, watcher.close)

    @staticmethod
    async def _answer(websocket: "WebSocket", thread: ThreadPoolExecutor, conversation: "Conversation") -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                message = await asyncio.wait_for(websocket.receive(), IDLE_S)
            except TimeoutError:
                await _refuse(websocket, f"No picture came for {IDLE_S:.0f} s.", CLOSE_LATER)
                return
            if message["type"] == "websocket.disconnect":
                return
            arrived_s = time.monotonic()
            if message.get("bytes") is not None:
                answer = await loop.run_in_executor(thread, conversation.see, message["bytes"], arrived_s)
                if not await _send(websocket, answer):
                    return
            else:
                await loop.run_in_executor(thread, conversation.obey, message["text"])


class Conversation:
    """One session, all of it in one thread: a picture's bytes in, the answer's text out."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._agenda = Agenda()
        self._spoken: Said | None = None
        self._last_s = -1.0

    def see(self, message: bytes, arrived_s: float) -> str:
        """Answer a picture. Raises MessageError for what the page does not send."""
        sent = protocol.read_picture(message, self._last_s)
        self._last_s = sent.time_s
        view = self._watcher.see(Picture(sent.time_s, protocol.decode_jpeg(sent.jpeg), arrived_s, sent.skipped))
        said = self._watcher.said()
        now_s = time.monotonic()
        for each in said:
            if each.code == "live.rep" and each.rep == 1:
                self._agenda.forget_reps()
            self._agenda.offer(each, now_s)
        interrupt = self._spoken is not None and sent.speaking and self._agenda.interrupts(self._spoken, now_s)
        say = self._agenda.next(now_s) if interrupt or not sent.speaking else None
        self._spoken = say or self._spoken
        return protocol.write_answer(view, said, say, interrupt=interrupt)

    def obey(self, text: str) -> None:
        """Do what the page wishes. Raises MessageError."""
        command = protocol.read_command(text, frozenset(lift_titles()))
        self._agenda.clear()
        self._agenda.forget_reps()
        if command.do == "reset":
            self._watcher.reset()
        else:
            self._watcher.set_lift(command.name)


def lift_titles() -> dict[str, str]:
    """Return what can be chosen in the page: {name: title}."""
    return {"auto": "Recognise the lift", **{name: lift.title for name, lift in all_lifts().items()}}


async def _send(websocket: "WebSocket", text: str) -> bool:
    """Send, and return whether anybody was still there."""
    from fastapi import WebSocketDisconnect

    try:
        await websocket.send_text(text)
    except (WebSocketDisconnect, RuntimeError):
        return False
    return True


async def _refuse(websocket: "WebSocket", reason: str, code: int) -> None:
    """Say why, and close."""
    if await _send(websocket, protocol.write_refusal(reason)):
        await websocket.close(code, reason[:120])
