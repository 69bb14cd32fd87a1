"""A proctoring tool of somebody else controls sittings by the Assessment Control Service of 1EdTech."""

import base64
import json
import os
import re
import subprocess
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.serving import make_server

from engine.delivery.events import Paused, Resumed, Terminated, TimeGranted
from engine.delivery.states import State
from engine.proctoring.incident import Incident, IncidentInFuture, Source
from engine.scoring.result import Withheld
from tests.web.acs_client import MEDIA_TYPE, SCOPE, Reply, Tool, send
from tests.web.sql import sql
from tests.web.world import Seat, World
from web.config import ROOT
from web.db import incidents
from web.db import tools as tool_rows
from web.db.sittings import Superseded, load_session
from web.services import adjudication, journal, supervision, tools
from web.services import control as controls
from web.services.control_request import BadControl
from web.services.supervision import ResultsArePublished
from web.services.throttle import PER_PERSON
from web.services.tools import CONTROL_SCOPE, Credentials

PROBLEM = "application/problem+json"


def serve(app: Flask) -> Iterator[str]:
    """The application behind a real socket."""
    running = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture(scope="module")
def server(app: Flask) -> Iterator[str]:
    """The same, for the tests of this file."""
    yield from serve(app)


@pytest.fixture
def let_in(server: str, world: World) -> Callable[..., Tool]:
    """Let a tool in at a centre, and set it up as its vendor would."""

    def _let_in(centre: str = "demo", may_terminate: bool = False, name: str = "Vigie", connect: bool = True) -> Tool:
        made = tools.add(world.house.db, centre, name, may_terminate, world.clock())
        tool = _set_up(server, made)
        assert not connect or tool.connect().status == 200
        return tool

    return _let_in


@pytest.fixture
def tool(let_in: Callable[..., Tool]) -> Tool:
    """A connected tool of the demo's centre that may not end tests."""
    return let_in()


def _set_up(server: str, made: Credentials) -> Tool:
    return Tool(f"{server}/acs/token", f"{server}/acs/control", made.tool.client_id, made.secret)


def iso(at: datetime) -> str:
    """An instant as tools write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ask(world: World, tool: Tool, seat: Seat, action: str, at: datetime | None = None, **more: object) -> Reply:
    """An action on a candidate's attempt, at this moment unless told otherwise."""
    return tool.control(seat.sitting, seat.session_code, action, iso(at or world.clock()), **more)


def reported(world: World, seat: Seat) -> list[Incident]:
    """The incidents of a candidate."""
    with world.house.db.read() as connection:
        return incidents.of_sittings(connection, [seat.sitting])


def count(world: World, table: str) -> int:
    """How many rows a table has."""
    with world.house.db.read() as connection:
        return int(sql(connection, f"SELECT count(*) FROM {table}").scalar_one())


# Tokens


@pytest.mark.parametrize("in_form", [False, True], ids=["client_secret_basic", "client_secret_post"])
def test_a_tool_gets_a_token_for_an_hour(let_in: Callable[..., Tool], in_form: bool):
    reply = let_in(connect=False).connect(in_form=in_form)
    assert (reply.status, reply.media_type) == (200, "application/json")
    assert {k: v for k, v in reply.json.items() if k != "access_token"} == {
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": SCOPE,
    }
    assert len(reply.json["access_token"]) >= 43  # 256 bits
    assert reply.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in reply.headers


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        (None, SCOPE),
        (f"https://purl.imsglobal.org/spec/lti-ags/scope/score {SCOPE}", SCOPE),
        ("https://purl.imsglobal.org/spec/lti-ags/scope/score", None),
        (f"{SCOPE}.more", None),
    ],
)
def test_of_the_scopes_that_a_tool_asks_for_it_gets_the_one_there_is(
    let_in: Callable[..., Tool], asked: str | None, granted: str | None
):
    reply = let_in(connect=False).connect(asked)
    if granted is None:
        assert (reply.status, reply.json["error"]) == (400, "invalid_scope")
    else:
        assert (reply.status, reply.json["scope"]) == (200, granted)


