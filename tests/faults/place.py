"""Where a run takes place: a database with many candidates who wait before the door."""

import os
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from engine.delivery import commands
from engine.delivery.clock import Accommodation
from engine.delivery.session import Mode
from engine.delivery.sitting import enrolled
from engine.items.frameworks import Level, Track
from engine.kernel import SittingId, Transition
from tests.postgres import Postgres
from tests.web.world import Seat
from web.db import people, rosters
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.people import Person, Role
from web.services import accounts, enrolment
from web.services.accounts import NewAccount
from web.services.codes import hashed
from web.services.enrolment import NewSession, name_key
from web.services.house import House

IN_ONE_SESSION = 25
BORN = date(1985, 3, 12)
CODE = "K7HM-3XTP"


@dataclass(frozen=True)
class People:
    """Who is there."""

    proctor: Person
    seats: tuple[Seat, ...]


def populate(house: House, candidates: int, seed: int, now: datetime) -> People:
    """Sessions that are open, with candidates whom the proctor has let in; they have not entered."""
    with house.db.write() as connection:
        people.add_centre(connection, "fautes", "Centre des pannes", "Lille")
    manager, proctor = (
        accounts.create(house.db, NewAccount(login, login, role, "fautes", "une phrase assez longue"))
        for login, role in (("gestion", Role.MANAGER), ("surveillance", Role.PROCTOR))
    )
    seats: list[Seat] = []
    for first in range(0, candidates, IN_ONE_SESSION):
        new = NewSession(f"Session {first}", Mode.ON_SITE, "Salle", now, (proctor.id,))
        session = enrolment.create_session(house, manager, new, now)
        numbers = range(first, min(candidates, first + IN_ONE_SESSION))
        with house.db.write() as connection:
            code = session_rows.load(connection, session).code
            own = [Seat(SittingId(str(uuid.uuid4())), code, _name(n), "Alix", BORN, CODE, seed + n) for n in numbers]
            persons = [str(uuid.uuid4()) for _ in own]
            rosters.add(
                connection,
                [
                    {
                        "id": person,
                        "centre_id": "fautes",
                        "last_name": seat.last_name,
                        "first_name": seat.first_name,
                        "name_key": name_key(seat.last_name, seat.first_name),
                        "birth_date": BORN,
                        "email": "x@exemple.fr",
                    }
                    for seat, person in zip(own, persons, strict=True)
                ],
                [
                    {
                        "id": seat.sitting,
                        "session_id": session,
                        "candidate_id": person,
                        "track": list(Track)[n % 2].value,
                        "target": Level.AVANCE.slug,
                        "extra_third": False,
                        "extra_minutes": 0,
                        "needs": [],
                        "code_hash": hashed(CODE, house.secret),
                        "seed": seat.seed,
                        "enrolled_at": now,
                    }
                    for n, seat, person in zip(numbers, own, persons, strict=True)
                ],
            )
        enrolment.open_session(house, manager, session, now)
        with house.db.write() as connection:
            for seat in own:
                waits = commands.check_in(enrolled(seat.sitting, 0, Accommodation()), now)
                let_in = commands.authorise(waits.state, proctor.id, now)
                sitting_rows.save(connection, Transition(let_in.state, (*waits.events, *let_in.events)))
        seats += own
    return People(proctor, tuple(seats))


@contextmanager
def small_disk(postgres: Postgres, folder: Path, megabytes: int) -> Iterator[Path | None]:
    """A disk of its own for the tables, so that it can be full: a tmpfs, which takes root. The log stays on the disk.

    Without root there is none.
    """
    folder.mkdir(parents=True)
    size = ["-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs"]
    if os.geteuid() != 0 or subprocess.run(["mount", *size, folder], check=False).returncode:
        yield None
        return
    try:
        tables = folder / "tables"
        tables.mkdir()
        postgres.owns(tables)
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=False)


def _name(number: int) -> str:
    letters = "abcdefghij"
    return "Panne" + "".join(letters[int(digit)] for digit in f"{number:05d}")
