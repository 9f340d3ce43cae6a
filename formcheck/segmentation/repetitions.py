"""Kinematics -> reps: hysteresis on one angle, and bounds at 5 % and 95 % of each rep's own range.

Conventions: the rep signal rises from rest to the turn (for a hinge: trunk inclination). Velocity thresholds put the
bounds
0.2 to 0.6 s off, shares of the range 0.04 to 0.10 s [S; docs/method.md, tempo].
"""

from dataclasses import dataclass, replace

import numpy as np

from formcheck import signals
from formcheck.data import CAME_UP, FloatArray, Rep

REACHED = 0.6  # of the set's excursion: a rep went down [D]
RETURNED = 0.3  # of the set's excursion: it came back [D]
LEAST_DIP = 0.2  # what turns under 0.6 and is not parted from its neighbour by less than this is a part of it [D]
AT_REST = 0.15  # a clip that begins or ends above this share,
MOVING = 0.02  # with a change of more than this in 0.2 s, cuts a rep there [D]
MIN_REP_S = 0.4  # spent above 0.3; the fastest rep of two real deadlift sets takes 0.6 s there [D]
PEAK_PCT = 94.0  # of the samples past the least range; 97 % of all samples when half of them are rest
CUT_LEFT = 0.7  # of a cut stroke may be missing at most for the rep to count [D]
CUT_LEFT_S = 1.0  # and at the speed at the cut it must be done within this time: the lifter was on the way [D]
TRIED = 0.15  # of the set's excursion: a way back that fails or that the clip ends in was a try [D]
PHASE_EDGE = 0.05  # bounds lie at 5 % and 95 % of the rep's range [D]
ON_THE_WAY = 0.6  # of the way down: where picking up the weight and a rep are told apart [D]
PICK_UP_DEG = 20.0  # knees at a bar on the floor bend to 55 to 90 deg, in a hinge to 8 to 30 [D]
PICKED_DEG = 40.0  # and there to this much at least: picking up bends to 45 and more, hinges of no fault up to 34 [D]


@dataclass(frozen=True)
class Cycle:
    """One excursion of the rep signal, in samples.

    It leaves rest at `start`, has its extreme at `turn` and is back at `stop` (half-open); the rest beside it lies
    between `rest_start` and `start` and between `stop` and `rest_stop`.
    """

    start: int
    turn: int
    stop: int
    rest_start: int
    rest_stop: int
    partial: bool
    cut_before: bool
    cut_after: bool


def find_reps(
    time_s: FloatArray,
    signal: FloatArray,
    min_range: float,
    bend_deg: FloatArray | None = None,
    *,
    open_ended: bool = False,
    came_up: float = CAME_UP,
) -> tuple[Rep, ...]:
    """Return the repetitions of a set in order, numbered from 1.

    Parameters
    ----------
    time_s : (T,). signal : (T,), rises from rest towards the turn; NaN samples are bridged for counting only.
    min_range : the least excursion that can be a rep at all, in the signal's unit.
    open_ended : a clip may start or end at the turn; a way back from there is a rep, whole or tried.
    came_up : share of the way to the shallower of two turns at which they are two reps, though nobody stood up between.
    bend_deg : (T,), what bends far more on the way to the floor than in a rep (the knees of a hinge), or None.

    Returns
    -------
    Complete reps, partial ones (turn at 0.3 to 0.6 of the set's excursion) and ones that the clip cuts off on
    their way to rest; the last two have `complete` False, and cut ones NaN for phases that are not whole. Empty when
    nothing moves. How long the lifter stands about before and after makes no difference.
    """
    valid = np.isfinite(signal)
    if valid.sum() < 3:
        return ()
    first, stop = int(np.argmax(valid)), len(valid) - int(np.argmax(valid[::-1]))
    if first > 0 or stop < len(signal):  # the set begins and ends with what is seen of the lifter
        bend = None if bend_deg is None else bend_deg[first:stop]
        inner = find_reps(
            time_s[first:stop], signal[first:stop], min_range, bend, open_ended=open_ended, came_up=came_up
        )
        return tuple(
            replace(rep, start=rep.start + first, turn=rep.turn + first, stop=rep.stop + first) for rep in inner
        )
    bridged = signals.bridge(signal)
    rest = float(np.percentile(bridged, 5))
    moved = bridged[bridged - rest >= min_range]
    rate_hz = 1.0 / float(np.median(np.diff(time_s)))
    if not len(moved) or len(moved) < signals.count_samples(MIN_REP_S, rate_hz) / 2:
        return ()
    share = (bridged - rest) / (np.percentile(moved, PEAK_PCT) - rest)
    cycles = find_cycles(share, rate_hz, open_ended=open_ended, came_up=came_up)
    if bend_deg is not None:
        cycles = drop_pick_ups(cycles, bridged, bend_deg)
    return tuple(time_rep(number, time_s, bridged, cycle) for number, cycle in enumerate(cycles, 1))


