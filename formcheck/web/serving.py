"""Serves a page from this computer: where it listens, how it runs, what the user is told, and the guard at its door."""

import secrets
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from formcheck.errors import FormcheckError, InputError, OutputError
from formcheck.web.access import Gate, is_loopback

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp, Receive, Scope, Send

PORT = 8765
MAX_CONNECTIONS = 24
MAX_SOCKET_BYTES = 1 << 20  # of one message of a WebSocket
CLOSE_REFUSED = 1008  # RFC 6455
SHUTDOWN_S = 3
COOKIE = "formcheck"
LOOKING = frozenset({"GET", "HEAD"})  # what changes nothing


@dataclass(frozen=True)
class Address:
    """Where to listen. certificate, key : PEM files; with them the page is https, which phones demand."""

    host: str = "127.0.0.1"
    port: int = PORT
    certificate: Path | None = None
    key: Path | None = None


def check_extra(what: str) -> None:
    """Raise FormcheckError where the packages of the extra `web` are missing, before anything is served."""
    try:
        import fastapi  # noqa: F401
        import segno  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError:
        raise FormcheckError(f"{what} needs more packages.", "Install them: pip install 'formcheck[web]'.") from None


def serve_app(
    build: "Callable[[Gate, str], ASGIApp]",
    address: Address,
    tell: Callable[[str], None],
    *,
    most: int = MAX_CONNECTIONS,
    tell_of_cameras: bool = False,
) -> None:
    """Serve what `build` makes of the gate and the page's address until Ctrl-C; `tell` gets the lines for the user, the
    address first.

    Raises InputError for a certificate that is none, OutputError for an address that cannot be had.
    """
    import uvicorn

    _check_certificate(address)
    with listen(address) as listener:
        gate = make_gate(address.host)
        port = listener.getsockname()[1]
        place = name_page(address, port, gate.token)
        app = build(gate, place)
        for line in describe(address, port, gate.token, tell_of_cameras=tell_of_cameras):
            tell(line)
        if gate.token is not None:  # a phone is to open it
            for line in draw_code(place):
                tell(line)
        with suppress(KeyboardInterrupt):  # uvicorn closes every socket, then raises the signal again
            uvicorn.Server(configure(app, address, most)).run(sockets=[listener])


def configure(app: "ASGIApp", address: Address, most: int = MAX_CONNECTIONS) -> "uvicorn.Config":
    """Return how the server runs: quiet, with `most` connections, trusting no header about where it is from."""
    import uvicorn

    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="websockets-sansio",
        ws_max_size=MAX_SOCKET_BYTES,
        limit_concurrency=most,
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


def describe(address: Address, port: int, token: str | None, *, tell_of_cameras: bool = True) -> list[str]:
    """Return the lines that tell the user where the page is, and what a phone's camera will want."""
    lines = [f"open {name_page(address, port, token)}", "Ctrl-C ends it"]
    if token is not None and address.certificate is None and tell_of_cameras:
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


def picture_code(text: str) -> bytes:
    """Return a text as a QR code (SVG), dark on a light margin of its own."""
    import io

    import segno

    drawn = io.BytesIO()
    segno.make(text, error="l").save(drawn, kind="svg", border=2, light="#fff", xmldecl=False, scale=4)
    return drawn.getvalue()


def _own_address() -> str:
    """Return this machine's address in its network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address that is nobody's, for documentation
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])


def listen(address: Address) -> socket.socket:
    """Return a socket that listens there already. Raises OutputError."""
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
            f"{address.certificate} and {address.key} are no certificate with its key: {reason}.",
            "Give two PEM files that belong together; docs/live.md shows how to make them.",
        ) from None


class Guard:
    """Lets in whom the gate lets in, whatever they ask for; all others get 403.

    Who `remembers` gives a browser that came with the token a cookie, so that a page's links need not carry it.
    """

    def __init__(self, app: "ASGIApp", gate: Gate, *, remembers: bool = False) -> None:
        self._app, self._gate, self._remembers = app, gate, remembers

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request or WebSocket (ASGI)."""
        from starlette.datastructures import Headers, QueryParams
        from starlette.responses import PlainTextResponse

        headers, query = Headers(scope=scope), QueryParams(scope["query_string"])
        token = query.get("token") or (_read_cookie(headers.get("cookie")) if self._remembers else None)
        acts = scope["type"] == "websocket" or scope["method"] not in LOOKING
        reason = self._gate.refuse(headers.get("host"), token, origin=headers.get("origin"), acts=acts)
        if reason is None and self._remembers and self._gate.token and "token" in query and not acts:
            await self._give_cookie(scope, receive, send)
        elif reason is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": CLOSE_REFUSED, "reason": reason})
        else:
            await PlainTextResponse(f"{reason}\n", 403)(scope, receive, send)

    async def _give_cookie(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Send the browser to the same page without the token in its address."""
        from starlette.responses import RedirectResponse

        assert self._gate.token is not None
        response = RedirectResponse(scope["path"], 303)
        response.set_cookie(
            COOKIE, self._gate.token, httponly=True, samesite="strict", secure=scope["scheme"] == "https"
        )
        await response(scope, receive, send)


def _read_cookie(header: str | None) -> str | None:
    """Return the token of a Cookie header, None without one."""
    pairs = (each.strip().partition("=") for each in (header or "").split(";"))
    return next((value for name, _, value in pairs if name == COOKIE), None)
