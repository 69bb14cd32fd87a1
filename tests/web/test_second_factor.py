"""Juries and administrators prove twice who they are; whoever lost the telephone has a way, and guessers have none."""

import base64
import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
from click.testing import CliRunner
from flask import Flask

from tests.web.app_of_a_phone import Phone, hotp
from tests.web.browser import Browser, Page
from tests.web.sql import sql
from tests.web.stores import Store
from tests.web.world import PASSWORD, Clock, Template, World
from web.access import Permission
from web.app import create_app
from web.cli import main
from web.config import SecondFactor, Settings
from web.db import second_factors
from web.db.second_factors import SecondFactorPresent
from web.services import second_factor
from web.services.house import House
from web.services.second_factor import Proof, SecondFactorUnreadable, WrongRecoveryCode, WrongSecondFactor
from web.services.throttle import TooManyAttempts

WRONG = "Ce code n'est pas le bon, ou il a déjà servi. Attendez le code suivant dans l'application, puis recommencez."


@pytest.fixture(scope="module")
def strict_app(data: Path, clock: Clock) -> Flask:
    """The application as production has it: with second factors."""
    settings = Settings(
        data=data, database_url="", release="demo", exposure_warm_up=0, second_factor=SecondFactor.REQUIRED
    )
    return create_app(settings, now=clock)


@pytest.fixture
def strict(strict_app: Flask, clock: Clock, template: Template, store: Store, tmp_path: Path) -> Iterator[World]:
    """A world whose juries need a second factor."""
    (folder := tmp_path / "strict").mkdir()
    made = World(strict_app, clock, replace(template, cookies={}), store, folder)
    yield made
    made.close()


def halfway(world: World, login: str = "jury", address: str = "192.0.2.1") -> Browser:
    """A browser in which the password was given."""
    browser = world.browser(address)
    give_password(browser, login)
    return browser


def give_password(browser: Browser, login: str = "jury", password: str = PASSWORD, expect: int = 303) -> Page:
    """Type login and password."""
    browser.get("/connexion")
    return browser.submit("/connexion", {"login": login, "password": password}, expect)


def enrolled(world: World, login: str = "jury") -> tuple[Browser, Phone, list[str]]:
    """A browser, the telephone and the recovery codes of somebody who has just associated an app."""
    browser = halfway(world, login)
    phone = Phone.that_reads(browser.follow(), world.clock)
    page = browser.submit("/connexion/application", {"code": phone.code()}, 200)
    return browser, phone, [e.text for e in page.root.all("code")]


def logged_in_as(browser: Browser) -> str | None:
    """Whose name stands in the header of the front door."""
    page = browser.get("/")
    return next((e.text.split(" · ")[0] for e in page.root.all("span") if e.get("class") == "who"), None)


