"""A ruling: once, with a reason, never by the person who reported; a fraud by two persons."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel import ItemId, PersonId
from engine.proctoring.ruling import (
    AlreadyRuled,
    Confirmation,
    ConfirmedByProposer,
    Decision,
    HearingMissing,
    NothingToConfirm,
    NothingToNeutralise,
    ReasonMissing,
    RuledByReporter,
    Ruling,
    confirm,
    decided,
    neutralised,
    open_incidents,
    proposed,
    rule,
    standing,
    was_blind,
)
from tests.builders import COLLEAGUE, JURY, PROCTOR, a_ruling, an_incident, later

PUT = tuple(map(ItemId, ("i1", "i2", "i3")))


@pytest.mark.parametrize(
    ("decision", "items"),
    [
        (Decision.NO_EFFECT, ()),
        (Decision.NEUTRALISE, PUT[:1]),
        (Decision.NEUTRALISE, PUT),
        (Decision.NEW_SESSION, ()),
        (Decision.VOID, ()),
        (Decision.FRAUD, ()),
    ],
)
def test_the_jury_decides_from_a_closed_list(decision, items):
    ruling = a_ruling(decision, items)
    assert rule(an_incident(), (), ruling, PUT) is ruling
    assert len(Decision) == 5


@pytest.mark.parametrize("decision", Decision)
def test_whoever_reported_never_rules(decision):
    items = PUT[:1] if decision is Decision.NEUTRALISE else ()
    for person in (JURY, PROCTOR):
        with pytest.raises(RuledByReporter) as refused:
            rule(an_incident(author=person), (), a_ruling(decision, items, author=person), PUT)
        assert refused.value.facts == {"author": person}


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_a_ruling_says_why(reason):
    with pytest.raises(ReasonMissing):
        rule(an_incident(), (), a_ruling(reason=reason), PUT)


@pytest.mark.parametrize(
    ("decision", "items"),
    [
        (Decision.NEUTRALISE, ()),
        (Decision.NEUTRALISE, (ItemId("i9"),)),
        (Decision.NEUTRALISE, (*PUT, ItemId("i9"))),
        (Decision.NO_EFFECT, PUT[:1]),
        (Decision.NEW_SESSION, PUT[:1]),
        (Decision.VOID, PUT[:1]),
        (Decision.FRAUD, PUT[:1]),
    ],
)
def test_a_neutralisation_names_items_that_were_put_and_other_decisions_none(decision, items):
    with pytest.raises(NothingToNeutralise) as refused:
        rule(an_incident(), (), a_ruling(decision, items), PUT)
    assert refused.value.facts == {"items": items}


def test_nothing_is_neutralised_in_a_sitting_without_items():
    with pytest.raises(NothingToNeutralise):
        rule(an_incident(), (), a_ruling(Decision.NEUTRALISE, PUT[:1]), ())


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_second_ruling_must_have_seen_the_first(number):
    first = a_ruling()
    with pytest.raises(AlreadyRuled) as refused:
        rule(an_incident(), (first,), a_ruling(Decision.VOID, number=number), PUT)
    assert refused.value.facts == {"rulings": 1}
    second = a_ruling(Decision.VOID, number=2)
    assert rule(an_incident(), (first,), second, PUT) is second


def test_a_first_ruling_has_seen_none():
    with pytest.raises(AlreadyRuled):
        rule(an_incident(), (), a_ruling(number=2), PUT)


def test_a_ruling_on_another_incident_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="is about incident incident-2, not incident-1"):
        rule(an_incident(), (), a_ruling(incident="incident-2"), PUT)


decisions = st.lists(st.sampled_from(Decision), min_size=1, max_size=5)


@pytest.mark.slow
@given(decisions=decisions, others=decisions, pick=st.randoms())
def test_the_last_ruling_on_each_incident_stands_in_whatever_order_they_are_read(decisions, others, pick):
    rulings = [a_ruling(d, number=n) for n, d in enumerate(decisions, 1)]
    rulings += [a_ruling(d, incident="incident-2", number=n) for n, d in enumerate(others, 1)]
    pick.shuffle(rulings)
    found = {incident: ruling.decision for incident, ruling in standing(rulings).items()}
    assert found == {"incident-1": decisions[-1], "incident-2": others[-1]}


def test_a_result_waits_for_incidents_that_block_and_have_no_ruling():
    blocking, other = an_incident("COM-02", "incident-1"), an_incident("REM-01", "incident-2")
    harmless = an_incident("ENV-02", "incident-3")
    reported = (harmless, blocking, other)
    assert open_incidents(reported, ()) == (blocking, other)
    assert open_incidents(reported, [a_ruling(incident="incident-1")]) == (other,)
    assert open_incidents(reported, [a_ruling(incident=f"incident-{n}") for n in (1, 2)]) == ()
    assert open_incidents((), ()) == ()


def test_items_are_out_while_the_ruling_that_takes_them_out_stands():
    out = a_ruling(Decision.NEUTRALISE, PUT[:2])
    also = a_ruling(Decision.NEUTRALISE, PUT[1:], incident="incident-2")
    assert neutralised(()) == frozenset()
    assert neutralised([out]) == set(PUT[:2])
    assert neutralised([out, also]) == set(PUT)
    assert neutralised([out, also, a_ruling(Decision.NO_EFFECT, number=2)]) == set(PUT[1:])
    assert neutralised([out, a_ruling(Decision.NEUTRALISE, PUT[2:], number=2)]) == set(PUT[2:])


@pytest.mark.parametrize("heard", ["", " ", "\n\t"])
def test_nobody_is_rejected_for_fraud_who_could_not_speak(heard):
    with pytest.raises(HearingMissing):
        rule(an_incident(), (), replace(a_ruling(Decision.FRAUD), heard=heard), PUT)


def test_a_proposal_decides_nothing_until_another_person_confirms_it():
    incident, proposal = an_incident(), a_ruling(Decision.FRAUD)
    assert decided([proposal]) == {}
    assert proposed([proposal]) == {incident.id: proposal}
    assert open_incidents([incident], [proposal]) == (incident,)
    confirmed = confirm(incident, [proposal], said_of(proposal))
    assert decided([confirmed]) == {incident.id: confirmed}
    assert open_incidents([incident], [confirmed]) == ()


def test_a_proposal_withholds_a_result_even_over_an_incident_that_only_informs():
    harmless, proposal = an_incident("ENV-02"), a_ruling(Decision.FRAUD)
    assert open_incidents([harmless], ()) == ()
    assert open_incidents([harmless], [proposal]) == (harmless,)
    assert open_incidents([harmless], [confirm(harmless, [proposal], said_of(proposal, agrees=False))]) == ()


def test_a_refusal_opens_the_incident_again_for_the_next_ruling():
    incident, proposal = an_incident(), a_ruling(Decision.FRAUD)
    refused = confirm(incident, [proposal], said_of(proposal, agrees=False))
    assert open_incidents([incident], [refused]) == (incident,)
    second = rule(incident, [refused], a_ruling(Decision.NO_EFFECT, number=2), PUT)
    assert open_incidents([incident], [refused, second]) == ()


def test_a_refused_proposal_does_not_bring_back_the_ruling_before_it():
    incident, first = an_incident(), a_ruling(Decision.NEUTRALISE, PUT[:1])
    refused = a_ruling(Decision.FRAUD, number=2, said=False)
    assert neutralised([first]) == {PUT[0]}
    assert neutralised([first, refused]) == frozenset()
    assert open_incidents([incident], [first, refused]) == (incident,)


@pytest.mark.parametrize("agrees", [True, False])
def test_who_proposed_or_reported_neither_confirms_nor_refuses(agrees):
    incident, proposal = an_incident(), a_ruling(Decision.FRAUD)
    with pytest.raises(ConfirmedByProposer):
        confirm(incident, [proposal], said_of(proposal, author=JURY, agrees=agrees))
    with pytest.raises(RuledByReporter):
        confirm(incident, [proposal], said_of(proposal, author=PROCTOR, agrees=agrees))


def test_a_refusal_says_why_and_a_confirmation_may():
    incident, proposal = an_incident(), a_ruling(Decision.FRAUD)
    with pytest.raises(ReasonMissing):
        confirm(incident, [proposal], said_of(proposal, agrees=False, text=" "))
    assert confirm(incident, [proposal], said_of(proposal, text="")).decides


@pytest.mark.parametrize(
    "rulings",
    [
        [],
        [a_ruling(Decision.VOID)],
        [a_ruling(Decision.FRAUD, said=True)],
        [a_ruling(Decision.FRAUD, said=False)],
        [a_ruling(Decision.FRAUD), a_ruling(Decision.NO_EFFECT, number=2)],
        [a_ruling(Decision.FRAUD), a_ruling(Decision.FRAUD, number=2)],
        [a_ruling(Decision.FRAUD, incident="incident-2")],
    ],
)
def test_only_the_last_proposal_that_waits_can_be_answered(rulings):
    with pytest.raises(NothingToConfirm):
        confirm(an_incident(), rulings, said_of(a_ruling(Decision.FRAUD)))


def test_a_new_ruling_that_brings_its_own_confirmation_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="is new and has a confirmation"):
        rule(an_incident(), (), a_ruling(Decision.FRAUD, said=True), PUT)


said = st.tuples(st.sampled_from(Decision), st.sampled_from([None, True, False]))


@given(history=st.lists(said, max_size=6), kind=st.sampled_from(["COM-02", "ENV-02"]))
def test_an_incident_is_decided_by_its_last_ruling_or_by_nothing(history, kind):
    incident = an_incident(kind)
    rulings = [
        a_ruling(d, number=n, said=agrees if d is Decision.FRAUD else None) for n, (d, agrees) in enumerate(history, 1)
    ]
    waits, done = proposed(rulings), decided(rulings)
    assert not waits.keys() & done.keys()
    assert all(r == rulings[-1] for r in (*waits.values(), *done.values()))
    assert bool(open_incidents([incident], rulings)) == bool(waits or (incident.kind.blocks and not done))
    persons = {done[i].author for i in done} | {c.author for i in done if (c := done[i].confirmation)}
    if done and rulings[-1].decision is Decision.FRAUD:
        assert persons == {JURY, COLLEAGUE}


def test_a_ruling_is_blind_while_something_else_or_the_incident_itself_was_open():
    incident, other = an_incident(), an_incident(name="incident-2")
    first = a_ruling(Decision.NO_EFFECT)
    again = a_ruling(Decision.VOID, number=2)
    assert was_blind([incident], [first, again], first)
    assert not was_blind([incident], [first, again], again)
    assert was_blind([incident, other], [first, again], again)
    assert not was_blind([an_incident("ENV-02")], [first], first)


def test_an_incident_that_came_later_made_no_earlier_ruling_blind():
    incident, late = an_incident(), an_incident(name="incident-2", recorded_at=later(minutes=4_320))
    again = a_ruling(Decision.VOID, number=2)
    assert not was_blind([incident, late], [a_ruling(), again], again)


def test_a_confirmation_that_came_later_does_not_count_before():
    incident, other = an_incident(), an_incident(name="incident-2")
    proposal = a_ruling(Decision.FRAUD, incident="incident-2", said=True)
    between = replace(a_ruling(number=2), at=proposal.at + timedelta(seconds=10))
    assert was_blind([incident, other], [a_ruling(), proposal, between], between)


def said_of(ruling: Ruling, agrees: bool = True, author: PersonId = COLLEAGUE, text: str = "Seen too.") -> Confirmation:
    return Confirmation(ruling.id, author, agrees, text, later(minutes=300))
