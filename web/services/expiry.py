"""Closing tests whose time is over, whoever looks or nobody: what stood in the form is kept for the jury."""

import uuid
from datetime import datetime

from sqlalchemy import Connection

from engine.delivery import commands
from engine.delivery.commands import Step
from engine.delivery.session import SessionState
from engine.items.response import EmptyReply, MalformedReply
from engine.kernel import SittingId, Transition
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db import writing
from web.db.sessions import Pins, Session
from web.db.sittings import Enrolment, Superseded
from web.services.house import House


def expire(house: House, sitting: SittingId, now: datetime) -> bool:
    """Close a sitting if its time and grace are over; whether it was this call that did. Raises `NoSuchSitting`."""
    with house.db.write() as connection:
        enrolment = sitting_rows.load(connection, sitting)
        session = session_rows.load(connection, enrolment.session_id)
        return bool(expire_in(connection, house, session, enrolment, now).events)


def expire_in(connection: Connection, house: House, session: Session, enrolment: Enrolment, now: datetime) -> Step:
    """The same inside a transaction that is open already."""
    done = expired(connection, house, session, enrolment, now)
    sitting_rows.save(connection, done)
    return done


def expired(connection: Connection, house: House, session: Session, enrolment: Enrolment, now: datetime) -> Step:
    """The same, to be saved by the caller."""
    return with_draft(connection, house, session.pins, commands.expire(enrolment.sitting, now), now)


def with_draft(connection: Connection, house: House, pins: Pins, done: Step, now: datetime) -> Step:
    """A step that closes a sitting, and what stood in the form of the item on screen, if it has the form of a reply.

    For whoever closes a sitting: the time, a proctor, the end of the day. Any other step is left as it is.
    """
    sitting = done.state
    if not done.events or not sitting.state.was_taken:
        return done
    draft = writing.draft(connection, sitting.id)
    if draft is None:
        return done
    writing.drop_draft(connection, sitting.id)
    if draft.raw is None:  # to the engine that would be a pass, which nobody chose
        return done
    release = house.catalogue.release(pins.release_digest)
    try:
        kept = commands.keep_draft(sitting, release, draft.item, draft.raw, str(uuid.uuid4()), now)
    except (EmptyReply, MalformedReply):
        return done
    return Transition(kept.state, done.events + kept.events)


def expire_all(house: House, now: datetime) -> list[SittingId]:
    """Close every sitting of an open session whose time and grace are over. Again and again, by many, does no harm."""
    with house.db.read() as connection:
        late = [
            enrolment.id
            for session in session_rows.in_state(connection, SessionState.OPEN)
            for enrolment in sitting_rows.load_session(connection, session.id)
            if commands.expire(enrolment.sitting, now).events
        ]
    closed = []
    for sitting in late:
        try:
            if expire(house, sitting, now):
                closed.append(sitting)
        except Superseded:  # somebody else did it, or gave time, at this very moment
            continue
    return closed
