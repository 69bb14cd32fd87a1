"""Every request is seen: it gets an id, one line in the log, and a place in the metrics."""

import re
import uuid
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Any

import structlog

from web import metrics
from web.config import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REQUEST_ID = "palier.request_id"
ROUTE = "palier.route"
"""The rule of the route, never the address: that may hold ids."""
HEADER = "X-Request-ID"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


class Watch:
    """A WSGI application around another one. It must be the outermost."""

    def __init__(self, app: "WSGIApplication", settings: Settings) -> None:
        self.app = app
        self.slow = settings.slow_request_ms
        self.believes = settings.proxies > 0
        # Bound once: a logger that is not looks its configuration up for each line.
        self.log = structlog.get_logger().bind()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer, and note how it went; the body is not waited for."""
        name = environ[REQUEST_ID] = self._name(environ)
        began = perf_counter()
        seen: list[Any] = ["500", []]

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], object]:
            seen[:] = status, headers
            return start_response(status, [*headers, (HEADER, name)], *rest)

        spent = metrics.begin()
        try:
            return self.app(environ, start)
        finally:
            seconds = perf_counter() - began
            rule, method, status = environ.get(ROUTE, "none"), _method(environ), int(seen[0][:3])
            metrics.end(spent, rule, method, status, seconds)
            self._tell(name, rule, method, status, seconds * 1000, seen[1], spent)

    def _tell(
        self,
        name: str,
        rule: str,
        method: str,
        status: int,
        ms: float,
        headers: list[tuple[str, str]],
        spent: metrics.Spent,
    ) -> None:
        about: dict[str, Any] = {"request_id": name, "method": method, "route": rule, "status": status}
        about |= {"ms": round(ms, 1), "db_ms": round(spent.seconds * 1000, 1), "statements": spent.statements}
        about["bytes"] = next((int(value) for key, value in headers if key.lower() == "content-length"), None)
        if ms >= self.slow:
            about["slow"] = True
        if status >= 500:
            self.log.error("request", **about)
        elif ms >= self.slow:
            self.log.warning("request", **about)
        else:
            self.log.info("request", **about)

    def _name(self, environ: "WSGIEnvironment") -> str:
        """The id that a proxy of ours gave, or one of our own."""
        given = environ.get("HTTP_X_REQUEST_ID", "") if self.believes else ""
        return given if _ID.fullmatch(given) else uuid.uuid4().hex


def _method(environ: "WSGIEnvironment") -> str:
    method = environ["REQUEST_METHOD"]
    return method if method in ("GET", "HEAD", "POST", "OPTIONS") else "other"