def test_the_telephone_of_these_tests_counts_as_the_rfcs_say():
    """RFC 4226, appendix D; RFC 6238, appendix B."""
    secret = b"12345678901234567890"
    assert [hotp(secret, n) for n in range(4)] == ["755224", "287082", "359152", "969429"]
    times = {59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 20000000000: "65353130"}
    assert {t: hotp(secret, t // 30, 8) for t in times} == times


def test_the_first_login_associates_an_app_and_shows_ten_codes_once(strict: World):
    browser = halfway(strict)
    page = browser.follow()
    assert page.heading == "Associer une application"
    assert len(list(page.root.all("svg"))) == 2  # the logo, the QR code
    phone = Phone.that_reads(page, strict.clock)
    assert len(phone.secret) == 20
    page = browser.submit("/connexion/application", {"code": phone.code()}, 200)
    assert page.heading == "Vos codes de secours"
    codes = [e.text for e in page.root.all("code")]
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[A-Z3479]{4}(-[A-Z3479]{4}){2}", code) for code in codes)
    assert "/jury" in page.links()
    assert logged_in_as(browser) == "Hélène Vasseur"
    for path in ("/", "/compte/connexion", "/connexion/application"):
        assert not any(code in browser.get(path, 0).html for code in codes)


@pytest.mark.parametrize(
    ("login", "lands"), [("jury", "/jury"), ("admin", "/administration"), ("centre", "/centre"), ("surveillant", "/")]
)
def test_juries_and_administrators_are_asked_and_nobody_else_is(strict: World, login: str, lands: str):
    browser = strict.browser()
    give_password(browser, login)
    if login in ("jury", "admin"):
        assert browser.page.headers["Location"] == "/connexion/application"
        assert logged_in_as(browser) is None
    else:
        assert browser.page.headers["Location"].startswith(lands)
        assert logged_in_as(browser)


def test_in_a_demo_nobody_is_asked_and_the_login_says_so(world: World):
    browser = world.browser()
    assert "seul le mot de passe est demandé" in browser.get("/connexion").text
    give_password(browser)
    assert browser.page.headers["Location"] == "/jury"


def test_where_it_is_asked_for_the_login_says_nothing_of_a_demo(strict: World):
    assert "seul le mot de passe" not in strict.browser().get("/connexion").text


def test_a_later_login_asks_for_the_code_and_leads_where_one_was_going(strict: World):
    _, phone, _ = enrolled(strict)
    strict.clock.forward(hours=1)
    browser = strict.browser()
    browser.get("/jury/incidents?tri=poids", 303)
    browser.follow()
    token = browser.page.token
    asked = browser.page.path
    browser.client.post(asked, data={"login": "jury", "password": PASSWORD, "csrf_token": token})
    browser.get("/connexion/code")
    page = browser.submit("/connexion/code", {"code": phone.code()})
    assert page.headers["Location"] == "/jury/incidents?tri=poids"
    assert logged_in_as(browser) == "Hélène Vasseur"


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_telephone_may_be_one_step_ahead_or_behind(strict: World, steps: int):
    _, phone, _ = enrolled(strict)
    strict.clock.forward(hours=1)
    browser = halfway(strict)
    browser.follow()
    browser.submit("/connexion/code", {"code": phone.code(steps)})
    assert logged_in_as(browser)


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
def test_two_steps_are_too_many(strict: World, steps: int):
    _, phone, _ = enrolled(strict)
    strict.clock.forward(hours=1)
    browser = halfway(strict)
    browser.follow()
    page = browser.submit("/connexion/code", {"code": phone.code(steps)}, 401)
    assert page.alert == WRONG
    assert logged_in_as(browser) is None


@pytest.mark.parametrize("typed", ["{0} {1}", " {0}{1} ", "{0}\u00a0{1}"])
def test_a_code_may_be_typed_as_it_is_shown(strict: World, typed: str):
    _, phone, _ = enrolled(strict)
    strict.clock.forward(minutes=5)
    browser = halfway(strict)
    browser.follow()
    shown = phone.code()
    browser.submit("/connexion/code", {"code": typed.format(shown[:3], shown[3:])})
    assert logged_in_as(browser)


@pytest.mark.parametrize(
    "typed", ["000000x", "1" * 5_000, "0\x000", "\ud800".encode("utf-8", "replace").decode(), "١٢٣٤٥٦", "-1", "٠"]
)
def test_whatever_is_typed_is_refused_calmly(strict: World, typed: str):
    enrolled(strict)
    strict.clock.forward(minutes=5)
    browser = halfway(strict)
    browser.follow()
    assert browser.submit("/connexion/code", {"code": typed}, 401).alert == WRONG


@pytest.mark.parametrize("path", ["/connexion/code", "/connexion/code-de-secours", "/connexion/application"])
def test_an_empty_field_says_what_it_wants(strict: World, path: str):
    if path != "/connexion/application":
        enrolled(strict)
    browser = halfway(strict)
    browser.get(path)
    assert list(browser.submit(path, {"code": " "}, 400).errors) == ["code"]


def test_a_code_opens_one_session_and_no_second(strict: World):
    _, phone, _ = enrolled(strict)
    strict.clock.forward(hours=1)
    code = phone.code()
    first, second = halfway(strict), halfway(strict)
    for browser, expect in ((first, 303), (second, 401)):
        browser.follow()
        browser.submit("/connexion/code", {"code": code}, expect)
    assert logged_in_as(second) is None
    # Nor does the code before it: it may have been seen.
    second.get("/connexion/code")
    second.submit("/connexion/code", {"code": phone.code(-1)}, 401)


def test_the_code_that_associated_the_app_does_not_log_in_again(strict: World):
    _, phone, _ = enrolled(strict)
    browser = halfway(strict)
    browser.follow()
    browser.submit("/connexion/code", {"code": phone.code()}, 401)


def test_of_many_who_race_with_one_code_one_wins(strict: World):
    _, phone, _ = enrolled(strict)
    strict.clock.forward(hours=1)
    ended = at_once(strict, 6, second_factor.prove_by_code, phone.code())
    assert ended["Proof"] == 1
    assert ended["WrongSecondFactor"] == 5


def test_of_many_who_race_with_one_recovery_code_one_wins(strict: World):
    _, _, codes = enrolled(strict)
    ended = at_once(strict, 6, second_factor.prove_by_recovery_code, codes[0])
    assert ended["Proof"] == 1
    assert ended["WrongRecoveryCode"] == 5


def test_of_many_guesses_at_the_same_moment_six_are_looked_at(strict: World):
    _, phone, _ = enrolled(strict)
    wrong = str((int(phone.code()) + 1) % 10**6).zfill(6)
    ended = at_once(strict, 24, second_factor.prove_by_code, wrong)
    assert ended["WrongSecondFactor"] <= 6
    assert ended["WrongSecondFactor"] + ended["TooManyAttempts"] == 24


def test_of_two_who_associate_an_app_at_the_same_moment_one_does(strict: World):
    jury, at = strict.person("jury"), strict.clock()
    sealed = [second_factor.new_secret(strict.house) for _ in range(2)]
    phones = [_phone(strict, s) for s in sealed]
    barrier = Barrier(2)

    def associate(n: int) -> str:
        barrier.wait()
        try:
            return type(second_factor.enrol(strict.house, jury, sealed[n], phones[n].code(), at)).__name__
        except SecondFactorPresent as refusal:
            return type(refusal).__name__

    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(associate, range(2)))
    assert sorted(ended) == ["Enrolled", "SecondFactorPresent"]
    strict.clock.forward(minutes=1)
    winner = phones[ended.index("Enrolled")]
    assert second_factor.prove_by_code(strict.house, jury, winner.code(), "", strict.clock()).codes_left == 10


def test_who_comes_second_to_associate_is_told_and_asked_for_the_code(strict: World):
    late = halfway(strict)
    page = late.follow()
    stranger = Phone.that_reads(page, strict.clock)
    enrolled(strict)
    late.get("/connexion/application", 303)
    late.get("/connexion/code")
    assert late.post("/connexion/application", {"code": stranger.code()}).headers["Location"] == "/connexion/code"
    assert logged_in_as(late) is None


def test_two_browsers_that_associate_are_shown_two_secrets(strict: World):
    """Whoever else knows the password learns nothing of the secret that the owner confirms."""
    one, other = (Phone.that_reads(halfway(strict).follow(), strict.clock) for _ in range(2))
    assert one.secret != other.secret


def test_a_recovery_code_logs_in_once_and_leads_to_where_the_app_is_changed(strict: World):
    _, _, codes = enrolled(strict)
    browser = halfway(strict)
    browser.get("/connexion/code")
    assert "/connexion/code-de-secours" in browser.page.links()
    browser.get("/connexion/code-de-secours")
    typed = codes[3].lower().replace("-", " ")
    page = browser.submit("/connexion/code-de-secours", {"code": typed})
    assert page.headers["Location"] == "/compte/connexion"
    page = browser.follow()
    assert "Il vous reste 9 codes de secours sur 10." in page.text
    again = halfway(strict)
    again.get("/connexion/code-de-secours")
    page = again.submit("/connexion/code-de-secours", {"code": codes[3]}, 401)
    assert page.alert.startswith("Ce code de secours n'est pas le bon, ou il a déjà servi.")
    assert logged_in_as(again) is None


def test_somebody_with_another_telephone_associates_it_and_the_lost_one_opens_nothing(strict: World):
    elsewhere, lost, codes = enrolled(strict)
    strict.clock.forward(minutes=5)
    browser = halfway(strict)
    browser.get("/connexion/code-de-secours")
    browser.submit("/connexion/code-de-secours", {"code": codes[0]})
    browser.follow()
    browser.submit("/compte/application/changer")
    new = Phone.that_reads(browser.follow(), strict.clock)
    assert browser.submit("/compte/application", {"code": lost.code()}, 401).alert == WRONG
    page = browser.submit("/compte/application", {"code": new.code()}, 200)
    assert page.heading == "Vos codes de secours"
    assert not {e.text for e in page.root.all("code")} & set(codes)
    assert logged_in_as(browser)
    assert logged_in_as(elsewhere) is None  # where the lost telephone may be
    strict.clock.forward(minutes=5)
    later = halfway(strict)
    later.follow()
    later.submit("/connexion/code", {"code": lost.code()}, 401)
    later.submit("/connexion/code", {"code": new.code()})
    assert _notes(strict) == ["second_factor_enrolled", "recovery_code_used", "second_factor_replaced"]


def test_new_recovery_codes_make_the_old_ones_void(strict: World):
    browser, _, codes = enrolled(strict)
    browser.get("/compte/connexion")
    page = browser.submit("/compte/codes-de-secours", expect=200)
    fresh = [e.text for e in page.root.all("code")]
    assert not set(fresh) & set(codes)
    other = halfway(strict)
    other.get("/connexion/code-de-secours")
    other.submit("/connexion/code-de-secours", {"code": codes[0]}, 401)
    other.submit("/connexion/code-de-secours", {"code": fresh[0]})


def test_the_administrator_of_the_server_forgets_a_second_factor_and_it_is_noted(
    strict: World, monkeypatch: pytest.MonkeyPatch
):
    browser, phone, codes = enrolled(strict)
    monkeypatch.setenv("PALIER_DATABASE_URL", strict.url)
    told = CliRunner().invoke(main, ["account", "reset-second-factor", "JURY"])
    assert told.exit_code == 0, told.output
    assert told.output == "Second factor of jury forgotten: Hélène Vasseur sets up a new one at the next login.\n"
    assert logged_in_as(browser) is None  # every open session ends
    assert _notes(strict) == ["second_factor_enrolled", "second_factor_reset"]
    again = halfway(strict)
    page = again.follow()
    assert page.heading == "Associer une application"
    assert Phone.that_reads(page, strict.clock).secret != phone.secret
    again.get("/connexion/code-de-secours")
    again.submit("/connexion/code-de-secours", {"code": codes[0]}, 409)
    for login, sentence in (("jury", "has no second factor"), ("nobody", "There is no account nobody")):
        told = CliRunner().invoke(main, ["account", "reset-second-factor", login])
        assert told.exit_code == 1
        assert sentence in told.output


def test_the_seventh_wrong_code_is_refused_and_a_recovery_code_still_works(strict: World):
    _, phone, codes = enrolled(strict)
    strict.clock.forward(hours=1)
    browser = halfway(strict, address="198.51.100.7")
    browser.follow()
    for _ in range(6):
        browser.submit("/connexion/code", {"code": phone.code(9)}, 401)
    assert browser.submit("/connexion/code", {"code": phone.code()}, 429).alert.startswith("Trop d'essais.")
    browser.get("/connexion/code-de-secours")
    browser.submit("/connexion/code-de-secours", {"code": codes[0]})


def test_somebody_who_knows_the_password_shuts_the_owner_out_of_no_browser_of_theirs(strict: World):
    own, phone, _ = enrolled(strict)
    own.get("/")
    own.submit("/deconnexion")
    strict.clock.forward(hours=1)
    thief = halfway(strict, address="198.51.100.7")
    thief.follow()
    for expect in [401] * 6 + [429]:
        thief.submit("/connexion/code", {"code": phone.code(9)}, expect)
    give_password(own)
    own.follow()
    own.submit("/connexion/code", {"code": phone.code()})
    assert logged_in_as(own)


def test_strangers_who_guess_a_password_shut_nobody_out_of_a_browser_of_theirs(strict: World):
    own = strict.browser("192.0.2.7")
    give_password(own, "centre")
    own.get("/")
    own.submit("/deconnexion")
    for n in range(7):
        give_password(strict.browser(f"198.51.100.{n}"), "centre", "wrong", 0)
    give_password(strict.browser("198.51.100.99"), "centre", PASSWORD, 429)
    give_password(own, "centre")
    assert logged_in_as(own)


def test_a_known_browser_is_slowed_down_as_well(strict: World):
    own = strict.browser("192.0.2.7")
    give_password(own, "centre")
    own.get("/")
    own.submit("/deconnexion")
    for expect in [401] * 6 + [429]:
        give_password(own, "centre", "wrong", expect)


@pytest.mark.parametrize("forged", ["x", "e30.aaaa.bbbb", "", "W10.aaaa.bbbb"])
def test_a_forged_mark_of_a_known_browser_is_worth_nothing(strict: World, forged: str):
    for n in range(7):
        give_password(strict.browser(f"198.51.100.{n}"), "centre", "wrong", 0)
    browser = strict.browser("203.0.113.1")
    browser.client.set_cookie("palier-known", forged)
    give_password(browser, "centre", PASSWORD, 429)


def test_between_password_and_code_one_is_nobody_on_every_route(strict: World, strict_app: Flask):
    enrolled(strict)
    enrolled(strict, "admin")
    halves = [halfway(strict), halfway(strict, "admin")]
    stranger = strict.browser()
    seen = Counter[int]()
    with strict_app.test_request_context():
        rules = [
            (rule, strict_app.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, "x")))
            for rule in strict_app.url_map.iter_rules()
        ]
    for rule, path in rules:
        needed = strict_app.view_functions[rule.endpoint].permission  # type: ignore[attr-defined]
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            if needed is Permission.HALFWAY:
                continue
            answers = []
            for browser in (stranger, *halves):
                browser.get("/")
                page = browser.get(path, 0) if method == "GET" else browser.post(path, {"login": "", "password": ""}, 0)
                answers.append((page.status, page.headers.get("Location")))
            assert len(set(answers)) == 1, (method, rule.rule, answers)
            seen[answers[0][0]] += 1
    assert seen[303] > 60
    assert not seen[500]


