"""Dice fall alike everywhere, and fairly."""

import numpy as np

from engine.adaptive.dice import many_seeds, seeds_of, shuffle, throw


def test_dice_fall_evenly_over_seeds_streams_and_faces():
    n = 6_000
    faces = np.arange(3)
    for dice in (throw(many_seeds(1, n), 5, faces), np.concatenate([throw(seeds_of(s), 0, faces) for s in range(n)])):
        assert ((dice >= 0) & (dice < 1)).all()
        assert np.allclose(dice.mean(axis=0), 0.5, atol=4 * np.sqrt(1 / 12 / n))
        assert np.allclose(np.corrcoef(dice.T) - np.eye(3), 0, atol=4 / np.sqrt(n))
    streams = np.concatenate([throw(seeds_of(9), s, faces) for s in range(n)])
    assert np.allclose(np.histogram(streams, 10, (0, 1))[0] / streams.size, 0.1, atol=0.01)


def test_looking_at_a_few_faces_shows_the_same_dice():
    seeds = many_seeds(3, 4)
    some = np.array([[5, 2], [0, 9], [3, 3], [8, 1]])
    assert (throw(seeds, 7, some) == np.take_along_axis(throw(seeds, 7, np.arange(10)), some, axis=1)).all()


def test_a_sitting_alone_and_one_of_many_have_the_same_dice():
    seeds = many_seeds(3, 4)
    alone = throw(seeds_of(int(seeds[2])), 1, np.arange(6))
    assert (alone[0] == throw(seeds, 1, np.arange(6))[2]).all()


def test_every_place_of_a_shuffle_is_reached_equally_often():
    n = 8_000
    orders = shuffle(many_seeds(2, n), 0, 8)
    assert (np.sort(orders, axis=1) == np.arange(8)).all()
    for place in orders.T:
        assert np.allclose(np.bincount(place, minlength=8) / n, 1 / 8, atol=4.5 * np.sqrt(7 / 64 / n))


def test_any_whole_number_is_a_seed():
    assert throw(seeds_of(-1), 0, np.arange(2)).shape == throw(seeds_of(1 << 90), 0, np.arange(2)).shape == (1, 2)
