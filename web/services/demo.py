"""The demonstration: one centre, one proctor, two jury members, one open session with three candidates.

Everything goes through the same use cases as real life.
"""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from engine.delivery.session import Mode
from engine.items.frameworks import Level, Track
from engine.kernel import SessionId
from web.db import people
from web.db import sessions as session_rows
from web.db.people import Role
from web.services import accounts, enrolment
from web.services.accounts import NewAccount
from web.services.enrolment import NewCandidate, NewSession
from web.services.house import House

CENTRE = "Atelier numérique de Lille"
PASSWORD = "palier-demonstration"  # of a demo that listens on this machine only
PEOPLE = (
    ("centre", "Nadia Ferrand", Role.MANAGER),
    ("surveillant", "Paul Keller", Role.PROCTOR),
    ("jury", "Hélène Vasseur", Role.JURY),
    ("jury2", "Thomas Aubry", Role.JURY),  # a rejection for fraud takes two
    ("admin", "Karim Lefort", Role.ADMIN),
)
CANDIDATES = (
    NewCandidate(
        "Moreau", "Camille", date(1985, 3, 12), "camille.moreau@exemple.fr", Track.SECOND_DEGREE, Level.AVANCE, False, 0
    ),
    NewCandidate(
        "Benali", "Idriss", date(1990, 11, 4), "idriss.benali@exemple.fr", Track.FIRST_DEGREE, Level.CONFIRME, True, 0
    ),
    NewCandidate(
        "Le Goff", "Anne-Lise", date(1978, 6, 23), "al.legoff@exemple.fr", Track.SECOND_DEGREE, Level.EXPERT, False, 0
    ),
)


@dataclass(frozen=True, slots=True)
class DemoCandidate:
    """What a candidate of the demo types."""

    last_name: str
    first_name: str
    birth_date: str
    code: str


@dataclass(frozen=True, slots=True)
class Demo:
    """What a person needs to take each seat."""

    session_id: str
    session_code: str
    candidates: tuple[DemoCandidate, ...]


def prepare(house: House, notes: Path, now: datetime) -> Demo:
    """The demo in the database; what is there is kept. `notes` holds the codes, which the database only has hashed."""
    if notes.exists():
        return _read(json.loads(notes.read_text(encoding="utf-8")))
    with house.db.write() as connection:
        centre = people.centre_named(connection, CENTRE)
        if centre is None:
            centre = "demo"
            people.add_centre(connection, centre, CENTRE, "Lille")
    staff = {}
    for login, name, role in PEOPLE:
        with house.db.read() as connection:
            known = people.with_login(connection, login)
        at = centre if role in (Role.MANAGER, Role.PROCTOR) else None
        staff[login] = known or accounts.create(house.db, NewAccount(login, name, role, at, PASSWORD))
    manager = staff["centre"]
    session = enrolment.create_session(
        house,
        manager,
        NewSession("Session de démonstration", Mode.ON_SITE, "Salle 12", now, (staff["surveillant"].id,)),
        now,
    )
    candidates = tuple(
        DemoCandidate(
            c.last_name,
            c.first_name,
            f"{c.birth_date:%d/%m/%Y}",
            enrolment.enrol(house, manager, session, c, now).code,
        )
        for c in CANDIDATES
    )
    enrolment.open_session(house, manager, session, now)
    with house.db.read() as connection:
        code = session_rows.load(connection, SessionId(session)).code
    demo = Demo(session, code, candidates)
    notes.touch(mode=0o600)
    notes.write_text(json.dumps(asdict(demo), ensure_ascii=False, indent=1), encoding="utf-8")
    return demo


def _read(stored: dict[str, Any]) -> Demo:
    candidates = tuple(DemoCandidate(**c) for c in stored["candidates"])
    return Demo(stored["session_id"], stored["session_code"], candidates)
