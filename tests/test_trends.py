"""Weeks and changes by hand: the rule for "larger than the error", where it cannot tell, the programme's balance."""

import datetime as dt
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from formcheck.errors import SettingsError
from formcheck.lifts import all_lifts
from formcheck.lifts.check import TRAINS
from formcheck.store.balance import judge_balance
from formcheck.store.exercises import all_exercises, find_exercise, known_names, title_of
from formcheck.store.records import KeptMeasure, KeptSet
from formcheck.store.trends import Trend, as_record, compare, find_trends, find_work, standard_error
from formcheck.uncertainty import Z90

MONDAY = dt.date(2026, 11, 2)
SUNDAY = dt.date(2026, 11, 29)


def measure(value: float, half: float = Z90, code: str = "rdl.overrun", rep: int = 1, **detail: Any) -> KeptMeasure:
    return KeptMeasure(code, rep, value, value - half, value + half, "deg", "good", detail)


def make_set(week: int, *values: float, half: float = Z90, code: str = "rdl.overrun", **changes: Any) -> KeptSet:
    """A filmed set on the Wednesday of a week, a rep a value; one sigma of a rep is 1 unless `half` says otherwise."""
    fields: dict[str, Any] = {
        "uid": "",
        "kind": "filmed",
        "performed_on": MONDAY + dt.timedelta(weeks=week, days=2),
        "exercise": code.split(".", maxsplit=1)[0],
        "trains": ("hinge",),
        "n_sets": 1,
        "reps": len(values),
        "side": "left",
        "yaw_deg": 4.0,
        "model": "ab",
        "measures": tuple(measure(value, half, code, rep) for rep, value in enumerate(values, 1)),
    }
    return KeptSet(**(fields | changes))


def only(*sets: KeptSet) -> Trend:
    (trend,) = find_trends(sets)
    return trend


def test_the_error_of_a_mean_keeps_what_the_reps_share() -> None:
    """Two-sigma errors that all reps may share do not shrink with their number; their scatter does."""
    same = [measure(10.0, 2 * Z90) for _ in range(16)]
    assert standard_error(same) == pytest.approx(2.0)
    scattered = [measure(value, 2 * Z90) for value in (8.0, 12.0) * 8]
    assert standard_error(scattered) == pytest.approx(math.sqrt(4 + (64 / 15) / 16))
    lopsided = [replace(measure(0.0), low=0.0, high=3 * Z90)]
    assert standard_error(lopsided) == pytest.approx(3.0), "an interval cut at zero: its longer arm"
    assert math.isnan(standard_error([replace(measure(1.0), low=None, high=None)] * 3))


def test_a_change_beyond_the_detectable_one_is_real() -> None:
    trend = only(make_set(0, 20.0, 21.0, 22.0), make_set(1, 11.0, 12.0, 13.0))
    change = trend.since_first
    assert change is not None
    sigma = math.sqrt(1 + 1 / 3)
    assert trend.weeks[0].sigma == pytest.approx(sigma)
    assert (trend.weeks[0].low, trend.weeks[0].high) == pytest.approx((21 - Z90 * sigma, 21 + Z90 * sigma))
    assert (change.change, change.verdict, change.direction) == (-9.0, "larger", "better")
    assert change.detectable == 6.0, "the quantity's floor: 1.96 sqrt(2) sigma is 3.2"


def test_wide_intervals_hide_the_same_change() -> None:
    wide = {"half": 4 * Z90}
    change = only(make_set(0, 20.0, 21.0, 22.0, **wide), make_set(1, 11.0, 12.0, 13.0, **wide)).since_first
    assert change is not None
    assert change.detectable == pytest.approx(1.96 * math.sqrt(2 * (16 + 1 / 3)))
    assert (change.verdict, change.direction, change.reason) == ("within", None, None)


