"""Out of Palier and in again: nothing is lost, and without keys nothing is given away."""

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.items.exchange.drafts import Target, drafts
from engine.items.exchange.model import Unsupported
from engine.items.exchange.package import pack, unpack
from engine.items.exchange.qti_out import export
from engine.items.exchange.qti_package import read_qti
from engine.items.exchange.safe_xml import parse_xml
from engine.items.exchange.to_markdown import tag
from engine.items.frameworks import Framework, Level, Track
from engine.items.item import (
    Attachment,
    Choice,
    Demand,
    Forgiven,
    Gap,
    Gaps,
    Item,
    Kind,
    Matching,
    Medium,
    MultipleChoice,
    Number,
    Ordering,
    ShortText,
    SingleChoice,
    Status,
    Variant,
)
from engine.items.read import read_bank
from engine.items.write import KIND_OF
from engine.kernel import ItemId
from tests.engine.items.files import good_bank, put

BANK = Path(__file__).parents[4] / "item_bank"


def files_of(root: Path) -> tuple[tuple[Item, ...], dict[str, bytes]]:
    bank, problems = read_bank(root)
    assert not problems
    assert bank is not None
    folders = {item.id: (root / bank.sources[item.id].path).parent for item in bank}
    return bank.items, {name: (folders[i.id] / name).read_bytes() for i in bank for name in i.files}


@pytest.fixture(scope="module")
def whole():
    """The bank, read once."""
    return files_of(BANK)


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.slow), 7], ids=["every", "every seventh"])
def test_items_of_the_bank_come_back_as_they_were(whole, step):
    items, files = whole
    assert len(items) > 200
    data, _ = export(items[::step], dict.fromkeys(files, b"x"), with_keys=True)  # the files themselves: below
    reading = read_qti(data, "p.zip")
    assert not reading.problems
    assert not reading.unsupported
    assert tuple(q.record for q in reading.questions) == items[::step]


def test_an_empty_bank_that_imports_a_bank_is_that_bank_in_draft(tmp_path):
    items, files = files_of(good_bank(tmp_path / "from"))
    data, _ = export(items, files, with_keys=True)
    made, problems = drafts(read_qti(data, "p.zip"), Target(), used=(), keep_ids=True)
    assert not problems
    assert not [d.missing for d in made if d.missing]
    into = put(tmp_path / "to", {str(d.path): d.text for d in made})
    put(into, {str(d.path.parent / name): content for d in made for name, content in d.files.items()})
    again, content = files_of(into)
    assert again == tuple(replace(item, status=Status.DRAFT) for item in items)
    assert content == files


SIGNS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Co", "Cn"])
TEXT = st.text(SIGNS, min_size=1, max_size=30).map(str.strip).filter(bool)
"""Any text, with all the signs that mean something to Markdown, XML and TOML."""
HARD = st.sampled_from(
    ["*a*", "<b>", "&amp;", "[[g1]]", "`x` | y", "# a", "1. a", "- - -", "~~a~~", "a\\", '"', "]]>", "+++"]
)
WORDS = TEXT | HARD


@st.composite
def choices(draw, least=3, most=5):
    texts = draw(st.lists(WORDS, min_size=least, max_size=most, unique_by=str.casefold))
    return tuple(Choice(i, t, draw(st.just("") | WORDS)) for i, t in zip("abcdef", texts, strict=False))


@st.composite
def interactions(draw):
    kind = draw(st.sampled_from(list(KIND_OF)))
    some = draw(choices(4, 5))
    ids = [c.id for c in some]
    why = tuple(replace(c, why=c.why or "Non.") for c in some)
    if kind is SingleChoice:
        return SingleChoice(why, draw(st.sampled_from(ids)), draw(st.booleans()))
    if kind is MultipleChoice:
        return MultipleChoice(why, frozenset(ids[:2]), draw(st.booleans()))
    if kind is ShortText:
        texts = draw(st.lists(WORDS, min_size=1, max_size=4, unique=True))
        return ShortText(tuple(texts[:2]), tuple(texts[2:]), Forgiven(*draw(st.tuples(*[st.booleans()] * 5))))
    if kind is Number:
        margins = st.floats(0, 0.99)
        return Number(draw(st.floats(-1e12, 1e12)), draw(st.just("") | WORDS), draw(margins), draw(margins))
    if kind is Ordering:
        return Ordering(some, tuple(draw(st.permutations(ids))))
    if kind is Matching:
        prompts = tuple(Choice(f"p{n}", t) for n, t in enumerate(("Un", draw(WORDS) + " deux"), 1))
        return Matching(prompts, some, (("p1", ids[1]), ("p2", ids[0])), draw(st.booleans()))
    return Gaps((Gap("g1", some), Gap("g2", some[:2])), (("g1", ids[2]), ("g2", ids[0])))


