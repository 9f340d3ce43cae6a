"""Every picture of right and wrong on the page of checks is there, of a check that exists, and shows two of a kind."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from docs.build_pages import DRAWN, STICKS, checks_page
from docs.build_pictures import FAULTS
from docs.stick_pictures import STICK_FAULTS, draw_stick_faults
from formcheck.lifts import all_checks

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "img" / "checks"
MOST_BYTES = 20_000  # a page of forty pictures on a phone


def test_the_page_says_right_and_wrong_of_what_is_drawn_so() -> None:
    assert {f"{lift}.{name}" for lift, faults in FAULTS.items() for name in faults} == DRAWN
    assert set(STICK_FAULTS) == STICKS
    page = checks_page()
    for code in DRAWN | STICKS:
        assert page.count(f"](img/checks/{code}.webp)") == 1
    assert page.count("![Right, and wrong: ") == len(DRAWN | STICKS)


def test_every_picture_is_of_a_check_and_small() -> None:
    codes = {check.code for check in all_checks()}
    for file in PICTURES.iterdir():
        assert file.stem in codes
        assert file.stat().st_size < MOST_BYTES
    assert {file.stem for file in PICTURES.iterdir()} >= DRAWN | STICKS


@pytest.mark.parametrize("code", sorted(DRAWN | STICKS))
def test_right_and_wrong_stand_side_by_side_and_differ(code: str) -> None:
    with Image.open(PICTURES / f"{code}.webp") as strip:
        assert strip.size == (528, 195)
        grey = np.asarray(strip.convert("L"), float)
    differ = np.abs(grey[:, :260] - grey[:, 268:]) > 40
    assert differ.sum() > 200  # px: more than the grain of the picture


def test_the_stick_figures_are_drawn_whole() -> None:
    for frames in draw_stick_faults().values():
        assert len(frames) == 2
        for frame in frames:
            assert np.asarray(frame.convert("L")).min() < 80  # the last figure is there, and dark