def test_a_change_within_the_floor_is_none() -> None:
    change = only(make_set(0, 10.0, 10.0, 10.0, half=0.1), make_set(1, 5.0, 5.0, 5.0, half=0.1)).since_first
    assert change is not None
    assert change.verdict == "within"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model": "cd"}, "different pose models"),
        ({"side": "right"}, "from different sides"),
        ({"yaw_deg": 14.5}, "the camera's directions differ by 10°"),
        ({"yaw_deg": None}, "the camera's place is not known"),
        ({"measures": (measure(1.0), measure(1.0))}, "has 2 of the 3 reps"),
        ({"measures": tuple(replace(measure(1.0), low=None) for _ in range(3))}, "no interval"),
    ],
)
def test_what_cannot_be_compared_is_not(changes: dict[str, Any], reason: str) -> None:
    change = only(make_set(0, 20.0, 20.0, 20.0), make_set(1, 1.0, 1.0, 1.0, **changes)).since_first
    assert change is not None
    assert (change.verdict, change.direction) == ("cannot_tell", None)
    assert reason in str(change.reason)


def test_a_break_point_that_was_never_reached_is_a_bound() -> None:
    code = "nordic.break_point"
    held = make_set(1, measures=tuple(measure(80.0, 1.0, code, rep, found=rep < 3) for rep in (1, 2, 3)))
    held = replace(held, exercise="nordic")
    broke = make_set(0, 40.0, 41.0, 42.0, code=code)
    trend = only(broke, held)
    assert trend.quantity.key == "break_point"
    change = trend.since_first
    assert change is not None
    assert change.verdict == "cannot_tell"
    assert "the true value lies beyond that" in str(change.reason)


def test_a_later_break_is_better_and_a_longer_lowering_until_it_is_slow_enough() -> None:
    later = only(
        make_set(0, 30.0, 30.0, 30.0, code="nordic.break_point"),
        make_set(1, 50.0, 50.0, 50.0, code="nordic.break_point"),
    ).since_first
    longer = only(
        make_set(0, 1.5, 1.5, 1.5, half=0.1, code="rdl.tempo"), make_set(1, 3.0, 3.1, 3.0, half=0.1, code="rdl.tempo")
    ).since_first
    assert later is not None
    assert longer is not None
    assert (later.verdict, later.direction) == ("larger", "better")
    assert (longer.verdict, longer.direction) == ("larger", "better")
    quantity = all_lifts()["rdl"].trends[2]
    for before_s, after_s, direction in ((1.9, 2.6, "better"), (2.1, 4.0, None), (4.0, 2.1, None), (3.0, 1.6, "worse")):
        weeks = (
            only(make_set(week, *[each] * 3, half=0.1, code="rdl.tempo")).weeks[0]
            for week, each in enumerate((before_s, after_s))
        )
        change = compare(quantity, *weeks)
        assert (change.verdict, change.direction) == ("larger", direction), (before_s, after_s)


def test_the_stall_is_where_the_trunk_was() -> None:
    stalls = tuple(
        KeptMeasure("ghr.stall", rep, 0.4, 0.3, 0.5, "s", "note", {"stalled": rep > 1, "trunk_deg": 80.0 + rep})
        for rep in (1, 2, 3)
    )
    trend = only(make_set(0, measures=stalls, exercise="ghr"))
    assert (trend.quantity.key, trend.weeks[0].value, trend.weeks[0].n_reps) == ("stall_angle", 82.5, 2)
    assert trend.since_first is None


def test_weeks_pool_their_sets_and_warm_ups_are_left_out() -> None:
    trend = only(
        make_set(0, 10.0, 10.0),
        make_set(0, 16.0, 16.0),
        make_set(0, 90.0, warm_up=True),
        make_set(2, 4.0, 4.0, 4.0),
        make_set(1, 5.0, 5.0, 5.0),
    )
    assert [(each.week, each.value, each.n_sets, each.n_reps) for each in trend.weeks] == [
        (MONDAY, 13.0, 2, 4),
        (MONDAY + dt.timedelta(weeks=1), 5.0, 1, 3),
        (MONDAY + dt.timedelta(weeks=2), 4.0, 1, 3),
    ]
    assert trend.since_first is not None
    assert trend.since_previous is not None
    assert (trend.since_first.since, trend.since_previous.since) == (MONDAY, MONDAY + dt.timedelta(weeks=1))
    assert as_record(trend)["weeks"][0]["week"] == "2026-11-02"


