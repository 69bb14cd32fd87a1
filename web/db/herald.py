"""What candidates do at their own pace is told to consoles apart from its commit, by a thread of its own.

A transaction that notifies holds a lock of the whole server while it is flushed, so commits queue; answers must not.
What a process that dies had not told yet is seen at a console's next look.
"""

import threading
from collections.abc import Iterable

import structlog
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

log = structlog.get_logger()

EVERY = 0.25
"""Seconds in which sittings are gathered: a console looks once a second at most."""
_TELL = text(
    "SELECT pg_notify('palier_news', found.session_id)"
    " FROM (SELECT DISTINCT session_id FROM sitting WHERE id = ANY(:sittings)) AS found"
)


class Herald:
    """Gathers the sittings that moved, and tells their sessions."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._moved: set[str] = set()
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._telling = threading.Lock()

    def moved(self, sittings: Iterable[str]) -> None:
        """These have just been committed."""
        with self._lock:
            self._moved.update(sittings)
            if self._moved and self._timer is None:
                self._timer = threading.Timer(EVERY, self._tell)
                self._timer.daemon = True
                self._timer.start()

    def stop(self) -> None:
        """Tell no more of what was gathered; what is being told is told to its end."""
        with self._lock:
            timer, self._timer = self._timer, None
            self._moved.clear()
        if timer is not None:
            timer.cancel()
        with self._telling:
            pass

    def _tell(self) -> None:
        with self._telling:
            with self._lock:
                moved, self._moved = self._moved, set()
                self._timer = None
            if not moved:
                return
            try:
                with self._engine.begin() as connection:
                    connection.execute(text("SET LOCAL synchronous_commit = off"))  # nothing that must last
                    connection.execute(_TELL, {"sittings": sorted(moved)})
            except SQLAlchemyError:
                log.warning("news_not_told")
