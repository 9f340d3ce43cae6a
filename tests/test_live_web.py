"""The page as camera and screen: who may come in, what may be sent, and a set in chromium with its fake camera."""

import json
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest
import uvicorn
from conftest import ROOT
from live_views import make_view
from PIL import Image
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from formcheck.errors import FormcheckError, InputError, OutputError
from formcheck.live.types import Overlay, Picture, Said, Watcher
from formcheck.live.web import server as web
from formcheck.live.web.protocol import (
    HEAD,
    MAX_MESSAGE_BYTES,
    SPEAKING,
)
from formcheck.web import serving
from formcheck.web.access import Gate, is_loopback, read_host

TOKEN = "a-token"  # noqa: S105  # of this test alone


def jpeg(width: int = 64, height: int = 48) -> bytes:
    content = BytesIO()
    Image.new("RGB", (width, height), (90, 90, 90)).save(content, "JPEG")
    return content.getvalue()


def message(time_s: float, picture: bytes | None = None, *, skipped: int = 0, speaking: bool = False) -> bytes:
    return HEAD.pack(time_s, skipped, SPEAKING if speaking else 0) + (jpeg() if picture is None else picture)


@dataclass
class Notebook:
    """A watcher that writes down what it is asked, and says what it is told to."""

    seen: list[Picture] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    words: list[Said] = field(default_factory=list)

    def see(self, picture: Picture) -> Overlay:
        self.seen.append(picture)
        return make_view(time_s=picture.time_s, reps=len(self.seen))

    def said(self) -> list[Said]:
        words, self.words = self.words, []
        return words

    def reset(self) -> None:
        self.done.append("reset")

    def set_lift(self, name: str) -> None:
        self.done.append(name)

    def close(self) -> None:
        self.done.append("close")


@dataclass
class Server:
    """A server on loopback, and the watchers that it made."""

    port: int
    made: list[Notebook]

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def get(self, path: str = "/", **headers: str) -> httpx.Response:
        with httpx.Client(trust_env=False) as client:
            return client.get(f"http://{self.host}{path}", headers=headers)

    def connect(self, query: str = "", origin: str | None = None, **headers: str) -> ClientConnection:
        return connect(
            f"ws://{self.host}/live{query}",
            origin=f"http://{self.host}" if origin is None else origin,  # type: ignore[arg-type]
            additional_headers=headers,
            proxy=None,
        )


@contextmanager
def run_server(gate: Gate, make_watcher: Callable[[], Watcher] | None = None) -> Iterator[Server]:
    made: list[Notebook] = []

    def make() -> Watcher:
        made.append(Notebook())
        return made[-1]

    with serving.listen(serving.Address(port=0)) as listener:
        config = serving.configure(web.build_app(make_watcher or make, gate, "rdl"), serving.Address())
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield Server(listener.getsockname()[1], made)
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with run_server(Gate(None, frozenset())) as server:
        yield server


@pytest.fixture(scope="module")
def guarded() -> Iterator[Server]:
    """As with `--host`: a token is asked for."""
    with run_server(Gate(TOKEN, frozenset({"gym.local"}))) as server:
        yield server


def status_of(open_socket: Callable[[], ClientConnection]) -> int:
    with pytest.raises(InvalidStatus) as caught:
        open_socket()
    return caught.value.response.status_code


def test_the_page_comes_whole_with_its_policy(server: Server) -> None:
    answer = server.get()
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert f"connect-src ws://{server.host} " in policy
    assert "unsafe" not in policy
    assert re.findall(r"(?:src|href)=\"(?!data:)[^\"]*\"", answer.text) == [], "nothing is loaded"
    assert "/* page." not in answer.text
    assert server.get("/docs").status_code == 404


def test_only_this_machine_is_asked_for_by_its_own_names(server: Server) -> None:
    for host in ("evil.example", f"evil.example:{server.port}", "10.0.0.1", "127.0.0.1.evil.example", "a b", ""):
        assert server.get(host=host).status_code == 403, host
    assert server.get(host="localhost:1").status_code == 200
    assert status_of(lambda: server.connect(origin="http://evil.example")) == 403
    assert status_of(lambda: server.connect(origin="null")) == 403
    assert status_of(lambda: server.connect(origin=f"http://localhost:{server.port}")) == 403
    assert server.made == [], "no session was begun"


@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong", f"?token={TOKEN}x", "?token=%C3%A9"])
def test_without_the_token_nothing_is_given(guarded: Server, query: str) -> None:
    assert guarded.get(f"/{query}").status_code == 403
    assert guarded.get(f"/nowhere{query}").status_code == 403
    assert status_of(lambda: guarded.connect(query)) == 403


def test_with_the_token_all_is_given(guarded: Server) -> None:
    assert guarded.get(f"/?token={TOKEN}").status_code == 200
    assert guarded.get(f"/?token={TOKEN}", host="gym.local:8765").status_code == 200
    assert guarded.get(f"/?token={TOKEN}", host="192.168.1.20:8765").status_code == 200
    assert guarded.get(f"/?token={TOKEN}", host="evil.example").status_code == 403
    with guarded.connect(f"?token={TOKEN}") as socket:
        assert json.loads(socket.recv(5))["type"] == "hello"


