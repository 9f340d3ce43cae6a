"""Tables as spreadsheets save them come in with the right values; what goes out is harmless there and comes back."""

import csv
import datetime as dt
import io
import random
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from conftest import make_report

from formcheck.batch.job import Job, Limits, Outcome, Tags
from formcheck.batch.sources import list_source
from formcheck.batch.summary import COLUMNS, rows_of, write_csv
from formcheck.errors import FormcheckError, SettingsError
from formcheck.io.spreadsheet import (
    TableError,
    from_cell,
    name_column,
    read_table,
    to_cell,
    to_flag,
    to_number,
    to_whole,
    write_row,
)
from formcheck.report.document import build
from formcheck.store.connect import Store, open_store
from formcheck.store.entries import parse_day
from formcheck.store.keep import keep_set, log_set
from formcheck.store.read import list_athletes, load_sets
from formcheck.store.transfer import export_csv, import_csv

LIFTS = ("auto", "rdl", "nordic")
FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
SIGNS = (*FORMULA, "\t", "\r", "\n")
Save = Callable[[list[list[str]]], bytes]


def joined(rows: list[list[str]], mark: str = ",", end: str = "\r\n", *, quoted: bool = False) -> str:
    text = io.StringIO()
    how = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(text, delimiter=mark, lineterminator=end, quoting=how).writerows(rows)
    return text.getvalue()


def with_commas(rows: list[list[str]]) -> list[list[str]]:
    """Numbers with a decimal comma and days with dots, as a spreadsheet with German settings saves them."""
    result = [rows[0]]
    for row in rows[1:]:
        cells = [each.replace(".", ",") if each.replace(".", "", 1).isdigit() else each for each in row]
        days = [
            ".".join(reversed(each.split("-"))) if each[:5] == "2026-" and len(each) == 10 else each for each in cells
        ]
        result.append(days)
    return result


# What programs make of a table: Excel in English and German, as Unicode text and on an old Mac, LibreOffice, Numbers,
# Google Sheets, pandas.
SAVERS: dict[str, Save] = {
    "plain": lambda rows: joined(rows, end="\n").encode(),
    "utf-8 with a mark": lambda rows: joined(rows).encode("utf-8-sig"),
    "german": lambda rows: joined(with_commas(rows), ";").encode("utf-8-sig"),
    "german, western": lambda rows: joined(with_commas(rows), ";").encode("cp1252"),
    "told by sep": lambda rows: ("sep=;\r\n" + joined(with_commas(rows), ";")).encode("utf-8-sig"),
    "unicode text": lambda rows: joined(with_commas(rows), "\t").encode("utf-16"),
    "utf-16 without a mark": lambda rows: joined(rows, "\t").encode("utf-16-le"),
    "big end first": lambda rows: b"\xfe\xff" + joined(rows).encode("utf-16-be"),
    "all quoted": lambda rows: joined(with_commas(rows), quoted=True).encode(),
    "lone returns": lambda rows: joined(rows, end="\r").encode(),
    "bars": lambda rows: joined(rows, "|").encode(),
    "empty columns": lambda rows: joined([[*row, "", "", ""] for row in rows], ";").encode(),
    "rows cut short": lambda rows: joined(
        [rows[0], *([*row[:-1]] if not row[-1] else row for row in rows[1:])]
    ).encode(),
    "empty rows": lambda rows: joined([[""] * 9, *rows[:1], [""], *rows[1:], ["", " ", ""]], ";").encode(),
    "other letters": lambda rows: joined([[each.upper() for each in rows[0]], *rows[1:]]).encode(),
    "words": lambda rows: joined([[f" {each.replace('_', ' ').title()} " for each in rows[0]], *rows[1:]]).encode(),
    "midnight": lambda rows: joined(rows).replace("2026-11-02,", "2026-11-02 00:00:00,").encode(),
}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("FORMCHECK_DB", str(tmp_path / "h.db"))
    opened = open_store()
    assert opened is not None
    return opened


@pytest.mark.parametrize("saver", SAVERS)
def test_a_history_comes_in_as_any_program_saves_it(saver: str, store: Store, tmp_path: Path) -> None:
    rows = [
        ["athlete", "date", "exercise", "reps", "load_kg", "trains", "notes"],
        ["Zoë", "2026-11-02", "squat", "5", "82.5", "", "so schön; 100 % \u20ac"],
        ["Ben", "2026-11-03", "belt squat", "8", "180", "quads,other", ""],
    ]
    (tmp_path / "t.csv").write_bytes(SAVERS[saver](rows))
    assert import_csv(store, tmp_path / "t.csv").n_new == 2
    (one,) = load_sets(store, "Zoë")[1]
    assert (one.performed_on, one.exercise, one.reps, one.load_kg) == (dt.date(2026, 11, 2), "squat", 5, 82.5)
    assert one.notes == "so schön; 100 % \u20ac"
    (two,) = load_sets(store, "Ben")[1]
    assert (two.performed_on, two.reps, two.load_kg, two.trains) == (dt.date(2026, 11, 3), 8, 180.0, ("quads", "other"))


