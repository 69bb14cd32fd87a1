"""Who computes the chunks of a study: processes of this machine, or a Dask cluster. Both give them in order."""

from collections import deque
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from typing import Any

import click

from engine.studies.study import Found, Study, study_chunk
from web.commands.processes import AHEAD, in_processes


def local(study: Study, workers: int) -> Iterator[Found]:
    """The chunks in order, computed by processes of this machine. Raises `ClickException` when a worker dies."""
    return in_processes(study_chunk, study, study.chunks, workers)


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