@st.composite
def items(draw):
    interaction = draw(interactions())
    task = isinstance(interaction, SingleChoice | ShortText | Number) and draw(st.booleans())
    edu = draw(st.booleans())
    body = "\n\n".join(draw(st.lists(WORDS, min_size=1, max_size=3)))
    body = body.replace("[[g", "[g")
    if isinstance(interaction, Gaps):
        body = f"{body}\n\nD'abord [[g1]] puis **[[g2]]**."
    media = ()
    if draw(st.booleans()):
        body, media = f"{body}\n\n![](crcn-1.1-01-vue.png)", (Medium("crcn-1.1-01-vue.png", draw(WORDS)),)
    return Item(
        id=ItemId("edu-1.1-01" if edu else "crcn-1.1-01"),
        version=draw(st.integers(1, 9)),
        status=Status.APPROVED,
        framework=Framework.CRCN_EDU if edu else Framework.CRCN,
        competence="1.1",
        subject="un-sujet",
        tracks=draw(st.sets(st.sampled_from(Track), min_size=1).map(frozenset)),
        tag=draw(st.sampled_from(Level)) if edu else draw(st.integers(1, 8)),
        kind=Kind.FILE_TASK if task else KIND_OF[type(interaction)],
        interaction=interaction,
        body=f"{body}\n\n**{draw(TEXT)} ?**".strip(),
        expected_seconds=draw(st.integers(15, 600)),
        demands=draw(st.sets(st.sampled_from(Demand)).map(frozenset)),
        media=media,
        attachments=(Attachment("crcn-1.1-01.csv", draw(WORDS)),) if task else (),
        variants=(Variant("v2", interaction, (Attachment("crcn-1.1-01-v2.csv", "Autre"),), draw(st.just("") | WORDS)),)
        if task and draw(st.booleans())
        else (),
        author=draw(WORDS),
        licence="CC-BY-SA-4.0",
        level_reason=draw(WORDS),
        rationale=draw(WORDS),
        source=draw(WORDS),
        learn_more=draw(st.just("") | WORDS),
    )


@given(items())
@settings(max_examples=30, deadline=None)
def test_any_item_comes_back_as_it_was(item):
    data, _ = export([item], dict.fromkeys(item.files, b"x"), with_keys=True)
    reading = read_qti(data, "p.zip")
    assert not reading.problems
    assert not reading.unsupported
    assert [q.record for q in reading.questions] == [item]


@given(items())
@settings(max_examples=15, deadline=None)
def test_a_package_without_keys_holds_none_and_says_so(item):
    marks = {"rationale": "MOTIF", "source": "ORIGINE", "level_reason": "NIVEAU", "learn_more": "SUITE"}
    item = replace(item, **marks, variants=())
    if isinstance(item.interaction, ShortText):
        item = replace(item, interaction=replace(item.interaction, key=("LACLE",), refused=("PRESQUE",)))
    data, notes = export([item], dict.fromkeys(item.files, b"x"), with_keys=False)
    written = "".join(c.decode() for n, c in unpack(data, "p.zip").items() if n.endswith(".xml"))
    for telling in ("LACLE", "PRESQUE", "correct-response", "mapping", "response-processing", "feedback"):
        assert telling not in written
    assert not [mark for mark in marks.values() if mark in written]
    assert "--with-keys" in " ".join(sentence for _, sentence in notes)
    reading = read_qti(data, "p.zip")
    assert [q.record for q in reading.questions] == [None]
    assert reading.questions[0].own["level"] == (item.tag.slug if isinstance(item.tag, Level) else str(item.tag))
    assert any("`key`" in lost for lost in reading.questions[0].lost)


def test_without_keys_the_order_of_a_package_is_not_that_of_the_file(tmp_path):
    items, files = files_of(good_bank(tmp_path))
    orders = []
    for with_keys in (True, False):
        data, _ = export([i for i in items if i.kind == "ordering"], files, with_keys)
        orders.append(re.findall(r'simple-choice identifier="(.)"', unpack(data, "p")["items/edu-3.1-01.xml"].decode()))
    assert orders[0] == ["a", "b", "c", "d"]
    assert sorted(orders[1]) == orders[0] != orders[1]


