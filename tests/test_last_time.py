"""What changed since the athlete did a lift last, and that only what exceeds its error is called better or worse."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

from conftest import make_finding, make_report

from formcheck.report.document import build
from formcheck.store.connect import open_store
from formcheck.store.keep import keep_set, preview_set
from formcheck.store.last_time import find_last_time, say_what_changed
from formcheck.store.records import KeptMeasure, KeptSet

TODAY, EARLIER = dt.date(2026, 11, 20), dt.date(2026, 11, 12)


def overruns(*values_deg: float, half: float = 2.0) -> tuple[KeptMeasure, ...]:
    """An overrun a rep, known to +/- `half`; past 10 deg it is a fault."""
    return tuple(
        KeptMeasure("rdl.overrun", rep, value, value - half, value + half, "deg", "fault" if value > 10 else "good")
        for rep, value in enumerate(values_deg, 1)
    )


def kept(uid: str, day: dt.date, *measures: KeptMeasure, **changes: Any) -> KeptSet:
    whole = KeptSet(
        uid, "filmed", day, "rdl", ("hinge",), 1, 4, side="right", yaw_deg=3.0, model="m", measures=measures
    )
    return replace(whole, **changes)


def said(now: KeptSet, *then: KeptSet) -> tuple[str, ...]:
    return say_what_changed([*then, now], now)


def test_less_overrun_than_its_error_allows_is_better() -> None:
    now, then = kept("b", TODAY, *overruns(4, 5, 12, 11)), kept("a", EARLIER, *overruns(22, 23, 24, 25))
    assert said(now, then) == (
        "Since 12 Nov:",
        "Overrun: 2 of 4 reps, 4 of 4 on 12 Nov. On average 8°, 24° then: better, by more than the error (6°).",
    )
    assert said(replace(then, performed_on=TODAY), replace(now, performed_on=EARLIER))[1].endswith(
        "On average 24°, 8° then: worse, by more than the error (6°)."
    )


def test_what_is_within_its_error_is_called_neither() -> None:
    """The floor of an overrun's change is 6 deg: 5.9 is within it, 6.2 is not."""
    then = kept("a", EARLIER, *overruns(20, 20, 20, half=1.0))
    within = said(kept("b", TODAY, *overruns(14.1, 14.1, 14.1, half=1.0)), then)
    beyond = said(kept("b", TODAY, *overruns(13.8, 13.8, 13.8, half=1.0)), then)
    assert within[1].endswith("no more than the error (6°).")
    assert beyond[1].endswith("better, by more than the error (6°).")


def test_what_cannot_be_compared_says_why() -> None:
    then = kept("a", EARLIER, *overruns(22, 23, 24))
    few = said(kept("b", TODAY, *overruns(2, 3)), then)
    assert few[1].endswith("not compared: this set has 2 of the 3 reps that it takes to see their scatter.")
    turned = said(kept("b", TODAY, *overruns(2, 3, 4), side="left"), then)
    assert turned[1].endswith("not compared: they were filmed from different sides.")
    for words in (few[1], turned[1]):
        assert "better" not in words


def test_a_first_time_a_warm_up_and_a_clean_record_say_nothing() -> None:
    now = kept("b", TODAY, *overruns(22, 23, 24))
    assert said(now) == ()
    assert said(now, kept("a", EARLIER, *overruns(2, 3, 4), warm_up=True)) == ()
    assert said(now, kept("a", EARLIER, *overruns(2, 3, 4), exercise="good_morning")) == ()
    assert said(replace(now, warm_up=True), kept("a", EARLIER, *overruns(2, 3, 4))) == ()
    assert said(kept("b", TODAY, *overruns(2, 3, 4)), kept("a", EARLIER, *overruns(2, 3, 3))) == ()


def test_last_time_is_the_last_day_before_with_all_its_sets_and_loads() -> None:
    old = kept("z", dt.date(2025, 12, 30), *overruns(1, 1, 1))
    day = [kept(uid, EARLIER, *overruns(22, 23, 24), load_kg=60.0) for uid in "ac"]
    same_day = kept("d", TODAY, *overruns(30, 30, 30))
    now = kept("b", TODAY, *overruns(4, 5, 6), load_kg=70.0)
    assert [each.uid for each in find_last_time([old, *day, same_day, now], now)] == ["a", "c"]
    words = said(now, old, *day, same_day)
    assert words[0] == "Since 12 Nov (2 sets), with 60 kg then and 70 kg now:"
    assert words[1].startswith("Overrun: 0 of 3 reps, 6 of 6 on 12 Nov.")
    clean = replace(now, measures=overruns(14, 15, 16), load_kg=None)
    assert said(clean, old)[0] == "Since 30 Dec 2025:"
    short = replace(now, measures=overruns(4))
    assert said(short, kept("a", EARLIER, *overruns(22)))[1].startswith("Overrun: 0 of 1 rep, 1 of 1 on 12 Nov.")


def test_two_things_at_most_with_what_really_changed_first() -> None:
    def others(code: str, *values: float) -> tuple[KeptMeasure, ...]:
        return tuple(replace(each, code=code) for each in overruns(*values))

    now = kept("b", TODAY, *others("rdl.rounding", 36, 36, 36), *others("rdl.squatted", 30, 30, 30), *overruns(2, 3, 4))
    then = kept("a", EARLIER, *others("rdl.rounding", 37, 37, 37), *others("rdl.squatted", 31, 31, 31))
    words = said(now, replace(then, measures=(*then.measures, *overruns(22, 23, 24))))
    assert len(words) == 3
    assert words[1].startswith("Overrun: 0 of 3")


def test_a_set_is_compared_as_it_will_be_kept_and_never_with_itself(tmp_path: Path, monkeypatch: Any) -> None:
    """The same video analysed again takes its earlier place, and is not "last time"."""
    monkeypatch.setenv("FORMCHECK_DB", str(tmp_path / "h.db"))
    store = open_store()
    assert store is not None
    faults = tuple(make_finding("rdl.overrun", "fault", rep=rep, value=22.0, low=20.0, high=24.0) for rep in (1, 2, 3))
    first = make_report(findings=faults)
    assert say_what_changed(*preview_set(build(first), store, athlete="Ana", date=EARLIER)) == ()
    keep_set(build(first), athlete="Ana", date=EARLIER, store=store)
    assert say_what_changed(*preview_set(build(first), store, athlete="Ana")) == ()
    timeless = build(make_report(findings=(make_finding("rdl.tempo", "not_judged", reason="slowed down"),)))
    assert preview_set(timeless, store, athlete="Ana")[1].unmeasured == {("rdl.tempo", None)}
    good = tuple(make_finding("rdl.overrun", rep=rep, value=3.0, low=1.0, high=5.0) for rep in (1, 2, 3))
    second = make_report(findings=good, source=replace(first.source, sha256="cd" * 32))
    words = say_what_changed(*preview_set(build(second), store, athlete="ana", date=TODAY))
    assert words[1].startswith("Overrun: 0 of 3 reps, 3 of 3 on 12 Nov. On average 3°, 22° then: better")
    sets, now = preview_set(build(second), store, athlete="Ben")
    assert (sets, now.exercise, say_what_changed(sets, now)) == ([], "rdl", ())
