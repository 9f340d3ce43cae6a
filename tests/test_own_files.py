"""Our own files, changed at random (seeded): a sentence and the next step or the right use, and never a traceback."""

import contextlib
import datetime as dt
import json
import os
import random
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import make_finding, make_report

from benchmarks.fuzz import mutate_bytes, mutate_json
from formcheck import own_files
from formcheck.batch import write_tables
from formcheck.batch.claim import claim_folder
from formcheck.batch.job import Job, Outcome, Plan
from formcheck.batch.task import load_outcome
from formcheck.cli.main import main
from formcheck.errors import FormcheckError
from formcheck.own_files import DamagedError, MissingError
from formcheck.report import render_files
from formcheck.report.contract import check_report
from formcheck.report.document import build
from formcheck.report.folder import write_folder
from formcheck.settings import Settings, load_settings
from formcheck.store import connect
from formcheck.store.connect import open_store
from formcheck.store.keep import keep_set, log_set
from formcheck.store.read import load_sets
from formcheck.store.trends import find_trends
from formcheck.workflows.export import read_report

COUNT = 150
MAX_S = 5.0  # of the processor, for one file: others may be at work meanwhile
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["formcheck", *map(str, arguments)])
        code = 0
        started_s = time.process_time()
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        assert time.process_time() - started_s < MAX_S
        said = capsys.readouterr()
        if code == 1:
            assert said.err.startswith("error: ") or "\nerror: " in said.err
            assert "\n  next: " in said.err
        return code, said.out, said.err

    return call


def make_chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  # the same mutations every time


def try_it(call: Callable[[], object]) -> FormcheckError | None:
    """Return the error of a call, with its next step, None when it went well; anything else is raised."""
    started_s = time.process_time()
    try:
        call()
    except FormcheckError as error:
        found: FormcheckError | None = error
    else:
        found = None
    assert time.process_time() - started_s < MAX_S
    assert found is None or (found.hint and len(found.message) < 800)
    return found


def make_content() -> dict[str, Any]:
    """A report with a rep cut off, a note and what was not judged."""
    findings = (
        make_finding("rdl.overrun", "fault", rep=1),
        make_finding("rdl.overrun", "good", rep=2),
        make_finding("rdl.tempo", "note", rep=1, detail={"what": "down"}),
        make_finding("rdl.rounding", "not_judged", reason="the plate hides the back"),
    )
    return build(make_report(findings=findings))


ODD = (None, True, -1, 1e300, "", "a\x1b[2Jb\nc", "x" * 5000, [], {}, [[[]]], {"a": {}})


def mutate_report(chance: random.Random) -> str:
    """Return a report that was changed; every other one keeps to the contract, and no set ever was like it."""
    content = make_content()
    if chance.random() < 0.5:
        return mutate_json(content, chance)
    for each in chance.sample([*content["reps"], *content["findings"], *content["cues"]], 3):
        for key in chance.sample(sorted(key for key, value in each.items() if isinstance(value, float)), 2):
            each[key] = chance.choice((0, -1.5, 9e14, 1e-300, each[key]))
        if "detail" in each:
            each["detail"] = {chance.choice(("what", "x")): chance.choice(ODD)}
    if chance.random() < 0.3:
        content[chance.choice(("reps", "findings", "cues"))].clear()
    return json.dumps(content)


# --- the guard ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("", "damaged or half written"),
        ('{"a": 1', "damaged or half written"),
        ("NaN", "damaged or half written"),
        ("[1e999]", "damaged or half written"),
        ("[" + "9" * 21 + "]", "damaged or half written"),
        ("9" * 10_000, "damaged or half written"),
        ('["\\ud800"]', "damaged or half written"),
        ('["\\u0000"]', "damaged or half written"),
        ('{"\\udc00": 1}', "damaged or half written"),
        ("[" * 41 + "]" * 41, "nested too deep"),
        ("[" * 100_000, "nested too deep"),
        (b"\xff\xfe", "damaged or half written"),
    ],
)
def test_json_that_is_none_of_ours(raw: str | bytes, words: str) -> None:
    with pytest.raises(DamagedError, match=words):
        own_files.parse_json(raw)


def test_json_of_ours_comes_back() -> None:
    content = {"ä": [1, -2.5, None, True, "=", {}], "big": 10**19}
    assert own_files.parse_json(json.dumps(content)) == content
    assert own_files.parse_json("[" * 40 + "]" * 40)
    assert own_files.parse_json("\N{BYTE ORDER MARK}[1]".encode()) == [1]
    assert own_files.parse_json("[NaN, 1e999]", any_float=True)[1] == float("inf")


