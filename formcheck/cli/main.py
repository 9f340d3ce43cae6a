"""The `formcheck` command: one file per subcommand, and the one place that turns expected errors into words."""

import io
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from formcheck import __version__
from formcheck.cli.agree import agree
from formcheck.cli.analyze import analyze
from formcheck.cli.balance import balance
from formcheck.cli.batch import batch
from formcheck.cli.compare import compare
from formcheck.cli.demo import demo
from formcheck.cli.desk import desk
from formcheck.cli.explain import explain
from formcheck.cli.export import export
from formcheck.cli.history import history
from formcheck.cli.live import live
from formcheck.cli.log import log
from formcheck.cli.schema import schema
from formcheck.cli.streams import print_error
from formcheck.errors import FormcheckError

EXIT_EXPECTED_ERROR = 1  # something was wrong with what was given, not with formcheck


class Commands(TyperGroup):
    """The commands; what is wrong with a value that was typed is said without the name of Python's error."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was typed."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ")
            raise


app = typer.Typer(
    name="formcheck",
    cls=Commands,
    help="Watch a hamstring lift on video and say what to change.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # rich's help costs 60 ms at every start, and says the same
    pretty_exceptions_enable=False,  # an unexpected exception is a bug: its plain traceback is the best report
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(analyze)
app.command()(compare)
app.command()(agree)
app.command()(live)
app.command()(desk)
app.command()(batch)
app.command()(history)
app.command()(log)
app.command()(balance)
app.command()(export)
app.command()(explain)
app.command()(schema)
app.command()(demo)


def _print_version(wanted: bool) -> None:  # noqa: FBT001  # typer calls it with the flag's value
    if wanted:
        typer.echo(f"formcheck {__version__}")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Watch a hamstring lift on video and say what to change."""


def main() -> None:
    """Run the command line and exit: 0 done, 1 expected error, 2 usage, 130 Ctrl-C. Others keep their traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that knows no "°" gets an escape, not a crash
    try:
        app(prog_name="formcheck")
    except FormcheckError as error:
        print_error(error)
        sys.exit(EXIT_EXPECTED_ERROR)
