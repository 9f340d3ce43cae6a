"""Draws as stick figures the faults that the renderer of the samples cannot draw: right on the left, wrong beside it.

`build_pictures.py` calls it. Each picture shows the same stretch of one repetition as figures at even times, the last
one dark: where they stand far apart the body is quick. The bodies are those that the tests of these checks use.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from formcheck.data import PoseSequence
from formcheck.skeleton import Landmark
from tests.skeletons_curls import CurlRep, curl_set
from tests.skeletons_floor import GhrRep, NordicRep, ghr_set, nordic_set

STEP_S = 0.12  # between two figures
SIZE_PX = (260, 195)  # of one picture, as the renderer's are
MARGIN_PX = 14
SCALE = 3  # drawn so much larger and shrunk, for smooth lines
INK, PALE = (25, 45, 75), (205, 214, 226)
LIMBS = (
    ("NOSE", "RIGHT_SHOULDER"),
    ("RIGHT_SHOULDER", "RIGHT_ELBOW"),
    ("RIGHT_ELBOW", "RIGHT_WRIST"),
    ("RIGHT_SHOULDER", "RIGHT_HIP"),
    ("RIGHT_HIP", "RIGHT_KNEE"),
    ("RIGHT_KNEE", "RIGHT_ANKLE"),
    ("RIGHT_ANKLE", "RIGHT_FOOT_INDEX"),
)

Made = tuple[PoseSequence, float]  # a set, and the moment (s) of its one repetition that the stretch is counted from


@dataclass(frozen=True)
class StickFault:
    """The sound and the faulty repetition, and the stretch that is shown, s after the moment it is counted from."""

    right: Callable[[], Made]
    wrong: Callable[[], Made]
    from_s: float
    to_s: float


def draw_stick_faults() -> Mapping[str, list[Image.Image]]:
    """Return the pictures by the check's code: right, then wrong, at one scale."""
    return {code: _draw_both(fault) for code, fault in STICK_FAULTS.items()}


def _draw_both(fault: StickFault) -> list[Image.Image]:
    shown = []
    for make in (fault.right, fault.wrong):
        poses, moment_s = make()
        moments_s = np.arange(moment_s + fault.to_s, moment_s + fault.from_s - 1e-6, -STEP_S)[::-1]
        shown.append(poses.xy_px[np.searchsorted(poses.time_s, moments_s)])
    used = [int(Landmark[name]) for limb in LIMBS for name in limb]
    spots = np.concatenate([each[:, used].reshape(-1, 2) for each in shown])
    low, high = np.nanmin(spots, axis=0), np.nanmax(spots, axis=0)
    room_px = np.array(SIZE_PX) - 2 * MARGIN_PX
    scale = float(np.min(room_px / (high - low)))
    shift = np.array(SIZE_PX) / 2 - scale * (low + high) / 2
    return [_draw(each * scale + shift) for each in shown]


def _draw(figures_px: Any) -> Image.Image:
    """Return one picture of the figures (N, 33, 2), pale to dark."""
    picture = Image.new("RGB", (SIZE_PX[0] * SCALE, SIZE_PX[1] * SCALE), "white")
    pen = ImageDraw.Draw(picture)
    for place, figure in enumerate(figures_px):
        share = (place + 1) / len(figures_px)
        colour = INK if share == 1 else tuple(round(p + 0.35 * share * (i - p)) for p, i in zip(PALE, INK, strict=True))
        for one, other in LIMBS:
            ends = [tuple(float(each) * SCALE for each in figure[Landmark[name]]) for name in (one, other)]
            if np.isfinite(ends).all():
                pen.line(ends, fill=colour, width=(5 if share == 1 else 3) * SCALE)
        x_px, y_px = (float(each) * SCALE for each in figure[Landmark.NOSE])
        if np.isfinite([x_px, y_px]).all():
            pen.ellipse([x_px - 8 * SCALE, y_px - 8 * SCALE, x_px + 8 * SCALE, y_px + 8 * SCALE], fill=colour)
    return picture.resize(SIZE_PX, Image.Resampling.LANCZOS)


def _ghr(*, at_top: bool, **changes: float) -> Callable[[], Made]:
    """Return what makes a raise, counted from its end or from where its way up begins."""

    def make() -> Made:
        rep = GhrRep(**changes)  # type: ignore[arg-type]
        poses, _, (truth,) = ghr_set(reps=[rep], noise_mm=0.0, slow_mm=0.0)
        return poses, float(poses.time_s[-1]) - 0.3 if at_top else truth.turn_s + rep.bottom_s / 2

    return make


def _nordic(**changes: Any) -> Callable[[], Made]:
    """Return what makes a Nordic, counted from where it turns."""

    def make() -> Made:
        poses, _, (truth,) = nordic_set(reps=[NordicRep(**changes)], noise_mm=0.0, slow_mm=0.0)
        return poses, truth.turn_s

    return make


def _curl(*, seated: bool, at_start: bool, **changes: float) -> Callable[[], Made]:
    """Return what makes a curl, counted from where it begins or from where it turns."""

    def make() -> Made:
        poses, _, (truth,) = curl_set(reps=[CurlRep(**changes)], seated=seated, noise_mm=0.0)
        return poses, truth.start_s if at_start else truth.turn_s

    return make


SLOW: Mapping[str, Any] = {"break_deg": None, "speed_deg_s": 22.0}
UP: Mapping[str, Any] = {**SLOW, "catch": False, "floor_deg": 60.0}
STICK_FAULTS: Mapping[str, StickFault] = {
    "ghr.top": StickFault(_ghr(at_top=True), _ghr(at_top=True, top_deg=35.0), -1.4, 0.0),
    "ghr.kick": StickFault(_ghr(at_top=False), _ghr(at_top=False, fold_deg=45.0), -0.5, 0.0),
    "nordic.catch": StickFault(_nordic(**SLOW), _nordic(break_deg=35.0), -0.8, 0.0),
    "nordic.hips_lead": StickFault(_nordic(**UP), _nordic(**UP, hip_deg=40.0), 0.0, 0.9),
    **{
        f"{place}_curl.swing": StickFault(
            _curl(seated=place == "seated", at_start=True),
            _curl(seated=place == "seated", at_start=True, concentric_s=0.26, lift_thigh=0.3),
            -0.12,
            0.36,
        )
        for place in ("lying", "seated")
    },
    **{
        f"{place}_curl.drop": StickFault(
            _curl(seated=place == "seated", at_start=False),
            _curl(seated=place == "seated", at_start=False, drop_deg=70.0),
            0.2,
            3.4,
        )
        for place in ("lying", "seated")
    },
}
