"""The history in a real SQLite file and a real PostgreSQL: what is kept comes back, once, whole, from many at once."""

import datetime as dt
import multiprocessing
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import make_report
from postgres import run_postgres
from sqlalchemy import create_engine, func, make_url, select, text
from writers import DAY, keep_many

from formcheck.batch.job import Job, Outcome, Tags
from formcheck.batch.naming import name_folder
from formcheck.cache import hash_file
from formcheck.cli.keeping import BatchKeeper
from formcheck.errors import InputError, SettingsError, StoreError
from formcheck.report.document import build
from formcheck.store import connect
from formcheck.store.connect import HEAD, Store, open_store, write
from formcheck.store.keep import keep_set, log_set
from formcheck.store.read import list_athletes, load_sets
from formcheck.store.remove import remove_athlete, remove_set
from formcheck.store.schema import VERSION_TABLE, metadata
from formcheck.store.transfer import export_csv, import_csv


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with run_postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty place for a history; FORMCHECK_DB names it."""
    if request.param == "sqlite":
        named = str(tmp_path / "a folder" / "history.db")
    else:
        named = empty_database(request.getfixturevalue("server"))
    monkeypatch.setenv("FORMCHECK_DB", named)
    return named


def empty_database(server: str) -> str:
    """Return the URL of the server's database, by its usual name without a driver, with nothing in it."""
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return server


def document(**source: Any) -> dict[str, Any]:
    content = build(make_report())
    content["source"] |= source
    return content


def opened() -> Store:
    store = open_store()
    assert store is not None
    return store


def count(table: str) -> int:
    store = opened()
    with store.engine.connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(metadata.tables[table])) or 0)


def test_a_set_comes_back_with_its_numbers(where: str) -> None:
    kept = keep_set(document(), athlete="Ana", date=DAY, load_kg=82.5, notes="belt\nand chalk", folder=Path("out"))
    assert (kept.athlete, kept.performed_on, kept.replaced, kept.also_for) == ("Ana", DAY, 0, ())
    name, (one,) = load_sets(opened(), "ana")
    assert name == "Ana"
    assert (one.uid, one.kind, one.exercise, one.trains) == (kept.uid, "filmed", "rdl", ("hinge",))
    assert (one.performed_on, one.load_kg, one.notes, one.n_sets, one.reps) == (DAY, 82.5, "belt\nand chalk", 1, 2)
    assert (one.side, one.yaw_deg, one.model) == ("left", 4.0, "cd" * 32)
    overrun = [each for each in one.measures if each.code == "rdl.overrun"]
    assert [(each.rep, each.value, each.low, each.high, each.unit, each.verdict) for each in overrun] == [
        (1, 14.2, 12.2, 16.2, "deg", "fault"),
        (2, 2.0, 0.0, 4.0, "deg", "good"),
    ]
    assert overrun[0].detail == {"agreement": 0.1235, "nan": None}
    assert not any(each.code == "rdl.rounding" for each in one.measures), "what was not judged has no number"
    assert one.unmeasured == {("rdl.rounding", 1), ("rdl.rounding", 2)}
    assert count("findings") == 6
    times_s = [each.value for each in one.measures if each.code == "rep.eccentric_s"]
    assert times_s == [1.5, 1.5, 1.5]


def test_the_same_set_twice_is_one_set(where: str) -> None:
    first = keep_set(document(), athlete="Ana", date=DAY, load_kg=80, notes="belt", warm_up=True, n_sets=3)
    again = document()
    again["findings"][0]["value"] = 9.0
    again["lift"]["name"] = "good_morning"
    second = keep_set(again, athlete=" ANA ")
    assert (second.uid, second.replaced, second.performed_on) == (first.uid, 1, DAY)
    _, (one,) = load_sets(opened(), "Ana")
    assert (one.load_kg, one.notes, one.warm_up, one.n_sets) == (80.0, "belt", True, 3)
    assert one.exercise == "good_morning"
    assert 9.0 in [each.value for each in one.measures]
    assert 14.2 not in [each.value for each in one.measures if each.code == "rdl.overrun"]


