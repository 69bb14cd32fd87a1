"""How gunicorn serves: threads for waiting, one port for all workers."""

import os

from web.gunicorn_hooks import Logger, child_exit, prepare

__all__ = ["child_exit"]

prepare(f"gunicorn-{os.environ.get('PORT', '8000')}")  # before anything is imported that counts
logger_class = Logger
bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
worker_class = "gthread"
preload_app = True  # a worker that dies is replaced at once; what is loaded holds no connection and no thread
reuse_port = True  # without it one worker can take every connection that is kept alive
keepalive = 15
graceful_timeout = 30
timeout = 60
control_socket_disable = True  # it would lie in the home folder, outside this project
accesslog = None
errorlog = "-"
loglevel = "warning"