def test_an_unknown_client_and_a_wrong_secret_are_told_the_same(let_in: Callable[..., Tool]):
    tool = let_in(connect=False)
    stranger = Tool(tool.token_url, tool.control_url, "tool-unknown", tool.client_secret)
    wrong = Tool(tool.token_url, tool.control_url, tool.client_id, "wrong")
    replies = [t.connect(in_form=f) for t in (stranger, wrong) for f in (False, True)]
    assert {r.status for r in replies} == {401}
    assert {r.json["error"] for r in replies} == {"invalid_client"}
    assert len({r.body for r in replies}) == 1
    assert all(r.headers["WWW-Authenticate"].startswith("Basic") for r in replies)


def test_another_grant_is_not_supported(let_in: Callable[..., Tool]):
    reply = let_in(connect=False).connect(grant="password")
    assert (reply.status, reply.json["error"]) == (400, "unsupported_grant_type")


def test_the_seventh_wrong_secret_has_to_wait_and_nobody_else_does(let_in: Callable[..., Tool], world: World):
    tool, other = let_in(connect=False), let_in(name="Autre", connect=False)
    guesser = Tool(tool.token_url, tool.control_url, tool.client_id, "guess")
    assert [guesser.connect().status for _ in range(PER_PERSON.failures)] == [401] * PER_PERSON.failures
    reply = guesser.connect()
    assert (reply.status, reply.headers["Retry-After"], reply.json["error"]) == (429, "600", "slow_down")
    assert tool.connect().status == 429  # the same client from the same address: nothing is told by success
    assert other.connect().status == 200
    pair = {"client_id": tool.client_id, "client_secret": tool.client_secret}
    elsewhere = world.app.test_client().post(
        "/acs/token",
        data={"grant_type": "client_credentials", **pair},
        environ_overrides={"REMOTE_ADDR": "203.0.113.5"},
    )
    assert elsewhere.status_code == 200
    world.clock.forward(minutes=10)
    assert tool.connect().status == 200


def test_neither_secrets_nor_tokens_are_stored(tool: Tool, world: World):
    with world.house.db.read() as connection:
        kept = str(sql(connection, "SELECT * FROM tool").all())
        kept += str(sql(connection, "SELECT * FROM tool_token").all())
    assert tool.client_id in kept
    assert tool.client_secret not in kept
    assert tool.token not in kept


def test_tokens_that_have_run_out_are_forgotten(tool: Tool, world: World):
    for _ in range(3):
        world.clock.forward(minutes=61)
        assert tool.connect().status == 200
    assert count(world, "tool_token") == 1


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer nothing", "Basic dG9vbDp4", "bearer ë", "Bearer a b", "Token x", "Bearer \t"],
)
def test_without_a_good_token_nothing_is_done(tool: Tool, world: World, header: str):
    world.start(world.camille)
    reply = tool.send_raw(b"{}", Authorization=header.encode().decode("latin-1"))
    assert (reply.status, reply.media_type) == (401, PROBLEM)
    assert reply.headers["WWW-Authenticate"].startswith('Bearer realm="palier"')


def test_a_token_works_for_an_hour_and_not_longer(tool: Tool, world: World):
    world.clock.forward(minutes=59)
    assert ask(world, tool, world.camille, "flag").status == 200
    world.clock.forward(minutes=1)
    reply = ask(world, tool, world.camille, "flag")
    assert reply.status == 401
    assert 'error="invalid_token"' in reply.headers["WWW-Authenticate"]
    assert tool.connect().status == 200
    assert ask(world, tool, world.camille, "flag").status == 200


def test_a_tool_that_is_revoked_is_out_at_once(tool: Tool, world: World):
    known = _row(world, tool)
    tools.revoke(world.house.db, known.id)
    assert ask(world, tool, world.camille, "flag").status == 401
    assert tool.connect().status == 401
    assert count(world, "incident") == 0


def test_a_token_for_something_else_is_not_enough(tool: Tool, world: World):
    with world.house.db.write() as connection:
        until = world.clock() + timedelta(hours=1)
        tool_rows.add_token(
            connection, _row(world, tool).id, tools.fingerprint("other"), "openid", world.clock(), until
        )
    tool.token = "other"
    reply = ask(world, tool, world.camille, "flag")
    assert reply.status == 403
    assert f'error="insufficient_scope", scope="{CONTROL_SCOPE}"' in reply.headers["WWW-Authenticate"]


