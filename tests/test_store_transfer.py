"""CSV out and in without loss; deleting an athlete takes what is theirs and nothing else."""

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import make_report
from writers import DAY

from formcheck import cache
from formcheck.errors import FormcheckError, InputError, StoreError
from formcheck.report.document import build
from formcheck.report.folder import write_folder
from formcheck.store.connect import Store, open_store
from formcheck.store.keep import keep_set, log_set
from formcheck.store.read import list_athletes, load_sets
from formcheck.store.remove import plan_removal, remove_athlete
from formcheck.store.transfer import COLUMNS, export_csv, import_csv

HOSTILE = "=2+3\";'); DROP TABLE sets;--<b>"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    return open_at(tmp_path / "one.db", monkeypatch)


def open_at(path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("FORMCHECK_DB", str(path))
    store = open_store()
    assert store is not None
    return store


def document(**source: Any) -> dict[str, Any]:
    content = build(make_report())
    content["source"] |= source
    return content


def fill(store: Store) -> None:
    content = document()
    content["findings"][0]["value"] = 0.1 + 0.2  # seventeen digits
    content["findings"][0]["detail"] = {"text": 'a "b",\n=c', "list": [1, None], "ä": "\x1f"}
    keep_set(content, athlete="Ana", date=DAY, load_kg=82.5, notes="-5 kg\nthan before", store=store)
    keep_set(document(sha256="12" * 32), athlete=HOSTILE, date=DAY, warm_up=True, store=store)
    log_set("Ana", "belt squat", n_sets=3, reps=10, trains=["quads", "other"], date=DAY, notes="'=x", store=store)
    log_set("Ana", "leg press", reps=10, load_kg=0.0, date=DAY, store=store)


def test_what_goes_out_comes_in_as_it_was(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store)
    text = export_csv(store)
    (tmp_path / "all.csv").write_text(text, encoding="utf-8", newline="")
    other = open_at(tmp_path / "two.db", monkeypatch)
    done = import_csv(other, tmp_path / "all.csv")
    assert (done.n_new, done.n_known) == (4, 0)
    assert export_csv(other) == text
    for name in ("Ana", HOSTILE):
        assert load_sets(other, name) == load_sets(store, name)
    again = import_csv(other, tmp_path / "all.csv")
    assert (again.n_new, again.n_known) == (0, 4)
    assert export_csv(other) == text


def test_a_row_holds_a_set_and_one_number(store: Store) -> None:
    fill(store)
    rows = list(csv.DictReader(export_csv(store, "ana").splitlines(keepends=True)))
    assert tuple(rows[0]) == COLUMNS
    assert {row["athlete"] for row in rows} == {"Ana"}
    (overrun,) = [row for row in rows if (row["code"], row["rep"]) == ("rdl.overrun", "1")]
    assert [overrun[name] for name in ("date", "exercise", "load_kg", "low", "high", "unit", "verdict")] == [
        "2026-11-02", "rdl", "82.5", "12.2", "16.2", "deg", "fault",
    ]  # fmt: skip
    assert float(overrun["value"]) == 0.1 + 0.2
    unseen = [row for row in rows if row["code"] == "rdl.rounding"]
    assert [(row["value"], row["verdict"], row["reason"]) for row in unseen] == [
        ("", "not_judged", "the plates hide the back")
    ] * 2
    assert sum(row["kind"] == "logged" for row in rows) == 2


def test_no_cell_is_a_formula(store: Store) -> None:
    fill(store)
    cells = [cell for row in csv.reader(export_csv(store).splitlines(keepends=True)) for cell in row]
    assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")] == []
    assert "'" + HOSTILE.replace(";-", ";'-") in cells, "not even for a program that divides cells by semicolons"


def test_a_coachs_own_table_comes_in(store: Store, tmp_path: Path) -> None:
    table = tmp_path / "plan.csv"
    table.write_bytes(
        "\N{BYTE ORDER MARK}Athlete,Date,Exercise,Sets,Reps,Load,Trains,Anything\r\n"
        "Ana,2026-11-02,Leg press,4,10,180,,x\r\n"
        "Ana,2026-11-02,Leg press,4,10,180,,x\r\n"
        'Bo,2026-11-03,Belt squat,,8,,"quads,other",y\r\n\r\n'.encode()
    )
    assert import_csv(store, table).n_new == 3, "equal rows are two entries"
    assert import_csv(store, table).n_known == 3, "the same table again adds nothing"
    _, sets = load_sets(store, "Ana")
    assert [(each.exercise, each.n_sets, each.reps, each.load_kg) for each in sets] == [("leg_press", 4, 10, 180.0)] * 2
    assert load_sets(store, "Bo")[1][0].trains == ("quads", "other")
    assert import_csv(store, table).unread == ("anything",)


@pytest.mark.parametrize("heading", ["load", "Load (kg)", "weight", "Weight (kg)"])
def test_a_weight_is_the_load(heading: str, store: Store, tmp_path: Path) -> None:
    table = tmp_path / "plan.csv"
    table.write_text(f"athlete,date,exercise,reps,{heading}\nAna,2026-11-02,squat,5,82.5 kg\n")
    assert import_csv(store, table).unread == ()
    assert [each.load_kg for each in load_sets(store, "Ana")[1]] == [82.5]


def test_a_weight_beside_a_load_is_the_bodys(store: Store, tmp_path: Path) -> None:
    table = tmp_path / "plan.csv"
    table.write_text("athlete,date,exercise,reps,weight,load\nAna,2026-11-02,squat,5,64,82.5\n")
    assert import_csv(store, table).unread == ("weight",)
    assert [each.load_kg for each in load_sets(store, "Ana")[1]] == [82.5]


@pytest.mark.parametrize("heading", ["load_lb", "weight (lb)", "Load [lbs]", "weight_pounds", "lbs"])
def test_a_load_in_pounds_is_refused_by_its_heading(heading: str, store: Store, tmp_path: Path) -> None:
    table = tmp_path / "plan.csv"
    table.write_text(f"athlete,date,exercise,reps,{heading}\nAna,2026-11-02,squat,5,180\n")
    with pytest.raises(InputError, match="has the load in pounds, in the column") as caught:
        import_csv(store, table)
    assert "call the column load_kg" in caught.value.hint
    assert list_athletes(store) == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Ana,2999-01-01,squat,5", "Line 3 .*is in the future"),
        ("Ana,yesteryear,squat,5", "Line 3 .*not a date"),
        ("Ana,2026-11-02,skwat,5", "Line 3 .*skwat is not known"),
        ("Ana,2026-11-02,squat,-5", "Line 3 .*The number of reps cannot be -5"),
        ("Ana,2026-11-02,squat,many", "Line 3 .*not a whole number"),
        ("Ana,2026-11-02,squat,nan", "Line 3 .*not a whole number"),
        ("Ana,2026-11-02,squat,", "Line 3 .*not a whole number"),
        (",2026-11-02,squat,5", "Line 3 .*name is empty"),
        ("A\x1b[31m,2026-11-02,squat,5", "Line 3 .*U\\+001B"),
        ("Ana,05/06/2026,squat,5", "Line 3 .*could be 2026-05-06 or 2026-06-05"),
        ("Ana,2026-11-02,squat,1,5", "Line 3 .*'5' has no heading above it"),
        ('Ana,2026-11-02,squat,"1,000"', "Line 3 .*'1,000' is not a whole number"),
        ('Ana,2026-11-02,"squat,5', "is not a table: line 3 is not CSV"),
        ("Ana\x00,2026-11-02,squat,5", "is not a table: it is not text"),
    ],
)
def test_a_line_that_cannot_be_leaves_all_as_it_was(line: str, words: str, store: Store, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text(f"athlete,date,exercise,reps\nAna,2026-11-02,squat,5\n{line}\n")
    with pytest.raises(InputError, match=words):
        import_csv(store, table)
    assert list_athletes(store) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no column athlete, date, exercise, reps"),
        (b"\xff\xfe\x00A", "no column"),
        (b"\x89PNG\r\n\x1a\n" * 100, "not a table"),
        (b"athlete,date\nAna,2026-11-02\n", "no column exercise, reps"),
        (b"a" * 1_000_000, "not a table|no column"),
    ],
)
def test_what_is_no_table_is_a_sentence(content: bytes, words: str, store: Store, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        import_csv(store, tmp_path / "t.csv")
    assert len(caught.value.message) < 300


def test_mutated_exports_are_a_sentence_or_come_in(store: Store, tmp_path: Path) -> None:
    fill(store)
    raw = export_csv(store).encode()
    random = np.random.default_rng(0)
    hints = []
    for number in range(80):
        content = bytearray(raw)
        for place in random.integers(0, len(raw), 1 + number % 4):
            content[place] = random.integers(9, 256 if number % 8 == 0 else 127)
        (tmp_path / "m.csv").write_bytes(content)
        try:
            import_csv(store, tmp_path / "m.csv")
        except FormcheckError as error:
            hints.append(error.hint)
    assert 20 < len(hints) < 80, "some come in, some do not"
    assert all(hints)


# Deleting

Make = Callable[..., Path]


@pytest.fixture
def make_video(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> Make:
    """A video with its results, its poses in the cache and its set in the history; returns the video."""
    monkeypatch.setenv("FORMCHECK_CACHE_DIR", str(tmp_path / "cache"))

    def make(name: str, athlete: str) -> Path:
        video = tmp_path / f"{name}.mp4"
        video.write_bytes(f"the video {name}".encode())
        sha256 = hashlib.sha256(video.read_bytes()).hexdigest()
        content = document(path=str(video), sha256=sha256)
        folder = tmp_path / f"{name}_formcheck"
        write_folder(folder, {"report.html": "x", "angles.csv": "x", "report.json": json.dumps(content)})
        texts = np.array(json.dumps({"source": {"sha256": sha256}}))
        for settings in ("full", "lite"):
            cache.store(f"{name}{settings}", {"texts": texts, "time_s": np.arange(3)})
        keep_set(content, athlete=athlete, folder=folder, store=store)
        return video

    return make


def left(tmp_path: Path) -> list[str]:
    return sorted(
        str(each.relative_to(tmp_path)) for each in tmp_path.rglob("*") if each.is_file() and ".db" not in each.name
    )


def test_an_athlete_goes_with_all_that_is_theirs(store: Store, make_video: Make, tmp_path: Path) -> None:
    video, other = make_video("a", "Ana"), make_video("b", "Bo")
    log_set("Ana", "squat", reps=5, store=store)
    before = left(tmp_path)
    plan = plan_removal(store, "ANA")
    assert (plan.n_rows, len(plan.folders), len(plan.poses), len(plan.files)) == (2, 1, 2, 3)
    assert left(tmp_path) == before, "a plan deletes nothing"
    done = remove_athlete(store, "ana")
    assert (done.files, done.poses, done.failed) == (plan.files, plan.poses, False)
    assert done.stays == [f"{video} is the athlete's own video: it goes only with --delete-videos"]
    assert left(tmp_path) == ["a.mp4", *(each for each in before if each.startswith("b") or "/b" in each)]
    assert [each.name for each in list_athletes(store)] == ["Bo"]
    assert other.exists()
    with pytest.raises(StoreError, match="no athlete Ana"):
        load_sets(store, "Ana")


def test_no_byte_of_them_stays_in_the_file(store: Store, tmp_path: Path) -> None:
    for number in range(5):
        keep_set(document(sha256=f"{number}{number}" * 32), athlete="Zacharias", notes="knee pain", store=store)
    keep_set(document(sha256="ab" * 32), athlete="Bo", store=store)
    remove_athlete(store, "Zacharias")
    rest = b"".join(path.read_bytes() for path in tmp_path.glob("one.db*"))
    assert b"Bo" in rest
    assert [word for word in (b"Zacharias", b"zacharias", b"knee pain") if word in rest] == []


def test_the_video_goes_only_when_asked_and_only_while_it_is_the_one(
    store: Store, make_video: Make, tmp_path: Path
) -> None:
    video, changed = make_video("a", "Ana"), make_video("c", "Ana")
    changed.write_bytes(b"another film under the same name")
    done = remove_athlete(store, "Ana", videos=True)
    assert not video.exists()
    assert changed.exists()
    assert done.stays == [f"{changed} is no longer the video that was analysed"]
    assert left(tmp_path) == ["c.mp4"]


def test_what_formcheck_did_not_write_stays(store: Store, make_video: Make, tmp_path: Path) -> None:
    make_video("a", "Ana")
    (tmp_path / "a_formcheck" / "diary.txt").write_text("mine")
    done = remove_athlete(store, "Ana")
    assert left(tmp_path) == ["a.mp4", "a_formcheck/diary.txt"]
    assert f"{tmp_path}/a_formcheck holds diary.txt, which formcheck did not write" in done.stays


def test_a_folder_with_another_report_is_not_touched(store: Store, make_video: Make, tmp_path: Path) -> None:
    make_video("a", "Ana")
    report = tmp_path / "a_formcheck" / "report.json"
    report.write_text(json.dumps(document(sha256="00" * 32)))
    remove_athlete(store, "Ana")
    assert left(tmp_path) == [
        "a.mp4",
        *(f"a_formcheck/{name}" for name in ("angles.csv", "report.html", "report.json")),
    ]


def test_links_lead_nowhere(store: Store, make_video: Make, tmp_path: Path) -> None:
    make_video("a", "Ana")
    folder, elsewhere = tmp_path / "a_formcheck", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "angles.csv").write_text("somebody else's")
    (folder / "angles.csv").unlink()
    (folder / "angles.csv").symlink_to(elsewhere / "angles.csv")
    remove_athlete(store, "Ana")
    assert left(tmp_path) == ["a.mp4", "elsewhere/angles.csv"]
    make_video("a", "Ana")
    (tmp_path / "a_formcheck").rename(tmp_path / "real")
    (tmp_path / "a_formcheck").symlink_to(tmp_path / "real")
    remove_athlete(store, "Ana")
    assert "real/report.json" in left(tmp_path)


def test_what_another_athlete_needs_stays(store: Store, make_video: Make, tmp_path: Path) -> None:
    video = make_video("a", "Ana")
    content = json.loads((tmp_path / "a_formcheck" / "report.json").read_text())
    keep_set(content, athlete="Bo", store=store)
    before = left(tmp_path)
    done = remove_athlete(store, "Ana", videos=True)
    assert left(tmp_path) == before
    assert done.stays == [f"{video} is also another athlete's: its results and poses stay"]
    assert len(load_sets(store, "Bo")[1]) == 1
