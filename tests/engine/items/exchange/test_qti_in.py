"""QTI of others → questions, each thing that an item cannot hold by its name."""

import pytest

from engine.items.exchange.package import pack
from engine.items.exchange.qti_package import read_qti
from engine.items.item import (
    Attachment,
    Choice,
    Gaps,
    Matching,
    MultipleChoice,
    Number,
    Ordering,
    ShortText,
    SingleChoice,
)
from tests.engine.items.exchange.questions import OTHERS, declared, one, package_of, qti3, told

CHOICES = "".join(f'<qti-simple-choice identifier="Choix{c}">{c}</qti-simple-choice>' for c in "ABCD")
CHOICE = f'<qti-choice-interaction response-identifier="RESPONSE" max-choices="1">{CHOICES}</qti-choice-interaction>'


def test_a_package_of_others_is_read_but_for_what_palier_has_not():
    reading = read_qti(package_of(OTHERS / "qti3-longsight"), "p.zip")
    assert not reading.problems
    assert [type(q.interaction) for q in reading.questions] == [
        SingleChoice, Matching, ShortText, Gaps, Gaps, Ordering, SingleChoice, MultipleChoice
    ]  # fmt: skip
    assert told(reading) == [
        "p.zip/items/extended-text.xml:1: qti-extended-text-interaction: a long text is marked by a person, and Palier"
        " scores by itself",
        "p.zip/items/composite.xml:1: several interactions in one item (qti-choice-interaction,"
        " qti-text-entry-interaction): Palier asks one thing at a time, cut it",
    ]
    choice, match, entry, gap, inline, order, mapped, lights = reading.questions
    assert choice.body == "**Choose the response declaration.**"
    assert choice.interaction.key == "a"
    assert match.interaction.key == (("p1", "a"), ("p2", "b"))
    assert entry.body == "Type the built-in score outcome name:"
    assert entry.interaction.key == ("SCORE",)
    assert gap.interaction.key == (("g1", "a"),)
    assert inline.body.count("[[g") == 2
    assert inline.interaction.key == (("g1", "a"), ("g2", "b"))
    assert order.interaction.key == ("a", "b")
    assert mapped.interaction.key == "a"
    assert "points for answers that are partly right" in mapped.lost[0]
    assert lights.interaction.key == {"a", "b"}
    assert "scoring by rules of its own: an item is right as its key says, or wrong" in lights.lost
    assert lights.rationale.startswith("The Sun produces light through nuclear fusion. A burning candle")


QTI2 = """<?xml version="1.0" encoding="UTF-8"?>
<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p{minor}" identifier="q" title="Deux" adaptive="false"
    timeDependent="false">
  <responseDeclaration identifier="RESPONSE" cardinality="multiple" baseType="directedPair">
    <correctResponse><value>A X</value><value>B Y</value></correctResponse>
  </responseDeclaration>
  <itemBody><p>Situation.</p>
    <matchInteraction responseIdentifier="RESPONSE" shuffle="false" maxAssociations="2"><prompt>Associez.</prompt>
      <simpleMatchSet><simpleAssociableChoice identifier="A" matchMax="1">Un</simpleAssociableChoice>
        <simpleAssociableChoice identifier="B" matchMax="1">Deux</simpleAssociableChoice></simpleMatchSet>
      <simpleMatchSet><simpleAssociableChoice identifier="X" matchMax="1">I</simpleAssociableChoice>
        <simpleAssociableChoice identifier="Y" matchMax="1">II</simpleAssociableChoice></simpleMatchSet>
    </matchInteraction></itemBody>
  <modalFeedback outcomeIdentifier="F" identifier="ok" showHide="show">Parce que.</modalFeedback>
</assessmentItem>"""


@pytest.mark.parametrize("minor", [1, 2])
def test_qti_2_is_read_under_its_own_names(minor):
    question = one(QTI2.format(minor=minor).encode())
    assert question.body == "Situation.\n\n**Associez.**"
    assert question.rationale == "Parce que."
    prompts, choices = (Choice("p1", "Un"), Choice("p2", "Deux")), (Choice("a", "I"), Choice("b", "II"))
    assert question.interaction == Matching(prompts, choices, (("p1", "a"), ("p2", "b")), True)


