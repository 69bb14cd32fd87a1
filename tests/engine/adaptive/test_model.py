"""The arrays of a release say what its items say."""

from dataclasses import replace

import numpy as np
import pytest

from engine.adaptive.model import GRID, Pool, UncoveredCompetence, response_probability
from engine.items.frameworks import COMPETENCES, DOMAINS, Framework, Track
from engine.items.item import Item
from engine.items.release import Parameters, Release, UnknownItem
from engine.kernel import ItemId
from tests.engine.adaptive.bank import TRACK, a_release


def changed(release: Release, items: list[Item]) -> Release:
    return replace(release, items=tuple(items), parameters=release.parameters[: len(items)])


def test_a_true_percentage_is_a_mean_over_competences_of_subjects_of_items():
    release = a_release(per_competence=5, subjects=3)  # subjects of two items and of one
    pool = Pool.of(release, TRACK)
    q = 30
    for d, domain in enumerate(DOMAINS):
        by_competence = []
        for c in (c for c in COMPETENCES if (c.framework, c.domain) == (domain.framework, domain.number)):
            subjects: dict[str, list[float]] = {}
            for item, p in zip(release.items, release.parameters, strict=True):
                if (item.framework, item.competence) == (c.framework, c.code):
                    chance = 1 / (1 + np.exp(-p.a * (GRID[q] - p.b)))
                    subjects.setdefault(item.subject, []).append(chance)
            by_competence.append(np.mean([np.mean(s) for s in subjects.values()]))
        assert pool.curves[d, q] == pytest.approx(np.mean(by_competence), abs=1e-12)


def test_only_items_of_the_track_are_in_the_pool_in_the_order_of_the_release():
    release = a_release()
    items = [replace(i, tracks=frozenset({Track.FIRST_DEGREE})) if i.id.endswith("3") else i for i in release.items]
    pool = Pool.of(changed(release, items), TRACK)
    assert pool.ids == tuple(i.id for i in items if TRACK in i.tracks)
    assert all(pool.row(item) == row for row, item in enumerate(pool.ids))
    with pytest.raises(UnknownItem):
        pool.row(ItemId("crcn-1.1-03"))


def test_nothing_in_a_pool_can_be_changed():
    pool = Pool.of(a_release(), TRACK)
    arrays = [v for v in vars(pool).values() if isinstance(v, np.ndarray)]
    assert len(arrays) > 15
    assert not any(a.flags.writeable for a in arrays)


def test_enemies_are_enemies_whoever_said_so_and_wherever_they_are():
    release = a_release()
    first, last = release.items[0], release.items[-1]
    items = [replace(first, enemies=frozenset({last.id, ItemId("not-here")})), *release.items[1:]]
    pool = Pool.of(changed(release, items), TRACK)
    assert pool.enemies[0, -1]
    assert pool.enemies[-1, 0]
    assert pool.enemies.sum() == 2
    assert pool.clash[0].sum() == 3  # itself, the other item of its subject, its enemy


def test_a_competence_without_items_is_refused_by_name():
    release = a_release()
    items = [i for i in release.items if (i.framework, i.competence) != (Framework.CRCN, "4.2")]
    with pytest.raises(UncoveredCompetence, match=r"crcn 4\.2") as refusal:
        Pool.of(changed(release, items), TRACK)
    assert refusal.value.facts["competences"] == ((Framework.CRCN, "4.2"),)


def test_logarithms_of_right_and_wrong_keep_their_precision_at_the_ends():
    release = a_release()
    steep = replace(release, parameters=tuple(Parameters(20.0, 0.0) for _ in release.items))
    pool = Pool.of(steep, TRACK)
    assert pool.log_q[0, -1] == pytest.approx(-96.0)  # 1 - p is zero here: its logarithm would be infinite
    assert pool.log_p[0, 0] == pytest.approx(-96.0)


def test_guessing_raises_the_floor_and_costs_information():
    a, b, c = np.array([1.2]), np.array([0.0]), np.array([0.25])
    assert response_probability(np.array([-50.0]), a, b, c) == pytest.approx(0.25)
    with_guess, without = (Pool.of(a_release(guessing=g), TRACK) for g in (0.25, 0.0))
    assert (with_guess.information < without.information).all()
    assert np.allclose(np.exp(with_guess.log_p) + np.exp(with_guess.log_q), 1)
