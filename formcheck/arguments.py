"""Errors for whoever calls formcheck from Python: they speak of arguments, and not of flags.

The messages of formcheck are written for the command line, whose flags are named as the arguments are; so one place
turns `--lift rdl` into `lift="rdl"`, and no other has to know who is asking.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import get_args

from formcheck.errors import FormcheckError
from formcheck.settings import LIFT_CHOICES, ModelName, SideName, SubjectName

SIZE = re.compile(r"(\d{1,6})[xX](\d{1,6})")


@contextmanager
def speak_of_arguments(**renamed: str) -> Iterator[None]:
    """Let errors out of the block with arguments in their words: `--lift rdl` becomes `lift="rdl"`.

    `renamed` are the flags that the caller's arguments have other names for: out="folder". The next step also stands
    under the traceback.
    """
    try:
        yield
    except FormcheckError as error:
        error.message, error.hint = (name_arguments(text, **renamed) for text in (error.message, error.hint))
        error.args = (error.message,)
        if error.hint not in getattr(error, "__notes__", ()):
            error.add_note(error.hint)
        raise


def name_arguments(text: str, **renamed: str) -> str:
    """Return a message with arguments for flags: `speed=0.25` for `--speed 0.25`, `side_view=` for `--side-view`."""

    def replace(match: re.Match[str]) -> str:
        name = match["name"].replace("-", "_")
        name = renamed.get(name, name)
        values = [_as_literal(each) for each in (match["value"] or "").split("|")]
        return f"{name}={' or '.join(values)}"

    words = "|".join(sorted((re.escape(each) for each in _flag_words()), key=len, reverse=True))
    one = rf"\d+x\d+|\d+(?:\.\d+)?(?:-\d+(?:\.\d+)?)*|{words}"
    return re.sub(
        rf"--(?P<name>[a-z][a-z0-9-]*[a-z0-9])(?: (?P<value>(?:{one})(?:\|(?:{one}))*)(?![\w]))?", replace, text
    )


def _flag_words() -> set[str]:
    """Return every word that a flag's value can be."""
    return {
        *LIFT_CHOICES,
        *(name for names in (ModelName, SubjectName, SideName) for name in get_args(names)),
    }


def _as_literal(value: str) -> str:
    """Return a flag's value as Python writes it: a number as it is, a size as a tuple, text in quotes."""
    size = SIZE.fullmatch(value)
    if size is not None:
        return f"({size[1]}, {size[2]})"
    return value if not value or re.fullmatch(r"\d+(?:\.\d+)?", value) else f'"{value}"'
