"""A whole day with something of everything that is evidence, and its verification."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from engine.items.item import Status
from engine.kernel import IncidentId
from engine.proctoring.ruling import Decision
from tests.web.sql import owner
from tests.web.world import MORNING, Seat, World
from web.db import remote_view
from web.db import tools as tool_rows
from web.db.item_log import Said
from web.db.tools import Tool
from web.services import (
    adjudication,
    alert_settling,
    alerts,
    amendment,
    audit_keys,
    audit_seal,
    audit_verify,
    bank_desk,
    checkin,
    connectivity,
    exam,
    facts,
    followups,
    messages,
    supervision,
)
from web.services.adjudication import Reply, Verdict
from web.services.audit_report import Findings
from web.services.supervision import Report


def a_whole_day(world: World) -> None:
    """Tests taken in every way, incidents, rulings, a fraud, results and one amended."""
    house, proctor = world.house, world.person("surveillant")
    world.start(world.camille)
    sitting = world.camille.sitting
    for _ in range(12):
        _passes(world, world.camille)
    shown = world.on_screen(world.camille).id
    alerts.raise_alert(house, sitting, shown, "file", "L'image reste blanche.", "device", world.clock())
    world.clock.forward(seconds=40)
    alert_settling.accept(house, proctor, sitting, "TEC-05", "Image absente", world.clock())
    supervision.pause(house, proctor, sitting, "Alarme", world.clock())
    world.clock.forward(minutes=4)
    supervision.resume(house, proctor, sitting, world.clock())
    supervision.grant_time(house, proctor, sitting, 5, "Réseau coupé", world.clock())
    help_ = messages.ask_for_help(house, sitting, "Je ne vois plus l'heure.", world.clock())
    messages.see(house, proctor, help_, world.clock())
    told = messages.send(house, proctor, world.session, sitting, "Rechargez la page.", world.clock())
    messages.acknowledge(house, sitting, told, world.clock())
    messages.send(house, proctor, world.session, None, "Il reste une heure.", world.clock())
    facts.tell(house, sitting, "page_left", world.clock())
    connectivity.sign_of_life(house, sitting, world.clock())
    world.clock.forward(minutes=3)
    connectivity.sign_of_life(house, sitting, world.clock())
    with house.db.write() as connection:
        remote_view.keep_consent(connection, sitting, True, world.clock())
    world.answer_all(world.camille)
    _expires(world, world.idriss)
    checkin.record(house, proctor, world.anne_lise.sitting, {"identity": ("ok", "Carte vue")}, world.clock())
    _a_tool_reports(world)
    deaf = world.enrolled("Durand", needs=("hearing",))
    fraudster = world.enrolled("Faure")
    stopped = world.enrolled("Gallet")
    for seat in (deaf, fraudster):
        world.start(seat)
        world.clock.forward(minutes=1)
        world.answer_all(seat)
    world.start(stopped)
    for _ in range(30):
        _passes(world, stopped)
    world.finish(stopped)
    noise, phone = world.flag(world.camille, kind="ENV-01", text="Quelqu'un entre"), world.flag(fraudster, text="Vu")
    followups.add(house, proctor, noise, "La personne est sortie.", world.clock())
    world.close_day()
    world.clock.forward(hours=1)
    _rules(world, "jury", noise, Decision.NEUTRALISE, positions=(15, 16))
    _rules(world, "jury", phone, Decision.FRAUD)
    ruling = adjudication.case(house, world.person("collegue"), phone).rulings[-1].id
    said = Reply(ruling, True, "D'accord")
    adjudication.answer_proposal(house, world.person("collegue"), phone, said, world.clock())
    world.publish()
    world.clock.forward(days=1)
    letter = Report("COM-03", "Courrier d'un témoin", world.clock() - timedelta(days=1))
    late = amendment.report_to_jury(house, world.person("jury"), deaf.sitting, letter, world.clock())
    _rules(world, "collegue", late, Decision.VOID)
    amendment.amend(house, world.person("jury"), deaf.sitting, 1, "Le courrier l'établit.", world.clock())
    _retires(world, "Trop souvent vue.")


def _retires(world: World, why: str) -> None:
    house, admin, at = world.house, world.person("admin"), world.clock()
    item = next(i.id for i in house.catalogue.shelf.look().bank if i.status is Status.APPROVED)
    bank_desk.comment(house, admin, item, Said.OPENED, why, None, at)
    desk = bank_desk.one(house, item)
    bank_desk.decide(house, admin, item, bank_desk.Verdict(Status.RETIRED, why, desk.digest, ""), at)


@dataclass
class Auditor:
    """Signs and verifies a world; the key lies in a folder of the test's own."""

    world: World
    folder: Path

    @property
    def key(self) -> Path:
        """The private key."""
        return self.folder / "audit" / "key.pem"

    def seals(self) -> None:
        """Sign the ends of all chains that have grown."""
        if not self.key.exists():
            audit_keys.make(self.key)
        audit_seal.seal(self.world.house.db, audit_keys.signer(self.key), self.world.clock())

    def keeps(self, name: str = "kept.jsonl") -> Path:
        """Signed ends, kept elsewhere."""
        kept = self.folder / name
        kept.write_text("\n".join(audit_seal.exported(self.world.house.db, self.key)), encoding="utf-8")
        return kept

    def verifies(self, *kept: Path, connection: Connection | None = None) -> Findings:
        """What the whole verification finds; inside a transaction, if one is given."""
        if connection is None:
            with self.world.house.db.read() as reading:
                return self.verifies(*kept, connection=reading)
        found = Findings()
        for job in audit_verify.jobs(connection):
            found.join(audit_verify.check(self.world.house, connection, job))
        found.join(audit_verify.check_blocks(connection, self.key, kept))
        return found

    @contextmanager
    def tampering(self) -> Iterator[Connection]:
        """A transaction of the owner of the tables, which is rolled back: the web's own role can change no evidence."""
        with self.world.house.db.write() as connection:
            with owner(connection):
                yield connection
            connection.rollback()


