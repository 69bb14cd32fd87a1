"""Proctoring tools, their access tokens and their requests ↔ rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from engine.kernel import EngineError, PersonId, SessionId, SittingId
from web.db import audit
from web.db.day_tables import Control, ToolAssertion, ToolToken
from web.db.day_tables import Tool as ToolRow
from web.db.tables import Candidate, SittingRow


class NoSuchTool(EngineError):
    """There is no such tool, or not for the one who asks."""

    code = "no_such_tool"


class ControlRepeated(EngineError):
    """The same request of a tool was stored by somebody else in the meantime."""

    code = "control_repeated"


@dataclass(frozen=True, slots=True)
class Tool:
    """A proctoring tool that may control the sittings of one centre."""

    id: PersonId
    """Its name in logs is that of an author, as a person's is."""
    centre_id: str
    name: str
    client_id: str
    secret_hash: str
    public_keys: str
    may_terminate: bool
    is_active: bool
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Use:
    """What a tool has done so far."""

    connected_at: datetime | None = None
    """When it last asked for an access token."""
    controls: int = 0
    last_control_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """What an access token stands for."""

    tool: Tool
    scope: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StoredControl:
    """A request of a tool as it came, and what was answered."""

    body: str
    reply: dict[str, Any]


_COLUMNS = (
    ToolRow.id,
    ToolRow.centre_id,
    ToolRow.name,
    ToolRow.client_id,
    ToolRow.secret_hash,
    ToolRow.public_keys,
    ToolRow.may_terminate,
    ToolRow.is_active,
    ToolRow.made_at,
)


def add(db: Connection, tool: Tool) -> None:
    """A new tool."""
    db.execute(
        insert(ToolRow).values(
            id=tool.id,
            centre_id=tool.centre_id,
            name=tool.name,
            client_id=tool.client_id,
            secret_hash=tool.secret_hash,
            public_keys=tool.public_keys,
            may_terminate=tool.may_terminate,
            is_active=tool.is_active,
            made_at=tool.made_at,
        )
    )


def load(db: Connection, tool: str) -> Tool:
    """One tool, by its id or its client id. Raises `NoSuchTool`."""
    row = db.execute(select(*_COLUMNS).where(or_(ToolRow.id == tool, ToolRow.client_id == tool))).one_or_none()
    if row is None:
        raise NoSuchTool(f"There is no tool {tool}.", tool=tool)
    return _tool(row)


def with_client_id(db: Connection, client_id: str) -> Tool | None:
    """The tool of a client id, if there is one."""
    row = db.execute(select(*_COLUMNS).where(ToolRow.client_id == client_id)).one_or_none()
    return _tool(row) if row else None


def of_centre(db: Connection, centre: str) -> list[Tool]:
    """The tools of a centre: those in service first, then by name."""
    rows = db.execute(
        select(*_COLUMNS)
        .where(ToolRow.centre_id == centre)
        .order_by(ToolRow.is_active.desc(), ToolRow.name, ToolRow.made_at)
    )
    return [_tool(row) for row in rows]


def all_of_them(db: Connection) -> list[Tool]:
    """Every tool, centre by centre."""
    rows = db.execute(select(*_COLUMNS).order_by(ToolRow.centre_id, ToolRow.is_active.desc(), ToolRow.name))
    return [_tool(row) for row in rows]


def uses(db: Connection, tools: Sequence[Tool]) -> dict[str, Use]:
    """What each tool has done so far, by its id."""
    ids = [tool.id for tool in tools]
    connected = {
        row.tool_id: row.at
        for row in db.execute(
            select(ToolToken.tool_id, func.max(ToolToken.issued_at).label("at"))
            .where(ToolToken.tool_id.in_(ids))
            .group_by(ToolToken.tool_id)
        )
    }
    controls = {
        row.tool_id: (row.n, row.at)
        for row in db.execute(
            select(Control.tool_id, func.count().label("n"), func.max(Control.at).label("at"))
            .where(Control.tool_id.in_(ids))
            .group_by(Control.tool_id)
        )
    }
    return {tool: Use(connected.get(tool), *controls.get(tool, (0, None))) for tool in ids}


