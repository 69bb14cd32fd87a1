"""Proctoring tools: who may connect, how they prove it, and the tokens they work with (docs/adr/0022)."""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from engine.kernel import EngineError, PersonId
from web.db import tools as tool_rows
from web.db.database import Database
from web.db.people import Person
from web.db.tools import NoSuchTool, Tool, Use
from web.services import tool_keys
from web.services.house import House

CONTROL_SCOPE = "https://purl.imsglobal.org/spec/lti-ap/scope/control.all"
TOKEN_LASTS = timedelta(hours=1)
LONGEST_NAME = 100


class ToolNameRefused(EngineError):
    """A tool needs a name that people can recognise."""

    code = "tool_name_refused"


class ToolNameTaken(EngineError):
    """A tool in service at the centre has this name."""

    code = "tool_name_taken"


class TokenMissing(EngineError):
    """A request of a tool without an access token."""

    code = "token_missing"


class TokenRefused(EngineError):
    """An access token that is unknown, has run out, or is of a tool that is out of service."""

    code = "token_refused"


class ScopeMissing(EngineError):
    """An access token that is good, but for something else."""

    code = "scope_missing"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A new tool with its secret, which is told once and stored only as a fingerprint; none if the tool signs."""

    tool: Tool
    secret: str | None


@dataclass(frozen=True, slots=True)
class Registered:
    """A tool as its centre sees it."""

    tool: Tool
    use: Use

    @property
    def last_used_at(self) -> datetime | None:
        """When it last asked for a token or for an action."""
        return max(filter(None, (self.use.connected_at, self.use.last_control_at)), default=None)


def add(db: Database, centre: str, name: str, may_terminate: bool, now: datetime, public_keys: str = "") -> Credentials:
    """Let a new tool in at a centre; with keys it signs, without it has a secret.

    Raises `ToolNameRefused`, `ToolNameTaken`, `ToolKeysRefused`.
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise ToolNameRefused(f"A tool has a name of 1 to {LONGEST_NAME} characters.", name=name[:LONGEST_NAME])
    keys = tool_keys.checked(public_keys) if public_keys.strip() else ""
    secret = None if keys else secrets.token_urlsafe(32)
    tool = Tool(
        id=PersonId(str(uuid.uuid4())),
        centre_id=centre,
        name=name,
        client_id=f"tool-{secrets.token_hex(8)}",
        secret_hash=fingerprint(secret) if secret else "",
        public_keys=keys,
        may_terminate=may_terminate,
        is_active=True,
        made_at=now,
    )
    with db.write() as connection:
        if any(t.is_active and t.name.casefold() == name.casefold() for t in tool_rows.of_centre(connection, centre)):
            raise ToolNameTaken(f"A tool {name} is in service at this centre already.", name=name)
        tool_rows.add(connection, tool)
    return Credentials(tool, secret)


def revoke(db: Database, tool: str) -> Tool:
    """Put any tool out of service at once, by its id or client id. Raises `NoSuchTool`."""
    with db.write() as connection:
        found = tool_rows.load(connection, tool)
        tool_rows.revoke(connection, found)
    return found


def of_centre(house: House, actor: Person) -> list[Registered]:
    """The tools of a manager's centre, with what they did so far."""
    with house.db.read() as connection:
        return _with_use(connection, tool_rows.of_centre(connection, actor.centre_id or ""))


def everywhere(db: Database) -> list[Registered]:
    """The tools of all centres, with what they did so far."""
    with db.read() as connection:
        return _with_use(connection, tool_rows.all_of_them(connection))


def add_to_centre(house: House, actor: Person, name: str, public_keys: str, now: datetime) -> Credentials:
    """Let a new tool in at a manager's centre; it can only propose to end a test. Raises as `add` does."""
    return add(house.db, actor.centre_id or "", name, False, now, public_keys)


def tool_of(house: House, actor: Person, tool: str) -> Tool:
    """A tool of a manager's centre. Raises `NoSuchTool`."""
    with house.db.read() as connection:
        found = tool_rows.load(connection, tool)
    if found.centre_id != actor.centre_id:
        raise NoSuchTool(f"There is no tool {tool} for {actor.login}.", tool=tool)
    return found


def revoke_at_centre(house: House, actor: Person, tool: str) -> Tool:
    """Put a tool of a manager's centre out of service at once. Raises `NoSuchTool`."""
    return revoke(house.db, tool_of(house, actor, tool).id)


def with_secret(house: House, client_id: str, secret: str) -> Tool | None:
    """The tool in service that proves who it is by its secret, if it does; why it does not is not told."""
    tool = _in_service(house, client_id)
    stored = tool.secret_hash if tool else ""
    is_right = hmac.compare_digest(fingerprint(secret), stored or fingerprint(f"not {secret}"))
    return tool if is_right else None


def with_assertion(house: House, assertion: str, audiences: Collection[str], now: datetime) -> Tool | None:
    """The tool in service that proves who it is by what it signed, if it does, for the first time."""
    tool = _in_service(house, tool_keys.claimed(assertion))
    if tool is None or not tool.public_keys:
        return None
    proof = tool_keys.verified(assertion, tool.public_keys, tool.client_id, audiences, now)
    if proof is None:
        return None
    used = fingerprint(f"{tool.id}:{proof.id}")
    with house.db.write() as connection:
        is_new = tool_rows.use_assertion(connection, tool.id, used, now, proof.expires_at)
    return tool if is_new else None


def _in_service(house: House, client_id: str) -> Tool | None:
    if not client_id or not client_id.isprintable():  # some databases take no other text
        return None
    with house.db.read() as connection:
        tool = tool_rows.with_client_id(connection, client_id)
    return tool if tool and tool.is_active else None


def store_token(house: House, tool: Tool, token: str, scope: str, now: datetime) -> None:
    """Remember an access token by its fingerprint, for an hour."""
    with house.db.write() as connection:
        tool_rows.add_token(connection, tool.id, fingerprint(token), scope, now, now + TOKEN_LASTS)


def bearer(house: House, token: str, now: datetime) -> Tool:
    """The tool that an access token stands for. Raises `TokenMissing`, `TokenRefused`, `ScopeMissing`."""
    if not token:
        raise TokenMissing("Send an access token: Authorization: Bearer <token>")
    with house.db.read() as connection:
        found = tool_rows.token(connection, fingerprint(token))
    if found is None or found.expires_at <= now or not found.tool.is_active:
        raise TokenRefused("The access token is unknown, has run out or was revoked: ask for a new one.")
    if CONTROL_SCOPE not in found.scope.split():
        raise ScopeMissing(f"The access token does not have the scope {CONTROL_SCOPE}.")
    return found.tool


def fingerprint(text: str) -> str:
    """SHA-256 of something with 256 bits of chance in it, which nobody can guess: slow hashing would add nothing."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _with_use(connection: Connection, tools: list[Tool]) -> list[Registered]:
    uses = tool_rows.uses(connection, tools)
    return [Registered(tool, uses[tool.id]) for tool in tools]
