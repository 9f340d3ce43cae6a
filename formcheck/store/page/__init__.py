"""The page of an athlete's history: one file that needs no network, in the manner of report.html.

The template writes the texts (escaped: names are anybody's), the script draws the charts with plotly, which travels
inside. The page's policy (CSP) lets run these two scripts and nothing else, and forbids every request.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from formcheck.lifts.check import Quantity
from formcheck.report.page.shell import render
from formcheck.store.balance import Balance
from formcheck.store.exercises import title_of
from formcheck.store.records import KeptSet, count_kinds, say_counts
from formcheck.store.trends import Change, Trend, WorkWeek, as_record, find_work, say_why_none
from formcheck.wording import name_unit, quantity, write_degrees

FOLDER = Path(__file__).parent
NEITHER = "neither better nor worse"
NOTHING_FILMED = "Nothing has been measured yet: film a set, and name its athlete."
ANSWERS = {"larger": "yes", "within": "no", "cannot_tell": "cannot tell"}


def render_history(
    athlete: str,
    sets: Sequence[KeptSet],
    trends: Sequence[Trend],
    balance: Balance,
    day: dt.date,
    links: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return the page: charts and changes, the balance of the last weeks, every set; `day` is that of writing.

    links : where the reports of sets are found, by the sets' uid.
    """
    work = find_work(sets)
    return render(
        "history",
        folder=FOLDER,
        athlete=athlete,
        day=day.isoformat(),
        counts=say_counts(**count_kinds(sets)),
        lifts=_lifts(trends, work, links),
        nothing="" if trends else say_why_none(sets) or NOTHING_FILMED,
        balance=balance,
        sets=[{**_set_row(each), "url": links.get(each.uid)} for each in reversed(sets)],
        sources=[_source_text(each) for each in {trend.quantity.key: trend.quantity for trend in trends}.values()],
        numbers={
            "trends": [as_record(each) for each in trends],
            "work": [[{**vars(week), "week": week.week.isoformat()} for week in weeks] for weeks in work.values()],
            "links": dict(links),
        },
    )


def _lifts(
    trends: Sequence[Trend], work: Mapping[str, Sequence[WorkWeek]], links: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the trends by lift with their places in `numbers`, words and reports; each exercise's load and speed."""
    placed, places = list(enumerate(trends)), list(work)
    return [
        {
            "title": title_of(exercise),
            "trends": [_trend_text(place, trend, links) for place, trend in placed if trend.exercise == exercise],
            "work": None
            if exercise not in work
            else {"place": places.index(exercise), "weeks": [_work_text(each) for each in work[exercise]]},
        }
        for exercise in dict.fromkeys([*(each.exercise for each in trends), *work])
    ]


def _work_text(week: WorkWeek) -> dict[str, Any]:
    def word(value: float | None, form: str, unit: str) -> str:
        return "-" if value is None else f"{value:{form}} {unit}"

    return {
        "week": week.week.isoformat(),
        "n_sets": week.n_sets,
        "load": word(week.load_kg, "g", "kg"),
        "speed": word(week.bar_up_m_s, ".2f", "m/s"),
        "lifting": word(week.lifting_s, ".1f", "s"),
    }


def tell_standing(trend: Trend) -> dict[str, str]:
    """Return what a trend says since its first week, as a badge's kind and word."""
    change = trend.since_first
    if change is None:
        return {"kind": "", "word": "one week"}
    if change.verdict != "larger":
        return {"kind": "", "word": "no change" if change.verdict == "within" else "cannot tell"}
    if change.direction is None:
        return {"kind": "", "word": f"changed, {NEITHER}"}
    return {"kind": "good" if change.direction == "better" else "fault", "word": change.direction}


def _trend_text(place: int, trend: Trend, links: Mapping[str, str]) -> dict[str, Any]:
    followed = trend.quantity
    digits = 2 if followed.unit == "s" else 1
    changes = [trend.since_first] if len(trend.weeks) == 2 else [trend.since_first, trend.since_previous]
    return {
        "place": place,
        "title": f"{followed.title}, {name_unit(followed.unit)}",
        "standing": tell_standing(trend),
        "reports": [
            {"day": each.performed_on.isoformat(), "url": links[each.uid]} for each in trend.sets if each.uid in links
        ],
        "weeks": [
            {
                "week": each.week.isoformat(),
                "value": f"{each.value:.{digits}f}",
                "interval": f"{each.low:.{digits}f} to {each.high:.{digits}f}" if each.low == each.low else "-",
                "n": f"{each.n_reps} in {each.n_sets}",
            }
            for each in trend.weeks
        ],
        "changes": [_change_text(each, digits) for each in changes if each is not None],
    }


def _source_text(followed: Quantity) -> Mapping[str, str]:
    """Return the least change of a quantity that is called larger than the error, and where that comes from."""
    floor = quantity(followed.floor, followed.unit)
    return {"title": followed.title, "floor": floor, "source": write_degrees(followed.source)}


def _change_text(change: Change, digits: int) -> Mapping[str, str]:
    known = change.detectable == change.detectable  # NaN alone differs from itself
    return {
        "since": change.since.isoformat(),
        "change": f"{change.change:+.{digits}f}",
        "detectable": f"{change.detectable:.{digits}f}" if known else "-",
        "verdict": change.verdict,
        "answer": ANSWERS[change.verdict]
        + (f", {change.direction or NEITHER}" if change.verdict == "larger" else "")
        + (f", because {change.reason}" if change.reason else ""),
    }


def _set_row(kept: KeptSet) -> dict[str, str]:
    load = "" if kept.load_kg is None else f"{kept.load_kg:g} kg"
    return {
        "day": kept.performed_on.isoformat(),
        "exercise": title_of(kept.exercise),
        "work": f"{kept.n_sets} \N{MULTIPLICATION SIGN} {kept.reps}",
        "load": load,
        "how": kept.how,
        "notes": kept.notes or "",
    }
