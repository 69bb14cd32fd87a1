"""Who computes the chunks of a study: processes of this machine, or a Dask cluster. Both give them in order."""

import os
import signal
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from importlib.util import find_spec
from multiprocessing import active_children, get_context, resource_tracker
from threading import current_thread, main_thread
from typing import Any

import click

from engine.studies.study import Found, Study, study_chunk

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
"""Chunks in hand for each worker: enough to keep it busy, few enough for memory."""

_held: list[Study] = []
"""The study of this worker process, sent to it once."""


def local(study: Study, workers: int) -> Iterator[Found]:
    """The chunks in order, computed by processes of this machine; one worker is a process too, so all work alike.

    Raises `ClickException` when a worker dies.
    """
    others = set(active_children())
    resource_tracker.ensure_running()  # at its start it lets signals through again, in the midst of `_deaf`
    done = False
    with _environment(ENVIRONMENT):
        pool = ProcessPoolExecutor(
            min(workers, study.chunks), get_context("spawn"), initializer=_begin, initargs=(study,)
        )
        try:
            waiting = deque(_submitted(pool, number) for number in range(min(AHEAD * workers, study.chunks)))
            following = len(waiting)
            while waiting:
                found = waiting.popleft().result()
                if following < study.chunks:
                    waiting.append(_submitted(pool, following))
                    following += 1
                yield found
            done = True
        except BrokenProcessPool as error:
            raise click.ClickException(
                "A worker process died: the machine may lack memory. Try fewer --workers."
            ) from error
        finally:
            if not done:  # nobody will read the chunks in work, and a pool that is cut short may wait for ever
                for process in set(active_children()) - others:
                    process.terminate()
            pool.shutdown(wait=done, cancel_futures=True)


def on_dask(study: Study, address: str) -> Iterator[Found]:
    """The chunks in order, computed by the cluster whose scheduler is at `address`. Raises `ClickException`."""
    if find_spec("distributed") is None:
        raise click.ClickException("--dask needs the package distributed: install palier[dask], or use --workers.")
    from distributed import Client

    try:
        client: Any = Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise click.ClickException(f"No Dask scheduler answers at {address}: {error}") from error
    with closing(client):
        held = client.scatter(study, broadcast=True)
        ahead = AHEAD * max(1, sum(client.nthreads().values()))
        waiting = deque(client.submit(study_chunk, held, n, pure=False) for n in range(min(ahead, study.chunks)))
        following = len(waiting)
        try:
            while waiting:
                found: Found = waiting.popleft().result()
                if following < study.chunks:
                    waiting.append(client.submit(study_chunk, held, following, pure=False))
                    following += 1
                yield found
        finally:
            client.cancel(list(waiting))


def _submitted(pool: ProcessPoolExecutor, number: int) -> Future[Found]:
    """Ask for a chunk. Ctrl-C waits meanwhile: a process half started would be nobody's."""
    with _deaf():
        return pool.submit(_chunk, number)


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


def _begin(study: Study) -> None:
    """What a worker does first: keep the study."""
    _held[:] = [study]


def _chunk(number: int) -> Found:
    return study_chunk(_held[0], number)


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
