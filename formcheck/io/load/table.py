"""Text -> table: the mark between columns, the row of headings, comments and empty rows left out.

Written out rather than left to csv.Sniffer, which takes the decimal commas of `1,5;2,5` for the mark, or to pandas,
which an installation without the extra `frames` lacks.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path

from formcheck.errors import InputError
from formcheck.io.load.tracks import check_count, check_values, to_number
from formcheck.io.spreadsheet import find_mark

COMMENTS = ("#", "%", "//")
MARK_LINES = 40  # lines by which the mark is found
HEADING_ROWS = 8  # rows before the numbers, at most
AXES = frozenset({"x", "y", "z", "v", "c", "p", "likelihood", "visibility", "confidence", "conf", "score", "visible"})
HOW = "Columns: time_s (or frame), landmark, x, y; or time_s, left_hip_x, left_hip_y and so on."
MAX_ROWS_A_FRAME = 400  # a row per landmark and axis of several people


@dataclass(frozen=True)
class Table:
    """A table: its headings, and rows of cells, which may be shorter or longer."""

    head: tuple[str, ...]
    rows: Sequence[Sequence[object]]


def read_table(text: str, path: Path) -> Table:
    """Return a table with one heading a column. Raises InputError for a text that is none, or has no headings."""
    rows = split_rows(text, path)
    if len(rows) < 2:
        raise InputError(f"{path} holds no landmarks.", HOW)
    check_count(len(rows) // MAX_ROWS_A_FRAME, path)
    head, first = _find_head(rows)
    if not head:
        shown = ", ".join(rows[0][:4])
        raise InputError(f"{path} has no headings: its first row is {shown}, ...", HOW)
    start = rows[first : first + MARK_LINES]
    if start and all(len(row) == len(head) + 1 and row[-1].strip() for row in start):
        head = ("", *head)  # R's write.table heads no column over the rows' names
    return Table(head, rows[first:])


def split_rows(text: str, path: Path) -> list[list[str]]:
    """Return the rows of a text that are neither empty nor comments; a comment just before numbers is their heading."""
    lines = text.split("\n")
    spoken = [line for line in lines if line.strip() and not line.lstrip().startswith(COMMENTS)]
    told = re.fullmatch(r"\ufeff?\"?sep=(.)\"?", spoken[0].strip(), re.IGNORECASE) if spoken else None
    if told is not None:
        spoken = spoken[1:]
    mark = told[1] if told is not None else find_mark(spoken[:MARK_LINES])
    if spoken and mark is not None:
        spoken = [*_heading_in_comments(lines, spoken[0], mark), *spoken]
    if mark is None:  # columns that spaces hold apart
        check_values(sum(line.count(" ") for line in spoken), path)
        # What stands in quotes is one word.
        return [[quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|(\S+)', line)] for line in spoken]
    check_values(text.count(mark), path)
    try:
        rows = list(csv.reader(io.StringIO("\n".join(spoken)), delimiter=mark, skipinitialspace=True))
    except csv.Error as error:
        raise InputError(f"{path} is not a table: {error}.", "Save it as CSV again.") from error
    return [row for row in rows if any(cell.strip() for cell in row)]


def _heading_in_comments(lines: Sequence[str], first: str, mark: str) -> list[str]:
    """Return the comment that heads a table of numbers ("# frame,x,y"), or nothing."""
    if not is_numeric(first.split(mark, 1000)):
        return []
    for line in reversed(lines[: lines.index(first)]):
        words = line.lstrip().lstrip("#%/ ")
        if words.count(mark) == first.count(mark) > 0:
            return [words]
    return []


def is_numeric(row: Sequence[str]) -> bool:
    """Whether at least half of a row's filled cells are numbers, by its first thousand cells."""
    filled = [cell for cell in row[:1000] if cell.strip()]
    return bool(filled) and 2 * sum(not isnan(to_number(cell)) for cell in filled) >= len(filled)


def _find_head(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], int]:
    """Return the headings and the number of the first row after them; () without any.

    Rows of a title or of notes before them are shorter. Two rows, names above x, y and likelihood, become one, with a
    name held until the next as in merged cells.
    """
    start = rows[:HEADING_ROWS]
    for index, row in enumerate(start):
        axes = [cell.strip().lower() for cell in row if cell.strip()]
        if index and len(axes) > 3 and 2 * sum(axis in AXES for axis in axes) > len(axes):
            head = [f"{name} {axis}".strip() for name, axis in zip(_hold(start[index - 1], len(row)), row, strict=True)]
            after = index + 1
            if after < len(rows) and len([cell for cell in rows[after] if cell.strip()]) == 1:
                head[0], after = rows[after][0] or head[0], after + 1
            return tuple(head), after
    width = max(len(row) for row in rows[: MARK_LINES + HEADING_ROWS])
    for index, row in enumerate(start):
        filled = sum(bool(cell.strip()) for cell in row)
        if is_numeric(row) and filled > 2:
            return (), 0
        if 2 * filled >= width and filled >= 2:
            return tuple(row), index + 1
    return (), 0


def _hold(row: Sequence[str], width: int) -> list[str]:
    """Return a row with empty cells filled from their left neighbour, as merged cells mean it."""
    held, name = [], ""
    for cell in (*row, *[""] * (width - len(row)))[:width]:
        if cell.strip() and not cell.startswith("Unnamed:"):
            name = cell.strip()
        held.append(name)
    return held
