"""Files that are made to do harm are refused by name, before anything of them is used."""

import io
import stat
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.items.exchange.formats import READERS
from engine.items.exchange.model import Faulty
from engine.items.exchange.moodle import read_moodle
from engine.items.exchange.package import resolved, unpack
from engine.items.exchange.qti_package import read_qti
from tests.engine.items.exchange.questions import declared, one, qti3

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
XML = {
    "a bomb of entities": f'<!DOCTYPE q [<!ENTITY l0 "lol">{LAUGHS}]><q>&l9;</q>',
    "a file of the machine": '<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/passwd">]><q>&x;</q>',
    "a DTD from elsewhere": '<?xml version="1.0"?>\n<!DOCTYPE q SYSTEM "http://a.example/q.dtd"><q/>',
    "a parameter entity": '<!DOCTYPE q [<!ENTITY % p SYSTEM "http://a.example/p">%p;]><q/>',
    "a harmless one": "<!DOCTYPE q><q/>",
}


@pytest.mark.parametrize("text", XML.values(), ids=XML)
@pytest.mark.parametrize("read", [read_qti, read_moodle], ids=["qti", "moodle"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_with_its_line(text, read, encoding):
    def refusal() -> Faulty:
        try:
            reading = read(text.encode(encoding), "q.xml")
        except Faulty as fault:
            return fault
        return Faulty(*reading.problems)

    (problem,) = refusal().problems
    assert problem.sentence.startswith("<!DOCTYPE …> can name entities and files from elsewhere")
    assert problem.line == (2 if "\n" in text else 1)


def zipped(*members: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return target.getvalue()


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


ZIPS = {
    "a way up": (zipped(("../a.xml", b"")), "'../a.xml': a name that leads out of the package"),
    "a way up inside": (zipped(("a/../../b", b"")), "'a/../../b': a name that leads out of the package"),
    "an absolute name": (zipped(("/etc/passwd", b"")), "'/etc/passwd': a name that leads out of the package"),
    "another separator": (zipped(("a\\b.xml", b"")), "'a\\\\b.xml': a \\ in the name"),
    "a drive": (zipped(("C:/a", b"")), "'C:/a': a name that leads out of the package"),
    "a link": (zipped((link("a"), b"/etc/passwd")), "'a': a link: put the file itself into the package"),
    "a bomb": (zipped(("a", bytes(8 * 2**20))), "'a': 10"),
    "no zip": (b"PK\x03\x04nothing", "not a zip file"),
    "the wrong sum": (zipped(("a", b"abc")).replace(b"abc", b"abd"), None),
    "no package": (zipped(("a.txt", b"abc")), "no imsmanifest.xml and no QTI item in it"),
}


@pytest.mark.parametrize(("data", "sentence"), ZIPS.values(), ids=ZIPS)
def test_a_package_that_does_harm_is_refused_by_name(data, sentence):
    with pytest.raises(Faulty) as refusal:
        read_qti(data, "p.zip")
    assert sentence is None or f"p.zip:1: {sentence}" in str(refusal.value)


def test_twice_the_same_name_is_refused():
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped(("a", b"1"), ("a", b"2"))
    with pytest.raises(Faulty, match="'a' stands twice"):
        unpack(data, "p.zip")


@given(st.text(max_size=30), st.sampled_from(["q.xml", "a/q.xml", "a/b/q.xml"]))
def test_a_reference_never_leads_out_of_a_package(href, base):
    found = resolved(href, base)
    assert not found.startswith("/")
    assert ".." not in found.split("/")


CHOICE = (
    '<qti-choice-interaction response-identifier="RESPONSE">'
    '<qti-simple-choice identifier="a">a</qti-simple-choice></qti-choice-interaction>'
)


def test_what_stands_too_deep_is_refused():
    deep = "<div>" * 200 + "a" + "</div>" * 200
    reading = read_qti(qti3(f"{deep}{CHOICE}", declared("a")), "q.xml")
    assert "deeper in one another" in reading.unsupported[0].sentence


def test_scripts_and_handlers_do_not_come_along():
    body = '<p onclick="a()">Lire <a href="javascript:b()">ici</a><script>c()</script>.</p>'
    question = one(qti3(f"{body}{CHOICE}", declared("a")))
    assert question.body == "Lire ici."
    assert question.lost == (
        "<script> is left out",
        "the link to javascript:b() becomes plain text: nothing leads out of a test",
    )


@given(st.binary(max_size=200), st.sampled_from([b"", b"PK\x03\x04", b"<quiz>", b"<assessmentItem>", b"::a:: b {"]))
@settings(max_examples=60)
def test_no_bytes_at_all_break_a_reader(tail, start):
    for read in READERS.values():
        with suppress(Faulty):
            read(start + tail, "f")