def _row(world: World, tool: Tool) -> tool_rows.Tool:
    with world.house.db.read() as connection:
        found = tool_rows.with_client_id(connection, tool.client_id)
    assert found is not None
    return found


# The five actions


def test_pause_stops_the_clock_and_resume_lets_it_run(tool: Tool, world: World):
    world.start(world.camille)
    reply = ask(world, tool, world.camille, "pause", reason_code="N52", reason_msg="Camera lost")
    assert (reply.status, reply.media_type) == (200, MEDIA_TYPE)
    assert reply.json == {"status": "paused", "extra_time": 0}
    assert world.sitting(world.camille).state is State.PAUSED
    world.clock.forward(minutes=7)
    assert ask(world, tool, world.camille, "resume").json == {"status": "running", "extra_time": 0}
    sitting = world.sitting(world.camille)
    assert sitting.clock is not None
    assert sitting.clock.granted == timedelta(minutes=7)
    by = _row(world, tool).id
    assert [type(e) for e in world.events(world.camille) if getattr(e, "by", None) == by] == [Paused, Resumed]


def test_update_gives_minutes_and_tells_all_that_were_given(tool: Tool, world: World):
    world.start(world.camille)
    supervision.grant_time(world.house, world.person("surveillant"), world.camille.sitting, 5, "Panne", world.clock())
    assert ask(world, tool, world.camille, "update", extra_time=10).json == {"status": "running", "extra_time": 15}
    assert [e.seconds for e in world.events(world.camille) if isinstance(e, TimeGranted)] == [300, 600]


def test_minutes_can_come_with_a_pause_or_a_resumption(tool: Tool, world: World):
    world.start(world.camille)
    assert ask(world, tool, world.camille, "pause", extra_time=2).json == {"status": "paused", "extra_time": 2}
    assert ask(world, tool, world.camille, "resume", extra_time=3).json == {"status": "running", "extra_time": 5}


def test_flag_stores_an_incident_and_leaves_the_sitting_alone(tool: Tool, world: World):
    world.start(world.camille)
    before = world.events(world.camille)
    reply = ask(world, tool, world.camille, "flag", reason_code="COM-02", reason_msg="Phone in view for 12 s")
    assert reply.json == {"status": "running", "extra_time": 0}
    assert world.events(world.camille) == before
    (incident,) = reported(world, world.camille)
    assert (incident.kind.code, incident.source, incident.author) == ("COM-02", Source.ACS, _row(world, tool).id)
    assert incident.text == "Signalé par l'outil Vigie. Phone in view for 12 s"
    assert incident.item == world.sitting(world.camille).on_screen
    assert incident.kind == world.house.catalogue.taxonomy["COM-02"]


def test_terminate_proposes_and_a_person_decides(tool: Tool, world: World):
    world.start(world.camille)
    reply = ask(world, tool, world.camille, "terminate", reason_code="ABS-03", reason_msg="Nobody there")
    assert reply.json == {"status": "running", "extra_time": 0}
    assert world.sitting(world.camille).state is State.RUNNING
    (incident,) = reported(world, world.camille)
    assert incident.text == "L'outil Vigie propose d'arrêter le test. Nobody there"
    assert incident.kind.code == "ABS-03"
    assert incident.kind.blocks  # though the kind itself would not
    with world.house.db.read() as connection:
        (place,) = [p for p in load_session(connection, world.session) if p.id == incident.sitting]
        assert [p.incident for p in controls.proposals(connection, [place])] == [incident]
    row = world.staff("surveillant").get(f"/surveillance/{world.session}/etat").text
    assert "1 incident un outil propose d'arrêter" in row
    world.finish(world.camille)
    with world.house.db.read() as connection:
        places = load_session(connection, world.session)
        assert controls.proposals(connection, places) == []


