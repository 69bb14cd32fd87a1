"""What the logs say of requests, and what they never say."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from tests.house.test_routes import routes
from tests.web.world import World
from web import logs
from web.config import Settings
from web.watch import Watch


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """The JSON lines that were written since the last look."""
    before = structlog.get_config()
    logs.configure(as_json=True, node="n1", role="desks")
    structlog.contextvars.clear_contextvars()

    def read() -> list[dict[str, Any]]:
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    yield read
    structlog.configure(**before)
    structlog.contextvars.clear_contextvars()


def watched(world: World, monkeypatch: pytest.MonkeyPatch, proxies: int = 0) -> None:
    """Look at the application as it is, under the settings of the log that hold now."""
    inner = world.app.wsgi_app
    while isinstance(inner, Watch):
        inner = inner.app
    settings = Settings(proxies=proxies, slow_request_ms=10_000)
    monkeypatch.setattr(world.app, "wsgi_app", Watch(inner, settings))


def test_a_request_is_one_line_that_names_its_route_and_no_person(
    world: World, lines: Any, monkeypatch: pytest.MonkeyPatch
):
    watched(world, monkeypatch)
    page = world.app.test_client().get(
        f"/centre/sessions/{world.session}?nom=Camille", headers={"X-Request-ID": "a" * 12}
    )
    (line,) = [one for one in lines() if one["event"] == "request"]
    assert line["route"] == "/centre/sessions/<session_id>"
    assert (line["method"], line["status"], line["node"], line["role"]) == ("GET", 303, "n1", "desks")
    assert line["request_id"] == page.headers["X-Request-ID"] != "a" * 12
    assert line["bytes"] == len(page.data)
    assert line["ms"] >= 0
    assert "Camille" not in json.dumps(line)
    assert world.session not in json.dumps(line)


@pytest.mark.parametrize(
    ("given_id", "is_believed"),
    [
        ("0123456789abcdef", True),
        ("x" * 65, False),
        ("short", False),
        ("a" * 12 + "\t", False),
        ("é" * 12, False),
        ("", False),
    ],
)
def test_the_id_of_a_proxy_is_believed_if_it_looks_like_one(
    world: World, monkeypatch: pytest.MonkeyPatch, given_id: str, is_believed: bool
):
    watched(world, monkeypatch, proxies=1)
    client = world.app.test_client()
    page = client.get("/nothing", environ_overrides={"HTTP_X_REQUEST_ID": given_id})
    name = page.headers["X-Request-ID"]
    assert (name == given_id) is is_believed
    assert re.fullmatch(r"[A-Za-z0-9._-]{8,64}", name)
    assert f"<code>{name}</code>" in page.text


def test_no_address_of_the_application_comes_into_the_log(
    app: Flask, world: World, lines: Any, monkeypatch: pytest.MonkeyPatch
):
    watched(world, monkeypatch)
    client = app.test_client()
    with app.test_request_context():
        built = app.url_map.bind("localhost").build
        asked = [(rule, built(rule.endpoint, dict.fromkeys(rule.arguments, "4f1c-secret"))) for rule in routes(app)]
    for _, path in asked:
        client.get(path, query_string={"nom": "4f1c-secret"}).close()
    told = [one for one in lines() if one["event"] == "request"]
    assert len(told) == len(asked)
    assert "4f1c-secret" not in json.dumps(told)
    assert {one["route"] for one in told} <= {rule.rule for rule, _ in asked} | {"none"}


def test_lines_of_other_libraries_come_through_the_same_renderer(lines: Any):
    logging.getLogger("gunicorn.error").parent = logging.getLogger()
    logging.getLogger("sqlalchemy.pool").warning("Lost a connection\nof %s", "nobody")
    (line,) = lines()
    assert (line["logger"], line["level"], line["node"]) == ("sqlalchemy.pool", "warning", "n1")
    assert line["event"] == "Lost a connection\nof nobody"


def test_a_traceback_tells_neither_variables_nor_what_was_sent_to_the_database(lines: Any):
    engine = create_engine("sqlite://", hide_parameters=True)
    secret = "Zoé-1980"
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE t (name TEXT CHECK (length(name) < 3))"))
        with pytest.raises(IntegrityError) as caught:
            connection.execute(text("INSERT INTO t VALUES (:name)"), {"name": secret})
    structlog.get_logger().error("bug", exc_info=caught.value)
    (line,) = lines()
    assert "sqlite3.IntegrityError" in line["exception"]
    assert "test_logs.py" in line["exception"]
    assert secret not in json.dumps(line, ensure_ascii=False)
    engine.dispose()


@given(st.text(min_size=1), st.text())
def test_nothing_that_is_logged_can_make_a_line_of_its_own(event: str, value: str):
    written: list[str] = []
    before = structlog.get_config()
    try:
        for as_json in (True, False):
            logs.configure(as_json)
            processors = structlog.get_config()["processors"]
            logger = structlog.wrap_logger(_Lines(written), processors=processors)
            logger.info(event, value=value)
            line = written.pop()
            assert line.isprintable(), line
            if as_json:
                assert json.loads(line)["value"] == value
    finally:
        structlog.configure(**before)


class _Lines:
    def __init__(self, written: list[str]) -> None:
        self.info = written.append
