"""Guessing is slow; nobody is locked out by somebody else's guesses."""

import pytest

from tests.web.browser import Browser, Page
from tests.web.sql import sql
from tests.web.world import World
from web.app import create_app
from web.config import Settings
from web.services import accounts, supervision, throttle
from web.services.accounts import WrongCredentials
from web.services.throttle import TooManyAttempts

SLOW_DOWN = "Trop d'essais. Attendez dix minutes, ou demandez de l'aide à votre surveillant."


def _log_in(browser: Browser, login: str, password: str = "wrong", expect: int = 401) -> Page:
    browser.get("/connexion")
    return browser.submit("/connexion", {"login": login, "password": password}, expect)


def _identify(browser: Browser, identity: dict[str, str], expect: int = 401) -> Page:
    browser.get("/candidat")
    return browser.submit("/candidat", identity, expect)


def test_the_seventh_wrong_login_in_ten_minutes_is_refused(world: World):
    browser = world.browser()
    for _ in range(6):
        _log_in(browser, "centre")
        world.clock.forward(seconds=30)
    assert _log_in(browser, "centre", expect=429).alert == SLOW_DOWN
    # The right password does not help now: that would tell a guesser that it is right.
    assert _log_in(browser, "CENTRE ", "palier-demonstration", expect=429).alert == SLOW_DOWN
    world.clock.forward(minutes=10)
    _log_in(browser, "centre", "palier-demonstration", expect=303)


def test_failures_on_one_account_do_not_close_another(world: World):
    for n in range(6):
        _log_in(world.browser(f"198.51.100.{n}"), "centre")
    _log_in(world.browser("198.51.100.9"), "centre", expect=429)
    _log_in(world.browser("192.0.2.1"), "jury", "palier-demonstration", expect=303)


def test_an_address_that_fails_on_many_accounts_is_refused_and_others_are_not(world: World):
    _fail_from(world, "198.51.100.7", throttle.PER_ADDRESS.failures)
    _log_in(world.browser("198.51.100.7"), "centre", "palier-demonstration", expect=429)
    _log_in(world.browser("192.0.2.1"), "centre", "palier-demonstration", expect=303)
    world.clock.forward(minutes=10)
    _log_in(world.browser("198.51.100.7"), "jury", "palier-demonstration", expect=303)


def test_the_seventh_wrong_identity_is_refused(world: World):
    browser = world.browser()
    wrong = world.camille.identity | {"birth_date": "1985-03-13"}
    for _ in range(6):
        _identify(browser, wrong)
    assert _identify(browser, world.camille.identity, expect=429).alert == SLOW_DOWN
    _identify(browser, world.idriss.identity, expect=303)
    world.clock.forward(minutes=10)
    _identify(world.browser(), world.camille.identity, expect=303)


def test_a_room_of_thirty_shares_one_address(world: World):
    """Everybody mistypes once, and nobody is turned away."""
    for n in range(30):
        _identify(world.browser(), world.camille.identity | {"last_name": f"Faute {chr(65 + n)}"})
    _identify(world.browser(), world.camille.identity, expect=303)


def test_the_seventh_wrong_code_is_refused_and_the_right_one_works_after_ten_minutes(world: World):
    browser = world.waiting(world.camille)
    _authorise(world)
    browser.get("/candidat/attente")
    for _ in range(6):
        browser.submit("/candidat/code", {"code": "AAAA-AAAA"}, expect=401)
    page = browser.submit("/candidat/code", {"code": world.camille.code}, expect=429)
    assert page.alert == SLOW_DOWN
    world.clock.forward(minutes=10)
    _authorise(world)
    browser.get("/candidat/attente")
    browser.submit("/candidat/code", {"code": world.camille.code})


def test_guesses_at_a_result_count_as_guesses_at_the_code(world: World):
    world.close_day()
    world.publish()
    browser = world.recognised(world.camille)
    for _ in range(6):
        browser.submit("/candidat/resultat", {"code": "AAAA-AAAA"}, expect=401)
    browser.submit("/candidat/resultat", {"code": world.camille.code}, expect=429)


def test_an_address_that_a_client_claims_is_not_believed(world: World):
    browser = world.browser("198.51.100.7")
    _fail_from(world, "198.51.100.7", throttle.PER_ADDRESS.failures)
    for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
        browser.client.environ_base["HTTP_" + header.upper().replace("-", "_")] = "203.0.113.5"
    _log_in(browser, "centre", "palier-demonstration", expect=429)


def test_behind_a_proxy_that_is_named_the_address_it_gives_counts(world: World, data: object, template: object):
    del template
    settings = Settings(data=data, database_url=world.url, release="demo", exposure_warm_up=0, proxies=1)  # type: ignore
    app = create_app(settings, now=world.clock)
    try:
        _fail_from(world, "198.51.100.7", throttle.PER_ADDRESS.failures)
        for origin, expect in (("198.51.100.7", 429), ("203.0.113.5", 303), ("203.0.113.6, 198.51.100.7", 429)):
            browser = Browser(app, "10.0.0.1")
            browser.client.environ_base["HTTP_X_FORWARDED_FOR"] = origin
            _log_in(browser, "centre", "palier-demonstration", expect=expect)
    finally:
        app.extensions["palier"].db.close()


def test_success_is_not_counted(world: World):
    for _ in range(7):
        _log_in(world.browser(), "centre", "palier-demonstration", expect=303)


def test_failures_are_forgotten_once_nothing_looks_at_them(world: World):
    _log_in(world.browser(), "centre")
    world.clock.forward(minutes=11)
    _log_in(world.browser(), "centre")
    with world.house.db.read() as connection:
        assert sql(connection, "SELECT count(*) FROM attempt").scalar_one() == 2


def test_what_is_kept_of_an_attempt_fits_whatever_was_typed(world: World):
    _log_in(world.browser(), "x" * 5_000)
    _identify(world.browser(), world.camille.identity | {"last_name": "y" * 100, "session_code": "z" * 300})
    with world.house.db.read() as connection:
        keys = sql(connection, "SELECT key FROM attempt").scalars().all()
    assert {len(key) for key in keys} == {64}


def test_what_is_kept_of_an_attempt_names_nobody(world: World):
    _log_in(world.browser(), "centre")
    _identify(world.browser(), world.camille.identity | {"birth_date": "1985-03-13"})
    with world.house.db.read() as connection:
        kept = str(sql(connection, "SELECT * FROM attempt").all())
    for name in ("centre", "moreau", "camille", "192.0.2.1"):
        assert name not in kept.casefold()


@pytest.mark.parametrize("login", ["centre", "nobody"])
def test_the_limit_is_the_same_for_accounts_that_exist_and_that_do_not(world: World, login: str):
    for _ in range(6):
        with pytest.raises(WrongCredentials):
            accounts.log_in(world.house, login, "wrong", "192.0.2.1", world.clock())
    with pytest.raises(TooManyAttempts):
        accounts.log_in(world.house, login, "wrong", "192.0.2.1", world.clock())


def _fail_from(world: World, address: str, times: int) -> None:
    """Failures on accounts that do not matter, all from one address; written down without the cost of argon2."""
    for _ in range(times):
        throttle.failed(world.house, {f"login-from:{address}": throttle.PER_ADDRESS}, world.clock())


def _authorise(world: World) -> None:
    supervision.authorise(world.house, world.person("surveillant"), world.camille.sitting, True, world.clock())
