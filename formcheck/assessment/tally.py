"""How much of a set was judged, and how much of that is good: what is said where there is nothing to change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from formcheck.wording import join_words, name_reps, write_sentence

MAX_REASONS = 2  # said in the summary; the others stand in the list of what was not judged
NONE_OF = "no "  # before the name of a fault that is not there

COUNTS = ("What to change", "One thing to change", "Two things to change", "Three things to change")

Outcome = Literal["change", "good", "good_in_part", "nothing_judged"]


@dataclass(frozen=True)
class Tally:
    """The checks (codes) of a set by how they came out; what was not asked of this set is in none.

    `good` are those of which every finding is good. `unjudged` names the reps of a check that was judged in others.
    `reasons` why checks were not judged, what stopped most of them first. `judged_any`: whether there is any verdict.
    """

    good: tuple[str, ...]
    passed: tuple[str, ...]
    unjudged: tuple[tuple[str, str], ...]
    reasons: tuple[str, ...]
    judged_any: bool

    @property
    def n_asked(self) -> int:
        """How many checks were asked."""
        return len(self.good) + len(self.passed) + len(self.unjudged)


@dataclass(frozen=True)
class Summary:
    """What stands above everything else: a title (without its full stop) and a sentence. `reasons`: those it says;
    `good` and `missing`: what is good and what was not judged, by name, with a comma between two. `doubt`: why it may
    be another lift than the one that it was judged as, a sentence that stands above the title; "" where it is none.
    """

    outcome: Outcome
    title: str
    text: str
    reasons: tuple[str, ...] = ()
    good: str = ""
    missing: str = ""
    doubt: str = ""

    @property
    def line(self) -> str:
        """All of it that fits into one line of a list of sets."""
        said = f"{self.title}: {self.text}" if self.outcome == "nothing_judged" else f"{self.title}."
        return f"{self.doubt} {said}".lstrip()


def tally_findings(findings: Iterable[Mapping[str, Any]]) -> Tally:
    """Return the tally of findings as report.json holds them.

    A check may say `asked: false` in a finding's detail: this clip or set is none that its question is for (feet from
    the side, evenness of two repetitions). That is neither good nor a failure to judge, and is not counted.
    """
    by_code: dict[str, list[Mapping[str, Any]]] = {}
    for each in findings:
        detail = each.get("detail")
        if not (isinstance(detail, Mapping) and detail.get("asked") is False):
            by_code.setdefault(each["code"], []).append(each)
    verdicts = {code: {each["verdict"] for each in group} for code, group in by_code.items()}
    passed = tuple(code for code, some in verdicts.items() if some & {"note", "fault"})
    good = tuple(code for code, some in verdicts.items() if some == {"good"})
    unjudged = tuple(
        (code, _where(group) if "good" in verdicts[code] else "")
        for code, group in by_code.items()
        if code not in {*passed, *good}
    )
    stopped: dict[str, set[str]] = {}
    for code, group in by_code.items():
        for each in group:
            if each["verdict"] == "not_judged":
                stopped.setdefault(str(each["reason"]), set()).add(code)
    reasons = tuple(sorted(stopped, key=lambda reason: -len(stopped[reason])))
    return Tally(good, passed, unjudged, reasons, any(some != {"not_judged"} for some in verdicts.values()))


def sum_up(findings: Iterable[Mapping[str, Any]], names: Mapping[str, str], doubt: str = "") -> Summary:
    """Return what is said of a set as a whole. `names`: what people call the checks, by code. `doubt`: LiftChoice's."""
    said = _sum_up(tally_findings(findings), names)
    return replace(said, doubt=write_sentence(doubt)) if doubt else said


def sum_up_report(content: Mapping[str, Any], names: Mapping[str, str]) -> Summary:
    """Return the same of report.json's content; reports from before there was a doubt have none."""
    return sum_up(content["findings"], names, content["lift"].get("doubt", ""))


def _sum_up(tally: Tally, names: Mapping[str, str]) -> Summary:
    if not tally.judged_any:
        reasons = tally.reasons[:MAX_REASONS]
        text = "; ".join(each.rstrip(".") for each in reasons) or "no check was made"
        return Summary("nothing_judged", "Nothing could be judged", write_sentence(text), reasons)
    good = ", ".join(name_check(code, names) for code in tally.good)
    count = f"{len(tally.good)} of {tally.n_asked} checks good"
    missing = ", ".join(f"{name_check(code, names).removeprefix(NONE_OF)}{where}" for code, where in tally.unjudged)
    if tally.passed:
        said = (f"Good: {good}." if good else "", f"Not judged: {missing}." if missing else "")
        return Summary("change", "What to change", " ".join(filter(None, said)), good=good, missing=missing)
    if not missing:
        return Summary("good", f"Nothing to change: {count}", f"Good: {good}.", good=good)
    title = count if good else "Good where it could be judged"
    text = f"Good: {good}." if good else ""
    return Summary("good_in_part", f"{title}; not judged: {missing}", text, good=good, missing=missing)


def name_check(code: str, names: Mapping[str, str]) -> str:
    """Return what people call a check; the code's own words where nobody has named it."""
    return names.get(code) or str(code).rpartition(".")[2].replace("_", " ")


def name_fault(code: str, names: Mapping[str, str]) -> str:
    """Return what people call what a check found: the check's name without its "no", with a capital."""
    name = name_check(code, names).removeprefix(NONE_OF).replace(" not ", " ")
    return name[:1].upper() + name[1:]


def mention_fault(code: str, names: Mapping[str, str]) -> str:
    """Return what people call what a check found, as it stands inside a sentence."""
    name = name_fault(code, names)
    return name[:1].lower() + name[1:]


def say_without(codes: Iterable[str], names: Mapping[str, str]) -> str:
    """Return what the best repetition had where others passed a limit: "without overrun and with good depth"."""
    goods, faults = list[str](), list[str]()
    for code in codes:
        name = names.get(code, "")
        is_fault = not name or name.startswith(NONE_OF) or " not " in name
        (faults if is_fault else goods).append(mention_fault(code, names))
    parts = [("without", join_words(faults, "or")), ("with good", join_words(goods))]
    return " and ".join(f"{word} {what}" for word, what in parts if what)


def write_headline(outcome: Outcome, n_cues: int) -> str:
    """Return the first words about a set, for a page or a picture: how much there is to change."""
    return {
        "change": COUNTS[n_cues],
        "good": "Nothing to change",
        "good_in_part": "Nothing to change in what could be judged",
        "nothing_judged": "Nothing could be judged",
    }[outcome]


def _where(group: Sequence[Mapping[str, Any]]) -> str:
    reps = [each["rep"] for each in group if each["verdict"] == "not_judged" and each["rep"] is not None]
    return f" in {name_reps(reps)}" if reps else " in part"
