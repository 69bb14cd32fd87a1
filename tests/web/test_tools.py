"""A centre lets proctoring tools in and takes its leave of them; so does an administrator, for any centre."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.web.browser import Browser, Page
from tests.web.test_tool_keys import PAIR, key_set
from tests.web.world import World
from web.cli import main
from web.services import tools


def connect(manager: Browser, name: str, expect: int = 303, keys: str = "") -> Page:
    """Let a tool in by the page, and see what follows."""
    manager.get("/centre/outils")
    page = manager.submit("/centre/outils", {"name": name, "public_keys": keys}, expect)
    return manager.follow() if expect == 303 else page


def fact(page: Page, name: str) -> str:
    """What stands beside a name on a page of facts."""
    return next(b.text for a, b in pairwise(page.root.all("dt", "dd")) if a.text == name)


def token(world: World, client_id: str, secret: str) -> int:
    """Whether a pair is good for a token."""
    pair = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    return world.app.test_client().post("/acs/token", data=pair).status_code


def test_a_centre_without_tools_is_told_so(world: World):
    page = world.staff("centre").get("/centre/outils")
    assert "Aucun outil pour l'instant" in page.text
    assert not list(page.root.all("table"))


def test_a_tool_that_a_manager_lets_in_can_connect(world: World):
    manager = world.staff("centre")
    page = connect(manager, "  Vigie   Pro ")
    assert page.heading == "Vigie Pro"
    assert token(world, fact(page, "Identifiant"), fact(page, "Secret")) == 200
    assert fact(page, "Adresse des jetons") == "http://localhost/acs/token"
    assert fact(page, "Adresse des demandes") == "http://localhost/acs/control"
    assert fact(page, "Arrêt d'un test") == "l'outil le propose, un surveillant décide"


def test_a_secret_is_shown_once(world: World):
    manager = world.staff("centre")
    page = connect(manager, "Vigie")
    secret = fact(page, "Secret")
    again = manager.get(page.path)
    assert secret not in again.html
    assert "Le secret a été affiché à la création" in again.text
    assert secret not in manager.get("/centre/outils").html


def test_the_page_tells_when_a_tool_was_last_used(world: World):
    manager = world.staff("centre")
    page = connect(manager, "Vigie")
    assert "jamais" in manager.get("/centre/outils").text
    world.clock.forward(minutes=30)
    token(world, fact(page, "Identifiant"), fact(page, "Secret"))
    assert "9 h 30" in manager.get("/centre/outils").text


def test_a_tool_that_is_revoked_stays_on_the_page_and_cannot_connect(world: World):
    manager = world.staff("centre")
    page = connect(manager, "Vigie")
    manager.get("/centre/outils")
    manager.submit(f"{page.path}/revoquer")
    after = manager.follow()
    assert "L'outil Vigie n'a plus accès à vos sessions." in after.text
    assert "Révoqué" in after.text
    assert not after.has_form(f"{page.path}/revoquer")
    assert token(world, fact(page, "Identifiant"), fact(page, "Secret")) == 401
    assert "Cet outil est révoqué" in manager.get(page.path).text


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "Vi\x07gie"])
def test_a_tool_needs_a_name(world: World, name: str):
    manager = world.staff("centre")
    page = connect(manager, name, expect=400)
    assert page.errors.get("name") or page.alert
    assert tools.of_centre(world.house, world.person("centre")) == []


def test_two_tools_in_service_have_two_names(world: World):
    manager = world.staff("centre")
    first = connect(manager, "Vigie")
    assert connect(manager, "VIGIE", expect=409).alert.startswith("Un outil en service de ce centre porte déjà ce nom.")
    manager.get("/centre/outils")
    manager.submit(f"{first.path}/revoquer")
    assert connect(manager, "Vigie").heading == "Vigie"
    assert connect(world.staff("centre-lyon"), "Vigie").heading == "Vigie"


def test_the_tools_of_another_centre_are_not_there(world: World):
    manager, stranger = world.staff("centre"), world.staff("centre-lyon")
    page = connect(manager, "Vigie")
    assert "Vigie" not in stranger.get("/centre/outils").text
    stranger.get(page.path, expect=404)
    stranger.post(f"{page.path}/revoquer", expect=404)
    assert token(world, fact(page, "Identifiant"), fact(page, "Secret")) == 200


def test_a_tool_that_brings_its_keys_has_no_secret(world: World):
    manager = world.staff("centre")
    page = connect(manager, "Vigie", keys=key_set(PAIR))
    assert fact(page, "Preuve") == "l'outil signe ses demandes (RFC 7523)"
    assert "Cet outil n'a pas de secret." in page.text
    assert not [e for e in page.root.all("code") if e.get("id") == "secret"]
    private = connect(manager, "Autre", expect=400, keys=key_set(PAIR, private=True))
    assert private.alert.startswith("Ces clés ne conviennent pas")
    assert [r.tool.name for r in tools.of_centre(world.house, world.person("centre"))] == ["Vigie"]


@pytest.fixture
def palier(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The `palier` command on the database of this test."""
    monkeypatch.setenv("PALIER_DATABASE_URL", world.url)
    return lambda *arguments: CliRunner().invoke(main, ["tool", *arguments])


def test_an_administrator_lets_a_tool_in_lists_and_revokes_it(world: World, palier: Callable[..., Result]):
    assert "No tool is let in yet" in palier("list").output
    added = palier("add", "Vigie", "--centre", "Atelier de Lyon", "--may-terminate")
    assert added.exit_code == 0, added.output
    told = dict(line.split() for line in added.output.splitlines() if line.startswith("client_"))
    assert token(world, told["client_id"], told["client_secret"]) == 200
    world.clock.forward(minutes=61)
    (line,) = palier("list").output.splitlines()
    assert line.split("  ")[0] == told["client_id"]
    assert "may end tests" in line
    assert "last used 2026-11-23 09:00" in line
    assert line.endswith("Atelier de Lyon · Vigie")
    assert told["client_secret"] not in line
    assert "out of service" in palier("revoke", told["client_id"]).output
    assert token(world, told["client_id"], told["client_secret"]) == 401
    assert "revoked" in palier("list").output


def test_an_administrator_gives_a_tool_its_keys(palier: Callable[..., Result], tmp_path: Path):
    path = tmp_path / "keys.json"
    path.write_text(key_set(PAIR))
    told = palier("add", "Vigie", "--centre", "Atelier de Lyon", "--keys", str(path)).output
    assert "client_id" in told
    assert "client_secret" not in told


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("add", "Vigie", "--centre", "Nowhere"), "There is no centre Nowhere"),
        (("add", "", "--centre", "Atelier de Lyon"), "A tool has a name of 1 to 100 characters."),
        (("add", "Vi\x07gie", "--centre", "Atelier de Lyon"), "A tool has a name of 1 to 100 characters."),
        (("revoke", "tool-nobody"), "There is no tool tool-nobody."),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    palier: Callable[..., Result], arguments: tuple[str, ...], sentence: str
):
    result = palier(*arguments)
    assert result.exit_code == 1
    assert sentence in result.output