def revoke(db: Connection, tool: Tool) -> None:
    """Put a tool out of service; its tokens, which nobody believes any more, run out by themselves."""
    db.execute(update(ToolRow).where(ToolRow.id == tool.id).values(is_active=False))


def add_token(db: Connection, tool: PersonId, token_hash: str, scope: str, now: datetime, until: datetime) -> None:
    """A new access token; those of the tool that have run out are forgotten."""
    db.execute(delete(ToolToken).where(ToolToken.tool_id == tool, ToolToken.expires_at <= now))
    db.execute(
        insert(ToolToken).values(token_hash=token_hash, tool_id=tool, scope=scope, issued_at=now, expires_at=until)
    )


def use_assertion(db: Connection, tool: PersonId, assertion_hash: str, now: datetime, until: datetime) -> bool:
    """Note that a signed proof was used; whether it was not before. Those that have run out are forgotten."""
    db.execute(delete(ToolAssertion).where(ToolAssertion.tool_id == tool, ToolAssertion.expires_at <= now))
    try:
        with db.begin_nested():
            db.execute(insert(ToolAssertion).values(assertion_hash=assertion_hash, tool_id=tool, expires_at=until))
    except IntegrityError:
        return False
    return True


def token(db: Connection, token_hash: str) -> Token | None:
    """What an access token stands for, by its fingerprint."""
    row = db.execute(
        select(*_COLUMNS, ToolToken.scope, ToolToken.expires_at)
        .join(ToolToken, ToolToken.tool_id == ToolRow.id)
        .where(ToolToken.token_hash == token_hash)
    ).one_or_none()
    return Token(_tool(row), row.scope, row.expires_at) if row else None


def control(db: Connection, tool: PersonId, sitting: SittingId, action: str, at: str) -> StoredControl | None:
    """What a tool asked for before of a sitting at an incident's time, if it did."""
    row = db.execute(
        select(Control.body, Control.reply).where(
            Control.tool_id == tool,
            Control.sitting_id == sitting,
            Control.action == action,
            Control.incident_time == at,
        )
    ).one_or_none()
    return StoredControl(row.body, row.reply) if row else None


def add_control(db: Connection, values: dict[str, Any]) -> None:
    """Store a request with its reply. Raises `ControlRepeated` if the same was stored first by another writer."""
    try:
        with db.begin_nested():
            audit.insert(db, Control, [values])
    except IntegrityError as error:
        raise ControlRepeated(f"Control {values['id']} was stored in the meantime.") from error


def asked_to_end(db: Connection, sittings: Sequence[SittingId]) -> set[tuple[str, str, datetime]]:
    """Which of some sittings a tool asked to end, which tool, and when."""
    rows = db.execute(
        select(Control.sitting_id, Control.tool_id, Control.at).where(
            Control.sitting_id.in_(sittings), Control.action == "terminate"
        )
    )
    return {(row.sitting_id, row.tool_id, row.at) for row in rows}


def attempts(db: Connection, session: SessionId, user: str) -> list[SittingId]:
    """The sittings of a session that are named by their own id or by what their candidate is called elsewhere."""
    rows = db.execute(
        select(SittingRow.id)
        .join(Candidate, Candidate.id == SittingRow.candidate_id)
        .where(SittingRow.session_id == session, or_(SittingRow.id == user, Candidate.external_id == user))
    )
    return [SittingId(row.id) for row in rows]


def _tool(row: Row[*tuple[Any, ...]]) -> Tool:
    return Tool(
        PersonId(row.id),
        row.centre_id,
        row.name,
        row.client_id,
        row.secret_hash,
        row.public_keys,
        row.may_terminate,
        row.is_active,
        row.made_at,
    )