def test_files_that_are_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(bytes(11))
    with pytest.raises(MissingError):
        own_files.read_bytes(tmp_path / "gone", 10)
    for name, words in ((".", "folder"), ("pipe", "pipe"), ("large", "larger than"), ("a\0b", "damaged")):
        with pytest.raises(DamagedError, match=words):
            own_files.read_bytes(tmp_path / name, 10)
    with pytest.raises(DamagedError):
        own_files.read_bytes(Path("/dev/zero"), 10)
    assert own_files.read_bytes(tmp_path / "large", 11) == bytes(11)


def test_errors_of_ours_keep_their_words_and_others_are_damage() -> None:
    with pytest.raises(FormcheckError, match="as it was"), own_files.guard():
        raise FormcheckError("as it was", "next")
    with pytest.raises(DamagedError, match="too much memory"), own_files.guard():
        raise MemoryError
    assert own_files.attempt(lambda: {}["no"]) is None
    assert own_files.attempt(lambda: 3) == 3


# --- report.json, outcome.json, angles.csv --------------------------------------------------------------------------


def test_a_report_as_it_is_written_passes() -> None:
    check_report(json.loads(json.dumps(make_content())))
    check_report(json.loads(json.dumps(build(make_report(findings=(), reps=(), cues=())))))


def test_mutated_reports_are_a_sentence_or_are_compared(run: Run, tmp_path: Path) -> None:
    chance = make_chance(1)
    whole = write_folder_of(tmp_path / "whole_formcheck")
    other = write_folder_of(tmp_path / "other_formcheck")
    codes = []
    for number in range(COUNT):
        text = mutate_report(chance)
        (other / "report.json").write_text(text, encoding="utf-8", errors="surrogatepass")
        if number % 5 == 0:
            raw = mutate_bytes((whole / "angles.csv").read_bytes(), chance)
            (other / "angles.csv").write_bytes(raw)
        before = (other / "report.json").read_bytes(), (other / "angles.csv").read_bytes()
        how = ("--no-html", "--json") if number % 3 else ()
        code, out, said = run("compare", *((whole, other) if number % 2 else (other, whole)), *how)
        assert ((other / "report.json").read_bytes(), (other / "angles.csv").read_bytes()) == before
        if code == 0 and how:
            json.loads(out)
        assert code in (0, 1), said
        codes.append(code)
    assert 20 < codes.count(1) < COUNT - 5, "some are refused, some harmless"


def write_folder_of(folder: Path) -> Path:
    write_folder(folder, render_files(make_report(findings=make_report().findings)))
    return folder


def test_damaged_angles_are_said_and_not_drawn(run: Run, tmp_path: Path) -> None:
    a, b = write_folder_of(tmp_path / "a_formcheck"), write_folder_of(tmp_path / "b_formcheck")
    for text in ("", "time_s\n1\n", "\0", (a / "angles.csv").read_text().replace("0.1000", "9.9e9")):
        (b / "angles.csv").write_text(text)
        code, out, _ = run("compare", a, b)
        assert code == 0
        assert "B: angles.csv beside its report is damaged: no curves are drawn." in " ".join(out.split())


