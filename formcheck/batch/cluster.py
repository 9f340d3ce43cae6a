"""The workers of other machines: a Dask scheduler hands the same task to them.

A worker needs formcheck, a way to the sources and to the results, and no disk of ours. On it, too, a video is decoded
in a process of its own, so that a bad file does not take the worker down; a worker that is lost has its tasks done by
another.
"""

import multiprocessing
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any

import formcheck
from formcheck.batch.job import Busy, Failure, Job, JobError, Outcome, Plan
from formcheck.batch.pool import Slot, analyze_in
from formcheck.errors import SettingsError

SCHEDULER_S = 8.0  # for a scheduler to answer
WORKERS_S = 60.0  # for the first worker to come
ASK_EVERY_S = 2.0  # what the workers do
TASKS_AHEAD = 3  # tasks per thread that the scheduler holds, so that no worker waits for us
EXTRA = "Install what it needs: pip install 'formcheck[cluster]'."

_of_thread = threading.local()  # on a worker: its slot


class ClusterWorkers(AbstractContextManager["ClusterWorkers"]):
    """All workers of a Dask scheduler; a context manager, which lets go of what they have not done."""

    def __init__(self, address: str) -> None:
        self._labels: dict[str, str] = {}  # of the tasks that run, by key
        self._processing: dict[str, tuple[str, ...]] = {}
        self._asked_s = -ASK_EVERY_S
        try:
            from distributed import Client
        except ImportError as error:
            raise SettingsError("--scheduler needs Dask, which is not installed.", EXTRA) from error
        try:
            self._client: Any = Client(address, timeout=SCHEDULER_S, set_as_default=False)
        except (TimeoutError, OSError, ValueError) as error:
            raise SettingsError(
                f"No Dask scheduler answers at {address}.",
                "Start one with dask scheduler, and give its tcp:// address.",
            ) from error

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def status(self) -> list[Busy]:
        """Return a line per Dask worker: one of the videos it works on."""
        now_s = time.monotonic()
        if now_s - self._asked_s > ASK_EVERY_S:
            self._asked_s = now_s
            self._processing = self._client.processing()
        return [Busy(self._labels.get(keys[0], "") if keys else "") for keys in self._processing.values()]

    def run(self, jobs: Iterable[Job], plan: Plan) -> Iterator[Outcome]:
        """Yield an outcome per job, in the order in which they end.

        Raises SettingsError when no worker comes, or their formcheck is another, JobError when the scheduler is lost.
        """
        from distributed import as_completed

        self._check_workers()
        running: dict[str, Job] = {}
        rest = iter(jobs)
        ended = as_completed(loop=self._client.loop)

        def submit(count: int) -> None:
            for job in islice(rest, count):
                key = f"formcheck-{uuid.uuid4().hex}"
                running[key] = job
                self._labels[key] = job.label
                ended.add(self._client.submit(analyze_on_worker, job, plan, key=key, pure=False))

        submit(TASKS_AHEAD * sum(self._client.nthreads().values()))
        for future in ended:
            job = running.pop(future.key)
            del self._labels[future.key]
            if future.cancelled():
                raise JobError(
                    "crash",
                    "The Dask scheduler no longer answers.",
                    "Start it again, then run the same command: it continues.",
                )
            error = future.exception()
            yield future.result() if error is None else Outcome(job, failure=_lost(job, error))
            del future  # so that the scheduler forgets its result
            submit(1)

    def _check_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=WORKERS_S)
        except TimeoutError as error:
            raise SettingsError(
                "The Dask scheduler has no workers.", "Start some with dask worker and the scheduler's address."
            ) from error
        try:
            versions = self._client.run(tell_version)
        except ImportError as error:
            raise SettingsError("A Dask worker lacks formcheck.", "Install formcheck where the workers run.") from error
        for worker, version in versions.items():
            if version != formcheck.__version__:
                raise SettingsError(
                    f"The Dask worker {worker} has formcheck {version}; this computer has {formcheck.__version__}.",
                    "Install the same version everywhere.",
                )


def tell_version() -> str:
    """Return the version of formcheck where this runs."""
    return formcheck.__version__


def analyze_on_worker(job: Job, plan: Plan) -> Outcome:
    """Return what comes of a job, on a Dask worker; each of its threads keeps one slot."""
    slot: Slot | None = getattr(_of_thread, "slot", None)
    if slot is None or slot.limits != plan.limits:
        if slot is not None:
            slot.close()
        multiprocessing.current_process().daemon = False  # Dask's nanny starts it as one, and such have no children
        slot = Slot(plan.limits)
        _of_thread.slot = slot
    return analyze_in(slot, job, plan)


def _lost(job: Job, error: BaseException) -> Failure:
    """Return the failure of a task that Dask gave up."""
    return Failure(
        "crash",
        f"{job.label}: Dask gave up on it ({type(error).__name__}).",
        "Look at the workers' logs, then run again.",
    )
