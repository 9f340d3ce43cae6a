"""`formcheck schema`: what the JSON documents hold, for programs that read them."""

from typing import Annotated

import typer

from formcheck.schemas import SchemaName, read_schema


def schema(
    name: Annotated[SchemaName, typer.Argument(metavar="report|compare|outcome", help="Which document.")],
) -> None:
    """Print the JSON Schema of report.json, compare.json or a batch's outcome.json."""
    typer.echo(read_schema(name).encode(), nl=False)
