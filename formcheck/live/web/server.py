"""A browser as camera and screen: one page, one WebSocket a session, nothing from the network.

The page takes the camera, sends a JPEG, gets the view, sends the next: one picture is under way at a time, so that
nothing piles up on either side. Each socket has a `Watcher` of its own, in a thread of its own.
"""

import asyncio
import base64
import hashlib
import secrets
import socket
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from formcheck.errors import FormcheckError, InputError, OutputError
from formcheck.lifts import all_lifts
from formcheck.live.speech.cue_queue import Agenda
from formcheck.live.types import Picture, Said, Watcher
from formcheck.live.web.access import Gate, is_loopback
from formcheck.live.web.protocol import (
    MAX_MESSAGE_BYTES,
    MessageError,
    decode_jpeg,
    read_command,
    read_picture,
    write_answer,
    write_hello,
    write_refusal,
)

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI, WebSocket
    from starlette.types import ASGIApp, Receive, Scope, Send

FOLDER = Path(__file__).parent / "page"
PORT = 8765
MAX_SOCKETS = 2  # each holds a pose model and wants a core
IDLE_S = 60.0  # a socket that sends nothing for so long makes room for another
MAX_CONNECTIONS = 24
CLOSE_REFUSED, CLOSE_BROKEN, CLOSE_LATER = 1008, 1011, 1013  # RFC 6455 and IANA's list
SHUTDOWN_S = 3  # for open connections to end


@dataclass(frozen=True)
class Address:
    """Where to listen. certificate, key : PEM files; with them the page is https, which phones demand."""

    host: str = "127.0.0.1"
    port: int = PORT
    certificate: Path | None = None
    key: Path | None = None


def serve(make_watcher: Callable[[], Watcher], address: Address, lift: str, tell: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C; `tell` gets the lines for the user, the address to open among them.

    Raises
    ------
    FormcheckError
        When the extra is missing, the address is taken or no address of this machine, or the certificate is none.
    """
    try:
        import segno  # noqa: F401  # what is missing is said before anything is served
        import uvicorn
    except ImportError:
        raise FormcheckError("--web needs more packages.", "Install them: pip install 'formcheck[web]'.") from None
    _check_certificate(address)
    with _listen(address) as listener:
        gate = make_gate(address.host)
        port = listener.getsockname()[1]
        for line in describe(address, port, gate.token):
            tell(line)
        if gate.token is not None:  # a phone is to open it
            for line in draw_code(name_page(address, port, gate.token)):
                tell(line)
        config = configure(build_app(make_watcher, gate, lift), address)
        with suppress(KeyboardInterrupt):  # uvicorn closes every socket, then raises the signal again
            uvicorn.Server(config).run(sockets=[listener])


def configure(app: "ASGIApp", address: Address) -> "uvicorn.Config":
    """Return how the server runs: quiet, bounded, trusting no header about where a request came from."""
    import uvicorn

    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE_BYTES,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_graceful_shutdown=SHUTDOWN_S,
        server_header=False,
        proxy_headers=False,
        ssl_certfile=address.certificate,
        ssl_keyfile=address.key,
    )


def make_gate(host: str) -> Gate:
    """Return what is asked of visitors: a new token unless this machine alone is listened to."""
    if is_loopback(host):
        return Gate(None, frozenset())
    own = socket.gethostname().lower()
    return Gate(secrets.token_urlsafe(16), frozenset({own, f"{own.split('.')[0]}.local", host.lower()}))


def describe(address: Address, port: int, token: str | None) -> list[str]:
    """Return the lines that tell the user where the page is, and what a phone will want."""
    lines = [f"open {name_page(address, port, token)}", "Ctrl-C ends it"]
    if token is not None and address.certificate is None:
        lines.insert(1, "browsers give a page the camera over https only, or on localhost: add --cert and --key")
    return lines


def name_page(address: Address, port: int, token: str | None) -> str:
    """Return the page's own address."""
    scheme = "http" if address.certificate is None else "https"
    shown = _own_address() if address.host in {"0.0.0.0", "::"} else address.host  # noqa: S104  # compared, not bound
    name = f"[{shown}]" if ":" in shown else shown
    return f"{scheme}://{name}:{port}/{'' if token is None else f'?token={token}'}"


def draw_code(text: str) -> list[str]:
    """Return a text as a QR code of block characters, a line each: dark on the light of its own margin."""
    import segno

    rows = [list(row) for row in segno.make(text, error="l").matrix_iter(border=2)]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    blocks = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join(blocks[cell] for cell in zip(upper, lower, strict=True)) for upper, lower in pairs]


