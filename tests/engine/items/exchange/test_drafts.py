"""Questions → drafts: files with what is known, numbered on, and what is asked for."""

from dataclasses import replace

import pytest

from engine.items.exchange.drafts import Target, drafts
from engine.items.exchange.gift import read_gift
from engine.items.exchange.model import Place, Question, Reading
from engine.items.exchange.package import pack
from engine.items.exchange.qti_out import export
from engine.items.exchange.qti_package import read_qti
from engine.items.frameworks import Framework
from engine.items.item import Attachment, Medium, Number, ShortText, Variant
from engine.items.read import LARGEST_FILE, read_bank
from tests.engine.items.exchange.questions import package_of
from tests.engine.items.files import good_bank, put

CRCN = Target(Framework.CRCN, "1.3", "4", "A. Martin", "CC-BY-4.0")
NUMBER = Question(Place("q.xml"), "Un nombre", "**Combien ?**", Number(float("nan")))

TAO = {
    "imsmanifest.xml": """<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" identifier="M">
        <organizations/><resources>
        <resource identifier="i1" type="imsqti_item_xmlv2p1" href="i1/qti.xml"><file href="i1/qti.xml"/>
        <file href="i1/images/le%20plan.PNG"/><file href="i1/style/tao-user-styles.css"/></resource>
        </resources></manifest>""",
    "i1/qti.xml": """<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="choice" title="Plan"
        adaptive="false" timeDependent="false" toolName="TAO">
      <responseDeclaration identifier="RESPONSE" cardinality="single" baseType="identifier">
        <correctResponse><value><![CDATA[C]]></value></correctResponse></responseDeclaration>
      <stylesheet href="style/tao-user-styles.css" type="text/css"/>
      <itemBody><div class="grid-row"><div class="col-12"><p>Voici le plan.</p></div></div>
        <div class="grid-row"><div class="col-12"><p>
          <img src="images/le%20plan.PNG" alt="Deux salles, un couloir"/>
        </p></div></div>
        <div class="grid-row"><div class="col-12">
          <choiceInteraction responseIdentifier="RESPONSE" shuffle="true" maxChoices="1">
            <prompt>Que montre-t-il ?</prompt>
            <simpleChoice identifier="A" fixed="false">Une cour</simpleChoice>
            <simpleChoice identifier="B" fixed="false">Une rue</simpleChoice>
            <simpleChoice identifier="C" fixed="false">Un couloir</simpleChoice>
          </choiceInteraction></div></div></itemBody></assessmentItem>""",
    "i1/images/le plan.PNG": b"image",
    "i1/style/tao-user-styles.css": "p { color: red }",
}


def test_a_package_as_another_platform_lays_it_out_becomes_a_draft_with_its_image(tmp_path):
    made, problems = drafts(
        read_qti(package_of(put(tmp_path, TAO)), "p.zip"), CRCN, used=["crcn-1.3-07", "crcn-1.3-901"]
    )
    assert not problems
    (draft,) = made
    assert str(draft.path) == "items/crcn/1.3/crcn-1.3-08.md"
    assert draft.files == {"crcn-1.3-08-le-plan.png": b"image"}
    assert draft.text.endswith("Voici le plan.\n\n![](crcn-1.3-08-le-plan.png)\n\n**Que montre-t-il ?**\n")
    assert 'alt = "Deux salles, un couloir"' in draft.text
    assert draft.missing[0].startswith("`subject`, `tracks`, `level_reason`")
    assert draft.missing[1:] == ("say in `why` what is wrong with choice a, b",)


def test_a_draft_whose_gaps_are_filled_in_is_an_item(tmp_path):
    reading = read_gift(b"::A:: Que trie-t-on ? {=les lignes ~les colonnes#Non. ~rien#Non. ####Car.}", "q.gift")
    ((draft,), _) = drafts(reading, CRCN, used=())
    text = draft.text
    for field, value in {"subject": '"tri"', "level_reason": '"Simple."', "source": '"Aide"'}.items():
        lines = [f"{field} = {value}" if line.startswith(f"# {field} =") else line for line in text.split("\n")]
        text = "\n".join(lines)
    text = text.replace("# tracks", "tracks").replace("# expected_seconds", "expected_seconds")
    bank, problems = read_bank(put(tmp_path, {str(draft.path): text}))
    assert not problems
    assert bank is not None
    assert bank.items[0].rationale == "Car."


