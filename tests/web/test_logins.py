"""Who logs out is out: a copy of the cookie opens nothing."""

import pytest

from tests.web.browser import Browser
from tests.web.sql import sql
from tests.web.world import World

CONSOLES = "/surveillance"


def logged_in(world: World) -> Browser:
    """A browser with a login of its own."""
    browser = world.browser("192.0.2.100")
    browser.get("/connexion")
    browser.submit("/connexion", {"login": "surveillant", "password": "palier-demonstration"})
    browser.follow()
    return browser


def copied(world: World, browser: Browser) -> Browser:
    """Another browser with the same cookie."""
    cookie = browser.client.get_cookie("palier")
    assert cookie is not None
    thief = world.browser("192.0.2.66")
    thief.client.set_cookie("palier", cookie.value)
    return thief


def ended(world: World) -> int:
    with world.house.db.read() as connection:
        return int(sql(connection, "SELECT count(*) FROM ended_login").scalar_one())


def test_a_copy_of_a_cookie_opens_nothing_after_the_log_out_and_other_logins_go_on(world: World):
    desk, tablet = logged_in(world), logged_in(world)
    thief = copied(world, desk)
    thief.get(CONSOLES)
    desk.get(CONSOLES)
    desk.submit("/deconnexion")
    assert thief.get(CONSOLES, expect=303).headers["Location"].startswith("/connexion")
    tablet.get(CONSOLES)
    logged_in(world).get(CONSOLES)


def test_a_login_that_was_ended_is_forgotten_once_its_cookie_has_run_out(world: World):
    for hours in (0, 15):
        world.clock.forward(hours=hours)
        desk = logged_in(world)
        desk.get(CONSOLES)
        desk.submit("/deconnexion")
        assert ended(world) == 1


def test_a_copy_logs_out_too_and_nobody_stumbles(world: World):
    desk = logged_in(world)
    thief = copied(world, desk)
    thief.get(CONSOLES)
    desk.get(CONSOLES)
    thief.submit("/deconnexion")
    assert desk.get(CONSOLES, expect=303).headers["Location"].startswith("/connexion")


@pytest.mark.parametrize("last", ["a page", "the log-out"])
def test_a_cookie_of_before_logins_had_names_goes_on(world: World, last: str):
    """New code comes in while proctors watch: nobody is logged out by it."""
    desk = logged_in(world)
    with desk.client.session_transaction() as cookie:
        del cookie["login"]
    desk.get(CONSOLES)
    if last == "the log-out":
        desk.submit("/deconnexion")
        assert ended(world) == 0
        desk.get(CONSOLES, expect=303)