def test_a_tool_whose_contract_says_so_ends_the_test(let_in: Callable[..., Tool], world: World):
    tool = let_in(may_terminate=True)
    world.start(world.camille)
    assert ask(world, tool, world.camille, "terminate", reason_code="REM-01").json["status"] == "terminated"
    last = world.events(world.camille)[-1]
    assert isinstance(last, Terminated)
    assert (last.by, last.technical) == (_row(world, tool).id, False)
    world.start(world.idriss)
    assert ask(world, tool, world.idriss, "terminate", reason_code="TEC-02").json["status"] == "terminated"
    last = world.events(world.idriss)[-1]
    assert isinstance(last, Terminated)
    assert last.technical


@pytest.mark.parametrize("action", ["pause", "resume", "terminate", "update", "flag"])
def test_before_and_after_the_test_a_report_is_kept_and_nothing_else_happens(
    let_in: Callable[..., Tool], world: World, action: str
):
    tool = let_in(may_terminate=True)
    more = {"extra_time": 5} if action == "update" else {}
    assert ask(world, tool, world.camille, action, **more).json == {"status": "none", "extra_time": 0}
    assert world.sitting(world.camille).state is State.ENROLLED
    world.taken_early(world.idriss)
    before = world.events(world.idriss)
    assert ask(world, tool, world.idriss, action, **more).json == {"status": "complete", "extra_time": 0}
    assert world.events(world.idriss) == before
    assert [len(reported(world, seat)) for seat in (world.camille, world.idriss)] == [1, 1]


def test_a_test_whose_time_is_over_is_complete(tool: Tool, world: World):
    world.start(world.camille)
    world.clock.forward(minutes=152)
    assert tool.connect().status == 200
    reply = ask(world, tool, world.camille, "pause", at=world.clock() - timedelta(minutes=5))
    assert reply.json == {"status": "complete", "extra_time": 0}
    assert world.sitting(world.camille).state is State.EXPIRED


def test_what_a_proctor_stopped_no_tool_sets_going(tool: Tool, world: World):
    world.start(world.camille)
    proctor = world.person("surveillant")
    supervision.pause(world.house, proctor, world.camille.sitting, "Alarme incendie", world.clock())
    assert ask(world, tool, world.camille, "resume").json["status"] == "paused"
    assert world.sitting(world.camille).state is State.PAUSED
    supervision.resume(world.house, proctor, world.camille.sitting, world.clock())
    world.clock.forward(minutes=1)
    assert ask(world, tool, world.camille, "pause").json["status"] == "paused"
    assert ask(world, tool, world.camille, "resume").json["status"] == "running"


def test_a_proctor_lets_run_what_a_tool_stopped(tool: Tool, world: World):
    world.start(world.camille)
    ask(world, tool, world.camille, "pause")
    supervision.resume(world.house, world.person("surveillant"), world.camille.sitting, world.clock())
    assert world.sitting(world.camille).state is State.RUNNING


# Incidents


@pytest.mark.parametrize(
    ("action", "more", "blocks"),
    [
        ("flag", {}, True),
        ("pause", {}, True),
        ("terminate", {}, True),
        ("resume", {}, False),
        ("update", {"extra_time": 1}, False),
        ("resume", {"reason_code": "COM-02"}, True),
        ("flag", {"reason_code": "ENV-02"}, False),
    ],
)
def test_a_result_waits_for_a_ruling_if_the_report_may_accuse(
    tool: Tool, world: World, action: str, more: dict[str, object], blocks: bool
):
    world.start(world.camille)
    ask(world, tool, world.camille, action, **more)
    (incident,) = reported(world, world.camille)
    assert incident.kind.blocks is blocks
    world.finish(world.camille)
    docket = adjudication.docket(world.house, world.person("jury"), world.session, world.clock())
    (standing,) = [s for s in docket.standings if s.enrolment.id == world.camille.sitting]
    assert isinstance(standing.outcome, Withheld) is blocks


@pytest.mark.parametrize(("sent", "kept"), [("0.25", 0.25), (0.75, 0.75), ("0", 0.0), (1, 1.0), (None, 0.5)])
def test_a_reason_of_the_tools_own_is_another_incident_with_its_severity(
    tool: Tool, world: World, sent: object, kept: float
):
    ask(world, tool, world.camille, "flag", incident_severity=sent, reason_code="N52", reason_msg="Two voices")
    (incident,) = reported(world, world.camille)
    assert (incident.kind.code, incident.kind.severity) == ("OTH-00", kept)
    assert incident.text == "Signalé par l'outil Vigie. N52 · Two voices"


