"""The table of accuracy: rows as every benchmark of this folder gives them, printed and written as JSON."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any

COVERED = (0.85, 0.95)  # share of 90 % intervals that may hold the truth


@dataclass(frozen=True)
class Row:
    """One figure against its target.

    target : the limit as it reads in the table, "" for a figure without one; met is None then. count : what was
    measured. abstained : share for which no value was given (NaN: does not apply). coverage : share of the 90 %
    intervals that hold the truth (NaN: there is no interval). low, high : 90 % interval of a figure that is a share of
    `count` (Wilson), NaN for others.
    """

    quantity: str
    figure: float
    unit: str
    target: str
    met: bool | None
    count: int
    abstained: float = math.nan
    coverage: float = math.nan
    low: float = math.nan
    high: float = math.nan


def share_interval_pct(hits: int, count: int) -> tuple[float, float]:
    """Return the 90 % interval of a share, percent: Wilson's score interval (J Am Stat Assoc 1927;22:209)."""
    if not count:
        return math.nan, math.nan
    z = NormalDist().inv_cdf(0.95)
    share, weight = hits / count, 1 + z * z / count
    middle = (share + z * z / (2 * count)) / weight
    half = z / weight * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return 100 * max(0.0, middle - half), 100 * min(1.0, middle + half)


def make_row(
    quantity: str,
    figure: float,
    unit: str,
    *,
    count: int,
    at_most: float | None = None,
    at_least: float | None = None,
    abstained: float = math.nan,
    coverage: float = math.nan,
) -> Row:
    """Return a row held against at most one target, in the figure's unit; a figure that is NaN misses it, and
    what has no case neither meets nor misses it.
    """
    target, met = "", None
    if at_most is not None:
        target, met = f"<= {at_most:g}", figure <= at_most
    elif at_least is not None:
        target, met = f">= {at_least:g}", figure >= at_least
    return Row(quantity, figure, unit, target, met if count else None, count, abstained, coverage)


def format_table(rows: Iterable[Row]) -> str:
    """Return the rows as text; a coverage outside 85 to 95 % carries a mark."""
    lines = [("quantity", "figure", "target", "", "count", "abstained", "coverage")]
    lines += [
        (
            row.quantity,
            _figure(row),
            row.target,
            "" if row.met is None else "met" if row.met else "MISSED",
            str(row.count),
            _percent(row.abstained),
            _percent(row.coverage)
            + ("" if math.isnan(row.coverage) or COVERED[0] <= row.coverage <= COVERED[1] else " !"),
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _figure(row: Row) -> str:
    if not row.count:
        return "none"
    interval = "" if math.isnan(row.low) else f" ({row.low:.0f}-{row.high:.0f})"
    return f"{row.figure:.3g} {row.unit}".strip() + interval


def _percent(share: float) -> str:
    return "" if math.isnan(share) else f"{100 * share:.0f} %"


def write_rows(path: Path, rows: Sequence[Row], about: dict[str, Any]) -> None:
    """Write the rows and what they are about as JSON; NaN becomes null."""
    records = [
        {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in asdict(row).items()}
        for row in rows
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**about, "rows": records}, indent=1) + "\n", encoding="utf-8")
