"""Tables as spreadsheets save and open them: one reader and one writer for manifests, the history and a batch's tables.

In: UTF-8, UTF-16 or Western European, with or without a mark at the start; commas, semicolons, tabs or bars between the
cells; decimal commas; empty rows before the heading and empty columns after it. Out: UTF-8 with commas, in which no
text is a formula (OWASP, CSV Injection): it gets an apostrophe before it, which the reader takes off again.
"""

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from formcheck.io.text_files import decode

MARKS = ("\t", ";", "|", ",")  # in this order: a comma may stand inside the numbers of the others
EMPTY = " \t;|,\"'\r\n"  # what an empty row may be made of
# Where a spreadsheet may see a formula: at the start of a cell, and, as a program that takes another mark for the one
# between cells begins a new one there, behind every mark and line end within it. Blanks before it do not make it text.
SIGN = "[-=+@\uff1d\uff0b\uff0d\uff20]"  # the wide ones too, which East Asian settings take for the others
STARTS = rf"(?='*\s|['\s]*{SIGN})"
FOLLOWS = rf"(?=[' ]*{SIGN})"
BEHIND = r"(?<=[;\t\r\n])"
QUOTED = re.compile(r"[\",;|\t\r\n]|^\s|\s$")
TRUE, FALSE = frozenset({"1", "true", "yes"}), frozenset({"", "0", "false", "no"})


class TableError(ValueError):
    """A file that is no table; the text says why, as a sentence without its full stop."""


@dataclass(frozen=True)
class SheetRow:
    """A row: the line of the file on which it ends, its cells in the order of the headings, and the first cell that has
    no heading above it ("" when there is none).
    """

    line: int
    cells: Sequence[str]
    surplus: str


def read_table(raw: bytes) -> tuple[tuple[str, ...], Iterator[SheetRow]]:
    """Return the headings, as `name_column` writes them, and the rows that are not empty; short rows are filled up.

    Raises TableError for what is no text, and, while the rows are read, for one that is not CSV.
    """
    try:
        text = decode(raw)
    except ValueError as error:
        raise TableError("it is not text") from error
    file = io.StringIO(text, newline="")
    mark, skipped = _find_heading(file)
    reader = csv.reader(file, delimiter=mark, strict=True, skipinitialspace=True)
    rows = _read_rows(reader, skipped)
    head = [name_column(cell) for _, cells in [next(rows, (0, []))] for cell in cells]
    while head and not head[-1]:
        head.pop()
    return tuple(head), _fit(rows, len(head), [place for place, name in enumerate(head) if not name])


def _find_heading(file: io.StringIO) -> tuple[str, int]:
    """Leave the file before its first row that says something; return the mark between cells and the lines passed."""
    told, skipped = None, 0
    while True:
        place = file.tell()
        line = file.readline()
        named = re.fullmatch(r"\"?sep=(.)\"?", line.strip("\r\n"), re.IGNORECASE)
        if not line or (line.strip(EMPTY) and named is None):
            file.seek(place)
            return told or find_mark([line]) or ",", skipped
        told = named[1] if named is not None else told
        skipped += 1


def find_mark(lines: Sequence[str]) -> str | None:
    """Return the mark between columns; None when spaces or nothing is."""
    bare = [re.sub(r'"[^"]*"', "", line) for line in lines]
    for mark in MARKS:
        if bare and median(line.count(mark) for line in bare) >= 1 and not (mark == "," and _are_decimal(bare)):
            return mark
    return None if any(len(line.split()) > 2 for line in bare) else ","


def _are_decimal(lines: Sequence[str]) -> bool:
    """Whether all commas are decimal ones of numbers that spaces part."""
    cells = [line.split() for line in lines]
    return min(map(len, cells)) > 2 and all(
        re.fullmatch(r"[^,]*|[-+]?\d+,\d+(e[-+]?\d+)?", cell, re.IGNORECASE) for row in cells for cell in row
    )


def _read_rows(reader: Any, skipped: int) -> Iterator[tuple[int, list[str]]]:
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield skipped + reader.line_num, cells
    except csv.Error as error:
        raise TableError(f"line {skipped + reader.line_num} is not CSV ({error})") from error


def _fit(rows: Iterable[tuple[int, list[str]]], width: int, nameless: Sequence[int]) -> Iterator[SheetRow]:
    for line, cells in rows:
        whole = [*map(from_cell, cells), *[""] * (width - len(cells))]
        others = [*(whole[place] for place in nameless), *whole[width:]]
        yield SheetRow(line, whole[:width], next((each.strip() for each in others if each.strip()), ""))


def name_column(heading: str) -> str:
    """Return a heading as a column's name: "Load (kg)" and "LOAD-KG" give load_kg."""
    return "_".join(re.findall(r"\w+", heading.casefold().replace("_", " ")))


def from_cell(cell: str) -> str:
    """Return the text that `to_cell` was given."""
    return re.sub(rf"^'{STARTS}", "", re.sub(rf"{BEHIND}'{FOLLOWS}", "", cell))


def to_cell(value: Any) -> str:
    """Return a cell that comes back as it went: numbers in full (a minus stays one), truth as 1 or 0, what is missing
    as nothing, and text that would be a formula behind an apostrophe.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float):
        return repr(value)
    return re.sub(rf"^{STARTS}", "'", re.sub(rf"{BEHIND}{FOLLOWS}", "'", str(value)))


def write_row(values: Iterable[Any]) -> str:
    r"""Return a line of CSV, with its end. Unlike csv.writer of Python 3.11 it quotes a lone \r, and every mark that
    another program may take for the one between cells.
    """
    cells = map(to_cell, values)
    quoted = ('"' + cell.replace('"', '""') + '"' if QUOTED.search(cell) else cell for cell in cells)
    return ",".join(quoted) + "\n"


def to_number(cell: str) -> float:
    """Return the number of a cell, "82.5", "82,5" or "1.234,5". Raises ValueError for what is no finite number."""
    text = re.sub(r"[\s_]", "?", cell.strip())
    try:
        value = float(text)
    except ValueError:
        value = read_decimal_comma(text)
    if not math.isfinite(value):
        raise ValueError(f"{cell[:40]!r} is not a number")
    return value


def read_decimal_comma(text: str) -> float:
    """Return 1234.5 for "1234,5", "1.234,5" and "1,234.5"; NaN for what is no number."""
    decimal, other = (",", ".") if text.rfind(",") > text.rfind(".") else (".", ",")
    text = text.replace(other, "").replace(decimal, ".", 1)
    try:
        return float(text)
    except ValueError:
        return math.nan


def to_whole(cell: str) -> int:
    """Return the whole number of a cell, "3" or, as tables with gaps save it, "3.0" or "3,0". Raises ValueError for any
    other: in "1,000" nobody can tell a thousand from one.
    """
    match = re.fullmatch(r"([+-]?\d{1,9})(?:[.,]0{1,2})?", cell.strip(), re.ASCII)
    if match is None:
        raise ValueError(f"{cell[:40]!r} is not a whole number")
    return int(match[1])


def to_flag(cell: str) -> bool:
    """Return whether a cell says yes: 1, true or yes; 0, false, no or nothing. Raises ValueError for any other."""
    word = cell.strip().lower()
    if word not in TRUE | FALSE:
        raise ValueError(f"{cell[:40]!r} is neither 1 nor 0")
    return word in TRUE
