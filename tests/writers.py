"""One of several programs that write into the history at once; imports little, since each starts anew."""

import datetime as dt
from typing import Any

DAY = dt.date(2026, 11, 2)


def keep_many(arguments: tuple[dict[str, Any], int, int]) -> None:
    """Keep sets of one's own, the set that everybody keeps, and a logged one, over and over."""
    from formcheck.store.keep import keep_set, log_set

    document, writer, rounds = arguments
    for number in range(rounds):
        own = {**document, "source": {**document["source"], "sha256": f"{writer:02d}{number:02d}" * 16}}
        keep_set(own, athlete=f"Athlete {number % 3}", date=DAY)
        keep_set(document, athlete="Shared", date=DAY)
        log_set("Shared", "squat", reps=5, date=DAY)
