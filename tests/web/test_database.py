"""The schema, the transactions and the accounts."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import insert, inspect, select
from sqlalchemy.exc import IntegrityError

from engine.delivery.events import EVENTS
from engine.kernel import SessionId
from tests.web.sql import sql
from tests.web.world import PASSWORD, World
from web.db import sessions
from web.db.base import Base
from web.db.database import MIGRATIONS, Database
from web.db.events import from_row, to_row
from web.db.people import Role
from web.db.tables import Attempt
from web.services import accounts
from web.services.accounts import LoginTaken, NewAccount, WeakPassword


@pytest.fixture
def empty(tmp_path: Path):
    """A database that was migrated from nothing."""
    database = Database(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    database.upgrade()
    yield database
    database.close()


def test_the_migrations_lead_to_the_tables_of_the_code(empty: Database):
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
        assert set(inspect(connection).get_table_names()) == {*Base.metadata.tables, "alembic_version"}


def test_upgrading_twice_changes_nothing(empty: Database):
    empty.upgrade()
    with empty.read() as connection:
        assert len(sql(connection, "SELECT * FROM alembic_version").all()) == 1


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
        sql(connection, "INSERT INTO sign_of_life VALUES ('nobody', '2026-11-23 08:00:00')")


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
    with world.house.db.read() as connection:
        told = {p: sql(connection, f"PRAGMA {p}").scalar_one() for p in ("journal_mode", "synchronous")}
    assert told == {"journal_mode": "wal", "synchronous": 2}


def test_a_database_of_the_first_revision_keeps_its_sessions_when_it_is_brought_up_to_date(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path / 'old.sqlite'}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = database.engine
    command.upgrade(config, "0001")
    with database.write() as connection:
        sql(connection, "INSERT INTO centre VALUES ('c', 'Centre', 'Lille')")
        sql(
            connection,
            "INSERT INTO exam_session VALUES"
            " ('s', 'c', 'AB-CDE', 'Ancienne', 'on_site', 'Salle', '2026-11-23 08:00:00', 'open', 'r', 'u')",
        )
    database.upgrade()
    with database.read() as connection:
        old = sessions.load(connection, SessionId("s"))
    assert (old.label, old.exposure) == ("Ancienne", {})
    command.downgrade(config, "0001")
    with database.read() as connection:
        assert sql(connection, "SELECT label FROM exam_session").scalar_one() == "Ancienne"
    database.close()
