"""No personal data in logs, addresses, headers: a whole session of people with unmistakable names is gone through."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

import pytest
import structlog
from flask import Flask
from structlog.testing import LogCapture

from engine.delivery.session import Mode
from engine.items.item import ShortText
from engine.kernel import SittingId
from tests.builders import variant_on
from tests.web.browser import Browser, Page
from tests.web.test_import import as_csv, confirmed, previewed
from tests.web.world import PASSWORD, World, right_reply
from web.db import incidents as incident_rows
from web.db import people
from web.services.checkin import LINES

LAST, FIRST = "Kxqzwyrbault", "Wyzqxanne"
OTHER_LAST, OTHER_FIRST = "Vqjhkxmont", "Bzwqtiste"
NUMBER = "EXT-QZX-77"
BORN = date(1967, 8, 19)
MAIL = "wkxq.zwyr@exemple.fr"


class Watched(Browser):
    """A browser whose every request, answer and address is kept."""

    def __init__(self, app: Flask, seen: "Seen", address: str = "192.0.2.77") -> None:
        super().__init__(app, address)
        self.seen = seen

    def _shown(self, path: str, response: Any, expect: int) -> Page:
        page = super()._shown(path, response, expect)
        self.seen.addresses.append(path)
        for name, value in page.headers.items():
            # A cookie is the browser's own: it goes to no log.
            if name != "Set-Cookie":
                self.seen.headers.append(f"{name}: {value}")
        for element in page.root.all():
            for name in ("href", "src", "action", "data-poll", "data-url", "content"):
                if element.has(name) and not (name == "content" and element.tag != "meta"):
                    self.seen.addresses.append(element[name])
        return page


class Seen:
    """What could be written down by somebody on the way."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.headers: list[str] = []
        self.codes: set[str] = set()
        self.session_codes: set[str] = set()

    def secrets(self) -> list[str]:
        """What must stand in none of it."""
        names = [LAST, FIRST, OTHER_LAST, OTHER_FIRST]
        dates = [BORN.isoformat(), f"{BORN:%d/%m/%Y}", f"{BORN:%d%m%Y}", "19 août 1967"]
        return [*names, *dates, MAIL, MAIL.split("@")[0], NUMBER, PASSWORD, *self.codes]


def leaks(lines: list[str], secrets: list[str]) -> list[str]:
    """The lines in which a secret stands, however it is written."""
    found = []
    for line in lines:
        plain = (line + " " + unquote_plus(line)).casefold()
        for secret in secrets:
            forms = {secret, quote(secret), quote_plus(secret)}
            if any(form.casefold() in plain for form in forms):
                found.append(f"{secret} in {line[:200]}")
    return found


@contextmanager
def structlog_to(told: LogCapture) -> Iterator[None]:
    """The lines of the application, as `web.logs` lets them through."""
    before = structlog.get_config()["processors"]
    structlog.configure(processors=[*before[:-1], told])
    try:
        yield
    finally:
        structlog.configure(processors=before)


@pytest.mark.slow
def test_a_whole_session_leaves_no_personal_data_in_logs_addresses_and_headers(
    world: World, caplog: pytest.LogCaptureFixture
):
    seen, told = Seen(), LogCapture()
    caplog.set_level(logging.DEBUG)
    with structlog_to(told):
        _go_through(world, seen)
    secrets = seen.secrets()
    assert len(seen.codes) >= 4
    assert len(seen.addresses) > 2_000
    lines = [repr(entry) for entry in told.entries] + [caplog.handler.format(r) for r in caplog.records]
    assert any("bug" in line or "error" in line for line in lines), "an error was provoked: it is in the log"
    assert not leaks(lines, secrets)
    assert not leaks(seen.addresses, secrets)
    # The code of a session names files that centres keep apart by it; alone it opens nothing.
    assert not leaks(seen.headers, [s for s in secrets if s not in seen.session_codes])


