"""The contract of report.json, compare.json and outcome.json: the shipped schemas are those that the types make.

`python tests/test_schemas.py` writes formcheck/schemas/ anew. That the documents keep to them, tests/conftest.py
watches over all tests.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import ROOT, closed
from pydantic import TypeAdapter

from formcheck.batch.job import OutcomeDocument
from formcheck.data import SCHEMA_VERSION, Report
from formcheck.report import document
from formcheck.report.contract import CompareDocument, ContractError, ReportDocument, check_report
from formcheck.schemas import SCHEMA_NAMES, SchemaName, read_schema

TYPES: dict[SchemaName, Any] = {"report": ReportDocument, "compare": CompareDocument, "outcome": OutcomeDocument}


def make_schema(name: SchemaName) -> str:
    schema = TypeAdapter(TYPES[name]).json_schema()
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:formcheck:{name}:{SCHEMA_VERSION}",
    }
    return json.dumps(head | schema, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_the_shipped_schema_is_what_the_types_make(name: SchemaName) -> None:
    assert read_schema(name) == make_schema(name), "type: python tests/test_schemas.py"
    jsonschema.Draft202012Validator.check_schema(json.loads(read_schema(name)))


ADDED = {
    "ReportDocument": {"bar"},
    "LiftDocument": {"doubt", "looks_like"},
    "RepDocument": {"concentric_first", "bar_eccentric_m_s", "bar_concentric_m_s"},
    "ProvenanceDocument": {"lost_before", "second_model_sha256"},
}  # since the first report of this version


def test_every_key_is_asked_for_and_every_object_described() -> None:
    schema = json.loads(read_schema("report"))
    for name, each in {**schema["$defs"], "ReportDocument": schema}.items():
        assert each["description"], name
        asked = [key for key in each["properties"] if key not in ADDED.get(name, ())]
        assert each.get("required", []) == ([] if name == "SettingsDocument" else asked), name


def test_reports_from_before_a_key_was_added_are_read(report: Report) -> None:
    content = json.loads(document.to_json(document.build(report)))
    del content["bar"]
    for key in ADDED["ProvenanceDocument"]:
        del content["provenance"][key]
    for rep in content["reps"]:
        for key in ADDED["RepDocument"]:
            del rep[key]
    jsonschema.Draft202012Validator(json.loads(read_schema("report"))).validate(content)
    check_report(content)


BROKEN: dict[str, Callable[[Any], object]] = {
    "a key that is gone": lambda content: content.pop("view"),
    "a number that is text": lambda content: content["source"].update(fps="30"),
    "an unknown verdict": lambda content: content["findings"][0].update(verdict="bad"),
    "half a repetition": lambda content: content["reps"][0].update(number=1.5),
    "another version": lambda content: content.update(schema_version=2),
    "a limit without direction": lambda content: content["findings"][0]["limit"].pop("direction"),
    "yes for a number": lambda content: content["reps"][0].update(number=True),
    "a picture of one side": lambda content: content["source"].update(size_px=[960]),
    "a picture without width": lambda content: content["source"].update(size_px=[0, 720]),
    "a number that no measure comes near": lambda content: content["findings"][0].update(value=1e15),
    "a code that the history has no room for": lambda content: content["findings"][0].update(code="x" * 101),
}


@pytest.mark.parametrize("how", BROKEN)
def test_what_breaks_the_contract_is_found(how: str, report: Report) -> None:
    content = json.loads(document.to_json(document.build(report)))
    closed("report").validate(content)
    BROKEN[how](content)
    with pytest.raises(jsonschema.ValidationError):
        closed("report").validate(content)
    with pytest.raises(ContractError):
        check_report(content)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda content: content.pop("view"), "view is missing"),
        (lambda content: content["reps"][0].pop("turn_s"), "reps[0].turn_s is missing"),
        (lambda content: content["findings"][0].update(value="9"), "findings[0].value should be a valid number"),
        (lambda content: content["view"].update(side="up"), "view.side should be 'left' or 'right'"),
        (lambda content: content["findings"][0].update(verdict="fault", value=None), "findings[0].value is missing"),
    ],
)
def test_the_value_that_does_not_fit_is_named(change: Callable[[Any], object], words: str, report: Report) -> None:
    content = json.loads(document.to_json(document.build(report)))
    change(content)
    with pytest.raises(ContractError, match=f"^{re.escape(words)}"):
        check_report(content)


def test_a_key_that_no_type_knows_is_found_by_the_tests_and_passed_over_by_others(report: Report) -> None:
    """Keys may be added within a version, so whoever reads must not stumble; whoever writes must add it to the type."""
    content = json.loads(document.to_json(document.build(report)))
    content["lift"]["mood"] = "good"
    jsonschema.Draft202012Validator(json.loads(read_schema("report"))).validate(content)
    with pytest.raises(jsonschema.ValidationError, match="mood"):
        closed("report").validate(content)


def test_the_command_prints_a_schema(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "formcheck", "schema"]
    said = subprocess.run([*command, "compare"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout == read_schema("compare")
    wrong = subprocess.run([*command, "reports"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert "'report', 'compare', 'outcome'" in wrong.stderr


if __name__ == "__main__":
    for each in SCHEMA_NAMES:
        (ROOT / "formcheck" / "schemas" / f"{each}.json").write_text(make_schema(each), encoding="utf-8")