def test_mutated_reports_of_a_batch_are_done_anew_or_make_tables(tmp_path: Path) -> None:
    chance = make_chance(2)
    plan = Plan(Settings(lift="rdl"), str(tmp_path))
    kept, jobs = [], []
    record = {
        "schema_version": 2,
        "key": "k",
        "severity": 1.5,
        "filmed_on": None,
        "failure": None,
        "files": ["report.json"],
    }
    for number in range(COUNT):
        job = Job(place="", label=f"{number}.mp4", folder=f"r{number}")
        folder = tmp_path / "videos" / job.folder
        folder.mkdir(parents=True)
        text = mutate_report(chance)
        (folder / "report.json").write_text(text, encoding="utf-8", errors="surrogatepass")
        own = mutate_json(record, chance) if number % 3 == 0 else json.dumps(record)
        (folder / "outcome.json").write_text(own, encoding="utf-8", errors="surrogatepass")
        outcome = load_outcome(job, plan.out)
        try_it(lambda: read_report(folder))  # noqa: B023  # called at once
        if outcome is not None:
            assert isinstance(outcome, Outcome)
            kept.append(outcome)
            jobs.append(job)
    assert 5 < len(kept) < COUNT
    assert "summary.csv" in write_tables(jobs, kept, plan)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"schema_version": 2, "made_by": "formcheck batch"}', "was filled by a newer formcheck (format 2"),
        ('{"made_by": "another"}', "holds a batch.json that another program wrote"),
        ('{"schema_version": 1, "made_by": "formcheck batch"}', None),
        ('{"schema_ver', None),
        ("", None),
        ("[" * 1000, None),
    ],
)
def test_the_mark_of_a_batch(text: str, words: str | None, tmp_path: Path) -> None:
    (tmp_path / "batch.json").write_text(text)
    (tmp_path / "summary.csv").write_text("mine")

    def claim() -> None:
        with claim_folder(str(tmp_path)):
            pass

    error = try_it(claim)
    assert (error is None) == (words is None)
    if error is not None and words is not None:
        assert words in error.message
        assert (tmp_path / "batch.json").read_text() == text
    assert (tmp_path / "summary.csv").read_text() == "mine"


def test_mutated_reports_are_kept_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMCHECK_DB", str(tmp_path / "h.db"))
    store = open_store()
    assert store is not None
    chance = make_chance(3)
    n_kept = 0
    for number in range(COUNT):
        content = own_files.attempt(lambda: own_files.parse_json(mutate_report(chance)))
        if isinstance(content, dict) and isinstance(content.get("source"), dict):
            content["source"]["sha256"] = f"{number:064d}"
        n_kept += try_it(lambda: keep_set(content, athlete="Ana", store=store)) is None  # noqa: B023
    _, sets = load_sets(store, "Ana")
    assert len(sets) == n_kept > 5
    find_trends(sets)


# --- settings -------------------------------------------------------------------------------------------------------

TOML = (
    '# mine\nlift = "rdl"\nrate = 30\ntempo = "3-1-1"\nstart = 0.5\n\n[limits."rdl.overrun"]\nnote = 5\nfault = 10.5\n'
)