def _go_through(world: World, seen: Seen) -> None:
    """From two enrolments to published results, with every mistake on the way that has something to tell."""
    manager, proctor, jury, admin = (Watched(world.app, seen) for _ in range(4))
    manager.get("/connexion")
    manager.submit("/connexion", {"login": LAST, "password": PASSWORD}, expect=401)
    for browser, login in ((manager, "centre"), (proctor, "surveillant"), (jury, "jury"), (admin, "admin")):
        browser.get("/connexion")
        browser.submit("/connexion", {"login": login, "password": PASSWORD})
        browser.follow()

    manager.get("/centre/sessions/nouvelle")
    paul = world.person("surveillant").id
    day = {"label": "Matin", "starts_at": "2026-11-23T09:30", "mode": "remote", "place": "Visio", "proctors": [paul]}
    manager.submit("/centre/sessions/nouvelle", day)
    session = manager.follow().path.rsplit("/", 1)[1]
    form = f"/centre/sessions/{session}/inscrire"
    who = {"last_name": LAST, "first_name": FIRST, "birth_date": f"{BORN:%d/%m/%Y}"}
    place = {"email": MAIL, "external_id": NUMBER, "track": "first_degree", "target": "confirme"}
    manager.get(form)
    manager.submit(form, who | place | {"email": "sans-arobase"}, expect=400)
    manager.submit(form, who | place)
    letter = manager.follow()
    sitting, code = letter.path.split("/")[3], letter.root.one("span", id="code").text
    session_code = next(t for e in letter.root.all("dd") if re.fullmatch(r"[A-Z0-9]{3}-[A-Z0-9]{3}", t := e.text))
    seen.session_codes |= {session_code, session_code.replace("-", "")}
    seen.codes |= {code, code.replace("-", "").replace(" ", ""), *seen.session_codes}
    manager.post(f"/centre/passations/{sitting}/convocation.pdf", {"code": code}, expect=0)
    manager.get(form)
    manager.submit(form, who | place, expect=409)
    _send_lists(manager, session)
    for address in ("codes", "codes.csv", "codes.pdf"):
        page = manager.get(f"/centre/sessions/{session}/{address}")
        seen.codes |= set(re.findall(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", page.text))
    for words in (LAST, NUMBER):
        manager.get(f"/centre/sessions/{session}")
        manager.post(f"/centre/sessions/{session}/recherche", {"words": words})
        assert manager.follow().status == 200

    proctor.get(f"/surveillance/{session}")
    proctor.submit(f"/surveillance/{session}/ouvrir")
    proctor.follow()
    candidate = Watched(world.app, seen)
    candidate.get("/candidat")
    candidate.submit("/candidat", who | {"first_name": OTHER_FIRST, "session_code": session_code}, expect=401)
    candidate.submit("/candidat", who | {"birth_date": "n'importe", "session_code": session_code}, expect=400)
    candidate.submit("/candidat", who | {"session_code": session_code})
    candidate.follow()
    candidate.submit("/candidat/consignes")
    candidate.follow()
    candidate.submit("/candidat/vue/accord", {"decision": "decline"})
    candidate.follow()
    proctor.submit(f"/surveillance/{session}/recherche", {"words": FIRST})
    proctor.follow()
    proctor.get(f"/surveillance/{session}/etat")
    own = f"/surveillance/candidats/{sitting}"
    proctor.get(own)
    proctor.submit(f"{own}/autoriser", _checked())
    candidate.get("/candidat/attente")
    candidate.submit("/candidat/code", {"code": "AAAA-AAAA"}, expect=401)
    candidate.submit("/candidat/code", {"code": code})
    candidate.follow()
    candidate.submit("/candidat/test/commencer")
    page = candidate.follow()
    candidate.post("/candidat/aide", {"text": f"Ici {FIRST} {LAST}"}, expect=0)
    page = candidate.get("/candidat/test")
    for n in range(6):
        item = variant_on(page.html, world.item(page.root.one("input", name="item")["value"], whole=True))
        fields = {"reply": LAST} if isinstance(item.interaction, ShortText) else right_reply(item)
        candidate.submit("/candidat/test/reponse", {"action": "valider", **fields})
        page = candidate.follow()
        if n == 2:
            proctor.get(own)
            proctor.submit(f"{own}/incident", {"kind": "COM-02", "text": f"{LAST} téléphone"})
            proctor.follow()
            proctor.submit(f"{own}/message", {"text": f"Bonjour {FIRST}"})
            proctor.follow()
            proctor.submit(f"{own}/pause", {"reason": f"{LAST} sort"})
            proctor.follow()
            proctor.submit(f"{own}/reprendre")
            proctor.follow()
            page = candidate.get("/candidat/test")
    _crawl(world, (manager, proctor, jury, admin), session, sitting)
    proctor.get(own)
    proctor.submit(f"{own}/arreter", {"cause": "technical", "reason": f"{LAST} malade"})
    proctor.follow()
    _break(manager, form, who | place)

    proctor.get(f"/surveillance/{session}/fin")
    proctor.submit(f"/surveillance/{session}/fin", _reasons(proctor))
    proctor.follow()
    manager.get(f"/centre/sessions/{session}/cloture")
    manager.submit(f"/centre/sessions/{session}/finaliser", {"remark": f"{LAST} calme", **_explained(manager)})
    manager.follow()
    jury.get(f"/jury/sessions/{session}")
    for case in sorted({a.split("?")[0] for a in jury.page.links() if a.startswith("/jury/incidents/")}):
        jury.get(case)
        jury.submit(case, {"decision": "no_effect", "reason": f"Sans suite pour {LAST}"}, expect=0)
    jury.get(f"/jury/sessions/{session}/publier")
    jury.submit(f"/jury/sessions/{session}/publier")
    assert "publié" in jury.follow().text
    _crawl(world, (manager, proctor, jury, admin), session, sitting)
    candidate.get("/candidat/ici", expect=303)
    assert FIRST in candidate.follow().text


def _send_lists(manager: Watched, session: str) -> None:
    """A list with faults, then one without."""
    titles = ["Nom", "Prénom", "Date de naissance", "Courriel", "Parcours", "Niveau visé"]
    good = [OTHER_LAST, OTHER_FIRST, f"{BORN:%d/%m/%Y}", MAIL, "1er degré", "Expert"]
    previewed(manager, session, as_csv([titles, [*good[:2], f"{BORN:%d-%m}", *good[3:]]]))
    previewed(manager, session, as_csv([titles, good]))
    confirmed(manager)


def _checked() -> dict[str, str]:
    return {f"check-{line}": "ok" for line in LINES[Mode.REMOTE]}


def _reasons(proctor: Watched) -> dict[str, str]:
    """A cause and a reason for everybody who is asked for."""
    known = {e["name"] for e in proctor.page.root.all("input", "select", "textarea") if e.has("name")}
    asked = {n: "technical" for n in known if n.startswith("cause-")}
    return asked | {n: f"{OTHER_LAST} absente" for n in known if n.startswith("reason-")}


def _explained(manager: Watched) -> dict[str, str]:
    found = {}
    for e in manager.page.root.all("input", "textarea"):
        if e.get("type") == "checkbox":
            found[e["name"]] = "yes"
        elif e.tag == "textarea" and e["name"] != "remark":
            found[e["name"]] = f"Vu pour {LAST}"
    return found


def _crawl(world: World, staff: tuple[Watched, ...], session: str, sitting: str) -> None:
    """Every address that can be asked for."""
    with world.house.db.read() as db:
        incidents = [i.id for i in incident_rows.of_sittings(db, [SittingId(sitting)])]
    known = {"session_id": session, "sitting_id": sitting, "incident_id": incidents[0]}
    for browser in staff:
        for rule in world.app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and rule.arguments <= set(known):
                given = {name: known[name] for name in rule.arguments}
                browser.get(world.app.url_map.bind("localhost").build(rule.endpoint, given), expect=0)


def _break(manager: Watched, form: str, fields: dict[str, str]) -> None:
    """A bug in the database's words, which hold the values of the row: enrolled by two at the same time, unseen."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(people, "candidate_of", lambda *_: None)
        manager.get(form)
        page = manager.submit(form, fields, expect=0)
        assert page.status == 500, page.text[:200]


def test_a_leak_would_be_found():
    secrets = [LAST, "19/08/1967", "AB-CD"]
    for line in (f"/x?nom={LAST.upper()}", "?d=19%2F08%2F1967", f"name='{LAST.lower()}'", "code AB-CD", "?c=ab-cd"):
        assert leaks([line], secrets), line
    assert not leaks(["/candidat/attente", "session opened"], secrets)
