"""GIFT → questions."""

import pytest

from engine.items.exchange.gift import read_gift
from engine.items.exchange.model import Faulty
from engine.items.item import Choice, Matching, MultipleChoice, Number, ShortText, SingleChoice
from tests.engine.items.exchange.questions import OTHERS, told


def read(text):
    reading = read_gift(text.encode(), "q.gift")
    assert not told(reading)
    return reading.questions


def only(text):
    (question,) = read(text)
    return question


def other(name):
    reading = read_gift((OTHERS / "gift-grammar" / name).read_bytes(), name)
    assert not told(reading)
    return reading.questions


def test_files_of_others_are_read():
    first, second = other("matching1.gift")
    assert isinstance(first.interaction, Matching)
    assert [p.text for p in second.interaction.prompts] == ["Canada", "Italy", "Japan", "India"]
    capitals = {c.id: c.text for c in second.interaction.choices}
    assert [capitals[c] for _, c in second.interaction.key] == ["Ottawa", "Rome", "Tokyo", "New Delhi"]
    (signs,) = other("escapeAll.gift")
    assert [c.text for c in signs.interaction.choices] == ["~", "=", "#", "{", "}", ":", "\\\\"]
    assert signs.interaction.choices[0].why == "~ is a control character."
    (tomb,) = other("mc4.gift")
    assert tomb.interaction.key == "c"
    assert tomb.body == "Who's buried in Grant's tomb?"
    (false,) = other("TFTwoFeedback.gift")
    assert false.interaction.key == "b"
    assert [c.why for c in false.interaction.choices] == ["wrong answer feedback", "right answer feedback"]
    (activities,) = other("formatExamples.gift")
    assert activities.body == "Match the **activity** to the description."
    assert {c.text for c in activities.interaction.choices} == {"Forum", "Choice", "Database", "Wiki", "Chat"}
    assert len(activities.interaction.prompts) == 4


def test_a_choice_has_its_title_its_comments_and_its_rationale():
    question = only("::Couleurs::Laquelle ? { =jaune # oui ~rouge # non ~%0%bleu ####Le jaune.\n}")
    assert question.name == "Couleurs"
    assert question.interaction == SingleChoice(
        (Choice("a", "jaune", "oui"), Choice("b", "rouge", "non"), Choice("c", "bleu")), "a"
    )
    assert question.rationale == "Le jaune."


def test_percents_make_a_multiple_choice():
    question = only("Lesquels ? {~%50%a ~%50%b ~%-50%c ~%-50%d}")
    assert isinstance(question.interaction, MultipleChoice)
    assert question.interaction.key == {"a", "b"}


@pytest.mark.parametrize(
    ("answers", "number"),
    [
        ("#3:2", Number(3, "", 2)),
        ("#1..5", Number(3, "", 2)),
        ("# -1.5", Number(-1.5)),
        ("#=1822:0 =%50%1822:2", Number(1822)),
    ],
)
def test_a_number_has_its_tolerance(answers, number):
    assert only(f"Combien ? {{{answers}}}").interaction == number


def test_short_answers_and_a_word_that_is_missing_in_the_middle():
    question = only("Deux et {=deux =2 =%50%II} font quatre.")
    assert question.interaction == ShortText(("deux", "2"))
    assert question.body == "Deux et (…) font quatre."
    assert question.lost == ("answers that are partly right: II",)


def test_a_partner_of_two_becomes_menus():
    question = only("Qui mange quoi ? {=chat -> viande =loup -> viande =vache -> herbe}")
    assert question.body.endswith("- chat : [[g1]]\n- loup : [[g2]]\n- vache : [[g3]]")


def test_escaped_signs_and_ends_of_lines_are_texts():
    question = only(r"1 \= 1 \{vrai\} \: oui\nou non ? {=a\=b ~c\~d ~e}")
    assert question.body == "1 = 1 {vrai} : oui\\\nou non ?"
    assert [c.text for c in question.interaction.choices] == ["a=b", "c~d", "e"]


def test_faults_and_what_palier_has_not_are_named_one_by_one_with_their_lines():
    text = (
        "$CATEGORY: x\n\n::E:: Dissertez. {}\n\n::D:: Lisez ceci.\n\nOuvert { =a\n\n// fin\n~b }\n\n"
        "::N:: Combien ? {#x}\n\n::S:: a {b}\n\n::M:: a {=b -> c =d}\n\n::T:: a {=b} {=c}\n"
    )
    reading = read_gift(text.encode(), "q.gift")
    assert [str(p) for p in reading.problems] == [
        "q.gift:7: « Ouvert »: a { without its }: no empty line may stand between them",
        "q.gift:10: « ~b } »: a } without its {: no empty line may stand between them; write a brace of the text as"
        " \\}",
        "q.gift:12: « N »: 'x' is no number, and no range like 1..5 or 3:2",
        "q.gift:14: « S »: 'b' in the braces is neither =right nor ~wrong",
        "q.gift:16: « M »: some answers have -> and some have not: a matching has it in each",
        "q.gift:18: « T »: more than one { or }: part questions by an empty line, write braces of the text as \\{"
        " and \\}",
    ]
    assert [str(p) for p in reading.unsupported] == [
        "q.gift:3: « E »: a long text (empty braces) is marked by a person, and Palier scores by itself",
        "q.gift:5: « D »: it has no braces, so it asks nothing (a description of Moodle)",
    ]


@pytest.mark.parametrize("data", [b"\xff\xfea", b"a\x00b", b"", b"\n// rien\n"])
def test_what_is_no_gift_is_said_to_be_none(data):
    with pytest.raises(Faulty):
        read_gift(data, "q.gift")
