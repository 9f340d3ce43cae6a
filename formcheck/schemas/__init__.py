"""JSON Schemas of the documents that other programs read, made from their types by tests/test_schemas.py."""

from pathlib import Path
from typing import Literal, get_args

SchemaName = Literal["report", "compare", "outcome"]
SCHEMA_NAMES: tuple[SchemaName, ...] = get_args(SchemaName)


def read_schema(name: SchemaName) -> str:
    """Return the text of the JSON Schema (2020-12) of report.json, compare.json or outcome.json."""
    return Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8")
