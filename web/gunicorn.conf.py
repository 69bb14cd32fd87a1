"""How gunicorn serves: threads for waiting, and a pool of its own for whoever must not wait for others.

In production a reverse proxy stands before two of these, one for candidates and one for desks; see deploy/.
"""

import gc
import os
from typing import Any

from web.gunicorn_hooks import Logger, child_exit, prepare

__all__ = ["child_exit"]

prepare(f"gunicorn-{os.environ.get('PORT', '8000')}")  # before anything is imported that counts
logger_class = Logger
bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# Loaded once, a worker that dies is replaced at once; but new code then takes a restart of the node, not a reload.
preload_app = os.environ.get("WEB_PRELOAD") == "1"
threads = int(os.environ.get("WEB_THREADS", "8"))
worker_class = "web.lingering.LingeringWorker"
# Without a proxy one worker can take every connection that is kept alive, unless each has a socket of its own. Behind
# a proxy they share one, for a socket of its own takes what waits at it away with a worker that is replaced.
reuse_port = os.environ.get("PALIER_PROXIES", "0") == "0"
keepalive = 30  # longer than the proxy keeps an idle connection, so that it is never closed under a request
linger = float(os.environ.get("WEB_LINGER", "0"))  # longer than workers take to start
graceful_timeout = 30 + round(linger)
timeout = 60
proc_name = f"palier {os.environ.get('PORT', '8000')}"
control_socket_disable = True  # it would lie in the home folder, outside this project
accesslog = None
errorlog = "-"
loglevel = "warning"


def post_fork(server: Any, worker: Any) -> None:
    """A worker that was just made."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # workers remember thousands of sittings, in which there are no cycles
    del server
    worker.linger = linger