@pytest.mark.parametrize("saver", SAVERS)
def test_a_manifest_comes_in_as_any_program_saves_it(saver: str, tmp_path: Path) -> None:
    (tmp_path / "one.mp4").write_bytes(b"x")
    rows = [
        ["path", "athlete", "lift", "date", "load", "sets", "notes"],
        ["one.mp4", "Zoë; B.", "RDL", "2026-11-02", "82.5", "3", "heavy, 100 % \u20ac"],
        ["one.mp4", "Ben", "nordic", "2026-11-03", "0", "2", ""],
    ]
    (tmp_path / "sets.csv").write_bytes(SAVERS[saver](rows))
    one, two = list_source(str(tmp_path / "sets.csv"), LIFTS, Limits()).jobs
    assert (one.refusal, two.refusal) == (None, None)
    assert (one.lift, one.tags) == ("rdl", Tags("Zoë; B.", "2026-11-02", 82.5, 3, "heavy, 100 % \u20ac"))
    assert (two.lift, two.tags) == ("nordic", Tags("Ben", "2026-11-03", 0.0, 2, None))


def test_our_own_export_comes_back_through_a_german_spreadsheet(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_set(build(make_report()), athlete="-Ana", date=dt.date(2026, 11, 2), load_kg=82.5, notes="=1+1\n;@x; -2")
    log_set("=cmd|' /C calc'!A0", "squat", reps=5, date=dt.date(2026, 11, 3))
    rows = list(csv.reader(io.StringIO(export_csv(store), newline="")))
    (tmp_path / "saved.csv").write_bytes(SAVERS["german"](rows))
    before = {each.name: load_sets(store, each.name) for each in list_athletes(store)}
    monkeypatch.setenv("FORMCHECK_DB", str(tmp_path / "other.db"))
    other = open_store()
    assert other is not None
    assert import_csv(other, tmp_path / "saved.csv").n_new == 2
    assert {each.name: load_sets(other, each.name) for each in list_athletes(other)} == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("path,load\na.mp4,82,5\n", "'5' has no heading above it"),
        ("path,,notes\na.mp4,x,y\n", "'x' has no heading above it"),
        ("path,date\na.mp4,05/06/2026\n", "could be 2026-05-06 or 2026-06-05"),
        ("path,date\na.mp4,2999-01-01\n", "is in the future"),
        ("path,load\na.mp4,-5\n", "The load '-5' is not possible"),
        ("path,load\na.mp4,1e3000\n", "The load '1e3000' is not possible"),
        ('path,sets\na.mp4,"1,000"\n', "'1,000' is not a number of sets"),
        ('path,notes\na.mp4,"half\n', "Line 2 is not CSV"),
        ("\0\1\2" * 50, "It is not text"),
    ],
)
def test_a_row_that_cannot_be_is_a_sentence(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"x")
    (tmp_path / "sets.csv").write_text(text)
    (job,) = list_source(str(tmp_path / "sets.csv"), LIFTS, Limits()).jobs
    assert job.refusal is not None
    assert words in job.refusal.message
    assert job.refusal.hint


def test_mutated_tables_are_a_sentence_or_come_in(store: Store, tmp_path: Path) -> None:
    from benchmarks.fuzz import mutate_bytes

    chance = random.Random(5)  # noqa: S311  # the same mutations every time
    log_set("=Ana", "squat", reps=5, load_kg=82.5, date=dt.date(2026, 11, 3), notes="a;b")
    rows = list(csv.reader(io.StringIO(export_csv(store), newline="")))
    refused = 0
    for number in range(200):
        raw = mutate_bytes(SAVERS[list(SAVERS)[number % len(SAVERS)]](rows), chance)
        (tmp_path / "m.csv").write_bytes(raw)
        list_source(str(tmp_path / "m.csv"), LIFTS, Limits())
        try:
            import_csv(store, tmp_path / "m.csv")
        except FormcheckError:
            refused += 1
        assert (tmp_path / "m.csv").read_bytes() == raw
    assert 20 < refused < 200


