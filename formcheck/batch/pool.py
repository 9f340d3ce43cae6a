"""Processes that may be killed: by us when time is up, by the video when it crashes its decoder.

A slot is a pebble pool of one process with one task at a time. Its channel is then nobody else's, so that a process
that dies with a lock in its hand holds up itself alone, and pebble puts a new one in its place.
"""

import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager
from multiprocessing import connection
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from formcheck.batch.job import Failure, Job, JobError, Limits, Outcome, Plan

P = ParamSpec("P")
T = TypeVar("T")

TASKS_PER_PROCESS = 50  # then a new one: decoders and models leak a little
PROCESS_START_S = 60.0  # for a process to start, on a slow disk
SPAWN = multiprocessing.get_context("spawn")  # a fork would inherit threads and locks of MediaPipe and of Dask

_counters: Any = None  # in the child: frames done and expected, shared with its slot


class Slot(AbstractContextManager["Slot"]):
    """A place for one task at a time, in a process of its own; a context manager."""

    def __init__(self, limits: Limits, scratch: Path | None = None) -> None:
        self.scratch = Path(tempfile.mkdtemp(prefix="slot-", dir=scratch))
        self.limits = limits
        self._counters = SPAWN.RawArray("l", 2)
        self._pool: ProcessPool | None = None

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def frames(self) -> tuple[int, int]:
        """Frames done and expected of the task that runs, both 0 when it has told nothing yet."""
        done, expected = self._counters
        return int(done), int(expected)

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function of a module in the slot's process and return what it returns.

        Raises JobError when it takes too long, or its process dies; what else the function raises, it raises here.
        """
        self._counters[:] = [0, 0]
        for last_try in (False, True):
            pool = self._ready_pool()
            future = pool.schedule(function, args=args, kwargs=kwargs, timeout=self.limits.timeout_s)
            try:
                return future.result(timeout=self.limits.timeout_s + PROCESS_START_S)
            except TimeoutError as error:
                if not future.done():  # it never started, or cannot be killed
                    self._drop_pool()
                raise JobError(
                    "timeout",
                    f"It took longer than {self.limits.timeout_s:g} s and was stopped.",
                    "Cut it to the set, or allow more time with --timeout.",
                ) from error
            except ProcessExpired as error:
                raise self._died(error.exitcode) from error
            except BrokenProcessPool as error:  # the process died between two tasks
                self._drop_pool()
                if last_try:
                    raise self._died(None) from error
            finally:
                for each in self.scratch.iterdir():  # what a process that was killed has left
                    shutil.rmtree(each, ignore_errors=True)
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        """End the process, whatever it does."""
        self._drop_pool()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _ready_pool(self) -> ProcessPool:
        if self._pool is not None and not self._pool.active:
            self._drop_pool()
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=1,
                max_tasks=TASKS_PER_PROCESS,
                initializer=_start_child,
                initargs=(self.limits.memory_bytes, self._counters),
                context=SPAWN,
            )
        return self._pool

    def _drop_pool(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]  # pebble types the rest
            pool.join()

    def _died(self, exitcode: int | None) -> JobError:
        how = f"code {exitcode}"
        if exitcode is None:
            how = "no word"
        elif exitcode < 0:
            how = signal.Signals(-exitcode).name
        return JobError(
            "crash",
            f"The process analysing it crashed ({how}).",
            "The file may be damaged or harmful: check that it plays, then export it again.",
        )


def tell_progress(done: int, expected: int) -> None:
    """Tell the slot, from its process, how many frames are done."""
    if _counters is not None:
        _counters[:] = [done, expected]


def _start_child(memory_bytes: int, counters: Any) -> None:
    global _counters  # noqa: PLW0603  # one process, one slot
    _counters = counters
    _limit_memory(memory_bytes)
    sink = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # decoders talk; what matters comes back as an Outcome
        os.dup2(sink, stream)
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _limit_memory(memory_bytes: int) -> None:
    """Bound the address space, and write no core dumps; where the system has no such limits, only time is one."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _die_with_parent() -> None:
    """End this process when the one that started it is gone, killed too: nobody waits for its result."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def analyze_in(slot: Slot, job: Job, plan: Plan) -> Outcome:
    """Return what comes of a job in a slot's process; the death of the process is a failure like any other."""
    from formcheck.batch.task import run_job

    if job.refusal is not None:  # nothing to be afraid of
        return Outcome(job, failure=job.refusal)
    started_s = time.monotonic()
    try:
        return slot.call(run_job, job, plan, slot.scratch, tell_progress)
    except JobError as error:
        failure = Failure(error.kind, f"{job.label}: {error.message}", error.hint)
        return Outcome(job, failure=failure, elapsed_s=time.monotonic() - started_s)