def find_cycles(
    share: FloatArray, rate_hz: float, *, open_ended: bool = False, came_up: float = CAME_UP
) -> list[Cycle]:
    """Return the excursions of a signal scaled to 0 (rest) .. 1 (the deep end of the set).

    An excursion that the clip cuts off counts when it was on its way to rest: at most 70 % of the cut stroke are
    missing, and at the speed at the cut they take at most a second. Whoever stays down at the end of a clip has done
    no rep. `open_ended`: one that starts at the turn counts too, and one that ends with a try to come back.
    """
    runs = []
    for start, stop in _find_runs(share, signals.count_samples(MIN_REP_S, rate_hz), came_up):
        turn = start + int(np.argmax(share[start:stop]))
        whole_start = start > 0 or open_ended or _is_arriving(share[turn::-1], rate_hz)
        tried = open_ended and share[turn] - share[turn:stop].min() > TRIED
        whole_stop = stop < len(share) or tried or _is_arriving(share[turn:], rate_hz)
        cut_partial = share[turn] < REACHED and (start == 0 or stop == len(share))  # it may have gone on to anything
        if whole_start and whole_stop and not cut_partial:
            runs.append((start, turn, stop))
    turns = [0, *(turn for _, turn, _ in runs), len(share)]
    return [
        Cycle(
            start=start,
            turn=turn,
            stop=stop,
            rest_start=turns[place],
            rest_stop=turns[place + 2],
            partial=bool(share[turn] < REACHED),
            cut_before=start == 0 or (place == 0 and _is_cut(share[: start + 1], rate_hz)),
            cut_after=stop == len(share) or (place == len(runs) - 1 and _is_cut(share[stop - 1 :][::-1], rate_hz)),
        )
        for place, (start, turn, stop) in enumerate(runs)
    ]


def drop_pick_ups(cycles: list[Cycle], signal: FloatArray, bend_deg: FloatArray) -> list[Cycle]:
    """Return the cycles without a first or last one that is the weight being picked up or put down.

    Such a cycle has bent by PICKED_DEG at 60 % of its way down, and by PICK_UP_DEG more than the set's straighter
    cycles. A rep that squats at the bottom bends later, and stays. A lone cycle stays, and so does one whose way down
    is not seen.
    """
    bends = np.array([_bend_on_the_way(cycle, signal, bend_deg) for cycle in cycles])
    kept = list(range(len(cycles)))
    for end in (0, -1):
        others = bends[[place for place in kept if place != kept[end]]] if kept else bends
        if not np.isfinite(others).any():
            continue
        if bends[kept[end]] > max(PICKED_DEG, np.nanpercentile(others, 25) + PICK_UP_DEG):
            kept.pop(end)
    return [cycles[place] for place in kept]


def _bend_on_the_way(cycle: Cycle, signal: FloatArray, bend_deg: FloatArray) -> float:
    """Bend (deg) where the signal passes 60 % of its rise from rest to the turn for the last time."""
    rise = signal[cycle.rest_start : cycle.turn + 1]
    low, high = rest_level(rise), float(rise[-1])
    below = np.flatnonzero(rise <= low + ON_THE_WAY * (high - low))
    if cycle.cut_before or not len(below):
        return float("nan")
    middle = cycle.rest_start + int(below[-1])
    return signals.median(bend_deg[max(0, middle - 2) : middle + 3])


def _find_runs(share: FloatArray, least: int, came_up: float) -> list[tuple[int, int]]:
    """Find runs of `least` samples above RETURNED, parted where the lifter came up, not where one only trembles."""
    runs: list[tuple[int, int]] = []
    for start, stop in signals.finite_runs(share > RETURNED):
        before, end = runs[-1] if runs else (start, start)
        lower_peak = min(share[before : max(end, before + 1)].max(), share[start:stop].max())
        if runs and lower_peak < REACHED and share[end:start].min() > LEAST_DIP:
            runs[-1] = (before, stop)
        else:
            runs.append((start, stop))
    steady = signals.running_median(share, least | 1)  # a landmark that slips for a moment parts nothing
    parted = [part for start, stop in runs for part in _part_run(steady, start, stop, came_up)]
    return [(start, stop) for start, stop in parted if stop - start >= least]


def _part_run(share: FloatArray, start: int, stop: int, came_up: float) -> list[tuple[int, int]]:
    """Part a run where it came up between two turns that both went down: those are two reps."""
    way = share[start:stop]
    shallower = np.minimum(np.maximum.accumulate(way), np.maximum.accumulate(way[::-1])[::-1])
    between = (shallower >= REACHED) & (way <= came_up * shallower)
    if not between.any():
        return [(start, stop)]
    top = start + int(np.where(between, way, np.inf).argmin())
    return [*_part_run(share, start, top, came_up), *_part_run(share, top, stop, came_up)]


