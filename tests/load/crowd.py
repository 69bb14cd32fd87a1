"""Thousands of candidates in mid-test, made in seconds: the logs of a few real tests, given to many."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import insert

from engine.delivery.clock import Accommodation
from engine.delivery.events import Entered, Event, Presented
from engine.delivery.session import Mode
from engine.delivery.sitting import enrolled, replay
from engine.items.frameworks import Level, Track
from engine.items.release import Release
from engine.kernel import SessionId, SittingId, Transition
from tests.load.app import ROWS
from tests.web.world import raw_reply, right_reply
from web.app import create_app
from web.config import Settings
from web.db import people, rosters
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.day_tables import WriterLease
from web.db.people import Person
from web.db.tables import SignOfLife
from web.now import wall_clock
from web.services import demo, enrolment, exam, gate, supervision
from web.services.enrolment import NewCandidate, NewSession, name_key
from web.services.house import House

MODELS = 12
"""Different tests; more would make no other load."""
IN_ONE_SESSION = 25
DEVICE = "load"
CSRF = "load"


@dataclass(slots=True)
class Taker:
    """A candidate: what their page knows."""

    sitting: SittingId
    cookie: str
    page: str
    on_screen: str
    """Empty before the test has begun."""
    drafts: int = 0


@dataclass(frozen=True)
class Crowd:
    """All candidates, and what an item is answered with."""

    takers: list[Taker]
    """Their tests run."""
    starters: list[Taker]
    """They have entered and not begun."""
    bodies: dict[str, str]
    """The fields of a right reply, by item."""
    token: str
    """Against forged requests: of all of them."""


@dataclass(frozen=True)
class _Model:
    track: Track
    seed: int
    log: tuple[Event, ...]


def settings_of(data: Path, database: str) -> Settings:
    """What the servers are started with too."""
    return Settings(data=data, database_url=database, release="demo", exposure_warm_up=0, secret_key="load" * 10)  # type: ignore[arg-type]


def gather(data: Path, database: str, takers: int, starters: int) -> Crowd:
    """Make the database, the people and their logs."""
    app = create_app(settings_of(data, database))
    house: House = app.extensions["palier"]
    house.db.upgrade()
    ROWS.create(house.db.engine, checkfirst=True)
    now = wall_clock()
    seen = demo.prepare(house, data / "demo.json", now)
    manager, proctor = (_person(house, login) for login in ("centre", "surveillant"))
    models = [_model(house, manager, proctor, SessionId(seen.session_id), n, now) for n in range(MODELS)]
    with house.db.read() as connection:
        release = house.catalogue.release(session_rows.load(connection, SessionId(seen.session_id)).release_digest)
    made = [
        taker
        for first in range(0, takers + starters, IN_ONE_SESSION)
        for taker in _session(
            app, manager, proctor, models, range(first, min(takers + starters, first + IN_ONE_SESSION)), takers, now
        )
    ]
    token = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="wtf-csrf-token").dumps(CSRF)
    house.db.close()
    return Crowd(made[:takers], made[takers:], _bodies(release), token)


def _bodies(release: Release) -> dict[str, str]:
    return {item.id: urlencode(right_reply(item), doseq=True) for item in release.items}


def _person(house: House, login: str) -> Person:
    with house.db.read() as connection:
        found = people.with_login(connection, login)
    assert found is not None
    return found


def _model(house: House, manager: Person, proctor: Person, session: SessionId, n: int, now: datetime) -> _Model:
    """A whole test, taken through the use cases."""
    track = list(Track)[n % 2]
    born = now.date() - timedelta(days=9000)
    who = NewCandidate(f"Modèle {n}", "Alix", born, "x@exemple.fr", track, Level.AVANCE, False, 0)
    place = enrolment.enrol(house, manager, session, who, now)
    gate.check_in(house, place.sitting, now)
    supervision.authorise(house, proctor, place.sitting, True, now)
    gate.enter(house, place.sitting, place.code, DEVICE, now)
    exam.start(house, place.sitting, DEVICE, now)
    slot, enrolment_ = gate.look(house, place.sitting)
    release = house.catalogue.release(slot.release_digest)
    sitting = enrolment_.sitting
    while sitting.on_screen is not None:
        raw = raw_reply(release.put(sitting.on_screen, sitting.seed))
        sitting = exam.answer(house, place.sitting, sitting.on_screen, raw, str(uuid.uuid4()), DEVICE, now).state
    return _Model(track, sitting.seed, gate.look(house, place.sitting)[1].events)


def _session(
    app: Flask, manager: Person, proctor: Person, models: list[_Model], numbers: range, takers: int, now: datetime
) -> Iterator[Taker]:
    """A session with its candidates, as far in their tests as their numbers say; one transaction."""
    house: House = app.extensions["palier"]
    new = NewSession(f"Session {numbers.start}", Mode.ON_SITE, "Salle", now, (proctor.id,))
    session = enrolment.create_session(house, manager, new, now)
    enrolment.open_session(house, manager, session, now)
    own = [(n, str(uuid.uuid4()), str(uuid.uuid4()), str(uuid.uuid4()), models[n % MODELS]) for n in numbers]
    sign = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    with house.db.write() as connection:
        rosters.add(
            connection,
            [
                {
                    "id": person,
                    "centre_id": manager.centre_id,
                    "last_name": f"Personne {n}",
                    "first_name": "Alix",
                    "name_key": name_key(f"Personne {n}", "Alix"),
                    "birth_date": now.date() - timedelta(days=9000),
                    "email": "x@exemple.fr",
                }
                for n, person, _, _, _ in own
            ],
            [
                {
                    "id": sitting,
                    "session_id": session,
                    "candidate_id": person,
                    "track": model.track.value,
                    "target": Level.AVANCE.slug,
                    "extra_third": False,
                    "extra_minutes": 0,
                    "needs": [],
                    "code_hash": "",
                    "seed": model.seed,
                    "enrolled_at": now,
                }
                for n, person, sitting, _, model in own
            ],
        )
        connection.execute(
            insert(WriterLease), [{"sitting_id": s, "page": page, "at": now} for _, _, s, page, _ in own]
        )
        connection.execute(insert(SignOfLife), [{"sitting_id": s, "at": now} for _, _, s, _, _ in own])
        for n, _, sitting, page, model in own:
            asked = 0 if n >= takers else 1 + (n * 7) % 40
            log = tuple(_as_far_as(model.log, asked, now))
            state = replay(enrolled(SittingId(sitting), model.seed, Accommodation(False, 0)), log)
            sitting_rows.save(connection, Transition(state, log))
            known = {"sitting": sitting, "device": DEVICE, "csrf_token": CSRF, "_permanent": True}
            yield Taker(SittingId(sitting), sign.dumps(known), page, state.on_screen or "")


def _as_far_as(log: tuple[Event, ...], asked: int, now: datetime) -> Iterator[Event]:
    """A log up to the entry, or up to an item; it began half an hour ago."""
    put = 0
    for n, event in enumerate(log):
        yield replace(event, at=now - timedelta(minutes=30) + timedelta(seconds=n))
        put += isinstance(event, Presented)
        if (asked and put == asked) or (not asked and isinstance(event, Entered)):
            return