def test_mutated_settings_are_a_sentence_or_are_read(tmp_path: Path) -> None:
    chance = make_chance(4)
    path = tmp_path / "mine.toml"
    words = ("[" * 5000, "9" * 5000, "1e999", "1979-05-27", "{a=" * 2000, '"""', "\\ud800", "nan", "0x" + "f" * 400)
    refused = 0
    for number in range(2 * COUNT):
        raw = mutate_bytes(TOML.encode(), chance)
        if number % 2:
            raw = TOML.replace(chance.choice(("30", '"rdl"', "0.5", "10.5")), chance.choice(words)).encode()
        path.write_bytes(raw)
        refused += try_it(lambda: load_settings(path, known_codes=["rdl.overrun"])) is not None
        assert path.read_bytes() == raw
    assert 50 < refused < 2 * COUNT


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_settings_as_windows_programs_save_them(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(TOML.replace("\n", "\r\n").encode(encoding))
    settings = load_settings(path, known_codes=["rdl.overrun"])
    assert (settings.lift, settings.rate_hz, str(settings.tempo)) == ("rdl", 30.0, "3-1-1")
    assert (settings.limits["rdl.overrun"].note, settings.limits["rdl.overrun"].fault) == (5.0, 10.5)


# --- the history ----------------------------------------------------------------------------------------------------

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("history",),
    ("history", "Ana"),
    ("history", "Ana", "--sets"),
    ("history", "--export", "{folder}/out.csv"),
    ("balance", "Ana"),
    ("log", "Ana", "squat", "--reps", "5", "--date", "2026-11-02"),
)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a history of three filmed sets and a logged one."""
    path = tmp_path_factory.mktemp("whole") / "h.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORMCHECK_DB", str(path))
        for number in range(3):
            content = make_content()
            content["source"]["sha256"] = f"{number:064d}"
            keep_set(content, athlete="Ana", date=dt.date(2026, 11, 2 + 7 * number))
        log_set("Ana", "squat", reps=5, date=dt.date(2026, 11, 2))
    return path.read_bytes()


@pytest.fixture
def db(tmp_path: Path, history: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "db" / "h.db"
    path.parent.mkdir()
    path.write_bytes(history)
    monkeypatch.setenv("FORMCHECK_DB", str(path))
    return path


def call_all(run: Run, folder: Path) -> list[tuple[int, str]]:
    said = []
    for command in COMMANDS:
        code, _, err = run(*(each.format(folder=folder) for each in command))
        assert code in (0, 1), err
        said.append((code, err))
    return said


def test_a_whole_history_answers_all_commands(run: Run, db: Path, tmp_path: Path) -> None:
    assert [code for code, _ in call_all(run, tmp_path)] == [0] * len(COMMANDS)


def test_mutated_histories_are_a_sentence_or_answer(run: Run, db: Path, history: bytes, tmp_path: Path) -> None:
    chance = make_chance(7)
    refused = 0
    for _ in range(60):
        raw = bytearray(history)
        match chance.randrange(4):
            case 0:
                del raw[chance.randrange(len(raw)) :]
            case 1:
                at = 4096 * chance.randrange(len(raw) // 4096)
                raw[at : at + 4096] = chance.randbytes(4096)
            case _:
                for _ in range(chance.choice((1, 10, 200))):
                    raw[chance.randrange(len(raw))] = chance.randrange(256)
        for each in db.parent.iterdir():
            each.unlink()
        db.write_bytes(raw)
        codes = [code for code, _ in call_all(run, tmp_path)[:-1]]
        refused += any(codes)
    assert refused > 10


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE sets SET performed_on = 'soon'", "holds something that formcheck never writes"),
        ("UPDATE sets SET performed_on = 7", "holds something that formcheck never writes"),
        ("UPDATE sets SET load_kg = 9e999", "load_kg is 'inf'"),
        ("UPDATE sets SET load_kg = 'heavy'", "load_kg is 'heavy'"),
        ("UPDATE sets SET exercise = x'ff00'", "exercise is"),
        ("UPDATE sets SET exercise = CAST(x'ff' AS TEXT)", "is damaged"),
        ("UPDATE athletes SET name = x'ff'", "name is"),
        ("UPDATE measures SET value = 'much'", "value is 'much'"),
        ("UPDATE measures SET low = -9e999", "low is '-inf'"),
        ("UPDATE findings SET detail = '{'", "holds something that formcheck never writes"),
        ("UPDATE findings SET detail = '[1]'", "detail is '[1]'"),
        ("ALTER TABLE sets DROP COLUMN notes", "is not as formcheck made it (no such column: sets.notes)"),
        ("ALTER TABLE sets ADD COLUMN shoes TEXT NOT NULL DEFAULT 1", ""),
        ("DROP TABLE findings", "is not as formcheck made it (no such table: findings)"),
        ("DROP TABLE athletes", "is not as formcheck made it (no such table: athletes)"),
        ("UPDATE formcheck_schema SET version_num = '0002'", "written by a newer formcheck"),
        ("DELETE FROM formcheck_schema", "its version is not there"),
        ("ALTER TABLE formcheck_schema RENAME COLUMN version_num TO v", "is not as formcheck made it"),
        ("DROP TABLE formcheck_schema", "is a database of another program"),
    ],
)
def test_a_history_that_was_changed_is_a_sentence_and_loses_nothing(
    change: str, words: str, run: Run, db: Path, tmp_path: Path
) -> None:
    with contextlib.closing(sqlite3.connect(db)) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute(change)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = db.read_bytes()
    said = call_all(run, tmp_path)
    assert any(words in err for _, err in said), said
    if said[-1][0]:
        assert db.read_bytes() == before
    if words:
        assert said[1][0] == 1 or said[3][0] == 1


def test_a_history_that_may_only_be_read(run: Run, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA query_only=ON")

    plain = connect._set_up_sqlite

    def set_up(connection: Any, record: Any) -> None:
        plain(connection, record)
        forbid(connection, record)

    monkeypatch.setattr(connect, "_set_up_sqlite", set_up)
    said = call_all(run, tmp_path)
    assert [code for code, _ in said] == [0] * (len(COMMANDS) - 1) + [1]
    assert f"error: The history {db} is read-only: nothing was kept.\n  next: Change the permissions" in said[-1][1]


@pytest.mark.parametrize("raw", [b"PK\x03\x04" + bytes(5000), b"SQLite format 2\0" + bytes(5000), b"\xff" * 100])
def test_what_is_no_database(raw: bytes, run: Run, db: Path, tmp_path: Path) -> None:
    db.write_bytes(raw)
    for code, err in call_all(run, tmp_path):
        assert code == 1
        assert f"{db} is not a database." in err
    assert db.read_bytes() == raw
