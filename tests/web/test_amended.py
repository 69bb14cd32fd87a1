"""A published result is never edited: the jury publishes another version, and says why."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from engine.kernel import IncidentId
from engine.proctoring.incident import IncidentInFuture
from engine.proctoring.ruling import Decision, RuledByReporter
from tests.web.world import World
from web.db import results
from web.db.results import AmendedMeanwhile, Version
from web.services import adjudication, amendment
from web.services.adjudication import Verdict
from web.services.amendment import NothingToAmend, NotPublishedYet
from web.services.supervision import ReasonNeeded, Report, ResultsArePublished, UnknownKind

REASON = "Un courrier établit qu'une messagerie était ouverte."


@pytest.fixture
def published(world: World) -> World:
    """Camille answered everything right; the others never came. It was published yesterday."""

    def reach() -> None:
        world.start(world.camille)
        world.answer_all(world.camille)
        world.close_day()
        world.publish()

    world.at("published", reach)
    world.clock.forward(days=1)
    return world


@pytest.fixture
def late(published: World) -> IncidentId:
    """A jury member recorded what a letter said."""
    told = Report("COM-03", "Courrier d'un témoin", published.clock() - timedelta(days=1))
    jury = published.person("jury")
    return amendment.report_to_jury(published.house, jury, published.camille.sitting, told, published.clock())


@pytest.fixture
def ruled(published: World, late: IncidentId) -> World:
    """Another jury member voided the sitting."""
    rule(published, "collegue", late, Decision.VOID)
    return published


def rule(world: World, login: str, incident: IncidentId, decision: Decision, seen: int = 0) -> None:
    verdict = Verdict(decision, (), "Établi", seen, "Par courrier" if decision is Decision.FRAUD else "")
    adjudication.adjudicate(world.house, world.person(login), incident, verdict, world.clock())


def versions(world: World) -> list[Version]:
    with world.house.db.read() as connection:
        return results.versions(connection, world.camille.sitting)


def amend(world: World, login: str = "jury", seen: int = 1, reason: str = REASON) -> int:
    return amendment.amend(world.house, world.person(login), world.camille.sitting, seen, reason, world.clock())


def line(world: World) -> dict[str, Any]:
    manager = world.staff("centre")
    body = manager.get(f"/centre/sessions/{world.session}/resultats.csv").body.decode("utf-8-sig")
    return next(row for row in csv.DictReader(io.StringIO(body), delimiter=";") if row["nom"] == "Moreau")


def test_a_ruling_after_publication_changes_nothing_that_is_published(ruled: World):
    assert [v.document["level"] for v in versions(ruled)] == ["expert"]
    page = ruled.staff("centre").get(f"/centre/sessions/{ruled.session}/resultats")
    assert "Expert 100 %" in page.text
    assert "rectifié" not in page.text


def test_a_late_incident_alone_leaves_the_result_in_force(published: World, late: IncidentId):
    del late
    with pytest.raises(NothingToAmend):
        amend(published)
    page = published.staff("jury").get(f"/jury/passations/{published.camille.sitting}/rectifier")
    assert "Un incident attend une décision. Le résultat publié reste en vigueur d'ici là." in page.text
    assert not page.has_form(f"/jury/passations/{published.camille.sitting}/rectifier")
    candidate = published.back(published.camille, expect=303)
    assert "Expert" in candidate.get("/candidat/resultat").text


def test_who_recorded_a_late_fact_does_not_rule_on_it(published: World, late: IncidentId):
    with pytest.raises(RuledByReporter):
        rule(published, "jury", late, Decision.VOID)


def test_proctors_report_nothing_after_publication(published: World):
    with pytest.raises(ResultsArePublished):
        published.flag(published.camille)


def test_the_jury_sees_both_results_and_publishes_the_new_one_in_a_second_step(ruled: World):
    address = f"/jury/passations/{ruled.camille.sitting}/rectifier"
    jury = ruled.staff("jury")
    session = jury.get(f"/jury/sessions/{ruled.session}")
    assert "Expert" in session.text
    assert "à rectifier" in session.text
    assert address in session.links()
    page = jury.get(address)
    assert page.root.one("section", **{"aria-labelledby": "h-old"}).text.startswith("Publié, version 1 Expert")
    assert "Passation annulée par le jury" in page.root.one("section", **{"aria-labelledby": "h-new"}).text
    page = jury.submit(address, {"reason": "  "}, expect=400)
    assert page.alert == "Indiquez un motif."
    assert len(versions(ruled)) == 1
    jury.submit(address, {"reason": REASON})
    page = jury.follow()
    assert "Résultat rectifié publié (version 2). L'ancien reste au dossier." in page.text
    assert "Version 1 : Expert" in page.text
    assert not page.has_form(address)
    log = jury.get(f"/jury/sessions/{ruled.session}/journal").text
    assert "Résultat rectifié publié" in log


def test_the_old_version_stays_on_record_with_who_and_when(ruled: World):
    first = versions(ruled)[0]
    assert amend(ruled) == 2
    kept, new = versions(ruled)
    assert kept == first
    assert (new.published_by, new.published_at) == (ruled.person("jury").id, ruled.clock())
    assert new.document["amendment"]["reason"] == REASON
    assert new.document["amendment"]["before"] == {"outcome": "scored", "level": "expert"}
    assert new.document["obtained_on"] == first.document["obtained_on"] == "2026-11-23"


def test_the_candidate_reads_the_amended_result_and_that_it_was_amended(ruled: World):
    amend(ruled)
    candidate = ruled.back(ruled.camille, expect=303)
    page = candidate.get("/candidat/resultat")
    assert "Résultat rectifié par le jury le 24 novembre 2026." in page.text
    assert "Il remplace le résultat publié le 23 novembre 2026 (Expert)." in page.text
    assert REASON in page.text
    assert "Passation annulée par le jury" in page.text


def test_the_file_gives_the_amended_result_and_the_day(ruled: World):
    before = line(ruled)
    assert (before["issue"], before["version_resultat"], before["rectifie_le"]) == ("scored", "1", "")
    amend(ruled)
    after = line(ruled)
    assert (after["issue"], after["cause_annulation"]) == ("cancelled", "voided")
    assert (after["version_resultat"], after["rectifie_le"]) == ("2", "2026-11-24")
    assert after["date_obtention"] == before["date_obtention"]
    page = ruled.staff("centre").get(f"/centre/sessions/{ruled.session}/resultats")
    assert "rectifié le 24 novembre 2026" in page.text


def test_an_amendment_can_be_taken_back_by_another(ruled: World, late: IncidentId):
    amend(ruled)
    rule(ruled, "collegue", late, Decision.NO_EFFECT, seen=1)
    assert amend(ruled, seen=2, reason="Le témoin s'est trompé.") == 3
    documents = [v.document for v in versions(ruled)]
    assert [d.get("level") for d in documents] == ["expert", None, "expert"]
    assert documents[2]["valid_until"] == documents[0]["valid_until"]
    with pytest.raises(NothingToAmend):
        amend(ruled, seen=3)


def test_of_two_who_amend_the_second_has_not_seen_the_first(ruled: World):
    amend(ruled)
    with pytest.raises(AmendedMeanwhile):
        amend(ruled, "collegue", seen=1)
    address = f"/jury/passations/{ruled.camille.sitting}/rectifier"
    jury = ruled.staff("jury")
    jury.get(address)
    page = jury.post(address, {"seen": "1", "reason": "Encore"}, expect=409)
    assert page.alert.startswith("Quelqu'un d'autre vient de rectifier ce résultat.")


def test_the_same_version_is_never_written_twice(ruled: World):
    [first] = versions(ruled)
    with pytest.raises(AmendedMeanwhile), ruled.house.db.write() as connection:
        results.add_version(connection, ruled.camille.sitting, first)


def test_nothing_is_amended_without_a_reason_or_a_difference(published: World):
    with pytest.raises(ReasonNeeded):
        amend(published, reason=" \n")
    with pytest.raises(NothingToAmend):
        amend(published)
    page = published.staff("jury").get(f"/jury/passations/{published.camille.sitting}/rectifier")
    assert "rien n'est à rectifier" in page.text


def test_nothing_is_amended_before_it_is_published(world: World):
    with pytest.raises(NotPublishedYet):
        amend(world)
    page = world.staff("jury").get(f"/jury/passations/{world.camille.sitting}/rectifier", expect=409)
    assert page.alert == "Cette session n'est pas publiée : il n'y a pas encore de résultat à rectifier."


def test_a_fraud_found_late_takes_two_persons_too(published: World, late: IncidentId):
    rule(published, "collegue", late, Decision.FRAUD)
    with pytest.raises(NothingToAmend):
        amend(published)
    proposal = adjudication.case(published.house, published.person("jury"), late).proposal
    assert proposal is not None
    reply = adjudication.Reply(proposal.id, True, "")
    # The one who recorded the fact cannot be the second person: a third is needed.
    with pytest.raises(RuledByReporter):
        adjudication.answer_proposal(published.house, published.person("jury"), late, reply, published.clock())


# What the jury is told


def test_a_late_fact_is_recorded_on_a_page_that_keeps_what_was_written(published: World):
    address = f"/jury/passations/{published.camille.sitting}/signaler"
    jury = published.staff("jury")
    assert address in jury.get(f"/jury/sessions/{published.session}").links()
    page = jury.get(address)
    assert page.root.one("input", name="occurred_at")["value"] == "2026-11-23T09:00"
    fields = {"kind": "OTH-00", "text": "Un courrier", "occurred_at": "hier"}
    page = jury.submit(address, fields, expect=400)
    assert page.alert == "Indiquez le jour et l'heure des faits."
    assert page.root.one("textarea", name="text").text == "Un courrier"
    jury.submit(address, {"kind": "OTH-00", "text": "Un courrier", "occurred_at": "2026-11-23T09:10"})
    page = jury.follow()
    assert "Fait enregistré. Une autre personne du jury doit en décider." in page.text
    assert "membre du jury" in page.text


@pytest.mark.parametrize(("code", "refusal"), [("COM-99", UnknownKind), ("COM-02", IncidentInFuture)])
def test_a_late_fact_is_of_a_known_kind_and_of_the_past(published: World, code: str, refusal: type[Exception]):
    told = Report(code, "x", published.clock() + timedelta(minutes=5))
    with pytest.raises(refusal):
        amendment.report_to_jury(
            published.house, published.person("jury"), published.camille.sitting, told, published.clock()
        )
