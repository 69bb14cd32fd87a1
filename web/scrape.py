"""What Prometheus is given: the figures of this node's processes, and those of the day from the database.

A process of its own answers, so that no candidate waits for a scrape, and a scrape is never behind candidates.
"""

import hmac
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from prometheus_client import CollectorRegistry, Metric, make_wsgi_app
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from engine.delivery.session import SessionState
from engine.delivery.states import State
from web.config import SWEPT
from web.services import today
from web.services.house import House

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEPT = timedelta(seconds=5)
"""So long figures from the database are given again: several may scrape."""

log = structlog.get_logger()


def figures(folder: Path) -> list[Metric]:
    """What the processes of this node have counted, added up."""
    files = sorted(str(path) for path in folder.glob("*/*.db"))
    return list(MultiProcessCollector.merge(files, accumulate=True))  # type: ignore[no-untyped-call]


def swept(folder: Path) -> datetime | None:
    """When expired tests were last looked for on this node."""
    path = folder / SWEPT
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.exists() else None


class Processes(Collector):
    """The figures of all processes of this node."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def collect(self) -> Iterable[Metric]:
        """All of them, read anew."""
        yield from figures(self.folder)
        last = swept(self.folder)
        if last is not None:
            told = "When expired tests were last looked for."
            yield GaugeMetricFamily("palier_sweeper_last_run_timestamp_seconds", told, last.timestamp())


class Day(Collector):
    """The figures of the day; without a database there are none, and `palier_database_up` says so."""

    def __init__(self, house: House, now: Callable[[], datetime]) -> None:
        self.house = house
        self.now = now
        self._lock = threading.Lock()
        self._kept: tuple[datetime, list[Metric]] | None = None

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering asks nobody."""
        return []

    def collect(self) -> Iterable[Metric]:
        """As they were at most five seconds ago."""
        with self._lock:
            now = self.now()
            if self._kept is None or not timedelta() <= now - self._kept[0] < KEPT:
                self._kept = now, self._look(now)
            return self._kept[1]

    def _look(self, now: datetime) -> list[Metric]:
        try:
            day = today.look(self.house, now)
        except SQLAlchemyError as error:
            log.warning("no_figures", exc_info=error)
            return [GaugeMetricFamily("palier_database_up", "Whether the database answers.", 0)]
        return list(_told(day))


def _told(day: today.Today) -> Iterable[Metric]:
    yield GaugeMetricFamily("palier_database_up", "Whether the database answers.", 1)
    yield GaugeMetricFamily("palier_database_bytes", "Size of the database.", day.size)
    yield InfoMetricFamily("palier_database", "Which database it is.", {"version": day.database})
    sessions = GaugeMetricFamily("palier_sessions", "Sessions of the day, and open ones.", labels=["state"])
    for kind in SessionState:
        if kind is not SessionState.CANCELLED:
            sessions.add_metric([kind.value], day.sessions[kind])
    yield sessions
    sittings = GaugeMetricFamily("palier_sittings", "Sittings of these sessions.", labels=["state"])
    for state in State:
        sittings.add_metric([state.value], day.states[state])
    yield sittings
    incidents = GaugeMetricFamily("palier_incidents_open", "Incidents without a decision.", labels=["blocking"])
    incidents.add_metric(["yes"], day.incidents["blocking"])
    incidents.add_metric(["no"], day.incidents["other"])
    yield incidents
    for name, told, what in (
        ("palier_candidates_lost", "Tests that run whose page was not heard of for 45 s.", "lost"),
        ("palier_alerts_open", "Questions that wait for a proctor's decision.", "alerts"),
        ("palier_sessions_unwatched", "Open sessions with candidates and without a console.", "is_unwatched"),
        ("palier_answers_stored_5m", "Answers stored in the last five minutes, in these sessions.", "answers"),
    ):
        yield GaugeMetricFamily(name, told, day.total(what))


class Version(Collector):
    """What runs here."""

    def __init__(self, version: str, release: str, rules: str) -> None:
        self.about = {"version": version, "release": release, "rules": rules}

    def collect(self) -> Iterable[Metric]:
        """One figure that is always 1."""
        yield InfoMetricFamily("palier_build", "Version, release and rule set in force.", self.about)


def exporter(collectors: Iterable[Collector], token: str) -> "WSGIApplication":
    """The application that Prometheus asks; with a token, only who shows it is answered."""
    registry = CollectorRegistry()
    for collector in collectors:
        registry.register(collector)
    inner = make_wsgi_app(registry)
    wanted = f"Bearer {token}".encode()

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ.get("PATH_INFO") != "/metrics":
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"Not found.\n"]
        shown = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1", "replace")
        if token and not hmac.compare_digest(shown, wanted):
            start_response("401 Unauthorized", [("Content-Type", "text/plain"), ("WWW-Authenticate", "Bearer")])
            return [b"A token is needed.\n"]
        body: Iterable[bytes] = inner(environ, start_response)
        return body

    return app
