"""Letters on pictures: OpenCV's own sans, with real glyphs and smooth edges, measured before they are drawn."""

from functools import cache, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]  # (h, w, 3), BGR
Colour = tuple[int, int, int]

BOLD, HEAVY = 600, 800  # weights of the letters
CAPITAL = 0.7  # height of a capital letter, of the size
EDGE: Colour = (0, 0, 0)
AROUND = ((-1, 0), (1, 0), (0, -1), (0, 1), (-0.7, -0.7), (0.7, -0.7), (-0.7, 0.7), (0.7, 0.7))


@cache
def load_font() -> cv2.FontFace:
    """Return the font, which comes inside OpenCV."""
    return cv2.FontFace("sans")


@lru_cache(maxsize=4096)
def measure_text(text: str, size: int, weight: int) -> int:
    """Return the width of a line, px."""
    _, _, width, _ = cv2.getTextSize((0, 0), text, (0, 0), load_font(), size, weight)
    return int(width)


def write_text(
    picture: Picture, text: str, corner_px: tuple[float, float], colour: Colour, size: int, weight: int = BOLD
) -> None:
    """Write one line, in place: the left end of its base line at `corner_px`."""
    corner = round(corner_px[0]), round(corner_px[1])
    cv2.putText(picture, text, corner, colour, load_font(), size, weight)


def write_edged(
    picture: Picture, text: str, corner_px: tuple[float, float], colour: Colour, size: int, weight: int = BOLD
) -> None:
    """Write one line with a dark edge, to be read on any ground; see `write_text`."""
    edge = max(1, round(size / 14))
    for right, down in AROUND:
        corner = corner_px[0] + edge * right, corner_px[1] + edge * down
        write_text(picture, text, corner, EDGE, size, weight)
    write_text(picture, text, corner_px, colour, size, weight)


def break_lines(text: str, size: int, weight: int, width_px: float) -> list[str]:
    """Return words in lines of at most `width_px`; a word that is longer stands alone, and is cut at the width."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure_text(longer, size, weight) <= width_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return [fit_text(line, size, weight, width_px) for line in lines]


def fit_text(text: str, size: int, weight: int, width_px: float) -> str:
    """Return the text, or as much of its begin as fits, with dots."""
    while len(text) > 1 and measure_text(text, size, weight) > width_px:
        text = text.rstrip("…")[:-1].rstrip() + "…"
    return text
