"""`formcheck desk`: a coach's page for a week of videos, in the browser."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from formcheck.cli.streams import open_in_browser, print_message
from formcheck.errors import InputError

if TYPE_CHECKING:
    from formcheck.web.access import Gate

MOST = 256  # connections at once: a browser holds several, and fifty videos may come together


def desk(
    *,
    home: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where videos and results are kept (default: your data folder)."),
    ] = None,
    watch: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Take in every video that appears in this folder.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Parallel videos (default: one fewer than there are cores).")
    ] = None,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Listen here, for phones too; 127.0.0.1 is this computer alone.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="The port.")] = 8766,
    cert: Annotated[Path | None, typer.Option(metavar="FILE", help="Certificate (PEM), for https.")] = None,
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="The certificate's key (PEM).")] = None,
) -> None:
    """Drop videos into a page of this computer, and review them there.

    Nothing is lost when the browser or this program ends: the next start goes on.
    """
    from formcheck.web.serving import Address, check_extra, serve_app

    check_extra("The desk")
    if watch is not None and not watch.is_dir():
        raise InputError(f"There is no folder {watch}.", "Give a folder with --watch.")
    from formcheck.desk.library import default_home
    from formcheck.desk.server import build_app, open_desk
    from formcheck.live.session import Session
    from formcheck.live.web.server import build_pages
    from formcheck.pose.estimation import count_cores
    from formcheck.settings import Settings

    address = Address(host, port, cert, key)
    with open_desk(home or default_home(), workers or max(1, count_cores() - 1), watch) as opened:
        live = build_pages(lambda: Session(Settings()), "auto", home=True)

        def build(gate: "Gate", place: str) -> Any:
            if show:  # the address works already: the browser waits for its page
                open_in_browser(place)
            return build_app(opened, gate, live, place)

        serve_app(build, address, print_message, most=MOST)
