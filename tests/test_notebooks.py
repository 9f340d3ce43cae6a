"""The notebooks run from top to bottom, are kept without outputs, and name no place of any machine."""

import re
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT
from nbclient import NotebookClient

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def printed(notebook: nbformat.NotebookNode) -> str:
    """All text that the code cells put out."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "\n".join(each.get("text", "") or each.get("data", {}).get("text/plain", "") for each in outputs)


def run(name: str, monkeypatch: pytest.MonkeyPatch, **shorter: str) -> nbformat.NotebookNode:
    """Run a notebook; `shorter` are other values of its settings, the lines that begin with a name in capitals."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    for setting, value in shorter.items():
        (cell,) = (each for each in notebook.cells if f"\n{setting} = " in each.source)
        cell.source = re.sub(rf"(?m)^{setting} = \S+", f"{setting} = {value}", cell.source)
    NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(ROOT / "notebooks")}}).execute()
    return notebook


def test_there_are_four() -> None:
    names = ["a_folder_of_sets.ipynb", "accuracy.ipynb", "first_look.ipynb", "your_own_threshold.ipynb"]
    assert [each.name for each in NOTEBOOKS] == names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_kept_clean(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell for cell in code if cell.outputs or cell.execution_count] == []
    assert re.findall(r"/(?:home|root|Users|work|tmp)/", path.read_text(encoding="utf-8")) == []


def test_first_look(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = run("first_look.ipynb", monkeypatch)
    text = printed(notebook)
    assert "reps (3,)" in text
    assert "Your hips stopped moving back here" in text
    pictures = [
        output for cell in notebook.cells for output in cell.get("outputs", []) if "image/png" in output.get("data", {})
    ]
    assert len(pictures) == 4


def test_your_own_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    text = printed(run("your_own_threshold.ipynb", monkeypatch))
    assert "values unchanged: True" in text
    assert "moved by the settings" in text
    changed = [line.split() for line in text.splitlines() if "rdl." in line]
    assert any(line[1:3] == ["rdl.overrun", "3"] and line[5:7] == ["fault", "note"] for line in changed), text


def test_a_folder_of_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = run("a_folder_of_sets.ipynb", monkeypatch)
    text = printed(notebook)
    assert "'good_morning_overrun'" in text
    assert re.search(r"rdl_four_reps +4 ", text), "a row a repetition"
    (shown,) = (line for line in text.splitlines() if line.startswith("trunk_deg "))
    bias_deg, *_, icc = map(float, shown.split()[1:])
    assert abs(bias_deg) < 3
    assert icc > 0.98
    assert re.search(r"rdl_four_reps +1 +1\.\d+ +good", text), "the notebook's own check"
    assert sum("image/png" in out.get("data", {}) for cell in notebook.cells for out in cell.get("outputs", [])) == 1


def test_accuracy(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = run("accuracy.ipynb", monkeypatch, N_SETS="24", N_BANK="12", N_OTHERS="3")
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert sum("image/png" in each.get("data", {}) for each in outputs) == 6
    assert "24 sets, " in printed(notebook)
