"""A study counts what the engine does, whatever the parts it is computed in."""

from dataclasses import fields, replace

import numpy as np
import pytest

from engine.adaptive.cat import Assessment, Observed, Percentage, assess
from engine.adaptive.dice import many_seeds
from engine.adaptive.exposure import administered
from engine.adaptive.gates import NotCalibrated
from engine.adaptive.select import Selector
from engine.adaptive.simulate import percentages_over, simulate, true_percentages
from engine.items.frameworks import Level
from engine.items.release import Provenance
from engine.scoring.award import Count, Counts, awards
from engine.scoring.decision import Tallies
from engine.scoring.result import Flag
from engine.scoring.result import _flags as flags_of_one
from engine.scoring.rules import NotReached, PosteriorPolicy, Rule
from engine.studies.population import Population
from engine.studies.study import Found, _flags, _minimum_alone, study_chunk
from engine.studies.summary import kappa
from engine.studies.tally import RULES, Calibration, Paired, table_of
from engine.studies.trouble import Trouble, strike
from tests.engine.adaptive.bank import a_release, counts, deserved_level, official_level
from tests.engine.studies.bank import a_study, rules_of, whole

R1 = RULES.index(Rule.R1)


def same(one: Found, other: Found) -> bool:
    """Whether all sums agree: whole numbers exactly, sums of probabilities to rounding."""
    for a, b in zip((*one.runs, *one.pairs), (*other.runs, *other.pairs), strict=True):
        for f in fields(a):
            x, y = getattr(a, f.name), getattr(b, f.name)
            if isinstance(x, Calibration):
                if (x.n != y.n).any() or (x.observed != y.observed).any() or not np.allclose(x.predicted, y.predicted):
                    return False
            elif not np.array_equal(x, y):
                return False
    return True


def test_the_parts_of_a_study_add_up_to_the_whole():
    trouble = Trouble(0.3, 2, 0.3, 4)
    cut, uncut = (whole(a_study(150, chunk, trouble=trouble)) for chunk in (64, 150))
    assert cut.candidates == uncut.candidates == 150
    assert same(cut, uncut)


def test_the_first_candidates_of_a_longer_study_are_those_of_a_shorter_one():
    assert same(study_chunk(a_study(200, 64), 0), study_chunk(a_study(64, 64), 0))


@pytest.mark.parametrize("off", [{}, {"noise": 0.7, "guessing_share": 0.5}], ids=["as released", "otherwise"])
def test_it_counts_what_the_official_rule_awards_to_simulated_sittings(off):
    study = a_study(120, 120, **off)
    found = whole(study)
    theta = study.population.abilities(study.seed, 120)
    for run, tally in zip(study.runs, found.runs, strict=True):
        rows, correct = simulate(run.plan, theta, study.seed, truth=study.truth)
        awarded = official_level(*counts(run.plan.pool, rows, correct))
        true = deserved_level(percentages_over(study.truth, theta))
        assert (tally.table[R1] == table_of(true, awarded)).all()
        assert (tally.put == administered(rows, len(run.plan.pool.ids)).sum(axis=0)).all()
        assert tally.table.sum(axis=(1, 2)).tolist() == [120] * 4
        assert tally.margin.sum(axis=0).tolist() == [120, (awarded == true).sum(), (awarded > true).sum()]
        assert (tally.calibration.n.sum(axis=1) == 120).all()


@pytest.mark.parametrize("policy", list(NotReached))
def test_a_study_decides_as_one_sitting_is_decided(policy):
    n, rules = 24, replace(rules_of(), not_reached=policy)
    study = a_study(n, n, rules, trouble=Trouble(0.5, 3, 0.5, 5), population=Population(1.0))
    plan, theta = study.runs[0].plan, study.population.abilities(study.seed, n)
    pool, seeds = plan.pool, many_seeds(study.seed, n)
    rows, correct = simulate(plan, theta, study.seed)
    struck = strike(study.trouble, seeds, rows)
    true = deserved_level(true_percentages(plan, theta))
    tables, probability = np.zeros((4, 4, 4), dtype=np.int64), np.zeros(3)
    for j in range(n):
        domains = {d: Count() for d in range(10)}
        observed = []
        for place, row in enumerate(rows[j].tolist()):
            if struck.answered[j, place]:
                observed.append(Observed(pool.ids[row], bool(correct[j, place])))
                domains[int(pool.domain[row])] += Count(int(correct[j, place]), 1)
            elif struck.missed[j, place] and policy is NotReached.WRONG:
                domains[int(pool.domain[row])] += Count(0, 1)
        counts_ = Counts({d: domains[d] for d in range(5)}, sum((domains[d] for d in range(5, 10)), Count()))
        assessment = assess(plan, observed)
        probability += assessment.level
        for rule, level in awards(counts_, assessment, rules).items():
            tables[RULES.index(rule), true[j], level or 0] += 1
    tally = whole(study).runs[0]
    assert tally.inconclusive == 0
    assert (tally.table == tables).all()
    assert tally.calibration.predicted.sum(axis=1) == pytest.approx(probability)


