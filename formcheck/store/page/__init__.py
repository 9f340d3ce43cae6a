"""The page of an athlete's history: one file that needs no network, in the manner of report.html.

The template writes the texts (escaped: names are anybody's), the script draws the charts with plotly, which travels
inside. The page's policy (CSP) lets run these two scripts and nothing else, and forbids every request.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from formcheck.lifts.check import Quantity
from formcheck.report.page.shell import open_templates, pack_plotly, read_style, write_policy
from formcheck.store.balance import Balance
from formcheck.store.exercises import title_of
from formcheck.store.records import KeptSet
from formcheck.store.trends import Change, Trend, as_record
from formcheck.wording import name_unit, quantity, write_degrees

FOLDER = Path(__file__).parent
ANSWERS = {"larger": "yes", "within": "no", "cannot_tell": "cannot tell"}


def render_history(
    athlete: str, sets: Sequence[KeptSet], trends: Sequence[Trend], balance: Balance, day: dt.date
) -> str:
    """Return the page: charts and changes, the balance of the last weeks, every set; `day` is that of writing."""
    from markupsafe import Markup

    environment = open_templates(FOLDER)
    script = (FOLDER / "history.js").read_text(encoding="utf-8")
    plotly_digest, plotly_packed = pack_plotly()
    return environment.get_template("history.html.jinja").render(
        athlete=athlete,
        day=day.isoformat(),
        lifts=_lifts(trends),
        balance=balance,
        sets=[_set_row(each) for each in reversed(sets)],
        sources=[_source_text(each) for each in {trend.quantity.key: trend.quantity for trend in trends}.values()],
        numbers=[as_record(each) for each in trends],
        policy=write_policy(script, plotly_digest),
        style=Markup(read_style()),  # noqa: S704  # ours
        script=Markup(script),  # noqa: S704
        plotly_packed=Markup(plotly_packed),  # noqa: S704
    )


def _lifts(trends: Sequence[Trend]) -> list[dict[str, Any]]:
    """Return the trends by lift, each with its place in `numbers` and its changes in words."""
    placed = list(enumerate(trends))
    return [
        {
            "title": title_of(exercise),
            "trends": [_trend_text(place, trend) for place, trend in placed if trend.exercise == exercise],
        }
        for exercise in dict.fromkeys(each.exercise for each in trends)
    ]


def _trend_text(place: int, trend: Trend) -> dict[str, Any]:
    followed = trend.quantity
    digits = 2 if followed.unit == "s" else 1
    changes = [trend.since_first] if len(trend.weeks) == 2 else [trend.since_first, trend.since_previous]
    return {
        "place": place,
        "title": f"{followed.title}, {name_unit(followed.unit)}",
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
        + (f", {change.direction}" if change.direction else "")
        + (f", because {change.reason}" if change.reason else ""),
    }


def _set_row(kept: KeptSet) -> dict[str, str]:
    load = "" if kept.load_kg is None else f"{kept.load_kg:g} kg"
    return {
        "day": kept.performed_on.isoformat(),
        "exercise": title_of(kept.exercise),
        "work": f"{kept.n_sets} \N{MULTIPLICATION SIGN} {kept.reps}",
        "load": load,
        "kind": kept.kind + (", warm-up" if kept.warm_up else ""),
        "notes": kept.notes or "",
    }