def test_a_report_names_the_item_that_was_on_screen_when_it_happened(tool: Tool, world: World):
    world.start(world.camille)
    first, then = world.sitting(world.camille).on_screen, world.clock()
    world.clock.forward(minutes=3)
    world.answer_all(world.camille, until=lambda item: item.id != first)
    assert world.sitting(world.camille).on_screen != first
    ask(world, tool, world.camille, "flag", at=then + timedelta(minutes=1))
    (incident,) = reported(world, world.camille)
    assert (incident.item, incident.occurred_at) == (first, then + timedelta(minutes=1))
    assert incident.recorded_at == world.clock()


def test_a_clock_that_is_two_minutes_fast_is_forgiven(tool: Tool, world: World):
    assert ask(world, tool, world.camille, "flag", at=world.clock() + timedelta(seconds=119)).status == 200
    (incident,) = reported(world, world.camille)
    assert incident.occurred_at == world.clock()
    reply = ask(world, tool, world.camille, "flag", at=world.clock() + timedelta(seconds=121))
    assert (reply.status, reply.json["title"]) == (400, "incident_in_future")


def test_a_text_that_is_too_long_is_cut_and_kept_whole_in_the_body(tool: Tool, world: World):
    words = "mot " * 2_000
    world.start(world.camille)
    assert ask(world, tool, world.camille, "pause", reason_msg=words).status == 200
    (incident,) = reported(world, world.camille)
    assert len(incident.text) == 2_000
    assert incident.text.endswith("…")
    with world.house.db.read() as connection:
        assert words in sql(connection, "SELECT body FROM control").scalar_one()


def test_people_read_the_name_of_the_tool(tool: Tool, world: World):
    world.start(world.camille)
    ask(world, tool, world.camille, "pause", reason_msg="Camera lost")
    log = journal.journal(world.house, world.person("surveillant"), world.session)
    by_tool = {entry.kind: entry.detail for entry in log if entry.author == "Vigie"}
    assert set(by_tool) == {"paused", "incident"}
    assert by_tool["paused"] == "L'outil Vigie demande une pause. Camera lost"
    world.finish(world.camille)
    browser = world.staff("jury")
    (incident,) = reported(world, world.camille)
    assert "Vigie" in browser.get(f"/jury/incidents/{incident.id}").text


def test_after_publication_nothing_can_be_reported(tool: Tool, world: World):
    world.close_day()
    assert ask(world, tool, world.camille, "flag", reason_code="ENV-02").status == 200
    world.publish()
    world.clock.forward(minutes=1)
    reply = ask(world, tool, world.camille, "flag")
    assert (reply.status, reply.json["title"]) == (409, "results_are_published")
    assert len(reported(world, world.camille)) == 1


# Once


@pytest.mark.parametrize("action", ["pause", "terminate", "update", "flag"])
def test_the_same_again_gets_the_same_answer_and_nothing_is_stored_twice(tool: Tool, world: World, action: str):
    world.start(world.camille)
    at, more = world.clock(), {"extra_time": 10} if action == "update" else {}
    first = ask(world, tool, world.camille, action, at, **more)
    stored = world.events(world.camille), len(reported(world, world.camille)), count(world, "control")
    world.clock.forward(minutes=2)
    supervision.terminate(world.house, world.person("surveillant"), world.camille.sitting, "Fin", False, world.clock())
    again = ask(world, tool, world.camille, action, at, **more)
    assert (again.status, again.body) == (200, first.body)
    paris = at.astimezone().strftime("%Y-%m-%dT%H:%M:%S.000%z")
    moved = tool.control(world.camille.sitting, world.session, action, paris, **more)
    assert moved.body == first.body
    assert (world.events(world.camille)[:-1], len(reported(world, world.camille)), count(world, "control")) == stored


