"""A small world to test in: two centres, their people, a session with three candidates, and a clock that is set."""

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flask import Flask

from engine.delivery.events import Answered, Event
from engine.delivery.session import Mode, SessionState
from engine.delivery.sitting import Sitting
from engine.items.frameworks import Level, Track
from engine.items.item import Gaps, Item, Matching, MultipleChoice, Number, Ordering, ShortText, SingleChoice
from engine.kernel import IncidentId, SessionId, SittingId
from engine.proctoring.ruling import Decision
from tests.web.browser import Browser, Page
from tests.web.sql import sql
from tests.web.stores import Store
from web.db import people, sittings
from web.db.database import Database
from web.db.people import Person, Role
from web.services import accounts, adjudication, closing, demo, enrolment, exam, gate, look, supervision
from web.services.accounts import NewAccount
from web.services.enrolment import NewCandidate, NewSession
from web.services.house import House

MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # nine o'clock in Paris
PASSWORD = demo.PASSWORD


class Clock:
    """The time, as a test sets it."""

    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: float) -> None:
        """Let time pass."""
        self.now += timedelta(**delta)


@dataclass(frozen=True)
class Seat:
    """A candidate with all that is on the letter of convocation."""

    sitting: SittingId
    session_code: str
    last_name: str
    first_name: str
    birth_date: date
    code: str
    seed: int = 0
    """Where a test gave it itself."""

    @property
    def full_name(self) -> str:
        """As lists show it."""
        return f"{self.last_name.upper()} {self.first_name}"

    @property
    def identity(self) -> dict[str, str]:
        """What the candidate types to be recognised."""
        return {
            "last_name": self.last_name,
            "first_name": self.first_name,
            "birth_date": self.birth_date.isoformat(),
            "session_code": self.session_code,
        }


@dataclass(frozen=True)
class Template:
    """A migrated database with the people in it, to be copied for each test."""

    path: Path
    session: SessionId
    seats: tuple[Seat, ...]
    foreign_session: SessionId
    foreign_seat: Seat
    cookies: dict[str, str] = field(default_factory=dict)
    """Of who has logged in before, by login."""


def prepare(house: House, folder: Path) -> Template:
    """The demo, three more jury members, two of them of a centre, and another centre with a session of its own."""
    seen = demo.prepare(house, folder / "demo.json", MORNING)
    staff = {}
    with house.db.write() as connection:
        people.add_centre(connection, "lyon", "Atelier de Lyon", "Lyon")
    for login, name, role, centre in (
        ("collegue", "Yves Roche", Role.JURY, None),
        ("tierce", "Rose Lemaire", Role.JURY, "lyon"),
        ("recusee", "Nadia Perrin", Role.JURY, "demo"),
        ("voisin", "Inès Da Silva", Role.PROCTOR, "demo"),
        ("centre-lyon", "Léa Marchand", Role.MANAGER, "lyon"),
        ("surveillant-lyon", "Omar Haddad", Role.PROCTOR, "lyon"),
    ):
        staff[login] = accounts.create(house.db, NewAccount(login, name, role, centre, PASSWORD))
    manager = staff["centre-lyon"]
    foreign = enrolment.create_session(
        house,
        manager,
        NewSession("Session de Lyon", Mode.REMOTE, "Visio", MORNING, (staff["surveillant-lyon"].id,)),
        MORNING,
    )
    stranger = NewCandidate(
        "Petit", "Zoé", date(1980, 1, 2), "zoe.petit@exemple.fr", Track.FIRST_DEGREE, Level.EXPERT, False, 0
    )
    place = enrolment.enrol(house, manager, foreign, stranger, MORNING)
    enrolment.open_session(house, manager, foreign, MORNING)
    with house.db.write() as connection:  # the same draws in every run
        for seed, name in enumerate(("Moreau", "Benali", "Le Goff", "Petit"), start=2023):
            sql(
                connection,
                "UPDATE sitting SET seed = ? WHERE candidate_id = (SELECT id FROM candidate WHERE last_name = ?)",
                (seed, name),
            )
    with house.db.read() as connection:
        enrolled = {e.full_name: e for e in sittings.load_session(connection, SessionId(seen.session_id))}
    seats = []
    for c in seen.candidates:
        own = enrolled[f"{c.last_name.upper()} {c.first_name}"]
        seats.append(Seat(own.id, seen.session_code, c.last_name, c.first_name, own.birth_date, c.code))
    slot, _ = gate.look(house, place.sitting)
    far = Seat(place.sitting, slot.code, "Petit", "Zoé", stranger.birth_date, place.code)
    house.db.close()
    return Template(Path(house.db.engine.url.database or ""), SessionId(seen.session_id), tuple(seats), foreign, far)


