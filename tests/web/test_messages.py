"""What candidates and proctors say to each other."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel import EngineError, PersonId, SessionId, SittingId
from tests.web.world import Seat, World
from web.db import seats
from web.services import messages
from web.services.messages import Kind, MessageId, Said, Talk


def _ask(world: World, seat: Seat, text: str = "") -> MessageId:
    return messages.ask_for_help(world.house, seat.sitting, text, world.clock())


def _say(world: World, text: str, seat: Seat | None = None) -> MessageId:
    to = seat.sitting if seat else None
    return messages.send(world.house, world.person("surveillant"), world.session, to, text, world.clock())


def _open_help(world: World) -> set[SittingId]:
    return set(messages.exchange(world.house, world.person("surveillant"), world.session).open_help)


def test_a_request_for_help_reaches_the_proctor_with_its_words(world: World):
    _ask(world, world.camille, "  Je n'entends plus rien.\r\nMerci  ")
    help_ = messages.exchange(world.house, world.person("surveillant"), world.session).open_help[world.camille.sitting]
    assert help_.text == "Je n'entends plus rien.\nMerci"
    assert (help_.kind, help_.author, help_.at) == (Kind.HELP, None, world.clock())


def test_one_request_at_a_time_waits_for_an_answer(world: World):
    _ask(world, world.camille)
    with pytest.raises(messages.HelpPending):
        _ask(world, world.camille)
    assert len(messages.talk(world.house, world.camille.sitting).said) == 1


@pytest.mark.parametrize("answer", ["seen", "reply"])
def test_a_proctor_who_saw_it_or_answers_closes_a_request(world: World, answer: str):
    asked = _ask(world, world.camille)
    _ask(world, world.idriss)
    if answer == "seen":
        messages.see(world.house, world.person("surveillant"), asked, world.clock())
    else:
        _say(world, "J'arrive.", world.camille)
    assert _open_help(world) == {world.idriss.sitting}
    world.clock.forward(seconds=1)
    _ask(world, world.camille)  # a new one can be made
    assert _open_help(world) == {world.camille.sitting, world.idriss.sitting}


def test_an_announcement_to_all_answers_nobodys_request(world: World):
    _ask(world, world.camille)
    _say(world, "La salle reste calme, s'il vous plaît.")
    assert _open_help(world) == {world.camille.sitting}


def test_an_announcement_is_read_by_each_for_themselves(world: World):
    message = _say(world, "Il reste une heure.")
    messages.acknowledge(world.house, world.camille.sitting, message, world.clock())
    world.clock.forward(minutes=1)
    messages.acknowledge(world.house, world.camille.sitting, message, world.clock())  # twice: the first time stays
    assert messages.talk(world.house, world.camille.sitting).unread == ()
    assert [s.id for s in messages.talk(world.house, world.idriss.sitting).unread] == [message]
    [told] = messages.exchange(world.house, world.person("surveillant"), world.session).announcements
    assert set(told.read) == {world.camille.sitting}
    assert told.read[world.camille.sitting] < world.clock()


def test_what_is_said_to_one_is_nobody_elses(world: World):
    message = _say(world, "Parlez moins fort.", world.camille)
    assert messages.talk(world.house, world.idriss.sitting).said == ()
    with pytest.raises(messages.NoSuchMessage):
        messages.acknowledge(world.house, world.idriss.sitting, message, world.clock())
    with pytest.raises(messages.NoSuchMessage):
        messages.acknowledge(world.house, world.camille.sitting, MessageId("nowhere"), world.clock())


def test_a_candidate_acknowledges_only_what_a_proctor_wrote(world: World):
    asked = _ask(world, world.camille)
    with pytest.raises(messages.NoSuchMessage):
        messages.acknowledge(world.house, world.camille.sitting, asked, world.clock())
    assert _open_help(world) == {world.camille.sitting}
    with pytest.raises(messages.NoSuchMessage):
        messages.see(world.house, world.person("surveillant"), _say(world, "Bonjour."), world.clock())


def test_a_proctor_of_another_session_hears_and_says_nothing_here(world: World):
    asked = _ask(world, world.camille)
    stranger = world.person("surveillant-lyon")
    for act in (
        lambda: messages.exchange(world.house, stranger, world.session),
        lambda: messages.send(world.house, stranger, world.session, None, "Bonjour", world.clock()),
        lambda: messages.send(
            world.house, stranger, world.foreign_session, world.camille.sitting, "Bonjour", world.clock()
        ),
        lambda: messages.see(world.house, stranger, asked, world.clock()),
    ):
        with pytest.raises(EngineError) as refused:
            act()
        assert refused.value.code.startswith("no_such")
    assert _open_help(world) == {world.camille.sitting}


def test_a_message_has_words_and_at_most_500_characters(world: World):
    with pytest.raises(messages.MessageEmpty):
        _say(world, " \n ")
    _say(world, "x" * 500)
    with pytest.raises(messages.MessageTooLong):
        _say(world, "x" * 501)
    with pytest.raises(messages.MessageTooLong):
        _ask(world, world.camille, "x" * 501)


def test_nobody_speaks_in_a_session_that_is_closed(world: World):
    world.close_day()
    with pytest.raises(EngineError, match="open"):
        _ask(world, world.camille)
    with pytest.raises(EngineError, match="open"):
        _say(world, "Bonjour.")


@given(st.lists(st.sampled_from(["ask", "see", "reply", "all", "read"]), max_size=12))
def test_a_request_is_open_exactly_from_its_asking_to_its_answer(steps: list[str]):
    """Whatever is said in whatever order, on the projection alone."""
    me, at = SittingId("me"), datetime(2026, 11, 23, tzinfo=UTC)
    said: list[Said] = []
    waits = False
    for n, step in enumerate(steps):
        talk = Talk(me, tuple(said))
        if step in ("see", "reply") and talk.open_help:
            opened = said.index(talk.open_help)
            said[opened] = replace(said[opened], read={"proctor": at})
            waits = False
        if step == "ask" and not waits:
            said.append(Said(MessageId(str(n)), SessionId("s"), me, None, "", Kind.HELP, "", at, {}))
            waits = True
        if step in ("reply", "all"):
            to = me if step == "reply" else None
            said.append(Said(MessageId(str(n)), SessionId("s"), to, PersonId("p"), "P", Kind.NOTE, "x", at, {}))
        assert (Talk(me, tuple(said)).open_help is not None) == waits


def test_the_number_that_a_sign_of_life_brings_grows_with_every_word_and_every_reading(world: World):
    """A page that was told the same number has missed nothing, so it need not ask."""
    world.start(world.camille)

    def told() -> int:
        with world.house.db.glance() as connection:
            seat = seats.look(connection, world.camille.sitting)
        assert seat.said == messages.talk(world.house, world.camille.sitting).said_so_far
        return seat.said

    numbers = [told()]
    first = _say(world, "Un mot", world.camille)
    numbers.append(told())
    _say(world, "Un mot à tous")
    numbers.append(told())
    messages.acknowledge(world.house, world.camille.sitting, first, world.clock())
    numbers.append(told())
    _ask(world, world.camille)
    numbers.append(told())
    _say(world, "Pour un autre", world.idriss)
    assert told() == numbers[-1]
    assert numbers == sorted(set(numbers))
