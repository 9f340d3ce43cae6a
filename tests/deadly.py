"""What a stranger's file may do to the process that decodes it; run by the slots of test_batch_pool.py."""

import ctypes
import os
import signal
import time
from pathlib import Path


def answer(value: int) -> int:
    return value + 1


def whoami() -> int:
    return os.getpid()


def crash() -> None:
    ctypes.string_at(0)


def leave() -> None:
    os._exit(3)


def kill_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hang() -> None:
    time.sleep(600)


def hang_in_c() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    ctypes.PyDLL(None).sleep(600)  # keeps the interpreter's lock, as a decoder that never comes back


def eat_memory() -> int:
    return len(bytearray(3_000_000_000))


def litter(folder: Path) -> None:
    (folder / "video-left").mkdir()
    os._exit(1)


def fail() -> None:
    raise ZeroDivisionError("its own mistake")


def linger(path: Path) -> None:
    path.write_text(str(os.getpid()))
    time.sleep(600)
