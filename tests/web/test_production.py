"""What production asks for and what it refuses."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr

from engine.items.read import BrokenRelease
from tests.postgres import Postgres
from tests.web.browser import Browser
from web import fitness
from web.app import create_app
from web.config import Environment, SecondFactor, Settings
from web.db.people import Role
from web.fitness import UnfitForProduction
from web.services import accounts, demo
from web.services.accounts import NewAccount
from web.services.catalogue import Catalogue, NotInstalled, SimulatedRelease

SECRET = SecretStr("a-secret-of-more-than-thirty-two-characters")


NOWHERE = "postgresql+psycopg://palier@/palier?host=/nowhere"


def of_production(folder: Path, **changed: Any) -> Settings:
    """Settings that production takes, and what is changed of them."""
    fit = {"environment": Environment.PRODUCTION, "data": folder, "database_url": NOWHERE, "secret_key": SECRET}
    return Settings(**{**fit, "release": "seed", **changed})


@pytest.fixture
def production(tmp_path: Path, postgres: Postgres) -> Iterator[Flask]:
    """An application that could serve real candidates: the release without simulated parameters."""
    app = create_app(of_production(tmp_path, database_url=postgres.create("production")))
    app.extensions["palier"].db.upgrade()
    yield app
    app.extensions["palier"].db.close()
    postgres.drop("production")


def test_production_refuses_simulated_parameters(tmp_path: Path):
    settings = of_production(tmp_path, release="demo")
    with pytest.raises(SimulatedRelease, match="production refuses it"):
        create_app(settings)


def test_production_refuses_a_simulated_release_that_an_older_session_pins(app: Flask, data: Path, tmp_path: Path):
    digest, _ = app.extensions["palier"].catalogue.current
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / digest).symlink_to(data / "releases" / digest)
    production = create_app(of_production(tmp_path))
    with pytest.raises(SimulatedRelease):
        production.extensions["palier"].catalogue.release(digest)


UNFIT: dict[str, tuple[dict[str, Any], str]] = {
    "no secret": ({"secret_key": SecretStr("")}, "PALIER_SECRET_KEY is not set"),
    "a short secret": ({"secret_key": SecretStr("x7" * 15)}, "PALIER_SECRET_KEY is too short"),
    "a secret of words": ({"secret_key": SecretStr("change-me-" * 4)}, "PALIER_SECRET_KEY is not made by chance"),
    "SQLite": ({"database_url": ""}, "PALIER_DATABASE_URL is not a PostgreSQL"),
    "SQLite by name": ({"database_url": "sqlite:////srv/palier.sqlite"}, "PALIER_DATABASE_URL is not a PostgreSQL"),
    "a database password of everybody": (
        {"database_url": "postgresql+psycopg://palier:postgres@db/palier"},
        "PALIER_DATABASE_URL has a password that everybody knows",
    ),
    "no second factor": ({"second_factor": SecondFactor.OFF}, "PALIER_SECOND_FACTOR is off"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_production_refuses_what_is_unfit_by_its_name(tmp_path: Path, name: str):
    changed, sentence = UNFIT[name]
    with pytest.raises(UnfitForProduction) as refusal:
        create_app(of_production(tmp_path, **changed))
    assert sentence in str(refusal.value)
    assert str(refusal.value).count("PALIER_") == 1, "and nothing else"


def test_production_refuses_debugging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with pytest.raises(UnfitForProduction, match="FLASK_DEBUG is set"):
        create_app(of_production(tmp_path))


def test_production_names_everything_that_is_unfit_at_once_and_no_secret(tmp_path: Path):
    everything = {key: value for changed, _ in UNFIT.values() for key, value in changed.items()}
    everything["secret_key"] = SecretStr("hunter2")
    with pytest.raises(UnfitForProduction) as refusal:
        create_app(of_production(tmp_path, **everything))
    for name in ("PALIER_SECRET_KEY", "PALIER_DATABASE_URL", "PALIER_SECOND_FACTOR"):
        assert name in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_a_demo_may_have_any_of_it(tmp_path: Path):
    for changed, _ in UNFIT.values():
        fitness.require(of_production(tmp_path, environment=Environment.DEMO, **changed), debug=True)


def test_a_second_factor_is_required_in_production_and_off_in_a_demo_unless_it_is_said(tmp_path: Path):
    assert of_production(tmp_path).asks_second_factor
    assert not Settings(data=tmp_path).asks_second_factor
    assert Settings(data=tmp_path, second_factor=SecondFactor.REQUIRED).asks_second_factor


def test_the_password_of_the_demo_opens_nothing_in_production(production: Flask):
    house = production.extensions["palier"]
    accounts.create(house.db, NewAccount("oubli", "Compte oublié", Role.PROCTOR, None, demo.PASSWORD))
    accounts.create(house.db, NewAccount("propre", "Compte propre", Role.PROCTOR, None, "un-secret-a-moi-seul"))
    for login, password, expect in (("oubli", demo.PASSWORD, 401), ("propre", "un-secret-a-moi-seul", 303)):
        browser = Browser(production, base="https://localhost")
        browser.get("/connexion")
        form = {"login": login, "password": password, "csrf_token": browser.page.token}
        answer = browser.client.post(
            "/connexion", data=form, base_url=browser.base, headers={"Referer": "https://localhost/connexion"}
        )
        assert answer.status_code == expect, login


def test_production_asks_for_secure_cookies_and_https(production: Flask):
    browser = Browser(production, base="https://localhost")
    headers = browser.get("/").headers
    cookie = headers["Set-Cookie"]
    assert cookie.startswith("__Host-palier=")
    attributes = {a.strip() for a in cookie.split(";")[1:]}
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= attributes
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_the_notice_of_simulated_parameters_stands_on_every_page_of_a_demo_and_on_none_of_production(
    app: Flask, production: Flask, world: object
):
    del world
    for path in ("/", "/connexion", "/candidat", "/nothing"):
        assert "paramètres simulés, sans valeur officielle" in Browser(app).get(path, expect=0).text
        page = Browser(production, base="https://localhost").get(path, expect=0)
        assert "simulés" not in page.text


def test_a_demo_keeps_a_secret_of_its_own_that_others_cannot_read(tmp_path: Path):
    settings = Settings(data=tmp_path, database_url="", release="demo", exposure_warm_up=0)
    first, again = create_app(settings), create_app(settings)
    assert first.config["SECRET_KEY"] == again.config["SECRET_KEY"]
    assert len(first.config["SECRET_KEY"]) >= 32
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0


def test_a_session_finds_the_release_that_it_pinned_or_says_that_it_is_gone(app: Flask):
    catalogue = app.extensions["palier"].catalogue
    with pytest.raises(NotInstalled):
        catalogue.release("0" * 64)
    with pytest.raises(NotInstalled):
        catalogue.rules("0" * 64)


@pytest.mark.parametrize("what", ["an item", "an attachment", "a file that is gone"])
def test_a_copy_of_a_release_that_is_not_whole_is_found_when_a_process_begins(tmp_path: Path, what: str):
    """Sittings open their files from the copy, even while the bank beside it is sound."""
    settings = Settings(data=tmp_path, release="demo", exposure_warm_up=0)
    release, _ = Catalogue(settings).current
    copy = tmp_path / "releases" / release / "items"
    damaged = next(iter(sorted(copy.rglob("*.md" if what == "an item" else "*.ods"))))
    damaged.unlink() if what == "a file that is gone" else damaged.write_bytes(damaged.read_bytes() + b" ")
    begun = Catalogue(settings)
    with pytest.raises(BrokenRelease, match=damaged.stem.split("-v")[0]):
        _ = begun.current


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PALIER_DATA", str(tmp_path))
    monkeypatch.setenv("PALIER_ENVIRONMENT", "production")
    monkeypatch.setenv("PALIER_SECRET_KEY", "hidden")
    monkeypatch.delenv("PALIER_DATABASE_URL", raising=False)
    settings = Settings()
    assert settings.is_production
    assert settings.database == f"sqlite:///{tmp_path / 'palier.sqlite'}"
    assert "hidden" not in repr(settings)
