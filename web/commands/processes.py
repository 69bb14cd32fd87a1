"""Pieces of work done by processes of this machine, and given back in order."""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context, resource_tracker
from threading import current_thread, main_thread
from typing import Any, TypeVar

import click

Held = TypeVar("Held")
Found = TypeVar("Found")

ENVIRONMENT: Mapping[str, str] = {
    # Without these glibc gives pages back after each chunk, and two workers run slower than one.
    "MALLOC_MMAP_THRESHOLD_": "268435456",
    "MALLOC_TRIM_THRESHOLD_": "1073741824",
    "MALLOC_TOP_PAD_": "67108864",
    # A worker is one thread; and sums must not depend on how many share them.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}

AHEAD = 2
"""Pieces in hand for each worker: enough to keep it busy, few enough for memory."""

_held: list[Any] = []
"""What this worker process works on, sent to it once: the work and what it needs."""


def in_processes(work: Callable[[Held, int], Found], held: Held, pieces: int, workers: int) -> Iterator[Found]:
    """`work(held, number)` for each piece, in order; one worker is a process too, so all work alike.

    Raises `ClickException` when a worker dies.
    """
    others = set(active_children())
    resource_tracker.ensure_running()  # at its start it lets signals through again, in the midst of `_deaf`
    done = False
    with _environment(ENVIRONMENT):
        pool = ProcessPoolExecutor(
            min(workers, pieces), get_context("spawn"), initializer=_begin, initargs=(work, held)
        )
        try:
            waiting = deque(_submitted(pool, number) for number in range(min(AHEAD * workers, pieces)))
            following = len(waiting)
            while waiting:
                found = waiting.popleft().result()
                if following < pieces:
                    waiting.append(_submitted(pool, following))
                    following += 1
                yield found
            done = True
        except BrokenProcessPool as error:
            raise click.ClickException(
                "A worker process died: the machine may lack memory. Try fewer --workers."
            ) from error
        finally:
            if not done:  # nobody will read the pieces in work, and a pool that is cut short may wait for ever
                for process in set(active_children()) - others:
                    process.terminate()
            pool.shutdown(wait=done, cancel_futures=True)


def _submitted(pool: ProcessPoolExecutor, number: int) -> Future[Any]:
    """Ask for a piece. Ctrl-C waits meanwhile: a process half started would be nobody's."""
    with _deaf():
        return pool.submit(_piece, number)


@contextmanager
def _deaf() -> Iterator[None]:
    """Ctrl-C is heard afterwards; processes started meanwhile never hear it, though a terminal sends it to all.

    The mask is what they inherit. It does not suffice here, where another thread may hear the signal.
    """
    if current_thread() is not main_thread():  # only the main thread hears signals
        yield
        return
    heard: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
    if heard:
        raise KeyboardInterrupt


def _begin(work: Callable[[Any, int], Any], held: Any) -> None:
    """What a worker does first: keep what it works on."""
    _held[:] = [work, held]


def _piece(number: int) -> Any:
    work, held = _held
    return work(held, number)


@contextmanager
def _environment(more: Mapping[str, str]) -> Iterator[None]:
    """These variables for every process started meanwhile."""
    before = {name: os.environ.get(name) for name in more}
    os.environ.update(more)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
