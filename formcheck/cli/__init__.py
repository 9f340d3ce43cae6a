"""The command line: typer, one file per command."""
