"""A gunicorn worker that is told to go, says so, and goes on answering for a while before it closes."""

import threading
from types import FrameType

from gunicorn.workers.gthread import ThreadWorker

LEAVING = "palier.leaving"
"""Among the application's extensions: this process is about to stop."""


class LingeringWorker(ThreadWorker):  # type: ignore[misc]
    """Threads; on SIGTERM it is not ready any more, answers for `linger` seconds, then finishes what is in hand.

    When gunicorn replaces its workers it sends the old ones away before the new ones can answer: they bridge that. When
    a node is taken out, proxies have this long to see it.
    """

    linger = 0.0
    """Seconds; set by web/gunicorn.conf.py."""
    _is_leaving = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Told to go, perhaps more than once."""
        if self._is_leaving:
            return
        self._is_leaving = True
        if not hasattr(self, "wsgi"):  # still loading: there is nobody to answer
            super().handle_exit(sig, frame)
            return
        extensions = getattr(self.wsgi, "extensions", None)
        if extensions is not None:
            extensions[LEAVING] = True
        later = threading.Timer(self.linger, super().handle_exit, (sig, frame))
        later.daemon = True
        later.start()
