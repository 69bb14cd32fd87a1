"""The end of a day: what is missing is listed, whoever signs answers for it, and what is signed stays as it is."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, update

from engine.delivery import commands
from engine.delivery.session import SessionIsFinalised, SessionRefusal, SessionState
from tests.web.sql import owner
from tests.web.world import Seat, World
from web.db import day_log
from web.db import sittings as sitting_rows
from web.db.day_tables import CheckLine, FollowUp, Message, MessageReceipt
from web.db.sessions import NoSuchSession
from web.db.tables import IncidentRow, SessionProctor, SignOfLife, SittingEvent
from web.services import closing, enrolment, followups, look, supervision
from web.services.closing import YES, Closing, Lack, Point, Remedy, StillMissing


def points(world: World, lack: Lack) -> list[Point]:
    """The points of a kind that stand against signing."""
    return [p for p in closing.missing(world.house, world.person("centre"), world.session) if p.lack is lack]


def board(world: World, login: str = "centre") -> Closing:
    """The end of the day as somebody sees it."""
    return closing.closing(world.house, world.person(login), world.session, world.clock())


def sign(world: World, answers: dict[str, str] | None = None, login: str = "centre", remark: str = "") -> None:
    """Sign with these answers, or with all that are wanted."""
    if answers is None:
        found = closing.missing(world.house, world.person("centre"), world.session)
        answers = {p.key: YES if p.remedy is Remedy.CONFIRM else "Vu avec le centre." for p in found}
    closing.finalise(world.house, world.person(login), world.session, answers, remark, world.clock())


def store(world: World, table: type, **values: object) -> None:
    """A row that another part of the application writes."""
    with world.house.db.write() as connection:
        connection.execute(insert(table).values(**values))


def alert(world: World, seat: Seat) -> None:
    """Say that the item on screen is faulty."""
    with world.house.db.write() as connection:
        sitting = sitting_rows.load(connection, seat.sitting).sitting
        assert sitting.on_screen is not None
        raised = commands.raise_alert(sitting, sitting.on_screen, "L'image manque", sitting.device or "", world.clock())
        sitting_rows.save(connection, raised)


def asked(world: World, seat: Seat) -> None:
    """A candidate calls for help."""
    store(
        world,
        Message,
        id="help",
        session_id=world.session,
        sitting_id=seat.sitting,
        author_id=None,
        kind="help",
        text="Mon écran scintille",
        at=world.clock(),
    )


def told(world: World, seat: Seat | None) -> None:
    """A proctor writes to one or to all."""
    store(
        world,
        Message,
        id="note",
        session_id=world.session,
        sitting_id=seat.sitting if seat else None,
        author_id=world.person("surveillant").id,
        kind="note",
        text="Je viens",
        at=world.clock(),
    )


def check(world: World, result: str, text: str, name: str = "line", line: str = "camera") -> None:
    """The result of a line of the check-in list."""
    store(
        world,
        CheckLine,
        id=name,
        sitting_id=world.camille.sitting,
        line=line,
        result=result,
        text=text,
        author_id=world.person("surveillant").id,
        at=world.clock(),
    )


def terminated_without_reason(world: World) -> None:
    """Such as a tool could do it."""
    world.start(world.camille)
    world.finish(world.camille)
    with world.house.db.write() as connection, owner(connection):
        connection.execute(
            update(SittingEvent)
            .where(SittingEvent.kind == "terminated")
            .values(data={"by": "tool", "reason": " ", "technical": True})
        )


def reported_without_words(world: World, kind: str) -> None:
    """A report that came without a text, as one of a tool may."""
    incident = world.flag(world.camille, kind=kind, text="Du texte")
    with world.house.db.write() as connection, owner(connection):
        connection.execute(update(IncidentRow).where(IncidentRow.id == incident).values(text=""))


def expired(world: World, silent: bool) -> None:
    """Camille's time runs out; the page was heard of until then, or not."""
    world.start(world.camille)
    end = world.clock() + timedelta(hours=2, minutes=30)
    seen = world.clock() if silent else end
    world.clock.now = end + timedelta(minutes=2)
    store(world, SignOfLife, sitting_id=world.camille.sitting, at=seen)
    supervision.sweep(world.house, world.person("surveillant"), world.session, world.clock())


