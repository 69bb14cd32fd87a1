"""Moodle XML → questions."""

import base64

import pytest

from engine.items.exchange.model import Faulty
from engine.items.exchange.moodle import read_moodle
from engine.items.item import Choice, Gaps, Matching, Medium, MultipleChoice, Number, Ordering, ShortText, SingleChoice
from tests.engine.items.exchange.questions import answer, asked, moodle, told

TRUTH = answer(100, "true", "Oui.") + answer(0, "false", "Non.")
WORDS = "".join(f"<{{0}}><text>{w}</text><group>{g}</group></{{0}}>" for w, g in (("un", 1), ("deux", 2), ("dix", 1)))


def read(*questions):
    reading = read_moodle(moodle(*questions), "m.xml")
    assert not told(reading)
    return reading.questions


def only(kind, inner, **more):
    return read(asked(kind, inner, **more))[0]


def pair(prompt, text):
    return f"<subquestion format='html'><text>{prompt}</text><answer><text>{text}</text></answer></subquestion>"


def test_a_single_choice():
    inner = answer(100, "<p>Oui</p>") + answer(0, "Non &amp; <b>non</b>", "Pas ainsi.") + answer(-50, "Jamais")
    question = only("multichoice", f"<single>true</single><generalfeedback><text>Car.</text></generalfeedback>{inner}")
    assert question.interaction == SingleChoice(
        (Choice("a", "Oui"), Choice("b", "Non & **non**", "Pas ainsi."), Choice("c", "Jamais")), "a"
    )
    assert (question.name, question.body, question.rationale) == ("Q", "Que faire ?", "Car.")


def test_a_multiple_choice_loses_its_points():
    inner = "".join(answer(n, str(n)) for n in (50, 30, 20, -100)) + "<shuffleanswers>0</shuffleanswers>"
    question = only("multichoice", f"<single>false</single>{inner}")
    assert isinstance(question.interaction, MultipleChoice)
    assert question.interaction.key == {"a", "b", "c"}
    assert question.interaction.fixed_order
    assert "points for each choice" in question.lost[0]


def test_true_or_false_is_a_choice_that_lacks_a_third():
    question = only("truefalse", TRUTH)
    assert question.interaction == SingleChoice((Choice("a", "Vrai", "Oui."), Choice("b", "Faux", "Non.")), "a", True)
    assert "Palier wants three" in question.lost[0]


def test_a_matching_with_a_choice_too_many():
    question = only("matching", pair("Un", "1") + pair("Deux", "2") + pair("", "3"))
    assert question.interaction == Matching(
        (Choice("p1", "Un"), Choice("p2", "Deux")),
        (Choice("a", "3"), Choice("b", "1"), Choice("c", "2")),
        (("p1", "b"), ("p2", "c")),
    )


def test_short_answers_are_accepted_or_refused():
    inner = "<usecase>1</usecase>" + answer(100, "oui") + answer(100, "si") + answer(50, "peut-être") + answer(0, "non")
    question = only("shortanswer", inner + answer(0, "*", "Autre."))
    assert isinstance(question.interaction, ShortText)
    assert (question.interaction.key, question.interaction.refused) == (("oui", "si"), ("non",))
    assert not question.interaction.forgiven.case
    assert question.lost == ("answers that are partly right: peut-être",)


def test_a_number_has_its_unit_and_its_tolerance():
    inner = "<answer fraction='100'><text>12.5</text><tolerance>0.5</tolerance></answer>"
    units = "<units><unit><multiplier>1</multiplier><unit_name>Mo</unit_name></unit></units>"
    assert only("numerical", inner + units).interaction == Number(12.5, "Mo", 0.5)


@pytest.mark.parametrize(("kind", "option"), [("gapselect", "selectoption"), ("ddwtos", "dragbox")])
def test_gaps_offer_the_words_of_their_group(kind, option):
    question = only(kind, WORDS.format(option), text="<p>[[3]] fois [[2]] et <i>[[1]]</i></p>")
    assert question.body == "[[g1]] fois [[g2]] et *[[g3]]*"
    assert isinstance(question.interaction, Gaps)
    assert question.interaction.key == (("g1", "b"), ("g2", "a"), ("g3", "a"))
    assert [c.text for c in question.interaction.gaps[0].choices] == ["un", "dix"]


def test_an_ordering_does_not_show_the_order_of_its_file_which_is_the_right_one():
    question = only("ordering", answer(100, "un") + answer(100, "deux") + answer(100, "trois"))
    assert question.interaction == Ordering(
        (Choice("a", "deux"), Choice("b", "un"), Choice("c", "trois")), ("b", "a", "c")
    )


def test_images_come_along_with_what_describes_them():
    data = base64.b64encode(b"image").decode()
    text = '<p><img src="@@PLUGINFILE@@/le%20plan%20%C3%A0.png" alt="Un  plan"></p>'
    file = f"<file name='le plan à.png' encoding='base64'>{data}</file>"
    reading = read_moodle(moodle(asked("truefalse", TRUTH + file, text)), "m")
    question = reading.questions[0]
    assert question.media == (Medium("1/le plan à.png", "Un plan"),)
    assert reading.files == {"1/le plan à.png": b"image"}
    assert question.body == "![](1/le%20plan%20%C3%A0.png)"


@pytest.mark.parametrize(
    ("form", "text", "body"),
    [
        ("html", "<p>a<br>b</p><ul><li>c</li></ul>", "a\\\nb\n\n- c"),
        ("markdown", "*a* `b`\n\n1. c", "*a* `b`\n\n1. c"),
        ("plain_text", "a <b>\n\n# c", "a &lt;b>\n\n\\# c"),
        ("moodle_auto_format", "a\nb\n\nc", "a\\\nb\n\nc"),
    ],
)
def test_each_form_of_text_is_read(form, text, body):
    data = moodle(asked("truefalse", TRUTH, text)).replace(b'format="html"', f'format="{form}"'.encode())
    assert read_moodle(data, "m").questions[0].body == body


def test_faults_and_what_palier_has_not_are_named_one_by_one_with_their_lines():
    reading = read_moodle(
        moodle(
            asked("essay", "", name="Dissertation"),
            asked("cloze", "", name="Textes"),
            asked("gapselect", WORDS.format("selectoption"), "[[4]]", name="Trou"),
            asked("multichoice", answer(100, "a").replace("100", "tout"), name="Points"),
            asked("shortanswer", answer(100, "chat*"), name="Joker"),
            "<question type='category'><category><text>$course$/Test</text></category></question>",
        ),
        "m.xml",
    )
    assert [str(p) for p in reading.problems] == [
        "m.xml:5: « Trou »: the text holds [[4]], but there are 3 words",
        "m.xml:6: « Points »: fraction='tout' is no number",
    ]
    assert [str(p) for p in reading.unsupported] == [
        "m.xml:3: « Dissertation »: type essay: a long text is marked by a person, and Palier scores by itself",
        "m.xml:4: « Textes »: type cloze: several questions in one text: write each as a question of its own, or menus"
        " as gapselect",
        "m.xml:7: « Joker »: the answer 'chat*' holds the wildcard *: write out the answers that are right",
    ]
    assert reading.remarks == ("the category $course$/Test is left out",)


def test_what_is_no_moodle_xml_is_said_to_be_none():
    with pytest.raises(Faulty, match="<html> is not the <quiz> of Moodle XML"):
        read_moodle(b"<html/>", "m.xml")
