"""`formcheck compare`: two sets side by side, on the terminal and as a page."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from formcheck.cli.analyze import analyze_or_ask, is_ready
from formcheck.cli.options import Config, Lift, Model, NoCache, Rate, Subject, Workers, gather, read_settings
from formcheck.cli.streams import drop_file, print_error, print_message, progress_bar, wants_colour
from formcheck.errors import FormcheckError
from formcheck.settings import Settings

if TYPE_CHECKING:
    from formcheck.report.comparison import Compared
    from formcheck.report.page.compare import Side
    from formcheck.workflows.compare import Footage

PAGE = "compare.html"
DOCUMENT = "compare.json"
COPIES = ("a.mp4", "b.mp4")  # of videos that not every browser plays


def compare(
    a: Annotated[Path, typer.Argument(metavar="A", help="A video, or what analyze wrote: its folder or report.json.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="The same for the other set.")],
    *,
    lift: Lift = None,
    model: Model = None,
    rate: Rate = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to put the results folder (default: beside B).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print compare.json instead of the text.")] = False,
    subject: Subject = None,
    config: Config = None,
    workers: Workers = None,
    html: Annotated[bool, typer.Option("--html/--no-html", help="Write compare.html, a page with both videos.")] = True,
    embed: Annotated[bool, typer.Option("--embed", help="Embed the videos in compare.html.")] = False,
    no_cache: NoCache = False,
) -> None:
    """Compare two sets, phase by phase: good against bad, this week against last.

    Writes compare.json and compare.html into <A>_vs_<B>_formcheck/ beside B. --lift, --model and the like are for
    videos; a report keeps the settings it was made with.
    """
    flags = gather(lift=lift, model=model, rate=rate, subject=subject, workers=workers)
    settings = read_settings(config, flags)
    folder = _plan(a, b, out)
    ready = [is_ready(each, folder) for each in (a, b)]  # both errors are said
    if not all(ready):
        raise typer.Exit(1)
    wishes = _Wishes(as_json=as_json, html=html, embed=embed, use_cache=not no_cache)
    if not _compare(a, b, folder, settings, wishes):
        raise typer.Exit(1)


@dataclass(frozen=True)
class _Wishes:
    as_json: bool
    html: bool
    embed: bool
    use_cache: bool


def _plan(a: Path, b: Path, out: Path | None) -> Path:
    """Return the folder for the results: `<A>_vs_<B>_formcheck`, beside B or in `out`."""
    from formcheck.report.folder import plan_folders

    names = [_stem(each) for each in (a, b)]
    beside = _place(b)
    (folder,) = plan_folders([beside.with_name(f"{names[0]}_vs_{names[1]}.mp4")], out)
    return folder


def _is_report(path: Path) -> bool:
    return path.is_dir() or path.suffix.lower() == ".json"


def _place(path: Path) -> Path:
    """Return what stands for a set: its video, or its results' folder."""
    place = path.parent if path.suffix.lower() == ".json" and not path.is_dir() else path
    return place if place.name not in {"", ".."} else place.resolve()  # "." has no name of its own


def _stem(path: Path) -> str:
    from formcheck.report.folder import SUFFIX

    place = _place(path)
    return place.name.removesuffix(SUFFIX) if _is_report(path) else place.stem


