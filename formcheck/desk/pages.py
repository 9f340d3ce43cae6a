"""The desk's pages: templates with every name escaped, and the style that they share with reports."""

from functools import cache
from pathlib import Path
from typing import Any

from formcheck.report.page import shell
from formcheck.report.page.shell import open_templates, read_parts

FOLDER = Path(__file__).parent / "page"
SHARED = shell.FOLDER  # what all pages of formcheck are made of


def render(page: str, /, **content: Any) -> str:
    """Return `<page>.html.jinja` filled with `content`."""
    return open_templates(FOLDER).get_template(f"{page}.html.jinja").render(**content)


@cache
def read_style() -> str:
    """Return the style: what all pages of formcheck share, then the desk's own."""
    return read_parts(SHARED / "base.css", FOLDER / "desk.css")
