"""What pages show of sets, as plain values: words for people, numbers for scripts."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from formcheck.assessment.cues import tell_evidence
from formcheck.assessment.ranking import verdict_of
from formcheck.assessment.tally import name_fault, sum_up_report
from formcheck.batch.shelf import REPORT, read_json
from formcheck.batch.summary import tidy
from formcheck.desk.library import Entry, Library, is_of
from formcheck.errors import InputError
from formcheck.io.spreadsheet import write_row
from formcheck.lifts import all_checks, all_lifts, name_checks
from formcheck.report.terminal import VERDICT_WORDS, clock
from formcheck.settings import Settings
from formcheck.wording import count_reps, name_value

SHOWN_CUES = 3
LABELS = ("video", "athlete", "date", "lift", "code", "rep", "start_s", "verdict", "value", "low", "high", "unit")


def sum_up_set(document: Mapping[str, Any], rank: float) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return what the library keeps of a report and its rank (see `assessment.ranking`), and what checks found."""
    findings, cues = document["findings"], document["cues"]
    passed = {(each["code"], each["verdict"]) for each in findings if each["verdict"] in {"fault", "note"}}
    said = sum_up_report(document, name_checks())
    shown = [_describe_cue(cue, findings) for cue in cues[:SHOWN_CUES]]
    if shown and said.doubt:  # what follows is about another lift
        shown = [{"verdict": "note", "name": "Another lift", "text": said.doubt, "evidence": ""}, *shown]
    result = {
        "lift": document["lift"]["name"],
        "worst": rank,
        "verdict": verdict_of(rank),
        "n_reps": count_reps(document["reps"]),
        "said": said.line,
        "cues": json.dumps(shown),
    }
    return result, sorted(passed)


def _describe_cue(cue: Mapping[str, Any], findings: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return a cue as a card shows it."""
    return {
        "verdict": cue["verdict"],
        "name": name_fault(cue["code"], name_checks()),
        "text": cue["text"],
        "evidence": tell_evidence(cue, findings),
    }


def lift_title(name: str | None) -> str:
    """Return a lift's own name, "" for none."""
    lifts = all_lifts()
    return "" if name is None else lifts[name].title if name in lifts else name


def lift_choices() -> list[tuple[str, str]]:
    """Return the lifts that can be chosen: name and title."""
    return [(name, lift.title) for name, lift in all_lifts().items()]


def next_step(entry: Entry) -> str:
    """Return what to do about a set without a report; what the command line advises is said in the page's own words."""
    if entry.failure == "lift":
        return "Say which lift it is."
    return "Choose the lift, the lifter or a part of the clip." if "--" in entry.hint else entry.hint


def say_film_gone(name: str) -> InputError:
    """Return what to say where a set's video, which people call `name`, is needed and is not where it was."""
    return InputError(f"The film {tidy(name)} is no longer where it was.", "Put it back, or add it here again.")


def fault_codes() -> dict[str, list[str]]:
    """Return the codes of the checks by what people call what they find: one fault of several lifts is one name."""
    names, found = name_checks(), dict[str, list[str]]()
    for check in all_checks():
        found.setdefault(name_fault(check.code, names), []).append(check.code)
    return found


def card(entry: Entry) -> dict[str, Any]:
    """Return what a card shows of a set."""
    return {
        "uid": entry.uid,
        "name": tidy(entry.name) or "",
        "athlete": entry.athlete or "",
        "day": entry.performed_on or "",
        "lift": lift_title(entry.lift),
        "verdict": entry.verdict,
        "said": entry.said,
        "cues": entry.cues,
        "reps": "" if entry.n_reps is None else f"{entry.n_reps} rep" + ("" if entry.n_reps == 1 else "s"),
        "load": "" if entry.load_kg is None else f"{entry.load_kg:g} kg",
        "reviewed": entry.reviewed,
        "waiting": entry.state == "waiting",
        "version": entry.revision,
    }


def findings_of(library: Library, entry: Entry) -> list[dict[str, Any]]:
    """Return a set's findings as a coach goes through them, what is to be mended first, each with its mark."""
    document = read_json(str(library.home), entry.folder, REPORT)
    marks, names = library.marks(entry.uid), name_checks()
    shown = []
    for place, each in enumerate(document.get("findings", [])):
        if each["verdict"] == "not_judged":
            continue
        mark = next((mark["mark"] for mark in reversed(marks) if is_of(mark, each)), None)
        start_s = each["start_s"]
        shown.append(
            {
                "place": place,
                "code": each["code"],
                "number": each["rep"],
                "name": name_fault(each["code"], names),
                "verdict": each["verdict"],
                "word": VERDICT_WORDS[each["verdict"]],
                "rep": "the set" if each["rep"] is None else f"rep {each['rep']}",
                "value": "" if each["value"] is None else name_value(each["value"], each["unit"]),
                "start_s": start_s,
                "clock": "" if start_s is None else clock(start_s),
                "mark": mark,
            }
        )
    order, cued = ("fault", "note", "good"), [cue["code"] for cue in document.get("cues", [])]

    def rank(finding: Mapping[str, Any]) -> tuple[int, int]:
        code = finding["code"]
        return order.index(finding["verdict"]), cued.index(code) if code in cued else len(cued)

    return sorted(shown, key=rank)


def reps_of(library: Library, entry: Entry) -> list[dict[str, Any]]:
    """Return a set's repetitions and those left out of it, in order."""
    document = read_json(str(library.home), entry.folder, REPORT)
    shown = [
        {"number": rep["number"], "clock": clock(rep["start_s"]), "out": False} for rep in document.get("reps", [])
    ]
    shown += [{"number": number, "clock": "", "out": True} for number in entry.without]
    return sorted(shown, key=lambda each: int(each["number"]))


def write_labels(library: Library) -> Iterator[str]:
    """Yield labels.csv line by line: every finding that a coach has marked, with its numbers, and the mark.

    They are those that were marked, whatever the set's present report says (see `_recall`).
    """
    yield write_row((*LABELS, "mark"))
    by_set: dict[str, list[dict[str, Any]]] = {}
    for mark in library.marks():
        by_set.setdefault(mark["set_uid"], []).append(mark)
    for uid, marks in by_set.items():
        entry = library.find(uid)
        if entry is None:
            continue
        said = {"video": entry.name, "athlete": entry.athlete, "date": entry.performed_on}
        document = read_json(str(library.home), entry.folder, REPORT)
        for mark in marks:
            row = {**(_recall(mark, document) if mark["lift"] is None else mark), **said}
            yield write_row([*(row[name] for name in LABELS), mark["mark"]])


def _recall(mark: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mark of an earlier desk, which kept neither lift nor numbers, with what is still known of them: that of
    the present report where it has the same finding, of the same repetition and with the same verdict.
    """
    same = (
        each
        for each in document.get("findings", [])
        if is_of(mark, each) and (each["rep"], each["verdict"]) == (mark["rep"], mark["verdict"])
    )
    found = next(same, None)
    named = str(mark["code"]).partition(".")[0]
    lift = named if named in all_lifts() else document["lift"]["name"] if found else None
    return {**mark, **{name: (found or {}).get(name) for name in ("value", "low", "high", "unit")}, "lift": lift}


def settings_of(entry: Entry) -> Settings:
    """Return what a set's analysis is asked."""
    asked: dict[str, Any] = {"subject": entry.subject, "start_s": entry.start_s, "end_s": entry.end_s}
    return replace(Settings(lift=entry.lift_asked, without=entry.without, workers=1, limits={}), **asked)
