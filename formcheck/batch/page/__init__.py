"""index.html: every set of a batch on one page, the worst first, to be sorted and filtered; it needs no network.

The template writes all rows (escaped: names are strangers'), the script only orders and hides them. The page's policy
(CSP) lets run that script, by its digest, and nothing else, and forbids every request but for pictures beside it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from formcheck.assessment.cues import tell_evidence
from formcheck.assessment.ranking import verdict_of
from formcheck.assessment.tally import name_fault, sum_up_report, tally_findings
from formcheck.batch.job import Job, Outcome
from formcheck.batch.summary import tidy
from formcheck.report.page.shell import data_url, render
from formcheck.report.terminal import clock
from formcheck.wording import count_reps, name_reps

FOLDER = Path(__file__).parent
EMBEDDED = 500  # thumbnails inside the page, 7 kB each; with more videos they are read from the folders beside it
STEPS = ("fault", "note")

Documents = Iterable[tuple[Outcome, Mapping[str, Any]]]


def render_index(
    documents: Documents,
    failed: Sequence[Outcome],
    titles: Mapping[str, str],
    names: Mapping[str, str],
    thumbnail: Callable[[Job], bytes | None],
    *,
    n_done: int,
    html: bool,
) -> str:
    """Return index.html.

    documents : outcomes with their report.json's content. failed : the outcomes without.
    titles, names : the lifts' and the checks' names for people. thumbnail : a job's picture as JPEG, or None.
    n_done : how many documents there are. html : whether each has a report.html.
    """
    embed = n_done <= EMBEDDED
    sets = [
        _set(outcome, document, titles, names, thumbnail(outcome.job) if embed else None)
        for outcome, document in documents
    ]
    sets.sort(key=lambda each: (-each["severity"], each["label"]))
    firsts: dict[str, dict[str, Any]] = {}
    for each in sets:
        first = firsts.setdefault(each["sha256"] or each["folder"], each)
        place = first["label"] if first["name"] == each["name"] else first["name"]
        each["same_as"] = "" if first["label"] == each["label"] else place
    return render(
        "index",
        folder=FOLDER,
        has_charts=False,
        sets=sets,
        failed=[_failed(each) for each in failed],
        athletes=sorted({each["athlete"] for each in sets if each["athlete"]}, key=str.casefold),
        lifts=sorted({each["lift"] for each in sets}),
        faults=sorted({fault["name"] for each in sets for fault in each["faults"]}),
        embed=embed,
        page="report.html" if html else "report.json",
    )


def _set(
    outcome: Outcome,
    document: Mapping[str, Any],
    titles: Mapping[str, str],
    names: Mapping[str, str],
    thumbnail: bytes | None,
) -> dict[str, Any]:
    """Return what a row of the table shows of one set."""
    tags, lift = outcome.job.tags, document["lift"]["name"]
    reps = document["reps"]
    label = tidy(outcome.job.label) or ""
    cues = document["cues"]
    said = sum_up_report(document, names)
    return {
        "label": label,
        "name": label.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1],
        "folder": outcome.job.folder,
        "sha256": document["source"]["sha256"],
        "athlete": tidy(tags.athlete) or "",
        "date": tags.date or outcome.filmed_on or "",
        "lift": titles.get(lift, lift),
        "load_kg": tags.load_kg,
        "sets": tags.sets,
        "notes": tidy(tags.notes) or "",
        "n_reps": count_reps(reps),
        "n_partial": len(reps) - count_reps(reps),
        "severity": outcome.severity,
        "verdict": verdict_of(outcome.severity),
        "said": said.line,
        "doubt": said.doubt,
        "cues": [_cue(cue, document) for cue in cues[:3]],
        "faults": _faults(document["findings"], names),
        "unjudged": len(tally_findings(document["findings"]).unjudged),
        "thumbnail": data_url(thumbnail) if thumbnail else None,
    }


def _cue(cue: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    speed = document["provenance"]["settings"].get("speed") or 1.0
    when = "" if cue["start_s"] is None else f"at {clock(cue['start_s'], speed)}"
    return {
        "verdict": cue["verdict"],
        "text": cue["text"],
        "evidence": ", ".join(filter(None, (tell_evidence(cue, document["findings"]), when))),
    }


def _faults(findings: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what was found, faults first, by the name that people have for it, with the repetitions that show it."""
    found: dict[tuple[str, str], list[int]] = {}
    for each in findings:
        if each["verdict"] in STEPS:
            found.setdefault((each["verdict"], each["code"]), []).extend([] if each["rep"] is None else [each["rep"]])
    ordered = sorted(found.items(), key=lambda item: (STEPS.index(item[0][0]), item[0][1]))
    return [
        {"verdict": step, "name": name_fault(code, names), "reps": name_reps(reps)} for (step, code), reps in ordered
    ]


def _failed(outcome: Outcome) -> dict[str, str]:
    assert outcome.failure is not None
    return {
        "label": tidy(outcome.job.label) or "",
        "athlete": tidy(outcome.job.tags.athlete) or "",
        "kind": outcome.failure.kind,
        "message": tidy(outcome.failure.message) or "",
        "hint": tidy(outcome.failure.hint) or "",
    }
