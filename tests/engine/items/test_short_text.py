"""What a short text may differ in and still be right."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.items.item import Forgiven, ShortText
from engine.items.response import TYPO_SHARE, is_correct, normalised, parse

STRICT = Forgiven(case=False, accents=False, spaces=False, punctuation=False, typos=False)


def accepts(key: str, reply: str, forgiven: Forgiven, refused: tuple[str, ...] = ()) -> bool:
    interaction = ShortText((key,), refused, forgiven)
    return is_correct(interaction, parse(interaction, reply))


@pytest.mark.parametrize(
    ("what", "key", "reply"),
    [
        ("case", "Moodle", "moodle"),
        ("case", "moodle", "MOODLE"),
        ("case", "Œuvre", "œuvre"),
        ("case", "École", "école"),
        ("accents", "hameçonnage", "hameconnage"),
        ("accents", "clé", "clè"),
        ("accents", "naïf", "naif"),
        ("accents", "cle", "clé"),
        ("accents", "œuvre", "oeuvre"),
        ("accents", "Œuvre", "OEuvre"),
        ("accents", "curriculum vitae", "curriculum vitæ"),
        ("spaces", "flux RSS", "fluxRSS"),
        ("spaces", "motdepasse", "mot de passe"),
        ("punctuation", "l'accord", "l accord"),
        ("punctuation", "peut-être", "peut être"),
        ("punctuation", "oui", "« oui »."),
    ],
)
def test_each_forgiveness_can_be_switched_on_and_off(what, key, reply):
    forgiving = replace(STRICT, **{what: True})
    if what == "punctuation" and reply.startswith("«"):
        forgiving = replace(forgiving, spaces=True)
    assert accepts(key, reply, forgiving)
    assert accepts(key, reply, Forgiven())
    assert not accepts(key, reply, STRICT)
    assert not accepts(key, reply, replace(Forgiven(), **{what: False}))


@pytest.mark.parametrize("reply", ["flux  RSS", "flux\tRSS"])
def test_how_wide_a_space_is_counts_only_where_neither_spaces_nor_punctuation_are_forgiven(reply):
    assert not accepts("flux RSS", reply, STRICT)
    assert accepts("flux RSS", reply, replace(STRICT, spaces=True))
    assert accepts("flux RSS", reply, replace(STRICT, punctuation=True))


@pytest.mark.parametrize("apostrophe", ["'", "’"])
@pytest.mark.parametrize("forgiven", [STRICT, Forgiven()])
def test_straight_and_curly_apostrophes_are_the_same(apostrophe, forgiven):
    assert accepts("l'accord", f"l{apostrophe}accord", forgiven)
    assert accepts("l’accord", f"l{apostrophe}accord", forgiven)


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u2009"])
def test_a_no_break_space_is_a_space(space):
    assert accepts("mot de passe", f"mot{space}de{space}passe", STRICT)


def test_composed_and_decomposed_accents_are_the_same():
    assert accepts("cle\u0301", "cl\u00e9", STRICT)


def test_spaces_around_the_reply_never_count():
    assert accepts("RSS", "  RSS ", STRICT)


@pytest.mark.parametrize(
    ("key", "reply", "right"),
    [
        ("hameçonnage", "hameçonage", True),  # 1 of 11
        ("hameçonnage", "ameconage", True),  # 2 of 11
        ("hameçonnage", "hammesonage", False),  # 3 of 11
        ("code", "codes", True),  # 1 of 4 is 25 %
        ("code", "codees", False),
        ("RSS", "RS", False),  # 1 of 3 is more than 25 %
        ("RSS", "rss", True),
        ("hameçonnage", "?", False),
    ],
)
def test_typos_are_forgiven_up_to_a_quarter_of_the_key(key, reply, right):
    assert accepts(key, reply, Forgiven(typos=True)) == right
    if reply.casefold() != key.casefold():
        assert not accepts(key, reply, Forgiven())


@pytest.mark.parametrize("reply", ["rétroliens", "Retroliens", "RÉTROLIENS !"])
def test_a_refused_near_miss_is_wrong_however_it_is_written(reply):
    assert accepts("hétroliens", reply, Forgiven(typos=True))
    assert not accepts("hétroliens", reply, Forgiven(typos=True), refused=("rétroliens",))


def test_a_refusal_never_takes_away_what_the_key_says():
    assert accepts("opt-in", "opt-in", Forgiven(typos=True), refused=("opt-in",))


def test_each_wording_of_the_key_is_right():
    both = ShortText(("flux RSS", "fil d'actualité"))
    assert all(is_correct(both, reply) for reply in both.key)


french = st.text("abcdeéèêëàâçîïôœùûüÿæABCDEÉÈŒÇ' ’-.,!0123456789«»", min_size=1, max_size=30)
leniency = st.builds(Forgiven, *[st.booleans()] * 5)


@given(key=french.filter(str.strip), forgiven=leniency)
def test_the_key_as_written_is_right(key, forgiven):
    assert accepts(key, key, forgiven)


@given(text=french, forgiven=leniency)
def test_taking_away_what_is_forgiven_twice_takes_away_no_more(text, forgiven):
    once = normalised(text, forgiven)
    assert normalised(once, forgiven) == once


@given(
    key=french.filter(str.strip),
    reply=french.filter(str.strip),
    forgiven=leniency,
    more=st.sampled_from(["case", "accents", "spaces", "punctuation"]),
)
def test_forgiving_more_without_typos_never_turns_a_right_reply_wrong(key, reply, forgiven, more):
    exact = replace(forgiven, typos=False)
    if accepts(key, reply, exact):
        assert accepts(key, reply, replace(exact, **{more: True}))


@given(
    key=st.text("abcdefghij", min_size=4, max_size=24),
    edits=st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["", "z", "zz"])), max_size=4),
)
def test_no_more_edits_than_a_quarter_of_the_key_are_always_forgiven(key, edits):
    allowed = int(TYPO_SHARE * len(key))
    reply, spent = key, 0
    for place, instead in edits:
        cost = max(1, len(instead))
        if spent + cost <= allowed:
            at = place % len(reply)
            reply, spent = reply[:at] + instead + reply[at + 1 :], spent + cost
    assert accepts(key, reply, Forgiven(typos=True))