def test_another_tale_at_the_same_time_is_refused_so_that_it_is_not_lost(tool: Tool, world: World):
    at = world.clock()
    assert ask(world, tool, world.camille, "flag", at, reason_code="COM-02").status == 200
    reply = ask(world, tool, world.camille, "flag", at, reason_code="ENV-01")
    assert (reply.status, reply.json["title"]) == (409, "control_conflict")
    world.clock.forward(seconds=1)
    assert ask(world, tool, world.camille, "flag", reason_code="ENV-01").status == 200
    assert [i.kind.code for i in reported(world, world.camille)] == ["COM-02", "ENV-01"]


@pytest.mark.parametrize("round_", range(3))
def test_of_many_at_once_one_is_stored_and_all_get_its_answer(tool: Tool, world: World, round_: int):
    del round_
    world.start(world.camille)
    at, replies = world.clock(), []
    barrier = threading.Barrier(6)

    def run() -> None:
        barrier.wait()
        replies.append(ask(world, tool, world.camille, "update", at, extra_time=10))

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {r.status for r in replies} == {200}
    assert {r.body for r in replies} == {b'{"status":"running","extra_time":10}'}
    assert len([e for e in world.events(world.camille) if isinstance(e, TimeGranted)]) == 1
    assert (len(reported(world, world.camille)), count(world, "control")) == (1, 1)


def test_the_body_is_kept_as_it_came(tool: Tool, world: World):
    asked = json.dumps(_request(world) | {"attempt_number": "1", "vendor": {"é": [1, 2]}}, ensure_ascii=False)
    body = asked.replace(", ", " ,\n\t")
    assert tool.send_raw(body.encode()).status == 200
    with world.house.db.read() as connection:
        assert sql(connection, "SELECT body FROM control").scalar_one() == body


# Whose attempt


def test_an_attempt_is_named_by_what_the_centre_calls_the_candidate(tool: Tool, world: World):
    _call(world, world.camille, "C-1042")
    assert tool.control("C-1042", world.session, "flag", iso(world.clock())).status == 200
    assert [len(reported(world, seat)) for seat in world.seats] == [1, 0, 0]


def test_a_name_that_two_candidates_have_is_nobody(tool: Tool, world: World):
    _call(world, world.camille, "C-1042")
    _call(world, world.idriss, "C-1042")
    assert tool.control("C-1042", world.session, "flag", iso(world.clock())).status == 404


def test_what_is_not_there_and_what_is_somebody_elses_are_told_the_same(
    tool: Tool, let_in: Callable[..., Tool], world: World
):
    at = iso(world.clock())
    _call(world, world.zoe, "Z-1")
    replies = [
        tool.control("nobody", world.session, "flag", at),
        tool.control(world.camille.sitting, "nowhere", "flag", at),
        tool.control(world.camille.sitting, world.session, "flag", at, attempt_number=2),
        tool.control(world.camille.sitting, world.foreign_session, "flag", at),
        tool.control(world.zoe.sitting, world.foreign_session, "flag", at),
        tool.control("Z-1", world.zoe.session_code, "flag", at),
        let_in("lyon").control(world.camille.sitting, world.session, "flag", at),
    ]
    assert {(r.status, r.media_type) for r in replies} == {(404, PROBLEM)}
    assert len({r.body for r in replies}) == 1
    assert count(world, "incident") == 0


def _call(world: World, seat: Seat, name: str) -> None:
    with world.house.db.write() as connection:
        sql(
            connection,
            "UPDATE candidate SET external_id = ? WHERE id = (SELECT candidate_id FROM sitting WHERE id = ?)",
            (name, seat.sitting),
        )


