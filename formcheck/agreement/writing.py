"""An agreement as text (80 columns), as tables, as JSON and as a page that needs nothing beside it."""

import base64
import io
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from formcheck.agreement.naming import decimals_of, label_of, number
from formcheck.agreement.statistics import Estimate
from formcheck.report.document import plain, printable, to_json
from formcheck.report.page.shell import open_templates
from formcheck.report.tables import write_table
from formcheck.report.terminal import one_line, wrap

if TYPE_CHECKING:
    from formcheck.agreement import Agreement, Pairs

FOLDER = Path(__file__).parent
ESTIMATES = ("bias", "lower", "upper", "icc_agreement", "icc_consistency")
METHOD = (
    "Differences are A - B. Limits of agreement: bias +- 1.96 SD, between which 95 % of the differences lie if they "
    "are normal (Bland and Altman 1999). ICC(2,1) is absolute agreement, which a bias lowers; ICC(3,1) is consistency, "
    "which it does not (Shrout and Fleiss 1979; McGraw and Wong 1996). In brackets 95 % confidence intervals; those of "
    "an angle count only independent samples, because neighbours are nearly the same measurement."
)


def build(found: "Agreement") -> dict[str, Any]:
    """Return agreement.json's content."""
    return {
        "a": printable(str(found.a)),
        "b": printable(str(found.b)),
        "shift": plain(vars(found.shift)),
        "overlap": {"start_s": plain(found.begin_s), "end_s": plain(found.end_s), "step_s": plain(found.step_s)},
        "angles": {name: _numbers(pairs) for name, pairs in found.angles.items()},
        "events": {name: _numbers(pairs) for name, pairs in found.events.items()},
        "notes": list(found.notes),
    }


def _numbers(pairs: "Pairs") -> dict[str, Any]:
    statistics = pairs.statistics
    if statistics is None:
        return {"n": len(pairs.a), "reason": pairs.reason}
    numbers = {name: plain(value) for name, value in vars(statistics).items() if not isinstance(value, Estimate)}
    return numbers | {name: plain(vars(getattr(statistics, name))) for name in ESTIMATES}


def render_files(found: "Agreement") -> dict[str, str | bytes]:
    """Return the files of an agreement, name to text; agreement.json last: who finds it finds the others."""
    return {
        "agreement.html": render_page(found),
        "agreement.csv": summary_csv(found),
        "pairs.csv": pairs_csv(found),
        "agreement.json": to_json(build(found)),
    }


def summary_csv(found: "Agreement") -> str:
    """Return a row per angle and event: n, bias, SD, limits, RMSE and ICC with their 95 % intervals; empty: not had."""
    columns = ["quantity", "kind", "n", "n_independent", "sd", "rmse"]
    columns += [f"{name}{end}" for name in ESTIMATES for end in ("", "_low", "_high")]
    rows = []
    for kind, pairs in _each(found):
        row: dict[str, Any] = {"quantity": pairs.name, "kind": kind, "n": len(pairs.a)}
        if pairs.statistics is not None:
            row |= {name: getattr(pairs.statistics, name) for name in ("n_independent", "sd", "rmse")}
            for name in ESTIMATES:
                estimate = getattr(pairs.statistics, name)
                row |= {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}
        rows.append([row.get(name) for name in columns])
    return write_table(columns, rows)


def pairs_csv(found: "Agreement") -> str:
    """Return a row per pair: which quantity, when (s, B's clock; of a repetition its turn), A, B and A - B."""
    rows = [
        (pairs.name, time_s, a, b, a - b)
        for _, pairs in _each(found)
        for time_s, a, b in zip(pairs.time_s, pairs.a, pairs.b, strict=True)
    ]
    return write_table(["quantity", "time_s", "a", "b", "difference"], rows)


def _each(found: "Agreement") -> "Iterator[tuple[str, Pairs]]":
    yield from (("angle", pairs) for pairs in found.angles.values())
    yield from (("event", pairs) for pairs in found.events.values())


