"""Ctrl-C and SIGTERM in a command that has started processes: one interrupt, then an undisturbed clean-up."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible() -> Iterator[None]:
    """The first stopping signal raises KeyboardInterrupt; those after it are ignored until the block has ended."""

    def once(number: int, _: FrameType | None) -> None:
        for each in STOPPING:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt(signal.Signals(number).name)

    before = {number: signal.signal(number, once) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def held() -> Iterator[None]:
    """Stopping signals wait until the block has ended: a process is never started without its pid being kept."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are handled in the main thread: nothing can interrupt here
        return
    came: list[int] = []
    before = {
        number: signal.signal(number, lambda got, _: came.append(got)) for number in STOPPING
    }  # fmt: skip
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            os.kill(os.getpid(), came[0])