@pytest.fixture
def auditor(world: World, tmp_path: Path) -> Auditor:
    """The auditor of a whole day that is signed."""
    world.at("audited", lambda: a_whole_day(world))
    world.clock.forward(days=2)
    auditor = Auditor(world, tmp_path)
    auditor.seals()
    return auditor


def _passes(world: World, seat: Seat) -> None:
    world.clock.forward(seconds=50)
    shown = world.on_screen(seat).id
    exam.answer(world.house, seat.sitting, shown, None, str(uuid.uuid4()), "device", world.clock())


def _expires(world: World, seat: Seat) -> None:
    """One answer in the grace after the bell."""
    world.start(seat)
    for _ in range(3):
        _passes(world, seat)
    world.clock.now = world.sitting(seat).clock.deadline(world.clock()) + timedelta(seconds=20)  # type: ignore[union-attr]
    shown = world.on_screen(seat).id
    exam.answer(world.house, seat.sitting, shown, None, str(uuid.uuid4()), "device", world.clock())


def _a_tool_reports(world: World) -> None:
    tool = Tool("tool", "demo", "Veilleur", "veilleur", "", "{}", False, True, MORNING)
    request = {
        "id": str(uuid.uuid4()),
        "tool_id": "tool",
        "sitting_id": world.camille.sitting,
        "action": "flag",
        "incident_time": "2026-11-23T08:20:00Z",
        "body": '{"reason_msg": "Une voix"}',
        "reply": {"status": "running", "extra_time": 0},
        "at": world.clock(),
    }
    with world.house.db.write() as connection:
        tool_rows.add(connection, tool)
        tool_rows.add_control(connection, request)


def _rules(world: World, login: str, incident: IncidentId, decision: Decision, positions: tuple[int, ...] = ()) -> None:
    heard = "Par téléphone" if decision is Decision.FRAUD else ""
    verdict = Verdict(decision, positions, "Établi", 0, heard)
    adjudication.adjudicate(world.house, world.person(login), incident, verdict, world.clock())
