"""Addresses of every route: of what is one's own, of what is somebody else's, of what does not exist."""

from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from datetime import datetime

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from engine.kernel import ItemId, SittingId
from tests.web.browser import Browser
from tests.web.world import Seat, World
from web.candidate import media
from web.db.base import Base
from web.db.people import Role
from web.services import exam, gate, messages, roster, supervision, tools

NOWHERE = "00000000-0000-4000-8000-000000000000"
NO_ITEM = "crcn-1.1-999"
SHEET = (
    "Nom;Prénom;Date de naissance;Courriel;Parcours;Niveau visé\r\nDurand;Zoé;28/02/1987;z@exemple.fr;2;Expert\r\n"
).encode()


@dataclass(frozen=True)
class Things:
    """One of everything that belongs together: what an address can name."""

    session: str
    sitting: str
    incident: str
    tool: str
    upload: str
    help: str
    note: str
    file: str
    digest: str
    item: str
    """Whose file it is."""


@dataclass(frozen=True)
class Caller:
    """Somebody who calls: who they are to the table, how their browser is made, what is theirs and what is not."""

    role: Role | None
    browser: Callable[["Stage"], Browser]
    own: Callable[["Stage"], Things]
    foreign: Callable[["Stage"], Things]
    is_candidate: bool = False
    is_tool: bool = False
    owns_nothing: bool = False
    """They have the role, and no session: nothing that an address can name is theirs."""