def test_a_choice_of_qti_2_has_its_reasons():
    data = b"""<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p2" identifier="q" title="t">
      <responseDeclaration identifier="R" cardinality="single" baseType="identifier">
        <correctResponse><value>B</value></correctResponse></responseDeclaration>
      <itemBody><choiceInteraction responseIdentifier="R" shuffle="true" maxChoices="1">
        <simpleChoice identifier="A">Un
          <feedbackInline identifier="A" outcomeIdentifier="F">Non.</feedbackInline></simpleChoice>
        <simpleChoice identifier="B">Deux</simpleChoice></choiceInteraction></itemBody></assessmentItem>"""
    assert one(data).interaction == SingleChoice((Choice("a", "Un", "Non."), Choice("b", "Deux")), "b")


def test_a_number_has_its_unit_and_its_tolerance():
    processing = (
        '<qti-response-processing><qti-equal tolerance-mode="relative" tolerance="5 5"/></qti-response-processing>'
    )
    field = '<p>Combien ?</p><p><qti-text-entry-interaction response-identifier="RESPONSE"/> Mo</p>'
    question = one(qti3(field, declared("12.5", base="float"), processing))
    assert question.interaction == Number(12.5, "Mo", 0.0, 0.05)
    assert question.body == "Combien ?"


def test_a_field_inside_a_sentence_leaves_a_hole():
    field = '<p>Le <qti-text-entry-interaction response-identifier="RESPONSE"/> dort.</p>'
    assert one(qti3(field, declared("chat", base="string"))).body == "Le (…) dort."


def test_texts_worth_nothing_are_refused():
    mapping = '<qti-mapping><qti-map-entry map-key="oui" mapped-value="1" case-sensitive="true"/>'
    mapping += '<qti-map-entry map-key="non" mapped-value="0" case-sensitive="true"/></qti-mapping>'
    response = declared(base="string").replace("</qti-response", f"{mapping}</qti-response")
    question = one(qti3('<p>?<qti-text-entry-interaction response-identifier="RESPONSE"/></p>', response))
    assert (question.interaction.key, question.interaction.refused) == (("oui",), ("non",))
    assert question.interaction.forgiven.case is False


def test_a_choice_that_serves_twice_becomes_menus():
    sets = "".join(
        "<qti-simple-match-set>"
        + "".join(f'<qti-simple-associable-choice identifier="{i}">{i}</qti-simple-associable-choice>' for i in ids)
        + "</qti-simple-match-set>"
        for ids in ("ABC", "XY")
    )
    body = f'<qti-match-interaction response-identifier="RESPONSE">{sets}</qti-match-interaction>'
    question = one(qti3(body, declared("A X", "B X", "C Y", cardinality="multiple", base="directedPair")))
    assert question.body == "- A : [[g1]]\n- B : [[g2]]\n- C : [[g3]]"
    assert question.interaction.key == (("g1", "a"), ("g2", "a"), ("g3", "b"))


def test_a_link_in_a_sentence_keeps_its_words_and_its_file():
    link = '<p>Ouvrez <a href="d.csv">le tableau</a>.</p><ul><li><a href="e.csv">Un autre</a></li></ul>'
    row = b'<resource type="imsqti_item_xmlv3p0" href="q.xml"/>'
    manifest = b'<manifest xmlns="m"><resources>' + row + b"</resources></manifest>"
    item = qti3(link + CHOICE, declared("ChoixB"))
    reading = read_qti(pack({"imsmanifest.xml": manifest, "q.xml": item, "d.csv": b"1", "e.csv": b"2"}), "p.zip")
    assert reading.questions[0].body == "Ouvrez le tableau."
    assert reading.questions[0].attachments == (Attachment("d.csv", "le tableau"), Attachment("e.csv", "Un autre"))


