"""What production asks for and what it refuses."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from pydantic import SecretStr

from tests.web.browser import Browser
from web.app import create_app
from web.config import Environment, Settings
from web.services.catalogue import NotInstalled, SimulatedRelease

SECRET = SecretStr("a-secret-of-more-than-thirty-two-characters")


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Flask]:
    """An application that could serve real candidates: the release without simulated parameters."""
    settings = Settings(
        environment=Environment.PRODUCTION, data=tmp_path, database_url="", secret_key=SECRET, release="seed"
    )
    app = create_app(settings)
    app.extensions["palier"].db.upgrade()
    yield app
    app.extensions["palier"].db.close()


def test_production_refuses_simulated_parameters(tmp_path: Path):
    settings = Settings(
        environment=Environment.PRODUCTION, data=tmp_path, database_url="", secret_key=SECRET, release="demo"
    )
    with pytest.raises(SimulatedRelease, match="production refuses it"):
        create_app(settings)


def test_production_refuses_a_simulated_release_that_an_older_session_pins(app: Flask, data: Path, tmp_path: Path):
    digest, _ = app.extensions["palier"].catalogue.current
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / digest).symlink_to(data / "releases" / digest)
    settings = Settings(
        environment=Environment.PRODUCTION, data=tmp_path, database_url="", secret_key=SECRET, release="seed"
    )
    production = create_app(settings)
    with pytest.raises(SimulatedRelease):
        production.extensions["palier"].catalogue.release(digest)


def test_production_needs_a_secret(tmp_path: Path):
    settings = Settings(
        environment=Environment.PRODUCTION, data=tmp_path, database_url="", secret_key=SecretStr(""), release="seed"
    )
    with pytest.raises(ValueError, match="PALIER_SECRET_KEY is not set"):
        create_app(settings)


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


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PALIER_DATA", str(tmp_path))
    monkeypatch.setenv("PALIER_ENVIRONMENT", "production")
    monkeypatch.setenv("PALIER_SECRET_KEY", "hidden")
    monkeypatch.delenv("PALIER_DATABASE_URL", raising=False)
    settings = Settings()
    assert settings.is_production
    assert settings.database == f"sqlite:///{tmp_path / 'palier.sqlite'}"
    assert "hidden" not in repr(settings)
