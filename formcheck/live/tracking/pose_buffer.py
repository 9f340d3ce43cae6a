"""What was seen in the last minute, as the PoseSequence that the offline stages read."""

from collections import deque
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

from formcheck.data import BackContour, FloatArray, PoseProvenance, PoseSequence
from formcheck.live.tracking.lifter_tracker import Sighting
from formcheck.live.tracking.model_fallback import Rung
from formcheck.pose import model_files, torso_contour
from formcheck.skeleton import N_LANDMARKS

KEPT_S = 60.0  # memory stays bounded however long somebody stands about [D]


class Trace:
    """The sightings of the last minute, a picture without one included."""

    def __init__(self) -> None:
        self._rows: deque[tuple[float, Sighting | None]] = deque()

    def add(self, time_s: float, sighting: Sighting | None) -> None:
        """Take the next picture's sighting; times rise."""
        self._rows.append((time_s, sighting))
        while self._rows[0][0] < time_s - KEPT_S:
            self._rows.popleft()

    def clear(self) -> None:
        """Forget all."""
        self._rows.clear()

    def share_seen(self, last_s: float) -> float:
        """Return the share of the pictures of the last seconds with the lifter in them; 0 without pictures."""
        recent = self._since(last_s)
        return sum(each is not None for _, each in recent) / max(len(recent), 1)

    def seen_s(self) -> FloatArray:
        """Return the moments (n,) at which the lifter was seen."""
        return np.array([time_s for time_s, sighting in self._rows if sighting is not None])

    def poses(self, last_s: float, size_px: tuple[int, int], rung: Rung) -> PoseSequence | None:
        """Return the landmarks of the last seconds; None when there are fewer than two pictures, or no lifter."""
        recent = self._since(last_s)
        if len(recent) < 2 or all(each is None for _, each in recent):
            return None
        sightings = [sighting for _, sighting in recent]
        chord_px = _stack(sightings, "chord_px", 2, 2)
        depth_px = _stack(sightings, "depth_px", 2, len(torso_contour.STATIONS))
        return PoseSequence(
            time_s=np.array([time_s for time_s, _ in recent]),
            xy_px=_stack(sightings, "xy_px", N_LANDMARKS, 2),
            world_m=_stack(sightings, "world_m", N_LANDMARKS, 3),
            visibility=_stack(sightings, "visibility", N_LANDMARKS),
            size_px=size_px,
            back=None if chord_px is None else BackContour(chord_px, torso_contour.STATIONS, depth_px),
            provenance=_provenance(rung, [time_s for time_s, _ in recent]),
            edge_px=_stack(sightings, "edge_px", 2),
        )

    def _since(self, last_s: float) -> list[tuple[float, Sighting | None]]:
        if not self._rows:
            return []
        first_s = self._rows[-1][0] - last_s
        recent = []
        for row in reversed(self._rows):
            if row[0] < first_s:
                break
            recent.append(row)
        return recent[::-1]


def _stack(sightings: list[Sighting | None], name: str, *shape: int) -> Any:
    """Return a field of sightings, (T, *shape), NaN without one; None where none of them has it."""
    rows = [getattr(each, name, None) for each in sightings]
    missing = np.full(shape, np.nan)
    return (
        None if all(each is None for each in rows) else np.stack([missing if each is None else each for each in rows])
    )


def _provenance(rung: Rung, times_s: list[float]) -> PoseProvenance:
    bundle = model_files.load_model(rung.model)
    return PoseProvenance(
        model=bundle.name,
        model_sha256=bundle.sha256,
        mode="live",
        smoothing="none (timestamps x 10^8)",
        rate_hz=float(1 / np.median(np.diff(times_s))),
        subject="auto",
        mediapipe_version=_mediapipe_version(),
    )


@cache
def _mediapipe_version() -> str:
    """Return what is installed; asking takes 8 ms, which is half a picture's time."""
    return version("mediapipe")
