"""`formcheck analyze`: videos in, cues on stdout, a folder of results for each."""

import os
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from formcheck.cli import options
from formcheck.cli.keeping import Keeping, KeepOptions, keep_report, read_keeping, tell_changes
from formcheck.cli.landmarks import analyze_poses, split_landmarks, tell_idle_options
from formcheck.cli.streams import (
    ask_lift,
    can_ask,
    drop_file,
    print_error,
    print_message,
    print_summary,
    progress_bar,
)
from formcheck.errors import FormcheckError, InputError, LiftError
from formcheck.settings import Pictures, Settings, SideName

if TYPE_CHECKING:
    from formcheck.data import Report

EXIT_STOPPED = 130  # as a shell says it of a program that Ctrl-C ended


@dataclass(frozen=True)
class LandmarkOptions:
    """Landmarks that somebody else has found, and what their file does not tell."""

    poses: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Judge landmarks from another program: CSV, JSON, H5, TRC, C3D."),
    ] = None
    fps: Annotated[
        float | None, typer.Option(metavar="HZ", help="With --poses: frames a second, if the file has no times.")
    ] = None
    size: Annotated[
        str | None,
        typer.Option(metavar="WxH", help="With --poses: the picture's size, px, if the file gives fractions of it."),
    ] = None
    side_view: Annotated[
        SideName | None, typer.Option(help="Which side of the lifter the camera saw, if the landmarks cannot tell.")
    ] = None


@options.unfold
def analyze(
    context: typer.Context,
    videos: Annotated[
        list[Path] | None,
        typer.Argument(metavar="VIDEO", help="Videos of one set each, filmed from the side, or files of landmarks."),
    ] = None,
    *,
    given: LandmarkOptions,
    lift: options.LiftOptions,
    clip: options.ClipOptions,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to put the results folders (default: beside the videos).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print report.json instead of the summary.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show every check, with its code.")] = False,
    subject: options.Subject = None,
    config: options.Config = None,
    workers: options.Workers = None,
    plate_mm: options.PlateMm = None,
    pictures: options.PictureOptions,
    no_cache: options.NoCache = False,
    keep: KeepOptions,
) -> None:
    """Analyse videos of a lift and say what to change.

    Writes report.json, report.html, angles.csv and reps.csv into <name>_formcheck/ beside each video. With --athlete
    the sets are kept for formcheck history.
    """
    flags = options.gather(lift, clip, subject=subject, side_view=given.side_view, workers=workers, plate_mm=plate_mm)
    settings = options.read_settings(config, flags)
    if given.poses is not None and videos:
        raise typer.BadParameter("Give videos, or a file of landmarks with --poses, not both.")
    films, landmarks = split_landmarks(videos or []) if given.poses is None else ([], [given.poses])
    if pictures.blur_faces and landmarks:
        raise typer.BadParameter(options.HEADS_IN_PICTURES)
    wishes = Wishes(pictures.read(), read_keeping(keep), as_json=as_json, use_cache=not no_cache, verbose=verbose)
    if landmarks or given.fps is not None or given.size is not None:
        if films and landmarks:
            raise typer.BadParameter("Give videos, or files of landmarks, not both.")
        tell_idle_options(context)
        done = analyze_poses(
            landmarks,
            settings,
            fps=given.fps,
            size=given.size,
            out=out,
            as_json=as_json,
            keeping=wishes.keeping,
            verbose=verbose,
        )
    elif not videos:
        raise typer.BadParameter("Give a video, or a file of landmarks with --poses.")
    else:
        done = _analyze_all(videos, settings, out, wishes)
    if not done:
        raise typer.Exit(1)


@dataclass(frozen=True)
class Wishes:
    """What to write and print: nothing that changes a number."""

    pictures: Pictures = field(default_factory=Pictures)
    keeping: Keeping | None = None
    as_json: bool = False
    use_cache: bool = True
    verbose: bool = False


def _analyze_all(videos: list[Path], settings: Settings, out: Path | None, wishes: Wishes) -> bool:
    """Analyse each video; one that fails costs its own error and stops no other. Return whether none failed."""
    from formcheck.report.folder import plan_folders

    planned = list(zip(videos, plan_folders(videos, out), strict=True))
    ready = [(video, folder) for video, folder in planned if is_ready(video, folder)]
    if ready and settings.lift != "auto":
        from formcheck.pipeline import choose_lift

        choose_lift(settings)  # a lift that cannot be judged is one error, not one a video
    done = [analyze_one(video, folder, settings, wishes) for video, folder in ready]
    return len(ready) == len(planned) and all(done)


