"""Which numbers of a split to build where faults are rare: sets that hold many large ones, as the split draws them.

A fault that a lifter has in one repetition in ten would take hundreds of sets to be seen forty times. A set is the same
whatever was drawn before it, so its table tells, before anything is rendered, what it will hold.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from samples.renderer.bank import draw_set

Table = Mapping[str, Any]
CANDIDATES = 1200  # sets that are drawn, of which the fewest are taken that hold enough
# What counts as large is what a check has to call (`benchmarks.accuracy.bank_lifts`), and a little more: a drawn fault
# and what becomes of it in the film differ.
LARGE_CURL_DEG, LARGE_SHARE = 62.0, 0.32  # of a knee's range that is short, and of the set's best that is lacking
HARD_CATCH = 8000.0  # deg/s^2 times deg: a fall that ends at 126 deg/s


def _size(rep: Table, key: str) -> float:
    return float(rep.get(key) or 0.0)


def _ghr(rep: Table, _: Table) -> dict[str, bool]:
    # Hips bent by 50 deg on a way up are none that is drawn: of 82 asked 35 are left there.
    return {
        "arch": _size(rep, "arch_deg") >= 23.0,
        "stall": _size(rep, "stall_s") >= 0.4,
        "top": _size(rep, "short_deg") >= 33.0,
        "kick": _size(rep, "kick_deg") >= 56.0 and _size(rep, "kick_s") <= 0.4,
    }


def _nordic(rep: Table, _: Table) -> dict[str, bool]:
    fall_deg = _size(rep, "catch_phi_deg") - _size(rep, "break_phi_deg") if rep.get("break_phi_deg") else 0.0
    return {
        "hips": _size(rep, "hip_hinge_deg") >= 54.0,
        "arch": _size(rep, "lumbar_deg") <= -23.0,
        "fall": fall_deg >= 22.0,
        "catch": fall_deg * _size(rep, "fall_dps2") >= HARD_CATCH,
        "lead": _size(rep, "hip_lead_deg") >= 54.0,
    }


def _curl(rep: Table, keys: Table) -> dict[str, bool]:
    rest_deg = _size(keys, "knee_rest_deg")
    most_deg = max(_size(each, "knee_deg") for each in keys["reps"]) - rest_deg
    range_deg = _size(rep, "knee_deg") - rest_deg - _size(rep, "short_deg")
    thrown = _size(rep, "rock_deg") >= 22.0 or _size(rep, "throw_thigh") >= 0.22
    return {
        "lift": _size(rep, "hip_lift_thigh") >= 0.13,
        "swing": thrown and _size(rep, "concentric_s") <= 0.32,
        "drop": _size(rep, "drop_deg") >= 43.0,
        "extension": _size(rep, "short_deg") >= 33.0,
        "range": range_deg <= LARGE_CURL_DEG,
        "partial": range_deg <= (1 - LARGE_SHARE) * most_deg,
    }


LARGE: Mapping[str, Callable[[Table, Table], dict[str, bool]]] = {
    "ghr": _ghr,
    "nordic": _nordic,
    "seated_curl": _curl,
    "lying_curl": _curl,
}


def choose_faulty(split: str, lift: str, seed: int, wanted: int) -> list[int]:
    """Return the numbers of few sets that together hold every large fault of a lift `wanted` times, as far as the first
    `CANDIDATES` do: always the one that holds most of what is lacking.
    """
    held: dict[int, Counter[str]] = {}
    for number in range(CANDIDATES):
        keys = draw_set(split, lift, number, seed).table
        faults = [LARGE[lift](rep, keys) for rep in keys["reps"]]  # type: ignore[attr-defined]  # a list of tables
        held[number] = Counter(name for each in faults for name, large in each.items() if large)
    lacking = Counter(dict.fromkeys(set().union(*held.values()), wanted))
    chosen = list[int]()
    while +lacking and held:
        best = max(held, key=lambda number: (sum(min(held[number][name], lacking[name]) for name in +lacking), -number))
        lacking.subtract(held.pop(best))
        chosen.append(best)
    return sorted(chosen)
