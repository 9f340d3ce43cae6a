"""The frozen types of live use: a picture comes in, what may be drawn of it and what is to be said go out.

`Watcher` is what a loop of any kind (a file's, a window's, a WebSocket's) holds: for every picture one `see`, then what
`said` hands out goes to the voice or the browser. Times: `time_s` is the source's own clock, `captured_s` that of
`time.monotonic()`. Missing is NaN, or None.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from formcheck.data import FloatArray
from formcheck.skeleton import Side

# "looking": nobody usable is in view, `guide` says what to do; "ready": in view and still, before the set; the rest is
# the repetition: "top" between two, then "lowering", "bottom", "rising" (a curl rises first).
SetPhase = Literal["looking", "ready", "top", "lowering", "bottom", "rising"]
SET_OVER = "live.set_over"  # the code of the last word on a set


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture of a source: rgb (h, w, 3) uint8, upright; `captured_s` is when it arrived, by time.monotonic().

    `skipped` is how many pictures came between this one and the one seen before, and were passed over.
    """

    time_s: float
    rgb: NDArray[np.uint8]
    captured_s: float
    skipped: int = 0


@dataclass(frozen=True, eq=False)
class Overlay:
    """All that is drawn over one picture.

    xy_px : (K, 2) landmarks in the picture's pixels, filtered causally; None when the lifter was not found.
    size_px : width and height of the picture. side : the side of the body that faces the camera, None until known.
    hip_deg, knee_deg, trunk_deg : flexion and inclination now, NaN when not seen. depth : 0 at the top, 1 at the depth
    of the athlete's own earlier reps; NaN outside a set. eccentric_s : of the lowering that goes on, else of the last
    one, NaN before the first; target_s : the tempo asked for, NaN when none was.
    cue : what was last said about a rep, a few seconds long. guide : what to do so that the set can begin. notice : a
    fault of the source or of this machine that goes on.
    latency_s : from the picture's arrival to this result. dropped_share : of the source's pictures in the last seconds.
    """

    time_s: float
    xy_px: FloatArray | None
    size_px: tuple[int, int]
    lift: str
    phase: SetPhase
    reps: int
    set_running: bool
    hip_deg: float
    knee_deg: float
    trunk_deg: float
    eccentric_s: float
    cue: str | None
    guide: str | None
    fps: float
    latency_s: float
    model: str
    dropped_share: float
    side: Side | None = None
    depth: float = float("nan")
    target_s: float = float("nan")
    notice: str | None = None


@dataclass(frozen=True)
class Said:
    """One sentence for the athlete's ears.

    time_s : the moment of the picture that gave rise to it. rep : the repetition it speaks of, None for none.
    priority : the lower, the more urgent (0 "come up", 1 fault, 2 a rep's cue, 3 count, 4 guide). code : the check's
    (`rdl.overrun`), or `live.<what>`.
    """

    time_s: float
    text: str
    rep: int | None
    priority: int
    code: str
    values: dict[str, float] = field(default_factory=dict)


def order_words(words: Iterable[Said]) -> list[Said]:
    """Return words in the order in which they are told: the most urgent first, and that a set is over at its end."""
    return sorted(words, key=lambda each: (each.code == SET_OVER, each.priority))


class Watcher(Protocol):
    """What turns pictures into views and words. Not safe for threads: one thread calls all of it."""

    def see(self, picture: Picture) -> Overlay:
        """Take the next picture, and return what to draw over it. Pictures may be of any size, and change it."""
        ...

    def said(self) -> list[Said]:
        """Return what has come up to be said since the last call, most urgent first."""
        ...

    def reset(self) -> None:
        """Forget set and athlete, as if the program had just begun."""
        ...

    def set_lift(self, name: str) -> None:
        """Watch another lift from now on; resets."""
        ...

    def close(self) -> None:
        """Release the model."""
        ...