def is_ready(video: Path, folder: Path) -> bool:
    """Whether there is a video to open and a place for its results, said before any analysis starts."""
    from formcheck.report.folder import check_folder

    try:
        if not os.path.exists(video):  # noqa: PTH110  # Path.exists raises for a name too long
            address = str(video).replace(":/", "://", 1)  # a path has made one slash of two
            if is_address(address):
                hint = "Save the video, or give its address to formcheck batch."
                raise InputError(f"{address} is an address, not a file.", hint)
            raise InputError(f"There is no file {video}.", "Check the name and the folder.")
        if video.is_fifo() or video.is_char_device() or video.is_socket():
            raise InputError(f"{video} is a stream, not a file.", "Save the video as a file, and give that.")
        check_folder(folder)
    except FormcheckError as error:
        print_error(error)
        return False
    return True


def is_address(text: str) -> bool:
    """Whether somebody gave a web address in place of a file."""
    from formcheck.batch.fetch import is_url  # what comes along with it is needed by no file

    return is_url(text)


def analyze_one(video: Path, folder: Path, settings: Settings, wishes: Wishes) -> bool:
    """Analyse one video, write its folder, print its result. Return False after an expected error, which is printed."""
    from formcheck.report import render_files
    from formcheck.report.folder import write_folder

    try:
        report = analyze_or_ask(video, settings, use_cache=wishes.use_cache)
        changes = tell_changes(report, video, wishes.keeping)
        # report.json stays last: who finds it finds the others
        files = {**render_files_of_page(report, video, folder, wishes.pictures, changes), **render_files(report)}
        write_folder(folder, files)
        _drop_earlier(folder, wishes.pictures)
        names = [*files, *([_draw_video(report, video, folder, wishes.pictures)] if wishes.pictures.video else [])]
    except FormcheckError as error:
        print_error(error, about=video)
        return False
    except KeyboardInterrupt as stop:
        print_message(f"stopped: {video.name} is not finished")
        raise typer.Exit(EXIT_STOPPED) from stop
    if wishes.as_json:
        typer.echo(str(files["report.json"]).encode(), nl=False)
    else:
        print_summary(report, verbose=wishes.verbose, changes=changes)
    print_message(f"wrote {folder}: {', '.join(names)}")
    return wishes.keeping is None or _keep(report, video, folder, wishes.keeping)


def _keep(report: "Report", video: Path, folder: Path, keeping: Keeping) -> bool:
    """Keep one set. Return False after an expected error, which is printed: the results are written all the same."""
    try:
        keep_report(report, video, folder, keeping)
    except FormcheckError as error:
        print_error(error, about=video)
        return False
    return True


def analyze_or_ask(video: Path, settings: Settings, *, use_cache: bool) -> "Report":
    """Analyse one video; when its lift is not recognised and somebody can answer, ask and start again."""
    from formcheck.lifts import all_lifts
    from formcheck.pipeline import analyze as analyze_video
    from formcheck.workflows.late_imports import import_meanwhile

    try:
        with progress_bar(video.name) as progress:
            return analyze_video(video, settings, import_meanwhile(progress), use_cache)
    except LiftError as error:
        if not can_ask():
            raise
        print_message(f"{video.name}: {error.message}")
        answer = ask_lift(list(all_lifts()))
        if answer is None:
            raise
    with progress_bar(video.name) as progress:
        return analyze_video(video, replace(settings, lift=answer), progress, use_cache)


def render_files_of_page(
    report: "Report", video: Path, folder: Path, pictures: Pictures, changes: Sequence[str] = ()
) -> dict[str, str | bytes]:
    """Return report.html, and with --blur-faces its video; `changes` say what changed since last time."""
    from formcheck.rendering.set_files import BLURRED, render_page_files, take_set_stills
    from formcheck.report.page import link_video, open_page

    if not pictures.html:
        return {}
    opening = Thread(target=open_page)  # decoding leaves Python to others
    opening.start()
    stills = take_set_stills(report, video, hides_head=pictures.blur_faces)
    opening.join()
    with progress_bar(BLURRED) if pictures.blur_faces else nullcontext() as progress:
        return render_page_files(report, video, link_video(video, folder), pictures, stills, progress, changes=changes)


def _drop_earlier(folder: Path, pictures: Pictures) -> None:
    """Delete what an earlier run left that this one makes untrue: the page beside another report, and without
    --blur-faces the annotated video, as the folder may be on its way to somebody.
    """
    from formcheck.rendering.set_files import ANNOTATED, PAGE

    if not pictures.html:
        drop_file(folder / PAGE, "it showed an earlier analysis")
    if pictures.blur_faces and not pictures.video:
        drop_file(folder / ANNOTATED, "it was made without --blur-faces")


def _draw_video(report: "Report", video: Path, folder: Path, pictures: Pictures) -> str:
    """Write the annotated video into the folder and return its name."""
    from formcheck.rendering.set_files import ANNOTATED, draw_video
    from formcheck.report.folder import write_aside

    target = folder / ANNOTATED
    with progress_bar(target.name) as progress, write_aside(target) as aside:
        draw_video(report, video, aside, pictures, progress)
    return target.name