def to_text(found: "Agreement") -> str:
    """Return what the terminal shows, lines within 80 columns."""
    lines = [*wrap(f"A  {_name(found.a)}", "", "   "), *wrap(f"B  {_name(found.b)}, the reference", "", "   ")]
    lines += wrap(_timing_words(found), "", "")
    for title, group in _groups(found).items():
        lines += [("", None), (title, "bold")] if group else []
        lines += [(line, None) for pairs in group.values() for line in _rows(pairs)]
    lines += [("", None), *wrap(METHOD, "  ", "  ")]
    for note in found.notes:
        lines += wrap(note, "  ", "  ")
    return "\n".join(text.rstrip() for text, _ in lines)


def _groups(found: "Agreement") -> "Mapping[str, Mapping[str, Pairs]]":
    return {"Angles, sample by sample": found.angles, "Events, repetition by repetition": found.events}


def _name(path: Path) -> str:
    return one_line(printable(path.name or str(path)))


def _timing_words(found: "Agreement") -> str:
    shift = found.shift
    how = f"found, correlation {shift.correlation:.3f}" if shift.found else "given"
    span_s = found.end_s - found.begin_s
    return (
        f"A's times {shift.seconds:+.3f} s ({how}); {span_s:.1f} s overlap: {found.begin_s:.2f} to {found.end_s:.2f} s "
        f"of B, in steps of {1000 * found.step_s:.0f} ms"
    )


def _rows(pairs: "Pairs") -> list[str]:
    """Return a quantity's three lines, or the one that says why it has no numbers."""
    if pairs.statistics is None:
        return [f"  {label_of(pairs.name)}: {pairs.reason}"]
    s, decimals = pairs.statistics, decimals_of(pairs.name)
    bias, lower, upper = (" ".join(shown(each, decimals)) for each in (s.bias, s.lower, s.upper))
    agreement, consistency = (" ".join(shown(each, 3)) for each in (s.icc_agreement, s.icc_consistency))
    return [
        f"  {label_of(pairs.name)}: bias {bias}, n {s.n}",
        f"     limits {lower} to {upper}, RMSE {number(s.rmse, decimals)}",
        f"     ICC(2,1) {agreement}, ICC(3,1) {consistency}",
    ]


def shown(estimate: Estimate, decimals: int) -> tuple[str, str]:
    """Return a number and its interval in brackets, "[-]" where there is none."""
    if not math.isfinite(estimate.low + estimate.high):
        return number(estimate.value, decimals), "[-]"
    return number(estimate.value, decimals), f"[{number(estimate.low, decimals)}, {number(estimate.high, decimals)}]"


def render_page(found: "Agreement") -> str:
    """Return agreement.html: the table, a Bland-Altman picture of each quantity, and how it was done."""
    template = open_templates(FOLDER).get_template("agreement.html.jinja")
    return template.render(
        a=_name(found.a),
        b=_name(found.b),
        timing=_timing_words(found),
        groups=[
            {"title": title, "rows": [_page_row(pairs) for pairs in group.values()]}
            for title, group in _groups(found).items()
            if group
        ],
        method=METHOD,
        notes=found.notes,
    )


def _page_row(pairs: "Pairs") -> dict[str, Any]:
    row: dict[str, Any] = {"label": label_of(pairs.name), "name": pairs.name, "n": len(pairs.a), "reason": pairs.reason}
    if pairs.statistics is None:
        return row
    s, decimals = pairs.statistics, decimals_of(pairs.name)
    cells = [shown(each, decimals) for each in (s.bias, s.lower, s.upper)]
    cells += [shown(each, 3) for each in (s.icc_agreement, s.icc_consistency)]
    spread = {"sd": number(s.sd, decimals), "rmse": number(s.rmse, decimals)}
    return row | spread | {"cells": cells, "picture": _picture(pairs)}


def _picture(pairs: "Pairs") -> str:
    from formcheck.agreement.pictures import plot_agreement

    drawn = io.BytesIO()
    plot_agreement(pairs).savefig(drawn, format="svg", dpi=150)
    return base64.b64encode(drawn.getvalue()).decode("ascii")
