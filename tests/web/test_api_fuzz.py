"""The API of outside tools against its own description: whatever fits it or does not, the answer is one it names."""

from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.specs.openapi.schemas import OpenApiSchema

from tests.web.acs_client import SCOPE
from tests.web.sql import sql
from tests.web.world import World
from web.acs.openapi import CONTROL_TYPE
from web.services import tools

load_all_checks()
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
BOUNDED = settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CONFORMS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


@pytest.fixture
def schema(world: World) -> OpenApiSchema:
    """The document as the application hands it out."""
    return schemathesis.openapi.from_wsgi("/acs/openapi.json", world.app)


@pytest.fixture
def bearer(world: World) -> str:
    """An access token of a tool of the demo's centre."""
    made = tools.add(world.house.db, "demo", "Vigie", False, world.clock())
    tools.store_token(world.house, made.tool, "a-token-of-this-test", SCOPE, world.clock())
    return "Bearer a-token-of-this-test"


def _checks(*names: str) -> list[Any]:
    known = {check.__name__: check for check in CHECKS.get_all()}
    return [known[name] for name in names]


def test_every_door_for_tools_is_described_and_nothing_else(app: Flask, schema: OpenApiSchema):
    described = {(path, method.upper()) for path, item in schema.raw_schema["paths"].items() for method in item}
    served = {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("acs.") and rule.endpoint != "acs.description"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == served


def test_the_description_is_valid_openapi(schema: OpenApiSchema):
    schema.validate()


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_whatever_is_asked_of_an_attempt_is_answered_as_described(
    world: World, schema: OpenApiSchema, bearer: str, mode: GenerationMode
):
    world.start(world.camille)
    operation = schema["/acs/control"]["POST"]
    seen = set()

    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
    def ask(case: schemathesis.Case, known: bool) -> None:
        if known and isinstance(case.body, dict):  # a real attempt, so that more than the door is met
            for name, of in (("user", {"sub": world.camille.sitting}), ("resource_link", {"id": world.session})):
                if isinstance(case.body.get(name), dict):
                    case.body[name] |= of
        response = case.call(headers={"Authorization": bearer})
        seen.add(response.status_code)
        case.validate_response(response, checks=_checks(*CONFORMS), headers={"Authorization": bearer})

    ask()
    assert seen & {200, 404} if mode is GenerationMode.POSITIVE else seen & {400, 415}


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_whatever_is_asked_for_a_token_is_answered_as_described(
    world: World, schema: OpenApiSchema, mode: GenerationMode
):
    operation = schema["/acs/token"]["POST"]
    seen = set()

    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        with world.house.db.write() as connection:
            sql(connection, "DELETE FROM attempt")
        response = case.call()
        seen.add(response.status_code)
        case.validate_response(response, checks=_checks(*CONFORMS))

    ask()
    assert seen <= {400, 401}


@pytest.mark.usefixtures("world")
def test_no_request_that_fits_the_description_is_called_malformed(schema: OpenApiSchema, bearer: str):
    """What is refused then is refused for a reason that a schema cannot say, in words that name it."""
    reasons = set()

    @BOUNDED
    @given(case=schema["/acs/control"]["POST"].as_strategy(generation_mode=GenerationMode.POSITIVE))
    def ask(case: schemathesis.Case) -> None:
        response = case.call(headers={"Authorization": bearer})
        if response.status_code == 400:
            told = response.json()
            reasons.update([fault["fault"] for fault in told.get("faults", [])] or [told["title"]])

    ask()
    assert reasons <= BEYOND_A_SCHEMA


BEYOND_A_SCHEMA = {
    "incident_in_future",
    "Value error, incident_time is not plausible",
    "Value error, update needs extra_time, in minutes",
    "Value error, flag gives no extra_time: send update",
    "Value error, terminate gives no extra_time: send update",
}


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x", "Basic x", "Bearer a-token-of-this-test x"])
def test_without_a_token_every_request_that_fits_is_turned_away(
    world: World, schema: OpenApiSchema, bearer: str, header: str | None
):
    del bearer
    headers = {} if header is None else {"Authorization": header}

    @settings(BOUNDED, max_examples=15)
    @given(case=schema["/acs/control"]["POST"].as_strategy(generation_mode=GenerationMode.POSITIVE))
    def ask(case: schemathesis.Case) -> None:
        response = case.call(headers=headers)
        assert response.status_code == 401
        assert "Bearer" in response.headers["www-authenticate"][0]
        case.validate_response(response, checks=_checks(*CONFORMS), headers=headers)

    ask()
    assert not _controls(world)


def test_schemathesis_finds_no_auth_that_is_ignored(world: World, schema: OpenApiSchema, bearer: str):
    del world

    @settings(BOUNDED, max_examples=10)
    @given(case=schema["/acs/control"]["POST"].as_strategy(generation_mode=GenerationMode.POSITIVE))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(headers={"Authorization": bearer}, checks=_checks("ignored_auth"))

    ask()


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "X"])
@pytest.mark.parametrize("path", ["/acs/token", "/acs/control"])
def test_another_method_is_refused_and_the_right_one_named(world: World, path: str, method: str):
    answer = world.app.test_client().open(path, method=method, headers={"Content-Type": CONTROL_TYPE})
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def _controls(world: World) -> int:
    with world.house.db.read() as connection:
        return int(sql(connection, "SELECT count(*) FROM control").scalar_one())
