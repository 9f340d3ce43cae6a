"""`formcheck explain`: every check, what it means, its limits and where they come from."""

import difflib
import json
import re
import textwrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from formcheck.errors import SettingsError
from formcheck.wording import WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from formcheck.data import Limit
    from formcheck.lifts.check import Check

LEGEND = "[P] published, [D] design choice, [S] simulation"
HEADER = ("code", "what it means", "note", "fault", "unit")


def explain(
    code: Annotated[str | None, typer.Argument(metavar="[CODE]", help="One check, in full.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Show what each check means, its limits and where they come from."""
    from formcheck.lifts import all_checks

    checks = all_checks()
    if code is not None:
        checks = tuple(check for check in checks if check.code == code) or _refuse(code, checks)
    if as_json:
        typer.echo(json.dumps([_record(check) for check in checks], indent=2, ensure_ascii=False).encode())
    elif code is None:
        typer.echo(_table(checks))
        typer.echo("\nformcheck explain CODE says why. [P] published, [D] design choice, [S] simulation", err=True)
    else:
        typer.echo("\n".join(_page(checks[0])))
        typer.echo(f"\n{LEGEND}", err=True)


def _refuse(code: str, checks: "Sequence[Check]") -> "tuple[Check, ...]":
    close = difflib.get_close_matches(code, [check.code for check in checks], n=1)
    hint = f"Did you mean {close[0]}?" if close else "Run formcheck explain to list all codes."
    raise SettingsError(f"There is no check {code}.", hint)


def _record(check: "Check") -> dict[str, Any]:
    limit = check.limit
    return {
        "code": check.code,
        "title": check.title,
        "why": check.why,
        "cue": check.cue,
        "limit": {"note": limit.note, "fault": limit.fault, "direction": limit.direction},
        "unit": limit.unit,
        "source": limit.source,
        "method": check.method,
    }


def _table(checks: "Sequence[Check]") -> str:
    """Return a row per check with its source below; what it means is wrapped so that 80 columns hold the row."""
    rows = [(check.code, check.title, *_limit_cells(check.limit)) for check in checks]
    widths = [max(len(row[column]) for row in [HEADER, *rows]) for column in range(len(HEADER))]
    widths[1] = WIDTH - sum(widths[:1] + widths[2:]) - 2 * (len(HEADER) - 1)
    indent = " " * (widths[0] + 2)
    lines = []
    for row, source in zip([HEADER, *rows], ["", *(check.limit.source for check in checks)], strict=True):
        title, *more = textwrap.wrap(row[1], widths[1]) or [""]
        cells = (row[0], title, *row[2:])
        lines.append("  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip())
        lines += [indent + line for line in more]
        lines += textwrap.wrap(source, WIDTH, initial_indent=indent, subsequent_indent=indent)
    return "\n".join(lines)


def _limit_cells(limit: "Limit") -> tuple[str, str, str]:
    sign = {"above": ">", "below": "<"}[limit.direction]
    steps = (None if limit.note == limit.fault else limit.note), limit.fault
    note, fault = ("-" if step is None else f"{sign} {step:g}" for step in steps)
    return note, fault, limit.unit


def _page(check: "Check") -> list[str]:
    """Return one check in full."""
    note, fault, unit = _limit_cells(check.limit)
    lines = [check.code]
    for name, text in (
        ("means", check.title),
        ("why", check.why),
        ("limit", f"note {note}, fault {fault} ({unit})"),
        ("source", check.limit.source),
        ("method", f"docs/method.md#{check.method}" if check.method else ""),
        ("cue", re.sub(r"\{\w+\}", "...", check.cue)),
    ):
        lines += textwrap.wrap(text, WIDTH, initial_indent=f"  {name:<8}", subsequent_indent=" " * 10)
    return lines