class World:
    """The application on a database of this test's own."""

    def __init__(self, app: Flask, clock: Clock, template: Template, store: Store, folder: Path) -> None:
        self.app = app
        self.clock = clock
        self.store = store
        self.url = store.fresh(folder)
        self.house: House = app.extensions["palier"]
        vars(self.house.db).update(vars(Database(self.url)))
        self.cookies = template.cookies
        self.session = template.session
        self.camille, self.idriss, self.anne_lise = self.seats = template.seats
        self.foreign_session, self.zoe = template.foreign_session, template.foreign_seat
        self.seed = 7000  # of the next who is enrolled: the same draws in every run
        clock.now = MORNING

    def close(self) -> None:
        """Let the database go."""
        self.house.db.close()
        self.store.drop(self.url)

    def at(self, point: str, reach: Callable[[], object]) -> None:
        """Bring a fresh world to some point: the first time by what `reach` does, later by a copy of its database."""
        if not self.store.has(point):
            reach()
            self.house.db.close()
            self.store.keep(self.url, point)
        self.house.db.close()
        self.store.bring(self.url, point)

    def browser(self, address: str = "192.0.2.1") -> Browser:
        """A browser that has seen nothing yet."""
        return Browser(self.app, address)

    def person(self, login: str) -> Person:
        """Somebody with an account."""
        with self.house.db.read() as connection:
            found = people.with_login(connection, login)
        assert found is not None
        return found

    def staff(self, login: str) -> Browser:
        """The browser of somebody who has logged in."""
        browser = self.browser("192.0.2.100")
        if login in self.cookies:  # argon2 is slow on purpose; the accounts are the same in every copy
            browser.client.set_cookie("palier", self.cookies[login])
            browser.get("/")
            return browser
        browser.get("/connexion")
        browser.submit("/connexion", {"login": login, "password": PASSWORD})
        browser.follow()
        cookie = browser.client.get_cookie("palier")
        assert cookie is not None
        self.cookies[login] = cookie.value
        return browser

    def recognised(self, seat: Seat, address: str = "192.0.2.1") -> Browser:
        """The browser of a candidate who gave name, birth date and session code."""
        browser = self.browser(address)
        browser.get("/candidat")
        browser.submit("/candidat", seat.identity)
        browser.follow()
        return browser

    def waiting(self, seat: Seat, address: str = "192.0.2.1") -> Browser:
        """The browser of a candidate in the waiting room."""
        gate.check_in(self.house, seat.sitting, self.clock())
        return self._known(seat, secrets.token_urlsafe(16), "/candidat/attente", address)

    def entered(self, seat: Seat) -> Browser:
        """The browser of a candidate who may start."""
        browser = self.waiting(seat)
        supervision.authorise(self.house, self.person("surveillant"), seat.sitting, True, self.clock())
        browser.get("/candidat/attente")
        browser.submit("/candidat/code", {"code": seat.code})
        browser.follow()
        return browser

    def running(self, seat: Seat) -> Browser:
        """The browser of a candidate before the first item; test_story.py goes there page by page."""
        self.start(seat)
        return self.back(seat)

    def back(self, seat: Seat, expect: int = 200) -> Browser:
        """The browser of a candidate in which the test was started."""
        return self._known(seat, self.sitting(seat).device or "", "/candidat/test", expect=expect)

    def _known(self, seat: Seat, device: str, path: str, address: str = "192.0.2.1", expect: int = 200) -> Browser:
        """A browser that the candidate was recognised in before."""
        browser = self.browser(address)
        with browser.client.session_transaction() as cookie:
            cookie["sitting"] = seat.sitting
            cookie["device"] = device
        browser.get(path, expect)
        return browser

    def taken_early(self, seat: Seat) -> Browser:
        """The browser of a candidate who ended the test before the last item."""
        browser = self.running(seat)
        browser.get("/candidat/test/terminer")
        browser.submit("/candidat/test/terminer")
        browser.follow()
        return browser

    def enrolled(self, last: str, first: str = "Alix", **about: object) -> Seat:
        """One more candidate of the session."""
        new = NewCandidate(last, first, date(1988, 5, 17), "x@exemple.fr", Track.FIRST_DEGREE, Level.CONFIRME, False, 0)
        new = replace(new, **about)
        place = enrolment.enrol(self.house, self.person("centre"), self.session, new, self.clock())
        self.seed += 1
        with self.house.db.write() as connection:
            sql(connection, "UPDATE sitting SET seed = ? WHERE id = ?", (self.seed, place.sitting))
        return Seat(place.sitting, self.camille.session_code, last, first, new.birth_date, place.code)

    def start(self, seat: Seat, device: str = "device") -> None:
        """Let a candidate begin without a browser."""
        gate.check_in(self.house, seat.sitting, self.clock())
        supervision.authorise(self.house, self.person("surveillant"), seat.sitting, True, self.clock())
        gate.enter(self.house, seat.sitting, seat.code, device, self.clock())
        exam.start(self.house, seat.sitting, device, self.clock())

    def sitting(self, seat: Seat) -> Sitting:
        """Where a candidate's sitting stands."""
        return gate.look(self.house, seat.sitting)[1].sitting

    def events(self, seat: Seat) -> tuple[Event, ...]:
        """The log of a sitting."""
        return gate.look(self.house, seat.sitting)[1].events

    def answers(self, seat: Seat) -> list[Answered]:
        """The answers in the log."""
        return [e for e in self.events(seat) if isinstance(e, Answered)]

    def item(self, item: str, seat: Seat | None = None, whole: bool = False) -> Item:
        """An item of the release that the session pins, as a candidate gets it: Camille, if nobody is named.

        `whole`: with all its variants.
        """
        slot, enrolled = gate.look(self.house, (seat or self.camille).sitting)
        release = self.house.catalogue.release(slot.release_digest)
        return release.item(item) if whole else release.put(item, enrolled.sitting.seed)

    def on_screen(self, seat: Seat) -> Item:
        """The item that a candidate sees, as the bank has it."""
        found = self.sitting(seat).on_screen
        assert found is not None
        return self.item(found, seat)

    def flag(self, seat: Seat, by: str = "surveillant", kind: str = "COM-02", text: str = "") -> IncidentId:
        """Report an incident without a browser."""
        told = supervision.Report(kind, text, self.clock())
        return supervision.report_incident(self.house, self.person(by), seat.sitting, told, self.clock())

    def answer_all(self, seat: Seat, until: Callable[[Item], bool] = lambda _: False) -> Item | None:
        """Answer everything right, without a browser; stop before the first item that `until` wants."""
        sitting = self.sitting(seat)
        while sitting.on_screen is not None:
            item = self.item(sitting.on_screen, seat)
            if until(item):
                return item
            known = (seat.sitting, item.id, raw_reply(item), str(uuid.uuid4()), sitting.device or "")
            sitting = exam.answer(self.house, *known, self.clock()).state
        return None

    def finish(self, seat: Seat) -> None:
        """End a running sitting for a technical cause, without a browser."""
        supervision.terminate(self.house, self.person("surveillant"), seat.sitting, "Panne", True, self.clock())

    def close_day(self) -> None:
        """Close the session without a browser."""
        enrolment.close_session(self.house, self.person("centre"), self.session, self.clock())

    def finalise(self) -> None:
        """Sign the minutes of the closed session without a browser: absences confirmed, the rest explained."""
        manager = self.person("centre")
        points = closing.missing(self.house, manager, self.session)
        answers = {p.key: closing.YES if p.remedy is closing.Remedy.CONFIRM else "Vu avec le centre." for p in points}
        closing.finalise(self.house, manager, self.session, answers, "", self.clock())

    def publish_with(self, incident: IncidentId) -> None:
        """Rule that an incident has no effect, then publish."""
        verdict = adjudication.Verdict(Decision.NO_EFFECT, (), "Sans suite", 0)
        adjudication.adjudicate(self.house, self.person("jury"), incident, verdict, self.clock())
        self.publish()

    def publish(self) -> None:
        """Publish the session without a browser; its minutes are signed on the way if they are not yet."""
        if look.session(self.house, self.person("centre"), self.session).state is SessionState.CLOSED:
            self.finalise()
        adjudication.publish(self.house, self.person("jury"), self.session, self.clock())