@pytest.mark.parametrize(
    ("first", "second", "n_sets"),
    [
        ((None, None), (None, None), 1),
        ((None, 20.0), (20.0, None), 2),
        ((0.0, 21.0), (20.0, 40.0), 1),
        ((None, None), (20.0, 40.0), 1),
        ((5.0, 10.0), (None, 5.0), 2),
        ((5.0, None), (None, 4.0), 2),
    ],
)
def test_one_video_may_hold_several_sets(
    first: tuple[float | None, float | None],
    second: tuple[float | None, float | None],
    n_sets: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FORMCHECK_DB", str(tmp_path / "h.db"))
    for start, end in (first, second):
        content = document()
        content["provenance"]["settings"] |= {"start": start, "end": end}
        keep_set(content, athlete="Ana")
    assert count("sets") == n_sets


def test_one_video_of_two_athletes_is_kept_for_both(where: str) -> None:
    keep_set(document(), athlete="Ana")
    assert keep_set(document(), athlete="Bo").also_for == ("Ana",)
    assert count("sets") == 2


def test_logged_sets_add_up(where: str) -> None:
    for _ in range(2):
        log_set("Ana", "Leg-Press", n_sets=3, reps=10, load_kg=180, date=DAY)
    log_set("Ana", "belt squat", n_sets=2, reps=12, trains=["quads", "other"], date=DAY)
    _, sets = load_sets(opened(), "Ana")
    assert [(each.exercise, each.n_sets, each.trains) for each in sets] == [
        ("leg_press", 3, ("quads",)),
        ("leg_press", 3, ("quads",)),
        ("belt_squat", 2, ("quads", "other")),
    ]
    (one,) = list_athletes(opened())
    assert (one.n_filmed, one.n_logged, one.first_on, one.last_on) == (0, 8, DAY, DAY)


def test_sets_like_a_filmed_one_are_not_filmed(where: str) -> None:
    """Three sets, one film: one was filmed, and two were done like it."""
    keep_set(document(), athlete="Eve", date=DAY, n_sets=3)
    log_set("Eve", "leg_press", n_sets=2, reps=10, date=DAY)
    (one,) = list_athletes(opened())
    assert (one.n_filmed, one.n_alike, one.n_logged) == (1, 2, 2)


def test_many_writers_at_once_lose_nothing(where: str) -> None:
    """Three processes, on a history that none of them finds ready."""
    writers, rounds = 3, 4
    with multiprocessing.get_context("spawn").Pool(writers) as pool:
        pool.map(keep_many, [(document(), writer, rounds) for writer in range(writers)], chunksize=1)
    assert count("athletes") == 4
    assert count("sets") == writers * rounds + 1 + writers * rounds
    _, shared = load_sets(opened(), "Shared")
    assert sorted(each.kind for each in shared) == ["filmed", *["logged"] * writers * rounds]
    assert count("findings") == 6 * (writers * rounds + 1)


def test_a_new_history_waits_for_who_writes_to_it_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log cannot be switched on while another program holds the lock: once that was a traceback."""
    monkeypatch.setenv("FORMCHECK_DB", str(tmp_path / "h.db"))
    monkeypatch.setattr(connect, "BUSY_MS", 50)
    held, released = threading.Event(), threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(tmp_path / "h.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            held.set()
            time.sleep(0.5)
            released.set()
            other.execute("ROLLBACK")

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    opened()
    assert released.is_set()
    thread.join()
    with closing(sqlite3.connect(tmp_path / "h.db")) as file:
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_writer_that_is_killed_leaves_whole_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMCHECK_DB", str(tmp_path / "h.db"))
    opened()
    for _ in range(2):
        before = count("sets")
        writer = multiprocessing.get_context("spawn").Process(target=keep_many, args=((document(), before, 1000),))
        writer.start()
        end_s = time.monotonic() + 120
        while count("sets") < before + 5 and time.monotonic() < end_s:
            time.sleep(0.02)
        writer.kill()
        writer.join()
        filmed = [each for name in list_athletes(opened()) for each in load_sets(opened(), name.name)[1]]
        assert len(filmed) >= before + 5
        n_filmed = sum(each.kind == "filmed" for each in filmed)
        assert count("findings") == 6 * n_filmed
        with closing(sqlite3.connect(tmp_path / "h.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_looking_again_gives_up_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one connection of this process is open, another program that closes its own is not the last."""
    monkeypatch.setenv("FORMCHECK_DB", str(tmp_path / "h.db"))
    opened()
    script = """if True:
        import sqlite3, sys
        connection = sqlite3.connect(sys.argv[1])
        connection.execute("INSERT INTO athletes (key, name) VALUES ('ana', 'Ana')")
        connection.commit()
        connection.close()"""
    with closing(sqlite3.connect(tmp_path / "h.db")) as held:
        assert held.execute("SELECT count(*) FROM sets").fetchall() == [(0,)]
        opened()
        subprocess.run([sys.executable, "-c", script, tmp_path / "h.db"], check=True)
        assert (tmp_path / "h.db-wal").exists(), "the other program took itself for the last and put the log away"
        assert held.execute("SELECT name FROM athletes").fetchall() == [("Ana",)]


def test_a_work_that_fails_leaves_nothing(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened()
    monkeypatch.setattr("formcheck.store.keep.check_report", lambda content: None)
    content = document()
    content["findings"][-1]["code"] = None  # the last row written is one that the tables refuse
    with pytest.raises(Exception, match="(?i)null"):
        keep_set(content, athlete="Ana", store=store)
    assert (count("athletes"), count("sets"), count("measures")) == (0, 0, 0)


def test_a_reader_does_not_wait_for_a_writer(where: str) -> None:
    keep_set(document(), athlete="Ana")
    store, holds, let_go = opened(), threading.Event(), threading.Event()

    def hold(connection: Any) -> None:
        connection.execute(text("DELETE FROM sets"))
        holds.set()
        assert let_go.wait(30)

    writer = threading.Thread(target=write, args=(store, hold))
    writer.start()
    assert holds.wait(30)
    try:
        assert len(load_sets(opened(), "Ana")[1]) == 1, "as it was before"
    finally:
        let_go.set()
        writer.join()
    assert count("sets") == 0


def test_csv_and_deletion_on_either_database(where: str, tmp_path: Path) -> None:
    keep_set(document(), athlete="Ana", date=DAY)
    log_set("Bo", "squat", reps=5, date=DAY)
    store = opened()
    text_ = export_csv(store)
    (tmp_path / "all.csv").write_text(text_, encoding="utf-8")
    for name, rest in (("ana", ["Bo"]), ("Bo", [])):
        remove_athlete(store, name)
        assert [each.name for each in list_athletes(store)] == rest
    assert (count("sets"), count("measures"), count("findings")) == (0, 0, 0)
    assert import_csv(store, tmp_path / "all.csv").n_new == 2
    assert export_csv(store) == text_


def test_the_migrations_build_what_the_schema_says(where: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    store = opened()
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert context.get_current_revision() == HEAD
        assert compare_metadata(context, metadata) == []
    assert ScriptDirectory.from_config(connect._script_config()).get_current_head() == HEAD


def test_looking_creates_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMCHECK_DB", str(tmp_path / "none" / "h.db"))
    assert open_store(create=False) is None
    assert list(tmp_path.iterdir()) == []


def test_without_the_variable_it_lies_in_the_users_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORMCHECK_DB")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    keep_set(document(), athlete="Ana")
    assert (tmp_path / "formcheck" / "history.db").is_file()


# Bad input


@pytest.mark.parametrize("name", ["", "  \t", "a\x00b", "a\x1b[31mb", "b\N{RIGHT-TO-LEFT OVERRIDE}a", "x" * 10_000])
def test_names_that_cannot_be_are_a_sentence(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        keep_set(document(), athlete=name)
    assert len(caught.value.message) < 100


@pytest.mark.parametrize(
    "name",
    [
        "Robert'); DROP TABLE sets;--",
        '<script>alert(1)</script>"',
        "%s %(x)s :name {0} ${HOME}",
        "=cmd|' /C calc'!A0",
        "Ægir Þórsson",
        "سارا می\N{ZERO WIDTH NON-JOINER}خواهد",
        "李小龙 🏋️",
    ],
)
def test_any_other_name_is_just_a_name(where: str, name: str) -> None:
    keep_set(document(), athlete=name)
    log_set(name, "squat", reps=5, notes=name)
    shown, sets = load_sets(opened(), name)
    assert shown == " ".join(name.split())
    assert [each.notes for each in sets] == [None, name]


def test_case_width_and_composition_of_a_name_do_not_count(where: str) -> None:
    keep_set(document(), athlete="José \N{FULLWIDTH LATIN CAPITAL LETTER M}uñoz")
    log_set("JOSE\N{COMBINING ACUTE ACCENT}  muñoz", "squat", reps=5)
    assert [each.name for each in list_athletes(opened())] == ["José \N{FULLWIDTH LATIN CAPITAL LETTER M}uñoz"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"date": dt.date.today() + dt.timedelta(days=2)}, "is in the future"),
        ({"date": dt.date(1026, 11, 2)}, "too long ago"),
        ({"load_kg": -1.0}, "-1 kg is not possible"),
        ({"load_kg": float("nan")}, "nan kg is not possible"),
        ({"load_kg": 1e9}, "1e\\+09 kg is not possible"),
        ({"notes": "x" * 2001}, "2001 characters"),
        ({"notes": "a\x00b"}, "control characters"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        keep_set(document(), athlete="Ana", **changes)


@pytest.mark.parametrize("content", [{}, {"source": 1}, [], {"source": {"path": "x"}}, "text"])
def test_what_is_no_report_is_refused(content: Any) -> None:
    with pytest.raises(InputError, match="not a report"):
        keep_set(content, athlete="Ana")


def test_an_unknown_athlete_is_told_who_is_known(where: str) -> None:
    keep_set(document(), athlete="Ana")
    with pytest.raises(StoreError) as caught:
        load_sets(opened(), "Zoe")
    assert (caught.value.message, caught.value.hint) == ("There is no athlete Zoe.", "Known athletes: Ana.")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not a database at all", "is not a database"),
        (b"SQLite format 3\0" + b"\xff" * 5000, "damaged|not a database"),
    ],
)
def test_a_file_that_is_no_database_is_left_alone(
    content: bytes, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "letter.txt"
    file.write_bytes(content)
    monkeypatch.setenv("FORMCHECK_DB", str(file))
    with pytest.raises(StoreError, match=words):
        keep_set(document(), athlete="Ana")
    assert file.read_bytes() == content
    assert list(tmp_path.iterdir()) == [file]


def test_a_damaged_history_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "h.db"
    monkeypatch.setenv("FORMCHECK_DB", str(file))
    for number in range(20):
        keep_set(document(sha256=f"{number:02d}" * 32), athlete="Ana")
    content = bytearray(file.read_bytes())
    content[4096 * 2 :] = b"\xa5" * (len(content) - 4096 * 2)
    file.write_bytes(content)
    with pytest.raises(StoreError, match="damaged") as caught:
        load_sets(opened(), "Ana")
    assert "put a copy of this one back" in caught.value.hint


def test_the_database_of_another_program_is_left_alone(where: str) -> None:
    if "://" not in where:
        Path(where).parent.mkdir()
        with sqlite3.connect(where) as connection:
            connection.execute("CREATE TABLE bookmarks (url TEXT)")
        before = Path(where).read_bytes()
    else:
        engine = create_engine(make_url(where).set(drivername="postgresql+psycopg"))
        with engine.begin() as connection_:
            connection_.execute(text("CREATE TABLE athletes (shoes TEXT)"))
        engine.dispose()
    with pytest.raises(StoreError, match=r"another program: it has the table (bookmarks|athletes)\.$"):
        keep_set(document(), athlete="Ana")
    if "://" not in where:
        assert Path(where).read_bytes() == before


def test_a_history_of_a_newer_formcheck_is_left_alone(where: str) -> None:
    keep_set(document(), athlete="Ana")
    store = opened()
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE formcheck_schema SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer formcheck .tables 9999, this version knows those up to 0001"):
        keep_set(document(), athlete="Ana")
    with pytest.raises(StoreError, match="newer formcheck"):
        open_store(create=False)


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("mysql://host/db", "does not know: mysql"),
        ("://", "not a URL|does not know"),
        ("postgresql://host:notaport/x", "not a URL"),
        ("sqlite://", "does not know"),
        ("postgresql://u:secret@127.0.0.1:9/x", "cannot be used"),
        ("postgresql://u:secret@/x?host=/nowhere", "cannot be used"),
    ],
)
def test_a_database_out_of_reach_is_a_sentence_without_the_password(
    named: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMCHECK_DB", named)
    with pytest.raises(StoreError, match=words) as caught:
        keep_set(document(), athlete="Ana")
    assert "secret" not in caught.value.message + caught.value.hint
    assert "\n" not in caught.value.message


def test_a_folder_or_a_device_is_no_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for named, words in (
        (str(tmp_path), "is a folder"),
        ("/dev/null", "is not a file"),
        ("/proc/none/h.db", "cannot be"),
    ):
        monkeypatch.setenv("FORMCHECK_DB", named)
        with pytest.raises(StoreError, match=words):
            keep_set(document(), athlete="Ana")


@pytest.mark.parametrize("right", ["USAGE", None])
def test_postgres_without_the_right_to_create_is_a_sentence(
    right: str | None, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = empty_database(server)
    engine = create_engine(make_url(named).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS guest"))
        connection.execute(text("CREATE ROLE guest LOGIN"))
        if right is not None:
            connection.execute(text("GRANT USAGE ON SCHEMA public TO guest"))
    monkeypatch.setenv("FORMCHECK_DB", make_url(named).set(username="guest").render_as_string())
    with pytest.raises(StoreError, match="does not allow this: (permission denied|no schema)"):
        keep_set(document(), athlete="Ana")
    with engine.begin() as connection:
        connection.execute(text("DROP OWNED BY guest"))
    engine.dispose()


def test_a_history_that_others_hold_too_long_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMCHECK_DB", str(tmp_path / "h.db"))
    store = opened()
    monkeypatch.setattr(connect, "WRITERS_WAIT_S", 0.3)
    monkeypatch.setattr(connect, "BUSY_MS", 100)
    with sqlite3.connect(tmp_path / "h.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="in use by others"):
            keep_set(document(), athlete="Ana", store=store)
        other.execute("ROLLBACK")
    keep_set(document(), athlete="Ana", store=store)


def filmed_set(tags: Tags, *, folder: str = "a", done_before: bool = False, **source: Any) -> Outcome:
    """Return a batch's outcome of a set, as a run hands it on that analysed it, or that found it done."""
    content = document(sha256="a" * 64, **source)
    return Outcome(Job("a.mp4", "a.mp4", folder, tags=tags), document=content, kept=done_before)


def test_a_batch_keeps_the_sets_whose_athlete_is_named_once(
    where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keeper = BatchKeeper(str(tmp_path))
    known = Tags("Ana", "2026-11-20", load_kg=40.0, sets=3, notes="belt")
    tagged = (known, known, replace(known, athlete=None), replace(known, athlete="Ben", load_kg=-1.0))
    for folder, tags in zip("abcd", tagged, strict=True):
        keeper(filmed_set(tags, folder=folder))
    assert (len(keeper.kept), keeper.failed) == (1, 1), "one video under two names is one set"
    assert "-1" in capsys.readouterr().err
    _, (kept,) = load_sets(opened(), "Ana")
    assert (kept.n_sets, kept.load_kg, kept.performed_on) == (3, 40.0, dt.date(2026, 11, 20))
    assert [each.name for each in list_athletes(opened())] == ["Ana"]


def loads_of(athlete: str) -> list[float | None]:
    return [each.load_kg for each in load_sets(opened(), athlete)[1]]


def judged_with(tempo: str, tags: Tags, **settings: Any) -> Outcome:
    """Return a batch's outcome of the same set, judged with other settings."""
    outcome = filmed_set(tags)
    outcome.document["provenance"]["settings"] |= {"tempo": tempo, **settings}
    return outcome


def test_a_batch_that_runs_again_leaves_what_was_corrected_and_deleted(where: str, tmp_path: Path) -> None:
    """Of a row that says something else only that reaches the history; other settings and anew bring numbers alone."""
    row = Tags("Ana", "2026-11-20", load_kg=40.0)
    BatchKeeper(str(tmp_path))(filmed_set(row))
    keep_set(filmed_set(row).document, athlete="Ana", load_kg=45.0)
    for done_before in (True, False):  # analysed anew, too: with a newer formcheck, or other pictures
        again = BatchKeeper(str(tmp_path))
        again(filmed_set(row, done_before=done_before))
        assert (len(again.kept), len(again.before), loads_of("Ana")) == (0, 1, [45.0])
    for keeper in (BatchKeeper(str(tmp_path)), BatchKeeper(str(tmp_path), anew=True)):
        keeper(judged_with("4-1-1", row))
        assert (len(keeper.kept), loads_of("Ana")) == (1, [45.0])
    BatchKeeper(str(tmp_path))(judged_with("4-1-1", replace(row, sets=3)))
    (kept,) = load_sets(opened(), "Ana")[1]
    assert (kept.load_kg, kept.n_sets) == (45.0, 3), "the row's load is what it was"
    BatchKeeper(str(tmp_path))(filmed_set(replace(row, load_kg=50.0)))
    (kept,) = load_sets(opened(), "Ana")[1]
    assert kept.load_kg == 50.0, "a row that was mended reaches the history"
    remove_set(opened(), "Ana", kept.uid)
    mended = replace(row, load_kg=50.0)
    for again in (filmed_set(mended, done_before=True), judged_with("4-1-1", mended)):
        for anew in (False, True):
            keeper = BatchKeeper(str(tmp_path), anew=anew)
            keeper(again)
            assert (len(keeper.kept), len(keeper.before), loads_of("Ana")) == (0, 1, []), "what was deleted stays so"
    BatchKeeper(str(tmp_path))(judged_with("4-1-1", replace(mended, athlete="Ben")))
    assert loads_of("Ben") == [50.0], "a row that was mended is somebody's word, too"


@pytest.mark.parametrize("by", ["table", "desk"])
def test_a_set_that_was_moved_in_the_history_stays_where_it_was_put(
    where: str, tmp_path: Path, by: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """By a table that was exported, changed and read back, the set keeps its ID; the desk gives it another."""
    row = Tags("Ana", "2026-11-20", load_kg=40.0, notes="belt")
    BatchKeeper(str(tmp_path))(filmed_set(row))
    table = export_csv(opened())
    remove_set(opened(), "Ana", load_sets(opened(), "Ana")[1][0].uid)
    if by == "table":
        (tmp_path / "sets.csv").write_text(table.replace("Ana", "Ben").replace("40.0", "45.0"), encoding="utf-8")
        import_csv(opened(), tmp_path / "sets.csv")
    else:
        keep_set(filmed_set(row).document, athlete="Ben", date=dt.date(2026, 11, 20), load_kg=45.0, notes="belt")
    uid = load_sets(opened(), "Ben")[1][0].uid
    for anew, tempo in ((False, "3-1-1"), (True, "3-1-1"), (True, "4-1-1"), (False, "5-1-1")):
        outcome = judged_with(tempo, row)
        outcome.document["reps"].pop()
        keeper = BatchKeeper(str(tmp_path), anew=anew)
        keeper(outcome)
        (kept,) = load_sets(opened(), "Ben")[1]
        assert (kept.uid, kept.load_kg, kept.notes, kept.reps) == (uid, 45.0, "belt", 2)
        assert (keeper.kept, loads_of("Ana")) == ({uid}, [])
    capsys.readouterr()
    for athlete, notes in (("Cem", "belt"), ("Cem", "belt"), ("Dov", "no belt")):
        BatchKeeper(str(tmp_path))(judged_with("5-1-1", replace(row, athlete=athlete, notes=notes)))
        (kept,) = load_sets(opened(), "Ben")[1]
        assert (kept.uid, kept.load_kg, kept.notes) == (uid, 45.0, notes), "whose it is was said by hand"
    assert capsys.readouterr().err == "".join(
        f"a.mp4: stays with Ben, who was given it in the history, not with {each}\n" for each in ("Cem", "Dov")
    )
    assert [each.name for each in list_athletes(opened()) if each.n_filmed] == ["Ben"]


def hand_on(keeper: BatchKeeper, video: Path, load_kg: float | None = None) -> None:
    """Hand on a film as a batch with `--athlete auto` does: its folder is the lifter's, its place names the results."""
    content = document(sha256=hash_file(video), path=str(video))
    tags = Tags(video.parent.name, load_kg=load_kg)
    keeper(Outcome(Job(str(video), video.name, name_folder(video.stem, str(video)), tags=tags), document=content))


def whose() -> dict[str, list[float | None]]:
    """Return the loads of each athlete who has sets."""
    return {each.name: loads_of(each.name) for each in list_athletes(opened()) if each.n_filmed}


@pytest.fixture
def films(tmp_path: Path) -> Path:
    for name, content in (("Kim/a.mp4", b"one"), ("Lou/b.mp4", b"two")):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_a_film_that_is_moved_to_another_lifter_takes_its_set_along(
    where: str, films: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(films / "out")
    hand_on(BatchKeeper(out), films / "Kim" / "a.mp4", load_kg=40.0)
    (kept,) = load_sets(opened(), "Kim")[1]
    keep_set(document(sha256=hash_file(films / "Kim" / "a.mp4")), athlete="Kim", load_kg=45.0)
    for name, said in (
        ("Lou/a.mp4", "kept for Lou now, no longer for Kim\n"),
        ("Lou/c.mp4", ""),
        ("Kim/a.mp4", "kept for Kim now, no longer for Lou\n"),
    ):
        (video,) = films.glob("*/[ac].mp4")
        moved = video.rename(films / name)
        for _ in range(2):
            hand_on(BatchKeeper(out), moved, load_kg=40.0)
        assert whose() == {moved.parent.name: [45.0]}, "with what was corrected"
        assert capsys.readouterr().err == (f"{moved.name}: {said}" if said else "")
        assert load_sets(opened(), moved.parent.name)[1][0].uid == kept.uid
    assert len(list(films.glob("out/videos/*/kept.json"))) == 1
    remove_set(opened(), "Kim", kept.uid)
    hand_on(BatchKeeper(out), (films / "Kim" / "a.mp4").rename(films / "Kim" / "d.mp4"), load_kg=40.0)
    assert whose() == {}, "what was deleted stays so under another name"


def test_films_that_change_places_take_their_sets_along(where: str, films: Path) -> None:
    out, one, two = str(films / "out"), films / "Kim" / "a.mp4", films / "Lou" / "b.mp4"
    for video, load_kg in ((one, 40.0), (two, 60.0)):
        hand_on(BatchKeeper(out), video, load_kg)
    for first, second in ((one, two), (two, one)):
        content = one.read_bytes(), two.read_bytes()
        two.write_bytes(content[0])
        one.write_bytes(content[1])
        keeper = BatchKeeper(out)
        for video in (first, second):
            hand_on(keeper, video, load_kg=60.0 if video.read_bytes() == b"two" else 40.0)
        assert len(keeper.kept) == 2
        loads = [60.0], [40.0]
        assert whose() == dict(zip(("Kim", "Lou"), loads if first == one else reversed(loads), strict=True))


def test_a_film_of_two_lifters_is_said_to_be_and_neither_loses_it(
    where: str, films: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, one, other = str(films / "out"), films / "Kim" / "a.mp4", films / "Kim" / "again.mp4"
    other.write_bytes(one.read_bytes())
    for video in (one, other):
        hand_on(BatchKeeper(out), video)
    assert capsys.readouterr().err == ""
    moved = one.rename(films / "Lou" / "a.mp4")
    keeper = BatchKeeper(out)
    for video in (moved, other):
        hand_on(keeper, video)
    assert whose() == {"Kim": [None], "Lou": [None]}
    assert capsys.readouterr().err == "a.mp4: the same video is also kept for Kim\n"
    remove_set(opened(), "Kim", load_sets(opened(), "Kim")[1][0].uid)
    for video in (moved, other):
        hand_on(BatchKeeper(out, anew=True), video, load_kg=50.0)
    assert whose() == {"Lou": [50.0], "Kim": [50.0]}, "the other video's set is not where this one was moved to"


def test_another_part_of_a_video_and_another_lifter_in_it_are_other_sets(where: str, tmp_path: Path) -> None:
    row = Tags("Ana", "2026-11-20", load_kg=40.0)
    judged = [
        judged_with("3-1-1", row, end=30.0),
        judged_with("3-1-1", row, start=30.0),
        judged_with("3-1-1", replace(row, athlete="Ben"), start=30.0, subject="right"),
    ]
    for outcome in judged:
        BatchKeeper(str(tmp_path))(outcome)
    assert (loads_of("Ana"), loads_of("Ben")) == ([40.0, 40.0], [40.0])


@pytest.mark.parametrize("note", ["{", "[]", '{"told": 3}', '{"told": {"video": "%s"}, "uid": 4}' % ("a" * 64)])
def test_a_damaged_note_is_as_good_as_none(where: str, tmp_path: Path, note: str) -> None:
    row = Tags("Ana", load_kg=40.0)
    BatchKeeper(str(tmp_path))(filmed_set(row))
    (tmp_path / "videos" / "a" / "kept.json").write_text(note)
    BatchKeeper(str(tmp_path))(filmed_set(row))
    assert loads_of("Ana") == [40.0]


def test_a_batch_keeps_again_what_could_not_be_kept_and_what_another_history_lacks(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = Tags("Ana", load_kg=40.0)
    with monkeypatch.context() as without:
        without.setenv("FORMCHECK_DB", str(tmp_path))
        keeper = BatchKeeper(str(tmp_path))
        keeper(filmed_set(row))
        assert (len(keeper.kept), keeper.failed) == (0, 1)
    BatchKeeper(str(tmp_path))(filmed_set(row, done_before=True))
    assert loads_of("Ana") == [40.0]
    monkeypatch.setenv("FORMCHECK_DB", str(tmp_path / "another.db"))
    BatchKeeper(str(tmp_path))(filmed_set(row, done_before=True))
    assert loads_of("Ana") == [40.0]


def test_results_without_a_note_lose_nothing(where: str, tmp_path: Path) -> None:
    """Folders of a batch that is older than its notes: what the history has stands, what it lacks is kept."""
    row = Tags("Ana", load_kg=40.0)
    keep_set(filmed_set(row).document, athlete="Bea", load_kg=45.0)
    for _ in range(2):
        BatchKeeper(str(tmp_path))(filmed_set(row, done_before=True))
    assert [each.name for each in list_athletes(opened())] == ["Bea"]
    assert loads_of("Bea") == [45.0]
    lacks = filmed_set(row, folder="b", done_before=True)
    lacks.document["source"]["sha256"] = "b" * 64
    BatchKeeper(str(tmp_path))(lacks)
    assert loads_of("Ana") == [40.0]
