"""`formcheck export`: poses and angles for other programs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from formcheck.cli.options import End, Lift, Model, NoCache, Rate, Start, Subject, Workers, gather, read_settings
from formcheck.cli.streams import print_error, print_message, progress_bar
from formcheck.errors import FormcheckError, InputError
from formcheck.settings import Settings

if TYPE_CHECKING:
    from formcheck.io.save.markers import Naming


def export(
    sources: Annotated[
        list[Path], typer.Argument(metavar="VIDEO|REPORT_FOLDER", help="Videos, or folders that analyze has written.")
    ],
    *,
    formats: Annotated[
        str | None,
        typer.Option("--format", metavar="LIST", help="trc,mot,csv,parquet,dlc,c3d (default: trc,mot,csv,dlc)."),
    ] = None,
    markers: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Names in trc and c3d: pose2sim (RHip, LBigToe; the default) or mediapipe (right_hip).",
        ),
    ] = None,
    lift: Lift = None,
    model: Model = None,
    rate: Rate = None,
    start: Start = None,
    end: End = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to put the folders (default: beside the videos).")
    ] = None,
    subject: Subject = None,
    workers: Workers = None,
    no_cache: NoCache = False,
) -> None:
    """Write poses and angles for other programs into <name>_formcheck/.

    trc and c3d: markers in metres, under the names of Pose2Sim's models for OpenSim. mot: OpenSim's coordinates in
    degrees. csv and parquet: tidy tables. dlc: pixels, as DeepLabCut writes them. A folder's own report says with which
    settings its video is read.
    """
    from formcheck.io.save import choose_formats, choose_naming

    names, naming = choose_formats(formats), choose_naming(markers)
    flags = gather(lift=lift, model=model, rate=rate, start=start, end=end, subject=subject, workers=workers)
    settings = read_settings(None, flags)
    done = [
        _export_one(source, folder, names, naming, settings, use_cache=not no_cache)
        for source, folder in zip(sources, _plan(sources, out), strict=True)
    ]
    if not all(done):
        raise typer.Exit(1)


def _plan(sources: list[Path], out: Path | None) -> list[Path]:
    """Return a folder per source: a report's own without `out`, else as `formcheck analyze` names them."""
    from formcheck.report.folder import SUFFIX, plan_folders

    stems = [source.with_name(source.name.removesuffix(SUFFIX)) if source.is_dir() else source for source in sources]
    planned = plan_folders(stems, out)
    if out is not None:
        return planned
    return [source if source.is_dir() else folder for source, folder in zip(sources, planned, strict=True)]


def _export_one(
    source: Path, folder: Path, names: tuple[str, ...], naming: "Naming", settings: Settings, *, use_cache: bool
) -> bool:
    """Export one source. Return False after an expected error, which is printed."""
    from formcheck.report.folder import check_folder, write_folder

    try:
        if not source.exists():
            raise InputError(f"There is no file {source}.", "Check the name and the folder.")
        check_folder(folder)
        from formcheck.workflows.export import export as make_files

        with progress_bar(source.name) as progress:
            files = make_files(source, names, settings, progress, use_cache, naming)
        write_folder(folder, files)
    except FormcheckError as error:
        print_error(error, about=source)
        return False
    print_message(f"wrote {folder}: {', '.join(files)}")
    return True
