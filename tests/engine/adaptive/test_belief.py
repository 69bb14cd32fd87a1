"""What steering keeps up answer by answer is what the whole posterior says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adaptive.belief import Belief
from engine.adaptive.content import Progress
from engine.adaptive.levels import (
    CRCN,
    EDU,
    Cuts,
    domain_means,
    edu_level_probabilities,
    minimum_probabilities,
)
from engine.adaptive.model import DOMAIN_WEIGHT, GRID
from engine.adaptive.posterior import TreePrior, loglik, posterior
from tests.engine.adaptive.bank import PUBLISHED, a_plan

OTHER = Cuts(edu_total=(40, 60, 75), edu_domain=(25, 50, 75), crcn_total=(50, 60, 70))
POOL = a_plan(25, 8).pool


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    asked=st.integers(0, 64),
    share=st.floats(0, 1),
    framework=st.sampled_from([0, 1]),
    cuts=st.sampled_from([PUBLISHED, OTHER]),
    crossing=st.booleans(),
)
def test_the_belief_is_the_posterior(seed, asked, share, framework, cuts, crossing):
    rng = np.random.default_rng(seed)
    prior, n = TreePrior(0.2, cross_framework=crossing), 3
    rows = np.stack([rng.permutation(len(POOL.ids))[:asked] for _ in range(n)])
    answers = loglik(POOL, rows, rng.random(rows.shape) < share)
    belief, post = Belief(POOL, prior, cuts, framework, answers), posterior(prior, answers)
    spread = belief.framework_ability()
    np.testing.assert_allclose(spread, post.framework[:, framework], atol=1e-10)
    part = (EDU, CRCN)[framework]
    for domain in range(part.start, part.stop):
        found = belief.ability(spread, np.full(n, domain))
        np.testing.assert_allclose(found, post.theta[:, domain] @ GRID, atol=1e-9)
    mean = domain_means(POOL, post.theta[:, part], part) @ DOMAIN_WEIGHT[part]
    np.testing.assert_allclose(belief.percent(spread), mean, atol=1e-9)
    if framework == 0:
        np.testing.assert_allclose(belief.levels(spread), edu_level_probabilities(POOL, prior, post, cuts), atol=1e-8)
        minimum = minimum_probabilities(POOL, prior, cuts, post.theta[:, EDU])
        for domain in range(5):
            np.testing.assert_allclose(belief.minimum(spread, np.full(n, domain)), minimum[:, domain], atol=1e-9)


@pytest.mark.parametrize("framework", [0, 1])
def test_learning_answer_by_answer_is_starting_from_all_answers(framework):
    plan, rng = a_plan(25, 8), np.random.default_rng(3)
    progress = Progress.start(POOL, 4)
    own = np.flatnonzero(POOL.domain // 5 == framework)
    belief = Belief(POOL, plan.prior, plan.cuts, framework, progress.loglik)
    for _ in range(12):
        rows = np.where(rng.random(4) < 0.2, -1, rng.choice(own, 4))
        progress.record(POOL, rows, rng.random(4) < 0.6)
        belief.learn(progress.loglik, rows)
    anew = Belief(POOL, plan.prior, plan.cuts, framework, progress.loglik)
    for kept, made in ((belief, anew), (anew, belief)):
        np.testing.assert_allclose(kept.framework_ability(), made.framework_ability(), atol=1e-12)
    spread = belief.framework_ability()
    np.testing.assert_allclose(belief.percent(spread), anew.percent(spread), atol=1e-12)


def test_answers_that_contradict_each_other_leave_numbers():
    easiest, hardest = np.argsort(POOL.b)[:60], np.argsort(POOL.b)[-60:]
    rows = np.concatenate([easiest, hardest])[None]
    answers = loglik(POOL, rows, np.isin(rows, hardest))
    for framework in (0, 1):
        belief = Belief(POOL, TreePrior(), PUBLISHED, framework, answers)
        spread = belief.framework_ability()
        assert np.isfinite(spread).all()
        assert spread.sum() == pytest.approx(1)
        assert 0 < belief.percent(spread)[0] < 1
