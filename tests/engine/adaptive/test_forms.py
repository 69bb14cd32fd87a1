"""Fixed forms keep the content, the ceilings and the aims, or say by how much they do not."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from engine.adaptive.dice import many_seeds
from engine.adaptive.forms import Forms, NoForm, assemble, form_of, row_at
from engine.adaptive.forms_file import BrokenForms, FormsFile, OtherRelease, read_forms
from engine.adaptive.levels import CRCN, EDU
from engine.adaptive.model import DOMAIN_OF, DOMAIN_WEIGHT, GRID, Pool
from engine.adaptive.plan import NoForms, Plan
from engine.adaptive.select import Selector
from engine.adaptive.simulate import simulate
from tests.engine.adaptive.bank import PUBLISHED, TRACK, a_plan, a_release, sit

BUDGET = 84.0 * 60
COUNT = 3
NODES = 10


@cache
def pool() -> Pool:
    return Pool.of(a_release(10, 5, enemies=40), TRACK)


@cache
def forms(seed: int = 1) -> Forms:
    return assemble(pool(), PUBLISHED, COUNT, seed, time_budget=BUDGET, nodes=NODES)


@cache
def alone(seed: int) -> Forms:
    """One form, with all the time it likes."""
    return assemble(pool(), PUBLISHED, 1, seed, nodes=NODES)


@cache
def small(seconds: float = float("inf")) -> Forms:
    """Three items a competence, each of a subject of its own: every form is nearly the same."""
    return assemble(Pool.of(a_release(3, 3), TRACK), PUBLISHED, 2, 1, time_budget=seconds)


def test_a_form_asks_every_competence_as_often_as_an_adaptive_test() -> None:
    for rows in forms().rows:
        asked = np.bincount(pool().competence[rows], minlength=32)
        assert (rows >= 0).all()
        assert asked.tolist() == [1] * 16 + [3] * 16


def test_the_crcn_edu_comes_first_and_the_crcn_in_whole_cycles() -> None:
    for rows in forms().rows:
        competence = pool().competence[rows].reshape(4, 16)
        assert np.sort(competence, axis=1).tolist() == [list(range(16))] + [list(range(16, 32))] * 3


def test_no_subject_comes_twice_and_no_enemies_meet() -> None:
    assert pool().enemies.any()
    for rows in forms().rows.tolist():
        assert len({int(pool().subject[r]) for r in rows}) == 64
        assert not any(pool().enemies[i, j] for i in rows for j in rows)


def test_a_form_keeps_the_time() -> None:
    for rows in forms().rows:
        assert sum(pool().expected_seconds[rows]) <= BUDGET + 1e-6
    assert alone(1).expected_seconds[0] > BUDGET, "the budget must bind, or this test says nothing"


def test_no_item_is_in_more_forms_than_its_competence_needs() -> None:
    """Three forms of a bank with ten items a competence: one use each is enough, and one in three is the least."""
    seen = np.bincount(forms().rows.ravel(), minlength=len(pool().ids))
    assert seen.max() == 1
    assert forms().usage == pytest.approx(seen / COUNT)
    assert set(forms().overused) == set(range(32)), "a third is above both ceilings, and that is told"


def test_what_a_form_reaches_is_what_its_items_give() -> None:
    told = forms()
    for f, rows in enumerate(told.rows):
        for part, taus, offset in ((EDU, PUBLISHED.edu_total, 0), (CRCN, PUBLISHED.crcn_total, 1)):
            own = rows[:16] if offset == 0 else rows[16:]
            for k, tau in enumerate(taus):
                fine = np.linspace(-4.8, 4.8, 40001)
                curves = [np.interp(fine, GRID, c) for c in pool().curves[part]]
                theta = fine[np.argmin(np.abs(DOMAIN_WEIGHT[part] @ curves - tau / 100))]
                p = 1 / (1 + np.exp(-pool().a[own] * (theta - pool().b[own])))
                least = next(x for x in range(len(own) + 1) if 100 * x >= tau * len(own))
                assert told.deviation[f, offset, k] == pytest.approx(p.sum() - (least - 0.5), abs=0.005)
                for d in range(part.start, part.stop):
                    there = DOMAIN_OF[pool().competence[own]] == d
                    reference = there.sum() * np.interp(theta, GRID, pool().curves[d])
                    off = p[there].sum() - reference
                    assert told.domain_deviation[f, d, k] == pytest.approx(off, abs=0.01)


def test_forms_are_closer_to_their_aim_than_forms_drawn_at_random() -> None:
    rng = np.random.default_rng(1)
    members = [np.flatnonzero(pool().competence == c) for c in range(32)]
    drawn = [
        np.concatenate([rng.choice(rows, 1 if c < 16 else 3, replace=False) for c, rows in enumerate(members)])
        for _ in range(50)
    ]
    random = np.abs(Forms.measured(pool(), PUBLISHED, 0, np.array(drawn)).deviation).max(axis=(1, 2))
    assert np.median(random) > 3 * np.abs(forms().deviation).max()


def test_the_same_seed_gives_the_same_forms_and_another_seed_others() -> None:
    again = assemble(pool(), PUBLISHED, 1, 1, nodes=NODES)
    assert again.rows.tolist() == alone(1).rows.tolist()
    assert set(alone(2).rows[0].tolist()) != set(alone(1).rows[0].tolist())


def test_a_bank_that_cannot_be_parallel_is_told() -> None:
    assert not small().is_parallel
    assert np.abs(small().deviation).max() > small().tolerance
    assert small().usage[16 * 3 :].max() == 1.0, "three items asked three times are in every form"


def test_content_that_time_makes_impossible_is_refused_by_name() -> None:
    with pytest.raises(NoForm, match="600 expected seconds"):
        small(600.0)


def test_a_sitting_takes_one_form_from_beginning_to_end() -> None:
    seeds = many_seeds(5, 3000)
    taken = form_of(forms(), seeds)
    assert np.bincount(taken, minlength=COUNT).min() > 800
    for place in (0, 15, 63):
        assert row_at(forms(), seeds, place).tolist() == forms().rows[taken, place].tolist()


def test_a_file_gives_the_forms_back() -> None:
    file = FormsFile.of(pool(), forms()).model_dump_json()
    back = read_forms(file, pool())
    assert back.rows.tolist() == forms().rows.tolist()
    assert back.cuts == PUBLISHED
    assert back.deviation == pytest.approx(forms().deviation)


def test_a_file_that_was_touched_is_refused() -> None:
    file = FormsFile.of(pool(), forms())
    with pytest.raises(BrokenForms, match="digest"):
        read_forms(file.model_copy(update={"seed": 2}).model_dump_json(), pool())
    with pytest.raises(BrokenForms):
        read_forms("{}", pool())


def test_forms_of_another_release_are_refused() -> None:
    with pytest.raises(OtherRelease, match="belong to release synthetic"):
        read_forms(FormsFile.of(pool(), forms()).model_dump_json(), Pool.of(a_release(10, 5, seed=2), TRACK))


def test_a_sitting_takes_one_form_whatever_its_answers_and_simulation_takes_the_same():
    plan = Plan.of(a_release(10, 5, enemies=40), TRACK, PUBLISHED, selector=Selector.FORMS, forms=alone(1))
    right, wrong = ([o.item for o in sit(plan, 9, [answer])] for answer in (True, False))
    assert right == wrong == [plan.pool.ids[row] for row in alone(1).rows[0]]
    rows, _ = simulate(plan, np.zeros((3, 10)), seed=9)
    assert (rows == alone(1).rows[0]).all()


def test_fixed_forms_that_were_not_assembled_are_asked_for_by_name():
    with pytest.raises(NoForms, match="palier bank forms"):
        replace(a_plan(), selectors=(Selector.FORMS,) * 2)
