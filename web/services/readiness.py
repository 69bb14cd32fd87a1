"""Whether this node may be given requests, and what it lacks if not."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import structlog
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import SQLAlchemyError

from engine.delivery.session import SessionState
from engine.items.frameworks import Track
from engine.kernel import EngineError
from web.config import Settings
from web.db.database import MIGRATIONS
from web.db.tables import ExamSession
from web.services.house import House

LEAST_ROOM = 512 * 1024 * 1024
"""Bytes that must be free where the data folder is: logs and new releases are written there."""
FARTHEST_CLOCK = timedelta(seconds=1)
"""How far the clock of a node may be from the database's: deadlines and grace are counted in seconds."""

log = structlog.get_logger()


class Lack(StrEnum):
    """Why a node is not ready."""

    LEAVING = "leaving"
    DATABASE = "database"
    SCHEMA = "schema"
    CLOCK = "clock"
    DISK = "disk"
    CONTENT = "content"


def lacks(house: House, settings: Settings, now: Callable[[], datetime], is_leaving: bool = False) -> list[Lack]:
    """What this node lacks; empty when it is ready. Each lack is logged with its reason."""
    found = [lack for lack, is_so in ((Lack.LEAVING, is_leaving), (Lack.DISK, not _has_room(settings))) if is_so]
    try:
        with house.db.read() as connection:
            if not _is_at_head(connection):
                return [*found, Lack.SCHEMA]
            if abs(_clock_ahead(connection, now)) > FARTHEST_CLOCK:
                found.append(Lack.CLOCK)
            pinned = _pinned(connection)
    except (SQLAlchemyError, EngineError, OSError) as error:
        log.warning("not_ready", lack=Lack.DATABASE.value, reason=type(error).__name__)
        return [*found, Lack.DATABASE]
    return found if _are_installed(house, pinned) else [*found, Lack.CONTENT]


def _has_room(settings: Settings) -> bool:
    return shutil.disk_usage(settings.data).free >= LEAST_ROOM


def _is_at_head(connection: Connection) -> bool:
    """Whether the schema is the one that this version was made for, or a newer one that a later version brought.

    A newer schema still serves this version: see the rule for migrations in docs/runbook.md.
    """
    found = MigrationContext.configure(connection).get_current_revision()
    known = _known_revisions()
    return found is not None and (found == known[0] or found not in known)


def _known_revisions() -> list[str]:
    """The newest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]


def _clock_ahead(connection: Connection, now: Callable[[], datetime]) -> timedelta:
    """By how much the clock here is before the database's; an embedded database has no other."""
    if connection.dialect.name != "postgresql":
        return timedelta()
    before = now()
    there: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    after = now()
    there = there.astimezone(UTC)
    # Within the trip the database may have looked at its clock at any moment.
    return max(before - there, timedelta()) + min(after - there, timedelta())


def _pinned(connection: Connection) -> list[tuple[str, str]]:
    """The releases and rule sets of sessions that are open or to come."""
    states = [SessionState.PLANNED.value, SessionState.OPEN.value]
    rows = connection.execute(
        select(ExamSession.release_digest, ExamSession.rules_digest).where(ExamSession.state.in_(states)).distinct()
    )
    return [(row.release_digest, row.rules_digest) for row in rows]


def _are_installed(house: House, pinned: list[tuple[str, str]]) -> bool:
    """Whether every sitting of theirs could be served here; read once, then kept."""
    for release, rules in pinned:
        try:
            for track in Track:
                house.catalogue.plan(release, rules, track)
        except (EngineError, OSError) as refusal:
            log.warning("not_ready", lack=Lack.CONTENT.value, reason=str(refusal))
            return False
    return True
