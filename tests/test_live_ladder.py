import pytest

from formcheck.live.tracking.model_fallback import Ladder, Rung, rungs_from

PICTURE_S = 1 / 30


def feed(ladder: Ladder, seconds: float, start_s: float = 0.0, *, skipped: int = 0, work_s: float = 0.03) -> list[Rung]:
    """Hand over pictures as they come when `skipped` are passed over before each; return the changes."""
    step_s = PICTURE_S * (1 + skipped)
    changes = [ladder.note(start_s + number * step_s, skipped, work_s) for number in range(int(seconds / step_s))]
    return [each for each in changes if each is not None]


def test_the_rungs_lead_down_and_the_outline_goes_first() -> None:
    assert rungs_from("full", outline=False) == (Rung("full", outline=False), Rung("lite", outline=False))
    names = [(each.model, each.outline) for each in rungs_from("heavy", outline=True)]
    assert names == [("heavy", True), ("heavy", False), ("full", False), ("lite", False)]


def test_it_steps_down_when_pictures_are_dropped_and_ends_at_the_last_rung() -> None:
    ladder = Ladder(rungs_from("heavy", outline=False))
    changes = feed(ladder, 30.0, skipped=1, work_s=0.065)
    assert [each.model for each in changes] == ["full", "lite"]
    assert ladder.rung.model == "lite"
    assert ladder.dropped_share() == pytest.approx(0.5)


def test_it_stays_when_all_pictures_are_handled() -> None:
    ladder = Ladder(rungs_from("heavy", outline=False))
    assert feed(ladder, 30.0) == []
    assert ladder.dropped_share() == 0.0


def test_a_source_that_drops_by_itself_is_no_reason() -> None:
    ladder = Ladder(rungs_from("heavy", outline=False))
    assert feed(ladder, 30.0, skipped=1, work_s=0.02) == []  # the model had time left for every picture


def test_the_first_seconds_and_those_after_a_change_do_not_count() -> None:
    ladder = Ladder(rungs_from("heavy", outline=False))
    assert feed(ladder, 2.9, skipped=1, work_s=0.065) == []
    ladder.settle(2.9)
    assert feed(ladder, 2.9, 2.9, skipped=1, work_s=0.065) == []
    assert feed(ladder, 3.0, 5.8, skipped=1, work_s=0.065) == []
    assert len(feed(ladder, 1.0, 8.8, skipped=1, work_s=0.065)) == 1


def test_a_single_hitch_changes_nothing() -> None:
    ladder = Ladder(rungs_from("full", outline=False))
    feed(ladder, 5.0)
    assert ladder.note(5.3, 9, 0.33) is None
    assert feed(ladder, 5.0, 5.35) == []


def test_a_burst_changes_nothing_and_what_lasts_does() -> None:
    ladder = Ladder(rungs_from("full", outline=False))
    feed(ladder, 5.0)
    assert feed(ladder, 2.0, 5.0, skipped=1, work_s=0.065) == []
    assert feed(ladder, 5.0, 7.0) == []
    assert len(feed(ladder, 4.5, 12.0, skipped=1, work_s=0.065)) == 1
