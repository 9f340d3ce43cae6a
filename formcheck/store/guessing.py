"""Whose video it is, guessed from what the file and its folders are called."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from formcheck.errors import FormcheckError
from formcheck.lifts import lift_names
from formcheck.store.connect import open_store
from formcheck.store.entries import clean_name
from formcheck.store.read import list_athletes

# Folders that a camera, a browser or a calendar has named.
NO_NAMES = re.compile(
    r"((week|wk|dcim|videos?|films?|clips?|camera|img|photos?|archive|up|uploads?|downloads?|desktop|documents?|tmp|inbox|new|sets?|samples?"
    r"|gym)(?![^\W\d_]).*|\d.*)",
    re.IGNORECASE,
)
LETTERS = re.compile(r"[^\W\d_]+")
NEAR_FOLDERS = 2  # of a file that may be named after the athlete: /home/coach is nobody who lifts


def guess_athlete(path: str, known: Sequence[str]) -> str | None:
    """Return whose video it is: the athlete of `known` that the file's name holds, or the innermost folder with one;
    else the innermost folder that is a name.

    `path` has forward slashes; folders that are dates, weeks or a camera's own name nobody.
    """
    *folders, name = PurePosixPath(path).parts or ("",)
    for part in (PurePosixPath(name).stem, *reversed(folders)):
        words = f" {' '.join(LETTERS.findall(part.casefold()))} "
        found = [each for each in known if f" {' '.join(each.casefold().split())} " in words]
        if found:
            return max(found, key=len)
    for folder in reversed(folders[-NEAR_FOLDERS:]):
        plain = " ".join(folder.replace("_", " ").split())
        is_lift = plain.casefold().replace(" ", "_") in lift_names()
        if LETTERS.search(plain) and not NO_NAMES.fullmatch(plain) and not is_lift:
            try:
                return clean_name(plain)
            except FormcheckError:
                continue
    return None


def list_names() -> list[str]:
    """Return the names that the history knows; none where it is out of reach."""
    try:
        store = open_store(create=False)
        return [] if store is None else [each.name for each in list_athletes(store)]
    except FormcheckError:
        return []