@pytest.mark.parametrize("path", ["/connexion/code", "/connexion/code-de-secours", "/connexion/application"])
def test_the_way_between_password_and_code_is_closed_to_others(strict: World, path: str):
    for browser in (strict.browser(), strict.staff("centre")):
        assert browser.get(path, 303).headers["Location"] == "/connexion"
        browser.get("/")
        assert browser.post(path, {"code": "000000"}).headers["Location"] == "/connexion"


def test_after_ten_minutes_the_password_is_asked_again(strict: World):
    _, phone, _ = enrolled(strict)
    browser = halfway(strict)
    browser.follow()
    strict.clock.forward(minutes=10)
    assert browser.submit("/connexion/code", {"code": phone.code()}).headers["Location"] == "/connexion"
    assert logged_in_as(browser) is None


def test_an_account_that_is_closed_between_password_and_code_stays_out(strict: World):
    _, phone, _ = enrolled(strict)
    strict.clock.forward(minutes=5)
    browser = halfway(strict)
    browser.follow()
    with strict.house.db.write() as connection:
        sql(connection, "UPDATE account SET is_active = false WHERE login = 'jury'")
    assert browser.submit("/connexion/code", {"code": phone.code()}).headers["Location"] == "/connexion"


def test_a_session_opened_by_password_alone_ends_when_a_second_factor_is_required(strict: World, world: World):
    """The switch is turned: those who logged in before it prove themselves again."""
    early = world.staff("jury")
    cookie = early.client.get_cookie("palier")
    assert cookie is not None
    browser = Browser(strict.app)
    browser.client.set_cookie("palier", cookie.value)
    assert browser.get("/jury", 303).headers["Location"].startswith("/connexion")


