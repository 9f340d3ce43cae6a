"""docs/channels.md names every column that formcheck writes, with its unit and sign; Parquet says the same.

`python -m tests.test_channels` writes the tables into it anew.
"""

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from formcheck.batch import summary
from formcheck.data import Kinematics, PoseSequence
from formcheck.io.save import columns, export_files
from formcheck.io.save.columns import Column
from formcheck.kinematics.barbell import CHANNELS as BAR
from formcheck.kinematics.bases import BENCH, FEET, KNEES, PAD, Base
from formcheck.kinematics.camera_view import judge_view
from formcheck.kinematics.cleaning import repair_tracks
from formcheck.kinematics.joint_angles import measure_kinematics
from formcheck.report.tables import REP_COLUMNS, angles_csv
from formcheck.store import transfer
from samples.renderer.stick import rdl_set

PAGE = Path(__file__).resolve().parent.parent / "docs" / "channels.md"
TABLES = {
    "poses": columns.POSES,
    "kinematics": columns.KINEMATICS,
    "reps": columns.REPS,
    "summary": columns.SUMMARY,
    "errors": columns.ERRORS,
    "history": columns.HISTORY,
}
BLOCK = re.compile(r"(<!-- (\w+) -->\n)(.*?)(?=\n\n|\Z)", re.DOTALL)


def as_rows(table: dict[str, Column]) -> str:
    head = "| column | unit | positive | what it is |\n|---|---|---|---|"
    return "\n".join([head, *(f"| `{k}` | {c.unit} | {c.sign} | {c.definition} |" for k, c in table.items())])


def test_the_page_holds_the_columns() -> None:
    blocks = {name: text for _, name, text in BLOCK.findall(PAGE.read_text(encoding="utf-8"))}
    for name, table in TABLES.items():
        assert blocks[name].rstrip("\n") == as_rows(table), "type: python -m tests.test_channels"


@pytest.fixture(scope="module")
def poses() -> PoseSequence:
    return rdl_set(1, dropouts=((1.0, 1.5),))[0]


def measure(poses: PoseSequence, base: Base) -> Kinematics:
    view = judge_view(poses)
    return measure_kinematics(repair_tracks(poses, view.side), view, base)


@pytest.mark.parametrize("base", [FEET, KNEES, PAD, BENCH])
def test_every_channel_that_a_lift_may_have_is_named(base: Base, poses: PoseSequence) -> None:
    assert set(measure(poses, base).channels) - set(columns.CHANNELS) == set()


def test_no_channel_is_named_that_none_has(poses: PoseSequence) -> None:
    known = {name for base in (FEET, PAD, BENCH) for name in measure(poses, base).channels}
    assert set(columns.CHANNELS) == known | set(BAR)


def test_the_columns_of_a_results_folder_are_named(poses: PoseSequence) -> None:
    header = next(csv.reader(io.StringIO(angles_csv(measure(poses, FEET)))))
    assert set(header) - set(columns.KINEMATICS) == set()
    assert tuple(columns.REPS) == REP_COLUMNS


def test_the_columns_of_a_batch_and_of_the_history_are_named() -> None:
    assert tuple(columns.HISTORY) == transfer.COLUMNS
    assert tuple(summary.COLUMNS)[:12] == (
        "video", "folder", "athlete", "date", "load_kg", "sets", "notes", "lift", "side", "view", "kind", "rep",
    )  # fmt: skip
    kinds = {name: kind for name, kind in summary.COLUMNS.items() if kind != "string"}
    assert kinds.pop("sets") == kinds.pop("rep") == "int64"
    assert kinds.pop("complete") == "bool"
    assert set(kinds) == {
        "load_kg", "start_s", "turn_s", "stop_s", "eccentric_s", "pause_s", "concentric_s", "hip_flexion_max_deg",
        "knee_flexion_max_deg", "trunk_max_deg", "bar_eccentric_m_s", "bar_concentric_m_s", "value", "low", "high",
        "end_s", "confidence",
    }  # fmt: skip
    assert set(kinds.values()) == {"double"}
    assert summary.ERROR_COLUMNS == ("video", "folder", "athlete", "kind", "message", "hint")


def test_units_are_what_the_names_say() -> None:
    endings = {
        "_deg": "deg",
        "_leg": "leg",
        "_px": "px",
        "_m_s": "m/s",
        "_thigh": "thigh",
        "_m": "m",
        "_s": "s",
        "_kg": "kg",
    }
    for table in TABLES.values():
        for name, column in table.items():
            ending = next((each for each in endings if name.endswith(each)), "")
            assert column.unit in ({endings[ending]} if ending else {"1", ""}), name


def test_parquet_says_unit_and_sign(poses: PoseSequence) -> None:
    kinematics = measure(poses, FEET)
    hand = replace(kinematics, channels={**kinematics.channels, **{name: np.zeros(len(poses.time_s)) for name in BAR}})
    files = export_files(["parquet", "csv"], poses, hand)
    for stem, named in (("poses", columns.POSES), ("kinematics", columns.KINEMATICS)):
        content, text = files[f"{stem}.parquet"], files[f"{stem}.csv"]
        assert isinstance(content, bytes)
        assert isinstance(text, str)
        schema = pq.read_schema(io.BytesIO(content))
        assert schema.names == next(csv.reader(io.StringIO(text)))
        for field in schema:
            column = named[field.name]
            said = {key.decode(): value.decode() for key, value in field.metadata.items()}
            wanted = {"unit": column.unit, "sign": column.sign, "definition": column.definition}
            assert {key: said[key] for key in wanted} == wanted


def test_the_parquet_of_a_batch_says_its_units(tmp_path: Path) -> None:
    summary.write_parquet(tmp_path / "summary.parquet", [])
    schema = pq.read_schema(tmp_path / "summary.parquet")
    assert schema.names == list(columns.SUMMARY)
    assert schema.field("load_kg").metadata[b"unit"] == b"kg"
    assert schema.field("trunk_max_deg").metadata[b"sign"] == b"leaning forward"


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(BLOCK.sub(lambda block: block[1] + as_rows(TABLES[block[2]]), page), encoding="utf-8")