# --- cells out ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("lead", ["", " ", "  ", "'", "''", "' '", "x;", "x; ", "x;'", "x\t", "x\n", "x\r", ";"])
def test_a_text_is_no_formula_and_comes_back(lead: str, sign: str) -> None:
    text = f"{lead}{sign}cmd|' /C calc'!A0"
    cell = to_cell(text)
    assert from_cell(cell) == text
    assert cell.strip(" ")[:1] not in SIGNS
    for mark in ";\t\r\n":  # a program that divides the line there sees no formula either
        assert not any(part.lstrip()[:1] in FORMULA for part in cell.split(mark)[1:] if part.strip())
    head, rows = read_table(("a,b\n" + write_row([text, "z"])).encode())
    assert (head, [row.cells for row in rows]) == (("a", "b"), [[text, "z"]])


def test_any_text_comes_back() -> None:
    chance = random.Random(6)  # noqa: S311  # the same texts every time
    for _ in range(3000):
        text = "".join(chance.choices("=+-@'\t\r\n ;,|\"ab1\uff1d", k=chance.randint(1, 8)))
        assert from_cell(to_cell(text)) == text
        _, rows = read_table(("a,b\n" + write_row([text, "z"])).encode())
        assert [row.cells for row in rows] == [[text, "z"]]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (-3.5, "-3.5"),
        (-2, "-2"),
        (1e-07, "1e-07"),
        (0.1, "0.1"),
        (True, "1"),
        (None, ""),
        ("Ana", "Ana"),
        ("'Ana", "'Ana"),
    ],
)
def test_numbers_stay_numbers_and_names_names(value: object, cell: str) -> None:
    assert to_cell(value) == cell


def test_a_batchs_table_is_harmless_and_its_numbers_are_numbers(tmp_path: Path) -> None:
    job = Job(place="", label="=1+1.mp4", folder="f", tags=Tags("@Ana", "2026-11-02", 82.5, 3, "-x; =y"))
    write_csv(tmp_path / "s.csv", tuple(COLUMNS), rows_of(Outcome(job), build(make_report())))
    table = pd.read_csv(tmp_path / "s.csv")
    assert set(table["video"]) == {"'=1+1.mp4"}
    assert set(table["athlete"]) == {"'@Ana"}
    assert set(table["notes"]) == {"'-x;' =y"}
    assert table["value"].dtype == table["load_kg"].dtype == float
    _, rows = read_table((tmp_path / "s.csv").read_bytes())
    names = dict(zip(COLUMNS, next(rows).cells, strict=True))
    assert (names["video"], names["athlete"], names["notes"]) == ("=1+1.mp4", "@Ana", "-x; =y")


# --- cells in -------------------------------------------------------------------------------------------------------


def test_numbers_as_they_are_written() -> None:
    cells = {"82.5": 82.5, "82,5": 82.5, "-3,5": -3.5, "1.234,5": 1234.5, "1,234.5": 1234.5, " 7 ": 7.0, "1e-07": 1e-07}
    assert {cell: to_number(cell) for cell in cells} == cells
    for cell in ("", "x", "nan", "inf", "1e999", "1_0", "1 000", "1,2,3", "0x10", "--1"):
        with pytest.raises(ValueError, match="is not a number"):
            to_number(cell)
    assert [to_whole(cell) for cell in ("3", "3.0", "3,0", " 12 ", "-5", "3,00")] == [3, 3, 3, 12, -5, 3]
    for cell in ("", "3.5", "1,000", "1.000", "9" * 5000, "three", "1e2", "\u0663"):
        with pytest.raises(ValueError, match="not a whole number"):
            to_whole(cell)
    assert [to_flag(cell) for cell in ("1", "TRUE", "yes", "", "0", "No")] == [True] * 3 + [False] * 3
    with pytest.raises(ValueError, match="neither"):
        to_flag("perhaps")


def test_days_as_they_are_written() -> None:
    day = dt.date(2026, 11, 25)
    for text in ("2026-11-25", "25.11.2026", "2026/11/25", "25/11/2026", "11/25/2026", "2026-11-25 00:00:00"):
        assert parse_day(text) == day
    assert parse_day("5/5/2026") == dt.date(2026, 5, 5)
    assert parse_day("1.2.2026") == dt.date(2026, 2, 1)
    for text in ("", "25.11.26", "2026-13-01", "30.2.2026", "20261125", "2026-W48-3", "46351", "\u0662026-11-25"):
        with pytest.raises(SettingsError, match="is not a date"):
            parse_day(text)
    with pytest.raises(SettingsError, match="could be 2026-01-02 or 2026-02-01"):
        parse_day("01/02/2026")


def test_headings_are_names() -> None:
    for heading in ("load_kg", "Load (kg)", " LOAD-KG ", "load kg"):
        assert name_column(heading) == "load_kg"
    assert read_table(b"")[0] == ()
    assert read_table(b"a;b\n")[0] == ("a", "b")
    with pytest.raises(TableError, match="not text"):
        read_table(b"\x89PNG\r\n\x1a\n\0\0\0")
