"""The live page in chromium, a sample clip as its camera over and over: through the real model, and part by part."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from browsing import find_barriers
from conftest import ROOT, SAMPLE
from films import Picture, read_pictures
from live_views import make_view
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright
from test_live_web import Notebook, Server, run_server, wait_for

from formcheck.live.types import Overlay, Said
from formcheck.live.types import Picture as Seen
from formcheck.web.access import Gate

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FROM, UNTIL = 375, 645  # frames of the sample, 9 s: standing, then the third repetition, past the end of hip travel
LISTEN = """
window.spoken = [];
const speak = speechSynthesis.speak.bind(speechSynthesis);
speechSynthesis.speak = (words) => { window.spoken.push(words.text); speak(words); };
"""
# What a busy machine that runs the tests may see.
SLOW = "a bit slow: move closer to the Wi-Fi router, or close other programs"
SENTENCE = "Your hips stopped moving back here, and you went lower. Start back up when your hips stop."


def write_mjpeg(path: Path, pictures: list[Picture]) -> Path:
    with path.open("wb") as file:
        for picture in pictures:
            Image.fromarray(picture).resize((480, 360)).save(file, "JPEG", quality=85)
    return path


@pytest.fixture(scope="module")
def browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    film = write_mjpeg(
        tmp_path_factory.mktemp("camera") / "rep.mjpeg", read_pictures(SAMPLE, first=FROM, count=UNTIL - FROM)
    )
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", *flags, f"--use-file-for-fake-video-capture={film}"]
    )
    yield browser
    browser.close()


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Open the page on a phone; whatever it says on the console, or raises, fails the test at its end."""
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)

    def call(url: str) -> Page:
        page = context.new_page()
        page.set_default_timeout(90_000)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.add_init_script(LISTEN)
        page.goto(url)
        return page

    yield call
    context.close()
    assert complaints == []


