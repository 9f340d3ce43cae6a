"""`formcheck analyze --poses`: landmarks made elsewhere in, the same results out."""

from pathlib import Path

import typer

from formcheck.cli.keeping import Keeping, keep_report, tell_changes
from formcheck.cli.options import usage_errors
from formcheck.cli.streams import print_error, print_message, print_summary
from formcheck.errors import FormcheckError
from formcheck.settings import OF_PICTURES, Settings

# Options of `formcheck analyze` that are about pictures, and so do nothing with landmarks.
IDLE = (*OF_PICTURES, "html", "embed", "video", "picture_format", "no_cache")


def split_landmarks(paths: list[Path]) -> tuple[list[Path], list[Path]]:
    """Return the videos among the arguments, and the files that are landmarks by their names."""
    from formcheck.io.load import holds_landmarks

    landmarks = [path for path in paths if holds_landmarks(path)]
    return [path for path in paths if path not in landmarks], landmarks


def tell_idle_options(context: typer.Context) -> None:
    """Say which of the options that were typed do nothing with landmarks."""
    typed = [name for name in IDLE if getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"]
    if not context.params.get("html"):
        typed = [name for name in typed if name != "html"]  # --no-html is what happens
    typed = ["format" if name == "picture_format" else name for name in typed]
    if typed:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in typed)
        does = "do" if len(typed) > 1 else "does"
        print_message(f"{names} {does} nothing here: a file of landmarks has no pictures to look at.")


def analyze_poses(
    paths: list[Path],
    settings: Settings,
    *,
    fps: float | None,
    size: str | None,
    out: Path | None,
    as_json: bool,
    keeping: Keeping | None = None,
    verbose: bool = False,
) -> bool:
    """Analyse files of landmarks, write their folders, print their results. Return whether none of several failed;
    the error of a single one is raised.
    """
    if not paths:
        raise typer.BadParameter("--fps and --size describe a file of landmarks: give it with --poses.")
    from formcheck.pipeline import analyze_landmarks
    from formcheck.report import render_files
    from formcheck.report.folder import check_folder, plan_folders, write_folder
    from formcheck.workflows.analysis import read_size

    with usage_errors():
        size_px = None if size is None else read_size(size)

    failed = False
    for path, folder in zip(paths, plan_folders(paths, out), strict=True):
        try:
            check_folder(folder)
            report = analyze_landmarks(path, settings, fps, size_px)
            files = render_files(report)
            write_folder(folder, files)
            if as_json:
                typer.echo(files["report.json"].encode(), nl=False)
            else:
                print_summary(report, verbose=verbose, changes=tell_changes(report, path, keeping))
            print_message(f"wrote {folder}: {', '.join(files)}")
            if keeping is not None:
                keep_report(report, path, folder, keeping)
        except FormcheckError as error:
            if len(paths) == 1:
                raise
            print_error(error, about=path)
            failed = True
    return not failed
