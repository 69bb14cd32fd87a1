"""The schema, the transactions and the accounts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, String, UniqueConstraint, column, insert, inspect, select, text
from sqlalchemy import table as sa_table
from sqlalchemy.exc import IntegrityError, ProgrammingError

from engine.delivery.events import EVENTS
from tests.postgres import Postgres
from tests.web.sql import sql
from tests.web.stores import Clones
from tests.web.world import PASSWORD, Template, World
from web.db import grants
from web.db.base import Base
from web.db.database import MIGRATIONS, Database
from web.db.events import from_row, to_row
from web.db.grants import NoRoles, NoSuchRole
from web.db.people import Role
from web.db.tables import Attempt, SignOfLife
from web.services import accounts
from web.services.accounts import LoginTaken, NewAccount, WeakPassword


@pytest.fixture(params=["sqlite", "postgresql"])
def nothing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without tables."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.sqlite'}")
        yield database
        database.close()
        return
    server: Postgres = request.getfixturevalue("postgres")
    database = Database(server.create("empty"))
    yield database
    database.close()
    server.drop("empty")


@pytest.fixture
def empty(nothing: Database) -> Database:
    """A database that was migrated from nothing."""
    nothing.upgrade()
    return nothing


REVISIONS = [r.revision for r in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]


def migrated(database: Database, revision: str) -> None:
    """Bring a database to some revision, newer or older."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = database.engine
    with database.engine.connect() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
    is_older = at is not None and REVISIONS.index(revision) < REVISIONS.index(at)
    (command.downgrade if is_older else command.upgrade)(config, revision)


def test_the_migrations_lead_to_the_tables_of_the_code(empty: Database):
    with empty.engine.connect() as connection:
        # PostgreSQL cannot compare JSON, and so no default that is JSON.
        defaults = connection.dialect.name == "sqlite"
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": defaults}
        )
        assert compare_metadata(context, Base.metadata) == []
        assert set(inspect(connection).get_table_names()) == {*Base.metadata.tables, "alembic_version"}


def test_upgrading_twice_changes_nothing(empty: Database):
    empty.upgrade()
    with empty.read() as connection:
        assert len(connection.execute(text("SELECT * FROM alembic_version")).all()) == 1


def test_whatever_is_raised_in_a_transaction_rolls_it_back(world: World):
    def write_then_fail() -> None:
        with world.house.db.write() as connection:
            connection.execute(insert(Attempt).values(key="x", at=world.clock()))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_then_fail()
    with world.house.db.read() as connection:
        assert connection.execute(select(Attempt.key)).all() == []


def test_what_belongs_to_nobody_is_not_stored(world: World):
    with pytest.raises(IntegrityError), world.house.db.write() as connection:
        connection.execute(insert(SignOfLife).values(sitting_id="nobody", at=world.clock()))


def test_an_instant_comes_back_as_it_was_whatever_its_zone(world: World):
    noon = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    with world.house.db.write() as connection:
        connection.execute(insert(Attempt).values(key="x", at=noon))
        [found] = connection.execute(select(Attempt.at)).scalars()
    assert found == noon
    assert found.tzinfo is UTC


def test_an_instant_without_a_zone_is_a_mistake(world: World):
    with pytest.raises(Exception, match="naive instant"), world.house.db.write() as connection:
        connection.execute(insert(Attempt).values(key="x", at=datetime(2026, 7, 1)))  # noqa: DTZ001


def test_every_event_of_a_real_log_survives_its_row(world: World):
    world.taken_early(world.camille)
    for event in world.events(world.camille):
        row = to_row(event)
        assert from_row(row["kind"], row["at"], row["answer_id"], row["data"]) == event


def test_kinds_of_events_have_names_of_their_own():
    assert len({e.kind for e in EVENTS}) == len(EVENTS)


def test_a_weak_password_is_refused(world: World):
    with pytest.raises(WeakPassword):
        accounts.create(world.house.db, NewAccount("new", "Nouveau", Role.JURY, None, "short"))


def test_a_login_is_taken_once_whatever_its_case(world: World):
    with pytest.raises(LoginTaken):
        accounts.create(world.house.db, NewAccount(" CENTRE", "Autre", Role.JURY, None, PASSWORD))


def test_passwords_are_stored_as_argon2(world: World):
    with world.house.db.read() as connection:
        stored = sql(connection, "SELECT password_hash FROM account").scalars().all()
    assert stored
    assert all(s.startswith("$argon2id$") for s in stored)