def test_runs_meet_the_same_candidates():
    twice = whole(a_study(80, 80, selectors=(Selector.STEER, Selector.STEER)))
    assert (twice.runs[0].table == twice.runs[1].table).all()
    assert twice.pairs[0].right_squared == 0
    other = whole(a_study(80, 80)).runs
    assert (other[0].table[R1].sum(axis=1) == other[1].table[R1].sum(axis=1)).all()


def test_too_few_items_counted_decide_nothing():
    found = whole(a_study(40, 40, trouble=Trouble(1.0, 30)))
    assert found.runs[0].inconclusive == 40
    assert found.runs[0].table.sum() == 0
    assert found.pairs[0].n == 0


@pytest.mark.parametrize(("policy", "better"), [("wrong", False), ("ignored", True)])
def test_what_is_not_reached_counts_as_the_rules_say(policy, better):
    rules = rules_of()
    rules = replace(rules, not_reached=type(rules.not_reached)(policy))
    plain, late = (
        whole(a_study(200, 200, rules, population=Population(1.0), trouble=t)).runs[0]
        for t in (Trouble(), Trouble(timeout_rate=1.0, timeout_items=7))
    )
    least = plain.lengths.nonzero()[0].max()
    assert late.lengths.nonzero()[0].max() == least - 7
    awards = [int(t.table[R1][:, 1:].sum()) for t in (plain, late)]
    assert (awards[1] >= awards[0] * 0.9) == better


def test_without_data_the_official_rule_alone_is_counted():
    release = a_release(provenance=Provenance.TAGS)
    found = whole(a_study(40, 40, release=release, selectors=(Selector.STRATIFIED,)))
    assert found.runs[0].table.sum(axis=(1, 2)).tolist() == [40, 0, 0, 0]
    assert found.runs[0].calibration.n.sum() == 0
    with pytest.raises(NotCalibrated):
        a_study(release=release)


def test_noise_makes_decisions_worse():
    able = Population(1.0)  # so that every level is deserved by many
    plain, noisy = (kappa(whole(a_study(300, 300, noise=x, population=able)).runs[0].table[R1]) for x in (0.0, 1.0))
    assert plain is not None
    assert noisy is not None
    assert noisy < plain - 0.05


def test_flags_are_those_of_a_result():
    rng, policy = np.random.default_rng(3), PosteriorPolicy()
    level = -np.sort(-rng.random((400, 3)), axis=1)
    awarded = rng.integers(0, 4, 400)
    none = Percentage(0, 0, 0, 0)
    found = [
        flags_of_one(
            Level(int(k)) if k else None,
            Assessment(tuple(p), tuple(p), tuple(p), (none, none), (), ()),
            policy,
        )
        for k, p in zip(awarded, level.tolist(), strict=True)
    ]
    assert _flags(awarded, level, policy) == tuple(
        sum(flag in f for f in found) for flag in (Flag.FRAGILE, Flag.REEXAMINE)
    )


def test_pairs_count_differences_of_conclusive_sittings():
    true, one, other = np.array([1, 1, 2, 0, 3]), np.array([1, 2, 2, 1, 3]), np.array([0, 1, 2, 1, 0])
    found = Paired.of(true, one, other, np.array([True, True, True, True, False]))
    assert vars(found) == {"n": 4, "right": 0, "right_squared": 2, "over": 1, "over_squared": 1}


def test_a_minimum_refuses_alone_when_everything_else_would_give_the_level():
    right = np.array([[1, 3, 3, 2, 2], [1, 3, 4, 1, 2], [0, 0, 0, 0, 0], [2, 2, 3, 2, 2], [3, 3, 4, 3, 1]])
    counted = np.tile([3, 3, 4, 3, 3], (5, 1))
    tallies = Tallies(right, counted, np.array([36, 36, 48, 36, 48]), np.full(5, 48))
    # Avancé by the totals but for the first domain; two domains fail; no level; all hold; Expert but for the last.
    wanted = np.zeros((5, 5), dtype=bool)
    wanted[0, 0] = wanted[4, 4] = True
    assert (_minimum_alone(tallies, rules_of()) == wanted).all()
