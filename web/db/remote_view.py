"""The remote view as rows: letters between browsers, the last sign of each candidate's window, what they agreed to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, func, insert, select

from engine.kernel import SessionId, SittingId
from web.db import audit
from web.db.day_tables import Signal, ViewConsent, ViewSign


@dataclass(frozen=True, slots=True)
class Letter:
    """What one browser tells another to set up a view."""

    sender: str
    recipient: str
    data: dict[str, Any]


def post(db: Connection, session: SessionId, letters: Iterable[Letter], now: datetime) -> None:
    """Put letters where their recipients fetch them."""
    rows = [
        {"session_id": session, "sender": x.sender, "recipient": x.recipient, "data": x.data, "at": now}
        for x in letters
    ]
    if rows:
        db.execute(insert(Signal), rows)


def has_letters(db: Connection, recipient: str) -> bool:
    """Whether something waits for a recipient."""
    return bool(db.execute(select(exists().where(Signal.recipient == recipient))).scalar())


def has_old_letters(db: Connection, before: datetime) -> bool:
    """Whether something waits that nobody came for."""
    return bool(db.execute(select(exists().where(Signal.at < before))).scalar())


def fetch(db: Connection, recipient: str) -> list[Letter]:
    """What waits for a recipient, in order; from then on it is gone."""
    gone = delete(Signal).where(Signal.recipient == recipient)
    rows = db.execute(gone.returning(Signal.id, Signal.sender, Signal.recipient, Signal.data)).all()
    return [Letter(row.sender, row.recipient, row.data) for row in sorted(rows, key=lambda row: int(row.id))]


def waiting_from(db: Connection, sender: str) -> int:
    """How many letters of a sender have not been fetched, whatever page of theirs wrote them."""
    person = sender.rsplit("/", 1)[0] + "/"
    return db.execute(select(func.count()).where(Signal.sender.startswith(person, autoescape=True))).scalar_one()


def sweep(db: Connection, before: datetime) -> None:
    """Forget what nobody came for."""
    db.execute(delete(Signal).where(Signal.at < before))


@dataclass(frozen=True, slots=True)
class Sign:
    """What a candidate's window said of itself last."""

    sitting: SittingId
    page: str
    device: str
    camera: bool
    microphone: bool
    screen: str
    at: datetime


def sign_of(db: Connection, sitting: SittingId) -> Sign | None:
    """The last sign of a candidate's window, if it was not closed."""
    return signs_of(db, [sitting]).get(sitting)


def signs_of(db: Connection, sittings: Sequence[SittingId]) -> dict[SittingId, Sign]:
    """The last signs of some candidates' windows."""
    columns = (
        ViewSign.sitting_id,
        ViewSign.page,
        ViewSign.device,
        ViewSign.camera,
        ViewSign.microphone,
        ViewSign.screen,
        ViewSign.at,
    )
    rows = db.execute(select(*columns).where(ViewSign.sitting_id.in_(sittings)))
    return {SittingId(row.sitting_id): Sign(SittingId(row.sitting_id), *row[1:]) for row in rows}


def keep_sign(db: Connection, sign: Sign) -> None:
    """Put a sign in the place of the one before."""
    forget_sign(db, sign.sitting)
    db.execute(
        insert(ViewSign).values(
            sitting_id=sign.sitting,
            page=sign.page,
            device=sign.device,
            camera=sign.camera,
            microphone=sign.microphone,
            screen=sign.screen,
            at=sign.at,
        )
    )


def forget_sign(db: Connection, sitting: SittingId) -> None:
    """The window of a candidate is closed."""
    db.execute(delete(ViewSign).where(ViewSign.sitting_id == sitting))


def keep_consent(db: Connection, sitting: SittingId, given: bool, now: datetime) -> None:
    """Write down what a candidate said to being seen."""
    audit.insert(db, ViewConsent, [{"sitting_id": sitting, "given": given, "at": now}])


def consents_of(db: Connection, sittings: Sequence[SittingId]) -> dict[SittingId, bool]:
    """What candidates said last; those who said nothing are not among them."""
    rows = db.execute(
        select(ViewConsent.sitting_id, ViewConsent.given)
        .where(ViewConsent.sitting_id.in_(sittings))
        .order_by(ViewConsent.id)
    )
    return {SittingId(row.sitting_id): row.given for row in rows}
