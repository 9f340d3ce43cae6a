"""What a person read off the real clips, beside what is reported of them: for evaluation, nothing is tuned on them.

A folder's labels.toml has a table a clip: `lift` ("other": none of ours), `reps` and `reps_ok` (other counts that are
fair), `auto` (what `--lift auto` may answer, "unsure" being any question back), and what is seen in words.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from formcheck.data import Report
from formcheck.errors import FormcheckError
from formcheck.lifts import all_lifts
from formcheck.pipeline import find_set, judge_set
from formcheck.settings import Settings


@dataclass(frozen=True)
class Told:
    """What is reported of one clip, line by line, and whether lift and count are as its label says (None: it says
    nothing).
    """

    lines: tuple[str, ...]
    lift_is_right: bool | None
    count_is_right: bool | None


def describe(folders: Sequence[Path]) -> str:
    """Return, for each clip of labels.toml in the folders, what its label expects and what is reported, and in how many
    lift and count are right.

    Raises FileNotFoundError when a folder has no labels.
    """
    told = []
    for folder in folders:
        labels = tomllib.loads((folder / "labels.toml").read_text(encoding="utf-8"))
        told += [compare_clip(folder / f"{name}.mp4", label) for name, label in labels.items()]
    counts = (
        f"--lift auto as labelled: {_share([each.lift_is_right for each in told])}",
        f"repetitions as labelled: {_share([each.count_is_right for each in told])}",
    )
    return "\n\n".join([*("\n".join(each.lines) for each in told), "\n".join(counts)])


def compare_clip(clip: Path, label: dict[str, Any]) -> Told:
    """Return what the label of one clip expects, and the lift, repetitions and findings that are reported."""
    try:
        recognised = said = find_set(clip, Settings())[2].name
    except FormcheckError as error:
        recognised, said = "unsure", f"asks: {error.message}"
    name, ours = label["lift"], label["lift"] in all_lifts()
    right = recognised in label.get("auto", (name, "unsure"))
    lines = [
        clip.stem,
        f"  expected  {label.get('expect', label.get('faults_seen', label.get('what')))}",
        f"  lift      {name}; --lift auto: {said}",
    ]
    if not ours:
        return Told(tuple(lines), right, None)
    try:
        source, poses, lift, _ = find_set(clip, Settings(lift=name))
    except FormcheckError as error:
        return Told((*lines, f"  refused   {error.message}"), right, None)
    report = judge_set(source, poses, all_lifts()[lift.name], Settings(lift=lift.name))
    fair = label.get("reps_ok", [label["reps"]] if "reps" in label else [])
    lines.append(f"  reps      {' or '.join(map(str, fair)) or '?'}; counted {len(report.reps)}")
    for key, moments_s in (
        ("turn_s", [rep.turn_s for rep in report.reps]),
        ("start_s", [rep.start_s for rep in report.reps]),
        ("stop_s", [rep.stop_s for rep in report.reps]),
    ):
        if key in label:
            lines.append(f"  {key:<9} {_told(label[key])}; seen {_told(moments_s)}")
    return Told((*lines, *_findings(report)), right, len(report.reps) in fair if fair else None)


def _share(right: Sequence[bool | None]) -> str:
    told = [each for each in right if each is not None]
    return f"{sum(told)} of {len(told)}"


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
