"""How a candidate's window and a proctor's console find each other: letters through a box, one exchange a trip.

The server sees what browsers need to meet (addresses, keys, codecs) and never a picture or a sound.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection

from engine.delivery.commands import OtherDevice
from engine.delivery.sitting import Sitting
from engine.kernel import EngineError, PersonId, SessionId, SittingId
from web.db import people
from web.db import remote_view as rows
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.people import Person
from web.db.remote_view import Letter, Sign
from web.db.sessions import Session
from web.services import facts, remote_view
from web.services.facts import FactKind
from web.services.house import House
from web.services.remote_view import SILENT_AFTER, View
from web.services.scope import session_of

KEPT_FOR = timedelta(seconds=60)
SIGN_EVERY = timedelta(seconds=8)
LONGEST_SDP = 64 * 1024
MOST_WAITING = 200
"""Letters of one page that nobody has fetched yet: a page gone wild stops there."""

T = TypeVar("T", bound=BaseModel)
_STRICT = ConfigDict(extra="forbid", frozen=True)


class MalformedSignal(EngineError):
    """Something that no page of ours sends."""

    code = "malformed_signal"


class NotAgreed(EngineError):
    """The candidate has not agreed to be seen."""

    code = "view_not_agreed"


class ViewElsewhere(EngineError):
    """The candidate is seen through another browser."""

    code = "view_elsewhere"


class NoSuchPeer(EngineError):
    """A page that the sender may not write to."""

    code = "no_such_peer"


class BoxFull(EngineError):
    """Too many letters that nobody has fetched."""

    code = "box_full"


class Hello(BaseModel):
    """A console asks for a view."""

    model_config = _STRICT
    type: Literal["hello"]
    call: UUID


class Offer(BaseModel):
    """A window offers one."""

    model_config = _STRICT
    type: Literal["offer"]
    call: UUID
    sdp: Annotated[str, Field(max_length=LONGEST_SDP)]


class Answer(BaseModel):
    """A console accepts it."""

    model_config = _STRICT
    type: Literal["answer"]
    call: UUID
    sdp: Annotated[str, Field(max_length=LONGEST_SDP)]


class Path(BaseModel):
    """One way by which a browser may be reached (RTCIceCandidate)."""

    model_config = _STRICT
    candidate: Annotated[str, Field(max_length=1000)]
    sdpMid: Annotated[str, Field(max_length=40)] | None = None  # noqa: N815 - the names of the browsers
    sdpMLineIndex: Annotated[int, Field(ge=0, le=100)] | None = None  # noqa: N815
    usernameFragment: Annotated[str, Field(max_length=300)] | None = None  # noqa: N815


class Paths(BaseModel):
    """Ways by which the sender may be reached."""

    model_config = _STRICT
    type: Literal["paths"]
    call: UUID
    paths: Annotated[tuple[Path, ...], Field(max_length=40)]


class Bye(BaseModel):
    """The sender hangs up."""

    model_config = _STRICT
    type: Literal["bye"]
    call: UUID


class _Envelope(BaseModel):
    model_config = _STRICT
    to: Annotated[str, Field(max_length=80)]


class ToConsole(_Envelope):
    """What a candidate's window may write."""

    mail: Annotated[Offer | Paths | Bye, Field(discriminator="type")]


class ToWindow(_Envelope):
    """What a console may write."""

    mail: Annotated[Hello | Answer | Paths | Bye, Field(discriminator="type")]


class FromWindow(BaseModel):
    """One trip of a candidate's window: how it is, and what it writes."""

    model_config = _STRICT
    page: UUID
    camera: bool
    microphone: bool
    screen: Literal["", "monitor", "window", "browser", "unknown"]
    closing: bool = False
    outgoing: Annotated[tuple[ToConsole, ...], Field(max_length=40)] = ()


class FromConsole(BaseModel):
    """One trip of a console."""

    model_config = _STRICT
    page: UUID
    outgoing: Annotated[tuple[ToWindow, ...], Field(max_length=80)] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """A letter with the name of the proctor who wrote it; the name is empty for a candidate's."""

    letter: Letter
    name: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a trip brings back; `over` tells a window to stop everything."""

    incoming: tuple[Received, ...]
    over: bool = False
    views: tuple[View, ...] = ()


def window_address(sitting: SittingId, page: UUID | str) -> str:
    """Where a candidate's window fetches its letters."""
    return f"w/{sitting}/{page}"


def console_address(person: PersonId, page: UUID) -> str:
    """Where a proctor's page fetches its letters."""
    return f"c/{person}/{page}"


def from_window(house: House, sitting: SittingId, device: str, body: object, now: datetime) -> Exchange:
    """A candidate's window tells how it is, and exchanges letters with consoles of the session.

    Raises `MalformedSignal`, `NoView`, `OtherDevice`, `NotAgreed`, `ViewElsewhere`, `NoSuchPeer`, `BoxFull`.
    """
    trip = _valid(FromWindow, body)
    me = window_address(sitting, trip.page)
    with house.db.read() as connection:
        enrolment = sitting_rows.load(connection, sitting)
        slot = session_rows.load(connection, enrolment.session_id)
        remote_view.require_on(slot)
        before = rows.sign_of(connection, sitting)
        _require_mine(enrolment.sitting, device, before, now)
        agreed = rows.consents_of(connection, [sitting]).get(sitting, False)
        busy = rows.has_letters(connection, me)
        for envelope in trip.outgoing:
            _require_console(connection, slot, envelope.to)
    if remote_view.has_ended(slot, enrolment.sitting):
        _close(house, sitting, me)
        return Exchange((), over=True)
    if not agreed:
        raise NotAgreed(f"Sitting {sitting} is not to be seen.", sitting=sitting)
    sign = Sign(sitting, str(trip.page), device, trip.camera, trip.microphone, trip.screen, now)
    if trip.closing:
        if before is not None and before.page == sign.page:
            facts.tell(house, sitting, FactKind.VIEW_LOST, now)
            _close(house, sitting, me)
        return Exchange(())
    news = before is None or _differs(before, sign) or now - before.at >= SIGN_EVERY
    if news:
        _tell(house, before, sign)
    if not (news or busy or trip.outgoing):
        return Exchange(())
    with house.db.write() as connection:
        if news:
            rows.keep_sign(connection, sign)
        letters = [Letter(me, x.to, x.mail.model_dump(mode="json", exclude_none=True)) for x in trip.outgoing]
        incoming = _swap(connection, slot.id, me, letters, now)
        names = people.names(connection) if incoming else {}
    return Exchange(tuple(Received(x, names.get(x.sender.split("/")[1], "")) for x in incoming))


