"""What gunicorn does beside serving: a fresh folder for the figures of its workers, and its own lines in our logs.

Nothing here may import prometheus-client before `prepare` has named the folder.
"""

import os
import shutil
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger as GunicornLogger

from web import logs
from web.config import Settings

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_OWNER = "PALIER_METRICS_OWNER"


def prepare(name: str) -> None:
    """Name the folder of a process and its children, and empty it; a configuration that is read again keeps it."""
    settings = Settings()
    if settings.metrics_dir is None:
        os.environ.pop(_FOLDER, None)
        return
    me = f"{os.getpid()}"
    if os.environ.get(_OWNER) == me:
        return
    folder = settings.metrics_dir / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ |= {_FOLDER: str(folder), _OWNER: me}


def child_exit(_server: Any, worker: Any) -> None:
    """A worker is gone, however it went: what it had in flight is not in flight any more. Its counts stay."""
    if not os.environ.get(_FOLDER):
        return
    for path in Path(os.environ[_FOLDER]).glob(f"gauge_live*_{worker.pid}.db"):
        path.unlink(missing_ok=True)


class Logger(GunicornLogger):  # type: ignore[misc]
    """Gunicorn's own lines, through the renderer of ours."""

    def setup(self, cfg: Any) -> None:
        """Take gunicorn's handlers away: its lines go up to the root."""
        super().setup(cfg)
        settings = Settings()
        logs.configure(settings.is_production, settings.level.value, node=settings.node_name, role=settings.role)
        for logger in (self.error_log, self.access_log):
            logger.handlers.clear()
            logger.propagate = True