# What is not as the specification writes it


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"user": None}, "user"),
        ({"user": {}}, "user.sub"),
        ({"user": {"sub": 7}}, "user.sub"),
        ({"resource_link": {"id": ""}}, "resource_link.id"),
        ({"attempt_number": 0}, "attempt_number"),
        ({"attempt_number": True}, "attempt_number"),
        ({"attempt_number": 10**30}, "attempt_number"),
        ({"action": "explode"}, "action"),
        ({"incident_time": "2026-11-23T09:00:00"}, "incident_time"),
        ({"incident_time": "yesterday"}, "incident_time"),
        ({"incident_time": 1_790_000_000}, "incident_time"),
        ({"incident_time": "1790000000"}, "incident_time"),
        ({"incident_time": "0001-01-01T00:00:00+14:00"}, ""),
        ({"incident_time": "9999-12-31T23:59:59-12:00"}, ""),
        ({"incident_severity": "1.1"}, "incident_severity"),
        ({"incident_severity": -0.1}, "incident_severity"),
        ({"incident_severity": "NaN"}, "incident_severity"),
        ({"incident_severity": "a lot"}, "incident_severity"),
        ({"extra_time": 121}, "extra_time"),
        ({"extra_time": -1}, "extra_time"),
        ({"extra_time": 1.5}, "extra_time"),
        ({"extra_time": 5}, ""),
        ({"action": "update"}, ""),
        ({"action": "update", "extra_time": 0}, ""),
        ({"reason_msg": "a\x00b"}, "reason_msg"),
    ],
)
def test_a_request_with_a_fault_is_refused_and_the_fault_is_named(
    tool: Tool, world: World, change: dict[str, object], field: str
):
    world.start(world.camille)
    before = world.events(world.camille)
    asked = {"action": "flag", "incident_time": iso(world.clock())} | change
    reply = tool.send_raw(json.dumps(_request(world) | asked).encode())
    assert (reply.status, reply.media_type) == (400, PROBLEM)
    assert reply.json["title"] == "bad_control"
    assert [f["field"] for f in reply.json["faults"]] == [field]
    assert world.events(world.camille) == before
    assert count(world, "incident") == 0


def _request(world: World) -> dict[str, object]:
    return {
        "user": {"sub": world.camille.sitting},
        "resource_link": {"id": world.session},
        "attempt_number": 1,
        "action": "flag",
        "incident_time": iso(world.clock()),
    }


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{", b'"flag"', b"\xff", b'{"user":"\xff"}', b'{"a":"\\ud800"}', b"[" * 100_000]
)
def test_what_is_not_even_an_object_is_refused(tool: Tool, body: bytes):
    reply = tool.send_raw(body)
    assert (reply.status, reply.media_type) == (400, PROBLEM)


def test_other_media_types_and_bodies_without_end_are_refused(tool: Tool, world: World):
    body = json.dumps(_request(world)).encode()
    assert tool.send_raw(body, Content_Type="text/plain").status == 415
    assert tool.send_raw(body, Content_Type="application/json; charset=utf-8").status == 200
    reply = tool.send_raw(b" " * 300_000)
    assert (reply.status, reply.media_type) == (413, PROBLEM)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_body_makes_the_service_stumble(tool: Tool, world: World, data: st.DataObject):
    """Whatever stands in the fields, the answer is the service's own: done, refused or not found."""
    fields = _request(world) | {"incident_severity": "0.5", "reason_code": "N1", "reason_msg": "x", "extra_time": 1}
    wrong = data.draw(st.lists(st.sampled_from(sorted(fields)), min_size=1, max_size=3))
    asked = fields | {name: data.draw(_JSON) for name in wrong}
    asked["action"] = data.draw(st.sampled_from(["pause", "resume", "terminate", "update", "flag", asked["action"]]))
    reply = tool.send_raw(json.dumps(asked).encode())
    assert reply.status in (200, 400, 404, 409)
    assert reply.media_type == (MEDIA_TYPE if reply.status == 200 else PROBLEM)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=60),
    header=st.binary(max_size=40),
    form=st.dictionaries(st.sampled_from(["client_id", "client_secret", "grant_type", "scope"]), st.text(max_size=8)),
)
def test_no_bytes_at_the_token_endpoint_make_it_stumble(
    tool: Tool, world: World, body: bytes, header: bytes, form: dict[str, str]
):
    with world.house.db.write() as connection:
        sql(connection, "DELETE FROM attempt")  # so that it never has to wait
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for shown in ("", f"Basic {base64.b64encode(header).decode()}"):
        fields = urllib.parse.urlencode({"grant_type": "client_credentials"} | form, errors="replace").encode()
        reply = send(tool.token_url, fields + b"&" + body, headers | {"Authorization": shown})
        assert reply.status in (400, 401)
        assert "error" in reply.json


