"""What is said when: one thing at a time, the most important first, nothing that is too late to be of use.

Pure: the clock is handed in, so that every rule can be tested without waiting.
"""

from dataclasses import dataclass

from formcheck.live.types import SET_OVER, Said

CUES = 2  # priorities up to this are cues about a repetition: one a repetition
USEFUL_S = (0.8, 6.0, 6.0, 1.0, 5.0)  # by priority: after that it is not said any more
OVER_S = 15.0  # the sum of a set, which waits for the words on its last repetition
INTERRUPTS = 0  # the priority that breaks into what is being said
TOLD_REPS = 50  # remembered


@dataclass(frozen=True)
class Waiting:
    """Something to say, and when it came up."""

    said: Said
    since_s: float


class Agenda:
    """Decides; whoever speaks asks for `next` when there is silence."""

    def __init__(self) -> None:
        self._waiting: list[Waiting] = []
        self._reps: list[int] = []

    @property
    def waits(self) -> bool:
        """Whether something waits to be said."""
        return bool(self._waiting)

    def offer(self, said: Said, now_s: float) -> None:
        """Take something to say."""
        self._waiting.append(Waiting(said, now_s))

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting.clear()

    def forget_reps(self) -> None:
        """Begin another set: its repetitions are numbered from 1 again."""
        self._reps.clear()

    def next(self, now_s: float) -> Said | None:
        """Return what to say now, or None. What is too late, or was said, is dropped for good."""
        self._waiting = [each for each in self._waiting if self._is_of_use(each, now_s)]
        if not self._waiting:
            return None
        chosen = min(self._waiting, key=lambda each: (self._rank(each.said), each.since_s))
        self._waiting.remove(chosen)
        said = chosen.said
        if said.rep is not None and said.priority <= CUES:
            self._reps = [*self._reps, said.rep][-TOLD_REPS:]
        return said

    def interrupts(self, speaking: Said, now_s: float) -> bool:
        """Whether something waits that must not wait for the end of what is being said."""
        return speaking.priority > INTERRUPTS and any(
            each.said.priority <= INTERRUPTS and self._is_of_use(each, now_s) for each in self._waiting
        )

    def _is_of_use(self, waiting: Waiting, now_s: float) -> bool:
        said = waiting.said
        useful_s = OVER_S if said.code == SET_OVER else USEFUL_S[min(said.priority, len(USEFUL_S) - 1)]
        if now_s - waiting.since_s > useful_s:
            return False
        return said.priority > CUES or said.rep is None or said.rep not in self._reps

    @staticmethod
    def _rank(said: Said) -> float:
        """Put the number of a repetition before its cue, which speaks of it, and the end of a set after both."""
        if said.code == SET_OVER:
            return CUES + 0.5
        return 0.5 if said.code == "live.rep" else float(said.priority)
