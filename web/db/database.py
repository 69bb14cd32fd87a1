"""Connections: one transaction at a time, durable before anybody is told."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVarTuple

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, Select, create_engine, event, make_url
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import QueuePool

Columns = TypeVarTuple("Columns")
MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """A database; `write()` is one transaction, `read()` a consistent look at it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        # On SQLite writers of one process queue here instead of at the file lock, whose wait is unfair.
        self._reader = _reader(self.engine)
        self._writer: AbstractContextManager[object] = (
            threading.RLock() if self.engine.dialect.name == "sqlite" else nullcontext()
        )

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction, committed at the end; whatever is raised inside rolls it back."""
        with self._writer, self.engine.connect() as idle:
            connection = idle.execution_options(palier_write=True)
            with connection.begin():
                yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        with self._reader.connect() as connection, connection.begin():
            yield connection

    def upgrade(self) -> None:
        """Bring the schema to the newest revision."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["engine"] = self.engine
        command.upgrade(config, "head")

    def close(self) -> None:
        """Let every connection go."""
        self.engine.dispose()


def locking(connection: Connection, query: Select[*Columns], *tables: type[DeclarativeBase]) -> Select[*Columns]:
    """The query; in a transaction that writes, whoever else wants to change one of these rows waits for its end.

    SQLite has one writer at a time and needs no such lock.
    """
    if not connection.get_execution_options().get("palier_write", False):
        return query
    return query.with_for_update(of=tables, key_share=True)


def _reader(engine: Engine) -> Engine:
    """The same connections, for looks in which all statements see the same moment; SQLite gives nothing less."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        # Whatever the server's default: an answer is on the disk before anybody is told.
        address = make_url(url)
        options = f"{address.query.get('options', '')} -c synchronous_commit=on".strip()
        return create_engine(address.update_query_dict({"options": options}), pool_pre_ping=True, hide_parameters=True)
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
