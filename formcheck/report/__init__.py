"""A Report as text: each module returns one form of it, the caller writes."""

from formcheck.data import Report
from formcheck.report import document, tables

FILE_NAMES = ("angles.csv", "reps.csv", "report.json")


def render_files(report: Report) -> dict[str, str]:
    """Return the files of `<stem>_formcheck/`, name to text, report.json last: who finds it finds the others."""
    content = document.build(report)
    texts = (tables.angles_csv(report.kinematics), tables.reps_csv(content["reps"]), document.to_json(content))
    return dict(zip(FILE_NAMES, texts, strict=True))
