"""Whatever tools and proctors do, in whatever order: what a tool is told is true, and nobody loses a second."""

import json
import uuid
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.delivery.events import Paused, Resumed, TimeGranted
from engine.delivery.states import ImpossibleTransition, State
from engine.proctoring.incident import Source
from tests.web.test_races import at_once, houses
from tests.web.world import MORNING, World, raw_reply
from web.db import incidents
from web.db.tools import Tool
from web.services import control, exam, supervision, tools
from web.services.control_request import Action, Status
from web.services.house import House

__all__ = ["houses"]  # a fixture

STATUS = {
    State.ENROLLED: Status.NONE,
    State.RUNNING: Status.RUNNING,
    State.PAUSED: Status.PAUSED,
    State.TERMINATED: Status.TERMINATED,
    State.EXPIRED: Status.COMPLETE,
}


def request(world: World, action: Action, minutes: int) -> bytes:
    """What a tool asks of Camille's attempt now."""
    asked = {
        "user": {"sub": world.camille.sitting},
        "resource_link": {"id": world.session},
        "attempt_number": 1,
        "action": action,
        "incident_time": world.clock().isoformat(),
    }
    if action is Action.UPDATE or (minutes and action in (Action.PAUSE, Action.RESUME)):
        asked["extra_time"] = minutes or 1
    return json.dumps(asked).encode()


def ask(world: World, tool: Tool, action: Action, minutes: int) -> tuple[Status, int]:
    """What it is told."""
    reply = control.control(world.house, tool, request(world, action, minutes), world.clock())
    return reply.status, reply.extra_time


def by_hand(world: World, action: str) -> None:
    """The same by a proctor, who may be refused."""
    known = (world.house, world.person("surveillant"), world.camille.sitting)
    try:
        if action == "pause":
            supervision.pause(*known, "Alarme", world.clock())
        elif action == "resume":
            supervision.resume(*known, world.clock())
        else:
            supervision.grant_time(*known, 3, "Panne", world.clock())
    except ImpossibleTransition:
        pass


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["vigie", "autre", "proctor"]),
        st.sampled_from([*Action]),
        st.integers(0, 5),
        st.integers(1, 2_400),
    ),
    min_size=1,
    max_size=10,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, may_terminate=st.booleans(), starts=st.booleans())
def test_what_a_tool_is_told_is_how_the_test_stands(
    world: World, steps: list[tuple[str, Action, int, int]], may_terminate: bool, starts: bool
):
    point = f"law-{may_terminate}-{starts}"

    def reach() -> None:
        for name in ("vigie", "autre"):
            tools.add(world.house.db, "demo", name, may_terminate, world.clock())
        if starts:
            world.start(world.camille)

    world.clock.now = MORNING
    world.at("law-fresh", lambda: None)
    world.at(point, reach)
    known = {r.tool.name: r.tool for r in tools.of_centre(world.house, world.person("centre"))}
    told: Counter[str] = Counter()
    for who, action, minutes, seconds in steps:
        world.clock.forward(seconds=seconds)
        if who == "proctor":
            by_hand(world, action)
            continue
        first = ask(world, known[who], action, minutes)
        events = world.events(world.camille)
        given_minutes = sum(e.seconds for e in events if isinstance(e, TimeGranted)) // 60
        assert first == (STATUS[world.sitting(world.camille).state], given_minutes)
        assert ask(world, known[who], action, minutes) == first
        assert world.events(world.camille) == events
        told[known[who].id] += 1
    with world.house.db.read() as connection:
        kept = Counter(i.author for i in incidents.of_sittings(connection, [world.camille.sitting]))
        assert kept == told
        assert {i.source for i in incidents.of_sittings(connection, [world.camille.sitting])} <= {Source.ACS}
    _no_second_is_lost(world)
    _each_lifts_only_its_own(world, {tool.id for tool in known.values()})


def _no_second_is_lost(world: World) -> None:
    clock = world.sitting(world.camille).clock
    if clock is None:
        return
    owed, since = timedelta(), None
    for event in world.events(world.camille):
        if isinstance(event, TimeGranted):
            owed += timedelta(seconds=event.seconds)
        elif isinstance(event, Paused):
            since = event.at
        elif since is not None and (isinstance(event, Resumed) or event.kind == "terminated"):
            owed += event.at - since
            since = None
    assert clock.granted == owed


def _each_lifts_only_its_own(world: World, tool_ids: set[str]) -> None:
    by = None
    for event in world.events(world.camille):
        if isinstance(event, Paused):
            by = event.by
        elif isinstance(event, Resumed) and event.by in tool_ids:
            assert event.by == by


@pytest.mark.parametrize("may_terminate", [False, True])
def test_only_a_tool_that_may_has_ever_ended_a_test(world: World, may_terminate: bool):
    tool = tools.add(world.house.db, "demo", "Vigie", may_terminate, world.clock()).tool
    world.start(world.camille)
    ask(world, tool, Action.TERMINATE, 0)
    assert (world.sitting(world.camille).state is State.TERMINATED) is may_terminate


def test_of_two_workers_with_the_same_request_one_does_it(world: World, houses: tuple[House, House]):
    tool = tools.add(world.house.db, "demo", "Vigie", False, world.clock()).tool
    world.start(world.camille)
    body = request(world, Action.UPDATE, 10)
    replies = []
    ended = at_once(
        *[lambda h=h: replies.append(control.control(h, tool, body, world.clock())) for h in (*houses, *houses)]
    )
    assert ended == {"done": 4}
    assert {(r.status, r.extra_time) for r in replies} == {(Status.RUNNING, 10)}
    assert [e.seconds for e in world.events(world.camille) if isinstance(e, TimeGranted)] == [600]


def test_a_tool_and_a_candidate_at_the_same_moment_are_both_heard(world: World, houses: tuple[House, House]):
    tool = tools.add(world.house.db, "demo", "Vigie", False, world.clock()).tool
    world.start(world.camille)
    item = world.on_screen(world.camille)
    body, device = request(world, Action.UPDATE, 10), world.sitting(world.camille).device or ""
    known = (world.camille.sitting, item.id, raw_reply(item), str(uuid.uuid4()), device)
    ended = at_once(
        lambda: control.control(houses[0], tool, body, world.clock()),
        lambda: exam.answer(houses[1], *known, world.clock()),
    )
    assert ended == {"done": 2}
    assert len(world.answers(world.camille)) == 1
    assert [e.seconds for e in world.events(world.camille) if isinstance(e, TimeGranted)] == [600]