def test_a_picture_is_answered(server: Server) -> None:
    with server.connect() as socket:
        hello = json.loads(socket.recv(5))
        assert hello["lift"] == "rdl"
        assert hello["lifts"]["rdl"] == "Romanian deadlift"
        assert hello["sides"]["right"]["joints"]["knee"] == 26
        notebook = server.made[-1]
        notebook.words = [Said(1.0, "Start back up when your hips stop.", 1, 1, "rdl.overrun")]
        socket.send(message(1.0, skipped=3))
        answer = json.loads(socket.recv(5))
        assert answer["time_s"] == 1.0
        assert answer["reps"] == 1
        assert answer["target_s"] is None, "NaN is null"
        assert answer["xy_px"][25] == [150.0, 170.0]
        assert answer["xy_px"][26] is None
        assert answer["say"] == {"text": "Start back up when your hips stop.", "interrupt": False}
        assert (notebook.seen[0].skipped, notebook.seen[0].rgb.shape) == (3, (48, 64, 3))
        socket.send('{"do": "reset"}')
        socket.send('{"do": "lift", "name": "nordic"}')
        socket.send(message(2.0))
        assert json.loads(socket.recv(5))["reps"] == 2
    wait_for(lambda: notebook.done == ["reset", "nordic", "close"])


def wait_for(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    passed = threading.Event()
    for _ in range(round(seconds / 0.02)):
        if holds():
            return
        passed.wait(0.02)
    raise AssertionError("it did not come to that")


def test_the_voice_is_never_asked_for_two_things(server: Server) -> None:
    with server.connect() as socket:
        socket.recv(5)
        notebook = server.made[-1]
        rep = Said(1.0, "Three.", 3, 3, "live.rep")
        up = Said(2.0, "Come up.", 4, 0, "live.come_up")
        asked = []
        for time_s, words, speaking in (
            (1.0, [rep], False),
            (2.0, [replace(rep, text="Four.")], True),
            (3.0, [up], True),
        ):
            notebook.words = list(words)
            socket.send(message(time_s, speaking=speaking))
            asked.append(json.loads(socket.recv(5))["say"])
        assert asked == [
            {"text": "Three.", "interrupt": False},
            None,
            {"text": "Come up.", "interrupt": True},
        ]


BOMB = b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03\x01\x11\x00\x02\x11\x01\x03\x11\x01\xff\xd9"


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"", "without its head"),
        (message(1.0)[: HEAD.size], "without its head"),
        (message(float("nan")), "do not rise"),
        (message(-1.0), "do not rise"),
        (message(1e12), "do not rise"),
        (message(1.0, b"no picture"), "not a complete JPEG"),
        (message(1.0, jpeg()[:200]), "not a complete JPEG"),
        (message(1.0, jpeg(1921, 64)), "1920 is the most"),
        (message(1.0, jpeg(8, 8)), "1920 is the most"),
        (message(1.0, BOMB), "is the most"),
        ("{", "does not know"),
        ("[" * 150, "does not know"),
        ('{"do": "lift", "name": "../x"}', "does not know"),
        ("x" * 300, "too long"),
    ],
)
def test_what_the_page_does_not_send_ends_the_session_with_a_reason(
    server: Server, sent: bytes | str, reason: str
) -> None:
    with server.connect() as socket:
        socket.recv(5)
        socket.send(sent)
        answer = json.loads(socket.recv(5))
        assert answer["type"] == "refused"
        assert reason in answer["reason"]
        with pytest.raises(ConnectionClosed):
            socket.recv(5)
    wait_for(lambda: server.made[-1].done == ["close"])
    assert server.made[-1].seen == []


def test_a_message_that_is_too_large_is_not_even_read(server: Server) -> None:
    with server.connect() as socket:
        socket.recv(5)
        socket.send(b"0" * (MAX_MESSAGE_BYTES + 1))
        with pytest.raises(ConnectionClosed) as caught:
            socket.recv(5)
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1009
    wait_for(lambda: server.made[-1].done == ["close"])


def test_a_few_sockets_and_no_more(server: Server) -> None:
    wait_for(lambda: all(each.done[-1:] == ["close"] for each in server.made))
    with server.connect() as one, server.connect() as other:
        assert [json.loads(each.recv(5))["type"] for each in (one, other)] == ["hello", "hello"]
        with server.connect() as third:
            assert "close one of them" in json.loads(third.recv(5))["reason"]
        one.send(message(1.0))
        assert json.loads(one.recv(5))["type"] == "view"
    wait_for(lambda: all(each.done[-1:] == ["close"] for each in server.made))
    with server.connect() as again:
        assert json.loads(again.recv(5))["type"] == "hello"


