"""Items stay rare, at almost no cost, and no competence goes without."""

from dataclasses import replace

import numpy as np
import pytest

from engine.adaptive.dice import many_seeds
from engine.adaptive.exposure import AIM, Eligibility
from engine.adaptive.simulate import draw_abilities, simulate
from tests.engine.adaptive.bank import a_plan


def given_items(rows: np.ndarray, n_items: int) -> np.ndarray:
    given = np.zeros((len(rows), n_items), dtype=bool)
    at, place = np.nonzero(rows >= 0)
    given[at, rows[at, place]] = True
    return given


@pytest.mark.slow
def test_exposure_is_held_near_its_ceiling():
    plan, batch = a_plan(25, 8), 30
    items = len(plan.pool.ids)
    theta = draw_abilities(plan.prior, 960, np.random.default_rng(1))
    free = given_items(simulate(plan, theta[:480], seed=1)[0], items).mean(axis=0)
    eligibility, seen = Eligibility.of(plan.pool), []
    for start in range(0, len(theta), batch):
        seeds = many_seeds(start, batch)
        rows, _ = simulate(replace(plan, eligibility=eligibility), theta[start : start + batch], seed=start)
        seen.append(given_items(rows, items))
        eligibility = eligibility.update(plan.pool, eligibility.draw(seeds), seen[-1])
    held = np.concatenate(seen[-22:]).mean(axis=0)
    assert (free / eligibility.ceiling).max() > 2
    noise = np.sqrt(eligibility.ceiling * (1 - eligibility.ceiling) / 660)
    assert (held < eligibility.ceiling + 5 * noise).all()
    overlap_free, overlap_held = ((x**2).sum() / 64 for x in (free, held))
    assert overlap_held < min(0.25, overlap_free)


def test_an_item_given_too_often_becomes_less_eligible_and_one_given_rarely_stays():
    pool = a_plan().pool
    eligible = np.ones((10, len(pool.ids)), dtype=bool)
    given = np.zeros_like(eligible)
    given[:, 0] = True
    given[0, 100] = True
    after = Eligibility.of(pool, fading=1.0).update(pool, eligible, given)
    assert after.probability[0] == pytest.approx(AIM * 0.2)
    assert after.probability[100] == 1  # one sitting in ten
    assert after.probability[1] == 1


def test_old_sittings_fade_the_same_in_one_batch_as_one_by_one():
    pool = a_plan().pool
    rng = np.random.default_rng(2)
    eligible, given = rng.random((2, 30, len(pool.ids))) < 0.5
    at_once = Eligibility.of(pool).update(pool, eligible, given)
    one_by_one = Eligibility.of(pool)
    for e, g in zip(eligible, given, strict=True):
        one_by_one = one_by_one.update(pool, e[None], g[None])
    assert np.allclose(at_once.eligible, one_by_one.eligible)
    assert np.allclose(at_once.administered, one_by_one.administered)


def test_where_eligibility_was_ignored_the_whole_competence_counts_as_eligible():
    pool = a_plan().pool
    none, given = np.zeros((2, 1, len(pool.ids)), dtype=bool)
    given[0, 0] = True
    after = Eligibility.of(pool).update(pool, none, given)
    assert (after.eligible == (pool.competence == pool.competence[0])).all()


def test_a_competence_without_an_eligible_item_is_asked_all_the_same():
    plan = a_plan()
    items = len(plan.pool.ids)
    barred = replace(plan, eligibility=Eligibility(np.full(items, 0.0), np.ones(items), np.ones(items)))
    rows, _ = simulate(barred, np.zeros((3, 10)), seed=1)
    assert (rows >= 0).all()
    assert (rows == simulate(plan, np.zeros((3, 10)), seed=1)[0]).all()
