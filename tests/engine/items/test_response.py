"""What a candidate replies, and whether it is right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.items.item import Kind, ShortText, SingleChoice
from engine.items.response import LONGEST_TEXT, EmptyReply, MalformedReply, is_correct, parse
from tests.builders import INTERACTIONS, choices

RIGHT: dict[Kind, list[object]] = {
    Kind.SINGLE_CHOICE: ["b"],
    Kind.MULTIPLE_CHOICE: [["a", "d"], ["d", "a"]],
    Kind.SHORT_TEXT: ["hameçonnage", "  HAMECONNAGE ", "Phishing."],
    Kind.NUMBER: ["12,5", "12.5 Mo", "12,45", "12,6"],
    Kind.ORDERING: [["c", "a", "d", "b"]],
    Kind.MATCHING: [{"p1": "c", "p2": "a"}, {"p2": "a", "p1": "c"}],
    Kind.GAPS: [{"g1": "b", "g2": "a"}, {"g2": "a", "g1": "b"}],
}
WRONG: dict[Kind, list[object]] = {
    Kind.SINGLE_CHOICE: ["a", "c", "d"],
    Kind.MULTIPLE_CHOICE: [["a"], ["a", "d", "e"], ["b"], ["a", "b", "c", "d", "e"]],
    Kind.SHORT_TEXT: ["harponnage", "hameçonage", "?"],
    Kind.NUMBER: ["12,7", "-12,5", "0"],
    Kind.ORDERING: [["a", "b", "c", "d"], ["b", "d", "a", "c"]],
    Kind.MATCHING: [{"p1": "a", "p2": "c"}, {"p1": "c", "p2": "b"}],
    Kind.GAPS: [{"g1": "b", "g2": "b"}, {"g1": "a", "g2": "a"}],
}
NOT_A_TEXT: list[object] = [7, 1.5, True, ["b"], {"b": "b"}, b"b"]
MALFORMED: dict[Kind, list[object]] = {
    Kind.SINGLE_CHOICE: ["z", "B", "b ", "a\0", *NOT_A_TEXT],
    Kind.MULTIPLE_CHOICE: ["a", ["a", "z"], ["a", "a"], ["a", 1], [["a"]], {"a": "d"}, ("a", "d"), 3],
    Kind.SHORT_TEXT: ["phish\0ing", "phish\ud800ing", "phish\ning", "x" * (LONGEST_TEXT + 1), *NOT_A_TEXT],
    Kind.NUMBER: ["douze", "12,5\0", "\ud83d", "1" * (LONGEST_TEXT + 1), *NOT_A_TEXT],
    Kind.ORDERING: [["a"], ["c", "a", "d"], ["c", "a", "d", "d"], ["c", "a", "d", "z"], "cadb", {"c": "a"}],
    Kind.MATCHING: [
        {"p1": "c", "p2": "c"},
        {"p1": "c", "p2": "z"},
        {"p1": "c", "p2": "a", "p3": "b"},
        {"p1": "c", "p2": 1},
        {"p1": "c", 2: "a"},
        [["p1", "c"], ["p2", "a"]],
        "c",
    ],
    Kind.GAPS: [{"g1": "b", "g2": "z"}, {"g1": "c", "g2": "a"}, {"g1": "b", "g2": "a", "g3": "a"}, ["b", "a"], "b"],
}
EMPTY: dict[Kind, list[object]] = {
    Kind.SINGLE_CHOICE: [""],
    Kind.MULTIPLE_CHOICE: [[], [""]],
    Kind.SHORT_TEXT: ["", "   ", "\t", "\u00a0"],
    Kind.NUMBER: ["", " ", "\u202f"],
    Kind.ORDERING: [[]],
    Kind.MATCHING: [{}, {"p1": "c"}, {"p1": "c", "p2": ""}],
    Kind.GAPS: [{}, {"g2": "a"}, {"g1": "", "g2": "a"}],
}


def each(table: dict[Kind, list[object]]) -> list[object]:
    return [pytest.param(k, raw, id=f"{k}-{raw!r:.40}") for k, raws in table.items() for raw in raws]


@pytest.mark.parametrize("table", [RIGHT, WRONG, MALFORMED, EMPTY])
def test_every_shape_of_reply_is_looked_at(table):
    assert set(table) == set(INTERACTIONS) == set(Kind) - {Kind.FILE_TASK}


@pytest.mark.parametrize(("kind", "raw"), each(RIGHT))
def test_a_right_reply_is_right(kind, raw):
    assert is_correct(INTERACTIONS[kind], parse(INTERACTIONS[kind], raw))


@pytest.mark.parametrize(("kind", "raw"), each(WRONG))
def test_a_wrong_reply_is_taken_and_is_wrong(kind, raw):
    assert not is_correct(INTERACTIONS[kind], parse(INTERACTIONS[kind], raw))


@pytest.mark.parametrize("kind", INTERACTIONS)
def test_a_pass_is_a_reply_and_is_not_right(kind):
    assert parse(INTERACTIONS[kind], None) is None
    assert not is_correct(INTERACTIONS[kind], None)


@pytest.mark.parametrize(("kind", "raw"), each(MALFORMED))
def test_a_reply_of_another_shape_is_refused(kind, raw):
    with pytest.raises(MalformedReply):
        parse(INTERACTIONS[kind], raw)


@pytest.mark.parametrize(("kind", "raw"), each(EMPTY))
def test_an_empty_or_incomplete_reply_is_refused(kind, raw):
    with pytest.raises(EmptyReply):
        parse(INTERACTIONS[kind], raw)


def test_what_is_missing_is_named():
    with pytest.raises(EmptyReply) as refused:
        parse(INTERACTIONS[Kind.GAPS], {"g2": "a"})
    assert refused.value.facts == {"missing": ["g1"]}


@pytest.mark.parametrize(("kind", "raw"), each(RIGHT) + each(WRONG))
def test_a_canonical_reply_is_parsed_to_itself(kind, raw):
    reply = parse(INTERACTIONS[kind], raw)
    assert parse(INTERACTIONS[kind], reply) == reply


def test_the_order_in_which_choices_were_ticked_leaves_no_trace():
    ticked = INTERACTIONS[Kind.MULTIPLE_CHOICE]
    assert parse(ticked, ["d", "a"]) == parse(ticked, ["a", "d"]) == ["a", "d"]


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=8,
)
plausible = st.one_of(
    st.sampled_from(["a", "b", "c", "d", "12,5", "", " "]),
    st.lists(st.sampled_from([*"abcde", "", 1]), max_size=6),
    st.dictionaries(st.sampled_from(["p1", "p2", "g1", "g2"]), st.sampled_from(["a", "b", "c", "", None]), max_size=4),
)


@given(kind=st.sampled_from(list(INTERACTIONS)), raw=json | plausible)
def test_whatever_is_sent_is_scored_or_refused_by_name(kind, raw):
    try:
        reply = parse(INTERACTIONS[kind], raw)
    except (MalformedReply, EmptyReply):
        return
    assert is_correct(INTERACTIONS[kind], reply) in (True, False)


@given(letters=st.sampled_from(["abc", "abcdef"]), key=st.sampled_from("abc"), reply=st.sampled_from("abc"))
def test_a_single_choice_is_right_when_it_is_the_key(letters, key, reply):
    assert is_correct(SingleChoice(choices(letters), key), reply) == (reply == key)


def test_a_reply_that_was_never_parsed_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="ShortText cannot be scored against"):
        is_correct(ShortText(("a",)), ["a"])
