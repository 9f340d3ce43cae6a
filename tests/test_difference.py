"""Two sets' measures against numbers worked out by hand."""

import math
from typing import Any

import pytest

from formcheck.report.set_difference import average, compare_findings


def finding(
    code: str = "rdl.overrun", value: float | None = 10.0, half: float | None = 3.0, **more: Any
) -> dict[str, Any]:
    low, high = (None, None) if value is None or half is None else (value - half, value + half)
    verdict = "not_judged" if value is None else "good"
    return {
        "code": code,
        "rep": 1,
        "verdict": verdict,
        "value": value,
        "low": low,
        "high": high,
        "unit": "deg",
        "reason": None if value is not None else "the lifter was hidden",
        "detail": {},
        **more,
    }


def title_of(code: str) -> str:
    return f"title of {code.partition('.')[2]}"


def test_the_mean_keeps_the_interval_of_one_repetition() -> None:
    mean = average([finding(value=10.0), finding(value=20.0), finding(value=None)])
    assert (mean.value, mean.low, mean.high, mean.least, mean.most, mean.n) == (15.0, 12.0, 18.0, 10.0, 20.0, 2)


def test_the_interval_of_a_difference() -> None:
    (found,), alone = compare_findings([finding(value=10.0, half=3.0)], [finding(value=16.0, half=4.0)], title_of)
    assert (found.value, found.low, found.high) == (6.0, 1.0, 11.0)  # 3, 4, 5
    assert (found.larger, found.within_reps, alone) == ("yes", False, ())


@pytest.mark.parametrize(("b", "larger"), [(14.9, "no"), (15.1, "yes"), (5.1, "no"), (4.9, "yes"), (10.0, "no")])
def test_larger_than_the_error(b: float, larger: str) -> None:
    (found,), _ = compare_findings([finding(value=10.0, half=3.0)], [finding(value=b, half=4.0)], title_of)
    assert found.larger == larger


def test_uneven_intervals_are_taken_from_the_side_that_matters() -> None:
    one = finding(value=10.0) | {"low": 10.0, "high": 13.0}
    other = finding(value=20.0) | {"low": 16.0, "high": 32.0}
    (found,), _ = compare_findings([one], [other], title_of)
    assert (found.low, found.high) == (5.0, 22.0)


def test_repetitions_that_differ_as_much_are_marked() -> None:
    (found,), _ = compare_findings(
        [finding(value=0.0, half=0.1), finding(value=20.0, half=0.1)], [finding(value=0.0, half=0.1)], title_of
    )
    assert (found.value, found.larger, found.within_reps) == (-10.0, "yes", True)


def test_what_was_not_judged_cannot_be_told() -> None:
    (found,), _ = compare_findings([finding(value=None)], [finding()], title_of)
    assert math.isnan(found.value)
    assert (found.larger, found.reason) == ("cannot tell", "in A, the lifter was hidden")
    (found,), _ = compare_findings([finding(half=None)], [finding()], title_of)
    assert (found.larger, found.reason, found.value) == ("cannot tell", "there is no interval", 0.0)
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_other_lifts_share_what_is_measured_alike() -> None:
    a = [finding("rdl.tempo"), finding("rdl.hip_travel")]
    b = [finding("good_morning.tempo"), finding("good_morning.lever"), finding("good_morning.hip_travel", unit="leg")]
    found, alone = compare_findings(a, b, title_of)
    assert [each.codes for each in found] == [("rdl.tempo", "good_morning.tempo")]
    assert alone == ("rdl.hip_travel", "good_morning.lever", "good_morning.hip_travel")


def test_two_measures_of_one_code_stay_apart() -> None:
    def both(one: float, other: float) -> list[dict[str, Any]]:
        return [
            finding("set.fatigue", one, detail={"what": "range"}),
            finding("set.fatigue", other, detail={"what": "lowering time"}),
        ]

    found, _ = compare_findings(both(1.0, 5.0), both(2.0, 9.0), title_of)
    assert [(each.title, each.value) for each in found] == [
        ("title of fatigue: range", 1.0),
        ("title of fatigue: lowering time", 4.0),
    ]
