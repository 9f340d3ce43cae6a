"""The workers of this machine: a thread per slot, which hands it one job after another."""

import queue
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from formcheck.batch.job import Busy, Job, Limits, Outcome, Plan
from formcheck.batch.pool import Slot, analyze_in


class LocalWorkers(AbstractContextManager["LocalWorkers"]):
    """So many processes of this machine; a context manager, which ends them."""

    def __init__(self, count: int, limits: Limits, scratch: Path | None = None) -> None:
        self._slots = [Slot(limits, scratch) for _ in range(count)]
        self._doing: list[tuple[str, float]] = [("", 0.0)] * count
        self._stopped = threading.Event()

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for slot in self._slots:
            slot.close()

    def status(self) -> list[Busy]:
        """Return what each worker does now."""
        now_s = time.monotonic()
        return [
            Busy(label, *slot.frames, now_s - since_s) if label else Busy("")
            for slot, (label, since_s) in zip(self._slots, self._doing, strict=True)
        ]

    def run(self, jobs: Iterable[Job], plan: Plan) -> Iterator[Outcome]:
        """Yield an outcome per job, in the order in which they end."""
        rest = iter(jobs)
        taking = threading.Lock()
        results: queue.SimpleQueue[Outcome | BaseException | None] = queue.SimpleQueue()

        def work(number: int) -> None:
            try:
                while not self._stopped.is_set():
                    with taking:
                        job = next(rest, None)
                    if job is None:
                        break
                    self._doing[number] = (job.label, time.monotonic())
                    results.put(analyze_in(self._slots[number], job, plan))
                    self._doing[number] = ("", 0.0)
            except BaseException as error:  # noqa: BLE001  # raised again in the thread that waits
                results.put(error)
            finally:
                results.put(None)

        for number in range(len(self._slots)):
            threading.Thread(target=work, args=(number,), daemon=True).start()
        working = len(self._slots)
        while working:
            result = results.get()
            if result is None:
                working -= 1
            elif isinstance(result, BaseException):
                raise result
            else:
                yield result
