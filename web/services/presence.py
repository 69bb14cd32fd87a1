"""Who is there for those who wait: consoles that ask for news, and the candidates before one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.delivery.states import State
from engine.kernel import PersonId, SessionId, SittingId
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.day_tables import ConsoleSign
from web.db.sessions import Session
from web.db.sittings import Enrolment
from web.db.tables import Account
from web.services.house import House

WRITTEN_EVERY = timedelta(seconds=10)
"""A console asks once a second at most; one sign in ten seconds is enough for those who wait."""
CONNECTED = timedelta(seconds=30)
"""How old the last sign of a console may be for its proctor to count as connected."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a candidate in the waiting room is told."""

    session: Session
    enrolment: Enrolment
    before: int
    """How many candidates asked for the proctor earlier and still wait."""
    proctor_is_connected: bool
    video_link: str | None
    """Of the outside video room of the session, if it uses one; only where the way there is encrypted."""


def console_seen(house: House, session: SessionId, account: PersonId, now: datetime) -> None:
    """The console of a session asks for news: written down once in ten seconds at most."""
    which = (ConsoleSign.session_id == session) & (ConsoleSign.account_id == account)
    with house.db.read() as connection:
        last = connection.execute(select(ConsoleSign.at).where(which)).scalar_one_or_none()
    if last is not None and now - last < WRITTEN_EVERY:
        return
    with house.db.write() as connection:
        if connection.execute(update(ConsoleSign).where(which).values(at=now)).rowcount == 0:
            try:
                with connection.begin_nested():
                    connection.execute(insert(ConsoleSign).values(session_id=session, account_id=account, at=now))
            except IntegrityError:
                return  # its first two at once


def others_at(house: House, session: SessionId, account: PersonId, now: datetime) -> list[str]:
    """The names of those, except one, whose console of a session asks for news too."""
    with house.db.read() as connection:
        rows = connection.execute(
            select(Account.name)
            .join(ConsoleSign, ConsoleSign.account_id == Account.id)
            .where(ConsoleSign.session_id == session, ConsoleSign.account_id != account)
            .where(ConsoleSign.at >= now - CONNECTED)
            .order_by(Account.name)
        )
        return [row.name for row in rows]


def waiting(house: House, sitting: SittingId, now: datetime) -> Waiting:
    """Where a candidate stands in the waiting room. Raises `NoSuchSitting`."""
    with house.db.read() as connection:
        enrolment = sitting_rows.load(connection, sitting)
        session = session_rows.load(connection, enrolment.session_id)
        all_there = sitting_rows.load_session(connection, session.id)
        signs = select(ConsoleSign.at).where(ConsoleSign.session_id == session.id).order_by(ConsoleSign.at.desc())
        last = connection.execute(signs.limit(1)).scalar_one_or_none()
    mine = _asked_at(enrolment)
    link = session.video_link or ""
    before = sum(
        1
        for other in all_there
        if other.id != sitting
        and mine is not None
        and (asked := _asked_at(other))
        and (asked, other.id) < (mine, sitting)
    )
    is_there = last is not None and now - last <= CONNECTED
    return Waiting(session, enrolment, before, is_there, link if link.startswith("https://") else None)


def _asked_at(enrolment: Enrolment) -> datetime | None:
    """Since when a candidate has been waiting for the proctor without a break; `None`: they do not wait."""
    sitting = enrolment.sitting
    waits = sitting.state is State.CHECKED_IN or (sitting.asks_to_return and sitting.authorised_at is None)
    if not waits:
        return None
    since = None
    for event in enrolment.events:
        match event.kind:
            case "checked_in":
                since = since or event.at
            case "authorised" | "entered":
                since = None
    return since
