"""`formcheck analyze --poses`: landmarks made elsewhere in, the same results out."""

import re
from pathlib import Path

import typer

from formcheck.cli.keeping import Keeping, keep_report
from formcheck.cli.streams import print_message, print_summary
from formcheck.settings import Settings

MAX_SIDE_PX = 100_000


def analyze_poses(
    poses: Path | None,
    videos: list[Path],
    settings: Settings,
    *,
    fps: float | None,
    size: str | None,
    out: Path | None,
    as_json: bool,
    keeping: Keeping | None = None,
) -> None:
    """Analyse one file of landmarks, write its folder, print its result."""
    if poses is None:
        raise typer.BadParameter("--fps and --size speak of a file of landmarks: name it with --poses.")
    if videos:
        raise typer.BadParameter("Give videos, or a file of landmarks with --poses, not both.")
    size_px = None if size is None else _read_size(size)
    from formcheck.pipeline import analyze_landmarks
    from formcheck.report import render_files
    from formcheck.report.folder import check_folder, plan_folders, write_folder

    (folder,) = plan_folders([poses], out)
    check_folder(folder)
    report = analyze_landmarks(poses, settings, fps, size_px)
    files = render_files(report)
    write_folder(folder, files)
    if as_json:
        typer.echo(files["report.json"].encode(), nl=False)
    else:
        print_summary(report)
    print_message(f"wrote {folder}: {', '.join(files)}")
    if keeping is not None:
        keep_report(report, poses, folder, keeping)


def _read_size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,6})[xX](\d{1,6})", text.strip())
    if match is None or not all(0 < int(side) <= MAX_SIDE_PX for side in match.groups()):
        raise typer.BadParameter(f"--size cannot be {text}. Give the picture's width and height: 1920x1080.")
    return int(match[1]), int(match[2])