@pytest.fixture
def served() -> Iterator[str]:
    """`formcheck live --web` itself, with its quickest model; yields the address that it prints."""
    with subprocess.Popen(
        [sys.executable, "-m", "formcheck", "live", "--web", "--port", "0", "--model", "lite", "--lift", "rdl"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            match = re.fullmatch(r"open (http://127\.0\.0\.1:\d+/)\n", line)
            assert match, line
            yield match[1]
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
            assert "Traceback" not in process.stderr.read()
        finally:
            process.kill()


def test_a_set_in_the_browser(open_page: Open, served: str) -> None:
    page = open_page(served)
    page.locator("#start").click()
    page.wait_for_selector("#machine:not(:empty)")
    page.wait_for_selector("#reps:not(:text-is('0'))")
    assert re.fullmatch(r"-?\d+°", page.locator("#trunk").inner_text())
    wait_for(lambda: any("One" in text for text in page.evaluate("window.spoken")), 20)
    assert drawn_pixels(page) > 500, "the figure lies over the picture"
    page.locator("#start").click()
    assert page.locator("#start").inner_text() == "Start"


WHITE = """(() => {
  const c = document.getElementById('figure');
  const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
  let n = 0;
  for (let i = 0; i < d.length; i += 4) n += d[i] === 255 && d[i + 1] === 255 && d[i + 2] === 255;
  return n;
})()"""


def drawn_pixels(page: Page) -> int:
    """White pixels of the canvas: the near side's limbs; the clip's own picture has next to none."""
    return int(page.evaluate(WHITE))


class Parrot(Notebook):
    """Sees in every picture what it is told to."""

    view = make_view(cue=SENTENCE)

    def see(self, picture: Seen) -> Overlay:
        super().see(picture)
        return replace(self.view, time_s=picture.time_s)


@pytest.fixture(scope="module")
def parrots() -> list[Parrot]:
    return []


@pytest.fixture(scope="module")
def server(parrots: list[Parrot]) -> Iterator[Server]:
    def make() -> Parrot:
        parrots.append(Parrot())
        return parrots[-1]

    with run_server(Gate("a-token", frozenset()), make) as server:
        yield server


@pytest.fixture
def running(open_page: Open, server: Server) -> Page:
    page = open_page(f"http://{server.host}/?token=a-token")
    page.locator("#start").click()
    page.wait_for_selector("#cue:not(:empty)")
    return page


def test_numbers_and_words_are_shown(running: Page, parrots: list[Parrot]) -> None:
    shown = {
        name: running.locator(f"#{name}").inner_text() for name in ("reps", "phase", "hip", "knee", "tempo", "cue")
    }
    assert shown == {"reps": "2", "phase": "down", "hip": "65°", "knee": "13°", "tempo": "2.0 s", "cue": SENTENCE}
    assert running.evaluate("document.getElementById('hip-bar').style.width") == "50%"
    assert running.locator("#machine").inner_text() in {"27 frames a second", SLOW}
    parrots[-1].words = [Said(1.0, "Come up.", 3, 0, "live.come_up")]
    wait_for(lambda: running.evaluate("window.spoken").count("Come up.") == 1)
    assert running.locator("#cue").get_attribute("aria-live") == "assertive"


def test_one_picture_is_under_way_at_a_time_and_the_camera_is_sampled(running: Page, parrots: list[Parrot]) -> None:
    """A watcher of 0.2 s a picture gets five a second: the newest, with the number of those passed over."""
    parrot = parrots[-1]
    seen = len(parrot.seen)
    see, pause = parrot.see, 0.2

    def slowly(picture: Seen) -> Overlay:
        time.sleep(pause)
        return see(picture)

    parrot.see = slowly  # type: ignore[method-assign]
    wait_for(lambda: len(parrot.seen) >= seen + 8, 30)
    late = parrot.seen[seen + 2 : seen + 8]
    gaps_s = [after.time_s - before.time_s for before, after in pairwise(late)]
    assert min(gaps_s) > pause * 0.9
    assert min(each.skipped for each in late) >= 2
    assert {each.rgb.shape for each in late} == {(360, 480, 3)}


def test_keys_of_the_page(running: Page, parrots: list[Parrot]) -> None:
    running.locator("#lift").select_option("nordic")
    running.locator("#reset").click()
    wait_for(lambda: parrots[-1].done == ["nordic", "reset"])
    running.locator("#mute").click()
    assert running.locator("#mute").get_attribute("aria-pressed") == "true"
    parrots[-1].words = [Said(1.0, "Not aloud.", 3, 0, "live.come_up")]
    wait_for(lambda: "Not aloud." in str(running.evaluate("document.getElementById('log').textContent")))
    assert "Not aloud." not in running.evaluate("window.spoken")


PARTS = ("#stage", "#machine", "#reps", "#phase", "#gauges", "#cue", "#start", "#lift", "#mute", "#reset", "#flip")


@pytest.mark.parametrize("size", [(390, 844), (360, 640), (844, 390), (1280, 800), (1920, 1080)])
def test_all_of_it_is_on_the_screen_and_nothing_overlaps(running: Page, size: tuple[int, int]) -> None:
    running.set_viewport_size({"width": size[0], "height": size[1]})
    boxes: dict[str, Any] = {part: running.locator(part).bounding_box() for part in PARTS}
    first = ("#stage", "#reps", "#gauges", "#cue") if size == (360, 640) else PARTS
    for part, box in boxes.items():
        assert box["x"] >= 0, part
        assert box["x"] + box["width"] <= size[0], part
        assert box["y"] + box["height"] <= size[1] or part not in first, part
    for one in PARTS:
        for other in PARTS[PARTS.index(one) + 1 :]:
            a, b = boxes[one], boxes[other]
            apart = (
                a["x"] + a["width"] <= b["x"] + 1
                or b["x"] + b["width"] <= a["x"] + 1
                or a["y"] + a["height"] <= b["y"] + 1
                or b["y"] + b["height"] <= a["y"] + 1
            )
            assert apart, (one, other)


def test_light_and_dark_keep_nobody_out(running: Page) -> None:
    colours = []
    for scheme in ("light", "dark"):
        running.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        running.wait_for_function("name => document.documentElement.dataset.theme === name", arg=scheme)
        colours.append(running.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert find_barriers(running) == [], scheme
    assert colours[0] != colours[1]
    small = running.evaluate(
        """[...document.querySelectorAll('button, select')].filter((each) =>
        each.getBoundingClientRect().height < 44).map((each) => each.id)"""
    )
    assert small == [], "fingers are thick"


def test_a_lost_connection_is_said_and_comes_back(running: Page, parrots: list[Parrot]) -> None:
    known = len(parrots)

    def fail(picture: Seen) -> Overlay:
        raise ConnectionError

    parrots[-1].see = fail  # type: ignore[method-assign]
    wait_for(lambda: len(parrots) == known + 1, 20)
    running.wait_for_selector("#cue:not(:empty)")
    wait_for(lambda: running.locator("#notice").inner_text() == "")


def test_a_third_browser_is_told(open_page: Open, server: Server) -> None:
    pages = [open_page(f"http://{server.host}/?token=a-token") for _ in range(3)]
    for page in pages[:2]:
        page.locator("#start").click()
        page.wait_for_selector("#cue:not(:empty)")
    pages[2].locator("#start").click()
    pages[2].wait_for_selector("#notice:has-text('connected already')")
    assert pages[2].locator("#start").inner_text() == "Start"