def test_a_database_is_durable_before_anybody_is_told(world: World):
    expected = {
        "sqlite": {"PRAGMA journal_mode": "wal", "PRAGMA synchronous": 2},
        "postgresql": {"SHOW synchronous_commit": "on"},  # the server of the tests has it off
    }
    with world.house.db.read() as connection:
        questions = expected[connection.dialect.name]
        assert {q: connection.execute(text(q)).scalar_one() for q in questions} == questions


@pytest.mark.parametrize("start", REVISIONS[:-1])
def test_a_database_of_any_earlier_revision_keeps_what_is_in_it_when_it_is_brought_up_to_date(
    nothing: Database, template: Template, start: str
):
    """Every row of a day that the old schema has room for: up from there, and back."""
    migrated(nothing, start)
    source = Database(f"sqlite:///{template.path}")
    with source.read() as connection:
        rows = {
            t.name: [dict(r) for r in connection.execute(select(t)).mappings()] for t in Base.metadata.sorted_tables
        }
    source.close()
    before = MetaData()
    before.reflect(nothing.engine)
    with nothing.write() as connection:
        for table in before.sorted_tables:
            if found := rows.get(table.name):
                known = [column(c.name, c.type) for c in Base.metadata.tables[table.name].columns if c.name in table.c]
                old = [{c.name: row[c.name] for c in known} for row in found]
                connection.execute(insert(sa_table(table.name, *known)), old)
    nothing.upgrade()
    for name, found in rows.items():
        table = Base.metadata.tables[name]
        kept = [c.name for c in table.columns if name in before.tables and c.name in before.tables[name].columns]
        if not kept:
            continue
        with nothing.read() as connection:
            now = [dict(r) for r in connection.execute(select(*(table.c[c] for c in kept))).mappings()]
        assert sorted(map(repr, now)) == sorted(repr({c: row[c] for c in kept}) for row in found), name
    migrated(nothing, start)
    with nothing.read() as connection:
        assert len(connection.execute(text("SELECT id FROM exam_session")).all()) == len(rows["exam_session"])


def test_the_role_of_the_web_can_add_to_the_evidence_and_change_none_of_it(clones: Clones, tmp_path: Path):
    database = Database(clones.fresh(tmp_path))
    evidence = [t for t in Base.metadata.sorted_tables if grants.is_evidence(t.name)]
    assert {"sitting_event", "incident", "ruling", "result", "session_event"} <= {t.name for t in evidence}
    for table in evidence:
        for attack in (
            f"UPDATE {table.name} SET {next(iter(table.columns)).name} = NULL",
            f"DELETE FROM {table.name}",
            f"TRUNCATE {table.name} CASCADE",
            f"ALTER TABLE {table.name} ADD COLUMN x int",
            f"DROP TABLE {table.name} CASCADE",
        ):
            with (
                pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
                database.write() as connection,
            ):
                connection.execute(text(attack))
    database.close()
    clones.drop(database.url)


def test_who_may_what_is_told_to_postgresql_alone(nothing: Database):
    if nothing.engine.dialect.name == "sqlite":
        with pytest.raises(NoRoles), nothing.write() as connection:
            grants.grant(connection, "web")
    else:
        with pytest.raises(NoSuchRole), nothing.write() as connection:
            grants.grant(connection, "nobody-knows")


def test_what_must_not_happen_twice_is_refused_by_the_database_itself(world: World):
    """Every key of every table that has rows: the same row again meets it."""
    world.taken_early(world.camille)
    tried = set()
    for table in Base.metadata.sorted_tables:
        with world.house.db.read() as connection:
            row = connection.execute(select(table)).mappings().first()
        if row is None:
            continue
        with pytest.raises(IntegrityError), world.house.db.write() as connection:
            connection.execute(insert(table).values(**row))
        for unique in table.constraints:
            if not isinstance(unique, UniqueConstraint) or any(row[c.name] is None for c in unique.columns):
                continue
            fresh = {c.name: "another" if isinstance(c.type, String) else 999 for c in table.primary_key}
            again = {**row, **{k: v for k, v in fresh.items() if k not in unique.columns}}
            with pytest.raises(IntegrityError), world.house.db.write() as connection:
                connection.execute(insert(table).values(**again))
            tried.add(unique.name)
    assert len(tried) >= 4