def test_of_twenty_changes_that_are_none_about_one_is_called_real() -> None:
    """Sets with a shared error of one sigma and reps that scatter by one, compared 2000 times; no floor."""
    draw = np.random.default_rng(0)
    quantity = replace(all_lifts()["rdl"].trends[0], floor=0.0)
    larger = 0
    for _ in range(2000):
        weeks = []
        for week in (0, 1):
            shared = float(draw.normal())
            weeks.append(only(make_set(week, *(50 + shared + float(draw.normal()) for _ in range(5)))).weeks[0])
        larger += compare(quantity, *weeks).verdict == "larger"
    assert 0.03 < larger / 2000 < 0.07


# The programme


def logged(exercise: str, week: int, n_sets: int = 3, **changes: Any) -> KeptSet:
    known = find_exercise(exercise)
    day = MONDAY + dt.timedelta(weeks=week)
    return KeptSet("", "logged", day, known.name, known.trains, n_sets, 10, **changes)


def lowered(week: int, *times_s: float) -> KeptSet:
    reps = tuple(KeptMeasure("rep.eccentric_s", rep, time_s, None, None, "s") for rep, time_s in enumerate(times_s, 1))
    return make_set(week, measures=reps, reps=len(times_s))


def refused(kept: KeptSet, *reps: int | None) -> KeptSet:
    """A set of which these lowerings were not timed; None: none of its clock is known."""
    return replace(kept, unmeasured=frozenset(("rdl.tempo", rep) for rep in reps))


def full_weeks() -> list[KeptSet]:
    return [
        each
        for week in range(4)
        for each in (
            lowered(week, 3.0, 3.2),
            logged("rdl", week, 2),
            logged("seated_curl", week),
            logged("squat", week, 6),
        )
    ]


def test_a_sound_programme_has_nothing_to_change() -> None:
    found = judge_balance(full_weeks(), SUNDAY)
    assert found.cues == ()
    assert [each.verdict for each in found.answers] == ["good"] * 4
    assert [(week.hamstrings, week.quads, week.hinge, week.knee_flexion, week.ratio) for week in found.weeks] == [
        (6, 6, 3, 3, 1.0)
    ] * 4
    assert found.answers[2].evidence == "24 sets to 24 sets, 1.00 to 1 (fine: 0.8 to 1.25) [D]"
    assert found.answers[3].evidence == "4 of 4 sets filmed took 2 s or more [D], on average 3.1 s"


def test_a_lowering_that_was_not_timed_is_neither_slow_nor_quick() -> None:
    """A clip that looks slowed down, and a rep of which no lowering could be timed beside one that could."""
    fast, slow = lowered(0, 1.0, 9.0), lowered(0, 9.2, 9.1)
    assert judge_balance([fast, slow], SUNDAY).answers[3].evidence.startswith("2 of 2 sets filmed took 2 s or more")
    found = judge_balance([refused(fast, 2), refused(slow, None)], SUNDAY).answers[3]
    assert (found.verdict, found.cue) == ("change", "Take 2 to 4 s down: in 1 of 1 set filmed it took less.")
    assert found.evidence == (
        "0 of 1 set filmed took 2 s or more [D], on average 1.0 s; 1 set whose lowering was not timed"
    )
    unknown = judge_balance([refused(slow, None), refused(fast, 1, 2)], SUNDAY).answers[3]
    assert unknown.verdict == "not_judged"
    assert unknown.evidence == "2 sets whose lowering was not timed: nothing else shows how long a lowering takes"
    elsewhere = replace(slow, unmeasured=frozenset({("rdl.rounding", None), ("set.fatigue", None)}))
    assert judge_balance([elsewhere, elsewhere], SUNDAY).answers[3].verdict == "good", (
        "another check says nothing of it"
    )


def verdicts(sets: list[KeptSet], **changes: Any) -> list[str]:
    return [each.verdict for each in judge_balance(sets, **({"until": SUNDAY} | changes)).answers]


def test_each_question_finds_what_lacks() -> None:
    sound = full_weeks()
    no_curl = [each for each in sound if each.exercise != "seated_curl"]
    assert verdicts(no_curl) == ["change", "change", "change", "good"]
    no_hinge = [each for each in sound if "hinge" not in each.trains]
    assert verdicts(no_hinge) == ["change", "good", "change", "not_judged"]
    one_week_less = [each for each in sound if (each.exercise, each.week) != ("seated_curl", MONDAY)]
    assert verdicts(one_week_less)[:2] == ["good", "change"]
    assert verdicts([each for each in sound if each.exercise != "squat"])[2] == "not_judged"
    fast = [replace(each, measures=lowered(0, 1.2).measures) if each.measures else each for each in sound]
    assert verdicts(fast)[3] == "change"


