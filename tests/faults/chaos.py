"""What breaks below the network: workers, nodes, the database, its locks, its disk, the clock."""

import contextlib
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import psycopg
from psycopg import errors

from tests.faults.servers import Node
from tests.postgres import Postgres

KINDS = (
    "worker_killed",
    "node_killed",
    "node_restarted",
    "database_killed",
    "table_locked",
    "rows_locked",
    "disk_full",
    "clock_forward",
    "clock_back",
)
STEP_FORWARD, STEP_BACK = 420.0, -300.0
"""Seconds."""


@dataclass
class Chaos:
    """Breaks one large thing after another, and a worker every two seconds meanwhile; counts what it has broken."""

    nodes: Sequence[Node]
    postgres: Postgres
    database: str
    disk: Path | None
    shift: Path
    hold: float
    """Seconds for which a lock is held."""
    seed: int
    injected: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(KINDS, 0)))
    over: Event = field(default_factory=Event)

    def break_things(self, seconds: float, without: frozenset[str] = frozenset()) -> None:
        """Each kind in turn, evenly over a time, and again from the beginning; each at least once."""
        kinds = [k for k in KINDS if k not in without and k != "worker_killed"]
        if self.disk is None and "disk_full" in kinds:
            kinds.remove("disk_full")  # the report says that it was never injected
        random.Random(self.seed).shuffle(kinds)
        if "database_killed" in kinds:  # three times in each round
            kinds.insert(len(kinds) // 2, "database_killed")
            kinds.append("database_killed")
        began = time.monotonic()
        rounds = max(1, round(seconds / (max(1, len(kinds)) * (self.hold + 5))))
        turns = kinds * rounds
        for n, kind in enumerate(turns):
            self._sleep(began + seconds * (n + 0.5) / len(turns) - time.monotonic())
            if self.over.is_set():
                return
            getattr(self, f"_{kind}")()

    def kill_workers(self, every: float) -> None:
        """A worker of some node, again and again."""
        dice = random.Random(self.seed)
        while not self.over.wait(every):
            node = dice.choice(self.nodes)
            self.injected["worker_killed"] += node.kill_worker(dice.randrange(64))

    def heal(self) -> None:
        """Everything is as it should be again."""
        self.over.set()
        self._set_clock(0)

    def _node_killed(self) -> None:
        node = self.nodes[self.injected["node_killed"] % len(self.nodes)]
        node.kill()
        self.injected["node_killed"] += 1
        node.launch()
        node.wait()

    def _node_restarted(self) -> None:
        node = self.nodes[(1 + self.injected["node_restarted"]) % len(self.nodes)]
        node.stop()
        self.injected["node_restarted"] += 1
        node.launch()
        node.wait()

    def _database_killed(self) -> None:
        self.postgres.kill()
        self.injected["database_killed"] += 1
        self._sleep(1)
        self.postgres.start()

    def _table_locked(self) -> None:
        with self._stranger() as connection:
            connection.execute("LOCK TABLE sitting_event IN ACCESS EXCLUSIVE MODE")
            self.injected["table_locked"] += self._holds(connection)
            connection.rollback()

    def _rows_locked(self) -> None:
        """Somebody looks at a part of the sittings FOR UPDATE, and goes to lunch."""
        with self._stranger() as connection:
            connection.execute("SELECT id FROM sitting WHERE id < '6' FOR UPDATE")
            self.injected["rows_locked"] += self._holds(connection)
            connection.rollback()

    def _holds(self, connection: psycopg.Connection[tuple[object, ...]]) -> bool:
        """Whether somebody waited for what is held."""
        waited = False
        end = time.monotonic() + self.hold
        while time.monotonic() < end and not self.over.is_set():
            self._sleep(0.25)
            waiting = connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
            waited = waited or bool(waiting and waiting[0])
        return waited

    def _disk_full(self) -> None:
        assert self.disk is not None
        ballast = self.disk / "ballast"
        refused = False
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(bytes(2**16)):
                pass
        end = time.monotonic() + self.hold / 2
        try:
            while time.monotonic() < end and not self.over.is_set():
                refused = self._has_no_room() or refused
                self._sleep(0.5)
        finally:
            ballast.unlink()
        self.injected["disk_full"] += refused

    def _has_no_room(self) -> bool:
        try:
            with self._stranger() as connection:
                made = "CREATE TEMPORARY TABLE more AS SELECT repeat(md5(n::text), 50) FROM generate_series(1, 4000) n"
                connection.execute(made)
                connection.rollback()
        except errors.DiskFull:
            return True
        except psycopg.OperationalError:
            return False
        return False

    def _clock_forward(self) -> None:
        self._set_clock(STEP_FORWARD)
        self.injected["clock_forward"] += 1

    def _clock_back(self) -> None:
        self._set_clock(STEP_BACK)
        self.injected["clock_back"] += 1

    def _set_clock(self, seconds: float) -> None:
        new = self.shift.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(self.shift)

    def _stranger(self) -> psycopg.Connection[tuple[object, ...]]:
        """A connection that is not the application's and knows none of its limits."""
        return psycopg.connect(f"host={self.postgres.folder} user=postgres dbname={self.database}")

    def _sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.over.wait(seconds)
