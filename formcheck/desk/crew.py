"""Who analyses the desk's videos: a thread per isolated process, and one more for what a coach waits for."""

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import ParamSpec, Self, TypeVar

from formcheck.batch.job import Busy, Failure, Job, JobError, Limits, Outcome, Plan
from formcheck.batch.pool import Slot, tell_progress
from formcheck.batch.shelf import REPORT, read_json
from formcheck.desk.answers import say_film_gone, settings_of, sum_up_set
from formcheck.desk.keeping import keep_entry
from formcheck.desk.library import Entry, Library
from formcheck.desk.tasks import Study, study_video
from formcheck.workflows.late_imports import load_parts

WATCH_EVERY_S = 1.0  # between two looks at the queue when nobody has called

P = ParamSpec("P")
T = TypeVar("T")


class Crew:
    """The workers of one desk; a context manager, which ends them. What they were doing goes on at the next start."""

    def __init__(self, library: Library, count: int, scratch: Path, limits: Limits | None = None) -> None:
        self.library = library
        self.count = count
        self._limits = limits or Limits()
        self._slots = [Slot(self._limits, scratch) for _ in range(count + 1)]
        self._quick = threading.Lock()  # of the last slot: one task at a time
        self._taking = threading.Lock()
        self._taken: dict[str, tuple[Slot, float]] = {}
        self._called = threading.Condition()
        self._stopped = threading.Event()
        self._cold = threading.Event()  # the quick worker runs, and has loaded nothing yet

    def __enter__(self) -> Self:
        for number, slot in enumerate(self._slots):
            threading.Thread(target=self._work, args=(slot, number == self.count), daemon=True).start()
        self._cold.set()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self.call()
        for slot in self._slots:
            slot.close()

    def call(self) -> None:
        """Have the workers look at the queue now."""
        with self._called:
            self._called.notify_all()

    def warm(self) -> None:
        """Have the process that a coach waits for load what it needs, once, while they look; return at once."""
        if self._cold.is_set():
            self._cold.clear()
            threading.Thread(target=self._load, daemon=True).start()

    def _load(self) -> None:
        with suppress(JobError, RuntimeError), self._quick:  # a desk that ends meanwhile needs it no more
            self._slots[-1].call(load_parts)

    def doing(self) -> dict[str, Busy]:
        """Return what is under way, by the set's uid."""
        now_s = time.monotonic()
        with self._taking:
            taken = dict(self._taken)
        return {uid: Busy(uid, *slot.frames, now_s - since_s) for uid, (slot, since_s) in taken.items()}

    def ask(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something a coach waits for, in a process of its own. Raises what it raises, JobError when that dies."""
        with self._quick:
            return self._slots[-1].call(function, *args, **kwargs)

    def _work(self, slot: Slot, is_quick: bool) -> None:  # noqa: FBT001  # one thread's own kind
        while not self._stopped.is_set():
            entry = self._take(slot, is_quick)
            if entry is None:
                with self._called:
                    self._called.wait(WATCH_EVERY_S)
                continue
            try:
                if is_quick:
                    with self._quick:
                        self._study(slot, entry)
                else:
                    self._study(slot, entry)
            finally:
                with self._taking:
                    self._taken.pop(entry.uid, None)

    def _take(self, slot: Slot, is_quick: bool) -> Entry | None:  # noqa: FBT001
        """Return the next set that nobody works on; the quick worker takes what a coach has changed, and no other."""
        with self._taking:
            for entry in self.library.waiting():
                if entry.uid not in self._taken and (entry.edited or not is_quick):
                    self._taken[entry.uid] = (slot, time.monotonic())
                    return entry
        return None

    def _study(self, slot: Slot, entry: Entry) -> None:
        if not Path(entry.place).is_file():
            self._leave(entry)
            return
        job, plan = plan_work(entry, self.library.home, self._limits)
        started_s = time.monotonic()
        try:
            study = slot.call(study_video, job, plan, slot.scratch, tell_progress)
        except JobError as error:
            study = Study(Outcome(job, failure=Failure(error.kind, f"{job.label}: {error.message}", error.hint)))
        except Exception as error:  # noqa: BLE001  # one set's failure is told on its card, whatever it is
            message = f"{job.label} led to a mistake of formcheck: {type(error).__name__}."
            study = Study(Outcome(job, failure=Failure("bug", message, "Please report it.")))
        if self._stopped.is_set():  # its process was ended with the desk: it goes on at the next start
            return
        self._finish(entry, study, time.monotonic() - started_s)

    def _leave(self, entry: Entry) -> None:
        """Say of a set that its video is gone; a report that it has stays, and so does what that was asked."""
        error = say_film_gone(entry.name)
        told = {"message": error.message, "hint": error.hint}
        report = read_json(str(self.library.home), entry.folder, REPORT)
        if report:
            asked = report["provenance"]["settings"]
            result = {"lift_asked": asked.get("lift", "auto"), "subject": asked.get("subject", "auto")}
            result |= {"start_s": asked.get("start"), "end_s": asked.get("end")}
            result["without"] = json.dumps(asked.get("without", []))
            self.library.finish(entry.uid, entry.revision, {**result, **told}, None)
        else:
            failed = {"state": "failed", "failure": "fetch", "lift": None}
            self.library.finish(entry.uid, entry.revision, {**failed, **told}, [])

    def _finish(self, entry: Entry, study: Study, elapsed_s: float) -> None:
        outcome = study.outcome
        if outcome.failure is not None:
            told = outcome.failure
            failed = {"state": "failed", "failure": told.kind, "message": told.message, "hint": told.hint}
            self.library.finish(entry.uid, entry.revision, {**failed, "elapsed_s": elapsed_s, "lift": None}, [])
            return
        result, found = sum_up_set(outcome.document, outcome.severity)
        result |= {"elapsed_s": elapsed_s, "plays": study.plays, "performed_on": outcome.filmed_on}
        if self.library.finish(entry.uid, entry.revision, result, found):
            keep_entry(self.library, entry.uid)


def plan_work(entry: Entry, home: Path, limits: Limits) -> tuple[Job, Plan]:
    """Return a set's work as the batch wants it."""
    plan = Plan(settings_of(entry), str(home), limits, video_url="video", frames=True)
    return Job(entry.place, entry.name, entry.folder), plan