@pytest.mark.parametrize(("quads", "verdict"), [(3, "change"), (4, "good"), (6, "good"), (7, "change")])
def test_the_band_round_one_to_one(quads: int, verdict: str) -> None:
    """5 hamstring sets against some quad sets: 1.67, 1.25, 0.83, 0.71 to 1."""
    sets = [logged("rdl", 3, 2), logged("seated_curl", 3, 3), logged("squat", 3, quads)]
    assert verdicts(sets, n_weeks=1)[2] == verdict


def test_the_week_that_is_not_over_may_still_bring_its_curl() -> None:
    sets = [each for each in full_weeks() if (each.exercise, each.week) != ("seated_curl", dt.date(2026, 11, 23))]
    assert verdicts(sets, until=dt.date(2026, 11, 25))[1] == "good"
    assert verdicts(sets, until=SUNDAY)[1] == "change"


def test_a_week_that_has_just_begun_is_shown_and_not_judged() -> None:
    """Twelve quad sets on its Monday change nothing; where it is the first week, it is no week yet."""
    monday = dt.date(2026, 11, 23)
    sets = [each for each in full_weeks() if each.week < monday] + [logged("squat", 3, 12)]
    found = judge_balance(sets, monday)
    assert [(week.monday, week.quads) for week in found.weeks][-1] == (monday, 12)
    assert [each.verdict for each in found.answers] == ["good"] * 4
    assert verdicts(sets)[2] == "change", "on its Sunday it is"
    first = judge_balance([logged("rdl", 3, 3), logged("squat", 3, 9)], monday)
    assert first.cues == ()
    assert [each.verdict for each in first.answers] == ["not_judged"] * 4
    assert first.answers[0].evidence.endswith("the week is not over")


def test_no_question_is_asked_of_the_week_that_is_not_over() -> None:
    """Quick lowerings, a curl and quads on its Tuesday are shown; on its Sunday they are judged."""
    tuesday = dt.date(2026, 11, 24)
    before = [each for each in full_weeks() if each.week < MONDAY + dt.timedelta(weeks=3)]
    no_curl = [each for each in before if each.exercise != "seated_curl"]
    quick = [replace(lowered(3, 0.5), performed_on=tuesday, n_sets=4) for _ in range(4)]
    sets = [*no_curl, *quick, logged("seated_curl", 3), logged("squat", 3, 20)]
    found = judge_balance(sets, tuesday)
    assert found.answers == judge_balance(no_curl, MONDAY + dt.timedelta(days=20), 3).answers
    assert (found.running, found.weeks[-1].knee_flexion) == (MONDAY + dt.timedelta(weeks=3), 3)
    assert found.note == "The week of 2026-11-23 is not over: it is shown and not judged."
    over = judge_balance(sets, SUNDAY)
    assert [each.verdict for each in over.answers] == ["good", "change", "change", "change"]
    assert (over.running, over.note) == (None, "")
    first = judge_balance([replace(lowered(3, 3.0, 3.0), performed_on=tuesday), logged("seated_curl", 3)], tuesday)
    assert [each.verdict for each in first.answers] == ["not_judged"] * 4, "what is good so far may still change"
    assert first.answers[3].evidence.endswith("on average 3.0 s: the week is not over")


def test_nothing_is_to_be_changed_after_one_set() -> None:
    one = replace(lowered(3, 1.0), performed_on=SUNDAY)
    assert judge_balance([one], SUNDAY).cues == ()
    assert judge_balance([one], SUNDAY).answers[3].evidence.endswith("one set is too little to say")
    assert judge_balance([one, replace(one, uid="2")], SUNDAY).answers[3].verdict == "change"


def test_a_set_of_the_week_that_is_not_over_makes_no_second_one() -> None:
    """One set in the week that is judged, and quad work on the Monday after it."""
    first, later = logged("rdl", 1, 1), logged("leg_press", 2, 1)
    before = judge_balance([first], later.performed_on - dt.timedelta(days=1))
    after = judge_balance([first, later], later.performed_on)
    assert [each.verdict for each in before.answers] == ["not_judged"] * 4
    assert (after.answers, after.cues) == (before.answers, ())
    assert after.answers[0].evidence == "1 set of hinges, 0 sets of curls in 1 week: one set is too little to say"


