"""What a Report can do with itself from Python: its methods are short ways to the functions here."""

import html
from collections.abc import Iterable
from pathlib import Path

from formcheck.arguments import speak_of_arguments
from formcheck.assessment.cues import tell_evidence
from formcheck.assessment.tally import sum_up_report
from formcheck.data import Report
from formcheck.errors import InputError, SettingsError
from formcheck.io.save import choose_formats, export_files
from formcheck.lifts import all_lifts, name_checks
from formcheck.report import document, saved
from formcheck.report.folder import write_aside, write_folder
from formcheck.report.terminal import VERDICT_WORDS, clock
from formcheck.workflows.export import MAKE_ANEW, REPORT

MAX_SAVED_BYTES = 300_000_000  # of a saved report: ten minutes of landmarks take about 20 MB [D]
ANGLES = "angles.csv"
NEED_POSES = frozenset({"trc", "csv", "parquet", "dlc", "c3d"})


def save(report: Report, path: Path) -> None:
    """Do what `Report.save` says."""
    with speak_of_arguments(out="path"), write_aside(path) as aside:
        aside.write_text(saved.to_text(report), encoding="utf-8", newline="")


def load(path: Path) -> Report:
    """Do what `Report.load` says."""
    with speak_of_arguments():
        file = path / REPORT if path.is_dir() else path
        try:
            text, angles = _read(file), None
            beside = file.with_name(ANGLES)
            if beside.is_file():
                angles = _read(beside)
            return saved.from_text(text, angles)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise InputError(f"{file} cannot be read: {why}.", "Check the name and the folder.") from error
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            if angles is None:
                hint = f"Give what report.save wrote, or a folder of formcheck analyze with {REPORT} and {ANGLES}."
                raise InputError(f"{file} is not a complete report of this version.", hint) from error
            raise InputError(f"{file} is not a complete report of this version.", MAKE_ANEW) from error


def _read(file: Path) -> str:
    with file.open("rb") as opened:
        raw = opened.read(MAX_SAVED_BYTES + 1)
    if len(raw) > MAX_SAVED_BYTES:
        raise InputError(f"{file} is too large for a report.", MAKE_ANEW)
    return raw.decode("utf-8")


def export(report: Report, folder: Path, formats: str | Iterable[str] | None) -> list[Path]:
    """Do what `Report.export` says."""
    with speak_of_arguments(out="folder", format="formats"):
        text = formats if formats is None or isinstance(formats, str) else ",".join(formats)
        names = choose_formats(text)
        lacking = [name for name in names if name in NEED_POSES]
        if report.poses is None and lacking:
            raise SettingsError(
                f"This report holds no landmarks to write as {', '.join(lacking)}.",
                "Analyse the video again, or keep reports with report.save; --format mot needs no landmarks.",
            )
        files = export_files(names, report.poses, report.kinematics)  # type: ignore[arg-type]  # mot needs no poses
        write_folder(folder, files)
        return [folder / name for name in files]


def to_html(report: Report) -> str:
    """Return the set as a piece of HTML for a notebook: its signal with the repetitions, and the cues."""
    lift = all_lifts()[report.lift.name]
    content = document.build(report)
    summary = sum_up_report(content, name_checks())
    name = html.escape(Path(content["source"]["path"]).name)
    items = [
        f"<li><b>{clock(cue.start_s, report.speed)}</b> {html.escape(cue.text)} "
        f"<small>({VERDICT_WORDS[cue.verdict]}: {tell_evidence(vars(cue), content['findings'])})</small></li>"
        for cue in report.cues
    ]
    return (
        f"<div><p><b>{html.escape(lift.title)}</b>, {name}</p>{_picture(report)}"
        f"{f'<p>{html.escape(summary.doubt)}</p>' if summary.doubt else ''}"
        f"<p>{html.escape(summary.title)}</p>{'<ol>' + ''.join(items) + '</ol>' if items else ''}"
        f"<p>{html.escape(summary.text)}</p></div>"
    )


def _picture(report: Report) -> str:
    """Return the figure of the set as an image in the page; "" where there is nothing to draw, or to draw with."""
    import base64
    import io

    try:
        from formcheck.figures import plot_set
    except ImportError:  # without the extra `frames`
        return ""
    if len(report.kinematics.time_s) == 0 or all_lifts()[report.lift.name].signal not in report.kinematics.channels:
        return ""
    drawn = io.BytesIO()
    plot_set(report).savefig(drawn, format="svg")
    letters = base64.b64encode(drawn.getvalue()).decode("ascii")
    return f'<img alt="the set over time" style="max-width:100%" src="data:image/svg+xml;base64,{letters}">'
