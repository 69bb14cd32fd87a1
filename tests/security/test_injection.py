"""Text that wants to be markup, a formula, code of a typesetter or a line of a log stays text."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import pytest
from openpyxl import load_workbook

from engine.delivery.session import Mode
from tests.house.dom import read
from tests.security.objects import CALLERS
from tests.security.rows import ROWS
from tests.security.test_matrix import has, rules
from tests.web.browser import Browser
from tests.web.world import Seat, World
from web import logs
from web.services import alerts, checkin, enrolment, exam, followups, gate, messages, roster, supervision, tools
from web.services.checkin import LINES
from web.services.enrolment import NewSession

PAYLOAD = "\"'><img src=x onerror=x{0}><script>x{0}</script><svg/onload=x{0}><a href=javascript:x{0}>{{{{7*7}}}}#x{0}[$"
"""Out of an attribute, an element, an address, a template of Jinja, a call of Typst; `{0}` says whose it is."""
FIELDS = ("last", "first", "id", "label", "place", "incident", "follow-up", "help", "note", "alert", "pause", "time",
          "tool", "file", "cell", "check")  # fmt: skip


@dataclass
class Poisoned:
    """A world in which every text that people write is hostile."""

    world: World
    seat: Seat
    session: str
    things: dict[str, str] = field(default_factory=dict)

    def pages(self) -> Iterator[tuple[str, Browser, str]]:
        """Every page of everybody that shows something of it: who, their browser, the address."""
        browsers = {login: self.world.staff(login) for login in ("centre", "surveillant", "jury", "admin")}
        roles = {
            "centre": "a manager",
            "surveillant": "a proctor",
            "jury": "a jury member",
            "admin": "an administrator",
        }
        for login, browser in browsers.items():
            for rule in rules(self.world.app):
                known = {k: v for k, v in self.things.items() if k in rule.arguments}
                reads = "GET" in (rule.methods or ()) and has(CALLERS[roles[login]], ROWS[rule.endpoint])
                if reads and set(known) == set(rule.arguments):
                    with self.world.app.test_request_context():
                        yield login, browser, self.world.app.url_map.bind("x").build(rule.endpoint, known)


def text(name: str) -> str:
    """The payload of a field."""
    return PAYLOAD.format(FIELDS.index(name) + 100)


@pytest.fixture
def poisoned(world: World) -> Poisoned:
    """A session in mid-exam, all of it written by somebody who means harm."""
    house, at = world.house, world.clock()
    manager, proctor = world.person("centre"), world.person("surveillant")
    slot = enrolment.create_session(
        house, manager, NewSession(text("label")[:150], Mode.ON_SITE, text("place")[:200], at, (proctor.id,)), at
    )
    world.session = slot
    name = text("last")[:100]
    seat = world.enrolled(name, text("first")[:100], external_id=text("id")[:50], birth_date=date(1988, 5, 17))
    enrolment.open_session(house, manager, slot, at)
    gate.check_in(house, seat.sitting, at)
    checkin.record(house, proctor, seat.sitting, {LINES[Mode.ON_SITE][0]: ("problem", text("check")[:200])}, at)
    supervision.authorise(house, proctor, seat.sitting, True, at)
    gate.enter(house, seat.sitting, seat.code, "device", at)
    exam.start(house, seat.sitting, "device", at)
    incident = world.flag(seat, text=text("incident"))
    followups.add(house, proctor, incident, text("follow-up"), at)
    messages.ask_for_help(house, seat.sitting, text("help"), at)
    messages.send(house, proctor, slot, seat.sitting, text("note"), at)
    supervision.grant_time(house, proctor, seat.sitting, 5, text("time"), at)
    supervision.pause(house, proctor, seat.sitting, text("pause"), at)
    supervision.resume(house, proctor, seat.sitting, at)
    on_screen = world.sitting(seat).on_screen
    assert on_screen is not None
    alerts.raise_alert(house, seat.sitting, on_screen, "other", text("alert"), "device", at)
    tool = tools.add_to_centre(house, manager, text("tool")[:100], "", at).tool
    head = "Nom;Prénom;Date de naissance;Courriel;Parcours;Niveau visé\r\n"
    cell = text("cell").replace('"', '""')
    sheet = f'{head}"{cell}";"{cell}";"{cell}";"{cell}";"{cell}";"{cell}"\r\n'.encode()
    upload = roster.upload(house, manager, slot, text("file")[:100], sheet, at)
    things = {"session_id": slot, "sitting_id": seat.sitting, "incident_id": incident, "tool_id": tool.id,
              "upload_id": upload, "kind": "csv", "digest": world.house.catalogue.current[0]}  # fmt: skip
    return Poisoned(world, seat, slot, things)


def hostile(html: str) -> list[str]:
    """Elements, attributes and addresses on a page that come out of a payload."""
    found = []
    for e in read(html).root.all():
        handlers = [n for n in e.attributes if n.startswith("on") or re.fullmatch(r"x1\d\d|>.*|\".*", n)]
        urls = [v for n, v in e.attributes.items() if n in ("src", "href", "action", "formaction", "data", "srcdoc")]
        if handlers or e.tag in ("svg/onload", "x") or any(re.match(r"\s*(javascript|data):|x$", u) for u in urls):
            found.append(f"<{e.tag} {e.attributes}>")
        if e.tag == "script" and re.search(r"x1\d\d", e.text):
            found.append(f"<script>{e.text}")
    return found


def test_what_people_write_is_shown_as_text_on_every_page(poisoned: Poisoned):
    world = poisoned.world
    shown: set[str] = set()
    seen = 0
    candidate = world.back(poisoned.seat)
    own = [("candidate", candidate, p) for p in ("/candidat/test", "/candidat/probleme/etat", "/candidat/messages")]
    for login, browser, path in [*poisoned.pages(), *own]:
        page = browser.get(path, expect=0)
        assert page.status < 500, f"{login}: {path}"
        if page.headers["Content-Type"].startswith("text/html"):
            assert not hostile(page.html), f"{login}: {path}"
            assert "49#x" not in page.text, f"{login}: {path}: a template was run"
            words = page.text
            shown |= {name for name in FIELDS if f"<script>x{FIELDS.index(name) + 100}" in words}
            seen += 1
        elif page.headers["Content-Type"] == "application/pdf":
            assert page.status == 200
            seen += 1
    assert seen > 40
    missing = set(FIELDS) - shown - {"check", "place", "file"}
    assert not missing, f"these fields were looked for on every page and stand on none: {missing}"


FORMULAS = ('=HYPERLINK("https://evil.example","x")', "+SUM(a)", "-2+3+cmd|' /C calc'!A0", "@SUM(A1)", " =B1", "＝C1")


def test_no_cell_of_any_file_is_a_formula(world: World):
    house, at = world.house, world.clock()
    manager, proctor = world.person("centre"), world.person("surveillant")
    world.session = enrolment.create_session(
        house, manager, NewSession("=1+1 session", Mode.ON_SITE, "@lieu", at, (proctor.id,)), at
    )
    enrolment.open_session(house, manager, world.session, at)
    for n, formula in enumerate(FORMULAS):
        seat = world.enrolled(formula, formula, external_id=f"={n}A", email=f"=x{n}@exemple.fr")
        world.start(seat)
        world.finish(seat)
    browser = world.staff("centre")
    browser.get(f"/centre/sessions/{world.session}/codes/nouveaux")
    waiting = world.enrolled("=Attente", "+Alix")
    browser.post(f"/centre/sessions/{world.session}/codes/nouveaux", {"sittings": [waiting.sitting]}, expect=303)
    files = [("centre", f"/centre/sessions/{world.session}/codes.csv"), ("centre", "/centre/modele.csv"),
             ("centre", "/centre/modele.xlsx")]  # fmt: skip
    found = cells(world, files)
    assert any("Attente" in cell for cell in found)
    world.close_day()
    world.publish()
    release = f"/administration/versions/{house.catalogue.current[0]}.csv"
    files = [("centre", f"/centre/sessions/{world.session}/resultats.csv"), ("jury", "/jury/statistiques.csv"),
             ("jury", "/jury/statistiques.xlsx"), ("admin", release)]  # fmt: skip
    found = cells(world, files)
    assert sum("HYPERLINK" in cell for cell in found) >= 2


def cells(world: World, files: list[tuple[str, str]]) -> list[str]:
    """Every cell of some files; none of them is a formula."""
    found: list[str] = []
    for login, path in files:
        page = world.staff(login).get(path)
        if path.endswith(".csv"):
            rows = csv.reader(io.StringIO(page.body.decode("utf-8-sig")), delimiter=";")
            here = [cell for row in rows for cell in row]
        else:
            book = load_workbook(io.BytesIO(page.body))
            every = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
            assert not [c.coordinate for c in every if c.data_type == "f" or c.hyperlink], path
            here = [str(c.value) for c in every if isinstance(c.value, str)]
        assert len(here) > 5, path
        bad = [c for c in here if re.match(r"\s*[=+\-@＝＋－＠]", c) and not re.fullmatch(r"-?[\d,.]+(e-?\d+)?", c)]
        assert not bad, f"{path}: {bad}"
        found += here
    return found


HOSTILE_LINE = '%0A%0D{"event":"forged"}%1B[31m%0A2026-11-26 [error] forged'


@pytest.mark.parametrize("as_json", [True, False], ids=["production", "demo"])
def test_no_input_begins_a_line_of_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], as_json: bool
):
    """Fields, paths and headers with line ends and colours: one event is one line, and escapes are written out."""
    logs.configure(as_json)
    try:
        capsys.readouterr()
        browser = world.browser()
        browser.get("/connexion")
        hostile_text = 'x\n\r{"event":"forged"}\x1b[31m'
        browser.post("/connexion", {"login": hostile_text, "password": hostile_text}, expect=401)
        browser.post("/acs/token", {"grant_type": hostile_text, "client_id": hostile_text}, expect=0, token="")
        headers = {"Authorization": "Bearer \\n{forged}", "User-Agent": "forged\x1b[31m", "X-Request-Id": "forged"}
        browser.client.post("/acs/control", data=b'{"user":{"sub":"\\u000aforged"}}', headers=headers)

        def fail(*_: object, **__: object) -> None:
            raise RuntimeError("a fault")

        monkeypatch.setitem(world.app.view_functions, "candidate.sample", fail)
        browser.client.get(f"/candidat/entrainement/{HOSTILE_LINE}x")
        browser.client.get("/candidat/entrainement/x%E2%80%A8forged%0A2026 forged")
        told = capsys.readouterr().out
    finally:
        logs.configure(False)
    lines = [line for line in told.splitlines() if "forged" in line]
    assert told
    for line in lines:
        if as_json:
            assert json.loads(line)["event"] in ("bug", "control_refused"), line
        else:
            assert re.match(r"(\x1b\[[0-9;]*m)*20\d\d-\d\d-\d\dT", line), line
            assert "\x1b[31mforged" not in line