def nobody_watches(world: World) -> None:
    """A session without a proctor."""
    with world.house.db.write() as connection:
        connection.execute(delete(SessionProctor).where(SessionProctor.session_id == world.session))


WAYS: dict[str, tuple[Callable[[World], object], Lack, Remedy]] = {
    "a test that runs": (lambda w: w.start(w.camille), Lack.UNFINISHED, Remedy.ACT),
    "a candidate who waits": (lambda w: w.waiting(w.camille), Lack.UNFINISHED, Remedy.ACT),
    "an alert that waits": (lambda w: (w.start(w.camille), alert(w, w.camille)), Lack.OPEN_ALERT, Remedy.ACT),
    "nobody who watched": (nobody_watches, Lack.NO_PROCTOR, Remedy.EXPLAIN),
    "a report that says nothing": (lambda w: reported_without_words(w, "OTH-00"), Lack.TEXT_MISSING, Remedy.EXPLAIN),
    "an end without a reason": (terminated_without_reason, Lack.REASON_MISSING, Remedy.EXPLAIN),
    "a check that failed": (lambda w: check(w, "problem", ""), Lack.CHECK_FAILED, Remedy.EXPLAIN),
    "a call for help": (lambda w: asked(w, w.camille), Lack.HELP_UNANSWERED, Remedy.EXPLAIN),
    "who has not come": (lambda w: w.clock.forward(minutes=1), Lack.NOT_COME, Remedy.NOTE),
    "an alert that the end cut off": (
        lambda w: (w.start(w.camille), alert(w, w.camille), w.finish(w.camille)),
        Lack.ALERT_UNSETTLED,
        Remedy.NOTE,
    ),
    "a report without a word": (lambda w: reported_without_words(w, "COM-02"), Lack.WITHOUT_WORDS, Remedy.NOTE),
    "a silence at the end": (lambda w: expired(w, silent=True), Lack.SILENT_AT_END, Remedy.NOTE),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_in_which_a_day_is_incomplete_is_listed(world: World, way: str):
    happen, lack, remedy = WAYS[way]
    happen(world)
    found = points(world, lack)
    assert found
    assert {p.remedy for p in found} == {remedy}
    assert {p.name for p in found} <= {s.full_name for s in world.seats} | {""}


@pytest.mark.parametrize(
    ("happen", "lack"),
    [
        (lambda w: check(w, "ok", ""), Lack.CHECK_FAILED),
        (lambda w: check(w, "problem", "Téléphone utilisé comme caméra"), Lack.CHECK_FAILED),
        (
            lambda w: (check(w, "problem", ""), w.clock.forward(minutes=1), check(w, "ok", "", "later")),
            Lack.CHECK_FAILED,
        ),
        (
            lambda w: (check(w, "problem", ""), check(w, "problem", "Téléphone prêté", "why", "entry")),
            Lack.CHECK_FAILED,
        ),
        (lambda w: (asked(w, w.camille), told(w, w.camille)), Lack.HELP_UNANSWERED),
        (
            lambda w: (asked(w, w.camille), store(w, MessageReceipt, message_id="help", reader="x", at=w.clock())),
            Lack.HELP_UNANSWERED,
        ),
        (lambda w: expired(w, silent=False), Lack.SILENT_AT_END),
        (lambda w: w.flag(w.camille, text="Un téléphone"), Lack.WITHOUT_WORDS),
    ],
)
def test_what_was_taken_care_of_is_not_listed(world: World, happen: Callable[[World], object], lack: Lack):
    happen(world)
    assert not points(world, lack)


def test_a_word_to_all_does_not_answer_a_call_for_help(world: World):
    asked(world, world.camille)
    world.clock.forward(minutes=1)
    told(world, None)
    assert points(world, Lack.HELP_UNANSWERED)


def test_a_follow_up_gives_a_report_its_words(world: World):
    reported_without_words(world, "OTH-00")
    [point] = points(world, Lack.TEXT_MISSING)
    store(
        world,
        FollowUp,
        id="more",
        incident_id=point.about,
        author_id=world.person("surveillant").id,
        text="La chaise a cassé",
        at=world.clock(),
    )
    assert not points(world, Lack.TEXT_MISSING)


def test_every_lack_has_its_words_and_its_remedy():
    assert set(closing.REMEDIES) == set(Lack)


def test_a_session_is_signed_once_and_only_when_closed(world: World):
    with pytest.raises(SessionRefusal):
        sign(world)
    world.close_day()
    sign(world)
    assert board(world).session.state is SessionState.FINALISED
    with pytest.raises(SessionRefusal):
        sign(world, {})


@pytest.mark.parametrize("given", ["", "  ", "no"])
def test_nothing_is_signed_while_something_is_missing(world: World, given: str):
    check(world, "problem", "")
    world.close_day()
    found = closing.missing(world.house, world.person("centre"), world.session)
    wanted = [p for p in found if p.remedy is not Remedy.NOTE]
    assert {p.lack for p in wanted} == {Lack.ABSENT, Lack.CHECK_FAILED}
    full = {p.key: YES for p in wanted}
    for point in wanted:
        if point.remedy is Remedy.EXPLAIN and given.strip():
            continue  # any words will do
        with pytest.raises(StillMissing) as refused:
            sign(world, full | {point.key: given})
        assert refused.value.facts == {"names": [point.name], "keys": [point.key]}
        assert board(world).session.state is SessionState.CLOSED
    sign(world, full)


def test_the_minutes_keep_what_was_said_by_whom_and_when(world: World):
    asked(world, world.camille)
    world.close_day()
    world.clock.forward(minutes=7)
    at = world.clock()
    wanted = closing.missing(world.house, world.person("centre"), world.session)
    answers = {p.key: YES if p.remedy is Remedy.CONFIRM else " Écran changé. " for p in wanted}
    sign(world, answers, login="surveillant", remark="  Rien d'autre. ")
    world.clock.forward(minutes=1)
    signed = board(world).finalisation
    assert signed is not None
    assert (signed.author, signed.at, signed.remark) == ("Paul Keller", at, "Rien d'autre.")
    said = [(e.lack, e.name, e.text) for e in signed.explained]
    assert (Lack.HELP_UNANSWERED, "MOREAU Camille", "Écran changé.") in said
    assert [(lack, text) for lack, _, text in said if lack is Lack.ABSENT] == [(Lack.ABSENT, YES)] * 3


def test_after_signing_only_the_jury_acts(world: World):
    world.start(world.camille)
    incident = world.flag(world.camille, text="Un téléphone")
    world.finish(world.camille)
    world.close_day()
    world.flag(world.camille, text="Se souvient plus tard")  # until it is signed
    world.finalise()
    with pytest.raises(SessionIsFinalised):
        world.flag(world.camille, text="Trop tard")
    with pytest.raises(SessionIsFinalised):
        followups.add(world.house, world.person("surveillant"), incident, "Trop tard", world.clock())
    proctor = world.staff("surveillant")
    page = proctor.get(f"/surveillance/candidats/{world.camille.sitting}")
    assert not page.has_form(f"/surveillance/candidats/{world.camille.sitting}/incident")
    page = world.staff("jury").get(f"/jury/incidents/{incident}")
    assert page.has_form(f"/jury/incidents/{incident}")


def test_the_log_is_what_was_signed_until_somebody_changes_it(world: World):
    world.start(world.camille)
    world.flag(world.camille, kind="ABS-01", text="Sorti deux minutes")
    world.finish(world.camille)
    world.close_day()
    world.finalise()
    world.clock.forward(minutes=1)
    manager = world.staff("centre")
    manager.get(f"/centre/sessions/{world.session}/proces-verbal.pdf")
    world.publish()
    assert board(world).log_is_as_signed
    page = manager.get(f"/centre/sessions/{world.session}/cloture")
    assert "Le journal n'a pas changé depuis la signature" in page.text
    with world.house.db.write() as connection, owner(connection):
        connection.execute(update(IncidentRow).values(text="Sorti dix minutes"))
    assert not board(world).log_is_as_signed
    page = manager.get(f"/centre/sessions/{world.session}/cloture")
    assert "Le journal ne correspond plus à ce qui a été signé" in page.alert


def test_the_digest_covers_every_part_of_the_log(world: World):
    def digest() -> str:
        with world.house.db.read() as connection:
            return day_log.digest(connection, world.session)

    seen = [digest()]
    for happen in (
        lambda: world.start(world.camille),
        lambda: world.flag(world.camille, text="Un bruit"),
        lambda: check(world, "ok", ""),
        lambda: told(world, None),
        lambda: world.enrolled("Nouveau"),
        lambda: enrolment.renew_code(world.house, world.person("centre"), world.idriss.sitting, world.clock()),
    ):
        happen()
        seen.append(digest())
        assert digest() == seen[-1]
    assert len(set(seen)) == len(seen)
    world.flag(world.zoe, by="surveillant-lyon", text="Ailleurs")
    assert digest() == seen[-1]


def test_the_page_says_at_each_step_what_comes_next(world: World):
    proctor = world.staff("surveillant")
    address = f"/surveillance/{world.session}/cloture"
    world.start(world.camille)
    page = proctor.get(address)
    assert "Tests non terminés" in page.text
    assert f"/surveillance/candidats/{world.camille.sitting}" in page.links()
    assert not page.has_form(address)
    proctor.post(address)
    assert "(MOREAU Camille)" in proctor.follow().text
    world.finish(world.camille)
    proctor.get(address)
    proctor.submit(address)
    page = proctor.follow()
    assert "La session est clôturée. Il reste à finaliser son procès-verbal." in page.text
    fields = {e["name"]: YES for e in page.root.all("input") if e.get("type") == "checkbox"}
    assert len(fields) == 2
    half = dict([fields.popitem()])
    page = proctor.submit(f"/surveillance/{world.session}/finaliser", half | {"remark": "À relire"}, expect=409)
    assert page.alert.startswith("Il manque encore des éléments")
    assert page.errors == dict.fromkeys(fields, "Cochez pour confirmer l'absence.")
    assert page.root.one("textarea", name="remark").text == "À relire"
    proctor.submit(f"/surveillance/{world.session}/finaliser", fields)
    assert "La session est finalisée et transmise au jury." in proctor.follow().text
    assert "Signé par Paul Keller" in proctor.page.text
    world.publish()
    assert "Résultats publiés" in proctor.get(address).text


def test_the_page_of_a_planned_session_says_that_the_day_has_not_begun(world: World):
    manager = world.person("centre")
    known = look.session(world.house, manager, world.session)
    new = enrolment.NewSession("Plus tard", known.mode, "Salle 1", world.clock(), ())
    planned = enrolment.create_session(world.house, manager, new, world.clock())
    page = world.staff("centre").get(f"/centre/sessions/{planned}/cloture")
    assert "La session n'est pas encore ouverte" in page.text
    assert not page.has_form(f"/centre/sessions/{planned}/finaliser")


@pytest.mark.parametrize("login", ["centre-lyon", "surveillant-lyon", "voisin"])
def test_nobody_signs_for_a_session_that_is_not_theirs(world: World, login: str):
    world.close_day()
    with pytest.raises(NoSuchSession):
        sign(world, login=login)
    with pytest.raises(NoSuchSession):
        board(world, login)


def test_texts_are_cut_at_their_limits_and_stay_texts(world: World):
    nobody_watches(world)
    world.close_day()
    bad = '<script>alert("x")</script>' * 100
    found = closing.missing(world.house, world.person("centre"), world.session)
    sign(world, {p.key: YES if p.remedy is Remedy.CONFIRM else bad for p in found}, remark=bad)
    signed = board(world).finalisation
    assert signed is not None
    assert len(signed.remark) == closing.LONGEST_REMARK
    assert max(len(e.text) for e in signed.explained) == closing.LONGEST_EXPLANATION
    page = world.staff("centre").get(f"/centre/sessions/{world.session}/cloture")
    assert '<script>alert("x")</script>' in page.text