def test_the_same_items_give_the_same_bytes(tmp_path):
    items, files = files_of(good_bank(tmp_path))
    assert export(items, files, with_keys=True) == export(items, files, with_keys=True)


def changed(data: bytes, name: str, old: str, new: str) -> bytes:
    content = unpack(data, "p.zip")
    assert old in content[name].decode()
    return pack(content | {name: content[name].decode().replace(old, new).encode()})


def test_a_question_that_somebody_changed_is_read_as_it_is_now(tmp_path):
    items, files = files_of(good_bank(tmp_path))
    data, _ = export(items, files, with_keys=True)
    reading = read_qti(changed(data, "items/crcn-1.1-01.xml", "Proposition a", "Proposition nouvelle"), "p.zip")
    question = next(q for q in reading.questions if q.own["id"] == "crcn-1.1-01")
    assert question.record is None
    assert question.interaction.choices[0].text == "Proposition nouvelle"
    assert any("changed since Palier exported it" in lost for lost in question.lost)
    made, _ = drafts(reading, Target(), used=(), keep_ids=True)
    text = next(d.text for d in made if d.id == "crcn-1.1-01")
    assert 'level_reason = "Une raison."' in text
    assert 'source = "Une source"' in text


def test_new_ids_go_through_files_bodies_and_enemies(tmp_path):
    items, files = files_of(good_bank(tmp_path))
    data, _ = export(items, files, with_keys=True)
    made, problems = drafts(read_qti(data, "p.zip"), Target(), used=[i.id for i in items])
    assert not problems
    named = {d.question.record.id: d for d in made}
    assert named["edu-2.2-01"].id == "edu-2.2-02"
    assert "![](edu-2.2-02.svg)" in named["edu-2.2-01"].text
    assert 'enemies = ["crcn-1.1-03"]' in named["edu-2.2-01"].text
    assert list(named["edu-2.2-01"].files) == ["edu-2.2-02.svg"]
    assert 'file = "crcn-1.3-02.csv"' in named["crcn-1.3-01"].text


def test_what_the_format_cannot_carry_is_named(tmp_path):
    items, files = files_of(good_bank(tmp_path))
    _, notes = export(items, files, with_keys=True)
    said = {item: " ".join(s for i, s in notes if i == item) for item, _ in notes}
    assert "`tolerance` of accents, spaces, punctuation, typos" in said["edu-2.2-01"]
    assert "`level_reason`, `source`, `enemies`" in said["edu-2.2-01"]


@pytest.mark.parametrize("with_keys", [True, False])
def test_a_manifest_lists_every_file_once(tmp_path, with_keys):
    items, files = files_of(good_bank(tmp_path))
    data, _ = export(items, files, with_keys)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        manifest = archive.read("imsmanifest.xml").decode()
    assert names[0] == "imsmanifest.xml"
    assert sorted(re.findall(r'<file href="([^"]+)"', manifest)) == sorted(names[1:])
    assert len(set(re.findall(r'identifier="([^"]+)"', manifest))) == manifest.count(" identifier=")


ITEM_ORDER = [
    "response-declaration", "outcome-declaration", "item-body", "response-processing", "modal-feedback",
]  # fmt: skip
RESOURCE_ORDER = ["metadata", "file", "dependency"]


@pytest.mark.parametrize("with_keys", [True, False])
def test_elements_stand_in_the_order_of_the_schemas(tmp_path, with_keys):
    items, files = files_of(good_bank(tmp_path))
    data, _ = export(items, files, with_keys)
    seen = set()
    for name, content in unpack(data, "p.zip").items():
        if name.startswith("items/") and name.endswith(".xml"):
            orders = [([tag(e).removeprefix("qti-") for e in parse_xml(content, name)], ITEM_ORDER)]
        elif name == "imsmanifest.xml":
            orders = [([tag(e) for e in r], RESOURCE_ORDER) for r in parse_xml(content, name).iter("{*}resource")]
        else:
            continue
        for found, order in orders:
            assert sorted(found, key=order.index) == found
            seen |= set(found)
    assert seen >= {"response-declaration", "item-body", "metadata", "file", "dependency"}
    assert ("modal-feedback" in seen) == ("response-processing" in seen) == with_keys


def test_text_that_xml_cannot_hold_is_refused_by_name(tmp_path):
    items, files = files_of(good_bank(tmp_path))
    with pytest.raises(Unsupported, match=r"crcn-1\.1-01 holds characters that XML has not"):
        export([replace(items[0], rationale="a\x07")], files, with_keys=True)
