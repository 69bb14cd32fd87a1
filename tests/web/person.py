"""A person of whom everything is stored that can be, each text with a word in it that stands nowhere else."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import insert, select

from engine.kernel import IncidentId, RulingId
from engine.proctoring.ruling import Decision
from tests.web.world import Seat, World
from web.db import audit, sittings
from web.db.base import Base
from web.db.database import Database
from web.db.day_tables import Comfort, Control, Draft, Silence, ViewConsent, ViewSign, WriterLease
from web.db.tables import SignOfLife
from web.services import (
    adjudication,
    alert_settling,
    alerts,
    amendment,
    checkin,
    closing,
    facts,
    followups,
    messages,
    supervision,
    tools,
)

MARK = "Quxzyvwort"
"""In every text of the person."""
BORN = date(1973, 2, 28)


def much_is_known(world: World) -> Seat:
    """A candidate with a published and amended result, and a text in everything that holds texts."""
    house, proctor = world.house, world.person("surveillant")
    seat = world.enrolled(
        MARK, f"Ève-{MARK}", birth_date=BORN, email=f"{MARK.lower()}@exemple.fr", external_id=f"N-{MARK}"
    )
    messages.ask_for_help(house, seat.sitting, f"Je suis {MARK}", world.clock())
    asked = messages.send(house, proctor, world.session, seat.sitting, f"Bonjour {MARK}", world.clock())
    messages.acknowledge(house, seat.sitting, asked, world.clock())
    world.start(seat)
    note = {"place": ("ok", f"{MARK} est là")}
    checkin.record(house, proctor, seat.sitting, note, world.clock())
    supervision.pause(house, proctor, seat.sitting, f"{MARK} tousse", world.clock())
    supervision.resume(house, proctor, seat.sitting, world.clock())
    supervision.grant_time(house, proctor, seat.sitting, 5, f"Pour {MARK}", world.clock())
    for settle in (alert_settling.refuse, None):
        item = world.on_screen(seat).id
        alerts.raise_alert(house, seat.sitting, item, "other", f"Moi, {MARK}, je vois", "device", world.clock())
        if settle:
            settle(house, proctor, seat.sitting, f"{MARK} se trompe", world.clock())
        else:
            alert_settling.accept(house, proctor, seat.sitting, "TEC-05", f"{MARK} a raison", world.clock())
    facts.tell(house, seat.sitting, facts.FactKind.PAGE_LEFT, world.clock())
    incident = world.flag(seat, kind="COM-02", text=f"{MARK} avec téléphone")
    followups.add(house, proctor, incident, f"Et {MARK} encore", world.clock())
    world.clock.forward(minutes=10)
    messages.send(house, proctor, world.session, None, "Encore une heure.", world.clock())
    messages.ask_for_help(house, seat.sitting, f"Ici {MARK}", world.clock())
    supervision.terminate(house, proctor, seat.sitting, f"{MARK} malade", True, world.clock())
    _by_hand(world, seat)
    world.close_day()
    points = closing.missing(house, world.person("centre"), world.session)
    answers = {p.key: closing.YES if p.remedy is closing.Remedy.CONFIRM else f"Vu, {MARK}" for p in points}
    closing.finalise(house, world.person("centre"), world.session, answers, f"{MARK} était calme", world.clock())
    rule(world, incident, Decision.NO_EFFECT, 0)
    world.publish()
    world.clock.forward(hours=1)
    later = amendment.report_to_jury(
        house,
        world.person("jury"),
        seat.sitting,
        supervision.Report("COM-03", f"{MARK} a écrit", world.clock()),
        world.clock(),
    )
    fraud = adjudication.Verdict(Decision.FRAUD, (), f"{MARK} a fraudé", 0, f"{MARK} entendue le 24")
    adjudication.adjudicate(house, world.person("collegue"), later, fraud, world.clock())
    [ruling] = adjudication.case(house, world.person("jury"), later).rulings
    said = adjudication.Reply(RulingId(ruling.id), True, f"D'accord pour {MARK}")
    adjudication.answer_proposal(house, world.person("tierce"), later, said, world.clock())
    amendment.amend(house, world.person("jury"), seat.sitting, 1, f"Fraude de {MARK}", world.clock())
    return seat


def rule(world: World, incident: IncidentId, decision: Decision, seen: int) -> None:
    """A decision of the jury with a reason that names the person."""
    verdict = adjudication.Verdict(decision, (), f"Sans suite pour {MARK}", seen)
    adjudication.adjudicate(world.house, world.person("jury"), incident, verdict, world.clock())


def _by_hand(world: World, seat: Seat) -> None:
    """What only browsers and tools of others write."""
    at, own = world.clock(), {"sitting_id": seat.sitting}
    tool = tools.add(world.house.db, "demo", "Vigie", False, at).tool.id
    window = {"page": "p", "device": MARK, "camera": True, "microphone": True, "screen": "", "at": at}
    asked = {"id": "c", "tool_id": tool, "action": "flag", "incident_time": "t", "reply": {}, "at": at}
    body = json.dumps({"user": {"sub": f"N-{MARK}"}, "reason_msg": MARK})
    with world.house.db.write() as db:
        db.execute(insert(ViewSign).values(own | window))
        db.execute(insert(WriterLease).values(own | {"page": MARK, "at": at}))
        db.execute(insert(Draft).values(own | {"item": "x", "fields": {"reply": MARK}, "device": MARK, "at": at}))
        db.execute(insert(Comfort).values(own | {"settings": {"size": MARK}}))
        audit.insert(db, ViewConsent, [own | {"given": True, "at": at}])
        audit.insert(db, Silence, [own | {"began_at": at, "ended_at": at}])
        audit.insert(db, Control, [own | asked | {"body": body}])
        if not db.execute(select(SignOfLife).where(SignOfLife.sitting_id == seat.sitting)).first():
            db.execute(insert(SignOfLife).values(own | {"at": at}))


def everything(world: World, *without: str) -> dict[str, str]:
    """The whole database as text, by table."""
    found = {}
    with world.house.db.read() as db:
        for name, table in Base.metadata.tables.items():
            if name not in without:
                rows = [dict(row) for row in db.execute(select(table)).mappings()]
                found[name] = json.dumps(rows, default=str, ensure_ascii=False)
    return found


def candidate_id(world: World, seat: Seat) -> str:
    """The number of a person."""
    with world.house.db.read() as db:
        return sittings.load(db, seat.sitting).candidate_id


@contextmanager
def as_owner(world: World) -> Iterator[Database]:
    """The database of a test as the owner of its tables, who may erase."""
    url = world.house.db.engine.url
    if url.get_backend_name() == "sqlite":
        yield world.house.db
        return
    owned = Database(owner_url(world))
    try:
        yield owned
    finally:
        owned.close()


def owner_url(world: World) -> str:
    """Its address."""
    return world.house.db.engine.url.difference_update_query(["options"]).render_as_string(hide_password=False)