def test_a_text_that_items_share_comes_first():
    inner = b"<qti-stimulus-body><p>Le texte.</p></qti-stimulus-body>"
    stimulus = b'<qti-assessment-stimulus xmlns="x">' + inner + b"</qti-assessment-stimulus>"
    reference = '<qti-assessment-stimulus-ref identifier="S" href="../s.xml"/>'
    item = qti3(CHOICE, declared("ChoixB") + reference)
    row = b'<resource type="imsqti_item_xmlv3p0" href="i/q.xml"/>'
    manifest = b'<manifest xmlns="m"><resources>' + row + b"</resources></manifest>"
    reading = read_qti(pack({"imsmanifest.xml": manifest, "i/q.xml": item, "s.xml": stimulus}), "p.zip")
    assert reading.questions[0].body == "Le texte."


FAULTS = {
    "no item body": (b'<qti-assessment-item identifier="a"/>', "q.xml:1: the item has no qti-item-body"),
    "no declaration": (qti3(CHOICE), "q.xml:1: no qti-response-declaration is called 'RESPONSE'"),
    "a key that is no choice": (
        qti3(CHOICE, declared("E")),
        "q.xml:1: the right answer 'E' is none of the choices",
    ),
    "a number that is none": (
        qti3('<p><qti-text-entry-interaction response-identifier="RESPONSE"/></p>', declared("x", base="float")),
        "q.xml:1: the right answer 'x' is no number",
    ),
    "another root": (b"<html/>", "q.xml:1: <html>, no QTI item"),
    "qti 1.2": (b"<questestinterop/>", "q.xml:1: QTI 1.2: export it from its system as QTI 2.1, 2.2 or 3"),
    "twice the same identifier": (
        qti3(CHOICE.replace("ChoixB", "ChoixA"), declared("ChoixA")),
        "q.xml:1: the identifier 'ChoixA' is missing or stands twice in one set",
    ),
    "a template": (
        qti3(CHOICE, declared("ChoixA") + '<qti-template-declaration identifier="T"/>'),
        "q.xml:1: its values are drawn by a template: write one item for each value",
    ),
    "an adaptive item": (
        qti3(CHOICE, declared("ChoixA"), head='adaptive="true"'),
        "q.xml:1: an adaptive item: it changes while it is answered",
    ),
    "nothing asked": (qti3("<p>Lisez.</p>"), "q.xml:1: it asks nothing: it has no interaction"),
    "another interaction": (
        qti3('<qti-slider-interaction response-identifier="R"/>'),
        "q.xml:1: qti-slider-interaction: Palier has no such interaction",
    ),
    "a film": (
        qti3(f"<p><video src='a.mp4'/></p>{CHOICE}", declared("ChoixA")),
        "q.xml:1: it holds <video>, which no item can show: put text, a table or an image in its place",
    ),
    "an image from elsewhere": (
        qti3(f"<p><img src='http://a.example/b.png' alt=''/></p>{CHOICE}", declared("ChoixA")),
        "q.xml:1: the image http://a.example/b.png is not in the file: put it into the package",
    ),
}


@pytest.mark.parametrize(("data", "sentence"), FAULTS.values(), ids=FAULTS)
def test_each_fault_is_named_with_its_place(data, sentence):
    assert told(read_qti(data, "q.xml")) == [sentence]


def test_every_faulty_item_of_a_package_is_named():
    rows = "".join(f'\n<resource type="imsqti_item_xmlv2p2" href="{n}.xml"/>' for n in "abc")
    manifest = f'<manifest xmlns="m"><resources>{rows}</resources></manifest>'.encode()
    data = pack({"imsmanifest.xml": manifest, "a.xml": b"<assessmentItem>", "b.xml": b"<assessmentItem/>"})
    assert [line.split(": ")[0] for line in told(read_qti(data, "p.zip"))] == [
        "p.zip/a.xml:1", "p.zip/b.xml:1", "p.zip/imsmanifest.xml:4"
    ]  # fmt: skip


def test_a_draft_without_a_key_says_that_it_lacks_one():
    question = one(qti3(CHOICE, declared()))
    assert question.interaction.key == ""
    assert question.lost == ("it says of no answer that it is right: `key` is to be filled in",)
