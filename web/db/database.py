"""Connections: one transaction at a time, durable before anybody is told."""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVarTuple

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, Select, create_engine, event, make_url
from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import QueuePool

from engine.kernel import EngineError
from web.db.herald import Herald

Columns = TypeVarTuple("Columns")
RESTED = 1.0
"""Seconds after which a connection is asked whether it is still there; one that is busy shows it by itself."""
MIGRATIONS = Path(__file__).parent / "migrations"
LIMITS = {"lock_timeout": 5_000, "statement_timeout": 30_000, "idle_in_transaction_session_timeout": 30_000}
"""Of PostgreSQL, milliseconds: shorter than the patience of a page, so that nobody waits for who holds a lock."""
PATIENCE = {"connect_timeout": 5, "tcp_user_timeout": 10_000}
"""For a server that does not answer at all: seconds, milliseconds."""


class StorageAway(EngineError):
    """The database cannot be reached, has no room or is held by somebody: nothing is known to be written; ask again."""

    code = "storage_away"


class Database:
    """A database; `write()` is one transaction, `read()` a consistent look at it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        # On SQLite writers of one process queue here instead of at the file lock, whose wait is unfair.
        self._reader = _with(self.engine, isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._glancer = _with(self.engine, isolation_level="AUTOCOMMIT")
        self._herald = Herald(self.engine) if self.engine.dialect.name == "postgresql" else None
        self._writer: AbstractContextManager[object] = (
            threading.RLock() if self.engine.dialect.name == "sqlite" else nullcontext()
        )

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction, committed at the end; whatever is raised inside rolls it back. Raises `StorageAway`."""
        with _away_by_name(), self._writer, self.engine.connect() as idle:
            moved: set[str] = set()
            connection = idle.execution_options(palier_write=True, palier_moved=moved)
            with connection.begin():
                yield connection
        if self._herald is not None and moved:
            self._herald.moved(moved)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads, all of it the same moment. Raises `StorageAway`."""
        with _away_by_name(), self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """For a look of one statement, which needs no transaction around it. Raises `StorageAway`."""
        with _away_by_name(), self._glancer.connect() as connection:
            yield connection

    def upgrade(self) -> None:
        """Bring the schema to the newest revision."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["engine"] = self.engine
        command.upgrade(config, "head")

    def close(self) -> None:
        """Let every connection go."""
        if self._herald is not None:
            self._herald.stop()
        self.engine.dispose()


def moves(connection: Connection, sitting: str) -> None:
    """Something happened in a sitting that triggers do not tell: consoles are told of it once it is committed."""
    connection.get_execution_options().get("palier_moved", set()).add(sitting)


def locking(connection: Connection, query: Select[*Columns], *tables: type[DeclarativeBase]) -> Select[*Columns]:
    """The query; in a transaction that writes, whoever else wants to change one of these rows waits for its end.

    SQLite has one writer at a time and needs no such lock.
    """
    if not connection.get_execution_options().get("palier_write", False):
        return query
    return query.with_for_update(of=tables, key_share=True)


@contextmanager
def _away_by_name() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, NoConnectionFree) as error:
        if isinstance(error, OperationalError | InterfaceError) and not _is_away(error.orig):
            raise
        raise StorageAway(f"The database is away: {error}") from error


def _is_away(error: BaseException | None) -> bool:
    """Whether asking again can help. Of SQLite an operational error can be a bug too, such as a missing table."""
    name = getattr(error, "sqlite_errorname", None)
    return name is None or name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR"))


def _with(engine: Engine, **options: Any) -> Engine:
    """The same connections, used in another way; SQLite knows one, in which all statements see the same moment."""
    return engine if engine.dialect.name == "sqlite" else engine.execution_options(**options)


def _pinging(engine: Engine) -> Engine:
    """Ask a connection that has rested whether it is still there, before it is used again."""

    @event.listens_for(engine, "checkin")
    def _rest(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _wake(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("rests_since", time.monotonic()) > RESTED:
            try:
                engine.dialect.do_ping(connection)
            except Exception as error:
                raise DisconnectionError from error

    return engine


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        limits = " ".join(f"-c {name}={value}" for name, value in LIMITS.items())
        address = make_url(url)
        # Whatever the server's default: an answer is on the disk before anybody is told.
        options = f"{limits} {address.query.get('options', '')} -c synchronous_commit=on"
        made = create_engine(
            address.update_query_dict({"options": options}),
            pool_size=16,
            hide_parameters=True,
            connect_args=dict(PATIENCE),
        )
        return _pinging(made)
    engine = create_engine(
        url, poolclass=QueuePool, pool_size=16, max_overflow=16, hide_parameters=True, connect_args={"timeout": 30}
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # Autocommit in the driver: SQLAlchemy's own BEGIN below is the only one.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 30000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("palier_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