def reply(browser: Browser, fields: dict[str, str | list[str]], expect: int = 303) -> Page:
    """Answer the item on screen and see what follows."""
    page = browser.submit("/candidat/test/reponse", {"action": "valider", **fields}, expect)
    return browser.follow() if expect == 303 else page


def pass_on(browser: Browser) -> Page:
    """Pass the item on screen and see what follows."""
    browser.submit("/candidat/test/reponse", {"action": "passer"})
    return browser.follow()


def right_reply(item: Item) -> dict[str, str | list[str]]:
    """The fields of a right reply to an item."""
    match item.interaction:
        case SingleChoice(key=key):
            return {"reply": key}
        case MultipleChoice(key=keys):
            return {"reply": sorted(keys)}
        case ShortText(key=keys):
            return {"reply": keys[0]}
        case Number(key=value):
            return {"reply": f"{value:.10g}".replace(".", ",")}
        case Ordering(key=order):
            return {f"place-{choice}": str(n) for n, choice in enumerate(order, start=1)}
        case Matching(key=pairs):
            return {f"pair-{prompt}": choice for prompt, choice in pairs}
        case Gaps(key=pairs):
            return {f"gap-{gap}": choice for gap, choice in pairs}
    raise AssertionError(item.interaction)


def raw_reply(item: Item) -> object:
    """The same as the engine takes it."""
    match item.interaction:
        case SingleChoice(key=key):
            return key
        case MultipleChoice(key=keys):
            return sorted(keys)
        case ShortText(key=keys):
            return keys[0]
        case Number(key=value):
            return f"{value:.10g}"
        case Ordering(key=order):
            return list(order)
        case Matching(key=pairs) | Gaps(key=pairs):
            return dict(pairs)
    raise AssertionError(item.interaction)
