"""What is counted while requests are answered. Nothing here names a person, a sitting, a session or an address."""

import threading
from functools import cache
from time import perf_counter
from typing import Any

from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy import Engine, event

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds: fine around what an answer may take, 100 ms for most and 250 ms for nearly all."""

REQUESTS = Histogram(
    "palier_request_seconds", "Time to answer a request.", ("route", "method", "status"), buckets=BUCKETS
)
IN_FLIGHT = Gauge("palier_requests_in_flight", "Requests that are being answered.", multiprocess_mode="livesum")
ANSWERS = Counter("palier_answers_total", "Answers of candidates, by what became of them.", ("outcome",))
DRAFTS = Counter("palier_drafts_total", "Drafts that pages sent, by what became of them.", ("outcome",))
HEARTBEATS = Counter("palier_heartbeats_total", "Signs of life of candidates' pages.", ("outcome",))
REFUSALS = Counter("palier_refusals_total", "Refusals that people were told, by code.", ("code",))
FAULTS = Counter("palier_faults_total", "Exceptions that nobody expected, by their class.", ("exception",))
STATEMENTS = Counter("palier_database_statements_total", "Statements sent to the database for requests.")
DATABASE = Counter("palier_database_seconds_total", "Time that requests waited for statements and commits.")
POOL = Histogram(
    "palier_pool_wait_seconds", "Time until a connection was had.", buckets=(0.0001, 0.001, 0.01, 0.05, 0.25, 1.0, 5.0)
)


class Spent:
    """What the request of a thread has cost so far; kept between requests, for a look-up costs less than an object."""

    __slots__ = ("seconds", "since", "statements")

    def __init__(self) -> None:
        self.seconds = 0.0
        self.since = 0.0
        self.statements = 0


class _Thread(threading.local):
    def __init__(self) -> None:
        self.spent = Spent()


_THREAD = _Thread()


def begin() -> Spent:
    """A request begins in this thread."""
    IN_FLIGHT.inc()
    spent = _THREAD.spent
    spent.seconds, spent.statements = 0.0, 0
    return spent


def end(spent: Spent, route: str, method: str, status: int, seconds: float) -> None:
    """It is answered, after so many seconds."""
    IN_FLIGHT.dec()
    _of_route(route, method, f"{status // 100}xx").observe(seconds)
    if spent.statements:
        STATEMENTS.inc(spent.statements)
        DATABASE.inc(spent.seconds)
    counted = _OF_ENDPOINT.get(route)
    if counted is not None:
        _outcome(counted, "kept" if status < 300 else "refused" if status < 500 else "failed").inc()


_OF_ENDPOINT = {"/candidat/test/brouillon": DRAFTS, "/candidat/presence": HEARTBEATS}


def answered(outcome: str) -> None:
    """An answer was recorded, recorded before (`replayed`), late, kept in quarantine, or refused (its code)."""
    _outcome(ANSWERS, outcome).inc()


def refused(code: str) -> None:
    """Somebody was told a refusal."""
    REFUSALS.labels(code).inc()


def failed(error: BaseException) -> None:
    """Something that nobody expected."""
    FAULTS.labels(type(error).__name__).inc()


@cache
def _of_route(route: str, method: str, status: str) -> Histogram:
    return REQUESTS.labels(route, method, status)


@cache
def _outcome(counter: Counter, outcome: str) -> Counter:
    return counter.labels(outcome)


def observe_database(engine: Engine) -> None:
    """Count statements, and time them, commits, and waits for a connection."""
    event.listen(engine, "before_cursor_execute", _before)
    event.listen(engine, "after_cursor_execute", _after)
    commit, connect = engine.dialect.do_commit, engine.pool.connect

    def timed_commit(connection: Any) -> None:
        began = perf_counter()
        commit(connection)
        _THREAD.spent.seconds += perf_counter() - began

    def timed_connect() -> Any:
        began = perf_counter()
        found = connect()
        POOL.observe(perf_counter() - began)
        return found

    # SQLAlchemy has no event for the end of a commit, nor for the wait at the pool.
    engine.dialect.do_commit = timed_commit  # type: ignore[method-assign, assignment]
    engine.pool.connect = timed_connect  # type: ignore[method-assign]


def _before(*_: Any) -> None:
    _THREAD.spent.since = perf_counter()


def _after(*_: Any) -> None:
    spent = _THREAD.spent
    spent.seconds += perf_counter() - spent.since
    spent.statements += 1
