"""What a machine can see of the soundness of items."""

from dataclasses import replace

from engine.items.check import coverage, longest_is_key, problems_between, problems_of, tags_of
from engine.items.frameworks import Framework, Level
from engine.items.item import Choice, SingleChoice, Status
from engine.kernel import ItemId
from tests.builders import an_item


def test_two_items_of_one_id_are_told_once():
    twins = [an_item("crcn-1.1-01", body="One?"), an_item("crcn-1.1-01", body="Another?")]
    assert list(problems_between(twins)) == [("crcn-1.1-01", "id", "2 files have the id crcn-1.1-01")]


def test_enmity_is_mutual():
    one = an_item("crcn-1.1-01", enemies=frozenset({ItemId("edu-2.2-01")}))
    other = an_item("edu-2.2-01")
    assert [p[:2] for p in problems_between([one, other])] == [("crcn-1.1-01", "enemies")]
    assert not list(problems_between([one, replace(other, enemies=frozenset({one.id}))]))


def test_an_enemy_that_could_not_be_read_is_not_said_to_be_missing():
    one = an_item("crcn-1.1-01", enemies=frozenset({ItemId("edu-2.2-01")}))
    assert [p[2] for p in problems_between([one])] == ["edu-2.2-01 does not exist"]
    assert not list(problems_between([one], unread={"edu-2.2-01"}))


def test_two_bodies_that_differ_in_case_and_signs_only_are_the_same():
    items = [an_item("crcn-1.1-01", body="Quel fichier ?"), an_item("crcn-1.1-02", body="quel FICHIER !")]
    assert [(p[0], p[2]) for p in problems_between(items)] == [
        ("crcn-1.1-02", "its body is the same as that of crcn-1.1-01")
    ]


def test_only_approved_items_cover_a_competence():
    items = [
        an_item("crcn-1.1-01", tag=3),
        an_item("crcn-1.1-02", tag=3),
        an_item("crcn-1.1-03", tag=3, status=Status.DRAFT),
        an_item("edu-1.1-01", tag=Level.EXPERT),
    ]
    assert coverage(items, Framework.CRCN) == {("1.1", 3): 2}
    assert coverage(items, Framework.CRCN_EDU) == {("1.1", 3): 1}
    assert tags_of(Framework.CRCN) == (1, 2, 3, 4, 5, 6, 7, 8)
    assert tags_of(Framework.CRCN_EDU) == (0, 1, 2, 3)


def test_a_key_counts_as_longest_only_when_no_other_choice_is_as_long():
    def item(name: str, *lengths: int):
        return an_item(
            name,
            SingleChoice(tuple(Choice(c, "x" * n) for c, n in zip("abc", lengths, strict=True)), "a"),
        )

    items = [item("crcn-1.1-01", 9, 5, 5), item("crcn-1.1-02", 9, 9, 5), item("crcn-1.1-03", 5, 9, 5)]
    assert longest_is_key(items) == (1, 3)


def test_only_items_of_the_crcn_are_pre_tested():
    tried, edu = (an_item(name, status=Status.PRETEST) for name in ("crcn-1.1-01", "edu-1.1-01"))
    assert list(problems_of(tried)) == []
    assert [key for key, _ in problems_of(edu)] == ["status"]
    assert list(problems_of(an_item("edu-1.1-01"))) == []
