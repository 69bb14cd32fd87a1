"""A ruling: once, with a reason, never by the person who reported."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel import ItemId
from engine.proctoring.ruling import (
    AlreadyRuled,
    Decision,
    NothingToNeutralise,
    ReasonMissing,
    RuledByReporter,
    neutralised,
    open_incidents,
    rule,
    standing,
)
from tests.builders import JURY, PROCTOR, a_ruling, an_incident

PUT = tuple(map(ItemId, ("i1", "i2", "i3")))


@pytest.mark.parametrize(
    ("decision", "items"),
    [(Decision.NO_EFFECT, ()), (Decision.NEUTRALISE, PUT[:1]), (Decision.NEUTRALISE, PUT), (Decision.VOID, ())],
)
def test_the_jury_decides_from_a_closed_list(decision, items):
    ruling = a_ruling(decision, items)
    assert rule(an_incident(), (), ruling, PUT) is ruling
    assert len(Decision) == 3


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
        (Decision.VOID, PUT[:1]),
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
