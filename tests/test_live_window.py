"""What the window shows, pixel by pixel, and the window itself on a screen of its own (Xvfb)."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT
from desks import cut_clip
from films import plain
from live_views import PLACES, make_view
from screens import Screen, open_screen

from formcheck.errors import OutputError
from formcheck.live.window.layout import (
    CUE,
    DOWN,
    GROUND,
    GUIDE,
    NOTICE,
    PHASES,
    TRACK,
    Layout,
    Rect,
    draw,
    lay_out,
)
from formcheck.live.window.window import LiveWindow
from formcheck.rendering.overlay import ANGLE_COLOURS, NEAR

SIZES = [(1280, 720), (640, 480), (1920, 1080), (720, 1280), (480, 480), (240, 240), (3840, 400)]
SENTENCE = "Your hips stopped moving back here, and you went lower. Start back up when your hips stop."


def count(picture: np.ndarray, place: Rect, colour_bgr: tuple[int, ...], tolerance: int = 8) -> int:
    """Pixels of a colour in a place."""
    part = picture[place.top : place.top + place.height, place.left : place.left + place.width].astype(int)
    return int((np.abs(part - np.array(colour_bgr[::-1])) <= tolerance).all(axis=2).sum())


def parts_of(layout: Layout) -> dict[str, Rect]:
    parts = {name: getattr(layout, name) for name in ("picture", "depth", "title", "reps", "tempo", "banner", "status")}
    return parts | {f"gauge {number}": gauge for number, gauge in enumerate(layout.gauges)}


@pytest.mark.parametrize("size_px", SIZES)
def test_nothing_overlaps_and_nothing_leaves_the_window(size_px: tuple[int, int]) -> None:
    parts = parts_of(lay_out(size_px))
    for name, part in parts.items():
        assert part.left >= 0, name
        assert part.top >= 0, name
        assert part.left + part.width <= size_px[0], name
        assert part.top + part.height <= size_px[1], name
    for (one_name, one), (other_name, other) in combinations(parts.items(), 2):
        apart = (
            one.left + one.width <= other.left
            or other.left + other.width <= one.left
            or one.top + one.height <= other.top
            or other.top + other.height <= one.top
        )
        assert apart, (one_name, other_name)


CHANGES: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({"reps": 188}, ("reps",)),
    ({"phase": "rising"}, ("reps", "tempo")),
    ({"lift": "seated_curl"}, ("title",)),
    ({"hip_deg": -128.4}, ("gauge 0", "picture")),
    ({"knee_deg": np.nan}, ("gauge 1", "picture")),
    ({"trunk_deg": 178.0}, ("gauge 2", "picture")),
    ({"eccentric_s": 13.7, "target_s": 10.5}, ("tempo",)),
    ({"depth": 1.9}, ("depth",)),
    ({"cue": f"{SENTENCE} {SENTENCE}", "guide": SENTENCE, "notice": SENTENCE}, ("banner",)),
    ({"fps": 121.0, "latency_s": 12.3, "dropped_share": 0.98}, ("status",)),
    ({"xy_px": None}, ("picture",)),
]


@pytest.mark.parametrize("size_px", SIZES)
def test_every_part_is_written_in_its_own_place(size_px: tuple[int, int]) -> None:
    """What changes in the view changes pixels in its own part (or where it may), however long the words are."""
    picture = plain(320, 240, 90)
    parts = parts_of(lay_out(size_px))
    before = draw(picture, make_view(), size_px=size_px)
    assert before.shape == (size_px[1], size_px[0], 3)
    for change, names in CHANGES:
        differs = (draw(picture, make_view(**change), size_px=size_px) != before).any(axis=2)
        for number, name in enumerate(names):
            left, top, width, height = parts[name]
            assert differs[top : top + height, left : left + width].any() or number, (change, name)
            differs[top : top + height, left : left + width] = False
        assert differs.sum() == 0, change


@pytest.mark.parametrize(
    ("label", "value_deg", "share"), [("hip", 65.0, 0.5), ("knee", 13.0, 0.1), ("trunk", 50.0, 0.5)]
)
def test_a_gauge_is_as_full_as_its_angle(label: str, value_deg: float, share: float) -> None:
    row = ["hip", "knee", "trunk"].index(label)
    place = lay_out((1280, 720)).gauges[row]
    empty = replace(make_view(), **{f"{label}_deg": np.nan})
    picture = draw(plain(320, 240, 90), make_view())
    blank = draw(plain(320, 240, 90), empty)
    track = count(blank, place, TRACK)
    assert track > 1000
    lost = track - count(picture, place, TRACK)
    assert lost / track == pytest.approx(share, abs=0.01), "filled by the angle's share of the gauge"
    gained = count(picture, place, ANGLE_COLOURS[label]) - count(blank, place, ANGLE_COLOURS[label])
    assert gained == pytest.approx(lost, abs=20), "but for the rims of letters"


def test_the_tempo_bar_grows_by_the_second() -> None:
    place = lay_out((1280, 720)).tempo
    pictures = [draw(plain(320, 240, 90), make_view(eccentric_s=seconds)) for seconds in (1.0, 2.0, 4.0)]
    one, two, four = (count(picture, place, DOWN) for picture in pictures)
    assert two / one == pytest.approx(2.0, abs=0.03)
    assert four / one == pytest.approx(4.0, abs=0.06)
    assert count(pictures[2], place, TRACK) < 50, "full, but for the rims of letters"


def test_the_figure_lies_on_the_lifter() -> None:
    picture = draw(plain(320, 240, 90), make_view())
    place = lay_out((1280, 720)).picture
    zoom = min(place.width / 320, place.height / 240)
    left, top = place.left + (place.width - 320 * zoom) / 2, place.top + (place.height - 240 * zoom) / 2
    for joint in ("shoulder", "hip", "knee", "ankle"):
        x, y = PLACES[joint]
        assert (picture[round(top + y * zoom), round(left + x * zoom)] == NEAR).all(), joint
    lost = draw(plain(320, 240, 90), make_view(xy_px=None))
    assert count(lost, place, NEAR) == 0


def test_banners_have_a_colour_and_words() -> None:
    place = lay_out((1280, 720)).banner
    lines = {"cue": CUE, "guide": GUIDE, "notice": NOTICE}
    alone = {name: draw(plain(320, 240, 90), make_view(**{name: SENTENCE})) for name in lines}
    for name, colour in lines.items():
        assert count(alone[name], place, colour) > 500, name
        assert count(alone[name], place, NEAR) > 2000, "large white letters"
    together = draw(plain(320, 240, 90), make_view(**dict.fromkeys(lines, SENTENCE)))
    assert all(count(together, place, colour) > 100 for colour in lines.values())
    quiet = draw(plain(320, 240, 90), make_view())
    assert count(quiet, place, GROUND, tolerance=0) == place.width * place.height


def test_the_number_of_reps_is_read_from_three_metres() -> None:
    """Digits of at least an eighth of the window's height: 37 mm on a screen 300 mm high."""
    for size_px in ((1280, 720), (640, 480)):
        place = lay_out(size_px).reps
        inked = np.flatnonzero(
            (
                draw(plain(320, 240, 90), make_view(phase="top"), size_px=size_px)[
                    place.top : place.top + place.height * 2 // 3, place.left : place.left + place.width
                ]
                > 200
            ).any(axis=(1, 2))
        )
        assert inked[-1] - inked[0] > size_px[1] / 8


