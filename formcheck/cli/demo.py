"""`formcheck demo`: the shipped sample clip, analysed before your eyes, and its page in the browser."""

import shlex
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

import formcheck
from formcheck.cli.analyze import Wishes, analyze_one, is_ready
from formcheck.cli.streams import open_in_browser, print_message
from formcheck.errors import InputError
from formcheck.settings import Settings

SAMPLE = Path("samples") / "rdl_four_reps.mp4"


def demo(
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Put the results' folder here, not where you are.")
    ] = None,
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
) -> None:
    """Analyse the sample clip that comes with formcheck, and open its page."""
    from formcheck.report.folder import plan_folders

    clip = sample_path()
    (folder,) = plan_folders([clip], Path() if out is None else out)
    wishes = Wishes()
    if not (is_ready(clip, folder) and analyze_one(clip, folder, Settings(lift="rdl"), wishes)):
        raise typer.Exit(1)
    page = folder / "report.html"
    opened = show and open_in_browser(page.absolute().as_uri())
    print_message(f"{page} is open in your browser." if opened else f"Open {page.absolute().as_uri()} in a browser.")
    print_message("The same again, and with your own video in the sample's place:")
    print_message(f"  {write_command(clip)}")


def sample_path() -> Path:
    """Return the sample clip's place: inside an installed package, beside it in a checkout."""
    package = Path(formcheck.__file__).parent
    for folder in (package, package.parent):
        if (folder / SAMPLE).is_file():
            return folder / SAMPLE
    raise InputError(f"The sample clip {SAMPLE.name} is not where formcheck is installed.", "Install formcheck again.")


def write_command(clip: Path) -> str:
    """Return the command line that analyses a clip, to be pasted into the shell that this was started from."""
    return shlex.join([*name_program(), "analyze", shorten(clip), "--lift", "rdl"])


def name_program() -> list[str]:
    """Return how formcheck is started here: by its name where the shell finds it, by its place where it does not."""
    started = Path(sys.argv[0])
    found = shutil.which("formcheck")
    if found is not None and started.name != "__main__.py":
        return ["formcheck"]
    if started.name == "formcheck" and started.is_file():
        return [shorten(started)]
    return [shorten(Path(sys.executable)), "-m", "formcheck"]


def shorten(path: Path) -> str:
    """Return a path as it is named from here: relative where it lies below, else whole."""
    whole = path.absolute()
    return str(whole.relative_to(Path.cwd())) if whole.is_relative_to(Path.cwd()) else str(whole)
