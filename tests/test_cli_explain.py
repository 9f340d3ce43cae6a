"""`formcheck explain` over the real checks."""

import json
import re
import sys
from collections.abc import Callable

import pytest

from formcheck.cli.main import main
from formcheck.lifts import all_checks

Run = Callable[..., tuple[int, str, str]]
CODES = [check.code for check in all_checks()]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["formcheck", "explain", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        out, err = capfdbinary.readouterr()
        code = caught.value.code
        assert code is None or isinstance(code, int)
        return code or 0, out.decode(), err.decode()

    return call


def test_the_table_has_a_row_a_check_within_80_columns(run: Run) -> None:
    code, out, err = run()
    lines = out.splitlines()
    assert code == 0
    assert lines[0].split() == ["code", "what", "it", "means", "note", "fault", "unit"]
    assert [line.split()[0] for line in lines[1:] if not line.startswith(" ")] == CODES
    assert max(map(len, lines)) <= 80
    assert err == "\nformcheck explain CODE says why. [P] published, [D] design choice, [S] simulation\n"
    for check in all_checks():
        assert check.limit.source.split()[-1] in out


def test_a_row_shows_both_lines_and_the_unit(run: Run) -> None:
    rows = {line.split()[0]: line.split()[-5:] for line in run()[1].splitlines()}
    assert rows["rdl.overrun"] == [">", "5", ">", "10", "deg"]
    assert rows["rdl.tempo"] == ["<", "2", "<", "1", "s"]
    assert rows["rdl.hip_travel"][-4:] == ["-", "<", "0.06", "leg"], "one line only"


@pytest.mark.parametrize("code", CODES)
def test_a_check_is_explained_in_full(run: Run, code: str) -> None:
    exit_code, out, err = run(code)
    lines = out.splitlines()
    assert exit_code == 0
    assert lines[0] == code
    assert [line.split()[0] for line in lines if re.match(r"  \w", line)] == [
        *("means", "why", "limit", "source", "method", "cue")
    ]
    assert max(map(len, lines)) <= 80
    assert "{" not in out
    assert err == "\n[P] published, [D] design choice, [S] simulation\n"


def test_json_holds_every_check(run: Run) -> None:
    code, out, err = run("--json")
    records = json.loads(out)
    assert (code, err) == (0, "")
    assert [record["code"] for record in records] == CODES
    assert {tuple(record) for record in records} == {
        ("code", "title", "why", "cue", "limit", "unit", "source", "method")
    }
    (overrun,) = [record for record in records if record["code"] == "rdl.overrun"]
    assert overrun["limit"] == {"note": 5.0, "fault": 10.0, "direction": "above"}
    assert overrun["unit"] == "deg"


def test_json_of_one_check_is_a_list_of_one(run: Run) -> None:
    assert [record["code"] for record in json.loads(run("rdl.tempo", "--json")[1])] == ["rdl.tempo"]


@pytest.mark.parametrize(
    ("code", "hint"),
    [("rdl.overun", "Did you mean rdl.overrun?"), ("zzz", "Run formcheck explain to list all codes.")],
)
def test_an_unknown_code_is_an_expected_error(run: Run, code: str, hint: str) -> None:
    assert run(code) == (1, "", f"error: There is no check {code}.\n  next: {hint}\n")
