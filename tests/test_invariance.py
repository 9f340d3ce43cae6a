"""The films that `make accuracy` compares verdicts on: what each variant is, and what counts as a change."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import make_report
from films import marked, read_pictures, write_film

from benchmarks.accuracy.invariance import VARIANTS, Variant, is_flip, is_lost, pair_verdicts, write_variant


def variant(name: str) -> Variant:
    return next(each for each in VARIANTS if each.name == name)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second in which a white square moves to the right."""
    pictures = [marked(160, 120, 30 + 3 * number, 60) for number in range(30)]
    return write_film(tmp_path_factory.mktemp("films") / "plain.mp4", pictures)


def centre_px(picture: np.ndarray) -> float:
    bright = picture.astype(float).mean(axis=2) > 120
    return float(np.nonzero(bright)[1].mean())


def test_a_mirror_turns_left_and_right(film: Path, tmp_path: Path) -> None:
    plain, mirrored = read_pictures(film), read_pictures(write_variant(film, variant("mirrored"), tmp_path / "m.mp4"))
    assert len(mirrored) == len(plain)
    for one, other in zip(plain[::10], mirrored[::10], strict=True):
        assert centre_px(other) == pytest.approx(159 - centre_px(one), abs=1.0)


def test_half_size_is_half_and_dim_is_darker(film: Path, tmp_path: Path) -> None:
    half = read_pictures(write_variant(film, variant("half size"), tmp_path / "h.mp4"))
    assert half[0].shape[:2] == (60, 80)
    dim = read_pictures(write_variant(film, variant("dim with grain"), tmp_path / "d.mp4"))
    assert dim[5].max() < 0.6 * 255
    assert dim[5][:20].std() > 2 * read_pictures(film)[5][:20].std()


@pytest.mark.parametrize(("name", "count"), [("25 a second", 25), ("60 a second", 58)])
def test_another_rate_shows_the_same_second(film: Path, tmp_path: Path, name: str, count: int) -> None:
    """Each picture stands until the next one, so that a place is at most a thirtieth of a second old."""
    again = read_pictures(write_variant(film, variant(name), tmp_path / "r.mp4"))
    rate_hz = variant(name).rate_hz
    assert rate_hz is not None
    assert abs(len(again) - count) <= 1
    for number in (0, len(again) // 2, len(again) - 1):
        assert centre_px(again[number]) == pytest.approx(29.5 + 3 * np.floor(30 * number / rate_hz + 1e-6), abs=3.5)


@pytest.mark.parametrize(
    ("pair", "flip", "lost"),
    [
        (("good", "good"), False, False),
        (("good", "fault"), True, False),
        (("note", "good"), True, False),
        (("note", "fault"), False, False),
        (("good", "not_judged"), False, True),
        (("not_judged", "fault"), False, True),
        (("not_judged", "not_judged"), False, False),
    ],
)
def test_what_counts_as_a_change(pair: tuple[str, str], flip: bool, lost: bool) -> None:
    assert (is_flip(pair), is_lost(pair)) == (flip, lost)


def test_repetitions_are_matched_by_their_turn() -> None:
    """A film that lacks the first repetition numbers the others anew: each is compared with itself."""
    report = make_report()
    assert {one == other for one, other in pair_verdicts(report, report)} == {True}
    later = tuple(replace(rep, number=rep.number + 1) for rep in report.reps)
    numbered = tuple(replace(each, rep=None if each.rep is None else each.rep + 1) for each in report.findings)
    moved = replace(report, reps=later, findings=numbered)
    assert pair_verdicts(report, moved) == pair_verdicts(report, report)
