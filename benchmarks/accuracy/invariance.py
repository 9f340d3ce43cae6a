"""Does the same film get the same verdicts? Mirrored, small, dim and grainy, through a messenger, at other rates.

`python -m benchmarks.accuracy invariance` makes each variant of each clip of a folder with PyAV, analyses it and counts
the findings, check by check and repetition by repetition, that flip between good and a fault, or are judged in one and
not in the other. Left and right, light and codec carry no information about form.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

import formcheck
from benchmarks.accuracy.rendered import row_of_share
from benchmarks.accuracy.table import Row
from formcheck.data import Report

Picture = NDArray[np.uint8]
TICKS = 90_000  # a second, in the time base of the variants
CALLED = frozenset({"note", "fault"})
APART_S = 0.8  # between the turns of one repetition in two films
GRAIN, DIM = 8.0, 0.45  # grey levels of noise (sigma), and the share of the light that is left
SMALL_BITS, PLAIN_BITS = "34", "20"  # crf of a messenger's film, and of the others


@dataclass(frozen=True)
class Variant:
    """One way to change a film: its pictures, its rate (None: as it was), and how hard it is compressed."""

    name: str
    change: Callable[[Picture, int], Picture]
    rate_hz: float | None = None
    crf: str = PLAIN_BITS


def keep(picture: Picture, _: int) -> Picture:
    """Return a picture as it is."""
    return picture


def mirror(picture: Picture, _: int) -> Picture:
    """Return a picture (h, w, 3) as a mirror shows it."""
    return np.ascontiguousarray(picture[:, ::-1])


def halve(picture: Picture, _: int) -> Picture:
    """Return a picture (h, w, 3) at half its size, even."""
    height, width = (side // 4 * 2 for side in picture.shape[:2])
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def dim(picture: Picture, number: int) -> Picture:
    """Return a picture (h, w, 3) in less light, with the grain of a sensor that makes up for it."""
    grain = np.random.default_rng(number).normal(0.0, GRAIN, picture.shape)
    return np.asarray(np.clip(DIM * picture + grain, 0, 255), np.uint8)


VARIANTS = (
    Variant("mirrored", mirror),
    Variant("half size", halve),
    Variant("dim with grain", dim),
    Variant("recompressed (crf 34)", keep, crf=SMALL_BITS),
    Variant("25 a second", keep, rate_hz=25.0),
    Variant("60 a second", keep, rate_hz=60.0),
)


def read_film(path: Path, rate_hz: float | None) -> Iterator[tuple[float, Picture]]:
    """Yield a film's pictures with their seconds; at another rate the picture that stood there at each moment."""
    with av.open(str(path)) as container:
        shown: tuple[float, Picture] | None = None
        number = 0
        for frame in container.decode(video=0):
            now_s, picture = float(frame.time or 0.0), np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            if rate_hz is None:
                yield now_s, picture
                continue
            while shown is not None and number / rate_hz < now_s:
                yield number / rate_hz, shown[1]
                number += 1
            shown = (now_s, picture)


def write_variant(film: Path, variant: Variant, out: Path) -> Path:
    """Write one variant of a film; it never stands whole in memory."""
    with av.open(str(out), "w") as container:
        stream: Any = None
        for number, (time_s, picture) in enumerate(read_film(film, variant.rate_hz)):
            changed = variant.change(picture, number)
            if stream is None:
                stream = container.add_stream("libx264", rate=30, options={"crf": variant.crf, "preset": "veryfast"})
                stream.height, stream.width = changed.shape[:2]
                stream.pix_fmt = "yuv420p"
                stream.codec_context.time_base = Fraction(1, TICKS)
            frame = av.VideoFrame.from_ndarray(changed, format="rgb24")
            frame.pts, frame.time_base = round(time_s * TICKS), Fraction(1, TICKS)
            container.mux(stream.encode(frame))
        if stream is not None:
            container.mux(stream.encode())
    return out


def pair_verdicts(plain: Report, other: Report) -> list[tuple[str, str]]:
    """Return the verdicts of both films on each check and repetition of the first; a repetition that the other film has
    not is not judged there.
    """
    same = {
        rep.number: next((each.number for each in other.reps if abs(each.turn_s - rep.turn_s) <= APART_S), -1)
        for rep in plain.reps
    }
    found = {(each.code, each.rep): each.verdict for each in other.findings}
    return [
        (each.verdict, found.get((each.code, None if each.rep is None else same.get(each.rep, -1)), "not_judged"))
        for each in plain.findings
    ]


def is_flip(pair: tuple[str, str]) -> bool:
    """Whether one film is good where the other is called."""
    return "good" in pair and bool(CALLED & set(pair))


def is_lost(pair: tuple[str, str]) -> bool:
    """Whether one film is judged where the other is not."""
    return "not_judged" in pair and pair[0] != pair[1]


def measure(clips: list[tuple[Path, str]], work: Path) -> list[Row]:
    """Return two rows a variant for clips (film, lift); the variants are made in `work`."""
    plain = [formcheck.analyze(film, lift=lift) for film, lift in clips]
    rows = []
    for variant in VARIANTS:
        pairs: list[tuple[str, str]] = []
        for (film, lift), report in zip(clips, plain, strict=True):
            changed = write_variant(film, variant, work / f"{variant.name.split()[0]}_{film.stem}.mp4")
            pairs += pair_verdicts(report, formcheck.analyze(changed, lift=lift))
            changed.unlink()
        rows.append(row_of_share(f"{variant.name}: good against called", [is_flip(each) for each in pairs], at_most=1))
        rows.append(row_of_share(f"{variant.name}: judged against not", [is_lost(each) for each in pairs], at_most=5))
    return rows
