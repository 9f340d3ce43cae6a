"""What a user may write into the history: names, days, loads, counts. Pure functions; SettingsError says what is wrong.

Names are kept as they are typed: HTML, SQL and formulas in them mean nothing here, and whoever shows them escapes them.
"""

import datetime as dt
import math
import re
import unicodedata

from formcheck.errors import SettingsError

MAX_NAME = 100  # characters
MAX_NOTES = 2000  # characters
MAX_LOAD_KG = 1000.0  # no machine holds more [D]
MAX_REPS = 1000  # of one set
MAX_SETS = 100  # of one entry
FIRST_DAY = dt.date(1980, 1, 1)  # an earlier one is a slip of the pen
JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"  # part of how names are written in several scripts
DAY_FORMS = (
    r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})",
    r"(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})",
    r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})",
    r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})",
    r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})",
)
DAYS = {"today": 0, "yesterday": 1}


def clean_name(name: str, what: str = "name") -> str:
    """Return an athlete's or exercise's name in one form: NFC, one space between words.

    Raises SettingsError when it is empty, longer than 100 characters or has characters that cannot be shown.
    """
    text = " ".join(unicodedata.normalize("NFC", name).split())
    if not text.strip(JOINERS):
        raise SettingsError(f"The {what} is empty.", "Give one.")
    if len(text) > MAX_NAME:
        raise SettingsError(f"The {what} is {len(text)} characters long.", f"Use {MAX_NAME} at most.")
    bad = next((each for each in text if each not in JOINERS and unicodedata.category(each)[0] == "C"), None)
    if bad is not None:
        raise SettingsError(f"The {what} holds the character U+{ord(bad):04X}, which cannot be seen.", "Leave it out.")
    return text


def key_of(name: str) -> str:
    """Return what two spellings of one name share: case and width of the letters do not count."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", clean_name(name)).casefold())


def read_day(text: str) -> dt.date:
    """Return the day: 2026-11-20 (see `parse_day`), today or yesterday. Raises SettingsError for anything else."""
    word = text.strip().lower()
    if word in DAYS:
        return dt.date.today() - dt.timedelta(days=DAYS[word])
    return check_day(parse_day(word))


def parse_day(text: str) -> dt.date:
    """Return the day of 2026-11-20, or as spreadsheets save it: 20.11.2026, 2026/11/20, 20/11/2026 or 11/20/2026, with
    midnight behind it or not. Raises SettingsError for anything else, and where day and month cannot be told apart.
    """
    shown = text if len(text) <= MAX_NAME else text[:MAX_NAME] + "..."
    word = re.sub(r"[ tT]00:00(:00(\.0+)?)?$", "", text.strip())
    found = [match for form in DAY_FORMS if (match := re.fullmatch(form, word, re.ASCII))]
    days = set()
    for match in found:
        try:
            days.add(dt.date(*(int(match[name]) for name in ("year", "month", "day"))))
        except ValueError:
            continue
    if len(days) > 1:
        either = " or ".join(each.isoformat() for each in sorted(days))
        raise SettingsError(f"{shown!r} could be {either}.", "Write year-month-day, as in 2026-11-20.")
    if not days:
        raise SettingsError(f"{shown!r} is not a date.", "Write year-month-day, as in 2026-11-20.")
    return days.pop()


def check_day(day: dt.date) -> dt.date:
    """Return the day. Raises SettingsError for one that has not come yet, or lies before 1980."""
    today = dt.date.today()
    if day > today:
        raise SettingsError(f"{day} is in the future: today is {today}.", "Give the day on which the set was done.")
    if day < FIRST_DAY:
        raise SettingsError(f"{day} is too long ago.", f"Give a day from {FIRST_DAY} on.")
    return day


def check_load_kg(load_kg: float | None) -> float | None:
    """Return the load, 0 (the body alone) to 1000 kg, or None: not known. Raises SettingsError for any other."""
    if load_kg is None:
        return None
    if not math.isfinite(load_kg) or not 0 <= load_kg <= MAX_LOAD_KG:
        raise SettingsError(f"A load of {load_kg:g} kg is not possible.", f"Give kilograms, 0 to {MAX_LOAD_KG:g}.")
    return load_kg + 0.0  # never -0.0


def check_count(count: int, most: int, what: str) -> int:
    """Return a number of sets or reps, from 1. Raises SettingsError for any other."""
    if not 1 <= count <= most:
        raise SettingsError(f"The number of {what} cannot be {count}.", f"Give 1 to {most}.")
    return count


def clean_notes(notes: str | None) -> str | None:
    """Return the notes in NFC, or None when there are none. Raises SettingsError when they are too long or hold control
    characters other than line breaks and tabs.
    """
    text = unicodedata.normalize("NFC", notes or "").strip()
    if len(text) > MAX_NOTES:
        raise SettingsError(f"The notes are {len(text)} characters long.", f"Use {MAX_NOTES} at most.")
    if any(unicodedata.category(each) in {"Cc", "Cs"} for each in text if each not in "\n\t"):
        raise SettingsError("The notes hold control characters.", "Leave them out.")
    return text or None