def _is_cut(way: FloatArray, rate_hz: float) -> bool:
    """Whether the clip's edge lies inside a stroke; `way` (n,) leads from the edge to where that passes RETURNED."""
    soon = min(len(way) - 1, signals.count_samples(0.2, rate_hz))
    return bool(way.min() > AT_REST and way[soon] - way[0] > MOVING)


def _is_arriving(stroke: FloatArray, rate_hz: float) -> bool:
    """Whether a stroke (n,), from the turn to where the clip cuts it, was on its way to rest."""
    if len(stroke) < 3 or stroke[-1] > CUT_LEFT * stroke[0]:
        return False
    back = stroke[-min(len(stroke), max(2, int(0.2 * rate_hz) + 1)) :]
    speed = float(back[0] - back[-1]) * rate_hz / (len(back) - 1)
    return float(stroke[-1]) <= CUT_LEFT_S * speed


def time_rep(number: int, time_s: FloatArray, signal: FloatArray, cycle: Cycle) -> Rep:
    """Return the rep of one cycle with its times: eccentric 5 -> 95 % of its range, pause above 95 %, concentric 95
    -> 5 %.

    The levels of rest before and after are each the rep's own, so that a lean between reps moves nothing.
    """
    top = signals.turn_level(signal[cycle.start : cycle.stop])
    low_before, low_after = (
        rest_level(signal[cycle.rest_start : cycle.turn + 1]),
        rest_level(signal[cycle.turn : cycle.rest_stop]),
    )
    down = _last_rise(signal, low_before + PHASE_EDGE * (top - low_before), cycle.rest_start, cycle.turn)
    reached = _first_rise(
        signal, top - PHASE_EDGE * (top - low_before), int(np.nan_to_num(down, nan=cycle.start)), cycle.turn
    )
    up = _first_fall(signal, low_after + PHASE_EDGE * (top - low_after), cycle.turn, cycle.rest_stop)
    leaves = _last_fall(
        signal, top - PHASE_EDGE * (top - low_after), cycle.turn, int(np.nan_to_num(up, nan=cycle.stop - 1)) + 1
    )
    if cycle.cut_before:
        down = reached = np.nan
    if cycle.cut_after:
        up = np.nan
    down_s, reached_s, leaves_s, up_s = (_time_at(time_s, position) for position in (down, reached, leaves, up))
    return Rep(
        number=number,
        complete=not (cycle.partial or cycle.cut_before or cycle.cut_after),
        start=cycle.start if np.isnan(down) else int(down),
        turn=cycle.turn,
        stop=cycle.stop if np.isnan(up) else int(up) + 2,
        start_s=float(time_s[cycle.start]) if np.isnan(down) else down_s,
        turn_s=float(time_s[cycle.turn]),
        stop_s=float(time_s[cycle.stop - 1]) if np.isnan(up) else up_s,
        eccentric_s=reached_s - down_s,
        pause_s=leaves_s - reached_s,
        concentric_s=up_s - leaves_s,
    )


def rest_level(stroke: FloatArray) -> float:
    """Return the level of rest beside a stroke (n,): median of what lies in a tenth of its range above its minimum."""
    low = float(stroke.min())
    return float(np.median(stroke[stroke <= low + 0.1 * (float(stroke.max()) - low)]))


def _between(signal: FloatArray, index: int, level: float) -> float:
    """Return the fractional sample in [index, index + 1] at which the signal passes `level`."""
    step = signal[index + 1] - signal[index]
    return index + float((level - signal[index]) / step) if step else float(index)


def _last_rise(signal: FloatArray, level: float, start: int, stop: int) -> float:
    below = np.flatnonzero(signal[start:stop] <= level)
    return _between(signal, start + int(below[-1]), level) if len(below) else float("nan")


def _first_rise(signal: FloatArray, level: float, start: int, stop: int) -> float:
    above = np.flatnonzero(signal[start + 1 : stop + 1] >= level)
    return _between(signal, start + int(above[0]), level) if len(above) else float("nan")


def _first_fall(signal: FloatArray, level: float, start: int, stop: int) -> float:
    below = np.flatnonzero(signal[start + 1 : stop] <= level)
    return _between(signal, start + int(below[0]), level) if len(below) else float("nan")


def _last_fall(signal: FloatArray, level: float, start: int, stop: int) -> float:
    above = np.flatnonzero(signal[start : stop - 1] >= level)
    return _between(signal, start + int(above[-1]), level) if len(above) else float("nan")


def _time_at(time_s: FloatArray, position: float) -> float:
    return float(np.interp(position, np.arange(len(time_s)), time_s)) if np.isfinite(position) else float("nan")
