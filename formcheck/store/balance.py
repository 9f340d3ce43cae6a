"""What a programme holds: hamstrings against quadriceps, hinge and curl, the short head, slow lowerings.

Pure functions over kept sets; no database. The measure of volume is hard sets a week [D]: every set that is not marked
as a warm-up counts as one for each group that its exercise trains (`exercises`), whatever its load and repetitions.
formcheck sees no effort: a set far from failure counts as much as one close to it. 1:1 and its band are design choices
[D], as is the least that calls a lowering slow; they predict neither growth nor injury.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from formcheck.lifts.check import HINGE, KNEE_FLEXION, QUADS, SLOW_ECCENTRIC_S
from formcheck.store.records import LOWERING, KeptSet
from formcheck.wording import count_noun

BAND = (0.8, 1.25)  # hamstring sets over quad sets that count as 1:1 [D]
SLOW_SETS_SHARE = 0.5  # of the filmed sets [D]
LEAST_HARD_SETS = 2  # one set is no programme: nothing is to be changed after it [D]
DEFAULT_WEEKS = 4  # that are looked at
ANSWER_WORDS = {"good": "good", "change": "to change", "not_judged": "not judged"}
MOST_ADVICE = 3  # sentences: nobody changes more at once [D]
SUNDAY = 6
HINGE_ALONE = "Add a leg curl or a Nordic: hinges leave out the short head, which crosses only the knee."
CURL_ALONE = "Add a hinge, such as the Romanian deadlift: curls leave out the hamstrings over the hip."

Verdict = Literal["good", "change", "not_judged"]


@dataclass(frozen=True)
class Week:
    """Hard sets of one week, which starts on `monday`. `hamstrings` counts a set once, whatever it trains of them."""

    monday: dt.date
    hamstrings: int
    quads: int
    hinge: int
    knee_flexion: int

    @property
    def ratio(self) -> float | None:
        """Hamstring sets over quad sets; None when there are no quad sets."""
        return self.hamstrings / self.quads if self.quads else None


@dataclass(frozen=True)
class Answer:
    """One question's verdict with its numbers in words, and what to do when there is something to."""

    question: str
    verdict: Verdict
    evidence: str
    cue: str | None = None


@dataclass(frozen=True)
class Balance:
    """The weeks, oldest first, and the questions in the order in which a coach would mend them. `running` is the Monday
    of the last week where that is not over.
    """

    weeks: tuple[Week, ...]
    answers: tuple[Answer, ...]
    running: dt.date | None = None

    @property
    def note(self) -> str:
        """That the last week is not judged, where it is not; else ""."""
        return f"The week of {self.running} is not over: it is shown and not judged." if self.running else ""

    @property
    def cues(self) -> tuple[str, ...]:
        """What to change, at most three."""
        return tuple(each.cue for each in self.answers if each.cue)[:MOST_ADVICE]


def judge_balance(sets: Sequence[KeptSet], until: dt.date, n_weeks: int = DEFAULT_WEEKS) -> Balance:
    """Return the balance of the `n_weeks` calendar weeks (Monday to Sunday) up to the one that holds `until`.

    Sets after `until` do not count, and those without a whole repetition neither; weeks before the first set that was
    ever kept are left out, for nothing is known of them. The week that is not over yet is shown and not judged: what it
    lacks may still come. Nothing is to be changed after a single set in the weeks that are judged.
    """
    last = until - dt.timedelta(days=until.weekday())
    first = min((each.week for each in sets if each.performed_on <= until), default=last)
    mondays = [last - dt.timedelta(weeks=back) for back in reversed(range(n_weeks))]
    mondays = [monday for monday in mondays if monday >= first] or [last]
    hard = [each for each in sets if mondays[0] <= each.performed_on <= until and not each.warm_up and each.reps]
    weeks = tuple(_count_week(monday, [each for each in hard if each.week == monday]) for monday in mondays)
    running = None if until.weekday() == SUNDAY else last
    judged = tuple(week for week in weeks if week.monday != running)
    asked = judged or weeks
    counted = [each for each in hard if each.week <= asked[-1].monday]
    answers: tuple[Answer, ...] = (
        _both_trained(asked),
        _short_head(asked),
        _hams_to_quads(asked),
        _slow_lowerings([each for each in counted if each.kind == "filmed"]),
    )
    if not judged:
        answers = tuple(_put_off(each, {"good", "change"}, "the week is not over") for each in answers)
    elif sum(each.n_sets for each in counted) == LEAST_HARD_SETS - 1:
        answers = tuple(_put_off(each, {"change"}, "one set is too little to say") for each in answers)
    return Balance(weeks, answers, running)