def test_nothing_that_is_sent_ends_up_in_a_header_or_in_the_log(
    tool: Tool, world: World, capfd: pytest.CaptureFixture[str]
):
    world.start(world.camille)
    for value in ("x\r\nSet-Cookie: a=b", 'x", error="y'):
        for reply in (
            tool.connect(scope=value),
            tool.connect(grant=value),
            ask(world, tool, world.camille, value),
            tool.control(value, value, "flag", value),
            tool.send_raw(b"{}", Authorization=f"Bearer {value.splitlines()[0]}"),
        ):
            assert reply.status in (400, 401)
            assert "Set-Cookie" not in reply.headers
            assert 'error="y' not in str(reply.headers)
    ask(world, tool, world.camille, "flag", reason_msg="Two voices")
    told = "".join(capfd.readouterr())
    assert "control_refused" in told
    for secret in (tool.client_secret, tool.token, "Two voices", world.camille.sitting):
        assert secret not in told


def test_the_table_itself_holds_a_request_once(tool: Tool, world: World):
    ask(world, tool, world.camille, "flag")
    with world.house.db.read() as connection:
        (row,) = sql(connection, "SELECT * FROM control").mappings()
    again = {**row, "id": "another", "reply": {}, "at": world.clock()}
    with pytest.raises(tool_rows.ControlRepeated), world.house.db.write() as connection:
        tool_rows.add_control(connection, again)


def test_the_description_is_made_of_the_same_models(world: World):
    page = world.app.test_client().get("/acs/openapi.json").get_json()
    assert page["openapi"] == "3.1.0"
    refs = set(_refs(page))
    assert refs
    assert all(ref.removeprefix("#/components/schemas/") in page["components"]["schemas"] for ref in refs)
    request = page["components"]["schemas"]["ControlRequest"]
    assert set(request["required"]) == {"user", "resource_link", "attempt_number", "action", "incident_time"}
    assert page["components"]["schemas"]["Action"]["enum"] == ["pause", "resume", "terminate", "update", "flag"]
    assert set(page["paths"]) == {"/acs/token", "/acs/control"}


def _refs(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            yield from _refs(value)
    elif isinstance(node, list):
        for value in node:
            yield from _refs(value)


def test_the_examples_of_the_manual_work(let_in: Callable[..., Tool], server: str, world: World):
    """Every shell example of docs/assessment-control.md, one after the other in one shell."""
    tool = let_in(connect=False)
    _call(world, world.camille, "C-1042")
    world.start(world.camille)
    examples = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "assessment-control.md").read_text(), re.DOTALL)
    known = {
        "URL": server,
        "CLIENT_ID": tool.client_id,
        "CLIENT_SECRET": tool.client_secret,
        "CANDIDATE": "C-1042",
        "SESSION": world.camille.session_code,
        "TIME": iso(world.clock()),
        "PATH": os.environ["PATH"],
    }
    script = "set -euo pipefail\n" + "\necho\n".join(examples)
    done = subprocess.run(["bash", "-c", script], env=known, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    replies = [json.loads(line) for line in done.stdout.splitlines() if line]
    assert replies == [{"status": "running", "extra_time": 0}, {"status": "running", "extra_time": 10}]
    assert {i.kind.code for i in reported(world, world.camille)} == {"COM-02", "TEC-01"}


def test_the_manual_names_every_refusal_and_only_codes_that_exist(world: World):
    manual = (ROOT / "docs" / "assessment-control.md").read_text()
    refusals = {
        controls.NoSuchAttempt, controls.ControlConflict, BadControl, IncidentInFuture, ResultsArePublished, Superseded,
        tool_rows.ControlRepeated, tools.TokenMissing, tools.TokenRefused, tools.ScopeMissing,
    }  # fmt: skip
    assert {r.code for r in refusals} <= set(re.findall(r"`(\w+)`", manual))
    named = set(re.findall(r"`([A-Z]{3}-\d\d)`", manual))
    assert len(named) == 8
    assert named <= set(world.house.catalogue.taxonomy)