def test_the_server_ends_cleanly_with_a_socket_open() -> None:
    with ExitStack() as stack:
        with run_server(Gate(None, frozenset())) as server:
            socket = stack.enter_context(server.connect())
            socket.recv(5)
        with pytest.raises(ConnectionClosed) as caught:
            socket.recv(5)
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 1012, "the service restarts"
    assert server.made[-1].done == ["close"]


def test_a_model_that_is_missing_is_said_in_the_page() -> None:
    def fail() -> Watcher:
        raise FormcheckError("The model is missing.", "Install it.")

    with run_server(Gate(None, frozenset()), fail) as server, server.connect() as socket:
        assert json.loads(socket.recv(5)) == {"type": "refused", "reason": "The model is missing. Install it."}


def test_silence_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "IDLE_S", 0.3)
    with run_server(Gate(None, frozenset())) as server, server.connect() as socket:
        socket.recv(5)
        assert "No picture came" in json.loads(socket.recv(5))["reason"]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Localhost:80", "localhost"),
        ("[::1]:8765", "::1"),
        ("gym.local", "gym.local"),
        ("a/b", None),
        ("a;b", None),
        ("x:y", None),
        (None, None),
    ],
)
def test_hosts_are_read(header: str | None, name: str | None) -> None:
    assert read_host(header) == name


@pytest.mark.parametrize(
    ("host", "alone"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("192.0.2.1", False), ("gym", False)]
)
def test_a_token_is_asked_for_unless_this_machine_is_alone(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone
    gate = serving.make_gate(host)
    assert (gate.token is None) is alone
    lines = serving.describe(serving.Address(host=host), 8765, gate.token)
    assert alone or f"token={gate.token}" in lines[0]
    assert any("https" in line for line in lines) is not alone


def test_a_phone_reads_the_address_from_the_code() -> None:
    """OpenCV's reader of QR codes sees what was drawn, light characters as light squares."""
    address = "https://192.168.1.20:8765/?token=0123456789abcdefABCDEF"
    lines = serving.draw_code(address)
    halves = {"█": (255, 255), "▀": (255, 0), "▄": (0, 255), " ": (0, 0)}
    rows = [[halves[letter][half] for letter in line] for line in lines for half in (0, 1)]
    picture = np.kron(np.array(rows, np.uint8), np.ones((8, 8), np.uint8))
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == address
    assert max(map(len, lines)) < 60, "it fits a terminal"


def test_a_port_that_is_taken_is_a_sentence(server: Server) -> None:
    with pytest.raises(OutputError) as caught:
        serving.listen(serving.Address(port=server.port))
    assert str(server.port) in caught.value.message
    with pytest.raises(OutputError):
        serving.listen(serving.Address(host="192.0.2.1"))


def test_half_a_certificate_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("no certificate")
    for address in (serving.Address(certificate=tmp_path / "no.pem"), serving.Address(key=tmp_path / "no.pem")):
        with pytest.raises(InputError, match="go together"):
            web.serve(Notebook, address, "rdl", print)
    for name in ("no.pem", "missing.pem"):
        with pytest.raises(InputError, match="not a certificate and its key"):
            web.serve(Notebook, serving.Address(certificate=tmp_path / name, key=tmp_path / name), "rdl", print)


def test_https_with_a_token_as_the_documents_show_it(tmp_path: Path) -> None:
    """The whole command, on every address of this machine, with a certificate made as docs/live.md says."""
    page = (ROOT / "docs" / "live.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"openssl req .*?\n.*?\n", page)
    subprocess.run(shown.replace("192.168.1.20", "127.0.0.1"), shell=True, cwd=tmp_path, check=True, stderr=-1)  # noqa: S602
    command = [sys.executable, "-m", "formcheck", "live", "--web", "--lift", "rdl", "--host", "0.0.0.0", "--port", "0"]  # noqa: S104
    with subprocess.Popen(
        [*command, "--cert", "live.crt", "--key", "live.key"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            match = re.fullmatch(r"open https://[\w.:-]+:(\d+)/\?token=([\w-]{22})\n", process.stderr.readline())
            assert match
            at, trusted = f"127.0.0.1:{match[1]}", ssl.create_default_context(cafile=tmp_path / "live.crt")
            with httpx.Client(trust_env=False, verify=trusted) as client:
                assert client.get(f"https://{at}/").status_code == 403
                assert client.get(f"https://{at}/?token={match[2]}").status_code == 200
            url, origin = f"wss://{at}/live?token=", Origin(f"https://{at}")
            assert status_of(lambda: connect(f"{url}x", origin=origin, ssl=trusted, proxy=None)) == 403
            with connect(f"{url}{match[2]}", origin=origin, ssl=trusted, proxy=None) as socket:
                assert json.loads(socket.recv(60))["type"] == "hello"
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0, process.stderr.read()
        finally:
            process.kill()


@pytest.mark.parametrize(
    "arguments", [("--port", "1"), ("--cert", "a.pem"), ("--web", "--source", "0"), ("--web", "--window")]
)
def test_options_that_mean_nothing_together_are_a_usage_error(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "formcheck", "live", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "--web" in done.stderr