def _put_off(answer: Answer, verdicts: Collection[Verdict], why: str) -> Answer:
    """Return an answer that is one of these verdicts as one that is not judged yet, and why."""
    if answer.verdict not in verdicts:
        return answer
    return Answer(answer.question, "not_judged", f"{answer.evidence}: {why}")


def _count_week(monday: dt.date, sets: Sequence[KeptSet]) -> Week:
    def count(*groups: str) -> int:
        return sum(each.n_sets for each in sets if set(groups) & set(each.trains))

    return Week(monday, count(HINGE, KNEE_FLEXION), count(QUADS), count(HINGE), count(KNEE_FLEXION))


def _both_trained(weeks: Sequence[Week]) -> Answer:
    question = "Hinge and curl both trained"
    hinge, curl = sum(week.hinge for week in weeks), sum(week.knee_flexion for week in weeks)
    sets = f"{count_noun(hinge, 'set')} of hinges, {count_noun(curl, 'set')} of curls"
    evidence = f"{sets} in {count_noun(len(weeks), 'week')}"
    if not hinge and not curl:
        return Answer(question, "change", evidence, "Train the hamstrings: a hinge and a curl, each once a week.")
    if not curl:
        return Answer(question, "change", evidence, HINGE_ALONE)
    if not hinge:
        return Answer(question, "change", evidence, CURL_ALONE)
    return Answer(question, "good", evidence)


def _short_head(over: Sequence[Week]) -> Answer:
    """Ask for knee flexion in every week."""
    question = "Short head of the biceps (knee flexion)"
    trained = sum(week.knee_flexion > 0 for week in over)
    evidence = f"in {trained} of {count_noun(len(over), 'week')}"
    if trained == len(over):
        return Answer(question, "good", evidence)
    cue = "Curl every week: only knee flexion trains the short head." if trained else None  # else it is said already
    return Answer(question, "change", evidence, cue)


def _hams_to_quads(weeks: Sequence[Week]) -> Answer:
    question = "Hamstrings to quads, 1:1"
    hams, quads = sum(week.hamstrings for week in weeks), sum(week.quads for week in weeks)
    evidence = f"{count_noun(hams, 'set')} to {count_noun(quads, 'set')}"
    if not quads:
        return Answer(question, "not_judged", f"{evidence}: no quad work was logged")
    ratio = hams / quads
    evidence += f", {ratio:.2f} to 1 (fine: {BAND[0]:g} to {BAND[1]:g}) [D]"
    if ratio < BAND[0]:
        missing = (quads - hams) / len(weeks)
        cue = (
            f"Add {_about(missing)} of hamstrings a week, or do that many fewer of quads: you are at {ratio:.2f} to 1."
        )
        return Answer(question, "change", evidence, cue)
    if ratio > BAND[1]:
        missing = (hams - quads) / len(weeks)
        cue = f"Add {_about(missing)} of quads a week: you are at {ratio:.2f} to 1."
        return Answer(question, "change", evidence, cue)
    return Answer(question, "good", evidence)


def _slow_lowerings(filmed: Sequence[KeptSet]) -> Answer:
    question = "Slow lowerings"
    times_s = [fmean(own_s) for each in filmed if (own_s := each.find_times(LOWERING))]
    n_unknown = len(filmed) - len(times_s)
    unknown = f"{count_noun(n_unknown, 'set')} whose lowering was not timed"
    if not times_s:
        why = unknown if filmed else "no set was filmed"
        return Answer(question, "not_judged", f"{why}: nothing else shows how long a lowering takes")
    slow, mean_s = sum(time_s >= SLOW_ECCENTRIC_S for time_s in times_s), fmean(times_s)
    evidence = f"{slow} of {count_noun(len(times_s), 'set')} filmed took {SLOW_ECCENTRIC_S:g} s or more [D], "
    evidence += f"on average {mean_s:.1f} s" + (f"; {unknown}" if n_unknown else "")
    if slow < SLOW_SETS_SHARE * len(times_s):
        quick = f"{len(times_s) - slow} of {count_noun(len(times_s), 'set')}"
        cue = f"Take {SLOW_ECCENTRIC_S:g} to 4 s down: in {quick} filmed it took less."
        return Answer(question, "change", evidence, cue)
    return Answer(question, "good", evidence)


def _about(number: float) -> str:
    return count_noun(max(1, round(number)), "set")