def from_console(house: House, actor: Person, session: SessionId, body: object, now: datetime) -> Exchange:
    """A proctor's page exchanges letters with the windows of its session, and sees how they stand.

    Raises `MalformedSignal`, `NoSuchSession`, `NoView`, `NoSuchPeer`, `BoxFull`.
    """
    with house.db.read() as connection:
        slot = session_of(connection, actor, session)
        remote_view.require_on(slot)
        trip = _valid(FromConsole, body)
        me = console_address(actor.id, trip.page)
        enrolments = sitting_rows.load_session(connection, session)
        views = remote_view.views(connection, slot, enrolments, now)
        reachable = {e.id for e in enrolments}
        for envelope in trip.outgoing:
            if _parsed(envelope.to, "w") not in reachable:
                raise NoSuchPeer(f"{actor.login} may not write to {envelope.to}.", to=envelope.to)
        busy = rows.has_letters(connection, me) or rows.has_old_letters(connection, now - KEPT_FOR)
    if not (busy or trip.outgoing):
        return Exchange((), views=tuple(views))
    with house.db.write() as connection:
        letters = [Letter(me, x.to, x.mail.model_dump(mode="json", exclude_none=True)) for x in trip.outgoing]
        incoming = _swap(connection, slot.id, me, letters, now)
    return Exchange(tuple(Received(x, "") for x in incoming), views=tuple(views))


def _valid(model: type[T], body: object) -> T:
    try:
        return model.model_validate(body)
    except ValidationError as wrong:
        # Not the input itself: it may hold addresses of the one who sent it.
        places = [".".join(str(part) for part in error["loc"]) for error in wrong.errors(include_input=False)]
        raise MalformedSignal(f"No signal of ours: {', '.join(places)[:200]}") from None


def _require_mine(sitting: Sitting, device: str, before: Sign | None, now: datetime) -> None:
    """The device of the sitting, or one that waits to be let in while no other is seen."""
    if device and sitting.device == device and not sitting.asks_to_return:
        return
    if not device or (sitting.device is not None and not sitting.asks_to_return):
        raise OtherDevice(f"Sitting {sitting.id} is taken on another device.", sitting=sitting.id)
    if before is not None and before.device != device and now - before.at <= SILENT_AFTER:
        raise ViewElsewhere(f"Sitting {sitting.id} is seen through another browser.", sitting=sitting.id)


def _require_console(db: Connection, session: Session, address: str) -> None:
    person = _parsed(address, "c")
    if person is None or not session_rows.is_watched_by(db, session.id, PersonId(person)):
        raise NoSuchPeer(f"{address} watches another session.", to=address)


def _parsed(address: str, kind: str) -> str | None:
    """Whose page an address is, if it is one of the kind."""
    parts = address.split("/")
    return parts[1] if len(parts) == 3 and parts[0] == kind else None


def _swap(db: Connection, session: SessionId, me: str, letters: Sequence[Letter], now: datetime) -> list[Letter]:
    rows.sweep(db, now - KEPT_FOR)
    if letters and rows.waiting_from(db, me) + len(letters) > MOST_WAITING:
        raise BoxFull(f"{me} has written {MOST_WAITING} letters that nobody fetched.")
    rows.post(db, session, letters, now)
    return rows.fetch(db, me)


def _close(house: House, sitting: SittingId, me: str) -> None:
    with house.db.write() as connection:
        rows.forget_sign(connection, sitting)
        rows.fetch(connection, me)


def _differs(before: Sign, sign: Sign) -> bool:
    def told(x: Sign) -> tuple[Any, ...]:
        return (x.page, x.device, x.camera, x.microphone, x.screen)

    return told(before) != told(sign)


def _tell(house: House, before: Sign | None, sign: Sign) -> None:
    """Keep what changed since the sign before as facts: told before the sign is kept, they are not lost in a crash."""
    if before is not None and sign.at - before.at > SILENT_AFTER:
        facts.tell(house, sign.sitting, FactKind.VIEW_LOST, before.at)
    if before is None or before.page != sign.page or sign.at - before.at > SILENT_AFTER:
        facts.tell(house, sign.sitting, FactKind.VIEW_BACK, sign.at)
    things = (
        (bool(sign.camera), before and before.camera, FactKind.CAMERA_BACK, FactKind.CAMERA_LOST),
        (bool(sign.microphone), before and before.microphone, FactKind.MICROPHONE_BACK, FactKind.MICROPHONE_LOST),
        (bool(sign.screen), before and bool(before.screen), FactKind.SCREEN_BACK, FactKind.SCREEN_LOST),
    )
    for there, was_there, back, lost in things:
        if there is not was_there:
            facts.tell(house, sign.sitting, back if there else lost, sign.at)
