"""Finding one person, and erasing them when nothing is pending: their sittings stay, as nobody's."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from engine.delivery.states import State
from engine.kernel import EngineError, SittingId
from web.db import access_log, due
from web.db import sittings as sitting_rows
from web.db.access_log import Access
from web.db.data_classes import DataClass
from web.db.database import Database
from web.db.due import Erased, Known
from web.db.tables import Candidate, Centre, SittingRow
from web.services.enrolment import name_key
from web.services.retention import erase_all

CAUSE = "person"


class NoSuchCandidate(EngineError):
    """There is no such candidate, or not any more."""

    code = "no_such_candidate"


class SittingPending(EngineError):
    """The person has a place in a session that is not over."""

    code = "sitting_pending"


class ResultPending(EngineError):
    """A result of the person is not published yet."""

    code = "result_pending"


class UnderAppeal(EngineError):
    """A result of the person can still be contested."""

    code = "under_appeal"


class ErasureReasonMissing(EngineError):
    """An erasure without a reason."""

    code = "erasure_reason_missing"


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate as a centre knows them."""

    id: str
    centre: str
    sittings: int


def find(db: Database, last_name: str, first_name: str, birth_date: date, operator: str, now: datetime) -> list[Found]:
    """The candidates with a name and a day of birth: one for each centre that knows them. The look is written down."""
    key = name_key(last_name, first_name)
    with db.write() as connection:
        rows = connection.execute(
            select(Candidate.id, Centre.name, SittingRow.id.label("sitting"))
            .join(Centre, Centre.id == Candidate.centre_id)
            .outerjoin(SittingRow, SittingRow.candidate_id == Candidate.id)
            .where(Candidate.name_key == key, Candidate.birth_date == birth_date)
            .order_by(Centre.name)
        ).all()
        found = {
            row.id: Found(row.id, row.name, sum(r.id == row.id and r.sitting is not None for r in rows)) for row in rows
        }
        for who in found:
            access_log.add(connection, Access(now, "", operator, "found", "candidate", who))
    return list(found.values())


def require_erasable(db: Database, candidate: str, appeal_days: int, now: datetime) -> Known:
    """The person, if nothing is pending. Raises `NoSuchCandidate`, `SittingPending`, `ResultPending`, `UnderAppeal`."""
    with db.read() as connection:
        known = due.candidates(connection, candidate)
        if not known:
            raise NoSuchCandidate(f"There is no candidate {candidate}.", candidate=candidate)
        slots = {slot.id: slot for slot in due.slots(connection)}
        own = select(SittingRow.id).where(SittingRow.candidate_id == candidate)
        places = [sitting_rows.load(connection, SittingId(s)) for s in connection.execute(own).scalars()]
    for place in places:
        slot = slots[place.session_id]
        if place.sitting.state is State.CANCELLED:
            continue
        if slot.state in due.RUNS:
            raise SittingPending(
                f"Session {slot.id} is {slot.state}: take the enrolment back, or wait for its results.", session=slot.id
            )
        if slot.settled_at is None:
            raise ResultPending(f"The results of session {slot.id} are not published yet.", session=slot.id)
        until = slot.settled_at + timedelta(days=appeal_days)
        if until > now:
            raise UnderAppeal(f"A result can be contested until {until:%Y-%m-%d}.", until=until)
    return known[0]


def erase(
    db: Database, candidate: str, reason: str, operator: str, appeal_days: int, now: datetime
) -> dict[DataClass, int]:
    """Erase one person for good, and say how many rows of each class changed.

    Raises `ErasureReasonMissing`, and what `require_erasable` raises.
    """
    if not reason.strip():
        raise ErasureReasonMissing("An erasure needs a reason.")
    known = require_erasable(db, candidate, appeal_days, now)
    with db.write() as connection:
        return erase_all(connection, known, Erased(CAUSE, DataClass.IDENTITY, 0, operator, reason.strip()[:500]), now)
