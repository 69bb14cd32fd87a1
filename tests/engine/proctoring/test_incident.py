"""What can be reported, and which reports are refused."""

import tomllib
from dataclasses import FrozenInstanceError
from datetime import timedelta

import pytest
from pydantic import ValidationError

from engine.proctoring.incident import (
    LONGEST_TEXT,
    Category,
    IncidentInFuture,
    IncidentRefused,
    IncidentTextMissing,
    IncidentTextTooLong,
    read_taxonomy,
    report,
)
from tests.builders import ITEM_BANK, NOON, an_incident, later

FILE = ITEM_BANK / "rules" / "incidents.toml"

# code: what it is about, severity, whether the result waits for a ruling
PUBLISHED = {
    "COM-01": ("fraud", 0.8, True),
    "COM-02": ("fraud", 0.8, True),
    "COM-03": ("fraud", 0.7, True),
    "REM-01": ("fraud", 1.0, True),
    "REM-02": ("fraud", 0.7, True),
    "ENV-03": ("fraud", 0.6, True),
    "ABS-01": ("behaviour", 0.2, False),
    "ABS-02": ("behaviour", 0.6, True),
    "ABS-03": ("behaviour", 0.4, False),
    "ENV-01": ("environment", 0.5, True),
    "ENV-02": ("environment", 0.2, False),
    "IDN-01": ("identity", 0.5, True),
    "IDN-02": ("identity", 1.0, True),
    "IDN-03": ("identity", 0.1, False),
    "TEC-01": ("technical", 0.1, True),
    "TEC-02": ("technical", 0.2, True),
    "TEC-03": ("technical", 0.0, True),
    "TEC-04": ("technical", 0.3, True),
    "TEC-05": ("item", 0.0, True),
    "TEC-06": ("item", 0.0, True),
    "ACC-01": ("organisation", 0.0, True),
    "PRO-01": ("organisation", 0.0, True),
    "CAN-01": ("candidate", 0.0, True),
    "CAN-02": ("candidate", 0.0, True),
    "OTH-00": ("other", 0.5, True),
}


def test_the_taxonomy_holds_exactly_the_published_kinds():
    kinds = read_taxonomy(FILE.read_text(encoding="utf-8"))
    assert {code: (k.category, k.severity, k.blocks) for code, k in kinds.items()} == PUBLISHED
    assert list(kinds) == list(PUBLISHED)
    assert len(kinds) == 25
    assert {k.category for k in kinds.values()} == set(Category)


def test_every_kind_has_a_label_of_its_own_and_only_other_needs_a_text():
    kinds = read_taxonomy(FILE.read_text(encoding="utf-8")).values()
    assert len({k.label for k in kinds} - {""}) == 25
    assert [k.code for k in kinds if k.text_required] == ["OTH-00"]


def test_every_code_stands_once_in_the_file():
    codes = [k["code"] for k in tomllib.loads(FILE.read_text(encoding="utf-8"))["kinds"]]
    assert len(codes) == len(set(codes))


KIND = '[[kinds]]\ncode = "COM-01"\ncategory = "fraud"\nseverity = 0.8\nblocks = true\nlabel = "Parle"\n'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"COM-01"', '"COM1"'),
        ('"fraud"', '"cheating"'),
        ("0.8", "1.1"),
        ("0.8", "-0.1"),
        ("blocks = true\n", ""),
        ("label", "lable"),
        ("blocks = true", 'blocks = "perhaps"'),
        (KIND, "kinds = []"),
        (KIND, ""),
    ],
)
def test_a_wrong_taxonomy_is_refused(old, new):
    assert list(read_taxonomy(KIND)) == ["COM-01"]
    with pytest.raises(ValidationError):
        read_taxonomy(KIND.replace(old, new))


def test_a_code_that_stands_twice_is_refused():
    with pytest.raises(ValidationError, match="COM-01"):
        read_taxonomy(KIND + KIND)


@pytest.mark.parametrize("code", PUBLISHED)
def test_an_incident_of_every_kind_can_be_reported(code):
    incident = an_incident(code, text="Ce que j'ai vu.")
    assert report(incident) is incident


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_another_incident_says_nothing_without_a_text(text):
    with pytest.raises(IncidentTextMissing) as refused:
        report(an_incident("OTH-00", text=text))
    assert refused.value.facts == {"kind": "OTH-00"}
    assert report(an_incident("COM-02", text=text)).text == text


def test_a_text_has_two_thousand_characters_at_most():
    assert LONGEST_TEXT == 2_000
    report(an_incident(text="é" * 2_000))
    with pytest.raises(IncidentTextTooLong) as refused:
        report(an_incident(text="é" * 2_001))
    assert refused.value.facts == {"length": 2_001}


def test_nothing_is_reported_before_it_has_occurred():
    report(an_incident(occurred_at=NOON, recorded_at=NOON))
    with pytest.raises(IncidentInFuture) as refused:
        report(an_incident(occurred_at=NOON + timedelta(microseconds=1), recorded_at=NOON))
    assert refused.value.facts["recorded_at"] == NOON


def test_every_refusal_of_a_report_is_one_kind_of_refusal_with_a_code_of_its_own():
    kinds = (IncidentTextMissing, IncidentTextTooLong, IncidentInFuture)
    assert all(issubclass(k, IncidentRefused) for k in kinds)
    assert len({k.code for k in (*kinds, IncidentRefused)}) == 4


def test_nothing_in_a_report_is_ever_edited():
    with pytest.raises(FrozenInstanceError):
        an_incident().recorded_at = later(minutes=5)  # type: ignore[misc]