def test_nothing_of_a_second_factor_can_be_read_in_the_database_or_in_a_cookie(strict: World):
    browser = halfway(strict)
    phone = Phone.that_reads(browser.follow(), strict.clock)
    key = "".join(e.text for e in browser.page.root.all("code"))
    with browser.client.session_transaction() as session:
        assert key not in str(dict(session))
    page = browser.submit("/connexion/application", {"code": phone.code()}, 200)
    codes = [e.text for e in page.root.all("code")]
    with strict.house.db.read() as connection:
        kept = "".join(
            str(sql(connection, f"SELECT * FROM {table}").all())
            for table in ("second_factor", "recovery_code", "account_event", "attempt")
        )
    assert key not in kept
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


def test_a_secret_of_another_installation_is_named_and_not_a_bug(strict: World):
    _, phone, _ = enrolled(strict)
    elsewhere = House(strict.house.db, strict.house.catalogue, "another secret of more than thirty characters")
    with pytest.raises(SecondFactorUnreadable):
        second_factor.prove_by_code(elsewhere, strict.person("jury"), phone.code(), "", strict.clock())


def test_publishing_asks_again_after_a_quarter_of_an_hour_and_goes_on_with_what_was_sent(strict: World):
    strict.close_day()
    strict.finalise()
    browser, phone, _ = enrolled(strict)
    strict.clock.forward(minutes=14, seconds=59)
    path = f"/jury/sessions/{strict.session}/publier"
    strict.clock.forward(seconds=1)
    browser.get(path)
    page = browser.submit(path, expect=403)
    assert page.heading == "Confirmez que c'est vous"
    assert not _published(strict)
    page = browser.submit(path, {"second_factor_code": phone.code(5)}, 401)
    assert page.alert == WRONG
    assert not _published(strict)
    browser.submit(path, {"second_factor_code": phone.code()})
    assert _published(strict)