def test_every_phase_has_a_word_and_any_picture_a_place() -> None:
    for phase in PHASES:
        draw(plain(320, 240, 90), make_view(phase=phase, side=None, lift="auto", eccentric_s=np.nan, depth=np.nan))
    for width, height in ((16, 1200), (1200, 16), (1, 1)):
        draw(plain(width, height, 90), make_view(size_px=(width, height)))


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with open_screen() as screen:
        yield screen


SHOW = """
import time
import av  # whose X libraries keep a window from opening in this very process
import numpy as np
from live_views import make_view
from formcheck.live.window.window import LiveWindow
keys = []
with LiveWindow() as window:
    picture = np.full((240, 320, 3), 90, np.uint8)
    print("open", flush=True)
    while "quit" not in keys:
        time.sleep(0.01)
        key = window.show(picture, make_view(cue="Come up."), muted="mute" in keys)
        if key:
            keys.append(key)
            print(key, flush=True)
print(window.press(), "once it is closed")
"""


@pytest.fixture
def process(screen: Screen) -> Iterator[subprocess.Popen[str]]:
    """A program with the window open."""
    with subprocess.Popen(
        [sys.executable, "-c", SHOW],
        cwd=ROOT / "tests",
        env={**screen.environment, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert read_line(process) == "open"
            yield process
        finally:
            process.kill()


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_window_shows_and_takes_keys(screen: Screen, process: subprocess.Popen[str]) -> None:
    window = screen.act("search", "--name", "^formcheck live$").splitlines()[-1]
    screen.act("windowfocus", window)
    time.sleep(0.5)
    for key, meaning in (("m", "mute"), ("L", "lift"), ("r", "reset")):
        screen.act("key", "x", key)
        assert read_line(process) == meaning
    shown = screen.grab()
    assert count(shown, Rect(0, 0, 1400, 900), CUE) > 500, "the banner is on the screen"
    screen.act("key", "q")
    assert read_line(process) == "quit"
    assert read_line(process) == "quit once it is closed"
    assert process.wait(20) == 0
    assert process.stderr is not None
    assert process.stderr.read() == "", "nor does the toolkit chatter"


def test_a_file_is_watched_in_the_window_until_q(screen: Screen, tmp_path: Path) -> None:
    """The command itself; the sample's lifter goes down at once: the figure and the words are on the screen."""
    clip = cut_clip([("rdl_four_reps", 2.0, 14.0)], tmp_path / "set.mp4")
    command = [sys.executable, "-m", "formcheck", "live", "--source", str(clip), "--lift", "rdl", "--model", "lite"]
    environment = {**screen.environment, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([*command, "--mute"], env=environment, stdout=-1, stderr=-1, text=True) as process:
        try:
            assert process.stderr is not None
            assert re.fullmatch(r"watching .*\n", process.stderr.readline())
            place = lay_out((1280, 720)).gauges[2]
            until_s = time.monotonic() + 25
            while count(screen.grab(), place, ANGLE_COLOURS["trunk"]) < 1500 and time.monotonic() < until_s:
                time.sleep(0.2)
            shown = screen.grab()
            assert count(shown, place, ANGLE_COLOURS["trunk"]) >= 1500, "the gauge fills as the lifter goes down"
            assert count(shown, lay_out((1280, 720)).picture, NEAR) > 300, "the figure lies over the picture"
            window = screen.act("search", "--name", "^formcheck live$").splitlines()[-1]
            screen.act("windowfocus", window)
            until_s = time.monotonic() + 25
            while process.poll() is None and time.monotonic() < until_s:
                screen.act("key", "q")
                time.sleep(0.5)
            assert process.wait(1) == 0
        finally:
            process.kill()


@pytest.mark.parametrize("display", ["", ":4711"])
def test_no_screen_is_a_sentence(monkeypatch: pytest.MonkeyPatch, display: str) -> None:
    """Qt would end the whole process."""
    monkeypatch.setenv("DISPLAY", display)
    with pytest.raises(OutputError) as caught:
        LiveWindow()
    assert "--no-window" in caught.value.hint
