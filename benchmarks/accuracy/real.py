"""What a person read off the real clips, beside what is reported of them: for evaluation, nothing is tuned on them."""

import tomllib
from pathlib import Path
from typing import Any

from formcheck.data import Report
from formcheck.errors import LiftError
from formcheck.lifts import all_lifts
from formcheck.pipeline import find_set, judge_set
from formcheck.settings import Settings


def describe(folder: Path) -> str:
    """Return, for each clip of labels.toml in `folder`, what its label expects and what is reported.

    Raises FileNotFoundError when the folder has no labels.
    """
    labels = tomllib.loads((folder / "labels.toml").read_text(encoding="utf-8"))
    return "\n\n".join(compare_clip(folder / f"{name}.mp4", label) for name, label in labels.items())


def compare_clip(clip: Path, label: dict[str, Any]) -> str:
    """Return what the label of one clip expects, and the lift, repetitions and findings that are reported."""
    try:
        recognised = find_set(clip, Settings())[2].name
    except LiftError as error:
        recognised = f"asks: {error.message}"
    source, poses, lift, _ = find_set(clip, Settings(lift=label["lift"]))
    report = judge_set(source, poses, all_lifts()[lift.name], Settings(lift=lift.name))
    lines = [
        clip.stem,
        f"  expected  {label['expect']}",
        f"  lift      {label['lift']}; --lift auto: {recognised}",
        f"  reps      {label['reps']}; counted {len(report.reps)}",
    ]
    for key, moments_s in (
        ("turn_s", [rep.turn_s for rep in report.reps]),
        ("start_s", [rep.start_s for rep in report.reps]),
        ("stop_s", [rep.stop_s for rep in report.reps]),
    ):
        if key in label:
            lines.append(f"  {key:<9} {_told(label[key])}; seen {_told(moments_s)}")
    return "\n".join([*lines, *_findings(report)])


def _told(moments_s: list[float]) -> str:
    return ", ".join(f"{each:.1f}" for each in moments_s)


def _findings(report: Report) -> list[str]:
    """One line a check: its verdicts in order of the repetitions, and the values of what was judged."""
    lines = []
    for code in dict.fromkeys(finding.code for finding in report.findings):
        own = [finding for finding in report.findings if finding.code == code]
        judged = [f"{each.value:.2f}" for each in own if each.verdict != "not_judged"]
        verdicts = ", ".join(dict.fromkeys(each.verdict for each in own))
        lines.append(f"    {code:<28} {verdicts:<24} {' '.join(judged)} {own[0].unit if judged else own[0].reason}")
    return lines
