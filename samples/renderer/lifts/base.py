"""What a lift has to say about itself so that it can be filmed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from samples.renderer.posing import Poses
from samples.renderer.scene import NO_EXTRAS, Extras, Lifter, Scene
from samples.renderer.truth import Seen

Floats = npt.NDArray[np.float64]


def nothing_else(scene: Scene, lifter: Lifter, moves: Any, time_s: Floats, poses: Poses) -> Extras:  # noqa: ARG001
    """Bring neither a machine nor another person."""
    return NO_EXTRAS


def as_it_is(moves: Any) -> Any:
    """Give a set that does not shake."""
    return moves


@dataclass(frozen=True)
class Lift:
    """One lift.

    set_kind, rep_kind: frozen dataclasses of what is asked for; a set has `reps`, `seed` and `duration_s`. poses(scene,
    lifter, set, time_s): the lifter at the instants (T,). truths(seen, set): a dataclass for each repetition. extras:
    machine and partner, same arguments and the poses. unshaken: the set without its shaking. scene: what differs from
    the defaults of `Scene`. footwork: whether `poses` heeds the scene's footwork. left_out: columns and entries that
    the truth files of this lift do not have.
    """

    set_kind: type[Any]
    rep_kind: type[Any]
    poses: Callable[[Scene, Lifter, Any, Floats], Poses]
    truths: Callable[[Seen, Any], Sequence[Any]]
    extras: Callable[[Scene, Lifter, Any, Floats, Poses], Extras] = nothing_else
    unshaken: Callable[[Any], Any] = as_it_is
    scene: Mapping[str, object] = field(default_factory=dict)
    footwork: bool = False
    left_out: tuple[str, ...] = ()