class Stage:
    """Two centres in the middle of their sessions, with one of everything each; can be put back as it was."""

    def __init__(self, world: World, kept: dict[str, Things]) -> None:
        self.world = world
        world.at("stage", lambda: self._set(kept))
        self.demo, self.lyon = (kept[f"{world.house.db.engine.dialect.name} {name}"] for name in ("demo", "lyon"))
        self.nothing = Things(*[NOWHERE] * 7, "nothing.csv", "0" * 64, "")

    def _set(self, kept: dict[str, Things]) -> None:
        world = self.world
        world.start(world.camille)
        _begin(world, world.zoe, "surveillant-lyon", "device-lyon")
        for name, seat, manager, proctor in (
            ("demo", world.camille, "centre", "surveillant"),
            ("lyon", world.zoe, "centre-lyon", "surveillant-lyon"),
        ):
            # An item with a file, so that there is one to fetch.
            world.answer_all(seat, until=lambda item: bool(item.attachments))
            kept[f"{world.house.db.engine.dialect.name} {name}"] = self._things(seat, manager, proctor)

    def _things(self, seat: Seat, manager: str, proctor: str) -> Things:
        world = self.world
        house, at = world.house, world.clock()
        person = world.person(manager)
        session = gate.look(house, seat.sitting)[0].id
        asked = messages.ask_for_help(house, seat.sitting, "Une question", at)
        note = messages.send(house, world.person(proctor), session, seat.sitting, "Une réponse", at)
        return Things(
            session=session,
            sitting=seat.sitting,
            incident=world.flag(seat, proctor),
            tool=tools.add_to_centre(house, person, "Vigie", "", at).tool.id,
            upload=roster.upload(house, person, session, "liste.csv", SHEET, at),
            help=asked,
            note=note,
            file=world.on_screen(seat).attachments[0].file,
            digest=house.catalogue.current[0],
            item=world.on_screen(seat).id,
        )

    def reset(self) -> None:
        """Everything as it was."""
        self.world.house.db.close()
        self.world.store.bring(self.world.url, "stage")

    def stored(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table."""
        with self.world.house.db.read() as connection:
            return {
                table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
                for table in Base.metadata.sorted_tables
            }

    def token(self, tool: str) -> str:
        """An access token of a tool, as it would get for its secret."""
        house, at = self.world.house, self.world.clock()
        with house.db.read() as connection:
            found = tools.tool_rows.load(connection, tool)
        tools.store_token(house, found, f"token-of-{tool}", tools.CONTROL_SCOPE, at)
        return f"token-of-{tool}"


def _begin(world: World, seat: Seat, proctor: str, device: str) -> None:
    gate.check_in(world.house, seat.sitting, world.clock())
    supervision.authorise(world.house, world.person(proctor), seat.sitting, True, world.clock())
    gate.enter(world.house, seat.sitting, seat.code, device, world.clock())
    exam.start(world.house, seat.sitting, device, world.clock())


def _anonymous(stage: Stage) -> Browser:
    browser = stage.world.browser()
    browser.get("/")
    return browser


def _staff(login: str) -> Callable[[Stage], Browser]:
    return lambda stage: stage.world.staff(login)


def _before_entry(stage: Stage) -> Browser:
    return stage.world.recognised(stage.world.idriss)


def _in_test(stage: Stage) -> Browser:
    return stage.world.back(stage.world.camille)


def _tool(stage: Stage) -> Browser:
    browser = _anonymous(stage)
    browser.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {stage.token(stage.demo.tool)}"
    return browser


def _demo(stage: Stage) -> Things:
    return stage.demo


def _lyon(stage: Stage) -> Things:
    return stage.lyon


CALLERS: dict[str, Caller] = {
    "nobody": Caller(None, _anonymous, _demo, _lyon),
    "a candidate before entry": Caller(None, _before_entry, _demo, _lyon, is_candidate=True),
    "a candidate in the test": Caller(None, _in_test, _demo, _lyon, is_candidate=True),
    "a manager": Caller(Role.MANAGER, _staff("centre"), _demo, _lyon),
    "a manager of another centre": Caller(Role.MANAGER, _staff("centre-lyon"), _lyon, _demo),
    "a proctor": Caller(Role.PROCTOR, _staff("surveillant"), _demo, _lyon),
    "a proctor of another centre": Caller(Role.PROCTOR, _staff("surveillant-lyon"), _lyon, _demo),
    "a proctor of another session": Caller(Role.PROCTOR, _staff("voisin"), _demo, _lyon, owns_nothing=True),
    "a jury member": Caller(Role.JURY, _staff("recusee"), _lyon, _demo),
    "an administrator": Caller(Role.ADMIN, _staff("admin"), _demo, _lyon),
    "a tool": Caller(None, _tool, _demo, _lyon, is_tool=True),
}


def address(app: Flask, rule: Rule, things: Things, **instead: str) -> str:
    """The address of a route for the things of somebody; `instead` takes the place of some of them."""
    known = {
        "session_id": things.session,
        "sitting_id": things.sitting,
        "incident_id": things.incident,
        "tool_id": things.tool,
        "upload_id": things.upload,
        "message_id": things.help,
        "message": things.note,
        "digest": things.digest,
        "item_id": things.item or NO_ITEM,
        "number": "1",
        "kind": "csv",
        "filename": "palier.css",
        "name": things.file,
        "seal": _seal(app, things),
    }
    if rule.endpoint == "candidate.sample_file" and things.file != "nothing.csv":
        known["number"], known["name"] = _sample_file(app)
    known |= instead
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, {name: known[name] for name in rule.arguments})


def _seal(app: Flask, things: Things) -> str:
    """What was signed for the file of a sitting, or something made up."""
    if not things.item:
        return "1.x"
    at: datetime = app.extensions["palier.now"]()
    with app.test_request_context():
        return media.address(SittingId(things.sitting), ItemId(things.item), things.file, at).split("/")[-2]


def _sample_file(app: Flask) -> tuple[str, str]:
    """A file of the tutorial, with the number of its item."""
    samples = enumerate(app.extensions["palier"].catalogue.tutorial, start=1)
    return next((str(n), item.files[0]) for n, item in samples if item.files)


def mixtures(rule: Rule, own: Things, foreign: Things, nothing: Things) -> list[tuple[Things, Things]]:
    """Pairs of things that are not one's own and that do not exist, to be answered alike.

    Of an address with two names also the second alone: somebody else's list below one's own session.
    """
    pairs = [(foreign, nothing)]
    if {"session_id", "upload_id"} <= rule.arguments:
        pairs.append((replace(own, upload=foreign.upload), replace(own, upload=nothing.upload)))
    if {"sitting_id", "message_id"} <= rule.arguments:
        pairs.append((replace(own, help=foreign.help), replace(own, help=nothing.help)))
    return pairs


def ids(*things: Things) -> list[str]:
    """Everything that may differ between two answers that say the same."""
    return sorted({NO_ITEM, *(value for t in things for value in astuple(t) if value)}, key=len, reverse=True)
