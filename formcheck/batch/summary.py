"""The tables of a batch: summary.csv and .parquet, a row per repetition and a row per finding, and errors.csv."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from formcheck.batch.job import Outcome
from formcheck.io.save.columns import ERRORS, FINDING, REPS, SUMMARY
from formcheck.io.spreadsheet import write_row
from formcheck.report.contract import ContractError, check_report
from formcheck.report.document import printable
from formcheck.report.terminal import one_line

# name -> type, in the order of the table; `kind` says whether a row is a repetition or a finding. What has no type of
# its own is a number where it has a unit, else a text.
KINDS = {"sets": "int64", "rep": "int64", "complete": "bool", "value": "double", "low": "double", "high": "double"}
COLUMNS = {name: KINDS.get(name, "double" if each.unit else "string") for name, each in SUMMARY.items()}
ERROR_COLUMNS = tuple(ERRORS)
MAX_CELL_VALUE = 1e15  # no measure comes near; NaN and infinity are beyond it
GROUP_ROWS = 50_000  # of a parquet file's row group

Row = Mapping[str, Any]


def is_report(document: Mapping[str, Any], outcome: Outcome) -> bool:
    """Whether tables and page can be made of a document that was read from a disk that is anybody's."""
    try:
        check_report(document)
        list(rows_of(outcome, document))
    except (ContractError, KeyError, TypeError):
        return False
    return True


def rows_of(outcome: Outcome, document: Mapping[str, Any]) -> Iterator[Row]:
    """Yield a set's repetitions, then its findings. Missing is None. Raises KeyError or TypeError for no report."""
    for row in _rows_of(outcome, document):
        yield {name: _typed(value, COLUMNS[name]) for name, value in row.items()}


def _typed(value: Any, kind: str) -> Any:
    """Return a value of a column's type, or None. Raises TypeError for any other."""
    if value is None:
        return None
    match kind, value:
        case "string", str():
            return tidy(value)
        case "bool", bool():
            return value
        case _, bool():
            raise TypeError(kind)
        case "double", int() | float() if abs(value) < MAX_CELL_VALUE:
            return float(value)
        case "int64", int() if abs(value) < MAX_CELL_VALUE:
            return value
        case _:
            raise TypeError(kind)


def _rows_of(outcome: Outcome, document: Mapping[str, Any]) -> Iterator[Row]:
    job, tags = outcome.job, outcome.job.tags
    said = {
        "video": tidy(job.label),
        "folder": job.folder,
        "athlete": tidy(tags.athlete),
        "date": tags.date,
        "load_kg": tags.load_kg,
        "sets": tags.sets,
        "notes": tidy(tags.notes),
        "lift": document["lift"]["name"],
        "side": document["view"]["side"],
        "view": document["view"]["verdict"],
    }
    for rep in document["reps"]:
        numbers = {name: rep[name] for name in REPS if name != "number"}
        yield {**said, "kind": "rep", "rep": rep["number"], **numbers}
    for finding in document["findings"]:
        names = ("rep", "start_s", *FINDING)
        yield {**said, "kind": "finding", **{name: finding[name] for name in names}}


def tidy(text: str | None) -> str | None:
    """Return a stranger's text as one printable line; None stays None."""
    return None if text is None else one_line(printable(text))


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write a table in which no text is a spreadsheet's formula (see `spreadsheet`); missing is empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(write_row(columns))
        file.writelines(write_row(row.get(name) for name in columns) for row in rows)


def write_parquet(path: Path, rows: Iterable[Row]) -> None:
    """Write the summary as parquet, by groups of rows, columns with units. Raises ImportError without pyarrow."""
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema([pa.field(name, kind, metadata=asdict(SUMMARY[name])) for name, kind in COLUMNS.items()])
    with parquet.ParquetWriter(path, schema) as writer:
        rest = iter(rows)
        while group := list(islice(rest, GROUP_ROWS)):
            table = [{name: row.get(name) for name in COLUMNS} for row in group]
            writer.write_table(pa.Table.from_pylist(table, schema=schema))


def error_row(outcome: Outcome) -> Row:
    """Return the row of errors.csv for a video without a report."""
    assert outcome.failure is not None
    return {
        "video": tidy(outcome.job.label),
        "folder": outcome.job.folder,
        "athlete": tidy(outcome.job.tags.athlete),
        "kind": outcome.failure.kind,
        "message": tidy(outcome.failure.message),
        "hint": tidy(outcome.failure.hint),
    }
