"""Items as text: what is written is read as the same item."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.items.item import Item
from engine.items.read import read_bank
from engine.items.schema import parse_item
from engine.items.write import front_matter, item_text, quoted
from tests.engine.items.files import good_bank, put

BANK = Path(__file__).parents[3] / "item_bank"


def again(item: Item) -> Item:
    return parse_item(tomllib.loads(front_matter(item)), item.body)


@pytest.mark.parametrize("root", [BANK, BANK / "tutorial"], ids=["bank", "tutorial"])
def test_every_item_of_the_bank_is_read_again_as_it_was(root):
    bank, problems = read_bank(root)
    assert not problems
    assert bank is not None
    assert len(bank) >= 8
    for item in bank:
        assert again(item) == item


def test_a_file_that_was_written_is_a_file_of_the_bank(tmp_path):
    before, _ = read_bank(good_bank(tmp_path))
    assert before is not None
    put(tmp_path, {str(before.sources[item.id].path): item_text(item) for item in before})
    after, problems = read_bank(tmp_path)
    assert not problems
    assert after is not None
    assert after.items == before.items


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_quoted(text):
    assert tomllib.loads(f"text = {quoted(text)}") == {"text": text}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_is_written_as_it_is(value):
    number = _number_item()
    item = replace(number, interaction=replace(number.interaction, key=value))
    assert again(item) == item


def _number_item() -> Item:
    front = {
        "id": "crcn-1.1-01", "version": 1, "status": "draft", "framework": "crcn", "competence": "1.1",
        "subject": "un-sujet", "tracks": ["first_degree"], "level": 3, "level_reason": "Une raison.",
        "interaction": "number", "expected_seconds": 60, "author": "A", "licence": "CC-BY-SA-4.0",
        "rationale": "Une justification.", "source": "Une source", "key": 1.0,
    }  # fmt: skip
    return parse_item(front, "Combien ?")
