"""Where a test's database is: a file, or a database of a PostgreSQL; a copy of a template, so it is there at once."""

import shutil
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Protocol

from sqlalchemy import func, insert, make_url, select, text

from tests.postgres import Postgres
from tests.web.sql import WEB
from web.db import grants
from web.db.base import Base
from web.db.database import Database


class Store(Protocol):
    """Makes databases, and copies of how they stood at some point. Nobody may be connected to what is copied."""

    def fresh(self, folder: Path) -> str:
        """The address of a new copy of the template; `folder` is the test's own."""

    def keep(self, url: str, point: str) -> None:
        """Remember how a database stands now, for all tests."""

    def has(self, point: str) -> bool:
        """Whether a point is remembered."""

    def bring(self, url: str, point: str) -> None:
        """Make a database what it was at a point that is remembered."""

    def drop(self, url: str) -> None:
        """The test is over."""


@dataclass
class Files:
    """SQLite."""

    template: Path
    kept: dict[str, Path] = field(default_factory=dict)

    def fresh(self, folder: Path) -> str:
        """A copy of the file."""
        path = folder / "palier.sqlite"
        shutil.copy(self.template, path)
        return f"sqlite:///{path}"

    def keep(self, url: str, point: str) -> None:
        """Another copy, beside the template."""
        self.kept[point] = self.template.with_suffix(f".{point}")
        shutil.copy(path_of(url), self.kept[point])

    def has(self, point: str) -> bool:
        """Whether that copy is there."""
        return point in self.kept

    def bring(self, url: str, point: str) -> None:
        """Copied back."""
        shutil.copy(self.kept[point], path_of(url))

    def drop(self, url: str) -> None:
        """The folder of the test goes with it."""


@dataclass
class Clones:
    """PostgreSQL: a clone takes a hundredth of a second."""

    server: Postgres
    template: str
    kept: set[str] = field(default_factory=set)
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def fresh(self, folder: Path) -> str:
        """A clone of the template."""
        del folder
        url = self.server.create(f"world{next(self.numbers)}", self.template)
        # The owner, who stands down at once: so tests can do what the web may not (tests/web/sql.py).
        return make_url(url).update_query_dict({"options": f"-c role={WEB}"}).render_as_string()

    def keep(self, url: str, point: str) -> None:
        """A clone of the database."""
        self.server.create(f"point-{point}", name_of(url))
        self.kept.add(point)

    def has(self, point: str) -> bool:
        """Whether that clone is there."""
        return point in self.kept

    def bring(self, url: str, point: str) -> None:
        """The database is made anew from it."""
        self.drop(url)
        self.server.create(name_of(url), f"point-{point}")

    def drop(self, url: str) -> None:
        """The database is deleted."""
        self.server.drop(name_of(url))


def path_of(url: str) -> Path:
    """The file of an SQLite database."""
    return Path(make_url(url).database or "")


def everything_in(database: Database) -> bytes:
    """Every row of every table, as bytes to search in or to compare."""
    with database.read() as connection:
        rows = (
            (table.name, *row) for table in Base.metadata.sorted_tables for row in connection.execute(select(table))
        )
        return "\n".join(map(repr, rows)).encode()


def name_of(url: str) -> str:
    """The name of a PostgreSQL database."""
    return make_url(url).database or ""


def copied(source: Database, url: str) -> None:
    """Migrate an empty database and copy every row into it."""
    target = Database(url)
    target.upgrade()
    with source.read() as old, target.write() as new:
        for table in Base.metadata.sorted_tables:
            if rows := [dict(row) for row in old.execute(select(table)).mappings()]:
                new.execute(insert(table), rows)
            counted = table.autoincrement_column
            if new.dialect.name == "postgresql" and counted is not None:
                last = new.execute(select(func.max(counted))).scalar_one()
                if last is not None:
                    sequence = {"table": table.name, "column": counted.name, "last": last}
                    new.execute(text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)"), sequence)
        if new.dialect.name == "postgresql":
            new.execute(text(f"CREATE ROLE {WEB}"))
            grants.grant(new, WEB)
    target.close()
