"""Personal codes on their way to the people: enciphered for an hour, so that a closed browser loses none of them.

The database keeps a code as a fingerprint only. Those just made are kept beside it for an hour, enciphered under a key
that is not in the database; after that, or when all are handed over, only new ones can be made. See docs/adr/0023.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Connection

from engine.delivery.states import State
from engine.kernel import EngineError, SessionId, SittingId
from web import french
from web.db import handovers, rosters
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.people import Person
from web.db.sessions import Session
from web.db.sittings import Enrolment, NoSuchSitting
from web.services.codes import hashed, matches, new_code
from web.services.house import House
from web.services.results_file import inert
from web.services.scope import session_of
from web.services.sealing import cipher

CODES_LAST = timedelta(hours=1)
LISTS_LAST = timedelta(hours=2)
COLUMNS = (
    "Nom", "Prénom", "Date de naissance", "Courriel", "Identifiant externe", "Session", "Convocation", "Lieu",
    "Code de session", "Code personnel",
)  # fmt: skip
NOT_YET_IN = frozenset({State.ENROLLED, State.CHECKED_IN, State.AUTHORISED})


class NoFreshCodes(EngineError):
    """No code of the last hour is there to be handed over."""

    code = "no_fresh_codes"


class AlreadyIn(EngineError):
    """Somebody who has given the personal code needs no new one."""

    code = "already_in"


def sweep(db: Connection, now: datetime) -> None:
    """Forget lists and codes that have waited too long."""
    handovers.sweep(db, now - LISTS_LAST, now - CODES_LAST)


def seal(db: Connection, secret: str, session: SessionId, codes: Mapping[SittingId, str], now: datetime) -> None:
    """Keep codes for an hour."""
    if codes:
        sealed = _cipher(secret).encrypt(json.dumps(codes).encode()).decode()
        handovers.seal(db, session, sealed, now)


def fresh_codes(
    house: House, actor: Person, session: SessionId, now: datetime
) -> tuple[Session, list[tuple[Enrolment, str]]]:
    """The candidates whose code of the last hour still holds, with the code. Raises `NoSuchSession`."""
    with house.db.read() as connection:
        slot = session_of(connection, actor, session)
        codes: dict[str, str] = {}
        for _, sealed in handovers.sealed(connection, session, now - CODES_LAST):
            try:
                codes |= json.loads(_cipher(house.secret).decrypt(sealed.encode()))
            except InvalidToken:  # the installation's secret was changed: these codes are void anyway
                continue
        enrolments = sitting_rows.load_session(connection, session) if codes else []
    return slot, [
        (e, codes[e.id])
        for e in enrolments
        if e.id in codes and not e.sitting.state.is_over and matches(codes[e.id], e.code_hash, house.secret)
    ]


def require_fresh(
    house: House, actor: Person, session: SessionId, now: datetime
) -> tuple[Session, list[tuple[Enrolment, str]]]:
    """The same, but for there being any. Raises `NoFreshCodes`."""
    slot, fresh = fresh_codes(house, actor, session, now)
    if not fresh:
        raise NoFreshCodes(f"No code of session {session} is fresh.", session=session)
    return slot, fresh


def codes_file(house: House, actor: Person, session: SessionId, now: datetime) -> tuple[str, bytes]:
    """The name and the bytes of a file with the fresh codes; the download is noted. Raises `NoFreshCodes`."""
    slot, fresh = require_fresh(house, actor, session, now)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for e, code in fresh:
        told = (
            e.last_name, e.first_name, f"{e.birth_date:%d/%m/%Y}", e.email, e.external_id, slot.label,
            french.moment(slot.starts_at), slot.place, slot.code, code,
        )  # fmt: skip
        writer.writerow([inert(value) for value in told])
    with house.db.write() as connection:
        session_rows.note(connection, session, actor.id, "codes_downloaded", now, count=len(fresh))
    return f"codes-{slot.code}.csv", out.getvalue().encode("utf-8-sig")


def forget_codes(house: House, actor: Person, session: SessionId) -> None:
    """All codes are handed over. Raises `NoSuchSession`."""
    with house.db.write() as connection:
        session_of(connection, actor, session)
        handovers.drop_sealed(connection, session)


def without_entry(house: House, actor: Person, session: SessionId) -> tuple[Session, list[Enrolment]]:
    """Those who have not given their code yet. Raises `NoSuchSession`."""
    with house.db.read() as connection:
        slot = session_of(connection, actor, session)
        return slot, [e for e in sitting_rows.load_session(connection, session) if e.sitting.state in NOT_YET_IN]


def renew_codes(house: House, actor: Person, session: SessionId, sittings: Sequence[SittingId], now: datetime) -> int:
    """New codes for several candidates; the old ones are void. Raises `NoSuchSitting`, `AlreadyIn` with their names."""
    chosen = list(dict.fromkeys(sittings))
    codes = {sitting: new_code(2) for sitting in chosen}
    with house.db.write() as connection:
        session_of(connection, actor, session)
        enrolments = {e.id: e for e in sitting_rows.load_session(connection, session)}
        if not enrolments.keys() >= codes.keys():
            raise NoSuchSitting(f"Not all of these sittings are in session {session}.", session=session)
        inside = [enrolments[s].full_name for s in chosen if enrolments[s].sitting.state not in NOT_YET_IN]
        if inside:
            raise AlreadyIn(f"{len(inside)} candidates have given their codes.", names=inside)
        rosters.change_sittings(connection, {s: {"code_hash": hashed(c, house.secret)} for s, c in codes.items()})
        seal(connection, house.secret, session, codes, now)
        if codes:
            session_rows.note(connection, session, actor.id, "codes_renewed", now, sittings=chosen)
    return len(codes)


def _cipher(secret: str) -> Fernet:
    return cipher(secret, "sealed codes")