def _compare(a: Path, b: Path, folder: Path, settings: Settings, wishes: _Wishes) -> bool:
    """Read both sets, write the folder, print the result. Return False after an expected error, which is printed."""
    from formcheck.lifts import all_checks, all_lifts, name_checks
    from formcheck.report.comparison import build, summarise
    from formcheck.report.document import to_json
    from formcheck.report.folder import write_folder

    sets = [_read(each, settings, wishes) for each in (a, b)]
    read = [each for each in sets if each is not None]
    if len(read) < len(sets):
        return False
    (one, _), (other, _) = read
    titles = {check.code: check.title for check in all_checks()}
    lift_titles = {name: lift.title for name, lift in all_lifts().items()}
    files = {DOCUMENT: to_json(build(one, other, titles))}
    try:
        if wishes.html:
            from formcheck.report.page.compare import render_comparison

            sides = [_make_side(*own, folder, copy, embed=wishes.embed) for own, copy in zip(read, COPIES, strict=True)]
            files = {PAGE: render_comparison(sides[0], sides[1], titles, lift_titles, name_checks()), **files}
        write_folder(folder, files)
        if not wishes.html:
            drop_file(folder / PAGE, "it showed an earlier comparison")
        copies = _write_copies(read, folder) if wishes.html and not wishes.embed else []
    except FormcheckError as error:
        print_error(error)
        return False
    if wishes.as_json:
        typer.echo(files[DOCUMENT].encode(), nl=False)
    else:
        from sys import stdout

        typer.echo(summarise(one, other, titles, lift_titles, name_checks(), colour=wants_colour(stdout)))
    print_message(f"wrote {folder}: {', '.join([*files, *copies])}")
    return True


def _read(path: Path, settings: Settings, wishes: _Wishes) -> "tuple[Compared, Footage] | None":
    """Return one set, analysed now or written earlier; None after an expected error, which is printed."""
    from formcheck.workflows.compare import read_set, take_report

    try:
        if not _is_report(path):
            return take_report(analyze_or_ask(path, settings, use_cache=wishes.use_cache), path)
        with progress_bar(path.name) as progress:
            return read_set(
                path,
                pictures=wishes.html,
                workers=settings.workers,
                progress=progress,
                use_cache=wishes.use_cache,
            )
    except FormcheckError as error:
        print_error(error, about=path)
        return None


def _make_side(compared: "Compared", footage: "Footage", folder: Path, copy: str, *, embed: bool) -> "Side":
    """Return what the page shows of one set; a video that not every browser plays is shown as its copy."""
    from formcheck.rendering.annotated_video import plays_everywhere
    from formcheck.rendering.set_files import write_bytes
    from formcheck.report.page import link_video
    from formcheck.workflows.compare import clock_of_set, make_side

    if footage.video is None:
        return make_side(compared, footage, None)
    if plays_everywhere(footage.video, clock_of_set(compared).rate_hz):
        shown = footage.video.read_bytes() if embed else None
        return make_side(compared, footage, link_video(footage.video, folder), shown=shown)
    shown = write_bytes(lambda path: _copy_video(compared, footage, path)) if embed else None
    return make_side(compared, footage, copy, shown=shown, first_s=_stretch_s(compared)[0])


def _write_copies(sets: "list[tuple[Compared, Footage]]", folder: Path) -> list[str]:
    """Write a copy of each video that some browsers cannot play into the folder; return the names."""
    from formcheck.rendering.annotated_video import plays_everywhere
    from formcheck.report.folder import write_aside
    from formcheck.workflows.compare import clock_of_set

    names = []
    for name, (compared, footage) in zip(COPIES, sets, strict=True):
        if footage.video is not None and not plays_everywhere(footage.video, clock_of_set(compared).rate_hz):
            with write_aside(folder / name) as aside:
                _copy_video(compared, footage, aside)
            names.append(name)
    return names


def _copy_video(compared: "Compared", footage: "Footage", target: Path) -> None:
    from formcheck.rendering.annotated_video import write_copy
    from formcheck.workflows.compare import clock_of_set

    assert footage.video is not None
    with progress_bar(f"{compared.name} for browsers") as progress:
        write_copy(footage.video, target, _stretch_s(compared), progress, clock_of_set(compared))


def _stretch_s(compared: "Compared") -> tuple[float, float]:
    """Return what the page plays of a video, s: its repetitions, with a second to either side."""
    first_s = compared.reps[0].start_s - 1.0 if compared.reps else 0.0
    last_s = compared.reps[-1].stop_s + 1.0 if compared.reps else compared.content["source"]["duration_s"]
    return max(0.0, first_s), last_s
