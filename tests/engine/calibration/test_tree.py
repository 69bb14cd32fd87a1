"""The tree prior, estimated."""

import numpy as np
import pytest
from scipy.special import expit

from engine.adaptive.model import GRID, Pool
from engine.adaptive.posterior import TreePrior, loglik, posterior
from engine.calibration.ability import Population
from engine.calibration.calibrate import calibrate
from engine.calibration.file import Model
from engine.calibration.items import Items
from engine.calibration.tree import Tree
from engine.calibration.wish import Wish
from tests.engine.adaptive.bank import TRACK, a_release
from tests.engine.calibration.answers import of_release

pytestmark = pytest.mark.slow


def test_the_expectation_is_the_engine_s_own_posterior() -> None:
    release = a_release(4, 2)
    pool, drawn = Pool.of(release, TRACK), of_release(release, 40, 20)
    answers = drawn.responses
    tree = Tree.of(answers, pool.domain)
    found = tree.posterior(Items.of(pool.a, pool.b), Population(0.3, (0.5, 0.2, 0.3)))
    rows, correct = answers.item.reshape(40, 20), answers.correct.reshape(40, 20)
    engine = posterior(TreePrior(0.3, 0.5, 0.2, 0.3), loglik(pool, rows, correct))
    np.testing.assert_allclose(found, engine.theta, atol=1e-10)


def test_the_likelihood_is_what_brute_force_gives() -> None:
    """Three domains of two frameworks, four answers: a sum over G, both T and three θ."""
    release = a_release(2, 2)
    pool = Pool.of(release, TRACK)
    row = {d: int(np.flatnonzero(pool.domain == d)[0]) for d in (0, 1, 6)}
    from engine.calibration.responses import Responses

    picked = [(row[0], 1), (row[1], 0), (row[6], 1)]
    answers = Responses.of(("p", pool.ids[i], x) for i, x in picked)
    items = Items.of(pool.a[[i for i, _ in picked]], pool.b[[i for i, _ in picked]])
    told = Tree.of(answers, pool.domain[[i for i, _ in picked]]).expect(items, Population(0.0, (0.7, 0.1, 0.2))).loglik
    prior = TreePrior()
    p = expit(items.slope[:, None] * (GRID - items.difficulty[:, None]))
    seen = np.where([[bool(x)] for _, x in picked], p, 1 - p) @ prior.domain_given_framework
    edu = prior.framework_given_general.T @ (seen[0] * seen[1])
    crcn = prior.framework_given_general.T @ seen[2]
    assert told == pytest.approx(float(np.log((prior.general * edu * crcn).sum())), abs=1e-10)


@pytest.mark.parametrize("variances", [(0.7, 0.1, 0.2), (0.4, 0.25, 0.35)])
def test_variances_of_the_tree_are_recovered(variances: tuple[float, float, float]) -> None:
    drawn = of_release(release := a_release(4, 2), 1500, 64, variances=variances)
    found = calibrate(drawn.responses, Wish(Model.TREE, priors=False, release=release)).calibration
    assert found.converged
    assert found.population.mean == 0.0
    assert sum(found.population.variances) == pytest.approx(1.0, abs=1e-5)
    np.testing.assert_allclose(found.population.variances, variances, atol=0.05)


def test_with_tags_the_items_hold_the_scale_and_the_candidates_are_estimated() -> None:
    drawn = of_release(release := a_release(4, 2), 800, 64, mean=0.6)
    found = calibrate(drawn.responses, Wish(Model.TREE, priors=True, release=release)).calibration
    b = np.array([i.b for i in found.items])
    # Tags may be off as a whole; the distance of candidates and items may not.
    assert found.population.mean - b.mean() == pytest.approx(0.6 - drawn.b.mean(), abs=0.12)
    assert np.corrcoef(b, drawn.b)[0, 1] > 0.97
