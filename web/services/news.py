"""Tickets to the news of a session: short-lived, signed, for one session; they say what changed to nobody."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

from engine.kernel import EngineError, SessionId
from web.db.people import Person
from web.services.house import House
from web.services.scope import session_of

VALID_FOR = timedelta(minutes=10)
"""A stream ends with its ticket: whoever may no longer look is not told for longer."""


class BadTicket(EngineError):
    """A ticket that nobody here made, or that has run out."""

    code = "bad_ticket"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What its holder may be told of, and until when."""

    session: SessionId
    until: datetime


def ticket(house: House, actor: Person, session: SessionId, now: datetime) -> str:
    """A ticket to the news of a session. Raises `NoSuchSession`, for sessions of others too."""
    with house.db.read() as connection:
        slot = session_of(connection, actor, session)
    until = int((now + VALID_FOR).timestamp())
    return _signer(house.secret).dumps([slot.id, until])


def read_ticket(secret: str, shown: str, now: datetime) -> Ticket:
    """What a ticket says. Raises `BadTicket`."""
    try:
        session, until = _signer(secret).loads(shown)
    except BadSignature as error:
        raise BadTicket("This ticket was not made here.") from error
    found = Ticket(SessionId(session), datetime.fromtimestamp(until, UTC))
    if now >= found.until:
        raise BadTicket("This ticket has run out.")
    return found


def _signer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="palier.news")