def test_publishing_soon_after_the_login_asks_nothing(strict: World):
    strict.close_day()
    strict.finalise()
    browser, _, _ = enrolled(strict)
    path = f"/jury/sessions/{strict.session}/publier"
    browser.get(path)
    browser.submit(path)
    assert _published(strict)


def test_a_fraud_asks_again_with_every_word_kept_and_a_lesser_decision_does_not(strict: World):
    strict.start(strict.camille)
    incidents = [strict.flag(strict.camille), strict.flag(strict.camille)]
    strict.finish(strict.camille)
    strict.close_day()
    browser, _, codes = enrolled(strict)
    strict.clock.forward(hours=1)
    path = f"/jury/incidents/{incidents[0]}"
    browser.get(path)
    told = {"decision": "fraud", "reason": "Téléphone « caché » & <vu>.", "heard": "Entendue le 23 novembre."}
    page = browser.submit(path, told, expect=403)
    kept = {e["name"]: e.get("value") for e in page.form(path).all("input")}
    assert kept.items() >= told.items()
    browser.submit(path, {"second_factor_code": codes[0]})
    assert told["reason"] in browser.get(path).text
    strict.clock.forward(hours=1)
    path = f"/jury/incidents/{incidents[1]}"
    browser.get(path)
    browser.submit(path, {"decision": "no_effect", "reason": "Rien de grave."})


def _phone(world: World, sealed: str) -> Phone:
    return Phone(base64.b32decode(second_factor.opened(world.house, sealed)), world.clock)


def _notes(world: World) -> list[str]:
    with world.house.db.read() as connection:
        return second_factors.notes(connection, world.person("jury").id)


def _published(world: World) -> bool:
    with world.house.db.read() as connection:
        return bool(sql(connection, "SELECT count(*) FROM result").scalar_one())


def at_once(world: World, many: int, prove: Callable[..., Proof], typed: str) -> Counter[str]:
    """Prove at the same moment; count how it ended."""
    barrier, jury, at = Barrier(many), world.person("jury"), world.clock()

    def run(_: int) -> str:
        barrier.wait()
        try:
            return type(prove(world.house, jury, typed, "", at)).__name__
        except (WrongSecondFactor, WrongRecoveryCode, TooManyAttempts) as refusal:
            return type(refusal).__name__

    with ThreadPoolExecutor(many) as pool:
        return Counter(pool.map(run, range(many)))
