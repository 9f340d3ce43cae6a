import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from formcheck.data import Report
from formcheck.report import render_files
from formcheck.report.document import build, to_json


def test_the_top_level_is_the_contract_in_its_order(report: Report) -> None:
    content = build(report)
    assert list(content) == [
        "schema_version",
        "source",
        "lift",
        "view",
        "quality",
        "bar",
        "reps",
        "findings",
        "cues",
        "provenance",
    ]
    assert content["schema_version"] == 1
    assert content["source"] == {
        "path": "/films/set 1.mp4",
        "sha256": "ab" * 32,
        "fps": 29.97,
        "n_frames": 95,
        "duration_s": 9.5,
        "size_px": [1280, 720],
        "rotation_deg": 0,
    }
    assert content["lift"] == {"name": "rdl", "confidence": 1.0, "chosen_by": "user", "doubt": "", "looks_like": ""}
    assert content["view"] == {"side": "left", "facing": "right", "yaw_deg": 4.0, "verdict": "green"}
    assert content["quality"] == {"detected_fraction": 0.9877, "warnings": []}
    assert content["provenance"] == {
        "version": "0.1.0",
        "model": "full",
        "model_sha256": "cd" * 32,
        "lost_before": 0.0,
        "second_model_sha256": "",
        "settings": {"lift": "rdl", "rate": 30.0, "tempo": None},
    }


def test_a_rep_carries_its_times_and_its_largest_angles(report: Report) -> None:
    # Samples 5 to 29 of ramps 1, 1/4 and 1/2 a sample: the largest stand at sample 29.
    assert build(report)["reps"][0] == {
        "number": 1,
        "complete": True,
        "start_s": 0.5,
        "turn_s": 2.0,
        "stop_s": 3.0,
        "eccentric_s": 1.5,
        "pause_s": 0.2,
        "concentric_s": 0.8,
        "concentric_first": False,
        "hip_flexion_max_deg": 29.0,
        "knee_flexion_max_deg": 7.25,
        "trunk_max_deg": 14.5,
        "bar_eccentric_m_s": None,
        "bar_concentric_m_s": None,
    }


def test_a_finding_carries_its_number_its_limit_and_its_detail(report: Report) -> None:
    fault, *_, consistency = build(report)["findings"]
    assert fault == {
        "code": "rdl.overrun",
        "rep": 1,
        "verdict": "fault",
        "value": 14.2,
        "low": 12.2,
        "high": 16.2,
        "unit": "deg",
        "limit": {"note": 5.0, "fault": 10.0, "direction": "above"},
        "start_s": 1.5,
        "end_s": 2.0,
        "confidence": 0.9,
        "text": "rdl.overrun says so.",
        "reason": None,
        "detail": {"agreement": 0.1235, "nan": None},
    }
    assert consistency["rep"] is None


def test_what_was_not_judged_has_null_numbers_and_its_reason(report: Report) -> None:
    finding = build(report)["findings"][3]
    assert (finding["verdict"], finding["value"], finding["low"], finding["high"]) == ("not_judged", None, None, None)
    assert finding["reason"] == "the plates hide the back"


def test_cues_keep_their_rank(report: Report) -> None:
    assert build(report)["cues"][1] == {
        "code": "rdl.tempo",
        "verdict": "note",
        "text": "Take longer down.",
        "value": 1.5,
        "unit": "s",
        "start_s": 1.5,
        "confidence": 0.9,
        "reps": [1, 2],
    }


def test_the_text_is_strict_json_with_one_newline_at_its_end(report: Report) -> None:
    text = to_json(build(report))

    def refuse(constant: str) -> None:
        pytest.fail(f"{constant} is not JSON")

    assert json.loads(text, parse_constant=refuse) == build(report)
    assert text.endswith("}\n")
    assert text.startswith('{\n  "schema_version": 1,\n  "source": {\n')


def test_an_angle_that_was_never_seen_is_null(report: Report, report_with: Callable[..., Report]) -> None:
    blind = {"hip_flexion_deg": np.full(95, np.nan)}
    reps = build(report_with(kinematics=replace(report.kinematics, channels=blind)))["reps"]
    assert [reps[0][f"{joint}_max_deg"] for joint in ("hip_flexion", "knee_flexion", "trunk")] == [None, None, None]


def test_numpy_values_become_plain_ones(report: Report, report_with: Callable[..., Report]) -> None:
    detail = {
        "array": np.array([[1.00004, np.nan], [np.inf, -0.00001]]),
        "float": np.float32(0.5),
        "integer": np.int64(3),
        "truth": np.bool_(True),
        "tuple": (1, "two", None),
    }
    content = build(report_with(findings=(replace(report.findings[0], detail=detail),)))["findings"][0]["detail"]
    assert content == {
        "array": [[1.0, None], [None, 0.0]],
        "float": 0.5,
        "integer": 3,
        "truth": True,
        "tuple": [1, "two", None],
    }
    assert str(content["array"][1][1]) == "0.0", "no minus zero"


def test_a_value_that_json_does_not_know_is_refused(report_with: Callable[..., Report]) -> None:
    with pytest.raises(TypeError, match="^set has no place in report\\.json$"):
        build(report_with(settings={"codes": {"rdl.overrun"}}))


def test_a_file_name_that_is_not_utf8_can_still_be_written(report: Report, report_with: Callable[..., Report]) -> None:
    source = replace(report.source, path=b"/films/\xff\xc3\xbc.mp4".decode("utf-8", "surrogateescape"))
    text = to_json(build(report_with(source=source)))
    assert json.loads(text.encode("utf-8"))["source"]["path"] == r"/films/\xffü.mp4"


def test_a_folder_holds_three_files_report_json_last(report: Report) -> None:
    files = render_files(report)
    assert list(files) == ["angles.csv", "reps.csv", "report.json"]
    assert json.loads(files["report.json"]) == build(report)
