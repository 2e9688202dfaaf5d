"""Being told to stop: Ctrl-C, SIGTERM, or the terminal closing. Imports nothing heavy, so that it works
from the first moment.

An exception that strikes anywhere can strike while some library holds a lock, and what cleans up then
waits for ever. So a job is asked to stop between two of its steps. One that does not is interrupted
where it stands, and one that does not hear that either is left by leaving the program: the catalog
outlives that as it outlives kill -9.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

INTERRUPTED = 130
SENTENCE = "Interrupted. What was done is kept; the same command goes on."
PATIENCE_S = 1.2
"""How long a job has to end after it was asked to, and again after it was interrupted."""
SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))

asked = threading.Event()
"""Set once the user has asked to stop."""
_stepping = threading.Event()
_ended = threading.Event()


def leave_at_once() -> None:
    """Until `politely`: stop without a word or a trace, for while there is nothing to keep."""
    for number in _ours():
        signal.signal(number, lambda _number, _frame: os._exit(INTERRUPTED))


@contextmanager
def politely() -> Iterator[None]:
    """While this holds, being told to stop, in whichever way, raises KeyboardInterrupt, in `stepping` at
    its end."""
    asked.clear()
    _ended.clear()
    before: dict[signal.Signals, Any] = {}
    for number in _ours():
        before[number] = signal.signal(number, _told)
    try:
        yield
    finally:
        _ended.set()
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def stepping() -> Iterator[None]:
    """While this holds somebody looks at `asked` several times a second."""
    _stepping.set()
    try:
        yield
    finally:
        _stepping.clear()
    if asked.is_set():
        raise KeyboardInterrupt


def _ours() -> list[signal.Signals]:
    """The signals that nobody else ignores or answers, where they may be set at all."""
    if threading.current_thread() is not threading.main_thread():
        return []
    return [number for number in SIGNALS if signal.getsignal(number) not in (signal.SIG_IGN, None)]


def _told(number: int, _frame: FrameType | None) -> None:
    first = not asked.is_set()
    asked.set()
    if first:
        threading.Thread(target=_insist, args=[number], name="insist", daemon=True).start()
    if not (first and _stepping.is_set()):
        raise KeyboardInterrupt


def _insist(number: int) -> None:
    if _ended.wait(PATIENCE_S):
        return
    if _stepping.is_set():
        main = threading.main_thread().ident
        if hasattr(signal, "pthread_kill") and main is not None:
            signal.pthread_kill(main, number)  # wakes it out of a wait
        else:
            signal.raise_signal(number)
    if not _ended.wait(PATIENCE_S):
        print(SENTENCE, file=sys.stderr, flush=True)
        os._exit(INTERRUPTED)
