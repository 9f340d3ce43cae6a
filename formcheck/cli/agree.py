"""`formcheck agree`: a set against a reference, as text, tables and a page."""

from pathlib import Path
from typing import Annotated

import typer

from formcheck.cli import options
from formcheck.cli.streams import print_message
from formcheck.settings import SideName


def agree(
    a: Annotated[
        Path, typer.Argument(metavar="A", help="A folder that analyze wrote, angles (CSV, MOT), or markers (TRC, C3D).")
    ],
    b: Annotated[Path, typer.Argument(metavar="B", help="The reference: the same kinds.")],
    *,
    shift: Annotated[
        float | None, typer.Option(metavar="S", help="Seconds to add to A's times (default: estimated).")
    ] = None,
    lift: options.Lift = None,
    side: Annotated[SideName | None, typer.Option(help="Which side to use from a file that has both.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to put the results folder (default: beside A).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print agreement.json instead of the text.")] = False,
) -> None:
    """Compare a set with a reference: bias, limits of agreement, RMSE and ICC.

    Writes agreement.html, agreement.csv, pairs.csv and agreement.json into <A>_agrees_<B>_formcheck/ beside A.
    """
    from formcheck.agreement import compare_recordings
    from formcheck.agreement.writing import render_files, to_text
    from formcheck.report.folder import check_folder, plan_folders, write_folder

    beside = a if a.name not in {"", ".."} else a.resolve()
    stems = [each.name.removesuffix("_formcheck") if each.is_dir() else each.stem for each in (beside, b.resolve())]
    (folder,) = plan_folders([beside.with_name(f"{stems[0]}_agrees_{stems[1]}.csv")], out)
    check_folder(folder)
    found = compare_recordings(a, b, shift_s=shift, lift=lift, side=side)
    files = render_files(found)
    write_folder(folder, files)
    typer.echo(str(files["agreement.json"]) if as_json else to_text(found), nl=not as_json)
    print_message(f"wrote {folder}: {', '.join(files)}")