def _own_address() -> str:
    """Return this machine's address in its network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address that is nobody's, for documentation
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])


def _listen(address: Address) -> socket.socket:
    try:
        family, kind, _, _, place = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(place)
            listener.listen()  # now, so that the address works as soon as it is told
        except OSError:
            listener.close()
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(
            f"Cannot listen on {address.host}, port {address.port}: {reason}.",
            "Give another --port, or a --host that is an address of this machine.",
        ) from None
    return listener


def _check_certificate(address: Address) -> None:
    if (address.certificate is None) != (address.key is None):
        raise InputError("--cert and --key go together.", "Name both PEM files, or neither.")
    if address.certificate is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(address.certificate, address.key)
    except OSError as error:  # ssl.SSLError is one
        reason = error.strerror or str(error)
        raise InputError(
            f"{address.certificate} and {address.key} are not a certificate and its key: {reason}.",
            "Give two PEM files that belong together; docs/live.md shows how to make them.",
        ) from None


def build_app(make_watcher: Callable[[], Watcher], gate: Gate, lift: str) -> "ASGIApp":
    """Return the application: the page at /, its WebSocket at /live, all behind the gate."""
    from fastapi import FastAPI
    from fastapi.responses import HTMLResponse

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    page, policy = build_page(lift)
    room = Room(make_watcher, lift)
    _add_routes(app, page, policy, room, HTMLResponse)
    return Guard(app, gate)


def _add_routes(app: "FastAPI", page: str, policy: str, room: "Room", response: Any) -> None:
    from fastapi import Request, WebSocket

    async def show(request: Request) -> Any:
        host = request.headers["host"]
        headers = {
            "Content-Security-Policy": f"{policy}; connect-src ws://{host} wss://{host}",
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Permissions-Policy": "camera=(self), microphone=()",
        }
        return response(page, headers=headers)

    async def talk(websocket: WebSocket) -> None:
        await room.talk(websocket)

    app.add_api_route("/", show, methods=["GET"])
    app.add_api_websocket_route("/live", talk)


def build_page(lift: str) -> tuple[str, str]:
    """Return the page with style, script and the lifts in it, and its policy: these two, by their digests, and nothing
    else.
    """
    style, script = ((FOLDER / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    page = (FOLDER / "page.html").read_text(encoding="utf-8")
    options = "".join(
        f'<option value="{escape(name)}"{" selected" if name == lift else ""}>{escape(title)}</option>'
        for name, title in lift_titles().items()
    )
    page = page.replace("/* page.css */", style).replace("/* page.js */", script).replace("<!-- lifts -->", options)
    rules = (
        "default-src 'none'",
        f"script-src {_digest(script)}",
        f"style-src {_digest(style)}",
        "img-src data:",
        "media-src 'self' blob: mediastream:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return page, "; ".join(rules)


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"


class Guard:
    """Lets in whom the gate lets in, whatever they ask for; all others get 403."""

    def __init__(self, app: "ASGIApp", gate: Gate) -> None:
        self._app, self._gate = app, gate

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request or WebSocket (ASGI)."""
        from starlette.datastructures import Headers, QueryParams
        from starlette.responses import PlainTextResponse

        headers, query = Headers(scope=scope), QueryParams(scope["query_string"])
        reason = self._gate.refuse(
            headers.get("host"),
            query.get("token"),
            origin=headers.get("origin"),
            socket=scope["type"] == "websocket",
        )
        if reason is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": CLOSE_REFUSED, "reason": reason})
        else:
            await PlainTextResponse(f"{reason}\n", 403)(scope, receive, send)


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
            await websocket.send_text(write_hello(self._lift, lift_titles()))
            await self._answer(websocket, thread, Conversation(watcher))
        except MessageError as error:
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
        sent = read_picture(message, self._last_s)
        self._last_s = sent.time_s
        view = self._watcher.see(Picture(sent.time_s, decode_jpeg(sent.jpeg), arrived_s, sent.skipped))
        said = self._watcher.said()
        now_s = time.monotonic()
        for each in said:
            if each.code == "live.rep" and each.rep == 1:
                self._agenda.forget_reps()
            self._agenda.offer(each, now_s)
        interrupt = self._spoken is not None and sent.speaking and self._agenda.interrupts(self._spoken, now_s)
        say = self._agenda.next(now_s) if interrupt or not sent.speaking else None
        self._spoken = say or self._spoken
        return write_answer(view, said, say, interrupt=interrupt)

    def obey(self, text: str) -> None:
        """Do what the page wishes. Raises MessageError."""
        command = read_command(text, frozenset(lift_titles()))
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
    if await _send(websocket, write_refusal(reason)):
        await websocket.close(code, reason[:120])
