"""Every bad row is named with its line."""

import pytest

from engine.calibration.check import BadRow, checked
from engine.calibration.responses import Responses
from engine.kernel import ItemId

pytestmark = pytest.mark.slow

KNOWN = frozenset({ItemId("i1"), ItemId("i2")})


def row(line: int, person: str = "p", item: str = "i1", correct: str = "1", **more: str) -> tuple[int, dict[str, str]]:
    return line, {"person": person, "item": item, "correct": correct} | more


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (row(9, item="i9"), "item i9 is not in release demo"),
        (row(9, item="i2", correct="2"), "correct must be 0 or 1, got '2'"),
        (row(9, item="i2", correct="vrai"), "correct must be 0 or 1, got 'vrai'"),
        (row(9), "person p already answered item i1 on line 2"),
        (row(9, person="  "), "person is missing"),
        (row(9, item=""), "item is missing"),
        (row(9, item="i2", correct=""), "correct is missing"),
        (row(9, item="i2", mode="remote"), "mode of person p is 'remote' here and 'on_site' on line 2"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_its_fault(bad: tuple[int, dict[str, str]], sentence: str) -> None:
    good = row(2, mode="on_site")
    line, values = bad
    found = checked([good, (line, {"mode": "on_site"} | values)], KNOWN, ["mode"], "demo")
    assert found == (BadRow(9, sentence),)


def test_all_bad_rows_are_named_at_once() -> None:
    found = checked([row(2, item="i8", correct="x"), row(3, person="")], KNOWN, release="demo")
    assert isinstance(found, tuple)
    assert [r.line for r in found] == [2, 2, 3]


def test_a_row_with_too_many_fields_is_bad() -> None:
    found = checked([(2, {"person": "p", "item": "i1", "correct": "1", None: ["x"]})])  # type: ignore[dict-item]
    assert [str(r) for r in found] == ["line 2: there are more fields than columns"]  # type: ignore[union-attr]


def test_good_rows_are_responses_with_the_labels_of_their_persons() -> None:
    found = checked([row(2, mode="remote"), row(3, person="q", correct="0", mode="on_site")], KNOWN, ["mode"], "demo")
    assert isinstance(found, Responses)
    assert found.groups == {"mode": ("remote", "on_site")}
    assert found.correct.tolist() == [True, False]
