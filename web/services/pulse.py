"""Signs of life, gathered: thousands of pages give one every ten seconds, and a process writes them once a second.

What a process that dies had gathered is lost: less than a second of signs, which block nothing.
"""

import threading
import time
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from engine.kernel import SittingId
from web.db import signs
from web.db.database import Database, StorageAway

log = structlog.get_logger()


class Pulse:
    """The last sign of each page that was heard since the last writing."""

    def __init__(self, db: Database, every: float) -> None:
        self._db = db
        self._every = every
        """Seconds between two writings."""
        self._heard: dict[SittingId, datetime] = {}
        self._lock = threading.Lock()
        self._due = 0.0
        self._is_waiting = False

    def note(self, sitting: SittingId, at: datetime) -> None:
        """A page was heard: written at once where nothing was lately, else with what else is heard until it is time."""
        with self._lock:
            self._heard[sitting] = max(at, self._heard.get(sitting, at))
            if self._is_waiting:
                return
            wait = self._due - time.monotonic()
            self._due = max(self._due, time.monotonic()) + self._every
            self._is_waiting = wait > 0
        if wait > 0:
            timer = threading.Timer(wait, self._write_later)
            timer.daemon = True
            timer.start()
        else:
            self._write()

    def _write_later(self) -> None:
        try:
            self._write()
        except (SQLAlchemyError, StorageAway):
            log.warning("signs_of_life_lost")  # pages give the next in ten seconds

    def _write(self) -> None:
        with self._lock:
            heard, self._heard = self._heard, {}
            self._is_waiting = False
        if heard:
            with self._db.write() as connection:
                signs.note_all(connection, heard)
