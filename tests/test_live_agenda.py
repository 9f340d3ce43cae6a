"""What is said when, with a clock that the tests turn."""

from types import SimpleNamespace

from formcheck.live.loop import Listener, tell
from formcheck.live.speech.cue_queue import Agenda
from formcheck.live.types import Said, order_words


def word(code: str = "rdl.overrun", priority: int = 1, rep: int | None = None) -> Said:
    return Said(0.0, code, rep, priority, code)


def say_all(agenda: Agenda, now_s: float) -> list[str]:
    said = []
    while (each := agenda.next(now_s)) is not None:
        said.append(each.code)
    return said


def test_the_most_important_comes_first() -> None:
    agenda = Agenda()
    for each in (word("live.guide", 4), word("rdl.tempo", 2, 1), word("rdl.overrun", 1, 2), word("live.come_up", 0, 3)):
        agenda.offer(each, 0.0)
    assert say_all(agenda, 0.1) == ["live.come_up", "rdl.overrun", "rdl.tempo", "live.guide"]


def test_the_number_of_a_rep_comes_before_its_cue_but_after_come_up() -> None:
    agenda = Agenda()
    for each in (word("rdl.overrun", 1, 2), word("live.rep", 3, 2), word("live.come_up", 0, 3)):
        agenda.offer(each, 0.0)
    assert say_all(agenda, 0.1) == ["live.come_up", "live.rep", "rdl.overrun"]


def test_readers_see_a_rep_before_what_is_said_of_it() -> None:
    words, printed, spoken = [word("rdl.overrun", 1, 2), word("live.rep", 3, 2)], [], []
    session, voice = SimpleNamespace(said=lambda: words), SimpleNamespace(tell=spoken.append)
    tell(session, Listener(said=printed.append), voice)  # type: ignore[arg-type]
    assert [each.code for each in printed] == ["live.rep", "rdl.overrun"]
    assert spoken == words  # the voice's agenda orders for itself


def test_that_the_set_is_over_comes_last() -> None:
    """The last repetition is judged as the set ends: its number and its cue are told first, however long they take."""
    words = [word("live.set_over", 2), word("live.rep", 3, 4), word("rdl.overrun", 1, 4), word("live.ready", 4)]
    assert [each.code for each in order_words(words)][-1] == "live.set_over"
    agenda = Agenda()
    for each in words[:3]:
        agenda.offer(each, 0.0)
    assert [said.code for said in (agenda.next(0.0), agenda.next(1.0)) if said] == ["live.rep", "rdl.overrun"]
    said = agenda.next(9.0)
    assert said is not None
    assert said.code == "live.set_over"
    agenda.offer(words[0], 20.0)
    assert agenda.next(36.0) is None, "it is not told for ever"


def test_one_cue_a_rep() -> None:
    agenda = Agenda()
    agenda.offer(word("live.come_up", 0, 3), 0.0)
    assert say_all(agenda, 0.0) == ["live.come_up"]
    agenda.offer(word("live.rep", 3, 3), 2.0)
    agenda.offer(word("rdl.overrun", 1, 3), 2.0)
    agenda.offer(word("rdl.tempo", 2, 3), 2.0)
    assert say_all(agenda, 2.0) == ["live.rep"]
    agenda.offer(word("rdl.overrun", 1, 4), 9.0)
    agenda.offer(word("rdl.tempo", 2, 4), 9.0)
    assert say_all(agenda, 9.0) == ["rdl.overrun"]


def test_what_is_too_late_is_not_said() -> None:
    agenda = Agenda()
    agenda.offer(word("live.come_up", 0, 1), 0.0)
    agenda.offer(word("live.count", 3), 0.0)
    agenda.offer(word("rdl.overrun", 1, 1), 0.0)
    assert say_all(agenda, 1.5) == ["rdl.overrun"]
    agenda.offer(word("rdl.tempo", 2, 2), 2.0)
    assert say_all(agenda, 8.5) == []
    assert not agenda.waits


def test_only_come_up_breaks_in() -> None:
    agenda = Agenda()
    agenda.offer(word("rdl.overrun", 1, 1), 0.0)
    assert not agenda.interrupts(word("live.guide", 4), 0.0)
    agenda.offer(word("live.come_up", 0, 2), 0.0)
    assert agenda.interrupts(word("live.guide", 4), 0.5)
    assert not agenda.interrupts(word("live.come_up", 0, 1), 0.5)
    assert not agenda.interrupts(word("live.guide", 4), 1.0), "too late by then"


def test_another_set_counts_its_reps_anew() -> None:
    agenda = Agenda()
    agenda.offer(word("rdl.tempo", 2, 1), 0.0)
    say_all(agenda, 0.0)
    agenda.offer(word("rdl.overrun", 1, 1), 1.0)
    assert say_all(agenda, 1.0) == []
    agenda.forget_reps()
    agenda.offer(word("rdl.overrun", 1, 1), 2.0)
    assert say_all(agenda, 2.0) == ["rdl.overrun"]
