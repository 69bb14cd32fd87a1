"""Answers as they are read and kept."""

import tracemalloc

import numpy as np
import pytest

from engine.calibration.ability import Line
from engine.calibration.em import Estimation, first_guess
from engine.calibration.responses import CHUNK, Responses, blocks
from tests.engine.calibration.answers import answered, some_items

pytestmark = pytest.mark.slow


def test_blocks_hold_every_answer_once_where_it_belongs() -> None:
    drawn = answered(*some_items(7), persons=CHUNK + 5, each=3).responses
    dimension = np.array([0, 1, 2, 0, 1, 2, 0])
    rows = np.concatenate([b.rows.toarray() for b in blocks(drawn, dimension, 3)]).reshape(CHUNK + 5, 3, 2, 7)
    wanted = np.zeros_like(rows)
    wanted[drawn.person, dimension[drawn.item], drawn.correct.astype(int), drawn.item] = 1
    np.testing.assert_array_equal(rows, wanted)


def test_some_items_or_persons_of_responses_keep_their_answers() -> None:
    full = Responses.of(
        [("p", "i", 1), ("q", "i", 0), ("p", "j", 0), ("q", "k", 1)], {"mode": {"p": "remote", "q": "on_site"}}
    )
    part = full.of_items(["k", "i"]).of_persons(np.array([False, True]))  # type: ignore[list-item]
    assert (part.persons, part.items, dict(part.groups)) == (("q",), ("k", "i"), {"mode": ("on_site",)})
    assert [(int(i), bool(x)) for i, x in zip(part.item, part.correct, strict=True)] == [(1, False), (0, True)]


def test_the_digest_names_the_answers_and_nothing_else() -> None:
    rows = [("p", "i", 1), ("q", "i", 0)]
    assert Responses.of(rows).digest == Responses.of(rows).digest
    assert Responses.of(rows).digest != Responses.of([("p", "i", 1), ("q", "i", 1)]).digest
    assert Responses.of(rows).digest != Responses.of(rows[::-1]).digest


def test_a_ragged_set_of_answers_is_refused() -> None:
    with pytest.raises(ValueError, match="2 persons but 1"):
        Responses(("p",), (), np.zeros(2, dtype=int), np.zeros(1, dtype=int), np.ones(2, dtype=bool))


def test_answers_of_few_items_each_take_less_memory_than_a_table_of_persons_and_items() -> None:
    persons, items = 8000, 500
    drawn = answered(*some_items(items), persons=persons, each=12).responses
    tracemalloc.start()
    model = Line.of(drawn)
    Estimation(model, np.ones(items, dtype=bool), most=3).run(first_guess(drawn.right, drawn.asked, np.zeros(items)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < persons * items * 8 / 2
