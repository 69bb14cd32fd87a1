"""Candidates are drawn one by one, and what they deserve follows from the true parameters."""

import numpy as np
import pytest

from engine.adaptive.posterior import TreePrior
from engine.adaptive.simulate import true_percentages
from engine.studies.population import Population
from engine.studies.truth import GUESSING, deserved, true_pool
from tests.engine.adaptive.bank import PUBLISHED, a_plan, deserved_level


def test_a_candidate_s_abilities_do_not_depend_on_who_else_is_drawn():
    who = Population(0.2, 0.7, 0.4)
    assert (who.abilities(3, 20)[12:] == who.abilities(3, 8, first=12)).all()
    assert (who.abilities(3, 20) != who.abilities(4, 20)).all()


@pytest.mark.parametrize(("within", "between"), [(0.8, 0.7), (0.6, 0.6), (1.0, 0.0)])
def test_abilities_have_the_mean_spread_and_correlations_asked_for(within, between):
    theta = Population(0.4, within, between).abilities(1, 40_000)
    r = np.corrcoef(theta.T)
    assert theta.mean(axis=0) == pytest.approx(0.4, abs=0.03)
    assert theta.std(axis=0) == pytest.approx(1.0, abs=0.02)
    assert r[0, 4] == pytest.approx(within, abs=0.02)
    assert r[5, 9] == pytest.approx(within, abs=0.02)
    assert r[0, 5] == pytest.approx(between, abs=0.02)


def test_left_alone_the_population_is_the_one_that_the_engine_expects():
    ours, prior = Population(), Population.of(TreePrior())
    assert [ours.shift, ours.within, ours.between] == pytest.approx([prior.shift, prior.within, prior.between])


@pytest.mark.parametrize(("within", "between"), [(0.5, 0.6), (1.1, 0.2), (0.5, -0.1)])
def test_impossible_correlations_are_refused(within, between):
    with pytest.raises(ValueError, match="correlations"):
        Population(0.0, within, between)


def test_without_noise_or_guessing_the_truth_is_what_the_release_says():
    pool = a_plan().pool
    truth = true_pool(pool, 1)
    for name in ("a", "b", "c", "curves"):
        assert (getattr(truth, name) == getattr(pool, name)).all()


def test_noise_moves_every_item_by_its_size_and_a_seed_always_alike():
    pool = a_plan(25, 8).pool
    truth = true_pool(pool, 1, noise=0.3)
    for error in (truth.b - pool.b, np.log(truth.a / pool.a)):
        assert error.mean() == pytest.approx(0.0, abs=0.04)
        assert error.std() == pytest.approx(0.3, abs=0.03)
    assert (truth.b == true_pool(pool, 1, noise=0.3).b).all()
    assert (truth.b != true_pool(pool, 2, noise=0.3).b).all()


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_as_many_items_can_be_guessed_as_asked_for(share):
    pool = a_plan().pool
    c = true_pool(pool, 1, guessing_share=share).c
    assert (c == GUESSING).sum() == round(share * len(pool.ids))
    assert set(c) <= {0.0, GUESSING}


def test_what_is_deserved_follows_from_the_percentages_over_the_reference_set():
    plan = a_plan()
    theta = Population(0.8).abilities(2, 2000)
    found, domains = deserved(plan.pool, theta, PUBLISHED), true_percentages(plan, theta)
    assert (found.level == deserved_level(domains)).all()
    assert set(found.level) == {0, 1, 2, 3}
    for j, margin in enumerate(found.margin[:200].tolist()):
        # A shift of everything by less leaves the level as it is, and by a little more, up or down, it does not.
        inside = [deserved_level(domains[j : j + 1] + s * 0.999 * margin / 100)[0] for s in (-1, 1)]
        beyond = [deserved_level(domains[j : j + 1] + s * 1.001 * margin / 100)[0] for s in (-1, 1)]
        assert set(inside) == {found.level[j]}
        assert set(beyond) != {found.level[j]}


def test_guessing_raises_true_percentages():
    pool, theta = a_plan().pool, Population().abilities(2, 500)
    plain, guessed = (deserved(true_pool(pool, 1, s), theta, PUBLISHED).level for s in (0.0, 1.0))
    assert (guessed >= plain).all()
    assert guessed.sum() > plain.sum()
