"""The repetitions of the current set, as the offline stages find and judge them in what was seen of it.

The window is bounded, so what is known of older repetitions stays as it was. The work is done in a thread of its own:
the next pictures do not wait for it.
"""

import math
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from formcheck.data import Finding, PoseSequence, Rep, Report, Source
from formcheck.lifts.check import Lift
from formcheck.pipeline import judge_set
from formcheck.settings import Settings

JUDGED_SPAN_S = 40.0  # of the set that is judged again after each repetition: 0.25 s of work
SAME_REP_S = 0.7  # between the turns of one repetition as two windows find it
EDGE_S = 4.0  # at a window's beginning, where repetitions may be cut off
NOWHERE = Source("live", "", float("nan"), 0, float("nan"), (0, 0), 0)


@dataclass(frozen=True, eq=False)
class LiveRep:
    """One repetition as it was last judged, its times on the source's clock; `told_s` is when it was first known, and
    `told_down_s` the lowering that was told then.
    """

    rep: Rep
    findings: tuple[Finding, ...]
    told_s: float
    told_down_s: float


@dataclass(frozen=True)
class Judged:
    """A window's report on the source's own clock, and what it brought: repetitions that were not known before."""

    report: Report
    fresh: tuple[LiveRep, ...]


def judge_window(poses: PoseSequence, lift: Lift, settings: Settings) -> Report:
    """Return the offline report of what was seen."""
    return judge_set(NOWHERE, poses, lift, replace(settings, speed=1.0))  # a camera's clock is right


class Ledger:
    """Holds the set's repetitions; `background` False judges at once, in the caller's thread. `bottom_s` is when a set
    that begins with a raise was at the turn.
    """

    def __init__(self, *, background: bool) -> None:
        self._pool = ThreadPoolExecutor(1, "formcheck-judge") if background else None
        self._waiting: Future[Report] | None = None
        self.reps: list[LiveRep] = []
        self.bottom_s = math.nan

    def close(self) -> None:
        """End the thread."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def clear(self) -> None:
        """Begin another set; what is being judged is thrown away."""
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = None
        self.reps = []
        self.bottom_s = math.nan

    @property
    def busy(self) -> bool:
        """Whether a window is being judged."""
        return self._waiting is not None

    def wait(self) -> None:
        """Wait until the window that is being judged is."""
        if self._waiting is not None:
            self._waiting.exception()

    def ask(self, poses: PoseSequence, lift: Lift, settings: Settings) -> None:
        """Judge a window; `poll` gives its result."""
        if self._pool is not None:
            self._waiting = self._pool.submit(judge_window, poses, lift, settings)
            return
        self._waiting = Future()
        self._waiting.set_result(judge_window(poses, lift, settings))

    def poll(self, now_s: float) -> Judged | None:
        """Return the result of a finished window, once, after taking it over; None when there is none."""
        if self._waiting is None or not self._waiting.done():
            return None
        report, self._waiting = self._waiting.result(), None
        known, fresh = merge_reps(self.reps, report, now_s, self.bottom_s)
        self.reps = known
        return Judged(report, tuple(fresh))


def merge_reps(
    known: list[LiveRep], report: Report, now_s: float, bottom_s: float = math.nan
) -> tuple[list[LiveRep], list[LiveRep]]:
    """Return the set's repetitions after another window was judged, numbered anew, and those of them that are new.

    A repetition that the window shows wholly takes the window's numbers; one that it should show and does not (picking
    up the weight turns out to be none) is left out; one that is cut off is not there yet. But a set that was at the
    turn at `bottom_s` begins with a raise, as long as the window shows that moment: a later window may cut any
    repetition.
    """
    first_s = float(report.kinematics.time_s[0])
    from_turn = first_s <= bottom_s
    raises = [rep for rep in report.reps if rep.start_s <= bottom_s and math.isfinite(rep.concentric_s)]  # no lowering
    whole = [rep for rep in report.reps if not rep.cut_off or (from_turn and rep in raises)]
    turns_s = [rep.turn_s for rep in whole]
    older = [each for each in known if each.rep.turn_s < first_s + EDGE_S]
    older = [each for each in older if not any(abs(each.rep.turn_s - turn_s) <= SAME_REP_S for turn_s in turns_s)]
    merged, fresh = list(older), []
    left = [each for each in known if each not in older]
    for rep in whole:
        before = next((each for each in left if _is_same(each.rep, rep)), None)
        if before is not None:
            left.remove(before)
        findings = tuple(each for each in report.findings if each.rep == rep.number)
        told = (now_s, rep.eccentric_s) if before is None else (before.told_s, before.told_down_s)
        entry = LiveRep(rep, findings, *told)
        merged.append(entry)
        if before is None:
            fresh.append(entry)
    merged.sort(key=lambda each: each.rep.turn_s)
    numbered = {id(each): _renumber(each, number) for number, each in enumerate(merged, 1)}
    return [numbered[id(each)] for each in merged], [numbered[id(each)] for each in fresh]


def _is_same(rep: Rep, other: Rep) -> bool:
    """Whether two windows found one repetition: its turn may have moved by a pause at the bottom that went on."""
    near = abs(rep.turn_s - other.turn_s) <= SAME_REP_S
    return near or rep.start_s < other.turn_s < rep.stop_s or other.start_s < rep.turn_s < other.stop_s


def _renumber(entry: LiveRep, number: int) -> LiveRep:
    findings = tuple(replace(each, rep=number) for each in entry.findings)
    return replace(entry, rep=replace(entry.rep, number=number), findings=findings)