def test_load_and_speed_are_those_of_the_week() -> None:
    def lifted(week: int, load_kg: float | None, *up_m_s: float, **changes: Any) -> KeptSet:
        reps = tuple(KeptMeasure("rep.bar_concentric_m_s", n, each, None, None, "m/s") for n, each in enumerate(up_m_s))
        return make_set(week, measures=reps, load_kg=load_kg, **changes)

    sets = [lifted(1, 70.0, 0.5, 0.3), lifted(0, 60.0, 0.6), lifted(0, None, 0.8), lifted(0, 90.0, warm_up=True)]
    (weeks,) = find_work([*sets, logged("squat", 0)]).values()
    assert [(each.week, each.n_sets, each.load_kg) for each in weeks] == [
        (MONDAY, 2, 60.0), (MONDAY + dt.timedelta(weeks=1), 1, 70.0),
    ]  # fmt: skip
    assert [each.bar_up_m_s for each in weeks] == [pytest.approx(0.7), pytest.approx(0.4)]
    assert [each.lifting_s for each in weeks] == [None, None]


def test_no_time_is_followed_where_the_clock_was_not_judged() -> None:
    """The way up of a rep whose lowering the clip lacks is whole, and counts; of a slowed clip nothing does."""

    def lifted(up_s: float, up_m_s: float) -> KeptSet:
        each = (("rep.concentric_s", up_s, "s"), ("rep.bar_concentric_m_s", up_m_s, "m/s"))
        return make_set(0, measures=tuple(KeptMeasure(code, 1, value, None, None, unit) for code, value, unit in each))

    true, slowed = refused(lifted(1.2, 0.5), 1), refused(lifted(4.9, 0.1), None)
    (week,) = find_work([true, slowed])["rdl"]
    assert (week.n_sets, week.lifting_s, week.bar_up_m_s) == (2, 1.2, 0.5)
    assert find_work([slowed]) == {}


def test_what_does_not_count() -> None:
    none = [
        logged("squat", 3, warm_up=True),
        logged("squat", -1),
        replace(logged("squat", 3), performed_on=SUNDAY + dt.timedelta(days=1)),
        make_set(3, reps=0),
    ]
    assert [(week.hamstrings, week.quads) for week in judge_balance(none, SUNDAY).weeks] == [(0, 0)] * 4


def test_there_are_three_cues_at_most_and_nothing_is_said_twice() -> None:
    assert judge_balance([], SUNDAY).cues == ("Train the hamstrings: a hinge and a curl, each once a week.",)
    hinges = [replace(lowered(week, 1.0), n_sets=2) for week in range(4)] + [logged("squat", 0, 20)]
    cues = judge_balance(hinges, SUNDAY).cues
    assert len(cues) == 3
    assert cues[0].startswith("Add a leg curl or a Nordic")
    assert cues[1] == "Add 3 sets of hamstrings a week, or do that many fewer of quads: you are at 0.40 to 1."
    assert cues[2] == "Take 2 to 4 s down: in 4 of 4 sets filmed it took less."


# Exercises


def test_every_lift_that_can_be_filmed_is_a_known_exercise() -> None:
    for name, lift in all_lifts().items():
        assert known_names()[name].name == name
        assert title_of(name) == lift.title
    assert all(set(each.trains) <= set(TRAINS) for each in all_exercises())
    assert len(known_names()) == sum(1 + len(each.aliases) for each in all_exercises()), "no name stands for two"


def test_an_exercise_is_found_by_any_of_its_names() -> None:
    assert find_exercise("Bulgarian Split-Squat").name == "split_squat"
    assert find_exercise("Nordics").trains == ("knee_flexion",)
    assert find_exercise("squat", ["quads", "hinge", "quads"]).trains == ("quads", "hinge")
    with pytest.raises(SettingsError) as caught:
        find_exercise("legpress")
    assert "Did you mean leg_press?" in caught.value.hint
    with pytest.raises(SettingsError, match="'calves' is not something that sets count for"):
        find_exercise("raise", ["calves"])