def test_a_number_without_a_key_is_asked_for_it():
    ((draft,), _) = drafts(Reading((NUMBER,)), CRCN, used=())
    assert "key" not in draft.text
    assert "`key`" in " ".join(draft.missing)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file a.png is empty"),
        (bytes(LARGEST_FILE + 1), "the file a.png is larger than 2 MiB: make it smaller"),
    ],
)
def test_a_file_that_the_bank_would_refuse_stops_the_import(content, sentence):
    question = replace(NUMBER, media=(Medium("a.png", "Un plan"),))
    _, problems = drafts(Reading((question,), {"a.png": content}), CRCN, used=())
    assert [p.sentence for p in problems] == [f"« Un nombre »: {sentence}"]


def test_files_of_the_same_name_are_told_apart():
    question = replace(NUMBER, attachments=(Attachment("a/Données.CSV", "A"), Attachment("b/donnees.csv", "B")))
    reading = Reading((question,), {"a/Données.CSV": b"1", "b/donnees.csv": b"2"})
    ((draft,), _) = drafts(reading, CRCN, used=())
    assert draft.files == {"crcn-1.3-01-donnees.csv": b"1", "crcn-1.3-01-donnees-2.csv": b"2"}
    assert 'interaction = "file_task"' in draft.text
    assert 'answer = "number"' in draft.text


def test_variants_without_keys_come_back_as_one_item_that_asks_for_its_keys(tmp_path):
    items, _ = read_bank(good_bank(tmp_path))
    assert items is not None
    task = next(i for i in items if i.kind == "file_task")
    other = Variant(
        "v2", replace(task.interaction, key=7.0), (Attachment("crcn-1.3-01-v2.csv", "Autre"),), "Autre raison."
    )
    task = replace(task, variants=(other,))
    data, _ = export([task], dict.fromkeys(task.files, b"x"), with_keys=False)
    ((draft,), problems) = drafts(read_qti(data, "p.zip"), Target(), used=())
    assert not problems
    assert "key" not in draft.text
    assert draft.text.count("[[variants]]") == 1
    assert list(draft.files) == ["crcn-1.3-01.csv", "crcn-1.3-01-v2.csv"]
    assert "`variants.0.key`" in " ".join(draft.missing)


def test_a_variant_whose_item_is_missing_is_named(tmp_path):
    items, _ = read_bank(good_bank(tmp_path))
    assert items is not None
    task = next(i for i in items if i.kind == "file_task")
    task = replace(task, variants=(Variant("v2", task.interaction, (Attachment("crcn-1.3-01-v2.csv", "B"),)),))
    data, _ = export([task], dict.fromkeys(task.files, b"x"), with_keys=True)
    content = read_qti(data, "p.zip").files
    manifest = content["imsmanifest.xml"].decode()
    start = manifest.index('<resource identifier="crcn-1.3-01" ')
    end = manifest.index("</resource>", start) + len("</resource>")
    cut = pack({**content, "imsmanifest.xml": (manifest[:start] + manifest[end:]).encode()})
    (problem,) = read_qti(cut, "p.zip").problems
    assert problem.sentence == "the item crcn-1.3-01 of this variant is not in the package"


def test_a_short_text_that_was_changed_keeps_what_it_forgives(tmp_path):
    items, _ = read_bank(good_bank(tmp_path))
    assert items is not None
    item = next(i for i in items if isinstance(i.interaction, ShortText))
    data, _ = export([item], dict.fromkeys(item.files, b"x"), with_keys=True)
    content = dict(read_qti(data, "p.zip").files)
    name = f"items/{item.id}.xml"
    content[name] = content[name].replace(b"Un courriel.", b"Un message.")
    ((draft,), _) = drafts(read_qti(pack(content), "p.zip"), Target(), used=(), keep_ids=True)
    assert "Un message." in draft.text
    assert "typos = true" in draft.text
    assert 'refused = ["harponnage"]' in draft.text
